/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The items that a response continues: those of the previous response or the conversation, and the input. */

#include "oai-mock-responses-private.h"

static const struct {
  const char *type;
  const char *prefix;
} prefixes[] = {
  { "message", "msg_" },
  { "function_call", "fc_" },
  { "function_call_output", "fco_" },
  { "custom_tool_call", "ctc_" },
  { "custom_tool_call_output", "ctco_" },
  { "reasoning", "rs_" },
  { "compaction", "cmp_" },
};

gboolean
_oai_mock_item_is (JsonObject *item, const char *type)
{
  return item != NULL && g_strcmp0 (oai_mock_get_string (item, "type"), type) == 0;
}

static JsonArray *
parts_of_text (const char *role, const char *text)
{
  if (g_strcmp0 (role, "assistant") != 0)
    return oai_mock_array_of_object (oai_mock_object ("type:s", "input_text", "text:s", text, NULL));

  return oai_mock_array_of_object (oai_mock_object ("type:s", "output_text", "text:s", text, "annotations:a", json_array_new (), "logprobs:a", json_array_new (), NULL));
}

static void
complete_parts (JsonArray *parts)
{
  for (guint i = 0; parts != NULL && i < json_array_get_length (parts); i++)
    {
      JsonObject *part = oai_mock_array_get_object (parts, i);

      if (_oai_mock_item_is (part, "output_text") && !json_object_has_member (part, "logprobs"))
        oai_mock_object_set (part, "logprobs:a", json_array_new (), NULL);
      if (_oai_mock_item_is (part, "input_image") && !json_object_has_member (part, "detail"))
        oai_mock_object_set (part, "detail:s", "auto", NULL);
    }
}

static void
complete_message (JsonObject *item)
{
  const char *text = oai_mock_get_string (item, "content");

  oai_mock_object_set (item, "type:s", "message", NULL);
  if (text != NULL)
    oai_mock_object_set (item, "content:a", parts_of_text (oai_mock_get_string (item, "role"), text), NULL);
  complete_parts (oai_mock_get_array (item, "content"));
}

static char *
new_item_id (OaiMockStore *store, JsonObject *item)
{
  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (_oai_mock_item_is (item, prefixes[i].type))
      return _oai_mock_store_new_id (store, prefixes[i].prefix);

  return _oai_mock_store_new_id (store, "item_");
}

static gboolean
has_status (JsonObject *item)
{
  const char *const without[] = { "reasoning", "compaction", "mcp_approval_request", "mcp_approval_response", "mcp_list_tools", "item_reference", "multi_agent_call", "multi_agent_call_output", "agent_message", NULL };

  return !g_strv_contains (without, oai_mock_get_string (item, "type"));
}

/* An item with the members that stored items have in addition to input items: an id and a status. */
JsonObject *
_oai_mock_item_new (OaiMockStore *store, JsonObject *given)
{
  JsonObject *item = oai_mock_object_copy (given);

  if (oai_mock_get_string (item, "type") == NULL)
    oai_mock_object_set (item, "type:s", oai_mock_get_string (item, "role") != NULL ? "message" : "item_reference", NULL);
  if (_oai_mock_item_is (item, "message"))
    complete_message (item);
  if (oai_mock_get_string (item, "id") == NULL)
    {
      g_autofree char *id = new_item_id (store, item);

      oai_mock_object_set (item, "id:s", id, NULL);
    }
  if (has_status (item) && oai_mock_member (item, "status") == NULL)
    oai_mock_object_set (item, "status:s", "completed", NULL);

  return item;
}

static void
append (JsonArray *to, JsonArray *from)
{
  for (guint i = 0; from != NULL && i < json_array_get_length (from); i++)
    json_array_add_element (to, json_array_dup_element (from, i));
}

