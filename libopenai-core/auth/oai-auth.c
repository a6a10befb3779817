/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-auth-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-name-values-private.h"
#include "oai-token-request-private.h"
#include "oai-url-private.h"

#include <string.h>

/**
 * OaiAuth:
 *
 * The credentials of a program: a key, or a provider of tokens.
 *
 * [ctor@Oai.Auth.new_default] looks where keys usually are;
 * [func@Oai.Auth.new_from_keyring_async] takes one from the keyring of the user.
 * No property and no getter returns a key, and the library puts none into a log or an
 * error. [method@Oai.Auth.get_token_async] does return it: a program that hands its
 * credentials to other code hands over the key. [method@Oai.Auth.get_source] returns
 * where the key came from.
 *
 * Tokens that expire come from the signal [signal@Oai.Auth::token-requested] or
 * from a subclass; either is called before each attempt of a call. A subclass
 * overrides `token_requested` (in JavaScript only that is possible, since a method
 * that takes a callback cannot be overridden there), or `get_token_async` and
 * `get_token_finish`.
 *
 * The library overwrites its own copies of a key before it frees them. It does not
 * reach other copies: the string that the program passed, the value of a property that
 * is set, the environment, the strings of a language binding, the headers in libsoup and
 * the buffers of TLS. Keys are not protected from being swapped out or dumped with the
 * process.
 *
 * An object may be used from any thread. The signal is emitted, and
 * [method@Oai.Auth.get_token_async] completes, in the thread of the call.
 *
 * See the [API reference](https://platform.openai.com/docs/api-reference/authentication).
 *
 * Since: 1.0
 */
typedef struct
{
  GMutex lock; /* for the keys and their source; the rest is set once */
  OaiCredentials credentials;
  const char *source; /* interned */
  gboolean active_directory;
} OaiAuthPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (OaiAuth, oai_auth, G_TYPE_OBJECT)

#define PRIVATE(self) ((OaiAuthPrivate *) oai_auth_get_instance_private (self))

