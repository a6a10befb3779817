/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "driver.h"

#include "oai-json-doc-private.h"

typedef gboolean (*Holds) (OaiJsonDoc *doc, OaiJsonNode node);

static gboolean
holds_string (OaiJsonDoc *doc, OaiJsonNode node)
{
  return oai_json_get_type (doc, node) == OAI_JSON_STRING;
}

static gboolean
holds_int (OaiJsonDoc *doc, OaiJsonNode node)
{
  gint64 value;

  return oai_json_get_int (doc, node, &value);
}

static gboolean
holds_number (OaiJsonDoc *doc, OaiJsonNode node)
{
  double value;

  return oai_json_get_double (doc, node, &value);
}

static gboolean
holds_boolean (OaiJsonDoc *doc, OaiJsonNode node)
{
  gboolean value;

  return oai_json_get_boolean (doc, node, &value);
}

static gboolean
holds_object (OaiJsonDoc *doc, OaiJsonNode node)
{
  return oai_json_get_type (doc, node) == OAI_JSON_OBJECT;
}

static gboolean
holds_list (OaiJsonDoc *doc, OaiJsonNode node, Holds holds)
{
  OaiJsonIter iter;
  OaiJsonNode element;

  if (oai_json_get_type (doc, node) != OAI_JSON_ARRAY)
    return FALSE;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    if (!holds (doc, element))
      return FALSE;

  return TRUE;
}

static gboolean
is_of_kind (OaiJsonDoc *doc, OaiJsonNode node, OaiFieldType type)
{
  switch (type)
    {
    case OAI_FIELD_STRING:
      return holds_string (doc, node);
    case OAI_FIELD_INT:
    case OAI_FIELD_TIME:
      return holds_int (doc, node);
    case OAI_FIELD_NUMBER:
      return holds_number (doc, node);
    case OAI_FIELD_BOOLEAN:
      return holds_boolean (doc, node);
    case OAI_FIELD_JSON:
      return oai_json_get_type (doc, node) > OAI_JSON_NULL;
    case OAI_FIELD_MAP:
    case OAI_FIELD_RECORD:
      return holds_object (doc, node);
    case OAI_FIELD_RECORD_LIST:
      return holds_list (doc, node, holds_object);
    case OAI_FIELD_STRING_LIST:
      return holds_list (doc, node, holds_string);
    case OAI_FIELD_INT_LIST:
      return holds_list (doc, node, holds_int);
    case OAI_FIELD_NUMBER_LIST:
      return holds_list (doc, node, holds_number);
    case OAI_FIELD_FILE:
    case OAI_FIELD_FILE_LIST:
    default:
      return FALSE;
    }
}

static void
copy_list (OaiRecord *record, OaiRecord *copy, guint field, JsonArray *odd)
{
  GPtrArray *list = oai_record_get_field_list (record, field);
  g_autoptr(GPtrArray) nothing = g_ptr_array_new ();

  oai_record_set_field_list (copy, field, nothing);
  for (guint i = 0; i < list->len; i++)
    {
      g_autoptr(OaiRecord) item = driver_rebuild (g_ptr_array_index (list, i), odd);

      oai_record_add_field_item (copy, field, item);
    }
}

static void
copy_numbers (OaiRecord *record, OaiRecord *copy, guint field, OaiFieldType type)
{
  gsize length;

  if (type == OAI_FIELD_INT_LIST)
    {
      const gint64 *values = oai_record_get_field_ints (record, field, &length);

      oai_record_set_field_ints (copy, field, values, length);
    }
  else
    {
      const double *values = oai_record_get_field_numbers (record, field, &length);

      oai_record_set_field_numbers (copy, field, values, length);
    }
}

