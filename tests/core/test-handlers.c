/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What signal handlers of the program can do during a call, and in which main context they run. */

#include "call-fixture.h"

#include "oai-files-endpoint.h"

#include <string.h>

/* Closing a stream when a property of its call changes */

typedef struct
{
  const char *property;
  const char *reply; /* "events", "error", "truncated", "redirect" */
  gboolean keep;     /* a reference to the stream that is kept after the callback */
} Closing;

typedef struct
{
  OaiStream *stream;
  OaiCall *call;
  const Closing *closing;
  guint countdown; /* number of notifications */
  gboolean closed;
  guint n_sent;    /* number of requests before it was closed */
  gboolean done;
  OaiMockServer *server;
} Closer;

static void
push_reply (CallFixture *self, const char *kind)
{
  if (strcmp (kind, "error") == 0)
    {
      for (guint i = 0; i < 2; i++)
        {
          OaiMockReply *reply = oai_mock_reply_new_json (500, "{\"error\":{\"message\":\"no\"}}");

          oai_mock_reply_set_header (reply, "Retry-After-Ms", "1");
          call_fixture_push (self, reply);
        }
    }
  else if (strcmp (kind, "truncated") == 0)
    call_fixture_push (self, call_fixture_sse ("data: " CHUNK_TEXT ("a") "\n\n"));
  else
    {
      if (strcmp (kind, "redirect") == 0)
        call_fixture_push (self, oai_mock_reply_new_redirect (307, "/v1/other"));
      call_fixture_push (self, call_fixture_events (CHUNK_TEXT ("a"), CHUNK_STOP, NULL));
    }
}

static void
close_cb (OaiCall *call, GParamSpec *pspec, Closer *closer)
{
  if (closer->countdown-- > 0 || closer->closed || closer->done)
    return;

  closer->closed = TRUE;
  closer->n_sent = oai_mock_server_get_n_requests (closer->server);
  oai_stream_close (closer->stream);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Closer *closer = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiRecord) record G_GNUC_UNUSED = oai_stream_run_finish (OAI_STREAM (source), result, &error);

  if (closer->closed)
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpstr (error->message, ==, "The stream was closed");
    }
  closer->done = TRUE;
  if (!closer->closing->keep)
    g_clear_object (&closer->stream);
}

static void
close_started_cb (OaiClient *client, OaiCall *call, Closer *closer)
{
  g_autofree char *signal = g_strconcat ("notify::", closer->closing->property, NULL);

  g_set_object (&closer->call, call);
  g_signal_connect (call, signal, G_CALLBACK (close_cb), closer);
}

/* FALSE if the property changed less often. */
static gboolean
close_at (CallFixture *self, const Closing *closing, guint countdown)
{
  Closer closer = { .closing = closing, .countdown = countdown, .server = self->server };
  gulong handler = g_signal_connect (self->client, "call-started", G_CALLBACK (close_started_cb), &closer);

  oai_mock_server_reset (self->server);
  push_reply (self, closing->reply);
  closer.stream = OAI_STREAM (call_fixture_stream (self));
  oai_stream_run_async (closer.stream, NULL, closed_cb, &closer);
  wait_until (closer.done);
  wait_until (G_OBJECT (self->client)->ref_count <= 3);
  if (closer.closed)
    {
      g_assert_cmpint (oai_call_get_state (closer.call), ==, OAI_CALL_STATE_FAILED);
      /* The last request may not have reached the service. */
      g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), <=, closer.n_sent + 1);
    }
  g_signal_handlers_disconnect_by_data (closer.call, &closer);
  g_signal_handler_disconnect (self->client, handler);
  g_clear_object (&closer.stream);
  g_clear_object (&closer.call);

  return closer.closed;
}

static void
test_close (CallFixture *self, gconstpointer user_data)
{
  const char *properties[] = { "state", "url", "status-code", "request-id", "retry-after-ms", "n-attempts", "retry-at" };
  const char *replies[] = { "events", "error", "truncated", "redirect" };

  oai_settings_set_max_retries (self->settings, 1);
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    for (guint j = 0; j < G_N_ELEMENTS (replies); j++)
      for (guint keep = 0; keep < 2; keep++)
        {
          Closing closing = { properties[i], replies[j], keep };

          for (guint countdown = 0; close_at (self, &closing, countdown); countdown++)
            g_assert_cmpuint (countdown, <, 20);
        }
}

/* Not sent */

