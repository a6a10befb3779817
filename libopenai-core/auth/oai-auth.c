/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-auth-private.h"

#include "oai-credentials-private.h"
#include "oai-environment-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-key-file-private.h"
#include "oai-key-move-private.h"
#include "oai-keyring-private.h"
#include "oai-name-values-private.h"
#include "oai-token-request-private.h"
#include "oai-url-private.h"

#include <string.h>

/**
 * OaiAuth:
 *
 * The credentials of a program: a key, or a provider of tokens.
 *
 * [ctor@Oai.Auth.new_default] reads the key from a file or from the environment;
 * [func@Oai.Auth.new_from_keyring_async] reads it from the keyring of the user. No property or
 * getter returns a key, and the library never writes a key to a log or an error message. Only
 * [method@Oai.Auth.request_token_async] returns it, so code that gets an object of this class can read
 * the key. [method@Oai.Auth.get_source] returns the source of the key.
 *
 * ```c
 * g_autoptr(OaiAuth) auth = oai_auth_new (key);
 * g_autoptr(OaiClient) client = oai_client_new (auth, settings);
 * ```
 *
 * For tokens that expire, connect to [signal@Oai.Auth::token-requested] or create a subclass; both
 * are called before each attempt of a call. A subclass overrides `token_requested`, or
 * `request_token_async` and `request_token_finish`. In JavaScript, only `token_requested` can be
 * overridden.
 *
 * The library overwrites its copies of a key before it frees them. It cannot overwrite other
 * copies: the string that the program passed, the value of a property that is set, the environment,
 * the strings of a language binding, the headers in libsoup and the buffers of TLS. Keys may be
 * written to swap space and to core dumps.
 *
 * An object can be used from any thread. The signal is emitted, and
 * [method@Oai.Auth.request_token_async] completes, in the thread of the call.
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
  gboolean use_active_directory;
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
  PROP_USE_ACTIVE_DIRECTORY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  TOKEN_REQUESTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

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
    case PROP_USE_ACTIVE_DIRECTORY:
      g_value_set_boolean (value, oai_auth_get_use_active_directory (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

/* Returns text without surrounding blanks; NULL if it is blank. */
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
    case PROP_USE_ACTIVE_DIRECTORY:
      priv->use_active_directory = g_value_get_boolean (value);
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
oai_auth_real_request_token_async (OaiAuth *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (OaiTokenRequest) request = NULL;
  GError *error = NULL;
  char *token;

  g_task_set_source_tag (task, oai_auth_real_request_token_async);

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
oai_auth_real_request_token_finish (OaiAuth *self, GAsyncResult *result, GError **error)
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
   * The organization of the key, sent as `OpenAI-Organization`; %NULL for none.
   *
   * Since: 1.0
   */
  properties[PROP_ORGANIZATION] = g_param_spec_string ("organization", NULL, NULL, NULL, constructed);

  /**
   * OaiAuth:project:
   *
   * The project of the key, sent as `OpenAI-Project`; %NULL for none.
   *
   * Since: 1.0
   */
  properties[PROP_PROJECT] = g_param_spec_string ("project", NULL, NULL, NULL, constructed);

  /**
   * OaiAuth:source:
   *
   * The source of the key; see [method@Oai.Auth.get_source].
   *
   * Since: 1.0
   */
  properties[PROP_SOURCE] = g_param_spec_string ("source", NULL, NULL, "provider", readable);

  /**
   * OaiAuth:use-active-directory:
   *
   * Whether the key, or the token of a provider, is one of Microsoft Entra ID (Active Directory),
   * which Azure requires as `Authorization: Bearer`.
   *
   * Since: 1.0
   */
  properties[PROP_USE_ACTIVE_DIRECTORY] = g_param_spec_boolean ("use-active-directory", NULL, NULL, FALSE, constructed);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_auth_class_init (OaiAuthClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_auth_finalize;
  object_class->get_property = oai_auth_get_property;
  object_class->set_property = oai_auth_set_property;
  klass->request_token_async = oai_auth_real_request_token_async;
  klass->request_token_finish = oai_auth_real_request_token_finish;

  install_properties (object_class);

  /**
   * OaiAuth::token-requested:
   * @self: the credentials
   * @request: the request to respond to
   *
   * Emitted before each attempt of a call, to get a token.
   *
   * The handler calls [method@Oai.TokenRequest.respond] or [method@Oai.TokenRequest.fail],
   * immediately or later with a reference to @request. Only the first response is used. If
   * the last reference is dropped without a response, the call fails. While a handler is
   * connected, the key is not used.
   *
   * The thread-default main context of the handler is the one in which the call waits. For a
   * blocking call, this is not the context of the caller: asynchronous operations that the
   * handler starts complete while the call waits. A main loop in the handler must be created
   * for [func@GLib.MainContext.ref_thread_default]. The handler must not iterate another main
   * context, such as the one of the caller: its sources would run with the wrong thread-default
   * main context, in which libsoup aborts the program.
   *
   * Since: 1.0
   */
  signals[TOKEN_REQUESTED] =
      g_signal_new ("token-requested", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (OaiAuthClass, token_requested), NULL, NULL, NULL,
                    G_TYPE_NONE, 1, OAI_TYPE_TOKEN_REQUEST);
}

static void
oai_auth_init (OaiAuth *self)
{
  g_mutex_init (&PRIVATE (self)->lock);
}

/* Takes what the credentials contain, and source. */
static OaiAuth *
new_take (OaiCredentials *credentials, char *source, gboolean use_active_directory)
{
  OaiAuth *self = g_object_new (OAI_TYPE_AUTH, "use-active-directory", use_active_directory, NULL);
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
 * @api_key: (nullable): the key; empty for a server that requires none; %NULL if
 *   [signal@Oai.Auth::token-requested] provides tokens, if only an admin key is used, or if the
 *   program sets an `Authorization` or `api-key` header
 *
 * Creates credentials from a key. Leading and trailing whitespace is removed.
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
 * @api_key: (nullable): the key; empty for a server that requires none; %NULL if
 *   [signal@Oai.Auth::token-requested] provides tokens, if only an admin key is used, or if the
 *   program sets an `Authorization` or `api-key` header
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

static char *
dup_file_source (const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  return g_strconcat ("file ", shown, NULL);
}

static OaiAuth *
search_files (const char *directory, const char *file_name, gboolean search_up, GPtrArray *reported, GError **error)
{
  g_auto (OaiCredentials) credentials = { NULL };
  g_autofree char *path = oai_key_file_search (directory, file_name, search_up, reported, &credentials, error);

  return path != NULL ? new_take (&credentials, dup_file_source (path), FALSE) : NULL;
}

/**
 * oai_auth_new_from_directory:
 * @directory: (nullable) (type filename): the directory; %NULL for the current directory
 * @filename: (nullable) (type filename): name of the file; %NULL for `.openai`
 * @search_up: whether to look in all parent directories as well
 * @error: return location for an error
 *
 * Reads the key from the first file of this name in the directory or its parents.
 * [ctor@Oai.Auth.new_from_path] describes the format.
 *
 * A file is used only if it and its directory belong to the user or to root, and are not
 * writable by the group or by others. Other files are ignored: a log message contains the
 * reason and the solution, and the search continues. [ctor@Oai.Auth.new_from_path] reads
 * such files.
 *
 * Returns: (transfer full): the credentials, or %NULL: with %G_IO_ERROR_NOT_FOUND if
 *   there is no such file, with %G_IO_ERROR_PERMISSION_DENIED if all files were ignored,
 *   with another error of that domain if a file cannot be read, with
 *   %OAI_ERROR_AUTHENTICATION if it contains no key
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_from_directory (const char *directory, const char *filename, gboolean search_up, GError **error)
{
  g_autofree char *current = g_get_current_dir ();
  g_autoptr (GPtrArray) reported = g_ptr_array_new_with_free_func (g_free);

  if (directory == NULL)
    directory = current;
  if (filename == NULL)
    filename = OAI_AUTH_FILE_NAME;

  if (*filename == '\0' || strchr (filename, G_DIR_SEPARATOR) != NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The name of the key file must not be empty or contain directories"));
      return NULL;
    }

  return search_files (directory, filename, search_up, reported, error);
}

/**
 * oai_auth_new_from_path:
 * @path: (type filename): the file
 * @error: return location for an error
 *
 * Reads the key from a file in one of these formats:
 *
 * - a JSON object with the member `apiKey`, and optionally `organizationId` or
 *   `organization`, `projectId` or `project`, `adminKey`;
 * - lines of `NAME=value` or `NAME: value`, optionally with a leading `export`, quotes, and
 *   comments after `#`. The names are `OPENAI_KEY`, `OPENAI_API_KEY`,
 *   `OPENAI_SECRET_KEY` or `TEST_OPENAI_SECRET_KEY`, and optionally
 *   `OPENAI_ORGANIZATION_ID`, `OPENAI_ORGANIZATION`, `OPENAI_ORG_ID` or `ORGANIZATION`,
 *   `OPENAI_PROJECT_ID` or `OPEN_AI_PROJECT_ID`, `OPENAI_ADMIN_KEY`.
 *
 * Upper and lower case, `_` and `-` in names are ignored, and both formats accept all names.
 * The last value that is not empty is used.
 *
 * The file is read even if it belongs to another user or is writable by others. In these cases, and
 * if others can read it, a log message is written.
 *
 * Returns: (transfer full): the credentials, or %NULL: with an error of
 *   #GIOErrorEnum if the file cannot be read, with %OAI_ERROR_AUTHENTICATION if it
 *   contains no key; the message contains the file and the problem
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_from_path (const char *path, GError **error)
{
  g_auto (OaiCredentials) credentials = { NULL };
  g_autofree char *full = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  full = g_canonicalize_filename (path, NULL);
  if (!oai_key_file_read (full, &credentials, error))
    return NULL;

  return new_take (&credentials, dup_file_source (full), FALSE);
}

/**
 * oai_auth_new_from_environment:
 * @error: return location for an error
 *
 * Reads the key from the environment: the first of `OPENAI_KEY`,
 * `OPENAI_API_KEY`, `OPENAI_SECRET_KEY` and `TEST_OPENAI_SECRET_KEY` that is not
 * empty. `OPENAI_ADMIN_KEY` is the admin key, which can also be set without another key.
 *
 * The organization is `OPEN_AI_ORGANIZATION_ID`, `OPENAI_ORGANIZATION_ID`,
 * `OPENAI_ORGANIZATION`, `OPENAI_ORG_ID`, or `ORGANIZATION` if its value contains `org-`.
 * The project is `OPEN_AI_PROJECT_ID` or `OPENAI_PROJECT_ID`.
 *
 * Returns: (transfer full): the credentials, or %NULL with %OAI_ERROR_AUTHENTICATION
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_from_environment (GError **error)
{
  g_auto (OaiCredentials) credentials = { NULL };
  const char *variable;

  oai_environment_read_credentials (&credentials, &variable);
  if (oai_credentials_have_key (&credentials))
    return new_take (&credentials, g_strconcat (OAI_SOURCE_ENVIRONMENT, variable, NULL), FALSE);

  g_set_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("There is no API key in the environment variable %s"), "OPENAI_API_KEY");
  return NULL;
}

/* problems: messages about files without a usable key, which are also logged. */
static OaiAuth *
new_from_files (GPtrArray *problems)
{
  g_autofree char *current = g_get_current_dir ();
  const char *directories[] = { current, g_get_home_dir () };

  for (guint i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autoptr (GError) error = NULL;
      OaiAuth *auth = search_files (directories[i], OAI_AUTH_FILE_NAME, TRUE, problems, &error);

      if (auth != NULL)
        return auth;
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
          || g_ptr_array_find_with_equal_func (problems, error->message, g_str_equal, NULL))
        continue;

      g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "MESSAGE", "%s", error->message);
      g_ptr_array_add (problems, g_strdup (error->message));
    }

  return NULL;
}

