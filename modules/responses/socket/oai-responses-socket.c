/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-responses-socket.h"

#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-responses-methods-private.h"
#include "oai-socket-schema.h"

#define DEFAULT_MAX_STREAMS 64

/**
 * OaiResponsesSocket:
 *
 * A WebSocket connection for many responses.
 *
 * [method@Oai.ResponsesEndpoint.create_socket] creates it, and
 * [method@Oai.ResponsesSocket.create_stream] a stream for each response. The streams work like those of
 * [method@Oai.ResponsesEndpoint.create_stream]. The error of a response ends its stream only. When the
 * connection ends, the streams that are open fail with %OAI_ERROR_CONNECTION; the message contains whether
 * the request was sent. If it cannot be opened, they fail with the error of the server, for example
 * %OAI_ERROR_AUTHENTICATION. With [property@Oai.WebSocket:max-reconnects], requests that were not sent yet wait
 * for the new connection.
 *
 * The server generates the responses of a *lane* one after the other, and those of several lanes at the
 * same time. The socket sends the next request of a lane when the previous response has ended. A lane
 * does not make responses a conversation: that is what the previous response of a request does, see
 * [property@Oai.ResponsesSocket:continue-lanes].
 *
 * A server that does not know lanes generates all responses one after the other, in the order in which
 * the requests were sent. With such a server, either name all lanes or use the default lane only.
 *
 * If a stream is closed before its end, the server still generates the response, whose events are
 * ignored; the next request of the lane waits for its end.
 *
 * Since: 1.0
 */

struct _OaiResponsesSocket
{
  OaiWebSocket parent_instance;

  guint max_streams;
  gboolean continue_lanes;
  GHashTable *last_ids; /* from the name of a lane to the identifier of its last response */
};

enum
{
  PROP_0,
  PROP_MAX_STREAMS,
  PROP_CONTINUE_LANES,
  N_PROPS
};

enum
{
  STEER_ACCEPTED,
  STEER_PENDING,
  STEER_FAILED,
  CONTINUED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OaiResponsesSocket, oai_responses_socket, OAI_TYPE_WEB_SOCKET)

/* Those with a signal come first. */
static const char *const apart[] = {
  "response.steer.accepted", "response.steer.pending", "response.steer.failed", "response.inject.created", "response.inject.failed", NULL
};
#define N_STEER_EVENTS 3

static void
steer_event (OaiWebSocket *socket, const char *name, OaiRecord *event)
{
  for (guint i = 0; i < N_STEER_EVENTS; i++)
    if (g_str_equal (apart[i], name))
      oai_emit (socket, signals[STEER_ACCEPTED + i], 0, event);
}

static void
last_event (OaiWebSocket *socket, const char *lane, OaiRecord *event)
{
  OaiResponsesSocket *self = OAI_RESPONSES_SOCKET (socket);
  OaiResponse *response = OAI_IS_RESPONSE_COMPLETED_EVENT (event) ? oai_response_completed_event_get_response (OAI_RESPONSE_COMPLETED_EVENT (event)) : NULL;

  if (response != NULL && oai_response_get_id (response) != NULL)
    g_hash_table_insert (self->last_ids, g_strdup (lane), g_strdup (oai_response_get_id (response)));
}

static void
unrequested (OaiWebSocket *socket, const char *lane, OaiStream *stream)
{
  guint max = OAI_RESPONSES_SOCKET (socket)->max_streams;

  /* The stream is counted already.  The server can begin any number of responses. */
  if (max > 0 && oai_web_socket_count_streams (socket) > max)
    return;

  oai_emit (socket, signals[CONTINUED], 0, stream, lane);
}

/* Continues from the last response of the lane.  The event has the members of a request. */
static char *
adapt_event (OaiWebSocket *socket, const char *lane, GBytes *message)
{
  OaiResponsesSocket *self = OAI_RESPONSES_SOCKET (socket);
  const char *last = g_hash_table_lookup (self->last_ids, lane);
  g_autofree char *text = NULL;
  g_autoptr(OaiRecord) event = NULL;

  if (!self->continue_lanes || last == NULL)
    return NULL;

  text = g_strndup (g_bytes_get_data (message, NULL), g_bytes_get_size (message));
  event = oai_record_new_from_json (OAI_TYPE_RESPONSE_REQUEST, text, NULL);
  if (oai_record_has_member (event, "previous_response_id") || oai_record_has_member (event, "conversation"))
    return NULL;

  oai_response_request_set_previous_response_id (OAI_RESPONSE_REQUEST (event), last);

  return oai_record_to_json (event);
}

