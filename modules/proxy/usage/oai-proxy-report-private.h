/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is reported of a request, for the server, the usage log, the metrics and the access log. */

#pragma once

#include "oai-price-table.h"
#include "oai-proxy-report.h"
#include "oai-usage-meter-private.h"

G_BEGIN_DECLS

/* All strings are borrowed, and nullable unless stated otherwise. */
typedef struct
{
  const char *request_id;  /* not NULL */
  const char *identity;
  const char *operation;   /* interned */
  const char *method;
  const char *path;        /* without the query */
  const char *model;       /* of the reply, or that of the request if the reply has none */
  const char *upstream;
  const char *code;        /* interned; of a refusal */
  const char *peer;        /* address of the client */
  const char *traceparent;
  guint status;
  OaiProxyOutcome outcome;
  gboolean has_usage;
  gint64 input_tokens;
  gint64 cached_tokens;
  gint64 output_tokens;
  double cost;             /* -1 if it is not known */
  guint64 received_bytes;  /* of the body of the request */
  guint64 sent_bytes;      /* of the body of the reply */
  gint64 begin_time;       /* microseconds since 1970 */
  gint64 head_us;          /* until the head of the server's reply; -1 if there was none */
  gint64 duration_us;
} OaiProxyReportData;

/* Fills in the usage, the model of the reply, and the cost.  usage and prices: nullable.  The model of the request is
 * used for a price if the table does not contain that of the reply. */
void oai_proxy_report_data_set_usage (OaiProxyReportData *data, const OaiProxyUsage *usage, OaiPriceTable *prices);
const char *oai_proxy_outcome_to_string (OaiProxyOutcome outcome);

OaiProxyReport *oai_proxy_report_new (const OaiProxyReportData *data);

G_END_DECLS
