/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-builder-private.h"

#include <string.h>

#include "oai-json-doc-private.h"
#include "oai-json-number-private.h"
#include "oai-json-scan-private.h"
#include "oai-json-tape-private.h"
#include "oai-json-writer-private.h"

/* Strings of values of at least this many bytes are shared rather than copied.  Malloc maps memory
 * of this size, so that space at its end that a value has reserved takes no pages. */
#define MIN_SHARED (128 * 1024)

struct _OaiJsonBuilder
{
  GString *data;    /* texts of strings, each with a NUL, and of numbers */
  GArray *cells;    /* OaiJsonCell */
  GArray *shared;   /* OaiJsonSharedText, or NULL */
  OaiJsonNode open; /* the innermost open container; its cell refers to its parent */
};

static OaiJsonCell *
get_cell (OaiJsonBuilder *self, OaiJsonNode node)
{
  return &g_array_index (self->cells, OaiJsonCell, node);
}

static void
push (OaiJsonBuilder *self, OaiJsonType type, guint flags, gsize offset, gsize length)
{
  OaiJsonCell cell = { .offset = (guint32) offset, .length = (guint32) length, .type = (guint8) type, .flags = (guint16) flags };

  g_array_append_val (self->cells, cell);
}

/* Faster than g_utf8_validate_len(). */
static gboolean
is_valid (const char *text, gsize length)
{
  const guchar *p = (const guchar *) text, *end = p + length;

  while ((p = oai_json_scan_plain (p, end)) < end)
    {
      int sequence = *p == '\0' ? -1 : *p < 0x80 ? 1 : oai_json_scan_utf8 (p, end);

      if (sequence < 0)
        return FALSE;
      p += sequence;
    }

  return TRUE;
}

/* Appends text, with U+FFFD in place of invalid bytes. */
static void
append_repaired (GString *out, const char *text, gsize length)
{
  const guchar *p = (const guchar *) text, *end = p + length;

  while (p < end)
    {
      int sequence = *p == '\0' ? -1 : oai_json_scan_utf8 (p, end);

      if (sequence > 0)
        g_string_append_len (out, (const char *) p, sequence);
      else
        g_string_append (out, OAI_JSON_REPLACEMENT);
      p += ABS (sequence);
    }
}

static void
push_string (OaiJsonBuilder *self, const char *text, gssize length)
{
  gsize offset = self->data->len, size = length < 0 ? strlen (text) : (gsize) length;

  if (size > (G_MAXUINT32 - offset) / 4)
    {
      push (self, OAI_JSON_NULL, 0, offset, 0);
      return;
    }
  if (is_valid (text, size))
    g_string_append_len (self->data, text, (gssize) size);
  else
    append_repaired (self->data, text, size);
  push (self, OAI_JSON_STRING, 0, offset, self->data->len - offset);
  g_string_append_c (self->data, '\0');
}

static void
push_number (OaiJsonBuilder *self, OaiJsonType type, guint flags, const char *digits, gsize length)
{
  gsize offset = self->data->len;

  g_string_append_len (self->data, digits, (gssize) length);
  push (self, type, flags, offset, length);
  g_string_append_c (self->data, '\0');
}

/* digits: text of a number, or null. */
static void
push_digits (OaiJsonBuilder *self, const GString *digits)
{
  gboolean whole = strpbrk (digits->str, ".e") == NULL;
  gboolean fits = whole && oai_json_number_fits (digits->str, digits->len);

  if (*digits->str == 'n')
    push (self, OAI_JSON_NULL, 0, self->data->len, 0);
  else
    push_number (self, fits ? OAI_JSON_INT : OAI_JSON_DOUBLE, whole && !fits ? OAI_JSON_CELL_BIG : 0, digits->str, digits->len);
}

static void
begin_value (OaiJsonBuilder *self, const char *name)
{
  OaiJsonCell *container;

  if (self->cells->len == 0)
    return;

  container = get_cell (self, self->open);
  g_assert ((container->type == OAI_JSON_OBJECT) == (name != NULL));

  container->length++;
  if (name != NULL)
    push_string (self, name, -1);
}

static void
push_container (OaiJsonBuilder *self, OaiJsonType type)
{
  OaiJsonNode parent = self->open;

  self->open = self->cells->len;
  push (self, type, 0, self->data->len, 0);
  get_cell (self, self->open)->next = parent;
}

static void
close_container (OaiJsonBuilder *self)
{
  OaiJsonCell *cell = get_cell (self, self->open);

  self->open = cell->next;
  cell->next = self->cells->len;
}

