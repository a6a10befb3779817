/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-response-accumulator-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-member-private.h"
#include "oai-response-private.h"

/* The highest index of an item or of an element of its lists. */
#define MAX_INDEX 4096

/* The length of a type of the server in an error. */
#define MAX_SHOWN_TYPE 64

/* The members of an event; OAI_JSON_NONE if they are absent. */
typedef struct
{
  const OaiResponseEventRow *row;
  OaiJsonDoc *doc;
  OaiJsonNode node;
  OaiJsonNode type;
  OaiJsonNode item_id;
  OaiJsonNode output_index;
  OaiJsonNode part_index;      /* content_index, summary_index or command_index */
  OaiJsonNode delta;
  OaiJsonNode logprobs;
  OaiJsonNode sequence_number;
  gboolean has_error;
} Event;

void
oai_response_accumulator_init (OaiStream *stream, gpointer state)
{
  OaiResponseAccumulator *self = state;

  self->stream = stream;
  self->response = oai_json_value_new_object ();
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_response_item_state_free);
  self->transcript = g_string_new (NULL);
  self->sequence_number = -1;
  self->starting_after = -1;
}

void
oai_response_accumulator_clear (gpointer state)
{
  OaiResponseAccumulator *self = state;

  oai_json_value_free (self->response);
  g_ptr_array_unref (self->items);
  g_string_free (self->transcript, TRUE);
}

/* Reading events */

/* Returns the address of a member, or NULL for other members. */
static inline OaiJsonNode *
get_member (Event *event, const OaiJsonMember *member)
{
  if (oai_json_member_is (member, "type"))
    return &event->type;
  if (oai_json_member_is (member, "sequence_number"))
    return &event->sequence_number;
  if (oai_json_member_is (member, "item_id"))
    return &event->item_id;
  if (oai_json_member_is (member, "output_index"))
    return &event->output_index;
  if (oai_json_member_is (member, "content_index") || oai_json_member_is (member, "summary_index") || oai_json_member_is (member, "command_index"))
    return &event->part_index;
  if (oai_json_member_is (member, "delta"))
    return &event->delta;
  if (oai_json_member_is (member, "logprobs"))
    return &event->logprobs;

  return NULL;
}

static inline void
read_members (Event *event, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonMember member;

  *event = (Event) { NULL, doc, node, OAI_JSON_NONE, OAI_JSON_NONE, OAI_JSON_NONE, OAI_JSON_NONE, OAI_JSON_NONE, OAI_JSON_NONE, OAI_JSON_NONE, FALSE };
  oai_json_member_init (&member, doc, node);
  while (oai_json_member_next (&member))
    {
      OaiJsonNode *known = get_member (event, &member);

      if (known != NULL)
        *known = member.value;
      else if (oai_json_member_is (&member, "error"))
        event->has_error = TRUE;
    }
}

/* Most events have the same type as the one before. */
static inline const OaiResponseEventRow *
find_row (OaiResponseAccumulator *self, const char *type)
{
  if (self->row == NULL || type == NULL || strcmp (self->row->name, type) != 0)
    self->row = oai_response_event_table_find (type);

  return self->row;
}

/* Sets index to G_MAXUINT if there is none. */
static inline gboolean
read_index (OaiJsonDoc *doc, OaiJsonNode node, guint *index, GError **error)
{
  gint64 number = -1;

  *index = G_MAXUINT;
  if (oai_json_get_type (doc, node) <= OAI_JSON_NULL)
    return TRUE;
  if (oai_json_get_int (doc, node, &number) && number >= 0 && number <= MAX_INDEX)
    {
      *index = (guint) number;
      return TRUE;
    }

  oai_response_set_index_error (error);

  return FALSE;
}

static const char *
get_string (OaiJsonDoc *doc, OaiJsonNode object, const char *member)
{
  const char *text = oai_json_get_string (doc, oai_json_get_member (doc, object, member), NULL);

  return text != NULL && *text != '\0' ? text : NULL;
}

/* Signals */

static void
emit_value (OaiResponseAccumulator *self, guint signal, GType type, OaiJsonValue *value, guint first, guint second)
{
  g_autoptr(OaiRecord) record = NULL;
  GString *json;

  if (!oai_stream_wants (self->stream, signal))
    return;

  json = g_string_new (NULL);
  oai_json_write_value (json, value);
  record = oai_stream_new_record (self->stream, type, g_string_free (json, FALSE));
  oai_stream_emit (self->stream, signal, record, first, second);
}

static void
emit_item (OaiResponseAccumulator *self, guint signal, OaiResponseItemState *item)
{
  emit_value (self, signal, OAI_TYPE_RESPONSE_ITEM, item->value, item->index, 0);
}

static void
emit_record (OaiResponseAccumulator *self, guint signal, GType type, OaiJsonDoc *doc, OaiJsonNode node, guint first, guint second, guint third)
{
  g_autoptr(OaiRecord) record = NULL;
  GString *json;

  if (!oai_stream_wants (self->stream, signal))
    return;

  json = g_string_new (NULL);
  oai_json_write_node (json, doc, node);
  record = oai_stream_new_record (self->stream, type, g_string_free (json, FALSE));
  oai_stream_emit (self->stream, signal, record, first, second, third);
}

static void
emit_json (OaiResponseAccumulator *self, guint signal, OaiJsonDoc *doc, OaiJsonNode node, guint first, guint second)
{
  g_autoptr(GString) json = NULL;

  if (!oai_stream_wants (self->stream, signal))
    return;

  json = g_string_new (NULL);
  oai_json_write_node (json, doc, node);
  oai_stream_emit (self->stream, signal, json->str, first, second);
}

static void
emit_response (OaiResponseAccumulator *self, guint signal)
{
  g_autoptr(OaiRecord) response = NULL;

  if (!oai_stream_wants (self->stream, signal))
    return;

  response = oai_stream_dup_result (self->stream);
  oai_stream_emit (self->stream, signal, response);
}

