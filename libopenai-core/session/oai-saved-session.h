/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sessions as JSON text, for files. */

#pragma once

#include "oai-session.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
char *oai_session_to_json (OaiSession *self);
OAI_AVAILABLE_IN_1_0
OaiSession *oai_session_restore (GType type, OaiClient *client, const char *json, GError **error);

G_END_DECLS
