/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connections and main contexts: which are shared, and when they are released. */

#include "call-fixture.h"

#include <libsoup/soup.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "oai-files-endpoint.h"
#include "oai-platform-private.h"
#include "oai-models-endpoint.h"
#include "oai-client-invoke.h"

/* Reuse */

static void
test_posts (CallFixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiChatCompletion) completion G_GNUC_UNUSED = call_fixture_create (self, NULL, &error);

      g_assert_no_error (error);
    }
  g_assert_cmpuint (oai_mock_server_get_n_connections (self->server), ==, 1);
}

static void
test_blocking_posts (CallFixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiChatCompletion) completion G_GNUC_UNUSED = oai_chat_endpoint_create (self->chat, self->request, NULL, &error);

      g_assert_no_error (error);
    }
  g_assert_cmpuint (oai_mock_server_get_n_connections (self->server), ==, 1);
}

/* The end of the body arrives together with [DONE]. */
static void
test_streams (CallFixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (OaiRecord) record = NULL;
      g_autoptr (GError) error = NULL;

      call_fixture_push (self, call_fixture_sse ("data: " CHUNK_TEXT ("hi") "\n\ndata: " CHUNK_STOP "\n\ndata: [DONE]\n\n"));
      record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
      g_assert_no_error (error);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_assert_cmpuint (oai_mock_server_get_n_connections (self->server), ==, 1);
  g_assert_cmpuint (oai_mock_server_get_n_aborted (self->server), ==, 0);
}

/* The end of the body arrives some time after [DONE]. */
static void
test_streams_with_late_end (CallFixture *self, gconstpointer user_data)
{
  const char *events[] = { "data: " CHUNK_TEXT ("hi") "\n\n", "data: " CHUNK_STOP "\n\n", "data: [DONE]\n\n" };

  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      OaiMockReply *reply = oai_mock_reply_new_events ();
      g_autoptr (OaiRecord) record = NULL;
      g_autoptr (GError) error = NULL;
      gint64 start = g_get_monotonic_time ();

      for (guint j = 0; j < G_N_ELEMENTS (events); j++)
        oai_mock_reply_add_text (reply, events[j]);
      oai_mock_reply_add_text (reply, "\n");
      oai_mock_reply_set_chunk_delay (reply, 20);
      call_fixture_push (self, reply);
      record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (g_get_monotonic_time () - start, >=, 60 * 1000);
      /* Waits for the end of the body, as between two questions of a user. */
      while (g_get_monotonic_time () - start < 500 * 1000)
        g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 5);
  g_assert_cmpuint (oai_mock_server_get_n_connections (self->server), ==, 1);
  g_assert_cmpuint (oai_mock_server_get_n_aborted (self->server), ==, 0);
}

static void
test_streams_without_end (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("hi"), CHUNK_STOP, NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  oai_mock_reply_set_hang_after (reply, strlen ("data: " CHUNK_TEXT ("hi") "\n\ndata: " CHUNK_STOP "\n\ndata: [DONE]\n\n"));
  call_fixture_push (self, reply);
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  wait_until (oai_mock_server_get_n_aborted (self->server) == 1);
}

static void
test_errors_keep_connections (CallFixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GError) error = NULL;

      call_fixture_push (self, oai_mock_reply_new_error (400, "x", NULL, "Boom"));
      g_assert_null (call_fixture_create (self, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
    }
  g_assert_cmpuint (oai_mock_server_get_n_connections (self->server), ==, 1);
}

/* Many simultaneous streams from one server do not wait for each other. */
static void
test_parallel_streams (CallFixture *self, gconstpointer user_data)
{
  OaiChatStream *streams[12];
  GAsyncResult *results[12] = { NULL };

  oai_mock_server_set_delta_delay (self->server, 5);
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      streams[i] = call_fixture_stream (self);
      oai_stream_run_async (OAI_STREAM (streams[i]), NULL, call_store_result, &results[i]);
    }
  wait_until (oai_mock_server_get_n_requests (self->server) == G_N_ELEMENTS (streams));
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiRecord) record G_GNUC_UNUSED = oai_stream_run_finish (OAI_STREAM (streams[i]), call_wait (&results[i]), &error);

      g_assert_no_error (error);
      g_object_unref (results[i]);
      g_object_unref (streams[i]);
    }
}

static void
test_many_clients (CallFixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
      g_autoptr (OaiChatCompletion) completion = NULL;
      g_autoptr (GError) error = NULL;

      call_fixture_renew (self, auth);
      completion = call_fixture_create (self, NULL, &error);
      g_assert_no_error (error);
    }
}

