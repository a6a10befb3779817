/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-http-private.h"

#include <string.h>

#include "oai-call-options.h"
#include "oai-client.h"
#include "oai-error.h"
#include "oai-exchange-private.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-name-values-private.h"
#include "oai-source-private.h"
#include "oai-sse-parser-private.h"

#define CHUNK 16384
/* Time before a stream is requested again, if the server names none, and its limits. */
#define FIRST_DELAY_MS 1000
#define MIN_DELAY_MS 100
#define MAX_DELAY_MS 60000
/* Attempts to continue a stream without an event in between. */
#define MAX_ATTEMPTS 8
/* Time for the server to end the session. */
#define DELETE_MS 2000

struct _OaiMcpHttp
{
  OaiMcpTransport parent_instance;

  char *url;
  OaiAuth *auth;
  OaiClient *client;
  GMainContext *context;
  char *session_id;   /* of the server, or NULL */
  GPtrArray *streams; /* of Stream: requests whose replies have not ended */
  gboolean closed;
  GTask *close_task;
};

G_DEFINE_FINAL_TYPE (OaiMcpHttp, oai_mcp_http, OAI_TYPE_MCP_TRANSPORT)

typedef enum
{
  STREAM_MESSAGE, /* the reply to a message */
  STREAM_LISTEN,  /* messages that belong to no request */
  STREAM_DELETE   /* the end of the session */
} StreamKind;

/* A request to the server, and its reply. */
typedef struct
{
  int ref_count;
  OaiMcpHttp *http; /* NULL after the end */
  StreamKind kind;
  gint64 id;        /* of the request in the message, or OAI_MCP_NO_ID */
  GTask *delivered;
  OaiExchange *exchange;
  OaiSseParser *parser; /* of a stream of events; NULL for one message */
  GByteArray *body;     /* of one message */
  gsize received;       /* bytes of body that have arrived */
  char *last_id;        /* of an event, or NULL */
  gint64 retry_ms;      /* of the server, or -1 */
  guint attempts;
  gint64 opened_at;     /* monotonic microseconds */
  GSource *retry;
} Stream;

static void open_stream (Stream *self, const char *method, GBytes *body, const OaiMcpMessage *message);

static Stream *
stream_ref (Stream *self)
{
  self->ref_count++;

  return self;
}

static void
stream_unref (Stream *self)
{
  if (--self->ref_count > 0)
    return;

  oai_drop_source (&self->retry);
  g_clear_pointer (&self->exchange, oai_exchange_free);
  g_clear_pointer (&self->parser, oai_sse_parser_free);
  g_byte_array_unref (self->body);
  g_clear_object (&self->delivered);
  g_free (self->last_id);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stream, stream_unref)

/* Reports whether the message was delivered.  error: NULL if it was; taken */
static void
finish_delivery (Stream *self, GError *error)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->delivered);

  if (task == NULL)
    g_clear_error (&error);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* Ends a stream, and closes its connection. */
static void
close_stream (Stream *self)
{
  OaiMcpHttp *http = g_steal_pointer (&self->http);

  if (http == NULL)
    return;

  oai_drop_source (&self->retry);
  if (self->exchange != NULL)
    oai_exchange_close (self->exchange);
  stream_ref (self);
  g_ptr_array_remove_fast (http->streams, self);
  finish_delivery (self, g_error_new_literal (OAI_ERROR, OAI_ERROR_CONNECTION, _("The connection to the MCP server was closed")));
  stream_unref (self);
}

static gboolean
is_open (Stream *self)
{
  return self->http != NULL;
}

/* Failures */

/* Takes error. */
static void
fail_stream (Stream *self, GError *error)
{
  g_autoptr(OaiMcpHttp) http = g_object_ref (self->http);
  gint64 id = self->id;

  finish_delivery (self, g_error_copy (error));
  close_stream (self);
  if (id != OAI_MCP_NO_ID)
    {
      oai_mcp_transport_fail (OAI_MCP_TRANSPORT (http), id, error);
      return;
    }

  g_debug ("A message to the MCP server was not accepted: %s", error->message);
  g_error_free (error);
}

