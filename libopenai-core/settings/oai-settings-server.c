/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Settings for the different servers there are. */

#include "oai-settings-private.h"

#include "oai-auth-private.h"
#include "oai-credentials-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-path-template-private.h"
#include "oai-url-private.h"
#include "oai-wipe-private.h"

#include <string.h>

#define DEFAULT_DOMAIN "api.openai.com"
#define DEFAULT_VERSION "v1"
#define DEFAULT_AZURE_VERSION "2024-10-21"

/* Trimmed; NULL where it is not set or blank. */
static char *
get_environment (const char *name)
{
  g_autofree char *value = g_strdup (g_getenv (name));

  if (value == NULL || *g_strstrip (value) == '\0')
    return NULL;

  return g_steal_pointer (&value);
}

static void
add_header_line (OaiSettings *self, const char *line)
{
  const char *colon = strchr (line, ':');
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;

  if (colon == NULL)
    return;

  name = g_strstrip (g_strndup (line, colon - line));
  value = g_strstrip (g_strdup (colon + 1));
  if (oai_header_name_is_valid (name) && oai_header_value_is_valid (value))
    oai_settings_set_header (self, name, value);
}

static void
read_environment (OaiSettings *self)
{
  g_autofree char *organization = oai_environment_dup_organization ();
  g_autofree char *project = oai_environment_dup_project ();
  g_autofree char *headers = get_environment ("OPENAI_CUSTOM_HEADERS");
  g_auto (GStrv) lines = g_strsplit (headers != NULL ? headers : "", "\n", -1);

  oai_settings_set_environment (self, organization, project);
  for (guint i = 0; lines[i] != NULL; i++)
    add_header_line (self, lines[i]);
}

/**
 * oai_settings_new:
 *
 * Creates the settings for OpenAI, or for what the environment says:
 *
 * - `OPENAI_BASE_URL`: the base URL; one that is none fails the calls,
 *   rather than sending them elsewhere;
 * - the organization and the project, under the names that
 *   [ctor@Oai.Auth.new_from_environment] reads, such as `OPENAI_ORG_ID`: what is charged,
 *   where neither the settings nor the key say it. They belong to the key of the
 *   environment, and are not sent with one that the program or a file gives;
 * - `OPENAI_CUSTOM_HEADERS`: lines of `Name: value`, which lose to
 *   [method@Oai.Settings.set_header].
 *
 * Blank variables count as not set. See the
 * [API reference](https://platform.openai.com/docs/api-reference/authentication).
 *
 * Returns: (transfer full): the settings
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new (void)
{
  OaiSettings *self = g_object_new (OAI_TYPE_SETTINGS, NULL);
  g_autofree char *base_url = get_environment ("OPENAI_BASE_URL");

  read_environment (self);
  if (base_url != NULL)
    oai_settings_use_base_url (self, base_url);

  return self;
}

/**
 * oai_settings_new_for_base_url:
 * @base_url: an http or https URL, such as `http://localhost:11434/v1`
 * @error: return location for an error
 *
 * Creates the settings for a server with this base URL, which is taken as it is
 * but for slashes at its end. The environment is not read.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_base_url (const char *base_url, GError **error)
{
  g_autoptr (OaiSettings) self = g_object_new (OAI_TYPE_SETTINGS, NULL);

  if (!oai_settings_set_base_url (self, base_url, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * oai_settings_new_for_server:
 * @address: the address as people write it
 * @error: return location for an error
 *
 * Creates the settings for a server by an address that a person typed or pasted.
 *
 * What is missing is added: `http://` for this machine and its network, `https://`
 * for others, and `/v1` where there is no path. What is too much is cut: slashes,
 * a query, and the path of an operation such as `/chat/completions`. So
 * `localhost:11434` becomes `http://localhost:11434/v1`. The environment is not read.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_server (const char *address, GError **error)
{
  g_autofree char *base_url = oai_base_url_repair (address, error);

  return base_url != NULL ? oai_settings_new_for_base_url (base_url, error) : NULL;
}

/* Trimmed, or the default where it is NULL or blank. */
static char *
or_default (const char *text, const char *fallback)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));

  return *trimmed != '\0' ? g_steal_pointer (&trimmed) : g_strdup (fallback);
}

static void
cut_slashes (char *text)
{
  gsize length = strlen (text);

  while (length > 0 && text[length - 1] == '/')
    text[--length] = '\0';
}