static OaiMockReply *
read_input (OaiMockTurn *self)
{
  OaiMockStore *store = self->call->store;
  JsonArray *given = oai_mock_get_array (self->call->body, "input");
  const char *text = oai_mock_get_string (self->call->body, "input");

  if (text != NULL)
    {
      g_autoptr (JsonObject) message = oai_mock_object ("role:s", "user", "content:s", text, NULL);

      json_array_add_object_element (self->input, _oai_mock_item_new (store, message));
    }
  for (guint i = 0; given != NULL && i < json_array_get_length (given); i++)
    {
      JsonObject *element = oai_mock_array_get_object (given, i);
      g_autoptr (JsonObject) item = element != NULL ? _oai_mock_item_new (store, element) : NULL;
      JsonObject *stored = _oai_mock_item_is (item, "item_reference") ? _oai_mock_store_get (store, "items", oai_mock_get_string (item, "id")) : NULL;

      if (_oai_mock_item_is (item, "compaction_trigger"))
        {
          self->compacts = TRUE;
          continue;
        }
      if (item == NULL)
        return _oai_mock_call_invalid (self->call, "input", "Invalid type for 'input[%u]': expected an object.", i);
      if (_oai_mock_item_is (item, "item_reference") && stored == NULL)
        return _oai_mock_reply_new_error_for (404, "invalid_request_error", NULL, "input", "Item with id '%s' not found. Items are not persisted when `store` is set to false.", oai_mock_get_string (item, "id"));
      json_array_add_object_element (self->input, json_object_ref (stored != NULL ? stored : item));
    }

  return NULL;
}

/* The id of the conversation that the request names, or NULL. */
const char *
_oai_mock_turn_get_conversation (OaiMockTurn *self)
{
  JsonObject *object = oai_mock_get_object (self->call->body, "conversation");

  return object != NULL ? oai_mock_get_string (object, "id") : oai_mock_get_string (self->call->body, "conversation");
}

static OaiMockReply *
read_conversation (OaiMockTurn *self, const char *id)
{
  OaiMockReply *problem = _oai_mock_conversation_check (self->call, id);
  GPtrArray *items;

  if (problem != NULL)
    return problem;
  items = _oai_mock_conversation_items (self->call->store, id);
  for (guint i = 0; i < items->len; i++)
    json_array_add_object_element (self->context, json_object_ref (g_ptr_array_index (items, i)));

  return NULL;
}

static OaiMockReply *
read_context (OaiMockTurn *self)
{
  const char *previous = oai_mock_get_string (self->call->body, "previous_response_id");
  const char *conversation = _oai_mock_turn_get_conversation (self);
  JsonObject *record = previous != NULL ? _oai_mock_response_find (self->call, previous) : NULL;

  if (previous != NULL && conversation != NULL)
    return _oai_mock_call_invalid (self->call, "previous_response_id", "Mutually exclusive parameters: 'previous_response_id' and 'conversation'.");
  if (previous != NULL && record == NULL)
    return _oai_mock_reply_new_error_for (self->call->collection != NULL ? 400 : 404, "invalid_request_error", "previous_response_not_found", "previous_response_id", "Previous response with id '%s' not found.", previous);
  if (conversation != NULL)
    return read_conversation (self, conversation);
  if (record == NULL)
    return NULL;

  append (self->context, oai_mock_get_array (record, "context"));
  append (self->context, oai_mock_get_array (record, "input"));
  append (self->context, oai_mock_get_array (oai_mock_get_object (record, "response"), "output"));

  return NULL;
}

static const char *const call_types[] = { "function_call", "custom_tool_call", "shell_call", "local_shell_call", "apply_patch_call", "computer_call", NULL };

