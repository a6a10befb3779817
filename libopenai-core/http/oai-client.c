/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-client-private.h"

#include <string.h>

#include "oai-adaptation-memory-private.h"
#include "oai-auth-private.h"
#include "oai-blocking-call-private.h"
#include "oai-call-private.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-log-private.h"
#include "oai-network-private.h"
#include "oai-session-pool-private.h"
#include "oai-settings-private.h"
#include "oai-url-private.h"

/* Failed calls that oai_client_find_call_for_error() can still find. */
#define MAX_FAILURES 32

/**
 * OaiClient:
 *
 * A client of one server.
 *
 * A client has credentials ([class@Oai.Auth]) and settings ([class@Oai.Settings]), and owns the
 * connections. Operations are methods of endpoints. Each endpoint is a group of operations, and
 * belongs to a module, which is loaded when it is needed:
 *
 * ```c
 * g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
 * g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
 * g_autofree char *text = oai_chat_endpoint_ask (chat, "gpt-4o-mini", "Hello!", NULL, &error);
 * ```
 *
 * A program can have several clients, and use each of them from any thread. An operation runs and
 * completes in the thread-default main context of the thread that started it. The client starts no
 * threads.
 *
 * A [class@Soup.Session] that is passed to the client is neither changed nor closed. Without one,
 * the client creates sessions for each main context in which it is used, with the proxy and the
 * certificates of the system.
 *
 * Since: 1.0
 */

struct _OaiClient
{
  GObject parent_instance;

  GMutex lock;
  OaiAuth *auth;
  gboolean searched; /* searched for credentials, and found none */
  OaiSettings *settings;
  SoupSession *borrowed;
  GNetworkMonitor *given;   /* the monitor of the program, or NULL */
  GNetworkMonitor *monitor; /* the one whose changes are notified, or NULL */
  gulong handlers[2];       /* of its signals */
  OaiSessionPool *sessions; /* the sessions of the client */
  GQueue failures;       /* OaiCall, newest first */
  OaiAdaptationMemory *lessons;
  char *last_url;        /* of the last request, and what was derived from it; or NULL */
  GUri *last_uri;
  char *last_shown;
};

enum
{
  PROP_0,
  PROP_AUTH,
  PROP_SETTINGS,
  PROP_SESSION,
  PROP_NETWORK_MONITOR,
  PROP_NETWORK_AVAILABLE,
  PROP_NETWORK_METERED,
  N_PROPS
};

enum
{
  CALL_STARTED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OaiClient, oai_client, G_TYPE_OBJECT)

static void
forget_url (OaiClient *self)
{
  g_clear_pointer (&self->last_url, g_free);
  g_clear_pointer (&self->last_uri, g_uri_unref);
  g_clear_pointer (&self->last_shown, g_free);
}

/* The network.  The monitor may emit its signals in another thread than that which drops the last
 * reference to the client. */

static void
watch_free (gpointer data, GClosure *closure)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static void
network_notify_cb (GObject *monitor, GParamSpec *pspec, gpointer user_data)
{
  g_autoptr(OaiClient) self = g_weak_ref_get (user_data);
  guint id = strcmp (pspec->name, "network-metered") == 0 ? PROP_NETWORK_METERED : PROP_NETWORK_AVAILABLE;

  if (self != NULL)
    oai_emit_notify (self, properties[id]);
}

static gulong
watch (OaiClient *self, GNetworkMonitor *monitor, const char *signal)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self);

  return g_signal_connect_data (monitor, signal, G_CALLBACK (network_notify_cb), weak, watch_free, 0);
}

/* Takes the monitor. */
static void
set_monitor (OaiClient *self, GNetworkMonitor *monitor)
{
  g_mutex_lock (&self->lock);
  if (self->monitor == NULL)
    {
      self->monitor = g_object_ref (monitor);
      self->handlers[0] = watch (self, monitor, "notify::network-available");
      self->handlers[1] = watch (self, monitor, "notify::network-metered");
    }
  g_mutex_unlock (&self->lock);

  g_object_unref (monitor);
}

