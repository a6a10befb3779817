/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The life of the values in slots. */

#include "oai-record-impl-private.h"
#include "oai-json-doc-private.h"

void
oai_record_clear_value (const OaiField *field, OaiSlotValue *value)
{
  switch ((OaiFieldType) field->type)
    {
    case OAI_FIELD_STRING:
    case OAI_FIELD_JSON:
    case OAI_FIELD_MAP:
      g_free (value->text);
      break;
    case OAI_FIELD_RECORD:
    case OAI_FIELD_FILE:
      g_object_unref (value->object);
      break;
    case OAI_FIELD_RECORD_LIST:
    case OAI_FIELD_FILE_LIST:
      g_ptr_array_unref (value->list);
      break;
    case OAI_FIELD_STRING_LIST:
      g_strfreev (value->strv);
      break;
    case OAI_FIELD_INT_LIST:
    case OAI_FIELD_NUMBER_LIST:
      g_array_unref (value->array);
      break;
    case OAI_FIELD_INT:
    case OAI_FIELD_TIME:
    case OAI_FIELD_NUMBER:
    case OAI_FIELD_BOOLEAN:
    default:
      break;
    }
}

static void
clear_slot (const OaiField *field, OaiSlot *slot)
{
  if (slot->has_value != OAI_SLOT_HAS_VALUE)
    return;

  slot->has_value = OAI_SLOT_IS_EMPTY;
  oai_record_clear_value (field, &slot->value);
}

/* Forgets all there is of a member but what the record came with. */
static void
clear_head (OaiRecord *self, guint head)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  OaiSlot *slot = oai_record_ensure_slot (self, head);
  guint i;

  g_clear_pointer (&slot->doc, oai_json_doc_unref);
  slot->state = OAI_SLOT_SOURCE;
  for (i = head;; i++)
    {
      oai_atomic_map_remove (&priv->texts, i, g_free);
      clear_slot (&schema->fields[i], oai_record_ensure_slot (self, i));
      if (oai_record_is_last (schema, i))
        return;
    }
}

void
oai_record_clear_slots (OaiRecord *self)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  guint i;

  for (i = 0; priv->slots != NULL && i < schema->n_fields; i++)
    {
      clear_slot (&schema->fields[i], &priv->slots[i]);
      g_clear_pointer (&priv->slots[i].doc, oai_json_doc_unref);
    }
  g_clear_pointer (&priv->slots, g_free);
}

static GPtrArray *
copy_list (GPtrArray *list, gboolean deep)
{
  GPtrArray *copy = g_ptr_array_new_full (list->len, g_object_unref);
  guint i;

  for (i = 0; i < list->len; i++)
    {
      gpointer item = deep ? (gpointer) oai_record_copy (list->pdata[i]) : g_object_ref (list->pdata[i]);

      if (item != NULL)
        g_ptr_array_add (copy, item);
    }

  return copy;
}

/* FALSE where the value cannot be copied: a record that is a part of itself. */
static gboolean
copy_value (const OaiField *field, const OaiSlot *slot, OaiSlot *copy)
{
  switch ((OaiFieldType) field->type)
    {
    case OAI_FIELD_STRING:
    case OAI_FIELD_JSON:
    case OAI_FIELD_MAP:
      copy->value.text = g_strdup (slot->value.text);
      break;
    case OAI_FIELD_RECORD:
      copy->value.object = oai_record_copy (slot->value.object);
      if (copy->value.object == NULL)
        return FALSE;
      break;
    case OAI_FIELD_FILE:
      copy->value.object = g_object_ref (slot->value.object);
      break;
    case OAI_FIELD_RECORD_LIST:
    case OAI_FIELD_FILE_LIST:
      copy->value.list = copy_list (slot->value.list, field->type == OAI_FIELD_RECORD_LIST);
      break;
    case OAI_FIELD_STRING_LIST:
      copy->value.strv = g_strdupv (slot->value.strv);
      break;
    case OAI_FIELD_INT_LIST:
    case OAI_FIELD_NUMBER_LIST:
      copy->value.array = g_array_copy (slot->value.array);
      break;
    case OAI_FIELD_INT:
    case OAI_FIELD_TIME:
    case OAI_FIELD_NUMBER:
    case OAI_FIELD_BOOLEAN:
    default:
      copy->value = slot->value;
      break;
    }
  copy->has_value = OAI_SLOT_HAS_VALUE;

  return TRUE;
}

