/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-azure-private.h"

#include <string.h>

#include "oai-base-url-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-path-template-private.h"

#define API_PATH "/openai"
#define DEPLOYMENTS "/deployments/"

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

char *
oai_azure_url_from_resource (const char *resource, GError **error)
{
  g_autofree char *name = g_strstrip (g_strdup (resource != NULL ? resource : ""));

  return check_resource (name, error) ? g_strconcat ("https://", name, ".openai.azure.com" API_PATH, NULL) : NULL;
}

char *
oai_azure_url_from_endpoint (const char *endpoint, GError **error)
{
  g_autofree char *base = oai_base_url_normalize (endpoint, error);

  return base != NULL ? g_strconcat (base, g_str_has_suffix (base, API_PATH) ? "" : API_PATH, NULL) : NULL;
}

gboolean
oai_azure_has_deployment (const char *base_url)
{
  const char *authority = strstr (base_url, "://");
  const char *path = authority != NULL ? authority + strlen ("://") : base_url;

  return strstr (path + strcspn (path, "/"), DEPLOYMENTS) != NULL;
}

char *
oai_azure_add_deployment (const char *base_url, const char *what, const char *name, GError **error)
{
  g_autofree char *segment = oai_path_segment (what, name, error);

  return segment != NULL ? g_strconcat (base_url, DEPLOYMENTS, segment, NULL) : NULL;
}
