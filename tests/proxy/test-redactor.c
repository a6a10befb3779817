/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Credentials in bodies that pass through the proxy. */

#include <glib.h>
#include <string.h>

#include "oai-reply-redactor-private.h"

#define SECRETS "sk-abcdefgh\n\x01query-secret\nshort\nsk-absolute\n"

/* Passes text through in chunks of a size. */
static char *
pass (const char *text, gsize chunk)
{
  g_autoptr(OaiReplyRedactor) redactor = oai_reply_redactor_new (SECRETS);
  GString *out = g_string_new (NULL);
  gsize length = strlen (text);
  const char *rest;
  gsize n;

  for (gsize i = 0; i < length; i += chunk)
    {
      gsize size = MIN (chunk, length - i);
      gsize kept = oai_reply_redactor_get_n_kept (redactor);
      g_autofree char *data = g_malloc (kept + size);

      memcpy (data + kept, text + i, size);
      n = oai_reply_redactor_take (redactor, data, size);
      g_string_append_len (out, data, n);
    }
  rest = oai_reply_redactor_end (redactor, &n);
  g_string_append_len (out, rest, n);

  return g_string_free (out, FALSE);
}

static void
test_any_split (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } rows[] = {
    { "nothing", "nothing" },
    { "", "" },
    { "sk-abcdefgh", "***********" },
    { "a sk-abcdefgh b sk-abcdefghsk-abcdefgh", "a *********** b **********************" },
    { "sk-abcdefg", "sk-abcdefg" },
    { "sk-absk-absolute sk-sk-abcdefgh", "sk-ab*********** sk-***********" },
    { "query-secret short", "************ short" },
    { "data: {\"a\":1}\n\n", "data: {\"a\":1}\n\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize chunk = 1; chunk <= strlen (rows[i].text) + 1; chunk++)
      {
        g_autofree char *passed = pass (rows[i].text, chunk);

        g_assert_cmpstr (passed, ==, rows[i].expected);
      }
}

/* An event is not delayed. */
static void
test_no_delay (void)
{
  g_autoptr(OaiReplyRedactor) redactor = oai_reply_redactor_new (SECRETS);
  char event[] = "data: sk-ab\n\n";
  char begun[] = "data: sk-ab";

  g_assert_cmpuint (oai_reply_redactor_take (redactor, event, strlen (event)), ==, strlen (event));
  g_assert_cmpuint (oai_reply_redactor_take (redactor, begun, strlen (begun)), ==, strlen ("data: "));
}

static void
test_no_secrets (void)
{
  g_assert_null (oai_reply_redactor_new (NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/redactor/any-split", test_any_split);
  g_test_add_func ("/proxy/redactor/no-delay", test_no_delay);
  g_test_add_func ("/proxy/redactor/no-secrets", test_no_secrets);

  return g_test_run ();
}