static void
set_no_key (GPtrArray *problems, GError **error)
{
  g_autoptr (GString) message = g_string_new (NULL);

  g_string_append_printf (message, _("There is no API key: neither in a file “%s” in the current or the home directory, nor in the environment variable %s"),
                          OAI_AUTH_FILE_NAME, "OPENAI_API_KEY");
  for (guint i = 0; i < problems->len; i++)
    g_string_append_printf (message, "; %s", (const char *) g_ptr_array_index (problems, i));

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, message->str);
}

/**
 * oai_auth_new_default:
 * @error: return location for an error
 *
 * Reads the key from the first of:
 *
 * 1. a file `.openai` in the current directory or its parents;
 * 2. a file `.openai` in the home directory or its parents;
 * 3. the environment; see [ctor@Oai.Auth.new_from_environment].
 *
 * Files override the environment. Files that other users could have created are ignored; see
 * [ctor@Oai.Auth.new_from_directory]. A file that cannot be read or contains no key is skipped, and
 * a message with the reason is logged. The organization and the project of the environment are not
 * combined with the key of a file. The admin key of the environment is used if the file contains
 * none.
 *
 * Returns: (transfer full): the credentials, or %NULL with %OAI_ERROR_AUTHENTICATION,
 *   whose message also contains the problems of skipped files
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_default (GError **error)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (OaiAuth) auth = new_from_files (problems);

  if (auth == NULL)
    {
      auth = oai_auth_new_from_environment (NULL);
      if (auth == NULL)
        set_no_key (problems, error);
    }
  else if (!oai_auth_has_admin_key (auth))
    {
      oai_autosecret char *admin_key = oai_environment_dup_admin_key ();

      oai_auth_set_admin_key (auth, admin_key);
    }

  return g_steal_pointer (&auth);
}

/**
 * oai_auth_new_for_azure_from_environment:
 * @error: return location for an error
 *
 * Reads the credentials for Azure from the environment: the token of Microsoft
 * Entra ID in `AZURE_OPENAI_AD_TOKEN`, or else the key in `AZURE_OPENAI_API_KEY`.
 * A key for OpenAI is never used.
 *
 * Returns: (transfer full): the credentials, or %NULL with %OAI_ERROR_AUTHENTICATION
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_for_azure_from_environment (GError **error)
{
  g_auto (OaiCredentials) credentials = { NULL };
  const char *variable;
  gboolean use_active_directory;

  oai_environment_read_azure_credentials (&credentials, &variable, &use_active_directory);
  if (credentials.api_key != NULL)
    return new_take (&credentials, g_strconcat (OAI_SOURCE_ENVIRONMENT, variable, NULL), use_active_directory);

  g_set_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("There is no API key in the environment variable %s"), "AZURE_OPENAI_API_KEY");
  return NULL;
}

/* The old value is freed without the lock. */
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
 * @api_key: (nullable): the key; empty for a server that needs none
 *
 * Replaces the key for later calls, and sets its source to `explicit`.
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
 * oai_auth_has_api_key:
 * @self: the credentials
 *
 * Checks whether there is a key, including the empty key for servers that need none.
 *
 * Returns: %TRUE if there is one
 *
 * Since: 1.0
 */
