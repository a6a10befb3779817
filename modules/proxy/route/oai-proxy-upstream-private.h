/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiProxyUpstream for the router. */

#pragma once

#include "oai-health-private.h"
#include "oai-proxy-upstream.h"

G_BEGIN_DECLS

OaiHealth *oai_proxy_upstream_get_health (OaiProxyUpstream *self);
/* model: NULL for a request that names none. */
gboolean oai_proxy_upstream_has_model (OaiProxyUpstream *self, const char *model);
/* Whether the number of requests is below the limit. */
gboolean oai_proxy_upstream_has_room (OaiProxyUpstream *self);
void oai_proxy_upstream_begin_request (OaiProxyUpstream *self);
void oai_proxy_upstream_end_request (OaiProxyUpstream *self);

G_END_DECLS
