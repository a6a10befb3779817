/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Chunked bodies, and how connections are used after them.  The result of each reply is compared
 * with that of libsoup's decoder.
 *
 * The decoder alone                               /chunked-body/decoder/…
 * The same text, error and connections            /chunked-body/like-libsoup/…
 * Bodies that libsoup decodes                     /chunked-body/fallback
 * Bytes that libsoup counts                       /chunked-body/metrics
 * Records of TLS                                  /chunked-body/tls/…
 * Bodies of which only the beginning is needed    /chunked-body/early-end/…
 * What the main loop does meanwhile               /chunked-body/waiting/…
 */

#include <libsoup/soup.h>
#include <string.h>

#include "oai-body-drain-private.h"
#include "oai-body-input-stream-private.h"
#include "oai-body-reader-private.h"
#include "oai-chunk-decoder-private.h"
#include "oai-platform-private.h"
#include "oai-session-sockets-private.h"

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define BODY "1\r\na\r\n0007;x=\"y\"\r\nbcdefgh\r\n12\r\nijklmnopqrstuvwxyz\r\n"
#define TEXT "abcdefghijklmnopqrstuvwxyz"
#define END "0\r\n\r\n"

/* The decoder */

static void
append_text (GString *text, OaiChunkDecoder *decoder, const char *data, gsize length, gsize *used)
{
  g_autofree char *copy = g_memdup2 (data, length);
  gsize n = oai_chunk_decoder_decode (decoder, copy, length, used);

  g_string_append_len (text, copy, (gssize) n);
  if (*used < length)
    g_assert_cmpmem (copy + *used, length - *used, data + *used, length - *used);
}

static void
test_every_split (void)
{
  static const char wire[] = BODY END;
  const gsize length = strlen (wire);

  for (gsize i = 0; i <= length; i++)
    for (gsize k = i; k <= length; k++)
      {
        g_autoptr (GString) text = g_string_new (NULL);
        g_autoptr (GByteArray) rest = g_byte_array_new ();
        const gsize ends[] = { i, k, length };
        OaiChunkDecoder decoder = { 0 };
        gsize from = 0;

        for (guint part = 0; part < G_N_ELEMENTS (ends) && !decoder.stopped; part++)
          {
            gsize used;

            append_text (text, &decoder, wire + from, ends[part] - from, &used);
            from += used;
          }
        g_assert_cmpstr (text->str, ==, TEXT);
        g_assert_true (decoder.stopped);
        g_assert_cmpuint (oai_chunk_decoder_get_prefix (&decoder, rest), ==, 0);
        g_byte_array_append (rest, (const guint8 *) wire + from, length - from);
        g_assert_cmpmem (rest->data, rest->len, END, strlen (END));
      }
}

#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* libsoup 3.2 reads uninitialized memory after an empty line. */
static const char *const empty_lines[] = { "\r\n", "\n", " \r\n" };

static const char *const left_to_libsoup[] = {
  "0\r\n", "00000\r\n", "1\n", "1 \r\n", " 1\r\n", "+1\r\n", "-1\r\n", "0x1\r\n", "g\r\n", "1g\r\n", "1\r\r\n",
  "1;a\rb\r\n", "1;\n", "000000001\r\n", "100000000\r\n", "ffffffffffffffffffffffff\r\n", ";x\r\n",
  "1;" X32 X32 X32 X32 "\r\n",
};

/* The rest is unchanged, however much of it was read. */
static void
check_stops (const char *line, gsize split)
{
  g_autofree char *wire = g_strconcat ("2\r\nab\r\n", line, "z\r\n" END, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GByteArray) rest = g_byte_array_new ();
  const gsize start = strlen ("2\r\nab\r\n");
  OaiChunkDecoder decoder = { 0 };
  gsize used, more = 0;

  append_text (text, &decoder, wire, start + split, &used);
  if (!decoder.stopped)
    append_text (text, &decoder, wire + used, strlen (wire + used), &more);
  g_assert_true (decoder.stopped);
  g_assert_cmpstr (text->str, ==, "ab");
  g_assert_cmpuint (oai_chunk_decoder_get_prefix (&decoder, rest), ==, 0);
  g_byte_array_append (rest, (const guint8 *) wire + used + more, strlen (wire + used + more));
  g_assert_cmpmem (rest->data, rest->len, wire + start, strlen (wire + start));
}