OaiJsonBuilder *
oai_json_builder_new (void)
{
  OaiJsonBuilder *self = g_new0 (OaiJsonBuilder, 1);

  self->data = g_string_sized_new (256);
  self->cells = g_array_new (FALSE, FALSE, sizeof (OaiJsonCell));
  self->open = OAI_JSON_NONE;

  return self;
}

OaiJsonBuilder *
oai_json_builder_new_object (void)
{
  OaiJsonBuilder *self = oai_json_builder_new ();

  push_container (self, OAI_JSON_OBJECT);

  return self;
}

OaiJsonBuilder *
oai_json_builder_new_array (void)
{
  OaiJsonBuilder *self = oai_json_builder_new ();

  push_container (self, OAI_JSON_ARRAY);

  return self;
}

void
oai_json_builder_free (OaiJsonBuilder *self)
{
  g_string_free (self->data, TRUE);
  g_array_unref (self->cells);
  g_clear_pointer (&self->shared, g_array_unref);
  g_free (self);
}

OaiJsonDoc *
oai_json_builder_finish (OaiJsonBuilder *self)
{
  OaiJsonDoc *doc = oai_json_doc_new ();

  while (self->open != OAI_JSON_NONE)
    close_container (self);

  /* oai_json_doc_append() requires a bracket at the end. */
  g_string_append_c (self->data, ']');
  doc->n_cells = doc->n_allocated = self->cells->len;
  doc->cells = (OaiJsonCell *) (gpointer) g_array_free (self->cells, FALSE);
  doc->shared = self->shared;
  doc->consumed = self->data->len;
  doc->data = doc->owned = g_string_free (self->data, FALSE);
  g_free (self);

  return doc;
}

char *
oai_json_builder_finish_text (OaiJsonBuilder *self)
{
  g_autoptr (OaiJsonDoc) doc = oai_json_builder_finish (self);

  return oai_json_dup_node (doc, 0);
}

void
oai_json_builder_begin_object (OaiJsonBuilder *self, const char *name)
{
  begin_value (self, name);
  push_container (self, OAI_JSON_OBJECT);
}

void
oai_json_builder_begin_array (OaiJsonBuilder *self, const char *name)
{
  begin_value (self, name);
  push_container (self, OAI_JSON_ARRAY);
}

void
oai_json_builder_end (OaiJsonBuilder *self)
{
  g_return_if_fail (self->open != 0);

  close_container (self);
}

void
oai_json_builder_add_null (OaiJsonBuilder *self, const char *name)
{
  begin_value (self, name);
  push (self, OAI_JSON_NULL, 0, self->data->len, 0);
}

void
oai_json_builder_add_boolean (OaiJsonBuilder *self, const char *name, gboolean value)
{
  begin_value (self, name);
  push (self, OAI_JSON_BOOLEAN, 0, self->data->len, value ? 1 : 0);
}

void
oai_json_builder_add_int (OaiJsonBuilder *self, const char *name, gint64 value)
{
  g_autoptr (GString) digits = g_string_new (NULL);

  begin_value (self, name);
  oai_json_write_int (digits, value);
  push_digits (self, digits);
}

void
oai_json_builder_add_double (OaiJsonBuilder *self, const char *name, double value)
{
  g_autoptr (GString) digits = g_string_new (NULL);

  begin_value (self, name);
  oai_json_write_double (digits, value);
  push_digits (self, digits);
}

void
oai_json_builder_add_string (OaiJsonBuilder *self, const char *name, const char *text, gssize length)
{
  begin_value (self, name);
  push_string (self, text, length);
}

static void
push_number_array (OaiJsonBuilder *self, OaiJsonDoc *doc, const OaiJsonCell *cell)
{
  OaiJsonNode array = self->cells->len;

  push (self, OAI_JSON_ARRAY, OAI_JSON_CELL_NUMBER_ARRAY, self->data->len, cell->length);
  get_cell (self, array)->next = array + 1;
  oai_json_write_number_array (self->data, doc, cell);
}

static void push_node (OaiJsonBuilder *self, OaiJsonDoc *doc, OaiJsonNode node);

static void
push_children (OaiJsonBuilder *self, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode child;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &child))
    {
      begin_value (self, name);
      push_node (self, doc, child);
    }
}

