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
  const char *conversation;
  JsonObject *record, *response;

  *problem = _oai_mock_turn_init (&turn, call);
  if (*problem == NULL && _oai_mock_text_mentions (turn.said, "crash"))
    *problem = _oai_mock_reply_new_error_for (500, "server_error", "server_error", NULL, "The server had an error while processing your request.");
  if (*problem != NULL)
    return NULL;

  id = _oai_mock_store_new_id (call->store, "resp_");
  response = _oai_mock_turn_answer (&turn, id);
  record = oai_mock_object ("id:s", id, "response:o", response, "context:a", json_array_ref (turn.context), "input:a", json_array_ref (turn.input), "status:s", "queued", NULL);
  conversation = _oai_mock_turn_get_conversation (&turn);
  if (conversation != NULL)
    {
      _oai_mock_conversation_add (call->store, conversation, turn.input);
      _oai_mock_conversation_add (call->store, conversation, oai_mock_get_array (response, "output"));
    }
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

/* Only a background response has not ended when its creation returns. Each poll continues it. */
static gboolean
is_over (JsonObject *record)
{
  const char *status = oai_mock_get_string (record, "status");

  return !oai_mock_get_boolean (oai_mock_get_object (record, "response"), "background", FALSE) || g_str_equal (status, "over");
}

static JsonObject *
current_response (JsonObject *record)
{
  JsonObject *response = oai_mock_get_object (record, "response");

  return is_over (record) ? json_object_ref (response) : _oai_mock_response_as (response, oai_mock_get_string (record, "status"));
}

static void
poll_record (JsonObject *record)
{
  const char *status = oai_mock_get_string (record, "status");

  if (g_str_equal (status, "queued"))
    oai_mock_object_set (record, "status:s", "in_progress", NULL);
  else if (g_str_equal (status, "in_progress"))
    oai_mock_object_set (record, "status:s", "over", NULL);
}

static gboolean
is_cancelled (JsonObject *record)
{
  return g_strcmp0 (oai_mock_get_string (record, "status"), "cancelled") == 0;
}

static OaiMockReply *
stream_record (JsonObject *record, gint64 after, gboolean obfuscate)
{
  g_autoptr (JsonArray) events = _oai_mock_response_events (oai_mock_get_object (record, "response"));

  while (is_cancelled (record) && json_array_get_length (events) > 3)
    json_array_remove_element (events, 3);

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

/* Sends an error of the server in a stream. */
static OaiMockReply *
stream_error (OaiMockReply *problem)
{
  g_autofree char *text = _oai_mock_reply_dup_text (problem);
  g_autoptr (JsonNode) node = oai_mock_parse (text, -1, NULL);
  JsonObject *error = oai_mock_get_object (json_node_get_object (node), "error");
  OaiMockReply *reply = oai_mock_reply_new_events ();

  _oai_mock_reply_add_object_event (reply, "error", oai_mock_object ("type:s", "error", "sequence_number:i", 0, "code:s", oai_mock_get_string (error, "code"),
                                                                     "message:s", oai_mock_get_string (error, "message"), "param:z", NULL));
  g_object_unref (problem);

  return reply;
}

static OaiMockReply *
create_response (OaiMockCall *call)
{
  gboolean stream = oai_mock_get_boolean (call->body, "stream", FALSE);
  OaiMockReply *problem = check_request (call);
  g_autoptr (JsonObject) record = problem == NULL ? _oai_mock_response_create (call, &problem) : NULL;

  if (problem != NULL)
    return stream && problem->status >= 500 ? stream_error (problem) : problem;
  if (!stream)
    return _oai_mock_reply_new_object (current_response (record));
  poll_record (record);

  return stream_record (record, -1, _oai_mock_response_obfuscates (call->body));
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
  poll_record (record);
  if (g_strcmp0 (_oai_mock_call_get_query (call, "stream"), "true") != 0)
    return _oai_mock_reply_new_object (current_response (record));
  if (!is_cancelled (record))
    oai_mock_object_set (record, "status:s", "over", NULL);

  return stream_record (record, after != NULL ? g_ascii_strtoll (after, NULL, 10) : -1,
                        g_strcmp0 (_oai_mock_call_get_query (call, "include_obfuscation"), "false") != 0);
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

static OaiMockReply *
cancel_response (OaiMockCall *call)
{
  JsonObject *record = _oai_mock_store_get (call->store, "responses", call->params[0]);

  if (record == NULL)
    return not_found (call->params[0]);
  if (!oai_mock_get_boolean (oai_mock_get_object (record, "response"), "background", FALSE))
    return _oai_mock_call_invalid (call, NULL, "Cannot cancel a synchronous response.");
  if (!is_over (record))
    oai_mock_object_set (record, "status:s", "cancelled", NULL);

  return _oai_mock_reply_new_object (current_response (record));
}

static guint
count_input (OaiMockTurn *turn)
{
  return _oai_mock_text_count_messages (turn->context) + _oai_mock_text_count_messages (turn->input);
}

static OaiMockReply *
count_input_tokens (OaiMockCall *call)
{
  g_auto (OaiMockTurn) turn = { NULL };
  OaiMockReply *problem = _oai_mock_turn_init (&turn, call);

  if (problem != NULL)
    return problem;

  return _oai_mock_reply_new_object (oai_mock_object ("object:s", "response.input_tokens", "input_tokens:i", count_input (&turn), NULL));
}

static void
keep_user_messages (JsonArray *output, JsonArray *items)
{
  for (guint i = 0; i < json_array_get_length (items); i++)
    if (g_strcmp0 (oai_mock_get_string (json_array_get_object_element (items, i), "role"), "user") == 0)
      json_array_add_element (output, json_array_dup_element (items, i));
}

/* The compacted items are the messages of the user and one item for all others. */
static OaiMockReply *
compact (OaiMockCall *call)
{
  g_auto (OaiMockTurn) turn = { NULL };
  OaiMockReply *problem = _oai_mock_turn_init (&turn, call);
  g_autofree char *id = NULL;

  if (problem != NULL)
    return problem;
  id = _oai_mock_store_new_id (call->store, "resp_");
  keep_user_messages (turn.output, turn.context);
  keep_user_messages (turn.output, turn.input);
  _oai_mock_turn_add (&turn, _oai_mock_turn_compact (&turn));

  return _oai_mock_reply_new_object (oai_mock_object ("id:s", id, "object:s", "response.compaction", "created_at:l", _oai_mock_store_now (call->store),
                                                      "output:a", json_array_ref (turn.output), "usage:o", _oai_mock_response_usage (count_input (&turn), 7, 0), NULL));
}

const OaiMockRoute _oai_mock_responses_routes[] = {
  { "POST", "/responses", create_response },
  { "GET", "/responses/{response_id}", get_response },
  { "DELETE", "/responses/{response_id}", delete_response },
  { "GET", "/responses/{response_id}/input_items", list_input_items },
  { "POST", "/responses/{response_id}/cancel", cancel_response },
  { "POST", "/responses/input_tokens", count_input_tokens },
  { "POST", "/responses/compact", compact },
  { NULL },
};
