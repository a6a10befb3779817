/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Conversations and their items. */

#include "oai-mock-responses-private.h"

GPtrArray *
_oai_mock_conversation_items (OaiMockStore *store, const char *id)
{
  g_autofree char *collection = g_strconcat ("items of ", id, NULL);

  return _oai_mock_store_items (store, collection);
}

OaiMockReply *
_oai_mock_conversation_check (OaiMockCall *call, const char *id)
{
  if (_oai_mock_store_get (call->store, "conversations", id) != NULL)
    return NULL;

  return _oai_mock_reply_new_error_for (404, "invalid_request_error", NULL, NULL, "Conversation with id '%s' not found.", id);
}

/* Calls of custom tools have no status in a conversation. */
static JsonObject *
stored_item (JsonObject *item)
{
  JsonObject *copy = oai_mock_object_copy (item);

  if (g_str_has_prefix (oai_mock_get_string (item, "type"), "custom_tool_call"))
    json_object_remove_member (copy, "status");

  return copy;
}

void
_oai_mock_conversation_add (OaiMockStore *store, const char *id, JsonArray *items)
{
  GPtrArray *all = _oai_mock_conversation_items (store, id);

  for (guint i = 0; i < json_array_get_length (items); i++)
    g_ptr_array_add (all, stored_item (json_array_get_object_element (items, i)));
}

static JsonArray *
complete_items (OaiMockCall *call)
{
  JsonArray *given = oai_mock_get_array (call->body, "items");
  JsonArray *items = json_array_new ();

  for (guint i = 0; given != NULL && i < json_array_get_length (given); i++)
    {
      g_autoptr (JsonObject) item = oai_mock_array_get_object (given, i) != NULL ? _oai_mock_item_new (call->store, oai_mock_array_get_object (given, i)) : NULL;

      if (item != NULL)
        json_array_add_object_element (items, stored_item (item));
    }

  return items;
}

static OaiMockReply *
create_conversation (OaiMockCall *call)
{
  const char *const kept[] = { "metadata", NULL };
  g_autofree char *id = _oai_mock_store_new_id (call->store, "conv_");
  g_autoptr (JsonArray) items = complete_items (call);
  JsonObject *conversation = oai_mock_object ("id:s", id, "object:s", "conversation", "created_at:l", _oai_mock_store_now (call->store), "metadata:o", json_object_new (), NULL);

  oai_mock_copy_members (call->body, conversation, kept);
  _oai_mock_store_add (call->store, "conversations", conversation);
  _oai_mock_conversation_add (call->store, id, items);

  return _oai_mock_reply_new_object (json_object_ref (conversation));
}

static OaiMockReply *
retrieve_conversation (OaiMockCall *call)
{
  OaiMockReply *problem = _oai_mock_conversation_check (call, call->params[0]);

  return problem != NULL ? problem : _oai_mock_call_retrieve (call, "conversations", "conversation", call->params[0]);
}

static OaiMockReply *
update_conversation (OaiMockCall *call)
{
  const char *const members[] = { "metadata", NULL };
  OaiMockReply *problem = _oai_mock_conversation_check (call, call->params[0]);

  return problem != NULL ? problem : _oai_mock_call_modify (call, "conversations", "conversation", call->params[0], members);
}

static OaiMockReply *
delete_conversation (OaiMockCall *call)
{
  OaiMockReply *problem = _oai_mock_conversation_check (call, call->params[0]);

  return problem != NULL ? problem : _oai_mock_call_delete (call, "conversations", "conversation", "conversation.deleted", call->params[0]);
}

/* Returns the items that the request added. */
static OaiMockReply *
create_items (OaiMockCall *call)
{
  OaiMockReply *problem = _oai_mock_conversation_check (call, call->params[0]);
  g_autoptr (JsonArray) items = NULL;
  JsonObject *first, *last;
  guint n;

  if (problem != NULL)
    return problem;
  items = complete_items (call);
  n = json_array_get_length (items);
  _oai_mock_conversation_add (call->store, call->params[0], items);
  first = oai_mock_array_get_object (items, 0);
  last = n > 0 ? oai_mock_array_get_object (items, n - 1) : NULL;

  return _oai_mock_reply_new_object (oai_mock_object ("object:s", "list", "data:a", json_array_ref (items), "has_more:b", FALSE,
                                                      "first_id:s", oai_mock_get_string (first, "id"), "last_id:s", oai_mock_get_string (last, "id"), NULL));
}

static OaiMockReply *
list_items (OaiMockCall *call)
{
  OaiMockReply *problem = _oai_mock_conversation_check (call, call->params[0]);

  return problem != NULL ? problem : _oai_mock_call_list (call, _oai_mock_conversation_items (call->store, call->params[0]), TRUE);
}

static gboolean
find_item (OaiMockCall *call, GPtrArray **items, guint *index)
{
  *items = _oai_mock_conversation_items (call->store, call->params[0]);
  for (*index = 0; *index < (*items)->len; (*index)++)
    if (g_strcmp0 (oai_mock_get_string (g_ptr_array_index (*items, *index), "id"), call->params[1]) == 0)
      return TRUE;

  return FALSE;
}

static OaiMockReply *
retrieve_item (OaiMockCall *call)
{
  OaiMockReply *problem = _oai_mock_conversation_check (call, call->params[0]);
  GPtrArray *items;
  guint index;

  if (problem != NULL)
    return problem;
  if (!find_item (call, &items, &index))
    return _oai_mock_call_not_found (call, "item", call->params[1]);

  return _oai_mock_reply_new_object (json_object_ref (g_ptr_array_index (items, index)));
}

static OaiMockReply *
delete_item (OaiMockCall *call)
{
  OaiMockReply *problem = _oai_mock_conversation_check (call, call->params[0]);
  GPtrArray *items;
  guint index;

  if (problem != NULL)
    return problem;
  if (!find_item (call, &items, &index))
    return _oai_mock_call_not_found (call, "item", call->params[1]);
  g_ptr_array_remove_index (items, index);

  return retrieve_conversation (call);
}

const OaiMockRoute _oai_mock_conversations_routes[] = {
  { "POST", "/conversations", create_conversation },
  { "GET", "/conversations/{conversation_id}", retrieve_conversation },
  { "POST", "/conversations/{conversation_id}", update_conversation },
  { "DELETE", "/conversations/{conversation_id}", delete_conversation },
  { "POST", "/conversations/{conversation_id}/items", create_items },
  { "GET", "/conversations/{conversation_id}/items", list_items },
  { "GET", "/conversations/{conversation_id}/items/{item_id}", retrieve_item },
  { "DELETE", "/conversations/{conversation_id}/items/{item_id}", delete_item },
  { NULL },
};
