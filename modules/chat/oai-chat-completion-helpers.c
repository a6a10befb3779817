/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-completion-helpers.h"

#include "oai-chat-message-helpers.h"

/**
 * oai_chat_completion_get_first_choice:
 * @self: a chat completion
 *
 * The reply with the index 0, or else the one that came first.
 *
 * Returns: (transfer none) (nullable): the reply, or %NULL when there is none
 *
 * Since: 1.0
 */
OaiChatChoice *
oai_chat_completion_get_first_choice (OaiChatCompletion *self)
{
  GPtrArray *choices = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_COMPLETION (self), NULL);

  choices = oai_chat_completion_get_choices (self);
  for (guint i = 0; i < choices->len; i++)
    {
      OaiChatChoice *choice = g_ptr_array_index (choices, i);

      if (oai_chat_choice_get_index (choice) == 0)
        return choice;
    }

  return choices->len > 0 ? g_ptr_array_index (choices, 0) : NULL;
}

/**
 * oai_chat_completion_get_message:
 * @self: a chat completion
 *
 * What the model wrote; append it to the next request to go on.
 *
 * Returns: (transfer none) (nullable): the message of the first choice
 *
 * Since: 1.0
 */
OaiChatMessage *
oai_chat_completion_get_message (OaiChatCompletion *self)
{
  OaiChatChoice *choice = oai_chat_completion_get_first_choice (self);

  return choice != NULL ? oai_chat_choice_get_message (choice) : NULL;
}

/**
 * oai_chat_completion_get_text:
 * @self: a chat completion
 *
 * The text that the model wrote, whether the server sent it whole or in parts.
 *
 * Returns: (transfer none) (nullable): the text of the first choice, or %NULL
 *   when there is none, such as when the model calls tools
 *
 * Since: 1.0
 */
const char *
oai_chat_completion_get_text (OaiChatCompletion *self)
{
  OaiChatMessage *message = oai_chat_completion_get_message (self);

  return message != NULL ? oai_chat_message_get_text (message) : NULL;
}

/**
 * oai_chat_completion_get_refusal:
 * @self: a chat completion
 *
 * The words by which the model declined.
 *
 * Returns: (transfer none) (nullable): the refusal of the first choice, or %NULL if the model did not decline
 *
 * Since: 1.0
 */
const char *
oai_chat_completion_get_refusal (OaiChatCompletion *self)
{
  OaiChatMessage *message = oai_chat_completion_get_message (self);

  return message != NULL ? oai_chat_message_get_refusal_text (message) : NULL;
}

/**
 * oai_chat_completion_get_reasoning:
 * @self: a chat completion
 *
 * What the model thought, wherever the server puts it.
 *
 * Returns: (transfer none) (nullable): the thoughts of the first choice, or %NULL when the server does not tell
 *
 * Since: 1.0
 */
const char *
oai_chat_completion_get_reasoning (OaiChatCompletion *self)
{
  OaiChatMessage *message = oai_chat_completion_get_message (self);

  return message != NULL ? oai_chat_message_get_reasoning_text (message) : NULL;
}

/**
 * oai_chat_completion_get_finish_reason:
 * @self: a chat completion
 *
 * Why the model stopped: such as %OAI_FINISH_REASON_STOP, or
 * %OAI_FINISH_REASON_LENGTH when the text is cut.
 *
 * Do not go by %OAI_FINISH_REASON_TOOL_CALLS to tell whether there are calls: not
 * every server sends it. See [method@Oai.ChatCompletion.get_tool_calls].
 *
 * Returns: (transfer none) (nullable): the reason of the first choice
 *
 * Since: 1.0
 */
const char *
oai_chat_completion_get_finish_reason (OaiChatCompletion *self)
{
  OaiChatChoice *choice = oai_chat_completion_get_first_choice (self);

  return choice != NULL ? oai_chat_choice_get_finish_reason (choice) : NULL;
}

