/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-field-info.h"

#include "oai-field-type-list-private.h"
#include "oai-record-private.h"

/**
 * OaiFieldInfo:
 *
 * Describes a field of a record type. A field gives access to a member of the JSON object with a
 * getter, a setter and, for most types, a property.
 *
 * [func@Oai.Record.list_fields] lists the fields of a type. If values of a member can have several
 * types, such as those of the `content` of a message, it has a field for each type.
 *
 * Since: 1.0
 */
struct _OaiFieldInfo
{
  GObject parent_instance;

  const OaiField *field;
  gboolean writable;
};

G_DEFINE_FINAL_TYPE (OaiFieldInfo, oai_field_info, G_TYPE_OBJECT)

static void
oai_field_info_class_init (OaiFieldInfoClass *klass)
{
}

static void
oai_field_info_init (OaiFieldInfo *self)
{
  static const OaiField no_field = { "", "", OAI_FIELD_JSON, OAI_FIELD_NONE, NULL };

  self->field = &no_field;
}

static OaiFieldInfo *
field_info_new (const OaiField *field, gboolean writable)
{
  OaiFieldInfo *self = g_object_new (OAI_TYPE_FIELD_INFO, NULL);

  self->field = field;
  self->writable = writable && (field->flags & OAI_FIELD_TAG) == 0;

  return self;
}

/**
 * oai_record_list_fields:
 * @type: a type of records, such as `OAI_TYPE_CHAT_MESSAGE`
 *
 * Lists the fields of a record type. The fields of its parent type come first; the alternatives of
 * a member are consecutive.
 *
 * Returns: (transfer container) (element-type OaiFieldInfo): the fields
 *
 * Since: 1.0
 */
GPtrArray *
oai_record_list_fields (GType type)
{
  GPtrArray *fields = g_ptr_array_new_with_free_func (g_object_unref);
  const OaiRecordSchema *schema;
  OaiRecordClass *klass;

  g_return_val_if_fail (g_type_is_a (type, OAI_TYPE_RECORD), fields);

  klass = g_type_class_ref (type);
  schema = oai_record_class_get_schema (klass);
  for (guint i = 0; i < schema->n_fields; i++)
    g_ptr_array_add (fields, field_info_new (&schema->fields[i], (schema->flags & OAI_RECORD_SCHEMA_WRITABLE) != 0));
  g_type_class_unref (klass);

  return fields;
}

/**
 * oai_record_find_type:
 * @type: a union of record types, such as `OAI_TYPE_CHAT_CONTENT_PART`
 * @tag: a value of its tag, such as `text`
 *
 * Gets the type of a union that a tag selects.
 *
 * Returns: the type, or @type if it is not a union or has no type with this tag
 *
 * Since: 1.0
 */
GType
oai_record_find_type (GType type, const char *tag)
{
  const OaiRecordSchema *schema;
  OaiRecordClass *klass;
  GType found = type;

  g_return_val_if_fail (g_type_is_a (type, OAI_TYPE_RECORD), G_TYPE_INVALID);
  g_return_val_if_fail (tag != NULL, type);

  klass = g_type_class_ref (type);
  schema = oai_record_class_get_schema (klass);
  for (guint i = 0; i < schema->n_cases; i++)
    if (g_str_equal (schema->cases[i].tag, tag))
      found = schema->cases[i].type ();
  g_type_class_unref (klass);

  return found;
}

/**
 * oai_field_info_get_name:
 * @self: a description of a field
 *
 * Gets the name of the field in this library, with dashes, such as `content-parts`. The getter
 * and the setter have the name with underscores; those of `type` are `get_type_value`
 * and `set_type_value`.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
oai_field_info_get_name (OaiFieldInfo *self)
{
  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), NULL);

  return self->field->name;
}

/**
 * oai_field_info_get_member:
 * @self: a description of a field
 *
 * Gets the name of the member in JSON, such as `content`.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
oai_field_info_get_member (OaiFieldInfo *self)
{
  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), NULL);

  return self->field->member;
}

/**
 * oai_field_info_get_type_name:
 * @self: a description of a field
 *
 * Gets the type of the values of the field:
 *
 * - `string`, `int` (64 bits), `number` (a double), `boolean`
 * - `time`: seconds since 1970, UTC
 * - `json`: any JSON, as text
 * - `map`: a JSON object of strings, as text
 * - `record`: a record of the item type
 * - `file`: an [class@Oai.InputFile]
 * - `string-list`, `int-list`, `number-list`, `record-list`, `file-list`
 *
 * Returns: (transfer none): the name of the type
 *
 * Since: 1.0
 */
