/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The events that lead to a response. They depend only on the response, so that a stream can be repeated. */

#include "oai-mock-responses-private.h"

#include <string.h>

typedef struct {
  JsonArray *events;
  JsonObject *response;
  JsonObject *item;
  guint output_index;
} Stream;

/* Adds an event and returns it, so that its members can be set. */
static JsonObject *
add_event (Stream *self, const char *type)
{
  JsonObject *event = oai_mock_object ("type:s", type, "sequence_number:i", json_array_get_length (self->events), NULL);

  json_array_add_object_element (self->events, event);
  return event;
}

static JsonObject *
add_item_event (Stream *self, const char *type)
{
  JsonObject *event = add_event (self, type);

  oai_mock_object_set (event, "item_id:s", oai_mock_get_string (self->item, "id"), "output_index:i", self->output_index, NULL);
  return event;
}

static JsonObject *
add_part_event (Stream *self, const char *type, guint content_index)
{
  JsonObject *event = add_item_event (self, type);

  oai_mock_object_set (event, "content_index:i", content_index, NULL);
  return event;
}

static JsonArray *
logprobs_at (JsonObject *part, guint first, guint n)
{
  JsonArray *given = oai_mock_get_array (part, "logprobs");
  JsonArray *result = json_array_new ();

  for (guint i = first; given != NULL && i < first + n && i < json_array_get_length (given); i++)
    {
      JsonObject *logprob = json_array_get_object_element (given, i);
      JsonArray *top = json_array_new ();
      JsonArray *alternatives = oai_mock_get_array (logprob, "top_logprobs");

      for (guint k = 0; k < json_array_get_length (alternatives); k++)
        {
          JsonObject *other = json_array_get_object_element (alternatives, k);

          json_array_add_object_element (top, oai_mock_object ("token:s", oai_mock_get_string (other, "token"), "logprob:d", oai_mock_get_double (other, "logprob", 0), NULL));
        }
      json_array_add_object_element (result, oai_mock_object ("token:s", oai_mock_get_string (logprob, "token"), "logprob:d", oai_mock_get_double (logprob, "logprob", 0), "top_logprobs:a", top, NULL));
    }

  return result;
}

static void
add_text (Stream *self, guint index, JsonObject *part)
{
  const char *text = oai_mock_get_string (part, "text");
  g_auto (GStrv) tokens = _oai_mock_text_split (text);
  JsonArray *annotations = oai_mock_get_array (part, "annotations");

  for (guint i = 0; tokens[i] != NULL; i++)
    oai_mock_object_set (add_part_event (self, "response.output_text.delta", index), "delta:s", tokens[i], "logprobs:a", logprobs_at (part, i, 1), NULL);
  for (guint i = 0; i < json_array_get_length (annotations); i++)
    oai_mock_object_set (add_part_event (self, "response.output_text.annotation.added", index), "annotation_index:i", i,
                         "annotation:o", json_object_ref (json_array_get_object_element (annotations, i)), NULL);
  oai_mock_object_set (add_part_event (self, "response.output_text.done", index), "text:s", text, "logprobs:a", logprobs_at (part, 0, G_MAXINT), NULL);
}

static void
add_refusal (Stream *self, guint index, JsonObject *part)
{
  const char *text = oai_mock_get_string (part, "refusal");
  g_auto (GStrv) tokens = _oai_mock_text_split (text);

  for (guint i = 0; tokens[i] != NULL; i++)
    oai_mock_object_set (add_part_event (self, "response.refusal.delta", index), "delta:s", tokens[i], NULL);
  oai_mock_object_set (add_part_event (self, "response.refusal.done", index), "refusal:s", text, NULL);
}

static JsonObject *
empty_part (JsonObject *part)
{
  JsonObject *empty = oai_mock_object_copy (part);

  if (_oai_mock_item_is (part, "refusal"))
    oai_mock_object_set (empty, "refusal:s", "", NULL);
  else
    oai_mock_object_set (empty, "text:s", "", NULL);
  if (_oai_mock_item_is (part, "output_text"))
    oai_mock_object_set (empty, "annotations:a", json_array_new (), "logprobs:a", json_array_new (), NULL);

  return empty;
}

