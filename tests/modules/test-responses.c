/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-module.h"

#define MESSAGE(content) "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[" content "]}"
#define TEXT(text) "{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[]}"
#define SUMMARY(text) "{\"type\":\"summary_text\",\"text\":\"" text "\"}"
#define REFUSAL(text) "{\"type\":\"refusal\",\"refusal\":\"" text "\"}"
#define RESPONSE(members) "{\"id\":\"resp_1\",\"object\":\"response\"," members "}"

static void
push_json (Fixture *fixture, guint status, const char *json)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (status, json);

  oai_mock_server_push_reply (fixture->server, reply);
}

static OaiResponse *
read_response (const char *json)
{
  g_autoptr(GError) error = NULL;
  OaiRecord *record = oai_record_new_from_json (OAI_TYPE_RESPONSE, json, &error);

  g_assert_no_error (error);

  return OAI_RESPONSE (record);
}

static void
assert_json (gpointer record, const char *expected)
{
  g_autofree char *json = oai_record_to_json (record);
  g_autoptr(OaiRecord) same = oai_record_new_from_json (G_OBJECT_TYPE (record), expected, NULL);

  if (!oai_record_equal (record, same))
    g_error ("expected %s, got %s", expected, json);
}

static void
assert_body (Fixture *fixture, const char *member, const char *expected)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, -1);
  g_autofree char *text = oai_mock_request_dup_body_text (request);
  g_autoptr(OaiRecord) record = oai_record_new_from_json (OAI_TYPE_RECORD, text, NULL);
  g_autofree char *value = oai_record_dup_member (record, member);

  g_assert_cmpstr (value, ==, expected);
}

/* Questions */

static void
test_ask (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(GError) error = NULL;
  g_autofree char *text = oai_responses_endpoint_ask (responses, "gpt-5", "Hello", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, !=, "");
  assert_body (fixture, "input", "\"Hello\"");
  assert_no_violations (fixture);
}

typedef struct
{
  const char *json;
  OaiError code;
  const char *message;
} Failure;

static const Failure failures[] = {
  { RESPONSE ("\"status\":\"completed\",\"output\":[" MESSAGE (REFUSAL ("I cannot do this.")) "]"), OAI_ERROR_CONTENT_FILTER, "I cannot do this." },
  { RESPONSE ("\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"output\":[]"), OAI_ERROR_LENGTH, NULL },
  { RESPONSE ("\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"content_filter\"},\"output\":[]"), OAI_ERROR_CONTENT_FILTER, NULL },
  { RESPONSE ("\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"steered\"},\"output\":[" MESSAGE (TEXT ("No")) "]"), OAI_ERROR_INCOMPLETE, NULL },
  { RESPONSE ("\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"It broke.\"},\"output\":[" MESSAGE (TEXT ("No")) "]"), OAI_ERROR_SERVER, "It broke." },
  { RESPONSE ("\"status\":\"failed\",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Slow down.\"},\"output\":[]"), OAI_ERROR_RATE_LIMITED, "Slow down." },
  { RESPONSE ("\"status\":\"failed\",\"error\":{\"code\":\"image_content_policy_violation\",\"message\":\"No.\"},\"output\":[]"), OAI_ERROR_CONTENT_FILTER, "No." },
  { RESPONSE ("\"status\":\"failed\",\"error\":{\"code\":\"invalid_image\",\"message\":\"No.\"},\"output\":[]"), OAI_ERROR_BAD_REQUEST, "No." },
  { RESPONSE ("\"status\":\"failed\",\"error\":{\"code\":\"image_too_large\",\"message\":\"No.\"},\"output\":[]"), OAI_ERROR_BAD_REQUEST, "No." },
  { RESPONSE ("\"status\":\"failed\",\"error\":{\"code\":\"bio_policy\",\"message\":\"No.\"},\"output\":[]"), OAI_ERROR_CONTENT_FILTER, "No." },
  { RESPONSE ("\"status\":\"failed\",\"error\":{\"code\":\"other\",\"message\":\"No.\"},\"output\":[]"), OAI_ERROR_FAILED, "No." },
  { RESPONSE ("\"status\":\"failed\",\"error\":{\"code\":\"other\",\"message\":\"No\\u001b[2J\\u202e.\"},\"output\":[]"), OAI_ERROR_FAILED, "No [2J ." },
  { RESPONSE ("\"status\":\"failed\",\"output\":[]"), OAI_ERROR_FAILED, NULL },
  { RESPONSE ("\"status\":\"completed\",\"output\":[]"), OAI_ERROR_PROTOCOL, NULL },
};

