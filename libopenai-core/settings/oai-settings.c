/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-settings-private.h"

#include <string.h>

#include "oai-auth-private.h"
#include "oai-azure-private.h"
#include "oai-base-url-private.h"
#include "oai-environment-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-path-template-private.h"
#include "oai-server-address-private.h"
#include "oai-url-private.h"

#define DEFAULT_BASE_URL "https://api.openai.com/v1"

typedef enum
{
  LIMIT_CONNECT_TIMEOUT,
  LIMIT_IDLE_TIMEOUT,
  LIMIT_TIMEOUT,
  LIMIT_MAX_RETRIES,
  LIMIT_MAX_RETRY_DELAY,
  LIMIT_MAX_EVENT_SIZE,
  LIMIT_MAX_REPLY_SIZE,
  LIMIT_MAX_STREAM_SIZE,
  N_LIMITS
} Limit;

static const struct
{
  const char *name;
  guint value;
} limits[N_LIMITS] = {
  [LIMIT_CONNECT_TIMEOUT] = { "connect-timeout-ms", 10000 },
  [LIMIT_IDLE_TIMEOUT] = { "idle-timeout-ms", 600000 },
  [LIMIT_TIMEOUT] = { "timeout-ms", 600000 },
  [LIMIT_MAX_RETRIES] = { "max-retries", 2 },
  [LIMIT_MAX_RETRY_DELAY] = { "max-retry-delay-ms", 120000 },
  [LIMIT_MAX_EVENT_SIZE] = { "max-event-size", 64 * 1024 * 1024 },
  [LIMIT_MAX_REPLY_SIZE] = { "max-reply-size", 100 * 1024 * 1024 },
  [LIMIT_MAX_STREAM_SIZE] = { "max-stream-size", 256 * 1024 * 1024 },
};

/**
 * OaiSettings:
 *
 * The server of a client, and limits of its calls.
 *
 * [ctor@Oai.Settings.new] creates settings for OpenAI, or for the server that the environment
 * specifies; [ctor@Oai.Settings.new_for_server] for another server, by an address that a person
 * writes; and [ctor@Oai.Settings.new_for_azure] for Azure.
 *
 * ```c
 * g_autoptr(OaiSettings) settings = oai_settings_new_for_server ("http://localhost:11434", &error);
 *
 * if (settings == NULL)
 *   return FALSE;
 *
 * oai_settings_set_timeout_ms (settings, 120000);
 * g_autoptr(OaiClient) client = oai_client_new (auth, settings);
 * ```
 *
 * A client reads its settings for each call, so changes apply to later calls. Times are in
 * milliseconds.
 *
 * Settings can be read and changed from any thread. Strings that getters return stay valid
 * until the settings are freed, even if the value is changed. `notify` is emitted in the
 * thread that makes the change.
 *
 * Since: 1.0
 */
struct _OaiSettings
{
  GObject parent_instance;

  GMutex lock;           /* for all following members */
  OaiSettings *snapshot; /* a copy for calls, until a value changes; or NULL */
  GStringChunk *strings; /* all current and previous values of strings */

  const char *root;      /* without deployments/, unless given so */
  const char *socket_path; /* of the UNIX socket where root is requested, or NULL */
  const char *base_url;  /* for display */
  GError *root_error;    /* why root is invalid */
  const char *variable;  /* the environment variable that contains root; a constant, or NULL */
  gboolean openai;       /* root is on OpenAI's server */

  gboolean azure;
  const char *deployment;
  const char *api_version;
  gboolean use_active_directory;

  gboolean allow_insecure_http;
  gboolean trust_redirects;
  gboolean adapt_requests;
  OaiServerProfile *server_profile; /* or NULL */
  gboolean proxy_loopback;
  gboolean check_network;

  const char *organization;
  const char *project;
  const char *environment_organization;
  const char *environment_project;

  guint limits[N_LIMITS];
  OaiNameValues *headers; /* replaced, never changed: readers hold a reference */
  OaiNameValues *query;
  OaiNameValues *beta_versions; /* by feature */
};

G_DEFINE_FINAL_TYPE (OaiSettings, oai_settings, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_BASE_URL,
  PROP_AZURE,
  PROP_DEPLOYMENT,
  PROP_API_VERSION,
  PROP_USE_ACTIVE_DIRECTORY,
  PROP_ALLOW_INSECURE_HTTP,
  PROP_TRUST_REDIRECTS,
  PROP_ADAPT_REQUESTS,
  PROP_SERVER_PROFILE,
  PROP_PROXY_LOOPBACK,
  PROP_CHECK_NETWORK,
  PROP_ORGANIZATION,
  PROP_PROJECT,
  PROP_FIRST_LIMIT,
  N_PROPS = PROP_FIRST_LIMIT + N_LIMITS
};

static GParamSpec *properties[N_PROPS];

static void take_base_url (OaiSettings *self, const char *base_url, const char *variable);

static void
oai_settings_finalize (GObject *object)
{
  OaiSettings *self = OAI_SETTINGS (object);

  g_clear_object (&self->snapshot);
  g_clear_object (&self->server_profile);
  g_clear_error (&self->root_error);
  oai_name_values_unref (self->headers);
  oai_name_values_unref (self->query);
  oai_name_values_unref (self->beta_versions);
  g_string_chunk_free (self->strings);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (oai_settings_parent_class)->finalize (object);
}

static void
lock_to_change (OaiSettings *self)
{
  g_mutex_lock (&self->lock);
  g_clear_object (&self->snapshot);
}

static const char *
read_string (OaiSettings *self, const char *const *place)
{
  const char *text;

  g_mutex_lock (&self->lock);
  text = *place;
  g_mutex_unlock (&self->lock);

  return text;
}

static gboolean
read_boolean (OaiSettings *self, const gboolean *place)
{
  gboolean value;

  g_mutex_lock (&self->lock);
  value = *place;
  g_mutex_unlock (&self->lock);

  return value;
}

static void
write_boolean (OaiSettings *self, gboolean *place, gboolean value, guint property)
{
  gboolean changed;

  value = !!value;
  lock_to_change (self);
  changed = *place != value;
  *place = value;
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* With the lock held.  Returns whether the value has changed. */
static gboolean
replace_string (OaiSettings *self, const char **place, const char *text)
{
  const char *old = *place;

  *place = text != NULL ? g_string_chunk_insert_const (self->strings, text) : NULL;
  return *place != old;
}

static guint
read_limit (OaiSettings *self, Limit limit)
{
  guint value;

  g_mutex_lock (&self->lock);
  value = self->limits[limit];
  g_mutex_unlock (&self->lock);

  return value;
}

static void
oai_settings_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  OaiSettings *self = OAI_SETTINGS (object);

  switch (property_id)
    {
    case PROP_BASE_URL:
      g_value_set_string (value, oai_settings_get_base_url (self));
      break;
    case PROP_AZURE:
      g_value_set_boolean (value, oai_settings_is_azure (self));
      break;
    case PROP_DEPLOYMENT:
      g_value_set_string (value, oai_settings_get_deployment (self));
      break;
    case PROP_API_VERSION:
      g_value_set_string (value, oai_settings_get_api_version (self));
      break;
    case PROP_USE_ACTIVE_DIRECTORY:
      g_value_set_boolean (value, oai_settings_get_use_active_directory (self));
      break;
    case PROP_ALLOW_INSECURE_HTTP:
      g_value_set_boolean (value, oai_settings_get_allow_insecure_http (self));
      break;
    case PROP_TRUST_REDIRECTS:
      g_value_set_boolean (value, oai_settings_get_trust_redirects (self));
      break;
    case PROP_ADAPT_REQUESTS:
      g_value_set_boolean (value, oai_settings_get_adapt_requests (self));
      break;
    case PROP_SERVER_PROFILE:
      g_value_take_object (value, oai_settings_dup_server_profile (self));
      break;
    case PROP_PROXY_LOOPBACK:
      g_value_set_boolean (value, oai_settings_get_proxy_loopback (self));
      break;
    case PROP_CHECK_NETWORK:
      g_value_set_boolean (value, oai_settings_get_check_network (self));
      break;
    case PROP_ORGANIZATION:
      g_value_set_string (value, oai_settings_get_organization (self));
      break;
    case PROP_PROJECT:
      g_value_set_string (value, oai_settings_get_project (self));
      break;
    default:
      g_value_set_uint (value, read_limit (self, property_id - PROP_FIRST_LIMIT));
    }
}

