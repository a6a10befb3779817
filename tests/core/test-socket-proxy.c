/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* WebSocket connections through an HTTP proxy. Without TLS, the proxy gets the request itself; with TLS it
 * gets a CONNECT, and must not see the credentials of the API. */

#include "soup-listener.h"
#include "tls-server.h"

#include <string.h>

#define KEY "sk-test" /* of tls_server_new_client */
#define USER "user"
#define PASSWORD "secretpass"
#define RESPONSE "{\"id\":\"resp_1\",\"object\":\"response\",\"model\":\"m\",\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"id\":\"msg\"," \
                 "\"role\":\"assistant\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\",\"annotations\":[]}]}]}"

typedef enum
{
  CREDENTIALS_IN_ADDRESS,
  CREDENTIALS_BY_SIGNAL,
  CREDENTIALS_WRONG,
  CREDENTIALS_NONE,
} Credentials;

typedef struct
{
  const char *name;
  gboolean tls;
  gboolean open;           /* the proxy requires no credentials */
  Credentials credentials;
  const char *refusal;     /* what the proxy replies to each request; "" if it closes the connection */
  int code;                /* of the expected error, or -1 */
  const char *text;        /* part of its message, or NULL */
} ProxyCase;

typedef struct
{
  const ProxyCase *test;
  GMutex lock;
  TlsServer tls;
  SoupServer *plain;
  guint16 port;            /* of the server that is used */
  int n_open;              /* connections of the server; atomic */
  char *authorization;     /* of the newest handshake at the server */
  gboolean leaked;         /* the server got the credentials for the proxy */
  GSocketService *proxy;
  GPtrArray *heads;        /* what the proxy received */
  SoupSession *session;
  OaiClient *client;
  OaiResponsesEndpoint *responses;
  OaiWebSocket *socket;
  guint n_authenticated;
} Fixture;

/* The server */

static void
message_cb (SoupWebsocketConnection *connection, SoupWebsocketDataType type, GBytes *message, gpointer user_data)
{
  soup_websocket_connection_send_text (connection, "{\"type\":\"response.created\",\"response\":" RESPONSE "}");
  soup_websocket_connection_send_text (connection, "{\"type\":\"response.completed\",\"response\":" RESPONSE "}");
}

static void
closed_cb (SoupWebsocketConnection *connection, Fixture *self)
{
  g_atomic_int_add (&self->n_open, -1);
  g_object_unref (connection);
}

static void
connected_cb (SoupServer *server, SoupServerMessage *message, const char *path, SoupWebsocketConnection *connection, gpointer user_data)
{
  Fixture *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  g_mutex_lock (&self->lock);
  g_free (self->authorization);
  self->authorization = g_strdup (soup_message_headers_get_one (headers, "Authorization"));
  self->leaked = soup_message_headers_get_one (headers, "Proxy-Authorization") != NULL;
  g_mutex_unlock (&self->lock);
  g_atomic_int_inc (&self->n_open);
  soup_websocket_connection_set_keepalive_interval (connection, 1);
  g_signal_connect (connection, "message", G_CALLBACK (message_cb), NULL);
  g_signal_connect (g_object_ref (connection), "closed", G_CALLBACK (closed_cb), self);
}

static guint16
get_port (const char *url)
{
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);

  return (guint16) g_uri_get_port (uri);
}

static void
start_server (Fixture *self, gboolean tls)
{
  if (tls)
    {
      self->tls.connected = connected_cb;
      tls_server_start (&self->tls, NULL, self);
      self->port = get_port (self->tls.url);
      return;
    }

  self->plain = soup_server_new (NULL, NULL);
  soup_server_add_websocket_handler (self->plain, NULL, NULL, NULL, connected_cb, self, NULL);
  self->port = soup_listener_start (self->plain, 0);
}

/* The proxy, whose connections are handled in threads. */

