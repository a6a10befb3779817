/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-mock.h"

#include <string.h>

#define HELLO "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello, world\"}],\"stream\":true}"

static void
push (Test *test, OaiMockReply *reply)
{
  oai_mock_server_push_reply (test->server, reply);
  g_object_unref (reply);
}

static void
test_queue (Test *test, gconstpointer data)
{
  g_autoptr (OaiMockReply) busy = oai_mock_reply_new_error (429, "requests", "rate_limit_exceeded", "Slow down");
  g_autoptr (OaiMockReply) processing = oai_mock_reply_new_error (409, "invalid_request_error", NULL, "File is still processing. Check back later.");

  oai_mock_reply_set_times (busy, 2);
  oai_mock_reply_set_header (busy, "retry-after-ms", "20");
  oai_mock_server_push_reply (test->server, busy);
  oai_mock_server_push_reply_for (test->server, "DELETE", "/files/{file_id}", processing);
  g_assert_cmpuint (oai_mock_server_get_n_pending_replies (test->server), ==, 3);

  test_expect (test, 429, "GET", "/models", NULL);
  g_assert_cmpstr (soup_message_headers_get_one (test->headers, "Retry-After-Ms"), ==, "20");
  g_assert_cmpstr (test_string (test, "error.code"), ==, "rate_limit_exceeded");
  test_expect (test, 429, "GET", "/models", NULL);
  test_expect (test, 200, "GET", "/models", NULL);
  test_expect (test, 409, "DELETE", "/files/file-1", NULL);
  g_assert_cmpuint (oai_mock_server_get_n_connections (test->server), ==, 1);
}

static void
test_headers_left_out (Test *test, gconstpointer data)
{
  OaiMockReply *reply = oai_mock_reply_new_pass ();

  oai_mock_reply_set_header (reply, "x-request-id", NULL);
  oai_mock_reply_set_content_type (reply, "text/html");
  push (test, reply);
  test_expect (test, 200, "GET", "/models", NULL);
  g_assert_null (soup_message_headers_get_one (test->headers, "x-request-id"));
  g_assert_cmpstr (soup_message_headers_get_one (test->headers, "Content-Type"), ==, "text/html");
  g_assert_cmpstr (test_string (test, "object"), ==, "list");
}

static void
test_splits (Test *test, gconstpointer data)
{
  g_autofree char *whole = NULL;
  OaiMockReply *reply;

  test_expect (test, 200, "POST", "/chat/completions", HELLO);
  whole = g_strdup (test->text);
  oai_mock_server_reset (test->server);

  reply = oai_mock_reply_new_pass ();
  oai_mock_reply_set_chunk_size (reply, 1);
  push (test, reply);
  test_expect (test, 200, "POST", "/chat/completions", HELLO);
  g_assert_cmpstr (test->text, ==, whole);
  oai_mock_server_reset (test->server);

  reply = oai_mock_reply_new_pass ();
  oai_mock_reply_add_split (reply, 100);
  oai_mock_reply_add_split (reply, 7);
  oai_mock_reply_add_split (reply, 8);
  push (test, reply);
  test_expect (test, 200, "POST", "/chat/completions", HELLO);
  g_assert_cmpstr (test->text, ==, whole);
}

static char *
talk_raw (Test *test, const char *request)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  GInputStream *input;
  char buffer[4096];
  gssize n;

  connection = g_socket_client_connect_to_host (client, "127.0.0.1", oai_mock_server_get_port (test->server), NULL, &error);
  g_assert_no_error (error);
  g_socket_set_timeout (g_socket_connection_get_socket (connection), 10);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request, strlen (request), NULL, NULL, &error);
  g_assert_no_error (error);
  input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  while ((n = g_input_stream_read (input, buffer, sizeof buffer, NULL, &error)) > 0)
    g_string_append_len (all, buffer, n);
  g_assert_no_error (error);

  return g_string_free (g_steal_pointer (&all), FALSE);
}

static void
test_chunk_boundaries (Test *test, gconstpointer data)
{
  OaiMockReply *reply = oai_mock_reply_new (200);
  g_autofree char *wire = NULL;

  oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
  oai_mock_reply_add_text (reply, "data: a");
  oai_mock_reply_add_text (reply, "b\n");
  oai_mock_reply_add_text (reply, "\n");
  oai_mock_reply_set_close (reply, TRUE);
  push (test, reply);
  wire = talk_raw (test, "GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n");
  g_assert_nonnull (strstr (wire, "\r\n\r\n7\r\ndata: a\r\n2\r\nb\n\r\n1\r\n\n\r\n0\r\n\r\n"));
  g_assert_nonnull (strstr (wire, "Connection: close\r\n"));
}

