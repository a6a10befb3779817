/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-file-stream-private.h"

#include <string.h>

#include "oai-descriptor-stream-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"

#define BUFFER_SIZE (64 * 1024)

/* How the source is read: bytes in memory and pollable streams are read directly.  A local
 * regular file is always readable; it is read at once, through a buffer, since libsoup reads 8
 * KiB at a time.  All other sources may block, so they are read asynchronously into the buffer,
 * and polling waits until that has completed. */
typedef enum
{
  READ_POLL,
  READ_DIRECT,
  READ_FETCH
} ReadMode;

/* The data of an asynchronous operation, which may outlive the stream. */
typedef struct
{
  GFile *file;               /* to open first, or NULL */
  GInputStream *source;
  GCancellable *cancellable;
  GCancellable *ready;       /* cancelled when the running operation has completed */
  GError *error;
  gsize start;
  gsize end;
  gsize wanted;
  gboolean busy;
  gboolean eof;
  guint8 buffer[BUFFER_SIZE];
} Fetch;

struct _OaiFileStream
{
  OaiImmediateStream parent_instance;

  OaiInputFile *file;
  guint reading;
  ReadMode mode;
  GBytes *head;              /* the bytes that were read from the source before, or NULL */
  GInputStream *source;      /* READ_POLL */
  Fetch *fetch;              /* the other modes */
  gboolean exact;            /* a stream of which only size bytes are sent */
  gboolean finished;
  gint64 size;
  gint64 sent;
};

G_DEFINE_FINAL_TYPE (OaiFileStream, oai_file_stream, OAI_TYPE_IMMEDIATE_STREAM)

static void
fetch_clear (gpointer data)
{
  Fetch *fetch = data;

  /* Closes a file that was opened here, but not a stream of the program. */
  if (fetch->file != NULL && fetch->source != NULL && !g_input_stream_is_closed (fetch->source))
    g_input_stream_close_async (fetch->source, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  g_clear_object (&fetch->file);
  g_clear_object (&fetch->source);
  g_clear_object (&fetch->cancellable);
  g_clear_object (&fetch->ready);
  g_clear_error (&fetch->error);
}

static void
fetch_unref (Fetch *fetch)
{
  g_rc_box_release_full (fetch, fetch_clear);
}

static Fetch *
fetch_new (GFile *file, GInputStream *source)
{
  Fetch *fetch = g_rc_box_alloc (sizeof (Fetch));

  memset (fetch, 0, G_STRUCT_OFFSET (Fetch, buffer));
  g_set_object (&fetch->file, file);
  g_set_object (&fetch->source, source);
  fetch->cancellable = g_cancellable_new ();
  return fetch;
}

/* Takes error. */
static void
fetch_done (Fetch *fetch, gssize n_read, GError *error)
{
  fetch->busy = FALSE;
  fetch->start = 0;
  fetch->end = MAX (n_read, 0);
  fetch->eof = n_read == 0;
  fetch->error = error;
  if (fetch->ready != NULL)
    g_cancellable_cancel (fetch->ready);
}

static void
on_fetched (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Fetch *fetch = user_data;
  GError *error = NULL;
  gssize n_read = g_input_stream_read_finish (G_INPUT_STREAM (object), result, &error);

  fetch_done (fetch, n_read, error);
  fetch_unref (fetch);
}

static void
on_opened (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Fetch *fetch = user_data;
  GError *error = NULL;

  fetch->source = G_INPUT_STREAM (g_file_read_finish (G_FILE (object), result, &error));
  if (fetch->source == NULL)
    {
      fetch_done (fetch, -1, error);
      fetch_unref (fetch);
      return;
    }
  g_input_stream_read_async (fetch->source, fetch->buffer, fetch->wanted, G_PRIORITY_DEFAULT,
                             fetch->cancellable, on_fetched, fetch);
}

static void
fetch_start (Fetch *fetch, gsize wanted)
{
  g_rc_box_acquire (fetch);
  g_clear_object (&fetch->ready);
  fetch->ready = g_cancellable_new ();
  fetch->busy = TRUE;
  fetch->wanted = wanted;

  if (fetch->source == NULL)
    g_file_read_async (fetch->file, G_PRIORITY_DEFAULT, fetch->cancellable, on_opened, fetch);
  else
    g_input_stream_read_async (fetch->source, fetch->buffer, wanted, G_PRIORITY_DEFAULT,
                               fetch->cancellable, on_fetched, fetch);
}

static void
fetch_now (Fetch *fetch, gsize wanted, GCancellable *cancellable)
{
  GError *error = NULL;
  gssize n_read = -1;

  if (fetch->source == NULL)
    fetch->source = G_INPUT_STREAM (g_file_read (fetch->file, cancellable, &error));
  if (fetch->source != NULL)
    n_read = g_input_stream_read (fetch->source, fetch->buffer, wanted, cancellable, &error);
  fetch_done (fetch, n_read, error);
}

static gboolean
fetch_has_something (Fetch *fetch)
{
  return fetch->start < fetch->end || fetch->eof || fetch->error != NULL;
}

static gssize
fetch_take (Fetch *fetch, void *buffer, gsize count, GError **error)
{
  if (fetch->start < fetch->end)
    {
      gsize n = MIN (count, fetch->end - fetch->start);

      memcpy (buffer, fetch->buffer + fetch->start, n);
      fetch->start += n;
      return n;
    }
  if (fetch->error == NULL)
    return 0;

  if (error != NULL)
    *error = g_error_copy (fetch->error);
  return -1;
}

static void
oai_file_stream_close (OaiPollableStream *stream)
{
  OaiFileStream *self = OAI_FILE_STREAM (stream);

  if (self->fetch != NULL)
    g_cancellable_cancel (self->fetch->cancellable);
  if (self->mode == READ_DIRECT && self->fetch != NULL && self->fetch->file != NULL && self->fetch->source != NULL)
    g_input_stream_close (self->fetch->source, NULL, NULL);
  g_clear_pointer (&self->fetch, fetch_unref);
  g_clear_pointer (&self->head, g_bytes_unref);
  g_clear_object (&self->source);
}

static void
open_stream (OaiFileStream *self, GInputStream *stream)
{
  self->exact = self->size >= 0;
  if (G_IS_POLLABLE_INPUT_STREAM (stream) &&
      g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (stream)))
    {
      self->mode = READ_POLL;
      self->source = g_object_ref (stream);
      return;
    }
  self->mode = oai_descriptor_stream_is_regular (stream) ? READ_DIRECT : READ_FETCH;
  self->fetch = fetch_new (NULL, stream);
}

