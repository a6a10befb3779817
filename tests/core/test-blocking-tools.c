/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Blocking calls that wait for tools which answer later. */

#include "oai-blocking-call-private.h"
#include "oai-tool-call.h"

typedef struct
{
  OaiTool *tool;
  GMainContext *context; /* in which the tool answers */
  OaiToolCall *inner;    /* a call that the tool runs, blocking */
  guint n_idle;          /* counts the sources of the program that have run */
} Fixture;

static gboolean
respond_cb (gpointer user_data)
{
  oai_tool_call_respond (user_data, "later");

  return G_SOURCE_REMOVE;
}

static void
respond_later (OaiToolCall *call, gpointer user_data)
{
  Fixture *fixture = user_data;
  GSource *source = g_timeout_source_new (10);

  g_source_set_callback (source, respond_cb, g_object_ref (call), g_object_unref);
  g_source_attach (source, fixture->context);
  g_source_unref (source);
}

static void
respond_now (OaiToolCall *call, gpointer user_data)
{
  oai_tool_call_respond (call, "now");
}

static void
respond_never (OaiToolCall *call, gpointer user_data)
{
}

static gboolean
run_blocking (OaiToolCall *call, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gboolean done;

  oai_blocking_call_begin (&sync);
  oai_tool_call_run_async (call, cancellable, oai_blocking_call_ready, &sync);
  done = oai_tool_call_run_finish (call, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return done;
}

static OaiToolCall *
new_call (Fixture *fixture, OaiToolFunc func)
{
  g_clear_object (&fixture->tool);
  fixture->tool = oai_tool_new ("wait", NULL, NULL, func, fixture, NULL);

  return oai_tool_call_new (fixture->tool, "call_1", "wait", "{}");
}

static void
assert_answer (OaiToolCall *call, const char *answer)
{
  g_autoptr(GError) error = NULL;

  run_blocking (call, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, answer);
}

#define LATER "{\"result\":\"later\"}"
#define NOW "{\"result\":\"now\"}"

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->tool);
  g_clear_object (&fixture->inner);
  g_assert_null (g_main_context_get_thread_default ());
}

static void
test_later (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolCall) call = new_call (fixture, respond_later);

  assert_answer (call, LATER);
}

static gboolean
count_cb (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_idle++;

  return G_SOURCE_CONTINUE;
}

/* Other sources run only while a tool waits. */
static void
test_now (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolCall) now = new_call (fixture, respond_now);
  g_autoptr(OaiToolCall) later = new_call (fixture, respond_later);
  guint id = g_idle_add (count_cb, fixture);

  assert_answer (now, NOW);
  g_assert_cmpuint (fixture->n_idle, ==, 0);
  assert_answer (later, LATER);
  g_assert_cmpuint (fixture->n_idle, >, 0);
  g_source_remove (id);
}

static guint n_polls;

static int
count_poll (GPollFD *fds, guint n_fds, int timeout)
{
  n_polls++;

  return g_poll (fds, n_fds, timeout);
}

/* Waiting does not use the processor. */
static void
test_idle (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolCall) call = new_call (fixture, respond_later);
  GPollFunc func = g_main_context_get_poll_func (NULL);

  n_polls = 0;
  g_main_context_set_poll_func (NULL, count_poll);
  assert_answer (call, LATER);
  g_main_context_set_poll_func (NULL, func);
  g_assert_cmpuint (n_polls, >, 0);
  g_assert_cmpuint (n_polls, <, 20);
}

/* The time limit belongs to the private main context. */
static void
test_time_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolCall) call = new_call (fixture, respond_never);

  oai_tool_set_timeout_ms (fixture->tool, 10);
  assert_answer (call, "{\"error\":\"The tool did not answer in time.\"}");
}

