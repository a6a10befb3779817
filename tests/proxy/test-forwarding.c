/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bodies, servers and connections of requests that pass through the proxy. */

#include <openai-1/openai.h>
#include <string.h>

#include "proxy-fixture.h"

#define HOST "Host: proxy\r\n"
#define CLOSE "Connection: close\r\n"
#define CHAT "{\"model\":\"gpt-5\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"

static void
assert_status (const char *reply, guint status)
{
  g_autofree char *start = g_strdup_printf ("HTTP/1.1 %u ", status);

  if (!g_str_has_prefix (reply, start))
    g_error ("expected %s, got: %s", start, reply);
}

static char *
post (ProxyFixture *fixture, const char *path, const char *type, const char *body)
{
  g_autofree char *request = g_strdup_printf ("POST %s HTTP/1.1\r\n" HOST CLOSE "Content-Type: %s\r\nContent-Length: %u\r\n\r\n%s",
                                              path, type, (guint) strlen (body), body);

  return proxy_exchange (fixture, request);
}

static OaiMockRequest *
last_request (ProxyFixture *fixture)
{
  return oai_mock_server_dup_request (fixture->mock, -1);
}

static void
assert_last_body (ProxyFixture *fixture, const char *expected)
{
  g_autoptr(OaiMockRequest) request = last_request (fixture);
  g_autofree char *body = oai_mock_request_dup_body_text (request);

  g_assert_cmpstr (body, ==, expected);
}

static void
test_chunked_body (ProxyFixture *fixture, gconstpointer data)
{
  g_autofree char *reply = proxy_exchange (fixture, "POST /v1/chat/completions HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/json\r\n"
                                           "Transfer-Encoding: chunked\r\n\r\n"
                                           "10\r\n{\"model\":\"gpt-5\"\r\n30;x=y\r\n,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}\r\n0\r\nTrailer-Field: x\r\n\r\n");

  assert_status (reply, 200);
  assert_last_body (fixture, "{\"model\":\"gpt-5\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}");
}

