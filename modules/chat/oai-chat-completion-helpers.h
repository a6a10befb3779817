/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-chat-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiChatChoice *oai_chat_completion_get_first_choice (OaiChatCompletion *self);
OAI_AVAILABLE_IN_1_0
OaiChatMessage *oai_chat_completion_get_message (OaiChatCompletion *self);
OAI_AVAILABLE_IN_1_0
const char *oai_chat_completion_get_text (OaiChatCompletion *self);
OAI_AVAILABLE_IN_1_0
const char *oai_chat_completion_get_refusal (OaiChatCompletion *self);
OAI_AVAILABLE_IN_1_0
const char *oai_chat_completion_get_reasoning (OaiChatCompletion *self);
OAI_AVAILABLE_IN_1_0
const char *oai_chat_completion_get_finish_reason (OaiChatCompletion *self);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_chat_completion_get_tool_calls (OaiChatCompletion *self);

OAI_AVAILABLE_IN_1_0
OaiCompletionUsage *oai_completion_usage_add (OaiCompletionUsage *self, OaiCompletionUsage *other);

G_END_DECLS