static void
test_stops (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (left_to_libsoup); i++)
    for (gsize split = 0; split <= strlen (left_to_libsoup[i]); split++)
      check_stops (left_to_libsoup[i], split);
  for (guint i = 0; i < G_N_ELEMENTS (empty_lines); i++)
    for (gsize split = 0; split <= strlen (empty_lines[i]); split++)
      check_stops (empty_lines[i], split);
}

static void
test_stops_after_data (void)
{
  static const char *const ends[] = { "\n", "\r\r", "x\r\n", "\rx\r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *wire = g_strconcat ("2\r\nab", ends[i], NULL);
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GByteArray) rest = g_byte_array_new ();
      OaiChunkDecoder decoder = { 0 };
      gsize used;

      append_text (text, &decoder, wire, strlen (wire), &used);
      g_assert_true (decoder.stopped);
      g_assert_cmpstr (text->str, ==, "ab");
      g_assert_cmpuint (oai_chunk_decoder_get_prefix (&decoder, rest), ==, 1);
      g_byte_array_append (rest, (const guint8 *) wire + used, strlen (wire + used));
      g_assert_cmpmem (rest->data, 4, "1\r\n-", 4);
      g_assert_cmpmem (rest->data + 4, rest->len - 4, ends[i], strlen (ends[i]));
    }
}

static void
test_longest_lines (void)
{
  g_autoptr (GString) wire = g_string_new ("0000000a;");
  g_autoptr (GString) text = g_string_new (NULL);
  OaiChunkDecoder decoder = { 0 };
  gsize used;

  while (wire->len < OAI_CHUNK_DECODER_MAX_LINE - 2)
    g_string_append_c (wire, 'x');
  g_string_append (wire, "\r\n0123456789\r\n");
  for (gsize i = 0; i < wire->len; i++)
    append_text (text, &decoder, wire->str + i, 1, &used);
  g_assert_false (decoder.stopped);
  g_assert_cmpstr (text->str, ==, "0123456789");
}

/* A server that sends the same reply to each request, in parts of step bytes. */

typedef struct
{
  GSocketListener *listener;
  GCancellable *cancellable;
  GThread *thread;
  guint16 port;
  const char *reply;
  gsize length;
  gsize step;
  gboolean close;    /* after each reply */
  GTlsCertificate *certificate; /* for TLS, or NULL */
  int n_connections; /* atomic */
} Server;

static gboolean
read_request (GInputStream *in)
{
  g_autoptr (GString) head = g_string_new (NULL);
  char c;

  while (strstr (head->str, "\r\n\r\n") == NULL)
    {
      if (g_input_stream_read (in, &c, 1, NULL, NULL) != 1)
        return FALSE;
      g_string_append_c (head, c);
    }

  return TRUE;
}

static void
serve_connection (Server *self, GIOStream *connection)
{
  GOutputStream *out = g_io_stream_get_output_stream (connection);

  do
    {
      if (!read_request (g_io_stream_get_input_stream (connection)))
        return;
      for (gsize i = 0; i < self->length; i += self->step)
        {
          g_output_stream_write_all (out, self->reply + i, MIN (self->step, self->length - i), NULL, NULL, NULL);
          if (i + self->step < self->length)
            g_thread_yield ();
        }
    }
  while (!self->close);
}

static GIOStream *
wrap (Server *self, GSocketConnection *connection)
{
  if (self->certificate == NULL)
    return g_object_ref (G_IO_STREAM (connection));

  return g_tls_server_connection_new (G_IO_STREAM (connection), self->certificate, NULL);
}

