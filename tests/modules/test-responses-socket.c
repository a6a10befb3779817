/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Responses over a WebSocket connection: streams that share it, lanes, errors, and the end of the connection. */

#include "../core/soup-listener.h"
#include "../core/wait-until.h"
#include "oai-auth.h"
#include "oai-call.h"
#include "oai-client.h"
#include "oai-error.h"
#include "oai-response-stream.h"
#include "oai-responses-endpoint.h"
#include "oai-settings.h"

#include <string.h>

typedef struct
{
  SoupServer *server;
  OaiSettings *settings;
  OaiClient *client;
  OaiResponsesEndpoint *responses;
  OaiResponsesSocket *socket;
  OaiResponseRequest *request;
  SoupWebsocketConnection *connection; /* of the server */
  GPtrArray *received;                 /* messages of the program */
  guint n_connections;
  GString *log;
  char *beta; /* header of the newest handshake */
  char *path; /* of the UNIX socket, or NULL */
} Fixture;

/* Data of tests whose server listens on a UNIX socket. */
#define UNIX "unix"

/* The server */

static void
message_cb (SoupWebsocketConnection *connection, SoupWebsocketDataType type, GBytes *message, Fixture *self)
{
  g_ptr_array_add (self->received, g_strndup (g_bytes_get_data (message, NULL), g_bytes_get_size (message)));
}

