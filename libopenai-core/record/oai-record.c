/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-record-private.h"

#include <math.h>
#include <string.h>

#include "oai-atomic-map-private.h"
#include "oai-call.h"
#include "oai-client.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-hash-private.h"
#include "oai-json-number-private.h"
#include "oai-json-writer-private.h"

/**
 * OaiRecord:
 *
 * A JSON object of the API: a request, a reply, or a part of one.
 *
 * Subclasses, such as [class@Oai.ChatMessage], have properties and methods for the members that the
 * API documents; [func@Oai.Record.list_fields] lists them. All other members are preserved, and
 * sent if the record becomes part of a request. The methods of this class read and write them by
 * their names in JSON. If a value does not have the documented type, getters treat the member as
 * absent; the value is preserved, too.
 *
 * Getters return values that the record owns. For an absent member they return %NULL, 0 or %FALSE;
 * [method@Oai.Record.has_member] returns whether a member is present.
 *
 * Requests can be changed; replies cannot. A record of a reply can become part of a request. Nested
 * records are shared: a change of one affects all records that contain it.
 *
 * Several threads may read or send a record at the same time. While a thread changes a record, one
 * of its nested records, or a list that a getter returned, no other thread may use the record.
 *
 * Since: 1.0
 */

/* The maximum nesting of records; the same as of JSON. */
#define MAX_DEPTH 512
/* Is not the index of a field. */
#define TEXT_KEY(name) (0x80000000u | g_quark_from_string (name))

typedef enum
{
  STATE_SOURCE, /* JSON in the document of the slot, or in that of the record */
  STATE_VALUE,  /* the value of the field that chosen selects */
  STATE_NULL,
  STATE_UNSET
} SlotState;

/* Values of Slot.has_value. */
enum
{
  IS_EMPTY,
  IS_BEING_FILLED, /* another thread is storing the value */
  HAS_VALUE
};

/* The state of a field.  doc, chosen and state belong to the member, and are used in heads only. */
typedef struct
{
  OaiFieldValue value;
  OaiJsonDoc *doc;
  guint16 chosen;
  guint8 state;  /* SlotState */
  int has_value; /* atomic */
} Slot;

/* A member that was set or removed, and is not in the schema. */
typedef struct
{
  char *name;
  OaiJsonDoc *doc; /* NULL: the member was removed */
} Extra;

typedef struct
{
  OaiJsonDoc *doc;
  OaiJsonNode node;
  OaiJsonNode *nodes; /* of each head, or OAI_JSON_NONE; NULL until needed; atomic */
  Slot *slots;        /* of each field; NULL until needed; atomic */
  GArray *extras;
  GHashTable *extra_positions; /* name → index in extras + 1 */
  OaiAtomicMap texts; /* field, or TEXT_KEY of a name → text that a getter has returned */
  OaiClient *client;
  OaiCall *call;
  guint from_server : 1;
} OaiRecordPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (OaiRecord, oai_record, G_TYPE_OBJECT)

static inline OaiRecordPrivate *
get_private (OaiRecord *self)
{
  return oai_record_get_instance_private (self);
}

/* Classes.  The schema of a class is set before its info. */

static const OaiRecordSchema untyped_schema = { OAI_RECORD_SCHEMA_SIZES, .flags = OAI_RECORD_SCHEMA_WRITABLE };
static OaiRecordInfo untyped_info;

const OaiRecordInfo *
oai_record_class_get_info (OaiRecordClass *klass)
{
  return g_atomic_pointer_get (&klass->info);
}

const OaiRecordSchema *
oai_record_class_get_schema (OaiRecordClass *klass)
{
  return g_atomic_pointer_get (&klass->schema);
}

void
oai_record_class_set_info (OaiRecordClass *klass, const OaiRecordSchema *schema, OaiRecordInfo *info)
{
  g_atomic_pointer_set (&klass->schema, (gpointer) schema);
  g_atomic_pointer_set (&klass->info, info);
}

const OaiRecordInfo *
oai_record_get_info (OaiRecord *self)
{
  return oai_record_class_get_info (OAI_RECORD_GET_CLASS (self));
}

const OaiRecordSchema *
oai_record_get_schema (OaiRecord *self)
{
  return oai_record_class_get_schema (OAI_RECORD_GET_CLASS (self));
}

static const OaiFieldTypeClass *
get_type (OaiRecord *self, guint field)
{
  return oai_record_get_info (self)->types[field];
}

/* Returns the class of a type when it is initialised; before that, its info is that of its
 * parent. */
static OaiRecordClass *
get_class (GType type)
{
  OaiRecordClass *klass = g_type_class_peek (type);

  if (G_LIKELY (klass != NULL && oai_record_class_get_info (klass)->type == type))
    return klass;

  /* Types are static, so the class stays valid. */
  klass = g_type_class_ref (type);
  g_type_class_unref (klass);

  return klass;
}

static const OaiUnionCase *
find_untagged_case (const OaiRecordSchema *schema, OaiJsonDoc *doc, OaiJsonNode node)
{
  for (guint i = 0; i < schema->n_cases; i++)
    if (schema->cases[i].untagged != NULL && oai_json_get_member (doc, node, schema->cases[i].untagged) != OAI_JSON_NONE)
      return &schema->cases[i];

  return NULL;
}

/* Returns the type of a union that the JSON selects, by its tag or, without a tag, by its members;
 * the type itself if it is not a union. */
static GType
find_case (GType type, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiRecordClass *klass = get_class (type);
  const OaiRecordSchema *schema = oai_record_class_get_schema (klass);
  const OaiUnionCase *found = NULL;
  OaiJsonNode tag;
  const char *value;

  if (schema->n_cases == 0)
    return type;

  tag = oai_json_get_member (doc, node, schema->fields[schema->tag_field].member);
  value = oai_json_get_string (doc, tag, NULL);
  if (value != NULL)
    found = g_hash_table_lookup (oai_record_class_get_info (klass)->cases, value);
  else if (tag == OAI_JSON_NONE || oai_json_get_type (doc, tag) == OAI_JSON_NULL)
    found = find_untagged_case (schema, doc, node);

  return found != NULL && g_type_is_a (found->type (), type) ? found->type () : type;
}

/* A type of a union may be a union itself. */
static GType
resolve_type (GType type, OaiJsonDoc *doc, OaiJsonNode node)
{
  for (GType found = find_case (type, doc, node); found != type; found = find_case (type, doc, node))
    type = found;

  return type;
}