static gpointer
serve (gpointer user_data)
{
  Server *self = user_data;

  for (;;)
    {
      g_autoptr (GSocketConnection) connection = g_socket_listener_accept (self->listener, NULL, self->cancellable, NULL);
      g_autoptr (GIOStream) stream = NULL;

      if (connection == NULL)
        return NULL;
      g_socket_set_option (g_socket_connection_get_socket (connection), 6 /* TCP */, 1 /* TCP_NODELAY */, 1, NULL);
      g_atomic_int_inc (&self->n_connections);
      stream = wrap (self, connection);
      serve_connection (self, stream);
      g_io_stream_close (stream, NULL, NULL);
    }
}

static void
server_start_with_certificate (Server *self, const char *reply, gsize length, gsize step, gboolean close, GTlsCertificate *certificate)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GError) error = NULL;

  *self = (Server) { .reply = reply, .length = length, .step = step, .close = close, .certificate = certificate };
  self->cancellable = g_cancellable_new ();
  self->listener = g_socket_listener_new ();
  g_socket_listener_add_address (self->listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &effective, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  self->thread = g_thread_new ("server", serve, self);
}

static void
server_start (Server *self, const char *reply, gsize length, gsize step, gboolean close)
{
  server_start_with_certificate (self, reply, length, step, close, NULL);
}

static void
server_stop (Server *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  g_clear_object (&self->listener);
  g_clear_object (&self->cancellable);
}

static void
network_event_cb (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, SoupSession *session)
{
  if (event == G_SOCKET_CLIENT_COMPLETE)
    oai_session_sockets_note (session, message, connection);
}

static gboolean
accept_certificate_cb (SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags errors, gpointer user_data)
{
  return TRUE;
}

static SoupMessage *
make_message (Server *server)
{
  g_autofree char *url = g_strdup_printf ("%s://127.0.0.1:%u/", server->certificate != NULL ? "https" : "http", server->port);

  return soup_message_new ("GET", url);
}

/* socket: that of the connection. */
static GInputStream *
send_message (SoupSession *session, SoupMessage *message, GSocket **socket)
{
  g_autoptr (GError) error = NULL;
  GInputStream *body;

  g_signal_connect (message, "network-event", G_CALLBACK (network_event_cb), session);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_certificate_cb), NULL);
  body = soup_session_send (session, message, NULL, &error);
  g_assert_no_error (error);
  *socket = oai_session_sockets_ref_direct (session, soup_message_get_connection_id (message));
  g_assert_nonnull (*socket);

  return body;
}

static GInputStream *
request_with_socket (Server *server, SoupSession *session, GSocket **socket)
{
  g_autoptr (SoupMessage) message = make_message (server);

  return send_message (session, message, socket);
}

static GInputStream *
request (Server *server, SoupSession *session)
{
  g_autoptr (GSocket) socket = NULL;

  return request_with_socket (server, session, &socket);
}

/* Reading */

typedef struct
{
  GString *text;
  GError *error;
  gboolean cut;
  gboolean done;
  guint n_reads;
  gsize enough;  /* bytes after which reading pauses */
  char place[600];
} Reading;

static void
reading_clear (Reading *self)
{
  g_string_free (self->text, TRUE);
  g_clear_error (&self->error);
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  Reading *self = user_data;

  *size = sizeof self->place;

  return self->place;
}

static gboolean
commit_cb (gsize size, gpointer user_data)
{
  Reading *self = user_data;

  g_string_append_len (self->text, self->place, (gssize) size);

  return self->text->len < self->enough;
}

static void
activity_cb (gpointer user_data)
{
}

static void
done_cb (GError *error, gpointer user_data)
{
  Reading *self = user_data;

  self->error = error;
  self->done = TRUE;
}

static const OaiBodyReaderFuncs funcs = { reserve_cb, commit_cb, activity_cb, done_cb };