gboolean
oai_auth_has_api_key (OaiAuth *self)
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
 * [administration of an organization](https://platform.openai.com/docs/api-reference/administration).
 * It is used only for these calls. Without an admin key, they fail with %OAI_ERROR_AUTHENTICATION;
 * no other key is sent instead.
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
 * Checks whether there is an admin key.
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
 * Gets the organization of the key.
 *
 * Returns: (nullable): its identifier, or %NULL if there is none
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
 * Gets the project of the key.
 *
 * Returns: (nullable): its identifier, or %NULL if there is none
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
 * oai_auth_get_use_active_directory:
 * @self: the credentials
 *
 * Gets whether the key, or the token of a provider, is one of Microsoft Entra ID (Active
 * Directory), which Azure requires as `Authorization: Bearer`.
 *
 * Returns: %TRUE for a token
 *
 * Since: 1.0
 */
gboolean
oai_auth_get_use_active_directory (OaiAuth *self)
{
  g_return_val_if_fail (OAI_IS_AUTH (self), FALSE);

  return PRIVATE (self)->use_active_directory;
}

static gboolean
has_own_tokens (OaiAuth *self)
{
  return OAI_AUTH_GET_CLASS (self)->request_token_async != oai_auth_real_request_token_async || has_provider (self);
}

/**
 * oai_auth_get_source:
 * @self: the credentials
 *
 * Gets the source of the key: `explicit`, `environment OPENAI_API_KEY`, `file /home/me/.openai`,
 * `keyring`, `none` if the keyring contained none, or `provider` if a handler or a subclass provides tokens.
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
 * oai_auth_request_token_async:
 * @self: the credentials
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the token is available
 * @user_data: data for @callback
 *
 * Gets the token for the next attempt, which is the key or a provided token. The library
 * calls this before each attempt. Programs can call it to use the credentials in requests
 * without this library. No other method returns a key.
 *
 * Since: 1.0
 */
void
oai_auth_request_token_async (OaiAuth *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_AUTH (self));

  OAI_AUTH_GET_CLASS (self)->request_token_async (self, cancellable, callback, user_data);
}

