/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Accessors, as in oai-record-fields.c, of what is no scalar. */

#include "oai-record-impl-private.h"
#include "oai-json-doc-private.h"

/**
 * oai_record_get_field_record: (skip)
 * @self: a record
 * @field: index of a RECORD field
 *
 * The nested record, borrowed; %NULL where there is none.
 *
 * Since: 1.0
 */
gpointer
oai_record_get_field_record (OaiRecord *self, guint field)
{
  OaiView view;
  OaiSlot *slot;

  if (!oai_record_check_field (self, field))
    return NULL;
  slot = oai_record_look (self, field, &view);
  if (slot != NULL)
    return slot->value.object;
  if (view.kind != OAI_VIEW_NODE || oai_json_get_type (view.doc, view.node) != OAI_JSON_OBJECT)
    return NULL;

  slot = oai_record_peek_value (self, field);
  if (slot == NULL)
    slot = oai_record_keep (self, field, (OaiSlotValue) { .object = oai_record_decode_record (self, field, view.doc, view.node) });

  return slot->value.object;
}

static void
set_object (OaiRecord *self, guint field, gpointer object, gpointer old)
{
  if (object == NULL)
    oai_record_unset_field (self, field);
  else
    oai_record_put_value (self, field, (OaiSlotValue) { .object = g_object_ref (object) }, object != old);
}

static gboolean
check_item (OaiRecord *self, guint field, gpointer item)
{
  const OaiField *description = oai_record_get_field (self, field);
  GType type = oai_record_get_object_type (description);

  if (G_TYPE_CHECK_INSTANCE_TYPE (item, type))
    return TRUE;

  g_critical ("“%s” of a %s takes a %s, and no %s", description->member, G_OBJECT_TYPE_NAME (self), g_type_name (type),
              item != NULL ? G_OBJECT_TYPE_NAME (item) : "NULL");

  return FALSE;
}

/**
 * oai_record_set_field_record: (skip)
 * @self: a writable record
 * @field: index of a RECORD field
 * @record: (nullable): an #OaiRecord of the field's type, which is shared; %NULL leaves the member out
 *
 * Since: 1.0
 */
void
oai_record_set_field_record (OaiRecord *self, guint field, gpointer record)
{
  if (!oai_record_begin_set (self, field) || (record != NULL && !check_item (self, field, record)))
    return;

  set_object (self, field, record, oai_record_get_field_record (self, field));
}

/**
 * oai_record_get_field_list: (skip)
 * @self: a record
 * @field: index of a RECORD_LIST or FILE_LIST field
 *
 * The list, borrowed; an empty one where there is none.
 *
 * Since: 1.0
 */
GPtrArray *
oai_record_get_field_list (OaiRecord *self, guint field)
{
  OaiView view;
  OaiSlot *slot;
  GPtrArray *list;

  if (!oai_record_check_field (self, field))
    return NULL;
  slot = oai_record_look (self, field, &view);
  if (slot == NULL)
    slot = oai_record_peek_value (self, field);
  if (slot != NULL)
    return slot->value.list;

  if (view.kind == OAI_VIEW_NODE)
    list = oai_record_decode_list (self, field, view.doc, view.node);
  else
    list = g_ptr_array_new_with_free_func (g_object_unref);

  return oai_record_keep (self, field, (OaiSlotValue) { .list = list })->value.list;
}

/**
 * oai_record_set_field_list: (skip)
 * @self: a writable record
 * @field: index of a RECORD_LIST or FILE_LIST field
 * @list: (nullable): the items, which are shared; %NULL leaves the member out
 *
 * Since: 1.0
 */
void
oai_record_set_field_list (OaiRecord *self, guint field, GPtrArray *list)
{
  GPtrArray *copy;
  guint i;

  if (!oai_record_begin_set (self, field))
    return;
  if (list == NULL)
    {
      oai_record_unset_field (self, field);
      return;
    }

  copy = g_ptr_array_new_full (list->len, g_object_unref);
  for (i = 0; i < list->len; i++)
    if (check_item (self, field, list->pdata[i]))
      g_ptr_array_add (copy, g_object_ref (list->pdata[i]));
  oai_record_put_value (self, field, (OaiSlotValue) { .list = copy }, TRUE);
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

  if (!oai_record_begin_set (self, field) || !check_item (self, field, item))
    return;

  list = g_ptr_array_ref (oai_record_get_field_list (self, field));
  g_ptr_array_add (list, g_object_ref (item));
  oai_record_put_value (self, field, (OaiSlotValue) { .list = g_steal_pointer (&list) }, TRUE);
}

/**
 * oai_record_get_field_strv: (skip)
 * @self: a record
 * @field: index of a STRING_LIST field
 *
 * The strings, borrowed; %NULL where there is no list.
 *
 * Since: 1.0
 */
const char *const *
oai_record_get_field_strv (OaiRecord *self, guint field)
{
  OaiView view;
  OaiSlot *slot;

  if (!oai_record_check_field (self, field))
    return NULL;
  slot = oai_record_look (self, field, &view);
  if (slot == NULL)
    {
      if (view.kind != OAI_VIEW_NODE || oai_json_get_type (view.doc, view.node) != OAI_JSON_ARRAY)
        return NULL;
      slot = oai_record_peek_value (self, field);
    }
  if (slot == NULL)
    slot = oai_record_keep (self, field, (OaiSlotValue) { .strv = oai_record_decode_strv (view.doc, view.node) });

  return (const char *const *) slot->value.strv;
}

