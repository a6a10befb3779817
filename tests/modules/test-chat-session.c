/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sessions of chat completions. */

#include "test-session.h"

/* Replies */

static void
push_events (SessionFixture *fixture, const char *events)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_text (200, "text/event-stream", events);

  oai_mock_server_push_reply (fixture->server, reply);
}

/* delta: the members of the delta, JSON.  finish_reason: JSON. */
static void
append_event (GString *events, const char *delta, const char *finish_reason)
{
  g_string_append_printf (events,
                          "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
                          "[{\"index\":0,\"delta\":{%s},\"finish_reason\":%s}]}\n\n",
                          delta, finish_reason);
}

static void
push_text (SessionFixture *fixture, const char *first, const char *second)
{
  g_autoptr(GString) events = g_string_new (NULL);
  g_autofree char *start = g_strdup_printf ("\"role\":\"assistant\",\"content\":\"%s\"", first);
  g_autofree char *end = g_strdup_printf ("\"content\":\"%s\"", second);

  append_event (events, start, "null");
  append_event (events, end, "null");
  append_event (events, "", "\"stop\"");
  g_string_append (events, "data: [DONE]\n\n");
  push_events (fixture, events->str);
}

/* calls: JSON array of deltas of calls */
static void
push_calls (SessionFixture *fixture, const char *text, const char *calls)
{
  g_autoptr(GString) events = g_string_new (NULL);
  g_autofree char *start = g_strdup_printf ("\"role\":\"assistant\",\"content\":%s", text);
  g_autofree char *end = g_strdup_printf ("\"tool_calls\":[%s]", calls);

  append_event (events, start, "null");
  append_event (events, end, "null");
  append_event (events, "", "\"tool_calls\"");
  g_string_append (events, "data: [DONE]\n\n");
  push_events (fixture, events->str);
}

/* arguments: a JSON string */
#define CALL(index, id, name, arguments) \
  "{\"index\":" #index ",\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"" name "\",\"arguments\":" arguments "}}"

/* Observation: what a list view would show. */

typedef struct
{
  GPtrArray *items;
  GString *log;
} Observer;

static void
text_cb (OaiSessionItem *item, GParamSpec *pspec, Observer *observer)
{
  g_string_append_printf (observer->log, "[%s]", oai_session_item_get_text (item));
}

static void
state_cb (OaiSessionItem *item, GParamSpec *pspec, Observer *observer)
{
  g_string_append_printf (observer->log, "<%d>", oai_session_item_get_state (item));
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, Observer *observer)
{
  if (removed > 0)
    g_ptr_array_remove_range (observer->items, position, removed);
  for (guint i = 0; i < added; i++)
    {
      OaiSessionItem *item = g_list_model_get_item (model, position + i);

      g_ptr_array_insert (observer->items, position + i, item);
      g_string_append_printf (observer->log, "+%d", oai_session_item_get_kind (item));
      g_signal_connect (item, "notify::text", G_CALLBACK (text_cb), observer);
      g_signal_connect (item, "notify::state", G_CALLBACK (state_cb), observer);
    }
  g_assert_cmpuint (observer->items->len, ==, g_list_model_get_n_items (model));
}

static void
observer_init (Observer *observer, OaiSession *session)
{
  observer->items = g_ptr_array_new_with_free_func (g_object_unref);
  observer->log = g_string_new (NULL);
  g_signal_connect (session, "items-changed", G_CALLBACK (items_changed_cb), observer);
}

static void
observer_clear (Observer *observer, OaiSession *session)
{
  g_signal_handlers_disconnect_by_data (session, observer);
  for (guint i = 0; i < observer->items->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (observer->items, i), observer);
  g_ptr_array_unref (observer->items);
  g_string_free (observer->log, TRUE);
}

static char *
dup_messages (SessionFixture *fixture, int index)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, index);
  g_autofree char *body = oai_mock_request_dup_body_text (request);
  g_autoptr(OaiRecord) record = oai_record_new_from_json (OAI_TYPE_CHAT_REQUEST, body, NULL);

  return oai_record_dup_member (record, "messages");
}

/* Compares messages regardless of the order of members. */
static void
assert_messages (const char *messages, const char *expected)
{
  g_autofree char *actual_json = g_strdup_printf ("{\"messages\":%s}", messages);
  g_autofree char *expected_json = g_strdup_printf ("{\"messages\":%s}", expected);
  g_autoptr(OaiRecord) actual_record = oai_record_new_from_json (OAI_TYPE_CHAT_REQUEST, actual_json, NULL);
  g_autoptr(OaiRecord) expected_record = oai_record_new_from_json (OAI_TYPE_CHAT_REQUEST, expected_json, NULL);

  if (!oai_record_equal (actual_record, expected_record))
    g_error ("%s instead of %s", messages, expected);
}

/* Tests */

static void
test_stream (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;
  g_autofree char *state = NULL;
  Observer observer;

  observer_init (&observer, session);
  oai_session_set_instructions (session, "Be brief.");
  push_text (fixture, "Hel", "lo");
  answer = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_item_get_text (answer), ==, "Hello");
  g_assert_cmpstr (oai_session_get_text (session), ==, "Hello");
  g_assert_cmpstr (observer.log->str, ==, "+0+0[Hel][Hello]<1>");
  state = g_enum_to_string (OAI_TYPE_SESSION_STATE, oai_session_get_state (session));
  g_assert_cmpstr (state, ==, "OAI_SESSION_STATE_IDLE");

  messages = dup_messages (fixture, 0);
  g_assert_cmpstr (messages, ==, "[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"Hi\"}]");
  observer_clear (&observer, session);
}

static void
test_second_turn (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(OaiSessionItem) second = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;

  push_text (fixture, "Hel", "lo");
  push_text (fixture, "By", "e");
  first = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  second = oai_session_send (session, "I must go", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_item_get_text (second), ==, "Bye");

  messages = dup_messages (fixture, 1);
  g_assert_cmpstr (messages, ==,
                   "[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Hello\"},"
                   "{\"role\":\"user\",\"content\":\"I must go\"}]");
}

static void
stop_cb (OaiSession *session)
{
  if (oai_session_get_text (session) != NULL)
    oai_session_stop (session);
}

static void
test_stop (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(OaiSessionItem) next = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;
  gulong id = g_signal_connect (session, "notify::text", G_CALLBACK (stop_cb), NULL);

  push_text (fixture, "Hel", "lo");
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (error->message, ==, "The reply was stopped");
  g_clear_error (&error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 2);
  answer = g_list_model_get_item (G_LIST_MODEL (session), 1);
  g_assert_cmpstr (oai_session_item_get_text (answer), ==, "Hel");
  g_assert_cmpint (oai_session_item_get_state (answer), ==, OAI_SESSION_ITEM_STATE_INCOMPLETE);

  g_signal_handler_disconnect (session, id);
  push_text (fixture, "By", "e");
  next = send_text (session, "Go on", &error);
  g_assert_no_error (error);
  messages = dup_messages (fixture, 1);
  g_assert_cmpstr (messages, ==,
                   "[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Hel\"},"
                   "{\"role\":\"user\",\"content\":\"Go on\"}]");
}

