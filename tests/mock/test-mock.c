/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tests the mock service with HTTP requests. */

#include "test-mock.h"

#include <string.h>

static void
test_clear (Test *test)
{
  g_clear_pointer (&test->text, g_free);
  g_clear_pointer (&test->bytes, g_bytes_unref);
  g_clear_pointer (&test->json, json_node_unref);
  g_clear_pointer (&test->headers, soup_message_headers_unref);
  test->status = 0;
}

static void
set_up (Test *test, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  test->server = oai_mock_server_new ();
  oai_mock_server_start_in_thread (test->server, &error);
  g_assert_no_error (error);
  test->session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
}

static void
tear_down (Test *test, gconstpointer data)
{
  test_clear (test);
  g_clear_object (&test->session);
  oai_mock_server_stop (test->server);
  g_clear_object (&test->server);
}

void
test_add (const char *name, TestFunction function)
{
  g_test_add (name, Test, NULL, set_up, function, tear_down);
}

static gboolean
send_message (Test *test, SoupMessage *message, GError **error)
{
  gsize length;
  const char *data;

  test_clear (test);
  test->bytes = soup_session_send_and_read (test->session, message, NULL, error);
  test->status = soup_message_get_status (message);
  test->headers = soup_message_headers_ref (soup_message_get_response_headers (message));
  if (test->bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (test->bytes, &length);
  test->text = g_strndup (data != NULL ? data : "", length);
  test->json = json_from_string (test->text, NULL);

  return TRUE;
}

static SoupMessage *
new_message (Test *test, const char *method, const char *path)
{
  g_autofree char *url = g_strconcat (oai_mock_server_get_base_url (test->server), path, NULL);
  SoupMessage *message = soup_message_new (method, url);

  soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT);
  return message;
}

static gboolean
send_body (Test *test, SoupMessage *message, const char *body, GError **error)
{
  g_autoptr (GBytes) bytes = body != NULL ? g_bytes_new (body, strlen (body)) : NULL;

  if (bytes != NULL)
    soup_message_set_request_body_from_bytes (message, "application/json", bytes);

  return send_message (test, message, error);
}

gboolean
test_try (Test *test, const char *method, const char *path, const char *body, GError **error)
{
  g_autoptr (SoupMessage) message = new_message (test, method, path);

  return send_body (test, message, body, error);
}

void
test_send_message (Test *test, SoupMessage *message, const char *body)
{
  g_autoptr (GError) error = NULL;

  send_body (test, message, body, &error);
  g_assert_no_error (error);
}

void
test_send (Test *test, const char *method, const char *path, const char *body)
{
  g_autoptr (GError) error = NULL;

  test_try (test, method, path, body, &error);
  g_assert_no_error (error);
}

void
test_expect (Test *test, guint status, const char *method, const char *path, const char *body)
{
  test_send (test, method, path, body);
  if (test->status != status)
    g_test_message ("%s %s: %s", method, path, test->text);
  g_assert_cmpuint (test->status, ==, status);
}

void
test_send_form (Test *test, const char *path, const char *boundary, const char *form, gsize length)
{
  g_autoptr (SoupMessage) message = new_message (test, "POST", path);
  g_autoptr (GBytes) bytes = g_bytes_new (form, length);
  g_autofree char *type = g_strconcat ("multipart/form-data; boundary=", boundary, NULL);
  g_autoptr (GError) error = NULL;

  soup_message_set_request_body_from_bytes (message, type, bytes);
  send_message (test, message, &error);
  g_assert_no_error (error);
}

/* Finds a value with a path such as `data.0.id`. */
JsonNode *
test_find_value (JsonNode *node, const char *path)
{
  g_auto (GStrv) steps = g_strsplit (path, ".", -1);

  for (guint i = 0; steps[i] != NULL && node != NULL; i++)
    {
      if (JSON_NODE_HOLDS_OBJECT (node))
        node = json_object_get_member (json_node_get_object (node), steps[i]);
      else if (JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) > g_ascii_strtoull (steps[i], NULL, 10))
        node = json_array_get_element (json_node_get_array (node), g_ascii_strtoull (steps[i], NULL, 10));
      else
        node = NULL;
    }

  return node;
}

const char *
test_string (Test *test, const char *path)
{
  JsonNode *node = test_find_value (test->json, path);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

gint64
test_int (Test *test, const char *path)
{
  JsonNode *node = test_find_value (test->json, path);

  g_assert_nonnull (node);
  return json_node_get_int (node);
}

guint
test_count (Test *test, const char *path)
{
  JsonNode *node = test_find_value (test->json, path);

  g_assert_nonnull (node);
  return json_array_get_length (json_node_get_array (node));
}

/* The data of the events in the last reply. */
GPtrArray *
test_events (Test *test)
{
  g_auto (GStrv) blocks = g_strsplit (test->text, "\n\n", -1);
  GPtrArray *events = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; blocks[i] != NULL; i++)
    if (*blocks[i] != '\0')
      g_ptr_array_add (events, g_strdup (blocks[i]));

  return events;
}

