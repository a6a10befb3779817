/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mock-server-private.h"
#include "oai-mock-socket-private.h"

/**
 * OaiMockServer:
 *
 * A local service for tests, which implements OpenAI's API.
 *
 * It listens on 127.0.0.1 only, and sends the same replies to the same requests. It stores created objects and records all
 * requests until [method@OaiMock.Server.reset]. A test can queue replies with [method@OaiMock.Server.push_reply]. If the
 * environment variable `OAI_OPENAPI_JSON` names the API's OpenAPI document, each request is validated with it. A request
 * that violates the document gets the status 400, and is counted.
 *
 * Replies depend only on the request and on the stored objects. Words in the message of the user select what a chat
 * completion or a response contains: "tool" calls the first tool, "tools" all of them, "refuse" leads to a refusal.
 * A response also knows "comment" for a commentary before the answer, "fail" for a failed response, and "crash" for an
 * error of the server.
 *
 * Responses are also sent over WebSocket, at `/responses`. Every message of a client is recorded as a request with the
 * method `WEBSOCKET`.
 *
 * Since: 1.0
 */

enum {
  PROP_API_KEY = 1,
  PROP_BASE_URL,
  PROP_CHUNK_SIZE,
  PROP_DELTA_DELAY,
  PROP_ORGANIZATION,
  N_PROPS,
};

enum {
  REQUEST,
  ABORTED,
  N_SIGNALS,
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OaiMockServer, oai_mock_server, G_TYPE_OBJECT)

