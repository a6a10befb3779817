/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Vectors: base64 text of little-endian 32-bit floats is decoded where it lies,
 * so that a reply of many vectors takes no more memory than it came in.  Text that was
 * lent before is decoded into memory of its own. */

#include "oai-json-scan-private.h"

#define SKIP 64
#define BAD 255
#define PAD 65
/* Above the 24 bits of four characters. */
#define NO_QUAD 0xff000000u

static const char standard_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

typedef struct
{
  guint32 quads[4][256]; /* what a character adds to the 24 bits of four of them, by its place; the standard alphabet alone */
  guint8 values[256];    /* both alphabets, and blanks */
} Tables;

static const Tables *
get_tables (void)
{
  static Tables tables;
  static gsize ready = 0;

  if (g_once_init_enter (&ready))
    {
      memset (tables.values, BAD, sizeof tables.values);
      memset (tables.quads, 0xff, sizeof tables.quads);
      for (guint i = 0; i < 64; i++)
        {
          tables.values[(guchar) standard_alphabet[i]] = i;
          for (guint place = 0; place < 4; place++)
            tables.quads[place][(guchar) standard_alphabet[i]] = i << (18 - 6 * place);
        }
      tables.values['-'] = tables.values['+'];
      tables.values['_'] = tables.values['/'];
      tables.values['\r'] = tables.values['\n'] = tables.values['\t'] = tables.values[' '] = SKIP;
      tables.values['='] = PAD;
      g_once_init_leave (&ready, 1);
    }

  return &tables;
}

/* Four characters become three bytes, as far as it goes: that many are done. out
 * may be the text itself. */
static gsize
decode_quads (const char *text, gsize length, guint8 *out)
{
  const guint32 (*quads)[256] = get_tables ()->quads;
  const guint8 *p = (const guint8 *) text;
  gsize n = length / 4;

  for (gsize i = 0; i < n; i++, p += 4, out += 3)
    {
      guint32 bits = quads[0][p[0]] | quads[1][p[1]] | quads[2][p[2]] | quads[3][p[3]];

      if (G_UNLIKELY ((bits & NO_QUAD) != 0))
        return i;
      /* The fourth byte is of characters that were read. */
      bits = GUINT32_TO_BE (bits << 8);
      memcpy (out, &bits, sizeof bits);
    }

  return n;
}

/* Makes the text again that decode_quads took, from the last four characters to the first. */
static void
encode_quads (char *text, gsize n)
{
  while (n-- > 0)
    {
      const guint8 *in = (const guint8 *) text + 3 * n;
      guint32 bits = (guint32) in[0] << 16 | (guint32) in[1] << 8 | in[2];

      for (guint i = 0; i < 4; i++)
        text[4 * n + i] = standard_alphabet[bits >> (18 - 6 * i) & 63];
    }
}

/* The size of what text means; FALSE when it is no base64. */
static gboolean
measure (const char *text, gsize length, gsize *size)
{
  const guint8 *values = get_tables ()->values;
  gboolean padded = FALSE;
  gsize n = 0;

  for (gsize i = 0; i < length; i++)
    {
      guint8 value = values[(guchar) text[i]];

      if (value == BAD || (padded && value < SKIP))
        return FALSE;
      padded = padded || value == PAD;
      n += value < SKIP;
    }
  *size = n * 6 / 8;

  return n % 4 != 1;
}

