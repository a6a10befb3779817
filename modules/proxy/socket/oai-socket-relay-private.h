/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A WebSocket connection of a client that is relayed to a server.
 *
 * The server is connected first.  Then the client receives the reply 101, and whole messages are relayed in both
 * directions.  While the pending output of one side is above a limit, the other side is not read, so that the memory of
 * each direction is at most a message, the limit, and a few frames.  Pings are answered and not relayed; the code and the
 * reason that close the connection are relayed. */

#pragma once

#include "oai-exchange-private.h"
#include "oai-proxy-limits.h"
#include "oai-socket-handshake-private.h"
#include "oai-socket-peer-private.h"

G_BEGIN_DECLS

typedef struct _OaiSocketRelay OaiSocketRelay;

/* All functions may free the relay. */
typedef struct
{
  /* The server accepted the connection.  Call oai_socket_relay_accept(), now or later. */
  void (*connected) (OaiSocketRelay *relay, gpointer user_data);
  /* The server refused the connection, or cannot be reached; the status, the headers and the body of the refusal are in
   * the call of the relay.  The last call.  Borrows error. */
  void (*refused) (OaiSocketRelay *relay, const GError *error, gpointer user_data);
  /* A message of the client, before it is relayed.  type: NULL if the message has none.  models: those that it names; ends
   * with NULL.  Return FALSE with an error of OAI_PROXY_ERROR to send the error to the client instead.  Not called for
   * binary messages if there are no limits.  Optional. */
  gboolean (*client_event) (OaiSocketRelay *relay, const char *type, const char *const *models, GError **error, gpointer user_data);
  /* A text message of the server, before it is relayed.  text: valid during the call, without a NUL at its end.
   * Optional. */
  void (*server_event) (OaiSocketRelay *relay, const char *text, gsize size, gpointer user_data);
  /* Both connections are closed.  The last call. */
  void (*closed) (OaiSocketRelay *relay, gpointer user_data);
} OaiSocketRelayFuncs;

typedef struct
{
  guint64 n_client_messages;
  guint64 n_client_bytes;  /* of the messages of the client */
  guint64 n_server_messages;
  guint64 n_server_bytes;
  guint close_code;        /* of the first side that closed the connection; 1006 if one was lost */
  gboolean closed_by_client;
  const char *problem;     /* static: why the connection was not closed by one of the sides, or NULL */
} OaiSocketStatistics;

/* Takes request, which is for an upgrade.  limits: of the client, or NULL.  With limits, each message of
 * the client must be a JSON object, also a binary one, which some servers read like a text. */
OaiSocketRelay *oai_socket_relay_new (OaiClient *client, OaiRequest *request, OaiProxyLimits *limits,
                                      const OaiSocketSettings *settings, const OaiSocketRelayFuncs *funcs, gpointer user_data);
/* Closes both connections at once.  No function is called. */
void oai_socket_relay_free (OaiSocketRelay *self);
void oai_socket_relay_connect (OaiSocketRelay *self);
/* Sends the reply 101 to the client, and begins to relay.  stream: of the client.  first: its bytes that were read after
 * the request, or NULL.  head: of its request.  fields: more fields of the reply, or NULL. */
void oai_socket_relay_accept (OaiSocketRelay *self, GIOStream *stream, GBytes *first, const OaiHttpHead *head, OaiHttpFields *fields);
/* Closes both connections in order, for example when the proxy stops or a limit is exhausted.  Not before accept(). */
void oai_socket_relay_close (OaiSocketRelay *self, guint code, const char *reason);

/* Of the handshake with the server. */
OaiCall *oai_socket_relay_get_call (OaiSocketRelay *self);
const OaiSocketStatistics *oai_socket_relay_get_statistics (OaiSocketRelay *self);

G_END_DECLS