/* Visits */

static __thread OaiRecordVisit *innermost;

static gboolean
is_visited (OaiRecord *self)
{
  for (OaiRecordVisit *visit = innermost; visit != NULL; visit = visit->outer)
    if (visit->record == self)
      return TRUE;

  return FALSE;
}

gboolean
oai_record_enter (OaiRecord *self, OaiRecordVisit *visit)
{
  guint depth = innermost != NULL ? innermost->depth + 1 : 1;

  if (depth > MAX_DEPTH || is_visited (self))
    return FALSE;

  visit->record = self;
  visit->outer = innermost;
  visit->depth = depth;
  innermost = visit;

  return TRUE;
}

void
oai_record_leave (OaiRecordVisit *visit)
{
  innermost = visit->outer;
}

void
oai_record_warn_of_nesting (OaiRecord *self)
{
  if (is_visited (self))
    g_critical ("A %s is a part of itself", G_OBJECT_TYPE_NAME (self));
  else
    g_critical ("A %s is nested in more than %d records", G_OBJECT_TYPE_NAME (self), MAX_DEPTH);
}

/* The JSON of members */

/* Returns the head of a member, or -1.  hint: the field to compare first, since members are usually
 * in the order of the schema. */
static int
find_head (const OaiRecordSchema *schema, const char *name, guint hint)
{
  for (guint i = 0; i < schema->n_fields; i++)
    {
      guint field = hint + i < schema->n_fields ? hint + i : hint + i - schema->n_fields;
      const char *member = schema->fields[field].member;

      if (*member == *name && strcmp (member, name) == 0 && (schema->fields[field].flags & OAI_FIELD_ALTERNATIVE) == 0)
        return (int) field;
    }

  return -1;
}

/* Whether JSON of the document has one of the types of a member. */
static gboolean
accepts (OaiRecord *self, guint head, OaiJsonNode node)
{
  const OaiRecordInfo *info = oai_record_get_info (self);

  for (guint i = head; i < info->ends[head]; i++)
    if (info->types[i]->accepts (get_private (self)->doc, node))
      return TRUE;

  return FALSE;
}

/* Finds members that a server sends by another name. */
static void
find_other_names (OaiRecord *self, OaiJsonNode *nodes)
{
  OaiRecordPrivate *priv = get_private (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);

  for (guint i = 0; i < schema->n_names; i++)
    {
      const guint field = schema->names[i].field;
      const OaiJsonNode node = nodes[field] == OAI_JSON_NONE ? oai_json_get_member (priv->doc, priv->node, schema->names[i].member) : OAI_JSON_NONE;

      if (node != OAI_JSON_NONE && accepts (self, field, node))
        nodes[field] = node;
    }
}

