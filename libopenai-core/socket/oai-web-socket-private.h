/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creation of sockets, for the endpoints. */

#pragma once

#include "oai-request-private.h"
#include "oai-web-socket.h"

G_BEGIN_DECLS

/* Takes ownership of request and error, of which one is NULL.  The request is sent for each
 * connection. */
OaiWebSocket *oai_web_socket_new (GType type, OaiClient *client, OaiRequest *request, GType client_event_type, GType server_event_type, GError *error);

G_END_DECLS
