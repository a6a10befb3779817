/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-immediate-stream-private.h"

/* The result of the last read, for which the stream itself is the GAsyncResult. */
typedef struct
{
  gssize n_read;
  GError *error;
} OaiImmediateStreamPrivate;

static void oai_immediate_stream_result_init (GAsyncResultIface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (OaiImmediateStream, oai_immediate_stream, OAI_TYPE_POLLABLE_STREAM,
                                  G_ADD_PRIVATE (OaiImmediateStream)
                                  G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_RESULT, oai_immediate_stream_result_init))

static OaiImmediateStreamPrivate *
get_private (gpointer self)
{
  return oai_immediate_stream_get_instance_private (self);
}

static void
oai_immediate_stream_finalize (GObject *object)
{
  g_clear_error (&get_private (object)->error);

  G_OBJECT_CLASS (oai_immediate_stream_parent_class)->finalize (object);
}

static void
oai_immediate_stream_read_async (GInputStream *stream, void *buffer, gsize count, int io_priority, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  OaiImmediateStreamPrivate *priv = get_private (stream);

  g_clear_error (&priv->error);
  priv->n_read = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, count, cancellable, &priv->error);
  if (g_error_matches (priv->error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    G_INPUT_STREAM_CLASS (oai_immediate_stream_parent_class)->read_async (stream, buffer, count, io_priority, cancellable, callback, user_data);
  else
    callback (G_OBJECT (stream), G_ASYNC_RESULT (stream), user_data);
}

static gssize
oai_immediate_stream_read_finish (GInputStream *stream, GAsyncResult *result, GError **error)
{
  OaiImmediateStreamPrivate *priv = get_private (stream);

  if ((gpointer) result != stream)
    return G_INPUT_STREAM_CLASS (oai_immediate_stream_parent_class)->read_finish (stream, result, error);

  if (priv->error != NULL)
    g_propagate_error (error, g_steal_pointer (&priv->error));

  return priv->n_read;
}

static gpointer
oai_immediate_stream_get_user_data (GAsyncResult *result)
{
  return NULL;
}

static GObject *
oai_immediate_stream_get_source_object (GAsyncResult *result)
{
  return g_object_ref (G_OBJECT (result));
}

static void
oai_immediate_stream_result_init (GAsyncResultIface *iface)
{
  iface->get_user_data = oai_immediate_stream_get_user_data;
  iface->get_source_object = oai_immediate_stream_get_source_object;
}

static void
oai_immediate_stream_class_init (OaiImmediateStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  object_class->finalize = oai_immediate_stream_finalize;

  stream_class->read_async = oai_immediate_stream_read_async;
  stream_class->read_finish = oai_immediate_stream_read_finish;
}

static void
oai_immediate_stream_init (OaiImmediateStream *self)
{
}
