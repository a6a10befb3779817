/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-server-private.h"

#include "oai-api-path-private.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-proxy-refusal-private.h"
#include "oai-proxy-sockets-private.h"
#include "oai-redis-settings-private.h"
#include "oai-source-private.h"
#include "oai-transaction-private.h"

#include <string.h>

/* For reading what was used before the start, while requests with limits wait. */
#define RESTORE_TIMEOUT_MS 10000
/* The largest file of the API. */
#define DEFAULT_MAX_BODY_SIZE (G_GUINT64_CONSTANT (512) * 1024 * 1024)
/* How often the metrics of the usage log are updated. */
#define LOG_INTERVAL_MS 500
/* Connections for the metrics; more wait. */
#define MAX_METRICS_CONNECTIONS 64

/**
 * OaiProxyServer:
 *
 * A server that forwards requests to the API with its own credentials, so that the programs of users never have the key.
 *
 * It accepts what clients of the API send: below `/v1`, or below the base path of the server that it forwards to. Replies
 * and events are passed on as they arrive. Authenticators decide who a client is, or a handler of
 * [signal@Oai.ProxyServer::authenticate]. Without either, no request is accepted, unless
 * [property@Oai.ProxyServer:allow-anonymous] is set.
 *
 * ```c
 * g_autoptr(OaiProxyServer) server = oai_proxy_server_new (client);
 *
 * g_signal_connect (server, "authenticate", G_CALLBACK (authenticate_cb), users);
 * if (!oai_proxy_server_listen (server, "127.0.0.1:8080", NULL, &error))
 *   return FALSE;
 * ```
 *
 * Everything runs in the main context that was the thread-default one when the server was created.
 *
 * Since: 1.0
 */
struct _OaiProxyServer
{
  GObject parent_instance;

  OaiProxyContext context;
  OaiProxyUpstream *first; /* of the client that new() received, or NULL */
  OaiProxyListener *listener;
  OaiHttpSettings http_settings;
  OaiProxyListener *metrics_listener;
  OaiMetrics *metrics;
  GSource *log_timer;       /* while the usage log has records that are not written */
  OaiAccessLog *access_log; /* borrowed, or NULL */
  OaiUsageLog *usage_log;   /* or NULL */
  GQueue connections; /* of Connection */
  guint n_requests;
  GTask *shutdown;    /* waits for the end of the last connection, and then for the usage log */
  GSource *deadline;  /* of the shutdown, until the last connection has ended */
  gboolean flushing;  /* the shutdown writes the usage records */
  guint n_flushes;    /* logs whose records are being written, with those that are no longer used */
  GError *flush_error; /* of the shutdown */
};

/* A connection of a client.  It has a reference count, since handlers of signals may close it while it is used. */
typedef struct
{
  OaiProxyServer *server; /* NULL after the end */
  GList link;
  OaiHttpConnection *connection;
  OaiProxyPeer peer;
  OaiTransaction *transaction; /* the request that is being processed, or NULL */
} Connection;

G_DEFINE_FINAL_TYPE (OaiProxyServer, oai_proxy_server, G_TYPE_OBJECT)

enum
{
  PROP_CLIENT = 1,
  PROP_ROUTE_PREFIX,
  PROP_ALLOW_ANONYMOUS,
  PROP_DEFAULT_LIMITS,
  PROP_PRICES,
  PROP_MAX_BODY_SIZE,
  PROP_N_CONNECTIONS,
  PROP_N_REQUESTS,
  N_PROPS
};

