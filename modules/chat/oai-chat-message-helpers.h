/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-chat-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiChatMessage *oai_chat_message_new_system (const char *text);
OAI_AVAILABLE_IN_1_0
OaiChatMessage *oai_chat_message_new_developer (const char *text);
OAI_AVAILABLE_IN_1_0
OaiChatMessage *oai_chat_message_new_user (const char *text);
OAI_AVAILABLE_IN_1_0
OaiChatMessage *oai_chat_message_new_assistant (const char *text);
OAI_AVAILABLE_IN_1_0
OaiChatMessage *oai_chat_message_new_tool (const char *tool_call_id, const char *result);
OAI_AVAILABLE_IN_1_0
OaiChatMessage *oai_chat_message_new_tool_result (OaiChatToolCall *tool_call, const char *result);

OAI_AVAILABLE_IN_1_0
const char *oai_chat_message_get_text (OaiChatMessage *self);
OAI_AVAILABLE_IN_1_0
const char *oai_chat_message_get_refusal_text (OaiChatMessage *self);
OAI_AVAILABLE_IN_1_0
const char *oai_chat_message_get_reasoning_text (OaiChatMessage *self);

OAI_AVAILABLE_IN_1_0
void oai_chat_message_append_part (OaiChatMessage *self, OaiChatContentPart *part);
OAI_AVAILABLE_IN_1_0
void oai_chat_message_append_text (OaiChatMessage *self, const char *text);
OAI_AVAILABLE_IN_1_0
void oai_chat_message_append_image_url (OaiChatMessage *self, const char *url, const char *detail);

G_END_DECLS
