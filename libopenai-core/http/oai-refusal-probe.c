/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-refusal-probe-private.h"

#include <string.h>

typedef struct
{
  const char *next;
  const char *end;
} Cursor;

/* Returns MORE if the data ends within the text, and CONTENT if there is another text. */
static OaiRefusalResult
skip_text (Cursor *self, const char *text)
{
  gsize length = strlen (text);
  gsize left = self->end - self->next;

  if (strncmp (self->next, text, MIN (length, left)) != 0)
    return OAI_REFUSAL_CONTENT;
  if (left < length)
    return OAI_REFUSAL_MORE;

  self->next += length;

  return OAI_REFUSAL_FOUND;
}

static void
skip_blanks (Cursor *self)
{
  while (self->next < self->end && strchr (" \t\r\n", *self->next) != NULL && *self->next != '\0')
    self->next++;
}

static OaiRefusalResult
skip_token (Cursor *self, const char *text)
{
  skip_blanks (self);

  return skip_text (self, text);
}

/* Whether the value begins with a text, an object or an array, which are errors unlike null. */
static OaiRefusalResult
check_error_value (Cursor *self)
{
  skip_blanks (self);
  if (self->next == self->end)
    return OAI_REFUSAL_MORE;

  return strchr ("{\"[", *self->next) != NULL && *self->next != '\0' ? OAI_REFUSAL_FOUND : OAI_REFUSAL_CONTENT;
}

static OaiRefusalResult
check_member (Cursor self, const char *name, const char *value)
{
  OaiRefusalResult result = skip_token (&self, name);

  if (result == OAI_REFUSAL_FOUND)
    result = skip_token (&self, ":");
  if (result == OAI_REFUSAL_FOUND)
    result = value != NULL ? skip_token (&self, value) : check_error_value (&self);

  return result;
}

/* Whether JSON is an error: its first member says so. */
static OaiRefusalResult
check_json (Cursor self)
{
  static const char *const members[][2] = { { "\"error\"", NULL }, { "\"object\"", "\"error\"" }, { "\"type\"", "\"error\"" } };
  OaiRefusalResult result;

  skip_blanks (&self);
  if (self.next < self.end && *self.next == '[')
    self.next++;
  result = skip_token (&self, "{");
  if (result != OAI_REFUSAL_FOUND)
    return result;

  result = OAI_REFUSAL_CONTENT;
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      OaiRefusalResult member = check_member (self, members[i][0], members[i][1]);

      if (member == OAI_REFUSAL_FOUND)
        return member;
      if (member == OAI_REFUSAL_MORE)
        result = member;
    }

  return result;
}

/* Returns the end of the line, or NULL if the data ends within it. */
static const char *
find_line_end (const Cursor *self)
{
  const char *next = self->next;

  while (next < self->end && *next != '\n' && *next != '\r')
    next++;

  return next < self->end ? next : NULL;
}

static gboolean
has_prefix (const Cursor *self, const char *line_end, const char *prefix)
{
  gsize length = strlen (prefix);

  return (gsize) (line_end - self->next) >= length && strncmp (self->next, prefix, length) == 0;
}

/* An event without data that is called "error", or anything else but data, does not decide. */
static gboolean
is_skipped (const Cursor *self, const char *line_end)
{
  return line_end == self->next || *self->next == ':' || has_prefix (self, line_end, "id:") || has_prefix (self, line_end, "retry:")
         || has_prefix (self, line_end, "event: error") || has_prefix (self, line_end, "event:error");
}

/* Whether the line, whose end has not arrived, may become a field of an event. */
static gboolean
may_be_field (Cursor self)
{
  static const char *const fields[] = { ":", "data:", "event:", "id:", "retry:" };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      Cursor cursor = self;

      if (skip_text (&cursor, fields[i]) != OAI_REFUSAL_CONTENT)
        return TRUE;
    }

  return FALSE;
}

/* line_end: NULL if it has not arrived. */
static OaiRefusalResult
check_data (Cursor self, const char *line_end, gboolean ended, const char **error, gsize *error_length)
{
  OaiRefusalResult result;

  if (line_end != NULL)
    self.end = line_end;
  *error = self.next;
  *error_length = self.end - self.next;
  result = check_json (self);
  if (line_end != NULL)
    return result == OAI_REFUSAL_MORE ? OAI_REFUSAL_CONTENT : result;

  return result == OAI_REFUSAL_FOUND && !ended ? OAI_REFUSAL_MORE : result;
}

/* The first data, on one line. */
static OaiRefusalResult
check_events (Cursor self, gboolean ended, const char **error, gsize *error_length)
{
  while (self.next < self.end)
    {
      const char *line_end = find_line_end (&self);

      if (skip_text (&self, "data:") == OAI_REFUSAL_FOUND)
        return check_data (self, line_end, ended, error, error_length);
      if (line_end == NULL)
        return may_be_field (self) ? OAI_REFUSAL_MORE : OAI_REFUSAL_CONTENT;
      if (!is_skipped (&self, line_end))
        return OAI_REFUSAL_CONTENT;
      self.next = line_end + 1;
    }

  return OAI_REFUSAL_MORE;
}

static OaiRefusalResult
check (Cursor self, gboolean ended, const char **error, gsize *error_length)
{
  OaiRefusalResult result;

  skip_blanks (&self);
  if (self.next == self.end)
    return OAI_REFUSAL_MORE;
  if (*self.next != '{' && *self.next != '[')
    return check_events (self, ended, error, error_length);

  result = check_json (self);
  *error = self.next;
  *error_length = self.end - self.next;

  return result == OAI_REFUSAL_FOUND && !ended ? OAI_REFUSAL_MORE : result;
}

OaiRefusalResult
oai_refusal_probe (const char *data, gsize length, gboolean ended, const char **error, gsize *error_length)
{
  Cursor cursor = { data, data + length };
  OaiRefusalResult result = length <= OAI_REFUSAL_MAX ? check (cursor, ended, error, error_length) : OAI_REFUSAL_CONTENT;

  return result == OAI_REFUSAL_MORE && ended ? OAI_REFUSAL_CONTENT : result;
}