static void
test_expect_continue (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(GSocket) socket = proxy_connect (fixture->address);
  g_autofree char *head = g_strdup_printf ("POST /v1/chat/completions HTTP/1.1\r\n" HOST "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %u\r\n\r\n",
                                           (guint) strlen (CHAT));
  g_autofree char *interim = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *refused = NULL;

  proxy_send (socket, head);
  interim = proxy_receive_until (socket, "\r\n\r\n");
  g_assert_cmpstr (interim, ==, "HTTP/1.1 100 Continue\r\n\r\n");
  proxy_send (socket, CHAT);
  reply = proxy_receive_until (socket, "chat.completion");
  assert_status (reply, 200);

  /* A request that is refused does not send its body. */
  refused = proxy_exchange (fixture, "POST /v2/x HTTP/1.1\r\n" HOST "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
  assert_status (refused, 404);
}

static void
test_head (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"abc\":1}");
  g_autofree char *received = NULL;
  g_autoptr(OaiMockRequest) request = NULL;

  oai_mock_server_push_reply (fixture->mock, reply);
  received = proxy_exchange (fixture, "HEAD /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (received, 200);
  g_assert_true (g_str_has_suffix (received, "\r\n\r\n"));
  request = last_request (fixture);
  g_assert_cmpstr (oai_mock_request_get_method (request), ==, "HEAD");
}

static void
test_no_content (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new (204);
  g_autofree char *received = NULL;

  oai_mock_server_push_reply (fixture->mock, reply);
  received = proxy_exchange (fixture, "DELETE /v1/files/f HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (received, 204);
  g_assert_null (strstr (received, "Content-Length"));
  g_assert_null (strstr (received, "Transfer-Encoding"));
}

/* The body is larger than what is kept in memory. */
static void
test_large_json (ProxyFixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (3000000, 'x');
  g_autofree char *body = g_strdup_printf ("{\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true,\"model\":\"gpt-5\"}", text);
  g_autofree char *edited = g_strdup_printf ("{\"stream_options\":{\"include_usage\":true},\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true,\"model\":\"gpt-5\"}", text);
  g_autofree char *reply = post (fixture, "/v1/chat/completions", "application/json", body);

  assert_status (reply, 200);
  g_assert_nonnull (strstr (reply, "data: [DONE]"));
  g_assert_null (strstr (reply, "usage"));
  assert_last_body (fixture, edited);
}

/* A client that requests the usage receives it. */
static void
test_usage_is_kept (ProxyFixture *fixture, gconstpointer data)
{
  static const char body[] = "{\"model\":\"gpt-5\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
  g_autofree char *reply = post (fixture, "/v1/chat/completions", "application/json", body);

  assert_status (reply, 200);
  g_assert_nonnull (strstr (reply, "\"usage\":{"));
  assert_last_body (fixture, body);
}

static void
keep_report_cb (OaiProxyServer *proxy, OaiProxyReport *report, gpointer user_data)
{
  g_set_object ((OaiProxyReport **) user_data, report);
}

static void
test_report (ProxyFixture *fixture, gconstpointer data)
{
  static const char body[] = "{\"model\":\"gpt-5\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
  g_autoptr(OaiPriceTable) prices = oai_price_table_new ();
  g_autoptr(OaiProxyReport) report = NULL;
  g_autofree char *reply = NULL;

  oai_price_table_set_price (prices, "gpt-5", 1000000, 1000000, 1000000);
  oai_proxy_server_set_prices (fixture->proxy, prices);
  g_signal_connect (fixture->proxy, "finished", G_CALLBACK (keep_report_cb), &report);
  reply = post (fixture, "/v1/chat/completions", "application/json", body);
  assert_status (reply, 200);
  wait_until (report != NULL);
  g_assert_cmpstr (oai_proxy_report_get_identity (report), ==, "anonymous");
  g_assert_cmpstr (oai_proxy_report_get_operation (report), ==, "chat.create");
  g_assert_cmpstr (oai_proxy_report_get_path (report), ==, "/v1/chat/completions");
  g_assert_cmpuint (oai_proxy_report_get_status (report), ==, 200);
  g_assert_true (oai_proxy_report_has_usage (report));
  g_assert_cmpint (oai_proxy_report_get_output_tokens (report), >, 0);
  g_assert_cmpfloat (oai_proxy_report_get_cost (report), ==, (double) (oai_proxy_report_get_input_tokens (report) + oai_proxy_report_get_output_tokens (report)));
  g_assert_cmpuint (oai_proxy_report_get_received_bytes (report), ==, strlen (body));
}

#define PART(name, value) "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_PART "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n"

/* The model of a form is read before it is sent if models are limited. */
static void
test_form_model (ProxyFixture *fixture, gconstpointer data)
{
  static const char *const models[] = { "whisper-*", NULL };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autofree char *allowed = NULL;
  g_autofree char *refused = NULL;
  guint n_requests;

  oai_proxy_limits_set_allowed_models (limits, models);
  oai_proxy_server_set_default_limits (fixture->proxy, limits);
  allowed = post (fixture, "/v1/audio/transcriptions", "multipart/form-data; boundary=b", FILE_PART PART ("model", "whisper-1") "--b--\r\n");
  assert_status (allowed, 200);
  n_requests = oai_mock_server_get_n_requests (fixture->mock);
  refused = post (fixture, "/v1/audio/transcriptions", "multipart/form-data; boundary=b", FILE_PART PART ("model", "gpt-4o-transcribe") "--b--\r\n");
  assert_status (refused, 403);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->mock), ==, n_requests);
}

/* A client that reads slowly makes the proxy read slowly, too. */
static void
test_back_pressure (ProxyFixture *fixture, gconstpointer data)
{
  g_autofree char *mebibyte = g_strnfill (1024 * 1024, 'y');
  g_autoptr(GBytes) bytes = g_bytes_new_static (mebibyte, 1024 * 1024);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new (200);
  g_autoptr(GSocket) socket = NULL;
  gsize total = 0;
  gboolean ended = FALSE;

  oai_mock_reply_add_repeated (reply, bytes, 64);
  oai_mock_reply_set_content_type (reply, "application/octet-stream");
  oai_mock_server_push_reply (fixture->mock, reply);
  socket = proxy_connect (fixture->address);
  proxy_send (socket, "GET /v1/files/f/content HTTP/1.1\r\n" HOST CLOSE "\r\n");
  for (gint64 until = g_get_monotonic_time () + G_USEC_PER_SEC / 2; g_get_monotonic_time () < until;)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);

  while (!ended)
    {
      static char buffer[65536];
      g_autoptr(GError) error = NULL;
      gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);

      if (n > 0)
        total += n;
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        ended = TRUE;
      else if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (100);
    }
  g_assert_cmpuint (total, >, 64 * 1024 * 1024);
}

/* Two servers, of which one fails */

static OaiProxyUpstream *
add_upstream (ProxyFixture *fixture, const char *name, const char *url)
{
  g_autoptr(OaiSettings) settings = oai_settings_new_for_base_url (url, NULL);
  g_autoptr(OaiAuth) auth = oai_auth_new (PROXY_KEY);
  g_autoptr(OaiClient) client = oai_client_new (auth, settings);
  OaiProxyUpstream *upstream = oai_proxy_upstream_new (name, client);

  oai_proxy_server_add_upstream (fixture->proxy, upstream);

  return upstream;
}

