/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests are admitted within the limits of their identities. */

#include <math.h>
#include <stdio.h>

#include <openai-1/openai.h>

#include "oai-limit-window-private.h"
#include "oai-proxy-limiter-private.h"

#define MINUTE G_GINT64_CONSTANT (60000)
#define DAY G_GINT64_CONSTANT (86400000)

/* A clock that the tests set.  2026-11-28 00:00 UTC. */
typedef struct
{
  gint64 monotonic;
  gint64 real;
} Clock;

static Clock now = { 1000000, 1795824000000 };

static gint64
get_monotonic (gpointer user_data)
{
  return now.monotonic;
}

static gint64
get_real (gpointer user_data)
{
  return now.real;
}

static const OaiLimitClock test_clock = { get_monotonic, get_real, NULL };

static void
advance (gint64 ms)
{
  now.monotonic += ms;
  now.real += ms;
}

/* The result of an admission. */
typedef struct
{
  OaiProxyLease *lease;
  GError *error;
  gint64 retry_after;
  guint n;
} Result;

static void
on_admitted (OaiProxyLease *lease, const GError *error, gint64 retry_after, gpointer user_data)
{
  Result *result = user_data;

  result->lease = lease;
  g_clear_error (&result->error);
  result->error = error != NULL ? g_error_copy (error) : NULL;
  result->retry_after = retry_after;
  result->n++;
}

/* Returns the lease, or NULL with the time until the next attempt. */
static OaiProxyLease *
admit (OaiProxyLimiter *limiter, const char *identity, OaiProxyLimits *limits, gboolean stream, gint64 *retry_after)
{
  Result result = { 0 };

  g_assert_null (oai_proxy_limiter_admit (limiter, identity, limits, stream, on_admitted, &result));
  g_assert_cmpuint (result.n, ==, 1);
  if (result.lease == NULL)
    g_assert_error (result.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_RATE_LIMITED);
  g_clear_error (&result.error);
  if (retry_after != NULL)
    *retry_after = result.retry_after;

  return result.lease;
}

/* A request that ends at once. */
static gboolean
try (OaiProxyLimiter *limiter, const char *identity, OaiProxyLimits *limits, gint64 *retry_after)
{
  OaiProxyLease *lease = admit (limiter, identity, limits, FALSE, retry_after);

  if (lease == NULL)
    return FALSE;

  oai_proxy_lease_release (lease);

  return TRUE;
}

static void
test_window_boundary (void)
{
  OaiLimitWindow window = { 0 };

  g_assert_cmpint (oai_limit_window_get_wait (&window, &oai_limit_minute, 5, 1), ==, 0);
  oai_limit_window_add (&window, &oai_limit_minute, 5, 3);
  oai_limit_window_add (&window, &oai_limit_minute, 30005, 2);
  g_assert_cmpint (oai_limit_window_get_total (&window, &oai_limit_minute, 60004), ==, 5);
  g_assert_cmpint (oai_limit_window_get_wait (&window, &oai_limit_minute, 60004, 5), ==, 1);
  g_assert_cmpint (oai_limit_window_get_wait (&window, &oai_limit_minute, 60004, 6), ==, 0);
  g_assert_cmpint (oai_limit_window_get_wait (&window, &oai_limit_minute, 60004, 2), ==, 30001);
  g_assert_cmpint (oai_limit_window_get_reset (&window, &oai_limit_minute, 60004), ==, 30001);
  g_assert_cmpint (oai_limit_window_get_total (&window, &oai_limit_minute, 60005), ==, 2);
  g_assert_cmpint (oai_limit_window_get_total (&window, &oai_limit_minute, 90005), ==, 0);
  g_assert_cmpint (oai_limit_window_get_reset (&window, &oai_limit_minute, 90005), ==, 0);
  oai_limit_window_clear (&window);
}

