/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connections of clients of the proxy: requests, replies, back-pressure, time limits, and clients that go away. */

#include <openai-1/openai.h>

#include <string.h>

#include "http-server.h"
#include "oai-http-watch-private.h"

typedef enum
{
  PLAIN,
  TLS,
  WRAPPED, /* a stream whose socket is not known */
} Kind;

static HttpServer *
new_server (gconstpointer kind, const OaiHttpSettings *settings)
{
  HttpServer *server = http_server_new (settings);

  server->wrapped = GPOINTER_TO_INT (kind) == WRAPPED;
  /* The client sees no end of such a stream before it is closed. */
  if (server->wrapped && server->settings.drain_timeout_ms == 0)
    server->settings.drain_timeout_ms = 100;
  if (GPOINTER_TO_INT (kind) == TLS)
    http_server_use_tls (server);

  return server;
}

static void
test_request (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  http_client_send (client, "POST /v1/x?a=%20b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
  http_client_assert_reply (client, "HTTP/1.1 200 OK\r\n", "POST /v1/x?a=%20b\nhello");
  g_assert_cmpuint (server->n_requests, ==, 1);

  http_client_send (client, "GET /v1/y HTTP/1.1\r\nHost: localhost\r\n\r\n");
  http_client_assert_reply (client, "HTTP/1.1 200 OK\r\n", "GET /v1/y\n");
  g_assert_cmpuint (server->n_replied, ==, 2);
  g_assert_cmpuint (server->n_closed, ==, 0);

  http_client_close (client);
  http_server_wait_closed (server);
  g_assert_no_error (server->error);
}


static void
test_fields (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  http_client_send (client, "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.0\r\n\r\n");
  http_client_receive_end (client);
  g_assert_nonnull (strstr (client->received->str, "Content-Type: text/plain\r\nDate: "));
  g_assert_nonnull (strstr (client->received->str, "Content-Length: 7\r\n\r\nHTTP/1.1 200 OK\r\n"));
  g_assert_true (g_str_has_suffix (client->received->str, "Content-Length: 6\r\nConnection: close\r\n\r\nGET /\n"));
  http_server_wait_closed (server);
  g_assert_no_error (server->error);
  g_assert_cmpuint (server->n_replied, ==, 2);
}

static void
reply_hostile (HttpServer *server, OaiHttpHead *head)
{
  g_autoptr(OaiHttpFields) fields = oai_http_fields_new ();

  oai_http_fields_append (fields, "X-A", "a\r\nX-Injected: b");
  oai_http_fields_append (fields, "X-B\r\nX-Injected", "b");
  oai_http_fields_append (fields, "X C", "c");
  oai_http_fields_append (fields, "", "d");
  oai_http_fields_append (fields, "Content-Length", "100");
  oai_http_fields_append (fields, "Transfer-Encoding", "gzip");
  oai_http_fields_append (fields, "Connection", "upgrade");
  oai_http_fields_append (fields, "X-Good", "e");
  oai_http_fields_append (fields, "Date", "today");
  oai_http_connection_send_reply (server->connection, 429, fields, NULL);
}

static void
test_hostile_fields (void)
{
  g_autoptr(HttpServer) server = http_server_new (NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = reply_hostile;
  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  http_client_receive_until (client, "\r\n\r\n");
  g_assert_cmpstr (client->received->str, ==, "HTTP/1.1 429 Too Many Requests\r\nX-Good: e\r\nDate: today\r\nContent-Length: 0\r\n\r\n");
}

static void
test_pipelined (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < 500; i++)
    g_string_append_printf (text, "POST /%u HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", i);
  http_client_send (client, text->str);
  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *body = g_strdup_printf ("POST /%u\nabc", i);

      http_client_assert_reply (client, "HTTP/1.1 200 OK\r\n", body);
    }
  g_assert_cmpuint (client->received->len, ==, 0);
  g_assert_cmpuint (server->n_replied, ==, 500);
}

/* Streaming */

#define STREAM_SIZE (4 * 1024 * 1024)
#define PART_SIZE 10000

static gsize streamed;

static void
stream (HttpServer *server)
{
  char part[PART_SIZE];
  gboolean more = TRUE;

  while (more && streamed < STREAM_SIZE)
    {
      gsize size = MIN (PART_SIZE, STREAM_SIZE - streamed);

      for (gsize i = 0; i < size; i++)
        part[i] = (char) ('a' + (streamed + i) % 23);
      streamed += size;
      more = oai_http_connection_write (server->connection, part, size);
      g_assert_cmpuint (oai_http_connection_get_pending (server->connection), <, 80000);
    }
  if (streamed == STREAM_SIZE)
    oai_http_connection_end_reply (server->connection);
}

