/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiAuth for other files of core: the tokens and what is known about the key. */

#pragma once

#include "oai-auth.h"

G_BEGIN_DECLS

/* Returns the key as a token, "" for an empty one.  NULL if oai_auth_request_token_async() has to be
 * called: for tokens of a subclass or of a handler of ::token-requested, and for the error if
 * there is no valid key.  To be freed by oai_secret_free(). */
char *oai_auth_dup_token (OaiAuth *self);
/* NULL with OAI_ERROR_AUTHENTICATION if there is no admin key, or if it cannot be sent. */
char *oai_auth_dup_admin_key (OaiAuth *self, GError **error);
/* Whether there is a key or a provider of tokens. */
gboolean oai_auth_has_tokens (OaiAuth *self);
/* Whether the admin key is the only one. */
gboolean oai_auth_has_only_admin_key (OaiAuth *self);
/* Whether the key was read from the environment, so that the organization and the project
 * of the environment belong to it. */
gboolean oai_auth_is_from_environment (OaiAuth *self);

/* Logs a message, without the credentials, if the base URL is OpenAI's and the credentials do
 * not look like OpenAI's. */
void oai_auth_advise (OaiAuth *self, const char *base_url);

G_END_DECLS