/* Compares with a list of all amounts. */
static void
test_window_against_log (void)
{
  g_autoptr(GArray) log = g_array_new (FALSE, FALSE, sizeof (OaiLimitEntry));
  g_autoptr(GRand) random = g_rand_new_with_seed (7);
  OaiLimitWindow window = { 0 };
  gint64 time = 12345;

  for (guint i = 0; i < 20000; i++)
    {
      gint64 exact = 0, late = 0, total;

      /* Bursts, and pauses up to more than the window. */
      time += g_rand_int_range (random, 0, 10) > 0 ? g_rand_int_range (random, 0, 300) : g_rand_int_range (random, 0, i % 100 == 0 ? 90000 : 3000);
      if (g_rand_boolean (random))
        {
          OaiLimitEntry entry = { time, g_rand_int_range (random, 0, 50) };

          oai_limit_window_add (&window, &oai_limit_minute, time, entry.amount);
          g_array_append_val (log, entry);
        }
      for (guint j = log->len; j > 0 && g_array_index (log, OaiLimitEntry, j - 1).time > time - 62000; j--)
        {
          const OaiLimitEntry *entry = &g_array_index (log, OaiLimitEntry, j - 1);

          exact += entry->time > time - MINUTE ? entry->amount : 0;
          late += entry->time > time - MINUTE - oai_limit_minute.slot ? entry->amount : 0;
        }
      total = oai_limit_window_get_total (&window, &oai_limit_minute, time);
      g_assert_cmpint (total, >=, exact);
      g_assert_cmpint (total, <=, late);
      g_assert_cmpuint (window.size, <=, 64);
      g_assert_cmpint (oai_limit_window_get_wait (&window, &oai_limit_minute, time, 1), <=, MINUTE);
    }
  oai_limit_window_clear (&window);
}

static void
test_window_hostile_amounts (void)
{
  OaiLimitWindow window = { 0 };

  oai_limit_window_add (&window, &oai_limit_day, 1, G_MININT64);
  g_assert_cmpint (oai_limit_window_get_total (&window, &oai_limit_day, 1), ==, 0);
  oai_limit_window_add (&window, &oai_limit_day, 1, G_MAXINT64);
  oai_limit_window_add (&window, &oai_limit_day, 2, G_MAXINT64);
  g_assert_cmpint (oai_limit_window_get_total (&window, &oai_limit_day, 3), ==, OAI_LIMIT_MAX_AMOUNT);
  g_assert_cmpint (oai_limit_window_get_total (&window, &oai_limit_day, DAY + 1), ==, 0);
  oai_limit_window_clear (&window);
}

static void
test_window_clock_set_back (void)
{
  OaiLimitWindow window = { 0 };

  for (guint i = 0; i < 100; i++)
    oai_limit_window_add (&window, &oai_limit_minute, DAY + i * 500, 1);
  /* All of them count from now on, and for one minute only. */
  g_assert_cmpint (oai_limit_window_get_total (&window, &oai_limit_minute, 1000), ==, 100);
  g_assert_cmpint (oai_limit_window_get_reset (&window, &oai_limit_minute, 1000), ==, MINUTE);
  g_assert_cmpint (oai_limit_window_get_total (&window, &oai_limit_minute, 1000 + MINUTE), ==, 0);
  oai_limit_window_clear (&window);
}

static void
test_month_end (void)
{
  g_autoptr(GTimeZone) utc = g_time_zone_new_utc ();

  for (int year = 1970; year < 2410; year++)
    {
      for (int month = 1; month <= 12; month++)
        {
          g_autoptr(GDateTime) start = g_date_time_new (utc, year, month, 1, 0, 0, 0);
          g_autoptr(GDateTime) end = g_date_time_add_months (start, 1);
          gint64 expected = g_date_time_to_unix (end) * 1000;

          g_assert_cmpint (oai_limit_get_month_end (g_date_time_to_unix (start) * 1000), ==, expected);
          g_assert_cmpint (oai_limit_get_month_end (expected - 1), ==, expected);
        }
    }
  g_assert_cmpint (oai_limit_get_month_end (-5), ==, 31 * DAY);
}

