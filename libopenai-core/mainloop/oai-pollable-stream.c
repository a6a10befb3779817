/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-pollable-stream-private.h"

static void oai_pollable_stream_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (OaiPollableStream, oai_pollable_stream, G_TYPE_INPUT_STREAM,
                                  G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, oai_pollable_stream_pollable_init))

static gssize
oai_pollable_stream_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  return OAI_POLLABLE_STREAM_GET_CLASS (stream)->read (OAI_POLLABLE_STREAM (stream), buffer, count, TRUE, cancellable, error);
}

static gssize
oai_pollable_stream_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  return OAI_POLLABLE_STREAM_GET_CLASS (stream)->read (OAI_POLLABLE_STREAM (stream), buffer, count, FALSE, NULL, error);
}

static gboolean
oai_pollable_stream_is_readable (GPollableInputStream *stream)
{
  return OAI_POLLABLE_STREAM_GET_CLASS (stream)->is_readable (OAI_POLLABLE_STREAM (stream));
}

static GSource *
oai_pollable_stream_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  g_autoptr(GSource) child = OAI_POLLABLE_STREAM_GET_CLASS (stream)->create_child (OAI_POLLABLE_STREAM (stream));

  if (child == NULL)
    child = g_timeout_source_new (0);

  return g_pollable_source_new_full (stream, child, cancellable);
}

/* Ignores the cancellable, since what the stream holds has to be released in any case. */
static gboolean
oai_pollable_stream_close (GInputStream *stream, GCancellable *cancellable, GError **error)
{
  OAI_POLLABLE_STREAM_GET_CLASS (stream)->close (OAI_POLLABLE_STREAM (stream));

  return TRUE;
}

/* Closing does not block, so it needs no thread. */
static void
oai_pollable_stream_close_async (GInputStream *stream, int io_priority, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (stream, cancellable, callback, user_data);

  g_task_set_source_tag (task, oai_pollable_stream_close_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_return_boolean (task, oai_pollable_stream_close (stream, NULL, NULL));
}

static gboolean
oai_pollable_stream_close_finish (GInputStream *stream, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* The defaults of the virtual functions */

static gboolean
oai_pollable_stream_real_is_readable (OaiPollableStream *self)
{
  return TRUE;
}

static GSource *
oai_pollable_stream_real_create_child (OaiPollableStream *self)
{
  return NULL;
}

static void
oai_pollable_stream_real_close (OaiPollableStream *self)
{
}

static void
oai_pollable_stream_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = oai_pollable_stream_is_readable;
  iface->create_source = oai_pollable_stream_create_source;
  iface->read_nonblocking = oai_pollable_stream_read_nonblocking;
}

static void
oai_pollable_stream_class_init (OaiPollableStreamClass *klass)
{
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  stream_class->read_fn = oai_pollable_stream_read;
  stream_class->close_fn = oai_pollable_stream_close;
  stream_class->close_async = oai_pollable_stream_close_async;
  stream_class->close_finish = oai_pollable_stream_close_finish;
  klass->is_readable = oai_pollable_stream_real_is_readable;
  klass->create_child = oai_pollable_stream_real_create_child;
  klass->close = oai_pollable_stream_real_close;
}

static void
oai_pollable_stream_init (OaiPollableStream *self)
{
}
