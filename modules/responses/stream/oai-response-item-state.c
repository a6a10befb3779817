/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-response-item-state-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"

typedef struct
{
  const char *object; /* member of the item that contains the list, or NULL for the item itself */
  const char *member;
} List;

static const List lists[OAI_RESPONSE_N_LISTS] = {
  [OAI_RESPONSE_LIST_CONTENT] = { NULL, "content" },
  [OAI_RESPONSE_LIST_SUMMARY] = { NULL, "summary" },
  [OAI_RESPONSE_LIST_COMMANDS] = { "action", "commands" },
  [OAI_RESPONSE_LIST_OUTPUTS] = { NULL, "output" },
};

OaiResponseItemState *
oai_response_item_state_new (guint index, OaiJsonValue *value)
{
  OaiResponseItemState *self = g_new0 (OaiResponseItemState, 1);

  self->index = index;
  self->value = value;

  return self;
}

void
oai_response_item_state_free (OaiResponseItemState *self)
{
  for (guint i = 0; i < OAI_RESPONSE_N_LISTS; i++)
    g_clear_pointer (&self->parts[i], g_array_unref);
  oai_json_value_free (self->value);
  g_free (self);
}

const char *
oai_response_item_state_get_string (OaiResponseItemState *self, const char *member)
{
  return oai_json_value_get_string (oai_json_value_get_member (self->value, member), NULL);
}

static gboolean
is_empty (OaiJsonDoc *doc, OaiJsonNode value)
{
  OaiJsonType type = oai_json_get_type (doc, value);
  const char *text = oai_json_get_string (doc, value, NULL);

  return type == OAI_JSON_NULL || (type == OAI_JSON_ARRAY && oai_json_get_size (doc, value) == 0) || (text != NULL && *text == '\0');
}

