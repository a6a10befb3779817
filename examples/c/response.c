/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streams a response: prints the text while it arrives, and then the number of tokens used.
 *
 * usage: response QUESTION (OPENAI_MODEL names the model) */

#include <locale.h>
#include <openai-1/openai.h>

typedef struct
{
  GMainLoop *loop;
  int status;
} Program;

static void
on_text_delta (OaiResponseStream *stream, const char *text, guint output_index, guint content_index, gpointer user_data)
{
  g_print ("%s", text);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) response = oai_stream_run_finish (OAI_STREAM (source), result, &error);
  OaiResponseUsage *usage = response != NULL ? oai_response_get_usage (OAI_RESPONSE (response)) : NULL;

  if (response == NULL)
    g_printerr ("%s\n", error->message);
  else if (usage != NULL)
    g_print ("\n(%" G_GINT64_FORMAT " tokens)\n", oai_response_usage_get_total_tokens (usage));

  program->status = response != NULL ? 0 : 1;
  g_main_loop_quit (program->loop);
}

int
main (int argc, char **argv)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  const char *question = argc > 1 ? argv[1] : "Why is the sky blue?";
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Program program = { loop, 1 };
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (client);
  g_autoptr(OaiResponseRequest) request = NULL;
  g_autoptr(OaiResponseStream) stream = NULL;

  setlocale (LC_ALL, "");

  request = oai_response_request_new_for_text (model != NULL ? model : "gpt-4o-mini", question);
  oai_response_request_set_instructions (request, "Answer in one sentence.");

  stream = oai_responses_endpoint_create_stream (responses, request);
  g_signal_connect (stream, "output-text-delta", G_CALLBACK (on_text_delta), NULL);
  oai_stream_run_async (OAI_STREAM (stream), NULL, on_done, &program);
  g_main_loop_run (loop);

  return program.status;
}