enum
{
  AUTHENTICATE,
  FINISHED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

/* Connections */

static void flush_log (OaiProxyServer *self);

static void
complete_shutdown (OaiProxyServer *self)
{
  g_autoptr(GTask) task = NULL;

  if (self->shutdown == NULL || self->connections.length > 0)
    return;
  if (!self->flushing)
    {
      self->flushing = TRUE;
      oai_drop_source (&self->deadline);
      flush_log (self);
    }
  if (self->n_flushes > 0)
    return;

  self->flushing = FALSE;
  task = g_steal_pointer (&self->shutdown);
  if (self->flush_error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->flush_error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiProxyServer) self = user_data;
  g_autoptr(GError) error = NULL;

  self->n_flushes--;
  if (!oai_usage_log_flush_finish (OAI_USAGE_LOG (source), result, &error))
    {
      if (self->flushing && self->flush_error == NULL)
        self->flush_error = g_steal_pointer (&error);
      else
        g_warning ("%s", error->message);
    }
  complete_shutdown (self);
}

/* Writes the records of the log, which may be replaced meanwhile. */
static void
flush_log (OaiProxyServer *self)
{
  if (self->usage_log == NULL || oai_usage_log_get_n_queued (self->usage_log) == 0)
    return;

  self->n_flushes++;
  oai_usage_log_flush_async (self->usage_log, NULL, flushed_cb, g_object_ref (self));
}

/* Another process may read them at any time. */
static void
update_gauges (OaiProxyServer *self)
{
  oai_metrics_set (self->metrics, OAI_METRICS_CONNECTIONS, self->connections.length);
  oai_metrics_set (self->metrics, OAI_METRICS_REQUESTS, self->n_requests);
}

static void
end_transaction (OaiProxyServer *self, Connection *connection, gboolean replied)
{
  g_autoptr(OaiProxyServer) held = NULL;

  if (connection->transaction == NULL)
    return;

  held = g_object_ref (self);
  oai_transaction_free (g_steal_pointer (&connection->transaction), replied);
  self->n_requests--;
  update_gauges (self);
  oai_emit_notify (self, props[PROP_N_REQUESTS]);
}

static void
free_connection (Connection *connection)
{
  g_autoptr(OaiProxyServer) server = g_steal_pointer (&connection->server);

  g_queue_unlink (&server->connections, &connection->link);
  update_gauges (server);
  end_transaction (server, connection, FALSE);
  g_clear_pointer (&connection->connection, oai_http_connection_unref);
  g_clear_object (&connection->peer.address);
  g_clear_object (&connection->peer.certificate);
  g_clear_object (&connection->peer.credentials);
  g_rc_box_release (connection);
  oai_emit_notify (server, props[PROP_N_CONNECTIONS]);
  complete_shutdown (server);
}

static void
request_cb (OaiHttpConnection *http, OaiHttpHead *head, gpointer user_data)
{
  Connection *connection = g_rc_box_acquire (user_data);
  OaiProxyServer *self = connection->server;

  self->n_requests++;
  update_gauges (self);
  connection->transaction = oai_transaction_new (&self->context, http, head, &connection->peer, connection);
  oai_emit_notify (self, props[PROP_N_REQUESTS]);
  if (connection->transaction != NULL)
    oai_transaction_start (connection->transaction);
  g_rc_box_release (connection);
}

static void
readable_cb (OaiHttpConnection *http, gpointer user_data)
{
  Connection *connection = user_data;

  if (connection->transaction != NULL)
    oai_transaction_readable (connection->transaction);
}

static void
writable_cb (OaiHttpConnection *http, gpointer user_data)
{
  Connection *connection = user_data;

  if (connection->transaction != NULL)
    oai_transaction_writable (connection->transaction);
}

static void
refused_cb (OaiHttpConnection *http, guint status, const char *code, const char *message, gpointer user_data)
{
  OaiProxyRefusal refusal = { status, "invalid_request_error", code, message };
  g_autoptr(OaiHttpFields) fields = oai_http_fields_new ();
  g_autoptr(GBytes) body = oai_proxy_refusal_to_json (&refusal, NULL);
  char id[OAI_PROXY_REQUEST_ID_SIZE];

  oai_proxy_request_create_id (id);
  oai_http_fields_append (fields, "Content-Type", "application/json");
  oai_http_fields_append (fields, "X-Request-Id", id);
  oai_http_connection_send_reply (http, status, fields, body);
}

static void
replied_cb (OaiHttpConnection *http, gpointer user_data)
{
  Connection *connection = user_data;

  end_transaction (connection->server, connection, TRUE);
}

static void
closed_cb (OaiHttpConnection *http, const GError *error, gpointer user_data)
{
  free_connection (user_data);
}

static const OaiHttpConnectionFuncs connection_funcs = {
  .request = request_cb,
  .readable = readable_cb,
  .writable = writable_cb,
  .refused = refused_cb,
  .replied = replied_cb,
  .closed = closed_cb,
};

/* Requests for the metrics */

static void
update_log_metrics (OaiProxyServer *self)
{
  oai_metrics_set (self->metrics, OAI_METRICS_LOG_QUEUED, self->usage_log != NULL ? oai_usage_log_get_n_queued (self->usage_log) : 0);
  if (self->usage_log != NULL)
    oai_metrics_set_log_lost (self->metrics, oai_usage_log_get_n_lost (self->usage_log));
}

static gboolean
log_timer_cb (gpointer user_data)
{
  OaiProxyServer *self = user_data;

  update_log_metrics (self);
  if (self->usage_log != NULL && oai_usage_log_get_n_queued (self->usage_log) > 0)
    return G_SOURCE_CONTINUE;

  oai_drop_source (&self->log_timer);
  return G_SOURCE_REMOVE;
}

/* A thread writes the records. */
static void
watch_log (OaiProxyServer *self)
{
  if (self->log_timer != NULL)
    return;

  self->log_timer = g_timeout_source_new (LOG_INTERVAL_MS);
  g_source_set_static_name (self->log_timer, "[oai] usage log");
  g_source_set_callback (self->log_timer, log_timer_cb, self, NULL);
  g_source_attach (self->log_timer, g_main_context_get_thread_default ());
}

static void
metrics_request_cb (OaiHttpConnection *http, OaiHttpHead *head, gpointer user_data)
{
  Connection *connection = user_data;
  OaiProxyServer *self = connection->server;
  gboolean is_metrics = strcmp (head->path, "/metrics") == 0;
  g_autoptr(OaiHttpFields) fields = oai_http_fields_new ();
  g_autoptr(GBytes) body = NULL;

  if (!is_metrics && !oai_api_path_is_health (head->path, ""))
    {
      refused_cb (http, 404, "not_found", "There are only /metrics and /health at this address", user_data);
      return;
    }

  update_log_metrics (self);
  body = is_metrics ? oai_metrics_to_text (self->metrics) : g_bytes_new_static ("OK", 2);
  oai_http_fields_append (fields, "Content-Type", is_metrics ? OAI_METRICS_CONTENT_TYPE : "text/plain");
  oai_http_connection_send_reply (http, 200, fields, body);
}

static const OaiHttpConnectionFuncs metrics_funcs = {
  .request = metrics_request_cb,
  .refused = refused_cb,
  .closed = closed_cb,
};

static void
add_connection (OaiProxyServer *self, GIOStream *stream, const OaiProxyPeer *peer, const OaiHttpConnectionFuncs *funcs)
{
  Connection *connection = g_rc_box_new0 (Connection);

  connection->server = g_object_ref (self);
  connection->link.data = connection;
  g_set_object (&connection->peer.address, peer->address);
  g_set_object (&connection->peer.certificate, peer->certificate);
  g_set_object (&connection->peer.credentials, peer->credentials);
  g_queue_push_tail_link (&self->connections, &connection->link);
  update_gauges (self);
  connection->connection = oai_http_connection_new (stream, &self->http_settings, funcs, connection);
  g_rc_box_acquire (connection);
  oai_emit_notify (self, props[PROP_N_CONNECTIONS]);
  if (connection->server != NULL)
    oai_http_connection_start (connection->connection);
  g_rc_box_release (connection);
}

static void
accepted_cb (OaiProxyListener *listener, GIOStream *stream, const OaiProxyPeer *peer, gpointer user_data)
{
  add_connection (user_data, stream, peer, &connection_funcs);
}

static void
metrics_accepted_cb (OaiProxyListener *listener, GIOStream *stream, const OaiProxyPeer *peer, gpointer user_data)
{
  add_connection (user_data, stream, peer, &metrics_funcs);
}

/* Functions of the context */

static gboolean
authenticate_cb (OaiProxyRequest *request, gpointer user_data)
{
  OaiProxyServer *self = user_data;
  gboolean handled = FALSE;

  if (g_signal_has_handler_pending (self, signals[AUTHENTICATE], 0, FALSE))
    oai_emit (self, signals[AUTHENTICATE], 0, request, &handled);

  return handled;
}

static void
released_cb (gpointer owner)
{
  free_connection (owner);
}

static void
finished_cb (const OaiProxyReportData *data, gpointer user_data)
{
  OaiProxyServer *self = user_data;

  oai_metrics_add_report (self->metrics, data);
  if (self->access_log != NULL)
    oai_access_log_add (self->access_log, data);
  if (self->usage_log != NULL)
    {
      oai_usage_log_add (self->usage_log, data);
      watch_log (self);
    }
  if (g_signal_has_handler_pending (self, signals[FINISHED], 0, FALSE))
    {
      g_autoptr(OaiProxyReport) report = oai_proxy_report_new (data);

      oai_emit (self, signals[FINISHED], 0, report);
    }
}

/* The object */

static void
oai_proxy_server_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiProxyServer *self = OAI_PROXY_SERVER (object);

