/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-download-private.h"

#include <errno.h>
#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-link-file-private.h"

/* Large, since each write wakes a thread; with 64 KiB, that would take most of the time. */
#define BUFFER_SIZE (1024 * 1024)
#define MAX_TRIES 20

/* The buffer is filled with all bytes that can be read without blocking, and then written.  So
 * small chunks do not need a thread each. */
struct _OaiDownload
{
  int ref_count;
  GInputStream *body;  /* NULL until the body is known */
  GFile *target;
  GFile *temporary;
  GFileOutputStream *output;
  GSource *source;     /* waits for more of the body */
  GError *error;       /* the first error, during the cleanup */
  goffset expected;
  goffset received;
  gsize filled;
  gboolean overwrite;
  gboolean ended;
  gboolean refuse_empty;
  gboolean only_user;  /* can read the file */
  gboolean keep_mode;
  guint32 mode;        /* of the file that is replaced */
  guint tries;
  guint8 buffer[BUFFER_SIZE];
};

typedef OaiDownload Save;

static void
save_unref (gpointer data)
{
  Save *save = data;

  if (--save->ref_count > 0)
    return;

  g_clear_object (&save->body);
  g_clear_object (&save->target);
  g_clear_object (&save->temporary);
  g_clear_object (&save->output);
  if (save->source != NULL)
    g_source_destroy (save->source);
  g_clear_pointer (&save->source, g_source_unref);
  g_clear_error (&save->error);
  g_free (save);
}

/* The name of the temporary file means nothing to the user. */
static void
name_target (Save *save, GError *error)
{
  g_autofree char *temporary = g_file_get_basename (save->temporary);
  g_autofree char *basename = g_file_get_basename (save->target);
  g_autofree char *target = g_filename_display_name (basename);
  g_auto(GStrv) parts = g_strsplit (error->message, temporary, -1);

  g_free (error->message);
  error->message = g_strjoinv (target, parts);
}

static void
take_error (Save *save, GError *error)
{
  if (save->temporary != NULL)
    name_target (save, error);
  if (save->error == NULL)
    save->error = error;
  else
    g_error_free (error);
}

/* Callbacks are in reverse order: the last one comes first. */

static void
on_deleted (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Save *save = g_task_get_task_data (task);

  g_file_delete_finish (G_FILE (object), result, NULL);
  g_task_return_error (task, g_steal_pointer (&save->error));
}

static void
give_up_file (GTask *task)
{
  Save *save = g_task_get_task_data (task);

  g_file_delete_async (save->temporary, g_task_get_priority (task), NULL, on_deleted, task);
}

static void
on_abandoned (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_output_stream_close_finish (G_OUTPUT_STREAM (object), result, NULL);
  give_up_file (user_data);
}

/* Deletes the temporary file, and then returns the first error.  Takes the task.  The caller's
 * cancellable, which may be the reason, does not stop this. */
static void
give_up (GTask *task)
{
  Save *save = g_task_get_task_data (task);

  if (save->body != NULL)
    g_input_stream_close (save->body, NULL, NULL);
  if (save->temporary == NULL || save->output == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&save->error));
      g_object_unref (task);
      return;
    }
  if (g_output_stream_is_closed (G_OUTPUT_STREAM (save->output)))
    give_up_file (task);
  else
    g_output_stream_close_async (G_OUTPUT_STREAM (save->output), g_task_get_priority (task), NULL, on_abandoned, task);
}

static void
fail (GTask *task, GError *error)
{
  take_error (g_task_get_task_data (task), error);
  give_up (task);
}

