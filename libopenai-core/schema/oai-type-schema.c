/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-type-schema-private.h"

#include <float.h>
#include <gio/gio.h>
#include <string.h>

#include "oai-json-builder-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-mapping-private.h"
#include "oai-json-property-private.h"
#include "oai-json-variant-private.h"
#include "oai-record.h"
#include "oai-record-class.h"
#include "oai-record-schema.h"

typedef struct
{
  OaiJsonBuilder *builder;
  GType root;
  GArray *definitions; /* types of objects */
  GParamSpec *pspec;   /* the property whose schema is added, or NULL */
  GError *error;
} Writer;

static void
fail (Writer *self, const char *what)
{
  if (self->error == NULL)
    oai_json_property_fail_type (self->pspec, what, &self->error);
}

static void
add_string (Writer *self, const char *name, const char *text)
{
  oai_json_builder_add_string (self->builder, name, text, -1);
}

static void
add_type (Writer *self, const char *type, gboolean nullable)
{
  if (!nullable)
    {
      add_string (self, "type", type);
      return;
    }

  oai_json_builder_begin_array (self->builder, "type");
  add_string (self, NULL, type);
  add_string (self, NULL, "null");
  oai_json_builder_end (self->builder);
}

/* Numbers */

/* Limits that a large type has anyway are of no use. */
static void
add_int_limits (Writer *self, gint64 minimum, gint64 maximum, gint64 least, gint64 greatest)
{
  if (minimum > least)
    oai_json_builder_add_int (self->builder, "minimum", minimum);
  if (maximum < greatest)
    oai_json_builder_add_int (self->builder, "maximum", maximum);
}

static void
add_uint_limits (Writer *self, guint64 minimum, guint64 maximum, guint64 greatest)
{
  oai_json_builder_add_int (self->builder, "minimum", (gint64) MIN (minimum, G_MAXINT64));
  if (maximum < greatest)
    oai_json_builder_add_int (self->builder, "maximum", (gint64) MIN (maximum, G_MAXINT64));
}

static void
add_double_limits (Writer *self, double minimum, double maximum)
{
  if (minimum > -(double) FLT_MAX)
    oai_json_builder_add_double (self->builder, "minimum", minimum);
  if (maximum < (double) FLT_MAX)
    oai_json_builder_add_double (self->builder, "maximum", maximum);
}

static void
add_signed (Writer *self, GType type, GParamSpec *pspec)
{
  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_CHAR:
      add_int_limits (self, G_PARAM_SPEC_CHAR (pspec)->minimum, G_PARAM_SPEC_CHAR (pspec)->maximum, G_MININT64, G_MAXINT64);
      break;
    case G_TYPE_INT:
      add_int_limits (self, G_PARAM_SPEC_INT (pspec)->minimum, G_PARAM_SPEC_INT (pspec)->maximum, G_MININT, G_MAXINT);
      break;
    case G_TYPE_LONG:
      add_int_limits (self, G_PARAM_SPEC_LONG (pspec)->minimum, G_PARAM_SPEC_LONG (pspec)->maximum, G_MINLONG, G_MAXLONG);
      break;
    case G_TYPE_INT64:
    default:
      add_int_limits (self, G_PARAM_SPEC_INT64 (pspec)->minimum, G_PARAM_SPEC_INT64 (pspec)->maximum, G_MININT64, G_MAXINT64);
      break;
    }
}

static void
add_unsigned (Writer *self, GType type, GParamSpec *pspec)
{
  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_UCHAR:
      add_uint_limits (self, G_PARAM_SPEC_UCHAR (pspec)->minimum, G_PARAM_SPEC_UCHAR (pspec)->maximum, G_MAXUINT64);
      break;
    case G_TYPE_UINT:
      add_uint_limits (self, G_PARAM_SPEC_UINT (pspec)->minimum, G_PARAM_SPEC_UINT (pspec)->maximum, G_MAXUINT);
      break;
    case G_TYPE_ULONG:
      add_uint_limits (self, G_PARAM_SPEC_ULONG (pspec)->minimum, G_PARAM_SPEC_ULONG (pspec)->maximum, G_MAXULONG);
      break;
    case G_TYPE_UINT64:
    default:
      add_uint_limits (self, G_PARAM_SPEC_UINT64 (pspec)->minimum, G_PARAM_SPEC_UINT64 (pspec)->maximum, G_MAXUINT64);
      break;
    }
}

