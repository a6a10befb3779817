/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-http-transport-private.h"

#ifdef G_OS_UNIX
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#endif

#include "oai-source-private.h"

#define MAX_VECTORS 8
#define DISCARD_SIZE (16 * 1024)

/* The socket of the stream, if nothing else than TLS is above it. */
static GSocket *
find_socket (GIOStream *stream, gboolean *direct)
{
  g_autoptr(GIOStream) base = NULL;

  *direct = FALSE;
  if (G_IS_TCP_WRAPPER_CONNECTION (stream))
    return NULL;
  if (G_IS_SOCKET_CONNECTION (stream))
    {
      *direct = TRUE;
      return g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
    }
  if (!G_IS_TLS_CONNECTION (stream))
    return NULL;

  g_object_get (stream, "base-io-stream", &base, NULL);
  if (base == NULL || !G_IS_SOCKET_CONNECTION (base) || G_IS_TCP_WRAPPER_CONNECTION (base))
    return NULL;

  return g_socket_connection_get_socket (G_SOCKET_CONNECTION (base));
}

static void
note_events (OaiHttpTransport *self, OaiHttpWatchEvents events)
{
  /* Under TLS, reading can be what writing waits for, and the reverse. */
  gboolean both = self->fd < 0 && (events & (OAI_HTTP_WATCH_READ | OAI_HTTP_WATCH_WRITE)) != 0;

  if ((events & (OAI_HTTP_WATCH_READ | OAI_HTTP_WATCH_END | OAI_HTTP_WATCH_BROKEN)) != 0 || both)
    self->can_read = TRUE;
  if ((events & (OAI_HTTP_WATCH_WRITE | OAI_HTTP_WATCH_BROKEN)) != 0 || both)
    self->can_write = TRUE;
  self->ended = self->ended || (events & OAI_HTTP_WATCH_END) != 0;
  self->broken = self->broken || (events & OAI_HTTP_WATCH_BROKEN) != 0;
}

static void
watch_cb (OaiHttpWatchEvents events, gpointer user_data)
{
  OaiHttpTransport *self = user_data;

  note_events (self, events);
  self->func (events, self->user_data);
}

void
oai_http_transport_init (OaiHttpTransport *self, GIOStream *stream, OaiHttpWatchFunc func, gpointer user_data)
{
  gboolean direct;

  *self = (OaiHttpTransport) {
    .stream = g_object_ref (stream),
    .input = g_io_stream_get_input_stream (stream),
    .output = g_io_stream_get_output_stream (stream),
    .fd = -1,
    .can_read = TRUE,
    .can_write = TRUE,
    .func = func,
    .user_data = user_data,
  };
  self->socket = find_socket (stream, &direct);
  self->watched = oai_http_watch_init (&self->watch, self->socket, watch_cb, self);
#ifdef G_OS_UNIX
  if (direct && self->watched)
    self->fd = g_socket_get_fd (self->socket);
#endif
}

void
oai_http_transport_clear (OaiHttpTransport *self)
{
  oai_drop_source (&self->read_source);
  oai_drop_source (&self->write_source);
  oai_http_watch_clear (&self->watch);
  self->socket = NULL;
  self->fd = -1;
  g_clear_object (&self->stream);
}

/* Reading and writing */

static void
set_system_error (GError **error, int number)
{
  g_set_error_literal (error, G_IO_ERROR, (int) g_io_error_from_errno (number), g_strerror (number));
}

static gssize
read_stream (OaiHttpTransport *self, char *buffer, gsize size, GError **error)
{
  GError *reason = NULL;
  gssize n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->input), buffer, size, NULL, &reason);

  if (reason == NULL)
    return n;

  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    self->can_read = FALSE;
  /* The end of TLS without its message: the framing of HTTP shows whether bytes are missing. */
  if (g_error_matches (reason, G_TLS_ERROR, G_TLS_ERROR_EOF))
    {
      self->truncated = TRUE;
      g_error_free (reason);
      return 0;
    }
  g_propagate_error (error, reason);

  return -1;
}

static gssize
write_stream (OaiHttpTransport *self, const GOutputVector *vector, GError **error)
{
  GError *reason = NULL;
  gssize n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (self->output), vector->buffer, vector->size, NULL, &reason);

  if (reason == NULL)
    return n;
  if (!g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      g_propagate_error (error, reason);
      return -1;
    }

  g_error_free (reason);
  self->can_write = FALSE;

  return 0;
}

#ifdef G_OS_UNIX

