/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-web-socket-private.h"

#include <string.h>

#include "oai-call-private.h"
#include "oai-emit-private.h"
#include "oai-enum-types.h"
#include "oai-error-map-private.h"
#include "oai-exchange-private.h"
#include "oai-frame-input-private.h"
#include "oai-i18n-private.h"
#include "oai-owner-thread-private.h"
#include "oai-query-private.h"
#include "oai-record-private.h"
#include "oai-redact-private.h"
#include "oai-request-url-private.h"
#include "oai-secret-private.h"
#include "oai-send-queue-private.h"
#include "oai-socket-lanes-private.h"
#include "oai-source-private.h"
#include "oai-stream-private.h"

#define DEFAULT_QUEUE_SIZE (1024 * 1024)
#define DEFAULT_RECONNECT_DELAY 500
#define DEFAULT_MAX_RECONNECT_DELAY 8000
/* Bytes that libsoup may hold; the rest stays in the queue, where it counts as not sent. */
#define WINDOW (64 * 1024)
/* Bytes of the reason in a frame that closes the connection. */
#define MAX_REASON 123

/**
 * OaiWebSocket:
 *
 * A WebSocket connection to the API, over which a program sends and receives events.
 *
 * A method of an endpoint creates a socket. Connect to its signals, then call
 * [method@Oai.WebSocket.connect_async], or just send: the connection is opened when it is needed. It
 * uses the settings and the credentials of the client like each other request. Redirects are
 * followed within the same server only.
 *
 * Each event that arrives is emitted as [signal@Oai.WebSocket::event], whose detail is the type of
 * the event: connect to `event::response.created`, for example. Events of unknown types are emitted
 * as well. An event that reports an error is also emitted as [signal@Oai.WebSocket::error]; it does
 * not close the connection. Frames that are not JSON objects are emitted as [signal@Oai.WebSocket::raw].
 *
 * Messages are sent in their order. While the connection is not open, they wait in a queue of limited
 * size. If the connection is lost, no message is sent again that may have been sent.
 *
 * With [property@Oai.WebSocket:max-reconnects], a lost connection is opened again, unless the server
 * closed it for a reason that would not change (codes 1000, 1002 and 1008, for example). The server
 * does not repeat what it sent before.
 *
 * The connection belongs to the main context that was the thread's default when it was opened. Only
 * the thread that iterates this main context may use the socket. There are no blocking methods. The
 * socket closes the connection when its last reference is released.
 *
 * Since: 1.0
 */

typedef struct
{
  OaiClient *client;
  OaiRequest *request;       /* the template of the requests; NULL if it could not be built */
  GError *build_error;       /* why, or NULL */
  GType client_event_type;
  GType server_event_type;
  OaiWebSocketState state;

  GMainContext *context;
  OaiOwnerThread *thread;
  OaiExchange *exchange;     /* while connecting */
  OaiCall *call;             /* of the newest handshake */
  char *secret;              /* credentials to redact, one on each line */
  SoupWebsocketConnection *connection;
  OaiFrameInput *input;      /* of the connection, or NULL; borrowed */
  GSource *keepalive_source;
  guint n_quiet;             /* intervals in which nothing has arrived */
  GTask *connect_task;
  GTask *close_task;

  OaiSendQueue queue;
  guint64 last_id;
  gsize in_flight;           /* bytes that libsoup may not have written yet */
  GSource *write_source;     /* until libsoup has written them */
  GPtrArray *unsent;         /* of GBytes, after the end */
  OaiSocketLanes lanes;

  guint max_event_size;
  guint keepalive;
  guint max_reconnects;
  guint reconnect_delay;
  guint max_reconnect_delay;
  guint attempt;             /* of reconnecting; kept until the connection is of use */
  gint64 opened;             /* monotonic time when the connection was opened */
  GSource *reconnect_source;
  char *refusal;             /* why the program refused to reconnect, or NULL */
  guint close_code;          /* of the program or of the server */
  char *close_reason;

  OaiJsonDoc *doc;           /* reused; NULL while an event is handled */
  GString *text;             /* of doc */
} OaiWebSocketPrivate;

enum
{
  PROP_0,
  PROP_CLIENT,
  PROP_STATE,
  PROP_URL,
  PROP_CALL,
  PROP_MAX_QUEUE_SIZE,
  PROP_MAX_EVENT_SIZE,
  PROP_KEEPALIVE_INTERVAL,
  PROP_MAX_RECONNECTS,
  PROP_RECONNECT_DELAY,
  PROP_MAX_RECONNECT_DELAY,
  N_PROPS
};

