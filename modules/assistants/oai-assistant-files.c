/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files of assistants, in version 1 of the API: more than one call each. */

#include "oai-assistant-files.h"

#include "oai-assistants-endpoint.h"
#include "oai-call-private.h"
#include "oai-client.h"
#include "oai-error.h"
#include "oai-files-delete.h"
#include "oai-files-endpoint.h"
#include "oai-i18n-private.h"
#include "oai-record-operation.h"
#include "oai-blocking-call-private.h"

/* Of several calls, the newest is the one behind the result. */
static void
remember_call (GTask *task, GAsyncResult *result)
{
  OaiCall *call = oai_call_from_result (result);

  if (call != NULL)
    oai_call_attach (call, task);
}

static void
attach (OaiAssistant *self, const char *file_id, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  g_autoptr(OaiAssistantFileRequest) request = oai_assistant_file_request_new (file_id);

  oai_record_invoke_async (OAI_RECORD (self), OAI_TYPE_ASSISTANTS_ENDPOINT, oai_endpoint_find_operation (OAI_TYPE_ASSISTANTS_ENDPOINT, "attach_file"),
                           (const char *const[]) { oai_assistant_get_id (self), NULL }, NULL, OAI_RECORD (request),
                           cancellable, callback, user_data, source_tag);
}

/**
 * oai_assistant_attach_file:
 * @self: an assistant
 * @file_id: identifier of a file that was uploaded for `assistants`
 * @cancellable: (nullable): cancels the call
 *
 * Attaches a file to the assistant. It exists in version 1 of the API only: see
 * [property@Oai.Settings:assistants-version].
 *
 * Waits for the reply; [method@Oai.Assistant.attach_file_async] does not.
 *
 * `POST assistants/{assistant_id}/files`, [API reference](https://platform.openai.com/docs/api-reference/assistants/createAssistantFile)
 *
 * Returns: (transfer full): the file of the assistant
 *
 * Since: 1.0
 */
OaiAssistantFile *
oai_assistant_attach_file (OaiAssistant *self, const char *file_id, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  OaiAssistantFile *file;

  g_return_val_if_fail (OAI_IS_ASSISTANT (self), NULL);
  g_return_val_if_fail (file_id != NULL, NULL);

  oai_blocking_call_begin (&sync);
  oai_assistant_attach_file_async (self, file_id, cancellable, oai_blocking_call_ready, &sync);
  file = oai_assistant_attach_file_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return file;
}

/**
 * oai_assistant_attach_file_async:
 * @self: an assistant
 * @file_id: identifier of a file that was uploaded for `assistants`
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async) (nullable): called when the reply is here
 * @user_data: data for @callback
 *
 * Attaches a file to the assistant.
 *
 * [method@Oai.Assistant.attach_file_finish] gives the reply.
 *
 * Since: 1.0
 */
void
oai_assistant_attach_file_async (OaiAssistant *self, const char *file_id, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_ASSISTANT (self));
  g_return_if_fail (file_id != NULL);

  attach (self, file_id, cancellable, callback, user_data, oai_assistant_attach_file_async);
}

/**
 * oai_assistant_attach_file_finish:
 * @self: an assistant
 * @result: what the callback was given
 *
 * Ends [method@Oai.Assistant.attach_file_async].
 *
 * Returns: (transfer full): the file of the assistant
 *
 * Since: 1.0
 */
OaiAssistantFile *
oai_assistant_attach_file_finish (OaiAssistant *self, GAsyncResult *result, GError **error)
{
  return oai_record_invoke_finish (OAI_RECORD (self), result, error);
}

/* Uploads */

static void
attached_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  OaiAssistantFile *file = oai_assistant_attach_file_finish (OAI_ASSISTANT (source), result, &error);

  remember_call (task, result);
  if (file != NULL)
    g_task_return_pointer (task, file, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
uploaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr(OaiFile) file = oai_files_endpoint_upload_finish (OAI_FILES_ENDPOINT (source), result, &error);
  const char *id = file != NULL ? oai_file_get_id (file) : NULL;

  remember_call (task, result);
  if (id != NULL && *id != '\0')
    {
      oai_assistant_attach_file_async (g_task_get_source_object (task), id, g_task_get_cancellable (task), attached_cb, task);
      return;
    }

  if (error == NULL)
    error = g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server took the file, but gave it no identifier"));
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* Nothing is uploaded that could not be attached. */
static gboolean
check_upload (OaiAssistant *self, GError **error)
{
  OaiClient *client = oai_record_get_client (OAI_RECORD (self));

  if (client == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The record is not associated with a client, so no request can be sent"));
      return FALSE;
    }
  if (!g_str_equal (oai_settings_get_assistants_version (oai_client_get_settings (client)), "v1"))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("Files are attached to assistants in version v1 of the Assistants API only"));
      return FALSE;
    }

  return TRUE;
}

