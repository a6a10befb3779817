/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-field-scalars-private.h"

#include "oai-json-number-private.h"
#include "oai-json-writer-private.h"
#include "oai-record-private.h"

static GParamSpec *
string_create_property (const OaiField *field, GParamFlags flags)
{
  return g_param_spec_string (field->name, NULL, NULL, NULL, flags);
}

static void
string_get_property (OaiRecord *record, guint field, GValue *value)
{
  g_value_set_string (value, oai_record_get_field_string (record, field));
}

static void
string_set_property (OaiRecord *record, guint field, const GValue *value)
{
  oai_record_set_field_string (record, field, g_value_get_string (value));
}

static gboolean
string_accepts (OaiJsonDoc *doc, OaiJsonNode node)
{
  return oai_json_get_type (doc, node) == OAI_JSON_STRING;
}

static void
string_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  oai_json_write_string (out, value->text, -1);
}

static void
string_clear (OaiFieldValue *value)
{
  g_free (value->text);
}

static gboolean
string_copy (const OaiFieldValue *value, OaiFieldValue *copy)
{
  copy->text = g_strdup (value->text);

  return TRUE;
}

const OaiFieldTypeClass oai_field_string_class = {
  .name = "string",
  .json_type = OAI_JSON_STRING,
  .create_property = string_create_property,
  .get_property = string_get_property,
  .set_property = string_set_property,
  .accepts = string_accepts,
  .write = string_write,
  .clear = string_clear,
  .copy = string_copy
};

/**
 * oai_record_get_field_string: (skip)
 * @self: a record
 * @field: index of a STRING field
 *
 * If the value is a number or an object, which some servers send instead of strings, returns its
 * digits or its JSON text.
 *
 * Returns: (transfer none) (nullable): the string, or %NULL if the member is absent
 *
 * Since: 1.0
 */
const char *
oai_record_get_field_string (OaiRecord *self, guint field)
{
  OaiView view;
  const OaiFieldValue *held;
  const char *text;
  char *made;

  if (!oai_record_check_field (self, field))
    return NULL;
  held = oai_record_look (self, field, &view);
  if (held != NULL)
    return held->text;
  if (view.kind == OAI_VIEW_TAG)
    return view.tag;
  if (view.kind != OAI_VIEW_NODE)
    return NULL;

  text = oai_json_get_string (view.doc, view.node, NULL);
  if (text != NULL)
    return text;
  held = oai_record_peek_value (self, field);
  if (held != NULL)
    return held->text;
  made = oai_json_dup_text (view.doc, view.node);

  return made != NULL ? oai_record_keep (self, field, (OaiFieldValue) { .text = made })->text : NULL;
}

/**
 * oai_record_set_field_string: (skip)
 * @self: a writable record
 * @field: index of a STRING field
 * @value: (nullable): the string; %NULL removes the member
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
  oai_record_put_value (self, field, (OaiFieldValue) { .text = g_strdup (value) }, changed);
}

/* Numbers and booleans */

/* Returns the value of a field in memory, or NULL; view then describes its JSON. */
static const OaiFieldValue *
look_at (OaiRecord *self, guint field, OaiView *view)
{
  view->kind = OAI_VIEW_ABSENT;

  return oai_record_check_field (self, field) ? oai_record_look (self, field, view) : NULL;
}

/* equal: whether the getter returns this value, which it also does for an absent member */
static void
put (OaiRecord *self, guint field, OaiFieldValue value, gboolean equal)
{
  oai_record_put_value (self, field, value, !equal || !oai_record_field_is_set (self, field));
}

static GParamSpec *
int_create_property (const OaiField *field, GParamFlags flags)
{
  return g_param_spec_int64 (field->name, NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
}

static void
int_get_property (OaiRecord *record, guint field, GValue *value)
{
  g_value_set_int64 (value, oai_record_get_field_int (record, field));
}

static void
int_set_property (OaiRecord *record, guint field, const GValue *value)
{
  oai_record_set_field_int (record, field, g_value_get_int64 (value));
}

static gboolean
number_accepts (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonType type = oai_json_get_type (doc, node);

  return type == OAI_JSON_INT || type == OAI_JSON_DOUBLE;
}

static void
int_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  oai_json_write_int (out, value->integer);
}

const OaiFieldTypeClass oai_field_int_class = {
  .name = "int",
  .json_type = OAI_JSON_INT,
  .create_property = int_create_property,
  .get_property = int_get_property,
  .set_property = int_set_property,
  .accepts = number_accepts,
  .write = int_write
};

const OaiFieldTypeClass oai_field_time_class = {
  .name = "time",
  .json_type = OAI_JSON_INT,
  .create_property = int_create_property,
  .get_property = int_get_property,
  .set_property = int_set_property,
  .accepts = number_accepts,
  .write = int_write
};