static void
read_by_libsoup (Reading *self, GInputStream *body)
{
  gssize n;

  while ((n = g_input_stream_read (body, self->place, sizeof self->place, NULL, &self->error)) > 0)
    g_string_append_len (self->text, self->place, n);
}

static void
read_by_reader (Reading *self, GInputStream *body, GSocket *socket)
{
  OaiBodyReader reader = { 0 };

  oai_body_reader_init (&reader, body, NULL, socket, TRUE, &funcs, self);
  oai_body_reader_start (&reader);
  while (!self->done)
    g_main_context_iteration (NULL, TRUE);
  oai_body_reader_clear (&reader);
}

/* Reads the reply to two requests, or to one if the server closes the connection. */
static void
read_replies (Reading *self, guint *n_connections, const char *reply, gsize length, gsize step, gboolean close, gboolean by_reader)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  Server server;

  *self = (Reading) { .text = g_string_new (NULL), .enough = G_MAXSIZE };
  server_start (&server, reply, length, step, close);
  for (guint i = 0; i < (close ? 1 : 2) && self->error == NULL; i++)
    {
      g_autoptr (GSocket) socket = NULL;
      g_autoptr (GInputStream) body = request_with_socket (&server, session, &socket);

      self->done = FALSE;
      if (by_reader)
        read_by_reader (self, body, i == 0 ? socket : NULL);
      else
        read_by_libsoup (self, body);
      self->cut = self->error == NULL && oai_body_was_cut (body);
      g_input_stream_close (body, NULL, NULL);
    }
  soup_session_abort (session);
  server_stop (&server);
  *n_connections = g_atomic_int_get (&server.n_connections);
}

static void
assert_like_libsoup (const char *reply, gsize length, gsize step, gboolean close, guint *n_connections)
{
  Reading ours, theirs;
  guint n_theirs;

  read_replies (&theirs, &n_theirs, reply, length, step, close, FALSE);
  read_replies (&ours, n_connections, reply, length, step, close, TRUE);
  g_assert_cmpstr (ours.text->str, ==, theirs.text->str);
  g_assert_cmpint (ours.error != NULL, ==, theirs.error != NULL);
  if (theirs.error != NULL)
    {
      g_assert_error (ours.error, theirs.error->domain, theirs.error->code);
      g_assert_cmpstr (ours.error->message, ==, theirs.error->message);
    }
  g_assert_cmpint (ours.cut, ==, theirs.cut);
  g_assert_cmpuint (*n_connections, ==, n_theirs);
  reading_clear (&ours);
  reading_clear (&theirs);
}

static const gsize steps[] = { 1, 3, 100, G_MAXINT };

typedef struct
{
  const char *name;
  const char *reply;
  guint n_connections; /* 0: as many as libsoup needs, which depends on its version */
} Reply;

static const Reply replies[] = {
  { "chunked", CHUNKED BODY END, 1 },
  { "empty", CHUNKED END, 1 },
  { "last-chunk-with-zeros", CHUNKED BODY "0000;x\r\n\r\n", 1 },
  { "one-byte-chunks", CHUNKED "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n" END, 1 },
  { "trailer", CHUNKED BODY "0\r\nX-Trailer: value\r\n\r\n", 0 },
  { "trailers", CHUNKED BODY "0\r\nX-Trailer: value\r\nX-Other: " X32 X32 "\r\n\r\n", 0 },
  { "spaces", CHUNKED "1 \r\na\r\n3   \r\nbcd\r\n0  \r\n\r\n", 0 },
  { "lf", CHUNKED "1\na\n3\nbcd\n0\n\n", 0 },
  { "length", "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n" TEXT, 1 },
  { "no-body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1 },
};

static void
test_reply (gconstpointer user_data)
{
  const Reply *reply = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      guint n_connections;

      /* If libsoup does not read the whole end, it may or may not have arrived with the rest. */
      if (reply->n_connections == 0 && steps[i] < G_MAXINT)
        continue;
      assert_like_libsoup (reply->reply, strlen (reply->reply), steps[i], FALSE, &n_connections);
      if (reply->n_connections != 0)
        g_assert_cmpuint (n_connections, ==, reply->n_connections);
    }
}

