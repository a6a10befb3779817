/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reports of requests, and the metrics and the access log that are made of them. */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include <openai-1/openai.h>

#include "oai-access-log-private.h"
#include "oai-json-doc-private.h"
#include "oai-metrics-private.h"
#include "oai-traceparent-private.h"

static OaiProxyReportData
make_data (void)
{
  OaiProxyReportData data = {
    .request_id = "req_1",
    .identity = "alice",
    .operation = g_intern_static_string ("chat.create"),
    .method = "POST",
    .path = "chat/completions",
    .model = "gpt-4o",
    .upstream = "openai",
    .peer = "127.0.0.1:1234",
    .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    .status = 200,
    .outcome = OAI_PROXY_OUTCOME_COMPLETED,
    .cost = -1,
    .received_bytes = 100,
    .sent_bytes = 2000,
    .begin_time = G_GINT64_CONSTANT (1735689600000123),
    .head_us = 12345,
    .duration_us = 2345678,
  };

  return data;
}

static void
test_usage_and_cost (void)
{
  g_autoptr(OaiPriceTable) prices = oai_price_table_new ();
  OaiProxyUsage usage = { (char *) "gpt-4o-2024-08-06", 1000000, 400000, 500000, TRUE };
  OaiProxyUsage other = { (char *) "not-in-the-table", 1000000, 0, 0, TRUE };
  OaiProxyUsage unknown = { (char *) "gpt-4o-2024-08-06", 0, 0, 0, FALSE };
  OaiProxyReportData data = make_data ();

  oai_price_table_set_price (prices, "gpt-4o", 2, 1, 10);
  oai_proxy_report_data_set_usage (&data, &usage, prices);
  g_assert_cmpstr (data.model, ==, "gpt-4o-2024-08-06");
  g_assert_cmpfloat_with_epsilon (data.cost, 0.6 * 2 + 0.4 * 1 + 0.5 * 10, 1e-9);

  /* A server that names the model differently: the price is that of the requested model. */
  data = make_data ();
  oai_proxy_report_data_set_usage (&data, &other, prices);
  g_assert_cmpstr (data.model, ==, "not-in-the-table");
  g_assert_cmpfloat_with_epsilon (data.cost, 2, 1e-9);

  oai_proxy_report_data_set_usage (&data, &unknown, prices);
  g_assert_false (data.has_usage);
  g_assert_cmpfloat (data.cost, ==, -1);
  oai_proxy_report_data_set_usage (&data, NULL, NULL);
  g_assert_false (data.has_usage);
}

/* Each outcome has the name that is written to the records. */
static void
test_outcome_type (void)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (OAI_TYPE_PROXY_OUTCOME);

  g_assert_cmpuint (klass->n_values, ==, OAI_PROXY_OUTCOME_ABORTED + 1);
  for (guint i = 0; i < klass->n_values; i++)
    {
      g_assert_cmpint (klass->values[i].value, ==, (int) i);
      g_assert_cmpstr (klass->values[i].value_nick, ==, oai_proxy_outcome_to_string (i));
    }
}

static void
test_report (void)
{
  OaiProxyUsage usage = { NULL, 9, 4, 5, TRUE };
  OaiProxyReportData data = make_data ();
  g_autoptr(OaiProxyReport) report = NULL;
  g_autoptr(OaiProxyReport) refused = NULL;

  oai_proxy_report_data_set_usage (&data, &usage, NULL);
  report = oai_proxy_report_new (&data);
  g_assert_cmpstr (oai_proxy_report_get_request_id (report), ==, "req_1");
  g_assert_cmpstr (oai_proxy_report_get_identity (report), ==, "alice");
  g_assert_cmpstr (oai_proxy_report_get_operation (report), ==, "chat.create");
  g_assert_cmpstr (oai_proxy_report_get_method (report), ==, "POST");
  g_assert_cmpstr (oai_proxy_report_get_path (report), ==, "chat/completions");
  g_assert_cmpstr (oai_proxy_report_get_model (report), ==, "gpt-4o");
  g_assert_cmpstr (oai_proxy_report_get_upstream (report), ==, "openai");
  g_assert_cmpuint (oai_proxy_report_get_status (report), ==, 200);
  g_assert_cmpint (oai_proxy_report_get_outcome (report), ==, OAI_PROXY_OUTCOME_COMPLETED);
  g_assert_null (oai_proxy_report_get_code (report));
  g_assert_true (oai_proxy_report_has_usage (report));
  g_assert_cmpint (oai_proxy_report_get_input_tokens (report), ==, 9);
  g_assert_cmpint (oai_proxy_report_get_cached_tokens (report), ==, 4);
  g_assert_cmpint (oai_proxy_report_get_output_tokens (report), ==, 5);
  g_assert_cmpfloat (oai_proxy_report_get_cost (report), ==, -1);
  g_assert_cmpuint (oai_proxy_report_get_received_bytes (report), ==, 100);
  g_assert_cmpuint (oai_proxy_report_get_sent_bytes (report), ==, 2000);
  g_assert_cmpint (oai_proxy_report_get_begin_time (report), ==, data.begin_time);
  g_assert_cmpint (oai_proxy_report_get_head_ms (report), ==, 12);
  g_assert_cmpint (oai_proxy_report_get_duration_ms (report), ==, 2345);

  data = (OaiProxyReportData) { .request_id = "req_2", .outcome = OAI_PROXY_OUTCOME_REFUSED, .code = "bad_request", .status = 400, .head_us = -1, .cost = -1 };
  refused = oai_proxy_report_new (&data);
  g_assert_null (oai_proxy_report_get_identity (refused));
  g_assert_cmpstr (oai_proxy_report_get_code (refused), ==, "bad_request");
  g_assert_cmpint (oai_proxy_report_get_head_ms (refused), ==, -1);
}