static void
write_limit (OaiSettings *self, Limit limit, guint value)
{
  gboolean changed;

  lock_to_change (self);
  changed = self->limits[limit] != value;
  self->limits[limit] = value;
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FIRST_LIMIT + limit]);
}

static void
oai_settings_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  OaiSettings *self = OAI_SETTINGS (object);

  switch (property_id)
    {
    case PROP_BASE_URL:
      take_base_url (self, g_value_get_string (value), NULL);
      break;
    case PROP_USE_ACTIVE_DIRECTORY:
      oai_settings_set_use_active_directory (self, g_value_get_boolean (value));
      break;
    case PROP_ALLOW_INSECURE_HTTP:
      oai_settings_set_allow_insecure_http (self, g_value_get_boolean (value));
      break;
    case PROP_TRUST_REDIRECTS:
      oai_settings_set_trust_redirects (self, g_value_get_boolean (value));
      break;
    case PROP_ADAPT_REQUESTS:
      oai_settings_set_adapt_requests (self, g_value_get_boolean (value));
      break;
    case PROP_SERVER_PROFILE:
      oai_settings_set_server_profile (self, g_value_get_object (value));
      break;
    case PROP_PROXY_LOOPBACK:
      oai_settings_set_proxy_loopback (self, g_value_get_boolean (value));
      break;
    case PROP_CHECK_NETWORK:
      oai_settings_set_check_network (self, g_value_get_boolean (value));
      break;
    case PROP_ORGANIZATION:
      oai_settings_set_organization (self, g_value_get_string (value));
      break;
    case PROP_PROJECT:
      oai_settings_set_project (self, g_value_get_string (value));
      break;
    default:
      write_limit (self, property_id - PROP_FIRST_LIMIT, g_value_get_uint (value));
    }
}

static void
install_server_properties (void)
{
  const GParamFlags writable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * OaiSettings:base-url:
   *
   * The URL that all paths are relative to, without a slash at its end. After an invalid URL is set, calls fail with %OAI_ERROR_INVALID_ARGUMENT; [method@Oai.Settings.set_base_url] reports the error at once.
   *
   * Since: 1.0
   */
  properties[PROP_BASE_URL] = g_param_spec_string ("base-url", NULL, NULL, DEFAULT_BASE_URL, writable);

  /**
   * OaiSettings:azure:
   *
   * Whether the server is Azure, whose URLs contain a version and deployments.
   *
   * Since: 1.0
   */
  properties[PROP_AZURE] = g_param_spec_boolean ("azure", NULL, NULL, FALSE, readable);

  /**
   * OaiSettings:deployment:
   *
   * The deployment on Azure that is used for every model, or %NULL for none. The model of each
   * request is then the name of its deployment.
   *
   * Since: 1.0
   */
  properties[PROP_DEPLOYMENT] = g_param_spec_string ("deployment", NULL, NULL, NULL, readable);

  /**
   * OaiSettings:api-version:
   *
   * The version of the API that requests to Azure select; %NULL if the server is not Azure.
   *
   * Since: 1.0
   */
  properties[PROP_API_VERSION] = g_param_spec_string ("api-version", NULL, NULL, NULL, readable);

  /**
   * OaiSettings:use-active-directory:
   *
   * Whether the key is a token of Microsoft Entra ID (Active Directory), sent as `Authorization: Bearer` and not as `api-key`. It has an effect on Azure only.
   *
   * Since: 1.0
   */
  properties[PROP_USE_ACTIVE_DIRECTORY] = g_param_spec_boolean ("use-active-directory", NULL, NULL, FALSE, writable);

  /**
   * OaiSettings:allow-insecure-http:
   *
   * Whether credentials may be sent unencrypted with `http:` to hosts outside the local network. Otherwise such calls fail with %OAI_ERROR_INVALID_ARGUMENT before a request is sent.
   *
   * Local hosts are loopback, private and link-local addresses, and names without a dot or with the suffix `.localhost` or `.local`.
   *
   * Since: 1.0
   */
  properties[PROP_ALLOW_INSECURE_HTTP] = g_param_spec_boolean ("allow-insecure-http", NULL, NULL, FALSE, writable);

  /**
   * OaiSettings:trust-redirects:
   *
   * Whether the body of the request and the headers of the program are also sent to the target of a
   * redirect to another server (another scheme, host or port). Otherwise, a redirect that requires
   * the body (status 307 or 308) is an error, and other redirects get only general headers, such as
   * `Accept`.
   *
   * Credentials are never sent to another server.
   *
   * Since: 1.0
   */
  properties[PROP_TRUST_REDIRECTS] = g_param_spec_boolean ("trust-redirects", NULL, NULL, FALSE, writable);

  /**
   * OaiSettings:adapt-requests:
   *
   * Whether requests are adapted to servers that refuse some of their members.
   *
   * When a server refuses a request because of a member that it does not know, the request is sent
   * again without it, and the client remembers this for the server and the model. The second request
   * does not count as a retry. This is done for members that some servers are known to refuse:
   *
   * - `stream_options` is left out. The result of a stream then may have no usage, so that its cost is
   *   unknown.
   * - `max_completion_tokens` is sent as `max_tokens`, or the reverse.
   * - The role `developer` is sent as `system`.
   * - `strict` is left out of tools and formats. Arguments of tools and replies then may not follow
   *   their schema.
   * - `parallel_tool_calls` is left out if it is true.
   *
   * Requests to OpenAI and Azure are changed only if their meaning stays the same: `strict` and
   * `max_tokens` are not changed there. [property@Oai.Call:adaptations] shows the changes of a call.
   * If the server also refuses the second request, the error is that of the first one, unless the
   * second one has a more specific reason.
   *
   * Since: 1.0
   */
  properties[PROP_ADAPT_REQUESTS] = g_param_spec_boolean ("adapt-requests", NULL, NULL, TRUE, writable);

  /**
   * OaiSettings:server-profile: (getter dup_server_profile) (setter set_server_profile)
   *
   * What the server refuses in requests, or %NULL to use the profiles of the library. It applies also
   * if [property@Oai.Settings:adapt-requests] is off.
   *
   * Since: 1.0
   */
  properties[PROP_SERVER_PROFILE] = g_param_spec_object ("server-profile", NULL, NULL, OAI_TYPE_SERVER_PROFILE, writable);

  /**
   * OaiSettings:proxy-loopback:
   *
   * Whether the proxy of the system (of the environment variables such as `http_proxy`, or of the
   * settings of the desktop) is also used for servers at loopback addresses: 127.0.0.0/8, ::1,
   * `localhost` and the names below it. Otherwise, the library connects to them directly.
   *
   * It applies to connections that are opened afterwards by sessions of the client. A
   * [class@Soup.Session] of the program uses its own proxy resolver for all addresses. No proxy is
   * used for a UNIX socket.
   *
   * Since: 1.0
   */
  properties[PROP_PROXY_LOOPBACK] = g_param_spec_boolean ("proxy-loopback", NULL, NULL, FALSE, writable);

  /**
   * OaiSettings:check-network:
   *
   * Whether calls fail at once with %OAI_ERROR_OFFLINE if this machine has no network.
   *
   * Calls to UNIX sockets, to loopback, private and link-local addresses, to names without a dot or
   * with the suffix `.localhost` or `.local`, and calls through a proxy at such an address are sent
   * in any case. Set it to %FALSE for other names in a local network that has no route to the
   * Internet.
   *
   * Since: 1.0
   */
  properties[PROP_CHECK_NETWORK] = g_param_spec_boolean ("check-network", NULL, NULL, TRUE, writable);

  /**
   * OaiSettings:organization:
   *
   * The organization that is charged, sent as `OpenAI-Organization`. It takes precedence over the
   * organization of the key. With %NULL, the organization of the key is used.
   *
   * Since: 1.0
   */
  properties[PROP_ORGANIZATION] = g_param_spec_string ("organization", NULL, NULL, NULL, writable);

  /**
   * OaiSettings:project:
   *
   * The project that is charged, sent as `OpenAI-Project`. It takes precedence over the project of
   * the key. With %NULL, the project of the key is used.
   *
   * Since: 1.0
   */
  properties[PROP_PROJECT] = g_param_spec_string ("project", NULL, NULL, NULL, writable);
}