static void
cancel_cb (OaiCall *call, GParamSpec *pspec, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
cancel_started_cb (OaiClient *client, OaiCall *call, GCancellable *cancellable)
{
  g_signal_connect_object (call, "notify::n-attempts", G_CALLBACK (cancel_cb), cancellable, 0);
}

static void
test_cancel_before_sending (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect_object (self->client, "call-started", G_CALLBACK (cancel_started_cb), cancellable, 0);
  completion = call_fixture_create (self, cancellable, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (completion);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 0);
}

/* States */

static void
state_cb (OaiCall *call, GParamSpec *pspec, GArray *states)
{
  OaiCallState state = oai_call_get_state (call);

  g_array_append_val (states, state);
}

static void
state_started_cb (OaiClient *client, OaiCall *call, Closer *closer)
{
  g_set_object (&closer->call, call);
}

static void
test_final_state (CallFixture *self, gconstpointer user_data)
{
  for (int at = OAI_CALL_STATE_PENDING; at <= OAI_CALL_STATE_READING; at++)
    {
      Closing closing = { "state", "events", TRUE };
      Closer closer = { .closing = &closing, .server = self->server };
      g_autoptr (GArray) states = g_array_new (FALSE, FALSE, sizeof (OaiCallState));
      gulong handler;

      oai_mock_server_reset (self->server);
      push_reply (self, "events");
      closer.stream = OAI_STREAM (call_fixture_stream (self));
      handler = g_signal_connect (self->client, "call-started", G_CALLBACK (state_started_cb), &closer);
      oai_stream_run_async (closer.stream, NULL, closed_cb, &closer);
      g_signal_handler_disconnect (self->client, handler);
      g_signal_connect (closer.call, "notify::state", G_CALLBACK (state_cb), states);
      wait_until ((int) oai_call_get_state (closer.call) >= at);
      closer.closed = !closer.done;
      oai_stream_close (closer.stream);
      wait_until (closer.done);
      for (guint i = 0; i + 1 < states->len; i++)
        g_assert_cmpint (g_array_index (states, OaiCallState, i), !=, OAI_CALL_STATE_FAILED);
      g_signal_handlers_disconnect_by_data (closer.call, states);
      g_clear_object (&closer.stream);
      g_clear_object (&closer.call);
    }
}

/* A main loop in a handler, such as that of a dialog */

typedef struct
{
  GCancellable *cancellable; /* or NULL to wait for the time-out */
  gboolean done;
  gboolean waited;
} Dialog;

static void
dialog_cb (OaiCall *call, GParamSpec *pspec, Dialog *dialog)
{
  if (dialog->waited)
    return;

  dialog->waited = TRUE;
  if (dialog->cancellable != NULL)
    g_cancellable_cancel (dialog->cancellable);
  wait_until (dialog->done);
}

static void
dialog_started_cb (OaiClient *client, OaiCall *call, Dialog *dialog)
{
  g_signal_connect (call, "notify::status-code", G_CALLBACK (dialog_cb), dialog);
}

static void
dialog_created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Dialog *dialog = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiChatCompletion) completion = oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (source), result, &error);

  g_assert_null (completion);
  if (dialog->cancellable != NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  dialog->done = TRUE;
}

static void
test_dialog (CallFixture *self, gconstpointer cancels)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Dialog dialog = { .cancellable = cancels != NULL ? cancellable : NULL };
  gulong handler = g_signal_connect (self->client, "call-started", G_CALLBACK (dialog_started_cb), &dialog);

  if (cancels == NULL)
    oai_settings_set_timeout_ms (self->settings, 1000); /* enough for the headers of the reply, even on a slow machine */
  oai_chat_endpoint_create_async (self->chat, self->request, cancellable, dialog_created_cb, &dialog);
  wait_until (dialog.done);
  g_assert_true (dialog.waited);
  g_signal_handler_disconnect (self->client, handler);
}

/* The main context of handlers during a blocking call */

typedef struct
{
  CallFixture *fixture;
  guint n_handlers;
  GAsyncResult *result; /* for an asynchronous call that a handler started */
  gboolean looped;
  gboolean looping;
} Watcher;

static void
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
}

static void
watch (Watcher *watcher)
{
  g_assert_null (g_main_context_get_thread_default ());
  watcher->n_handlers++;
  if (watcher->n_handlers == 2 && watcher->result == NULL)
    oai_chat_endpoint_create_async (watcher->fixture->chat, watcher->fixture->request, NULL, call_store_result, &watcher->result);
  if (watcher->n_handlers == 3 && !watcher->looping)
    {
      g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

      watcher->looping = TRUE;
      g_timeout_add_once (20, quit_cb, loop);
      g_main_loop_run (loop);
      watcher->looped = TRUE;
    }
}

static void
watch_started_cb (OaiClient *client, OaiCall *call, Watcher *watcher)
{
  watch (watcher);
  g_signal_connect_swapped (call, "notify", G_CALLBACK (watch), watcher);
}

static void
finish_watching (Watcher *watcher)
{
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (watcher->looped);
  call_wait (&watcher->result);
  completion = oai_chat_endpoint_create_finish (watcher->fixture->chat, watcher->result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (completion);
  g_clear_object (&watcher->result);
}

static void
test_context_of_call (CallFixture *self, gconstpointer user_data)
{
  Watcher watcher = { .fixture = self };
  gulong handler = g_signal_connect (self->client, "call-started", G_CALLBACK (watch_started_cb), &watcher);
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;

  completion = oai_chat_endpoint_create (self->chat, self->request, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (completion);
  finish_watching (&watcher);
  g_signal_handler_disconnect (self->client, handler);
}

static void
test_context_of_stream (CallFixture *self, gconstpointer user_data)
{
  Watcher watcher = { .fixture = self };
  OaiStream *stream = OAI_STREAM (call_fixture_stream (self));
  const char *signals[] = { "notify::running", "chunk", "event", "content-delta" };
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_swapped (stream, signals[i], G_CALLBACK (watch), &watcher);
  call_fixture_push (self, call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_STOP, NULL));
  record = oai_stream_run (stream, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (record)), ==, "ab");
  finish_watching (&watcher);
  g_object_unref (stream);
}

