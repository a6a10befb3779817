/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs and their steps. */

#include "oai-mock-private.h"

static const char *const run_members[] = { "model", "instructions", "tools", "metadata", "temperature", "top_p", "max_prompt_tokens", "max_completion_tokens",
                                           "truncation_strategy", "tool_choice", "parallel_tool_calls", "response_format", NULL };

/* Copies the members that the request omits or sets to null from the assistant to the run. */
static void
take_members (JsonObject *run, JsonObject *assistant, JsonObject *request)
{
  const char *const inherited[] = { "model", "instructions", "tools", "temperature", "top_p", "response_format", NULL };

  for (guint i = 0; inherited[i] != NULL; i++)
    if (oai_mock_member (assistant, inherited[i]) != NULL)
      json_object_set_member (run, inherited[i], oai_mock_dup_member (assistant, inherited[i]));
  for (guint i = 0; run_members[i] != NULL; i++)
    if (oai_mock_member (request, run_members[i]) != NULL)
      json_object_set_member (run, run_members[i], oai_mock_dup_member (request, run_members[i]));
}

static JsonObject *
new_run (OaiMockCall *call, const char *thread, JsonObject *assistant)
{
  g_autofree char *id = _oai_mock_store_new_id (call->store, "run_");
  g_autofree char *collection = _oai_mock_thread_collection ("runs", thread);
  gint64 now = _oai_mock_store_now (call->store);
  JsonObject *run = oai_mock_object ("id:s", id, "object:s", "thread.run", "created_at:l", now, "assistant_id:s", oai_mock_get_string (assistant, "id"),
                                     "thread_id:s", thread, "status:s", "queued", "required_action:z", "last_error:z", "expires_at:l", now + 600,
                                     "started_at:z", "cancelled_at:z", "failed_at:z", "completed_at:z", "model:z", "instructions:s", "",
                                     "tools:a", json_array_new (), "metadata:o", json_object_new (), "usage:z", NULL);

  if (call->v1)
    oai_mock_object_set (run, "file_ids:n", oai_mock_dup_member (assistant, "file_ids"), NULL);
  else
    oai_mock_object_set (run, "incomplete_details:z", "max_prompt_tokens:z", "max_completion_tokens:z",
                         "truncation_strategy:o", oai_mock_object ("type:s", "auto", "last_messages:z", NULL),
                         "tool_choice:s", "auto", "parallel_tool_calls:b", TRUE, "response_format:s", "auto", NULL);
  take_members (run, assistant, call->body);
  _oai_mock_store_add (call->store, collection, run);

  return run;
}

static OaiMockReply *
start (OaiMockCall *call, JsonObject *run, JsonObject *new_thread)
{
  OaiMockReply *stream;

  if (!oai_mock_get_boolean (call->body, "stream", FALSE))
    return _oai_mock_reply_new_object (json_object_ref (run));

  stream = oai_mock_reply_new_events ();
  if (new_thread != NULL)
    _oai_mock_reply_add_object_event (stream, "thread.created", json_object_ref (new_thread));
  _oai_mock_reply_add_object_event (stream, "thread.run.created", json_object_ref (run));
  _oai_mock_reply_add_object_event (stream, "thread.run.queued", json_object_ref (run));

  return _oai_mock_run_stream (call, run, stream);
}

static OaiMockReply *
find_assistant (OaiMockCall *call, JsonObject **assistant)
{
  const char *id = call->body != NULL ? oai_mock_get_string (call->body, "assistant_id") : NULL;

  if (id == NULL)
    return _oai_mock_call_invalid (call, "assistant_id", "Missing required parameter: 'assistant_id'.");
  *assistant = _oai_mock_store_get (call->store, "assistants", id);

  return *assistant == NULL ? _oai_mock_call_not_found (call, "assistant", id) : NULL;
}

static OaiMockReply *
create_run (OaiMockCall *call)
{
  JsonObject *assistant = NULL;
  OaiMockReply *problem = find_assistant (call, &assistant);
  JsonArray *messages = call->body != NULL ? oai_mock_get_array (call->body, "additional_messages") : NULL;

  if (_oai_mock_store_get (call->store, "threads", call->params[0]) == NULL)
    {
      g_clear_object (&problem);
      return _oai_mock_call_not_found (call, "thread", call->params[0]);
    }
  if (problem != NULL)
    return problem;
  if (_oai_mock_thread_find_active_run (call->store, call->params[0]) != NULL)
    return _oai_mock_call_invalid (call, NULL, "Thread %s already has an active run.", call->params[0]);

  for (guint i = 0; messages != NULL && i < json_array_get_length (messages); i++)
    _oai_mock_thread_add_message (call, call->params[0], oai_mock_array_get_object (messages, i));

  return start (call, new_run (call, call->params[0], assistant), NULL);
}

static OaiMockReply *
create_thread_and_run (OaiMockCall *call)
{
  JsonObject *assistant = NULL;
  OaiMockReply *problem = find_assistant (call, &assistant);
  JsonObject *thread;

  if (problem != NULL)
    return problem;
  thread = _oai_mock_thread_new (call, oai_mock_get_object (call->body, "thread"));

  return start (call, new_run (call, oai_mock_get_string (thread, "id"), assistant), thread);
}

