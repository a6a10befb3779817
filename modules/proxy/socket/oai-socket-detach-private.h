/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes the stream of a WebSocket connection from libsoup, whose frames have no limits and no back-pressure. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Returns the stream to read instead of libsoup, which receives nothing from then on.  It may send nothing either; when
 * the connection is released, it closes the stream.  first: the bytes that libsoup had read with the handshake.  NULL if
 * the stream of the connection is no filter, as that of libsoup is. */
GInputStream *oai_socket_detach_input (SoupWebsocketConnection *connection, GBytes **first);

G_END_DECLS