/* A path of one segment or several, without slashes around it. Nothing is encoded:
 * a version that would have to be is a mistake. */
static char *
dup_version_path (const char *version, GError **error)
{
  g_auto (GStrv) segments = NULL;
  g_autofree char *path = g_strdup (version + strspn (version, "/"));

  cut_slashes (path);
  segments = g_strsplit (*path != '\0' ? path : "/", "/", -1);
  for (guint i = 0; segments[i] != NULL; i++)
    {
      g_autofree char *encoded = oai_path_segment ("api_version", segments[i], error);
      g_autofree char *shown = NULL;

      if (encoded == NULL)
        return NULL;
      if (strcmp (encoded, segments[i]) == 0)
        continue;

      shown = g_utf8_make_valid (version, -1);
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                   _("“%s” is not a version of the API: a path is expected, such as v1 or openai/v1"), shown);
      return NULL;
    }

  return g_strjoinv ("/", segments);
}

/**
 * oai_settings_new_for_domain:
 * @domain: (nullable): the domain, with a port where it is not the usual one; blank for `api.openai.com`
 * @api_version: (nullable): the version of the API; blank for `v1`
 * @error: return location for an error
 *
 * Creates the settings for `https://DOMAIN/API_VERSION`, for a proxy or a gateway.
 *
 * The domain contains a dot or a colon (`localhost:8080`, not `localhost`). A leading
 * `http://` or `https://` selects the scheme, a path is kept. The version may be a
 * path of several segments: `api.groq.com` and `openai/v1` make
 * `https://api.groq.com/openai/v1`. The environment is not read.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_domain (const char *domain, const char *api_version, GError **error)
{
  g_autofree char *name = or_default (domain, DEFAULT_DOMAIN);
  g_autofree char *version = or_default (api_version, DEFAULT_VERSION);
  g_autofree char *path = NULL;
  g_autofree char *url = NULL;

  if (strpbrk (name, ".:") == NULL)
    {
      g_autofree char *shown = g_utf8_make_valid (name, -1);

      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is not a domain: a dot or a port is missing"), shown);
      return NULL;
    }

  path = dup_version_path (version, error);
  if (path == NULL)
    return NULL;

  cut_slashes (name);
  url = g_strconcat (strstr (name, "://") != NULL ? "" : "https://", name, "/", path, NULL);
  return oai_settings_new_for_base_url (url, error);
}

static const struct
{
  const char *region;
  const char *base_url;
} regions[] = {
  { "global", OAI_DEFAULT_BASE_URL },
  { "us", "https://us.api.openai.com/v1" },
  { "eu", "https://eu.api.openai.com/v1" },
  { "ae", "https://ae.api.openai.com/v1" },
  { "au", "https://au.api.openai.com/v1" },
  { "in", "https://in.api.openai.com/v1" },
  { "jp", "https://jp.api.openai.com/v1" },
};

/**
 * oai_settings_new_for_region:
 * @region: `us`, `eu`, `ae`, `au`, `in`, `jp` or `global`
 * @error: return location for an error
 *
 * Creates the settings for OpenAI in a region that data shall not leave
 * ([data residency](https://platform.openai.com/docs/guides/your-data)).
 *
 * The environment is read as by [ctor@Oai.Settings.new], but for
 * `OPENAI_BASE_URL`, which the region beats.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_region (const char *region, GError **error)
{
  g_autofree char *shown = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      g_autoptr (OaiSettings) self = NULL;

      if (g_strcmp0 (region, regions[i].region) != 0)
        continue;

      self = oai_settings_new_for_base_url (regions[i].base_url, error);
      read_environment (self);
      return g_steal_pointer (&self);
    }

  shown = g_utf8_make_valid (region != NULL ? region : "", -1);
  /* Translators: do not translate the word in backquotes. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("Invalid `data_residency` region “%s”: us, eu, ae, au, in, jp or global is expected"), shown);
  return NULL;
}

static OaiSettings *
new_for_azure (const char *base_url, const char *deployment, const char *api_version, gboolean use_active_directory, GError **error)
{
  g_autoptr (OaiSettings) self = oai_settings_new_for_base_url (base_url, error);
  g_autofree char *environment_version = get_environment ("OPENAI_API_VERSION");
  g_autofree char *version = or_default (api_version, environment_version != NULL ? environment_version : DEFAULT_AZURE_VERSION);
  g_autofree char *name = or_default (deployment, NULL);
  g_autofree char *segment = NULL;

  if (self == NULL)
    return NULL;

  if (name != NULL)
    {
      segment = oai_path_segment ("deployment", name, error);
      if (segment == NULL)
        return NULL;
    }

  oai_settings_make_azure (self, name, version, use_active_directory);
  return g_steal_pointer (&self);
}

static gboolean
check_resource (const char *resource, GError **error)
{
  if (*resource == '\0')
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The name of the Azure resource is missing"));
      return FALSE;
    }

  for (const char *c = resource; *c != '\0'; c++)
    {
      g_autofree char *shown = NULL;

      if (g_ascii_isalnum (*c) || *c == '-' || *c == '_')
        continue;
      shown = g_utf8_make_valid (resource, -1);
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is not the name of an Azure resource: it is the part before “.openai.azure.com”"), shown);
      return FALSE;
    }

  return TRUE;
}

/**
 * oai_settings_new_for_azure:
 * @resource: name of the Azure resource, the part before `.openai.azure.com`
 * @deployment: (nullable): the deployment for all calls; %NULL for the one that is called like the model of each request
 * @api_version: (nullable): the version of Azure's API; blank for `OPENAI_API_VERSION` of the environment or else 2024-10-21
 * @use_active_directory: %TRUE to send a token of Microsoft Entra ID (Active Directory) as
 *   `Authorization: Bearer`, %FALSE to send a key as `api-key`
 * @error: return location for an error
 *
 * Creates the settings for
 * [Azure OpenAI](https://learn.microsoft.com/azure/ai-services/openai/reference).
 *
 * Chat, completions, embeddings, audio and images go below `deployments/`;
 * everything else lives beside them.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_azure (const char *resource, const char *deployment, const char *api_version, gboolean use_active_directory, GError **error)
{
  g_autofree char *name = or_default (resource, "");
  g_autofree char *url = NULL;

  if (!check_resource (name, error))
    return NULL;

  url = g_strconcat ("https://", name, ".openai.azure.com/openai", NULL);
  return new_for_azure (url, deployment, api_version, use_active_directory, error);
}

/**
 * oai_settings_new_for_azure_endpoint:
 * @endpoint: the endpoint of the resource, such as `https://NAME.openai.azure.com`, or a gateway before it
 * @deployment: (nullable): the deployment for all calls; %NULL for the one that is called like the model of each request
 * @api_version: (nullable): the version of Azure's API; blank for `OPENAI_API_VERSION` of the environment or else 2024-10-21
 * @use_active_directory: %TRUE to send a token of Microsoft Entra ID (Active Directory) as
 *   `Authorization: Bearer`, %FALSE to send a key as `api-key`
 * @error: return location for an error
 *
 * Creates the settings for Azure by the URL of an endpoint, to which `/openai` is
 * added. Where a gateway has no such path, call
 * [method@Oai.Settings.set_base_url] afterwards.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_azure_endpoint (const char *endpoint, const char *deployment, const char *api_version, gboolean use_active_directory, GError **error)
{
  g_autofree char *base = oai_base_url_normalize (endpoint, error);
  g_autofree char *url = NULL;

  if (base == NULL)
    return NULL;

  url = g_strconcat (base, g_str_has_suffix (base, "/openai") ? "" : "/openai", NULL);
  return new_for_azure (url, deployment, api_version, use_active_directory, error);
}

/**
 * oai_settings_new_for_azure_from_environment:
 * @deployment: (nullable): the deployment for all calls; %NULL for the one that is called like the model of each request
 * @error: return location for an error
 *
 * Creates the settings for Azure by `AZURE_OPENAI_ENDPOINT` and
 * `OPENAI_API_VERSION` of the environment. Goes with
 * [ctor@Oai.Auth.new_for_azure_from_environment].
 *
 * Returns: (transfer full): the settings, or %NULL with %OAI_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
OaiSettings *
oai_settings_new_for_azure_from_environment (const char *deployment, GError **error)
{
  g_autofree char *endpoint = get_environment ("AZURE_OPENAI_ENDPOINT");
  g_autofree char *token = get_environment ("AZURE_OPENAI_AD_TOKEN");
  gboolean use_active_directory = token != NULL;

  if (token != NULL)
    oai_wipe (token, strlen (token));
  if (endpoint == NULL)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The environment variable %s is not set"), "AZURE_OPENAI_ENDPOINT");
      return NULL;
    }

  return oai_settings_new_for_azure_endpoint (endpoint, deployment, NULL, use_active_directory, error);
}
