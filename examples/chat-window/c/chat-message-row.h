/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The widget of one item of a session: a message, reasoning or a tool call. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define CHAT_TYPE_MESSAGE_ROW (chat_message_row_get_type ())
G_DECLARE_FINAL_TYPE (ChatMessageRow, chat_message_row, CHAT, MESSAGE_ROW, GtkBox)

gboolean chat_message_row_focus_answers (ChatMessageRow *self, GtkDirectionType direction);

G_END_DECLS
