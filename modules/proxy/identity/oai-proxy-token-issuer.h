/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An authenticator that issues and accepts signed tokens that expire. */

#pragma once

#include "oai-proxy-authenticator.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_TOKEN_ISSUER (oai_proxy_token_issuer_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyTokenIssuer, oai_proxy_token_issuer, OAI, PROXY_TOKEN_ISSUER, OaiProxyAuthenticator)

OAI_AVAILABLE_IN_1_0
OaiProxyTokenIssuer *oai_proxy_token_issuer_new (void);

OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_token_issuer_add_key (OaiProxyTokenIssuer *self, const char *key_id, GBytes *key, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_token_issuer_remove_key (OaiProxyTokenIssuer *self, const char *key_id);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_token_issuer_load_keys (OaiProxyTokenIssuer *self, const char *path, GError **error);
OAI_AVAILABLE_IN_1_0
char *oai_proxy_token_issuer_generate_key_line (const char *key_id, GError **error);

/* Milliseconds. */
OAI_AVAILABLE_IN_1_0
guint oai_proxy_token_issuer_get_clock_skew_ms (OaiProxyTokenIssuer *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_token_issuer_set_clock_skew_ms (OaiProxyTokenIssuer *self, guint clock_skew_ms);

OAI_AVAILABLE_IN_1_0
char *oai_proxy_token_issuer_issue (OaiProxyTokenIssuer *self, const char *identity, const char *limits_name, guint64 lifetime_ms, GError **error);

G_END_DECLS
