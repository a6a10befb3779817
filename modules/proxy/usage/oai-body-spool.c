/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-body-spool-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "oai-immediate-stream-private.h"

struct _OaiBodySpool
{
  grefcount count;
  char *directory;
  GByteArray *array; /* until the body is read */
  GBytes *bytes;     /* then */
  int descriptor;    /* -1: in memory */
  guint64 size;
};

OaiBodySpool *
oai_body_spool_new (const char *directory)
{
  OaiBodySpool *self = g_new0 (OaiBodySpool, 1);

  g_ref_count_init (&self->count);
  self->directory = g_strdup (directory);
  self->array = g_byte_array_new ();
  self->descriptor = -1;

  return self;
}

OaiBodySpool *
oai_body_spool_ref (OaiBodySpool *self)
{
  g_ref_count_inc (&self->count);

  return self;
}

void
oai_body_spool_unref (OaiBodySpool *self)
{
  if (!g_ref_count_dec (&self->count))
    return;

  if (self->descriptor >= 0)
    close (self->descriptor);
  g_clear_pointer (&self->array, g_byte_array_unref);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->directory);
  g_free (self);
}

static gboolean
set_errno (GError **error, int code, const char *what)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what, g_strerror (code));

  return FALSE;
}

static int
open_named (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "oai-proxy-XXXXXX", NULL);
  int descriptor = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);

  if (descriptor >= 0)
    g_unlink (path);

  return descriptor;
}

static gboolean
open_file (OaiBodySpool *self, GError **error)
{
  const char *directory = self->directory != NULL ? self->directory : g_get_tmp_dir ();

#ifdef O_TMPFILE
  self->descriptor = open (directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
  /* Not all file systems support files without a name. */
  if (self->descriptor < 0)
    self->descriptor = open_named (directory);

  return self->descriptor >= 0 || set_errno (error, errno, "The temporary file of a body cannot be created");
}

static gboolean
write_file (OaiBodySpool *self, const void *data, gsize size, GError **error)
{
  const char *p = data;

  while (size > 0)
    {
      gssize n = write (self->descriptor, p, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return set_errno (error, errno, "The temporary file of a body cannot be written");
      p += n;
      size -= (gsize) n;
    }

  return TRUE;
}

gboolean
oai_body_spool_write (OaiBodySpool *self, const char *data, gsize size, GError **error)
{
  g_return_val_if_fail (self->bytes == NULL, FALSE);

  if (self->descriptor < 0 && self->size + size > OAI_BODY_SPOOL_MEMORY)
    {
      if (!open_file (self, error) || !write_file (self, self->array->data, self->array->len, error))
        return FALSE;
      g_byte_array_set_size (self->array, 0);
      g_clear_pointer (&self->array, g_byte_array_unref);
    }
  if (self->descriptor >= 0 && !write_file (self, data, size, error))
    return FALSE;
  if (self->descriptor < 0)
    g_byte_array_append (self->array, (const guint8 *) data, (guint) size);
  self->size += size;

  return TRUE;
}

guint64
oai_body_spool_get_size (OaiBodySpool *self)
{
  return self->size;
}

guint64
oai_body_spool_get_edited_size (OaiBodySpool *self, const OaiBodyEdit *edit)
{
  return edit != NULL ? self->size - edit->n_removed + strlen (edit->text) : self->size;
}

static void
freeze (OaiBodySpool *self)
{
  if (self->array != NULL)
    self->bytes = g_byte_array_free_to_bytes (g_steal_pointer (&self->array));
}

GBytes *
oai_body_spool_dup_bytes (OaiBodySpool *self, const OaiBodyEdit *edit)
{
  const char *data;
  char *edited;
  gsize size, length, rest;

  freeze (self);
  if (self->bytes == NULL || edit == NULL)
    return self->bytes != NULL ? g_bytes_ref (self->bytes) : NULL;

  data = g_bytes_get_data (self->bytes, &size);
  length = strlen (edit->text);
  rest = size - (gsize) (edit->offset + edit->n_removed);
  edited = g_malloc (edit->offset + length + rest);
  memcpy (edited, data, edit->offset);
  memcpy (edited + edit->offset, edit->text, length);
  memcpy (edited + edit->offset + length, data + size - rest, rest);

  return g_bytes_new_take (edited, edit->offset + length + rest);
}

/* Reads up to count bytes that were written at offset, which is not after the end. */
static gssize
read_at (OaiBodySpool *self, guint64 offset, void *buffer, gsize count, GError **error)
{
  gssize n;

  if (self->descriptor < 0)
    {
      gsize size;
      const char *data = g_bytes_get_data (self->bytes, &size);

      count = MIN (count, size - (gsize) offset);
      if (count > 0)
        memcpy (buffer, data + offset, count);
      return (gssize) count;
    }
  do
    n = pread (self->descriptor, buffer, count, (off_t) offset);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    set_errno (error, errno, "The temporary file of a body cannot be read");
  else if (n == 0 && count > 0 && offset < self->size)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "The temporary file of a body is truncated");
      return -1;
    }

  return n;
}

