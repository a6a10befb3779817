/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-files-upload.h"

/* Uploads in one line: the request is made here. */

static OaiFileUpload *
make_request (OaiInputFile *input, const char *purpose)
{
  g_autoptr(OaiInputFile) owned = input;

  return oai_file_upload_new (owned, purpose);
}

/**
 * oai_files_endpoint_upload_path:
 * @self: a files endpoint
 * @path: (type filename): where the file is
 * @purpose: what it is for, such as %OAI_FILE_PURPOSE_FINE_TUNE
 * @cancellable: (nullable): cancels the call
 *
 * Uploads the file at a path.
 *
 * The file is read while it is sent, and never held in memory. To show how far it
 * is, or to send it under another name, make an [class@Oai.InputFile] and call
 * [method@Oai.FilesEndpoint.upload].
 *
 * Waits for the reply; [method@Oai.FilesEndpoint.upload_path_async] does not.
 *
 * `POST files`, [API reference](https://platform.openai.com/docs/api-reference/files/create)
 *
 * Returns: (transfer full): the file on the server
 *
 * Since: 1.0
 */
OaiFile *
oai_files_endpoint_upload_path (OaiFilesEndpoint *self, const char *path, const char *purpose, GCancellable *cancellable, GError **error)
{
  g_autoptr(OaiFileUpload) request = NULL;

  g_return_val_if_fail (OAI_IS_FILES_ENDPOINT (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (purpose != NULL, NULL);

  request = make_request (oai_input_file_new_for_path (path), purpose);

  return oai_files_endpoint_upload (self, request, cancellable, error);
}

/**
 * oai_files_endpoint_upload_path_async:
 * @self: a files endpoint
 * @path: (type filename): where the file is
 * @purpose: what it is for, such as %OAI_FILE_PURPOSE_FINE_TUNE
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async) (nullable): called when it is there
 * @user_data: data for @callback
 *
 * Uploads the file at a path.
 *
 * [method@Oai.FilesEndpoint.upload_path_finish] gives the reply.
 *
 * `POST files`, [API reference](https://platform.openai.com/docs/api-reference/files/create)
 *
 * Since: 1.0
 */
void
oai_files_endpoint_upload_path_async (OaiFilesEndpoint *self, const char *path, const char *purpose, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiFileUpload) request = NULL;

  g_return_if_fail (OAI_IS_FILES_ENDPOINT (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (purpose != NULL);

  request = make_request (oai_input_file_new_for_path (path), purpose);
  oai_files_endpoint_upload_async (self, request, cancellable, callback, user_data);
}

/**
 * oai_files_endpoint_upload_path_finish:
 * @self: a files endpoint
 * @result: what the callback was given
 *
 * Ends [method@Oai.FilesEndpoint.upload_path_async].
 *
 * Returns: (transfer full): the file on the server
 *
 * Since: 1.0
 */
OaiFile *
oai_files_endpoint_upload_path_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error)
{
  return oai_files_endpoint_upload_finish (self, result, error);
}

/**
 * oai_files_endpoint_upload_file:
 * @self: a files endpoint
 * @file: the file, which may be anywhere GIO reaches
 * @purpose: what it is for, such as %OAI_FILE_PURPOSE_FINE_TUNE
 * @cancellable: (nullable): cancels the call
 *
 * Uploads a file.
 *
 * The file is read while it is sent, and never held in memory. To show how far it
 * is, or to send it under another name, make an [class@Oai.InputFile] and call
 * [method@Oai.FilesEndpoint.upload].
 *
 * Waits for the reply; [method@Oai.FilesEndpoint.upload_file_async] does not.
 *
 * `POST files`, [API reference](https://platform.openai.com/docs/api-reference/files/create)
 *
 * Returns: (transfer full): the file on the server
 *
 * Since: 1.0
 */
OaiFile *
oai_files_endpoint_upload_file (OaiFilesEndpoint *self, GFile *file, const char *purpose, GCancellable *cancellable, GError **error)
{
  g_autoptr(OaiFileUpload) request = NULL;

  g_return_val_if_fail (OAI_IS_FILES_ENDPOINT (self), NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);
  g_return_val_if_fail (purpose != NULL, NULL);

  request = make_request (oai_input_file_new_for_file (file), purpose);

  return oai_files_endpoint_upload (self, request, cancellable, error);
}

/**
 * oai_files_endpoint_upload_file_async:
 * @self: a files endpoint
 * @file: the file, which may be anywhere GIO reaches
 * @purpose: what it is for, such as %OAI_FILE_PURPOSE_FINE_TUNE
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async) (nullable): called when it is there
 * @user_data: data for @callback
 *
 * Uploads a file.
 *
 * [method@Oai.FilesEndpoint.upload_file_finish] gives the reply.
 *
 * `POST files`, [API reference](https://platform.openai.com/docs/api-reference/files/create)
 *
 * Since: 1.0
 */
void
oai_files_endpoint_upload_file_async (OaiFilesEndpoint *self, GFile *file, const char *purpose, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiFileUpload) request = NULL;

  g_return_if_fail (OAI_IS_FILES_ENDPOINT (self));
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (purpose != NULL);

  request = make_request (oai_input_file_new_for_file (file), purpose);
  oai_files_endpoint_upload_async (self, request, cancellable, callback, user_data);
}

/**
 * oai_files_endpoint_upload_file_finish:
 * @self: a files endpoint
 * @result: what the callback was given
 *
 * Ends [method@Oai.FilesEndpoint.upload_file_async].
 *
 * Returns: (transfer full): the file on the server
 *
 * Since: 1.0
 */
OaiFile *
oai_files_endpoint_upload_file_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error)
{
  return oai_files_endpoint_upload_finish (self, result, error);
}