static void
begin_stream (HttpServer *server, OaiHttpHead *head)
{
  streamed = 0;
  oai_http_connection_begin_reply (server->connection, 200, NULL, -1);
  stream (server);
}

static gsize
check_chunks (const char *text)
{
  gsize total = 0;

  for (;;)
    {
      char *end;
      guint64 size = g_ascii_strtoull (text, &end, 16);

      g_assert_true (g_str_has_prefix (end, "\r\n"));
      text = end + 2;
      for (gsize i = 0; i < size; i++)
        g_assert_cmpint (text[i], ==, 'a' + (int) ((total + i) % 23));
      g_assert_true (g_str_has_prefix (text + size, "\r\n"));
      text += size + 2;
      total += size;
      if (size == 0)
        break;
    }
  g_assert_cmpstr (text, ==, "");

  return total;
}

static void
test_back_pressure (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = begin_stream;
  server->writable = stream;
  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  HTTP_WAIT (server->n_requests > 0);
  http_iterate (10);
  g_assert_cmpuint (streamed, <, STREAM_SIZE);
  http_client_receive_until (client, "\r\n0\r\n\r\n");
  g_assert_nonnull (strstr (client->received->str, "Transfer-Encoding: chunked\r\n\r\n"));
  g_assert_cmpuint (check_chunks (strstr (client->received->str, "\r\n\r\n") + 4), ==, STREAM_SIZE);
  http_iterate (0);
  g_assert_cmpuint (server->n_replied, ==, 1);
}