static void
add_message (Stream *self)
{
  JsonArray *content = oai_mock_get_array (self->item, "content");

  for (guint i = 0; i < json_array_get_length (content); i++)
    {
      JsonObject *part = json_array_get_object_element (content, i);

      oai_mock_object_set (add_part_event (self, "response.content_part.added", i), "part:o", empty_part (part), NULL);
      if (_oai_mock_item_is (part, "refusal"))
        add_refusal (self, i, part);
      else
        add_text (self, i, part);
      oai_mock_object_set (add_part_event (self, "response.content_part.done", i), "part:o", json_object_ref (part), NULL);
    }
}

static JsonObject *
add_summary_event (Stream *self, const char *type, guint index)
{
  JsonObject *event = add_item_event (self, type);

  oai_mock_object_set (event, "summary_index:i", index, NULL);
  return event;
}

static void
add_summary (Stream *self, guint index, JsonObject *part)
{
  const char *text = oai_mock_get_string (part, "text");
  g_auto (GStrv) tokens = _oai_mock_text_split (text);

  oai_mock_object_set (add_summary_event (self, "response.reasoning_summary_part.added", index), "part:o", empty_part (part), NULL);
  for (guint i = 0; tokens[i] != NULL; i++)
    oai_mock_object_set (add_summary_event (self, "response.reasoning_summary_text.delta", index), "delta:s", tokens[i], NULL);
  oai_mock_object_set (add_summary_event (self, "response.reasoning_summary_text.done", index), "text:s", text, NULL);
  oai_mock_object_set (add_summary_event (self, "response.reasoning_summary_part.done", index), "part:o", json_object_ref (part), NULL);
}

static void
add_thought (Stream *self, guint index, JsonObject *part)
{
  const char *text = oai_mock_get_string (part, "text");
  g_auto (GStrv) tokens = _oai_mock_text_split (text);

  oai_mock_object_set (add_part_event (self, "response.content_part.added", index), "part:o", empty_part (part), NULL);
  for (guint i = 0; tokens[i] != NULL; i++)
    oai_mock_object_set (add_part_event (self, "response.reasoning_text.delta", index), "delta:s", tokens[i], NULL);
  oai_mock_object_set (add_part_event (self, "response.reasoning_text.done", index), "text:s", text, NULL);
  oai_mock_object_set (add_part_event (self, "response.content_part.done", index), "part:o", json_object_ref (part), NULL);
}

static void
add_reasoning (Stream *self)
{
  JsonArray *summary = oai_mock_get_array (self->item, "summary");
  JsonArray *content = oai_mock_get_array (self->item, "content");

  for (guint i = 0; i < json_array_get_length (summary); i++)
    add_summary (self, i, json_array_get_object_element (summary, i));
  for (guint i = 0; content != NULL && i < json_array_get_length (content); i++)
    add_thought (self, i, json_array_get_object_element (content, i));
}

/* Adds events that have eight characters each. */
static void
add_chunks (Stream *self, const char *type, const char *text)
{
  while (*text != '\0')
    {
      const char *end = text;
      g_autofree char *chunk = NULL;

      for (guint i = 0; i < 8 && *end != '\0'; i++)
        end = g_utf8_next_char (end);
      chunk = g_strndup (text, end - text);
      oai_mock_object_set (add_item_event (self, type), "delta:s", chunk, NULL);
      text = end;
    }
}

static void
add_function_call (Stream *self)
{
  const char *arguments = oai_mock_get_string (self->item, "arguments");

  add_chunks (self, "response.function_call_arguments.delta", arguments);
  oai_mock_object_set (add_item_event (self, "response.function_call_arguments.done"), "name:s", oai_mock_get_string (self->item, "name"), "arguments:s", arguments, NULL);
}

static void
add_custom_call (Stream *self)
{
  const char *input = oai_mock_get_string (self->item, "input");

  add_chunks (self, "response.custom_tool_call_input.delta", input);
  oai_mock_object_set (add_item_event (self, "response.custom_tool_call_input.done"), "input:s", input, NULL);
}

static void
add_web_search (Stream *self)
{
  add_item_event (self, "response.web_search_call.in_progress");
  add_item_event (self, "response.web_search_call.searching");
  add_item_event (self, "response.web_search_call.completed");
}

static void
add_file_search (Stream *self)
{
  add_item_event (self, "response.file_search_call.in_progress");
  add_item_event (self, "response.file_search_call.searching");
  add_item_event (self, "response.file_search_call.completed");
}

