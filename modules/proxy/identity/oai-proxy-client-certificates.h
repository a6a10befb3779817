/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An authenticator for the certificates of TLS clients. */

#pragma once

#include "oai-proxy-authenticator.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_CLIENT_CERTIFICATES (oai_proxy_client_certificates_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyClientCertificates, oai_proxy_client_certificates, OAI, PROXY_CLIENT_CERTIFICATES, OaiProxyAuthenticator)

OAI_AVAILABLE_IN_1_0
OaiProxyClientCertificates *oai_proxy_client_certificates_new (GTlsDatabase *authorities);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_client_certificates_add_fingerprint (OaiProxyClientCertificates *self, const char *fingerprint, const char *identity, const char *limits_name, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_client_certificates_add_subject (OaiProxyClientCertificates *self, const char *subject, const char *identity, const char *limits_name, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_client_certificates_add_dns_name (OaiProxyClientCertificates *self, const char *dns_name, const char *identity, const char *limits_name, GError **error);
OAI_AVAILABLE_IN_1_0
char *oai_proxy_client_certificates_compute_fingerprint (GTlsCertificate *certificate);

G_END_DECLS
