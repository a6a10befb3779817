/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files, which are returned unchanged. */

#include "oai-mock-private.h"

static const char *const purposes[] = { "assistants", "batch", "fine-tune", "vision", "user_data", "evals", NULL };

/* Files for evaluations have the purpose of user data, since the API's document has no separate purpose for them. */
static const char *
shown_purpose (const char *purpose)
{
  return g_str_equal (purpose, "evals") ? "user_data" : purpose;
}

static OaiMockReply *
create_file (OaiMockCall *call)
{
  OaiMockPart *file = call->form != NULL ? _oai_mock_form_find (call->form, "file") : NULL;
  const char *purpose = call->body != NULL ? oai_mock_get_string (call->body, "purpose") : NULL;
  JsonObject *expires = call->body != NULL ? oai_mock_get_object (call->body, "expires_after") : NULL;
  g_autofree char *id = NULL;
  JsonObject *object;
  gint64 created;

  if (file == NULL || file->file_name == NULL)
    return _oai_mock_call_invalid (call, "file", "'file' is a required property");
  if (purpose == NULL || !g_strv_contains (purposes, purpose))
    return _oai_mock_call_invalid (call, "purpose", "Invalid 'purpose': '%s' is not one of those allowed.", purpose != NULL ? purpose : "");

  id = _oai_mock_store_new_id (call->store, "file-");
  created = _oai_mock_store_now (call->store);
  object = oai_mock_object ("id:s", id, "object:s", "file", "bytes:l", (gint64) g_bytes_get_size (file->bytes), "created_at:l", created,
                            "filename:s", file->file_name, "purpose:s", shown_purpose (purpose), "status:s", "processed", NULL);
  if (expires != NULL)
    oai_mock_object_set (object, "expires_at:l", created + oai_mock_get_int (expires, "seconds", 0), NULL);
  _oai_mock_store_set_bytes (call->store, id, file->bytes);
  _oai_mock_store_add (call->store, "files", object);

  return _oai_mock_reply_new_object (json_object_ref (object));
}

static OaiMockReply *
list_files (OaiMockCall *call)
{
  GPtrArray *files = _oai_mock_store_items (call->store, "files");
  const char *purpose = _oai_mock_call_get_query (call, "purpose");
  g_autoptr (GPtrArray) fitting = g_ptr_array_new ();

  for (guint i = 0; i < files->len; i++)
    if (purpose == NULL || g_strcmp0 (purpose, oai_mock_get_string (g_ptr_array_index (files, i), "purpose")) == 0)
      g_ptr_array_add (fitting, g_ptr_array_index (files, i));

  return _oai_mock_call_list (call, fitting, TRUE);
}

static OaiMockReply *
retrieve_file (OaiMockCall *call)
{
  return _oai_mock_call_retrieve (call, "files", "file", call->params[0]);
}

static OaiMockReply *
delete_file (OaiMockCall *call)
{
  _oai_mock_store_remove_bytes (call->store, call->params[0]);
  return _oai_mock_call_delete (call, "files", "file", "file", call->params[0]);
}

static OaiMockReply *
get_content (OaiMockCall *call)
{
  JsonObject *file = _oai_mock_store_get (call->store, "files", call->params[0]);
  OaiMockReply *reply;
  g_autofree char *disposition = NULL;

  if (file == NULL)
    return _oai_mock_call_not_found (call, "file", call->params[0]);
  reply = oai_mock_reply_new_bytes (200, "application/octet-stream", _oai_mock_store_get_bytes (call->store, call->params[0]));
  disposition = g_strdup_printf ("attachment; filename=\"%s\"", oai_mock_get_string (file, "filename"));
  oai_mock_reply_set_header (reply, "Content-Disposition", disposition);

  return reply;
}

const OaiMockRoute _oai_mock_files_routes[] = {
  { "POST", "/files", create_file },
  { "GET", "/files", list_files },
  { "GET", "/files/{file_id}", retrieve_file },
  { "DELETE", "/files/{file_id}", delete_file },
  { "GET", "/files/{file_id}/content", get_content },
  { NULL },
};
