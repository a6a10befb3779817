/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests of the proxy to servers that close connections, stop, and send what they should not: the connections that are
 * kept, requests that are sent again, back-pressure, time limits, TLS and proxies. */

#include <openai-1/openai.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "oai-passed-request-private.h"
#include "oai-upstream-exchange-private.h"
#include "proxy-fixture.h"

#define REPLY "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define LARGE (2 * 1024 * 1024)

/* The server */

typedef struct _Server Server;

typedef struct
{
  Server *server;
  GIOStream *stream;
  GCancellable *cancellable;
  guint n;          /* of the connection, from 1 */
  guint n_requests; /* over it */
  GString *received;
  char buffer[16384];
  gboolean ended;
} Peer;

struct _Server
{
  GSocketService *service;
  guint16 port;
  GTlsCertificate *certificate; /* for TLS, or NULL */
  GPtrArray *peers;
  guint n_requests;
  const char *reply;
  guint close_at;        /* closes the connection at this request in place of a reply; 0: never */
  gboolean ignore_body;  /* replies before the body has arrived */
  void (*request) (Peer *peer); /* in place of replying, if it is set */
};

static void
peer_close (Peer *self)
{
  g_cancellable_cancel (self->cancellable);
  g_io_stream_close (self->stream, NULL, NULL);
  self->ended = TRUE;
}

static void
peer_send (Peer *self, const char *text, gsize size)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (self->stream), text, size, NULL, NULL, NULL);
}

static void
handle_request (Peer *self)
{
  Server *server = self->server;

  server->n_requests++;
  self->n_requests++;
  if (server->close_at > 0 && self->n_requests >= server->close_at)
    peer_close (self);
  else if (server->request != NULL)
    server->request (self);
  else
    peer_send (self, server->reply, strlen (server->reply));
}

/* Requests with a length, or chunked ones that end what has arrived. */
static gboolean
take_request (Peer *self)
{
  const char *text = self->received->str;
  const char *end = strstr (text, "\r\n\r\n");
  gsize size = end != NULL ? (gsize) (end + 4 - text) : 0;
  const char *length = g_strstr_len (text, (gssize) size, "Content-Length: ");

  if (self->server->ignore_body && self->n_requests > 0)
    g_string_truncate (self->received, 0);
  if (end == NULL)
    return FALSE;
  if (length != NULL && !self->server->ignore_body)
    size += (gsize) g_ascii_strtoull (length + strlen ("Content-Length: "), NULL, 10);
  else if (g_strstr_len (text, (gssize) size, "Transfer-Encoding: chunked") != NULL)
    size = memcmp (text + self->received->len - 5, "0\r\n\r\n", 5) == 0 ? self->received->len : G_MAXSIZE;
  if (self->received->len < size)
    return FALSE;

  handle_request (self);
  g_string_erase (self->received, 0, (gssize) size);

  return TRUE;
}

static void read_more (Peer *self);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Peer *self = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n <= 0)
    {
      self->ended = TRUE;
      return;
    }

  g_string_append_len (self->received, self->buffer, n);
  while (!self->ended && take_request (self))
    ;
  if (!self->ended)
    read_more (self);
}

static void
read_more (Peer *self)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (self->stream), self->buffer, sizeof self->buffer, G_PRIORITY_DEFAULT,
                             self->cancellable, read_cb, self);
}

static gboolean
incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  Server *self = user_data;
  Peer *peer = g_new0 (Peer, 1);

  peer->server = self;
  peer->stream = self->certificate != NULL ? g_tls_server_connection_new (G_IO_STREAM (connection), self->certificate, NULL)
                                           : g_object_ref (G_IO_STREAM (connection));
  if (self->certificate != NULL)
    {
      static const char *const protocols[] = { "h2", "http/1.1", NULL };

      g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (peer->stream), protocols);
    }
  peer->cancellable = g_cancellable_new ();
  peer->received = g_string_new (NULL);
  g_ptr_array_add (self->peers, peer);
  peer->n = self->peers->len;
  read_more (peer);

  return TRUE;
}

static void
peer_free (gpointer data)
{
  Peer *self = data;

  g_object_unref (self->stream);
  g_object_unref (self->cancellable);
  g_string_free (self->received, TRUE);
  g_free (self);
}

static Server *
server_new (void)
{
  Server *self = g_new0 (Server, 1);
  g_autoptr(GInetAddress) loopback = g_inet_address_new_from_string ("127.0.0.1");
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr(GSocketAddress) used = NULL;
  g_autoptr(GError) error = NULL;

  self->reply = REPLY;
  self->peers = g_ptr_array_new_with_free_func (peer_free);
  self->service = g_socket_service_new ();
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, &used, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (used));
  g_signal_connect (self->service, "incoming", G_CALLBACK (incoming_cb), self);

  return self;
}

