/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streamed replies: the chunks, and the events of the chat helper. */

#include "driver.h"

#include <string.h>

#include "oai-chat-endpoint.h"
#include "oai-chat-stream.h"
#include "oai-json-doc-private.h"
#include "oai-json-partial-private.h"

typedef struct
{
  JsonArray *types;
  JsonArray *events;
  JsonObject *request;  /* the request, or NULL */
} Log;

OaiStream *
driver_open_stream (DriverCase *self, DriverInvocation *invocation)
{
  g_autoptr(GError) error = NULL;

  if (!driver_make_client (self, &error)
      || !driver_invocation_init (invocation, self, driver_get_string (self->fixture, "operation"), driver_get_object (self->fixture, "arguments"), &error))
    {
      driver_report_error (self, error);
      return NULL;
    }

  return oai_endpoint_stream (invocation->endpoint, invocation->index, (const char *const *) invocation->path_arguments,
                              invocation->query, invocation->request);
}

static JsonNode *
record_to_node (OaiRecord *record)
{
  g_autofree char *json = oai_record_to_json (record);

  return json_from_string (json, NULL);
}

static void
on_event (OaiStream *stream, const char *name, const char *data, JsonArray *events)
{
  JsonObject *event = json_object_new ();

  if (name != NULL)
    json_object_set_string_member (event, "event", name);
  driver_set_json (event, "data", data);
  json_array_add_object_element (events, event);
}

/* "items" are the chunks from next(), "raw_events" the events from ::event. */
static void
play_stream (DriverCase *self)
{
  g_auto(DriverInvocation) invocation = { 0 };
  g_autoptr(OaiStream) stream = driver_open_stream (self, &invocation);
  g_autoptr(GError) error = NULL;
  JsonArray *items = json_array_new ();
  JsonArray *events = json_array_new ();
  OaiRecord *chunk;

  json_object_set_array_member (self->out, "items", items);
  json_object_set_array_member (self->out, "raw_events", events);
  if (stream == NULL)
    return;

  g_signal_connect (stream, "event", G_CALLBACK (on_event), events);
  while ((chunk = oai_stream_next (stream, NULL, &error)) != NULL)
    {
      json_array_add_element (items, record_to_node (chunk));
      g_object_unref (chunk);
    }
  if (error != NULL)
    driver_report_error (self, error);
  driver_report_call (self);
}

/* Events of the chat helper */

static JsonObject *
add_event (Log *log, const char *type)
{
  JsonObject *event = json_object_new ();

  json_array_add_string_element (log->types, type);
  json_object_set_string_member (event, "type", type);
  json_array_add_object_element (log->events, event);

  return event;
}

static gboolean
wants_schema (Log *log)
{
  JsonObject *format = driver_get_object (log->request, "response_format");

  return format != NULL && g_strcmp0 (driver_get_string (format, "type"), "json_schema") == 0;
}

static gboolean
wants_strict (Log *log, const char *tool)
{
  JsonArray *tools = driver_get_array (log->request, "tools");

  for (guint i = 0; tools != NULL && i < json_array_get_length (tools); i++)
    {
      JsonObject *function = driver_get_object (json_array_get_object_element (tools, i), "function");

      if (function != NULL && g_strcmp0 (driver_get_string (function, "name"), tool) == 0)
        return json_object_has_member (function, "strict") && json_object_get_boolean_member (function, "strict");
    }

  return FALSE;
}

static void
on_chunk (OaiStream *stream, OaiRecord *chunk, Log *log)
{
  json_array_add_string_element (log->types, "chunk");
}

static void
on_content_delta (OaiChatStream *stream, const char *text, guint choice, Log *log)
{
  JsonObject *event = add_event (log, "content.delta");
  g_autofree char *parsed = wants_schema (log) ? oai_chat_stream_dup_partial_json (stream, choice) : NULL;

  json_object_set_string_member (event, "delta", text);
  json_object_set_string_member (event, "snapshot", oai_chat_stream_get_content (stream, choice));
  if (parsed != NULL)
    driver_set_json (event, "parsed", parsed);
}

static gboolean
json_text_is_whole (const char *text)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (text, -1, OAI_JSON_STRICT, NULL);

  return doc != NULL;
}

static void
on_content_done (OaiChatStream *stream, const char *text, guint choice, Log *log)
{
  JsonObject *event = add_event (log, "content.done");

  json_object_set_string_member (event, "content", text);
  /* A refusal or a truncated reply is not parsed. */
  if (wants_schema (log) && oai_chat_stream_get_refusal (stream, choice) == NULL && json_text_is_whole (text))
    driver_set_json (event, "parsed", text);
}

static void
on_refusal_delta (OaiChatStream *stream, const char *text, guint choice, Log *log)
{
  JsonObject *event = add_event (log, "refusal.delta");

  json_object_set_string_member (event, "delta", text);
  json_object_set_string_member (event, "snapshot", oai_chat_stream_get_refusal (stream, choice));
}

