/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The messages of a conversation. */

#pragma once

#include <adwaita.h>
#include <openai-1/openai.h>

G_BEGIN_DECLS

#define CHAT_TYPE_MESSAGE_VIEW (chat_message_view_get_type ())
G_DECLARE_FINAL_TYPE (ChatMessageView, chat_message_view, CHAT, MESSAGE_VIEW, AdwBin)

void chat_message_view_set_session (ChatMessageView *self, OaiSession *session);
void chat_message_view_scroll_to_end (ChatMessageView *self);
gboolean chat_message_view_find (ChatMessageView *self, const char *words);

G_END_DECLS