static void
test_requests_at_boundary (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  gint64 retry_after;

  oai_proxy_limits_set_requests_per_minute (limits, 60);
  /* A burst just before the next minute of the clock does not permit another one just after it. */
  advance (MINUTE - now.monotonic % MINUTE - 1);
  for (guint i = 0; i < 60; i++)
    g_assert_true (try (limiter, "alice", limits, NULL));
  g_assert_false (try (limiter, "alice", limits, &retry_after));
  g_assert_cmpint (retry_after, ==, MINUTE);
  advance (2);
  g_assert_false (try (limiter, "alice", limits, &retry_after));
  g_assert_cmpint (retry_after, ==, MINUTE - 2);
  g_assert_true (try (limiter, "bob", limits, NULL));
  advance (MINUTE - 3);
  g_assert_false (try (limiter, "alice", limits, &retry_after));
  g_assert_cmpint (retry_after, ==, 1);
  advance (retry_after);
  for (guint i = 0; i < 60; i++)
    g_assert_true (try (limiter, "alice", limits, NULL));
  g_assert_false (try (limiter, "alice", limits, NULL));
}

/* Clients that send as often as they can: no minute contains more than the limit, and what is admitted is close to it. */
static void
test_no_minute_exceeds_limit (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(GArray) admitted = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr(GRand) random = g_rand_new_with_seed (3);
  gint64 start = now.monotonic;

  oai_proxy_limits_set_requests_per_minute (limits, 100);
  while (now.monotonic < start + 20 * MINUTE)
    {
      advance (g_rand_int_range (random, 0, 200));
      if (try (limiter, "alice", limits, NULL))
        g_array_append_val (admitted, now.monotonic);
    }
  for (guint i = 100; i < admitted->len; i++)
    g_assert_cmpint (g_array_index (admitted, gint64, i) - g_array_index (admitted, gint64, i - 100), >=, MINUTE);
  g_assert_cmpuint (admitted->len, >, 1900);
  g_assert_cmpuint (admitted->len, <=, 2000);
}

/* What a reply used is counted when it is known: until then, requests are admitted. */
static void
test_tokens_and_costs (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  OaiProxyLease *first, *second;
  gint64 retry_after;

  oai_proxy_limits_set_tokens_per_minute (limits, 1000);
  oai_proxy_limits_set_cost_per_day (limits, 0.5);
  first = admit (limiter, "alice", limits, FALSE, NULL);
  second = admit (limiter, "alice", limits, FALSE, NULL);
  oai_proxy_lease_count (first, 999, 0.1);
  g_assert_true (try (limiter, "alice", limits, NULL));
  oai_proxy_lease_count (second, 5000, 0.1);
  g_assert_false (try (limiter, "alice", limits, &retry_after));
  g_assert_cmpint (retry_after, ==, MINUTE);
  advance (15 * MINUTE);
  g_assert_true (try (limiter, "alice", limits, NULL));
  oai_proxy_lease_count (first, 0, 0.3);
  g_assert_false (try (limiter, "alice", limits, &retry_after));
  g_assert_cmpint (retry_after, ==, DAY - 15 * MINUTE);
  oai_proxy_lease_release (first);
  oai_proxy_lease_release (second);
  advance (DAY - 15 * MINUTE - 1);
  g_assert_false (try (limiter, "alice", limits, NULL));
  advance (1);
  g_assert_true (try (limiter, "alice", limits, NULL));
}

static void
test_month (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  OaiProxyLease *lease;
  gint64 end, retry_after;

  oai_proxy_limits_set_cost_per_month (limits, 20);
  lease = admit (limiter, "alice", limits, FALSE, NULL);
  oai_proxy_lease_count (lease, 1, 20.5);
  oai_proxy_lease_release (lease);
  end = oai_limit_get_month_end (now.real);
  g_assert_false (try (limiter, "alice", limits, &retry_after));
  g_assert_cmpint (retry_after, ==, end - now.real);
  advance (end - now.real - 1);
  g_assert_false (try (limiter, "alice", limits, &retry_after));
  g_assert_cmpint (retry_after, ==, 1);
  advance (1);
  g_assert_true (try (limiter, "alice", limits, NULL));
}

