/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* WebSocket connections through the proxy. */

#include <openai-1/openai.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../core/soup-listener.h"
#include "oai-socket-peer-private.h"
#include "proxy-fixture.h"

#define HOST "Host: proxy\r\n"
#define HANDSHAKE HOST "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

/* A server that sends each message back. */
typedef struct
{
  ProxyFixture base;
  SoupServer *server;
  SoupWebsocketConnection *connection; /* at the server */
  char *query;
  char *authorization;
  char *protocols;
  guint n_messages;
  gushort close_code;
  char *close_data;
  gboolean closed;
  char *path; /* of the UNIX socket, or NULL */
} Fixture;

/* Data of tests whose server listens on a UNIX socket. */
#define UNIX "unix"

static void
message_cb (SoupWebsocketConnection *connection, SoupWebsocketDataType type, GBytes *message, Fixture *self)
{
  self->n_messages++;
  soup_websocket_connection_send_message (connection, type, message);
}

static void
closed_cb (SoupWebsocketConnection *connection, Fixture *self)
{
  self->close_code = soup_websocket_connection_get_close_code (connection);
  g_free (self->close_data);
  self->close_data = g_strdup (soup_websocket_connection_get_close_data (connection));
  self->closed = TRUE;
}

static void
connected_cb (SoupServer *server, SoupServerMessage *message, const char *path, SoupWebsocketConnection *connection, gpointer user_data)
{
  Fixture *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  g_free (self->query);
  g_free (self->authorization);
  g_free (self->protocols);
  g_set_object (&self->connection, connection);
  soup_websocket_connection_set_max_incoming_payload_size (connection, 64 * 1024 * 1024);
  self->query = g_strdup (g_uri_get_query (soup_server_message_get_uri (message)));
  self->authorization = g_strdup (soup_message_headers_get_one (headers, "Authorization"));
  self->protocols = g_strdup (soup_message_headers_get_list (headers, "Sec-WebSocket-Protocol"));
  g_signal_connect (connection, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), self);
}

static char *
start_server (Fixture *self, gboolean use_unix)
{
  if (!use_unix)
    return g_strdup_printf ("http://127.0.0.1:%d/v1", soup_listener_start (self->server, 0));

  self->path = soup_listener_start_unix (self->server);

  return g_strconcat ("unix:", self->path, NULL);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  static char *protocols[] = { "realtime", NULL };
  g_autoptr(GError) error = NULL;
  g_autofree char *url = NULL;

  proxy_fixture_set_up (&self->base, NULL);
  self->server = g_object_new (SOUP_TYPE_SERVER, NULL);
  soup_server_add_websocket_handler (self->server, "/v1/realtime", NULL, protocols, connected_cb, self, NULL);
  url = start_server (self, g_strcmp0 (data, UNIX) == 0);
  oai_settings_set_base_url (oai_client_get_settings (self->base.client), url, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  proxy_fixture_tear_down (&self->base, data);
  soup_server_disconnect (self->server);
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  g_clear_object (&self->server);
  g_free (self->query);
  g_free (self->authorization);
  g_free (self->protocols);
  g_free (self->close_data);
  g_clear_pointer (&self->path, soup_listener_remove_unix);
}

/* A client of libsoup */

typedef struct
{
  SoupSession *session;
  SoupWebsocketConnection *connection;
  GError *error;
  GPtrArray *messages; /* of GBytes */
  gboolean closed;
} Client;

static void
client_message_cb (SoupWebsocketConnection *connection, SoupWebsocketDataType type, GBytes *message, Client *client)
{
  g_ptr_array_add (client->messages, g_bytes_ref (message));
}

static void
client_closed_cb (SoupWebsocketConnection *connection, Client *client)
{
  client->closed = TRUE;
}

static void
client_connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *client = user_data;

  client->connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &client->error);
  if (client->connection == NULL)
    return;

  soup_websocket_connection_set_max_incoming_payload_size (client->connection, 64 * 1024 * 1024);
  g_signal_connect (client->connection, "message", G_CALLBACK (client_message_cb), client);
  g_signal_connect (client->connection, "closed", G_CALLBACK (client_closed_cb), client);
}

