/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proxies: credentials in their addresses, and hosts that are reached without a proxy. */

#pragma once

#include <libsoup/soup.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Sends the credentials in the address of an HTTP proxy with the message, which is not sent yet.
 * Borrows the session. */
void oai_proxy_authorize (SoupSession *session, SoupMessage *message);

/* To be called if a proxy requires credentials by a reply that libsoup did not read.  Emits the
 * signal "authenticate" of the message.  Returns TRUE if a handler gave credentials, so that the
 * message is to be sent again. */
gboolean oai_proxy_authenticate (SoupSession *session, SoupMessage *message, SoupMessageHeaders *headers);

/* The proxies of the system, but none for loopback addresses, which a proxy cannot reach. */
GProxyResolver *oai_proxy_resolver_new (void);

G_END_DECLS
