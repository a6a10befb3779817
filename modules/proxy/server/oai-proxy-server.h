/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server that forwards requests to the API with its own credentials. */

#pragma once

#include "oai-client.h"
#include "oai-price-table.h"
#include "oai-proxy-authenticator.h"
#include "oai-proxy-limits.h"
#include "oai-proxy-unavailable.h"
#include "oai-proxy-upstream.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_SERVER (oai_proxy_server_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyServer, oai_proxy_server, OAI, PROXY_SERVER, GObject)

OAI_AVAILABLE_IN_1_0
OaiProxyServer *oai_proxy_server_new (OaiClient *client);
OAI_AVAILABLE_IN_1_0
void oai_proxy_server_add_upstream (OaiProxyServer *self, OaiProxyUpstream *upstream);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_server_remove_upstream (OaiProxyServer *self, OaiProxyUpstream *upstream);
OAI_AVAILABLE_IN_1_0
void oai_proxy_server_add_authenticator (OaiProxyServer *self, OaiProxyAuthenticator *authenticator);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_server_remove_authenticator (OaiProxyServer *self, OaiProxyAuthenticator *authenticator);

OAI_AVAILABLE_IN_1_0
const char *oai_proxy_server_get_route_prefix (OaiProxyServer *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_server_set_route_prefix (OaiProxyServer *self, const char *prefix, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_server_get_allow_anonymous (OaiProxyServer *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_server_set_allow_anonymous (OaiProxyServer *self, gboolean allow, GError **error);
OAI_AVAILABLE_IN_1_0
OaiProxyLimits *oai_proxy_server_get_default_limits (OaiProxyServer *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_server_set_default_limits (OaiProxyServer *self, OaiProxyLimits *limits);
OAI_AVAILABLE_IN_1_0
OaiPriceTable *oai_proxy_server_get_prices (OaiProxyServer *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_server_set_prices (OaiProxyServer *self, OaiPriceTable *prices);
OAI_AVAILABLE_IN_1_0
guint64 oai_proxy_server_get_max_body_size (OaiProxyServer *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_server_set_max_body_size (OaiProxyServer *self, guint64 bytes);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_server_get_n_connections (OaiProxyServer *self);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_server_get_n_requests (OaiProxyServer *self);

OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_server_open_usage_log (OaiProxyServer *self, const char *location, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_server_open_counters (OaiProxyServer *self, const char *url, OaiProxyUnavailable policy, GError **error);
OAI_AVAILABLE_IN_1_0
char *oai_proxy_server_dup_metrics (OaiProxyServer *self);

OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_server_listen (OaiProxyServer *self, const char *address, GTlsCertificate *certificate, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_server_listen_socket (OaiProxyServer *self, GSocket *socket, GTlsCertificate *certificate, GError **error);
OAI_AVAILABLE_IN_1_0
char **oai_proxy_server_list_addresses (OaiProxyServer *self);

OAI_AVAILABLE_IN_1_0
void oai_proxy_server_shutdown_async (OaiProxyServer *self, guint timeout_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_server_shutdown_finish (OaiProxyServer *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_proxy_server_close (OaiProxyServer *self);

G_END_DECLS
