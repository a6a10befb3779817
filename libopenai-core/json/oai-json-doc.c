/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-doc-private.h"

#include <math.h>
#include <string.h>

#include "oai-error.h"
#include "oai-json-base64-floats-private.h"
#include "oai-json-beginning-private.h"
#include "oai-json-hash-private.h"
#include "oai-json-member-private.h"
#include "oai-json-number-private.h"
#include "oai-json-parser-private.h"
#include "oai-json-tape-private.h"

/* Objects with more members than this may get an index by name. */
#define INDEX_THRESHOLD 32
/* An index is created when lookups have passed this many times the number of cells of the
 * document. */
#define MAX_PASSES 8

/* Frees indexes and the texts that were created from values. */
static void
forget_made (OaiJsonDoc *doc)
{
  if (doc->texts.root != NULL)
    oai_atomic_map_clear (&doc->texts, g_free);
  if (doc->indexes.root != NULL)
    oai_atomic_map_clear (&doc->indexes, (GDestroyNotify) g_hash_table_unref);
  doc->n_passed = 0;
}

OaiJsonDoc *
oai_json_doc_new (void)
{
  OaiJsonDoc *doc = g_new0 (OaiJsonDoc, 1);

  doc->ref_count = 1;

  return doc;
}

/* Offsets have 32 bits, and OAI_JSON_NONE is not a valid one. */
static gboolean
check_length (gsize length, OaiJsonFlags flags, GError **error)
{
  if (length < G_MAXUINT32)
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, (flags & OAI_JSON_TOLERANT) != 0 ? OAI_ERROR_PROTOCOL : OAI_ERROR_INVALID_ARGUMENT,
                       "JSON of 4 GiB or more cannot be read");
  return FALSE;
}

gboolean
oai_json_doc_parse (OaiJsonDoc *doc, char *data, gsize length, OaiJsonFlags flags, GError **error)
{
  static char nothing[1];

  g_return_val_if_fail (doc != NULL, FALSE);
  g_return_val_if_fail (data != NULL || length == 0, FALSE);

  if (doc->owned != data)
    g_clear_pointer (&doc->owned, g_free);
  doc->data = data != NULL ? data : nothing;
  doc->n_cells = 0;
  forget_made (doc);
  if (!check_length (length, flags, error))
    return FALSE;

  return oai_json_parse_document (doc, length, flags, error);
}

OaiJsonDoc *
oai_json_doc_new_take (char *data, gsize length, OaiJsonFlags flags, GError **error)
{
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new ();

  doc->owned = data;
  if (!oai_json_doc_parse (doc, data, length, flags, error))
    return NULL;

  if (doc->n_allocated - doc->n_cells > doc->n_cells / 4)
    {
      doc->n_allocated = doc->n_cells;
      doc->cells = g_renew (OaiJsonCell, doc->cells, doc->n_allocated);
    }

  return g_steal_pointer (&doc);
}

OaiJsonDoc *
oai_json_doc_new_copy (const char *data, gssize length, OaiJsonFlags flags, GError **error)
{
  gsize size = length < 0 ? strlen (data) : (gsize) length;
  char *copy;

  if (!check_length (size, flags, error))
    return NULL;

  copy = g_malloc (size + 1);
  if (size > 0)
    memcpy (copy, data, size);
  copy[size] = '\0';

  return oai_json_doc_new_take (copy, size, flags, error);
}

OaiJsonDoc *
oai_json_doc_dup (OaiJsonDoc *doc)
{
  OaiJsonDoc *copy = oai_json_doc_new ();

  copy->owned = copy->data = g_malloc (doc->consumed + 1);
  memcpy (copy->owned, doc->data, doc->consumed);
  copy->owned[doc->consumed] = '\0';
  copy->consumed = doc->consumed;
  copy->cells = g_memdup2 (doc->cells, doc->n_cells * sizeof (OaiJsonCell));
  copy->n_cells = copy->n_allocated = doc->n_cells;
  copy->side = doc->side != NULL ? g_string_new_len (doc->side->str, (gssize) doc->side->len) : NULL;
  copy->shared = doc->shared != NULL ? g_array_ref (doc->shared) : NULL;
  copy->surrogates = doc->surrogates != NULL ? g_array_copy (doc->surrogates) : NULL;

  return copy;
}

