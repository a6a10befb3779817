/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From settings and a path to the URL of a request. */

#include "oai-settings-private.h"

#include "oai-query-private.h"

#include <string.h>

#define AZURE_VERSION "api-version"

/* What Azure serves below deployments/; everything else lives beside them. */
static const char *const deployment_paths[] = {
  "audio/speech",
  "audio/transcriptions",
  "audio/translations",
  "chat/completions",
  "completions",
  "embeddings",
  "images/edits",
  "images/generations",
};

gboolean
oai_settings_path_has_deployment (const char *method, const char *path)
{
  gsize length;

  if (g_ascii_strcasecmp (method, "POST") != 0)
    return FALSE;

  while (*path == '/')
    path++;
  length = strcspn (path, "?#");
  while (length > 0 && path[length - 1] == '/')
    length--;

  for (guint i = 0; i < G_N_ELEMENTS (deployment_paths); i++)
    {
      if (strlen (deployment_paths[i]) == length && strncmp (deployment_paths[i], path, length) == 0)
        return TRUE;
    }

  return FALSE;
}

static void
append_pair (const char *name, const char *value, gpointer user_data)
{
  GString *query = user_data;

  if (query->len > 0)
    g_string_append_c (query, '&');
  g_string_append_uri_escaped (query, name, NULL, FALSE);
  g_string_append_c (query, '=');
  g_string_append_uri_escaped (query, value, NULL, FALSE);
}

/* What every request carries. */
static char *
build_common_query (OaiSettings *self)
{
  g_autoptr (GString) own = g_string_new (NULL);
  g_autoptr (GString) azure = g_string_new (NULL);

  oai_settings_foreach_query (self, append_pair, own);
  if (oai_settings_is_azure (self))
    append_pair (AZURE_VERSION, oai_settings_get_api_version (self), azure);

  return oai_query_merge (azure->str, own->str);
}

static char *
join (const char *url, const char *query)
{
  return query != NULL ? g_strconcat (url, "?", query, NULL) : g_strdup (url);
}

gboolean
oai_settings_path_is_absolute (const char *path)
{
  return g_ascii_strncasecmp (path, "http://", 7) == 0 || g_ascii_strncasecmp (path, "https://", 8) == 0;
}

char *
oai_settings_build_url (OaiSettings *self, const char *path, gboolean deployment, const char *model, const char *query, GError **error)
{
  gsize length = strcspn (path, "?#");
  const char *path_query = path[length] == '?' ? path + length + 1 : NULL;
  g_autofree char *own_query = path_query != NULL ? g_strndup (path_query, strcspn (path_query, "#")) : NULL;
  g_autofree char *plain = g_strndup (path, length);
  g_autofree char *common = NULL;
  g_autofree char *under = NULL;
  g_autofree char *all = NULL;
  g_autofree char *root = NULL;
  g_autofree char *url = NULL;

  if (oai_settings_path_is_absolute (path))
    {
      all = oai_query_merge (own_query, query);
      return join (plain, all);
    }

  root = oai_settings_build_root (self, deployment, model, error);
  if (root == NULL)
    return NULL;

  common = build_common_query (self);
  under = oai_query_merge (common, own_query);
  all = oai_query_merge (under, query);
  url = g_strconcat (root, *plain == '/' ? "" : "/", plain, NULL);

  return join (url, all);
}

gboolean
oai_settings_uses_api_key_header (OaiSettings *self, OaiAuth *auth)
{
  if (!oai_settings_is_azure (self) || oai_settings_get_use_active_directory (self))
    return FALSE;

  return auth == NULL || !oai_auth_get_use_active_directory (auth);
}
