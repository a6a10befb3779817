/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sessions of the Responses API. */

#include "test-session.h"

#define TEXT(id, text) \
  "{\"type\":\"message\",\"id\":\"" id "\",\"role\":\"assistant\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[]}]}"
#define CALL(id, name, arguments) \
  "{\"type\":\"function_call\",\"id\":\"fc_" id "\",\"call_id\":\"" id "\",\"name\":\"" name "\",\"arguments\":" arguments ",\"status\":\"completed\"}"
#define OUTPUT(id, output) "{\"type\":\"function_call_output\",\"call_id\":\"" id "\",\"output\":" output "}"
#define USER(text) "{\"type\":\"message\",\"role\":\"user\",\"content\":\"" text "\"}"

/* Replies.  A whole response is read like a stream. */

static void
push_output (SessionFixture *fixture, const char *id, gboolean store, const char *output)
{
  g_autofree char *json = g_strdup_printf ("{\"id\":\"%s\",\"object\":\"response\",\"created_at\":1,\"status\":\"completed\",\"model\":\"m\",\"store\":%s,"
                                           "\"output\":[%s],\"usage\":{\"input_tokens\":10,\"output_tokens\":2,\"total_tokens\":12}}",
                                           id, store ? "true" : "false", output);

  push_json (fixture, 200, json);
}

static OaiRecord *
dup_body (SessionFixture *fixture, int index)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, index);
  g_autofree char *text = oai_mock_request_dup_body_text (request);

  return oai_record_new_from_json (OAI_TYPE_RESPONSE_REQUEST, text, NULL);
}

/* Compares the input of a request regardless of the order of members. */
static void
assert_input (SessionFixture *fixture, int index, const char *previous, const char *input)
{
  g_autoptr(OaiRecord) body = dup_body (fixture, index);
  g_autofree char *actual = oai_record_dup_member (body, "input");
  g_autofree char *actual_json = g_strdup_printf ("{\"input\":%s}", actual);
  g_autofree char *expected_json = g_strdup_printf ("{\"input\":[%s]}", input);
  g_autoptr(OaiRecord) actual_record = oai_record_new_from_json (OAI_TYPE_RESPONSE_REQUEST, actual_json, NULL);
  g_autoptr(OaiRecord) expected_record = oai_record_new_from_json (OAI_TYPE_RESPONSE_REQUEST, expected_json, NULL);

  g_assert_cmpstr (oai_record_get_string_member (body, "previous_response_id"), ==, previous);
  if (!oai_record_equal (actual_record, expected_record))
    g_error ("%s instead of [%s]", actual, input);
}

static void
send_ok (OaiSession *session, const char *text, const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSessionItem) answer = send_text (session, text, &error);

  g_assert_no_error (error);
  if (expected != NULL)
    g_assert_cmpstr (oai_session_item_get_text (answer), ==, expected);
}

/* Tests */

static void
texts_cb (OaiSessionItem *item, GParamSpec *pspec, GString *log)
{
  g_string_append_printf (log, "[%s]", oai_session_item_get_text (item));
}

static void
items_cb (GListModel *model, guint position, guint removed, guint added, GString *log)
{
  g_autoptr(OaiSessionItem) item = g_list_model_get_item (model, position);

  g_string_append_printf (log, "-%u+%u", removed, added);
  if (added > 0)
    g_signal_connect (item, "notify::text", G_CALLBACK (texts_cb), log);
}

/* The mock service streams, stores responses, and checks the requests. */
static void
test_stored (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_responses_session_new (fixture->client, "gpt-5");
  g_autoptr(GString) log = g_string_new (NULL);
  g_autoptr(OaiRecord) body = NULL;
  g_autofree char *input = NULL;

  g_signal_connect (session, "items-changed", G_CALLBACK (items_cb), log);
  oai_session_set_instructions (session, "Be brief.");
  send_ok (session, "Hello", NULL);
  g_assert_true (g_str_has_prefix (log->str, "-0+1-0+1["));
  g_assert_cmpint (oai_session_get_total_tokens (session), >, 0);
  send_ok (session, "Bye", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 4);

  body = dup_body (fixture, 1);
  input = oai_record_dup_member (body, "input");
  g_assert_nonnull (oai_record_get_string_member (body, "previous_response_id"));
  g_assert_cmpstr (oai_record_get_string_member (body, "instructions"), ==, "Be brief.");
  g_assert_nonnull (strstr (input, "Bye"));
  g_assert_null (strstr (input, "Hello"));
  assert_no_violations (&fixture->service);
}

