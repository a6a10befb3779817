/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The entry of the next message, with its images. */

#pragma once

#include <gtk/gtk.h>
#include <openai-1/openai.h>

G_BEGIN_DECLS

#define CHAT_TYPE_COMPOSER (chat_composer_get_type ())
G_DECLARE_FINAL_TYPE (ChatComposer, chat_composer, CHAT, COMPOSER, GtkBox)

void chat_composer_set_session (ChatComposer *self, OaiSession *session);
void chat_composer_set_busy (ChatComposer *self, gboolean busy);
void chat_composer_set_recording (ChatComposer *self, gboolean recording);
void chat_composer_focus (ChatComposer *self);
void chat_composer_insert (ChatComposer *self, const char *text);
char *chat_composer_dup_text (ChatComposer *self);
void chat_composer_clear (ChatComposer *self);
void chat_composer_choose_images (ChatComposer *self);
void chat_composer_drop (ChatComposer *self, const GValue *value);

G_END_DECLS
