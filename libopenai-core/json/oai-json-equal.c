/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-equal-private.h"

#include <string.h>

#include "oai-json-doc-private.h"

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

/* Returns the members sorted by name; if several have the same name, the last one. */
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

      if (strcmp (member_a->name, member_b->name) != 0 || !oai_json_equal (a, member_a->node, b, member_b->node))
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
    if (!oai_json_equal (a, value_a, b, value_b))
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

gboolean
oai_json_equal (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b)
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
