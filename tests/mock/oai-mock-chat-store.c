/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stored chat completions. */

#include "oai-mock-chat-private.h"

#include <string.h>

static char *
messages_of (const char *id)
{
  return g_strconcat ("chat-messages/", id, NULL);
}

static void
remember_message (OaiMockCall *call, const char *collection, JsonObject *message)
{
  g_autofree char *id = _oai_mock_store_new_id (call->store, "msg_");
  g_autofree char *text = _oai_mock_text_of_content (oai_mock_member (message, "content"));
  const char *const kept[] = { "name", "tool_calls", "tool_call_id", "audio", NULL };
  JsonNode *content = oai_mock_member (message, "content");
  JsonObject *copy = oai_mock_object ("id:s", id, "role:s", oai_mock_get_string (message, "role"), "content:s", content != NULL ? text : NULL, "refusal:z", NULL);

  oai_mock_copy_members (message, copy, kept);
  if (content != NULL && JSON_NODE_HOLDS_ARRAY (content))
    json_object_set_member (copy, "content_parts", json_node_copy (content));
  _oai_mock_store_add (call->store, collection, copy);
}

void
_oai_mock_chat_remember (OaiMockCall *call, JsonObject *completion)
{
  JsonArray *messages = oai_mock_get_array (call->body, "messages");
  const char *const kept[] = { "metadata", NULL };
  JsonObject *copy = oai_mock_object_copy (completion);
  g_autofree char *collection = messages_of (oai_mock_get_string (completion, "id"));

  oai_mock_object_set (copy, "metadata:o", json_object_new (), NULL);
  oai_mock_copy_members (call->body, copy, kept);
  _oai_mock_store_add (call->store, "chat", copy);
  for (guint i = 0; i < json_array_get_length (messages); i++)
    remember_message (call, collection, oai_mock_array_get_object (messages, i));
}

static gboolean
metadata_fits (OaiMockCall *call, JsonObject *completion)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, call->query);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      JsonObject *metadata = oai_mock_get_object (completion, "metadata");
      g_autofree char *key = NULL;

      if (!g_str_has_prefix (name, "metadata[") || !g_str_has_suffix (name, "]"))
        continue;
      key = g_strndup ((char *) name + 9, strlen (name) - 10);
      if (metadata == NULL || g_strcmp0 (oai_mock_get_string (metadata, key), value) != 0)
        return FALSE;
    }

  return TRUE;
}

OaiMockReply *
_oai_mock_chat_list (OaiMockCall *call)
{
  GPtrArray *items = _oai_mock_store_items (call->store, "chat");
  g_autoptr (GPtrArray) fitting = g_ptr_array_new ();
  const char *model = _oai_mock_call_get_query (call, "model");

  for (guint i = 0; i < items->len; i++)
    {
      JsonObject *item = g_ptr_array_index (items, i);

      if ((model == NULL || g_strcmp0 (model, oai_mock_get_string (item, "model")) == 0) && metadata_fits (call, item))
        g_ptr_array_add (fitting, item);
    }

  return _oai_mock_call_list (call, fitting, FALSE);
}

OaiMockReply *
_oai_mock_chat_retrieve (OaiMockCall *call)
{
  return _oai_mock_call_retrieve (call, "chat", "chat completion", call->params[0]);
}

OaiMockReply *
_oai_mock_chat_update (OaiMockCall *call)
{
  const char *const members[] = { "metadata", NULL };

  return _oai_mock_call_modify (call, "chat", "chat completion", call->params[0], members);
}

OaiMockReply *
_oai_mock_chat_delete (OaiMockCall *call)
{
  g_autofree char *collection = messages_of (call->params[0]);

  _oai_mock_store_remove_all (call->store, collection);
  return _oai_mock_call_delete (call, "chat", "chat completion", "chat.completion.deleted", call->params[0]);
}

OaiMockReply *
_oai_mock_chat_list_messages (OaiMockCall *call)
{
  g_autofree char *collection = messages_of (call->params[0]);

  if (_oai_mock_store_get (call->store, "chat", call->params[0]) == NULL)
    return _oai_mock_call_not_found (call, "chat completion", call->params[0]);

  return _oai_mock_call_list (call, _oai_mock_store_items (call->store, collection), FALSE);
}
