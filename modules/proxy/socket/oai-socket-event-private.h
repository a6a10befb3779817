/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads what a proxy has to know of the events that clients send over a WebSocket connection. */

#pragma once

#include "oai-proxy-limits.h"

G_BEGIN_DECLS

#define OAI_SOCKET_EVENT_MAX_MODELS 8

typedef struct
{
  char *type; /* or NULL */
  char *models[OAI_SOCKET_EVENT_MAX_MODELS + 1]; /* those that the event names, each once; ends with NULL */
  guint n_models;
} OaiSocketEvent;

void oai_socket_event_clear (OaiSocketEvent *self);
/* limits: or NULL.  Returns FALSE with an error of OAI_PROXY_ERROR if the event names a model that is not allowed, or is
 * ambiguous: FORBIDDEN or BAD_REQUEST.  What is no JSON object is valid only without limits, since servers
 * read more than what the JSON standard allows. */
gboolean oai_socket_event_read (OaiSocketEvent *self, const char *text, gsize size, OaiProxyLimits *limits, GError **error);

/* Returns an event that reports the error, as the API sends it. */
char *oai_socket_event_make_error (const GError *error);

G_END_DECLS