/**
 * oai_files_endpoint_upload_bytes:
 * @self: a files endpoint
 * @bytes: the content
 * @filename: the name that the server is told, such as `train.jsonl`
 * @purpose: what it is for, such as %OAI_FILE_PURPOSE_FINE_TUNE
 * @cancellable: (nullable): cancels the call
 *
 * Uploads bytes that are in memory.
 *
 * Waits for the reply; [method@Oai.FilesEndpoint.upload_bytes_async] does not.
 *
 * `POST files`, [API reference](https://platform.openai.com/docs/api-reference/files/create)
 *
 * Returns: (transfer full): the file on the server
 *
 * Since: 1.0
 */
OaiFile *
oai_files_endpoint_upload_bytes (OaiFilesEndpoint *self, GBytes *bytes, const char *filename, const char *purpose, GCancellable *cancellable, GError **error)
{
  g_autoptr(OaiFileUpload) request = NULL;

  g_return_val_if_fail (OAI_IS_FILES_ENDPOINT (self), NULL);
  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (filename != NULL, NULL);
  g_return_val_if_fail (purpose != NULL, NULL);

  request = make_request (oai_input_file_new_for_bytes (bytes, filename), purpose);

  return oai_files_endpoint_upload (self, request, cancellable, error);
}

/**
 * oai_files_endpoint_upload_bytes_async:
 * @self: a files endpoint
 * @bytes: the content
 * @filename: the name that the server is told, such as `train.jsonl`
 * @purpose: what it is for, such as %OAI_FILE_PURPOSE_FINE_TUNE
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async) (nullable): called when it is there
 * @user_data: data for @callback
 *
 * Uploads bytes that are in memory.
 *
 * [method@Oai.FilesEndpoint.upload_bytes_finish] gives the reply.
 *
 * `POST files`, [API reference](https://platform.openai.com/docs/api-reference/files/create)
 *
 * Since: 1.0
 */
void
oai_files_endpoint_upload_bytes_async (OaiFilesEndpoint *self, GBytes *bytes, const char *filename, const char *purpose, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiFileUpload) request = NULL;

  g_return_if_fail (OAI_IS_FILES_ENDPOINT (self));
  g_return_if_fail (bytes != NULL);
  g_return_if_fail (filename != NULL);
  g_return_if_fail (purpose != NULL);

  request = make_request (oai_input_file_new_for_bytes (bytes, filename), purpose);
  oai_files_endpoint_upload_async (self, request, cancellable, callback, user_data);
}

/**
 * oai_files_endpoint_upload_bytes_finish:
 * @self: a files endpoint
 * @result: what the callback was given
 *
 * Ends [method@Oai.FilesEndpoint.upload_bytes_async].
 *
 * Returns: (transfer full): the file on the server
 *
 * Since: 1.0
 */
OaiFile *
oai_files_endpoint_upload_bytes_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error)
{
  return oai_files_endpoint_upload_finish (self, result, error);
}