/**
 * oai_chat_completion_get_tool_calls:
 * @self: a chat completion
 *
 * Tools that the model wants to be called.
 *
 * Returns: (transfer none) (nullable) (element-type OaiChatToolCall): the calls of the
 *   first choice, empty when there are none; %NULL when there is no choice
 *
 * Since: 1.0
 */
GPtrArray *
oai_chat_completion_get_tool_calls (OaiChatCompletion *self)
{
  OaiChatMessage *message = oai_chat_completion_get_message (self);

  return message != NULL ? oai_chat_message_get_tool_calls (message) : NULL;
}

static void
append_sum (GString *json, const char *name, gint64 sum)
{
  if (json->str[json->len - 1] != '{')
    g_string_append_c (json, ',');
  g_string_append_printf (json, "\"%s\":%" G_GINT64_FORMAT, name, sum);
}

static void
append_prompt_details (GString *json, OaiPromptTokensDetails *a, OaiPromptTokensDetails *b)
{
#define SUM(name) append_sum (json, #name, (a != NULL ? oai_prompt_tokens_details_get_##name (a) : 0) + \
                                               (b != NULL ? oai_prompt_tokens_details_get_##name (b) : 0))
  if (a == NULL && b == NULL)
    return;

  g_string_append (json, ",\"prompt_tokens_details\":{");
  SUM (audio_tokens);
  SUM (cached_tokens);
  SUM (text_tokens);
  SUM (image_tokens);
  SUM (cache_write_tokens);
  g_string_append_c (json, '}');
#undef SUM
}

static void
append_completion_details (GString *json, OaiCompletionTokensDetails *a, OaiCompletionTokensDetails *b)
{
#define SUM(name) append_sum (json, #name, (a != NULL ? oai_completion_tokens_details_get_##name (a) : 0) + \
                                               (b != NULL ? oai_completion_tokens_details_get_##name (b) : 0))
  if (a == NULL && b == NULL)
    return;

  g_string_append (json, ",\"completion_tokens_details\":{");
  SUM (accepted_prediction_tokens);
  SUM (rejected_prediction_tokens);
  SUM (audio_tokens);
  SUM (reasoning_tokens);
  SUM (text_tokens);
  g_string_append_c (json, '}');
#undef SUM
}

/**
 * oai_completion_usage_add:
 * @self: the tokens of one request
 * @other: (nullable): those of another one
 *
 * Adds up what several requests took.
 *
 * Returns: (transfer full): the sum
 *
 * Since: 1.0
 */
OaiCompletionUsage *
oai_completion_usage_add (OaiCompletionUsage *self, OaiCompletionUsage *other)
{
  g_autoptr(GString) json = g_string_new ("{");

  g_return_val_if_fail (OAI_IS_COMPLETION_USAGE (self), NULL);
  g_return_val_if_fail (other == NULL || OAI_IS_COMPLETION_USAGE (other), NULL);

  if (other == NULL)
    return OAI_COMPLETION_USAGE (oai_record_copy (OAI_RECORD (self)));

  append_sum (json, "prompt_tokens",
              oai_completion_usage_get_prompt_tokens (self) + oai_completion_usage_get_prompt_tokens (other));
  append_sum (json, "completion_tokens",
              oai_completion_usage_get_completion_tokens (self) + oai_completion_usage_get_completion_tokens (other));
  append_sum (json, "total_tokens",
              oai_completion_usage_get_total_tokens (self) + oai_completion_usage_get_total_tokens (other));
  append_prompt_details (json, oai_completion_usage_get_prompt_tokens_details (self),
                         oai_completion_usage_get_prompt_tokens_details (other));
  append_completion_details (json, oai_completion_usage_get_completion_tokens_details (self),
                             oai_completion_usage_get_completion_tokens_details (other));
  g_string_append_c (json, '}');

  return OAI_COMPLETION_USAGE (oai_record_new_from_json (OAI_TYPE_COMPLETION_USAGE, json->str, NULL));
}
