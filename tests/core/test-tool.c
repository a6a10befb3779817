/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools and their calls, without a server. */

#include "oai-error.h"
#include "oai-toolset.h"

#include <string.h>

#define CITY "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}, \"days\": {\"type\": \"integer\"}}, \"required\": [\"city\"]}"

/* How a tool answers. */
typedef void (*Answer) (OaiToolCall *call);

/* Records the calls of a tool. */
typedef struct
{
  Answer answer;    /* NULL: later, or never */
  GPtrArray *calls; /* of OaiToolCall */
  guint freed;
} Tool;

typedef struct
{
  guint called;
  gboolean done;
  GError *error;
  OaiToolCall *call; /* of call_async */
} Result;

static void
tool_cb (OaiToolCall *call, gpointer user_data)
{
  Tool *tool = user_data;

  g_ptr_array_add (tool->calls, g_object_ref (call));
  if (tool->answer != NULL)
    tool->answer (call);
}

static void
tool_freed (gpointer data)
{
  Tool *tool = data;

  tool->freed++;
}

static Tool *
tool_new (Answer answer)
{
  Tool *tool = g_new0 (Tool, 1);

  tool->answer = answer;
  tool->calls = g_ptr_array_new_with_free_func (g_object_unref);

  return tool;
}

static void
tool_free (Tool *tool)
{
  g_ptr_array_unref (tool->calls);
  g_free (tool);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Tool, tool_free)

static void
result_clear (Result *result)
{
  g_clear_error (&result->error);
  g_clear_object (&result->call);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

static OaiToolset *
new_toolset (const char *name, const char *parameters, Tool *tool)
{
  g_autoptr(GError) error = NULL;
  OaiToolset *toolset = oai_toolset_new ();

  oai_toolset_add_function (toolset, name, "A tool", parameters, tool_cb, tool, tool_freed, &error);
  g_assert_no_error (error);

  return toolset;
}

static void
run_cb (GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  Result *result = user_data;

  result->called++;
  result->done = oai_tool_call_run_finish (OAI_TOOL_CALL (source), async_result, &result->error);
}

static void
wait_for (Result *result)
{
  while (result->called == 0)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (result->called, ==, 1);
}

static void
run (OaiToolCall *call)
{
  g_auto(Result) result = { 0 };

  oai_tool_call_run_async (call, NULL, run_cb, &result);
  wait_for (&result);
  g_assert_no_error (result.error);
  g_assert_true (result.done);
  g_assert_true (oai_tool_call_has_ended (call));
}

static void
answer_weather (OaiToolCall *call)
{
  g_autofree char *text = g_strdup_printf ("Sunny in %s for %d days", oai_tool_call_get_string (call, "city"), (int) oai_tool_call_get_int (call, "days"));

  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_RUNNING);
  oai_tool_call_respond (call, text);
}

static void
test_success (void)
{
  g_autoptr(Tool) tool = tool_new (answer_weather);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_weather", CITY, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "call_1", "get_weather", "{\"city\": \"Oslo\", \"days\": 3}");

  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_NEW);
  g_assert_null (oai_tool_call_get_output (call));
  run (call);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_SUCCEEDED);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"result\":\"Sunny in Oslo for 3 days\"}");
  g_assert_cmpstr (oai_tool_call_get_id (call), ==, "call_1");
  g_assert_null (oai_tool_call_get_error (call));
  g_assert_false (g_cancellable_is_cancelled (oai_tool_call_get_cancellable (call)));

  /* A call runs at most once. */
  run (call);
  g_assert_cmpuint (tool->calls->len, ==, 1);

  g_clear_object (&call);
  g_clear_object (&toolset);
  g_ptr_array_set_size (tool->calls, 0);
  g_assert_cmpuint (tool->freed, ==, 1);
}

/* Answers */

static void
answer_success (OaiToolCall *call)
{
  oai_tool_call_respond (call, NULL);
}

static void
answer_text (OaiToolCall *call)
{
  oai_tool_call_respond (call, "a \"quoted\" text\n\xff");
}

static void
answer_json (OaiToolCall *call)
{
  oai_tool_call_respond_json (call, " {\"a\": [1, 2.50, null]} ");
}

static void
answer_variant (OaiToolCall *call)
{
  oai_tool_call_respond_variant (call, g_variant_new_parsed ("{'on': <true>, 'names': <['a', 'b']>}"));
}

static void
answer_invalid_json (OaiToolCall *call)
{
  oai_tool_call_respond_json (call, "{\"secret\": sk-1234");
}

static void
answer_output (OaiToolCall *call)
{
  oai_tool_call_respond_output (call, "as it is");
}

