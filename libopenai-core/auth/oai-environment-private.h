/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The environment variables with keys, and those that describe the account and the server.  A variable
 * with a blank value counts as not set. */

#pragma once

#include "oai-credentials-private.h"

G_BEGIN_DECLS

/* The beginning of the source of a key that was read from the environment. */
#define OAI_SOURCE_ENVIRONMENT "environment "

/* The credentials in the environment.  variable is set to the name of the variable that the key
 * was read from, or to NULL. */
void oai_environment_read_credentials (OaiCredentials *self, const char **variable);
/* Credentials for Azure: is_token is set to whether the key is a token of Microsoft Entra ID. */
void oai_environment_read_azure_credentials (OaiCredentials *self, const char **variable, gboolean *is_token);

/* Single values of the environment, under any of their names; NULL if they are not set. */
char *oai_environment_dup_admin_key (void);
char *oai_environment_dup_organization (void);
char *oai_environment_dup_project (void);
char *oai_environment_dup_base_url (void);
/* Lines of "Name: value". */
char *oai_environment_dup_headers (void);
char *oai_environment_dup_azure_endpoint (void);
/* The version of the API of Azure. */
char *oai_environment_dup_azure_version (void);
gboolean oai_environment_has_azure_token (void);

G_END_DECLS
