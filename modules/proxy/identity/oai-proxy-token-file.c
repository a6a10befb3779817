/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-token-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "oai-base64url-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-secret-file-private.h"
#include "oai-secret-private.h"
#include "oai-token-table-private.h"
#include "oai-wipe-private.h"

#define MAX_SIZE (16 * 1024 * 1024)
#define TOKEN_PREFIX "sk-proxy-"
#define TOKEN_BYTES 32
/* Changes that the monitor does not report, such as those of a link or of a network file system, have an effect after
 * this time. */
#define CHECK_INTERVAL_US (2 * G_USEC_PER_SEC)

/**
 * OaiProxyTokenFile:
 *
 * Accepts the tokens whose digests are in a file.
 *
 * Each line is `identity:hmac-sha256$SALT$DIGEST` or `identity:hmac-sha256$SALT$DIGEST:limits`; lines that begin with
 * `#` are comments. `SALT` is 16 to 64 random bytes, and `DIGEST` the HMAC-SHA256 of the token, keyed with the salt;
 * both are Base64 for URLs without padding. The lines should share their salt, since each salt costs a digest for each
 * request; at most 64 are accepted. An identity can have several tokens.
 *
 * Tokens must be random. A digest does not protect words or passwords from being found, so tokens with fewer than 20
 * characters are not accepted. [func@Oai.ProxyTokenFile.generate_token] returns a token with 256 random bits.
 *
 * The file must belong to the user of the process or to root, and others must not be able to write to it. It is read
 * again after it changes, at the latest with the first request after two seconds. If it is then missing or invalid, this
 * is logged, and the tokens that were read before remain valid.
 *
 * Since: 1.0
 */
struct _OaiProxyTokenFile
{
  OaiProxyAuthenticator parent_instance;

  char *path;
  OaiTokenTable *table;
  OaiFileStamp stamp;   /* of the last attempt to read it */
  gint64 checked_at;    /* monotonic microseconds */
  GFileMonitor *monitor;
};

G_DEFINE_FINAL_TYPE (OaiProxyTokenFile, oai_proxy_token_file, OAI_TYPE_PROXY_AUTHENTICATOR)

/* A failure is not repeated until the file changes again. */
static gboolean
load (OaiProxyTokenFile *self, GError **error)
{
  oai_autosecret char *text = NULL;
  OaiTokenTable *table;

  if (self->path == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The token file has no path"));
      return FALSE;
    }

  text = oai_secret_file_read (self->path, MAX_SIZE, FALSE, &self->stamp, error);
  if (text == NULL)
    {
      oai_file_stamp_read (&self->stamp, self->path);
      return FALSE;
    }

  table = oai_token_table_parse (text, error);
  if (table == NULL)
    {
      g_autofree char *shown = g_filename_display_name (self->path);

      g_prefix_error (error, _("The token file “%s” is not valid: "), shown);
      return FALSE;
    }

  g_clear_pointer (&self->table, oai_token_table_free);
  self->table = table;

  return TRUE;
}

static void
load_and_log (OaiProxyTokenFile *self)
{
  g_autoptr(GError) error = NULL;

  if (load (self, &error))
    g_info ("The token file was read again: %u tokens", oai_token_table_get_size (self->table));
  else
    g_warning (_("The previous tokens remain valid: %s"), error->message);
}

static void
load_if_changed (OaiProxyTokenFile *self)
{
  OaiFileStamp stamp;

  self->checked_at = g_get_monotonic_time ();
  if (self->path == NULL)
    return;

  oai_file_stamp_read (&stamp, self->path);
  if (!oai_file_stamp_equal (&stamp, &self->stamp))
    load_and_log (self);
}

static void
changed_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer user_data)
{
  /* The writer is not done. */
  if (event != G_FILE_MONITOR_EVENT_CHANGED)
    load_if_changed (user_data);
}