static void
add_code_interpreter (Stream *self)
{
  const char *code = oai_mock_get_string (self->item, "code");

  add_item_event (self, "response.code_interpreter_call.in_progress");
  add_chunks (self, "response.code_interpreter_call_code.delta", code);
  oai_mock_object_set (add_item_event (self, "response.code_interpreter_call_code.done"), "code:s", code, NULL);
  add_item_event (self, "response.code_interpreter_call.interpreting");
  add_item_event (self, "response.code_interpreter_call.completed");
}

/* The number of images before the last one, as the tool's definition has it. */
static gint64
count_partial_images (Stream *self)
{
  JsonArray *tools = oai_mock_get_array (self->response, "tools");

  for (guint i = 0; i < json_array_get_length (tools); i++)
    if (_oai_mock_item_is (json_array_get_object_element (tools, i), "image_generation"))
      return oai_mock_get_int (json_array_get_object_element (tools, i), "partial_images", 0);

  return 0;
}

static void
add_image (Stream *self)
{
  const char *const kept[] = { "size", "quality", "background", "output_format", NULL };
  gint64 n = count_partial_images (self);

  add_item_event (self, "response.image_generation_call.in_progress");
  add_item_event (self, "response.image_generation_call.generating");
  for (gint64 i = 0; i < n; i++)
    {
      JsonObject *event = add_item_event (self, "response.image_generation_call.partial_image");

      oai_mock_object_set (event, "partial_image_index:l", i, "partial_image_b64:s", oai_mock_get_string (self->item, "result"), NULL);
      oai_mock_copy_members (self->item, event, kept);
    }
  add_item_event (self, "response.image_generation_call.completed");
}

static void
add_mcp_list (Stream *self)
{
  add_item_event (self, "response.mcp_list_tools.in_progress");
  add_item_event (self, "response.mcp_list_tools.completed");
}

static void
add_mcp_call (Stream *self)
{
  const char *arguments = oai_mock_get_string (self->item, "arguments");

  add_item_event (self, "response.mcp_call.in_progress");
  add_chunks (self, "response.mcp_call_arguments.delta", arguments);
  oai_mock_object_set (add_item_event (self, "response.mcp_call_arguments.done"), "arguments:s", arguments, NULL);
  add_item_event (self, "response.mcp_call.completed");
}

/* The events of shell commands have no item id. */
static JsonObject *
add_command_event (Stream *self, const char *type, guint index, const char *member, const char *text)
{
  JsonObject *event = add_event (self, type);

  oai_mock_object_set (event, "output_index:i", self->output_index, "command_index:i", index, NULL);
  json_object_set_string_member (event, member, text);

  return event;
}

static void
add_shell_call (Stream *self)
{
  JsonArray *commands = oai_mock_get_array (oai_mock_get_object (self->item, "action"), "commands");

  for (guint i = 0; i < json_array_get_length (commands); i++)
    {
      const char *command = json_array_get_string_element (commands, i);
      g_auto (GStrv) tokens = _oai_mock_text_split (command);

      add_command_event (self, "response.shell_call_command.added", i, "command", "");
      for (guint k = 0; tokens[k] != NULL; k++)
        add_command_event (self, "response.shell_call_command.delta", i, "delta", tokens[k]);
      add_command_event (self, "response.shell_call_command.done", i, "command", command);
    }
}

static void
add_shell_output (Stream *self)
{
  JsonArray *output = oai_mock_get_array (self->item, "output");

  for (guint i = 0; i < json_array_get_length (output); i++)
    {
      JsonObject *content = json_array_get_object_element (output, i);

      oai_mock_object_set (add_item_event (self, "response.shell_call_output_content.delta"), "command_index:i", i, "delta:o", oai_mock_object ("stdout:s", oai_mock_get_string (content, "stdout"), NULL), NULL);
      oai_mock_object_set (add_item_event (self, "response.shell_call_output_content.done"), "command_index:i", i, "output:a", oai_mock_array_of_object (json_object_ref (content)), NULL);
    }
}

static void
add_compaction (Stream *self)
{
  add_item_event (self, "response.compaction.compacting");
}

