/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-metrics-private.h"

#include <string.h>

#define N_BOUNDS 14

/* In microseconds.  The last bucket is +Inf. */
static const gint64 bounds[N_BOUNDS] = {
  5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 300000000,
};
static const char *const bound_names[N_BOUNDS + 1] = {
  "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "60", "300", "+Inf",
};

/* Values of a series of tokens. */
enum
{
  INPUT,
  CACHED,
  OUTPUT,
  COST /* a double */
};

/* A histogram has its buckets, and their sum in microseconds. */
#define SUM (N_BOUNDS + 1)
G_STATIC_ASSERT (SUM < OAI_METRICS_N_VALUES);

#define N_OUTCOMES (OAI_PROXY_OUTCOME_ABORTED + 1)

/* After the outcomes. */
enum
{
  RECEIVED = N_OUTCOMES,
  SENT,
  LOG_LOST,
  STARTS,
  N_TOTALS
};

G_STATIC_ASSERT (N_TOTALS <= OAI_METRICS_N_TOTALS_MAX);
G_STATIC_ASSERT (OAI_METRICS_N_GAUGES <= OAI_METRICS_N_GAUGES_MAX);

struct _OaiMetrics
{
  OaiMetricsMemory *memory; /* NULL if it only shows those of other processes */
  GPtrArray *others;        /* OaiMetricsMemory, or NULL */
  guint64 n_lost;           /* of the present usage log */
};

OaiMetrics *
oai_metrics_new (void)
{
  return oai_metrics_new_for_memory (oai_metrics_memory_new ());
}

OaiMetrics *
oai_metrics_new_for_memory (OaiMetricsMemory *memory)
{
  OaiMetrics *self = g_new0 (OaiMetrics, 1);

  self->memory = memory;
  oai_metrics_memory_clear_gauges (memory);
  oai_metrics_memory_add_total (memory, STARTS, 1);

  return self;
}

OaiMetrics *
oai_metrics_new_for_sum (GPtrArray *memories)
{
  OaiMetrics *self = g_new0 (OaiMetrics, 1);

  self->others = g_ptr_array_ref (memories);

  return self;
}

void
oai_metrics_free (OaiMetrics *self)
{
  g_clear_pointer (&self->memory, oai_metrics_memory_free);
  g_clear_pointer (&self->others, g_ptr_array_unref);
  g_free (self);
}

static void
observe (OaiMetrics *self, OaiMetricsFamily family, const char *label, gint64 duration)
{
  OaiMetricsSeries *series = oai_metrics_memory_ensure (self->memory, family, label, 0);
  guint i = 0;

  duration = MAX (duration, 0);
  while (i < N_BOUNDS && duration > bounds[i])
    i++;
  oai_metrics_series_add (series, SUM, (guint64) duration);
  oai_metrics_series_add (series, i, 1);
}

static void
count_tokens (OaiMetrics *self, const OaiProxyReportData *data)
{
  OaiMetricsSeries *series = oai_metrics_memory_ensure (self->memory, OAI_METRICS_FAMILY_TOKENS, data->model != NULL ? data->model : "", 0);

  oai_metrics_series_add (series, INPUT, (guint64) data->input_tokens);
  oai_metrics_series_add (series, CACHED, (guint64) data->cached_tokens);
  oai_metrics_series_add (series, OUTPUT, (guint64) data->output_tokens);
  oai_metrics_series_add_double (series, COST, MAX (data->cost, 0));
}

void
oai_metrics_add_report (OaiMetrics *self, const OaiProxyReportData *data)
{
  const char *operation = data->operation != NULL ? data->operation : "";

  if (self->memory == NULL)
    return;

  oai_metrics_series_add (oai_metrics_memory_ensure (self->memory, OAI_METRICS_FAMILY_REQUESTS, operation, data->status), 0, 1);
  oai_metrics_memory_add_total (self->memory, data->outcome, 1);
  oai_metrics_memory_add_total (self->memory, RECEIVED, data->received_bytes);
  oai_metrics_memory_add_total (self->memory, SENT, data->sent_bytes);
  observe (self, OAI_METRICS_FAMILY_DURATIONS, operation, data->duration_us);
  if (data->upstream != NULL && data->head_us >= 0)
    observe (self, OAI_METRICS_FAMILY_UPSTREAMS, data->upstream, data->head_us);
  if (data->code != NULL)
    oai_metrics_series_add (oai_metrics_memory_ensure (self->memory, OAI_METRICS_FAMILY_CODES, data->code, 0), 0, 1);
  /* Only names that a server accepted become labels. */
  if (data->has_usage)
    count_tokens (self, data);
}

