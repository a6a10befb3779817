/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The client of a request to the proxy. */

#pragma once

#include "oai-proxy-limits.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_IDENTITY (oai_proxy_identity_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyIdentity, oai_proxy_identity, OAI, PROXY_IDENTITY, GObject)

OAI_AVAILABLE_IN_1_0
OaiProxyIdentity *oai_proxy_identity_new (const char *id, OaiProxyLimits *limits);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_identity_get_id (OaiProxyIdentity *self);
OAI_AVAILABLE_IN_1_0
OaiProxyLimits *oai_proxy_identity_get_limits (OaiProxyIdentity *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_identity_id_is_valid (const char *id);

G_END_DECLS
