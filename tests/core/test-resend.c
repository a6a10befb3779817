/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests that libsoup must send again: over connections that nginx has closed in the
 * meantime, and through a tinyproxy that requires a password.  The service receives complete
 * requests only. */

#include "call-fixture.h"

#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "oai-files-endpoint.h"
#include "oai-platform-private.h"
#include "oai-client-invoke.h"

#define FORM_SIZE 300000
#define EARLY_ERROR "{\"error\":{\"message\":\"It is too large\"}}"
#define IDLE_MILLISECONDS 450

typedef enum
{
  BODY_JSON,
  BODY_RAW,
  BODY_BYTES,
  BODY_FILE,
  BODY_STREAM,
  N_BODIES
} Body;

static const char *const body_names[N_BODIES] = { "json", "raw", "bytes", "file", "stream" };

typedef struct
{
  OaiMockServer *mock;
  GSubprocess *process;
  char *directory;
  guint port;
  GSubprocess *origin; /* behind a proxy */
  guint origin_port;
  guint n_authenticated;
  OaiSettings *settings;
  SoupSession *session;
  OaiClient *client;
} Fixture;

/* Other programs */

/* A range below the ephemeral ports of the system. */
static guint
find_port (void)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GSocketListener) listener = g_socket_listener_new ();
      guint port = g_random_int_range (20000, 32000);
      g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);

      if (g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, NULL, NULL))
        return port;
    }

  g_assert_not_reached ();
}

/* Debian installs servers in directories that are not on the path of a user. */
static char *
find_program (const char *name)
{
  g_autofree char *found = g_find_program_in_path (name);
  g_autofree char *sbin = g_build_filename ("/usr/sbin", name, NULL);

  if (found != NULL)
    return g_steal_pointer (&found);

  return g_file_test (sbin, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer (&sbin) : NULL;
}

static gboolean
accepts_connections (guint port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;

  g_socket_client_set_enable_proxy (client, FALSE);
  connection = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, NULL);

  return connection != NULL;
}

/* timeout(1) ends it if the test fails to do so. */
static void
start_program (Fixture *self, const char *program, const char *const *arguments)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  gint64 deadline = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  g_ptr_array_add (argv, (gpointer) "timeout");
  g_ptr_array_add (argv, (gpointer) "300");
  g_ptr_array_add (argv, (gpointer) program);
  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer) arguments[i]);
  g_ptr_array_add (argv, NULL);
  self->process = g_subprocess_newv ((const char *const *) argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);
  g_assert_no_error (error);
  while (!accepts_connections (self->port))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (10000);
    }
}

static char *write_configuration (Fixture *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static char *
write_configuration (Fixture *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (self->directory, "conf", NULL);
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);

  return path;
}

static gboolean
start_nginx (Fixture *self, const char *protocols)
{
  g_autofree char *program = find_program ("nginx");
  g_autofree char *pem = g_test_build_filename (G_TEST_DIST, "..", "fixtures", "tls.pem", NULL);
  g_autofree char *pem_path = g_canonicalize_filename (pem, NULL);
  g_autofree char *path = NULL;

  if (program == NULL)
    {
      g_test_skip ("nginx is not installed");
      return FALSE;
    }

  path = write_configuration (self,
                              "daemon off; master_process off; pid %s/pid; error_log stderr crit;\n"
                              "events { worker_connections 256; }\n"
                              "http { access_log off; client_max_body_size 0; keepalive_timeout 200ms;\n"
                              "client_body_temp_path %s/body; proxy_temp_path %s/proxy; fastcgi_temp_path %s/fastcgi;\n"
                              "uwsgi_temp_path %s/uwsgi; scgi_temp_path %s/scgi;\n"
                              "server { listen 127.0.0.1:%u %s; ssl_certificate %s; ssl_certificate_key %s;\n"
                              "location / { proxy_pass http://127.0.0.1:%u; proxy_buffering off; } } }\n",
                              self->directory, self->directory, self->directory, self->directory, self->directory, self->directory,
                              self->port, protocols, pem_path, pem_path, oai_mock_server_get_port (self->mock));
  start_program (self, program, (const char *const[]) { "-c", path, "-p", self->directory, "-e", "stderr", NULL });

  return TRUE;
}