static void
answer_error (OaiToolCall *call)
{
  g_autoptr(GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No file /home/user/private");

  oai_tool_call_fail (call, error);
}

static void
answer_message (OaiToolCall *call)
{
  oai_tool_call_fail_with_message (call, "The city is unknown. Use its English name.");
}

static void
answer_twice (OaiToolCall *call)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "The second answer");

  oai_tool_call_respond (call, "first");
  oai_tool_call_respond (call, "second");
  oai_tool_call_respond_json (call, "2");
  oai_tool_call_respond_output (call, "second");
  oai_tool_call_fail (call, error);
  oai_tool_call_fail_with_message (call, "second");
  oai_tool_call_deny (call, "second");
  oai_tool_call_approve (call);
  oai_tool_call_cancel (call);
  oai_tool_call_report_progress (call, 0.5, "second");
}

static void
answer_never (OaiToolCall *call)
{
}

static void
answer_cancel (OaiToolCall *call)
{
  oai_tool_call_cancel (call);
  oai_tool_call_respond (call, "late");
}

/* The call ends while the tool is still running. */
static gboolean
respond_cb (gpointer user_data)
{
  oai_tool_call_respond (user_data, "from the loop");

  return G_SOURCE_REMOVE;
}

static void
answer_nested (OaiToolCall *call)
{
  g_idle_add (respond_cb, call);
  while (!oai_tool_call_has_ended (call))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"result\":\"from the loop\"}");
}

typedef struct
{
  const char *name;
  Answer answer;
  OaiToolCallState state;
  const char *output;
  const char *logged; /* pattern, or NULL */
  int error;          /* of OAI_ERROR or G_IO_ERROR, or -1 */
} AnswerCase;

static const AnswerCase answer_cases[] = {
  { "success", answer_success, OAI_TOOL_CALL_STATE_SUCCEEDED, "{\"result\":\"success\"}", NULL, -1 },
  { "text", answer_text, OAI_TOOL_CALL_STATE_SUCCEEDED, "{\"result\":\"a \\\"quoted\\\" text\\n\357\277\275\"}", NULL, -1 },
  { "json", answer_json, OAI_TOOL_CALL_STATE_SUCCEEDED, "{\"result\":{\"a\":[1,2.50,null]}}", NULL, -1 },
  { "variant", answer_variant, OAI_TOOL_CALL_STATE_SUCCEEDED, "{\"result\":{\"on\":true,\"names\":[\"a\",\"b\"]}}", NULL, -1 },
  { "invalid-json", answer_invalid_json, OAI_TOOL_CALL_STATE_FAILED, "{\"error\":\"The tool failed.\"}", "get_time: *", OAI_ERROR_INVALID_ARGUMENT },
  { "output", answer_output, OAI_TOOL_CALL_STATE_SUCCEEDED, "as it is", NULL, -1 },
  { "error", answer_error, OAI_TOOL_CALL_STATE_FAILED, "{\"error\":\"The tool failed.\"}", "get_time: No file *", G_IO_ERROR_NOT_FOUND },
  { "message", answer_message, OAI_TOOL_CALL_STATE_FAILED, "{\"error\":\"The city is unknown. Use its English name.\"}", NULL, OAI_ERROR_FAILED },
  { "twice", answer_twice, OAI_TOOL_CALL_STATE_SUCCEEDED, "{\"result\":\"first\"}", NULL, -1 },
  { "nested", answer_nested, OAI_TOOL_CALL_STATE_SUCCEEDED, "{\"result\":\"from the loop\"}", NULL, -1 },
};

static void
test_answer (gconstpointer data)
{
  const AnswerCase *answer_case = data;
  g_autoptr(Tool) tool = tool_new (answer_case->answer);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_time", NULL, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "call_1", "get_time", "");

  if (answer_case->logged != NULL)
    g_test_expect_message ("Oai", G_LOG_LEVEL_MESSAGE, answer_case->logged);
  run (call);
  g_test_assert_expected_messages ();
  g_assert_cmpint (oai_tool_call_get_state (call), ==, answer_case->state);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, answer_case->output);
  g_assert_cmpint (oai_tool_call_get_error (call) != NULL ? oai_tool_call_get_error (call)->code : -1, ==, answer_case->error);
}

/* Later */

static void
test_later (void)
{
  g_autoptr(Tool) tool = tool_new (NULL);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_time", NULL, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "call_1", "get_time", "");
  g_auto(Result) result = { 0 };

  oai_tool_call_run_async (call, NULL, run_cb, &result);
  g_assert_cmpuint (tool->calls->len, ==, 1);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (result.called, ==, 0);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_RUNNING);
  oai_tool_call_respond (call, "later");
  wait_for (&result);
  g_assert_true (result.done);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"result\":\"later\"}");
}