/* A connection with bytes that belong to no reply is not used again. */
static void
test_surplus (void)
{
  static const char *const all[] = { CHUNKED BODY END "x", CHUNKED BODY END "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong" };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      guint n_connections;

      assert_like_libsoup (all[i], strlen (all[i]), G_MAXINT, FALSE, &n_connections);
      g_assert_cmpuint (n_connections, ==, 2);
    }
}

static void
test_truncated_anywhere (void)
{
  const char *reply = CHUNKED BODY "0;x\r\nX-Trailer: value\r\n\r\n";
  guint n_connections;

  for (gsize length = strlen (CHUNKED); length < strlen (reply); length++)
    assert_like_libsoup (reply, length, G_MAXINT, TRUE, &n_connections);
}

static void
test_malformed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (left_to_libsoup); i++)
    {
      g_autofree char *reply = g_strconcat (CHUNKED "2\r\nab\r\n", left_to_libsoup[i], "z\r\n" END, NULL);
      g_autofree char *no_end = g_strconcat (CHUNKED "2\r\nab", left_to_libsoup[i], "1\r\nc\r\n" END, NULL);
      guint n_connections;

      assert_like_libsoup (reply, strlen (reply), G_MAXINT, TRUE, &n_connections);
      assert_like_libsoup (no_end, strlen (no_end), G_MAXINT, TRUE, &n_connections);
    }
}

static void
test_until_closed (void)
{
  static const char reply[] = "HTTP/1.0 200 OK\r\n\r\n" TEXT;
  guint n_connections;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    assert_like_libsoup (reply, strlen (reply), steps[i], TRUE, &n_connections);
}

/* libsoup decompresses the body. */
static void
test_gzip (void)
{
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
  g_autoptr (GString) reply = g_string_new ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
  char zipped[200];
  gsize n_read, n_written;
  guint n_connections;

  g_assert_cmpint (g_converter_convert (G_CONVERTER (compressor), TEXT, strlen (TEXT), zipped, sizeof zipped, G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL), ==, G_CONVERTER_FINISHED);
  g_string_append_printf (reply, "%zx\r\n", n_written);
  g_string_append_len (reply, zipped, (gssize) n_written);
  g_string_append (reply, "\r\n" END);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      assert_like_libsoup (reply->str, reply->len, steps[i], FALSE, &n_connections);
      g_assert_cmpuint (n_connections, ==, 1);
    }
}

/* Which bodies libsoup decodes from their beginning. */
static void
test_fallback (void)
{
  static const char *const all[] = {
    CHUNKED BODY END,
    "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n" TEXT,
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" BODY END,
    "HTTP/1.0 200 OK\r\n\r\n" TEXT,
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autoptr (SoupSession) session = soup_session_new ();
      Server server;

      server_start (&server, all[i], strlen (all[i]), G_MAXINT, TRUE);
      {
        g_autoptr (GInputStream) body = request (&server, session);
        g_autoptr (GInputStream) memory = g_memory_input_stream_new ();
        OaiChunkedBody chunked;

        oai_chunked_body_init (&chunked, body, NULL);
        g_assert_cmpint (chunked.connection != NULL, ==, i == 0);
        oai_chunked_body_init (&chunked, memory, NULL);
        g_assert_null (chunked.connection);
      }
      soup_session_abort (session);
      server_stop (&server);
    }
}

/* Returns how many bytes of the body libsoup has counted. */
static guint64
count_bytes (Server *server, gboolean by_reader)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = make_message (server);
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GInputStream) body = NULL;
  Reading reading = { .text = g_string_new (NULL), .enough = G_MAXSIZE };

  soup_message_add_flags (message, SOUP_MESSAGE_COLLECT_METRICS);
  body = send_message (session, message, &socket);
  if (by_reader)
    read_by_reader (&reading, body, socket);
  else
    read_by_libsoup (&reading, body);
  g_assert_cmpstr (reading.text->str, ==, TEXT TEXT TEXT TEXT);
  reading_clear (&reading);
  g_input_stream_close (body, NULL, NULL);
  soup_session_abort (session);

  return soup_message_metrics_get_response_body_bytes_received (soup_message_get_metrics (message));
}

