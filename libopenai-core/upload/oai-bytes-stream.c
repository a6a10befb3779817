/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-bytes-stream-private.h"

#include <string.h>

struct _OaiBytesStream
{
  OaiImmediateStream parent_instance;

  GBytes *bytes;
  gsize position;
};

G_DEFINE_FINAL_TYPE (OaiBytesStream, oai_bytes_stream, OAI_TYPE_IMMEDIATE_STREAM)

static gssize
oai_bytes_stream_read (OaiPollableStream *stream, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  OaiBytesStream *self = OAI_BYTES_STREAM (stream);
  gsize size;
  const char *data = g_bytes_get_data (self->bytes, &size);
  gsize n = MIN (count, size - self->position);

  if (n > 0)
    memcpy (buffer, data + self->position, n);
  self->position += n;

  return n;
}

static void
oai_bytes_stream_finalize (GObject *object)
{
  g_bytes_unref (OAI_BYTES_STREAM (object)->bytes);

  G_OBJECT_CLASS (oai_bytes_stream_parent_class)->finalize (object);
}

static void
oai_bytes_stream_class_init (OaiBytesStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  OaiPollableStreamClass *stream_class = OAI_POLLABLE_STREAM_CLASS (klass);

  object_class->finalize = oai_bytes_stream_finalize;

  stream_class->read = oai_bytes_stream_read;
}

static void
oai_bytes_stream_init (OaiBytesStream *self)
{
}

GInputStream *
oai_bytes_stream_new (GBytes *bytes)
{
  OaiBytesStream *self = g_object_new (OAI_TYPE_BYTES_STREAM, NULL);

  self->bytes = g_bytes_ref (bytes);

  return G_INPUT_STREAM (self);
}