static void
add_number (Writer *self, GType type, GParamSpec *pspec)
{
  if (pspec == NULL)
    return;
  if (G_TYPE_FUNDAMENTAL (type) == G_TYPE_FLOAT)
    add_double_limits (self, (double) G_PARAM_SPEC_FLOAT (pspec)->minimum, (double) G_PARAM_SPEC_FLOAT (pspec)->maximum);
  else
    add_double_limits (self, G_PARAM_SPEC_DOUBLE (pspec)->minimum, G_PARAM_SPEC_DOUBLE (pspec)->maximum);
}

/* Enumerations */

static void
add_nicks (Writer *self, GType type, gboolean nullable)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);

  oai_json_builder_begin_array (self->builder, "enum");
  if (G_IS_ENUM_CLASS (klass))
    for (guint i = 0; i < G_ENUM_CLASS (klass)->n_values; i++)
      add_string (self, NULL, G_ENUM_CLASS (klass)->values[i].value_nick);
  else
    for (guint i = 0; i < G_FLAGS_CLASS (klass)->n_values; i++)
      if (G_FLAGS_CLASS (klass)->values[i].value != 0)
        add_string (self, NULL, G_FLAGS_CLASS (klass)->values[i].value_nick);
  if (nullable)
    oai_json_builder_add_null (self->builder, NULL);
  oai_json_builder_end (self->builder);
}

static void
add_flags (Writer *self, GType type, gboolean nullable)
{
  add_type (self, "array", nullable);
  oai_json_builder_begin_object (self->builder, "items");
  add_type (self, "string", FALSE);
  add_nicks (self, type, FALSE);
  oai_json_builder_end (self->builder);
}

/* Variants */

static void add_variant_form (Writer *self, const GVariantType *type, gboolean nullable);

static void
add_variant (Writer *self, const char *name, const GVariantType *type)
{
  oai_json_builder_begin_object (self->builder, name);
  add_variant_form (self, type, FALSE);
  oai_json_builder_end (self->builder);
}

static void
add_variant_integer (Writer *self, gint64 minimum, gint64 maximum, gboolean nullable)
{
  add_type (self, "integer", nullable);
  if (minimum > G_MININT64)
    oai_json_builder_add_int (self->builder, "minimum", minimum);
  if (maximum < G_MAXINT64)
    oai_json_builder_add_int (self->builder, "maximum", maximum);
}

static void
add_variant_tuple (Writer *self, const GVariantType *type, gboolean nullable)
{
  gsize n = g_variant_type_n_items (type);
  const GVariantType *item = g_variant_type_is_dict_entry (type) ? g_variant_type_key (type) : g_variant_type_first (type);

  add_type (self, "array", nullable);
  oai_json_builder_begin_array (self->builder, "prefixItems");
  for (; item != NULL; item = g_variant_type_next (item))
    add_variant (self, NULL, item);
  oai_json_builder_end (self->builder);
  oai_json_builder_add_boolean (self->builder, "items", FALSE);
  oai_json_builder_add_int (self->builder, "minItems", (gint64) n);
}

static void
add_variant_array (Writer *self, const GVariantType *type, gboolean nullable)
{
  const GVariantType *element = g_variant_type_element (type);

  if (g_variant_type_equal (element, G_VARIANT_TYPE_BYTE))
    {
      add_type (self, "string", nullable);
      add_string (self, "description", "Base64");
    }
  else if (oai_variant_type_is_object (type))
    {
      add_type (self, "object", nullable);
      add_variant (self, "additionalProperties", g_variant_type_value (element));
    }
  else
    {
      add_type (self, "array", nullable);
      add_variant (self, "items", element);
    }
}