static void
connect_client (Fixture *self, Client *client, const char *path, char **protocols)
{
  g_autofree char *url = g_strdup_printf ("http://%s%s", self->base.address, path);
  g_autoptr(SoupMessage) message = soup_message_new ("GET", url);

  *client = (Client) { .session = soup_session_new (), .messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref) };
  soup_session_websocket_connect_async (client->session, message, NULL, protocols, G_PRIORITY_DEFAULT, NULL, client_connected_cb, client);
  wait_until (client->connection != NULL || client->error != NULL);
}

static void
clear_client (Client *client)
{
  if (client->connection != NULL)
    g_signal_handlers_disconnect_by_data (client->connection, client);
  g_clear_object (&client->connection);
  g_clear_error (&client->error);
  g_clear_object (&client->session);
  g_ptr_array_unref (client->messages);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Client, clear_client)

static gboolean
has_metric (Fixture *self, const char *line)
{
  g_autoptr(GBytes) bytes = oai_metrics_to_text (oai_proxy_server_get_metrics (self->base.proxy));

  return g_strstr_len (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), line) != NULL;
}

static void
test_messages (Fixture *self, gconstpointer data)
{
  g_auto(Client) client = { 0 };
  g_autofree char *large = g_strnfill (5000000, 'x');
  g_autofree char *bearer = g_strconcat ("Bearer ", PROXY_KEY, NULL);
  static const guint8 bytes[] = { 0, 1, 255 };

  connect_client (self, &client, "/v1/realtime?model=gpt-realtime&x=1", NULL);
  g_assert_no_error (client.error);
  g_assert_cmpstr (self->query, ==, "model=gpt-realtime&x=1");
  g_assert_cmpstr (self->authorization, ==, bearer);
  g_assert_cmpuint (oai_proxy_server_get_n_requests (self->base.proxy), ==, 1);
  g_assert_true (has_metric (self, "\noai_proxy_open_websockets 1\n"));
  g_assert_true (has_metric (self, "\noai_proxy_open_connections 1\n"));

  soup_websocket_connection_send_text (client.connection, "{\"type\":\"a\"}");
  soup_websocket_connection_send_text (client.connection, "");
  soup_websocket_connection_send_binary (client.connection, bytes, sizeof bytes);
  soup_websocket_connection_send_text (client.connection, large);
  wait_until (client.messages->len == 4 || client.closed);
  g_assert_cmpuint (client.messages->len, ==, 4);
  g_assert_cmpmem (g_bytes_get_data (client.messages->pdata[0], NULL), g_bytes_get_size (client.messages->pdata[0]), "{\"type\":\"a\"}", 12);
  g_assert_cmpuint (g_bytes_get_size (client.messages->pdata[1]), ==, 0);
  g_assert_cmpmem (g_bytes_get_data (client.messages->pdata[2], NULL), g_bytes_get_size (client.messages->pdata[2]), bytes, sizeof bytes);
  g_assert_cmpuint (g_bytes_get_size (client.messages->pdata[3]), ==, 5000000);

  soup_websocket_connection_close (client.connection, 4001, "done");
  wait_until (client.closed && self->closed);
  g_assert_cmpuint (self->close_code, ==, 4001);
  g_assert_cmpstr (self->close_data, ==, "done");
  wait_until (oai_proxy_server_get_n_connections (self->base.proxy) == 0);
  g_assert_cmpuint (oai_proxy_server_get_n_requests (self->base.proxy), ==, 0);
  g_assert_true (has_metric (self, "\noai_proxy_open_websockets 0\n"));
  g_assert_true (has_metric (self, "\noai_proxy_open_connections 0\n"));
}

/* Messages with a member "error" are redacted, and those of any length arrive whole. */
static void
test_errors (Fixture *self, gconstpointer data)
{
  g_auto(Client) client = { 0 };
  g_autofree char *filler = g_strnfill (300000, 'x');
  g_autofree char *large = g_strconcat ("{\"type\":\"response.done\",\"error\":null,\"text\":\"", filler, "\"}", NULL);
  g_autofree char *leak = g_strconcat ("{\"type\":\"error\",\"error\":{\"message\":\"Incorrect key: ", PROXY_KEY, "\"}}", NULL);

  connect_client (self, &client, "/v1/realtime", NULL);
  g_assert_no_error (client.error);
  soup_websocket_connection_send_text (client.connection, large);
  soup_websocket_connection_send_text (client.connection, leak);
  wait_until (client.messages->len == 2 || client.closed);
  g_assert_cmpuint (client.messages->len, ==, 2);
  g_assert_cmpmem (g_bytes_get_data (client.messages->pdata[0], NULL), g_bytes_get_size (client.messages->pdata[0]), large, strlen (large));
  g_assert_null (memmem (g_bytes_get_data (client.messages->pdata[1], NULL), g_bytes_get_size (client.messages->pdata[1]), PROXY_KEY, strlen (PROXY_KEY)));
  g_assert_nonnull (memmem (g_bytes_get_data (client.messages->pdata[1], NULL), g_bytes_get_size (client.messages->pdata[1]), "Incorrect key", 13));
}

