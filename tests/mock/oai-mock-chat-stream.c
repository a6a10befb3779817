/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Chat completions as a stream of chunks. */

#include "oai-mock-chat-private.h"

#include <string.h>

typedef struct {
  OaiMockChatAnswer *answer;
  OaiMockReply *reply;
  gboolean usage;
} Stream;

/* Takes @choices. */
static void
add_chunk (Stream *stream, JsonArray *choices, JsonObject *usage)
{
  OaiMockChatAnswer *answer = stream->answer;
  JsonObject *chunk = oai_mock_object ("id:s", answer->id, "object:s", "chat.completion.chunk", "created:l", answer->created, "model:s", answer->model,
                                       "service_tier:s", "default", "system_fingerprint:s", "fp_mock", "choices:a", choices, NULL);

  if (stream->usage)
    oai_mock_object_set (chunk, "usage:o", usage, NULL);
  _oai_mock_reply_add_object_event (stream->reply, NULL, chunk);
}

/* Takes @delta and @logprobs. */
static void
add_delta (Stream *stream, guint index, JsonObject *delta, JsonObject *logprobs, const char *finish_reason)
{
  JsonObject *choice = oai_mock_object ("index:i", index, "delta:o", delta, "logprobs:o", logprobs, "finish_reason:s", finish_reason, NULL);

  add_chunk (stream, oai_mock_array_of_object (choice), NULL);
}

static JsonObject *
token_logprobs (OaiMockChatAnswer *answer, const char *token)
{
  if (!answer->logprobs)
    return NULL;

  return oai_mock_object ("content:a", oai_mock_array_of_object (_oai_mock_logprob (token, answer->top_logprobs)), "refusal:z", NULL);
}

static void
add_words (Stream *stream, guint index, const char *member, const char *text)
{
  g_auto (GStrv) tokens = _oai_mock_text_split (text);
  g_autofree char *spec = g_strconcat (member, ":s", NULL);

  for (guint i = 0; tokens[i] != NULL; i++)
    add_delta (stream, index, oai_mock_object (spec, tokens[i], NULL), g_str_equal (member, "content") ? token_logprobs (stream->answer, tokens[i]) : NULL, NULL);
}

/* Takes @function. */
static void
add_call_delta (Stream *stream, guint index, guint call_index, JsonObject *head, const char *kind, JsonObject *function)
{
  JsonObject *part = oai_mock_object ("index:i", call_index, NULL);

  if (head != NULL)
    oai_mock_object_set (part, "id:s", oai_mock_get_string (head, "id"), "type:s", kind, NULL);
  json_object_set_object_member (part, kind, function);
  add_delta (stream, index, oai_mock_object ("tool_calls:a", oai_mock_array_of_object (part), NULL), NULL, NULL);
}

/* Arguments arrive eight characters at a time. */
static void
add_tool_call (Stream *stream, guint index, guint call_index, JsonObject *tool_call)
{
  const char *kind = oai_mock_get_string (tool_call, "type");
  JsonObject *inner = oai_mock_get_object (tool_call, kind);
  const char *member = g_str_equal (kind, "custom") ? "input" : "arguments";
  g_autofree char *spec = g_strconcat (member, ":s", NULL);
  const char *text = oai_mock_get_string (inner, member);

  add_call_delta (stream, index, call_index, tool_call, kind, oai_mock_object ("name:s", oai_mock_get_string (inner, "name"), spec, "", NULL));
  while (*text != '\0')
    {
      const char *end = text;
      g_autofree char *chunk = NULL;

      for (guint i = 0; i < 8 && *end != '\0'; i++)
        end = g_utf8_next_char (end);
      chunk = g_strndup (text, end - text);
      add_call_delta (stream, index, call_index, NULL, kind, oai_mock_object (spec, chunk, NULL));
      text = end;
    }
}

static void
add_tool_calls (Stream *stream, guint index)
{
  JsonArray *tool_calls = stream->answer->tool_calls;

  for (guint i = 0; tool_calls != NULL && i < json_array_get_length (tool_calls); i++)
    add_tool_call (stream, index, i, json_array_get_object_element (tool_calls, i));
}

static void
add_audio_delta (Stream *stream, guint index, JsonObject *audio)
{
  add_delta (stream, index, oai_mock_object ("audio:o", audio, NULL), NULL, NULL);
}

static void
add_audio (Stream *stream, guint index)
{
  JsonObject *audio = stream->answer->audio;
  const char *id = oai_mock_get_string (audio, "id");
  const char *data = oai_mock_get_string (audio, "data");
  g_auto (GStrv) tokens = _oai_mock_text_split (oai_mock_get_string (audio, "transcript"));
  gsize length = strlen (data);

  for (guint i = 0; tokens[i] != NULL; i++)
    add_audio_delta (stream, index, oai_mock_object ("id:s", id, "transcript:s", tokens[i], NULL));
  for (gsize at = 0; at < length; at += 4096)
    {
      g_autofree char *chunk = g_strndup (data + at, 4096);

      add_audio_delta (stream, index, oai_mock_object ("id:s", id, "data:s", chunk, NULL));
    }
  add_audio_delta (stream, index, oai_mock_object ("id:s", id, "expires_at:l", oai_mock_get_int (audio, "expires_at", 0), NULL));
}

static void
add_choice (Stream *stream, guint index)
{
  OaiMockChatAnswer *answer = stream->answer;

  add_delta (stream, index, oai_mock_object ("role:s", "assistant", "content:s", answer->text != NULL ? "" : NULL, "refusal:z", NULL), NULL, NULL);
  if (answer->reasoning != NULL)
    add_words (stream, index, "reasoning_content", answer->reasoning);
  if (answer->text != NULL)
    add_words (stream, index, "content", answer->text);
  if (answer->refusal != NULL)
    add_words (stream, index, "refusal", answer->refusal);
  if (answer->audio != NULL)
    add_audio (stream, index);
  add_tool_calls (stream, index);
  if (answer->function_call != NULL)
    add_delta (stream, index, oai_mock_object ("function_call:o", json_object_ref (answer->function_call), NULL), NULL, NULL);
  add_delta (stream, index, json_object_new (), NULL, answer->finish_reason);
}

OaiMockReply *
_oai_mock_chat_answer_to_stream (OaiMockChatAnswer *self, JsonObject *request)
{
  JsonObject *options = oai_mock_get_object (request, "stream_options");
  Stream stream = { self, oai_mock_reply_new_events (), FALSE };

  stream.usage = options != NULL && oai_mock_get_boolean (options, "include_usage", FALSE);
  for (guint i = 0; i < self->n; i++)
    add_choice (&stream, i);
  if (stream.usage)
    add_chunk (&stream, json_array_new (), json_object_ref (self->usage));
  _oai_mock_reply_add_done (stream.reply);

  return stream.reply;
}
