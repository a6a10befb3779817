/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls of tools in responses.
 *
 * As in chat completions, a response calls its first tool if the user's message contains "tool", and all of them if it
 * contains "tools". With several agents, the word "agent" starts one. The service executes its own tools at once, and answers with their results. A tool of the client
 * ends the response, and the answer follows when the client sends the result. */

#include "oai-mock-responses-private.h"

#include <string.h>

#define CONTAINER "cntr_mock"

typedef struct {
  OaiMockTurn *turn;
  JsonObject *tool;
  char *word; /* the last one of the user's message, which is the subject of the call */
} Use;

static JsonObject *
add_item (Use *use, const char *type, const char *prefix)
{
  g_autofree char *id = _oai_mock_store_new_id (use->turn->call->store, prefix);
  JsonObject *item = oai_mock_object ("id:s", id, "type:s", type, NULL);

  _oai_mock_turn_add (use->turn, item);
  return item;
}

/* A call that the client executes. */
static JsonObject *
add_call (Use *use, const char *type, const char *prefix)
{
  g_autofree char *id = _oai_mock_store_new_id (use->turn->call->store, "call_");
  JsonObject *item = add_item (use, type, prefix);

  oai_mock_object_set (item, "call_id:s", id, "status:s", "completed", NULL);
  use->turn->waits = TRUE;

  return item;
}

/* Takes @annotation, whose position in the text is set later. */
static void
return_result (Use *use, JsonObject *annotation, const char *lead, const char *word)
{
  g_autofree char *former = g_steal_pointer (&use->turn->result);
  g_autofree char *text = g_strconcat (lead, word, NULL);

  use->turn->result = former != NULL ? g_strconcat (former, " ", text, NULL) : g_steal_pointer (&text);
  if (annotation != NULL)
    json_array_add_object_element (use->turn->annotations, annotation);
}

static void
use_function (Use *use)
{
  g_autoptr (JsonObject) wrapped = oai_mock_object ("function:o", json_object_ref (use->tool), NULL);
  g_autoptr (JsonObject) made = _oai_mock_tool_call (use->turn->call->store, wrapped, use->turn->said);
  JsonObject *function = oai_mock_get_object (made, "function");
  JsonObject *item = add_item (use, "function_call", "fc_");

  oai_mock_object_set (item, "call_id:s", oai_mock_get_string (made, "id"), "name:s", oai_mock_get_string (function, "name"),
                       "arguments:s", oai_mock_get_string (function, "arguments"), "status:s", "completed", NULL);
  use->turn->waits = TRUE;
}

static void
use_custom (Use *use)
{
  JsonObject *item = add_call (use, "custom_tool_call", "ctc_");

  json_object_remove_member (item, "status");
  oai_mock_object_set (item, "name:s", oai_mock_get_string (use->tool, "name"), "input:s", use->turn->said, NULL);
}

/* Calls the first tool of the namespace. */
static void
use_namespace (Use *use)
{
  const char *name = oai_mock_get_string (use->tool, "name");
  JsonArray *output = use->turn->output;

  use->tool = oai_mock_array_get_object (oai_mock_get_array (use->tool, "tools"), 0);
  if (_oai_mock_item_is (use->tool, "custom"))
    use_custom (use);
  else
    use_function (use);
  oai_mock_object_set (json_array_get_object_element (output, json_array_get_length (output) - 1), "namespace:s", name, NULL);
}

static void
use_web_search (Use *use)
{
  g_autofree char *url = g_strconcat ("https://example.com/", use->word, NULL);
  JsonObject *action = oai_mock_object ("type:s", "search", "query:s", use->word, "queries:a", oai_mock_array_of_strings (use->word, NULL), NULL);

  if (_oai_mock_turn_includes (use->turn, "web_search_call.action.sources"))
    oai_mock_object_set (action, "sources:a", oai_mock_array_of_object (oai_mock_object ("type:s", "url", "url:s", url, NULL)), NULL);
  oai_mock_object_set (add_item (use, "web_search_call", "ws_"), "status:s", "completed", "action:o", action, NULL);
  return_result (use, oai_mock_object ("type:s", "url_citation", "url:s", url, "title:s", use->word, "start_index:i", 0, "end_index:i", 0, NULL), "a page about ", use->word);
}

static void
use_file_search (Use *use)
{
  JsonObject *item = add_item (use, "file_search_call", "fs_");

  oai_mock_object_set (item, "status:s", "completed", "queries:a", oai_mock_array_of_strings (use->word, NULL), "results:z", NULL);
  if (_oai_mock_turn_includes (use->turn, "file_search_call.results"))
    oai_mock_object_set (item, "results:a", oai_mock_array_of_object (oai_mock_object ("file_id:s", "file-mock", "filename:s", "mock.txt", "text:s", use->word, "score:d", 0.75, "attributes:o", json_object_new (), NULL)), NULL);
  return_result (use, oai_mock_object ("type:s", "file_citation", "file_id:s", "file-mock", "index:i", 0, "filename:s", "mock.txt", NULL), "a file about ", use->word);
}

