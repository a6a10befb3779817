/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The proxy between clients and the mock service. */

#include <openai-1/openai.h>
#include <string.h>

#include "proxy-fixture.h"

#define HOST "Host: proxy\r\n"
#define CLOSE "Connection: close\r\n"

static void
push_json (ProxyFixture *fixture, guint status, const char *json)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (status, json);

  oai_mock_server_push_reply (fixture->mock, reply);
}

static OaiMockRequest *
last_request (ProxyFixture *fixture)
{
  return oai_mock_server_dup_request (fixture->mock, -1);
}

/* Sends a request with a body. */
static char *
post (ProxyFixture *fixture, const char *path, const char *headers, const char *body)
{
  g_autofree char *request = g_strdup_printf ("POST %s HTTP/1.1\r\n" HOST CLOSE "%sContent-Type: application/json\r\nContent-Length: %u\r\n\r\n%s",
                                              path, headers, (guint) strlen (body), body);

  return proxy_exchange (fixture, request);
}

static char *
post_unchecked (ProxyFixture *fixture, const char *path, const char *headers, const char *body)
{
  oai_mock_server_set_validating (fixture->mock, FALSE);

  return post (fixture, path, headers, body);
}

static void
assert_status (const char *reply, guint status)
{
  g_autofree char *start = g_strdup_printf ("HTTP/1.1 %u ", status);

  if (!g_str_has_prefix (reply, start))
    g_error ("expected %s, got: %s", start, reply);
}

static void
test_health (ProxyFixture *fixture, gconstpointer data)
{
  g_autofree char *reply = proxy_exchange (fixture, "GET /health HTTP/1.1\r\n" HOST CLOSE "\r\n");
  g_autofree char *head = proxy_exchange (fixture, "HEAD /health HTTP/1.1\r\n" HOST CLOSE "\r\n");

  assert_status (reply, 200);
  g_assert_true (g_str_has_suffix (reply, "\r\n\r\nOK"));
  assert_status (head, 200);
  g_assert_true (g_str_has_suffix (head, "\r\n\r\n"));
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->mock), ==, 0);
}

static void
test_forward (ProxyFixture *fixture, gconstpointer data)
{
  static const char body[] = "{\"model\":\"gpt-5\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
  g_autofree char *reply = post_unchecked (fixture, "/v1/chat/completions?a=1&b[]=x&b[]=y", "Authorization: Bearer of-the-user\r\napi-key: k\r\nCookie: c=1\r\n"
                                 "OpenAI-Organization: mine\r\nX-Forwarded-For: 1.2.3.4\r\nOpenAI-Beta: assistants=v2\r\nX-Unknown: 1\r\n", body);
  g_autoptr(OaiMockRequest) request = last_request (fixture);
  g_autofree char *received = oai_mock_request_dup_body_text (request);
  g_autofree char *authorization = g_strconcat ("Bearer ", PROXY_KEY, NULL);

  assert_status (reply, 200);
  g_assert_nonnull (strstr (reply, "chat.completion"));
  g_assert_nonnull (strstr (reply, "X-Request-Id: req_"));
  g_assert_cmpstr (received, ==, body);
  g_assert_cmpstr (oai_mock_request_get_method (request), ==, "POST");
  g_assert_cmpstr (oai_mock_request_get_query (request), ==, "a=1&b[]=x&b[]=y");
  g_assert_cmpstr (oai_mock_request_get_header (request, "Authorization"), ==, authorization);
  g_assert_cmpstr (oai_mock_request_get_header (request, "OpenAI-Beta"), ==, "assistants=v2");
  g_assert_null (oai_mock_request_get_header (request, "api-key"));
  g_assert_null (oai_mock_request_get_header (request, "Cookie"));
  g_assert_null (oai_mock_request_get_header (request, "OpenAI-Organization"));
  g_assert_null (oai_mock_request_get_header (request, "X-Forwarded-For"));
  g_assert_null (oai_mock_request_get_header (request, "X-Unknown"));
}

