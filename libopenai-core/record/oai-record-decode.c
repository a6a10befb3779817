/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From JSON to fields. */

#include "oai-record-impl-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"

#include <math.h>
#include <string.h>

/* The first field of that member, or -1.  hint: where it stands if members come
 * in the order of the schema, as they mostly do. */
int
oai_record_find_head (const OaiRecordSchema *schema, const char *name, guint hint)
{
  guint i;

  for (i = 0; i < schema->n_fields; i++)
    {
      guint field = hint + i < schema->n_fields ? hint + i : hint + i - schema->n_fields;
      const char *member = schema->fields[field].member;

      if (*member == *name && strcmp (member, name) == 0 && (schema->fields[field].flags & OAI_FIELD_ALTERNATIVE) == 0)
        return (int) field;
    }

  return -1;
}

/* Of a member that comes twice the last one counts. */
static OaiJsonNode *
find_nodes (OaiRecord *self)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  OaiJsonNode *nodes = g_new (OaiJsonNode, schema->n_fields);
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;
  guint hint = 0;

  memset (nodes, 0xff, schema->n_fields * sizeof (OaiJsonNode));
  oai_json_iter_init_members (&iter, priv->doc, priv->node);
  while (oai_json_iter_next (&iter, &name, &node))
    {
      int head = oai_record_find_head (schema, name, hint);

      if (head < 0)
        continue;
      nodes[head] = node;
      for (hint = (guint) head; !oai_record_is_last (schema, hint); hint++)
        ;
      hint = hint + 1 < schema->n_fields ? hint + 1 : 0;
    }

  return nodes;
}

static const OaiJsonNode *
make_nodes (OaiRecord *self)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  OaiJsonNode *nodes = find_nodes (self);

  if (g_atomic_pointer_compare_and_exchange (&priv->nodes, NULL, nodes))
    return nodes;

  g_free (nodes);

  return g_atomic_pointer_get (&priv->nodes);
}

OaiSlot *
oai_record_peek_slots (OaiRecord *self)
{
  return g_atomic_pointer_get (&oai_record_get_private (self)->slots);
}

OaiSlot *
oai_record_ensure_slot (OaiRecord *self, guint field)
{
  OaiSlot *slots = oai_record_peek_slots (self);

  if (slots == NULL)
    {
      slots = g_new0 (OaiSlot, oai_record_get_schema (self)->n_fields);
      if (!g_atomic_pointer_compare_and_exchange (&oai_record_get_private (self)->slots, NULL, slots))
        {
          g_free (slots);
          slots = oai_record_peek_slots (self);
        }
    }

  return &slots[field];
}

/* The slot, if it holds a value. */
OaiSlot *
oai_record_peek_value (OaiRecord *self, guint field)
{
  OaiSlot *slots = oai_record_peek_slots (self);

  return slots != NULL && oai_slot_has_value (&slots[field]) ? &slots[field] : NULL;
}

static void
view_node (OaiView *view, OaiJsonDoc *doc, OaiJsonNode node)
{
  view->doc = doc;
  view->node = node;
  view->kind = node == OAI_JSON_NONE ? OAI_VIEW_ABSENT : oai_json_get_type (doc, node) == OAI_JSON_NULL ? OAI_VIEW_NULL : OAI_VIEW_NODE;
}

/* Nothing is there: a list that was handed out empty may have been filled, and a
 * type has its tag. */
