/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The application: its window, settings, conversations and keys. */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define CHAT_TYPE_APPLICATION (chat_application_get_type ())
G_DECLARE_FINAL_TYPE (ChatApplication, chat_application, CHAT, APPLICATION, AdwApplication)

GApplication *chat_application_new (void);

G_END_DECLS
