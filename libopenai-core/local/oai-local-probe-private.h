/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds out whether a server answers at an address of this machine, which models it has, and what it
 * is. */

#pragma once

#include <gio/gio.h>

#include "oai-local-server-table-private.h"

G_BEGIN_DECLS

typedef struct _OaiLocalProbe OaiLocalProbe;

typedef void (*OaiLocalProbeFunc) (OaiLocalProbe *probe, gpointer user_data);

/* Sends requests in the thread-default main context.  host: an address of loopback for a port,
 * ignored for a socket.  func is called once, later. */
OaiLocalProbe *oai_local_probe_new (const OaiLocalAddress *address, const char *host, const OaiLocalTrait *traits, OaiLocalProbeFunc func, gpointer user_data);
/* After func was called. */
void oai_local_probe_free (OaiLocalProbe *self);
/* Ends the probe soon; what is known of the server stays. */
void oai_local_probe_cancel (OaiLocalProbe *self);

/* The models of the server, or NULL if no server has answered. */
const char *const *oai_local_probe_get_models (OaiLocalProbe *self);
/* Translated if the server is not known. */
const char *oai_local_probe_get_name (OaiLocalProbe *self);
const char *oai_local_probe_get_base_url (OaiLocalProbe *self);
/* Whether both are probably one server that listens on several addresses of loopback. */
gboolean oai_local_probe_is_same (OaiLocalProbe *self, OaiLocalProbe *other);

G_END_DECLS