static void
test_fall_back (ProxyFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockServer) second = oai_mock_server_new ();
  g_autoptr(OaiProxyUpstream) upstream = NULL;
  g_autoptr(OaiMockReply) failure = oai_mock_reply_new_error (503, "server_error", "overloaded", "Overloaded");
  g_autofree char *overloaded = NULL;
  g_autofree char *unreachable = NULL;

  oai_mock_server_start_in_thread (second, NULL);
  oai_mock_server_set_api_key (second, PROXY_KEY);
  upstream = add_upstream (fixture, "second", oai_mock_server_get_base_url (second));
  oai_proxy_upstream_set_priority (upstream, oai_proxy_upstream_get_priority (upstream) + 1);

  oai_mock_server_push_reply (fixture->mock, failure);
  overloaded = post (fixture, "/v1/chat/completions", "application/json", CHAT);
  assert_status (overloaded, 200);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->mock), ==, 1);
  g_assert_cmpuint (oai_mock_server_get_n_requests (second), ==, 1);

  oai_mock_server_stop (fixture->mock);
  unreachable = post (fixture, "/v1/chat/completions", "application/json", CHAT);
  assert_status (unreachable, 200);
  g_assert_cmpuint (oai_mock_server_get_n_requests (second), ==, 2);
  oai_mock_server_stop (second);
}

/* The lists of both servers, without the models that are not allowed. */
static void
test_model_list (ProxyFixture *fixture, gconstpointer data)
{
  static const char *const patterns[] = { "local-*", NULL };
  static const char *const allowed[] = { "local-*", "gpt-5", NULL };
  g_autoptr(OaiMockServer) second = oai_mock_server_new ();
  g_autoptr(OaiProxyUpstream) upstream = NULL;
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiMockReply) models = oai_mock_reply_new_json (200, "{\"object\":\"list\",\"data\":[{\"id\":\"local-a\",\"object\":\"model\",\"x\":1.50},{\"id\":\"gpt-5\"}]}");
  g_autoptr(OaiMockReply) first = oai_mock_reply_new_json (200, "{\"object\":\"list\",\"data\":[{\"id\":\"gpt-5\"},{\"id\":\"gpt-4\"}]}");
  g_autofree char *all = NULL;
  g_autofree char *some = NULL;

  oai_mock_server_start_in_thread (second, NULL);
  oai_mock_server_set_api_key (second, PROXY_KEY);
  oai_mock_server_push_reply (second, models);
  oai_mock_server_push_reply (fixture->mock, first);
  upstream = add_upstream (fixture, "second", oai_mock_server_get_base_url (second));
  oai_proxy_upstream_set_models (upstream, patterns);
  all = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  assert_status (all, 200);
  g_assert_true (g_str_has_suffix (all, "{\"object\":\"list\",\"data\":[{\"id\":\"gpt-5\"},{\"id\":\"gpt-4\"},{\"id\":\"local-a\",\"object\":\"model\",\"x\":1.50}]}"));

  oai_proxy_limits_set_allowed_models (limits, allowed);
  oai_proxy_server_set_default_limits (fixture->proxy, limits);
  some = proxy_exchange (fixture, "GET /v1/models HTTP/1.1\r\n" HOST CLOSE "\r\n");
  g_assert_nonnull (strstr (some, "gpt-5"));
  g_assert_nonnull (strstr (some, "local-a"));
  g_assert_null (strstr (some, "gpt-4"));
  g_assert_cmpuint (oai_mock_server_get_n_requests (second), ==, 1);
  oai_mock_server_stop (second);
}

/* The paths of Azure, whose version is that of the server. */
static void
test_azure (ProxyFixture *fixture, gconstpointer data)
{
  OaiSettings *settings = oai_client_get_settings (fixture->client);
  g_autoptr(OaiMockRequest) request = NULL;
  g_autoptr(OaiMockRequest) by_model = NULL;
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/openai", oai_mock_server_get_port (fixture->mock));
  g_autofree char *reply = NULL;
  g_autofree char *second = NULL;

  oai_mock_server_set_validating (fixture->mock, FALSE);
  oai_settings_set_base_url (settings, url, NULL);
  oai_settings_set_query_parameter (settings, "api-version", "2026-01-01");
  reply = post (fixture, "/openai/deployments/gpt-5/chat/completions?api-version=1999-01-01&x=1", "application/json", CHAT);
  request = last_request (fixture);
  g_assert_cmpstr (oai_mock_request_get_path (request), ==, "/openai/deployments/gpt-5/chat/completions");
  g_assert_cmpstr (oai_mock_request_get_query (request), ==, "x=1&api-version=2026-01-01");

  second = post (fixture, "/v1/chat/completions", "application/json", CHAT);
  by_model = last_request (fixture);
  g_assert_cmpstr (oai_mock_request_get_path (by_model), ==, "/openai/chat/completions");
}