static void
server_free (Server *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  for (guint i = 0; i < self->peers->len; i++)
    if (!((Peer *) self->peers->pdata[i])->ended)
      g_cancellable_cancel (((Peer *) self->peers->pdata[i])->cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (self->service);
  g_clear_object (&self->certificate);
  g_ptr_array_unref (self->peers);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Server, server_free)

static Peer *
get_peer (Server *self, guint n)
{
  g_assert_cmpuint (self->peers->len, >=, n);

  return self->peers->pdata[n - 1];
}

/* The client */

typedef struct
{
  OaiUpstreamExchange *exchange;
  char room[10000];
  guint status;
  gint64 length;
  GString *body;
  GPtrArray *parts;  /* of the body, as they arrived; or NULL */
  gsize pause_after; /* bytes; 0: never */
  gboolean done;
  GError *error;

  /* The body of the request */
  gboolean streamed;
  gboolean once;
  gint64 size;
  gint64 sent;
  gboolean blocks;   /* each second read */
  guint n_reads;
  guint n_rewound;
} Client;

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  Client *self = user_data;

  *size = sizeof self->room;

  return self->room;
}

static void
head_cb (const OaiUpstreamHead *head, gint64 length, gpointer user_data)
{
  Client *self = user_data;

  self->status = head->status;
  self->length = length;
}

static gboolean
body_cb (char *data, gsize size, gpointer user_data)
{
  Client *self = user_data;

  g_string_append_len (self->body, data, (gssize) size);
  if (self->parts != NULL)
    g_ptr_array_add (self->parts, g_strndup (data, size));

  return self->pause_after == 0 || self->body->len < self->pause_after;
}

static void
done_cb (const GError *error, gpointer user_data)
{
  Client *self = user_data;

  g_assert_false (self->done);
  self->done = TRUE;
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

static const OaiUpstreamExchangeFuncs funcs = { reserve_cb, head_cb, body_cb, done_cb };

static gssize
read_cb_of_body (char *buffer, gsize size, GError **error, gpointer user_data)
{
  Client *self = user_data;
  gsize n = (gsize) MIN ((gint64) size, self->size - self->sent);

  if (self->blocks && self->n_reads++ % 2 == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "Later");
      return -1;
    }
  memset (buffer, 'x', n);
  self->sent += (gint64) n;

  return (gssize) n;
}

static gboolean
rewind_cb (GError **error, gpointer user_data)
{
  Client *self = user_data;

  self->sent = 0;
  self->n_rewound++;

  return TRUE;
}

static const OaiUpstreamBodyFuncs body_funcs = { read_cb_of_body, rewind_cb };
static const OaiUpstreamBodyFuncs once_funcs = { read_cb_of_body, NULL };

static Client *
client_new (void)
{
  Client *self = g_new0 (Client, 1);

  self->body = g_string_new (NULL);

  return self;
}

static void
client_free (Client *self)
{
  g_clear_pointer (&self->exchange, oai_upstream_exchange_free);
  g_string_free (self->body, TRUE);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)

typedef struct
{
  OaiUpstreamPool *pool;
  OaiUpstreamTimeouts timeouts;
  SoupSession *session;
  const char *host;
  const char *scheme;
  const char *socket_path;
} Setting;

static void
client_start (Client *self, const Setting *setting, guint16 port, const char *method, GBytes *body)
{
  g_autoptr(GUri) uri = g_uri_build (SOUP_HTTP_URI_FLAGS, setting->scheme != NULL ? setting->scheme : "http", NULL,
                                     setting->host != NULL ? setting->host : "127.0.0.1", port, "/v1/x", NULL, NULL);
  g_autoptr(OaiUpstreamOrigin) origin = oai_upstream_pool_ref_origin (setting->pool, uri, setting->socket_path, setting->session, NULL);
  g_autoptr(OaiHttpFields) fields = oai_http_fields_new ();
  const OaiUpstreamRequest request = {
    .method = method,
    .target = "/v1/x",
    .host = "example.org",
    .fields = fields,
    .body = body,
    .body_funcs = !self->streamed ? NULL : self->once ? &once_funcs : &body_funcs,
    .body_data = self,
    .length = self->blocks ? -1 : self->size,
  };

  oai_http_fields_append (fields, "X-Test", "1");
  self->exchange = oai_upstream_exchange_new (origin, &request, &setting->timeouts, &funcs, self);
  oai_upstream_exchange_start (self->exchange);
}

static void
client_wait (Client *self)
{
  wait_until (self->done);
}

