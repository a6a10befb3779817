/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "oai-error.h"
#include "oai-file-stream-private.h"
#include "oai-input-file-private.h"

static OaiInputFile *
new_for_text (const char *text, const char *filename)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return oai_input_file_new_for_bytes (bytes, filename);
}

static void
assert_sent_name (const char *filename, gboolean keep_path, const char *expected)
{
  g_autoptr (OaiInputFile) file = new_for_text ("contents", filename);
  g_autofree char *name = oai_input_file_dup_sent_name (file, keep_path);

  g_assert_cmpstr (name, ==, expected);
}

static void
test_directories_are_left_out (void)
{
  assert_sent_name ("private-directory/input.jsonl", FALSE, "input.jsonl");
  assert_sent_name ("private-directory\\input.jsonl", FALSE, "input.jsonl");
  assert_sent_name ("C:\\Users\\me\\input.jsonl", FALSE, "input.jsonl");
  assert_sent_name ("my-skill/SKILL.md", FALSE, "SKILL.md");
  assert_sent_name ("directory/", FALSE, "directory");
  assert_sent_name ("/", FALSE, "upload");
  assert_sent_name ("..", FALSE, "upload");
  assert_sent_name ("", FALSE, "upload");
  assert_sent_name (NULL, FALSE, "upload");
}

static void
test_directories_are_kept_when_asked (void)
{
  assert_sent_name ("my-skill/SKILL.md", TRUE, "my-skill/SKILL.md");
  assert_sent_name ("my-skill\\assets\\data.txt", TRUE, "my-skill/assets/data.txt");
  assert_sent_name ("/etc/../my-skill//./SKILL.md", TRUE, "etc/my-skill/SKILL.md");
  assert_sent_name ("../../up.txt", TRUE, "up.txt");
}

static void
test_keep_path_property (void)
{
  g_autoptr (OaiInputFile) file = new_for_text ("contents", "my-skill/SKILL.md");
  g_autofree char *name = NULL;

  g_object_set (file, "keep-path", TRUE, NULL);
  g_assert_true (oai_input_file_get_keep_path (file));
  name = oai_input_file_dup_sent_name (file, FALSE);
  g_assert_cmpstr (name, ==, "my-skill/SKILL.md");
}

static void
test_defaults (void)
{
  g_autoptr (OaiInputFile) bare = new_for_text ("contents", NULL);
  g_autoptr (OaiInputFile) named = new_for_text ("contents", "speech.mp3");
  g_autoptr (OaiInputFile) path = oai_input_file_new_for_path ("/nowhere/picture.png");

  g_assert_cmpstr (oai_input_file_get_filename (bare), ==, "upload");
  g_assert_cmpstr (oai_input_file_get_content_type (bare), ==, "application/octet-stream");
  g_assert_cmpint (oai_input_file_get_size (bare), ==, 8);
  g_assert_cmpstr (oai_input_file_get_content_type (named), ==, "audio/mpeg");
  g_assert_cmpstr (oai_input_file_get_filename (path), ==, "picture.png");
  g_assert_cmpstr (oai_input_file_get_content_type (path), ==, "image/png");
  g_assert_cmpint (oai_input_file_get_size (path), ==, -1);
}

static void
test_name_and_type_can_be_set (void)
{
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_path ("/nowhere/picture.png");
  guint notified = 0;

  g_signal_connect_swapped (file, "notify::content-type", G_CALLBACK (g_atomic_int_inc), &notified);
  g_object_set (file, "filename", "other.gif", NULL);
  g_assert_cmpstr (oai_input_file_get_content_type (file), ==, "image/gif");
  g_assert_cmpuint (notified, ==, 1);
  g_object_set (file, "content-type", "image/x-own", NULL);
  g_assert_cmpstr (oai_input_file_get_content_type (file), ==, "image/x-own");
  oai_input_file_set_content_type (file, "text/plain\r\nX-Injected: yes");
  g_assert_cmpstr (oai_input_file_get_content_type (file), ==, "image/gif");
  oai_input_file_set_filename (file, NULL);
  g_assert_cmpstr (oai_input_file_get_filename (file), ==, "picture.png");
}

