/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sockets of a configuration: those of its groups [listen NAME], and that of [metrics]. */

#pragma once

#include "oai-proxy-config-private.h"
#include "oai-proxy-server-private.h"

G_BEGIN_DECLS

typedef struct
{
  char *group;   /* "listen NAME" or "metrics" */
  char *address; /* "address:127.0.0.1:80", "unix:/path", "systemd:name" or "metrics:127.0.0.1:90" */
  guint mode;    /* of the file of a UNIX socket */
  gboolean tls;
  GSocket *socket;
} OaiProxyPort;

typedef enum
{
  OAI_PROXY_PORTS_LISTEN = 1 << 0,
  OAI_PROXY_PORTS_METRICS = 1 << 1,
  OAI_PROXY_PORTS_ALL = OAI_PROXY_PORTS_LISTEN | OAI_PROXY_PORTS_METRICS
} OaiProxyPortsFlags;

/* Opens the sockets.  passed: those of systemd, whose descriptors are taken if they are used.  reuse_port: see
 * oai_proxy_socket_new_for_address(); for [listen].  Returns an array of OaiProxyPort, or NULL with an error. */
GPtrArray *oai_proxy_ports_open (OaiProxyConfig *config, OaiProxyPortsFlags flags, GArray *passed, gboolean reuse_port, GError **error);
/* The sockets of another process: further ones at the addresses of the first, and the same ones for other sockets. */
GPtrArray *oai_proxy_ports_duplicate (GPtrArray *ports, GError **error);
/* An empty array. */
GPtrArray *oai_proxy_ports_new (void);
/* Takes a socket of [listen NAME] that another process has opened. */
void oai_proxy_ports_append (GPtrArray *ports, gboolean tls, GSocket *socket);

/* The sockets of a new configuration: those of former that have the same address, and new ones.  What requires a restart is
 * kept as it is, and described in warnings.  Returns NULL with problems if an address cannot be opened. */
GPtrArray *oai_proxy_ports_reopen (GPtrArray *former, OaiProxyConfig *config, OaiProxyPortsFlags flags, GPtrArray *warnings, OaiConfigProblems *problems);
/* Removes the files of the new sockets, if they are not used after all. */
void oai_proxy_ports_discard (GPtrArray *ports, GPtrArray *former);
/* Logs which groups have changed, for a process that cannot change its sockets. */
void oai_proxy_ports_warn_of_changes (GPtrArray *ports, OaiProxyConfig *config);

/* Makes the server use the sockets.  tls: or NULL. */
gboolean oai_proxy_ports_add (GPtrArray *ports, OaiProxyTls *tls, OaiProxyServer *server, GError **error);
/* Stops accepting at the sockets that are not in others, without closing them. */
void oai_proxy_ports_withdraw (GPtrArray *ports, GPtrArray *others, OaiProxyServer *server);
/* Begins to accept at the sockets that are not in others. */
void oai_proxy_ports_restore (GPtrArray *ports, GPtrArray *others, OaiProxyTls *tls, OaiProxyServer *server);
/* Closes those that are not in others. */
void oai_proxy_ports_close (GPtrArray *ports, GPtrArray *others);
/* Sets the TLS of the sockets that are in both. */
void oai_proxy_ports_update_tls (GPtrArray *ports, OaiProxyTls *tls, OaiProxyServer *server);
/* Removes the files of all UNIX sockets. */
void oai_proxy_ports_remove_files (GPtrArray *ports);

G_END_DECLS