  switch (id)
    {
    case PROP_CLIENT:
      g_value_set_object (value, self->first != NULL ? oai_proxy_upstream_get_client (self->first) : NULL);
      break;
    case PROP_ROUTE_PREFIX:
      g_value_set_string (value, self->context.route_prefix);
      break;
    case PROP_ALLOW_ANONYMOUS:
      g_value_set_boolean (value, self->context.anonymous != NULL);
      break;
    case PROP_DEFAULT_LIMITS:
      g_value_set_object (value, self->context.default_limits);
      break;
    case PROP_PRICES:
      g_value_set_object (value, self->context.prices);
      break;
    case PROP_MAX_BODY_SIZE:
      g_value_set_uint64 (value, self->context.max_body_size);
      break;
    case PROP_N_CONNECTIONS:
      g_value_set_uint (value, self->connections.length);
      break;
    case PROP_N_REQUESTS:
      g_value_set_uint (value, self->n_requests);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_proxy_server_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OaiProxyServer *self = OAI_PROXY_SERVER (object);

  switch (id)
    {
    case PROP_CLIENT:
      if (g_value_get_object (value) != NULL)
        {
          self->first = oai_proxy_upstream_new ("default", g_value_get_object (value));
          oai_router_add (self->context.router, self->first);
        }
      break;
    case PROP_DEFAULT_LIMITS:
      oai_proxy_server_set_default_limits (self, g_value_get_object (value));
      break;
    case PROP_PRICES:
      oai_proxy_server_set_prices (self, g_value_get_object (value));
      break;
    case PROP_MAX_BODY_SIZE:
      oai_proxy_server_set_max_body_size (self, g_value_get_uint64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_proxy_server_finalize (GObject *object)
{
  OaiProxyServer *self = OAI_PROXY_SERVER (object);

  g_clear_pointer (&self->listener, oai_proxy_listener_free);
  g_clear_pointer (&self->metrics_listener, oai_proxy_listener_free);
  oai_metrics_free (self->metrics);
  oai_drop_source (&self->log_timer);
  g_clear_object (&self->usage_log);
  g_clear_error (&self->flush_error);
  oai_drop_source (&self->deadline);
  g_clear_object (&self->first);
  oai_model_list_free (self->context.models);
  oai_router_unref (self->context.router);
  oai_proxy_limiter_unref (self->context.limiter);
  g_clear_object (&self->context.prices);
  g_clear_object (&self->context.default_limits);
  g_clear_object (&self->context.anonymous);
  g_ptr_array_unref (self->context.authenticators);
  g_free (self->context.route_prefix);
  g_free (self->context.spool_directory);
  oai_upstream_pool_free (self->context.forwarding.pool);
  g_byte_array_unref (self->context.forwarding.buffer);

  G_OBJECT_CLASS (oai_proxy_server_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * OaiProxyServer:client:
   *
   * The client whose settings and credentials are used for the requests to the API, or %NULL if upstreams are added
   * instead.
   *
   * Since: 1.0
   */
  props[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, OAI_TYPE_CLIENT, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiProxyServer:route-prefix: (getter get_route_prefix)
   *
   * A path below which the API is offered, such as `/ai`; empty for none.
   *
   * Since: 1.0
   */
  props[PROP_ROUTE_PREFIX] = g_param_spec_string ("route-prefix", NULL, NULL, "", readable);
  /**
   * OaiProxyServer:allow-anonymous: (getter get_allow_anonymous)
   *
   * Whether clients without credentials are accepted, as the identity `anonymous`. The server then listens only at
   * addresses that other machines cannot reach.
   *
   * Since: 1.0
   */
  props[PROP_ALLOW_ANONYMOUS] = g_param_spec_boolean ("allow-anonymous", NULL, NULL, FALSE, readable);
  /**
   * OaiProxyServer:default-limits: (getter get_default_limits) (setter set_default_limits)
   *
   * The limits of identities that have none, or %NULL.
   *
   * Since: 1.0
   */
  props[PROP_DEFAULT_LIMITS] = g_param_spec_object ("default-limits", NULL, NULL, OAI_TYPE_PROXY_LIMITS, flags);
  /**
   * OaiProxyServer:prices: (getter get_prices) (setter set_prices)
   *
   * The prices from which costs are computed, or %NULL.
   *
   * Since: 1.0
   */
  props[PROP_PRICES] = g_param_spec_object ("prices", NULL, NULL, OAI_TYPE_PRICE_TABLE, flags);
  /**
   * OaiProxyServer:max-body-size: (getter get_max_body_size) (setter set_max_body_size)
   *
   * The largest body of a request in bytes; 0 for no limit. The limit of an identity can be lower.
   *
   * Since: 1.0
   */
  props[PROP_MAX_BODY_SIZE] = g_param_spec_uint64 ("max-body-size", NULL, NULL, 0, G_MAXUINT64, DEFAULT_MAX_BODY_SIZE, flags);
  /**
   * OaiProxyServer:n-connections: (getter get_n_connections)
   *
   * The number of open connections.
   *
   * Since: 1.0
   */
  props[PROP_N_CONNECTIONS] = g_param_spec_uint ("n-connections", NULL, NULL, 0, G_MAXUINT, 0, readable);
  /**
   * OaiProxyServer:n-requests: (getter get_n_requests)
   *
   * The number of requests whose replies are not complete.
   *
   * Since: 1.0
   */
  props[PROP_N_REQUESTS] = g_param_spec_uint ("n-requests", NULL, NULL, 0, G_MAXUINT, 0, readable);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
oai_proxy_server_class_init (OaiProxyServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oai_proxy_server_get_property;
  object_class->set_property = oai_proxy_server_set_property;
  object_class->finalize = oai_proxy_server_finalize;
  install_properties (object_class);

  /**
   * OaiProxyServer::authenticate:
   * @self: the server
   * @request: a request
   *
   * Emitted for a request whose credentials no authenticator knows.
   *
   * A handler that decides who the client is returns %TRUE, and calls [method@Oai.ProxyRequest.accept] or
   * [method@Oai.ProxyRequest.refuse], at once or later. The first handler that returns %TRUE is the last one that
   * is called.
   *
   * Returns: whether the handler answers the request
   *
   * Since: 1.0
   */
  signals[AUTHENTICATE] = g_signal_new ("authenticate", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        g_signal_accumulator_true_handled, NULL, NULL,
                                        G_TYPE_BOOLEAN, 1, OAI_TYPE_PROXY_REQUEST);
  /**
   * OaiProxyServer::finished:
   * @self: the server
   * @report: what the request used, and how it ended
   *
   * Emitted when a request has ended, also if it was refused or its client went away. Requests that are not valid HTTP are
   * not reported.
   *
   * Since: 1.0
   */
  signals[FINISHED] = g_signal_new ("finished", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, OAI_TYPE_PROXY_REPORT);
}

static void
oai_proxy_server_init (OaiProxyServer *self)
{
  static const OaiProxyListenerSettings listener_settings = OAI_PROXY_LISTENER_DEFAULTS;
  OaiProxyListenerSettings metrics_settings = OAI_PROXY_LISTENER_DEFAULTS;

  metrics_settings.max_connections = MAX_METRICS_CONNECTIONS;
  self->context.router = oai_router_new ();
  self->context.models = oai_model_list_new (self->context.router);
  self->context.limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, NULL);
  self->context.authenticators = g_ptr_array_new_with_free_func (g_object_unref);
  self->context.route_prefix = g_strdup ("");
  self->context.max_body_size = DEFAULT_MAX_BODY_SIZE;
  self->context.forwarding.pool = oai_upstream_pool_new (NULL);
  self->context.forwarding.buffer = g_byte_array_new ();
  self->context.authenticate = authenticate_cb;
  self->context.released = released_cb;
  self->context.finished = finished_cb;
  self->context.user_data = self;
  self->listener = oai_proxy_listener_new (&listener_settings, accepted_cb, self);
  self->metrics_listener = oai_proxy_listener_new (&metrics_settings, metrics_accepted_cb, self);
  self->metrics = self->context.metrics = oai_metrics_new ();
}

OaiProxyListener *
oai_proxy_server_get_listener (OaiProxyServer *self)
{
  return self->listener;
}

void
oai_proxy_server_set_http_settings (OaiProxyServer *self, const OaiHttpSettings *settings)
{
  self->http_settings = *settings;
}

static void
history_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiProxyLimiter) limiter = user_data;
  g_autoptr(GError) error = NULL;
  OaiLimitHistory *history = oai_usage_log_load_history_finish (OAI_USAGE_LOG (source), result, &error);

  if (error != NULL)
    /* Translators: %s says why. */
    g_warning (_("What was used before the start cannot be read, so limits of days and months begin at zero: %s"), error->message);
  else if (oai_limit_history_get_n_ignored (history) > 0)
    g_warning ("%s", _("The usage records contain too many identities. Limits of days and months do not include all of what was used before the start."));
  oai_proxy_limiter_end_restore (limiter, history);
}

/* Counters in memory begin with what the records contain. */
static void
restore_limits (OaiProxyServer *self)
{
  OaiProxyLimiter *limiter = self->context.limiter;

  if (self->usage_log != NULL && oai_proxy_limiter_begin_restore (limiter, RESTORE_TIMEOUT_MS))
    oai_usage_log_load_history_async (self->usage_log, g_get_real_time () / 1000, history_cb, oai_proxy_limiter_ref (limiter));
}

void
oai_proxy_server_set_limiter (OaiProxyServer *self, OaiProxyLimiter *limiter)
{
  oai_proxy_limiter_unref (self->context.limiter);
  self->context.limiter = limiter;
  restore_limits (self);
}

OaiMetrics *
oai_proxy_server_get_metrics (OaiProxyServer *self)
{
  return self->metrics;
}

void
oai_proxy_server_set_metrics (OaiProxyServer *self, OaiMetrics *metrics)
{
  oai_metrics_free (self->metrics);
  self->metrics = self->context.metrics = metrics;
}

OaiProxyListener *
oai_proxy_server_get_metrics_listener (OaiProxyServer *self)
{
  return self->metrics_listener;
}

void
oai_proxy_server_set_access_log (OaiProxyServer *self, OaiAccessLog *log)
{
  self->access_log = log;
}

void
oai_proxy_server_set_usage_log (OaiProxyServer *self, OaiUsageLog *log)
{
  if (self->usage_log == log)
    return;

  update_log_metrics (self);
  flush_log (self);
  g_set_object (&self->usage_log, log);
  oai_metrics_begin_log (self->metrics);
  update_log_metrics (self);
  restore_limits (self);
}

void
oai_proxy_server_set_spool_directory (OaiProxyServer *self, const char *directory)
{
  g_free (self->context.spool_directory);
  self->context.spool_directory = g_strdup (directory);
}

/**
 * oai_proxy_server_new:
 * @client: (nullable): the client for the requests to the API, or %NULL if [method@Oai.ProxyServer.add_upstream] is
 *   called later
 *
 * Creates a server, which does not listen yet.
 *
 * Returns: (transfer full): a new server
 *
 * Since: 1.0
 */
OaiProxyServer *
oai_proxy_server_new (OaiClient *client)
{
  g_return_val_if_fail (client == NULL || OAI_IS_CLIENT (client), NULL);

  return g_object_new (OAI_TYPE_PROXY_SERVER, "client", client, NULL);
}

/**
 * oai_proxy_server_add_upstream:
 * @self: the server
 * @upstream: a server to forward requests to
 *
 * Adds a server that requests are forwarded to, by their model.
 *
 * Since: 1.0
 */
void
oai_proxy_server_add_upstream (OaiProxyServer *self, OaiProxyUpstream *upstream)
{
  g_return_if_fail (OAI_IS_PROXY_SERVER (self));
  g_return_if_fail (OAI_IS_PROXY_UPSTREAM (upstream));

  oai_router_add (self->context.router, upstream);
  oai_model_list_forget (self->context.models);
}

/**
 * oai_proxy_server_remove_upstream:
 * @self: the server
 * @upstream: a server that was added
 *
 * Removes a server. Requests that were forwarded to it continue.
 *
 * Returns: %TRUE if it was there
 *
 * Since: 1.0
 */
gboolean
oai_proxy_server_remove_upstream (OaiProxyServer *self, OaiProxyUpstream *upstream)
{
  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), FALSE);
  g_return_val_if_fail (OAI_IS_PROXY_UPSTREAM (upstream), FALSE);

  oai_model_list_forget (self->context.models);

  return oai_router_remove (self->context.router, upstream);
}

/**
 * oai_proxy_server_add_authenticator:
 * @self: the server
 * @authenticator: an authenticator
 *
 * Adds an authenticator. The first one that knows the credentials of a request decides.
 *
 * Since: 1.0
 */
void
oai_proxy_server_add_authenticator (OaiProxyServer *self, OaiProxyAuthenticator *authenticator)
{
  g_return_if_fail (OAI_IS_PROXY_SERVER (self));
  g_return_if_fail (OAI_IS_PROXY_AUTHENTICATOR (authenticator));

  g_ptr_array_add (self->context.authenticators, g_object_ref (authenticator));
}

/**
 * oai_proxy_server_remove_authenticator:
 * @self: the server
 * @authenticator: an authenticator that was added
 *
 * Removes an authenticator, for later requests.
 *
 * Returns: %TRUE if it was there
 *
 * Since: 1.0
 */
gboolean
oai_proxy_server_remove_authenticator (OaiProxyServer *self, OaiProxyAuthenticator *authenticator)
{
  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), FALSE);
  g_return_val_if_fail (OAI_IS_PROXY_AUTHENTICATOR (authenticator), FALSE);