/* A client of this library, with a stream of events. */
static void
test_stream (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiClient) client = proxy_fixture_new_client (fixture, "sess-token");
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("gpt-5");
  g_autoptr(OaiChatStream) stream = NULL;
  g_autoptr(OaiChatCompletion) completion = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMockRequest) received = NULL;
  g_autofree char *body = NULL;

  oai_chat_request_add_user_message (request, "Hello");
  stream = oai_chat_endpoint_create_stream (chat, request);
  oai_stream_run_async (OAI_STREAM (stream), NULL, proxy_keep_result, &result);
  wait_until (result != NULL);
  completion = OAI_CHAT_COMPLETION (oai_stream_run_finish (OAI_STREAM (stream), result, &error));
  g_assert_no_error (error);
  g_assert_nonnull (oai_chat_completion_get_text (completion));
  g_assert_null (oai_chat_completion_get_usage (completion));

  /* The usage was requested for the proxy. */
  received = last_request (fixture);
  body = oai_mock_request_dup_body_text (received);
  g_assert_nonnull (strstr (body, "include_usage"));
}

static void
test_refusals (ProxyFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *request;
    guint status;
  } rows[] = {
    { "GET /v2/models HTTP/1.1\r\n" HOST CLOSE "\r\n", 404 },
    { "GET / HTTP/1.1\r\n" HOST CLOSE "\r\n", 404 },
    { "GET /v1 HTTP/1.1\r\n" HOST CLOSE "\r\n", 404 },
    { "GET /v1/ HTTP/1.1\r\n" HOST CLOSE "\r\n", 404 },
    { "GET /v1/../secret HTTP/1.1\r\n" HOST CLOSE "\r\n", 400 },
    { "GET /v1//models HTTP/1.1\r\n" HOST CLOSE "\r\n", 400 },
    { "GET /v1/http://127.0.0.1/x HTTP/1.1\r\n" HOST CLOSE "\r\n", 400 },
    { "TRACE /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n", 405 },
    { "POST /v1/chat/completions HTTP/1.1\r\n" HOST CLOSE "Content-Length: 2\r\n\r\n{}", 415 },
    { "POST /v1/chat/completions HTTP/1.1\r\n" HOST CLOSE "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415 },
    { "POST /v1/chat/completions HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415 },
    { "POST /v1/chat/completions HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1]", 400 },
    { "POST /v1/chat/completions HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/json\r\nContent-Length: 25\r\n\r\n{\"model\":\"a\",\"model\":\"b\"}", 400 },
    { "POST /v1/chat/completions HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n", 413 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *reply = proxy_exchange (fixture, rows[i].request);

      g_test_message ("%s", rows[i].request);
      assert_status (reply, rows[i].status);
      g_assert_nonnull (strstr (reply, "{\"error\":{\"message\":"));
      g_assert_nonnull (strstr (reply, "X-Request-Id: req_"));
    }
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->mock), ==, 0);
}

/* Statuses and bodies of the server are passed on. */
static void
test_statuses (ProxyFixture *fixture, gconstpointer data)
{
  static const guint statuses[] = { 200, 201, 307, 400, 404, 409, 418, 429, 500, 503 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *reply = NULL;

      push_json (fixture, statuses[i], "{\"x\":1}");
      reply = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
      assert_status (reply, statuses[i]);
      g_assert_true (g_str_has_suffix (reply, "{\"x\":1}"));
    }
}

static void
test_upstream_failures (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) drop = oai_mock_reply_new_drop ();
  g_autoptr(OaiMockReply) cut = oai_mock_reply_new_json (200, "{\"aaaaaaaaaa\":1}");
  g_autofree char *dropped = NULL;
  g_autofree char *truncated = NULL;
  g_autofree char *unreachable = NULL;

  oai_mock_server_push_reply (fixture->mock, drop);
  dropped = post (fixture, "/v1/x", "", "{}");
  assert_status (dropped, 502);
  g_assert_null (strstr (dropped, "127.0.0.1"));

  oai_mock_reply_set_truncate_after (cut, 5);
  oai_mock_server_push_reply (fixture->mock, cut);
  truncated = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (truncated, 200);
  g_assert_true (g_str_has_suffix (truncated, "{\"aaa"));

  oai_mock_server_stop (fixture->mock);
  unreachable = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (unreachable, 502);
}

