/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-metrics-private.h"

#include <string.h>

/* Series of one metric; further values of labels are counted as "other". */
#define MAX_REQUESTS 2000
#define MAX_MODELS 200
#define MAX_UPSTREAMS 64
#define MAX_CODES 64

#define N_BOUNDS 14

/* In microseconds.  The last bucket is +Inf. */
static const gint64 bounds[N_BOUNDS] = {
  5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 300000000,
};
static const char *const bound_names[N_BOUNDS + 1] = {
  "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "60", "300", "+Inf",
};

typedef struct
{
  guint64 buckets[N_BOUNDS + 1];
  guint64 sum; /* microseconds */
} Histogram;

typedef struct
{
  const char *operation; /* interned; nullable */
  guint status;
  guint64 count;
} Requests;

typedef struct
{
  guint64 input;
  guint64 cached;
  guint64 output;
  double cost;
} Tokens;

struct _OaiMetrics
{
  GHashTable *requests;  /* set of Requests */
  GHashTable *durations; /* operation → Histogram */
  GHashTable *tokens;    /* model → Tokens */
  GHashTable *upstreams; /* name → Histogram */
  GHashTable *codes;     /* code → guint64 */
  guint64 outcomes[OAI_PROXY_OUTCOME_ABORTED + 1];
  guint64 received;
  guint64 sent;
  gint64 gauges[OAI_METRICS_N_GAUGES];
  guint64 log_lost;
};

static guint
hash_requests (gconstpointer key)
{
  const Requests *requests = key;

  return g_direct_hash (requests->operation) * 31 + requests->status;
}

static gboolean
equal_requests (gconstpointer a, gconstpointer b)
{
  const Requests *first = a;
  const Requests *second = b;

  return first->operation == second->operation && first->status == second->status;
}

OaiMetrics *
oai_metrics_new (void)
{
  OaiMetrics *self = g_new0 (OaiMetrics, 1);

  self->requests = g_hash_table_new_full (hash_requests, equal_requests, g_free, NULL);
  self->durations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->upstreams = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return self;
}

void
oai_metrics_free (OaiMetrics *self)
{
  g_hash_table_unref (self->requests);
  g_hash_table_unref (self->durations);
  g_hash_table_unref (self->tokens);
  g_hash_table_unref (self->upstreams);
  g_hash_table_unref (self->codes);
  g_free (self);
}

/* The value of a label, which is created if there is room. */
static gpointer
ensure (GHashTable *table, const char *label, gsize size, guint max)
{
  gpointer value = g_hash_table_lookup (table, label);

  if (value != NULL)
    return value;
  if (g_hash_table_size (table) >= max && strcmp (label, "other") != 0)
    return ensure (table, "other", size, max);

  value = g_malloc0 (size);
  g_hash_table_insert (table, g_strdup (label), value);

  return value;
}

static void
observe (Histogram *histogram, gint64 duration)
{
  guint i = 0;

  duration = MAX (duration, 0);
  while (i < N_BOUNDS && duration > bounds[i])
    i++;
  histogram->buckets[i]++;
  histogram->sum += (guint64) duration;
}

static void
count_request (OaiMetrics *self, const OaiProxyReportData *data)
{
  Requests key = { data->operation, data->status, 0 };
  Requests *requests = g_hash_table_lookup (self->requests, &key);

  if (requests == NULL && g_hash_table_size (self->requests) >= MAX_REQUESTS)
    {
      key.operation = "other";
      key.status = 0;
      requests = g_hash_table_lookup (self->requests, &key);
    }
  if (requests == NULL)
    {
      requests = g_memdup2 (&key, sizeof key);
      g_hash_table_add (self->requests, requests);
    }
  requests->count++;
}

void
oai_metrics_add_report (OaiMetrics *self, const OaiProxyReportData *data)
{
  count_request (self, data);
  self->outcomes[data->outcome]++;
  self->received += data->received_bytes;
  self->sent += data->sent_bytes;
  observe (ensure (self->durations, data->operation != NULL ? data->operation : "", sizeof (Histogram), MAX_REQUESTS), data->duration_us);
  if (data->upstream != NULL && data->head_us >= 0)
    observe (ensure (self->upstreams, data->upstream, sizeof (Histogram), MAX_UPSTREAMS), data->head_us);
  if (data->code != NULL)
    ++*(guint64 *) ensure (self->codes, data->code, sizeof (guint64), MAX_CODES);
  /* Only names that a server accepted become labels. */
  if (data->has_usage)
    {
      Tokens *tokens = ensure (self->tokens, data->model != NULL ? data->model : "", sizeof (Tokens), MAX_MODELS);

      tokens->input += (guint64) data->input_tokens;
      tokens->cached += (guint64) data->cached_tokens;
      tokens->output += (guint64) data->output_tokens;
      tokens->cost += MAX (data->cost, 0);
    }
}

void
oai_metrics_add (OaiMetrics *self, OaiMetricsGauge gauge, int change)
{
  self->gauges[gauge] += change;
}

void
oai_metrics_set (OaiMetrics *self, OaiMetricsGauge gauge, gint64 value)
{
  self->gauges[gauge] = value;
}