static void
test_not_stored (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiResponseRequest) options = oai_response_request_new ();
  g_autoptr(OaiRecord) body = NULL;
  g_autofree char *include = NULL;

  oai_response_request_set_store (options, FALSE);
  oai_session_set_options (session, OAI_RECORD (options));
  push_output (fixture, "r1", TRUE, "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[]}," TEXT ("m1", "Hi"));
  push_output (fixture, "r2", FALSE, "{\"type\":\"reasoning\",\"id\":\"rs_2\",\"summary\":[],\"encrypted_content\":\"x\"}," TEXT ("m2", "You"));
  push_output (fixture, "r3", FALSE, TEXT ("m3", "Bye"));
  send_ok (session, "1", "Hi");
  send_ok (session, "2", "You");
  send_ok (session, "3", "Bye");
  assert_input (fixture, 2, NULL,
                USER ("1") ",{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[]}," TEXT ("m1", "Hi") "," USER ("2")
                ",{\"type\":\"reasoning\",\"id\":\"rs_2\",\"summary\":[],\"encrypted_content\":\"x\"}," TEXT ("m2", "You") "," USER ("3"));
  body = dup_body (fixture, 2);
  include = oai_record_dup_member (body, "include");
  g_assert_cmpstr (include, ==, "[\"reasoning.encrypted_content\"]");
}

/* A server that refuses to continue a response gets all items, and is not tried again. */
static void
test_refused (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;

  push_output (fixture, "r1", TRUE, TEXT ("m1", "One"));
  push_json (fixture, 400, "{\"error\":{\"message\":\"llama.cpp does not support 'previous_response_id'.\",\"type\":\"invalid_request_error\",\"code\":400}}");
  push_output (fixture, "r2", TRUE, TEXT ("m2", "Two"));
  push_output (fixture, "r3", TRUE, TEXT ("m3", "Three"));
  send_ok (session, "1", "One");
  send_ok (session, "2", "Two");
  send_ok (session, "3", "Three");
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 4);
  assert_input (fixture, 1, "r1", USER ("2"));
  assert_input (fixture, 2, NULL, USER ("1") "," TEXT ("m1", "One") "," USER ("2"));
  assert_input (fixture, 3, NULL, USER ("1") "," TEXT ("m1", "One") "," USER ("2") "," TEXT ("m2", "Two") "," USER ("3"));
}

static void
test_tools (SessionFixture *fixture, gconstpointer data)
{
  static const gboolean stores[] = { TRUE, FALSE };

  for (guint i = 0; i < G_N_ELEMENTS (stores); i++)
    {
      g_autoptr(OaiSession) session = oai_responses_session_new (fixture->client, "m");

      oai_mock_server_reset (fixture->server);
      oai_session_set_toolset (session, fixture->toolset);
      push_output (fixture, "r1", stores[i], CALL ("a", "get_time", "\"\"") "," CALL ("b", "get_time", "\"{}\""));
      push_output (fixture, "r2", stores[i], TEXT ("m2", "Noon"));
      push_output (fixture, "r3", stores[i], TEXT ("m3", "Bye"));
      send_ok (session, "Hi", "Noon");
      send_ok (session, "Bye", "Bye");
      if (stores[i])
        {
          assert_input (fixture, 1, "r1", OUTPUT ("a", "\"{\\\"result\\\":\\\"noon\\\"}\"") "," OUTPUT ("b", "\"{\\\"result\\\":\\\"noon\\\"}\""));
          assert_input (fixture, 2, "r2", USER ("Bye"));
        }
      else
        assert_input (fixture, 2, NULL,
                      USER ("Hi") "," CALL ("a", "get_time", "\"\"") "," CALL ("b", "get_time", "\"{}\"") ","
                      OUTPUT ("a", "\"{\\\"result\\\":\\\"noon\\\"}\"") "," OUTPUT ("b", "\"{\\\"result\\\":\\\"noon\\\"}\"") ","
                      TEXT ("m2", "Noon") "," USER ("Bye"));
    }
}