static void
test_error (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;

  push_json (fixture, 400, "{\"error\":{\"message\":\"No.\"}}");
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  g_assert_error (oai_session_get_error (session), OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 1);
  g_clear_error (&error);

  push_text (fixture, "Hel", "lo");
  answer = send_text (session, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (oai_session_get_error (session));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 2);
}

/* What a label that is bound to the text shows. */
static void
show_cb (OaiSession *session, GParamSpec *pspec, GString *shown)
{
  const char *text = oai_session_get_text (session);

  g_string_assign (shown, text != NULL ? text : "-");
}

static void
test_shown_text (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiChatMessage) message = oai_chat_message_new_assistant ("Bye");
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GString) shown = g_string_new ("-");
  g_autoptr(GError) error = NULL;

  g_signal_connect (session, "notify::text", G_CALLBACK (show_cb), shown);
  push_text (fixture, "Hel", "lo");
  answer = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (shown->str, ==, "Hello");

  push_json (fixture, 400, "{\"error\":{\"message\":\"No.\"}}");
  g_assert_null (oai_session_retry (session, NULL, NULL));
  g_assert_cmpstr (shown->str, ==, "-");

  oai_session_add_record (session, OAI_RECORD (message));
  g_assert_cmpstr (shown->str, ==, "Bye");
  oai_session_remove_items (session, 0, 2);
  g_assert_cmpstr (shown->str, ==, "-");
}

/* Stops the turn that begins, and starts another one. */
static void
stop_at_begin_cb (OaiSession *session, GParamSpec *pspec, GAsyncResult **other)
{
  if (oai_session_get_error (session) != NULL)
    return;

  g_signal_handlers_disconnect_by_func (session, stop_at_begin_cb, other);
  oai_session_stop (session);
  oai_session_send_async (session, "Other", NULL, keep_result, other);
}

static void
check_stopped_at_begin (SessionFixture *fixture, gboolean edits)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GAsyncResult) other = NULL;
  g_autoptr(OaiSessionItem) message = NULL;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;

  push_json (fixture, 400, "{\"error\":{\"message\":\"No.\"}}");
  g_assert_null (send_text (session, "1", &error));
  g_clear_error (&error);
  message = g_list_model_get_item (G_LIST_MODEL (session), 0);

  g_signal_connect (session, "notify::error", G_CALLBACK (stop_at_begin_cb), &other);
  push_text (fixture, "Do", "ne");
  if (edits)
    oai_session_edit_async (session, message, "2", NULL, keep_result, &result);
  else
    oai_session_send_async (session, "2", NULL, keep_result, &result);
  wait_for (&result);
  g_assert_null (oai_session_send_finish (session, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  wait_for (&other);
  answer = oai_session_send_finish (session, other, &error);
  g_assert_no_error (error);
  messages = dup_messages (fixture, -1);
  g_assert_cmpstr (messages, ==,
                   edits ? "[{\"role\":\"user\",\"content\":\"2\"},{\"role\":\"user\",\"content\":\"Other\"}]"
                         : "[{\"role\":\"user\",\"content\":\"1\"},{\"role\":\"user\",\"content\":\"2\"},{\"role\":\"user\",\"content\":\"Other\"}]");
}

static void
test_stop_at_begin (SessionFixture *fixture, gconstpointer data)
{
  check_stopped_at_begin (fixture, FALSE);
  check_stopped_at_begin (fixture, TRUE);
}

/* A subclass of a program cannot be used, and says so. */
static void
test_subclass (SessionFixture *fixture, gconstpointer data)
{
  GTypeQuery query;
  GType type;
  g_autoptr(OaiSession) session = NULL;
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;

  g_type_query (OAI_TYPE_SESSION, &query);
  type = g_type_register_static_simple (OAI_TYPE_SESSION, "TestSession", query.class_size, NULL, query.instance_size, NULL, 0);
  session = g_object_new (type, "client", fixture->client, NULL);
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (oai_session_retry (session, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_session_add_image (session, bytes, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  oai_session_add_file_id (session, "file_1");
  g_assert_null (oai_session_get_text (session));
  json = oai_session_to_json (session);
  restored = oai_session_restore (type, fixture->client, json, &error);
  g_assert_no_error (error);
}

/* Tools */

/* Checks messages like a strict server: the results of all calls directly follow the message with the calls, in their
 * order, no message is empty, and no result is without its call. */
static void
assert_valid (const char *json)
{
  g_autofree char *body = g_strdup_printf ("{\"messages\":%s}", json);
  g_autoptr(OaiRecord) request = oai_record_new_from_json (OAI_TYPE_CHAT_REQUEST, body, NULL);
  GPtrArray *messages = oai_chat_request_get_messages (OAI_CHAT_REQUEST (request));

  for (guint i = 0; i < messages->len; i++)
    {
      OaiChatMessage *message = g_ptr_array_index (messages, i);
      GPtrArray *calls = oai_chat_message_get_tool_calls (message);
      const char *text = oai_chat_message_get_text (message);

      g_assert_cmpstr (oai_chat_message_get_role (message), !=, OAI_ROLE_TOOL);
      g_assert_true (calls->len > 0 || (text != NULL && *text != '\0'));
      for (guint j = 0; j < calls->len; j++)
        {
          OaiChatToolCall *call = g_ptr_array_index (calls, j);
          OaiChatMessage *result;

          g_assert_cmpuint (i + 1, <, messages->len);
          result = g_ptr_array_index (messages, ++i);
          g_assert_cmpstr (oai_chat_message_get_role (result), ==, OAI_ROLE_TOOL);
          g_assert_cmpstr (oai_chat_message_get_tool_call_id (result), ==, oai_chat_tool_call_get_id (call));
          g_assert_cmpstr (oai_chat_tool_call_get_id (call), !=, "");
          g_assert_nonnull (oai_chat_message_get_text (result));
        }
    }
}

static void
assert_last_request_valid (SessionFixture *fixture)
{
  g_autofree char *messages = dup_messages (fixture, -1);

  assert_valid (messages);
}

static void
push_rounds (SessionFixture *fixture)
{
  push_calls (fixture, "\"Let me see.\"", CALL (0, "a", "get_weather", "\"{\\\"city\\\":\\\"Rome\\\"}\"") "," CALL (1, "b", "get_time", "\"\""));
  push_calls (fixture, "null", CALL (0, "c", "later", "\"{}\"") "," CALL (1, "d", "later", "\"{}\""));
  push_text (fixture, "It is ", "noon.");
}

static void
test_rounds (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;
  Observer observer;

  oai_session_set_toolset (session, fixture->toolset);
  observer_init (&observer, session);
  push_rounds (fixture);
  answer = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_item_get_text (answer), ==, "It is noon.");
  g_assert_cmpstr (fixture->tools.log->str, ==, "(a)(b)");
  g_assert_cmpuint (fixture->tools.most_running, ==, 2);
  g_assert_cmpuint (observer.items->len, ==, 7);

  messages = dup_messages (fixture, 2);
  assert_valid (messages);
  assert_messages (messages,
                   "[{\"role\":\"user\",\"content\":\"Hi\"},"
                   "{\"role\":\"assistant\",\"content\":\"Let me see.\",\"tool_calls\":["
                   "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":\"{\\\"city\\\":\\\"Rome\\\"}\"}},"
                   "{\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"get_time\",\"arguments\":\"\"}}]},"
                   "{\"role\":\"tool\",\"content\":\"{\\\"result\\\":\\\"sunny in Rome\\\"}\",\"tool_call_id\":\"a\"},"
                   "{\"role\":\"tool\",\"content\":\"{\\\"result\\\":\\\"noon\\\"}\",\"tool_call_id\":\"b\"},"
                   "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
                   "{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"later\",\"arguments\":\"{}\"}},"
                   "{\"id\":\"d\",\"type\":\"function\",\"function\":{\"name\":\"later\",\"arguments\":\"{}\"}}]},"
                   "{\"role\":\"tool\",\"content\":\"{\\\"result\\\":\\\"c\\\"}\",\"tool_call_id\":\"c\"},"
                   "{\"role\":\"tool\",\"content\":\"{\\\"result\\\":\\\"d\\\"}\",\"tool_call_id\":\"d\"}]");
  observer_clear (&observer, session);
}

/* Some servers send no identifiers, or the same one for all calls. */
static void
test_same_id (SessionFixture *fixture, gconstpointer data)
{
  static const char *const calls[] = {
    CALL (0, "", "get_time", "\"\"") "," CALL (1, "", "get_time", "\"{}\""),
    CALL (0, "x", "get_time", "\"null\"") "," CALL (1, "x", "get_time", "\"{}\""),
  };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
      g_autoptr(OaiSessionItem) answer = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiToolset) toolset = NULL;
      g_autoptr(OaiSessionItem) first = NULL;
      g_autoptr(OaiSessionItem) second = NULL;
      Tools tools;

      toolset = tools_init (&tools);
      oai_session_set_toolset (session, toolset);
      push_calls (fixture, "null", calls[i]);
      push_text (fixture, "Do", "ne");
      answer = send_text (session, "Hi", &error);
      g_assert_no_error (error);
      first = g_list_model_get_item (G_LIST_MODEL (session), 1);
      second = g_list_model_get_item (G_LIST_MODEL (session), 2);
      g_assert_cmpstr (oai_tool_call_get_id (oai_session_item_get_call (first)), !=, oai_tool_call_get_id (oai_session_item_get_call (second)));
      g_assert_cmpstr (oai_tool_call_get_output (oai_session_item_get_call (second)), ==, "{\"result\":\"noon\"}");
      assert_last_request_valid (fixture);
      tools_clear (&tools);
    }
}

static void
test_sequence (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiChatRequest) options = g_object_new (OAI_TYPE_CHAT_REQUEST, NULL);
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMockRequest) first = NULL;
  g_autoptr(OaiMockRequest) second = NULL;
  g_autofree char *first_body = NULL;
  g_autofree char *second_body = NULL;

  oai_chat_request_set_parallel_tool_calls (options, FALSE);
  oai_chat_request_set_tool_choice (options, OAI_CHAT_TOOL_MODE_REQUIRED);
  oai_session_set_options (session, OAI_RECORD (options));
  oai_session_set_toolset (session, fixture->toolset);
  push_calls (fixture, "null", CALL (0, "a", "later", "\"\"") "," CALL (1, "b", "later", "\"\""));
  push_text (fixture, "Do", "ne");
  answer = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->tools.most_running, ==, 1);
  assert_last_request_valid (fixture);

  first = oai_mock_server_dup_request (fixture->server, 0);
  second = oai_mock_server_dup_request (fixture->server, 1);
  first_body = oai_mock_request_dup_body_text (first);
  second_body = oai_mock_request_dup_body_text (second);
  g_assert_nonnull (strstr (first_body, "\"tool_choice\":\"required\""));
  g_assert_null (strstr (second_body, "tool_choice"));
}

