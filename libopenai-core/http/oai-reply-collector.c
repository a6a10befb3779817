/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-reply-collector-private.h"

#include "oai-buffer-private.h"
#include "oai-call-private.h"

/* Larger bodies are not kept in the OaiCall. */
#define MAX_KEPT_BODY (1024 * 1024)

typedef struct
{
  OaiExchange *exchange;
  OaiBuffer buffer;
  gsize hint; /* the announced length, or 0 */
  OaiReplyFunc func;
  gpointer user_data;
} Collector;

static void
head_cb (OaiExchange *exchange, gpointer user_data)
{
  Collector *self = user_data;
  const char *length = oai_call_get_header (oai_exchange_get_call (exchange), "content-length");
  guint64 value;

  oai_buffer_clear (&self->buffer);
  if (length != NULL && g_ascii_string_to_unsigned (length, 10, 0, G_MAXSIZE / 2, &value, NULL))
    self->hint = value;
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  Collector *self = user_data;

  return oai_buffer_reserve (&self->buffer, self->hint, size);
}

static gboolean
commit_cb (gsize size, gpointer user_data)
{
  Collector *self = user_data;

  self->buffer.length += size;

  return TRUE;
}

static void
done_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  Collector *self = user_data;
  GBytes *body = NULL;

  if (error == NULL)
    {
      body = oai_buffer_steal_bytes (&self->buffer);
      if (g_bytes_get_size (body) <= MAX_KEPT_BODY)
        oai_call_set_body (oai_exchange_get_call (exchange), body);
    }
  self->func (exchange, body, error, self->user_data);

  oai_buffer_clear (&self->buffer);
  oai_exchange_free (exchange);
  g_free (self);
}

static const OaiExchangeSink collector_sink = { head_cb, reserve_cb, commit_cb, done_cb };

void
oai_reply_collect (OaiClient *client, OaiRequest *request, GCancellable *cancellable, GTask *call_task, OaiReplyFunc func, gpointer user_data)
{
  Collector *self = g_new0 (Collector, 1);

  self->func = func;
  self->user_data = user_data;
  self->exchange = oai_exchange_new (client, request, FALSE, &collector_sink, self);
  oai_call_attach (oai_exchange_get_call (self->exchange), call_task);
  oai_exchange_start (self->exchange, cancellable);
}