/**
 * oai_record_get_field_int: (skip)
 * @self: a record
 * @field: index of an INT or TIME field
 *
 * Returns: the number without its fraction, or 0 if the member is absent
 *
 * Since: 1.0
 */
gint64
oai_record_get_field_int (OaiRecord *self, guint field)
{
  OaiView view;
  const OaiFieldValue *held = look_at (self, field, &view);
  gint64 value = 0;

  if (held != NULL)
    return held->integer;
  if (view.kind == OAI_VIEW_NODE)
    oai_json_get_truncated_int (view.doc, view.node, &value);

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
  if (oai_record_begin_set (self, field))
    put (self, field, (OaiFieldValue) { .integer = value }, oai_record_get_field_int (self, field) == value);
}

/**
 * oai_record_dup_field_date_time: (skip)
 * @self: a record
 * @field: index of a TIME field
 *
 * Returns: (transfer full) (nullable): the time in UTC, or %NULL if the member is absent or
 *   outside the range of #GDateTime
 *
 * Since: 1.0
 */
GDateTime *
oai_record_dup_field_date_time (OaiRecord *self, guint field)
{
  OaiView view;
  gint64 ignored;

  if (look_at (self, field, &view) == NULL &&
      (view.kind != OAI_VIEW_NODE || !oai_json_get_truncated_int (view.doc, view.node, &ignored)))
    return NULL;

  return g_date_time_new_from_unix_utc (oai_record_get_field_int (self, field));
}

static GParamSpec *
number_create_property (const OaiField *field, GParamFlags flags)
{
  return g_param_spec_double (field->name, NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags);
}

static void
number_get_property (OaiRecord *record, guint field, GValue *value)
{
  g_value_set_double (value, oai_record_get_field_number (record, field));
}

static void
number_set_property (OaiRecord *record, guint field, const GValue *value)
{
  oai_record_set_field_number (record, field, g_value_get_double (value));
}

static void
number_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  oai_json_write_double (out, value->number);
}

const OaiFieldTypeClass oai_field_number_class = {
  .name = "number",
  .json_type = OAI_JSON_DOUBLE,
  .create_property = number_create_property,
  .get_property = number_get_property,
  .set_property = number_set_property,
  .accepts = number_accepts,
  .write = number_write
};

/**
 * oai_record_get_field_number: (skip)
 * @self: a record
 * @field: index of a NUMBER field
 *
 * Returns: the number, or 0 if the member is absent
 *
 * Since: 1.0
 */
double
oai_record_get_field_number (OaiRecord *self, guint field)
{
  OaiView view;
  const OaiFieldValue *held = look_at (self, field, &view);
  double value = 0;

  if (held != NULL)
    return held->number;
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
  if (oai_record_begin_set (self, field))
    put (self, field, (OaiFieldValue) { .number = value }, oai_record_get_field_number (self, field) == value);
}

static GParamSpec *
boolean_create_property (const OaiField *field, GParamFlags flags)
{
  return g_param_spec_boolean (field->name, NULL, NULL, FALSE, flags);
}

static void
boolean_get_property (OaiRecord *record, guint field, GValue *value)
{
  g_value_set_boolean (value, oai_record_get_field_boolean (record, field));
}

static void
boolean_set_property (OaiRecord *record, guint field, const GValue *value)
{
  oai_record_set_field_boolean (record, field, g_value_get_boolean (value));
}

static gboolean
boolean_accepts (OaiJsonDoc *doc, OaiJsonNode node)
{
  return oai_json_get_type (doc, node) == OAI_JSON_BOOLEAN;
}

static void
boolean_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  g_string_append (out, value->boolean ? "true" : "false");
}

const OaiFieldTypeClass oai_field_boolean_class = {
  .name = "boolean",
  .json_type = OAI_JSON_BOOLEAN,
  .create_property = boolean_create_property,
  .get_property = boolean_get_property,
  .set_property = boolean_set_property,
  .accepts = boolean_accepts,
  .write = boolean_write
};

/**
 * oai_record_get_field_boolean: (skip)
 * @self: a record
 * @field: index of a BOOLEAN field
 *
 * Returns: the value, or %FALSE if the member is absent
 *
 * Since: 1.0
 */
gboolean
oai_record_get_field_boolean (OaiRecord *self, guint field)
{
  OaiView view;
  const OaiFieldValue *held = look_at (self, field, &view);
  gboolean value = FALSE;

  if (held != NULL)
    return held->boolean;
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
  if (oai_record_begin_set (self, field))
    put (self, field, (OaiFieldValue) { .boolean = !!value }, oai_record_get_field_boolean (self, field) == !!value);
}
