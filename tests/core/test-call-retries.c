/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which calls are retried, how long the delays are, and where redirects lead. */

#include "call-fixture.h"

#include <string.h>

#define COMPLETION_HI COMPLETION ("hi")

static OaiMockReply *
new_failure (guint status, const char *milliseconds)
{
  OaiMockReply *reply = oai_mock_reply_new_error (status, "test", NULL, "Not now");

  if (milliseconds != NULL)
    oai_mock_reply_set_header (reply, "retry-after-ms", milliseconds);

  return reply;
}

static void
assert_answered (CallFixture *self, guint attempts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiChatCompletion) completion = call_fixture_create (self, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (oai_chat_completion_get_text (completion));
  g_assert_cmpuint (oai_call_get_n_attempts (oai_record_get_call (OAI_RECORD (completion))), ==, attempts);
  g_assert_cmpuint (oai_call_get_status_code (oai_record_get_call (OAI_RECORD (completion))), ==, 200);
}

static void
assert_fails (CallFixture *self, OaiError code, guint attempts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiChatCompletion) completion = call_fixture_create (self, NULL, &error);
  g_autoptr (OaiCall) call = NULL;

  g_assert_error (error, OAI_ERROR, (int) code);
  g_assert_null (completion);
  call = oai_client_find_call_for_error (self->client, error);
  g_assert_nonnull (call);
  g_assert_cmpuint (oai_call_get_n_attempts (call), ==, attempts);
  g_assert_cmpint (oai_call_get_state (call), ==, OAI_CALL_STATE_FAILED);
}

static void
test_statuses (CallFixture *self, gconstpointer user_data)
{
  const guint again[] = { 408, 409, 429, 500, 502, 503, 529 };
  const guint never[] = { 400, 401, 403, 404, 422 };

  oai_settings_set_max_retries (self->settings, 2);
  for (guint i = 0; i < G_N_ELEMENTS (again); i++)
    {
      call_fixture_push (self, new_failure (again[i], "1"));
      assert_answered (self, 2);
    }
  for (guint i = 0; i < G_N_ELEMENTS (never); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiChatCompletion) completion = NULL;

      call_fixture_push (self, new_failure (never[i], "1"));
      completion = call_fixture_create (self, NULL, &error);
      g_assert_nonnull (error);
    }
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 2 * G_N_ELEMENTS (again) + G_N_ELEMENTS (never));
}

static void
test_server_decides (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *yes = new_failure (400, "1"), *no = new_failure (503, "1");

  oai_settings_set_max_retries (self->settings, 2);
  oai_mock_reply_set_header (yes, "x-should-retry", "true");
  oai_mock_reply_set_header (no, "x-should-retry", "false");
  call_fixture_push (self, yes);
  assert_answered (self, 2);
  call_fixture_push (self, no);
  assert_fails (self, OAI_ERROR_SERVER, 1);
}

static void
test_retry_limit (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = new_failure (503, "1");
  g_autoptr (OaiMockRequest) last = NULL;

  oai_settings_set_max_retries (self->settings, 3);
  oai_mock_reply_set_times (reply, 4);
  call_fixture_push (self, reply);
  assert_fails (self, OAI_ERROR_SERVER, 4);
  last = oai_mock_server_dup_request (self->server, -1);
  g_assert_cmpstr (oai_mock_request_get_header (last, "x-stainless-retry-count"), ==, "3");
}

static void
test_connection_lost (CallFixture *self, gconstpointer user_data)
{
  oai_settings_set_max_retries (self->settings, 1);
  for (guint reset = 0; reset < 2; reset++)
    {
      OaiMockReply *reply = oai_mock_reply_new_drop ();

      oai_mock_reply_set_reset (reply, reset == 1);
      call_fixture_push (self, reply);
      assert_answered (self, 2);
    }
}