static void
oai_mock_server_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiMockServer *self = OAI_MOCK_SERVER (object);
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  switch (id)
    {
    case PROP_API_KEY:
      g_value_set_string (value, self->api_key);
      break;
    case PROP_BASE_URL:
      g_value_set_string (value, self->base_url);
      break;
    case PROP_CHUNK_SIZE:
      g_value_set_uint (value, self->service.chunk_size);
      break;
    case PROP_DELTA_DELAY:
      g_value_set_uint (value, self->service.delta_delay);
      break;
    case PROP_ORGANIZATION:
      g_value_set_string (value, self->organization);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_mock_server_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OaiMockServer *self = OAI_MOCK_SERVER (object);
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  switch (id)
    {
    case PROP_API_KEY:
      g_free (self->api_key);
      self->api_key = g_value_dup_string (value);
      break;
    case PROP_CHUNK_SIZE:
      self->service.chunk_size = g_value_get_uint (value);
      break;
    case PROP_DELTA_DELAY:
      self->service.delta_delay = g_value_get_uint (value);
      break;
    case PROP_ORGANIZATION:
      g_free (self->organization);
      self->organization = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_mock_server_dispose (GObject *object)
{
  oai_mock_server_stop (OAI_MOCK_SERVER (object));

  G_OBJECT_CLASS (oai_mock_server_parent_class)->dispose (object);
}

static void
oai_mock_server_finalize (GObject *object)
{
  OaiMockServer *self = OAI_MOCK_SERVER (object);

  g_clear_pointer (&self->script, _oai_mock_script_free);
  g_clear_pointer (&self->store, _oai_mock_store_free);
  g_clear_pointer (&self->requests, g_ptr_array_unref);
  g_clear_pointer (&self->sockets, g_ptr_array_unref);
  g_clear_pointer (&self->service.allowed, g_hash_table_unref);
  g_clear_pointer (&self->service.violations, g_ptr_array_unref);
  g_clear_pointer (&self->service.reply_violations, g_ptr_array_unref);
  g_clear_pointer (&self->owner, g_main_context_unref);
  g_free (self->api_key);
  g_free (self->organization);
  g_free (self->base_url);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (oai_mock_server_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  /**
   * OaiMockServer:api-key:
   *
   * The key that requests must contain, in `Authorization: Bearer` or `api-key`; %NULL for any key or none.
   *
   * Since: 1.0
   */
  props[PROP_API_KEY] = g_param_spec_string ("api-key", NULL, NULL, NULL, flags);
  /**
   * OaiMockServer:base-url:
   *
   * The base URL of the running service.
   *
   * Since: 1.0
   */
  props[PROP_BASE_URL] = g_param_spec_string ("base-url", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * OaiMockServer:chunk-size:
   *
   * The number of bytes that a stream sends at once; 0 to send each event separately.
   *
   * Since: 1.0
   */
  props[PROP_CHUNK_SIZE] = g_param_spec_uint ("chunk-size", NULL, NULL, 0, G_MAXINT, 0, flags);
  /**
   * OaiMockServer:delta-delay:
   *
   * The delay before each chunk of a stream, in milliseconds.
   *
   * Since: 1.0
   */
  props[PROP_DELTA_DELAY] = g_param_spec_uint ("delta-delay", NULL, NULL, 0, G_MAXINT, 0, flags);
  /**
   * OaiMockServer:organization:
   *
   * The value of the header `openai-organization` in replies.
   *
   * Since: 1.0
   */
  props[PROP_ORGANIZATION] = g_param_spec_string ("organization", NULL, NULL, "org-mock", flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
oai_mock_server_class_init (OaiMockServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oai_mock_server_get_property;
  object_class->set_property = oai_mock_server_set_property;
  object_class->dispose = oai_mock_server_dispose;
  object_class->finalize = oai_mock_server_finalize;
  install_properties (object_class);

  /**
   * OaiMockServer::request:
   * @self: the service
   * @request: the request
   *
   * Emitted when a request and its body have arrived.
   *
   * Since: 1.0
   */
  signals[REQUEST] = g_signal_new ("request", OAI_MOCK_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_MOCK_TYPE_REQUEST);
  /**
   * OaiMockServer::aborted:
   * @self: the service
   * @request: the request
   *
   * Emitted when the client closed the connection before the end of the reply.
   *
   * Since: 1.0
   */
  signals[ABORTED] = g_signal_new ("aborted", OAI_MOCK_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_MOCK_TYPE_REQUEST);
}

static void
oai_mock_server_init (OaiMockServer *self)
{
  g_mutex_init (&self->lock);
  self->owner = g_main_context_ref_thread_default ();
  self->script = _oai_mock_script_new ();
  self->store = _oai_mock_store_new ();
  self->requests = g_ptr_array_new_with_free_func (g_object_unref);
  self->sockets = g_ptr_array_new_with_free_func ((GDestroyNotify) _oai_mock_socket_free);
  self->organization = g_strdup ("org-mock");
  self->schema = _oai_mock_schema_get_default ();
  self->service.schema = self->schema;
  self->service.allowed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->service.violations = g_ptr_array_new_with_free_func (g_free);
  self->service.reply_violations = g_ptr_array_new_with_free_func (g_free);
}

/**
 * oai_mock_server_new:
 *
 * Creates a service, which is not started.
 *
 * Returns: (transfer full): the service
 * Since: 1.0
 */
OaiMockServer *
oai_mock_server_new (void)
{
  return g_object_new (OAI_MOCK_TYPE_SERVER, NULL);
}

/* Emits a signal in the thread that created the service, even if the service runs in another thread. */
typedef struct {
  OaiMockServer *server;
  OaiMockRequest *request;
  guint signal;
} Emission;

static gboolean
emit (gpointer data)
{
  Emission *emission = data;

  g_signal_emit (emission->server, emission->signal, 0, emission->request);
  return G_SOURCE_REMOVE;
}

static void
emission_free (gpointer data)
{
  Emission *emission = data;

  g_object_unref (emission->server);
  g_object_unref (emission->request);
  g_free (emission);
}

static void
queue_signal (OaiMockServer *self, guint signal, OaiMockRequest *request)
{
  Emission *emission;
  g_autoptr (GSource) source = NULL;

  if (!g_signal_has_handler_pending (self, signal, 0, FALSE))
    return;
  emission = g_new0 (Emission, 1);
  emission->server = g_object_ref (self);
  emission->request = g_object_ref (request);
  emission->signal = signal;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, emit, emission, emission_free);
  g_source_attach (source, self->owner);
}

static void
on_played (gpointer data, OaiMockRequest *request, gboolean aborted)
{
  OaiMockServer *self = data;

  if (!aborted)
    return;
  g_mutex_lock (&self->lock);
  self->n_aborted++;
  g_mutex_unlock (&self->lock);
  queue_signal (self, signals[ABORTED], request);
}

static guint
number_connection (OaiMockServer *self, SoupServerMessage *message)
{
  static GQuark quark;
  GObject *socket = G_OBJECT (soup_server_message_get_socket (message));
  guint number;

  if (quark == 0)
    quark = g_quark_from_static_string ("oai-mock-connection");
  number = GPOINTER_TO_UINT (g_object_get_qdata (socket, quark));
  if (number == 0)
    {
      self->n_connections++;
      number = ++self->connection_serial;
      g_object_set_qdata (socket, quark, GUINT_TO_POINTER (number));
    }

  return number;
}

static OaiMockReply *
answer (OaiMockServer *self, OaiMockRequest *request)
{
  const char *path = oai_mock_request_get_path (request);
  const char *below = _oai_mock_service_strip_base (path, NULL);
  g_autoptr (OaiMockReply) scripted = _oai_mock_script_take (self->script, oai_mock_request_get_method (request), below != NULL ? below : path);
  OaiMockReply *reply;

  if (scripted != NULL && !scripted->pass)
    return g_steal_pointer (&scripted);
  reply = _oai_mock_service_answer (&self->service, self, self->store, request);
  if (scripted != NULL)
    _oai_mock_reply_lay_over (reply, scripted);

  return reply;
}

void
_oai_mock_server_record (OaiMockServer *self, OaiMockRequest *request)
{
  g_ptr_array_add (self->requests, g_object_ref (request));
  self->service.n_requests++;
  queue_signal (self, signals[REQUEST], request);
}

static OaiMockRequest *
record_message (OaiMockServer *self, SoupServerMessage *message)
{
  OaiMockRequest *request = _oai_mock_request_new (message, number_connection (self, message));

  _oai_mock_server_record (self, request);
  self->service.organization = self->organization;
  self->service.api_key = self->api_key;
  _oai_mock_service_add_headers (&self->service, soup_server_message_get_response_headers (message));

  return request;
}

/* SoupServer opens a WebSocket connection for a request that has no status yet, so every other request gets one. */
static void
play (OaiMockServer *self, SoupServerMessage *message, OaiMockRequest *request, OaiMockReply *reply)
{
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  _oai_mock_player_play (message, request, reply, self->context, on_played, self);
}

typedef struct {
  OaiMockRequest *request;
  OaiMockReply *fault;
} Handshake;

static void
handshake_free (gpointer data)
{
  Handshake *handshake = data;

  g_clear_object (&handshake->request);
  g_clear_object (&handshake->fault);
  g_free (handshake);
}

static void
on_handshake (OaiMockServer *self, SoupServerMessage *message)
{
  Handshake *handshake = g_new0 (Handshake, 1);
  const char *below;
  OaiMockReply *problem;

  g_object_set_data_full (G_OBJECT (message), "oai-mock-handshake", handshake, handshake_free);
  g_mutex_lock (&self->lock);
  handshake->request = record_message (self, message);
  below = _oai_mock_service_strip_base (oai_mock_request_get_path (handshake->request), NULL);
  handshake->fault = _oai_mock_script_take (self->script, "GET", below != NULL ? below : "");
  if (handshake->fault != NULL && !handshake->fault->pass)
    problem = g_object_ref (handshake->fault);
  else
    problem = _oai_mock_service_check_handshake (&self->service, handshake->request);
  g_mutex_unlock (&self->lock);
  if (problem == NULL)
    return;
  play (self, message, handshake->request, problem);
  g_object_unref (problem);
}

static void
on_socket (SoupServer *server, SoupServerMessage *message, const char *path, SoupWebsocketConnection *connection, gpointer data)
{
  OaiMockServer *self = data;
  Handshake *handshake = g_object_get_data (G_OBJECT (message), "oai-mock-handshake");

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->sockets, _oai_mock_socket_new (self, connection, message, handshake->request, handshake->fault));
  g_mutex_unlock (&self->lock);
}

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  OaiMockServer *self = data;
  g_autoptr (OaiMockRequest) request = NULL;
  g_autoptr (OaiMockReply) reply = NULL;

  if (soup_message_headers_header_equals (soup_server_message_get_request_headers (message), "Upgrade", "websocket"))
    {
      on_handshake (self, message);
      return;
    }
  g_mutex_lock (&self->lock);
  request = record_message (self, message);
  reply = answer (self, request);
  g_mutex_unlock (&self->lock);
  play (self, message, request, reply);
}

/* Creates the socket here, since SoupServer leaks the address of each socket that it creates. */
static GSocket *
make_socket (guint *port, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;

  if (socket == NULL || !g_socket_bind (socket, any, TRUE, error) || !g_socket_listen (socket, error))
    return NULL;
  address = g_socket_get_local_address (socket, error);
  if (address == NULL)
    return NULL;
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));

  return g_steal_pointer (&socket);
}

static gboolean
listen_here (OaiMockServer *self, GError **error)
{
  g_autoptr (SoupServer) server = soup_server_new ("raw-paths", TRUE, NULL);
  g_autoptr (GSocket) socket = make_socket (&self->port, error);

  soup_server_add_handler (server, NULL, on_request, self, NULL);
  soup_server_add_websocket_handler (server, NULL, NULL, NULL, on_socket, self, NULL);
  if (socket == NULL || !soup_server_listen_socket (server, socket, 0, error))
    return FALSE;

  g_free (self->base_url);
  self->base_url = g_strdup_printf ("http://127.0.0.1:%u/v1", self->port);
  self->context = g_main_context_ref_thread_default ();
  self->server = g_steal_pointer (&server);

  return TRUE;
}

static void
stop_here (OaiMockServer *self)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_set_size (self->sockets, 0);
  g_mutex_unlock (&self->lock);
  if (self->server != NULL)
    soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  g_clear_pointer (&self->context, g_main_context_unref);
}

