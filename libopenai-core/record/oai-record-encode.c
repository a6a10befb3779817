/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From fields to JSON, and to the files beside it. */

#include "oai-record-impl-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-number-private.h"
#include "oai-json-writer-private.h"

static gboolean
is_file (OaiRecord *self, guint field)
{
  guint type = oai_record_get_schema (self)->fields[field].type;

  return type == OAI_FIELD_FILE || type == OAI_FIELD_FILE_LIST;
}

/* Whether the member says something that JSON can hold. */
static gboolean
is_present (OaiRecord *self, guint head)
{
  OaiView view;

  oai_record_view (self, head, &view);

  return view.kind != OAI_VIEW_ABSENT && !(view.kind == OAI_VIEW_VALUE && is_file (self, view.field));
}

/* What the record came with, in its order. */
static void
foreach_known (OaiRecord *self, gboolean *seen, OaiRecordMemberFunc func, gpointer data)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;
  guint hint = 0;

  if (priv->doc == NULL || oai_json_get_type (priv->doc, priv->node) != OAI_JSON_OBJECT)
    return;

  oai_json_iter_init_members (&iter, priv->doc, priv->node);
  while (oai_json_iter_next (&iter, &name, &node))
    {
      int head = oai_record_find_head (schema, name, hint);

      if (head < 0)
        {
          if (oai_json_get_member (priv->doc, priv->node, name) == node && oai_record_find_extra (self, name) == NULL)
            func (self, name, -1, priv->doc, node, data);
          continue;
        }
      hint = (guint) head;
      if (seen[head] || !is_present (self, (guint) head))
        continue;
      seen[head] = TRUE;
      func (self, name, head, NULL, OAI_JSON_NONE, data);
    }
}

void
oai_record_foreach_member (OaiRecord *self, OaiRecordMemberFunc func, gpointer data)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  g_autofree gboolean *seen = g_new0 (gboolean, schema->n_fields + 1);

  foreach_known (self, seen, func, data);
  for (guint i = 0; i < schema->n_fields; i++)
    if ((schema->fields[i].flags & OAI_FIELD_ALTERNATIVE) == 0 && !seen[i] && is_present (self, i))
      func (self, schema->fields[i].member, (int) i, NULL, OAI_JSON_NONE, data);
  for (guint i = 0; priv->extras != NULL && i < priv->extras->len; i++)
    {
      OaiExtra *extra = &g_array_index (priv->extras, OaiExtra, i);

      if (extra->doc != NULL)
        func (self, extra->name, -1, extra->doc, 0, data);
    }
}

static void
write_list (GPtrArray *list, GString *out, OaiWriteFlags flags)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < list->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      oai_record_write_with_flags (list->pdata[i], out, flags);
    }
  g_string_append_c (out, ']');
}

static void
write_strv (GStrv strv, GString *out)
{
  g_string_append_c (out, '[');
  for (guint i = 0; strv != NULL && strv[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      oai_json_write_string (out, strv[i], -1);
    }
  g_string_append_c (out, ']');
}

static void
write_array (GArray *array, gboolean integers, GString *out)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < array->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      if (integers)
        oai_json_write_int (out, g_array_index (array, gint64, i));
      else
        oai_json_write_double (out, g_array_index (array, double, i));
    }
  g_string_append_c (out, ']');
}

/* The value that the slot of the field holds. */
void
oai_record_write_value (OaiRecord *self, guint field, GString *out, OaiWriteFlags flags)
{
  OaiFieldType type = oai_record_get_schema (self)->fields[field].type;
  const OaiSlotValue *value = &oai_record_peek_value (self, field)->value;

  switch (type)
    {
    case OAI_FIELD_STRING:
      oai_json_write_string (out, value->text, -1);
      break;
    case OAI_FIELD_JSON:
    case OAI_FIELD_MAP:
      g_string_append (out, value->text);
      break;
    case OAI_FIELD_INT:
    case OAI_FIELD_TIME:
      oai_json_write_int (out, value->integer);
      break;
    case OAI_FIELD_NUMBER:
      oai_json_write_double (out, value->number);
      break;
    case OAI_FIELD_BOOLEAN:
      g_string_append (out, value->boolean ? "true" : "false");
      break;
    case OAI_FIELD_RECORD:
      oai_record_write_with_flags (value->object, out, flags);
      break;
    case OAI_FIELD_RECORD_LIST:
      write_list (value->list, out, flags);
      break;
    case OAI_FIELD_STRING_LIST:
      write_strv (value->strv, out);
      break;
    case OAI_FIELD_INT_LIST:
      write_array (value->array, TRUE, out);
      break;
    case OAI_FIELD_NUMBER_LIST:
      write_array (value->array, FALSE, out);
      break;
    case OAI_FIELD_FILE:
    case OAI_FIELD_FILE_LIST:
    default:
      g_string_append (out, "null");
      break;
    }
}

