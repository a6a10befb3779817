/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "oai-download-private.h"
#include "oai-file-name-private.h"
#include "oai-error.h"

typedef struct
{
  char *directory;
  GFile *target;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *path = NULL;

  fixture->directory = g_dir_make_tmp ("oai-download-XXXXXX", NULL);
  path = g_build_filename (fixture->directory, "saved.bin", NULL);
  fixture->target = g_file_new_for_path (path);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_file_delete (fixture->target, NULL, NULL);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0); /* fails if the directory contains anything else */
  g_clear_object (&fixture->target);
  g_free (fixture->directory);
}

static guint
count_files (Fixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->directory, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
assert_contents (Fixture *fixture, const char *expected)
{
  g_autofree char *contents = NULL;
  gsize length;

  g_assert_true (g_file_load_contents (fixture->target, NULL, &contents, &length, NULL, NULL));
  g_assert_cmpmem (contents, length, expected, strlen (expected));
  g_assert_cmpuint (count_files (fixture), ==, 1);
}

static void
write_target (Fixture *fixture, const char *text)
{
  g_assert_true (g_file_replace_contents (fixture->target, text, strlen (text), NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, NULL));
}

static void
on_saved (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

static goffset
save (GInputStream *body, GFile *target, goffset expected, gboolean overwrite, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_download_save_async (body, target, expected, overwrite, NULL, on_saved, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (g_input_stream_is_closed (body));
  return oai_download_save_finish (result, error);
}

static GInputStream *
body_of (const char *text)
{
  return g_memory_input_stream_new_from_data (text, -1, NULL);
}

static void
test_saved (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) body = body_of ("contents");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (save (body, fixture->target, 8, FALSE, &error), ==, 8);
  g_assert_no_error (error);
  assert_contents (fixture, "contents");
}

static void
test_nothing_is_a_file_too (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) body = body_of ("");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (save (body, fixture->target, -1, FALSE, &error), ==, 0);
  g_assert_no_error (error);
  assert_contents (fixture, "");
}

static void
test_big_body_is_saved_whole (Fixture *fixture, gconstpointer user_data)
{
  const gsize size = 3 * 1024 * 1024 + 17;
  g_autofree char *data = g_malloc (size);
  g_autofree char *back = NULL;
  g_autoptr (GInputStream) body = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  for (gsize i = 0; i < size; i++)
    data[i] = (char) (i % 251);
  body = g_memory_input_stream_new_from_data (data, size, NULL);
  g_assert_cmpint (save (body, fixture->target, size, FALSE, &error), ==, size);
  g_assert_no_error (error);
  g_assert_true (g_file_load_contents (fixture->target, NULL, &back, &length, NULL, NULL));
  g_assert_cmpmem (back, length, data, size);
}

static void
test_short_body_leaves_nothing (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) body = body_of ("conte");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (save (body, fixture->target, 8, FALSE, &error), ==, -1);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  g_assert_cmpuint (count_files (fixture), ==, 0);
}

static void
test_long_body_leaves_nothing (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) body = body_of ("contents and more");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (save (body, fixture->target, 8, FALSE, &error), ==, -1);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  g_assert_cmpuint (count_files (fixture), ==, 0);
}

static void
test_short_body_keeps_the_old_file (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) body = body_of ("conte");
  g_autoptr (GError) error = NULL;

  write_target (fixture, "old");
  g_assert_cmpint (save (body, fixture->target, 8, TRUE, &error), ==, -1);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  assert_contents (fixture, "old");
}

static void
test_old_file_is_replaced_when_asked (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) body = body_of ("new");
  g_autoptr (GError) error = NULL;

  write_target (fixture, "old and longer");
  g_assert_cmpint (save (body, fixture->target, -1, TRUE, &error), ==, 3);
  g_assert_no_error (error);
  assert_contents (fixture, "new");
}

