/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Schemas become properties here. */

#include "oai-input-file.h"
#include "oai-json-doc-private.h"
#include "oai-record-impl-private.h"

#include <string.h>

static const OaiRecordSchema untyped_schema = { OAI_RECORD_SCHEMA_SIZES, .flags = OAI_RECORD_SCHEMA_WRITABLE };
static const OaiRecordInfo untyped_info;

/* Another thread may have made the class. */
static const OaiRecordInfo *
get_info (OaiRecordClass *klass)
{
  return g_atomic_pointer_get (&klass->info);
}

static const OaiRecordSchema *
get_schema (OaiRecordClass *klass)
{
  return g_atomic_pointer_get (&klass->schema);
}

const OaiRecordInfo *
oai_record_get_info (OaiRecord *self)
{
  return get_info (OAI_RECORD_GET_CLASS (self));
}

const OaiRecordSchema *
oai_record_get_schema (OaiRecord *self)
{
  return get_schema (OAI_RECORD_GET_CLASS (self));
}

/* A class that another thread is making at the moment has what its parent has. */
static OaiRecordClass *
get_class (GType type)
{
  OaiRecordClass *klass = g_type_class_peek (type);

  if (G_LIKELY (klass != NULL && get_info (klass)->type == type))
    return klass;

  /* Types are static: their classes stay. */
  klass = g_type_class_ref (type);
  g_type_class_unref (klass);

  return klass;
}

GType
oai_record_find_case (GType type, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiRecordClass *klass = get_class (type);
  const OaiRecordSchema *schema = get_schema (klass);
  const OaiUnionCase *found = NULL;
  const char *tag;

  if (schema->n_cases == 0)
    return type;

  tag = oai_json_get_string (doc, oai_json_get_member (doc, node, schema->fields[schema->tag_field].member), NULL);
  found = tag != NULL ? g_hash_table_lookup (get_info (klass)->cases, tag) : NULL;

  return found != NULL && g_type_is_a (found->type (), type) ? found->type () : type;
}

GType
oai_record_get_object_type (const OaiField *field)
{
  if (field->type == OAI_FIELD_FILE || field->type == OAI_FIELD_FILE_LIST)
    return OAI_TYPE_INPUT_FILE;

  return field->item_type != NULL ? field->item_type () : G_TYPE_OBJECT;
}