static void
abandon_streams (OaiMcpHttp *self)
{
  while (self->streams->len > 0)
    close_stream (self->streams->pdata[self->streams->len - 1]);
}

static void
lose_session (OaiMcpHttp *self)
{
  g_autoptr(OaiMcpHttp) guard G_GNUC_UNUSED = g_object_ref (self);

  self->closed = TRUE;
  abandon_streams (self);
  oai_mcp_transport_lose (OAI_MCP_TRANSPORT (self), g_error_new_literal (OAI_ERROR, OAI_ERROR_CONNECTION, _("The MCP server has ended the session")));
}

/* Messages of the server */

static void
receive (Stream *self, const char *text, gsize length)
{
  oai_mcp_transport_receive (OAI_MCP_TRANSPORT (self->http), text, length, self->id);
}

static void
read_events (Stream *self)
{
  GError *error = NULL;
  OaiSseEvent event;

  while (is_open (self) && oai_sse_parser_next (self->parser, &event, &error))
    {
      self->attempts = 0;
      if (event.retry >= 0)
        self->retry_ms = event.retry;
      if (event.length > 0 && (event.event == NULL || strcmp (event.event, "message") == 0))
        receive (self, event.data, event.length);
    }
  if (!is_open (self))
    {
      g_clear_error (&error);
      return;
    }

  if (oai_sse_parser_get_last_id (self->parser) != NULL)
    {
      g_free (self->last_id);
      self->last_id = g_strdup (oai_sse_parser_get_last_id (self->parser));
    }
  if (error != NULL)
    fail_stream (self, error);
}

/* Resuming: until 2025-11-25, the server can close a stream and send the rest later. */

static gboolean
resume_cb (gpointer user_data)
{
  Stream *self = user_data;

  oai_drop_source (&self->retry);
  open_stream (self, "GET", NULL, NULL);

  return G_SOURCE_REMOVE;
}

static gboolean
can_resume (Stream *self)
{
  if (oai_mcp_transport_is_stateless (OAI_MCP_TRANSPORT (self->http)))
    return FALSE;
  if (self->kind == STREAM_LISTEN)
    return TRUE;

  return self->kind == STREAM_MESSAGE && self->id != OAI_MCP_NO_ID && self->last_id != NULL && self->attempts < MAX_ATTEMPTS;
}

/* A stream for messages without a request that was open for some time was ended since it was idle, for example by a
 * proxy. */
static void
resume (Stream *self)
{
  gint64 delay = self->retry_ms >= 0 ? CLAMP (self->retry_ms, MIN_DELAY_MS, MAX_DELAY_MS) : FIRST_DELAY_MS;

  if (self->kind == STREAM_LISTEN && g_get_monotonic_time () - self->opened_at >= delay * 1000)
    self->attempts = 0;
  delay = MIN (delay << MIN (self->attempts, MAX_ATTEMPTS), MAX_DELAY_MS);
  self->attempts++;
  self->retry = g_timeout_source_new (delay);
  g_source_set_static_name (self->retry, "[oai] MCP stream");
  g_source_set_callback (self->retry, resume_cb, self, NULL);
  g_source_attach (self->retry, self->http->context);
}

/* The end of a reply */

