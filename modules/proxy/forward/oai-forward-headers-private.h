/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which headers the proxy passes on. */

#pragma once

#include "oai-http-head-private.h"

G_BEGIN_DECLS

/* The headers of a client's request that the server receives: those of a list, and never credentials, cookies or
 * what other proxies have added.  They use memory of the head. */
OaiHttpFields *oai_forward_headers_for_request (const OaiHttpHead *head);
/* The headers of a server's reply that the client receives: all but those of the connection, cookies, and what describes
 * the account or the server.  secrets: to be redacted in them, one on each line; or NULL.  They use memory of all. */
OaiHttpFields *oai_forward_headers_for_reply (OaiHttpFields *all, const char *secrets);

G_END_DECLS
