/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-chat-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiChatTool *oai_chat_tool_new_function (const char *name, const char *description, const char *parameters_json, gboolean strict, GError **error);
OAI_AVAILABLE_IN_1_0
OaiChatTool *oai_chat_tool_new_custom (const char *name, const char *description, GError **error);
OAI_AVAILABLE_IN_1_0
OaiChatTool *oai_chat_tool_new_custom_with_grammar (const char *name, const char *description, const char *syntax, const char *definition, GError **error);
OAI_AVAILABLE_IN_1_0
const char *oai_chat_tool_get_name (OaiChatTool *self);

OAI_AVAILABLE_IN_1_0
const char *oai_chat_tool_call_get_name (OaiChatToolCall *self);
OAI_AVAILABLE_IN_1_0
const char *oai_chat_tool_call_get_input (OaiChatToolCall *self);

G_END_DECLS
