/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-traceparent-private.h"

#include <string.h>

/* Whether there are n lower-case hexadecimal digits.  all_zero: whether all are 0. */
static gboolean
are_digits (const char *text, gsize n, gboolean *all_zero)
{
  *all_zero = TRUE;
  for (gsize i = 0; i < n; i++)
    {
      if (!g_ascii_isdigit (text[i]) && (text[i] < 'a' || text[i] > 'f'))
        return FALSE;
      if (text[i] != '0')
        *all_zero = FALSE;
    }

  return TRUE;
}

gboolean
oai_traceparent_is_valid (const char *text)
{
  gsize length = text != NULL ? strlen (text) : 0;
  gboolean zero;

  if (length < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return FALSE;
  if (!are_digits (text, 2, &zero) || strncmp (text, "ff", 2) == 0)
    return FALSE;
  /* Later versions may append members. */
  if (length > 55 && (zero || text[55] != '-'))
    return FALSE;
  if (!are_digits (text + 3, 32, &zero) || zero)
    return FALSE;
  if (!are_digits (text + 36, 16, &zero) || zero)
    return FALSE;

  return are_digits (text + 53, 2, &zero);
}

static guint64
get_random_id (void)
{
  guint64 id;

  do
    id = (guint64) g_random_int () << 32 | g_random_int ();
  while (id == 0);

  return id;
}

gboolean
oai_traceparent_continue (const char *received, char *out)
{
  gboolean valid = oai_traceparent_is_valid (received);

  if (valid)
    {
      g_snprintf (out, OAI_TRACEPARENT_SIZE, "00-%.32s-%016" G_GINT64_MODIFIER "x-%02x", received + 3, get_random_id (),
                  (guint) (g_ascii_xdigit_value (received[54]) & 1));
      return TRUE;
    }
  g_snprintf (out, OAI_TRACEPARENT_SIZE, "00-%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x-%016" G_GINT64_MODIFIER "x-00",
              get_random_id (), get_random_id (), get_random_id ());

  return FALSE;
}
