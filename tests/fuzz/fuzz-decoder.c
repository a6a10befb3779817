/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compressed bodies: the result is the same for reads of any size, or an error, and
 * decompression restores the original. */

#include "fuzz.h"

#include "oai-content-decoder-private.h"

#define MAX_DECODED (1024 * 1024)

static const char *const encodings[] = { "gzip", "deflate", "x-gzip", "GZIP", "identity", "br", "" };

/* Decompresses with a buffer of this size; NULL on error. */
static GByteArray *
decode (const char *encoding, const uint8_t *data, size_t size, gsize portion, GError **error)
{
  g_autoptr(GInputStream) base = g_memory_input_stream_new_from_data (data, (gssize) size, NULL);
  g_autoptr(GConverter) decoder = oai_content_decoder_new (encoding);
  g_autoptr(GInputStream) stream = g_converter_input_stream_new (base, decoder);
  g_autoptr(GByteArray) out = g_byte_array_new ();
  guint8 buffer[4096];
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, MIN (portion, sizeof buffer), NULL, error)) > 0 && out->len < MAX_DECODED)
    g_byte_array_append (out, buffer, n);

  return n >= 0 ? g_steal_pointer (&out) : NULL;
}

/* The same for a body that arrives in portions. */
static GByteArray *
decode_arriving (const char *encoding, const uint8_t *data, size_t size, gsize portion, GError **error)
{
  g_autoptr(GConverter) decoder = oai_content_decoder_new (encoding);
  g_autoptr(GByteArray) out = g_byte_array_new ();
  GConverterResult result = G_CONVERTER_CONVERTED;
  gsize start = 0, end = 0;

  while (result != G_CONVERTER_FINISHED && out->len < MAX_DECODED)
    {
      GConverterFlags flags = end == size ? G_CONVERTER_INPUT_AT_END : G_CONVERTER_NO_FLAGS;
      g_autoptr(GError) local_error = NULL;
      guint8 buffer[512];
      gsize n_read = 0, n_written = 0;

      result = g_converter_convert (decoder, data + start, end - start, buffer, sizeof buffer, flags, &n_read, &n_written, &local_error);
      if (result != G_CONVERTER_ERROR)
        {
          start += n_read;
          g_byte_array_append (out, buffer, n_written);
        }
      else if (end < size && g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
        {
          end = MIN (end + portion, size);
        }
      else
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
    }

  return g_steal_pointer (&out);
}

static void
assert_same (GByteArray *a, GByteArray *b)
{
  g_assert_true ((a != NULL) == (b != NULL));
  if (a != NULL && a->len < MAX_DECODED)
    g_assert_cmpmem (a->data, a->len, b->data, b->len);
}

static void
check_portions (const char *encoding, const uint8_t *data, size_t size, gsize portion)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) read_error = NULL;
  g_autoptr(GError) arriving_error = NULL;
  g_autoptr(GByteArray) whole = decode (encoding, data, size, 4096, &error);
  g_autoptr(GByteArray) read = decode (encoding, data, size, portion, &read_error);
  g_autoptr(GByteArray) arriving = decode_arriving (encoding, data, size, portion, &arriving_error);

  fuzz_assert_error (whole != NULL, error);
  fuzz_assert_error (read != NULL, read_error);
  fuzz_assert_error (arriving != NULL, arriving_error);
  assert_same (whole, read);
  assert_same (whole, arriving);
}

static void
check_compressed (GZlibCompressorFormat format, const uint8_t *data, size_t size)
{
  g_autoptr(GConverter) compressor = G_CONVERTER (g_zlib_compressor_new (format, 6));
  g_autoptr(GInputStream) base = g_memory_input_stream_new_from_data (data, (gssize) size, NULL);
  g_autoptr(GInputStream) stream = g_converter_input_stream_new (base, compressor);
  g_autoptr(GByteArray) packed = g_byte_array_new ();
  g_autoptr(GByteArray) unpacked = NULL;
  g_autoptr(GError) error = NULL;
  guint8 buffer[256];
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_byte_array_append (packed, buffer, n);
  unpacked = decode (format == G_ZLIB_COMPRESSOR_FORMAT_GZIP ? "gzip" : "deflate", packed->data, packed->len, 7, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (unpacked->data, unpacked->len, data, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  gsize portion = 1 + fuzz_take_byte (&data, &size) % 32;

  if (choice % 8 < G_N_ELEMENTS (encodings))
    check_portions (encodings[choice % 8], data, size, portion);
  else
    check_compressed (choice & 8 ? G_ZLIB_COMPRESSOR_FORMAT_GZIP : G_ZLIB_COMPRESSOR_FORMAT_ZLIB, data, size);

  return 0;
}
