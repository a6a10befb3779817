/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Vectors: base64 text of little-endian 32-bit floats is decoded where it lies,
 * so that a reply of many vectors takes no more memory than it came in. */

#include "oai-json-scan-private.h"

#define SKIP 64
#define BAD 255

/* The value of each character of base64, both alphabets. */
static const guint8 *
get_values (void)
{
  static guint8 values[256];
  static gsize ready = 0;

  if (g_once_init_enter (&ready))
    {
      static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

      memset (values, BAD, sizeof values);
      for (guint i = 0; i < 64; i++)
        values[(guchar) alphabet[i]] = i;
      values['-'] = values['+'];
      values['_'] = values['/'];
      values['\r'] = values['\n'] = values[' '] = values['='] = SKIP;
      g_once_init_leave (&ready, 1);
    }

  return values;
}

/* Decodes text of a whole number of floats; out may be the text itself, or before it. FALSE when
 * it is none. */
static gboolean
decode (const char *text, gsize length, guint8 *out, gsize *size)
{
  const guint8 *values = get_values ();
  guint8 *start = out;
  guint32 bits = 0;
  guint n_bits = 0;

  for (gsize i = 0; i < length; i++)
    {
      guint8 value = values[(guchar) text[i]];

      if (G_UNLIKELY (value >= SKIP))
        {
          if (value == BAD)
            return FALSE;
          continue;
        }
      bits = bits << 6 | value;
      n_bits += 6;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          *out++ = bits >> n_bits;
        }
    }
  *size = out - start;

  return *size % sizeof (float) == 0;
}

static void
swap_where_needed (guint8 *data, gsize size)
{
#if G_BYTE_ORDER == G_BIG_ENDIAN
  for (gsize i = 0; i < size; i += 4)
    {
      guint32 word;

      memcpy (&word, data + i, 4);
      word = GUINT32_SWAP_LE_BE (word);
      memcpy (data + i, &word, 4);
    }
#endif
}

static gboolean
is_base64 (const char *text, gsize length)
{
  const guint8 *values = get_values ();
  gsize n = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (values[(guchar) text[i]] == BAD)
        return FALSE;
      n += values[(guchar) text[i]] < SKIP;
    }

  return n * 6 / 8 % sizeof (float) == 0;
}

/* In place, front to back, so that what is written never runs ahead of what is
 * read. Floats want an address that is a multiple of four, and the text is longer
 * than what it means by more than that. */
static gboolean
decode_cell (OaiJsonDoc *doc, OaiJsonCell *cell)
{
  char *text = doc->data + cell->offset;
  gsize padding = -(guintptr) text & (sizeof (float) - 1);
  gsize size;

  if ((cell->flags & OAI_JSON_CELL_SIDE) != 0 || !is_base64 (text, cell->length))
    return FALSE;
  if (cell->length <= 2 * sizeof (float))
    return FALSE;

  if (!decode (text, cell->length, (guint8 *) text, &size))
    return FALSE;
  memmove (text + padding, text, size);
  swap_where_needed ((guint8 *) text + padding, size);
  cell->offset += padding;
  cell->length = size;
  cell->flags |= OAI_JSON_CELL_FLOATS;

  return TRUE;
}

static GBytes *
convert_array (OaiJsonDoc *doc, OaiJsonNode node)
{
  guint n = oai_json_get_size (doc, node);
  float *floats = g_new (float, MAX (n, 1));
  OaiJsonIter iter;
  OaiJsonNode element;
  guint i = 0;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      double value;

      if (!oai_json_get_double (doc, element, &value))
        {
          g_free (floats);
          return NULL;
        }
      floats[i++] = value;
    }

  return g_bytes_new_take (floats, n * sizeof (float));
}

static GBytes *
convert_text (const char *text, gsize length)
{
  guint8 *data = g_malloc (length + 1);
  gsize size;

  if (!decode (text, length, data, &size))
    {
      g_free (data);
      return NULL;
    }
  swap_where_needed (data, size);

  return g_bytes_new_take (data, size);
}

GBytes *
oai_json_dup_floats (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonCell *cell;

  if (oai_json_get_type (doc, node) == OAI_JSON_ARRAY)
    return convert_array (doc, node);
  if (oai_json_get_type (doc, node) != OAI_JSON_STRING)
    return NULL;

  cell = &doc->cells[node];
  if ((cell->flags & OAI_JSON_CELL_FLOATS) == 0 && !decode_cell (doc, cell))
    return (cell->flags & OAI_JSON_CELL_SIDE) != 0 || cell->length <= 2 * sizeof (float)
             ? convert_text (oai_json_get_string (doc, node, NULL), cell->length)
             : NULL;

  return g_bytes_new_with_free_func (doc->data + cell->offset, cell->length, (GDestroyNotify) oai_json_doc_unref, oai_json_doc_ref (doc));
}

const char *
oai_json_get_floats_text (OaiJsonDoc *doc, OaiJsonCell *cell, gsize *length)
{
  char *text = g_base64_encode ((const guchar *) doc->data + cell->offset, cell->length);

  if (doc->texts == NULL)
    doc->texts = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (doc->texts, text);
  if (length != NULL)
    *length = strlen (text);

  return text;
}
