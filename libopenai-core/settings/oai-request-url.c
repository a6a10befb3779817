/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-request-url-private.h"

#include "oai-azure-private.h"
#include "oai-query-private.h"
#include "oai-settings-private.h"

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

/* The part of the query that all requests have. */
static char *
build_common_query (OaiSettings *settings)
{
  g_autoptr (GString) own = g_string_new (NULL);
  g_autoptr (GString) azure = g_string_new (NULL);

  oai_settings_foreach_query (settings, append_pair, own);
  if (oai_settings_is_azure (settings))
    append_pair (OAI_AZURE_VERSION_PARAMETER, oai_settings_get_api_version (settings), azure);

  return oai_query_merge (azure->str, own->str);
}

static char *
join (const char *url, const char *query)
{
  return query != NULL ? g_strconcat (url, "?", query, NULL) : g_strdup (url);
}

gboolean
oai_request_url_is_absolute (const char *path)
{
  return g_ascii_strncasecmp (path, "http://", 7) == 0 || g_ascii_strncasecmp (path, "https://", 8) == 0;
}

char *
oai_request_url_build (OaiSettings *settings, const char *path, gboolean deployment, const char *model, const char *query, GError **error)
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

  if (oai_request_url_is_absolute (path))
    {
      all = oai_query_merge (own_query, query);
      return join (plain, all);
    }

  root = oai_settings_build_root (settings, deployment, model, error);
  if (root == NULL)
    return NULL;

  common = build_common_query (settings);
  under = oai_query_merge (common, own_query);
  all = oai_query_merge (under, query);
  url = g_strconcat (root, *plain == '/' ? "" : "/", plain, NULL);

  return join (url, all);
}

char *
oai_request_url_build_passed (OaiSettings *settings, const char *path, gboolean deployment, const char *model, const char *query, GError **error)
{
  g_autofree char *root = oai_settings_build_root (settings, deployment, model, error);
  g_autofree char *common = NULL;
  g_autofree char *all = NULL;
  g_autofree char *url = NULL;

  if (root == NULL)
    return NULL;

  common = build_common_query (settings);
  all = common != NULL ? oai_query_merge (query, common) : g_strdup (query);
  url = g_strconcat (root, "/", path, NULL);

  return join (url, all);
}
