/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-environment-private.h"

#include <string.h>

static const char *const key_variables[] = {
  "OPENAI_KEY",
  "OPENAI_API_KEY",
  "OPENAI_SECRET_KEY",
  "TEST_OPENAI_SECRET_KEY",
  NULL
};

static const char *const admin_key_variables[] = { "OPENAI_ADMIN_KEY", NULL };

static const char *const organization_variables[] = {
  "OPEN_AI_ORGANIZATION_ID",
  "OPENAI_ORGANIZATION_ID",
  "OPENAI_ORGANIZATION",
  "OPENAI_ORG_ID",
  NULL
};

/* Other programs use this name, too: it only counts if the value looks like an identifier. */
static const char *const loose_organization_variables[] = { "ORGANIZATION", NULL };

static const char *const project_variables[] = {
  "OPEN_AI_PROJECT_ID",
  "OPENAI_PROJECT_ID",
  NULL
};

static const char *const base_url_variables[] = { "OPENAI_BASE_URL", NULL };
static const char *const header_variables[] = { "OPENAI_CUSTOM_HEADERS", NULL };

static const char *const azure_endpoint_variables[] = { "AZURE_OPENAI_ENDPOINT", NULL };
static const char *const azure_version_variables[] = { "OPENAI_API_VERSION", NULL };
static const char *const azure_token_variables[] = { "AZURE_OPENAI_AD_TOKEN", NULL };
static const char *const azure_key_variables[] = { "AZURE_OPENAI_API_KEY", NULL };

/* Returns the first value that is not blank, without blanks around it.  found: nullable. */
static char *
get_first (const char *const *variables, const char **found)
{
  for (guint i = 0; variables[i] != NULL; i++)
    {
      oai_autosecret char *value = g_strdup (g_getenv (variables[i]));

      if (value == NULL || *g_strstrip (value) == '\0')
        continue;

      if (found != NULL)
        *found = variables[i];
      return g_steal_pointer (&value);
    }

  return NULL;
}

char *
oai_environment_dup_admin_key (void)
{
  return get_first (admin_key_variables, NULL);
}

char *
oai_environment_dup_organization (void)
{
  g_autofree char *value = get_first (organization_variables, NULL);

  if (value != NULL)
    return g_steal_pointer (&value);

  value = get_first (loose_organization_variables, NULL);
  return value != NULL && strstr (value, "org-") != NULL ? g_steal_pointer (&value) : NULL;
}

char *
oai_environment_dup_project (void)
{
  return get_first (project_variables, NULL);
}

char *
oai_environment_dup_base_url (void)
{
  return get_first (base_url_variables, NULL);
}

char *
oai_environment_dup_headers (void)
{
  return get_first (header_variables, NULL);
}

char *
oai_environment_dup_azure_endpoint (void)
{
  return get_first (azure_endpoint_variables, NULL);
}

char *
oai_environment_dup_azure_version (void)
{
  return get_first (azure_version_variables, NULL);
}

gboolean
oai_environment_has_azure_token (void)
{
  oai_autosecret char *token = get_first (azure_token_variables, NULL);

  return token != NULL;
}

void
oai_environment_read_credentials (OaiCredentials *self, const char **variable)
{
  const char *admin_variable = NULL;

  *variable = NULL;
  self->api_key = get_first (key_variables, variable);
  self->admin_key = get_first (admin_key_variables, &admin_variable);
  self->organization = oai_environment_dup_organization ();
  self->project = oai_environment_dup_project ();

  if (*variable == NULL)
    *variable = admin_variable;
}

void
oai_environment_read_azure_credentials (OaiCredentials *self, const char **variable, gboolean *is_token)
{
  *variable = NULL;
  self->api_key = get_first (azure_token_variables, variable);
  *is_token = self->api_key != NULL;
  if (self->api_key == NULL)
    self->api_key = get_first (azure_key_variables, variable);
}