static void
stop_at_tools_cb (OaiSession *session)
{
  if (oai_session_get_state (session) == OAI_SESSION_STATE_RUNNING_TOOLS)
    oai_session_stop (session);
}

/* The response with the call is stored, so its output must be sent. */
static void
test_stop_tools (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(GError) error = NULL;

  oai_session_set_toolset (session, fixture->toolset);
  g_signal_connect (session, "notify::state", G_CALLBACK (stop_at_tools_cb), NULL);
  push_output (fixture, "r1", TRUE, CALL ("a", "never", "\"\""));
  push_output (fixture, "r2", TRUE, TEXT ("m2", "Fine"));
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  send_ok (session, "Never mind", "Fine");
  assert_input (fixture, 1, "r1", OUTPUT ("a", "\"{\\\"error\\\":\\\"This call was cancelled.\\\"}\"") "," USER ("Never mind"));
}

static void
stop_at_text_cb (OaiSession *session)
{
  if (oai_session_get_text (session) != NULL)
    oai_session_stop (session);
}

/* What was received of a response that the server does not know is sent without identifiers. */
static void
test_stop_text (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_events ();
  g_autoptr(GError) error = NULL;
  gulong id = g_signal_connect (session, "notify::text", G_CALLBACK (stop_at_text_cb), NULL);

  oai_mock_reply_add_event (reply, "response.created", "{\"type\":\"response.created\",\"response\":{\"id\":\"r1\",\"object\":\"response\",\"status\":\"in_progress\",\"output\":[]}}");
  oai_mock_reply_add_event (reply, "response.output_item.added", "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[]}}");
  oai_mock_reply_add_event (reply, "response.output_item.added", "{\"type\":\"response.output_item.added\",\"output_index\":1,\"item\":{\"type\":\"message\",\"id\":\"m1\",\"role\":\"assistant\",\"status\":\"in_progress\",\"content\":[]}}");
  oai_mock_reply_add_event (reply, "response.output_text.delta", "{\"type\":\"response.output_text.delta\",\"item_id\":\"m1\",\"output_index\":1,\"content_index\":0,\"delta\":\"Once\"}");
  oai_mock_reply_add_event (reply, "response.output_text.delta", "{\"type\":\"response.output_text.delta\",\"item_id\":\"m1\",\"output_index\":1,\"content_index\":0,\"delta\":\" upon\"}");
  oai_mock_server_push_reply (fixture->server, reply);
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 3);
  g_signal_handler_disconnect (session, id);

  push_output (fixture, "r2", TRUE, TEXT ("m2", "Fine"));
  send_ok (session, "Stop", "Fine");
  assert_input (fixture, 1, NULL, USER ("Hi") ",{\"type\":\"message\",\"role\":\"assistant\",\"content\":\"Once\"}," USER ("Stop"));
}

static void
test_incomplete (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) item = NULL;
  g_autoptr(GError) error = NULL;

  push_json (fixture, 200, "{\"id\":\"r1\",\"object\":\"response\",\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"store\":true,\"output\":[" TEXT ("m1", "Once") "]}");
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_LENGTH);
  item = g_list_model_get_item (G_LIST_MODEL (session), 1);
  g_assert_cmpstr (oai_session_item_get_text (item), ==, "Once");
  g_assert_cmpint (oai_session_item_get_state (item), ==, OAI_SESSION_ITEM_STATE_INCOMPLETE);
}