static void
test_server_closes (Fixture *self, gconstpointer data)
{
  g_auto(Client) client = { 0 };

  connect_client (self, &client, "/v1/realtime", NULL);
  g_assert_no_error (client.error);
  soup_websocket_connection_close (self->connection, 1011, "failed");
  wait_until (client.closed);
  g_assert_cmpuint (soup_websocket_connection_get_close_code (client.connection), ==, 1011);
  g_assert_cmpstr (soup_websocket_connection_get_close_data (client.connection), ==, "failed");
  wait_until (oai_proxy_server_get_n_connections (self->base.proxy) == 0);
}

/* The connection to the server is closed when the client goes away without closing. */
static void
test_client_goes_away (Fixture *self, gconstpointer data)
{
  g_autoptr(GSocket) socket = proxy_connect (self->base.address);
  g_autofree char *reply = NULL;

  proxy_send (socket, "GET /v1/realtime HTTP/1.1\r\n" HANDSHAKE "\r\n");
  reply = proxy_receive_until (socket, "\r\n\r\n");
  g_assert_true (g_str_has_prefix (reply, "HTTP/1.1 101 "));
  g_assert_nonnull (strstr (reply, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  g_socket_close (socket, NULL);
  wait_until (self->closed);
  wait_until (oai_proxy_server_get_n_connections (self->base.proxy) == 0);
}

/* The key of a browser's subprotocol is that of the proxy, and does not reach the server. */
static void
test_protocols (Fixture *self, gconstpointer data)
{
  g_auto(Client) client = { 0 };
  char *protocols[] = { (char *) "realtime", (char *) "openai-insecure-api-key.secret", NULL };

  connect_client (self, &client, "/v1/realtime", protocols);
  g_assert_no_error (client.error);
  g_assert_cmpstr (soup_websocket_connection_get_protocol (client.connection), ==, "realtime");
  g_assert_cmpstr (self->protocols, ==, "realtime");
}

static void
test_models (Fixture *self, gconstpointer data)
{
  static const char *const models[] = { "gpt-realtime*", NULL };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_auto(Client) refused = { 0 };
  g_auto(Client) client = { 0 };

  oai_proxy_limits_set_allowed_models (limits, models);
  oai_proxy_server_set_default_limits (self->base.proxy, limits);
  connect_client (self, &refused, "/v1/realtime?model=other", NULL);
  g_assert_nonnull (refused.error);
  g_assert_null (self->connection);

  connect_client (self, &client, "/v1/realtime?model=gpt-realtime-mini", NULL);
  g_assert_no_error (client.error);
  soup_websocket_connection_send_text (client.connection, "{\"type\":\"session.update\",\"session\":{\"model\":\"other\"}}");
  wait_until (client.messages->len == 1 || client.closed);
  g_assert_cmpuint (self->n_messages, ==, 0);
}

/* Some servers read binary messages like texts, ignore the case of names, or accept more than JSON. */
static void
test_hidden_events (Fixture *self, gconstpointer data)
{
  static const struct
  {
    gboolean is_text;
    const char *message;
  } rows[] = {
    { FALSE, "{\"type\":\"response.create\"}" },
    { FALSE, "{\"type\":\"session.update\",\"session\":{\"model\":\"other\"}}" },
    { FALSE, "\xff\xfe{" },
    { TRUE, "{\"type\":\"response.create\",\"x\":NaN}" },
    { TRUE, "{\"Type\":\"response.create\"}" },
    { TRUE, "{\"type\":\"session.update\",\"session\":{\"Model\":\"m\"}}" },
    { TRUE, "{\"type\":\"session.update\",\"\xc5\xbf" "ession\":{\"model\":\"m\"}}" },
    { TRUE, "{\"type\":\"session.update\",\"model\":\"priced\",\"session\":{\"model\":\"unpriced\"}}" },
    { TRUE, "{\"type\":\"session.update\",\"model\":\"\"}" },
    { TRUE, "{\"type\":\"response.create\\ud800\"}" },
    { TRUE, "{\"ty\\udc00pe\":\"response.create\"}" },
    { TRUE, "{\"type\":\"session.update\",\"session\":{\"mo\\ud800del\":\"m\"}}" },
    { TRUE, "{\"type\":\"session.update\",\"session\":{\"model\":\"priced\\ud800\"}}" },
    { TRUE, "{\"type\":\"session.update\",\"session\":{\"model\\u0000\":\"m\"}}" },
  };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiPriceTable) prices = oai_price_table_new ();
  g_auto(Client) client = { 0 };

  oai_price_table_set_price (prices, "priced", 1, 1, 1);
  oai_proxy_server_set_prices (self->base.proxy, prices);
  oai_proxy_limits_set_requests_per_minute (limits, 1);
  oai_proxy_limits_set_cost_per_day (limits, 1);
  oai_proxy_server_set_default_limits (self->base.proxy, limits);
  connect_client (self, &client, "/v1/realtime?model=priced", NULL);
  g_assert_no_error (client.error);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("%s", rows[i].message);
      if (rows[i].is_text)
        soup_websocket_connection_send_text (client.connection, rows[i].message);
      else
        soup_websocket_connection_send_binary (client.connection, rows[i].message, strlen (rows[i].message));
      wait_until (client.messages->len == i + 1 || client.closed);
      g_assert_cmpuint (client.messages->len, ==, i + 1);
      g_assert_cmpuint (self->n_messages, ==, 0);
    }
}