static void
emit_delta (OaiResponseAccumulator *self, const OaiResponseTextRow *text, guint output_index, guint part_index, const char *delta, gsize length)
{
  const guint indexes[OAI_STREAM_MAX_INDEXES] = { output_index, text->list != OAI_RESPONSE_LIST_NONE ? part_index : 0 };

  if (length > 0)
    oai_stream_emit_text (self->stream, text->delta_signal, delta, length, indexes);
}

/* Finding items */

OaiResponseItemState *
oai_response_accumulator_get_item (OaiResponseAccumulator *self, guint index)
{
  for (guint i = self->items->len; i > 0; i--)
    {
      OaiResponseItemState *item = g_ptr_array_index (self->items, i - 1);

      if (item->index == index)
        return item;
    }

  return NULL;
}

static gboolean
has (OaiResponseItemState *item, const char *member, const char *text)
{
  return text == NULL || g_strcmp0 (oai_response_item_state_get_string (item, member), text) == 0;
}

static OaiResponseItemState *
find_by_id (OaiResponseAccumulator *self, const char *id)
{
  for (guint i = 0; id != NULL && i < self->items->len; i++)
    if (has (g_ptr_array_index (self->items, i), "id", id))
      return g_ptr_array_index (self->items, i);

  return NULL;
}

static OaiResponseItemState *
find_newest (OaiResponseAccumulator *self, const char *type)
{
  for (guint i = self->items->len; i > 0; i--)
    if (has (g_ptr_array_index (self->items, i - 1), "type", type))
      return g_ptr_array_index (self->items, i - 1);

  return NULL;
}

static guint
get_next_index (OaiResponseAccumulator *self)
{
  return self->items->len > 0 ? ((OaiResponseItemState *) g_ptr_array_index (self->items, self->items->len - 1))->index + 1 : 0;
}

/* Takes ownership of the value. */
static OaiResponseItemState *
add_item (OaiResponseAccumulator *self, guint index, OaiJsonValue *value, GError **error)
{
  OaiResponseItemState *item;

  if (index == G_MAXUINT)
    index = get_next_index (self);
  if (index < get_next_index (self) || index > MAX_INDEX)
    {
      oai_json_value_free (value);
      oai_response_set_index_error (error);
      return NULL;
    }

  item = oai_response_item_state_new (index, value);
  g_ptr_array_add (self->items, item);

  return item;
}

/* Adds an item that the server did not announce. */
static OaiResponseItemState *
add_missing_item (OaiResponseAccumulator *self, guint index, const char *id, const char *type, GError **error)
{
  OaiJsonValue *value = oai_json_value_new_object ();
  OaiResponseItemState *item;

  if (id != NULL)
    oai_json_value_set_member (value, "id", oai_json_value_new_string (id, -1));
  oai_json_value_set_member (value, "type", oai_json_value_new_string (type, -1));
  if (strcmp (type, "message") == 0)
    oai_json_value_set_member (value, "role", oai_json_value_new_string ("assistant", -1));
  item = add_item (self, index, value, error);
  if (item != NULL)
    emit_item (self, RESPONSE_STREAM__ITEM_ADDED, item);

  return item;
}

/* A longer type could be truncated within a character, or within a key, which would not be redacted. */
static void
set_type_error (const Event *event, const char *type, GError **error)
{
  const char *shown = type != NULL && strlen (type) <= MAX_SHOWN_TYPE ? type : "…";

  /* Translators: the first %s is the name of an event, the second the type of an item, such as message. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent the event “%s” for an item or a part of the type “%s”"), event->row->name, shown);
}

/* Returns the item of an event.  Servers may omit the index, or change the identifier of an item
 * between events, but not use the identifier of another item. */
static OaiResponseItemState *
get_item (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  const char *id = oai_json_get_string (event->doc, event->item_id, NULL);
  const char *type = event->row->item_type;
  OaiResponseItemState *named = find_by_id (self, id != NULL && *id != '\0' ? id : NULL);
  OaiResponseItemState *item = named;
  guint index;

  if (!read_index (event->doc, event->output_index, &index, error))
    return NULL;
  if (index != G_MAXUINT)
    item = oai_response_accumulator_get_item (self, index);
  else if (item == NULL && id == NULL)
    item = find_newest (self, type);

  if (named != NULL && item != named)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent an event with the identifier of another item"));
      return NULL;
    }
  if (item == NULL && type != NULL)
    return add_missing_item (self, index, id, type, error);
  if (item == NULL)
    oai_response_set_index_error (error);
  else if (!has (item, "type", type))
    {
      set_type_error (event, oai_response_item_state_get_string (item, "type"), error);
      return NULL;
    }

  return item;
}

/* Texts */

static OaiJsonValue *
new_part (const OaiResponseTextRow *text)
{
  OaiJsonValue *part;

  if (text->member == NULL)
    return oai_json_value_new_string ("", 0);

  part = oai_json_value_new_object ();
  oai_json_value_set_member (part, "type", oai_json_value_new_string (text->part_type, -1));
  oai_json_value_set_member (part, text->member, oai_json_value_new_string ("", 0));

  return part;
}

/* Returns the position of the element of a list that an event changes, or -1.  Without an index, it
 * is the last one.  Takes ownership of part, a new element. */
static int
ensure_part (OaiResponseItemState *item, const Event *event, OaiResponseItemList list, OaiJsonValue *part, GError **error)
{
  g_autoptr(OaiJsonValue) added = part;
  guint n_parts = oai_response_item_state_get_n_parts (item, list);
  guint index;
  int position;

  if (!read_index (event->doc, event->part_index, &index, error))
    return -1;
  if (index == G_MAXUINT && n_parts > 0)
    return (int) n_parts - 1;

  if (index == G_MAXUINT)
    index = 0;
  position = oai_response_item_state_find_part (item, list, index);

  return position >= 0 ? position : oai_response_item_state_add_part (item, list, index, g_steal_pointer (&added), error);
}