/* Whether what the slot holds was made of the node: not so an empty list that
 * stands for a value of another kind. */
static gboolean
is_made_of (const OaiField *field, const OaiSlot *slot, const OaiView *view)
{
  if (field->type == OAI_FIELD_RECORD)
    return TRUE;

  return field->type == OAI_FIELD_RECORD_LIST && (slot->value.list->len > 0 || oai_record_accepts (field, view->doc, view->node));
}

static void
note_change (OaiRecord *part, gpointer changed)
{
  OaiRecordPrivate *priv = oai_record_get_private (part);
  const OaiRecordSchema *schema = oai_record_get_schema (part);
  OaiSlot *slots = oai_record_peek_slots (part);

  if (priv->extras != NULL && priv->extras->len > 0)
    *(gboolean *) changed = TRUE;
  for (guint i = 0; slots != NULL && i < schema->n_fields; i++)
    if (slots[i].state != OAI_SLOT_SOURCE || slots[i].doc != NULL)
      *(gboolean *) changed = TRUE;
  if (!*(gboolean *) changed)
    oai_record_foreach_part (part, note_change, changed);
}

/* What a server said stays as it came, to the letter, unless a part of it was set. */
static gboolean
has_changed_parts (OaiRecord *self)
{
  gboolean changed = FALSE;

  oai_record_foreach_part (self, note_change, &changed);

  return changed;
}

/* A part that was handed out may have been changed since, and is asked to hide its secrets. */
static gboolean
find_part (OaiRecord *self, guint head, const OaiView *view, OaiWriteFlags flags, guint *field)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);

  if ((schema->flags & OAI_RECORD_SCHEMA_WRITABLE) == 0 && flags == OAI_WRITE_WHOLE && !has_changed_parts (self))
    return FALSE;

  for (guint i = head;; i++)
    {
      const OaiSlot *slot = oai_record_peek_value (self, i);

      if (slot != NULL && is_made_of (&schema->fields[i], slot, view))
        {
          *field = i;
          return TRUE;
        }
      if (oai_record_is_last (schema, i))
        return FALSE;
    }
}

/* Values of OaiRecordInfo.holds_replies. */
enum
{
  UNKNOWN,
  NO,
  YES
};

static gboolean
find_replies (GType type, GHashTable *seen)
{
  g_autoptr(OaiRecordClass) klass = g_type_class_ref (type);
  const OaiRecordSchema *schema = klass->schema;

  if (!g_hash_table_add (seen, GSIZE_TO_POINTER (type)))
    return FALSE;

  for (guint i = 0; i < schema->n_fields; i++)
    {
      const OaiField *field = &schema->fields[i];

      if ((field->flags & OAI_FIELD_REPLY) != 0)
        return TRUE;
      if ((field->type == OAI_FIELD_RECORD || field->type == OAI_FIELD_RECORD_LIST) && find_replies (field->item_type (), seen))
        return TRUE;
    }
  for (guint i = 0; i < schema->n_cases; i++)
    if (find_replies (schema->cases[i].type (), seen))
      return TRUE;

  return FALSE;
}