static char *
read_head (GInputStream *input)
{
  GString *head = g_string_new (NULL);
  char byte;

  while (!g_str_has_suffix (head->str, "\r\n\r\n") && g_input_stream_read (input, &byte, 1, NULL, NULL) == 1)
    g_string_append_c (head, byte);

  return g_string_free (head, FALSE);
}

static gboolean
is_authorized (const char *head)
{
  g_autofree char *credentials = g_base64_encode ((const guchar *) USER ":" PASSWORD, strlen (USER ":" PASSWORD));
  g_autofree char *header = g_strdup_printf ("\r\nProxy-Authorization: Basic %s\r\n", credentials);

  return strstr (head, header) != NULL;
}

/* A proxy does not pass its own header on. */
static char *
remove_proxy_header (const char *head)
{
  g_auto(GStrv) lines = g_strsplit (head, "\r\n", -1);
  GString *rest = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    if (!g_str_has_prefix (lines[i], "Proxy-Authorization:"))
      g_string_append_printf (rest, "%s\r\n", lines[i]);
  g_string_append (rest, "\r\n");

  return g_string_free (rest, FALSE);
}

static void
write_text (GIOStream *stream, const char *text)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), text, strlen (text), NULL, NULL, NULL);
}

typedef struct
{
  GIOStream *from;
  GIOStream *to;
} Direction;

static gpointer
copy_thread (gpointer data)
{
  Direction *direction = data;
  GInputStream *input = g_io_stream_get_input_stream (direction->from);
  GOutputStream *output = g_io_stream_get_output_stream (direction->to);
  char buffer[4096];
  gssize n;

  while ((n = g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL)) > 0)
    if (!g_output_stream_write_all (output, buffer, (gsize) n, NULL, NULL, NULL))
      break;
  g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (direction->to)), FALSE, TRUE, NULL);

  return NULL;
}

static void
join (GIOStream *client, GIOStream *server)
{
  Direction there = { client, server };
  Direction back = { server, client };
  GThread *thread = g_thread_new ("proxy", copy_thread, &there);

  copy_thread (&back);
  g_thread_join (thread);
}

/* Each name is that of the server. */
static void
pass_on (Fixture *self, GIOStream *client, const char *head)
{
  g_autoptr(GSocketClient) connector = g_object_new (G_TYPE_SOCKET_CLIENT, "enable-proxy", FALSE, NULL);
  g_autoptr(GSocketConnection) server = g_socket_client_connect_to_host (connector, "127.0.0.1", self->port, NULL, NULL);
  g_autofree char *rest = remove_proxy_header (head);

  g_assert_nonnull (server);
  if (g_str_has_prefix (head, "CONNECT "))
    write_text (client, "HTTP/1.1 200 Connection established\r\n\r\n");
  else
    write_text (G_IO_STREAM (server), rest);
  join (client, G_IO_STREAM (server));
}

static gboolean
proxy_cb (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, Fixture *self)
{
  GIOStream *client = G_IO_STREAM (connection);
  g_autofree char *head = read_head (g_io_stream_get_input_stream (client));

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->heads, g_strdup (head));
  g_mutex_unlock (&self->lock);
  if (self->test->refusal != NULL)
    write_text (client, self->test->refusal);
  else if (!self->test->open && !is_authorized (head))
    write_text (client, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  else
    pass_on (self, client, head);

  return TRUE;
}

static guint
start_proxy (Fixture *self)
{
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr(GSocketAddress) bound = NULL;
  g_autoptr(GError) error = NULL;

  self->proxy = g_threaded_socket_service_new (8);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->proxy), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
  g_assert_no_error (error);
  g_signal_connect (self->proxy, "run", G_CALLBACK (proxy_cb), self);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

/* The program */

static gboolean
authenticate_cb (SoupMessage *message, SoupAuth *auth, gboolean retrying, Fixture *self)
{
  g_assert_true (soup_auth_is_for_proxy (auth));
  self->n_authenticated++;
  if (retrying)
    return FALSE;

  soup_auth_authenticate (auth, USER, PASSWORD);

  return TRUE;
}

