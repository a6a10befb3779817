/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-request-helpers.h"

#include "oai-chat-message-helpers.h"
#include "oai-chat-names-private.h"

static void
take_message (OaiChatRequest *self, OaiChatMessage *message)
{
  oai_chat_request_add_message (self, message);
  g_object_unref (message);
}

/**
 * oai_chat_request_add_system_message:
 * @self: a chat request
 * @text: the instructions
 *
 * Appends instructions for the model.
 *
 * Since: 1.0
 */
void
oai_chat_request_add_system_message (OaiChatRequest *self, const char *text)
{
  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));
  g_return_if_fail (text != NULL);

  take_message (self, oai_chat_message_new_system (text));
}

/**
 * oai_chat_request_add_developer_message:
 * @self: a chat request
 * @text: the instructions
 *
 * Appends instructions for a model that reasons.
 *
 * Since: 1.0
 */
void
oai_chat_request_add_developer_message (OaiChatRequest *self, const char *text)
{
  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));
  g_return_if_fail (text != NULL);

  take_message (self, oai_chat_message_new_developer (text));
}

/**
 * oai_chat_request_add_user_message:
 * @self: a chat request
 * @text: what the user says
 *
 * Appends a message of the user.
 *
 * Since: 1.0
 */
void
oai_chat_request_add_user_message (OaiChatRequest *self, const char *text)
{
  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));
  g_return_if_fail (text != NULL);

  take_message (self, oai_chat_message_new_user (text));
}

/**
 * oai_chat_request_add_assistant_message:
 * @self: a chat request
 * @text: what the model said
 *
 * Appends a message of the model, such as an example of how it should answer.
 *
 * Since: 1.0
 */
void
oai_chat_request_add_assistant_message (OaiChatRequest *self, const char *text)
{
  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));
  g_return_if_fail (text != NULL);

  take_message (self, oai_chat_message_new_assistant (text));
}

/**
 * oai_chat_request_add_tool_result:
 * @self: a chat request
 * @tool_call: a call that the model made
 * @result: what came of it; text, often JSON
 *
 * Appends the result of a tool. The message that holds the calls has to stand
 * before it.
 *
 * Since: 1.0
 */
void
oai_chat_request_add_tool_result (OaiChatRequest *self, OaiChatToolCall *tool_call, const char *result)
{
  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));
  g_return_if_fail (OAI_IS_CHAT_TOOL_CALL (tool_call));
  g_return_if_fail (result != NULL);

  take_message (self, oai_chat_message_new_tool_result (tool_call, result));
}

/**
 * oai_chat_request_set_tool_choice_function:
 * @self: a chat request
 * @name: name of one of the functions among the tools
 *
 * Makes the model call a certain function.
 *
 * [method@Oai.ChatRequest.set_tool_choice] with %OAI_CHAT_TOOL_MODE_AUTO,
 * %OAI_CHAT_TOOL_MODE_NONE or %OAI_CHAT_TOOL_MODE_REQUIRED leaves it more freedom.
 *
 * Since: 1.0
 */
void
oai_chat_request_set_tool_choice_function (OaiChatRequest *self, const char *name)
{
  g_autoptr(OaiChatToolChoice) choice = NULL;
  g_autoptr(OaiChatToolName) function = NULL;

  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));
  g_return_if_fail (name != NULL);

  function = oai_chat_tool_name_new (name);
  choice = oai_chat_tool_choice_new (OAI_CHAT_TOOL_CHOICE_TYPE_FUNCTION);
  oai_chat_tool_choice_set_function (choice, function);
  oai_chat_request_set_tool_choice_object (self, choice);
}

/**
 * oai_chat_request_set_tool_choice_custom:
 * @self: a chat request
 * @name: name of one of the custom tools
 *
 * Makes the model call a certain custom tool.
 *
 * Since: 1.0
 */
void
oai_chat_request_set_tool_choice_custom (OaiChatRequest *self, const char *name)
{
  g_autoptr(OaiChatToolChoice) choice = NULL;
  g_autoptr(OaiChatToolName) custom = NULL;

  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));
  g_return_if_fail (name != NULL);

  custom = oai_chat_tool_name_new (name);
  choice = oai_chat_tool_choice_new (OAI_CHAT_TOOL_CHOICE_TYPE_CUSTOM);
  oai_chat_tool_choice_set_custom (choice, custom);
  oai_chat_request_set_tool_choice_object (self, choice);
}

/**
 * oai_chat_request_set_json_mode:
 * @self: a chat request
 *
 * Makes the model answer with a JSON object.
 *
 * The messages have to ask for JSON, too, or the server refuses the request.
 *
 * Since: 1.0
 */
