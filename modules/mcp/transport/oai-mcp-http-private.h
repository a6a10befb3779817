/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An MCP server on the network: each message is a POST request; replies are one message, or a stream of server-sent
 * events.  Until 2025-11-25, the server can have a session, send messages that belong to no request, and continue a
 * stream after a lost connection. */

#pragma once

#include "oai-auth.h"
#include "oai-mcp-transport-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_MCP_HTTP (oai_mcp_http_get_type ())
G_DECLARE_FINAL_TYPE (OaiMcpHttp, oai_mcp_http, OAI, MCP_HTTP, OaiMcpTransport)

/* auth: NULL for none. */
OaiMcpTransport *oai_mcp_http_new (const char *url, OaiAuth *auth);

/* NULL if it is no http or https URL with a host. */
GUri *oai_mcp_http_parse_url (const char *url);
/* Returns the text in the form in which the protocol sends it in headers: Base64-encoded if it contains more than
 * printable ASCII. */
char *oai_mcp_http_encode_header (const char *text);

G_END_DECLS