static void
succeed (GTask *task)
{
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_moved (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (!g_file_move_finish (G_FILE (object), result, &error))
    fail (task, error);
  else
    succeed (task);
}

static void
give_name (GTask *task)
{
  Save *save = g_task_get_task_data (task);
  GError *error = NULL;

  if (!save->overwrite && oai_link_file (save->temporary, save->target, &error))
    {
      succeed (task);
      return;
    }
  if (error != NULL)
    {
      fail (task, error);
      return;
    }
  /* Renaming is not cancellable, since the result would not be known. */
  g_file_move_async (save->temporary, save->target,
                     (save->overwrite ? G_FILE_COPY_OVERWRITE : G_FILE_COPY_NONE) | G_FILE_COPY_NO_FALLBACK_FOR_MOVE,
                     g_task_get_priority (task), NULL, NULL, NULL, on_moved, task);
}

/* If the file system has no modes, the file stays private. */
static void
on_mode_set (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_file_set_attributes_finish (G_FILE (object), result, NULL, NULL);
  give_name (user_data);
}

static void
on_written_out (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Save *save = g_task_get_task_data (task);
  g_autoptr (GFileInfo) info = NULL;
  GError *error = NULL;

  if (!g_output_stream_close_finish (G_OUTPUT_STREAM (object), result, &error) ||
      g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    {
      fail (task, error);
      return;
    }
  if (!save->keep_mode)
    {
      give_name (task);
      return;
    }
  info = g_file_info_new ();
  g_file_info_set_attribute_uint32 (info, G_FILE_ATTRIBUTE_UNIX_MODE, save->mode);
  g_file_set_attributes_async (save->temporary, info, G_FILE_QUERY_INFO_NONE, g_task_get_priority (task), NULL, on_mode_set, task);
}

static gboolean
check_length (Save *save, GError **error)
{
  if (save->refuse_empty && save->received == 0)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply has no body"));
      return FALSE;
    }
  if (save->expected < 0 || save->received == save->expected)
    return TRUE;

  /* Translators: both numbers count bytes. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE,
               _("The download has %lld bytes, but %lld were expected."),
               (long long) save->received, (long long) save->expected);
  return FALSE;
}

static void
finish_file (GTask *task)
{
  Save *save = g_task_get_task_data (task);
  GError *error = NULL;

  if (!check_length (save, &error))
    {
      fail (task, error);
      return;
    }
  g_input_stream_close (save->body, NULL, NULL);
  g_output_stream_close_async (G_OUTPUT_STREAM (save->output), g_task_get_priority (task),
                               g_task_get_cancellable (task), on_written_out, task);
}

static void fill (GTask *task);

static void
on_written (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Save *save = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (object), result, NULL, &error))
    {
      fail (task, error);
      return;
    }
  save->filled = 0;
  if (save->ended)
    finish_file (task);
  else
    fill (task);
}

static void
write_out (GTask *task)
{
  Save *save = g_task_get_task_data (task);
  GError *error = NULL;

  /* An endless body must not fill the disk. */
  if (save->expected >= 0 && save->received > save->expected && !check_length (save, &error))
    {
      fail (task, error);
      return;
    }
  g_output_stream_write_all_async (G_OUTPUT_STREAM (save->output), save->buffer, save->filled,
                                   g_task_get_priority (task), g_task_get_cancellable (task), on_written, task);
}

/* Returns -1 on error, or without an error if no bytes have arrived. */
static gssize
read_now (Save *save, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) reason = NULL;
  gssize n_read = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (save->body),
                                                            save->buffer + save->filled, BUFFER_SIZE - save->filled,
                                                            cancellable, &reason);

  if (n_read < 0 && !g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    g_propagate_error (error, g_steal_pointer (&reason));
  return n_read;
}

static void
take_read (GTask *task, gsize n_read)
{
  Save *save = g_task_get_task_data (task);

  save->filled += n_read;
  save->received += n_read;
  save->ended = n_read == 0;
}

static gboolean
on_readable (GObject *object, gpointer user_data)
{
  GTask *task = user_data;
  Save *save = g_task_get_task_data (task);

  g_clear_pointer (&save->source, g_source_unref);
  fill (task);
  return G_SOURCE_REMOVE;
}

static void
wait_readable (GTask *task)
{
  Save *save = g_task_get_task_data (task);

  save->source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (save->body), g_task_get_cancellable (task));
  g_source_set_priority (save->source, g_task_get_priority (task));
  g_source_set_callback (save->source, G_SOURCE_FUNC (on_readable), task, NULL);
  g_source_attach (save->source, g_task_get_context (task));
}

