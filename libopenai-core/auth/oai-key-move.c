/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-key-move-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-key-file-private.h"
#include "oai-keyring-private.h"

typedef struct
{
  char *path;
  char *service;
  char *text; /* what is stored */
} Move;

static void
move_free (gpointer data)
{
  Move *self = data;

  g_free (self->path);
  g_free (self->service);
  oai_secret_free (self->text);
  g_free (self);
}

static gboolean
are_equal (const OaiCredentials *a, const OaiCredentials *b)
{
  return g_strcmp0 (a->api_key, b->api_key) == 0 && g_strcmp0 (a->admin_key, b->admin_key) == 0
         && g_strcmp0 (a->organization, b->organization) == 0 && g_strcmp0 (a->project, b->project) == 0;
}

/* Whether the values can be read from the text again.  Values with line ends cannot, nor can a value that is read as
 * a name and a value. */
static gboolean
is_text_of (const char *text, const OaiCredentials *credentials)
{
  g_auto(OaiCredentials) parsed = { NULL };
  oai_autosecret char *copy = g_strdup (text);

  return oai_key_file_parse_stored (copy, &parsed, NULL) && are_equal (&parsed, credentials);
}

/* Whether the file has other names, under which the key would remain. */
static gboolean
has_other_names (const char *path)
{
  GStatBuf info;

  return g_lstat (path, &info) == 0 && S_ISREG (info.st_mode) && info.st_nlink > 1;
}

/* Returns the text for the keyring; NULL if removing the file would lose anything else. */
static char *
read_file (const char *path, GError **error)
{
  g_auto(OaiCredentials) credentials = { NULL };
  oai_autosecret char *text = NULL;
  g_autofree char *shown = g_filename_display_name (path);

  if (g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("The key file “%s” is a link. Move the file that it leads to"), shown);
      return NULL;
    }
  if (has_other_names (path))
    {
      /* Translators: %s is the path of a file that has several hard links. */
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("The key file “%s” has another name, under which the key would remain"), shown);
      return NULL;
    }
  if (!oai_key_file_read (path, &credentials, error))
    return NULL;

  text = oai_credentials_to_text (&credentials);
  if (credentials.has_others || !is_text_of (text, &credentials))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("The file “%s” contains more than keys, so that it cannot be removed"), shown);
      return NULL;
    }

  return g_steal_pointer (&text);
}

/* The file may have changed meanwhile. */
static gboolean
remove_file (const Move *self, GError **error)
{
  oai_autosecret char *text = read_file (self->path, error);
  g_autofree char *shown = g_filename_display_name (self->path);

  if (text == NULL)
    return FALSE;
  if (strcmp (text, self->text) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The key file “%s” has changed, and was not removed"), shown);
      return FALSE;
    }
  if (g_unlink (self->path) != 0)
    {
      int number = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), _("The key is in the keyring, but the key file “%s” cannot be removed: %s"), shown, g_strerror (number));
      return FALSE;
    }

  return TRUE;
}

static void
read_back_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  const Move *self = g_task_get_task_data (task);
  GError *error = NULL;
  oai_autosecret char *text = oai_keyring_lookup_finish (result, &error);

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_task_return_error_if_cancelled (task))
    return;
  if (strcmp (text, self->text) != 0)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", _("The keyring contains another key for this service, so that the key file was not removed"));
      return;
    }
  if (!remove_file (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  /* The key is nowhere else now. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_return_pointer (task, g_steal_pointer (&text), oai_secret_free);
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  const Move *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (!oai_keyring_change_finish (result, &error))
    g_task_return_error (task, error);
  else
    oai_keyring_lookup_async (self->service, g_task_get_cancellable (task), read_back_cb, g_object_ref (task));
}

void
oai_key_move_async (const char *path, const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Move *self = g_new0 (Move, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, oai_key_move_async);
  g_task_set_task_data (task, self, move_free);
  self->path = g_strdup (path);
  self->service = g_strdup (service);
  self->text = read_file (path, &error);
  if (self->text == NULL)
    g_task_return_error (task, error);
  else
    oai_keyring_store_async (service, self->text, cancellable, stored_cb, g_object_ref (task));
}

char *
oai_key_move_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