/* A response counts as a request. */
static void
test_limits (Fixture *self, gconstpointer data)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_auto(Client) client = { 0 };

  oai_proxy_limits_set_requests_per_minute (limits, 2);
  oai_proxy_server_set_default_limits (self->base.proxy, limits);
  connect_client (self, &client, "/v1/realtime?model=m", NULL);
  g_assert_no_error (client.error);
  soup_websocket_connection_send_text (client.connection, "{\"type\":\"response.create\"}");
  soup_websocket_connection_send_text (client.connection, "{\"type\":\"response.create\"}");
  soup_websocket_connection_send_text (client.connection, "{\"type\":\"other\"}");
  wait_until (client.messages->len == 3 || client.closed);
  g_assert_cmpuint (client.messages->len, ==, 3);
  g_assert_cmpuint (self->n_messages, ==, 2);
}

static void
test_refused_handshakes (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *request;
    const char *status;
  } rows[] = {
    { "GET /v1/realtime HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "426" },
    { "GET /v1/realtime HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n", "400" },
    { "GET /v1/realtime HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n", "400" },
    { "GET /v1/nothing HTTP/1.1\r\n" HANDSHAKE "\r\n", "404" },
    { "GET /v1/realtime?model=m%09%0Aother HTTP/1.1\r\n" HANDSHAKE "\r\n", "400" },
    { "GET /v1/realtime?deployment=m%7f HTTP/1.1\r\n" HANDSHAKE "\r\n", "400" },
    { "GET /v1/openai/deployments/m%0A/realtime HTTP/1.1\r\n" HANDSHAKE "\r\n", "400" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GSocket) socket = proxy_connect (self->base.address);
      g_autofree char *reply = NULL;

      proxy_send (socket, rows[i].request);
      reply = proxy_receive_until (socket, "}}");
      g_test_message ("%s%s", rows[i].request, reply);
      g_assert_true (g_str_has_prefix (reply + strlen ("HTTP/1.1 "), rows[i].status));
    }
  g_assert_null (self->connection);
}

