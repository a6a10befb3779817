/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The dialog for the address of the server and the key. */

#pragma once

#include <adwaita.h>
#include <openai-1/openai.h>

#include "chat-settings.h"

G_BEGIN_DECLS

#define CHAT_TYPE_SERVER_DIALOG (chat_server_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ChatServerDialog, chat_server_dialog, CHAT, SERVER_DIALOG, AdwWindow)

GtkWindow *chat_server_dialog_new (GtkWindow *parent, ChatSettings *settings);

OaiAuth *chat_load_auth_finish (GAsyncResult *result, char **warning);

G_END_DECLS
