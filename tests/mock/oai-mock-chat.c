/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The content of chat completions, which depends only on the request. */

#include "oai-mock-chat-private.h"
#include "oai-mock-wav-private.h"

#include <string.h>

void
_oai_mock_chat_answer_clear (OaiMockChatAnswer *self)
{
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->model, g_free);
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->refusal, g_free);
  g_clear_pointer (&self->reasoning, g_free);
  g_clear_pointer (&self->tool_calls, json_array_unref);
  g_clear_pointer (&self->function_call, json_object_unref);
  g_clear_pointer (&self->audio, json_object_unref);
  g_clear_pointer (&self->usage, json_object_unref);
}

static JsonObject *
last_message (JsonArray *messages)
{
  guint length = messages != NULL ? json_array_get_length (messages) : 0;

  return length > 0 ? oai_mock_array_get_object (messages, length - 1) : NULL;
}

static const char *
tool_name (JsonObject *tool)
{
  JsonObject *inner = oai_mock_get_object (tool, "function");

  if (inner == NULL)
    inner = oai_mock_get_object (tool, "custom");

  return inner != NULL ? oai_mock_get_string (inner, "name") : oai_mock_get_string (tool, "name");
}

static JsonObject *
find_tool (JsonArray *tools, const char *name)
{
  for (guint i = 0; tools != NULL && i < json_array_get_length (tools); i++)
    if (g_strcmp0 (tool_name (oai_mock_array_get_object (tools, i)), name) == 0)
      return oai_mock_array_get_object (tools, i);

  return NULL;
}

/* The tool that `tool_choice` names. */
static JsonObject *
named_tool (JsonObject *body, JsonArray *tools)
{
  JsonObject *choice = oai_mock_get_object (body, "tool_choice");
  const char *name = choice != NULL ? tool_name (choice) : NULL;

  return name != NULL ? find_tool (tools, name) : NULL;
}

static const char *
choice_mode (JsonObject *body)
{
  JsonObject *choice = oai_mock_get_object (body, "tool_choice");
  JsonObject *allowed = choice != NULL ? oai_mock_get_object (choice, "allowed_tools") : NULL;

  return allowed != NULL ? oai_mock_get_string (allowed, "mode") : oai_mock_get_string (body, "tool_choice");
}

/* Calls all tools if the user's message contains "tools", and otherwise the first one. */
static void
decide_tool_calls (OaiMockCall *call, OaiMockChatAnswer *answer, const char *said, JsonObject *last)
{
  JsonArray *tools = oai_mock_get_array (call->body, "tools");
  const char *mode = choice_mode (call->body);
  JsonObject *named = named_tool (call->body, tools);
  gboolean wanted = _oai_mock_text_mentions (said, "tool") && g_strcmp0 (oai_mock_get_string (last, "role"), "tool") != 0;
  gboolean parallel = _oai_mock_text_mentions (said, "tools") && oai_mock_get_boolean (call->body, "parallel_tool_calls", TRUE);

  if (tools == NULL || json_array_get_length (tools) == 0 || g_strcmp0 (mode, "none") == 0)
    return;
  if (!wanted && named == NULL && g_strcmp0 (mode, "required") != 0)
    return;

  answer->tool_calls = json_array_new ();
  for (guint i = 0; i < (parallel && named == NULL ? json_array_get_length (tools) : 1); i++)
    {
      JsonObject *tool = named != NULL ? named : oai_mock_array_get_object (tools, i);

      json_array_add_object_element (answer->tool_calls, _oai_mock_tool_call (call->store, tool, said));
    }
  answer->finish_reason = named != NULL ? "stop" : "tool_calls";
}

