/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-socket-peer-private.h"

#include <string.h>

#include "oai-source-private.h"

#define READ_SIZE (16 * 1024)
/* After so many reads, the main loop runs once. */
#define MAX_READS 4
/* Memory of more pending output is released when it was written. */
#define KEPT_SIZE (16 * 1024)
/* Bytes that are discarded after the end, so that the peer can read the last frame. */
#define MAX_DRAIN (256 * 1024)

typedef enum
{
  STATE_OPEN,
  STATE_FLUSHING, /* ends when the output is written */
  STATE_DRAINING, /* the output is written, until the peer closes the connection */
  STATE_ENDED
} State;

struct _OaiSocketPeer
{
  int ref_count;
  GIOStream *stream;
  GPollableInputStream *input;
  GPollableOutputStream *output;
  GObject *owner;
  gboolean from_client;
  OaiSocketSettings settings;
  const OaiSocketPeerFuncs *funcs; /* NULL when the peer was freed */
  gpointer user_data;
  GMainContext *context;

  State state;
  gboolean paused;
  gboolean stopped;      /* no more messages are read */
  gboolean close_sent;
  OaiFrameReader reader;
  GSource *read_source;
  gsize n_drained;

  GByteArray *pending;   /* output, or NULL */
  gsize n_written;       /* bytes of it */
  gboolean was_full;     /* writable() is due */
  GSource *write_source;
  guint8 pong[OAI_FRAME_MAX_CONTROL]; /* for the last ping, while the output is full */
  guint n_pong;
  gboolean has_pong;

  GSource *tick_source;
  gboolean has_read;     /* since the last tick */
  gboolean has_written;
  guint n_quiet;         /* ticks */
  guint n_stuck;
  GSource *end_source;   /* the time limit of the end */
};

static void flush (OaiSocketPeer *self);
static void update_reading (OaiSocketPeer *self);

static OaiSocketPeer *
peer_ref (OaiSocketPeer *self)
{
  self->ref_count++;
  return self;
}

static void
drop_sources (OaiSocketPeer *self)
{
  oai_drop_source (&self->read_source);
  oai_drop_source (&self->write_source);
  oai_drop_source (&self->tick_source);
  oai_drop_source (&self->end_source);
}

static void
peer_unref (OaiSocketPeer *self)
{
  if (--self->ref_count > 0)
    return;

  oai_frame_reader_clear (&self->reader);
  g_clear_pointer (&self->pending, g_byte_array_unref);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->owner);
  g_clear_object (&self->stream);
  g_main_context_unref (self->context);
  g_free (self);
}

/* The owner, if there is one, closes the stream. */
static void
close_stream (OaiSocketPeer *self)
{
  self->state = STATE_ENDED;
  drop_sources (self);
  if (self->owner == NULL)
    g_io_stream_close_async (self->stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  g_clear_object (&self->owner);
}

OaiSocketPeer *
oai_socket_peer_new (GIOStream *stream, GInputStream *input, GObject *owner, gboolean from_client,
                     const OaiSocketSettings *settings, const OaiSocketPeerFuncs *funcs, gpointer user_data)
{
  OaiSocketPeer *self = g_new0 (OaiSocketPeer, 1);

  self->ref_count = 1;
  self->stream = g_object_ref (stream);
  self->input = G_POLLABLE_INPUT_STREAM (g_object_ref (input != NULL ? input : g_io_stream_get_input_stream (stream)));
  self->output = G_POLLABLE_OUTPUT_STREAM (g_object_ref (g_io_stream_get_output_stream (stream)));
  self->owner = owner != NULL ? g_object_ref (owner) : NULL;
  self->from_client = from_client;
  self->settings = *settings;
  self->funcs = funcs;
  self->user_data = user_data;
  self->context = g_main_context_ref_thread_default ();
  oai_frame_reader_init (&self->reader, from_client, settings->max_message_size);

  return self;
}

void
oai_socket_peer_free (OaiSocketPeer *self)
{
  self->funcs = NULL;
  if (self->state != STATE_ENDED)
    close_stream (self);
  peer_unref (self);
}

static GSource *
add_timer (OaiSocketPeer *self, guint milliseconds, GSourceFunc func, const char *name)
{
  GSource *source = milliseconds % 1000 == 0 ? g_timeout_source_new_seconds (milliseconds / 1000) : g_timeout_source_new (milliseconds);

  g_source_set_static_name (source, name);
  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, self->context);

  return source;
}