/* Returns the position of the text of an event: 0 if it belongs to no list, or -1 with an error. */
static int
get_text_position (OaiResponseItemState *item, const Event *event, GError **error)
{
  const OaiResponseTextRow *text = event->row->text;
  OaiJsonValue *part;
  const char *type;
  int position;

  if (text->list == OAI_RESPONSE_LIST_NONE)
    return 0;

  position = ensure_part (item, event, text->list, new_part (text), error);
  if (position < 0 || text->part_type == NULL)
    return position;

  part = oai_response_item_state_get_part_value (item, text->list, position);
  type = oai_json_value_get_string (oai_json_value_get_member (part, "type"), NULL);
  if (oai_json_value_get_type (part) == OAI_JSON_OBJECT && (type == NULL || strcmp (type, text->part_type) == 0))
    return position;

  set_type_error (event, type, error);

  return -1;
}

static guint
get_part_index (OaiResponseItemState *item, OaiResponseItemList list, guint position)
{
  return list == OAI_RESPONSE_LIST_NONE ? 0 : oai_response_item_state_get_part (item, list, position)->index;
}

static void
add_logprobs (OaiResponseItemState *item, const Event *event, guint position)
{
  OaiJsonValue *part = oai_response_item_state_get_part_value (item, event->row->text->list, position);
  OaiJsonValue *list = oai_json_value_get_member (part, "logprobs");
  OaiJsonIter iter;
  OaiJsonNode token;

  if (oai_json_value_get_type (list) != OAI_JSON_ARRAY)
    list = oai_json_value_set_member (part, "logprobs", oai_json_value_new_array ());
  oai_json_iter_init (&iter, event->doc, event->logprobs);
  while (oai_json_iter_next (&iter, NULL, &token))
    oai_json_value_append (list, oai_json_value_new_from_node (event->doc, token));
}

/* The text of most deltas is that of the delta before. */
static inline gboolean
is_current (OaiResponseAccumulator *self, const Event *event)
{
  gint64 output_index;
  gint64 part_index = 0;

  return self->current.text != NULL && self->current.text == event->row->text
         && oai_json_get_int (event->doc, event->output_index, &output_index) && output_index == self->current.output_index
         && (self->current.text->list == OAI_RESPONSE_LIST_NONE || oai_json_get_int (event->doc, event->part_index, &part_index))
         && part_index == self->current.part_index
         && oai_json_get_size (event->doc, event->logprobs) == 0;
}

static gboolean
add_text_delta (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  const OaiResponseTextRow *text = event->row->text;
  gsize length = 0;
  const char *delta = oai_json_get_string (event->doc, event->delta, &length);
  OaiResponseItemState *item = get_item (self, event, error);
  int position = item != NULL ? get_text_position (item, event, error) : -1;

  if (position < 0)
    return FALSE;
  if (oai_json_get_size (event->doc, event->logprobs) > 0 && text->part_type != NULL)
    add_logprobs (item, event, position);

  self->current = (OaiResponseCurrentText) { text, item->index, get_part_index (item, text->list, position), oai_response_item_state_ensure_text (item, text, position) };
  oai_json_value_append_string (self->current.value, delta != NULL ? delta : "", length);
  emit_delta (self, text, self->current.output_index, self->current.part_index, delta, length);

  return TRUE;
}

/* Reports a text that the server sent as a whole: the part of it that has not arrived in deltas,
 * and the whole text if it is complete. */
static void
report_text (OaiResponseAccumulator *self, OaiResponseItemState *item, const OaiResponseTextRow *text, guint position, const char *whole, gsize length, gboolean done)
{
  OaiJsonValue *value = oai_response_item_state_ensure_text (item, text, position);
  gboolean *text_done = oai_response_item_state_get_text_done (item, text, position);
  guint part_index = get_part_index (item, text->list, position);
  gboolean was_done = *text_done;
  gsize held_length;
  const char *held = oai_json_value_get_string (value, &held_length);
  gboolean continued = held_length < length && memcmp (held, whole, held_length) == 0;

  *text_done = was_done || done;
  if (length > 0)
    oai_json_value_assign (value, oai_json_value_new_string (whole, length));
  if (was_done)
    return;

  if (continued)
    emit_delta (self, text, item->index, part_index, whole + held_length, length - held_length);
  if (done && (length > 0 || held_length > 0 || text->list == OAI_RESPONSE_LIST_NONE))
    oai_stream_emit (self->stream, text->done_signal, length > 0 || held_length == 0 ? whole : held, item->index, part_index);
}

static gboolean
add_text_done (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  OaiResponseItemState *item = get_item (self, event, error);
  int position = item != NULL ? get_text_position (item, event, error) : -1;
  gboolean done = event->row->kind == OAI_RESPONSE_EVENT_TEXT_DONE;
  gsize length;
  const char *whole;

  if (position < 0)
    return FALSE;
  if (oai_json_get_size (event->doc, event->logprobs) > 0 && event->row->text->part_type != NULL)
    oai_json_value_set_member (oai_response_item_state_get_part_value (item, event->row->text->list, position), "logprobs",
                               oai_json_value_new_from_node (event->doc, event->logprobs));

  whole = oai_json_get_string (event->doc, oai_json_get_member (event->doc, event->node, event->row->text->done_member), &length);
  if (whole != NULL)
    report_text (self, item, event->row->text, position, whole, length, done);

  return TRUE;
}

/* Whole items and parts */

/* Reports the texts of one element of a list, or of the item itself for OAI_RESPONSE_LIST_NONE. */
static void
report_texts (OaiResponseAccumulator *self, OaiResponseItemState *item, OaiResponseItemList list, guint position, OaiJsonDoc *doc, OaiJsonNode node, gboolean done)
{
  guint n_texts;
  const OaiResponseTextRow *texts = oai_response_event_table_get_texts (&n_texts);

  for (guint i = 0; i < n_texts; i++)
    {
      const OaiResponseTextRow *text = &texts[i];
      OaiJsonNode owner = text->object != NULL ? oai_json_get_member (doc, node, text->object) : node;
      const char *whole;
      gsize length;

      if (text->list != list || !has (item, "type", text->item_type))
        continue;
      if (text->part_type != NULL && g_strcmp0 (get_string (doc, node, "type"), text->part_type) != 0)
        continue;
      whole = oai_json_get_string (doc, text->member != NULL ? oai_json_get_member (doc, owner, text->member) : owner, &length);
      if (whole != NULL)
        report_text (self, item, text, position, whole, length, done);
    }
}

