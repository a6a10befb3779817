/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Forms with any names, file names and contents: another parser finds the same parts. */

#include "fuzz.h"

#include "oai-json-doc-private.h"
#include "oai-multipart-private.h"

#include <libsoup/soup.h>
#include <string.h>

#define MAX_PARTS 16

typedef struct
{
  const uint8_t *data;
  gsize length;
} Piece;

/* The text between bytes 0xfe, which do not occur in UTF-8. */
static guint
split (const uint8_t *data, size_t size, Piece *pieces)
{
  guint n = 0;

  while (n < MAX_PARTS * 2 && size > 0)
    {
      const uint8_t *end = memchr (data, 0xfe, size);
      gsize length = end != NULL ? (gsize) (end - data) : size;

      pieces[n++] = (Piece) { data, length };
      data += MIN (length + 1, size);
      size -= MIN (length + 1, size);
    }

  return n;
}

static GByteArray *
read_body (GInputStream *stream)
{
  GByteArray *body = g_byte_array_new ();
  guint8 buffer[61];
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_byte_array_append (body, buffer, n);
  g_assert_cmpint (n, ==, 0);

  return body;
}

static SoupMultipart *
parse (OaiMultipart *form, GByteArray *body)
{
  g_autoptr(SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_MULTIPART);
  g_autoptr(GBytes) bytes = g_bytes_new (body->data, body->len);
  SoupMultipart *parsed;

  soup_message_headers_append (headers, "Content-Type", oai_multipart_get_content_type (form));
  parsed = soup_multipart_new_from_message (headers, bytes);
  g_assert_nonnull (parsed);

  return parsed;
}

static void
check_part (SoupMultipart *parsed, guint i, const Piece *content)
{
  SoupMessageHeaders *headers;
  GBytes *bytes;
  g_autoptr(GHashTable) params = NULL;
  g_autofree char *disposition = NULL;

  g_assert_true (soup_multipart_get_part (parsed, (int) i, &headers, &bytes));
  g_assert_true (soup_message_headers_get_content_disposition (headers, &disposition, &params));
  g_assert_cmpstr (disposition, ==, "form-data");
  g_assert_true (g_hash_table_contains (params, "name"));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), content->data, content->length);
}

/* Alternately a name and a value. */
static void
add_parts (OaiMultipart *form, gboolean files, const Piece *pieces, guint n_parts)
{
  for (guint i = 0; i < n_parts; i++)
    {
      g_autofree char *name = fuzz_dup_text (pieces[2 * i].data, pieces[2 * i].length);
      g_autoptr(GBytes) bytes = g_bytes_new (pieces[2 * i + 1].data, pieces[2 * i + 1].length);
      g_autofree char *valid = g_utf8_make_valid (name, -1);
      g_autoptr(OaiInputFile) file = oai_input_file_new_for_bytes (bytes, valid);

      if (files)
        oai_multipart_add_file (form, valid, file);
      else
        oai_multipart_add_content (form, valid, "application/octet-stream", (const char *) pieces[2 * i + 1].data, (gssize) pieces[2 * i + 1].length);
    }
}

static void
check_form (gboolean files, gboolean keep_paths, const Piece *pieces, guint n_parts)
{
  g_autoptr(OaiMultipart) form = oai_multipart_new ();
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(GByteArray) body = NULL;
  g_autoptr(SoupMultipart) parsed = NULL;
  g_autoptr(GError) error = NULL;
  goffset length;

  oai_multipart_set_flags (form, keep_paths ? OAI_MULTIPART_KEEP_PATHS : OAI_MULTIPART_NONE);
  add_parts (form, files, pieces, n_parts);
  stream = oai_multipart_open (form, &length, &error);
  fuzz_assert_error (stream != NULL, error);
  if (stream == NULL)
    return;

  body = read_body (stream);
  g_assert_cmpint (length, ==, body->len);
  parsed = parse (form, body);
  g_assert_cmpint (soup_multipart_get_length (parsed), ==, n_parts);
  for (guint i = 0; i < n_parts; i++)
    check_part (parsed, i, &pieces[2 * i + 1]);
}

/* JSON as the members of a form. */
static void
check_json (const uint8_t *data, size_t size)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy ((const char *) data, (gssize) size, OAI_JSON_TOLERANT, NULL);
  g_autoptr(OaiMultipart) form = NULL;
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(GByteArray) body = NULL;
  g_autoptr(SoupMultipart) parsed = NULL;
  g_autoptr(GError) error = NULL;

  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    return;

  form = oai_multipart_new ();
  oai_multipart_set_flags (form, OAI_MULTIPART_REJECT_NULL);
  oai_multipart_add_json (form, doc, 0);
  stream = oai_multipart_open (form, NULL, &error);
  fuzz_assert_error (stream != NULL, error);
  if (stream == NULL)
    return;

  body = read_body (stream);
  if (body->len > 128)
    parsed = parse (form, body);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  Piece pieces[MAX_PARTS * 2];
  guint n_parts;

  if (choice % 4 == 3)
    {
      check_json (data, size);
      return 0;
    }

  n_parts = split (data, size, pieces) / 2;
  if (n_parts > 0)
    check_form (choice % 4 != 0, choice % 4 == 2, pieces, n_parts);

  return 0;
}
