/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends the events of responses over one WebSocket connection. The lanes of the connection take turns. */

#include "oai-mock-socket-private.h"
#include "oai-mock-lane-private.h"
#include "oai-mock-server-private.h"

struct _OaiMockSocket {
  OaiMockServer *server;
  SoupWebsocketConnection *connection;
  GSocket *socket;
  OaiMockRequest *handshake;
  OaiMockLanes shared;
  GPtrArray *lanes;
  GQueue direct; /* texts that belong to no lane */
  guint turn;
  GSource *timer;
  int delay;
  gint64 left; /* the number of messages before the connection is closed, or -1 */
  guint close_code;
  gint64 pause_in; /* the number of messages before the connection waits for the client, or -1 */
};

static void
stop_timer (OaiMockSocket *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

void
_oai_mock_socket_free (OaiMockSocket *self)
{
  stop_timer (self);
  g_signal_handlers_disconnect_by_data (self->connection, self);
  g_socket_close (self->socket, NULL);
  g_clear_object (&self->connection);
  g_clear_object (&self->socket);
  g_clear_object (&self->handshake);
  g_clear_pointer (&self->lanes, g_ptr_array_unref);
  g_queue_clear_full (&self->direct, g_free);
  g_clear_object (&self->shared.fault);
  g_clear_pointer (&self->shared.pending, g_hash_table_unref);
  g_free (self->shared.collection);
  g_free (self);
}

static char *
take_text (OaiMockSocket *self)
{
  if (!g_queue_is_empty (&self->direct))
    return g_queue_pop_head (&self->direct);
  for (guint i = 0; i < self->lanes->len; i++)
    {
      char *text = _oai_mock_lane_next (g_ptr_array_index (self->lanes, self->turn++ % self->lanes->len));

      if (text != NULL)
        return text;
    }

  return NULL;
}

/* The protocol reserves these codes: no server sends them. */
static gboolean
can_send (guint code)
{
  return code != 0 && code != SOUP_WEBSOCKET_CLOSE_NO_EXTENSION && code != SOUP_WEBSOCKET_CLOSE_ABNORMAL && code != SOUP_WEBSOCKET_CLOSE_TLS_HANDSHAKE;
}

/* Without a code that can be sent, the connection is lost. */
static void
close_now (OaiMockSocket *self)
{
  self->left = -1;
  if (can_send (self->close_code))
    soup_websocket_connection_close (self->connection, (gushort) self->close_code, NULL);
  else
    g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
}

static void start_timer (OaiMockSocket *self);

static gboolean
on_writable (GSocket *socket, GIOCondition condition, gpointer data)
{
  OaiMockSocket *self = data;

  stop_timer (self);
  start_timer (self);

  return G_SOURCE_REMOVE;
}

/* The connection keeps messages in memory if the client does not read them, so no more are added. */
static void
wait_writable (OaiMockSocket *self)
{
  stop_timer (self);
  self->timer = g_socket_create_source (self->socket, G_IO_OUT, NULL);
  g_source_set_callback (self->timer, G_SOURCE_FUNC (on_writable), self, NULL);
  g_source_attach (self->timer, self->server->context);
}

/* Sends one message. */
static gboolean
on_due (gpointer data)
{
  OaiMockSocket *self = data;
  g_autofree char *text = NULL;

  if (self->left == 0)
    {
      stop_timer (self);
      close_now (self);
      return G_SOURCE_REMOVE;
    }
  if (!(g_socket_condition_check (self->socket, G_IO_OUT) & G_IO_OUT))
    {
      wait_writable (self);
      return G_SOURCE_REMOVE;
    }
  g_mutex_lock (&self->server->lock);
  text = self->pause_in != 0 ? take_text (self) : NULL;
  g_mutex_unlock (&self->server->lock);
  if (text == NULL || soup_websocket_connection_get_state (self->connection) != SOUP_WEBSOCKET_STATE_OPEN)
    {
      stop_timer (self);
      return G_SOURCE_REMOVE;
    }
  if (self->left > 0)
    self->left--;
  if (self->pause_in > 0)
    self->pause_in--;
  soup_websocket_connection_send_text (self->connection, text);

  return G_SOURCE_CONTINUE;
}

static void
start_timer (OaiMockSocket *self)
{
  if (self->timer != NULL)
    return;
  self->timer = g_timeout_source_new (self->delay >= 0 ? (guint) self->delay : self->server->service.delta_delay);
  g_source_set_callback (self->timer, on_due, self, NULL);
  g_source_attach (self->timer, self->server->context);
}

static OaiMockLane *
get_lane (OaiMockSocket *self, const char *id)
{
  OaiMockLane *lane;

  for (guint i = 0; i < self->lanes->len; i++)
    if (g_strcmp0 (_oai_mock_lane_get_id (g_ptr_array_index (self->lanes, i)), id) == 0)
      return g_ptr_array_index (self->lanes, i);

  lane = _oai_mock_lane_new (&self->shared, id);
  g_ptr_array_add (self->lanes, lane);

  return lane;
}

/* Takes @problem. */
static void
add_error (OaiMockSocket *self, OaiMockReply *problem)
{
  g_queue_push_tail (&self->direct, _oai_mock_lane_error_text (&self->server->service, problem, NULL));
  g_object_unref (problem);
}

static OaiMockLane *
find_lane_of (OaiMockSocket *self, const char *response_id)
{
  for (guint i = 0; i < self->lanes->len; i++)
    if (response_id != NULL && g_strcmp0 (_oai_mock_lane_get_response_id (g_ptr_array_index (self->lanes, i)), response_id) == 0)
      return g_ptr_array_index (self->lanes, i);

  return NULL;
}

static JsonObject *
steer (OaiMockSocket *self, JsonObject *message)
{
  const char *id = oai_mock_get_string (message, "previous_response_id");
  OaiMockLane *lane = find_lane_of (self, id);
  JsonObject *record = id != NULL ? _oai_mock_store_get (self->server->store, self->shared.collection, id) : NULL;

  if (record == NULL)
    return _oai_mock_steer_failed (&self->shared, message, "response_not_found", "The response was not created on this connection.");
  if (!_oai_mock_steer_is_valid (message))
    return _oai_mock_steer_failed (&self->shared, message, "invalid_input", "The input must consist of messages of the user.");
  if (lane == NULL)
    return _oai_mock_steer_failed (&self->shared, message, "response_already_completed", "The response has already completed.");
  if (oai_mock_member (oai_mock_get_object (record, "response"), "conversation") != NULL)
    return _oai_mock_steer_failed (&self->shared, message, "steering_not_supported", "A response of a conversation cannot be steered.");

  return _oai_mock_lane_steer (lane, message);
}

/* Steering is not delayed by the responses that are being sent. */
static void
add_steer (OaiMockSocket *self, JsonObject *message)
{
  g_autoptr (JsonObject) event = steer (self, message);

  _oai_mock_service_check_message_reply (&self->server->service, event);
  g_queue_push_tail (&self->direct, oai_mock_object_to_text (event));
}

static void
apply_fault (OaiMockSocket *self, OaiMockReply *fault)
{
  if (fault->close_after >= 0)
    {
      self->left = fault->close_after;
      self->close_code = fault->close_code;
    }
  if (fault->hang_after >= 0)
    self->pause_in = fault->hang_after;
  if (fault->chunk_delay >= 0)
    self->delay = fault->chunk_delay;
}

static void
handle_object (OaiMockSocket *self, OaiMockRequest *request, JsonObject *message)
{
  const char *type = oai_mock_get_string (message, "type");
  OaiMockReply *scripted = _oai_mock_script_take (self->server->script, "WEBSOCKET", "/responses");

  if (scripted != NULL)
    apply_fault (self, scripted);
  if (scripted == NULL && g_strcmp0 (type, "response.steer") == 0)
    add_steer (self, message);
  else if (scripted != NULL || g_strcmp0 (type, "response.create") == 0)
    _oai_mock_lane_push (get_lane (self, oai_mock_get_string (message, "stream_id")), request, message, scripted);
  else
    add_error (self, _oai_mock_reply_new_error_for (400, "invalid_request_error", "invalid_value", "type", "Invalid value: '%s'. Supported values are: 'response.create' and 'response.steer'.", type != NULL ? type : ""));
}

static void
on_message (SoupWebsocketConnection *connection, SoupWebsocketDataType type, GBytes *bytes, OaiMockSocket *self)
{
  g_autoptr (OaiMockRequest) request = _oai_mock_request_new_message (self->handshake, bytes);
  g_autofree char *text = oai_mock_request_dup_body_text (request);
  g_autoptr (JsonNode) node = type == SOUP_WEBSOCKET_DATA_TEXT ? oai_mock_parse (text, -1, NULL) : NULL;

  g_mutex_lock (&self->server->lock);
  _oai_mock_server_record (self->server, request);
  self->pause_in = -1;
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    handle_object (self, request, json_node_get_object (node));
  else
    add_error (self, oai_mock_reply_new_error (400, "invalid_request_error", "invalid_json", "We could not parse the message: it is no JSON object."));
  start_timer (self);
  g_mutex_unlock (&self->server->lock);
}

static void
on_closed (SoupWebsocketConnection *connection, OaiMockSocket *self)
{
  OaiMockServer *server = self->server;

  g_mutex_lock (&server->lock);
  g_ptr_array_remove_fast (server->sockets, self);
  g_mutex_unlock (&server->lock);
}

OaiMockSocket *
_oai_mock_socket_new (OaiMockServer *server, SoupWebsocketConnection *connection, SoupServerMessage *message, OaiMockRequest *handshake, OaiMockReply *fault)
{
  OaiMockSocket *self = g_new0 (OaiMockSocket, 1);

  self->server = server;
  self->connection = g_object_ref (connection);
  self->socket = g_object_ref (soup_server_message_get_socket (message));
  self->handshake = g_object_ref (handshake);
  self->lanes = g_ptr_array_new_with_free_func ((GDestroyNotify) _oai_mock_lane_free);
  self->shared.server = server;
  self->shared.service = &server->service;
  self->shared.collection = g_strdup_printf ("responses of connection %u", oai_mock_request_get_connection (handshake));
  self->shared.fault = fault != NULL ? g_object_ref (fault) : NULL;
  self->shared.pending = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_array_unref);
  self->delay = -1;
  self->left = -1;
  self->pause_in = -1;
  if (fault != NULL)
    apply_fault (self, fault);
  g_queue_init (&self->direct);
  soup_websocket_connection_set_max_incoming_payload_size (connection, 0);
  g_signal_connect (connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);

  return self;
}