void
oai_chat_request_set_json_mode (OaiChatRequest *self)
{
  g_autoptr(OaiResponseFormat) format = NULL;

  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));

  format = oai_response_format_new (OAI_RESPONSE_FORMAT_TYPE_JSON_OBJECT);
  oai_chat_request_set_response_format (self, format);
}

/**
 * oai_chat_request_set_json_schema:
 * @self: a chat request
 * @name: name of the schema: 1 to 64 letters, digits, `_` and `-`
 * @schema_json: the JSON schema, an object
 * @strict: whether the model has to follow the schema to the letter
 *
 * Makes the model answer with JSON that follows a schema.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if the name or the schema is no such thing.
 *
 * Returns: %TRUE if the schema was taken
 *
 * Since: 1.0
 */
gboolean
oai_chat_request_set_json_schema (OaiChatRequest *self,
                                  const char *name,
                                  const char *schema_json,
                                  gboolean strict,
                                  GError **error)
{
  g_autoptr(OaiJsonSchemaFormat) schema = NULL;
  g_autoptr(OaiResponseFormat) format = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_REQUEST (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (schema_json != NULL, FALSE);

  if (!oai_chat_check_name (name, error) || !oai_chat_check_object (schema_json, error))
    return FALSE;

  schema = oai_json_schema_format_new (name);
  oai_json_schema_format_set_schema_json (schema, schema_json);
  if (strict)
    oai_json_schema_format_set_strict (schema, TRUE);

  format = oai_response_format_new (OAI_RESPONSE_FORMAT_TYPE_JSON_SCHEMA);
  oai_response_format_set_json_schema (format, schema);
  oai_chat_request_set_response_format (self, format);

  return TRUE;
}

/**
 * oai_chat_request_set_predicted_text:
 * @self: a chat request
 * @text: what the answer is going to hold mostly
 *
 * Makes the answer faster where most of it is known, such as a file that is to be
 * changed in a few places.
 *
 * Since: 1.0
 */
void
oai_chat_request_set_predicted_text (OaiChatRequest *self, const char *text)
{
  g_autoptr(OaiChatPrediction) prediction = NULL;

  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));
  g_return_if_fail (text != NULL);

  prediction = oai_chat_prediction_new ("content");
  oai_chat_prediction_set_content (prediction, text);
  oai_chat_request_set_prediction (self, prediction);
}

/**
 * oai_chat_request_enable_speech:
 * @self: a chat request
 * @voice: who speaks, such as %OAI_CHAT_VOICE_NAME_ALLOY
 * @format: file format, such as %OAI_CHAT_AUDIO_FORMAT_WAV; streams want %OAI_CHAT_AUDIO_FORMAT_PCM16
 *
 * Makes a model that can speak answer aloud, and in writing, too.
 *
 * Since: 1.0
 */
void
oai_chat_request_enable_speech (OaiChatRequest *self, const char *voice, const char *format)
{
  const char *const modalities[] = { OAI_CHAT_MODALITY_TEXT, OAI_CHAT_MODALITY_AUDIO, NULL };
  g_autoptr(OaiChatAudioOptions) options = NULL;

  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));
  g_return_if_fail (voice != NULL);
  g_return_if_fail (format != NULL);

  options = oai_chat_audio_options_new (format);
  oai_chat_audio_options_set_voice (options, voice);
  oai_chat_request_set_modalities (self, modalities);
  oai_chat_request_set_audio (self, options);
}

/**
 * oai_chat_request_enable_logprobs:
 * @self: a chat request
 * @n_alternatives: how many other tokens are told at each place, from 0 to 20
 *
 * Makes the reply tell how likely its tokens were.
 *
 * Since: 1.0
 */
void
oai_chat_request_enable_logprobs (OaiChatRequest *self, guint n_alternatives)
{
  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));

  oai_chat_request_set_logprobs (self, TRUE);
  if (n_alternatives > 0)
    oai_chat_request_set_top_logprobs (self, n_alternatives);
  else
    oai_record_unset (OAI_RECORD (self), "top_logprobs");
}

/**
 * oai_chat_request_enable_stream_usage:
 * @self: a chat request
 *
 * Makes a stream tell how many tokens it took, in its last chunk.
 *
 * Some servers refuse requests that ask for this; some tell it unasked.
 *
 * Since: 1.0
 */
void
oai_chat_request_enable_stream_usage (OaiChatRequest *self)
{
  g_autoptr(OaiChatStreamOptions) options = NULL;

  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));

  options = oai_chat_stream_options_new ();
  oai_chat_stream_options_set_include_usage (options, TRUE);
  oai_chat_request_set_stream_options (self, options);
}
