/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-network-private.h"

#include "oai-blocking-call-private.h"
#include "oai-route-private.h"
#include "oai-url-private.h"

/* Any port: no packet is sent. */
#define PORT 9

/* Addresses that only the default route leads to: servers of the root of DNS. */
static const char *const samples[] = { "198.41.0.4", "2001:503:ba3e::2:30" };

GNetworkMonitor *
oai_network_ref_monitor (void)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();
  GNetworkMonitor *monitor;

  if (oai_blocking_call_is_current () || context != g_main_context_default () || !g_main_context_acquire (context))
    return NULL;

  monitor = g_object_ref (g_network_monitor_get_default ());
  g_main_context_release (context);

  return monitor;
}

static gboolean
may_reach (const char *host)
{
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string (host, PORT);

  return address == NULL || oai_route_exists (address);
}

gboolean
oai_network_has_route (const char *host)
{
  if (host != NULL && g_hostname_is_ip_address (host))
    return may_reach (host);

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    if (may_reach (samples[i]))
      return TRUE;

  return FALSE;
}

gboolean
oai_network_has_local_proxy (const char *const *proxies)
{
  for (guint i = 0; proxies[i] != NULL; i++)
    {
      g_autoptr(GUri) uri = g_uri_parse (proxies[i], G_URI_FLAGS_HAS_PASSWORD, NULL);
      const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

      if (host == NULL || *host == '\0')
        continue;
      if (oai_url_host_is_local (host) || (g_hostname_is_ip_address (host) && may_reach (host)))
        return TRUE;
    }

  return FALSE;
}
