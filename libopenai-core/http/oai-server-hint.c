/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-server-hint-private.h"

#include <string.h>

#include "oai-i18n-private.h"
#include "oai-settings-private.h"
#include "oai-url-private.h"

char *
oai_server_hint_dup_authority (const char *url)
{
  g_autoptr(GUri) uri = url != NULL ? g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL) : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  if (host == NULL)
    return g_strdup (url);

  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%d" : "%s:%d", host, oai_url_get_port (uri));
}

char *
oai_server_hint_dup_url (OaiCall *call)
{
  const char *url = oai_call_get_url (call);

  return g_strndup (url, strcspn (url, "?#"));
}

char *
oai_server_hint_append (char *message, const char *sentence)
{
  g_autofree char *owned = message;
  gsize length = strlen (owned);

  if (sentence == NULL)
    return g_steal_pointer (&owned);

  if (length > 0 && owned[length - 1] == '.')
    owned[length - 1] = '\0';

  /* Translators: two sentences; only the second one has a full stop already. */
  return g_strdup_printf (_("%s. %s"), owned, sentence);
}

/* Returns the base URL of a call; NULL if the request is sent elsewhere, as after a redirect. */
static const char *
get_base_url (OaiCall *call)
{
  OaiSettings *settings = oai_call_get_settings (call);
  const char *base_url = settings != NULL ? oai_settings_get_base_url (settings) : NULL;
  const char *url = oai_call_get_url (call);

  return base_url != NULL && url != NULL && g_str_has_prefix (url, base_url) ? base_url : NULL;
}

/* Whether the path of a base URL contains a segment such as v1 or v1beta.  That of a UNIX socket follows the path of the
 * socket. */
static gboolean
has_version (const char *base_url)
{
  const char *authority = strstr (base_url, "://");

  for (const char *slash = strchr (authority != NULL ? authority + strlen ("://") : base_url, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    if (slash[1] == 'v' && g_ascii_isdigit (slash[2]))
      return TRUE;

  return FALSE;
}

char *
oai_server_hint_append_variable (char *message, OaiCall *call)
{
  OaiSettings *settings = oai_call_get_settings (call);
  const char *variable = settings != NULL && get_base_url (call) != NULL ? oai_settings_get_base_url_variable (settings) : NULL;
  g_autofree char *sentence = NULL;

  if (variable == NULL)
    return message;

  /* Translators: %s is the name of an environment variable. */
  sentence = g_strdup_printf (_("The base URL is that of the environment variable %s."), variable);

  return oai_server_hint_append (message, sentence);
}

char *
oai_server_hint_append_base_url (char *message, OaiCall *call)
{
  OaiSettings *settings = oai_call_get_settings (call);
  const char *base_url = get_base_url (call);

  if (base_url != NULL && !oai_settings_is_azure (settings) && !has_version (base_url))
    {
      /* Translators: %s is a URL that ends in /v1. */
      g_autofree char *sentence = g_strdup_printf (_("The base URL has no version: try %s/v1."), base_url);

      message = oai_server_hint_append (message, sentence);
    }

  return oai_server_hint_append_variable (message, call);
}