static char *
get_text (OaiMetrics *metrics)
{
  g_autoptr(GBytes) bytes = oai_metrics_to_text (metrics);

  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
assert_line (const char *text, const char *line)
{
  g_autofree char *whole = g_strconcat ("\n", line, "\n", NULL);

  if (strstr (text, whole) == NULL)
    g_error ("%s is missing in\n%s", line, text);
}

static void
test_metrics (void)
{
  g_autoptr(OaiMetrics) metrics = oai_metrics_new ();
  g_autofree char *text = NULL;
  OaiProxyUsage usage = { NULL, 9, 4, 5, TRUE };
  OaiProxyReportData data = make_data ();
  OaiProxyReportData refused = { .request_id = "req_2", .outcome = OAI_PROXY_OUTCOME_REFUSED, .code = "bad_request", .status = 400, .head_us = -1, .cost = -1, .model = "hostile" };

  oai_proxy_report_data_set_usage (&data, &usage, NULL);
  data.cost = 0.25;
  oai_metrics_add_report (metrics, &data);
  oai_metrics_add_report (metrics, &data);
  oai_metrics_add_report (metrics, &refused);
  oai_metrics_add (metrics, OAI_METRICS_STREAMS, 3);
  oai_metrics_add (metrics, OAI_METRICS_STREAMS, -1);
  oai_metrics_set (metrics, OAI_METRICS_LOG_QUEUED, 7);
  oai_metrics_set_log_lost (metrics, 8);
  text = get_text (metrics);
  assert_line (text, "oai_proxy_requests_total{operation=\"\",status=\"400\"} 1");
  assert_line (text, "oai_proxy_requests_total{operation=\"chat.create\",status=\"200\"} 2");
  assert_line (text, "oai_proxy_outcomes_total{outcome=\"completed\"} 2");
  assert_line (text, "oai_proxy_refusals_total{code=\"bad_request\"} 1");
  assert_line (text, "oai_proxy_tokens_total{model=\"gpt-4o\",type=\"input\"} 18");
  assert_line (text, "oai_proxy_tokens_total{model=\"gpt-4o\",type=\"cached\"} 8");
  assert_line (text, "oai_proxy_tokens_total{model=\"gpt-4o\",type=\"output\"} 10");
  assert_line (text, "oai_proxy_cost_total{model=\"gpt-4o\"} 0.5");
  assert_line (text, "oai_proxy_request_duration_seconds_bucket{operation=\"chat.create\",le=\"1\"} 0");
  assert_line (text, "oai_proxy_request_duration_seconds_bucket{operation=\"chat.create\",le=\"2.5\"} 2");
  assert_line (text, "oai_proxy_request_duration_seconds_bucket{operation=\"chat.create\",le=\"+Inf\"} 2");
  assert_line (text, "oai_proxy_request_duration_seconds_sum{operation=\"chat.create\"} 4.691356");
  assert_line (text, "oai_proxy_request_duration_seconds_count{operation=\"chat.create\"} 2");
  assert_line (text, "oai_proxy_upstream_head_seconds_bucket{upstream=\"openai\",le=\"0.025\"} 2");
  assert_line (text, "oai_proxy_received_bytes_total 200");
  assert_line (text, "oai_proxy_sent_bytes_total 4000");
  assert_line (text, "oai_proxy_open_streams 2");
  assert_line (text, "oai_proxy_usage_log_queued 7");
  assert_line (text, "oai_proxy_usage_log_lost_total 8");
  /* Neither identities nor what was refused are labels. */
  g_assert_null (strstr (text, "alice"));
  g_assert_null (strstr (text, "hostile"));
}

/* As in another process. */
static OaiMetrics *
open_memory (OaiMetricsMemory *memory)
{
  g_autoptr(GError) error = NULL;
  OaiMetricsMemory *mapped = oai_metrics_memory_new_for_descriptor (dup (oai_metrics_memory_get_descriptor (memory)), &error);

  g_assert_no_error (error);

  return oai_metrics_new_for_memory (mapped);
}

static void
memory_free (gpointer memory)
{
  oai_metrics_memory_free (memory);
}

static GPtrArray *
create_memories (guint n)
{
  GPtrArray *memories = g_ptr_array_new_with_free_func (memory_free);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_ptr_array_add (memories, oai_metrics_memory_new_shared (&error));
      g_assert_no_error (error);
    }

  return memories;
}

