/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A front end: streams the answer to a question through the back end of proxy.c, with the token of proxy-login.
 *
 * usage: proxy-client URL TOKEN [QUESTION] (OPENAI_MODEL names the model)
 *
 * URL is what the back end prints.  For a back end with TLS at a domain, use oai_settings_new_for_domain(). */

#include <locale.h>
#include <openai-1/openai.h>

static void
on_content_delta (OaiChatStream *stream, const char *text, guint choice_index, gpointer user_data)
{
  g_print ("%s", text);
}

int
main (int argc, char **argv)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSettings) settings = NULL;
  g_autoptr(OaiAuth) auth = NULL;
  g_autoptr(OaiClient) client = NULL;
  g_autoptr(OaiChatEndpoint) chat = NULL;
  g_autoptr(OaiChatRequest) request = oai_chat_request_new (model != NULL ? model : "gpt-4o-mini");
  g_autoptr(OaiChatStream) stream = NULL;
  g_autoptr(OaiRecord) completion = NULL;

  setlocale (LC_ALL, "");
  if (argc < 3)
    {
      g_printerr ("usage: proxy-client URL TOKEN [QUESTION]\n");
      return 2;
    }

  settings = oai_settings_new_for_base_url (argv[1], &error);
  if (settings != NULL)
    {
      auth = oai_auth_new (argv[2]);
      client = oai_client_new (auth, settings);
      chat = oai_chat_endpoint_new (client);
      oai_chat_request_add_user_message (request, argc > 3 ? argv[3] : "Why is the sky blue?");
      stream = oai_chat_endpoint_create_stream (chat, request);
      g_signal_connect (stream, "content-delta", G_CALLBACK (on_content_delta), NULL);
      completion = oai_stream_run (OAI_STREAM (stream), NULL, &error);
    }
  if (completion == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  g_print ("\n");
  return 0;
}
