/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A session of chat completions. */

#pragma once

#include "oai-chat-types.h"
#include "oai-session.h"

G_BEGIN_DECLS

#define OAI_TYPE_CHAT_SESSION (oai_chat_session_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiChatSession, oai_chat_session, OAI, CHAT_SESSION, OaiSession)

OAI_AVAILABLE_IN_1_0
OaiSession *oai_chat_session_new (OaiClient *client, const char *model);
OAI_AVAILABLE_IN_1_0
OaiSession *oai_chat_session_new_from_json (OaiClient *client, const char *json, GError **error);
OAI_AVAILABLE_IN_1_0
OaiSession *oai_chat_session_load (OaiClient *client, GFile *file, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_chat_session_load_async (OaiClient *client, GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiSession *oai_chat_session_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
