/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Threads and their messages. */

#include "oai-mock-private.h"

#include <string.h>

char *
_oai_mock_thread_collection (const char *kind, const char *id)
{
  return g_strdup_printf ("thread-%s/%s", kind, id);
}

static JsonObject *
text_part (const char *text)
{
  return oai_mock_object ("type:s", "text", "text:o", oai_mock_object ("value:s", text, "annotations:a", json_array_new (), NULL), NULL);
}

static JsonArray *
make_content (JsonNode *given)
{
  JsonArray *content = json_array_new ();
  JsonArray *parts = given != NULL && JSON_NODE_HOLDS_ARRAY (given) ? json_node_get_array (given) : NULL;

  if (parts == NULL && given != NULL && JSON_NODE_HOLDS_VALUE (given))
    json_array_add_object_element (content, text_part (json_node_get_string (given)));
  for (guint i = 0; parts != NULL && i < json_array_get_length (parts); i++)
    {
      JsonObject *part = oai_mock_array_get_object (parts, i);
      const char *text = part != NULL ? oai_mock_get_string (part, "text") : NULL;

      if (part != NULL)
        json_array_add_object_element (content, text != NULL ? text_part (text) : json_object_ref (part));
    }

  return content;
}

JsonObject *
_oai_mock_thread_add_message (OaiMockCall *call, const char *thread_id, JsonObject *request)
{
  g_autofree char *id = _oai_mock_store_new_id (call->store, "msg_");
  g_autofree char *collection = _oai_mock_thread_collection ("messages", thread_id);
  gint64 now = _oai_mock_store_now (call->store);
  const char *const kept[] = { "metadata", "attachments", "assistant_id", "run_id", "status", "file_ids", NULL };
  JsonObject *message = oai_mock_object ("id:s", id, "object:s", "thread.message", "created_at:l", now, "thread_id:s", thread_id,
                                         "status:s", "completed", "incomplete_details:z", "completed_at:l", now, "incomplete_at:z",
                                         "role:s", oai_mock_get_string (request, "role"), "content:a", make_content (oai_mock_member (request, "content")),
                                         "assistant_id:z", "run_id:z", "attachments:a", json_array_new (), "metadata:o", json_object_new (), NULL);

  if (call->v1)
    {
      json_object_remove_member (message, "attachments");
      oai_mock_object_set (message, "file_ids:a", json_array_new (), NULL);
    }
  oai_mock_copy_members (request, message, kept);
  _oai_mock_store_add (call->store, collection, message);

  return message;
}

JsonObject *
_oai_mock_thread_new (OaiMockCall *call, JsonObject *request)
{
  g_autofree char *id = _oai_mock_store_new_id (call->store, "thread_");
  JsonArray *messages = request != NULL ? oai_mock_get_array (request, "messages") : NULL;
  const char *const kept[] = { "metadata", NULL };
  JsonObject *thread = oai_mock_object ("id:s", id, "object:s", "thread", "created_at:l", _oai_mock_store_now (call->store), "metadata:o", json_object_new (), NULL);

  if (!call->v1)
    oai_mock_object_set (thread, "tool_resources:n", request != NULL ? _oai_mock_tool_resources (call, request) : oai_mock_node_for_object (json_object_new ()), NULL);
  oai_mock_copy_members (request, thread, kept);
  _oai_mock_store_add (call->store, "threads", thread);
  for (guint i = 0; messages != NULL && i < json_array_get_length (messages); i++)
    _oai_mock_thread_add_message (call, id, oai_mock_array_get_object (messages, i));

  return thread;
}

char *
_oai_mock_thread_dup_last_user_text (OaiMockStore *store, const char *thread_id)
{
  g_autofree char *collection = _oai_mock_thread_collection ("messages", thread_id);
  GPtrArray *messages = _oai_mock_store_items (store, collection);

  for (guint i = messages->len; i > 0; i--)
    {
      JsonObject *message = g_ptr_array_index (messages, i - 1);

      if (g_strcmp0 (oai_mock_get_string (message, "role"), "user") == 0)
        return _oai_mock_text_of_content (oai_mock_member (message, "content"));
    }

  return g_strdup ("");
}

JsonObject *
_oai_mock_thread_find_active_run (OaiMockStore *store, const char *thread_id)
{
  const char *const active[] = { "queued", "in_progress", "requires_action", "cancelling", NULL };
  g_autofree char *collection = _oai_mock_thread_collection ("runs", thread_id);
  GPtrArray *runs = _oai_mock_store_items (store, collection);

  for (guint i = 0; i < runs->len; i++)
    if (g_strv_contains (active, oai_mock_get_string (g_ptr_array_index (runs, i), "status")))
      return g_ptr_array_index (runs, i);

  return NULL;
}

static OaiMockReply *
create_thread (OaiMockCall *call)
{
  return _oai_mock_reply_new_object (json_object_ref (_oai_mock_thread_new (call, call->body)));
}

static OaiMockReply *
retrieve_thread (OaiMockCall *call)
{
  return _oai_mock_call_retrieve (call, "threads", "thread", call->params[0]);
}

static OaiMockReply *
modify_thread (OaiMockCall *call)
{
  const char *const members[] = { "metadata", "tool_resources", NULL };

  return _oai_mock_call_modify (call, "threads", "thread", call->params[0], members);
}

