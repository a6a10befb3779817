/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of conversations, with a search in all their messages. */

#pragma once

#include <gtk/gtk.h>
#include <openai-1/openai.h>

G_BEGIN_DECLS

#define CHAT_TYPE_SIDEBAR (chat_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (ChatSidebar, chat_sidebar, CHAT, SIDEBAR, GtkBox)

void chat_sidebar_set_conversations (ChatSidebar *self, GListModel *model);
void chat_sidebar_select (ChatSidebar *self, OaiSession *session);
void chat_sidebar_focus (ChatSidebar *self);
void chat_sidebar_search (ChatSidebar *self);
const char *chat_sidebar_get_words (ChatSidebar *self);

G_END_DECLS