/**
 * oai_mock_server_start:
 * @self: the service
 * @error: return location for an error
 *
 * Starts the service on a free port in the thread-default main context of the caller. The service cannot reply to
 * calls that block this thread; see [method@OaiMock.Server.start_in_thread].
 *
 * Returns: whether it was started
 * Since: 1.0
 */
gboolean
oai_mock_server_start (OaiMockServer *self, GError **error)
{
  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), FALSE);
  g_return_val_if_fail (self->server == NULL, FALSE);

  return listen_here (self, error);
}

typedef struct {
  OaiMockServer *server;
  GMutex lock;
  GCond ready;
  gboolean done;
  GError *error;
} Launch;

static void
tell_launched (Launch *launch)
{
  g_mutex_lock (&launch->lock);
  launch->done = TRUE;
  g_cond_signal (&launch->ready);
  g_mutex_unlock (&launch->lock);
}

static gpointer
run_thread (gpointer data)
{
  Launch *launch = data;
  OaiMockServer *self = launch->server;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  gboolean listening;

  g_main_context_push_thread_default (context);
  self->loop = loop;
  listening = listen_here (self, &launch->error);
  tell_launched (launch);
  if (listening)
    g_main_loop_run (loop);
  stop_here (self);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);

  return NULL;
}

/**
 * oai_mock_server_start_in_thread:
 * @self: the service
 * @error: return location for an error
 *
 * Starts the service on a free port in a separate thread, so that it can reply to calls that block the caller's thread.
 * The signals are emitted in the main context in which the service was created.
 *
 * Returns: whether it was started
 * Since: 1.0
 */
