/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sockets of the connections of a session.  libsoup shows its sockets only while it connects, so
 * they are stored with their session, by the number of the connection. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Remembers a connection that the session has opened for message; called for "network-event".
 * Ignores those with HTTP/2, since requests share the socket. */
void oai_session_sockets_note (SoupSession *session, SoupMessage *message, GIOStream *connection);
/* The socket of a noted connection by its number, below TLS if it is used; NULL if it is not
 * known. */
GSocket *oai_session_sockets_ref (SoupSession *session, guint64 connection);
/* Like oai_session_sockets_ref(), but NULL if there is another layer than one of TLS above the socket,
 * such as that of a proxy over TLS. */
GSocket *oai_session_sockets_ref_direct (SoupSession *session, guint64 connection);

G_END_DECLS