static GParamSpec *
limit_spec (guint limit)
{
  return g_param_spec_uint (limits[limit].name, NULL, NULL, 0, G_MAXUINT, limits[limit].value,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
install_limit_properties (void)
{
  /**
   * OaiSettings:connect-timeout-ms:
   *
   * Time limit for connecting to the server in milliseconds, including name resolution and TLS; 0 for no limit.
   *
   * Since: 1.0
   */
  properties[PROP_FIRST_LIMIT + LIMIT_CONNECT_TIMEOUT] = limit_spec (LIMIT_CONNECT_TIMEOUT);

  /**
   * OaiSettings:idle-timeout-ms:
   *
   * Maximum time in milliseconds without a byte from the server while waiting for a reply or reading it; 0 for no limit.
   *
   * The time starts when the whole request was sent.
   *
   * Since: 1.0
   */
  properties[PROP_FIRST_LIMIT + LIMIT_IDLE_TIMEOUT] = limit_spec (LIMIT_IDLE_TIMEOUT);

  /**
   * OaiSettings:timeout-ms:
   *
   * Time limit for one attempt of a call in milliseconds; for a stream, until its reply starts; 0 for no limit.
   *
   * It includes requesting a token, all redirects, and the reply. It begins again with each retry:
   * see [property@Oai.Settings:max-retries].
   *
   * Since: 1.0
   */
  properties[PROP_FIRST_LIMIT + LIMIT_TIMEOUT] = limit_spec (LIMIT_TIMEOUT);

  /**
   * OaiSettings:max-retries:
   *
   * Maximum number of retries of a call after a temporary failure: HTTP 408, 409, 429, 500 and above, or a failed connection; 0 for none.
   *
   * Since: 1.0
   */
  properties[PROP_FIRST_LIMIT + LIMIT_MAX_RETRIES] = limit_spec (LIMIT_MAX_RETRIES);

  /**
   * OaiSettings:max-retry-delay-ms:
   *
   * Maximum delay before a retry in milliseconds; 0 for no limit. If the server requests a longer delay, the call is not retried.
   *
   * Since: 1.0
   */
  properties[PROP_FIRST_LIMIT + LIMIT_MAX_RETRY_DELAY] = limit_spec (LIMIT_MAX_RETRY_DELAY);

  /**
   * OaiSettings:max-event-size:
   *
   * Maximum size of one event of a stream in bytes; 0 for no limit. If an event is larger, the stream fails with %OAI_ERROR_PROTOCOL.
   *
   * Since: 1.0
   */
  properties[PROP_FIRST_LIMIT + LIMIT_MAX_EVENT_SIZE] = limit_spec (LIMIT_MAX_EVENT_SIZE);

  /**
   * OaiSettings:max-reply-size:
   *
   * Maximum size of a reply that is read into memory, in bytes after decompression; 0 for no limit. If a reply is larger, the call fails with %OAI_ERROR_PROTOCOL.
   *
   * The limit does not apply to event streams and to downloads, but it applies to a whole reply instead of a stream.
   *
   * Since: 1.0
   */
  properties[PROP_FIRST_LIMIT + LIMIT_MAX_REPLY_SIZE] = limit_spec (LIMIT_MAX_REPLY_SIZE);

  /**
   * OaiSettings:max-stream-size:
   *
   * Maximum total size of the events that one stream folds into its result, in bytes; 0 for no limit. If the events are larger, the stream fails with %OAI_ERROR_PROTOCOL.
   *
   * The result grows with the events, so this limits the memory that a stream needs. Most results are much smaller than their events.
   *
   * Since: 1.0
   */
  properties[PROP_FIRST_LIMIT + LIMIT_MAX_STREAM_SIZE] = limit_spec (LIMIT_MAX_STREAM_SIZE);
}

static void
oai_settings_class_init (OaiSettingsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_settings_finalize;
  object_class->get_property = oai_settings_get_property;
  object_class->set_property = oai_settings_set_property;

  install_server_properties ();
  install_limit_properties ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_settings_init (OaiSettings *self)
{
  g_mutex_init (&self->lock);
  self->strings = g_string_chunk_new (256);
  self->root = self->base_url = g_string_chunk_insert_const (self->strings, DEFAULT_BASE_URL);
  self->openai = TRUE;
  self->adapt_requests = TRUE;
  for (guint i = 0; i < N_LIMITS; i++)
    self->limits[i] = limits[i].value;
  self->headers = oai_name_values_new (TRUE);
  self->query = oai_name_values_new (FALSE);
  self->beta_versions = oai_name_values_new (FALSE);
  self->check_network = TRUE;
}

static void
share_pairs (OaiNameValues **pairs, OaiNameValues *source)
{
  oai_name_values_unref (*pairs);
  *pairs = oai_name_values_ref (source);
}

/* With the lock held. */
static OaiSettings *
copy (OaiSettings *self)
{
  OaiSettings *copied = g_object_new (OAI_TYPE_SETTINGS, NULL);

  replace_string (copied, &copied->root, self->root);
  replace_string (copied, &copied->socket_path, self->socket_path);
  replace_string (copied, &copied->base_url, self->base_url);
  copied->root_error = self->root_error != NULL ? g_error_copy (self->root_error) : NULL;
  copied->variable = self->variable;
  copied->openai = self->openai;
  copied->azure = self->azure;
  replace_string (copied, &copied->deployment, self->deployment);
  replace_string (copied, &copied->api_version, self->api_version);
  copied->use_active_directory = self->use_active_directory;
  copied->allow_insecure_http = self->allow_insecure_http;
  copied->trust_redirects = self->trust_redirects;
  copied->adapt_requests = self->adapt_requests;
  g_set_object (&copied->server_profile, self->server_profile);
  copied->proxy_loopback = self->proxy_loopback;
  copied->check_network = self->check_network;
  replace_string (copied, &copied->organization, self->organization);
  replace_string (copied, &copied->project, self->project);
  replace_string (copied, &copied->environment_organization, self->environment_organization);
  replace_string (copied, &copied->environment_project, self->environment_project);
  memcpy (copied->limits, self->limits, sizeof self->limits);
  share_pairs (&copied->headers, self->headers);
  share_pairs (&copied->query, self->query);
  share_pairs (&copied->beta_versions, self->beta_versions);

  return copied;
}

OaiSettings *
oai_settings_ref_snapshot (OaiSettings *self)
{
  OaiSettings *snapshot;

  g_mutex_lock (&self->lock);
  if (self->snapshot == NULL)
    self->snapshot = copy (self);
  snapshot = g_object_ref (self->snapshot);
  g_mutex_unlock (&self->lock);

  return snapshot;
}

gboolean
oai_settings_is_openai (OaiSettings *self)
{
  return read_boolean (self, &self->openai);
}

char *
oai_settings_dup_socket_path (OaiSettings *self)
{
  return g_strdup (read_string (self, &self->socket_path));
}

const char *
oai_settings_get_base_url_variable (OaiSettings *self)
{
  return read_string (self, &self->variable);
}

/**
 * oai_settings_copy:
 * @self: the settings
 *
 * Copies the settings, for example to change some of them for another client.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_copy (OaiSettings *self)
{
  OaiSettings *copied;

  g_return_val_if_fail (OAI_IS_SETTINGS (self), NULL);

  g_mutex_lock (&self->lock);
  copied = copy (self);
  g_mutex_unlock (&self->lock);

  return copied;
}

static char *
build_root (OaiSettings *self, gboolean deployment, const char *model, GError **error)
{
  const char *name = self->deployment != NULL ? self->deployment : model;

  if (self->root_error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->root_error));
      return NULL;
    }
  if (!self->azure || !deployment || name == NULL || *name == '\0' || oai_azure_has_deployment (self->root))
    return g_strdup (self->root);

  return oai_azure_add_deployment (self->root, self->deployment != NULL ? "deployment" : "model", name, error);
}

char *
oai_settings_build_root (OaiSettings *self, gboolean deployment, const char *model, GError **error)
{
  char *root;

  g_mutex_lock (&self->lock);
  root = build_root (self, deployment, model, error);
  g_mutex_unlock (&self->lock);

  return root;
}

/* With the lock held, which it releases. */
static void
update_base_url (OaiSettings *self)
{
  g_autofree char *url = build_root (self, self->deployment != NULL, NULL, NULL);
  g_autofree char *address = self->socket_path != NULL ? oai_base_url_join_socket (self->socket_path, url != NULL ? url : self->root) : NULL;
  const char *shown = address != NULL ? address : url;
  gboolean changed = replace_string (self, &self->base_url, shown != NULL ? shown : self->root);

  g_mutex_unlock (&self->lock);
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BASE_URL]);
}

static void
make_azure (OaiSettings *self, const char *deployment, const char *api_version, gboolean use_active_directory)
{
  lock_to_change (self);
  self->azure = TRUE;
  replace_string (self, &self->deployment, deployment);
  replace_string (self, &self->api_version, api_version);
  self->use_active_directory = use_active_directory;
  update_base_url (self);
}

/* variable: the environment variable that contains root, or NULL.  error: why root cannot be used, or NULL. */
static void
replace_root (OaiSettings *self, const char *root, const char *variable, const GError *error)
{
  g_autofree char *socket_path = NULL;
  g_autofree char *url = NULL;

  if (error == NULL && oai_base_url_is_socket (root))
    oai_base_url_split_socket (root, &socket_path, &url);

  lock_to_change (self);
  replace_string (self, &self->root, url != NULL ? url : root);
  replace_string (self, &self->socket_path, socket_path);
  self->variable = variable;
  self->openai = socket_path == NULL && oai_url_is_openai (root);
  g_clear_error (&self->root_error);
  self->root_error = error != NULL ? g_error_copy (error) : NULL;
  update_base_url (self);
}

static void
prefix_variable (GError **error, const char *variable)
{
  /* Translators: %s is the name of an environment variable; the reason follows. */
  g_prefix_error (error, _("The environment variable %s cannot be used: "), variable);
}

/* Text that is not a URL is kept, and makes calls fail. */
static void
take_base_url (OaiSettings *self, const char *base_url, const char *variable)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = oai_base_url_normalize (base_url, &error);

  if (root == NULL && variable != NULL)
    prefix_variable (&error, variable);

  replace_root (self, root != NULL ? root : base_url != NULL ? base_url : "", variable, error);
}

