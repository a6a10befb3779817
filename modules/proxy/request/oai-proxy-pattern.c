/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-pattern-private.h"

#include <string.h>

gboolean
oai_proxy_name_is_valid (const char *text)
{
  gsize length = strlen (text);

  if (length == 0 || length > OAI_PROXY_MAX_NAME || !g_utf8_validate (text, (gssize) length, NULL))
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return FALSE;

  return TRUE;
}

static gboolean
matches (const char *pattern, const char *text)
{
  const char *star = NULL;
  const char *retry = NULL;

  while (*text != '\0')
    {
      if (*pattern == '*')
        {
          star = pattern++;
          retry = text;
        }
      else if (*pattern == *text)
        {
          pattern++;
          text++;
        }
      else if (star != NULL)
        {
          pattern = star + 1;
          text = ++retry;
        }
      else
        {
          return FALSE;
        }
    }

  return pattern[strspn (pattern, "*")] == '\0';
}

gboolean
oai_proxy_pattern_any_matches (const char *const *patterns, const char *text)
{
  for (guint i = 0; patterns[i] != NULL; i++)
    if (matches (patterns[i], text))
      return TRUE;

  return FALSE;
}
