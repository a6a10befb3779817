/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Correct and incorrect uses of a stream. */

#include "call-fixture.h"

#include <string.h>

#include "oai-chat-stream.h"
#include "oai-endpoint.h"
#include "oai-operation.h"

static gsize
size_of (const char *data)
{
  return strlen ("data: ") + strlen (data) + strlen ("\n\n");
}

static void
on_text (OaiChatStream *stream, const char *text, guint choice, GString *all)
{
  g_string_append_printf (all, "%s|", text);
}

static OaiRecord *
pull (OaiChatStream *stream, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_stream_next_async (OAI_STREAM (stream), NULL, call_store_result, &result);

  return oai_stream_next_finish (OAI_STREAM (stream), call_wait (&result), error);
}

/* Buffered text */

static void
test_coalesce (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_TEXT ("c"), CHUNK_STOP, NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), 60 * 1000);
  g_assert_cmpuint (oai_stream_get_coalesce_interval_ms (OAI_STREAM (stream)), ==, 60 * 1000);
  oai_mock_reply_set_chunk_delay (reply, 5);
  call_fixture_push (self, reply);
  g_signal_connect (stream, "content-delta", G_CALLBACK (on_text), told);
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "abc|");
}

static void
test_coalesce_by_time (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_STOP, NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OaiRecord) record G_GNUC_UNUSED = NULL;
  g_autoptr (GError) error = NULL;

  oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), 5);
  oai_mock_reply_set_hang_after (reply, size_of (CHUNK_TEXT ("a")) + size_of (CHUNK_TEXT ("b")));
  call_fixture_push (self, reply);
  g_signal_connect (stream, "content-delta", G_CALLBACK (on_text), told);
  oai_stream_run_async (OAI_STREAM (stream), NULL, call_store_result, &result);
  /* The buffered text is emitted although no more text arrives. */
  wait_until (strcmp (told->str, "ab|") == 0 || strcmp (told->str, "a|b|") == 0);
  oai_stream_close (OAI_STREAM (stream));
  g_assert_null (oai_stream_run_finish (OAI_STREAM (stream), call_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

typedef struct
{
  GString *signals;
  guint n_events;
  const guint *coalesce; /* to set at each event */
} Order;

static void
on_order_event (OaiStream *stream, const char *name, const char *json, Order *order)
{
  oai_stream_set_coalesce_interval_ms (stream, order->coalesce[order->n_events++]);
}

static void
on_order_text (OaiChatStream *stream, const char *text, guint choice, Order *order)
{
  g_string_append (order->signals, text);
}

static void
on_order_call (OaiChatStream *stream, const char *name, const char *arguments, guint choice, guint call, Order *order)
{
  g_string_append (order->signals, "(call)");
}

static void
on_order_logprobs (OaiChatStream *stream, const char *json, const char *kind, guint choice, Order *order)
{
  g_string_append (order->signals, "(logprobs)");
}

/* For every change of the property while text is buffered, and for any events in between. */
static void
test_coalesce_changed (CallFixture *self, gconstpointer user_data)
{
  const guint values[][6] = { { 60000, 0, 60000, 60000, 0, 0 }, { 60000, 60000, 0, 0, 60000, 0 }, { 0, 60000, 0, 60000, 0, 60000 }, { 60000, 60000, 60000, 60000, 60000, 60000 } };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (GString) all = g_string_new (NULL);
      g_autoptr (OaiRecord) record = NULL;
      g_autoptr (GError) error = NULL;
      Order order = { all, 0, values[i] };

      call_fixture_push (self, call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"),
                                                    CHUNK_START "\"delta\":{\"content\":\"c\"},\"logprobs\":{\"content\":[{\"token\":\"c\"}]}}]}",
                                                    CHUNK_TEXT ("d"), CHUNK_DELTA ("\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"function\":{\"name\":\"f\"}}]"),
                                                    CHUNK_STOP, NULL));
      g_signal_connect (stream, "event", G_CALLBACK (on_order_event), &order);
      g_signal_connect (stream, "content-delta", G_CALLBACK (on_order_text), &order);
      g_signal_connect (stream, "tool-call-delta", G_CALLBACK (on_order_call), &order);
      g_signal_connect (stream, "logprobs-delta", G_CALLBACK (on_order_logprobs), &order);
      record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (all->str, ==, "abc(logprobs)d(call)");
    }
}

static void
set_coalesce_cb (OaiStream *stream)
{
  oai_stream_set_coalesce_interval_ms (stream, 60 * 1000);
}

/* Text that is buffered for a minute is emitted immediately when the property changes. */
static void
test_coalesce_switched_off (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_STOP, NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  oai_mock_reply_set_hang_after (reply, size_of (CHUNK_TEXT ("a")));
  call_fixture_push (self, reply);
  g_signal_connect (stream, "event", G_CALLBACK (set_coalesce_cb), NULL);
  g_signal_connect (stream, "content-delta", G_CALLBACK (on_text), told);
  oai_stream_run_async (OAI_STREAM (stream), NULL, call_store_result, &result);
  wait_until (g_strcmp0 (oai_chat_stream_get_content (stream, 0), "a") == 0);
  g_assert_cmpstr (told->str, ==, "");
  oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), 0);
  wait_until (strcmp (told->str, "a|") == 0);
  oai_stream_close (OAI_STREAM (stream));
  g_assert_null (oai_stream_run_finish (OAI_STREAM (stream), call_wait (&result), &error));
}

