/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The URL to which the paths of requests are appended. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Removes whitespace around a base URL, and slashes at its end.  Fails if oai_url_parse_http()
 * rejects it, or if it contains a user name, a query or a URL fragment.  The address of a UNIX socket
 * becomes unix:SOCKET:PATH; the path is "/v1" if it is absent, and "/" if it is empty. */
char *oai_base_url_normalize (const char *text, GError **error);
/* Whether a text is the address of a UNIX socket, valid or not. */
gboolean oai_base_url_is_socket (const char *text);
/* Splits a normalized address of a UNIX socket into the path of the socket and the http URL that is
 * requested there. */
void oai_base_url_split_socket (const char *base_url, char **socket_path, char **url);
/* The address for a URL that is requested at a socket. */
char *oai_base_url_join_socket (const char *socket_path, const char *url);
/* Removes the slashes at the end of a text. */
void oai_base_url_remove_slashes (char *text);

G_END_DECLS
