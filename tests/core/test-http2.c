/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* HTTP/2: all requests of a main context share one connection, and two main contexts share
 * none.  Files are uploaded over HTTP/1.1, and with a libsoup whose HTTP/2 buffers without a limit,
 * replies that may be large also arrive over HTTP/1.1. */

#include "tls-server.h"

#include <stdio.h>
#include <string.h>

#define COMPLETION "{\"id\":\"c\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}"

#define EMBEDDINGS "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":\"AACAPw==\"}]}"

#define CONTENT "contents"

#define FILE_OBJECT "{\"id\":\"file-1\",\"object\":\"file\"}"

/* The size of an endless file, and what connections and libraries may buffer of it. */
#define ENDLESS_SIZE (64 * 1024 * 1024)
#define MAX_BUFFERED (16 * 1024 * 1024)

#define UPLOAD_SIZE (400 * 1000)

#define STREAM \
  "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n" \
  "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n" \
  "data: [DONE]\n\n"

typedef struct
{
  TlsServer server;
  int n_http2; /* requests; atomic */
  int n_http1;
  int produced; /* bytes of the endless file; atomic */
  GMutex lock;
  GHashTable *connections[2]; /* the ports of clients that used HTTP/1.1 or HTTP/2 */
  OaiClient *client;
} Fixture;

/* The versions of HTTP that a libsoup at run time allows for replies that may be large. */
static SoupHTTPVersion
get_version_of_large (void)
{
  return soup_check_version (3, 6, 3) ? SOUP_HTTP_2_0 : SOUP_HTTP_1_1;
}

static void
note_request (Fixture *self, SoupServerMessage *message)
{
  gboolean http2 = soup_server_message_get_http_version (message) == SOUP_HTTP_2_0;
  GSocketAddress *address = soup_server_message_get_remote_address (message);
  guint port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));

  g_atomic_int_inc (http2 ? &self->n_http2 : &self->n_http1);
  g_mutex_lock (&self->lock);
  g_hash_table_add (self->connections[http2], GUINT_TO_POINTER (port));
  g_mutex_unlock (&self->lock);
}

static guint
count_connections (Fixture *self, gboolean http2)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = g_hash_table_size (self->connections[http2]);
  g_mutex_unlock (&self->lock);

  return n;
}

/* Produces the endless file as fast as it is sent. */
static void
produce (SoupServerMessage *message, Fixture *self)
{
  SoupMessageBody *body = soup_server_message_get_response_body (message);
  gsize size = 64 * 1024;

  if (g_atomic_int_add (&self->produced, size) >= ENDLESS_SIZE)
    {
      soup_message_body_complete (body);
      return;
    }
  soup_message_body_append_take (body, g_malloc0 (size), size);
}

static void
answer_with_endless_file (Fixture *self, SoupServerMessage *message)
{
  soup_message_headers_set_encoding (soup_server_message_get_response_headers (message), SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  g_signal_connect (message, "wrote-headers", G_CALLBACK (produce), self);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (produce), self);
}

static gboolean
requests_stream (SoupServerMessage *message)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr(GBytes) bytes = soup_message_body_flatten (body);

  return g_strstr_len (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "\"stream\":true") != NULL;
}

static void
answer (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Fixture *self = user_data;
  const char *type = "application/json";
  const char *text = COMPLETION;

  note_request (self, message);
  soup_server_message_set_status (message, 200, NULL);
  if (g_str_has_suffix (path, "/endless/content"))
    {
      answer_with_endless_file (self, message);
      return;
    }
  if (g_str_has_suffix (path, "/content"))
    {
      type = "application/octet-stream";
      text = CONTENT;
    }
  else if (g_str_has_suffix (path, "/files"))
    {
      text = FILE_OBJECT;
    }
  else if (g_str_has_suffix (path, "/embeddings"))
    {
      text = EMBEDDINGS;
    }
  else if (requests_stream (message))
    {
      type = "text/event-stream";
      text = STREAM;
    }
  soup_server_message_set_response (message, type, SOUP_MEMORY_STATIC, text, strlen (text));
}