static void
use_code_interpreter (Use *use)
{
  g_autofree char *code = g_strdup_printf ("print('%s')", use->word);
  JsonObject *item = add_item (use, "code_interpreter_call", "ci_");
  const char *container = oai_mock_get_string (use->tool, "container");

  oai_mock_object_set (item, "status:s", "completed", "container_id:s", container != NULL ? container : CONTAINER, "code:s", code, "outputs:z", NULL);
  if (_oai_mock_turn_includes (use->turn, "code_interpreter_call.outputs"))
    oai_mock_object_set (item, "outputs:a", oai_mock_array_of_object (oai_mock_object ("type:s", "logs", "logs:s", use->word, NULL)), NULL);
  return_result (use, NULL, "", use->word);
}

static void
use_image_generation (Use *use)
{
  const char *format = oai_mock_get_string (use->tool, "output_format");

  oai_mock_object_set (add_item (use, "image_generation_call", "ig_"), "status:s", "completed", "action:s", "generate", "background:s", "opaque",
                       "output_format:s", format != NULL ? format : "png", "quality:s", "low", "size:s", "1024x1024", "revised_prompt:s", use->turn->said,
                       "result:s", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==", NULL);
  return_result (use, NULL, "an image of ", use->word);
}

static gboolean
has_list (JsonArray *items, const char *label)
{
  for (guint i = 0; i < json_array_get_length (items); i++)
    if (_oai_mock_item_is (json_array_get_object_element (items, i), "mcp_list_tools")
        && g_strcmp0 (oai_mock_get_string (json_array_get_object_element (items, i), "server_label"), label) == 0)
      return TRUE;

  return FALSE;
}

static void
add_mcp_call (Use *use, const char *label, const char *name, const char *arguments, const char *approval)
{
  g_autofree char *output = g_strdup_printf ("a record about %s", use->word);

  oai_mock_object_set (add_item (use, "mcp_call", "mcp_"), "server_label:s", label, "name:s", name, "arguments:s", arguments, "output:s", output,
                       "error:z", "status:s", "completed", "approval_request_id:s", approval, NULL);
  return_result (use, NULL, "", output);
}

/* Lists the tools of the server once. Each call needs an approval if the request does not exclude it. */
static void
use_mcp (Use *use)
{
  const char *label = oai_mock_get_string (use->tool, "server_label");
  JsonArray *allowed = oai_mock_get_array (use->tool, "allowed_tools");
  const char *name = allowed != NULL && json_array_get_length (allowed) > 0 ? json_array_get_string_element (allowed, 0) : "look_up";
  g_autoptr (JsonObject) query = oai_mock_object ("query:s", use->word, NULL);
  g_autofree char *arguments = oai_mock_object_to_text (query);

  if (!has_list (use->turn->context, label) && !has_list (use->turn->input, label))
    oai_mock_object_set (add_item (use, "mcp_list_tools", "mcpl_"), "server_label:s", label, "error:z",
                         "tools:a", oai_mock_array_of_object (oai_mock_object ("name:s", name, "description:s", "Looks up a word.", "input_schema:o", oai_mock_object ("type:s", "object", NULL), "annotations:z", NULL)), NULL);
  if (g_strcmp0 (oai_mock_get_string (use->tool, "require_approval"), "never") == 0)
    add_mcp_call (use, label, name, arguments, NULL);
  else
    {
      oai_mock_object_set (add_item (use, "mcp_approval_request", "mcpr_"), "server_label:s", label, "name:s", name, "arguments:s", arguments, NULL);
      use->turn->waits = TRUE;
    }
}

static JsonObject *
shell_outcome (const char *word)
{
  return oai_mock_object ("stdout:s", word, "stderr:s", "", "outcome:o", oai_mock_object ("type:s", "exit", "exit_code:i", 0, NULL), NULL);
}

/* The client executes the command if the environment is local. */
static void
use_shell (Use *use)
{
  gboolean local = _oai_mock_item_is (oai_mock_get_object (use->tool, "environment"), "local");
  g_autofree char *command = g_strconcat ("echo ", use->word, NULL);
  gboolean waited = use->turn->waits;
  JsonObject *item = add_call (use, "shell_call", "sh_");
  JsonObject *environment = local ? oai_mock_object ("type:s", "local", NULL) : oai_mock_object ("type:s", "container_reference", "container_id:s", CONTAINER, NULL);

  oai_mock_object_set (item, "action:o", oai_mock_object ("commands:a", oai_mock_array_of_strings (command, NULL), "timeout_ms:z", "max_output_length:z", NULL),
                       "environment:o", environment, NULL);
  if (local)
    return;
  oai_mock_object_set (add_item (use, "shell_call_output", "sho_"), "call_id:s", oai_mock_get_string (item, "call_id"), "status:s", "completed",
                       "output:a", oai_mock_array_of_object (shell_outcome (use->word)), "max_output_length:z", NULL);
  use->turn->waits = waited;
  return_result (use, NULL, "", use->word);
}

static void
use_local_shell (Use *use)
{
  JsonObject *action = oai_mock_object ("type:s", "exec", "command:a", oai_mock_array_of_strings ("echo", use->word, NULL), "env:o", json_object_new (), NULL);

  oai_mock_object_set (add_call (use, "local_shell_call", "lsh_"), "action:o", action, NULL);
}

static void
use_apply_patch (Use *use)
{
  g_autofree char *path = g_strconcat (use->word, ".txt", NULL);
  g_autofree char *diff = g_strdup_printf ("+%s\n", use->word);

  oai_mock_object_set (add_call (use, "apply_patch_call", "apc_"), "operation:o", oai_mock_object ("type:s", "create_file", "path:s", path, "diff:s", diff, NULL), NULL);
}

static void
use_computer (Use *use)
{
  JsonObject *item = add_call (use, "computer_call", "cu_");
  JsonObject *action = oai_mock_object ("type:s", "screenshot", NULL);

  oai_mock_object_set (item, "pending_safety_checks:a", json_array_new (), NULL);
  if (_oai_mock_item_is (use->tool, "computer"))
    oai_mock_object_set (item, "actions:a", oai_mock_array_of_object (action), NULL);
  else
    oai_mock_object_set (item, "action:o", action, NULL);
}

static JsonArray *
deferred_tools (Use *use)
{
  JsonArray *tools = oai_mock_get_array (use->turn->call->body, "tools");
  JsonArray *found = json_array_new ();

  for (guint i = 0; i < json_array_get_length (tools); i++)
    if (oai_mock_get_boolean (json_array_get_object_element (tools, i), "defer_loading", FALSE))
      json_array_add_element (found, json_array_dup_element (tools, i));

  return found;
}

static void
use_tool_search (Use *use)
{
  gboolean client = g_strcmp0 (oai_mock_get_string (use->tool, "execution"), "client") == 0;
  JsonObject *arguments = oai_mock_object ("query:s", use->word, NULL);

  if (client)
    {
      oai_mock_object_set (add_call (use, "tool_search_call", "ts_"), "execution:s", "client", "arguments:o", arguments, NULL);
      return;
    }
  oai_mock_object_set (add_item (use, "tool_search_call", "ts_"), "call_id:z", "execution:s", "server", "arguments:o", arguments, "status:s", "completed", NULL);
  oai_mock_object_set (add_item (use, "tool_search_output", "tso_"), "call_id:z", "execution:s", "server", "tools:a", deferred_tools (use), "status:s", "completed", NULL);
  return_result (use, NULL, "tools for ", use->word);
}

static JsonObject *
agent_tag (const char *name)
{
  return oai_mock_object ("agent_name:s", name, NULL);
}

/* The main agent starts another one, which returns a result. */
static void
use_agents (Use *use)
{
  g_autofree char *id = _oai_mock_store_new_id (use->turn->call->store, "call_");
  g_autoptr (JsonObject) task = oai_mock_object ("task:s", use->word, NULL);
  g_autofree char *arguments = oai_mock_object_to_text (task);
  JsonObject *text = oai_mock_object ("type:s", "output_text", "text:s", use->word, "annotations:a", json_array_new (), "logprobs:a", json_array_new (), NULL);

  oai_mock_object_set (add_item (use, "multi_agent_call", "mac_"), "agent:o", agent_tag ("/main"), "call_id:s", id, "action:s", "spawn_agent", "arguments:s", arguments, NULL);
  oai_mock_object_set (add_item (use, "multi_agent_call_output", "maco_"), "agent:o", agent_tag ("/main/helper"), "call_id:s", id, "action:s", "spawn_agent", "output:a", oai_mock_array_of_object (text), NULL);
  return_result (use, NULL, "", use->word);
}

static const struct {
  const char *type;
  void (*use) (Use *use);
} kinds[] = {
  { "function", use_function },
  { "custom", use_custom },
  { "namespace", use_namespace },
  { "web_search*", use_web_search },
  { "file_search", use_file_search },
  { "code_interpreter", use_code_interpreter },
  { "image_generation", use_image_generation },
  { "mcp", use_mcp },
  { "shell", use_shell },
  { "local_shell", use_local_shell },
  { "apply_patch", use_apply_patch },
  { "computer*", use_computer },
  { "tool_search", use_tool_search },
};

static gboolean
use_tool (OaiMockTurn *turn, JsonObject *tool)
{
  g_autofree char *word = _oai_mock_text_last_word (turn->said);
  Use use = { turn, tool, word };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_pattern_match_simple (kinds[i].type, oai_mock_get_string (tool, "type")))
      {
        kinds[i].use (&use);
        return TRUE;
      }

  return FALSE;
}

