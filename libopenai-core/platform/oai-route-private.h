/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether the operating system has a route to an address. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sends no packet.  Returns TRUE also if the system does not permit to find out. */
gboolean oai_route_exists (GSocketAddress *address);

G_END_DECLS
