/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-files-download.h"

#include <string.h>

#include "oai-call-private.h"
#include "oai-download-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-blocking-call-private.h"

/* Enough for any path; a link that leads nowhere would go on for ever. */
#define MAX_STEPS 1000
#define CHUNK_SIZE (64 * 1024)

typedef struct
{
  char *file_id;
  GFile *directory; /* where the server names the file */
  GFile *target;
  OaiDownload *download; /* the place for it, as long as there is nothing in it */
  gint64 size;      /* as the server names it, or -1 */
  gboolean overwrite;
  guint steps;      /* directories that were tried */
  GInputStream *body; /* compared with what is there */
  GInputStream *present;
  char *chunks[2];
  gsize length;
} Download;

static void
download_free (gpointer data)
{
  Download *self = data;

  g_free (self->file_id);
  g_clear_object (&self->directory);
  g_clear_object (&self->target);
  g_clear_object (&self->body);
  g_clear_object (&self->present);
  g_free (self->chunks[0]);
  g_free (self->chunks[1]);
  g_free (self);
}

static GTask *
new_task (OaiFilesEndpoint *self, const char *file_id, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Download *download = g_new0 (Download, 1);

  download->file_id = g_strdup (file_id);
  download->overwrite = overwrite;
  download->size = -1;
  g_task_set_source_tag (task, source_tag);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, download, download_free);

  return task;
}

static void
attach_call (GTask *task, GAsyncResult *result)
{
  OaiCall *call = oai_call_from_result (result);

  if (call != NULL)
    oai_call_attach (call, task);
}

/* Callbacks stand in the order in which they are called, from the last to the first. */

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (oai_download_save_finish (result, &error) < 0)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_object_ref (self->target), g_object_unref);
}

/* What the server says of the file, besides what it says of the reply: one that ends
 * with the connection cannot be told from one that was cut.  Some servers name no size,
 * or 0 for any file, and what is kept compressed may be unpacked on its way. */
static goffset
get_expected (Download *self, OaiCall *call)
{
  if (self->size <= 0 || (call != NULL && oai_call_get_header (call, "content-encoding") != NULL))
    return -1;

  return self->size;
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Download *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(GInputStream) body = oai_files_endpoint_open_content_finish (OAI_FILES_ENDPOINT (source), result, &error);

  attach_call (task, result);
  if (body == NULL)
    {
      oai_download_abandon_async (g_steal_pointer (&self->download), error, saved_cb, task);
      return;
    }

  oai_download_fill_async (g_steal_pointer (&self->download), body, get_expected (self, oai_call_from_result (result)),
                           g_task_get_cancellable (task), saved_cb, task);
}

static void
prepared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Download *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->download = oai_download_prepare_finish (result, &error);
  if (self->download != NULL)
    {
      oai_files_endpoint_open_content_async (g_task_get_source_object (task), self->file_id, g_task_get_cancellable (task), opened_cb, task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* Takes the task.  The place first: nobody downloads what cannot be put there. */
static void
open_content (GTask *task)
{
  Download *self = g_task_get_task_data (task);

  oai_download_prepare_async (self->target, self->overwrite, g_task_get_cancellable (task), prepared_cb, task);
}

static void
set_exists (Download *self, GError **error)
{
  g_autofree char *name = g_file_get_parse_name (self->target);

  /* Translators: %s is the path of a file. */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _("There is another file already: %s"), name);
}

static void
fail_exists (GTask *task)
{
  GError *error = NULL;

  set_exists (g_task_get_task_data (task), &error);
  g_task_return_error (task, error);
}

/* What is there is the file itself when its contents are the same. */

static void compare_next (GTask *task);

static void
read_present_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *self = g_task_get_task_data (task);
  GError *error = NULL;
  gsize length;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &length, &error))
    g_task_return_error (task, error);
  else if (length != self->length || memcmp (self->chunks[0], self->chunks[1], length) != 0)
    fail_exists (task);
  else if (length > 0)
    compare_next (g_steal_pointer (&task));
  else
    g_task_return_pointer (task, g_object_ref (self->target), g_object_unref);
}

static void
read_body_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &self->length, &error))
    /* At the end of the body, another byte would make it another file. */
    g_input_stream_read_all_async (self->present, self->chunks[1], MAX (self->length, 1), g_task_get_priority (task),
                                   g_task_get_cancellable (task), read_present_cb, g_object_ref (task));
  else
    g_task_return_error (task, error);
}

/* Takes the task. */
static void
compare_next (GTask *task)
{
  Download *self = g_task_get_task_data (task);

  g_input_stream_read_all_async (self->body, self->chunks[0], CHUNK_SIZE, g_task_get_priority (task),
                                 g_task_get_cancellable (task), read_body_cb, task);
}