/**
 * oai_auth_request_token_finish:
 * @self: the credentials
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.Auth.request_token_async]. The caller owns the token, which is not
 * overwritten when it is freed.
 *
 * Returns: (transfer full): the token, empty for a server that needs none; %NULL
 *   with %OAI_ERROR_AUTHENTICATION if there is none, or with %G_IO_ERROR_CANCELLED
 *
 * Since: 1.0
 */
char *
oai_auth_request_token_finish (OaiAuth *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_AUTH (self), NULL);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);

  return OAI_AUTH_GET_CLASS (self)->request_token_finish (self, result, error);
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
  return oai_auth_has_api_key (self) || has_own_tokens (self);
}

gboolean
oai_auth_has_only_admin_key (OaiAuth *self)
{
  oai_autosecret char *key = dup_api_key (self);

  return oai_auth_has_admin_key (self) && (key == NULL || *key == '\0') && !has_own_tokens (self);
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
  advise_unless (key == NULL || *key == '\0' || strstr (key, "sk-") != NULL || strstr (key, "sess-") != NULL,
                 _("The API key does not look like a key of OpenAI: it does not contain “sk-” or “sess-”"));
  advise_unless (credentials->organization == NULL || strstr (credentials->organization, "org-") != NULL,
                 _("The organization does not look like an organization of OpenAI: it does not contain “org-”"));
  advise_unless (credentials->project == NULL || strstr (credentials->project, "proj_") != NULL,
                 _("The project does not look like a project of OpenAI: it does not contain “proj_”"));
}