static void
test_ask_failures (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);

  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *text = NULL;
      g_autoptr(GError) error = NULL;

      push_json (fixture, 200, failures[i].json);
      text = oai_responses_endpoint_ask (responses, "gpt-5", "Hello", NULL, &error);
      g_assert_null (text);
      g_assert_true (g_error_matches (error, OAI_ERROR, failures[i].code));
      if (failures[i].message != NULL)
        g_assert_cmpstr (error->message, ==, failures[i].message);
    }
}

/* A truncated text is returned, as chat does. */
static void
test_ask_truncated (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  push_json (fixture, 200, RESPONSE ("\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"output\":[" MESSAGE (TEXT ("Once")) "]"));
  text = oai_responses_endpoint_ask (responses, "gpt-5", "Hello", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "Once");
}

/* Requests */

static void
test_new_request (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Hello");

  assert_json (request, "{\"model\":\"gpt-5\",\"input\":\"Hello\"}");
  oai_response_request_add_user_message (request, "More");
  assert_json (request, "{\"model\":\"gpt-5\",\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"Hello\"},"
               "{\"type\":\"message\",\"role\":\"user\",\"content\":\"More\"}]}");
}

static void
test_options (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponseRequest) request = oai_response_request_new ();
  g_autoptr(GError) error = NULL;

  oai_response_request_set_verbosity (request, OAI_VERBOSITY_LOW);
  g_assert_true (oai_response_request_set_json_schema (request, "answer", "{\"type\":\"object\"}", TRUE, &error));
  g_assert_no_error (error);
  oai_response_request_set_reasoning_effort (request, OAI_REASONING_EFFORT_LOW);
  oai_response_request_set_reasoning_summary (request, OAI_RESPONSE_REASONING_SUMMARY_DETAIL_AUTO);
  oai_response_request_set_tool_choice_function (request, "get_weather");
  oai_response_request_add_include (request, OAI_RESPONSE_INCLUDE_ENCRYPTED_REASONING);
  oai_response_request_add_include (request, OAI_RESPONSE_INCLUDE_ENCRYPTED_REASONING);
  oai_response_request_enable_logprobs (request, 2);
  oai_response_request_enable_compaction (request, 5000);
  assert_json (request,
               "{\"text\":{\"verbosity\":\"low\",\"format\":{\"type\":\"json_schema\",\"name\":\"answer\",\"schema\":{\"type\":\"object\"},\"strict\":true}},"
               "\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\"},\"tool_choice\":{\"type\":\"function\",\"name\":\"get_weather\"},"
               "\"include\":[\"reasoning.encrypted_content\",\"message.output_text.logprobs\"],\"top_logprobs\":2,"
               "\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":5000}]}");

  oai_response_request_set_json_mode (request);
  oai_response_request_enable_logprobs (request, 0);
  oai_response_request_enable_compaction (request, 9000);
  oai_response_request_set_tool_choice (request, OAI_CHAT_TOOL_MODE_REQUIRED);
  oai_record_unset_member (OAI_RECORD (request), "reasoning");
  oai_record_unset_member (OAI_RECORD (request), "include");
  assert_json (request, "{\"text\":{\"verbosity\":\"low\",\"format\":{\"type\":\"json_object\"}},\"tool_choice\":\"required\","
               "\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":9000}]}");

  g_assert_false (oai_response_request_set_json_schema (request, "no name", "{}", TRUE, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_response_request_set_json_schema (request, "name", "[]", TRUE, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_tools (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponseRequest) request = oai_response_request_new ();
  g_autoptr(OaiResponseFunctionTool) function = NULL;
  g_autoptr(OaiResponseFunctionTool) wrong = NULL;
  g_autoptr(OaiResponseCustomTool) custom = oai_response_custom_tool_new_with_grammar ("sql", NULL, OAI_CHAT_GRAMMAR_SYNTAX_LARK, "start: /.+/");
  g_autoptr(OaiResponseCodeInterpreterTool) code = oai_response_code_interpreter_tool_new_auto ();
  g_autoptr(OaiResponseFunctionTool) plain = NULL;
  g_autoptr(OaiResponseMcpTool) mcp = oai_response_mcp_tool_new_for_url ("wiki", "https://mcp.example.org");
  g_autoptr(OaiResponseFileSearchTool) search = oai_response_file_search_tool_new ();
  g_autoptr(OaiResponseFileFilter) both = oai_response_file_filter_new_combination (OAI_RESPONSE_FILE_FILTER_TYPE_AND);
  g_autoptr(OaiResponseFileFilter) year = oai_response_file_filter_new_number_comparison (OAI_RESPONSE_FILE_FILTER_TYPE_GTE, "year", 2020);
  g_autoptr(OaiResponseFileFilter) language = oai_response_file_filter_new_comparison (OAI_RESPONSE_FILE_FILTER_TYPE_EQ, "language", "de");
  g_autofree char *printed = NULL;
  g_autoptr(GError) error = NULL;

  function = oai_response_function_tool_new_with_schema ("get_weather", "Gets the weather", "{\"type\":\"object\"}", FALSE, &error);
  g_assert_no_error (error);
  wrong = oai_response_function_tool_new_with_schema ("get weather", NULL, NULL, FALSE, &error);
  g_assert_null (wrong);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  plain = oai_response_function_tool_new_with_schema ("get_time", NULL, NULL, TRUE, &error);
  g_assert_no_error (error);
  assert_json (plain, "{\"type\":\"function\",\"name\":\"get_time\",\"parameters\":{\"type\":\"object\",\"properties\":{},\"required\":[],\"additionalProperties\":false},\"strict\":true}");
  oai_response_file_search_tool_set_vector_store_ids (search, (const char *const []) { "vs_1", NULL });
  oai_response_file_filter_add_filter (both, year);
  oai_response_file_filter_add_filter (both, language);
  oai_response_file_search_tool_set_filters (search, both);
  oai_response_mcp_tool_set_authorization (mcp, "token-of-the-user");
  oai_response_request_add_tool (request, OAI_RESPONSE_TOOL (function));
  oai_response_request_add_tool (request, OAI_RESPONSE_TOOL (custom));
  oai_response_request_add_tool (request, OAI_RESPONSE_TOOL (code));
  oai_response_request_add_tool (request, OAI_RESPONSE_TOOL (search));
  oai_response_request_add_tool (request, OAI_RESPONSE_TOOL (mcp));

  assert_json (request,
               "{\"tools\":[{\"type\":\"function\",\"name\":\"get_weather\",\"description\":\"Gets the weather\",\"parameters\":{\"type\":\"object\"},\"strict\":false},"
               "{\"type\":\"custom\",\"name\":\"sql\",\"format\":{\"type\":\"grammar\",\"syntax\":\"lark\",\"definition\":\"start: /.+/\"}},"
               "{\"type\":\"code_interpreter\",\"container\":{\"type\":\"auto\"}},"
               "{\"type\":\"file_search\",\"vector_store_ids\":[\"vs_1\"],\"filters\":{\"type\":\"and\",\"filters\":["
               "{\"type\":\"gte\",\"key\":\"year\",\"value\":2020},{\"type\":\"eq\",\"key\":\"language\",\"value\":\"de\"}]}},"
               "{\"type\":\"mcp\",\"server_label\":\"wiki\",\"server_url\":\"https://mcp.example.org\",\"authorization\":\"token-of-the-user\"}]}");
  printed = oai_record_to_string (OAI_RECORD (request));
  g_assert_null (strstr (printed, "token-of-the-user"));
}

static void
test_inline_skill (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GBytes) zip = g_bytes_new_static ("PK", 2);
  g_autoptr(OaiResponseSkill) skill = oai_response_skill_new_inline ("csv", "Reads CSV files", zip);

  assert_json (skill, "{\"type\":\"inline\",\"name\":\"csv\",\"description\":\"Reads CSV files\","
               "\"source\":{\"type\":\"base64\",\"media_type\":\"application/zip\",\"data\":\"UEs=\"}}");
}

/* The next turn */

static void
test_continue (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Hello");
  g_autoptr(OaiResponse) first = NULL;
  g_autoptr(OaiResponse) second = NULL;
  g_autoptr(OaiPagedList) items = NULL;
  g_autoptr(GError) error = NULL;

  first = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  oai_response_request_continue_from (request, first);
  g_assert_cmpstr (oai_response_request_get_previous_response_id (request), ==, oai_response_get_id (first));
  oai_response_request_add_user_message (request, "More");
  second = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_response_get_previous_response_id (second), ==, oai_response_get_id (first));

  items = oai_response_list_input_items (second, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_paged_list_get_n_loaded (items), >, 0);
  assert_no_violations (fixture);
}