static gboolean
cancel_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);

  return G_SOURCE_REMOVE;
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolCall) call = new_call (fixture, respond_never);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_timeout_add (10, cancel_cb, cancellable);
  g_assert_false (run_blocking (call, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
approve_cb (gpointer user_data)
{
  oai_tool_call_approve (user_data);

  return G_SOURCE_REMOVE;
}

static void
approve_later_cb (OaiToolCall *call)
{
  g_timeout_add (10, approve_cb, call);
}

static void
test_approval (Fixture *fixture, gconstpointer data)
{
  OaiToolFunc funcs[] = { respond_now, respond_later };

  for (guint i = 0; i < G_N_ELEMENTS (funcs); i++)
    {
      g_autoptr(OaiToolCall) call = new_call (fixture, funcs[i]);

      oai_tool_set_needs_approval (fixture->tool, TRUE);
      g_signal_connect (call, "approval-requested", G_CALLBACK (approve_later_cb), NULL);
      assert_answer (call, i == 0 ? NOW : LATER);
    }
}

static void
run_inner (OaiToolCall *call, gpointer user_data)
{
  Fixture *fixture = user_data;

  assert_answer (fixture->inner, fixture->n_idle == 0 ? NOW : LATER);
  oai_tool_call_respond (call, "inner");
}

static void
set_true_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

/* The function of a tool calls something that blocks.  Sources of the program run only if the inner
 * call waits for a tool. */
static void
test_nested (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolCall) first = NULL;
  g_autoptr(OaiToolCall) second = NULL;
  gboolean over = FALSE;

  fixture->inner = new_call (fixture, respond_now);
  first = new_call (fixture, run_inner);
  g_idle_add_once (set_true_cb, &over);
  assert_answer (first, "{\"result\":\"inner\"}");
  g_assert_false (over);

  g_clear_object (&fixture->inner);
  fixture->n_idle = 1;
  fixture->inner = new_call (fixture, respond_later);
  second = new_call (fixture, run_inner);
  assert_answer (second, "{\"result\":\"inner\"}");
  g_assert_true (over);
}

static gboolean
run_inner_cb (gpointer user_data)
{
  Fixture *fixture = user_data;

  assert_answer (fixture->inner, LATER);
  fixture->n_idle++;

  return G_SOURCE_REMOVE;
}

/* While a tool is waited for, a source of the program makes another blocking call.  The tool of the
 * outer call times out meanwhile. */
static void
test_source (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolCall) call = NULL;

  fixture->inner = new_call (fixture, respond_later);
  call = new_call (fixture, respond_never);
  oai_tool_set_timeout_ms (fixture->tool, 5);
  g_timeout_add (1, run_inner_cb, fixture);
  assert_answer (call, "{\"error\":\"The tool did not answer in time.\"}");
  g_assert_cmpuint (fixture->n_idle, ==, 1);
}

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);

  return G_SOURCE_REMOVE;
}

static gboolean
run_loop_cb (gpointer user_data)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Fixture *fixture = user_data;

  g_timeout_add (20, quit_cb, loop);
  g_main_loop_run (loop);
  fixture->n_idle++;

  return G_SOURCE_REMOVE;
}

/* While a tool is waited for, a source of the program runs a main loop, such as that of a dialog. */
static void
test_main_loop (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolCall) call = new_call (fixture, respond_never);

  oai_tool_set_timeout_ms (fixture->tool, 5);
  g_timeout_add (1, run_loop_cb, fixture);
  assert_answer (call, "{\"error\":\"The tool did not answer in time.\"}");
  g_assert_cmpuint (fixture->n_idle, ==, 1);
}

/* Answers after an asynchronous operation, in the thread that has called the tool. */
static void
worked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiToolCall) call = OAI_TOOL_CALL (source);

  g_assert_true (g_task_get_task_data (G_TASK (result)) == g_thread_self ());
  oai_tool_call_respond (call, "later");
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

static void
respond_after_operation (OaiToolCall *call, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (g_object_ref (call), NULL, worked_cb, NULL);

  g_task_set_task_data (task, g_thread_self (), NULL);
  g_task_run_in_thread (task, work);
}

static gpointer
call_in_thread (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr(OaiToolCall) call = new_call (fixture, respond_after_operation);

  assert_answer (call, LATER);

  return NULL;
}

/* The main thread iterates the global main context, or does not. */
static void
test_thread (Fixture *fixture, gconstpointer data)
{
  GThread *thread;

  if (data != NULL)
    g_assert_true (g_main_context_acquire (NULL));
  thread = g_thread_new ("worker", call_in_thread, fixture);
  g_thread_join (thread);
  if (data != NULL)
    g_main_context_release (NULL);
}

static gpointer
call_in_thread_with_context (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(OaiToolCall) later = NULL;
  g_autoptr(OaiToolCall) after_operation = NULL;

  g_main_context_push_thread_default (context);
  fixture->context = context;
  later = new_call (fixture, respond_later);
  assert_answer (later, LATER);
  after_operation = new_call (fixture, respond_after_operation);
  assert_answer (after_operation, LATER);
  g_main_context_pop_thread_default (context);
  fixture->context = NULL;

  return NULL;
}

static void
test_thread_with_context (Fixture *fixture, gconstpointer data)
{
  g_thread_join (g_thread_new ("worker", call_in_thread_with_context, fixture));
}

static void
test_operation (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiToolCall) call = new_call (fixture, respond_after_operation);

  assert_answer (call, LATER);
}

#define ADD(path, func, data) g_test_add ("/blocking-tools/" path, Fixture, data, NULL, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("later", test_later, NULL);
  ADD ("now", test_now, NULL);
  ADD ("idle", test_idle, NULL);
  ADD ("operation", test_operation, NULL);
  ADD ("time-out", test_time_out, NULL);
  ADD ("cancelled", test_cancelled, NULL);
  ADD ("approval", test_approval, NULL);
  ADD ("nested", test_nested, NULL);
  ADD ("source", test_source, NULL);
  ADD ("main-loop", test_main_loop, NULL);
  ADD ("thread/free", test_thread, NULL);
  ADD ("thread/busy", test_thread, GINT_TO_POINTER (TRUE));
  ADD ("thread/own-context", test_thread_with_context, NULL);

  return g_test_run ();
}
