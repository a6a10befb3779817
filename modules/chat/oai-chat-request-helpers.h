/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-chat-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
void oai_chat_request_add_system_message (OaiChatRequest *self, const char *text);
OAI_AVAILABLE_IN_1_0
void oai_chat_request_add_developer_message (OaiChatRequest *self, const char *text);
OAI_AVAILABLE_IN_1_0
void oai_chat_request_add_user_message (OaiChatRequest *self, const char *text);
OAI_AVAILABLE_IN_1_0
void oai_chat_request_add_assistant_message (OaiChatRequest *self, const char *text);
OAI_AVAILABLE_IN_1_0
void oai_chat_request_add_tool_result (OaiChatRequest *self, OaiChatToolCall *tool_call, const char *result);

OAI_AVAILABLE_IN_1_0
void oai_chat_request_set_tool_choice_function (OaiChatRequest *self, const char *name);
OAI_AVAILABLE_IN_1_0
void oai_chat_request_set_tool_choice_custom (OaiChatRequest *self, const char *name);

OAI_AVAILABLE_IN_1_0
void oai_chat_request_set_json_mode (OaiChatRequest *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_chat_request_set_json_schema (OaiChatRequest *self, const char *name, const char *schema_json, gboolean strict, GError **error);

OAI_AVAILABLE_IN_1_0
void oai_chat_request_set_predicted_text (OaiChatRequest *self, const char *text);
OAI_AVAILABLE_IN_1_0
void oai_chat_request_enable_speech (OaiChatRequest *self, const char *voice, const char *format);
OAI_AVAILABLE_IN_1_0
void oai_chat_request_enable_logprobs (OaiChatRequest *self, guint n_alternatives);
OAI_AVAILABLE_IN_1_0
void oai_chat_request_enable_stream_usage (OaiChatRequest *self);

G_END_DECLS