/* Frames that no client may send close the connection with 1002, 1007 or 1009. */
static void
test_hostile_frames (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *bytes;
    gsize size;
    guint code;
  } rows[] = {
    { "\x81\x01" "a", 3, 1002 },                                          /* not masked */
    { "\xf1\x80\0\0\0\0", 6, 1002 },                                      /* reserved bits */
    { "\x83\x80\0\0\0\0", 6, 1002 },                                      /* a reserved opcode */
    { "\x09\x80\0\0\0\0", 6, 1002 },                                      /* a ping in parts */
    { "\x89\xfe\0\x7e\0\0\0\0", 8, 1002 },                                /* a long ping */
    { "\x80\x80\0\0\0\0", 6, 1002 },                                      /* a continuation of nothing */
    { "\x01\x80\0\0\0\0\x81\x80\0\0\0\0", 12, 1002 },                     /* a message within another one */
    { "\x81\x81\0\0\0\0\xff", 7, 1007 },                                  /* invalid UTF-8 */
    { "\x88\x81\0\0\0\0\x01", 7, 1002 },                                  /* half of a code */
    { "\x88\x82\0\0\0\0\x03\xee", 8, 1002 },                              /* 1006 */
    { "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14, 1009 },     /* too long */
    { "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14, 1002 },     /* a negative length */
    { "\x82\xfe\0\x05\0\0\0\0", 8, 1002 },                                /* a length that is not minimal */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GSocket *socket = proxy_connect (self->base.address);
      g_autofree char *reply = NULL;
      g_autoptr(GString) rest = g_string_new (NULL);
      gboolean open = TRUE;
      const guchar *frame;

      proxy_send (socket, "GET /v1/realtime HTTP/1.1\r\n" HANDSHAKE "\r\n");
      reply = proxy_receive_until (socket, "\r\n\r\n");
      g_socket_send (socket, rows[i].bytes, rows[i].size, NULL, NULL);
      while (open)
        {
          char buffer[256];
          g_autoptr(GError) error = NULL;
          gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);

          if (n > 0)
            g_string_append_len (rest, buffer, n);
          else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            open = FALSE;
          else if (!g_main_context_iteration (NULL, FALSE))
            g_usleep (200);
        }
      g_object_unref (socket);
      g_test_message ("frame %u", i);
      frame = (const guchar *) rest->str;
      g_assert_cmpuint (rest->len, >=, 4);
      g_assert_cmphex (frame[0], ==, 0x88);
      g_assert_cmpuint (frame[2] << 8 | frame[3], ==, rows[i].code);
      wait_until (oai_proxy_server_get_n_connections (self->base.proxy) == 0);
    }
}

static void
shutdown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(gboolean *) user_data = oai_proxy_server_shutdown_finish (OAI_PROXY_SERVER (source), result, NULL);
}

static void
test_shutdown (Fixture *self, gconstpointer data)
{
  g_auto(Client) client = { 0 };
  gboolean down = FALSE;

  connect_client (self, &client, "/v1/realtime", NULL);
  g_assert_no_error (client.error);
  oai_proxy_server_shutdown_async (self->base.proxy, 60000, NULL, shutdown_cb, &down);
  wait_until (down && client.closed);
  g_assert_cmpuint (soup_websocket_connection_get_close_code (client.connection), ==, 1001);
}

/* A slow client makes the proxy read slowly from the server. */
static void
test_slow_client (Fixture *self, gconstpointer data)
{
  g_autoptr(GSocket) socket = proxy_connect (self->base.address);
  g_autofree char *large = g_strnfill (1000000, 'y');
  g_autofree char *reply = NULL;
  gsize total = 0;

  proxy_send (socket, "GET /v1/realtime HTTP/1.1\r\n" HANDSHAKE "\r\n");
  reply = proxy_receive_until (socket, "\r\n\r\n");
  for (guint i = 0; i < 40; i++)
    soup_websocket_connection_send_text (self->connection, large);
  for (guint i = 0; i < 300; i++)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);

  while (total < 40000000)
    {
      static char buffer[65536];
      g_autoptr(GError) error = NULL;
      gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);

      if (n > 0)
        total += n;
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        g_main_context_iteration (NULL, FALSE);
      else
        g_assert_not_reached ();
    }
}

