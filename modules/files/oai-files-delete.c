/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-files-delete.h"

#include <string.h>

#include "oai-call-private.h"
#include "oai-client.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-settings.h"
#include "oai-deadline-private.h"
#include "oai-blocking-call-private.h"

#define FIRST_PAUSE 1000
#define LONGEST_PAUSE (30 * 1000)
#define DEFAULT_TIMEOUT (5 * 60 * 1000)

typedef struct
{
  OaiFilesEndpoint *once;  /* the same endpoint, whose calls are tried once: this is what repeats them */
  char *file_id;
  guint pause;             /* milliseconds */
  guint retries;           /* how often it may fail for other reasons */
  GError *error;           /* why it was not deleted yet */
  gboolean single;         /* there is time for one try only */
  OaiDeadline deadline;
} Deletion;

static void
deletion_free (gpointer data)
{
  Deletion *self = data;

  oai_deadline_clear (&self->deadline);
  g_clear_object (&self->once);
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

/* What any other call would be tried again for. */
static gboolean
may_pass (const GError *error, OaiCall *call)
{
  if (call != NULL && g_strcmp0 (oai_call_get_header (call, "x-should-retry"), "false") == 0)
    return FALSE;

  return g_error_matches (error, OAI_ERROR, OAI_ERROR_SERVER) || g_error_matches (error, OAI_ERROR, OAI_ERROR_RATE_LIMITED)
         || g_error_matches (error, OAI_ERROR, OAI_ERROR_CONNECTION) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

/* Takes the task and error, which is told unless the time was over. */
static void
end (GTask *task, GError *error)
{
  g_autoptr(GTask) owned = task;
  Deletion *self = g_task_get_task_data (owned);

  oai_deadline_disarm (&self->deadline);
  if (error == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (!self->deadline.timed_out)
    {
      g_task_return_error (task, error);
      return;
    }
  g_error_free (error);
  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    /* Translators: %s is the name by which the server knows a file. */
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The server did not say in time whether the file “%s” is deleted"), self->file_id);
}

static void try_again (GTask *task);

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (!oai_deadline_wait_finish (result, &error))
    end (task, error);
  else
    try_again (task);
}

/* Takes the task.  Twice as long from time to time. */
static void
pause_and_try (GTask *task)
{
  Deletion *self = g_task_get_task_data (task);

  oai_deadline_wait_async (self->pause, self->deadline.cancellable, waited_cb, task);
  self->pause = MIN (self->pause * 2, LONGEST_PAUSE);
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Deletion *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(OaiFileDeletion) deletion = oai_files_endpoint_delete_file_finish (OAI_FILES_ENDPOINT (source), result, &error);
  OaiCall *call = oai_call_from_result (result);

  if (call != NULL)
    oai_call_attach (call, task);
  if (error != NULL && !self->single && (is_processing (error) || (self->retries > 0 && may_pass (error, call))))
    {
      self->retries -= is_processing (error) ? 0 : 1;
      g_clear_error (&self->error);
      self->error = error;
      pause_and_try (task);
      return;
    }
  if (error == NULL && !oai_file_deletion_get_deleted (deletion))
    /* Translators: %s is the name by which the server knows a file. */
    error = g_error_new (OAI_ERROR, OAI_ERROR_FAILED, _("The server did not delete the file “%s”"), self->file_id);
  end (task, error);
}

/* Takes the task. */
static void
try_again (GTask *task)
{
  Deletion *self = g_task_get_task_data (task);

  oai_files_endpoint_delete_file_async (self->once, self->file_id, self->deadline.cancellable, deleted_cb, task);
}

static Deletion *
deletion_new (OaiFilesEndpoint *endpoint, const char *file_id)
{
  Deletion *self = g_new0 (Deletion, 1);
  OaiCallOptions *options = oai_endpoint_get_options (OAI_ENDPOINT (endpoint));
  OaiSettings *settings = oai_client_get_settings (oai_endpoint_get_client (OAI_ENDPOINT (endpoint)));
  g_autoptr(OaiCallOptions) once = options != NULL ? oai_call_options_copy (options) : oai_call_options_new ();

  oai_call_options_set_max_retries (once, 0);
  self->once = OAI_FILES_ENDPOINT (oai_endpoint_with_options (OAI_ENDPOINT (endpoint), once));
  self->file_id = g_strdup (file_id);
  self->pause = FIRST_PAUSE;
  self->retries = oai_settings_get_max_retries (settings);
  if (options != NULL && oai_call_options_get_max_retries (options) >= 0)
    self->retries = oai_call_options_get_max_retries (options);

  return self;
}

/**
 * oai_files_endpoint_delete_when_processed_async:
 * @self: a files endpoint
 * @file_id: identifier of the file
 * @timeout: milliseconds to go on at most; 0 for one try, -1 for five minutes
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
  g_return_if_fail (timeout >= -1);

  deletion = deletion_new (self, file_id);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_files_endpoint_delete_when_processed_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, deletion, deletion_free);
  /* Whatever is under way then ends when the time is over. */
  oai_deadline_init_linked (&deletion->deadline, g_task_get_context (task), cancellable);
  deletion->single = timeout == 0;
  if (timeout != 0)
    oai_deadline_start (&deletion->deadline, timeout > 0 ? timeout : DEFAULT_TIMEOUT, 0);
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
 * @timeout: milliseconds to go on at most; 0 for one try, -1 for five minutes
 * @cancellable: (nullable): cancels it
 *
 * Deletes a file, as soon as the server lets go of it.
 *
 * A server refuses to delete what it still processes. This method tries again
 * after a second, two seconds, four and so on, and ends with the words of the
 * server when it takes longer than @timeout, or with %G_IO_ERROR_TIMED_OUT where
 * the server said nothing at all. Where that cannot happen,
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
  OaiBlockingCall sync;
  gboolean deleted;

  g_return_val_if_fail (OAI_IS_FILES_ENDPOINT (self), FALSE);
  g_return_val_if_fail (file_id != NULL, FALSE);
  g_return_val_if_fail (timeout >= -1, FALSE);

  oai_blocking_call_begin (&sync);
  oai_files_endpoint_delete_when_processed_async (self, file_id, timeout, cancellable, oai_blocking_call_ready, &sync);
  deleted = oai_files_endpoint_delete_when_processed_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return deleted;
}
