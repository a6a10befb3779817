/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Responses over WebSocket. */

#pragma once

#include "oai-mock-private.h"

G_BEGIN_DECLS

typedef struct _OaiMockSocket OaiMockSocket;

OaiMockSocket *_oai_mock_socket_new (OaiMockServer *server, SoupWebsocketConnection *connection, SoupServerMessage *message, OaiMockRequest *handshake, OaiMockReply *fault);
void _oai_mock_socket_free (OaiMockSocket *self);

G_END_DECLS