static void
test_continue_with_items (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Hello");
  g_autoptr(OaiResponse) first = NULL;
  g_autoptr(OaiResponse) second = NULL;
  GPtrArray *items;
  g_autoptr(GError) error = NULL;

  first = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  oai_response_request_add_output (request, first);
  oai_response_request_add_user_message (request, "More");
  items = oai_response_request_get_input_items (request);
  g_assert_cmpuint (items->len, ==, 2 + oai_response_get_output_items (first)->len);
  second = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_response_get_output_text (second), !=, "");
  assert_no_violations (fixture);
}

/* A function that the program calls. */
static void
test_function (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Use the tool for Rome");
  g_autoptr(OaiResponseFunctionTool) tool = NULL;
  g_autoptr(OaiResponse) first = NULL;
  g_autoptr(OaiResponse) second = NULL;
  g_autoptr(GPtrArray) calls = NULL;
  g_autoptr(GError) error = NULL;

  tool = oai_response_function_tool_new_with_schema ("get_weather", "Gets the weather",
                                                     "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}", FALSE, &error);
  g_assert_no_error (error);
  oai_response_request_add_tool (request, OAI_RESPONSE_TOOL (tool));
  first = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  calls = oai_response_dup_function_calls (first);
  g_assert_cmpuint (calls->len, ==, 1);

  oai_response_request_add_output (request, first);
  oai_response_request_add_function_result (request, calls->pdata[0], "{\"temperature\":21}");
  second = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_response_get_output_text (second), !=, "");
  assert_no_violations (fixture);
}

