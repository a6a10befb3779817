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

/* Writes an array of n elements. */
static void
write_elements (GString *out, const OaiFieldValue *value, guint n, void (*write) (GString *out, const OaiFieldValue *value, guint i))
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      write (out, value, i);
    }
  g_string_append_c (out, ']');
}

/* Returns the list, which is created from the JSON when it is read first, or NULL. */
static const OaiFieldValue *
get_list (OaiRecord *self, guint field, OaiFieldValue (*read) (OaiJsonDoc *doc, OaiJsonNode node))
{
  const OaiFieldValue *value;
  OaiView view;

  if (!oai_record_check_field (self, field))
    return NULL;
  value = oai_record_look (self, field, &view);
  if (value != NULL)
    return value;
  if (view.kind != OAI_VIEW_NODE || oai_json_get_type (view.doc, view.node) != OAI_JSON_ARRAY)
    return NULL;

  value = oai_record_peek_value (self, field);

  return value != NULL ? value : oai_record_keep (self, field, read (view.doc, view.node));
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
write_string (GString *out, const OaiFieldValue *value, guint i)
{
  oai_json_write_string (out, value->strv[i], -1);
}

static void
strings_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  write_elements (out, value, value->strv != NULL ? g_strv_length (value->strv) : 0, write_string);
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

static OaiFieldValue
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

  return (OaiFieldValue) { .strv = g_strv_builder_end (builder) };
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
  const OaiFieldValue *value = get_list (self, field, read_strings);

  return value != NULL ? (const char *const *) value->strv : NULL;
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
write_int (GString *out, const OaiFieldValue *value, guint i)
{
  oai_json_write_int (out, g_array_index (value->array, gint64, i));
}

static void
ints_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  write_elements (out, value, value->array->len, write_int);
}

const OaiFieldTypeClass oai_field_int_list_class = {
  .name = "int-list",
  .accepts = numbers_accepts,
  .write = ints_write,
  .clear = array_clear,
  .copy = array_copy
};

static void
write_number (GString *out, const OaiFieldValue *value, guint i)
{
  oai_json_write_double (out, g_array_index (value->array, double, i));
}

static void
numbers_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  write_elements (out, value, value->array->len, write_number);
}

const OaiFieldTypeClass oai_field_number_list_class = {
  .name = "number-list",
  .accepts = numbers_accepts,
  .write = numbers_write,
  .clear = array_clear,
  .copy = array_copy
};

static OaiFieldValue
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

  return (OaiFieldValue) { .array = array };
}

static OaiFieldValue
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

  return (OaiFieldValue) { .array = array };
}

static gconstpointer
get_array (OaiRecord *self, guint field, OaiFieldValue (*read) (OaiJsonDoc *doc, OaiJsonNode node), gsize *n_values)
{
  const OaiFieldValue *value = get_list (self, field, read);

  if (n_values != NULL)
    *n_values = value != NULL ? value->array->len : 0;

  return value != NULL ? value->array->data : NULL;
}

static void
set_array (OaiRecord *self, guint field, gsize item_size, gconstpointer values, gsize n_values)
{
  GArray *array;

  if (!oai_record_begin_set (self, field))
    return;
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
  return get_array (self, field, read_ints, n_values);
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
  return get_array (self, field, read_numbers, n_values);
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
  set_array (self, field, sizeof (double), values, n_values);
}
