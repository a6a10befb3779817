/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Settings of single TLS connections, which libsoup does not have. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Offers the server only HTTP/1.1.  Before the handshake. */
void oai_tls_connection_offer_http1 (GTlsConnection *connection);
/* Frees the certificates of authorities that were needed to verify the server.  After the
 * handshake. */
void oai_tls_connection_forget_authorities (GTlsConnection *connection);

G_END_DECLS
