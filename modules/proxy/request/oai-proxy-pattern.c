/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-pattern-private.h"

#include <string.h>

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
