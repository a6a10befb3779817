/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Accepts connections: of TCP, with and without TLS, and of UNIX sockets. */

#pragma once

#include <gio/gio.h>

#include "oai-proxy-request-private.h"
#include "oai-proxy-tls-private.h"

G_BEGIN_DECLS

typedef struct _OaiProxyListener OaiProxyListener;

typedef struct
{
  guint max_connections;             /* more are not accepted until one is closed; 0: no limit */
  guint max_connections_per_address; /* more are closed; of an IPv4 address or the first 64 bits of an IPv6 address; 0: no limit */
  guint max_handshakes;              /* TLS handshakes at the same time; others wait */
  guint handshake_timeout_ms;        /* from the connection to the end of the handshake */
  guint backlog;
} OaiProxyListenerSettings;

#define OAI_PROXY_LISTENER_DEFAULTS { 0, 0, 64, 10000, 1024 }

/* A connection is ready for requests; the handshake is complete.  stream: a GSocketConnection, or a GTlsConnection.  It
 * counts as a connection of the limits until it is finalized.  Borrows all. */
typedef void (*OaiProxyAcceptedFunc) (OaiProxyListener *self, GIOStream *stream, const OaiProxyPeer *peer, gpointer user_data);

/* Calls func in the thread-default main context.  settings are copied.  func may release the listener. */
OaiProxyListener *oai_proxy_listener_new (const OaiProxyListenerSettings *settings, OaiProxyAcceptedFunc func, gpointer user_data);
/* Closes all sockets, and removes the files of its UNIX sockets.  Connections that were passed to func stay open. */
void oai_proxy_listener_free (OaiProxyListener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiProxyListener, oai_proxy_listener_free)

/* The limits change for the next connections. */
void oai_proxy_listener_set_settings (OaiProxyListener *self, const OaiProxyListenerSettings *settings);

/* Opens a socket and begins to accept.  tls: NULL for plain HTTP.  reuse_port: other processes of the same user can
 * listen at the same address. */
gboolean oai_proxy_listener_add_address (OaiProxyListener *self, GSocketAddress *address, gboolean reuse_port, OaiProxyTls *tls, GError **error);
/* mode: permissions of the file.  Replaces the file of a socket at which no process listens. */
gboolean oai_proxy_listener_add_path (OaiProxyListener *self, const char *path, guint mode, GError **error);
/* A socket that listens already. */
gboolean oai_proxy_listener_add_socket (OaiProxyListener *self, GSocket *socket, OaiProxyTls *tls, GError **error);

/* Stops accepting at a socket that was added, which stays open. */
void oai_proxy_listener_withdraw_socket (OaiProxyListener *self, GSocket *socket);
/* For the next connections of a socket.  tls: NULL for plain HTTP. */
void oai_proxy_listener_set_tls (OaiProxyListener *self, GSocket *socket, OaiProxyTls *tls);

/* Stops accepting, and closes the sockets and the connections whose handshake is not complete. */
void oai_proxy_listener_stop (OaiProxyListener *self);

/* The local addresses of its sockets; a new array of GSocketAddress. */
GPtrArray *oai_proxy_listener_list_addresses (OaiProxyListener *self);
/* Connections that are open, including those whose handshake is not complete. */
guint oai_proxy_listener_get_n_connections (OaiProxyListener *self);

G_END_DECLS
