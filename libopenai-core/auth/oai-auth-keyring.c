/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The public side of keys in the keyring; oai-keyring.c does the work. */

#include "oai-auth-file-private.h"
#include "oai-keyring-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"

#include <string.h>

#define DEFAULT_SERVICE "api.openai.com"

/* One line that is no NAME=value is the key itself. */
static gboolean
parse_text (char *text, OaiCredentials *credentials, GError **error)
{
  oai_autosecret char *bare = g_strstrip (g_strdup (text));

  if (oai_auth_file_parse (text, strlen (text), credentials, NULL))
    return TRUE;

  if (*bare != '\0' && strpbrk (bare, "\r\n{") == NULL)
    {
      credentials->api_key = g_steal_pointer (&bare);
      return TRUE;
    }

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("What is stored in the keyring is no key"));
  return FALSE;
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_auto (OaiCredentials) credentials = { NULL };
  GError *error = NULL;
  oai_autosecret char *text = oai_keyring_lookup_finish (result, &error);

  if (text != NULL && parse_text (text, &credentials, &error))
    g_task_return_pointer (task, oai_auth_new_take (&credentials, g_strdup ("keyring"), FALSE), g_object_unref);
  else
    g_task_return_error (task, error);
}

/**
 * oai_auth_new_from_keyring_async:
 * @service: (nullable): what the key is for, such as `api.openai.com`, which is the default
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the key is there
 * @user_data: data for @callback
 *
 * Takes the key for @service from the keyring of the user (libsecret). Nobody is
 * asked to unlock anything: a locked keyring is an error.
 *
 * Since: 1.0
 */
void
oai_auth_new_from_keyring_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, oai_auth_new_from_keyring_async);
  oai_keyring_lookup_async (service != NULL ? service : DEFAULT_SERVICE, cancellable, on_looked_up, task);
}

/**
 * oai_auth_new_from_keyring_finish:
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [func@Oai.Auth.new_from_keyring_async].
 *
 * Returns: (transfer full): the credentials, or %NULL: with
 *   %OAI_ERROR_AUTHENTICATION when there is no key, with %G_IO_ERROR_PERMISSION_DENIED
 *   when the keyring is locked, with %G_IO_ERROR_NOT_SUPPORTED when the library was
 *   built without keyrings, with another error when there is no keyring
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_from_keyring_finish (GAsyncResult *result, GError **error)
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

/**
 * oai_auth_store_in_keyring_async:
 * @self: the credentials
 * @service: (nullable): what the key is for, such as `api.openai.com`, which is the default
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is stored
 * @user_data: data for @callback
 *
 * Stores the key in the keyring of the user, with its organization, project and
 * admin key, in place of what was stored for @service. Nobody is asked to unlock
 * anything.
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

  text = oai_auth_to_text (self);
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
 * Returns: %TRUE when it is stored; %FALSE with %G_IO_ERROR_PERMISSION_DENIED when the
 *   keyring is locked, with %G_IO_ERROR_NOT_SUPPORTED when the library was built
 *   without keyrings, or with another error
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
 * @service: (nullable): what the key is for, such as `api.openai.com`, which is the default
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is removed
 * @user_data: data for @callback
 *
 * Removes from the keyring of the user what is stored for @service. Nobody is
 * asked to unlock anything.
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
 * Returns: %TRUE when it is removed; %FALSE with %OAI_ERROR_AUTHENTICATION when there
 *   was none, with %G_IO_ERROR_PERMISSION_DENIED when the keyring is locked, with
 *   %G_IO_ERROR_NOT_SUPPORTED when the library was built without keyrings, or with
 *   another error
 *
 * Since: 1.0
 */
gboolean
oai_auth_remove_from_keyring_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
