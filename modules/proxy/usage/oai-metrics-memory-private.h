/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The counters of the metrics, in memory of a fixed size, which another process can read at any time.
 *
 * One process at a time writes, without locks: a series is published when it is complete, and never removed.  So a process
 * that hangs or dies delays no reader, and its successor continues to count in the same memory. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define OAI_METRICS_N_VALUES 16
#define OAI_METRICS_N_GAUGES_MAX 8
#define OAI_METRICS_N_TOTALS_MAX 16

/* Metrics whose series have labels. */
typedef enum
{
  OAI_METRICS_FAMILY_REQUESTS,
  OAI_METRICS_FAMILY_DURATIONS,
  OAI_METRICS_FAMILY_UPSTREAMS,
  OAI_METRICS_FAMILY_TOKENS,
  OAI_METRICS_FAMILY_CODES,
  OAI_METRICS_N_FAMILIES
} OaiMetricsFamily;

typedef struct
{
  guint32 family;
  guint32 status;  /* a second label, or 0 */
  char label[256];
  guint64 values[OAI_METRICS_N_VALUES];
} OaiMetricsSeries;

typedef struct _OaiMetricsMemory OaiMetricsMemory;

/* Memory of this process. */
OaiMetricsMemory *oai_metrics_memory_new (void);
/* Memory that other processes can map with the descriptor. */
OaiMetricsMemory *oai_metrics_memory_new_shared (GError **error);
/* Takes fd. */
OaiMetricsMemory *oai_metrics_memory_new_for_descriptor (int fd, GError **error);
void oai_metrics_memory_free (OaiMetricsMemory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiMetricsMemory, oai_metrics_memory_free)
/* Borrowed; -1 if the memory is that of this process. */
int oai_metrics_memory_get_descriptor (OaiMetricsMemory *self);

/* For the process that writes.  The series is created if there is room; otherwise it is that with the label "other". */
OaiMetricsSeries *oai_metrics_memory_ensure (OaiMetricsMemory *self, OaiMetricsFamily family, const char *label, guint status);
void oai_metrics_series_add (OaiMetricsSeries *self, guint index, guint64 change);
void oai_metrics_series_add_double (OaiMetricsSeries *self, guint index, double change);
double oai_metrics_series_get_double (const OaiMetricsSeries *self, guint index);
void oai_metrics_memory_add_total (OaiMetricsMemory *self, guint index, guint64 change);
guint64 oai_metrics_memory_get_total (OaiMetricsMemory *self, guint index);
void oai_metrics_memory_set_gauge (OaiMetricsMemory *self, guint index, gint64 value);
gint64 oai_metrics_memory_get_gauge (OaiMetricsMemory *self, guint index);
/* When no process writes. */
void oai_metrics_memory_clear_gauges (OaiMetricsMemory *self);

/* The time at which the memory was created, in microseconds since 1970. */
gint64 oai_metrics_memory_get_start_time (OaiMetricsMemory *self);
/* Adds all that another memory contains at the time.  doubles: the family of which the value at index is a double. */
void oai_metrics_memory_merge (OaiMetricsMemory *self, OaiMetricsMemory *other, OaiMetricsFamily doubles, guint index);
/* The series of a family, by their labels; an array that borrows them.  For memory that only this process writes. */
GPtrArray *oai_metrics_memory_list (OaiMetricsMemory *self, OaiMetricsFamily family);

G_END_DECLS
