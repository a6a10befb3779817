/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiProxyServer for the program oai-proxy. */

#pragma once

#include "oai-access-log-private.h"
#include "oai-http-connection-private.h"
#include "oai-metrics-private.h"
#include "oai-proxy-limiter-private.h"
#include "oai-proxy-listener-private.h"
#include "oai-proxy-server.h"
#include "oai-usage-log-private.h"

G_BEGIN_DECLS

/* Its sockets; more can be added. */
OaiProxyListener *oai_proxy_server_get_listener (OaiProxyServer *self);
/* Copies the settings, for later connections. */
void oai_proxy_server_set_http_settings (OaiProxyServer *self, const OaiHttpSettings *settings);
/* Takes the limiter, which begins with what the usage log contains, as with oai_proxy_server_set_usage_log().  Requests that were
 * admitted before keep the former one. */
void oai_proxy_server_set_limiter (OaiProxyServer *self, OaiProxyLimiter *limiter);
OaiMetrics *oai_proxy_server_get_metrics (OaiProxyServer *self);
/* Takes the metrics.  For a server that has no connections. */
void oai_proxy_server_set_metrics (OaiProxyServer *self, OaiMetrics *metrics);
/* Borrows the log, which replaces the former one; or NULL. */
void oai_proxy_server_set_access_log (OaiProxyServer *self, OaiAccessLog *log);
/* log: or NULL.  The records of the former one are written in the background.  If the counters are in memory and nothing was
 * counted yet, what identities used before is read from the log; requests of identities with limits of days or months wait for
 * it, for 10 seconds at most. */
void oai_proxy_server_set_usage_log (OaiProxyServer *self, OaiUsageLog *log);
/* A listener whose connections are served /metrics and /health only. */
OaiProxyListener *oai_proxy_server_get_metrics_listener (OaiProxyServer *self);
/* The directory for large bodies; NULL: that of the system. */
void oai_proxy_server_set_spool_directory (OaiProxyServer *self, const char *directory);

G_END_DECLS
