/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-upload-stream-private.h"

struct _OaiUploadStream
{
  OaiImmediateStream parent_instance;

  OaiHttpConnection *connection; /* NULL after disconnect() */
  OaiUploadTap tap;
  gpointer user_data;
  GSource *waiting;              /* the source of the reader; or NULL */
  gboolean blocked;              /* the last read found no bytes */
};

G_DEFINE_FINAL_TYPE (OaiUploadStream, oai_upload_stream, OAI_TYPE_IMMEDIATE_STREAM)

/* A source that is dispatched when wake() sets its time. */
static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);

  return callback != NULL ? callback (user_data) : G_SOURCE_CONTINUE;
}

/* GLib sets a callback that does nothing, which needs this function. */
static gboolean
closure_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = dispatch, .closure_callback = closure_cb };

static gssize
oai_upload_stream_read (OaiPollableStream *stream, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  OaiUploadStream *self = OAI_UPLOAD_STREAM (stream);
  g_autoptr(GError) reason = NULL;
  gssize n;

  if (self->connection == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The client is no longer connected");
      return -1;
    }

  n = oai_http_connection_read_body (self->connection, buffer, count, &reason);
  self->blocked = n < 0 && g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  if (n < 0)
    g_propagate_error (error, g_steal_pointer (&reason));
  else if (self->tap != NULL && !self->tap (buffer, n, self->user_data, error))
    n = -1;

  return n;
}

static gboolean
oai_upload_stream_is_readable (OaiPollableStream *stream)
{
  return !OAI_UPLOAD_STREAM (stream)->blocked;
}

static void
forget_source (OaiUploadStream *self)
{
  g_clear_pointer (&self->waiting, g_source_unref);
}

static GSource *
oai_upload_stream_create_child (OaiPollableStream *stream)
{
  OaiUploadStream *self = OAI_UPLOAD_STREAM (stream);
  GSource *source = g_source_new (&source_funcs, sizeof (GSource));

  g_source_set_static_name (source, "[oai] upload");
  if (!self->blocked)
    g_source_set_ready_time (source, 0);
  forget_source (self);
  self->waiting = g_source_ref (source);

  return source;
}

static void
oai_upload_stream_close (OaiPollableStream *stream)
{
}

static void
oai_upload_stream_finalize (GObject *object)
{
  forget_source (OAI_UPLOAD_STREAM (object));

  G_OBJECT_CLASS (oai_upload_stream_parent_class)->finalize (object);
}

static void
oai_upload_stream_class_init (OaiUploadStreamClass *klass)
{
  OaiPollableStreamClass *stream_class = OAI_POLLABLE_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = oai_upload_stream_finalize;
  stream_class->read = oai_upload_stream_read;
  stream_class->is_readable = oai_upload_stream_is_readable;
  stream_class->create_child = oai_upload_stream_create_child;
  stream_class->close = oai_upload_stream_close;
}

static void
oai_upload_stream_init (OaiUploadStream *self)
{
}

OaiUploadStream *
oai_upload_stream_new (OaiHttpConnection *connection, OaiUploadTap tap, gpointer user_data)
{
  OaiUploadStream *self = g_object_new (OAI_TYPE_UPLOAD_STREAM, NULL);

  self->connection = connection;
  self->tap = tap;
  self->user_data = user_data;

  return self;
}

void
oai_upload_stream_wake (OaiUploadStream *self)
{
  self->blocked = FALSE;
  if (self->waiting != NULL && !g_source_is_destroyed (self->waiting))
    g_source_set_ready_time (self->waiting, 0);
}

void
oai_upload_stream_disconnect (OaiUploadStream *self)
{
  self->connection = NULL;
  oai_upload_stream_wake (self);
}