static gboolean
oai_proxy_token_file_authenticate_now (OaiProxyAuthenticator *authenticator, OaiProxyRequest *request, OaiProxyIdentity **identity, GError **error)
{
  OaiProxyTokenFile *self = OAI_PROXY_TOKEN_FILE (authenticator);
  const char *token = oai_proxy_request_get_token (request);
  const char *id, *limits;

  if (g_get_monotonic_time () - self->checked_at >= CHECK_INTERVAL_US)
    load_if_changed (self);
  if (token == NULL || !oai_token_table_find (self->table, token, &id, &limits))
    return TRUE;

  *identity = oai_proxy_authenticator_create_identity (authenticator, id, limits, error);

  return *identity != NULL;
}

static void
oai_proxy_token_file_finalize (GObject *object)
{
  OaiProxyTokenFile *self = OAI_PROXY_TOKEN_FILE (object);

  if (self->monitor != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->monitor, self);
      g_file_monitor_cancel (self->monitor);
      g_object_unref (self->monitor);
    }
  g_clear_pointer (&self->table, oai_token_table_free);
  g_free (self->path);

  G_OBJECT_CLASS (oai_proxy_token_file_parent_class)->finalize (object);
}

static void
oai_proxy_token_file_class_init (OaiProxyTokenFileClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_proxy_token_file_finalize;
  OAI_PROXY_AUTHENTICATOR_CLASS (klass)->authenticate_now = oai_proxy_token_file_authenticate_now;
}

static void
oai_proxy_token_file_init (OaiProxyTokenFile *self)
{
  char empty[] = "";

  self->table = oai_token_table_parse (empty, NULL);
}

/**
 * oai_proxy_token_file_new:
 * @path: (type filename): the path of the file
 * @error: return location for a #GError
 *
 * Reads a file of tokens. Changes are noticed in the thread-default main context of the caller.
 *
 * Fails with a #GIOErrorEnum if the file cannot be read or if its permissions are not safe, and with
 * %OAI_ERROR_INVALID_ARGUMENT if it is not valid.
 *
 * Returns: (transfer full): an authenticator
 *
 * Since: 1.0
 */
OaiProxyTokenFile *
oai_proxy_token_file_new (const char *path, GError **error)
{
  g_autoptr(OaiProxyTokenFile) self = NULL;
  g_autoptr(GFile) file = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_object_new (OAI_TYPE_PROXY_TOKEN_FILE, NULL);
  self->path = g_strdup (path);
  self->checked_at = g_get_monotonic_time ();
  if (!load (self, error))
    return NULL;

  file = g_file_new_for_path (path);
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect (self->monitor, "changed", G_CALLBACK (changed_cb), self);

  return g_steal_pointer (&self);
}

/**
 * oai_proxy_token_file_get_path:
 * @self: an authenticator
 *
 * Returns the path of the file.
 *
 * Returns: (nullable) (type filename): the path; %NULL for an object that was created without one
 *
 * Since: 1.0
 */
const char *
oai_proxy_token_file_get_path (OaiProxyTokenFile *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_TOKEN_FILE (self), NULL);

  return self->path;
}

/**
 * oai_proxy_token_file_get_n_tokens:
 * @self: an authenticator
 *
 * Returns the number of tokens that are valid.
 *
 * Returns: the number of tokens
 *
 * Since: 1.0
 */
guint
oai_proxy_token_file_get_n_tokens (OaiProxyTokenFile *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_TOKEN_FILE (self), 0);

  return oai_token_table_get_size (self->table);
}

/**
 * oai_proxy_token_file_list_limits_names:
 * @self: an authenticator
 *
 * Returns the names of limits that the file contains, each once, to check that
 * [method@Oai.ProxyAuthenticator.set_limits] was called for all of them.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
char **
oai_proxy_token_file_list_limits_names (OaiProxyTokenFile *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_TOKEN_FILE (self), NULL);

  return oai_token_table_list_limits (self->table);
}

/**
 * oai_proxy_token_file_reload:
 * @self: an authenticator
 * @error: return location for a #GError
 *
 * Reads the file again.
 *
 * Fails like [ctor@Oai.ProxyTokenFile.new]; then, the tokens that were read before remain valid.
 *
 * Returns: whether the file was read
 *
 * Since: 1.0
 */
