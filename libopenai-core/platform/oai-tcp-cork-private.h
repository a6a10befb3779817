/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends large requests in full packets. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Remembers a connection that the session has opened for message; called for "network-event". */
void oai_tcp_cork_note_connection (SoupSession *session, SoupMessage *message, GIOStream *connection);
/* Sends the message, which is not sent yet, in full packets if its connection was noted.  Borrows
 * the session. */
void oai_tcp_cork_message (SoupSession *session, SoupMessage *message);

/* The socket of a noted connection by its number; NULL if it is not known. */
GSocket *oai_tcp_cork_ref_socket (SoupSession *session, guint64 connection);

G_END_DECLS
