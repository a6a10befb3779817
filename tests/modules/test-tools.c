/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools of the program in requests, and the calls of models. */

#include "test-module.h"

#define CITY "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}"

static void
answer_cb (OaiToolCall *call, gpointer user_data)
{
  guint *count = user_data;
  g_autofree char *text = g_strdup_printf ("%s %u", oai_tool_call_get_name (call), ++*count);

  oai_tool_call_respond (call, text);
}

static OaiToolset *
new_toolset (guint *count)
{
  g_autoptr(GError) error = NULL;
  OaiToolset *toolset = oai_toolset_new ();

  oai_toolset_add_function (toolset, "get_weather", "Gets the weather", CITY, answer_cb, count, NULL, &error);
  g_assert_no_error (error);
  oai_toolset_add_function (toolset, "get_time", NULL, NULL, answer_cb, count, NULL, &error);
  g_assert_no_error (error);

  return toolset;
}

/* Chat */

static OaiChatRequest *
new_chat_request (OaiToolset *toolset)
{
  g_autoptr(GError) error = NULL;
  OaiChatRequest *request = oai_chat_request_new ("gpt-4o");

  oai_chat_request_add_user_message (request, "Use the tools");
  g_assert_true (oai_chat_request_add_toolset (request, toolset, &error));
  g_assert_no_error (error);

  return request;
}

/* Runs the loop of a program, and returns the number of rounds with calls. */
static guint
chat_until_text (Fixture *fixture, OaiChatRequest *request, OaiToolset *toolset)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);

  for (guint rounds = 0;; rounds++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiChatCompletion) completion = oai_chat_endpoint_create (chat, request, NULL, &error);
      g_autoptr(GPtrArray) calls = NULL;

      g_assert_no_error (error);
      calls = oai_chat_request_run_tools (request, oai_chat_completion_get_message (completion), toolset, NULL, &error);
      g_assert_no_error (error);
      if (calls->len == 0)
        return rounds;
      g_assert_cmpuint (rounds, <, 3);
    }
}

static void
test_chat_loop (Fixture *fixture, gconstpointer data)
{
  guint count = 0;
  g_autoptr(OaiToolset) toolset = new_toolset (&count);
  g_autoptr(OaiChatRequest) request = new_chat_request (toolset);
  GPtrArray *messages;

  g_assert_cmpuint (chat_until_text (fixture, request, toolset), ==, 1);
  g_assert_cmpuint (count, ==, 2);
  messages = oai_chat_request_get_messages (request);
  g_assert_cmpuint (messages->len, ==, 5);
  g_assert_cmpstr (oai_chat_message_get_role (messages->pdata[1]), ==, "assistant");
  g_assert_cmpstr (oai_chat_message_get_text (messages->pdata[2]), ==, "{\"result\":\"get_weather 1\"}");
  g_assert_cmpstr (oai_chat_message_get_text (messages->pdata[3]), ==, "{\"result\":\"get_time 2\"}");
  g_assert_cmpstr (oai_chat_message_get_role (messages->pdata[4]), ==, "assistant");
  assert_no_violations (fixture);
}

