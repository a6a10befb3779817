/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What errors say when the address of the server is wrong, or another program replies. */

#include "call-fixture.h"
#include "oai-models-endpoint.h"
#include "tls-server.h"

#include <string.h>

#define REQUEST_ID "req_123"
#define KEY "sk-proj-0123456789abcdef"

/* Returns the error of a request for the list of models, after which no key may be in it. */
static GError *
ask_models (OaiSettings *settings)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (KEY);
  g_autoptr (OaiClient) client = oai_client_new (auth, settings);
  g_autoptr (OaiModelsEndpoint) models = oai_models_endpoint_new (client);
  GError *error = NULL;

  oai_settings_set_max_retries (settings, 0);
  /* The resolvers of the tests need no network. */
  oai_settings_set_check_network (settings, FALSE);
  g_assert_null (oai_models_endpoint_list (models, NULL, &error));
  g_assert_null (strstr (error->message, "0123456789"));

  return error;
}

static GError *
ask_at (const char *base_url)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiSettings) settings = oai_settings_new_for_base_url (base_url, &error);

  g_assert_no_error (error);

  return ask_models (settings);
}

static GError *
ask_with_variable (const char *value)
{
  g_autoptr (OaiSettings) settings = NULL;

  g_setenv ("OPENAI_BASE_URL", value, TRUE);
  settings = oai_settings_new ();
  g_unsetenv ("OPENAI_BASE_URL");

  return ask_models (settings);
}

/* Addresses that cannot be used */

static const struct
{
  const char *value;
  const char *says;
} bad_urls[] = {
  { "htp://foo", "“htp://foo” is not the address of a server: it must begin with http:// or https://" },
  { "localhost:11434", "“localhost:11434” is not the address of a server: it must begin with http:// or https://" },
  { "localhost:11434/v1", "“localhost:11434…” is not the address of a server: it must begin with http:// or https://" },
  { "http://foo:123456/v1", "“http://foo:123456…” is not the address of a server: its host or its port is malformed" },
  { "http://foo/v1?key=" KEY, "“http://foo…” is not the address of a server: it must not contain a query" },
  { "http://me:1234@foo", "The address of a server must not contain a user name or password" },
  { KEY, "“…” is not the address of a server: it must begin with http:// or https://" },
  { "http//foo:80/v1", "“http//foo:80…” is not the address of a server: it must begin with http:// or https://" },
  { "http:/foo/" KEY, "“http:/foo…” is not the address of a server: it has no host" },
  { "https:" KEY, "“…” is not the address of a server: it has no host" },
  { "[::1]:8080/v1", "“[::1]:8080…” is not the address of a server: it must begin with http:// or https://" },
  { "http://[::1/v1", "“http://[::1…” is not the address of a server: its host or its port is malformed" },
  { "/run/llama.sock", "“…” is not the address of a server: the address of a UNIX socket is written as unix:/PATH" },
  { KEY " https://foo", "“…” is not the address of a server: it must begin with http:// or https://" },
  { KEY "://foo", "“…” is not the address of a server: it must begin with http:// or https://" },
  { "https//foo/" KEY "/http://bar", "“https//foo…” is not the address of a server: it must begin with http:// or https://" },
  { "OPENAI_BASE_URL=" KEY ",https://foo", "“…” is not the address of a server: it must begin with http:// or https://" },
  { "//foo/v1", "“…” is not the address of a server: it must begin with http:// or https://" },
  { KEY ":80x", "“…” is not the address of a server: it must begin with http:// or https://" },
};

static void
test_variable (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_urls); i++)
    {
      g_autofree char *expected = g_strconcat ("The environment variable OPENAI_BASE_URL cannot be used: ", bad_urls[i].says, NULL);
      g_autoptr (GError) error = ask_with_variable (bad_urls[i].value);

      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_cmpstr (error->message, ==, expected);
    }
}

static void
test_own_address (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_urls); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (oai_settings_new_for_base_url (bad_urls[i].value, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_cmpstr (error->message, ==, bad_urls[i].says);
    }
}