/* Sends a request, and expects the reply of the server. */
static void
request_once (const Setting *setting, Server *server)
{
  g_autoptr(Client) client = client_new ();
  g_autoptr(GBytes) body = g_bytes_new_static ("{}", 2);

  client_start (client, setting, server->port, "POST", body);
  client_wait (client);
  g_assert_no_error (client->error);
  g_assert_cmpuint (client->status, ==, 200);
  g_assert_cmpstr (client->body->str, ==, "hello");
}

static void
iterate (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

/* Connections that are kept */

static void
test_reuse (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  Setting setting = { .pool = pool };

  for (guint i = 0; i < 5; i++)
    request_once (&setting, server);
  g_assert_cmpuint (server->peers->len, ==, 1);
  g_assert_cmpuint (server->n_requests, ==, 5);
  g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 1);
}

static void
keep_request (Peer *peer)
{
  g_assert_cmpstr (peer->received->str, ==, "POST /v1/x HTTP/1.1\r\nHost: example.org\r\nX-Test: 1\r\nContent-Length: 2\r\n\r\n{}");
  peer_send (peer, REPLY, strlen (REPLY));
}

static void
test_request (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  Setting setting = { .pool = pool };

  server->request = keep_request;
  request_once (&setting, server);
}

/* Replies after which a connection is not used again. */
static void
test_closed (void)
{
  static const char *const replies[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
    "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr(Server) server = server_new ();
      g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
      Setting setting = { .pool = pool };

      server->reply = replies[i];
      request_once (&setting, server);
      g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 0);
      request_once (&setting, server);
      g_assert_cmpuint (server->peers->len, ==, 2);
      wait_until (get_peer (server, 1)->ended);
    }
}

/* A server that closes a connection, or sends a reply without a request, while it is not used. */
static void
test_idle_events (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(Server) server = server_new ();
      g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
      Setting setting = { .pool = pool };

      request_once (&setting, server);
      g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 1);
      if (i == 0)
        peer_close (get_peer (server, 1));
      else
        peer_send (get_peer (server, 1), REPLY, strlen (REPLY));
      wait_until (oai_upstream_pool_get_n_idle (pool) == 0);
      request_once (&setting, server);
      g_assert_cmpuint (server->peers->len, ==, 2);
    }
}

/* The same, noticed when the connection is taken. */
static void
test_taken_late (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  Setting setting = { .pool = pool };

  request_once (&setting, server);
  peer_send (get_peer (server, 1), "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", 42);
  request_once (&setting, server);
  g_assert_cmpuint (server->peers->len, ==, 2);
  g_assert_cmpuint (server->n_requests, ==, 2);
}

static void
test_idle_limits (void)
{
  const OaiUpstreamPoolSettings settings = { .max_idle = 2, .idle_timeout_ms = 50 };
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (&settings);
  Setting setting = { .pool = pool };
  Client *clients[4];

  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      clients[i] = client_new ();
      client_start (clients[i], &setting, server->port, "GET", NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    client_wait (clients[i]);
  g_assert_cmpuint (server->peers->len, ==, 4);
  g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), <=, 2);
  wait_until (oai_upstream_pool_get_n_idle (pool) == 0);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    client_free (clients[i]);
  for (guint i = 1; i <= 4; i++)
    wait_until (get_peer (server, i)->ended);
}

/* Requests that are sent again */

static void
test_resent (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(Server) server = server_new ();
      g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
      g_autoptr(Client) client = client_new ();
      Setting setting = { .pool = pool };

      server->close_at = 2;
      request_once (&setting, server);
      client->streamed = i == 1;
      client->size = 100000;
      client_start (client, &setting, server->port, "POST", NULL);
      client_wait (client);
      g_assert_no_error (client->error);
      g_assert_cmpstr (client->body->str, ==, "hello");
      g_assert_cmpuint (server->n_requests, ==, 3);
      g_assert_cmpuint (server->peers->len, ==, 2);
      g_assert_cmpuint (client->n_rewound, ==, i);
    }
}

/* Once, not over a new connection, and not after a byte of the reply. */
static void
cut_reply (Peer *peer)
{
  peer_send (peer, "H", 1);
  peer_close (peer);
}

static void
test_not_resent (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) first = client_new ();
  g_autoptr(Client) second = client_new ();
  g_autoptr(Client) third = client_new ();
  Setting setting = { .pool = pool };

  request_once (&setting, server);
  server->close_at = 1;
  client_start (first, &setting, server->port, "GET", NULL);
  client_wait (first);
  g_assert_nonnull (first->error);
  g_assert_cmpuint (server->n_requests, ==, 3);

  client_start (second, &setting, server->port, "GET", NULL);
  client_wait (second);
  g_assert_nonnull (second->error);
  g_assert_cmpuint (server->n_requests, ==, 4);

  server->close_at = 0;
  request_once (&setting, server);
  server->request = cut_reply;
  client_start (third, &setting, server->port, "GET", NULL);
  client_wait (third);
  g_assert_error (third->error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT);
  g_assert_cmpuint (server->n_requests, ==, 6);
}

