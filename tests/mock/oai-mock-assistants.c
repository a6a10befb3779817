/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Assistants, and in version 1 of the API their attached files. */

#include "oai-mock-private.h"

static const char *const members[] = { "model", "name", "description", "instructions", "tools", "metadata", "temperature", "top_p", "response_format", "reasoning_effort", NULL };

static char *
files_of (const char *assistant)
{
  return g_strconcat ("assistant-files/", assistant, NULL);
}

static void
attach (OaiMockCall *call, const char *assistant, const char *file)
{
  g_autofree char *collection = files_of (assistant);

  _oai_mock_store_add (call->store, collection,
                       oai_mock_object ("id:s", file, "object:s", "assistant.file", "created_at:l", _oai_mock_store_now (call->store), "assistant_id:s", assistant, NULL));
}

/* Assigns an id to each requested vector store. */
JsonNode *
_oai_mock_tool_resources (OaiMockCall *call, JsonObject *request)
{
  JsonObject *given = oai_mock_get_object (request, "tool_resources");
  JsonObject *search = given != NULL ? oai_mock_get_object (given, "file_search") : NULL;
  JsonObject *copy;

  if (given == NULL)
    return oai_mock_node_for_object (json_object_new ());
  copy = oai_mock_object_copy (given);
  if (search != NULL && oai_mock_get_array (search, "vector_stores") != NULL)
    {
      g_autofree char *id = _oai_mock_store_new_id (call->store, "vs_");

      oai_mock_object_set (copy, "file_search:o", oai_mock_object ("vector_store_ids:a", oai_mock_array_of_strings (id, NULL), NULL), NULL);
    }

  return oai_mock_node_for_object (copy);
}

static void
take_files (OaiMockCall *call, JsonObject *assistant)
{
  const char *id = oai_mock_get_string (assistant, "id");
  JsonArray *files = oai_mock_get_array (call->body, "file_ids");
  g_autofree char *collection = files_of (id);

  if (files == NULL)
    {
      if (!json_object_has_member (assistant, "file_ids"))
        oai_mock_object_set (assistant, "file_ids:a", json_array_new (), NULL);
      return;
    }
  oai_mock_object_set (assistant, "file_ids:n", json_object_dup_member (call->body, "file_ids"), NULL);
  _oai_mock_store_remove_all (call->store, collection);
  for (guint i = 0; i < json_array_get_length (files); i++)
    attach (call, id, json_array_get_string_element (files, i));
}

static OaiMockReply *
create_assistant (OaiMockCall *call)
{
  g_autofree char *id = NULL;
  JsonObject *assistant;

  if (call->body == NULL || oai_mock_get_string (call->body, "model") == NULL)
    return _oai_mock_call_invalid (call, "model", "Missing required parameter: 'model'.");
  id = _oai_mock_store_new_id (call->store, "asst_");
  assistant = oai_mock_object ("id:s", id, "object:s", "assistant", "created_at:l", _oai_mock_store_now (call->store), "name:z", "description:z",
                               "model:z", "instructions:z", "tools:a", json_array_new (), "metadata:o", json_object_new (), NULL);
  if (!call->v1)
    oai_mock_object_set (assistant, "top_p:d", 1.0, "temperature:d", 1.0, "response_format:s", "auto", "tool_resources:n", _oai_mock_tool_resources (call, call->body), NULL);
  oai_mock_copy_members (call->body, assistant, members);
  if (call->v1)
    take_files (call, assistant);
  _oai_mock_store_add (call->store, "assistants", assistant);

  return _oai_mock_reply_new_object (json_object_ref (assistant));
}

static OaiMockReply *
list_assistants (OaiMockCall *call)
{
  return _oai_mock_call_list_collection (call, "assistants");
}

static OaiMockReply *
retrieve_assistant (OaiMockCall *call)
{
  return _oai_mock_call_retrieve (call, "assistants", "assistant", call->params[0]);
}