void
oai_response_value_update (OaiJsonValue *object, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  oai_json_iter_init_members (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    if (!is_empty (doc, value) || oai_json_value_get_member (object, name) == NULL)
      oai_json_value_set_member (object, name, oai_json_value_new_from_node (doc, value));
}

/* Lists */

OaiJsonNode
oai_response_list_get_node (OaiResponseItemList list, OaiJsonDoc *doc, OaiJsonNode item)
{
  if (lists[list].object != NULL)
    item = oai_json_get_member (doc, item, lists[list].object);
  item = oai_json_get_member (doc, item, lists[list].member);

  return oai_json_get_type (doc, item) == OAI_JSON_ARRAY ? item : OAI_JSON_NONE;
}

/* Returns a member that is an object; creates it if there is none. */
static OaiJsonValue *
ensure_object (OaiJsonValue *value, const char *member)
{
  OaiJsonValue *object;

  if (member == NULL)
    return value;

  object = oai_json_value_get_member (value, member);

  return oai_json_value_get_type (object) == OAI_JSON_OBJECT ? object : oai_json_value_set_member (value, member, oai_json_value_new_object ());
}

static OaiJsonValue *
get_list (OaiResponseItemState *self, OaiResponseItemList list)
{
  OaiJsonValue *object = lists[list].object != NULL ? oai_json_value_get_member (self->value, lists[list].object) : self->value;
  OaiJsonValue *value = oai_json_value_get_type (object) == OAI_JSON_OBJECT ? oai_json_value_get_member (object, lists[list].member) : NULL;

  return oai_json_value_get_type (value) == OAI_JSON_ARRAY ? value : NULL;
}

/* Returns the states of the elements, of which the server may have sent several at once. */
static GArray *
get_parts (OaiResponseItemState *self, OaiResponseItemList list)
{
  guint size = oai_json_value_get_size (get_list (self, list));
  GArray *parts = self->parts[list];

  if (parts == NULL)
    parts = self->parts[list] = g_array_new (FALSE, FALSE, sizeof (OaiResponsePartState));
  if (parts->len > size)
    g_array_set_size (parts, size);
  while (parts->len < size)
    {
      OaiResponsePartState part = { parts->len > 0 ? g_array_index (parts, OaiResponsePartState, parts->len - 1).index + 1 : 0, FALSE };

      g_array_append_val (parts, part);
    }

  return parts;
}

int
oai_response_item_state_find_part (OaiResponseItemState *self, OaiResponseItemList list, guint index)
{
  GArray *parts = get_parts (self, list);

  for (int i = (int) parts->len - 1; i >= 0; i--)
    if (g_array_index (parts, OaiResponsePartState, i).index == index)
      return i;

  return -1;
}

void
oai_response_set_index_error (GError **error)
{
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent an event with an invalid index"));
}

int
oai_response_item_state_add_part (OaiResponseItemState *self, OaiResponseItemList list, guint index, OaiJsonValue *value, GError **error)
{
  GArray *parts = get_parts (self, list);
  OaiResponsePartState part = { index, FALSE };
  OaiJsonValue *object;
  OaiJsonValue *array;

  if (parts->len > 0 && g_array_index (parts, OaiResponsePartState, parts->len - 1).index >= index)
    {
      oai_json_value_free (value);
      oai_response_set_index_error (error);
      return -1;
    }

  array = get_list (self, list);
  if (array == NULL)
    {
      object = ensure_object (self->value, lists[list].object);
      array = oai_json_value_set_member (object, lists[list].member, oai_json_value_new_array ());
    }
  oai_json_value_append (array, value);
  g_array_append_val (parts, part);

  return (int) parts->len - 1;
}

guint
oai_response_item_state_get_next_index (OaiResponseItemState *self, OaiResponseItemList list)
{
  GArray *parts = get_parts (self, list);

  return parts->len > 0 ? g_array_index (parts, OaiResponsePartState, parts->len - 1).index + 1 : 0;
}

guint
oai_response_item_state_get_n_parts (OaiResponseItemState *self, OaiResponseItemList list)
{
  return get_parts (self, list)->len;
}

OaiResponsePartState *
oai_response_item_state_get_part (OaiResponseItemState *self, OaiResponseItemList list, guint position)
{
  return &g_array_index (get_parts (self, list), OaiResponsePartState, position);
}

OaiJsonValue *
oai_response_item_state_get_part_value (OaiResponseItemState *self, OaiResponseItemList list, guint position)
{
  return oai_json_value_get_element (get_list (self, list), position);
}

/* Texts */

static OaiJsonValue *
get_owner (OaiResponseItemState *self, const OaiResponseTextRow *text, guint position)
{
  if (text->list != OAI_RESPONSE_LIST_NONE)
    return oai_response_item_state_get_part_value (self, text->list, position);

  return text->object != NULL ? oai_json_value_get_member (self->value, text->object) : self->value;
}

OaiJsonValue *
oai_response_item_state_get_text (OaiResponseItemState *self, const OaiResponseTextRow *text, guint position)
{
  OaiJsonValue *value = get_owner (self, text, position);

  if (text->member != NULL)
    value = oai_json_value_get_type (value) == OAI_JSON_OBJECT ? oai_json_value_get_member (value, text->member) : NULL;

  return oai_json_value_get_type (value) == OAI_JSON_STRING ? value : NULL;
}

OaiJsonValue *
oai_response_item_state_ensure_text (OaiResponseItemState *self, const OaiResponseTextRow *text, guint position)
{
  OaiJsonValue *value = oai_response_item_state_get_text (self, text, position);
  OaiJsonValue *owner;

  if (value != NULL)
    return value;

  owner = text->list == OAI_RESPONSE_LIST_NONE ? ensure_object (self->value, text->object) : get_owner (self, text, position);
  if (text->member != NULL)
    {
      if (oai_json_value_get_type (owner) != OAI_JSON_OBJECT)
        oai_json_value_assign (owner, oai_json_value_new_object ());
      return oai_json_value_set_member (owner, text->member, oai_json_value_new_string ("", 0));
    }

  oai_json_value_assign (owner, oai_json_value_new_string ("", 0));

  return owner;
}

gboolean *
oai_response_item_state_get_text_done (OaiResponseItemState *self, const OaiResponseTextRow *text, guint position)
{
  return text->list == OAI_RESPONSE_LIST_NONE ? &self->text_done : &oai_response_item_state_get_part (self, text->list, position)->text_done;
}
