/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-forward-private.h"

#include <string.h>

#include "oai-forward-headers-private.h"
#include "oai-passed-request-private.h"
#include "oai-pending-private.h"
#include "oai-reply-redactor-private.h"

#define BUFFER_SIZE (64 * 1024)
#define MICROSECONDS 1000

struct _OaiForward
{
  const OaiForwardContext *context;
  OaiClient *client;
  OaiRequest *request;   /* until the attempt starts */
  OaiHttpFields *fields; /* of the request */
  OaiForwardBody body;
  OaiPassedRequest *passed;
  OaiPending *pending;   /* the request for a token */
  GCancellable *cancellable;
  OaiHttpWatch timer;    /* while a token is requested */
  OaiUpstreamExchange *exchange;
  OaiReplyRedactor *redactor; /* NULL if no secret was sent */
  const OaiForwardFuncs *funcs;
  gpointer user_data;
};

/* The reply */

static void
head_cb (const OaiUpstreamHead *head, gint64 length, gpointer user_data)
{
  OaiForward *self = user_data;

  self->redactor = oai_reply_redactor_new (oai_passed_request_get_secrets (self->passed));
  self->funcs->head (head, length, self->user_data);
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  OaiForward *self = user_data;
  GByteArray *buffer = self->context->buffer;
  gsize kept = self->redactor != NULL ? oai_reply_redactor_get_n_kept (self->redactor) : 0;

  if (buffer->len < kept + BUFFER_SIZE)
    g_byte_array_set_size (buffer, (guint) (kept + BUFFER_SIZE));
  *size = buffer->len - kept;

  return (char *) buffer->data + kept;
}

/* No bytes are kept before the first ones of the body, which may be elsewhere than in the buffer. */
static gboolean
body_cb (char *data, gsize size, gpointer user_data)
{
  OaiForward *self = user_data;

  if (self->redactor != NULL)
    {
      data -= oai_reply_redactor_get_n_kept (self->redactor);
      size = oai_reply_redactor_take (self->redactor, data, size);
    }

  return size == 0 || self->funcs->body (data, size, self->user_data);
}

static void
done_cb (const GError *error, gpointer user_data)
{
  OaiForward *self = user_data;
  gsize size = 0;
  const char *rest = self->redactor != NULL ? oai_reply_redactor_end (self->redactor, &size) : NULL;

  if (size > 0)
    self->funcs->body (rest, size, self->user_data);
  self->funcs->done (error, self->user_data);
}

static const OaiUpstreamExchangeFuncs exchange_funcs = { reserve_cb, head_cb, body_cb, done_cb };

OaiHttpFields *
oai_forward_build_reply_fields (OaiForward *self, const OaiUpstreamHead *head)
{
  return oai_forward_headers_for_reply (head->fields, oai_passed_request_get_secrets (self->passed));
}

/* The request */

static void
set_field (const char *name, const char *value, gpointer user_data)
{
  OaiHttpFields *fields = user_data;

  oai_http_fields_remove (fields, name);
  if (value != NULL)
    oai_http_fields_append (fields, name, value);
}

static gboolean
has_credentials (OaiHttpFields *fields)
{
  for (guint i = 0; i < oai_http_fields_get_n (fields); i++)
    if (oai_passed_request_is_credential (oai_http_fields_get_nth (fields, i)->name))
      return TRUE;

  return FALSE;
}

/* The headers matter only if the server may not receive credentials. */
static gboolean
check_secure (OaiForward *self, GError **error)
{
  return oai_passed_request_check_secure (self->passed, TRUE, NULL)
         || oai_passed_request_check_secure (self->passed, has_credentials (self->fields), error);
}

static char *
build_target (GUri *uri)
{
  const char *path = g_uri_get_path (uri);
  const char *query = g_uri_get_query (uri);

  return g_strconcat (*path != '\0' ? path : "/", query != NULL ? "?" : NULL, query, NULL);
}