void
oai_record_copy_slots (OaiRecord *self, OaiRecord *copy)
{
  OaiSlot *slots = oai_record_peek_slots (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  guint i;

  for (i = 0; slots != NULL && i < schema->n_fields; i++)
    {
      OaiSlot *from = &slots[i], *to = oai_record_ensure_slot (copy, i);

      to->state = from->state;
      to->chosen = from->chosen;
      to->doc = from->doc == NULL ? NULL : oai_json_doc_ref (from->doc);
      if (oai_slot_has_value (from) && !copy_value (&schema->fields[i], from, to))
        oai_record_ensure_slot (copy, oai_record_get_head (self, i))->state = OAI_SLOT_UNSET;
    }
}

/* The parts that were made of what the record came with; not those set by the program. */
void
oai_record_foreach_part (OaiRecord *self, void (*func) (OaiRecord *part, gpointer data), gpointer data)
{
  OaiSlot *slots = oai_record_peek_slots (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);

  for (guint i = 0; slots != NULL && i < schema->n_fields; i++)
    {
      OaiSlot *slot = &slots[i];

      if (!oai_slot_has_value (slot) || slots[oai_record_get_head (self, i)].state == OAI_SLOT_VALUE)
        continue;
      if (schema->fields[i].type == OAI_FIELD_RECORD)
        func (slot->value.object, data);
      for (guint j = 0; schema->fields[i].type == OAI_FIELD_RECORD_LIST && j < slot->value.list->len; j++)
        func (slot->value.list->pdata[j], data);
    }
}

/* Which alternatives of a member are set, a bit for each of the first 32. */
static guint
get_set_fields (OaiRecord *self, guint head)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  guint set = 0, i;

  if (oai_record_is_last (schema, head))
    return 1;
  for (i = head; i < head + 32; i++)
    {
      set |= oai_record_field_is_set (self, i) ? 1u << (i - head) : 0;
      if (oai_record_is_last (schema, i))
        break;
    }

  return set;
}

static void
notify (OaiRecord *self, guint head, guint fields)
{
  const OaiRecordInfo *info = oai_record_get_info (self);
  guint i;

  for (i = 0; fields != 0; i++, fields >>= 1)
    if ((fields & 1) != 0 && info->pspecs[head + i] != NULL)
      g_object_notify_by_pspec (G_OBJECT (self), info->pspecs[head + i]);
}

void
oai_record_put_value (OaiRecord *self, guint field, OaiSlotValue value, gboolean changed)
{
  guint head = oai_record_get_head (self, field);
  guint before = changed ? get_set_fields (self, head) : 0;
  OaiSlot *slot;

  clear_head (self, head);
  slot = oai_record_ensure_slot (self, field);
  slot->value = value;
  slot->has_value = OAI_SLOT_HAS_VALUE;
  slot = oai_record_ensure_slot (self, head);
  slot->state = OAI_SLOT_VALUE;
  slot->chosen = (guint16) field;
  if (changed)
    notify (self, head, before | get_set_fields (self, head));
}

void
oai_record_put_doc (OaiRecord *self, guint head, OaiJsonDoc *doc)
{
  guint before = get_set_fields (self, head);

  clear_head (self, head);
  oai_record_ensure_slot (self, head)->doc = doc;
  notify (self, head, before | get_set_fields (self, head));
}

/* UNSET or NULL. */
void
oai_record_put_state (OaiRecord *self, guint head, OaiSlotState state)
{
  guint before = get_set_fields (self, head);
  OaiView view;

  oai_record_view (self, head, &view);
  clear_head (self, head);
  oai_record_ensure_slot (self, head)->state = (guint8) state;
  if (view.kind != OAI_VIEW_NULL && view.kind != OAI_VIEW_ABSENT)
    notify (self, head, before);
}

gboolean
oai_record_check_writable (OaiRecord *self)
{
  if (oai_record_is_writable (self))
    return TRUE;

  g_critical ("%s is what a server said and cannot be changed", G_OBJECT_TYPE_NAME (self));
  return FALSE;
}
