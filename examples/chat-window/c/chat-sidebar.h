/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of conversations, which are searched in all their messages, added, and deleted. */

#pragma once

#include <gtk/gtk.h>

#include "chat-settings.h"
#include "chat-store.h"

G_BEGIN_DECLS

#define CHAT_TYPE_SIDEBAR (chat_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (ChatSidebar, chat_sidebar, CHAT, SIDEBAR, GtkBox)

void chat_sidebar_set_store (ChatSidebar *self, ChatStore *store, ChatSettings *settings);
void chat_sidebar_focus (ChatSidebar *self);
void chat_sidebar_add (ChatSidebar *self);
void chat_sidebar_choose (ChatSidebar *self, OaiSession *session);
void chat_sidebar_delete (ChatSidebar *self, OaiSession *session);
void chat_sidebar_search (ChatSidebar *self);
const char *chat_sidebar_get_words (ChatSidebar *self);

G_END_DECLS