static gssize
read_socket (OaiHttpTransport *self, char *buffer, gsize size, GError **error)
{
  gssize n;

  do
    n = recv (self->fd, buffer, size, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    self->can_read = FALSE;
  /* Further bytes, and the end, are reported as events. */
  else if (n > 0 && (gsize) n < size && !self->ended && !self->broken)
    self->can_read = FALSE;
  if (n < 0)
    set_system_error (error, errno);

  return n;
}

static gssize
write_socket (OaiHttpTransport *self, const GOutputVector *vectors, guint n_vectors, GError **error)
{
  struct iovec parts[MAX_VECTORS];
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = n_vectors };
  gsize size = 0;
  gssize n;

  for (guint i = 0; i < n_vectors; i++)
    {
      parts[i] = (struct iovec) { (void *) vectors[i].buffer, vectors[i].size };
      size += vectors[i].size;
    }
  do
    n = sendmsg (self->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
    {
      set_system_error (error, errno);
      return -1;
    }

  self->can_write = n == (gssize) size;

  return MAX (n, 0);
}

#else

static gssize
read_socket (OaiHttpTransport *self, char *buffer, gsize size, GError **error)
{
  return read_stream (self, buffer, size, error);
}

static gssize
write_socket (OaiHttpTransport *self, const GOutputVector *vectors, guint n_vectors, GError **error)
{
  return write_stream (self, vectors, error);
}

#endif

gssize
oai_http_transport_read (OaiHttpTransport *self, char *buffer, gsize size, GError **error)
{
  return self->fd >= 0 ? read_socket (self, buffer, size, error) : read_stream (self, buffer, size, error);
}

gssize
oai_http_transport_write (OaiHttpTransport *self, const GOutputVector *vectors, guint n, GError **error)
{
  return self->fd >= 0 ? write_socket (self, vectors, MIN (n, MAX_VECTORS), error) : write_stream (self, vectors, error);
}

/* Waiting without a watch */

static gboolean
readable_cb (GObject *stream, gpointer user_data)
{
  OaiHttpTransport *self = user_data;

  oai_drop_source (&self->read_source);
  watch_cb (OAI_HTTP_WATCH_READ, self);

  return G_SOURCE_REMOVE;
}

static gboolean
writable_cb (GObject *stream, gpointer user_data)
{
  OaiHttpTransport *self = user_data;

  oai_drop_source (&self->write_source);
  watch_cb (OAI_HTTP_WATCH_WRITE, self);

  return G_SOURCE_REMOVE;
}

static void
attach (OaiHttpTransport *self, GSource *source, GPollableSourceFunc func)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();

  g_source_set_callback (source, G_SOURCE_FUNC (func), self, NULL);
  g_source_attach (source, context);
}

void
oai_http_transport_wait (OaiHttpTransport *self, gboolean to_read, gboolean to_write)
{
  if (self->watched)
    return;

  if (to_read && !self->can_read && self->read_source == NULL)
    {
      self->read_source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->input), NULL);
      attach (self, self->read_source, readable_cb);
    }
  if (to_write && !self->can_write && self->write_source == NULL)
    {
      self->write_source = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (self->output), NULL);
      attach (self, self->write_source, writable_cb);
    }
  if (!to_read)
    oai_drop_source (&self->read_source);
}

/* Closing */

/* The message that ends TLS is small.  A socket that can be written to has room for it. */
gboolean
oai_http_transport_can_end (OaiHttpTransport *self)
{
  return self->fd >= 0 || self->socket == NULL || self->broken || (g_socket_condition_check (self->socket, G_IO_OUT) & G_IO_OUT) != 0;
}

static void
end_tls (OaiHttpTransport *self)
{
  if (G_IS_TLS_CONNECTION (self->stream) && !self->broken && oai_http_transport_can_end (self))
    g_output_stream_close (self->output, NULL, NULL);
}

gboolean
oai_http_transport_shutdown (OaiHttpTransport *self)
{
  if (self->broken)
    return FALSE;
  /* One direction of another stream cannot be closed: the peer is expected to close the connection. */
  if (self->socket == NULL)
    return TRUE;

  end_tls (self);

  return g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
}

gssize
oai_http_transport_discard (OaiHttpTransport *self)
{
  char buffer[DISCARD_SIZE];
  g_autoptr(GError) error = NULL;
  gssize n = self->socket != NULL ? g_socket_receive_with_blocking (self->socket, buffer, sizeof buffer, FALSE, NULL, &error)
                                  : read_stream (self, buffer, sizeof buffer, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return -1;

  return MAX (n, 0);
}

static void
set_reset (GSocket *socket)
{
#ifdef G_OS_UNIX
  struct linger value = { .l_onoff = 1 };

  setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &value, sizeof value);
#endif
}

void
oai_http_transport_close (OaiHttpTransport *self, gboolean reset)
{
  g_autoptr(GIOStream) stream = g_object_ref (self->stream);
  g_autoptr(GSocket) socket = self->socket != NULL ? g_object_ref (self->socket) : NULL;

  if (socket != NULL && reset)
    set_reset (socket);
  else if (socket != NULL)
    end_tls (self);
  oai_http_transport_clear (self);
  /* Without a socket, closing the stream would send the end of TLS, which can block. */
  if (socket != NULL)
    g_socket_close (socket, NULL);
  else
    g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}