/* What is handed back to libsoup is counted again. */
static void
test_metrics (void)
{
  Server server;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      server_start (&server, CHUNKED BODY BODY BODY BODY END, strlen (CHUNKED BODY BODY BODY BODY END), steps[i], TRUE);
      g_assert_cmpuint (count_bytes (&server, TRUE), >=, count_bytes (&server, FALSE));
      server_stop (&server);
    }
}

/* A body much larger than what is read at a time. */
static void
test_large (void)
{
  g_autoptr (GString) reply = g_string_new (CHUNKED);
  guint n_connections;

  for (guint i = 1; i < 2000; i++)
    {
      g_string_append_printf (reply, "%x\r\n", i);
      for (guint k = 0; k < i; k++)
        g_string_append_c (reply, (char) ('a' + (i + k) % 26));
      g_string_append (reply, "\r\n");
    }
  g_string_append (reply, END);
  assert_like_libsoup (reply->str, reply->len, 100000, FALSE, &n_connections);
  g_assert_cmpuint (n_connections, ==, 1);
}

/* TLS */

/* Reads as OaiBodyReader does: what is drained is not read until the socket is readable.  Returns how often
 * a read would have blocked. */
static guint
read_as_it_arrives (GString *text, GInputStream *body, GSocket *socket, gsize room)
{
  OaiChunkedBody chunked;
  char place[600];
  guint n_blocked = 0;
  gssize n;

  oai_chunked_body_init (&chunked, body, socket);
  do
    {
      g_autoptr (GError) error = NULL;
      gboolean blocked;

      n = oai_chunked_body_read (&chunked, place, room, &error);
      blocked = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
      if (!blocked)
        g_assert_no_error (error);
      if (n > 0)
        g_string_append_len (text, place, n);
      n_blocked += blocked;
      if (n != 0 && (blocked || oai_chunked_body_is_drained (&chunked)))
        g_assert_true (g_socket_condition_wait (socket, G_IO_IN, NULL, NULL));
    }
  while (n != 0);

  return n_blocked;
}

static void
check_tls (GTlsCertificate *certificate, const GString *reply, const char *text, gsize step, gsize room)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (GString) received = g_string_new (NULL);
  Server server;

  server_start_with_certificate (&server, reply->str, reply->len, step, FALSE, certificate);
  {
    g_autoptr (GSocket) socket = NULL;
    g_autoptr (GInputStream) body = request_with_socket (&server, session, &socket);
    guint n_blocked = read_as_it_arrives (received, body, socket, room);

    /* Once at the beginning of the body, for messages of TLS itself, and for what fills the room exactly or
     * contains no data. */
    if (step == strlen (BODY) && room > step)
      g_assert_cmpuint (n_blocked, <=, 6);
    g_assert_cmpstr (received->str, ==, text);
    g_input_stream_close (body, NULL, NULL);
  }
  soup_session_abort (session);
  server_stop (&server);
}

/* Records that are smaller and larger than the room, of one chunk, several chunks, and parts of chunks.  Of
 * the largest, libsoup buffers a part with the headers. */
static void
test_records (void)
{
  static const gsize sizes[] = { 7, sizeof BODY - 1, 200, 600, 601, 5000, 100000 };
  g_autofree char *pem = g_test_build_filename (G_TEST_DIST, "..", "fixtures", "tls.pem", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (pem, &error);
  g_autoptr (GString) reply = g_string_new (CHUNKED);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < 300; i++)
    {
      g_string_append (reply, BODY);
      g_string_append (text, TEXT);
    }
  g_string_append (reply, END);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      check_tls (certificate, reply, text->str, sizes[i], 600);
      check_tls (certificate, reply, text->str, sizes[i], 64);
    }
}