static void
connected_cb (SoupServer *server, SoupServerMessage *message, const char *path, SoupWebsocketConnection *connection, gpointer user_data)
{
  Fixture *self = user_data;

  g_free (self->beta);
  self->beta = g_strdup (soup_message_headers_get_one (soup_server_message_get_request_headers (message), "OpenAI-Beta"));
  g_set_object (&self->connection, connection);
  g_signal_connect (connection, "message", G_CALLBACK (message_cb), self);
  self->n_connections++;
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
set_up (Fixture *self, gconstpointer user_data)
{
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test-0123456789");
  g_autoptr(GError) error = NULL;
  g_autofree char *url = NULL;

  self->received = g_ptr_array_new_with_free_func (g_free);
  self->log = g_string_new (NULL);
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_websocket_handler (self->server, "/v1/responses", NULL, NULL, connected_cb, self, NULL);
  url = start_server (self, g_strcmp0 (user_data, UNIX) == 0);
  self->settings = oai_settings_new_for_base_url (url, &error);
  g_assert_no_error (error);
  oai_settings_set_max_retries (self->settings, 0);
  self->client = oai_client_new (auth, self->settings);
  self->responses = oai_responses_endpoint_new (self->client);
  self->socket = oai_responses_endpoint_create_socket (self->responses);
  oai_web_socket_set_reconnect_delay_ms (OAI_WEB_SOCKET (self->socket), 1);
  self->request = oai_response_request_new_for_text ("m", "Hello");
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  g_clear_object (&self->request);
  g_clear_object (&self->socket);
  g_clear_object (&self->responses);
  wait_until (G_OBJECT (self->client)->ref_count == 1);
  g_assert_finalize_object (g_steal_pointer (&self->client));
  g_clear_object (&self->settings);
  g_free (self->beta);
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  g_clear_pointer (&self->path, soup_listener_remove_unix);
  g_ptr_array_unref (self->received);
  g_string_free (self->log, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
reply (Fixture *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
reply (Fixture *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  soup_websocket_connection_send_text (self->connection, text);
}

#define RESPONSE(id, status, output) "{\"id\":\"" id "\",\"object\":\"response\",\"model\":\"m\",\"status\":\"" status "\",\"output\":[" output "]}"
#define MESSAGE(text) "{\"type\":\"message\",\"id\":\"msg\",\"role\":\"assistant\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[]}]}"

/* lane: a member with a comma, or "". */
static void
reply_created (Fixture *self, const char *lane)
{
  reply (self, "{\"type\":\"response.created\",%s\"response\":" RESPONSE ("resp_1", "in_progress", "") "}", lane);
}

static void
reply_text (Fixture *self, const char *lane, const char *text)
{
  reply (self, "{\"type\":\"response.output_text.delta\",%s\"item_id\":\"msg\",\"output_index\":0,\"content_index\":0,\"delta\":\"%s\"}", lane, text);
}

static void
reply_completed (Fixture *self, const char *lane)
{
  reply (self, "{\"type\":\"response.completed\",%s\"response\":" RESPONSE ("resp_1", "completed", MESSAGE ("Hi")) "}", lane);
}

static void
reply_all (Fixture *self, const char *lane)
{
  reply_created (self, lane);
  reply_text (self, lane, "Hi");
  reply_completed (self, lane);
}

/* Streams */

typedef struct
{
  OaiResponseStream *stream;
  GString *text;
  GAsyncResult *result;
  GCancellable *cancellable;
} Reader;

static void
text_cb (OaiResponseStream *stream, const char *text, guint output_index, guint content_index, Reader *reader)
{
  g_string_append (reader->text, text);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reader *reader = user_data;

  reader->result = g_object_ref (result);
}

static Reader *
read_stream (OaiResponseStream *stream)
{
  Reader *reader = g_new0 (Reader, 1);

  reader->stream = stream;
  reader->text = g_string_new (NULL);
  reader->cancellable = g_cancellable_new ();
  g_signal_connect (stream, "output-text-delta", G_CALLBACK (text_cb), reader);
  oai_stream_run_async (OAI_STREAM (stream), reader->cancellable, result_cb, reader);

  return reader;
}

static Reader *
start (Fixture *self, const char *lane)
{
  return read_stream (oai_responses_socket_create_stream (self->socket, self->request, lane));
}

static void
reader_free (Reader *reader)
{
  g_object_unref (reader->stream);
  g_string_free (reader->text, TRUE);
  g_clear_object (&reader->result);
  g_object_unref (reader->cancellable);
  g_free (reader);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reader, reader_free)

static void
expect_text (Reader *reader, const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) response = NULL;

  wait_until (reader->result != NULL);
  response = oai_stream_run_finish (OAI_STREAM (reader->stream), reader->result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reader->text->str, ==, text);
  g_assert_cmpstr (oai_response_get_id (OAI_RESPONSE (response)), ==, "resp_1");
  g_assert_cmpint (oai_call_get_state (oai_stream_get_call (OAI_STREAM (reader->stream))), ==, OAI_CALL_STATE_DONE);
}

static char *
expect_error (Reader *reader, GQuark domain, int code)
{
  g_autoptr(GError) error = NULL;

  wait_until (reader->result != NULL);
  g_assert_null (oai_stream_run_finish (OAI_STREAM (reader->stream), reader->result, &error));
  g_assert_error (error, domain, code);
  g_assert_cmpint (oai_call_get_state (oai_stream_get_call (OAI_STREAM (reader->stream))), ==, OAI_CALL_STATE_FAILED);

  return g_strdup (error->message);
}

static const char *
get_received (Fixture *self, guint index)
{
  wait_until (self->received->len > index);

  return g_ptr_array_index (self->received, index);
}

/* Tests */

static void
test_one (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) first = NULL;
  g_autoptr(Reader) second = NULL;

  oai_response_request_set_store (self->request, FALSE);
  first = start (self, NULL);
  g_assert_cmpstr (get_received (self, 0), ==, "{\"type\":\"response.create\",\"input\":\"Hello\",\"model\":\"m\",\"store\":false}");
  reply_all (self, "");
  expect_text (first, "Hi");
  g_assert_cmpstr (oai_responses_socket_get_last_response_id (self->socket, NULL), ==, "resp_1");

  oai_responses_socket_set_continue_lanes (self->socket, TRUE);
  second = start (self, NULL);
  g_assert_nonnull (strstr (get_received (self, 1), "\"previous_response_id\":\"resp_1\""));
  reply_all (self, "");
  expect_text (second, "Hi");
  g_assert_cmpuint (self->n_connections, ==, 1);
}

/* The server chooses the identifier. */
static void
test_continue_identifier (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) first = NULL;
  g_autoptr(Reader) second = NULL;

  oai_responses_socket_set_continue_lanes (self->socket, TRUE);
  first = start (self, NULL);
  get_received (self, 0);
  reply (self, "{\"type\":\"response.completed\",\"response\":" RESPONSE ("\\\"1\\\"", "completed", MESSAGE ("Hi")) "}");
  wait_until (first->result != NULL);

  second = start (self, NULL);
  g_assert_nonnull (strstr (get_received (self, 1), "\"previous_response_id\":\"\\\"1\\\"\""));
  g_assert_null (oai_response_request_get_previous_response_id (self->request));
  reply_all (self, "");
  expect_text (second, "Hi");
}

/* Several agents are off unless a version is set. */
static void
test_beta (Fixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(Reader) reader = NULL;

      g_clear_object (&self->socket);
      oai_settings_set_beta_version (self->settings, "responses_multi_agent", i == 0 ? NULL : "v1");
      self->socket = oai_responses_endpoint_create_socket (self->responses);
      reader = start (self, NULL);
      get_received (self, i);
      g_assert_cmpstr (self->beta, ==, i == 0 ? NULL : "responses_multi_agent=v1");
      reply_all (self, "");
      expect_text (reader, "Hi");
    }
}

