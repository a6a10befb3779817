/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-file-name-private.h"

#include <string.h>

#define MAX_NAME 200
#define MAX_EXTENSION 20
#define DEFAULT_NAME "download"

/* Names of devices on Windows, with any extension. */
static const char *const reserved[] = { "aux", "con", "nul", "prn", "com", "lpt" };

static gboolean
is_reserved (const char *name)
{
  gsize length = strcspn (name, ". ");

  for (guint i = 0; i < G_N_ELEMENTS (reserved); i++)
    {
      gsize n = strlen (reserved[i]);
      gboolean numbered = i >= 4;

      if (g_ascii_strncasecmp (name, reserved[i], n) == 0 && length == n + numbered &&
          (!numbered || g_ascii_isdigit (name[n])))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_safe (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT: /* includes characters that change the direction of text, which hide an extension */
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
      return FALSE;
    default:
      return c >= 0x80 || strchr ("<>:\"|?*", (int) c) == NULL;
    }
}

/* Returns the text after the last slash or backslash. */
static const char *
get_basename (const char *name)
{
  const char *base = name;

  for (const char *p = name; *p != '\0'; p++)
    if (*p == '/' || *p == '\\')
      base = p + 1;
  return base;
}

static GString *
replace_unsafe (const char *name)
{
  GString *safe = g_string_new (NULL);

  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (is_safe (c))
        g_string_append_unichar (safe, c);
      else
        g_string_append_c (safe, '_');
    }
  return safe;
}

static gsize
floor_to_char (const char *text, gsize length)
{
  while (length > 0 && ((guchar) text[length] & 0xc0) == 0x80)
    length--;
  return length;
}

/* Windows removes dots and spaces at the end of a name. */
static void
trim_end (GString *name)
{
  while (name->len > 0 && strchr (". ", name->str[name->len - 1]) != NULL)
    g_string_truncate (name, name->len - 1);
}

/* Keeps the extension, by which programs are chosen. */
static void
shorten (GString *name)
{
  g_autofree char *extension = NULL;
  const char *dot;

  if (name->len <= MAX_NAME)
    return;

  dot = strrchr (name->str, '.');
  if (dot != NULL && strlen (dot) <= MAX_EXTENSION)
    extension = g_strdup (dot);
  g_string_truncate (name, floor_to_char (name->str, MAX_NAME - (extension != NULL ? strlen (extension) : 0)));
  trim_end (name);
  if (extension != NULL)
    g_string_append (name, extension);
}

char *
oai_file_name_sanitize (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name != NULL ? name : "", -1);
  g_autoptr (GString) safe = replace_unsafe (get_basename (valid));
  gsize leading;

  leading = strspn (safe->str, ". ");
  g_string_erase (safe, 0, leading);
  trim_end (safe);
  if (safe->len == 0)
    return g_strdup (DEFAULT_NAME);
  if (is_reserved (safe->str))
    g_string_prepend_c (safe, '_');
  shorten (safe);
  return g_strdup (safe->str);
}