/* The path of OpenAI is that of the deployment of the model on Azure. */
static void
test_azure_deployments (ProxyFixture *fixture, gconstpointer data)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", oai_mock_server_get_port (fixture->mock));
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSettings) settings = oai_settings_new_for_azure_endpoint (url, NULL, "2026-01-01", FALSE, &error);
  g_autoptr(OaiAuth) auth = oai_auth_new (PROXY_KEY);
  g_autoptr(OaiClient) client = oai_client_new (auth, settings);
  g_autoptr(OaiProxyUpstream) azure = oai_proxy_upstream_new ("azure", client);
  static const char *const targets[] = { "/v1/chat/completions", "/openai/chat/completions", "/openai/deployments/gpt-5/chat/completions" };

  g_assert_no_error (error);
  oai_mock_server_set_validating (fixture->mock, FALSE);
  oai_proxy_upstream_set_priority (azure, 0);
  oai_proxy_server_add_upstream (fixture->proxy, azure);
  oai_settings_set_base_url (oai_client_get_settings (fixture->client), "http://127.0.0.1:1/v1", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *reply = post (fixture, targets[i], "application/json", CHAT);
      g_autoptr(OaiMockRequest) request = last_request (fixture);

      g_test_message ("%s: %s", targets[i], reply);
      g_assert_cmpstr (oai_mock_request_get_path (request), ==, "/openai/deployments/gpt-5/chat/completions");
      g_assert_cmpstr (oai_mock_request_get_query (request), ==, "api-version=2026-01-01");
      g_assert_cmpstr (oai_mock_request_get_header (request, "api-key"), ==, PROXY_KEY);
    }
}

/* Names that one side could read as another path. */
static void
test_hostile_paths (ProxyFixture *fixture, gconstpointer data)
{
  static const char *const paths[] = {
    "/v1/%2e%2e/admin", "/v1/..%2fadmin", "/v1/a%2fb", "/v1/a%5cb", "/v1/./models", "/v1/models/.", "/v1\\models", "/v1/models%00",
    "/v1/models;x=..", "http://127.0.0.1/v1/models", "/v1/@evil", "/v1/models#a",
  };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\n" HOST CLOSE "\r\n", paths[i]);
      guint before = oai_mock_server_get_n_requests (fixture->mock);
      g_autofree char *reply = proxy_exchange (fixture, request);

      g_test_message ("%s", paths[i]);
      if (oai_mock_server_get_n_requests (fixture->mock) == before)
        {
          assert_status (reply, 400);
        }
      else
        {
          /* What was passed on is what was received. */
          g_autoptr(OaiMockRequest) received = last_request (fixture);

          g_assert_cmpstr (oai_mock_request_get_path (received), ==, paths[i]);
        }
    }
}

/* A request in the body of another one is not read as a request. */
static void
test_smuggled (ProxyFixture *fixture, gconstpointer data)
{
  g_autofree char *reply = proxy_exchange (fixture, "POST /v1/chat/completions HTTP/1.1\r\n" HOST "Content-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
                                           "0\r\n\r\nGET /v1/models HTTP/1.1\r\n" HOST "\r\n");

  assert_status (reply, 400);
  g_assert_null (strstr (reply + 10, "HTTP/1.1 "));
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->mock), ==, 0);
}

#define ADD(name, func) g_test_add ("/proxy/forwarding/" name, ProxyFixture, NULL, proxy_fixture_set_up, func, proxy_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("chunked-body", test_chunked_body);
  ADD ("expect-continue", test_expect_continue);
  ADD ("head", test_head);
  ADD ("no-content", test_no_content);
  ADD ("large-json", test_large_json);
  ADD ("usage-is-kept", test_usage_is_kept);
  ADD ("report", test_report);
  ADD ("form-model", test_form_model);
  ADD ("back-pressure", test_back_pressure);
  ADD ("fall-back", test_fall_back);
  ADD ("model-list", test_model_list);
  ADD ("azure", test_azure);
  ADD ("azure-deployments", test_azure_deployments);
  ADD ("hostile-paths", test_hostile_paths);
  ADD ("smuggled", test_smuggled);

  return g_test_run ();
}