/**
 * oai_record_set_field_strv: (skip)
 * @self: a writable record
 * @field: index of a STRING_LIST field
 * @value: (nullable) (array zero-terminated=1): the strings; %NULL leaves the member out
 *
 * Since: 1.0
 */
void
oai_record_set_field_strv (OaiRecord *self, guint field, const char *const *value)
{
  const char *const *old;
  gboolean changed;

  if (!oai_record_begin_set (self, field))
    return;
  if (value == NULL)
    {
      oai_record_unset_field (self, field);
      return;
    }

  old = oai_record_get_field_strv (self, field);
  changed = old == NULL || !g_strv_equal (old, value);
  oai_record_put_value (self, field, (OaiSlotValue) { .strv = g_strdupv ((char **) value) }, changed);
}

static GArray *
get_array (OaiRecord *self, guint field)
{
  OaiView view;
  OaiSlot *slot = oai_record_look (self, field, &view);

  if (slot == NULL)
    {
      if (view.kind != OAI_VIEW_NODE || oai_json_get_type (view.doc, view.node) != OAI_JSON_ARRAY)
        return NULL;
      slot = oai_record_peek_value (self, field);
    }
  if (slot == NULL && oai_record_get_field (self, field)->type == OAI_FIELD_INT_LIST)
    slot = oai_record_keep (self, field, (OaiSlotValue) { .array = oai_record_decode_ints (view.doc, view.node) });
  else if (slot == NULL)
    slot = oai_record_keep (self, field, (OaiSlotValue) { .array = oai_record_decode_numbers (view.doc, view.node) });

  return slot->value.array;
}

static void
set_array (OaiRecord *self, guint field, gsize item_size, gconstpointer values, gsize n_values)
{
  GArray *array;

  if (values == NULL)
    {
      oai_record_unset_field (self, field);
      return;
    }

  array = g_array_sized_new (FALSE, FALSE, (guint) item_size, (guint) n_values);
  g_array_append_vals (array, values, (guint) n_values);
  oai_record_put_value (self, field, (OaiSlotValue) { .array = array }, TRUE);
}

/**
 * oai_record_get_field_ints: (skip)
 * @self: a record
 * @field: index of an INT_LIST field
 * @n_values: (out) (optional): how many there are
 *
 * The numbers, borrowed; %NULL where there is no list.
 *
 * Since: 1.0
 */
const gint64 *
oai_record_get_field_ints (OaiRecord *self, guint field, gsize *n_values)
{
  GArray *array = oai_record_check_field (self, field) ? get_array (self, field) : NULL;

  if (n_values != NULL)
    *n_values = array == NULL ? 0 : array->len;

  return array == NULL ? NULL : (const gint64 *) (gpointer) array->data;
}

/**
 * oai_record_set_field_ints: (skip)
 * @self: a writable record
 * @field: index of an INT_LIST field
 * @values: (nullable) (array length=n_values): the numbers; %NULL leaves the member out
 * @n_values: how many
 *
 * Since: 1.0
 */
void
oai_record_set_field_ints (OaiRecord *self, guint field, const gint64 *values, gsize n_values)
{
  if (oai_record_begin_set (self, field))
    set_array (self, field, sizeof (gint64), values, n_values);
}

/**
 * oai_record_get_field_numbers: (skip)
 * @self: a record
 * @field: index of a NUMBER_LIST field
 * @n_values: (out) (optional): how many there are
 *
 * The numbers, borrowed; %NULL where there is no list.
 *
 * Since: 1.0
 */
const double *
oai_record_get_field_numbers (OaiRecord *self, guint field, gsize *n_values)
{
  GArray *array = oai_record_check_field (self, field) ? get_array (self, field) : NULL;

  if (n_values != NULL)
    *n_values = array == NULL ? 0 : array->len;

  return array == NULL ? NULL : (const double *) (gpointer) array->data;
}

/**
 * oai_record_set_field_numbers: (skip)
 * @self: a writable record
 * @field: index of a NUMBER_LIST field
 * @values: (nullable) (array length=n_values): the numbers; %NULL leaves the member out
 * @n_values: how many
 *
 * Since: 1.0
 */
void
oai_record_set_field_numbers (OaiRecord *self, guint field, const double *values, gsize n_values)
{
  if (oai_record_begin_set (self, field))
    set_array (self, field, sizeof (double), values, n_values);
}

/**
 * oai_record_get_field_file: (skip)
 * @self: a record
 * @field: index of a FILE field
 *
 * The file, borrowed; %NULL where there is none.
 *
 * Since: 1.0
 */
gpointer
oai_record_get_field_file (OaiRecord *self, guint field)
{
  OaiView view;
  OaiSlot *slot;

  if (!oai_record_check_field (self, field))
    return NULL;
  slot = oai_record_look (self, field, &view);

  return slot == NULL ? NULL : slot->value.object;
}

/**
 * oai_record_set_field_file: (skip)
 * @self: a writable record
 * @field: index of a FILE field
 * @file: (nullable): an #OaiInputFile, which is shared; %NULL leaves the member out
 *
 * Since: 1.0
 */
void
oai_record_set_field_file (OaiRecord *self, guint field, gpointer file)
{
  if (!oai_record_begin_set (self, field) || (file != NULL && !check_item (self, field, file)))
    return;

  set_object (self, field, file, oai_record_get_field_file (self, field));
}