  return g_ptr_array_remove (self->context.authenticators, authenticator);
}

/**
 * oai_proxy_server_get_route_prefix:
 * @self: the server
 *
 * Gets the path below which the API is offered.
 *
 * Returns: the path, such as `/ai`; empty for none
 *
 * Since: 1.0
 */
const char *
oai_proxy_server_get_route_prefix (OaiProxyServer *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), NULL);

  return self->context.route_prefix;
}

/**
 * oai_proxy_server_set_route_prefix:
 * @self: the server
 * @prefix: (nullable): a path, such as `/ai`; empty or %NULL for none
 * @error: return location for an error
 *
 * Sets the path below which the API is offered: with `/ai`, clients send their requests to `/ai/v1`.
 *
 * Returns: %TRUE, or %FALSE with %OAI_ERROR_INVALID_ARGUMENT if it is not a path
 *
 * Since: 1.0
 */
gboolean
oai_proxy_server_set_route_prefix (OaiProxyServer *self, const char *prefix, GError **error)
{
  char *normal;

  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), FALSE);

  normal = oai_api_path_normalize_prefix (prefix);
  if (normal == NULL)
    {
      /* Translators: %s is what the program or the user has entered. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is not a path. Use one like “/ai”, without special characters."), prefix);
      return FALSE;
    }

  g_free (self->context.route_prefix);
  self->context.route_prefix = normal;
  oai_emit_notify (self, props[PROP_ROUTE_PREFIX]);

  return TRUE;
}

/* Whether all sockets are local; address: the first one that is not. */
static gboolean
listens_locally (OaiProxyServer *self, char **address)
{
  g_autoptr(GPtrArray) addresses = oai_proxy_listener_list_addresses (self->listener);

  for (guint i = 0; i < addresses->len; i++)
    if (!oai_proxy_address_is_local (addresses->pdata[i]))
      {
        *address = oai_proxy_address_to_string (addresses->pdata[i]);
        return FALSE;
      }

  return TRUE;
}

static gboolean
check_anonymous (OaiProxyServer *self, GSocketAddress *address, GError **error)
{
  g_autofree char *shown = NULL;

  if (self->context.anonymous == NULL || oai_proxy_address_is_local (address))
    return TRUE;

  shown = oai_proxy_address_to_string (address);
  /* Translators: %s is an address with a port. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
               _("Without authentication, the proxy cannot listen at “%s”, which other machines can reach. Use 127.0.0.1, or add an authenticator."), shown);
  return FALSE;
}

/**
 * oai_proxy_server_get_allow_anonymous:
 * @self: the server
 *
 * Gets whether clients without credentials are accepted.
 *
 * Returns: whether they are
 *
 * Since: 1.0
 */
gboolean
oai_proxy_server_get_allow_anonymous (OaiProxyServer *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), FALSE);

  return self->context.anonymous != NULL;
}