/* Changes of items that the server has stored. */
static void
test_edit (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSession) branch = NULL;
  g_autoptr(OaiSessionItem) item = NULL;
  g_autoptr(OaiSessionItem) edited = NULL;
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(GError) error = NULL;

  push_output (fixture, "r1", TRUE, TEXT ("m1", "One"));
  push_output (fixture, "r2", TRUE, TEXT ("m2", "Two"));
  push_output (fixture, "r3", TRUE, TEXT ("m3", "Three"));
  push_output (fixture, "r4", TRUE, TEXT ("m4", "Four"));
  push_output (fixture, "r5", TRUE, TEXT ("m5", "Five"));
  send_ok (session, "1", "One");
  send_ok (session, "2", "Two");
  item = g_list_model_get_item (G_LIST_MODEL (session), 2);
  edited = oai_session_edit (session, item, "3", NULL, &error);
  g_assert_no_error (error);
  assert_input (fixture, 2, "r1", USER ("3"));

  first = g_list_model_get_item (G_LIST_MODEL (session), 1);
  branch = oai_session_branch (session, first, &error);
  g_assert_no_error (error);
  send_ok (branch, "4", "Four");
  assert_input (fixture, 3, "r1", USER ("4"));

  oai_session_remove_items (session, 0, 1);
  send_ok (session, "5", "Five");
  assert_input (fixture, 4, NULL, TEXT ("m1", "One") "," USER ("3") "," TEXT ("m3", "Three") "," USER ("5"));
}

static void
count_cb (OaiSession *session, GParamSpec *pspec, GString *log)
{
  g_string_append_printf (log, "%u", oai_session_get_n_parts (session));
}