static void
test_name_that_is_no_text (void)
{
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_path ("/nowhere/caf\xe9.txt");

  g_assert_true (g_utf8_validate (oai_input_file_get_filename (file), -1, NULL));
  g_assert_true (g_str_has_suffix (oai_input_file_get_filename (file), ".txt"));
}

typedef struct
{
  guint fractions;
  guint sizes;
  double last;
} Progress;

static void
on_fraction (OaiInputFile *file, GParamSpec *pspec, Progress *progress)
{
  g_assert_cmpfloat (oai_input_file_get_fraction (file), !=, progress->last);
  progress->last = oai_input_file_get_fraction (file);
  progress->fractions++;
}

static void
on_bytes_sent (OaiInputFile *file, GParamSpec *pspec, Progress *progress)
{
  progress->sizes++;
}

static gint64
read_all (GInputStream *stream, gsize step, GError **error)
{
  g_autofree char *buffer = g_malloc (step);
  gint64 total = 0;
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, step, NULL, error)) > 0)
    total += n;
  return n < 0 ? -1 : total;
}

static gint64
send (OaiInputFile *file, gsize step, GError **error)
{
  g_autoptr (GInputStream) stream = NULL;
  gint64 size;

  if (!oai_input_file_check (file, &size, error))
    return -1;
  stream = oai_file_stream_new (file, size);
  return read_all (stream, step, error);
}

static void
test_progress_comes_in_percents (void)
{
  g_autofree char *data = g_malloc0 (1000000);
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&data), 1000000);
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_bytes (bytes, NULL);
  g_autoptr (GError) error = NULL;
  Progress progress = { 0 };

  g_signal_connect (file, "notify::fraction", G_CALLBACK (on_fraction), &progress);
  g_signal_connect (file, "notify::bytes-sent", G_CALLBACK (on_bytes_sent), &progress);
  g_assert_cmpint (send (file, 100, &error), ==, 1000000);
  g_assert_no_error (error);
  g_assert_cmpuint (progress.fractions, ==, 100);
  g_assert_cmpuint (progress.sizes, ==, 100);
  g_assert_cmpfloat (oai_input_file_get_fraction (file), ==, 1.0);
  g_assert_cmpint (oai_input_file_get_bytes_sent (file), ==, 1000000);

  /* Rewinds the file, and reads the same bytes again. */
  g_assert_cmpint (send (file, 8192, &error), ==, 1000000);
  g_assert_no_error (error);
  g_assert_cmpuint (progress.fractions, ==, 201);
}

static void
test_progress_of_nothing_ends_full (void)
{
  g_autoptr (OaiInputFile) file = new_for_text ("", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (send (file, 10, &error), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpfloat (oai_input_file_get_fraction (file), ==, 1.0);
}

static void
test_stream_is_rewound (void)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data ("head:contents", -1, NULL);
  g_autoptr (OaiInputFile) file = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_input_stream_skip (stream, 5, NULL, &error), ==, 5);
  file = oai_input_file_new_for_input_stream (stream, "a.txt", -1);
  g_assert_cmpint (oai_input_file_get_size (file), ==, 8);
  g_assert_true (oai_input_file_can_rewind (file));
  g_assert_cmpint (send (file, 3, &error), ==, 8);
  g_assert_cmpint (send (file, 3, &error), ==, 8);
  g_assert_no_error (error);
  g_assert_false (g_input_stream_is_closed (stream));
}

static void
test_pipe_is_sent_once (void)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (OaiInputFile) file = NULL;
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  g_assert_cmpint (write (fds[1], "contents", 8), ==, 8);
  close (fds[1]);
  stream = g_unix_input_stream_new (fds[0], TRUE);
  file = oai_input_file_new_for_input_stream (stream, NULL, -1);
  g_assert_cmpint (oai_input_file_get_size (file), ==, -1);
  g_assert_false (oai_input_file_can_rewind (file));
  g_assert_cmpint (send (file, 100, &error), ==, 8);
  g_assert_no_error (error);
  g_assert_cmpint (send (file, 100, &error), ==, -1);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
