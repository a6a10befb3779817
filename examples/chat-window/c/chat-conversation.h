/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A conversation, and its file. */

#pragma once

#include <openai-1/openai.h>

G_BEGIN_DECLS

#define CHAT_TYPE_CONVERSATION (chat_conversation_get_type ())
G_DECLARE_FINAL_TYPE (ChatConversation, chat_conversation, CHAT, CONVERSATION, GObject)

gboolean chat_text_contains (const char *text, const char *words);

ChatConversation *chat_conversation_new (GFile *file, gint64 changed);
gboolean chat_conversation_load (ChatConversation *self, OaiClient *reader, const char *json, GError **error);
OaiSession *chat_conversation_open (ChatConversation *self, OaiClient *client, const char *model, GError **error);
OaiSession *chat_conversation_get_session (ChatConversation *self);
gint64 chat_conversation_get_changed (ChatConversation *self);
gboolean chat_conversation_is_empty (ChatConversation *self);
gboolean chat_conversation_is_saved (ChatConversation *self);
gboolean chat_conversation_matches (ChatConversation *self, const char *words);
void chat_conversation_update (ChatConversation *self);
void chat_conversation_suspend (ChatConversation *self);
void chat_conversation_close (ChatConversation *self);
void chat_conversation_set_removed (ChatConversation *self, gboolean removed);

G_END_DECLS