char *
test_event_string (GPtrArray *events, guint index, const char *path)
{
  const char *data = strstr (g_ptr_array_index (events, index), "data: ");
  g_autoptr (JsonNode) node = NULL;
  JsonNode *value;

  g_assert_nonnull (data);
  node = json_from_string (data + 6, NULL);
  value = node != NULL ? test_find_value (node, path) : NULL;

  return value != NULL && JSON_NODE_HOLDS_VALUE (value) ? json_node_dup_string (value) : NULL;
}

/* Neither the requests of the test nor the replies of the service violate the document, if it is available. */
void
test_no_violations (Test *test)
{
  g_auto (GStrv) requests = oai_mock_server_dup_violations (test->server);
  g_auto (GStrv) replies = oai_mock_server_dup_reply_violations (test->server);

  g_assert_cmpstr (requests[0], ==, NULL);
  g_assert_cmpstr (replies[0], ==, NULL);
}

static void
test_models (Test *test, gconstpointer data)
{
  test_expect (test, 200, "GET", "/models", NULL);
  g_assert_cmpstr (test_string (test, "object"), ==, "list");
  g_assert_cmpuint (test_count (test, "data"), >, 5);

  test_expect (test, 200, "GET", "/models/gpt-4o", NULL);
  g_assert_cmpstr (test_string (test, "id"), ==, "gpt-4o");

  test_expect (test, 404, "GET", "/models/none", NULL);
  g_assert_cmpstr (test_string (test, "error.code"), ==, "model_not_found");

  test_expect (test, 403, "DELETE", "/models/gpt-4o", NULL);
  test_expect (test, 200, "DELETE", "/models/ft%3Agpt-4o-mini%3Aorg-mock%3A%3A0001", NULL);
  test_expect (test, 404, "GET", "/models/ft:gpt-4o-mini:org-mock::0001", NULL);
  test_no_violations (test);
}

static void
test_headers (Test *test, gconstpointer data)
{
  const char *const names[] = { "x-request-id", "openai-processing-ms", "openai-version", "openai-organization",
                                "x-ratelimit-limit-requests", "x-ratelimit-limit-tokens", "x-ratelimit-remaining-requests",
                                "x-ratelimit-remaining-tokens", "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      test_send (test, "GET", i % 2 == 0 ? "/models" : "/nothing", NULL);
      g_assert_nonnull (soup_message_headers_get_one (test->headers, names[i]));
    }
}

static void
test_unknown_routes (Test *test, gconstpointer data)
{
  test_expect (test, 404, "GET", "/nothing", NULL);
  g_assert_cmpstr (test_string (test, "error.code"), ==, "unknown_url");
  test_expect (test, 405, "PUT", "/models", NULL);
  g_assert_cmpstr (test_string (test, "error.type"), ==, "invalid_request_error");
}

static guint
get_with_header (Test *test, const char *name, const char *value)
{
  g_autoptr (SoupMessage) message = new_message (test, "GET", "/models");
  g_autoptr (GError) error = NULL;

  soup_message_headers_append (soup_message_get_request_headers (message), name, value);
  send_message (test, message, &error);
  g_assert_no_error (error);

  return test->status;
}

static void
test_key (Test *test, gconstpointer data)
{
  oai_mock_server_set_api_key (test->server, "sk-test");

  test_expect (test, 401, "GET", "/models", NULL);
  g_assert_cmpuint (get_with_header (test, "Authorization", "Bearer sk-wrong"), ==, 401);
  g_assert_cmpstr (test_string (test, "error.code"), ==, "invalid_api_key");
  g_assert_null (strstr (test->text, "sk-wrong"));
  g_assert_cmpuint (get_with_header (test, "Authorization", "Bearer sk-test"), ==, 200);
  g_assert_cmpuint (get_with_header (test, "api-key", "sk-test"), ==, 200);
}