static void
test_closed_without_reply (CallFixture *self, gconstpointer user_data)
{
  oai_settings_set_max_retries (self->settings, 0);
  for (guint reset = 0; reset < 2; reset++)
    {
      OaiMockReply *reply = oai_mock_reply_new_drop ();
      g_autoptr (GError) error = NULL;

      oai_mock_reply_set_reset (reply, reset == 1);
      call_fixture_push (self, reply);
      g_assert_null (call_fixture_create (self, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
      g_assert_nonnull (strstr (error->message, "ended before the reply: "));
    }
}

static void
test_broken_body (CallFixture *self, gconstpointer user_data)
{
  const OaiMockFraming framings[] = { OAI_MOCK_FRAMING_LENGTH, OAI_MOCK_FRAMING_CHUNKED };

  for (guint i = 0; i < G_N_ELEMENTS (framings); i++)
    for (guint retries = 0; retries < 2; retries++)
      {
        OaiMockReply *reply = oai_mock_reply_new_json (200, COMPLETION_HI);

        oai_mock_reply_set_framing (reply, framings[i]);
        oai_mock_reply_set_truncate_after (reply, 40);
        call_fixture_push (self, reply);
        oai_settings_set_max_retries (self->settings, retries);
        if (retries > 0)
          assert_answered (self, 2);
        else
          assert_fails (self, OAI_ERROR_CONNECTION, 1);
      }
}

static void
on_state (OaiCall *call, GParamSpec *pspec, GString *log)
{
  g_string_append_printf (log, "%d", oai_call_get_state (call));
  if (oai_call_get_state (call) == OAI_CALL_STATE_WAITING)
    g_assert_cmpuint (oai_call_get_n_attempts (call), ==, 1);
}

static void
on_retry_at (OaiCall *call, GParamSpec *pspec, guint *n)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  GDateTime *at = oai_call_get_retry_at (call);

  if (at == NULL)
    return;
  (*n)++;
  g_assert_cmpint (g_date_time_difference (at, now), >, 0);
  g_assert_cmpint (g_date_time_difference (at, now), <=, 300 * 1000);
  g_assert_cmpint (oai_call_get_retry_after_ms (call), ==, 300);
}

typedef struct
{
  GString *log;
  guint n;
  OaiCall *call;
  GCancellable *cancellable;
} Watch;

static void
on_started (OaiClient *client, OaiCall *call, Watch *watch)
{
  g_set_object (&watch->call, call);
  g_signal_connect (call, "notify::state", G_CALLBACK (on_state), watch->log);
  g_signal_connect (call, "notify::retry-at", G_CALLBACK (on_retry_at), &watch->n);
}

static void
test_visible (CallFixture *self, gconstpointer user_data)
{
  Watch watch = { g_string_new (NULL), 0, NULL, NULL };
  gulong id = g_signal_connect (self->client, "call-started", G_CALLBACK (on_started), &watch);

  oai_settings_set_max_retries (self->settings, 1);
  call_fixture_push (self, new_failure (429, "300"));
  assert_answered (self, 2);
  g_assert_cmpuint (watch.n, ==, 1);
  /* Sending, reading the error, waiting, sending, reading, done. */
  g_assert_cmpstr (watch.log->str, ==, "132134");
  g_assert_null (oai_call_get_retry_at (watch.call));
  g_signal_handler_disconnect (self->client, id);
  g_signal_handlers_disconnect_by_data (watch.call, watch.log);
  g_clear_object (&watch.call);
  g_string_free (watch.log, TRUE);
}

static void
test_cancel_wait (CallFixture *self, gconstpointer user_data)
{
  Watch watch = { g_string_new (NULL), 0, NULL, g_cancellable_new () };
  gulong id = g_signal_connect (self->client, "call-started", G_CALLBACK (on_started), &watch);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  oai_settings_set_max_retries (self->settings, 1);
  call_fixture_push (self, new_failure (429, "300"));
  oai_chat_endpoint_create_async (self->chat, self->request, watch.cancellable, call_store_result, &result);
  wait_until (watch.call != NULL && oai_call_get_state (watch.call) == OAI_CALL_STATE_WAITING);
  g_cancellable_cancel (watch.cancellable);
  g_assert_null (oai_chat_endpoint_create_finish (self->chat, call_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 1);
  g_assert_null (oai_call_get_retry_at (watch.call));

  g_signal_handler_disconnect (self->client, id);
  g_clear_object (&watch.call);
  g_clear_object (&watch.cancellable);
  g_string_free (watch.log, TRUE);
}

static void
test_long_wait (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = new_failure (429, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiCall) call = NULL;
  gint64 start = g_get_monotonic_time ();

  oai_mock_reply_set_header (reply, "retry-after", "86400");
  oai_settings_set_max_retries (self->settings, 2);
  call_fixture_push (self, reply);
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_RATE_LIMITED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 30 * G_USEC_PER_SEC);
  call = oai_client_find_call_for_error (self->client, error);
  g_assert_cmpint (oai_call_get_retry_after_ms (call), ==, 86400000);
}

static void
test_per_call_retries (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();
  OaiEndpoint *other;

  oai_settings_set_max_retries (self->settings, 2);
  oai_call_options_set_max_retries (options, 0);
  other = oai_endpoint_with_options (OAI_ENDPOINT (self->chat), options);
  g_object_unref (self->chat);
  self->chat = OAI_CHAT_ENDPOINT (other);
  call_fixture_push (self, new_failure (500, "1"));
  assert_fails (self, OAI_ERROR_SERVER, 1);
}

/* Time-outs */

/* Milliseconds in which a request reaches the service, even on a busy machine. */
#define REACHABLE 1000

static void
assert_times_out (CallFixture *self, OaiMockReply *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiCall) call = NULL;
  guint aborted = oai_mock_server_get_n_aborted (self->server);

  call_fixture_push (self, reply);
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  call = oai_client_find_call_for_error (self->client, error);
  g_assert_nonnull (call);
  g_assert_cmpint (oai_call_get_state (call), ==, OAI_CALL_STATE_FAILED);
  wait_until (oai_mock_server_get_n_aborted (self->server) == aborted + 1);
}