/* Amounts that are not numbers of tokens or money. */
static void
test_hostile_usage (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  OaiProxyLease *lease;

  oai_proxy_limits_set_tokens_per_day (limits, 10);
  oai_proxy_limits_set_cost_per_month (limits, 1e-12);
  lease = admit (limiter, "alice", limits, FALSE, NULL);
  oai_proxy_lease_count (lease, G_MININT64, -1);
  oai_proxy_lease_count (lease, -1, NAN);
  g_assert_true (try (limiter, "alice", limits, NULL));
  oai_proxy_lease_count (lease, 0, 1e-15);
  g_assert_false (try (limiter, "alice", limits, NULL));
  oai_proxy_lease_count (lease, G_MAXINT64, INFINITY);
  oai_proxy_lease_count (lease, G_MAXINT64, INFINITY);
  g_assert_false (try (limiter, "alice", limits, NULL));
  oai_proxy_lease_release (lease);
}

static void
test_streams (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  OaiProxyLease *leases[2];

  oai_proxy_limits_set_max_streams (limits, 2);
  for (guint i = 0; i < 2; i++)
    leases[i] = admit (limiter, "alice", limits, TRUE, NULL);
  g_assert_null (admit (limiter, "alice", limits, TRUE, NULL));
  /* Other requests are not limited. */
  g_assert_true (try (limiter, "alice", limits, NULL));
  oai_proxy_lease_release (leases[0]);
  leases[0] = admit (limiter, "alice", limits, TRUE, NULL);
  g_assert_nonnull (leases[0]);
  for (guint i = 0; i < 2; i++)
    oai_proxy_lease_release (leases[i]);
  g_assert_cmpuint (oai_memory_counters_get_size (oai_proxy_limiter_get_counters (limiter)), ==, 0);
}

static void
test_no_limits (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  OaiProxyLease *lease;

  for (guint i = 0; i < 1000; i++)
    g_assert_true (try (limiter, "alice", i % 2 == 0 ? limits : NULL, NULL));
  lease = admit (limiter, "alice", NULL, TRUE, NULL);
  oai_proxy_lease_count (lease, 100, 100);
  oai_proxy_lease_release (lease);
  g_assert_cmpuint (oai_memory_counters_get_size (oai_proxy_limiter_get_counters (limiter)), ==, 0);
}

/* Limits that are set later apply to later requests; what was counted before remains. */
static void
test_changed_limits (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  OaiProxyLease *lease;

  oai_proxy_limits_set_requests_per_day (limits, 10);
  for (guint i = 0; i < 10; i++)
    g_assert_true (try (limiter, "alice", limits, NULL));
  g_assert_false (try (limiter, "alice", limits, NULL));
  oai_proxy_limits_set_requests_per_day (limits, 12);
  oai_proxy_limits_set_requests_per_minute (limits, 5);
  oai_proxy_limits_set_cost_per_month (limits, 5);
  g_assert_true (try (limiter, "alice", limits, NULL));
  lease = admit (limiter, "alice", limits, FALSE, NULL);
  g_assert_nonnull (lease);
  g_assert_false (try (limiter, "alice", limits, NULL));
  oai_proxy_limits_set_requests_per_day (limits, 0);
  g_assert_true (try (limiter, "alice", limits, NULL));
  oai_proxy_lease_count (lease, 0, 5);
  g_assert_false (try (limiter, "alice", limits, NULL));
  oai_proxy_lease_release (lease);
}

static void
append_header (const char *name, const char *value, gpointer user_data)
{
  g_string_append_printf (user_data, "%s: %s\n", name, value);
}

