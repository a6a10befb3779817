/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-types.h"

#include "oai-json-doc-private.h"
#include "oai-record-schema.h"

OaiChatMessage *
oai_chat_message_new_tool_result (OaiChatToolCall *tool_call, const char *result)
{
  const char *id = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_TOOL_CALL (tool_call), NULL);
  g_return_val_if_fail (result != NULL, NULL);

  id = oai_chat_tool_call_get_id (tool_call);

  return oai_chat_message_new_tool (id != NULL ? id : "", result);
}

static void
append_thinking (GString *text, OaiChatThinkingPart *part)
{
  GPtrArray *parts = oai_chat_thinking_part_get_thinking_parts (part);
  const char *direct = oai_chat_thinking_part_get_thinking_text (part);

  if (direct != NULL)
    g_string_append (text, direct);

  for (guint i = 0; i < parts->len; i++)
    {
      OaiChatContentPart *item = g_ptr_array_index (parts, i);

      if (OAI_IS_CHAT_TEXT_PART (item) && oai_chat_text_part_get_text (OAI_CHAT_TEXT_PART (item)) != NULL)
        g_string_append (text, oai_chat_text_part_get_text (OAI_CHAT_TEXT_PART (item)));
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
    append_thinking (text, OAI_CHAT_THINKING_PART (part));

  if (piece != NULL)
    g_string_append (text, piece);
}

/* Joins the texts of all parts of a type; returns NULL if there is no such part. */
static const char *
join_parts (OaiChatMessage *self, const char *name, GType type)
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

  return text != NULL ? oai_record_keep_text (OAI_RECORD (self), name, g_string_free (text, FALSE)) : NULL;
}

const char *
oai_chat_message_get_text (OaiChatMessage *self)
{
  const char *content = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_MESSAGE (self), NULL);

  content = oai_chat_message_get_content (self);
  if (content != NULL)
    return content;

  return join_parts (self, "text", OAI_TYPE_CHAT_TEXT_PART);
}

const char *
oai_chat_message_get_refusal_text (OaiChatMessage *self)
{
  const char *refusal = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_MESSAGE (self), NULL);

  refusal = oai_chat_message_get_refusal (self);
  if (refusal != NULL)
    return refusal;

  return join_parts (self, "refusal", OAI_TYPE_CHAT_REFUSAL_PART);
}

/* OpenRouter sends an array of objects with a text or a summary. */
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

  return text != NULL ? oai_record_keep_text (OAI_RECORD (self), "reasoning", g_string_free (text, FALSE)) : NULL;
}

const char *
oai_chat_message_get_reasoning_text (OaiChatMessage *self)
{
  const char *reasoning = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_MESSAGE (self), NULL);

  reasoning = oai_chat_message_get_reasoning_content (self);
  if (reasoning == NULL || reasoning[0] == '\0')
    reasoning = oai_chat_message_get_reasoning (self);
  if (reasoning == NULL || reasoning[0] == '\0')
    reasoning = join_parts (self, "reasoning", OAI_TYPE_CHAT_THINKING_PART);
  if (reasoning == NULL || reasoning[0] == '\0')
    reasoning = join_reasoning_details (self);

  return reasoning;
}

void
oai_chat_message_add_part (OaiChatMessage *self, OaiChatContentPart *part)
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
