/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server that a proxy forwards requests to. */

#pragma once

#include "oai-client.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_UPSTREAM (oai_proxy_upstream_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyUpstream, oai_proxy_upstream, OAI, PROXY_UPSTREAM, GObject)

OAI_AVAILABLE_IN_1_0
OaiProxyUpstream *oai_proxy_upstream_new (const char *name, OaiClient *client);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_upstream_get_name (OaiProxyUpstream *self);
OAI_AVAILABLE_IN_1_0
OaiClient *oai_proxy_upstream_get_client (OaiProxyUpstream *self);
OAI_AVAILABLE_IN_1_0
const char *const *oai_proxy_upstream_get_models (OaiProxyUpstream *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_upstream_set_models (OaiProxyUpstream *self, const char *const *patterns);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_upstream_get_priority (OaiProxyUpstream *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_upstream_set_priority (OaiProxyUpstream *self, guint priority);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_upstream_get_weight (OaiProxyUpstream *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_upstream_set_weight (OaiProxyUpstream *self, guint weight);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_upstream_get_max_concurrent (OaiProxyUpstream *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_upstream_set_max_concurrent (OaiProxyUpstream *self, guint requests);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_upstream_get_n_active (OaiProxyUpstream *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_upstream_is_healthy (OaiProxyUpstream *self);

G_END_DECLS
