/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions for the hooks of sessions, during a turn. */

#pragma once

#include "oai-session-private.h"
#include "oai-session-turn.h"

G_BEGIN_DECLS

/* Finds an item of the reply that is being received by its kind and its index, or appends a new
 * one.  NULL if a handler has stopped the session. */
_OAI_INTERNAL
OaiSessionItem *oai_session_ref_reply_item (OaiSession *session, OaiSessionItemKind kind, const char *role, guint index);

G_END_DECLS
