/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-threads.h"

#define MESSAGE(status) "{\"id\":\"msg_1\",\"role\":\"assistant\",\"status\":\"" status "\",\"content\":"
#define TEXT(index, value) "{\"id\":\"msg_1\",\"delta\":{\"content\":[{\"index\":" index ",\"type\":\"text\",\"text\":{\"value\":\"" value "\"}}]}}"
#define RUN(status) "{\"id\":\"run_1\",\"thread_id\":\"thread_1\",\"status\":\"" status "\"}"

/* The emitted signals, in order. */
static void
on_text (OaiStream *stream, const char *text, guint index, GString *told)
{
  g_string_append_printf (told, "%u:%s ", index, text);
}

static void
on_text_created (OaiStream *stream, guint index, GString *told)
{
  g_string_append_printf (told, "text %u ", index);
}

static void
on_image (OaiStream *stream, OaiThreadImageFile *image, guint index, GString *told)
{
  g_string_append_printf (told, "%u=%s ", index, oai_thread_image_file_get_file_id (image));
}

static void
on_message (OaiStream *stream, OaiThreadMessage *message, GString *told)
{
  g_autofree char *text = oai_thread_message_dup_text (message);

  g_string_append_printf (told, "message(%s) ", text);
}

static void
on_run (OaiStream *stream, OaiRun *run, GString *told)
{
  g_string_append_printf (told, "%s ", oai_run_get_status (run));
}

static void
on_requires_action (OaiStream *stream, OaiRun *run, GString *told)
{
  g_string_append_printf (told, "%u calls ", oai_run_get_tool_calls (run)->len);
}

static void
on_step (OaiStream *stream, OaiRunStep *step, GString *told)
{
  g_string_append_printf (told, "step(%s) ", oai_run_step_get_status (step));
}

static void
on_call (OaiStream *stream, OaiRunStepToolCall *call, GString *told)
{
  OaiRunStepFunction *function = oai_run_step_tool_call_get_function (call);

  g_string_append_printf (told, "%s(%s) ", oai_run_step_function_get_name (function), oai_run_step_function_get_arguments (function));
}

static void
on_call_delta (OaiStream *stream, OaiRunStepToolCall *delta, OaiRunStepToolCall *call, GString *told)
{
  g_string_append_printf (told, "+%s ", oai_run_step_function_get_arguments (oai_run_step_tool_call_get_function (delta)));
}

static void
on_event (OaiStream *stream, const char *name, const char *json, GString *told)
{
  g_string_append_printf (told, "<%s> ", name);
}

static OaiRunStream *
open_stream_with_end (Fixture *fixture, const char *const *events, gboolean done)
{
  g_autoptr(OaiThreadsEndpoint) threads = oai_threads_endpoint_new (fixture->client);
  g_autoptr(OaiRunRequest) request = oai_run_request_new ("asst_1");
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_events ();

  for (guint i = 0; events[i] != NULL; i += 2)
    oai_mock_reply_add_event (reply, events[i], events[i + 1]);
  if (done)
    oai_mock_reply_add_event (reply, "done", "[DONE]");
  oai_mock_server_push_reply (fixture->server, reply);

  return oai_threads_endpoint_create_run_stream (threads, "thread_1", request, NULL);
}

static OaiRunStream *
open_stream (Fixture *fixture, const char *const *events)
{
  return open_stream_with_end (fixture, events, TRUE);
}

/* Counts the chunks until the end, or the error. */
static guint
pull_all (OaiRunStream *stream, GError **error)
{
  guint n_chunks = 0;

  for (;;)
    {
      g_autoptr(OaiRecord) chunk = oai_stream_next (OAI_STREAM (stream), NULL, error);

      if (chunk == NULL)
        return n_chunks;
      n_chunks++;
    }
}

static const char *const message_events[] = {
  "thread.run.created", RUN ("queued"),
  "thread.run.in_progress", RUN ("in_progress"),
  "thread.message.created", MESSAGE ("in_progress") "[]}",
  "thread.message.in_progress", MESSAGE ("in_progress") "[]}",
  "thread.message.delta", TEXT ("0", "hello "),
  "thread.message.delta", TEXT ("0", "world"),
  "thread.message.delta", "{\"id\":\"msg_1\",\"delta\":{\"role\":\"assistant\",\"content\":[{\"index\":1,\"type\":\"image_file\",\"image_file\":{\"file_id\":\"file-1\"}}]}}",
  "thread.message.delta", TEXT ("2", "bye"),
  "thread.message.completed", MESSAGE ("completed") "[{\"type\":\"text\",\"text\":{\"value\":\"hello world\",\"annotations\":[]}},"
    "{\"type\":\"image_file\",\"image_file\":{\"file_id\":\"file-1\"}},{\"type\":\"text\",\"text\":{\"value\":\"bye\",\"annotations\":[]}}]}",
  "thread.run.completed", RUN ("completed"),
  NULL,
};