static void
close_cb (OaiChatStream *stream, const char *text, guint choice, guint *n)
{
  (*n)++;
  oai_stream_close (OAI_STREAM (stream));
  g_assert_false (oai_stream_is_running (OAI_STREAM (stream)));
}

/* Buffered text is emitted when the stream has ended. A handler that closes the stream then has no effect. */
static void
test_close_in_flush (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), 60 * 1000);
  call_fixture_push (self, call_fixture_sse ("data: " CHUNK_TEXT ("a") "\n\n"));
  g_signal_connect (stream, "content-delta", G_CALLBACK (close_cb), &n);
  oai_stream_run_async (OAI_STREAM (stream), NULL, call_store_result, &result);
  record = oai_stream_run_finish (OAI_STREAM (stream), call_wait (&result), &error);
  g_assert_null (record);
  g_assert_nonnull (error);
  g_assert_cmpuint (n, ==, 1);
}

/* Handlers with side effects */

static void
test_close_in_handler (CallFixture *self, gconstpointer user_data)
{
  const char *const names[] = { "content-delta", "finished" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (OaiRecord) record = NULL;
      g_autoptr (GError) error = NULL;
      guint n = 0;

      call_fixture_push (self, call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_STOP, CHUNK_TEXT ("c"), NULL));
      g_signal_connect (stream, names[i], G_CALLBACK (close_cb), &n);
      record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (n, ==, 1);
      g_assert_cmpstr (oai_chat_stream_get_content (stream, 0), ==, i == 0 ? "a" : "ab");
      g_assert_cmpint (oai_call_get_state (oai_stream_get_call (OAI_STREAM (stream))), ==, OAI_CALL_STATE_FAILED);
    }
}

#define CHUNK_OF_TWO_CHOICES \
  CHUNK_START "\"delta\":{\"reasoning\":\"w\",\"content\":\"a\",\"refusal\":\"r\"," \
              "\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}," \
              "{\"index\":1,\"x\":\"y\",\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}]}"

/* The rest of the event, which is in memory of the connection, is read after the handler. */
static void
test_close_within_event (CallFixture *self, gconstpointer user_data)
{
  const char *const names[] = { "reasoning-delta", "content-delta", "refusal-delta", "tool-call-delta", "finished" };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (OaiRecord) record = NULL;
      g_autoptr (GError) error = NULL;

      call_fixture_push (self, call_fixture_events (CHUNK_OF_TWO_CHOICES, CHUNK_STOP, NULL));
      g_signal_connect (stream, names[i / 2], G_CALLBACK (oai_stream_close), NULL);
      if (i % 2 == 0)
        record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
      else
        record = pull (stream, &error);
      g_assert_true (record == NULL || i % 2 == 1);
      if (record == NULL)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_false (oai_stream_is_running (OAI_STREAM (stream)));
    }
}

static void
close_on_event (OaiStream *stream, const char *name, const char *json, gpointer user_data)
{
  oai_stream_close (stream);
}

static void
close_on_chunk (OaiStream *stream, OaiRecord *chunk, gpointer user_data)
{
  oai_stream_close (stream);
}

static void
close_on_notify (OaiStream *stream, GParamSpec *pspec, gpointer user_data)
{
  if (oai_stream_is_running (stream))
    oai_stream_close (stream);
}