/* Whether one of the items is the result of the call. */
static gboolean
is_answered (JsonArray *items, const char *type, const char *call_id)
{
  g_autofree char *wanted = g_strconcat (type, "_output", NULL);

  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *item = json_array_get_object_element (items, i);

      if (_oai_mock_item_is (item, wanted) && (g_strcmp0 (oai_mock_get_string (item, "call_id"), call_id) == 0 || g_strcmp0 (oai_mock_get_string (item, "id"), call_id) == 0))
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_called (JsonArray *items, const char *output_type, const char *call_id)
{
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *item = json_array_get_object_element (items, i);
      g_autofree char *type = g_strconcat (oai_mock_get_string (item, "type"), "_output", NULL);

      if (g_str_equal (type, output_type) && g_strcmp0 (oai_mock_get_string (item, "call_id"), call_id) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Each call needs a result, and each result a call. */
static OaiMockReply *
check_calls (OaiMockTurn *self)
{
  g_autoptr (JsonArray) all = json_array_new ();

  append (all, self->context);
  append (all, self->input);
  for (guint i = 0; i < json_array_get_length (all); i++)
    {
      JsonObject *item = json_array_get_object_element (all, i);
      const char *type = oai_mock_get_string (item, "type");
      const char *id = oai_mock_get_string (item, "call_id");

      if (g_strv_contains (call_types, type) && id != NULL && !is_answered (all, type, id))
        return _oai_mock_call_invalid (self->call, "input", "No tool output found for function call %s.", id);
      if ((g_str_equal (type, "function_call_output") || g_str_equal (type, "custom_tool_call_output")) && !is_called (all, type, id))
        return _oai_mock_call_invalid (self->call, "input", "No tool call found for function call output with call_id %s.", id);
    }

  return NULL;
}

static char *
text_of_output (JsonObject *item)
{
  JsonNode *output = oai_mock_member (item, "output");

  if (output != NULL && JSON_NODE_HOLDS_OBJECT (output))
    return g_strdup_printf ("[%s]", oai_mock_get_string (json_node_get_object (output), "type"));
  if (output != NULL && JSON_NODE_HOLDS_ARRAY (output) && json_array_get_length (json_node_get_array (output)) > 0
      && oai_mock_get_string (oai_mock_array_get_object (json_node_get_array (output), 0), "stdout") != NULL)
    return g_strdup (oai_mock_get_string (oai_mock_array_get_object (json_node_get_array (output), 0), "stdout"));

  return _oai_mock_text_of_content (output);
}

/* The results of tools at the end of the input, in their order. */
static void
read_results (OaiMockTurn *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = json_array_get_length (self->input), first = n;

  while (first > 0 && g_str_has_suffix (oai_mock_get_string (json_array_get_object_element (self->input, first - 1), "type"), "_output"))
    first--;
  for (guint i = first; i < n; i++)
    {
      g_autofree char *one = text_of_output (json_array_get_object_element (self->input, i));

      g_string_append_printf (text, "%s%s", i > first ? " " : "", one);
    }
  if (first < n)
    self->result = g_string_free (g_steal_pointer (&text), FALSE);
}

/* The text that a compaction keeps is that of the last user message before it. */
static char *
compacted_text (JsonArray *items)
{
  for (guint i = json_array_get_length (items); i > 0; i--)
    {
      JsonObject *item = json_array_get_object_element (items, i - 1);
      g_autofree guchar *text = NULL;
      gsize length;

      if (!_oai_mock_item_is (item, "compaction"))
        continue;
      text = g_base64_decode (oai_mock_get_string (item, "encrypted_content"), &length);
      return g_utf8_make_valid ((char *) text, length);
    }

  return g_strdup ("");
}

static char *
last_user_text (OaiMockTurn *self)
{
  g_autofree char *text = _oai_mock_text_of_last_user (self->input);

  if (*text == '\0')
    {
      g_free (text);
      text = compacted_text (self->input);
    }
  if (*text == '\0')
    {
      g_free (text);
      text = _oai_mock_text_of_last_user (self->context);
    }
  if (*text == '\0')
    {
      g_free (text);
      text = compacted_text (self->context);
    }

  return g_steal_pointer (&text);
}

/* Reads the request; returns an error of the service, or NULL. */
OaiMockReply *
_oai_mock_turn_init (OaiMockTurn *self, OaiMockCall *call)
{
  OaiMockReply *problem;
  guint n;

  self->call = call;
  self->context = json_array_new ();
  self->input = json_array_new ();
  self->output = json_array_new ();
  self->annotations = json_array_new ();
  problem = read_context (self);
  if (problem == NULL)
    problem = read_input (self);
  if (problem == NULL)
    problem = check_calls (self);
  if (problem != NULL)
    return problem;

  n = json_array_get_length (self->input);
  self->last = n > 0 ? json_array_get_object_element (self->input, n - 1) : NULL;
  self->said = last_user_text (self);
  read_results (self);

  return NULL;
}

void
_oai_mock_turn_clear (OaiMockTurn *self)
{
  g_clear_pointer (&self->context, json_array_unref);
  g_clear_pointer (&self->input, json_array_unref);
  g_clear_pointer (&self->output, json_array_unref);
  g_clear_pointer (&self->annotations, json_array_unref);
  g_clear_pointer (&self->said, g_free);
  g_clear_pointer (&self->result, g_free);
}
