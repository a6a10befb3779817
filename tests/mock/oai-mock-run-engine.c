/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Executes runs. Each poll executes one step of a run. A stream executes all steps, and sends an event for each.
 *
 * A run calls its functions if the last user message contains "tool" or the tool choice requires it. The words
 * "fail" and "expire" in that message end it accordingly. */

#include "oai-mock-private.h"

#include <string.h>

typedef struct {
  OaiMockCall *call;
  OaiMockStore *store;
  JsonObject *run;
  OaiMockReply *stream;
} Work;

/* Adds an event with the current state of @object. */
static void
tell (Work *work, const char *event, JsonObject *object)
{
  if (work->stream != NULL)
    _oai_mock_reply_add_object_event (work->stream, event, json_object_ref (object));
}

static void
tell_run (Work *work, const char *status)
{
  g_autofree char *event = g_strconcat ("thread.run.", status, NULL);

  tell (work, event, work->run);
}

static const char *
run_id (Work *work)
{
  return oai_mock_get_string (work->run, "id");
}

static const char *
thread_id (Work *work)
{
  return oai_mock_get_string (work->run, "thread_id");
}

static GPtrArray *
get_steps (Work *work)
{
  g_autofree char *collection = _oai_mock_thread_collection ("steps", run_id (work));

  return _oai_mock_store_items (work->store, collection);
}

/* Takes @details. */
static JsonObject *
add_step (Work *work, const char *type, JsonObject *details)
{
  g_autofree char *id = _oai_mock_store_new_id (work->store, "step_");
  JsonObject *step = oai_mock_object ("id:s", id, "object:s", "thread.run.step", "created_at:l", _oai_mock_store_now (work->store),
                                      "assistant_id:s", oai_mock_get_string (work->run, "assistant_id"), "thread_id:s", thread_id (work), "run_id:s", run_id (work),
                                      "type:s", type, "status:s", "in_progress", "step_details:o", details, "last_error:z", "expired_at:z", "cancelled_at:z",
                                      "failed_at:z", "completed_at:z", "metadata:o", json_object_new (), "usage:z", NULL);

  g_ptr_array_add (get_steps (work), step);
  tell (work, "thread.run.step.created", step);
  tell (work, "thread.run.step.in_progress", step);

  return step;
}

static JsonObject *
plain_usage (guint prompt, guint completion)
{
  return oai_mock_object ("prompt_tokens:i", prompt, "completion_tokens:i", completion, "total_tokens:i", prompt + completion, NULL);
}

static void
end_step (Work *work, JsonObject *step)
{
  oai_mock_object_set (step, "status:s", "completed", "completed_at:l", _oai_mock_store_now (work->store), "usage:o", plain_usage (20, 7), NULL);
  tell (work, "thread.run.step.completed", step);
}

/* Functions */

static JsonArray *
make_tool_calls (Work *work, const char *said)
{
  JsonArray *tools = oai_mock_get_array (work->run, "tools");
  JsonObject *choice = oai_mock_get_object (work->run, "tool_choice");
  JsonObject *chosen = choice != NULL ? oai_mock_get_object (choice, "function") : NULL;
  const char *mode = oai_mock_get_string (work->run, "tool_choice");
  g_autofree char *folded = g_utf8_casefold (said, -1);
  gboolean wanted = strstr (folded, "tool") != NULL || chosen != NULL || g_strcmp0 (mode, "required") == 0;
  JsonArray *calls = json_array_new ();

  for (guint i = 0; wanted && g_strcmp0 (mode, "none") != 0 && tools != NULL && i < json_array_get_length (tools); i++)
    {
      JsonObject *tool = oai_mock_array_get_object (tools, i);
      JsonObject *function = oai_mock_get_object (tool, "function");

      if (function == NULL || (chosen != NULL && g_strcmp0 (oai_mock_get_string (chosen, "name"), oai_mock_get_string (function, "name")) != 0))
        continue;
      json_array_add_object_element (calls, _oai_mock_tool_call (work->store, tool, said));
    }

  return calls;
}

static JsonObject *
open_step_call (JsonObject *tool_call)
{
  JsonObject *function = oai_mock_object_copy (oai_mock_get_object (tool_call, "function"));

  oai_mock_object_set (function, "output:z", NULL);
  return oai_mock_object ("id:s", oai_mock_get_string (tool_call, "id"), "type:s", "function", "function:o", function, NULL);
}