static void
test_message (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRunStream) stream = open_stream (fixture, message_events);
  g_autoptr(OaiRecord) run = NULL;
  g_autoptr(GPtrArray) messages = NULL;
  g_autofree char *text = NULL;
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  g_signal_connect (stream, "text-created", G_CALLBACK (on_text_created), told);
  g_signal_connect (stream, "text-delta", G_CALLBACK (on_text), told);
  g_signal_connect (stream, "text-done", G_CALLBACK (on_text), told);
  g_signal_connect (stream, "image-file-done", G_CALLBACK (on_image), told);
  g_signal_connect (stream, "message-created", G_CALLBACK (on_message), told);
  g_signal_connect (stream, "message-done", G_CALLBACK (on_message), told);
  g_signal_connect (stream, "run-changed", G_CALLBACK (on_run), told);
  run = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "queued in_progress message() text 0 0:hello  0:world 0:hello world text 2 2:bye 1=file-1 2:bye message(hello world\nfile-1\nbye) completed ");
  g_assert_cmpstr (oai_run_get_status (OAI_RUN (run)), ==, "completed");
  messages = oai_run_stream_dup_messages (stream);
  g_assert_cmpuint (messages->len, ==, 1);
  text = oai_thread_message_dup_text (g_ptr_array_index (messages, 0));
  g_assert_cmpstr (text, ==, "hello world\nfile-1\nbye");
  g_assert_cmpstr (oai_thread_message_get_role (g_ptr_array_index (messages, 0)), ==, "assistant");
  g_assert_cmpstr (oai_run_stream_get_text (stream, 2), ==, "bye");
  g_assert_null (oai_run_stream_get_text (stream, 7));
}

static void
test_coalesced (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRunStream) stream = open_stream (fixture, message_events);
  g_autoptr(OaiRecord) run = NULL;
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), 60000);
  g_signal_connect (stream, "text-delta", G_CALLBACK (on_text), told);
  g_signal_connect (stream, "text-done", G_CALLBACK (on_text), told);
  run = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "0:hello world 0:hello world 2:bye 2:bye ");
}

/* A complete run of the mock service, with a tool call. */
static void
test_tools (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = create_assistant (fixture);
  g_autoptr(OaiThreadRequest) request = oai_thread_request_new_for_text ("Use the tool for Paris");
  g_autoptr(OaiRunToolOutputsRequest) outputs = oai_run_tool_outputs_request_new ();
  g_autoptr(OaiRunStream) stream = oai_assistant_create_thread_and_run_stream (assistant, request);
  g_autoptr(OaiRunStream) second = NULL;
  g_autoptr(OaiThread) thread = NULL;
  g_autoptr(OaiRecord) waiting = NULL;
  g_autoptr(OaiRecord) run = NULL;
  g_autoptr(GPtrArray) steps = NULL;
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  OaiChatToolCall *call;

  g_signal_connect (stream, "requires-action", G_CALLBACK (on_requires_action), told);
  g_signal_connect (stream, "run-step-created", G_CALLBACK (on_step), told);
  g_signal_connect (stream, "run-step-done", G_CALLBACK (on_step), told);
  waiting = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "step(in_progress) 1 calls ");
  thread = oai_run_stream_dup_thread (stream);
  g_assert_cmpstr (oai_thread_get_id (thread), ==, oai_run_get_thread_id (OAI_RUN (waiting)));

  call = g_ptr_array_index (oai_run_get_tool_calls (OAI_RUN (waiting)), 0);
  oai_run_tool_outputs_request_add_output (outputs, oai_chat_tool_call_get_id (call), "rain");
  second = oai_run_submit_tool_outputs_stream (OAI_RUN (waiting), outputs);
  run = oai_stream_run (OAI_STREAM (second), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (OAI_RUN (run)), ==, "completed");
  g_assert_cmpstr (oai_run_stream_get_text (second, 0), ==, "The tool said: rain");
  steps = oai_run_stream_dup_run_steps (second);
  g_assert_cmpuint (steps->len, ==, 2);
  assert_no_violations (fixture);
}

