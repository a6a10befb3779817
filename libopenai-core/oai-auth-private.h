/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-auth.h"

G_BEGIN_DECLS

/* TRUE when a token is at hand without asking anybody: neither a subclass with
 * its own get_token_async or token_requested nor a handler of ::token-requested.
 * *token is borrowed ("" for an empty key). */
_OAI_INTERNAL
gboolean oai_auth_peek_token (OaiAuth *self, const char **token);
_OAI_INTERNAL
const char *oai_auth_peek_admin_key (OaiAuth *self);
/* Whether there is nothing but the admin key. */
gboolean oai_auth_has_only_admin_key (OaiAuth *self);

/* Says, for whom it may concern, where the credentials do not look like OpenAI's
 * although the base URL is; never what they are. */
_OAI_INTERNAL
void oai_auth_advise (OaiAuth *self, const char *base_url);

/* Within the credentials. */

#define OAI_TOKEN_REQUESTED "token-requested"

/* What a source holds. */
typedef struct
{
  char *api_key;
  char *admin_key;
  char *organization;
  char *project;
} OaiCredentials;

void oai_credentials_clear (OaiCredentials *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OaiCredentials, oai_credentials_clear)
gboolean oai_credentials_have_key (const OaiCredentials *self);
void oai_credentials_read_environment (OaiCredentials *self, const char **variable);

/* Takes what the credentials hold, and source. */
OaiAuth *oai_auth_new_take (OaiCredentials *credentials, char *source, gboolean active_directory);
/* What is worth storing, as the text of a key file; or the bare key. */
char *oai_auth_to_text (OaiAuth *self);

/* Overwrites before freeing; for texts that hold keys. */
void oai_secret_free (gpointer text);
#define oai_autosecret _GLIB_CLEANUP (oai_secret_cleanup)

static inline void
oai_secret_cleanup (gpointer place)
{
  oai_secret_free (*(char **) place);
}

G_END_DECLS