/* Bytes may be buffered above the TLS of a proxy, of which the socket shows nothing. */
static void
test_layers (void)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new ("GET", "https://127.0.0.1/");
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketConnection) plain = g_socket_connection_factory_create_connection (socket);
  g_autoptr (GIOStream) once = g_tls_client_connection_new (G_IO_STREAM (plain), NULL, NULL);
  g_autoptr (GIOStream) twice = g_tls_client_connection_new (once, NULL, NULL);
  g_autoptr (GSocketConnection) proxied = g_tcp_wrapper_connection_new (once, socket);
  const struct { GIOStream *connection; gboolean is_direct; } all[] = {
    { G_IO_STREAM (plain), TRUE }, { once, TRUE }, { twice, FALSE }, { G_IO_STREAM (proxied), FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      guint64 number = soup_message_get_connection_id (message);
      g_autoptr (GSocket) any = NULL, direct = NULL;

      oai_session_sockets_note (session, message, all[i].connection);
      any = oai_session_sockets_ref (session, number);
      direct = oai_session_sockets_ref_direct (session, number);
      g_assert_true (any == socket);
      g_assert_true (direct == (all[i].is_direct ? socket : NULL));
    }
}

/* Early ends */

/* Reads n bytes of the body.  Then either drains or closes it. */
static void
read_beginning (Server *server, SoupSession *session, gsize n, gboolean drain)
{
  g_autoptr (GSocket) socket = NULL;
  GInputStream *body = request_with_socket (server, session, &socket);
  OaiBodyReader reader = { 0 };
  Reading reading = { .text = g_string_new (NULL), .enough = n };

  oai_body_reader_init (&reader, body, NULL, socket, TRUE, &funcs, &reading);
  if (n > 0)
    oai_body_reader_start (&reader);
  while (reading.text->len < n && !reading.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpmem (reading.text->str, reading.text->len, TEXT, reading.text->len);
  if (drain)
    oai_body_reader_hand_back (&reader);
  oai_body_reader_clear (&reader);
  if (drain)
    {
      g_object_add_weak_pointer (G_OBJECT (body), (gpointer *) &body);
      oai_body_drain (body, g_main_context_default ());
      while (body != NULL)
        g_main_context_iteration (NULL, TRUE);
    }
  else
    {
      g_input_stream_close (body, NULL, NULL);
      g_object_unref (body);
    }
  reading_clear (&reading);
}

static void
check_early_end (gsize n, gsize step, gboolean drain)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  Server server;

  server_start (&server, CHUNKED BODY END, strlen (CHUNKED BODY END), step, FALSE);
  for (guint i = 0; i < 2; i++)
    read_beginning (&server, session, n, drain);
  soup_session_abort (session);
  server_stop (&server);
  g_assert_cmpint (g_atomic_int_get (&server.n_connections), ==, drain ? 1 : 2);
}

static void
test_drained (void)
{
  for (gsize n = 0; n <= strlen (TEXT); n++)
    for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
      check_early_end (n, steps[i], TRUE);
}

static void
test_closed (void)
{
  for (gsize n = 0; n <= strlen (TEXT); n++)
    for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
      check_early_end (n, steps[i], FALSE);
}

/* Waiting */

#ifdef OAI_HAVE_UNIX

static guint n_polls;
static guint n_wakeups;
static int socket_fd;

static int
poll_counting (GPollFD *fds, guint n_fds, int timeout)
{
  int n = g_poll (fds, n_fds, timeout);

  n_polls++;
  for (guint i = 0; i < n_fds; i++)
    n_wakeups += fds[i].revents != 0 && fds[i].fd != socket_fd;

  return n;
}

static gboolean
count_reads_cb (gsize size, gpointer user_data)
{
  Reading *self = user_data;

  self->n_reads++;

  return commit_cb (size, user_data);
}