static void
test_sum_of_processes (void)
{
  g_autoptr(GPtrArray) memories = create_memories (3);
  g_autoptr(OaiMetrics) sum = oai_metrics_new_for_sum (memories);
  g_autoptr(OaiMetrics) first = open_memory (memories->pdata[0]);
  g_autoptr(OaiMetrics) second = open_memory (memories->pdata[1]);
  g_autofree char *text = NULL;
  OaiProxyUsage usage = { NULL, 9, 4, 5, TRUE };
  OaiProxyReportData data = make_data ();

  oai_proxy_report_data_set_usage (&data, &usage, NULL);
  data.cost = 0.25;
  oai_metrics_add_report (first, &data);
  oai_metrics_add_report (second, &data);
  data.model = "of-the-second";
  oai_metrics_add_report (second, &data);
  oai_metrics_set (first, OAI_METRICS_STREAMS, 3);
  oai_metrics_set (second, OAI_METRICS_STREAMS, 2);
  oai_metrics_set_log_lost (first, 5);
  oai_metrics_add_report (sum, &data);
  oai_metrics_set (sum, OAI_METRICS_STREAMS, 7);
  text = get_text (sum);
  assert_line (text, "oai_proxy_requests_total{operation=\"chat.create\",status=\"200\"} 3");
  assert_line (text, "oai_proxy_outcomes_total{outcome=\"completed\"} 3");
  assert_line (text, "oai_proxy_tokens_total{model=\"gpt-4o\",type=\"input\"} 18");
  assert_line (text, "oai_proxy_cost_total{model=\"gpt-4o\"} 0.5");
  assert_line (text, "oai_proxy_cost_total{model=\"of-the-second\"} 0.25");
  assert_line (text, "oai_proxy_request_duration_seconds_bucket{operation=\"chat.create\",le=\"2.5\"} 3");
  assert_line (text, "oai_proxy_request_duration_seconds_sum{operation=\"chat.create\"} 7.037034");
  assert_line (text, "oai_proxy_open_streams 5");
  assert_line (text, "oai_proxy_usage_log_lost_total 5");
  assert_line (text, "oai_proxy_process_starts_total 2");
}

/* A process that is started again continues the counters of its predecessor, but not what that had open. */
static void
test_successor (void)
{
  g_autoptr(GPtrArray) memories = create_memories (1);
  g_autoptr(OaiMetrics) sum = oai_metrics_new_for_sum (memories);
  OaiMetrics *metrics = open_memory (memories->pdata[0]);
  g_autofree char *text = NULL;
  OaiProxyReportData data = make_data ();

  oai_metrics_add_report (metrics, &data);
  oai_metrics_set (metrics, OAI_METRICS_CONNECTIONS, 4);
  oai_metrics_set_log_lost (metrics, 5);
  oai_metrics_begin_log (metrics);
  oai_metrics_set_log_lost (metrics, 2);
  oai_metrics_free (metrics);

  metrics = open_memory (memories->pdata[0]);
  oai_metrics_set_log_lost (metrics, 0);
  oai_metrics_set_log_lost (metrics, 1);
  oai_metrics_set_log_lost (metrics, 1);
  oai_metrics_add_report (metrics, &data);
  data.status = 500;
  oai_metrics_add_report (metrics, &data);
  oai_metrics_free (metrics);
  text = get_text (sum);
  assert_line (text, "oai_proxy_requests_total{operation=\"chat.create\",status=\"200\"} 2");
  assert_line (text, "oai_proxy_requests_total{operation=\"chat.create\",status=\"500\"} 1");
  assert_line (text, "oai_proxy_request_duration_seconds_count{operation=\"chat.create\"} 3");
  assert_line (text, "oai_proxy_open_connections 0");
  assert_line (text, "oai_proxy_usage_log_lost_total 8");
  assert_line (text, "oai_proxy_process_starts_total 2");
}

