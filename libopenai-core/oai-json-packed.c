/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Long arrays of nothing but numbers: one cell says where their text stands and
 * how many they are.  Whoever wants floats reads them from the text; only for those
 * who want nodes are there cells of each. */

#include "oai-json-scan-private.h"

/* A shorter array is not worth a second look at it. */
#define MIN_PACKED 32

#define BLANKS (G_GUINT64_CONSTANT (0x0101010101010101) * ' ')

static inline G_ALWAYS_INLINE const guchar *
skip_blank (const guchar *p, const guchar *end)
{
  guint64 word;

  if (p < end && (*p == '\n' || *p == ' '))
    p++;
  for (; end - p >= 8; p += 8)
    {
      memcpy (&word, p, sizeof word);
      if (word != BLANKS)
        break;
    }
  while (p < end && *p <= ' ' && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    p++;

  return p;
}

static inline G_ALWAYS_INLINE const guchar *
skip_digits (const guchar *p, const guchar *end)
{
  for (; end - p >= 8; p += 8)
    {
      guint n = oai_json_count_digits (oai_json_load_word (p));

      if (n < 8)
        return p + n;
    }
  while (p < end && (guchar) (*p - '0') <= 9)
    p++;

  return p;
}

/* Behind a number, or NULL. */
static inline G_ALWAYS_INLINE const guchar *
scan_number (const guchar *p, const guchar *end)
{
  const guchar *digits;

  if (p < end && *p == '-')
    p++;
  digits = p;
  if (p < end && *p == '0')
    p++;
  else
    p = skip_digits (p, end);
  if (p == digits)
    return NULL;

  if (p < end && *p == '.')
    {
      digits = p + 1;
      p = skip_digits (digits, end);
      if (p == digits)
        return NULL;
    }
  if (p < end && (*p == 'e' || *p == 'E'))
    {
      digits = p + 1;
      if (digits < end && (*digits == '+' || *digits == '-'))
        digits++;
      p = skip_digits (digits, end);
      if (p == digits)
        return NULL;
    }

  return p;
}

const guchar *
oai_json_scan_numbers (const guchar *p, const guchar *end, guint *n_numbers)
{
  guint n = 0;

  while (TRUE)
    {
      p = scan_number (p, end);
      if (p == NULL)
        return NULL;
      n++;
      p = skip_blank (p, end);
      if (p == end || *p != ',')
        break;
      p = skip_blank (p + 1, end);
    }
  *n_numbers = n;

  return p < end && *p == ']' && n >= MIN_PACKED ? p + 1 : NULL;
}

void
oai_json_read_floats (OaiJsonDoc *doc, const OaiJsonCell *cell, float *floats)
{
  const guchar *p, *end = (const guchar *) doc->data + doc->consumed;

  if ((cell->flags & OAI_JSON_CELL_UNPACKED) != 0)
    cell = &doc->cells[cell->offset];
  p = (const guchar *) doc->data + cell->offset;

  for (guint i = 0; i < cell->length; i++)
    {
      double value;

      /* Behind the bracket or comma before the number. */
      p = skip_blank (p + 1, end);
      p = oai_json_read_double (p, end, &value);
      floats[i] = value;
      p = skip_blank (p, end);
    }
}
