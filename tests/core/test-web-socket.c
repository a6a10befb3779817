/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* WebSocket connections to servers that behave, and to servers that do not. */

#include "oai-auth.h"
#include "oai-call.h"
#include "oai-client.h"
#include "oai-error.h"
#include "oai-send-queue-private.h"
#include "oai-settings.h"
#include "oai-token-request.h"
#include "oai-web-socket-private.h"
#include "record-types.h"
#include "soup-listener.h"
#include "wait-until.h"

#include <string.h>

#define KEY "sk-test-0123456789"

/* A server whose connections the test uses, and what a socket has emitted. */
typedef struct
{
  SoupServer *server;
  GSocketService *raw;          /* sends frames that SoupServer would not send */
  GBytes *frames;               /* what raw sends after the handshake */
  gboolean keep;                /* raw does not end the connection after the frames */
  GIOStream *kept;              /* the connection then */
  GByteArray *sent;             /* what it received */
  OaiSettings *settings;
  OaiAuth *auth;
  OaiClient *client;
  OaiWebSocket *socket;
  GPtrArray *connections;       /* SoupWebsocketConnection of the server */
  GString *received;            /* messages of the program, one on each line */
  GString *log;                 /* of the signals, one on each line */
  char *authorization;
  char *query;
  guint n_handshakes;
  guint refuse_status;
  const char *location;
  guint n_tokens;               /* requests for tokens */
  OaiTokenRequest *token_request; /* the newest, unless it was answered at once */
} Fixture;

static void
note (Fixture *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note (Fixture *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (self->log, format, arguments);
  va_end (arguments);
  g_string_append_c (self->log, '\n');
}

/* The server */

static void
server_message_cb (SoupWebsocketConnection *connection, SoupWebsocketDataType type, GBytes *message, Fixture *self)
{
  g_string_append_printf (self->received, "%s%.*s\n", type == SOUP_WEBSOCKET_DATA_BINARY ? "binary " : "",
                          (int) MIN (g_bytes_get_size (message), 200), (const char *) g_bytes_get_data (message, NULL));
}

static void
server_closed_cb (SoupWebsocketConnection *connection, Fixture *self)
{
  g_string_append_printf (self->received, "close %u %s\n", soup_websocket_connection_get_close_code (connection),
                          soup_websocket_connection_get_close_data (connection) != NULL ? soup_websocket_connection_get_close_data (connection) : "");
}

static void
connected_cb (SoupServer *server, SoupServerMessage *message, const char *path, SoupWebsocketConnection *connection, gpointer user_data)
{
  Fixture *self = user_data;

  g_signal_connect (connection, "message", G_CALLBACK (server_message_cb), self);
  g_signal_connect (connection, "closed", G_CALLBACK (server_closed_cb), self);
  g_ptr_array_add (self->connections, g_object_ref (connection));
}

static void
handshake_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Fixture *self = user_data;
  static const char refusal[] = "{\"error\":{\"message\":\"Wrong key " KEY "\",\"code\":\"invalid_api_key\"}}";

  self->n_handshakes++;
  g_free (self->authorization);
  self->authorization = g_strdup (soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Authorization"));
  g_free (self->query);
  self->query = g_strdup (g_uri_get_query (soup_server_message_get_uri (message)));
  if (self->location != NULL)
    {
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Location", self->location);
      soup_server_message_set_status (message, 302, NULL);
      self->location = NULL;
    }
  else if (self->refuse_status != 0)
    {
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "x-request-id", "req_1");
      soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, refusal, strlen (refusal));
      soup_server_message_set_status (message, self->refuse_status, NULL);
    }
}

static SoupWebsocketConnection *
get_connection (Fixture *self)
{
  return g_ptr_array_index (self->connections, self->connections->len - 1);
}

static void
reply (Fixture *self, const char *text)
{
  soup_websocket_connection_send_text (get_connection (self), text);
}

/* The signals of the socket */

static void
event_cb (OaiWebSocket *socket, OaiRecord *event, Fixture *self)
{
  g_autofree char *json = oai_record_to_json (event);

  note (self, "event %s %s", G_OBJECT_TYPE_NAME (event), json);
}

static void
detail_cb (OaiWebSocket *socket, OaiRecord *event, Fixture *self)
{
  note (self, "text");
}

static void
raw_cb (OaiWebSocket *socket, GBytes *data, gboolean is_text, Fixture *self)
{
  note (self, "raw %s %u", is_text ? "text" : "binary", (guint) g_bytes_get_size (data));
}

static void
error_cb (OaiWebSocket *socket, GError *error, Fixture *self)
{
  g_assert_null (strstr (error->message, KEY));
  note (self, "error %s", error->message);
}

static void
reconnecting_cb (OaiWebSocket *socket, guint attempt, guint max, guint code, Fixture *self)
{
  note (self, "reconnecting %u/%u %u", attempt, max, code);
}

static void
reconnected_cb (OaiWebSocket *socket, Fixture *self)
{
  note (self, "reconnected");
}

static void
closed_cb (OaiWebSocket *socket, guint code, const char *reason, Fixture *self)
{
  g_autoptr(GPtrArray) unsent = oai_web_socket_dup_unsent_messages (socket);

  note (self, "closed %u %s (%u unsent)", code, reason, unsent->len);
}

static void
make_socket (Fixture *self)
{
  OaiRequest *request = oai_request_new ("test.connect", "GET", g_strdup ("socket"));

  request->query = g_strdup ("a=1");
  self->socket = oai_web_socket_new (OAI_TYPE_WEB_SOCKET, self->client, request, test_part_get_type (), test_part_get_type (), NULL);
  oai_web_socket_set_reconnect_delay_ms (self->socket, 1);
  g_signal_connect (self->socket, "event", G_CALLBACK (event_cb), self);
  g_signal_connect (self->socket, "event::text", G_CALLBACK (detail_cb), self);
  g_signal_connect (self->socket, "raw", G_CALLBACK (raw_cb), self);
  g_signal_connect (self->socket, "error", G_CALLBACK (error_cb), self);
  g_signal_connect (self->socket, "reconnecting", G_CALLBACK (reconnecting_cb), self);
  g_signal_connect (self->socket, "reconnected", G_CALLBACK (reconnected_cb), self);
  g_signal_connect (self->socket, "closed", G_CALLBACK (closed_cb), self);
}

