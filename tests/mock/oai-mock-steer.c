/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Input that steers a response on a WebSocket connection, and the events for it. */

#include "oai-mock-lane-private.h"
#include "oai-mock-responses-private.h"

static const struct {
  const char *call;
  const char *output;
} required[] = {
  { "function_call", "function_call_output" },
  { "custom_tool_call", "custom_tool_call_output" },
  { "shell_call", "shell_call_output" },
  { "apply_patch_call", "apply_patch_call_output" },
  { "computer_call", "computer_call_output" },
  { "tool_search_call", "tool_search_output" },
};

static gboolean
has_output (JsonArray *output, const char *type, const char *call_id)
{
  for (guint i = 0; i < json_array_get_length (output); i++)
    if (_oai_mock_item_is (json_array_get_object_element (output, i), type)
        && g_strcmp0 (oai_mock_get_string (json_array_get_object_element (output, i), "call_id"), call_id) == 0)
      return TRUE;

  return FALSE;
}

static JsonObject *
required_item (JsonArray *output, JsonObject *item)
{
  const char *id = oai_mock_get_string (item, "call_id");

  if (_oai_mock_item_is (item, "mcp_approval_request"))
    return oai_mock_object ("type:s", "mcp_approval_response", "approval_request_id:s", oai_mock_get_string (item, "id"), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (required); i++)
    {
      JsonObject *result;

      if (!_oai_mock_item_is (item, required[i].call) || has_output (output, required[i].output, id))
        continue;
      result = oai_mock_object ("type:s", required[i].output, "call_id:s", id, NULL);
      if (_oai_mock_item_is (item, "function_call"))
        oai_mock_object_set (result, "name:s", oai_mock_get_string (item, "name"), NULL);
      if (_oai_mock_item_is (item, "tool_search_call"))
        oai_mock_object_set (result, "execution:s", "client", NULL);
      return result;
    }

  return NULL;
}

/* The items that the client must send before the response can be continued. */
JsonArray *
_oai_mock_steer_required (JsonObject *response)
{
  JsonArray *output = oai_mock_get_array (response, "output");
  JsonArray *items = json_array_new ();

  for (guint i = 0; i < json_array_get_length (output); i++)
    {
      JsonObject *item = required_item (output, json_array_get_object_element (output, i));

      if (item != NULL)
        json_array_add_object_element (items, item);
    }

  return items;
}

static JsonObject *
new_event (OaiMockLanes *lanes, const char *type, JsonObject *steer)
{
  return oai_mock_object ("type:s", type, "sequence_number:i", lanes->n_steer_events++, "steer:o", steer, NULL);
}

static JsonObject *
identity (JsonObject *steer)
{
  return oai_mock_object ("id:s", oai_mock_get_string (steer, "id"), "previous_response_id:s", oai_mock_get_string (steer, "previous_response_id"), NULL);
}

JsonObject *
_oai_mock_steer_accepted (OaiMockLanes *lanes, JsonObject *steer)
{
  return new_event (lanes, "response.steer.accepted", identity (steer));
}

JsonObject *
_oai_mock_steer_pending (OaiMockLanes *lanes, JsonObject *steer, JsonArray *items)
{
  JsonObject *event = new_event (lanes, "response.steer.pending", identity (steer));

  oai_mock_object_set (event, "reason:s", "waiting_for_required_input", "required_input:a", json_array_ref (items), NULL);
  return event;
}

/* Returns the input. The id is absent if the input was never accepted. */
JsonObject *
_oai_mock_steer_failed (OaiMockLanes *lanes, JsonObject *steer, const char *code, const char *message)
{
  const char *const kept[] = { "id", "input", "previous_response_id", NULL };
  JsonObject *copy = json_object_new ();
  JsonObject *event;

  oai_mock_copy_members (steer, copy, kept);
  event = new_event (lanes, "response.steer.failed", copy);
  oai_mock_object_set (event, "error:o", oai_mock_object ("type:s", "invalid_request_error", "code:s", code, "message:s", message, NULL), NULL);

  return event;
}

/* Whether the input consists of messages of the user. */
gboolean
_oai_mock_steer_is_valid (JsonObject *steer)
{
  const char *text = oai_mock_get_string (steer, "input");
  JsonArray *items = oai_mock_get_array (steer, "input");

  if (text != NULL)
    return *text != '\0';
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    if (g_strcmp0 (oai_mock_get_string (oai_mock_array_get_object (items, i), "role"), "user") != 0)
      return FALSE;

  return items != NULL && json_array_get_length (items) > 0;
}

/* Appends the input to a list of items. */
void
_oai_mock_steer_append (JsonArray *to, JsonNode *input)
{
  JsonArray *items = input != NULL && JSON_NODE_HOLDS_ARRAY (input) ? json_node_get_array (input) : NULL;

  if (input != NULL && JSON_NODE_HOLDS_VALUE (input))
    json_array_add_object_element (to, oai_mock_object ("type:s", "message", "role:s", "user", "content:s", json_node_get_string (input), NULL));
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    json_array_add_element (to, json_array_dup_element (items, i));
}
