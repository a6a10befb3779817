/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <libsoup/soup.h>
#include <string.h>

#include "oai-body-input-stream-private.h"
#include "oai-error.h"

/* A server that replies to one request with these bytes, and then closes the connection
 * or waits until the client closes it. */
typedef struct
{
  GSocketListener *listener;
  GThread *thread;
  guint16 port;
  const char *reply;
  gboolean hold;
  int client_closed; /* atomic */
} Server;

static void
read_request (GInputStream *in)
{
  GString *head = g_string_new (NULL);
  char c;

  while (strstr (head->str, "\r\n\r\n") == NULL && g_input_stream_read (in, &c, 1, NULL, NULL) == 1)
    g_string_append_c (head, c);
  g_string_free (head, TRUE);
}

static gpointer
serve (gpointer user_data)
{
  Server *server = user_data;
  g_autoptr (GSocketConnection) connection = g_socket_listener_accept (server->listener, NULL, NULL, NULL);
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  char c;

  g_socket_set_timeout (g_socket_connection_get_socket (connection), 20);
  read_request (in);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), server->reply,
                             strlen (server->reply), NULL, NULL, NULL);
  if (server->hold)
    {
      g_autoptr (GError) error = NULL;

      if (g_input_stream_read (in, &c, 1, NULL, &error) == 0 || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        g_atomic_int_set (&server->client_closed, TRUE);
    }
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  return NULL;
}

static void
server_start (Server *server, const char *reply, gboolean hold)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) effective = NULL;

  memset (server, 0, sizeof *server);
  server->reply = reply;
  server->hold = hold;
  server->listener = g_socket_listener_new ();
  g_socket_listener_add_address (server->listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &effective, &error);
  g_assert_no_error (error);
  server->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  server->thread = g_thread_new ("server", serve, server);
}

static void
server_stop (Server *server)
{
  g_thread_join (server->thread);
  g_clear_object (&server->listener);
}

static void
on_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

/* The body of the reply, wrapped. */
static GInputStream *
get (Server *server, SoupSession *session, GObject *owner, goffset expected, guint idle_timeout)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/", server->port);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GInputStream) body = NULL;
  g_autoptr (GError) error = NULL;

  soup_session_send_async (session, message, 0, NULL, on_done, &result);
  body = soup_session_send_finish (session, wait_for (&result), &error);
  g_assert_no_error (error);
  return oai_body_input_stream_new (body, owner, expected, idle_timeout);
}

static gssize
read_async (GInputStream *stream, char *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_input_stream_read_async (stream, buffer, count, 0, cancellable, on_done, &result);
  return g_input_stream_read_finish (stream, wait_for (&result), error);
}

static char *
read_in_steps (GInputStream *stream, gsize step, gboolean blocking, GError **error)
{
  GString *text = g_string_new (NULL);
  g_autofree char *buffer = g_malloc (step);
  gssize n;

  while ((n = blocking ? g_input_stream_read (stream, buffer, step, NULL, error)
                       : read_async (stream, buffer, step, NULL, error)) > 0)
    g_string_append_len (text, buffer, n);
  return g_string_free (text, FALSE);
}

static char *
read_all (GInputStream *stream, gboolean blocking, GError **error)
{
  return read_in_steps (stream, 3, blocking, error);
}

#define WITH_LENGTH(n) "HTTP/1.1 200 OK\r\nContent-Length: " #n "\r\n\r\n"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define UNTIL_CLOSED "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

typedef struct
{
  const char *reply;
  goffset expected;
  int code; /* of OAI_ERROR, or -1: success */
} Ending;

static const Ending endings[] = {
  { WITH_LENGTH (8) "contents", 8, -1 },
  { CHUNKED "3\r\ncon\r\n5\r\ntents\r\n0\r\n\r\n", -1, -1 },
  { UNTIL_CLOSED "contents", -1, -1 },
  { WITH_LENGTH (20) "contents", 20, OAI_ERROR_INCOMPLETE },
  { CHUNKED "3\r\ncon\r\n5\r\ntents\r\n", -1, OAI_ERROR_INCOMPLETE },
  { CHUNKED "3\r\ncon\r\n5\r\ntents", -1, OAI_ERROR_INCOMPLETE },
  { CHUNKED "3\r\ncon\r\n5\r\ntents\r\n0\r\n", -1, OAI_ERROR_INCOMPLETE },
  { CHUNKED "3\r\ncon\r\n5\r\ntents\r\n8\r\n", -1, OAI_ERROR_INCOMPLETE },
  { CHUNKED "8\r\ncontents\r\n0\r\nX-Trailer: long enough to be more than a few bytes\r\n\r\n", -1, -1 },
  { UNTIL_CLOSED "contents", 20, OAI_ERROR_INCOMPLETE },
};