/* Servers that keep no responses. */
static void
test_no_state (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *body;
    gboolean explained;
  } replies[] = {
    { 400, "{\"error\":{\"code\":400,\"message\":\"llama.cpp does not support 'previous_response_id'.\",\"type\":\"invalid_request_error\"}}", TRUE },
    { 404, "{\"error\":{\"message\":\"Response with id 'resp_old' not found.\",\"type\":\"invalid_request_error\",\"param\":\"response_id\",\"code\":404}}", TRUE },
    { 400, "{\"error\":{\"message\":\"Previous response with id 'x' not found.\",\"code\":\"previous_response_not_found\"}}", TRUE },
    { 404, "{\"error\":{\"message\":\"The model does not exist.\"}}", FALSE },
  };
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Hello");

  oai_response_request_set_previous_response_id (request, "resp_old");
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr(OaiResponse) response = NULL;
      g_autoptr(OaiStream) stream = OAI_STREAM (oai_responses_endpoint_create_stream (responses, request));
      g_autoptr(OaiRecord) streamed = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(GError) stream_error = NULL;

      push_json (fixture, replies[i].status, replies[i].body);
      response = oai_responses_endpoint_create (responses, request, NULL, &error);
      g_assert_null (response);
      g_assert_true (g_error_matches (error, OAI_ERROR, replies[i].status == 404 ? OAI_ERROR_NOT_FOUND : OAI_ERROR_BAD_REQUEST));
      g_assert_true (replies[i].explained == (strstr (error->message, "as items instead of previous_response_id") != NULL));

      push_json (fixture, replies[i].status, replies[i].body);
      streamed = oai_stream_run (stream, NULL, &stream_error);
      g_assert_null (streamed);
      g_assert_true (replies[i].explained == (strstr (stream_error->message, "as items instead of previous_response_id") != NULL));
    }

  /* The request is wrong in itself. */
  {
    g_autoptr(OaiResponse) response = NULL;
    g_autoptr(GError) error = NULL;

    oai_response_request_set_conversation (request, "conv_1");
    push_json (fixture, 400, "{\"error\":{\"message\":\"Mutually exclusive parameters: 'previous_response_id' and 'conversation'.\"}}");
    response = oai_responses_endpoint_create (responses, request, NULL, &error);
    g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
    g_assert_null (strstr (error->message, "as items"));
    oai_response_request_set_conversation (request, NULL);
  }

  /* A request without a previous response. */
  {
    g_autoptr(OaiResponse) response = NULL;
    g_autoptr(GError) error = NULL;

    oai_record_unset_member (OAI_RECORD (request), "previous_response_id");
    push_json (fixture, replies[0].status, replies[0].body);
    response = oai_responses_endpoint_create (responses, request, NULL, &error);
    g_assert_null (response);
    g_assert_null (strstr (error->message, "as items"));
  }
}

