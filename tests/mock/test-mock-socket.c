/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tests responses over WebSocket. */

#include "test-mock.h"

#include <string.h>

typedef struct {
  SoupWebsocketConnection *connection;
  GError *error;
  GPtrArray *texts;
  gboolean finished;
  gboolean closed;
} Client;

static void
on_message (SoupWebsocketConnection *connection, SoupWebsocketDataType type, GBytes *bytes, gpointer data)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  g_ptr_array_add (((Client *) data)->texts, g_strndup (text, length));
}

static void
on_closed (SoupWebsocketConnection *connection, gpointer data)
{
  ((Client *) data)->closed = TRUE;
}

static void
on_connected (GObject *session, GAsyncResult *result, gpointer data)
{
  Client *client = data;

  client->connection = soup_session_websocket_connect_finish (SOUP_SESSION (session), result, &client->error);
  client->finished = TRUE;
}

static void
client_connect (Client *client, Test *test)
{
  g_autofree char *url = g_strconcat (oai_mock_server_get_base_url (test->server), "/responses", NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  client->texts = g_ptr_array_new_with_free_func (g_free);
  soup_session_websocket_connect_async (test->session, message, NULL, NULL, G_PRIORITY_DEFAULT, NULL, on_connected, client);
  while (!client->finished)
    g_main_context_iteration (NULL, TRUE);
  test->status = soup_message_get_status (message);
  if (client->connection == NULL)
    return;
  g_signal_connect (client->connection, "message", G_CALLBACK (on_message), client);
  g_signal_connect (client->connection, "closed", G_CALLBACK (on_closed), client);
}

static void
client_clear (Client *client)
{
  if (client->connection != NULL && soup_websocket_connection_get_state (client->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (client->connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  while (client->connection != NULL && !client->closed)
    g_main_context_iteration (NULL, TRUE);
  if (client->connection != NULL)
    g_signal_handlers_disconnect_by_data (client->connection, client);
  g_clear_object (&client->connection);
  g_clear_error (&client->error);
  g_clear_pointer (&client->texts, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Client, client_clear)

static void
client_send (Client *client, const char *text)
{
  soup_websocket_connection_send_text (client->connection, text);
}

/* Waits for an event of this type, and returns its index. */
static guint
client_wait (Client *client, guint from, const char *type)
{
  g_autofree char *wanted = g_strdup_printf ("\"type\":\"%s\"", type);

  for (guint i = from;; i++)
    {
      while (client->texts->len == i && !client->closed)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (i, <, client->texts->len);
      if (g_str_has_prefix ((char *) client->texts->pdata[i] + 1, wanted))
        return i;
    }
}

static JsonNode *
client_get (Client *client, guint index)
{
  JsonNode *node = json_from_string (client->texts->pdata[index], NULL);

  g_assert_nonnull (node);
  return node;
}

/* A value of the event at that index. */
static char *
client_string (Client *client, guint index, const char *path)
{
  g_autoptr (JsonNode) node = client_get (client, index);
  JsonNode *value = test_find_value (node, path);

  return value != NULL ? json_node_dup_string (value) : NULL;
}

static void
expect_string (Client *client, guint index, const char *path, const char *value)
{
  g_autofree char *found = client_string (client, index, path);

  g_assert_cmpstr (found, ==, value);
}

static void
test_turns (Test *test, gconstpointer data)
{
  g_auto (Client) client = { NULL };
  g_autofree char *first = NULL;
  g_autofree char *next = NULL;
  g_autofree char *path = NULL;
  guint end;

  client_connect (&client, test);
  g_assert_no_error (client.error);
  client_send (&client, "{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":\"Hello there\",\"store\":false}");
  end = client_wait (&client, 0, "response.completed");
  expect_string (&client, 0, "type", "response.created");
  expect_string (&client, end, "response.output.0.content.0.text", "You said: Hello there");
  expect_string (&client, end, "stream_id", NULL);
  first = client_string (&client, end, "response.id");
  path = g_strconcat ("/responses/", first, NULL);
  test_expect (test, 404, "GET", path, NULL);

  next = g_strdup_printf ("{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":[],\"previous_response_id\":\"%s\"}", first);
  client_send (&client, next);
  end = client_wait (&client, end + 1, "response.completed");
  expect_string (&client, end, "response.output.0.content.0.text", "You said: Hello there");
  test_no_violations (test);
}

static void
test_lanes (Test *test, gconstpointer data)
{
  g_auto (Client) client = { NULL };
  g_autoptr (OaiMockReply) pause = oai_mock_reply_new_pass ();
  gboolean mixed = FALSE;
  guint first, second;

  oai_mock_reply_set_hang_after (pause, 1);
  oai_mock_reply_set_times (pause, 2);
  oai_mock_server_push_reply_for (test->server, "WEBSOCKET", "/responses", pause);
  client_connect (&client, test);
  client_send (&client, "{\"type\":\"response.create\",\"stream_id\":\"a\",\"model\":\"gpt-5\",\"input\":\"one two three\"}");
  client_send (&client, "{\"type\":\"response.create\",\"stream_id\":\"a\",\"model\":\"gpt-5\",\"input\":\"four\"}");
  client_send (&client, "{\"type\":\"response.create\",\"stream_id\":\"b\",\"model\":\"gpt-5\",\"input\":\"five six seven\"}");
  first = client_wait (&client, 0, "response.completed");
  second = client_wait (&client, first + 1, "response.completed");
  client_wait (&client, second + 1, "response.completed");
  for (guint i = 1; i < first; i++)
    {
      g_autofree char *lane = client_string (&client, i, "stream_id");
      g_autofree char *former = client_string (&client, i - 1, "stream_id");

      mixed |= !g_str_equal (lane, former);
    }
  g_assert_true (mixed);
  expect_string (&client, first, "response.output.0.content.0.text", "You said: one two three");
  test_no_violations (test);
}

static void
test_errors (Test *test, gconstpointer data)
{
  g_auto (Client) client = { NULL };
  g_autoptr (OaiMockReply) error = oai_mock_reply_new_error (429, "requests", "rate_limit_exceeded", "Slow down");
  g_autoptr (OaiMockReply) odd = oai_mock_reply_new_events ();
  guint index;

  client_connect (&client, test);
  client_send (&client, "no JSON");
  index = client_wait (&client, 0, "error");
  expect_string (&client, index, "error.code", "invalid_json");
  client_send (&client, "{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":\"Hi\",\"previous_response_id\":\"resp_none\",\"stream_id\":\"a\"}");
  index = client_wait (&client, index + 1, "error");
  expect_string (&client, index, "error.code", "previous_response_not_found");
  expect_string (&client, index, "stream_id", "a");
  client_send (&client, "{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":\"crash\"}");
  index = client_wait (&client, index + 1, "error");
  expect_string (&client, index, "error.type", "server_error");
  client_send (&client, "{\"type\":\"nothing\"}");
  index = client_wait (&client, index + 1, "error");
  expect_string (&client, index, "error.param", "type");

  oai_mock_server_push_reply_for (test->server, "WEBSOCKET", "/responses", error);
  client_send (&client, "{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":\"Hi\"}");
  index = client_wait (&client, index + 1, "error");
  expect_string (&client, index, "error.message", "Slow down");
  oai_mock_reply_add_event (odd, NULL, "{\"type\":\"odd\"}");
  oai_mock_server_push_reply_for (test->server, "WEBSOCKET", "/responses", odd);
  client_send (&client, "{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":\"Hi\"}");
  index = client_wait (&client, index + 1, "odd");

  client_send (&client, "{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":\"Hi\"}");
  index = client_wait (&client, index + 1, "response.completed");
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->server), ==, 8);
  test_no_violations (test);
}

static void
test_warm_up (Test *test, gconstpointer data)
{
  g_auto (Client) client = { NULL };
  g_autofree char *id = NULL;
  g_autofree char *next = NULL;
  guint index;

  client_connect (&client, test);
  client_send (&client, "{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":\"Hello there\",\"generate\":false}");
  index = client_wait (&client, 0, "response.completed");
  g_assert_cmpuint (index, ==, 2);
  id = client_string (&client, index, "response.id");
  expect_string (&client, index, "response.output.0.id", NULL);
  next = g_strdup_printf ("{\"type\":\"response.create\",\"model\":\"gpt-5\",\"previous_response_id\":\"%s\"}", id);
  client_send (&client, next);
  index = client_wait (&client, index + 1, "response.completed");
  expect_string (&client, index, "response.output.0.content.0.text", "You said: Hello there");
  test_no_violations (test);
}

static void
test_handshake (Test *test, gconstpointer data)
{
  g_autoptr (OaiMockReply) refusal = oai_mock_reply_new_error (403, "invalid_request_error", NULL, "No");
  g_autoptr (OaiMockReply) redirect = oai_mock_reply_new_redirect (307, "http://127.0.0.1:1/v1/responses");

  for (guint i = 0; i < 3; i++)
    {
      g_auto (Client) client = { NULL };

      if (i == 0)
        oai_mock_server_push_reply_for (test->server, "GET", "/responses", refusal);
      else if (i == 1)
        oai_mock_server_push_reply_for (test->server, "GET", "/responses", redirect);
      else
        oai_mock_server_set_api_key (test->server, "sk-test");
      client_connect (&client, test);
      g_assert_null (client.connection);
      g_assert_nonnull (client.error);
      g_assert_cmpuint (test->status, ==, i == 0 ? 403 : i == 1 ? 307 : 401);
    }
}

static char *
steer (const char *id)
{
  return g_strdup_printf ("{\"type\":\"response.steer\",\"previous_response_id\":\"%s\",\"input\":\"Stop it\"}", id);
}

static void
test_steer (Test *test, gconstpointer data)
{
  g_auto (Client) client = { NULL };
  g_autoptr (OaiMockReply) fault = oai_mock_reply_new_pass ();
  g_autofree char *id = NULL;
  g_autofree char *message = NULL;
  g_autofree char *text = NULL;
  guint index;

  oai_mock_reply_set_hang_after (fault, 12);
  oai_mock_server_push_reply_for (test->server, "WEBSOCKET", "/responses", fault);
  client_connect (&client, test);
  client_send (&client, "{\"type\":\"response.create\",\"stream_id\":\"a\",\"model\":\"gpt-5\",\"input\":\"a b c d e f g h i j k l m n o p q r s t u v w x y z\"}");
  index = client_wait (&client, 0, "response.output_text.delta");
  id = client_string (&client, 0, "response.id");
  message = steer (id);
  client_send (&client, message);
  index = client_wait (&client, index, "response.steer.accepted");
  expect_string (&client, index, "steer.previous_response_id", id);
  expect_string (&client, index, "stream_id", "a");
  index = client_wait (&client, index, "response.incomplete");
  expect_string (&client, index, "response.incomplete_details.reason", "steered");
  text = client_string (&client, index, "response.output.0.content.0.text");
  g_assert_true (g_str_has_prefix (text, "You"));
  g_assert_false (g_str_has_suffix (text, "z"));
  index = client_wait (&client, index, "response.created");
  expect_string (&client, index, "response.previous_response_id", id);
  index = client_wait (&client, index, "response.completed");
  expect_string (&client, index, "response.output.0.content.0.text", "You said: Stop it");

  client_send (&client, message);
  index = client_wait (&client, index, "response.steer.failed");
  expect_string (&client, index, "error.code", "response_already_completed");
  expect_string (&client, index, "steer.input", "Stop it");
  client_send (&client, "{\"type\":\"response.steer\",\"previous_response_id\":\"resp_none\",\"input\":\"x\"}");
  index = client_wait (&client, index + 1, "response.steer.failed");
  expect_string (&client, index, "error.code", "response_not_found");
  test_no_violations (test);
}

/* The input waits until the client sends the result of the function. */
static void
test_pending_steer (Test *test, gconstpointer data)
{
  g_auto (Client) client = { NULL };
  g_autoptr (OaiMockReply) fault = oai_mock_reply_new_pass ();
  g_autofree char *id = NULL;
  g_autofree char *call_id = NULL;
  g_autofree char *message = NULL;
  g_autofree char *next = NULL;
  guint index;

  oai_mock_reply_set_hang_after (fault, 2);
  oai_mock_server_push_reply_for (test->server, "WEBSOCKET", "/responses", fault);
  client_connect (&client, test);
  client_send (&client, "{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":\"Use the tool\",\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"strict\":false,\"parameters\":{}}]}");
  client_wait (&client, 0, "response.created");
  id = client_string (&client, 0, "response.id");
  message = steer (id);
  client_send (&client, message);
  client_wait (&client, 0, "response.steer.accepted");
  client_wait (&client, 0, "response.completed");
  index = client_wait (&client, 0, "response.steer.pending");
  expect_string (&client, index, "required_input.0.name", "f");
  call_id = client_string (&client, index, "required_input.0.call_id");
  next = g_strdup_printf ("{\"type\":\"response.create\",\"model\":\"gpt-5\",\"previous_response_id\":\"%s\",\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"%s\",\"output\":\"sunny\"}]}", id, call_id);
  client_send (&client, next);
  index = client_wait (&client, index, "response.completed");
  expect_string (&client, index, "response.output.0.content.0.text", "The tool said: sunny");
  test_no_violations (test);
}

/* The client reads nothing before the service has sent more than the buffers hold. */
static void
test_many (Test *test, gconstpointer data)
{
  g_auto (Client) client = { NULL };
  g_autoptr (OaiMockReply) many = oai_mock_reply_new_events ();
  g_autofree char *padding = g_strnfill (1000, 'x');
  g_autofree char *event = g_strdup_printf ("{\"type\":\"%s\"}", padding);
  g_autoptr (GBytes) bytes = g_bytes_new (event, strlen (event));

  oai_mock_reply_add_repeated (many, bytes, 20000);
  oai_mock_reply_add_text (many, "{\"type\":\"last\"}");
  oai_mock_server_push_reply_for (test->server, "WEBSOCKET", "/responses", many);
  client_connect (&client, test);
  client_send (&client, "{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":\"Hi\"}");
  while (oai_mock_server_get_n_pending_replies (test->server) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_usleep (100000);
  client_wait (&client, 0, "last");
  g_assert_cmpuint (client.texts->len, ==, 20001);
}

static void
test_close (Test *test, gconstpointer data)
{
  const guint codes[] = { 1011, 0, 1006, 1010, 1015 };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_auto (Client) client = { NULL };
      g_autoptr (OaiMockReply) fault = oai_mock_reply_new_pass ();

      oai_mock_reply_set_close_after (fault, 3, codes[i]);
      oai_mock_server_push_reply_for (test->server, i == 0 ? "WEBSOCKET" : "GET", "/responses", fault);
      client_connect (&client, test);
      client_send (&client, "{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":\"Hi\"}");
      while (!client.closed)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (client.texts->len, ==, 3);
      g_assert_cmpuint (soup_websocket_connection_get_close_code (client.connection), ==, i == 0 ? codes[i] : 0);
    }
}

static void
test_edits (Test *test, gconstpointer data)
{
  g_auto (Client) client = { NULL };
  g_autoptr (OaiMockReply) fault = oai_mock_reply_new_pass ();
  guint index;

  oai_mock_reply_omit_events (fault, "*.done");
  oai_mock_reply_edit_events (fault, "*", "sequence_number", NULL);
  oai_mock_reply_edit_events (fault, "response.completed", "response.output", "[]");
  oai_mock_server_push_reply_for (test->server, "WEBSOCKET", "/responses", fault);
  client_connect (&client, test);
  client_send (&client, "{\"type\":\"response.create\",\"model\":\"gpt-5\",\"input\":\"Hi\"}");
  index = client_wait (&client, 0, "response.completed");
  expect_string (&client, index, "response.output.0.id", NULL);
  for (guint i = 0; i <= index; i++)
    {
      g_assert_null (strstr (client.texts->pdata[i], "sequence_number"));
      g_assert_null (strstr (client.texts->pdata[i], ".done\""));
    }
}

void
test_add_socket (void)
{
  test_add ("/mock/socket/responses-continue-others", test_turns);
  test_add ("/mock/socket/lanes-take-turns", test_lanes);
  test_add ("/mock/socket/errors-do-not-end-the-connection", test_errors);
  test_add ("/mock/socket/warms-up", test_warm_up);
  test_add ("/mock/socket/handshakes-can-be-refused", test_handshake);
  test_add ("/mock/socket/responses-can-be-steered", test_steer);
  test_add ("/mock/socket/steering-waits-for-results", test_pending_steer);
  test_add ("/mock/socket/many-messages-wait-for-the-client", test_many);
  test_add ("/mock/socket/connections-can-be-closed", test_close);
  test_add ("/mock/socket/events-can-be-changed", test_edits);
}