/* Images and files, with and without a text. */
static void
test_parts (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(GBytes) text = g_bytes_new_static ("Hi", 2);
  g_autoptr(OaiSessionItem) item = NULL;
  g_autoptr(OaiSessionItem) edited = NULL;
  g_autoptr(GString) log = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  g_signal_connect (session, "notify::n-parts", G_CALLBACK (count_cb), log);
  g_assert_false (oai_session_add_image (session, text, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  push_output (fixture, "r1", FALSE, TEXT ("m1", "One"));
  push_output (fixture, "r2", FALSE, TEXT ("m2", "Two"));
  oai_session_add_image_url (session, "https://example.org/removed.png");
  oai_session_clear_parts (session);
  oai_session_clear_parts (session);
  oai_session_add_image_url (session, "https://example.org/a.png");
  oai_session_add_file (session, text, "hi.txt");
  oai_session_add_file_id (session, "file_1");
  send_ok (session, NULL, "One");
  g_assert_cmpstr (log->str, ==, "101230");
  assert_input (fixture, 0, NULL,
                "{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"https://example.org/a.png\",\"detail\":\"auto\"},"
                "{\"type\":\"input_file\",\"filename\":\"hi.txt\",\"file_data\":\"data:text/plain;base64,SGk=\"},{\"type\":\"input_file\",\"file_id\":\"file_1\"}]}");

  item = g_list_model_get_item (G_LIST_MODEL (session), 0);
  edited = oai_session_edit (session, item, "What is it?", NULL, &error);
  g_assert_no_error (error);
  assert_input (fixture, 1, NULL,
                "{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"What is it?\"},"
                "{\"type\":\"input_image\",\"image_url\":\"https://example.org/a.png\",\"detail\":\"auto\"},"
                "{\"type\":\"input_file\",\"filename\":\"hi.txt\",\"file_data\":\"data:text/plain;base64,SGk=\"},{\"type\":\"input_file\",\"file_id\":\"file_1\"}]}");
}

static void
test_conversation (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiResponseRequest) options = oai_response_request_new ();
  g_autoptr(OaiRecord) body = NULL;

  oai_response_request_set_conversation (options, "conv_1");
  oai_session_set_options (session, OAI_RECORD (options));
  push_output (fixture, "r1", FALSE, TEXT ("m1", "One"));
  push_output (fixture, "r2", FALSE, TEXT ("m2", "Two"));
  send_ok (session, "1", "One");
  send_ok (session, "2", "Two");
  assert_input (fixture, 1, NULL, USER ("2"));
  body = dup_body (fixture, 1);
  g_assert_cmpstr (oai_record_get_string_member (body, "conversation"), ==, "conv_1");
}

/* A saved session contains no key of its options. */
static void
test_saved_keys (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(OaiRecord) options = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;
  g_autofree char *kept = NULL;

  options = oai_record_new_from_json (OAI_TYPE_RESPONSE_REQUEST,
                                      "{\"tools\":[{\"type\":\"mcp\",\"server_label\":\"wiki\",\"authorization\":\"key-one\",\"headers\":{\"X-Key\":\"key-two\"}}]}",
                                      &error);
  g_assert_no_error (error);
  oai_session_set_options (session, options);
  json = oai_session_to_json (session);
  g_assert_null (strstr (json, "key-"));
  restored = oai_responses_session_new_from_json (fixture->client, json, &error);
  g_assert_no_error (error);
  kept = oai_record_to_json (oai_session_get_options (restored));
  g_assert_cmpstr (kept, ==, "{\"tools\":[{\"type\":\"mcp\",\"server_label\":\"wiki\"}]}");
}

/* The message of the user in a saved session has the record of another item. */
static void
test_saved_kinds (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(OaiSessionItem) item = NULL;
  g_autoptr(OaiSessionItem) edited = NULL;
  g_autoptr(GError) error = NULL;

  restored = oai_responses_session_new_from_json (fixture->client,
                                                  "{\"version\":1,\"session\":\"OaiResponsesSession\",\"streaming\":false,\"items\":[{\"kind\":\"message\","
                                                  "\"state\":\"complete\",\"role\":\"user\",\"record\":{\"type\":\"function_call\",\"call_id\":\"a\"}}]}",
                                                  &error);
  g_assert_no_error (error);
  push_output (fixture, "r1", TRUE, TEXT ("m1", "One"));
  item = g_list_model_get_item (G_LIST_MODEL (restored), 0);
  edited = oai_session_edit (restored, item, "1", NULL, &error);
  g_assert_no_error (error);
  assert_input (fixture, 0, NULL, USER ("1"));
}

static void
files_cb (OaiToolCall *call, gpointer user_data)
{
  g_autoptr(GBytes) image = g_bytes_new_static ("\0\1\2", 3);
  g_autoptr(GBytes) document = g_bytes_new_static ("%PDF", 4);

  oai_tool_call_add_file (call, image, "image/png", NULL);
  oai_tool_call_add_file (call, document, "application/pdf", "paper.pdf");
  if (oai_tool_call_has_argument (call, "fail"))
    oai_tool_call_fail_with_message (call, "No");
  else
    oai_tool_call_respond (call, "two");
  oai_tool_call_add_file (call, document, "application/pdf", "late.pdf");
}

#define FILES \
  "[{\"type\":\"input_text\",\"text\":\"{\\\"result\\\":\\\"two\\\"}\"},{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,AAEC\",\"detail\":\"auto\"}," \
  "{\"type\":\"input_file\",\"filename\":\"paper.pdf\",\"file_data\":\"data:application/pdf;base64,JVBERg==\"}]"

/* The program adds the output of a call, with an image. */
static void
test_output_parts (SessionFixture *fixture, gconstpointer data)
{
  static const char record[] = "{\"type\":\"function_call\",\"id\":\"f\",\"call_id\":\"a\",\"name\":\"show\",\"arguments\":\"{}\"}";
  static const char output[] = "{\"type\":\"function_call_output\",\"call_id\":\"a\",\"output\":[{\"type\":\"input_text\",\"text\":\"A\"},"
                               "{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,iVBORw0KGgo=\"},"
                               "{\"type\":\"input_image\",\"file_id\":\"file_1\"},{\"type\":\"input_text\",\"text\":\"B\"}]}";
  OaiSession *session = fixture->session;
  g_autoptr(OaiRecord) call = oai_record_new_from_json (OAI_TYPE_RESPONSE_ITEM, record, NULL);
  g_autoptr(OaiRecord) result = oai_record_new_from_json (OAI_TYPE_RESPONSE_ITEM, output, NULL);
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) body = NULL;
  g_autofree char *input = NULL;

  oai_session_set_streaming (session, FALSE);
  push_output (fixture, "r1", FALSE, TEXT ("m1", "Done"));
  oai_session_add_record (session, call);
  g_test_expect_message ("Oai", G_LOG_LEVEL_MESSAGE, "show: a file of the output is omitted*");
  oai_session_add_record (session, result);
  g_test_assert_expected_messages ();
  answer = send_text (session, NULL, &error);
  g_assert_no_error (error);
  body = dup_body (fixture, 0);
  input = oai_record_dup_member (body, "input");
  g_assert_nonnull (strstr (input, "\"output\":[{\"type\":\"input_text\",\"text\":\"A\\nB\"},{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,iVBORw0KGgo=\""));
}