OaiJsonDoc *
oai_json_doc_ref (OaiJsonDoc *doc)
{
  g_atomic_int_inc (&doc->ref_count);

  return doc;
}

void
oai_json_doc_unref (OaiJsonDoc *doc)
{
  if (!g_atomic_int_dec_and_test (&doc->ref_count))
    return;

  forget_made (doc);
  g_free (doc->owned);
  g_free (doc->cells);
  if (doc->side != NULL)
    g_string_free (doc->side, TRUE);
  g_clear_pointer (&doc->shared, g_array_unref);
  g_clear_pointer (&doc->surrogates, g_array_unref);
  g_clear_pointer (&doc->beginning, oai_json_beginning_free);
  g_free (doc);
}

gboolean
oai_json_doc_is_shared (OaiJsonDoc *doc)
{
  return g_atomic_int_get (&doc->ref_count) > 1;
}

/* Grows the bytes of a document to a power of two above length. */
static void
reserve (OaiJsonDoc *doc, gsize length)
{
  gsize size = 64;

  while (size <= length)
    size *= 2;
  doc->owned = g_realloc (doc->owned, size);
  doc->data = doc->owned;
}

gboolean
oai_json_doc_append (OaiJsonDoc *doc, const char *json, GError **error)
{
  gsize length = strlen (json), end;
  gboolean empty, added;

  g_return_val_if_fail (oai_json_get_type (doc, 0) == OAI_JSON_ARRAY && doc->cells[0].flags == 0, FALSE);
  g_return_val_if_fail (doc->owned != NULL && !oai_json_doc_is_shared (doc), FALSE);

  empty = doc->cells[0].length == 0;
  for (end = doc->consumed; doc->data[end - 1] != ']'; end--)
    ;
  if (!check_length (2 * (end + length), OAI_JSON_STRICT, error))
    return FALSE;

  forget_made (doc);
  reserve (doc, end + length + 2);
  memcpy (doc->data + end, json, length);
  added = oai_json_parse_element (doc, end, length, error);
  doc->data[end - 1] = empty ? ' ' : ',';
  if (added)
    end += length + 1;
  memcpy (doc->data + end - 1, "]", 2);
  doc->consumed = end;

  return added;
}

gsize
oai_json_doc_get_consumed (OaiJsonDoc *doc)
{
  return doc->consumed;
}

const char *
oai_json_keep_text (OaiJsonDoc *doc, OaiJsonNode node, char *text)
{
  return oai_atomic_map_add (&doc->texts, node, text, g_free);
}

const char *
oai_json_peek_text (OaiJsonDoc *doc, OaiJsonNode node)
{
  return oai_atomic_map_lookup (&doc->texts, node);
}

OaiJsonType
oai_json_get_type (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonCell made;
  const OaiJsonCell *cell = oai_json_doc_get_cell (doc, node, &made);

  return cell == NULL ? OAI_JSON_INVALID : (OaiJsonType) cell->type;
}

/* Long strings, which may be Base64 text that becomes floats in place. */

/* The floats of a decoded cell: their address is a multiple of four. */
static inline guint8 *
get_floats (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  char *text = doc->data + cell->offset;

  return (guint8 *) text + (-(guintptr) text & (sizeof (float) - 1));
}

/* Base64 text is so much longer than its data that the size of the floats fits at the end of the
 * text. */
static inline guint8 *
get_size_address (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  return (guint8 *) doc->data + cell->offset + cell->length - sizeof (guint32);
}

static gsize
get_size (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  guint32 size;

  memcpy (&size, get_size_address (doc, cell), sizeof size);

  return size;
}

/* Changes the state of a text from TEXT to wanted, LENT or DECODING; waits while another thread
 * decodes it.  Returns the new state: wanted, or LENT or FLOATS if the text already had that
 * state. */
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

