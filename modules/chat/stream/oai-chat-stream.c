/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-stream.h"

#include <string.h>

#include "oai-chat-accumulator-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-partial-private.h"

static gboolean
check (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  OaiChatAccumulator *state = oai_stream_get_state (self);

  if (!state->request_read)
    {
      if (oai_chat_check_chunk (doc, event, 1, NULL))
        return TRUE;
      oai_chat_accumulator_read_request (state);
    }

  return oai_chat_check_chunk (doc, event, state->n_choices, error);
}

gboolean
oai_chat_stream_add_chunk (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  return oai_chat_accumulator_add (oai_stream_get_state (self), doc, event, error);
}

/* Whole replies */

/* Adds the index of each call, as deltas have it. */
static OaiJsonValue *
new_tool_calls (OaiJsonDoc *doc, OaiJsonNode calls)
{
  OaiJsonValue *list = oai_json_value_new_array ();
  OaiJsonIter iter;
  OaiJsonNode call;

  oai_json_iter_init (&iter, doc, calls);
  for (guint i = 0; oai_json_iter_next (&iter, NULL, &call); i++)
    {
      OaiJsonValue *delta = oai_json_value_append (list, oai_json_value_new_from_node (doc, call));

      if (oai_json_value_get_type (delta) == OAI_JSON_OBJECT)
        oai_json_value_set_member (delta, "index", oai_json_value_new_int (i));
    }

  return list;
}

static OaiJsonValue *
new_delta (OaiJsonDoc *doc, OaiJsonNode message)
{
  OaiJsonValue *delta = oai_json_value_new_from_node (doc, message);
  OaiJsonNode calls = oai_json_get_member (doc, message, "tool_calls");

  if (oai_json_get_type (doc, calls) == OAI_JSON_ARRAY)
    oai_json_value_set_member (delta, "tool_calls", new_tool_calls (doc, calls));

  return delta;
}

/* Creates a choice in which the message is a delta. */
static OaiJsonValue *
new_choice (OaiJsonDoc *doc, OaiJsonNode choice)
{
  gboolean has_delta = oai_json_get_type (doc, oai_json_get_member (doc, choice, "delta")) == OAI_JSON_OBJECT;
  OaiJsonValue *value;
  OaiJsonIter iter;
  OaiJsonNode member;
  const char *name;

  if (has_delta || oai_json_get_type (doc, choice) != OAI_JSON_OBJECT)
    return oai_json_value_new_from_node (doc, choice);

  value = oai_json_value_new_object ();
  oai_json_iter_init_members (&iter, doc, choice);
  while (oai_json_iter_next (&iter, &name, &member))
    if (strcmp (name, "message") == 0 && oai_json_get_type (doc, member) == OAI_JSON_OBJECT)
      oai_json_value_set_member (value, "delta", new_delta (doc, member));
    else if (strcmp (name, "delta") != 0)
      oai_json_value_set_member (value, name, oai_json_value_new_from_node (doc, member));

  return value;
}

/* Some servers omit members that each completion has, or have another name for its kind.  Only an object that says
 * that it is of another kind, and has no choices, is none. */
static gboolean
is_reply (OaiJsonDoc *doc, OaiJsonNode object)
{
  const char *kind = oai_json_get_string (doc, oai_json_get_member (doc, object, "object"), NULL);

  return kind == NULL || g_str_has_prefix (kind, "chat.completion")
         || oai_json_get_type (doc, oai_json_get_member (doc, object, "choices")) == OAI_JSON_ARRAY;
}

/* Converts the completion to one chunk. */
static gboolean
split_reply (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode reply, GError **error)
{
  OaiJsonValue *chunk = oai_json_value_new_from_node (doc, reply);
  OaiJsonNode choices = oai_json_get_member (doc, reply, "choices");
  OaiJsonIter iter;
  OaiJsonNode choice;

  if (oai_json_value_get_member (chunk, "object") != NULL)
    oai_json_value_set_member (chunk, "object", oai_json_value_new_string ("chat.completion.chunk", -1));
  if (oai_json_get_type (doc, choices) == OAI_JSON_ARRAY)
    {
      OaiJsonValue *list = oai_json_value_set_member (chunk, "choices", oai_json_value_new_array ());

      oai_json_iter_init (&iter, doc, choices);
      while (oai_json_iter_next (&iter, NULL, &choice))
        oai_json_value_append (list, new_choice (doc, choice));
    }
  oai_stream_add_event (self, NULL, chunk);

  return TRUE;
}

/* The end */

