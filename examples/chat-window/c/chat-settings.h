/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The settings, in a file of the configuration directory. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define CHAT_TYPE_SETTINGS (chat_settings_get_type ())
G_DECLARE_FINAL_TYPE (ChatSettings, chat_settings, CHAT, SETTINGS, GObject)

ChatSettings *chat_settings_new (const char *path);
gboolean chat_settings_is_saved (ChatSettings *self);
const char *chat_settings_get_base_url (ChatSettings *self);
void chat_settings_set_base_url (ChatSettings *self, const char *base_url);
const char *chat_settings_get_model (ChatSettings *self);
void chat_settings_set_model (ChatSettings *self, const char *model);

G_END_DECLS