/* Keyring */

#define DEFAULT_SERVICE "api.openai.com"

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_auto (OaiCredentials) credentials = { NULL };
  GError *error = NULL;
  oai_autosecret char *text = oai_keyring_lookup_finish (result, &error);
  gboolean or_none = g_task_get_source_tag (task) == oai_auth_new_from_keyring_or_none_async;

  /* An unusable key in the keyring has the same code as no key, but is an error. */
  if (or_none && g_error_matches (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION))
    {
      g_clear_error (&error);
      credentials.api_key = g_strdup ("");
      g_task_return_pointer (task, new_take (&credentials, g_strdup ("none"), FALSE), g_object_unref);
    }
  else if (text != NULL && oai_key_file_parse_stored (text, &credentials, &error))
    {
      g_task_return_pointer (task, new_take (&credentials, g_strdup ("keyring"), FALSE), g_object_unref);
    }
  else
    {
      g_task_return_error (task, error);
    }
}

/* tag: the function that the program called */
static void
look_up (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  oai_keyring_lookup_async (service != NULL ? service : DEFAULT_SERVICE, cancellable, on_looked_up, task);
}

/**
 * oai_auth_new_from_keyring_async:
 * @service: (nullable): the service of the key, or %NULL for `api.openai.com`
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the key is available
 * @user_data: data for @callback
 *
 * Reads the key for @service from the keyring of the user (libsecret). There is no prompt to
 * unlock it: a locked keyring is an error. [func@Oai.Auth.unlock_keyring_async] shows the prompt.
 *
 * Since: 1.0
 */
