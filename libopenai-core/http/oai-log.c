/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-log-private.h"

#include <libsoup/soup.h>

#include "oai-call-private.h"

static gboolean
is_wanted (void)
{
  return !g_log_writer_default_would_drop (G_LOG_LEVEL_DEBUG, G_LOG_DOMAIN);
}

static char *
dup_query_names (const char *query)
{
  g_auto(GStrv) pairs = g_strsplit (query, "&", -1);

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      char *equals = strchr (pairs[i], '=');

      if (equals != NULL)
        equals[1] = '\0';
    }

  return g_strjoinv ("&", pairs);
}

char *
oai_log_dup_url (GUri *uri)
{
  g_autofree char *query = g_uri_get_query (uri) != NULL ? dup_query_names (g_uri_get_query (uri)) : NULL;

  return g_uri_join (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri), g_uri_get_port (uri),
                     g_uri_get_path (uri), query, NULL);
}

void
oai_log_head (OaiCall *call)
{
  const char *id;

  if (!is_wanted ())
    return;

  id = oai_call_get_request_id (call);
  g_debug ("%s: %s %s: status %u, request id %s", oai_call_get_operation (call), oai_call_get_method (call),
           oai_call_get_url (call), oai_call_get_status_code (call), id != NULL ? id : "unknown");
}

void
oai_log_retry (OaiCall *call, double delay)
{
  if (!is_wanted ())
    return;

  g_debug ("%s: attempt %u failed (status %u), retrying in %.3f s", oai_call_get_operation (call),
           oai_call_get_n_attempts (call), oai_call_get_status_code (call), delay);
}

void
oai_log_adaptations (OaiCall *call)
{
  g_autofree char *names = NULL;

  if (!is_wanted ())
    return;

  names = g_strjoinv (", ", (char **) oai_call_get_adaptations (call));
  g_debug ("%s: the request is adapted to the server: %s", oai_call_get_operation (call), names);
}

void
oai_log_redirect (OaiCall *call)
{
  if (!is_wanted ())
    return;

  g_debug ("%s: redirected to %s", oai_call_get_operation (call), oai_call_get_url (call));
}

void
oai_log_end (OaiCall *call, const GError *error)
{
  if (!is_wanted ())
    return;

  if (error != NULL)
    g_debug ("%s: failed after %.3f s: %s", oai_call_get_operation (call), oai_call_get_elapsed (call), error->message);
  else
    g_debug ("%s: done after %.3f s", oai_call_get_operation (call), oai_call_get_elapsed (call));
}