static void
check_ending (const Ending *ending, gsize step, gboolean blocking, guint idle_timeout)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  Server server;

  server_start (&server, ending->reply, FALSE);
  {
    g_autoptr (GInputStream) stream = get (&server, session, NULL, ending->expected, idle_timeout);

    text = read_in_steps (stream, step, blocking, &error);
  }
  g_assert_cmpstr (text, ==, "contents");
  if (ending->code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, OAI_ERROR, ending->code);
  server_stop (&server);
}

static void
test_whole_or_an_error (void)
{
  const gsize steps[] = { 1, 3, 512, 8192 };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    for (guint k = 0; k < G_N_ELEMENTS (steps); k++)
      {
        check_ending (&endings[i], steps[k], FALSE, 0);
        check_ending (&endings[i], steps[k], FALSE, 20000);
        check_ending (&endings[i], steps[k], TRUE, 0);
        check_ending (&endings[i], steps[k], TRUE, 20000);
      }
}

static void
test_short_says_how_much (void)
{
  g_autoptr (GInputStream) memory = g_memory_input_stream_new_from_data ("contents", -1, NULL);
  g_autoptr (GInputStream) stream = oai_body_input_stream_new (memory, NULL, 20, 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = read_all (stream, FALSE, &error);

  g_assert_cmpstr (text, ==, "contents");
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  g_assert_nonnull (strstr (error->message, "8"));
  g_assert_nonnull (strstr (error->message, "20"));
}

/* Closes the client's side of a connection. */
static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
check_silence (gboolean blocking)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  Server server;

  server_start (&server, WITH_LENGTH (20) "contents", TRUE);
  {
    g_autoptr (GInputStream) stream = get (&server, session, NULL, 20, 30);

    text = read_all (stream, blocking, &error);
  }
  g_assert_cmpstr (text, ==, "contents");
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  settle ();
  server_stop (&server);
  g_assert_true (g_atomic_int_get (&server.client_closed));
}

static void
test_silence_times_out (void)
{
  check_silence (FALSE);
}

static void
test_silence_times_out_blocking (void)
{
  check_silence (TRUE);
}

static void
test_who_does_not_read_is_not_timed_out (void)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  Server server;

  server_start (&server, WITH_LENGTH (8) "contents", FALSE);
  {
    g_autoptr (GInputStream) stream = get (&server, session, NULL, 8, 1);

    g_usleep (20000);
    text = read_all (stream, FALSE, &error);
  }
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "contents");
  server_stop (&server);
}

typedef enum
{
  LEAVE_CLOSE,
  LEAVE_CLOSE_ASYNC,
  LEAVE_DROP,
  LEAVE_CANCEL
} Leaving;

static void
leave (GInputStream *stream, Leaving leaving)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char buffer[10];

  switch (leaving)
    {
    case LEAVE_CLOSE:
      g_assert_true (g_input_stream_close (stream, NULL, NULL));
      break;
    case LEAVE_CLOSE_ASYNC:
      g_input_stream_close_async (stream, 0, NULL, on_done, &result);
      g_assert_true (g_input_stream_close_finish (stream, wait_for (&result), NULL));
      break;
    case LEAVE_CANCEL:
      g_input_stream_read_async (stream, buffer, sizeof buffer, 0, cancellable, on_done, &result);
      while (g_main_context_iteration (NULL, FALSE))
        continue;
      g_assert_null (result);
      g_cancellable_cancel (cancellable);
      g_assert_cmpint (g_input_stream_read_finish (stream, wait_for (&result), &error), ==, -1);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      break;
    case LEAVE_DROP:
    default:
      break;
    }
}

/* The server waits until the client closes the connection.  If the client continued to read, or
 * kept the connection, this would wait until the time-out of the socket. */
static void
check_leaving (const char *reply, Leaving leaving)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  Server server;

  server_start (&server, reply, TRUE);
  {
    g_autoptr (GInputStream) stream = get (&server, session, NULL, -1, 0);
    char buffer[8];

    g_assert_cmpint (read_async (stream, buffer, sizeof buffer, NULL, NULL), ==, 8);
    leave (stream, leaving);
  }
  settle ();
  server_stop (&server);
  g_assert_true (g_atomic_int_get (&server.client_closed));
}

static void
test_leaving_closes_the_connection (void)
{
  for (guint leaving = LEAVE_CLOSE; leaving <= LEAVE_CANCEL; leaving++)
    {
      check_leaving (CHUNKED "8\r\ncontents\r\n", leaving);
      check_leaving (WITH_LENGTH (100000) "contents", leaving);
    }
}

