/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-field-lists-private.h"

#include "oai-json-number-private.h"
#include "oai-json-writer-private.h"
#include "oai-record-private.h"

/* The type of a list is detected by its first element; an empty array matches all types. */
static gboolean
accepts_element (OaiJsonDoc *doc, OaiJsonNode node, OaiJsonType type, OaiJsonType other)
{
  OaiJsonType first = oai_json_get_first_type (doc, node);

  return (first == type || first == other || first == OAI_JSON_INVALID) && oai_json_get_type (doc, node) == OAI_JSON_ARRAY;
}

static gboolean
strings_accepts (OaiJsonDoc *doc, OaiJsonNode node)
{
  return accepts_element (doc, node, OAI_JSON_STRING, OAI_JSON_STRING);
}

static GParamSpec *
strings_create_property (const OaiField *field, GParamFlags flags)
{
  return g_param_spec_boxed (field->name, NULL, NULL, G_TYPE_STRV, flags);
}

static void
strings_get_property (OaiRecord *record, guint field, GValue *value)
{
  g_value_set_boxed (value, oai_record_get_field_strv (record, field));
}

static void
strings_set_property (OaiRecord *record, guint field, const GValue *value)
{
  oai_record_set_field_strv (record, field, g_value_get_boxed (value));
}

static void
strings_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  g_string_append_c (out, '[');
  for (guint i = 0; value->strv != NULL && value->strv[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      oai_json_write_string (out, value->strv[i], -1);
    }
  g_string_append_c (out, ']');
}

static void
strings_clear (OaiFieldValue *value)
{
  g_strfreev (value->strv);
}

static gboolean
strings_copy (const OaiFieldValue *value, OaiFieldValue *copy)
{
  copy->strv = g_strdupv (value->strv);

  return TRUE;
}

const OaiFieldTypeClass oai_field_string_list_class = {
  .name = "string-list",
  .create_property = strings_create_property,
  .get_property = strings_get_property,
  .set_property = strings_set_property,
  .accepts = strings_accepts,
  .write = strings_write,
  .clear = strings_clear,
  .copy = strings_copy
};

static GStrv
read_strings (OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      const char *text = oai_json_get_string (doc, element, NULL);
      g_autofree char *made = text == NULL ? oai_json_dup_text (doc, element) : NULL;

      if (text != NULL || made != NULL)
        g_strv_builder_add (builder, text != NULL ? text : made);
    }

  return g_strv_builder_end (builder);
}

/**
 * oai_record_get_field_strv: (skip)
 * @self: a record
 * @field: index of a STRING_LIST field
 *
 * Returns: (transfer none) (nullable): the strings, or %NULL if the member is absent
 *
 * Since: 1.0
 */
const char *const *
oai_record_get_field_strv (OaiRecord *self, guint field)
{
  OaiView view;
  const OaiFieldValue *held;

  if (!oai_record_check_field (self, field))
    return NULL;
  held = oai_record_look (self, field, &view);
  if (held == NULL)
    {
      if (view.kind != OAI_VIEW_NODE || oai_json_get_type (view.doc, view.node) != OAI_JSON_ARRAY)
        return NULL;
      held = oai_record_peek_value (self, field);
    }
  if (held == NULL)
    held = oai_record_keep (self, field, (OaiFieldValue) { .strv = read_strings (view.doc, view.node) });

  return (const char *const *) held->strv;
}

/**
 * oai_record_set_field_strv: (skip)
 * @self: a writable record
 * @field: index of a STRING_LIST field
 * @value: (nullable) (array zero-terminated=1): the strings; %NULL removes the member
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
  oai_record_put_value (self, field, (OaiFieldValue) { .strv = g_strdupv ((char **) value) }, changed);
}

/* Numbers */

static gboolean
numbers_accepts (OaiJsonDoc *doc, OaiJsonNode node)
{
  return accepts_element (doc, node, OAI_JSON_INT, OAI_JSON_DOUBLE);
}

static void
array_clear (OaiFieldValue *value)
{
  g_array_unref (value->array);
}

static gboolean
array_copy (const OaiFieldValue *value, OaiFieldValue *copy)
{
  copy->array = g_array_copy (value->array);

  return TRUE;
}