static const OaiSocketSchema schema = {
  .size = sizeof (OaiSocketSchema),
  .operation = "responses.create",
  .lane_member = "stream_id",
  .ends = (const char *const[]) { "response.completed", "response.failed", "response.incomplete", NULL },
  .apart = apart,
  .first = "response.created",
  .apart_event = steer_event,
  .adapt = adapt_event,
  .explain = oai_responses_explain_state,
  .last_event = last_event,
  .stream_type = oai_response_stream_get_type,
  .unrequested = unrequested,
};

/* Requests */

/* Returns NULL with an error if the request cannot be sent. */
static char *
build_event (OaiResponsesSocket *self, OaiResponseRequest *request, const char *lane, gboolean generate, GError **error)
{
  g_autoptr(OaiResponseCreateEvent) event = NULL;

  if (oai_response_request_get_background (request))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("A WebSocket connection does not support responses in the background"));
      return NULL;
    }
  if (self->max_streams > 0 && oai_web_socket_count_streams (OAI_WEB_SOCKET (self)) >= self->max_streams)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_FAILED, _("The WebSocket connection has %u open streams already"), self->max_streams);
      return NULL;
    }

  event = oai_response_create_event_new_for_request (request);
  if (lane != NULL)
    oai_response_create_event_set_stream_id (event, lane);
  if (!generate)
    oai_response_create_event_set_generate (event, FALSE);

  return oai_record_to_json (OAI_RECORD (event));
}

static OaiResponseStream *
create_stream (OaiResponsesSocket *self, OaiResponseRequest *request, const char *lane, gboolean generate)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *json = build_event (self, request, lane, generate, &error);

  return oai_web_socket_create_stream (OAI_WEB_SOCKET (self), OAI_TYPE_RESPONSE_STREAM, lane, json, error);
}

/**
 * oai_responses_socket_create_stream:
 * @self: a socket
 * @request: the request
 * @lane: (nullable): the name of a lane, or %NULL for the default lane
 *
 * Creates a stream that generates a response over the connection. The request is sent when the stream is
 * run or read, and the earlier responses of the lane have ended. Later changes of @request have no
 * effect.
 *
 * A request for a response in the background, or more streams than
 * [property@Oai.ResponsesSocket:max-streams], make the stream fail when it is started. The stream has to
 * be used in the main context of the connection, and only with asynchronous methods.
 *
 * Returns: (transfer full): a stream that has not been started
 *
 * Since: 1.0
 */
OaiResponseStream *
oai_responses_socket_create_stream (OaiResponsesSocket *self, OaiResponseRequest *request, const char *lane)
{
  g_return_val_if_fail (OAI_IS_RESPONSES_SOCKET (self), NULL);
  g_return_val_if_fail (OAI_IS_RESPONSE_REQUEST (request), NULL);

  return create_stream (self, request, lane, TRUE);
}

/**
 * oai_responses_socket_create_warm_up:
 * @self: a socket
 * @request: the request
 * @lane: (nullable): the name of a lane, or %NULL for the default lane
 *
 * Creates a stream that prepares a response and generates no output. The next request, which continues
 * from it, is processed faster.
 *
 * Returns: (transfer full): a stream that has not been started; its result is a response without output
 *
 * Since: 1.0
 */
OaiResponseStream *
oai_responses_socket_create_warm_up (OaiResponsesSocket *self, OaiResponseRequest *request, const char *lane)
{
  g_return_val_if_fail (OAI_IS_RESPONSES_SOCKET (self), NULL);
  g_return_val_if_fail (OAI_IS_RESPONSE_REQUEST (request), NULL);

  return create_stream (self, request, lane, FALSE);
}

