/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks of the names and schemas of tools. */

#pragma once

#include "oai-chat-types.h"

G_BEGIN_DECLS

/* Checks for 1 to 64 letters, digits, _ and -. */
gboolean oai_chat_check_name (const char *name, GError **error);
/* Checks for the JSON text of an object. */
gboolean oai_chat_check_object (const char *json, GError **error);

G_END_DECLS
