/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The conversations, each saved as a file of JSON in the data directory of the user. */

#pragma once

#include "chat-conversation.h"

G_BEGIN_DECLS

#define CHAT_TYPE_STORE (chat_store_get_type ())
G_DECLARE_FINAL_TYPE (ChatStore, chat_store, CHAT, STORE, GObject)

ChatStore *chat_store_new (GFile *directory);
GListModel *chat_store_get_model (ChatStore *self);
ChatConversation *chat_store_add (ChatStore *self);
void chat_store_remove (ChatStore *self, ChatConversation *conversation);
void chat_store_restore (ChatStore *self, ChatConversation *conversation);
void chat_store_load (ChatStore *self);

G_END_DECLS