/**
 * oai_settings_get_base_url:
 * @self: the settings
 *
 * Gets the URL to which all paths are relative, without a slash at its end. On Azure it
 * includes the deployment, if there is one for all calls.
 *
 * Returns: the URL
 *
 * Since: 1.0
 */
const char *
oai_settings_get_base_url (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), NULL);

  return read_string (self, &self->base_url);
}

/**
 * oai_settings_set_base_url:
 * @self: the settings
 * @base_url: an http or https URL, such as `http://localhost:11434/v1`, or the address of a UNIX socket
 * @error: return location for an error
 *
 * Sets the URL to which all paths are relative. Whitespace around it and slashes at its end
 * are removed, and nothing is added.
 *
 * A server that listens on a UNIX socket has the address `unix:SOCKET` or `unix:SOCKET:PATH`.
 * `SOCKET` is the absolute path of the socket, and `PATH` is the path of the URL, `/v1` if it is
 * absent. For example, `unix:/run/user/1000/llama.sock` is the same as
 * `unix:/run/user/1000/llama.sock:/v1`. Requests are sent without encryption and without a proxy,
 * with `localhost` as their host. Redirects to other servers are not followed.
 *
 * On Azure it replaces `https://RESOURCE.openai.azure.com/openai`. If it contains
 * `/deployments/`, this deployment is used for all calls.
 *
 * Returns: %TRUE on success; %FALSE with %OAI_ERROR_INVALID_ARGUMENT if the URL is invalid, and then nothing is changed
 *
 * Since: 1.0
 */
gboolean
oai_settings_set_base_url (OaiSettings *self, const char *base_url, GError **error)
{
  g_autofree char *root = NULL;

  g_return_val_if_fail (OAI_IS_SETTINGS (self), FALSE);

  root = oai_base_url_normalize (base_url, error);
  if (root == NULL)
    return FALSE;

  replace_root (self, root, NULL, NULL);
  return TRUE;
}

/**
 * oai_settings_is_azure:
 * @self: the settings
 *
 * Checks whether the server is Azure, whose URLs contain a version and deployments.
 *
 * Returns: %TRUE on Azure
 *
 * Since: 1.0
 */
gboolean
oai_settings_is_azure (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), FALSE);

  return read_boolean (self, &self->azure);
}

/**
 * oai_settings_get_deployment:
 * @self: the settings
 *
 * Gets the deployment on Azure that is used for every model.
 *
 * Returns: (nullable): its name, or %NULL for none: the model of each request is then the name of
 *   its deployment
 *
 * Since: 1.0
 */
const char *
oai_settings_get_deployment (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), NULL);

  return read_string (self, &self->deployment);
}

/**
 * oai_settings_get_api_version:
 * @self: the settings
 *
 * Gets the version of the API that requests to Azure select.
 *
 * Returns: (nullable): the version, or %NULL if the server is not Azure
 *
 * Since: 1.0
 */
const char *
oai_settings_get_api_version (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), NULL);

  return read_string (self, &self->api_version);
}