/* If a member occurs several times, the last one counts. */
static OaiJsonNode *
find_nodes (OaiRecord *self)
{
  OaiRecordPrivate *priv = get_private (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  const OaiRecordInfo *info = oai_record_get_info (self);
  OaiJsonNode *nodes = g_new (OaiJsonNode, schema->n_fields);
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;
  guint hint = 0;

  memset (nodes, 0xff, schema->n_fields * sizeof (OaiJsonNode));
  oai_json_iter_init_members (&iter, priv->doc, priv->node);
  while (oai_json_iter_next (&iter, &name, &node))
    {
      int head = find_head (schema, name, hint);

      if (head < 0)
        continue;
      nodes[head] = node;
      hint = info->ends[head] < schema->n_fields ? info->ends[head] : 0;
    }
  if (schema->n_names > 0)
    find_other_names (self, nodes);

  return nodes;
}

static const OaiJsonNode *
get_nodes (OaiRecord *self)
{
  OaiRecordPrivate *priv = get_private (self);
  OaiJsonNode *nodes = g_atomic_pointer_get (&priv->nodes);

  if (G_LIKELY (nodes != NULL))
    return nodes;

  nodes = find_nodes (self);
  if (g_atomic_pointer_compare_and_exchange (&priv->nodes, NULL, nodes))
    return nodes;

  g_free (nodes);

  return g_atomic_pointer_get (&priv->nodes);
}

/* Slots */

static Slot *
peek_slots (OaiRecord *self)
{
  return g_atomic_pointer_get (&get_private (self)->slots);
}

static Slot *
ensure_slot (OaiRecord *self, guint field)
{
  Slot *slots = peek_slots (self);

  if (slots == NULL)
    {
      slots = g_new0 (Slot, oai_record_get_schema (self)->n_fields);
      if (!g_atomic_pointer_compare_and_exchange (&get_private (self)->slots, NULL, slots))
        {
          g_free (slots);
          slots = peek_slots (self);
        }
    }

  return &slots[field];
}

static gboolean
has_value (Slot *slot)
{
  return g_atomic_int_get (&slot->has_value) == HAS_VALUE;
}

const OaiFieldValue *
oai_record_peek_value (OaiRecord *self, guint field)
{
  Slot *slots = peek_slots (self);

  return slots != NULL && has_value (&slots[field]) ? &slots[field].value : NULL;
}

static void
clear_value (const OaiFieldTypeClass *type, OaiFieldValue *value)
{
  if (type->clear != NULL)
    type->clear (value);
}

const OaiFieldValue *
oai_record_keep (OaiRecord *self, guint field, OaiFieldValue value)
{
  Slot *slot = ensure_slot (self, field);

  if (g_atomic_int_compare_and_exchange (&slot->has_value, IS_EMPTY, IS_BEING_FILLED))
    {
      slot->value = value;
      g_atomic_int_set (&slot->has_value, HAS_VALUE);
      return &slot->value;
    }

  clear_value (get_type (self, field), &value);
  while (!has_value (slot))
    g_thread_yield ();

  return &slot->value;
}

static void
clear_slot (const OaiFieldTypeClass *type, Slot *slot)
{
  if (slot->has_value != HAS_VALUE)
    return;

  slot->has_value = IS_EMPTY;
  clear_value (type, &slot->value);
}

/* Resets a member to its original JSON. */
static void
clear_head (OaiRecord *self, guint head)
{
  const OaiRecordInfo *info = oai_record_get_info (self);
  Slot *slot = ensure_slot (self, head);

  g_clear_pointer (&slot->doc, oai_json_doc_unref);
  slot->state = STATE_SOURCE;
  for (guint i = head; i < info->ends[head]; i++)
    {
      oai_atomic_map_remove (&get_private (self)->texts, i, g_free);
      clear_slot (info->types[i], ensure_slot (self, i));
    }
}

static void
clear_slots (OaiRecord *self)
{
  OaiRecordPrivate *priv = get_private (self);
  const OaiRecordInfo *info = oai_record_get_info (self);

  for (guint i = 0; priv->slots != NULL && i < oai_record_get_schema (self)->n_fields; i++)
    {
      clear_slot (info->types[i], &priv->slots[i]);
      g_clear_pointer (&priv->slots[i].doc, oai_json_doc_unref);
    }
  g_clear_pointer (&priv->slots, g_free);
}

static gboolean
copy_value (const OaiFieldTypeClass *type, const Slot *from, Slot *to)
{
  to->value = from->value;
  if (type->copy != NULL && !type->copy (&from->value, &to->value))
    return FALSE;
  to->has_value = HAS_VALUE;

  return TRUE;
}

static void
copy_slots (OaiRecord *self, OaiRecord *copy)
{
  const OaiRecordInfo *info = oai_record_get_info (self);
  Slot *slots = peek_slots (self);

  for (guint i = 0; slots != NULL && i < oai_record_get_schema (self)->n_fields; i++)
    {
      Slot *from = &slots[i], *to = ensure_slot (copy, i);

      to->state = from->state;
      to->chosen = from->chosen;
      to->doc = from->doc != NULL ? oai_json_doc_ref (from->doc) : NULL;
      if (has_value (from) && !copy_value (info->types[i], from, to))
        ensure_slot (copy, info->heads[i])->state = STATE_UNSET;
    }
}

/* Calls func for the records that were created from the JSON, but not for those that were set. */
static void
foreach_part (OaiRecord *self, OaiFieldObjectFunc func, gpointer user_data)
{
  const OaiRecordInfo *info = oai_record_get_info (self);
  Slot *slots = peek_slots (self);

  for (guint i = 0; slots != NULL && i < oai_record_get_schema (self)->n_fields; i++)
    if (info->types[i]->content == OAI_FIELD_HOLDS_RECORDS && has_value (&slots[i]) && slots[info->heads[i]].state != STATE_VALUE)
      info->types[i]->foreach_object (&slots[i].value, func, user_data);
}

/* Looking at members */

static void
view_node (OaiView *view, OaiJsonDoc *doc, OaiJsonNode node)
{
  view->doc = doc;
  view->node = node;
  view->kind = node == OAI_JSON_NONE ? OAI_VIEW_ABSENT : oai_json_get_type (doc, node) == OAI_JSON_NULL ? OAI_VIEW_NULL : OAI_VIEW_NODE;
}

static gboolean
can_have_tag (OaiRecord *self)
{
  OaiRecordPrivate *priv = get_private (self);

  return oai_record_is_writable (self) && (priv->doc == NULL || oai_json_get_type (priv->doc, priv->node) == OAI_JSON_OBJECT);
}

/* An absent member has a value if it is the tag, or a list that a getter returned empty and the
 * program has filled. */
static void
view_absent (OaiRecord *self, guint head, Slot *slots, gboolean unset, OaiView *view)
{
  const OaiRecordInfo *info = oai_record_get_info (self);

  for (guint i = head; slots != NULL && i < info->ends[head]; i++)
    if (has_value (&slots[i]) && info->types[i]->is_filled != NULL && info->types[i]->is_filled (&slots[i].value))
      {
        view->kind = OAI_VIEW_VALUE;
        view->field = i;
        return;
      }
  if (info->n_tags == 0 || unset || !can_have_tag (self))
    return;

  for (guint i = 0; i < info->n_tags; i++)
    if (info->tags[i].field == head)
      {
        view->kind = OAI_VIEW_TAG;
        view->tag = info->tags[i].value;
      }
}

static G_GNUC_NO_INLINE void
view_closely (OaiRecord *self, guint head, OaiView *view)
{
  OaiRecordPrivate *priv = get_private (self);
  Slot *slots = g_atomic_pointer_get (&priv->slots);
  Slot *slot = slots != NULL ? &slots[head] : NULL;
  SlotState state = slot != NULL ? (SlotState) slot->state : STATE_SOURCE;

  view->kind = OAI_VIEW_ABSENT;
  if (state == STATE_VALUE)
    {
      view->kind = OAI_VIEW_VALUE;
      view->field = slot->chosen;
      return;
    }
  if (state == STATE_NULL)
    {
      view->kind = OAI_VIEW_NULL;
      return;
    }
  if (state == STATE_SOURCE && slot != NULL && slot->doc != NULL)
    view_node (view, slot->doc, 0);
  else if (state == STATE_SOURCE && priv->doc != NULL)
    view_node (view, priv->doc, get_nodes (self)[head]);
  if (view->kind == OAI_VIEW_ABSENT)
    view_absent (self, head, slots, state == STATE_UNSET, view);
}

/* A quick check, since most members of a request are absent. */
static gboolean
is_untouched (OaiRecord *self, guint head)
{
  OaiRecordPrivate *priv = get_private (self);
  const OaiRecordInfo *info = oai_record_get_info (self);
  Slot *slots = g_atomic_pointer_get (&priv->slots);

  if (priv->doc != NULL || info->n_tags > 0 || info->ends[head] > head + 1)
    return FALSE;

  return slots == NULL || (slots[head].state == STATE_SOURCE && slots[head].doc == NULL && g_atomic_int_get (&slots[head].has_value) == IS_EMPTY);
}

void
oai_record_view (OaiRecord *self, guint head, OaiView *view)
{
  if (is_untouched (self, head))
    view->kind = OAI_VIEW_ABSENT;
  else
    view_closely (self, head, view);
}

/* Returns whether JSON has the type of another alternative, and not that of field. */
static gboolean
is_for_other_field (OaiRecord *self, guint field, OaiJsonDoc *doc, OaiJsonNode node)
{
  const OaiRecordInfo *info = oai_record_get_info (self);
  guint head = info->heads[field];

  if (info->types[field]->accepts (doc, node))
    return FALSE;

  for (guint i = head; i < info->ends[head]; i++)
    if (i != field && info->types[i]->accepts (doc, node))
      return TRUE;

  return FALSE;
}

gboolean
oai_record_check_field (OaiRecord *self, guint field)
{
  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (field < oai_record_get_schema (self)->n_fields, FALSE);

  return TRUE;
}

const OaiField *
oai_record_get_field (OaiRecord *self, guint field)
{
  return &oai_record_get_schema (self)->fields[field];
}

const OaiFieldValue *
oai_record_look (OaiRecord *self, guint field, OaiView *view)
{
  oai_record_view (self, oai_record_get_info (self)->heads[field], view);
  if (view->kind == OAI_VIEW_VALUE && view->field == field)
    return oai_record_peek_value (self, field);
  if (view->kind == OAI_VIEW_VALUE || (view->kind == OAI_VIEW_NODE && is_for_other_field (self, field, view->doc, view->node)))
    view->kind = OAI_VIEW_ABSENT;

  return NULL;
}

/**
 * oai_record_field_is_set: (skip)
 * @self: a record
 * @field: index of a field in the schema
 *
 * Returns whether the member of a field is present, not null, and has the type of
 * this field if it has alternatives.
 *
 * Since: 1.0
 */
gboolean
oai_record_field_is_set (OaiRecord *self, guint field)
{
  const OaiRecordInfo *info;
  OaiView view;
  guint head;

  if (!oai_record_check_field (self, field))
    return FALSE;

  info = oai_record_get_info (self);
  head = info->heads[field];
  oai_record_view (self, head, &view);
  if (view.kind == OAI_VIEW_VALUE)
    return view.field == field;
  if (view.kind != OAI_VIEW_NODE || info->ends[head] == head + 1)
    return view.kind == OAI_VIEW_NODE || view.kind == OAI_VIEW_TAG;

  return info->types[field]->accepts (view.doc, view.node);
}

/* Changes */

static gboolean
check_writable (OaiRecord *self)
{
  if (oai_record_is_writable (self))
    return TRUE;

  g_critical ("%s is part of a reply and cannot be changed", G_OBJECT_TYPE_NAME (self));
  return FALSE;
}

gboolean
oai_record_begin_set (OaiRecord *self, guint field)
{
  return oai_record_check_field (self, field) && check_writable (self);
}

gboolean
oai_record_check_object (OaiRecord *self, guint field, gpointer object)
{
  const OaiField *row = oai_record_get_field (self, field);
  GType type = get_type (self, field)->get_item_type (row);

  if (G_TYPE_CHECK_INSTANCE_TYPE (object, type))
    return TRUE;

  g_critical ("“%s” of a %s takes a %s, and no %s", row->member, G_OBJECT_TYPE_NAME (self), g_type_name (type),
              object != NULL ? G_OBJECT_TYPE_NAME (object) : "NULL");

  return FALSE;
}

/* Returns a bit for each of the first 32 alternatives of a member that is set. */
static guint
get_set_fields (OaiRecord *self, guint head)
{
  guint end = oai_record_get_info (self)->ends[head];
  guint set = 0;

  if (end == head + 1)
    return 1;
  for (guint i = head; i < MIN (end, head + 32); i++)
    set |= oai_record_field_is_set (self, i) ? 1u << (i - head) : 0;

  return set;
}

static void
notify_fields (OaiRecord *self, guint head, guint fields)
{
  const OaiRecordInfo *info = oai_record_get_info (self);

  for (guint i = head; fields != 0; i++, fields >>= 1)
    if ((fields & 1) != 0 && info->pspecs[i] != NULL)
      g_object_notify_by_pspec (G_OBJECT (self), info->pspecs[i]);
}

void
oai_record_put_value (OaiRecord *self, guint field, OaiFieldValue value, gboolean changed)
{
  guint head = oai_record_get_info (self)->heads[field];
  guint before = changed ? get_set_fields (self, head) : 0;
  Slot *slot;

  clear_head (self, head);
  slot = ensure_slot (self, field);
  slot->value = value;
  slot->has_value = HAS_VALUE;
  slot = ensure_slot (self, head);
  slot->state = STATE_VALUE;
  slot->chosen = (guint16) field;
  if (changed)
    notify_fields (self, head, before | get_set_fields (self, head));
}

void
oai_record_put_doc (OaiRecord *self, guint field, OaiJsonDoc *doc)
{
  guint head = oai_record_get_info (self)->heads[field];
  guint before = get_set_fields (self, head);

  clear_head (self, head);
  ensure_slot (self, head)->doc = doc;
  notify_fields (self, head, before | get_set_fields (self, head));
}

/* state: UNSET or NULL. */
static void
put_state (OaiRecord *self, guint head, SlotState state)
{
  guint before = get_set_fields (self, head);
  OaiView view;

  oai_record_view (self, head, &view);
  clear_head (self, head);
  ensure_slot (self, head)->state = (guint8) state;
  if (view.kind != OAI_VIEW_NULL && view.kind != OAI_VIEW_ABSENT)
    notify_fields (self, head, before);
}

void
oai_record_unset_field (OaiRecord *self, guint field)
{
  put_state (self, oai_record_get_info (self)->heads[field], STATE_UNSET);
}

gboolean
oai_record_is_head_changed (OaiRecord *self, guint head)
{
  Slot *slots = peek_slots (self);

  return slots != NULL && (slots[head].state != STATE_SOURCE || slots[head].doc != NULL);
}

static void
note_change (gpointer object, gpointer user_data)
{
  OaiRecord *part = object;
  gboolean *changed = user_data;
  GArray *extras = get_private (part)->extras;

  *changed = *changed || (extras != NULL && extras->len > 0);
  for (guint i = 0; i < oai_record_get_schema (part)->n_fields && !*changed; i++)
    *changed = oai_record_is_head_changed (part, i);
  if (!*changed)
    foreach_part (part, note_change, changed);
}

gboolean
oai_record_has_changed_parts (OaiRecord *self)
{
  gboolean changed = FALSE;

  foreach_part (self, note_change, &changed);

  return changed;
}

/* Returns whether records in memory were created from the JSON of the view.  An empty list that was
 * returned for JSON of another type was not. */
static gboolean
is_made_from (const OaiFieldTypeClass *type, const OaiFieldValue *value, const OaiView *view)
{
  return type->is_filled == NULL || type->is_filled (value) || type->accepts (view->doc, view->node);
}

gboolean
oai_record_find_part (OaiRecord *self, guint head, const OaiView *view, guint *field)
{
  const OaiRecordInfo *info = oai_record_get_info (self);

  for (guint i = head; i < info->ends[head]; i++)
    {
      const OaiFieldValue *value = info->types[i]->content == OAI_FIELD_HOLDS_RECORDS ? oai_record_peek_value (self, i) : NULL;

      if (value != NULL && is_made_from (info->types[i], value, view))
        {
          *field = i;
          return TRUE;
        }
    }

  return FALSE;
}

/* Members that the schema does not know */

static Extra *
find_extra (OaiRecord *self, const char *name)
{
  OaiRecordPrivate *priv = get_private (self);
  guint position = priv->extras != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (priv->extra_positions, name)) : 0;

  return position != 0 ? &g_array_index (priv->extras, Extra, position - 1) : NULL;
}

