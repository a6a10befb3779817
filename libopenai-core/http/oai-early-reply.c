/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-early-reply-private.h"

#include <string.h>

#include "oai-find-bytes-private.h"
#include "oai-session-sockets-private.h"
#include "oai-socket-copy-private.h"

#define MAX_REPLY (1024 * 1024)

/* The descriptor is a duplicate, since libsoup closes its own when writing fails, which would
 * discard the bytes that have arrived. */
struct _OaiEarlyReply
{
  int fd; /* or -1 */
};

static void
close_socket (OaiEarlyReply *self)
{
  if (self->fd >= 0)
    oai_socket_copy_close (self->fd);
  self->fd = -1;
}

OaiEarlyReply *
oai_early_reply_new (SoupSession *session, SoupMessage *message)
{
  OaiEarlyReply *self = g_new0 (OaiEarlyReply, 1);
  g_autoptr(GSocket) socket = oai_session_sockets_ref (session, soup_message_get_connection_id (message));

  self->fd = socket != NULL ? oai_socket_copy (socket) : -1;

  return self;
}

void
oai_early_reply_free (OaiEarlyReply *self)
{
  close_socket (self);
  g_free (self);
}

/* Decodes the chunked encoding in place.  A truncated body stays truncated. */
static void
join_chunks (GByteArray *body)
{
  guint read = 0;
  guint written = 0;

  while (read < body->len)
    {
      const guint8 *end = memchr (body->data + read, '\n', body->len - read);
      guint64 size;

      if (end == NULL)
        break;
      size = g_ascii_strtoull ((const char *) body->data + read, NULL, 16);
      read = end + 1 - body->data;
      if (size == 0)
        break;
      size = MIN (size, body->len - read);
      memmove (body->data + written, body->data + read, size);
      written += size;
      read += size;
      read += read + 2 <= body->len ? 2 : body->len - read;
    }
  g_byte_array_set_size (body, written);
}

/* Skips replies of the 1xx class. */
static gboolean
parse_head (GByteArray *reply, SoupMessageHeaders *headers, guint *status)
{
  const guint8 *end;
  SoupHTTPVersion version;

  do
    {
      end = oai_find_bytes (reply->data, reply->len, "\r\n\r\n", 4);
      soup_message_headers_clear (headers);
      if (end == NULL || !soup_headers_parse_response ((const char *) reply->data, end + 2 - reply->data, headers, &version, status, NULL))
        return FALSE;
      g_byte_array_remove_range (reply, 0, end + 4 - reply->data);
    }
  while (*status < 200);

  return TRUE;
}

gboolean
oai_early_reply_read (OaiEarlyReply *self, SoupMessageHeaders *headers, guint *status, GInputStream **body)
{
  g_autoptr(GByteArray) reply = NULL;
  g_autoptr(GBytes) bytes = NULL;

  if (self->fd < 0)
    return FALSE;

  reply = g_byte_array_new ();
  oai_socket_copy_read (self->fd, reply, MAX_REPLY);
  close_socket (self);
  if (reply->len == 0 || !parse_head (reply, headers, status) || *status < 300)
    return FALSE;

  /* Terminates the size of the last chunk. */
  g_byte_array_append (reply, (const guint8 *) "", 1);
  g_byte_array_set_size (reply, reply->len - 1);
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED)
    join_chunks (reply);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&reply));
  *body = g_memory_input_stream_new_from_bytes (bytes);

  return TRUE;
}