static gboolean
holds_replies (GType type)
{
  g_autoptr(OaiRecordClass) klass = g_type_class_ref (type);
  OaiRecordInfo *info = klass->info;
  g_autoptr(GHashTable) seen = NULL;
  int known;

  /* The record without a type has none of its own. */
  if (klass->schema->n_fields == 0 && klass->schema->n_cases == 0)
    return FALSE;
  known = g_atomic_int_get (&info->holds_replies);
  if (known != UNKNOWN)
    return known == YES;

  seen = g_hash_table_new (NULL, NULL);
  known = find_replies (type, seen) ? YES : NO;
  g_atomic_int_set (&info->holds_replies, known);

  return known == YES;
}

/* Whether what is to be left out may lie in parts that were not read yet. */
static gboolean
must_make_parts (OaiRecord *self, guint head, OaiWriteFlags flags)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);

  if ((flags & OAI_WRITE_REDACTED) != 0)
    return TRUE;
  if ((flags & OAI_WRITE_SENT) == 0 || !oai_record_get_private (self)->from_wire)
    return FALSE;

  for (guint i = head;; i++)
    {
      OaiFieldType type = schema->fields[i].type;

      if ((type == OAI_FIELD_RECORD || type == OAI_FIELD_RECORD_LIST) && holds_replies (schema->fields[i].item_type ()))
        return TRUE;
      if (oai_record_is_last (schema, i))
        return FALSE;
    }
}

/* What is to be left out may lie in parts that were not read yet. */
static void
make_parts (OaiRecord *self, guint head)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);

  for (guint i = head;; i++)
    {
      if (schema->fields[i].type == OAI_FIELD_RECORD)
        oai_record_get_field_record (self, i);
      else if (schema->fields[i].type == OAI_FIELD_RECORD_LIST && oai_record_field_is_set (self, i))
        oai_record_get_field_list (self, i);
      if (oai_record_is_last (schema, i))
        return;
    }
}

void
oai_record_write_head (OaiRecord *self, guint head, GString *out, OaiWriteFlags flags)
{
  OaiView view;
  guint field;

  oai_record_view (self, head, &view);
  if ((flags & OAI_WRITE_REDACTED) != 0 && (oai_record_get_schema (self)->fields[head].flags & OAI_FIELD_SECRET) != 0)
    {
      g_string_append (out, "\"***\"");
      return;
    }

  switch (view.kind)
    {
    case OAI_VIEW_VALUE:
      oai_record_write_value (self, view.field, out, flags);
      break;
    case OAI_VIEW_TAG:
      oai_json_write_string (out, view.tag, -1);
      break;
    case OAI_VIEW_NODE:
      if (must_make_parts (self, head, flags))
        make_parts (self, head);
      if (find_part (self, head, &view, flags, &field))
        oai_record_write_value (self, field, out, flags);
      else
        oai_json_write_node (out, view.doc, view.node);
      break;
    case OAI_VIEW_NULL:
    case OAI_VIEW_ABSENT:
    default:
      g_string_append (out, "null");
      break;
    }
}

typedef struct
{
  GString *out;
  OaiWriteFlags flags;
  gboolean first;
} Writing;

/* What a program set is sent.  Of what a server said, null and empty lists are left out as
 * well where requests do not take them. */
static gboolean
is_sent (OaiRecord *self, guint head)
{
  const OaiField *field = oai_record_get_field (self, head);
  OaiRecordPrivate *priv = oai_record_get_private (self);
  OaiSlot *slots = oai_record_peek_slots (self);
  OaiView view;

  if (!priv->from_wire || (slots != NULL && (slots[head].state != OAI_SLOT_SOURCE || slots[head].doc != NULL)))
    return TRUE;
  if ((field->flags & OAI_FIELD_REPLY) != 0)
    return FALSE;

  oai_record_view (self, head, &view);
  if (view.kind == OAI_VIEW_NULL)
    return (field->flags & OAI_FIELD_NULLABLE) != 0;

  return view.kind != OAI_VIEW_NODE || oai_json_get_type (view.doc, view.node) != OAI_JSON_ARRAY || oai_json_get_size (view.doc, view.node) > 0;
}