#define STEP(status) "{\"id\":\"step_1\",\"status\":\"" status "\",\"step_details\":{\"type\":\"tool_calls\",\"tool_calls\":[]}}"
#define CALL(members) "{\"id\":\"step_1\",\"delta\":{\"step_details\":{\"type\":\"tool_calls\",\"tool_calls\":[{" members "}]}}}"

static void
test_calls (Fixture *fixture, gconstpointer data)
{
  static const char *const events[] = {
    "thread.run.step.created", STEP ("in_progress"),
    "thread.run.step.delta", CALL ("\"index\":0,\"type\":\"function\",\"id\":\"call_0\",\"function\":{\"name\":\"first\",\"arguments\":\"{\"}"),
    "thread.run.step.delta", CALL ("\"index\":0,\"function\":{\"arguments\":\"}\"}"),
    "thread.run.step.delta", CALL ("\"index\":1,\"type\":\"function\",\"id\":\"call_1\",\"function\":{\"name\":\"second\",\"arguments\":\"[]\"}"),
    "thread.run.requires_action", RUN ("requires_action"),
    NULL,
  };
  g_autoptr(OaiRunStream) stream = open_stream (fixture, events);
  g_autoptr(OaiRecord) run = NULL;
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  g_signal_connect (stream, "tool-call-created", G_CALLBACK (on_call), told);
  g_signal_connect (stream, "tool-call-delta", G_CALLBACK (on_call_delta), told);
  g_signal_connect (stream, "tool-call-done", G_CALLBACK (on_call), told);
  run = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "first({) +} first({}) second([]) second([]) ");
}

static void
test_unknown_events (Fixture *fixture, gconstpointer data)
{
  static const char *const events[] = {
    "thread.hologram", "{\"id\":\"h\"}",
    "thread.message.hologram", "{}",
    "thread.run.failed", RUN ("failed"),
    NULL,
  };
  g_autoptr(OaiRunStream) stream = open_stream (fixture, events);
  g_autoptr(OaiRecord) run = NULL;
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  g_signal_connect (stream, "event", G_CALLBACK (on_event), told);
  run = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (told->str, "<thread.hologram> <thread.message.hologram> <thread.run.failed> "));
  g_assert_cmpstr (oai_run_get_status (OAI_RUN (run)), ==, "failed");
}

static void
test_pull (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRunStream) stream = open_stream (fixture, message_events);
  g_autoptr(OaiRun) run = NULL;
  g_autoptr(GError) error = NULL;
  guint n_messages = 0, n_chunks = 0;

  for (;;)
    {
      g_autoptr(OaiRecord) chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error);

      g_assert_no_error (error);
      if (chunk == NULL)
        break;
      n_chunks++;
      n_messages += OAI_IS_RUN_MESSAGE_DELTA_EVENT (chunk);
    }
  g_assert_cmpuint (n_chunks, ==, 10);
  g_assert_cmpuint (n_messages, ==, 4);
  run = oai_run_stream_dup_run (stream);
  g_assert_cmpstr (oai_run_get_status (run), ==, "completed");
}

typedef struct
{
  const char *name;
  const char *events[7];
  int code;
} Failure;

static const Failure failures[] = {
  { "connection-ends", { "thread.run.in_progress", RUN ("in_progress"), NULL }, OAI_ERROR_INCOMPLETE },
  { "no-run", { "thread.created", "{\"id\":\"thread_1\"}", NULL }, OAI_ERROR_INCOMPLETE },
  { "unknown-message", { "thread.message.delta", TEXT ("0", "x"), NULL }, OAI_ERROR_PROTOCOL },
  { "a-message-twice", { "thread.message.created", MESSAGE ("in_progress") "[]}", "thread.message.created", MESSAGE ("in_progress") "[]}", NULL }, OAI_ERROR_PROTOCOL },
  { "invalid-index", { "thread.message.created", MESSAGE ("in_progress") "[]}", "thread.message.delta", TEXT ("1.5", "x"), NULL }, OAI_ERROR_PROTOCOL },
  { "no-identifier", { "thread.message.created", "{\"id\":5}", NULL }, OAI_ERROR_PROTOCOL },
  { "unknown-step", { "thread.run.step.delta", CALL ("\"index\":0"), NULL }, OAI_ERROR_PROTOCOL },
  { "error-event", { "error", "{\"message\":\"Sorry\",\"type\":\"server_error\"}", NULL }, OAI_ERROR_SERVER },
};