static void
add_variant_form (Writer *self, const GVariantType *type, gboolean nullable)
{
  switch (g_variant_type_peek_string (type)[0])
    {
    case 'b':
      add_type (self, "boolean", nullable);
      break;
    case 'y':
      add_variant_integer (self, 0, G_MAXUINT8, nullable);
      break;
    case 'n':
      add_variant_integer (self, G_MININT16, G_MAXINT16, nullable);
      break;
    case 'q':
      add_variant_integer (self, 0, G_MAXUINT16, nullable);
      break;
    case 'i':
      add_variant_integer (self, G_MININT32, G_MAXINT32, nullable);
      break;
    case 'u':
      add_variant_integer (self, 0, G_MAXUINT32, nullable);
      break;
    case 'x':
      add_variant_integer (self, G_MININT64, G_MAXINT64, nullable);
      break;
    case 't':
      add_variant_integer (self, 0, G_MAXINT64, nullable);
      break;
    case 'd':
      add_type (self, "number", nullable);
      break;
    case 's':
    case 'o':
    case 'g':
      add_type (self, "string", nullable);
      break;
    case 'm':
      add_variant_form (self, g_variant_type_element (type), TRUE);
      break;
    case 'a':
      add_variant_array (self, type, nullable);
      break;
    case '(':
    case '{':
      add_variant_tuple (self, type, nullable);
      break;
    case 'v': /* any value */
      break;
    default:
      fail (self, g_variant_type_peek_string (type));
    }
}

/* Types */

static void add_schema (Writer *self, const char *name, GType type, GParamSpec *pspec);

/* Names of types in other languages contain other characters, such as "+". */
static char *
dup_definition_name (GType type)
{
  return g_strcanon (g_strdup (g_type_name (type)), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-", '_');
}

/* Adds a definition once. */
static void
add_definition (Writer *self, GType type)
{
  for (guint i = 0; i < self->definitions->len; i++)
    if (g_array_index (self->definitions, GType, i) == type)
      return;

  g_array_append_val (self->definitions, type);
}

static void
add_reference (Writer *self, GType type)
{
  g_autofree char *name = NULL;
  g_autofree char *reference = NULL;

  if (type == self->root)
    {
      add_string (self, "$ref", "#");
      return;
    }

  add_definition (self, type);
  name = dup_definition_name (type);
  reference = g_strconcat ("#/$defs/", name, NULL);
  add_string (self, "$ref", reference);
}

static void
add_object (Writer *self, GType type, gboolean nullable)
{
  if (!nullable)
    {
      add_reference (self, type);
      return;
    }

  oai_json_builder_begin_array (self->builder, "anyOf");
  oai_json_builder_begin_object (self->builder, NULL);
  add_reference (self, type);
  oai_json_builder_end (self->builder);
  oai_json_builder_begin_object (self->builder, NULL);
  add_string (self, "type", "null");
  oai_json_builder_end (self->builder);
  oai_json_builder_end (self->builder);
}

static void
add_list (Writer *self, GType type, GParamSpec *pspec, gboolean nullable)
{
  GType item_type = oai_json_property_get_item_type (pspec);

  if (item_type == G_TYPE_INVALID)
    {
      fail (self, g_type_name (type));
      return;
    }

  add_type (self, "array", nullable);
  add_schema (self, "items", item_type, NULL);
}

/* Returns FALSE for types that are no strings in JSON. */
static gboolean
add_text (Writer *self, GType type, gboolean nullable)
{
  const char *format = NULL;

  if (type == G_TYPE_DATE_TIME)
    format = "date-time";
  else if (type == G_TYPE_DATE)
    format = "date";
  else if (type != G_TYPE_BYTES && type != G_TYPE_URI)
    return FALSE;

  add_type (self, "string", nullable);
  if (format != NULL)
    add_string (self, "format", format);

  return TRUE;
}

static void
add_boxed (Writer *self, GType type, gboolean nullable)
{
  if (type == G_TYPE_STRV)
    {
      add_type (self, "array", nullable);
      add_schema (self, "items", G_TYPE_STRING, NULL);
    }
  else if (!add_text (self, type, nullable))
    fail (self, g_type_name (type));
}

static void
add_variant_property (Writer *self, GParamSpec *pspec, gboolean nullable)
{
  const GVariantType *type = pspec != NULL ? G_PARAM_SPEC_VARIANT (pspec)->type : G_VARIANT_TYPE_ANY;

  if (g_variant_type_is_definite (type))
    add_variant_form (self, type, nullable);
}

static void
add_form (Writer *self, GType type, GParamSpec *pspec, gboolean nullable)
{
  if (oai_json_type_is_list (type))
    {
      add_list (self, type, pspec, nullable);
      return;
    }

  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_BOOLEAN:
      add_type (self, "boolean", nullable);
      break;
    case G_TYPE_CHAR:
    case G_TYPE_INT:
    case G_TYPE_LONG:
    case G_TYPE_INT64:
      add_type (self, "integer", nullable);
      if (pspec != NULL)
        add_signed (self, type, pspec);
      break;
    case G_TYPE_UCHAR:
    case G_TYPE_UINT:
    case G_TYPE_ULONG:
    case G_TYPE_UINT64:
      add_type (self, "integer", nullable);
      if (pspec != NULL)
        add_unsigned (self, type, pspec);
      else
        oai_json_builder_add_int (self->builder, "minimum", 0);
      break;
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
      add_type (self, "number", nullable);
      add_number (self, type, pspec);
      break;
    case G_TYPE_STRING:
      add_type (self, "string", nullable);
      break;
    case G_TYPE_ENUM:
      add_type (self, "string", nullable);
      add_nicks (self, type, nullable);
      break;
    case G_TYPE_FLAGS:
      add_flags (self, type, nullable);
      break;
    case G_TYPE_VARIANT:
      add_variant_property (self, pspec, nullable);
      break;
    case G_TYPE_BOXED:
      add_boxed (self, type, nullable);
      break;
    case G_TYPE_OBJECT:
      add_object (self, type, nullable);
      break;
    default:
      fail (self, g_type_name (type));
    }
}

