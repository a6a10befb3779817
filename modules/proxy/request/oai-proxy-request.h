/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A request to the proxy. */

#pragma once

#include <gio/gio.h>

#include "oai-proxy-error.h"
#include "oai-proxy-identity.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_REQUEST (oai_proxy_request_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyRequest, oai_proxy_request, OAI, PROXY_REQUEST, GObject)

OAI_AVAILABLE_IN_1_0
const char *oai_proxy_request_get_id (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_request_get_method (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_request_get_path (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_request_get_query (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_request_get_header (OaiProxyRequest *self, const char *name);
OAI_AVAILABLE_IN_1_0
char **oai_proxy_request_list_header_names (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_request_get_token (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_request_get_operation (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_request_get_model (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
GSocketAddress *oai_proxy_request_get_peer_address (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
GTlsCertificate *oai_proxy_request_get_peer_certificate (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
GCredentials *oai_proxy_request_get_peer_credentials (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
OaiProxyIdentity *oai_proxy_request_get_identity (OaiProxyRequest *self);
OAI_AVAILABLE_IN_1_0
GCancellable *oai_proxy_request_get_cancellable (OaiProxyRequest *self);

OAI_AVAILABLE_IN_1_0
void oai_proxy_request_accept (OaiProxyRequest *self, OaiProxyIdentity *identity);
OAI_AVAILABLE_IN_1_0
void oai_proxy_request_refuse (OaiProxyRequest *self, OaiProxyError reason, const char *message);

G_END_DECLS
