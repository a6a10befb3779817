/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The window: the conversations on one side, the messages of one of them on the other. */

#pragma once

#include <adwaita.h>

#include "chat-server-dialog.h"
#include "chat-store.h"

G_BEGIN_DECLS

#define CHAT_TYPE_WINDOW (chat_window_get_type ())
G_DECLARE_FINAL_TYPE (ChatWindow, chat_window, CHAT, WINDOW, AdwApplicationWindow)

GtkWindow *chat_window_new (GtkApplication *application, ChatSettings *settings, GFile *directory, OaiToolset *toolset);
void chat_window_connect (ChatWindow *self, OaiAuth *auth, const char *warning);

G_END_DECLS