/* What a model must know of a text whose format strict schemas do not support. */
static const char *
get_note (GType type)
{
  return type == G_TYPE_BYTES ? "Base64" : type == G_TYPE_URI ? "URI" : NULL;
}

static void
add_description (Writer *self, GType type, GParamSpec *pspec)
{
  const char *blurb = pspec != NULL ? g_param_spec_get_blurb (pspec) : NULL;
  const char *note = get_note (type);
  g_autofree char *text = NULL;

  if (blurb == NULL || blurb[0] == '\0')
    text = g_strdup (note);
  else
    text = note != NULL ? g_strdup_printf ("%s (%s)", blurb, note) : g_strdup (blurb);
  if (text != NULL)
    add_string (self, "description", text);
}

static void
add_default (Writer *self, GParamSpec *pspec)
{
  g_autofree char *json = NULL;
  g_autoptr (OaiJsonDoc) doc = NULL;

  if (pspec == NULL || !oai_json_property_has_default (pspec))
    return;
  json = oai_json_mapping_write_value (g_param_spec_get_default_value (pspec), NULL, NULL);
  doc = json != NULL ? oai_json_doc_new_copy (json, -1, OAI_JSON_OWN, NULL) : NULL;
  if (doc != NULL)
    oai_json_builder_add_node (self->builder, "default", doc, 0);
}

static void
add_schema (Writer *self, const char *name, GType type, GParamSpec *pspec)
{
  oai_json_builder_begin_object (self->builder, name);
  add_form (self, type, pspec, pspec != NULL && oai_json_property_is_optional (pspec));
  add_description (self, type, pspec);
  add_default (self, pspec);
  oai_json_builder_end (self->builder);
}

/* Writes the members of the schema of an object. */
static void
add_properties (Writer *self, GParamSpec **pspecs, guint n_pspecs)
{
  add_string (self, "type", "object");
  oai_json_builder_begin_object (self->builder, "properties");
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_autofree char *member = oai_json_property_dup_member (pspecs[i]);

      self->pspec = pspecs[i];
      add_schema (self, member, pspecs[i]->value_type, pspecs[i]);
    }
  self->pspec = NULL;
  oai_json_builder_end (self->builder);

  oai_json_builder_begin_array (self->builder, "required");
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_autofree char *member = oai_json_property_dup_member (pspecs[i]);

      if (!oai_json_property_is_optional (pspecs[i]))
        add_string (self, NULL, member);
    }
  oai_json_builder_end (self->builder);
}