const char *
oai_field_info_get_type_name (OaiFieldInfo *self)
{
  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), NULL);

  return oai_field_type_list_get_class (self->field)->name;
}

/**
 * oai_field_info_get_item_type:
 * @self: a description of a field
 *
 * Gets the type of the records or files that the field contains.
 *
 * Returns: the type, or %G_TYPE_INVALID if the field contains neither records nor files
 *
 * Since: 1.0
 */
GType
oai_field_info_get_item_type (OaiFieldInfo *self)
{
  const OaiFieldTypeClass *type;

  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), G_TYPE_INVALID);

  type = oai_field_type_list_get_class (self->field);

  return type->get_item_type != NULL ? type->get_item_type (self->field) : G_TYPE_INVALID;
}

/**
 * oai_field_info_is_property:
 * @self: a description of a field
 *
 * Gets whether the field is also a GObject property. Lists are not, except lists of strings.
 *
 * Returns: %TRUE if the field is a property
 *
 * Since: 1.0
 */
gboolean
oai_field_info_is_property (OaiFieldInfo *self)
{
  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), FALSE);

  return oai_field_type_list_get_class (self->field)->create_property != NULL;
}

/**
 * oai_field_info_is_writable:
 * @self: a description of a field
 *
 * Gets whether the field has a setter.
 *
 * Returns: %TRUE if the field has a setter
 *
 * Since: 1.0
 */
gboolean
oai_field_info_is_writable (OaiFieldInfo *self)
{
  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), FALSE);

  return self->writable;
}

/**
 * oai_field_info_is_required:
 * @self: a description of a field
 *
 * Gets whether a request must contain the member.
 *
 * Returns: %TRUE if the member is required
 *
 * Since: 1.0
 */
gboolean
oai_field_info_is_required (OaiFieldInfo *self)
{
  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), FALSE);

  return (self->field->flags & OAI_FIELD_REQUIRED) != 0;
}

/**
 * oai_field_info_is_nullable:
 * @self: a description of a field
 *
 * Gets whether null and an absent member have different meanings. [method@Oai.Record.set_null_member] sets
 * a member to null.
 *
 * Returns: %TRUE if the meanings differ
 *
 * Since: 1.0
 */
gboolean
oai_field_info_is_nullable (OaiFieldInfo *self)
{
  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), FALSE);

  return (self->field->flags & OAI_FIELD_NULLABLE) != 0;
}

/**
 * oai_field_info_is_secret:
 * @self: a description of a field
 *
 * Gets whether [method@Oai.Record.to_string] redacts the value.
 *
 * Returns: %TRUE if the value is redacted
 *
 * Since: 1.0
 */
gboolean
oai_field_info_is_secret (OaiFieldInfo *self)
{
  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), FALSE);

  return (self->field->flags & OAI_FIELD_SECRET) != 0;
}

/**
 * oai_field_info_is_tag:
 * @self: a description of a field
 *
 * Gets whether the value selects the type of a record in a union.
 *
 * Returns: %TRUE if the field is the tag of a union
 *
 * Since: 1.0
 */
gboolean
oai_field_info_is_tag (OaiFieldInfo *self)
{
  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), FALSE);

  return (self->field->flags & OAI_FIELD_TAG) != 0;
}

/**
 * oai_field_info_is_deprecated:
 * @self: a description of a field
 *
 * Gets whether the getter, the setter and the property of the field are deprecated.
 *
 * Returns: %TRUE if they are deprecated
 *
 * Since: 1.0
 */
gboolean
oai_field_info_is_deprecated (OaiFieldInfo *self)
{
  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), FALSE);

  return (self->field->flags & OAI_FIELD_DEPRECATED) != 0;
}

/**
 * oai_field_info_is_alternative:
 * @self: a description of a field
 *
 * Gets whether the field belongs to the same member as the field before it, with another type.
 *
 * Returns: %TRUE if the field is a further type of the member
 *
 * Since: 1.0
 */
gboolean
oai_field_info_is_alternative (OaiFieldInfo *self)
{
  g_return_val_if_fail (OAI_IS_FIELD_INFO (self), FALSE);

  return (self->field->flags & OAI_FIELD_ALTERNATIVE) != 0;
}
