/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-record-class.h"

#include <string.h>

#include "oai-field-type-list-private.h"
#include "oai-record-private.h"

static void
install_property (GObjectClass *object_class, const OaiRecordSchema *schema, OaiRecordInfo *info, guint i)
{
  const OaiField *field = &schema->fields[i];
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  info->pspecs[i] = g_object_class_find_property (object_class, field->name);
  if (info->pspecs[i] != NULL || info->types[i]->create_property == NULL)
    return;

  if ((schema->flags & OAI_RECORD_SCHEMA_WRITABLE) != 0 && (field->flags & OAI_FIELD_TAG) == 0)
    flags |= G_PARAM_WRITABLE | G_PARAM_EXPLICIT_NOTIFY;
  if ((field->flags & OAI_FIELD_DEPRECATED) != 0)
    flags |= G_PARAM_DEPRECATED;
  info->pspecs[i] = info->types[i]->create_property (field, flags);
  g_object_class_install_property (object_class, i + 1, info->pspecs[i]);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiRecord *self = OAI_RECORD (object);

  oai_record_get_info (self)->types[id - 1]->get_property (self, id - 1, value);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OaiRecord *self = OAI_RECORD (object);

  oai_record_get_info (self)->types[id - 1]->set_property (self, id - 1, value);
}

static const char *
find_untagged (const OaiRecordSchema *schema, const char *tag)
{
  for (guint i = 0; i < schema->n_cases; i++)
    if (g_str_equal (schema->cases[i].tag, tag))
      return schema->cases[i].untagged;

  return NULL;
}

/* Collects the tags of the parent type and the tag of this type. */
static void
collect_tags (OaiRecordInfo *info, OaiRecordClass *parent, const char *tag)
{
  const OaiRecordInfo *parent_info = oai_record_class_get_info (parent);
  const OaiRecordSchema *parent_schema = oai_record_class_get_schema (parent);

  info->tags = g_new (OaiRecordTag, parent_info->n_tags + 1);
  for (info->n_tags = 0; info->n_tags < parent_info->n_tags; info->n_tags++)
    info->tags[info->n_tags] = parent_info->tags[info->n_tags];
  if (tag == NULL || parent_schema->n_cases == 0)
    return;

  info->tags[info->n_tags].field = parent_schema->tag_field;
  info->tags[info->n_tags].value = tag;
  info->tags[info->n_tags].untagged = find_untagged (parent_schema, tag);
  info->n_tags++;
}

static void
collect_fields (OaiRecordInfo *info, const OaiRecordSchema *schema)
{
  info->heads = g_new (guint16, schema->n_fields);
  info->ends = g_new (guint16, schema->n_fields);
  info->types = g_new (const OaiFieldTypeClass *, schema->n_fields);
  info->pspecs = g_new0 (GParamSpec *, schema->n_fields);
  for (guint i = 0; i < schema->n_fields; i++)
    {
      gboolean alternative = i > 0 && (schema->fields[i].flags & OAI_FIELD_ALTERNATIVE) != 0;

      info->heads[i] = (guint16) (alternative ? info->heads[i - 1] : i);
      info->ends[info->heads[i]] = (guint16) (i + 1);
      info->types[i] = oai_field_type_list_get_class (&schema->fields[i]);
    }
}

/* Copies the rows of a table with another row size.  Members that core does not know are omitted;
 * members that the table does not have are 0. */
static gpointer
copy_rows (gconstpointer rows, guint n_rows, gsize row_size, gsize size)
{
  char *copy = g_malloc0_n (n_rows, size);

  for (guint i = 0; i < n_rows; i++)
    memcpy (copy + i * size, (const char *) rows + i * row_size, MIN (row_size, size));

  return copy;
}

/* Returns the schema with the sizes that core was compiled with.  Copies are never freed, since
 * types are static. */
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

  g_return_if_fail (schema->size >= G_STRUCT_OFFSET (OaiRecordSchema, cases));
  g_return_if_fail (schema->n_fields == 0 || schema->field_size >= G_STRUCT_OFFSET (OaiField, item_type));

  schema = adapt_schema (schema);
  info = g_new0 (OaiRecordInfo, 1);
  info->type = G_TYPE_FROM_CLASS (klass);
  collect_fields (info, schema);
  collect_tags (info, klass, schema->tag);
  if (schema->n_cases > 0)
    {
      info->cases = g_hash_table_new (g_str_hash, g_str_equal);
      for (guint i = 0; i < schema->n_cases; i++)
        g_hash_table_insert (info->cases, (gpointer) schema->cases[i].tag, (gpointer) &schema->cases[i]);
    }
  /* GObject resets these in each class that installs properties. */
  G_OBJECT_CLASS (klass)->get_property = get_property;
  G_OBJECT_CLASS (klass)->set_property = set_property;
  for (guint i = 0; i < schema->n_fields; i++)
    install_property (G_OBJECT_CLASS (klass), schema, info, i);

  oai_record_class_set_info (klass, schema, info);
}
