/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-api-path-private.h"

#include <string.h>

#define DEFAULT_BASE "/v1"
#define DEPLOYMENTS "deployments/"

/* Returns the part after base, which is followed by a slash. */
static const char *
skip (const char *path, const char *base, gsize length)
{
  if (path == NULL || strncmp (path, base, length) != 0 || path[length] != '/' || path[length + 1] == '\0')
    return NULL;

  return path + length + 1;
}

/* The path of the URL of an upstream, without deployments below it. */
static const char *
get_base (OaiProxyUpstream *upstream, gsize *length)
{
  const char *url = oai_settings_get_base_url (oai_client_get_settings (oai_proxy_upstream_get_client (upstream)));
  const char *host = strstr (url, "://");
  const char *base = host != NULL ? strchr (host + 3, '/') : NULL;
  const char *deployments;

  if (base == NULL)
    return NULL;

  deployments = strstr (base, "/deployments/");
  *length = deployments != NULL ? (gsize) (deployments - base) : strcspn (base, "?#");

  return base;
}

static const char *
skip_prefix (const char *path, const char *prefix)
{
  gsize length = strlen (prefix);

  return strncmp (path, prefix, length) == 0 && path[length] == '/' ? path + length : NULL;
}

const char *
oai_api_path_find (const char *path, const char *prefix, OaiRouter *router)
{
  const char *rest = skip_prefix (path, prefix);
  const char *found = skip (rest, DEFAULT_BASE, strlen (DEFAULT_BASE));

  /* The longest base path wins. */
  for (guint i = 0; rest != NULL && i < oai_router_get_n (router); i++)
    {
      gsize length = 0;
      const char *base = get_base (oai_router_get_nth (router, i), &length);
      const char *after = base != NULL && length > 1 ? skip (rest, base, length) : NULL;

      if (after != NULL && (found == NULL || after > found))
        found = after;
    }

  return found;
}

/* Returns the value of the first pair with the name. */
static char *
dup_query_value (const char *query, const char *name)
{
  gsize length = strlen (name);

  while (query != NULL)
    {
      const char *end = strchr (query, '&');
      gsize size = end != NULL ? (gsize) (end - query) : strlen (query);

      if (size > length && strncmp (query, name, length) == 0 && query[length] == '=')
        return g_uri_unescape_segment (query + length + 1, query + size, NULL);
      query = end != NULL ? end + 1 : NULL;
    }

  return NULL;
}

const char *
oai_api_path_skip_deployment (const char *path)
{
  const char *end = g_str_has_prefix (path, DEPLOYMENTS) ? strchr (path + strlen (DEPLOYMENTS), '/') : NULL;

  return end != NULL ? end + 1 : path;
}

char *
oai_api_path_dup_model (const char *path, const char *query)
{
  char *model;

  if (g_str_has_prefix (path, DEPLOYMENTS))
    {
      const char *name = path + strlen (DEPLOYMENTS);

      return g_uri_unescape_segment (name, name + strcspn (name, "/"), NULL);
    }
  if (!g_str_has_prefix (path, "realtime"))
    return NULL;

  model = dup_query_value (query, "model");

  return model != NULL ? model : dup_query_value (query, "deployment");
}

gboolean
oai_api_path_is_health (const char *path, const char *prefix)
{
  const char *rest = skip_prefix (path, prefix);

  return rest != NULL && strcmp (rest, "/health") == 0;
}

char *
oai_api_path_normalize_prefix (const char *prefix)
{
  g_autofree char *plain = g_strdup (prefix != NULL ? prefix : "");
  gsize length = strlen (plain);

  while (length > 0 && plain[length - 1] == '/')
    plain[--length] = '\0';
  if (plain[0] == '\0')
    return g_steal_pointer (&plain);
  if (strpbrk (plain, "?#%\\ ") != NULL || strstr (plain, "//") != NULL || strstr (plain, "/.") != NULL)
    return NULL;

  return plain[0] == '/' ? g_steal_pointer (&plain) : g_strconcat ("/", plain, NULL);
}
