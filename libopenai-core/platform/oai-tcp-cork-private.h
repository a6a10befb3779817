/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Large requests in full packets. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A connection that the session has opened for message; for its "network-event". */
void oai_tcp_cork_note_connection (SoupSession *session, SoupMessage *message, GIOStream *connection);
/* Has the message, which is not sent yet, leave in full packets where it goes over
 * a connection that was noted.  Borrows the session, which outlives the sending. */
void oai_tcp_cork_message (SoupSession *session, SoupMessage *message);

/* The socket of a connection that was noted, by its number; NULL when it is not known. */
GSocket *oai_tcp_cork_ref_socket (SoupSession *session, guint64 connection);

G_END_DECLS
