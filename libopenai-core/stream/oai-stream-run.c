/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ways to use a stream: push and pull, with and without waiting. */

#include "oai-blocking-call-private.h"
#include "oai-stream-request-private.h"

/**
 * oai_stream_run_async:
 * @self: a stream that was not started yet
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @callback: (scope async) (nullable): called when the stream is over, well or not
 * @user_data: data for @callback
 *
 * Starts [method@Oai.Stream.run]. Signals are emitted in the main context that
 * is the thread's default now.
 *
 * Since: 1.0
 */
void
oai_stream_run_async (OaiStream *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (OAI_IS_STREAM (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_stream_run_async);
  g_task_set_check_cancellable (task, FALSE);
  oai_stream_push (self, task);
}

/**
 * oai_stream_run_finish:
 * @self: a stream
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Oai.Stream.run_async].
 *
 * Returns: (transfer full): the whole reply as a record
 *
 * Since: 1.0
 */
OaiRecord *
oai_stream_run_finish (OaiStream *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_stream_run:
 * @self: a stream that was not started yet
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @error: return location for an error
 *
 * Reads the stream to its end. Pieces are told of by signals, and folded into
 * the record that is returned. Blocks until the stream is over; see
 * [method@Oai.Stream.run_async].
 *
 * Fails with %OAI_ERROR_INCOMPLETE when the reply broke off; what has arrived
 * is there with [method@Oai.Stream.dup_result].
 *
 * Returns: (transfer full): the whole reply as a record
 *
 * Since: 1.0
 */
OaiRecord *
oai_stream_run (OaiStream *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  OaiRecord *record;

  g_return_val_if_fail (OAI_IS_STREAM (self), NULL);

  oai_blocking_call_begin (&sync);
  oai_stream_run_async (self, cancellable, oai_blocking_call_ready, &sync);
  record = oai_stream_run_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return record;
}

static void
pull (OaiStream *self, guint max, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_check_cancellable (task, FALSE);
  oai_stream_pull (self, task, max);
}

/**
 * oai_stream_next_async:
 * @self: a stream
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @callback: (scope async): called when there is a chunk, or the stream is over
 * @user_data: data for @callback
 *
 * Starts [method@Oai.Stream.next].
 *
 * Since: 1.0
 */
void
oai_stream_next_async (OaiStream *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_STREAM (self));

  pull (self, 1, cancellable, callback, user_data, oai_stream_next_async);
}

/**
 * oai_stream_next_finish:
 * @self: a stream
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Oai.Stream.next_async].
 *
 * Returns: (nullable) (transfer full): the chunk, or %NULL on error and after the last one
 *
 * Since: 1.0
 */
OaiRecord *
oai_stream_next_finish (OaiStream *self, GAsyncResult *result, GError **error)
{
  g_autoptr(GPtrArray) chunks = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  chunks = g_task_propagate_pointer (G_TASK (result), error);
  if (chunks == NULL || chunks->len == 0)
    return NULL;

  return g_ptr_array_steal_index (chunks, 0);
}

/**
 * oai_stream_next:
 * @self: a stream
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @error: return location for an error
 *
 * Gets the next chunk. Starts the stream where it was not started. Blocks until
 * there is one; see [method@Oai.Stream.next_async].
 *
 * While they wait, calls that block have a main context of their own, and a stream
 * stays in the one that it was started in: what was begun with this goes on with
 * calls that block. Between them and [method@Oai.Stream.next_async] nothing can be
 * changed, also not in the same thread; that fails with %OAI_ERROR_INVALID_ARGUMENT.
 *
 * Returns: (nullable) (transfer full): the chunk, or %NULL on error and after the last one
 *
 * Since: 1.0
 */
OaiRecord *
oai_stream_next (OaiStream *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  OaiRecord *record;

  g_return_val_if_fail (OAI_IS_STREAM (self), NULL);

  oai_blocking_call_begin (&sync);
  oai_stream_next_async (self, cancellable, oai_blocking_call_ready, &sync);
  record = oai_stream_next_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return record;
}

/**
 * oai_stream_next_many_async:
 * @self: a stream
 * @max_items: how many chunks to get at most
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @callback: (scope async): called when there are chunks, or the stream is over
 * @user_data: data for @callback
 *
 * Starts [method@Oai.Stream.next_many].
 *
 * Since: 1.0
 */
void
oai_stream_next_many_async (OaiStream *self, guint max_items, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_STREAM (self));
  g_return_if_fail (max_items > 0);

  pull (self, max_items, cancellable, callback, user_data, oai_stream_next_many_async);
}

/**
 * oai_stream_next_many_finish:
 * @self: a stream
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Oai.Stream.next_many_async].
 *
 * Returns: (transfer container) (element-type Oai.Record): the chunks; none after the last one
 *
 * Since: 1.0
 */
GPtrArray *
oai_stream_next_many_finish (OaiStream *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_stream_next_many:
 * @self: a stream
 * @max_items: how many chunks to get at most
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @error: return location for an error
 *
 * Gets all chunks that have arrived, and at least one: cheaper than one by one
 * where many come at once. Blocks until there is one; see
 * [method@Oai.Stream.next_many_async].
 *
 * Returns: (transfer container) (element-type Oai.Record): the chunks; none after the last one
 *
 * Since: 1.0
 */
GPtrArray *
oai_stream_next_many (OaiStream *self, guint max_items, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  GPtrArray *chunks;

  g_return_val_if_fail (OAI_IS_STREAM (self), NULL);
  g_return_val_if_fail (max_items > 0, NULL);

  oai_blocking_call_begin (&sync);
  oai_stream_next_many_async (self, max_items, cancellable, oai_blocking_call_ready, &sync);
  chunks = oai_stream_next_many_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return chunks;
}
