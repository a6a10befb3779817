/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates settings from the address of a server. */

#pragma once

#include "oai-settings.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiSettings *oai_settings_new_for_server (const char *address, GError **error);

G_END_DECLS
