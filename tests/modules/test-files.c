/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-module.h"

typedef struct
{
  Fixture base;
  OaiFilesEndpoint *files;
  char *path;
  GFile *directory;
} Test;

static void
set_up (Test *test, gconstpointer data)
{
  g_autoptr(OaiSettings) settings = NULL;
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");

  fixture_set_up (&test->base, data);
  g_clear_object (&test->base.client);
  settings = oai_settings_new_for_base_url (oai_mock_server_get_base_url (test->base.server), NULL);
  oai_settings_set_max_retries (settings, 0);
  test->base.client = oai_client_new (auth, settings);
  test->files = oai_files_endpoint_new (test->base.client);
  test->path = g_dir_make_tmp ("oai-files-XXXXXX", NULL);
  test->directory = g_file_new_for_path (test->path);
}

static void
empty_directory (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        empty_directory (child);
      g_remove (child);
    }
}

static void
tear_down (Test *test, gconstpointer data)
{
  if (oai_mock_server_is_validating (test->base.server))
    assert_no_violations (&test->base);
  empty_directory (test->path);
  g_rmdir (test->path);
  g_free (test->path);
  g_object_unref (test->directory);
  g_object_unref (test->files);
  fixture_tear_down (&test->base, data);
}

static OaiFile *
upload_text (Test *test, const char *text, const char *name)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr(GError) error = NULL;
  OaiFile *file = oai_files_endpoint_upload_bytes (test->files, bytes, name, OAI_FILE_PURPOSE_USER_DATA, NULL, &error);

  g_assert_no_error (error);

  return file;
}

static void
write_file (Test *test, const char *name, const char *text, char **path)
{
  g_autofree char *full = g_build_filename (test->path, name, NULL);

  g_assert_true (g_file_set_contents (full, text, -1, NULL));
  if (path != NULL)
    *path = g_steal_pointer (&full);
}

static void
assert_contents (GFile *file, const char *expected)
{
  g_autofree char *contents = NULL;
  gsize length;

  g_assert_true (g_file_load_contents (file, NULL, &contents, &length, NULL, NULL));
  g_assert_cmpmem (contents, length, expected, strlen (expected));
}

static guint
count_files (Test *test)
{
  g_autoptr(GDir) dir = g_dir_open (test->path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

/* Adds a file with this name and content to the server. */
static void
push_file (Test *test, const char *filename, const char *text, OaiMockReply *content)
{
  g_autoptr(GString) json = g_string_new (NULL);
  g_autoptr(OaiMockReply) info = NULL;
  g_autofree char *escaped = g_strescape (filename, "\303\244\342\200\256");

  g_string_printf (json, "{\"id\":\"file-1\",\"object\":\"file\",\"bytes\":%u,\"created_at\":1,\"filename\":\"%s\",\"purpose\":\"user_data\",\"status\":\"processed\"}",
                   (guint) strlen (text), escaped);
  info = oai_mock_reply_new_json (200, json->str);
  oai_mock_server_push_reply_for (test->base.server, "GET", "/files/file-1", info);
  if (content != NULL)
    oai_mock_server_push_reply_for (test->base.server, "GET", "/files/file-1/content", content);
}

static OaiMockReply *
content_reply (const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));

  return oai_mock_reply_new_bytes (200, "application/octet-stream", bytes);
}

/* Upload */

static void
test_upload_path (Test *test, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr(OaiFile) file = NULL;
  g_autoptr(OaiMockRequest) request = NULL;
  g_autoptr(GBytes) content = NULL;
  g_autoptr(GError) error = NULL;

  write_file (test, "tr\303\244in 1.jsonl", "{\"a\":1}\n", &path);
  file = oai_files_endpoint_upload_path (test->files, path, OAI_FILE_PURPOSE_FINE_TUNE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oai_file_get_bytes (file), ==, 8);
  g_assert_cmpstr (oai_file_get_purpose (file), ==, OAI_FILE_PURPOSE_FINE_TUNE);
  g_assert_cmpstr (oai_file_get_filename (file), ==, "tr\303\244in 1.jsonl");

  request = oai_mock_server_dup_request (test->base.server, -1);
  g_assert_nonnull (oai_mock_request_get_header (request, "content-length"));
  content = oai_files_endpoint_retrieve_content (test->files, oai_file_get_id (file), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), "{\"a\":1}\n", 8);

  /* Servers reply with the content type of the file. */
  g_object_unref (request);
  request = oai_mock_server_dup_request (test->base.server, -1);
  g_assert_nonnull (strstr (oai_mock_request_get_header (request, "accept"), "*/*"));
}

