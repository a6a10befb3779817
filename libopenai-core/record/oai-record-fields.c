/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the one-line accessors of compiled API descriptions call. */

#include "oai-record-impl-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"

#include <string.h>

gboolean
oai_record_check_field (OaiRecord *self, guint field)
{
  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (field < oai_record_get_schema (self)->n_fields, FALSE);

  return TRUE;
}

const OaiField *
oai_record_get_field (OaiRecord *self, guint field)
{
  return &oai_record_get_schema (self)->fields[field];
}

gboolean
oai_record_begin_set (OaiRecord *self, guint field)
{
  return oai_record_check_field (self, field) && oai_record_check_writable (self);
}

OaiSlot *
oai_record_look (OaiRecord *self, guint field, OaiView *view)
{
  oai_record_view (self, oai_record_get_head (self, field), view);
  if (view->kind == OAI_VIEW_VALUE && view->field == field)
    return oai_record_peek_value (self, field);
  if (view->kind == OAI_VIEW_VALUE || (view->kind == OAI_VIEW_NODE && oai_record_is_other (self, field, view->doc, view->node)))
    view->kind = OAI_VIEW_ABSENT;

  return NULL;
}

OaiSlot *
oai_record_keep (OaiRecord *self, guint field, OaiSlotValue value)
{
  OaiSlot *slot = oai_record_ensure_slot (self, field);

  if (g_atomic_int_compare_and_exchange (&slot->has_value, OAI_SLOT_IS_EMPTY, OAI_SLOT_IS_FILLED))
    {
      slot->value = value;
      g_atomic_int_set (&slot->has_value, OAI_SLOT_HAS_VALUE);
      return slot;
    }

  oai_record_clear_value (oai_record_get_field (self, field), &value);
  while (g_atomic_int_get (&slot->has_value) != OAI_SLOT_HAS_VALUE)
    g_thread_yield ();

  return slot;
}

void
oai_record_unset_field (OaiRecord *self, guint field)
{
  oai_record_put_state (self, oai_record_get_head (self, field), OAI_SLOT_UNSET);
}

/**
 * oai_record_field_is_set: (skip)
 * @self: a record
 * @field: index of a field in the schema
 *
 * Whether the member is there, is not null, and is of the kind of this field
 * where it has alternatives.
 *
 * Since: 1.0
 */
gboolean
oai_record_field_is_set (OaiRecord *self, guint field)
{
  OaiView view;

  if (!oai_record_check_field (self, field))
    return FALSE;
  oai_record_view (self, oai_record_get_head (self, field), &view);
  if (view.kind == OAI_VIEW_VALUE)
    return view.field == field;
  if (view.kind != OAI_VIEW_NODE || (oai_record_get_head (self, field) == field && oai_record_is_last (oai_record_get_schema (self), field)))
    return view.kind == OAI_VIEW_NODE || view.kind == OAI_VIEW_TAG;

  return oai_record_accepts (oai_record_get_field (self, field), view.doc, view.node);
}

/**
 * oai_record_get_field_string: (skip)
 * @self: a record
 * @field: index of a STRING field
 *
 * The string; a number gives its digits and an object its JSON text, since
 * servers send these where strings belong.
 *
 * Since: 1.0
 */
const char *
oai_record_get_field_string (OaiRecord *self, guint field)
{
  OaiView view;
  OaiSlot *slot;
  const char *text;
  char *made;

  if (!oai_record_check_field (self, field))
    return NULL;
  slot = oai_record_look (self, field, &view);
  if (slot != NULL)
    return slot->value.text;
  if (view.kind == OAI_VIEW_TAG)
    return view.tag;
  if (view.kind != OAI_VIEW_NODE)
    return NULL;

  text = oai_json_get_string (view.doc, view.node, NULL);
  if (text != NULL)
    return text;
  slot = oai_record_peek_value (self, field);
  if (slot != NULL)
    return slot->value.text;
  made = oai_record_make_text (view.doc, view.node);

  return made != NULL ? oai_record_keep (self, field, (OaiSlotValue) { .text = made })->value.text : NULL;
}

/**
 * oai_record_set_field_string: (skip)
 * @self: a writable record
 * @field: index of a STRING field
 * @value: (nullable): the string; %NULL leaves the member out
 *
 * Since: 1.0
 */
void
oai_record_set_field_string (OaiRecord *self, guint field, const char *value)
{
  gboolean changed;

  if (!oai_record_begin_set (self, field))
    return;
  if (value == NULL)
    {
      oai_record_unset_field (self, field);
      return;
    }

  changed = g_strcmp0 (oai_record_get_field_string (self, field), value) != 0;
  oai_record_put_value (self, field, (OaiSlotValue) { .text = g_strdup (value) }, changed);
}