enum
{
  EVENT,
  RAW,
  ERROR,
  RECONNECTING,
  RECONNECTED,
  CLOSED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_TYPE_WITH_PRIVATE (OaiWebSocket, oai_web_socket, G_TYPE_OBJECT)

static inline OaiWebSocketPrivate *
get_private (OaiWebSocket *self)
{
  return oai_web_socket_get_instance_private (self);
}

static void connect_now (OaiWebSocket *self, GCancellable *cancellable);
static void begin_unrequested (OaiWebSocket *self, const char *lane);
static void flush (OaiWebSocket *self);

static void
set_state (OaiWebSocket *self, OaiWebSocketState state)
{
  OaiWebSocketPrivate *priv = get_private (self);

  if (priv->state == state)
    return;

  priv->state = state;
  oai_emit_notify (self, properties[PROP_STATE]);
}

/* Errors without handlers are logged.  Takes ownership of the error. */
static void
emit_error (OaiWebSocket *self, GError *error)
{
  g_autoptr(GError) owned = error;

  oai_redact_error (owned, get_private (self)->secret);
  if (g_signal_has_handler_pending (self, signals[ERROR], 0, TRUE))
    oai_emit (self, signals[ERROR], 0, owned);
  else
    g_message ("%s: %s", get_private (self)->request->operation, owned->message);
}

static GError *
new_closed_error (void)
{
  return g_error_new_literal (OAI_ERROR, OAI_ERROR_CONNECTION, _("The WebSocket connection is closed"));
}

/* The connection of libsoup */

/* libsoup uses a connection after its signals, so it is released when it is closed.  Takes the
 * connection. */
static void
release_connection (SoupWebsocketConnection *connection)
{
  if (soup_websocket_connection_get_state (connection) != SOUP_WEBSOCKET_STATE_CLOSED)
    g_signal_connect (connection, "closed", G_CALLBACK (g_object_unref), NULL);
  else
    g_object_unref (connection);
}

/* Forgets the connection.  code: to close it with, or 0 if it has ended. */
static void
drop_connection (OaiWebSocket *self, guint code)
{
  OaiWebSocketPrivate *priv = get_private (self);
  SoupWebsocketConnection *connection = g_steal_pointer (&priv->connection);
  OaiContextState state;

  oai_drop_source (&priv->write_source);
  oai_drop_source (&priv->keepalive_source);
  priv->input = NULL;
  priv->in_flight = 0;
  if (connection == NULL)
    return;

  g_signal_handlers_disconnect_matched (connection, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, self);
  state = oai_owner_thread_push_context (priv->thread, priv->context);
  if (code != 0 && soup_websocket_connection_get_state (connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (connection, code, NULL);
  oai_owner_thread_pop_context (priv->context, state);
  release_connection (connection);
}

/* The end */

static void
return_tasks (OaiWebSocketPrivate *priv, const GError *error)
{
  g_autoptr(GTask) connect_task = g_steal_pointer (&priv->connect_task);
  g_autoptr(GTask) close_task = g_steal_pointer (&priv->close_task);

  if (connect_task != NULL)
    g_task_return_error (connect_task, error != NULL ? g_error_copy (error) : new_closed_error ());
  if (close_task != NULL)
    g_task_return_boolean (close_task, TRUE);
}

static void
stop (OaiWebSocket *self)
{
  OaiWebSocketPrivate *priv = get_private (self);

  g_clear_pointer (&priv->exchange, oai_exchange_free);
  oai_drop_source (&priv->reconnect_source);
  drop_connection (self, SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
}

/* Closes the socket permanently.  error: nullable; reported to a task that connects, or as a signal.  Takes
 * ownership of the error. */
static void
end (OaiWebSocket *self, guint code, const char *reason, GError *error)
{
  OaiWebSocketPrivate *priv = get_private (self);
  g_autoptr(OaiWebSocket) held G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr(GError) cause = error;
  g_autofree char *shown = oai_redact (reason != NULL ? reason : "", priv->secret);
  gboolean reported = priv->connect_task != NULL;

  if (priv->state == OAI_WEB_SOCKET_STATE_CLOSED)
    return;

  stop (self);
  oai_redact_error (cause, priv->secret);
  priv->state = OAI_WEB_SOCKET_STATE_CLOSED;
  oai_socket_lanes_fail (&priv->lanes, FALSE, cause);
  priv->unsent = oai_send_queue_drain (&priv->queue);
  return_tasks (priv, cause);
  oai_emit_notify (self, properties[PROP_STATE]);
  if (cause != NULL && !reported)
    emit_error (self, g_error_copy (cause));
  oai_emit (self, signals[CLOSED], 0, code, shown);
}

/* Reconnecting */

static gboolean
is_recoverable (guint code)
{
  static const guint codes[] = { 1001, 1005, 1006, 1011, 1012, 1013, 1015 };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i] == code)
      return TRUE;

  return FALSE;
}

static GError *
new_end_error (guint code, const char *reason)
{
  if (reason != NULL && *reason != '\0')
    /* Translators: %u is the code of the WebSocket protocol, %s is the reason that the server gave. */
    return g_error_new (OAI_ERROR, OAI_ERROR_CONNECTION, _("The WebSocket connection was closed (code %u): %s"), code, reason);

  return g_error_new (OAI_ERROR, OAI_ERROR_CONNECTION, _("The WebSocket connection was closed (code %u)"), code);
}

static gboolean
reconnect_cb (gpointer user_data)
{
  OaiWebSocket *self = user_data;
  g_autoptr(OaiWebSocket) held G_GNUC_UNUSED = g_object_ref (self);

  oai_drop_source (&get_private (self)->reconnect_source);
  connect_now (self, NULL);

  return G_SOURCE_REMOVE;
}

/* The delay doubles with each attempt; a random part of it, up to a quarter, is omitted. */
static void
wait_for_reconnect (OaiWebSocket *self)
{
  OaiWebSocketPrivate *priv = get_private (self);
  double delay = MIN (priv->reconnect_delay * (double) (1u << MIN (priv->attempt - 1, 20)), priv->max_reconnect_delay);

  priv->reconnect_source = g_timeout_source_new (delay * (1 - g_random_double () / 4));
  g_source_set_static_name (priv->reconnect_source, "[oai] reconnect");
  g_source_set_callback (priv->reconnect_source, reconnect_cb, self, NULL);
  g_source_attach (priv->reconnect_source, priv->context);
}

/* failed: the error is reported even if the connection is opened again.  Takes ownership of the error. */
static void
reconnect_or_end (OaiWebSocket *self, guint code, const char *reason, gboolean failed, GError *error)
{
  OaiWebSocketPrivate *priv = get_private (self);
  g_autoptr(GError) cause = error;

  if (priv->attempt >= priv->max_reconnects || !is_recoverable (code))
    {
      end (self, code, reason, g_steal_pointer (&cause));
      return;
    }

  priv->attempt++;
  oai_redact_error (cause, priv->secret);
  g_clear_pointer (&priv->refusal, g_free);
  oai_socket_lanes_fail (&priv->lanes, TRUE, cause);
  set_state (self, OAI_WEB_SOCKET_STATE_RECONNECTING);
  if (failed && priv->state == OAI_WEB_SOCKET_STATE_RECONNECTING)
    emit_error (self, g_error_copy (cause));
  if (priv->state == OAI_WEB_SOCKET_STATE_RECONNECTING)
    oai_emit (self, signals[RECONNECTING], 0, priv->attempt, priv->max_reconnects, code);
  if (priv->state != OAI_WEB_SOCKET_STATE_RECONNECTING)
    return;

  if (priv->refusal != NULL)
    end (self, code, priv->refusal, g_error_new_literal (OAI_ERROR, OAI_ERROR_CONNECTION, priv->refusal));
  else
    wait_for_reconnect (self);
}

/* The connection was lost.  failure: why, if the server did not close it; nullable.  Takes ownership of
 * failure. */
static void
lose (OaiWebSocket *self, guint code, const char *reason, GError *failure)
{
  OaiWebSocketPrivate *priv = get_private (self);
  g_autoptr(OaiWebSocket) held G_GNUC_UNUSED = g_object_ref (self);
  g_autofree char *copy = g_strdup (reason != NULL ? reason : "");
  gboolean failed = failure != NULL;

  drop_connection (self, 0);
  if (g_get_monotonic_time () - priv->opened >= priv->max_reconnect_delay * (gint64) 1000)
    priv->attempt = 0;
  if (priv->state == OAI_WEB_SOCKET_STATE_CLOSING)
    {
      end (self, priv->close_code, priv->close_reason, NULL);
      g_clear_error (&failure);
      return;
    }
  if (failure == NULL && code != SOUP_WEBSOCKET_CLOSE_NORMAL)
    failure = new_end_error (code, copy);
  if (failure == NULL)
    end (self, code, copy, NULL);
  else
    reconnect_or_end (self, code, copy, failed, failure);
}

/* Received messages */

/* Takes the document and its buffer, since a handler may iterate a main loop. */
static OaiJsonDoc *
parse_text (OaiWebSocketPrivate *priv, GBytes *message, GString **text)
{
  gsize length;
  const char *data = g_bytes_get_data (message, &length);
  OaiJsonDoc *doc = priv->doc != NULL ? g_steal_pointer (&priv->doc) : oai_json_doc_new ();

  *text = priv->text != NULL ? g_steal_pointer (&priv->text) : g_string_sized_new (length);
  g_string_truncate (*text, 0);
  g_string_append_len (*text, data, length);
  if (oai_json_doc_parse (doc, (*text)->str, length, OAI_JSON_TOLERANT | OAI_JSON_SIMILAR, NULL) && oai_json_get_type (doc, 0) == OAI_JSON_OBJECT)
    return doc;

  oai_json_doc_unref (doc);

  return NULL;
}

static void
keep_buffers (OaiWebSocketPrivate *priv, OaiJsonDoc *doc, GString *text)
{
  if (doc == NULL || priv->doc != NULL)
    {
      g_clear_pointer (&doc, oai_json_doc_unref);
      g_string_free (text, TRUE);
      return;
    }

  priv->doc = doc;
  priv->text = text;
}

static void
emit_event (OaiWebSocket *self, const char *name, OaiRecord *event)
{
  OaiWebSocketPrivate *priv = get_private (self);

  if (priv->lanes.schema != NULL && priv->lanes.schema->apart_event != NULL && oai_socket_lanes_is_apart (&priv->lanes, name))
    priv->lanes.schema->apart_event (self, name, event);
  oai_emit (self, signals[EVENT], name != NULL ? g_quark_try_string (name) : 0, event);
}

/* A record has a document of its own.  Takes the document. */
static OaiRecord *
new_record (OaiWebSocketPrivate *priv, OaiJsonDoc *doc)
{
  g_autoptr(OaiJsonDoc) owned = doc;

  return oai_record_new_from_doc (priv->server_event_type, owned, 0, priv->client, priv->call);
}

static OaiRecord *
new_record_for_text (OaiWebSocketPrivate *priv, const char *data, gsize length)
{
  return new_record (priv, oai_json_doc_new_copy (data, length, OAI_JSON_TOLERANT, NULL));
}

static void
report_last_event (OaiWebSocket *self, const char *lane, const char *data, gsize length)
{
  OaiWebSocketPrivate *priv = get_private (self);
  g_autoptr(OaiRecord) event = new_record_for_text (priv, data, length);

  priv->lanes.schema->last_event (self, lane, event);
}

static gboolean
has_handlers (OaiWebSocket *self, guint signal)
{
  return g_signal_handler_find (self, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_UNBLOCKED, signals[signal], 0, NULL, NULL, NULL) != 0;
}

static void
handle_event (OaiWebSocket *self, OaiJsonDoc *doc, const char *data, gsize length)
{
  OaiWebSocketPrivate *priv = get_private (self);
  /* A document can be copied only before something is borrowed from it. */
  g_autoptr(OaiRecord) record = has_handlers (self, EVENT) ? new_record (priv, oai_json_doc_dup (doc)) : NULL;
  g_autofree char *name = NULL;
  g_autofree char *lane = NULL;
  g_autofree char *ending = NULL;
  GError *error = NULL;

  name = g_strdup (oai_json_get_string (doc, oai_json_get_member (doc, 0, "type"), NULL));
  if (record == NULL && oai_socket_lanes_is_apart (&priv->lanes, name))
    record = new_record_for_text (priv, data, length);
  if (g_strcmp0 (name, "error") == 0)
    error = oai_error_find_in_event (priv->call, name, doc, 0, priv->secret);
  if (priv->lanes.schema != NULL)
    lane = g_strdup (oai_json_get_string (doc, oai_json_get_member (doc, 0, priv->lanes.schema->lane_member), NULL));
  if (oai_socket_lanes_is_unrequested (&priv->lanes, name, lane))
    begin_unrequested (self, lane);
  ending = oai_socket_lanes_dup_ending (&priv->lanes, name, lane);
  if (ending != NULL && priv->lanes.schema->last_event != NULL)
    report_last_event (self, ending, data, length);
  /* Streams get an event before the signal. */
  oai_socket_lanes_route (&priv->lanes, name, lane, data, length);
  if (record != NULL)
    emit_event (self, name, record);
  if (error != NULL && ending == NULL)
    emit_error (self, error);
  else
    g_clear_error (&error);
}

/* libsoup adds a NUL after the message. */
static void
handle_message (OaiWebSocket *self, gboolean is_text, GBytes *message)
{
  g_autoptr(OaiWebSocket) held G_GNUC_UNUSED = g_object_ref (self);
  OaiWebSocketPrivate *priv = get_private (self);
  OaiJsonDoc *doc = NULL;
  GString *text = NULL;

  priv->attempt = 0;
  if (is_text && !has_handlers (self, EVENT)
      && oai_socket_lanes_pass (&priv->lanes, g_bytes_get_data (message, NULL), g_bytes_get_size (message)))
    return;

  if (is_text)
    doc = parse_text (priv, message, &text);
  if (doc != NULL)
    handle_event (self, doc, g_bytes_get_data (message, NULL), g_bytes_get_size (message));
  else
    oai_emit (self, signals[RAW], 0, message, is_text);
  if (text != NULL)
    keep_buffers (priv, doc, text);
}

/* Replaces the marshaller that libsoup has set for the signal, which calls through libffi and takes 1,500
 * instructions more. */
static void
message_marshal (GClosure *closure, GValue *result, guint n_values, const GValue *values, gpointer hint, gpointer data)
{
  handle_message (closure->data, g_value_get_int (&values[1]) == SOUP_WEBSOCKET_DATA_TEXT, g_value_get_boxed (&values[2]));
}

static void
connect_message (OaiWebSocket *self, SoupWebsocketConnection *connection)
{
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), self);