static void
test_close_anywhere (CallFixture *self, gconstpointer user_data)
{
  const struct { const char *name; GCallback callback; } handlers[] = {
    { "event", G_CALLBACK (close_on_event) },
    { "chunk", G_CALLBACK (close_on_chunk) },
    { "notify::running", G_CALLBACK (close_on_notify) },
    { "notify::call", G_CALLBACK (close_on_notify) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    for (guint pulled = 0; pulled < 2; pulled++)
      {
        g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
        g_autoptr (OaiRecord) record = NULL;
        g_autoptr (GError) error = NULL;

        g_signal_connect (stream, handlers[i].name, handlers[i].callback, NULL);
        record = pulled ? pull (stream, &error) : call_fixture_run (OAI_STREAM (stream), NULL, &error);
        /* A chunk that had arrived before is not lost. */
        if (record == NULL)
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        else
          g_assert_true (pulled);
        g_assert_false (oai_stream_is_running (OAI_STREAM (stream)));
      }
}

static void
dispose_cb (GObject *stream)
{
  g_object_run_dispose (stream);
}

static void
dispose_on_notify (GObject *stream)
{
  if (oai_stream_is_running (OAI_STREAM (stream)))
    g_object_run_dispose (stream);
}

/* A program should not dispose an object in use, but it can. */
static void
test_dispose_anywhere (CallFixture *self, gconstpointer user_data)
{
  const struct { const char *name; GCallback callback; } handlers[] = {
    { "event", G_CALLBACK (dispose_cb) },
    { "chunk", G_CALLBACK (dispose_cb) },
    { "content-delta", G_CALLBACK (dispose_cb) },
    { "content-done", G_CALLBACK (dispose_cb) },
    { "finished", G_CALLBACK (dispose_cb) },
    { "notify::running", G_CALLBACK (dispose_on_notify) },
    { "notify::call", G_CALLBACK (dispose_on_notify) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    for (guint pulled = 0; pulled < 2; pulled++)
      {
        g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
        g_autoptr (OaiRecord) record = NULL;
        g_autoptr (GError) error = NULL;

        call_fixture_push (self, call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_STOP, CHUNK_TEXT ("c"), NULL));
        g_signal_connect (stream, handlers[i].name, handlers[i].callback, NULL);
        do
          {
            g_clear_object (&record);
            record = pulled ? pull (stream, &error) : call_fixture_run (OAI_STREAM (stream), NULL, &error);
          }
        while (pulled && record != NULL);
        g_assert_null (record);
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        g_assert_false (oai_stream_is_running (OAI_STREAM (stream)));
        g_assert_cmpint (oai_call_get_state (oai_stream_get_call (OAI_STREAM (stream))), ==, OAI_CALL_STATE_FAILED);
        oai_mock_server_reset (self->server);
      }
}

/* While it waits for the server, and while text is buffered. */
static void
test_dispose (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_STOP, NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), 60 * 1000);
  oai_mock_reply_set_hang_after (reply, size_of (CHUNK_TEXT ("a")) + size_of (CHUNK_TEXT ("b")));
  call_fixture_push (self, reply);
  g_signal_connect (stream, "content-delta", G_CALLBACK (on_text), told);
  oai_stream_run_async (OAI_STREAM (stream), NULL, call_store_result, &result);
  wait_until (g_strcmp0 (oai_chat_stream_get_content (stream, 0), "ab") == 0);
  g_object_run_dispose (G_OBJECT (stream));
  g_assert_false (oai_stream_is_running (OAI_STREAM (stream)));
  g_assert_null (oai_stream_run_finish (OAI_STREAM (stream), call_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (told->str, ==, "");
  g_assert_cmpstr (oai_chat_stream_get_content (stream, 0), ==, "ab");
}

static void
close_on_state (OaiCall *call, GParamSpec *pspec, OaiStream *stream)
{
  if (oai_call_get_state (call) == OAI_CALL_STATE_FAILED)
    oai_stream_close (stream);
}

/* The end of the call is notified while the stream closes. */
static void
test_close_in_close (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  oai_stream_run_async (OAI_STREAM (stream), NULL, call_store_result, &result);
  g_signal_connect (oai_stream_get_call (OAI_STREAM (stream)), "notify::state", G_CALLBACK (close_on_state), stream);
  oai_stream_close (OAI_STREAM (stream));
  g_assert_null (oai_stream_run_finish (OAI_STREAM (stream), call_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
read_on_state (OaiCall *call, GParamSpec *pspec, GAsyncResult **result)
{
  OaiStream *stream = g_object_get_data (G_OBJECT (call), "stream");

  g_assert_null (oai_stream_try_next (stream));
  oai_stream_next_async (stream, NULL, call_store_result, result);
}

/* A handler reads on while the stream closes. */
static void
test_read_in_close (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OaiRecord) chunk = NULL;
  g_autoptr (GError) error = NULL;
  OaiCall *call;

  oai_mock_reply_set_hang_after (reply, size_of (CHUNK_TEXT ("a")));
  call_fixture_push (self, reply);
  chunk = pull (stream, &error);
  g_assert_no_error (error);
  call = oai_stream_get_call (OAI_STREAM (stream));
  g_object_set_data (G_OBJECT (call), "stream", stream);
  g_signal_connect (call, "notify::state", G_CALLBACK (read_on_state), &result);
  oai_stream_close (OAI_STREAM (stream));
  g_assert_null (oai_stream_next_finish (OAI_STREAM (stream), call_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
unref_cb (OaiChatStream *stream, const char *text, guint choice, OaiChatStream **place)
{
  if (*place != NULL)
    g_object_unref (g_steal_pointer (place));
}

static void
test_unref_in_handler (CallFixture *self, gconstpointer user_data)
{
  OaiChatStream *stream = call_fixture_stream (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GObject) source = NULL;
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (stream, "content-delta", G_CALLBACK (unref_cb), &stream);
  oai_stream_run_async (OAI_STREAM (stream), NULL, call_store_result, &result);
  call_wait (&result);
  g_assert_null (stream);
  source = g_async_result_get_source_object (result);
  record = oai_stream_run_finish (OAI_STREAM (source), result, &error);
  g_assert_no_error (error);
}

static void
unref_on_notify (OaiStream *stream, GParamSpec *pspec, OaiStream **place)
{
  if (!oai_stream_is_running (stream))
    g_clear_object (place);
}

static void
unref_on_state (OaiCall *call, GParamSpec *pspec, OaiStream **place)
{
  if (oai_call_get_state (call) == OAI_CALL_STATE_FAILED)
    g_clear_object (place);
}

static void
unref_on_text (OaiStream *stream, const char *text, guint choice, OaiStream **place)
{
  g_clear_object (place);
}

/* A handler drops the last reference while the stream closes. The stream is read with next(), so that no task holds it. */
static void
test_unref_in_close (CallFixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 3; i++)
    {
      OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), NULL);
      OaiStream *stream = OAI_STREAM (call_fixture_stream (self));
      g_autoptr (OaiRecord) chunk = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (OaiCall) call = NULL;
      g_autoptr (GError) error = NULL;

      oai_stream_set_coalesce_interval_ms (stream, 60 * 1000);
      oai_mock_reply_set_hang_after (reply, size_of (CHUNK_TEXT ("a")));
      call_fixture_push (self, reply);
      oai_stream_next_async (stream, NULL, call_store_result, &result);
      chunk = oai_stream_next_finish (stream, call_wait (&result), &error);
      g_assert_no_error (error);
      g_clear_object (&result);
      call = g_object_ref (oai_stream_get_call (stream));
      if (i == 0)
        g_signal_connect (stream, "notify::running", G_CALLBACK (unref_on_notify), &stream);
      else if (i == 1)
        g_signal_connect (call, "notify::state", G_CALLBACK (unref_on_state), &stream);
      else
        g_signal_connect (stream, "content-delta", G_CALLBACK (unref_on_text), &stream);
      oai_stream_close (stream);
      g_assert_null (stream);
      g_assert_cmpint (oai_call_get_state (call), ==, OAI_CALL_STATE_FAILED);
    }
}

static void
iterate_cb (OaiChatStream *stream, const char *text, guint choice, guint *depth)
{
  gint64 end = g_get_monotonic_time () + 5000;

  g_assert_cmpuint (*depth, ==, 0);
  (*depth)++;
  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  (*depth)--;
}

/* Texts are still emitted in order. */
static void
test_nested_loop (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_TEXT ("c"), CHUNK_STOP, NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  guint depth = 0;

  oai_mock_reply_set_chunk_delay (reply, 1);
  call_fixture_push (self, reply);
  g_signal_connect (stream, "content-delta", G_CALLBACK (iterate_cb), &depth);
  g_signal_connect (stream, "content-delta", G_CALLBACK (on_text), told);
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "a|b|c|");
}

static void
cancel_and_iterate_cb (OaiChatStream *stream, const char *text, guint choice, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (oai_stream_is_running (OAI_STREAM (stream)));
}

static void
test_cancel_in_nested_loop (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_STOP, NULL));
  g_signal_connect (stream, "content-delta", G_CALLBACK (cancel_and_iterate_cb), cancellable);
  record = call_fixture_run (OAI_STREAM (stream), cancellable, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (oai_chat_stream_get_content (stream, 0), ==, "a");
}

/* Reading chunk by chunk */

static void
test_pull (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiRecord) result = NULL;
  guint n = 0;

  call_fixture_push (self, call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_STOP, NULL));
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiRecord) chunk = pull (stream, &error);

      g_assert_no_error (error);
      if (chunk == NULL)
        break;
      g_assert_true (OAI_IS_CHAT_CHUNK (chunk));
      n++;
      g_assert_cmpstr (oai_chat_stream_get_content (stream, 0), ==, n == 1 ? "a" : "ab");
    }
  g_assert_cmpuint (n, ==, 3);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (pull (stream, &error));
      g_assert_no_error (error);
    }
  result = oai_stream_dup_result (OAI_STREAM (stream));
  g_assert_cmpstr (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (result)), ==, "ab");
}

