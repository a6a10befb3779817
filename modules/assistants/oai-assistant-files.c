/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files of assistants, in version 1 of the API. */

#include "oai-assistants-methods-private.h"

#include "oai-client.h"
#include "oai-error.h"
#include "oai-files-endpoint.h"
#include "oai-i18n-private.h"
#include "oai-method.h"
#include "oai-record-operation.h"

static void
attached_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  OaiAssistantFile *file = oai_assistant_attach_file_finish (OAI_ASSISTANT (source), result, &error);

  oai_method_return (task, result, file, g_object_unref, error);
}

static void
uploaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr(OaiFile) file = oai_files_endpoint_upload_finish (OAI_FILES_ENDPOINT (source), result, &error);
  const char *id = file != NULL ? oai_file_get_id (file) : NULL;

  oai_method_attach_call (task, result);
  if (id != NULL && *id != '\0')
    {
      oai_assistant_attach_file_async (g_task_get_source_object (task), id, g_task_get_cancellable (task), attached_cb, task);
      return;
    }

  if (error == NULL)
    error = g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server accepted the file, but returned no identifier"));
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* Fails before the upload if the file cannot be attached. */
static OaiFilesEndpoint *
new_files_endpoint (OaiAssistant *self, GError **error)
{
  g_autoptr(OaiEndpoint) endpoint = oai_record_new_endpoint (OAI_RECORD (self), OAI_TYPE_FILES_ENDPOINT, error);

  if (endpoint == NULL || g_strcmp0 (oai_settings_get_beta_version (oai_client_get_settings (oai_endpoint_get_client (endpoint)), "assistants"), "v1") == 0)
    return (OaiFilesEndpoint *) g_steal_pointer (&endpoint);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("Files are attached to assistants in version v1 of the Assistants API only"));

  return NULL;
}

void
oai_assistant_upload_file_start (OaiAssistant *self, OaiInputFile *file, GTask *task)
{
  GError *error = NULL;
  g_autoptr(OaiFilesEndpoint) files = new_files_endpoint (self, &error);
  g_autoptr(OaiFileUploadRequest) upload = NULL;

  if (files == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  upload = oai_file_upload_request_new (file, OAI_FILE_PURPOSE_ASSISTANTS);
  oai_files_endpoint_upload_async (files, upload, g_task_get_cancellable (task), uploaded_cb, task);
}

/* Detaching and deleting: the data of the task is the identifier of the file. */

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  oai_method_attach_call (task, result);
  if (oai_files_endpoint_delete_when_processed_finish (OAI_FILES_ENDPOINT (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
detached_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr(OaiAssistantFileDeletion) deletion = oai_record_invoke_finish (OAI_RECORD (source), result, &error);
  g_autoptr(OaiFilesEndpoint) files = NULL;

  oai_method_attach_call (task, result);
  /* If the file is already detached, it is deleted. */
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

/* Takes ownership of task. */
static void
delete_file (OaiRecord *self, const char *assistant_id, const char *file_id, GTask *task)
{
  g_task_set_task_data (task, g_strdup (file_id), g_free);
  oai_record_invoke_async (self, OAI_TYPE_ASSISTANTS_ENDPOINT, oai_endpoint_find_operation (OAI_TYPE_ASSISTANTS_ENDPOINT, "detach_file"),
                           (const char *const[]) { assistant_id, file_id, NULL }, NULL, NULL, g_task_get_cancellable (task), detached_cb, task, delete_file);
}

void
oai_assistant_delete_file_start (OaiAssistant *self, const char *file_id, GTask *task)
{
  delete_file (OAI_RECORD (self), oai_assistant_get_id (self), file_id, task);
}

void
oai_assistant_file_delete_file_start (OaiAssistantFile *self, GTask *task)
{
  delete_file (OAI_RECORD (self), oai_assistant_file_get_assistant_id (self), oai_assistant_file_get_id (self), task);
}