static OaiClient *
new_client (const char *url)
{
  g_autoptr(GTlsDatabase) database = tls_server_new_database ();
  g_autoptr(SoupSession) session = soup_session_new ();

  soup_session_set_tls_database (session, database);

  return tls_server_new_client (url, session);
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  g_mutex_init (&self->lock);
  for (guint i = 0; i < G_N_ELEMENTS (self->connections); i++)
    self->connections[i] = g_hash_table_new (NULL, NULL);
  tls_server_start (&self->server, answer, self);
  self->client = new_client (self->server.url);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  g_clear_object (&self->client);
  tls_server_stop (&self->server);
  for (guint i = 0; i < G_N_ELEMENTS (self->connections); i++)
    g_hash_table_unref (self->connections[i]);
  g_mutex_clear (&self->lock);
}

static OaiChatRequest *
new_request (void)
{
  OaiChatRequest *request = oai_chat_request_new ("gpt-4o");

  oai_chat_request_add_user_message (request, "Hello");

  return request;
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *left = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatCompletion) completion = oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (source), result, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (completion), ==, "Hi");
  (*left)--;
}

static void
run_asynchronously (Fixture *self)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (self->client);
  g_autoptr(OaiChatRequest) request = new_request ();
  guint left = 5;

  for (guint i = 0; i < 5; i++)
    oai_chat_endpoint_create_async (chat, request, NULL, done_cb, &left);
  while (left > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
run_blocking (Fixture *self)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (self->client);
  g_autoptr(OaiChatRequest) request = new_request ();
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatCompletion) completion = oai_chat_endpoint_create (chat, request, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (completion), ==, "Hi");
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

/* Kinds of calls, all asynchronous */

static void
call_completion (OaiClient *client)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
  g_autoptr(OaiChatRequest) request = new_request ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiChatCompletion) completion = NULL;
  g_autoptr(GError) error = NULL;

  oai_chat_endpoint_create_async (chat, request, NULL, tls_server_store_result, &result);
  completion = oai_chat_endpoint_create_finish (chat, tls_server_wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (completion), ==, "Hi");
}

static void
call_stream (OaiClient *client)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
  g_autoptr(OaiChatRequest) request = new_request ();
  g_autoptr(OaiChatStream) stream = oai_chat_endpoint_create_stream (chat, request);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiRecord) completion = NULL;
  g_autoptr(GError) error = NULL;

  oai_stream_run_async (OAI_STREAM (stream), NULL, tls_server_store_result, &result);
  completion = oai_stream_run_finish (OAI_STREAM (stream), tls_server_wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (completion)), ==, "Hi");
}

static void
call_embeddings (OaiClient *client)
{
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = oai_embeddings_endpoint_new (client);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GBytes) vector = NULL;
  g_autoptr(GError) error = NULL;

  oai_embeddings_endpoint_embed_async (embeddings, "model", "text", NULL, tls_server_store_result, &result);
  vector = oai_embeddings_endpoint_embed_finish (embeddings, tls_server_wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (vector), ==, 4);
}

static GInputStream *
open_file (OaiClient *client, const char *id)
{
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (client);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  GInputStream *stream;

  oai_files_endpoint_open_content_async (files, id, NULL, tls_server_store_result, &result);
  stream = oai_files_endpoint_open_content_finish (files, tls_server_wait_for (&result), &error);
  g_assert_no_error (error);

  return stream;
}

static gsize
read_to_end (GInputStream *stream)
{
  gsize total = 0;
  gssize n = 1;

  while (n > 0)
    {
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GBytes) bytes = NULL;
      g_autoptr(GError) error = NULL;

      g_input_stream_read_bytes_async (stream, 256 * 1024, G_PRIORITY_DEFAULT, NULL, tls_server_store_result, &result);
      bytes = g_input_stream_read_bytes_finish (stream, tls_server_wait_for (&result), &error);
      g_assert_no_error (error);
      n = g_bytes_get_size (bytes);
      total += n;
    }

  return total;
}