on_prepared (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **found = user_data;

  *found = g_object_ref (result);
}

static void
prepare (OaiInputFile *file)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  oai_input_file_prepare_async (file, NULL, on_prepared, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  oai_input_file_prepare_finish (file, result, &error);
  g_assert_no_error (error);
}

/* A WAV header of 44 bytes without samples, which is longer than what is inspected. */
static const char wav[] = "RIFF$\0\0\0WAVEfmt \20\0\0\0\1\0\1\0\100\037\0\0\200\076\0\0\2\0\20\0data\0\0\0\0"
                          "................................................................";

static char *
read_text (OaiInputFile *file)
{
  g_autoptr (GInputStream) stream = oai_file_stream_new (file, oai_input_file_get_size (file));
  GString *text = g_string_new (NULL);
  char buffer[7];
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_string_append_len (text, buffer, n);
  g_assert_cmpint (n, ==, 0);
  return g_string_free (text, FALSE);
}

static void
test_stream_without_a_name (void)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (wav, sizeof wav - 1, NULL);
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_input_stream (stream, NULL, -1);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  g_assert_true (oai_input_file_needs_prepare (file));
  prepare (file);
  g_assert_false (oai_input_file_needs_prepare (file));
  g_assert_cmpstr (oai_input_file_get_filename (file), ==, "audio.wav");
  g_assert_cmpstr (oai_input_file_get_content_type (file), ==, "audio/wav");
  first = read_text (file);
  second = read_text (file);
  g_assert_cmpmem (first, sizeof wav - 1, wav, sizeof wav - 1);
  g_assert_cmpmem (second, sizeof wav - 1, wav, sizeof wav - 1);
}

static void
test_pipe_without_a_name (void)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (OaiInputFile) file = NULL;
  g_autofree char *text = NULL;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  g_assert_cmpint (write (fds[1], wav, sizeof wav - 1), ==, sizeof wav - 1);
  close (fds[1]);
  stream = g_unix_input_stream_new (fds[0], TRUE);
  file = oai_input_file_new_for_input_stream (stream, NULL, -1);
  prepare (file);
  g_assert_cmpstr (oai_input_file_get_filename (file), ==, "audio.wav");
  text = read_text (file);
  g_assert_cmpmem (text, sizeof wav - 1, wav, sizeof wav - 1);
}

static void
test_stream_with_a_name (void)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (wav, sizeof wav - 1, NULL);
  g_autoptr (OaiInputFile) named = oai_input_file_new_for_input_stream (stream, "speech", -1);
  g_autoptr (OaiInputFile) later = oai_input_file_new_for_input_stream (stream, NULL, -1);

  oai_input_file_set_filename (later, "speech");
  g_assert_false (oai_input_file_needs_prepare (named));
  g_assert_false (oai_input_file_needs_prepare (later));
}

static void
test_nothing_to_send (void)
{
  g_autoptr (OaiInputFile) file = g_object_new (OAI_TYPE_INPUT_FILE, NULL);
  g_autoptr (GError) error = NULL;
  gint64 size;

  g_assert_cmpstr (oai_input_file_get_filename (file), ==, "upload");
  g_assert_cmpstr (oai_input_file_get_content_type (file), ==, "application/octet-stream");
  g_assert_false (oai_input_file_needs_prepare (file));
  g_assert_false (oai_input_file_check (file, &size, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_stream_gives_only_its_size (void)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data ("contents and more", -1, NULL);
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_input_stream (stream, NULL, 8);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (send (file, 100, &error), ==, 8);
  g_assert_no_error (error);
  g_assert_cmpint (g_seekable_tell (G_SEEKABLE (stream)), ==, 8);
}

static void
test_short_stream_fails (void)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data ("contents", -1, NULL);
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_input_stream (stream, "a.txt", 9);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (send (file, 100, &error), ==, -1);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "a.txt"));
  g_assert_cmpfloat (oai_input_file_get_fraction (file), <, 1.0);
}

