/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-base-url-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-url-private.h"

/* Of a UNIX socket on all systems, in bytes. */
#define MAX_SOCKET_PATH 103
#define SOCKET_SCHEME "unix:"
#define DEFAULT_SOCKET_BASE "/v1"
/* The server at a socket gets the name of this machine as its host. */
#define SOCKET_ROOT "http://localhost"

static gboolean
check_base_uri (GUri *uri, const char *text, GError **error)
{
  if (g_uri_get_query (uri) != NULL)
    return oai_url_refuse (text, _("it must not contain a query"), error);
  if (g_uri_get_fragment (uri) != NULL)
    return oai_url_refuse (text, _("it must not contain a URL fragment"), error);

  return TRUE;
}

void
oai_base_url_remove_slashes (char *text)
{
  gsize length = strlen (text);

  while (length > 0 && text[length - 1] == '/')
    text[--length] = '\0';
}

static char *
uri_to_base (GUri *uri)
{
  char *text = g_uri_to_string (uri);

  oai_base_url_remove_slashes (text);

  return text;
}

static GUri *
parse_base (const char *text, GError **error)
{
  g_autoptr(GUri) uri = NULL;

  /* Checked first, so that no message repeats a password. */
  if (strchr (text, '@') != NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The address of a server must not contain a user name or password"));
      return NULL;
    }

  if ((*text == '/' && text[1] != '/') || g_ascii_strncasecmp (text, "http+unix:", strlen ("http+unix:")) == 0)
    {
      oai_url_refuse (text, _("the address of a UNIX socket is written as unix:/PATH"), error);
      return NULL;
    }

  uri = oai_url_parse_http (text, error);

  return uri != NULL && check_base_uri (uri, text, error) ? g_steal_pointer (&uri) : NULL;
}

/* Addresses of UNIX sockets */

gboolean
oai_base_url_is_socket (const char *text)
{
  return g_ascii_strncasecmp (text, SOCKET_SCHEME, strlen (SOCKET_SCHEME)) == 0;
}

/* why: translated */
static gboolean
refuse_socket (const char *text, const char *why, GError **error)
{
  g_autofree char *shown = g_utf8_make_valid (text, -1);

  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is not the address of a UNIX socket: %s"), shown, why);
  return FALSE;
}

static gboolean
check_socket_path (const char *path, const char *text, GError **error)
{
  gsize length = strlen (path);

  if (*path != '/' || path[1] == '/' || length < 2)
    return refuse_socket (text, _("an absolute path is expected, such as unix:/run/user/1000/llama.sock"), error);
  if (length > MAX_SOCKET_PATH)
    return refuse_socket (text, _("its path is too long for a UNIX socket"), error);
  if (!g_utf8_validate (path, length, NULL))
    return refuse_socket (text, _("its path is not valid UTF-8"), error);
  for (const char *c = path; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return refuse_socket (text, _("its path contains a control character"), error);

  return TRUE;
}

/* base: the path of the URL, from its slash on.  Returns the URL, without a slash at its end. */
static char *
build_socket_url (const char *base, const char *text, GError **error)
{
  g_autofree char *url = g_strconcat (SOCKET_ROOT, base, NULL);
  g_autoptr(GUri) uri = oai_url_parse_http (url, NULL);

  if (uri == NULL)
    refuse_socket (text, _("the path of the URL after the socket is malformed"), error);
  else if (g_uri_get_query (uri) != NULL)
    refuse_socket (text, _("it must not contain a query"), error);
  else if (g_uri_get_fragment (uri) != NULL)
    refuse_socket (text, _("it must not contain a URL fragment"), error);
  else
    return uri_to_base (uri);

  return NULL;
}

/* Returns the ":" between the path of the socket and that of the URL, or NULL. */
static char *
find_base (const char *path)
{
  return g_strrstr (path, ":/");
}

static char *
normalize_socket (const char *text, GError **error)
{
  const char *start = text + strlen (SOCKET_SCHEME);
  g_autofree char *path = g_strdup (g_str_has_prefix (start, "///") ? start + 2 : start);
  char *colon = find_base (path);
  g_autofree char *base = g_strdup (colon != NULL ? colon + 1 : DEFAULT_SOCKET_BASE);
  g_autofree char *url = NULL;

  if (colon != NULL)
    *colon = '\0';
  oai_base_url_remove_slashes (path);
  if (!check_socket_path (path, text, error))
    return NULL;

  url = build_socket_url (base, text, error);

  return url != NULL ? oai_base_url_join_socket (path, url) : NULL;
}

void
oai_base_url_split_socket (const char *base_url, char **socket_path, char **url)
{
  const char *path = base_url + strlen (SOCKET_SCHEME);
  const char *colon = find_base (path);

  *socket_path = g_strndup (path, colon - path);
  *url = g_strconcat (SOCKET_ROOT, colon + 1, NULL);
  oai_base_url_remove_slashes (*url);
}

char *
oai_base_url_join_socket (const char *socket_path, const char *url)
{
  const char *host = strstr (url, "://");
  const char *path = host != NULL ? strchr (host + strlen ("://"), '/') : NULL;

  return g_strconcat (SOCKET_SCHEME, socket_path, ":", path != NULL ? path : "/", NULL);
}

char *
oai_base_url_normalize (const char *text, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));
  g_autoptr(GUri) uri = NULL;

  if (*trimmed == '\0')
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The address of the server is empty"));
      return NULL;
    }

  if (oai_base_url_is_socket (trimmed))
    return normalize_socket (trimmed, error);

  uri = parse_base (trimmed, error);
  return uri != NULL ? uri_to_base (uri) : NULL;
}