/* A final status of the 1xx class is no reply. */
static void
test_upgrade_without_request (ProxyFixture *fixture, gconstpointer data)
{
  static const char raw[] = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nbytes";
  g_autoptr(GBytes) bytes = g_bytes_new_static (raw, strlen (raw));
  g_autoptr(OaiMockReply) upgrade = oai_mock_reply_new_raw (bytes);
  g_autofree char *reply = NULL;

  oai_mock_server_push_reply (fixture->mock, upgrade);
  reply = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (reply, 502);
}

static void
test_time_out (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) hang = oai_mock_reply_new_hang ();
  g_autofree char *reply = NULL;

  oai_settings_set_timeout_ms (oai_client_get_settings (fixture->client), 200);
  oai_mock_server_push_reply (fixture->mock, hang);
  reply = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (reply, 504);
}

/* The request to the server ends when the client goes away. */
static void
test_client_goes_away (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) events = oai_mock_reply_new_events ();
  g_autoptr(GSocket) socket = NULL;
  g_autofree char *begin = NULL;

  oai_mock_reply_add_event (events, NULL, "{\"first\":1}");
  oai_mock_reply_set_hang_after (events, 10);
  oai_mock_server_push_reply (fixture->mock, events);
  socket = proxy_connect (fixture->address);
  proxy_send (socket, "GET /v1/models HTTP/1.1\r\n" HOST "\r\n");
  begin = proxy_receive_until (socket, "data:");
  g_assert_cmpuint (oai_proxy_server_get_n_requests (fixture->proxy), ==, 1);

  g_socket_close (socket, NULL);
  wait_until (oai_mock_server_get_n_aborted (fixture->mock) == 1);
  g_assert_cmpuint (oai_proxy_server_get_n_requests (fixture->proxy), ==, 0);
}

/* The server's key does not reach the client, even if the server repeats it. */
static void
test_key_in_reply (ProxyFixture *fixture, gconstpointer data)
{
  static const guint statuses[] = { 200, 401, 500 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (statuses[i], "{\"error\":{\"message\":\"Incorrect API key: " PROXY_KEY "\"}}");
      g_autofree char *received = NULL;

      oai_mock_reply_set_header (reply, "X-Echo", PROXY_KEY);
      oai_mock_reply_set_chunk_size (reply, 7);
      oai_mock_server_push_reply (fixture->mock, reply);
      received = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
      assert_status (received, statuses[i]);
      g_assert_null (strstr (received, PROXY_KEY));
      g_assert_nonnull (strstr (received, "*******"));
    }
}

static void
test_upload (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiClient) client = proxy_fixture_new_client (fixture, "t");
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (client);
  g_autofree char *large = g_strnfill (3000000, 'x');
  g_autoptr(GBytes) bytes = g_bytes_new_static (large, 3000000);
  g_autoptr(OaiInputFile) input = oai_input_file_new_for_bytes (bytes, "large.txt");
  g_autoptr(OaiFileUploadRequest) request = oai_file_upload_request_new (input, "assistants");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiFile) file = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMockRequest) received = NULL;
  g_autoptr(GBytes) part = NULL;

  oai_files_endpoint_upload_async (files, request, NULL, proxy_keep_result, &result);
  wait_until (result != NULL);
  file = oai_files_endpoint_upload_finish (files, result, &error);
  g_assert_no_error (error);
  received = last_request (fixture);
  part = oai_mock_request_dup_part (received, "file");
  g_assert_true (g_bytes_equal (part, bytes));
}

static void
test_keep_alive (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(GSocket) socket = proxy_connect (fixture->address);

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *reply = NULL;

      push_json (fixture, 200, "{\"end\":1}");
      proxy_send (socket, "GET /v1/models HTTP/1.1\r\n" HOST "\r\n");
      reply = proxy_receive_until (socket, "{\"end\":1}");
      assert_status (reply, 200);
    }
  g_assert_cmpuint (oai_proxy_server_get_n_connections (fixture->proxy), ==, 1);
}