static void
clear_extra (gpointer data)
{
  Extra *extra = data;

  g_free (extra->name);
  g_clear_pointer (&extra->doc, oai_json_doc_unref);
}

/* Takes ownership of doc; NULL removes the member. */
static void
set_extra (OaiRecord *self, const char *name, OaiJsonDoc *doc)
{
  OaiRecordPrivate *priv = get_private (self);
  Extra *extra = find_extra (self, name);
  Extra added = { NULL, doc };

  if (extra != NULL)
    {
      g_clear_pointer (&extra->doc, oai_json_doc_unref);
      extra->doc = doc;
      return;
    }

  if (priv->extras == NULL)
    {
      priv->extras = g_array_new (FALSE, FALSE, sizeof (Extra));
      g_array_set_clear_func (priv->extras, clear_extra);
      priv->extra_positions = g_hash_table_new (oai_json_hash_name, g_str_equal);
    }
  added.name = g_strdup (name);
  g_array_append_val (priv->extras, added);
  g_hash_table_insert (priv->extra_positions, added.name, GUINT_TO_POINTER (priv->extras->len));
}

static void
copy_extras (OaiRecord *self, OaiRecord *copy)
{
  GArray *extras = get_private (self)->extras;

  for (guint i = 0; extras != NULL && i < extras->len; i++)
    {
      Extra *extra = &g_array_index (extras, Extra, i);

      set_extra (copy, extra->name, extra->doc != NULL ? oai_json_doc_ref (extra->doc) : NULL);
    }
}

