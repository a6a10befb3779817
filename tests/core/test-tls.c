/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connections over TLS to a server that supports HTTP/1.1 only.  A client opens a few at first, and
 * more if requests have to wait. */

#include "tls-server.h"

#include <string.h>

#define COMPLETION "{\"id\":\"c\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}"

/* The number of requests that a client sends at first. */
#define FIRST 4

typedef struct
{
  TlsServer server;
  OaiClient *client;
  OaiChatEndpoint *chat;
  OaiChatRequest *request;
  GMutex lock;
  guint hold;            /* replies are sent when so many requests have arrived */
  GPtrArray *held;       /* of SoupServerMessage, in the thread of the server */
  GHashTable *ports;     /* of clients */
  guint n_requests;
  guint left;            /* calls that have not ended */
} Fixture;

static void
answer (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Fixture *self = user_data;
  GSocketAddress *address = soup_server_message_get_remote_address (message);
  guint port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  guint hold;

  g_mutex_lock (&self->lock);
  g_hash_table_add (self->ports, GUINT_TO_POINTER (port));
  self->n_requests++;
  hold = self->hold;
  g_mutex_unlock (&self->lock);

  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, COMPLETION, strlen (COMPLETION));
  soup_server_message_pause (message);
  g_ptr_array_add (self->held, g_object_ref (message));
  if (self->held->len < hold)
    return;

  for (guint i = 0; i < self->held->len; i++)
    soup_server_message_unpause (g_ptr_array_index (self->held, i));
  g_ptr_array_set_size (self->held, 0);
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  g_mutex_init (&self->lock);
  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  self->ports = g_hash_table_new (NULL, NULL);
  tls_server_start (&self->server, answer, self);
  self->client = tls_server_new_client (self->server.url, NULL);
  self->chat = oai_chat_endpoint_new (self->client);
  self->request = oai_chat_request_new ("gpt-4o");
  oai_chat_request_add_user_message (self->request, "Hello");
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  g_clear_object (&self->request);
  g_clear_object (&self->chat);
  g_clear_object (&self->client);
  tls_server_stop (&self->server);
  g_ptr_array_unref (self->held);
  g_hash_table_unref (self->ports);
  g_mutex_clear (&self->lock);
}

static void
set_hold (Fixture *self, guint hold)
{
  g_mutex_lock (&self->lock);
  self->hold = hold;
  g_mutex_unlock (&self->lock);
}

static guint
count_requests (Fixture *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n_requests;
  g_mutex_unlock (&self->lock);

  return n;
}

static guint
count_connections (Fixture *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = g_hash_table_size (self->ports);
  g_mutex_unlock (&self->lock);

  return n;
}

static void
completed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatCompletion) completion = oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (source), result, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (completion), ==, "Hi");
  self->left--;
}

static void
start_completions (Fixture *self, guint n)
{
  self->left += n;
  for (guint i = 0; i < n; i++)
    oai_chat_endpoint_create_async (self->chat, self->request, NULL, completed_cb, self);
}

static void
run_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) completion = oai_stream_run_finish (OAI_STREAM (source), result, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (completion)), ==, "Hi");
  self->left--;
}

static void
start_streams (Fixture *self, guint n)
{
  self->left += n;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(OaiChatStream) stream = oai_chat_endpoint_create_stream (self->chat, self->request);

      oai_stream_run_async (OAI_STREAM (stream), NULL, run_cb, self);
    }
}

static void
wait_for_all (Fixture *self)
{
  while (self->left > 0)
    g_main_context_iteration (NULL, TRUE);
}

/* The server replies only when all requests have arrived, so none may wait for another one. */
static void
test_slow_completions (Fixture *self, gconstpointer user_data)
{
  set_hold (self, 6 * FIRST);
  start_completions (self, 6 * FIRST);
  wait_for_all (self);
  g_assert_cmpuint (count_connections (self), ==, 6 * FIRST);

  /* They are used again. */
  set_hold (self, FIRST);
  start_completions (self, FIRST);
  wait_for_all (self);
  g_assert_cmpuint (count_connections (self), ==, 6 * FIRST);
}

static void
test_slow_streams (Fixture *self, gconstpointer user_data)
{
  set_hold (self, 6 * FIRST);
  start_streams (self, 6 * FIRST);
  wait_for_all (self);
  g_assert_cmpuint (count_connections (self), ==, 6 * FIRST);
}

static void
test_reuse (Fixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 10; i++)
    {
      start_completions (self, 1);
      wait_for_all (self);
    }
  g_assert_cmpuint (count_connections (self), ==, 1);
}

/* Calls that wait for a connection are cancelled, and streams are closed and dropped. */
static void
test_end_while_waiting (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) cancelled = NULL;
  g_autoptr(GAsyncResult) closed = NULL;
  g_autoptr(OaiChatCompletion) completion = NULL;
  g_autoptr(OaiChatStream) stream = oai_chat_endpoint_create_stream (self->chat, self->request);
  g_autoptr(OaiRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  set_hold (self, 2 * FIRST);
  start_completions (self, FIRST);
  oai_chat_endpoint_create_async (self->chat, self->request, cancellable, tls_server_store_result, &cancelled);
  g_cancellable_cancel (cancellable);
  start_streams (self, FIRST);
  oai_stream_run_async (OAI_STREAM (stream), NULL, tls_server_store_result, &closed);
  oai_stream_close (OAI_STREAM (stream));

  completion = oai_chat_endpoint_create_finish (self->chat, tls_server_wait_for (&cancelled), &error);
  g_assert_null (completion);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  record = oai_stream_run_finish (OAI_STREAM (stream), tls_server_wait_for (&closed), &error);
  g_assert_null (record);
  g_assert_nonnull (error);

  wait_for_all (self);
  g_assert_cmpuint (count_requests (self), ==, 2 * FIRST);
}