/* The program answers before the call is run; its tool does not run. */
static void
test_before (void)
{
  g_autoptr(Tool) tool = tool_new (answer_success);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_time", NULL, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "call_1", "get_time", "");

  oai_tool_call_respond_output (call, "before");
  run (call);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "before");
  g_assert_cmpuint (tool->calls->len, ==, 0);
}

static void
test_runs_already (void)
{
  g_autoptr(Tool) tool = tool_new (NULL);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_time", NULL, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "call_1", "get_time", "");
  g_auto(Result) first = { 0 };
  g_auto(Result) second = { 0 };

  oai_tool_call_run_async (call, NULL, run_cb, &first);
  oai_tool_call_run_async (call, NULL, run_cb, &second);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (first.called + second.called, ==, 0);
  g_assert_cmpuint (tool->calls->len, ==, 1);
  oai_tool_call_respond (call, NULL);
  wait_for (&first);
  wait_for (&second);
  g_assert_true (first.done);
  g_assert_true (second.done);
}

/* The cancellable of the second run cancels the call as well. */
static void
test_second_run_cancelled (void)
{
  g_autoptr(Tool) tool = tool_new (NULL);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_time", NULL, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "call_1", "get_time", "");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_auto(Result) first = { 0 };
  g_auto(Result) second = { 0 };

  oai_tool_call_run_async (call, NULL, run_cb, &first);
  oai_tool_call_run_async (call, cancellable, run_cb, &second);
  g_cancellable_cancel (cancellable);
  wait_for (&first);
  wait_for (&second);
  g_assert_error (first.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (second.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_CANCELLED);
}

static void
test_ended (void)
{
  g_autoptr(OaiToolCall) call = oai_tool_call_new_ended ("call_1", "get_time", "{\"zone\": \"UTC\"}", OAI_TOOL_CALL_STATE_DENIED, "{\"error\":\"no\"}");

  run (call);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_DENIED);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"error\":\"no\"}");
  g_assert_cmpstr (oai_tool_call_get_string (call, "zone"), ==, "UTC");
}

/* Time */

static void
test_time_out (void)
{
  g_autoptr(Tool) tool = tool_new (answer_never);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_time", NULL, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "call_1", "get_time", "");

  oai_tool_set_timeout_ms (oai_toolset_find (toolset, "get_time"), 5);
  run (call);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_FAILED);
  g_assert_error (oai_tool_call_get_error (call), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"error\":\"The tool did not answer in time.\"}");
  g_assert_true (g_cancellable_is_cancelled (oai_tool_call_get_cancellable (call)));
  oai_tool_call_respond (call, "late");
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"error\":\"The tool did not answer in time.\"}");
}

/* Cancellation */

typedef enum
{
  BEFORE,
  BEFORE_BY_CALL,
  IN_HANDLER,
  IN_APPROVAL,
  RUNNING,
  RUNNING_BY_CALL,
  AFTER
} Moment;

static void
late_answer_cb (GCancellable *cancellable, gpointer user_data)
{
  oai_tool_call_respond (user_data, "cancelled");
}

static void
ignore_request_cb (OaiToolCall *call, gpointer user_data)
{
  guint *count = user_data;

  (*count)++;
}

static Answer
get_answer (Moment moment)
{
  if (moment == IN_HANDLER)
    return answer_cancel;

  return moment == AFTER ? answer_success : answer_never;
}

static void
test_cancelled (gconstpointer data)
{
  Moment moment = GPOINTER_TO_INT (data);
  g_autoptr(Tool) tool = tool_new (get_answer (moment));
  g_autoptr(OaiToolset) toolset = new_toolset ("get_time", NULL, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "call_1", "get_time", "");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_auto(Result) result = { 0 };
  guint requests = 0;

  oai_tool_set_needs_approval (oai_toolset_find (toolset, "get_time"), moment == IN_APPROVAL);
  g_signal_connect (call, "approval-requested", G_CALLBACK (ignore_request_cb), &requests);
  g_signal_connect (oai_tool_call_get_cancellable (call), "cancelled", G_CALLBACK (late_answer_cb), call);
  if (moment == BEFORE)
    g_cancellable_cancel (cancellable);
  if (moment == BEFORE_BY_CALL)
    oai_tool_call_cancel (call);

  oai_tool_call_run_async (call, cancellable, run_cb, &result);
  if (moment == RUNNING_BY_CALL)
    oai_tool_call_cancel (call);
  else
    g_cancellable_cancel (cancellable);
  wait_for (&result);
  oai_tool_call_respond (call, "late");

  g_assert_cmpuint (requests, ==, moment == IN_APPROVAL ? 1 : 0);
  g_assert_cmpuint (tool->calls->len, ==, moment >= IN_HANDLER && moment != IN_APPROVAL ? 1 : 0);
  if (moment == AFTER)
    {
      g_assert_true (result.done);
      g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"result\":\"success\"}");
      return;
    }
  g_assert_error (result.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_CANCELLED);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"error\":\"This call was cancelled.\"}");
  g_assert_error (oai_tool_call_get_error (call), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_cancellable_is_cancelled (oai_tool_call_get_cancellable (call)));
}