static void
use_server (Fixture *self, guint port)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/v1", port);
  g_autoptr(GError) error = NULL;

  g_clear_object (&self->socket);
  g_clear_object (&self->client);
  g_clear_object (&self->auth);
  g_clear_object (&self->settings);
  self->settings = oai_settings_new_for_base_url (url, &error);
  g_assert_no_error (error);
  oai_settings_set_max_retries (self->settings, 0);
  self->auth = oai_auth_new (KEY);
  self->client = oai_client_new (self->auth, self->settings);
  make_socket (self);
}

static SoupServer *
start_server (Fixture *self)
{
  SoupServer *server = soup_server_new (NULL, NULL);

  soup_server_add_early_handler (server, "/v1/socket", handshake_cb, self, NULL);
  soup_server_add_websocket_handler (server, "/v1/socket", NULL, NULL, connected_cb, self, NULL);
  soup_listener_start (server, 0);

  return server;
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  self->received = g_string_new (NULL);
  self->log = g_string_new (NULL);
  self->sent = g_byte_array_new ();
  self->server = start_server (self);
  use_server (self, soup_listener_get_port (self->server));
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  g_clear_object (&self->socket);
  wait_until (G_OBJECT (self->client)->ref_count == 1);
  g_assert_finalize_object (g_steal_pointer (&self->client));
  g_clear_object (&self->auth);
  g_clear_object (&self->token_request);
  g_clear_object (&self->settings);
  for (guint i = 0; i < self->connections->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->connections, i), self);
  g_clear_pointer (&self->connections, g_ptr_array_unref);
  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  if (self->raw != NULL)
    g_socket_service_stop (self->raw);
  g_clear_object (&self->raw);
  g_clear_object (&self->kept);
  g_byte_array_unref (self->sent);
  g_clear_pointer (&self->frames, g_bytes_unref);
  g_string_free (self->received, TRUE);
  g_string_free (self->log, TRUE);
  g_free (self->authorization);
  g_free (self->query);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

static gboolean
connect_socket (Fixture *self, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_web_socket_connect_async (self->socket, NULL, store_result, &result);
  wait_until (result != NULL);

  return oai_web_socket_connect_finish (self->socket, result, error);
}

static void
connect_and_check (Fixture *self)
{
  g_autoptr(GError) error = NULL;

  connect_socket (self, &error);
  g_assert_no_error (error);
  wait_until (self->connections->len > 0);
}

static gboolean
is_closed (Fixture *self)
{
  return oai_web_socket_get_state (self->socket) == OAI_WEB_SOCKET_STATE_CLOSED;
}

/* Tests */

static void
test_events (Fixture *self, gconstpointer user_data)
{
  g_autofree char *url = oai_web_socket_dup_url (self->socket);
  g_autofree char *expected = g_strdup_printf ("ws://127.0.0.1:%u/v1/socket?a=1", soup_listener_get_port (self->server));

  g_assert_cmpstr (url, ==, expected);
  connect_and_check (self);
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_OPEN);
  g_assert_cmpstr (self->authorization, ==, "Bearer " KEY);
  g_assert_cmpstr (self->query, ==, "a=1");
  g_assert_cmpint (oai_call_get_status_code (oai_web_socket_get_call (self->socket)), ==, 101);
  g_assert_cmpint (oai_call_get_state (oai_web_socket_get_call (self->socket)), ==, OAI_CALL_STATE_DONE);

  reply (self, "{\"type\":\"text\",\"text\":\"Hello\"}");
  reply (self, "{\"type\":\"__proto__\",\"x\":1}");
  reply (self, "{\"x\":1}");
  reply (self, "not json");
  reply (self, "[1]");
  soup_websocket_connection_send_binary (get_connection (self), "\1\2", 2);
  reply (self, "{\"type\":\"error\",\"error\":{\"message\":\"Nested\"}}");
  reply (self, "{\"type\":\"error\",\"message\":\"Flat " KEY "\"}");
  wait_until (strstr (self->log->str, "error Flat") != NULL);
  g_assert_true (g_str_has_prefix (self->log->str,
                                   "event TestTextPart {\"type\":\"text\",\"text\":\"Hello\"}\n"
                                   "text\n"
                                   "event TestPart {\"type\":\"__proto__\",\"x\":1}\n"
                                   "event TestPart {\"x\":1}\n"
                                   "raw text 8\n"
                                   "raw text 3\n"
                                   "raw binary 2\n"
                                   "event TestPart {\"type\":\"error\",\"error\":{\"message\":\"Nested\"}}\n"
                                   "error Nested\n"));
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_OPEN);
}