/* Replies */

static void
test_output (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponse) response = read_response (RESPONSE (
    "\"output\":[{\"type\":\"reasoning\",\"summary\":[]},{\"type\":\"reasoning\",\"summary\":[" SUMMARY ("One") "," SUMMARY ("two") "]},{\"type\":\"message\",\"role\":\"assistant\",\"phase\":\"commentary\",\"content\":[" TEXT ("One") "]},"
    "{\"type\":\"custom_tool_call\",\"call_id\":\"call_2\",\"name\":\"run\",\"input\":\"1\"},{\"type\":\"reasoning\",\"summary\":[" SUMMARY ("three") "]},"
    "{\"type\":\"function_call\",\"call_id\":\"call_1\",\"name\":\"get_weather\",\"arguments\":\"{}\"},{\"type\":\"hologram\",\"content\":[" TEXT ("no") "]},"
    MESSAGE (TEXT (" two") "," TEXT (" three") "," REFUSAL ("No")) ",{\"type\":\"message\",\"role\":\"assistant\",\"content\":\" four\"}]"));
  g_autoptr(OaiResponse) empty = read_response (RESPONSE ("\"output\":[]"));
  g_autoptr(OaiResponseMessage) message = oai_response_dup_message (response);
  g_autoptr(OaiResponseMessage) none = oai_response_dup_message (empty);
  g_autoptr(GPtrArray) calls = oai_response_dup_function_calls (response);
  g_autoptr(GPtrArray) no_calls = oai_response_dup_function_calls (empty);
  g_autoptr(GPtrArray) custom_calls = oai_response_dup_custom_tool_calls (response);
  g_autoptr(GPtrArray) no_custom_calls = oai_response_dup_custom_tool_calls (empty);

  g_assert_cmpstr (oai_response_get_output_text (response), ==, "One two three four");
  g_assert_true (oai_response_get_output_text (response) == oai_response_get_output_text (response));
  g_assert_cmpstr (oai_response_get_refusal_text (response), ==, "No");
  g_assert_cmpstr (oai_response_message_get_content (message), ==, " four");
  g_assert_cmpuint (calls->len, ==, 1);
  g_assert_cmpstr (oai_response_function_call_get_name (calls->pdata[0]), ==, "get_weather");
  g_assert_cmpstr (oai_response_get_output_text (empty), ==, "");
  g_assert_null (oai_response_get_refusal_text (empty));
  g_assert_null (none);
  g_assert_cmpuint (no_calls->len, ==, 0);
  g_assert_cmpuint (custom_calls->len, ==, 1);
  g_assert_cmpstr (oai_response_custom_tool_call_get_name (custom_calls->pdata[0]), ==, "run");
  g_assert_cmpuint (no_custom_calls->len, ==, 0);
  g_assert_cmpstr (oai_response_get_reasoning_summary_text (response), ==, "One\n\ntwo\n\nthree");
  g_assert_null (oai_response_get_reasoning_summary_text (empty));
}

