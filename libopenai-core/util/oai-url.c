/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-url-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"

#define OPENAI_HOST "api.openai.com"

/* Percent-encoding in a host is decoded by GUri, and encoded again when a URL is written.  The
 * other parts stay encoded.  Same as SOUP_HTTP_URI_FLAGS. */
#define URL_FLAGS (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_ENCODED_FRAGMENT | G_URI_FLAGS_SCHEME_NORMALIZE)

int
oai_url_get_port (GUri *uri)
{
  int port = g_uri_get_port (uri);
  const char *scheme = g_uri_get_scheme (uri);

  if (port >= 0)
    return port;
  if (strcmp (scheme, "https") == 0 || strcmp (scheme, "wss") == 0)
    return 443;
  if (strcmp (scheme, "http") == 0 || strcmp (scheme, "ws") == 0)
    return 80;

  return -1;
}

gboolean
oai_url_same_origin (GUri *a, GUri *b)
{
  const char *host_a = g_uri_get_host (a);
  const char *host_b = g_uri_get_host (b);

  if (host_a == NULL || host_b == NULL)
    return FALSE;

  return strcmp (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0
         && g_ascii_strcasecmp (host_a, host_b) == 0
         && oai_url_get_port (a) == oai_url_get_port (b);
}

#define MAX_SCHEME 8 /* characters of the longest one that is shown */
#define HOST_CHARACTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-._"

/* Returns the number of characters of a colon and a port; 0 if there is none. */
static gsize
count_port (const char *text)
{
  gsize length = *text == ':' ? strspn (text + 1, G_CSET_DIGITS) : 0;

  return length > 0 && length <= 6 && (text[length + 1] == '\0' || text[length + 1] == '/') ? length + 1 : 0;
}

/* Returns what follows the scheme, also one with a typing error such as "http//"; NULL if there is no scheme.  A key may
 * precede a later "://". */
static const char *
skip_scheme (const char *text)
{
  gsize length = strspn (text, G_CSET_a_2_z G_CSET_A_2_Z);
  gsize delimiters = strspn (text + length, ":/");

  if (length > 0 && length <= MAX_SCHEME && g_str_has_prefix (text + length, "://"))
    return text + length + strlen ("://");

  return g_ascii_strncasecmp (text, "http", 4) == 0 && delimiters >= 2 ? text + length + delimiters : NULL;
}

/* Returns the length of a name, or of an IPv6 address in brackets. */
static gsize
count_host (const char *text)
{
  gsize length = *text == '[' ? 1 + strspn (text + 1, G_CSET_DIGITS "abcdefABCDEF:.") : 0;

  if (length > 0)
    return text[length] == ']' ? length + 1 : length;

  return strspn (text, HOST_CHARACTERS);
}

/* Returns the length of the scheme, the host and the port, which are safe to show.  Keys are pasted into
 * all other parts, and text without a scheme and a port may be a key. */
static gsize
count_shown (const char *text)
{
  const char *after = skip_scheme (text);
  const char *host = after != NULL ? after : text;
  gsize length = count_host (host);
  gsize port = count_port (host + length);

  if (strchr (text, '@') != NULL || !g_utf8_validate (text, host - text, NULL))
    return 0;
  if (after == NULL && port == 0)
    return 0;

  return host - text + length + port;
}

static char *
dup_shown (const char *text)
{
  gsize length = count_shown (text);

  return g_strdup_printf ("%.*s%s", (int) length, text, text[length] != '\0' ? "…" : "");
}

gboolean
oai_url_refuse (const char *text, const char *why, GError **error)
{
  g_autofree char *shown = dup_shown (text);

  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is not the address of a server: %s"), shown, why);
  return FALSE;
}

gboolean
oai_url_is_openai (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  g_autofree char *host = NULL;
  gsize length;

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return FALSE;

  host = g_ascii_strdown (g_uri_get_host (uri), -1);
  length = strlen (host);
  if (length > 0 && host[length - 1] == '.')
    host[length - 1] = '\0';

  return strcmp (host, OPENAI_HOST) == 0 || g_str_has_suffix (host, "." OPENAI_HOST);
}

/* GUri decodes percent-encoding in a host.  A decoded delimiter ("@", ":", "/") would act as a
 * delimiter when the URL is written and parsed again. */
static gboolean
host_is_valid (const char *host)
{
  gboolean is_address = strchr (host, ':') != NULL;

  if (*host == '\0')
    return FALSE;

  for (const char *c = host; *c != '\0'; c++)
    {
      if (g_ascii_isalnum (*c) || strchr ("-._", *c) != NULL)
        continue;
      if (!is_address || (*c != ':' && *c != '%'))
        return FALSE;
    }

  /* The zone of an IPv6 address follows "%". */
  return !is_address || strspn (host, "0123456789abcdefABCDEF:.") == strcspn (host, "%");
}

static gboolean
check_http (GUri *uri, const char *text, GError **error)
{
  const char *scheme = g_uri_get_scheme (uri);
  const char *host = g_uri_get_host (uri);

  if (strcmp (scheme, "http") != 0 && strcmp (scheme, "https") != 0)
    return oai_url_refuse (text, _("it must begin with http:// or https://"), error);
  if (host == NULL || *host == '\0')
    return oai_url_refuse (text, _("it has no host"), error);
  if (strpbrk (host, " \t\r\n") != NULL)
    return oai_url_refuse (text, _("its host contains a blank"), error);
  if (!host_is_valid (host))
    return oai_url_refuse (text, _("its host contains invalid characters"), error);

  return TRUE;
}

GUri *
oai_url_parse_http (const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, URL_FLAGS, NULL);

  if (uri != NULL)
    return check_http (uri, url, error) ? g_steal_pointer (&uri) : NULL;

  /* The message of the parser is not used, since it quotes the text. */
  if (g_ascii_strncasecmp (url, "http://", 7) != 0 && g_ascii_strncasecmp (url, "https://", 8) != 0)
    oai_url_refuse (url, _("it must begin with http:// or https://"), error);
  else
    oai_url_refuse (url, _("its host or its port is malformed"), error);

  return NULL;
}

