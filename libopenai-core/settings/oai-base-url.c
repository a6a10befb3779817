/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-base-url-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-url-private.h"

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

  uri = oai_url_parse_http (text, error);

  return uri != NULL && check_base_uri (uri, text, error) ? g_steal_pointer (&uri) : NULL;
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

  uri = parse_base (trimmed, error);
  return uri != NULL ? uri_to_base (uri) : NULL;
}