/* The files of an output are sent with it, also by a restored session.  A call that fails has none. */
static void
test_files (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;

  oai_toolset_add_function (toolset, "get_files", "Files", NULL, files_cb, NULL, NULL, NULL);
  oai_session_set_toolset (session, toolset);
  push_output (fixture, "r1", TRUE, CALL ("a", "get_files", "\"{}\"") "," CALL ("b", "get_files", "\"{\\\"fail\\\":1}\""));
  push_output (fixture, "r2", TRUE, TEXT ("m2", "Seen"));
  send_ok (session, "Hi", "Seen");
  assert_input (fixture, 1, "r1", OUTPUT ("a", FILES) "," OUTPUT ("b", "\"{\\\"error\\\":\\\"No\\\"}\""));

  json = oai_session_to_json (session);
  restored = oai_responses_session_new_from_json (fixture->client, json, &error);
  g_assert_no_error (error);
  oai_session_set_toolset (restored, toolset);
  push_json (fixture, 404, "{\"error\":{\"code\":\"previous_response_not_found\",\"message\":\"Previous response not found\"}}");
  push_output (fixture, "r3", TRUE, TEXT ("m3", "Again"));
  send_ok (restored, "Again", "Again");
  assert_input (fixture, 3, NULL,
                USER ("Hi") "," CALL ("a", "get_files", "\"{}\"") "," CALL ("b", "get_files", "\"{\\\"fail\\\":1}\"") ","
                OUTPUT ("a", FILES) "," OUTPUT ("b", "\"{\\\"error\\\":\\\"No\\\"}\"") "," TEXT ("m2", "Seen") "," USER ("Again"));
}

static void
test_compaction (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(OaiSessionItem) item = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;

  push_output (fixture, "r1", TRUE, TEXT ("m1", "One"));
  push_json (fixture, 400, "{\"error\":{\"message\":\"Too long.\",\"type\":\"invalid_request_error\",\"code\":\"context_length_exceeded\"}}");
  push_json (fixture, 200, "{\"id\":\"c1\",\"object\":\"response.compaction\",\"output\":[" USER ("1") ",{\"type\":\"compaction\",\"id\":\"cmp_1\",\"encrypted_content\":\"xyz\"}]}");
  push_output (fixture, "r2", TRUE, TEXT ("m2", "Two"));
  push_output (fixture, "r3", TRUE, TEXT ("m3", "Three"));
  push_output (fixture, "r4", FALSE, TEXT ("m4", "Four"));
  send_ok (session, "1", "One");
  send_ok (session, "2", "Two");
  item = g_list_model_get_item (G_LIST_MODEL (session), 2);
  g_assert_cmpint (oai_session_item_get_kind (item), ==, OAI_SESSION_ITEM_KIND_COMPACTION);
  assert_input (fixture, 3, NULL, USER ("1") ",{\"type\":\"compaction\",\"id\":\"cmp_1\",\"encrypted_content\":\"xyz\"}," USER ("2"));
  send_ok (session, "3", "Three");
  assert_input (fixture, 4, "r2", USER ("3"));

  json = oai_session_to_json (session);
  restored = oai_responses_session_new_from_json (fixture->client, json, &error);
  g_assert_no_error (error);
  send_ok (restored, "4", "Four");
  assert_input (fixture, 5, "r3", USER ("4"));
}