static void
test_first_in_first_out (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) first = start (self, "a");
  g_autoptr(Reader) second = start (self, "a");

  g_assert_nonnull (strstr (get_received (self, 0), "\"stream_id\":\"a\""));
  reply_created (self, "\"stream_id\":\"a\",");
  reply_text (self, "\"stream_id\":\"a\",", "1");
  wait_until (first->text->len > 0);
  g_assert_cmpuint (self->received->len, ==, 1);
  reply_completed (self, "\"stream_id\":\"a\",");
  expect_text (first, "1");
  get_received (self, 1);
  reply_all (self, "\"stream_id\":\"a\",");
  expect_text (second, "Hi");
}

/* The identifier of the previous response is known when it has ended. */
static void
test_continue_lanes (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) first = NULL;
  g_autoptr(Reader) second = NULL;
  g_autoptr(Reader) third = NULL;

  oai_responses_socket_set_continue_lanes (self->socket, TRUE);
  first = start (self, NULL);
  second = start (self, NULL);
  oai_response_request_set_previous_response_id (self->request, "resp_other");
  third = start (self, NULL);

  g_assert_null (strstr (get_received (self, 0), "previous_response_id"));
  reply_all (self, "");
  expect_text (first, "Hi");
  g_assert_cmpstr (get_received (self, 1), ==, "{\"type\":\"response.create\",\"input\":\"Hello\",\"model\":\"m\",\"previous_response_id\":\"resp_1\"}");
  reply_all (self, "");
  expect_text (second, "Hi");
  g_assert_nonnull (strstr (get_received (self, 2), "\"previous_response_id\":\"resp_other\""));
  reply_all (self, "");
  expect_text (third, "Hi");
}

/* The error says what to send instead, as over HTTP. */
static void
test_unknown_previous_response (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) reader = NULL;
  g_autofree char *message = NULL;

  oai_response_request_set_previous_response_id (self->request, "resp_old");
  reader = start (self, NULL);
  get_received (self, 0);
  reply (self, "{\"type\":\"error\",\"status\":400,\"error\":{\"code\":\"previous_response_not_found\",\"message\":\"Previous response with id 'resp_old' not found.\"}}");
  message = expect_error (reader, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  g_assert_nonnull (strstr (message, "as items instead of previous_response_id"));
}

static void
test_not_connected (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) reader = NULL;
  g_autofree char *message = NULL;

  soup_server_remove_handler (self->server, "/v1/responses");
  g_test_expect_message ("Oai", G_LOG_LEVEL_MESSAGE, "*did not find*");
  reader = start (self, NULL);
  message = expect_error (reader, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (message, "The request was not sent"));
  wait_until (oai_web_socket_get_state (OAI_WEB_SOCKET (self->socket)) == OAI_WEB_SOCKET_STATE_CLOSED);
  g_test_assert_expected_messages ();
}

static void
test_lanes (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GPtrArray) readers = g_ptr_array_new_with_free_func ((GDestroyNotify) reader_free);

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *lane = g_strdup_printf ("lane%u", i);

      g_ptr_array_add (readers, start (self, lane));
    }
  get_received (self, 19);
  for (guint round = 0; round < 50; round++)
    for (guint i = 0; i < 20; i++)
      {
        g_autofree char *lane = g_strdup_printf ("\"stream_id\":\"lane%u\",", i);
        g_autofree char *text = g_strdup_printf ("%u,", i);

        if (round == 0)
          reply_created (self, lane);
        else if (round < 49)
          reply_text (self, lane, text);
        else
          reply_completed (self, lane);
      }
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *one = g_strdup_printf ("%u,", i);
      g_autoptr(GString) all = g_string_new (NULL);

      for (guint round = 0; round < 48; round++)
        g_string_append (all, one);
      expect_text (g_ptr_array_index (readers, i), all->str);
    }
}