  g_closure_set_marshal (closure, message_marshal);
  g_signal_connect_closure (connection, "message", closure, FALSE);
}

/* The end of a connection */

/* code: of the WebSocket protocol */
static GError *
new_protocol_error (OaiWebSocketPrivate *priv, guint code)
{
  switch (code)
    {
    case SOUP_WEBSOCKET_CLOSE_TOO_BIG:
      return oai_error_new_event_too_large (priv->max_event_size);
    case SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION:
      return g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent more than %u pings without waiting for the answers"), OAI_FRAME_INPUT_MAX_PINGS);
    default:
      return g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent an invalid WebSocket frame (code %u)"), code);
    }
}

static void
error_cb (SoupWebsocketConnection *connection, GError *cause, OaiWebSocket *self)
{
  gboolean is_protocol = cause->domain == SOUP_WEBSOCKET_ERROR;
  guint code = is_protocol && cause->code >= SOUP_WEBSOCKET_CLOSE_NORMAL ? (guint) cause->code : SOUP_WEBSOCKET_CLOSE_ABNORMAL;
  g_autoptr(GError) error = is_protocol ? new_protocol_error (get_private (self), code) : oai_error_new_for_transport (cause, NULL, NULL);

  lose (self, code, error->message, g_error_copy (error));
}

static void
report_close (OaiWebSocket *self, SoupWebsocketConnection *connection)
{
  guint code = soup_websocket_connection_get_close_code (connection);

  lose (self, code != 0 ? code : SOUP_WEBSOCKET_CLOSE_ABNORMAL, soup_websocket_connection_get_close_data (connection), NULL);
}

/* The server closes the connection: its code is known, and it need not close the socket as well. */
static void
closing_cb (SoupWebsocketConnection *connection, OaiWebSocket *self)
{
  if (get_private (self)->state == OAI_WEB_SOCKET_STATE_OPEN)
    report_close (self, connection);
}

static void
closed_cb (SoupWebsocketConnection *connection, OaiWebSocket *self)
{
  report_close (self, connection);
}

/* Pings */

/* libsoup sends a ping at the same times.  An answer may wait for a message that is still being written. */
static gboolean
keepalive_cb (gpointer user_data)
{
  OaiWebSocket *self = user_data;
  OaiWebSocketPrivate *priv = get_private (self);
  g_autoptr(GError) error = NULL;

  if (oai_frame_input_take_activity (priv->input) || priv->write_source != NULL)
    priv->n_quiet = 0;
  else
    priv->n_quiet++;
  /* No ping was sent before the first interval. */
  if (priv->n_quiet < 2)
    return G_SOURCE_CONTINUE;

  error = g_error_new (OAI_ERROR, OAI_ERROR_CONNECTION, _("The server did not answer a ping within %u s"),
                       soup_websocket_connection_get_keepalive_interval (priv->connection));
  drop_connection (self, SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
  lose (self, SOUP_WEBSOCKET_CLOSE_ABNORMAL, error->message, g_error_copy (error));

  return G_SOURCE_REMOVE;
}

static void
start_keepalive (OaiWebSocket *self)
{
  OaiWebSocketPrivate *priv = get_private (self);
  guint seconds = priv->keepalive / 1000 + (priv->keepalive % 1000 != 0);

  soup_websocket_connection_set_keepalive_interval (priv->connection, seconds);
  if (seconds == 0 || priv->input == NULL)
    return;

  priv->n_quiet = 0;
  priv->keepalive_source = g_timeout_source_new_seconds (seconds);
  g_source_set_static_name (priv->keepalive_source, "[oai] keepalive");
  g_source_set_callback (priv->keepalive_source, keepalive_cb, self, NULL);
  g_source_attach (priv->keepalive_source, priv->context);
}

/* Connecting */

static void
use_connection (OaiWebSocket *self, SoupWebsocketConnection *connection)
{
  OaiWebSocketPrivate *priv = get_private (self);

  priv->input = oai_frame_input_install (connection, priv->max_event_size, priv->context);
  priv->connection = connection;
  soup_websocket_connection_set_max_incoming_payload_size (connection, priv->max_event_size);
  start_keepalive (self);
  connect_message (self, connection);
  g_signal_connect (connection, "error", G_CALLBACK (error_cb), self);
  g_signal_connect (connection, "closing", G_CALLBACK (closing_cb), self);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), self);
}

static void
upgraded_cb (OaiExchange *exchange, SoupWebsocketConnection *connection, gpointer user_data)
{
  OaiWebSocket *self = user_data;
  g_autoptr(OaiWebSocket) held G_GNUC_UNUSED = g_object_ref (self);
  OaiWebSocketPrivate *priv = get_private (self);
  g_autoptr(GTask) task = g_steal_pointer (&priv->connect_task);
  gboolean again = priv->attempt > 0;

  oai_secret_free (priv->secret);
  priv->secret = g_strdup (oai_exchange_get_secret (exchange));
  oai_socket_lanes_set_secret (&priv->lanes, priv->secret);
  g_clear_pointer (&priv->exchange, oai_exchange_free);
  use_connection (self, connection);
  priv->opened = g_get_monotonic_time ();
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
  set_state (self, OAI_WEB_SOCKET_STATE_OPEN);
  if (again && priv->state == OAI_WEB_SOCKET_STATE_OPEN)
    oai_emit (self, signals[RECONNECTED], 0);
  if (priv->state == OAI_WEB_SOCKET_STATE_OPEN)
    flush (self);
}

static void
refused_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  OaiWebSocket *self = user_data;
  g_autoptr(OaiWebSocket) held G_GNUC_UNUSED = g_object_ref (self);
  OaiWebSocketPrivate *priv = get_private (self);
  g_autofree char *reason = g_strdup (error->message);

  g_clear_pointer (&priv->exchange, oai_exchange_free);
  if (priv->attempt > 0)
    reconnect_or_end (self, SOUP_WEBSOCKET_CLOSE_ABNORMAL, reason, FALSE, error);
  else
    end (self, SOUP_WEBSOCKET_CLOSE_ABNORMAL, reason, error);
}

static const OaiExchangeSink sink = { .done = refused_cb, .upgraded = upgraded_cb };

static OaiRequest *
copy_request (const OaiRequest *template)
{
  OaiRequest *request = oai_request_new (template->operation, template->method, g_strdup (template->path));

  request->query = g_strdup (template->query);
  request->beta = template->beta;
  request->options = template->options != NULL ? g_object_ref (template->options) : NULL;
  request->admin = template->admin;
  request->upgrade = TRUE;

  return request;
}

