/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-api-path-private.h"

#include <string.h>

#include "oai-proxy-pattern-private.h"

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
  const char *socket_base = g_str_has_prefix (url, "unix:") ? g_strrstr (url, ":/") : NULL;
  const char *base = socket_base != NULL ? socket_base + 1 : host != NULL ? strchr (host + 3, '/') : NULL;
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

/* Servers read names in different cases, and with or without their encoding. */
static gboolean
is_name (const char *text, const char *end, const char *name)
{
  g_autofree char *plain = g_uri_unescape_segment (text, end, NULL);

  return plain != NULL && g_ascii_strcasecmp (plain, name) == 0;
}

/* Returns FALSE if the name is given twice, since servers choose different ones, or if its value is not a name.
 * A semicolon separates pairs for some servers. */
static gboolean
read_query_value (const char *query, const char *name, char **value)
{
  while (query != NULL && *query != '\0')
    {
      const char *end = query + strcspn (query, "&;");
      const char *equals = memchr (query, '=', (gsize) (end - query));

      if (equals != NULL && is_name (query, equals, name))
        {
          if (*value != NULL)
            return FALSE;
          *value = g_uri_unescape_segment (equals + 1, end, NULL);
          if (*value == NULL || !oai_proxy_name_is_valid (*value))
            return FALSE;
        }
      query = *end != '\0' ? end + 1 : NULL;
    }

  return TRUE;
}

/* Some servers do not distinguish capital letters in paths. */
static gboolean
begins_with (const char *path, const char *prefix)
{
  return g_ascii_strncasecmp (path, prefix, strlen (prefix)) == 0;
}

const char *
oai_api_path_skip_deployment (const char *path)
{
  const char *end = begins_with (path, DEPLOYMENTS) ? strchr (path + strlen (DEPLOYMENTS), '/') : NULL;

  return end != NULL ? end + 1 : path;
}

gboolean
oai_api_path_read_models (const char *path, const char *query, char **model, char **deployment)
{
  *model = *deployment = NULL;
  if (begins_with (path, DEPLOYMENTS))
    {
      const char *name = path + strlen (DEPLOYMENTS);

      *model = g_uri_unescape_segment (name, name + strcspn (name, "/"), NULL);
      return *model != NULL && oai_proxy_name_is_valid (*model);
    }
  if (!begins_with (path, "realtime"))
    return TRUE;

  return read_query_value (query, "model", model) && read_query_value (query, "deployment", deployment);
}

gboolean
oai_api_path_is_plain (const char *path)
{
  for (const char *c = strchr (path, '%'); c != NULL; c = strchr (c + 1, '%'))
    {
      int value = g_ascii_xdigit_value (c[1]) << 4 | g_ascii_xdigit_value (c[2]);

      if (g_ascii_isalnum (value) || value == '-' || value == '_' || value == '~')
        return FALSE;
    }

  return TRUE;
}

gboolean
oai_api_path_is_completion (const char *path)
{
  const char *rest = oai_api_path_skip_deployment (path);
  gsize length = strcspn (rest, ";");
  g_autofree char *name = g_ascii_strdown (rest, (gssize) length);

  while (length > 0 && name[length - 1] == '/')
    name[--length] = '\0';

  return strcmp (name, "chat/completions") == 0 || strcmp (name, "completions") == 0;
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
