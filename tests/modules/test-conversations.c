/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-module.h"

#define CONVERSATION "{\"id\":\"conv_1\",\"object\":\"conversation\",\"created_at\":1741900000,\"metadata\":{\"topic\":\"demo\"}}"
#define ITEM(id, text) "{\"id\":\"" id "\",\"type\":\"message\",\"role\":\"user\",\"status\":\"completed\",\"content\":[{\"type\":\"input_text\",\"text\":\"" text "\"}]}"
#define LIST(items, more, last) "{\"object\":\"list\",\"data\":[" items "],\"has_more\":" more ",\"first_id\":\"msg_1\",\"last_id\":\"" last "\"}"

static void
push_json (Fixture *fixture, const char *json)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);

  oai_mock_server_push_reply (fixture->server, reply);
}

static void
assert_request (Fixture *fixture, const char *method, const char *path, const char *query, const char *body)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, -1);
  g_autofree char *text = oai_mock_request_dup_body_text (request);

  g_assert_cmpstr (oai_mock_request_get_method (request), ==, method);
  g_assert_true (g_str_has_suffix (oai_mock_request_get_path (request), path));
  g_assert_cmpstr (oai_mock_request_get_query (request), ==, query);
  if (body != NULL)
    g_assert_cmpstr (text, ==, body);
}

static OaiConversation *
create (Fixture *fixture)
{
  g_autoptr(OaiConversationsEndpoint) conversations = oai_conversations_endpoint_new (fixture->client);
  g_autoptr(OaiConversationRequest) request = oai_conversation_request_new ();
  g_autoptr(OaiResponseMessage) message = oai_response_message_new_user ("Hello");
  g_autoptr(GError) error = NULL;
  OaiConversation *conversation;

  oai_conversation_request_set_metadata_value (request, "topic", "demo");
  oai_conversation_request_add_item (request, OAI_RESPONSE_ITEM (message));
  push_json (fixture, CONVERSATION);
  conversation = oai_conversations_endpoint_create (conversations, request, NULL, &error);
  g_assert_no_error (error);

  return conversation;
}

static void
test_conversation (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiConversation) conversation = create (fixture);
  g_autoptr(OaiConversationUpdate) update = oai_conversation_update_new ("{\"topic\":\"other\"}");
  g_autoptr(OaiConversation) fresh = NULL;
  g_autoptr(OaiConversation) changed = NULL;
  g_autoptr(OaiConversationDeletion) deletion = NULL;
  g_autofree char *topic = oai_conversation_dup_metadata_value (conversation, "topic");
  g_autoptr(GError) error = NULL;

  g_assert_cmpstr (oai_conversation_get_id (conversation), ==, "conv_1");
  g_assert_cmpstr (topic, ==, "demo");

  push_json (fixture, CONVERSATION);
  fresh = oai_conversation_retrieve (conversation, NULL, &error);
  g_assert_no_error (error);
  assert_request (fixture, "GET", "/conversations/conv_1", NULL, NULL);

  push_json (fixture, CONVERSATION);
  changed = oai_conversation_update (conversation, update, NULL, &error);
  g_assert_no_error (error);
  assert_request (fixture, "POST", "/conversations/conv_1", NULL, "{\"metadata\":{\"topic\":\"other\"}}");

  push_json (fixture, "{\"id\":\"conv_1\",\"object\":\"conversation.deleted\",\"deleted\":true}");
  deletion = oai_conversation_delete_conversation (conversation, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_conversation_deletion_get_deleted (deletion));
  assert_request (fixture, "DELETE", "/conversations/conv_1", NULL, NULL);
}

