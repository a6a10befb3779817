/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Continues a text with the legacy completions API, and prints it while it arrives.
 *
 * usage: completion TEXT (OPENAI_MODEL names the model) */

#include <locale.h>
#include <openai-1/openai.h>

static void
on_text_delta (OaiCompletionStream *stream, const char *text, guint choice_index, gpointer user_data)
{
  g_print ("%s", text);
}

int
main (int argc, char **argv)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiCompletionsEndpoint) completions = oai_completions_endpoint_new (client);
  g_autoptr(OaiCompletionRequest) request = oai_completion_request_new (model != NULL ? model : "gpt-3.5-turbo-instruct");
  g_autoptr(OaiCompletionStream) stream = NULL;
  g_autoptr(OaiRecord) completion = NULL;

  setlocale (LC_ALL, "");

  oai_completion_request_set_prompt (request, argc > 1 ? argv[1] : "Once upon a time");
  stream = oai_completions_endpoint_create_stream (completions, request);
  g_signal_connect (stream, "text-delta", G_CALLBACK (on_text_delta), NULL);
  completion = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  if (completion == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_print ("\n");

  return 0;
}
