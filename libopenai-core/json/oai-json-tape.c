/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-tape-private.h"

#include "oai-json-number-private.h"
#include "oai-json-scan-private.h"

/* The maximum number of choices of a reply; each can end with a lone surrogate. */
#define MAX_SURROGATES 128

/* A shorter array gets a cell for each number. */
#define MIN_NUMBERS 32

#define BLANKS (G_GUINT64_CONSTANT (0x0101010101010101) * ' ')

void
oai_json_doc_add_surrogates (OaiJsonDoc *doc, OaiJsonNode node, gunichar low, gunichar high)
{
  OaiJsonSurrogates surrogates = { node, low, high };

  if (doc->surrogates == NULL)
    doc->surrogates = g_array_new (FALSE, FALSE, sizeof (OaiJsonSurrogates));
  if (doc->surrogates->len < MAX_SURROGATES)
    g_array_append_val (doc->surrogates, surrogates);
}

/* Number arrays */

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

/* Returns the end of the number at p, or NULL. */
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

/* Most numbers of a vector are one digit, a point and up to fifteen more digits.  Returns the end of
 * such a number if a comma follows, else NULL. */
static inline G_ALWAYS_INLINE const guchar *
scan_usual_number (const guchar *p, const guchar *end)
{
  guint n;

  if (end - p < 20)
    return NULL;

  p += *p == '-';
  if ((guchar) (*p - '0') > 9 || p[1] != '.')
    return NULL;

  n = oai_json_count_digits (oai_json_load_word (p + 2));
  if (n == 8)
    n += oai_json_count_digits (oai_json_load_word (p + 10));

  return n > 0 && p[2 + n] == ',' ? p + 2 + n : NULL;
}

const guchar *
oai_json_scan_number_array (const guchar *p, const guchar *end, guint *n_numbers)
{
  guint n = 0;

  while (TRUE)
    {
      const guchar *comma = scan_usual_number (p, end);

      if (comma == NULL)
        {
          comma = scan_number (p, end);
          if (comma == NULL)
            return NULL;
          comma = skip_blank (comma, end);
        }
      n++;
      p = comma;
      if (p == end || *p != ',')
        break;
      p++;
      if (p < end && *p <= ' ')
        p = skip_blank (p, end);
    }
  *n_numbers = n;

  return p < end && *p == ']' && n >= MIN_NUMBERS ? p + 1 : NULL;
}

void
oai_json_read_number_array (OaiJsonDoc *doc, const OaiJsonCell *cell, float *floats)
{
  const guchar *p, *end = (const guchar *) doc->data + doc->consumed;

  p = (const guchar *) doc->data + cell->offset;

  for (guint i = 0; i < cell->length; i++)
    {
      double value;

      /* After the bracket or comma before the number. */
      p++;
      if (*p <= ' ')
        p = skip_blank (p, end);
      p = oai_json_read_double (p, end, &value);
      floats[i] = value;
      if (*p <= ' ')
        p = skip_blank (p, end);
    }
}

static inline OaiJsonNode
get_node (OaiJsonDoc *doc, const guchar *p)
{
  return doc->n_cells + (OaiJsonNode) (p - (const guchar *) doc->data);
}

/* Returns the text of a node, or NULL. */
static inline const guchar *
get_text (OaiJsonDoc *doc, OaiJsonNode node)
{
  return node != OAI_JSON_NONE && node - doc->n_cells < doc->consumed ? (const guchar *) doc->data + (node - doc->n_cells) : NULL;
}

OaiJsonNode
oai_json_get_first_number (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  const guchar *data = (const guchar *) doc->data;

  return get_node (doc, skip_blank (data + cell->offset + 1, data + doc->consumed));
}

/* The result is undefined for the last number of an array. */
OaiJsonNode
oai_json_get_next_number (OaiJsonDoc *doc, OaiJsonNode node)
{
  const guchar *end = (const guchar *) doc->data + doc->consumed, *p = get_text (doc, node);

  p = p != NULL ? scan_number (p, end) : NULL;
  if (p == NULL)
    return OAI_JSON_NONE;
  p = skip_blank (p, end);

  return get_node (doc, p < end ? skip_blank (p + 1, end) : p);
}

const OaiJsonCell *
oai_json_make_number_cell (OaiJsonDoc *doc, OaiJsonNode node, OaiJsonCell *cell)
{
  const guchar *end = (const guchar *) doc->data + doc->consumed, *text = get_text (doc, node);
  const guchar *number_end = text != NULL ? scan_number (text, end) : NULL;
  gboolean integer = TRUE;

  if (number_end == NULL)
    return NULL;

  for (const guchar *p = text; p < number_end && integer; p++)
    integer = *p != '.' && *p != 'e' && *p != 'E';
  memset (cell, 0, sizeof *cell);
  cell->offset = node - doc->n_cells;
  cell->length = (guint32) (number_end - text);
  cell->type = integer ? OAI_JSON_INT : OAI_JSON_DOUBLE;
  if (integer && !oai_json_number_fits ((const char *) text, cell->length))
    {
      cell->type = OAI_JSON_DOUBLE;
      cell->flags = OAI_JSON_CELL_BIG;
    }

  return cell;
}

void
oai_json_write_number_array (GString *out, OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  const guchar *p = (const guchar *) doc->data + cell->offset, *end = (const guchar *) doc->data + doc->consumed;

  for (guint i = 0; i < cell->length; i++)
    {
      const guchar *number = skip_blank (p + 1, end);

      p = scan_number (number, end);
      g_string_append_c (out, i == 0 ? '[' : ',');
      g_string_append_len (out, (const char *) number, p - number);
      p = skip_blank (p, end);
    }
  g_string_append_c (out, ']');
}