static void
call_open (OaiClient *client)
{
  g_autoptr(GInputStream) stream = open_file (client, "file-1");

  g_assert_cmpuint (read_to_end (stream), ==, strlen (CONTENT));
}

static void
call_retrieve (OaiClient *client)
{
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (client);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;

  oai_files_endpoint_retrieve_content_async (files, "file-1", NULL, tls_server_store_result, &result);
  bytes = oai_files_endpoint_retrieve_content_finish (files, tls_server_wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, strlen (CONTENT));
}

static void
call_raw (OaiClient *client)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  oai_client_invoke_async (client, "GET", "anything", NULL, NULL, NULL, tls_server_store_result, &result);
  text = oai_client_invoke_finish (client, tls_server_wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, COMPLETION);
}

/* As a dialog would that a program runs while it reports the progress. */
static void
iterate_cb (OaiInputFile *file, GParamSpec *property, guint *n_reports)
{
  (*n_reports)++;
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
call_upload (OaiClient *client)
{
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (client);
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (UPLOAD_SIZE), UPLOAD_SIZE);
  g_autoptr(OaiInputFile) file = oai_input_file_new_for_bytes (bytes, "f");
  g_autoptr(OaiFileUploadRequest) request = oai_file_upload_request_new (file, "batch");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiFile) uploaded = NULL;
  g_autoptr(GError) error = NULL;
  guint n_reports = 0;

  g_signal_connect (file, "notify::bytes-sent", G_CALLBACK (iterate_cb), &n_reports);
  oai_files_endpoint_upload_async (files, request, NULL, tls_server_store_result, &result);
  uploaded = oai_files_endpoint_upload_finish (files, tls_server_wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_reports, >, 0);
  g_signal_handlers_disconnect_by_func (file, iterate_cb, &n_reports);
}

typedef enum
{
  SMALL,
  LARGE_REPLY,
  UPLOAD
} Traffic;

typedef struct
{
  const char *name;
  void (*call) (OaiClient *client);
  Traffic traffic;
} Kind;

static const Kind kinds[] = {
  { "completion", call_completion, SMALL },
  { "stream", call_stream, LARGE_REPLY },
  { "embeddings", call_embeddings, LARGE_REPLY },
  { "open", call_open, LARGE_REPLY },
  { "retrieve", call_retrieve, LARGE_REPLY },
  { "raw", call_raw, LARGE_REPLY },
  { "upload", call_upload, UPLOAD },
};

static gboolean
uses_http1 (const Kind *kind)
{
  return kind->traffic == UPLOAD || (kind->traffic == LARGE_REPLY && get_version_of_large () == SOUP_HTTP_1_1);
}

/* Each kind twice: the protocol depends on the kind only, and one connection is used for each
 * protocol. */
static void
check_protocols (Fixture *self, OaiClient *client)
{
  for (guint i = 0; i < 2 * G_N_ELEMENTS (kinds); i++)
    {
      const Kind *kind = &kinds[i / 2];
      gboolean http1 = uses_http1 (kind);
      int before = g_atomic_int_get (http1 ? &self->n_http1 : &self->n_http2);

      g_test_message ("%s", kind->name);
      kind->call (client);
      g_assert_cmpint (g_atomic_int_get (http1 ? &self->n_http1 : &self->n_http2), ==, before + 1);
    }
  g_assert_cmpuint (count_connections (self, FALSE), ==, 1);
  g_assert_cmpuint (count_connections (self, TRUE), ==, 1);
}

static void
test_protocols_of_program_session (Fixture *self, gconstpointer user_data)
{
  check_protocols (self, self->client);
}

/* The certificates of the system, which the sessions of a client use, are replaced in this
 * process. */