/* An error ends its stream only. */
static void
test_errors (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) a = start (self, "a");
  g_autoptr(Reader) b = start (self, "b");
  g_autoptr(Reader) third = start (self, "b");
  g_autofree char *message = NULL;
  g_autofree char *flat = NULL;

  get_received (self, 1);
  reply (self, "{\"type\":\"error\",\"stream_id\":\"a\",\"status\":400,\"error\":{\"type\":\"invalid_request_error\",\"code\":\"x\",\"message\":\"Bad a\"}}");
  message = expect_error (a, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  g_assert_nonnull (strstr (message, "Bad a"));
  reply (self, "{\"type\":\"error\",\"code\":\"x\",\"message\":\"Bad b\"}");
  wait_until (b->result != NULL);
  flat = expect_error (b, OAI_ERROR, OAI_ERROR_FAILED);
  g_assert_nonnull (strstr (flat, "Bad b"));
  get_received (self, 2);
  reply_all (self, "\"stream_id\":\"b\",");
  expect_text (third, "Hi");
}

/* Events without a lane, and those of a lane, have the same type. */
static void
test_default_lane (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) unnamed = start (self, NULL);
  g_autoptr(Reader) named = start (self, "a");
  g_autoptr(Reader) next = start (self, NULL);

  get_received (self, 1);
  reply_created (self, "");
  reply_created (self, "\"stream_id\":\"a\",");
  for (guint i = 0; i < 3; i++)
    {
      reply_text (self, "", "x");
      reply_text (self, "\"stream_id\":\"a\",", "y");
    }
  reply_completed (self, "");
  expect_text (unnamed, "xxx");

  get_received (self, 2);
  reply_text (self, "\"stream_id\":\"a\",", "z");
  reply_all (self, "");
  expect_text (next, "Hi");
  /* Now, events without a lane belong to the only one that is left. */
  reply_text (self, "", "!");
  reply_completed (self, "\"stream_id\":\"a\",");
  expect_text (named, "yyyz!");
}

/* Such a server answers the requests in the order in which they were sent. */
static void
test_server_without_lanes (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) a = start (self, "a");
  g_autoptr(Reader) b = start (self, "b");
  g_autoptr(Reader) c = start (self, "c");
  g_autoptr(Reader) next = start (self, "a");
  g_autofree char *message = NULL;

  get_received (self, 2);
  reply_created (self, "");
  reply_text (self, "", "A");
  reply_completed (self, "");
  expect_text (a, "A");
  get_received (self, 3);
  reply (self, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Bad b\"}}");
  message = expect_error (b, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  reply_all (self, "");
  expect_text (c, "Hi");
  reply_all (self, "");
  expect_text (next, "Hi");
}

/* Of a server that has named a lane, events without one belong to no named lane. */
static void
test_event_without_lane (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) a = start (self, "a");
  g_autoptr(Reader) b = start (self, "b");

  get_received (self, 1);
  reply_created (self, "\"stream_id\":\"b\",");
  reply_text (self, "", "x");
  reply_text (self, "\"stream_id\":\"b\",", "y");
  reply_completed (self, "\"stream_id\":\"b\",");
  expect_text (b, "y");
  reply_all (self, "\"stream_id\":\"a\",");
  expect_text (a, "Hi");
}