static void
request_queued_cb (SoupSession *session, SoupMessage *message, Fixture *self)
{
  g_signal_connect (message, "authenticate", G_CALLBACK (authenticate_cb), self);
}

static SoupSession *
new_session (Fixture *self, guint proxy_port)
{
  Credentials credentials = self->test->credentials;
  const char *user = credentials == CREDENTIALS_IN_ADDRESS ? USER ":" PASSWORD "@" : credentials == CREDENTIALS_WRONG ? USER ":wrong@" : "";
  g_autofree char *address = g_strdup_printf ("http://%s127.0.0.1:%u", user, proxy_port);
  g_autoptr(GProxyResolver) resolver = g_simple_proxy_resolver_new (address, NULL);
  g_autoptr(GTlsDatabase) database = tls_server_new_database ();
  SoupSession *session = soup_session_new_with_options ("tls-database", database, "proxy-resolver", resolver, NULL);

  if (credentials == CREDENTIALS_BY_SIGNAL)
    g_signal_connect (session, "request-queued", G_CALLBACK (request_queued_cb), self);

  return session;
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  g_autofree char *url = NULL;

  self->test = user_data;
  g_mutex_init (&self->lock);
  self->heads = g_ptr_array_new_with_free_func (g_free);
  start_server (self, self->test->tls);
  self->session = new_session (self, start_proxy (self));
  url = g_strdup_printf ("%s://127.0.0.1:%u/v1", self->test->tls ? "https" : "http", self->port);
  self->client = tls_server_new_client (url, self->session);
  oai_settings_set_max_retries (oai_client_get_settings (self->client), 0);
  self->responses = oai_responses_endpoint_new (self->client);
  self->socket = OAI_WEB_SOCKET (oai_responses_endpoint_create_socket (self->responses));
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  g_clear_object (&self->socket);
  while (g_atomic_int_get (&self->n_open) > 0)
    g_main_context_iteration (NULL, FALSE);
  g_socket_service_stop (self->proxy);
  g_socket_listener_close (G_SOCKET_LISTENER (self->proxy));
  g_clear_object (&self->proxy);
  g_clear_object (&self->responses);
  g_clear_object (&self->client);
  g_clear_object (&self->session);
  if (self->plain != NULL)
    soup_server_disconnect (self->plain);
  else
    tls_server_stop (&self->tls);
  g_clear_object (&self->plain);
  g_ptr_array_unref (self->heads);
  g_free (self->authorization);
  g_mutex_clear (&self->lock);
}

static gboolean
connect_socket (Fixture *self, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_web_socket_connect_async (self->socket, NULL, tls_server_store_result, &result);

  return oai_web_socket_connect_finish (self->socket, tls_server_wait_for (&result), error);
}

static void
assert_response (Fixture *self)
{
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("m", "Hello");
  g_autoptr(OaiResponseStream) stream = oai_responses_socket_create_stream (OAI_RESPONSES_SOCKET (self->socket), request, NULL);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiRecord) response = NULL;
  g_autoptr(GError) error = NULL;

  oai_stream_run_async (OAI_STREAM (stream), NULL, tls_server_store_result, &result);
  response = oai_stream_run_finish (OAI_STREAM (stream), tls_server_wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_response_get_output_text (OAI_RESPONSE (response)), ==, "Hi");
}

/* A tunnel reveals the name of the server only. */
static void
assert_heads (Fixture *self)
{
  const char *beginning = self->test->tls ? "CONNECT " : "GET ";

  g_mutex_lock (&self->lock);
  g_assert_cmpuint (self->heads->len, >, 0);
  for (guint i = 0; i < self->heads->len; i++)
    {
      const char *head = g_ptr_array_index (self->heads, i);

      g_assert_true (g_str_has_prefix (head, beginning));
      if (self->test->tls)
        g_assert_null (strstr (head, KEY));
      if (self->test->tls)
        g_assert_null (strstr (head, "\r\nAuthorization"));
    }
  g_mutex_unlock (&self->lock);
}

