/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The conversations, each saved as a file in the data directory of the user. */

#pragma once

#include <openai-1/openai.h>

G_BEGIN_DECLS

#define CHAT_TYPE_STORE (chat_store_get_type ())
G_DECLARE_FINAL_TYPE (ChatStore, chat_store, CHAT, STORE, GObject)

ChatStore *chat_store_new (GFile *directory);
GListModel *chat_store_get_model (ChatStore *self);
OaiSession *chat_store_add (ChatStore *self, const char *model);
void chat_store_save (ChatStore *self, OaiSession *session);
void chat_store_stop_all (ChatStore *self);
void chat_store_save_all (ChatStore *self);
void chat_store_remove (ChatStore *self, OaiSession *session);
void chat_store_restore (ChatStore *self, OaiSession *session);
void chat_store_load (ChatStore *self);

G_END_DECLS
