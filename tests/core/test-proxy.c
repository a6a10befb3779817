/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proxies from the environment. */

#include "call-fixture.h"

#include <libsoup/soup.h>
#include <string.h>

#include "oai-client-invoke.h"
#include "oai-proxy-private.h"
#include "oai-responses-endpoint.h"

static char *proxy; /* its address */
static gboolean has_resolver;
static int n_refused; /* atomic */

static void
test_resolver (void)
{
  const struct { const char *url; gboolean direct; } cases[] = {
    { "http://127.0.0.1:8080/v1", TRUE },
    { "http://127.1.2.3/v1", TRUE },
    { "http://[::1]:8080/v1", TRUE },
    { "http://localhost/v1", TRUE },
    { "http://LocalHost:80/v1", TRUE },
    { "http://a.localhost/v1", TRUE },
    { "http://localhost.example.com/v1", FALSE },
    { "http://192.168.0.1/v1", FALSE },
    { "http://api.example.com/v1", FALSE },
  };
  g_autoptr (OaiSettings) settings = oai_settings_new ();
  g_autoptr (GProxyResolver) resolver = oai_proxy_resolver_new (settings);

  if (!has_resolver)
    {
      g_test_skip ("no proxy resolver reads the environment, since glib-networking is not installed");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_auto (GStrv) now = g_proxy_resolver_lookup (resolver, cases[i].url, NULL, &error);
      g_auto (GStrv) later = NULL;

      g_assert_no_error (error);
      g_proxy_resolver_lookup_async (resolver, cases[i].url, NULL, call_store_result, &result);
      later = g_proxy_resolver_lookup_finish (resolver, call_wait (&result), &error);
      g_assert_no_error (error);
      g_assert_cmpstr (now[0], ==, cases[i].direct ? "direct://" : proxy);
      g_assert_cmpstr (later[0], ==, now[0]);
    }

  /* Unless the program permits it. */
  oai_settings_set_proxy_loopback (settings, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) proxies = g_proxy_resolver_lookup (resolver, cases[i].url, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (proxies[0], ==, proxy);
    }
}

static void
test_loopback (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatCompletion) first = NULL;
  g_autoptr (OaiChatCompletion) second = NULL;
  g_autoptr (GError) error = NULL;

  first = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  second = oai_chat_endpoint_create (self->chat, self->request, NULL, &error);
  g_assert_no_error (error);
}

/* Replies to one request.  The path "/refused" is refused with any credentials. */
static gboolean
serve_cb (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  static const char refused[] = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  static const char accepted[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
  g_autofree char *credentials = g_base64_encode ((const guchar *) "user:password", strlen ("user:password"));
  g_autofree char *header = g_strdup_printf ("Proxy-Authorization: Basic %s\r\n", credentials);
  g_autoptr (GString) head = g_string_new (NULL);
  const char *reply;
  char byte;

  while (!g_str_has_suffix (head->str, "\r\n\r\n") && g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), &byte, 1, NULL, NULL) == 1)
    g_string_append_c (head, byte);
  reply = strstr (head->str, header) != NULL && strstr (head->str, "/refused ") == NULL ? accepted : refused;
  if (reply == refused)
    g_atomic_int_inc (&n_refused);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), reply, strlen (reply), NULL, NULL, NULL);

  return TRUE;
}

/* The proxy runs in the main loop. */
static char *
invoke (OaiClient *client, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_client_invoke_async (client, "GET", path, NULL, NULL, NULL, call_store_result, &result);

  return oai_client_invoke_finish (client, call_wait (&result), error);
}

static void
test_proxied_loopback (CallFixture *self, gconstpointer user_data)
{
  g_autofree char *reply = NULL;
  g_autoptr (GError) error = NULL;

  if (!has_resolver)
    {
      g_test_skip ("no proxy resolver reads the environment, since glib-networking is not installed");
      return;
    }

  oai_settings_set_proxy_loopback (self->settings, TRUE);
  reply = invoke (self->client, "models", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reply, ==, "{}");
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 0);
}

