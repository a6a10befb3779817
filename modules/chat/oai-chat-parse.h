/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies that are read into objects. */

#pragma once

#include "oai-chat-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gboolean oai_chat_request_set_response_type (OaiChatRequest *self, GType type, GError **error);
OAI_AVAILABLE_IN_1_0
GObject *oai_chat_completion_parse (OaiChatCompletion *self, GType type, GError **error);
OAI_AVAILABLE_IN_1_0
GObject *oai_chat_choice_parse (OaiChatChoice *self, GType type, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_chat_stream_set_parsed (OaiChatStream *self, GObject *object);
OAI_AVAILABLE_IN_1_0
GObject *oai_chat_stream_get_parsed (OaiChatStream *self);

G_END_DECLS
