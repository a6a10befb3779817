/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the upload does with an input file. */

#include "oai-input-file-private.h"

#include <string.h>

#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-file-stream-private.h"
#include "oai-i18n-private.h"

/* With no size to make a fraction of, progress is told this often. */
#define REPORT_STEP (256 * 1024)

/* So many first bytes show the format of a stream without a name. */
#define HEAD_SIZE 64

void
oai_input_file_get_source (OaiInputFile *self, OaiInputSource *source)
{
  source->file = self->file;
  source->bytes = self->bytes;
  source->stream = self->stream;
  source->head = self->stream_seekable ? NULL : self->head;
}

/* "a\..\./b//c.txt" is "a/b/c.txt": what is left leads nowhere else. */
static char *
clean_path (const char *filename)
{
  g_auto (GStrv) steps = g_strsplit_set (filename, "/\\", -1);
  GString *path = g_string_new (NULL);

  for (guint i = 0; steps[i] != NULL; i++)
    {
      if (*steps[i] == '\0' || strcmp (steps[i], ".") == 0 || strcmp (steps[i], "..") == 0)
        continue;
      if (path->len > 0)
        g_string_append_c (path, '/');
      g_string_append (path, steps[i]);
    }
  return g_string_free (path, FALSE);
}

char *
oai_input_file_dup_sent_name (OaiInputFile *self, gboolean keep_path)
{
  g_autofree char *path = clean_path (self->filename);
  const char *slash = strrchr (path, '/');

  if (*path == '\0')
    return g_strdup (OAI_INPUT_FILE_DEFAULT_NAME);
  if (slash == NULL || keep_path || self->keep_path)
    return g_steal_pointer (&path);
  return g_strdup (slash + 1);
}

static void
notify (OaiInputFile *self, const char *property)
{
  oai_emit_notify (self, g_object_class_find_property (G_OBJECT_GET_CLASS (self), property));
}

static void
set_size (OaiInputFile *self, gint64 size)
{
  if (self->size == size)
    return;

  self->size = size;
  notify (self, "size");
}

/* -1: unknown, as for pipes; -2: an error. */
static gint64
size_from_info (OaiInputFile *self, GFileInfo *info, GError **error)
{
  GFileType type = g_file_info_get_file_type (info);

  if (type == G_FILE_TYPE_DIRECTORY)
    {
      /* Translators: %s is the name of a directory. */
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                   _("“%s” is a directory, and cannot be sent as a file."), self->filename);
      return -2;
    }
  if (type == G_FILE_TYPE_SPECIAL || !g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_STANDARD_SIZE))
    return -1;
  return g_file_info_get_size (info);
}

#define SIZE_ATTRIBUTES G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE

static gboolean
has_unknown_format (OaiInputFile *self)
{
  return self->stream != NULL && self->nameless && self->head == NULL && self->readings == 0 && self->size != 0;
}

static gboolean
seek_to_start (OaiInputFile *self, GError **error)
{
  return g_seekable_seek (G_SEEKABLE (self->stream), self->stream_start, G_SEEK_SET, NULL, error);
}

static void
on_head (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OaiInputFile *self = g_task_get_source_object (task);
  guint8 *buffer = g_task_get_task_data (task);
  GError *error = NULL;
  gsize n_read = 0;
  gboolean done = g_input_stream_read_all_finish (G_INPUT_STREAM (object), result, &n_read, &error);

  if (self->stream_seekable)
    done = seek_to_start (self, done ? &error : NULL) && done;
  /* What was read of a stream that cannot seek is sent, if not by this upload. */
  if (done || !self->stream_seekable)
    self->head = g_bytes_new (buffer, n_read);
  if (!done)
    {
      /* Translators: %s is the name of a file; why it cannot be read follows. */
      g_prefix_error (&error, _("“%s” cannot be read: "), self->filename);
      g_task_return_error (task, error);
      return;
    }

  if (self->nameless)
    oai_input_file_set_filename (self, NULL);
  g_task_return_boolean (task, TRUE);
}

/* Takes task. */
static void
read_head (OaiInputFile *self, GTask *task)
{
  gsize wanted = self->size >= 0 ? MIN (self->size, HEAD_SIZE) : HEAD_SIZE;
  guint8 *buffer = g_malloc (HEAD_SIZE);

  g_task_set_task_data (task, buffer, g_free);
  g_input_stream_read_all_async (self->stream, buffer, wanted, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), on_head, task);
}

