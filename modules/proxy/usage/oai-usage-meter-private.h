/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds the model and the usage in replies while they pass: JSON, server-sent events and messages of WebSockets.
 *
 * If the proxy added the request for usage to a stream, the meter removes the usage from the events, so that the client
 * receives what it requested.  All other bytes pass unchanged and without a copy. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *model;           /* nullable; as the server names it */
  gint64 input_tokens;
  gint64 cached_tokens;  /* those of input_tokens that the server had cached */
  gint64 output_tokens;
  gboolean known;        /* the reply contained its usage */
} OaiProxyUsage;

typedef struct _OaiUsageMeter OaiUsageMeter;

/* content_type: of the reply; NULL if it cannot be read, for example since it is compressed: nothing is found then.
 * hide_usage: removes the usage from events. */
OaiUsageMeter *oai_usage_meter_new (const char *content_type, gboolean hide_usage);
/* For the messages of a server's WebSocket, whose usage is added up. */
OaiUsageMeter *oai_usage_meter_new_for_messages (void);
void oai_usage_meter_free (OaiUsageMeter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiUsageMeter, oai_usage_meter_free)
/* Returns the bytes to pass on, and sets *n_out to their number, which may be 0.  They are data itself unless usage is
 * hidden; then they are valid until the next call.  Bytes that complete an event are never delayed. */
const char *oai_usage_meter_feed (OaiUsageMeter *self, const char *data, gsize size, gsize *n_out);
/* The reply is complete, or was truncated: returns the bytes of an incomplete event, which may contain the usage. */
const char *oai_usage_meter_end (OaiUsageMeter *self, gsize *n_out);
/* A whole text message. */
void oai_usage_meter_feed_message (OaiUsageMeter *self, const char *data, gsize size);
/* What was found so far; borrowed. */
const OaiProxyUsage *oai_usage_meter_get_usage (OaiUsageMeter *self);
gboolean oai_usage_meter_is_for_events (OaiUsageMeter *self);
/* The events of a stream so far; about as many as tokens of the output. */
guint64 oai_usage_meter_get_n_events (OaiUsageMeter *self);

G_END_DECLS