static void
copy_field (OaiRecord *record, OaiRecord *copy, guint field, OaiFieldType type, JsonArray *odd)
{
  g_autoptr(OaiRecord) part = NULL;

  switch (type)
    {
    case OAI_FIELD_STRING:
      oai_record_set_field_string (copy, field, oai_record_get_field_string (record, field));
      break;
    case OAI_FIELD_INT:
    case OAI_FIELD_TIME:
      oai_record_set_field_int (copy, field, oai_record_get_field_int (record, field));
      break;
    case OAI_FIELD_NUMBER:
      oai_record_set_field_number (copy, field, oai_record_get_field_number (record, field));
      break;
    case OAI_FIELD_BOOLEAN:
      oai_record_set_field_boolean (copy, field, oai_record_get_field_boolean (record, field));
      break;
    case OAI_FIELD_JSON:
    case OAI_FIELD_MAP:
      oai_record_set_field_json (copy, field, oai_record_get_field_json (record, field));
      break;
    case OAI_FIELD_RECORD:
      part = driver_rebuild (oai_record_get_field_record (record, field), odd);
      oai_record_set_field_record (copy, field, part);
      break;
    case OAI_FIELD_RECORD_LIST:
      copy_list (record, copy, field, odd);
      break;
    case OAI_FIELD_STRING_LIST:
      oai_record_set_field_strv (copy, field, oai_record_get_field_strv (record, field));
      break;
    case OAI_FIELD_INT_LIST:
    case OAI_FIELD_NUMBER_LIST:
      copy_numbers (record, copy, field, type);
      break;
    case OAI_FIELD_FILE:
    case OAI_FIELD_FILE_LIST:
    default:
      g_assert_not_reached ();
    }
}

/* The field that reads the member, or -1; known: whether the type has it. */
static int
find_field (OaiRecord *record, const char *member, OaiJsonDoc *doc, OaiJsonNode node, gboolean *known)
{
  const OaiRecordSchema *schema = oai_record_get_schema (record);

  *known = FALSE;
  for (guint i = 0; i < schema->n_fields; i++)
    {
      if (!g_str_equal (schema->fields[i].member, member))
        continue;
      *known = TRUE;
      if (oai_record_field_is_set (record, i) && is_of_kind (doc, node, schema->fields[i].type))
        return i;
    }

  return -1;
}

static void
copy_member (OaiRecord *record, OaiRecord *copy, const char *member, JsonArray *odd)
{
  OaiJsonDoc *doc;
  OaiJsonNode node;
  g_autofree char *json = NULL;
  gboolean known;
  int field;

  if (oai_record_is_null_member (record, member))
    {
      oai_record_set_null_member (copy, member);
      return;
    }
  /* The tag of a union is set although it was not sent. */
  if (!oai_record_peek_member (record, member, &doc, &node))
    return;

  field = find_field (record, member, doc, node, &known);
  if (field >= 0)
    {
      copy_field (record, copy, field, oai_record_get_schema (record)->fields[field].type, odd);
      return;
    }

  json = oai_record_dup_member (record, member);
  g_assert_true (oai_record_set_member (copy, member, json, NULL));
  if (known)
    {
      g_autofree char *name = g_strdup_printf ("%s.%s", G_OBJECT_TYPE_NAME (record), member);

      json_array_add_string_element (odd, name);
    }
}

/* Some programs omit the tag of a union that another member selects. */
static void
remove_absent_tags (OaiRecord *record, OaiRecord *copy)
{
  const OaiRecordSchema *schema = oai_record_get_schema (record);
  g_auto(GStrv) members = oai_record_list_members (record);

  for (guint i = 0; i < schema->n_fields; i++)
    if ((schema->fields[i].flags & OAI_FIELD_TAG) != 0 && !g_strv_contains ((const char *const *) members, schema->fields[i].member))
      oai_record_unset_member (copy, schema->fields[i].member);
}

OaiRecord *
driver_rebuild (OaiRecord *record, JsonArray *odd)
{
  OaiRecord *copy = g_object_new (G_OBJECT_TYPE (record), NULL);
  g_auto(GStrv) members = oai_record_list_members (record);

  for (guint i = 0; members[i] != NULL; i++)
    copy_member (record, copy, members[i], odd);
  remove_absent_tags (record, copy);

  return copy;
}
