/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-forward-private.h"

#include <string.h>

#include "oai-redact-private.h"
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

typedef struct
{
  const char *secrets;
  GPtrArray *names;
} Search;

static gboolean
has_secret (const char *text, const char *secrets)
{
  g_autofree char *redacted = oai_redact_and_truncate (text, strlen (text), secrets, 2 * strlen (text) + 1);

  return strcmp (redacted, text) != 0;
}

static void
find_header (const char *name, const char *value, gpointer user_data)
{
  Search *search = user_data;

  if (oai_contains_secret (name, search->secrets) || (g_ascii_strcasecmp (name, "Location") == 0 && has_secret (value, search->secrets)))
    g_ptr_array_add (search->names, g_strdup (name));
}

/* The exchange redacts the values of headers, except for Location, which it may have to follow. */
static void
remove_secret_headers (SoupMessageHeaders *headers, const char *secrets)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Search search = { secrets, names };

  if (secrets == NULL)
    return;

  soup_message_headers_foreach (headers, find_header, &search);
  for (guint i = 0; i < names->len; i++)
    soup_message_headers_remove (headers, names->pdata[i]);
}

static void
head_cb (OaiExchange *exchange, gpointer user_data)
{
  OaiForward *self = user_data;

  self->redactor = oai_reply_redactor_new (oai_exchange_get_secret (exchange));
  remove_secret_headers (oai_exchange_get_reply_headers (exchange), oai_exchange_get_secret (exchange));
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