gboolean
oai_mock_server_start_in_thread (OaiMockServer *self, GError **error)
{
  Launch launch = { .server = self };

  g_return_val_if_fail (OAI_MOCK_IS_SERVER (self), FALSE);
  g_return_val_if_fail (self->server == NULL && self->thread == NULL, FALSE);

  g_mutex_init (&launch.lock);
  g_cond_init (&launch.ready);
  self->thread = g_thread_new ("oai-mock", run_thread, &launch);
  g_mutex_lock (&launch.lock);
  while (!launch.done)
    g_cond_wait (&launch.ready, &launch.lock);
  g_mutex_unlock (&launch.lock);
  g_mutex_clear (&launch.lock);
  g_cond_clear (&launch.ready);
  if (launch.error == NULL)
    return TRUE;

  g_thread_join (g_steal_pointer (&self->thread));
  g_propagate_error (error, launch.error);
  return FALSE;
}

static gboolean
quit_loop (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

/**
 * oai_mock_server_stop:
 * @self: the service
 *
 * Closes all connections, and stops listening. Recorded requests can still be read.
 *
 * Since: 1.0
 */
void
oai_mock_server_stop (OaiMockServer *self)
{
  g_return_if_fail (OAI_MOCK_IS_SERVER (self));

  if (self->thread != NULL)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      g_source_set_callback (source, quit_loop, self->loop, NULL);
      g_source_attach (source, self->context);
      g_thread_join (g_steal_pointer (&self->thread));
      self->loop = NULL;
    }
  else
    stop_here (self);
}

/**
 * oai_mock_server_reset:
 * @self: the service
 *
 * Removes all created objects, queued replies, requests, counters and violations.
 *
 * Since: 1.0
 */
void
oai_mock_server_reset (OaiMockServer *self)
{
  g_return_if_fail (OAI_MOCK_IS_SERVER (self));

  g_mutex_lock (&self->lock);
  _oai_mock_script_clear (self->script);
  _oai_mock_store_free (self->store);
  self->store = _oai_mock_store_new ();
  g_ptr_array_set_size (self->requests, 0);
  g_ptr_array_set_size (self->service.violations, 0);
  g_ptr_array_set_size (self->service.reply_violations, 0);
  self->service.n_requests = 0;
  self->n_connections = 0;
  self->n_aborted = 0;
  g_mutex_unlock (&self->lock);
}