/* Text that was measured; out may be the text itself. */
static void
decode (const char *text, gsize length, guint8 *out)
{
  const guint8 *values = get_tables ()->values;
  guint32 bits = 0;
  guint n_bits = 0;

  for (gsize i = 0; i < length; i++)
    {
      guint8 value = values[(guchar) text[i]];

      if (value >= SKIP)
        continue;
      bits = bits << 6 | value;
      n_bits += 6;
      if (n_bits < 8)
        continue;
      n_bits -= 8;
      *out++ = bits >> n_bits;
    }
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

/* Front to back, so that what is written never runs ahead of what is read. Text
 * that turns out to be no floats is left as it was. */
static gboolean
decode_in_place (char *text, gsize length, gsize *size)
{
  gsize n = decode_quads (text, length, (guint8 *) text);
  const char *rest = text + 4 * n;
  gsize rest_size;

  if (measure (rest, length - 4 * n, &rest_size) && (3 * n + rest_size) % sizeof (float) == 0)
    {
      decode (rest, length - 4 * n, (guint8 *) text + 3 * n);
      *size = 3 * n + rest_size;
      return TRUE;
    }
  encode_quads (text, n);

  return FALSE;
}

/* Floats want an address that is a multiple of four. */
static inline guint8 *
get_floats (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  char *text = doc->data + cell->offset;

  return (guint8 *) text + (-(guintptr) text & (sizeof (float) - 1));
}

/* A long text is longer than what it means by more than the size of that and the
 * alignment take: the size stands behind it, where the text ended. */
static inline guint8 *
get_size_place (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  return (guint8 *) doc->data + cell->offset + cell->length - sizeof (guint32);
}

static gsize
get_size (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  guint32 size;

  memcpy (&size, get_size_place (doc, cell), sizeof size);

  return size;
}

static gboolean
decode_cell (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  char *text = doc->data + cell->offset;
  guint8 *floats = get_floats (doc, cell);
  guint32 short_size;
  gsize size;

  if (!decode_in_place (text, cell->length, &size))
    return FALSE;
  memmove (floats, text, size);
  swap_where_needed (floats, size);
  short_size = (guint32) size;
  memcpy (get_size_place (doc, cell), &short_size, sizeof short_size);

  return TRUE;
}

/* Makes the text of a cell LENT or, where it was not lent, DECODING; what it is then.
 * Never DECODING by another thread. */
static OaiJsonTextState
claim_text (OaiJsonCell *cell, OaiJsonTextState wanted)
{
  guint8 state = __atomic_load_n (&cell->state, __ATOMIC_ACQUIRE);

  while (state == OAI_JSON_TEXT || state == OAI_JSON_DECODING)
    {
      guint8 expected = OAI_JSON_TEXT;

      if (__atomic_compare_exchange_n (&cell->state, &expected, (guint8) wanted, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return wanted;
      state = expected;
      if (state == OAI_JSON_DECODING)
        g_thread_yield ();
    }

  return (OaiJsonTextState) state;
}

/* The elements of an array of numbers follow each other on the tape. */
static GBytes *
convert_array (OaiJsonDoc *doc, OaiJsonNode node)
{
  guint n = doc->cells[node].length;
  float *floats = g_new (float, MAX (n, 1));

  if ((doc->cells[node].flags & OAI_JSON_CELL_PACKED) != 0)
    {
      oai_json_read_floats (doc, &doc->cells[node], floats);
      return g_bytes_new_take (floats, n * sizeof (float));
    }

  for (guint i = 0; i < n; i++)
    {
      const OaiJsonCell *cell = &doc->cells[node + 1 + i];
      double value;

      if (cell->type == OAI_JSON_DOUBLE && cell->flags == 0)
        {
          floats[i] = (float) oai_json_number_to_double (doc->data + cell->offset, cell->length);
        }
      else if (oai_json_get_double (doc, node + 1 + i, &value))
        {
          floats[i] = (float) value;
        }
      else
        {
          g_free (floats);
          return NULL;
        }
    }

  return g_bytes_new_take (floats, n * sizeof (float));
}

static GBytes *
convert_text (const char *text, gsize length)
{
  guint8 *data;
  gsize size;

  if (!measure (text, length, &size) || size % sizeof (float) != 0)
    return NULL;

  data = g_malloc (MAX (size, 1));
  decode (text, length, data);
  swap_where_needed (data, size);

  return g_bytes_new_take (data, size);
}

/* A text that was decoded before is lent as it is. */
static GBytes *
convert_long_text (OaiJsonDoc *doc, OaiJsonCell *cell)
{
  OaiJsonTextState state = claim_text (cell, OAI_JSON_DECODING);

  if (state == OAI_JSON_LENT)
    return convert_text (doc->data + cell->offset, cell->length);
  if (state == OAI_JSON_DECODING)
    {
      state = decode_cell (doc, cell) ? OAI_JSON_FLOATS : OAI_JSON_TEXT;
      __atomic_store_n (&cell->state, (guint8) state, __ATOMIC_RELEASE);
    }
  if (state == OAI_JSON_TEXT)
    return NULL;

  return g_bytes_new_with_free_func (get_floats (doc, cell), get_size (doc, cell), (GDestroyNotify) oai_json_doc_unref, oai_json_doc_ref (doc));
}

GBytes *
oai_json_dup_floats (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonType type = oai_json_get_type (doc, node);
  OaiJsonCell *cell;

  if (type == OAI_JSON_ARRAY)
    return convert_array (doc, node);
  if (type != OAI_JSON_STRING)
    return NULL;

  cell = &doc->cells[node];
  if ((cell->flags & OAI_JSON_CELL_SIDE) != 0)
    return NULL;

  return cell->length < OAI_JSON_MIN_FLOATS ? convert_text (doc->data + cell->offset, cell->length) : convert_long_text (doc, cell);
}

static char *
encode_cell (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  gsize size = get_size (doc, cell);
  const guint8 *floats = get_floats (doc, cell);
#if G_BYTE_ORDER == G_BIG_ENDIAN
  g_autofree guint8 *swapped = g_memdup2 (floats, size);

  swap_where_needed (swapped, size);
  floats = swapped;
#endif

  return g_base64_encode (floats, size);
}

const char *
oai_json_get_long_string (OaiJsonDoc *doc, OaiJsonNode node, gsize *length)
{
  OaiJsonCell *cell = &doc->cells[node];
  const char *text;

  if (claim_text (cell, OAI_JSON_LENT) == OAI_JSON_LENT)
    {
      if (length != NULL)
        *length = cell->length;
      return oai_json_doc_get_text (doc, cell);
    }

  text = oai_json_peek_text (doc, node);
  if (text == NULL)
    text = oai_json_keep_text (doc, node, encode_cell (doc, cell));
  if (length != NULL)
    *length = strlen (text);

  return text;
}

void
oai_json_write_long_string (GString *out, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonCell *cell = &doc->cells[node];
  g_autofree char *text = NULL;

  if (claim_text (cell, OAI_JSON_LENT) == OAI_JSON_LENT)
    {
      oai_json_write_string (out, oai_json_doc_get_text (doc, cell), cell->length);
      return;
    }

  text = encode_cell (doc, cell);
  oai_json_write_string (out, text, -1);
}
