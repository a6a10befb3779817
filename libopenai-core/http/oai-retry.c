/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-retry-private.h"

#include <libsoup/soup.h>

#include <math.h>
#include <string.h>

#define FIRST_DELAY 0.5
#define LONGEST_BACKOFF 8.0
#define JITTER 0.25
/* The maximum in seconds, which fits the integers that it is converted to. */
#define LONGEST_HINT (100.0 * 365 * 24 * 60 * 60)

/* Parses a finite decimal number; "inf", "nan" and "0x10" are refused. */
static gboolean
parse_number (const char *text, double *number)
{
  g_autofree char *trimmed = NULL;
  char *end = NULL;

  if (text == NULL)
    return FALSE;

  trimmed = g_strstrip (g_strdup (text));
  if (*trimmed == '\0' || strspn (trimmed, "0123456789.+-eE") != strlen (trimmed))
    return FALSE;

  *number = g_ascii_strtod (trimmed, &end);
  return *end == '\0' && isfinite (*number);
}

static gboolean
parse_date (const char *text, double *seconds)
{
  g_autoptr (GDateTime) date = text != NULL ? soup_date_time_new_from_http_string (text) : NULL;

  if (date == NULL)
    return FALSE;

  *seconds = (double) g_date_time_to_unix (date);
  return TRUE;
}

/* 0 means "at once" in retry-after-ms only.  "Retry-After: 0" is ignored, since some servers always
 * send it. */
double
oai_retry_get_hint (const OaiRetryAnswer *answer, double now)
{
  double value;

  if (parse_number (answer->retry_after_ms, &value))
    return value >= 0 ? MIN (value / 1000, LONGEST_HINT) : -1;
  if (parse_number (answer->retry_after, &value))
    return value > 0 ? MIN (value, LONGEST_HINT) : -1;
  if (parse_date (answer->retry_after, &value))
    return value > now ? MIN (value - now, LONGEST_HINT) : -1;

  return -1;
}

gboolean
oai_retry_should_retry (const OaiRetryAnswer *answer, double max_delay, double now)
{
  if (max_delay > 0 && oai_retry_get_hint (answer, now) > max_delay)
    return FALSE;

  if (g_strcmp0 (answer->should_retry, "true") == 0)
    return TRUE;
  if (g_strcmp0 (answer->should_retry, "false") == 0)
    return FALSE;

  switch (answer->status)
    {
    case 0:
    case 408:
    case 409:
    case 429:
      return TRUE;
    default:
      return answer->status >= 500;
    }
}

double
oai_retry_get_delay (const OaiRetryAnswer *answer, guint retries, double max_delay, double now, double random)
{
  double hint = oai_retry_get_hint (answer, now);
  double delay;

  if (hint >= 0 && (max_delay <= 0 || hint <= max_delay))
    return hint;

  /* 2^5 exceeds the maximum already. */
  delay = MIN (FIRST_DELAY * (1 << MIN (retries, 5)), LONGEST_BACKOFF);
  delay *= 1 - JITTER * random;

  return max_delay > 0 ? MIN (delay, max_delay) : delay;
}

static const struct
{
  const char *unit;
  double milliseconds;
} units[] = {
  { "ns", 1e-6 },
  { "us", 1e-3 },
  { "\302\265s", 1e-3 }, /* the character µ */
  { "\316\274s", 1e-3 }, /* Greek mu */
  { "ms", 1 },
  { "s", 1000 },
  { "m", 60 * 1000 },
  { "h", 60 * 60 * 1000 },
  { "d", 24 * 60 * 60 * 1000 },
};

static gboolean
take_unit (const char **text, double *milliseconds)
{
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    {
      if (g_str_has_prefix (*text, units[i].unit))
        {
          *text += strlen (units[i].unit);
          *milliseconds = units[i].milliseconds;
          return TRUE;
        }
    }

  return FALSE;
}

static gboolean
take_number (const char **text, double *number)
{
  gsize length = strspn (*text, "0123456789.");
  g_autofree char *digits = g_strndup (*text, length);
  char *end = NULL;

  if (length == 0)
    return FALSE;

  *number = g_ascii_strtod (digits, &end);
  *text += length;
  return *end == '\0';
}

static gint64
round_milliseconds (double milliseconds)
{
  if (!(milliseconds < 9e15))
    return -1;

  return (gint64) ceil (milliseconds - 1e-6);
}

gint64
oai_duration_parse (const char *text)
{
  double total = 0;
  double number;
  double factor;

  if (text == NULL)
    return -1;
  if (parse_number (text, &number))
    return number >= 0 ? round_milliseconds (number * 1000) : -1;

  while (g_ascii_isspace (*text))
    text++;
  if (*text == '\0')
    return -1;

  do
    {
      if (!take_number (&text, &number) || !take_unit (&text, &factor))
        return -1;
      total += number * factor;
      while (g_ascii_isspace (*text))
        text++;
    }
  while (*text != '\0');

  return round_milliseconds (total);
}