static void
write_member (OaiRecord *self, const char *name, int head, OaiJsonDoc *doc, OaiJsonNode node, gpointer data)
{
  Writing *writing = data;

  if (head >= 0 && (writing->flags & OAI_WRITE_SENT) != 0 && !is_sent (self, (guint) head))
    return;
  if (!writing->first)
    g_string_append_c (writing->out, ',');
  writing->first = FALSE;
  oai_json_write_string (writing->out, name, -1);
  g_string_append_c (writing->out, ':');
  if (head >= 0)
    oai_record_write_head (self, (guint) head, writing->out, writing->flags);
  else
    oai_json_write_node (writing->out, doc, node);
}

static void
note_member (OaiRecord *self, const char *name, int head, OaiJsonDoc *doc, OaiJsonNode node, gpointer data)
{
  *(gboolean *) data = TRUE;
}

static gboolean
has_members (OaiRecord *self)
{
  gboolean found = FALSE;

  oai_record_foreach_member (self, note_member, &found);

  return found;
}

void
oai_record_write_with_flags (OaiRecord *self, GString *out, OaiWriteFlags flags)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  Writing writing = { out, flags, TRUE };
  OaiRecordVisit visit;

  /* An element of a list that is no object goes back as it came, unless something was set. */
  if (priv->doc != NULL && oai_json_get_type (priv->doc, priv->node) != OAI_JSON_OBJECT && !has_members (self))
    {
      oai_json_write_node (out, priv->doc, priv->node);
      return;
    }

  /* A record within itself ends here. */
  if (!oai_record_enter (self, &visit))
    {
      oai_record_warn_of_nesting (self);
      g_string_append (out, "null");
      return;
    }
  g_string_append_c (out, '{');
  oai_record_foreach_member (self, write_member, &writing);
  g_string_append_c (out, '}');
  oai_record_leave (&visit);
}

void
oai_record_write (OaiRecord *self, GString *out)
{
  oai_record_write_with_flags (self, out, OAI_WRITE_WHOLE);
}

void
oai_record_write_sent (OaiRecord *self, GString *out)
{
  oai_record_write_with_flags (self, out, OAI_WRITE_SENT);
}

/* Files */

typedef struct
{
  GString *name;
  OaiRecordFileFunc func;
  gpointer data;
} Finding;

static void find_files (OaiRecord *self, Finding *finding);

static void
find_in_field (OaiRecord *self, guint field, Finding *finding)
{
  OaiFieldType type = oai_record_get_schema (self)->fields[field].type;
  const OaiSlotValue *value = &oai_record_peek_value (self, field)->value;

  if (type == OAI_FIELD_FILE)
    finding->func (finding->name->str, value->object, finding->data);
  else if (type == OAI_FIELD_RECORD)
    find_files (value->object, finding);
  else if (type == OAI_FIELD_FILE_LIST || type == OAI_FIELD_RECORD_LIST)
    {
      g_string_append (finding->name, "[]");
      for (guint i = 0; i < value->list->len; i++)
        {
          if (type == OAI_FIELD_FILE_LIST)
            finding->func (finding->name->str, value->list->pdata[i], finding->data);
          else
            find_files (value->list->pdata[i], finding);
        }
    }
}

static void
find_files (OaiRecord *self, Finding *finding)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  gsize length = finding->name->len;
  OaiRecordVisit visit;

  /* Writing the JSON reports it. */
  if (!oai_record_enter (self, &visit))
    return;

  for (guint i = 0; i < schema->n_fields; i++)
    {
      OaiView view;
      guint field;

      if ((schema->fields[i].flags & OAI_FIELD_ALTERNATIVE) != 0)
        continue;
      oai_record_view (self, i, &view);
      if (view.kind == OAI_VIEW_VALUE)
        field = view.field;
      else if (view.kind != OAI_VIEW_NODE || !find_part (self, i, &view, OAI_WRITE_WHOLE, &field))
        continue;
      g_string_append_printf (finding->name, length == 0 ? "%s" : "[%s]", schema->fields[i].member);
      find_in_field (self, field, finding);
      g_string_truncate (finding->name, length);
    }
  oai_record_leave (&visit);
}

void
oai_record_foreach_file (OaiRecord *self, OaiRecordFileFunc func, gpointer data)
{
  g_autoptr(GString) name = g_string_new (NULL);
  Finding finding = { name, func, data };

  find_files (self, &finding);
}
