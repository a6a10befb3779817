/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "http-server.h"

#include <string.h>
#include <sys/socket.h>

/* Of sockets, so that they are full soon. */
#define BUFFER_SIZE (64 * 1024)

/* The server */

static void
reply (HttpServer *self)
{
  g_autoptr(OaiHttpFields) fields = oai_http_fields_new ();
  GString *text = g_string_new (self->line);
  g_autoptr(GBytes) body = NULL;

  g_string_append_c (text, '\n');
  g_string_append_len (text, self->body->str, (gssize) self->body->len);
  body = g_string_free_to_bytes (text);
  oai_http_fields_append (fields, "Content-Type", "text/plain");
  oai_http_connection_send_reply (self->connection, 200, fields, body);
}

static void
refuse (HttpServer *self, guint status, const char *code, const char *message)
{
  g_autoptr(GBytes) body = g_bytes_new (message, strlen (message));

  g_assert_true (g_utf8_validate (message, -1, NULL));
  g_free (self->code);
  self->code = g_strdup (code);
  self->status = status;
  self->n_refused++;
  oai_http_connection_send_reply (self->connection, status, NULL, body);
}

void
http_server_read_body (HttpServer *self)
{
  char buffer[10000];
  g_autoptr(GError) error = NULL;
  gssize n;

  while ((n = oai_http_connection_read_body (self->connection, buffer, sizeof buffer, &error)) > 0)
    g_string_append_len (self->body, buffer, n);
  if (n == 0)
    reply (self);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      const OaiHttpRefusal *refusal = oai_http_connection_get_refusal (self->connection);

      if (refusal != NULL)
        refuse (self, refusal->status, refusal->code, refusal->message);
    }
}

static void
request_cb (OaiHttpConnection *connection, OaiHttpHead *head, gpointer user_data)
{
  HttpServer *self = user_data;

  self->n_requests++;
  g_free (self->line);
  self->line = g_strdup_printf ("%s %s", head->method, head->target);
  g_string_truncate (self->body, 0);
  if (self->request != NULL)
    self->request (self, head);
  else
    http_server_read_body (self);
}

static void
readable_cb (OaiHttpConnection *connection, gpointer user_data)
{
  HttpServer *self = user_data;

  if (self->readable != NULL)
    self->readable (self);
  else
    http_server_read_body (self);
}

static void
writable_cb (OaiHttpConnection *connection, gpointer user_data)
{
  HttpServer *self = user_data;

  if (self->writable != NULL)
    self->writable (self);
}

static void
refused_cb (OaiHttpConnection *connection, guint status, const char *code, const char *message, gpointer user_data)
{
  HttpServer *self = user_data;

  refuse (self, status, code, message);
  if (self->refused != NULL)
    self->refused (self);
}

static void
replied_cb (OaiHttpConnection *connection, gpointer user_data)
{
  HttpServer *self = user_data;

  self->n_replied++;
  if (self->replied != NULL)
    self->replied (self);
}

static void
closed_cb (OaiHttpConnection *connection, const GError *error, gpointer user_data)
{
  HttpServer *self = user_data;

  self->n_closed++;
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

HttpServer *
http_server_new (const OaiHttpSettings *settings)
{
  HttpServer *self = g_new0 (HttpServer, 1);

  self->body = g_string_new (NULL);
  if (settings != NULL)
    self->settings = *settings;

  return self;
}

static void
drop_connection (HttpServer *self)
{
  if (self->connection == NULL)
    return;

  oai_http_connection_close (self->connection);
  g_clear_pointer (&self->connection, oai_http_connection_unref);
}

void
http_server_free (HttpServer *self)
{
  drop_connection (self);
  g_clear_object (&self->listener);
  g_clear_object (&self->address);
  g_clear_object (&self->certificate);
  g_clear_object (&self->stream);
  g_string_free (self->body, TRUE);
  g_free (self->line);
  g_free (self->code);
  g_clear_error (&self->error);
  g_free (self);
}

void
http_server_add (HttpServer *self, GIOStream *stream)
{
  static const OaiHttpConnectionFuncs funcs = { request_cb, readable_cb, writable_cb, refused_cb, replied_cb, closed_cb };

  drop_connection (self);
  self->n_closed = 0;
  self->connection = oai_http_connection_new (stream, &self->settings, &funcs, self);
  g_set_object (&self->stream, stream);
  g_object_unref (stream);
  oai_http_connection_start (self->connection);
}

void
http_server_wait_closed (HttpServer *self)
{
  HTTP_WAIT (self->n_closed > 0);
  http_iterate (0);
  g_assert_cmpuint (self->n_closed, ==, 1);
}

static gboolean
wake_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

void
http_iterate (guint milliseconds)
{
  gboolean done = FALSE;

  if (milliseconds == 0)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      return;
    }

  g_timeout_add (milliseconds, wake_cb, &done);
  HTTP_WAIT (done);
}

/* The client */

static void
listen_on_loopback (HttpServer *server)
{
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr(GError) error = NULL;

  server->listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_set_option (server->listener, SOL_SOCKET, SO_SNDBUF, BUFFER_SIZE, NULL);
  g_socket_bind (server->listener, any, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (server->listener, &error);
  g_assert_no_error (error);
  server->address = g_socket_get_local_address (server->listener, &error);
  g_assert_no_error (error);
}

static GIOStream *
accept_stream (HttpServer *server)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocket) socket = g_socket_accept (server->listener, NULL, &error);

  g_assert_no_error (error);

  if (server->wrapped)
    {
      g_autoptr(GSocketConnection) connection = g_socket_connection_factory_create_connection (socket);

      return G_IO_STREAM (g_tcp_wrapper_connection_new (G_IO_STREAM (connection), socket));
    }

  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