static void
test_azure_variable (void)
{
  g_autoptr (GError) error = NULL;

  g_setenv ("AZURE_OPENAI_ENDPOINT", "ftp://foo", TRUE);
  g_assert_null (oai_settings_new_for_azure_from_environment (NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, "The environment variable AZURE_OPENAI_ENDPOINT cannot be used: “ftp://foo” is not the address of a server: it must begin with http:// or https://");
  g_unsetenv ("AZURE_OPENAI_ENDPOINT");
}

/* A URL that the program sets is not that of the variable. */
static void
test_replaced_variable (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiSettings) settings = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("OPENAI_BASE_URL", "htp://foo", TRUE);
  settings = oai_settings_new ();
  g_unsetenv ("OPENAI_BASE_URL");
  g_object_set (settings, "base-url", oai_mock_server_get_base_url (self->server), NULL);
  call_fixture_push (self, oai_mock_reply_new_text (404, "text/plain", "no"));
  error = ask_models (settings);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  g_assert_null (strstr (error->message, "OPENAI_BASE_URL"));
}

/* Servers that cannot be reached */

/* Returns a port to which no program listens. */
static guint
find_free_port (void)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_bind (socket, any, FALSE, &error);
  g_assert_no_error (error);
  address = g_socket_get_local_address (socket, &error);
  g_assert_no_error (error);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

#define REFUSED "Could not connect to 127.0.0.1:%u: the connection was refused. Check that a server is running there, and that the port is right."

static void
test_refused (void)
{
  guint port = find_free_port ();
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/v1", port);
  g_autofree char *expected = g_strdup_printf (REFUSED, port);
  g_autofree char *with_variable = g_strconcat (expected, " The base URL is that of the environment variable OPENAI_BASE_URL.", NULL);
  g_autoptr (GError) error = ask_at (url);
  g_autoptr (GError) other = ask_with_variable (url);

  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_cmpstr (error->message, ==, expected);
  g_assert_error (other, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_cmpstr (other->message, ==, with_variable);
}

/* A server that accepts connections, and never replies. */
static void
test_no_reply (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (OaiSettings) settings = NULL;
  g_autoptr (GError) error = NULL;
  guint port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/v1", port);
  g_autofree char *expected = g_strdup_printf ("The request timed out: 127.0.0.1:%u did not reply in time", port);

  g_assert_no_error (error);
  settings = oai_settings_new_for_base_url (url, &error);
  g_assert_no_error (error);
  oai_settings_set_timeout_ms (settings, 100);
  error = ask_models (settings);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpstr (error->message, ==, expected);
}

/* A resolver that knows no name, so that no request leaves the machine. */
G_DECLARE_FINAL_TYPE (EmptyResolver, empty_resolver, EMPTY, RESOLVER, GResolver)

struct _EmptyResolver
{
  GResolver parent_instance;
};

G_DEFINE_TYPE (EmptyResolver, empty_resolver, G_TYPE_RESOLVER)

static void
look_up (GResolver *resolver, const char *name, GResolverNameLookupFlags flags, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "Error resolving “%s”", name);
}

static GList *
finish_look_up (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
empty_resolver_class_init (EmptyResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_with_flags_async = look_up;
  resolver_class->lookup_by_name_with_flags_finish = finish_look_up;
}

static void
empty_resolver_init (EmptyResolver *self)
{
}

static void
test_unknown_host (void)
{
  g_autoptr (GResolver) usual = g_resolver_get_default ();
  g_autoptr (GResolver) empty = g_object_new (empty_resolver_get_type (), NULL);
  g_autoptr (GError) error = NULL;

  g_resolver_set_default (empty);
  error = ask_at ("https://api.example.invalid/v1");
  g_resolver_set_default (usual);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_cmpstr (error->message, ==, "Could not connect to api.example.invalid:443: no address was found for this host. Check its name and the network.");
}

/* TLS */

/* Accepts one connection, and replies as most servers do to a request that is not HTTP. */
static gpointer
refuse_request (gpointer user_data)
{
  static const char reply[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
  g_autoptr (GSocketConnection) connection = g_socket_listener_accept (user_data, NULL, NULL, NULL);
  char buffer[4096];

  g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), buffer, sizeof buffer, NULL, NULL);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), reply, strlen (reply), NULL, NULL, NULL);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);

  return NULL;
}

static void
test_tls_on_plain_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GError) error = NULL;
  guint port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u/v1", port);
  g_autofree char *start = g_strdup_printf ("Could not connect to 127.0.0.1:%u: ", port);
  GThread *thread;

  g_assert_no_error (error);
  thread = g_thread_new ("server", refuse_request, listener);
  error = ask_at (url);
  g_thread_join (thread);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_true (g_str_has_prefix (error->message, start));
  g_assert_true (g_str_has_suffix (error->message, ". If the server does not use TLS, write http:// instead of https://."));
}

