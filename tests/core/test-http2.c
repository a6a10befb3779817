/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* HTTP/2: all requests of a main context share one connection, and two main contexts share
 * none. */

#include <openai-1/openai.h>

#define STREAM \
  "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n" \
  "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n" \
  "data: [DONE]\n\n"

typedef struct
{
  GThread *thread;
  GMainLoop *loop;
  SoupServer *server;
  GTlsCertificate *certificate;
  char *url;
  int n_http2; /* atomic */
  OaiClient *client;
} Fixture;

static void
answer (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Fixture *self = user_data;

  if (soup_server_message_get_http_version (message) == SOUP_HTTP_2_0)
    g_atomic_int_inc (&self->n_http2);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "text/event-stream", SOUP_MEMORY_STATIC, STREAM, sizeof STREAM - 1);
}

static gpointer
serve (gpointer user_data)
{
  Fixture *self = user_data;
  GMainContext *context = g_main_loop_get_context (self->loop);
  GSList *uris;

  g_main_context_push_thread_default (context);
  self->server = soup_server_new ("tls-certificate", self->certificate, NULL);
  soup_server_add_handler (self->server, NULL, answer, self, NULL);
  g_assert_true (soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_HTTPS | SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (self->server);
  g_atomic_pointer_set (&self->url, g_strdup_printf ("https://127.0.0.1:%d/v1", g_uri_get_port (uris->data)));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_main_loop_run (self->loop);
  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);

  return NULL;
}

static char *
find_certificate (void)
{
  return g_test_build_filename (G_TEST_DIST, "..", "fixtures", "tls.pem", NULL);
}

static OaiClient *
new_client (const char *url)
{
  g_autofree char *pem = find_certificate ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GTlsDatabase) database = g_tls_file_database_new (pem, &error);
  g_autoptr(SoupSession) session = soup_session_new ();
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiSettings) settings = NULL;

  g_assert_no_error (error);
  soup_session_set_tls_database (session, database);
  settings = oai_settings_new_for_base_url (url, &error);
  g_assert_no_error (error);

  return oai_client_new_with_session (auth, settings, session);
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  g_autofree char *pem = find_certificate ();
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GError) error = NULL;

  self->certificate = g_tls_certificate_new_from_file (pem, &error);
  g_assert_no_error (error);
  self->loop = g_main_loop_new (context, FALSE);
  self->thread = g_thread_new ("server", serve, self);
  while (g_atomic_pointer_get (&self->url) == NULL)
    g_usleep (1000);

  self->client = new_client (self->url);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  g_clear_object (&self->client);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_clear_object (&self->certificate);
  g_free (self->url);
}

static OaiStream *
new_stream (Fixture *self)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (self->client);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("gpt-4o");

  oai_chat_request_add_user_message (request, "Hello");

  return OAI_STREAM (oai_chat_endpoint_create_stream (chat, request));
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *left = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) completion = oai_stream_run_finish (OAI_STREAM (source), result, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (completion)), ==, "Hi");
  (*left)--;
}

static void
run_asynchronously (Fixture *self)
{
  guint left = 5;

  for (guint i = 0; i < 5; i++)
    {
      g_autoptr(OaiStream) stream = new_stream (self);

      oai_stream_run_async (stream, NULL, done_cb, &left);
    }
  while (left > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
run_blocking (Fixture *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiStream) stream = new_stream (self);
  g_autoptr(OaiRecord) completion = oai_stream_run (stream, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (completion)), ==, "Hi");
}

static void
test_blocking_first (Fixture *self, gconstpointer user_data)
{
  run_blocking (self);
  run_asynchronously (self);
  run_blocking (self);
  g_assert_cmpint (g_atomic_int_get (&self->n_http2), ==, 7);
}

static void
test_asynchronous_first (Fixture *self, gconstpointer user_data)
{
  run_asynchronously (self);
  run_blocking (self);
  run_asynchronously (self);
  g_assert_cmpint (g_atomic_int_get (&self->n_http2), ==, 11);
}

/* The certificate is self-signed, so without the database its issuer is unknown. */
static void
test_certificate (Fixture *self, gconstpointer user_data)
{
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiCall) call = NULL;
  g_autoptr(GError) error = NULL;
  OaiSettings *settings = oai_client_get_settings (self->client);
  g_autoptr(OaiClient) client = oai_client_new (auth, settings);
  GTlsCertificateFlags errors;

  g_assert_null (oai_client_invoke (client, "GET", "models", NULL, NULL, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CERTIFICATE);
  call = oai_client_find_call_for_error (client, error);
  g_object_get (call, "certificate-errors", &errors, NULL);
  g_assert_cmpint (errors & G_TLS_CERTIFICATE_UNKNOWN_CA, !=, 0);
  g_assert_cmpint (oai_call_get_certificate_errors (call), ==, errors);
  g_assert_cmpuint (oai_call_get_n_attempts (call), ==, 1);
}