static OaiMockReply *
new_slow_body (void)
{
  OaiMockReply *reply = oai_mock_reply_new_json (200, COMPLETION_HI);

  oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
  oai_mock_reply_set_hang_after (reply, 30);

  return reply;
}

static void
test_total (CallFixture *self, gconstpointer user_data)
{
  oai_settings_set_timeout_ms (self->settings, REACHABLE);
  assert_times_out (self, oai_mock_reply_new_hang ());
  assert_times_out (self, new_slow_body ());
  oai_settings_set_timeout_ms (self->settings, 0);
  assert_answered (self, 1);
}

static void
test_idle (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *slow = oai_mock_reply_new_json (200, COMPLETION_HI);

  oai_settings_set_idle_timeout_ms (self->settings, 400);
  assert_times_out (self, new_slow_body ());
  /* The time-out also applies before the reply starts. */
  oai_settings_set_timeout_ms (self->settings, 0);
  assert_times_out (self, oai_mock_reply_new_hang ());

  /* The whole reply takes longer than the limit, but no interval between bytes does. */
  oai_mock_reply_set_framing (slow, OAI_MOCK_FRAMING_CHUNKED);
  oai_mock_reply_set_chunk_size (slow, 20);
  oai_mock_reply_set_chunk_delay (slow, 60);
  call_fixture_push (self, slow);
  assert_answered (self, 1);
}

static void
test_per_call_timeout (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();
  OaiEndpoint *other;

  oai_settings_set_timeout_ms (self->settings, 0);
  oai_call_options_set_timeout_ms (options, REACHABLE);
  other = oai_endpoint_with_options (OAI_ENDPOINT (self->chat), options);
  g_object_unref (self->chat);
  self->chat = OAI_CHAT_ENDPOINT (other);
  assert_times_out (self, oai_mock_reply_new_hang ());
  g_clear_object (&self->chat);
  g_clear_object (&options);

  options = oai_call_options_new ();
  oai_call_options_set_idle_timeout_ms (options, 50);
  self->chat = oai_chat_endpoint_new (self->client);
  other = oai_endpoint_with_options (OAI_ENDPOINT (self->chat), options);
  g_object_unref (self->chat);
  self->chat = OAI_CHAT_ENDPOINT (other);
  assert_times_out (self, new_slow_body ());
}

/* A port that queues connections and does not respond, so that a TLS handshake never ends. */
static void
test_connect (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error));
  url = g_strdup_printf ("https://127.0.0.1:%u/v1", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  g_assert_true (oai_settings_set_base_url (self->settings, url, &error));
  oai_settings_set_connect_timeout_ms (self->settings, 50);
  oai_settings_set_timeout_ms (self->settings, 0);
  oai_settings_set_idle_timeout_ms (self->settings, 0);
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
test_connection_refused (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiCall) call = NULL;

  oai_settings_set_base_url (self->settings, "http://127.0.0.1:1/v1", &error);
  g_assert_no_error (error);
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_nonnull (strstr (error->message, "127.0.0.1"));
  call = oai_client_find_call_for_error (self->client, error);
  g_assert_nonnull (call);
  g_assert_cmpuint (oai_call_get_status_code (call), ==, 0);
}