static void
test_failure (Fixture *fixture, gconstpointer data)
{
  const Failure *failure = data;
  g_autoptr(OaiRunStream) stream = open_stream (fixture, failure->events);
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(OaiRecord) run = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (stream, "text-delta", G_CALLBACK (on_text), told);
  run = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_null (run);
  g_assert_error (error, OAI_ERROR, failure->code);
  g_assert_cmpstr (told->str, ==, "");
}

typedef struct
{
  const char *name;
  const char *events[9];
  gboolean done;
  guint n_chunks;
  int code;       /* 0: success */
} Pull;

static const Pull pulls[] = {
  { "nothing", { NULL }, FALSE, 0, OAI_ERROR_INCOMPLETE },
  { "thread-only", { "thread.created", "{\"id\":\"thread_1\"}", NULL }, FALSE, 1, OAI_ERROR_INCOMPLETE },
  { "truncated", { "thread.run.created", RUN ("queued"), "thread.run.in_progress", RUN ("in_progress"), NULL }, FALSE, 2, OAI_ERROR_INCOMPLETE },
  { "done-marker", { "thread.run.created", RUN ("queued"), NULL }, TRUE, 1, 0 },
  { "waits-for-results", { "thread.run.requires_action", RUN ("requires_action"), NULL }, FALSE, 1, 0 },
  { "thread-and-run", { "thread.created", "{\"id\":\"thread_1\"}", "thread.run.completed", RUN ("completed"), NULL }, FALSE, 2, 0 },
  { "completed-by-event-name", { "thread.run.completed", "{\"id\":\"run_1\"}", NULL }, FALSE, 1, 0 },
  { "no-run", { "hologram", "{\"id\":\"h\"}", "thread.message.delta", "{\"id\":\"m\"}", NULL }, FALSE, 2, 0 },
  { "two-messages", { "thread.message.created", MESSAGE ("in_progress") "[]}", "thread.message.created", "{\"id\":\"msg_2\"}",
                      "thread.run.completed", RUN ("completed"), NULL }, TRUE, 2, OAI_ERROR_PROTOCOL },
  { "unknown-message", { "thread.message.delta", TEXT ("0", "x"), NULL }, TRUE, 1, OAI_ERROR_PROTOCOL },
};

static void
test_pull_end (Fixture *fixture, gconstpointer data)
{
  const Pull *pull = data;
  g_autoptr(OaiRunStream) stream = open_stream_with_end (fixture, pull->events, pull->done);
  g_autoptr(GError) error = NULL;

  g_assert_cmpuint (pull_all (stream, &error), ==, pull->n_chunks);
  if (pull->code != 0)
    g_assert_error (error, OAI_ERROR, pull->code);
  else
    g_assert_no_error (error);
}

/* An HTML page that a proxy sent instead of the run. */
static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  for (guint pulled = 0; pulled < 2; pulled++)
    {
      g_autoptr(OaiThreadsEndpoint) threads = oai_threads_endpoint_new (fixture->client);
      g_autoptr(OaiRunRequest) request = oai_run_request_new ("asst_1");
      g_autoptr(OaiRunStream) stream = oai_threads_endpoint_create_run_stream (threads, "thread_1", request, NULL);
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_text (200, "text/html; charset=utf-8", "<html><body>Log in</body></html>");
      g_autoptr(OaiRecord) run = NULL;
      g_autoptr(GError) error = NULL;

      oai_mock_server_push_reply (fixture->server, reply);
      run = pulled ? oai_stream_next (OAI_STREAM (stream), NULL, &error) : oai_stream_run (OAI_STREAM (stream), NULL, &error);
      g_assert_null (run);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (error->message, "web page"));
    }
}

