/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the reader and the writer of JSON share: scanning of text and of
 * numbers, and the cells of the tape. */

#pragma once

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "oai-atomic-map-private.h"
#include "oai-json-private.h"

G_BEGIN_DECLS

#define OAI_JSON_MAX_DEPTH 512
#define OAI_JSON_MAX_OWN_DEPTH 2048
#define OAI_JSON_REPLACEMENT "\357\277\275"

typedef enum
{
  OAI_JSON_CELL_SIDE = 1 << 0,     /* the string stands in the side buffer, not in the data */
  OAI_JSON_CELL_BIG = 1 << 1,      /* an integer beyond 64 bits */
  OAI_JSON_CELL_NOT_FINITE = 1 << 2, /* NaN, Infinity, -Infinity */
  OAI_JSON_CELL_PACKED = 1 << 3 /* an array of numbers that have no cells of their own; offset is that of its bracket */
} OaiJsonCellFlags;

/* A string of this many bytes or more may be base64 text that is decoded in its place. */
#define OAI_JSON_MIN_FLOATS 64

/* Of such a string, atomic. */
typedef enum
{
  OAI_JSON_TEXT,     /* text that nothing points to */
  OAI_JSON_LENT,     /* text that was lent, and stays */
  OAI_JSON_DECODING, /* a thread decodes it */
  OAI_JSON_FLOATS    /* 32-bit floats */
} OaiJsonTextState;

/* Does not change once it was read, but for the state. */
typedef struct
{
  guint32 next;   /* of a container: the node behind it; its parent while it is open */
  guint32 offset; /* of the text of a string or number */
  guint32 length; /* of that text; members or elements of a container; a boolean */
  guint8 type;    /* OaiJsonType */
  guint8 state;   /* OaiJsonTextState */
  guint16 flags;  /* OaiJsonCellFlags */
} OaiJsonCell;

G_STATIC_ASSERT (sizeof (OaiJsonCell) == 16);

struct _OaiJsonDoc
{
  int ref_count; /* atomic */
  char *data;
  char *owned;
  gsize consumed;
  OaiJsonCell *cells;
  guint32 n_cells;
  guint32 n_allocated;
  GString *side; /* strings that grew when they were repaired */
  GArray *halves; /* OaiJsonHalf, or NULL */
  OaiAtomicMap texts; /* node → text that was made of it, and lent */
  OaiAtomicMap indexes; /* large object → GHashTable, name → node */
  gssize n_passed; /* members that lookups in large objects have passed, atomic */
};

G_GNUC_INTERNAL
gboolean oai_json_parse_document (OaiJsonDoc *doc, gsize length, OaiJsonFlags flags, GError **error);
/* Another element of the root, an array that is not packed. */
G_GNUC_INTERNAL
gboolean oai_json_parse_element (OaiJsonDoc *doc, gsize offset, gsize length, GError **error);
G_GNUC_INTERNAL
gboolean oai_json_number_fits (const char *text, gsize length);
G_GNUC_INTERNAL
gint64 oai_json_number_to_int (const char *text, gsize length);
G_GNUC_INTERNAL
double oai_json_number_to_double (const char *text, gsize length);
/* A JSON number that stands at text, and goes on to end at most; returns what is behind it. */
G_GNUC_INTERNAL
const guchar *oai_json_read_double (const guchar *text, const guchar *end, double *value);
/* At the first number of an array: what is behind the array, or NULL when it is short,
 * holds anything else or is wrong. */
G_GNUC_INTERNAL
const guchar *oai_json_scan_numbers (const guchar *p, const guchar *end, guint *n_numbers);
/* The numbers of a packed array. */
G_GNUC_INTERNAL
void oai_json_read_floats (OaiJsonDoc *doc, const OaiJsonCell *cell, float *floats);
G_GNUC_INTERNAL
void oai_json_write_packed (GString *out, OaiJsonDoc *doc, const OaiJsonCell *cell);
/* A number in a packed array is the node behind the tape that its offset tells. */
G_GNUC_INTERNAL
OaiJsonNode oai_json_get_first_packed (OaiJsonDoc *doc, const OaiJsonCell *cell);
G_GNUC_INTERNAL
OaiJsonNode oai_json_get_next_packed (OaiJsonDoc *doc, OaiJsonNode node);
/* Makes the cell of such a number; NULL when node is none. */
G_GNUC_INTERNAL
const OaiJsonCell *oai_json_make_cell (OaiJsonDoc *doc, OaiJsonNode node, OaiJsonCell *cell);
/* Whether value is a whole number of 64 bits. */
G_GNUC_INTERNAL
gboolean oai_json_double_to_int (double value, gint64 *result);
/* A string of OAI_JSON_MIN_FLOATS bytes or more.  Its text is lent for as long as the document lives. */
G_GNUC_INTERNAL
const char *oai_json_get_long_string (OaiJsonDoc *doc, OaiJsonNode node, gsize *length);
G_GNUC_INTERNAL
void oai_json_write_long_string (GString *out, OaiJsonDoc *doc, OaiJsonNode node);
/* The text of a number as it came; NULL for any other node. */
G_GNUC_INTERNAL
const char *oai_json_get_digits (OaiJsonDoc *doc, OaiJsonNode node, gsize *length);