/* The end */

static void
end (OaiSocketPeer *self)
{
  if (self->state == STATE_ENDED)
    return;

  close_stream (self);
  if (self->funcs != NULL)
    self->funcs->ended (self, self->user_data);
}

static gboolean
end_cb (gpointer user_data)
{
  OaiSocketPeer *self = peer_ref (user_data);

  end (self);
  peer_unref (self);

  return G_SOURCE_REMOVE;
}

/* If a socket with unread bytes is closed, the peer may not receive the last frame.  Without TLS, the end is marked, and
 * bytes are discarded until the peer closes the connection, too. */
static void
begin_draining (OaiSocketPeer *self)
{
  self->state = STATE_DRAINING;
  if (!self->from_client || !G_IS_SOCKET_CONNECTION (self->stream)
      || !g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->stream)), FALSE, TRUE, NULL))
    {
      end (self);
      return;
    }

  update_reading (self);
}

void
oai_socket_peer_finish (OaiSocketPeer *self)
{
  if (self->state != STATE_OPEN)
    return;

  peer_ref (self);
  self->state = STATE_FLUSHING;
  self->stopped = TRUE;
  oai_drop_source (&self->tick_source);
  self->end_source = add_timer (self, self->settings.close_timeout_ms, end_cb, "[oai] end of a socket");
  update_reading (self);
  flush (self);
  peer_unref (self);
}

/* Reports a failure once, and then ends.  code: 0 if the peer is gone. */
static void
fail (OaiSocketPeer *self, guint code, const char *problem)
{
  gboolean report = !self->stopped && self->state == STATE_OPEN;

  peer_ref (self);
  self->stopped = TRUE;
  if (code != 0)
    oai_socket_peer_send_close (self, code, problem, strlen (problem));
  if (report && self->funcs != NULL)
    self->funcs->failed (self, code, problem, self->user_data);
  if (code == 0)
    end (self);
  else
    oai_socket_peer_finish (self);
  peer_unref (self);
}

/* Writing */

static gsize
get_n_pending (OaiSocketPeer *self)
{
  return self->pending != NULL ? self->pending->len - self->n_written : 0;
}

/* Releases the memory of what was written, if that is cheap. */
static void
discard_written (OaiSocketPeer *self)
{
  if (self->pending == NULL)
    return;

  if (get_n_pending (self) == 0)
    {
      if (self->pending->len > KEPT_SIZE)
        g_clear_pointer (&self->pending, g_byte_array_unref);
      else
        g_byte_array_set_size (self->pending, 0);
      self->n_written = 0;
    }
  else if (self->n_written > self->settings.max_pending_size && self->n_written > self->pending->len / 2)
    {
      g_byte_array_remove_range (self->pending, 0, (guint) self->n_written);
      self->n_written = 0;
    }
}

static GByteArray *
get_output (OaiSocketPeer *self)
{
  if (self->pending == NULL)
    self->pending = g_byte_array_new ();

  return self->pending;
}

static gboolean
write_cb (GObject *stream, gpointer user_data)
{
  OaiSocketPeer *self = peer_ref (user_data);

  oai_drop_source (&self->write_source);
  flush (self);
  peer_unref (self);

  return G_SOURCE_REMOVE;
}

static void
wait_until_writable (OaiSocketPeer *self)
{
  self->write_source = g_pollable_output_stream_create_source (self->output, NULL);
  g_source_set_static_name (self->write_source, "[oai] socket output");
  g_source_set_callback (self->write_source, G_SOURCE_FUNC (write_cb), self, NULL);
  g_source_attach (self->write_source, self->context);
}

/* Returns FALSE if the rest has to wait, or if the connection failed. */
static gboolean
write_pending (OaiSocketPeer *self)
{
  while (get_n_pending (self) > 0)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_pollable_output_stream_write_nonblocking (self->output, self->pending->data + self->n_written, get_n_pending (self), NULL, &error);

      if (n > 0)
        {
          self->n_written += (gsize) n;
          self->has_written = TRUE;
          continue;
        }
      discard_written (self);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        wait_until_writable (self);
      else
        fail (self, 0, "The connection was lost");
      return FALSE;
    }

  discard_written (self);

  return TRUE;
}