/**
 * oai_responses_socket_steer:
 * @self: a socket
 * @response_id: identifier of a response that is being generated over this connection
 * @text: a text of the user
 * @error: return location for an error
 *
 * Adds a text to a response that is being generated. [signal@Oai.ResponsesSocket::steer-accepted] or
 * [signal@Oai.ResponsesSocket::steer-failed] reports whether the server accepted it. The response then
 * ends, its stream fails with %OAI_ERROR_INCOMPLETE, and [signal@Oai.ResponsesSocket::continued] reports
 * the response that continues with the text.
 *
 * Use it only with servers that know it. Other servers answer with an error that cannot be distinguished
 * from the error of the next request. From then on, the streams of the lane get the events of earlier
 * requests.
 *
 * To send other input, send a [class@Oai.ResponseSteerEvent] with [method@Oai.WebSocket.send].
 *
 * Returns: %TRUE if the text was accepted by the queue
 *
 * Since: 1.0
 */
gboolean
oai_responses_socket_steer (OaiResponsesSocket *self, const char *response_id, const char *text, GError **error)
{
  g_autoptr(OaiResponseSteerEvent) event = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSES_SOCKET (self), FALSE);
  g_return_val_if_fail (response_id != NULL, FALSE);
  g_return_val_if_fail (text != NULL, FALSE);

  event = oai_response_steer_event_new (response_id);
  oai_response_steer_event_set_input (event, text);

  return oai_web_socket_send (OAI_WEB_SOCKET (self), OAI_RECORD (event), error);
}

/**
 * oai_responses_socket_get_last_response_id:
 * @self: a socket
 * @lane: (nullable): the name of a lane, or %NULL for the default lane
 *
 * Gets the identifier of the last response of a lane that was completed.
 *
 * Returns: (nullable): the identifier, or %NULL if there is none; valid until another response of the lane
 *   is completed
 *
 * Since: 1.0
 */
const char *
oai_responses_socket_get_last_response_id (OaiResponsesSocket *self, const char *lane)
{
  g_return_val_if_fail (OAI_IS_RESPONSES_SOCKET (self), NULL);

  return g_hash_table_lookup (self->last_ids, lane != NULL ? lane : "");
}

/* Properties */

/**
 * oai_responses_socket_get_max_streams:
 * @self: a socket
 *
 * Gets how many streams can be open at the same time.
 *
 * Returns: the number; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_responses_socket_get_max_streams (OaiResponsesSocket *self)
{
  g_return_val_if_fail (OAI_IS_RESPONSES_SOCKET (self), 0);

  return self->max_streams;
}

/**
 * oai_responses_socket_set_max_streams:
 * @self: a socket
 * @max_streams: the number; 0 for no limit
 *
 * Sets how many streams can be open at the same time, including those whose request waits. The default
 * is 64. Applies to streams that are created later.
 *
 * Since: 1.0
 */
void
oai_responses_socket_set_max_streams (OaiResponsesSocket *self, guint max_streams)
{
  g_return_if_fail (OAI_IS_RESPONSES_SOCKET (self));

  if (self->max_streams == max_streams)
    return;

  self->max_streams = max_streams;
  oai_emit_notify (self, properties[PROP_MAX_STREAMS]);
}

/**
 * oai_responses_socket_get_continue_lanes:
 * @self: a socket
 *
 * Gets whether requests continue from the last response of their lane.
 *
 * Returns: %TRUE if they do
 *
 * Since: 1.0
 */
gboolean
oai_responses_socket_get_continue_lanes (OaiResponsesSocket *self)
{
  g_return_val_if_fail (OAI_IS_RESPONSES_SOCKET (self), FALSE);

  return self->continue_lanes;
}

/**
 * oai_responses_socket_set_continue_lanes:
 * @self: a socket
 * @continue_lanes: whether requests continue from the last response of their lane
 *
 * Sets whether a request without a previous response and without a conversation continues from the last
 * response of its lane that was completed when the request is sent, which is when the earlier responses
 * of the lane have ended. The default is %FALSE.
 *
 * Since: 1.0
 */