static void
never_called (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  g_assert_not_reached ();
}

static void
test_plain_on_tls_port (void)
{
  TlsServer server = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *start = NULL;
  g_autoptr (GError) error = NULL;

  tls_server_start (&server, never_called, NULL);
  url = g_strconcat ("http", server.url + strlen ("https"), NULL);
  start = g_strdup_printf ("The connection to %.*s ended before the reply: ", (int) strcspn (url + strlen ("http://"), "/"), url + strlen ("http://"));
  error = ask_at (url);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_true (g_str_has_prefix (error->message, start));
  g_assert_true (g_str_has_suffix (error->message, ". If the server uses TLS, write https:// instead of http://."));
  tls_server_stop (&server);
}

/* Servers that explain it: nginx, and programs in Go. */
static void
test_tls_required (CallFixture *self, gconstpointer user_data)
{
  static const char *const bodies[] = {
    "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n<body></body>\r\n</html>\r\n",
    "Client sent an HTTP request to an HTTPS server.\n",
  };
  g_autofree char *expected = g_strdup_printf ("The server at 127.0.0.1:%u requires TLS. Use https:// instead of http://.", oai_mock_server_get_port (self->server));

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;

      call_fixture_push (self, oai_mock_reply_new_text (400, i == 0 ? "text/html" : "text/plain", bodies[i]));
      g_assert_null (call_fixture_create (self, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
      g_assert_cmpstr (error->message, ==, expected);
    }
}

/* Addresses at which there is another program, or nothing */

typedef struct
{
  const char *name;
  const char *path;   /* of the base URL */
  guint status;
  const char *type;
  const char *body;
  OaiError code;
  const char *says;   /* SERVER stands for the host and the port, KEY for the key */
} Case;

#define ADVICE " Check the base URL, or whether the network requires you to sign in."
#define TRY " The base URL has no version: try http://SERVER/v1."

static const Case cases[] = {
  { "not-found", "/v1", 404, "text/plain", "404 page not found", OAI_ERROR_NOT_FOUND,
    "The server did not find http://SERVER/v1/models: 404 page not found" },
  { "not-found/no-version", "", 404, "text/plain", "404 page not found", OAI_ERROR_NOT_FOUND,
    "The server did not find http://SERVER/models: 404 page not found." TRY },
  { "not-found/other-path", "/api/v3", 404, "application/json", "{\"detail\":\"Not Found\"}", OAI_ERROR_NOT_FOUND,
    "The server did not find http://SERVER/api/v3/models: Not Found" },
  { "not-found/detail", "", 404, "application/json", "{\"detail\":\"Not Found\"}", OAI_ERROR_NOT_FOUND,
    "The server did not find http://SERVER/models: Not Found." TRY },
  { "not-found/page", "", 404, "text/html", "<html><head><title>404 Not Found</title></head></html>", OAI_ERROR_NOT_FOUND,
    "The server did not find http://SERVER/models: 404 Not Found." TRY },
  { "not-found/empty", "", 404, "text/plain", "", OAI_ERROR_NOT_FOUND, "The server did not find http://SERVER/models." TRY },
  { "not-found/method", "", 405, "application/json", "{\"detail\":\"Method Not Allowed\"}", OAI_ERROR_FAILED,
    "The server did not find http://SERVER/models: Method Not Allowed." TRY },
  { "not-found/llama.cpp", "/x", 404, "application/json", "{\"error\":{\"code\":404,\"message\":\"File Not Found\",\"type\":\"not_found_error\"}}", OAI_ERROR_NOT_FOUND,
    "The server did not find http://SERVER/x/models: File Not Found. The base URL has no version: try http://SERVER/x/v1." },
  { "not-found/openai", "/v1", 404, "application/json", "{\"error\":{\"message\":\"Invalid URL (GET /v1/models)\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}}", OAI_ERROR_NOT_FOUND,
    "The server did not find http://SERVER/v1/models: Invalid URL (GET /v1/models)" },
  { "not-found/lm-studio", "", 200, "application/json", "{\"error\":\"Unexpected endpoint or method. (GET /models)\"}", OAI_ERROR_FAILED,
    "The server did not find http://SERVER/models: Unexpected endpoint or method. (GET /models)." TRY },
  { "not-found/key", "/" KEY, 404, "text/plain", "", OAI_ERROR_NOT_FOUND,
    "The server did not find http://SERVER/***/models. The base URL has no version: try http://SERVER/***/v1." },
  { "model", "", 404, "application/json", "{\"error\":{\"message\":\"The model `x` does not exist\",\"type\":\"invalid_request_error\",\"code\":\"model_not_found\"}}", OAI_ERROR_NOT_FOUND,
    "The model `x` does not exist" },
  { "model/ollama", "", 404, "application/json", "{\"error\":\"model 'x' not found\"}", OAI_ERROR_NOT_FOUND, "model 'x' not found" },
  { "object", "", 404, "application/json", "{\"error\":{\"message\":\"No such object\",\"type\":\"invalid_request_error\"}}", OAI_ERROR_NOT_FOUND, "No such object" },
  { "page", "/v1", 200, "text/html", "<!doctype html>\n<html><head>\n<title lang=\"en\">\n Hotel\n</title></head></html>", OAI_ERROR_PROTOCOL,
    "SERVER replied with a web page, “Hotel”." ADVICE },
  { "page/no-version", "", 200, "text/html", "<html><head><title>Open WebUI</title></head></html>", OAI_ERROR_PROTOCOL,
    "SERVER replied with a web page, “Open WebUI”." ADVICE TRY },
  { "page/no-title", "/v1", 200, "text/html", "\n <html><body>Hello</body></html>", OAI_ERROR_PROTOCOL, "SERVER replied with a web page." ADVICE },
  { "page/wrong-type", "/v1", 200, "application/json", "<!DOCTYPE html><html><title></title></html>", OAI_ERROR_PROTOCOL, "SERVER replied with a web page." ADVICE },
  { "page/key", "/v1", 200, "text/html", "<html><title>" KEY "</title></html>", OAI_ERROR_PROTOCOL, "SERVER replied with a web page, “***”." ADVICE },
  { "page/unfinished-title", "/v1", 200, "text/html", "<html><title", OAI_ERROR_PROTOCOL, "SERVER replied with a web page." ADVICE },
  { "sign-in", "/v1", 511, "text/html", "<html><title>Login</title></html>", OAI_ERROR_SERVER,
    "The network requires you to sign in. Open any page in a web browser, and try again." },
  { "gateway", "/v1", 502, "text/html", "<html><head><title>502 Bad Gateway</title></head></html>", OAI_ERROR_SERVER, "502 Bad Gateway" },
  { "status/key", "/v1", 401, "text/plain", "", OAI_ERROR_AUTHENTICATION, "The server rejected the API key, or requires one (status 401)" },
  { "status/rate", "/v1", 429, "text/plain", "", OAI_ERROR_RATE_LIMITED, "The server receives too many requests (status 429). Try again later." },
  { "status/overloaded", "/v1", 503, "text/plain", "", OAI_ERROR_SERVER,
    "The server is not able to reply at the moment (status 503). Try again later." },
  { "status/other", "/v1", 418, "text/plain", "", OAI_ERROR_FAILED, "The server replied with status 418 and no error message" },
  { "status/blank", "/v1", 400, "application/json", "{\"error\":{\"message\":\" \\n\"}}", OAI_ERROR_BAD_REQUEST, "The server replied with status 400 and no error message" },
  { "control-characters", "/v1", 400, "application/json", "{\"error\":{\"message\":\" a\\u001b[2Jb\\r\\nc\\n\"}}", OAI_ERROR_BAD_REQUEST, "a [2Jb \nc" },
  { "control-characters/one-byte-of-terminals", "/v1", 400, "application/json", "{\"error\":{\"message\":\"a\\u009b2J\\u0090\\u007fb\"}}", OAI_ERROR_BAD_REQUEST, "a 2J  b" },
  { "control-characters/order-of-text", "/v1", 400, "application/json", "{\"error\":\"a\\u202eb\\u2066\xc3\xa9\"}", OAI_ERROR_BAD_REQUEST, "a b \xc3\xa9" },
  { "control-characters/page", "/v1", 200, "text/html", "<title>Hello\x1b[2J</title>", OAI_ERROR_PROTOCOL,
    "SERVER replied with a web page, “Hello [2J”." ADVICE },
};

static OaiSettings *
new_settings (CallFixture *self, const char *path)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u%s", oai_mock_server_get_port (self->server), path);
  g_autoptr (GError) error = NULL;
  OaiSettings *settings = oai_settings_new_for_base_url (url, &error);

  g_assert_no_error (error);
  oai_settings_set_max_retries (settings, 0);

  return settings;
}

