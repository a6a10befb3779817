/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* WebSocket connections to a server in the process, and the queue of messages. */

#include "driver.h"

#include <string.h>
#include <sys/socket.h>

#include "../core/soup-listener.h"
#include "oai-auth.h"
#include "oai-responses-endpoint.h"
#include "oai-send-queue-private.h"
#include "oai-settings.h"

#define TIMEOUT (10 * G_USEC_PER_SEC)

static JsonArray *
input_array (DriverCase *self, JsonParser *parser)
{
  if (json_parser_load_from_data (parser, driver_input_text (self), -1, NULL) && JSON_NODE_HOLDS_ARRAY (json_parser_get_root (parser)))
    return json_node_get_array (json_parser_get_root (parser));

  driver_report_unknown (self, "the input is not a list");

  return NULL;
}

static JsonArray *
ensure_list (JsonObject *object, const char *name)
{
  if (!json_object_has_member (object, name))
    json_object_set_array_member (object, name, json_array_new ());

  return json_object_get_array_member (object, name);
}

/* The queue */

typedef struct
{
  JsonArray *sent;
  guint fail_at; /* the number of the message that cannot be sent, from 1; or 0 */
} Flush;

static void
add_bytes (JsonArray *list, GBytes *data)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (data, NULL), g_bytes_get_size (data));

  json_array_add_string_element (list, text);
}

static gboolean
flush_cb (const OaiSocketMessage *message, gpointer user_data, GError **error)
{
  Flush *flush = user_data;

  if (json_array_get_length (flush->sent) + 1 == flush->fail_at)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "send failed");
      return FALSE;
    }
  add_bytes (flush->sent, message->data);

  return TRUE;
}

static void
play_flush (DriverCase *self, OaiSendQueue *queue, guint fail_at)
{
  g_autoptr(GError) error = NULL;
  Flush flush = { ensure_list (self->out, "sent"), fail_at };

  if (!oai_send_queue_flush (queue, flush_cb, &flush, &error))
    json_object_set_string_member (self->out, "flush_error", error->message);
}

static void
play_drain (DriverCase *self, OaiSendQueue *queue)
{
  JsonArray *list = ensure_list (self->out, json_object_has_member (self->out, "drained") ? "second_drain" : "drained");
  g_autoptr(GPtrArray) drained = oai_send_queue_drain (queue);

  for (guint i = 0; i < drained->len; i++)
    add_bytes (list, g_ptr_array_index (drained, i));
}

static void
play_queue_step (DriverCase *self, OaiSendQueue *queue, JsonArray *step)
{
  const char *name = json_array_get_string_element (step, 0);
  JsonNode *argument = json_array_get_length (step) > 1 ? json_array_get_element (step, 1) : NULL;
  g_autofree char *text = NULL;
  g_autoptr(GBytes) data = NULL;

  if (g_str_equal (name, "new"))
    oai_send_queue_init (queue, JSON_NODE_HOLDS_NULL (argument) ? 1024 * 1024 : json_node_get_int (argument));
  else if (g_str_equal (name, "flush"))
    play_flush (self, queue, 0);
  else if (g_str_equal (name, "flush_failing_at"))
    play_flush (self, queue, json_node_get_int (argument));
  else if (g_str_equal (name, "drain"))
    play_drain (self, queue);
  else if (g_str_equal (name, "len"))
    json_array_add_int_element (ensure_list (self->out, "lengths"), queue->messages.length);
  else if (g_str_has_prefix (name, "enqueue"))
    {
      text = g_str_equal (name, "enqueue") ? driver_node_to_text (argument) : g_strdup (json_node_get_string (argument));
      data = g_bytes_new (text, strlen (text));
      json_array_add_boolean_element (ensure_list (self->out, "results"), oai_send_queue_push (queue, 1, data, TRUE, NULL));
    }
  else
    driver_report_unknown (self, "step %s", name);
}