void
http_server_use_tls (HttpServer *self)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "fixtures", "tls.pem", NULL);
  g_autoptr(GError) error = NULL;

  self->certificate = g_tls_certificate_new_from_file (path, &error);
  g_assert_no_error (error);
}

static gboolean
accept_certificate_cb (GTlsConnection *connection, GTlsCertificate *certificate, GTlsCertificateFlags flags, gpointer user_data)
{
  return TRUE;
}

static void
handshake_cb (GObject *connection, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  g_tls_connection_handshake_finish (G_TLS_CONNECTION (connection), result, &error);
  g_assert_no_error (error);
  (*(guint *) user_data)++;
}

/* Returns the stream of the server, and takes its base. */
static GIOStream *
start_tls (HttpServer *server, HttpClient *client, GIOStream *base)
{
  g_autoptr(GIOStream) client_base = G_IO_STREAM (g_socket_connection_factory_create_connection (client->socket));
  g_autoptr(GError) error = NULL;
  GIOStream *stream = g_tls_server_connection_new (base, server->certificate, &error);
  guint n = 0;

  g_assert_no_error (error);
  g_object_unref (base);
  client->stream = g_tls_client_connection_new (client_base, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (client->stream, "accept-certificate", G_CALLBACK (accept_certificate_cb), NULL);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (client->stream), G_PRIORITY_DEFAULT, NULL, handshake_cb, &n);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (stream), G_PRIORITY_DEFAULT, NULL, handshake_cb, &n);
  HTTP_WAIT (n == 2);

  return stream;
}

HttpClient *
http_client_new (HttpServer *server)
{
  HttpClient *self = g_new0 (HttpClient, 1);
  g_autoptr(GError) error = NULL;
  GIOStream *stream;

  if (server->listener == NULL)
    listen_on_loopback (server);
  self->received = g_string_new (NULL);
  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_set_option (self->socket, SOL_SOCKET, SO_RCVBUF, BUFFER_SIZE, NULL);
  g_socket_connect (self->socket, server->address, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->socket, FALSE);
  stream = accept_stream (server);
  if (server->certificate != NULL)
    stream = start_tls (server, self, stream);
  http_server_add (server, stream);

  return self;
}

void
http_client_free (HttpClient *self)
{
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
  g_string_free (self->received, TRUE);
  g_clear_error (&self->error);
  g_free (self);
}

void
http_client_send_bytes (HttpClient *self, const char *data, gsize size)
{
  while (size > 0)
    {
      g_autoptr(GError) error = NULL;
      gssize n = self->stream != NULL
        ? g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->stream)), data, size, NULL, &error)
        : g_socket_send_with_blocking (self->socket, data, size, FALSE, NULL, &error);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          http_iterate (1);
          continue;
        }
      /* The server may close the connection before it has read everything. */
      if (error != NULL)
        return;
      data += n;
      size -= (gsize) n;
    }
}

void
http_client_send (HttpClient *self, const char *text)
{
  http_client_send_bytes (self, text, strlen (text));
}

gboolean
http_client_receive (HttpClient *self)
{
  char buffer[65536];
  g_autoptr(GError) error = NULL;
  gssize n = self->stream != NULL
    ? g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream)), buffer, sizeof buffer, NULL, &error)
    : g_socket_receive_with_blocking (self->socket, buffer, sizeof buffer, FALSE, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  if (error != NULL && self->error == NULL)
    self->error = g_steal_pointer (&error);
  self->ended = self->ended || n <= 0;
  g_string_append_len (self->received, buffer, MAX (n, 0));

  return n > 0;
}

void
http_client_receive_until (HttpClient *self, const char *text)
{
  while (!self->ended && strstr (self->received->str, text) == NULL)
    if (!http_client_receive (self))
      http_iterate (1);
}

void
http_client_receive_end (HttpClient *self)
{
  while (!self->ended)
    if (!http_client_receive (self))
      http_iterate (1);
}

void
http_client_assert_reply (HttpClient *self, const char *head, const char *body)
{
  const char *length, *end;
  gsize size;

  http_client_receive_until (self, "\r\n\r\n");
  g_assert_true (g_str_has_prefix (self->received->str, head));
  end = strstr (self->received->str, "\r\n\r\n");
  length = strstr (self->received->str, "Content-Length: ");
  g_assert_nonnull (end);
  g_assert_nonnull (length);
  size = (gsize) (end + 4 - self->received->str) + (gsize) g_ascii_strtoull (length + strlen ("Content-Length: "), NULL, 10);
  while (self->received->len < size && !self->ended)
    if (!http_client_receive (self))
      http_iterate (1);
  end = strstr (self->received->str, "\r\n\r\n") + 4;
  g_assert_cmpmem (end, self->received->str + size - end, body, strlen (body));
  g_string_erase (self->received, 0, (gssize) size);
}

void
http_client_close (HttpClient *self)
{
  g_socket_close (self->socket, NULL);
}

void
http_client_reset (HttpClient *self)
{
  struct linger value = { .l_onoff = 1 };

  setsockopt (g_socket_get_fd (self->socket), SOL_SOCKET, SO_LINGER, &value, sizeof value);
  g_socket_close (self->socket, NULL);
}
