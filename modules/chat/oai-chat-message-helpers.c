/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-message-helpers.h"

#include "oai-chat-part-helpers.h"
#include "oai-json-doc-private.h"

static OaiChatMessage *
new_message (const char *role, const char *text)
{
  OaiChatMessage *self = oai_chat_message_new (role);

  oai_chat_message_set_content (self, text);

  return self;
}

/**
 * oai_chat_message_new_system: (constructor)
 * @text: the instructions
 *
 * Makes a message with instructions for the model.
 *
 * OpenAI's models that reason call them developer messages and take these for them.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
OaiChatMessage *
oai_chat_message_new_system (const char *text)
{
  g_return_val_if_fail (text != NULL, NULL);

  return new_message (OAI_ROLE_SYSTEM, text);
}

/**
 * oai_chat_message_new_developer: (constructor)
 * @text: the instructions
 *
 * Makes a message with instructions for a model that reasons.
 *
 * Many servers other than OpenAI's know only system messages.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
OaiChatMessage *
oai_chat_message_new_developer (const char *text)
{
  g_return_val_if_fail (text != NULL, NULL);

  return new_message (OAI_ROLE_DEVELOPER, text);
}

/**
 * oai_chat_message_new_user: (constructor)
 * @text: what the user says
 *
 * Makes a message of the user.
 *
 * [method@Oai.ChatMessage.append_part] adds pictures, sound and documents to it.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
OaiChatMessage *
oai_chat_message_new_user (const char *text)
{
  g_return_val_if_fail (text != NULL, NULL);

  return new_message (OAI_ROLE_USER, text);
}

/**
 * oai_chat_message_new_assistant: (constructor)
 * @text: what the model said
 *
 * Makes a message of the model, such as an example of how it should answer.
 *
 * A reply of the model is better kept as it came: see [method@Oai.ChatCompletion.get_message].
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
OaiChatMessage *
oai_chat_message_new_assistant (const char *text)
{
  g_return_val_if_fail (text != NULL, NULL);

  return new_message (OAI_ROLE_ASSISTANT, text);
}

/**
 * oai_chat_message_new_tool: (constructor)
 * @tool_call_id: identifier of the call
 * @result: what came of it
 *
 * Makes a message with the result of a tool.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
OaiChatMessage *
oai_chat_message_new_tool (const char *tool_call_id, const char *result)
{
  OaiChatMessage *self = NULL;

  g_return_val_if_fail (tool_call_id != NULL, NULL);
  g_return_val_if_fail (result != NULL, NULL);

  self = new_message (OAI_ROLE_TOOL, result);
  oai_chat_message_set_tool_call_id (self, tool_call_id);

  return self;
}

/**
 * oai_chat_message_new_tool_result: (constructor)
 * @tool_call: the call
 * @result: what came of it; text, often JSON
 *
 * Makes a message with the result of a tool that the model called.
 *
 * Each call of a message needs its result before the model goes on, and the
 * results follow the message directly.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
OaiChatMessage *
oai_chat_message_new_tool_result (OaiChatToolCall *tool_call, const char *result)
{
  const char *id = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_TOOL_CALL (tool_call), NULL);
  g_return_val_if_fail (result != NULL, NULL);

  id = oai_chat_tool_call_get_id (tool_call);

  return oai_chat_message_new_tool (id != NULL ? id : "", result);
}

/* Keeps what was put together for as long as it stays the same, so that it can
 * be borrowed like any other member. */
static const char *
keep_text (OaiChatMessage *self, const char *key, GString *text)
{
  const char *kept = g_object_get_data (G_OBJECT (self), key);

  if (kept != NULL && g_str_equal (kept, text->str))
    {
      g_string_free (text, TRUE);
      return kept;
    }

  kept = g_string_free (text, FALSE);
  g_object_set_data_full (G_OBJECT (self), key, (gpointer) kept, g_free);

  return kept;
}

static void
append_thoughts (GString *text, OaiChatThinkingPart *part)
{
  GPtrArray *parts = oai_chat_thinking_part_get_thinking (part);
  const char *plain = oai_chat_thinking_part_get_thinking_text (part);

  if (plain != NULL)
    g_string_append (text, plain);

  for (guint i = 0; i < parts->len; i++)
    {
      OaiChatContentPart *thought = g_ptr_array_index (parts, i);

      if (OAI_IS_CHAT_TEXT_PART (thought) && oai_chat_text_part_get_text (OAI_CHAT_TEXT_PART (thought)) != NULL)
        g_string_append (text, oai_chat_text_part_get_text (OAI_CHAT_TEXT_PART (thought)));
    }
}

static void
append_part_text (GString *text, OaiChatContentPart *part, GType type)
{
  const char *piece = NULL;

  if (!G_TYPE_CHECK_INSTANCE_TYPE (part, type))
    return;

  if (OAI_IS_CHAT_TEXT_PART (part))
    piece = oai_chat_text_part_get_text (OAI_CHAT_TEXT_PART (part));
  else if (OAI_IS_CHAT_REFUSAL_PART (part))
    piece = oai_chat_refusal_part_get_refusal (OAI_CHAT_REFUSAL_PART (part));
  else if (OAI_IS_CHAT_THINKING_PART (part))
    append_thoughts (text, OAI_CHAT_THINKING_PART (part));

  if (piece != NULL)
    g_string_append (text, piece);
}

/* All parts of one type, one after the other; NULL when there is no such part. */
static const char *
join_parts (OaiChatMessage *self, const char *key, GType type)
{
  GPtrArray *parts = oai_chat_message_get_content_parts (self);
  GString *text = NULL;

  for (guint i = 0; i < parts->len; i++)
    {
      OaiChatContentPart *part = g_ptr_array_index (parts, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (part, type) && text == NULL)
        text = g_string_new (NULL);
      if (text != NULL)
        append_part_text (text, part, type);
    }

  return text != NULL ? keep_text (self, key, text) : NULL;
}