/**
 * oai_settings_get_use_active_directory:
 * @self: the settings
 *
 * Gets whether requests to Azure contain a token of Microsoft Entra ID (Active Directory), as
 * `Authorization: Bearer`, instead of a key, as `api-key`.
 *
 * Returns: %TRUE for a token
 *
 * Since: 1.0
 */
gboolean
oai_settings_get_use_active_directory (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), FALSE);

  return read_boolean (self, &self->use_active_directory);
}

/**
 * oai_settings_set_use_active_directory:
 * @self: the settings
 * @use_active_directory: %TRUE for a token, %FALSE for a key
 *
 * Sets whether a token of Microsoft Entra ID (Active Directory) is sent to Azure instead of
 * a key. Other servers always get `Authorization: Bearer`.
 *
 * Since: 1.0
 */
void
oai_settings_set_use_active_directory (OaiSettings *self, gboolean use_active_directory)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_boolean (self, &self->use_active_directory, use_active_directory, PROP_USE_ACTIVE_DIRECTORY);
}

/**
 * oai_settings_get_allow_insecure_http:
 * @self: the settings
 *
 * Gets whether credentials may be sent unencrypted to hosts outside the local network.
 *
 * Returns: %TRUE if they may be sent
 *
 * Since: 1.0
 */
gboolean
oai_settings_get_allow_insecure_http (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), FALSE);

  return read_boolean (self, &self->allow_insecure_http);
}

/**
 * oai_settings_set_allow_insecure_http:
 * @self: the settings
 * @allow_insecure_http: whether to allow it
 *
 * Sets whether credentials may be sent unencrypted to hosts outside the local
 * network; see [property@Oai.Settings:allow-insecure-http]. The default is %FALSE.
 *
 * Since: 1.0
 */
void
oai_settings_set_allow_insecure_http (OaiSettings *self, gboolean allow_insecure_http)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_boolean (self, &self->allow_insecure_http, allow_insecure_http, PROP_ALLOW_INSECURE_HTTP);
}

/**
 * oai_settings_get_trust_redirects:
 * @self: the settings
 *
 * Gets whether bodies and headers of the program are sent to the targets of redirects to other
 * servers.
 *
 * Returns: %TRUE if they are sent
 *
 * Since: 1.0
 */
gboolean
oai_settings_get_trust_redirects (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), FALSE);

  return read_boolean (self, &self->trust_redirects);
}

/**
 * oai_settings_set_trust_redirects:
 * @self: the settings
 * @trust_redirects: whether to send them
 *
 * Sets whether bodies and headers of the program are sent to the targets of redirects to other
 * servers; see [property@Oai.Settings:trust-redirects]. The default is %FALSE.
 *
 * Since: 1.0
 */
void
oai_settings_set_trust_redirects (OaiSettings *self, gboolean trust_redirects)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_boolean (self, &self->trust_redirects, trust_redirects, PROP_TRUST_REDIRECTS);
}

/**
 * oai_settings_get_adapt_requests:
 * @self: the settings
 *
 * Gets whether requests are adapted to servers that refuse some of their members.
 *
 * Returns: %TRUE if they are adapted
 *
 * Since: 1.0
 */
gboolean
oai_settings_get_adapt_requests (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), FALSE);

  return read_boolean (self, &self->adapt_requests);
}

/**
 * oai_settings_set_adapt_requests:
 * @self: the settings
 * @adapt_requests: whether to adapt them
 *
 * Sets whether requests are adapted to servers that refuse some of their members; see
 * [property@Oai.Settings:adapt-requests]. The default is %TRUE.
 *
 * Since: 1.0
 */
void
oai_settings_set_adapt_requests (OaiSettings *self, gboolean adapt_requests)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_boolean (self, &self->adapt_requests, adapt_requests, PROP_ADAPT_REQUESTS);
}

/**
 * oai_settings_dup_server_profile:
 * @self: the settings
 *
 * Gets the profile of the server that the program has set.
 *
 * Returns: (nullable) (transfer full): the profile, or %NULL if those of the library are used
 *
 * Since: 1.0
 */
OaiServerProfile *
oai_settings_dup_server_profile (OaiSettings *self)
{
  OaiServerProfile *profile;

  g_return_val_if_fail (OAI_IS_SETTINGS (self), NULL);

  g_mutex_lock (&self->lock);
  profile = self->server_profile != NULL ? g_object_ref (self->server_profile) : NULL;
  g_mutex_unlock (&self->lock);

  return profile;
}

/**
 * oai_settings_set_server_profile:
 * @self: the settings
 * @profile: (nullable): the profile, or %NULL to use those of the library
 *
 * Sets what the server refuses in requests. The profile replaces that of the library, if it has one for the
 * server. What a client learns from refusals is added to it.
 *
 * Since: 1.0
 */
void
oai_settings_set_server_profile (OaiSettings *self, OaiServerProfile *profile)
{
  g_autoptr(OaiServerProfile) old = NULL;
  gboolean changed;

  g_return_if_fail (OAI_IS_SETTINGS (self));
  g_return_if_fail (profile == NULL || OAI_IS_SERVER_PROFILE (profile));

  lock_to_change (self);
  old = g_steal_pointer (&self->server_profile);
  self->server_profile = profile != NULL ? g_object_ref (profile) : NULL;
  changed = old != profile;
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SERVER_PROFILE]);
}

/**
 * oai_settings_get_proxy_loopback:
 * @self: the settings
 *
 * Gets whether the proxy of the system is also used for servers at loopback addresses.
 *
 * Returns: %TRUE if it is used
 *
 * Since: 1.0
 */
gboolean
oai_settings_get_proxy_loopback (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), FALSE);

  return read_boolean (self, &self->proxy_loopback);
}

/**
 * oai_settings_set_proxy_loopback:
 * @self: the settings
 * @proxy_loopback: whether to use it
 *
 * Sets whether the proxy of the system is also used for servers at loopback addresses; see
 * [property@Oai.Settings:proxy-loopback]. The default is %FALSE.
 *
 * Since: 1.0
 */
void
oai_settings_set_proxy_loopback (OaiSettings *self, gboolean proxy_loopback)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_boolean (self, &self->proxy_loopback, proxy_loopback, PROP_PROXY_LOOPBACK);
}

/**
 * oai_settings_get_check_network:
 * @self: the settings
 *
 * Gets whether calls to remote servers fail at once if this machine has no network.
 *
 * Returns: %TRUE if they fail at once
 *
 * Since: 1.0
 */
gboolean
oai_settings_get_check_network (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), FALSE);

  return read_boolean (self, &self->check_network);
}

/**
 * oai_settings_set_check_network:
 * @self: the settings
 * @check_network: whether to check the network
 *
 * Sets whether calls to remote servers fail at once if this machine has no network; see
 * [property@Oai.Settings:check-network]. The default is %TRUE.
 *
 * Since: 1.0
 */
void
oai_settings_set_check_network (OaiSettings *self, gboolean check_network)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_boolean (self, &self->check_network, check_network, PROP_CHECK_NETWORK);
}

static void
set_identity (OaiSettings *self, const char **place, const char *text, guint property)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));
  gboolean changed;

  g_return_if_fail (oai_header_value_is_valid (trimmed));

  lock_to_change (self);
  changed = replace_string (self, place, *trimmed != '\0' ? trimmed : NULL);
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static const char *
read_identity (OaiSettings *self, const char *const *own, const char *const *environment)
{
  const char *text = read_string (self, own);

  return text != NULL ? text : read_string (self, environment);
}