static gboolean
refuse_cb (OaiProxyServer *proxy, OaiProxyRequest *request, gpointer user_data)
{
  g_assert_cmpstr (oai_proxy_request_get_token (request), ==, "secret-of-ada");
  g_assert_cmpstr (oai_proxy_request_get_path (request), ==, "models");
  g_assert_cmpstr (oai_proxy_request_get_operation (request), ==, "models.list");
  *(OaiProxyRequest **) user_data = g_object_ref (request);

  return TRUE;
}

/* The program answers later. */
static void
test_authenticate (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiProxyRequest) request = NULL;
  g_autoptr(OaiProxyIdentity) identity = oai_proxy_identity_new ("ada", NULL);
  GSocket *socket = proxy_connect (fixture->address);
  g_autofree char *accepted = NULL;
  g_autofree char *refused = NULL;

  g_signal_connect (fixture->proxy, "authenticate", G_CALLBACK (refuse_cb), &request);
  proxy_send (socket, "GET /v1/models HTTP/1.1\r\nAuthorization: Bearer secret-of-ada\r\n" HOST CLOSE "\r\n");
  wait_until (request != NULL);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->mock), ==, 0);
  oai_proxy_request_accept (request, identity);
  oai_proxy_request_refuse (request, OAI_PROXY_ERROR_FORBIDDEN, "too late");
  accepted = proxy_receive_all (socket);
  assert_status (accepted, 200);
  g_clear_object (&request);

  socket = proxy_connect (fixture->address);
  proxy_send (socket, "GET /v1/models HTTP/1.1\r\nAuthorization: Bearer secret-of-ada\r\n" HOST CLOSE "\r\n");
  wait_until (request != NULL);
  oai_proxy_request_refuse (request, OAI_PROXY_ERROR_UNAUTHENTICATED, "Not you");
  refused = proxy_receive_all (socket);
  assert_status (refused, 401);
  g_assert_nonnull (strstr (refused, "Not you"));
  g_clear_object (&request);

  /* The client goes away before the answer. */
  socket = proxy_connect (fixture->address);
  proxy_send (socket, "GET /v1/models HTTP/1.1\r\nAuthorization: Bearer secret-of-ada\r\n" HOST CLOSE "\r\n");
  wait_until (request != NULL);
  g_object_unref (socket);
  wait_until (oai_proxy_server_get_n_connections (fixture->proxy) == 0);
  g_assert_true (g_cancellable_is_cancelled (oai_proxy_request_get_cancellable (request)));
  g_assert_null (oai_proxy_request_get_token (request));
  oai_proxy_request_accept (request, identity);
}

static void
test_no_one (ProxyFixture *fixture, gconstpointer data)
{
  g_autofree char *without = NULL;
  g_autofree char *with = NULL;
  g_autoptr(GError) error = NULL;

  oai_proxy_server_set_allow_anonymous (fixture->proxy, FALSE, &error);
  g_assert_no_error (error);
  without = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (without, 401);
  with = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\nAuthorization: Bearer xxxxxxxx\r\n" HOST CLOSE "\r\n");
  assert_status (with, 401);
  g_assert_null (strstr (with, "xxxxxxxx"));
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->mock), ==, 0);
}