static void
test_headers (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(GString) headers = g_string_new (NULL);
  OaiProxyLease *lease;

  oai_proxy_limits_set_requests_per_minute (limits, 60);
  oai_proxy_limits_set_requests_per_day (limits, 61);
  oai_proxy_limits_set_tokens_per_day (limits, 5000);
  lease = admit (limiter, "alice", limits, FALSE, NULL);
  oai_proxy_lease_count (lease, 6000, 0);
  oai_proxy_lease_get_headers (lease, append_header, headers);
  oai_proxy_lease_release (lease);
  g_assert_cmpstr (headers->str, ==,
                   "x-ratelimit-limit-requests: 60\n"
                   "x-ratelimit-remaining-requests: 59\n"
                   "x-ratelimit-reset-requests: 1m0s\n"
                   "x-ratelimit-limit-tokens: 5000\n"
                   "x-ratelimit-remaining-tokens: 5000\n"
                   "x-ratelimit-reset-tokens: 0ms\n");
}

static void
test_durations (void)
{
  static const struct
  {
    gint64 ms;
    const char *text;
  } cases[] = {
    { -5, "0ms" }, { 0, "0ms" }, { 20, "20ms" }, { 1000, "1s" }, { 1500, "1.5s" }, { 8640, "8.64s" }, { 59999, "59.999s" },
    { 360000, "6m0s" }, { 3605000, "1h0m5s" }, { 30 * DAY, "720h0m0s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = oai_limit_format_duration (cases[i].ms);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* age: milliseconds before now.  cost: US dollars. */
static void
add_used (OaiLimitHistory *history, const char *identity, gint64 age, gint64 requests, gint64 tokens, double cost)
{
  oai_limit_history_add (history, identity, now.real - age, &(OaiLimitAmounts) { requests, tokens, oai_limit_get_cost_units (cost) });
}

/* What was used before the program started, as records of it have it. */
static void
test_restore (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimits) month = oai_proxy_limits_new ();
  OaiLimitHistory *history;
  gint64 retry_after;

  /* The middle of a month. */
  advance (oai_limit_get_month_end (now.real) - now.real + 15 * DAY);
  oai_proxy_limits_set_tokens_per_day (limits, 100);
  oai_proxy_limits_set_cost_per_month (month, 10);
  history = oai_limit_history_new (now.real);
  add_used (history, "alice", 40 * DAY, 1, 1000, 1000);
  add_used (history, "alice", 14 * DAY, 1, 1000, 6);
  add_used (history, "alice", 2 * DAY, 1, 1000, 3);
  add_used (history, "alice", DAY - 10 * MINUTE, 1, 100, 1);
  add_used (history, "bob", 40 * DAY, 1, 1000, 1000);
  add_used (history, "bob", 14 * DAY, 1, 1000, 9.9);
  g_assert_true (oai_proxy_limiter_begin_restore (limiter, 60000));
  oai_proxy_limiter_end_restore (limiter, history);

  g_assert_false (try (limiter, "alice", limits, &retry_after));
  g_assert_cmpint (retry_after, ==, 10 * MINUTE);
  /* A limit that is set later includes what was used before. */
  g_assert_false (try (limiter, "alice", month, &retry_after));
  g_assert_cmpint (retry_after, ==, oai_limit_get_month_end (now.real) - now.real);
  g_assert_true (try (limiter, "bob", limits, NULL));
  g_assert_true (try (limiter, "bob", month, NULL));
  g_assert_true (try (limiter, "carol", limits, NULL));
  advance (10 * MINUTE);
  g_assert_true (try (limiter, "alice", limits, NULL));
  advance (oai_limit_get_month_end (now.real) - now.real);
  g_assert_true (try (limiter, "alice", month, NULL));
}

/* At the beginning of a month, the day contains a part of the former month. */
static void
test_restore_in_new_month (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) day = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimits) month = oai_proxy_limits_new ();
  OaiLimitHistory *history;

  advance (oai_limit_get_month_end (now.real) - now.real + MINUTE);
  oai_proxy_limits_set_cost_per_day (day, 10);
  oai_proxy_limits_set_cost_per_month (month, 10);
  history = oai_limit_history_new (now.real);
  g_assert_cmpint (oai_limit_history_get_begin (history), ==, now.real - DAY);
  add_used (history, "alice", 2 * MINUTE, 1, 0, 9);
  add_used (history, "alice", MINUTE / 2, 1, 0, 1);
  g_assert_true (oai_proxy_limiter_begin_restore (limiter, 60000));
  oai_proxy_limiter_end_restore (limiter, history);
  g_assert_false (try (limiter, "alice", day, NULL));
  g_assert_true (try (limiter, "alice", month, NULL));
}