static void
test_items (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiConversation) conversation = create (fixture);
  g_autoptr(OaiConversationItemsRequest) request = oai_conversation_items_request_new ();
  g_autoptr(OaiConversationItemQuery) query = oai_conversation_item_query_new ();
  g_autoptr(OaiResponseMessage) message = oai_response_message_new_user ("More");
  g_autoptr(OaiConversationItemList) added = NULL;
  g_autoptr(OaiResponseItem) item = NULL;
  g_autoptr(OaiConversation) rest = NULL;
  g_autoptr(GError) error = NULL;

  oai_conversation_items_request_add_item (request, OAI_RESPONSE_ITEM (message));
  oai_conversation_item_query_set_include (query, (const char *const []) { OAI_RESPONSE_INCLUDE_LOGPROBS, NULL });
  push_json (fixture, LIST (ITEM ("msg_2", "More"), "false", "msg_2"));
  added = oai_conversation_create_items (conversation, request, query, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_conversation_item_list_get_items (added)->len, ==, 1);
  assert_request (fixture, "POST", "/conversations/conv_1/items", "include%5B%5D=message.output_text.logprobs",
                  "{\"items\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"More\"}]}");

  push_json (fixture, ITEM ("msg_2", "More"));
  item = oai_conversation_retrieve_item (conversation, "msg_2", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (OAI_IS_RESPONSE_MESSAGE (item));
  g_assert_cmpstr (oai_response_item_get_id (item), ==, "msg_2");

  push_json (fixture, CONVERSATION);
  rest = oai_conversation_delete_item (conversation, "msg_2", NULL, &error);
  g_assert_no_error (error);
  assert_request (fixture, "DELETE", "/conversations/conv_1/items/msg_2", NULL, NULL);
}

/* The identifier of the last item selects the next page. */
static void
test_list (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiConversation) conversation = create (fixture);
  g_autoptr(OaiConversationItemListQuery) query = oai_conversation_item_list_query_new ();
  g_autoptr(OaiPagedList) items = NULL;
  g_autoptr(GError) error = NULL;

  oai_conversation_item_list_query_set_order (query, OAI_LIST_ORDER_ASC);
  push_json (fixture, LIST (ITEM ("msg_1", "a") "," ITEM ("msg_2", "b"), "true", "msg_2"));
  items = oai_conversation_list_items (conversation, query, NULL, &error);
  g_assert_no_error (error);
  assert_request (fixture, "GET", "/conversations/conv_1/items", "order=asc", NULL);
  push_json (fixture, LIST (ITEM ("msg_3", "c"), "false", "msg_3"));
  g_assert_true (oai_paged_list_load_more (items, NULL, &error));
  g_assert_no_error (error);
  assert_request (fixture, "GET", "/conversations/conv_1/items", "order=asc&after=msg_2", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (items)), ==, 3);
}

static void
test_bound_response (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiConversation) conversation = create (fixture);
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Hello");
  g_autoptr(OaiResponse) response = NULL;
  g_autoptr(GError) error = NULL;

  oai_response_request_set_conversation (request, oai_conversation_get_id (conversation));
  push_json (fixture, "{\"id\":\"resp_1\",\"object\":\"response\",\"conversation\":{\"id\":\"conv_1\"},\"output\":[]}");
  response = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  assert_request (fixture, "POST", "/responses", NULL, "{\"model\":\"gpt-5\",\"input\":\"Hello\",\"conversation\":\"conv_1\"}");
  g_assert_cmpstr (oai_response_conversation_get_id (oai_response_get_conversation (response)), ==, "conv_1");
}

/* The service keeps the conversation, and adds the items of responses to it. */
static void
test_state (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiConversationsEndpoint) conversations = oai_conversations_endpoint_new (fixture->client);
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Hello");
  g_autoptr(OaiConversation) conversation = NULL;
  g_autoptr(OaiResponse) response = NULL;
  g_autoptr(OaiPagedList) items = NULL;
  g_autoptr(OaiConversationDeletion) deletion = NULL;
  g_autoptr(GError) error = NULL;

  conversation = oai_conversations_endpoint_create (conversations, NULL, NULL, &error);
  g_assert_no_error (error);
  oai_response_request_set_conversation (request, oai_conversation_get_id (conversation));
  response = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  items = oai_conversation_list_items (conversation, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_paged_list_get_n_loaded (items), ==, 1 + oai_response_get_output_items (response)->len);
  deletion = oai_conversation_delete_conversation (conversation, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_conversation_deletion_get_deleted (deletion));
  assert_no_violations (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/conversations/conversation", test_conversation);
  TEST ("/conversations/items", test_items);
  TEST ("/conversations/list", test_list);
  TEST ("/conversations/response", test_bound_response);
  TEST ("/conversations/state", test_state);

  return g_test_run ();
}