static GNetworkMonitor *
get_monitor (OaiClient *self)
{
  GNetworkMonitor *monitor;

  g_mutex_lock (&self->lock);
  monitor = self->monitor;
  g_mutex_unlock (&self->lock);

  return monitor;
}

/* The monitor of the system is created when it is needed first. */
static GNetworkMonitor *
ensure_monitor (OaiClient *self)
{
  GNetworkMonitor *monitor = get_monitor (self);

  if (monitor != NULL)
    return monitor;

  monitor = oai_network_ref_monitor ();
  if (monitor != NULL)
    set_monitor (self, monitor);

  return get_monitor (self);
}

static void
oai_client_finalize (GObject *object)
{
  OaiClient *self = OAI_CLIENT (object);

  for (guint i = 0; i < G_N_ELEMENTS (self->handlers); i++)
    if (self->handlers[i] != 0)
      g_signal_handler_disconnect (self->monitor, self->handlers[i]);
  g_clear_object (&self->monitor);
  g_clear_object (&self->given);
  oai_session_pool_free (self->sessions);
  g_queue_clear_full (&self->failures, g_object_unref);
  oai_adaptation_memory_free (self->lessons);
  g_clear_object (&self->auth);
  g_clear_object (&self->settings);
  g_clear_object (&self->borrowed);
  forget_url (self);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (oai_client_parent_class)->finalize (object);
}

static void
oai_client_constructed (GObject *object)
{
  OaiClient *self = OAI_CLIENT (object);

  G_OBJECT_CLASS (oai_client_parent_class)->constructed (object);

  if (self->settings == NULL)
    self->settings = oai_settings_new ();
  if (self->given != NULL)
    set_monitor (self, g_object_ref (self->given));
  self->sessions = oai_session_pool_new (self->borrowed, self->settings);
  if (self->auth != NULL)
    oai_auth_advise (self->auth, oai_settings_get_base_url (self->settings));
}