/* The cell of a node, or NULL.  made: where the one of a number in a packed array is made. */
static inline const OaiJsonCell *
oai_json_doc_get_cell (OaiJsonDoc *doc, OaiJsonNode node, OaiJsonCell *made)
{
  if (doc == NULL)
    return NULL;
  if (G_UNLIKELY (node >= doc->n_cells))
    return node == OAI_JSON_NONE ? NULL : oai_json_make_cell (doc, node, made);

  return &doc->cells[node];
}

static inline const char *
oai_json_doc_get_text (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  if (G_UNLIKELY ((cell->flags & OAI_JSON_CELL_SIDE) != 0))
    return doc->side->str + cell->offset;

  return doc->data + cell->offset;
}

/* The node behind one that has a cell, as all have but numbers in packed arrays. */
static inline OaiJsonNode
oai_json_doc_skip_cell (OaiJsonDoc *doc, OaiJsonNode node)
{
  const OaiJsonCell *cell = &doc->cells[node];

  return cell->type >= OAI_JSON_ARRAY ? cell->next : node + 1;
}

/* The node behind one, with all that is in it. */
static inline OaiJsonNode
oai_json_doc_skip (OaiJsonDoc *doc, OaiJsonNode node)
{
  return G_UNLIKELY (node >= doc->n_cells) ? oai_json_get_next_packed (doc, node) : oai_json_doc_skip_cell (doc, node);
}

/* Whether the eight bytes at p are digits. */
static inline gboolean
oai_json_are_digits (const void *p)
{
  const guint64 high = G_GUINT64_CONSTANT (0xf0f0f0f0f0f0f0f0);
  guint64 word;

  memcpy (&word, p, sizeof word);

  return ((word & high) | ((word + G_GUINT64_CONSTANT (0x0606060606060606)) & high) >> 4) == G_GUINT64_CONSTANT (0x3333333333333333);
}

/* Eight bytes, the first of them the lowest. */
static inline guint64
oai_json_load_word (const guchar *p)
{
  guint64 word;

  memcpy (&word, p, sizeof word);

  return GUINT64_FROM_LE (word);
}

/* How many digits a word begins with.  The sum carries from bytes that are none
 * into those behind them, which do not matter any more. */
static inline guint
oai_json_count_digits (guint64 word)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101);
  guint64 values = word ^ (ones * '0');
  guint64 others = (values | (values + ones * (0x80 - 10))) & (ones * 0x80);

  return others == 0 ? 8 : (guint) __builtin_ctzll (others) >> 3;
}

/* The first byte that is not plain ASCII text of a string (a quote, a
 * backslash, a control character or a byte of a longer sequence), or end. */
static inline G_ALWAYS_INLINE const guchar *
oai_json_scan_plain (const guchar *p, const guchar *end)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101);

#ifdef __SSE2__
  /* As signed numbers, both control characters and bytes with the high bit are below a space. */
  for (; end - p >= 16; p += 16)
    {
      __m128i bytes = _mm_loadu_si128 ((const __m128i *) (const void *) p);
      __m128i found = _mm_or_si128 (_mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('"')),
                                    _mm_or_si128 (_mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('\\')),
                                                  _mm_cmplt_epi8 (bytes, _mm_set1_epi8 (' '))));
      int mask = _mm_movemask_epi8 (found);

      if (mask != 0)
        return p + __builtin_ctz ((guint) mask);
    }
#endif
  for (; end - p >= 8; p += 8)
    {
      guint64 word, quote, slash, special;

      memcpy (&word, p, sizeof word);
      word = GUINT64_FROM_LE (word);
      quote = word ^ (ones * '"');
      slash = word ^ (ones * '\\');
      special = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((word - ones * 0x20) & ~word) | word;
      special &= ones * 0x80;
      if (special != 0)
        return p + (__builtin_ctzll (special) >> 3);
    }
  while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
    p++;

  return p;
}

/* The length of the UTF-8 sequence at p; where there is none, minus the number
 * of bytes that one replacement character stands for (as the WHATWG decodes). */
static inline int
oai_json_scan_utf8 (const guchar *p, const guchar *end)
{
  guchar low = 0x80, high = 0xbf;
  int length, i;

  if (*p < 0x80)
    return 1;
  if (*p < 0xc2 || *p > 0xf4)
    return -1;

  length = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
  if (*p == 0xe0)
    low = 0xa0;
  else if (*p == 0xed)
    high = 0x9f;
  else if (*p == 0xf0)
    low = 0x90;
  else if (*p == 0xf4)
    high = 0x8f;

  for (i = 1; i < length; i++)
    {
      if (p + i >= end || p[i] < low || p[i] > high)
        return -i;
      low = 0x80;
      high = 0xbf;
    }

  return length;
}

G_END_DECLS