static void
started_cb (OaiSession *session, OaiToolCall *call, GString *log)
{
  g_assert_false (oai_tool_call_has_ended (call));
  g_string_append_printf (log, "+%s", oai_tool_call_get_id (call));
  if (g_str_equal (oai_tool_call_get_id (call), "b"))
    oai_tool_call_respond (call, "by the program");
}

static void
finished_cb (OaiSession *session, OaiToolCall *call, GString *log)
{
  g_assert_nonnull (oai_tool_call_get_output (call));
  g_string_append_printf (log, "-%s", oai_tool_call_get_id (call));
}

/* Calls are reported when they start and when they end, and not those of another session with the same toolset. */
static void
check_events (SessionFixture *fixture, gboolean parallel, const char *expected)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
  g_autoptr(OaiChatRequest) options = g_object_new (OAI_TYPE_CHAT_REQUEST, NULL);
  g_autoptr(OaiToolset) toolset = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GString) log = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  Tools tools;

  toolset = tools_init (&tools);
  oai_chat_request_set_parallel_tool_calls (options, parallel);
  oai_session_set_options (session, OAI_RECORD (options));
  oai_session_set_toolset (session, toolset);
  g_signal_connect (session, "call-started", G_CALLBACK (started_cb), log);
  g_signal_connect (session, "call-finished", G_CALLBACK (finished_cb), log);
  push_calls (fixture, "null", CALL (0, "a", "later", "\"\"") "," CALL (1, "b", "never", "\"\"") "," CALL (2, "c", "later", "\"\""));
  push_text (fixture, "Do", "ne");
  oai_session_send_async (session, "Hi", NULL, keep_result, &result);
  while (oai_session_get_state (session) != OAI_SESSION_STATE_RUNNING_TOOLS)
    g_main_context_iteration (NULL, TRUE);
  oai_toolset_call_async (toolset, "x", "get_time", NULL, NULL, NULL, NULL);
  wait_for (&result);
  answer = oai_session_send_finish (session, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (log->str, ==, expected);
  tools_clear (&tools);
}

static void
test_events (SessionFixture *fixture, gconstpointer data)
{
  check_events (fixture, FALSE, "+a-a+b-b+c-c");
  check_events (fixture, TRUE, "+a+b+c-b-c-a");
}

/* A function that must be called is required until the model has called it. */
static void
test_forced_function (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiChatRequest) options = g_object_new (OAI_TYPE_CHAT_REQUEST, NULL);
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;

  oai_chat_request_set_tool_choice_function (options, "get_time");
  oai_session_set_options (session, OAI_RECORD (options));
  oai_session_set_toolset (session, fixture->toolset);
  push_calls (fixture, "null", CALL (0, "a", "get_whether", "\"\""));
  push_calls (fixture, "null", CALL (0, "b", "get_time", "\"\""));
  push_text (fixture, "No", "on");
  answer = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  for (int i = 0; i < 3; i++)
    {
      g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, i);
      g_autofree char *body = oai_mock_request_dup_body_text (request);

      g_assert_true ((strstr (body, "tool_choice") != NULL) == (i < 2));
    }
}

/* A model that calls tools without end. */
static void
test_endless (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;

  oai_session_set_toolset (session, fixture->toolset);
  oai_session_set_max_rounds (session, 3);
  for (guint i = 0; i < 3; i++)
    push_calls (fixture, "null", CALL (0, "a", "get_time", "\"\""));
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_TOO_MANY_ROUNDS);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 3);
  g_assert_cmpstr (fixture->tools.log->str, ==, "(a)(a)(a)");
  g_clear_error (&error);

  push_text (fixture, "Do", "ne");
  answer = send_text (session, NULL, &error);
  g_assert_no_error (error);
  assert_last_request_valid (fixture);
}