static void
test_send (Fixture *self, gconstpointer user_data)
{
  g_autoptr(OaiRecord) part = oai_record_new_from_json (test_text_part_get_type (), "{\"type\":\"text\",\"text\":\"Hi\"}", NULL);
  g_autoptr(OaiRecord) lacking = g_object_new (test_text_part_get_type (), NULL);
  g_autoptr(OaiRecord) foreign = g_object_new (test_usage_get_type (), NULL);
  g_autoptr(GBytes) bytes = g_bytes_new_static ("\1\2", 2);
  g_autoptr(GError) error = NULL;

  /* The first message opens the connection. */
  g_assert_true (oai_web_socket_send (self->socket, part, &error));
  g_assert_no_error (error);
  g_assert_true (oai_web_socket_send_text (self->socket, "text", NULL));
  g_assert_true (oai_web_socket_send_bytes (self->socket, bytes, NULL));
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_CONNECTING);
  wait_until (strstr (self->received->str, "binary") != NULL);
  g_assert_true (oai_web_socket_send_text (self->socket, "last", NULL));
  wait_until (strstr (self->received->str, "last") != NULL);
  g_assert_cmpstr (self->received->str, ==, "{\"type\":\"text\",\"text\":\"Hi\"}\ntext\nbinary \1\2\nlast\n");

  g_assert_false (oai_web_socket_send (self->socket, lacking, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_web_socket_send (self->socket, foreign, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_close (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  connect_and_check (self);
  oai_web_socket_send_text (self->socket, "before", NULL);
  oai_web_socket_close_async (self->socket, 0, NULL, NULL, store_result, &result);
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_CLOSING);
  g_assert_false (oai_web_socket_send_text (self->socket, "after", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  wait_until (result != NULL);
  g_assert_true (oai_web_socket_close_finish (self->socket, result, NULL));
  g_assert_cmpstr (self->log->str, ==, "closed 1000 OK (0 unsent)\n");
  wait_until (strstr (self->received->str, "close") != NULL);
  g_assert_cmpstr (self->received->str, ==, "before\nclose 1000 OK\n");
  oai_web_socket_close (self->socket, 3000, NULL);
  g_assert_cmpstr (self->log->str, ==, "closed 1000 OK (0 unsent)\n");
}

/* A frame has room for 123 bytes. */
static void
test_close_long_reason (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GString) reason = g_string_new (NULL);
  g_autofree char *expected = NULL;

  for (guint i = 0; i < 61; i++)
    g_string_append (reason, "é");
  expected = g_strdup_printf ("close 4000 %s\n", reason->str);
  g_string_append (reason, "éé");
  connect_and_check (self);
  oai_web_socket_close (self->socket, 4000, reason->str);
  wait_until (is_closed (self));
  wait_until (strstr (self->received->str, "close") != NULL);
  g_assert_cmpstr (self->received->str, ==, expected);
}

/* A socket that was not opened, or is being opened, keeps what was not sent. */
static void
test_close_early (Fixture *self, gconstpointer user_data)
{
  oai_web_socket_send_text (self->socket, "unsent", NULL);
  oai_web_socket_close (self->socket, 1001, "going away");
  g_assert_true (is_closed (self));
  g_assert_cmpstr (self->log->str, ==, "closed 1001 going away (1 unsent)\n");
}

static void
test_remote_close (Fixture *self, gconstpointer user_data)
{
  static const guint codes[] = { 1000, 1002, 1008, 1011, 4000 };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autofree char *closed = g_strdup_printf ("closed %u the end (0 unsent)\n", codes[i]);

      use_server (self, soup_listener_get_port (self->server));
      g_string_truncate (self->log, 0);
      g_ptr_array_set_size (self->connections, 0);
      connect_and_check (self);
      soup_websocket_connection_close (get_connection (self), codes[i], "the end");
      wait_until (is_closed (self));
      g_assert_true (g_str_has_suffix (self->log->str, closed));
      g_assert_cmpint (strstr (self->log->str, "error") != NULL, ==, codes[i] != 1000);
    }
}

/* Programs print errors in terminals. */
static void
test_remote_close_printable (Fixture *self, gconstpointer user_data)
{
  connect_and_check (self);
  soup_websocket_connection_close (get_connection (self), 1008, "the \x1b[2Jend\xe2\x80\xae");
  wait_until (is_closed (self));
  g_assert_nonnull (strstr (self->log->str, "error The WebSocket connection was closed (code 1008): the  [2Jend \n"));
}

static void
test_refused (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GError) error = NULL;
  OaiCall *call;

  self->refuse_status = 401;
  oai_web_socket_send_text (self->socket, "unsent", NULL);
  g_assert_false (connect_socket (self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_assert_nonnull (strstr (error->message, "Wrong key"));
  g_assert_null (strstr (error->message, "req_1"));
  g_assert_null (strstr (error->message, KEY));
  call = oai_web_socket_get_call (self->socket);
  g_assert_cmpint (oai_call_get_status_code (call), ==, 401);
  g_assert_cmpstr (oai_call_get_error_code (call), ==, "invalid_api_key");
  g_assert_true (is_closed (self));
  g_assert_true (g_str_has_prefix (self->log->str, "closed 1006 "));
  g_assert_true (g_str_has_suffix (self->log->str, " (1 unsent)\n"));
}

static void
test_no_socket (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GError) error = NULL;

  self->refuse_status = 200;
  g_assert_false (connect_socket (self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
}

static void
test_retried (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GError) error = NULL;

  self->refuse_status = 503;
  oai_settings_set_max_retries (self->settings, 2);
  oai_settings_set_max_retry_delay_ms (self->settings, 1);
  g_assert_false (connect_socket (self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_SERVER);
  g_assert_cmpint (self->n_handshakes, ==, 3);
}

static void
test_redirect (Fixture *self, gconstpointer user_data)
{
  self->location = "/v1/socket?b=2";
  connect_and_check (self);
  g_assert_cmpint (self->n_handshakes, ==, 2);
  g_assert_cmpstr (self->query, ==, "b=2");
  g_assert_cmpstr (self->authorization, ==, "Bearer " KEY);
}

static void
test_foreign_redirect (Fixture *self, gconstpointer user_data)
{
  SoupServer *other = start_server (self);
  static const char *const formats[] = { "http://127.0.0.1:%u/v1/socket", "ws://127.0.0.1:%u/v1/socket", "http://localhost:%u/v1/socket" };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_auto(GStrv) parts = g_strsplit (formats[i], "%u", 2);
      g_autofree char *location = g_strdup_printf ("%s%u%s", parts[0], soup_listener_get_port (other), parts[1]);
      g_autoptr(GError) error = NULL;

      use_server (self, soup_listener_get_port (self->server));
      self->location = location;
      self->n_handshakes = 0;
      g_assert_false (connect_socket (self, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
      g_assert_cmpint (self->n_handshakes, ==, 1);
    }
  soup_server_disconnect (other);
  g_object_unref (other);
}

/* Reconnecting */

static void
cut (Fixture *self)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (get_connection (self));

  g_io_stream_close (stream, NULL, NULL);
}

static void
change_query_cb (OaiWebSocket *socket, guint attempt, guint max, guint code, Fixture *self)
{
  oai_web_socket_set_query_parameter (socket, "starting_after", "event 1");
  oai_web_socket_send_text (socket, "queued", NULL);
}

static void
test_reconnect (Fixture *self, gconstpointer user_data)
{
  oai_web_socket_set_max_reconnects (self->socket, 2);
  g_signal_connect (self->socket, "reconnecting", G_CALLBACK (change_query_cb), self);
  connect_and_check (self);
  soup_websocket_connection_close (get_connection (self), 1011, "restart");
  wait_until (strstr (self->received->str, "queued") != NULL);
  g_assert_cmpstr (self->query, ==, "a=1&starting_after=event%201");
  g_assert_cmpstr (self->log->str, ==, "reconnecting 1/2 1011\nreconnected\n");
  g_assert_cmpint (self->connections->len, ==, 2);
}

static void
test_lost (Fixture *self, gconstpointer user_data)
{
  oai_web_socket_set_max_reconnects (self->socket, 3);
  connect_and_check (self);
  self->refuse_status = 500;
  cut (self);
  wait_until (is_closed (self));
  for (guint i = 1; i <= 3; i++)
    {
      g_autofree char *attempt = g_strdup_printf ("reconnecting %u/3 1006\n", i);

      g_assert_nonnull (strstr (self->log->str, attempt));
    }
  g_assert_nonnull (strstr (self->log->str, "closed 1006 "));
  g_assert_cmpint (self->n_handshakes, ==, 4);
}

static void
close_each_cb (OaiWebSocket *socket, GParamSpec *pspec, Fixture *self)
{
  if (oai_web_socket_get_state (socket) == OAI_WEB_SOCKET_STATE_OPEN)
    {
      wait_until (self->connections->len == self->n_handshakes);
      soup_websocket_connection_close (get_connection (self), 1011, NULL);
    }
}

/* A server that accepts each connection and closes it. */
static void
test_lost_always (Fixture *self, gconstpointer user_data)
{
  oai_web_socket_set_max_reconnects (self->socket, 3);
  g_signal_connect (self->socket, "notify::state", G_CALLBACK (close_each_cb), self);
  connect_and_check (self);
  wait_until (is_closed (self));
  g_assert_cmpint (self->n_handshakes, ==, 4);
}

static void
refuse_cb (OaiWebSocket *socket, guint attempt, guint max, guint code, Fixture *self)
{
  oai_web_socket_send_text (socket, "unsent", NULL);
  oai_web_socket_refuse_reconnect (socket, "No more");
}

static void
test_refuse_reconnect (Fixture *self, gconstpointer user_data)
{
  oai_web_socket_set_max_reconnects (self->socket, 3);
  g_signal_connect (self->socket, "reconnecting", G_CALLBACK (refuse_cb), self);
  connect_and_check (self);
  soup_websocket_connection_close (get_connection (self), 1001, NULL);
  wait_until (is_closed (self));
  g_assert_cmpstr (self->log->str, ==, "reconnecting 1/3 1001\nerror No more\nclosed 1001 No more (1 unsent)\n");
}

/* Tokens that expire */

static void
respond (Fixture *self, OaiTokenRequest *request)
{
  g_autofree char *token = g_strdup_printf ("secret-token-%u", self->n_tokens);

  oai_token_request_respond (request, token);
}

static void
answer_token_cb (OaiAuth *auth, OaiTokenRequest *request, Fixture *self)
{
  self->n_tokens++;
  respond (self, request);
}

static void
keep_token_cb (OaiAuth *auth, OaiTokenRequest *request, Fixture *self)
{
  self->n_tokens++;
  g_set_object (&self->token_request, request);
}

static void
fail_token_cb (OaiAuth *auth, OaiTokenRequest *request, Fixture *self)
{
  self->n_tokens++;
  oai_token_request_fail (request, "The ticket has expired");
}

static void
ignore_token_cb (OaiAuth *auth, OaiTokenRequest *request, Fixture *self)
{
  self->n_tokens++;
}

#define request_tokens(callback) g_signal_connect (self->auth, "token-requested", G_CALLBACK (callback), self)

static void
iterate (void)
{
  for (guint i = 0; i < 50; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (100);
    }
}

/* Each handshake requests a token. The key is not used. */
static void
test_token (Fixture *self, gconstpointer user_data)
{
  request_tokens (answer_token_cb);
  oai_web_socket_set_max_reconnects (self->socket, 2);
  connect_and_check (self);
  g_assert_cmpstr (self->authorization, ==, "Bearer secret-token-1");
  soup_websocket_connection_close (get_connection (self), 1011, "restart");
  wait_until (strstr (self->log->str, "reconnected") != NULL);
  g_assert_cmpstr (self->authorization, ==, "Bearer secret-token-2");
  g_assert_cmpuint (self->n_tokens, ==, 2);

  /* The newest one is redacted. */
  wait_until (self->connections->len == 2);
  reply (self, "{\"type\":\"error\",\"message\":\"No secret-token-2\"}");
  wait_until (strstr (self->log->str, "error No ") != NULL);
  g_assert_null (strstr (strstr (self->log->str, "error No "), "secret-token-2"));
}

/* Nothing is sent before there is a token. */
static void
test_token_later (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  request_tokens (keep_token_cb);
  oai_web_socket_connect_async (self->socket, NULL, store_result, &result);
  oai_web_socket_send_text (self->socket, "queued", NULL);
  wait_until (self->token_request != NULL);
  iterate ();
  g_assert_cmpuint (self->n_handshakes, ==, 0);
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_CONNECTING);

  respond (self, self->token_request);
  wait_until (result != NULL);
  g_assert_true (oai_web_socket_connect_finish (self->socket, result, &error));
  g_assert_no_error (error);
  wait_until (strstr (self->received->str, "queued") != NULL);
  g_assert_cmpstr (self->authorization, ==, "Bearer secret-token-1");
  g_assert_cmpuint (self->n_tokens, ==, 1);
}

static void
test_token_fails (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GError) error = NULL;

  request_tokens (user_data);
  oai_settings_set_max_retries (self->settings, 2);
  g_assert_false (connect_socket (self, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  if (user_data == (gconstpointer) fail_token_cb)
    g_assert_nonnull (strstr (error->message, "The ticket has expired"));
  g_assert_true (is_closed (self));
  g_assert_true (g_str_has_prefix (self->log->str, "closed 1006 "));
  g_assert_cmpuint (self->n_tokens, ==, 1);
  g_assert_cmpuint (self->n_handshakes, ==, 0);
}

/* Other requests are not repeated after this status either. */
static void
test_token_rejected (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GError) error = NULL;

  self->refuse_status = 401;
  request_tokens (answer_token_cb);
  oai_settings_set_max_retries (self->settings, 2);
  g_assert_false (connect_socket (self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_assert_cmpuint (self->n_tokens, ==, 1);
  g_assert_cmpuint (self->n_handshakes, ==, 1);
}

/* Each attempt requests a token. */
static void
test_token_retried (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GError) error = NULL;

  self->refuse_status = 503;
  request_tokens (answer_token_cb);
  oai_settings_set_max_retries (self->settings, 2);
  oai_settings_set_max_retry_delay_ms (self->settings, 1);
  g_assert_false (connect_socket (self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_SERVER);
  g_assert_cmpuint (self->n_handshakes, ==, 3);
  g_assert_cmpuint (self->n_tokens, ==, 3);
  g_assert_cmpstr (self->authorization, ==, "Bearer secret-token-3");
}

/* The program cancels, closes or drops the socket before it answers. */
static void
test_token_late (Fixture *self, gconstpointer user_data)
{
  const char *how = user_data;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  gboolean drop = strcmp (how, "drop") == 0;

  request_tokens (keep_token_cb);
  if (!drop)
    oai_web_socket_connect_async (self->socket, cancellable, store_result, &result);
  else
    oai_web_socket_send_text (self->socket, "unsent", NULL);
  wait_until (self->token_request != NULL);
  if (strcmp (how, "cancel") == 0)
    g_cancellable_cancel (cancellable);
  else if (drop)
    g_clear_object (&self->socket);
  else
    oai_web_socket_close (self->socket, 0, NULL);
  wait_until (drop || result != NULL);
  wait_until (g_cancellable_is_cancelled (oai_token_request_get_cancellable (self->token_request)));
  respond (self, self->token_request);
  iterate ();
  g_assert_cmpuint (self->n_handshakes, ==, 0);
  if (result == NULL)
    return;

  g_assert_false (oai_web_socket_connect_finish (self->socket, result, NULL));
  g_assert_true (is_closed (self));
}

/* Frames that no server should send */

static char *
get_accept_value (const char *head)
{
  const char *key = strstr (head, "Sec-WebSocket-Key: ");
  g_autofree char *value = g_strndup (key + strlen ("Sec-WebSocket-Key: "), 24);
  g_autofree char *text = g_strconcat (value, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", NULL);
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize length = sizeof digest;

  g_checksum_update (checksum, (const guchar *) text, -1);
  g_checksum_get_digest (checksum, digest, &length);

  return g_base64_encode (digest, length);
}

typedef struct
{
  Fixture *fixture;
  GIOStream *stream;
  char head[4096];
} Handshake;

static void
head_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Handshake *handshake = user_data;
  GBytes *frames = handshake->fixture->frames;
  GOutputStream *output = g_io_stream_get_output_stream (handshake->stream);
  gssize length = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (length > 0)
    {
      g_autofree char *accept = get_accept_value (handshake->head);
      g_autofree char *head = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                               "Sec-WebSocket-Accept: %s\r\n\r\n", accept);

      g_output_stream_write_all (output, head, strlen (head), NULL, NULL, NULL);
      g_output_stream_write_all (output, g_bytes_get_data (frames, NULL), g_bytes_get_size (frames), NULL, NULL, NULL);
    }
  if (handshake->fixture->keep)
    handshake->fixture->kept = g_object_ref (handshake->stream);
  else
    g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (handshake->stream)), FALSE, TRUE, NULL);
  g_object_unref (handshake->stream);
  g_free (handshake);
}

static gboolean
incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source, Fixture *self)
{
  Handshake *handshake = g_new0 (Handshake, 1);

  handshake->fixture = self;
  handshake->stream = G_IO_STREAM (g_object_ref (connection));
  g_input_stream_read_async (g_io_stream_get_input_stream (handshake->stream), handshake->head, sizeof handshake->head - 1, G_PRIORITY_DEFAULT, NULL,
                             head_read_cb, handshake);

  return TRUE;
}

static void
use_raw_server (Fixture *self)
{
  g_autoptr(GError) error = NULL;
  guint port;

  self->raw = g_socket_service_new ();
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (self->raw), NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (self->raw, "incoming", G_CALLBACK (incoming_cb), self);
  use_server (self, port);
}

typedef struct
{
  const char *name;
  const char *frames;
  gsize length;
  const char *log; /* the beginning */
} BadFrames;

#define FRAMES(bytes) bytes, sizeof (bytes) - 1

static const BadFrames bad_frames[] = {
  { "nothing", FRAMES (""), "error " },
  { "whole", FRAMES ("\x81\x07{\"a\":1}\x88\x02\x03\xe8"), "event TestPart {\"a\":1}\nclosed 1000 " },
  { "fragments", FRAMES ("\x01\x03{\"a\x80\x04\":1}\x88\x02\x03\xe8"), "event TestPart {\"a\":1}\nclosed 1000 " },
  { "ping-within-fragments", FRAMES ("\x01\x03{\"a\x89\x01x\x80\x04\":1}\x88\x02\x03\xe8"), "event TestPart {\"a\":1}\nclosed 1000 " },
  { "cut-in-frame", FRAMES ("\x81\x07{\"a"), "error " },
  { "cut-in-fragments", FRAMES ("\x01\x03{\"a"), "error " },
  { "invalid-utf-8", FRAMES ("\x81\x02\xff\xfe"), "error " },
  { "masked", FRAMES ("\x81\x82mask\0\0"), "error " },
  { "reserved-bits", FRAMES ("\xf1\x01x"), "error " },
  { "unknown-opcode", FRAMES ("\x83\x01x"), "error " },
  { "unknown-control", FRAMES ("\x8b\x00"), "error " },
  { "continuation-without-start", FRAMES ("\x80\x01x"), "error " },
  { "start-within-fragments", FRAMES ("\x01\x01x\x81\x01y"), "error " },
  { "fragmented-ping", FRAMES ("\x09\x01x"), "error " },
  { "huge", FRAMES ("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"), "error " },
  { "larger-than-the-limit", FRAMES ("\x81\x7f\0\0\0\0\0\x20\0\0"), "error " },
  { "close-without-code", FRAMES ("\x88\x00"), "error " },
  { "close-with-half-a-code", FRAMES ("\x88\x01\x03"), "error " },
  { "close-with-invalid-reason", FRAMES ("\x88\x04\x03\xe8\xff\xfe"), "" },
  { "close-with-reserved-code", FRAMES ("\x88\x02\x03\xee"), "error " },
  { "event-after-close", FRAMES ("\x88\x02\x03\xe8\x81\x07{\"a\":1}"), "closed 1000 " },
};

static void
test_bad_frames (Fixture *self, gconstpointer user_data)
{
  const BadFrames *bad = user_data;

  self->frames = g_bytes_new_static (bad->frames, bad->length);
  use_raw_server (self);
  oai_web_socket_set_max_event_size (self->socket, 1024 * 1024);
  connect_socket (self, NULL);
  wait_until (is_closed (self));
  g_assert_nonnull (strstr (self->log->str, "closed "));
  if (!g_str_has_prefix (self->log->str, bad->log))
    g_test_message ("%s", self->log->str);
  g_assert_true (g_str_has_prefix (self->log->str, bad->log));
}

static void
test_many_fragments (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GByteArray) frames = g_byte_array_new ();

  g_byte_array_append (frames, (const guint8 *) "\x01\x02{\"", 4);
  for (guint i = 0; i < 1000; i++)
    g_byte_array_append (frames, (const guint8 *) "\x00\x01x", 3);
  g_byte_array_append (frames, (const guint8 *) "\x80\x04\":1}", 6);
  self->frames = g_byte_array_free_to_bytes (g_steal_pointer (&frames));
  use_raw_server (self);
  connect_socket (self, NULL);
  wait_until (is_closed (self));
  g_assert_true (g_str_has_prefix (self->log->str, "event TestPart {\"xxxx"));
}

