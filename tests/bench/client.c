/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A benchmark program that uses the library. It prints its results, so that failures
 * are detected.
 *
 * usage: client ready
 *        client stream BASE-URL
 *        client streams BASE-URL AT-ONCE
 *        client response-stream BASE-URL
 *        client response-socket BASE-URL
 *        client completions BASE-URL REQUESTS AT-ONCE
 *        client embeddings BASE-URL ROWS FORMAT
 *        client upload BASE-URL FILE
 *        client download BASE-URL FILE */

#include <gio/gio.h>
#include <openai-1/openai.h>
#include <stdlib.h>

#define KEY "sk-test"
#define MODEL "gpt-4o-mini"

typedef struct
{
  GMainLoop *loop;
  OaiClient *client;
  OaiChatEndpoint *chat;
  guint left;   /* to start */
  guint active;
  guint64 count;
  guint64 bytes;
} Bench;

static void
check (const GError *error)
{
  if (error == NULL)
    return;

  g_printerr ("%s\n", error->message);
  exit (1);
}

static OaiClient *
make_client (const char *base_url, SoupSession *session)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiAuth) auth = oai_auth_new (KEY);
  g_autoptr(OaiSettings) settings = oai_settings_new_for_base_url (base_url, &error);

  check (error);

  return oai_client_new_with_session (auth, settings, session);
}

static OaiChatRequest *
make_request (void)
{
  OaiChatRequest *request = oai_chat_request_new (MODEL);

  oai_chat_request_add_system_message (request, "You are a helpful assistant.");
  oai_chat_request_add_user_message (request, "Why is the sky blue?");

  return request;
}

static void
run_ready (void)
{
  g_autoptr(SoupSession) session = soup_session_new ();
  g_autoptr(OaiClient) client = make_client ("http://127.0.0.1:1/v1", session);
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
  g_autoptr(OaiChatRequest) request = make_request ();

  g_print ("%s\n", oai_client_get_session (client) == session && chat != NULL && request != NULL ? "ready" : "not ready");
}

/* Streams */

static void
content_delta_cb (OaiChatStream *stream, const char *text, guint choice, gpointer user_data)
{
  Bench *bench = user_data;

  bench->count++;
  bench->bytes += *text != '\0';
}

static void
streamed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) completion G_GNUC_UNUSED = oai_stream_run_finish (OAI_STREAM (source), result, &error);

  check (error);
  bench->active--;
  if (bench->active == 0)
    g_main_loop_quit (bench->loop);
}

static void
run_streams (Bench *bench, guint at_once)
{
  g_autoptr(OaiChatRequest) request = make_request ();

  bench->active = at_once;
  for (guint i = 0; i < at_once; i++)
    {
      g_autoptr(OaiChatStream) stream = oai_chat_endpoint_create_stream (bench->chat, request);

      g_signal_connect (stream, "content-delta", G_CALLBACK (content_delta_cb), bench);
      oai_stream_run_async (OAI_STREAM (stream), NULL, streamed_cb, bench);
    }
  g_main_loop_run (bench->loop);
  g_print ("%" G_GUINT64_FORMAT "\n", bench->count);
}

static void
text_delta_cb (OaiResponseStream *stream, const char *text, guint output_index, guint content_index, gpointer user_data)
{
  content_delta_cb (NULL, text, output_index, user_data);
}

static void
run_response_stream (Bench *bench, gboolean over_socket)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (bench->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new ();
  g_autoptr(OaiResponsesSocket) socket = NULL;
  g_autoptr(OaiResponseStream) stream = NULL;

  oai_response_request_set_model (request, MODEL);
  oai_response_request_set_input (request, "Why is the sky blue?");
  socket = over_socket ? oai_responses_endpoint_create_socket (responses) : NULL;
  stream = over_socket ? oai_responses_socket_create_stream (socket, request, NULL) : oai_responses_endpoint_create_stream (responses, request);
  bench->active = 1;
  g_signal_connect (stream, "output-text-delta", G_CALLBACK (text_delta_cb), bench);
  oai_stream_run_async (OAI_STREAM (stream), NULL, streamed_cb, bench);
  g_main_loop_run (bench->loop);
  g_print ("%" G_GUINT64_FORMAT "\n", bench->count);
}

/* Many small requests */

static void start_completion (Bench *bench);

static void
completed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatCompletion) completion = oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (source), result, &error);
  const char *content;

  check (error);
  content = oai_chat_completion_get_text (completion);
  bench->count += g_strcmp0 (content, "Hello! How can I help you today?") == 0;
  bench->active--;
  if (bench->left > 0)
    start_completion (bench);
  else if (bench->active == 0)
    g_main_loop_quit (bench->loop);
}