static GError *
new_unanswered_error (Stream *self)
{
  if (self->parser != NULL)
    return g_error_new_literal (OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The MCP server ended its reply before it answered the request"));

  return g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The MCP server did not answer the request"));
}

static void
finish_reply (Stream *self)
{
  finish_delivery (self, NULL);
  if (is_open (self) && self->parser == NULL && self->received > 0)
    receive (self, (const char *) self->body->data, self->received);
  if (!is_open (self))
    return;

  if (self->parser != NULL && can_resume (self))
    resume (self);
  else if (self->id != OAI_MCP_NO_ID)
    fail_stream (self, new_unanswered_error (self));
  else
    close_stream (self);
}

/* Whether the body of an error is a message of the protocol. */
static gboolean
receive_error (Stream *self)
{
  GBytes *body = oai_call_get_body (oai_exchange_get_call (self->exchange));
  g_autoptr(OaiJsonDoc) doc = NULL;
  const char *text;
  gsize length;

  if (body == NULL || self->id == OAI_MCP_NO_ID)
    return FALSE;

  text = g_bytes_get_data (body, &length);
  doc = oai_json_doc_new_copy (text, length, OAI_JSON_TOLERANT, NULL);
  if (doc == NULL || oai_json_get_string (doc, oai_json_get_member (doc, 0, "jsonrpc"), NULL) == NULL
      || oai_json_get_type (doc, oai_json_get_member (doc, 0, "error")) != OAI_JSON_OBJECT)
    return FALSE;

  receive (self, text, length);

  return !is_open (self);
}

/* Redirects within the server are followed.  Takes error. */
static GError *
explain_redirect (Stream *self, GError *error)
{
  const char *location = oai_call_get_header (oai_exchange_get_call (self->exchange), "Location");
  g_autoptr(GUri) uri = location != NULL ? g_uri_parse (location, G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED, NULL) : NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return error;

  g_error_free (error);

  /* Translators: the %s are the scheme and the host of a URL. */
  return g_error_new (OAI_ERROR, OAI_ERROR_FAILED, _("The MCP server redirects requests to “%s://%s”. If you trust that server, create the client with its URL"),
                      g_uri_get_scheme (uri), g_uri_get_host (uri));
}

/* Takes error. */
static void
finish_failed_reply (Stream *self, GError *error)
{
  guint status = oai_call_get_status_code (oai_exchange_get_call (self->exchange));

  if (status == 404 && self->http->session_id != NULL && self->kind != STREAM_DELETE)
    {
      g_error_free (error);
      lose_session (self->http);
    }
  else if (status >= 400 && receive_error (self))
    g_error_free (error);
  else if (status < 400 && self->kind != STREAM_DELETE && can_resume (self))
    {
      g_error_free (error);
      resume (self);
    }
  else
    fail_stream (self, status >= 300 && status < 400 ? explain_redirect (self, error) : error);
}

/* Callbacks of the exchange */

static void
note_session (Stream *self)
{
  const char *session = oai_call_get_header (oai_exchange_get_call (self->exchange), "Mcp-Session-Id");

  if (session == NULL || self->http->session_id != NULL || oai_mcp_transport_is_stateless (OAI_MCP_TRANSPORT (self->http))
      || !oai_header_value_is_valid (session))
    return;

  self->http->session_id = g_strdup (session);
}

static void
head_cb (OaiExchange *exchange, gpointer user_data)
{
  Stream *self = user_data;
  const char *type = oai_call_get_header (oai_exchange_get_call (exchange), "Content-Type");

  note_session (self);
  oai_mcp_transport_set_secrets (OAI_MCP_TRANSPORT (self->http), oai_exchange_get_secret (exchange));
  self->received = 0;
  g_clear_pointer (&self->parser, oai_sse_parser_free);
  if (type == NULL || g_ascii_strncasecmp (type, "text/event-stream", 17) != 0)
    return;

  self->parser = oai_sse_parser_new ();
  oai_sse_parser_set_max_event (self->parser, oai_mcp_transport_get_max_message_size (OAI_MCP_TRANSPORT (self->http)));
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  Stream *self = user_data;

  *size = CHUNK;
  if (self->parser != NULL)
    return oai_sse_parser_reserve (self->parser, CHUNK);

  g_byte_array_set_size (self->body, self->received + CHUNK);

  return (char *) self->body->data + self->received;
}

static gboolean
commit_cb (gsize size, gpointer user_data)
{
  g_autoptr(Stream) self = stream_ref (user_data);
  g_autoptr(OaiMcpHttp) http = g_object_ref (self->http);
  gsize max = oai_mcp_transport_get_max_message_size (OAI_MCP_TRANSPORT (http));

  if (self->parser != NULL)
    {
      oai_sse_parser_commit (self->parser, size);
      read_events (self);
      return is_open (self);
    }

  self->received += size;
  if (max == 0 || self->received <= max)
    return TRUE;

  fail_stream (self, oai_mcp_transport_new_too_large_error (OAI_MCP_TRANSPORT (http)));

  return FALSE;
}

static void
done_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  g_autoptr(Stream) self = stream_ref (user_data);
  g_autoptr(OaiMcpHttp) http G_GNUC_UNUSED = g_object_ref (self->http);

  if (error != NULL)
    finish_failed_reply (self, error);
  else
    finish_reply (self);
}