/* The limit applies to all frames of a message together. */
static void
test_large_fragments (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GByteArray) frames = g_byte_array_new ();
  guint8 fragment[1004] = { 0x01, 126, 1000 >> 8, 1000 & 0xff };

  memset (fragment + 4, ' ', 1000);
  for (guint i = 0; i < 5; i++)
    {
      g_byte_array_append (frames, fragment, sizeof fragment);
      fragment[0] = 0x00;
    }
  self->frames = g_byte_array_free_to_bytes (g_steal_pointer (&frames));
  use_raw_server (self);
  oai_web_socket_set_max_event_size (self->socket, 4096);
  connect_socket (self, NULL);
  wait_until (is_closed (self));
  g_assert_true (g_str_has_prefix (self->log->str, "error An event of the stream is larger than 4.0"));
  g_assert_nonnull (strstr (self->log->str, "closed 1009 "));
}

/* Sends a message without end. */
static gpointer
flood_thread (gpointer data)
{
  GOutputStream *output = g_io_stream_get_output_stream (data);
  static const guint8 head[] = { 0x00, 126, 1000 >> 8, 1000 & 0xff };
  g_autoptr(GByteArray) frames = g_byte_array_new ();

  g_byte_array_append (frames, (const guint8 *) "\x01\x01{", 3);
  while (g_output_stream_write_all (output, frames->data, frames->len, NULL, NULL, NULL))
    {
      g_byte_array_set_size (frames, 0);
      g_byte_array_append (frames, head, sizeof head);
      g_byte_array_set_size (frames, sizeof head + 1000);
      memset (frames->data + sizeof head, ' ', 1000);
    }

  return NULL;
}