static void
test_stream_http_1_0 (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = begin_stream;
  server->writable = stream;
  http_client_send (client, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  http_client_receive_end (client);
  g_assert_nonnull (strstr (client->received->str, "Connection: close\r\n\r\n"));
  g_assert_cmpuint (strlen (strstr (client->received->str, "\r\n\r\n") + 4), ==, STREAM_SIZE);
  g_assert_no_error (client->error);
}

static void
only_begin (HttpServer *server, OaiHttpHead *head)
{
  oai_http_connection_begin_reply (server->connection, 200, NULL, -1);
}

/* The head of an event stream arrives before its first event. */
static void
test_head_alone (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = only_begin;
  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  http_client_receive_until (client, "\r\n\r\n");
  g_assert_true (g_str_has_suffix (client->received->str, "\r\n\r\n"));
  g_string_truncate (client->received, 0);
  oai_http_connection_write (server->connection, "data: 1\n\n", 9);
  http_client_receive_until (client, "1\n\n\r\n");
  g_assert_cmpstr (client->received->str, ==, "9\r\ndata: 1\n\n\r\n");
  oai_http_connection_abort_reply (server->connection);
  http_client_receive_end (client);
  g_assert_cmpstr (client->received->str, ==, "9\r\ndata: 1\n\n\r\n");
  http_server_wait_closed (server);
  g_assert_cmpuint (server->n_replied, ==, 0);
}

/* Clients that go away */

static void
ignore_request (HttpServer *server, OaiHttpHead *head)
{
}

static void
test_gone (gconstpointer data)
{
  gboolean reset = GPOINTER_TO_INT (data) >= 10;
  g_autoptr(HttpServer) server = new_server (GINT_TO_POINTER (GPOINTER_TO_INT (data) % 10), NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = ignore_request;
  /* The client goes away while the body is not read, too. */
  http_client_send (client, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello");
  HTTP_WAIT (server->n_requests > 0);
  http_iterate (0);
  g_assert_cmpuint (server->n_closed, ==, 0);
  if (reset)
    http_client_reset (client);
  else
    http_client_close (client);
  http_server_wait_closed (server);
  g_assert_error (server->error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
test_half_close (gconstpointer data)
{
  const OaiHttpSettings settings = { .half_close = TRUE };
  g_autoptr(HttpServer) server = new_server (data, &settings);
  g_autoptr(HttpClient) client = http_client_new (server);

  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_socket_shutdown (client->socket, FALSE, TRUE, NULL);
  http_client_assert_reply (client, "HTTP/1.1 200 OK\r\n", "GET /\n");
  http_client_receive_end (client);
  http_server_wait_closed (server);
  g_assert_no_error (server->error);
}

/* A truncated head is no request. */
static void
test_half_head (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n");
  http_iterate (5);
  http_client_close (client);
  http_server_wait_closed (server);
  g_assert_error (server->error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_cmpuint (server->n_requests, ==, 0);
}

/* Bodies */

static void
refuse_unread (HttpServer *server, OaiHttpHead *head)
{
  if (strcmp (head->path, "/read") == 0)
    http_server_read_body (server);
  else
    oai_http_connection_send_reply (server->connection, 413, NULL, NULL);
}

static void
test_continue (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = refuse_unread;
  http_client_send (client, "POST /read HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  http_client_receive_until (client, "\r\n\r\n");
  g_assert_cmpstr (client->received->str, ==, "HTTP/1.1 100 Continue\r\n\r\n");
  g_string_truncate (client->received, 0);
  http_client_send (client, "ab");
  http_client_assert_reply (client, "HTTP/1.1 200 OK\r\n", "POST /read\nab");

  /* The client may or may not send the body now, so that the connection cannot be used again. */
  http_client_send (client, "POST /refuse HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  http_client_receive_end (client);
  g_assert_true (g_str_has_prefix (client->received->str, "HTTP/1.1 413 Content Too Large\r\n"));
  g_assert_nonnull (strstr (client->received->str, "Connection: close\r\n\r\n"));
}

static void
test_unread_body (gconstpointer data)
{
  const OaiHttpSettings settings = { .drain_timeout_ms = 3000 };
  g_autoptr(HttpServer) server = new_server (data, &settings);
  g_autoptr(HttpClient) client = http_client_new (server);
  g_autofree char *large = g_malloc0 (300000);

  /* A small rest is read. */
  server->request = refuse_unread;
  http_client_send (client, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n");
  http_client_assert_reply (client, "HTTP/1.1 413 Content Too Large\r\n", "");
  http_client_send (client, "helloPOST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nab");
  http_client_assert_reply (client, "HTTP/1.1 200 OK\r\n", "POST /read\nab");

  /* The client receives the reply, and no reset, although it sends a large body. */
  http_client_send (client, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n");
  http_client_send_bytes (client, large, 300000);
  http_client_receive_end (client);
  g_assert_no_error (client->error);
  g_assert_nonnull (strstr (client->received->str, "Connection: close\r\n\r\n"));
}

static void
test_refused_body (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  http_client_send (client, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
  http_iterate (5);
  http_client_send (client, "+1\r\nb\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  http_client_receive_end (client);
  g_assert_true (g_str_has_prefix (client->received->str, "HTTP/1.1 400 Bad Request\r\n"));
  g_assert_cmpstr (server->code, ==, "invalid_chunk_size");
  g_assert_cmpuint (server->n_requests, ==, 1);
}

/* Without a reader, at most one buffer of the body is read. */
static void
test_body_back_pressure (void)
{
  g_autoptr(HttpServer) server = http_server_new (NULL);
  g_autoptr(HttpClient) client = http_client_new (server);
  g_autofree char *large = g_malloc0 (65536);
  g_autoptr(GError) error = NULL;
  guint64 sent = 0, received = 0;
  gssize n;

  server->request = ignore_request;
  http_client_send (client, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n");
  while (error == NULL)
    {
      n = g_socket_send_with_blocking (client->socket, large, 65536, FALSE, NULL, &error);
      sent += (guint64) MAX (n, 0);
      http_iterate (1);
    }
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_assert_cmpuint (sent, <, 50000000);
  g_clear_error (&error);
  while ((n = oai_http_connection_read_body (server->connection, large, 65536, &error)) > 0 && received < 1000000)
    received += (guint64) n;
  g_assert_cmpuint (received, >, 16384);
}

/* Time limits */

static void
test_idle (gconstpointer data)
{
  const OaiHttpSettings settings = { .idle_timeout_ms = 20 };
  g_autoptr(HttpServer) server = new_server (data, &settings);
  g_autoptr(HttpClient) client = http_client_new (server);

  http_client_receive_end (client);
  g_assert_cmpuint (client->received->len, ==, 0);
  http_server_wait_closed (server);
  g_assert_no_error (server->error);
}

static void
test_slow_head (gconstpointer data)
{
  const OaiHttpSettings settings = { .head_timeout_ms = 60 };
  g_autoptr(HttpServer) server = new_server (data, &settings);
  g_autoptr(HttpClient) client = http_client_new (server);

  http_client_send (client, "GET / HTTP/1.1\r\n");
  while (!client->ended)
    {
      if (!http_client_receive (client) && server->n_refused == 0)
        http_client_send (client, "X: a\r\n");
      http_iterate (2);
    }
  g_assert_true (g_str_has_prefix (client->received->str, "HTTP/1.1 408 Request Timeout\r\n"));
  g_assert_cmpstr (server->code, ==, "request_timeout");
}

static void
test_slow_body (gconstpointer data)
{
  const OaiHttpSettings settings = { .body_timeout_ms = 60, .min_rate = 1000000 };
  g_autoptr(HttpServer) server = new_server (data, &settings);
  g_autoptr(HttpClient) client = http_client_new (server);

  http_client_send (client, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
  while (!client->ended)
    {
      if (!http_client_receive (client) && server->n_refused == 0)
        http_client_send (client, "a");
      http_iterate (2);
    }
  g_assert_true (g_str_has_prefix (client->received->str, "HTTP/1.1 408 Request Timeout\r\n"));
  g_assert_cmpuint (server->n_requests, ==, 1);
}

static void
test_slow_reader (gconstpointer data)
{
  const OaiHttpSettings settings = { .write_timeout_ms = 60 };
  g_autoptr(HttpServer) server = new_server (data, &settings);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = begin_stream;
  server->writable = stream;
  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  http_server_wait_closed (server);
  g_assert_error (server->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  http_client_receive_end (client);
  g_assert_cmpuint (client->received->len, <, STREAM_SIZE);
}

/* A reply that takes long has no time limit here. */
static void
test_slow_server (void)
{
  const OaiHttpSettings settings = { .head_timeout_ms = 10, .idle_timeout_ms = 10, .body_timeout_ms = 10, .write_timeout_ms = 10 };
  g_autoptr(HttpServer) server = http_server_new (&settings);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = ignore_request;
  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  HTTP_WAIT (server->n_requests > 0);
  http_iterate (40);
  g_assert_cmpuint (server->n_closed, ==, 0);
}

/* Closing */

static void
test_finish (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = only_begin;
  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  HTTP_WAIT (server->n_requests > 0);
  oai_http_connection_finish (server->connection);
  http_iterate (5);
  g_assert_cmpuint (server->n_closed, ==, 0);
  oai_http_connection_end_reply (server->connection);
  http_client_receive_end (client);
  g_assert_true (g_str_has_suffix (client->received->str, "0\r\n\r\n"));
  http_server_wait_closed (server);
  g_assert_no_error (server->error);
}

static void
test_finish_idle (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  http_client_assert_reply (client, "HTTP/1.1 200 OK\r\n", "GET /\n");
  oai_http_connection_finish (server->connection);
  http_client_receive_end (client);
  http_server_wait_closed (server);
}

static void
close_now (HttpServer *server, OaiHttpHead *head)
{
  oai_http_connection_close (server->connection);
  g_clear_pointer (&server->connection, oai_http_connection_unref);
}

static void
test_close_in_callback (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = close_now;
  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  http_client_receive_end (client);
  g_assert_cmpuint (server->n_closed, ==, 1);
}

static void
iterate_now (HttpServer *server, OaiHttpHead *head)
{
  http_iterate (5);
  if (oai_http_connection_read_body (server->connection, (char[1]) { 0 }, 1, NULL) == 0)
    oai_http_connection_send_reply (server->connection, 204, NULL, NULL);
}

/* A callback that iterates the main loop is not called again meanwhile. */
static void
test_nested (gconstpointer data)
{
  g_autoptr(HttpServer) server = new_server (data, NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = iterate_now;
  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  HTTP_WAIT (server->n_replied == 2);
  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  http_client_close (client);
  http_server_wait_closed (server);
}

static GIOStream *stolen;
static GBytes *rest;

static void
steal (HttpServer *server, OaiHttpHead *head)
{
  g_assert_true (head->upgrade_websocket);
  stolen = oai_http_connection_steal (server->connection, &rest);
}

static void
test_steal (void)
{
  g_autoptr(HttpServer) server = http_server_new (NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  server->request = steal;
  http_client_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\nrest");
  HTTP_WAIT (stolen != NULL);
  http_iterate (0);
  g_assert_true (stolen == server->stream);
  g_assert_cmpmem (g_bytes_get_data (rest, NULL), g_bytes_get_size (rest), "rest", 4);
  g_output_stream_write_all (g_io_stream_get_output_stream (stolen), "HTTP/1.1 101 Switching Protocols\r\n\r\n", 36, NULL, NULL, NULL);
  http_client_receive_until (client, "\r\n\r\n");
  g_assert_cmpstr (client->received->str, ==, "HTTP/1.1 101 Switching Protocols\r\n\r\n");
  g_assert_cmpuint (server->n_closed, ==, 0);
  g_clear_object (&stolen);
  g_clear_pointer (&rest, g_bytes_unref);
}

static const struct
{
  const char *name;
  GTestDataFunc func;
} tests[] = {
  { "request", test_request },
  { "fields", test_fields },
  { "pipelined", test_pipelined },
  { "back-pressure", test_back_pressure },
  { "head-alone", test_head_alone },
  { "half-close", test_half_close },
  { "half-head", test_half_head },
  { "continue", test_continue },
  { "unread-body", test_unread_body },
  { "refused-body", test_refused_body },
  { "idle", test_idle },
  { "slow-head", test_slow_head },
  { "slow-body", test_slow_body },
  { "slow-reader", test_slow_reader },
  { "finish", test_finish },
  { "finish-idle", test_finish_idle },
  { "close-in-callback", test_close_in_callback },
  { "nested", test_nested },
  { "stream-http-1-0", test_stream_http_1_0 },
};

/* Deadlines that pass at the same time */

#define N_WATCHES 20000

typedef struct
{
  OaiHttpWatch watch;
  guint n_calls;
  guint n_later;      /* deadlines that it sets */
  OaiHttpWatch *other; /* that it clears; nullable */
} Waiter;

static void
waiter_cb (OaiHttpWatchEvents events, gpointer user_data)
{
  Waiter *self = user_data;

  g_assert_cmpuint (events, ==, OAI_HTTP_WATCH_DEADLINE);
  self->n_calls++;
  if (self->other != NULL)
    oai_http_watch_clear (self->other);
  if (self->n_later > 0)
    {
      self->n_later--;
      oai_http_watch_set_deadline (&self->watch, g_get_monotonic_time ());
    }
}

/* Each is notified once for each deadline, unless another one clears it before. */
static void
test_many_deadlines (void)
{
  g_autofree Waiter *waiters = g_new0 (Waiter, N_WATCHES);
  gint64 deadline = g_get_monotonic_time ();

  for (guint i = 0; i < N_WATCHES; i++)
    {
      oai_http_watch_init (&waiters[i].watch, NULL, waiter_cb, &waiters[i]);
      oai_http_watch_set_deadline (&waiters[i].watch, deadline);
      waiters[i].n_later = i % 4 == 0;
    }
  /* Itself, the next one, and one that was called before. */
  waiters[1].other = &waiters[1].watch;
  waiters[2].other = &waiters[3].watch;
  waiters[N_WATCHES - 1].other = &waiters[5].watch;
  while (g_main_context_iteration (NULL, FALSE))
    ;

  for (guint i = 0; i < N_WATCHES; i++)
    {
      g_assert_cmpuint (waiters[i].n_calls, ==, i == 3 ? 0 : i % 4 == 0 ? 2 : 1);
      oai_http_watch_clear (&waiters[i].watch);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (Kind kind = PLAIN; kind <= WRAPPED; kind++)
    for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
      {
        static const char *const kinds[] = { "plain", "tls", "wrapped" };
        g_autofree char *path = g_strdup_printf ("/proxy/http/connection/%s/%s", kinds[kind], tests[i].name);

        g_test_add_data_func (path, GINT_TO_POINTER (kind), tests[i].func);
      }
  g_test_add_func ("/proxy/http/connection/hostile-fields", test_hostile_fields);
  g_test_add_func ("/proxy/http/connection/body-back-pressure", test_body_back_pressure);
  g_test_add_func ("/proxy/http/connection/slow-server", test_slow_server);
  g_test_add_func ("/proxy/http/connection/steal", test_steal);
  g_test_add_data_func ("/proxy/http/connection/plain/closed", GINT_TO_POINTER (PLAIN), test_gone);
  g_test_add_data_func ("/proxy/http/connection/plain/reset", GINT_TO_POINTER (10 + PLAIN), test_gone);
  g_test_add_func ("/proxy/http/connection/many-deadlines", test_many_deadlines);
  g_test_add_data_func ("/proxy/http/connection/tls/closed", GINT_TO_POINTER (TLS), test_gone);
  g_test_add_data_func ("/proxy/http/connection/tls/reset", GINT_TO_POINTER (10 + TLS), test_gone);
  g_test_add_data_func ("/proxy/http/connection/wrapped/closed", GINT_TO_POINTER (WRAPPED), test_gone);

  return g_test_run ();
}