static void
connect_now (OaiWebSocket *self, GCancellable *cancellable)
{
  OaiWebSocketPrivate *priv = get_private (self);
  g_autoptr(OaiWebSocket) held G_GNUC_UNUSED = g_object_ref (self);
  OaiContextState state = oai_owner_thread_push_context (priv->thread, priv->context);

  priv->exchange = oai_exchange_new (priv->client, copy_request (priv->request), TRUE, &sink, self);
  g_set_object (&priv->call, oai_exchange_get_call (priv->exchange));
  if (priv->connect_task != NULL)
    oai_call_attach (priv->call, priv->connect_task);
  oai_exchange_start (priv->exchange, cancellable);
  oai_owner_thread_pop_context (priv->context, state);
  oai_emit_notify (self, properties[PROP_CALL]);
}

/* Returns FALSE with an error if the socket cannot be connected from here. */
static gboolean
check_new (OaiWebSocketPrivate *priv, GError **error)
{
  if (priv->build_error != NULL)
    {
      g_propagate_error (error, g_error_copy (priv->build_error));
      return FALSE;
    }
  if (priv->request == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The socket has no server. Create it with a method of an endpoint"));
      return FALSE;
    }
  if (oai_owner_thread_is_calling ())
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                           _("A WebSocket connection needs a main loop, and cannot be used by blocking calls. Use the asynchronous methods"));
      return FALSE;
    }

  return TRUE;
}

/* Connects for the first time. */
static gboolean
open_socket (OaiWebSocket *self, GCancellable *cancellable, GError **error)
{
  OaiWebSocketPrivate *priv = get_private (self);

  if (priv->state != OAI_WEB_SOCKET_STATE_NEW)
    return TRUE;
  if (!check_new (priv, error))
    return FALSE;

  priv->context = g_main_context_ref_thread_default ();
  priv->thread = oai_owner_thread_ref_current ();
  priv->state = OAI_WEB_SOCKET_STATE_CONNECTING;
  connect_now (self, cancellable);
  oai_emit_notify (self, properties[PROP_STATE]);

  return TRUE;
}

/**
 * oai_web_socket_connect_async:
 * @self: a socket
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the connection is open
 * @user_data: data for @callback
 *
 * Opens the connection, which belongs to the current thread-default main context. Not required:
 * sending opens it as well. Completes at once if the connection is open.
 *
 * The request of the handshake is retried like each other request. A socket that cannot be connected,
 * or whose connection attempt is cancelled, is closed.
 *
 * Since: 1.0
 */
void
oai_web_socket_connect_async (OaiWebSocket *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  OaiWebSocketPrivate *priv;
  g_autoptr(GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (OAI_IS_WEB_SOCKET (self));

  priv = get_private (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_web_socket_connect_async);
  g_task_set_check_cancellable (task, FALSE);
  if (priv->state == OAI_WEB_SOCKET_STATE_OPEN)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (priv->connect_task != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, _("The connection is being opened already"));
      return;
    }
  if (priv->state >= OAI_WEB_SOCKET_STATE_CLOSING)
    {
      g_task_return_error (task, new_closed_error ());
      return;
    }

  g_set_object (&priv->connect_task, task);
  if (priv->exchange != NULL)
    oai_exchange_set_cancellable (priv->exchange, cancellable);
  if (open_socket (self, cancellable, &error))
    return;

  g_clear_object (&priv->connect_task);
  g_task_return_error (task, error);
}

/**
 * oai_web_socket_connect_finish:
 * @self: a socket
 * @result: the result of [method@Oai.WebSocket.connect_async]
 * @error: return location for an error
 *
 * Completes the opening of the connection.
 *
 * Returns: %TRUE if the connection is open
 *
 * Since: 1.0
 */
gboolean
oai_web_socket_connect_finish (OaiWebSocket *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Sending */

static gboolean
send_cb (const OaiSocketMessage *message, gpointer user_data, GError **error)
{
  OaiWebSocketPrivate *priv = get_private (user_data);

  if (priv->connection == NULL || priv->in_flight >= WINDOW
      || soup_websocket_connection_get_state (priv->connection) != SOUP_WEBSOCKET_STATE_OPEN)
    return FALSE;

  priv->in_flight += g_bytes_get_size (message->data);
  soup_websocket_connection_send_message (priv->connection, message->is_text ? SOUP_WEBSOCKET_DATA_TEXT : SOUP_WEBSOCKET_DATA_BINARY, message->data);

  return TRUE;
}

static gboolean
written_cb (GObject *stream, gpointer user_data)
{
  OaiWebSocket *self = user_data;
  OaiWebSocketPrivate *priv = get_private (self);

  oai_drop_source (&priv->write_source);
  priv->in_flight = 0;
  flush (self);

  return G_SOURCE_REMOVE;
}

/* The source of libsoup for the same stream has a higher priority.  So this one is dispatched when the
 * stream is writable and libsoup has nothing left to write. */
static void
watch_writing (OaiWebSocket *self)
{
  OaiWebSocketPrivate *priv = get_private (self);
  GOutputStream *stream = g_io_stream_get_output_stream (soup_websocket_connection_get_io_stream (priv->connection));

  priv->write_source = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (stream), NULL);
  g_source_set_static_name (priv->write_source, "[oai] socket written");
  g_source_set_priority (priv->write_source, G_PRIORITY_DEFAULT + 1);
  g_source_set_callback (priv->write_source, G_SOURCE_FUNC (written_cb), self, NULL);
  g_source_attach (priv->write_source, priv->context);
}

static void
flush (OaiWebSocket *self)
{
  OaiWebSocketPrivate *priv = get_private (self);
  OaiContextState state = oai_owner_thread_push_context (priv->thread, priv->context);

  oai_send_queue_flush (&priv->queue, send_cb, self, NULL);
  oai_owner_thread_pop_context (priv->context, state);
  if (priv->in_flight > 0 && priv->write_source == NULL)
    watch_writing (self);
}

/* Sets id to the number of the message before the connection is opened, whose handlers may close the socket. */
static gboolean
send_message (OaiWebSocket *self, GBytes *data, gboolean is_text, guint64 *id, GError **error)
{
  OaiWebSocketPrivate *priv = get_private (self);
  g_autoptr(OaiWebSocket) held G_GNUC_UNUSED = g_object_ref (self);

  if (priv->state >= OAI_WEB_SOCKET_STATE_CLOSING)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONNECTION, _("The message cannot be sent, because the WebSocket connection is closed"));
      return FALSE;
    }
  if (!oai_send_queue_push (&priv->queue, priv->last_id + 1, data, is_text, error))
    return FALSE;

  *id = ++priv->last_id;
  if (!open_socket (self, NULL, error))
    {
      oai_send_queue_remove (&priv->queue, *id);
      return FALSE;
    }
  if (priv->state == OAI_WEB_SOCKET_STATE_OPEN)
    flush (self);

  return TRUE;
}

/**
 * oai_web_socket_send:
 * @self: a socket
 * @event: an event of the types that the endpoint accepts
 * @error: return location for an error
 *
 * Sends an event. If the connection is not open, the event waits in the queue, and the connection is
 * opened if it was never open.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if the event has the wrong type or lacks a required member,
 * with %OAI_ERROR_FAILED if the queue is full, and with %OAI_ERROR_CONNECTION if the socket is
 * closed.
 *
 * Returns: %TRUE if the event was accepted
 *
 * Since: 1.0
 */
gboolean
oai_web_socket_send (OaiWebSocket *self, OaiRecord *event, GError **error)
{
  OaiWebSocketPrivate *priv;
  g_autoptr(GBytes) data = NULL;
  guint64 id;
  char *json;

  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), FALSE);
  g_return_val_if_fail (OAI_IS_RECORD (event), FALSE);

  priv = get_private (self);
  if (!check_new (priv, error))
    return FALSE;
  if (!g_type_is_a (G_OBJECT_TYPE (event), priv->client_event_type))
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("A record of the type %s cannot be sent. The socket accepts records of the type %s"),
                   G_OBJECT_TYPE_NAME (event), g_type_name (priv->client_event_type));
      return FALSE;
    }
  if (!oai_record_validate (event, error))
    return FALSE;

  json = oai_record_to_json (event);
  data = g_bytes_new_take (json, strlen (json));

  return send_message (self, data, TRUE, &id, error);
}

/**
 * oai_web_socket_send_text:
 * @self: a socket
 * @text: a text, such as JSON
 * @error: return location for an error
 *
 * Sends a text, in the order of the events, as [method@Oai.WebSocket.send] does.
 *
 * Returns: %TRUE if the text was accepted
 *
 * Since: 1.0
 */