static gboolean
start_tinyproxy (Fixture *self)
{
  g_autofree char *program = find_program ("tinyproxy");
  g_autofree char *path = NULL;

  if (program == NULL)
    {
      g_test_skip ("tinyproxy is not installed");
      return FALSE;
    }

  path = write_configuration (self, "Port %u\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nBasicAuth user secretpass\nLogLevel Critical\n", self->port);
  start_program (self, program, (const char *const[]) { "-d", "-c", path, NULL });

  return TRUE;
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  self->mock = oai_mock_server_new ();
  oai_mock_server_start_in_thread (self->mock, &error);
  g_assert_no_error (error);
  self->directory = g_dir_make_tmp ("oai-resend-XXXXXX", &error);
  g_assert_no_error (error);
  self->port = find_port ();
  self->session = soup_session_new ();
}

static void
remove_all (const char *directory)
{
  g_autoptr (GSubprocess) rm = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "rm", "-rf", directory, NULL);

  g_subprocess_wait (rm, NULL, NULL);
}

static void
stop_program (GSubprocess **process)
{
  if (*process == NULL)
    return;

  g_subprocess_send_signal (*process, SIGTERM);
  g_subprocess_wait (*process, NULL, NULL);
  g_clear_object (process);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  g_clear_object (&self->client);
  g_clear_object (&self->settings);
  g_clear_object (&self->session);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  stop_program (&self->process);
  stop_program (&self->origin);
  oai_mock_server_stop (self->mock);
  g_clear_object (&self->mock);
  remove_all (self->directory);
  g_free (self->directory);
}

static void
make_client (Fixture *self, const char *base_url)
{
  g_autofree char *pem = g_test_build_filename (G_TEST_DIST, "..", "fixtures", "tls.pem", NULL);
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
  g_autoptr (GError) error = NULL;

  database = g_tls_file_database_new (pem, &error);
  g_assert_no_error (error);
  soup_session_set_tls_database (self->session, database);
  self->settings = oai_settings_new_for_base_url (base_url, &error);
  g_assert_no_error (error);
  oai_settings_set_timeout_ms (self->settings, 20000);
  self->client = oai_client_new_with_session (auth, self->settings, self->session);
}

/* Bodies */

static GBytes *
new_content (void)
{
  char *text = g_malloc (FORM_SIZE);

  for (guint i = 0; i < FORM_SIZE; i++)
    text[i] = 'a' + i % 23;

  return g_bytes_new_take (text, FORM_SIZE);
}

static gpointer
feed (gpointer data)
{
  g_autoptr (GBytes) content = new_content ();
  int fd = GPOINTER_TO_INT (data);
  gsize length;
  const char *text = g_bytes_get_data (content, &length);

  while (length > 0)
    {
      gssize n = write (fd, text, MIN (length, 50000));

      if (n <= 0)
        break;
      text += n;
      length -= n;
      g_usleep (1000);
    }
  close (fd);

  return NULL;
}

/* A pipe, which can be read once. */
static OaiInputFile *
new_pipe (void)
{
  g_autoptr (GInputStream) stream = NULL;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  g_thread_unref (g_thread_new ("feeder", feed, GINT_TO_POINTER (fds[1])));
  stream = g_unix_input_stream_new (fds[0], TRUE);

  return oai_input_file_new_for_input_stream (stream, "a.txt", FORM_SIZE);
}

static OaiInputFile *
new_input (Fixture *self, Body body)
{
  g_autoptr (GBytes) content = new_content ();
  g_autofree char *path = g_build_filename (self->directory, "a.txt", NULL);
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *text = g_bytes_get_data (content, &length);

  if (body == BODY_BYTES)
    return oai_input_file_new_for_bytes (content, "a.txt");
  if (body == BODY_STREAM)
    return new_pipe ();

  g_file_set_contents (path, text, length, &error);
  g_assert_no_error (error);

  return oai_input_file_new_for_path (path);
}

static void
send_json (Fixture *self, gboolean blocking, GError **error)
{
  g_autoptr (OaiChatEndpoint) chat = oai_chat_endpoint_new (self->client);
  g_autoptr (OaiChatRequest) request = oai_chat_request_new ("gpt-4o");
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  oai_chat_request_add_user_message (request, "Hello");
  if (blocking)
    {
      completion = oai_chat_endpoint_create (chat, request, NULL, error);
      return;
    }

  oai_chat_endpoint_create_async (chat, request, NULL, call_store_result, &result);
  completion = oai_chat_endpoint_create_finish (chat, call_wait (&result), error);
}