static void
start_completion (Bench *bench)
{
  g_autoptr(OaiChatRequest) request = make_request ();

  bench->left--;
  bench->active++;
  oai_chat_endpoint_create_async (bench->chat, request, NULL, completed_cb, bench);
}

static void
run_completions (Bench *bench, guint requests, guint at_once)
{
  bench->left = requests;
  while (bench->left > 0 && bench->active < at_once)
    start_completion (bench);
  g_main_loop_run (bench->loop);
  g_print ("%" G_GUINT64_FORMAT "\n", bench->count);
}

/* Large replies and requests */

static void
embedded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiEmbeddingList) list = oai_embeddings_endpoint_create_finish (OAI_EMBEDDINGS_ENDPOINT (source), result, &error);
  GPtrArray *data;

  check (error);
  data = oai_embedding_list_get_data (list);
  for (guint i = 0; i < data->len; i++)
    {
      g_autoptr(GBytes) vector = oai_embedding_dup_vector (g_ptr_array_index (data, i));

      bench->count += g_bytes_get_size (vector) / sizeof (float);
    }
  g_main_loop_quit (bench->loop);
}

static void
run_embeddings (Bench *bench, guint rows, const char *format)
{
  g_autoptr(OaiEmbeddingsEndpoint) endpoint = oai_embeddings_endpoint_new (bench->client);
  g_auto(GStrv) texts = g_new0 (char *, rows + 1);
  g_autoptr(OaiEmbeddingRequest) request = NULL;

  for (guint i = 0; i < rows; i++)
    texts[i] = g_strdup ("x");
  request = oai_embedding_request_new_for_texts ("text-embedding-3-small", (const char *const *) texts);
  oai_embedding_request_set_encoding_format (request, format);
  oai_embeddings_endpoint_create_async (endpoint, request, NULL, embedded_cb, bench);
  g_main_loop_run (bench->loop);
  g_print ("%" G_GUINT64_FORMAT "\n", bench->count);
}

static void
uploaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiFile) file = oai_files_endpoint_upload_path_finish (OAI_FILES_ENDPOINT (source), result, &error);

  check (error);
  g_print ("%s\n", oai_file_get_id (file));
  g_main_loop_quit (bench->loop);
}

static void
run_upload (Bench *bench, const char *path)
{
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (bench->client);

  oai_files_endpoint_upload_path_async (files, path, "user_data", NULL, uploaded_cb, bench);
  g_main_loop_run (bench->loop);
}

static void
downloaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr(GError) error = NULL;

  oai_files_endpoint_download_finish (OAI_FILES_ENDPOINT (source), result, &error);
  check (error);
  g_main_loop_quit (bench->loop);
}

static void
run_download (Bench *bench, const char *path)
{
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (bench->client);
  g_autoptr(GFile) target = g_file_new_for_path (path);
  g_autoptr(GFileInfo) info = NULL;

  oai_files_endpoint_download_async (files, "file-abc123", target, TRUE, NULL, downloaded_cb, bench);
  g_main_loop_run (bench->loop);
  info = g_file_query_info (target, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL, NULL);
  g_print ("%" G_GOFFSET_FORMAT "\n", info != NULL ? g_file_info_get_size (info) : 0);
}

int
main (int argc, char **argv)
{
  const char *command = argc > 1 ? argv[1] : "";
  Bench bench = { 0 };

  if (g_str_equal (command, "ready"))
    {
      run_ready ();
      return 0;
    }
  if (argc < 3)
    {
      g_printerr ("usage: client COMMAND BASE-URL [ARGUMENT…]\n");
      return 2;
    }

  bench.loop = g_main_loop_new (NULL, FALSE);
  bench.client = make_client (argv[2], NULL);
  bench.chat = oai_chat_endpoint_new (bench.client);
  if (g_str_equal (command, "stream"))
    run_streams (&bench, 1);
  else if (g_str_equal (command, "streams") && argc == 4)
    run_streams (&bench, atoi (argv[3]));
  else if (g_str_equal (command, "response-stream"))
    run_response_stream (&bench, FALSE);
  else if (g_str_equal (command, "response-socket"))
    run_response_stream (&bench, TRUE);
  else if (g_str_equal (command, "completions") && argc == 5)
    run_completions (&bench, atoi (argv[3]), atoi (argv[4]));
  else if (g_str_equal (command, "embeddings") && argc == 5)
    run_embeddings (&bench, atoi (argv[3]), argv[4]);
  else if (g_str_equal (command, "upload") && argc == 4)
    run_upload (&bench, argv[3]);
  else if (g_str_equal (command, "download") && argc == 4)
    run_download (&bench, argv[3]);
  else
    return 2;

  g_object_unref (bench.chat);
  g_object_unref (bench.client);
  g_main_loop_unref (bench.loop);

  return 0;
}