static char *
dup_expected (CallFixture *self, const char *says)
{
  g_autofree char *server = g_strdup_printf ("127.0.0.1:%u", oai_mock_server_get_port (self->server));
  GString *text = g_string_new (says);

  g_string_replace (text, "SERVER", server, 0);

  return g_string_free (text, FALSE);
}

static OaiMockReply *
new_reply (const Case *example)
{
  OaiMockReply *reply = oai_mock_reply_new_text (example->status, example->type, example->body);

  oai_mock_reply_set_header (reply, "x-request-id", REQUEST_ID);

  return reply;
}

/* The list of models, which is JSON. */
static void
test_case (CallFixture *self, gconstpointer user_data)
{
  const Case *example = user_data;
  g_autofree char *expected = dup_expected (self, example->says);
  g_autoptr (OaiSettings) settings = new_settings (self, example->path);
  g_autoptr (OaiAuth) auth = oai_auth_new (KEY);
  g_autoptr (OaiClient) client = oai_client_new (auth, settings);
  g_autoptr (OaiModelsEndpoint) models = oai_models_endpoint_new (client);
  g_autoptr (OaiCall) call = NULL;
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, new_reply (example));
  g_assert_null (oai_models_endpoint_list (models, NULL, &error));
  g_assert_error (error, OAI_ERROR, (int) example->code);
  g_assert_cmpstr (error->message, ==, expected);

  call = oai_client_find_call_for_error (client, error);
  g_assert_cmpstr (oai_call_get_request_id (call), ==, REQUEST_ID);
}