static void
send_pong (OaiSocketPeer *self)
{
  self->has_pong = FALSE;
  if (!self->close_sent)
    oai_frame_append (get_output (self), OAI_FRAME_PONG, self->pong, self->n_pong, !self->from_client);
}

static void
report_writable (OaiSocketPeer *self)
{
  if (!self->was_full || oai_socket_peer_is_full (self) || self->state != STATE_OPEN)
    return;

  self->was_full = FALSE;
  if (self->funcs != NULL)
    self->funcs->writable (self, self->user_data);
}

static void
flush (OaiSocketPeer *self)
{
  gboolean is_written = self->write_source == NULL && self->state != STATE_ENDED && write_pending (self);

  if (self->state == STATE_ENDED)
    return;
  if (is_written && self->has_pong)
    {
      send_pong (self);
      is_written = write_pending (self);
    }
  if (is_written && self->state == STATE_FLUSHING)
    begin_draining (self);
  else
    report_writable (self);
}

void
oai_socket_peer_flush (OaiSocketPeer *self)
{
  peer_ref (self);
  flush (self);
  peer_unref (self);
}

gboolean
oai_socket_peer_is_full (OaiSocketPeer *self)
{
  return get_n_pending (self) > self->settings.max_pending_size;
}

void
oai_socket_peer_write_raw (OaiSocketPeer *self, const char *data, gsize size)
{
  g_byte_array_append (get_output (self), (const guint8 *) data, (guint) size);
  oai_socket_peer_flush (self);
}

void
oai_socket_peer_send (OaiSocketPeer *self, gboolean is_text, const char *data, gsize size)
{
  if (self->close_sent || self->state != STATE_OPEN)
    return;

  oai_frame_append (get_output (self), is_text ? OAI_FRAME_TEXT : OAI_FRAME_BINARY, data, size, !self->from_client);
  if (oai_socket_peer_is_full (self))
    self->was_full = TRUE;
}

void
oai_socket_peer_send_close (OaiSocketPeer *self, guint code, const char *reason, gsize length)
{
  if (self->close_sent || self->state != STATE_OPEN)
    return;

  self->close_sent = TRUE;
  oai_frame_append_close (get_output (self), code, reason, length, !self->from_client);
  oai_socket_peer_flush (self);
}

gboolean
oai_socket_peer_has_sent_close (OaiSocketPeer *self)
{
  return self->close_sent;
}

/* Reading */

/* While the output is full, only the last ping is answered, so that the answers need no memory. */
static void
take_ping (OaiSocketPeer *self)
{
  self->n_pong = self->reader.n_control;
  memcpy (self->pong, self->reader.control, self->n_pong);
  self->has_pong = TRUE;
  if (!oai_socket_peer_is_full (self))
    send_pong (self);
}

static void
take_close (OaiSocketPeer *self)
{
  gsize length;
  const char *reason = oai_frame_reader_get_reason (&self->reader, &length);

  self->stopped = TRUE;
  self->funcs->closing (self, self->reader.close_code, reason, length, self->user_data);
}

static void
take_event (OaiSocketPeer *self, OaiFrameEvent event)
{
  GByteArray *message = self->reader.message;

  switch (event)
    {
    case OAI_FRAME_EVENT_MESSAGE:
      self->funcs->message (self, oai_frame_reader_is_text (&self->reader), message->len > 0 ? (const char *) message->data : "", message->len, self->user_data);
      break;
    case OAI_FRAME_EVENT_PING:
      take_ping (self);
      break;
    case OAI_FRAME_EVENT_CLOSE:
      take_close (self);
      break;
    case OAI_FRAME_EVENT_INVALID:
      fail (self, self->reader.close_code, self->reader.problem);
      break;
    default:
      break;
    }
}

/* What arrives after the last message is discarded. */
static void
take_bytes (OaiSocketPeer *self, const guint8 *bytes, gsize length)
{
  self->has_read = TRUE;
  while (length > 0 && !self->stopped && self->funcs != NULL)
    {
      OaiFrameEvent event;
      gsize n = oai_frame_reader_feed (&self->reader, bytes, length, &event);

      bytes += n;
      length -= n;
      take_event (self, event);
    }
}