void
oai_auth_new_from_keyring_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  look_up (service, cancellable, callback, user_data, oai_auth_new_from_keyring_async);
}

/**
 * oai_auth_new_from_keyring_finish:
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [func@Oai.Auth.new_from_keyring_async].
 *
 * Returns: (transfer full): the credentials, or %NULL: with
 *   %OAI_ERROR_AUTHENTICATION if there is no key, with %G_IO_ERROR_PERMISSION_DENIED if
 *   the keyring is locked, with %G_IO_ERROR_NOT_SUPPORTED if the library was built without
 *   keyrings, with another error if there is no keyring
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_from_keyring_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_auth_new_from_keyring_or_none_async:
 * @service: (nullable): the service of the key, or %NULL for `api.openai.com`
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the credentials are available
 * @user_data: data for @callback
 *
 * Reads the key for @service from the keyring of the user like [func@Oai.Auth.new_from_keyring_async]. If the keyring
 * contains none, the result is credentials with the empty key, for a server that needs no key. A program whose users
 * select the server, which may be on their own machine, does not need to know whether that server needs a key.
 *
 * Since: 1.0
 */
void
oai_auth_new_from_keyring_or_none_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  look_up (service, cancellable, callback, user_data, oai_auth_new_from_keyring_or_none_async);
}

/**
 * oai_auth_new_from_keyring_or_none_finish:
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [func@Oai.Auth.new_from_keyring_or_none_async].
 *
 * Returns: (transfer full): the credentials, whose [method@Oai.Auth.get_source] is `keyring`, or `none` without a key; %NULL
 *   with %OAI_ERROR_AUTHENTICATION if the keyring contains a key that cannot be used, with %G_IO_ERROR_PERMISSION_DENIED
 *   if the keyring is locked, with %G_IO_ERROR_NOT_SUPPORTED if the library was built without keyrings, with another
 *   error if there is no keyring
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_from_keyring_or_none_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (oai_keyring_change_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static char *
dup_text (OaiAuth *self)
{
  OaiAuthPrivate *priv = PRIVATE (self);
  char *text;

  g_mutex_lock (&priv->lock);
  text = oai_credentials_to_text (&priv->credentials);
  g_mutex_unlock (&priv->lock);

  return text;
}

/**
 * oai_auth_store_in_keyring_async:
 * @self: the credentials
 * @service: (nullable): the service of the key, or %NULL for `api.openai.com`
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is stored
 * @user_data: data for @callback
 *
 * Stores the key in the keyring of the user, with its organization, project and
 * admin key, and replaces those stored for @service. There is no prompt to unlock
 * the keyring.
 *
 * Since: 1.0
 */
void
oai_auth_store_in_keyring_async (OaiAuth *self, const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  oai_autosecret char *text = NULL;

  g_return_if_fail (OAI_IS_AUTH (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_auth_store_in_keyring_async);

  text = dup_text (self);
  if (text == NULL)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "%s", _("There is no key to store"));
      return;
    }

  oai_keyring_store_async (service != NULL ? service : DEFAULT_SERVICE, text, cancellable, on_stored, g_steal_pointer (&task));
}

/**
 * oai_auth_store_in_keyring_finish:
 * @self: the credentials
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.Auth.store_in_keyring_async].
 *
 * Returns: %TRUE if it was stored; %FALSE with %G_IO_ERROR_PERMISSION_DENIED if the keyring is
 *   locked, with %G_IO_ERROR_NOT_SUPPORTED if the library was built without keyrings, or with
 *   another error
 *
 * Since: 1.0
 */
