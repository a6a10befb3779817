/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Prepares the chunks of a reply before they are sent: compresses, joins, splits and truncates them. */

#include "oai-mock-private.h"

#include <string.h>

static void
lay_headers_over (OaiMockReply *self, OaiMockReply *fault)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, fault->headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    soup_message_headers_replace (self->headers, name, value);
}

static void
edit_chunks (OaiMockReply *self, OaiMockReply *fault)
{
  g_autoptr (GPtrArray) chunks = g_steal_pointer (&self->chunks);

  self->chunks = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < chunks->len; i++)
    {
      gsize length;
      const char *data = g_bytes_get_data (g_ptr_array_index (chunks, i), &length);
      g_autofree char *text = g_strndup (data, length);
      const char *json = strstr (text, "data: ");
      g_autofree char *name = g_str_has_prefix (text, "event: ") ? g_strndup (text + 7, strcspn (text + 7, "\n")) : NULL;
      g_autofree char *edited = json != NULL ? _oai_mock_reply_edit (fault, g_strndup (json + 6, strcspn (json + 6, "\n"))) : NULL;

      if (edited != NULL)
        oai_mock_reply_add_event (self, name, edited);
    }
}

/* Copies the transmission settings of @fault to @self. */
void
_oai_mock_reply_lay_over (OaiMockReply *self, OaiMockReply *fault)
{
  lay_headers_over (self, fault);
  if (fault->edits->len > 0)
    edit_chunks (self, fault);
  if (fault->status != 0)
    self->status = fault->status;
  if (fault->head_delay >= 0)
    self->head_delay = fault->head_delay;
  if (fault->chunk_delay >= 0)
    self->chunk_delay = fault->chunk_delay;
  if (fault->chunk_size > 0)
    self->chunk_size = fault->chunk_size;
  if (fault->framing != OAI_MOCK_FRAMING_AUTO)
    self->framing = fault->framing;
  g_array_append_vals (self->splits, fault->splits->data, fault->splits->len);
  self->truncate_after = fault->truncate_after;
  self->hang_after = fault->hang_after;
  self->reset = fault->reset;
  self->close = fault->close;
  self->gzip = fault->gzip;
  self->gzip_flush = fault->gzip_flush;
}

static void
compress_chunk (GConverter *converter, GBytes *chunk, GConverterFlags flags, GPtrArray *result)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gsize length, done = 0;
  const guint8 *data = g_bytes_get_data (chunk, &length);
  GConverterResult state;

  do
    {
      guint8 buffer[4096];
      gsize n_read = 0, n_written = 0;

      if (flags == G_CONVERTER_NO_FLAGS && done == length)
        break;
      state = g_converter_convert (converter, data + done, length - done, buffer, sizeof buffer, flags, &n_read, &n_written, NULL);
      if (state == G_CONVERTER_ERROR)
        break;
      done += n_read;
      g_byte_array_append (out, buffer, n_written);
    }
  while (state == G_CONVERTER_CONVERTED);

  if (out->len > 0)
    g_ptr_array_add (result, g_bytes_new (out->data, out->len));
}

static GPtrArray *
compress (GPtrArray *chunks, gboolean flush)
{
  g_autoptr (GConverter) converter = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1));
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  GPtrArray *result = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < chunks->len; i++)
    compress_chunk (converter, g_ptr_array_index (chunks, i), flush ? G_CONVERTER_FLUSH : G_CONVERTER_NO_FLAGS, result);
  compress_chunk (converter, nothing, G_CONVERTER_INPUT_AT_END, result);

  return result;
}

static GBytes *
join (GPtrArray *chunks)
{
  GByteArray *all = g_byte_array_new ();

  for (guint i = 0; i < chunks->len; i++)
    {
      gsize length;
      const guint8 *data = g_bytes_get_data (g_ptr_array_index (chunks, i), &length);

      g_byte_array_append (all, data, length);
    }

  return g_byte_array_free_to_bytes (all);
}

static GPtrArray *
split_again (GPtrArray *chunks, gsize chunk_size, GArray *splits)
{
  g_autoptr (GBytes) all = join (chunks);
  gsize length = g_bytes_get_size (all), start = 0;
  GPtrArray *result = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint next = 0;

  while (start < length)
    {
      gsize end = chunk_size > 0 && chunk_size < length - start ? start + chunk_size : length;

      while (next < splits->len && g_array_index (splits, gsize, next) <= start)
        next++;
      if (next < splits->len)
        end = MIN (end, g_array_index (splits, gsize, next));
      g_ptr_array_add (result, g_bytes_new_from_bytes (all, start, end - start));
      start = end;
    }

  return result;
}

static GPtrArray *
shorten (GPtrArray *chunks, gsize limit)
{
  GPtrArray *result = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < chunks->len && limit > 0; i++)
    {
      GBytes *chunk = g_ptr_array_index (chunks, i);
      gsize length = MIN (limit, g_bytes_get_size (chunk));

      g_ptr_array_add (result, g_bytes_new_from_bytes (chunk, 0, length));
      limit -= length;
    }

  return result;
}

static void
replace (GPtrArray **chunks, GPtrArray *by)
{
  g_ptr_array_unref (*chunks);
  *chunks = by;
}

static gsize
count_bytes (GPtrArray *chunks)
{
  gsize total = 0;

  for (guint i = 0; i < chunks->len; i++)
    total += g_bytes_get_size (g_ptr_array_index (chunks, i));

  return total;
}

/* Returns the chunks to send, and the length of the whole body before it was truncated. */
GPtrArray *
_oai_mock_reply_plan (OaiMockReply *self, gsize *total)
{
  GPtrArray *chunks = g_ptr_array_ref (self->chunks);

  if (self->gzip)
    replace (&chunks, compress (chunks, self->gzip_flush));
  if (self->chunk_size > 0 || self->splits->len > 0)
    replace (&chunks, split_again (chunks, self->chunk_size, self->splits));
  *total = count_bytes (chunks);
  if (self->truncate_after >= 0 || self->hang_after >= 0)
    replace (&chunks, shorten (chunks, self->truncate_after >= 0 ? self->truncate_after : self->hang_after));

  return chunks;
}