static void
test_upload_missing_path (Test *test, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_files_endpoint_upload_path (test->files, "/nowhere/at/all", "batch", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->base.server), ==, 0);
}

static void
test_upload_empty_path (Test *test, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_files_endpoint_upload_path (test->files, "", "batch", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->base.server), ==, 0);
}

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  double fraction = oai_input_file_get_fraction (OAI_INPUT_FILE (object));
  double *last = user_data;

  g_assert_cmpfloat (fraction, >=, last[0]);
  last[0] = fraction;
  last[1]++;
}

static void
test_upload_progress (Test *test, gconstpointer data)
{
  const gsize size = 4 * 1024 * 1024;
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);
  g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr(OaiInputFile) input = oai_input_file_new_for_input_stream (stream, "zeros.bin", size);
  g_autoptr(OaiFileUploadRequest) upload = oai_file_upload_request_new (input, OAI_FILE_PURPOSE_USER_DATA);
  g_autoptr(OaiFileExpiration) expiration = oai_file_expiration_new ("created_at", 3600);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiFile) file = NULL;
  g_autoptr(GError) error = NULL;
  double last[2] = { 0, 0 };

  oai_file_upload_request_set_expires_after (upload, expiration);
  g_signal_connect (input, "notify::fraction", G_CALLBACK (count_cb), last);
  oai_files_endpoint_upload_async (test->files, upload, NULL, keep_result, &result);
  wait_for (&result);
  file = oai_files_endpoint_upload_finish (test->files, result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oai_file_get_bytes (file), ==, size);
  g_assert_cmpint (oai_file_get_expires_at (file), ==, oai_file_get_created_at (file) + 3600);
  g_assert_cmpfloat (last[0], ==, 1.0);
  g_assert_cmpfloat (last[1], >, 10);
}

static void
cancel_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
test_upload_cancelled (Test *test, gconstpointer data)
{
  for (guint delay = 0; delay <= 20; delay += 4)
    {
      const gsize size = 8 * 1024 * 1024;
      g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(OaiFile) file = NULL;
      g_autoptr(GError) error = NULL;

      oai_files_endpoint_upload_bytes_async (test->files, bytes, "zeros.bin", OAI_FILE_PURPOSE_BATCH, cancellable, keep_result, &result);
      g_timeout_add_once (delay, cancel_cb, cancellable);
      wait_for (&result);
      file = oai_files_endpoint_upload_bytes_finish (test->files, result, &error);
      if (file == NULL)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      while (!g_cancellable_is_cancelled (cancellable))
        g_main_context_iteration (NULL, TRUE);
    }
}

/* A server that rejects a large file replies before it has read all of it. */
static void
test_upload_refused (Test *test, gconstpointer data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_error (413, "invalid_request_error", NULL, "Maximum content size limit exceeded");
  g_autoptr(OaiCall) call = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply_for (test->base.server, "POST", "/files", reply);
  g_assert_null (oai_files_endpoint_upload_bytes (test->files, bytes, "x.txt", "user_data", NULL, &error));
  g_assert_nonnull (strstr (error->message, "Maximum content size"));
  call = oai_client_find_call_for_error (test->base.client, error);
  g_assert_cmpuint (oai_call_get_status_code (call), ==, 413);
}

static void
test_upload_file_and_stream_that_breaks (Test *test, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr(GFile) source = NULL;
  g_autoptr(OaiFile) file = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_data ("short", 5, NULL);
  g_autoptr(OaiInputFile) input = oai_input_file_new_for_input_stream (stream, "long.txt", 100);
  g_autoptr(OaiFileUploadRequest) upload = oai_file_upload_request_new (input, OAI_FILE_PURPOSE_USER_DATA);

  write_file (test, "a.txt", "hello", &path);
  source = g_file_new_for_path (path);
  file = oai_files_endpoint_upload_file (test->files, source, OAI_FILE_PURPOSE_USER_DATA, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_file_get_filename (file), ==, "a.txt");

  g_assert_null (oai_files_endpoint_upload (test->files, upload, NULL, &error));
  g_assert_nonnull (error);
}