static gboolean
tick_cb (gpointer user_data)
{
  guint *n_ticks = user_data;

  ++*n_ticks;

  return G_SOURCE_CONTINUE;
}

/* A server that sends more than the program can read does not stop the main loop. */
static void
test_flood (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GThread) thread = NULL;
  guint n_ticks = 0;
  guint source;

  self->frames = g_bytes_new_static ("", 0);
  self->keep = TRUE;
  use_raw_server (self);
  oai_web_socket_set_max_event_size (self->socket, 0);
  connect_socket (self, NULL);
  thread = g_thread_new ("flood", flood_thread, self->kept);
  source = g_timeout_add (1, tick_cb, &n_ticks);
  wait_until (n_ticks > 100);
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_OPEN);
  g_source_remove (source);
  g_clear_object (&self->socket);
  g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->kept)), TRUE, TRUE, NULL);
  g_thread_join (g_steal_pointer (&thread));
  g_clear_object (&self->kept);
}

/* Pings, with a server that answers only if the test does */

/* How many frames of a kind the program has sent.  They are masked, and short. */
static guint
count_frames (Fixture *self, guint8 head)
{
  GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->kept));
  guint8 buffer[1024];
  guint n_frames = 0;
  gssize n;

  while ((n = g_pollable_input_stream_read_nonblocking (input, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_byte_array_append (self->sent, buffer, (guint) n);
  for (guint i = 0; i + 1 < self->sent->len; i += 2 + 4 + (self->sent->data[i + 1] & 0x7f))
    {
      g_assert_cmpuint (self->sent->data[i + 1] & 0x7f, <, 126);
      n_frames += self->sent->data[i] == head;
    }

  return n_frames;
}

#define PING 0x89
#define PONG 0x8a
#define CLOSE 0x88

static void
send_frames (Fixture *self, const char *frames, gsize length)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (self->kept), frames, length, NULL, NULL, NULL);
}