gboolean
oai_record_find_unknown_member (OaiRecord *self, const char *name, OaiJsonDoc **doc, OaiJsonNode *node)
{
  OaiRecordPrivate *priv = get_private (self);
  Extra *extra = find_extra (self, name);

  *doc = NULL;
  *node = OAI_JSON_NONE;
  if (extra != NULL)
    {
      *doc = extra->doc;
      *node = extra->doc != NULL ? 0 : OAI_JSON_NONE;
    }
  else if (priv->doc != NULL)
    {
      *doc = priv->doc;
      *node = oai_json_get_member (priv->doc, priv->node, name);
    }

  return *doc != NULL && *node != OAI_JSON_NONE;
}

/* All members */

/* Returns whether the member is a tag that can be omitted, since another member selects the type. */
static gboolean
is_optional_tag (OaiRecord *self, guint head)
{
  const OaiRecordInfo *info = oai_record_get_info (self);

  for (guint i = 0; i < info->n_tags; i++)
    if (info->tags[i].field == head && info->tags[i].untagged != NULL)
      return oai_record_has_member (self, info->tags[i].untagged);

  return FALSE;
}

/* Returns whether the member has a value in JSON; files do not. */
static gboolean
is_present (OaiRecord *self, guint head)
{
  OaiView view;

  oai_record_view (self, head, &view);
  if (view.kind == OAI_VIEW_TAG && get_private (self)->doc != NULL && is_optional_tag (self, head))
    return FALSE;

  return view.kind != OAI_VIEW_ABSENT && !(view.kind == OAI_VIEW_VALUE && get_type (self, view.field)->content == OAI_FIELD_HOLDS_FILES);
}

/* A member that was received by another name is not written twice. */
static void
mark_other_name (OaiRecord *self, OaiJsonNode node, gboolean *seen)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);

  for (guint i = 0; i < schema->n_names; i++)
    {
      OaiView view;

      oai_record_view (self, schema->names[i].field, &view);
      if (view.kind == OAI_VIEW_NODE && view.doc == get_private (self)->doc && view.node == node)
        seen[schema->names[i].field] = TRUE;
    }
}