/* What the model does wrong becomes a result for the model. */
static void
test_wrong_calls (SessionFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *calls;
    const char *output;
  } cases[] = {
    { CALL (0, "a", "get_whether", "\"{}\""), "get_weather" },
    { CALL (0, "a", "get_weather", "\"[1]\""), "object" },
    { CALL (0, "a", "get_weather", "\"{\\\"ci\""), "JSON" },
    { CALL (0, "a", "get_weather", "\"{}\""), "city" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
      g_autoptr(OaiSessionItem) answer = NULL;
      g_autoptr(OaiSessionItem) item = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiToolset) toolset = NULL;
      Tools tools;

      toolset = tools_init (&tools);
      oai_session_set_toolset (session, toolset);
      push_calls (fixture, "null", cases[i].calls);
      push_text (fixture, "Do", "ne");
      answer = send_text (session, "Hi", &error);
      g_assert_no_error (error);
      item = g_list_model_get_item (G_LIST_MODEL (session), 1);
      g_assert_cmpint (oai_session_item_get_state (item), ==, OAI_SESSION_ITEM_STATE_FAILED);
      g_test_message ("%s", oai_tool_call_get_output (oai_session_item_get_call (item)));
      g_assert_nonnull (strstr (oai_tool_call_get_output (oai_session_item_get_call (item)), "\"error\""));
      g_assert_nonnull (strstr (oai_tool_call_get_output (oai_session_item_get_call (item)), cases[i].output));
      g_assert_cmpstr (tools.log->str, ==, "");
      assert_last_request_valid (fixture);
      tools_clear (&tools);
    }
}

/* Stopping */

static void
tool_started_cb (OaiSession *session, GParamSpec *pspec, gpointer user_data)
{
  if (oai_session_get_state (session) == OAI_SESSION_STATE_RUNNING_TOOLS)
    oai_session_stop (session);
}

static void
test_stop_tools (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(OaiSessionItem) item = NULL;
  g_autoptr(GError) error = NULL;
  gulong id = g_signal_connect (session, "notify::state", G_CALLBACK (tool_started_cb), NULL);

  oai_session_set_toolset (session, fixture->toolset);
  push_calls (fixture, "null", CALL (0, "a", "get_time", "\"\"") "," CALL (1, "b", "never", "\"\""));
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpstr (fixture->tools.log->str, ==, "");
  item = g_list_model_get_item (G_LIST_MODEL (session), 2);
  g_assert_cmpint (oai_session_item_get_state (item), ==, OAI_SESSION_ITEM_STATE_INCOMPLETE);
  g_assert_nonnull (strstr (oai_tool_call_get_output (oai_session_item_get_call (item)), "cancelled"));

  g_signal_handler_disconnect (session, id);
  push_text (fixture, "Do", "ne");
  answer = send_text (session, "Never mind", &error);
  g_assert_no_error (error);
  assert_last_request_valid (fixture);
}

/* Sends a message, and checks that the server gets a valid history. */
static void
check_continues (SessionFixture *fixture, OaiSession *session)
{
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;

  /* The service may still receive the request that was aborted, which then gets one of the replies. */
  oai_mock_server_reset (fixture->server);
  for (guint i = 0; i < 2; i++)
    push_text (fixture, "Do", "ne");
  answer = send_text (session, "Again", &error);
  g_assert_no_error (error);
  assert_last_request_valid (fixture);
}

/* Stops a turn of three rounds with four tools at one of its steps.  Returns FALSE if it has fewer steps. */
static gboolean
stop_at (SessionFixture *fixture, guint step, Stop stop)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
  g_autoptr(OaiToolset) toolset = NULL;
  gboolean stopped;
  Tools tools;

  toolset = tools_init (&tools);
  oai_session_set_toolset (session, toolset);
  oai_mock_server_reset (fixture->server);
  push_rounds (fixture);
  stopped = run_stopped (session, step, stop);
  while (tools.waiting->len > 0)
    g_main_context_iteration (NULL, TRUE);
  check_continues (fixture, session);
  settle ();
  tools_clear (&tools);

  return stopped;
}

static void
test_stop_everywhere (SessionFixture *fixture, gconstpointer data)
{
  for (guint stop = 0; stop < N_STOPS; stop++)
    {
      guint step = 1;

      while (stop_at (fixture, step, stop))
        step++;
      g_test_message ("%u steps", step - 1);
      g_assert_cmpuint (step, >, stop == STOP_BETWEEN ? 3 : 20);
    }
}

/* Changes */

static void
test_retry_and_edit (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(GBytes) pixel = g_bytes_new_static ("\x89PNG\r\n\x1a\n", 8);
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(OaiSessionItem) again = NULL;
  g_autoptr(OaiSessionItem) edited = NULL;
  g_autoptr(OaiSessionItem) question = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;

  push_text (fixture, "Hel", "lo");
  push_text (fixture, "Good ", "day");
  push_text (fixture, "A ", "dot");
  g_assert_true (oai_session_add_image (session, pixel, &error));
  g_assert_no_error (error);
  first = send_text (session, "What is it?", &error);
  g_assert_no_error (error);
  again = oai_session_retry (session, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_item_get_text (again), ==, "Good day");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 2);

  question = g_list_model_get_item (G_LIST_MODEL (session), 0);
  g_assert_null (oai_session_edit (session, again, "No", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  edited = oai_session_edit (session, question, "What is this?", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_item_get_text (edited), ==, "A dot");
  messages = dup_messages (fixture, 2);
  assert_messages (messages,
                   "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"What is this?\"},"
                   "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,iVBORw0KGgo=\"}}]}]");
}

/* A greeting of the model is replaced, and the message of the program that requests it is kept. */
static void
test_retry_without_message (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiChatMessage) system = oai_chat_message_new (OAI_ROLE_SYSTEM);
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(OaiSessionItem) again = NULL;
  g_autoptr(GError) error = NULL;

  oai_session_set_instructions (session, "Greet the user.");
  push_text (fixture, "Hel", "lo");
  push_text (fixture, "Good ", "day");
  push_text (fixture, "H", "i");
  first = send_text (session, NULL, &error);
  g_assert_no_error (error);
  again = oai_session_retry (session, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_item_get_text (again), ==, "Good day");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 1);

  g_clear_object (&again);
  oai_chat_message_set_content (system, "In English.");
  oai_session_insert_record (session, 0, OAI_RECORD (system));
  again = oai_session_retry (session, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 2);
  g_assert_cmpstr (oai_session_get_text (session), ==, "Hi");
}

static void
unref_cb (GListModel *model, guint position, guint removed, guint added, OaiSession **session)
{
  g_clear_object (session);
}

/* A handler may release the last reference while items change. */
static void
test_last_reference (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session;
  g_autoptr(OaiChatMessage) message = OAI_CHAT_MESSAGE (oai_record_new_from_json (OAI_TYPE_CHAT_MESSAGE, "{\"role\":\"assistant\",\"content\":\"a\",\"tool_calls\":["
                                                                                                         CALL (0, "c1", "get_time", "\"{}\"") "]}", NULL));

  session = oai_chat_session_new (fixture->client, "m");
  g_signal_connect (session, "items-changed", G_CALLBACK (unref_cb), &session);
  oai_session_add_record (session, OAI_RECORD (message));
  g_assert_null (session);

  session = oai_chat_session_new (fixture->client, "m");
  oai_session_add_record (session, OAI_RECORD (message));
  g_signal_connect (session, "items-changed", G_CALLBACK (unref_cb), &session);
  oai_session_remove_items (session, 0, 1);
  g_assert_null (session);
}