static void
test_check (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponse) running = read_response (RESPONSE ("\"status\":\"in_progress\",\"output\":[]"));
  g_autoptr(OaiResponse) cancelled = read_response (RESPONSE ("\"status\":\"cancelled\",\"output\":[]"));
  g_autoptr(OaiResponse) failed = read_response (RESPONSE ("\"error\":{\"code\":\"vector_store_timeout\",\"message\":\"Late.\"}"));
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_response_check (running, &error));
  g_assert_no_error (error);
  g_assert_false (oai_response_check (cancelled, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  g_clear_error (&error);
  g_assert_false (oai_response_check (failed, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_SERVER);
}

/* Stored responses */

static void
test_stored (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Hello");
  g_autoptr(OaiResponse) response = NULL;
  g_autoptr(OaiResponse) fresh = NULL;
  g_autoptr(OaiResponse) gone = NULL;
  g_autoptr(GError) error = NULL;

  response = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  fresh = oai_response_retrieve (response, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_response_get_output_text (fresh), ==, oai_response_get_output_text (response));
  g_assert_true (oai_response_delete_response (response, NULL, &error));
  g_assert_no_error (error);
  gone = oai_response_retrieve (response, NULL, NULL, &error);
  g_assert_null (gone);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  assert_no_violations (fixture);
}

/* The query selects a stream. */
static void
test_retrieve_stream (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseQuery) query = oai_response_query_new ();
  g_autoptr(OaiResponseStream) stream = NULL;
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_events ();
  g_autoptr(OaiMockRequest) request = NULL;
  g_autoptr(OaiRecord) response = NULL;
  g_autoptr(GError) error = NULL;

  oai_response_query_set_starting_after (query, 3);
  oai_mock_reply_add_event (reply, "response.completed", "{\"type\":\"response.completed\",\"sequence_number\":4,\"response\":" RESPONSE ("\"status\":\"completed\",\"output\":[" MESSAGE (TEXT ("Hi")) "]") "}");
  oai_mock_server_push_reply (fixture->server, reply);
  stream = oai_responses_endpoint_retrieve_stream (responses, "resp_1", query);
  response = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_response_get_output_text (OAI_RESPONSE (response)), ==, "Hi");
  request = oai_mock_server_dup_request (fixture->server, -1);
  g_assert_cmpstr (oai_mock_request_get_method (request), ==, "GET");
  g_assert_cmpstr (oai_mock_request_get_query (request), ==, "starting_after=3&stream=true");
}

/* The end marker without a response ends the events, but is no result. */
static void
test_empty_stream (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(OaiStream) stream = OAI_STREAM (oai_responses_endpoint_retrieve_stream (responses, "resp_1", NULL));
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_events ();
      g_autoptr(OaiRecord) record = NULL;
      g_autoptr(GError) error = NULL;

      oai_mock_reply_add_event (reply, NULL, "[DONE]");
      oai_mock_server_push_reply (fixture->server, reply);
      record = i == 0 ? oai_stream_run (stream, NULL, &error) : oai_stream_next (stream, NULL, &error);
      g_assert_null (record);
      if (i == 0)
        g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
      else
        g_assert_no_error (error);
    }
}

