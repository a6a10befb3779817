/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-credentials-private.h"

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

static const char *const azure_token_variables[] = { "AZURE_OPENAI_AD_TOKEN", NULL };
static const char *const azure_key_variables[] = { "AZURE_OPENAI_API_KEY", NULL };

void
oai_credentials_clear (OaiCredentials *self)
{
  g_clear_pointer (&self->api_key, oai_secret_free);
  g_clear_pointer (&self->admin_key, oai_secret_free);
  g_clear_pointer (&self->organization, g_free);
  g_clear_pointer (&self->project, g_free);
}

gboolean
oai_credentials_have_key (const OaiCredentials *self)
{
  return (self->api_key != NULL && *self->api_key != '\0') || self->admin_key != NULL;
}

/* A value with a line end would be read as two lines. */
static void
append_line (GString *out, const char *name, const char *value)
{
  if (value != NULL && *value != '\0' && strpbrk (value, "\r\n") == NULL)
    g_string_append_printf (out, "%s=%s\n", name, value);
}

char *
oai_credentials_to_text (const OaiCredentials *self)
{
  gsize room = 256;
  GString *out;

  if (!oai_credentials_have_key (self))
    return NULL;

  if (self->admin_key == NULL && self->organization == NULL && self->project == NULL)
    return g_strdup (self->api_key);

  /* Reallocating the string would leave a copy of the keys behind. */
  room += self->api_key != NULL ? strlen (self->api_key) : 0;
  room += self->admin_key != NULL ? strlen (self->admin_key) : 0;
  room += self->organization != NULL ? strlen (self->organization) : 0;
  room += self->project != NULL ? strlen (self->project) : 0;
  out = g_string_sized_new (room);

  append_line (out, "OPENAI_API_KEY", self->api_key);
  append_line (out, "OPENAI_ADMIN_KEY", self->admin_key);
  append_line (out, "OPENAI_ORGANIZATION_ID", self->organization);
  append_line (out, "OPENAI_PROJECT_ID", self->project);

  return g_string_free (out, FALSE);
}

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

void
oai_credentials_read_environment (OaiCredentials *self, const char **variable)
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
oai_credentials_read_azure_environment (OaiCredentials *self, const char **variable, gboolean *is_token)
{
  *variable = NULL;
  self->api_key = get_first (azure_token_variables, variable);
  *is_token = self->api_key != NULL;
  if (self->api_key == NULL)
    self->api_key = get_first (azure_key_variables, variable);
}
