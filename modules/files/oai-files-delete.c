/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-files-delete.h"

#include <string.h>

#include "oai-call-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-sync-private.h"
#include "oai-wait-private.h"

#define FIRST_PAUSE 1000
#define LONGEST_PAUSE (30 * 1000)
#define DEFAULT_TIMEOUT (5 * 60 * 1000)

typedef struct
{
  char *file_id;
  guint pause;    /* milliseconds */
  gint64 end;     /* monotonic milliseconds */
  GError *error;  /* why it was not deleted yet */
} Deletion;

static void
deletion_free (gpointer data)
{
  Deletion *self = data;

  g_free (self->file_id);
  g_clear_error (&self->error);
  g_free (self);
}

static gboolean
is_processing (const GError *error)
{
  return g_error_matches (error, OAI_ERROR, OAI_ERROR_CONFLICT)
         || (error->domain == OAI_ERROR && strstr (error->message, "still processing") != NULL);
}

static void try_again (GTask *task);

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  if (!oai_wait_finish (result, &error))
    g_task_return_error (task, error);
  else
    try_again (g_steal_pointer (&task));
}

/* Takes the task.  Twice as long from time to time; the last pause ends with the time-out. */
static void
pause_and_try (GTask *task)
{
  Deletion *self = g_task_get_task_data (task);
  gint64 left = self->end - g_get_monotonic_time () / 1000;

  if (left <= 0)
    {
      g_task_return_error (task, g_steal_pointer (&self->error));
      g_object_unref (task);
      return;
    }

  oai_wait_async (MIN (self->pause, left), g_task_get_cancellable (task), waited_cb, task);
  self->pause = MIN (self->pause * 2, LONGEST_PAUSE);
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Deletion *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(OaiFileDeletion) deletion = oai_files_endpoint_delete_file_finish (OAI_FILES_ENDPOINT (source), result, &error);
  OaiCall *call = oai_call_from_result (result);

  if (call != NULL)
    oai_call_attach (call, task);
  if (error != NULL && is_processing (error))
    {
      g_clear_error (&self->error);
      self->error = error;
      pause_and_try (g_steal_pointer (&task));
    }
  else if (error != NULL)
    g_task_return_error (task, error);
  else if (oai_file_deletion_get_deleted (deletion))
    g_task_return_boolean (task, TRUE);
  else
    /* Translators: %s is the name by which the server knows a file. */
    g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_FAILED, _("The server did not delete the file “%s”"), self->file_id);
}

/* Takes the task. */
static void
try_again (GTask *task)
{
  Deletion *self = g_task_get_task_data (task);

  oai_files_endpoint_delete_file_async (g_task_get_source_object (task), self->file_id, g_task_get_cancellable (task), deleted_cb, task);
}

/**
 * oai_files_endpoint_delete_when_processed_async:
 * @self: a files endpoint
 * @file_id: identifier of the file
 * @timeout: milliseconds to go on at most; 0 for five minutes
 * @cancellable: (nullable): cancels it
 * @callback: (scope async) (nullable): called when the file is gone
 * @user_data: data for @callback
 *
 * Deletes a file, as soon as the server lets go of it.
 *
 * [method@Oai.FilesEndpoint.delete_when_processed_finish] tells whether it is gone.
 *
 * `DELETE files/{file_id}`, [API reference](https://platform.openai.com/docs/api-reference/files/delete)
 *
 * Since: 1.0
 */
void
oai_files_endpoint_delete_when_processed_async (OaiFilesEndpoint *self, const char *file_id, gint64 timeout, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Deletion *deletion;
  GTask *task;

  g_return_if_fail (OAI_IS_FILES_ENDPOINT (self));
  g_return_if_fail (file_id != NULL);

  deletion = g_new0 (Deletion, 1);
  deletion->file_id = g_strdup (file_id);
  deletion->pause = FIRST_PAUSE;
  deletion->end = g_get_monotonic_time () / 1000 + (timeout > 0 ? timeout : DEFAULT_TIMEOUT);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_files_endpoint_delete_when_processed_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, deletion, deletion_free);
  try_again (task);
}

/**
 * oai_files_endpoint_delete_when_processed_finish:
 * @self: a files endpoint
 * @result: what the callback was given
 *
 * Ends [method@Oai.FilesEndpoint.delete_when_processed_async].
 *
 * Returns: %TRUE if the file is gone
 *
 * Since: 1.0
 */
gboolean
oai_files_endpoint_delete_when_processed_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_files_endpoint_delete_when_processed:
 * @self: a files endpoint
 * @file_id: identifier of the file
 * @timeout: milliseconds to go on at most; 0 for five minutes
 * @cancellable: (nullable): cancels it
 *
 * Deletes a file, as soon as the server lets go of it.
 *
 * A server refuses to delete what it still processes. This method tries again
 * after a second, two seconds, four and so on, and ends with the words of the
 * server when it takes longer than @timeout. Where that cannot happen,
 * [method@Oai.FilesEndpoint.delete_file] does.
 *
 * Blocks; [method@Oai.FilesEndpoint.delete_when_processed_async] does not.
 *
 * `DELETE files/{file_id}`, [API reference](https://platform.openai.com/docs/api-reference/files/delete)
 *
 * Returns: %TRUE if the file is gone
 *
 * Since: 1.0
 */
gboolean
oai_files_endpoint_delete_when_processed (OaiFilesEndpoint *self, const char *file_id, gint64 timeout, GCancellable *cancellable, GError **error)
{
  OaiSync sync;
  gboolean deleted;

  g_return_val_if_fail (OAI_IS_FILES_ENDPOINT (self), FALSE);
  g_return_val_if_fail (file_id != NULL, FALSE);

  oai_sync_begin (&sync);
  oai_files_endpoint_delete_when_processed_async (self, file_id, timeout, cancellable, oai_sync_ready, &sync);
  deleted = oai_files_endpoint_delete_when_processed_finish (self, oai_sync_wait (&sync), error);
  oai_sync_end (&sync);

  return deleted;
}
