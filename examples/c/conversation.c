/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends questions in one conversation that the server stores, and lists its items.
 *
 * usage: conversation [QUESTION...] (OPENAI_MODEL names the model) */

#include <locale.h>
#include <openai-1/openai.h>

static gboolean
ask (OaiResponsesEndpoint *responses, OaiConversation *conversation, const char *question, GError **error)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text (model != NULL ? model : "gpt-4o-mini", question);
  g_autoptr(OaiResponse) response = NULL;

  oai_response_request_set_conversation (request, oai_conversation_get_id (conversation));
  response = oai_responses_endpoint_create (responses, request, NULL, error);
  if (response == NULL || !oai_response_check (response, error))
    return FALSE;

  g_print ("%s\n", oai_response_get_output_text (response));
  return TRUE;
}

static gboolean
list_items (OaiConversation *conversation, GError **error)
{
  g_autoptr(OaiConversationItemListQuery) query = oai_conversation_item_list_query_new ();
  g_autoptr(OaiPagedList) items = NULL;

  oai_conversation_item_list_query_set_order (query, OAI_LIST_ORDER_ASC);
  items = oai_conversation_list_items (conversation, query, NULL, error);
  if (items == NULL)
    return FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (items)); i++)
    {
      g_autoptr(OaiRecord) item = g_list_model_get_item (G_LIST_MODEL (items), i);

      if (OAI_IS_RESPONSE_MESSAGE (item))
        g_print ("- %s: %s\n", oai_response_message_get_role (OAI_RESPONSE_MESSAGE (item)),
                 oai_response_message_get_text (OAI_RESPONSE_MESSAGE (item)));
    }
  return TRUE;
}

int
main (int argc, char **argv)
{
  const char *const questions[] = { "My name is Robin.", "What is my name?", NULL };
  const char *const *question = argc > 1 ? (const char *const *) argv + 1 : questions;
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (client);
  g_autoptr(OaiConversationsEndpoint) conversations = oai_conversations_endpoint_new (client);
  g_autoptr(OaiConversation) conversation = NULL;
  g_autoptr(OaiConversationDeletion) deletion = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");

  conversation = oai_conversations_endpoint_create (conversations, NULL, NULL, &error);
  while (error == NULL && *question != NULL)
    ask (responses, conversation, *question++, &error);
  if (error == NULL && list_items (conversation, &error))
    deletion = oai_conversation_delete_conversation (conversation, NULL, &error);
  if (error != NULL)
    g_printerr ("%s\n", error->message);

  return error != NULL ? 1 : 0;
}