/* Streams of events. */
static void
test_stream (CallFixture *self, gconstpointer user_data)
{
  static const Case page = {
    .status = 200,
    .type = "text/html",
    .body = "<html><head><title>Hotel</title></head></html>",
  };
  g_autofree char *expected = dup_expected (self, "SERVER replied with a web page, “Hotel”." ADVICE);
  g_autoptr (OaiChatStream) stream = oai_chat_endpoint_create_stream (self->chat, self->request);
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, new_reply (&page));
  g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, expected);
}

/* The debug log has the request id, and the sentence for the user has not. */
static void
test_request_id (CallFixture *self, gconstpointer user_data)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GError) error = NULL;
      OaiMockReply *reply = oai_mock_reply_new_json (400, "{\"error\":{\"message\":\"Boom\"}}");

      oai_mock_reply_set_header (reply, "x-request-id", REQUEST_ID);
      call_fixture_push (self, reply);
      g_assert_null (call_fixture_create (self, NULL, &error));
      g_assert_cmpstr (error->message, ==, "Boom");
      return;
    }

  g_setenv ("G_MESSAGES_DEBUG", "Oai", TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_unsetenv ("G_MESSAGES_DEBUG");
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*status 400, request id " REQUEST_ID "*");
  g_test_trap_assert_stdout_unmatched ("*" CALL_FIXTURE_KEY "*");
}

static void
add (const char *path, void (*test) (CallFixture *, gconstpointer), gconstpointer data)
{
  g_test_add (path, CallFixture, data, call_fixture_set_up, test, call_fixture_tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/error-texts/address/variable", test_variable);
  g_test_add_func ("/error-texts/address/program", test_own_address);
  g_test_add_func ("/error-texts/address/azure", test_azure_variable);
  add ("/error-texts/address/replaced", test_replaced_variable, NULL);
  g_test_add_func ("/error-texts/connection/refused", test_refused);
  g_test_add_func ("/error-texts/connection/no-reply", test_no_reply);
  g_test_add_func ("/error-texts/connection/unknown-host", test_unknown_host);
  g_test_add_func ("/error-texts/tls/plain-port", test_tls_on_plain_port);
  g_test_add_func ("/error-texts/tls/no-tls", test_plain_on_tls_port);
  add ("/error-texts/tls/required", test_tls_required, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/error-texts/reply/", cases[i].name, NULL);

      add (path, test_case, &cases[i]);
    }
  add ("/error-texts/stream/page", test_stream, NULL);
  add ("/error-texts/request-id", test_request_id, NULL);

  return g_test_run ();
}
