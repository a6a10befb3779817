/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-tls-connection-private.h"

void
oai_tls_connection_offer_http1 (GTlsConnection *connection)
{
  static const char *const protocols[] = { "http/1.1", NULL };

  g_tls_connection_set_advertised_protocols (connection, protocols);
}

/* Before 2.80, glib-networking reads all authorities of the system for each connection, which takes
 * 4 MB, and keeps them as long as the connection.  Without a database, it frees them.  Should the
 * server request another handshake, its certificate is rejected. */
void
oai_tls_connection_forget_authorities (GTlsConnection *connection)
{
  g_tls_connection_set_database (connection, NULL);
}
