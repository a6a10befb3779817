/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-retry-private.h"

#define NOW 1696004797.0 /* Fri, 29 Sep 2023 16:26:37 GMT */
#define LONGEST 120.0
#define EPSILON 0.0001

static double
hint (const char *milliseconds, const char *seconds)
{
  OaiRetryAnswer answer = { .status = 429, .retry_after_ms = milliseconds, .retry_after = seconds };

  return oai_retry_get_hint (&answer, NOW);
}

static void
test_hints_of_the_server (void)
{
  g_assert_cmpfloat_with_epsilon (hint (NULL, "20"), 20, EPSILON);
  g_assert_cmpfloat_with_epsilon (hint (NULL, " 0.5 "), 0.5, EPSILON);
  g_assert_cmpfloat_with_epsilon (hint ("1500", "20"), 1.5, EPSILON);
  g_assert_cmpfloat_with_epsilon (hint ("0", "20"), 0, EPSILON);
  g_assert_cmpfloat_with_epsilon (hint ("soon", "20"), 20, EPSILON);
  g_assert_cmpfloat_with_epsilon (hint (NULL, "Fri, 29 Sep 2023 16:26:57 GMT"), 20, EPSILON);
  g_assert_cmpfloat_with_epsilon (hint (NULL, "Friday, 29-Sep-23 16:26:57 GMT"), 20, EPSILON);
}

static void
test_nonsense_is_no_hint (void)
{
  const char *nonsense[] = { NULL, "", "-10", "0", "inf", "nan", "0x10", "1e999", "soon", "1 2", "Fri, 29 Sep 2023 16:26:37 GMT" };

  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++)
    g_assert_cmpfloat (hint (NULL, nonsense[i]), ==, -1);
  g_assert_cmpfloat (hint ("-1", NULL), ==, -1);
}

/* Calculations with the number must not overflow. */
static void
test_hints_have_a_limit (void)
{
  const char *long_ones[] = { "1e300", "1e15", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT" };

  for (guint i = 0; i < G_N_ELEMENTS (long_ones); i++)
    {
      g_assert_cmpfloat (hint (NULL, long_ones[i]), >, 60.0 * 365 * 24 * 60 * 60);
      g_assert_cmpfloat (hint (NULL, long_ones[i]), <, (double) G_MAXINT64 / G_USEC_PER_SEC / 1000);
    }
  g_assert_cmpfloat (hint ("1e300", NULL), ==, hint (NULL, "1e300"));
}

static gboolean
retried (guint status, const char *should_retry, const char *retry_after)
{
  OaiRetryAnswer answer = { .status = status, .should_retry = should_retry, .retry_after = retry_after };

  return oai_retry_should_retry (&answer, LONGEST, NOW);
}

static void
test_passing_failures_are_retried (void)
{
  const guint yes[] = { 0, 408, 409, 429, 500, 502, 503, 529 };
  const guint no[] = { 200, 301, 400, 401, 403, 404, 422, 425 };

  for (guint i = 0; i < G_N_ELEMENTS (yes); i++)
    g_assert_true (retried (yes[i], NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (no); i++)
    g_assert_false (retried (no[i], NULL, NULL));
}

static void
test_the_server_decides (void)
{
  g_assert_true (retried (400, "true", NULL));
  g_assert_false (retried (429, "false", NULL));
  g_assert_true (retried (429, "perhaps", NULL));
}

static void
test_too_long_a_wait_is_not_waited (void)
{
  g_assert_true (retried (429, NULL, "120"));
  g_assert_false (retried (429, NULL, "121"));
  g_assert_false (retried (429, "true", "121"));
  g_assert_false (retried (503, NULL, "Fri, 29 Sep 2023 16:28:38 GMT"));
  g_assert_true (retried (429, NULL, "inf"));
}

static double
delay (guint retries, const char *retry_after, double longest, double random)
{
  OaiRetryAnswer answer = { .status = 429, .retry_after = retry_after };

  return oai_retry_get_delay (&answer, retries, longest, NOW, random);
}

static void
test_waits_grow_and_vary (void)
{
  g_assert_cmpfloat_with_epsilon (delay (0, NULL, LONGEST, 0), 0.5, EPSILON);
  g_assert_cmpfloat_with_epsilon (delay (1, NULL, LONGEST, 0), 1, EPSILON);
  g_assert_cmpfloat_with_epsilon (delay (3, NULL, LONGEST, 0), 4, EPSILON);
  g_assert_cmpfloat_with_epsilon (delay (4, NULL, LONGEST, 0), 8, EPSILON);
  g_assert_cmpfloat_with_epsilon (delay (5, NULL, LONGEST, 0), 8, EPSILON);
  g_assert_cmpfloat_with_epsilon (delay (G_MAXUINT, NULL, LONGEST, 0), 8, EPSILON);
  g_assert_cmpfloat_with_epsilon (delay (0, NULL, LONGEST, 0.5), 0.4375, EPSILON);
}

static void
test_the_wait_asked_for_is_kept (void)
{
  g_assert_cmpfloat_with_epsilon (delay (0, "60", LONGEST, 0.9), 60, EPSILON);
  g_assert_cmpfloat_with_epsilon (delay (0, "121", LONGEST, 0), 0.5, EPSILON);
  g_assert_cmpfloat_with_epsilon (delay (0, "9999", 0, 0), 9999, EPSILON);
  g_assert_cmpfloat_with_epsilon (delay (6, NULL, 2, 0), 2, EPSILON);
}

static void
test_durations (void)
{
  g_assert_cmpint (oai_duration_parse ("1s"), ==, 1000);
  g_assert_cmpint (oai_duration_parse ("6m0s"), ==, 360000);
  g_assert_cmpint (oai_duration_parse ("8.64s"), ==, 8640);
  g_assert_cmpint (oai_duration_parse ("20ms"), ==, 20);
  g_assert_cmpint (oai_duration_parse ("1h2m3.5s"), ==, 3723500);
  g_assert_cmpint (oai_duration_parse ("1d"), ==, 86400000);
  g_assert_cmpint (oai_duration_parse ("500\302\265s"), ==, 1);
  g_assert_cmpint (oai_duration_parse (" 7 "), ==, 7000);
  g_assert_cmpint (oai_duration_parse ("0s"), ==, 0);
}

static void
test_what_is_no_duration (void)
{
  const char *nonsense[] = { NULL, "", " ", "-1", "-1s", "s", "1x", "1s2", "1..2s", "soon", "999999999999999999999h", "nan" };

  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++)
    g_assert_cmpint (oai_duration_parse (nonsense[i]), ==, -1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/retry/hints-of-the-server", test_hints_of_the_server);
  g_test_add_func ("/retry/invalid-hints-are-ignored", test_nonsense_is_no_hint);
  g_test_add_func ("/retry/hints-are-limited", test_hints_have_a_limit);
  g_test_add_func ("/retry/temporary-failures-are-retried", test_passing_failures_are_retried);
  g_test_add_func ("/retry/the-server-decides", test_the_server_decides);
  g_test_add_func ("/retry/no-retry-after-a-long-delay", test_too_long_a_wait_is_not_waited);
  g_test_add_func ("/retry/delays-grow-and-vary", test_waits_grow_and_vary);
  g_test_add_func ("/retry/the-requested-delay-is-used", test_the_wait_asked_for_is_kept);
  g_test_add_func ("/retry/durations", test_durations);
  g_test_add_func ("/retry/invalid-durations", test_what_is_no_duration);

  return g_test_run ();
}