/* Returns an element of a list without its text. */
static OaiJsonValue *
new_element (OaiJsonDoc *doc, OaiJsonNode node)
{
  const char *type = get_string (doc, node, "type");
  OaiJsonValue *value;

  if (oai_json_get_type (doc, node) == OAI_JSON_STRING)
    return oai_json_value_new_string ("", 0);

  value = oai_json_value_new_object ();
  if (type != NULL)
    oai_json_value_set_member (value, "type", oai_json_value_new_string (type, -1));

  return value;
}

/* Reports the texts of the elements of a list.  The elements of the item are those of the document,
 * in the same order. */
static void
report_list (OaiResponseAccumulator *self, OaiResponseItemState *item, OaiResponseItemList list, OaiJsonDoc *doc, OaiJsonNode node, gboolean done)
{
  OaiJsonIter iter;
  OaiJsonNode element;
  guint position = 0;

  oai_json_iter_init (&iter, doc, oai_response_list_get_node (list, doc, node));
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      if (position >= MAX_INDEX)
        return;
      if (position >= oai_response_item_state_get_n_parts (item, list))
        oai_response_item_state_add_part (item, list, oai_response_item_state_get_next_index (item, list), new_element (doc, element), NULL);
      report_texts (self, item, list, position++, doc, element, done);
    }
}

/* Returns whether a whole item contains the texts and lists that have arrived; some servers omit
 * them. */
static gboolean
is_whole (OaiResponseItemState *item, OaiJsonDoc *doc, OaiJsonNode node)
{
  guint n_texts;
  const OaiResponseTextRow *texts = oai_response_event_table_get_texts (&n_texts);

  for (guint i = 0; i < n_texts; i++)
    {
      OaiJsonNode owner = texts[i].object != NULL ? oai_json_get_member (doc, node, texts[i].object) : node;
      gsize length = 0;

      if (texts[i].list == OAI_RESPONSE_LIST_NONE && has (item, "type", texts[i].item_type))
        oai_json_value_get_string (oai_response_item_state_get_text (item, &texts[i], 0), &length);
      if (length > 0 && get_string (doc, owner, texts[i].member) == NULL)
        return FALSE;
    }
  for (guint list = OAI_RESPONSE_LIST_CONTENT; list <= OAI_RESPONSE_LIST_OUTPUTS; list++)
    if (oai_response_item_state_get_n_parts (item, list) > oai_json_get_size (doc, oai_response_list_get_node (list, doc, node)))
      return FALSE;

  return TRUE;
}

/* Adds an item as the server sent it.  done: whether it is complete. */
static void
update_item (OaiResponseAccumulator *self, OaiResponseItemState *item, OaiJsonDoc *doc, OaiJsonNode node, gboolean done)
{
  report_texts (self, item, OAI_RESPONSE_LIST_NONE, 0, doc, node, done);
  for (guint list = OAI_RESPONSE_LIST_CONTENT; list <= OAI_RESPONSE_LIST_COMMANDS; list++)
    report_list (self, item, list, doc, node, done);
  if (done && is_whole (item, doc, node))
    oai_json_value_assign (item->value, oai_json_value_new_from_node (doc, node));
  else
    oai_response_value_update (item->value, doc, node);
  if (!done || item->done)
    return;

  item->done = TRUE;
  emit_item (self, RESPONSE_STREAM__ITEM_DONE, item);
}

/* Returns whether an item can be the newest state of another one. */
static gboolean
check_same (OaiResponseItemState *item, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  if (has (item, "type", get_string (doc, node, "type"))
      && (oai_response_item_state_get_string (item, "call_id") == NULL || has (item, "call_id", get_string (doc, node, "call_id"))))
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server replaced an item of the output with another one"));

  return FALSE;
}

/* Returns whether no other item has the identifier, or is the same call. */
static gboolean
check_unique (OaiResponseAccumulator *self, OaiResponseItemState *item, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  const char *id = get_string (doc, node, "id");
  const char *call_id = get_string (doc, node, "call_id");
  const char *type = get_string (doc, node, "type");

  /* It was compared with the others when it was added. */
  if (item != NULL && id != NULL && has (item, "id", id) && has (item, "call_id", call_id))
    return TRUE;

  for (guint i = 0; i < self->items->len; i++)
    {
      OaiResponseItemState *other = g_ptr_array_index (self->items, i);

      if (other == item || ((id == NULL || !has (other, "id", id)) && (call_id == NULL || !has (other, "call_id", call_id) || !has (other, "type", type))))
        continue;
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent two items of the output with the same identifier"));
      return FALSE;
    }

  return TRUE;
}

/* Returns whether a member of an item is a text that arrives in deltas. */
static gboolean
is_text (const char *item_type, const char *member)
{
  guint n_texts;
  const OaiResponseTextRow *texts = oai_response_event_table_get_texts (&n_texts);

  for (guint i = 0; i < n_texts; i++)
    if (texts[i].list == OAI_RESPONSE_LIST_NONE && g_strcmp0 (texts[i].item_type, item_type) == 0 && g_strcmp0 (texts[i].member, member) == 0)
      return TRUE;

  return FALSE;
}

/* Returns an item without its texts, lists and objects. */
static OaiJsonValue *
new_item (OaiJsonDoc *doc, OaiJsonNode node)
{
  const char *type = get_string (doc, node, "type");
  OaiJsonValue *value = oai_json_value_new_object ();
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode member;

  oai_json_iter_init_members (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &member))
    if (oai_json_get_type (doc, member) == OAI_JSON_ARRAY)
      oai_json_value_set_member (value, name, oai_json_value_new_array ());
    else if (oai_json_get_type (doc, member) != OAI_JSON_OBJECT)
      oai_json_value_set_member (value, name, is_text (type, name) ? oai_json_value_new_string ("", 0) : oai_json_value_new_from_node (doc, member));

  return value;
}