static OaiMockReply *
delete_thread (OaiMockCall *call)
{
  g_autofree char *messages = _oai_mock_thread_collection ("messages", call->params[0]);
  g_autofree char *runs = _oai_mock_thread_collection ("runs", call->params[0]);

  _oai_mock_store_remove_all (call->store, messages);
  _oai_mock_store_remove_all (call->store, runs);
  return _oai_mock_call_delete (call, "threads", "thread", "thread.deleted", call->params[0]);
}

static OaiMockReply *
check_thread (OaiMockCall *call)
{
  return _oai_mock_store_get (call->store, "threads", call->params[0]) == NULL ? _oai_mock_call_not_found (call, "thread", call->params[0]) : NULL;
}

static OaiMockReply *
create_message (OaiMockCall *call)
{
  JsonObject *run = _oai_mock_thread_find_active_run (call->store, call->params[0]);
  OaiMockReply *problem = check_thread (call);

  if (problem != NULL)
    return problem;
  if (call->body == NULL || oai_mock_get_string (call->body, "role") == NULL || oai_mock_member (call->body, "content") == NULL)
    return _oai_mock_call_invalid (call, "content", "A message needs a role and a content.");
  if (run != NULL)
    return _oai_mock_call_invalid (call, NULL, "Can't add messages to %s while a run %s is active.", call->params[0], oai_mock_get_string (run, "id"));

  return _oai_mock_reply_new_object (json_object_ref (_oai_mock_thread_add_message (call, call->params[0], call->body)));
}

static OaiMockReply *
list_messages (OaiMockCall *call)
{
  g_autofree char *collection = _oai_mock_thread_collection ("messages", call->params[0]);
  GPtrArray *messages = _oai_mock_store_items (call->store, collection);
  const char *run_id = _oai_mock_call_get_query (call, "run_id");
  g_autoptr (GPtrArray) fitting = g_ptr_array_new ();
  OaiMockReply *problem = check_thread (call);

  if (problem != NULL)
    return problem;
  for (guint i = 0; i < messages->len; i++)
    if (run_id == NULL || g_strcmp0 (run_id, oai_mock_get_string (g_ptr_array_index (messages, i), "run_id")) == 0)
      g_ptr_array_add (fitting, g_ptr_array_index (messages, i));

  return _oai_mock_call_list (call, fitting, TRUE);
}

static OaiMockReply *
retrieve_message (OaiMockCall *call)
{
  g_autofree char *collection = _oai_mock_thread_collection ("messages", call->params[0]);

  return _oai_mock_call_retrieve (call, collection, "message", call->params[1]);
}

static OaiMockReply *
modify_message (OaiMockCall *call)
{
  const char *const members[] = { "metadata", NULL };
  g_autofree char *collection = _oai_mock_thread_collection ("messages", call->params[0]);

  return _oai_mock_call_modify (call, collection, "message", call->params[1], members);
}

static OaiMockReply *
delete_message (OaiMockCall *call)
{
  g_autofree char *collection = _oai_mock_thread_collection ("messages", call->params[0]);

  return _oai_mock_call_delete (call, collection, "message", "thread.message.deleted", call->params[1]);
}

/* Version 1: the files of a message */

static JsonObject *
message_file (JsonObject *message, const char *file)
{
  return oai_mock_object ("id:s", file, "object:s", "thread.message.file", "created_at:l", oai_mock_get_int (message, "created_at", 0),
                          "message_id:s", oai_mock_get_string (message, "id"), NULL);
}

static GPtrArray *
message_files (OaiMockCall *call)
{
  g_autofree char *collection = _oai_mock_thread_collection ("messages", call->params[0]);
  JsonObject *message = _oai_mock_store_get (call->store, collection, call->params[1]);
  JsonArray *ids = message != NULL ? oai_mock_get_array (message, "file_ids") : NULL;
  GPtrArray *files = message != NULL ? g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref) : NULL;

  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
    g_ptr_array_add (files, message_file (message, json_array_get_string_element (ids, i)));

  return files;
}

static OaiMockReply *
list_files (OaiMockCall *call)
{
  g_autoptr (GPtrArray) files = message_files (call);

  return files != NULL ? _oai_mock_call_list (call, files, TRUE) : _oai_mock_call_not_found (call, "message", call->params[1]);
}

static OaiMockReply *
retrieve_file (OaiMockCall *call)
{
  g_autoptr (GPtrArray) files = message_files (call);

  for (guint i = 0; files != NULL && i < files->len; i++)
    if (g_strcmp0 (oai_mock_get_string (g_ptr_array_index (files, i), "id"), call->params[2]) == 0)
      return _oai_mock_reply_new_object (json_object_ref (g_ptr_array_index (files, i)));

  return _oai_mock_call_not_found (call, "file", call->params[2]);
}

const OaiMockRoute _oai_mock_threads_routes[] = {
  { "POST", "/threads", create_thread },
  { "GET", "/threads/{thread_id}", retrieve_thread },
  { "POST", "/threads/{thread_id}", modify_thread },
  { "DELETE", "/threads/{thread_id}", delete_thread },
  { "POST", "/threads/{thread_id}/messages", create_message },
  { "GET", "/threads/{thread_id}/messages", list_messages },
  { "GET", "/threads/{thread_id}/messages/{message_id}", retrieve_message },
  { "POST", "/threads/{thread_id}/messages/{message_id}", modify_message },
  { "DELETE", "/threads/{thread_id}/messages/{message_id}", delete_message },
  { "GET", "/threads/{thread_id}/messages/{message_id}/files", list_files },
  { "GET", "/threads/{thread_id}/messages/{message_id}/files/{file_id}", retrieve_file },
  { NULL },
};