static void
ints_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < value->array->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      oai_json_write_int (out, g_array_index (value->array, gint64, i));
    }
  g_string_append_c (out, ']');
}

const OaiFieldTypeClass oai_field_int_list_class = {
  .name = "int-list",
  .accepts = numbers_accepts,
  .write = ints_write,
  .clear = array_clear,
  .copy = array_copy
};

static void
numbers_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < value->array->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      oai_json_write_double (out, g_array_index (value->array, double, i));
    }
  g_string_append_c (out, ']');
}

const OaiFieldTypeClass oai_field_number_list_class = {
  .name = "number-list",
  .accepts = numbers_accepts,
  .write = numbers_write,
  .clear = array_clear,
  .copy = array_copy
};

static GArray *
read_ints (OaiJsonDoc *doc, OaiJsonNode node)
{
  GArray *array = g_array_sized_new (FALSE, FALSE, sizeof (gint64), oai_json_get_size (doc, node));
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      gint64 value = 0;

      oai_json_get_truncated_int (doc, element, &value);
      g_array_append_val (array, value);
    }

  return array;
}

static GArray *
read_numbers (OaiJsonDoc *doc, OaiJsonNode node)
{
  GArray *array = g_array_sized_new (FALSE, FALSE, sizeof (double), oai_json_get_size (doc, node));
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      double value = 0;

      oai_json_get_double (doc, element, &value);
      g_array_append_val (array, value);
    }

  return array;
}

static GArray *
get_array (OaiRecord *self, guint field, GArray *(*read) (OaiJsonDoc *doc, OaiJsonNode node))
{
  const OaiFieldValue *value;
  OaiView view;

  if (!oai_record_check_field (self, field))
    return NULL;
  value = oai_record_look (self, field, &view);
  if (value != NULL)
    return value->array;
  if (view.kind != OAI_VIEW_NODE || oai_json_get_type (view.doc, view.node) != OAI_JSON_ARRAY)
    return NULL;

  value = oai_record_peek_value (self, field);
  if (value == NULL)
    value = oai_record_keep (self, field, (OaiFieldValue) { .array = read (view.doc, view.node) });

  return value->array;
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
  oai_record_put_value (self, field, (OaiFieldValue) { .array = array }, TRUE);
}

/**
 * oai_record_get_field_ints: (skip)
 * @self: a record
 * @field: index of an INT_LIST field
 * @n_values: (out) (optional): number of values
 *
 * Returns: (transfer none) (nullable): the numbers, or %NULL if the member is absent
 *
 * Since: 1.0
 */
const gint64 *
oai_record_get_field_ints (OaiRecord *self, guint field, gsize *n_values)
{
  GArray *array = get_array (self, field, read_ints);

  if (n_values != NULL)
    *n_values = array != NULL ? array->len : 0;

  return array != NULL ? (const gint64 *) (gpointer) array->data : NULL;
}

/**
 * oai_record_set_field_ints: (skip)
 * @self: a writable record
 * @field: index of an INT_LIST field
 * @values: (nullable) (array length=n_values): the numbers; %NULL removes the member
 * @n_values: number of values
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
 * @n_values: (out) (optional): number of values
 *
 * Returns: (transfer none) (nullable): the numbers, or %NULL if the member is absent
 *
 * Since: 1.0
 */
const double *
oai_record_get_field_numbers (OaiRecord *self, guint field, gsize *n_values)
{
  GArray *array = get_array (self, field, read_numbers);

  if (n_values != NULL)
    *n_values = array != NULL ? array->len : 0;

  return array != NULL ? (const double *) (gpointer) array->data : NULL;
}

/**
 * oai_record_set_field_numbers: (skip)
 * @self: a writable record
 * @field: index of a NUMBER_LIST field
 * @values: (nullable) (array length=n_values): the numbers; %NULL removes the member
 * @n_values: number of values
 *
 * Since: 1.0
 */
void
oai_record_set_field_numbers (OaiRecord *self, guint field, const double *values, gsize n_values)
{
  if (oai_record_begin_set (self, field))
    set_array (self, field, sizeof (double), values, n_values);
}