/* What a process that was taken over writes does not harm the one that reads. */
static void
test_hostile_memory (void)
{
  g_autoptr(GPtrArray) memories = create_memories (1);
  g_autoptr(OaiMetrics) sum = oai_metrics_new_for_sum (memories);
  int fd = oai_metrics_memory_get_descriptor (memories->pdata[0]);
  goffset size = lseek (fd, 0, SEEK_END);
  g_autofree guint8 *bytes = g_malloc ((gsize) size);
  g_autoptr(GRand) random = g_rand_new_with_seed (1);
  g_autoptr(OaiMetricsMemory) mapped = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (ftruncate (fd, 0), ==, -1);
  for (guint round = 0; round < 4; round++)
    {
      g_autofree char *text = NULL;

      for (goffset i = 0; i < size; i++)
        bytes[i] = round == 0 ? 0xff : (guint8) (g_rand_int (random) & (round == 1 ? 0x7f : 0x03));
      g_assert_cmpint (pwrite (fd, bytes, (gsize) size, 0), ==, size);
      text = get_text (sum);
      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_cmpuint (strlen (text), <, 16 * 1024 * 1024);
    }
  mapped = oai_metrics_memory_new_for_descriptor (dup (fd), &error);
  g_assert_null (mapped);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_clear_error (&error);
  mapped = oai_metrics_memory_new_for_descriptor (open ("/dev/null", O_RDONLY | O_CLOEXEC), &error);
  g_assert_null (mapped);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
write_memory (int fd, gsize offset, guint32 number)
{
  g_assert_cmpint (pwrite (fd, &number, sizeof number, (off_t) offset), ==, sizeof number);
}

/* A process whose predecessor was taken over counts nevertheless. */
static void
test_hostile_predecessor (void)
{
  /* The numbers of series, and the series that exist: the same ones, or more of one kind than there can be. */
  static const struct { guint32 n_series; gboolean distinct; } cases[] = { { 4000, FALSE }, { 0x7fffffff, FALSE }, { 0xffffffff, FALSE }, { 4000, TRUE } };
  gsize first = 8 + 8 + 8 * (OAI_METRICS_N_GAUGES_MAX + OAI_METRICS_N_TOTALS_MAX);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GPtrArray) memories = create_memories (1);
      int fd = oai_metrics_memory_get_descriptor (memories->pdata[0]);
      g_autoptr(OaiMetrics) metrics = NULL;
      g_autofree char *text = NULL;
      OaiProxyReportData data = make_data ();

      write_memory (fd, 4, cases[i].n_series);
      for (guint j = 0; cases[i].distinct && j < cases[i].n_series; j++)
        write_memory (fd, first + j * sizeof (OaiMetricsSeries) + 4, j);
      metrics = open_memory (memories->pdata[0]);
      for (guint status = 0; status < 3000; status++)
        {
          data.status = status;
          oai_metrics_add_report (metrics, &data);
        }
      text = get_text (metrics);
      assert_line (text, "oai_proxy_request_duration_seconds_count{operation=\"chat.create\"} 3000");
      assert_line (text, "oai_proxy_requests_total{operation=\"chat.create\",status=\"200\"} 1");
    }
}