/**
 * oai_proxy_server_set_allow_anonymous:
 * @self: the server
 * @allow: whether clients without credentials are accepted
 * @error: return location for an error
 *
 * Sets whether clients without credentials are accepted, as the identity `anonymous`; see
 * [property@Oai.ProxyServer:allow-anonymous]. Clients of other machines whose connections are open already still need them.
 *
 * Returns: %TRUE, or %FALSE with %OAI_ERROR_INVALID_ARGUMENT if the server listens at an address that other machines
 *   can reach
 *
 * Since: 1.0
 */
gboolean
oai_proxy_server_set_allow_anonymous (OaiProxyServer *self, gboolean allow, GError **error)
{
  g_autofree char *address = NULL;

  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), FALSE);

  if (allow && !listens_locally (self, &address))
    {
      /* Translators: %s is an address with a port. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                   _("The proxy listens at “%s”, which other machines can reach, so it requires authentication. Listen at 127.0.0.1 only."), address);
      return FALSE;
    }
  if (allow == (self->context.anonymous != NULL))
    return TRUE;

  g_clear_object (&self->context.anonymous);
  if (allow)
    self->context.anonymous = oai_proxy_identity_new ("anonymous", NULL);
  oai_emit_notify (self, props[PROP_ALLOW_ANONYMOUS]);

  return TRUE;
}

/**
 * oai_proxy_server_get_default_limits:
 * @self: the server
 *
 * Gets the limits of identities that have none.
 *
 * Returns: (transfer none) (nullable): the limits, or %NULL
 *
 * Since: 1.0
 */
OaiProxyLimits *
oai_proxy_server_get_default_limits (OaiProxyServer *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), NULL);

  return self->context.default_limits;
}