static void
send_raw (Fixture *self, gboolean blocking, GError **error)
{
  const char *body = "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
  g_autofree char *reply = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  if (blocking)
    {
      reply = oai_client_invoke (self->client, "POST", "chat/completions", body, NULL, NULL, error);
      return;
    }

  oai_client_invoke_async (self->client, "POST", "chat/completions", body, NULL, NULL, call_store_result, &result);
  reply = oai_client_invoke_finish (self->client, call_wait (&result), error);
}

static void
send_form (Fixture *self, Body body, gboolean blocking, GError **error)
{
  g_autoptr (OaiFilesEndpoint) files = oai_files_endpoint_new (self->client);
  g_autoptr (OaiInputFile) input = new_input (self, body);
  g_autoptr (OaiFileUploadRequest) request = oai_file_upload_request_new (input, "user_data");
  g_autoptr (OaiFile) file = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  if (blocking)
    {
      file = oai_files_endpoint_upload (files, request, NULL, error);
      return;
    }

  oai_files_endpoint_upload_async (files, request, NULL, call_store_result, &result);
  file = oai_files_endpoint_upload_finish (files, call_wait (&result), error);
}

static void
send_body (Fixture *self, Body body, gboolean blocking, GError **error)
{
  if (body == BODY_JSON)
    send_json (self, blocking, error);
  else if (body == BODY_RAW)
    send_raw (self, blocking, error);
  else
    send_form (self, body, blocking, error);
}

/* The newest request at the service. */
static void
assert_arrived (Fixture *self, Body body)
{
  g_autoptr (OaiMockRequest) request = oai_mock_server_dup_request (self->mock, -1);
  g_autofree char *text = oai_mock_request_dup_body_text (request);
  g_autoptr (GBytes) content = new_content ();
  g_autoptr (GBytes) part = NULL;

  if (body == BODY_JSON || body == BODY_RAW)
    {
      g_assert_nonnull (text);
      g_assert_nonnull (strstr (text, "Hello"));
      return;
    }

  part = oai_mock_request_dup_part (request, "file");
  g_assert_nonnull (part);
  g_assert_true (g_bytes_equal (part, content));
}

static void
send_whole (Fixture *self, Body body, gboolean blocking)
{
  g_autoptr (GError) error = NULL;

  g_test_message ("%s, %s", body_names[body], blocking ? "blocking" : "asynchronous");
  send_body (self, body, blocking, &error);
  g_assert_no_error (error);
  assert_arrived (self, body);
}

/* Connections that the server has closed */

static void
pass_time (gboolean iterate)
{
  gint64 end = g_get_monotonic_time () + IDLE_MILLISECONDS * 1000;

  while (g_get_monotonic_time () < end)
    {
      if (iterate)
        g_main_context_iteration (NULL, FALSE);
      g_usleep (5000);
    }
}

typedef struct
{
  const char *name;
  const char *protocols;
  const char *scheme;
  gboolean blocking;
  gboolean iterate;
} ClosedCase;

static void
test_closed (Fixture *self, gconstpointer user_data)
{
  const ClosedCase *test = user_data;
  g_autofree char *url = g_strdup_printf ("%s://127.0.0.1:%u/v1", test->scheme, self->port);

  if (!start_nginx (self, test->protocols))
    return;

  make_client (self, url);
  for (guint i = 0; i < N_BODIES; i++)
    {
      if (i > 0)
        pass_time (test->iterate);
      send_whole (self, i, test->blocking);
    }
}

static const ClosedCase closed_cases[] = {
  { "http2-blocking", "ssl http2", "https", TRUE, FALSE },
  { "http2-asynchronous", "ssl http2", "https", FALSE, FALSE },
  { "http2-main-loop-runs", "ssl http2", "https", FALSE, TRUE },
  { "http1-tls-blocking", "ssl", "https", TRUE, FALSE },
  { "http1-tls-asynchronous", "ssl", "https", FALSE, FALSE },
  { "http1-blocking", "", "http", TRUE, FALSE },
  { "http1-asynchronous", "", "http", FALSE, FALSE },
  { "http1-main-loop-runs", "", "http", FALSE, TRUE },
};

