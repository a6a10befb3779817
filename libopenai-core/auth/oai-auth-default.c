/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where keys usually are: in files, then in the environment. */

#include "oai-auth-file-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"

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

/* So common a name that it may hold the name of a company. */
static const char *const loose_organization_variables[] = { "ORGANIZATION", NULL };

static const char *const project_variables[] = {
  "OPEN_AI_PROJECT_ID",
  "OPENAI_PROJECT_ID",
  NULL
};

/* The first that is not blank, trimmed. */
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

/**
 * oai_auth_new_from_environment:
 * @error: return location for an error
 *
 * Reads the key from the environment: the first of `OPENAI_KEY`,
 * `OPENAI_API_KEY`, `OPENAI_SECRET_KEY` and `TEST_OPENAI_SECRET_KEY` that is not
 * blank. `OPENAI_ADMIN_KEY` is the admin key, which may also stand alone.
 *
 * The organization is `OPEN_AI_ORGANIZATION_ID`, `OPENAI_ORGANIZATION_ID`,
 * `OPENAI_ORGANIZATION`, `OPENAI_ORG_ID`, or an `ORGANIZATION` with `org-` in it; the
 * project is `OPEN_AI_PROJECT_ID` or `OPENAI_PROJECT_ID`.
 *
 * Returns: (transfer full): the credentials, or %NULL with %OAI_ERROR_AUTHENTICATION
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_from_environment (GError **error)
{
  g_auto (OaiCredentials) credentials = { NULL };
  const char *variable;

  oai_credentials_read_environment (&credentials, &variable);
  if (oai_credentials_have_key (&credentials))
    return oai_auth_new_take (&credentials, g_strconcat (OAI_SOURCE_ENVIRONMENT, variable, NULL), FALSE);

  g_set_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("There is no API key in the environment variable %s"), "OPENAI_API_KEY");
  return NULL;
}

/* problems: messages about files that yield no key, which are logged as well. */
static OaiAuth *
new_from_files (GPtrArray *problems)
{
  g_autofree char *current = g_get_current_dir ();
  const char *directories[] = { current, g_get_home_dir () };

  for (guint i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autoptr (GError) error = NULL;
      OaiAuth *auth = oai_auth_file_search (directories[i], OAI_AUTH_FILE_NAME, TRUE, problems, &error);

      if (auth != NULL)
        return auth;
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
          || g_ptr_array_find_with_equal_func (problems, error->message, g_str_equal, NULL))
        continue;

      g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "MESSAGE", "%s", error->message);
      g_ptr_array_add (problems, g_strdup (error->message));
    }

  return NULL;
}

static void
set_no_key (GPtrArray *problems, GError **error)
{
  g_autoptr (GString) message = g_string_new (NULL);

  g_string_append_printf (message, _("There is no API key: neither in a file “%s” in the current or the home directory, nor in the environment variable %s"),
                          OAI_AUTH_FILE_NAME, "OPENAI_API_KEY");
  for (guint i = 0; i < problems->len; i++)
    g_string_append_printf (message, "; %s", (const char *) g_ptr_array_index (problems, i));

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, message->str);
}

/**
 * oai_auth_new_default:
 * @error: return location for an error
 *
 * Looks for the key where keys usually are, and takes the first of:
 *
 * 1. a file `.openai` in the current directory or above it;
 * 2. a file `.openai` in the home directory or above it;
 * 3. the environment, see [ctor@Oai.Auth.new_from_environment].
 *
 * A file thus wins over the environment. Of files that others could have put there
 * none is taken; see [ctor@Oai.Auth.new_from_directory]. One that cannot be read or
 * contains no key is passed over, with a message in the log that names what is wrong. What
 * comes with a key stays with it: the organization and the project of the environment are
 * not combined with the key of a file. Only the admin key, which is a key of its own, is
 * that of the environment where the file contains none.
 *
 * Returns: (transfer full): the credentials, or %NULL with %OAI_ERROR_AUTHENTICATION,
 *   whose message also names what is wrong with files that were passed over
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_default (GError **error)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (OaiAuth) auth = new_from_files (problems);

  if (auth == NULL)
    {
      auth = oai_auth_new_from_environment (NULL);
      if (auth == NULL)
        set_no_key (problems, error);
    }
  else if (!oai_auth_has_admin_key (auth))
    {
      oai_autosecret char *admin_key = get_first (admin_key_variables, NULL);

      oai_auth_set_admin_key (auth, admin_key);
    }

  return g_steal_pointer (&auth);
}

static const char *const azure_token_variables[] = { "AZURE_OPENAI_AD_TOKEN", NULL };
static const char *const azure_key_variables[] = { "AZURE_OPENAI_API_KEY", NULL };

/**
 * oai_auth_new_for_azure:
 * @error: return location for an error
 *
 * Reads the credentials for Azure from the environment: the token of Microsoft
 * Entra ID in `AZURE_OPENAI_AD_TOKEN`, or else the key in `AZURE_OPENAI_API_KEY`.
 * A key for OpenAI is never taken.
 *
 * Returns: (transfer full): the credentials, or %NULL with %OAI_ERROR_AUTHENTICATION
 *
 * Since: 1.0
 */
OaiAuth *
oai_auth_new_for_azure (GError **error)
{
  g_auto (OaiCredentials) credentials = { NULL };
  const char *variable = NULL;
  gboolean active_directory;

  credentials.api_key = get_first (azure_token_variables, &variable);
  active_directory = credentials.api_key != NULL;
  if (credentials.api_key == NULL)
    credentials.api_key = get_first (azure_key_variables, &variable);

  if (credentials.api_key != NULL)
    return oai_auth_new_take (&credentials, g_strconcat (OAI_SOURCE_ENVIRONMENT, variable, NULL), active_directory);

  g_set_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("There is no API key in the environment variable %s"), azure_key_variables[0]);
  return NULL;
}