/* List and retrieve */

static void
test_list (Test *test, gconstpointer data)
{
  g_autoptr(OaiFileListQuery) query = oai_file_list_query_new ();
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(GError) error = NULL;
  guint n = 0;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.txt", i);

      g_object_unref (upload_text (test, "x", name));
    }
  oai_file_list_query_set_purpose (query, OAI_FILE_PURPOSE_USER_DATA);
  oai_file_list_query_set_limit (query, 2);
  oai_file_list_query_set_order (query, "asc");
  page = oai_files_endpoint_list (test->files, query, NULL, &error);
  g_assert_no_error (error);
  for (;;)
    {
      g_autoptr(OaiRecord) file = oai_paged_list_next (page, NULL, &error);
      g_autofree char *name = g_strdup_printf ("%u.txt", n);

      g_assert_no_error (error);
      if (file == NULL)
        break;
      g_assert_cmpstr (oai_file_get_filename (OAI_FILE (file)), ==, name);
      n++;
    }
  g_assert_cmpuint (n, ==, 5);

  oai_file_list_query_set_purpose (query, OAI_FILE_PURPOSE_BATCH);
  g_clear_object (&page);
  page = oai_files_endpoint_list (test->files, query, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (page)), ==, 0);
}

/* Download */

static void
test_download (Test *test, gconstpointer data)
{
  g_autoptr(OaiFile) file = upload_text (test, "contents", "report.txt");
  g_autoptr(GFile) directory = g_file_resolve_relative_path (test->directory, "a/b/c");
  g_autoptr(GFile) saved = NULL;
  g_autofree char *name = NULL;
  g_autoptr(GError) error = NULL;

  saved = oai_files_endpoint_download_to_directory (test->files, oai_file_get_id (file), directory, FALSE, NULL, &error);
  g_assert_no_error (error);
  name = g_file_get_relative_path (directory, saved);
  g_assert_cmpstr (name, ==, "report.txt");
  assert_contents (saved, "contents");
}

static void
test_download_again (Test *test, gconstpointer data)
{
  g_autoptr(OaiFile) file = upload_text (test, "contents", "report.txt");
  g_autoptr(GFile) saved = NULL;
  g_autoptr(GFile) again = NULL;
  g_autoptr(GFile) replaced = NULL;
  g_autoptr(GError) error = NULL;
  guint n_requests;

  write_file (test, "report.txt", "contents", NULL);
  again = oai_files_endpoint_download_to_directory (test->files, oai_file_get_id (file), test->directory, FALSE, NULL, &error);
  g_assert_no_error (error);
  assert_contents (again, "contents");

  replaced = oai_files_endpoint_download_to_directory (test->files, oai_file_get_id (file), test->directory, TRUE, NULL, &error);
  g_assert_no_error (error);
  assert_contents (replaced, "contents");

  /* A file of another size is replaced. */
  write_file (test, "report.txt", "another file", NULL);
  n_requests = oai_mock_server_get_n_requests (test->base.server);
  saved = oai_files_endpoint_download_to_directory (test->files, oai_file_get_id (file), test->directory, FALSE, NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_assert_null (saved);
  assert_contents (again, "another file");
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->base.server), ==, n_requests + 1);
  g_assert_cmpuint (count_files (test), ==, 1);
}

/* A file with the same name and size, but other content, is replaced. */
static void
test_download_beside_another_file (Test *test, gconstpointer data)
{
  static const char *const others[] = { "CONTENTS", "content!", "Contents" };
  g_autoptr(OaiFile) file = upload_text (test, "contents", "report.txt");
  g_autoptr(GFile) place = g_file_get_child (test->directory, "report.txt");

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr(GFile) saved = NULL;
      g_autoptr(GError) error = NULL;

      write_file (test, "report.txt", others[i], NULL);
      saved = oai_files_endpoint_download_to_directory (test->files, oai_file_get_id (file), test->directory, FALSE, NULL, &error);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
      g_assert_null (saved);
      assert_contents (place, others[i]);
    }
  g_assert_cmpuint (count_files (test), ==, 1);
}