static void
test_old_file_is_kept_otherwise (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) body = body_of ("new");
  g_autoptr (GError) error = NULL;

  write_target (fixture, "old");
  g_assert_cmpint (save (body, fixture->target, -1, FALSE, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_assert_cmpint (g_seekable_tell (G_SEEKABLE (body)), ==, 0);
  assert_contents (fixture, "old");
}

static void
test_link_is_replaced_not_followed (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) body = body_of ("new");
  g_autoptr (GError) error = NULL;
  g_autofree char *elsewhere = g_dir_make_tmp ("oai-elsewhere-XXXXXX", NULL);
  g_autofree char *victim = g_build_filename (elsewhere, "victim", NULL);
  g_autofree char *kept = NULL;

  g_assert_true (g_file_set_contents (victim, "untouched", -1, NULL));
  g_assert_cmpint (symlink (victim, g_file_peek_path (fixture->target)), ==, 0);
  g_assert_cmpint (save (body, fixture->target, -1, TRUE, &error), ==, 3);
  g_assert_no_error (error);
  assert_contents (fixture, "new");
  g_assert_true (g_file_get_contents (victim, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "untouched");
  g_assert_cmpint (g_unlink (victim), ==, 0);
  g_assert_cmpint (g_rmdir (elsewhere), ==, 0);
}

static void
test_directory_is_no_target (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) body = body_of ("new");
  g_autoptr (GFile) directory = g_file_new_for_path (fixture->directory);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (save (body, directory, -1, TRUE, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
}

static void
test_missing_directory (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) body = body_of ("new");
  g_autoptr (GFile) target = g_file_resolve_relative_path (fixture->target, "../missing/saved.bin");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (save (body, target, -1, TRUE, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

typedef struct
{
  Fixture *fixture;
  int fd;
  guint left;
} Feeder;

static gboolean
feed (gpointer user_data)
{
  Feeder *feeder = user_data;

  /* The target does not exist before the download is complete. */
  g_assert_false (g_file_query_exists (feeder->fixture->target, NULL));
  g_assert_cmpint (write (feeder->fd, "piece", 5), ==, 5);
  if (--feeder->left > 0)
    return G_SOURCE_CONTINUE;
  close (feeder->fd);
  return G_SOURCE_REMOVE;
}

static void
test_slow_body (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) body = NULL;
  g_autoptr (GError) error = NULL;
  Feeder feeder = { .fixture = fixture, .left = 5 };
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  body = g_unix_input_stream_new (fds[0], TRUE);
  feeder.fd = fds[1];
  g_timeout_add (1, feed, &feeder);
  g_assert_cmpint (save (body, fixture->target, 25, FALSE, &error), ==, 25);
  g_assert_no_error (error);
  assert_contents (fixture, "piecepiecepiecepiecepiece");
}

/* A body that can only be read asynchronously. */
static void
test_body_that_cannot_be_polled (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GInputStream) memory = body_of ("contents");
  g_autoptr (GInputStream) body = g_buffered_input_stream_new_sized (memory, 4);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (save (body, fixture->target, 8, FALSE, &error), ==, 8);
  g_assert_no_error (error);
  assert_contents (fixture, "contents");
}

/* Cancels after each possible number of iterations of the main loop.  Afterwards the old or the
 * new file exists, and nothing else. */
static void
test_cancelled_at_any_time (Fixture *fixture, gconstpointer user_data)
{
  guint n_cancelled = 0;

  for (guint turns = 0; turns < 60; turns++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GInputStream) body = body_of ("new");
      g_autoptr (GError) error = NULL;
      goffset saved;

      write_target (fixture, "old");
      oai_download_save_async (body, fixture->target, 3, TRUE, cancellable, on_saved, &result);
      for (guint i = 0; i < turns && result == NULL; i++)
        g_main_context_iteration (NULL, TRUE);
      g_cancellable_cancel (cancellable);
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);

      saved = oai_download_save_finish (result, &error);
      if (saved < 0)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      assert_contents (fixture, saved < 0 ? "old" : "new");
      n_cancelled += saved < 0;
    }
  g_assert_cmpuint (n_cancelled, >, 0);
  g_assert_cmpuint (n_cancelled, <, 60);
}

static void
test_cancelled_while_waiting (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GInputStream) body = NULL;
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  body = g_unix_input_stream_new (fds[0], TRUE);
  oai_download_save_async (body, fixture->target, -1, FALSE, cancellable, on_saved, &result);
  while (count_files (fixture) == 0)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_cancellable_cancel (cancellable);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (oai_download_save_finish (result, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_files (fixture), ==, 0);
  close (fds[1]);
}

static const struct
{
  const char *name;
  const char *safe;
} names[] = {
  { "report.pdf", "report.pdf" },
  { "../../etc/passwd", "passwd" },
  { "/etc/passwd", "passwd" },
  { "..\\..\\boot.ini", "boot.ini" },
  { "C:evil.txt", "C_evil.txt" },
  { "..", "download" },
  { ".", "download" },
  { "", "download" },
  { NULL, "download" },
  { "/", "download" },
  { "directory/", "download" },
  { ".bashrc", "bashrc" },
  { "...hidden", "hidden" },
  { " spaces .txt ", "spaces .txt" },
  { "trailing...", "trailing" },
  { "a\nb\tc\x01.txt", "a_b_c_.txt" },
  { "what?*<>|\".txt", "what______.txt" },
  { "CON", "_CON" },
  { "nul.txt", "_nul.txt" },
  { "com1.log", "_com1.log" },
  { "LPT9", "_LPT9" },
  { "com", "com" },
  { "computer.txt", "computer.txt" },
  { "console", "console" },
  { "gr\xc3\xbc\xc3\x9f" "e.txt", "gr\xc3\xbc\xc3\x9f" "e.txt" },
  { "caf\xe9.txt", "caf\xef\xbf\xbd.txt" },
  { "photo\xe2\x80\xaegpj.exe", "photo_gpj.exe" }, /* would be displayed as photoexe.jpg */
};