static void
test_cancelled (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) a = start (self, "a");
  g_autoptr(Reader) b = start (self, "b");
  g_autoptr(Reader) waiting = start (self, "a");
  g_autoptr(Reader) next = start (self, "a");

  get_received (self, 1);
  reply_created (self, "\"stream_id\":\"a\",");
  reply_text (self, "\"stream_id\":\"a\",", "x");
  wait_until (a->text->len > 0);
  g_cancellable_cancel (a->cancellable);
  g_free (expect_error (a, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_cancellable_cancel (waiting->cancellable);
  g_free (expect_error (waiting, G_IO_ERROR, G_IO_ERROR_CANCELLED));

  /* The rest of its events are ignored, and others continue. */
  reply_text (self, "\"stream_id\":\"a\",", "y");
  reply_all (self, "\"stream_id\":\"b\",");
  expect_text (b, "Hi");
  g_assert_cmpuint (self->received->len, ==, 2);
  reply_completed (self, "\"stream_id\":\"a\",");
  get_received (self, 2);
  reply_all (self, "\"stream_id\":\"a\",");
  expect_text (next, "Hi");
}

static void
test_lost (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) sent = start (self, NULL);
  g_autoptr(Reader) waiting = start (self, NULL);
  g_autofree char *message = NULL;
  g_autofree char *unsent = NULL;

  get_received (self, 0);
  reply_created (self, "");
  soup_websocket_connection_close (self->connection, 1011, "restart");
  message = expect_error (sent, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_nonnull (strstr (message, "was sent"));
  unsent = expect_error (waiting, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_nonnull (strstr (unsent, "was not sent"));
}

static void
test_reconnect (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) sent = NULL;
  g_autoptr(Reader) waiting = NULL;

  oai_web_socket_set_max_reconnects (OAI_WEB_SOCKET (self->socket), 2);
  sent = start (self, NULL);
  waiting = start (self, NULL);
  get_received (self, 0);
  reply_created (self, "");
  soup_websocket_connection_close (self->connection, 1011, "restart");
  g_free (expect_error (sent, OAI_ERROR, OAI_ERROR_CONNECTION));
  get_received (self, 1);
  g_assert_cmpuint (self->n_connections, ==, 2);
  reply_all (self, "");
  expect_text (waiting, "Hi");
  g_assert_cmpuint (self->received->len, ==, 2);
}

static void
test_refused_requests (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) first = NULL;
  g_autoptr(Reader) second = NULL;
  g_autoptr(Reader) background = NULL;
  g_autoptr(OaiResponseStream) blocking = NULL;
  g_autoptr(GError) error = NULL;

  oai_responses_socket_set_max_streams (self->socket, 1);
  first = start (self, NULL);
  second = start (self, NULL);
  wait_until (second->result != NULL);
  g_assert_null (oai_stream_run_finish (OAI_STREAM (second->stream), second->result, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_clear_error (&error);

  oai_responses_socket_set_max_streams (self->socket, 0);
  blocking = oai_responses_socket_create_stream (self->socket, self->request, NULL);
  g_assert_null (oai_stream_run (OAI_STREAM (blocking), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "Use the asynchronous methods"));
  g_clear_error (&error);

  oai_response_request_set_background (self->request, TRUE);
  background = start (self, NULL);
  wait_until (background->result != NULL);
  g_assert_null (oai_stream_run_finish (OAI_STREAM (background->stream), background->result, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);

  get_received (self, 0);
  reply_all (self, "");
  expect_text (first, "Hi");
}

static void
test_warm_up (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) reader = read_stream (oai_responses_socket_create_warm_up (self->socket, self->request, NULL));

  g_assert_nonnull (strstr (get_received (self, 0), "\"generate\":false"));
  reply (self, "{\"type\":\"response.completed\",\"response\":" RESPONSE ("resp_1", "completed", "") "}");
  expect_text (reader, "");
}

/* Steering */

static void
accepted_cb (OaiResponsesSocket *socket, OaiResponseSteerAcceptedEvent *event, Fixture *self)
{
  g_string_append_printf (self->log, "accepted %s\n", oai_response_steer_get_id (oai_response_steer_accepted_event_get_steer (event)));
}

static void
failed_cb (OaiResponsesSocket *socket, OaiResponseSteerFailedEvent *event, Fixture *self)
{
  OaiResponseSteerError *error = oai_response_steer_failed_event_get_error (event);

  g_string_append_printf (self->log, "failed %s\n", oai_response_steer_error_get_code (error));
}

static Reader *continued_reader;

static void
continued_cb (OaiResponsesSocket *socket, OaiResponseStream *stream, const char *lane, Fixture *self)
{
  g_string_append_printf (self->log, "continued %s\n", lane != NULL ? lane : "-");
  continued_reader = read_stream (g_object_ref (stream));
}

static void
test_steer (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) reader = NULL;
  g_autoptr(Reader) continued = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (self->socket, "steer-accepted", G_CALLBACK (accepted_cb), self);
  g_signal_connect (self->socket, "steer-failed", G_CALLBACK (failed_cb), self);
  g_signal_connect (self->socket, "continued", G_CALLBACK (continued_cb), self);
  reader = start (self, "a");
  get_received (self, 0);
  reply_created (self, "\"stream_id\":\"a\",");
  g_assert_true (oai_responses_socket_steer (self->socket, "resp_1", "Shorter", &error));
  g_assert_no_error (error);
  g_assert_cmpstr (get_received (self, 1), ==, "{\"type\":\"response.steer\",\"previous_response_id\":\"resp_1\",\"input\":\"Shorter\"}");
  reply (self, "{\"type\":\"response.steer.accepted\",\"stream_id\":\"a\",\"sequence_number\":1,\"steer\":{\"id\":\"s1\",\"previous_response_id\":\"resp_1\"}}");
  reply (self, "{\"type\":\"response.steer.failed\",\"sequence_number\":2,\"error\":{\"code\":\"invalid_input\"},\"steer\":{\"id\":\"s2\"}}");
  reply_completed (self, "\"stream_id\":\"a\",");
  reply_all (self, "\"stream_id\":\"a\",");
  expect_text (reader, "Hi");
  wait_until (continued_reader != NULL);
  continued = g_steal_pointer (&continued_reader);
  expect_text (continued, "Hi");
  g_assert_cmpstr (self->log->str, ==, "accepted s1\nfailed invalid_input\ncontinued a\n");
}

/* A printed event contains no secrets of the request. */
static void
test_printed (void)
{
  static const char tool[] = "{\"type\":\"mcp\",\"server_label\":\"x\",\"authorization\":\"hidden\"}";
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text ("m", "Hello");
  g_autoptr(OaiResponseCreateEvent) event = NULL;
  g_autofree char *tools = g_strdup_printf ("[%s]", tool);
  g_autofree char *input = g_strdup_printf ("[{\"type\":\"additional_tools\",\"tools\":[%s]}]", tool);
  g_autofree char *json = NULL;
  g_autofree char *text = NULL;

  g_assert_true (oai_record_set_member (OAI_RECORD (request), "tools", tools, NULL));
  g_assert_true (oai_record_set_member (OAI_RECORD (request), "input", input, NULL));
  event = oai_response_create_event_new_for_request (request);
  json = oai_record_to_json (OAI_RECORD (event));
  g_assert_nonnull (strstr (json, tools));
  g_assert_nonnull (strstr (json, input));
  text = oai_record_to_string (OAI_RECORD (event));
  g_assert_nonnull (strstr (text, "***"));
  g_assert_null (strstr (text, "hidden"));
}

static void
close_early_cb (OaiWebSocket *socket, GParamSpec *pspec, gpointer user_data)
{
  oai_web_socket_close (socket, 0, NULL);
}

/* A handler closes the socket while the first stream opens the connection. */
static void
test_closed_early (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) reader = NULL;
  g_autofree char *message = NULL;

  g_signal_connect (self->socket, user_data, G_CALLBACK (close_early_cb), NULL);
  reader = start (self, NULL);
  message = expect_error (reader, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_nonnull (strstr (message, "was not sent"));
}

/* The server chooses the identifier of a response. */
static void
test_unusual_identifier (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) first = start (self, NULL);
  g_autoptr(Reader) second = NULL;

  get_received (self, 0);
  reply (self, "{\"type\":\"response.completed\",\"response\":" RESPONSE ("a\\\"b\\\\", "completed", "") "}");
  wait_until (first->result != NULL);
  oai_responses_socket_set_continue_lanes (self->socket, TRUE);
  second = start (self, NULL);
  g_assert_nonnull (strstr (get_received (self, 1), "\"previous_response_id\":\"a\\\"b\\\\\""));
  reply_all (self, "");
  expect_text (second, "Hi");
}

