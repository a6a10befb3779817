/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tape of a document: an array of cells in the order of the text.  A container is
 * followed by its elements, or by name and value of each member.  The index of a cell is
 * the node of its value.
 *
 * A long array of only numbers is a number array.  It has one cell.  The node of each of its
 * numbers is the number of cells plus the offset of the text of the number. */

#pragma once

#include "oai-atomic-map-private.h"
#include "oai-json-types-private.h"

G_BEGIN_DECLS

#define OAI_JSON_MAX_DEPTH 512
#define OAI_JSON_MAX_OWN_DEPTH 2048

typedef enum
{
  OAI_JSON_CELL_SIDE = 1 << 0,        /* the string is in the side buffer, not in the data */
  OAI_JSON_CELL_BIG = 1 << 1,         /* an integer that does not fit 64 bits */
  OAI_JSON_CELL_NOT_FINITE = 1 << 2,  /* NaN, Infinity, -Infinity */
  OAI_JSON_CELL_NUMBER_ARRAY = 1 << 3, /* offset is the position of the bracket */
  OAI_JSON_CELL_SHARED = 1 << 4       /* the string, of at least OAI_JSON_MIN_FLOATS bytes, is a shared text; offset is its index */
} OaiJsonCellFlags;

/* A string of at least this many bytes may be Base64 text that is decoded in place. */
#define OAI_JSON_MIN_FLOATS 64

/* State of such a string, atomic. */
typedef enum
{
  OAI_JSON_TEXT,     /* text that was not borrowed */
  OAI_JSON_LENT,     /* text that was borrowed, and must not change */
  OAI_JSON_DECODING, /* being decoded by a thread */
  OAI_JSON_FLOATS    /* 32-bit floats */
} OaiJsonTextState;

/* Does not change after parsing, except for the state. */
typedef struct
{
  guint32 next;   /* of a container: the node after it; during parsing, its parent */
  guint32 offset; /* of the text of a string or number */
  guint32 length; /* of that text; number of members or elements; value of a boolean */
  guint8 type;    /* OaiJsonType */
  guint8 state;   /* OaiJsonTextState */
  guint16 flags;  /* OaiJsonCellFlags */
} OaiJsonCell;

G_STATIC_ASSERT (sizeof (OaiJsonCell) == 16);

/* A string that begins or ends with a lone surrogate, which reads as U+FFFD. */
typedef struct
{
  OaiJsonNode node;
  gunichar low;  /* the surrogate at the beginning, or 0 */
  gunichar high; /* the surrogate at the end, or 0 */
} OaiJsonSurrogates;

/* A text that the document shares with a value. */
typedef struct
{
  const char *text;
  GBytes *bytes; /* owns the text */
} OaiJsonSharedText;

typedef struct _OaiJsonBeginning OaiJsonBeginning;

struct _OaiJsonDoc
{
  int ref_count; /* atomic */
  char *data;
  char *owned; /* data, if the document owns it */
  gsize consumed;
  OaiJsonCell *cells;
  guint32 n_cells;
  guint32 n_allocated;
  GString *side;        /* strings that grew when invalid bytes were replaced */
  GArray *shared;       /* OaiJsonSharedText, or NULL */
  GArray *surrogates;   /* OaiJsonSurrogates, or NULL */
  OaiJsonBeginning *beginning; /* of the previous text, or NULL */
  OaiAtomicMap texts;   /* node → text that was created from it and borrowed */
  OaiAtomicMap indexes; /* large object → GHashTable, name → node */
  gssize n_passed;      /* number of members that lookups in large objects have passed; atomic */
};

/* Notes the lone surrogates of a string; after the first 128 strings they are ignored. */
G_GNUC_INTERNAL
void oai_json_doc_add_surrogates (OaiJsonDoc *doc, OaiJsonNode node, gunichar low, gunichar high);

/* Scans the numbers of an array from the first one.  Returns the end of the array, or NULL if it is
 * short, contains other values or is invalid. */
G_GNUC_INTERNAL
const guchar *oai_json_scan_number_array (const guchar *p, const guchar *end, guint *n_numbers);
G_GNUC_INTERNAL
void oai_json_read_number_array (OaiJsonDoc *doc, const OaiJsonCell *cell, float *floats);
G_GNUC_INTERNAL
void oai_json_write_number_array (GString *out, OaiJsonDoc *doc, const OaiJsonCell *cell);
/* Return the nodes of the numbers of a number array. */
G_GNUC_INTERNAL
OaiJsonNode oai_json_get_first_number (OaiJsonDoc *doc, const OaiJsonCell *cell);
G_GNUC_INTERNAL
OaiJsonNode oai_json_get_next_number (OaiJsonDoc *doc, OaiJsonNode node);
/* Fills in the cell of such a node; returns NULL for other nodes. */
G_GNUC_INTERNAL
const OaiJsonCell *oai_json_make_number_cell (OaiJsonDoc *doc, OaiJsonNode node, OaiJsonCell *cell);

/* Returns the cell of a node, or NULL.  made: memory for the cell of a number of a number array. */
static inline const OaiJsonCell *
oai_json_doc_get_cell (OaiJsonDoc *doc, OaiJsonNode node, OaiJsonCell *made)
{
  if (doc == NULL)
    return NULL;
  if (G_UNLIKELY (node >= doc->n_cells))
    return node == OAI_JSON_NONE ? NULL : oai_json_make_number_cell (doc, node, made);

  return &doc->cells[node];
}

/* For numbers, and for strings that are not shared. */
static inline const char *
oai_json_doc_get_text (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  if (G_UNLIKELY ((cell->flags & OAI_JSON_CELL_SIDE) != 0))
    return doc->side->str + cell->offset;

  return doc->data + cell->offset;
}

/* Returns the node after a value that has a cell. */
static inline OaiJsonNode
oai_json_doc_skip_cell (OaiJsonDoc *doc, OaiJsonNode node)
{
  const OaiJsonCell *cell = &doc->cells[node];

  return cell->type >= OAI_JSON_ARRAY ? cell->next : node + 1;
}

/* Returns the node after any value. */
static inline OaiJsonNode
oai_json_doc_skip (OaiJsonDoc *doc, OaiJsonNode node)
{
  return G_UNLIKELY (node >= doc->n_cells) ? oai_json_get_next_number (doc, node) : oai_json_doc_skip_cell (doc, node);
}

G_END_DECLS
