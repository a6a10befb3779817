/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Headers for retries: for any values, delays are finite and within the limits. */

#include "fuzz.h"

#include "oai-retry-private.h"

#include <math.h>
#include <string.h>

#define NOW 1700000000.0
#define MAX_DELAY 120.0

static const guint statuses[] = { 0, 200, 400, 408, 409, 429, 500, 503 };

static void
check_answer (const OaiRetryAnswer *answer, guint retries)
{
  double hint = oai_retry_get_hint (answer, NOW);

  g_assert_true (isfinite (hint) && (hint >= 0 || hint == -1));
  if (hint > MAX_DELAY)
    g_assert_false (oai_retry_should_retry (answer, MAX_DELAY, NOW));
  for (guint i = 0; i < 3; i++)
    {
      double random = (double[]) { 0, 0.5, 0.999 }[i];
      double delay = oai_retry_get_delay (answer, retries, MAX_DELAY, NOW, random);
      double unlimited = oai_retry_get_delay (answer, retries, 0, NOW, random);

      g_assert_true (delay >= 0 && delay <= MAX_DELAY);
      g_assert_true (isfinite (unlimited) && unlimited >= 0);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  guint8 retries = fuzz_take_byte (&data, &size);
  g_autofree char *text = fuzz_dup_text (data, size);
  g_auto(GStrv) values = g_strsplit (text, "\n", 3);
  guint n = g_strv_length (values);
  const OaiRetryAnswer answer = {
    .status = statuses[choice % G_N_ELEMENTS (statuses)],
    .retry_after = n > 0 ? values[0] : NULL,
    .retry_after_ms = n > 1 ? values[1] : NULL,
    .should_retry = n > 2 ? values[2] : NULL,
  };

  check_answer (&answer, retries);
  g_assert_cmpint (oai_duration_parse (text), >=, -1);

  return 0;
}