/**
 * oai_record_get_field_int: (skip)
 * @self: a record
 * @field: index of an INT or TIME field
 *
 * The number without its fraction; 0 where there is none.
 *
 * Since: 1.0
 */
gint64
oai_record_get_field_int (OaiRecord *self, guint field)
{
  OaiView view;
  OaiSlot *slot;
  gint64 value = 0;

  if (!oai_record_check_field (self, field))
    return 0;
  slot = oai_record_look (self, field, &view);
  if (slot != NULL)
    return slot->value.integer;
  if (view.kind == OAI_VIEW_NODE)
    oai_record_read_int (view.doc, view.node, &value);

  return value;
}

/**
 * oai_record_set_field_int: (skip)
 * @self: a writable record
 * @field: index of an INT or TIME field
 * @value: the number
 *
 * Since: 1.0
 */
void
oai_record_set_field_int (OaiRecord *self, guint field, gint64 value)
{
  gboolean changed;

  if (!oai_record_begin_set (self, field))
    return;

  changed = !oai_record_field_is_set (self, field) || oai_record_get_field_int (self, field) != value;
  oai_record_put_value (self, field, (OaiSlotValue) { .integer = value }, changed);
}

/**
 * oai_record_get_field_number: (skip)
 * @self: a record
 * @field: index of a NUMBER field
 *
 * The number; 0 where there is none.
 *
 * Since: 1.0
 */
double
oai_record_get_field_number (OaiRecord *self, guint field)
{
  OaiView view;
  OaiSlot *slot;
  double value = 0;

  if (!oai_record_check_field (self, field))
    return 0;
  slot = oai_record_look (self, field, &view);
  if (slot != NULL)
    return slot->value.number;
  if (view.kind == OAI_VIEW_NODE)
    oai_json_get_double (view.doc, view.node, &value);

  return value;
}

/**
 * oai_record_set_field_number: (skip)
 * @self: a writable record
 * @field: index of a NUMBER field
 * @value: the number
 *
 * Since: 1.0
 */
void
oai_record_set_field_number (OaiRecord *self, guint field, double value)
{
  gboolean changed;

  if (!oai_record_begin_set (self, field))
    return;

  changed = !oai_record_field_is_set (self, field) || oai_record_get_field_number (self, field) != value;
  oai_record_put_value (self, field, (OaiSlotValue) { .number = value }, changed);
}

/**
 * oai_record_get_field_boolean: (skip)
 * @self: a record
 * @field: index of a BOOLEAN field
 *
 * The value; %FALSE where there is none.
 *
 * Since: 1.0
 */
gboolean
oai_record_get_field_boolean (OaiRecord *self, guint field)
{
  OaiView view;
  OaiSlot *slot;
  gboolean value = FALSE;

  if (!oai_record_check_field (self, field))
    return FALSE;
  slot = oai_record_look (self, field, &view);
  if (slot != NULL)
    return slot->value.boolean;
  if (view.kind == OAI_VIEW_NODE)
    oai_json_get_boolean (view.doc, view.node, &value);

  return value;
}

/**
 * oai_record_set_field_boolean: (skip)
 * @self: a writable record
 * @field: index of a BOOLEAN field
 * @value: the value
 *
 * Since: 1.0
 */
void
oai_record_set_field_boolean (OaiRecord *self, guint field, gboolean value)
{
  gboolean changed;

  if (!oai_record_begin_set (self, field))
    return;

  value = !!value;
  changed = !oai_record_field_is_set (self, field) || oai_record_get_field_boolean (self, field) != value;
  oai_record_put_value (self, field, (OaiSlotValue) { .boolean = value }, changed);
}

/**
 * oai_record_dup_field_date_time: (skip)
 * @self: a record
 * @field: index of a TIME field
 *
 * The time in UTC; %NULL where there is none that a calendar knows.
 *
 * Since: 1.0
 */
GDateTime *
oai_record_dup_field_date_time (OaiRecord *self, guint field)
{
  OaiView view;
  gint64 ignored;

  if (!oai_record_check_field (self, field))
    return NULL;
  if (oai_record_look (self, field, &view) == NULL &&
      (view.kind != OAI_VIEW_NODE || !oai_record_read_int (view.doc, view.node, &ignored)))
    return NULL;

  return g_date_time_new_from_unix_utc (oai_record_get_field_int (self, field));
}

/**
 * oai_record_get_field_json: (skip)
 * @self: a record
 * @field: index of a JSON or MAP field
 *
 * The JSON text; %NULL where there is nothing, or null.
 *
 * Since: 1.0
 */
