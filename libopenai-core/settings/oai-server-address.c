/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-server-address-private.h"

#include <string.h>

#include "oai-base-url-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-path-template-private.h"
#include "oai-url-private.h"

#define DEFAULT_DOMAIN "api.openai.com"
#define DEFAULT_VERSION "v1"

/* Without blanks around it; the default if it is NULL or blank. */
static char *
dup_or_default (const char *text, const char *fallback)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));

  return *trimmed != '\0' ? g_steal_pointer (&trimmed) : g_strdup (fallback);
}

/* A path of one or more segments, without slashes around it.  A version that has to be encoded is
 * refused. */
static char *
dup_version_path (const char *version, GError **error)
{
  g_auto (GStrv) segments = NULL;
  g_autofree char *path = g_strdup (version + strspn (version, "/"));

  oai_base_url_remove_slashes (path);
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

char *
oai_server_address_from_domain (const char *domain, const char *version, GError **error)
{
  g_autofree char *name = dup_or_default (domain, DEFAULT_DOMAIN);
  g_autofree char *trimmed = dup_or_default (version, DEFAULT_VERSION);
  g_autofree char *path = NULL;

  if (strpbrk (name, ".:") == NULL)
    {
      g_autofree char *shown = g_utf8_make_valid (name, -1);

      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is not a domain: a dot or a port is missing"), shown);
      return NULL;
    }

  path = dup_version_path (trimmed, error);
  if (path == NULL)
    return NULL;

  oai_base_url_remove_slashes (name);

  return g_strconcat (strstr (name, "://") != NULL ? "" : "https://", name, "/", path, NULL);
}

static const struct
{
  const char *region;
  const char *base_url;
} regions[] = {
  { "global", "https://api.openai.com/v1" },
  { "us", "https://us.api.openai.com/v1" },
  { "eu", "https://eu.api.openai.com/v1" },
  { "ae", "https://ae.api.openai.com/v1" },
  { "au", "https://au.api.openai.com/v1" },
  { "in", "https://in.api.openai.com/v1" },
  { "jp", "https://jp.api.openai.com/v1" },
};

char *
oai_server_address_from_region (const char *region, GError **error)
{
  g_autofree char *shown = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    if (g_strcmp0 (region, regions[i].region) == 0)
      return g_strdup (regions[i].base_url);

  shown = g_utf8_make_valid (region != NULL ? region : "", -1);
  /* Translators: do not translate the word in backquotes. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("Invalid `data_residency` region “%s”: us, eu, ae, au, in, jp or global is expected"), shown);

  return NULL;
}

/* Repair */

/* text: an address without a scheme */
static gboolean
starts_with_local_host (const char *text)
{
  gboolean bracketed = *text == '[';
  g_autofree char *host = bracketed ? g_strndup (text + 1, strcspn (text + 1, "]")) : g_strndup (text, strcspn (text, ":/?#"));

  return oai_url_host_is_local (host);
}

/* Operations whose paths have no parameters consist of one or two segments. */
static void
remove_operation (char *path, OaiIsOperationFunc is_operation)
{
  char *last = strrchr (path, '/');
  char *previous = last != NULL ? g_strrstr_len (path, last - path, "/") : NULL;

  if (previous != NULL && is_operation (previous + 1))
    *previous = '\0';
  else if (last != NULL && is_operation (last + 1))
    *last = '\0';
}

/* Returns the length of a scheme with a typing error in what follows it, such as "http//" or "https/"; 0 if there is none.
 * name: return location for the length of its name */
static gsize
count_mistyped_scheme (const char *text, gsize *name)
{
  gsize length = strspn (text, G_CSET_a_2_z G_CSET_A_2_Z);
  gsize delimiters = strspn (text + length, ":/");

  *name = length;
  if (g_ascii_strncasecmp (text, "https", length) != 0 || (length != strlen ("http") && length != strlen ("https")))
    return 0;

  return memchr (text + length, '/', delimiters) != NULL ? length + delimiters : 0;
}

static char *
add_scheme (const char *text)
{
  gsize name;
  gsize mistyped = count_mistyped_scheme (text, &name);

  if (*text == '\0' || strstr (text, "://") != NULL)
    return g_strdup (text);
  if (mistyped > 0)
    return g_strdup_printf ("%.*s://%s", (int) name, text, text + mistyped);

  return g_strconcat (starts_with_local_host (text) ? "http://" : "https://", text, NULL);
}

char *
oai_server_address_repair (const char *text, OaiIsOperationFunc is_operation, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));
  g_autofree char *full = NULL;
  g_autofree char *base = NULL;
  char *path;

  if (oai_base_url_is_socket (trimmed))
    return oai_base_url_normalize (trimmed, error);
  if (*trimmed == '/')
    {
      full = g_strconcat ("unix:", trimmed, NULL);
      return oai_base_url_normalize (full, error);
    }

  trimmed[strcspn (trimmed, "?#")] = '\0';
  full = add_scheme (trimmed);
  base = oai_base_url_normalize (full, error);
  if (base == NULL)
    return NULL;

  path = strstr (base, "://") + strlen ("://");
  path += strcspn (path, "/");
  remove_operation (path, is_operation);
  oai_base_url_remove_slashes (path);
  if (*path == '\0')
    return g_strconcat (base, "/" DEFAULT_VERSION, NULL);

  return g_steal_pointer (&base);
}