static const OaiExchangeSink exchange_sink = { head_cb, reserve_cb, commit_cb, done_cb };

/* Requests */

char *
oai_mcp_http_encode_header (const char *text)
{
  gsize length = strlen (text);
  gboolean is_plain = length == 0 || (!g_ascii_isspace (text[0]) && !g_ascii_isspace (text[length - 1]));
  g_autofree char *encoded = NULL;

  for (gsize i = 0; i < length; i++)
    is_plain = is_plain && (g_ascii_isprint (text[i]) || text[i] == '\t');
  if (is_plain && !(g_str_has_prefix (text, "=?base64?") && g_str_has_suffix (text, "?=")))
    return g_strdup (text);

  encoded = g_base64_encode ((const guchar *) text, length);

  return g_strconcat ("=?base64?", encoded, "?=", NULL);
}

static void
set_message_headers (OaiCallOptions *options, const OaiMcpMessage *message)
{
  g_autofree char *name = message->name != NULL ? oai_mcp_http_encode_header (message->name) : NULL;

  if (message->method != NULL)
    oai_call_options_set_header (options, "Mcp-Method", message->method);
  if (name != NULL)
    oai_call_options_set_header (options, "Mcp-Name", name);
  for (guint i = 0; message->headers != NULL && message->headers[i] != NULL; i += 2)
    oai_call_options_set_header (options, message->headers[i], message->headers[i + 1]);
}

/* Whether the server may receive the message twice. */
static gboolean
can_repeat (const char *method, const OaiMcpMessage *message)
{
  return message == NULL ? strcmp (method, "GET") == 0
                         : message->id != OAI_MCP_NO_ID && strcmp (message->method, "tools/call") != 0 && strcmp (message->method, "server/discover") != 0;
}

/* The headers that identify the library to OpenAI are not sent.  message: NULL for none */
static OaiCallOptions *
build_options (Stream *self, const char *method, const OaiMcpMessage *message)
{
  static const char *const omitted[] = { "X-Stainless-Lang", "X-Stainless-Retry-Count", "OpenAI-Organization", "OpenAI-Project", NULL };
  OaiMcpTransport *transport = OAI_MCP_TRANSPORT (self->http);
  OaiCallOptions *options = oai_call_options_new ();

  for (guint i = 0; omitted[i] != NULL; i++)
    oai_call_options_set_header (options, omitted[i], NULL);
  /* OaiMcpRpc has the time limits of requests. */
  oai_call_options_set_timeout_ms (options, self->kind == STREAM_DELETE ? DELETE_MS : 0);
  oai_call_options_set_idle_timeout_ms (options, 0);
  if (!can_repeat (method, message))
    oai_call_options_set_max_retries (options, 0);
  if (oai_mcp_transport_get_version (transport) != NULL)
    oai_call_options_set_header (options, "MCP-Protocol-Version", oai_mcp_transport_get_version (transport));
  if (self->http->session_id != NULL)
    oai_call_options_set_header (options, "Mcp-Session-Id", self->http->session_id);
  if (self->last_id != NULL && message == NULL)
    oai_call_options_set_header (options, "Last-Event-ID", self->last_id);
  if (message != NULL && oai_mcp_transport_is_stateless (transport))
    set_message_headers (options, message);

  return options;
}