/* A record without a client also returns a stream, which fails with an error. */
static void
test_without_client (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRecord) run = oai_record_new_from_json (OAI_TYPE_RUN, RUN ("requires_action"), NULL);
  g_autoptr(OaiRunToolOutputsRequest) outputs = oai_run_tool_outputs_request_new ();

  oai_run_tool_outputs_request_add_output (outputs, "call_1", "rain");
  for (guint pulled = 0; pulled < 2; pulled++)
    {
      g_autoptr(OaiRunStream) stream = oai_run_submit_tool_outputs_stream (OAI_RUN (run), outputs);
      g_autoptr(OaiRecord) reply = NULL;
      g_autoptr(GError) error = NULL;

      g_assert_true (OAI_IS_RUN_STREAM (stream));
      reply = pulled ? oai_stream_next (OAI_STREAM (stream), NULL, &error) : oai_stream_run (OAI_STREAM (stream), NULL, &error);
      g_assert_null (reply);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_null (oai_stream_get_call (OAI_STREAM (stream)));
      oai_stream_close (OAI_STREAM (stream));
    }
}

static void
test_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiThreadsEndpoint) threads = oai_threads_endpoint_new (fixture->client);
  g_autoptr(OaiRunRequest) request = oai_run_request_new ("asst_1");
  g_autoptr(OaiRunStream) stream = oai_threads_endpoint_create_run_stream (threads, "thread_1", request, NULL);
  g_autoptr(OaiRecord) run = NULL;
  g_autoptr(GError) error = NULL;

  push_json (fixture, RUN ("queued"));
  run = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (OAI_RUN (run)), ==, "queued");
}

/* Halves of a character are joined only within the same part of the message. */
static void
test_split_character (Fixture *fixture, gconstpointer data)
{
  static const char *const events[] = {
    "thread.run.created", RUN ("queued"),
    "thread.message.created", MESSAGE ("in_progress") "[]}",
    "thread.message.delta", TEXT ("0", "a\\ud83d"),
    "thread.message.delta", TEXT ("1", "\\ude00b"),
    "thread.message.delta", TEXT ("0", "\\ude00c"),
    "thread.run.completed", RUN ("completed"),
    NULL,
  };
  g_autoptr(OaiRunStream) stream = open_stream (fixture, events);
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(OaiRecord) run = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (stream, "text-delta", G_CALLBACK (on_text), told);
  run = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "0:a 1:\357\277\275b 0:\360\237\230\200c ");
  g_assert_cmpstr (oai_run_stream_get_text (stream, 0), ==, "a\360\237\230\200c");
}

static void
on_chunk (OaiStream *stream, OaiRecord *chunk, GString *told)
{
  g_assert_true (OAI_IS_RECORD (chunk));
  g_string_append (told, "chunk ");
}

/* An event with the maximum nesting depth of JSON. Its record also contains the name of the event, and is deeper. */
static void
test_deep_event (Fixture *fixture, gconstpointer data)
{
  for (guint depth = 511; depth <= 512; depth++)
    for (guint pulled = 0; pulled < 2; pulled++)
      {
        g_autofree char *open = g_strnfill (depth, '[');
        g_autofree char *closed = g_strnfill (depth, ']');
        g_autofree char *event = g_strdup_printf ("{\"id\":\"run_1\",\"status\":\"completed\",\"x\":%s%s}", open, closed);
        const char *const events[] = { "thread.run.completed", event, NULL };
        g_autoptr(OaiRunStream) stream = open_stream (fixture, events);
        g_autoptr(GString) told = g_string_new (NULL);
        g_autoptr(OaiRecord) record = NULL;
        g_autoptr(GError) error = NULL;

        g_signal_connect (stream, "chunk", G_CALLBACK (on_chunk), told);
        record = pulled ? oai_stream_next (OAI_STREAM (stream), NULL, &error) : oai_stream_run (OAI_STREAM (stream), NULL, &error);
        if (depth == 511)
          g_assert_no_error (error);
        else
          g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
        g_assert_true ((record == NULL) == (error != NULL));
        g_assert_cmpstr (told->str, ==, depth == 511 ? "chunk " : "");
      }
}

static void
count_runs (OaiRunStream *stream, OaiRun *run, guint *n)
{
  (*n)++;
}