/* The URI has a port also if it is that of the scheme, which some servers do not expect in Host. */
static gboolean
has_other_port (GUri *uri)
{
  int port = g_uri_get_port (uri);

  return port > 0 && port != (strcmp (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80);
}

/* The zone of an IPv6 address has a meaning on this machine only. */
static char *
build_host (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  gboolean is_ipv6 = strchr (host, ':') != NULL;
  GString *text = g_string_sized_new (64);

  g_string_append (text, is_ipv6 ? "[" : "");
  g_string_append_len (text, host, (gssize) (is_ipv6 ? strcspn (host, "%") : strlen (host)));
  g_string_append (text, is_ipv6 ? "]" : "");
  if (has_other_port (uri))
    {
      g_string_append_c (text, ':');
      oai_http_append_number (text, (guint64) g_uri_get_port (uri));
    }

  return g_string_free (text, FALSE);
}

static void
create_exchange (OaiForward *self, guint head_ms)
{
  OaiSettings *settings = self->passed->settings;
  GUri *uri = self->passed->uri;
  g_autoptr(OaiUpstreamOrigin) origin = oai_upstream_pool_ref_origin (self->context->pool, uri, self->passed->socket_path,
                                                                     oai_client_get_session (self->client), oai_client_get_settings (self->client));
  g_autofree char *target = build_target (uri);
  g_autofree char *host = build_host (uri);
  const char *own_host = oai_http_fields_get (self->fields, "host");
  const OaiUpstreamRequest request = {
    .method = self->request->method,
    .target = target,
    .host = own_host != NULL ? own_host : host,
    .fields = self->fields,
    .body = self->body.bytes,
    .body_funcs = self->body.funcs,
    .body_data = self->body.data,
    .length = self->body.length,
  };
  const OaiUpstreamTimeouts timeouts = {
    .connect_ms = oai_settings_get_connect_timeout_ms (settings),
    .head_ms = head_ms,
    .idle_ms = oai_settings_get_idle_timeout_ms (settings),
  };

  self->exchange = oai_upstream_exchange_new (origin, &request, &timeouts, &exchange_funcs, self);
}

static void
send_request (OaiForward *self, guint head_ms)
{
  g_autoptr(GError) error = NULL;

  oai_passed_request_foreach_header (self->passed, set_field, self->fields);
  if (!check_secure (self, &error))
    {
      self->funcs->done (error, self->user_data);
      return;
    }

  create_exchange (self, head_ms);
  oai_upstream_exchange_start (self->exchange);
}

/* Credentials of a program */

static void
end_request_for_token (OaiForward *self)
{
  oai_pending_abandon (&self->pending);
  oai_http_watch_clear (&self->timer);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
timer_cb (OaiHttpWatchEvents events, gpointer user_data)
{
  OaiForward *self = user_data;
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The credentials were not returned in time");

  end_request_for_token (self);
  self->funcs->done (error, self->user_data);
}

static guint
get_time_left (OaiForward *self)
{
  gint64 deadline = self->timer.deadline;

  return deadline > 0 ? (guint) MAX ((deadline - g_get_monotonic_time ()) / MICROSECONDS, 1) : 0;
}

static void
token_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiForward *self = oai_pending_claim (user_data);
  g_autoptr(GError) error = NULL;
  guint left;

  if (self == NULL)
    return;

  left = get_time_left (self);
  oai_http_watch_clear (&self->timer);
  g_clear_object (&self->cancellable);
  if (oai_passed_request_request_token_finish (self->passed, result, &error))
    send_request (self, left);
  else
    self->funcs->done (error, self->user_data);
}

static void
request_token (OaiForward *self, guint timeout_ms)
{
  self->cancellable = g_cancellable_new ();
  oai_http_watch_init (&self->timer, NULL, timer_cb, self);
  if (timeout_ms > 0)
    oai_http_watch_set_deadline (&self->timer, g_get_monotonic_time () + (gint64) timeout_ms * MICROSECONDS);
  oai_passed_request_request_token_async (self->passed, self->cancellable, token_cb, oai_pending_new (&self->pending, self));
}

OaiForward *
oai_forward_new (const OaiForwardContext *context, OaiClient *client, OaiRequest *request, OaiHttpFields *fields,
                 const OaiForwardBody *body, const OaiForwardFuncs *funcs, gpointer user_data)
{
  OaiForward *self = g_new0 (OaiForward, 1);

  request->passthrough = TRUE;
  self->context = context;
  self->client = g_object_ref (client);
  self->request = request;
  self->fields = fields;
  self->body = *body;
  if (self->body.bytes != NULL)
    g_bytes_ref (self->body.bytes);
  self->funcs = funcs;
  self->user_data = user_data;

  return self;
}

void
oai_forward_start (OaiForward *self)
{
  g_autoptr(GError) error = NULL;
  guint timeout_ms;

  self->passed = oai_passed_request_new (self->client, self->request, &error);
  if (self->passed == NULL)
    {
      self->request = NULL;
      self->funcs->done (error, self->user_data);
      return;
    }

  timeout_ms = oai_settings_get_timeout_ms (self->passed->settings);
  if (oai_passed_request_has_token (self->passed))
    send_request (self, timeout_ms);
  else
    request_token (self, timeout_ms);
}

void
oai_forward_resume (OaiForward *self)
{
  if (self->exchange != NULL)
    oai_upstream_exchange_resume (self->exchange);
}

void
oai_forward_wake (OaiForward *self)
{
  if (self->exchange != NULL)
    oai_upstream_exchange_wake (self->exchange);
}

/* The request belongs to the passed one, if there is one. */
void
oai_forward_free (OaiForward *self)
{
  end_request_for_token (self);
  g_clear_pointer (&self->exchange, oai_upstream_exchange_free);
  if (self->passed != NULL)
    oai_passed_request_free (self->passed);
  else
    g_clear_pointer (&self->request, oai_request_free);
  g_clear_pointer (&self->redactor, oai_reply_redactor_free);
  g_clear_pointer (&self->body.bytes, g_bytes_unref);
  oai_http_fields_free (self->fields);
  g_object_unref (self->client);
  g_free (self);
}
