/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-partial-private.h"

#include <string.h>

typedef struct
{
  const char *text;
  gsize at;
  GString *closers;   /* closing brackets of the open containers, innermost last */
  gboolean is_key;    /* whether the next string is the name of a member */
  gsize safe;         /* length of the text that is complete except for closing brackets */
} Partial;

/* Skips a string; FALSE when it is not closed. */
static gboolean
skip_string (Partial *self)
{
  for (self->at++; self->text[self->at] != '\0'; self->at++)
    {
      if (self->text[self->at] == '"')
        {
          self->at++;
          return TRUE;
        }
      if (self->text[self->at] == '\\' && self->text[++self->at] == '\0')
        return FALSE;
    }

  return FALSE;
}

/* Skips a number or a literal; FALSE when it may be unfinished. */
static gboolean
skip_word (Partial *self, gboolean keep_numbers)
{
  const char *start = self->text + self->at;
  gsize length = strcspn (start, " \t\r\n,]}");

  self->at += length;
  if (start[length] != '\0')
    return TRUE;
  if (g_ascii_isdigit (*start) || *start == '-')
    return keep_numbers && g_ascii_isdigit (start[length - 1]);

  return strcmp (start, "true") == 0 || strcmp (start, "false") == 0 || strcmp (start, "null") == 0;
}

static gboolean
is_in_object (Partial *self)
{
  return self->closers->len > 0 && self->closers->str[self->closers->len - 1] == '}';
}

static void
open_container (Partial *self, char closer)
{
  g_string_append_c (self->closers, closer);
  self->is_key = closer == '}';
  self->safe = ++self->at;
}

static void
close_container (Partial *self)
{
  if (self->closers->len > 0)
    g_string_truncate (self->closers, self->closers->len - 1);
  self->is_key = FALSE;
  self->safe = ++self->at;
}

/* Skips one token; FALSE when it is truncated. */
static gboolean
step (Partial *self, gboolean keep_numbers)
{
  switch (self->text[self->at])
    {
    case '{':
      open_container (self, '}');
      return TRUE;
    case '[':
      open_container (self, ']');
      return TRUE;
    case '}':
    case ']':
      close_container (self);
      return TRUE;
    case ',':
      self->is_key = is_in_object (self);
      self->at++;
      return TRUE;
    case ':':
      self->is_key = FALSE;
      self->at++;
      return TRUE;
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      self->at++;
      return TRUE;
    case '"':
      if (!skip_string (self))
        return FALSE;
      break;
    default:
      if (!skip_word (self, keep_numbers))
        return FALSE;
      break;
    }
  if (!self->is_key)
    self->safe = self->at;

  return TRUE;
}

/* Whether an escape is the first half of a surrogate pair whose second half is truncated. */
static gboolean
is_truncated_pair (const char *text, gsize at, gsize end)
{
  const char *next = text + at + 6;
  gsize left = end - at - 6;
  gboolean is_high = g_ascii_tolower (text[at + 2]) == 'd' && strchr ("89abAB", text[at + 3]) != NULL;

  return is_high && left < 6 && (left == 0 || next[0] == '\\') && (left <= 1 || next[1] == 'u');
}

/* Returns the last position where an unfinished string can be closed, which is not within an escape
 * or a surrogate pair. */
static gsize
string_end (const char *text, gsize start)
{
  gsize end = strlen (text);

  for (gsize i = start + 1; i < end; i++)
    if (text[i] == '\\')
      {
        gsize length = text[i + 1] == 'u' ? 6 : 2;

        if (i + length > end || (length == 6 && is_truncated_pair (text, i, end)))
          return i;
        i += length - 1;
      }

  return end;
}

char *
oai_json_complete (const char *text, OaiJsonPartial what)
{
  g_autoptr(GString) closers = g_string_new (NULL);
  Partial self = { text, 0, closers, FALSE, 0 };
  GString *out;
  gsize before = 0;

  while (text[self.at] != '\0')
    {
      before = self.at;
      if (!step (&self, what == OAI_JSON_PARTIAL_NUMBERS))
        break;
      before = strlen (text);
    }

  out = g_string_new_len (text, self.safe);
  if (what == OAI_JSON_PARTIAL_STRINGS && text[before] == '"' && !self.is_key)
    {
      g_string_append_len (out, text + self.safe, string_end (text, before) - self.safe);
      g_string_append_c (out, '"');
    }
  for (gsize i = closers->len; i > 0; i--)
    g_string_append_c (out, closers->str[i - 1]);

  return g_string_free (out, out->len == 0);
}