static gboolean
close_cb (gpointer data)
{
  peer_close (data);

  return G_SOURCE_REMOVE;
}

static void
close_late (Peer *peer)
{
  g_timeout_add (1100, close_cb, peer);
}

/* The server had time to handle the request. */
static void
test_closed_late (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) client = client_new ();
  Setting setting = { .pool = pool };

  request_once (&setting, server);
  server->request = close_late;
  client_start (client, &setting, server->port, "POST", NULL);
  client_wait (client);
  g_assert_error (client->error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT);
  g_assert_cmpuint (server->n_requests, ==, 2);
}

/* A body that can be read once only is sent over a new connection. */
static void
test_once (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) client = client_new ();
  Setting setting = { .pool = pool };

  request_once (&setting, server);
  client->streamed = client->once = TRUE;
  client->size = 100000;
  client_start (client, &setting, server->port, "POST", NULL);
  client_wait (client);
  g_assert_no_error (client->error);
  g_assert_cmpuint (server->peers->len, ==, 2);
}

/* Replies */

static void
test_refused (void)
{
  static const char *const replies[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello",
    "SSH-2.0-OpenSSH\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr(Server) server = server_new ();
      g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
      g_autoptr(Client) client = client_new ();
      Setting setting = { .pool = pool };

      request_once (&setting, server);
      server->reply = replies[i];
      client_start (client, &setting, server->port, "GET", NULL);
      client_wait (client);
      g_assert_error (client->error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 0);
      g_assert_cmpuint (server->n_requests, ==, 2);
      wait_until (get_peer (server, 1)->ended);
    }
}

static void
send_events (Peer *peer)
{
  peer_send (peer, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", 42);
  iterate (5);
  peer_send (peer, "Transfer-Encoding: chunked\r\n\r\n", 30);
  for (guint i = 0; i < 3; i++)
    {
      iterate (5);
      peer_send (peer, "9\r\ndata: a\n\n\r\n", 14);
    }
  peer_send (peer, "0\r\n\r\n", 5);
}

static void
test_events (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) client = client_new ();
  Setting setting = { .pool = pool };

  server->request = send_events;
  client->parts = g_ptr_array_new_with_free_func (g_free);
  client_start (client, &setting, server->port, "GET", NULL);
  client_wait (client);
  g_assert_no_error (client->error);
  g_assert_cmpint (client->length, ==, -1);
  g_assert_cmpuint (client->parts->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpstr (client->parts->pdata[i], ==, "data: a\n\n");
  g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 1);
}

static void
send_and_close (Peer *peer)
{
  peer_send (peer, peer->server->reply, strlen (peer->server->reply));
  peer_close (peer);
}

static void
test_until_end (void)
{
  static const char *const replies[] = { "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello" };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr(Server) server = server_new ();
      g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
      g_autoptr(Client) client = client_new ();
      Setting setting = { .pool = pool };

      server->reply = replies[i];
      server->request = send_and_close;
      client_start (client, &setting, server->port, "GET", NULL);
      client_wait (client);
      g_assert_cmpstr (client->body->str, ==, "hello");
      if (i == 0)
        g_assert_no_error (client->error);
      else
        g_assert_error (client->error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT);
      g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 0);
    }
}

static void
test_without_body (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) head = client_new ();
  g_autoptr(Client) upgrade = client_new ();
  Setting setting = { .pool = pool };

  server->reply = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  client_start (head, &setting, server->port, "HEAD", NULL);
  client_wait (head);
  g_assert_no_error (head->error);
  g_assert_cmpint (head->length, ==, 5);
  g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 0);

  server->reply = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n";
  client_start (upgrade, &setting, server->port, "GET", NULL);
  client_wait (upgrade);
  g_assert_cmpuint (upgrade->status, ==, 101);
  g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 0);
}

static void
send_body_late (Peer *peer)
{
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n", evil[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

  if (g_str_has_prefix (peer->received->str, "HEAD "))
    peer_send (peer, head, strlen (head));
  else
    peer_send (peer, peer->n_requests > 1 ? evil : REPLY, strlen (peer->n_requests > 1 ? evil : REPLY));
}