static void
open_file (OaiFileStream *self, GFile *file)
{
  /* The size is only known for regular files.  Opening a pipe may block. */
  self->mode = self->size >= 0 && g_file_is_native (file) ? READ_DIRECT : READ_FETCH;
  self->fetch = fetch_new (file, NULL);
}

static gboolean
ensure_open (OaiFileStream *self, GError **error)
{
  OaiInputSource source;

  if (self->reading != 0)
    return TRUE;

  self->reading = oai_input_file_begin (self->file, error);
  if (self->reading == 0)
    return FALSE;

  oai_input_file_get_source (self->file, &source);
  if (source.file != NULL)
    {
      open_file (self, source.file);
      return TRUE;
    }
  if (source.stream != NULL)
    {
      open_stream (self, source.stream);
      if (source.head != NULL && g_bytes_get_size (source.head) > 0)
        self->head = g_bytes_ref (source.head);
      return TRUE;
    }
  self->mode = READ_POLL;
  self->source = g_memory_input_stream_new_from_bytes (source.bytes);
  return TRUE;
}

/* The number of bytes that may be read from the source into the buffer. */
static gsize
get_wanted (OaiFileStream *self)
{
  return self->exact ? (gsize) MIN (self->size - self->sent, BUFFER_SIZE) : BUFFER_SIZE;
}

static gssize
read_buffered (OaiFileStream *self, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  Fetch *fetch = self->fetch;

  if (fetch->busy && blocking)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PENDING, "The stream is being read.");
      return -1;
    }
  if (!fetch_has_something (fetch) && !fetch->busy)
    {
      if (blocking || self->mode == READ_DIRECT)
        fetch_now (fetch, get_wanted (self), cancellable);
      else
        fetch_start (fetch, get_wanted (self));
    }
  if (fetch->busy)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "The file is being read.");
      return -1;
    }
  return fetch_take (fetch, buffer, count, error);
}

static gssize
read_head (OaiFileStream *self, void *buffer, gsize count)
{
  g_autoptr (GBytes) head = g_steal_pointer (&self->head);
  gsize length = 0;
  const void *data = g_bytes_get_data (head, &length);
  gsize n = MIN (count, length);

  memcpy (buffer, data, n);
  if (n < length)
    self->head = g_bytes_new_from_bytes (head, n, length - n);
  return n;
}

static gssize
read_source (OaiFileStream *self, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  if (self->head != NULL)
    return read_head (self, buffer, count);
  if (self->mode != READ_POLL)
    return read_buffered (self, buffer, count, blocking, cancellable, error);
  if (blocking)
    return g_input_stream_read (self->source, buffer, count, cancellable, error);
  return g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->source), buffer, count, cancellable, error);
}