static void
play_send_queue (DriverCase *self)
{
  g_autoptr(JsonParser) parser = json_parser_new ();
  JsonArray *steps = input_array (self, parser);
  OaiSendQueue queue;

  oai_send_queue_init (&queue, 0);
  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    play_queue_step (self, &queue, json_array_get_array_element (steps, i));
  oai_send_queue_clear (&queue);
}

/* The server and the client */

typedef struct
{
  DriverCase *self;
  GMainContext *context;
  SoupServer *server;
  OaiSettings *settings;
  OaiResponsesEndpoint *responses;
  OaiWebSocket *socket;
  SoupWebsocketConnection *connection; /* the newest one of the server */
  guint n_connections;
  guint n_handshakes;
  const char *location;                /* of a redirect for the first handshake, or NULL */
  JsonObject *reconnect;               /* what the handler of "reconnecting" does, or NULL */
  gboolean foreign_credentials;
} Session;

static gboolean
wait_for (Session *session, gboolean (*condition) (Session *session))
{
  gint64 deadline = g_get_monotonic_time () + TIMEOUT;

  while (!condition (session) && g_get_monotonic_time () < deadline)
    if (!g_main_context_iteration (session->context, FALSE))
      g_usleep (200);

  return condition (session);
}

/* Lets everything happen that has been caused. */
static void
settle (Session *session)
{
  gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 20;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (session->context, FALSE))
      g_usleep (200);
}

static gboolean
is_open (Session *session)
{
  return session->connection != NULL && oai_web_socket_get_state (session->socket) == OAI_WEB_SOCKET_STATE_OPEN;
}

static gboolean
is_over (Session *session)
{
  return oai_web_socket_get_state (session->socket) == OAI_WEB_SOCKET_STATE_CLOSED;
}

static gboolean
is_open_or_over (Session *session)
{
  return is_open (session) || is_over (session);
}

static void
add_frame (JsonArray *list, GBytes *data, gboolean is_text)
{
  gsize length;
  gconstpointer bytes = g_bytes_get_data (data, &length);
  g_autofree char *base64 = NULL;
  JsonObject *binary;

  if (is_text)
    {
      add_bytes (list, data);
      return;
    }

  binary = json_object_new ();
  base64 = g_base64_encode (bytes, length);
  json_object_set_string_member (binary, "binary", base64);
  json_array_add_object_element (list, binary);
}

static void
server_message_cb (SoupWebsocketConnection *connection, SoupWebsocketDataType type, GBytes *message, Session *session)
{
  add_frame (ensure_list (session->self->out, session->n_connections > 1 ? "frames_second" : "frames"), message, type == SOUP_WEBSOCKET_DATA_TEXT);
}

static void
server_closed_cb (SoupWebsocketConnection *connection, Session *session)
{
  JsonArray *frame = json_array_new ();
  const char *reason = soup_websocket_connection_get_close_data (connection);

  json_array_add_int_element (frame, soup_websocket_connection_get_close_code (connection));
  json_array_add_string_element (frame, reason != NULL ? reason : "");
  json_array_add_array_element (ensure_list (session->self->out, "close_frames"), frame);
}

static void
connected_cb (SoupServer *server, SoupServerMessage *message, const char *path, SoupWebsocketConnection *connection, gpointer user_data)
{
  Session *session = user_data;

  g_set_object (&session->connection, connection);
  session->n_connections++;
  g_signal_connect (connection, "message", G_CALLBACK (server_message_cb), session);
  g_signal_connect (connection, "closed", G_CALLBACK (server_closed_cb), session);
}

static void
note_handshake (Session *session, SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  g_autofree char *url = g_uri_to_string (soup_server_message_get_uri (message));
  const char *authorization = soup_message_headers_get_one (headers, "Authorization");
  JsonObject *handshake = json_object_new ();

  json_object_set_string_member (handshake, "url", url);
  if (authorization != NULL)
    json_object_set_string_member (handshake, "authorization", authorization);
  json_array_add_object_element (ensure_list (session->self->out, "handshakes"), handshake);
}