static void
test_labels_are_escaped_and_limited (void)
{
  g_autoptr(OaiMetrics) metrics = oai_metrics_new ();
  g_autofree char *text = NULL;
  OaiProxyReportData data = make_data ();
  guint n_lines = 0;

  data.has_usage = TRUE;
  data.input_tokens = 1;
  data.model = "a\"b\\c\nd\xff";
  oai_metrics_add_report (metrics, &data);
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("name-%u", i);

      data.model = data.upstream = data.code = name;
      data.status = i;
      data.operation = g_intern_string (i % 2 == 0 ? "a" : "b");
      oai_metrics_add_report (metrics, &data);
      data.status += 1000;
      data.operation = g_intern_string (i % 2 == 0 ? "c" : "d");
      oai_metrics_add_report (metrics, &data);
      data.operation = g_intern_string ("e");
      oai_metrics_add_report (metrics, &data);
    }
  text = get_text (metrics);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  assert_line (text, "oai_proxy_tokens_total{model=\"a\\\"b\\\\c\\nd\xef\xbf\xbd\",type=\"input\"} 1");
  assert_line (text, "oai_proxy_tokens_total{model=\"other\",type=\"input\"} 2403");
  for (const char *p = text; *p != '\0'; p++)
    n_lines += *p == '\n';
  g_assert_cmpuint (n_lines, <, 5000);
}

/* The members of all lines of a file. */
static GPtrArray *
read_lines (const char *path)
{
  GPtrArray *docs = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_json_doc_unref);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  for (const char *p = text; *p != '\0'; p++)
    g_assert_true (*p == '\n' || (*p >= 0x20 && *p < 0x7f));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      {
        OaiJsonDoc *doc = oai_json_doc_new_copy (lines[i], -1, OAI_JSON_STRICT, &error);

        g_assert_no_error (error);
        g_ptr_array_add (docs, doc);
      }

  return docs;
}

static const char *
get_member (GPtrArray *docs, guint i, const char *name)
{
  return oai_json_get_string (docs->pdata[i], oai_json_get_member (docs->pdata[i], 0, name), NULL);
}

static gint64
get_number (GPtrArray *docs, guint i, const char *name)
{
  gint64 value = -1;

  oai_json_get_int (docs->pdata[i], oai_json_get_member (docs->pdata[i], 0, name), &value);

  return value;
}

static void
test_access_log (void)
{
  g_autofree char *folder = g_dir_make_tmp ("oai-access-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "log", NULL);
  g_autofree char *rotated = g_build_filename (folder, "log.1", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiAccessLog) log = oai_access_log_new (path, &error);
  g_autoptr(GPtrArray) first = NULL;
  g_autoptr(GPtrArray) second = NULL;
  OaiProxyUsage usage = { NULL, 9, 4, 5, TRUE };
  OaiProxyReportData data = make_data ();
  GStatBuf status;

  g_assert_no_error (error);
  oai_proxy_report_data_set_usage (&data, &usage, NULL);
  data.cost = 0.25;
  oai_access_log_add (log, &data);
  data = (OaiProxyReportData) { .request_id = "req_2", .path = "a\"\\\n\x1b[31m\x7f\xc2\x9b\xff\xf0\x9f\x98\x80", .outcome = OAI_PROXY_OUTCOME_REFUSED, .code = "bad_request", .status = 400, .head_us = -1, .cost = -1 };
  oai_access_log_add (log, &data);
  oai_access_log_flush (log);
  g_assert_cmpint (g_rename (path, rotated), ==, 0);
  g_assert_true (oai_access_log_reopen (log, &error));
  oai_access_log_add (log, &data);
  g_clear_pointer (&log, oai_access_log_free);

  first = read_lines (rotated);
  second = read_lines (path);
  g_assert_cmpuint (first->len, ==, 2);
  g_assert_cmpuint (second->len, ==, 1);
  g_assert_cmpstr (get_member (first, 0, "time"), ==, "2025-01-01T00:00:00.000123Z");
  g_assert_cmpstr (get_member (first, 0, "request_id"), ==, "req_1");
  g_assert_cmpstr (get_member (first, 0, "identity"), ==, "alice");
  g_assert_cmpstr (get_member (first, 0, "peer"), ==, "127.0.0.1:1234");
  g_assert_cmpstr (get_member (first, 0, "outcome"), ==, "completed");
  g_assert_cmpint (get_number (first, 0, "status"), ==, 200);
  g_assert_cmpint (get_number (first, 0, "output_tokens"), ==, 5);
  g_assert_cmpint (get_number (first, 0, "sent_bytes"), ==, 2000);
  g_assert_cmpstr (get_member (first, 1, "path"), ==, "a\"\\\n\x1b[31m\x7f\xc2\x9b\xef\xbf\xbd\xf0\x9f\x98\x80");
  g_assert_cmpstr (get_member (first, 1, "code"), ==, "bad_request");
  g_assert_null (get_member (first, 1, "identity"));
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0137, ==, 0);
  g_unlink (path);
  g_unlink (rotated);
  g_rmdir (folder);
}