/* Approval */

static void
approve_cb (OaiToolCall *call, gpointer user_data)
{
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL);
  oai_tool_call_approve (call);
}

static void
deny_cb (OaiToolCall *call, gpointer user_data)
{
  oai_tool_call_deny (call, user_data);
}

static void
respond_to_request_cb (OaiToolCall *call, gpointer user_data)
{
  oai_tool_call_respond (call, "by the program");
}

typedef struct
{
  const char *name;
  GCallback handler;
  const char *reason;
  OaiToolCallState state;
  const char *output;
} ApprovalCase;

static const ApprovalCase approval_cases[] = {
  { "no-handler", NULL, NULL, OAI_TOOL_CALL_STATE_DENIED, "{\"error\":\"The user denied this call.\"}" },
  { "approve", G_CALLBACK (approve_cb), NULL, OAI_TOOL_CALL_STATE_SUCCEEDED, "{\"result\":\"success\"}" },
  { "deny", G_CALLBACK (deny_cb), NULL, OAI_TOOL_CALL_STATE_DENIED, "{\"error\":\"The user denied this call.\"}" },
  { "deny-with-reason", G_CALLBACK (deny_cb), "Not on \"Sundays\"", OAI_TOOL_CALL_STATE_DENIED, "{\"error\":\"The user denied this call. Reason: Not on \\\"Sundays\\\"\"}" },
  { "answer", G_CALLBACK (respond_to_request_cb), NULL, OAI_TOOL_CALL_STATE_SUCCEEDED, "{\"result\":\"by the program\"}" },
};