/* If a server closes its connections while requests arrive, libsoup can wait forever. */

static gboolean
drop_cb (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer certificate)
{
  static const char *const protocols[] = { "h2", NULL };
  static const guint8 settings[9] = { 0, 0, 0, 4 };
  g_autoptr(GIOStream) tls = g_tls_server_connection_new (G_IO_STREAM (connection), certificate, NULL);
  g_autofree char *bytes = g_malloc (16 * 1024);

  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (tls), protocols);
  if (g_output_stream_write_all (g_io_stream_get_output_stream (tls), settings, sizeof settings, NULL, NULL, NULL))
    for (guint i = 0; i < 3; i++)
      if (g_input_stream_read (g_io_stream_get_input_stream (tls), bytes, 16 * 1024, NULL, NULL) <= 0)
        break;
  g_socket_close (g_socket_connection_get_socket (connection), NULL);

  return TRUE;
}

static void
store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
upload_in_vain (OaiClient *client, gsize size, gboolean blocking)
{
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (client);
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiFile) file = NULL;
  g_autoptr(GError) error = NULL;

  if (blocking)
    {
      file = oai_files_endpoint_upload_bytes (files, bytes, "f", "batch", NULL, &error);
    }
  else
    {
      oai_files_endpoint_upload_bytes_async (files, bytes, "f", "batch", NULL, store_result, &result);
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
      file = oai_files_endpoint_upload_finish (files, result, &error);
    }
  g_assert_null (file);
  g_assert_nonnull (error);
}

static guint
listen_locally (GSocketService *service)
{
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr(GSocketAddress) bound = NULL;
  g_autoptr(GError) error = NULL;

  g_socket_listener_add_address (G_SOCKET_LISTENER (service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
  g_assert_no_error (error);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

/* libsoup 3.2 closes an HTTP/2 connection asynchronously, and warns when its session is freed before
 * that is complete, which depends on timing.  Every other warning ends the test. */
static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  static const char *const ignored[] = {
    "*soup_session_dispose: runtime check failed: (soup_connection_manager_get_num_conns (priv->conn_manager) == 0)",
    "*soup_host_free: runtime check failed: (host->conns == NULL)",
    "*soup_connection_manager_free: runtime check failed: (manager->num_conns == 0)",
    "Disposing connection 0x* while still connected",
  };

  if (g_strcmp0 (domain, "libsoup") != 0 || (level & G_LOG_LEVEL_WARNING) == 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (ignored); i++)
    if (g_pattern_match_simple (ignored[i], message))
      return FALSE;

  return TRUE;
}

static void
test_dropped_connections (void)
{
  static const gsize sizes[] = { 100, 100000, 2000000 };
  g_autofree char *pem = find_certificate ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GTlsCertificate) certificate = g_tls_certificate_new_from_file (pem, &error);
  g_autoptr(GSocketService) service = g_threaded_socket_service_new (8);
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u/v1", listen_locally (service));
  g_autoptr(OaiClient) client = new_client (url);

  g_assert_no_error (error);
  g_signal_connect (service, "run", G_CALLBACK (drop_cb), certificate);
  g_test_log_set_fatal_handler (is_fatal, NULL);
  oai_settings_set_timeout_ms (oai_client_get_settings (client), 800);
  oai_settings_set_max_retries (oai_client_get_settings (client), 0);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint blocking = 0; blocking < 2; blocking++)
      upload_in_vain (client, sizes[i], blocking);
  g_socket_service_stop (service);
}

int
main (int argc, char **argv)
{
  /* Servers of libsoup 3.2 use HTTP/2 only with this variable. */
  g_setenv ("SOUP_SERVER_HTTP2", "1", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/http2/blocking-calls-leave-connections-to-the-main-loop", Fixture, NULL, set_up, test_blocking_first, tear_down);
  g_test_add ("/http2/the-main-loop-keeps-its-connections", Fixture, NULL, set_up, test_asynchronous_first, tear_down);
  g_test_add_func ("/http2/connections-that-drop-during-requests-end-calls", test_dropped_connections);

  g_test_add ("/tls/a-certificate-that-is-not-accepted", Fixture, NULL, set_up, test_certificate, tear_down);

  return g_test_run ();
}