/* A reply that arrives before the request was sent, on a connection that the server then closes,
 * is read from a copy of the socket.  Without it, the call can fail like one whose connection was
 * closed, which depends on timing; then the test is skipped. */
static gboolean
has_early_replies (void)
{
#ifdef OAI_HAVE_UNIX
  return TRUE;
#else
  g_test_skip ("this build cannot read the reply of a server that did not read the request");
  return FALSE;
#endif
}

/* A proxy that requires a password */

typedef enum
{
  PASSWORD_IN_ADDRESS,
  PASSWORD_BY_SIGNAL,
  NO_PASSWORD,
  WRONG_PASSWORD
} Password;

typedef struct
{
  const char *name;
  gboolean tls;
  Password password;
  gboolean blocking;
} ProxyCase;

/* TLS in front of the mock service. */
static gboolean
start_both (Fixture *self, gboolean tls)
{
  GSubprocess *nginx;
  guint port;

  if (tls && !start_nginx (self, "ssl http2"))
    return FALSE;

  nginx = g_steal_pointer (&self->process);
  port = self->port;
  self->port = find_port ();
  if (!start_tinyproxy (self))
    return FALSE;

  self->origin = nginx;
  self->origin_port = tls ? port : oai_mock_server_get_port (self->mock);

  return TRUE;
}

static gboolean
authenticate_cb (SoupMessage *message, SoupAuth *auth, gboolean retrying, Fixture *self)
{
  g_assert_true (soup_auth_is_for_proxy (auth));
  self->n_authenticated++;
  if (retrying)
    return FALSE;

  soup_auth_authenticate (auth, "user", "secretpass");

  return TRUE;
}

static void
request_queued_cb (SoupSession *session, SoupMessage *message, Fixture *self)
{
  g_signal_connect (message, "authenticate", G_CALLBACK (authenticate_cb), self);
}

static void
set_proxy (Fixture *self, Password password)
{
  const char *user = password == PASSWORD_IN_ADDRESS ? "user:secret%70ass@" : password == WRONG_PASSWORD ? "user:wrong@" : "";
  g_autofree char *url = g_strdup_printf ("http://%s127.0.0.1:%u", user, self->port);
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (url, NULL);

  soup_session_set_proxy_resolver (self->session, resolver);
  if (password == PASSWORD_BY_SIGNAL)
    g_signal_connect (self->session, "request-queued", G_CALLBACK (request_queued_cb), self);
}

static void
test_proxy (Fixture *self, gconstpointer user_data)
{
  const ProxyCase *test = user_data;
  gboolean accepted = test->password == PASSWORD_IN_ADDRESS || test->password == PASSWORD_BY_SIGNAL;
  g_autofree char *url = NULL;

  if (!test->tls && !has_early_replies ())
    return;
  if (!start_both (self, test->tls))
    return;

  set_proxy (self, test->password);
  url = g_strdup_printf ("%s://127.0.0.1:%u/v1", test->tls ? "https" : "http", self->origin_port);
  make_client (self, url);
  for (guint i = 0; i < N_BODIES; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiCall) call = NULL;

      if (accepted)
        {
          send_whole (self, i, test->blocking);
          continue;
        }

      g_test_message ("%s", body_names[i]);
      send_body (self, i, test->blocking, &error);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
      call = oai_client_find_call_for_error (self->client, error);
      /* tinyproxy sends another status for a wrong password. */
      g_assert_cmpuint (oai_call_get_status_code (call), ==, test->password == WRONG_PASSWORD ? 401 : 407);
      if (test->password == NO_PASSWORD)
        g_assert_nonnull (strstr (error->message, "407"));
      g_assert_cmpuint (oai_call_get_n_attempts (call), ==, 1);
    }
  g_assert_cmpuint (self->n_authenticated, >=, test->password == PASSWORD_BY_SIGNAL);
  if (!accepted)
    g_assert_cmpuint (oai_mock_server_get_n_requests (self->mock), ==, 0);
}