/* The body of a reply to HEAD, which the server must not send, is not the reply to the next request. */
static void
test_late_body (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) client = client_new ();
  Setting setting = { .pool = pool };

  server->request = send_body_late;
  client_start (client, &setting, server->port, "HEAD", NULL);
  client_wait (client);
  g_assert_no_error (client->error);
  request_once (&setting, server);
  g_assert_cmpuint (server->peers->len, ==, 2);
}

/* A server that refuses a body before it has arrived. */
static void
test_early_reply (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) client = client_new ();
  Setting setting = { .pool = pool };

  server->ignore_body = TRUE;
  server->reply = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
  client->streamed = TRUE;
  client->size = 100 * LARGE;
  client_start (client, &setting, server->port, "POST", NULL);
  client_wait (client);
  g_assert_no_error (client->error);
  g_assert_cmpuint (client->status, ==, 413);
  g_assert_cmpstr (client->body->str, ==, "hello");
  g_assert_cmpint (client->sent, <, client->size);
  g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 0);
}

/* Back-pressure */

static gpointer
write_large (gpointer data)
{
  Peer *peer = data;
  g_autofree char *text = g_malloc (LARGE);

  memset (text, 'y', LARGE);
  peer_send (peer, text, LARGE);

  return NULL;
}

static GThread *writer;

static void
send_large (Peer *peer)
{
  g_autofree char *head = g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", LARGE);

  peer_send (peer, head, strlen (head));
  writer = g_thread_new ("writer", write_large, peer);
}

static void
test_pause (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) client = client_new ();
  Setting setting = { .pool = pool, .timeouts = { .idle_ms = 300 } };

  server->request = send_large;
  client->pause_after = 50000;
  client_start (client, &setting, server->port, "GET", NULL);
  wait_until (client->body->len >= client->pause_after);
  iterate (400);
  g_assert_cmpuint (client->body->len, <, client->pause_after + sizeof client->room);
  g_assert_false (client->done);
  client->pause_after = 0;
  oai_upstream_exchange_resume (client->exchange);
  client_wait (client);
  g_thread_join (writer);
  g_assert_no_error (client->error);
  g_assert_cmpuint (client->body->len, ==, LARGE);
  g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 1);
}

static void
count_body (Peer *peer)
{
  guint n = 0;

  for (const char *c = strstr (peer->received->str, "\r\n\r\n"); *c != '\0'; c++)
    n += *c == 'x';
  g_assert_cmpuint (n, ==, LARGE);
  peer_send (peer, REPLY, strlen (REPLY));
}

static void
test_upload (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(Server) server = server_new ();
      g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
      g_autoptr(Client) client = client_new ();
      g_autofree char *text = g_strnfill (LARGE, 'x');
      g_autoptr(GBytes) bytes = g_bytes_new (text, LARGE);
      Setting setting = { .pool = pool };

      server->request = count_body;
      client->streamed = i > 0;
      client->blocks = i == 2;
      client->size = LARGE;
      client_start (client, &setting, server->port, "POST", i == 0 ? bytes : NULL);
      while (!client->done)
        {
          if (client->blocks)
            oai_upstream_exchange_wake (client->exchange);
          iterate (0);
          g_main_context_iteration (NULL, client->blocks ? FALSE : TRUE);
        }
      g_assert_no_error (client->error);
      g_assert_cmpstr (client->body->str, ==, "hello");
      g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 1);
    }
}

/* The end of exchanges */

static void
send_half (Peer *peer)
{
  static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello";

  peer_send (peer, half, strlen (half));
}

static void
test_cancel (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) client = client_new ();
  g_autoptr(Client) connecting = client_new ();
  Setting setting = { .pool = pool };

  server->request = send_half;
  client_start (client, &setting, server->port, "GET", NULL);
  wait_until (client->body->len == 5);
  g_clear_pointer (&client->exchange, oai_upstream_exchange_free);
  wait_until (get_peer (server, 1)->ended);
  g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 0);

  client_start (connecting, &setting, server->port, "GET", NULL);
  g_clear_pointer (&connecting->exchange, oai_upstream_exchange_free);
  iterate (10);
  g_assert_false (client->done || connecting->done);
}

static void
ignore_request (Peer *peer)
{
}

