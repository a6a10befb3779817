/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-chat-endpoint.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
char *oai_chat_endpoint_ask (OaiChatEndpoint *self, const char *model, const char *prompt, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_chat_endpoint_ask_async (OaiChatEndpoint *self, const char *model, const char *prompt, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
char *oai_chat_endpoint_ask_finish (OaiChatEndpoint *self, GAsyncResult *result, GError **error);

G_END_DECLS