GUri *
oai_url_resolve_http (GUri *base, const char *location)
{
  g_autoptr (GUri) target = location != NULL ? g_uri_parse_relative (base, location, URL_FLAGS, NULL) : NULL;

  return target != NULL && check_http (target, location, NULL) ? g_steal_pointer (&target) : NULL;
}

/* Resolvers take "134744072" and "0x8080808" for IPv4 addresses, which are not local. */
static gboolean
is_number (const char *host)
{
  const char *digits = g_str_has_prefix (host, "0x") ? "0123456789abcdefx" : "0123456789";

  return strspn (host, digits) == strlen (host);
}

/* lower: in lower case */
static gboolean
is_local_name (const char *lower)
{
  if (is_number (lower))
    return FALSE;

  return strchr (lower, '.') == NULL || g_str_has_suffix (lower, ".localhost") || g_str_has_suffix (lower, ".local");
}

/* fc00::/7, the private addresses of IPv6. */
static gboolean
is_unique_local (GInetAddress *address)
{
  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 && (*g_inet_address_to_bytes (address) & 0xfe) == 0xfc;
}

gboolean
oai_url_host_is_local (const char *host)
{
  g_autofree char *lower = NULL;
  g_autoptr (GInetAddress) address = NULL;

  if (strcmp (host, "localhost") == 0 || strcmp (host, "127.0.0.1") == 0)
    return TRUE;

  lower = g_ascii_strdown (host, -1);
  /* Only IPv6 addresses contain a colon.  The zone does not matter here. */
  if (strchr (lower, ':') != NULL)
    lower[strcspn (lower, "%")] = '\0';
  address = g_inet_address_new_from_string (lower);
  if (address == NULL)
    return strchr (lower, ':') == NULL && is_local_name (lower);

  return g_inet_address_get_is_loopback (address) || g_inet_address_get_is_site_local (address)
         || g_inet_address_get_is_link_local (address) || g_inet_address_get_is_any (address) || is_unique_local (address);
}