/* Adds a new item as the server sent it.  index: G_MAXUINT for the next one. */
static OaiResponseItemState *
begin_item (OaiResponseAccumulator *self, guint index, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  OaiResponseItemState *item = add_item (self, index, new_item (doc, node), error);

  if (item != NULL)
    emit_record (self, RESPONSE_STREAM__ITEM_ADDED, OAI_TYPE_RESPONSE_ITEM, doc, node, item->index, 0, 0);

  return item;
}

/* Returns the item that an event with a whole item replaces, or NULL.  Without an index, it is the
 * one with the same identifier, or the newest one of the type that is incomplete. */
static OaiResponseItemState *
find_item (OaiResponseAccumulator *self, guint index, gboolean done, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiResponseItemState *item;

  if (index != G_MAXUINT)
    return oai_response_accumulator_get_item (self, index);

  item = find_by_id (self, get_string (doc, node, "id"));
  if (item == NULL && done)
    item = find_newest (self, get_string (doc, node, "type"));

  return item != NULL && item->done ? NULL : item;
}

static gboolean
add_whole_item (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  gboolean done = event->row->kind == OAI_RESPONSE_EVENT_ITEM_DONE;
  OaiJsonNode node = oai_json_get_member (event->doc, event->node, "item");
  OaiResponseItemState *item;
  guint index;

  if (!read_index (event->doc, event->output_index, &index, error))
    return FALSE;
  if (oai_json_get_type (event->doc, node) != OAI_JSON_OBJECT)
    return TRUE;

  item = find_item (self, index, done, event->doc, node);
  if ((item != NULL && !check_same (item, event->doc, node, error)) || !check_unique (self, item, event->doc, node, error))
    return FALSE;
  if (item == NULL)
    item = begin_item (self, index, event->doc, node, error);
  if (item == NULL)
    return FALSE;

  update_item (self, item, event->doc, node, done);

  return TRUE;
}

/* The parts of reasoning items and of messages are called alike. */
static gboolean
add_whole_part (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  OaiResponseItemList list = event->row->list;
  gboolean done = event->row->kind == OAI_RESPONSE_EVENT_PART_DONE;
  OaiJsonNode node = oai_json_get_member (event->doc, event->node, "part");
  const char *type = get_string (event->doc, node, "type");
  Event typed = *event;
  OaiResponseEventRow row = *event->row;
  OaiResponseItemState *item;
  OaiJsonValue *part;
  int position;

  if (row.item_type == NULL && type != NULL)
    row.item_type = strcmp (type, "reasoning_text") == 0 ? "reasoning" : "message";
  typed.row = &row;
  item = get_item (self, &typed, error);
  if (item == NULL)
    return FALSE;
  if (!done && oai_json_get_type (event->doc, event->part_index) <= OAI_JSON_NULL)
    position = oai_response_item_state_add_part (item, list, oai_response_item_state_get_next_index (item, list), new_element (event->doc, node), error);
  else
    position = ensure_part (item, event, list, new_element (event->doc, node), error);
  if (position < 0)
    return FALSE;
  part = oai_response_item_state_get_part_value (item, list, position);
  if (oai_json_get_type (event->doc, node) != OAI_JSON_OBJECT || oai_json_value_get_type (part) != OAI_JSON_OBJECT)
    return TRUE;

  report_texts (self, item, list, position, event->doc, node, done);
  oai_response_value_update (part, event->doc, node);
  if (list == OAI_RESPONSE_LIST_CONTENT)
    emit_record (self, done ? RESPONSE_STREAM__CONTENT_PART_DONE : RESPONSE_STREAM__CONTENT_PART_ADDED, OAI_TYPE_RESPONSE_CONTENT, event->doc, node,
                 item->index, get_part_index (item, list, position), 0);

  return TRUE;
}

/* Other events of items */

/* An annotation of an index that exists already is sent again. */
static gboolean
add_annotation (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  OaiResponseItemState *item = get_item (self, event, error);
  int position = item != NULL ? get_text_position (item, event, error) : -1;
  OaiJsonNode node = oai_json_get_member (event->doc, event->node, "annotation");
  OaiJsonValue *part;
  OaiJsonValue *list;
  guint index;

  if (position < 0 || !read_index (event->doc, oai_json_get_member (event->doc, event->node, "annotation_index"), &index, error))
    return FALSE;

  part = oai_response_item_state_get_part_value (item, OAI_RESPONSE_LIST_CONTENT, position);
  list = oai_json_value_get_member (part, "annotations");
  if (oai_json_value_get_type (list) != OAI_JSON_ARRAY)
    list = oai_json_value_set_member (part, "annotations", oai_json_value_new_array ());
  if (index == G_MAXUINT)
    index = oai_json_value_get_size (list);
  if (index > oai_json_value_get_size (list))
    {
      oai_response_set_index_error (error);
      return FALSE;
    }

  if (index < oai_json_value_get_size (list))
    oai_json_value_assign (oai_json_value_get_element (list, index), oai_json_value_new_from_node (event->doc, node));
  else
    oai_json_value_append (list, oai_json_value_new_from_node (event->doc, node));
  emit_record (self, RESPONSE_STREAM__ANNOTATION_ADDED, OAI_TYPE_RESPONSE_ANNOTATION, event->doc, node,
               item->index, get_part_index (item, OAI_RESPONSE_LIST_CONTENT, position), index);

  return TRUE;
}

static gboolean
add_progress (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  OaiResponseItemState *item = get_item (self, event, error);

  if (item == NULL)
    return FALSE;

  if (!event->row->keeps_status)
    oai_json_value_set_member (item->value, "status", oai_json_value_new_string (event->row->status, -1));
  oai_stream_emit (self->stream, RESPONSE_STREAM__ITEM_PROGRESS, event->row->item_type, event->row->status, item->index);

  return TRUE;
}

