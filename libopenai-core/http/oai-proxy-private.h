/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proxies: credentials in their addresses, and hosts that are reached without a proxy. */

#pragma once

#include <libsoup/soup.h>

#include "oai-settings.h"

G_BEGIN_DECLS

/* Sends the credentials in the address of an HTTP proxy with a message without TLS, which is about to
 * be sent and has a connection.  Borrows the session. */
void oai_proxy_authorize (SoupSession *session, SoupMessage *message);
/* The same with TLS, for the CONNECT.  To be called when a message has a new connection, which may
 * be that to a proxy. */
void oai_proxy_authorize_tunnel (SoupSession *session, SoupMessage *message, GIOStream *connection);

/* To be called if a proxy requires credentials by a reply that libsoup did not read.  Emits the
 * signal "authenticate" of the message.  Returns TRUE if a handler gave credentials, so that the
 * message is to be sent again. */
gboolean oai_proxy_authenticate (SoupSession *session, SoupMessage *message, SoupMessageHeaders *headers);

/* Whether the reply to a message is that of a proxy that did not connect to the server, with TLS. */
gboolean oai_proxy_refused_tunnel (SoupMessage *message);

/* The proxies of the system, but none for loopback addresses, unless the settings have
 * proxy-loopback. */
GProxyResolver *oai_proxy_resolver_new (OaiSettings *settings);

G_END_DECLS
