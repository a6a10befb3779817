/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proxies: the user name and password in the address of one, and what goes through none. */

#pragma once

#include <libsoup/soup.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Sends the credentials in the address of an HTTP proxy, if there are any, with the
 * message, which is not sent yet.  Borrows the session, which outlives the sending. */
void oai_proxy_authorize (SoupSession *session, SoupMessage *message);

/* A proxy wants credentials, by a reply that libsoup did not read.  Emits the message's
 * signal "authenticate", to a handler that answers at once; TRUE: send it again. */
gboolean oai_proxy_authenticate (SoupSession *session, SoupMessage *message, SoupMessageHeaders *headers);

/* The proxies of the system, and none for loopback addresses, which no proxy reaches. */
GProxyResolver *oai_proxy_resolver_new (void);

G_END_DECLS