static gboolean
fits (JsonObject *tool, JsonObject *wanted)
{
  const char *name = oai_mock_get_string (wanted, "name");
  const char *label = oai_mock_get_string (wanted, "server_label");

  if (g_strcmp0 (oai_mock_get_string (tool, "type"), oai_mock_get_string (wanted, "type")) != 0)
    return FALSE;
  if (label != NULL)
    return g_strcmp0 (oai_mock_get_string (tool, "server_label"), label) == 0;

  return name == NULL || g_strcmp0 (oai_mock_get_string (tool, "name"), name) == 0;
}

static gboolean
is_offered (JsonObject *tool, JsonObject *choice)
{
  JsonArray *allowed = _oai_mock_item_is (choice, "allowed_tools") ? oai_mock_get_array (choice, "tools") : NULL;

  if (choice == NULL)
    return TRUE;
  if (allowed == NULL)
    return fits (tool, choice);
  for (guint i = 0; i < json_array_get_length (allowed); i++)
    if (fits (tool, json_array_get_object_element (allowed, i)))
      return TRUE;

  return FALSE;
}

static JsonObject *
find_approval_request (JsonArray *items, const char *id)
{
  for (guint i = 0; i < json_array_get_length (items); i++)
    if (_oai_mock_item_is (json_array_get_object_element (items, i), "mcp_approval_request") && g_strcmp0 (oai_mock_get_string (json_array_get_object_element (items, i), "id"), id) == 0)
      return json_array_get_object_element (items, i);

  return NULL;
}