static void
test_anonymous_is_local (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (oai_proxy_server_listen (fixture->proxy, "0.0.0.0:0", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_prefix (ProxyFixture *fixture, gconstpointer data)
{
  g_autofree char *with = NULL;
  g_autofree char *without = NULL;
  g_autofree char *health = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_false (oai_proxy_server_set_route_prefix (fixture->proxy, "/a/../b", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_true (oai_proxy_server_set_route_prefix (fixture->proxy, "ai/", &error));
  g_assert_cmpstr (oai_proxy_server_get_route_prefix (fixture->proxy), ==, "/ai");

  with = proxy_exchange (fixture, "GET /ai/v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (with, 200);
  without = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (without, 404);
  health = proxy_exchange (fixture, "GET /ai/health HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (health, 200);
}

static void
test_limits (ProxyFixture *fixture, gconstpointer data)
{
  static const char *const models[] = { "gpt-5*", NULL };
  static const char *const operations[] = { "chat.*", NULL };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autofree char *model = NULL;
  g_autofree char *operation = NULL;
  g_autofree char *size = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  oai_proxy_server_set_default_limits (fixture->proxy, limits);
  oai_proxy_limits_set_allowed_models (limits, models);
  oai_proxy_limits_set_allowed_operations (limits, operations);
  oai_proxy_limits_set_max_body_size (limits, 200);
  model = post (fixture, "/v1/chat/completions", "", "{\"model\":\"other\",\"messages\":[]}");
  assert_status (model, 403);
  operation = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (operation, 403);
  size = proxy_exchange (fixture, "POST /v1/chat/completions HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/json\r\nContent-Length: 201\r\n\r\n");
  assert_status (size, 413);

  oai_proxy_limits_set_requests_per_minute (limits, 4);
  first = post (fixture, "/v1/chat/completions", "", "{\"model\":\"gpt-5\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
  assert_status (first, 200);
  g_assert_nonnull (strstr (first, "x-ratelimit-"));
  for (guint i = 0; i < 4; i++)
    {
      g_free (second);
      second = post (fixture, "/v1/chat/completions", "", "{\"model\":\"gpt-5\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
    }
  assert_status (second, 429);
  g_assert_nonnull (strstr (second, "Retry-After: "));
}

static void
shutdown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  oai_proxy_server_shutdown_finish (OAI_PROXY_SERVER (source), result, &error);
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

/* A reply that is in progress is completed; then all is closed. */
static void
test_shutdown (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"slow\":1}");
  GSocket *socket = proxy_connect (fixture->address);
  G_GNUC_UNUSED g_autoptr(GSocket) idle = proxy_connect (fixture->address);
  g_autofree char *received = NULL;
  gboolean down = FALSE;

  oai_mock_reply_set_head_delay (reply, 300);
  oai_mock_server_push_reply (fixture->mock, reply);
  proxy_send (socket, "GET /v1/models HTTP/1.1\r\n" HOST "\r\n");
  wait_until (oai_mock_server_get_n_requests (fixture->mock) == 1 && oai_proxy_server_get_n_connections (fixture->proxy) == 2);
  oai_proxy_server_shutdown_async (fixture->proxy, 60000, NULL, shutdown_cb, &down);
  received = proxy_receive_all (socket);
  assert_status (received, 200);
  g_assert_nonnull (strstr (received, "{\"slow\":1}"));
  wait_until (down);
  g_assert_cmpuint (oai_proxy_server_get_n_connections (fixture->proxy), ==, 0);
}

static void
test_shutdown_time_limit (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) hang = oai_mock_reply_new_hang ();
  g_autoptr(GSocket) socket = proxy_connect (fixture->address);
  gboolean down = FALSE;

  oai_mock_server_push_reply (fixture->mock, hang);
  proxy_send (socket, "GET /v1/models HTTP/1.1\r\n" HOST "\r\n");
  wait_until (oai_proxy_server_get_n_requests (fixture->proxy) == 1);
  oai_proxy_server_shutdown_async (fixture->proxy, 50, NULL, shutdown_cb, &down);
  wait_until (down);
}

/* A client that goes away before the usage arrives does not avoid its limits. */
static void
test_usage_is_avoided (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) events = oai_mock_reply_new_events ();
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(GSocket) socket = proxy_connect (fixture->address);
  g_autofree char *begin = NULL;
  g_autofree char *second = NULL;

  oai_mock_server_set_validating (fixture->mock, FALSE);
  oai_proxy_limits_set_tokens_per_day (limits, 5);
  oai_proxy_server_set_default_limits (fixture->proxy, limits);
  oai_mock_reply_add_event (events, NULL, "{\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}");
  oai_mock_reply_add_event (events, NULL, "{\"choices\":[]}");
  oai_mock_reply_set_hang_after (events, 65);
  oai_mock_server_push_reply (fixture->mock, events);
  proxy_send (socket, "POST /v1/chat/completions HTTP/1.1\r\n" HOST "Content-Type: application/json\r\nContent-Length: 45\r\n\r\n"
              "{\"model\":\"gpt-5\",\"stream\":true,\"messages\":[]}");
  begin = proxy_receive_until (socket, "data:");
  assert_status (begin, 200);
  g_socket_close (socket, NULL);
  wait_until (oai_proxy_server_get_n_requests (fixture->proxy) == 0);
  second = post (fixture, "/v1/chat/completions", "", "{\"model\":\"gpt-5\",\"messages\":[]}");
  assert_status (second, 429);
}

/* The tokens that have been counted for the client. */
static gint64
get_charged_tokens (ProxyFixture *fixture)
{
  g_autofree char *reply = post_unchecked (fixture, "/v1/chat/completions", "", "{\"model\":\"gpt-5\",\"messages\":[]}");
  const char *remaining = strstr (reply, "x-ratelimit-remaining-tokens: ");

  g_assert_nonnull (remaining);

  return 1000000 - g_ascii_strtoll (remaining + strlen ("x-ratelimit-remaining-tokens: "), NULL, 10);
}

/* Begins without anything counted. */
static GSocket *
send_limited (ProxyFixture *fixture, const char *path)
{
  GSocket *socket = proxy_connect (fixture->address);
  g_autofree char *request = g_strdup_printf ("POST %s HTTP/1.1\r\n" HOST "Content-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"model\":\"gpt-5\"}", path);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();

  oai_mock_server_set_validating (fixture->mock, FALSE);
  oai_proxy_limits_set_tokens_per_day (limits, 1000000);
  oai_proxy_server_set_default_limits (fixture->proxy, limits);
  oai_proxy_server_set_limiter (fixture->proxy, oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, NULL));
  proxy_send (socket, request);

  return socket;
}

static void
go_away (ProxyFixture *fixture, GSocket *socket)
{
  g_socket_close (socket, NULL);
  g_object_unref (socket);
  wait_until (oai_proxy_server_get_n_requests (fixture->proxy) == 0);
}

/* Of a client that goes away when it has received the text and the part, which are the beginning of the reply. */
static gint64
charge_for_part (ProxyFixture *fixture, const char *path, const char *part)
{
  g_autofree char *text = g_strnfill (40000, 'x');
  g_autofree char *begin = g_strconcat ("{\"text\":\"", text, "\"", part, NULL);
  g_autofree char *body = g_strconcat (begin, "0}}", NULL);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, body);
  g_autofree char *received = NULL;
  GSocket *socket;

  oai_mock_reply_set_hang_after (reply, strlen (begin));
  oai_mock_server_push_reply (fixture->mock, reply);
  socket = send_limited (fixture, path);
  received = proxy_receive_until (socket, part);
  assert_status (received, 200);
  go_away (fixture, socket);

  return get_charged_tokens (fixture);
}

/* The same without a stream.  10000 tokens of the text, and 4 of the request; or what the usage contains if it has arrived. */
static void
test_usage_of_json_is_avoided (ProxyFixture *fixture, gconstpointer data)
{
  g_assert_cmpint (charge_for_part (fixture, "/v1/chat/completions", ",\"usage\":{\"prompt_tokens\":7,\"total_tokens\":1"), >=, 10000);
  g_assert_cmpint (charge_for_part (fixture, "/v1/chat/completions", ",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":11},\"more\":"), ==, 18);
  g_assert_cmpint (charge_for_part (fixture, "/v1/chat/completions", ",\"more\":"), >=, 10000);
  g_assert_cmpint (charge_for_part (fixture, "/v1/unknown", ",\"more\":"), >=, 10000);
}

/* Vectors are no text. */
static void
test_usage_of_vectors_is_avoided (ProxyFixture *fixture, gconstpointer data)
{
  gint64 charged = charge_for_part (fixture, "/v1/embeddings", ",\"more\":");

  g_assert_cmpint (charged, >, 4);
  g_assert_cmpint (charged, <, 10000);
}

/* The server computes the reply although nothing of it has arrived. */
static void
test_usage_before_reply_is_avoided (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) hang = oai_mock_reply_new_hang ();
  GSocket *socket;

  oai_mock_server_push_reply (fixture->mock, hang);
  socket = send_limited (fixture, "/v1/chat/completions");
  wait_until (oai_mock_server_get_n_requests (fixture->mock) == 1);
  go_away (fixture, socket);
  g_assert_cmpint (get_charged_tokens (fixture), >, 4);
}

/* Spellings of a path that are the same for some servers. */
static void
test_spelling_of_paths (ProxyFixture *fixture, gconstpointer data)
{
  static const char *const paths[] = { "/v1/chat/completions/", "/v1/Chat/Completions", "/v1/chat/completions;a=b", "/v1/Deployments/gpt-5/chat/completions" };
  static const char *const encoded[] = { "/v1/chat/%63ompletions", "/v1/ch%61t/completions", "/v1/%64eployments/gpt-5/chat/completions" };
  static const char body[] = "{\"model\":\"gpt-5\",\"stream\":true,\"messages\":[]}";

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      G_GNUC_UNUSED g_autofree char *reply = post_unchecked (fixture, paths[i], "", body);
      g_autoptr(OaiMockRequest) request = last_request (fixture);
      GBytes *sent = oai_mock_request_get_body (request);

      g_test_message ("%s", paths[i]);
      g_assert_nonnull (g_strstr_len (g_bytes_get_data (sent, NULL), g_bytes_get_size (sent), "\"include_usage\":true"));
    }
  for (guint i = 0; i < G_N_ELEMENTS (encoded); i++)
    {
      g_autofree char *reply = post (fixture, encoded[i], "", body);

      assert_status (reply, 400);
    }
}

/* Models that a server could read in a path or a query, and another reader not. */
static void
test_hidden_models (ProxyFixture *fixture, gconstpointer data)
{
  static const char *const models[] = { "mini", NULL };
  static const struct
  {
    const char *target;
    guint status;
  } cases[] = {
    { "/v1/realtime?model=mini&model=big", 400 }, { "/v1/realtime?model=mini&mod%65l=big", 400 }, { "/v1/realtime?model=mini;model=big", 400 },
    { "/v1/realtime?model=mini&Model=big", 400 }, { "/v1/realtime?model=mini&deployment=big", 403 }, { "/v1/realtime?model=big%00", 400 },
    { "/v1/realtime?m%6Fdel=big", 403 }, { "/v1/Realtime?model=big", 403 }, { "/v1/DEPLOYMENTS/big/chat/completions", 403 },
    { "/v1/realtime?model=%ff", 400 },
  };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();

  oai_proxy_limits_set_allowed_models (limits, models);
  oai_proxy_server_set_default_limits (fixture->proxy, limits);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\n" HOST CLOSE "\r\n", cases[i].target);
      g_autofree char *reply = proxy_exchange (fixture, request);

      g_test_message ("%s", cases[i].target);
      assert_status (reply, cases[i].status);
    }
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->mock), ==, 0);
}

