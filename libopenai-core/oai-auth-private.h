/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-auth.h"

G_BEGIN_DECLS

/* TRUE when a token is at hand without asking anybody: neither a subclass with
 * its own get_token_async nor a handler of ::token-requested.  *token is
 * borrowed ("" for an empty key). */
_OAI_INTERNAL
gboolean oai_auth_peek_token (OaiAuth *self, const char **token);
_OAI_INTERNAL
const char *oai_auth_peek_admin_key (OaiAuth *self);

G_END_DECLS