static void
view_absent (OaiRecord *self, guint head, gboolean unset, OaiView *view)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  const OaiRecordInfo *info = oai_record_get_info (self);
  OaiSlot *slots = g_atomic_pointer_get (&priv->slots);
  guint i;

  for (i = head; slots != NULL; i++)
    {
      guint type = schema->fields[i].type;

      if ((type == OAI_FIELD_RECORD_LIST || type == OAI_FIELD_FILE_LIST) && oai_slot_has_value (&slots[i]) && slots[i].value.list->len > 0)
        {
          view->kind = OAI_VIEW_VALUE;
          view->field = i;
          return;
        }
      if (oai_record_is_last (schema, i))
        break;
    }
  if (unset || (schema->flags & OAI_RECORD_SCHEMA_WRITABLE) == 0 || (priv->doc != NULL && oai_json_get_type (priv->doc, priv->node) != OAI_JSON_OBJECT))
    return;

  for (i = 0; i < info->n_tags; i++)
    if (info->tags[i].field == head)
      {
        view->kind = OAI_VIEW_TAG;
        view->tag = info->tags[i].value;
      }
}

void
oai_record_view (OaiRecord *self, guint head, OaiView *view)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  OaiSlot *slots = g_atomic_pointer_get (&priv->slots);
  OaiSlot *slot = slots == NULL ? NULL : &slots[head];
  OaiSlotState state = slot == NULL ? OAI_SLOT_SOURCE : (OaiSlotState) slot->state;

  view->kind = OAI_VIEW_ABSENT;
  if (state == OAI_SLOT_VALUE)
    {
      view->kind = OAI_VIEW_VALUE;
      view->field = slot->chosen;
      return;
    }
  if (state == OAI_SLOT_NULL)
    {
      view->kind = OAI_VIEW_NULL;
      return;
    }
  if (state == OAI_SLOT_SOURCE && slot != NULL && slot->doc != NULL)
    view_node (view, slot->doc, 0);
  else if (state == OAI_SLOT_SOURCE && priv->doc != NULL)
    {
      const OaiJsonNode *nodes = g_atomic_pointer_get (&priv->nodes);

      view_node (view, priv->doc, (G_LIKELY (nodes != NULL) ? nodes : make_nodes (self))[head]);
    }
  if (view->kind == OAI_VIEW_ABSENT)
    view_absent (self, head, state == OAI_SLOT_UNSET, view);
}

static gboolean
is_number (OaiJsonType type)
{
  return type == OAI_JSON_INT || type == OAI_JSON_DOUBLE;
}

/* Whether that is the JSON a field of the type is made for.  A list goes by its first element. */
gboolean
oai_record_accepts (const OaiField *field, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonType type = oai_json_get_type (doc, node);
  OaiJsonType first = oai_json_get_first_type (doc, node);

  switch ((OaiFieldType) field->type)
    {
    case OAI_FIELD_STRING:
      return type == OAI_JSON_STRING;
    case OAI_FIELD_INT:
    case OAI_FIELD_TIME:
    case OAI_FIELD_NUMBER:
      return is_number (type);
    case OAI_FIELD_BOOLEAN:
      return type == OAI_JSON_BOOLEAN;
    case OAI_FIELD_JSON:
      return TRUE;
    case OAI_FIELD_MAP:
    case OAI_FIELD_RECORD:
      return type == OAI_JSON_OBJECT;
    case OAI_FIELD_RECORD_LIST:
      return type == OAI_JSON_ARRAY && (first == OAI_JSON_OBJECT || first == OAI_JSON_INVALID);
    case OAI_FIELD_STRING_LIST:
      return type == OAI_JSON_ARRAY && (first == OAI_JSON_STRING || first == OAI_JSON_INVALID);
    case OAI_FIELD_INT_LIST:
    case OAI_FIELD_NUMBER_LIST:
      return type == OAI_JSON_ARRAY && (is_number (first) || first == OAI_JSON_INVALID);
    case OAI_FIELD_FILE:
    case OAI_FIELD_FILE_LIST:
    default:
      return FALSE;
    }
}

gboolean
oai_record_is_other (OaiRecord *self, guint field, OaiJsonDoc *doc, OaiJsonNode node)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  guint i = oai_record_get_head (self, field);

  if (oai_record_accepts (&schema->fields[field], doc, node))
    return FALSE;
  for (;; i++)
    {
      if (i != field && oai_record_accepts (&schema->fields[i], doc, node))
        return TRUE;
      if (oai_record_is_last (schema, i))
        return FALSE;
    }
}