static void
fill_polling (GTask *task)
{
  Save *save = g_task_get_task_data (task);
  gssize n_read = 1;

  while (n_read > 0 && save->filled < BUFFER_SIZE)
    {
      GError *error = NULL;

      n_read = read_now (save, g_task_get_cancellable (task), &error);
      if (error != NULL)
        {
          fail (task, error);
          return;
        }
      if (n_read >= 0)
        take_read (task, n_read);
    }

  if (save->filled > 0)
    write_out (task);
  else if (save->ended)
    finish_file (task);
  else
    wait_readable (task);
}

static void
on_read (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Save *save = g_task_get_task_data (task);
  GError *error = NULL;
  gssize n_read = g_input_stream_read_finish (G_INPUT_STREAM (object), result, &error);

  if (n_read < 0)
    {
      fail (task, error);
      return;
    }
  take_read (task, n_read);
  if (save->ended)
    finish_file (task);
  else
    write_out (task);
}

static void
fill (GTask *task)
{
  Save *save = g_task_get_task_data (task);

  if (G_IS_POLLABLE_INPUT_STREAM (save->body) && g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (save->body)))
    fill_polling (task);
  else
    g_input_stream_read_async (save->body, save->buffer, BUFFER_SIZE, g_task_get_priority (task),
                               g_task_get_cancellable (task), on_read, task);
}

static void create_file (GTask *task);

static void
on_created (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Save *save = g_task_get_task_data (task);
  GError *error = NULL;

  save->output = g_file_create_finish (G_FILE (object), result, &error);
  if (save->output != NULL && g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    {
      fail (task, error);
      return;
    }
  if (save->output != NULL && save->body == NULL)
    {
      save->ref_count++;
      g_task_return_pointer (task, save, save_unref);
      g_object_unref (task);
      return;
    }
  if (save->output != NULL)
    {
      fill (task);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS) && ++save->tries < MAX_TRIES)
    {
      g_error_free (error);
      create_file (task);
      return;
    }
  fail (task, error);
}

/* The temporary file is in the same directory, so that it can be renamed. */
static void
create_file (GTask *task)
{
  Save *save = g_task_get_task_data (task);
  g_autoptr (GFile) directory = g_file_get_parent (save->target);
  g_autofree char *name = NULL;

  if (directory == NULL)
    {
      fail (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, g_strerror (EISDIR)));
      return;
    }
  name = g_strdup_printf (".openai-%08x%08x.part", g_random_int (), g_random_int ());
  g_clear_object (&save->temporary);
  save->temporary = g_file_get_child (directory, name);
  /* Not cancellable, since the file might have been created. */
  g_file_create_async (save->temporary, save->keep_mode || save->only_user ? G_FILE_CREATE_PRIVATE : G_FILE_CREATE_NONE, g_task_get_priority (task), NULL, on_created, task);
}

static gboolean
check_target (Save *save, GFileInfo *info, GError **error)
{
  if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, g_strerror (EISDIR));
  else if (!save->overwrite)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS, g_strerror (EEXIST));
  else
    return TRUE;
  return FALSE;
}

static void
note_mode (Save *save, GFileInfo *info)
{
  save->keep_mode = !save->only_user && info != NULL && g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_UNIX_MODE);
  if (save->keep_mode)
    save->mode = g_file_info_get_attribute_uint32 (info, G_FILE_ATTRIBUTE_UNIX_MODE) & 0777;
}

/* A link is replaced by a file with the mode of its target. */
static void
on_followed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (object), result, NULL);

  note_mode (g_task_get_task_data (task), info);
  create_file (task);
}

static void
on_looked_up (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (object), result, &error);

  if (info == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      create_file (task);
      return;
    }
  if (info == NULL || !check_target (g_task_get_task_data (task), info, &error))
    {
      fail (task, error);
      return;
    }
  if (g_file_info_get_file_type (info) == G_FILE_TYPE_SYMBOLIC_LINK)
    {
      g_file_query_info_async (G_FILE (object), G_FILE_ATTRIBUTE_UNIX_MODE, G_FILE_QUERY_INFO_NONE,
                               g_task_get_priority (task), g_task_get_cancellable (task), on_followed, task);
      return;
    }
  note_mode (g_task_get_task_data (task), info);
  create_file (task);
}