/* Main contexts */

typedef struct
{
  CallFixture *fixture;
  GMainContext *context;
  guint n_done;
  guint n_deltas;
} Worker;

static void
on_worker_delta (OaiChatStream *stream, const char *text, guint choice, Worker *worker)
{
  g_assert_true (g_main_context_is_owner (worker->context));
  worker->n_deltas++;
}

static void
on_worker_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Worker *worker = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) record = NULL;

  g_assert_true (g_main_context_is_owner (worker->context));
  if (OAI_IS_STREAM (source))
    record = G_OBJECT (oai_stream_run_finish (OAI_STREAM (source), result, &error));
  else
    record = G_OBJECT (oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (source), result, &error));
  g_assert_no_error (error);
  worker->n_done++;
}

static gpointer
work (gpointer data)
{
  CallFixture *self = data;
  Worker worker = { self, g_main_context_new (), 0, 0 };
  const guint rounds = 5;

  g_main_context_push_thread_default (worker.context);
  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (OaiChatCompletion) blocking = NULL;
      g_autoptr (GError) error = NULL;

      g_signal_connect (stream, "content-delta", G_CALLBACK (on_worker_delta), &worker);
      oai_stream_run_async (OAI_STREAM (stream), NULL, on_worker_done, &worker);
      oai_chat_endpoint_create_async (self->chat, self->request, NULL, on_worker_done, &worker);
      blocking = oai_chat_endpoint_create (self->chat, self->request, NULL, &error);
      g_assert_no_error (error);
      while (worker.n_done < 2 * (i + 1))
        g_main_context_iteration (worker.context, TRUE);
    }
  g_assert_cmpuint (worker.n_deltas, >, 0);
  g_main_context_pop_thread_default (worker.context);
  g_main_context_unref (worker.context);

  return NULL;
}

static void
test_threads (CallFixture *self, gconstpointer user_data)
{
  GThread *threads[6];

  /* Objects that threads share are frozen at that time. */
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("worker", work, self);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, G_N_ELEMENTS (threads) * 15);
}

static gboolean
must_not_run (gpointer user_data)
{
  g_assert_not_reached ();
}

static void
test_foreign_sources (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GMainContext) own = g_main_context_new ();
  g_autoptr (GSource) source = g_idle_source_new ();
  guint id = g_idle_add (must_not_run, NULL);
  g_autoptr (OaiModelsEndpoint) models = oai_models_endpoint_new (self->client);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiChatStream) pulled = call_fixture_stream (self);
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (OaiPagedList) page = NULL;
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (OaiRecord) chunk = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_source_set_callback (source, must_not_run, NULL, NULL);
  g_source_attach (source, own);
  g_main_context_push_thread_default (own);
  completion = oai_chat_endpoint_create (self->chat, self->request, NULL, &error);
  g_assert_no_error (error);
  page = oai_models_endpoint_list (models, NULL, &error);
  g_assert_no_error (error);
  record = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  chunk = oai_stream_next (OAI_STREAM (pulled), NULL, &error);
  g_assert_no_error (error);
  oai_stream_close (OAI_STREAM (pulled));
  text = oai_client_invoke (self->client, "GET", "models", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_main_context_pop_thread_default (own);
  g_source_destroy (source);
  g_source_remove (id);
}

/* A blocking call within a handler of a blocking call. */
static void
on_delta_call_again (OaiChatStream *stream, const char *text, guint choice, CallFixture *self)
{
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_handlers_disconnect_by_data (stream, self);
  completion = oai_chat_endpoint_create (self->chat, self->request, NULL, &error);
  g_assert_no_error (error);
}

static void
test_nested_blocking (CallFixture *self, gconstpointer user_data)
{
  for (guint blocking = 0; blocking < 2; blocking++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (OaiRecord) record = NULL;
      g_autoptr (GError) error = NULL;

      g_signal_connect (stream, "content-delta", G_CALLBACK (on_delta_call_again), self);
      if (blocking)
        record = oai_stream_run (OAI_STREAM (stream), NULL, &error);
      else
        record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (record)));
    }
}

/* Full packets */

#if defined (OAI_HAVE_UNIX) && defined (TCP_CORK)

typedef struct
{
  GSocket *socket;       /* of the only connection */
  guint n_corked;        /* messages whose headers were written while TCP_CORK was set */
  guint n_others;
} Corks;

static gboolean
is_corked (Corks *corks)
{
  int value = -1;

  g_assert_true (g_socket_get_option (corks->socket, IPPROTO_TCP, TCP_CORK, &value, NULL));

  return value != 0;
}