static void
change_settings_cb (OaiCall *call, GParamSpec *pspec, CallFixture *self)
{
  g_autoptr (GError) error = NULL;

  if (oai_call_get_state (call) != OAI_CALL_STATE_WAITING)
    return;

  oai_settings_set_organization (self->settings, "org-changed");
  oai_settings_set_header (self->settings, "X-Test", "changed");
  oai_settings_set_max_retries (self->settings, 0);
  oai_settings_set_base_url (self->settings, "http://127.0.0.1:1/v1", &error);
  g_assert_no_error (error);
  oai_auth_set_api_key (oai_client_get_auth (self->client), "sk-changed");
}

static void
change_started_cb (OaiClient *client, OaiCall *call, CallFixture *self)
{
  g_signal_connect (call, "notify::state", G_CALLBACK (change_settings_cb), self);
}

static void
test_settings_of_the_start (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiMockRequest) first = NULL;
  g_autoptr (OaiMockRequest) last = NULL;
  const char *headers[] = { "OpenAI-Organization", "X-Test", "Authorization" };

  oai_settings_set_organization (self->settings, "org-start");
  oai_settings_set_header (self->settings, "X-Test", "start");
  oai_settings_set_max_retries (self->settings, 1);
  g_signal_connect (self->client, "call-started", G_CALLBACK (change_started_cb), self);
  call_fixture_push (self, new_failure (503, "1"));
  assert_answered (self, 2);

  first = oai_mock_server_dup_request (self->server, 0);
  last = oai_mock_server_dup_request (self->server, -1);
  g_assert_cmpstr (oai_mock_request_get_header (first, "X-Test"), ==, "start");
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    g_assert_cmpstr (oai_mock_request_get_header (last, headers[i]), ==, oai_mock_request_get_header (first, headers[i]));
}

static void
test_timeout_retried (CallFixture *self, gconstpointer user_data)
{
  oai_settings_set_timeout_ms (self->settings, REACHABLE);
  oai_settings_set_max_retries (self->settings, 1);
  oai_settings_set_max_retry_delay_ms (self->settings, 1);
  call_fixture_push (self, oai_mock_reply_new_hang ());
  assert_answered (self, 2);
}