static void
append_output (OaiJsonValue *output, const char *member, const char *text)
{
  OaiJsonValue *held = oai_json_value_get_member (output, member);

  if (oai_json_value_get_type (held) != OAI_JSON_STRING)
    held = oai_json_value_set_member (output, member, oai_json_value_new_string ("", 0));
  if (text != NULL)
    oai_json_value_append_string (held, text, -1);
}

/* The output of the commands may arrive in any order.  A response can contain a limited number of
 * empty outputs, since a short event can add many of them. */
static OaiJsonValue *
ensure_output (OaiResponseAccumulator *self, OaiResponseItemState *item, const Event *event, guint *index, GError **error)
{
  guint size;

  if (!read_index (event->doc, event->part_index, index, error))
    return NULL;

  if (*index == G_MAXUINT)
    *index = 0;
  size = oai_response_item_state_get_n_parts (item, OAI_RESPONSE_LIST_OUTPUTS);
  if (*index > size)
    self->n_skipped += *index - size;
  if (self->n_skipped > MAX_INDEX)
    {
      oai_response_set_index_error (error);
      return NULL;
    }
  for (; size <= *index; size++)
    oai_response_item_state_add_part (item, OAI_RESPONSE_LIST_OUTPUTS, size, oai_json_value_new_object (), NULL);

  return oai_response_item_state_get_part_value (item, OAI_RESPONSE_LIST_OUTPUTS, *index);
}

static gboolean
add_output (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  OaiResponseItemState *item = get_item (self, event, error);
  guint index;
  OaiJsonValue *output = item != NULL ? ensure_output (self, item, event, &index, error) : NULL;
  const char *text = get_string (event->doc, event->delta, "stdout");
  const char *warning = get_string (event->doc, event->delta, "stderr");
  OaiJsonNode whole = oai_json_get_member (event->doc, event->node, "output");
  OaiJsonIter iter;
  OaiJsonNode newest;

  if (output == NULL)
    return FALSE;
  if (oai_json_value_get_type (output) != OAI_JSON_OBJECT)
    return TRUE;

  if (event->row->kind == OAI_RESPONSE_EVENT_OUTPUT_DELTA)
    {
      append_output (output, "stdout", text);
      append_output (output, "stderr", warning);
      oai_stream_emit (self->stream, RESPONSE_STREAM__SHELL_OUTPUT_DELTA, text, warning, item->index, index);
      return TRUE;
    }

  oai_json_iter_init (&iter, event->doc, whole);
  while (oai_json_iter_next (&iter, NULL, &newest))
    oai_json_value_assign (output, oai_json_value_new_from_node (event->doc, newest));
  emit_json (self, RESPONSE_STREAM__SHELL_OUTPUT_DONE, event->doc, whole, item->index, index);

  return TRUE;
}

static gboolean
report_image (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  OaiResponseItemState *item = get_item (self, event, error);
  gsize length;
  const char *text = oai_json_get_string (event->doc, oai_json_get_member (event->doc, event->node, "partial_image_b64"), &length);
  g_autoptr(GBytes) image = NULL;
  guint index;

  if (item == NULL || !read_index (event->doc, oai_json_get_member (event->doc, event->node, "partial_image_index"), &index, error))
    return FALSE;
  if (text == NULL || !oai_stream_wants (self->stream, RESPONSE_STREAM__PARTIAL_IMAGE))
    return TRUE;

  image = oai_base64_decode (text, length, error);
  if (image != NULL)
    oai_stream_emit (self->stream, RESPONSE_STREAM__PARTIAL_IMAGE, image, item->index, index == G_MAXUINT ? 0 : index);

  return image != NULL;
}

/* Base64 may be split at any character. */
static gboolean
report_audio (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  gsize length;
  const char *text = oai_json_get_string (event->doc, event->delta, &length);
  g_autoptr(GBytes) audio = NULL;

  if (text == NULL || !oai_stream_wants (self->stream, RESPONSE_STREAM__AUDIO_DELTA))
    return TRUE;

  audio = oai_base64_decoder_add (&self->audio, text, length);
  if (audio == NULL)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent audio that is damaged"));
  else if (g_bytes_get_size (audio) > 0)
    oai_stream_emit (self->stream, RESPONSE_STREAM__AUDIO_DELTA, audio);

  return audio != NULL;
}

static gboolean
add_transcript (OaiResponseAccumulator *self, const Event *event)
{
  static const guint indexes[OAI_STREAM_MAX_INDEXES] = { 0 };
  gsize length;
  const char *text = oai_json_get_string (event->doc, event->delta, &length);

  if (event->row->kind == OAI_RESPONSE_EVENT_TRANSCRIPT_DONE)
    {
      oai_stream_emit (self->stream, RESPONSE_STREAM__AUDIO_TRANSCRIPT_DONE, self->transcript->str);
      g_string_truncate (self->transcript, 0);
    }
  else if (text != NULL)
    {
      g_string_append_len (self->transcript, text, (gssize) length);
      oai_stream_emit_text (self->stream, RESPONSE_STREAM__AUDIO_TRANSCRIPT_DELTA, text, length, indexes);
    }

  return TRUE;
}

/* The response */

static void
set_response (OaiResponseAccumulator *self, OaiJsonDoc *doc, OaiJsonNode response)
{
  OaiJsonValue *value = oai_json_value_new_object ();
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode member;

  oai_json_iter_init_members (&iter, doc, response);
  while (oai_json_iter_next (&iter, &name, &member))
    if (strcmp (name, "output") != 0)
      oai_json_value_set_member (value, name, oai_json_value_new_from_node (doc, member));
  oai_json_value_free (self->response);
  self->response = value;
}

/* Returns the position of the item that an item of the whole output repeats: the one with the same
 * identifier, or the first one of the same type.  Items before start have been found already.
 * Returns the number of items if there is none. */