static void
test_approval (gconstpointer data)
{
  const ApprovalCase *approval_case = data;
  g_autoptr(Tool) tool = tool_new (answer_success);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_time", NULL, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "call_1", "get_time", "");

  oai_tool_set_needs_approval (oai_toolset_find (toolset, "get_time"), TRUE);
  if (approval_case->handler != NULL)
    g_signal_connect (call, "approval-requested", approval_case->handler, (gpointer) approval_case->reason);
  run (call);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, approval_case->state);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, approval_case->output);
  g_assert_cmpuint (tool->calls->len, ==, approval_case->handler == G_CALLBACK (approve_cb) ? 1 : 0);
  if (approval_case->state == OAI_TOOL_CALL_STATE_DENIED)
    g_assert_error (oai_tool_call_get_error (call), G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

/* The time limit begins after the approval. */
static void
test_approval_later (void)
{
  g_autoptr(Tool) tool = tool_new (answer_success);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_time", NULL, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "call_1", "get_time", "");
  g_auto(Result) result = { 0 };
  guint requests = 0;

  oai_tool_set_needs_approval (oai_toolset_find (toolset, "get_time"), TRUE);
  oai_tool_set_timeout_ms (oai_toolset_find (toolset, "get_time"), 1);
  g_signal_connect (call, "approval-requested", G_CALLBACK (ignore_request_cb), &requests);
  oai_tool_call_run_async (call, NULL, run_cb, &result);
  g_usleep (5000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL);
  oai_tool_call_approve (call);
  oai_tool_call_approve (call);
  wait_for (&result);
  g_assert_true (result.done);
  g_assert_cmpuint (requests, ==, 1);
  g_assert_cmpuint (tool->calls->len, ==, 1);
}

/* Arguments */

typedef struct
{
  const char *name;
  const char *arguments;
  const char *in_error; /* part of the message, or NULL if the tool runs */
} ArgumentsCase;

static const ArgumentsCase arguments_cases[] = {
  { "valid", "{\"city\":\"Oslo\"}", NULL },
  { "white-space", " \n{\"city\" : \"Oslo\"}\t", NULL },
  { "extra-members", "{\"city\":\"Oslo\",\"more\":[1,{}]}", NULL },
  { "same-member-twice", "{\"city\":1,\"city\":\"Oslo\"}", NULL },
  { "empty", "", "city" },
  { "blank", " \r\n\t", "city" },
  { "null", "null", "city" },
  { "empty-object", "{}", "city" },
  { "not-json", "city=Oslo", "not valid JSON" },
  { "truncated", "{\"city\":\"Os", "not valid JSON" },
  { "more-text", "{\"city\":\"Oslo\"} {}", "not valid JSON" },
  { "array", "[\"Oslo\"]", "not a JSON object" },
  { "string", "\"Oslo\"", "not a JSON object" },
  { "number", "1e999", "not a JSON object" },
  { "wrong-type", "{\"city\":5}", "city" },
  { "null-member", "{\"city\":null}", "city" },
  { "nan", "{\"city\":\"Oslo\",\"days\":NaN}", "not valid JSON" },
  { "infinity", "{\"city\":\"Oslo\",\"days\":-Infinity}", "not valid JSON" },
  { "huge-number", "{\"city\":\"Oslo\",\"days\":1e999}", NULL },
  { "fraction", "{\"city\":\"Oslo\",\"days\":1.5}", "days" },
  { "large-integer", "{\"city\":\"Oslo\",\"days\":123456789012345678901234567890}", NULL },
  { "invalid-utf-8", "{\"city\":\"Os\xff\xfelo\"}", NULL },
  { "invalid-utf-8-outside", "\xff{\"city\":\"Oslo\"}", "not valid JSON" },
  { "lone-surrogate", "{\"city\":\"\\ud800\"}", "not valid JSON" },
};

static void
test_arguments (gconstpointer data)
{
  const ArgumentsCase *arguments_case = data;
  g_autoptr(Tool) tool = tool_new (answer_success);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_weather", CITY, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "", "get_weather", arguments_case->arguments);

  run (call);
  g_test_message ("%s", oai_tool_call_get_output (call));
  g_assert_true (g_utf8_validate (oai_tool_call_get_arguments (call), -1, NULL));
  g_assert_true (g_utf8_validate (oai_tool_call_get_output (call), -1, NULL));
  g_assert_cmpuint (tool->calls->len, ==, arguments_case->in_error == NULL ? 1 : 0);
  if (arguments_case->in_error == NULL)
    {
      g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"result\":\"success\"}");
      return;
    }
  g_assert_true (g_str_has_prefix (oai_tool_call_get_output (call), "{\"error\":\""));
  g_assert_nonnull (strstr (oai_tool_call_get_output (call), arguments_case->in_error));
  g_assert_error (oai_tool_call_get_error (call), OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_nested_arguments (gconstpointer data)
{
  const char *parameters = data;
  g_autoptr(Tool) tool = tool_new (answer_success);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_weather", parameters, tool);
  g_autoptr(OaiToolCall) call = NULL;
  g_autoptr(GString) arguments = g_string_new ("{\"city\":");

  for (guint i = 0; i < 10000; i++)
    g_string_append (arguments, "{\"city\":[");
  call = oai_toolset_new_call (toolset, "call_1", "get_weather", arguments->str);
  run (call);
  g_assert_nonnull (strstr (oai_tool_call_get_output (call), "not valid JSON"));
  g_clear_object (&call);

  g_string_append_c (arguments, '1');
  for (guint i = 0; i < 10000; i++)
    g_string_append (arguments, "]}");
  g_string_append_c (arguments, '}');
  call = oai_toolset_new_call (toolset, "call_1", "get_weather", arguments->str);
  run (call);
  g_assert_nonnull (strstr (oai_tool_call_get_output (call), "not valid JSON"));
  g_assert_cmpuint (tool->calls->len, ==, 0);
}

/* Nothing that the model sends is an error of the program. */
static void
test_missing_values (void)
{
  g_autoptr(OaiToolCall) call = oai_tool_call_new (NULL, NULL, NULL, NULL);

  g_assert_cmpstr (oai_tool_call_get_id (call), ==, "");
  g_assert_cmpstr (oai_tool_call_get_name (call), ==, "");
  g_assert_cmpstr (oai_tool_call_get_arguments (call), ==, "");
  g_assert_false (oai_tool_call_has_argument (call, "city"));
  run (call);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"error\":\"There is no tool with this name.\"}");
  g_assert_error (oai_tool_call_get_error (call), OAI_ERROR, OAI_ERROR_NOT_FOUND);
}

static void
test_getters (void)
{
  g_autoptr(OaiToolCall) call = oai_tool_call_new (NULL, "1", "x", "{\"s\":\"text\",\"i\":-5,\"w\":3.0,\"d\":2.5,\"b\":true,\"n\":null,\"a\":[1, {\"x\":\"\xc3\xa4\"}],\"h\":1e400}");
  g_autoptr(OaiToolCall) broken = oai_tool_call_new (NULL, "1", "x", "{\"s\":");
  g_autoptr(OaiToolCall) array = oai_tool_call_new (NULL, "1", "x", "[1]");
  g_autofree char *list = oai_tool_call_dup_argument (call, "a");
  g_autofree char *null = oai_tool_call_dup_argument (call, "n");

  g_assert_cmpstr (oai_tool_call_get_string (call, "s"), ==, "text");
  g_assert_cmpint (oai_tool_call_get_int (call, "i"), ==, -5);
  g_assert_cmpint (oai_tool_call_get_int (call, "w"), ==, 3);
  g_assert_cmpfloat (oai_tool_call_get_double (call, "d"), ==, 2.5);
  g_assert_cmpfloat (oai_tool_call_get_double (call, "i"), ==, -5);
  g_assert_true (oai_tool_call_get_boolean (call, "b"));
  g_assert_cmpstr (list, ==, "[1,{\"x\":\"\xc3\xa4\"}]");
  g_assert_null (null);
  g_assert_true (oai_tool_call_has_argument (call, "s"));
  g_assert_false (oai_tool_call_has_argument (call, "n"));
  g_assert_false (oai_tool_call_has_argument (call, "missing"));

  g_assert_null (oai_tool_call_get_string (call, "i"));
  g_assert_cmpint (oai_tool_call_get_int (call, "s"), ==, 0);
  g_assert_cmpint (oai_tool_call_get_int (call, "h"), ==, 0);
  g_assert_cmpint (oai_tool_call_get_int (call, "d"), ==, 0);
  g_assert_false (oai_tool_call_get_boolean (call, "s"));
  g_assert_null (oai_tool_call_get_string (broken, "s"));
  g_assert_null (oai_tool_call_get_string (array, "s"));
}

/* An object with properties for the arguments. */
#define TEST_TYPE_TRIP (test_trip_get_type ())
G_DECLARE_FINAL_TYPE (TestTrip, test_trip, TEST, TRIP, GObject)

struct _TestTrip
{
  GObject parent_instance;

  char *city;
  int days;
};

G_DEFINE_FINAL_TYPE (TestTrip, test_trip, G_TYPE_OBJECT)

static void
test_trip_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  TestTrip *self = TEST_TRIP (object);

  if (prop_id == 1)
    {
      g_free (self->city);
      self->city = g_value_dup_string (value);
    }
  else
    self->days = g_value_get_int (value);
}