/**
 * oai_assistant_upload_file_async:
 * @self: an assistant
 * @file: the file
 * @cancellable: (nullable): cancels the calls
 * @callback: (scope async) (nullable): called when the replies are here
 * @user_data: data for @callback
 *
 * Uploads a file and attaches it to the assistant.
 *
 * [method@Oai.Assistant.upload_file_finish] gives the reply.
 *
 * Since: 1.0
 */
void
oai_assistant_upload_file_async (OaiAssistant *self, OaiInputFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiFilesEndpoint) files = NULL;
  g_autoptr(OaiFileUpload) upload = NULL;
  GError *error = NULL;
  GTask *task;

  g_return_if_fail (OAI_IS_ASSISTANT (self));
  g_return_if_fail (OAI_IS_INPUT_FILE (file));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_assistant_upload_file_async);
  g_task_set_check_cancellable (task, FALSE);
  if (!check_upload (self, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  files = oai_files_endpoint_new (oai_record_get_client (OAI_RECORD (self)));
  upload = oai_file_upload_new (file, OAI_FILE_PURPOSE_ASSISTANTS);
  oai_files_endpoint_upload_async (files, upload, cancellable, uploaded_cb, task);
}

/**
 * oai_assistant_upload_file_finish:
 * @self: an assistant
 * @result: what the callback was given
 *
 * Ends [method@Oai.Assistant.upload_file_async].
 *
 * Returns: (transfer full): the file of the assistant
 *
 * Since: 1.0
 */
OaiAssistantFile *
oai_assistant_upload_file_finish (OaiAssistant *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_assistant_upload_file:
 * @self: an assistant
 * @file: the file
 * @cancellable: (nullable): cancels the calls
 *
 * Uploads a file and attaches it to the assistant. It exists in version 1 of the
 * API only: see [property@Oai.Settings:assistants-version].
 *
 * Waits for the replies; [method@Oai.Assistant.upload_file_async] does not. When the
 * file cannot be attached it remains with the other files of the project.
 *
 * `POST files` and `POST assistants/{assistant_id}/files`
 *
 * Returns: (transfer full): the file of the assistant
 *
 * Since: 1.0
 */
OaiAssistantFile *
oai_assistant_upload_file (OaiAssistant *self, OaiInputFile *file, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  OaiAssistantFile *attached;

  g_return_val_if_fail (OAI_IS_ASSISTANT (self), NULL);
  g_return_val_if_fail (OAI_IS_INPUT_FILE (file), NULL);

  oai_blocking_call_begin (&sync);
  oai_assistant_upload_file_async (self, file, cancellable, oai_blocking_call_ready, &sync);
  attached = oai_assistant_upload_file_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return attached;
}

/* Deletion in both places: the task data is the identifier of the file */

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  remember_call (task, result);
  if (oai_files_endpoint_delete_when_processed_finish (OAI_FILES_ENDPOINT (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr(OaiAssistantFileDeletion) deletion = oai_record_invoke_finish (OAI_RECORD (source), result, &error);
  g_autoptr(OaiFilesEndpoint) files = NULL;

  remember_call (task, result);
  /* One that is detached already, by an earlier try perhaps, is still to be deleted. */
  if (g_error_matches (error, OAI_ERROR, OAI_ERROR_NOT_FOUND))
    g_clear_error (&error);
  else if (error == NULL && !oai_assistant_file_deletion_get_deleted (deletion))
    error = g_error_new_literal (OAI_ERROR, OAI_ERROR_FAILED, _("The server did not delete the file"));
  if (error != NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  files = oai_files_endpoint_new (oai_record_get_client (OAI_RECORD (source)));
  oai_files_endpoint_delete_when_processed_async (files, g_task_get_task_data (task), -1, g_task_get_cancellable (task), deleted_cb, task);
}

static void
delete_async (OaiRecord *self, const char *assistant_id, const char *file_id, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, g_strdup (file_id), g_free);
  oai_record_invoke_async (self, OAI_TYPE_ASSISTANTS_ENDPOINT, oai_endpoint_find_operation (OAI_TYPE_ASSISTANTS_ENDPOINT, "remove_file"),
                           (const char *const[]) { assistant_id, file_id, NULL }, NULL, NULL, cancellable, removed_cb, task, source_tag);
}

/**
 * oai_assistant_delete_file_async:
 * @self: an assistant
 * @file_id: identifier of an attached file
 * @cancellable: (nullable): cancels the calls
 * @callback: (scope async) (nullable): called when the replies are here
 * @user_data: data for @callback
 *
 * Detaches a file and deletes it.
 *
 * [method@Oai.Assistant.delete_file_finish] tells how it went.
 *
 * Since: 1.0
 */
void
oai_assistant_delete_file_async (OaiAssistant *self, const char *file_id, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_ASSISTANT (self));
  g_return_if_fail (file_id != NULL);

  delete_async (OAI_RECORD (self), oai_assistant_get_id (self), file_id, cancellable, callback, user_data, oai_assistant_delete_file_async);
}

/**
 * oai_assistant_delete_file_finish:
 * @self: an assistant
 * @result: what the callback was given
 *
 * Ends [method@Oai.Assistant.delete_file_async].
 *
 * Returns: %TRUE when the file is gone
 *
 * Since: 1.0
 */
gboolean
oai_assistant_delete_file_finish (OaiAssistant *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_assistant_delete_file:
 * @self: an assistant
 * @file_id: identifier of an attached file
 * @cancellable: (nullable): cancels the calls
 *
 * Detaches a file and deletes it from the project too. It exists in version 1 of
 * the API only: see [property@Oai.Settings:assistants-version].
 *
 * A file that is not attached any more is deleted all the same, so that this can
 * be called again after a failure. What the server still processes is waited for,
 * as by [method@Oai.FilesEndpoint.delete_when_processed].
 *
 * Waits for the replies; [method@Oai.Assistant.delete_file_async] does not.
 *
 * `DELETE assistants/{assistant_id}/files/{file_id}` and `DELETE files/{file_id}`
 *
 * Returns: %TRUE when the file is gone
 *
 * Since: 1.0
 */
gboolean
oai_assistant_delete_file (OaiAssistant *self, const char *file_id, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gboolean deleted;

  g_return_val_if_fail (OAI_IS_ASSISTANT (self), FALSE);
  g_return_val_if_fail (file_id != NULL, FALSE);

  oai_blocking_call_begin (&sync);
  oai_assistant_delete_file_async (self, file_id, cancellable, oai_blocking_call_ready, &sync);
  deleted = oai_assistant_delete_file_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return deleted;
}

/**
 * oai_assistant_file_delete_async:
 * @self: a file of an assistant
 * @cancellable: (nullable): cancels the calls
 * @callback: (scope async) (nullable): called when the replies are here
 * @user_data: data for @callback
 *
 * Detaches the file and deletes it.
 *
 * [method@Oai.AssistantFile.delete_finish] tells how it went.
 *
 * Since: 1.0
 */
void
oai_assistant_file_delete_async (OaiAssistantFile *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_ASSISTANT_FILE (self));

  delete_async (OAI_RECORD (self), oai_assistant_file_get_assistant_id (self), oai_assistant_file_get_id (self),
                cancellable, callback, user_data, oai_assistant_file_delete_async);
}

/**
 * oai_assistant_file_delete_finish:
 * @self: a file of an assistant
 * @result: what the callback was given
 *
 * Ends [method@Oai.AssistantFile.delete_async].
 *
 * Returns: %TRUE when the file is gone
 *
 * Since: 1.0
 */
gboolean
oai_assistant_file_delete_finish (OaiAssistantFile *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_assistant_file_delete:
 * @self: a file of an assistant
 * @cancellable: (nullable): cancels the calls
 *
 * Detaches the file and deletes it from the project too. It exists in version 1 of
 * the API only: see [property@Oai.Settings:assistants-version].
 *
 * It can be called again after a failure, and waits as long as the server still
 * processes the file: see [method@Oai.Assistant.delete_file].
 *
 * Waits for the replies; [method@Oai.AssistantFile.delete_async] does not.
 *
 * `DELETE assistants/{assistant_id}/files/{file_id}` and `DELETE files/{file_id}`
 *
 * Returns: %TRUE when the file is gone
 *
 * Since: 1.0
 */
gboolean
oai_assistant_file_delete (OaiAssistantFile *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gboolean deleted;

  g_return_val_if_fail (OAI_IS_ASSISTANT_FILE (self), FALSE);

  oai_blocking_call_begin (&sync);
  oai_assistant_file_delete_async (self, cancellable, oai_blocking_call_ready, &sync);
  deleted = oai_assistant_file_delete_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return deleted;
}
