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

/* Values with line ends cannot be stored. */
static gboolean
has_line_ends (const OaiCredentials *credentials)
{
  const char *const values[] = { credentials->api_key, credentials->admin_key, credentials->organization, credentials->project };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    if (values[i] != NULL && strpbrk (values[i], "\r\n") != NULL)
      return TRUE;

  return FALSE;
}

/* Returns the text for the keyring; NULL if removing the file would lose anything else. */
static char *
read_file (const char *path, GError **error)
{
  g_auto(OaiCredentials) credentials = { NULL };
  g_autofree char *shown = g_filename_display_name (path);

  if (g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("The key file “%s” is a link. Move the file that it leads to"), shown);
      return NULL;
    }
  if (!oai_key_file_read (path, &credentials, error))
    return NULL;
  if (credentials.has_others || has_line_ends (&credentials))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("The file “%s” contains more than keys, so that it cannot be removed"), shown);
      return NULL;
    }

  return oai_credentials_to_text (&credentials);
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
  if (g_remove (self->path) != 0)
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
