/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Parsing, checking and comparing http and https URLs. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Parses an absolute URL that a request can be sent to: http or https, with a valid host.
 * Fails with OAI_ERROR_INVALID_ARGUMENT; the message shows no more than a scheme and a host. */
GUri *oai_url_parse_http (const char *url, GError **error);
/* Resolves the Location of a redirect.  location: nullable.  NULL if it is not http or https, or
 * has no valid host. */
GUri *oai_url_resolve_http (GUri *base, const char *location);

/* Whether scheme, host and port are the same.  Default ports are filled in, hosts are compared
 * without case. */
/* The port, or the default port of the scheme; -1 if it has none. */
int oai_url_get_port (GUri *uri);
gboolean oai_url_same_origin (GUri *a, GUri *b);
/* Whether a host is this machine or in its network: a private address, or a name without a dot
 * or below .localhost or .local. */
gboolean oai_url_host_is_local (const char *host);
/* Whether the host of a URL is api.openai.com or one of its regional hosts. */
gboolean oai_url_is_openai (const char *url);

/* Sets an OAI_ERROR_INVALID_ARGUMENT for an address that is not used, and returns FALSE.  The
 * message shows no more of text than a scheme and a host.  why: translated. */
gboolean oai_url_refuse (const char *text, const char *why, GError **error);

G_END_DECLS