/* Functions, the predecessor of tools. */
static void
decide_function_call (OaiMockCall *call, OaiMockChatAnswer *answer, const char *said, JsonObject *last)
{
  JsonArray *functions = oai_mock_get_array (call->body, "functions");
  JsonObject *choice = oai_mock_get_object (call->body, "function_call");
  JsonObject *function = choice != NULL ? find_tool (functions, oai_mock_get_string (choice, "name")) : oai_mock_array_get_object (functions, 0);
  g_autoptr (JsonObject) tool = NULL;
  g_autoptr (JsonObject) made = NULL;

  if (function == NULL || g_strcmp0 (oai_mock_get_string (call->body, "function_call"), "none") == 0)
    return;
  if (choice == NULL && (!_oai_mock_text_mentions (said, "tool") || g_strcmp0 (oai_mock_get_string (last, "role"), "function") == 0))
    return;

  tool = oai_mock_object ("function:o", json_object_ref (function), NULL);
  made = _oai_mock_tool_call (call->store, tool, said);
  answer->function_call = json_object_ref (oai_mock_get_object (made, "function"));
  answer->finish_reason = "function_call";
}

static char *
shape_text (JsonObject *body, const char *text)
{
  JsonObject *format = oai_mock_get_object (body, "response_format");
  JsonObject *schema = format != NULL ? oai_mock_get_object (format, "json_schema") : NULL;

  return _oai_mock_text_in_format (format, schema != NULL ? oai_mock_get_object (schema, "schema") : NULL, text);
}

static void
truncate_at_stop (char *text, JsonNode *stop)
{
  JsonArray *several = stop != NULL && JSON_NODE_HOLDS_ARRAY (stop) ? json_node_get_array (stop) : NULL;
  guint n = several != NULL ? json_array_get_length (several) : stop != NULL;

  for (guint i = 0; i < n; i++)
    {
      const char *mark = several != NULL ? json_array_get_string_element (several, i) : json_node_get_string (stop);
      char *found = mark != NULL && *mark != '\0' ? strstr (text, mark) : NULL;

      if (found != NULL)
        *found = '\0';
    }
}

static void
truncate_to_length (OaiMockChatAnswer *answer, gint64 limit)
{
  g_auto (GStrv) tokens = _oai_mock_text_split (answer->text);
  guint n = g_strv_length (tokens);

  if (limit <= 0 || n <= limit)
    return;
  for (guint i = limit; i < n; i++)
    g_clear_pointer (&tokens[i], g_free);
  g_free (answer->text);
  answer->text = g_strjoinv ("", tokens);
  answer->finish_reason = "length";
}

static void
decide_text (OaiMockCall *call, OaiMockChatAnswer *answer, const char *said, JsonObject *last)
{
  const char *role = last != NULL ? oai_mock_get_string (last, "role") : NULL;
  g_autofree char *text = NULL;

  if (_oai_mock_text_mentions (said, "refuse"))
    {
      answer->refusal = g_strdup ("I'm sorry, I can't assist with that request.");
      return;
    }
  if (g_strcmp0 (role, "tool") == 0 || g_strcmp0 (role, "function") == 0)
    {
      g_autofree char *result = _oai_mock_text_of_content (oai_mock_member (last, "content"));

      text = g_strdup_printf ("The tool said: %s", result);
    }
  else
    text = g_strdup_printf ("You said: %s", said);

  answer->text = shape_text (call->body, text);
  truncate_at_stop (answer->text, oai_mock_member (call->body, "stop"));
  truncate_to_length (answer, oai_mock_get_int (call->body, "max_completion_tokens", oai_mock_get_int (call->body, "max_tokens", 0)));
}

static gboolean
wants_audio (JsonObject *body)
{
  JsonArray *modalities = oai_mock_get_array (body, "modalities");

  for (guint i = 0; modalities != NULL && i < json_array_get_length (modalities); i++)
    if (g_strcmp0 (json_array_get_string_element (modalities, i), "audio") == 0)
      return TRUE;

  return FALSE;
}

static void
speak (OaiMockCall *call, OaiMockChatAnswer *answer)
{
  g_autoptr (GBytes) wav = _oai_mock_wav_new (answer->text);
  g_autofree char *data = g_base64_encode (g_bytes_get_data (wav, NULL), g_bytes_get_size (wav));
  g_autofree char *id = _oai_mock_store_new_id (call->store, "audio_");

  answer->audio = oai_mock_object ("id:s", id, "expires_at:l", answer->created + 3600, "data:s", data, "transcript:s", answer->text, NULL);
  g_clear_pointer (&answer->text, g_free);
}

