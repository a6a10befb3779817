/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-spool-stream-private.h"

#include <string.h>

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
  n = oai_body_spool_read_at (self->spool, self->offset, buffer, count, error);
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

GInputStream *
oai_spool_stream_new (OaiBodySpool *spool, const OaiBodyEdit *edit)
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