static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, Corks *corks)
{
  if (event != G_SOCKET_CLIENT_COMPLETE)
    return;

  g_assert_null (corks->socket);
  corks->socket = g_object_ref (g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection)));
}

static void
on_wrote_headers (SoupMessage *message, Corks *corks)
{
  if (is_corked (corks))
    corks->n_corked++;
  else
    corks->n_others++;
}

static void
on_request_queued (SoupSession *session, SoupMessage *message, Corks *corks)
{
  g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), corks);
  g_signal_connect (message, "wrote-headers", G_CALLBACK (on_wrote_headers), corks);
}

static void
upload (OaiClient *client, gsize size)
{
  g_autoptr (OaiFilesEndpoint) files = oai_files_endpoint_new (client);
  g_autofree char *text = g_strnfill (size, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  g_autoptr (OaiInputFile) input = oai_input_file_new_for_bytes (bytes, "a.txt");
  g_autoptr (OaiFileUploadRequest) request = oai_file_upload_request_new (input, "user_data");
  g_autoptr (OaiFile) file = NULL;
  g_autoptr (GError) error = NULL;

  file = oai_files_endpoint_upload (files, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oai_file_get_bytes (file), ==, size);
}

/* Files are sent in full packets, over new and over used connections.  Data that follows
 * them is not delayed. */
static void
test_full_packets (CallFixture *self, gconstpointer user_data)
{
  static const gsize sizes[] = { 0, 1, 8192, 300000 };
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
  Corks corks = { 0 };

  g_signal_connect (session, "request-queued", G_CALLBACK (on_request_queued), &corks);
  g_clear_object (&self->client);
  self->client = oai_client_new_with_session (auth, self->settings, session);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (OaiModelsEndpoint) models = oai_models_endpoint_new (self->client);
      g_autoptr (OaiPagedList) page = NULL;
      g_autoptr (GError) error = NULL;

      upload (self->client, sizes[i]);
      g_assert_cmpuint (corks.n_corked, ==, i + 1);
      g_assert_false (is_corked (&corks));
      page = oai_models_endpoint_list (models, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (corks.n_others, ==, i + 1);
    }
  g_assert_cmpuint (oai_mock_server_get_n_connections (self->server), ==, 1);
  g_clear_object (&corks.socket);
}

#else

static void
test_full_packets (CallFixture *self, gconstpointer user_data)
{
  g_test_skip ("TCP_CORK is not available, or not used in this build");
}

#endif

/* A session that the program provides */

static void
test_borrowed_session (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (SoupSession) session = soup_session_new_with_options ("max-conns", 3, "max-conns-per-host", 2, "timeout", 77, "user-agent", "mine", NULL);
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = g_strconcat (oai_mock_server_get_base_url (self->server), "/models", NULL);

  g_object_unref (self->chat);
  g_object_unref (self->client);
  self->client = oai_client_new_with_session (auth, self->settings, session);
  self->chat = oai_chat_endpoint_new (self->client);
  g_assert_true (oai_client_get_session (self->client) == session);
  completion = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&completion);
  call_fixture_renew (self, auth);
  while (g_main_context_iteration (NULL, FALSE))
    ;

  g_assert_cmpuint (soup_session_get_timeout (session), ==, 77);
  g_assert_cmpstr (soup_session_get_user_agent (session), ==, "mine");
  g_assert_true (soup_session_has_feature (session, SOUP_TYPE_CONTENT_DECODER));
  /* Its connection stays open. */
  message = soup_message_new ("GET", url);
  body = soup_session_send_and_read (session, message, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_mock_server_get_n_connections (self->server), ==, 1);
  g_assert_finalize_object (g_steal_pointer (&session));
}

/* Dropped references */

static void
test_dropped_stream (CallFixture *self, gconstpointer user_data)
{
  for (guint pulls = 0; pulls < 3; pulls++)
    {
      OaiChatStream *stream = call_fixture_stream (self);
      OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), NULL);

      oai_mock_reply_set_hang_after (reply, 2 * strlen ("data: " CHUNK_TEXT ("a") "\n\n"));
      call_fixture_push (self, reply);
      for (guint i = 0; i < pulls; i++)
        {
          g_autoptr (GAsyncResult) result = NULL;
          g_autoptr (OaiRecord) chunk = NULL;
          g_autoptr (GError) error = NULL;

          oai_stream_next_async (OAI_STREAM (stream), NULL, call_store_result, &result);
          chunk = oai_stream_next_finish (OAI_STREAM (stream), call_wait (&result), &error);
          g_assert_no_error (error);
          g_assert_nonnull (chunk);
        }
      g_assert_finalize_object (stream);
      wait_until (oai_mock_server_get_n_aborted (self->server) == (pulls > 0 ? 1 : 0));
      oai_mock_server_reset (self->server);
      wait_until (oai_mock_server_get_n_aborted (self->server) == 0);
    }
}