static void
test_newer_upload_takes_the_stream (void)
{
  g_autoptr (GInputStream) memory = g_memory_input_stream_new_from_data ("contents", -1, NULL);
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_input_stream (memory, NULL, -1);
  g_autoptr (GInputStream) first = oai_file_stream_new (file, 8);
  g_autoptr (GInputStream) second = oai_file_stream_new (file, 8);
  g_autoptr (GError) error = NULL;
  char buffer[4];

  g_assert_cmpint (g_input_stream_read (first, buffer, 4, NULL, &error), ==, 4);
  g_assert_cmpint (read_all (second, 3, &error), ==, 8);
  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (first, buffer, 4, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
assert_file_fails (const char *path, int code)
{
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autofree char *basename = g_path_get_basename (path);

  g_assert_cmpint (send (file, 100, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_nonnull (strstr (error->message, basename));
}

static void
test_file_that_is_not_there (void)
{
  assert_file_fails ("/nowhere/at-all.txt", G_IO_ERROR_NOT_FOUND);
  assert_file_fails (g_get_tmp_dir (), G_IO_ERROR_IS_DIRECTORY);
}

static void
test_file_that_changes (void)
{
  g_autofree char *directory = g_dir_make_tmp ("oai-input-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "log.txt", NULL);
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_path (path);
  g_autoptr (GError) shorter = NULL;
  g_autoptr (GError) longer = NULL;
  gint64 size = -1;

  g_assert_true (g_file_set_contents (path, "0123456789", 10, NULL));
  g_assert_true (oai_input_file_check (file, &size, NULL));
  g_assert_cmpint (size, ==, 10);
  g_assert_true (g_file_set_contents (path, "01234", 5, NULL));
  {
    g_autoptr (GInputStream) stream = oai_file_stream_new (file, size);

    g_assert_cmpint (read_all (stream, 3, &shorter), ==, -1);
    g_assert_error (shorter, OAI_ERROR, OAI_ERROR_FAILED);
  }
  g_assert_true (g_file_set_contents (path, "0123456789abc", 13, NULL));
  {
    g_autoptr (GInputStream) stream = oai_file_stream_new (file, size);

    g_assert_cmpint (read_all (stream, 3, &longer), ==, -1);
    g_assert_error (longer, OAI_ERROR, OAI_ERROR_FAILED);
  }

  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/input-file/directories-are-removed", test_directories_are_left_out);
  g_test_add_func ("/input-file/directories-are-kept-with-keep-path", test_directories_are_kept_when_asked);
  g_test_add_func ("/input-file/keep-path-property", test_keep_path_property);
  g_test_add_func ("/input-file/defaults", test_defaults);
  g_test_add_func ("/input-file/name-and-type-can-be-set", test_name_and_type_can_be_set);
  g_test_add_func ("/input-file/name-that-is-not-utf8", test_name_that_is_no_text);
  g_test_add_func ("/input-file/progress-is-notified-in-percent", test_progress_comes_in_percents);
  g_test_add_func ("/input-file/progress-of-an-empty-file-ends-at-one", test_progress_of_nothing_ends_full);
  g_test_add_func ("/input-file/a-stream-is-rewound", test_stream_is_rewound);
  g_test_add_func ("/input-file/pipe-is-sent-once", test_pipe_is_sent_once);
  g_test_add_func ("/input-file/stream-without-a-name-is-named-by-its-format", test_stream_without_a_name);
  g_test_add_func ("/input-file/pipe-without-a-name-is-named-by-its-format", test_pipe_without_a_name);
  g_test_add_func ("/input-file/stream-with-a-name-keeps-it", test_stream_with_a_name);
  g_test_add_func ("/input-file/a-missing-source-is-an-error", test_nothing_to_send);
  g_test_add_func ("/input-file/only-the-size-of-a-stream-is-read", test_stream_gives_only_its_size);
  g_test_add_func ("/input-file/short-stream-fails", test_short_stream_fails);
  g_test_add_func ("/input-file/a-second-upload-ends-the-first", test_newer_upload_takes_the_stream);
  g_test_add_func ("/input-file/missing-file", test_file_that_is_not_there);
  g_test_add_func ("/input-file/file-that-changes", test_file_that_changes);

  return g_test_run ();
}