/* Executes the call that the client has approved. */
static void
continue_approved (OaiMockTurn *turn)
{
  const char *id = oai_mock_get_string (turn->last, "approval_request_id");
  JsonObject *request = find_approval_request (turn->context, id);
  g_autofree char *word = _oai_mock_text_last_word (turn->said);
  Use use = { turn, NULL, word };

  if (request == NULL)
    request = find_approval_request (turn->input, id);
  if (request != NULL && oai_mock_get_boolean (turn->last, "approve", FALSE))
    add_mcp_call (&use, oai_mock_get_string (request, "server_label"), oai_mock_get_string (request, "name"), oai_mock_get_string (request, "arguments"), id);
}

static void
start_agents (OaiMockTurn *turn)
{
  JsonObject *options = oai_mock_get_object (turn->call->body, "multi_agent");
  g_autofree char *word = _oai_mock_text_last_word (turn->said);
  Use use = { turn, NULL, word };

  if (options != NULL && oai_mock_get_boolean (options, "enabled", FALSE) && _oai_mock_text_mentions (turn->said, "agent"))
    use_agents (&use);
}

void
_oai_mock_turn_use_tools (OaiMockTurn *self)
{
  JsonObject *body = self->call->body;
  JsonArray *tools = oai_mock_get_array (body, "tools");
  JsonObject *choice = oai_mock_get_object (body, "tool_choice");
  gboolean limited = _oai_mock_item_is (choice, "allowed_tools");
  const char *mode = limited ? oai_mock_get_string (choice, "mode") : oai_mock_get_string (body, "tool_choice");
  gboolean required = g_strcmp0 (mode, "required") == 0 || (choice != NULL && !limited);
  gboolean parallel = _oai_mock_text_mentions (self->said, "tools") && oai_mock_get_boolean (body, "parallel_tool_calls", TRUE);
  gint64 left = oai_mock_get_int (body, "max_tool_calls", G_MAXINT);

  start_agents (self);
  if (_oai_mock_item_is (self->last, "mcp_approval_response"))
    {
      continue_approved (self);
      return;
    }
  if (tools == NULL || g_strcmp0 (mode, "none") == 0)
    return;
  if (!required && (self->result != NULL || !_oai_mock_text_mentions (self->said, "tool")))
    return;

  for (guint i = 0; i < json_array_get_length (tools) && left > 0; i++)
    if (is_offered (json_array_get_object_element (tools, i), choice) && use_tool (self, json_array_get_object_element (tools, i)))
      left = parallel ? left - 1 : 0;
}
