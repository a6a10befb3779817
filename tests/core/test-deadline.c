/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-deadline-private.h"

typedef struct
{
  guint cancelled;
  guint timed_out;
} Counts;

static void
count_cb (gboolean timed_out, gpointer user_data)
{
  Counts *counts = user_data;

  if (timed_out)
    counts->timed_out++;
  else
    counts->cancelled++;
}

static void
test_time_out (void)
{
  OaiDeadline deadline = { 0 };
  Counts counts = { 0 };

  oai_deadline_init (&deadline, g_main_context_default (), count_cb, &counts);
  oai_deadline_start (&deadline, 1, 0);
  while (counts.timed_out == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (deadline.timed_out);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (counts.timed_out, ==, 1);

  oai_deadline_start (&deadline, 60 * 1000, 0);
  g_assert_false (deadline.timed_out);
  oai_deadline_expire (&deadline);
  g_assert_true (deadline.timed_out);
  g_assert_cmpuint (counts.timed_out, ==, 2);
  g_assert_cmpuint (counts.cancelled, ==, 0);
  oai_deadline_clear (&deadline);
}

/* A limit that no longer applies wakes up the main loop once, and not without an end. */
static void
test_extended (gconstpointer idle)
{
  OaiDeadline deadline = { 0 };
  Counts counts = { 0 };
  g_autoptr(GMainContext) context = g_main_context_new ();

  oai_deadline_init (&deadline, context, count_cb, &counts);
  oai_deadline_start (&deadline, 0, GPOINTER_TO_INT (idle));
  oai_deadline_start_connecting (&deadline, 1);
  oai_deadline_start_body (&deadline, FALSE);
  g_usleep (5000);
  for (guint i = 0; i < 2; i++)
    g_main_context_iteration (context, FALSE);
  for (guint i = 0; i < 10; i++)
    g_assert_false (g_main_context_iteration (context, FALSE));
  g_assert_cmpuint (counts.timed_out, ==, 0);
  oai_deadline_clear (&deadline);
}

static void
test_cancel (void)
{
  OaiDeadline deadline = { 0 };
  Counts counts = { 0 };
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GCancellable) other = g_cancellable_new ();

  oai_deadline_init (&deadline, g_main_context_default (), count_cb, &counts);
  oai_deadline_set_cancellable (&deadline, other);
  oai_deadline_set_cancellable (&deadline, cancellable);
  g_cancellable_cancel (other);
  g_assert_false (g_main_context_iteration (NULL, FALSE));
  g_cancellable_cancel (cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (counts.cancelled, ==, 1);
  g_assert_cmpuint (counts.timed_out, ==, 0);
  g_assert_false (deadline.timed_out);
  oai_deadline_clear (&deadline);
}

/* After disarm, neither a time limit nor the caller's cancellable has an effect. */
static void
test_disarm (void)
{
  OaiDeadline deadline = { 0 };
  Counts counts = { 0 };
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  oai_deadline_init (&deadline, g_main_context_default (), count_cb, &counts);
  oai_deadline_set_cancellable (&deadline, cancellable);
  oai_deadline_start (&deadline, 1, 0);
  oai_deadline_disarm (&deadline);
  g_cancellable_cancel (cancellable);
  g_usleep (5000);
  g_assert_false (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (counts.cancelled + counts.timed_out, ==, 0);
  oai_deadline_clear (&deadline);
}

static void
test_linked (void)
{
  OaiDeadline deadline = { 0 };
  g_autoptr(GCancellable) outer = g_cancellable_new ();

  oai_deadline_init_linked (&deadline, g_main_context_default (), outer);
  g_assert_false (g_cancellable_is_cancelled (deadline.cancellable));
  oai_deadline_start (&deadline, 1, 0);
  while (!g_cancellable_is_cancelled (deadline.cancellable))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (deadline.timed_out);
  g_assert_false (g_cancellable_is_cancelled (outer));
  oai_deadline_clear (&deadline);

  g_cancellable_cancel (outer);
  oai_deadline_init_linked (&deadline, g_main_context_default (), outer);
  g_assert_true (g_cancellable_is_cancelled (deadline.cancellable));
  g_assert_false (deadline.timed_out);
  oai_deadline_clear (&deadline);
}

static void
keep_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
assert_wait (guint milliseconds, GCancellable *cancellable, int code)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_deadline_wait_async (milliseconds, cancellable, keep_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (oai_deadline_wait_finish (result, &error) == (code < 0));
  if (code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, G_IO_ERROR, code);
}

static void
test_wait (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  assert_wait (0, NULL, -1);
  assert_wait (1, cancellable, -1);
  g_cancellable_cancel (cancellable);
  assert_wait (60 * 1000, cancellable, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deadline/time-out", test_time_out);
  g_test_add_data_func ("/deadline/extended", GINT_TO_POINTER (60 * 1000), test_extended);
  g_test_add_data_func ("/deadline/extended-without-limit", NULL, test_extended);
  g_test_add_func ("/deadline/cancel", test_cancel);
  g_test_add_func ("/deadline/disarm", test_disarm);
  g_test_add_func ("/deadline/linked", test_linked);
  g_test_add_func ("/deadline/wait", test_wait);

  return g_test_run ();
}
