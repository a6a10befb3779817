/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests of sessions share. */

#pragma once

#include "test-module.h"

/* Tools, in different orders of answers */

#define CITY_SCHEMA "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"],\"additionalProperties\":false}"

typedef struct
{
  GString *log;
  GPtrArray *waiting; /* calls that answer later */
  guint n_running;
  guint most_running;
} Tools;

static void
weather_cb (OaiToolCall *call, gpointer user_data)
{
  Tools *tools = user_data;
  g_autofree char *text = g_strdup_printf ("sunny in %s", oai_tool_call_get_string (call, "city"));

  g_string_append_printf (tools->log, "(%s)", oai_tool_call_get_id (call));
  oai_tool_call_respond (call, text);
}

static void
time_cb (OaiToolCall *call, gpointer user_data)
{
  Tools *tools = user_data;

  g_string_append_printf (tools->log, "(%s)", oai_tool_call_get_id (call));
  oai_tool_call_respond (call, "noon");
}

/* Answers the calls in the reverse order. */
static gboolean
answer_cb (gpointer user_data)
{
  Tools *tools = user_data;

  g_autoptr(GPtrArray) waiting = g_steal_pointer (&tools->waiting);

  tools->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  tools->n_running = 0;
  for (guint i = waiting->len; i > 0; i--)
    oai_tool_call_respond (g_ptr_array_index (waiting, i - 1), oai_tool_call_get_id (g_ptr_array_index (waiting, i - 1)));

  return G_SOURCE_REMOVE;
}

static void
later_cb (OaiToolCall *call, gpointer user_data)
{
  Tools *tools = user_data;

  if (tools->waiting->len == 0)
    g_timeout_add (20, answer_cb, tools);
  g_ptr_array_add (tools->waiting, g_object_ref (call));
  tools->n_running++;
  tools->most_running = MAX (tools->most_running, tools->n_running);
}

static void
never_cb (OaiToolCall *call, gpointer user_data)
{
}

static OaiToolset *
tools_init (Tools *tools)
{
  OaiToolset *toolset = oai_toolset_new ();

  tools->log = g_string_new (NULL);
  tools->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  tools->n_running = tools->most_running = 0;
  oai_toolset_add_function (toolset, "get_weather", "Weather of a city", CITY_SCHEMA, weather_cb, tools, NULL, NULL);
  oai_toolset_add_function (toolset, "get_time", "The time", NULL, time_cb, tools, NULL, NULL);
  oai_toolset_add_function (toolset, "later", NULL, NULL, later_cb, tools, NULL, NULL);
  oai_toolset_add_function (toolset, "never", NULL, NULL, never_cb, tools, NULL, NULL);

  return toolset;
}

static void
tools_clear (Tools *tools)
{
  g_string_free (tools->log, TRUE);
  g_ptr_array_unref (tools->waiting);
}

/* A session, with a client, a server, and tools that it can use. */

typedef struct
{
  Fixture service;
  OaiMockServer *server; /* of the service */
  OaiClient *client;     /* the same */
  OaiSession *session;
  OaiToolset *toolset;
  Tools tools;
} SessionFixture;

/* data: the type of the session */
static void
session_fixture_set_up (SessionFixture *fixture, gconstpointer data)
{
  fixture_set_up (&fixture->service, NULL);
  fixture->server = fixture->service.server;
  fixture->client = fixture->service.client;
  fixture->session = g_object_new (GPOINTER_TO_SIZE (data), "client", fixture->client, "model", "m", NULL);
  fixture->toolset = tools_init (&fixture->tools);
}

static void
session_fixture_tear_down (SessionFixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->session);
  g_object_unref (fixture->toolset);
  tools_clear (&fixture->tools);
  fixture_tear_down (&fixture->service, NULL);
}

#define TEST_SESSION(path, type, function) \
  g_test_add (path, SessionFixture, GSIZE_TO_POINTER (type), session_fixture_set_up, function, session_fixture_tear_down)

static void
push_json (SessionFixture *fixture, guint status, const char *json)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (status, json);

  oai_mock_server_push_reply (fixture->server, reply);
}

static OaiSessionItem *
send_text (OaiSession *session, const char *text, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_session_send_async (session, text, NULL, keep_result, &result);
  wait_for (&result);

  return oai_session_send_finish (session, result, error);
}

/* Stops */

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
static inline gboolean
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
