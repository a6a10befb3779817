/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files that are read as a whole. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "oai-error.h"
#include "oai-whole-file-private.h"

static void
loaded_cb (GTask *task, GFile *file, GBytes *bytes)
{
  g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  g_object_unref (task);
}

static void
finished_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Loads a file, and cancels after some iterations of the main loop. */
static GBytes *
load (GFile *file, guint n_iterations, GError **error)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;

  oai_whole_file_load (g_task_new (NULL, cancellable, finished_cb, &result), file, loaded_cb);
  while (result == NULL)
    {
      if (n_iterations-- == 0)
        g_cancellable_cancel (cancellable);
      g_main_context_iteration (NULL, TRUE);
    }

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* The size of files of the kernel is 0. */
static void
test_size_is_not_known (void)
{
  g_autoptr(GFile) file = g_file_new_for_path ("/proc/self/status");
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = NULL;

  if (!g_file_query_exists (file, NULL))
    {
      g_test_skip ("This system has no /proc");
      return;
    }

  bytes = load (file, G_MAXUINT, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), >, 0);
}

/* File systems of programs may know no types. */
static void
test_type_is_not_known (void)
{
  g_autoptr(GFile) file = g_file_new_for_path ("/tmp/file");
  g_autoptr(GFileInfo) info = g_file_info_new ();
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_whole_file_check (file, info, &error));
  g_assert_no_error (error);
  g_file_info_set_file_type (info, G_FILE_TYPE_SPECIAL);
  g_assert_false (oai_whole_file_check (file, info, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_assert_cmpstr (error->message, ==, "“file” is not a regular file.");
}

static void
test_directory (void)
{
  g_autoptr(GFile) file = g_file_new_for_path (g_get_tmp_dir ());
  g_autoptr(GError) error = NULL;

  g_assert_null (load (file, G_MAXUINT, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
}

static void
test_missing (void)
{
  g_autoptr(GFile) file = g_file_new_for_path ("/does/not/exist");
  g_autoptr(GError) error = NULL;

  g_assert_null (load (file, G_MAXUINT, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/* Cancelled at each moment, a file is loaded as a whole or not. */
static void
test_cancel (void)
{
  g_autofree char *text = g_strnfill (100000, 'x');
  g_autofree char *path = NULL;
  g_autoptr(GFile) file = NULL;
  guint n_cancelled = 0;

  g_close (g_file_open_tmp ("oai-whole-file-XXXXXX", &path, NULL), NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  file = g_file_new_for_path (path);
  for (guint i = 0; i < 40; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GBytes) bytes = load (file, i, &error);

      g_assert_true (bytes == NULL || g_bytes_get_size (bytes) == strlen (text));
      if (bytes == NULL)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      n_cancelled += bytes == NULL;
    }
  g_assert_cmpuint (n_cancelled, >, 0);
  g_assert_cmpint (g_unlink (path), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/whole-file/size-is-not-known", test_size_is_not_known);
  g_test_add_func ("/whole-file/type-is-not-known", test_type_is_not_known);
  g_test_add_func ("/whole-file/directory", test_directory);
  g_test_add_func ("/whole-file/missing", test_missing);
  g_test_add_func ("/whole-file/cancel", test_cancel);

  return g_test_run ();
}