static void
tell_tool_call_delta (Work *work, JsonObject *step, JsonObject *tool_call, guint index)
{
  JsonObject *delta = oai_mock_object_copy (tool_call);
  JsonObject *details;

  if (work->stream == NULL)
    {
      json_object_unref (delta);
      return;
    }
  oai_mock_object_set (delta, "index:i", index, NULL);
  details = oai_mock_object ("type:s", "tool_calls", "tool_calls:a", oai_mock_array_of_object (delta), NULL);
  _oai_mock_reply_add_object_event (work->stream, "thread.run.step.delta",
                                    oai_mock_object ("id:s", oai_mock_get_string (step, "id"), "object:s", "thread.run.step.delta",
                                                     "delta:o", oai_mock_object ("step_details:o", details, NULL), NULL));
}

static void
require_action (Work *work, JsonArray *tool_calls)
{
  JsonArray *open = json_array_new ();
  JsonObject *step = add_step (work, "tool_calls", oai_mock_object ("type:s", "tool_calls", "tool_calls:a", json_array_new (), NULL));

  for (guint i = 0; i < json_array_get_length (tool_calls); i++)
    {
      tell_tool_call_delta (work, step, json_array_get_object_element (tool_calls, i), i);
      json_array_add_object_element (open, open_step_call (json_array_get_object_element (tool_calls, i)));
    }
  oai_mock_object_set (step, "step_details:o", oai_mock_object ("type:s", "tool_calls", "tool_calls:a", open, NULL), NULL);
  oai_mock_object_set (work->run, "status:s", "requires_action",
                       "required_action:o", oai_mock_object ("type:s", "submit_tool_outputs",
                                                             "submit_tool_outputs:o", oai_mock_object ("tool_calls:a", json_array_ref (tool_calls), NULL), NULL),
                       NULL);
  tell_run (work, "requires_action");
}

static JsonObject *
find_tool_step (Work *work)
{
  GPtrArray *steps = get_steps (work);

  for (guint i = steps->len; i > 0; i--)
    if (g_strcmp0 (oai_mock_get_string (g_ptr_array_index (steps, i - 1), "type"), "tool_calls") == 0)
      return g_ptr_array_index (steps, i - 1);

  return NULL;
}

static const char *
find_output (JsonArray *outputs, const char *id)
{
  for (guint i = 0; i < json_array_get_length (outputs); i++)
    if (g_strcmp0 (oai_mock_get_string (oai_mock_array_get_object (outputs, i), "tool_call_id"), id) == 0)
      return oai_mock_get_string (oai_mock_array_get_object (outputs, i), "output");

  return NULL;
}

/* Takes the outputs in the body of the call, and continues the run. */
void
_oai_mock_run_submit (OaiMockCall *call, JsonObject *run, OaiMockReply *stream)
{
  Work work = { call, call->store, run, stream };
  JsonArray *outputs = oai_mock_get_array (call->body, "tool_outputs");
  JsonObject *step = find_tool_step (&work);
  JsonArray *tool_calls = oai_mock_get_array (oai_mock_get_object (step, "step_details"), "tool_calls");

  for (guint i = 0; i < json_array_get_length (tool_calls); i++)
    {
      JsonObject *tool_call = json_array_get_object_element (tool_calls, i);

      oai_mock_object_set (oai_mock_get_object (tool_call, "function"), "output:s", find_output (outputs, oai_mock_get_string (tool_call, "id")), NULL);
    }
  end_step (&work, step);
  oai_mock_object_set (run, "status:s", "queued", "required_action:z", NULL);
  tell_run (&work, "queued");
}

/* Messages */

