/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-threads.h"

#include "oai-poll-private.h"

/* A simulated clock: each delay advances the time. */
typedef struct
{
  gint64 now;
  GString *waits;
} Clock;

static gint64
get_time (gpointer user_data)
{
  Clock *clock = user_data;

  return clock->now;
}

static void
add_wait (guint milliseconds, gpointer user_data)
{
  Clock *clock = user_data;

  clock->now += milliseconds;
  g_string_append_printf (clock->waits, "%u ", milliseconds);
}

static void
set_clock (Clock *clock)
{
  OaiPollClock poll_clock = { get_time, add_wait, clock };

  clock->waits = g_string_new (NULL);
  oai_poll_set_clock (&poll_clock);
}

static void
reset_clock (Clock *clock)
{
  oai_poll_set_clock (NULL);
  g_string_free (clock->waits, TRUE);
}

static void
push_run (Fixture *fixture, const char *status, const char *hint)
{
  g_autofree char *json = g_strdup_printf ("{\"id\":\"run_1\",\"thread_id\":\"thread_1\",\"status\":\"%s\"}", status);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);

  if (hint != NULL)
    oai_mock_reply_set_header (reply, "openai-poll-after-ms", hint);
  oai_mock_server_push_reply (fixture->server, reply);
}

/* A run that is queued. */
static OaiRun *
get_run (Fixture *fixture)
{
  g_autoptr(OaiThreadsEndpoint) threads = oai_threads_endpoint_new (fixture->client);
  g_autoptr(GError) error = NULL;
  OaiRun *run;

  push_run (fixture, "queued", NULL);
  run = oai_threads_endpoint_retrieve_run (threads, "thread_1", "run_1", NULL, &error);
  g_assert_no_error (error);

  return run;
}

static void
assert_headers (Fixture *fixture, const char *interval)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, -1);

  g_assert_cmpstr (oai_mock_request_get_header (request, "X-Stainless-Poll-Helper"), ==, "true");
  g_assert_cmpstr (oai_mock_request_get_header (request, "X-Stainless-Custom-Poll-Interval"), ==, interval);
  g_assert_cmpstr (oai_mock_request_get_header (request, "OpenAI-Beta"), ==, "assistants=v2");
}

/* Waits in all states that change without the client. */
static void
test_states (Fixture *fixture, gconstpointer data)
{
  static const char *const ends[] = { "requires_action", "cancelled", "failed", "completed", "incomplete", "expired" };
  Clock clock = { 0 };

  set_clock (&clock);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autoptr(OaiRun) run = get_run (fixture);
      g_autoptr(OaiRun) done = NULL;
      g_autoptr(GError) error = NULL;

      push_run (fixture, "queued", NULL);
      push_run (fixture, "in_progress", NULL);
      push_run (fixture, "cancelling", NULL);
      push_run (fixture, ends[i], NULL);
      done = oai_run_wait (run, 0, -1, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (oai_run_get_status (done), ==, ends[i]);
      g_assert_cmpstr (oai_run_get_status (run), ==, "queued");
      g_assert_cmpstr (clock.waits->str, ==, "1000 1000 1000 ");
      assert_headers (fixture, NULL);
      g_string_truncate (clock.waits, 0);
    }
  reset_clock (&clock);
}

/* Waits for an unknown or missing status to become a known one. */
static void
test_unknown_states (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) empty = oai_mock_reply_new_json (200, "{}");
  g_autoptr(OaiMockReply) empties = oai_mock_reply_new_json (200, "{}");
  g_autoptr(OaiRun) run = get_run (fixture);
  g_autoptr(OaiRun) done = NULL;
  g_autoptr(OaiRun) never = NULL;
  g_autoptr(OaiRecord) paused = oai_record_new_from_json (OAI_TYPE_RUN, "{\"status\":\"paused\"}", NULL);
  g_autoptr(OaiRecord) silent = oai_record_new_from_json (OAI_TYPE_RUN, "{}", NULL);
  g_autoptr(GError) error = NULL;
  Clock clock = { 0 };

  set_clock (&clock);
  push_run (fixture, "paused", NULL);
  oai_mock_server_push_reply (fixture->server, empty);
  push_run (fixture, "in_progress", NULL);
  push_run (fixture, "completed", NULL);
  done = oai_run_wait (run, 0, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (done), ==, "completed");

  oai_mock_reply_set_times (empties, 100);
  oai_mock_server_push_reply (fixture->server, empties);
  never = oai_run_wait (run, 0, 5000, NULL, &error);
  g_assert_null (never);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  reset_clock (&clock);

  g_assert_true (oai_run_is_active (OAI_RUN (paused)));
  g_assert_true (oai_run_is_active (OAI_RUN (silent)));
}