/**
 * oai_proxy_server_set_default_limits:
 * @self: the server
 * @limits: (nullable): the limits, or %NULL
 *
 * Sets the limits of identities that have none.
 *
 * Since: 1.0
 */
void
oai_proxy_server_set_default_limits (OaiProxyServer *self, OaiProxyLimits *limits)
{
  g_return_if_fail (OAI_IS_PROXY_SERVER (self));
  g_return_if_fail (limits == NULL || OAI_IS_PROXY_LIMITS (limits));

  if (g_set_object (&self->context.default_limits, limits))
    oai_emit_notify (self, props[PROP_DEFAULT_LIMITS]);
}

/**
 * oai_proxy_server_get_prices:
 * @self: the server
 *
 * Gets the prices from which costs are computed.
 *
 * Returns: (transfer none) (nullable): the prices, or %NULL
 *
 * Since: 1.0
 */
OaiPriceTable *
oai_proxy_server_get_prices (OaiProxyServer *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), NULL);

  return self->context.prices;
}

/**
 * oai_proxy_server_set_prices:
 * @self: the server
 * @prices: (nullable): the prices, or %NULL
 *
 * Sets the prices from which costs are computed.
 *
 * Since: 1.0
 */
void
oai_proxy_server_set_prices (OaiProxyServer *self, OaiPriceTable *prices)
{
  g_return_if_fail (OAI_IS_PROXY_SERVER (self));
  g_return_if_fail (prices == NULL || OAI_IS_PRICE_TABLE (prices));

  if (g_set_object (&self->context.prices, prices))
    oai_emit_notify (self, props[PROP_PRICES]);
}

/**
 * oai_proxy_server_get_max_body_size:
 * @self: the server
 *
 * Gets the largest size of the body of a request.
 *
 * Returns: the size in bytes; 0 for no limit
 *
 * Since: 1.0
 */
guint64
oai_proxy_server_get_max_body_size (OaiProxyServer *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), 0);

  return self->context.max_body_size;
}

/**
 * oai_proxy_server_set_max_body_size:
 * @self: the server
 * @bytes: the size in bytes; 0 for no limit
 *
 * Sets the largest size of the body of a request.
 *
 * Since: 1.0
 */
void
oai_proxy_server_set_max_body_size (OaiProxyServer *self, guint64 bytes)
{
  g_return_if_fail (OAI_IS_PROXY_SERVER (self));

  if (self->context.max_body_size == bytes)
    return;

  self->context.max_body_size = bytes;
  oai_emit_notify (self, props[PROP_MAX_BODY_SIZE]);
}

/**
 * oai_proxy_server_get_n_connections:
 * @self: the server
 *
 * Gets the number of open connections.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
oai_proxy_server_get_n_connections (OaiProxyServer *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), 0);

  return self->connections.length;
}

/**
 * oai_proxy_server_get_n_requests:
 * @self: the server
 *
 * Gets the number of requests whose replies are not complete.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
oai_proxy_server_get_n_requests (OaiProxyServer *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), 0);

  return self->n_requests;
}

/**
 * oai_proxy_server_open_usage_log:
 * @self: the server
 * @location: (nullable): the path of an SQLite database, which is created if it does not exist, or a URL
 *   `postgresql://USER:PASSWORD@HOST/DATABASE`; %NULL for no log
 * @error: return location for an error
 *
 * Opens a database to which a record is written for each later request that was authenticated.
 *
 * Records are collected for a quarter of a second, and a thread writes them. While the database cannot be written, up to 100000
 * records wait in memory. [method@Oai.ProxyServer.shutdown_async] writes those that wait; otherwise, they are lost when the
 * server is freed. Several processes can write to one database.
 *
 * If the counters of limits are in memory, and no request was counted yet, they begin with what the records contain for the last
 * 24 hours and the current month. Requests of identities with limits of days or months wait until that is read, for at most 10
 * seconds. Call this function before [method@Oai.ProxyServer.listen].
 *
 * A log that was opened before is closed when its records are written. With an error, it is used further.
 *
 * The function blocks while the database is opened: with SQLite for at most 20 seconds, while another process
 * locks it; with PostgreSQL until the server replies, or cannot be reached in 10 seconds or the `connect_timeout` of the URL.
 *
 * Returns: %TRUE, or %FALSE with %OAI_ERROR_INVALID_ARGUMENT if @location is not valid, %OAI_ERROR_MODULE if the plug-in for the
 *   database is not installed, or an error of %G_IO_ERROR if the database cannot be opened; the error contains no password
 *
 * Since: 1.0
 */