static void
foreach_source_member (OaiRecord *self, gboolean *seen, OaiRecordMemberFunc func, gpointer user_data)
{
  OaiRecordPrivate *priv = get_private (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;
  guint hint = 0;

  oai_json_iter_init_members (&iter, priv->doc, priv->node);
  while (oai_json_iter_next (&iter, &name, &node))
    {
      int head = find_head (schema, name, hint);

      if (head < 0)
        {
          if (oai_json_get_member (priv->doc, priv->node, name) != node || find_extra (self, name) != NULL)
            continue;
          if (schema->n_names > 0)
            mark_other_name (self, node, seen);
          func (self, name, -1, priv->doc, node, user_data);
          continue;
        }
      hint = (guint) head;
      if (seen[head] || !is_present (self, (guint) head))
        continue;
      seen[head] = TRUE;
      func (self, name, head, NULL, OAI_JSON_NONE, user_data);
    }
}

void
oai_record_foreach_member (OaiRecord *self, OaiRecordMemberFunc func, gpointer user_data)
{
  OaiRecordPrivate *priv = get_private (self);
  const OaiRecordSchema *schema = oai_record_get_schema (self);
  g_autofree gboolean *seen = g_new0 (gboolean, schema->n_fields + 1);

  if (priv->doc != NULL)
    foreach_source_member (self, seen, func, user_data);
  for (guint i = 0; i < schema->n_fields; i++)
    if ((schema->fields[i].flags & OAI_FIELD_ALTERNATIVE) == 0 && !seen[i] && is_present (self, i))
      func (self, schema->fields[i].member, (int) i, NULL, OAI_JSON_NONE, user_data);
  for (guint i = 0; priv->extras != NULL && i < priv->extras->len; i++)
    {
      Extra *extra = &g_array_index (priv->extras, Extra, i);

      if (extra->doc != NULL)
        func (self, extra->name, -1, extra->doc, 0, user_data);
    }
}

/* The record */

gboolean
oai_record_get_source (OaiRecord *self, OaiJsonDoc **doc, OaiJsonNode *node)
{
  OaiRecordPrivate *priv = get_private (self);

  *doc = priv->doc;
  *node = priv->node;

  return priv->doc != NULL;
}

gboolean
oai_record_is_from_server (OaiRecord *self)
{
  return get_private (self)->from_server;
}

void
oai_record_set_from_program (OaiRecord *self)
{
  get_private (self)->from_server = FALSE;
}

OaiRecord *
oai_record_new_from_doc (GType type, OaiJsonDoc *doc, OaiJsonNode node, OaiClient *client, OaiCall *call)
{
  OaiRecord *self;
  OaiRecordPrivate *priv;

  g_return_val_if_fail (g_type_is_a (type, OAI_TYPE_RECORD), NULL);

  self = g_object_new (resolve_type (type, doc, node), NULL);
  priv = get_private (self);
  priv->doc = oai_json_doc_ref (doc);
  priv->node = node;
  priv->from_server = TRUE;
  priv->client = client != NULL ? g_object_ref (client) : NULL;
  priv->call = call != NULL ? g_object_ref (call) : NULL;

  return self;
}

OaiRecord *
oai_record_new_part (OaiRecord *self, guint field, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiRecordPrivate *priv = get_private (self);
  OaiRecord *part = oai_record_new_from_doc (oai_record_get_field (self, field)->item_type (), doc, node, priv->client, priv->call);

  get_private (part)->from_server = priv->from_server && doc == priv->doc;

  return part;
}

static void
oai_record_finalize (GObject *object)
{
  OaiRecord *self = OAI_RECORD (object);
  OaiRecordPrivate *priv = get_private (self);

  clear_slots (self);
  g_clear_pointer (&priv->nodes, g_free);
  g_clear_pointer (&priv->doc, oai_json_doc_unref);
  g_clear_pointer (&priv->extra_positions, g_hash_table_unref);
  g_clear_pointer (&priv->extras, g_array_unref);
  oai_atomic_map_clear (&priv->texts, g_free);
  g_clear_object (&priv->client);
  g_clear_object (&priv->call);

  G_OBJECT_CLASS (oai_record_parent_class)->finalize (object);
}

static void
oai_record_class_init (OaiRecordClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_record_finalize;
  oai_record_class_set_info (klass, &untyped_schema, &untyped_info);
}

static void
oai_record_init (OaiRecord *self)
{
}

/**
 * oai_record_copy:
 * @self: a record
 *
 * Copies a record and all its nested records.
 *
 * If a record contains itself, it is omitted there, with a critical warning.
 *
 * Returns: (transfer full): the copy, of the same type
 *
 * Since: 1.0
 */
OaiRecord *
oai_record_copy (OaiRecord *self)
{
  OaiRecordPrivate *priv;
  OaiRecordPrivate *copied;
  OaiRecord *copy;
  OaiRecordVisit visit;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  if (!oai_record_enter (self, &visit))
    {
      oai_record_warn_of_nesting (self);
      return NULL;
    }

  priv = get_private (self);
  copy = g_object_new (G_OBJECT_TYPE (self), NULL);
  copied = get_private (copy);
  copied->doc = priv->doc != NULL ? oai_json_doc_ref (priv->doc) : NULL;
  copied->node = priv->node;
  copied->from_server = priv->from_server;
  g_set_object (&copied->client, priv->client);
  g_set_object (&copied->call, priv->call);
  copy_slots (self, copy);
  copy_extras (self, copy);
  oai_record_leave (&visit);

  return copy;
}

/**
 * oai_record_is_writable:
 * @self: a record
 *
 * Gets whether the record can be changed: requests can, replies cannot.
 *
 * Returns: %TRUE if it can be changed
 *
 * Since: 1.0
 */
gboolean
oai_record_is_writable (OaiRecord *self)
{
  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);

  return (oai_record_get_schema (self)->flags & OAI_RECORD_SCHEMA_WRITABLE) != 0;
}

/**
 * oai_record_get_call:
 * @self: a record
 *
 * Gets the call that received the record.
 *
 * Returns: (nullable) (transfer none): the call, or %NULL if the record was not received from a
 *   server
 *
 * Since: 1.0
 */
OaiCall *
oai_record_get_call (OaiRecord *self)
{
  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  return get_private (self)->call;
}

/**
 * oai_record_get_client:
 * @self: a record
 *
 * Gets the client that received the record. Methods of the record use it to send requests.
 *
 * Returns: (nullable) (transfer none): the client, or %NULL if the record was not received from a
 *   server
 *
 * Since: 1.0
 */
OaiClient *
oai_record_get_client (OaiRecord *self)
{
  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  return get_private (self)->client;
}

static void
set_part_origin (gpointer part, gpointer parent)
{
  OaiRecordPrivate *priv = get_private (parent);

  oai_record_set_origin (part, priv->client, priv->call);
}

void
oai_record_set_origin (OaiRecord *self, OaiClient *client, OaiCall *call)
{
  OaiRecordPrivate *priv = get_private (self);

  g_set_object (&priv->client, client);
  g_set_object (&priv->call, call);
  foreach_part (self, set_part_origin, self);
}

/* Members by name */

int
oai_record_find_member (OaiRecord *self, const char *member)
{
  return find_head (oai_record_get_schema (self), member, 0);
}

gboolean
oai_record_peek_member (OaiRecord *self, const char *member, OaiJsonDoc **doc, OaiJsonNode *node)
{
  int head = oai_record_find_member (self, member);
  OaiView view;

  if (head < 0)
    return oai_record_find_unknown_member (self, member, doc, node);

  oai_record_view (self, (guint) head, &view);
  *doc = view.doc;
  *node = view.node;

  return view.kind == OAI_VIEW_NODE;
}

/* Returns the array of a view as a document that can be extended. */
static OaiJsonDoc *
take_array (OaiRecord *self, guint head, const OaiView *view)
{
  g_autofree char *json = NULL;

  if (view->doc == ensure_slot (self, head)->doc && !oai_json_doc_is_shared (view->doc))
    return g_steal_pointer (&ensure_slot (self, head)->doc);

  json = oai_json_dup_node (view->doc, view->node);

  return oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, NULL);
}

gboolean
oai_record_append_element (OaiRecord *self, const char *member, const char *json)
{
  int head = oai_record_find_member (self, member);
  OaiJsonDoc *doc;
  OaiView view;

  g_return_val_if_fail (head >= 0, FALSE);

  oai_record_view (self, (guint) head, &view);
  if (view.kind != OAI_VIEW_NODE || oai_json_get_type (view.doc, view.node) != OAI_JSON_ARRAY || !check_writable (self))
    return FALSE;

  doc = take_array (self, (guint) head, &view);
  g_return_val_if_fail (doc != NULL, FALSE);
  if (!oai_json_doc_append (doc, json, NULL))
    g_critical ("An element cannot be appended to “%s” of %s", member, G_OBJECT_TYPE_NAME (self));
  oai_record_put_doc (self, (guint) head, doc);

  return TRUE;
}

