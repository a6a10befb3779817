/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends a question, and prints the answer while it arrives.
 *
 * usage: chat QUESTION (OPENAI_MODEL names the model) */

#include <locale.h>
#include <openai-1/openai.h>

static void
on_content_delta (OaiChatStream *stream, const char *text, guint choice_index, gpointer user_data)
{
  g_print ("%s", text);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GMainLoop *loop = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) completion = oai_stream_run_finish (OAI_STREAM (source), result, &error);

  if (completion == NULL)
    g_printerr ("%s\n", error->message);
  else
    g_print ("\n");

  g_object_set_data (source, "failed", GINT_TO_POINTER (completion == NULL));
  g_main_loop_quit (loop);
}

int
main (int argc, char **argv)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new (model != NULL ? model : "gpt-4o-mini");
  g_autoptr(OaiChatStream) stream = NULL;

  setlocale (LC_ALL, "");

  oai_chat_request_add_user_message (request, argc > 1 ? argv[1] : "Why is the sky blue?");

  stream = oai_chat_endpoint_create_stream (chat, request);
  g_signal_connect (stream, "content-delta", G_CALLBACK (on_content_delta), NULL);
  oai_stream_run_async (OAI_STREAM (stream), NULL, on_done, loop);
  g_main_loop_run (loop);

  return g_object_get_data (G_OBJECT (stream), "failed") != NULL ? 1 : 0;
}