static void
test_whole_body_frees_the_connection (void)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (GInputStream) stream = NULL;
  g_autofree char *text = NULL;
  Server server;

  /* The stream still exists, and its connection is already idle; aborting closes the connection. */
  server_start (&server, WITH_LENGTH (8) "contents", TRUE);
  stream = get (&server, session, NULL, 8, 0);
  text = read_all (stream, FALSE, NULL);
  g_assert_cmpstr (text, ==, "contents");
  soup_session_abort (session);
  server_stop (&server);
  g_assert_true (g_atomic_int_get (&server.client_closed));
  g_assert_cmpint (g_input_stream_read (stream, text, 8, NULL, NULL), ==, 0);
}

static void
test_owner_lives_as_long_as_the_stream (void)
{
  g_autoptr (GInputStream) memory = g_memory_input_stream_new_from_data ("contents", -1, NULL);
  g_autoptr (GInputStream) stream = NULL;
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);
  GWeakRef weak;

  g_weak_ref_init (&weak, owner);
  stream = oai_body_input_stream_new (memory, owner, -1, 0);
  g_object_unref (owner);
  g_assert_true (oai_body_input_stream_get_owner (OAI_BODY_INPUT_STREAM (stream)) == owner);
  g_input_stream_close (stream, NULL, NULL);
  g_assert_true (oai_body_input_stream_get_owner (OAI_BODY_INPUT_STREAM (stream)) == owner);
  g_clear_object (&stream);
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
}

/* A body that fails like a network. */

#define BROKEN_TYPE_STREAM (broken_stream_get_type ())
G_DECLARE_FINAL_TYPE (BrokenStream, broken_stream, BROKEN, STREAM, GInputStream)

struct _BrokenStream
{
  GInputStream parent_instance;
  GError *error;
};

G_DEFINE_FINAL_TYPE (BrokenStream, broken_stream, G_TYPE_INPUT_STREAM)

static gssize
broken_stream_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  g_propagate_error (error, g_steal_pointer (&BROKEN_STREAM (stream)->error));
  return -1;
}

static void
broken_stream_class_init (BrokenStreamClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = broken_stream_read;
}

static void
broken_stream_init (BrokenStream *self)
{
}

static void
assert_mapped (GQuark domain, int code, GQuark expected_domain, int expected_code)
{
  g_autoptr (BrokenStream) broken = g_object_new (BROKEN_TYPE_STREAM, NULL);
  g_autoptr (GInputStream) stream = oai_body_input_stream_new (G_INPUT_STREAM (broken), NULL, -1, 1000);
  g_autoptr (GError) error = NULL;
  char c;

  broken->error = g_error_new_literal (domain, code, "what the system says");
  g_assert_cmpint (g_input_stream_read (stream, &c, 1, NULL, &error), ==, -1);
  g_assert_error (error, expected_domain, expected_code);
  if (expected_code == OAI_ERROR_CONNECTION && expected_domain == OAI_ERROR)
    g_assert_nonnull (strstr (error->message, "what the system says"));
}

static void
test_errors_of_the_network (void)
{
  assert_mapped (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, OAI_ERROR, OAI_ERROR_CONNECTION);
  assert_mapped (G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE, OAI_ERROR, OAI_ERROR_CONNECTION);
  assert_mapped (G_TLS_ERROR, G_TLS_ERROR_EOF, OAI_ERROR, OAI_ERROR_CONNECTION);
  assert_mapped (G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  assert_mapped (G_IO_ERROR, G_IO_ERROR_CANCELLED, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_mapped (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/body-input-stream/complete-or-an-error", test_whole_or_an_error);
  g_test_add_func ("/body-input-stream/a-short-body-is-an-error-with-both-sizes", test_short_says_how_much);
  g_test_add_func ("/body-input-stream/idle-time-out", test_silence_times_out);
  g_test_add_func ("/body-input-stream/idle-time-out-blocking", test_silence_times_out_blocking);
  g_test_add_func ("/body-input-stream/no-time-out-while-the-program-does-not-read", test_who_does_not_read_is_not_timed_out);
  g_test_add_func ("/body-input-stream/dropping-the-stream-closes-the-connection", test_leaving_closes_the_connection);
  g_test_add_func ("/body-input-stream/a-complete-body-releases-the-connection", test_whole_body_frees_the_connection);
  g_test_add_func ("/body-input-stream/the-stream-keeps-its-owner-alive", test_owner_lives_as_long_as_the_stream);
  g_test_add_func ("/body-input-stream/errors-of-the-network", test_errors_of_the_network);

  return g_test_run ();
}
