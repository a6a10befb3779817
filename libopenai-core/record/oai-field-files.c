/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-field-files-private.h"

#include "oai-field-objects-private.h"
#include "oai-input-file.h"

static GType
get_item_type (const OaiField *field)
{
  return OAI_TYPE_INPUT_FILE;
}

/* Files are not part of the JSON. */
static gboolean
accepts (OaiJsonDoc *doc, OaiJsonNode node)
{
  return FALSE;
}

static void
write_null (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  g_string_append (out, "null");
}

static GParamSpec *
file_create_property (const OaiField *field, GParamFlags flags)
{
  return oai_field_object_create_property (field, flags, OAI_TYPE_INPUT_FILE);
}

static void
file_get_property (OaiRecord *record, guint field, GValue *value)
{
  g_value_set_object (value, oai_record_get_field_file (record, field));
}

static void
file_set_property (OaiRecord *record, guint field, const GValue *value)
{
  oai_record_set_field_file (record, field, g_value_get_object (value));
}

static gboolean
file_copy (const OaiFieldValue *value, OaiFieldValue *copy)
{
  copy->object = g_object_ref (value->object);

  return TRUE;
}

static gboolean
file_equal (OaiRecord *a, OaiRecord *b, guint field)
{
  return oai_record_get_field_file (a, field) == oai_record_get_field_file (b, field);
}

const OaiFieldTypeClass oai_field_file_class = {
  .name = "file",
  .content = OAI_FIELD_HOLDS_FILES,
  .create_property = file_create_property,
  .get_property = file_get_property,
  .set_property = file_set_property,
  .get_item_type = get_item_type,
  .accepts = accepts,
  .write = write_null,
  .clear = oai_field_object_clear,
  .copy = file_copy,
  .equal = file_equal,
  .foreach_object = oai_field_object_foreach
};

static gpointer
copy_file (gconstpointer file, gpointer user_data)
{
  return g_object_ref ((gpointer) file);
}

static gboolean
list_copy (const OaiFieldValue *value, OaiFieldValue *copy)
{
  copy->list = g_ptr_array_copy (value->list, copy_file, NULL);
  g_ptr_array_set_free_func (copy->list, g_object_unref);

  return TRUE;
}

static gboolean
list_equal (OaiRecord *a, OaiRecord *b, guint field)
{
  GPtrArray *list_a = oai_record_get_field_list (a, field), *list_b = oai_record_get_field_list (b, field);

  if (list_a->len != list_b->len)
    return FALSE;

  for (guint i = 0; i < list_a->len; i++)
    if (list_a->pdata[i] != list_b->pdata[i])
      return FALSE;

  return TRUE;
}

const OaiFieldTypeClass oai_field_file_list_class = {
  .name = "file-list",
  .content = OAI_FIELD_HOLDS_FILES,
  .get_item_type = get_item_type,
  .accepts = accepts,
  .write = write_null,
  .clear = oai_field_list_clear,
  .copy = list_copy,
  .equal = list_equal,
  .is_filled = oai_field_list_is_filled,
  .foreach_object = oai_field_list_foreach
};

/**
 * oai_record_get_field_file: (skip)
 * @self: a record
 * @field: index of a FILE field
 *
 * Returns: (transfer none) (nullable): the file, or %NULL
 *
 * Since: 1.0
 */
gpointer
oai_record_get_field_file (OaiRecord *self, guint field)
{
  OaiView view;
  const OaiFieldValue *value;

  if (!oai_record_check_field (self, field))
    return NULL;
  value = oai_record_look (self, field, &view);

  return value != NULL ? value->object : NULL;
}

/**
 * oai_record_set_field_file: (skip)
 * @self: a writable record
 * @field: index of a FILE field
 * @file: (nullable): an #OaiInputFile, which is shared; %NULL removes the member
 *
 * Since: 1.0
 */
void
oai_record_set_field_file (OaiRecord *self, guint field, gpointer file)
{
  if (!oai_record_begin_set (self, field) || (file != NULL && !oai_record_check_object (self, field, file)))
    return;

  oai_field_object_set (self, field, file, oai_record_get_field_file (self, field));
}

/* Searching */

typedef struct
{
  GString *name;
  OaiRecordFileFunc func;
  gpointer user_data;
} Search;

static void find_files (OaiRecord *self, Search *search);

static void
visit_file (gpointer file, gpointer user_data)
{
  Search *search = user_data;

  search->func (search->name->str, file, search->user_data);
}

static void
visit_record (gpointer record, gpointer user_data)
{
  find_files (record, user_data);
}

/* Returns whether the member has objects in memory, and sets field to the field that contains
 * them. */
static gboolean
find_objects (OaiRecord *self, guint head, guint *field)
{
  OaiView view;

  oai_record_view (self, head, &view);
  *field = view.field;
  if (view.kind == OAI_VIEW_VALUE)
    return oai_record_get_info (self)->types[view.field]->foreach_object != NULL;

  return view.kind == OAI_VIEW_NODE && (oai_record_is_writable (self) || oai_record_has_changed_parts (self)) && oai_record_find_part (self, head, &view, field);
}

static void
find_in_member (OaiRecord *self, guint head, Search *search)
{
  gsize length = search->name->len;
  const OaiFieldTypeClass *type;
  guint field;

  if (!find_objects (self, head, &field))
    return;

  type = oai_record_get_info (self)->types[field];
  g_string_append_printf (search->name, length == 0 ? "%s" : "[%s]", oai_record_get_field (self, head)->member);
  if (type->is_filled != NULL)
    g_string_append (search->name, "[]");
  type->foreach_object (oai_record_peek_value (self, field), type->content == OAI_FIELD_HOLDS_FILES ? visit_file : visit_record, search);
  g_string_truncate (search->name, length);
}

static void
find_files (OaiRecord *self, Search *search)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  OaiRecordVisit visit;

  /* oai_record_write() reports the error. */
  if (!oai_record_enter (self, &visit))
    return;

  for (guint i = 0; i < schema->n_fields; i++)
    if ((schema->fields[i].flags & OAI_FIELD_ALTERNATIVE) == 0)
      find_in_member (self, i, search);
  oai_record_leave (&visit);
}

void
oai_record_foreach_file (OaiRecord *self, OaiRecordFileFunc func, gpointer user_data)
{
  g_autoptr(GString) name = g_string_new (NULL);
  Search search = { name, func, user_data };

  find_files (self, &search);
}