/* Texts that were truncated within a character are relayed unchanged. */
static void
test_lone_surrogates (Fixture *self, gconstpointer data)
{
  static const char message[] = "{\"type\":\"conversation.item.create\",\"item\":{\"content\":[{\"text\":\"\\ud83d\"},{\"text\":\"\\ude00x\"}]}}";
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_auto(Client) client = { 0 };

  oai_proxy_limits_set_requests_per_minute (limits, 10);
  oai_proxy_server_set_default_limits (self->base.proxy, limits);
  connect_client (self, &client, "/v1/realtime?model=m", NULL);
  g_assert_no_error (client.error);
  soup_websocket_connection_send_text (client.connection, message);
  wait_until (self->n_messages == 1 || client.messages->len == 1 || client.closed);
  g_assert_cmpuint (self->n_messages, ==, 1);
}

/* Sends until the proxy stops reading; returns FALSE if it reads everything. */
static gboolean
fill (GSocket *socket, const char *bytes, gsize size, gsize total)
{
  for (gsize sent = 0; sent < total;)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_socket_send (socket, bytes, size, NULL, &error);

      if (n > 0)
        sent += (gsize) n;
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        g_assert_not_reached ();
      else if (!g_main_context_iteration (NULL, FALSE))
        return TRUE;
    }

  return FALSE;
}

/* A client that does not read the errors that it causes makes the proxy stop reading, until the client reads them. */
static void
test_unread_errors (Fixture *self, gconstpointer data)
{
  static const char frame[] = "\x81\x81\0\0\0\0x";
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(GSocket) socket = proxy_connect (self->base.address);
  g_autoptr(GByteArray) frames = g_byte_array_new ();
  g_autofree char *reply = NULL;

  for (guint i = 0; i < 10000; i++)
    g_byte_array_append (frames, (const guint8 *) frame, sizeof frame - 1);
  oai_proxy_limits_set_requests_per_minute (limits, 10);
  oai_proxy_server_set_default_limits (self->base.proxy, limits);
  proxy_send (socket, "GET /v1/realtime HTTP/1.1\r\n" HANDSHAKE "\r\n");
  reply = proxy_receive_until (socket, "\r\n\r\n");
  g_assert_true (fill (socket, (const char *) frames->data, frames->len, 16 * 1024 * 1024));

  while ((g_socket_condition_check (socket, G_IO_OUT) & G_IO_OUT) == 0)
    {
      static char buffer[65536];

      g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL);
      g_main_context_iteration (NULL, FALSE);
    }
}

/* The key in a binary message, which cannot be redacted, does not reach the client. */
static void
test_key_in_binary_message (Fixture *self, gconstpointer data)
{
  g_auto(Client) client = { 0 };
  static const char bytes[] = "\1\377" PROXY_KEY "\0\2";
  static const char harmless[] = "\1\377\"error\"";

  connect_client (self, &client, "/v1/realtime", NULL);
  g_assert_no_error (client.error);
  soup_websocket_connection_send_binary (self->connection, harmless, sizeof harmless);
  soup_websocket_connection_send_binary (self->connection, bytes, sizeof bytes);
  soup_websocket_connection_send_text (self->connection, "{}");
  wait_until (client.closed && self->closed);
  g_assert_cmpuint (client.messages->len, ==, 1);
  g_assert_cmpmem (g_bytes_get_data (client.messages->pdata[0], NULL), g_bytes_get_size (client.messages->pdata[0]), harmless, sizeof harmless);
  g_assert_cmpuint (soup_websocket_connection_get_close_code (client.connection), ==, 1011);
  g_assert_null (strstr (soup_websocket_connection_get_close_data (client.connection), PROXY_KEY));
  g_assert_cmpuint (self->close_code, ==, 1001);
  wait_until (oai_proxy_server_get_n_connections (self->base.proxy) == 0);
}

/* One end of a connection, and a peer that does not read. */
typedef struct
{
  OaiSocketPeer *peer;
  GSocket *other;
  const char *problem;
  guint code;
  gboolean ended;
} Silent;

static void
silent_message_cb (OaiSocketPeer *peer, gboolean is_text, const char *data, gsize size, gpointer user_data)
{
}

static void
silent_cb (OaiSocketPeer *peer, gpointer user_data)
{
}

static void
silent_closing_cb (OaiSocketPeer *peer, guint code, const char *reason, gsize length, gpointer user_data)
{
  g_assert_not_reached ();
}

static void
silent_failed_cb (OaiSocketPeer *peer, guint code, const char *problem, gpointer user_data)
{
  Silent *self = user_data;

  self->code = code;
  self->problem = problem;
}