/* A file with the same name is replaced if the server sends no size. */
static void
test_download_of_unknown_size_beside_another_file (Test *test, gconstpointer data)
{
  static const char meta[] = "{\"id\":\"file-1\",\"object\":\"file\",\"filename\":\"report.txt\"}";
  static const char *const present[] = { "contents", "contents and more", "content", "" };

  for (guint i = 0; i < G_N_ELEMENTS (present); i++)
    {
      g_autoptr(OaiMockReply) first = oai_mock_reply_new_json (200, meta);
      g_autoptr(OaiMockReply) second = oai_mock_reply_new_text (200, "application/octet-stream", "contents");
      g_autoptr(GFile) saved = NULL;
      g_autoptr(GError) error = NULL;

      write_file (test, "report.txt", present[i], NULL);
      oai_mock_server_push_reply (test->base.server, first);
      oai_mock_server_push_reply (test->base.server, second);
      saved = oai_files_endpoint_download_to_directory (test->files, "file-1", test->directory, FALSE, NULL, &error);
      if (i == 0)
        g_assert_no_error (error);
      else
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
      g_assert_true ((saved != NULL) == (i == 0));
    }
}

static void
test_hostile_names (Test *test, gconstpointer data)
{
  static const char *const names[] = {
    "../../../../tmp/oai-escaped", "/etc/passwd", "..", ".", "", "....//....//x", "C:\\Windows\\evil.exe", "..\\..\\evil", ".bashrc",
    "a/../../b", "~/.profile", "con.txt", "name\nwith\tcontrols\r", "file:///etc/passwd", "%2e%2e%2fx", "\342\200\256gpj.exe",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(OaiMockReply) content = content_reply ("harmless");
      g_autoptr(GFile) saved = NULL;
      g_autoptr(GFile) parent = NULL;
      g_autofree char *base = NULL;
      g_autoptr(GError) error = NULL;

      push_file (test, names[i], "harmless", content);
      saved = oai_files_endpoint_download_to_directory (test->files, "file-1", test->directory, TRUE, NULL, &error);
      g_assert_no_error (error);
      parent = g_file_get_parent (saved);
      g_assert_true (g_file_equal (parent, test->directory));
      base = g_file_get_basename (saved);
      g_assert_true (base[0] != '.');
      assert_contents (saved, "harmless");
    }
}