/* The values of the environment are used only with the key of the environment. */
static const char *
resolve_identity (OaiSettings *self, OaiAuth *auth, const char *const *own, const char *const *environment, const char *of_key)
{
  const char *text = read_string (self, own);

  if (text != NULL)
    return text;
  if (of_key != NULL)
    return of_key;

  return auth == NULL || oai_auth_is_from_environment (auth) ? read_string (self, environment) : NULL;
}

/**
 * oai_settings_get_organization:
 * @self: the settings
 *
 * Gets the organization that is charged, as set by the program or in the environment. An
 * organization from the environment is sent only with the key of the environment, or without a key.
 *
 * Returns: (nullable): its identifier, or %NULL to use the value of the key
 *
 * Since: 1.0
 */
const char *
oai_settings_get_organization (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), NULL);

  return read_identity (self, &self->organization, &self->environment_organization);
}

/**
 * oai_settings_set_organization:
 * @self: the settings
 * @organization: (nullable): its identifier; %NULL or empty to use the value of the key
 *
 * Sets the organization that is charged, sent as `OpenAI-Organization`. It takes precedence over
 * the organization of the key. Organizations of OpenAI start with `org-`. Other values are sent
 * unchanged, for other servers.
 *
 * Since: 1.0
 */
void
oai_settings_set_organization (OaiSettings *self, const char *organization)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  set_identity (self, &self->organization, organization, PROP_ORGANIZATION);
}

/**
 * oai_settings_get_project:
 * @self: the settings
 *
 * Gets the project that is charged, as set by the program or in the environment. A project from the
 * environment is sent only with the key of the environment, or without a key.
 *
 * Returns: (nullable): its identifier, or %NULL to use the value of the key
 *
 * Since: 1.0
 */
const char *
oai_settings_get_project (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), NULL);

  return read_identity (self, &self->project, &self->environment_project);
}

/**
 * oai_settings_set_project:
 * @self: the settings
 * @project: (nullable): its identifier; %NULL or empty to use the value of the key
 *
 * Sets the project that is charged, sent as `OpenAI-Project`. It takes precedence over the project
 * of the key. Projects of OpenAI start with `proj_`. Other values are sent unchanged, for other
 * servers.
 *
 * Since: 1.0
 */
void
oai_settings_set_project (OaiSettings *self, const char *project)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  set_identity (self, &self->project, project, PROP_PROJECT);
}

const char *
oai_settings_resolve_organization (OaiSettings *self, OaiAuth *auth)
{
  return resolve_identity (self, auth, &self->organization, &self->environment_organization, auth != NULL ? oai_auth_get_organization (auth) : NULL);
}

const char *
oai_settings_resolve_project (OaiSettings *self, OaiAuth *auth)
{
  return resolve_identity (self, auth, &self->project, &self->environment_project, auth != NULL ? oai_auth_get_project (auth) : NULL);
}

gboolean
oai_settings_uses_api_key_header (OaiSettings *self, OaiAuth *auth)
{
  if (!oai_settings_is_azure (self) || oai_settings_get_use_active_directory (self))
    return FALSE;

  return auth == NULL || !oai_auth_get_use_active_directory (auth);
}

/* set: FALSE to remove the pair. */
static void
change_pairs (OaiSettings *self, OaiNameValues **place, const char *name, const char *value, gboolean set)
{
  g_autoptr (OaiNameValues) old = NULL;
  OaiNameValues *changed;

  lock_to_change (self);
  old = *place;
  changed = oai_name_values_copy (old);
  if (set)
    oai_name_values_set (changed, name, value);
  else
    oai_name_values_remove (changed, name);
  *place = changed;
  g_mutex_unlock (&self->lock);
}

/* func is called without the lock. */
static void
foreach_pair (OaiSettings *self, OaiNameValues *const *place, OaiNameValueFunc func, gpointer user_data)
{
  g_autoptr (OaiNameValues) pairs = NULL;

  g_mutex_lock (&self->lock);
  pairs = oai_name_values_ref (*place);
  g_mutex_unlock (&self->lock);

  oai_name_values_foreach (pairs, func, user_data);
}

/**
 * oai_settings_set_header:
 * @self: the settings
 * @name: name of the header
 * @value: (nullable): its value, or %NULL to remove the header, including one that the library sends
 *
 * Sets a header of all requests. It is a programming error if @name or @value contains characters
 * that HTTP does not permit.
 *
 * Since: 1.0
 */
void
oai_settings_set_header (OaiSettings *self, const char *name, const char *value)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));
  g_return_if_fail (name != NULL && oai_header_name_is_valid (name));
  g_return_if_fail (value == NULL || oai_header_value_is_valid (value));

  change_pairs (self, &self->headers, name, value, TRUE);
}

/**
 * oai_settings_set_query_parameter:
 * @self: the settings
 * @name: name of the query parameter, not encoded
 * @value: (nullable): its value, not encoded, or %NULL to remove it
 *
 * Sets a query parameter of all requests. A parameter of the same name in a call has precedence.
 *
 * Since: 1.0
 */
void
oai_settings_set_query_parameter (OaiSettings *self, const char *name, const char *value)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));
  g_return_if_fail (name != NULL);

  change_pairs (self, &self->query, name, value, value != NULL);
}

/**
 * oai_settings_set_beta_version:
 * @self: the settings
 * @feature: name of a beta feature of the API, such as `assistants`
 * @version: (nullable): the version, such as `v1`; %NULL or empty for the default version
 *
 * Sets the version of a beta feature. Operations that belong to the feature send it in the header
 * `OpenAI-Beta`; other operations do not.
 *
 * Some features, such as `responses_multi_agent`, are off unless a version is set. The reference of the
 * endpoint describes this.
 *
 * An operation that does not exist in this version fails with %OAI_ERROR_INVALID_ARGUMENT and sends
 * nothing. Version `v1` of `assistants`, in which files are attached to assistants and messages
 * themselves, has been removed by OpenAI; other servers may still have it.
 *
 * Since: 1.0
 */
void
oai_settings_set_beta_version (OaiSettings *self, const char *feature, const char *version)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));
  g_return_if_fail (feature != NULL && oai_header_name_is_valid (feature));
  g_return_if_fail (version == NULL || *version == '\0' || oai_header_name_is_valid (version));

  if (version != NULL && *version == '\0')
    version = NULL;
  if (version != NULL)
    version = g_intern_string (version);
  change_pairs (self, &self->beta_versions, feature, version, version != NULL);
}

static void
find_version (const char *name, const char *value, gpointer user_data)
{
  const char **pair = user_data;

  if (g_str_equal (name, pair[0]))
    pair[1] = g_intern_string (value);
}

/**
 * oai_settings_get_beta_version:
 * @self: the settings
 * @feature: name of a beta feature of the API
 *
 * Gets the version of a beta feature that was set.
 *
 * Returns: (nullable): the version; %NULL if none was set
 *
 * Since: 1.0
 */
const char *
oai_settings_get_beta_version (OaiSettings *self, const char *feature)
{
  const char *pair[] = { feature, NULL };

  g_return_val_if_fail (OAI_IS_SETTINGS (self), NULL);
  g_return_val_if_fail (feature != NULL, NULL);

  foreach_pair (self, &self->beta_versions, find_version, pair);

  return pair[1];
}

void
oai_settings_foreach_header (OaiSettings *self, OaiNameValueFunc func, gpointer user_data)
{
  foreach_pair (self, &self->headers, func, user_data);
}

void
oai_settings_foreach_query (OaiSettings *self, OaiNameValueFunc func, gpointer user_data)
{
  foreach_pair (self, &self->query, func, user_data);
}

