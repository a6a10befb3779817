/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tool loop of a session: what it reports, with the names of openai-node. */

#include "driver.h"

#include "oai-chat-endpoint.h"
#include "oai-chat-session.h"
#include "oai-error.h"
#include "oai-session-turn.h"
#include "oai-toolset.h"

typedef struct
{
  JsonArray *callbacks;
  JsonObject *results; /* call_id → text, in the order of the calls */
  JsonObject *made;    /* call_id → text of the library */
  JsonArray *added;    /* the messages of the program after each reply */
  guint n_replies;
  guint n_calls;
  OaiRecord *completion;
  OaiToolCall *call;
} Loop;

static void
report (Loop *loop, const char *name, JsonNode *argument)
{
  JsonObject *callback = json_object_new ();
  JsonArray *arguments = json_array_new ();

  json_array_add_element (arguments, argument);
  json_object_set_string_member (callback, "name", name);
  json_object_set_array_member (callback, "args", arguments);
  json_array_add_object_element (loop->callbacks, callback);
}

static void
report_record (Loop *loop, const char *name, OaiRecord *record)
{
  g_autofree char *json = oai_record_to_json (record);

  report (loop, name, json_from_string (json, NULL));
}

static void
report_text (Loop *loop, const char *name, const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  json_node_set_string (node, text);
  report (loop, name, node);
}

static void
report_object (Loop *loop, const char *name, JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  report (loop, name, node);
}

static void
report_call (Loop *loop, const char *name, OaiToolCall *call)
{
  JsonObject *function = json_object_new ();

  json_object_set_string_member (function, "name", oai_tool_call_get_name (call));
  json_object_set_string_member (function, "arguments", oai_tool_call_get_arguments (call));
  report_object (loop, name, function);
}

/* Calls without an identifier have a new one, so their results are those at the same position. */
static const char *
find_result (Loop *loop, OaiToolCall *call, guint position)
{
  const char *text = driver_get_string (loop->results, oai_tool_call_get_id (call));
  g_autoptr(GList) names = json_object_get_members (loop->results);

  if (text == NULL && g_list_nth (names, position) != NULL)
    text = driver_get_string (loop->results, g_list_nth_data (names, position));

  return text != NULL ? text : "";
}

static void
run_tool (OaiToolCall *call, gpointer user_data)
{
  Loop *loop = user_data;

  oai_tool_call_respond_output (call, find_result (loop, call, loop->n_calls - 1));
}

/* The functions of the cases accept any text; those of this library get an object. */
static void
on_call (OaiSession *session, OaiToolCall *call, Loop *loop)
{
  const char *arguments = oai_tool_call_get_arguments (call);
  g_autoptr(JsonNode) node = *arguments != '\0' ? json_from_string (arguments, NULL) : NULL;

  loop->n_calls++;
  g_set_object (&loop->call, call);
  if (oai_tool_call_get_tool (call) != NULL && *arguments != '\0' && node == NULL)
    oai_tool_call_respond_output (call, find_result (loop, call, loop->n_calls - 1));
}

/* Adds the messages of the program after a reply, once. */
static void
add_messages (OaiSession *session, Loop *loop)
{
  JsonArray *messages = loop->n_replies <= json_array_get_length (loop->added) ? json_array_get_array_element (loop->added, loop->n_replies - 1) : NULL;

  while (messages != NULL && json_array_get_length (messages) > 0)
    {
      g_autofree char *json = driver_node_to_text (json_array_get_element (messages, 0));
      g_autoptr(OaiRecord) message = oai_record_new_from_json (OAI_TYPE_CHAT_MESSAGE, json, NULL);

      oai_session_add_record (session, message);
      json_array_remove_element (messages, 0);
    }
}

static void
on_result (OaiSession *session, OaiToolCall *call, Loop *loop)
{
  JsonObject *message = json_object_new ();

  json_object_set_string_member (message, "role", "tool");
  json_object_set_string_member (message, "tool_call_id", oai_tool_call_get_id (call));
  json_object_set_string_member (message, "content", oai_tool_call_get_output (call));
  report_object (loop, "message", message);
  report_text (loop, "functionToolCallResult", oai_tool_call_get_output (call));
  add_messages (session, loop);
  if (oai_tool_call_get_state (call) == OAI_TOOL_CALL_STATE_FAILED)
    json_object_set_string_member (loop->made, oai_tool_call_get_id (call), oai_tool_call_get_output (call));
}

