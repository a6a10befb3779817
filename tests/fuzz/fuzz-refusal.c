/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Errors at the beginning of the body of a successful reply: what is decided early stays decided when more bytes arrive. */

#include "fuzz.h"

#include "oai-refusal-probe-private.h"

#include <string.h>

/* data: at most size bytes are read, in memory of this size. */
static OaiRefusalResult
probe (const uint8_t *data, size_t size, gboolean ended, gsize *offset, gsize *length)
{
  g_autofree char *copy = g_memdup2 (data, size);
  const char *error = NULL;
  OaiRefusalResult result = oai_refusal_probe (copy, size, ended, &error, length);

  if (result == OAI_REFUSAL_FOUND)
    {
      g_assert_true (error >= copy && error + *length <= copy + size);
      *offset = error - copy;
    }

  return result;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gsize offset = 0;
  gsize length = 0;
  OaiRefusalResult whole = probe (data, size, TRUE, &offset, &length);

  g_assert_cmpint (whole, !=, OAI_REFUSAL_MORE);
  for (size_t n = 0; n < MIN (size, 512); n++)
    {
      gsize early_offset = 0;
      gsize early_length = 0;
      OaiRefusalResult early = probe (data, n, FALSE, &early_offset, &early_length);

      if (early == OAI_REFUSAL_MORE || size > OAI_REFUSAL_MAX)
        continue;

      g_assert_cmpint (early, ==, whole);
      g_assert_true (early != OAI_REFUSAL_FOUND || (early_offset == offset && early_length == length));
    }

  return 0;
}
