/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proxies: the user name and password in the address of one, and what goes through none. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Sends the credentials in the address of an HTTP proxy, if there are any, with the
 * message, which is not sent yet.  Borrows the session, which outlives the sending. */
void oai_proxy_authorize (SoupSession *session, SoupMessage *message);

G_END_DECLS