static void
add_name (OaiRecord *self, const char *name, int head, OaiJsonDoc *doc, OaiJsonNode node, gpointer data)
{
  g_strv_builder_add (data, name);
}

/**
 * oai_record_list_members:
 * @self: a record
 *
 * Lists the members of the record by their names in JSON, including those that this
 * library does not know.
 *
 * Returns: (transfer full): the names
 *
 * Since: 1.0
 */
GStrv
oai_record_list_members (OaiRecord *self)
{
  g_autoptr(GStrvBuilder) builder = NULL;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  builder = g_strv_builder_new ();
  oai_record_foreach_member (self, add_name, builder);

  return g_strv_builder_end (builder);
}

/**
 * oai_record_has_member:
 * @self: a record
 * @member: the name of a member in JSON, such as `max_tokens`
 *
 * Gets whether the record has a member, which may be null.
 *
 * Returns: %TRUE if it has the member
 *
 * Since: 1.0
 */
gboolean
oai_record_has_member (OaiRecord *self, const char *member)
{
  OaiJsonDoc *doc;
  OaiJsonNode node;
  OaiView view;
  int head;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (member != NULL, FALSE);

  head = oai_record_find_member (self, member);
  if (head < 0)
    return oai_record_find_unknown_member (self, member, &doc, &node);
  oai_record_view (self, (guint) head, &view);

  return view.kind != OAI_VIEW_ABSENT;
}

/**
 * oai_record_is_null_member:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets whether a member is present and null.
 *
 * Returns: %TRUE if it is null
 *
 * Since: 1.0
 */
gboolean
oai_record_is_null_member (OaiRecord *self, const char *member)
{
  OaiJsonDoc *doc;
  OaiJsonNode node;
  OaiView view;
  int head;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (member != NULL, FALSE);

  head = oai_record_find_member (self, member);
  if (head < 0)
    return oai_record_find_unknown_member (self, member, &doc, &node) && oai_json_get_type (doc, node) == OAI_JSON_NULL;
  oai_record_view (self, (guint) head, &view);

  return view.kind == OAI_VIEW_NULL;
}

/**
 * oai_record_unset_member:
 * @self: a writable record
 * @member: the name of a member in JSON
 *
 * Removes a member, so that it is not sent.
 *
 * Since: 1.0
 */
void
oai_record_unset_member (OaiRecord *self, const char *member)
{
  int head;

  g_return_if_fail (OAI_IS_RECORD (self));
  g_return_if_fail (member != NULL);

  if (!check_writable (self))
    return;

  head = oai_record_find_member (self, member);
  if (head < 0)
    set_extra (self, member, NULL);
  else
    put_state (self, (guint) head, STATE_UNSET);
}

void
oai_record_keep_members (OaiRecord *self, const char *const *members)
{
  g_auto(GStrv) names = oai_record_list_members (self);

  for (guint i = 0; names[i] != NULL; i++)
    if (!g_strv_contains (members, names[i]))
      oai_record_unset_member (self, names[i]);
}

/**
 * oai_record_set_null_member:
 * @self: a writable record
 * @member: the name of a member in JSON
 *
 * Sets a member to null. Some parameters distinguish null from an absent member.
 *
 * Since: 1.0
 */
void
oai_record_set_null_member (OaiRecord *self, const char *member)
{
  int head;

  g_return_if_fail (OAI_IS_RECORD (self));
  g_return_if_fail (member != NULL);

  if (!check_writable (self))
    return;

  head = oai_record_find_member (self, member);
  if (head < 0)
    set_extra (self, member, oai_json_doc_new_copy ("null", -1, OAI_JSON_STRICT, NULL));
  else
    put_state (self, (guint) head, STATE_NULL);
}

/**
 * oai_record_set_member:
 * @self: a writable record
 * @member: the name of a member in JSON
 * @json: (nullable): its value, as JSON text, or %NULL to remove it
 * @error: return location for an error
 *
 * Sets a member, which does not have to be known to this library. Use it for parameters that are
 * newer than this library, or specific to a server.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if @json is not JSON.
 *
 * Returns: %TRUE if the member was set
 *
 * Since: 1.0
 */
gboolean
oai_record_set_member (OaiRecord *self, const char *member, const char *json, GError **error)
{
  g_autoptr(GError) local_error = NULL;
  OaiJsonDoc *doc;
  int head;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (member != NULL, FALSE);

  if (!oai_record_is_writable (self))
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” belongs to a reply and cannot be changed"), member);
      return FALSE;
    }
  if (json == NULL)
    {
      oai_record_unset_member (self, member);
      return TRUE;
    }
  doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, &local_error);
  if (doc == NULL)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The value of “%s” is not JSON: %s"), member, local_error->message);
      return FALSE;
    }

  head = oai_record_find_member (self, member);
  if (head < 0)
    set_extra (self, member, doc);
  else
    oai_record_put_doc (self, (guint) head, doc);

  return TRUE;
}

/* Sets the view of any member. */
static void
view_member (OaiRecord *self, const char *member, OaiView *view)
{
  int head = oai_record_find_member (self, member);

  if (head >= 0)
    {
      oai_record_view (self, (guint) head, view);
      return;
    }
  view->kind = oai_record_find_unknown_member (self, member, &view->doc, &view->node) ? OAI_VIEW_NODE : OAI_VIEW_ABSENT;
}

/* Returns text for a value that is not a string. */
static const char *
get_made_text (OaiJsonDoc *doc, OaiJsonNode node)
{
  const char *kept = oai_json_peek_text (doc, node);
  char *made;

  if (kept != NULL)
    return kept;
  made = oai_json_dup_text (doc, node);

  return made != NULL ? oai_json_keep_text (doc, node, made) : NULL;
}

/* Returns the digits of a number that was set. */
static const char *
get_digits (OaiRecord *self, guint field)
{
  OaiAtomicMap *texts = &get_private (self)->texts;
  const char *kept = oai_atomic_map_lookup (texts, field);
  GString *out;

  if (kept != NULL)
    return kept;

  out = g_string_new (NULL);
  get_type (self, field)->write (oai_record_peek_value (self, field), out, OAI_WRITE_WHOLE);

  return oai_atomic_map_add (texts, field, g_string_free (out, FALSE), g_free);
}

