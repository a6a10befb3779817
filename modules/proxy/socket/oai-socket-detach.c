/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-socket-detach-private.h"

#include "oai-pollable-stream-private.h"

/* A stream from which nothing ever arrives. */
#define OAI_TYPE_SILENT_STREAM (oai_silent_stream_get_type ())
G_DECLARE_FINAL_TYPE (OaiSilentStream, oai_silent_stream, OAI, SILENT_STREAM, OaiPollableStream)

struct _OaiSilentStream
{
  OaiPollableStream parent_instance;
};

G_DEFINE_FINAL_TYPE (OaiSilentStream, oai_silent_stream, OAI_TYPE_POLLABLE_STREAM)

static gssize
oai_silent_stream_read (OaiPollableStream *stream, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "No bytes");

  return -1;
}

static gboolean
oai_silent_stream_is_readable (OaiPollableStream *stream)
{
  return FALSE;
}

static GSource *
oai_silent_stream_create_child (OaiPollableStream *stream)
{
  GSource *never = g_timeout_source_new (0);

  g_source_set_ready_time (never, -1);

  return never;
}

static void
oai_silent_stream_class_init (OaiSilentStreamClass *klass)
{
  OaiPollableStreamClass *stream_class = OAI_POLLABLE_STREAM_CLASS (klass);

  stream_class->read = oai_silent_stream_read;
  stream_class->is_readable = oai_silent_stream_is_readable;
  stream_class->create_child = oai_silent_stream_create_child;
}

static void
oai_silent_stream_init (OaiSilentStream *self)
{
}

static GBytes *
read_buffer (GFilterInputStream *filter)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 some[1024];
  gssize n;

  while ((n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (filter), some, sizeof some, NULL, NULL)) > 0)
    g_byte_array_append (bytes, some, (guint) n);

  return g_byte_array_free_to_bytes (bytes);
}

/* The source of libsoup is for the previous stream.  It is dispatched once more at most, and then created again. */
GInputStream *
oai_socket_detach_input (SoupWebsocketConnection *connection, GBytes **first)
{
  GInputStream *input = g_io_stream_get_input_stream (soup_websocket_connection_get_io_stream (connection));
  GFilterInputStream *filter = G_IS_FILTER_INPUT_STREAM (input) ? G_FILTER_INPUT_STREAM (input) : NULL;
  GInputStream *base;

  if (filter == NULL || !G_IS_POLLABLE_INPUT_STREAM (filter->base_stream))
    return NULL;

  base = filter->base_stream;
  filter->base_stream = g_object_new (OAI_TYPE_SILENT_STREAM, NULL);
  *first = read_buffer (filter);

  return base;
}