static void
opened_to_compare_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->body = oai_files_endpoint_open_content_finish (OAI_FILES_ENDPOINT (source), result, &error);
  attach_call (task, result);
  if (self->body != NULL)
    compare_next (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

static void
opened_present_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Download *self = g_task_get_task_data (task);
  GError *error = NULL;
  GFileInputStream *present = g_file_read_finish (G_FILE (source), result, &error);

  if (present == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  self->present = G_INPUT_STREAM (present);
  self->chunks[0] = g_malloc (CHUNK_SIZE);
  self->chunks[1] = g_malloc (CHUNK_SIZE);
  oai_files_endpoint_open_content_async (g_task_get_source_object (task), self->file_id, g_task_get_cancellable (task), opened_to_compare_cb, task);
}

static gboolean
may_be_the_file (Download *self, GFileInfo *info)
{
  return self->directory != NULL && g_file_info_get_file_type (info) == G_FILE_TYPE_REGULAR
         && (self->size <= 0 || g_file_info_get_size (info) == self->size);
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *self = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (info == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    open_content (g_steal_pointer (&task));
  else if (info == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (may_be_the_file (self, info))
    g_file_read_async (self->target, g_task_get_priority (task), g_task_get_cancellable (task), opened_present_cb, g_object_ref (task));
  else
    fail_exists (task);
}

/* Takes the task. */
static void
look_up (GTask *task)
{
  Download *self = g_task_get_task_data (task);

  if (self->overwrite)
    {
      open_content (task);
      return;
    }

  g_file_query_info_async (self->target, G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS,
                           g_task_get_priority (task), g_task_get_cancellable (task), looked_up_cb, task);
}

static void made_directory_cb (GObject *source, GAsyncResult *result, gpointer user_data);

/* Takes the task. */
static void
make_directory (GTask *task, GFile *directory)
{
  g_file_make_directory_async (directory, g_task_get_priority (task), g_task_get_cancellable (task), made_directory_cb, task);
}

/* One step of making the directory with its parents: what is there is fine. */
static void
made_directory_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *self = g_task_get_task_data (task);
  g_autoptr(GFile) parent = NULL;
  GError *error = NULL;
  gboolean made = g_file_make_directory_finish (G_FILE (source), result, &error);

  if (!made && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) && self->steps++ < MAX_STEPS)
    parent = g_file_get_parent (G_FILE (source));
  if (!made && parent == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS))
    {
      g_task_return_error (task, error);
      return;
    }
  g_clear_error (&error);

  if (parent != NULL)
    make_directory (g_steal_pointer (&task), parent);
  else if (!g_file_equal (G_FILE (source), self->directory))
    make_directory (g_steal_pointer (&task), self->directory);
  else
    look_up (g_steal_pointer (&task));
}

static void
retrieved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(OaiFile) file = oai_files_endpoint_retrieve_finish (OAI_FILES_ENDPOINT (source), result, &error);
  g_autofree char *name = NULL;

  attach_call (task, result);
  if (file == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  name = oai_download_name_sanitise (oai_file_get_filename (file) != NULL ? oai_file_get_filename (file) : self->file_id);
  self->target = g_file_get_child (self->directory, name);
  if (oai_record_has (OAI_RECORD (file), "bytes"))
    self->size = oai_file_get_bytes (file);
  make_directory (g_steal_pointer (&task), self->directory);
}

/**
 * oai_files_endpoint_download_async:
 * @self: a files endpoint
 * @file_id: identifier of the file
 * @directory: where to put it
 * @overwrite: whether to replace a file that is there
 * @cancellable: (nullable): cancels the download
 * @callback: (scope async) (nullable): called when the file is there
 * @user_data: data for @callback
 *
 * Downloads a file into a directory.
 *
 * [method@Oai.FilesEndpoint.download_finish] tells where it is.
 *
 * `GET files/{file_id}/content`, [API reference](https://platform.openai.com/docs/api-reference/files/retrieve-contents)
 *
 * Since: 1.0
 */
void
oai_files_endpoint_download_async (OaiFilesEndpoint *self, const char *file_id, GFile *directory, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Download *download;
  GTask *task;

  g_return_if_fail (OAI_IS_FILES_ENDPOINT (self));
  g_return_if_fail (file_id != NULL);
  g_return_if_fail (G_IS_FILE (directory));

  task = new_task (self, file_id, overwrite, cancellable, callback, user_data, oai_files_endpoint_download_async);
  download = g_task_get_task_data (task);
  download->directory = g_object_ref (directory);
  oai_files_endpoint_retrieve_async (self, file_id, cancellable, retrieved_cb, task);
}

/**
 * oai_files_endpoint_download_finish:
 * @self: a files endpoint
 * @result: what the callback was given
 *
 * Ends [method@Oai.FilesEndpoint.download_async].
 *
 * Returns: (transfer full): the file in the directory
 *
 * Since: 1.0
 */