/* Reads a stored body, with an edit.  Several streams can read one body. */
#define OAI_TYPE_SPOOL_STREAM (oai_spool_stream_get_type ())
G_DECLARE_FINAL_TYPE (OaiSpoolStream, oai_spool_stream, OAI, SPOOL_STREAM, OaiImmediateStream)

struct _OaiSpoolStream
{
  OaiImmediateStream parent_instance;

  OaiBodySpool *spool;
  OaiBodyEdit edit;
  gsize text_length;
  guint64 offset;    /* in the stored body */
  gsize text_offset; /* in the text of the edit */
};

G_DEFINE_FINAL_TYPE (OaiSpoolStream, oai_spool_stream, OAI_TYPE_IMMEDIATE_STREAM)

static gssize
oai_spool_stream_read (OaiPollableStream *stream, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  OaiSpoolStream *self = OAI_SPOOL_STREAM (stream);
  gboolean before = self->offset < self->edit.offset;
  gsize text_left = self->text_length - self->text_offset;
  gssize n;

  if (!before && self->offset == self->edit.offset && text_left > 0)
    {
      n = (gssize) MIN (count, text_left);
      memcpy (buffer, self->edit.text + self->text_offset, (gsize) n);
      self->text_offset += (gsize) n;
      return n;
    }
  if (self->offset == self->edit.offset)
    self->offset += self->edit.n_removed;

  count = (gsize) MIN ((guint64) count, (before ? self->edit.offset : oai_body_spool_get_size (self->spool)) - self->offset);
  if (count == 0)
    return 0;
  n = read_at (self->spool, self->offset, buffer, count, error);
  if (n > 0)
    self->offset += (guint64) n;

  return n;
}

static void
oai_spool_stream_finalize (GObject *object)
{
  oai_body_spool_unref (OAI_SPOOL_STREAM (object)->spool);

  G_OBJECT_CLASS (oai_spool_stream_parent_class)->finalize (object);
}

static void
oai_spool_stream_class_init (OaiSpoolStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_spool_stream_finalize;
  OAI_POLLABLE_STREAM_CLASS (klass)->read = oai_spool_stream_read;
}

static void
oai_spool_stream_init (OaiSpoolStream *self)
{
}

static GInputStream *
stream_new (OaiBodySpool *spool, const OaiBodyEdit *edit)
{
  OaiSpoolStream *self = g_object_new (OAI_TYPE_SPOOL_STREAM, NULL);

  self->spool = oai_body_spool_ref (spool);
  if (edit != NULL)
    {
      self->edit = *edit;
      self->text_length = strlen (edit->text);
    }

  return G_INPUT_STREAM (self);
}

GInputStream *
oai_body_spool_open (OaiBodySpool *self, const OaiBodyEdit *edit)
{
  freeze (self);

  return stream_new (self, edit);
}