static void
silent_ended_cb (OaiSocketPeer *peer, gpointer user_data)
{
  ((Silent *) user_data)->ended = TRUE;
}

static const OaiSocketPeerFuncs silent_funcs = { silent_message_cb, silent_cb, silent_cb, silent_closing_cb, silent_failed_cb, silent_ended_cb };

static void
open_silent (Silent *self, const OaiSocketSettings *settings)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GSocketConnection) connection = NULL;
  int descriptors[2];

  *self = (Silent) { 0 };
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors), ==, 0);
  socket = g_socket_new_from_fd (descriptors[0], &error);
  g_assert_no_error (error);
  self->other = g_socket_new_from_fd (descriptors[1], &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->other, FALSE);
  connection = g_socket_connection_factory_create_connection (socket);
  self->peer = oai_socket_peer_new (G_IO_STREAM (connection), NULL, NULL, TRUE, settings, &silent_funcs, self);
  oai_socket_peer_start (self->peer, NULL);
}

/* More than the socket takes. */
static void
fill_silent (Silent *self)
{
  g_autofree char *text = g_strnfill (100000, 'x');

  for (guint i = 0; i < 1000 && !oai_socket_peer_is_full (self->peer); i++)
    {
      oai_socket_peer_send (self->peer, TRUE, text, 100000);
      oai_socket_peer_flush (self->peer);
    }
  g_assert_true (oai_socket_peer_is_full (self->peer));
}

static void
close_silent (Silent *self)
{
  oai_socket_peer_free (self->peer);
  g_object_unref (self->other);
}

/* A client that never reads is closed, also if it sends messages. */
static void
test_client_that_never_reads (void)
{
  static const OaiSocketSettings settings = { 1000000, 65536, 20, 100, 20 };
  /* A text message "a" with a mask of zeros. */
  static const char frame[] = "\201\201\0\0\0\0a";

  for (guint sends = 0; sends < 2; sends++)
    {
      Silent silent;

      open_silent (&silent, &settings);
      fill_silent (&silent);
      while (!silent.ended)
        {
          if (sends)
            g_socket_send (silent.other, frame, sizeof frame - 1, NULL, NULL);
          g_main_context_iteration (NULL, TRUE);
        }
      g_assert_cmpuint (silent.code, ==, 0);
      g_assert_nonnull (silent.problem);
      if (sends)
        g_assert_cmpstr (silent.problem, ==, "The peer does not read");
      close_silent (&silent);
    }
}

/* So is one that does not read the frame that closes its connection. */
static void
test_close_of_client_that_never_reads (void)
{
  /* Only the time limit of the end. */
  static const OaiSocketSettings settings = { 1000000, 65536, 0, 0, 20 };
  Silent silent;

  open_silent (&silent, &settings);
  fill_silent (&silent);
  oai_socket_peer_send_close (silent.peer, 1000, "", 0);
  oai_socket_peer_finish (silent.peer);
  while (!silent.ended)
    g_main_context_iteration (NULL, TRUE);
  close_silent (&silent);
}

/* The server of the UNIX socket does not run. */
static void
test_missing_unix_socket (Fixture *self, gconstpointer data)
{
  g_auto(Client) client = { 0 };

  soup_server_disconnect (self->server);
  g_assert_cmpint (g_unlink (self->path), ==, 0);
  connect_client (self, &client, "/v1/realtime?model=gpt-realtime", NULL);
  g_assert_null (client.connection);
  g_assert_error (client.error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_ERROR_NOT_WEBSOCKET);
  g_assert_null (strstr (client.error->message, self->path));
  wait_until (oai_proxy_server_get_n_requests (self->base.proxy) == 0);
}

/* The responses of this library's client. */
static void
test_responses (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiClient) client = proxy_fixture_new_client (fixture, "t");
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (client);
  g_autoptr(OaiResponsesSocket) socket = oai_responses_endpoint_create_socket (responses);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new ();
  g_autoptr(OaiResponseStream) stream = NULL;
  g_autoptr(OaiRecord) response = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_response_request_set_model (request, "gpt-5");
  oai_response_request_set_input (request, "Hello");
  stream = oai_responses_socket_create_stream (socket, request, NULL);
  oai_stream_run_async (OAI_STREAM (stream), NULL, proxy_keep_result, &result);
  wait_until (result != NULL);
  response = oai_stream_run_finish (OAI_STREAM (stream), result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (response);
  oai_web_socket_close (OAI_WEB_SOCKET (socket), 1000, NULL);
  wait_until (oai_proxy_server_get_n_connections (fixture->proxy) == 0);
}