static void
handshake_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Session *session = user_data;

  session->n_handshakes++;
  note_handshake (session, message);
  if (server != session->server && soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Authorization") != NULL)
    session->foreign_credentials = TRUE;
  if (server != session->server || session->location == NULL)
    return;

  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Location", session->location);
  soup_server_message_set_status (message, 302, NULL);
  session->location = NULL;
}

static SoupServer *
start_server (Session *session)
{
  SoupServer *server = soup_server_new (NULL, NULL);

  soup_server_add_early_handler (server, "/", handshake_cb, session, NULL);
  soup_server_add_websocket_handler (server, "/", NULL, NULL, connected_cb, session, NULL);
  soup_listener_start (server, 0);

  return server;
}

/* Signals of the socket */

static JsonObject *
add_item (Session *session, const char *type)
{
  JsonObject *item = json_object_new ();

  json_object_set_string_member (item, "type", type);
  json_array_add_object_element (ensure_list (session->self->out, "iterator"), item);

  return item;
}

static void
event_cb (OaiWebSocket *socket, OaiRecord *event, Session *session)
{
  g_autofree char *json = oai_record_to_json (event);
  g_autoptr(JsonParser) parser = json_parser_new ();

  json_parser_load_from_data (parser, json, -1, NULL);
  json_array_add_element (ensure_list (session->self->out, "event"), json_node_copy (json_parser_get_root (parser)));
  json_object_set_member (add_item (session, "message"), "message", json_node_copy (json_parser_get_root (parser)));
}

static void
raw_cb (OaiWebSocket *socket, GBytes *data, gboolean is_text, Session *session)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (data, NULL), g_bytes_get_size (data));

  add_frame (ensure_list (session->self->out, "raw"), data, is_text);
  json_object_set_string_member (add_item (session, "raw"), "data", is_text ? text : "");
}

static void
note_error (Session *session, const GError *error)
{
  json_array_add_string_element (ensure_list (session->self->out, "errors"), error->message);
}

static void
error_cb (OaiWebSocket *socket, GError *error, Session *session)
{
  note_error (session, error);
  json_object_set_string_member (add_item (session, "error"), "message", error->message);
}

static void
reconnecting_cb (OaiWebSocket *socket, guint attempt, guint max, guint code, Session *session)
{
  JsonObject *call = json_object_new ();
  JsonObject *returns = driver_get_object (session->reconnect, "on_reconnecting_returns");
  JsonObject *parameters = driver_get_object (returns, "parameters");
  g_autoptr(GList) names = parameters != NULL ? json_object_get_members (parameters) : NULL;

  json_object_set_int_member (call, "attempt", attempt);
  json_object_set_int_member (call, "max_attempts", max);
  json_object_set_int_member (call, "close_code", code);
  json_object_set_object_member (session->self->out, "on_reconnecting", call);
  json_object_set_int_member (session->self->out, "on_reconnecting_calls", driver_get_int (session->self->out, "on_reconnecting_calls", 0) + 1);
  for (GList *link = names; link != NULL; link = link->next)
    oai_web_socket_set_query_parameter (socket, link->data, json_object_get_string_member (parameters, link->data));
  if (driver_get_string (session->reconnect, "on_reconnecting_error") != NULL)
    oai_web_socket_refuse_reconnect (socket, "onReconnecting callback threw");
  else if (returns != NULL && json_object_has_member (returns, "abort") && json_object_get_boolean_member (returns, "abort"))
    oai_web_socket_refuse_reconnect (socket, "reconnect aborted by handler");
}

static void
reconnected_cb (OaiWebSocket *socket, Session *session)
{
  json_object_set_int_member (session->self->out, "reconnected", driver_get_int (session->self->out, "reconnected", 0) + 1);
}