/* Reads a body that arrives in many parts.  paused: whether reading pauses after each read. */
static void
count_polls (Reading *reading, gboolean paused)
{
  const OaiBodyReaderFuncs counting = { reserve_cb, count_reads_cb, activity_cb, done_cb };
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GInputStream) body = NULL;
  OaiBodyReader reader = { 0 };
  Server server;

  *reading = (Reading) { .text = g_string_new (NULL), .enough = paused ? 0 : G_MAXSIZE };
  server_start (&server, CHUNKED BODY BODY BODY BODY, strlen (CHUNKED BODY BODY BODY BODY), 20, TRUE);
  body = request_with_socket (&server, session, &socket);
  socket_fd = g_socket_get_fd (socket);
  n_polls = n_wakeups = 0;
  g_main_context_set_poll_func (NULL, poll_counting);
  oai_body_reader_init (&reader, body, NULL, socket, TRUE, &counting, reading);
  oai_body_reader_start (&reader);
  for (guint n_reads = reading->n_reads; !reading->done; n_reads = reading->n_reads)
    {
      if (paused)
        oai_body_reader_resume (&reader);
      while (reading->n_reads == n_reads && !reading->done)
        g_main_context_iteration (NULL, TRUE);
    }
  g_main_context_set_poll_func (NULL, NULL);
  oai_body_reader_clear (&reader);
  g_input_stream_close (body, NULL, NULL);
  g_clear_object (&body);
  soup_session_abort (session);
  server_stop (&server);
}

/* The main loop polls once for each read, and nothing wakes it up between, except when the source
 * is added and removed. */
static void
test_few_polls (void)
{
  Reading reading;

  count_polls (&reading, FALSE);
  g_assert_cmpuint (n_wakeups, <=, 2);
  g_assert_cmpuint (n_polls, <=, reading.n_reads + 4);
  reading_clear (&reading);
}

/* The source is added for each read. */
static void
test_paused (void)
{
  Reading reading;

  count_polls (&reading, TRUE);
  g_assert_cmpuint (n_polls, <=, 2 * reading.n_reads + 4);
  reading_clear (&reading);
}

#else

static void
test_few_polls (void)
{
  g_test_skip ("sockets are not polled directly on this platform");
}

static void
test_paused (void)
{
  test_few_polls ();
}

#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/chunked-body/decoder/every-split", test_every_split);
  g_test_add_func ("/chunked-body/decoder/stops", test_stops);
  g_test_add_func ("/chunked-body/decoder/stops-after-data", test_stops_after_data);
  g_test_add_func ("/chunked-body/decoder/longest-lines", test_longest_lines);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autofree char *path = g_strdup_printf ("/chunked-body/like-libsoup/%s", replies[i].name);

      g_test_add_data_func (path, &replies[i], test_reply);
    }
  g_test_add_func ("/chunked-body/like-libsoup/surplus", test_surplus);
  g_test_add_func ("/chunked-body/like-libsoup/truncated-anywhere", test_truncated_anywhere);
  g_test_add_func ("/chunked-body/like-libsoup/malformed", test_malformed);
  g_test_add_func ("/chunked-body/like-libsoup/until-closed", test_until_closed);
  g_test_add_func ("/chunked-body/like-libsoup/gzip", test_gzip);
  g_test_add_func ("/chunked-body/like-libsoup/large", test_large);
  g_test_add_func ("/chunked-body/fallback", test_fallback);
  g_test_add_func ("/chunked-body/metrics", test_metrics);
  g_test_add_func ("/chunked-body/tls/records", test_records);
  g_test_add_func ("/chunked-body/tls/layers", test_layers);
  g_test_add_func ("/chunked-body/early-end/drained", test_drained);
  g_test_add_func ("/chunked-body/early-end/closed", test_closed);
  g_test_add_func ("/chunked-body/waiting/few-polls", test_few_polls);
  g_test_add_func ("/chunked-body/waiting/paused", test_paused);

  return g_test_run ();
}