enum
{
  PROP_0,
  PROP_API_KEY,
  PROP_ADMIN_KEY,
  PROP_ORGANIZATION,
  PROP_PROJECT,
  PROP_SOURCE,
  PROP_ACTIVE_DIRECTORY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  TOKEN_REQUESTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
oai_secret_free (gpointer text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

void
oai_credentials_clear (OaiCredentials *self)
{
  g_clear_pointer (&self->api_key, oai_secret_free);
  g_clear_pointer (&self->admin_key, oai_secret_free);
  g_clear_pointer (&self->organization, g_free);
  g_clear_pointer (&self->project, g_free);
}

gboolean
oai_credentials_have_key (const OaiCredentials *self)
{
  return (self->api_key != NULL && *self->api_key != '\0') || self->admin_key != NULL;
}

static void
oai_auth_finalize (GObject *object)
{
  OaiAuthPrivate *priv = PRIVATE (OAI_AUTH (object));

  oai_credentials_clear (&priv->credentials);
  g_mutex_clear (&priv->lock);

  G_OBJECT_CLASS (oai_auth_parent_class)->finalize (object);
}

static void
oai_auth_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  OaiAuth *self = OAI_AUTH (object);

  switch (property_id)
    {
    case PROP_ORGANIZATION:
      g_value_set_string (value, oai_auth_get_organization (self));
      break;
    case PROP_PROJECT:
      g_value_set_string (value, oai_auth_get_project (self));
      break;
    case PROP_SOURCE:
      g_value_set_string (value, oai_auth_get_source (self));
      break;
    case PROP_ACTIVE_DIRECTORY:
      g_value_set_boolean (value, oai_auth_get_active_directory (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

/* Trimmed; NULL where there is nothing but blanks. */
static char *
dup_identity (const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));

  if (*trimmed == '\0' || !oai_header_value_is_valid (trimmed))
    return NULL;

  return g_steal_pointer (&trimmed);
}

static void
oai_auth_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  OaiAuth *self = OAI_AUTH (object);
  OaiAuthPrivate *priv = PRIVATE (self);

  switch (property_id)
    {
    case PROP_API_KEY:
      oai_auth_set_api_key (self, g_value_get_string (value));
      break;
    case PROP_ADMIN_KEY:
      oai_auth_set_admin_key (self, g_value_get_string (value));
      break;
    case PROP_ORGANIZATION:
      priv->credentials.organization = dup_identity (g_value_get_string (value));
      break;
    case PROP_PROJECT:
      priv->credentials.project = dup_identity (g_value_get_string (value));
      break;
    case PROP_ACTIVE_DIRECTORY:
      priv->active_directory = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static char *
dup_api_key (OaiAuth *self)
{
  OaiAuthPrivate *priv = PRIVATE (self);
  char *key;

  g_mutex_lock (&priv->lock);
  key = g_strdup (priv->credentials.api_key);
  g_mutex_unlock (&priv->lock);

  return key;
}

/* The key as a token; NULL with an error. */
static char *
dup_key_as_token (OaiAuth *self, GError **error)
{
  oai_autosecret char *key = dup_api_key (self);

  if (key != NULL && oai_header_value_is_valid (key))
    return g_steal_pointer (&key);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION,
                       key == NULL ? _("There is no API key") : _("The API key contains characters that cannot be sent"));
  return NULL;
}

static gboolean
has_provider (OaiAuth *self)
{
  return OAI_AUTH_GET_CLASS (self)->token_requested != NULL
         || g_signal_has_handler_pending (self, signals[TOKEN_REQUESTED], 0, FALSE);
}

static void
oai_auth_real_get_token_async (OaiAuth *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (OaiTokenRequest) request = NULL;
  GError *error = NULL;
  char *token;

  g_task_set_source_tag (task, oai_auth_real_get_token_async);

  if (has_provider (self))
    {
      request = oai_token_request_new (task);
      if (!g_cancellable_is_cancelled (cancellable))
        g_signal_emit (self, signals[TOKEN_REQUESTED], 0, request);
      return;
    }

  token = dup_key_as_token (self, &error);
  if (token != NULL)
    g_task_return_pointer (task, token, oai_secret_free);
  else
    g_task_return_error (task, error);
}

static char *
oai_auth_real_get_token_finish (OaiAuth *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags writable = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags constructed = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * OaiAuth:api-key:
   *
   * The key. It can be set, but not read.
   *
   * Since: 1.0
   */
  properties[PROP_API_KEY] = g_param_spec_string ("api-key", NULL, NULL, NULL, writable | G_PARAM_CONSTRUCT);

  /**
   * OaiAuth:admin-key:
   *
   * The key for the administration of an organization. It can be set, but not read.
   *
   * Since: 1.0
   */
  properties[PROP_ADMIN_KEY] = g_param_spec_string ("admin-key", NULL, NULL, NULL, writable);

  /**
   * OaiAuth:organization:
   *
   * The organization that comes with the key, sent as `OpenAI-Organization`.
   *
   * Since: 1.0
   */
  properties[PROP_ORGANIZATION] = g_param_spec_string ("organization", NULL, NULL, NULL, constructed);

  /**
   * OaiAuth:project:
   *
   * The project that comes with the key, sent as `OpenAI-Project`.
   *
   * Since: 1.0
   */
  properties[PROP_PROJECT] = g_param_spec_string ("project", NULL, NULL, NULL, constructed);

  /**
   * OaiAuth:source:
   *
   * Where the key came from; see [method@Oai.Auth.get_source].
   *
   * Since: 1.0
   */
  properties[PROP_SOURCE] = g_param_spec_string ("source", NULL, NULL, "provider", readable);

  /**
   * OaiAuth:active-directory:
   *
   * Whether the key, or what a provider gives, is a token of Microsoft Entra ID
   * (Active Directory), which Azure wants as `Authorization: Bearer`.
   *
   * Since: 1.0
   */
  properties[PROP_ACTIVE_DIRECTORY] = g_param_spec_boolean ("active-directory", NULL, NULL, FALSE, constructed);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_auth_class_init (OaiAuthClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_auth_finalize;
  object_class->get_property = oai_auth_get_property;
  object_class->set_property = oai_auth_set_property;
  klass->get_token_async = oai_auth_real_get_token_async;
  klass->get_token_finish = oai_auth_real_get_token_finish;

  install_properties (object_class);

  /**
   * OaiAuth::token-requested:
   * @self: the credentials
   * @request: what to answer
   *
   * Emitted before each attempt of a call, for a token.
   *
   * Answer @request with [method@Oai.TokenRequest.respond] or
   * [method@Oai.TokenRequest.fail], at once or, keeping a reference, later. The
   * first answer counts. A request that is dropped without an answer fails the
   * call. While a handler is connected, the key is not used.
   *
   * The thread-default main context is the one that the call waits in. For a call that
   * blocks, it is not that of the caller: what a handler starts asynchronously
   * completes while the call waits, and a main loop of a handler has to be made for
   * [func@GLib.MainContext.ref_thread_default].
   *
   * Since: 1.0
   */
  signals[TOKEN_REQUESTED] =
      g_signal_new (OAI_TOKEN_REQUESTED, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (OaiAuthClass, token_requested), NULL, NULL, NULL,
                    G_TYPE_NONE, 1, OAI_TYPE_TOKEN_REQUEST);
}

static void
oai_auth_init (OaiAuth *self)
{
  g_mutex_init (&PRIVATE (self)->lock);
}

OaiAuth *
oai_auth_new_take (OaiCredentials *credentials, char *source, gboolean active_directory)
{
  OaiAuth *self = g_object_new (OAI_TYPE_AUTH, "active-directory", active_directory, NULL);
  OaiAuthPrivate *priv = PRIVATE (self);

  oai_credentials_clear (&priv->credentials);
  priv->credentials = *credentials;
  memset (credentials, 0, sizeof *credentials);
  priv->source = g_intern_string (source);
  g_free (source);

  return self;
}

/**
 * oai_auth_new:
 * @api_key: (nullable): the key; empty for a server that wants none, %NULL where
 *   [signal@Oai.Auth::token-requested] gives tokens, only an admin key is used, or the
 *   program sets an `Authorization` or `api-key` header of its own
 *
 * Creates credentials from a key. Blanks and line ends around it are removed.
 *
 * Returns: (transfer full): the credentials
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new (const char *api_key)
{
  return oai_auth_new_full (api_key, NULL, NULL);
}

/**
 * oai_auth_new_full:
 * @api_key: (nullable): the key; empty for a server that wants none, %NULL where
 *   [signal@Oai.Auth::token-requested] gives tokens, only an admin key is used, or the
 *   program sets an `Authorization` or `api-key` header of its own
 * @organization: (nullable): the organization that is charged; OpenAI's begin with `org-`
 * @project: (nullable): the project that is charged; OpenAI's begin with `proj_`
 *
 * Creates credentials from a key, an organization and a project.
 *
 * Returns: (transfer full): the credentials
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_full (const char *api_key, const char *organization, const char *project)
{
  OaiAuth *self = g_object_new (OAI_TYPE_AUTH, "organization", organization, "project", project, NULL);

  oai_auth_set_api_key (self, api_key);
  return self;
}

/* What was in place is freed outside the lock. */
static void
swap (char **place, char **value)
{
  char *old = *place;

  *place = *value;
  *value = old;
}

/**
 * oai_auth_set_api_key:
 * @self: the credentials
 * @api_key: (nullable): the key; empty for a server that wants none
 *
 * Replaces the key, for the calls that follow. Its source is `explicit` then.
 *
 * Since: 1.0
 */
void
oai_auth_set_api_key (OaiAuth *self, const char *api_key)
{
  OaiAuthPrivate *priv;
  oai_autosecret char *key = NULL;

  g_return_if_fail (OAI_IS_AUTH (self));

  priv = PRIVATE (self);
  key = api_key != NULL ? g_strstrip (g_strdup (api_key)) : NULL;

  g_mutex_lock (&priv->lock);
  swap (&priv->credentials.api_key, &key);
  priv->source = api_key != NULL ? "explicit" : NULL;
  g_mutex_unlock (&priv->lock);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOURCE]);
}

static gboolean
has_credential (OaiAuth *self, char *const *place)
{
  gboolean present;

  g_mutex_lock (&PRIVATE (self)->lock);
  present = *place != NULL;
  g_mutex_unlock (&PRIVATE (self)->lock);

  return present;
}

/**
 * oai_auth_has_key:
 * @self: the credentials
 *
 * Gets whether there is a key, the empty one for servers that want none included.
 *
 * Returns: %TRUE if there is one
 *
 * Since: 1.0
 */
gboolean
oai_auth_has_key (OaiAuth *self)
{
  g_return_val_if_fail (OAI_IS_AUTH (self), FALSE);

  return has_credential (self, &PRIVATE (self)->credentials.api_key);
}

/**
 * oai_auth_set_admin_key:
 * @self: the credentials
 * @admin_key: (nullable): the admin key; blank for none
 *
 * Sets the key for the
 * [administration of an organization](https://platform.openai.com/docs/api-reference/administration),
 * which is used for those calls only. Without one they fail with
 * %OAI_ERROR_AUTHENTICATION: no other key is sent in its place.
 *
 * Since: 1.0
 */
void
oai_auth_set_admin_key (OaiAuth *self, const char *admin_key)
{
  OaiAuthPrivate *priv;
  oai_autosecret char *key = NULL;

  g_return_if_fail (OAI_IS_AUTH (self));

  priv = PRIVATE (self);
  key = g_strstrip (g_strdup (admin_key != NULL ? admin_key : ""));
  if (*key == '\0')
    g_clear_pointer (&key, g_free);

  g_mutex_lock (&priv->lock);
  swap (&priv->credentials.admin_key, &key);
  g_mutex_unlock (&priv->lock);
}

/**
 * oai_auth_has_admin_key:
 * @self: the credentials
 *
 * Gets whether there is a key for administration.
 *
 * Returns: %TRUE if there is one
 *
 * Since: 1.0
 */
gboolean
oai_auth_has_admin_key (OaiAuth *self)
{
  g_return_val_if_fail (OAI_IS_AUTH (self), FALSE);

  return has_credential (self, &PRIVATE (self)->credentials.admin_key);
}

/**
 * oai_auth_get_organization:
 * @self: the credentials
 *
 * Gets the organization that comes with the key.
 *
 * Returns: (nullable): its identifier
 *
 * Since: 1.0
 */
const char *
oai_auth_get_organization (OaiAuth *self)
{
  g_return_val_if_fail (OAI_IS_AUTH (self), NULL);

  return PRIVATE (self)->credentials.organization;
}

/**
 * oai_auth_get_project:
 * @self: the credentials
 *
 * Gets the project that comes with the key.
 *
 * Returns: (nullable): its identifier
 *
 * Since: 1.0
 */
const char *
oai_auth_get_project (OaiAuth *self)
{
  g_return_val_if_fail (OAI_IS_AUTH (self), NULL);

  return PRIVATE (self)->credentials.project;
}

/**
 * oai_auth_get_active_directory:
 * @self: the credentials
 *
 * Tells whether the key, or what a provider gives, is a token of Microsoft Entra
 * ID (Active Directory), which Azure wants as `Authorization: Bearer`.
 *
 * Returns: %TRUE for a token
 *
 * Since: 1.0
 */
gboolean
oai_auth_get_active_directory (OaiAuth *self)
{
  g_return_val_if_fail (OAI_IS_AUTH (self), FALSE);

  return PRIVATE (self)->active_directory;
}

static gboolean
has_own_tokens (OaiAuth *self)
{
  return OAI_AUTH_GET_CLASS (self)->get_token_async != oai_auth_real_get_token_async || has_provider (self);
}

/**
 * oai_auth_get_source:
 * @self: the credentials
 *
 * Gets where the key came from: `explicit`, `environment OPENAI_API_KEY`,
 * `file /home/me/.openai`, `keyring`, or `provider` when a handler or a subclass
 * gives tokens.
 *
 * Returns: the source
 *
 * Since: 1.0
 */
const char *
oai_auth_get_source (OaiAuth *self)
{
  const char *source;

  g_return_val_if_fail (OAI_IS_AUTH (self), NULL);

  g_mutex_lock (&PRIVATE (self)->lock);
  source = PRIVATE (self)->source;
  g_mutex_unlock (&PRIVATE (self)->lock);

  return source != NULL && !has_own_tokens (self) ? source : "provider";
}

gboolean
oai_auth_is_from_environment (OaiAuth *self)
{
  return g_str_has_prefix (oai_auth_get_source (self), OAI_SOURCE_ENVIRONMENT);
}

/**
 * oai_auth_get_token_async:
 * @self: the credentials
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the token is there
 * @user_data: data for @callback
 *
 * Gets the token of the next attempt: the key itself, or what a provider gives. The
 * library does so before each attempt; a program that uses the credentials for something
 * else does it here. This is the only way in which a key can be read.
 *
 * Since: 1.0
 */
void
oai_auth_get_token_async (OaiAuth *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_AUTH (self));

  OAI_AUTH_GET_CLASS (self)->get_token_async (self, cancellable, callback, user_data);
}

/**
 * oai_auth_get_token_finish:
 * @self: the credentials
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.Auth.get_token_async]. The caller owns the token, which is not
 * overwritten when it is freed.
 *
 * Returns: (transfer full): the token, empty for a server that wants none; %NULL
 *   with %OAI_ERROR_AUTHENTICATION when there is none, or with %G_IO_ERROR_CANCELLED
 *
 * Since: 1.0
 */
char *
oai_auth_get_token_finish (OaiAuth *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_AUTH (self), NULL);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);

  return OAI_AUTH_GET_CLASS (self)->get_token_finish (self, result, error);
}