const char *
oai_record_keep_text (OaiRecord *self, const char *name, char *text)
{
  OaiAtomicMap *texts = &get_private (self)->texts;
  guint32 key = TEXT_KEY (name);
  const char *kept = oai_atomic_map_lookup (texts, key);

  if (text == NULL)
    return NULL;
  /* The text differs only if the record was changed, while no other thread used it. */
  if (kept != NULL && !g_str_equal (kept, text))
    oai_atomic_map_remove (texts, key, g_free);

  return oai_atomic_map_add (texts, key, text, g_free);
}

/* Returns a value that was set as text; NULL for types without a text form. */
static const char *
get_value_text (OaiRecord *self, guint field)
{
  OaiJsonType type = get_type (self, field)->json_type;

  if (type == OAI_JSON_STRING)
    return oai_record_peek_value (self, field)->text;

  return type == OAI_JSON_INT || type == OAI_JSON_DOUBLE ? get_digits (self, field) : NULL;
}

/**
 * oai_record_get_string_member:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets a member that is a string. If it is a number or an object, which some servers send instead
 * of strings, returns its digits or its JSON text.
 *
 * This also reads members that this library does not know.
 *
 * Returns: (nullable) (transfer none): the string, or %NULL if the member is absent or has another
 *   type
 *
 * Since: 1.0
 */
const char *
oai_record_get_string_member (OaiRecord *self, const char *member)
{
  OaiView view;
  const char *text;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);
  g_return_val_if_fail (member != NULL, NULL);

  view_member (self, member, &view);
  switch (view.kind)
    {
    case OAI_VIEW_TAG:
      return view.tag;
    case OAI_VIEW_VALUE:
      return get_value_text (self, view.field);
    case OAI_VIEW_NODE:
      text = oai_json_get_string (view.doc, view.node, NULL);
      return text != NULL ? text : get_made_text (view.doc, view.node);
    case OAI_VIEW_NULL:
    case OAI_VIEW_ABSENT:
    default:
      return NULL;
    }
}

/**
 * oai_record_get_int_member:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets a member that is a whole number; a fraction is discarded.
 *
 * Returns: the number, or 0 if the member is absent or not a number
 *
 * Since: 1.0
 */
gint64
oai_record_get_int_member (OaiRecord *self, const char *member)
{
  OaiView view;
  gint64 value = 0;

  g_return_val_if_fail (OAI_IS_RECORD (self), 0);
  g_return_val_if_fail (member != NULL, 0);

  view_member (self, member, &view);
  if (view.kind == OAI_VIEW_NODE)
    oai_json_get_truncated_int (view.doc, view.node, &value);
  if (view.kind != OAI_VIEW_VALUE)
    return value;

  switch (get_type (self, view.field)->json_type)
    {
    case OAI_JSON_INT:
      return oai_record_peek_value (self, view.field)->integer;
    case OAI_JSON_DOUBLE:
      oai_json_double_to_int (trunc (oai_record_peek_value (self, view.field)->number), &value);
      return value;
    default:
      return 0;
    }
}

/**
 * oai_record_get_double_member:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets a member that is a number.
 *
 * Returns: the number, or 0 if the member is absent or not a number
 *
 * Since: 1.0
 */
double
oai_record_get_double_member (OaiRecord *self, const char *member)
{
  OaiView view;
  double value = 0;

  g_return_val_if_fail (OAI_IS_RECORD (self), 0);
  g_return_val_if_fail (member != NULL, 0);

  view_member (self, member, &view);
  if (view.kind == OAI_VIEW_NODE)
    oai_json_get_double (view.doc, view.node, &value);
  if (view.kind != OAI_VIEW_VALUE)
    return value;

  switch (get_type (self, view.field)->json_type)
    {
    case OAI_JSON_INT:
      return (double) oai_record_peek_value (self, view.field)->integer;
    case OAI_JSON_DOUBLE:
      return oai_record_peek_value (self, view.field)->number;
    default:
      return 0;
    }
}

/**
 * oai_record_get_boolean_member:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets a member that is true or false.
 *
 * Returns: the value, or %FALSE if the member is absent or not a boolean
 *
 * Since: 1.0
 */
gboolean
oai_record_get_boolean_member (OaiRecord *self, const char *member)
{
  OaiView view;
  gboolean value = FALSE;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (member != NULL, FALSE);

  view_member (self, member, &view);
  if (view.kind == OAI_VIEW_NODE)
    oai_json_get_boolean (view.doc, view.node, &value);
  if (view.kind == OAI_VIEW_VALUE && get_type (self, view.field)->json_type == OAI_JSON_BOOLEAN)
    value = oai_record_peek_value (self, view.field)->boolean;

  return value;
}

/* Validation */

typedef struct
{
  GError **error;
  gboolean valid;
} Validation;

static void
validate_object (gpointer object, gpointer user_data)
{
  Validation *self = user_data;

  self->valid = self->valid && oai_record_validate (object, self->error);
}

static gboolean
validate_value (OaiRecord *self, guint field, GError **error)
{
  const OaiFieldTypeClass *type = get_type (self, field);
  Validation validation = { error, TRUE };

  if (type->content == OAI_FIELD_HOLDS_RECORDS)
    type->foreach_object (oai_record_peek_value (self, field), validate_object, &validation);

  return validation.valid;
}

static gboolean
validate_fields (OaiRecord *self, GError **error)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);

  for (guint i = 0; i < schema->n_fields; i++)
    {
      const OaiField *field = &schema->fields[i];
      OaiView view;

      if ((field->flags & OAI_FIELD_ALTERNATIVE) != 0)
        continue;
      oai_record_view (self, i, &view);
      if (view.kind == OAI_VIEW_ABSENT && (field->flags & OAI_FIELD_REQUIRED) != 0 && !is_optional_tag (self, i))
        {
          /* Translators: the first %s is a parameter such as “model”, the second the name of a type. */
          g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” of %s is required, but not set"), field->member, G_OBJECT_TYPE_NAME (self));
          return FALSE;
        }
      if (view.kind == OAI_VIEW_VALUE && !validate_value (self, view.field, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
oai_record_validate (OaiRecord *self, GError **error)
{
  OaiRecordVisit visit;
  gboolean valid;

  /* Records from JSON are sent unchecked.  A record that contains itself is reported when it is
   * written. */
  if (!oai_record_is_writable (self) || get_private (self)->doc != NULL || !oai_record_enter (self, &visit))
    return TRUE;

  valid = validate_fields (self, error);
  oai_record_leave (&visit);

  return valid;
}