gboolean
oai_proxy_token_file_reload (OaiProxyTokenFile *self, GError **error)
{
  g_return_val_if_fail (OAI_IS_PROXY_TOKEN_FILE (self), FALSE);

  return load (self, error);
}

/* The new file has the mode and, if the process may change it, the owner of the former one, so that a service that runs
 * as another user can still read it. */
static gboolean
replace_file (const char *path, const char *contents, GError **error)
{
  GStatBuf former;
  gboolean exists = g_stat (path, &former) == 0;
  int mode = exists ? (int) (former.st_mode & 0777) : 0600;

  if (!g_file_set_contents_full (path, contents, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode, error))
    return FALSE;

  if (exists && chown (path, former.st_uid, former.st_gid) < 0)
    g_debug ("The owner of “%s” cannot be kept: %s", path, g_strerror (errno));

  return TRUE;
}

/**
 * oai_proxy_token_file_add_token:
 * @self: an authenticator
 * @identity: the identity of the token, without a colon
 * @token: a random token
 * @limits_name: (nullable): the name of its limits
 * @error: return location for a #GError
 *
 * Adds a token to the file, which is replaced, and reads it again. The file is then readable by its owner only. Other
 * programs must not change the file at the same time.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if the token has fewer than 20 characters or is in the file already, or if a
 * name contains a colon, and with a #GFileError if the file cannot be written.
 *
 * Returns: whether the token was added
 *
 * Since: 1.0
 */
gboolean
oai_proxy_token_file_add_token (OaiProxyTokenFile *self, const char *identity, const char *token, const char *limits_name, GError **error)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  g_autofree char *contents = NULL;
  const char *other_identity, *other_limits;
  OaiFileStamp stamp;

  g_return_val_if_fail (OAI_IS_PROXY_TOKEN_FILE (self), FALSE);
  g_return_val_if_fail (identity != NULL, FALSE);
  g_return_val_if_fail (token != NULL, FALSE);

  if (!load (self, error))
    return FALSE;

  text = oai_secret_file_read (self->path, MAX_SIZE, FALSE, &stamp, error);
  line = text != NULL ? oai_token_table_format (self->table, identity, token, limits_name, error) : NULL;
  if (line == NULL)
    return FALSE;

  if (oai_token_table_find (self->table, token, &other_identity, &other_limits))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The file contains this token already"));
      return FALSE;
    }
  contents = g_strconcat (text, line, "\n", NULL);

  return replace_file (self->path, contents, error) && load (self, error);
}

/**
 * oai_proxy_token_file_generate_token:
 *
 * Creates a token from 256 random bits of the operating system.
 *
 * Returns: (transfer full): a token
 *
 * Since: 1.0
 */
char *
oai_proxy_token_file_generate_token (void)
{
  guint8 bytes[TOKEN_BYTES];
  oai_autosecret char *text = NULL;

  oai_random_fill (bytes, sizeof bytes);
  text = oai_base64url_encode (bytes, sizeof bytes);
  oai_wipe (bytes, sizeof bytes);

  return g_strconcat (TOKEN_PREFIX, text, NULL);
}

/**
 * oai_proxy_token_file_format_line:
 * @identity: the identity of the token, without a colon
 * @token: a random token
 * @limits_name: (nullable): the name of its limits
 * @error: return location for a #GError
 *
 * Returns a line for a token file, with a new salt. [method@Oai.ProxyTokenFile.add_token] is better for a file
 * with many tokens.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if the token has fewer than 20 characters, or if a name contains a colon.
 *
 * Returns: (transfer full): a line without its end
 *
 * Since: 1.0
 */
char *
oai_proxy_token_file_format_line (const char *identity, const char *token, const char *limits_name, GError **error)
{
  g_return_val_if_fail (identity != NULL, NULL);
  g_return_val_if_fail (token != NULL, NULL);

  return oai_token_table_format (NULL, identity, token, limits_name, error);
}