static GParamSpec *
create_property (const OaiField *field, gboolean writable)
{
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const char *name = field->name;

  if (writable && (field->flags & OAI_FIELD_TAG) == 0)
    flags |= G_PARAM_WRITABLE | G_PARAM_EXPLICIT_NOTIFY;

  switch ((OaiFieldType) field->type)
    {
    case OAI_FIELD_STRING:
    case OAI_FIELD_JSON:
    case OAI_FIELD_MAP:
      return g_param_spec_string (name, NULL, NULL, NULL, flags);
    case OAI_FIELD_INT:
    case OAI_FIELD_TIME:
      return g_param_spec_int64 (name, NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
    case OAI_FIELD_NUMBER:
      return g_param_spec_double (name, NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags);
    case OAI_FIELD_BOOLEAN:
      return g_param_spec_boolean (name, NULL, NULL, FALSE, flags);
    case OAI_FIELD_RECORD:
    case OAI_FIELD_FILE:
      return g_param_spec_object (name, NULL, NULL, oai_record_get_object_type (field), flags);
    case OAI_FIELD_STRING_LIST:
      return g_param_spec_boxed (name, NULL, NULL, G_TYPE_STRV, flags);
    case OAI_FIELD_RECORD_LIST:
    case OAI_FIELD_FILE_LIST:
    case OAI_FIELD_INT_LIST:
    case OAI_FIELD_NUMBER_LIST:
    default:
      return NULL;
    }
}

static void
install_properties (GObjectClass *object_class, const OaiRecordSchema *schema, OaiRecordInfo *info)
{
  guint i;

  for (i = 0; i < schema->n_fields; i++)
    {
      const OaiField *field = &schema->fields[i];
      GParamSpec *pspec;

      info->pspecs[i] = g_object_class_find_property (object_class, field->name);
      if (info->pspecs[i] != NULL)
        continue;
      pspec = create_property (field, (schema->flags & OAI_RECORD_SCHEMA_WRITABLE) != 0);
      if (pspec == NULL)
        continue;
      g_object_class_install_property (object_class, i + 1, pspec);
      info->pspecs[i] = pspec;
    }
}

/* The tags that the parent type stands for, and the one that tells this type
 * from others of the parent. */
static void
collect_tags (OaiRecordInfo *info, const OaiRecordInfo *parent, const OaiRecordSchema *parent_schema, const char *tag)
{
  info->tags = g_new (OaiRecordTag, parent->n_tags + 1);
  for (info->n_tags = 0; info->n_tags < parent->n_tags; info->n_tags++)
    info->tags[info->n_tags] = parent->tags[info->n_tags];
  if (tag == NULL || parent_schema->n_cases == 0)
    return;

  info->tags[info->n_tags].field = parent_schema->tag_field;
  info->tags[info->n_tags].value = tag;
  info->n_tags++;
}

static void
oai_record_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiRecord *self = OAI_RECORD (object);
  guint field = id - 1;

  switch ((OaiFieldType) oai_record_get_schema (self)->fields[field].type)
    {
    case OAI_FIELD_STRING:
      g_value_set_string (value, oai_record_get_field_string (self, field));
      break;
    case OAI_FIELD_JSON:
    case OAI_FIELD_MAP:
      g_value_set_string (value, oai_record_get_field_json (self, field));
      break;
    case OAI_FIELD_INT:
    case OAI_FIELD_TIME:
      g_value_set_int64 (value, oai_record_get_field_int (self, field));
      break;
    case OAI_FIELD_NUMBER:
      g_value_set_double (value, oai_record_get_field_number (self, field));
      break;
    case OAI_FIELD_BOOLEAN:
      g_value_set_boolean (value, oai_record_get_field_boolean (self, field));
      break;
    case OAI_FIELD_RECORD:
      g_value_set_object (value, oai_record_get_field_record (self, field));
      break;
    case OAI_FIELD_FILE:
      g_value_set_object (value, oai_record_get_field_file (self, field));
      break;
    case OAI_FIELD_STRING_LIST:
      g_value_set_boxed (value, oai_record_get_field_strv (self, field));
      break;
    case OAI_FIELD_RECORD_LIST:
    case OAI_FIELD_FILE_LIST:
    case OAI_FIELD_INT_LIST:
    case OAI_FIELD_NUMBER_LIST:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
    }
}

static void
oai_record_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OaiRecord *self = OAI_RECORD (object);
  guint field = id - 1;

  switch ((OaiFieldType) oai_record_get_schema (self)->fields[field].type)
    {
    case OAI_FIELD_STRING:
      oai_record_set_field_string (self, field, g_value_get_string (value));
      break;
    case OAI_FIELD_JSON:
    case OAI_FIELD_MAP:
      oai_record_set_field_json (self, field, g_value_get_string (value));
      break;
    case OAI_FIELD_INT:
    case OAI_FIELD_TIME:
      oai_record_set_field_int (self, field, g_value_get_int64 (value));
      break;
    case OAI_FIELD_NUMBER:
      oai_record_set_field_number (self, field, g_value_get_double (value));
      break;
    case OAI_FIELD_BOOLEAN:
      oai_record_set_field_boolean (self, field, g_value_get_boolean (value));
      break;
    case OAI_FIELD_RECORD:
      oai_record_set_field_record (self, field, g_value_get_object (value));
      break;
    case OAI_FIELD_FILE:
      oai_record_set_field_file (self, field, g_value_get_object (value));
      break;
    case OAI_FIELD_STRING_LIST:
      oai_record_set_field_strv (self, field, g_value_get_boxed (value));
      break;
    case OAI_FIELD_RECORD_LIST:
    case OAI_FIELD_FILE_LIST:
    case OAI_FIELD_INT_LIST:
    case OAI_FIELD_NUMBER_LIST:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
    }
}