static void
test_raw (Test *test, gconstpointer data)
{
  const char *start = "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n00005;x=y\r\nhe";
  g_autoptr (GBytes) head = g_bytes_new_static (start, strlen (start));
  OaiMockReply *reply = oai_mock_reply_new_raw (head);
  g_autofree char *wire = NULL;

  oai_mock_reply_add_text (reply, "llo\r\nzz\r\n");
  oai_mock_reply_set_chunk_delay (reply, 5);
  push (test, reply);
  wire = talk_raw (test, "GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n");
  g_assert_cmpstr (wire, ==, "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n00005;x=y\r\nhello\r\nzz\r\n");
  g_assert_cmpuint (oai_mock_server_get_n_aborted (test->server), ==, 0);
}

static void
test_truncated (Test *test, gconstpointer data)
{
  const OaiMockFraming framings[] = { OAI_MOCK_FRAMING_CHUNKED, OAI_MOCK_FRAMING_LENGTH };

  for (guint i = 0; i < G_N_ELEMENTS (framings); i++)
    for (guint bytes = 0; bytes < 120; bytes += 50)
      {
        g_autofree char *wire = NULL;
        g_autoptr (GError) error = NULL;
        OaiMockReply *reply = oai_mock_reply_new_pass ();

        oai_mock_reply_set_framing (reply, framings[i]);
        oai_mock_reply_set_truncate_after (reply, bytes);
        oai_mock_reply_set_times (reply, 2);
        push (test, reply);
        wire = talk_raw (test, "GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n");
        g_assert_cmpuint (strlen (strstr (wire, "\r\n\r\n") + 4), <=, bytes + 6);
        g_assert_false (g_str_has_suffix (wire, "0\r\n\r\n"));
        /* libsoup 3.2 treats a connection that is closed between two chunks as the end of the body. */
        test_try (test, "GET", "/models", NULL, &error);
        if (framings[i] == OAI_MOCK_FRAMING_LENGTH)
          g_assert_nonnull (error);
        else
          g_assert_cmpuint (strlen (test->text), ==, bytes);
      }
  g_assert_cmpuint (oai_mock_server_get_n_aborted (test->server), ==, 0);
}

static void
test_drop (Test *test, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      OaiMockReply *reply = oai_mock_reply_new_drop ();

      oai_mock_reply_set_reset (reply, i == 1);
      oai_mock_reply_set_times (reply, 3);
      push (test, reply);
      g_assert_false (test_try (test, "POST", "/chat/completions", HELLO, &error));
      g_assert_nonnull (error);
      oai_mock_server_reset (test->server);
      test_expect (test, 200, "GET", "/models", NULL);
    }
}

static void
test_redirect (Test *test, gconstpointer data)
{
  g_autofree char *target = g_strconcat (oai_mock_server_get_base_url (test->server), "/models/gpt-4o", NULL);

  push (test, oai_mock_reply_new_redirect (307, target));
  test_expect (test, 200, "GET", "/models", NULL);
  g_assert_cmpstr (test_string (test, "id"), ==, "gpt-4o");
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->server), ==, 2);
}

static void
test_gzip (Test *test, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      OaiMockReply *reply = oai_mock_reply_new_pass ();

      oai_mock_reply_set_gzip (reply, TRUE, i == 1);
      push (test, reply);
      test_expect (test, 200, "POST", "/chat/completions", HELLO);
      g_assert_true (g_str_has_suffix (test->text, "data: [DONE]\n\n"));
    }
}

static void
test_delays (Test *test, gconstpointer data)
{
  OaiMockReply *reply = oai_mock_reply_new_pass ();
  gint64 begin = g_get_monotonic_time ();

  oai_mock_reply_set_head_delay (reply, 50);
  oai_mock_reply_set_chunk_delay (reply, 10);
  push (test, reply);
  test_expect (test, 200, "POST", "/chat/completions", HELLO);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, (50 + 7 * 10) * 1000);

  oai_mock_server_set_delta_delay (test->server, 10);
  begin = g_get_monotonic_time ();
  test_expect (test, 200, "POST", "/chat/completions", HELLO);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 7 * 10 * 1000);
}