/* The operation holds references to what it needs. */
static void
test_dropped_endpoint (CallFixture *self, gconstpointer user_data)
{
  OaiAuth *auth = oai_auth_new (CALL_FIXTURE_KEY);
  OaiClient *client = oai_client_new (auth, self->settings);
  OaiChatEndpoint *chat = oai_chat_endpoint_new (client);
  OaiChatStream *stream = oai_chat_endpoint_create_stream (chat, self->request);
  GAsyncResult *results[2] = { NULL };
  g_autoptr (GObject) first = NULL;
  g_autoptr (GObject) second = NULL;
  g_autoptr (GError) error = NULL;

  oai_chat_endpoint_create_async (chat, self->request, NULL, call_store_result, &results[0]);
  oai_stream_run_async (OAI_STREAM (stream), NULL, call_store_result, &results[1]);
  g_object_unref (auth);
  g_object_unref (client);
  g_object_unref (chat);
  g_object_unref (stream);
  call_wait (&results[0]);
  call_wait (&results[1]);
  first = g_async_result_get_source_object (results[0]);
  second = g_async_result_get_source_object (results[1]);
  g_object_unref (oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (first), results[0], &error));
  g_assert_no_error (error);
  g_object_unref (oai_stream_run_finish (OAI_STREAM (second), results[1], &error));
  g_assert_no_error (error);
  g_object_unref (results[0]);
  g_object_unref (results[1]);
}

/* This also applies after blocking calls, whose main context is no longer iterated. */
static void
test_dropped_client (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;
  guint before, after = 0;
  GDir *dir;

  completion = oai_chat_endpoint_create (self->chat, self->request, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&completion);
  dir = g_dir_open ("/proc/self/fd", 0, NULL);
  for (before = 0; g_dir_read_name (dir) != NULL; before++)
    ;
  g_dir_close (dir);
  call_fixture_renew (self, auth);
  /* The client's socket; libsoup's server keeps the other one. */
  for (guint i = 0; i < 2000; i++)
    {
      dir = g_dir_open ("/proc/self/fd", 0, NULL);
      for (after = 0; g_dir_read_name (dir) != NULL; after++)
        ;
      g_dir_close (dir);
      if (after + 1 <= before)
        break;
      g_usleep (1000);
    }
  g_assert_cmpuint (after + 1, <=, before);
}

/* Bodies that are read while they arrive */

static void
test_open_body (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiFilesEndpoint) files = oai_files_endpoint_new (self->client);
  OaiMockReply *reply = oai_mock_reply_new_text (200, "text/plain", "contents");
  g_autoptr (GInputStream) body = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[64];
  gsize n;

  oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
  oai_mock_reply_set_truncate_after (reply, 4);
  call_fixture_push (self, reply);
  body = oai_files_endpoint_open_content (files, "file-1", NULL, &error);
  g_assert_no_error (error);
  g_assert_false (g_input_stream_read_all (body, buffer, sizeof buffer, &n, NULL, &error));
  g_assert_cmpuint (n, ==, 4);
  g_assert_nonnull (error);
}

#define add(path, func) g_test_add (path, CallFixture, NULL, call_fixture_set_up, func, call_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/connections/posts-share-one", test_posts);
  add ("/connections/blocking-posts-share-one", test_blocking_posts);
  add ("/connections/streams-share-one", test_streams);
  add ("/connections/streams-with-a-late-end", test_streams_with_late_end);
  add ("/connections/streams-without-an-end", test_streams_without_end);
  add ("/connections/errors-keep-them", test_errors_keep_connections);
  add ("/connections/parallel-streams", test_parallel_streams);
  add ("/connections/many-clients", test_many_clients);
  add ("/contexts/threads", test_threads);
  add ("/contexts/foreign-sources", test_foreign_sources);
  add ("/contexts/nested-blocking", test_nested_blocking);
  add ("/connections/full-packets", test_full_packets);
  add ("/sessions/borrowed", test_borrowed_session);
  add ("/dropped/stream", test_dropped_stream);
  add ("/dropped/endpoint", test_dropped_endpoint);
  add ("/dropped/client", test_dropped_client);
  add ("/bodies/truncated", test_open_body);

  return g_test_run ();
}
