/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends a question, waits for the answer, and prints it with the number of tokens used.
 *
 * usage: ask QUESTION (OPENAI_MODEL names the model) */

#include <locale.h>
#include <openai-1/openai.h>

int
main (int argc, char **argv)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new (model != NULL ? model : "gpt-4o-mini");
  g_autoptr(OaiChatCompletion) completion = NULL;
  OaiCompletionUsage *usage;

  setlocale (LC_ALL, "");

  oai_chat_request_add_system_message (request, "Answer in one sentence.");
  oai_chat_request_add_user_message (request, argc > 1 ? argv[1] : "Why is the sky blue?");
  completion = oai_chat_endpoint_create (chat, request, NULL, &error);
  if (completion == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  usage = oai_chat_completion_get_usage (completion);
  g_print ("%s\n", oai_chat_completion_get_text (completion));
  if (usage != NULL)
    g_print ("(%" G_GINT64_FORMAT " tokens)\n", oai_completion_usage_get_total_tokens (usage));

  return 0;
}