/**
 * oai_settings_get_connect_timeout_ms:
 * @self: the settings
 *
 * Gets the time limit for connecting.
 *
 * Returns: milliseconds; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_connect_timeout_ms (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return read_limit (self, LIMIT_CONNECT_TIMEOUT);
}

/**
 * oai_settings_set_connect_timeout_ms:
 * @self: the settings
 * @connect_timeout_ms: milliseconds; 0 for no limit
 *
 * Sets the time limit for connecting. The default is 10000.
 *
 * Since: 1.0
 */
void
oai_settings_set_connect_timeout_ms (OaiSettings *self, guint connect_timeout_ms)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_limit (self, LIMIT_CONNECT_TIMEOUT, connect_timeout_ms);
}

/**
 * oai_settings_get_idle_timeout_ms:
 * @self: the settings
 *
 * Gets the maximum time without a byte from the server.
 *
 * Returns: milliseconds; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_idle_timeout_ms (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return read_limit (self, LIMIT_IDLE_TIMEOUT);
}

/**
 * oai_settings_set_idle_timeout_ms:
 * @self: the settings
 * @idle_timeout_ms: milliseconds; 0 for no limit
 *
 * Sets the maximum time without a byte from the server. The default is 600000.
 *
 * Since: 1.0
 */
void
oai_settings_set_idle_timeout_ms (OaiSettings *self, guint idle_timeout_ms)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_limit (self, LIMIT_IDLE_TIMEOUT, idle_timeout_ms);
}

/**
 * oai_settings_get_timeout_ms:
 * @self: the settings
 *
 * Gets the time limit for one attempt of a call.
 *
 * Returns: milliseconds; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_timeout_ms (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return read_limit (self, LIMIT_TIMEOUT);
}

/**
 * oai_settings_set_timeout_ms:
 * @self: the settings
 * @timeout_ms: milliseconds; 0 for no limit
 *
 * Sets the time limit for one attempt of a call. The default is 600000.
 *
 * Since: 1.0
 */
void
oai_settings_set_timeout_ms (OaiSettings *self, guint timeout_ms)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_limit (self, LIMIT_TIMEOUT, timeout_ms);
}

/**
 * oai_settings_get_max_retries:
 * @self: the settings
 *
 * Gets the maximum number of retries.
 *
 * Returns: the number; 0 for none
 *
 * Since: 1.0
 */
guint
oai_settings_get_max_retries (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return read_limit (self, LIMIT_MAX_RETRIES);
}

/**
 * oai_settings_set_max_retries:
 * @self: the settings
 * @max_retries: the number; 0 for none
 *
 * Sets the maximum number of retries. The default is 2.
 *
 * Since: 1.0
 */
void
oai_settings_set_max_retries (OaiSettings *self, guint max_retries)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_limit (self, LIMIT_MAX_RETRIES, max_retries);
}

/**
 * oai_settings_get_max_retry_delay_ms:
 * @self: the settings
 *
 * Gets the maximum delay before a retry.
 *
 * Returns: milliseconds; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_max_retry_delay_ms (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return read_limit (self, LIMIT_MAX_RETRY_DELAY);
}

/**
 * oai_settings_set_max_retry_delay_ms:
 * @self: the settings
 * @max_retry_delay_ms: milliseconds; 0 for no limit
 *
 * Sets the maximum delay before a retry. The default is 120000.
 *
 * Since: 1.0
 */
void
oai_settings_set_max_retry_delay_ms (OaiSettings *self, guint max_retry_delay_ms)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_limit (self, LIMIT_MAX_RETRY_DELAY, max_retry_delay_ms);
}

/**
 * oai_settings_get_max_event_size:
 * @self: the settings
 *
 * Gets the maximum size of one event of a stream.
 *
 * Returns: bytes; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_max_event_size (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return read_limit (self, LIMIT_MAX_EVENT_SIZE);
}

/**
 * oai_settings_set_max_event_size:
 * @self: the settings
 * @bytes: the size; 0 for no limit
 *
 * Sets the maximum size of one event of a stream. If an event is larger, the stream fails with
 * %OAI_ERROR_PROTOCOL. The default is 67108864, which is 64 MiB.
 *
 * Since: 1.0
 */
void
oai_settings_set_max_event_size (OaiSettings *self, guint bytes)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_limit (self, LIMIT_MAX_EVENT_SIZE, bytes);
}

/**
 * oai_settings_get_max_reply_size:
 * @self: the settings
 *
 * Gets the maximum size of a reply that is read into memory.
 *
 * Returns: bytes; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_max_reply_size (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return read_limit (self, LIMIT_MAX_REPLY_SIZE);
}

/**
 * oai_settings_set_max_reply_size:
 * @self: the settings
 * @bytes: the size; 0 for no limit
 *
 * Sets the maximum size of a reply that is read into memory: see
 * [property@Oai.Settings:max-reply-size]. The default is 104857600 (100 MiB).
 *
 * Since: 1.0
 */
void
oai_settings_set_max_reply_size (OaiSettings *self, guint bytes)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_limit (self, LIMIT_MAX_REPLY_SIZE, bytes);
}

/**
 * oai_settings_get_max_stream_size:
 * @self: the settings
 *
 * Gets the maximum total size of the events that one stream folds into its result.
 *
 * Returns: bytes; 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_settings_get_max_stream_size (OaiSettings *self)
{
  g_return_val_if_fail (OAI_IS_SETTINGS (self), 0);

  return read_limit (self, LIMIT_MAX_STREAM_SIZE);
}

/**
 * oai_settings_set_max_stream_size:
 * @self: the settings
 * @bytes: the size; 0 for no limit
 *
 * Sets the maximum total size of the events that one stream folds into its result: see
 * [property@Oai.Settings:max-stream-size]. The default is 268435456 (256 MiB). Applies to streams
 * that are started later.
 *
 * Since: 1.0
 */
void
oai_settings_set_max_stream_size (OaiSettings *self, guint bytes)
{
  g_return_if_fail (OAI_IS_SETTINGS (self));

  write_limit (self, LIMIT_MAX_STREAM_SIZE, bytes);
}

/* Constructors */

static void
add_header_line (OaiSettings *self, const char *line)
{
  const char *colon = strchr (line, ':');
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;

  if (colon == NULL)
    return;

  name = g_strstrip (g_strndup (line, colon - line));
  value = g_strstrip (g_strdup (colon + 1));
  if (oai_header_name_is_valid (name) && oai_header_value_is_valid (value))
    oai_settings_set_header (self, name, value);
}

static void
read_environment (OaiSettings *self)
{
  g_autofree char *organization = oai_environment_dup_organization ();
  g_autofree char *project = oai_environment_dup_project ();
  g_autofree char *headers = oai_environment_dup_headers ();
  g_auto (GStrv) lines = g_strsplit (headers != NULL ? headers : "", "\n", -1);

  lock_to_change (self);
  replace_string (self, &self->environment_organization, organization);
  replace_string (self, &self->environment_project, project);
  g_mutex_unlock (&self->lock);

  for (guint i = 0; lines[i] != NULL; i++)
    add_header_line (self, lines[i]);
}