static void
closed_cb (OaiWebSocket *socket, guint code, const char *reason, Session *session)
{
  g_autoptr(GPtrArray) unsent = oai_web_socket_dup_unsent_messages (socket);
  JsonArray *closed = json_array_new ();
  JsonArray *messages = json_array_new ();
  JsonObject *item = add_item (session, "close");

  for (guint i = 0; i < unsent->len; i++)
    add_bytes (messages, g_ptr_array_index (unsent, i));
  json_array_add_int_element (closed, code);
  json_array_add_string_element (closed, reason);
  json_array_add_array_element (closed, json_array_ref (messages));
  json_array_add_array_element (ensure_list (session->self->out, "closed"), closed);
  json_object_set_int_member (item, "code", code);
  json_object_set_string_member (item, "reason", reason);
  json_object_set_array_member (item, "unsent", messages);
}

static void
make_socket (Session *session)
{
  g_clear_object (&session->socket);
  session->socket = OAI_WEB_SOCKET (oai_responses_endpoint_create_socket (session->responses));
  g_signal_connect (session->socket, "event", G_CALLBACK (event_cb), session);
  g_signal_connect (session->socket, "raw", G_CALLBACK (raw_cb), session);
  g_signal_connect (session->socket, "error", G_CALLBACK (error_cb), session);
  g_signal_connect (session->socket, "reconnecting", G_CALLBACK (reconnecting_cb), session);
  g_signal_connect (session->socket, "reconnected", G_CALLBACK (reconnected_cb), session);
  g_signal_connect (session->socket, "closed", G_CALLBACK (closed_cb), session);
  add_item (session, "connecting");
}

static void
connect_socket (Session *session)
{
  if (oai_web_socket_get_state (session->socket) == OAI_WEB_SOCKET_STATE_NEW)
    oai_web_socket_connect_async (session->socket, NULL, NULL, NULL);
  wait_for (session, is_open_or_over);
}

static gboolean
begin_session (Session *session, DriverCase *self)
{
  g_autoptr(OaiAuth) auth = oai_auth_new (driver_get_string (self->options, "api_key"));
  g_autoptr(OaiClient) client = NULL;
  g_autofree char *base = NULL;

  session->self = self;
  session->server = start_server (session);
  base = g_strdup_printf ("http://127.0.0.1:%u/v1", soup_listener_get_port (session->server));
  session->settings = oai_settings_new_for_base_url (base, NULL);
  oai_settings_set_max_retries (session->settings, 0);
  client = oai_client_new (auth, session->settings);
  session->responses = oai_responses_endpoint_new (client);
  make_socket (session);

  return TRUE;
}

static void
end_session (Session *session)
{
  g_clear_object (&session->socket);
  settle (session);
  json_object_set_int_member (session->self->out, "n_connections", session->n_connections);
  json_object_set_int_member (session->self->out, "n_handshakes", session->n_handshakes);
  if (session->connection != NULL)
    g_signal_handlers_disconnect_by_data (session->connection, session);
  g_clear_object (&session->connection);
  g_clear_object (&session->responses);
  g_clear_object (&session->settings);
  soup_server_disconnect (session->server);
  g_clear_object (&session->server);
}

/* The steps of a script */

static void
note_result (Session *session, gboolean sent, GError *error)
{
  if (!sent)
    note_error (session, error);
  g_clear_error (&error);
}

static void
step_send (Session *session, JsonArray *step)
{
  g_autofree char *text = driver_node_to_text (json_array_get_element (step, 1));
  GError *error = NULL;
  gboolean sent = oai_web_socket_send_text (session->socket, text, &error);

  note_result (session, sent, error);
}

static void
step_send_raw (Session *session, JsonArray *step)
{
  GError *error = NULL;
  gboolean sent = oai_web_socket_send_text (session->socket, json_array_get_string_element (step, 1), &error);

  note_result (session, sent, error);
}

static void
step_send_chunks (Session *session, JsonArray *step)
{
  JsonArray *chunks = json_array_get_array_element (step, 1);
  g_autoptr(GByteArray) data = g_byte_array_new ();
  g_autoptr(GBytes) bytes = NULL;
  GError *error = NULL;
  gboolean sent;

  for (guint i = 0; i < json_array_get_length (chunks); i++)
    {
      gsize length;
      g_autofree guchar *chunk = g_base64_decode (json_array_get_string_element (chunks, i), &length);

      g_byte_array_append (data, chunk, length);
    }
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&data));
  sent = oai_web_socket_send_bytes (session->socket, bytes, &error);
  note_result (session, sent, error);
}