static void
count_failure_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (source), result, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  self->left--;
}

static void
test_no_server (Fixture *self, gconstpointer user_data)
{
  g_autoptr(OaiClient) client = tls_server_new_client ("https://127.0.0.1:1/v1", NULL);
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);

  oai_settings_set_max_retries (oai_client_get_settings (client), 0);
  self->left = 6 * FIRST;
  for (guint i = 0; i < 6 * FIRST; i++)
    oai_chat_endpoint_create_async (chat, self->request, NULL, count_failure_cb, self);
  wait_for_all (self);
}

/* Connections do not keep the certificates of all authorities. */

static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, guint *n_checked)
{
  if (event != G_SOCKET_CLIENT_COMPLETE)
    return;

  g_assert_cmpint (g_tls_connection_get_peer_certificate_errors (G_TLS_CONNECTION (connection)), ==, 0);
  g_assert_null (g_tls_connection_get_database (G_TLS_CONNECTION (connection)));
  (*n_checked)++;
}

static void
on_request_queued (SoupSession *session, SoupMessage *message, guint *n_checked)
{
  g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), n_checked);
}

static void
test_authorities (Fixture *self, gconstpointer user_data)
{
  g_autoptr(SoupSession) session = soup_session_new ();
  g_autoptr(OaiClient) client = tls_server_new_client (self->server.url, session);
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
  guint n_checked = 0;

  g_signal_connect (session, "request-queued", G_CALLBACK (on_request_queued), &n_checked);
  for (guint i = 0; i < 2; i++)
    {
      self->left = 1;
      oai_chat_endpoint_create_async (chat, self->request, NULL, completed_cb, self);
      wait_for_all (self);
    }
  g_assert_cmpuint (n_checked, ==, 1);
  g_assert_cmpuint (count_connections (self), ==, 1);
}

/* WebSocket connections */

static void
echo_cb (SoupWebsocketConnection *connection, SoupWebsocketDataType type, GBytes *message, gpointer user_data)
{
  soup_websocket_connection_send_message (connection, type, message);
}

static void
connected_cb (SoupServer *server, SoupServerMessage *message, const char *path, SoupWebsocketConnection *connection, gpointer user_data)
{
  g_signal_connect (connection, "message", G_CALLBACK (echo_cb), NULL);
  g_signal_connect (g_object_ref (connection), "closed", G_CALLBACK (g_object_unref), NULL);
}

static void
event_cb (OaiWebSocket *socket, OaiRecord *event, OaiRecord **received)
{
  *received = g_object_ref (event);
}

static void
test_web_socket (Fixture *self, gconstpointer user_data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (self->client);
  g_autoptr(OaiResponsesSocket) socket = oai_responses_endpoint_create_socket (responses);
  g_autoptr(OaiRecord) received = NULL;
  g_autoptr(GAsyncResult) closed = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *url = oai_web_socket_dup_url (OAI_WEB_SOCKET (socket));

  g_assert_true (g_str_has_prefix (url, "wss://"));
  soup_server_add_websocket_handler (self->server.server, "/v1/responses", NULL, NULL, connected_cb, NULL, NULL);
  g_signal_connect (socket, "event::hello", G_CALLBACK (event_cb), &received);
  g_assert_true (oai_web_socket_send_text (OAI_WEB_SOCKET (socket), "{\"type\":\"hello\"}", &error));
  while (received == NULL)
    g_main_context_iteration (NULL, TRUE);
  oai_web_socket_close_async (OAI_WEB_SOCKET (socket), 0, NULL, NULL, tls_server_store_result, &closed);
  g_assert_true (oai_web_socket_close_finish (OAI_WEB_SOCKET (socket), tls_server_wait_for (&closed), &error));
  g_assert_no_error (error);
}

#define add(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_autoptr(GTlsDatabase) database = NULL;

  g_test_init (&argc, &argv, NULL);
  database = tls_server_new_database ();
  /* Instead of the certificates of the system, in this process. */
  g_tls_backend_set_default_database (g_tls_backend_get_default (), database);

  add ("/tls/slow-completions-do-not-wait-for-each-other", test_slow_completions);
  add ("/tls/slow-streams-do-not-wait-for-each-other", test_slow_streams);
  add ("/tls/sequential-calls-share-a-connection", test_reuse);
  add ("/tls/calls-end-while-they-wait", test_end_while_waiting);
  add ("/tls/calls-without-a-server-fail", test_no_server);
  add ("/tls/connections-do-not-keep-authorities", test_authorities);
  add ("/tls/web-socket", test_web_socket);

  return g_test_run ();
}