/* The item before its content has arrived. */
static JsonObject *
begun (JsonObject *item)
{
  const char *const texts[] = { "arguments", "input", "code" };
  const char *const arrays[] = { "content", "summary", "tools", "output" };
  const char *const nulls[] = { "result", "results", "outputs" };
  JsonObject *copy = oai_mock_object_copy (item);

  if (oai_mock_member (item, "status") != NULL)
    oai_mock_object_set (copy, "status:s", "in_progress", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (oai_mock_get_string (item, texts[i]) != NULL && !_oai_mock_item_is (item, "mcp_approval_request"))
      json_object_set_string_member (copy, texts[i], "");
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    if (oai_mock_get_array (item, arrays[i]) != NULL)
      json_object_set_array_member (copy, arrays[i], json_array_new ());
  for (guint i = 0; i < G_N_ELEMENTS (nulls); i++)
    if (json_object_has_member (item, nulls[i]))
      json_object_set_null_member (copy, nulls[i]);
  if (_oai_mock_item_is (item, "mcp_call"))
    json_object_set_null_member (copy, "output");

  return copy;
}

static const struct {
  const char *type;
  void (*add) (Stream *self);
} kinds[] = {
  { "message", add_message },
  { "reasoning", add_reasoning },
  { "function_call", add_function_call },
  { "custom_tool_call", add_custom_call },
  { "web_search_call", add_web_search },
  { "file_search_call", add_file_search },
  { "code_interpreter_call", add_code_interpreter },
  { "image_generation_call", add_image },
  { "mcp_list_tools", add_mcp_list },
  { "mcp_call", add_mcp_call },
  { "shell_call", add_shell_call },
  { "shell_call_output", add_shell_output },
  { "compaction", add_compaction },
};

static void
add_item (Stream *self)
{
  oai_mock_object_set (add_event (self, "response.output_item.added"), "output_index:i", self->output_index, "item:o", begun (self->item), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (_oai_mock_item_is (self->item, kinds[i].type))
      kinds[i].add (self);
  oai_mock_object_set (add_event (self, "response.output_item.done"), "output_index:i", self->output_index, "item:o", json_object_ref (self->item), NULL);
}

JsonArray *
_oai_mock_response_events (JsonObject *response)
{
  Stream stream = { json_array_new (), response, NULL, 0 };
  JsonArray *output = oai_mock_get_array (response, "output");
  gboolean background = oai_mock_get_boolean (response, "background", FALSE);
  g_autofree char *last = g_strconcat ("response.", oai_mock_get_string (response, "status"), NULL);

  oai_mock_object_set (add_event (&stream, "response.created"), "response:o", _oai_mock_response_as (response, background ? "queued" : "in_progress"), NULL);
  if (background)
    oai_mock_object_set (add_event (&stream, "response.queued"), "response:o", _oai_mock_response_as (response, "queued"), NULL);
  oai_mock_object_set (add_event (&stream, "response.in_progress"), "response:o", _oai_mock_response_as (response, "in_progress"), NULL);
  for (guint i = 0; i < json_array_get_length (output); i++)
    {
      stream.output_index = i;
      stream.item = json_array_get_object_element (output, i);
      add_item (&stream);
    }
  oai_mock_object_set (add_event (&stream, last), "response:o", json_object_ref (response), NULL);

  return stream.events;
}

/* Adds characters to a delta that hide its length, up to a multiple of 16. */
JsonObject *
_oai_mock_response_event_obfuscate (JsonObject *event)
{
  JsonObject *copy = oai_mock_object_copy (event);
  const char *delta = oai_mock_get_string (event, "delta");
  static const char padding[] = "abcdefghijklmnop";

  if (delta != NULL)
    oai_mock_object_set (copy, "obfuscation:s", &padding[strlen (delta) % 16], NULL);

  return copy;
}

/* Sends the events after the one with this number, which is -1 for all. */
OaiMockReply *
_oai_mock_response_stream (JsonArray *events, gint64 after, gboolean obfuscate)
{
  OaiMockReply *reply = oai_mock_reply_new_events ();

  for (guint i = after + 1; i < json_array_get_length (events); i++)
    {
      JsonObject *event = json_array_get_object_element (events, i);
      const char *type = oai_mock_get_string (event, "type");

      _oai_mock_reply_add_object_event (reply, type, obfuscate ? _oai_mock_response_event_obfuscate (event) : json_object_ref (event));
    }

  return reply;
}