gboolean
oai_proxy_server_open_usage_log (OaiProxyServer *self, const char *location, GError **error)
{
  g_autoptr(OaiUsageLog) log = NULL;

  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), FALSE);

  if (location != NULL)
    {
      log = oai_usage_log_new (location, error);
      if (log == NULL)
        return FALSE;
    }
  oai_proxy_server_set_usage_log (self, log);

  return TRUE;
}

/**
 * oai_proxy_server_open_counters:
 * @self: the server
 * @url: (nullable): `redis://USER:PASSWORD@HOST:PORT/DATABASE`, `rediss://…` for TLS, `valkey://…`, `valkeys://…`, or
 *   `unix://USER:PASSWORD@/PATH?db=DATABASE`, of which only the host or the path is required; %NULL for counters in memory
 * @policy: what happens to requests while that server cannot be reached; not used if @url is %NULL
 * @error: return location for an error
 *
 * Keeps the counters of limits in a server of Redis or Valkey, so that all processes with the same URL count together, on one
 * machine or several. Without this function, each process counts in its memory.
 *
 * The function does not block: the connection is opened in the background, and again when it has ended. What was used while the
 * server could not be reached is added to the counters later. %TRUE therefore does not mean that the server exists. Each command
 * may take 500 milliseconds. With TLS, the certificate of the server is verified with those of the system.
 *
 * Requests in progress remain with the former counters, whose values are not copied. If the counters are in memory again, they
 * begin with what the usage log contains, if there is one; see [method@Oai.ProxyServer.open_usage_log].
 *
 * Returns: %TRUE, or %FALSE with %OAI_ERROR_INVALID_ARGUMENT if @url is not valid, or %OAI_ERROR_MODULE if the plug-in for Redis is
 *   not installed; the former counters are used further then, and the error contains no password
 *
 * Since: 1.0
 */
gboolean
oai_proxy_server_open_counters (OaiProxyServer *self, const char *url, OaiProxyUnavailable policy, GError **error)
{
  OaiRedisSettings settings = { .url = url };
  OaiCounterStore *store;

  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), FALSE);

  if (url == NULL)
    {
      /* Counters that are in memory already are kept. */
      if (oai_proxy_limiter_has_store (self->context.limiter))
        oai_proxy_server_set_limiter (self, oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, NULL));
      return TRUE;
    }
  store = oai_redis_store_open (&settings, error);
  if (store == NULL)
    return FALSE;
  oai_proxy_server_set_limiter (self, oai_proxy_limiter_new (store, policy, NULL));

  return TRUE;
}

/**
 * oai_proxy_server_dup_metrics:
 * @self: the server
 *
 * Gets the metrics of the server in the text format of Prometheus, version 0.0.4: numbers of requests, tokens, refusals and
 * connections, costs in US dollars, and durations in seconds, since the server was created. The names begin with `oai_proxy_`.
 * Identities are not contained.
 *
 * An HTTP server of the program can return it with the content type `text/plain; version=0.0.4; charset=utf-8`.
 *
 * Returns: (transfer full): the metrics
 *
 * Since: 1.0
 */
char *
oai_proxy_server_dup_metrics (OaiProxyServer *self)
{
  g_autoptr(GBytes) text = NULL;

  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), NULL);

  update_log_metrics (self);
  text = oai_metrics_to_text (self->metrics);

  return g_strndup (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
}

static OaiProxyTls *
create_tls (GTlsCertificate *certificate)
{
  return certificate != NULL ? oai_proxy_tls_new_for_certificate (certificate, NULL, FALSE) : NULL;
}

/**
 * oai_proxy_server_listen:
 * @self: the server
 * @address: `HOST:PORT`, `[IPV6]:PORT`, `*:PORT` for all addresses, or `unix:PATH`; with the port 0, the system selects one
 * @certificate: (nullable): the certificate of the server with its key, for TLS; %NULL for plain HTTP
 * @error: return location for an error
 *
 * Begins to accept connections. It can be called several times.
 *
 * Returns: %TRUE, or %FALSE with an error of %G_IO_ERROR or %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
gboolean
oai_proxy_server_listen (OaiProxyServer *self, const char *address, GTlsCertificate *certificate, GError **error)
{
  g_autoptr(GSocketAddress) parsed = NULL;
  g_autoptr(OaiProxyTls) tls = NULL;

  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), FALSE);
  g_return_val_if_fail (address != NULL, FALSE);
  g_return_val_if_fail (certificate == NULL || G_IS_TLS_CERTIFICATE (certificate), FALSE);

  if (g_str_has_prefix (address, "unix:"))
    return oai_proxy_listener_add_path (self->listener, address + strlen ("unix:"), 0660, error);

  parsed = oai_proxy_parse_address (address, error);
  if (parsed == NULL || !check_anonymous (self, parsed, error))
    return FALSE;

  tls = create_tls (certificate);

  return oai_proxy_listener_add_address (self->listener, parsed, FALSE, tls, error);
}

/**
 * oai_proxy_server_listen_socket:
 * @self: the server
 * @socket: a socket that listens
 * @certificate: (nullable): the certificate of the server with its key, for TLS; %NULL for plain HTTP
 * @error: return location for an error
 *
 * Begins to accept the connections of a socket, for example of one that the process has inherited.
 *
 * Returns: %TRUE, or %FALSE with an error of %G_IO_ERROR or %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
gboolean
oai_proxy_server_listen_socket (OaiProxyServer *self, GSocket *socket, GTlsCertificate *certificate, GError **error)
{
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(OaiProxyTls) tls = NULL;

  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), FALSE);
  g_return_val_if_fail (G_IS_SOCKET (socket), FALSE);
  g_return_val_if_fail (certificate == NULL || G_IS_TLS_CERTIFICATE (certificate), FALSE);

  address = g_socket_get_local_address (socket, error);
  if (address == NULL || !check_anonymous (self, address, error))
    return FALSE;

  tls = create_tls (certificate);

  return oai_proxy_listener_add_socket (self->listener, socket, tls, error);
}

/**
 * oai_proxy_server_list_addresses:
 * @self: the server
 *
 * Lists the addresses at which the server listens, with the ports that the system has selected.
 *
 * Returns: (transfer full) (array zero-terminated=1): the addresses, such as `127.0.0.1:8080`
 *
 * Since: 1.0
 */