static void
test_requests_recorded (Test *test, gconstpointer data)
{
  g_autoptr (OaiMockRequest) request = NULL;
  g_autoptr (OaiMockRequest) none = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autofree char *body = NULL;
  g_autofree char *value = NULL;
  g_auto (GStrv) names = NULL;

  test_send (test, "GET", "/models", NULL);
  test_send (test, "POST", "/chat/completions?a=%C3%A4&b=2", "{\"x\":1}");
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->server), ==, 2);
  all = oai_mock_server_dup_requests (test->server);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_cmpstr (oai_mock_request_get_method (all->pdata[0]), ==, "GET");

  request = oai_mock_server_dup_request (test->server, -1);
  g_assert_cmpstr (oai_mock_request_get_method (request), ==, "POST");
  g_assert_cmpstr (oai_mock_request_get_path (request), ==, "/v1/chat/completions");
  g_assert_cmpstr (oai_mock_request_get_query (request), ==, "a=%C3%A4&b=2");
  value = oai_mock_request_dup_query_value (request, "a");
  g_assert_cmpstr (value, ==, "ä");
  g_assert_cmpstr (oai_mock_request_get_header (request, "content-TYPE"), ==, "application/json");
  names = oai_mock_request_dup_header_names (request);
  g_assert_true (g_strv_contains ((const char *const *) names, "Content-Type"));
  body = oai_mock_request_dup_body_text (request);
  g_assert_cmpstr (body, ==, "{\"x\":1}");
  g_assert_cmpuint (oai_mock_request_get_connection (request), ==, 1);
  g_assert_cmpuint (oai_mock_server_get_n_connections (test->server), ==, 1);
  none = oai_mock_server_dup_request (test->server, 2);
  g_assert_null (none);
}

static void
test_reset (Test *test, gconstpointer data)
{
  g_autoptr (OaiMockReply) reply = oai_mock_reply_new (500);

  test_expect (test, 200, "DELETE", "/models/ft:gpt-4o-mini:org-mock::0001", NULL);
  oai_mock_server_push_reply (test->server, reply);
  g_assert_cmpuint (oai_mock_server_get_n_pending_replies (test->server), ==, 1);
  oai_mock_server_reset (test->server);
  g_assert_cmpuint (oai_mock_server_get_n_pending_replies (test->server), ==, 0);
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->server), ==, 0);
  test_expect (test, 200, "GET", "/models/ft:gpt-4o-mini:org-mock::0001", NULL);
}

static void
on_request_signal (OaiMockServer *server, OaiMockRequest *request, gpointer data)
{
  g_main_loop_quit (data);
}

static void
on_sent (GObject *session, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  *(GBytes **) data = soup_session_send_and_read_finish (SOUP_SESSION (session), result, &error);
  g_assert_no_error (error);
}

static void
test_same_thread (void)
{
  g_autoptr (OaiMockServer) server = oai_mock_server_new ();
  g_autoptr (SoupSession) session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  g_assert_false (oai_mock_server_is_running (server));
  g_assert_true (oai_mock_server_start (server, &error));
  g_assert_no_error (error);
  g_assert_true (oai_mock_server_is_running (server));
  g_assert_cmpuint (oai_mock_server_get_port (server), >, 0);

  g_signal_connect (server, "request", G_CALLBACK (on_request_signal), loop);
  url = g_strconcat (oai_mock_server_get_base_url (server), "/models", NULL);
  message = soup_message_new ("GET", url);
  soup_session_send_and_read_async (session, message, 0, NULL, on_sent, &bytes);
  g_main_loop_run (loop);
  while (bytes == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (soup_message_get_status (message), ==, 200);
  oai_mock_server_stop (server);
  g_assert_false (oai_mock_server_is_running (server));
}

static void
test_program (void)
{
  const char *program = g_getenv ("OAI_MOCK_SERVER");
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autoptr (SoupSession) session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  g_autofree char *url = NULL;

  g_assert_nonnull (program);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--until-eof", "--lifetime", "60", NULL);
  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  line = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (line, "http://127.0.0.1:"));

  url = g_strconcat (line, "/models", NULL);
  message = soup_message_new ("GET", url);
  bytes = soup_session_send_and_read (session, message, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (soup_message_get_status (message), ==, 200);

  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (process, NULL, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test_add ("/mock/models/are-listed-and-deleted", test_models);
  test_add ("/mock/replies/carry-the-usual-headers", test_headers);
  test_add ("/mock/routes/unknown-ones-are-refused", test_unknown_routes);
  test_add ("/mock/key/only-the-right-one-opens", test_key);
  test_add ("/mock/requests/are-recorded", test_requests_recorded);
  test_add ("/mock/reset/forgets-all", test_reset);
  g_test_add_func ("/mock/start/serves-in-the-same-thread", test_same_thread);
  g_test_add_func ("/mock/program/stops-when-input-ends", test_program);
  test_add_api ();
  test_add_assistants ();
  test_add_chat ();
  test_add_faults ();
  test_add_responses ();
  test_add_socket ();
  test_add_validation ();

  return g_test_run ();
}
