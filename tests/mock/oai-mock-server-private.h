/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The members of the mock service. */

#pragma once

#include "oai-mock-private.h"

G_BEGIN_DECLS

/* The lock protects all members after the thread. The others are used only by the thread of the service. */
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
  GPtrArray *sockets;
  guint connection_serial;
  guint n_connections;
  guint n_aborted;
};

/* oai-mock-server.c: records a request, while the lock is held */
void _oai_mock_server_record (OaiMockServer *self, OaiMockRequest *request);

G_END_DECLS