static void
oai_client_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiClient *self = OAI_CLIENT (object);

  switch (prop_id)
    {
    case PROP_AUTH:
      g_value_set_object (value, self->auth);
      break;
    case PROP_SETTINGS:
      g_value_set_object (value, self->settings);
      break;
    case PROP_SESSION:
      g_value_set_object (value, self->borrowed);
      break;
    case PROP_NETWORK_MONITOR:
      g_value_set_object (value, self->given);
      break;
    case PROP_NETWORK_AVAILABLE:
      g_value_set_boolean (value, oai_client_get_network_available (self));
      break;
    case PROP_NETWORK_METERED:
      g_value_set_boolean (value, oai_client_get_network_metered (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_client_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  OaiClient *self = OAI_CLIENT (object);

  switch (prop_id)
    {
    case PROP_AUTH:
      self->auth = g_value_dup_object (value);
      break;
    case PROP_SETTINGS:
      self->settings = g_value_dup_object (value);
      break;
    case PROP_SESSION:
      self->borrowed = g_value_dup_object (value);
      break;
    case PROP_NETWORK_MONITOR:
      self->given = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_network_properties (void)
{
  /**
   * OaiClient:network-monitor:
   *
   * The monitor that reports whether there is a network, or %NULL for that of the system. It is for
   * tests, and for programs that know more about the network than the system.
   *
   * Since: 1.0
   */
  properties[PROP_NETWORK_MONITOR] = g_param_spec_object ("network-monitor", NULL, NULL, G_TYPE_NETWORK_MONITOR,
                                                          G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiClient:network-available: (getter get_network_available)
   *
   * Whether this machine has a network. Without one, and without a route to the server, calls to remote
   * servers fail at once with %OAI_ERROR_OFFLINE; see [property@Oai.Settings:check-network].
   *
   * It notifies in the global default main context, from the first time on that it was read in the thread
   * of this context.
   *
   * Since: 1.0
   */
  properties[PROP_NETWORK_AVAILABLE] = g_param_spec_boolean ("network-available", NULL, NULL, TRUE,
                                                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiClient:network-metered: (getter get_network_metered)
   *
   * Whether the network is metered: transfers may cost money, so that a program should not upload or
   * download large files unless the user requests it. The library does not change its calls.
   *
   * It notifies like [property@Oai.Client:network-available].
   *
   * Since: 1.0
   */
  properties[PROP_NETWORK_METERED] = g_param_spec_boolean ("network-metered", NULL, NULL, FALSE,
                                                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
oai_client_class_init (OaiClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = oai_client_constructed;
  object_class->finalize = oai_client_finalize;
  object_class->get_property = oai_client_get_property;
  object_class->set_property = oai_client_set_property;

  /**
   * OaiClient:auth: (getter get_auth)
   *
   * The credentials. With %NULL, the client looks for them like [ctor@Oai.Auth.new_default]
   * when the first call is made. If it finds none, calls are sent without credentials to
   * servers that need none, and the search is not repeated.
   *
   * Since: 1.0
   */
  properties[PROP_AUTH] = g_param_spec_object ("auth", NULL, NULL, OAI_TYPE_AUTH, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiClient:settings: (getter get_settings)
   *
   * The settings. Without any, those of [ctor@Oai.Settings.new] are used.
   *
   * Since: 1.0
   */
  properties[PROP_SETTINGS] = g_param_spec_object ("settings", NULL, NULL, OAI_TYPE_SETTINGS,
                                                   G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiClient:session: (getter get_session)
   *
   * The session that the program passed to the client, or %NULL if the client creates sessions.
   *
   * Since: 1.0
   */
  properties[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, SOUP_TYPE_SESSION,
                                                  G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  install_network_properties ();
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * OaiClient::call-started:
   * @self: the client
   * @call: the call
   *
   * Emitted before the first request of a call is sent, in the thread that started the call.
   *
   * Since: 1.0
   */
  signals[CALL_STARTED] = g_signal_new ("call-started", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_TYPE_CALL);
}

static void
oai_client_init (OaiClient *self)
{
  g_mutex_init (&self->lock);
  g_queue_init (&self->failures);
  self->lessons = oai_adaptation_memory_new ();
}

/**
 * oai_client_new:
 * @auth: (nullable): the credentials, or %NULL to look for them like [ctor@Oai.Auth.new_default]
 * @settings: (nullable): the settings, or %NULL for OpenAI's server and the settings in the environment
 *
 * Creates a client. If @auth is %NULL, credentials are looked for when the first call starts. If there are
 * none, calls are sent without credentials, since some servers require none.
 *
 * Several clients may share settings. Changes apply to calls that start afterwards.
 *
 * Returns: (transfer full): a client
 *
 * Since: 1.0
 */
OaiClient *
oai_client_new (OaiAuth *auth, OaiSettings *settings)
{
  return oai_client_new_with_session (auth, settings, NULL);
}

/**
 * oai_client_new_with_session:
 * @auth: (nullable): the credentials, or %NULL to look for them like [ctor@Oai.Auth.new_default]
 * @settings: (nullable): the settings, or %NULL for OpenAI's server and the settings in the environment
 * @session: (nullable): a session of the program
 *
 * Creates a client that uses a session of the program, for example one with a certain proxy,
 * certificates or a logger. The session is neither changed nor closed, and its limits on
 * connections apply. In some cases the client uses a separate session with the same settings instead:
 * for WebSocket connections; and over TLS for blocking calls, since an HTTP/2 connection belongs to
 * the main context in which it was opened; for uploads of files; and, with libsoup before 3.6.3, for
 * replies that may be large, such as streams and files. The last two use HTTP/1.1, and are not
 * subject to these limits, since each reply occupies a connection.
 * [signal@Soup.Session::request-queued] of @session is also emitted for the requests of these
 * sessions, in the thread of the call.
 *
 * Returns: (transfer full): a client
 *
 * Since: 1.0
 */
OaiClient *
oai_client_new_with_session (OaiAuth *auth, OaiSettings *settings, SoupSession *session)
{
  g_return_val_if_fail (auth == NULL || OAI_IS_AUTH (auth), NULL);
  g_return_val_if_fail (settings == NULL || OAI_IS_SETTINGS (settings), NULL);
  g_return_val_if_fail (session == NULL || SOUP_IS_SESSION (session), NULL);

  return g_object_new (OAI_TYPE_CLIENT, "auth", auth, "settings", settings, "session", session, NULL);
}

/**
 * oai_client_get_auth:
 * @self: a client
 *
 * Gets the credentials of the client.
 *
 * Returns: (nullable) (transfer none): the credentials, or %NULL if none were set or found yet
 *
 * Since: 1.0
 */
OaiAuth *
oai_client_get_auth (OaiClient *self)
{
  OaiAuth *auth;

  g_return_val_if_fail (OAI_IS_CLIENT (self), NULL);

  g_mutex_lock (&self->lock);
  auth = self->auth;
  g_mutex_unlock (&self->lock);

  return auth;
}

/**
 * oai_client_get_settings:
 * @self: a client
 *
 * Gets the settings of the client.
 *
 * Returns: (transfer none): the settings
 *
 * Since: 1.0
 */
OaiSettings *
oai_client_get_settings (OaiClient *self)
{
  g_return_val_if_fail (OAI_IS_CLIENT (self), NULL);

  return self->settings;
}

/**
 * oai_client_get_session:
 * @self: a client
 *
 * Gets the session that the program passed to the client.
 *
 * Returns: (nullable) (transfer none): the session, or %NULL if the client creates sessions
 *
 * Since: 1.0
 */
SoupSession *
oai_client_get_session (OaiClient *self)
{
  g_return_val_if_fail (OAI_IS_CLIENT (self), NULL);

  return self->borrowed;
}

/**
 * oai_client_get_network_available:
 * @self: a client
 *
 * Gets whether this machine has a network: the state of the network monitor, or in threads without
 * the global default main context, whether there is a route to the Internet.
 *
 * The state changes only while the global default main context is iterated. The first call may
 * block for some milliseconds, since it may start to use D-Bus.
 *
 * Returns: %TRUE if there is a network
 *
 * Since: 1.0
 */
gboolean
oai_client_get_network_available (OaiClient *self)
{
  GNetworkMonitor *monitor;

  g_return_val_if_fail (OAI_IS_CLIENT (self), FALSE);

  monitor = ensure_monitor (self);

  return monitor != NULL ? g_network_monitor_get_network_available (monitor) : oai_network_has_route (NULL);
}

/**
 * oai_client_get_network_metered:
 * @self: a client
 *
 * Gets whether the network is metered; see [property@Oai.Client:network-metered].
 *
 * Returns: %TRUE if it is metered; %FALSE if it is not or if this is not known
 *
 * Since: 1.0
 */
gboolean
oai_client_get_network_metered (OaiClient *self)
{
  GNetworkMonitor *monitor;

  g_return_val_if_fail (OAI_IS_CLIENT (self), FALSE);

  monitor = ensure_monitor (self);

  return monitor != NULL && g_network_monitor_get_network_metered (monitor);
}

/* The state of the monitor of the system may be outdated where the context of its changes is not
 * iterated, and NetworkManager reports only the networks that it manages: one that ifupdown or a container
 * has set up is none for it. */
gboolean
oai_client_has_network (OaiClient *self, const char *host)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();

  if (self->given != NULL)
    return g_network_monitor_get_network_available (self->given);
  if (oai_blocking_call_is_current () || context != g_main_context_default ())
    return oai_network_has_route (host);

  return oai_client_get_network_available (self) || oai_network_has_route (host);
}

GNetworkMonitor *
oai_client_get_network_monitor (OaiClient *self)
{
  return get_monitor (self);
}

GProxyResolver *
oai_client_ref_proxy_resolver (OaiClient *self)
{
  GProxyResolver *resolver = NULL;

  if (self->borrowed != NULL)
    g_object_get (self->borrowed, "proxy-resolver", &resolver, NULL);
  else
    g_set_object (&resolver, g_proxy_resolver_get_default ());

  return resolver;
}

static gboolean
needs_credentials (OaiSettings *settings)
{
  return oai_settings_is_azure (settings) || oai_settings_is_openai (settings);
}

/* TRUE if the credentials are known; *auth is a new reference or NULL. */
static gboolean
get_known_auth (OaiClient *self, gboolean required, OaiAuth **auth)
{
  gboolean known;

  g_mutex_lock (&self->lock);
  *auth = self->auth != NULL ? g_object_ref (self->auth) : NULL;
  known = self->auth != NULL || (self->searched && !required);
  g_mutex_unlock (&self->lock);

  return known;
}

/* The client uses the credentials of the first thread that found some. */
static OaiAuth *
take_found_auth (OaiClient *self, OaiAuth *found)
{
  OaiAuth *auth;

  g_mutex_lock (&self->lock);
  self->searched = TRUE;
  if (self->auth == NULL)
    self->auth = g_steal_pointer (&found);
  auth = self->auth != NULL ? g_object_ref (self->auth) : NULL;
  g_mutex_unlock (&self->lock);

  g_clear_object (&found);
  return auth;
}

/* The search reads files and writes to the log, so it does not hold the lock.  It is done again only for
 * a call that would fail. */
OaiAuth *
oai_client_ref_auth (OaiClient *self, GError **error)
{
  gboolean required = needs_credentials (self->settings);
  g_autoptr(GError) local_error = NULL;
  OaiAuth *auth;

  if (get_known_auth (self, required, &auth))
    return auth;

  auth = oai_auth_new_default (&local_error);
  if (auth != NULL)
    oai_auth_advise (auth, oai_settings_get_base_url (self->settings));
  auth = take_found_auth (self, auth);
  if (auth == NULL && required)
    g_propagate_error (error, g_steal_pointer (&local_error));

  return auth;
}

static GUri *
ref_last_uri (OaiClient *self, const char *url, char **shown)
{
  GUri *uri = NULL;

  g_mutex_lock (&self->lock);
  if (g_strcmp0 (self->last_url, url) == 0)
    {
      uri = g_uri_ref (self->last_uri);
      *shown = g_strdup (self->last_shown);
    }
  g_mutex_unlock (&self->lock);

  return uri;
}

GUri *
oai_client_parse_url (OaiClient *self, const char *url, char **shown, GError **error)
{
  GUri *uri = ref_last_uri (self, url, shown);

  if (uri != NULL)
    return uri;
  uri = oai_url_parse_http (url, error);
  if (uri == NULL)
    return NULL;

  *shown = oai_log_dup_url (uri);
  g_mutex_lock (&self->lock);
  forget_url (self);
  self->last_url = g_strdup (url);
  self->last_uri = g_uri_ref (uri);
  self->last_shown = g_strdup (*shown);
  g_mutex_unlock (&self->lock);

  return uri;
}

static OaiSessionKind
get_session_kind (GUri *uri, OaiRequest *request)
{
  if (request->upgrade)
    return OAI_SESSION_UPGRADE;
  if (strcmp (g_uri_get_scheme (uri), "https") != 0)
    return OAI_SESSION_PLAIN;

  return oai_request_requires_http1 (request) ? OAI_SESSION_TLS_HTTP1 : OAI_SESSION_TLS;
}

/* Whether the session of the program can be used.  An HTTP/2 connection is processed in the main
 * context in which it was opened, so a blocking call would wait forever for one of the program. */
static gboolean
can_use_borrowed (OaiSessionKind kind)
{
  return kind == OAI_SESSION_PLAIN || (kind == OAI_SESSION_TLS && !oai_blocking_call_is_current ());
}

SoupSession *
oai_client_acquire_session (OaiClient *self, GUri *uri, const char *socket_path, OaiRequest *request, OaiSessionWait **wait, OaiSessionFunc func, gpointer user_data)
{
  OaiSessionKind kind = get_session_kind (uri, request);

  if (self->borrowed != NULL && socket_path == NULL && can_use_borrowed (kind))
    return g_object_ref (self->borrowed);

  return oai_session_pool_acquire (self->sessions, kind, socket_path, wait, func, user_data);
}

void
oai_client_note_version (OaiClient *self, SoupSession *session, gboolean http2)
{
  if (session != self->borrowed)
    oai_session_pool_note_version (self->sessions, session, http2);
}

void
oai_client_note_connection (OaiClient *self, SoupSession *session)
{
  if (session != self->borrowed)
    oai_session_pool_note_connection (self->sessions, session);
}

void
oai_client_release_session (OaiClient *self, SoupSession *session)
{
  oai_session_pool_release (self->sessions, session);
}

void
oai_client_announce (OaiClient *self, OaiCall *call)
{
  oai_emit (self, signals[CALL_STARTED], 0, call);
}

void
oai_client_remember_failure (OaiClient *self, OaiCall *call)
{
  OaiCall *forgotten = NULL;

  g_mutex_lock (&self->lock);
  g_queue_push_head (&self->failures, g_object_ref (call));
  if (self->failures.length > MAX_FAILURES)
    forgotten = g_queue_pop_tail (&self->failures);
  g_mutex_unlock (&self->lock);

  g_clear_object (&forgotten);
}

gboolean
oai_client_has_adaptations (OaiClient *self)
{
  gboolean has;

  g_mutex_lock (&self->lock);
  has = !oai_adaptation_memory_is_empty (self->lessons);
  g_mutex_unlock (&self->lock);

  return has;
}

OaiAdaptations
oai_client_find_adaptations (OaiClient *self, const char *server, const char *endpoint, const char *model)
{
  OaiAdaptations found;

  g_mutex_lock (&self->lock);
  found = oai_adaptation_memory_find (self->lessons, server, endpoint, model);
  g_mutex_unlock (&self->lock);

  return found;
}

void
oai_client_learn_adaptations (OaiClient *self, const char *server, const char *endpoint, const char *model, OaiAdaptations adaptations)
{
  g_mutex_lock (&self->lock);
  oai_adaptation_memory_learn (self->lessons, server, endpoint, model, adaptations);
  g_mutex_unlock (&self->lock);
}

guint
oai_client_get_limit (guint of_settings, int of_options)
{
  return of_options >= 0 ? (guint) of_options : of_settings;
}

/**
 * oai_client_find_call_for_error:
 * @self: a client
 * @error: an error of a method of the client, its endpoints or their results
 *
 * Gets the call that failed with an error. It contains, for example, the HTTP status, the error
 * code of the server, and the delay that the server requests.
 *
 * The client remembers the last 32 failed calls. If several of them failed with the same message,
 * the newest is returned; [func@Oai.Call.find_for_result] finds the call of each asynchronous operation.
 *
 * Returns: (nullable) (transfer full): the call, or %NULL if it is not stored
 *
 * Since: 1.0
 */
OaiCall *
oai_client_find_call_for_error (OaiClient *self, const GError *error)
{
  OaiCall *found = NULL;

  g_return_val_if_fail (OAI_IS_CLIENT (self), NULL);
  g_return_val_if_fail (error != NULL, NULL);

  g_mutex_lock (&self->lock);
  for (GList *link = self->failures.head; link != NULL && found == NULL; link = link->next)
    {
      const GError *candidate = oai_call_get_error (link->data);

      if (g_error_matches (candidate, error->domain, error->code) && strcmp (candidate->message, error->message) == 0)
        found = g_object_ref (link->data);
    }
  g_mutex_unlock (&self->lock);

  return found;
}