#define LONG 200000

static void
keep_result_cb (OaiChatStream *stream, const char *text, guint choice, GPtrArray *results)
{
  const char *content = oai_chat_stream_get_content (stream, 0);
  OaiRecord *result = oai_stream_dup_result (OAI_STREAM (stream));

  /* The text stays borrowed, and is that of the result. */
  g_assert_true (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (result)) == content);
  g_ptr_array_add (results, result);
}

static OaiChatMessage *
get_message (OaiRecord *completion)
{
  GPtrArray *choices = oai_chat_completion_get_choices (OAI_CHAT_COMPLETION (completion));

  return oai_chat_choice_get_message (g_ptr_array_index (choices, 0));
}

/* Results share a long text with the stream, and keep it when the stream continues. */
static void
test_long_results (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *text = g_strnfill (LONG, 'a');
  g_autofree char *event = g_strconcat ("data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"", text, "\"}}]}\n\n", NULL);
  g_autofree char *wire = g_strconcat (event, event, event, "data: " CHUNK_STOP "\n\ndata: [DONE]\n\n", NULL);
  g_autoptr (OaiRecord) last = NULL;
  g_autoptr (OaiRecord) copy = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (stream, "content-delta", G_CALLBACK (keep_result_cb), results);
  call_fixture_push (self, call_fixture_sse (wire));
  last = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);

  g_assert_cmpuint (results->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (strlen (oai_chat_completion_get_text (g_ptr_array_index (results, i))), ==, (i + 1) * LONG);

  /* A change of one record does not affect the others. */
  oai_chat_message_set_content (get_message (last), "other");
  copy = oai_stream_dup_result (OAI_STREAM (stream));
  g_clear_object (&stream);
  g_assert_cmpstr (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (last)), ==, "other");
  g_assert_cmpuint (strlen (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (copy))), ==, 3 * LONG);
  g_assert_cmpuint (strlen (oai_chat_completion_get_text (g_ptr_array_index (results, 2))), ==, 3 * LONG);
}