static JsonObject *
find_run (OaiMockCall *call)
{
  g_autofree char *collection = _oai_mock_thread_collection ("runs", call->params[0]);

  return _oai_mock_store_get (call->store, collection, call->params[1]);
}

static OaiMockReply *
no_run (OaiMockCall *call)
{
  return _oai_mock_call_not_found (call, "run", call->params[1]);
}

static OaiMockReply *
list_runs (OaiMockCall *call)
{
  g_autofree char *collection = _oai_mock_thread_collection ("runs", call->params[0]);

  if (_oai_mock_store_get (call->store, "threads", call->params[0]) == NULL)
    return _oai_mock_call_not_found (call, "thread", call->params[0]);

  return _oai_mock_call_list_collection (call, collection);
}

/* Retrieving a run executes one step of it. */
static OaiMockReply *
retrieve_run (OaiMockCall *call)
{
  JsonObject *run = find_run (call);

  if (run == NULL)
    return no_run (call);
  _oai_mock_run_advance (call, run, NULL);

  return _oai_mock_reply_new_object (json_object_ref (run));
}

static OaiMockReply *
modify_run (OaiMockCall *call)
{
  const char *const members[] = { "metadata", NULL };
  g_autofree char *collection = _oai_mock_thread_collection ("runs", call->params[0]);

  return _oai_mock_call_modify (call, collection, "run", call->params[1], members);
}

static OaiMockReply *
cancel_run (OaiMockCall *call)
{
  const char *const cancellable[] = { "queued", "in_progress", "requires_action", NULL };
  JsonObject *run = find_run (call);
  const char *status;

  if (run == NULL)
    return no_run (call);
  status = oai_mock_get_string (run, "status");
  if (!g_strv_contains (cancellable, status))
    return _oai_mock_call_invalid (call, NULL, "Cannot cancel run with status '%s'.", status);
  oai_mock_object_set (run, "status:s", "cancelling", NULL);

  return _oai_mock_reply_new_object (json_object_ref (run));
}

static gboolean
has_all_outputs (OaiMockCall *call, JsonObject *run)
{
  JsonObject *action = oai_mock_get_object (oai_mock_get_object (run, "required_action"), "submit_tool_outputs");
  JsonArray *outputs = call->body != NULL ? oai_mock_get_array (call->body, "tool_outputs") : NULL;
  JsonArray *wanted = oai_mock_get_array (action, "tool_calls");
  guint found = 0;

  for (guint i = 0; outputs != NULL && i < json_array_get_length (wanted); i++)
    for (guint j = 0; j < json_array_get_length (outputs); j++)
      found += g_strcmp0 (oai_mock_get_string (json_array_get_object_element (wanted, i), "id"),
                          oai_mock_get_string (oai_mock_array_get_object (outputs, j), "tool_call_id")) == 0;

  return found == json_array_get_length (wanted);
}

static OaiMockReply *
submit_tool_outputs (OaiMockCall *call)
{
  JsonObject *run = find_run (call);
  OaiMockReply *stream = NULL;

  if (run == NULL)
    return no_run (call);
  if (g_strcmp0 (oai_mock_get_string (run, "status"), "requires_action") != 0)
    return _oai_mock_call_invalid (call, NULL, "Runs in status \"%s\" do not accept tool outputs.", oai_mock_get_string (run, "status"));
  if (!has_all_outputs (call, run))
    return _oai_mock_call_invalid (call, "tool_outputs", "Expected tool outputs for all call ids.");

  if (oai_mock_get_boolean (call->body, "stream", FALSE))
    stream = oai_mock_reply_new_events ();
  _oai_mock_run_submit (call, run, stream);

  return stream != NULL ? _oai_mock_run_stream (call, run, stream) : _oai_mock_reply_new_object (json_object_ref (run));
}

static OaiMockReply *
list_steps (OaiMockCall *call)
{
  g_autofree char *collection = _oai_mock_thread_collection ("steps", call->params[1]);

  return find_run (call) != NULL ? _oai_mock_call_list_collection (call, collection) : no_run (call);
}

static OaiMockReply *
retrieve_step (OaiMockCall *call)
{
  g_autofree char *collection = _oai_mock_thread_collection ("steps", call->params[1]);

  return find_run (call) != NULL ? _oai_mock_call_retrieve (call, collection, "run step", call->params[2]) : no_run (call);
}

const OaiMockRoute _oai_mock_runs_routes[] = {
  { "POST", "/threads/runs", create_thread_and_run },
  { "GET", "/threads/{thread_id}/runs", list_runs },
  { "POST", "/threads/{thread_id}/runs", create_run },
  { "GET", "/threads/{thread_id}/runs/{run_id}", retrieve_run },
  { "POST", "/threads/{thread_id}/runs/{run_id}", modify_run },
  { "POST", "/threads/{thread_id}/runs/{run_id}/cancel", cancel_run },
  { "POST", "/threads/{thread_id}/runs/{run_id}/submit_tool_outputs", submit_tool_outputs },
  { "GET", "/threads/{thread_id}/runs/{run_id}/steps", list_steps },
  { "GET", "/threads/{thread_id}/runs/{run_id}/steps/{step_id}", retrieve_step },
  { NULL },
};