static void
test_history_is_limited (void)
{
  OaiLimitHistory *history = oai_limit_history_new (now.real);

  oai_limit_history_set_max (history, 2);
  add_used (history, "alice", 3000, 1, 1, 1);
  add_used (history, "bob", 2000, 1, 1, 1);
  add_used (history, "carol", 1000, 1, 1, 1);
  add_used (history, "alice", 3000, 1, 1, 1);
  g_assert_cmpuint (oai_limit_history_get_n_ignored (history), ==, 1);
  oai_limit_history_free (history);
}

typedef struct
{
  OaiProxyLease *lease;
  guint n_calls;
} Waiting;

static void
waited (OaiProxyLease *lease, const GError *error, gint64 retry_after, gpointer user_data)
{
  Waiting *self = user_data;

  self->lease = lease;
  self->n_calls++;
}

/* Requests that the history could refuse wait for it. */
static void
test_wait_for_history (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) day = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimits) minute = oai_proxy_limits_new ();
  OaiLimitHistory *history = oai_limit_history_new (now.real);
  Waiting alice = { 0 }, bob = { 0 }, carol = { 0 };
  OaiProxyAdmission *cancelled;

  oai_proxy_limits_set_requests_per_day (day, 5);
  oai_proxy_limits_set_requests_per_minute (minute, 5);
  add_used (history, "alice", MINUTE, 5, 0, 0);
  g_assert_true (oai_proxy_limiter_begin_restore (limiter, 60000));
  g_assert_false (oai_proxy_limiter_begin_restore (limiter, 60000));
  g_assert_true (try (limiter, "alice", minute, NULL));
  g_assert_nonnull (oai_proxy_limiter_admit (limiter, "alice", day, FALSE, waited, &alice));
  cancelled = oai_proxy_limiter_admit (limiter, "bob", day, FALSE, waited, &bob);
  g_assert_nonnull (oai_proxy_limiter_admit (limiter, "carol", day, FALSE, waited, &carol));
  oai_proxy_admission_cancel (cancelled);
  g_assert_cmpuint (alice.n_calls + bob.n_calls + carol.n_calls, ==, 0);

  oai_proxy_limiter_end_restore (limiter, history);
  g_assert_cmpuint (alice.n_calls, ==, 1);
  g_assert_null (alice.lease);
  g_assert_cmpuint (bob.n_calls, ==, 0);
  g_assert_cmpuint (carol.n_calls, ==, 1);
  g_assert_nonnull (carol.lease);
  oai_proxy_lease_release (carol.lease);
  /* Not after requests were counted. */
  g_assert_false (oai_proxy_limiter_begin_restore (limiter, 60000));
}

/* Requests do not wait longer than the time limit, and the history is counted when it is there. */
static void
test_late_history (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) day = oai_proxy_limits_new ();
  OaiLimitHistory *history = oai_limit_history_new (now.real);
  Waiting alice = { 0 };

  oai_proxy_limits_set_requests_per_day (day, 5);
  add_used (history, "alice", MINUTE, 5, 0, 0);
  g_assert_true (oai_proxy_limiter_begin_restore (limiter, 1));
  g_assert_nonnull (oai_proxy_limiter_admit (limiter, "alice", day, FALSE, waited, &alice));
  g_test_expect_message ("Oai", G_LOG_LEVEL_WARNING, "*still being read*");
  while (alice.n_calls == 0)
    g_main_context_iteration (NULL, TRUE);
  g_test_assert_expected_messages ();
  g_assert_nonnull (alice.lease);
  oai_proxy_lease_release (alice.lease);
  g_assert_true (try (limiter, "alice", day, NULL));
  oai_proxy_limiter_end_restore (limiter, history);
  g_assert_false (try (limiter, "alice", day, NULL));
}