static void
assert_handshake (Fixture *self)
{
  g_mutex_lock (&self->lock);
  g_assert_cmpstr (self->authorization, ==, "Bearer " KEY);
  g_assert_false (self->leaked);
  g_mutex_unlock (&self->lock);
}

static void
test_proxy (Fixture *self, gconstpointer user_data)
{
  const ProxyCase *test = user_data;
  g_autoptr(GError) error = NULL;

  connect_socket (self, &error);
  assert_heads (self);
  if (test->code < 0)
    {
      g_assert_no_error (error);
      assert_response (self);
      assert_handshake (self);
      g_assert_cmpuint (self->n_authenticated, ==, test->credentials == CREDENTIALS_BY_SIGNAL);
      return;
    }

  g_test_message ("%s", error != NULL ? error->message : "no error");
  g_assert_error (error, OAI_ERROR, test->code);
  g_assert_null (strstr (error->message, KEY));
  g_assert_null (strstr (error->message, "wrong"));
  if (test->text != NULL)
    g_assert_nonnull (strstr (error->message, test->text));
  g_assert_cmpuint (self->heads->len, ==, 1);
  g_assert_null (self->authorization);
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_CLOSED);
}

static void
test_unreachable (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GError) error = NULL;

  g_socket_service_stop (self->proxy);
  g_socket_listener_close (G_SOCKET_LISTENER (self->proxy));
  g_assert_false (connect_socket (self, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_nonnull (strstr (error->message, "proxy"));
}

/* Both sides send pings through the tunnel, and answer them. */
static void
test_keepalive (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GError) error = NULL;
  gint64 end = g_get_monotonic_time () + 3 * G_USEC_PER_SEC;

  oai_web_socket_set_keepalive_interval_ms (self->socket, 1000);
  connect_socket (self, &error);
  g_assert_no_error (error);
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_cmpint (oai_web_socket_get_state (self->socket), ==, OAI_WEB_SOCKET_STATE_OPEN);
  assert_response (self);
}

#define FORBIDDEN "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#define BAD_GATEWAY "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#define PROXY_CASES(name, tls, refused) \
  { name "/open", tls, TRUE, CREDENTIALS_NONE, NULL, -1, NULL }, \
  { name "/credentials-in-address", tls, FALSE, CREDENTIALS_IN_ADDRESS, NULL, -1, NULL }, \
  { name "/credentials-by-signal", tls, FALSE, CREDENTIALS_BY_SIGNAL, NULL, -1, NULL }, \
  { name "/wrong-credentials", tls, FALSE, CREDENTIALS_WRONG, NULL, OAI_ERROR_AUTHENTICATION, "407" }, \
  { name "/no-credentials", tls, FALSE, CREDENTIALS_NONE, NULL, OAI_ERROR_AUTHENTICATION, "407" }, \
  { name "/forbidden", tls, TRUE, CREDENTIALS_NONE, FORBIDDEN, OAI_ERROR_PERMISSION_DENIED, refused " 403" }, \
  { name "/bad-gateway", tls, TRUE, CREDENTIALS_NONE, BAD_GATEWAY, OAI_ERROR_SERVER, "status 502" }, \
  { name "/closes", tls, TRUE, CREDENTIALS_NONE, "", OAI_ERROR_CONNECTION, NULL }

static const ProxyCase proxy_cases[] = {
  PROXY_CASES ("wss", TRUE, "The proxy refused to connect to 127.0.0.1 (status"),
  PROXY_CASES ("ws", FALSE, "The server replied with status"),
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (proxy_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/socket-proxy/", proxy_cases[i].name, NULL);

      g_test_add (path, Fixture, &proxy_cases[i], set_up, test_proxy, tear_down);
    }

  g_test_add ("/socket-proxy/wss/unreachable", Fixture, &proxy_cases[0], set_up, test_unreachable, tear_down);
  g_test_add ("/socket-proxy/wss/keepalive", Fixture, &proxy_cases[0], set_up, test_keepalive, tear_down);

  return g_test_run ();
}
