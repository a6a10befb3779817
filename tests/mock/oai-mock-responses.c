/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates, stores and returns responses. */

#include "oai-mock-responses-private.h"

JsonObject *
_oai_mock_response_find (OaiMockCall *call, const char *id)
{
  JsonObject *record = _oai_mock_store_get (call->store, "responses", id);

  return record == NULL && call->collection != NULL ? _oai_mock_store_get (call->store, call->collection, id) : record;
}

gboolean
_oai_mock_response_obfuscates (JsonObject *request)
{
  JsonObject *options = oai_mock_get_object (request, "stream_options");

  return options == NULL || oai_mock_get_boolean (options, "include_obfuscation", TRUE);
}

static void
remember_items (OaiMockStore *store, JsonArray *items)
{
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *item = json_array_get_object_element (items, i);

      if (_oai_mock_store_get (store, "items", oai_mock_get_string (item, "id")) == NULL)
        _oai_mock_store_add (store, "items", json_object_ref (item));
    }
}

/* Generates a response, and stores it unless the request forbids it. Returns its record, or NULL and an error of the service. */
JsonObject *
_oai_mock_response_create (OaiMockCall *call, OaiMockReply **problem)
{
  g_auto (OaiMockTurn) turn = { NULL };
  g_autofree char *id = NULL;
  JsonObject *record, *response;

  *problem = _oai_mock_turn_init (&turn, call);
  if (*problem != NULL)
    return NULL;

  id = _oai_mock_store_new_id (call->store, "resp_");
  response = _oai_mock_turn_answer (&turn, id);
  record = oai_mock_object ("id:s", id, "response:o", response, "context:a", json_array_ref (turn.context), "input:a", json_array_ref (turn.input), NULL);
  if (call->collection != NULL)
    _oai_mock_store_add (call->store, call->collection, json_object_ref (record));
  if (oai_mock_get_boolean (call->body, "store", TRUE))
    {
      remember_items (call->store, turn.input);
      remember_items (call->store, turn.output);
      _oai_mock_store_add (call->store, "responses", json_object_ref (record));
    }

  return record;
}

static OaiMockReply *
stream_record (JsonObject *record, gint64 after, gboolean obfuscate)
{
  g_autoptr (JsonArray) events = _oai_mock_response_events (oai_mock_get_object (record, "response"));

  return _oai_mock_response_stream (events, after, obfuscate);
}

static OaiMockReply *
check_request (OaiMockCall *call)
{
  const char *model = oai_mock_get_string (call->body, "model");

  if (call->body == NULL)
    return _oai_mock_call_invalid (call, NULL, "The request needs a body.");
  if (g_strcmp0 (model, "no-such-model") == 0)
    return _oai_mock_reply_new_error_for (400, "invalid_request_error", "model_not_found", "model", "The requested model '%s' does not exist.", model);

  return NULL;
}

static OaiMockReply *
create_response (OaiMockCall *call)
{
  OaiMockReply *problem = check_request (call);
  g_autoptr (JsonObject) record = problem == NULL ? _oai_mock_response_create (call, &problem) : NULL;

  if (problem != NULL)
    return problem;
  if (oai_mock_get_boolean (call->body, "stream", FALSE))
    return stream_record (record, -1, _oai_mock_response_obfuscates (call->body));

  return _oai_mock_reply_new_object (json_object_ref (oai_mock_get_object (record, "response")));
}

static OaiMockReply *
not_found (const char *id)
{
  return _oai_mock_reply_new_error_for (404, "invalid_request_error", NULL, NULL, "Response with id '%s' not found.", id);
}

static OaiMockReply *
get_response (OaiMockCall *call)
{
  JsonObject *record = _oai_mock_store_get (call->store, "responses", call->params[0]);
  const char *after = _oai_mock_call_get_query (call, "starting_after");

  if (record == NULL)
    return not_found (call->params[0]);
  if (g_strcmp0 (_oai_mock_call_get_query (call, "stream"), "true") == 0)
    return stream_record (record, after != NULL ? g_ascii_strtoll (after, NULL, 10) : -1,
                          g_strcmp0 (_oai_mock_call_get_query (call, "include_obfuscation"), "false") != 0);

  return _oai_mock_reply_new_object (json_object_ref (oai_mock_get_object (record, "response")));
}

static OaiMockReply *
delete_response (OaiMockCall *call)
{
  if (!_oai_mock_store_remove (call->store, "responses", call->params[0]))
    return not_found (call->params[0]);

  return _oai_mock_reply_new_object (oai_mock_object ("id:s", call->params[0], "object:s", "response", "deleted:b", TRUE, NULL));
}

static OaiMockReply *
list_input_items (OaiMockCall *call)
{
  JsonObject *record = _oai_mock_store_get (call->store, "responses", call->params[0]);
  JsonArray *input = record != NULL ? oai_mock_get_array (record, "input") : NULL;
  g_autoptr (GPtrArray) items = g_ptr_array_new ();

  if (record == NULL)
    return not_found (call->params[0]);
  for (guint i = 0; i < json_array_get_length (input); i++)
    g_ptr_array_add (items, json_array_get_object_element (input, i));

  return _oai_mock_call_list (call, items, TRUE);
}

const OaiMockRoute _oai_mock_responses_routes[] = {
  { "POST", "/responses", create_response },
  { "GET", "/responses/{response_id}", get_response },
  { "DELETE", "/responses/{response_id}", delete_response },
  { "GET", "/responses/{response_id}/input_items", list_input_items },
  { NULL },
};
