/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Equality by value: numbers as numbers, members in any order. */

#include "oai-record-impl-private.h"
#include "oai-json-doc-private.h"

#include <string.h>

static gboolean equal_nodes (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b);

typedef struct
{
  const char *name;
  OaiJsonNode node;
} Member;

static int
compare_members (gconstpointer a, gconstpointer b)
{
  const Member *member_a = a;
  const Member *member_b = b;
  int order = strcmp (member_a->name, member_b->name);

  return order != 0 ? order : (member_a->node > member_b->node) - (member_a->node < member_b->node);
}

/* The members by name; the last one of those that have the same. */
static GArray *
sort_members (OaiJsonDoc *doc, OaiJsonNode object)
{
  GArray *members = g_array_sized_new (FALSE, FALSE, sizeof (Member), oai_json_get_size (doc, object));
  OaiJsonIter iter;
  Member member;
  guint kept = 0;

  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &member.name, &member.node))
    g_array_append_val (members, member);
  g_array_sort (members, compare_members);
  for (guint i = 0; i < members->len; i++)
    {
      Member *all = (Member *) (gpointer) members->data;

      if (kept > 0 && strcmp (all[kept - 1].name, all[i].name) == 0)
        kept--;
      all[kept++] = all[i];
    }

  return g_array_set_size (members, kept);
}

static gboolean
equal_objects (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b)
{
  g_autoptr (GArray) members_a = sort_members (a, node_a);
  g_autoptr (GArray) members_b = sort_members (b, node_b);

  if (members_a->len != members_b->len)
    return FALSE;

  for (guint i = 0; i < members_a->len; i++)
    {
      Member *member_a = &g_array_index (members_a, Member, i);
      Member *member_b = &g_array_index (members_b, Member, i);

      if (strcmp (member_a->name, member_b->name) != 0 || !equal_nodes (a, member_a->node, b, member_b->node))
        return FALSE;
    }

  return TRUE;
}

static gboolean
equal_arrays (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b)
{
  OaiJsonIter iter_a;
  OaiJsonIter iter_b;
  OaiJsonNode value_a;
  OaiJsonNode value_b;

  if (oai_json_get_size (a, node_a) != oai_json_get_size (b, node_b))
    return FALSE;

  oai_json_iter_init (&iter_a, a, node_a);
  oai_json_iter_init (&iter_b, b, node_b);
  while (oai_json_iter_next (&iter_a, NULL, &value_a) && oai_json_iter_next (&iter_b, NULL, &value_b))
    if (!equal_nodes (a, value_a, b, value_b))
      return FALSE;

  return TRUE;
}

static gboolean
equal_numbers (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b)
{
  gint64 int_a;
  gint64 int_b;
  double double_a = 0;
  double double_b = 0;

  if (oai_json_get_int (a, node_a, &int_a) && oai_json_get_int (b, node_b, &int_b))
    return int_a == int_b;

  return oai_json_get_double (a, node_a, &double_a) && oai_json_get_double (b, node_b, &double_b) && double_a == double_b;
}

static gboolean
equal_nodes (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b)
{
  OaiJsonType type = oai_json_get_type (a, node_a);
  OaiJsonType other = oai_json_get_type (b, node_b);
  gboolean boolean_a = FALSE;
  gboolean boolean_b = FALSE;

  if ((type == OAI_JSON_INT || type == OAI_JSON_DOUBLE) && (other == OAI_JSON_INT || other == OAI_JSON_DOUBLE))
    return equal_numbers (a, node_a, b, node_b);
  if (type != other)
    return FALSE;

  switch (type)
    {
    case OAI_JSON_OBJECT:
      return equal_objects (a, node_a, b, node_b);
    case OAI_JSON_ARRAY:
      return equal_arrays (a, node_a, b, node_b);
    case OAI_JSON_STRING:
      return strcmp (oai_json_get_string (a, node_a, NULL), oai_json_get_string (b, node_b, NULL)) == 0;
    case OAI_JSON_BOOLEAN:
      return oai_json_get_boolean (a, node_a, &boolean_a) && oai_json_get_boolean (b, node_b, &boolean_b) && boolean_a == boolean_b;
    case OAI_JSON_INT:
    case OAI_JSON_DOUBLE:
    case OAI_JSON_NULL:
    case OAI_JSON_INVALID:
    default:
      return TRUE;
    }
}

static gboolean
equal_lists (GPtrArray *a, GPtrArray *b)
{
  return a->len == b->len && (a->len == 0 || memcmp (a->pdata, b->pdata, a->len * sizeof (gpointer)) == 0);
}

/* Files are no part of the JSON; they are equal when they are the same. */
static gboolean
equal_files (OaiRecord *self, OaiRecord *other)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);

  for (guint i = 0; i < schema->n_fields; i++)
    {
      if (schema->fields[i].type == OAI_FIELD_FILE && oai_record_get_field_file (self, i) != oai_record_get_field_file (other, i))
        return FALSE;
      if (schema->fields[i].type == OAI_FIELD_FILE_LIST && !equal_lists (oai_record_get_field_list (self, i), oai_record_get_field_list (other, i)))
        return FALSE;
    }

  return TRUE;
}

/**
 * oai_record_equal:
 * @self: a record
 * @other: another record
 *
 * Tells whether two records are of the same type and say the same. The order of
 * members does not matter, and numbers count by their value. Files are equal when
 * they are the same object.
 *
 * Returns: %TRUE if they are equal
 *
 * Since: 1.0
 */
gboolean
oai_record_equal (OaiRecord *self, OaiRecord *other)
{
  g_autoptr(OaiJsonDoc) a = NULL;
  g_autoptr(OaiJsonDoc) b = NULL;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (OAI_IS_RECORD (other), FALSE);

  if (self == other)
    return TRUE;
  if (G_OBJECT_TYPE (self) != G_OBJECT_TYPE (other))
    return FALSE;

  a = oai_record_to_doc (self);
  b = oai_record_to_doc (other);

  return a != NULL && b != NULL && equal_nodes (a, 0, b, 0) && equal_files (self, other);
}