/* Without an identifier, or with one of another call, the results could not be assigned. */
static void
test_chat_ids (Fixture *fixture, gconstpointer data)
{
  guint count = 0;
  g_autoptr(OaiToolset) toolset = new_toolset (&count);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("gpt-4o");
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatMessage) message = (OaiChatMessage *) oai_record_new_from_json (OAI_TYPE_CHAT_MESSAGE,
    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
    "{\"id\":\"\",\"type\":\"function\",\"function\":{\"name\":\"get_time\",\"arguments\":\"\"}},"
    "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"get_time\",\"arguments\":\"{}\"}},"
    "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"get_time\",\"arguments\":\"null\"}},"
    "{\"type\":\"function\",\"function\":{\"name\":\"get_time\"}}]}", &error);
  g_autoptr(GPtrArray) calls = NULL;
  g_autoptr(GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *messages, *tool_calls;

  g_assert_no_error (error);
  calls = oai_chat_request_run_tools (request, message, toolset, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (calls->len, ==, 4);
  g_assert_cmpuint (count, ==, 4);
  messages = oai_chat_request_get_messages (request);
  g_assert_cmpuint (messages->len, ==, 5);
  tool_calls = oai_chat_message_get_tool_calls (messages->pdata[0]);
  for (guint i = 0; i < 4; i++)
    {
      const char *id = oai_chat_tool_call_get_id (tool_calls->pdata[i]);

      g_assert_cmpstr (id, ==, oai_chat_message_get_tool_call_id (messages->pdata[i + 1]));
      g_assert_true (i != 1 || g_str_equal (id, "a"));
      g_assert_cmpuint (strlen (id), >, 0);
      g_assert_true (g_hash_table_add (ids, (gpointer) id));
    }
  /* The message itself is unchanged. */
  g_assert_cmpstr (oai_chat_tool_call_get_id (oai_chat_message_get_tool_calls (message)->pdata[0]), ==, "");
}

static void
never_cb (OaiToolCall *call, gpointer user_data)
{
  g_ptr_array_add (user_data, g_object_ref (call));
}

/* The results are appended, so that the conversation can continue. */
static void
test_chat_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(OaiChatRequest) request = NULL;
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiChatCompletion) completion = NULL;
  g_autoptr(OaiChatCompletion) next = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *messages;

  oai_toolset_add_function (toolset, "first", NULL, NULL, never_cb, waiting, NULL, &error);
  oai_toolset_add_function (toolset, "second", NULL, NULL, never_cb, waiting, NULL, &error);
  g_assert_no_error (error);
  request = new_chat_request (toolset);
  completion = oai_chat_endpoint_create (chat, request, NULL, &error);
  g_assert_no_error (error);

  oai_chat_request_run_tools_async (request, oai_chat_completion_get_message (completion), toolset, cancellable, keep_result, &result);
  g_assert_cmpuint (waiting->len, ==, 2);
  oai_tool_call_respond (waiting->pdata[1], "done");
  g_cancellable_cancel (cancellable);
  wait_for (&result);
  g_assert_null (oai_chat_request_run_tools_finish (request, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_true (g_cancellable_is_cancelled (oai_tool_call_get_cancellable (waiting->pdata[0])));

  messages = oai_chat_request_get_messages (request);
  g_assert_cmpuint (messages->len, ==, 4);
  g_assert_nonnull (strstr (oai_chat_message_get_text (messages->pdata[2]), "cancelled"));
  g_assert_cmpstr (oai_chat_message_get_text (messages->pdata[3]), ==, "{\"result\":\"done\"}");
  next = oai_chat_endpoint_create (chat, request, NULL, &error);
  g_assert_no_error (error);
  assert_no_violations (fixture);
}

static void
test_sequential (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("gpt-4o");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) calls = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatMessage) message = (OaiChatMessage *) oai_record_new_from_json (OAI_TYPE_CHAT_MESSAGE,
    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
    "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"first\",\"arguments\":\"\"}},"
    "{\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"first\",\"arguments\":\"\"}}]}", &error);

  oai_toolset_add_function (toolset, "first", NULL, NULL, never_cb, waiting, NULL, &error);
  g_assert_no_error (error);
  oai_chat_request_set_parallel_tool_calls (request, FALSE);
  oai_chat_request_run_tools_async (request, message, toolset, NULL, keep_result, &result);
  g_assert_cmpuint (waiting->len, ==, 1);
  oai_tool_call_respond (waiting->pdata[0], NULL);
  while (waiting->len < 2)
    g_main_context_iteration (NULL, TRUE);
  oai_tool_call_respond (waiting->pdata[1], NULL);
  wait_for (&result);
  calls = oai_chat_request_run_tools_finish (request, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (calls->len, ==, 2);
}

static void
check_context_cb (OaiToolCall *call, gpointer user_data)
{
  g_assert_null (g_main_context_get_thread_default ());
}

/* The blocking form calls tools with the main context of the program, and time limits apply. */
static void
test_blocking (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("gpt-4o");
  g_autoptr(GPtrArray) calls = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatMessage) message = (OaiChatMessage *) oai_record_new_from_json (OAI_TYPE_CHAT_MESSAGE,
    "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"never\",\"arguments\":\"\"}}]}", &error);

  oai_tool_set_timeout_ms (oai_toolset_add_function (toolset, "never", NULL, NULL, check_context_cb, NULL, NULL, &error), 5);
  g_assert_no_error (error);
  calls = oai_chat_request_run_tools (request, message, toolset, NULL, &error);
  g_assert_no_error (error);
  g_assert_error (oai_tool_call_get_error (calls->pdata[0]), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpuint (oai_chat_request_get_messages (request)->len, ==, 2);
}