char *
oai_auth_dup_token (OaiAuth *self)
{
  return has_own_tokens (self) ? NULL : dup_key_as_token (self, NULL);
}

char *
oai_auth_dup_admin_key (OaiAuth *self, GError **error)
{
  OaiAuthPrivate *priv = PRIVATE (self);
  oai_autosecret char *key = NULL;

  g_mutex_lock (&priv->lock);
  key = g_strdup (priv->credentials.admin_key);
  g_mutex_unlock (&priv->lock);

  if (key != NULL && oai_header_value_is_valid (key))
    return g_steal_pointer (&key);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION,
                       key == NULL ? _("There is no admin key, which this operation requires")
                                   : _("The admin key contains characters that cannot be sent"));
  return NULL;
}

gboolean
oai_auth_has_tokens (OaiAuth *self)
{
  return oai_auth_has_key (self) || has_own_tokens (self);
}

gboolean
oai_auth_has_only_admin_key (OaiAuth *self)
{
  oai_autosecret char *key = dup_api_key (self);

  return oai_auth_has_admin_key (self) && (key == NULL || *key == '\0') && !has_own_tokens (self);
}

/* A value with a line end would be read back as two lines; it can stand in no header either. */
static void
append_line (GString *out, const char *name, const char *value)
{
  if (value != NULL && *value != '\0' && strpbrk (value, "\r\n") == NULL)
    g_string_append_printf (out, "%s=%s\n", name, value);
}