static void
test_trip_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  TestTrip *self = TEST_TRIP (object);

  if (prop_id == 1)
    g_value_set_string (value, self->city);
  else
    g_value_set_int (value, self->days);
}

static void
test_trip_finalize (GObject *object)
{
  g_free (TEST_TRIP (object)->city);

  G_OBJECT_CLASS (test_trip_parent_class)->finalize (object);
}

static void
test_trip_class_init (TestTripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = test_trip_set_property;
  object_class->get_property = test_trip_get_property;
  object_class->finalize = test_trip_finalize;
  g_object_class_install_property (object_class, 1, g_param_spec_string ("city", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, 2, g_param_spec_int ("days", NULL, NULL, 0, 14, 1, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}

static void
test_trip_init (TestTrip *self)
{
}

/* The arguments become the properties of an object. */
static void
test_object (void)
{
  g_autoptr(OaiToolCall) call = oai_tool_call_new (NULL, "1", "x", "{\"city\":\"Oslo\",\"days\":5,\"more\":1}");
  g_autoptr(OaiToolCall) wrong = oai_tool_call_new (NULL, "1", "x", "{\"city\":\"Oslo\",\"days\":15}");
  g_autoptr(OaiToolCall) broken = oai_tool_call_new (NULL, "1", "x", "{");
  g_autoptr(GError) error = NULL;
  g_autoptr(TestTrip) trip = (TestTrip *) oai_tool_call_dup_arguments_object (call, TEST_TYPE_TRIP, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (trip->city, ==, "Oslo");
  g_assert_cmpint (trip->days, ==, 5);
  g_assert_null (oai_tool_call_dup_arguments_object (wrong, TEST_TYPE_TRIP, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (oai_tool_call_dup_arguments_object (broken, TEST_TYPE_TRIP, &error));
  g_assert_nonnull (error);
}

/* With strict schemas, the model sends null for what it omits. */
static void
test_strict (void)
{
  g_autoptr(Tool) tool = tool_new (answer_success);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_weather", CITY, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "1", "get_weather", "{\"city\":\"Oslo\",\"days\":null}");
  g_autoptr(OaiToolCall) extra = oai_toolset_new_call (toolset, "1", "get_weather", "{\"city\":\"Oslo\",\"days\":1,\"more\":2}");
  g_autoptr(OaiJsonSchema) schema = NULL;
  g_autoptr(GError) error = NULL;

  oai_tool_set_strict (oai_toolset_find (toolset, "get_weather"), TRUE);
  schema = oai_tool_dup_sent_parameters (oai_toolset_find (toolset, "get_weather"), &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (oai_json_schema_get_json (schema), "additionalProperties"));

  run (call);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_SUCCEEDED);
  g_assert_false (oai_tool_call_has_argument (call, "days"));
  run (extra);
  g_assert_cmpint (oai_tool_call_get_state (extra), ==, OAI_TOOL_CALL_STATE_FAILED);
}

static void
test_free_form (void)
{
  g_autoptr(Tool) tool = tool_new (answer_success);
  g_autoptr(OaiToolset) toolset = new_toolset ("run_code", NULL, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "1", "run_code", "print (1)");

  oai_tool_set_free_form (oai_toolset_find (toolset, "run_code"), TRUE);
  run (call);
  g_assert_cmpstr (oai_tool_call_get_arguments (tool->calls->pdata[0]), ==, "print (1)");
}

/* Handlers */

typedef struct
{
  OaiToolset *toolset;
  OaiTool *tool;
  OaiToolCall *call;
  guint freed;
} Owned;

static void
release_all_cb (OaiToolCall *call, gpointer user_data)
{
  Owned *owned = user_data;

  g_clear_object (&owned->toolset);
  g_clear_object (&owned->tool);
  g_clear_object (&owned->call);
  oai_tool_call_respond (call, "released");
}

static void
owned_freed (gpointer data)
{
  Owned *owned = data;

  owned->freed++;
}

/* The last references are released while the tool runs. */
static void
test_last_reference (void)
{
  Owned owned = { NULL, NULL, NULL, 0 };
  g_auto(Result) result = { 0 };

  owned.tool = oai_tool_new ("get_time", NULL, NULL, release_all_cb, &owned, owned_freed);
  owned.toolset = oai_toolset_new ();
  oai_toolset_add (owned.toolset, owned.tool, NULL);
  owned.call = oai_toolset_new_call (owned.toolset, "1", "get_time", "");
  oai_tool_call_run_async (owned.call, NULL, run_cb, &result);
  wait_for (&result);
  g_assert_true (result.done);
  g_assert_cmpuint (owned.freed, ==, 1);
}

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  guint *count = user_data;

  (*count)++;
}

static void
report_cb (OaiToolCall *call, gpointer user_data)
{
  oai_tool_call_report_progress (call, 0.25, "Reading");
  oai_tool_call_report_progress (call, 0.25, "Reading");
  oai_tool_call_report_progress (call, 0.5, "Reading");
  oai_tool_call_respond (call, NULL);
}

static void
test_notifications (void)
{
  g_autoptr(OaiTool) tool = oai_tool_new ("get_time", NULL, NULL, report_cb, NULL, NULL);
  g_autoptr(OaiToolCall) call = oai_tool_call_new (tool, "1", "get_time", "");
  guint states = 0, progresses = 0, texts = 0, outputs = 0;

  g_assert_cmpfloat (oai_tool_call_get_progress (call), ==, -1);
  g_signal_connect (call, "notify::state", G_CALLBACK (count_cb), &states);
  g_signal_connect (call, "notify::progress", G_CALLBACK (count_cb), &progresses);
  g_signal_connect (call, "notify::progress-text", G_CALLBACK (count_cb), &texts);
  g_signal_connect (call, "notify::output", G_CALLBACK (count_cb), &outputs);
  run (call);
  g_assert_cmpuint (states, ==, 2);
  g_assert_cmpuint (progresses, ==, 2);
  g_assert_cmpuint (texts, ==, 1);
  g_assert_cmpuint (outputs, ==, 1);
  g_assert_cmpfloat (oai_tool_call_get_progress (call), ==, 0.5);
  g_assert_cmpstr (oai_tool_call_get_progress_text (call), ==, "Reading");
}

static void
cancel_in_state_cb (OaiToolCall *call, GParamSpec *pspec, gpointer user_data)
{
  if (oai_tool_call_get_state (call) == (OaiToolCallState) GPOINTER_TO_INT (user_data))
    oai_tool_call_cancel (call);
}

/* A handler of a notification cancels before the next step. */
static void
test_cancel_in_notification (gconstpointer data)
{
  g_autoptr(Tool) tool = tool_new (answer_never);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_time", NULL, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "1", "get_time", "");
  g_auto(Result) result = { 0 };
  guint requests = 0;

  oai_tool_set_needs_approval (oai_toolset_find (toolset, "get_time"), TRUE);
  g_signal_connect (call, "notify::state", G_CALLBACK (cancel_in_state_cb), (gpointer) data);
  g_signal_connect (call, "approval-requested", G_CALLBACK (ignore_request_cb), &requests);
  oai_tool_call_run_async (call, NULL, run_cb, &result);
  oai_tool_call_approve (call);
  wait_for (&result);
  g_assert_error (result.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (tool->calls->len, ==, 0);
  g_assert_cmpuint (requests, ==, GPOINTER_TO_INT (data) == OAI_TOOL_CALL_STATE_RUNNING ? 1 : 0);
}

/* Properties can be written in constructors and by bindings. */
static void
test_properties (void)
{
  g_autoptr(OaiJsonSchema) schema = oai_json_schema_new (CITY, NULL);
  g_autoptr(OaiTool) tool = g_object_new (OAI_TYPE_TOOL, "name", "x", "description", "d", "parameters", schema, "strict", TRUE, "free-form", TRUE,
                                          "needs-approval", TRUE, "parallel", FALSE, "timeout-ms", 7, NULL);
  g_autofree char *description = NULL;
  gboolean strict, free_form, needs_approval, parallel;
  guint timeout_ms;

  g_object_get (tool, "description", &description, "strict", &strict, "free-form", &free_form, "needs-approval", &needs_approval,
                "parallel", &parallel, "timeout-ms", &timeout_ms, NULL);
  g_assert_cmpstr (description, ==, "d");
  g_assert_true (strict && free_form && needs_approval && !parallel);
  g_assert_cmpuint (timeout_ms, ==, 7);
  g_assert_true (oai_tool_get_parameters (tool) == schema);
  g_assert_null (oai_tool_dup_sent_parameters (tool, NULL));
}

/* Without a function, the program answers the calls. */
static void
test_no_function (void)
{
  g_autoptr(OaiTool) tool = oai_tool_new ("x", NULL, NULL, NULL, NULL, NULL);
  g_autoptr(OaiToolCall) call = oai_tool_call_new (tool, "1", "x", "");
  g_auto(Result) result = { 0 };

  oai_tool_call_run_async (call, NULL, run_cb, &result);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_RUNNING);
  oai_tool_call_respond (call, NULL);
  wait_for (&result);
  g_assert_true (result.done);
}

static void
add_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (answer_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/tool/answer/", answer_cases[i].name, NULL);

      g_test_add_data_func (path, &answer_cases[i], test_answer);
    }
  for (guint i = 0; i < G_N_ELEMENTS (approval_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/tool/approval/", approval_cases[i].name, NULL);

      g_test_add_data_func (path, &approval_cases[i], test_approval);
    }
  for (guint i = 0; i < G_N_ELEMENTS (arguments_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/tool/arguments/", arguments_cases[i].name, NULL);

      g_test_add_data_func (path, &arguments_cases[i], test_arguments);
    }
  for (Moment moment = BEFORE; moment <= AFTER; moment++)
    {
      g_autofree char *path = g_strdup_printf ("/tool/cancelled/%d", moment);

      g_test_add_data_func (path, GINT_TO_POINTER (moment), test_cancelled);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/tool/success", test_success);
  add_cases ();
  g_test_add_func ("/tool/later", test_later);
  g_test_add_func ("/tool/before", test_before);
  g_test_add_func ("/tool/runs-already", test_runs_already);
  g_test_add_func ("/tool/second-run-cancelled", test_second_run_cancelled);
  g_test_add_func ("/tool/ended", test_ended);
  g_test_add_func ("/tool/time-out", test_time_out);
  g_test_add_func ("/tool/approval/later", test_approval_later);
  g_test_add_data_func ("/tool/arguments/nested", CITY, test_nested_arguments);
  g_test_add_data_func ("/tool/arguments/nested-without-schema", NULL, test_nested_arguments);
  g_test_add_func ("/tool/arguments/missing", test_missing_values);
  g_test_add_func ("/tool/arguments/getters", test_getters);
  g_test_add_func ("/tool/object", test_object);
  g_test_add_func ("/tool/strict", test_strict);
  g_test_add_func ("/tool/free-form", test_free_form);
  g_test_add_func ("/tool/last-reference", test_last_reference);
  g_test_add_func ("/tool/notifications", test_notifications);
  g_test_add_data_func ("/tool/cancel-in-notification/approval", GINT_TO_POINTER (OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL), test_cancel_in_notification);
  g_test_add_data_func ("/tool/cancel-in-notification/running", GINT_TO_POINTER (OAI_TOOL_CALL_STATE_RUNNING), test_cancel_in_notification);
  g_test_add_func ("/tool/properties", test_properties);
  g_test_add_func ("/tool/no-function", test_no_function);

  return g_test_run ();
}
