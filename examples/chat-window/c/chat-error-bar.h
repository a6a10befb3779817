/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bar above the messages for an error, or for the seconds until the library sends a request again. */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define CHAT_TYPE_ERROR_BAR (chat_error_bar_get_type ())
G_DECLARE_FINAL_TYPE (ChatErrorBar, chat_error_bar, CHAT, ERROR_BAR, AdwBin)

void chat_error_bar_show_error (ChatErrorBar *self, const char *text, const char *button, const char *action);
void chat_error_bar_show_retry (ChatErrorBar *self, GDateTime *time);
void chat_error_bar_close (ChatErrorBar *self);

G_END_DECLS