static void
test_branch (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSession) branch = NULL;
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(OaiSessionItem) second = NULL;
  g_autoptr(OaiSessionItem) third = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;

  push_text (fixture, "On", "e");
  push_text (fixture, "Tw", "o");
  push_text (fixture, "Thr", "ee");
  first = send_text (session, "1", &error);
  branch = oai_session_branch (session, first, &error);
  g_assert_no_error (error);
  second = send_text (session, "2", &error);
  oai_session_set_model (branch, "other");
  third = send_text (branch, "3", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 4);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (branch)), ==, 4);
  g_assert_cmpstr (oai_session_get_model (session), ==, "m");
  messages = dup_messages (fixture, 2);
  assert_messages (messages, "[{\"role\":\"user\",\"content\":\"1\"},{\"role\":\"assistant\",\"content\":\"One\"},{\"role\":\"user\",\"content\":\"3\"}]");

  g_assert_null (oai_session_branch (session, third, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

/* Without the item of a call, the message is sent without the call and its result. */
static void
test_remove (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(OaiSessionItem) second = NULL;
  g_autoptr(OaiChatMessage) summary = oai_chat_message_new_system ("They greeted.");
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;

  oai_session_set_toolset (session, fixture->toolset);
  push_calls (fixture, "\"Wait.\"", CALL (0, "a", "get_time", "\"\"") "," CALL (1, "b", "get_time", "\"\""));
  push_text (fixture, "It is ", "noon");
  push_text (fixture, "Do", "ne");
  first = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  oai_session_remove_items (session, 3, 1);
  oai_session_remove_items (session, 0, 2);
  oai_session_insert_record (session, 0, OAI_RECORD (summary));
  second = send_text (session, "Bye", &error);
  g_assert_no_error (error);
  messages = dup_messages (fixture, -1);
  assert_valid (messages);
  assert_messages (messages,
                   "[{\"role\":\"system\",\"content\":\"They greeted.\"},"
                   "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
                   "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"get_time\",\"arguments\":\"\"}}]},"
                   "{\"role\":\"tool\",\"content\":\"{\\\"result\\\":\\\"noon\\\"}\",\"tool_call_id\":\"a\"},"
                   "{\"role\":\"assistant\",\"content\":\"It is noon\"},"
                   "{\"role\":\"user\",\"content\":\"Bye\"}]");
}

/* Saved sessions */

static OaiSession *
save_and_restore (SessionFixture *fixture, OaiSession *session)
{
  g_autofree char *json = oai_session_to_json (session);
  g_autoptr(GError) error = NULL;
  OaiSession *restored = oai_chat_session_new_from_json (fixture->client, json, &error);

  g_assert_no_error (error);

  return restored;
}

static void
test_restore (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(OaiSessionItem) second = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *json = NULL;
  g_autofree char *again = NULL;

  oai_session_set_toolset (session, fixture->toolset);
  oai_session_set_instructions (session, "Be brief.");
  oai_session_set_coalesce_interval_ms (session, 20);
  push_rounds (fixture);
  push_text (fixture, "Do", "ne");
  first = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  restored = save_and_restore (fixture, session);
  g_assert_cmpuint (oai_session_get_coalesce_interval_ms (restored), ==, 20);
  json = oai_session_to_json (session);
  again = oai_session_to_json (restored);
  g_assert_cmpstr (json, ==, again);
  g_assert_null (strstr (json, "sk-test"));

  g_string_truncate (fixture->tools.log, 0);
  oai_session_set_toolset (restored, fixture->toolset);
  second = send_text (restored, "Bye", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->tools.log->str, ==, "");
  before = dup_messages (fixture, 2);
  after = dup_messages (fixture, 3);
  before[strlen (before) - 1] = '\0';
  g_assert_true (g_str_has_prefix (after, before));
}

/* Members that the library does not know are saved, restored and sent. */
static void
test_restore_unknown (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(OaiSessionItem) second = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;
  g_autoptr(OaiMockReply) reply =
    oai_mock_reply_new_json (200, "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                                  "\"message\":{\"role\":\"assistant\",\"content\":\"Yes\",\"signature\":{\"x\":[1,2]}},\"finish_reason\":\"stop\"}]}");

  oai_mock_server_push_reply (fixture->server, reply);
  push_text (fixture, "Do", "ne");
  first = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  restored = save_and_restore (fixture, session);
  second = send_text (restored, "Bye", &error);
  g_assert_no_error (error);
  messages = dup_messages (fixture, 1);
  assert_messages (messages,
                   "[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Yes\",\"signature\":{\"x\":[1,2]}},"
                   "{\"role\":\"user\",\"content\":\"Bye\"}]");
}

static void
ask_cb (OaiSession *session, OaiToolCall *call, gpointer user_data)
{
  if (GPOINTER_TO_INT (user_data))
    oai_tool_call_approve (call);
}

/* A call that waits for approval still waits; one that was running is cancelled. */
/* Restores a session with a call that was running, and one that waits for approval. */
static OaiSession *
restore_with_open_calls (SessionFixture *fixture, OaiToolset *toolset)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
  OaiSession *restored;
  g_autoptr(GAsyncResult) result = NULL;

  oai_tool_set_needs_approval (oai_toolset_find (toolset, "get_time"), TRUE);
  oai_session_set_toolset (session, toolset);
  g_signal_connect (session, "approval-requested", G_CALLBACK (ask_cb), GINT_TO_POINTER (FALSE));
  push_calls (fixture, "null", CALL (0, "a", "never", "\"\"") "," CALL (1, "b", "get_time", "\"\""));
  oai_session_send_async (session, "Hi", NULL, keep_result, &result);
  while (oai_session_get_state (session) != OAI_SESSION_STATE_WAITING_FOR_APPROVAL)
    g_main_context_iteration (NULL, TRUE);
  restored = save_and_restore (fixture, session);
  oai_session_stop (session);
  wait_for (&result);
  oai_session_set_toolset (restored, toolset);

  return restored;
}

static void
restore_calls (SessionFixture *fixture, gboolean approved_before, gboolean asks_toolset)
{
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(OaiToolset) toolset = NULL;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(OaiSessionItem) running = NULL;
  g_autoptr(OaiSessionItem) waiting = NULL;
  g_autoptr(GError) error = NULL;
  Tools tools;

  toolset = tools_init (&tools);
  restored = restore_with_open_calls (fixture, toolset);
  running = g_list_model_get_item (G_LIST_MODEL (restored), 1);
  waiting = g_list_model_get_item (G_LIST_MODEL (restored), 2);
  g_assert_cmpint (oai_tool_call_get_state (oai_session_item_get_call (running)), ==, OAI_TOOL_CALL_STATE_CANCELLED);
  g_assert_cmpint (oai_tool_call_get_state (oai_session_item_get_call (waiting)), ==, OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL);

  if (approved_before)
    oai_tool_call_approve (oai_session_item_get_call (waiting));
  else
    g_signal_connect (asks_toolset ? (gpointer) toolset : restored, "approval-requested", G_CALLBACK (ask_cb), GINT_TO_POINTER (TRUE));
  push_text (fixture, "Do", "ne");
  answer = send_text (restored, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tools.log->str, ==, "(b)");
  g_assert_cmpstr (oai_tool_call_get_output (oai_session_item_get_call (waiting)), ==, "{\"result\":\"noon\"}");
  assert_last_request_valid (fixture);
  tools_clear (&tools);
}

/* A dialog for a call that is removed can close. */
static void
test_retry_open_calls (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) restored = restore_with_open_calls (fixture, fixture->toolset);
  g_autoptr(OaiSessionItem) waiting = g_list_model_get_item (G_LIST_MODEL (restored), 2);
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;

  push_text (fixture, "Do", "ne");
  answer = oai_session_retry (restored, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oai_tool_call_get_state (oai_session_item_get_call (waiting)), ==, OAI_TOOL_CALL_STATE_CANCELLED);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (restored)), ==, 2);
}