gboolean
oai_web_socket_send_text (OaiWebSocket *self, const char *text, GError **error)
{
  g_autoptr(GBytes) data = NULL;
  guint64 id;

  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), FALSE);
  g_return_val_if_fail (text != NULL, FALSE);

  data = g_bytes_new (text, strlen (text));
  if (g_utf8_validate (text, -1, NULL))
    return send_message (self, data, TRUE, &id, error);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The text is not valid UTF-8"));

  return FALSE;
}

/**
 * oai_web_socket_send_bytes:
 * @self: a socket
 * @data: a binary message
 * @error: return location for an error
 *
 * Sends a binary message, in the order of the events, as [method@Oai.WebSocket.send] does.
 *
 * Returns: %TRUE if the message was accepted
 *
 * Since: 1.0
 */
gboolean
oai_web_socket_send_bytes (OaiWebSocket *self, GBytes *data, GError **error)
{
  guint64 id;

  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), FALSE);
  g_return_val_if_fail (data != NULL, FALSE);

  return send_message (self, data, FALSE, &id, error);
}

/**
 * oai_web_socket_dup_unsent_messages:
 * @self: a socket
 *
 * Gets the messages that were not sent when the socket was closed: they were still in the queue.
 * Messages that may have been sent are not among them.
 *
 * Returns: (transfer container) (element-type GLib.Bytes): the messages in their order; empty before
 *   [signal@Oai.WebSocket::closed]
 *
 * Since: 1.0
 */
GPtrArray *
oai_web_socket_dup_unsent_messages (OaiWebSocket *self)
{
  GPtrArray *unsent;
  OaiWebSocketPrivate *priv;

  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), NULL);

  priv = get_private (self);
  unsent = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; priv->unsent != NULL && i < priv->unsent->len; i++)
    g_ptr_array_add (unsent, g_bytes_ref (g_ptr_array_index (priv->unsent, i)));

  return unsent;
}

/* Closing */

/* Messages of the queue are sent before the connection is closed. */
static void
close_connection (OaiWebSocket *self)
{
  OaiWebSocketPrivate *priv = get_private (self);
  OaiContextState state = oai_owner_thread_push_context (priv->thread, priv->context);

  while (priv->queue.messages.length > 0)
    {
      priv->in_flight = 0;
      if (!oai_send_queue_flush (&priv->queue, send_cb, self, NULL) && priv->in_flight == 0)
        break;
    }
  oai_drop_source (&priv->write_source);
  oai_drop_source (&priv->keepalive_source);
  if (soup_websocket_connection_get_state (priv->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (priv->connection, priv->close_code, priv->close_reason);
  oai_owner_thread_pop_context (priv->context, state);
}

/* The program can send 1000 and codes of its own, and 1001. */
static gboolean
can_close_with (guint code)
{
  return code == SOUP_WEBSOCKET_CLOSE_NORMAL || code == SOUP_WEBSOCKET_CLOSE_GOING_AWAY || (code >= 3000 && code <= 4999);
}

/**
 * oai_web_socket_close:
 * @self: a socket
 * @code: the code to send: 1000, 1001, or 3000 to 4999; 0 for 1000
 * @reason: (nullable): the reason to send, truncated to 123 bytes; %NULL for `OK`
 *
 * Closes the connection. Messages in the queue are sent first, if the connection is open. The streams
 * of the socket fail, and [signal@Oai.WebSocket::closed] is emitted when the server has closed the
 * connection as well, at the latest after a few seconds. Does nothing if the socket is closed.
 *
 * Since: 1.0
 */
void
oai_web_socket_close (OaiWebSocket *self, guint code, const char *reason)
{
  OaiWebSocketPrivate *priv;
  g_autoptr(OaiWebSocket) held G_GNUC_UNUSED = NULL;

  g_return_if_fail (OAI_IS_WEB_SOCKET (self));
  g_return_if_fail (code == 0 || can_close_with (code));

  held = g_object_ref (self);
  priv = get_private (self);
  if (priv->state >= OAI_WEB_SOCKET_STATE_CLOSING)
    return;

  priv->close_code = code != 0 ? code : SOUP_WEBSOCKET_CLOSE_NORMAL;
  g_free (priv->close_reason);
  priv->close_reason = g_strdup (reason != NULL ? reason : "OK");
  oai_utf8_truncate (priv->close_reason, MAX_REASON);
  if (priv->state != OAI_WEB_SOCKET_STATE_OPEN)
    {
      end (self, priv->close_code, priv->close_reason, NULL);
      return;
    }

  priv->state = OAI_WEB_SOCKET_STATE_CLOSING;
  close_connection (self);
  oai_socket_lanes_fail (&priv->lanes, FALSE, NULL);
  oai_emit_notify (self, properties[PROP_STATE]);
}

/**
 * oai_web_socket_close_async:
 * @self: a socket
 * @code: the code to send, as for [method@Oai.WebSocket.close]
 * @reason: (nullable): the reason to send, truncated to 123 bytes; %NULL for `OK`
 * @cancellable: (nullable): a cancellable; not used
 * @callback: (scope async): called when the connection is closed
 * @user_data: data for @callback
 *
 * Closes the connection like [method@Oai.WebSocket.close], and completes when it is closed.
 *
 * Since: 1.0
 */
void
oai_web_socket_close_async (OaiWebSocket *self, guint code, const char *reason, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  OaiWebSocketPrivate *priv;
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (OAI_IS_WEB_SOCKET (self));

  priv = get_private (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_web_socket_close_async);
  g_task_set_check_cancellable (task, FALSE);
  if (code != 0 && !can_close_with (code))
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("A program cannot close a WebSocket connection with the code %u"), code);
      return;
    }
  if (priv->close_task != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, _("The connection is being closed already"));
      return;
    }
  if (priv->state == OAI_WEB_SOCKET_STATE_CLOSED)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  g_set_object (&priv->close_task, task);
  oai_web_socket_close (self, code, reason);
}

/**
 * oai_web_socket_close_finish:
 * @self: a socket
 * @result: the result of [method@Oai.WebSocket.close_async]
 * @error: return location for an error
 *
 * Completes the closing of the connection.
 *
 * Returns: %TRUE if the connection is closed
 *
 * Since: 1.0
 */