static void
look_up (GTask *task, Save *save)
{
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, save, save_unref);
  g_file_query_info_async (save->target, G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_UNIX_MODE, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS,
                           g_task_get_priority (task), g_task_get_cancellable (task), on_looked_up, task);
}

static Save *
save_new (GFile *target, gboolean overwrite)
{
  Save *save = g_new (Save, 1);

  memset (save, 0, G_STRUCT_OFFSET (Save, buffer));
  save->ref_count = 1;
  save->target = g_object_ref (target);
  save->expected = -1;
  save->overwrite = overwrite;

  return save;
}

void
oai_download_prepare_async (GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, oai_download_prepare_async);
  look_up (task, save_new (target, overwrite));
}

OaiDownload *
oai_download_prepare_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
oai_download_fill_async (OaiDownload *self, GInputStream *body, goffset expected, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  self->body = g_object_ref (body);
  self->expected = expected;
  g_task_set_source_tag (task, oai_download_fill_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, save_unref);
  fill (task);
}

void
oai_download_abandon_async (OaiDownload *self, GError *error, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_source_tag (task, oai_download_abandon_async);
  g_task_set_task_data (task, self, save_unref);
  fail (task, error);
}

void
oai_download_save_async (GInputStream *body, GFile *target, goffset expected, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Save *save = save_new (target, overwrite);

  save->body = g_object_ref (body);
  save->expected = expected;
  g_task_set_source_tag (task, oai_download_save_async);
  look_up (task, save);
}

void
oai_download_save_private_async (GBytes *bytes, GFile *target, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Save *save = save_new (target, TRUE);

  save->body = g_memory_input_stream_new_from_bytes (bytes);
  save->expected = (goffset) g_bytes_get_size (bytes);
  save->only_user = TRUE;
  g_task_set_source_tag (task, oai_download_save_private_async);
  look_up (task, save);
}

goffset
oai_download_save_finish (GAsyncResult *result, GError **error)
{
  Save *save;

  g_return_val_if_fail (g_task_is_valid (result, NULL), -1);

  save = g_task_get_task_data (G_TASK (result));
  return g_task_propagate_boolean (G_TASK (result), error) ? save->received : -1;
}

/* Tasks that return TRUE when the body is saved */

typedef struct
{
  OaiDownload *download;   /* NULL before it is prepared, and after saving has begun */
  OaiDownloadReady ready;
} Target;

static void
target_free (gpointer data)
{
  Target *target = data;

  g_clear_pointer (&target->download, save_unref);
  g_free (target);
}

static void
on_task_saved (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (oai_download_save_finish (result, &error) < 0)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_task_prepared (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Target *target = g_task_get_task_data (task);
  GError *error = NULL;

  target->download = oai_download_prepare_finish (result, &error);
  if (target->download != NULL)
    {
      target->ready (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

void
oai_download_task_prepare (GTask *task, GFile *file, gboolean overwrite, OaiDownloadReady ready)
{
  Target *target = g_new0 (Target, 1);

  target->ready = ready;
  g_task_set_task_data (task, target, target_free);
  oai_download_prepare_async (file, overwrite, g_task_get_cancellable (task), on_task_prepared, task);
}

void
oai_download_task_save (GTask *task, GInputStream *body, goffset expected)
{
  Target *target = g_task_get_task_data (task);

  oai_download_fill_async (g_steal_pointer (&target->download), body, expected, g_task_get_cancellable (task), on_task_saved, task);
}

void
oai_download_task_save_some (GTask *task, GInputStream *body)
{
  Target *target = g_task_get_task_data (task);

  target->download->refuse_empty = TRUE;
  oai_download_task_save (task, body, -1);
}

void
oai_download_task_fail (GTask *task, GError *error)
{
  Target *target = g_task_get_task_data (task);

  oai_download_abandon_async (g_steal_pointer (&target->download), error, on_task_saved, task);
}