/**
 * oai_chat_message_get_text:
 * @self: a chat message
 *
 * The text of the message, whether it is one text or several parts.
 *
 * Parts are put together as they are, with nothing between them.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL when the message has none; it is
 *   valid until the content changes
 *
 * Since: 1.0
 */
const char *
oai_chat_message_get_text (OaiChatMessage *self)
{
  const char *content = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_MESSAGE (self), NULL);

  content = oai_chat_message_get_content (self);
  if (content != NULL)
    return content;

  return join_parts (self, "oai-text", OAI_TYPE_CHAT_TEXT_PART);
}

/**
 * oai_chat_message_get_refusal_text:
 * @self: a chat message
 *
 * The words by which the model declined, whether they are a member of the
 * message or a part of its content.
 *
 * Returns: (transfer none) (nullable): the refusal, or %NULL if the model did not decline
 *
 * Since: 1.0
 */
const char *
oai_chat_message_get_refusal_text (OaiChatMessage *self)
{
  const char *refusal = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_MESSAGE (self), NULL);

  refusal = oai_chat_message_get_refusal (self);
  if (refusal != NULL)
    return refusal;

  return join_parts (self, "oai-refusal", OAI_TYPE_CHAT_REFUSAL_PART);
}

/* OpenRouter: an array of objects that hold a text or a summary. */
static const char *
join_reasoning_details (OaiChatMessage *self)
{
  const char *json = oai_chat_message_get_reasoning_details (self);
  g_autoptr(OaiJsonDoc) doc = json != NULL ? oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT, NULL) : NULL;
  GString *text = NULL;
  OaiJsonIter iter;
  OaiJsonNode node;

  if (doc == NULL)
    return NULL;

  oai_json_iter_init (&iter, doc, 0);
  while (oai_json_iter_next (&iter, NULL, &node))
    {
      const char *piece = oai_json_get_string (doc, oai_json_get_member (doc, node, "text"), NULL);

      if (piece == NULL)
        piece = oai_json_get_string (doc, oai_json_get_member (doc, node, "summary"), NULL);
      if (piece == NULL)
        continue;
      if (text == NULL)
        text = g_string_new (NULL);
      g_string_append (text, piece);
    }

  return text != NULL ? keep_text (self, "oai-reasoning", text) : NULL;
}

/**
 * oai_chat_message_get_reasoning_text:
 * @self: a chat message
 *
 * What the model thought, wherever the server puts it: `reasoning_content`,
 * `reasoning`, thinking parts or `reasoning_details`, the first that holds something.
 *
 * OpenAI's own server does not tell what models think in chat completions.
 *
 * Returns: (transfer none) (nullable): the thoughts, or %NULL when the server does not tell; valid
 *   until the message changes
 *
 * Since: 1.0
 */
const char *
oai_chat_message_get_reasoning_text (OaiChatMessage *self)
{
  const char *reasoning = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_MESSAGE (self), NULL);

  reasoning = oai_chat_message_get_reasoning_content (self);
  if (reasoning == NULL || reasoning[0] == '\0')
    reasoning = oai_chat_message_get_reasoning (self);
  if (reasoning == NULL || reasoning[0] == '\0')
    reasoning = join_parts (self, "oai-reasoning", OAI_TYPE_CHAT_THINKING_PART);
  if (reasoning == NULL || reasoning[0] == '\0')
    reasoning = join_reasoning_details (self);

  return reasoning;
}

/**
 * oai_chat_message_append_part:
 * @self: a chat message
 * @part: (transfer none): what comes to the content
 *
 * Appends a part to the content; a text that is there already becomes the first part.
 *
 * [method@Oai.ChatMessage.add_content_part] is for contents that consist of parts only.
 *
 * Since: 1.0
 */
void
oai_chat_message_append_part (OaiChatMessage *self, OaiChatContentPart *part)
{
  g_autofree char *text = NULL;

  g_return_if_fail (OAI_IS_CHAT_MESSAGE (self));
  g_return_if_fail (OAI_IS_CHAT_CONTENT_PART (part));

  text = g_strdup (oai_chat_message_get_content (self));
  if (text != NULL)
    {
      g_autoptr(OaiChatTextPart) first = oai_chat_text_part_new (text);

      oai_chat_message_set_content (self, NULL);
      oai_chat_message_add_content_part (self, OAI_CHAT_CONTENT_PART (first));
    }

  oai_chat_message_add_content_part (self, part);
}

/**
 * oai_chat_message_append_text:
 * @self: a chat message
 * @text: a text
 *
 * Appends a text to the content, as a part of its own.
 *
 * Since: 1.0
 */
void
oai_chat_message_append_text (OaiChatMessage *self, const char *text)
{
  g_autoptr(OaiChatTextPart) part = NULL;

  g_return_if_fail (text != NULL);

  part = oai_chat_text_part_new (text);
  oai_chat_message_append_part (self, OAI_CHAT_CONTENT_PART (part));
}

/**
 * oai_chat_message_append_image_url:
 * @self: a chat message
 * @url: a web address, or a `data:` URL
 * @detail: (nullable): how closely the model looks, such as %OAI_IMAGE_DETAIL_HIGH
 *
 * Appends a picture to the content.
 *
 * Since: 1.0
 */
void
oai_chat_message_append_image_url (OaiChatMessage *self, const char *url, const char *detail)
{
  g_autoptr(OaiChatImagePart) part = NULL;

  g_return_if_fail (url != NULL);

  part = oai_chat_image_part_new_for_url (url, detail);
  oai_chat_message_append_part (self, OAI_CHAT_CONTENT_PART (part));
}
