/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-multipart-stream-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-file-stream-private.h"
#include "oai-i18n-private.h"

/* Either bytes or a file. */
typedef struct
{
  GBytes *bytes;
  OaiInputFile *file;
  gint64 size;
} Segment;

struct _OaiMultipartStream
{
  OaiImmediateStream parent_instance;

  GArray *segments;
  guint current;
  gsize offset;             /* in the bytes of the current segment */
  GInputStream *reading;    /* of the file of the current segment, after it was begun */
  goffset position;
  goffset length;
  GError *error;            /* why reading failed; a body is never resumed */
};

static void oai_multipart_stream_seekable_init (GSeekableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OaiMultipartStream, oai_multipart_stream, OAI_TYPE_IMMEDIATE_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SEEKABLE, oai_multipart_stream_seekable_init))

static void
segment_clear (gpointer data)
{
  Segment *segment = data;

  g_clear_pointer (&segment->bytes, g_bytes_unref);
  g_clear_object (&segment->file);
}

static Segment *
get_current (OaiMultipartStream *self)
{
  return self->current < self->segments->len ? &g_array_index (self->segments, Segment, self->current) : NULL;
}

static void
close_reading (OaiMultipartStream *self)
{
  if (self->reading != NULL)
    g_input_stream_close (self->reading, NULL, NULL);
  g_clear_object (&self->reading);
}

static void
go_to_next (OaiMultipartStream *self)
{
  close_reading (self);
  self->offset = 0;
  self->current++;
}

static gssize
read_bytes (OaiMultipartStream *self, Segment *segment, void *buffer, gsize count)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (segment->bytes, &size);
  gsize n = MIN (count, size - self->offset);

  if (n > 0)
    memcpy (buffer, data + self->offset, n);
  self->offset += n;
  return n;
}

static gssize
read_file (OaiMultipartStream *self, Segment *segment, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  if (self->reading == NULL)
    self->reading = oai_file_stream_new (segment->file, segment->size);
  if (blocking)
    return g_input_stream_read (self->reading, buffer, count, cancellable, error);
  return g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->reading), buffer, count, cancellable, error);
}

/* Bytes that were read are returned before the error. */
static gssize
stop (OaiMultipartStream *self, gsize n_read, GError *reason, GError **error)
{
  gboolean again = g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ||
                   g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
                   g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PENDING);

  if (!again)
    self->error = g_error_copy (reason);
  if (n_read > 0)
    {
      g_error_free (reason);
      return n_read;
    }
  g_propagate_error (error, reason);
  return -1;
}

static gssize
oai_multipart_stream_read (OaiPollableStream *stream, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  OaiMultipartStream *self = OAI_MULTIPART_STREAM (stream);
  Segment *segment;
  gsize n_read = 0;

  if (self->error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return -1;
    }

  while (n_read < count && (segment = get_current (self)) != NULL)
    {
      GError *reason = NULL;
      guint8 *into = (guint8 *) buffer + n_read;
      gssize n = segment->bytes != NULL
                   ? read_bytes (self, segment, into, count - n_read)
                   : read_file (self, segment, into, count - n_read, blocking, cancellable, &reason);

      if (n < 0)
        return stop (self, n_read, reason, error);
      if (n == 0)
        go_to_next (self);
      n_read += n;
      self->position += n;
    }
  return n_read;
}

static gboolean
oai_multipart_stream_is_readable (OaiPollableStream *stream)
{
  OaiMultipartStream *self = OAI_MULTIPART_STREAM (stream);

  return self->error != NULL || self->reading == NULL ||
         g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (self->reading));
}

static GSource *
oai_multipart_stream_create_child (OaiPollableStream *stream)
{
  OaiMultipartStream *self = OAI_MULTIPART_STREAM (stream);

  if (self->error != NULL || self->reading == NULL)
    return NULL;

  return g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->reading), NULL);
}