static void
test_restore_calls (SessionFixture *fixture, gconstpointer data)
{
  restore_calls (fixture, FALSE, FALSE);
  restore_calls (fixture, FALSE, TRUE);
  restore_calls (fixture, TRUE, FALSE);
}

static void
test_restore_errors (SessionFixture *fixture, gconstpointer data)
{
  static const char *const texts[] = {
    "", "{}", "[]", "{\"version\":1,\"session\":\"OaiResponsesSession\"}", "{\"version\":2,\"session\":\"OaiChatSession\"}",
    "{\"version\":1,\"session\":\"OaiChatSession\",\"items\":[1]}",
    "{\"version\":1,\"session\":\"OaiChatSession\",\"items\":[{\"kind\":\"message\",\"state\":\"complete\"}]}",
    "{\"version\":1,\"session\":\"OaiChatSession\",\"items\":[{\"kind\":\"message\",\"state\":\"complete\",\"record\":7}]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (oai_chat_session_new_from_json (fixture->client, texts[i], &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
}

/* Limits */

static void
push_usage (SessionFixture *fixture, const char *model)
{
  g_autofree char *json = g_strdup_printf ("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"%s\",\"choices\":[{\"index\":0,"
                                           "\"message\":{\"role\":\"assistant\",\"content\":\"Yes\"},\"finish_reason\":\"stop\"}],"
                                           "\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":100,\"total_tokens\":1100,"
                                           "\"prompt_tokens_details\":{\"cached_tokens\":600},\"completion_tokens_details\":{\"reasoning_tokens\":40}}}",
                                           model);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);

  oai_mock_server_push_reply (fixture->server, reply);
}

/* A server can send any numbers. */
static void
test_wrong_usage (SessionFixture *fixture, gconstpointer data)
{
  static const char *const usages[] = {
    "{\"prompt_tokens\":9223372036854775807,\"completion_tokens\":9223372036854775807,\"total_tokens\":9223372036854775807}",
    "{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}",
    "{\"prompt_tokens\":-9223372036854775808,\"completion_tokens\":-1,\"total_tokens\":-1}",
  };
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "gpt-4o");

  oai_session_set_streaming (session, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (usages); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                                               "\"message\":{\"role\":\"assistant\",\"content\":\"Yes\"},\"finish_reason\":\"stop\"}],\"usage\":%s}",
                                               usages[i]);
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);
      g_autoptr(OaiSessionItem) answer = NULL;
      g_autoptr(GError) error = NULL;

      oai_mock_server_push_reply (fixture->server, reply);
      answer = send_text (session, "Hi", &error);
      g_assert_no_error (error);
      g_assert_cmpint (oai_session_get_input_tokens (session), ==, G_MAXINT64);
      g_assert_cmpint (oai_session_get_output_tokens (session), ==, G_MAXINT64);
      g_assert_cmpint (oai_session_get_total_tokens (session), ==, G_MAXINT64);
    }
}

static void
test_budget (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "gpt-4o");
  g_autoptr(OaiPriceTable) prices = oai_price_table_new ();
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;

  oai_session_set_streaming (session, FALSE);
  oai_session_set_budget (session, 0.002);
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  oai_price_table_set_price (prices, "gpt-4o", 2.5, 1.25, 10);
  oai_session_set_prices (session, prices);
  push_usage (fixture, "gpt-4o-2024-08-06");
  answer = oai_session_retry (session, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oai_session_get_input_tokens (session), ==, 1000);
  g_assert_cmpint (oai_session_get_cached_tokens (session), ==, 600);
  g_assert_cmpint (oai_session_get_output_tokens (session), ==, 100);
  g_assert_cmpint (oai_session_get_reasoning_tokens (session), ==, 40);
  g_assert_cmpint (oai_session_get_total_tokens (session), ==, 1100);
  g_assert_cmpfloat_with_epsilon (oai_session_get_cost (session), 0.00275, 1e-9);

  g_assert_null (send_text (session, "More", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BUDGET_EXCEEDED);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 1);
  g_assert_false (oai_price_table_has_model (prices, "gpt-4o-mini"));
  g_assert_cmpfloat (oai_price_table_get_cost (prices, "gpt-4o", 0, G_MAXINT64, 0), ==, 0);
  g_assert_cmpfloat (oai_price_table_get_cost (prices, "gpt-4o", G_MININT64, 1, -1), ==, 0);
}

/* A price applies to the dated versions of a model, and not to another model. */
static void
test_prices_of_versions (void)
{
  g_autoptr(OaiPriceTable) prices = oai_price_table_new ();

  oai_price_table_set_price (prices, "gpt-5", 1, 1, 1);
  oai_price_table_set_price (prices, "claude-opus-4", 1, 1, 1);
  g_assert_true (oai_price_table_has_model (prices, "gpt-5-2025-08-07"));
  g_assert_true (oai_price_table_has_model (prices, "gpt-5-0613"));
  g_assert_true (oai_price_table_has_model (prices, "claude-opus-4-20250514"));
  g_assert_false (oai_price_table_has_model (prices, "gpt-5-2"));
  g_assert_false (oai_price_table_has_model (prices, "gpt"));
  g_assert_false (oai_price_table_has_model (prices, "-0613"));
  oai_price_table_unset_price (prices, "gpt-5");
  oai_price_table_unset_price (prices, "gpt-5-0613");
  g_assert_false (oai_price_table_has_model (prices, "gpt-5-2025-08-07"));
  g_assert_true (oai_price_table_has_model (prices, "claude-opus-4"));
}

/* A budget does not work without the numbers of tokens, so they are requested, and the session stops without them. */
static void
test_unmeasured (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "gpt-4o");
  g_autoptr(OaiPriceTable) prices = oai_price_table_new ();
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(OaiMockRequest) request = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *body = NULL;

  oai_price_table_set_price (prices, "gpt-4o", 2.5, 1.25, 10);
  oai_session_set_prices (session, prices);
  oai_session_set_budget (session, 1);
  push_text (fixture, "Hel", "lo");
  answer = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  request = oai_mock_server_dup_request (fixture->server, 0);
  body = oai_mock_request_dup_body_text (request);
  g_assert_nonnull (strstr (body, "\"stream_options\":{\"include_usage\":true}"));

  g_assert_null (send_text (session, "More", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BUDGET_EXCEEDED);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 1);
}