static void
count_cb (OaiResponsesSocket *socket, OaiResponseStream *stream, const char *lane, GPtrArray *streams)
{
  g_ptr_array_add (streams, g_object_ref (stream));
}

/* The server begins more responses without a request than streams may be open. */
static void
test_many_unrequested (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GPtrArray) streams = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(Reader) reader = start (self, NULL);
  g_autoptr(Reader) late = NULL;

  oai_responses_socket_set_max_streams (self->socket, 3);
  g_signal_connect (self->socket, "continued", G_CALLBACK (count_cb), streams);
  get_received (self, 0);
  for (guint i = 0; i < 10; i++)
    reply (self, "{\"type\":\"response.created\",\"stream_id\":\"lane%u\",\"response\":" RESPONSE ("resp_2", "in_progress", "") "}", i);
  reply_all (self, "");
  expect_text (reader, "Hi");
  g_assert_cmpuint (streams->len, ==, 2);
  g_ptr_array_set_size (streams, 1);
  g_assert_cmpuint (oai_web_socket_count_streams (OAI_WEB_SOCKET (self->socket)), ==, 2);

  /* Streams that are not started do not keep the socket. */
  g_assert_finalize_object (g_steal_pointer (&self->socket));
  late = read_stream (g_object_ref (g_ptr_array_index (streams, 0)));
  g_free (expect_error (late, OAI_ERROR, OAI_ERROR_CONNECTION));
}

/* Errors do not contain the key that the server repeats, not even those of the stream that opens the
 * connection. */
