/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether this machine has a network, without a request and without a lookup of names. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Returns the monitor of the system if this thread can create it, so that its changes arrive in the
 * global default main context; otherwise NULL.  It may use D-Bus the first time. */
GNetworkMonitor *oai_network_ref_monitor (void);

/* Whether there is a route to an address; for a name, to any address of the Internet.  host: nullable */
gboolean oai_network_has_route (const char *host);

/* Whether one of the proxies, from a GProxyResolver, is on this machine or in its network. */
gboolean oai_network_has_local_proxy (const char *const *proxies);

G_END_DECLS