/* With next(), the run is one event, whose name corresponds to its status. */
static void
test_whole_pulled (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *json; const char *event; } cases[] = {
    { RUN ("queued"), "thread.run.queued" },
    { RUN ("completed"), "thread.run.completed" },
    { RUN ("of a new kind"), "thread.run.created" },
  };
  g_autoptr(OaiThreadsEndpoint) threads = oai_threads_endpoint_new (fixture->client);
  g_autoptr(OaiRunRequest) request = oai_run_request_new ("asst_1");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiRunStream) stream = oai_threads_endpoint_create_run_stream (threads, "thread_1", request, NULL);
      g_autoptr(OaiRecord) chunk = NULL;
      g_autoptr(OaiRun) run = NULL;
      g_autoptr(GError) error = NULL;
      guint n = 0;

      g_signal_connect (stream, "run-changed", G_CALLBACK (count_runs), &n);
      push_json (fixture, cases[i].json);
      chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (oai_record_get_string_member (chunk, "event"), ==, cases[i].event);
      g_assert_cmpuint (n, ==, 1);
      g_assert_null (oai_stream_next (OAI_STREAM (stream), NULL, &error));
      g_assert_no_error (error);
      run = oai_run_stream_dup_run (stream);
      g_assert_cmpstr (oai_run_get_id (run), ==, "run_1");
    }
}

static void
close_stream (OaiStream *stream, const char *text, guint index, gpointer user_data)
{
  oai_stream_close (stream);
}

static void
test_closed (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRunStream) stream = open_stream (fixture, message_events);
  g_autoptr(OaiThreadMessage) message = NULL;
  g_autoptr(OaiRecord) run = NULL;
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (stream, "text-delta", G_CALLBACK (close_stream), NULL);
  run = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_null (run);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  message = oai_run_stream_dup_message (stream);
  text = oai_thread_message_dup_text (message);
  g_assert_cmpstr (text, ==, "hello ");
}

/* Each one is found among many others. */
static void
test_many_steps (Fixture *fixture, gconstpointer data)
{
  const guint n_steps = 20000;
  g_autoptr(GPtrArray) events = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(OaiRunStream) stream = NULL;
  g_autoptr(OaiRecord) run = NULL;
  g_autoptr(GPtrArray) steps = NULL;
  g_autoptr(GError) error = NULL;

  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < n_steps; i++)
      {
        g_ptr_array_add (events, g_strdup (pass == 0 ? "thread.run.step.created" : "thread.run.step.completed"));
        g_ptr_array_add (events, g_strdup_printf ("{\"id\":\"step_%u\",\"status\":\"%s\"}", i, pass == 0 ? "in_progress" : "completed"));
      }
  g_ptr_array_add (events, g_strdup ("thread.run.completed"));
  g_ptr_array_add (events, g_strdup (RUN ("completed")));
  g_ptr_array_add (events, NULL);
  stream = open_stream (fixture, (const char *const *) events->pdata);
  run = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (run);
  steps = oai_run_stream_dup_run_steps (stream);
  g_assert_cmpuint (steps->len, ==, n_steps);
  for (guint i = 0; i < n_steps; i += 1999)
    {
      g_autofree char *id = g_strdup_printf ("step_%u", i);

      g_assert_cmpstr (oai_run_step_get_id (steps->pdata[i]), ==, id);
      g_assert_cmpstr (oai_run_step_get_status (steps->pdata[i]), ==, "completed");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/run-stream/message", test_message);
  TEST ("/run-stream/coalesced", test_coalesced);
  TEST ("/run-stream/text-after-a-tool-call", test_tools);
  TEST ("/run-stream/tool-calls", test_calls);
  TEST ("/run-stream/unknown-events", test_unknown_events);
  TEST ("/run-stream/pulled-chunks", test_pull);
  TEST ("/run-stream/page-instead-of-events", test_foreign);
  TEST ("/run-stream/not-from-a-server", test_without_client);
  TEST ("/run-stream/whole-reply-pulled", test_whole_pulled);
  TEST ("/run-stream/split-character", test_split_character);
  TEST ("/run-stream/deep-event", test_deep_event);
  TEST ("/run-stream/whole-reply", test_whole);
  TEST ("/run-stream/closed", test_closed);
  TEST ("/run-stream/many-steps", test_many_steps);
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *path = g_strconcat ("/run-stream/failure/", failures[i].name, NULL);

      g_test_add (path, Fixture, &failures[i], fixture_set_up, test_failure, fixture_tear_down);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pulls); i++)
    {
      g_autofree char *path = g_strconcat ("/run-stream/pulled/", pulls[i].name, NULL);

      g_test_add (path, Fixture, &pulls[i], fixture_set_up, test_pull_end, fixture_tear_down);
    }

  return g_test_run ();
}