/* Sends the request of a stream, for the first time or to continue it. */
static void
open_stream (Stream *self, const char *method, GBytes *body, const OaiMcpMessage *message)
{
  OaiRequest *request = oai_request_new ("mcp.message", method, g_strdup (self->http->url));

  self->opened_at = g_get_monotonic_time ();
  request->raw = TRUE;
  request->large = TRUE;
  request->accept = self->kind == STREAM_MESSAGE && body != NULL ? "application/json, text/event-stream" : "text/event-stream";
  request->options = build_options (self, method, message);
  if (body != NULL)
    request->body = g_bytes_ref (body);
  g_clear_pointer (&self->exchange, oai_exchange_free);
  self->exchange = oai_exchange_new (self->http->client, request, TRUE, &exchange_sink, self);
  oai_exchange_start (self->exchange, NULL);
}

static Stream *
add_stream (OaiMcpHttp *self, StreamKind kind, gint64 id)
{
  Stream *stream = g_new0 (Stream, 1);

  stream->ref_count = 1;
  stream->http = self;
  stream->kind = kind;
  stream->id = id;
  stream->retry_ms = -1;
  stream->body = g_byte_array_new ();
  g_ptr_array_add (self->streams, stream);

  return stream;
}

static void
oai_mcp_http_send (OaiMcpTransport *transport, const OaiMcpMessage *message)
{
  OaiMcpHttp *self = OAI_MCP_HTTP (transport);
  g_autoptr(GBytes) body = g_bytes_new_take (message->text, strlen (message->text));
  g_autoptr(Stream) stream = NULL;

  /* Since 2026-07-28, a request is cancelled by closing its connection. */
  if (self->closed || (oai_mcp_transport_is_stateless (transport) && g_strcmp0 (message->method, "notifications/cancelled") == 0))
    {
      if (message->delivered != NULL)
        {
          g_task_return_new_error (message->delivered, OAI_ERROR, OAI_ERROR_CONNECTION, "%s", _("The connection to the MCP server was closed"));
          g_object_unref (message->delivered);
        }
      return;
    }

  stream = stream_ref (add_stream (self, STREAM_MESSAGE, message->id));
  stream->delivered = message->delivered;
  open_stream (stream, "POST", body, message);
}

static Stream *
find_stream (OaiMcpHttp *self, gint64 id)
{
  for (guint i = 0; i < self->streams->len; i++)
    {
      Stream *stream = self->streams->pdata[i];

      if (stream->id == id)
        return stream;
    }

  return NULL;
}

/* The connection of a stream that ends with the answer can be used again. */
static void
oai_mcp_http_forget (OaiMcpTransport *transport, gint64 id, gboolean answered)
{
  Stream *found = find_stream (OAI_MCP_HTTP (transport), id);
  g_autoptr(Stream) stream = NULL;

  if (found == NULL)
    return;

  stream = stream_ref (found);
  stream->id = OAI_MCP_NO_ID;
  if (answered && stream->parser != NULL && stream->retry == NULL)
    oai_exchange_finish_early (stream->exchange, NULL);
  close_stream (stream);
}

static void
oai_mcp_http_listen (OaiMcpTransport *transport)
{
  OaiMcpHttp *self = OAI_MCP_HTTP (transport);

  open_stream (add_stream (self, STREAM_LISTEN, OAI_MCP_NO_ID), "GET", NULL, NULL);
}

/* Start and end */