/* A server that never completes the handshake of TLS. */
static void
test_handshake (void)
{
  g_autoptr(Server) server = server_new ();
  OaiUpstreamPool *pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) cancelled = client_new ();
  g_autoptr(Client) late = client_new ();
  g_autoptr(Client) orphan = client_new ();
  Setting setting = { .pool = pool, .scheme = "https" };

  client_start (cancelled, &setting, server->port, "GET", NULL);
  wait_until (server->peers->len == 1 && get_peer (server, 1)->received->len > 0);
  g_clear_pointer (&cancelled->exchange, oai_upstream_exchange_free);
  wait_until (get_peer (server, 1)->ended);
  g_assert_false (cancelled->done);

  setting.timeouts.connect_ms = 30;
  client_start (late, &setting, server->port, "GET", NULL);
  client_wait (late);
  g_assert_error (late->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

  client_start (orphan, &setting, server->port, "GET", NULL);
  oai_upstream_pool_free (pool);
  client_wait (orphan);
  g_assert_error (orphan->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  for (guint i = 1; i <= server->peers->len; i++)
    wait_until (get_peer (server, i)->ended);
}

/* The pool is freed while a request is open, and another connection is kept. */
static void
test_pool_freed (void)
{
  g_autoptr(Server) server = server_new ();
  OaiUpstreamPool *pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) client = client_new ();
  g_autoptr(Client) other = client_new ();
  Setting setting = { .pool = pool };

  client_start (client, &setting, server->port, "GET", NULL);
  client_start (other, &setting, server->port, "GET", NULL);
  client_wait (other);
  client_wait (client);
  g_clear_pointer (&client->exchange, oai_upstream_exchange_free);
  client->done = FALSE;
  g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 2);
  client_start (client, &setting, server->port, "GET", NULL);
  oai_upstream_pool_free (pool);
  client_wait (client);
  g_assert_no_error (client->error);
  g_assert_cmpstr (client->body->str, ==, "hellohello");
  for (guint i = 1; i <= 2; i++)
    wait_until (get_peer (server, i)->ended);
}

