/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The server's part of the handshake of a WebSocket connection: RFC 6455, 4.2. */

#pragma once

#include "oai-http-head-private.h"

G_BEGIN_DECLS

typedef struct
{
  guint status;        /* 0 if the request is valid */
  const char *message; /* static */
} OaiSocketRefusal;

/* Checks a request for an upgrade.  The reply with the status 426 contains the headers "Upgrade: websocket" and
 * "Sec-WebSocket-Version: 13". */
OaiSocketRefusal oai_socket_handshake_check (const OaiHttpHead *head);

/* Returns the subprotocols of the request that may be sent upstream, separated by commas, or NULL: those that contain
 * credentials, as of OpenAI's convention for browsers, are omitted. */
char *oai_socket_handshake_dup_protocols (const OaiHttpHead *head);
/* Returns the subprotocol for the reply to the client, or NULL.  chosen: that of the upstream, or NULL.  Browsers fail
 * if they offer subprotocols and none is chosen, and not all servers choose "realtime". */
const char *oai_socket_handshake_choose_protocol (const OaiHttpHead *head, const char *chosen);

/* Returns the head of the reply that accepts the connection.  protocol: or NULL.  fields: more of them, or NULL. */
char *oai_socket_handshake_make_reply (const OaiHttpHead *head, const char *protocol, OaiHttpFields *fields);

G_END_DECLS