/* Objects that are no responses, and incomplete responses of other servers. */
static void
test_other_replies (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *json;
    gboolean is_response;
  } replies[] = {
    { "{\"choices\":[]}", FALSE },
    { "{}", FALSE },
    { "{\"model\":\"m\",\"output\":\"Hi\"}", FALSE },
    { "{\"id\":\"c\",\"object\":\"chat.completion\",\"choices\":[]}", FALSE },
    { "{\"output\":[" MESSAGE (TEXT ("Hi")) "]}", TRUE },
    { "{\"object\":\"other\",\"output\":[]}", TRUE },
    { "{\"object\":\"response\"}", TRUE },
    { "{\"object\":null,\"status\":\"completed\"}", TRUE },
    { "{\"id\":\"resp_1\"}", TRUE },
  };
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("m", "Hello");

  for (guint i = 0; i < 2 * G_N_ELEMENTS (replies); i++)
    {
      g_autoptr(OaiResponse) response = NULL;
      g_autoptr(OaiStream) stream = NULL;
      g_autoptr(GError) error = NULL;

      push_json (fixture, 200, replies[i / 2].json);
      if (i % 2 == 0)
        {
          response = oai_responses_endpoint_create (responses, request, NULL, &error);
        }
      else
        {
          stream = OAI_STREAM (oai_responses_endpoint_create_stream (responses, request));
          response = OAI_RESPONSE (oai_stream_run (stream, NULL, &error));
        }
      g_test_message ("%s", replies[i / 2].json);
      g_assert_true ((response != NULL) == replies[i / 2].is_response);
      if (replies[i / 2].is_response)
        g_assert_no_error (error);
      else
        g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
    }
}

static void
test_wait (Fixture *fixture, gconstpointer data)
{
  static const char *const states[] = { "queued", "in_progress", "completed" };
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Hello");
  g_autoptr(OaiResponse) response = NULL;
  g_autoptr(OaiResponse) done = NULL;
  g_autoptr(OaiResponse) cancelled = NULL;
  g_autoptr(GError) error = NULL;

  oai_response_request_set_background (request, TRUE);
  push_json (fixture, 200, RESPONSE ("\"status\":\"queued\",\"background\":true,\"output\":[]"));
  response = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autofree char *json = g_strdup_printf (RESPONSE ("\"status\":\"%s\",\"output\":[]"), states[i]);

      push_json (fixture, 200, json);
    }
  done = oai_response_wait (response, 1, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_response_get_status (done), ==, OAI_RESPONSE_STATUS_COMPLETED);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 4);

  push_json (fixture, 200, RESPONSE ("\"status\":\"cancelled\",\"output\":[]"));
  cancelled = oai_response_cancel (response, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_response_get_status (cancelled), ==, OAI_RESPONSE_STATUS_CANCELLED);
  {
    g_autoptr(OaiMockRequest) sent = oai_mock_server_dup_request (fixture->server, -1);

    g_assert_true (g_str_has_suffix (oai_mock_request_get_path (sent), "/responses/resp_1/cancel"));
  }
}

static void
test_background (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Hello");
  g_autoptr(OaiResponse) response = NULL;
  g_autoptr(OaiResponse) done = NULL;
  g_autoptr(OaiResponse) other = NULL;
  g_autoptr(OaiResponse) cancelled = NULL;
  g_autoptr(GError) error = NULL;

  oai_response_request_set_background (request, TRUE);
  response = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_response_get_status (response), ==, OAI_RESPONSE_STATUS_QUEUED);
  done = oai_response_wait (response, 1, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_response_check (done, &error));
  g_assert_cmpstr (oai_response_get_output_text (done), !=, "");

  other = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  cancelled = oai_response_cancel (other, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_response_get_status (cancelled), ==, OAI_RESPONSE_STATUS_CANCELLED);
  assert_no_violations (fixture);
}

/* Tokens and compaction */