static void
test_time_limits (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) head = client_new ();
  g_autoptr(Client) body = client_new ();
  Setting setting = { .pool = pool, .timeouts = { .head_ms = 30 } };

  server->request = ignore_request;
  client_start (head, &setting, server->port, "GET", NULL);
  client_wait (head);
  g_assert_error (head->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

  setting.timeouts = (OaiUpstreamTimeouts) { .idle_ms = 30 };
  server->request = send_half;
  client_start (body, &setting, server->port, "GET", NULL);
  client_wait (body);
  g_assert_error (body->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpstr (body->body->str, ==, "hello");
  g_assert_cmpuint (oai_upstream_pool_get_n_idle (pool), ==, 0);
}

static void
test_unreachable (void)
{
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autoptr(Client) client = client_new ();
  g_autoptr(Client) file = client_new ();
  Setting setting = { .pool = pool };
  Server *server = server_new ();
  guint16 port = server->port;

  server_free (server);
  client_start (client, &setting, port, "GET", NULL);
  client_wait (client);
  g_assert_error (client->error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);

  setting.socket_path = "/nonexistent/socket";
  client_start (file, &setting, port, "GET", NULL);
  client_wait (file);
  g_assert_nonnull (file->error);
}

/* Other connections */

static void
test_unix_socket (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autofree char *directory = g_dir_make_tmp ("upstream-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "socket", NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(GError) error = NULL;
  Setting setting = { .pool = pool, .socket_path = path };

  g_socket_listener_add_address (G_SOCKET_LISTENER (server->service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  request_once (&setting, server);
  request_once (&setting, server);
  g_assert_cmpuint (server->peers->len, ==, 1);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static SoupSession *
new_tls_session (Server *server, gboolean trusted)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "fixtures", "tls.pem", NULL);
  SoupSession *session = soup_session_new ();
  g_autoptr(GTlsDatabase) database = NULL;
  g_autoptr(GError) error = NULL;

  server->certificate = g_tls_certificate_new_from_file (path, &error);
  g_assert_no_error (error);
  database = g_tls_file_database_new (path, &error);
  g_assert_no_error (error);
  if (trusted)
    soup_session_set_tls_database (session, database);

  return session;
}

static void
check_protocol (Peer *peer)
{
  g_assert_cmpstr (g_tls_connection_get_negotiated_protocol (G_TLS_CONNECTION (peer->stream)), ==, "http/1.1");
  peer_send (peer, REPLY, strlen (REPLY));
}

static void
test_tls (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(SoupSession) session = new_tls_session (server, TRUE);
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  Setting setting = { .pool = pool, .scheme = "https", .session = session };

  server->request = check_protocol;
  for (guint i = 0; i < 3; i++)
    request_once (&setting, server);
  g_assert_cmpuint (server->peers->len, ==, 1);
  peer_close (get_peer (server, 1));
  wait_until (oai_upstream_pool_get_n_idle (pool) == 0);
  request_once (&setting, server);
  g_assert_cmpuint (server->peers->len, ==, 2);
}

static void
test_tls_refused (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(Server) server = server_new ();
      g_autoptr(SoupSession) session = new_tls_session (server, i == 0);
      g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
      g_autoptr(Client) client = client_new ();
      Setting setting = { .pool = pool, .scheme = "https", .session = session, .host = i == 0 ? "localhost" : NULL };

      client_start (client, &setting, server->port, "GET", NULL);
      client_wait (client);
      g_assert_error (client->error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);
      g_assert_cmpuint (server->n_requests, ==, 0);
    }
}

static void
act_as_proxy (Peer *peer)
{
  if (peer->n_requests > 1)
    peer_send (peer, REPLY, strlen (REPLY));
  else if (g_str_has_prefix (peer->received->str, "CONNECT example.org:8080 HTTP/1.0\r\n"))
    peer_send (peer, "HTTP/1.0 200 OK\r\n\r\n", 19);
}

static void
test_proxy (void)
{
  g_autoptr(Server) server = server_new ();
  g_autoptr(OaiUpstreamPool) pool = oai_upstream_pool_new (NULL);
  g_autofree char *address = g_strdup_printf ("http://127.0.0.1:%u", server->port);
  g_autoptr(GProxyResolver) resolver = g_simple_proxy_resolver_new (address, NULL);
  g_autoptr(SoupSession) session = soup_session_new_with_options ("proxy-resolver", resolver, NULL);
  g_autoptr(Client) client = client_new ();
  Setting setting = { .pool = pool, .session = session, .host = "example.org" };

  server->request = act_as_proxy;
  client_start (client, &setting, 8080, "GET", NULL);
  client_wait (client);
  g_assert_no_error (client->error);
  g_assert_cmpstr (client->body->str, ==, "hello");
}

/* A session without a resolver does not use proxies, also if the system has some. */
static void
test_session_without_proxies (void)
{
  g_autoptr(SoupSession) session = soup_session_new ();
  g_autoptr(OaiSettings) settings = oai_settings_new ();
  OaiConnectionSettings connection;

  oai_connection_settings_init (&connection, session, settings);
  g_assert_nonnull (connection.proxy_resolver);
  g_assert_true (connection.proxy_resolver == soup_session_get_proxy_resolver (session));
  oai_connection_settings_clear (&connection);

  soup_session_set_proxy_resolver (session, NULL);
  oai_connection_settings_init (&connection, session, settings);
  g_assert_null (connection.proxy_resolver);
  oai_connection_settings_clear (&connection);

  oai_connection_settings_init (&connection, NULL, settings);
  g_assert_nonnull (connection.proxy_resolver);
  oai_connection_settings_clear (&connection);
}

/* The whole proxy */

static char *host_received;

static void
keep_host (Peer *peer)
{
  const char *host = strstr (peer->received->str, "\r\nHost: ");

  if (peer->n_requests == 1 && g_str_has_prefix (peer->received->str, "CONNECT "))
    {
      peer_send (peer, "HTTP/1.0 200 OK\r\n\r\n", 19);
      return;
    }

  g_assert_nonnull (host);
  host += strlen ("\r\nHost: ");
  g_free (host_received);
  host_received = g_strndup (host, strcspn (host, "\r"));
  peer_send (peer, REPLY, strlen (REPLY));
}

/* Sends a request to a proxy in front of the client. */
static void
request_by_proxy (OaiClient *client)
{
  ProxyFixture fixture = { .proxy = oai_proxy_server_new (client) };
  g_auto(GStrv) addresses = NULL;
  g_autofree char *reply = NULL;

  g_assert_true (oai_proxy_server_set_allow_anonymous (fixture.proxy, TRUE, NULL));
  g_assert_true (oai_proxy_server_listen (fixture.proxy, "127.0.0.1:0", NULL, NULL));
  addresses = oai_proxy_server_list_addresses (fixture.proxy);
  fixture.address = addresses[0];
  reply = proxy_exchange (&fixture, "GET /v1/files HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  g_assert_true (g_str_has_suffix (reply, "\r\n\r\nhello"));
  oai_proxy_server_close (fixture.proxy);
  iterate (0);
  g_object_unref (fixture.proxy);
}

/* Returns the Host that a server with the address receives through a proxy. */
static char *
request_host (Server *server, const char *url)
{
  g_autofree char *address = g_strdup_printf ("http://127.0.0.1:%u", server->port);
  g_autoptr(GProxyResolver) resolver = g_simple_proxy_resolver_new (address, NULL);
  g_autoptr(SoupSession) session = soup_session_new_with_options ("proxy-resolver", resolver, NULL);
  g_autoptr(OaiSettings) settings = oai_settings_new ();
  g_autoptr(OaiAuth) auth = oai_auth_new (PROXY_KEY);
  g_autoptr(OaiClient) client = NULL;

  oai_settings_set_allow_insecure_http (settings, TRUE);
  g_assert_true (oai_settings_set_base_url (settings, url, NULL));
  client = oai_client_new_with_session (auth, settings, session);
  request_by_proxy (client);

  return g_steal_pointer (&host_received);
}

static void
test_host (void)
{
  static const char *const hosts[][2] = {
    { "http://example.org/v1", "example.org" },
    { "http://example.org:80/v1", "example.org" },
    { "http://example.org:8080/v1", "example.org:8080" },
    { "http://[2001:db8::1]:443/v1", "[2001:db8::1]:443" },
    { "http://[fe80::1%25eth0]/v1", "[fe80::1]" },
    { "http://b\xc3\xbc" "cher.example/v1", "xn--bcher-kva.example" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr(Server) server = server_new ();
      g_autofree char *host = NULL;

      server->request = keep_host;
      host = request_host (server, hosts[i][0]);
      g_assert_cmpstr (host, ==, hosts[i][1]);
    }
}

/* A client of the proxy never sees what a server sends after its reply, or a reply with two lengths. */
static void
test_smuggling (ProxyFixture *self, gconstpointer data)
{
  g_autoptr(Server) server = server_new ();
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/v1", server->port);
  g_autofree char *refused = NULL;
  g_autoptr(GError) error = NULL;

  oai_settings_set_base_url (oai_client_get_settings (self->client), url, &error);
  g_assert_no_error (error);
  server->reply = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *reply = proxy_exchange (self, "GET /v1/files HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

      g_assert_true (g_str_has_suffix (reply, "\r\n\r\ngood"));
    }
  g_assert_cmpuint (server->peers->len, ==, 5);

  server->reply = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n";
  refused = proxy_exchange (self, "GET /v1/files HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  g_assert_true (g_str_has_prefix (refused, "HTTP/1.1 502 "));
  g_assert_nonnull (strstr (refused, "\"error\""));
  g_assert_null (strstr (refused, "evil"));
}

static void
provide_token (OaiAuth *auth, OaiTokenRequest *request, gpointer user_data)
{
  oai_token_request_respond (request, "token-of-provider");
}

static void
check_credentials (Peer *peer)
{
  g_assert_nonnull (strstr (peer->received->str, "\r\nAuthorization: Bearer token-of-provider\r\n"));
  g_assert_nonnull (strstr (peer->received->str, "\r\napi-key: key-of-gateway\r\n"));
  peer_send (peer, REPLY, strlen (REPLY));
}

/* A gateway may require a key of its own in a header, and the token of a program. */
static void
test_token_and_header (void)
{
  g_autoptr(Server) server = server_new ();
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/v1", server->port);
  g_autoptr(OaiSettings) settings = oai_settings_new ();
  g_autoptr(OaiAuth) auth = oai_auth_new (NULL);
  g_autoptr(OaiClient) client = oai_client_new (auth, settings);

  g_assert_true (oai_settings_set_base_url (settings, url, NULL));
  oai_settings_set_header (settings, "api-key", "key-of-gateway");
  g_signal_connect (auth, "token-requested", G_CALLBACK (provide_token), NULL);
  server->request = check_credentials;
  request_by_proxy (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add_func ("/proxy/upstream/" name, func)
  ADD ("reuse", test_reuse);
  ADD ("request", test_request);
  ADD ("closed", test_closed);
  ADD ("idle-events", test_idle_events);
  ADD ("taken-late", test_taken_late);
  ADD ("idle-limits", test_idle_limits);
  ADD ("resent", test_resent);
  ADD ("not-resent", test_not_resent);
  ADD ("closed-late", test_closed_late);
  ADD ("once", test_once);
  ADD ("refused", test_refused);
  ADD ("events", test_events);
  ADD ("until-end", test_until_end);
  ADD ("without-body", test_without_body);
  ADD ("late-body", test_late_body);
  ADD ("early-reply", test_early_reply);
  ADD ("pause", test_pause);
  ADD ("upload", test_upload);
  ADD ("cancel", test_cancel);
  ADD ("handshake", test_handshake);
  ADD ("pool-freed", test_pool_freed);
  ADD ("time-limits", test_time_limits);
  ADD ("unreachable", test_unreachable);
  ADD ("unix-socket", test_unix_socket);
  ADD ("tls", test_tls);
  ADD ("tls-refused", test_tls_refused);
  ADD ("proxy", test_proxy);
  ADD ("session-without-proxies", test_session_without_proxies);
  ADD ("host", test_host);
  ADD ("token-and-header", test_token_and_header);
#undef ADD
  g_test_add ("/proxy/upstream/smuggling", ProxyFixture, NULL, proxy_fixture_set_up, test_smuggling, proxy_fixture_tear_down);

  return g_test_run ();
}