static void
on_info (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (object), result, &error);
  OaiInputFile *self = g_task_get_source_object (task);
  gint64 size = info != NULL ? size_from_info (self, info, &error) : -2;

  if (size == -2)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  self->prepared_size = size;
  g_task_return_boolean (task, TRUE);
}

/* GIO has a file for the empty path, too, which can do nothing. */
static gboolean
check_named (OaiInputFile *self, GError **error)
{
  g_autofree char *uri = g_file_get_uri (self->file);

  if (uri != NULL && *uri != '\0')
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The path of the file to send is empty"));
  return FALSE;
}

gboolean
oai_input_file_needs_prepare (OaiInputFile *self)
{
  return has_unknown_format (self) || (self->file != NULL && !g_file_is_native (self->file));
}

void
oai_input_file_prepare_async (OaiInputFile *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, oai_input_file_prepare_async);
  if (!oai_input_file_needs_prepare (self))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (self->file == NULL)
    {
      read_head (self, g_steal_pointer (&task));
      return;
    }
  if (!check_named (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_file_query_info_async (self->file, SIZE_ATTRIBUTES, G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT,
                           cancellable, on_info, g_steal_pointer (&task));
}

gboolean
oai_input_file_prepare_finish (OaiInputFile *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
oai_input_file_is_used_up (OaiInputFile *self)
{
  return self->readings > 0 && !oai_input_file_can_rewind (self);
}

gboolean
oai_input_file_may_block (OaiInputFile *self)
{
  if (self->file != NULL)
    return !g_file_is_native (self->file) || g_file_query_file_type (self->file, G_FILE_QUERY_INFO_NONE, NULL) != G_FILE_TYPE_REGULAR;
  if (self->stream != NULL)
    return !G_IS_MEMORY_INPUT_STREAM (self->stream) && !oai_file_stream_is_regular (self->stream);

  return FALSE;
}

static gboolean
check_file (OaiInputFile *self, gint64 *size, GError **error)
{
  g_autoptr (GFileInfo) info = NULL;

  *size = self->prepared_size;
  self->prepared_size = -1;
  if (*size >= 0)
    return TRUE;
  if (!check_named (self, error))
    return FALSE;

  info = g_file_query_info (self->file, SIZE_ATTRIBUTES, G_FILE_QUERY_INFO_NONE, NULL, error);
  if (info == NULL)
    {
      /* Translators: %s is the name of a file; why it cannot be read follows. */
      g_prefix_error (error, _("“%s” cannot be read: "), self->filename);
      return FALSE;
    }
  *size = size_from_info (self, info, error);
  return *size != -2;
}

gboolean
oai_input_file_check (OaiInputFile *self, gint64 *size, GError **error)
{
  *size = self->size;
  if (self->file == NULL && self->bytes == NULL && self->stream == NULL)
    {
      /* Translators: %s is the name of a file. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                   _("“%s” cannot be sent: it was made without a file, bytes or a stream."), self->filename);
      return FALSE;
    }
  if (self->file != NULL && !check_file (self, size, error))
    return FALSE;

  if (oai_input_file_is_used_up (self))
    {
      /* Translators: %s is the name of a file. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                   _("“%s” was sent before, and is read from a stream that cannot be wound back."), self->filename);
      return FALSE;
    }

  set_size (self, *size);
  return TRUE;
}

static void
reset_progress (OaiInputFile *self)
{
  gboolean sent = self->bytes_sent != 0;
  gboolean shown = self->fraction != 0.0;

  self->bytes_sent = 0;
  self->reported = 0;
  self->percent = 0;
  self->fraction = 0.0;
  if (sent)
    notify (self, "bytes-sent");
  if (shown)
    notify (self, "fraction");
}

guint
oai_input_file_begin (OaiInputFile *self, GError **error)
{
  if (self->readings > 0 && self->stream != NULL && !seek_to_start (self, error))
    return 0;

  self->readings++;
  reset_progress (self);
  return self->readings;
}

gboolean
oai_input_file_is_current (OaiInputFile *self, guint reading)
{
  return self->stream == NULL || self->readings == reading;
}

void
oai_input_file_report (OaiInputFile *self, gint64 sent, gint64 total, gboolean finished)
{
  guint percent = finished ? 100 : total > 0 ? (guint) (sent * 100.0 / total) : 0;
  gboolean told = percent != self->percent || (total < 0 && sent - self->reported >= REPORT_STEP);

  self->bytes_sent = sent;
  if (!told)
    return;

  self->reported = sent;
  notify (self, "bytes-sent");
  if (percent == self->percent)
    return;

  self->percent = percent;
  self->fraction = percent / 100.0;
  notify (self, "fraction");
}