static void
test_pull_many (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GError) error = NULL;
  guint total = 0;

  call_fixture_push (self, call_fixture_sse ("data: " CHUNK_TEXT ("a") "\n\ndata: " CHUNK_TEXT ("b") "\n\ndata: " CHUNK_TEXT ("c") CHUNK_TEXT ("d") "\n\ndata: " CHUNK_STOP "\n\ndata: [DONE]\n\n"));
  for (;;)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GPtrArray) chunks = NULL;

      oai_stream_next_many_async (OAI_STREAM (stream), 2, NULL, call_store_result, &result);
      chunks = oai_stream_next_many_finish (OAI_STREAM (stream), call_wait (&result), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (chunks->len, <=, 2);
      if (chunks->len == 0)
        break;
      total += chunks->len;
    }
  g_assert_cmpuint (total, ==, 5);
  g_assert_cmpstr (oai_chat_stream_get_content (stream, 0), ==, "abcd");
}

#define THREE_CHUNKS "data: " CHUNK_TEXT ("a") "\n\ndata: " CHUNK_TEXT ("b") "\n\ndata: " CHUNK_TEXT ("c") "\n\n"

/* Gets two chunks that were received with the first one. */
static void
try_two (OaiChatStream *stream)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (OaiRecord) chunk = oai_stream_try_next (OAI_STREAM (stream));

      g_assert_true (OAI_IS_CHAT_CHUNK (chunk));
      g_assert_cmpstr (oai_chat_stream_get_content (stream, 0), ==, i == 0 ? "ab" : "abc");
    }
  g_assert_null (oai_stream_try_next (OAI_STREAM (stream)));
}

/* Chunks that have been received are returned in order, one at a time, and before the error. */
static void
test_try_next (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OaiRecord) chunk = NULL;
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, call_fixture_sse (THREE_CHUNKS));
  g_assert_null (oai_stream_try_next (OAI_STREAM (stream)));
  g_assert_null (oai_stream_get_call (OAI_STREAM (stream)));
  oai_stream_next_async (OAI_STREAM (stream), NULL, call_store_result, &result);
  g_assert_null (oai_stream_try_next (OAI_STREAM (stream)));
  chunk = oai_stream_next_finish (OAI_STREAM (stream), call_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_nonnull (chunk);
  try_two (stream);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) reason = NULL;

      g_assert_null (pull (stream, &reason));
      g_assert_error (reason, OAI_ERROR, OAI_ERROR_INCOMPLETE);
      g_assert_null (oai_stream_try_next (OAI_STREAM (stream)));
    }
}

/* The handler runs in the main context of the caller, and cannot read the stream. */
static void
try_in_handler_cb (OaiStream *stream, OaiRecord *chunk, guint *n)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (GError) error = NULL;

  g_assert_true (context == g_main_context_default ());
  g_assert_null (oai_stream_try_next (stream));
  g_assert_null (oai_stream_next (stream, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  ++*n;
}

static void
test_try_next_blocking (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiRecord) chunk = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  call_fixture_push (self, call_fixture_sse (THREE_CHUNKS "data: " CHUNK_STOP "\n\n"));
  g_signal_connect (stream, "chunk", G_CALLBACK (try_in_handler_cb), &n);
  chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&chunk);
  for (guint i = 0; i < 3; i++)
    {
      chunk = oai_stream_try_next (OAI_STREAM (stream));
      g_assert_nonnull (chunk);
      g_clear_object (&chunk);
    }
  g_assert_cmpuint (n, ==, 4);
  g_assert_null (oai_stream_next (OAI_STREAM (stream), NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_stream_get_content (stream, 0), ==, "abc");
}

/* A closed stream keeps the received chunks that it has handled.  The handler of a chunk that
 * try_next() gets may close the stream and release it. */
static void
close_in_handler_cb (OaiStream *stream)
{
  oai_stream_close (stream);
}

static void
test_try_next_closed (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiRecord) first = NULL;
  g_autoptr (OaiRecord) second = NULL;
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, call_fixture_sse (THREE_CHUNKS));
  first = pull (stream, &error);
  g_assert_no_error (error);
  g_signal_connect (stream, "chunk", G_CALLBACK (close_in_handler_cb), NULL);
  second = oai_stream_try_next (OAI_STREAM (stream));
  g_assert_nonnull (second);
  g_assert_null (oai_stream_try_next (OAI_STREAM (stream)));
  g_assert_null (pull (stream, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Chunks that have arrived are returned before the error, which all later calls return. */
static void
test_pull_error (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);

  call_fixture_push (self, call_fixture_sse ("data: " CHUNK_TEXT ("a") "\n\n"));
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiRecord) chunk = pull (stream, &error);

      if (i == 0)
        g_assert_nonnull (chunk);
      else
        g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
    }
}