char **
oai_proxy_server_list_addresses (OaiProxyServer *self)
{
  g_autoptr(GStrvBuilder) list = g_strv_builder_new ();
  g_autoptr(GPtrArray) addresses = NULL;

  g_return_val_if_fail (OAI_IS_PROXY_SERVER (self), NULL);

  addresses = oai_proxy_listener_list_addresses (self->listener);
  for (guint i = 0; i < addresses->len; i++)
    {
      g_autofree char *address = oai_proxy_address_to_string (addresses->pdata[i]);

      g_strv_builder_add (list, address);
    }

  return g_strv_builder_end (list);
}

/* Shutdown */

static void
release_connection (gpointer connection)
{
  g_rc_box_release (connection);
}

/* Calls the functions, which may free connections. */
static void
for_each_connection (OaiProxyServer *self, void (*func) (OaiHttpConnection *connection), void (*socket_func) (Connection *connection))
{
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func (release_connection);

  for (GList *link = self->connections.head; link != NULL; link = link->next)
    g_ptr_array_add (all, g_rc_box_acquire (link->data));
  for (guint i = 0; i < all->len; i++)
    {
      Connection *connection = all->pdata[i];

      if (connection->server == NULL)
        continue;
      if (connection->transaction != NULL && oai_transaction_has_socket (connection->transaction))
        socket_func (connection);
      else
        func (connection->connection);
    }
}

static void
finish_socket (Connection *connection)
{
  oai_transaction_finish_socket (connection->transaction);
}

static void
close_all (OaiProxyServer *self)
{
  for_each_connection (self, oai_http_connection_close, free_connection);
}

static gboolean
deadline_cb (gpointer user_data)
{
  OaiProxyServer *self = user_data;

  oai_drop_source (&self->deadline);
  close_all (self);

  return G_SOURCE_REMOVE;
}

/**
 * oai_proxy_server_shutdown_async:
 * @self: the server
 * @timeout_ms: how long requests may take to complete, in milliseconds
 * @cancellable: (nullable): if it is cancelled, the connections are closed at once
 * @callback: (scope async): called when all connections are closed and the usage records are written
 * @user_data: data for @callback
 *
 * Stops accepting connections, and waits until the requests that are in progress have their replies. Connections that
 * are still open after @timeout_ms are closed.
 *
 * Then the records of the usage log are written, if there is one. If its database does not respond, that fails after 40
 * seconds, also if @cancellable is cancelled.
 *
 * Since: 1.0
 */
void
oai_proxy_server_shutdown_async (OaiProxyServer *self, guint timeout_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(OaiProxyServer) held = NULL;

  g_return_if_fail (OAI_IS_PROXY_SERVER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  held = g_object_ref (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_proxy_server_shutdown_async);
  g_task_set_check_cancellable (task, FALSE);
  if (self->shutdown != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "%s", _("The proxy is being shut down already"));
      return;
    }

  oai_proxy_listener_stop (self->listener);
  oai_proxy_listener_stop (self->metrics_listener);
  self->shutdown = g_steal_pointer (&task);
  self->deadline = g_timeout_source_new (g_cancellable_is_cancelled (cancellable) ? 0 : timeout_ms);
  g_source_set_static_name (self->deadline, "[oai] shutdown");
  if (cancellable != NULL)
    {
      g_autoptr(GSource) cancelled = g_cancellable_source_new (cancellable);

      g_source_set_dummy_callback (cancelled);
      g_source_add_child_source (self->deadline, cancelled);
    }
  g_source_set_callback (self->deadline, deadline_cb, self, NULL);
  g_source_attach (self->deadline, g_main_context_get_thread_default ());
  for_each_connection (self, oai_http_connection_finish, finish_socket);
  complete_shutdown (self);
}

/**
 * oai_proxy_server_shutdown_finish:
 * @self: the server
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.ProxyServer.shutdown_async].
 *
 * Returns: %TRUE, or %FALSE with %G_IO_ERROR_PENDING if it was called twice, or with another error of %G_IO_ERROR if
 *   usage records could not be written; the connections are closed then, too
 *
 * Since: 1.0
 */
gboolean
oai_proxy_server_shutdown_finish (OaiProxyServer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_proxy_server_close:
 * @self: the server
 *
 * Stops accepting connections, and closes all of them at once. It does not wait for the usage log;
 * [method@Oai.ProxyServer.shutdown_async] does.
 *
 * Since: 1.0
 */
void
oai_proxy_server_close (OaiProxyServer *self)
{
  g_autoptr(OaiProxyServer) held = NULL;

  g_return_if_fail (OAI_IS_PROXY_SERVER (self));

  held = g_object_ref (self);
  oai_proxy_listener_stop (self->listener);
  oai_proxy_listener_stop (self->metrics_listener);
  close_all (self);
}
