/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-files-wait.h"

#include "oai-i18n-private.h"
#include "oai-poll-private.h"
#include "oai-blocking-call-private.h"

#define DEFAULT_INTERVAL 5000
#define DEFAULT_TIMEOUT (30 * 60 * 1000)

/* A status that nobody knows yet, or none, is one to wait on: the wait has an end by itself. */
static OaiPollState
get_state (OaiRecord *record)
{
  static const char *const ends[] = { OAI_FILE_STATUS_PROCESSED, OAI_FILE_STATUS_ERROR, "deleted", NULL };
  const char *status = oai_file_get_status (OAI_FILE (record));

  return status != NULL && g_strv_contains (ends, status) ? OAI_POLL_DONE : OAI_POLL_PENDING;
}

/**
 * oai_files_endpoint_wait_for_processing_async:
 * @self: a files endpoint
 * @file_id: identifier of the file
 * @interval: milliseconds from one question to the next; 0 for what the server
 *   asks for, or else five seconds
 * @timeout: milliseconds to wait at most; -1 for thirty minutes
 * @cancellable: (nullable): stops waiting
 * @callback: (scope async) (nullable): called when the file is ready
 * @user_data: data for @callback
 *
 * Waits until the server is done with a file.
 *
 * [method@Oai.FilesEndpoint.wait_for_processing_finish] gives the file.
 *
 * `GET files/{file_id}`, [API reference](https://platform.openai.com/docs/api-reference/files/retrieve)
 *
 * Since: 1.0
 */
void
oai_files_endpoint_wait_for_processing_async (OaiFilesEndpoint *self, const char *file_id, guint interval, gint64 timeout, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  const char *const path[] = { file_id, NULL };
  g_autofree char *message = NULL;
  GTask *task;

  g_return_if_fail (OAI_IS_FILES_ENDPOINT (self));
  g_return_if_fail (file_id != NULL);
  g_return_if_fail (timeout >= -1);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_files_endpoint_wait_for_processing_async);
  /* Translators: %s is the name by which the server knows a file. */
  message = g_strdup_printf (_("Giving up on waiting for the file “%s” to be processed"), file_id);
  oai_poll (&(OaiPoll) {
    .endpoint = OAI_ENDPOINT (self),
    .operation = "retrieve",
    .path_arguments = path,
    .get_state = get_state,
    .interval = interval,
    .default_interval = DEFAULT_INTERVAL,
    .timeout = timeout < 0 ? DEFAULT_TIMEOUT : timeout,
    .timeout_message = message,
  }, task);
}

/**
 * oai_files_endpoint_wait_for_processing_finish:
 * @self: a files endpoint
 * @result: what the callback was given
 *
 * Ends [method@Oai.FilesEndpoint.wait_for_processing_async].
 *
 * Returns: (transfer full): the file as it is now
 *
 * Since: 1.0
 */
OaiFile *
oai_files_endpoint_wait_for_processing_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_files_endpoint_wait_for_processing:
 * @self: a files endpoint
 * @file_id: identifier of the file
 * @interval: milliseconds from one question to the next; 0 for what the server
 *   asks for, or else five seconds
 * @timeout: milliseconds to wait at most; -1 for thirty minutes
 * @cancellable: (nullable): stops waiting
 *
 * Waits until the server is done with a file, be it for good or for bad: see
 * [method@Oai.File.get_status], which is %OAI_FILE_STATUS_ERROR where the file
 * cannot be used. A status that this library does not know is waited on.
 *
 * Fails with %G_IO_ERROR_TIMED_OUT when it takes longer than @timeout.
 *
 * Blocks; [method@Oai.FilesEndpoint.wait_for_processing_async] does not.
 *
 * `GET files/{file_id}`, [API reference](https://platform.openai.com/docs/api-reference/files/retrieve)
 *
 * Returns: (transfer full): the file as it is now
 *
 * Since: 1.0
 */
OaiFile *
oai_files_endpoint_wait_for_processing (OaiFilesEndpoint *self, const char *file_id, guint interval, gint64 timeout, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  OaiFile *file;

  g_return_val_if_fail (OAI_IS_FILES_ENDPOINT (self), NULL);
  g_return_val_if_fail (file_id != NULL, NULL);
  g_return_val_if_fail (timeout >= -1, NULL);

  oai_blocking_call_begin (&sync);
  oai_files_endpoint_wait_for_processing_async (self, file_id, interval, timeout, cancellable, oai_blocking_call_ready, &sync);
  file = oai_files_endpoint_wait_for_processing_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return file;
}
