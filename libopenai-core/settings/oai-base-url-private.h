/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The URL to which the paths of requests are appended. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Removes whitespace around a base URL, and slashes at its end.  Fails if oai_url_parse_http()
 * rejects it, or if it contains a user name, a query or a URL fragment. */
char *oai_base_url_normalize (const char *text, GError **error);
/* Removes the slashes at the end of a text. */
void oai_base_url_remove_slashes (char *text);

G_END_DECLS
