/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-field-records-private.h"

#include "oai-field-objects-private.h"
#include "oai-record-json-private.h"

static GType
get_item_type (const OaiField *field)
{
  return field->item_type ();
}

static GParamSpec *
record_create_property (const OaiField *field, GParamFlags flags)
{
  return oai_field_object_create_property (field, flags, field->item_type ());
}

static void
record_get_property (OaiRecord *record, guint field, GValue *value)
{
  g_value_set_object (value, oai_record_get_field_record (record, field));
}

static void
record_set_property (OaiRecord *record, guint field, const GValue *value)
{
  oai_record_set_field_record (record, field, g_value_get_object (value));
}

static gboolean
record_accepts (OaiJsonDoc *doc, OaiJsonNode node)
{
  return oai_json_get_type (doc, node) == OAI_JSON_OBJECT;
}

static void
record_load (OaiRecord *record, guint field)
{
  oai_record_get_field_record (record, field);
}

static void
record_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  oai_record_write (value->object, out, flags);
}

static gboolean
record_copy (const OaiFieldValue *value, OaiFieldValue *copy)
{
  copy->object = oai_record_copy (value->object);

  return copy->object != NULL;
}

const OaiFieldTypeClass oai_field_record_class = {
  .name = "record",
  .content = OAI_FIELD_HOLDS_RECORDS,
  .create_property = record_create_property,
  .get_property = record_get_property,
  .set_property = record_set_property,
  .get_item_type = get_item_type,
  .accepts = record_accepts,
  .load = record_load,
  .write = record_write,
  .clear = oai_field_object_clear,
  .copy = record_copy,
  .foreach_object = oai_field_object_foreach
};

static gboolean
list_accepts (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonType first = oai_json_get_first_type (doc, node);

  return (first == OAI_JSON_OBJECT || first == OAI_JSON_INVALID) && oai_json_get_type (doc, node) == OAI_JSON_ARRAY;
}

static void
list_load (OaiRecord *record, guint field)
{
  if (oai_record_field_is_set (record, field))
    oai_record_get_field_list (record, field);
}

static void
list_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < value->list->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      oai_record_write (value->list->pdata[i], out, flags);
    }
  g_string_append_c (out, ']');
}

/* Omits records that cannot be copied. */
static gboolean
list_copy (const OaiFieldValue *value, OaiFieldValue *copy)
{
  copy->list = g_ptr_array_new_full (value->list->len, g_object_unref);
  for (guint i = 0; i < value->list->len; i++)
    {
      OaiRecord *item = oai_record_copy (value->list->pdata[i]);

      if (item != NULL)
        g_ptr_array_add (copy->list, item);
    }

  return TRUE;
}

const OaiFieldTypeClass oai_field_record_list_class = {
  .name = "record-list",
  .content = OAI_FIELD_HOLDS_RECORDS,
  .get_item_type = get_item_type,
  .accepts = list_accepts,
  .load = list_load,
  .write = list_write,
  .clear = oai_field_list_clear,
  .copy = list_copy,
  .is_filled = oai_field_list_is_filled,
  .foreach_object = oai_field_list_foreach
};

/**
 * oai_record_get_field_record: (skip)
 * @self: a record
 * @field: index of a RECORD field
 *
 * Returns: (transfer none) (nullable): the record, or %NULL if the member is absent
 *
 * Since: 1.0
 */
gpointer
oai_record_get_field_record (OaiRecord *self, guint field)
{
  OaiView view;
  const OaiFieldValue *value;

  if (!oai_record_check_field (self, field))
    return NULL;
  value = oai_record_look (self, field, &view);
  if (value != NULL)
    return value->object;
  if (view.kind != OAI_VIEW_NODE || oai_json_get_type (view.doc, view.node) != OAI_JSON_OBJECT)
    return NULL;

  value = oai_record_peek_value (self, field);
  if (value == NULL)
    value = oai_record_keep (self, field, (OaiFieldValue) { .object = oai_record_new_part (self, field, view.doc, view.node) });

  return value->object;
}

/**
 * oai_record_set_field_record: (skip)
 * @self: a writable record
 * @field: index of a RECORD field
 * @record: (nullable): an #OaiRecord of the field's type, which is shared; %NULL removes the member
 *
 * Since: 1.0
 */
void
oai_record_set_field_record (OaiRecord *self, guint field, gpointer record)
{
  if (!oai_record_begin_set (self, field) || (record != NULL && !oai_record_check_object (self, field, record)))
    return;

  oai_field_object_set (self, field, record, oai_record_get_field_record (self, field));
}
