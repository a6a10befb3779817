/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Metrics of the proxy in the text format of Prometheus (version 0.0.4).  Identities are not labels; the number of models,
 * servers and codes is limited, and further ones are counted as "other". */

#pragma once

#include "oai-metrics-memory-private.h"
#include "oai-proxy-report-private.h"

G_BEGIN_DECLS

#define OAI_METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

typedef enum
{
  OAI_METRICS_CONNECTIONS,     /* open connections of clients */
  OAI_METRICS_REQUESTS,        /* requests without a complete reply */
  OAI_METRICS_STREAMS,         /* event streams */
  OAI_METRICS_WEBSOCKETS,
  OAI_METRICS_LOG_QUEUED,      /* usage records that are not written yet */
  OAI_METRICS_N_GAUGES
} OaiMetricsGauge;

typedef struct _OaiMetrics OaiMetrics;

OaiMetrics *oai_metrics_new (void);
/* Takes the memory, and continues to count there. */
OaiMetrics *oai_metrics_new_for_memory (OaiMetricsMemory *memory);
/* Counts nothing, and shows the sums of an array of OaiMetricsMemory, which other processes write. */
OaiMetrics *oai_metrics_new_for_sum (GPtrArray *memories);
void oai_metrics_free (OaiMetrics *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiMetrics, oai_metrics_free)
/* Counts a request at its end. */
void oai_metrics_add_report (OaiMetrics *self, const OaiProxyReportData *data);
void oai_metrics_add (OaiMetrics *self, OaiMetricsGauge gauge, int change);
void oai_metrics_set (OaiMetrics *self, OaiMetricsGauge gauge, gint64 value);
/* A new usage log, which has lost no records. */
void oai_metrics_begin_log (OaiMetrics *self);
/* The number of records that the usage log has lost. */
void oai_metrics_set_log_lost (OaiMetrics *self, guint64 n_lost);
GBytes *oai_metrics_to_text (OaiMetrics *self);

G_END_DECLS
