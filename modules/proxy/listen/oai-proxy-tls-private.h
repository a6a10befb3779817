/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The certificate of the proxy, and what it requires of the certificates of clients.  It is loaded again when its files
 * have changed. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _OaiProxyTls OaiProxyTls;

/* key_file: NULL if certificate_file contains the key as well.  client_ca_file: the authorities of the certificates of
 * clients, which are requested then; or NULL.  require_client: whether clients without a certificate are refused. */
OaiProxyTls *oai_proxy_tls_new (const char *certificate_file, const char *key_file, const char *client_ca_file, gboolean require_client, GError **error);
OaiProxyTls *oai_proxy_tls_new_for_certificate (GTlsCertificate *certificate, GTlsDatabase *client_ca, gboolean require_client);
OaiProxyTls *oai_proxy_tls_ref (OaiProxyTls *self);
void oai_proxy_tls_unref (OaiProxyTls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiProxyTls, oai_proxy_tls_unref)

/* Reads the files again.  Keeps the former certificate if that fails. */
gboolean oai_proxy_tls_reload (OaiProxyTls *self, GError **error);
/* New connections use the files and the certificate of another one. */
void oai_proxy_tls_assign (OaiProxyTls *self, OaiProxyTls *other);
/* Returns FALSE with an error if the key does not belong to the certificate. */
gboolean oai_proxy_tls_check_certificate (GTlsCertificate *certificate, GError **error);

/* The server's side of a connection, before its handshake.  At most once a second, checks whether the files have
 * changed. */
GIOStream *oai_proxy_tls_wrap (OaiProxyTls *self, GIOStream *stream, GError **error);

G_END_DECLS