GUri *
oai_mcp_http_parse_url (const char *url)
{
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;

  if (scheme == NULL || (strcmp (scheme, "http") != 0 && strcmp (scheme, "https") != 0) || g_uri_get_host (uri) == NULL
      || *g_uri_get_host (uri) == '\0')
    return NULL;

  return g_steal_pointer (&uri);
}

static OaiSettings *
new_settings (const char *url, GError **error)
{
  g_autoptr(GUri) uri = oai_mcp_http_parse_url (url);
  g_autofree char *base = NULL;

  if (uri == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The address of an MCP server must be an http or https URL"));
      return NULL;
    }

  base = g_uri_join (G_URI_FLAGS_ENCODED, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri), g_uri_get_port (uri), "", NULL, NULL);

  return oai_settings_new_for_base_url (base, error);
}

static gboolean
oai_mcp_http_start (OaiMcpTransport *transport, GError **error)
{
  OaiMcpHttp *self = OAI_MCP_HTTP (transport);
  g_autoptr(OaiSettings) settings = new_settings (self->url, error);
  /* Not NULL, since a client without credentials looks for OpenAI's key. */
  g_autoptr(OaiAuth) auth = self->auth != NULL ? g_object_ref (self->auth) : oai_auth_new ("");

  if (settings == NULL)
    return FALSE;

  self->client = oai_client_new (auth, settings);

  return TRUE;
}

static void
oai_mcp_http_abandon (OaiMcpTransport *transport)
{
  OaiMcpHttp *self = OAI_MCP_HTTP (transport);

  self->closed = TRUE;
  abandon_streams (self);
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;

  /* The connection is closed also if the server does not accept this. */
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_debug ("The session of the MCP server was not ended: %s", error->message);
  oai_mcp_http_abandon (g_task_get_source_object (task));
  g_task_return_boolean (task, TRUE);
}

static void
oai_mcp_http_close (OaiMcpTransport *transport, GTask *task)
{
  OaiMcpHttp *self = OAI_MCP_HTTP (transport);
  Stream *stream;

  abandon_streams (self);
  if (self->closed || self->session_id == NULL)
    {
      self->closed = TRUE;
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  self->closed = TRUE;
  stream = add_stream (self, STREAM_DELETE, OAI_MCP_NO_ID);
  stream->delivered = g_task_new (NULL, NULL, deleted_cb, task);
  g_task_set_source_tag (stream->delivered, deleted_cb);
  open_stream (stream, "DELETE", NULL, NULL);
}

/* The object */

static void
oai_mcp_http_finalize (GObject *object)
{
  OaiMcpHttp *self = OAI_MCP_HTTP (object);

  abandon_streams (self);
  g_ptr_array_unref (self->streams);
  g_clear_object (&self->client);
  g_clear_object (&self->auth);
  g_free (self->session_id);
  g_free (self->url);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (oai_mcp_http_parent_class)->finalize (object);
}

static void
oai_mcp_http_class_init (OaiMcpHttpClass *klass)
{
  OaiMcpTransportClass *transport_class = OAI_MCP_TRANSPORT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = oai_mcp_http_finalize;
  transport_class->start = oai_mcp_http_start;
  transport_class->send = oai_mcp_http_send;
  transport_class->forget = oai_mcp_http_forget;
  transport_class->listen = oai_mcp_http_listen;
  transport_class->close = oai_mcp_http_close;
  transport_class->abandon = oai_mcp_http_abandon;
}

static void
oai_mcp_http_init (OaiMcpHttp *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->streams = g_ptr_array_new_with_free_func ((GDestroyNotify) stream_unref);
}

OaiMcpTransport *
oai_mcp_http_new (const char *url, OaiAuth *auth)
{
  OaiMcpHttp *self = g_object_new (OAI_TYPE_MCP_HTTP, NULL);

  self->url = g_strdup (url);
  g_set_object (&self->auth, auth);

  return OAI_MCP_TRANSPORT (self);
}