char *
oai_record_make_json (OaiJsonDoc *doc, OaiJsonNode node)
{
  GString *out = g_string_new (NULL);

  oai_json_write_node (out, doc, node);

  return g_string_free (out, FALSE);
}

char *
oai_record_make_text (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonType type = oai_json_get_type (doc, node);

  return is_number (type) || type == OAI_JSON_OBJECT ? oai_record_make_json (doc, node) : NULL;
}

gint64
oai_record_truncate (double number)
{
  return fabs (number) < 0x1p63 ? (gint64) number : 0;
}

/* Servers send times with a fraction. */
gboolean
oai_record_read_int (OaiJsonDoc *doc, OaiJsonNode node, gint64 *value)
{
  double number;

  if (oai_json_get_int (doc, node, value))
    return TRUE;
  if (!oai_json_get_double (doc, node, &number) || !(fabs (number) < 0x1p63))
    return FALSE;

  *value = oai_record_truncate (number);
  return TRUE;
}

/* A member of a union may be a union itself. */
static GType
resolve_type (GType type, OaiJsonDoc *doc, OaiJsonNode node)
{
  for (GType found = oai_record_find_case (type, doc, node); found != type; found = oai_record_find_case (type, doc, node))
    type = found;

  return type;
}

OaiRecord *
oai_record_new_from_node (GType type, OaiJsonDoc *doc, OaiJsonNode node, OaiClient *client, OaiCall *call)
{
  OaiRecord *self;
  OaiRecordPrivate *priv;

  g_return_val_if_fail (g_type_is_a (type, OAI_TYPE_RECORD), NULL);

  self = g_object_new (resolve_type (type, doc, node), NULL);
  priv = oai_record_get_private (self);
  priv->doc = oai_json_doc_ref (doc);
  priv->node = node;
  priv->from_wire = TRUE;
  priv->client = client == NULL ? NULL : g_object_ref (client);
  priv->call = call == NULL ? NULL : g_object_ref (call);

  return self;
}

gpointer
oai_record_decode_record (OaiRecord *self, guint field, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  OaiRecord *record;

  record = oai_record_new_from_node (oai_record_get_schema (self)->fields[field].item_type (), doc, node, priv->client, priv->call);
  oai_record_get_private (record)->from_wire = priv->from_wire && doc == priv->doc;

  return record;
}

/* An element that is no object becomes a record that has nothing but is written
 * back as it came. */
GPtrArray *
oai_record_decode_list (OaiRecord *self, guint field, OaiJsonDoc *doc, OaiJsonNode node)
{
  GPtrArray *list = g_ptr_array_new_full (oai_json_get_size (doc, node), g_object_unref);
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, node);
  while (!iter.object && oai_json_iter_next (&iter, NULL, &element))
    g_ptr_array_add (list, oai_record_decode_record (self, field, doc, element));

  return list;
}

GStrv
oai_record_decode_strv (OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      const char *text = oai_json_get_string (doc, element, NULL);
      g_autofree char *made = text == NULL ? oai_record_make_text (doc, element) : NULL;

      if (text != NULL || made != NULL)
        g_strv_builder_add (builder, text != NULL ? text : made);
    }

  return g_strv_builder_end (builder);
}

GArray *
oai_record_decode_ints (OaiJsonDoc *doc, OaiJsonNode node)
{
  GArray *array = g_array_sized_new (FALSE, FALSE, sizeof (gint64), oai_json_get_size (doc, node));
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      gint64 value = 0;

      oai_record_read_int (doc, element, &value);
      g_array_append_val (array, value);
    }

  return array;
}

GArray *
oai_record_decode_numbers (OaiJsonDoc *doc, OaiJsonNode node)
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

  return array;
}