static const ProxyCase proxy_cases[] = {
  { "tls-address-blocking", TRUE, PASSWORD_IN_ADDRESS, TRUE },
  { "tls-address-asynchronous", TRUE, PASSWORD_IN_ADDRESS, FALSE },
  { "tls-signal-blocking", TRUE, PASSWORD_BY_SIGNAL, TRUE },
  { "tls-signal-asynchronous", TRUE, PASSWORD_BY_SIGNAL, FALSE },
  { "tls-none-blocking", TRUE, NO_PASSWORD, TRUE },
  { "tls-none-asynchronous", TRUE, NO_PASSWORD, FALSE },
  { "tls-wrong-blocking", TRUE, WRONG_PASSWORD, TRUE },
  { "tls-wrong-asynchronous", TRUE, WRONG_PASSWORD, FALSE },
  { "plain-address-blocking", FALSE, PASSWORD_IN_ADDRESS, TRUE },
  { "plain-address-asynchronous", FALSE, PASSWORD_IN_ADDRESS, FALSE },
  { "plain-signal-blocking", FALSE, PASSWORD_BY_SIGNAL, TRUE },
  { "plain-signal-asynchronous", FALSE, PASSWORD_BY_SIGNAL, FALSE },
  { "plain-none-blocking", FALSE, NO_PASSWORD, TRUE },
  { "plain-none-asynchronous", FALSE, NO_PASSWORD, FALSE },
  { "plain-wrong-blocking", FALSE, WRONG_PASSWORD, TRUE },
};

/* A server that replies before it has read the request, and closes the connection */

static const char *const early_replies[] = {
  "HTTP/1.1 413 Too Large\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" EARLY_ERROR,
  "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 413 Too Large\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
  "6\r\n{\"erro\r\n21\r\nr\":{\"message\":\"It is too large\"}}\r\n0\r\n\r\n",
};

typedef struct
{
  GSocketListener *listener;
  GCancellable *cancellable;
  GThread *thread;
  const char *reply;
} HastyServer;

static gpointer
serve_hastily (gpointer data)
{
  HastyServer *self = data;

  while (TRUE)
    {
      g_autoptr (GSocketConnection) connection = g_socket_listener_accept (self->listener, NULL, self->cancellable, NULL);
      char head[64];

      if (connection == NULL)
        return NULL;
      g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), head, sizeof head, self->cancellable, NULL);
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), self->reply, strlen (self->reply), NULL, NULL, NULL);
      g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
    }
}

static void
hasty_server_start (HastyServer *self, guint port)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);
  g_autoptr (GError) error = NULL;

  self->listener = g_socket_listener_new ();
  g_socket_listener_add_address (self->listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, NULL, &error);
  g_assert_no_error (error);
  self->cancellable = g_cancellable_new ();
  self->thread = g_thread_new ("hasty-server", serve_hastily, self);
}

static void
hasty_server_stop (HastyServer *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->listener);
}

static void
assert_too_large (Fixture *self, Body body, gboolean blocking)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiCall) call = NULL;

  send_body (self, body, blocking, &error);
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, "It is too large");
  call = oai_client_find_call_for_error (self->client, error);
  g_assert_cmpuint (oai_call_get_status_code (call), ==, 413);
  g_assert_cmpuint (oai_call_get_n_attempts (call), ==, 1);
}

static void
test_early_reply (Fixture *self, gconstpointer user_data)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/v1", self->port);
  HastyServer server = { 0 };

  if (!has_early_replies ())
    return;

  make_client (self, url);
  for (guint i = 0; i < G_N_ELEMENTS (early_replies); i++)
    {
      server.reply = early_replies[i];
      hasty_server_start (&server, self->port);
      for (Body body = BODY_BYTES; body < N_BODIES; body++)
        {
          assert_too_large (self, body, FALSE);
          assert_too_large (self, body, TRUE);
        }
      hasty_server_stop (&server);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (closed_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/resend/closed-connection/", closed_cases[i].name, NULL);

      g_test_add (path, Fixture, &closed_cases[i], set_up, test_closed, tear_down);
    }

  g_test_add ("/resend/early-reply", Fixture, NULL, set_up, test_early_reply, tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (proxy_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/resend/proxy/", proxy_cases[i].name, NULL);

      g_test_add (path, Fixture, &proxy_cases[i], set_up, test_proxy, tear_down);
    }

  return g_test_run ();
}
