/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-forward-private.h"

#include "oai-reply-redactor-private.h"

#define BUFFER_SIZE (64 * 1024)

struct _OaiForward
{
  OaiExchange *exchange;
  GByteArray *buffer;
  OaiReplyRedactor *redactor; /* NULL if no secret was sent */
  const OaiForwardFuncs *funcs;
  gpointer user_data;
};

static void
head_cb (OaiExchange *exchange, gpointer user_data)
{
  OaiForward *self = user_data;

  self->redactor = oai_reply_redactor_new (oai_exchange_get_secret (exchange));
  self->funcs->head (oai_call_get_status_code (oai_exchange_get_call (exchange)), oai_exchange_get_reply_headers (exchange), self->user_data);
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  OaiForward *self = user_data;
  gsize kept = self->redactor != NULL ? oai_reply_redactor_get_n_kept (self->redactor) : 0;

  if (self->buffer->len < kept + BUFFER_SIZE)
    g_byte_array_set_size (self->buffer, kept + BUFFER_SIZE);
  *size = self->buffer->len - kept;

  return (char *) self->buffer->data + kept;
}

static gboolean
commit_cb (gsize size, gpointer user_data)
{
  OaiForward *self = user_data;
  char *data = (char *) self->buffer->data;

  if (self->redactor != NULL)
    size = oai_reply_redactor_take (self->redactor, data, size);

  return size == 0 || self->funcs->body (data, size, self->user_data);
}

static void
done_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  OaiForward *self = user_data;
  g_autoptr(GError) reason = error;
  gsize size = 0;
  const char *rest = self->redactor != NULL ? oai_reply_redactor_end (self->redactor, &size) : NULL;

  if (size > 0)
    self->funcs->body (rest, size, self->user_data);
  self->funcs->done (reason, self->user_data);
}

static const OaiExchangeSink sink = { .head = head_cb, .reserve = reserve_cb, .commit = commit_cb, .done = done_cb };

OaiForward *
oai_forward_new (OaiClient *client, OaiRequest *request, GByteArray *buffer, const OaiForwardFuncs *funcs, gpointer user_data)
{
  OaiForward *self = g_new0 (OaiForward, 1);

  request->passthrough = TRUE;
  request->raw = TRUE;
  request->large = TRUE;
  self->exchange = oai_exchange_new (client, request, TRUE, &sink, self);
  self->buffer = g_byte_array_ref (buffer);
  self->funcs = funcs;
  self->user_data = user_data;

  return self;
}

void
oai_forward_start (OaiForward *self)
{
  oai_exchange_start (self->exchange, NULL);
}

void
oai_forward_resume (OaiForward *self)
{
  oai_exchange_resume (self->exchange);
}

void
oai_forward_free (OaiForward *self)
{
  oai_exchange_free (self->exchange);
  g_clear_pointer (&self->redactor, oai_reply_redactor_free);
  g_byte_array_unref (self->buffer);
  g_free (self);
}
