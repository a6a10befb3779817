/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-base64-floats-private.h"

#include <string.h>

#define SKIP 64
#define BAD 255
#define PAD 65
/* Set for invalid characters; not part of the 24 bits of four characters. */
#define NO_QUAD 0xff000000u

static const char standard_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

typedef struct
{
  guint32 quads[4][256]; /* the bits of a character at each position of a group of four; standard alphabet only */
  guint8 values[256];    /* of both alphabets, and white space */
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
          for (guint position = 0; position < 4; position++)
            tables.quads[position][(guchar) standard_alphabet[i]] = i << (18 - 6 * position);
        }
      tables.values['-'] = tables.values['+'];
      tables.values['_'] = tables.values['/'];
      tables.values['\r'] = tables.values['\n'] = tables.values['\t'] = tables.values[' '] = SKIP;
      tables.values['='] = PAD;
      g_once_init_leave (&ready, 1);
    }

  return &tables;
}

/* Decodes groups of four characters until one has other characters; returns their number.
 * out may be the text itself. */
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
      /* The fourth byte overwrites characters that were already read. */
      bits = GUINT32_TO_BE (bits << 8);
      memcpy (out, &bits, sizeof bits);
    }

  return n;
}

/* Reverts decode_quads, from the last group to the first. */
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

/* Calculates the size of the decoded data; returns FALSE if text is not Base64. */
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

/* Decodes text that was measured; out may be the text itself. */
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

/* From front to back, so that writing never overtakes reading. */
gboolean
oai_json_base64_floats_decode_in_place (char *text, gsize length, gsize *size)
{
  gsize n = decode_quads (text, length, (guint8 *) text);
  const char *rest = text + 4 * n;
  gsize rest_size;

  if (measure (rest, length - 4 * n, &rest_size) && (3 * n + rest_size) % sizeof (float) == 0)
    {
      decode (rest, length - 4 * n, (guint8 *) text + 3 * n);
      *size = 3 * n + rest_size;
      swap_where_needed ((guint8 *) text, *size);
      return TRUE;
    }
  encode_quads (text, n);

  return FALSE;
}

GBytes *
oai_json_base64_floats_decode (const char *text, gsize length)
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

char *
oai_json_base64_floats_encode (const guint8 *floats, gsize size)
{
#if G_BYTE_ORDER == G_BIG_ENDIAN
  g_autofree guint8 *swapped = g_memdup2 (floats, size);

  swap_where_needed (swapped, size);
  floats = swapped;
#endif

  return g_base64_encode (floats, size);
}