static void
on_reply (OaiSession *session, OaiRecord *reply, Loop *loop)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (session));
  g_autoptr(OaiSessionItem) item = g_list_model_get_item (G_LIST_MODEL (session), n_items - 1);

  loop->n_replies++;
  report_record (loop, "chatCompletion", reply);
  report_record (loop, "message", oai_session_item_get_record (item));
  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(OaiSessionItem) other = g_list_model_get_item (G_LIST_MODEL (session), i);
      OaiToolCall *call = oai_session_item_get_call (other);

      if (call != NULL && !oai_tool_call_has_ended (call))
        report_call (loop, "functionToolCall", call);
    }
  g_set_object (&loop->completion, reply);
}

static void
report_usage (Loop *loop, OaiSession *session)
{
  JsonObject *usage = json_object_new ();

  json_object_set_int_member (usage, "prompt_tokens", oai_session_get_input_tokens (session));
  json_object_set_int_member (usage, "completion_tokens", oai_session_get_output_tokens (session));
  json_object_set_int_member (usage, "total_tokens", oai_session_get_total_tokens (session));
  report_object (loop, "totalUsage", usage);
}

static void
report_end (Loop *loop, OaiSession *session)
{
  OaiChatCompletion *completion = OAI_CHAT_COMPLETION (loop->completion);

  report_record (loop, "finalChatCompletion", loop->completion);
  report_record (loop, "finalMessage", OAI_RECORD (oai_chat_completion_get_message (completion)));
  if (oai_chat_completion_get_text (completion) != NULL)
    report_text (loop, "finalContent", oai_chat_completion_get_text (completion));
  if (loop->call != NULL)
    {
      report_call (loop, "finalFunctionToolCall", loop->call);
      report_text (loop, "finalFunctionToolCallResult", oai_tool_call_get_output (loop->call));
    }
  if (oai_session_get_total_tokens (session) > 0)
    report_usage (loop, session);
}

/* Offers the functions of the request. */
static gboolean
add_functions (OaiToolset *toolset, OaiChatRequest *request, Loop *loop, GError **error)
{
  GPtrArray *tools = oai_chat_request_get_tools (request);

  for (guint i = 0; i < tools->len; i++)
    {
      OaiFunctionDefinition *function = oai_chat_tool_get_function_definition (g_ptr_array_index (tools, i));

      if (oai_toolset_add_function (toolset, oai_function_definition_get_name (function), oai_function_definition_get_description (function),
                                    oai_function_definition_get_parameters (function), run_tool, loop, NULL, error) == NULL)
        return FALSE;
    }

  return TRUE;
}

static void
run (DriverCase *self, Loop *loop, OaiChatRequest *request)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (self->client, NULL);
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *messages = oai_chat_request_get_messages (request);

  if (!add_functions (toolset, request, loop, &error))
    {
      driver_report_error (self, error);
      return;
    }
  oai_session_set_toolset (session, toolset);
  oai_session_set_streaming (session, oai_record_get_boolean_member (OAI_RECORD (request), "stream"));
  oai_session_set_max_rounds (session, json_array_get_length (driver_get_array (self->fixture, "server")));
  for (guint i = 0; i < messages->len; i++)
    oai_session_add_record (session, g_ptr_array_index (messages, i));
  oai_record_unset_member (OAI_RECORD (request), "tools");
  oai_session_set_options (session, OAI_RECORD (request));

  g_signal_connect (session, "round-finished", G_CALLBACK (on_reply), loop);
  g_signal_connect (session, "call-started", G_CALLBACK (on_call), loop);
  g_signal_connect (session, "call-finished", G_CALLBACK (on_result), loop);
  answer = oai_session_send (session, NULL, NULL, &error);
  if (error != NULL && !g_error_matches (error, OAI_ERROR, OAI_ERROR_TOO_MANY_ROUNDS))
    driver_report_error (self, error);
  else
    report_end (loop, session);
}

static void
play_run_tools (DriverCase *self)
{
  g_autoptr(OaiRecord) request = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *arguments = driver_dup_json (self->fixture, "arguments");
  Loop loop = { .callbacks = json_array_new (), .made = json_object_new (), .results = driver_get_object (self->call, "tool_results_by_call_id"),
                .added = driver_get_array (self->fixture, "added") };

  json_object_set_array_member (self->out, "callbacks", loop.callbacks);
  json_object_set_object_member (self->out, "made", loop.made);
  if (driver_make_client (self, &error))
    request = oai_record_new_from_json (OAI_TYPE_CHAT_REQUEST, arguments, &error);
  if (request != NULL)
    run (self, &loop, OAI_CHAT_REQUEST (request));
  else
    driver_report_error (self, error);
  g_clear_object (&loop.completion);
  g_clear_object (&loop.call);
}

const DriverEntry driver_tools_table[] = {
  { "run_tools", play_run_tools },
  { NULL, NULL },
};