/* A conversation that becomes too long by the results of tools: the stored reply with the calls cannot be continued. */
static void
test_compaction_between_rounds (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;

  oai_session_set_toolset (session, fixture->toolset);
  push_output (fixture, "r1", TRUE, TEXT ("m1", "One"));
  push_output (fixture, "r2", TRUE, CALL ("a", "get_time", "\"\""));
  push_json (fixture, 400, "{\"error\":{\"message\":\"Too long.\",\"type\":\"invalid_request_error\",\"code\":\"context_length_exceeded\"}}");
  push_json (fixture, 200, "{\"id\":\"c1\",\"object\":\"response.compaction\",\"output\":[{\"type\":\"compaction\",\"id\":\"cmp_1\",\"encrypted_content\":\"xyz\"}]}");
  push_output (fixture, "r3", TRUE, TEXT ("m3", "Noon"));
  push_output (fixture, "r4", TRUE, TEXT ("m4", "Four"));
  send_ok (session, "1", "One");
  send_ok (session, "2", "Noon");
  assert_input (fixture, 2, "r2", OUTPUT ("a", "\"{\\\"result\\\":\\\"noon\\\"}\""));
  assert_input (fixture, 4, NULL,
                "{\"type\":\"compaction\",\"id\":\"cmp_1\",\"encrypted_content\":\"xyz\"}," USER ("2") "," CALL ("a", "get_time", "\"\"") ","
                OUTPUT ("a", "\"{\\\"result\\\":\\\"noon\\\"}\""));
  send_ok (session, "4", "Four");
  assert_input (fixture, 5, "r3", USER ("4"));
}

/* A server that cannot compact leaves it to the program. */
static gboolean
shorten_cb (OaiSession *session)
{
  oai_session_remove_items (session, 0, 2);

  return TRUE;
}

static void
test_context (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;

  g_signal_connect (session, "context-exceeded", G_CALLBACK (shorten_cb), NULL);
  push_output (fixture, "r1", TRUE, TEXT ("m1", "One"));
  push_json (fixture, 400, "{\"error\":{\"message\":\"Too long.\",\"type\":\"invalid_request_error\",\"code\":\"context_length_exceeded\"}}");
  push_json (fixture, 404, "{\"error\":{\"message\":\"Not found.\"}}");
  push_output (fixture, "r2", TRUE, TEXT ("m2", "Two"));
  send_ok (session, "1", "One");
  send_ok (session, "2", "Two");
  assert_input (fixture, 3, NULL, USER ("2"));
}

static void
test_same_id (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiRecord) body = NULL;
  GPtrArray *items;

  oai_session_set_toolset (session, fixture->toolset);
  push_output (fixture, "r1", TRUE, "{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_id\":\"\",\"name\":\"get_time\",\"arguments\":\"{}\"},"
               "{\"type\":\"function_call\",\"id\":\"fc_2\",\"call_id\":\"\",\"name\":\"get_time\",\"arguments\":\"{}\"}");
  push_output (fixture, "r2", TRUE, TEXT ("m2", "Noon"));
  send_ok (session, "Hi", "Noon");
  body = dup_body (fixture, 1);
  g_assert_null (oai_record_get_string_member (body, "previous_response_id"));
  items = oai_response_request_get_input_items (OAI_RESPONSE_REQUEST (body));
  g_assert_cmpuint (items->len, ==, 5);
  for (guint i = 1; i < 3; i++)
    {
      const char *id = oai_record_get_string_member (g_ptr_array_index (items, i), "call_id");

      g_assert_cmpstr (id, !=, "");
      g_assert_cmpstr (id, ==, oai_record_get_string_member (g_ptr_array_index (items, i + 2), "call_id"));
    }
}

/* Checks the input like a strict server: each call has one output after it, each output a call before it. */
static void
assert_valid (SessionFixture *fixture)
{
  g_autoptr(OaiRecord) body = dup_body (fixture, -1);
  g_autoptr(GHashTable) open = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *items = oai_response_request_get_input_items (OAI_RESPONSE_REQUEST (body));
  const char *previous = oai_record_get_string_member (body, "previous_response_id");

  if (g_strcmp0 (previous, "r1") == 0)
    {
      g_hash_table_add (open, (gpointer) "a");
      g_hash_table_add (open, (gpointer) "b");
    }
  if (g_strcmp0 (previous, "r2") == 0)
    {
      g_hash_table_add (open, (gpointer) "c");
      g_hash_table_add (open, (gpointer) "d");
    }
  for (guint i = 0; i < items->len; i++)
    {
      OaiRecord *item = g_ptr_array_index (items, i);
      const char *id = oai_record_get_string_member (item, "call_id");

      if (OAI_IS_RESPONSE_FUNCTION_CALL (item))
        g_assert_true (g_hash_table_add (open, (gpointer) id));
      else if (OAI_IS_RESPONSE_FUNCTION_CALL_OUTPUT (item))
        g_assert_true (g_hash_table_remove (open, id));
      else
        g_assert_cmpuint (g_hash_table_size (open), ==, 0);
    }
  g_assert_cmpuint (g_hash_table_size (open), ==, 0);
}