GFile *
oai_files_endpoint_download_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_files_endpoint_download:
 * @self: a files endpoint
 * @file_id: identifier of the file
 * @directory: where to put it; it is made if it is not there
 * @overwrite: whether to replace a file that is there
 * @cancellable: (nullable): cancels the download
 *
 * Downloads a file into a directory, under the name that the server has for it.
 * The name never leads out of the directory: of `../../.profile` the end stays,
 * without the dot.
 *
 * The file appears in the directory when it is whole. When the download fails or
 * is cancelled, nothing is left of it, and what was there before stays. One that
 * has not the size that the server names for the file fails with
 * %OAI_ERROR_INCOMPLETE.
 *
 * A file that is replaced hands its permissions on; a symbolic link is replaced,
 * and what it leads to stays.
 *
 * Without @overwrite, a file of that name that is there stays. Its contents are compared
 * with those of the file on the server: when they are the same, the download succeeds and
 * writes nothing; otherwise it fails with %G_IO_ERROR_EXISTS, as it does without reading
 * anything when the size is another.
 *
 * Blocks; [method@Oai.FilesEndpoint.download_async] does not.
 *
 * `GET files/{file_id}/content`, [API reference](https://platform.openai.com/docs/api-reference/files/retrieve-contents)
 *
 * Returns: (transfer full): the file in the directory
 *
 * Since: 1.0
 */
GFile *
oai_files_endpoint_download (OaiFilesEndpoint *self, const char *file_id, GFile *directory, gboolean overwrite, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  GFile *file;

  g_return_val_if_fail (OAI_IS_FILES_ENDPOINT (self), NULL);
  g_return_val_if_fail (file_id != NULL, NULL);
  g_return_val_if_fail (G_IS_FILE (directory), NULL);

  oai_blocking_call_begin (&sync);
  oai_files_endpoint_download_async (self, file_id, directory, overwrite, cancellable, oai_blocking_call_ready, &sync);
  file = oai_files_endpoint_download_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return file;
}

/**
 * oai_files_endpoint_download_to_async:
 * @self: a files endpoint
 * @file_id: identifier of the file
 * @target: what the file is to be
 * @overwrite: whether to replace a file that is there
 * @cancellable: (nullable): cancels the download
 * @callback: (scope async) (nullable): called when the file is there
 * @user_data: data for @callback
 *
 * Downloads a file.
 *
 * [method@Oai.FilesEndpoint.download_to_finish] tells whether it is there.
 *
 * `GET files/{file_id}/content`, [API reference](https://platform.openai.com/docs/api-reference/files/retrieve-contents)
 *
 * Since: 1.0
 */
void
oai_files_endpoint_download_to_async (OaiFilesEndpoint *self, const char *file_id, GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Download *download;
  GTask *task;

  g_return_if_fail (OAI_IS_FILES_ENDPOINT (self));
  g_return_if_fail (file_id != NULL);
  g_return_if_fail (G_IS_FILE (target));

  task = new_task (self, file_id, overwrite, cancellable, callback, user_data, oai_files_endpoint_download_to_async);
  download = g_task_get_task_data (task);
  download->target = g_object_ref (target);
  look_up (task);
}

/**
 * oai_files_endpoint_download_to_finish:
 * @self: a files endpoint
 * @result: what the callback was given
 *
 * Ends [method@Oai.FilesEndpoint.download_to_async].
 *
 * Returns: %TRUE if the file is there, whole
 *
 * Since: 1.0
 */
gboolean
oai_files_endpoint_download_to_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error)
{
  g_autoptr(GFile) file = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  file = g_task_propagate_pointer (G_TASK (result), error);

  return file != NULL;
}

/**
 * oai_files_endpoint_download_to:
 * @self: a files endpoint
 * @file_id: identifier of the file
 * @target: what the file is to be, anywhere GIO can write
 * @overwrite: whether to replace a file that is there
 * @cancellable: (nullable): cancels the download
 *
 * Downloads a file, under a name that the program chooses.
 *
 * The file appears when it is whole. When the download fails or is cancelled,
 * nothing is left of it, and what was there before stays. Without @overwrite it
 * fails with %G_IO_ERROR_EXISTS where there is a file. The server is not asked for
 * the size of the file, as [method@Oai.FilesEndpoint.download] does.
 *
 * A file that is replaced hands its permissions on; a symbolic link is replaced,
 * and what it leads to stays.
 *
 * Blocks; [method@Oai.FilesEndpoint.download_to_async] does not.
 *
 * `GET files/{file_id}/content`, [API reference](https://platform.openai.com/docs/api-reference/files/retrieve-contents)
 *
 * Returns: %TRUE if the file is there, whole
 *
 * Since: 1.0
 */
gboolean
oai_files_endpoint_download_to (OaiFilesEndpoint *self, const char *file_id, GFile *target, gboolean overwrite, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gboolean downloaded;

  g_return_val_if_fail (OAI_IS_FILES_ENDPOINT (self), FALSE);
  g_return_val_if_fail (file_id != NULL, FALSE);
  g_return_val_if_fail (G_IS_FILE (target), FALSE);

  oai_blocking_call_begin (&sync);
  oai_files_endpoint_download_to_async (self, file_id, target, overwrite, cancellable, oai_blocking_call_ready, &sync);
  downloaded = oai_files_endpoint_download_to_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return downloaded;
}
