/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-field-objects-private.h"

GParamSpec *
oai_field_object_create_property (const OaiField *field, GParamFlags flags, GType type)
{
  return g_param_spec_object (field->name, NULL, NULL, type, flags);
}

void
oai_field_object_clear (OaiFieldValue *value)
{
  g_object_unref (value->object);
}

void
oai_field_object_foreach (const OaiFieldValue *value, OaiFieldObjectFunc func, gpointer user_data)
{
  func (value->object, user_data);
}

void
oai_field_object_set (OaiRecord *record, guint field, gpointer object, gpointer old)
{
  if (object == NULL)
    oai_record_unset_field (record, field);
  else
    oai_record_put_value (record, field, (OaiFieldValue) { .object = g_object_ref (object) }, object != old);
}

void
oai_field_list_clear (OaiFieldValue *value)
{
  g_ptr_array_unref (value->list);
}

gboolean
oai_field_list_is_filled (const OaiFieldValue *value)
{
  return value->list->len > 0;
}

void
oai_field_list_foreach (const OaiFieldValue *value, OaiFieldObjectFunc func, gpointer user_data)
{
  for (guint i = 0; i < value->list->len; i++)
    func (value->list->pdata[i], user_data);
}

/**
 * oai_record_get_field_list: (skip)
 * @self: a record
 * @field: index of a RECORD_LIST or FILE_LIST field
 *
 * Returns: (transfer none): the list, empty if the member is absent
 *
 * Since: 1.0
 */
GPtrArray *
oai_record_get_field_list (OaiRecord *self, guint field)
{
  OaiView view;
  const OaiFieldValue *value;
  GPtrArray *list;
  OaiJsonIter iter;
  OaiJsonNode element;

  if (!oai_record_check_field (self, field))
    return NULL;
  value = oai_record_look (self, field, &view);
  if (value == NULL)
    value = oai_record_peek_value (self, field);
  if (value != NULL)
    return value->list;

  /* An element that is not an object becomes a record without members, which is written as the
   * original element. */
  list = g_ptr_array_new_with_free_func (g_object_unref);
  if (view.kind == OAI_VIEW_NODE && oai_json_get_type (view.doc, view.node) == OAI_JSON_ARRAY
      && oai_record_get_info (self)->types[field]->content == OAI_FIELD_HOLDS_RECORDS)
    {
      oai_json_iter_init (&iter, view.doc, view.node);
      while (oai_json_iter_next (&iter, NULL, &element))
        g_ptr_array_add (list, oai_record_new_part (self, field, view.doc, element));
    }

  return oai_record_keep (self, field, (OaiFieldValue) { .list = list })->list;
}

/**
 * oai_record_set_field_list: (skip)
 * @self: a writable record
 * @field: index of a RECORD_LIST or FILE_LIST field
 * @list: (nullable): the items, which are shared; %NULL removes the member
 *
 * Since: 1.0
 */
void
oai_record_set_field_list (OaiRecord *self, guint field, GPtrArray *list)
{
  GPtrArray *copy;

  if (!oai_record_begin_set (self, field))
    return;
  if (list == NULL)
    {
      oai_record_unset_field (self, field);
      return;
    }

  copy = g_ptr_array_new_full (list->len, g_object_unref);
  for (guint i = 0; i < list->len; i++)
    if (oai_record_check_object (self, field, list->pdata[i]))
      g_ptr_array_add (copy, g_object_ref (list->pdata[i]));
  oai_record_put_value (self, field, (OaiFieldValue) { .list = copy }, TRUE);
}

/**
 * oai_record_add_field_item: (skip)
 * @self: a writable record
 * @field: index of a RECORD_LIST or FILE_LIST field
 * @item: the item, which is shared
 *
 * Since: 1.0
 */
void
oai_record_add_field_item (OaiRecord *self, guint field, gpointer item)
{
  g_autoptr (GPtrArray) list = NULL;

  if (!oai_record_begin_set (self, field) || !oai_record_check_object (self, field, item))
    return;

  list = g_ptr_array_ref (oai_record_get_field_list (self, field));
  g_ptr_array_add (list, g_object_ref (item));
  oai_record_put_value (self, field, (OaiFieldValue) { .list = g_steal_pointer (&list) }, TRUE);
}