static void
count_usage (OaiMockCall *call, OaiMockChatAnswer *answer)
{
  const char *spoken = answer->audio != NULL ? oai_mock_get_string (answer->audio, "transcript") : answer->text != NULL ? answer->text : answer->refusal;
  guint completion = spoken != NULL ? _oai_mock_text_count (spoken) : 7;

  answer->usage = _oai_mock_usage (_oai_mock_text_count_messages (oai_mock_get_array (call->body, "messages")),
                                   completion * answer->n, _oai_mock_text_count (answer->reasoning));
}

static void
decide (OaiMockCall *call, OaiMockChatAnswer *answer)
{
  JsonArray *messages = oai_mock_get_array (call->body, "messages");
  JsonObject *last = last_message (messages);
  g_autofree char *said = _oai_mock_text_of_last_user (messages);
  const char *effort = oai_mock_get_string (call->body, "reasoning_effort");

  answer->id = _oai_mock_store_new_id (call->store, "chatcmpl-");
  answer->created = _oai_mock_store_now (call->store);
  answer->model = g_strdup (oai_mock_get_string (call->body, "model"));
  answer->n = CLAMP (oai_mock_get_int (call->body, "n", 1), 1, 128);
  answer->logprobs = oai_mock_get_boolean (call->body, "logprobs", FALSE);
  answer->top_logprobs = oai_mock_get_int (call->body, "top_logprobs", 0);
  answer->finish_reason = "stop";

  if (effort != NULL && !g_str_equal (effort, "none"))
    answer->reasoning = g_strdup_printf ("The user said: %s", said);
  decide_tool_calls (call, answer, said, last);
  if (answer->tool_calls == NULL)
    decide_function_call (call, answer, said, last);
  if (answer->tool_calls == NULL && answer->function_call == NULL)
    decide_text (call, answer, said, last);
  if (answer->text != NULL && wants_audio (call->body))
    speak (call, answer);
  count_usage (call, answer);
}

static JsonObject *
make_logprobs (OaiMockChatAnswer *self)
{
  g_auto (GStrv) tokens = _oai_mock_text_split (self->text != NULL ? self->text : "");
  JsonArray *content;

  if (!self->logprobs || self->text == NULL)
    return NULL;
  content = json_array_new ();
  for (guint i = 0; tokens[i] != NULL; i++)
    json_array_add_object_element (content, _oai_mock_logprob (tokens[i], self->top_logprobs));

  return oai_mock_object ("content:a", content, "refusal:z", NULL);
}

static JsonObject *
make_choice (OaiMockChatAnswer *self, guint index)
{
  JsonObject *message = oai_mock_object ("role:s", "assistant", "content:s", self->text, "refusal:s", self->refusal, "annotations:a", json_array_new (), NULL);

  if (self->reasoning != NULL)
    oai_mock_object_set (message, "reasoning_content:s", self->reasoning, NULL);
  if (self->tool_calls != NULL)
    oai_mock_object_set (message, "tool_calls:a", json_array_ref (self->tool_calls), NULL);
  if (self->function_call != NULL)
    oai_mock_object_set (message, "function_call:o", json_object_ref (self->function_call), NULL);
  if (self->audio != NULL)
    oai_mock_object_set (message, "audio:o", json_object_ref (self->audio), NULL);

  return oai_mock_object ("index:i", index, "message:o", message, "logprobs:o", make_logprobs (self), "finish_reason:s", self->finish_reason, NULL);
}

JsonObject *
_oai_mock_chat_answer_to_object (OaiMockChatAnswer *self)
{
  JsonArray *choices = json_array_new ();

  for (guint i = 0; i < self->n; i++)
    json_array_add_object_element (choices, make_choice (self, i));

  return oai_mock_object ("id:s", self->id, "object:s", "chat.completion", "created:l", self->created, "model:s", self->model,
                          "choices:a", choices, "usage:o", json_object_ref (self->usage),
                          "service_tier:s", "default", "system_fingerprint:s", "fp_mock", NULL);
}