static inline const char *
get_long_text (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  if ((cell->flags & OAI_JSON_CELL_SHARED) != 0)
    return g_array_index (doc->shared, OaiJsonSharedText, cell->offset).text;

  return oai_json_doc_get_text (doc, cell);
}

static char *
encode_cell (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  return oai_json_base64_floats_encode (get_floats (doc, cell), get_size (doc, cell));
}

/* For strings of OAI_JSON_MIN_FLOATS bytes or more. */
static G_GNUC_NO_INLINE const char *
get_long_string (OaiJsonDoc *doc, OaiJsonNode node, gsize *length)
{
  OaiJsonCell *cell = &doc->cells[node];
  const char *text;

  if (claim_text (cell, OAI_JSON_LENT) == OAI_JSON_LENT)
    {
      if (length != NULL)
        *length = cell->length;
      return get_long_text (doc, cell);
    }

  text = oai_json_peek_text (doc, node);
  if (text == NULL)
    text = oai_json_keep_text (doc, node, encode_cell (doc, cell));
  if (length != NULL)
    *length = strlen (text);

  return text;
}

const char *
oai_json_peek_string (OaiJsonDoc *doc, OaiJsonNode node, gsize *length, char **encoded)
{
  OaiJsonCell *cell = &doc->cells[node];

  if (claim_text (cell, OAI_JSON_LENT) == OAI_JSON_LENT)
    {
      *length = cell->length;
      return get_long_text (doc, cell);
    }

  *encoded = encode_cell (doc, cell);
  *length = strlen (*encoded);

  return *encoded;
}

const char *
oai_json_get_string (OaiJsonDoc *doc, OaiJsonNode node, gsize *length)
{
  OaiJsonCell made;
  const OaiJsonCell *cell = oai_json_doc_get_cell (doc, node, &made);
  gboolean is_string = cell != NULL && cell->type == OAI_JSON_STRING;

  if (is_string && cell->length >= OAI_JSON_MIN_FLOATS)
    return get_long_string (doc, node, length);
  if (length != NULL)
    *length = is_string ? cell->length : 0;

  return is_string ? oai_json_doc_get_text (doc, cell) : NULL;
}

const char *
oai_json_get_digits (OaiJsonDoc *doc, OaiJsonNode node, gsize *length)
{
  OaiJsonCell made;
  const OaiJsonCell *cell = oai_json_doc_get_cell (doc, node, &made);

  if (cell == NULL || (cell->type != OAI_JSON_INT && cell->type != OAI_JSON_DOUBLE) || (cell->flags & OAI_JSON_CELL_NOT_FINITE) != 0)
    return NULL;

  *length = cell->length;
  return oai_json_doc_get_text (doc, cell);
}

gboolean
oai_json_get_int (OaiJsonDoc *doc, OaiJsonNode node, gint64 *value)
{
  OaiJsonCell made;
  const OaiJsonCell *cell = oai_json_doc_get_cell (doc, node, &made);

  if (cell == NULL)
    return FALSE;
  if (cell->type == OAI_JSON_INT)
    {
      *value = oai_json_number_to_int (oai_json_doc_get_text (doc, cell), cell->length);
      return TRUE;
    }
  if (cell->type != OAI_JSON_DOUBLE || cell->flags != 0)
    return FALSE;

  return oai_json_double_to_int (oai_json_number_to_double (oai_json_doc_get_text (doc, cell), cell->length), value);
}

gboolean
oai_json_get_double (OaiJsonDoc *doc, OaiJsonNode node, double *value)
{
  OaiJsonCell made;
  const OaiJsonCell *cell = oai_json_doc_get_cell (doc, node, &made);
  const char *text;

  if (cell == NULL || (cell->type != OAI_JSON_INT && cell->type != OAI_JSON_DOUBLE))
    return FALSE;

  text = oai_json_doc_get_text (doc, cell);
  if ((cell->flags & OAI_JSON_CELL_NOT_FINITE) != 0)
    *value = *text == 'N' ? NAN : *text == '-' ? -INFINITY : INFINITY;
  else
    *value = oai_json_number_to_double (text, cell->length);

  return TRUE;
}