static void
oai_multipart_stream_close (OaiPollableStream *stream)
{
  close_reading (OAI_MULTIPART_STREAM (stream));
}

static goffset
oai_multipart_stream_tell (GSeekable *seekable)
{
  return OAI_MULTIPART_STREAM (seekable)->position;
}

static gboolean
oai_multipart_stream_can_seek (GSeekable *seekable)
{
  OaiMultipartStream *self = OAI_MULTIPART_STREAM (seekable);

  for (guint i = 0; i < self->segments->len; i++)
    {
      OaiInputFile *file = g_array_index (self->segments, Segment, i).file;

      if (file != NULL && !oai_input_file_can_rewind (file))
        return FALSE;
    }
  return TRUE;
}

static gboolean
oai_multipart_stream_seek (GSeekable *seekable, goffset offset, GSeekType type, GCancellable *cancellable, GError **error)
{
  OaiMultipartStream *self = OAI_MULTIPART_STREAM (seekable);
  goffset target = type == G_SEEK_CUR ? self->position + offset : offset;

  if (type != G_SEEK_END && target == self->position)
    return TRUE;
  if (type == G_SEEK_END || target != 0 || !oai_multipart_stream_can_seek (seekable))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("This body can only be read from its start."));
      return FALSE;
    }

  close_reading (self);
  g_clear_error (&self->error);
  self->current = 0;
  self->offset = 0;
  self->position = 0;
  return TRUE;
}

static gboolean
oai_multipart_stream_can_truncate (GSeekable *seekable)
{
  return FALSE;
}

static gboolean
oai_multipart_stream_truncate (GSeekable *seekable, goffset offset, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("This body can only be read from its start."));
  return FALSE;
}

static void
oai_multipart_stream_finalize (GObject *object)
{
  OaiMultipartStream *self = OAI_MULTIPART_STREAM (object);

  close_reading (self);
  g_clear_pointer (&self->segments, g_array_unref);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (oai_multipart_stream_parent_class)->finalize (object);
}

static void
oai_multipart_stream_seekable_init (GSeekableIface *iface)
{
  iface->tell = oai_multipart_stream_tell;
  iface->can_seek = oai_multipart_stream_can_seek;
  iface->seek = oai_multipart_stream_seek;
  iface->can_truncate = oai_multipart_stream_can_truncate;
  iface->truncate_fn = oai_multipart_stream_truncate;
}

static void
oai_multipart_stream_class_init (OaiMultipartStreamClass *klass)
{
  OaiPollableStreamClass *stream_class = OAI_POLLABLE_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = oai_multipart_stream_finalize;
  stream_class->read = oai_multipart_stream_read;
  stream_class->is_readable = oai_multipart_stream_is_readable;
  stream_class->create_child = oai_multipart_stream_create_child;
  stream_class->close = oai_multipart_stream_close;
}

static void
oai_multipart_stream_init (OaiMultipartStream *self)
{
  self->segments = g_array_new (FALSE, FALSE, sizeof (Segment));
  g_array_set_clear_func (self->segments, segment_clear);
}

OaiMultipartStream *
oai_multipart_stream_new (void)
{
  return g_object_new (OAI_TYPE_MULTIPART_STREAM, NULL);
}

void
oai_multipart_stream_add_bytes (OaiMultipartStream *self, GBytes *bytes)
{
  Segment segment = { .bytes = g_bytes_ref (bytes), .size = g_bytes_get_size (bytes) };

  g_array_append_val (self->segments, segment);
  if (self->length >= 0)
    self->length += segment.size;
}

void
oai_multipart_stream_add_file (OaiMultipartStream *self, OaiInputFile *file, gint64 size)
{
  Segment segment = { .file = g_object_ref (file), .size = size };

  g_array_append_val (self->segments, segment);
  if (size < 0)
    self->length = -1;
  else if (self->length >= 0)
    self->length += size;
}

goffset
oai_multipart_stream_get_length (OaiMultipartStream *self)
{
  return self->length;
}