void
oai_responses_socket_set_continue_lanes (OaiResponsesSocket *self, gboolean continue_lanes)
{
  g_return_if_fail (OAI_IS_RESPONSES_SOCKET (self));

  continue_lanes = continue_lanes != FALSE;
  if (self->continue_lanes == continue_lanes)
    return;

  self->continue_lanes = continue_lanes;
  oai_emit_notify (self, properties[PROP_CONTINUE_LANES]);
}

static void
oai_responses_socket_finalize (GObject *object)
{
  g_hash_table_unref (OAI_RESPONSES_SOCKET (object)->last_ids);

  G_OBJECT_CLASS (oai_responses_socket_parent_class)->finalize (object);
}

static void
oai_responses_socket_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiResponsesSocket *self = OAI_RESPONSES_SOCKET (object);

  switch (prop_id)
    {
    case PROP_MAX_STREAMS:
      g_value_set_uint (value, self->max_streams);
      break;
    case PROP_CONTINUE_LANES:
      g_value_set_boolean (value, self->continue_lanes);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_responses_socket_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  OaiResponsesSocket *self = OAI_RESPONSES_SOCKET (object);

  switch (prop_id)
    {
    case PROP_MAX_STREAMS:
      oai_responses_socket_set_max_streams (self, g_value_get_uint (value));
      break;
    case PROP_CONTINUE_LANES:
      oai_responses_socket_set_continue_lanes (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_signals (OaiResponsesSocketClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  /**
   * OaiResponsesSocket::steer-accepted:
   * @self: the socket
   * @event: the event
   *
   * Emitted when the server has accepted input for a response that is being generated.
   *
   * Since: 1.0
   */
  signals[STEER_ACCEPTED] = g_signal_new ("steer-accepted", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_TYPE_RESPONSE_STEER_ACCEPTED_EVENT);
  /**
   * OaiResponsesSocket::steer-pending:
   * @self: the socket
   * @event: the event
   *
   * Emitted when accepted input waits for results of tools or for approvals.
   *
   * Since: 1.0
   */
  signals[STEER_PENDING] = g_signal_new ("steer-pending", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_TYPE_RESPONSE_STEER_PENDING_EVENT);
  /**
   * OaiResponsesSocket::steer-failed:
   * @self: the socket
   * @event: the event, with the input
   *
   * Emitted when the server does not use input.
   *
   * Since: 1.0
   */
  signals[STEER_FAILED] = g_signal_new ("steer-failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_TYPE_RESPONSE_STEER_FAILED_EVENT);
  /**
   * OaiResponsesSocket::continued:
   * @self: the socket
   * @stream: the stream of the response; start it to get its events
   * @lane: (nullable): the name of its lane, or %NULL for the default lane
   *
   * Emitted when the server begins a response that was not requested, since it continues with accepted
   * input. More than [property@Oai.ResponsesSocket:max-streams] responses are ignored.
   *
   * Since: 1.0
   */
  signals[CONTINUED] = g_signal_new ("continued", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, OAI_TYPE_RESPONSE_STREAM, G_TYPE_STRING);
}

static void
oai_responses_socket_class_init (OaiResponsesSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_responses_socket_finalize;
  object_class->get_property = oai_responses_socket_get_property;
  object_class->set_property = oai_responses_socket_set_property;
  oai_web_socket_class_set_schema (OAI_WEB_SOCKET_CLASS (klass), &schema);
  install_signals (klass);

  /**
   * OaiResponsesSocket:max-streams: (getter get_max_streams) (setter set_max_streams)
   *
   * How many streams can be open at the same time; 0 for no limit.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_STREAMS] = g_param_spec_uint ("max-streams", NULL, NULL, 0, G_MAXUINT, DEFAULT_MAX_STREAMS,
                                                    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiResponsesSocket:continue-lanes: (getter get_continue_lanes) (setter set_continue_lanes)
   *
   * Whether a request without a previous response continues from the last response of its lane.
   *
   * Since: 1.0
   */
  properties[PROP_CONTINUE_LANES] = g_param_spec_boolean ("continue-lanes", NULL, NULL, FALSE,
                                                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_responses_socket_init (OaiResponsesSocket *self)
{
  self->max_streams = DEFAULT_MAX_STREAMS;
  self->last_ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}