gboolean
oai_json_get_truncated_int (OaiJsonDoc *doc, OaiJsonNode node, gint64 *value)
{
  double number;

  if (oai_json_get_int (doc, node, value))
    return TRUE;

  return oai_json_get_double (doc, node, &number) && oai_json_double_to_int (trunc (number), value);
}

gboolean
oai_json_get_boolean (OaiJsonDoc *doc, OaiJsonNode node, gboolean *value)
{
  OaiJsonCell made;
  const OaiJsonCell *cell = oai_json_doc_get_cell (doc, node, &made);

  if (cell == NULL || cell->type != OAI_JSON_BOOLEAN)
    return FALSE;

  *value = cell->length != 0;
  return TRUE;
}

guint
oai_json_get_size (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonCell made;
  const OaiJsonCell *cell = oai_json_doc_get_cell (doc, node, &made);

  if (cell == NULL || (cell->type != OAI_JSON_ARRAY && cell->type != OAI_JSON_OBJECT))
    return 0;

  return cell->length;
}

static GHashTable *
make_index (OaiJsonDoc *doc, OaiJsonNode object)
{
  GHashTable *index = g_hash_table_new (oai_json_hash_name, g_str_equal);
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;

  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &name, &node))
    g_hash_table_insert (index, (gpointer) name, GUINT_TO_POINTER (node));

  return index;
}

/* Returns the index of a large object, or NULL if there have not been enough lookups to create
 * one. */
static GHashTable *
get_index (OaiJsonDoc *doc, OaiJsonNode object, guint n_members)
{
  GHashTable *index = oai_atomic_map_lookup (&doc->indexes, object);

  if (index != NULL)
    return index;
  if (g_atomic_pointer_add (&doc->n_passed, (gssize) n_members) < (gssize) doc->n_cells * MAX_PASSES)
    return NULL;

  return oai_atomic_map_add (&doc->indexes, object, make_index (doc, object), (GDestroyNotify) g_hash_table_unref);
}

/* Returns the cell of a node, or NULL if the node has no cell and so cannot be a container. */
static inline const OaiJsonCell *
get_container (OaiJsonDoc *doc, OaiJsonNode node)
{
  return doc != NULL && node < doc->n_cells ? &doc->cells[node] : NULL;
}

OaiJsonNode
oai_json_get_member (OaiJsonDoc *doc, OaiJsonNode object, const char *name)
{
  const OaiJsonCell *cell = get_container (doc, object);
  OaiJsonNode found = OAI_JSON_NONE;
  OaiJsonMember member;
  gsize length;

  if (cell == NULL || cell->type != OAI_JSON_OBJECT)
    return OAI_JSON_NONE;
  if (G_UNLIKELY (cell->length > INDEX_THRESHOLD))
    {
      GHashTable *index = get_index (doc, object, cell->length);

      if (index != NULL)
        {
          found = GPOINTER_TO_UINT (g_hash_table_lookup (index, name));
          return found != 0 ? found : OAI_JSON_NONE;
        }
    }

  length = strlen (name);
  oai_json_member_init (&member, doc, object);
  while (oai_json_member_next (&member))
    if (oai_json_member_has_name (&member, name, length))
      found = member.value;

  return found;
}

OaiJsonType
oai_json_get_first_type (OaiJsonDoc *doc, OaiJsonNode array)
{
  OaiJsonCell made;
  const OaiJsonCell *cell = oai_json_doc_get_cell (doc, array, &made);

  if (cell == NULL || cell->type != OAI_JSON_ARRAY || cell->length == 0)
    return OAI_JSON_INVALID;

  return (cell->flags & OAI_JSON_CELL_NUMBER_ARRAY) != 0 ? OAI_JSON_DOUBLE : (OaiJsonType) doc->cells[array + 1].type;
}

