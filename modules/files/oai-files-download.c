/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-files-methods-private.h"

#include <string.h>

#include "oai-call.h"
#include "oai-download-private.h"
#include "oai-file-name-private.h"
#include "oai-i18n-private.h"
#include "oai-method.h"

/* More than a path can have; prevents an endless loop for a dangling link. */
#define MAX_DIRECTORIES 1000
#define CHUNK_SIZE (64 * 1024)

typedef struct
{
  char *file_id;
  GFile *directory;
  GFile *target;          /* in the directory, under the name that the server reports */
  OaiDownload *download;  /* the prepared target */
  gint64 size;            /* the size in bytes that the server reports, or -1 */
  gboolean overwrite;
  guint n_directories;    /* number of directories that were created */
  GInputStream *body;     /* compared with present */
  GInputStream *present;
  char *chunks[2];        /* of body and present */
  gsize length;           /* of the chunk of the body */
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

/* Returns the size that the server reports for the file, or -1.  It detects truncated replies
 * without a length.  Some servers report no size, or 0 for all files, and the size of a compressed
 * body differs. */
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

  oai_method_attach_call (task, result);
  if (body == NULL)
    {
      oai_download_abandon_async (g_steal_pointer (&self->download), error, saved_cb, task);
      return;
    }

  oai_download_fill_async (g_steal_pointer (&self->download), body, get_expected (self, oai_call_find_for_result (result)),
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

/* Takes ownership of task.  Prepares the target before the request is sent. */
static void
open_content (GTask *task)
{
  Download *self = g_task_get_task_data (task);

  oai_download_prepare_async (self->target, self->overwrite, g_task_get_cancellable (task), prepared_cb, task);
}

static void
fail_exists (GTask *task)
{
  Download *self = g_task_get_task_data (task);
  g_autofree char *name = g_file_get_parse_name (self->target);

  /* Translators: %s is the path of a file. */
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_EXISTS, _("A different file already exists: %s"), name);
}

/* If the existing file has the same contents, it is the result. */

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
    /* At the end of the body, reads one more byte: the file must end, too. */
    g_input_stream_read_all_async (self->present, self->chunks[1], MAX (self->length, 1), g_task_get_priority (task),
                                   g_task_get_cancellable (task), read_present_cb, g_object_ref (task));
  else
    g_task_return_error (task, error);
}

/* Takes ownership of task. */
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
  oai_method_attach_call (task, result);
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
  return g_file_info_get_file_type (info) == G_FILE_TYPE_REGULAR
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

/* Takes ownership of task. */
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

/* Takes ownership of task. */
static void
make_directory (GTask *task, GFile *directory)
{
  g_file_make_directory_async (directory, g_task_get_priority (task), g_task_get_cancellable (task), made_directory_cb, task);
}

/* Creates the parent directory if it does not exist, then tries again. */
static void
made_directory_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *self = g_task_get_task_data (task);
  g_autoptr(GFile) parent = NULL;
  GError *error = NULL;
  gboolean made = g_file_make_directory_finish (G_FILE (source), result, &error);

  if (!made && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) && self->n_directories++ < MAX_DIRECTORIES)
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

  oai_method_attach_call (task, result);
  if (file == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  name = oai_file_name_sanitize (oai_file_get_filename (file) != NULL ? oai_file_get_filename (file) : self->file_id);
  self->target = g_file_get_child (self->directory, name);
  if (oai_record_has_member (OAI_RECORD (file), "bytes"))
    self->size = oai_file_get_bytes (file);
  make_directory (g_steal_pointer (&task), self->directory);
}

void
oai_files_endpoint_download_to_directory_start (OaiFilesEndpoint *self, const char *file_id, GFile *directory, gboolean overwrite, GTask *task)
{
  Download *download = g_new0 (Download, 1);

  download->file_id = g_strdup (file_id);
  download->directory = g_object_ref (directory);
  download->overwrite = overwrite;
  download->size = -1;
  g_task_set_task_data (task, download, download_free);
  oai_files_endpoint_retrieve_async (self, file_id, g_task_get_cancellable (task), retrieved_cb, task);
}
