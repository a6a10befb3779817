/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The head of a request. */

#pragma once

#include "oai-http-fields-private.h"

G_BEGIN_DECLS

typedef struct
{
  char *method;
  char *target; /* as it was received, in origin form */
  char *path;
  char *query;  /* NULL if there is none */
  guint minor_version;
  OaiHttpFields *fields;
  gint64 content_length; /* -1 if there is none */
  gboolean chunked;
  gboolean expects_continue;
  gboolean keep_alive;
  gboolean upgrade_websocket;
} OaiHttpHead;

G_END_DECLS
