/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-frame-input-private.h"

#include <string.h>

#include "oai-source-private.h"

/* libsoup requests 1 KiB, which would be a system call each. */
#define BUFFER_SIZE (16 * 1024)
/* After so many bytes, the main loop runs once. */
#define MAX_AT_ONCE (64 * 1024)
#define MAX_HEAD 10
#define OPCODE_PING 0x09

struct _OaiFrameInput
{
  OaiPollableStream parent_instance;

  GInputStream *base;
  GByteArray *buffered; /* first what the filter had read with the handshake */
  gsize start;          /* of its bytes that have not been read */
  gboolean is_taking;   /* the buffer of the filter is being read */
  gsize n_read;         /* since the main loop ran */

  guint limit;
  guint64 size;         /* of the frames of the current message */
  guint8 head[MAX_HEAD];
  guint n_head;         /* its bytes that have been read */
  guint64 n_left;       /* bytes of the payload that have not been read */

  gboolean is_active;   /* bytes were read since the last question */
  GOutputStream *output;
  GMainContext *context;
  GSource *write_source; /* until libsoup has written the answers to pings */
  guint n_pings;
};

G_DEFINE_FINAL_TYPE (OaiFrameInput, oai_frame_input, OAI_TYPE_POLLABLE_STREAM)

/* Frames */

static guint
get_head_length (OaiFrameInput *self)
{
  guint length = self->n_head < 2 ? 0 : self->head[1] & 0x7f;

  return length == 127 ? 10 : length == 126 ? 4 : 2;
}

static guint64
get_payload_length (OaiFrameInput *self)
{
  guint head_length = get_head_length (self);
  guint64 length = 0;

  if (head_length == 2)
    return self->head[1] & 0x7f;

  for (guint i = 2; i < head_length; i++)
    length = length << 8 | self->head[i];

  return length;
}

static gboolean
written_cb (GObject *stream, gpointer user_data)
{
  OaiFrameInput *self = user_data;

  oai_drop_source (&self->write_source);
  self->n_pings = 0;

  return G_SOURCE_REMOVE;
}

/* The source of libsoup for the same stream has a higher priority, so this one is dispatched when libsoup has
 * nothing left to write. */
static gboolean
count_ping (OaiFrameInput *self, GError **error)
{
  if (++self->n_pings > OAI_FRAME_INPUT_MAX_PINGS)
    {
      g_set_error_literal (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "Too many pings");
      return FALSE;
    }
  if (self->write_source != NULL)
    return TRUE;

  self->write_source = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (self->output), NULL);
  g_source_set_static_name (self->write_source, "[oai] pongs written");
  g_source_set_priority (self->write_source, G_PRIORITY_DEFAULT + 1);
  g_source_set_callback (self->write_source, G_SOURCE_FUNC (written_cb), self, NULL);
  g_source_attach (self->write_source, self->context);

  return TRUE;
}

/* libsoup checks the first frame of a message, and rejects masks. */
static gboolean
begin_payload (OaiFrameInput *self, GError **error)
{
  gboolean is_control = (self->head[0] & 0x08) != 0;
  gboolean is_last = (self->head[0] & 0x80) != 0;

  self->n_head = 0;
  if (is_control)
    return (self->head[0] & 0x0f) != OPCODE_PING || count_ping (self, error);
  if (self->limit > 0 && self->size > 0 && (self->size > self->limit || self->n_left > self->limit - self->size))
    {
      g_set_error_literal (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG, "Too large");
      return FALSE;
    }

  self->size = is_last ? 0 : self->size + self->n_left;

  return TRUE;
}

static gboolean
check_bytes (OaiFrameInput *self, const guint8 *bytes, gsize length, GError **error)
{
  while (length > 0)
    {
      gsize n = MIN (self->n_left, length);

      if (n == 0)
        {
          n = 1;
          self->head[self->n_head++] = *bytes;
          if (self->n_head >= 2 && self->n_head == get_head_length (self))
            {
              self->n_left = get_payload_length (self);
              if (!begin_payload (self, error))
                return FALSE;
            }
        }
      else
        self->n_left -= n;
      bytes += n;
      length -= n;
    }

  return TRUE;
}

/* The stream */