static char *
credentials_to_text (const OaiCredentials *credentials)
{
  gsize room = 256;
  GString *out;

  if (!oai_credentials_have_key (credentials))
    return NULL;

  if (credentials->admin_key == NULL && credentials->organization == NULL && credentials->project == NULL)
    return g_strdup (credentials->api_key);

  /* Large enough that it is never moved, which would leave a copy behind. */
  room += credentials->api_key != NULL ? strlen (credentials->api_key) : 0;
  room += credentials->admin_key != NULL ? strlen (credentials->admin_key) : 0;
  room += credentials->organization != NULL ? strlen (credentials->organization) : 0;
  room += credentials->project != NULL ? strlen (credentials->project) : 0;
  out = g_string_sized_new (room);

  append_line (out, "OPENAI_API_KEY", credentials->api_key);
  append_line (out, "OPENAI_ADMIN_KEY", credentials->admin_key);
  append_line (out, "OPENAI_ORGANIZATION_ID", credentials->organization);
  append_line (out, "OPENAI_PROJECT_ID", credentials->project);

  return g_string_free (out, FALSE);
}

char *
oai_auth_to_text (OaiAuth *self)
{
  OaiAuthPrivate *priv = PRIVATE (self);
  char *text;

  g_mutex_lock (&priv->lock);
  text = credentials_to_text (&priv->credentials);
  g_mutex_unlock (&priv->lock);

  return text;
}

static void
advise_unless (gboolean fine, const char *message)
{
  if (!fine)
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "MESSAGE", "%s", message);
}

void
oai_auth_advise (OaiAuth *self, const char *base_url)
{
  const OaiCredentials *credentials = &PRIVATE (self)->credentials;
  oai_autosecret char *key = NULL;

  if (!oai_url_is_openai (base_url))
    return;

  key = dup_api_key (self);
  advise_unless (key == NULL || strstr (key, "sk-") != NULL || strstr (key, "sess-") != NULL,
                 _("The API key does not look like one of OpenAI: there is no “sk-” or “sess-” in it"));
  advise_unless (credentials->organization == NULL || strstr (credentials->organization, "org-") != NULL,
                 _("The organization does not look like one of OpenAI: there is no “org-” in it"));
  advise_unless (credentials->project == NULL || strstr (credentials->project, "proj_") != NULL,
                 _("The project does not look like one of OpenAI: there is no “proj_” in it"));
}
