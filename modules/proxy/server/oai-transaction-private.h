/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A request to the proxy and its reply: who the client is, what it may do, the body, the server, the reply, and what
 * it has used.  It lives until its reply was written, or until its connection is closed. */

#pragma once

#include "oai-proxy-context-private.h"
#include "oai-proxy-request-private.h"

G_BEGIN_DECLS

typedef struct _OaiTransaction OaiTransaction;

/* Borrows context, connection and head, until oai_transaction_free().  owner: for released() of the context. */
OaiTransaction *oai_transaction_new (OaiProxyContext *context, OaiHttpConnection *connection, const OaiHttpHead *head, const OaiProxyPeer *peer, gpointer owner);
/* May end the transaction, and close the connection. */
void oai_transaction_start (OaiTransaction *self);
/* Events of the connection. */
void oai_transaction_readable (OaiTransaction *self);
void oai_transaction_writable (OaiTransaction *self);
/* Whether it has taken over the connection of its client, which is a WebSocket connection now: it ends with released()
 * of the context, or before with oai_transaction_free(). */
gboolean oai_transaction_has_socket (OaiTransaction *self);
/* Closes the WebSocket connection in order, since the server is being shut down. */
void oai_transaction_finish_socket (OaiTransaction *self);
/* The reply was written, or the connection was closed.  Reports it to the context.  Cancels all that is in progress. */
void oai_transaction_free (OaiTransaction *self, gboolean replied);

G_END_DECLS