static guint
find_repeated (OaiResponseAccumulator *self, guint start, OaiJsonDoc *doc, OaiJsonNode node)
{
  const char *id = get_string (doc, node, "id");
  OaiResponseItemState *named;
  guint i;

  /* Most outputs contain the items in their order. */
  if (id != NULL && start < self->items->len && has (g_ptr_array_index (self->items, start), "id", id))
    return start;

  named = find_by_id (self, id);
  for (i = start; i < self->items->len; i++)
    {
      OaiResponseItemState *item = g_ptr_array_index (self->items, i);

      if (named != NULL ? item == named : has (item, "type", get_string (doc, node, "type")) && check_same (item, doc, node, NULL))
        break;
    }

  return i;
}

/* Moves an item to an earlier position. */
static void
move_item (GPtrArray *items, guint from, guint to)
{
  OaiResponseItemState *item = g_ptr_array_steal_index (items, from);

  g_ptr_array_insert (items, (int) to, item);
}

/* Adds the whole output, which replaces the items that have arrived.  done: whether the items are
 * complete. */
static gboolean
add_output_items (OaiResponseAccumulator *self, OaiJsonDoc *doc, OaiJsonNode output, gboolean done, GError **error)
{
  OaiJsonIter iter;
  OaiJsonNode node;
  guint position = 0;

  oai_json_iter_init (&iter, doc, output);
  while (oai_json_iter_next (&iter, NULL, &node))
    {
      guint found = find_repeated (self, position, doc, node);
      OaiResponseItemState *item = found < self->items->len ? g_ptr_array_index (self->items, found) : NULL;

      if (oai_json_get_type (doc, node) != OAI_JSON_OBJECT)
        continue;
      if (!check_unique (self, item, doc, node, error))
        return FALSE;
      if (item == NULL)
        item = begin_item (self, G_MAXUINT, doc, node, error);
      if (item == NULL)
        return FALSE;
      move_item (self->items, MIN (found, self->items->len - 1), position++);
      update_item (self, item, doc, node, done);
    }
  if (done)
    g_ptr_array_set_size (self->items, (int) position);

  return TRUE;
}

/* Sets the status of an item that was in progress, since its response is complete. */
static void
complete_item (OaiResponseItemState *item)
{
  if (has (item, "status", OAI_RESPONSE_ITEM_STATUS_IN_PROGRESS))
    oai_json_value_set_member (item->value, "status", oai_json_value_new_string (OAI_RESPONSE_ITEM_STATUS_COMPLETED, -1));
}

/* Reports the texts and items that are complete now, since the server did not.  Removes messages
 * that have begun and remained empty.  completed: whether the response is not truncated. */
static void
finish_items (OaiResponseAccumulator *self, gboolean completed)
{
  for (guint i = self->items->len; i > 0; i--)
    {
      OaiResponseItemState *item = g_ptr_array_index (self->items, i - 1);

      if (!item->done && has (item, "type", "message") && oai_response_item_state_get_n_parts (item, OAI_RESPONSE_LIST_CONTENT) == 0)
        g_ptr_array_remove_index (self->items, i - 1);
    }
  for (guint i = 0; i < self->items->len; i++)
    {
      OaiResponseItemState *item = g_ptr_array_index (self->items, i);
      g_autoptr(GString) json = g_string_new (NULL);
      g_autoptr(OaiJsonDoc) doc = NULL;

      if (item->done)
        continue;
      if (completed)
        complete_item (item);
      oai_json_write_value (json, item->value);
      doc = oai_json_doc_new_copy (json->str, json->len, OAI_JSON_TOLERANT, NULL);
      update_item (self, item, doc, 0, TRUE);
    }
}

/* Sets the error of a response that is over, and not complete.  status: of the event.  Some servers send
 * the event of a complete response for every status. */
static gboolean
check_status (OaiResponseAccumulator *self, OaiJsonDoc *doc, OaiJsonNode response, const char *status, GError **error)
{
  OaiJsonNode failure = oai_json_get_member (doc, response, "error");
  const char *own = get_string (doc, response, "status");

  if (strcmp (status, "completed") == 0 && own != NULL)
    status = own;
  if (strcmp (status, "failed") == 0 && oai_json_get_type (doc, failure) > OAI_JSON_NULL)
    return oai_stream_check_error (self->stream, "error", doc, failure, error);

  return oai_response_check_status (status, get_string (doc, oai_json_get_member (doc, response, "incomplete_details"), "reason"), error);
}

gboolean
oai_response_accumulator_is_other (OaiResponseAccumulator *self, OaiJsonDoc *doc, OaiJsonNode response)
{
  const char *held = oai_json_value_get_string (oai_json_value_get_member (self->response, "id"), NULL);
  const char *id = get_string (doc, response, "id");

  return self->resumed && held != NULL && id != NULL && strcmp (held, id) != 0;
}

gboolean
oai_response_accumulator_check_response (OaiResponseAccumulator *self, OaiJsonDoc *doc, OaiJsonNode response, GError **error)
{
  if (!oai_response_accumulator_is_other (self, doc, response))
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server continued the stream with another response"));

  return FALSE;
}

static gboolean
add_response (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  OaiJsonNode response = oai_json_get_member (event->doc, event->node, "response");
  OaiJsonNode output = oai_json_get_member (event->doc, response, "output");
  const char *status = event->row->name + strlen ("response.");
  gboolean created = strcmp (status, "created") == 0;
  gboolean done = strcmp (status, "completed") == 0 || strcmp (status, "incomplete") == 0;

  if (!oai_response_accumulator_check_response (self, event->doc, response, error))
    return FALSE;

  /* Some servers send several responses, one after the other. */
  if (self->ended)
    g_ptr_array_set_size (self->items, 0);
  self->ended = event->row->kind == OAI_RESPONSE_EVENT_END;
  if (oai_json_get_type (event->doc, response) == OAI_JSON_OBJECT)
    set_response (self, event->doc, response);
  if (created)
    emit_response (self, RESPONSE_STREAM__RESPONSE_CREATED);
  if (oai_json_get_size (event->doc, output) > 0 && !add_output_items (self, event->doc, output, done, error))
    return FALSE;
  if (done)
    finish_items (self, strcmp (status, "completed") == 0);
  if (!created)
    emit_response (self, RESPONSE_STREAM__RESPONSE_CHANGED);

  return !self->ended || check_status (self, event->doc, response, status, error);
}