/* Records */

/* The type of the JSON of a field; NULL for any JSON. */
static const char *
get_field_type (const OaiField *field)
{
  switch ((OaiFieldType) field->type)
    {
    case OAI_FIELD_STRING:
      return "string";
    case OAI_FIELD_INT:
    case OAI_FIELD_TIME:
      return "integer";
    case OAI_FIELD_NUMBER:
      return "number";
    case OAI_FIELD_BOOLEAN:
      return "boolean";
    case OAI_FIELD_MAP:
    case OAI_FIELD_RECORD:
      return "object";
    case OAI_FIELD_RECORD_LIST:
    case OAI_FIELD_STRING_LIST:
    case OAI_FIELD_INT_LIST:
    case OAI_FIELD_NUMBER_LIST:
      return "array";
    case OAI_FIELD_JSON:
    case OAI_FIELD_FILE:
    case OAI_FIELD_FILE_LIST:
    default:
      return NULL;
    }
}

static const char *
get_element_type (const OaiField *field)
{
  return field->type == OAI_FIELD_INT_LIST ? "integer" : field->type == OAI_FIELD_NUMBER_LIST ? "number" : "string";
}

static void
add_field_form (Writer *self, const OaiField *field)
{
  const char *type = get_field_type (field);

  if (field->type == OAI_FIELD_RECORD)
    {
      add_reference (self, field->item_type ());
      return;
    }
  if (type == NULL)
    return;
  add_type (self, type, (field->flags & OAI_FIELD_NULLABLE) != 0);
  if (strcmp (type, "array") != 0)
    return;

  oai_json_builder_begin_object (self->builder, "items");
  if (field->type == OAI_FIELD_RECORD_LIST)
    add_reference (self, field->item_type ());
  else
    add_type (self, get_element_type (field), FALSE);
  oai_json_builder_end (self->builder);
}

/* Files are not part of JSON. */
static gboolean
is_sent (const OaiField *field)
{
  return (field->flags & (OAI_FIELD_REPLY | OAI_FIELD_DEPRECATED)) == 0 && field->type != OAI_FIELD_FILE && field->type != OAI_FIELD_FILE_LIST;
}

/* A member that can have several types has a field for each. */
static void
add_alternatives (Writer *self, const OaiField *fields, guint n)
{
  oai_json_builder_begin_array (self->builder, "anyOf");
  for (guint i = 0; i < n; i++)
    {
      oai_json_builder_begin_object (self->builder, NULL);
      add_field_form (self, &fields[i]);
      oai_json_builder_end (self->builder);
    }
  oai_json_builder_end (self->builder);
}

static void
add_member (Writer *self, const OaiRecordSchema *schema, const OaiField *fields, guint n)
{
  oai_json_builder_begin_object (self->builder, fields->member);
  if ((fields->flags & OAI_FIELD_TAG) != 0 && schema->tag != NULL)
    add_string (self, "const", schema->tag);
  else if (n > 1)
    add_alternatives (self, fields, n);
  else
    add_field_form (self, fields);
  oai_json_builder_end (self->builder);
}

static void
add_required_members (Writer *self, const OaiRecordSchema *schema)
{
  oai_json_builder_begin_array (self->builder, "required");
  for (guint i = 0; i < schema->n_fields; i++)
    {
      const OaiField *field = &schema->fields[i];
      gboolean is_tag = (field->flags & OAI_FIELD_TAG) != 0 && schema->tag != NULL;

      if (((field->flags & OAI_FIELD_REQUIRED) != 0 || is_tag) && (field->flags & OAI_FIELD_ALTERNATIVE) == 0 && is_sent (field))
        add_string (self, NULL, field->member);
    }
  oai_json_builder_end (self->builder);
}

