/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* scheme, host and port agree (default ports filled in, hosts compared without case). */
_OAI_INTERNAL
gboolean oai_url_same_origin (GUri *a, GUri *b);

/* Whether a decoded host holds nothing but what host names and addresses have. */
gboolean oai_url_host_is_valid (const char *host);
/* Whether a host is this machine or in its network: a private address, or a name without
 * a dot or below .localhost or .local. */
_OAI_INTERNAL
gboolean oai_url_host_is_local (const char *host);
/* Whether a URL leads to OpenAI itself, in any region; by its host, not by its text. */
_OAI_INTERNAL
gboolean oai_url_is_openai (const char *url);
/* Whether requests can go there: http or https, and a valid host. text: as it was given. */
gboolean oai_url_check_http (GUri *uri, const char *text, GError **error);
/* Sets the error for a text that cannot be parsed, and shows no more of it than a
 * scheme and a host. Returns FALSE. */
gboolean oai_url_refuse_text (GError **error, const char *text);

/* An http or https URL as given, blanks around it and slashes at its end removed;
 * refuses user names, queries and fragments. */
_OAI_INTERNAL
char *oai_base_url_normalize (const char *text, GError **error);

/* Repairs what people paste: bare host and port, trailing slashes,
 * /chat/completions and the like at the end, missing /v1 where the host alone is given. */
_OAI_INTERNAL
char *oai_base_url_repair (const char *text, GError **error);

G_END_DECLS