/* Each redirect takes less than the limit, but all together take longer. */
static void
test_timeout_over_redirects (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = oai_mock_reply_new_redirect (307, "/v1/chat/completions");
  g_autoptr (GError) error = NULL;

  oai_settings_set_timeout_ms (self->settings, 300);
  oai_mock_reply_set_head_delay (reply, 100);
  oai_mock_reply_set_times (reply, 100);
  call_fixture_push (self, reply);
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

/* The request for a token gets no response. */
static void
test_timeout_of_token (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (NULL);
  g_autoptr (OaiTokenRequest) request = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect_swapped (auth, "token-requested", G_CALLBACK (g_set_object), &request);
  call_fixture_renew (self, auth);
  oai_settings_set_timeout_ms (oai_client_get_settings (self->client), 100);
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

/* Credentials that complete much later, even if they are cancelled. */

#define TEST_TYPE_SILENT_AUTH (test_silent_auth_get_type ())
G_DECLARE_FINAL_TYPE (TestSilentAuth, test_silent_auth, TEST, SILENT_AUTH, OaiAuth)

struct _TestSilentAuth
{
  OaiAuth parent_instance;

  GPtrArray *tasks;
};

G_DEFINE_FINAL_TYPE (TestSilentAuth, test_silent_auth, OAI_TYPE_AUTH)

static void
test_silent_auth_request_token_async (OaiAuth *auth, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (auth, NULL, callback, user_data);

  g_task_set_source_tag (task, test_silent_auth_request_token_async);
  g_ptr_array_add (TEST_SILENT_AUTH (auth)->tasks, task);
}

static char *
test_silent_auth_request_token_finish (OaiAuth *auth, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_silent_auth_finalize (GObject *object)
{
  g_ptr_array_unref (TEST_SILENT_AUTH (object)->tasks);

  G_OBJECT_CLASS (test_silent_auth_parent_class)->finalize (object);
}

static void
test_silent_auth_class_init (TestSilentAuthClass *klass)
{
  OAI_AUTH_CLASS (klass)->request_token_async = test_silent_auth_request_token_async;
  OAI_AUTH_CLASS (klass)->request_token_finish = test_silent_auth_request_token_finish;
  G_OBJECT_CLASS (klass)->finalize = test_silent_auth_finalize;
}

static void
test_silent_auth_init (TestSilentAuth *self)
{
  self->tasks = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
cancel_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
test_silent_credentials (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = g_object_new (TEST_TYPE_SILENT_AUTH, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  call_fixture_renew (self, auth);
  oai_settings_set_timeout_ms (self->settings, 100);
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_null (oai_chat_endpoint_create (self->chat, self->request, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);

  oai_settings_set_timeout_ms (self->settings, 0);
  g_timeout_add_once (20, cancel_cb, cancellable);
  g_assert_null (call_fixture_create (self, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  /* Their late result is ignored. */
  g_assert_cmpuint (TEST_SILENT_AUTH (auth)->tasks->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_task_return_pointer (g_ptr_array_index (TEST_SILENT_AUTH (auth)->tasks, i), g_strdup ("late"), g_free);
  g_ptr_array_set_size (TEST_SILENT_AUTH (auth)->tasks, 0);
  g_assert_null (oai_chat_endpoint_create (self->chat, self->request, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 0);
}

/* libsoup does not complete a request with this method, so the call must end with an error. */
static void
test_connect_method (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  oai_settings_set_timeout_ms (self->settings, 200);
  oai_settings_set_idle_timeout_ms (self->settings, 200);
  g_assert_null (oai_client_invoke (self->client, "CONNECT", "m", NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
}

static gboolean
flood_cb (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autoptr (GString) replies = g_string_new (NULL);
  char request[4096];

  for (guint i = 0; i < 1000; i++)
    g_string_append (replies, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  if (g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), request, sizeof request, NULL, NULL) <= 0)
    return TRUE;
  while (g_output_stream_write_all (output, replies->str, replies->len, NULL, NULL, NULL))
    ;

  return TRUE;
}

static guint
listen_locally (GSocketService *service)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (G_SOCKET_LISTENER (service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
  g_assert_no_error (error);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

static void
test_interim_replies (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GSocketService) service = g_threaded_socket_service_new (2);
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (service, "run", G_CALLBACK (flood_cb), NULL);
  url = g_strdup_printf ("http://127.0.0.1:%u/v1", listen_locally (service));
  g_assert_true (oai_settings_set_base_url (self->settings, url, &error));
  oai_settings_set_timeout_ms (self->settings, 0);
  oai_settings_set_max_retries (self->settings, 2);
  assert_fails (self, OAI_ERROR_PROTOCOL, 1);
  g_socket_service_stop (service);
}

/* The error of the HTTP status has precedence over the missing body. */
static void
test_failed_status_without_end (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = oai_mock_reply_new_error (400, "invalid_request_error", NULL, "No such model");
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiCall) call = NULL;

  oai_settings_set_timeout_ms (self->settings, REACHABLE);
  oai_settings_set_max_retries (self->settings, 2);
  oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
  oai_mock_reply_set_hang_after (reply, 20);
  call_fixture_push (self, reply);
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  call = oai_client_find_call_for_error (self->client, error);
  g_assert_cmpuint (oai_call_get_status_code (call), ==, 400);
  g_assert_cmpuint (oai_call_get_n_attempts (call), ==, 1);
}

/* Redirects */

static void
test_redirect_methods (CallFixture *self, gconstpointer user_data)
{
  const struct { guint status; const char *method; const char *then; gboolean body; } cases[] = {
    { 301, "POST", "GET", FALSE },
    { 302, "POST", "GET", FALSE },
    { 303, "POST", "GET", FALSE },
    { 307, "POST", "POST", TRUE },
    { 308, "POST", "POST", TRUE },
    { 301, "DELETE", "DELETE", FALSE },
    { 303, "DELETE", "GET", FALSE },
    { 302, "GET", "GET", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *body = strcmp (cases[i].method, "POST") == 0 ? "{\"a\":1}" : NULL;
      g_autoptr (OaiMockRequest) request = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *reply = NULL;
      g_autofree char *sent = NULL;

      call_fixture_push (self, oai_mock_reply_new_redirect (cases[i].status, "/v1/elsewhere?x=1"));
      call_fixture_push (self, oai_mock_reply_new_json (200, "{\"ok\":true}"));
      reply = oai_client_invoke (self->client, cases[i].method, "somewhere", body, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (reply, ==, "{\"ok\":true}");
      request = oai_mock_server_dup_request (self->server, -1);
      g_assert_cmpstr (oai_mock_request_get_method (request), ==, cases[i].then);
      g_assert_cmpstr (oai_mock_request_get_query (request), ==, "x=1");
      sent = oai_mock_request_dup_body_text (request);
      g_assert_cmpstr (sent, ==, cases[i].body ? "{\"a\":1}" : "");
      g_assert_cmpstr (oai_mock_request_get_header (request, "authorization"), ==, "Bearer " CALL_FIXTURE_KEY);
    }
}

static void
test_redirect_elsewhere (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiMockServer) other = oai_mock_server_new ();
  g_autoptr (OaiMockRequest) request = NULL;
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *target = NULL;
  g_autofree char *reply = NULL;

  oai_mock_server_start_in_thread (other, &error);
  g_assert_no_error (error);
  oai_call_options_set_header (options, "Authorization", "Bearer sk-other");
  oai_call_options_set_header (options, "X-Harmless", "kept");
  oai_call_options_set_header (options, "Accept-Language", "de");
  oai_settings_set_header (self->settings, "Cookie", "sk-cookie");
  oai_settings_set_organization (self->settings, "org-secret");

  target = g_strconcat (oai_mock_server_get_base_url (other), "/models", NULL);
  call_fixture_push (self, oai_mock_reply_new_redirect (307, target));
  reply = oai_client_invoke (self->client, "GET", "models", NULL, options, NULL, &error);
  g_assert_no_error (error);
  request = oai_mock_server_dup_request (other, -1);
  g_assert_null (oai_mock_request_get_header (request, "x-harmless"));
  g_assert_cmpstr (oai_mock_request_get_header (request, "accept"), ==, "application/json");
  g_assert_cmpstr (oai_mock_request_get_header (request, "accept-language"), ==, "de");

  oai_settings_set_trust_redirects (self->settings, TRUE);
  call_fixture_push (self, oai_mock_reply_new_redirect (307, target));
  g_free (reply);
  reply = oai_client_invoke (self->client, "GET", "models", NULL, options, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (request);
  request = oai_mock_server_dup_request (other, -1);
  g_assert_null (oai_mock_request_get_header (request, "authorization"));
  g_assert_null (oai_mock_request_get_header (request, "cookie"));
  g_assert_null (oai_mock_request_get_header (request, "openai-organization"));
  g_assert_cmpstr (oai_mock_request_get_header (request, "x-harmless"), ==, "kept");
  oai_mock_server_stop (other);
}

/* Bodies are sent to other servers only if the settings allow it. */
static void
test_redirect_body (CallFixture *self, gconstpointer user_data)
{
  const guint statuses[] = { 307, 308 };
  g_autoptr (OaiMockServer) other = oai_mock_server_new ();
  g_autofree char *target = NULL;
  g_autoptr (GError) start_error = NULL;

  oai_mock_server_start_in_thread (other, &start_error);
  g_assert_no_error (start_error);
  target = g_strconcat (oai_mock_server_get_base_url (other), "/chat/completions", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autoptr (OaiChatCompletion) refused = NULL;
      g_autoptr (OaiChatCompletion) allowed = NULL;
      g_autoptr (OaiCall) call = NULL;
      g_autoptr (GError) error = NULL;

      call_fixture_push (self, oai_mock_reply_new_redirect (statuses[i], target));
      refused = call_fixture_create (self, NULL, &error);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, "trust-redirects"));
      call = oai_client_find_call_for_error (self->client, error);
      g_assert_cmpuint (oai_call_get_status_code (call), ==, statuses[i]);
      g_assert_cmpuint (oai_mock_server_get_n_requests (other), ==, i);
      g_clear_error (&error);

      oai_settings_set_trust_redirects (self->settings, TRUE);
      call_fixture_push (self, oai_mock_reply_new_redirect (statuses[i], target));
      allowed = call_fixture_create (self, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (oai_mock_server_get_n_requests (other), ==, i + 1);
      oai_settings_set_trust_redirects (self->settings, FALSE);
    }
  oai_mock_server_stop (other);
}

/* A redirect back to the origin gets no credentials, since another server chose the URL. */
static void
test_redirect_there_and_back (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiMockServer) other = oai_mock_server_new ();
  g_autoptr (OaiMockRequest) request = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *there = NULL;
  g_autofree char *back = g_strconcat (oai_mock_server_get_base_url (self->server), "/models", NULL);
  g_autofree char *reply = NULL;
  OaiMockReply *second = oai_mock_reply_new_redirect (307, back);

  oai_mock_server_start_in_thread (other, &error);
  g_assert_no_error (error);
  there = g_strconcat (oai_mock_server_get_base_url (other), "/models", NULL);
  call_fixture_push (self, oai_mock_reply_new_redirect (307, there));
  oai_mock_server_push_reply (other, second);
  g_object_unref (second);
  reply = oai_client_invoke (self->client, "GET", "models", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  request = oai_mock_server_dup_request (self->server, -1);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 2);
  g_assert_null (oai_mock_request_get_header (request, "authorization"));
  oai_mock_server_stop (other);
}

static void
test_redirect_loop (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = oai_mock_reply_new_redirect (307, "/v1/chat/completions");
  g_autoptr (GError) error = NULL;

  oai_mock_reply_set_times (reply, 0);
  call_fixture_push (self, reply);
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (error->domain, ==, OAI_ERROR);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 21);
}

static void
test_redirect_without_location (CallFixture *self, gconstpointer user_data)
{
  const char *const targets[] = { "ftp://127.0.0.1/x", "http://", "file:///etc/passwd", "data:text/plain,x" };

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr (GError) error = NULL;

      call_fixture_push (self, oai_mock_reply_new_redirect (302, targets[i]));
      g_assert_null (call_fixture_create (self, NULL, &error));
      g_assert_nonnull (error);
      g_assert_cmpuint (error->domain, ==, OAI_ERROR);
    }
}

static void
test_redirect_refused (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();
  g_autoptr (GError) error = NULL;

  oai_call_options_set_follow_redirects (options, FALSE);
  call_fixture_push (self, oai_mock_reply_new_redirect (302, "/v1/models"));
  g_assert_null (oai_client_invoke (self->client, "GET", "models", NULL, options, NULL, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 1);
}

#define add(path, func) g_test_add (path, CallFixture, NULL, call_fixture_set_up, func, call_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/retries/statuses", test_statuses);
  add ("/retries/server-decides", test_server_decides);
  add ("/retries/retries-end-at-the-limit", test_retry_limit);
  add ("/retries/connection-lost", test_connection_lost);
  add ("/retries/closed-without-reply", test_closed_without_reply);
  add ("/retries/broken-body", test_broken_body);
  add ("/retries/visible", test_visible);
  add ("/retries/cancel-the-wait", test_cancel_wait);
  add ("/retries/long-requested-delay", test_long_wait);
  add ("/retries/per-call", test_per_call_retries);
  add ("/retries/with-the-settings-of-the-start", test_settings_of_the_start);
  add ("/time-outs/total", test_total);
  add ("/time-outs/idle", test_idle);
  add ("/time-outs/per-call", test_per_call_timeout);
  add ("/time-outs/connect", test_connect);
  add ("/time-outs/retried", test_timeout_retried);
  add ("/time-outs/over-redirects", test_timeout_over_redirects);
  add ("/time-outs/of-a-token", test_timeout_of_token);
  add ("/time-outs/of-credentials-that-never-complete", test_silent_credentials);
  add ("/time-outs/of-the-method-connect", test_connect_method);
  add ("/limits/interim-replies", test_interim_replies);
  add ("/time-outs/error-status-without-end-of-body", test_failed_status_without_end);
  add ("/time-outs/connection-refused", test_connection_refused);
  add ("/redirects/methods", test_redirect_methods);
  add ("/redirects/another-origin", test_redirect_elsewhere);
  add ("/redirects/body-to-another-origin", test_redirect_body);
  add ("/redirects/back-to-the-first-origin", test_redirect_there_and_back);
  add ("/redirects/loop", test_redirect_loop);
  add ("/redirects/nowhere", test_redirect_without_location);
  add ("/redirects/refused", test_redirect_refused);

  return g_test_run ();
}