/* Replies from before there were prices, whose tokens were not requested, do not matter. */
static void
test_later_budget (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "gpt-4o");
  g_autoptr(OaiPriceTable) prices = oai_price_table_new ();
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(OaiSessionItem) second = NULL;
  g_autoptr(GError) error = NULL;

  push_text (fixture, "Hel", "lo");
  first = send_text (session, "Hi", &error);
  g_assert_no_error (error);

  oai_price_table_set_price (prices, "gpt-4o", 2.5, 1.25, 10);
  oai_session_set_prices (session, prices);
  oai_session_set_budget (session, 1);
  push_text (fixture, "Hel", "lo");
  second = send_text (session, "More", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_item_get_text (second), ==, "Hello");
}

/* Nothing is removed or sent if nothing would be left. */
static void
test_retry_greeting (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiChatMessage) greeting = oai_chat_message_new_assistant ("Hello!");
  g_autoptr(GError) error = NULL;

  for (guint n_items = 0; n_items < 3; n_items++)
    {
      g_assert_null (oai_session_retry (session, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, n_items);
      g_assert_cmpint (oai_session_get_state (session), ==, OAI_SESSION_STATE_IDLE);
      oai_session_add_record (session, OAI_RECORD (greeting));
    }
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 0);
}

static void
test_restore_of_another_type (SessionFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *json, *message;
  } texts[] = {
    { "[]", "The text is not a saved session of this type." },
    { "{\"version\":99,\"session\":\"OaiChatSession\"}", "The text is not a saved session of this type." },
    { "{\"version\":1,\"session\":\"OaiResponsesSession\"}", "The text is a saved OaiResponsesSession, and not an OaiChatSession." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (oai_session_restore (OAI_TYPE_CHAT_SESSION, fixture->client, texts[i].json, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_cmpstr (error->message, ==, texts[i].message);
    }
}

static void
test_wrong_options (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "gpt-4o");
  g_autoptr(OaiChatMessage) message = oai_chat_message_new_user ("Hi");

  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "The options of an OaiChatSession are an OaiChatRequest, not an OaiChatMessage");
  oai_session_set_options (session, OAI_RECORD (message));
  g_test_assert_expected_messages ();
  g_assert_null (oai_session_get_options (session));
}

static gboolean
shorten_cb (OaiSession *session, guint *n_emissions)
{
  (*n_emissions)++;
  oai_session_remove_items (session, 0, 2);

  return TRUE;
}

static void
test_context (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiMockReply) refusal = oai_mock_reply_new_error (400, "invalid_request_error", "context_length_exceeded", "Too long.");
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(OaiSessionItem) second = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;
  guint n_emissions = 0;

  push_text (fixture, "Hel", "lo");
  first = send_text (session, "Hi", &error);
  oai_mock_server_push_reply (fixture->server, refusal);
  g_assert_null (send_text (session, "More", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONTEXT_LENGTH);
  g_clear_error (&error);

  g_signal_connect (session, "context-exceeded", G_CALLBACK (shorten_cb), &n_emissions);
  oai_mock_server_push_reply (fixture->server, refusal);
  push_text (fixture, "Do", "ne");
  second = oai_session_retry (session, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_emissions, ==, 1);
  messages = dup_messages (fixture, -1);
  assert_messages (messages, "[{\"role\":\"user\",\"content\":\"More\"}]");

  oai_mock_server_push_reply (fixture->server, refusal);
  oai_mock_server_push_reply (fixture->server, refusal);
  g_assert_null (send_text (session, "Again", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONTEXT_LENGTH);
  g_assert_cmpuint (n_emissions, ==, 2);
}

static void
test_truncated (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(GString) events = g_string_new (NULL);
  g_autoptr(OaiSessionItem) item = NULL;
  g_autoptr(GError) error = NULL;

  append_event (events, "\"role\":\"assistant\",\"content\":\"Once\"", "null");
  append_event (events, "\"tool_calls\":[" CALL (0, "a", "get_time", "\"{\\\"x\"") "]", "\"length\"");
  g_string_append (events, "data: [DONE]\n\n");
  push_events (fixture, events->str);
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_LENGTH);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 2);
  item = g_list_model_get_item (G_LIST_MODEL (session), 1);
  g_assert_cmpstr (oai_session_item_get_text (item), ==, "Once");
  g_assert_cmpint (oai_session_item_get_state (item), ==, OAI_SESSION_ITEM_STATE_INCOMPLETE);
  check_continues (fixture, session);
}

static void
test_busy (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(GAsyncResult) first = NULL;
  g_autoptr(GAsyncResult) second = NULL;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;

  push_text (fixture, "Hel", "lo");
  oai_session_send_async (session, "Hi", NULL, keep_result, &first);
  oai_session_send_async (session, "Hurry", NULL, keep_result, &second);
  wait_for (&second);
  g_assert_null (oai_session_send_finish (session, second, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  wait_for (&first);
  answer = oai_session_send_finish (session, first, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 2);
}

static void
decide_cb (OaiSession *session, OaiToolCall *call, gpointer user_data)
{
  g_assert_cmpint (oai_session_get_state (session), ==, OAI_SESSION_STATE_WAITING_FOR_APPROVAL);
  if (g_str_equal (oai_tool_call_get_id (call), "a"))
    oai_tool_call_approve (call);
  else
    oai_tool_call_deny (call, "Too late.");
}

static void
test_approval (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(OaiSessionItem) denied = NULL;
  g_autoptr(GError) error = NULL;

  oai_tool_set_needs_approval (oai_toolset_find (fixture->toolset, "get_time"), TRUE);
  oai_session_set_toolset (session, fixture->toolset);
  g_signal_connect (session, "approval-requested", G_CALLBACK (decide_cb), NULL);
  push_calls (fixture, "null", CALL (0, "a", "get_time", "\"\"") "," CALL (1, "b", "get_time", "\"\""));
  push_text (fixture, "Do", "ne");
  answer = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->tools.log->str, ==, "(a)");
  denied = g_list_model_get_item (G_LIST_MODEL (session), 2);
  g_assert_cmpint (oai_session_item_get_state (denied), ==, OAI_SESSION_ITEM_STATE_FAILED);
  g_assert_nonnull (strstr (oai_tool_call_get_output (oai_session_item_get_call (denied)), "Too late."));
  assert_last_request_valid (fixture);
}

static void
run_cb (OaiSession *session, OaiToolCall *call, gpointer user_data)
{
  oai_tool_call_run_async (call, NULL, NULL, NULL);
}

/* A program can run the calls of a session itself: each tool runs once, and the session waits for its answer. */
static void
test_run_by_program (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(OaiSessionItem) item = NULL;
  g_autoptr(GError) error = NULL;

  oai_session_set_toolset (session, fixture->toolset);
  g_signal_connect (session, "call-started", G_CALLBACK (run_cb), NULL);
  push_calls (fixture, "null", CALL (0, "a", "get_time", "\"\"") "," CALL (1, "b", "later", "\"\""));
  push_text (fixture, "Do", "ne");
  answer = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->tools.log->str, ==, "(a)");
  g_assert_cmpuint (fixture->tools.most_running, ==, 1);
  item = g_list_model_get_item (G_LIST_MODEL (session), 2);
  g_assert_cmpstr (oai_tool_call_get_output (oai_session_item_get_call (item)), ==, "{\"result\":\"b\"}");
  assert_last_request_valid (fixture);
}