static char *
make_answer (Work *work, const char *said)
{
  JsonObject *step = find_tool_step (work);
  g_autoptr (GString) text = NULL;
  JsonArray *tool_calls;

  if (step == NULL)
    return g_strdup_printf ("You said: %s", said);
  text = g_string_new ("The tool said:");
  tool_calls = oai_mock_get_array (oai_mock_get_object (step, "step_details"), "tool_calls");
  for (guint i = 0; i < json_array_get_length (tool_calls); i++)
    {
      const char *output = oai_mock_get_string (oai_mock_get_object (json_array_get_object_element (tool_calls, i), "function"), "output");

      g_string_append_printf (text, " %s", output != NULL ? output : "nothing");
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
tell_message_deltas (Work *work, JsonObject *message, const char *text)
{
  g_auto (GStrv) words = _oai_mock_text_split (text);

  for (guint i = 0; work->stream != NULL && words[i] != NULL; i++)
    {
      JsonObject *value = oai_mock_object ("value:s", words[i], NULL);
      JsonObject *part = oai_mock_object ("index:i", 0, "type:s", "text", "text:o", value, NULL);

      if (i == 0)
        oai_mock_object_set (value, "annotations:a", json_array_new (), NULL);
      _oai_mock_reply_add_object_event (work->stream, "thread.message.delta",
                                        oai_mock_object ("id:s", oai_mock_get_string (message, "id"), "object:s", "thread.message.delta",
                                                         "delta:o", oai_mock_object ("content:a", oai_mock_array_of_object (part), NULL), NULL));
    }
}

static void
tell_message (Work *work, JsonObject *message, const char *text)
{
  g_autoptr (JsonObject) begun = oai_mock_object_copy (message);

  oai_mock_object_set (begun, "status:s", "in_progress", "content:a", json_array_new (), "completed_at:z", NULL);
  tell (work, "thread.message.created", begun);
  tell (work, "thread.message.in_progress", begun);
  tell_message_deltas (work, message, text);
  tell (work, "thread.message.completed", message);
}

static void
complete (Work *work, const char *said)
{
  g_autofree char *text = make_answer (work, said);
  g_autoptr (JsonObject) request = oai_mock_object ("role:s", "assistant", "content:s", text, "assistant_id:s", oai_mock_get_string (work->run, "assistant_id"), "run_id:s", run_id (work), NULL);
  JsonObject *message = _oai_mock_thread_add_message (work->call, thread_id (work), request);
  JsonObject *step = add_step (work, "message_creation",
                               oai_mock_object ("type:s", "message_creation",
                                                "message_creation:o", oai_mock_object ("message_id:s", oai_mock_get_string (message, "id"), NULL), NULL));

  tell_message (work, message, text);
  end_step (work, step);
  oai_mock_object_set (work->run, "status:s", "completed", "completed_at:l", _oai_mock_store_now (work->store), "expires_at:z",
                       "usage:o", plain_usage (20, _oai_mock_text_count (text)), NULL);
  tell_run (work, "completed");
}

static void
begin (Work *work)
{
  oai_mock_object_set (work->run, "status:s", "in_progress", NULL);
  if (oai_mock_member (work->run, "started_at") == NULL)
    oai_mock_object_set (work->run, "started_at:l", _oai_mock_store_now (work->store), NULL);
  tell_run (work, "in_progress");
}

static void
fail (Work *work)
{
  oai_mock_object_set (work->run, "status:s", "failed", "failed_at:l", _oai_mock_store_now (work->store), "expires_at:z",
                       "last_error:o", oai_mock_object ("code:s", "server_error", "message:s", "Sorry, something went wrong.", NULL), NULL);
  tell_run (work, "failed");
}

static void
go_on (Work *work)
{
  g_autofree char *said = _oai_mock_thread_dup_last_user_text (work->store, thread_id (work));
  g_autoptr (JsonArray) tool_calls = find_tool_step (work) == NULL ? make_tool_calls (work, said) : json_array_new ();

  if (strstr (said, "fail") != NULL)
    fail (work);
  else if (strstr (said, "expire") != NULL)
    {
      oai_mock_object_set (work->run, "status:s", "expired", NULL);
      tell_run (work, "expired");
    }
  else if (json_array_get_length (tool_calls) > 0)
    require_action (work, tool_calls);
  else
    complete (work, said);
}

static void
advance (Work *work)
{
  const char *status = oai_mock_get_string (work->run, "status");

  if (g_str_equal (status, "queued"))
    begin (work);
  else if (g_str_equal (status, "in_progress"))
    go_on (work);
  else if (g_str_equal (status, "cancelling"))
    {
      oai_mock_object_set (work->run, "status:s", "cancelled", "cancelled_at:l", _oai_mock_store_now (work->store), "expires_at:z", "required_action:z", NULL);
      tell_run (work, "cancelled");
    }
}

/* Executes one step. */
void
_oai_mock_run_advance (OaiMockCall *call, JsonObject *run, OaiMockReply *stream)
{
  Work work = { call, call->store, run, stream };

  advance (&work);
}

/* Whether no further step can be executed without the client. */
gboolean
_oai_mock_run_is_waiting (JsonObject *run)
{
  const char *const moving[] = { "queued", "in_progress", "cancelling", NULL };

  return !g_strv_contains (moving, oai_mock_get_string (run, "status"));
}

/* Executes all steps, and ends @stream and returns it. */
OaiMockReply *
_oai_mock_run_stream (OaiMockCall *call, JsonObject *run, OaiMockReply *stream)
{
  while (!_oai_mock_run_is_waiting (run))
    _oai_mock_run_advance (call, run, stream);
  oai_mock_reply_add_event (stream, "done", "[DONE]");

  return stream;
}