static void
test_until_close (Test *test, gconstpointer data)
{
  OaiMockReply *reply = oai_mock_reply_new_pass ();

  oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_UNTIL_CLOSE);
  push (test, reply);
  test_expect (test, 200, "POST", "/chat/completions", HELLO);
  g_assert_true (g_str_has_suffix (test->text, "data: [DONE]\n\n"));
  test_expect (test, 200, "GET", "/models", NULL);
  g_assert_cmpuint (oai_mock_server_get_n_connections (test->server), ==, 2);
}

static void
wait_aborted (Test *test, guint n)
{
  for (guint i = 0; i < 500 && oai_mock_server_get_n_aborted (test->server) < n; i++)
    g_usleep (10000);
  g_assert_cmpuint (oai_mock_server_get_n_aborted (test->server), ==, n);
}

static void
on_aborted (OaiMockServer *server, OaiMockRequest *request, gpointer data)
{
  g_assert_true (oai_mock_request_is_aborted (request));
  ++*(guint *) data;
}

static gboolean
cancel_soon (gpointer cancellable)
{
  g_usleep (60000);
  g_cancellable_cancel (cancellable);
  return FALSE;
}

/* The client closes the connection while the service sends nothing, within a paced stream, and before the headers. */
static void
test_aborts (Test *test, gconstpointer data)
{
  guint n_signals = 0;

  g_signal_connect (test->server, "aborted", G_CALLBACK (on_aborted), &n_signals);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *url = g_strconcat (oai_mock_server_get_base_url (test->server), "/chat/completions", NULL);
      g_autoptr (SoupMessage) message = soup_message_new ("POST", url);
      g_autoptr (GBytes) body = g_bytes_new_static (HELLO, strlen (HELLO));
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GBytes) none = NULL;
      g_autoptr (GError) error = NULL;
      OaiMockReply *reply = i == 0 ? oai_mock_reply_new_hang () : oai_mock_reply_new_pass ();
      GThread *thread;

      if (i == 1)
        oai_mock_reply_set_chunk_delay (reply, 100);
      if (i == 2)
        oai_mock_reply_set_hang_after (reply, 10);
      push (test, reply);
      soup_message_set_request_body_from_bytes (message, "application/json", body);
      thread = g_thread_new ("cancel", (GThreadFunc) cancel_soon, cancellable);
      none = soup_session_send_and_read (test->session, message, cancellable, &error);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_thread_join (thread);
      soup_session_abort (test->session);
      wait_aborted (test, i + 1);
    }
  while (n_signals < 3)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_stop_within_reply (Test *test, gconstpointer data)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  const char *request = "GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n";

  push (test, oai_mock_reply_new_hang ());
  connection = g_socket_client_connect_to_host (client, "127.0.0.1", oai_mock_server_get_port (test->server), NULL, NULL);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request, strlen (request), NULL, NULL, NULL);
  while (oai_mock_server_get_n_requests (test->server) == 0)
    g_usleep (1000);
  oai_mock_server_stop (test->server);
  g_assert_cmpuint (oai_mock_server_get_n_aborted (test->server), ==, 0);
}

void
test_add_faults (void)
{
  test_add ("/mock/faults/are-queued-per-request-and-route", test_queue);
  test_add ("/mock/faults/headers-can-be-wrong-or-missing", test_headers_left_out);
  test_add ("/mock/faults/bodies-can-be-split-anywhere", test_splits);
  test_add ("/mock/faults/chunks-are-as-scripted", test_chunk_boundaries);
  test_add ("/mock/faults/raw-bytes-are-sent-as-they-are", test_raw);
  test_add ("/mock/faults/bodies-can-be-truncated", test_truncated);
  test_add ("/mock/faults/connections-can-be-dropped", test_drop);
  test_add ("/mock/faults/requests-can-be-redirected", test_redirect);
  test_add ("/mock/faults/bodies-can-be-compressed", test_gzip);
  test_add ("/mock/faults/replies-can-be-late", test_delays);
  test_add ("/mock/faults/the-end-of-the-connection-can-end-a-body", test_until_close);
  test_add ("/mock/faults/a-client-that-leaves-is-noticed", test_aborts);
  test_add ("/mock/faults/stopping-within-a-reply-is-no-abort", test_stop_within_reply);
}