static gboolean
stop_at (SessionFixture *fixture, guint step, Stop stop, gboolean store)
{
  g_autoptr(OaiSession) session = oai_responses_session_new (fixture->client, "m");
  gboolean stopped;

  oai_session_set_toolset (session, fixture->toolset);
  oai_mock_server_reset (fixture->server);
  push_output (fixture, "r1", store, TEXT ("m1", "Wait.") "," CALL ("a", "get_time", "\"{}\"") "," CALL ("b", "get_time", "\"{}\""));
  push_output (fixture, "r2", store, CALL ("c", "get_time", "\"{}\"") "," CALL ("d", "get_time", "\"{}\""));
  push_output (fixture, "r3", store, TEXT ("m3", "Noon"));
  stopped = run_stopped (session, step, stop);

  /* The service may still receive the request that was aborted, which then gets one of the replies. */
  oai_mock_server_reset (fixture->server);
  for (guint i = 0; i < 2; i++)
    push_output (fixture, "r4", store, TEXT ("m4", "Done"));
  send_ok (session, "Again", "Done");
  assert_valid (fixture);

  return stopped;
}

static void
test_stop_everywhere (SessionFixture *fixture, gconstpointer data)
{
  for (guint stop = 0; stop < N_STOPS; stop++)
    for (guint store = 0; store < 2; store++)
      {
        guint step = 1;

        while (stop_at (fixture, step, stop, store))
          step++;
        g_test_message ("%u steps", step - 1);
        g_assert_cmpuint (step, >, stop == STOP_BETWEEN ? 3 : 20);
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  TEST_SESSION ("/responses-session/stored", OAI_TYPE_RESPONSES_SESSION, test_stored);
  TEST_SESSION ("/responses-session/not-stored", OAI_TYPE_RESPONSES_SESSION, test_not_stored);
  TEST_SESSION ("/responses-session/refused", OAI_TYPE_RESPONSES_SESSION, test_refused);
  TEST_SESSION ("/responses-session/tools", OAI_TYPE_RESPONSES_SESSION, test_tools);
  TEST_SESSION ("/responses-session/stop-tools", OAI_TYPE_RESPONSES_SESSION, test_stop_tools);
  TEST_SESSION ("/responses-session/stop-text", OAI_TYPE_RESPONSES_SESSION, test_stop_text);
  TEST_SESSION ("/responses-session/incomplete", OAI_TYPE_RESPONSES_SESSION, test_incomplete);
  TEST_SESSION ("/responses-session/edit", OAI_TYPE_RESPONSES_SESSION, test_edit);
  TEST_SESSION ("/responses-session/parts", OAI_TYPE_RESPONSES_SESSION, test_parts);
  TEST_SESSION ("/responses-session/conversation", OAI_TYPE_RESPONSES_SESSION, test_conversation);
  TEST_SESSION ("/responses-session/saved-keys", OAI_TYPE_RESPONSES_SESSION, test_saved_keys);
  TEST_SESSION ("/responses-session/saved-kinds", OAI_TYPE_RESPONSES_SESSION, test_saved_kinds);
  TEST_SESSION ("/responses-session/output-parts", OAI_TYPE_RESPONSES_SESSION, test_output_parts);
  TEST_SESSION ("/responses-session/files", OAI_TYPE_RESPONSES_SESSION, test_files);
  TEST_SESSION ("/responses-session/compaction", OAI_TYPE_RESPONSES_SESSION, test_compaction);
  TEST_SESSION ("/responses-session/compaction-between-rounds", OAI_TYPE_RESPONSES_SESSION, test_compaction_between_rounds);
  TEST_SESSION ("/responses-session/context", OAI_TYPE_RESPONSES_SESSION, test_context);
  TEST_SESSION ("/responses-session/same-id", OAI_TYPE_RESPONSES_SESSION, test_same_id);
  TEST_SESSION ("/responses-session/stop-everywhere", OAI_TYPE_RESPONSES_SESSION, test_stop_everywhere);

  return g_test_run ();
}
