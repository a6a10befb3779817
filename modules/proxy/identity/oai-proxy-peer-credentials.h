/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An authenticator for the users of this machine. */

#pragma once

#include "oai-proxy-authenticator.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_PEER_CREDENTIALS (oai_proxy_peer_credentials_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyPeerCredentials, oai_proxy_peer_credentials, OAI, PROXY_PEER_CREDENTIALS, OaiProxyAuthenticator)

OAI_AVAILABLE_IN_1_0
OaiProxyPeerCredentials *oai_proxy_peer_credentials_new (void);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_peer_credentials_add_user (OaiProxyPeerCredentials *self, guint user_id, const char *identity, const char *limits_name, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_peer_credentials_add_group (OaiProxyPeerCredentials *self, guint group_id, const char *identity, const char *limits_name, GError **error);

G_END_DECLS
