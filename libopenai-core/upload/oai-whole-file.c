/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-whole-file-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"

typedef struct
{
  GTask *task;
  OaiWholeFileLoaded loaded;
  gboolean too_large;
} Load;

/* Takes ownership of error. */
static void
fail (Load *self, GError *error)
{
  g_task_return_error (self->task, error);
  g_object_unref (self->task);
  g_free (self);
}

char *
oai_whole_file_dup_name (GFile *file)
{
  g_autofree char *basename = g_file_get_basename (file);

  return basename != NULL ? g_filename_display_name (basename) : g_file_get_parse_name (file);
}

gboolean
oai_whole_file_check (GFile *file, GFileInfo *info, GError **error)
{
  g_autofree char *name = NULL;

  /* The getter of GFileInfo warns if the file system does not know the type. */
  if (g_file_info_get_attribute_uint32 (info, G_FILE_ATTRIBUTE_STANDARD_TYPE) != G_FILE_TYPE_SPECIAL)
    return TRUE;

  name = oai_whole_file_dup_name (file);
  /* Translators: %s is the name of a pipe or a device. */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, _("“%s” is not a regular file."), name);

  return FALSE;
}

static gboolean
read_more_cb (const char *contents, goffset size, gpointer user_data)
{
  Load *self = user_data;

  self->too_large = size > OAI_WHOLE_FILE_MAX;

  return !self->too_large;
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Load *self = user_data;
  g_autoptr(GBytes) bytes = NULL;
  g_autofree char *name = NULL;
  GError *error = NULL;
  char *contents;
  gsize length;

  if (!g_file_load_partial_contents_finish (G_FILE (source), result, &contents, &length, NULL, &error))
    {
      fail (self, error);
      return;
    }

  bytes = g_bytes_new_take (contents, length);
  if (self->too_large)
    {
      name = oai_whole_file_dup_name (G_FILE (source));
      /* Translators: %s is the name of a file. */
      fail (self, g_error_new (OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is larger than %d MB."), name, OAI_WHOLE_FILE_MAX >> 20));
      return;
    }

  self->loaded (self->task, G_FILE (source), g_steal_pointer (&bytes));
  g_free (self);
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Load *self = user_data;
  GError *error = NULL;
  g_autoptr(GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (info == NULL || !oai_whole_file_check (G_FILE (source), info, &error))
    fail (self, error);
  else
    g_file_load_partial_contents_async (G_FILE (source), g_task_get_cancellable (self->task), read_more_cb, loaded_cb, self);
}

void
oai_whole_file_load (GTask *task, GFile *file, OaiWholeFileLoaded loaded)
{
  Load *self = g_new0 (Load, 1);

  self->task = task;
  self->loaded = loaded;
  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                           looked_up_cb, self);
}