void
oai_metrics_set_log_lost (OaiMetrics *self, guint64 n_lost)
{
  self->log_lost = n_lost;
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
write_histogram (GString *out, const char *name, const char *label, const char *value, const Histogram *histogram)
{
  guint64 count = 0;

  for (guint i = 0; i <= N_BOUNDS; i++)
    {
      count += histogram->buckets[i];
      g_string_append_printf (out, "%s_bucket{", name);
      write_label (out, label, value);
      g_string_append_printf (out, ",le=\"%s\"} %" G_GUINT64_FORMAT "\n", bound_names[i], count);
    }
  g_string_append_printf (out, "%s_sum{", name);
  write_label (out, label, value);
  g_string_append (out, "} ");
  write_double (out, (double) histogram->sum / G_USEC_PER_SEC);
  g_string_append_printf (out, "\n%s_count{", name);
  write_label (out, label, value);
  g_string_append_printf (out, "} %" G_GUINT64_FORMAT "\n", count);
}

static int
compare_labels (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The keys of a table, in their order. */
static GPtrArray *
get_labels (GHashTable *table)
{
  GPtrArray *labels = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (labels, key);
  g_ptr_array_sort (labels, compare_labels);

  return labels;
}

static void
write_histograms (GString *out, const char *name, const char *help, const char *label, GHashTable *table)
{
  g_autoptr(GPtrArray) labels = get_labels (table);

  write_head (out, name, "histogram", help);
  for (guint i = 0; i < labels->len; i++)
    write_histogram (out, name, label, labels->pdata[i], g_hash_table_lookup (table, labels->pdata[i]));
}

static int
compare_requests (gconstpointer a, gconstpointer b)
{
  const Requests *first = *(gpointer *) a;
  const Requests *second = *(gpointer *) b;
  int order = g_strcmp0 (first->operation, second->operation);

  return order != 0 ? order : (int) first->status - (int) second->status;
}

static void
write_requests (OaiMetrics *self, GString *out)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->requests);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (all, key);
  g_ptr_array_sort (all, compare_requests);

  write_head (out, "oai_proxy_requests_total", "counter", "Requests whose reply has ended, by operation and HTTP status.");
  for (guint i = 0; i < all->len; i++)
    {
      const Requests *requests = all->pdata[i];

      g_string_append (out, "oai_proxy_requests_total{");
      write_label (out, "operation", requests->operation != NULL ? requests->operation : "");
      g_string_append_printf (out, ",status=\"%u\"} %" G_GUINT64_FORMAT "\n", requests->status, requests->count);
    }
}

static void
write_tokens_of_type (GString *out, const char *model, const char *type, guint64 count)
{
  g_string_append (out, "oai_proxy_tokens_total{");
  write_label (out, "model", model);
  g_string_append_printf (out, ",type=\"%s\"} %" G_GUINT64_FORMAT "\n", type, count);
}

static void
write_tokens (OaiMetrics *self, GString *out)
{
  g_autoptr(GPtrArray) models = get_labels (self->tokens);

  write_head (out, "oai_proxy_tokens_total", "counter", "Tokens that replies reported. Input contains the cached ones.");
  for (guint i = 0; i < models->len; i++)
    {
      const Tokens *tokens = g_hash_table_lookup (self->tokens, models->pdata[i]);

      write_tokens_of_type (out, models->pdata[i], "input", tokens->input);
      write_tokens_of_type (out, models->pdata[i], "cached", tokens->cached);
      write_tokens_of_type (out, models->pdata[i], "output", tokens->output);
    }
  write_head (out, "oai_proxy_cost_total", "counter", "Cost by the price table.");
  for (guint i = 0; i < models->len; i++)
    {
      const Tokens *tokens = g_hash_table_lookup (self->tokens, models->pdata[i]);

      g_string_append (out, "oai_proxy_cost_total{");
      write_label (out, "model", models->pdata[i]);
      g_string_append (out, "} ");
      write_double (out, tokens->cost);
      g_string_append_c (out, '\n');
    }
}

static void
write_ends (OaiMetrics *self, GString *out)
{
  g_autoptr(GPtrArray) codes = get_labels (self->codes);

  write_head (out, "oai_proxy_outcomes_total", "counter", "How requests ended.");
  for (guint i = 0; i < G_N_ELEMENTS (self->outcomes); i++)
    g_string_append_printf (out, "oai_proxy_outcomes_total{outcome=\"%s\"} %" G_GUINT64_FORMAT "\n", oai_proxy_outcome_to_string (i), self->outcomes[i]);
  write_head (out, "oai_proxy_refusals_total", "counter", "Requests that the proxy refused, by code.");
  for (guint i = 0; i < codes->len; i++)
    {
      g_string_append (out, "oai_proxy_refusals_total{");
      write_label (out, "code", codes->pdata[i]);
      g_string_append_printf (out, "} %" G_GUINT64_FORMAT "\n", *(guint64 *) g_hash_table_lookup (self->codes, codes->pdata[i]));
    }
}

static void
write_gauges (OaiMetrics *self, GString *out)
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
      g_string_append_printf (out, "%s %" G_GINT64_FORMAT "\n", gauges[i].name, self->gauges[i]);
    }
}

GBytes *
oai_metrics_to_text (OaiMetrics *self)
{
  GString *out = g_string_sized_new (4096);

  write_requests (self, out);
  write_ends (self, out);
  write_tokens (self, out);
  write_histograms (out, "oai_proxy_request_duration_seconds", "Time from the head of a request to the end of the reply.", "operation", self->durations);
  write_histograms (out, "oai_proxy_upstream_head_seconds", "Time until the head of the server's reply.", "upstream", self->upstreams);
  write_counter (out, "oai_proxy_received_bytes_total", "Bytes of the bodies of requests.", self->received);
  write_counter (out, "oai_proxy_sent_bytes_total", "Bytes of the bodies of replies.", self->sent);
  write_gauges (self, out);
  write_counter (out, "oai_proxy_usage_log_lost_total", "Usage records that were lost since the queue was full.", self->log_lost);

  return g_string_free_to_bytes (out);
}
