/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The objects that a configuration describes. */

#pragma once

#include "oai-access-log-private.h"
#include "oai-proxy-config-private.h"
#include "oai-proxy-server-private.h"
#include "oai-usage-log-private.h"

G_BEGIN_DECLS

typedef struct
{
  GPtrArray *upstreams;      /* OaiProxyUpstream */
  GPtrArray *authenticators; /* OaiProxyAuthenticator */
  GHashTable *limits;        /* name → OaiProxyLimits */
  OaiPriceTable *prices;
  OaiProxyTls *tls;          /* or NULL */
  OaiProxyLimiter *limiter;  /* or NULL */
  OaiAccessLog *access_log;  /* or NULL */
  OaiUsageLog *usage_log;    /* or NULL */
} OaiProxySetup;

/* Creates them, and loads their files.  former: that which the server uses, whose logs, limiter and certificate are kept
 * if their settings are the same as in former_config; or NULL.  dry: opens no logs and no databases, to check the configuration.
 * Problems are added to problems. */
OaiProxySetup *oai_proxy_setup_new (OaiProxyConfig *config, OaiProxyConfig *former_config, OaiProxySetup *former, gboolean dry, OaiConfigProblems *problems);
void oai_proxy_setup_free (OaiProxySetup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiProxySetup, oai_proxy_setup_free)

/* Replaces what the server had from former, which may be NULL. */
gboolean oai_proxy_setup_apply (OaiProxySetup *self, OaiProxyConfig *config, OaiProxySetup *former, OaiProxyServer *server, GError **error);

/* The names of the variables of the environment that contain keys; ends with NULL. */
GPtrArray *oai_proxy_setup_list_variables (OaiProxyConfig *config);

/* Sockets of [listen NAME] and [metrics]. */
typedef struct
{
  char *name; /* "" for [metrics] */
  GSocket *socket;
} OaiProxyPort;

/* Opens the sockets.  passed: those of systemd, whose descriptors are taken if they are used.  reuse_port: see
 * oai_proxy_socket_new_for_address().  Returns an array of OaiProxyPort, or NULL with an error. */
GPtrArray *oai_proxy_ports_open (OaiProxyConfig *config, GArray *passed, gboolean reuse_port, GError **error);
/* The sockets of another process: further ones at the addresses of the first, and the same ones for other sockets. */
GPtrArray *oai_proxy_ports_duplicate (GPtrArray *ports, OaiProxyConfig *config, GError **error);
OaiProxyPort *oai_proxy_port_new (const char *name, GSocket *socket);
void oai_proxy_port_free (OaiProxyPort *self);
gboolean oai_proxy_ports_add (GPtrArray *ports, OaiProxyConfig *config, OaiProxySetup *setup, OaiProxyServer *server, GError **error);

G_END_DECLS