static void
test_access_log_errors (void)
{
  g_autofree char *folder = g_dir_make_tmp ("oai-access-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "log", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiAccessLog) log = oai_access_log_new (folder, &error);
  OaiProxyReportData data = make_data ();

  g_assert_null (log);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_clear_error (&error);

  /* The old file is used further. */
  log = oai_access_log_new (path, &error);
  g_unlink (path);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_false (oai_access_log_reopen (log, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  oai_access_log_add (log, &data);
  oai_access_log_flush (log);
  g_assert_cmpuint (oai_access_log_get_n_lost (log), ==, 0);
  g_rmdir (path);
  g_rmdir (folder);
}

/* Lines are written by a timer. */
static void
test_access_log_timer (void)
{
  g_autofree char *folder = g_dir_make_tmp ("oai-access-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "log", NULL);
  g_autoptr(OaiAccessLog) log = oai_access_log_new (path, NULL);
  OaiProxyReportData data = make_data ();
  GStatBuf status = { 0 };

  oai_access_log_add (log, &data);
  while (status.st_size == 0)
    {
      g_main_context_iteration (NULL, TRUE);
      g_stat (path, &status);
    }
  g_unlink (path);
  g_rmdir (folder);
}

/* The reader of a pipe does not read: the proxy does not wait for it, and memory is limited. */
static void
test_slow_reader (void)
{
  g_autoptr(OaiAccessLog) log = NULL;
  OaiProxyReportData data = make_data ();
  int pipes[2], saved;

  g_assert_cmpint (pipe (pipes), ==, 0);
  fflush (stdout);
  saved = dup (STDOUT_FILENO);
  dup2 (pipes[1], STDOUT_FILENO);
  log = oai_access_log_new ("-", NULL);
  dup2 (saved, STDOUT_FILENO);
  close (saved);
  close (pipes[1]);
  for (guint i = 0; i < 10000; i++)
    oai_access_log_add (log, &data);
  g_assert_cmpuint (oai_access_log_get_n_lost (log), >, 0);
  g_clear_pointer (&log, oai_access_log_free);
  close (pipes[0]);
}

static void
test_traceparent (void)
{
  static const char *const valid[] = {
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-will-be-like",
    "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  };
  static const char *const invalid[] = {
    NULL, "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
    "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x", "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g", " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  };
  char out[OAI_TRACEPARENT_SIZE], other[OAI_TRACEPARENT_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (valid); i++)
    {
      g_assert_true (oai_traceparent_continue (valid[i], out));
      g_assert_true (oai_traceparent_is_valid (out));
      g_assert_cmpuint (strlen (out), ==, 55);
      /* The same trace and the same flag, but another parent. */
      g_assert_true (strncmp (out, "00-0af7651916cd43dd8448eb211c80319c-", 36) == 0);
      g_assert_null (strstr (out, "b7ad6b7169203331"));
      g_assert_cmpint (out[54], ==, valid[i][54]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      g_assert_false (oai_traceparent_continue (invalid[i], out));
      g_assert_false (oai_traceparent_continue (invalid[i], other));
      g_assert_true (oai_traceparent_is_valid (out));
      g_assert_cmpstr (out, !=, other);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/reports/usage and cost", test_usage_and_cost);
  g_test_add_func ("/proxy/reports/a report has all values", test_report);
  g_test_add_func ("/proxy/reports/outcomes have names", test_outcome_type);
  g_test_add_func ("/proxy/metrics/requests are counted", test_metrics);
  g_test_add_func ("/proxy/metrics/those of several processes are added", test_sum_of_processes);
  g_test_add_func ("/proxy/metrics/a process continues those of its predecessor", test_successor);
  g_test_add_func ("/proxy/metrics/hostile memory does no harm", test_hostile_memory);
  g_test_add_func ("/proxy/metrics/a hostile predecessor does no harm", test_hostile_predecessor);
  g_test_add_func ("/proxy/metrics/labels are escaped and limited", test_labels_are_escaped_and_limited);
  g_test_add_func ("/proxy/access-log/lines are JSON", test_access_log);
  g_test_add_func ("/proxy/access-log/errors are reported", test_access_log_errors);
  g_test_add_func ("/proxy/access-log/lines are written by a timer", test_access_log_timer);
  g_test_add_func ("/proxy/access-log/a slow reader does not block", test_slow_reader);
  g_test_add_func ("/proxy/traceparent/traces are continued", test_traceparent);

  return g_test_run ();
}
