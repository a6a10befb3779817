/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chunked-body-private.h"

#include <libsoup/soup.h>

#include "oai-pushback-stream-private.h"

/* Returns the stream below one of the type with this name; NULL for other types. */
static GInputStream *
get_base (GInputStream *stream, const char *type_name)
{
  if (stream == NULL || g_strcmp0 (G_OBJECT_TYPE_NAME (stream), type_name) != 0)
    return NULL;

  return g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));
}

static gboolean
is_chunked (GInputStream *stream)
{
  int encoding = SOUP_ENCODING_UNRECOGNIZED;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (stream), "encoding") != NULL)
    g_object_get (stream, "encoding", &encoding, NULL);

  return encoding == SOUP_ENCODING_CHUNKED;
}

/* Whether libsoup counts the bytes that the stream reads, for the metrics of a message. */
static gboolean
is_counted (GInputStream *stream)
{
  guint signal = g_signal_lookup ("read-data", G_OBJECT_TYPE (stream));

  return signal != 0 && g_signal_has_handler_pending (stream, signal, 0, FALSE);
}

void
oai_chunked_body_init (OaiChunkedBody *self, GInputStream *body, GSocket *socket)
{
  GInputStream *decoder = get_base (body, "SoupClientInputStream");
  GInputStream *connection = get_base (decoder, "SoupBodyInputStream");
  GInputStream *base = get_base (connection, "SoupFilterInputStream");

  *self = (OaiChunkedBody) { .body = body };
  if (base == NULL || !is_chunked (decoder))
    return;

  self->libsoup_decoder = decoder;
  self->connection = G_FILTER_INPUT_STREAM (connection);
  self->socket = socket;
  self->is_counted = is_counted (connection);
  self->is_plain = g_strcmp0 (G_OBJECT_TYPE_NAME (base), "GSocketInputStream") == 0;
}

static gssize
read_now (GInputStream *stream, void *buffer, gsize size, GError **error)
{
  return g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, size, NULL, error);
}

/* rest: what was read from the connection, but not decoded. */
static void
hand_back (OaiChunkedBody *self, const char *rest, gsize length)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  gsize skipped = oai_chunk_decoder_get_prefix (&self->decoder, bytes);
  char byte;

  if (length > 0)
    g_byte_array_append (bytes, (const guint8 *) rest, length);
  oai_pushback_stream_push (self->connection, bytes);
  self->connection = NULL;
  if (skipped > 0)
    read_now (self->libsoup_decoder, &byte, skipped, NULL);
}

/* Skips the layers that have nothing buffered, since they take more time than the read itself. */
static gssize
read_connection (OaiChunkedBody *self, char *buffer, gsize size, GError **error)
{
  if (!self->nothing_buffered || self->is_counted)
    return read_now (G_INPUT_STREAM (self->connection), buffer, size, error);
  if (self->is_plain && self->socket != NULL)
    return g_socket_receive_with_blocking (self->socket, buffer, size, FALSE, NULL, error);

  return read_now (self->connection->base_stream, buffer, size, error);
}

/* Nothing is buffered after a read that would block, nor, without TLS, after a short one.  Each read
 * over TLS then takes one record from the socket, and all of it if the read is short. */
static void
note_read (OaiChunkedBody *self, gssize n, gsize size, const GError *error)
{
  self->was_short = n >= 0 && (gsize) n < size;
  if ((self->is_plain && self->was_short) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    self->nothing_buffered = TRUE;
}

gssize
oai_chunked_body_read (OaiChunkedBody *self, char *buffer, gsize size, GError **error)
{
  while (self->connection != NULL)
    {
      GError *reason = NULL;
      gssize n = read_connection (self, buffer, size, &reason);
      gsize length, used;

      note_read (self, n, size, reason);
      if (n < 0)
        {
          g_propagate_error (error, reason);
          return n;
        }

      length = oai_chunk_decoder_decode (&self->decoder, buffer, n, &used);
      if (n == 0 || self->decoder.stopped)
        hand_back (self, buffer + used, n - used);
      if (length > 0)
        return length;
    }

  return read_now (self->body, buffer, size, error);
}

gboolean
oai_chunked_body_is_unbuffered (OaiChunkedBody *self)
{
  return self->connection != NULL && self->is_plain;
}

gboolean
oai_chunked_body_is_drained (OaiChunkedBody *self)
{
  if (self->connection == NULL || !self->was_short)
    return FALSE;

  return self->is_plain || (self->nothing_buffered && self->socket != NULL && g_socket_get_available_bytes (self->socket) == 0);
}

void
oai_chunked_body_hand_back (OaiChunkedBody *self)
{
  if (self->connection != NULL)
    hand_back (self, NULL, 0);
}