static OaiMockReply *
modify_assistant (OaiMockCall *call)
{
  JsonObject *assistant = _oai_mock_store_get (call->store, "assistants", call->params[0]);

  if (assistant != NULL && call->body != NULL && call->v1)
    take_files (call, assistant);
  if (assistant != NULL && call->body != NULL && oai_mock_get_object (call->body, "tool_resources") != NULL)
    oai_mock_object_set (assistant, "tool_resources:n", _oai_mock_tool_resources (call, call->body), NULL);

  return _oai_mock_call_modify (call, "assistants", "assistant", call->params[0], members);
}

static OaiMockReply *
delete_assistant (OaiMockCall *call)
{
  g_autofree char *collection = files_of (call->params[0]);

  _oai_mock_store_remove_all (call->store, collection);
  return _oai_mock_call_delete (call, "assistants", "assistant", "assistant.deleted", call->params[0]);
}

/* Version 1 of the API */

static void
show_files (OaiMockCall *call, JsonObject *assistant)
{
  g_autofree char *collection = files_of (call->params[0]);
  GPtrArray *files = _oai_mock_store_items (call->store, collection);
  JsonArray *ids = json_array_new ();

  for (guint i = 0; i < files->len; i++)
    json_array_add_string_element (ids, oai_mock_get_string (g_ptr_array_index (files, i), "id"));
  oai_mock_object_set (assistant, "file_ids:a", ids, NULL);
}

static OaiMockReply *
create_file (OaiMockCall *call)
{
  JsonObject *assistant = _oai_mock_store_get (call->store, "assistants", call->params[0]);
  const char *file = call->body != NULL ? oai_mock_get_string (call->body, "file_id") : NULL;
  g_autofree char *collection = files_of (call->params[0]);

  if (assistant == NULL)
    return _oai_mock_call_not_found (call, "assistant", call->params[0]);
  if (file == NULL)
    return _oai_mock_call_invalid (call, "file_id", "Missing required parameter: 'file_id'.");
  if (_oai_mock_store_get (call->store, "files", file) == NULL)
    return _oai_mock_call_not_found (call, "file", file);
  attach (call, call->params[0], file);
  show_files (call, assistant);

  return _oai_mock_call_retrieve (call, collection, "file", file);
}

static OaiMockReply *
list_files (OaiMockCall *call)
{
  g_autofree char *collection = files_of (call->params[0]);

  if (_oai_mock_store_get (call->store, "assistants", call->params[0]) == NULL)
    return _oai_mock_call_not_found (call, "assistant", call->params[0]);

  return _oai_mock_call_list_collection (call, collection);
}

static OaiMockReply *
retrieve_file (OaiMockCall *call)
{
  g_autofree char *collection = files_of (call->params[0]);

  return _oai_mock_call_retrieve (call, collection, "file", call->params[1]);
}

/* Detaches the file from the assistant, and does not delete it. */
static OaiMockReply *
delete_file (OaiMockCall *call)
{
  JsonObject *assistant = _oai_mock_store_get (call->store, "assistants", call->params[0]);
  g_autofree char *collection = files_of (call->params[0]);
  OaiMockReply *reply = _oai_mock_call_delete (call, collection, "file", "assistant.file.deleted", call->params[1]);

  if (assistant != NULL)
    show_files (call, assistant);

  return reply;
}

const OaiMockRoute _oai_mock_assistants_routes[] = {
  { "POST", "/assistants", create_assistant },
  { "GET", "/assistants", list_assistants },
  { "GET", "/assistants/{assistant_id}", retrieve_assistant },
  { "POST", "/assistants/{assistant_id}", modify_assistant },
  { "DELETE", "/assistants/{assistant_id}", delete_assistant },
  { "POST", "/assistants/{assistant_id}/files", create_file },
  { "GET", "/assistants/{assistant_id}/files", list_files },
  { "GET", "/assistants/{assistant_id}/files/{file_id}", retrieve_file },
  { "DELETE", "/assistants/{assistant_id}/files/{file_id}", delete_file },
  { NULL },
};