static void
take_end_of_input (OaiSocketPeer *self)
{
  if (self->state == STATE_OPEN)
    fail (self, 0, "The connection was lost");
  else
    end (self);
}

/* Returns whether there may be more to read now. */
static gboolean
read_once (OaiSocketPeer *self)
{
  g_autoptr(GError) error = NULL;
  guint8 buffer[READ_SIZE];
  gssize n = g_pollable_input_stream_read_nonblocking (self->input, buffer, sizeof buffer, NULL, &error);

  if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  if (n <= 0)
    {
      take_end_of_input (self);
      return FALSE;
    }

  if (self->stopped)
    self->n_drained += (gsize) n;
  if (self->n_drained > MAX_DRAIN)
    {
      end (self);
      return FALSE;
    }
  take_bytes (self, buffer, (gsize) n);

  return n == READ_SIZE && self->read_source != NULL;
}

static gboolean
read_cb (GObject *stream, gpointer user_data)
{
  OaiSocketPeer *self = peer_ref (user_data);
  guint n = 1;

  while (read_once (self) && n < MAX_READS)
    n++;
  if (self->state == STATE_OPEN && self->has_pong && !oai_socket_peer_is_full (self))
    send_pong (self);
  flush (self);
  if (self->funcs != NULL && self->state == STATE_OPEN)
    self->funcs->idle (self, self->user_data);
  peer_unref (self);

  return G_SOURCE_CONTINUE;
}

/* A paused peer is not read, but while the connection ends, its bytes are discarded. */
static gboolean
has_to_read (OaiSocketPeer *self)
{
  return self->state == STATE_OPEN ? !self->paused : self->state != STATE_ENDED;
}

static void
update_reading (OaiSocketPeer *self)
{
  if (!has_to_read (self))
    oai_drop_source (&self->read_source);
  if (!has_to_read (self) || self->read_source != NULL)
    return;

  self->read_source = g_pollable_input_stream_create_source (self->input, NULL);
  g_source_set_static_name (self->read_source, "[oai] socket input");
  g_source_set_callback (self->read_source, G_SOURCE_FUNC (read_cb), self, NULL);
  g_source_attach (self->read_source, self->context);
}

void
oai_socket_peer_set_paused (OaiSocketPeer *self, gboolean paused)
{
  self->paused = paused;
  update_reading (self);
}

/* A peer that is gone */

static gboolean
is_overdue (OaiSocketPeer *self, guint n_ticks, guint limit)
{
  return limit > 0 && (guint64) n_ticks * self->settings.keepalive_ms >= limit;
}

/* A paused peer is not read, so it cannot prove that it exists. */
static gboolean
tick_cb (gpointer user_data)
{
  OaiSocketPeer *self = peer_ref (user_data);

  self->n_quiet = self->has_read || self->paused ? 0 : self->n_quiet + 1;
  self->n_stuck = self->has_written || get_n_pending (self) == 0 ? 0 : self->n_stuck + 1;
  self->has_read = FALSE;
  self->has_written = FALSE;
  if (self->n_quiet >= 2)
    {
      fail (self, 0, "The connection timed out");
    }
  else if (is_overdue (self, self->n_stuck, self->settings.write_timeout_ms))
    {
      fail (self, 0, "The peer does not read");
    }
  else if (self->n_quiet > 0 && !self->close_sent && !oai_socket_peer_is_full (self))
    {
      oai_frame_append (get_output (self), OAI_FRAME_PING, NULL, 0, !self->from_client);
      flush (self);
    }
  peer_unref (self);

  return G_SOURCE_CONTINUE;
}

void
oai_socket_peer_start (OaiSocketPeer *self, GBytes *first)
{
  gsize length = 0;
  const guint8 *bytes = first != NULL ? g_bytes_get_data (first, &length) : NULL;

  /* The peer can be lost while the reply is written. */
  if (self->state == STATE_ENDED)
    return;

  peer_ref (self);
  if (self->settings.keepalive_ms > 0)
    self->tick_source = add_timer (self, self->settings.keepalive_ms, tick_cb, "[oai] socket");
  update_reading (self);
  take_bytes (self, bytes, length);
  if (self->funcs != NULL && self->state == STATE_OPEN)
    self->funcs->idle (self, self->user_data);
  peer_unref (self);
}