/* Without a server, there is no list of models to select from. */
static void
test_no_upstream (ProxyFixture *fixture, gconstpointer data)
{
  static const char *const models[] = { "gpt-5*", NULL };
  g_autoptr(OaiProxyServer) empty = oai_proxy_server_new (NULL);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_auto(GStrv) addresses = NULL;
  g_autofree char *received = NULL;
  GSocket *socket;

  oai_proxy_limits_set_allowed_models (limits, models);
  oai_proxy_server_set_default_limits (empty, limits);
  g_assert_true (oai_proxy_server_set_allow_anonymous (empty, TRUE, NULL));
  g_assert_true (oai_proxy_server_listen (empty, "127.0.0.1:0", NULL, NULL));
  addresses = oai_proxy_server_list_addresses (empty);
  socket = proxy_connect (addresses[0]);
  proxy_send (socket, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  received = proxy_receive_all (socket);
  assert_status (received, 503);
  oai_proxy_server_close (empty);
}

/* Handlers of signals may close the server. */

static void
close_cb (OaiProxyServer *proxy)
{
  oai_proxy_server_close (proxy);
}

static gboolean
close_and_decline_cb (OaiProxyServer *proxy)
{
  oai_proxy_server_close (proxy);

  return FALSE;
}

static void
close_at (ProxyFixture *fixture, const char *signal, GCallback callback)
{
  gulong handler = g_signal_connect (fixture->proxy, signal, callback, NULL);
  GSocket *socket = proxy_connect (fixture->address);
  g_autofree char *received = NULL;

  proxy_send (socket, "GET /v1/models HTTP/1.1\r\n" HOST "\r\n");
  received = proxy_receive_all (socket);
  g_assert_cmpuint (oai_proxy_server_get_n_connections (fixture->proxy), ==, 0);
  g_assert_cmpuint (oai_proxy_server_get_n_requests (fixture->proxy), ==, 0);
  g_signal_handler_disconnect (fixture->proxy, handler);
}

static void
test_close_at_end (ProxyFixture *fixture, gconstpointer data)
{
  close_at (fixture, "finished", G_CALLBACK (close_cb));
}

static void
test_close_at_connection (ProxyFixture *fixture, gconstpointer data)
{
  close_at (fixture, "notify::n-connections", G_CALLBACK (close_cb));
}

static void
test_close_at_request (ProxyFixture *fixture, gconstpointer data)
{
  close_at (fixture, "notify::n-requests", G_CALLBACK (close_cb));
}

static void
test_close_at_authentication (ProxyFixture *fixture, gconstpointer data)
{
  close_at (fixture, "authenticate", G_CALLBACK (close_and_decline_cb));
}

/* The limits of a request are those that it began with. */
static void
test_limits_are_replaced (ProxyFixture *fixture, gconstpointer data)
{
  OaiProxyLimits *limits = oai_proxy_limits_new ();
  GSocket *socket = proxy_connect (fixture->address);
  g_autofree char *received = NULL;

  oai_proxy_limits_set_max_body_size (limits, 3);
  oai_proxy_server_set_default_limits (fixture->proxy, limits);
  g_object_unref (limits);
  proxy_send (socket, "POST /v1/x HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n");
  wait_until (oai_proxy_server_get_n_requests (fixture->proxy) == 1);
  oai_proxy_server_set_default_limits (fixture->proxy, NULL);
  proxy_send (socket, "6\r\n\"a\":1}\r\n0\r\n\r\n");
  received = proxy_receive_all (socket);
  assert_status (received, 413);
}

#define ADD(name, func) g_test_add ("/proxy/server/" name, ProxyFixture, NULL, proxy_fixture_set_up, func, proxy_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("health", test_health);
  ADD ("forward", test_forward);
  ADD ("stream", test_stream);
  ADD ("refusals", test_refusals);
  ADD ("statuses", test_statuses);
  ADD ("upstream-failures", test_upstream_failures);
  ADD ("upgrade-without-request", test_upgrade_without_request);
  ADD ("time-out", test_time_out);
  ADD ("client-goes-away", test_client_goes_away);
  ADD ("usage-is-avoided", test_usage_is_avoided);
  ADD ("usage-of-json-is-avoided", test_usage_of_json_is_avoided);
  ADD ("usage-of-vectors-is-avoided", test_usage_of_vectors_is_avoided);
  ADD ("usage-before-reply-is-avoided", test_usage_before_reply_is_avoided);
  ADD ("spelling-of-paths", test_spelling_of_paths);
  ADD ("hidden-models", test_hidden_models);
  ADD ("key-in-reply", test_key_in_reply);
  ADD ("upload", test_upload);
  ADD ("keep-alive", test_keep_alive);
  ADD ("authenticate", test_authenticate);
  ADD ("no-authentication", test_no_one);
  ADD ("anonymous-is-local", test_anonymous_is_local);
  ADD ("prefix", test_prefix);
  ADD ("limits", test_limits);
  ADD ("no-upstream", test_no_upstream);
  ADD ("limits-are-replaced", test_limits_are_replaced);
  ADD ("close-at-end", test_close_at_end);
  ADD ("close-at-connection", test_close_at_connection);
  ADD ("close-at-request", test_close_at_request);
  ADD ("close-at-authentication", test_close_at_authentication);
  ADD ("shutdown", test_shutdown);
  ADD ("shutdown-time-limit", test_shutdown_time_limit);

  return g_test_run ();
}