static void
test_names_stay_in_the_directory (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *safe = oai_file_name_sanitize (names[i].name);

      g_assert_cmpstr (safe, ==, names[i].safe);
    }
}

static void
test_long_names_keep_their_extension (void)
{
  g_autofree char *stem = g_strnfill (500, 'a');
  g_autofree char *name = g_strconcat (stem, ".jsonl", NULL);
  g_autofree char *safe = oai_file_name_sanitize (name);
  g_autofree char *no_extension = oai_file_name_sanitize (stem);
  GString *umlauts = g_string_new ("x");
  g_autofree char *cut = NULL;

  g_assert_cmpuint (strlen (safe), ==, 200);
  g_assert_true (g_str_has_suffix (safe, "a.jsonl"));
  g_assert_cmpuint (strlen (no_extension), ==, 200);
  for (guint i = 0; i < 300; i++)
    g_string_append (umlauts, "\xc3\xa4");
  cut = oai_file_name_sanitize (umlauts->str);
  g_assert_true (g_utf8_validate (cut, -1, NULL));
  g_assert_cmpuint (strlen (cut), ==, 199);
  g_string_free (umlauts, TRUE);
}

/* Windows removes trailing dots and spaces. */
static void
test_long_names_end_well (void)
{
  g_autofree char *stem = g_strnfill (199, 'a');
  g_autofree char *rest = g_strnfill (30, 'b');
  g_autofree char *name = g_strconcat (stem, ".", rest, NULL);
  g_autofree char *safe = oai_file_name_sanitize (name);

  g_assert_cmpstr (safe, ==, stem);
}

static void
test_random_names_are_safe (void)
{
  for (guint i = 0; i < 20000; i++)
    {
      char name[24] = { 0 };
      g_autofree char *safe = NULL;
      gsize length = g_test_rand_int_range (0, sizeof name);

      for (gsize k = 0; k < length; k++)
        name[k] = g_test_rand_bit () ? "./\\: "[g_test_rand_int_range (0, 5)] : (char) g_test_rand_int_range (1, 256);
      safe = oai_file_name_sanitize (name);
      g_assert_cmpuint (strlen (safe), >, 0);
      g_assert_true (g_utf8_validate (safe, -1, NULL));
      g_assert_null (strpbrk (safe, "/\\:\r\n"));
      g_assert_cmpint (safe[0], !=, '.');
    }
}

#define ADD(name, function) g_test_add ("/download/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("saved", test_saved);
  ADD ("an-empty-body-is-saved", test_nothing_is_a_file_too);
  ADD ("a-large-body-is-saved", test_big_body_is_saved_whole);
  ADD ("a-short-body-leaves-no-file", test_short_body_leaves_nothing);
  ADD ("a-long-body-leaves-no-file", test_long_body_leaves_nothing);
  ADD ("short-body-keeps-the-old-file", test_short_body_keeps_the_old_file);
  ADD ("an-existing-file-is-replaced-with-overwrite", test_old_file_is_replaced_when_asked);
  ADD ("an-existing-file-is-not-replaced", test_old_file_is_kept_otherwise);
  ADD ("a-symbolic-link-is-replaced", test_link_is_replaced_not_followed);
  ADD ("directory-is-no-target", test_directory_is_no_target);
  ADD ("missing-directory", test_missing_directory);
  ADD ("slow-body", test_slow_body);
  ADD ("body-that-cannot-be-polled", test_body_that_cannot_be_polled);
  ADD ("cancelled-at-any-time", test_cancelled_at_any_time);
  ADD ("cancelled-while-waiting", test_cancelled_while_waiting);
  g_test_add_func ("/download/names/stay-in-the-directory", test_names_stay_in_the_directory);
  g_test_add_func ("/download/names/long-names-keep-their-extension", test_long_names_keep_their_extension);
  g_test_add_func ("/download/names/long-names-do-not-end-with-a-dot", test_long_names_end_well);
  g_test_add_func ("/download/names/random-names-are-safe", test_random_names_are_safe);

  return g_test_run ();
}