/* Identities are removed when their counters are 0. */
static void
test_expiry (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) minute = oai_proxy_limits_new (), day = oai_proxy_limits_new (), month = oai_proxy_limits_new ();
  OaiMemoryCounters *counters = oai_proxy_limiter_get_counters (limiter);
  OaiProxyLease *lease;

  oai_proxy_limits_set_requests_per_minute (minute, 5);
  oai_proxy_limits_set_tokens_per_day (day, 5);
  oai_proxy_limits_set_cost_per_month (month, 5);
  lease = admit (limiter, "kept", minute, FALSE, NULL);
  try (limiter, "minute", minute, NULL);
  try (limiter, "day", day, NULL);
  try (limiter, "month", month, NULL);
  g_assert_cmpuint (oai_memory_counters_get_size (counters), ==, 4);
  advance (MINUTE - 1);
  oai_memory_counters_sweep (counters);
  g_assert_cmpuint (oai_memory_counters_get_size (counters), ==, 4);
  advance (1);
  oai_memory_counters_sweep (counters);
  g_assert_cmpuint (oai_memory_counters_get_size (counters), ==, 3);
  advance (DAY);
  oai_memory_counters_sweep (counters);
  g_assert_cmpuint (oai_memory_counters_get_size (counters), ==, 2);
  advance (32 * DAY);
  oai_memory_counters_sweep (counters);
  g_assert_cmpuint (oai_memory_counters_get_size (counters), ==, 1);
  oai_proxy_lease_release (lease);
  advance (MINUTE);
  oai_memory_counters_sweep (counters);
  g_assert_cmpuint (oai_memory_counters_get_size (counters), ==, 0);
}

/* The maximum removes the identities that were not used for the longest time, and none with requests in progress. */
static void
test_maximum (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  OaiMemoryCounters *counters = oai_proxy_limiter_get_counters (limiter);
  OaiProxyLease *lease;

  oai_memory_counters_set_max (counters, 3);
  oai_proxy_limits_set_requests_per_day (limits, 1);
  lease = admit (limiter, "in progress", limits, FALSE, NULL);
  g_assert_true (try (limiter, "a", limits, NULL));
  g_assert_true (try (limiter, "b", limits, NULL));
  g_assert_false (try (limiter, "a", limits, NULL));
  g_assert_true (try (limiter, "c", limits, NULL));
  g_assert_false (try (limiter, "a", limits, NULL));
  g_assert_false (try (limiter, "c", limits, NULL));
  g_assert_false (try (limiter, "in progress", limits, NULL));
  g_assert_cmpuint (oai_memory_counters_get_n_evicted (counters), ==, 1);
  g_assert_true (try (limiter, "b", limits, NULL));
  g_assert_cmpuint (oai_memory_counters_get_size (counters), ==, 3);
  oai_proxy_lease_release (lease);
}

static gsize
get_memory (void)
{
  g_autofree char *text = NULL;
  gsize pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    sscanf (text, "%*u %zu", &pages);

  return pages * 4096;
}

/* Valgrind and sanitizers use additional memory, and are slow. */
static gboolean
is_checked (void)
{
  const char *preload = g_getenv ("LD_PRELOAD");

#if defined(__SANITIZE_ADDRESS__)
  return TRUE;
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  return TRUE;
#endif
#endif

  return preload != NULL && strstr (preload, "vgpreload") != NULL;
}