static void
step_options (Session *session, JsonArray *step)
{
  JsonObject *options = json_array_get_object_element (step, 1);

  if (json_object_has_member (options, "max_queue_size"))
    oai_web_socket_set_max_queue_size (session->socket, driver_get_int (options, "max_queue_size", 0));
  session->reconnect = driver_get_object (options, "reconnect");
  if (session->reconnect == NULL)
    return;

  oai_web_socket_set_max_reconnects (session->socket, driver_get_int (session->reconnect, "max_retries", 5));
  oai_web_socket_set_reconnect_delay_ms (session->socket, driver_get_int (session->reconnect, "initial_delay", 1));
}

static void
step_open (Session *session, JsonArray *step)
{
  if (session->n_connections == 0)
    json_object_set_array_member (session->self->out, "frames_before_open", json_array_new ());
  connect_socket (session);
  if (is_open (session))
    add_item (session, "open");
}

static void
step_receive (Session *session, JsonArray *step)
{
  connect_socket (session);
  soup_websocket_connection_send_text (session->connection, json_array_get_string_element (step, 1));
  settle (session);
}

static void
step_receive_binary (Session *session, JsonArray *step)
{
  gsize length;
  g_autofree guchar *data = g_base64_decode (json_array_get_string_element (step, 1), &length);

  connect_socket (session);
  soup_websocket_connection_send_binary (session->connection, data, length);
  settle (session);
}

/* reset: the program gets an error when it reads, and not the end of the stream. */
static void
cut (Session *session, gboolean reset)
{
  connect_socket (session);
  if (reset)
    {
      struct linger discard = { 1, 0 };
      GIOStream *stream = soup_websocket_connection_get_io_stream (session->connection);
      g_autoptr(GIOStream) base = NULL;

      if (g_object_class_find_property (G_OBJECT_GET_CLASS (stream), "base-iostream") != NULL)
        g_object_get (stream, "base-iostream", &base, NULL);
      setsockopt (g_socket_get_fd (g_socket_connection_get_socket (G_SOCKET_CONNECTION (base != NULL ? base : stream))), SOL_SOCKET, SO_LINGER,
                  &discard, sizeof discard);
    }
  g_io_stream_close (soup_websocket_connection_get_io_stream (session->connection), NULL, NULL);
  g_clear_object (&session->connection);
}

static gboolean
has_lost (Session *session)
{
  return oai_web_socket_get_state (session->socket) != OAI_WEB_SOCKET_STATE_OPEN;
}

/* The script of a socket that fails continues with a connection, so it is opened again. */
static void
step_socket_error (Session *session, JsonArray *step)
{
  oai_web_socket_set_max_reconnects (session->socket, 1);
  oai_web_socket_set_reconnect_delay_ms (session->socket, 0);
  cut (session, TRUE);
  wait_for (session, has_lost);
}

static void
step_remote_close (Session *session, JsonArray *step)
{
  guint code = json_array_get_length (step) > 1 ? json_array_get_int_element (step, 1) : 1000;

  if (code == 1006)
    {
      cut (session, FALSE);
      wait_for (session, has_lost);
      return;
    }

  connect_socket (session);
  soup_websocket_connection_close (session->connection, code, json_array_get_length (step) > 2 ? json_array_get_string_element (step, 2) : NULL);
  wait_for (session, is_over);
}

static void
step_close (Session *session, JsonArray *step)
{
  if (is_over (session))
    make_socket (session);
  connect_socket (session);
  if (json_array_get_length (step) > 1)
    oai_web_socket_close (session->socket, json_array_get_int_element (step, 1), json_array_get_string_element (step, 2));
  else
    oai_web_socket_close (session->socket, 0, NULL);
  wait_for (session, is_over);
  settle (session);
}