static gssize
set_changed (OaiFileStream *self, GError **error)
{
  /* Translators: %s is the name of a file. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_FAILED, _("“%s” has grown while it was sent."),
               oai_input_file_get_filename (self->file));
  return -1;
}

static gssize
set_short (OaiFileStream *self, GError **error)
{
  /* Translators: %s is the name of a file; the numbers count bytes. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_FAILED,
               _("“%s” ended after %lld bytes, but %lld were expected."),
               oai_input_file_get_filename (self->file), (long long) self->sent, (long long) self->size);
  return -1;
}

static gssize
finish (OaiFileStream *self)
{
  self->finished = TRUE;
  oai_input_file_report (self->file, self->sent, self->size, TRUE);
  return 0;
}

static void
prefix_error (OaiFileStream *self, GError **error)
{
  if (error == NULL || (*error)->domain != G_IO_ERROR ||
      (*error)->code == G_IO_ERROR_WOULD_BLOCK || (*error)->code == G_IO_ERROR_CANCELLED)
    return;

  /* Translators: %s is the name of a file; why it cannot be read follows. */
  g_prefix_error (error, _("“%s” cannot be read: "), oai_input_file_get_filename (self->file));
}

/* All bytes were read: a file must be at its end now. */
static gssize
read_end (OaiFileStream *self, gboolean blocking, GCancellable *cancellable, GError **error)
{
  guint8 byte;
  gssize n_read;

  if (self->exact)
    return finish (self);

  n_read = read_source (self, &byte, 1, blocking, cancellable, error);
  if (n_read > 0)
    return set_changed (self, error);
  if (n_read < 0)
    return prefix_error (self, error), -1;
  return finish (self);
}

static gssize
oai_file_stream_read (OaiPollableStream *stream, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  OaiFileStream *self = OAI_FILE_STREAM (stream);
  gssize n_read;

  if (self->finished || count == 0)
    return 0;
  if (!ensure_open (self, error))
    return -1;
  if (!oai_input_file_is_current (self->file, self->reading))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, _("Another upload is already reading the same stream."));
      return -1;
    }
  if (self->size >= 0 && self->sent == self->size)
    return read_end (self, blocking, cancellable, error);
  if (self->size >= 0)
    count = MIN ((guint64) count, (guint64) (self->size - self->sent));

  n_read = read_source (self, buffer, count, blocking, cancellable, error);
  if (n_read < 0)
    return prefix_error (self, error), -1;
  if (n_read == 0)
    return self->size >= 0 ? set_short (self, error) : finish (self);

  self->sent += n_read;
  oai_input_file_report (self->file, self->sent, self->size, FALSE);
  return n_read;
}

static gboolean
oai_file_stream_is_readable (OaiPollableStream *stream)
{
  OaiFileStream *self = OAI_FILE_STREAM (stream);

  if (self->finished || self->reading == 0 || self->head != NULL)
    return TRUE;
  if (self->source != NULL)
    return g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (self->source));
  return self->fetch == NULL || !self->fetch->busy;
}

static GSource *
oai_file_stream_create_child (OaiPollableStream *stream)
{
  OaiFileStream *self = OAI_FILE_STREAM (stream);

  if (self->head != NULL)
    return NULL;
  if (self->source != NULL)
    return g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->source), NULL);
  if (self->fetch != NULL && self->fetch->busy)
    return g_cancellable_source_new (self->fetch->ready);
  return NULL;
}

static void
oai_file_stream_finalize (GObject *object)
{
  OaiFileStream *self = OAI_FILE_STREAM (object);

  oai_file_stream_close (OAI_POLLABLE_STREAM (object));
  g_clear_object (&self->file);

  G_OBJECT_CLASS (oai_file_stream_parent_class)->finalize (object);
}

static void
oai_file_stream_class_init (OaiFileStreamClass *klass)
{
  OaiPollableStreamClass *stream_class = OAI_POLLABLE_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = oai_file_stream_finalize;
  stream_class->read = oai_file_stream_read;
  stream_class->is_readable = oai_file_stream_is_readable;
  stream_class->create_child = oai_file_stream_create_child;
  stream_class->close = oai_file_stream_close;
}

static void
oai_file_stream_init (OaiFileStream *self)
{
}

GInputStream *
oai_file_stream_new (OaiInputFile *file, gint64 size)
{
  OaiFileStream *self = g_object_new (OAI_TYPE_FILE_STREAM, NULL);

  self->file = g_object_ref (file);
  self->size = size;
  return G_INPUT_STREAM (self);
}
