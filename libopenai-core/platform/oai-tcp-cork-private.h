/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends large requests in full packets. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Sends the message, which is not sent yet, in full packets if the socket of its connection was
 * noted.  Borrows the session. */
void oai_tcp_cork_message (SoupSession *session, SoupMessage *message);

G_END_DECLS