static void
test_redacted (Fixture *self, gconstpointer user_data)
{
  static const char *const errors[] = {
    "{\"type\":\"error\",\"error\":{\"code\":\"invalid_api_key\",\"message\":\"Wrong key sk-test-0123456789\"}}",
    "{\"type\":\"response.failed\",\"response\":{\"id\":\"r\",\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"Wrong key sk-test-0123456789\"}}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_autoptr(Reader) reader = NULL;
      g_autoptr(GError) error = NULL;

      g_clear_object (&self->socket);
      self->socket = oai_responses_endpoint_create_socket (self->responses);
      reader = start (self, NULL);
      get_received (self, i);
      reply (self, "%s", errors[i]);
      wait_until (reader->result != NULL);
      g_assert_null (oai_stream_run_finish (OAI_STREAM (reader->stream), reader->result, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, "Wrong key"));
      g_assert_null (strstr (error->message, "0123456789"));
      g_assert_null (strstr (oai_call_get_error (oai_stream_get_call (OAI_STREAM (reader->stream)))->message, "0123456789"));
    }
}

/* A response without a request is started after it ended, and after its connection was lost. */

static void
keep_cb (OaiResponsesSocket *socket, OaiResponseStream *stream, const char *lane, OaiResponseStream **place)
{
  g_set_object (place, stream);
}

static void
test_late_start (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) reader = start (self, NULL);
  g_autoptr(Reader) finished = NULL;
  g_autoptr(Reader) lost = NULL;
  OaiResponseStream *complete;
  g_autofree char *message = NULL;
  OaiResponseStream *stream = NULL;

  g_signal_connect (self->socket, "continued", G_CALLBACK (keep_cb), &stream);
  get_received (self, 0);
  reply_all (self, "");
  expect_text (reader, "Hi");
  reply_all (self, "\"stream_id\":\"b\",");
  wait_until (stream != NULL && oai_web_socket_count_streams (OAI_WEB_SOCKET (self->socket)) == 0);
  complete = g_steal_pointer (&stream);
  reply_created (self, "\"stream_id\":\"c\",");
  wait_until (stream != NULL);
  g_io_stream_close (soup_websocket_connection_get_io_stream (self->connection), NULL, NULL);
  wait_until (oai_web_socket_get_state (OAI_WEB_SOCKET (self->socket)) == OAI_WEB_SOCKET_STATE_CLOSED);
  finished = read_stream (complete);
  expect_text (finished, "Hi");
  lost = read_stream (g_steal_pointer (&stream));
  message = expect_error (lost, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_nonnull (strstr (message, "may have processed it"));
}

/* The events of a response are limited as those of HTTP are; the connection stays usable. */
static void
test_stream_limit (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) first = NULL;
  g_autoptr(Reader) second = NULL;
  g_autofree char *message = NULL;

  oai_settings_set_max_stream_size (self->settings, 1024);
  first = start (self, NULL);
  get_received (self, 0);
  reply_created (self, "");
  for (guint i = 0; i < 10; i++)
    reply_text (self, "", "0123456789");
  message = expect_error (first, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (message, "max-stream-size"));
  g_assert_true (g_str_has_prefix (first->text->str, "01234567890123456789"));
  g_assert_cmpstr (oai_response_stream_get_text (first->stream, 0, 0), ==, first->text->str);

  reply_completed (self, "");
  second = start (self, NULL);
  get_received (self, 1);
  reply_all (self, "");
  expect_text (second, "Hi");
}

/* Pulling: what arrives while the program does not read is kept. */
static void
test_pull (Fixture *self, gconstpointer user_data)
{
  g_autoptr(OaiResponseStream) stream = oai_responses_socket_create_stream (self->socket, self->request, NULL);
  g_autoptr(Reader) other = NULL;
  guint n_chunks = 0;

  for (gboolean more = TRUE; more;)
    {
      g_autoptr(Reader) reader = g_new0 (Reader, 1);
      g_autoptr(OaiRecord) chunk = NULL;
      g_autoptr(GError) error = NULL;

      reader->stream = g_object_ref (stream);
      reader->text = g_string_new (NULL);
      reader->cancellable = g_cancellable_new ();
      oai_stream_next_async (OAI_STREAM (stream), NULL, result_cb, reader);
      if (n_chunks == 0)
        {
          get_received (self, 0);
          reply_all (self, "");
          other = start (self, "b");
          get_received (self, 1);
          reply_all (self, "\"stream_id\":\"b\",");
          expect_text (other, "Hi");
        }
      wait_until (reader->result != NULL);
      chunk = oai_stream_next_finish (OAI_STREAM (stream), reader->result, &error);
      g_assert_no_error (error);
      more = chunk != NULL;
      n_chunks += more;
    }
  g_assert_cmpuint (n_chunks, ==, 3);
}

