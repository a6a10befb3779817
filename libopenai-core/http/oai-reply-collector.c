/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "oai-call-private.h"
#include "oai-error-map-private.h"
#include "oai-exchange-private.h"
#include "oai-large-pages-private.h"

#define FIRST_SIZE (8 * 1024)
/* libsoup reads the end of a chunked body into the room that it is given. */
#define MIN_ROOM 512
/* A server's word on the length is good for so much memory, and not for more. */
#define MAX_HINT (128 * 1024 * 1024)
/* From here on, the memory that large pages may waste is little beside the time that they save. */
#define LARGE (32 * 1024 * 1024)
#define MAX_KEPT_BODY (1024 * 1024)

typedef struct
{
  OaiExchange *exchange;
  OaiBuffer buffer;
  gsize hint;
  OaiReplyFunc func;
  gpointer user_data;
} Fetch;

char *
oai_buffer_reserve (OaiBuffer *self, gsize hint, gsize *size)
{
  if (self->size - self->length < MIN_ROOM)
    {
      self->size = self->size > 0 ? self->size * 2 : MAX (FIRST_SIZE, MIN (hint, MAX_HINT) + MIN_ROOM);
      self->data = g_realloc (self->data, self->size);
      if (self->size >= LARGE)
        oai_large_pages_advise (self->data, self->size);
    }
  *size = self->size - self->length;

  return self->data + self->length;
}

void
oai_buffer_clear (OaiBuffer *self)
{
  g_clear_pointer (&self->data, g_free);
  self->length = self->size = 0;
}

static void
head_cb (OaiExchange *exchange, gpointer user_data)
{
  Fetch *fetch = user_data;
  const char *length = oai_call_get_header (oai_exchange_get_call (exchange), "content-length");
  guint64 value;

  oai_buffer_clear (&fetch->buffer);
  if (length != NULL && g_ascii_string_to_unsigned (length, 10, 0, G_MAXSIZE / 2, &value, NULL))
    fetch->hint = value;
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  Fetch *fetch = user_data;

  return oai_buffer_reserve (&fetch->buffer, fetch->hint, size);
}

static gboolean
commit_cb (gsize size, gpointer user_data)
{
  Fetch *fetch = user_data;

  fetch->buffer.length += size;

  return TRUE;
}

static void
done_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  Fetch *fetch = user_data;
  OaiCall *call = oai_exchange_get_call (exchange);
  GBytes *body = NULL;

  if (error == NULL)
    {
      body = g_bytes_new_take (g_steal_pointer (&fetch->buffer.data), fetch->buffer.length);
      if (g_bytes_get_size (body) <= MAX_KEPT_BODY)
        oai_call_set_body (call, body);
    }
  fetch->func (exchange, body, error, fetch->user_data);

  oai_buffer_clear (&fetch->buffer);
  oai_exchange_free (exchange);
  g_free (fetch);
}

static const OaiExchangeSink fetch_sink = { head_cb, reserve_cb, commit_cb, done_cb };

void
oai_reply_collect (OaiClient *client, OaiRequest *request, GCancellable *cancellable, GTask *call_task, OaiReplyFunc func, gpointer user_data)
{
  Fetch *fetch = g_new0 (Fetch, 1);

  fetch->func = func;
  fetch->user_data = user_data;
  fetch->exchange = oai_exchange_new (client, request, FALSE, &fetch_sink, fetch);
  oai_call_attach (oai_exchange_get_call (fetch->exchange), call_task);
  oai_exchange_start (fetch->exchange, cancellable);
}
