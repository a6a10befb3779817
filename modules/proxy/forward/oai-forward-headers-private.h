/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which headers the proxy passes on. */

#pragma once

#include <libsoup/soup.h>

#include "oai-http-head-private.h"

G_BEGIN_DECLS

/* The headers of a client's request that the server receives: those of a list, and never credentials, cookies or
 * what other proxies have added. */
SoupMessageHeaders *oai_forward_headers_for_request (const OaiHttpHead *head);
/* The headers of a server's reply that the client receives: all but those of the connection, cookies, and what describes
 * the account or the server. */
OaiHttpFields *oai_forward_headers_for_reply (SoupMessageHeaders *headers);
/* The length of the reply's body, or -1. */
gint64 oai_forward_headers_get_length (SoupMessageHeaders *headers);

G_END_DECLS
