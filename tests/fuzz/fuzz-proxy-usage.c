/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies that pass through the proxy.  The first byte selects the type and the size of chunks.  The bytes that pass and
 * the usage that is found do not depend on the split. */

#include "fuzz.h"

#include <string.h>

#include "oai-usage-meter-private.h"

static OaiUsageMeter *
meter_reply (const char *type, gboolean hide, const char *data, gsize size, gsize step, GString *out)
{
  OaiUsageMeter *meter = oai_usage_meter_new (type, hide);
  const char *passed;
  gsize n;

  for (gsize at = 0; at < size; at += step)
    {
      gsize length = MIN (step, size - at);
      g_autofree char *chunk = g_memdup2 (data + at, length);

      passed = oai_usage_meter_feed (meter, chunk, length, &n);
      g_string_append_len (out, passed, (gssize) n);
    }
  passed = oai_usage_meter_end (meter, &n);
  g_string_append_len (out, passed, (gssize) n);

  return meter;
}

static void
assert_same (const OaiProxyUsage *a, const OaiProxyUsage *b)
{
  g_assert_cmpstr (a->model, ==, b->model);
  g_assert_cmpint (a->known, ==, b->known);
  g_assert_cmpint (a->input_tokens, ==, b->input_tokens);
  g_assert_cmpint (a->cached_tokens, ==, b->cached_tokens);
  g_assert_cmpint (a->output_tokens, ==, b->output_tokens);
  g_assert_cmpint (a->input_tokens, >=, a->cached_tokens);
  g_assert_cmpint (a->cached_tokens, >=, 0);
  g_assert_cmpint (a->output_tokens, >=, 0);
  if (a->model != NULL)
    fuzz_assert_text (a->model);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  const char *type = (choice & 1) != 0 ? "application/json" : "text/event-stream";
  gboolean hide = (choice & 2) != 0;
  g_autofree char *copy = g_memdup2 (data, size);
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(GString) other_out = g_string_new (NULL);
  g_autoptr(OaiUsageMeter) meter = meter_reply (type, hide, copy, size, MAX (size, 1), out);
  g_autoptr(OaiUsageMeter) other = meter_reply (type, hide, copy, size, (choice >> 2) % 32 + 1, other_out);
  g_autoptr(OaiUsageMeter) messages = oai_usage_meter_new_for_messages ();

  g_assert_cmpmem (out->str, out->len, other_out->str, other_out->len);
  if (!hide || (choice & 1) != 0)
    g_assert_cmpmem (out->str, out->len, copy, size);
  g_assert_cmpuint (out->len, <=, size);
  assert_same (oai_usage_meter_get_usage (meter), oai_usage_meter_get_usage (other));
  oai_usage_meter_feed_message (messages, copy != NULL ? copy : "", size);

  return 0;
}