gboolean
oai_web_socket_close_finish (OaiWebSocket *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_web_socket_refuse_reconnect:
 * @self: a socket
 * @reason: (nullable): why
 *
 * Prevents the socket from opening its connection again. To be called in a handler of
 * [signal@Oai.WebSocket::reconnecting]: the socket is then closed, with the code of the lost connection
 * and @reason.
 *
 * Since: 1.0
 */
void
oai_web_socket_refuse_reconnect (OaiWebSocket *self, const char *reason)
{
  OaiWebSocketPrivate *priv;

  g_return_if_fail (OAI_IS_WEB_SOCKET (self));

  priv = get_private (self);
  g_free (priv->refusal);
  priv->refusal = g_strdup (reason != NULL ? reason : _("The program refused to open the WebSocket connection again"));
}

/* Streams that share the connection */

static void
set_turn_sent (OaiWebSocket *self, OaiSocketTurn *turn)
{
  OaiWebSocketPrivate *priv = get_private (self);
  OaiSettings *settings = oai_client_get_settings (priv->client);
  OaiCallOptions *options = priv->request->options;
  guint timeout = oai_client_get_limit (oai_settings_get_timeout_ms (settings), options != NULL ? oai_call_options_get_timeout_ms (options) : -1);
  guint idle = oai_client_get_limit (oai_settings_get_idle_timeout_ms (settings), options != NULL ? oai_call_options_get_idle_timeout_ms (options) : -1);
  g_autofree char *url = oai_web_socket_dup_url (self);

  turn->limit = oai_settings_get_max_reply_size (settings);
  oai_socket_turn_set_secret (turn, priv->secret);
  oai_socket_turn_set_sent (turn, url, timeout, idle);
}

static void
adapt_message (OaiWebSocket *self, OaiSocketTurn *turn)
{
  const OaiSocketSchema *schema = get_private (self)->lanes.schema;
  char *text = schema->adapt != NULL ? schema->adapt (self, turn->lane, turn->parent.request_body) : NULL;

  if (text == NULL)
    return;

  g_bytes_unref (turn->parent.request_body);
  turn->parent.request_body = g_bytes_new_take (text, strlen (text));
}

static gboolean
send_turn (OaiSocketTurn *turn, gpointer user_data, GError **error)
{
  OaiWebSocket *self = user_data;

  adapt_message (self, turn);
  if (!send_message (self, turn->parent.request_body, TRUE, &turn->id, error))
    return FALSE;

  if (!turn->over)
    set_turn_sent (self, turn);

  return TRUE;
}

static gboolean
is_turn_unsent (OaiSocketTurn *turn, gboolean remove, gpointer user_data)
{
  OaiWebSocketPrivate *priv = get_private (user_data);

  return remove ? oai_send_queue_remove (&priv->queue, turn->id) : oai_send_queue_has (&priv->queue, turn->id);
}

static void
begin_turn (OaiSocketTurn *turn, gpointer owner)
{
  OaiWebSocketPrivate *priv = get_private (owner);
  GError *error = NULL;

  if (priv->context != NULL && priv->context != turn->context)
    {
      if (check_new (priv, &error))
        g_set_error_literal (&error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The WebSocket connection belongs to another main context"));
      oai_socket_turn_fail (turn, error);
    }
  /* What has arrived can be read after the end of the connection. */
  else if (turn->ended)
    set_turn_sent (owner, turn);
  else if (!check_new (priv, &error))
    oai_socket_turn_fail (turn, error);
  else if (priv->state >= OAI_WEB_SOCKET_STATE_CLOSING)
    oai_socket_turn_fail (turn, new_closed_error ());
  else if (!turn->handed)
    oai_socket_lanes_add (&priv->lanes, turn);
  else
    set_turn_sent (owner, turn);
}

static void
leave_turn (OaiSocketTurn *turn, gpointer owner)
{
  oai_socket_lanes_leave (&get_private (owner)->lanes, turn);
}

static char *
explain_turn (OaiSocketTurn *turn, gpointer owner, const GError *error)
{
  OaiWebSocketPrivate *priv = get_private (owner);
  GBytes *body = turn->parent.request_body;
  g_autoptr(OaiJsonDoc) doc = NULL;
  g_autoptr(OaiRecord) event = NULL;

  if (priv->lanes.schema->explain == NULL || body == NULL)
    return NULL;

  doc = oai_json_doc_new_copy (g_bytes_get_data (body, NULL), g_bytes_get_size (body), OAI_JSON_TOLERANT, NULL);
  event = oai_record_new_from_doc (priv->client_event_type, doc, 0, priv->client, priv->call);

  return priv->lanes.schema->explain (event, error);
}

static const OaiSocketTurnFuncs turn_funcs = { begin_turn, leave_turn, explain_turn };

/* The events of the reply are kept until its stream is started. */
static void
begin_unrequested (OaiWebSocket *self, const char *lane)
{
  OaiWebSocketPrivate *priv = get_private (self);
  const OaiSocketSchema *schema = priv->lanes.schema;
  OaiSocketTurn *turn = oai_socket_turn_new (G_OBJECT (self), &turn_funcs, schema->operation, lane, NULL);
  g_autoptr(OaiStream) stream = oai_stream_new (schema->stream_type (), priv->client, &turn->parent, priv->server_event_type, NULL);

  turn->limit = oai_settings_get_max_reply_size (oai_client_get_settings (priv->client));
  oai_socket_turn_set_secret (turn, priv->secret);
  oai_socket_lanes_adopt (&priv->lanes, turn);
  schema->unrequested (self, lane, stream);
  if (G_OBJECT (stream)->ref_count == 1)
    oai_socket_lanes_forget (&priv->lanes, turn);
}

/**
 * oai_web_socket_create_stream: (skip)
 * @self: a socket whose class has a schema
 * @stream_type: the class of the stream
 * @lane: (nullable): the name of the lane, or %NULL for the default lane
 * @json: (nullable): the event that requests the reply, as JSON text
 * @error: (nullable): why there is none
 *
 * Creates a stream of the events that answer a request. The event is sent when the stream is started,
 * and when the earlier requests of its lane have been answered. For socket classes of modules.
 *
 * Returns: (transfer full): the stream, which fails with @error if there is no event
 *
 * Since: 1.0
 */
gpointer
oai_web_socket_create_stream (OaiWebSocket *self, GType stream_type, const char *lane, const char *json, const GError *error)
{
  OaiWebSocketPrivate *priv;
  OaiSocketTurn *turn = NULL;
  g_autoptr(GBytes) message = NULL;

  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), NULL);

  priv = get_private (self);
  if (json != NULL)
    {
      message = g_bytes_new (json, strlen (json));
      turn = oai_socket_turn_new (G_OBJECT (self), &turn_funcs, priv->lanes.schema->operation, lane, message);
    }

  return oai_stream_new (stream_type, priv->client, turn != NULL ? &turn->parent : NULL, priv->server_event_type, turn == NULL ? g_error_copy (error) : NULL);
}

/**
 * oai_web_socket_count_streams: (skip)
 * @self: a socket
 *
 * Counts the streams whose request was sent or waits, and whose last event has not arrived. For socket
 * classes of modules.
 *
 * Returns: the number of streams
 *
 * Since: 1.0
 */
guint
oai_web_socket_count_streams (OaiWebSocket *self)
{
  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), 0);

  return oai_socket_lanes_count (&get_private (self)->lanes);
}

/**
 * oai_web_socket_class_set_schema: (skip)
 * @klass: the class of a socket
 * @schema: how streams share a connection; static
 *
 * Sets the schema of a class. For socket classes of modules.
 *
 * Since: 1.0
 */
void
oai_web_socket_class_set_schema (OaiWebSocketClass *klass, const struct _OaiSocketSchema *schema)
{
  klass->schema = schema;
}

/* Properties */

/**
 * oai_web_socket_get_client:
 * @self: a socket
 *
 * Gets the client whose settings and credentials the socket uses.
 *
 * Returns: (transfer none): the client
 *
 * Since: 1.0
 */
OaiClient *
oai_web_socket_get_client (OaiWebSocket *self)
{
  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), NULL);

  return get_private (self)->client;
}

/**
 * oai_web_socket_get_state:
 * @self: a socket
 *
 * Gets the state of the connection.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
OaiWebSocketState
oai_web_socket_get_state (OaiWebSocket *self)
{
  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), OAI_WEB_SOCKET_STATE_CLOSED);

  return get_private (self)->state;
}

/**
 * oai_web_socket_get_call:
 * @self: a socket
 *
 * Gets the call of the newest handshake: its headers, its request id, and its error.
 *
 * Returns: (nullable) (transfer none): the call, or %NULL before the first handshake
 *
 * Since: 1.0
 */
OaiCall *
oai_web_socket_get_call (OaiWebSocket *self)
{
  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), NULL);

  return get_private (self)->call;
}

/**
 * oai_web_socket_dup_url:
 * @self: a socket
 *
 * Gets the URL of the connection, with the scheme `ws` or `wss`.
 *
 * Returns: (nullable) (transfer full): the URL, or %NULL if the arguments of the endpoint's method
 *   were invalid
 *
 * Since: 1.0
 */
char *
oai_web_socket_dup_url (OaiWebSocket *self)
{
  OaiWebSocketPrivate *priv;
  g_autofree char *url = NULL;

  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), NULL);

  priv = get_private (self);
  if (priv->request == NULL)
    return NULL;

  url = oai_request_url_build (oai_client_get_settings (priv->client), priv->request->path, FALSE, NULL, priv->request->query, NULL);

  return url != NULL ? g_strconcat ("ws", url + strlen ("http"), NULL) : NULL;
}

/**
 * oai_web_socket_set_query_parameter:
 * @self: a socket
 * @name: the name of a parameter
 * @value: its value
 *
 * Sets a parameter of the URL, for the next time that the connection is opened: before the first time,
 * or in a handler of [signal@Oai.WebSocket::reconnecting].
 *
 * Since: 1.0
 */
