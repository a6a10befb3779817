/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the texts and tool calls that a chat stream has received. */

#pragma once

#include "oai-chat-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
const char *oai_chat_stream_get_content (OaiChatStream *self, guint choice_index);
OAI_AVAILABLE_IN_1_0
const char *oai_chat_stream_get_refusal (OaiChatStream *self, guint choice_index);
OAI_AVAILABLE_IN_1_0
const char *oai_chat_stream_get_reasoning (OaiChatStream *self, guint choice_index);
OAI_AVAILABLE_IN_1_0
char *oai_chat_stream_dup_partial_json (OaiChatStream *self, guint choice_index);
OAI_AVAILABLE_IN_1_0
OaiChatToolCall *oai_chat_stream_dup_tool_call (OaiChatStream *self, guint choice_index, guint call_index);

G_END_DECLS
