/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mock-private.h"

static const struct {
  const char *id;
  const char *owner;
} known[] = {
  { "gpt-4o", "system" },
  { "gpt-4o-mini", "system" },
  { "gpt-4o-audio-preview", "system" },
  { "gpt-5", "system" },
  { "gpt-3.5-turbo", "openai" },
  { "gpt-3.5-turbo-instruct", "system" },
  { "text-embedding-3-small", "system" },
  { "text-embedding-ada-002", "openai-internal" },
  { "omni-moderation-latest", "system" },
  { "gpt-image-1", "system" },
  { "tts-1", "openai-internal" },
  { "whisper-1", "openai-internal" },
  { "ft:gpt-4o-mini:org-mock::0001", "org-mock" },
};

/* Adds the initial models to the store when they are first used. */
GPtrArray *
_oai_mock_models_get (OaiMockCall *call)
{
  GPtrArray *models = _oai_mock_store_items (call->store, "models");

  if (_oai_mock_store_get_bytes (call->store, "models") == NULL)
    {
      g_autoptr (GBytes) mark = g_bytes_new_static ("", 0);

      _oai_mock_store_set_bytes (call->store, "models", mark);
      for (guint i = 0; i < G_N_ELEMENTS (known); i++)
        g_ptr_array_add (models, oai_mock_object ("id:s", known[i].id, "object:s", "model", "created:l", OAI_MOCK_EPOCH - 1000000 + i, "owned_by:s", known[i].owner, NULL));
    }

  return models;
}

static OaiMockReply *
model_not_found (const char *id)
{
  return _oai_mock_reply_new_error_for (404, "invalid_request_error", "model_not_found", "model", "The model '%s' does not exist", id);
}

static OaiMockReply *
list_models (OaiMockCall *call)
{
  GPtrArray *models = _oai_mock_models_get (call);
  JsonArray *data = json_array_new ();

  for (guint i = 0; i < models->len; i++)
    json_array_add_object_element (data, json_object_ref (g_ptr_array_index (models, i)));

  return _oai_mock_reply_new_object (oai_mock_object ("object:s", "list", "data:a", data, NULL));
}

static OaiMockReply *
retrieve_model (OaiMockCall *call)
{
  JsonObject *model;

  _oai_mock_models_get (call);
  model = _oai_mock_store_get (call->store, "models", call->params[0]);
  if (model == NULL)
    return model_not_found (call->params[0]);

  return _oai_mock_reply_new_object (json_object_ref (model));
}

static OaiMockReply *
delete_model (OaiMockCall *call)
{
  JsonObject *model;

  _oai_mock_models_get (call);
  model = _oai_mock_store_get (call->store, "models", call->params[0]);
  if (model == NULL)
    return model_not_found (call->params[0]);
  if (!g_str_has_prefix (call->params[0], "ft:"))
    return oai_mock_reply_new_error (403, "invalid_request_error", NULL, "You have insufficient permissions for this operation. Missing scopes: api.delete. Check that you have the correct role in your organization (Owner).");

  return _oai_mock_call_delete (call, "models", "model", "model", call->params[0]);
}

const OaiMockRoute _oai_mock_models_routes[] = {
  { "GET", "/models", list_models },
  { "GET", "/models/{model}", retrieve_model },
  { "DELETE", "/models/{model}", delete_model },
  { NULL },
};