void
oai_web_socket_set_query_parameter (OaiWebSocket *self, const char *name, const char *value)
{
  OaiWebSocketPrivate *priv;
  g_autofree char *encoded_name = NULL;
  g_autofree char *encoded_value = NULL;
  g_autofree char *pair = NULL;
  g_autofree char *query = NULL;

  g_return_if_fail (OAI_IS_WEB_SOCKET (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (value != NULL);

  priv = get_private (self);
  if (priv->request == NULL)
    return;

  encoded_name = g_uri_escape_string (name, NULL, FALSE);
  encoded_value = g_uri_escape_string (value, NULL, FALSE);
  pair = g_strconcat (encoded_name, "=", encoded_value, NULL);
  query = g_steal_pointer (&priv->request->query);
  priv->request->query = oai_query_merge (query, pair);
  oai_emit_notify (self, properties[PROP_URL]);
}

static void
set_number (OaiWebSocket *self, guint *place, guint value, guint property)
{
  if (*place == value)
    return;

  *place = value;
  oai_emit_notify (self, properties[property]);
}

/**
 * oai_web_socket_get_max_queue_size:
 * @self: a socket
 *
 * Gets the size limit of the queue of messages.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
guint
oai_web_socket_get_max_queue_size (OaiWebSocket *self)
{
  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), 0);

  return get_private (self)->queue.limit;
}

/**
 * oai_web_socket_set_max_queue_size:
 * @self: a socket
 * @bytes: the limit in bytes
 *
 * Sets the size limit of the messages that wait until they can be sent. The default is 1 MiB. A single
 * message may be larger.
 *
 * Since: 1.0
 */
void
oai_web_socket_set_max_queue_size (OaiWebSocket *self, guint bytes)
{
  OaiWebSocketPrivate *priv;

  g_return_if_fail (OAI_IS_WEB_SOCKET (self));

  priv = get_private (self);
  if (priv->queue.limit == bytes)
    return;

  priv->queue.limit = bytes;
  oai_emit_notify (self, properties[PROP_MAX_QUEUE_SIZE]);
}

/**
 * oai_web_socket_get_max_event_size:
 * @self: a socket
 *
 * Gets the size limit of received events.
 *
 * Returns: bytes; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_web_socket_get_max_event_size (OaiWebSocket *self)
{
  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), 0);

  return get_private (self)->max_event_size;
}

/**
 * oai_web_socket_set_max_event_size:
 * @self: a socket
 * @bytes: the limit in bytes; 0 for no limit
 *
 * Sets the size limit of an event that the server sends. A larger one ends the connection. The default is
 * [property@Oai.Settings:max-event-size]. Applies to connections that are opened later.
 *
 * Since: 1.0
 */
void
oai_web_socket_set_max_event_size (OaiWebSocket *self, guint bytes)
{
  g_return_if_fail (OAI_IS_WEB_SOCKET (self));

  set_number (self, &get_private (self)->max_event_size, bytes, PROP_MAX_EVENT_SIZE);
}

/**
 * oai_web_socket_get_keepalive_interval_ms:
 * @self: a socket
 *
 * Gets how often a ping is sent.
 *
 * Returns: milliseconds; 0 for never
 *
 * Since: 1.0
 */
guint
oai_web_socket_get_keepalive_interval_ms (OaiWebSocket *self)
{
  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), 0);

  return get_private (self)->keepalive;
}

/**
 * oai_web_socket_set_keepalive_interval_ms:
 * @self: a socket
 * @interval_ms: milliseconds, rounded up to seconds; 0 for never
 *
 * Sets how often a ping is sent, so that proxies keep an idle connection. The default is 0. Applies to
 * connections that are opened later.
 *
 * If nothing arrives from the server in the interval after a ping, the connection is lost, with
 * %OAI_ERROR_CONNECTION. This is not checked while messages are being written. Without pings, the end of a
 * connection is noticed late if the network loses it silently.
 *
 * Since: 1.0
 */
void
oai_web_socket_set_keepalive_interval_ms (OaiWebSocket *self, guint interval_ms)
{
  g_return_if_fail (OAI_IS_WEB_SOCKET (self));

  set_number (self, &get_private (self)->keepalive, interval_ms, PROP_KEEPALIVE_INTERVAL);
}

/**
 * oai_web_socket_get_max_reconnects:
 * @self: a socket
 *
 * Gets how many times in succession the socket tries to open a lost connection again.
 *
 * Returns: the number of attempts
 *
 * Since: 1.0
 */
guint
oai_web_socket_get_max_reconnects (OaiWebSocket *self)
{
  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), 0);

  return get_private (self)->max_reconnects;
}

/**
 * oai_web_socket_set_max_reconnects:
 * @self: a socket
 * @max_reconnects: the number of attempts; 0 for none
 *
 * Sets how many times in succession the socket tries to open a lost connection again. The default is
 * 0.
 *
 * The attempts are counted from 1 again when a message arrives, or when the connection has been open for
 * [property@Oai.WebSocket:max-reconnect-delay-ms]. So a server that accepts each connection and closes it is
 * not tried again without end.
 *
 * Since: 1.0
 */
void
oai_web_socket_set_max_reconnects (OaiWebSocket *self, guint max_reconnects)
{
  g_return_if_fail (OAI_IS_WEB_SOCKET (self));

  set_number (self, &get_private (self)->max_reconnects, max_reconnects, PROP_MAX_RECONNECTS);
}

/**
 * oai_web_socket_get_reconnect_delay_ms:
 * @self: a socket
 *
 * Gets the delay before the first attempt to open a lost connection again.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
guint
oai_web_socket_get_reconnect_delay_ms (OaiWebSocket *self)
{
  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), 0);

  return get_private (self)->reconnect_delay;
}

/**
 * oai_web_socket_set_reconnect_delay_ms:
 * @self: a socket
 * @delay_ms: milliseconds
 *
 * Sets the delay before the first attempt to open a lost connection again. It doubles with each further
 * attempt, up to [property@Oai.WebSocket:max-reconnect-delay-ms]. A random part of it, up to a quarter,
 * is omitted. The default is 500.
 *
 * Since: 1.0
 */
void
oai_web_socket_set_reconnect_delay_ms (OaiWebSocket *self, guint delay_ms)
{
  g_return_if_fail (OAI_IS_WEB_SOCKET (self));

  set_number (self, &get_private (self)->reconnect_delay, delay_ms, PROP_RECONNECT_DELAY);
}

/**
 * oai_web_socket_get_max_reconnect_delay_ms:
 * @self: a socket
 *
 * Gets the longest delay before an attempt to open a lost connection again.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
guint
oai_web_socket_get_max_reconnect_delay_ms (OaiWebSocket *self)
{
  g_return_val_if_fail (OAI_IS_WEB_SOCKET (self), 0);

  return get_private (self)->max_reconnect_delay;
}

/**
 * oai_web_socket_set_max_reconnect_delay_ms:
 * @self: a socket
 * @delay_ms: milliseconds
 *
 * Sets the longest delay before an attempt to open a lost connection again. The default is 8000.
 *
 * Since: 1.0
 */
void
oai_web_socket_set_max_reconnect_delay_ms (OaiWebSocket *self, guint delay_ms)
{
  g_return_if_fail (OAI_IS_WEB_SOCKET (self));

  set_number (self, &get_private (self)->max_reconnect_delay, delay_ms, PROP_MAX_RECONNECT_DELAY);
}

/* The object */