static gboolean
has_two (Session *session)
{
  return session->n_connections >= 2;
}

static void
step_wait_connection (Session *session, JsonArray *step)
{
  wait_for (session, has_two);
}

static const struct
{
  const char *name;
  void (*func) (Session *session, JsonArray *step);
} steps_table[] = {
  { "options", step_options },
  { "send", step_send },
  { "send_raw", step_send_raw },
  { "send_raw_chunks_b64", step_send_chunks },
  { "open", step_open },
  { "recv", step_receive },
  { "recv_binary_b64", step_receive_binary },
  { "socket_error", step_socket_error },
  { "remote_close", step_remote_close },
  { "remote_closed", step_remote_close },
  { "close", step_close },
  { "wait_connection", step_wait_connection },
};

static void
play_step (Session *session, JsonArray *step)
{
  const char *name = json_array_get_string_element (step, 0);

  for (guint i = 0; i < G_N_ELEMENTS (steps_table); i++)
    if (g_str_equal (steps_table[i].name, name))
      {
        steps_table[i].func (session, step);
        return;
      }

  driver_report_unknown (session->self, "step %s", name);
}

/* The URL for the base URL of the fixture. */
static void
note_url (DriverCase *self)
{
  const char *base = driver_get_string (self->options, "base_url");
  g_autoptr(OaiSettings) settings = oai_settings_new_for_base_url (base, NULL);
  g_autoptr(OaiClient) client = oai_client_new (NULL, settings);
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (client);
  g_autoptr(OaiResponsesSocket) socket = oai_responses_endpoint_create_socket (responses);
  g_autofree char *url = oai_web_socket_dup_url (OAI_WEB_SOCKET (socket));

  json_object_set_string_member (self->out, "url", url);
}

static void
play_socket (DriverCase *self)
{
  g_autoptr(JsonParser) parser = json_parser_new ();
  JsonArray *steps = input_array (self, parser);
  Session session = { 0 };

  if (steps == NULL)
    return;

  note_url (self);
  begin_session (&session, self);
  for (guint i = 0; i < json_array_get_length (steps); i++)
    play_step (&session, json_array_get_array_element (steps, i));
  if (session.n_handshakes == 0)
    connect_socket (&session);
  settle (&session);
  end_session (&session);
}

/* Redirects: each origin of the fixture is a server of its own. */

static void
play_socket_redirect (DriverCase *self)
{
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autofree char *location = NULL;
  Session session = { 0 };
  SoupServer *other;
  JsonObject *input;
  const char *target;

  json_parser_load_from_data (parser, driver_input_text (self), -1, NULL);
  input = json_node_get_object (json_parser_get_root (parser));
  target = driver_get_string (input, "location");
  json_object_set_string_member (self->options, "api_key", "sk-test");
  begin_session (&session, self);
  other = start_server (&session);
  if (target != NULL && strstr (target, "://") != NULL)
    {
      const char *path = strchr (strstr (target, "://") + 3, '/');
      gboolean same = g_str_has_prefix (target, driver_get_string (input, "base")) && target[strlen (driver_get_string (input, "base"))] != ':';

      location = g_strdup_printf ("ws://127.0.0.1:%u%s", soup_listener_get_port (same ? session.server : other), path != NULL ? path : "/");
    }
  else
    {
      location = g_strdup (target);
    }
  session.location = location;
  oai_web_socket_send_text (session.socket, "first", NULL);
  wait_for (&session, is_open_or_over);
  settle (&session);
  json_object_set_boolean_member (self->out, "connects", is_open (&session));
  json_object_set_boolean_member (self->out, "credentials_only_to_origin", !session.foreign_credentials);
  json_object_set_boolean_member (self->out, "first_message_sent", json_object_has_member (self->out, "frames"));
  soup_server_disconnect (other);
  g_object_unref (other);
  end_session (&session);
}

const DriverEntry driver_socket_table[] = {
  { "send_queue", play_send_queue },
  { "socket", play_socket },
  { "socket_redirect", play_socket_redirect },
  { NULL, NULL }
};