static void
connect_raw (Fixture *self, guint keepalive)
{
  g_autoptr(GError) error = NULL;

  self->frames = g_bytes_new_static ("", 0);
  self->keep = TRUE;
  use_raw_server (self);
  oai_web_socket_set_keepalive_interval_ms (self->socket, keepalive);
  connect_socket (self, &error);
  g_assert_no_error (error);
}

static void
wait_ms (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * (gint64) 1000;

  wait_until (g_get_monotonic_time () >= end);
}

/* SoupServer answers pings. */
static void
test_keepalive (Fixture *self, gconstpointer user_data)
{
  oai_web_socket_set_keepalive_interval_ms (self->socket, 1);
  connect_and_check (self);
  wait_ms (3000);
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_OPEN);
  g_assert_cmpstr (self->log->str, ==, "");
}

static void
test_no_keepalive (Fixture *self, gconstpointer user_data)
{
  connect_raw (self, 0);
  wait_ms (2000);
  g_assert_cmpuint (count_frames (self, PING), ==, 0);
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_OPEN);
}

static void
test_dead_peer (Fixture *self, gconstpointer user_data)
{
  connect_raw (self, 1000);
  wait_until (is_closed (self));
  g_assert_cmpstr (self->log->str, ==, "error The server did not answer a ping within 1 s\n"
                                       "closed 1006 The server did not answer a ping within 1 s (0 unsent)\n");
  wait_until (count_frames (self, CLOSE) == 1);
  g_assert_cmpuint (count_frames (self, PING), >=, 1);
}