gboolean
oai_auth_store_in_keyring_finish (OaiAuth *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_AUTH (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_auth_remove_from_keyring_async:
 * @service: (nullable): the service of the key, or %NULL for `api.openai.com`
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is removed
 * @user_data: data for @callback
 *
 * Removes the key for @service from the keyring of the user. There is no prompt to
 * unlock it.
 *
 * Since: 1.0
 */
void
oai_auth_remove_from_keyring_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, oai_auth_remove_from_keyring_async);
  oai_keyring_remove_async (service != NULL ? service : DEFAULT_SERVICE, cancellable, on_stored, task);
}

/**
 * oai_auth_remove_from_keyring_finish:
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [func@Oai.Auth.remove_from_keyring_async].
 *
 * Returns: %TRUE if it was removed; %FALSE with %OAI_ERROR_AUTHENTICATION if there was none, with
 *   %G_IO_ERROR_PERMISSION_DENIED if the keyring is locked, with %G_IO_ERROR_NOT_SUPPORTED if the
 *   library was built without keyrings, or with another error
 *
 * Since: 1.0
 */
gboolean
oai_auth_remove_from_keyring_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_auth_unlock_keyring_async:
 * @service: (nullable): the service of the key, or %NULL for `api.openai.com`
 * @cancellable: (nullable): a cancellable; it closes the prompt
 * @callback: (scope async): called when the keyring is unlocked
 * @user_data: data for @callback
 *
 * Unlocks the keyring of the user for the key for @service, and requests the password of the keyring from
 * the user if it is necessary. No other function shows this prompt: call it if another function
 * failed with %G_IO_ERROR_PERMISSION_DENIED, and the user is present.
 *
 * If there is no locked key, the default keyring is unlocked, which a key is stored in.
 *
 * Since: 1.0
 */
void
oai_auth_unlock_keyring_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, oai_auth_unlock_keyring_async);
  oai_keyring_unlock_async (service != NULL ? service : DEFAULT_SERVICE, cancellable, on_stored, task);
}

/**
 * oai_auth_unlock_keyring_finish:
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [func@Oai.Auth.unlock_keyring_async].
 *
 * Returns: %TRUE if the keyring is unlocked; %FALSE with %G_IO_ERROR_FAILED_HANDLED if the user has
 *   closed the prompt, with %G_IO_ERROR_CANCELLED, with %G_IO_ERROR_NOT_SUPPORTED if the library was
 *   built without keyrings, or with another error
 *
 * Since: 1.0
 */
gboolean
oai_auth_unlock_keyring_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_auth_move_to_keyring_async:
 * @path: (type filename): a key file, see [ctor@Oai.Auth.new_from_path]
 * @service: (nullable): the service of the key, or %NULL for `api.openai.com`
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the key was moved
 * @user_data: data for @callback
 *
 * Moves the key in a file to the keyring of the user, with its organization, project and admin key. The
 * key replaces the one that is stored for @service.
 *
 * The file is removed when the keyring has returned the key that was stored. After an error, the
 * file is unchanged. A link is not moved, nor is a file with several hard links, whose key would
 * remain under the other name, nor one that contains other values or several keys of a kind, which
 * would be lost.
 *
 * Since: 1.0
 */
void
oai_auth_move_to_keyring_async (const char *path, const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *full = NULL;
  GTask *task;

  g_return_if_fail (path != NULL);

  full = g_canonicalize_filename (path, NULL);
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_auth_move_to_keyring_async);
  /* After the removal of the file, there is no other result. */
  g_task_set_check_cancellable (task, FALSE);
  oai_key_move_async (full, service != NULL ? service : DEFAULT_SERVICE, cancellable, on_looked_up, task);
}

/**
 * oai_auth_move_to_keyring_finish:
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [func@Oai.Auth.move_to_keyring_async].
 *
 * Returns: (transfer full): the credentials, or %NULL: with an error of #GIOErrorEnum if the file cannot
 *   be read or removed, with %OAI_ERROR_AUTHENTICATION if it contains no key, with
 *   %G_IO_ERROR_PERMISSION_DENIED if the keyring is locked, with %G_IO_ERROR_NOT_SUPPORTED if the
 *   library was built without keyrings, or if the file is a link or contains other values
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_move_to_keyring_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
