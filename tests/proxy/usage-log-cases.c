/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "usage-log-cases.h"

OaiUsageLog *
usage_log_open (const char *location)
{
  g_autoptr(GError) error = NULL;
  OaiUsageLog *log = oai_usage_log_new (location, &error);

  g_assert_no_error (error);

  return log;
}

void
usage_log_add (OaiUsageLog *log, const char *identity, const char *model, guint number, gint64 time)
{
  g_autofree char *id = g_strdup_printf ("req_%s_%u", identity, number);
  OaiProxyUsage usage = { NULL, 10, 4, 5, TRUE };
  OaiProxyReportData data = { 0 };

  data.request_id = id;
  data.identity = identity;
  data.operation = "chat.create";
  data.model = model;
  data.status = 200;
  data.begin_time = time;
  data.duration_us = 1000;
  oai_proxy_report_data_set_usage (&data, &usage, NULL);
  data.cost = 0.5;
  oai_usage_log_add (log, &data);
}

static void
on_flushed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

gboolean
usage_log_flush (OaiUsageLog *log, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_usage_log_flush_async (log, NULL, on_flushed, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return oai_usage_log_flush_finish (log, result, error);
}

static void
assert_flush (OaiUsageLog *log)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (usage_log_flush (log, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (oai_usage_log_get_n_queued (log), ==, 0);
}

static GPtrArray *
load (const char *location, gint64 from, gint64 to)
{
  g_autoptr(GError) error = NULL;
  GPtrArray *sums = oai_usage_log_load_sums (location, from, to, &error);

  g_assert_no_error (error);

  return sums;
}

gint64
usage_log_count (const char *location, const char *identity)
{
  g_autoptr(GPtrArray) sums = load (location, USAGE_LOG_BEGIN, G_MAXINT64 / 1000);
  gint64 count = 0;

  for (guint i = 0; i < sums->len; i++)
    {
      OaiUsageSum *sum = sums->pdata[i];

      if (g_strcmp0 (sum->identity, identity) == 0)
        count += sum->n_requests;
    }

  return count;
}

static void
assert_sum (OaiUsageSum *sum, const char *day, const char *identity, const char *model, gint64 n)
{
  g_assert_cmpstr (sum->day, ==, day);
  g_assert_cmpstr (sum->identity, ==, identity);
  g_assert_cmpstr (sum->model, ==, model);
  g_assert_cmpint (sum->n_requests, ==, n);
  g_assert_cmpint (sum->input_tokens, ==, 10 * n);
  g_assert_cmpint (sum->cached_tokens, ==, 4 * n);
  g_assert_cmpint (sum->output_tokens, ==, 5 * n);
  g_assert_cmpfloat_with_epsilon (sum->cost, 0.5 * (double) n, 1e-9);
}

/* More records than one batch, on two days. */
void
usage_log_check_sums (const char *location)
{
  g_autoptr(OaiUsageLog) log = usage_log_open (location);
  g_autoptr(GPtrArray) sums = NULL;
  g_autoptr(GPtrArray) second = NULL;
  g_autoptr(GPtrArray) none = NULL;
  OaiProxyReportData data = { .request_id = "req_1", .identity = "sums-d", .begin_time = USAGE_LOG_BEGIN, .cost = -1, .status = 500 };
  OaiProxyReportData without = { .request_id = "req_2", .begin_time = USAGE_LOG_BEGIN, .cost = -1 };

  for (guint i = 0; i < 1100; i++)
    usage_log_add (log, "sums-a", "gpt", i, USAGE_LOG_BEGIN + i);
  usage_log_add (log, "sums-b", "gpt", 0, USAGE_LOG_BEGIN + USAGE_LOG_DAY - 1);
  usage_log_add (log, "sums-b", "gpt", 1, USAGE_LOG_BEGIN + USAGE_LOG_DAY);
  usage_log_add (log, "sums-b", NULL, 2, USAGE_LOG_BEGIN + USAGE_LOG_DAY);
  oai_usage_log_add (log, &data);
  /* Requests without an identity are not recorded. */
  oai_usage_log_add (log, &without);
  g_assert_cmpuint (oai_usage_log_get_n_queued (log), ==, 1104);
  assert_flush (log);
  assert_flush (log);

  sums = load (location, USAGE_LOG_BEGIN, USAGE_LOG_BEGIN + 10 * USAGE_LOG_DAY);
  g_assert_cmpuint (sums->len, ==, 5);
  assert_sum (sums->pdata[0], "2025-01-01", "sums-a", "gpt", 1100);
  assert_sum (sums->pdata[1], "2025-01-01", "sums-b", "gpt", 1);
  g_assert_cmpstr (((OaiUsageSum *) sums->pdata[2])->identity, ==, "sums-d");
  g_assert_cmpint (((OaiUsageSum *) sums->pdata[2])->n_requests, ==, 1);
  g_assert_cmpint (((OaiUsageSum *) sums->pdata[2])->input_tokens, ==, 0);
  g_assert_cmpfloat (((OaiUsageSum *) sums->pdata[2])->cost, ==, 0);
  assert_sum (sums->pdata[3], "2025-01-02", "sums-b", "", 1);
  assert_sum (sums->pdata[4], "2025-01-02", "sums-b", "gpt", 1);
  second = load (location, USAGE_LOG_BEGIN + USAGE_LOG_DAY, USAGE_LOG_BEGIN + 2 * USAGE_LOG_DAY);
  g_assert_cmpuint (second->len, ==, 2);
  none = load (location, USAGE_LOG_BEGIN + 2 * USAGE_LOG_DAY, USAGE_LOG_BEGIN + 2 * USAGE_LOG_DAY);
  g_assert_cmpuint (none->len, ==, 0);
}

void
usage_log_check_hostile_text (const char *location)
{
  static const char *const texts[] = {
    "'; DROP TABLE usage_records; --", "\"quotes\" and \\backslashes\\", "{1,2}", "\xf0\x9f\x98\x80\xc3\xa9", "$1 ? :a %s", "a\nb\tc\x01",
  };
  g_autoptr(OaiUsageLog) log = usage_log_open (location);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    usage_log_add (log, texts[i], texts[i], i, USAGE_LOG_BEGIN + 20 * USAGE_LOG_DAY);
  usage_log_add (log, "hostile", "invalid \xff UTF-8", 0, USAGE_LOG_BEGIN + 20 * USAGE_LOG_DAY);
  assert_flush (log);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_cmpint (usage_log_count (location, texts[i]), ==, 1);
  g_assert_cmpint (usage_log_count (location, "hostile"), ==, 1);
}

/* A batch can be written twice if the connection fails at its end. */
void
usage_log_check_repeated_records (const char *location)
{
  g_autoptr(OaiUsageLog) log = usage_log_open (location);

  for (guint i = 0; i < 20; i++)
    usage_log_add (log, "repeated", "gpt", i % 10, USAGE_LOG_BEGIN + 21 * USAGE_LOG_DAY);
  assert_flush (log);
  for (guint i = 0; i < 15; i++)
    usage_log_add (log, "repeated", "gpt", i, USAGE_LOG_BEGIN + 21 * USAGE_LOG_DAY);
  assert_flush (log);
  g_assert_cmpint (usage_log_count (location, "repeated"), ==, 15);
}

void
usage_log_check_several_writers (const char *location)
{
  OaiUsageLog *logs[4];

  for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
    logs[i] = usage_log_open (location);
  for (guint n = 0; n < 2000; n++)
    for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
      usage_log_add (logs[i], "several", "gpt", n * 4 + i, USAGE_LOG_BEGIN + 22 * USAGE_LOG_DAY);
  for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      assert_flush (logs[i]);
      g_object_unref (logs[i]);
    }
  g_assert_cmpint (usage_log_count (location, "several"), ==, 8000);
}

void
usage_log_check_full_queue (const char *location)
{
  g_autoptr(OaiUsageLog) log = usage_log_open (location);

  oai_usage_log_set_max_queued (log, 10);
  g_test_expect_message ("Oai", G_LOG_LEVEL_WARNING, "*queue*full*");
  for (guint i = 0; i < 15; i++)
    usage_log_add (log, "full", "gpt", i, USAGE_LOG_BEGIN + 23 * USAGE_LOG_DAY);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (oai_usage_log_get_n_queued (log), ==, 10);
  g_assert_cmpuint (oai_usage_log_get_n_lost (log), ==, 5);
  assert_flush (log);
  g_assert_cmpint (usage_log_count (location, "full"), ==, 10);
  usage_log_add (log, "full", "gpt", 15, USAGE_LOG_BEGIN + 23 * USAGE_LOG_DAY);
  assert_flush (log);
  g_assert_cmpint (usage_log_count (location, "full"), ==, 11);
}

OaiLimitHistory *
usage_log_load_history (OaiUsageLog *log, gint64 now)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  OaiLimitHistory *history;

  oai_usage_log_load_history_async (log, now, on_flushed, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  history = oai_usage_log_load_history_finish (log, result, &error);
  g_assert_no_error (error);

  return history;
}

/* Adds up the amounts that ended after a time. */
typedef struct
{
  gint64 begin;
  gint64 last;
  OaiLimitAmounts sum;
} History;

static void
add_up (const char *identity, guint mask, gint64 time, const OaiLimitAmounts *amounts, gpointer user_data)
{
  History *self = user_data;

  g_assert_cmpint (time, >=, self->last);
  self->last = time;
  if (time < self->begin)
    return;

  self->sum.requests += amounts->requests;
  self->sum.tokens += amounts->tokens;
  self->sum.cost += amounts->cost;
}

static void
assert_history (OaiLimitHistory *history, const char *identity, gint64 begin, gint64 n_requests)
{
  static guint mask = 1;
  History self = { .begin = begin, .last = G_MININT64 };

  /* Each call takes another kind. */
  oai_limit_history_take (history, identity, mask, add_up, &self);
  mask <<= 1;
  g_assert_cmpint (self.sum.requests, ==, n_requests);
  g_assert_cmpint (self.sum.tokens, ==, 15 * n_requests);
  g_assert_cmpint (self.sum.cost, ==, n_requests * 500000000);
}

static void
add_forwarded (OaiUsageLog *log, const char *identity, gint64 time, gint64 duration, gboolean forwarded)
{
  static guint n;
  g_autofree char *id = g_strdup_printf ("req_history_%u", n++);
  OaiProxyUsage usage = { NULL, 10, 4, 5, TRUE };
  OaiProxyReportData data = { .request_id = id, .identity = identity, .upstream = forwarded ? "openai" : NULL, .begin_time = time, .duration_us = duration };

  data.status = forwarded ? 200 : 429;
  data.outcome = forwarded ? OAI_PROXY_OUTCOME_COMPLETED : OAI_PROXY_OUTCOME_REFUSED;
  oai_proxy_report_data_set_usage (&data, forwarded ? &usage : NULL, NULL);
  data.cost = forwarded ? 0.5 : -1;
  oai_usage_log_add (log, &data);
}

/* What limits of days and months need to know. */
void
usage_log_check_history (const char *location)
{
  g_autoptr(OaiUsageLog) log = usage_log_open (location);
  g_autoptr(OaiLimitHistory) history = NULL;
  /* 2025-03-15 12:05 */
  gint64 now = USAGE_LOG_BEGIN + 73 * USAGE_LOG_DAY + USAGE_LOG_DAY / 2 + 5 * G_TIME_SPAN_MINUTE;
  gint64 month = USAGE_LOG_BEGIN + 59 * USAGE_LOG_DAY, second = G_TIME_SPAN_SECOND;

  add_forwarded (log, "history", month - 2 * second, second, TRUE);
  /* It ended in this month. */
  add_forwarded (log, "history", month - second, 2 * second, TRUE);
  for (guint i = 0; i < 700; i++)
    add_forwarded (log, "history", month + i * G_TIME_SPAN_MINUTE, second, TRUE);
  for (guint i = 0; i < 48; i++)
    add_forwarded (log, "history", now - USAGE_LOG_DAY + second + i * 30 * G_TIME_SPAN_MINUTE, second, TRUE);
  add_forwarded (log, "history", now - second, 0, FALSE);
  add_forwarded (log, "history", now, 0, TRUE);
  add_forwarded (log, "history-other", now - 60 * second, second, TRUE);
  history = usage_log_load_history (log, now / 1000);

  assert_history (history, "history", G_MININT64, 1 + 700 + 48);
  assert_history (history, "history", (now - USAGE_LOG_DAY) / 1000, 48);
  assert_history (history, "history-other", G_MININT64, 1);
  assert_history (history, "history-unknown", G_MININT64, 0);
}