/* The time between two calls of next() does not count for the time-out. */
static void
test_slow_reader (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GError) error = NULL;
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_STOP, NULL);

  oai_settings_set_idle_timeout_ms (self->settings, 500);
  call_fixture_push (self, reply);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (OaiRecord) chunk = pull (stream, &error);
      gint64 end = g_get_monotonic_time () + 700 * 1000;

      g_assert_no_error (error);
      g_assert_nonnull (chunk);
      while (i == 0 && g_get_monotonic_time () < end)
        g_main_context_iteration (NULL, FALSE);
    }
  g_assert_null (pull (stream, &error));
  g_assert_no_error (error);
}

typedef struct
{
  GSocketListener *listener;
  gsize sent;
  int over;
} Flood;

#define FLOOD_LIMIT (64 * 1024 * 1024)

static gpointer
flood (gpointer data)
{
  Flood *self = data;
  g_autoptr (GSocketConnection) connection = g_socket_listener_accept (self->listener, NULL, NULL, NULL);
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  const char *head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
  const char *event = "data: " CHUNK_TEXT ("x") "\n\n";
  char buffer[4096];

  g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), buffer, sizeof buffer, NULL, NULL);
  g_output_stream_write_all (out, head, strlen (head), NULL, NULL, NULL);
  while (g_atomic_pointer_get (&self->sent) < FLOOD_LIMIT && g_output_stream_write_all (out, event, strlen (event), NULL, NULL, NULL))
    g_atomic_pointer_add (&self->sent, strlen (event));
  g_atomic_int_set (&self->over, TRUE);

  return NULL;
}

static void
test_back_pressure (CallFixture *self, gconstpointer user_data)
{
  Flood server = { g_socket_listener_new (), 0, FALSE };
  guint port = g_socket_listener_add_any_inet_port (server.listener, NULL, NULL);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/v1", port);
  g_autoptr (OaiChatStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("flood", flood, &server);
  gsize before, after;

  oai_settings_set_base_url (self->settings, url, &error);
  g_assert_no_error (error);
  stream = call_fixture_stream (self);
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (OaiRecord) chunk = pull (stream, &error);

      g_assert_no_error (error);
      g_assert_nonnull (chunk);
    }
  /* Until the buffers of the operating system are full. */
  do
    {
      gint64 end = g_get_monotonic_time () + 200 * 1000;

      before = (gsize) g_atomic_pointer_get (&server.sent);
      while (g_get_monotonic_time () < end)
        g_main_context_iteration (NULL, FALSE);
      after = (gsize) g_atomic_pointer_get (&server.sent);
    }
  while (after != before && after < FLOOD_LIMIT);
  g_assert_cmpuint (after, <, FLOOD_LIMIT / 2);
  g_assert_cmpuint (strlen (oai_chat_stream_get_content (stream, 0)), ==, 100);
  oai_stream_close (OAI_STREAM (stream));
  wait_until (g_atomic_int_get (&server.over));
  g_thread_join (thread);
  g_object_unref (server.listener);
}

typedef struct
{
  GError *error;
  guint n;
} Chain;

static void
next_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Chain *chain = user_data;
  g_autoptr (OaiRecord) chunk = oai_stream_next_finish (OAI_STREAM (source), result, &chain->error);

  if (chunk == NULL)
    return;

  chain->n++;
  oai_stream_next_async (OAI_STREAM (source), NULL, next_cb, chain);
}

/* The callback of a chunk requests the next one, as in C and Vala programs. */
static void
test_pull_in_callback (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  Chain chain = { NULL, 0 };

  oai_settings_set_idle_timeout_ms (self->settings, 100);
  oai_mock_reply_set_hang_after (reply, size_of (CHUNK_TEXT ("a")));
  call_fixture_push (self, reply);
  oai_stream_next_async (OAI_STREAM (stream), NULL, next_cb, &chain);
  wait_until (chain.error != NULL);
  g_assert_error (chain.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpuint (chain.n, ==, 1);
  g_clear_error (&chain.error);
}

#define N_VALUES 8000

/* Many values in one event, or instead of events: each is parsed when it is requested, and
 * references only its bytes. */
static void
test_pull_values (CallFixture *self, gconstpointer user_data)
{
  static const char value[] = "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}";

  for (guint whole = 0; whole < 2; whole++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (GString) body = g_string_new (whole ? NULL : "data: ");
      g_autoptr (GPtrArray) chunks = g_ptr_array_new_with_free_func (g_object_unref);
      g_autoptr (GError) error = NULL;
      OaiRecord *chunk;

      for (guint i = 0; i < N_VALUES; i++)
        g_string_append (body, value);
      g_string_append (body, whole ? CHUNK_STOP : "\n\ndata: [DONE]\n\n");
      call_fixture_push (self, oai_mock_reply_new_text (200, whole ? "application/json" : "text/event-stream", body->str));
      for (guint i = 1; i <= 3; i++)
        {
          g_ptr_array_add (chunks, oai_stream_next (OAI_STREAM (stream), NULL, &error));
          g_assert_no_error (error);
          g_assert_cmpuint (strlen (oai_chat_stream_get_content (stream, 0)), ==, i);
        }
      while ((chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error)) != NULL)
        g_ptr_array_add (chunks, chunk);
      g_assert_no_error (error);
      g_assert_cmpuint (chunks->len, ==, N_VALUES + whole);
      g_assert_cmpuint (strlen (oai_chat_stream_get_content (stream, 0)), ==, N_VALUES);
    }
}

