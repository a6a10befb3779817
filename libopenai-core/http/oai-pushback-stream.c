/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-pushback-stream-private.h"

#include <string.h>

#define OWNER_KEY "oai-pushback-stream"

struct _OaiPushbackStream
{
  OaiPollableStream parent_instance;

  GFilterInputStream *filter; /* borrowed */
  GInputStream *base;         /* the base of the filter, while this stream replaces it */
  GByteArray *bytes;
  gsize start;
};

G_DEFINE_FINAL_TYPE (OaiPushbackStream, oai_pushback_stream, OAI_TYPE_POLLABLE_STREAM)

/* The filter keeps this stream, from which it is reading. */
static void
put_base_back (OaiPushbackStream *self)
{
  self->filter->base_stream = g_steal_pointer (&self->base);
  g_object_set_data_full (G_OBJECT (self->filter), OWNER_KEY, self, g_object_unref);
}

static gssize
oai_pushback_stream_read (OaiPollableStream *stream, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  OaiPushbackStream *self = OAI_PUSHBACK_STREAM (stream);
  gsize n = MIN (count, self->bytes->len - self->start);

  if (n == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "No bytes");
      return -1;
    }

  memcpy (buffer, self->bytes->data + self->start, n);
  self->start += n;
  if (self->start == self->bytes->len)
    put_base_back (self);

  return (gssize) n;
}

static void
oai_pushback_stream_finalize (GObject *object)
{
  OaiPushbackStream *self = OAI_PUSHBACK_STREAM (object);

  g_clear_object (&self->base);
  g_byte_array_unref (self->bytes);

  G_OBJECT_CLASS (oai_pushback_stream_parent_class)->finalize (object);
}

static void
oai_pushback_stream_class_init (OaiPushbackStreamClass *klass)
{
  OaiPollableStreamClass *stream_class = OAI_POLLABLE_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = oai_pushback_stream_finalize;
  stream_class->read = oai_pushback_stream_read;
}

static void
oai_pushback_stream_init (OaiPushbackStream *self)
{
  self->bytes = g_byte_array_new ();
}

/* Reads what the filter has buffered, which follows the bytes that were read from it. */
static void
read_buffered (GFilterInputStream *filter, GByteArray *buffered)
{
  guint8 some[1024];
  gssize n;

  while ((n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (filter), some, sizeof some, NULL, NULL)) > 0)
    g_byte_array_append (buffered, some, (guint) n);
}

void
oai_pushback_stream_push (GFilterInputStream *filter, GByteArray *bytes)
{
  OaiPushbackStream *self;
  g_autoptr(GByteArray) buffered = NULL;

  if (bytes->len == 0)
    return;

  self = g_object_new (OAI_TYPE_PUSHBACK_STREAM, NULL);
  self->filter = filter;
  self->base = filter->base_stream;
  filter->base_stream = G_INPUT_STREAM (self);

  buffered = g_byte_array_new ();
  read_buffered (filter, buffered);
  g_byte_array_append (self->bytes, bytes->data, bytes->len);
  g_byte_array_append (self->bytes, buffered->data, buffered->len);
}