/* Returns the first node of a container that is not empty. */
static inline OaiJsonNode
get_first (OaiJsonDoc *doc, OaiJsonNode node, const OaiJsonCell *cell)
{
  return G_UNLIKELY ((cell->flags & OAI_JSON_CELL_NUMBER_ARRAY) != 0) ? oai_json_get_first_number (doc, cell) : node + 1;
}

OaiJsonNode
oai_json_get_element (OaiJsonDoc *doc, OaiJsonNode array, guint index)
{
  OaiJsonCell made;
  const OaiJsonCell *cell = oai_json_doc_get_cell (doc, array, &made);
  OaiJsonNode at;

  if (cell == NULL || cell->type != OAI_JSON_ARRAY || index >= cell->length)
    return OAI_JSON_NONE;

  at = get_first (doc, array, cell);
  while (index-- > 0)
    at = oai_json_doc_skip (doc, at);

  return at;
}

static gboolean
decode_cell (OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  char *text = doc->data + cell->offset;
  guint8 *floats = get_floats (doc, cell);
  guint32 short_size;
  gsize size;

  if (!oai_json_base64_floats_decode_in_place (text, cell->length, &size))
    return FALSE;
  memmove (floats, text, size);
  short_size = (guint32) size;
  memcpy (get_size_address (doc, cell), &short_size, sizeof short_size);

  return TRUE;
}

/* The cells of numbers are consecutive. */
static GBytes *
convert_array (OaiJsonDoc *doc, OaiJsonNode node)
{
  guint n = doc->cells[node].length;
  float *floats = g_new (float, MAX (n, 1));

  if ((doc->cells[node].flags & OAI_JSON_CELL_NUMBER_ARRAY) != 0)
    {
      oai_json_read_number_array (doc, &doc->cells[node], floats);
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

/* Returns a reference to text that was already decoded. */
static GBytes *
convert_long_text (OaiJsonDoc *doc, OaiJsonCell *cell)
{
  OaiJsonTextState state = claim_text (cell, OAI_JSON_DECODING);

  if (state == OAI_JSON_LENT)
    return oai_json_base64_floats_decode (get_long_text (doc, cell), cell->length);
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

  return cell->length < OAI_JSON_MIN_FLOATS ? oai_json_base64_floats_decode (doc->data + cell->offset, cell->length) : convert_long_text (doc, cell);
}

/* Iteration */

void
oai_json_iter_init (OaiJsonIter *iter, OaiJsonDoc *doc, OaiJsonNode container)
{
  const OaiJsonCell *cell = get_container (doc, container);
  gboolean filled = cell != NULL && cell->type >= OAI_JSON_ARRAY;

  iter->doc = doc;
  iter->left = filled ? cell->length : 0;
  iter->object = filled && cell->type == OAI_JSON_OBJECT;
  iter->next = filled ? get_first (doc, container, cell) : container;
}

void
oai_json_iter_init_members (OaiJsonIter *iter, OaiJsonDoc *doc, OaiJsonNode object)
{
  oai_json_iter_init (iter, doc, object);
  if (!iter->object)
    iter->left = 0;
}

/* A separate function, so that iterating over members, the common case, needs no stack. */
static G_GNUC_NO_INLINE gboolean
next_element (OaiJsonIter *iter, const char **name, OaiJsonNode *value)
{
  if (name != NULL)
    *name = NULL;
  *value = iter->next;
  iter->next = oai_json_doc_skip (iter->doc, iter->next);

  return TRUE;
}

gboolean
oai_json_iter_next (OaiJsonIter *iter, const char **name, OaiJsonNode *value)
{
  OaiJsonNode at = iter->next;
  const OaiJsonCell *cell;

  if (iter->left == 0)
    return FALSE;

  iter->left--;
  if (!iter->object)
    return next_element (iter, name, value);

  /* The cell of a member follows that of its name. */
  cell = &iter->doc->cells[at];
  if (name != NULL)
    *name = oai_json_doc_get_text (iter->doc, cell);
  cell++;
  *value = at + 1;
  iter->next = cell->type >= OAI_JSON_ARRAY ? cell->next : at + 2;

  return TRUE;
}