/* A symbolic link in the directory is replaced, and not followed. */
static void
test_link (Test *test, gconstpointer data)
{
  g_autofree char *outside = NULL;
  g_autofree char *link_path = g_build_filename (test->path, "in", "link.txt", NULL);
  g_autofree char *inner = g_build_filename (test->path, "in", NULL);
  g_autoptr(GFile) directory = g_file_new_for_path (inner);
  g_autoptr(GFile) link = g_file_new_for_path (link_path);
  g_autoptr(GFile) target = NULL;
  g_autoptr(GFile) saved = NULL;
  g_autoptr(OaiMockReply) content = content_reply ("harmless");
  g_autoptr(GError) error = NULL;

  write_file (test, "outside", "precious", &outside);
  target = g_file_new_for_path (outside);
  g_assert_cmpint (g_mkdir (inner, 0700), ==, 0);
  g_assert_true (g_file_make_symbolic_link (link, outside, NULL, NULL));
  push_file (test, "link.txt", "harmless", content);
  g_assert_null (oai_files_endpoint_download_to_directory (test->files, "file-1", directory, FALSE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);

  push_file (test, "link.txt", "harmless", NULL);
  saved = oai_files_endpoint_download_to_directory (test->files, "file-1", directory, TRUE, NULL, &error);
  g_assert_no_error (error);
  assert_contents (target, "precious");
  assert_contents (saved, "harmless");
}

static void
test_truncated (Test *test, gconstpointer data)
{
  static const OaiMockFraming framings[] = { OAI_MOCK_FRAMING_LENGTH, OAI_MOCK_FRAMING_CHUNKED };

  for (guint i = 0; i < G_N_ELEMENTS (framings); i++)
    {
      g_autoptr(OaiMockReply) content = content_reply ("all of the contents");
      g_autoptr(GFile) target = g_file_get_child (test->directory, "x");
      g_autoptr(GError) error = NULL;

      oai_mock_reply_set_framing (content, framings[i]);
      oai_mock_reply_set_truncate_after (content, 7);
      oai_mock_server_push_reply_for (test->base.server, "GET", "/files/file-1/content", content);
      g_assert_false (oai_files_endpoint_download (test->files, "file-1", target, FALSE, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
      g_assert_cmpuint (count_files (test), ==, 0);
    }
}

static void
test_truncated_keeps_existing (Test *test, gconstpointer data)
{
  g_autoptr(OaiMockReply) content = content_reply ("all of the contents");
  g_autoptr(GFile) target = g_file_get_child (test->directory, "x");
  g_autoptr(GError) error = NULL;

  write_file (test, "x", "old", NULL);
  oai_mock_reply_set_framing (content, OAI_MOCK_FRAMING_LENGTH);
  oai_mock_reply_set_truncate_after (content, 7);
  oai_mock_server_push_reply_for (test->base.server, "GET", "/files/file-1/content", content);
  g_assert_false (oai_files_endpoint_download (test->files, "file-1", target, TRUE, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  assert_contents (target, "old");
  g_assert_cmpuint (count_files (test), ==, 1);
}

static void
test_download_cancelled (Test *test, gconstpointer data)
{
  for (guint delay = 0; delay <= 40; delay += 8)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GFile) target = g_file_get_child (test->directory, "x");
      g_autoptr(GBytes) piece = g_bytes_new_static ("0123456789", 10);
      g_autoptr(OaiMockReply) content = oai_mock_reply_new (200);
      /* A cancelled request can still arrive, and take the queued reply for its path. */
      g_autofree char *file_id = g_strdup_printf ("file-%u", delay);
      g_autofree char *path = g_strdup_printf ("/files/%s/content", file_id);
      g_autoptr(GError) error = NULL;

      oai_mock_reply_set_content_type (content, "application/octet-stream");
      oai_mock_reply_add_repeated (content, piece, 50);
      oai_mock_reply_set_framing (content, OAI_MOCK_FRAMING_CHUNKED);
      oai_mock_reply_set_chunk_size (content, 10);
      oai_mock_reply_set_chunk_delay (content, 50);
      oai_mock_server_push_reply_for (test->base.server, "GET", path, content);
      oai_files_endpoint_download_async (test->files, file_id, target, FALSE, cancellable, keep_result, &result);
      g_timeout_add_once (delay, cancel_cb, cancellable);
      wait_for (&result);
      g_assert_false (oai_files_endpoint_download_finish (test->files, result, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (count_files (test), ==, 0);
      oai_mock_server_reset (test->base.server);
    }
}

/* A body that ends with the connection has no known size, but the server sent the size earlier. */
static void
test_download_of_another_size (Test *test, gconstpointer data)
{
  static const char *const bodies[] = { "con", "contents and more" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr(OaiMockReply) reply = content_reply (bodies[i]);
      g_autoptr(OaiMockReply) unknown = content_reply (bodies[i]);
      g_autoptr(GFile) file = NULL;
      g_autoptr(GError) error = NULL;

      oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_UNTIL_CLOSE);
      push_file (test, "a.txt", "contents", reply);
      g_assert_null (oai_files_endpoint_download_to_directory (test->files, "file-1", test->directory, TRUE, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
      g_assert_cmpuint (count_files (test), ==, i);
      g_clear_error (&error);

      /* Some servers send the size 0 for every file. */
      push_file (test, "b.txt", "", unknown);
      file = oai_files_endpoint_download_to_directory (test->files, "file-1", test->directory, TRUE, NULL, &error);
      g_assert_no_error (error);
      assert_contents (file, bodies[i]);
    }
}

/* The file permissions are kept, also for the target of a symbolic link. */
static void
test_download_keeps_the_mode (Test *test, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *link_path = g_build_filename (test->path, "link", NULL);
  const char *targets[2] = { NULL, link_path };

  write_file (test, "private", "old", &path);
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  g_assert_cmpint (symlink (path, link_path), ==, 0);
  targets[0] = path;
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr(GFile) target = g_file_new_for_path (targets[i]);
      g_autoptr(OaiMockReply) reply = content_reply ("new");
      g_autoptr(GError) error = NULL;
      GStatBuf info;

      oai_mock_server_push_reply (test->base.server, reply);
      g_assert_true (oai_files_endpoint_download (test->files, "file-1", target, TRUE, NULL, &error));
      g_assert_no_error (error);
      assert_contents (target, "new");
      g_assert_cmpint (g_lstat (targets[i], &info), ==, 0);
      g_assert_true (S_ISREG (info.st_mode));
      g_assert_cmpint (info.st_mode & 0777, ==, 0640);
    }
}

static void
test_upload_from_each_source (Test *test, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr(GFile) file = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_static ("content", 7);
  g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes (bytes);
  OaiFile *uploads[4];
  g_autoptr(GError) error = NULL;

  write_file (test, "a.txt", "content", &path);
  file = g_file_new_for_path (path);
  uploads[0] = oai_files_endpoint_upload_path (test->files, path, OAI_FILE_PURPOSE_USER_DATA, NULL, &error);
  g_assert_no_error (error);
  uploads[1] = oai_files_endpoint_upload_file (test->files, file, OAI_FILE_PURPOSE_USER_DATA, NULL, &error);
  g_assert_no_error (error);
  uploads[2] = oai_files_endpoint_upload_bytes (test->files, bytes, "a.txt", OAI_FILE_PURPOSE_USER_DATA, NULL, &error);
  g_assert_no_error (error);
  uploads[3] = oai_files_endpoint_upload_input_stream (test->files, stream, "a.txt", -1, OAI_FILE_PURPOSE_USER_DATA, NULL, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < G_N_ELEMENTS (uploads); i++)
    {
      g_autoptr(OaiFile) upload = uploads[i];
      g_autoptr(GBytes) content = oai_files_endpoint_retrieve_content (test->files, oai_file_get_id (upload), NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (oai_file_get_filename (upload), ==, "a.txt");
      g_assert_true (g_bytes_equal (content, bytes));
    }
}

static void
test_download_to_path (Test *test, gconstpointer data)
{
  g_autoptr(OaiFile) file = upload_text (test, "content", "a.txt");
  g_autofree char *path = g_build_filename (test->path, "b.txt", NULL);
  g_autoptr(GFile) target = g_file_new_for_path (path);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_files_endpoint_download_to_path_async (test->files, oai_file_get_id (file), path, FALSE, NULL, keep_result, &result);
  wait_for (&result);
  g_assert_true (oai_files_endpoint_download_to_path_finish (test->files, result, &error));
  g_assert_no_error (error);
  assert_contents (target, "content");
  g_assert_false (oai_files_endpoint_download_to_path (test->files, oai_file_get_id (file), path, FALSE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
}

static void
test_download_into_invalid_directory (Test *test, gconstpointer data)
{
  g_autoptr(GFile) target = g_file_resolve_relative_path (test->directory, "no/such/a");
  g_autoptr(GError) error = NULL;

  g_assert_false (oai_files_endpoint_download (test->files, "file-1", target, TRUE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->base.server), ==, 0);
}

/* The connection was closed within the reply, which is not reported as a failed connection. */
static void
test_truncated_content (Test *test, gconstpointer data)
{
  g_autoptr(OaiMockReply) reply = content_reply ("contents");
  g_autoptr(GError) error = NULL;

  oai_mock_reply_set_truncate_after (reply, 3);
  oai_mock_server_push_reply (test->base.server, reply);
  g_assert_null (oai_files_endpoint_retrieve_content (test->files, "file-1", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_nonnull (strstr (error->message, "during the reply"));
}

static void
test_download_refused (Test *test, gconstpointer data)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_error (400, "invalid_request_error", NULL, "Not allowed to download files of purpose: user_data");
  g_autoptr(GFile) target = g_file_get_child (test->directory, "x");
  g_autoptr(OaiCall) call = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply_for (test->base.server, "GET", "/files/file-1/content", reply);
  g_assert_false (oai_files_endpoint_download (test->files, "file-1", target, FALSE, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  call = oai_client_find_call_for_error (test->base.client, error);
  g_assert_cmpuint (oai_call_get_status_code (call), ==, 400);
  g_assert_cmpuint (count_files (test), ==, 0);
}

static void
test_open_content (Test *test, gconstpointer data)
{
  g_autoptr(OaiFile) file = upload_text (test, "contents", "report.txt");
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(GError) error = NULL;
  char buffer[64];
  gsize n_read;

  stream = oai_files_endpoint_open_content (test->files, oai_file_get_id (file), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_input_stream_read_all (stream, buffer, sizeof buffer, &n_read, NULL, &error));
  g_assert_cmpmem (buffer, n_read, "contents", 8);
}

/* Deleting and waiting */

static void
push_conflicts (Test *test, guint times, guint status)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_error (status, "invalid_request_error", NULL, "File is still processing. Check back later.");

  oai_mock_reply_set_times (reply, times);
  oai_mock_server_push_reply (test->base.server, reply);
}

static void
test_delete_when_processed (Test *test, gconstpointer data)
{
  g_autoptr(OaiFile) file = upload_text (test, "x", "x.txt");
  g_autoptr(GError) error = NULL;

  push_conflicts (test, 1, 400);
  g_assert_true (oai_files_endpoint_delete_when_processed (test->files, oai_file_get_id (file), -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (oai_files_endpoint_retrieve (test->files, oai_file_get_id (file), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
}

static void
test_delete_times_out (Test *test, gconstpointer data)
{
  static const gint64 timeouts[] = { 0, 700 };

  for (guint i = 0; i < G_N_ELEMENTS (timeouts); i++)
    {
      g_autoptr(GError) error = NULL;

      oai_mock_server_reset (test->base.server);
      push_conflicts (test, 1000, 409);
      g_assert_false (oai_files_endpoint_delete_when_processed (test->files, "file-1", timeouts[i], NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_CONFLICT);
      g_assert_cmpuint (oai_mock_server_get_n_requests (test->base.server), <=, i + 1);
    }
}

static void
test_delete_is_bounded (Test *test, gconstpointer data)
{
  g_autoptr(OaiMockReply) hang = oai_mock_reply_new_hang ();
  gint64 start = g_get_monotonic_time ();
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (test->base.server, hang);
  g_assert_false (oai_files_endpoint_delete_when_processed (test->files, "file-1", 200, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
}

/* The exchange must not retry after the status 409, since the delays would add up.  It still
 * retries after other errors. */
static void
test_delete_tries_once_at_a_time (Test *test, gconstpointer data)
{
  g_autoptr(OaiCallOptions) options = oai_call_options_new ();
  g_autoptr(OaiFilesEndpoint) files = NULL;
  g_autoptr(OaiMockReply) broken = oai_mock_reply_new_error (503, "server_error", NULL, "Overloaded");
  g_autoptr(OaiMockReply) gone = oai_mock_reply_new_json (200, "{\"id\":\"file-1\",\"object\":\"file\",\"deleted\":true}");
  g_autoptr(GError) error = NULL;

  oai_call_options_set_max_retries (options, 3);
  files = OAI_FILES_ENDPOINT (oai_endpoint_with_options (OAI_ENDPOINT (test->files), options));
  push_conflicts (test, 1000, 409);
  g_assert_false (oai_files_endpoint_delete_when_processed (files, "file-1", 700, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONFLICT);
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->base.server), ==, 1);
  g_clear_error (&error);

  oai_mock_server_reset (test->base.server);
  oai_mock_server_push_reply (test->base.server, broken);
  oai_mock_server_push_reply (test->base.server, gone);
  g_assert_true (oai_files_endpoint_delete_when_processed (files, "file-1", -1, NULL, &error));
  g_assert_no_error (error);
}

static void
test_delete_cancelled (Test *test, gconstpointer data)
{
  for (guint delay = 0; delay <= 60; delay += 15)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;

      push_conflicts (test, 1000, 409);
      oai_files_endpoint_delete_when_processed_async (test->files, "file-1", -1, cancellable, keep_result, &result);
      g_timeout_add_once (delay, cancel_cb, cancellable);
      wait_for (&result);
      g_assert_false (oai_files_endpoint_delete_when_processed_finish (test->files, result, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

static void
test_delete_other_errors (Test *test, gconstpointer data)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"id\":\"file-1\",\"object\":\"file\",\"deleted\":false}");
  g_autoptr(GError) error = NULL;

  g_assert_false (oai_files_endpoint_delete_when_processed (test->files, "file-none", -1, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  g_clear_error (&error);

  oai_mock_server_push_reply (test->base.server, reply);
  g_assert_false (oai_files_endpoint_delete_when_processed (test->files, "file-1", -1, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
}

static void
push_status (Test *test, const char *status)
{
  g_autofree char *json = g_strdup_printf ("{\"id\":\"file-1\",\"object\":\"file\",\"bytes\":1,\"created_at\":1,\"filename\":\"x\",\"purpose\":\"batch\",\"status\":\"%s\"}", status);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);

  oai_mock_server_push_reply (test->base.server, reply);
}

static void
test_wait (Test *test, gconstpointer data)
{
  static const char *const ends[] = { "processed", "error", "deleted" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autoptr(OaiFile) file = NULL;
      g_autoptr(GError) error = NULL;

      push_status (test, "uploaded");
      push_status (test, "running");
      push_status (test, ends[i]);
      file = oai_files_endpoint_wait_for_processing (test->files, "file-1", 1, -1, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (oai_file_get_status (file), ==, ends[i]);
      g_assert_cmpuint (oai_mock_server_get_n_requests (test->base.server), ==, 3 * (i + 1));
    }
}

static void
test_wait_too_long (Test *test, gconstpointer data)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"id\":\"file-1\",\"object\":\"file\",\"status\":\"uploaded\"}");
  g_autoptr(GError) error = NULL;

  oai_mock_reply_set_times (reply, 10000);
  oai_mock_server_push_reply (test->base.server, reply);
  g_assert_null (oai_files_endpoint_wait_for_processing (test->files, "file-1", 5, 40, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "file-1"));
}

#define ADD(path, function) g_test_add (path, Test, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/files/upload/a-path-is-uploaded-byte-for-byte", test_upload_path);
  ADD ("/files/upload/a-missing-file-sends-nothing", test_upload_missing_path);
  ADD ("/files/upload/an-empty-path-sends-nothing", test_upload_empty_path);
  ADD ("/files/upload/progress-is-notified", test_upload_progress);
  ADD ("/files/upload/is-cancelled-at-any-time", test_upload_cancelled);
  ADD ("/files/upload/an-error-status-is-an-error-with-its-call", test_upload_refused);
  ADD ("/files/upload/a-file-is-uploaded-and-a-short-stream-is-not", test_upload_file_and_stream_that_breaks);
  ADD ("/files/list/pages-of-one-purpose", test_list);
  ADD ("/files/download/into-a-new-directory", test_download);
  ADD ("/files/download/existing-files-stay-without-overwrite", test_download_again);
  ADD ("/files/download/beside-another-file-of-that-size", test_download_beside_another_file);
  ADD ("/files/download/beside-another-file-without-a-size", test_download_of_unknown_size_beside_another_file);
  ADD ("/files/download/hostile-names-stay-in-the-directory", test_hostile_names);
  ADD ("/files/download/links-are-not-followed", test_link);
  ADD ("/files/download/truncated-leaves-no-file", test_truncated);
  ADD ("/files/download/truncated-keeps-the-existing-file", test_truncated_keeps_existing);
  ADD ("/files/download/cancelled-leaves-no-file", test_download_cancelled);
  ADD ("/files/download/of-another-size-than-reported", test_download_of_another_size);
  ADD ("/files/download/keeps-the-permissions-of-the-replaced-file", test_download_keeps_the_mode);
  ADD ("/files/download/into-an-invalid-directory-sends-nothing", test_download_into_invalid_directory);
  ADD ("/files/download/truncated-content", test_truncated_content);
  ADD ("/files/download/an-error-status-is-an-error-with-its-call", test_download_refused);
  ADD ("/files/download/content-is-a-stream", test_open_content);
  ADD ("/files/delete/waits-for-processing", test_delete_when_processed);
  ADD ("/files/delete/fails-with-the-error-of-the-server", test_delete_times_out);
  ADD ("/files/delete/fails-at-the-deadline", test_delete_is_bounded);
  ADD ("/files/delete/one-request-at-a-time", test_delete_tries_once_at_a_time);
  ADD ("/files/delete/is-cancelled-at-any-time", test_delete_cancelled);
  ADD ("/files/delete/other-errors-are-reported", test_delete_other_errors);
  ADD ("/files/upload/from-path-file-bytes-and-stream", test_upload_from_each_source);
  ADD ("/files/download/to-a-path", test_download_to_path);
  ADD ("/files/wait/until-processed-or-not-usable", test_wait);
  ADD ("/files/wait/time-out", test_wait_too_long);

  return g_test_run ();
}