void
oai_metrics_add (OaiMetrics *self, OaiMetricsGauge gauge, int change)
{
  if (self->memory != NULL)
    oai_metrics_memory_set_gauge (self->memory, gauge, oai_metrics_memory_get_gauge (self->memory, gauge) + change);
}

void
oai_metrics_set (OaiMetrics *self, OaiMetricsGauge gauge, gint64 value)
{
  if (self->memory != NULL)
    oai_metrics_memory_set_gauge (self->memory, gauge, value);
}

void
oai_metrics_begin_log (OaiMetrics *self)
{
  self->n_lost = 0;
}

void
oai_metrics_set_log_lost (OaiMetrics *self, guint64 n_lost)
{
  if (self->memory != NULL && n_lost > self->n_lost)
    oai_metrics_memory_add_total (self->memory, LOG_LOST, n_lost - self->n_lost);
  self->n_lost = MAX (n_lost, self->n_lost);
}

static void
write_head (GString *out, const char *name, const char *type, const char *help)
{
  g_string_append_printf (out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
write_label (GString *out, const char *name, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  g_string_append_printf (out, "%s=\"", name);
  for (const char *p = valid; *p != '\0'; p++)
    if (*p == '\n')
      g_string_append (out, "\\n");
    else
      {
        if (*p == '"' || *p == '\\')
          g_string_append_c (out, '\\');
        g_string_append_c (out, *p);
      }
  g_string_append_c (out, '"');
}

static void
write_double (GString *out, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (out, g_ascii_formatd (text, sizeof text, "%.15g", value));
}

static void
write_count (GString *out, const char *name, guint64 value)
{
  g_string_append_printf (out, "%s %" G_GUINT64_FORMAT "\n", name, value);
}

/* A counter without labels. */
static void
write_counter (GString *out, const char *name, const char *help, guint64 value)
{
  write_head (out, name, "counter", help);
  write_count (out, name, value);
}

static void
write_histogram (GString *out, const char *name, const char *label, const OaiMetricsSeries *histogram)
{
  guint64 count = 0;

  for (guint i = 0; i <= N_BOUNDS; i++)
    {
      count += histogram->values[i];
      g_string_append_printf (out, "%s_bucket{", name);
      write_label (out, label, histogram->label);
      g_string_append_printf (out, ",le=\"%s\"} %" G_GUINT64_FORMAT "\n", bound_names[i], count);
    }
  g_string_append_printf (out, "%s_sum{", name);
  write_label (out, label, histogram->label);
  g_string_append (out, "} ");
  write_double (out, (double) histogram->values[SUM] / G_USEC_PER_SEC);
  g_string_append_printf (out, "\n%s_count{", name);
  write_label (out, label, histogram->label);
  g_string_append_printf (out, "} %" G_GUINT64_FORMAT "\n", count);
}

static void
write_histograms (OaiMetricsMemory *memory, GString *out, OaiMetricsFamily family, const char *name, const char *label, const char *help)
{
  g_autoptr(GPtrArray) list = oai_metrics_memory_list (memory, family);

  write_head (out, name, "histogram", help);
  for (guint i = 0; i < list->len; i++)
    write_histogram (out, name, label, list->pdata[i]);
}

static void
write_requests (OaiMetricsMemory *memory, GString *out)
{
  g_autoptr(GPtrArray) list = oai_metrics_memory_list (memory, OAI_METRICS_FAMILY_REQUESTS);

  write_head (out, "oai_proxy_requests_total", "counter", "Requests whose reply has ended, by operation and HTTP status.");
  for (guint i = 0; i < list->len; i++)
    {
      const OaiMetricsSeries *series = list->pdata[i];

      g_string_append (out, "oai_proxy_requests_total{");
      write_label (out, "operation", series->label);
      g_string_append_printf (out, ",status=\"%u\"} %" G_GUINT64_FORMAT "\n", series->status, series->values[0]);
    }
}

static void
write_tokens_of_type (GString *out, const OaiMetricsSeries *series, const char *type, guint index)
{
  g_string_append (out, "oai_proxy_tokens_total{");
  write_label (out, "model", series->label);
  g_string_append_printf (out, ",type=\"%s\"} %" G_GUINT64_FORMAT "\n", type, series->values[index]);
}

static void
write_tokens (OaiMetricsMemory *memory, GString *out)
{
  g_autoptr(GPtrArray) list = oai_metrics_memory_list (memory, OAI_METRICS_FAMILY_TOKENS);

  write_head (out, "oai_proxy_tokens_total", "counter", "Tokens that replies reported. Input contains the cached ones.");
  for (guint i = 0; i < list->len; i++)
    {
      write_tokens_of_type (out, list->pdata[i], "input", INPUT);
      write_tokens_of_type (out, list->pdata[i], "cached", CACHED);
      write_tokens_of_type (out, list->pdata[i], "output", OUTPUT);
    }
  write_head (out, "oai_proxy_cost_total", "counter", "Cost by the price table.");
  for (guint i = 0; i < list->len; i++)
    {
      const OaiMetricsSeries *series = list->pdata[i];

      g_string_append (out, "oai_proxy_cost_total{");
      write_label (out, "model", series->label);
      g_string_append (out, "} ");
      write_double (out, oai_metrics_series_get_double (series, COST));
      g_string_append_c (out, '\n');
    }
}

static void
write_ends (OaiMetricsMemory *memory, GString *out)
{
  g_autoptr(GPtrArray) list = oai_metrics_memory_list (memory, OAI_METRICS_FAMILY_CODES);

  write_head (out, "oai_proxy_outcomes_total", "counter", "How requests ended.");
  for (guint i = 0; i < N_OUTCOMES; i++)
    g_string_append_printf (out, "oai_proxy_outcomes_total{outcome=\"%s\"} %" G_GUINT64_FORMAT "\n", oai_proxy_outcome_to_string (i),
                            oai_metrics_memory_get_total (memory, i));
  write_head (out, "oai_proxy_refusals_total", "counter", "Requests that the proxy refused, by code.");
  for (guint i = 0; i < list->len; i++)
    {
      const OaiMetricsSeries *series = list->pdata[i];

      g_string_append (out, "oai_proxy_refusals_total{");
      write_label (out, "code", series->label);
      g_string_append_printf (out, "} %" G_GUINT64_FORMAT "\n", series->values[0]);
    }
}

static void
write_gauges (OaiMetricsMemory *memory, GString *out)
{
  static const struct { const char *name; const char *help; } gauges[OAI_METRICS_N_GAUGES] = {
    [OAI_METRICS_CONNECTIONS] = { "oai_proxy_open_connections", "Open connections of clients." },
    [OAI_METRICS_REQUESTS] = { "oai_proxy_open_requests", "Requests whose reply has not ended." },
    [OAI_METRICS_STREAMS] = { "oai_proxy_open_streams", "Open event streams." },
    [OAI_METRICS_WEBSOCKETS] = { "oai_proxy_open_websockets", "Open WebSockets." },
    [OAI_METRICS_LOG_QUEUED] = { "oai_proxy_usage_log_queued", "Usage records that are not written yet." },
  };

  for (guint i = 0; i < OAI_METRICS_N_GAUGES; i++)
    {
      write_head (out, gauges[i].name, "gauge", gauges[i].help);
      g_string_append_printf (out, "%s %" G_GINT64_FORMAT "\n", gauges[i].name, oai_metrics_memory_get_gauge (memory, i));
    }
  write_head (out, "oai_proxy_start_time_seconds", "gauge", "When the proxy was started, in seconds since 1970.");
  g_string_append (out, "oai_proxy_start_time_seconds ");
  write_double (out, (double) oai_metrics_memory_get_start_time (memory) / G_USEC_PER_SEC);
  g_string_append_c (out, '\n');
}

static GBytes *
write_all (OaiMetricsMemory *memory)
{
  GString *out = g_string_sized_new (4096);

  write_requests (memory, out);
  write_ends (memory, out);
  write_tokens (memory, out);
  write_histograms (memory, out, OAI_METRICS_FAMILY_DURATIONS, "oai_proxy_request_duration_seconds", "operation",
                    "Time from the head of a request to the end of the reply.");
  write_histograms (memory, out, OAI_METRICS_FAMILY_UPSTREAMS, "oai_proxy_upstream_head_seconds", "upstream",
                    "Time until the head of the server's reply.");
  write_counter (out, "oai_proxy_received_bytes_total", "Bytes of the bodies of requests.", oai_metrics_memory_get_total (memory, RECEIVED));
  write_counter (out, "oai_proxy_sent_bytes_total", "Bytes of the bodies of replies.", oai_metrics_memory_get_total (memory, SENT));
  write_gauges (memory, out);
  write_counter (out, "oai_proxy_usage_log_lost_total", "Usage records that were lost since the queue was full.",
                 oai_metrics_memory_get_total (memory, LOG_LOST));
  write_counter (out, "oai_proxy_process_starts_total", "Processes that were started to serve requests.", oai_metrics_memory_get_total (memory, STARTS));

  return g_string_free_to_bytes (out);
}

GBytes *
oai_metrics_to_text (OaiMetrics *self)
{
  g_autoptr(OaiMetricsMemory) sum = NULL;

  if (self->memory != NULL)
    return write_all (self->memory);

  sum = oai_metrics_memory_new ();
  for (guint i = 0; i < self->others->len; i++)
    oai_metrics_memory_merge (sum, self->others->pdata[i], OAI_METRICS_FAMILY_TOKENS, COST);

  return write_all (sum);
}
