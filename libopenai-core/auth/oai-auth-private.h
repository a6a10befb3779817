/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-auth.h"

G_BEGIN_DECLS

/* The key as a token, "" for an empty one. NULL when oai_auth_get_token_async() has to
 * be called: for tokens of a subclass or of a handler of ::token-requested, and for the
 * error where there is no valid key. To be freed with oai_secret_free(). */
char *oai_auth_dup_token (OaiAuth *self);
/* NULL with OAI_ERROR_AUTHENTICATION when there is no admin key, or none that can be sent. */
char *oai_auth_dup_admin_key (OaiAuth *self, GError **error);
/* Whether there is a key or a provider of tokens. */
gboolean oai_auth_has_tokens (OaiAuth *self);
/* Whether there is nothing but the admin key. */
gboolean oai_auth_has_only_admin_key (OaiAuth *self);
/* Whether the key was read from the environment, so that the organization and the project
 * of the environment belong to it. */
gboolean oai_auth_is_from_environment (OaiAuth *self);

/* Logs a message where the credentials do not look like OpenAI's although the base URL is;
 * never what they are. */
void oai_auth_advise (OaiAuth *self, const char *base_url);

G_END_DECLS