/* Returns whether an event names no item, and there is an item of another type at its index. */
static gboolean
is_astray (OaiResponseAccumulator *self, const Event *event)
{
  OaiResponseItemState *item;
  guint index;

  if (event->row->item_type == NULL || event->item_id != OAI_JSON_NONE || !read_index (event->doc, event->output_index, &index, NULL))
    return FALSE;

  item = oai_response_accumulator_get_item (self, index);

  return item != NULL && !has (item, "type", event->row->item_type);
}

static gboolean
add_event (OaiResponseAccumulator *self, const Event *event, GError **error)
{
  if (is_astray (self, event))
    return TRUE;

  switch (event->row->kind)
    {
    case OAI_RESPONSE_EVENT_RESPONSE:
    case OAI_RESPONSE_EVENT_END:
      return add_response (self, event, error);
    case OAI_RESPONSE_EVENT_ITEM_ADDED:
    case OAI_RESPONSE_EVENT_ITEM_DONE:
      return add_whole_item (self, event, error);
    case OAI_RESPONSE_EVENT_PROGRESS:
      return add_progress (self, event, error);
    case OAI_RESPONSE_EVENT_PART_ADDED:
    case OAI_RESPONSE_EVENT_PART_DONE:
      return add_whole_part (self, event, error);
    case OAI_RESPONSE_EVENT_TEXT_DELTA:
      return add_text_delta (self, event, error);
    case OAI_RESPONSE_EVENT_TEXT_ADDED:
    case OAI_RESPONSE_EVENT_TEXT_DONE:
      return add_text_done (self, event, error);
    case OAI_RESPONSE_EVENT_ANNOTATION:
      return add_annotation (self, event, error);
    case OAI_RESPONSE_EVENT_OUTPUT_DELTA:
    case OAI_RESPONSE_EVENT_OUTPUT_DONE:
      return add_output (self, event, error);
    case OAI_RESPONSE_EVENT_IMAGE:
      return report_image (self, event, error);
    case OAI_RESPONSE_EVENT_AUDIO:
      return report_audio (self, event, error);
    case OAI_RESPONSE_EVENT_TRANSCRIPT:
    case OAI_RESPONSE_EVENT_TRANSCRIPT_DONE:
    default:
      return add_transcript (self, event);
    }
}

/* Fails for an event that is an error: it contains one, or is one with a message or a code. */
static gboolean
check_error (OaiResponseAccumulator *self, const char *type, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  gboolean is_error = g_strcmp0 (type, "error") == 0 && (get_string (doc, node, "message") != NULL || get_string (doc, node, "code") != NULL);

  return oai_stream_check_error (self->stream, is_error ? type : NULL, doc, node, error);
}

gboolean
oai_response_accumulator_check (OaiResponseAccumulator *self, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  const char *type;
  OaiResponseItemState *item;
  Event event;
  guint index;

  read_members (&event, doc, node);
  type = oai_json_get_string (doc, event.type, NULL);
  event.row = oai_response_event_table_find (type);
  if (event.row == NULL || event.has_error)
    return check_error (self, type, doc, node, error);
  if (!oai_response_accumulator_check_response (self, doc, oai_json_get_member (doc, node, "response"), error))
    return FALSE;
  if (!read_index (doc, event.output_index, &index, error) || !read_index (doc, event.part_index, &index, error))
    return FALSE;
  if (event.row->item_type == NULL || event.item_id == OAI_JSON_NONE)
    return TRUE;

  read_index (doc, event.output_index, &index, NULL);
  item = oai_response_accumulator_get_item (self, index);
  if (item == NULL || has (item, "type", event.row->item_type))
    return TRUE;

  set_type_error (&event, oai_response_item_state_get_string (item, "type"), error);

  return FALSE;
}

gboolean
oai_response_accumulator_add (OaiResponseAccumulator *self, const char *name, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  const char *type;
  const char *delta;
  gsize length;
  Event event;

  read_members (&event, doc, node);
  type = oai_json_get_string (doc, event.type, NULL);
  event.row = find_row (self, type != NULL ? type : name);
  oai_json_get_int (doc, event.sequence_number, &self->sequence_number);
  if ((event.row == NULL || event.has_error) && !check_error (self, type, doc, node, error))
    return FALSE;
  if (event.row == NULL)
    return TRUE;

  delta = oai_json_get_string (doc, event.delta, &length);
  if (G_LIKELY (event.row->kind == OAI_RESPONSE_EVENT_TEXT_DELTA && delta != NULL && is_current (self, &event)))
    {
      oai_json_value_append_string (self->current.value, delta, (gssize) length);
      emit_delta (self, event.row->text, self->current.output_index, self->current.part_index, delta, length);
      return TRUE;
    }

  self->current.text = NULL;

  return add_event (self, &event, error);
}

gboolean
oai_response_accumulator_build (OaiResponseAccumulator *self, OaiJsonBuilder *builder)
{
  g_autoptr(OaiJsonValue) output = NULL;

  if (self->items->len == 0 && oai_json_value_get_size (self->response) == 0)
    return FALSE;

  output = oai_json_value_new_array ();
  oai_json_builder_begin_value (builder, NULL, self->response);
  oai_json_builder_begin_value (builder, "output", output);
  for (guint i = 0; i < self->items->len; i++)
    oai_json_builder_add_value (builder, NULL, ((OaiResponseItemState *) g_ptr_array_index (self->items, i))->value);
  oai_json_builder_end (builder);

  return TRUE;
}