static gssize
fill_buffer (OaiFrameInput *self, gboolean blocking, GCancellable *cancellable, GError **error)
{
  gssize n;

  g_byte_array_set_size (self->buffered, BUFFER_SIZE);
  n = g_pollable_stream_read (self->base, self->buffered->data, BUFFER_SIZE, blocking, cancellable, error);
  g_byte_array_set_size (self->buffered, n > 0 ? (guint) n : 0);
  self->start = 0;

  return n;
}

static gsize
read_buffered (OaiFrameInput *self, void *buffer, gsize count)
{
  gsize n = MIN (count, self->buffered->len - self->start);

  memcpy (buffer, self->buffered->data + self->start, n);
  self->start += n;
  self->n_read += n;

  return n;
}

static gssize
oai_frame_input_read (OaiPollableStream *stream, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  OaiFrameInput *self = OAI_FRAME_INPUT (stream);
  gsize n;

  if (self->is_taking || (!blocking && self->n_read >= MAX_AT_ONCE))
    {
      self->n_read = 0;
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "No bytes");
      return -1;
    }

  if (self->start == self->buffered->len)
    {
      gssize result = fill_buffer (self, blocking, cancellable, error);

      if (result <= 0)
        {
          self->n_read = 0;
          return result;
        }
    }

  n = read_buffered (self, buffer, count);
  self->is_active = TRUE;

  return check_bytes (self, buffer, n, error) ? (gssize) n : -1;
}

static gboolean
oai_frame_input_is_readable (OaiPollableStream *stream)
{
  OaiFrameInput *self = OAI_FRAME_INPUT (stream);

  return self->start < self->buffered->len || g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (self->base));
}

static GSource *
oai_frame_input_create_child (OaiPollableStream *stream)
{
  OaiFrameInput *self = OAI_FRAME_INPUT (stream);

  return self->start < self->buffered->len ? NULL : g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->base), NULL);
}

static void
oai_frame_input_finalize (GObject *object)
{
  OaiFrameInput *self = OAI_FRAME_INPUT (object);

  oai_drop_source (&self->write_source);
  g_clear_object (&self->base);
  g_clear_object (&self->output);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_byte_array_unref (self->buffered);

  G_OBJECT_CLASS (oai_frame_input_parent_class)->finalize (object);
}

static void
oai_frame_input_class_init (OaiFrameInputClass *klass)
{
  OaiPollableStreamClass *stream_class = OAI_POLLABLE_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = oai_frame_input_finalize;
  stream_class->read = oai_frame_input_read;
  stream_class->is_readable = oai_frame_input_is_readable;
  stream_class->create_child = oai_frame_input_create_child;
}

static void
oai_frame_input_init (OaiFrameInput *self)
{
  self->buffered = g_byte_array_new ();
}

/* Takes what the filter has buffered, so that all bytes pass this stream. */
static void
take_buffer (OaiFrameInput *self, GFilterInputStream *filter)
{
  guint8 some[1024];
  gssize n;

  self->is_taking = TRUE;
  while ((n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (filter), some, sizeof some, NULL, NULL)) > 0)
    g_byte_array_append (self->buffered, some, (guint) n);
  self->is_taking = FALSE;
}

OaiFrameInput *
oai_frame_input_install (SoupWebsocketConnection *connection, guint limit, GMainContext *context)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (connection);
  GInputStream *input = g_io_stream_get_input_stream (stream);
  GFilterInputStream *filter = G_IS_FILTER_INPUT_STREAM (input) ? G_FILTER_INPUT_STREAM (input) : NULL;
  OaiFrameInput *self;

  if (filter == NULL)
    return NULL;

  self = g_object_new (OAI_TYPE_FRAME_INPUT, NULL);
  self->limit = limit;
  self->output = g_object_ref (g_io_stream_get_output_stream (stream));
  self->context = g_main_context_ref (context);
  self->base = filter->base_stream;
  filter->base_stream = G_INPUT_STREAM (self);
  take_buffer (self, filter);

  return self;
}

gboolean
oai_frame_input_take_activity (OaiFrameInput *self)
{
  gboolean is_active = self->is_active || oai_frame_input_is_readable (OAI_POLLABLE_STREAM (self));

  self->is_active = FALSE;

  return is_active;
}