static void
oai_web_socket_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiWebSocket *self = OAI_WEB_SOCKET (object);
  OaiWebSocketPrivate *priv = get_private (self);

  switch (prop_id)
    {
    case PROP_CLIENT:
      g_value_set_object (value, priv->client);
      break;
    case PROP_STATE:
      g_value_set_enum (value, priv->state);
      break;
    case PROP_URL:
      g_value_take_string (value, oai_web_socket_dup_url (self));
      break;
    case PROP_CALL:
      g_value_set_object (value, priv->call);
      break;
    case PROP_MAX_QUEUE_SIZE:
      g_value_set_uint (value, priv->queue.limit);
      break;
    case PROP_MAX_EVENT_SIZE:
      g_value_set_uint (value, priv->max_event_size);
      break;
    case PROP_KEEPALIVE_INTERVAL:
      g_value_set_uint (value, priv->keepalive);
      break;
    case PROP_MAX_RECONNECTS:
      g_value_set_uint (value, priv->max_reconnects);
      break;
    case PROP_RECONNECT_DELAY:
      g_value_set_uint (value, priv->reconnect_delay);
      break;
    case PROP_MAX_RECONNECT_DELAY:
      g_value_set_uint (value, priv->max_reconnect_delay);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_web_socket_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  OaiWebSocket *self = OAI_WEB_SOCKET (object);

  switch (prop_id)
    {
    case PROP_MAX_QUEUE_SIZE:
      oai_web_socket_set_max_queue_size (self, g_value_get_uint (value));
      break;
    case PROP_MAX_EVENT_SIZE:
      oai_web_socket_set_max_event_size (self, g_value_get_uint (value));
      break;
    case PROP_KEEPALIVE_INTERVAL:
      oai_web_socket_set_keepalive_interval_ms (self, g_value_get_uint (value));
      break;
    case PROP_MAX_RECONNECTS:
      oai_web_socket_set_max_reconnects (self, g_value_get_uint (value));
      break;
    case PROP_RECONNECT_DELAY:
      oai_web_socket_set_reconnect_delay_ms (self, g_value_get_uint (value));
      break;
    case PROP_MAX_RECONNECT_DELAY:
      oai_web_socket_set_max_reconnect_delay_ms (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_web_socket_dispose (GObject *object)
{
  OaiWebSocket *self = OAI_WEB_SOCKET (object);
  OaiWebSocketPrivate *priv = get_private (self);

  if (priv->state != OAI_WEB_SOCKET_STATE_CLOSED && priv->connection != NULL)
    drop_connection (self, SOUP_WEBSOCKET_CLOSE_NORMAL);
  stop (self);
  priv->state = OAI_WEB_SOCKET_STATE_CLOSED;
  oai_socket_lanes_fail (&priv->lanes, FALSE, NULL);
  return_tasks (priv, NULL);

  G_OBJECT_CLASS (oai_web_socket_parent_class)->dispose (object);
}

static void
oai_web_socket_finalize (GObject *object)
{
  OaiWebSocketPrivate *priv = get_private (OAI_WEB_SOCKET (object));

  oai_socket_lanes_clear (&priv->lanes);
  oai_send_queue_clear (&priv->queue);
  g_clear_pointer (&priv->unsent, g_ptr_array_unref);
  g_clear_pointer (&priv->request, oai_request_free);
  g_clear_error (&priv->build_error);
  g_clear_object (&priv->call);
  g_clear_object (&priv->client);
  g_clear_pointer (&priv->secret, oai_secret_free);
  g_clear_pointer (&priv->thread, oai_owner_thread_unref);
  g_clear_pointer (&priv->context, g_main_context_unref);
  g_free (priv->refusal);
  g_free (priv->close_reason);
  g_clear_pointer (&priv->doc, oai_json_doc_unref);
  if (priv->text != NULL)
    g_string_free (priv->text, TRUE);

  G_OBJECT_CLASS (oai_web_socket_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags writable = readable | G_PARAM_WRITABLE;

  /**
   * OaiWebSocket:client: (getter get_client)
   *
   * The client whose settings and credentials the socket uses.
   *
   * Since: 1.0
   */
  properties[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, OAI_TYPE_CLIENT, readable);
  /**
   * OaiWebSocket:state: (getter get_state)
   *
   * The state of the connection.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, OAI_TYPE_WEB_SOCKET_STATE, OAI_WEB_SOCKET_STATE_NEW, readable);
  /**
   * OaiWebSocket:url:
   *
   * The URL of the connection, with the scheme `ws` or `wss`.
   *
   * Since: 1.0
   */
  properties[PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, readable);
  /**
   * OaiWebSocket:call: (getter get_call)
   *
   * The call of the newest handshake, or %NULL before the first one.
   *
   * Since: 1.0
   */
  properties[PROP_CALL] = g_param_spec_object ("call", NULL, NULL, OAI_TYPE_CALL, readable);
  /**
   * OaiWebSocket:max-queue-size: (getter get_max_queue_size) (setter set_max_queue_size)
   *
   * The size limit in bytes of the messages that wait until they can be sent. A single message may be
   * larger.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_QUEUE_SIZE] = g_param_spec_uint ("max-queue-size", NULL, NULL, 0, G_MAXUINT, DEFAULT_QUEUE_SIZE, writable);
  /**
   * OaiWebSocket:max-event-size: (getter get_max_event_size) (setter set_max_event_size)
   *
   * The size limit in bytes of a received event; 0 for no limit.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_EVENT_SIZE] = g_param_spec_uint ("max-event-size", NULL, NULL, 0, G_MAXUINT, 0, writable);
  /**
   * OaiWebSocket:keepalive-interval-ms: (getter get_keepalive_interval_ms) (setter set_keepalive_interval_ms)
   *
   * How often a ping is sent, in milliseconds, rounded up to seconds; 0 for never.
   *
   * Since: 1.0
   */
  properties[PROP_KEEPALIVE_INTERVAL] = g_param_spec_uint ("keepalive-interval-ms", NULL, NULL, 0, G_MAXUINT, 0, writable);
  /**
   * OaiWebSocket:max-reconnects: (getter get_max_reconnects) (setter set_max_reconnects)
   *
   * How many times in succession the socket tries to open a lost connection again.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_RECONNECTS] = g_param_spec_uint ("max-reconnects", NULL, NULL, 0, G_MAXUINT, 0, writable);
  /**
   * OaiWebSocket:reconnect-delay-ms: (getter get_reconnect_delay_ms) (setter set_reconnect_delay_ms)
   *
   * The delay in milliseconds before the first attempt to open a lost connection again.
   *
   * Since: 1.0
   */
  properties[PROP_RECONNECT_DELAY] = g_param_spec_uint ("reconnect-delay-ms", NULL, NULL, 0, G_MAXUINT, DEFAULT_RECONNECT_DELAY, writable);
  /**
   * OaiWebSocket:max-reconnect-delay-ms: (getter get_max_reconnect_delay_ms) (setter set_max_reconnect_delay_ms)
   *
   * The longest delay in milliseconds before an attempt to open a lost connection again.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_RECONNECT_DELAY] = g_param_spec_uint ("max-reconnect-delay-ms", NULL, NULL, 0, G_MAXUINT, DEFAULT_MAX_RECONNECT_DELAY, writable);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
install_signals (OaiWebSocketClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  /**
   * OaiWebSocket::event:
   * @self: the socket
   * @event: the event
   *
   * Emitted for each event of the server, also for those of unknown types. The detail is the type of
   * the event.
   *
   * Since: 1.0
   */
  signals[EVENT] = g_signal_new ("event", type, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_TYPE_RECORD);
  /**
   * OaiWebSocket::raw:
   * @self: the socket
   * @data: the contents of the frame
   * @is_text: whether it is a text frame
   *
   * Emitted for binary frames, and for text frames that are not JSON objects.
   *
   * Since: 1.0
   */
  signals[RAW] = g_signal_new ("raw", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_BYTES, G_TYPE_BOOLEAN);
  /**
   * OaiWebSocket::error:
   * @self: the socket
   * @error: the error
   *
   * Emitted for each event that reports an error and belongs to no stream, and when the connection fails,
   * also if it will be opened again. If there is no handler, the error is logged.
   *
   * Since: 1.0
   */
  signals[ERROR] = g_signal_new ("error", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  /**
   * OaiWebSocket::reconnecting:
   * @self: the socket
   * @attempt: the number of the attempt, from 1
   * @max_attempts: the number of attempts
   * @code: the code with which the connection was closed; 1006 if it was lost
   *
   * Emitted before each attempt to open a lost connection again. A handler can call
   * [method@Oai.WebSocket.set_query_parameter] or [method@Oai.WebSocket.refuse_reconnect].
   *
   * Since: 1.0
   */
  signals[RECONNECTING] = g_signal_new ("reconnecting", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_UINT, G_TYPE_UINT);
  /**
   * OaiWebSocket::reconnected:
   * @self: the socket
   *
   * Emitted when a lost connection is open again, before the messages of the queue are sent.
   *
   * Since: 1.0
   */
  signals[RECONNECTED] = g_signal_new ("reconnected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * OaiWebSocket::closed:
   * @self: the socket
   * @code: the code with which the connection was closed; 1006 if it was lost
   * @reason: the reason; may be empty
   *
   * Emitted once, when the socket is closed permanently. [method@Oai.WebSocket.dup_unsent_messages] returns the
   * messages that were not sent.
   *
   * Since: 1.0
   */
  signals[CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_STRING);
}

/* In init, the class is that of the parent type. */
static void
oai_web_socket_constructed (GObject *object)
{
  OaiWebSocket *self = OAI_WEB_SOCKET (object);

  G_OBJECT_CLASS (oai_web_socket_parent_class)->constructed (object);
  oai_socket_lanes_init (&get_private (self)->lanes, OAI_WEB_SOCKET_GET_CLASS (self)->schema, send_turn, is_turn_unsent, self);
}

static void
oai_web_socket_class_init (OaiWebSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = oai_web_socket_constructed;
  object_class->dispose = oai_web_socket_dispose;
  object_class->finalize = oai_web_socket_finalize;
  object_class->get_property = oai_web_socket_get_property;
  object_class->set_property = oai_web_socket_set_property;
  install_properties (object_class);
  install_signals (klass);
}

static void
oai_web_socket_init (OaiWebSocket *self)
{
  OaiWebSocketPrivate *priv = get_private (self);

  oai_send_queue_init (&priv->queue, DEFAULT_QUEUE_SIZE);
  priv->reconnect_delay = DEFAULT_RECONNECT_DELAY;
  priv->max_reconnect_delay = DEFAULT_MAX_RECONNECT_DELAY;
}

OaiWebSocket *
oai_web_socket_new (GType type, OaiClient *client, OaiRequest *request, GType client_event_type, GType server_event_type, GError *error)
{
  OaiWebSocket *self = g_object_new (type, NULL);
  OaiWebSocketPrivate *priv = get_private (self);

  priv->client = g_object_ref (client);
  priv->request = request;
  priv->client_event_type = client_event_type;
  priv->server_event_type = server_event_type;
  priv->build_error = error;
  priv->max_event_size = oai_settings_get_max_event_size (oai_client_get_settings (client));

  return self;
}