static void
test_dead_peer_reconnects (Fixture *self, gconstpointer user_data)
{
  connect_raw (self, 1000);
  oai_web_socket_set_max_reconnects (self->socket, 1);
  oai_web_socket_set_max_reconnect_delay_ms (self->socket, 60 * 1000);
  self->keep = FALSE;
  g_clear_pointer (&self->frames, g_bytes_unref);
  self->frames = g_bytes_new_static ("\x88\x02\x03\xe8", 4);
  wait_until (is_closed (self));
  g_assert_cmpstr (self->log->str, ==, "error The server did not answer a ping within 1 s\nreconnecting 1/1 1006\nreconnected\nclosed 1000  (0 unsent)\n");
}

/* Anything that arrives shows that the server is alive. */
static void
test_quiet_peer (Fixture *self, gconstpointer user_data)
{
  connect_raw (self, 1000);
  for (guint i = 0; i < 32; i++)
    {
      wait_ms (100);
      if (i % 4 == 0)
        send_frames (self, i == 0 ? "\x01\x01{" : "\x00\x01 ", 3);
    }
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_OPEN);
  g_assert_cmpuint (count_frames (self, PING), >=, 2);
}

static void
test_no_ping_after_close (Fixture *self, gconstpointer user_data)
{
  guint n_pings;

  connect_raw (self, 1000);
  wait_until (count_frames (self, PING) >= 1);
  send_frames (self, "\x8a\x00", 2);
  oai_web_socket_close (self->socket, 0, NULL);
  wait_until (count_frames (self, CLOSE) == 1);
  n_pings = count_frames (self, PING);
  wait_ms (2500);
  g_assert_cmpuint (count_frames (self, PING), ==, n_pings);
  send_frames (self, "\x88\x02\x03\xe8", 4);
  g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->kept)), FALSE, TRUE, NULL);
  wait_until (is_closed (self));
  g_assert_cmpstr (self->log->str, ==, "closed 1000 OK (0 unsent)\n");
}

/* Each ping is answered, as long as the answers are written. */
static void
test_many_pings (Fixture *self, gconstpointer user_data)
{
  connect_raw (self, 0);
  for (guint i = 1; i <= 30; i++)
    {
      for (guint j = 0; j < 100; j++)
        send_frames (self, "\x89\x01x", 3);
      wait_until (count_frames (self, PONG) == i * 100);
      iterate ();
    }
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_OPEN);
}

static gpointer
ping_thread (gpointer data)
{
  GOutputStream *output = g_io_stream_get_output_stream (data);
  guint8 frames[3000];

  for (guint i = 0; i < sizeof frames; i += 3)
    memcpy (frames + i, "\x89\x01x", 3);
  while (g_output_stream_write_all (output, frames, sizeof frames, NULL, NULL, NULL))
    ;

  return NULL;
}

/* A server that sends pings faster than they can be answered. */
static void
test_ping_flood (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GThread) thread = NULL;

  connect_raw (self, 0);
  oai_web_socket_set_max_reconnects (self->socket, 1);
  thread = g_thread_new ("pings", ping_thread, self->kept);
  wait_until (is_closed (self));
  g_thread_join (g_steal_pointer (&thread));
  g_assert_cmpstr (self->log->str, ==, "error The server sent more than 1000 pings without waiting for the answers\n"
                                       "closed 1008 The server sent more than 1000 pings without waiting for the answers (0 unsent)\n");
}

/* A program that sends faster than the connection does not fill the memory, and all that was accepted
 * arrives in its order. */
static void
test_full_queue (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) text = g_string_new (NULL);
  guint accepted = 0;

  connect_and_check (self);
  for (;;)
    {
      g_string_printf (text, "%06u", accepted);
      g_string_set_size (text, 100 * 1024);
      memset (text->str + 6, 'x', text->len - 6);
      if (!oai_web_socket_send_text (self->socket, text->str, &error))
        break;
      accepted++;
    }
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_assert_cmpuint (accepted, >=, 10);
  g_assert_cmpuint (accepted, <, 20);
  oai_web_socket_set_max_queue_size (self->socket, 4 * 1024 * 1024);
  oai_web_socket_send_text (self->socket, "last", NULL);
  wait_until (strstr (self->received->str, "last") != NULL);
  for (guint i = 0; i < accepted; i++)
    {
      g_autofree char *beginning = g_strdup_printf ("%06uxxx", i);

      g_assert_true (g_str_has_prefix (self->received->str + i * 201, beginning));
    }
}

/* Handlers */

static void
close_cb (OaiWebSocket *socket, OaiRecord *event, Fixture *self)
{
  oai_web_socket_close (socket, 0, NULL);
}

static void
drop_cb (OaiWebSocket *socket, OaiRecord *event, Fixture *self)
{
  g_clear_object (&self->socket);
}