const char *
oai_record_get_field_json (OaiRecord *self, guint field)
{
  OaiView view;
  OaiSlot *slot;

  if (!oai_record_check_field (self, field))
    return NULL;
  oai_record_look (self, field, &view);
  if (view.kind != OAI_VIEW_NODE || !oai_record_accepts (oai_record_get_field (self, field), view.doc, view.node))
    return NULL;

  slot = oai_record_peek_value (self, field);
  if (slot == NULL)
    slot = oai_record_keep (self, field, (OaiSlotValue) { .text = oai_record_make_json (view.doc, view.node) });

  return slot->value.text;
}

/**
 * oai_record_set_field_json: (skip)
 * @self: a writable record
 * @field: index of a JSON or MAP field
 * @json: (nullable): JSON text, of an object for a MAP field; %NULL leaves the member out
 *
 * Text that is no JSON is refused with a critical warning.
 *
 * Since: 1.0
 */
void
oai_record_set_field_json (OaiRecord *self, guint field, const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonDoc) doc = NULL;

  if (!oai_record_begin_set (self, field))
    return;
  if (json == NULL)
    {
      oai_record_unset_field (self, field);
      return;
    }

  doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, &error);
  if (doc == NULL)
    {
      g_critical ("“%s” of %s: %s", oai_record_get_field (self, field)->member, G_OBJECT_TYPE_NAME (self), error->message);
      return;
    }
  if (oai_record_get_field (self, field)->type == OAI_FIELD_MAP && oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    {
      g_critical ("“%s” of %s wants a JSON object", oai_record_get_field (self, field)->member, G_OBJECT_TYPE_NAME (self));
      return;
    }

  if (g_strcmp0 (oai_record_get_field_json (self, field), json) != 0)
    oai_record_put_doc (self, oai_record_get_head (self, field), g_steal_pointer (&doc));
}

/**
 * oai_record_dup_field_map_value: (skip)
 * @self: a record
 * @field: index of a MAP field
 * @key: a key
 *
 * The string at the key; JSON text where it is no string, %NULL where there is none.
 *
 * Since: 1.0
 */
char *
oai_record_dup_field_map_value (OaiRecord *self, guint field, const char *key)
{
  OaiView view;
  OaiJsonNode node;
  const char *text;

  if (!oai_record_check_field (self, field))
    return NULL;
  g_return_val_if_fail (key != NULL, NULL);

  oai_record_look (self, field, &view);
  if (view.kind != OAI_VIEW_NODE)
    return NULL;
  node = oai_json_get_member (view.doc, view.node, key);
  if (oai_json_get_type (view.doc, node) <= OAI_JSON_NULL)
    return NULL;

  text = oai_json_get_string (view.doc, node, NULL);
  return text != NULL ? g_strdup (text) : oai_record_make_json (view.doc, node);
}

static void
write_pair (GString *out, const char *name)
{
  if (out->len > 1)
    g_string_append_c (out, ',');
  oai_json_write_string (out, name, -1);
  g_string_append_c (out, ':');
}

/* The object of view with one member set or, by NULL, left out. */
static char *
replace_member (OaiView *view, const char *key, const char *value)
{
  GString *out = g_string_new ("{");
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;

  oai_json_iter_init_members (&iter, view->kind == OAI_VIEW_NODE ? view->doc : NULL, view->kind == OAI_VIEW_NODE ? view->node : OAI_JSON_NONE);
  while (oai_json_iter_next (&iter, &name, &node))
    {
      if (strcmp (name, key) == 0)
        continue;
      write_pair (out, name);
      oai_json_write_node (out, view->doc, node);
    }
  if (value != NULL)
    {
      write_pair (out, key);
      oai_json_write_string (out, value, -1);
    }
  g_string_append_c (out, '}');

  return g_string_free (out, FALSE);
}

/**
 * oai_record_set_field_map_value: (skip)
 * @self: a writable record
 * @field: index of a MAP field
 * @key: a key
 * @value: (nullable): the string to put there; %NULL removes the key
 *
 * Since: 1.0
 */
void
oai_record_set_field_map_value (OaiRecord *self, guint field, const char *key, const char *value)
{
  g_autofree char *old = NULL;
  g_autofree char *json = NULL;
  OaiView view;

  if (!oai_record_begin_set (self, field))
    return;
  g_return_if_fail (key != NULL);

  old = oai_record_dup_field_map_value (self, field, key);
  if (old == NULL && value == NULL)
    return;

  oai_record_look (self, field, &view);
  json = replace_member (&view, key, value);
  oai_record_set_field_json (self, field, json);
}
