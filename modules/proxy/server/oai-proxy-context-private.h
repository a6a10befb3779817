/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What all requests of a server share. */

#pragma once

#include "oai-forward-private.h"
#include "oai-http-connection-private.h"
#include "oai-metrics-private.h"
#include "oai-model-list-private.h"
#include "oai-price-table.h"
#include "oai-proxy-authenticator.h"
#include "oai-proxy-limiter-private.h"
#include "oai-proxy-report-private.h"
#include "oai-router-private.h"

G_BEGIN_DECLS

typedef struct
{
  OaiRouter *router;
  OaiModelList *models;
  OaiProxyLimiter *limiter;
  OaiPriceTable *prices;
  OaiProxyLimits *default_limits; /* or NULL */
  GPtrArray *authenticators;      /* of OaiProxyAuthenticator */
  OaiProxyIdentity *anonymous;    /* of clients that need no credentials, or NULL */
  char *route_prefix;             /* "" or "/prefix" */
  guint64 max_body_size;          /* bytes; 0 for no limit */
  char *spool_directory;          /* or NULL */
  OaiMetrics *metrics;            /* borrowed */
  OaiForwardContext forwarding;   /* Its buffer is also that of bodies that are read from clients. */

  /* Emits a signal to the program.  Returns TRUE if a handler answers the request, now or later. */
  gboolean (*authenticate) (OaiProxyRequest *request, gpointer user_data);
  /* A transaction that took over the connection of its client has ended. */
  void (*released) (gpointer owner);
  /* A request has ended.  Borrows data. */
  void (*finished) (const OaiProxyReportData *data, gpointer user_data);
  gpointer user_data;
} OaiProxyContext;

G_END_DECLS