static void
push_node (OaiJsonBuilder *self, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonCell made;
  const OaiJsonCell *cell = oai_json_doc_get_cell (doc, node, &made);
  OaiJsonType type = cell != NULL ? (OaiJsonType) cell->type : OAI_JSON_NULL;
  g_autofree char *encoded = NULL;
  const char *text;
  gsize length;

  if (type == OAI_JSON_STRING)
    {
      text = oai_json_peek_string (doc, node, &length, &encoded);
      push_string (self, text, (gssize) length);
    }
  else if (type == OAI_JSON_INT || type == OAI_JSON_DOUBLE)
    {
      push_number (self, type, cell->flags, oai_json_doc_get_text (doc, cell), cell->length);
    }
  else if (type < OAI_JSON_ARRAY)
    {
      push (self, type, 0, self->data->len, type == OAI_JSON_BOOLEAN ? cell->length : 0);
    }
  else if ((cell->flags & OAI_JSON_CELL_NUMBER_ARRAY) != 0)
    {
      push_number_array (self, doc, cell);
    }
  else
    {
      push_container (self, type);
      push_children (self, doc, node);
      close_container (self);
    }
}

void
oai_json_builder_add_node (OaiJsonBuilder *self, const char *name, OaiJsonDoc *doc, OaiJsonNode node)
{
  begin_value (self, name);
  push_node (self, doc, node);
}

void
oai_json_builder_add_members (OaiJsonBuilder *self, OaiJsonDoc *doc, OaiJsonNode object)
{
  g_return_if_fail (oai_json_get_type (doc, object) == OAI_JSON_OBJECT);

  push_children (self, doc, object);
}

static void
shared_text_clear (gpointer data)
{
  g_bytes_unref (((OaiJsonSharedText *) data)->bytes);
}

/* The text counts as borrowed, so that it is not decoded in place. */
static void
push_shared (OaiJsonBuilder *self, OaiJsonValue *string, gsize length)
{
  OaiJsonSharedText shared = { .bytes = oai_json_value_share_string (string) };

  shared.text = g_bytes_get_data (shared.bytes, NULL);
  if (self->shared == NULL)
    {
      self->shared = g_array_new (FALSE, FALSE, sizeof (OaiJsonSharedText));
      g_array_set_clear_func (self->shared, shared_text_clear);
    }
  push (self, OAI_JSON_STRING, OAI_JSON_CELL_SHARED, self->shared->len, length);
  get_cell (self, self->cells->len - 1)->state = OAI_JSON_LENT;
  g_array_append_val (self->shared, shared);
}

static void
push_string_of_value (OaiJsonBuilder *self, OaiJsonValue *string)
{
  gsize length;
  const char *text = oai_json_value_get_string (string, &length);

  if (length >= MIN_SHARED && length < G_MAXUINT32 && is_valid (text, length))
    push_shared (self, string, length);
  else
    push_string (self, text, (gssize) length);
}

static void
open_container_of_value (OaiJsonBuilder *self, OaiJsonValue *value)
{
  gboolean is_object = oai_json_value_get_type (value) == OAI_JSON_OBJECT;

  push_container (self, oai_json_value_get_type (value));
  for (guint i = 0; i < oai_json_value_get_size (value); i++)
    {
      const char *name = NULL;
      OaiJsonValue *child = is_object ? oai_json_value_get_nth_member (value, i, &name) : oai_json_value_get_element (value, i);

      oai_json_builder_add_value (self, name, child);
    }
}

static void
push_value (OaiJsonBuilder *self, OaiJsonValue *value)
{
  g_autoptr (GString) digits = NULL;

  switch (oai_json_value_get_type (value))
    {
    case OAI_JSON_OBJECT:
    case OAI_JSON_ARRAY:
      open_container_of_value (self, value);
      close_container (self);
      break;
    case OAI_JSON_STRING:
      push_string_of_value (self, value);
      break;
    case OAI_JSON_BOOLEAN:
      push (self, OAI_JSON_BOOLEAN, 0, self->data->len, oai_json_value_get_boolean (value) ? 1 : 0);
      break;
    case OAI_JSON_INT:
    case OAI_JSON_DOUBLE:
      digits = g_string_new (NULL);
      oai_json_write_value (digits, value);
      push_digits (self, digits);
      break;
    case OAI_JSON_NULL:
    case OAI_JSON_INVALID:
    default:
      push (self, OAI_JSON_NULL, 0, self->data->len, 0);
      break;
    }
}

void
oai_json_builder_add_value (OaiJsonBuilder *self, const char *name, OaiJsonValue *value)
{
  begin_value (self, name);
  push_value (self, value);
}

void
oai_json_builder_begin_value (OaiJsonBuilder *self, const char *name, OaiJsonValue *value)
{
  begin_value (self, name);
  open_container_of_value (self, value);
}

OaiJsonDoc *
oai_json_doc_new_from_value (OaiJsonValue *value)
{
  OaiJsonBuilder *self = oai_json_builder_new ();

  oai_json_builder_add_value (self, NULL, value);

  return oai_json_builder_finish (self);
}