static void
add_fields (Writer *self, const OaiRecordSchema *schema)
{
  guint n;

  add_string (self, "type", "object");
  oai_json_builder_begin_object (self->builder, "properties");
  for (guint i = 0; i < schema->n_fields; i += n)
    {
      for (n = 1; i + n < schema->n_fields && (schema->fields[i + n].flags & OAI_FIELD_ALTERNATIVE) != 0; n++)
        continue;
      if (is_sent (&schema->fields[i]))
        add_member (self, schema, &schema->fields[i], n);
    }
  oai_json_builder_end (self->builder);
  add_required_members (self, schema);
}

static void
add_record (Writer *self, GType type)
{
  g_autoptr (OaiRecordClass) klass = g_type_class_ref (type);
  const OaiRecordSchema *schema = klass->schema;

  if (schema->n_cases == 0)
    {
      add_fields (self, schema);
      return;
    }

  oai_json_builder_begin_array (self->builder, "anyOf");
  for (guint i = 0; i < schema->n_cases; i++)
    {
      oai_json_builder_begin_object (self->builder, NULL);
      add_reference (self, schema->cases[i].type ());
      oai_json_builder_end (self->builder);
    }
  oai_json_builder_end (self->builder);
}

static void
add_class (Writer *self, GType type)
{
  g_autoptr (GTypeClass) klass = NULL;
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  if (g_type_is_a (type, OAI_TYPE_RECORD))
    {
      add_record (self, type);
      return;
    }
  if (!G_TYPE_IS_OBJECT (type) || G_TYPE_IS_ABSTRACT (type))
    {
      fail (self, g_type_name (type));
      return;
    }

  klass = g_type_class_ref (type);
  pspecs = oai_json_property_list (G_OBJECT_CLASS (klass), &n_pspecs);
  add_properties (self, pspecs, n_pspecs);
}

/* Definitions can refer to more of them. */
static void
add_definitions (Writer *self)
{
  if (self->definitions->len == 0)
    return;

  oai_json_builder_begin_object (self->builder, "$defs");
  for (guint i = 0; i < self->definitions->len; i++)
    {
      GType type = g_array_index (self->definitions, GType, i);
      g_autofree char *name = dup_definition_name (type);

      oai_json_builder_begin_object (self->builder, name);
      add_class (self, type);
      oai_json_builder_end (self->builder);
    }
  oai_json_builder_end (self->builder);
}

static void
writer_init (Writer *self, GType root)
{
  *self = (Writer) {
    .builder = oai_json_builder_new_object (),
    .root = root,
    .definitions = g_array_new (FALSE, FALSE, sizeof (GType))
  };
}

static OaiJsonDoc *
writer_finish (Writer *self, GError **error)
{
  g_autoptr (OaiJsonDoc) doc = NULL;

  add_definitions (self);
  doc = oai_json_builder_finish (self->builder);
  g_array_unref (self->definitions);
  if (self->error == NULL)
    return g_steal_pointer (&doc);

  g_propagate_error (error, self->error);
  return NULL;
}

OaiJsonDoc *
oai_type_schema_new (GType type, GError **error)
{
  Writer writer;

  writer_init (&writer, type);
  if (G_TYPE_FUNDAMENTAL (type) == G_TYPE_OBJECT && !oai_json_type_is_list (type))
    add_class (&writer, type);
  else
    {
      add_form (&writer, type, NULL, FALSE);
      add_description (&writer, type, NULL);
    }

  return writer_finish (&writer, error);
}

OaiJsonDoc *
oai_type_schema_new_for_properties (GParamSpec **pspecs, guint n_pspecs, GError **error)
{
  Writer writer;

  writer_init (&writer, G_TYPE_INVALID);
  add_properties (&writer, pspecs, n_pspecs);

  return writer_finish (&writer, error);
}

OaiJsonDoc *
oai_type_schema_new_for_variant (const GVariantType *type, GError **error)
{
  Writer writer;

  writer_init (&writer, G_TYPE_INVALID);
  if (g_variant_type_is_definite (type))
    add_variant_form (&writer, type, FALSE);
  else
    fail (&writer, g_variant_type_peek_string (type));

  return writer_finish (&writer, error);
}
