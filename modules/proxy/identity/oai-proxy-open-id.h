/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An authenticator for the tokens of an OpenID provider. */

#pragma once

#include "oai-client.h"
#include "oai-proxy-authenticator.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_OPEN_ID (oai_proxy_open_id_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyOpenId, oai_proxy_open_id, OAI, PROXY_OPEN_ID, OaiProxyAuthenticator)

OAI_AVAILABLE_IN_1_0
OaiProxyOpenId *oai_proxy_open_id_new (const char *issuer, const char *audience, OaiClient *client, GError **error);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_open_id_get_issuer (OaiProxyOpenId *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_open_id_add_audience (OaiProxyOpenId *self, const char *audience);

OAI_AVAILABLE_IN_1_0
const char *oai_proxy_open_id_get_identity_claim (OaiProxyOpenId *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_open_id_set_identity_claim (OaiProxyOpenId *self, const char *identity_claim);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_open_id_get_identity_prefix (OaiProxyOpenId *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_open_id_set_identity_prefix (OaiProxyOpenId *self, const char *identity_prefix);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_open_id_get_limits_claim (OaiProxyOpenId *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_open_id_set_limits_claim (OaiProxyOpenId *self, const char *limits_claim);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_open_id_get_required_scope (OaiProxyOpenId *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_open_id_set_required_scope (OaiProxyOpenId *self, const char *required_scope);
/* Milliseconds. */
OAI_AVAILABLE_IN_1_0
guint oai_proxy_open_id_get_clock_skew_ms (OaiProxyOpenId *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_open_id_set_clock_skew_ms (OaiProxyOpenId *self, guint clock_skew_ms);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_open_id_get_refresh_interval_ms (OaiProxyOpenId *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_open_id_set_refresh_interval_ms (OaiProxyOpenId *self, guint refresh_interval_ms);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_open_id_get_retry_interval_ms (OaiProxyOpenId *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_open_id_set_retry_interval_ms (OaiProxyOpenId *self, guint retry_interval_ms);

G_END_DECLS
