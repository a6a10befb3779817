/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-header-parameters-private.h"

#include <string.h>

static gboolean
is_token (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

static const char *
skip_blanks (const char *p)
{
  while (*p == ' ' || *p == '\t')
    p++;

  return p;
}

char *
oai_header_read_value (const char **rest)
{
  const char *begin = skip_blanks (*rest);
  const char *end = begin;

  while (is_token (*end) || *end == '/')
    end++;
  *rest = skip_blanks (end);

  return end > begin ? g_ascii_strdown (begin, end - begin) : NULL;
}

static char *
read_quoted (const char **rest)
{
  const char *begin = *rest + 1;
  const char *end = begin;

  while (*end != '\0' && *end != '"')
    {
      if ((*end == '\\' && end[1] == '"') || ((guchar) *end < 0x20 && *end != '\t') || *end == 0x7f)
        return NULL;
      end++;
    }
  if (*end == '\0')
    return NULL;
  *rest = end + 1;

  return g_strndup (begin, (gsize) (end - begin));
}

static char *
read_token (const char **rest)
{
  const char *begin = *rest;
  const char *end = begin;

  while (is_token (*end))
    end++;
  *rest = end;

  return end > begin ? g_strndup (begin, (gsize) (end - begin)) : NULL;
}

gboolean
oai_header_read_parameter (const char **rest, char **name, char **value)
{
  const char *p = *rest;
  g_autofree char *read_name = NULL;
  char *read_value;

  /* An empty parameter at the end is common. */
  if (*p == ';' && *skip_blanks (p + 1) == '\0')
    *rest = p = skip_blanks (p + 1);
  if (*p != ';')
    return FALSE;

  p = skip_blanks (p + 1);
  read_name = read_token (&p);
  if (read_name == NULL || *p != '=')
    return FALSE;
  p++;
  read_value = *p == '"' ? read_quoted (&p) : read_token (&p);
  if (read_value == NULL)
    return FALSE;

  *rest = skip_blanks (p);
  *name = g_ascii_strdown (read_name, -1);
  *value = read_value;

  return TRUE;
}