static void
on_refusal_done (OaiChatStream *stream, const char *text, guint choice, Log *log)
{
  json_object_set_string_member (add_event (log, "refusal.done"), "refusal", text);
}

static void
set_arguments (JsonObject *event, Log *log, const char *name, guint call, const char *arguments)
{
  if (name != NULL)
    json_object_set_string_member (event, "name", name);
  json_object_set_int_member (event, "index", call);
  json_object_set_string_member (event, "arguments", arguments != NULL ? arguments : "");
  if (wants_strict (log, name) && arguments != NULL)
    {
      g_autofree char *parsed = oai_json_complete (arguments, OAI_JSON_PARTIAL_NUMBERS);

      if (parsed != NULL)
        driver_set_json (event, "parsed_arguments", parsed);
    }
}

static gboolean
is_custom (OaiChatToolCall *call)
{
  return g_strcmp0 (oai_record_get_string_member (OAI_RECORD (call), "type"), "custom") == 0;
}

/* The SDKs have no events for the input of custom tools; this library emits those of functions. */
static void
on_tool_call_delta (OaiChatStream *stream, const char *name, const char *delta, guint choice, guint index, Log *log)
{
  g_autoptr(OaiChatToolCall) call = oai_chat_stream_dup_tool_call (stream, choice, index);
  JsonObject *event;

  if (is_custom (call))
    return;
  event = add_event (log, "tool_calls.function.arguments.delta");
  set_arguments (event, log, name, index, oai_chat_tool_call_get_input (call));
  json_object_set_string_member (event, "arguments_delta", delta);
}

static void
on_tool_call_done (OaiChatStream *stream, OaiChatToolCall *call, guint choice, guint index, Log *log)
{
  if (!is_custom (call))
    set_arguments (add_event (log, "tool_calls.function.arguments.done"), log, oai_chat_tool_call_get_name (call), index, oai_chat_tool_call_get_input (call));
}

static JsonNode *
dup_tokens (OaiChatStream *stream, guint choice, const char *kind)
{
  g_autoptr(OaiChatCompletion) completion = oai_chat_stream_dup_completion (stream);
  g_autoptr(JsonNode) root = record_to_node (OAI_RECORD (completion));
  JsonArray *choices = json_object_get_array_member (json_node_get_object (root), "choices");
  JsonObject *logprobs = driver_get_object (json_array_get_object_element (choices, choice), "logprobs");

  return json_node_copy (json_object_get_member (logprobs, kind));
}

static void
on_logprobs_delta (OaiChatStream *stream, const char *tokens, const char *kind, guint choice, Log *log)
{
  g_autofree char *type = g_strconcat ("logprobs.", kind, ".delta", NULL);
  JsonObject *event = add_event (log, type);

  json_object_set_member (event, kind, json_from_string (tokens, NULL));
  json_object_set_member (event, "snapshot", dup_tokens (stream, choice, kind));
}

static void
on_logprobs_done (OaiChatStream *stream, const char *tokens, const char *kind, guint choice, Log *log)
{
  g_autofree char *type = g_strconcat ("logprobs.", kind, ".done", NULL);

  json_object_set_member (add_event (log, type), kind, json_from_string (tokens, NULL));
}

static void
listen (OaiStream *stream, Log *log)
{
  g_signal_connect (stream, "chunk", G_CALLBACK (on_chunk), log);
  g_signal_connect (stream, "content-delta", G_CALLBACK (on_content_delta), log);
  g_signal_connect (stream, "content-done", G_CALLBACK (on_content_done), log);
  g_signal_connect (stream, "refusal-delta", G_CALLBACK (on_refusal_delta), log);
  g_signal_connect (stream, "refusal-done", G_CALLBACK (on_refusal_done), log);
  g_signal_connect (stream, "tool-call-delta", G_CALLBACK (on_tool_call_delta), log);
  g_signal_connect (stream, "tool-call-done", G_CALLBACK (on_tool_call_done), log);
  g_signal_connect (stream, "logprobs-delta", G_CALLBACK (on_logprobs_delta), log);
  g_signal_connect (stream, "logprobs-done", G_CALLBACK (on_logprobs_done), log);
}

static void
play_chat_stream (DriverCase *self)
{
  g_auto(DriverInvocation) invocation = { 0 };
  g_autoptr(OaiStream) stream = driver_open_stream (self, &invocation);
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;
  Log log = { json_array_new (), json_array_new (), driver_get_object (self->fixture, "arguments") };
  g_autofree char *json = NULL;

  json_object_set_array_member (self->out, "event_types", log.types);
  json_object_set_array_member (self->out, "events", log.events);
  if (stream == NULL)
    return;

  listen (stream, &log);
  result = oai_stream_run (stream, NULL, &error);
  if (error != NULL)
    driver_report_error (self, error);
  if (result != NULL)
    {
      json = oai_record_to_json (result);
      driver_set_json (self->out, "final", json);
    }
}

const DriverEntry driver_stream_table[] = {
  { "stream", play_stream },
  { "chat_stream", play_chat_stream },
  { NULL, NULL },
};