/* The interval of the program has precedence over that of the server, and the default is one
 * second.  A very short interval of the server is used only once. */
static void
test_intervals (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRun) run = get_run (fixture);
  g_autoptr(OaiRun) asked = NULL;
  g_autoptr(OaiRun) told = NULL;
  g_autoptr(GError) error = NULL;
  Clock clock = { 0 };

  set_clock (&clock);
  push_run (fixture, "queued", "2000");
  push_run (fixture, "queued", "12ms");
  push_run (fixture, "queued", "");
  push_run (fixture, "queued", "-5");
  push_run (fixture, "queued", "0");
  push_run (fixture, "completed", NULL);
  told = oai_run_wait (run, 0, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (clock.waits->str, ==, "2000 50 1000 1000 50 ");
  g_string_truncate (clock.waits, 0);

  push_run (fixture, "queued", "2000");
  push_run (fixture, "completed", NULL);
  asked = oai_run_wait (run, 250, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (clock.waits->str, ==, "250 ");
  assert_headers (fixture, "250");
  reset_clock (&clock);
}

static void
test_time_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRun) run = get_run (fixture);
  g_autoptr(OaiRun) late = NULL;
  g_autoptr(OaiRun) in_time = NULL;
  g_autoptr(GError) error = NULL;
  Clock clock = { 0 };

  set_clock (&clock);
  push_run (fixture, "queued", NULL);
  push_run (fixture, "queued", NULL);
  push_run (fixture, "queued", NULL);
  late = oai_run_wait (run, 0, 1500, NULL, &error);
  g_assert_null (late);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpstr (clock.waits->str, ==, "1000 1000 ");
  g_clear_error (&error);

  push_run (fixture, "queued", NULL);
  push_run (fixture, "completed", NULL);
  in_time = oai_run_wait (run, 0, 1000, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (in_time);
  reset_clock (&clock);
}

/* The time-out elapses during a delay, and while the server does not reply. */
static void
test_real_time_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) hang = oai_mock_reply_new_hang ();
  g_autoptr(OaiRun) run = get_run (fixture);
  g_autoptr(OaiRun) paused = NULL;
  g_autoptr(OaiRun) hanging = NULL;
  g_autoptr(GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  push_run (fixture, "queued", NULL);
  paused = oai_run_wait (run, 600000, 50, NULL, &error);
  g_assert_null (paused);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);

  oai_mock_server_push_reply (fixture->server, hang);
  hanging = oai_run_wait (run, 0, 50, NULL, &error);
  g_assert_null (hanging);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 60 * G_USEC_PER_SEC);
}

static void
cancel_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRun) run = get_run (fixture);

  for (guint delay = 0; delay < 12; delay += 3)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(OaiRun) done = NULL;
      g_autoptr(GError) error = NULL;

      oai_mock_server_reset (fixture->server);
      push_run (fixture, "queued", NULL);
      g_timeout_add_once (delay, cancel_cb, cancellable);
      oai_run_wait_async (run, 600000, 300000, cancellable, keep_result, &result);
      wait_for (&result);
      done = oai_run_wait_finish (run, result, &error);
      g_assert_null (done);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

static void
test_cancelled_before (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRun) run = get_run (fixture);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(OaiRun) done = NULL;
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  done = oai_run_wait (run, 0, -1, cancellable, &error);
  g_assert_null (done);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_failure (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiCall) call = NULL;
  g_autoptr(OaiMockReply) failure = oai_mock_reply_new_error (404, "invalid_request_error", NULL, "No run found");
  g_autoptr(OaiRun) run = get_run (fixture);
  g_autoptr(OaiRun) done = NULL;
  g_autoptr(OaiRecord) stray = oai_record_new_from_json (OAI_TYPE_RUN, "{\"id\":\"run_1\",\"thread_id\":\"thread_1\",\"status\":\"queued\"}", NULL);
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (fixture->server, failure);
  done = oai_run_wait (run, 0, -1, NULL, &error);
  g_assert_null (done);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  call = oai_client_find_call_for_error (fixture->client, error);
  g_assert_cmpuint (oai_call_get_status_code (call), ==, 404);
  g_clear_error (&error);

  done = oai_run_wait (OAI_RUN (stray), 0, -1, NULL, &error);
  g_assert_null (done);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/run-wait/all-states", test_states);
  TEST ("/run-wait/unknown-states", test_unknown_states);
  TEST ("/run-wait/intervals", test_intervals);
  TEST ("/run-wait/time-out", test_time_out);
  TEST ("/run-wait/time-out-by-the-clock", test_real_time_out);
  TEST ("/run-wait/cancelled", test_cancelled);
  TEST ("/run-wait/cancelled-before", test_cancelled_before);
  TEST ("/run-wait/failure", test_failure);

  return g_test_run ();
}
