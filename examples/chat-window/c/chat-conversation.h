/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The conversation that is shown: its messages, the entry of the next one, errors, retries, tokens and cost, and its speech. */

#pragma once

#include "chat-composer.h"
#include "chat-error-bar.h"
#include "chat-message-view.h"
#include "chat-store.h"

G_BEGIN_DECLS

#define CHAT_TYPE_CONVERSATION (chat_conversation_get_type ())
G_DECLARE_FINAL_TYPE (ChatConversation, chat_conversation, CHAT, CONVERSATION, GtkBox)

void chat_conversation_set_store (ChatConversation *self, ChatStore *store);
void chat_conversation_set_client (ChatConversation *self, OaiClient *client);
void chat_conversation_set_session (ChatConversation *self, OaiSession *session);
OaiSession *chat_conversation_get_session (ChatConversation *self);
ChatErrorBar *chat_conversation_get_bar (ChatConversation *self);
ChatComposer *chat_conversation_get_composer (ChatConversation *self);
ChatMessageView *chat_conversation_get_messages (ChatConversation *self);
gboolean chat_conversation_is_busy (ChatConversation *self);
gboolean chat_conversation_can_retry (ChatConversation *self);
gboolean chat_conversation_can_speak (ChatConversation *self);
void chat_conversation_continue_calls (ChatConversation *self);
void chat_conversation_retry (ChatConversation *self);
void chat_conversation_speak (ChatConversation *self);
void chat_conversation_dictate (ChatConversation *self);
void chat_conversation_close (ChatConversation *self);

G_END_DECLS