/* A session that is stopped cancels the calls that the program runs. */
static void
test_stop_run_by_program (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiSessionItem) item = NULL;
  g_autoptr(GError) error = NULL;

  oai_session_set_toolset (session, fixture->toolset);
  g_signal_connect (session, "call-started", G_CALLBACK (run_cb), NULL);
  push_calls (fixture, "null", CALL (0, "a", "never", "\"\""));
  oai_session_send_async (session, "Hi", NULL, keep_result, &result);
  while (oai_session_get_state (session) != OAI_SESSION_STATE_RUNNING_TOOLS)
    g_main_context_iteration (NULL, TRUE);
  oai_session_stop (session);
  wait_for (&result);
  g_assert_null (oai_session_send_finish (session, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  item = g_list_model_get_item (G_LIST_MODEL (session), 1);
  g_assert_cmpint (oai_tool_call_get_state (oai_session_item_get_call (item)), ==, OAI_TOOL_CALL_STATE_CANCELLED);
  g_signal_handlers_disconnect_by_func (session, run_cb, NULL);
  check_continues (fixture, session);
}

/* Replies without content: a refusal, and speech. */
static void
test_other_texts (SessionFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *message;
    const char *text;
    gboolean refusal;
  } cases[] = {
    { "\"content\":null,\"refusal\":\"I would rather not.\"", "I would rather not.", TRUE },
    { "\"content\":null,\"audio\":{\"id\":\"a1\",\"data\":\"AAAA\",\"expires_at\":1,\"transcript\":\"Good day\"}", "Good day", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint streaming = 0; streaming < 2; streaming++)
      {
        g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
        g_autoptr(OaiSessionItem) answer = NULL;
        g_autoptr(GError) error = NULL;
        g_autofree char *json = g_strdup_printf ("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                                                 "\"message\":{\"role\":\"assistant\",%s},\"finish_reason\":\"stop\"}]}", cases[i].message);
        g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);

        oai_mock_server_push_reply (fixture->server, reply);
        oai_session_set_streaming (session, streaming);
        answer = send_text (session, "Hi", &error);
        g_assert_no_error (error);
        g_assert_cmpstr (oai_session_item_get_text (answer), ==, cases[i].text);
        g_assert_cmpint (oai_session_item_is_refusal (answer), ==, cases[i].refusal);
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  TEST_SESSION ("/chat-session/stream", OAI_TYPE_CHAT_SESSION, test_stream);
  TEST_SESSION ("/chat-session/second-turn", OAI_TYPE_CHAT_SESSION, test_second_turn);
  TEST_SESSION ("/chat-session/stop", OAI_TYPE_CHAT_SESSION, test_stop);
  TEST_SESSION ("/chat-session/error", OAI_TYPE_CHAT_SESSION, test_error);
  TEST_SESSION ("/chat-session/shown-text", OAI_TYPE_CHAT_SESSION, test_shown_text);
  TEST_SESSION ("/chat-session/stop-at-begin", OAI_TYPE_CHAT_SESSION, test_stop_at_begin);
  TEST_SESSION ("/chat-session/subclass", OAI_TYPE_CHAT_SESSION, test_subclass);
  TEST_SESSION ("/chat-session/rounds", OAI_TYPE_CHAT_SESSION, test_rounds);
  TEST_SESSION ("/chat-session/same-id", OAI_TYPE_CHAT_SESSION, test_same_id);
  TEST_SESSION ("/chat-session/sequence", OAI_TYPE_CHAT_SESSION, test_sequence);
  TEST_SESSION ("/chat-session/events", OAI_TYPE_CHAT_SESSION, test_events);
  TEST_SESSION ("/chat-session/forced-function", OAI_TYPE_CHAT_SESSION, test_forced_function);
  TEST_SESSION ("/chat-session/endless", OAI_TYPE_CHAT_SESSION, test_endless);
  TEST_SESSION ("/chat-session/wrong-calls", OAI_TYPE_CHAT_SESSION, test_wrong_calls);
  TEST_SESSION ("/chat-session/stop-tools", OAI_TYPE_CHAT_SESSION, test_stop_tools);
  TEST_SESSION ("/chat-session/stop-everywhere", OAI_TYPE_CHAT_SESSION, test_stop_everywhere);
  TEST_SESSION ("/chat-session/retry-and-edit", OAI_TYPE_CHAT_SESSION, test_retry_and_edit);
  TEST_SESSION ("/chat-session/retry-without-message", OAI_TYPE_CHAT_SESSION, test_retry_without_message);
  TEST_SESSION ("/chat-session/retry-greeting", OAI_TYPE_CHAT_SESSION, test_retry_greeting);
  TEST_SESSION ("/chat-session/last-reference", OAI_TYPE_CHAT_SESSION, test_last_reference);
  TEST_SESSION ("/chat-session/restore-of-another-type", OAI_TYPE_CHAT_SESSION, test_restore_of_another_type);
  TEST_SESSION ("/chat-session/branch", OAI_TYPE_CHAT_SESSION, test_branch);
  TEST_SESSION ("/chat-session/remove", OAI_TYPE_CHAT_SESSION, test_remove);
  TEST_SESSION ("/chat-session/restore", OAI_TYPE_CHAT_SESSION, test_restore);
  TEST_SESSION ("/chat-session/restore-unknown", OAI_TYPE_CHAT_SESSION, test_restore_unknown);
  TEST_SESSION ("/chat-session/restore-calls", OAI_TYPE_CHAT_SESSION, test_restore_calls);
  TEST_SESSION ("/chat-session/retry-open-calls", OAI_TYPE_CHAT_SESSION, test_retry_open_calls);
  TEST_SESSION ("/chat-session/restore-errors", OAI_TYPE_CHAT_SESSION, test_restore_errors);
  TEST_SESSION ("/chat-session/wrong-usage", OAI_TYPE_CHAT_SESSION, test_wrong_usage);
  TEST_SESSION ("/chat-session/budget", OAI_TYPE_CHAT_SESSION, test_budget);
  TEST_SESSION ("/chat-session/later-budget", OAI_TYPE_CHAT_SESSION, test_later_budget);
  g_test_add_func ("/chat-session/prices-of-versions", test_prices_of_versions);
  TEST_SESSION ("/chat-session/wrong-options", OAI_TYPE_CHAT_SESSION, test_wrong_options);
  TEST_SESSION ("/chat-session/unmeasured", OAI_TYPE_CHAT_SESSION, test_unmeasured);
  TEST_SESSION ("/chat-session/context", OAI_TYPE_CHAT_SESSION, test_context);
  TEST_SESSION ("/chat-session/truncated", OAI_TYPE_CHAT_SESSION, test_truncated);
  TEST_SESSION ("/chat-session/busy", OAI_TYPE_CHAT_SESSION, test_busy);
  TEST_SESSION ("/chat-session/approval", OAI_TYPE_CHAT_SESSION, test_approval);
  TEST_SESSION ("/chat-session/run-by-program", OAI_TYPE_CHAT_SESSION, test_run_by_program);
  TEST_SESSION ("/chat-session/stop-run-by-program", OAI_TYPE_CHAT_SESSION, test_stop_run_by_program);
  TEST_SESSION ("/chat-session/other-texts", OAI_TYPE_CHAT_SESSION, test_other_texts);

  return g_test_run ();
}