static void
iterate_cb (OaiWebSocket *socket, OaiRecord *event, Fixture *self)
{
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
cut_cb (OaiWebSocket *socket, OaiRecord *event, Fixture *self)
{
  cut (self);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_handlers (Fixture *self, gconstpointer user_data)
{
  oai_web_socket_set_max_reconnects (self->socket, 1);
  g_signal_connect (self->socket, "event::image", G_CALLBACK (user_data), self);
  connect_and_check (self);
  for (guint i = 0; i < 5; i++)
    reply (self, "{\"type\":\"image\",\"url\":\"x\"}");
  for (guint i = 0; i < 200; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (50);
    }
}

static void
drop_any_cb (Fixture *self)
{
  g_clear_object (&self->socket);
}

/* The last reference is released in each signal. */
static void
test_drop (Fixture *self, gconstpointer user_data)
{
  static const char *const names[] = { "notify::state", "notify::call", "event", "raw", "error", "reconnecting", "reconnected", "closed" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      use_server (self, soup_listener_get_port (self->server));
      oai_web_socket_set_max_reconnects (self->socket, 1);
      g_signal_connect_swapped (self->socket, names[i], G_CALLBACK (drop_any_cb), self);
      g_ptr_array_set_size (self->connections, 0);
      oai_web_socket_send_text (self->socket, "x", NULL);
      for (guint j = 0; j < 1000 && self->socket != NULL; j++)
        {
          if (j == 100 && self->connections->len > 0)
            {
              reply (self, "{\"type\":\"error\",\"message\":\"m\"}");
              reply (self, "x");
            }
          if (j == 200 && self->connections->len > 0)
            cut (self);
          if (j == 800)
            oai_web_socket_close (self->socket, 0, NULL);
          g_main_context_iteration (NULL, FALSE);
          g_usleep (20);
        }
    }
}

static void
test_cancel (Fixture *self, gconstpointer user_data)
{
  for (guint iterations = 0; iterations < 30; iterations++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;

      use_server (self, soup_listener_get_port (self->server));
      oai_web_socket_connect_async (self->socket, cancellable, store_result, &result);
      for (guint i = 0; i < iterations && result == NULL; i++)
        g_main_context_iteration (NULL, FALSE);
      g_cancellable_cancel (cancellable);
      wait_until (result != NULL);
      if (oai_web_socket_connect_finish (self->socket, result, &error))
        continue;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_true (is_closed (self));
    }
}

static void
test_unreachable (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GError) error = NULL;

  use_server (self, 1);
  g_assert_false (connect_socket (self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
}

/* The queue */

static gboolean
fail_at_b (const OaiSocketMessage *message, gpointer user_data, GError **error)
{
  if (message->id == 2)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_FAILED, "failed");
      return FALSE;
    }
  g_string_append_c (user_data, *(const char *) g_bytes_get_data (message->data, NULL));

  return TRUE;
}

static void
test_queue (void)
{
  g_autoptr(GBytes) a = g_bytes_new_static ("aaa", 3);
  g_autoptr(GBytes) b = g_bytes_new_static ("bbb", 3);
  g_autoptr(GString) sent = g_string_new (NULL);
  g_autoptr(GPtrArray) drained = NULL;
  g_autoptr(GError) error = NULL;
  OaiSendQueue queue;

  oai_send_queue_init (&queue, 6);
  g_assert_true (oai_send_queue_push (&queue, 1, a, TRUE, NULL));
  g_assert_true (oai_send_queue_push (&queue, 2, b, TRUE, NULL));
  g_assert_false (oai_send_queue_push (&queue, 3, a, TRUE, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (oai_send_queue_flush (&queue, fail_at_b, sent, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_assert_cmpstr (sent->str, ==, "a");
  g_assert_true (oai_send_queue_has (&queue, 2));
  g_assert_false (oai_send_queue_has (&queue, 1));
  g_assert_cmpuint (queue.size, ==, 3);
  drained = oai_send_queue_drain (&queue);
  g_assert_cmpuint (drained->len, ==, 1);
  g_assert_cmpuint (queue.size, ==, 0);
  queue.limit = 1;
  g_assert_true (oai_send_queue_push (&queue, 4, b, TRUE, NULL));
  g_assert_false (oai_send_queue_push (&queue, 5, a, TRUE, NULL));
  g_assert_false (oai_send_queue_remove (&queue, 5));
  g_assert_true (oai_send_queue_remove (&queue, 4));
  g_assert_cmpuint (queue.size, ==, 0);
  oai_send_queue_clear (&queue);
}

/* The debug messages of libsoup contain parts of the frames, which need not be UTF-8. */
static void
libsoup_log_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  g_autofree char *valid = g_utf8_make_valid (message, -1);

  if (!g_log_writer_default_would_drop (level, domain))
    g_test_message ("%s: %s", domain, valid);
}

#define add(name, data, function) g_test_add ("/web-socket/" name, Fixture, data, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("LANGUAGE", "C", TRUE);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, libsoup_log_cb, NULL);

  g_test_add_func ("/web-socket/queue", test_queue);
  add ("events", NULL, test_events);
  add ("send", NULL, test_send);
  add ("close", NULL, test_close);
  add ("close-long-reason", NULL, test_close_long_reason);
  add ("close-early", NULL, test_close_early);
  add ("remote-close", NULL, test_remote_close);
  add ("remote-close-printable", NULL, test_remote_close_printable);
  add ("refused", NULL, test_refused);
  add ("no-socket", NULL, test_no_socket);
  add ("retried", NULL, test_retried);
  add ("unreachable", NULL, test_unreachable);
  add ("redirect", NULL, test_redirect);
  add ("foreign-redirect", NULL, test_foreign_redirect);
  add ("reconnect", NULL, test_reconnect);
  add ("lost", NULL, test_lost);
  add ("lost-always", NULL, test_lost_always);
  add ("refuse-reconnect", NULL, test_refuse_reconnect);
  add ("token", NULL, test_token);
  add ("token-later", NULL, test_token_later);
  add ("token-fails", fail_token_cb, test_token_fails);
  add ("token-not-given", ignore_token_cb, test_token_fails);
  add ("token-rejected", NULL, test_token_rejected);
  add ("token-retried", NULL, test_token_retried);
  add ("token-late/cancel", "cancel", test_token_late);
  add ("token-late/drop", "drop", test_token_late);
  add ("token-late/close", "close", test_token_late);
  add ("many-fragments", NULL, test_many_fragments);
  add ("large-fragments", NULL, test_large_fragments);
  add ("flood", NULL, test_flood);
  add ("keepalive", NULL, test_keepalive);
  add ("no-keepalive", NULL, test_no_keepalive);
  add ("dead-peer", NULL, test_dead_peer);
  add ("dead-peer-reconnects", NULL, test_dead_peer_reconnects);
  add ("quiet-peer", NULL, test_quiet_peer);
  add ("no-ping-after-close", NULL, test_no_ping_after_close);
  add ("many-pings", NULL, test_many_pings);
  add ("ping-flood", NULL, test_ping_flood);
  add ("full-queue", NULL, test_full_queue);
  add ("handlers/close", close_cb, test_handlers);
  add ("handlers/drop", drop_cb, test_handlers);
  add ("handlers/iterate", iterate_cb, test_handlers);
  add ("handlers/cut", cut_cb, test_handlers);
  add ("drop", NULL, test_drop);
  add ("cancel", NULL, test_cancel);
  for (guint i = 0; i < G_N_ELEMENTS (bad_frames); i++)
    {
      g_autofree char *path = g_strconcat ("/web-socket/frames/", bad_frames[i].name, NULL);

      g_test_add (path, Fixture, &bad_frames[i], set_up, test_bad_frames, tear_down);
    }

  return g_test_run ();
}