static OaiMockReply *
check_chat (OaiMockCall *call)
{
  JsonArray *messages = oai_mock_get_array (call->body, "messages");
  const char *model = oai_mock_get_string (call->body, "model");

  if (model == NULL && call->deployment == NULL)
    return _oai_mock_call_invalid (call, "model", "you must provide a model parameter");
  if (g_strcmp0 (model, "no-such-model") == 0)
    return _oai_mock_reply_new_error_for (404, "invalid_request_error", "model_not_found", NULL, "The model `%s` does not exist or you do not have access to it.", model);
  if (messages == NULL || json_array_get_length (messages) == 0)
    return _oai_mock_call_invalid (call, "messages", "Invalid 'messages': it must hold at least one message.");
  if (oai_mock_get_boolean (call->body, "logprobs", FALSE) == FALSE && oai_mock_member (call->body, "top_logprobs") != NULL)
    return _oai_mock_call_invalid (call, "top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is enabled.");

  return NULL;
}

static JsonObject *
get_element (JsonArray *array, guint place)
{
  JsonNode *node = json_array_get_element (array, place);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* Whether one of the tool messages after the message at that index has the result of the call. */
static gboolean
is_answered (JsonArray *messages, guint place, const char *id)
{
  for (guint i = place + 1; i < json_array_get_length (messages); i++)
    {
      JsonObject *message = get_element (messages, i);

      if (message == NULL || g_strcmp0 (oai_mock_get_string (message, "role"), "tool") != 0)
        return FALSE;
      if (g_strcmp0 (oai_mock_get_string (message, "tool_call_id"), id) == 0)
        return TRUE;
    }

  return FALSE;
}

static OaiMockReply *
check_answers (OaiMockCall *call)
{
  JsonArray *messages = oai_mock_get_array (call->body, "messages");

  for (guint i = 0; i < json_array_get_length (messages); i++)
    {
      JsonObject *message = get_element (messages, i);
      JsonArray *calls = message != NULL ? oai_mock_get_array (message, "tool_calls") : NULL;

      for (guint k = 0; calls != NULL && k < json_array_get_length (calls); k++)
        if (get_element (calls, k) != NULL && !is_answered (messages, i, oai_mock_get_string (get_element (calls, k), "id")))
          return _oai_mock_call_invalid (call, "messages", "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.");
    }

  return NULL;
}

static OaiMockReply *
create_chat (OaiMockCall *call)
{
  g_auto (OaiMockChatAnswer) answer = { NULL };
  g_autoptr (JsonObject) completion = NULL;
  OaiMockReply *problem;

  if (call->body == NULL)
    return _oai_mock_call_invalid (call, NULL, "The request needs a body.");
  problem = check_chat (call);
  if (problem == NULL)
    problem = check_answers (call);
  if (problem != NULL)
    return problem;

  decide (call, &answer);
  if (answer.model == NULL)
    answer.model = g_strdup (call->deployment);
  completion = _oai_mock_chat_answer_to_object (&answer);
  if (oai_mock_get_boolean (call->body, "store", FALSE))
    _oai_mock_chat_remember (call, completion);
  if (oai_mock_get_boolean (call->body, "stream", FALSE))
    return _oai_mock_chat_answer_to_stream (&answer, call->body);

  return _oai_mock_reply_new_object (g_steal_pointer (&completion));
}

const OaiMockRoute _oai_mock_chat_routes[] = {
  { "POST", "/chat/completions", create_chat },
  { "GET", "/chat/completions", _oai_mock_chat_list },
  { "GET", "/chat/completions/{completion_id}", _oai_mock_chat_retrieve },
  { "POST", "/chat/completions/{completion_id}", _oai_mock_chat_update },
  { "DELETE", "/chat/completions/{completion_id}", _oai_mock_chat_delete },
  { "GET", "/chat/completions/{completion_id}/messages", _oai_mock_chat_list_messages },
  { NULL },
};
