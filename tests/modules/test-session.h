/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stops turns of sessions at each of their steps. */

#pragma once

#include "test-module.h"

/* What ends the turn. */
typedef enum
{
  STOP_BY_METHOD,      /* in the handler of a signal or a notification */
  STOP_BY_CANCELLABLE, /* the same */
  STOP_BETWEEN,        /* between two iterations of the main context */
  N_STOPS
} Stop;

/* Counts what happens, and stops the session at the step with a number. */
typedef struct
{
  OaiSession *session;
  GCancellable *cancellable;
  Stop stop;
  guint step;
  guint stop_at;
  guint n_callbacks;
  GPtrArray *started; /* OaiToolCall of call-started, without those of call-finished */
  GError *error;
} Stopper;

static void
count_step (Stopper *stopper)
{
  if (++stopper->step != stopper->stop_at)
    return;
  if (stopper->stop == STOP_BY_CANCELLABLE)
    g_cancellable_cancel (stopper->cancellable);
  else
    oai_session_stop (stopper->session);
}

static void
step_cb (Stopper *stopper)
{
  if (stopper->stop != STOP_BETWEEN)
    count_step (stopper);
}

static void
call_started_cb (OaiSession *session, OaiToolCall *call, Stopper *stopper)
{
  g_assert_false (g_ptr_array_find (stopper->started, call, NULL));
  g_ptr_array_add (stopper->started, g_object_ref (call));
}

static void
call_finished_cb (OaiSession *session, OaiToolCall *call, Stopper *stopper)
{
  g_assert_true (oai_tool_call_has_ended (call));
  g_assert_true (g_ptr_array_remove (stopper->started, call));
}

static void
watch_item_cb (GListModel *model, guint position, guint removed, guint added, Stopper *stopper)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr(OaiSessionItem) item = g_list_model_get_item (model, position + i);

      g_signal_connect_swapped (item, "notify", G_CALLBACK (step_cb), stopper);
    }
  step_cb (stopper);
}

static void
watch_session (OaiSession *session, Stopper *stopper)
{
  static const char *const names[] = { "notify", "round-started", "round-finished", "call-started", "call-finished" };

  g_signal_connect (session, "call-started", G_CALLBACK (call_started_cb), stopper);
  g_signal_connect (session, "call-finished", G_CALLBACK (call_finished_cb), stopper);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_signal_connect_swapped (session, names[i], G_CALLBACK (step_cb), stopper);
  g_signal_connect (session, "items-changed", G_CALLBACK (watch_item_cb), stopper);
}

static void
unwatch_session (OaiSession *session, Stopper *stopper)
{
  g_signal_handlers_disconnect_by_data (session, stopper);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (session)); i++)
    {
      g_autoptr(OaiSessionItem) item = g_list_model_get_item (G_LIST_MODEL (session), i);

      g_signal_handlers_disconnect_by_data (item, stopper);
    }
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Stopper *stopper = user_data;
  g_autoptr(OaiSessionItem) answer = oai_session_send_finish (OAI_SESSION (source), result, &stopper->error);

  g_assert_true ((answer != NULL) == (stopper->error == NULL));
  stopper->n_callbacks++;
}

static gboolean
set_true_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

/* Lets operations that were abandoned complete. */
static void
settle (void)
{
  gboolean over = FALSE;

  g_timeout_add (2, set_true_cb, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Runs a turn that is stopped at one of its steps.  Returns FALSE if it has fewer steps. */
static gboolean
run_stopped (OaiSession *session, guint step, Stop stop)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GPtrArray) started = g_ptr_array_new_with_free_func (g_object_unref);
  Stopper stopper = { .session = session, .cancellable = cancellable, .stop_at = step, .stop = stop, .started = started };
  gboolean stopped;

  watch_session (session, &stopper);
  oai_session_send_async (session, "Hi", cancellable, stopped_cb, &stopper);
  while (stopper.n_callbacks == 0)
    {
      g_main_context_iteration (NULL, TRUE);
      if (stop == STOP_BETWEEN && stopper.n_callbacks == 0)
        count_step (&stopper);
    }
  unwatch_session (session, &stopper);
  settle ();
  g_assert_cmpuint (stopper.n_callbacks, ==, 1);
  g_assert_cmpuint (started->len, ==, 0);
  g_assert_cmpint (oai_session_get_state (session), ==, OAI_SESSION_STATE_IDLE);

  stopped = stopper.error != NULL;
  if (stopped)
    g_assert_error (stopper.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&stopper.error);

  return stopped;
}