/* Returns NULL if the test is skipped. */
static OaiClient *
new_client (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
  g_autoptr (OaiSettings) settings = oai_settings_new_for_base_url ("http://api.example.com/v1", &error);

  g_assert_no_error (error);
  if (!has_resolver)
    {
      g_test_skip ("no proxy resolver reads the environment, since glib-networking is not installed");
      return NULL;
    }

  oai_settings_set_allow_insecure_http (settings, TRUE);
  oai_settings_set_max_retries (settings, 0);
  g_atomic_int_set (&n_refused, 0);

  return oai_client_new (auth, settings);
}

/* The sessions of a client send the credentials in the address of the proxy. */
static void
test_credentials (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiClient) client = new_client ();
  g_autofree char *reply = NULL;

  if (client == NULL)
    return;

  reply = invoke (client, "models", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reply, ==, "{}");
  g_assert_cmpint (g_atomic_int_get (&n_refused), ==, 0);

  g_assert_null (invoke (client, "refused", &error));
  g_assert_nonnull (error);
  g_assert_cmpint (g_atomic_int_get (&n_refused), ==, 1);
}

/* So does the session for WebSocket connections. The proxy accepts the credentials, but its reply is that to
 * other requests. */
static void
test_socket (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiClient) client = new_client ();
  g_autoptr (OaiResponsesEndpoint) responses = NULL;
  g_autoptr (OaiResponsesSocket) socket = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  if (client == NULL)
    return;

  responses = oai_responses_endpoint_new (client);
  socket = oai_responses_endpoint_create_socket (responses);
  oai_web_socket_connect_async (OAI_WEB_SOCKET (socket), NULL, call_store_result, &result);
  g_assert_false (oai_web_socket_connect_finish (OAI_WEB_SOCKET (socket), call_wait (&result), &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_cmpuint (oai_call_get_status_code (oai_web_socket_get_call (OAI_WEB_SOCKET (socket))), ==, 200);
  g_assert_cmpint (g_atomic_int_get (&n_refused), ==, 0);
}

static GSocketService *
start_proxy (void)
{
  GSocketService *service = g_threaded_socket_service_new (4);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (G_SOCKET_LISTENER (service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
  g_assert_no_error (error);
  g_signal_connect (service, "run", G_CALLBACK (serve_cb), NULL);
  proxy = g_strdup_printf ("http://user:password@127.0.0.1:%u", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));

  return service;
}

/* The resolver of glib-networking reads the environment; others use the settings of the desktop. */
static gboolean
use_environment (void)
{
  const char *const variables[] = { "no_proxy", "NO_PROXY", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY" };
  const char *const names[] = { "environment", "libproxy" };
  GIOExtensionPoint *point;

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
  g_setenv ("http_proxy", proxy, TRUE);

  /* Loads the modules. */
  g_vfs_get_default ();
  point = g_io_extension_point_lookup (G_PROXY_RESOLVER_EXTENSION_POINT_NAME);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_io_extension_point_get_extension_by_name (point, names[i]) == NULL)
        continue;
      g_setenv ("GIO_USE_PROXY_RESOLVER", names[i], TRUE);
      return TRUE;
    }

  return FALSE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GSocketService) service = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);

  service = start_proxy ();
  has_resolver = use_environment ();
  g_test_add_func ("/proxy/all-except-loopback", test_resolver);
  g_test_add ("/proxy/loopback-calls-go-directly", CallFixture, NULL, call_fixture_set_up, test_loopback, call_fixture_tear_down);
  g_test_add ("/proxy/loopback-calls-if-permitted", CallFixture, NULL, call_fixture_set_up, test_proxied_loopback, call_fixture_tear_down);

  g_test_add_func ("/proxy/credentials", test_credentials);
  g_test_add_func ("/proxy/socket", test_socket);

  status = g_test_run ();
  g_socket_service_stop (service);
  g_free (proxy);

  return status;
}