/* A million identities, each with all limits; then as many others. */
static void
test_million_identities (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, &test_clock);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  OaiMemoryCounters *counters = oai_proxy_limiter_get_counters (limiter);
  guint n = is_checked () ? 20000 : 1000000;
  gsize before = get_memory (), after;
  gint64 start = g_get_monotonic_time (), time;

  oai_memory_counters_set_max (counters, n);
  oai_proxy_limits_set_requests_per_minute (limits, 60);
  oai_proxy_limits_set_tokens_per_minute (limits, 60);
  oai_proxy_limits_set_requests_per_day (limits, 60);
  oai_proxy_limits_set_tokens_per_day (limits, 60);
  oai_proxy_limits_set_cost_per_day (limits, 60);
  oai_proxy_limits_set_cost_per_month (limits, 60);
  for (guint i = 0; i < 2 * n; i++)
    {
      char identity[32];
      OaiProxyLease *lease;

      g_snprintf (identity, sizeof identity, "identity-%u", i);
      lease = admit (limiter, identity, limits, FALSE, NULL);
      oai_proxy_lease_count (lease, 1, 0.001);
      oai_proxy_lease_release (lease);
    }
  after = get_memory ();
  time = g_get_monotonic_time () - start;
  g_assert_cmpuint (oai_memory_counters_get_size (counters), ==, n);
  if (!is_checked ())
    g_assert_cmpuint (after - before, <, 600 * (gsize) n);
  g_test_message ("%u identities: %.0f bytes and %.2f us each", n, ((double) after - before) / n, (double) time / (2 * n));
  advance (60 * DAY);
  oai_memory_counters_sweep (counters);
  g_assert_cmpuint (oai_memory_counters_get_size (counters), ==, 0);
}

/* The time of an admission with all limits, as a message. */
static void
test_speed (void)
{
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, NULL);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  guint n = 200000;
  gint64 start = g_get_monotonic_time ();

  oai_proxy_limits_set_requests_per_minute (limits, G_MAXUINT);
  oai_proxy_limits_set_requests_per_day (limits, G_MAXUINT);
  oai_proxy_limits_set_tokens_per_minute (limits, G_MAXINT64);
  oai_proxy_limits_set_tokens_per_day (limits, G_MAXINT64);
  oai_proxy_limits_set_cost_per_month (limits, 1e6);
  oai_proxy_limits_set_max_streams (limits, 10);
  for (guint i = 0; i < n; i++)
    {
      OaiProxyLease *lease = admit (limiter, "identity", limits, TRUE, NULL);

      oai_proxy_lease_count (lease, 100, 0.0001);
      oai_proxy_lease_release (lease);
    }
  g_test_message ("%.2f us for each admission, count and release", (double) (g_get_monotonic_time () - start) / n);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/limiter/window-boundary", test_window_boundary);
  g_test_add_func ("/limiter/window-against-log", test_window_against_log);
  g_test_add_func ("/limiter/window-hostile-amounts", test_window_hostile_amounts);
  g_test_add_func ("/limiter/window-clock-set-back", test_window_clock_set_back);
  g_test_add_func ("/limiter/month-end", test_month_end);
  g_test_add_func ("/limiter/requests-at-boundary", test_requests_at_boundary);
  g_test_add_func ("/limiter/no-minute-exceeds-limit", test_no_minute_exceeds_limit);
  g_test_add_func ("/limiter/tokens-and-costs", test_tokens_and_costs);
  g_test_add_func ("/limiter/month", test_month);
  g_test_add_func ("/limiter/hostile-usage", test_hostile_usage);
  g_test_add_func ("/limiter/streams", test_streams);
  g_test_add_func ("/limiter/no-limits", test_no_limits);
  g_test_add_func ("/limiter/changed-limits", test_changed_limits);
  g_test_add_func ("/limiter/headers", test_headers);
  g_test_add_func ("/limiter/durations", test_durations);
  g_test_add_func ("/limiter/restore", test_restore);
  g_test_add_func ("/limiter/what was used in the former month is restored for the day", test_restore_in_new_month);
  g_test_add_func ("/limiter/the history is limited", test_history_is_limited);
  g_test_add_func ("/limiter/requests wait for the history", test_wait_for_history);
  g_test_add_func ("/limiter/requests do not wait for a late history", test_late_history);
  g_test_add_func ("/limiter/expiry", test_expiry);
  g_test_add_func ("/limiter/maximum", test_maximum);
  g_test_add_func ("/limiter/million-identities", test_million_identities);
  g_test_add_func ("/limiter/speed", test_speed);

  return g_test_run ();
}