static void
close_chunk_cb (OaiStream *stream, OaiRecord *chunk, gpointer user_data)
{
  oai_stream_close (stream);
}

/* The stream belongs to the main context of the blocking call, not to that of the handler. */
static void
test_close_blocking_stream (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiStream) stream = OAI_STREAM (call_fixture_stream (self));
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (stream, "chunk", G_CALLBACK (close_chunk_cb), NULL);
  call_fixture_push (self, call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_STOP, NULL));
  record = oai_stream_run (stream, NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (record);
}

static void
test_context_of_page (CallFixture *self, gconstpointer user_data)
{
  Watcher watcher = { .fixture = self };
  g_autoptr (OaiFilesEndpoint) files = oai_files_endpoint_new (self->client);
  OaiPagedList *page;
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, oai_mock_reply_new_json (200, "{\"object\":\"list\",\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"last_id\":\"a\"}"));
  page = oai_files_endpoint_list (files, NULL, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (page, "items-changed", G_CALLBACK (watch), &watcher);
  g_signal_connect_swapped (page, "notify", G_CALLBACK (watch), &watcher);
  call_fixture_push (self, oai_mock_reply_new_json (200, "{\"object\":\"list\",\"data\":[{\"id\":\"b\"}],\"has_more\":false}"));
  oai_paged_list_load_more (page, NULL, &error);
  g_assert_no_error (error);
  finish_watching (&watcher);
  g_object_unref (page);
}

/* Main loops in handlers of a stream */

typedef struct
{
  guint n_deltas;
  guint depth;
  guint n_ticks; /* of the timer of the nested loop */
  guint n_iterations;
} Nesting;

#define TICKS_PER_DELTA 5

static gboolean
tick_cb (gpointer user_data)
{
  ((Nesting *) user_data)->n_ticks++;

  return G_SOURCE_CONTINUE;
}

static void
iterate_in_delta_cb (OaiChatStream *stream, const char *text, guint choice, Nesting *nesting)
{
  guint end = nesting->n_ticks + TICKS_PER_DELTA;
  guint timer = g_timeout_add (2, tick_cb, nesting);

  nesting->n_deltas++;
  nesting->depth++;
  g_assert_cmpuint (nesting->depth, ==, 1);
  while (nesting->n_ticks < end)
    {
      g_main_context_iteration (NULL, TRUE);
      nesting->n_iterations++;
    }
  nesting->depth--;
  g_source_remove (timer);
}

/* More events arrive while a handler iterates the main loop.  They are read when it has returned,
 * and do not keep the main loop busy until then. */
static void
test_loop_in_delta (CallFixture *self, gconstpointer user_data)
{
  for (guint blocking = 0; blocking < 2; blocking++)
    {
      OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_TEXT ("c"), CHUNK_TEXT ("d"), CHUNK_STOP, NULL);
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (OaiRecord) record = NULL;
      g_autoptr (GError) error = NULL;
      Nesting nesting = { 0 };

      oai_mock_reply_set_chunk_size (reply, 100);
      oai_mock_reply_set_chunk_delay (reply, 1);
      call_fixture_push (self, reply);
      g_signal_connect (stream, "content-delta", G_CALLBACK (iterate_in_delta_cb), &nesting);
      record = blocking ? oai_stream_run (OAI_STREAM (stream), NULL, &error) : call_fixture_run (OAI_STREAM (stream), NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (record)), ==, "abcd");
      g_assert_cmpuint (nesting.n_deltas, ==, 4);
      /* The ticks, and a few others. */
      g_assert_cmpuint (nesting.n_iterations, <, 4 * (TICKS_PER_DELTA + 5));
    }
}

#define add(path, data, func) g_test_add (path, CallFixture, data, call_fixture_set_up, func, call_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("/handlers/close-a-stream-whenever-its-call-changes", NULL, test_close);
  add ("/handlers/cancelled-in-a-handler-is-not-sent", NULL, test_cancel_before_sending);
  add ("/handlers/nothing-follows-a-failed-call", NULL, test_final_state);
  add ("/handlers/cancel-within-a-dialog", "cancel", test_dialog);
  add ("/handlers/time-out-within-a-dialog", NULL, test_dialog);
  add ("/handlers/of-blocking-calls-run-in-the-callers-context", NULL, test_context_of_call);
  add ("/handlers/of-blocking-streams-run-in-the-callers-context", NULL, test_context_of_stream);
  add ("/handlers/of-lists-that-block-run-in-the-callers-context", NULL, test_context_of_page);
  add ("/handlers/main-loop-in-a-delta", NULL, test_loop_in_delta);
  add ("/handlers/close-a-blocking-stream", NULL, test_close_blocking_stream);

  return g_test_run ();
}
