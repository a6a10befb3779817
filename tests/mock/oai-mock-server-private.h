/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-mock-private.h"

G_BEGIN_DECLS

/* The lock guards all below the thread; only the thread that serves touches the rest. */
struct _OaiMockServer {
  GObject parent_instance;

  GMutex lock;
  SoupServer *server;
  GMainContext *owner;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  char *base_url;
  guint port;

  OaiMockScript *script;
  OaiMockStore *store;
  OaiMockService service;
  OaiMockSchema *schema;
  char *api_key;
  char *organization;
  GPtrArray *requests;
  guint connection_serial;
  guint n_connections;
  guint n_aborted;
};

G_END_DECLS
