/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a key file, the keyring or the environment contains: keys, and what belongs to them. */

#pragma once

#include "oai-secret-private.h"

G_BEGIN_DECLS

/* The beginning of the source of a key that was read from the environment. */
#define OAI_SOURCE_ENVIRONMENT "environment "

typedef struct
{
  char *api_key;
  char *admin_key;
  char *organization;
  char *project;
} OaiCredentials;

void oai_credentials_clear (OaiCredentials *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OaiCredentials, oai_credentials_clear)
/* Whether there is a key that is not empty, or an admin key. */
gboolean oai_credentials_have_key (const OaiCredentials *self);
/* The text of a key file, or only the key if there is nothing else; NULL if there is no key. */
char *oai_credentials_to_text (const OaiCredentials *self);

/* The credentials in the environment.  variable is set to the name of the variable that the key
 * was read from, or to NULL. */
void oai_credentials_read_environment (OaiCredentials *self, const char **variable);
/* Credentials for Azure: is_token is set to whether the key is a token of Microsoft Entra ID. */
void oai_credentials_read_azure_environment (OaiCredentials *self, const char **variable, gboolean *is_token);

/* Single values of the environment, under any of their names; NULL if they are not set. */
char *oai_environment_dup_admin_key (void);
char *oai_environment_dup_organization (void);
char *oai_environment_dup_project (void);

G_END_DECLS