static void
test_protocols_of_own_sessions (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GTlsDatabase) database = tls_server_new_database ();
  g_autoptr(OaiClient) client = tls_server_new_client (self->server.url, NULL);

  g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
  check_protocols (self, client);
  g_tls_backend_set_default_database (g_tls_backend_get_default (), NULL);
}

/* A server is not read faster than the program reads. */
static void
test_bounded_body (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GInputStream) stream = open_file (self->client, "endless");
  int before = -1;

  while (g_atomic_int_get (&self->produced) > before)
    {
      gint64 start = g_get_monotonic_time ();

      before = g_atomic_int_get (&self->produced);
      while (g_get_monotonic_time () - start < 300 * 1000)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (1000);
        }
    }
  g_assert_cmpint (before, <, MAX_BUFFERED);
  g_assert_cmpuint (read_to_end (stream), ==, ENDLESS_SIZE);
}

/* Proxies that connect clients and servers with CONNECT */

typedef struct
{
  GSocketService *service;
  int n_connects; /* atomic */
} Proxy;

static GSocketConnection *
connect_to_target (GIOStream *client)
{
  GInputStream *in = g_io_stream_get_input_stream (client);
  g_autoptr(GSocketClient) connector = g_socket_client_new ();
  g_autoptr(GString) head = g_string_new (NULL);
  char target[64];
  char byte;

  while (g_input_stream_read (in, &byte, 1, NULL, NULL) == 1)
    {
      g_string_append_c (head, byte);
      if (g_str_has_suffix (head->str, "\r\n\r\n"))
        break;
    }
  if (sscanf (head->str, "CONNECT %63s", target) != 1)
    return NULL;

  return g_socket_client_connect_to_host (connector, target, 443, NULL, NULL);
}

static gpointer
copy_back (gpointer data)
{
  GIOStream **ends = data;

  g_output_stream_splice (g_io_stream_get_output_stream (ends[0]), g_io_stream_get_input_stream (ends[1]), G_OUTPUT_STREAM_SPLICE_NONE, NULL, NULL);
  g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (ends[0])), TRUE, TRUE, NULL);

  return NULL;
}

static gboolean
connect_cb (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";
  Proxy *proxy = user_data;
  GIOStream *client = G_IO_STREAM (connection);
  g_autoptr(GSocketConnection) target = connect_to_target (client);
  GIOStream *ends[2] = { client, G_IO_STREAM (target) };
  GThread *thread;

  if (target == NULL)
    return TRUE;

  g_atomic_int_inc (&proxy->n_connects);
  g_output_stream_write_all (g_io_stream_get_output_stream (client), established, strlen (established), NULL, NULL, NULL);
  thread = g_thread_new ("proxy", copy_back, ends);
  g_output_stream_splice (g_io_stream_get_output_stream (ends[1]), g_io_stream_get_input_stream (client), G_OUTPUT_STREAM_SPLICE_NONE, NULL, NULL);
  g_socket_shutdown (g_socket_connection_get_socket (target), TRUE, TRUE, NULL);
  g_thread_join (thread);

  return TRUE;
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

static OaiClient *
new_client_of_proxy (Fixture *self, guint port)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", port);
  g_autoptr(GProxyResolver) resolver = g_simple_proxy_resolver_new (url, NULL);
  g_autoptr(GTlsDatabase) database = tls_server_new_database ();
  g_autoptr(SoupSession) session = soup_session_new_with_options ("proxy-resolver", resolver, "tls-database", database, NULL);

  return tls_server_new_client (self->server.url, session);
}

static void
test_proxy (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GSocketService) service = g_threaded_socket_service_new (8);
  Proxy proxy = { service, 0 };
  OaiClient *client = new_client_of_proxy (self, listen_locally (service));
  int n_http1 = 0;

  g_signal_connect (service, "run", G_CALLBACK (connect_cb), &proxy);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_test_message ("%s", kinds[i].name);
      kinds[i].call (client);
      n_http1 += uses_http1 (&kinds[i]);
    }
  g_assert_cmpint (g_atomic_int_get (&proxy.n_connects), <=, 2);
  g_assert_cmpint (g_atomic_int_get (&self->n_http1), >=, n_http1);
  g_object_unref (client);
  g_socket_service_stop (service);
}

