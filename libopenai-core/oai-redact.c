/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-redact-private.h"

#include <string.h>

#include "oai-json-private.h"

/* Shorter keys are words that a text may hold by chance. */
#define MIN_SECRET 4
#define INSTEAD "***"

static int
compare_lengths (gconstpointer a, gconstpointer b)
{
  gsize first = strlen (*(const char *const *) a);
  gsize second = strlen (*(const char *const *) b);

  return (first < second) - (first > second);
}

/* The longest first: one may hold another. */
static GStrv
split_secrets (const char *secrets)
{
  GStrv list = g_strsplit (secrets != NULL ? secrets : "", "\n", -1);

  qsort (list, g_strv_length (list), sizeof *list, compare_lengths);

  return list;
}

static void
free_secrets (GStrv list)
{
  for (guint i = 0; list[i] != NULL; i++)
    explicit_bzero (list[i], strlen (list[i]));
  g_strfreev (list);
}

static void
strike_out (GString *text, const char *secret)
{
  g_autoptr(GString) escaped = g_string_new (NULL);
  g_autofree char *encoded = g_uri_escape_string (secret, NULL, FALSE);

  oai_json_write_string (escaped, secret, -1);
  g_string_truncate (escaped, escaped->len - 1);
  g_string_replace (text, secret, INSTEAD, 0);
  g_string_replace (text, escaped->str + 1, INSTEAD, 0);
  g_string_replace (text, encoded, INSTEAD, 0);
}

static void
strike_out_beginning (GString *text, const char *secret)
{
  for (gsize n = MIN (strlen (secret), text->len); n >= MIN_SECRET; n--)
    {
      if (strncmp (text->str + text->len - n, secret, n) != 0)
        continue;

      g_string_truncate (text, text->len - n);
      return;
    }
}

static char *
redact (const char *text, const char *secrets, gboolean cut)
{
  g_autoptr(GString) redacted = NULL;
  GStrv list;

  if (text == NULL || secrets == NULL)
    return g_strdup (text);

  redacted = g_string_new (text);
  list = split_secrets (secrets);
  for (guint i = 0; list[i] != NULL && strlen (list[i]) >= MIN_SECRET; i++)
    {
      strike_out (redacted, list[i]);
      if (cut)
        strike_out_beginning (redacted, list[i]);
    }
  free_secrets (list);

  return g_string_free (g_steal_pointer (&redacted), FALSE);
}

char *
oai_redact (const char *text, const char *secrets)
{
  return redact (text, secrets, FALSE);
}

char *
oai_redact_cut (const char *text, const char *secrets)
{
  return redact (text, secrets, TRUE);
}

void
oai_redact_error (GError *error, const char *secrets)
{
  char *message;

  if (error == NULL)
    return;

  message = oai_redact (error->message, secrets);
  g_free (error->message);
  error->message = message;
}

void
oai_redact_request_id (SoupMessageHeaders *headers, const char *secrets)
{
  static const char *const names[] = { "x-request-id", "apim-request-id" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *id = soup_message_headers_get_one (headers, names[i]);
      g_autofree char *redacted = oai_redact (id, secrets);

      if (g_strcmp0 (id, redacted) != 0)
        soup_message_headers_replace (headers, names[i], redacted);
    }
}