/* Handlers of a stream close everything, at each event. */

static void
close_cb (OaiStream *stream, const char *name, const char *json, Fixture *self)
{
  oai_web_socket_close (OAI_WEB_SOCKET (self->socket), 0, NULL);
}

static void
drop_cb (OaiStream *stream, const char *name, const char *json, Fixture *self)
{
  g_clear_object (&self->socket);
}

static void
close_stream_cb (OaiStream *stream, const char *name, const char *json, Fixture *self)
{
  oai_stream_close (stream);
}

static void
cut_cb (OaiStream *stream, const char *name, const char *json, Fixture *self)
{
  g_io_stream_close (soup_websocket_connection_get_io_stream (self->connection), NULL, NULL);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_handlers (Fixture *self, gconstpointer user_data)
{
  g_autoptr(Reader) first = start (self, NULL);
  g_autoptr(Reader) second = start (self, NULL);
  g_autoptr(Reader) other = start (self, "b");

  g_signal_connect (first->stream, "event", G_CALLBACK (user_data), self);
  get_received (self, 1);
  reply_all (self, "");
  wait_until (first->result != NULL);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_clear_object (&self->socket);
  g_cancellable_cancel (second->cancellable);
  g_cancellable_cancel (other->cancellable);
  wait_until (second->result != NULL && other->result != NULL);
}

/* A stream is cancelled after each number of iterations. */
static void
test_cancelled_always (Fixture *self, gconstpointer user_data)
{
  for (guint iterations = 0; iterations < 40; iterations++)
    {
      g_autoptr(Reader) reader = NULL;
      g_autoptr(Reader) other = NULL;

      g_clear_object (&self->socket);
      self->socket = oai_responses_endpoint_create_socket (self->responses);
      g_ptr_array_set_size (self->received, 0);
      reader = start (self, NULL);
      other = start (self, NULL);
      for (guint i = 0; i < iterations && reader->result == NULL; i++)
        {
          g_main_context_iteration (NULL, FALSE);
          if (self->received->len == 1 && self->connection != NULL)
            {
              reply_all (self, "");
              g_ptr_array_add (self->received, NULL);
            }
        }
      g_cancellable_cancel (reader->cancellable);
      g_cancellable_cancel (other->cancellable);
      wait_until (reader->result != NULL && other->result != NULL);
    }
}

#define add(name, data, function) g_test_add ("/responses-socket/" name, Fixture, data, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("one", NULL, test_one);
  add ("continue-identifier", NULL, test_continue_identifier);
  add ("beta", NULL, test_beta);
  add ("first-in-first-out", NULL, test_first_in_first_out);
  add ("continue-lanes", NULL, test_continue_lanes);
  add ("unknown-previous-response", NULL, test_unknown_previous_response);
  add ("not-connected", NULL, test_not_connected);
  add ("lanes", NULL, test_lanes);
  add ("default-lane", NULL, test_default_lane);
  add ("server-without-lanes", NULL, test_server_without_lanes);
  add ("event-without-lane", NULL, test_event_without_lane);
  add ("errors", NULL, test_errors);
  add ("cancelled", NULL, test_cancelled);
  add ("cancelled-always", NULL, test_cancelled_always);
  add ("lost", NULL, test_lost);
  add ("reconnect", NULL, test_reconnect);
  add ("unix/one", UNIX, test_one);
  add ("unix/cancelled", UNIX, test_cancelled);
  add ("unix/lost", UNIX, test_lost);
  add ("unix/reconnect", UNIX, test_reconnect);
  add ("unix/pull", UNIX, test_pull);
  add ("refused-requests", NULL, test_refused_requests);
  add ("warm-up", NULL, test_warm_up);
  add ("steer", NULL, test_steer);
  g_test_add_func ("/responses-socket/printed", test_printed);
  add ("closed-early/call", "notify::call", test_closed_early);
  add ("closed-early/state", "notify::state", test_closed_early);
  add ("unusual-identifier", NULL, test_unusual_identifier);
  add ("many-unrequested", NULL, test_many_unrequested);
  add ("redacted", NULL, test_redacted);
  add ("late-start", NULL, test_late_start);
  add ("pull", NULL, test_pull);
  add ("stream-limit", NULL, test_stream_limit);
  add ("handlers/close", close_cb, test_handlers);
  add ("handlers/drop", drop_cb, test_handlers);
  add ("handlers/close-stream", close_stream_cb, test_handlers);
  add ("handlers/cut", cut_cb, test_handlers);

  return g_test_run ();
}