static void
test_count_tokens (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Hello");
  g_autoptr(OaiResponseTokenCountRequest) counted = NULL;
  g_autoptr(OaiResponseTokenCount) count = NULL;
  g_autoptr(GError) error = NULL;

  oai_response_request_set_instructions (request, "Be brief.");
  oai_response_request_set_max_output_tokens (request, 100);
  counted = oai_response_token_count_request_new_for_request (request);
  assert_json (counted, "{\"model\":\"gpt-5\",\"input\":\"Hello\",\"instructions\":\"Be brief.\"}");

  push_json (fixture, 200, "{\"object\":\"response.input_tokens\",\"input_tokens\":11}");
  count = oai_responses_endpoint_count_input_tokens (responses, counted, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oai_response_token_count_get_input_tokens (count), ==, 11);
}

static void
test_compact (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("gpt-5", "Hello");
  g_autoptr(OaiResponseRequest) next = oai_response_request_new ();
  g_autoptr(OaiResponseCompactRequest) compact = NULL;
  g_autoptr(OaiCompactedResponse) compacted = NULL;
  g_autoptr(GError) error = NULL;

  oai_response_request_add_user_message (request, "More");
  oai_response_request_set_temperature (request, 0.5);
  compact = oai_response_compact_request_new_for_request (request);
  assert_json (compact, "{\"model\":\"gpt-5\",\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"Hello\"},"
               "{\"type\":\"message\",\"role\":\"user\",\"content\":\"More\"}]}");

  push_json (fixture, 200, "{\"id\":\"cmp_1\",\"object\":\"response.compaction\",\"created_at\":1,\"output\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"Hello\"},"
             "{\"type\":\"compaction\",\"id\":\"c1\",\"encrypted_content\":\"abc\"}]}");
  compacted = oai_responses_endpoint_compact (responses, compact, NULL, &error);
  g_assert_no_error (error);
  oai_response_request_add_compacted (next, compacted);
  g_assert_cmpuint (oai_response_request_get_input_items (next)->len, ==, 2);
}

/* The beta */

static void
test_beta (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSettings) settings = oai_settings_copy (oai_client_get_settings (fixture->client));
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiClient) client = NULL;
  g_autoptr(OaiResponsesEndpoint) usual = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponsesEndpoint) beta = NULL;

  oai_settings_set_beta_version (settings, "responses_multi_agent", "v1");
  client = oai_client_new (auth, settings);
  beta = oai_responses_endpoint_new (client);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(OaiResponse) response = NULL;
      g_autoptr(OaiMockRequest) request = NULL;
      g_autoptr(GError) error = NULL;

      push_json (fixture, 200, RESPONSE ("\"output\":[]"));
      response = oai_responses_endpoint_retrieve (i == 0 ? usual : beta, "resp_1", NULL, NULL, &error);
      g_assert_no_error (error);
      request = oai_mock_server_dup_request (fixture->server, -1);
      g_assert_cmpstr (oai_mock_request_get_query (request), ==, i == 0 ? NULL : "beta=true");
      g_assert_cmpstr (oai_mock_request_get_header (request, "OpenAI-Beta"), ==, i == 0 ? NULL : "responses_multi_agent=v1");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/responses/ask", test_ask);
  TEST ("/responses/ask/failures", test_ask_failures);
  TEST ("/responses/ask/truncated", test_ask_truncated);
  TEST ("/responses/request/new", test_new_request);
  TEST ("/responses/request/options", test_options);
  TEST ("/responses/request/tools", test_tools);
  TEST ("/responses/request/inline-skill", test_inline_skill);
  TEST ("/responses/continue/previous", test_continue);
  TEST ("/responses/continue/items", test_continue_with_items);
  TEST ("/responses/continue/function", test_function);
  TEST ("/responses/continue/no-state", test_no_state);
  TEST ("/responses/output", test_output);
  TEST ("/responses/check", test_check);
  TEST ("/responses/stored", test_stored);
  TEST ("/responses/retrieve-stream", test_retrieve_stream);
  TEST ("/responses/empty-stream", test_empty_stream);
  TEST ("/responses/other-replies", test_other_replies);
  TEST ("/responses/wait", test_wait);
  TEST ("/responses/background", test_background);
  TEST ("/responses/count-tokens", test_count_tokens);
  TEST ("/responses/compact", test_compact);
  TEST ("/responses/beta", test_beta);

  return g_test_run ();
}