static gboolean
complete (OaiStream *self, OaiStreamEnd end, GError **error)
{
  OaiChatAccumulator *state = oai_stream_get_state (self);

  if (!oai_chat_accumulator_is_finished (state) && end != OAI_STREAM_END_DONE)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The server ended the stream before the completion was finished"));
      return FALSE;
    }
  if (!oai_chat_accumulator_end_audio (state, error))
    return FALSE;
  oai_chat_accumulator_read_request (state);
  if (!state->wants_json_schema)
    return TRUE;

  if (oai_chat_accumulator_has_reason (state, "length"))
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_LENGTH, _("Could not parse response content as the length limit was reached"));
  else if (oai_chat_accumulator_has_reason (state, "content_filter"))
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONTENT_FILTER, _("Could not parse response content as the request was rejected by the content filter"));
  else
    return TRUE;

  return FALSE;
}

static gboolean
build_result (OaiStream *self, OaiJsonBuilder *builder)
{
  oai_chat_accumulator_build_completion (oai_stream_get_state (self), builder);

  return TRUE;
}

const OaiStreamHooks oai_chat_stream_hooks = {
  .state_size = sizeof (OaiChatAccumulator),
  .init_state = oai_chat_accumulator_init,
  .clear_state = oai_chat_accumulator_clear,
  .check = check,
  .finds_errors = TRUE,
  .is_reply = is_reply,
  .split_reply = split_reply,
  .complete = complete,
  .build_result = build_result,
};

/**
 * oai_chat_stream_get_content:
 * @self: a stream
 * @choice_index: index of the reply; 0 unless several were requested
 *
 * Gets the text as far as it has arrived.
 *
 * Returns: (nullable) (transfer none): the text, or %NULL if there is none; valid until the next
 *   chunk
 *
 * Since: 1.0
 */
const char *
oai_chat_stream_get_content (OaiChatStream *self, guint choice_index)
{
  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  return oai_chat_accumulator_get_text (oai_stream_get_state (OAI_STREAM (self)), choice_index, OAI_CHAT_TEXT_CONTENT);
}

/**
 * oai_chat_stream_get_refusal:
 * @self: a stream
 * @choice_index: index of the reply; 0 unless several were requested
 *
 * Gets the refusal of the model as far as it has arrived.
 *
 * Returns: (nullable) (transfer none): the refusal, or %NULL if there is none; valid until the next
 *   chunk
 *
 * Since: 1.0
 */
const char *
oai_chat_stream_get_refusal (OaiChatStream *self, guint choice_index)
{
  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  return oai_chat_accumulator_get_text (oai_stream_get_state (OAI_STREAM (self)), choice_index, OAI_CHAT_TEXT_REFUSAL);
}

/**
 * oai_chat_stream_get_reasoning:
 * @self: a stream
 * @choice_index: index of the reply; 0 unless several were requested
 *
 * Gets the reasoning of the model as far as it has arrived.
 *
 * Returns: (nullable) (transfer none): the reasoning, or %NULL if there is none; valid until the
 *   next chunk
 *
 * Since: 1.0
 */
const char *
oai_chat_stream_get_reasoning (OaiChatStream *self, guint choice_index)
{
  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  return oai_chat_accumulator_get_text (oai_stream_get_state (OAI_STREAM (self)), choice_index, OAI_CHAT_TEXT_REASONING);
}

/**
 * oai_chat_stream_dup_partial_json:
 * @self: a stream
 * @choice_index: index of the reply; 0 unless several were requested
 *
 * Gets the JSON of a reply as far as it has arrived, as complete JSON: open objects and lists are
 * closed, and an unfinished string is omitted. A program can use this to show a structured reply
 * while it arrives. Text after the beginning of a refusal is omitted.
 *
 * Returns: (nullable) (transfer full): JSON text, or %NULL if there is none
 *
 * Since: 1.0
 */
char *
oai_chat_stream_dup_partial_json (OaiChatStream *self, guint choice_index)
{
  g_autofree char *content = NULL;
  g_autofree char *json = NULL;
  g_autoptr(OaiJsonDoc) doc = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  content = oai_chat_accumulator_dup_json_text (oai_stream_get_state (OAI_STREAM (self)), choice_index);
  if (content != NULL)
    json = oai_json_complete (content, OAI_JSON_PARTIAL_NUMBERS);
  if (json != NULL)
    doc = oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT, NULL);

  return doc != NULL ? g_steal_pointer (&json) : NULL;
}

/**
 * oai_chat_stream_dup_tool_call:
 * @self: a stream
 * @choice_index: index of the reply; 0 unless several were requested
 * @call_index: index of the call among the calls of the reply
 *
 * Gets a tool call as far as it has arrived.
 *
 * Returns: (nullable) (transfer full): the call, or %NULL if there is none
 *
 * Since: 1.0
 */
OaiChatToolCall *
oai_chat_stream_dup_tool_call (OaiChatStream *self, guint choice_index, guint call_index)
{
  char *json;

  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  json = oai_chat_accumulator_dup_tool_call (oai_stream_get_state (OAI_STREAM (self)), choice_index, call_index);
  if (json == NULL)
    return NULL;

  return OAI_CHAT_TOOL_CALL (oai_stream_new_record (OAI_STREAM (self), OAI_TYPE_CHAT_TOOL_CALL, json));
}