/* Servers send arguments as an object, or call tools that do not exist. */
static void
test_sloppy_calls (Fixture *fixture, gconstpointer data)
{
  guint count = 0;
  g_autoptr(OaiToolset) toolset = new_toolset (&count);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("gpt-4o");
  g_autoptr(GPtrArray) calls = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatMessage) message = (OaiChatMessage *) oai_record_new_from_json (OAI_TYPE_CHAT_MESSAGE,
    "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":["
    "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Oslo\"}}},"
    "{\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"get_wether\",\"arguments\":\"{}\"}},"
    "{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":\"{\\\"city\\\":\"}},"
    "{\"id\":\"d\",\"type\":\"custom\",\"custom\":{\"name\":\"get_time\",\"input\":\"now\"}},"
    "{\"id\":\"e\"}]}", &error);

  g_assert_no_error (error);
  calls = oai_chat_request_run_tools (request, message, toolset, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (calls->len, ==, 5);
  g_assert_cmpstr (oai_tool_call_get_output (calls->pdata[0]), ==, "{\"result\":\"get_weather 1\"}");
  for (guint i = 1; i < calls->len; i++)
    g_assert_cmpint (oai_tool_call_get_state (calls->pdata[i]), ==, OAI_TOOL_CALL_STATE_FAILED);
  g_assert_cmpuint (oai_chat_request_get_messages (request)->len, ==, 6);
}

/* A tool that cannot be sent is an error of the program; the request does not change. */
static void
test_invalid_tools (Fixture *fixture, gconstpointer data)
{
  guint count = 0;
  g_autoptr(OaiToolset) toolset = new_toolset (&count);
  g_autoptr(OaiChatRequest) chat = oai_chat_request_new ("gpt-4o");
  g_autoptr(OaiResponseRequest) response = oai_response_request_new_for_text ("gpt-4o", "Hello");
  g_autoptr(OaiRunRequest) run = oai_run_request_new ("asst_1");
  g_autoptr(OaiThreadRunRequest) thread_run = oai_thread_run_request_new ("asst_1");
  g_autoptr(OaiAssistantUpdate) update = oai_assistant_update_new ();
  g_autoptr(GError) error = NULL;
  OaiTool *tool = oai_toolset_add_function (toolset, "any", NULL, "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}", answer_cb, &count, NULL, &error);

  g_assert_no_error (error);
  oai_tool_set_strict (tool, TRUE);
  g_assert_false (oai_chat_request_add_toolset (chat, toolset, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_response_request_add_toolset (response, toolset, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_record_has_member (OAI_RECORD (chat), "tools"));
  g_assert_false (oai_record_has_member (OAI_RECORD (response), "tools"));

  oai_tool_set_strict (tool, FALSE);
  oai_tool_set_free_form (tool, TRUE);
  g_assert_true (oai_chat_request_add_toolset (chat, toolset, &error));
  g_assert_cmpuint (oai_chat_request_get_tools (chat)->len, ==, 3);
  g_assert_false (oai_run_request_add_toolset (run, toolset, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  oai_toolset_remove (toolset, "any");
  g_assert_true (oai_run_request_add_toolset (run, toolset, &error) && oai_thread_run_request_add_toolset (thread_run, toolset, &error)
                 && oai_assistant_update_add_toolset (update, toolset, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (oai_run_request_get_tools (run)->len, ==, 2);
}

/* Responses */

typedef enum
{
  REPEATED_INPUT,
  PREVIOUS_RESPONSE,
  CONVERSATION
} Continuation;

static void
test_responses_loop (Fixture *fixture, gconstpointer data)
{
  Continuation continuation = GPOINTER_TO_INT (data);
  guint count = 0;
  g_autoptr(OaiToolset) toolset = new_toolset (&count);
  g_autoptr(OaiTool) custom = oai_tool_new ("run_code", "Runs code", NULL, answer_cb, &count, NULL);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-4o", "Use the tools");
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponse) response = NULL;
  g_autoptr(OaiResponse) next = NULL;
  g_autoptr(GPtrArray) calls = NULL;
  g_autoptr(GPtrArray) further = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *items;

  oai_tool_set_free_form (custom, TRUE);
  oai_toolset_add (toolset, custom, &error);
  oai_response_request_add_toolset (request, toolset, &error);
  g_assert_no_error (error);
  if (continuation == CONVERSATION)
    {
      g_autoptr(OaiConversationsEndpoint) conversations = oai_conversations_endpoint_new (fixture->client);
      g_autoptr(OaiConversation) conversation = oai_conversations_endpoint_create (conversations, NULL, NULL, &error);

      g_assert_no_error (error);
      oai_response_request_set_conversation (request, oai_conversation_get_id (conversation));
    }

  response = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  if (continuation == PREVIOUS_RESPONSE)
    oai_response_request_set_previous_response_id (request, oai_response_get_id (response));
  calls = oai_response_request_run_tools (request, response, toolset, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (calls->len, ==, 3);
  items = oai_response_request_get_input_items (request);
  g_assert_cmpuint (items->len, ==, continuation == REPEATED_INPUT ? 7 : 3);
  g_assert_cmpstr (oai_response_function_call_output_get_output (items->pdata[items->len - 3]), ==, "{\"result\":\"get_weather 1\"}");
  g_assert_cmpstr (oai_response_custom_tool_call_output_get_output (items->pdata[items->len - 1]), ==, "{\"result\":\"run_code 3\"}");

  next = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (oai_response_get_output_text (next)), >, 0);
  further = oai_response_request_run_tools (request, next, toolset, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (further->len, ==, 0);
  assert_no_violations (fixture);
}

/* Runs */

static OaiRun *
start_run (Fixture *fixture, OaiToolset *toolset)
{
  g_autoptr(OaiAssistantsEndpoint) assistants = oai_assistants_endpoint_new (fixture->client);
  g_autoptr(OaiAssistantRequest) request = oai_assistant_request_new ("gpt-4o");
  g_autoptr(OaiThreadRequest) thread = oai_thread_request_new_for_text ("Use the tools");
  g_autoptr(OaiAssistant) assistant = NULL;
  g_autoptr(GError) error = NULL;
  OaiRun *run;

  oai_assistant_request_add_toolset (request, toolset, &error);
  g_assert_no_error (error);
  assistant = oai_assistants_endpoint_create (assistants, request, NULL, &error);
  g_assert_no_error (error);
  run = oai_assistant_create_thread_and_run (assistant, thread, NULL, &error);
  g_assert_no_error (error);

  return run;
}

static void
test_run (Fixture *fixture, gconstpointer data)
{
  guint count = 0;
  g_autoptr(OaiToolset) toolset = new_toolset (&count);
  g_autoptr(OaiRun) run = start_run (fixture, toolset);
  g_autoptr(OaiRun) ended = NULL;
  g_autoptr(GError) error = NULL;

  ended = oai_run_run_tools (run, toolset, 0, 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (ended), ==, OAI_RUN_STATUS_COMPLETED);
  g_assert_cmpuint (count, ==, 2);
  assert_no_violations (fixture);
}

static void
push_run (Fixture *fixture, const char *status, guint n_calls)
{
  g_autoptr(GString) calls = g_string_new (NULL);
  g_autofree char *json = NULL;
  g_autoptr(OaiMockReply) reply = NULL;

  for (guint i = 0; i < n_calls; i++)
    g_string_append_printf (calls, "%s{\"id\":\"call_%u\",\"type\":\"function\",\"function\":{\"name\":\"tool\",\"arguments\":\"{}\"}}", i > 0 ? "," : "", i);
  json = g_strdup_printf ("{\"id\":\"run_1\",\"thread_id\":\"thread_1\",\"status\":\"%s\",\"required_action\":"
                          "{\"type\":\"submit_tool_outputs\",\"submit_tool_outputs\":{\"tool_calls\":[%s]}}}", status, calls->str);
  reply = oai_mock_reply_new_json (200, json);
  oai_mock_server_push_reply (fixture->server, reply);
}

static OaiRun *
get_run (Fixture *fixture, guint n_calls)
{
  g_autoptr(OaiThreadsEndpoint) threads = oai_threads_endpoint_new (fixture->client);
  g_autoptr(GError) error = NULL;
  OaiRun *run;

  push_run (fixture, "requires_action", n_calls);
  run = oai_threads_endpoint_retrieve_run (threads, "thread_1", "run_1", NULL, &error);
  g_assert_no_error (error);

  return run;
}

/* All outputs of a round are sent together, in the order of the calls. */
static void
test_run_order (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(OaiRun) run = get_run (fixture, 2);
  g_autoptr(OaiRun) ended = NULL;
  g_autoptr(OaiMockRequest) submitted = NULL;
  g_autofree char *body = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_toolset_add_function (toolset, "tool", NULL, NULL, never_cb, waiting, NULL, &error);
  push_run (fixture, "in_progress", 0);
  push_run (fixture, "queued", 0);
  push_run (fixture, "failed", 0);
  oai_run_run_tools_async (run, toolset, 0, 1, NULL, keep_result, &result);
  g_assert_cmpuint (waiting->len, ==, 2);
  oai_tool_call_respond_output (waiting->pdata[1], "b");
  oai_tool_call_respond_output (waiting->pdata[0], "a");
  wait_for (&result);
  ended = oai_run_run_tools_finish (run, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (ended), ==, "failed");
  g_assert_cmpstr (oai_run_get_status (run), ==, "requires_action");
  submitted = oai_mock_server_dup_request (fixture->server, 1);
  body = oai_mock_request_dup_body_text (submitted);
  g_assert_cmpstr (body, ==,
                   "{\"tool_outputs\":[{\"tool_call_id\":\"call_0\",\"output\":\"a\"},{\"tool_call_id\":\"call_1\",\"output\":\"b\"}]}");
}

static void
test_run_ended (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiRun) run = (OaiRun *) oai_record_new_from_json (OAI_TYPE_RUN, "{\"id\":\"run_1\",\"status\":\"expired\"}", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRun) ended = oai_run_run_tools (run, toolset, 0, 0, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (ended), ==, "expired");
}

static gboolean
respond_cb (gpointer user_data)
{
  oai_tool_call_respond (user_data, NULL);

  return G_SOURCE_REMOVE;
}

/* Answers from the main loop of the program. */
static void
later_cb (OaiToolCall *call, gpointer user_data)
{
  g_timeout_add_full (G_PRIORITY_DEFAULT, 5, respond_cb, g_object_ref (call), g_object_unref);
}

/* Methods that block iterate it while a tool has not answered. */
static void
test_answer_from_main_loop (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("m");
  g_autoptr(OaiChatMessage) message = OAI_CHAT_MESSAGE (oai_record_new_from_json (OAI_TYPE_CHAT_MESSAGE,
    "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"tool\",\"arguments\":\"\"}}]}", NULL));
  g_autoptr(OaiRun) run = get_run (fixture, 2);
  g_autoptr(OaiRun) ended = NULL;
  g_autoptr(GPtrArray) calls = NULL;
  g_autoptr(GError) error = NULL;

  oai_toolset_add_function (toolset, "tool", NULL, NULL, later_cb, NULL, NULL, &error);
  calls = oai_chat_request_run_tools (request, message, toolset, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_tool_call_get_output (calls->pdata[0]), ==, "{\"result\":\"success\"}");

  push_run (fixture, "completed", 0);
  ended = oai_run_run_tools (run, toolset, 0, 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (ended), ==, OAI_RUN_STATUS_COMPLETED);
}

/* A model that does not stop to call tools. */
static void
test_run_too_many_rounds (Fixture *fixture, gconstpointer data)
{
  guint count = 0;
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiRun) run = get_run (fixture, 1);
  g_autoptr(GError) error = NULL;

  oai_toolset_add_function (toolset, "tool", NULL, NULL, answer_cb, &count, NULL, &error);
  for (guint i = 0; i < 3; i++)
    push_run (fixture, "requires_action", 1);
  g_assert_null (oai_run_run_tools (run, toolset, 3, 1, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_TOO_MANY_ROUNDS);
  g_assert_cmpuint (count, ==, 3);
}

static void
test_run_without_calls (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiRun) run = get_run (fixture, 0);
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_run_run_tools (run, toolset, 0, 1, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
}

typedef enum
{
  BEFORE,
  WHILE_TOOLS_RUN,
  WHILE_WAITING
} Moment;

/* Nothing is submitted after the cancellation. */
static void
test_run_cancelled (Fixture *fixture, gconstpointer data)
{
  Moment moment = GPOINTER_TO_INT (data);
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(OaiRun) run = get_run (fixture, 1);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_toolset_add_function (toolset, "tool", NULL, NULL, never_cb, waiting, NULL, &error);
  if (moment == WHILE_WAITING)
    push_run (fixture, "in_progress", 0);
  if (moment == BEFORE)
    g_cancellable_cancel (cancellable);
  oai_run_run_tools_async (run, toolset, 0, 60000, cancellable, keep_result, &result);
  if (moment == WHILE_WAITING)
    {
      push_run (fixture, "in_progress", 0);
      oai_tool_call_respond (waiting->pdata[0], NULL);
      while (oai_mock_server_get_n_requests (fixture->server) < 3)
        g_main_context_iteration (NULL, FALSE);
    }
  g_cancellable_cancel (cancellable);
  wait_for (&result);
  g_assert_null (oai_run_run_tools_finish (run, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (waiting->len, ==, moment == BEFORE ? 0 : 1);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, moment == WHILE_WAITING ? 3 : 1);
}

static void
file_cb (OaiToolCall *call, gpointer user_data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);

  oai_tool_call_add_file (call, bytes, "image/png", NULL);
  oai_tool_call_respond (call, "one");
}

static void
ran_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_assert_true (oai_tool_call_run_finish (OAI_TOOL_CALL (source), result, NULL));
  *(gboolean *) user_data = TRUE;
}

/* The output of a tool is text in the chat API: the model is informed that there are files. */
static void
test_chat_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("gpt-4o");
  g_autoptr(GPtrArray) calls = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean ran = FALSE;

  oai_toolset_add_function (toolset, "file", NULL, NULL, file_cb, NULL, NULL, NULL);
  g_ptr_array_add (calls, oai_toolset_new_call (toolset, "id", "file", "{}"));
  oai_tool_call_run_async (calls->pdata[0], NULL, ran_cb, &ran);
  while (!ran)
    g_main_context_iteration (NULL, TRUE);
  oai_chat_request_add_call_results (request, calls);
  g_assert_cmpstr (oai_chat_message_get_content (oai_chat_request_get_messages (request)->pdata[0]), ==,
                   "{\"result\":\"one\"}\nThe tool also returned files, which you cannot read.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/tools/chat/loop", test_chat_loop);
  TEST ("/tools/chat/file", test_chat_file);
  TEST ("/tools/chat/ids", test_chat_ids);
  TEST ("/tools/chat/cancelled", test_chat_cancelled);
  TEST ("/tools/chat/sequential", test_sequential);
  TEST ("/tools/chat/blocking", test_blocking);
  TEST ("/tools/chat/sloppy-calls", test_sloppy_calls);
  TEST ("/tools/invalid", test_invalid_tools);
  g_test_add ("/tools/responses/loop", Fixture, GINT_TO_POINTER (REPEATED_INPUT), fixture_set_up, test_responses_loop, fixture_tear_down);
  g_test_add ("/tools/responses/previous-response", Fixture, GINT_TO_POINTER (PREVIOUS_RESPONSE), fixture_set_up, test_responses_loop, fixture_tear_down);
  g_test_add ("/tools/responses/conversation", Fixture, GINT_TO_POINTER (CONVERSATION), fixture_set_up, test_responses_loop, fixture_tear_down);
  TEST ("/tools/run/rounds", test_run);
  TEST ("/tools/run/order", test_run_order);
  TEST ("/tools/run/ended", test_run_ended);
  TEST ("/tools/run/too-many-rounds", test_run_too_many_rounds);
  TEST ("/tools/answer-from-main-loop", test_answer_from_main_loop);
  TEST ("/tools/run/without-calls", test_run_without_calls);
  g_test_add ("/tools/run/cancelled/before", Fixture, GINT_TO_POINTER (BEFORE), fixture_set_up, test_run_cancelled, fixture_tear_down);
  g_test_add ("/tools/run/cancelled/tools", Fixture, GINT_TO_POINTER (WHILE_TOOLS_RUN), fixture_set_up, test_run_cancelled, fixture_tear_down);
  g_test_add ("/tools/run/cancelled/waiting", Fixture, GINT_TO_POINTER (WHILE_WAITING), fixture_set_up, test_run_cancelled, fixture_tear_down);

  return g_test_run ();
}