static void
close_server_cb (OaiProxyServer *proxy)
{
  oai_proxy_server_close (proxy);
}

/* The end of the first connection closes the others, while all are being closed. */
static void
test_close_while_closing (Fixture *self, gconstpointer data)
{
  Client clients[3];

  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      connect_client (self, &clients[i], "/v1/realtime", NULL);
      g_assert_no_error (clients[i].error);
    }
  g_signal_connect (self->base.proxy, "finished", G_CALLBACK (close_server_cb), NULL);
  oai_proxy_server_close (self->base.proxy);
  g_assert_cmpuint (oai_proxy_server_get_n_connections (self->base.proxy), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      wait_until (clients[i].closed);
      clear_client (&clients[i]);
    }
}

static void
ignore_failed_cb (OaiSocketPeer *peer, guint code, const char *problem, gpointer user_data)
{
}

static void
ended_cb (OaiSocketPeer *peer, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

/* A client that is gone before the reply is written leaves no timer. */
static void
test_lost_before_start (void)
{
  static const OaiSocketPeerFuncs funcs = { .failed = ignore_failed_cb, .ended = ended_cb };
  OaiSocketSettings settings = OAI_SOCKET_SETTINGS_INIT;
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GSocketConnection) stream = NULL;
  g_autoptr(GError) error = NULL;
  gboolean ended = FALSE;
  OaiSocketPeer *peer;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  close (fds[1]);
  socket = g_socket_new_from_fd (fds[0], &error);
  g_assert_no_error (error);
  stream = g_socket_connection_factory_create_connection (socket);

  peer = oai_socket_peer_new (G_IO_STREAM (stream), NULL, NULL, TRUE, &settings, &funcs, &ended);
  oai_socket_peer_write_raw (peer, "HTTP/1.1 101 \r\n\r\n", 18);
  g_assert_true (ended);
  oai_socket_peer_start (peer, NULL);
  oai_socket_peer_free (peer);
  g_assert_null (g_main_context_find_source_by_user_data (NULL, peer));
}

#define ADD(name, func) g_test_add ("/proxy/sockets/" name, Fixture, NULL, set_up, func, tear_down)
#define ADD_UNIX(name, func) g_test_add ("/proxy/sockets/unix/" name, Fixture, UNIX, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("messages", test_messages);
  ADD_UNIX ("messages", test_messages);
  ADD ("errors", test_errors);
  ADD ("server-closes", test_server_closes);
  ADD ("client-goes-away", test_client_goes_away);
  ADD_UNIX ("server-closes", test_server_closes);
  ADD_UNIX ("client-goes-away", test_client_goes_away);
  ADD_UNIX ("shutdown", test_shutdown);
  g_test_add ("/proxy/sockets/unix/missing", Fixture, UNIX, set_up, test_missing_unix_socket, tear_down);
  ADD ("protocols", test_protocols);
  ADD ("models", test_models);
  ADD ("limits", test_limits);
  ADD ("hidden-events", test_hidden_events);
  ADD ("lone-surrogates", test_lone_surrogates);
  ADD ("refused-handshakes", test_refused_handshakes);
  ADD ("hostile-frames", test_hostile_frames);
  ADD ("shutdown", test_shutdown);
  ADD ("close-while-closing", test_close_while_closing);
  ADD ("slow-client", test_slow_client);
  ADD ("unread-errors", test_unread_errors);
  g_test_add_func ("/proxy/sockets/lost-before-start", test_lost_before_start);

  ADD ("key-in-binary-message", test_key_in_binary_message);
  g_test_add_func ("/proxy/sockets/client-that-never-reads", test_client_that_never_reads);
  g_test_add_func ("/proxy/sockets/close-of-client-that-never-reads", test_close_of_client_that_never_reads);
  g_test_add ("/proxy/sockets/responses", ProxyFixture, NULL, proxy_fixture_set_up, test_responses, proxy_fixture_tear_down);

  return g_test_run ();
}