/* Arguments that arrive alternately for two calls are not parsed again each time. */
static void
test_calls_in_turn (CallFixture *self, gconstpointer user_data)
{
  const guint n = 12000;
  g_autofree char *filler = g_strnfill (200, 'x');
  g_autoptr (GString) body = g_string_new (NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (body, "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":%u,\"function\":{\"name\":\"f\",\"arguments\":\"%s%s%s\"}}]}}]}\n\n",
                            i % 2, i < 2 ? "{\\\"a\\\":[\\\"}]" : "", filler, i >= n - 2 ? "\\\"]}" : "");
  g_string_append (body, "data: " CHUNK_STOP "\n\ndata: [DONE]\n\n");
  call_fixture_push (self, call_fixture_sse (body->str));
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (OaiChatToolCall) call = oai_chat_stream_dup_tool_call (stream, 0, i);
      const char *arguments = oai_chat_function_call_get_arguments (oai_chat_tool_call_get_function (call));

      g_assert_cmpuint (strlen (arguments), ==, strlen ("{\"a\":[\"}]\"]}") + n / 2 * 200);
    }
}

/* Misuse */

static void
test_used_twice (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, oai_mock_reply_new_hang ());
  oai_stream_run_async (OAI_STREAM (stream), NULL, call_store_result, &result);
  g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  g_assert_null (pull (stream, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  oai_stream_close (OAI_STREAM (stream));
  g_assert_null (oai_stream_run_finish (OAI_STREAM (stream), call_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_closed_before (CallFixture *self, gconstpointer user_data)
{
  for (guint pulled = 0; pulled < 2; pulled++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (GError) error = NULL;

      oai_stream_close (OAI_STREAM (stream));
      oai_stream_close (OAI_STREAM (stream));
      g_assert_null (pulled ? pull (stream, &error) : call_fixture_run (OAI_STREAM (stream), NULL, &error));
      g_assert_nonnull (error);
    }
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 0);
}

static void
test_cancelled_before (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (call_fixture_run (OAI_STREAM (stream), cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 0);
}

/* Signals and properties */

static void
on_event (OaiStream *stream, const char *name, const char *json, GString *all)
{
  g_string_append_printf (all, "%s:%s;", name != NULL ? name : "", json);
}

static void
on_notify (OaiStream *stream, GParamSpec *pspec, GString *all)
{
  g_string_append_printf (all, "%d", oai_stream_is_running (stream));
}

static void
test_raw_events (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GString) events = g_string_new (NULL);
  g_autoptr (GString) running = g_string_new (NULL);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, call_fixture_sse ("event: brand.new\ndata: {\"x\":1}\n\ndata: {\"choices\":[]}\n\ndata: [DONE]\n\n"));
  g_signal_connect (stream, "event", G_CALLBACK (on_event), events);
  g_signal_connect (stream, "notify::running", G_CALLBACK (on_notify), running);
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (events->str, ==, "brand.new:{\"x\":1};:{\"choices\":[]};");
  g_assert_cmpstr (running->str, ==, "10");
}

/* Time-outs and retries */

static void
test_idle_timeout (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  oai_settings_set_idle_timeout_ms (self->settings, 50);
  oai_settings_set_max_retries (self->settings, 2);
  oai_mock_reply_set_hang_after (reply, size_of (CHUNK_TEXT ("a")));
  call_fixture_push (self, reply);
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpstr (oai_chat_stream_get_content (stream, 0), ==, "a");
  /* Nothing that the caller has received is requested again. */
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 1);
  wait_until (oai_mock_server_get_n_aborted (self->server) == 1);
}

static void
test_total_is_for_the_head (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_STOP, NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  oai_settings_set_timeout_ms (self->settings, 1000);
  oai_mock_reply_set_chunk_delay (reply, 400);
  call_fixture_push (self, reply);
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
}

static void
test_retries (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *busy = oai_mock_reply_new_error (503, "x", NULL, "Not now");
  OaiMockReply *truncated = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_STOP, NULL);
  g_autoptr (OaiChatStream) first = call_fixture_stream (self);
  g_autoptr (OaiChatStream) second = call_fixture_stream (self);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  oai_settings_set_max_retries (self->settings, 2);
  oai_mock_reply_set_header (busy, "retry-after-ms", "1");
  call_fixture_push (self, busy);
  record = call_fixture_run (OAI_STREAM (first), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_call_get_n_attempts (oai_stream_get_call (OAI_STREAM (first))), ==, 2);

  oai_mock_reply_set_truncate_after (truncated, 20);
  call_fixture_push (self, truncated);
  g_assert_null (call_fixture_run (OAI_STREAM (second), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  g_assert_cmpuint (oai_call_get_n_attempts (oai_stream_get_call (OAI_STREAM (second))), ==, 1);
}

/* Streams of modules without a stream class */

typedef OaiEndpoint PlainEndpoint;
typedef OaiEndpointClass PlainEndpointClass;

GType plain_endpoint_get_type (void);

G_DEFINE_FINAL_TYPE (PlainEndpoint, plain_endpoint, OAI_TYPE_ENDPOINT)

static const OaiOperation plain_operations[] = {
  {
    .name = "watch",
    .method = "POST",
    .path = "watch",
    .result = OAI_RESULT_RECORD,
    .request_type = oai_chat_request_get_type,
    .result_type = oai_chat_completion_get_type,
    .chunk_type = oai_chat_completion_get_type,
    .stream_type = oai_stream_get_type,
    .stream_member = "stream",
  },
};

static const OaiEndpointTable plain_table = {
  OAI_ENDPOINT_TABLE_SIZES,
  .name = "plain",
  .operations = plain_operations,
  .n_operations = G_N_ELEMENTS (plain_operations),
};

static void
plain_endpoint_class_init (PlainEndpointClass *klass)
{
  oai_endpoint_class_set_table (klass, &plain_table);
}

static void
plain_endpoint_init (PlainEndpoint *self)
{
}

static void
test_plain (CallFixture *self, gconstpointer user_data)
{
  static const char *const bodies[] = { "data: [DONE]\n\n", "data: {\"id\":\"1\"}\n\ndata: {\"id\":\"2\"}\n\ndata: [DONE]\n\n" };
  g_autoptr (OaiEndpoint) endpoint = g_object_new (plain_endpoint_get_type (), "client", self->client, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (OaiStream) stream = oai_endpoint_stream (endpoint, 0, NULL, NULL, OAI_RECORD (self->request));
      g_autoptr (OaiRecord) record = NULL;
      g_autoptr (GError) error = NULL;

      call_fixture_push (self, call_fixture_sse (bodies[i]));
      record = call_fixture_run (stream, NULL, &error);
      if (i == 0)
        {
          g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
          g_assert_null (record);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (oai_record_get_string_member (record, "id"), ==, "2");
    }
}

#define add(path, func) g_test_add (path, CallFixture, NULL, call_fixture_set_up, func, call_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/streams/coalesce/all", test_coalesce);
  add ("/streams/coalesce/by-time", test_coalesce_by_time);
  add ("/streams/coalesce/changed-while-text-is-buffered", test_coalesce_changed);
  add ("/streams/coalesce/switched-off", test_coalesce_switched_off);
  add ("/streams/coalesce/closed-at-the-end", test_close_in_flush);
  add ("/streams/handlers/close", test_close_in_handler);
  add ("/streams/handlers/close-within-event", test_close_within_event);
  add ("/streams/handlers/close-anywhere", test_close_anywhere);
  add ("/streams/handlers/close-in-close", test_close_in_close);
  add ("/streams/handlers/read-in-close", test_read_in_close);
  add ("/streams/handlers/dispose-anywhere", test_dispose_anywhere);
  add ("/streams/handlers/unref", test_unref_in_handler);
  add ("/streams/handlers/unref-in-close", test_unref_in_close);
  add ("/streams/handlers/nested-loop", test_nested_loop);
  add ("/streams/handlers/cancel-in-nested-loop", test_cancel_in_nested_loop);
  add ("/streams/pull/one-by-one", test_pull);
  add ("/streams/long-results", test_long_results);
  add ("/streams/pull/many", test_pull_many);
  add ("/streams/pull/try", test_try_next);
  add ("/streams/pull/try-blocking", test_try_next_blocking);
  add ("/streams/pull/try-closed", test_try_next_closed);
  add ("/streams/pull/error", test_pull_error);
  add ("/streams/pull/in-the-callback", test_pull_in_callback);
  add ("/streams/pull/many-values", test_pull_values);
  add ("/streams/pull/slow-reader", test_slow_reader);
  add ("/streams/pull/back-pressure", test_back_pressure);
  add ("/streams/consecutive-calls", test_calls_in_turn);
  add ("/streams/misuse/used-twice", test_used_twice);
  add ("/streams/misuse/disposed", test_dispose);
  add ("/streams/misuse/closed-before", test_closed_before);
  add ("/streams/misuse/cancelled-before", test_cancelled_before);
  add ("/streams/raw-events", test_raw_events);
  add ("/streams/idle-time-out", test_idle_timeout);
  add ("/streams/total-time-out", test_total_is_for_the_head);
  add ("/streams/retries", test_retries);
  add ("/streams/plain", test_plain);

  return g_test_run ();
}
