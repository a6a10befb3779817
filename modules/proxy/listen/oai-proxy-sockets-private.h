/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sockets that listen. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Parses "HOST:PORT", "[IPV6]:PORT", "*:PORT" or "PORT".  HOST is an address or "localhost".  "*" and a port alone are all
 * addresses of IPv6 and IPv4. */
GSocketAddress *oai_proxy_parse_address (const char *text, GError **error);
/* Whether only processes of this machine can connect to an address. */
gboolean oai_proxy_address_is_local (GSocketAddress *address);
/* A text for messages: "127.0.0.1:8080", "[::]:443", "/run/oai-proxy.sock". */
char *oai_proxy_address_to_string (GSocketAddress *address);

/* Both return a socket that listens, and is not blocking. */
GSocket *oai_proxy_socket_new_for_address (GSocketAddress *address, gboolean reuse_port, guint backlog, GError **error);
GSocket *oai_proxy_socket_new_for_path (const char *path, guint mode, guint backlog, GError **error);
/* fd is taken, also if it is not a socket that listens. */
GSocket *oai_proxy_socket_new_for_descriptor (int fd, GError **error);
/* Removes the file of a UNIX socket, if it is still that of this socket. */
void oai_proxy_socket_remove_file (GSocket *socket);

typedef struct
{
  char *name; /* as FileDescriptorName= says, or "unknown" */
  int fd;     /* closed on exec */
} OaiProxyPassedSocket;

/* The sockets that systemd has passed, by the variables LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, which are unset; an
 * array of OaiProxyPassedSocket, with descriptors that the caller closes.  Empty if there are none. */
GArray *oai_proxy_take_passed_sockets (void);

G_END_DECLS
