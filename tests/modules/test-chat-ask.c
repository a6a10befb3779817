/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-module.h"

static void
push_message (Fixture *fixture, const char *message, const char *finish_reason)
{
  g_autofree char *json =
    g_strdup_printf ("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":"
                     "[{\"index\":0,\"message\":%s,\"finish_reason\":\"%s\",\"logprobs\":null}]}",
                     message, finish_reason);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);

  oai_mock_server_push_reply (fixture->server, reply);
}

static void
test_answer (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *async_answer = NULL;
  g_autofree char *body = NULL;
  g_autoptr(OaiMockRequest) request = NULL;

  push_message (fixture, "{\"role\":\"assistant\",\"content\":\"Paris\"}", "stop");
  answer = oai_chat_endpoint_ask (chat, "gpt-4o", "The capital of France?", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (answer, ==, "Paris");

  push_message (fixture, "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"Pa\"},{\"type\":\"text\",\"text\":\"ris\"}]}",
                "stop");
  oai_chat_endpoint_ask_async (chat, "gpt-4o", "The capital of France?", NULL, keep_result, &result);
  wait_for (&result);
  async_answer = oai_chat_endpoint_ask_finish (chat, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (async_answer, ==, "Paris");

  request = oai_mock_server_dup_request (fixture->server, 0);
  body = oai_mock_request_dup_body_text (request);
  g_assert_cmpstr (body, ==,
                   "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"The capital of France?\"}]}");
}

static void
test_no_answer (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *message;
    const char *finish_reason;
    OaiError code;
    const char *text;
  } cases[] = {
    { "{\"role\":\"assistant\",\"content\":null,\"refusal\":\"I would rather not.\"}", "stop",
      OAI_ERROR_CONTENT_FILTER, "I would rather not." },
    { "{\"role\":\"assistant\",\"content\":null}", "content_filter", OAI_ERROR_CONTENT_FILTER, NULL },
    { "{\"role\":\"assistant\",\"content\":\"\"}", "length", OAI_ERROR_LENGTH, NULL },
    { "{\"role\":\"assistant\",\"content\":null}", "stop", OAI_ERROR_PROTOCOL, NULL },
  };
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      push_message (fixture, cases[i].message, cases[i].finish_reason);
      g_assert_null (oai_chat_endpoint_ask (chat, "m", "?", NULL, &error));
      g_assert_error (error, OAI_ERROR, (int) cases[i].code);
      if (cases[i].text != NULL)
        g_assert_cmpstr (error->message, ==, cases[i].text);
    }
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (oai_chat_endpoint_ask (chat, "m", "?", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The lifetime of a stored reply. */
static void
test_stored (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("gpt-4o");
  g_autoptr(OaiChatUpdate) update = oai_chat_update_new ("{\"colour\":\"red\"}");
  g_autoptr(OaiChatListQuery) query = oai_chat_list_query_new ();
  g_autoptr(OaiChatCompletion) made = NULL;
  g_autoptr(OaiChatCompletion) changed = NULL;
  g_autoptr(OaiChatCompletion) got = NULL;
  g_autoptr(OaiChatDeletion) deletion = NULL;
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(OaiPagedList) messages = NULL;
  g_autoptr(OaiChatMessage) message = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *colour = NULL;

  oai_chat_request_add_user_message (request, "Hello");
  oai_chat_request_set_store (request, TRUE);
  made = oai_chat_endpoint_create (chat, request, NULL, &error);
  g_assert_no_error (error);

  changed = oai_chat_endpoint_update (chat, oai_chat_completion_get_id (made), update, NULL, &error);
  g_assert_no_error (error);
  colour = oai_chat_completion_dup_metadata_value (changed, "colour");
  g_assert_cmpstr (colour, ==, "red");

  oai_chat_list_query_set_metadata_value (query, "colour", "red");
  oai_chat_list_query_set_order (query, OAI_LIST_ORDER_DESC);
  page = oai_chat_endpoint_list (chat, query, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_paged_list_get_n_loaded (page), ==, 1);

  got = oai_chat_endpoint_retrieve (chat, oai_chat_completion_get_id (made), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (got), ==, oai_chat_completion_get_text (made));

  messages = oai_chat_endpoint_list_messages (chat, oai_chat_completion_get_id (made), NULL, NULL, &error);
  g_assert_no_error (error);
  message = OAI_CHAT_MESSAGE (oai_paged_list_next (messages, NULL, &error));
  g_assert_cmpstr (oai_chat_message_get_text (message), ==, "Hello");

  deletion = oai_chat_endpoint_delete_completion (chat, oai_chat_completion_get_id (made), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_chat_deletion_get_deleted (deletion));
}

static void
test_tool_choice_by_name (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("gpt-4o");
  g_autoptr(OaiChatTool) tool = oai_chat_tool_new_function ("weather", NULL, NULL, FALSE, NULL);
  g_autoptr(OaiChatCompletion) completion = NULL;
  g_autoptr(GError) error = NULL;

  oai_chat_request_add_user_message (request, "Hello");
  oai_chat_request_add_tool (request, tool);
  oai_chat_request_set_tool_choice (request, "weather");
  g_assert_null (oai_chat_endpoint_create (chat, request, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "tool-choice-function"));
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 0);
  g_clear_error (&error);

  oai_chat_request_set_tool_choice_function (request, "weather");
  completion = oai_chat_endpoint_create (chat, request, NULL, &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/chat/ask/answer", test_answer);
  TEST ("/chat/ask/an-empty-reply-is-an-error", test_no_answer);
  TEST ("/chat/ask/cancelled", test_cancelled);
  TEST ("/chat/stored", test_stored);
  TEST ("/chat/tool-choice-by-name-is-an-error", test_tool_choice_by_name);

  return g_test_run ();
}
