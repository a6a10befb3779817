/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bodies of requests that are in memory. */

#include <gio/gio.h>
#include <string.h>

#include "oai-bytes-stream-private.h"

#define SIZE 20000

static GInputStream *
new_stream (GBytes **bytes)
{
  char *data = g_malloc (SIZE);

  for (guint i = 0; i < SIZE; i++)
    data[i] = i * 7;
  *bytes = g_bytes_new_take (data, SIZE);

  return oai_bytes_stream_new (*bytes);
}

static void
store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_read (void)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GInputStream) stream = new_stream (&bytes);
  g_autofree char *data = g_malloc (SIZE + 1);
  g_autoptr(GError) error = NULL;
  gsize n = 0;

  g_assert_true (g_input_stream_read_all (stream, data, SIZE + 1, &n, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (data, n, g_bytes_get_data (bytes, NULL), SIZE);
}

/* No iteration of the main loop is needed for bytes that are available. */
static void
test_immediate (void)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GInputStream) stream = new_stream (&bytes);
  const char *expected = g_bytes_get_data (bytes, NULL);
  gsize total = 0;
  gssize n;

  do
    {
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GObject) source = NULL;
      g_autoptr(GError) error = NULL;
      char data[8192];

      g_input_stream_read_async (stream, data, sizeof data, G_PRIORITY_DEFAULT, NULL, store_result, &result);
      g_assert_nonnull (result);
      source = g_async_result_get_source_object (result);
      g_assert_true (source == (gpointer) stream);
      n = g_input_stream_read_finish (stream, result, &error);
      g_assert_no_error (error);
      g_assert_false (g_input_stream_has_pending (stream));
      g_assert_cmpmem (data, n, expected + total, MIN (SIZE - total, sizeof data));
      total += n;
    }
  while (n > 0);
  g_assert_cmpuint (total, ==, SIZE);
}

static void
test_cancelled (void)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GInputStream) stream = new_stream (&bytes);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  char data[100];

  g_cancellable_cancel (cancellable);
  g_input_stream_read_async (stream, data, sizeof data, G_PRIORITY_DEFAULT, cancellable, store_result, &result);
  g_assert_cmpint (g_input_stream_read_finish (stream, result, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* As libsoup sends it. */
static void
test_splice (void)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GInputStream) stream = new_stream (&bytes);
  g_autoptr(GOutputStream) target = g_memory_output_stream_new_resizable ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM (target);

  g_output_stream_splice_async (target, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE, G_PRIORITY_DEFAULT, NULL, store_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (g_output_stream_splice_finish (target, result, &error), ==, SIZE);
  g_assert_no_error (error);
  g_assert_cmpmem (g_memory_output_stream_get_data (memory), g_memory_output_stream_get_data_size (memory), g_bytes_get_data (bytes, NULL), SIZE);
  g_assert_true (g_input_stream_is_closed (stream));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/bytes-stream/read", test_read);
  g_test_add_func ("/bytes-stream/asynchronous-reads-are-complete-at-once", test_immediate);
  g_test_add_func ("/bytes-stream/cancelled", test_cancelled);
  g_test_add_func ("/bytes-stream/splice", test_splice);

  return g_test_run ();
}