/**
 * oai_settings_new:
 *
 * Creates the settings for OpenAI, as changed by the environment:
 *
 * - `OPENAI_BASE_URL`: the base URL, which may be the address of a UNIX socket: see
 *   [method@Oai.Settings.set_base_url]. If it is not valid, calls fail, and nothing is sent to
 *   another server.
 * - The organization and the project that are charged, under the names that
 *   [ctor@Oai.Auth.new_from_environment] reads, such as `OPENAI_ORG_ID`. They are used if neither
 *   the settings nor the key specify them. They belong to the key of the environment, and are not
 *   sent with a key of the program or of a file.
 * - `OPENAI_CUSTOM_HEADERS`: lines of `Name: value`. [method@Oai.Settings.set_header] overrides
 *   them.
 *
 * Blank variables count as not set. See the
 * [API reference](https://platform.openai.com/docs/api-reference/authentication).
 *
 * Returns: (transfer full): the settings
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new (void)
{
  OaiSettings *self = g_object_new (OAI_TYPE_SETTINGS, NULL);
  g_autofree char *base_url = oai_environment_dup_base_url ();

  read_environment (self);
  if (base_url != NULL)
    take_base_url (self, base_url, "OPENAI_BASE_URL");

  return self;
}

/**
 * oai_settings_new_for_base_url:
 * @base_url: an http or https URL, such as `http://localhost:11434/v1`, or the address of a UNIX
 *   socket, such as `unix:/run/user/1000/llama.sock`: see [method@Oai.Settings.set_base_url]
 * @error: return location for an error
 *
 * Creates the settings for a server with this base URL. Blanks around it and slashes at its end are
 * removed. The environment is not read.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_base_url (const char *base_url, GError **error)
{
  g_autoptr (OaiSettings) self = g_object_new (OAI_TYPE_SETTINGS, NULL);

  if (!oai_settings_set_base_url (self, base_url, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * oai_settings_new_for_domain:
 * @domain: (nullable): the domain, with a port if it is not the default one; blank for `api.openai.com`
 * @api_version: (nullable): the version of the API; blank for `v1`
 * @error: return location for an error
 *
 * Creates the settings for `https://DOMAIN/API_VERSION`, for a proxy or a gateway.
 *
 * The domain contains a dot or a colon (`localhost:8080`, not `localhost`). It may begin with
 * `http://` or `https://`, and may contain a path. The version may be a path of several segments:
 * `api.groq.com` and `openai/v1` make `https://api.groq.com/openai/v1`. The environment is not read.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_domain (const char *domain, const char *api_version, GError **error)
{
  g_autofree char *base_url = oai_server_address_from_domain (domain, api_version, error);

  return base_url != NULL ? oai_settings_new_for_base_url (base_url, error) : NULL;
}

/**
 * oai_settings_new_for_region:
 * @region: `us`, `eu`, `ae`, `au`, `in`, `jp` or `global`
 * @error: return location for an error
 *
 * Creates the settings for OpenAI in a region that must store the data
 * ([data residency](https://platform.openai.com/docs/guides/your-data)).
 *
 * The environment is read as by [ctor@Oai.Settings.new], except for `OPENAI_BASE_URL`, which the
 * region replaces.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_region (const char *region, GError **error)
{
  g_autofree char *base_url = oai_server_address_from_region (region, error);
  OaiSettings *self;

  if (base_url == NULL)
    return NULL;

  self = oai_settings_new_for_base_url (base_url, error);
  read_environment (self);

  return self;
}

static OaiSettings *
new_for_azure (const char *base_url, const char *deployment, const char *api_version, gboolean use_active_directory, GError **error)
{
  g_autoptr (OaiSettings) self = oai_settings_new_for_base_url (base_url, error);
  g_autofree char *version = g_strstrip (g_strdup (api_version != NULL ? api_version : ""));
  g_autofree char *environment_version = oai_environment_dup_azure_version ();
  g_autofree char *name = g_strstrip (g_strdup (deployment != NULL ? deployment : ""));
  g_autofree char *segment = NULL;

  if (self == NULL)
    return NULL;

  if (*name != '\0')
    {
      segment = oai_path_segment ("deployment", name, error);
      if (segment == NULL)
        return NULL;
    }
  if (*version == '\0')
    {
      g_free (version);
      version = environment_version != NULL ? g_steal_pointer (&environment_version) : g_strdup (OAI_AZURE_DEFAULT_VERSION);
    }

  make_azure (self, *name != '\0' ? name : NULL, version, use_active_directory);

  return g_steal_pointer (&self);
}

/**
 * oai_settings_new_for_azure:
 * @resource: name of the Azure resource, the part before `.openai.azure.com`
 * @deployment: (nullable): the deployment for all calls; %NULL to use the model of each request as the name of its deployment
 * @api_version: (nullable): the version of Azure's API; blank for the value of the environment
 *   variable `OPENAI_API_VERSION`, or 2024-10-21 if it is not set
 * @use_active_directory: %TRUE to send a token of Microsoft Entra ID (Active Directory) as
 *   `Authorization: Bearer`, %FALSE to send a key as `api-key`
 * @error: return location for an error
 *
 * Creates the settings for
 * [Azure OpenAI](https://learn.microsoft.com/azure/ai-services/openai/reference).
 *
 * Operations that Azure deploys, such as chat, embeddings, audio and images, are sent to
 * `deployments/DEPLOYMENT/` below the base URL; all others are sent to the base URL itself.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_azure (const char *resource, const char *deployment, const char *api_version, gboolean use_active_directory, GError **error)
{
  g_autofree char *url = oai_azure_url_from_resource (resource, error);

  return url != NULL ? new_for_azure (url, deployment, api_version, use_active_directory, error) : NULL;
}

/**
 * oai_settings_new_for_azure_endpoint:
 * @endpoint: the URL of the resource, such as `https://NAME.openai.azure.com`, or of a gateway
 * @deployment: (nullable): the deployment for all calls; %NULL to use the model of each request as the name of its deployment
 * @api_version: (nullable): the version of Azure's API; blank for the value of the environment
 *   variable `OPENAI_API_VERSION`, or 2024-10-21 if it is not set
 * @use_active_directory: %TRUE to send a token of Microsoft Entra ID (Active Directory) as
 *   `Authorization: Bearer`, %FALSE to send a key as `api-key`
 * @error: return location for an error
 *
 * Creates the settings for Azure from the URL of an endpoint. `/openai` is added to it. For a
 * gateway without this path, call [method@Oai.Settings.set_base_url] afterwards.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_azure_endpoint (const char *endpoint, const char *deployment, const char *api_version, gboolean use_active_directory, GError **error)
{
  g_autofree char *url = oai_azure_url_from_endpoint (endpoint, error);

  return url != NULL ? new_for_azure (url, deployment, api_version, use_active_directory, error) : NULL;
}

/**
 * oai_settings_new_for_azure_from_environment:
 * @deployment: (nullable): the deployment for all calls; %NULL to use the model of each request as the name of its deployment
 * @error: return location for an error
 *
 * Creates the settings for Azure from the environment variables `AZURE_OPENAI_ENDPOINT` and
 * `OPENAI_API_VERSION`. Use them with [ctor@Oai.Auth.new_for_azure_from_environment].
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_azure_from_environment (const char *deployment, GError **error)
{
  static const char variable[] = "AZURE_OPENAI_ENDPOINT";
  g_autofree char *endpoint = oai_environment_dup_azure_endpoint ();
  g_autofree char *url = NULL;
  OaiSettings *self;

  if (endpoint == NULL)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The environment variable %s is not set"), variable);
      return NULL;
    }

  url = oai_azure_url_from_endpoint (endpoint, error);
  if (url == NULL)
    {
      prefix_variable (error, variable);
      return NULL;
    }

  self = new_for_azure (url, deployment, NULL, oai_environment_has_azure_token (), error);
  if (self != NULL)
    self->variable = variable;

  return self;
}