/* The rows of an array of another ABI: what it has beyond ours is left out, what it lacks is 0. */
static gpointer
copy_rows (gconstpointer rows, guint n_rows, gsize row_size, gsize size)
{
  char *copy = g_malloc0_n (n_rows, size);

  for (guint i = 0; i < n_rows; i++)
    memcpy (copy + i * size, (const char *) rows + i * row_size, MIN (row_size, size));

  return copy;
}

/* The schema with the sizes that core was compiled with.  Types are static: a copy stays. */
static const OaiRecordSchema *
adapt_schema (const OaiRecordSchema *schema)
{
  OaiRecordSchema *copy;

  if (schema->size == sizeof *copy && schema->field_size == sizeof (OaiField) && schema->case_size == sizeof (OaiUnionCase))
    return schema;

  copy = g_new0 (OaiRecordSchema, 1);
  memcpy (copy, schema, MIN (schema->size, sizeof *copy));
  copy->size = sizeof *copy;
  copy->fields = copy_rows (schema->fields, schema->n_fields, schema->field_size, sizeof (OaiField));
  copy->field_size = sizeof (OaiField);
  copy->cases = copy_rows (schema->cases, schema->n_cases, schema->case_size, sizeof (OaiUnionCase));
  copy->case_size = sizeof (OaiUnionCase);

  return copy;
}

/**
 * oai_record_class_set_schema: (skip)
 * @klass: the class
 * @schema: its schema, which is static; it begins with its size
 *
 * Stores the schema of a record type and installs the properties that its
 * parent type does not have.
 *
 * For the class_init of compiled API descriptions.
 *
 * Since: 1.0
 */
void
oai_record_class_set_schema (OaiRecordClass *klass, const OaiRecordSchema *schema)
{
  OaiRecordInfo *info;
  guint i;

  g_return_if_fail (schema->size >= G_STRUCT_OFFSET (OaiRecordSchema, cases));
  g_return_if_fail (schema->n_fields == 0 || schema->field_size >= G_STRUCT_OFFSET (OaiField, item_type));

  schema = adapt_schema (schema);
  info = g_new0 (OaiRecordInfo, 1);
  info->type = G_TYPE_FROM_CLASS (klass);
  info->heads = g_new (guint16, schema->n_fields);
  info->pspecs = g_new0 (GParamSpec *, schema->n_fields);
  for (i = 0; i < schema->n_fields; i++)
    {
      gboolean alternative = i > 0 && (schema->fields[i].flags & OAI_FIELD_ALTERNATIVE) != 0;

      info->heads[i] = (guint16) (alternative ? info->heads[i - 1] : i);
    }
  if (schema->n_cases > 0)
    {
      info->cases = g_hash_table_new (g_str_hash, g_str_equal);
      for (i = 0; i < schema->n_cases; i++)
        g_hash_table_insert (info->cases, (gpointer) schema->cases[i].tag, (gpointer) &schema->cases[i]);
    }
  collect_tags (info, get_info (klass), get_schema (klass), schema->tag);
  /* GObject clears them in each class, so that nobody answers for another's properties. */
  G_OBJECT_CLASS (klass)->get_property = oai_record_get_property;
  G_OBJECT_CLASS (klass)->set_property = oai_record_set_property;
  install_properties (G_OBJECT_CLASS (klass), schema, info);

  /* A thread that finds the info finds the schema, too. */
  g_atomic_pointer_set (&klass->schema, (gpointer) schema);
  g_atomic_pointer_set (&klass->info, info);
}

/* In the class_init of OaiRecord itself. */
void
oai_record_class_install (OaiRecordClass *klass)
{
  g_atomic_pointer_set (&klass->info, (gpointer) &untyped_info);
  g_atomic_pointer_set (&klass->schema, (gpointer) &untyped_schema);
}
