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

/* Its limits of connections, time limits and sizes. */
void oai_proxy_setup_apply_settings (OaiProxyConfig *config, OaiProxyServer *server);

/* The names of the variables of the environment that contain keys; ends with NULL. */
GPtrArray *oai_proxy_setup_list_variables (OaiProxyConfig *config);

G_END_DECLS