/* The certificate is self-signed, so without the database its issuer is unknown. */
static void
test_certificate (Fixture *self, gconstpointer user_data)
{
  g_autoptr(OaiCall) call = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiClient) client = tls_server_new_client (self->server.url, NULL);
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
send_in_vain (OaiClient *client, gsize size, gboolean blocking)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
  g_autoptr(OaiChatRequest) request = new_request ();
  g_autofree char *text = g_strnfill (size, 'a');
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiChatCompletion) completion = NULL;
  g_autoptr(GError) error = NULL;

  oai_chat_request_add_user_message (request, text);
  if (blocking)
    {
      completion = oai_chat_endpoint_create (chat, request, NULL, &error);
    }
  else
    {
      oai_chat_endpoint_create_async (chat, request, NULL, tls_server_store_result, &result);
      completion = oai_chat_endpoint_create_finish (chat, tls_server_wait_for (&result), &error);
    }
  g_assert_null (completion);
  g_assert_nonnull (error);
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

/* GLib prints "Bail out!" for each warning, also for those that do not end the test. */
static void
log_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  if (is_fatal (domain, level, message, NULL))
    g_log_default_handler (domain, level, message, NULL);
}

static void
drop_connections (void)
{
  static const gsize sizes[] = { 100, 100000, 2000000 };
  g_autofree char *pem = tls_server_find_certificate ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GTlsCertificate) certificate = g_tls_certificate_new_from_file (pem, &error);
  g_autoptr(GSocketService) service = g_threaded_socket_service_new (8);
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u/v1", listen_locally (service));
  g_autoptr(OaiClient) client = new_client (url);

  g_assert_no_error (error);
  g_signal_connect (service, "run", G_CALLBACK (drop_cb), certificate);
  oai_settings_set_timeout_ms (oai_client_get_settings (client), 800);
  oai_settings_set_max_retries (oai_client_get_settings (client), 0);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint blocking = 0; blocking < 2; blocking++)
      send_in_vain (client, sizes[i], blocking);
  g_socket_service_stop (service);
}

static void
test_dropped_connections (void)
{
  guint handler = g_log_set_handler ("libsoup", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION, log_cb, NULL);

  g_test_log_set_fatal_handler (is_fatal, NULL);
  drop_connections ();
  g_log_remove_handler ("libsoup", handler);
}

int
main (int argc, char **argv)
{
  /* Servers of libsoup 3.2 use HTTP/2 only with this variable. */
  g_setenv ("SOUP_SERVER_HTTP2", "1", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/http2/blocking-calls-leave-connections-to-the-main-loop", Fixture, NULL, set_up, test_blocking_first, tear_down);
  g_test_add ("/http2/the-main-loop-keeps-its-connections", Fixture, NULL, set_up, test_asynchronous_first, tear_down);
  g_test_add ("/http2/large-replies-of-a-session-of-the-program", Fixture, NULL, set_up, test_protocols_of_program_session, tear_down);
  g_test_add ("/http2/large-replies-of-sessions-of-the-client", Fixture, NULL, set_up, test_protocols_of_own_sessions, tear_down);
  g_test_add ("/http2/bodies-that-are-not-read-are-not-buffered", Fixture, NULL, set_up, test_bounded_body, tear_down);
  g_test_add ("/http2/large-replies-through-a-proxy", Fixture, NULL, set_up, test_proxy, tear_down);
  g_test_add_func ("/http2/connections-that-drop-during-requests-end-calls", test_dropped_connections);

  g_test_add ("/tls/a-certificate-that-is-not-accepted", Fixture, NULL, set_up, test_certificate, tear_down);

  return g_test_run ();
}
