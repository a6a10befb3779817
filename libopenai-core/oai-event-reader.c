/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-event-reader-private.h"

#include <string.h>

#define READ_SIZE (16 * 1024)
#define BYTE_ORDER_MARK "\357\273\277"
#define END_MARK "[DONE]"

void
oai_event_reader_init (OaiEventReader *self)
{
  self->parser = oai_sse_parser_new ();
}

void
oai_event_reader_clear (OaiEventReader *self)
{
  g_clear_pointer (&self->parser, oai_sse_parser_free);
  oai_buffer_clear (&self->whole);
}

void
oai_event_reader_set_type (OaiEventReader *self, const char *content_type)
{
  self->says_json = content_type != NULL && strstr (content_type, "application/json") != NULL;
  self->says_events = content_type != NULL && g_ascii_strncasecmp (content_type, "text/event-stream", strlen ("text/event-stream")) == 0;
}

char *
oai_event_reader_reserve (OaiEventReader *self, gsize *size)
{
  if (self->kind != OAI_BODY_EVENTS)
    return oai_buffer_reserve (&self->whole, READ_SIZE, size);

  *size = READ_SIZE;

  return oai_sse_parser_reserve (self->parser, READ_SIZE);
}

void
oai_event_reader_add_events (OaiEventReader *self, const char *data, gsize length)
{
  self->kind = OAI_BODY_EVENTS;
  memcpy (oai_sse_parser_reserve (self->parser, length + 1), data, length);
  oai_sse_parser_commit (self->parser, length);
}

/* Whether it begins with a line of an event: a comment, or a field that is known. */
static OaiBodyKind
sniff_line (const char *text, gsize length)
{
  static const char *const fields[] = { "data", "event", "id", "retry" };
  OaiBodyKind kind = OAI_BODY_OTHER;

  if (*text == ':')
    return OAI_BODY_EVENTS;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      gsize n = strlen (fields[i]);

      if (strncmp (text, fields[i], MIN (n, length)) != 0)
        continue;
      if (length <= n)
        kind = OAI_BODY_UNKNOWN;
      else if (strchr (":\r\n", text[n]) != NULL && text[n] != '\0')
        return OAI_BODY_EVENTS;
    }

  return kind;
}

/* Content types lie; the first bytes that say something do not. */
static OaiBodyKind
sniff (OaiEventReader *self)
{
  const char *text = self->whole.data;
  gsize length = self->whole.length;
  OaiBodyKind kind;

  while (length > 0 && (g_ascii_isspace (*text) || (*text != '\0' && strchr (BYTE_ORDER_MARK, *text) != NULL)))
    {
      text++;
      length--;
    }
  if (length == 0)
    return OAI_BODY_UNKNOWN;
  if (*text == '{' || *text == '[')
    return OAI_BODY_JSON;
  if (self->says_events)
    return OAI_BODY_EVENTS;

  kind = sniff_line (text, length);

  return kind == OAI_BODY_OTHER && self->says_json ? OAI_BODY_JSON : kind;
}

void
oai_event_reader_commit (OaiEventReader *self, gsize size)
{
  if (self->kind == OAI_BODY_EVENTS)
    {
      oai_sse_parser_commit (self->parser, size);
      return;
    }

  self->whole.length += size;
  if (self->kind == OAI_BODY_UNKNOWN)
    self->kind = sniff (self);
  if (self->kind == OAI_BODY_EVENTS)
    {
      oai_event_reader_add_events (self, self->whole.data, self->whole.length);
      oai_buffer_clear (&self->whole);
    }
}

gboolean
oai_event_reader_next (OaiEventReader *self, OaiSseEvent *event, GError **error)
{
  return self->kind == OAI_BODY_EVENTS && oai_sse_parser_next (self->parser, event, error);
}

gboolean
oai_event_reader_is_whole (OaiEventReader *self)
{
  if (self->kind == OAI_BODY_EVENTS)
    return FALSE;

  for (gsize i = 0; i < self->whole.length; i++)
    if (!g_ascii_isspace (self->whole.data[i]))
      return TRUE;

  return FALSE;
}

gboolean
oai_event_reader_is_cut (OaiEventReader *self)
{
  return oai_sse_parser_has_remainder (self->parser);
}

GBytes *
oai_event_reader_take_whole (OaiEventReader *self)
{
  gsize length = self->whole.length;
  char *data = g_steal_pointer (&self->whole.data);

  oai_buffer_clear (&self->whole);

  return g_bytes_new_take (data, length);
}

static gsize
count_blanks (const char *data, gsize length)
{
  gsize n = 0;

  while (n < length && (g_ascii_isspace (data[n]) || (data[n] != '\0' && strchr (BYTE_ORDER_MARK, data[n]) != NULL)))
    n++;

  return n;
}

/* The length of "data:" and what may stand between it and END_MARK, where that follows; else 0. */
static gsize
measure_mark_field (const char *data, gsize length)
{
  gsize n = strlen ("data:");

  if (length < n || memcmp (data, "data:", n) != 0)
    return 0;
  while (n < length && (data[n] == ' ' || data[n] == '\t'))
    n++;

  return length - n >= strlen (END_MARK) && memcmp (data + n, END_MARK, strlen (END_MARK)) == 0 ? n : 0;
}

/* The end of a string that begins at data[at]; length where it has none. */
static gsize
skip_string (const char *data, gsize length, gsize at)
{
  for (gsize from = at + 1; from < length;)
    {
      const char *quote = memchr (data + from, '"', length - from);
      gsize escapes = 0;

      if (quote == NULL)
        break;
      from = quote - data + 1;
      while (quote[-1 - (gssize) escapes] == '\\')
        escapes++;
      if (escapes % 2 == 0)
        return from;
    }

  return length;
}

/* Where a value ends, by its brackets alone: whether it is JSON is for the parser to say.
 * 0 where the data ends before. */
static gsize
measure_value (const char *data, gsize length)
{
  gsize depth = 0;
  gsize n = 0;

  if (*data != '{' && *data != '[')
    {
      while (n < length && data[n] != '\n' && data[n] != '\r')
        n++;
      return n;
    }

  while (n < length)
    {
      if (data[n] == '"')
        {
          n = skip_string (data, length, n);
          continue;
        }
      depth += data[n] == '{' || data[n] == '[';
      depth -= data[n] == '}' || data[n] == ']';
      n++;
      if (depth == 0)
        return n;
    }

  return 0;
}

gboolean
oai_event_reader_next_value (char **data, gsize *length, OaiSseEvent *event)
{
  gsize skipped = count_blanks (*data, *length);
  gsize size;

  skipped += measure_mark_field (*data + skipped, *length - skipped);
  *data += skipped;
  *length -= skipped;
  size = *length > 0 ? measure_value (*data, *length) : 0;
  if (size == 0)
    return FALSE;

  *event = (OaiSseEvent) { .data = *data, .length = size, .retry = -1 };
  *data += size;
  *length -= size;

  return TRUE;
}

gboolean
oai_event_reader_is_end (const char *data, gsize length)
{
  for (;;)
    {
      gsize n = count_blanks (data, length);
      gsize mark = measure_mark_field (data + n, length - n);

      if (n == length)
        return TRUE;
      if (mark == 0)
        return FALSE;
      n += mark + strlen (END_MARK);
      data += n;
      length -= n;
    }
}

gboolean
oai_event_reader_is_json (const char *data, gsize length)
{
  gsize blanks = count_blanks (data, length);

  return blanks < length && (data[blanks] == '{' || data[blanks] == '[');
}

gboolean
oai_event_reader_is_sequence (const char *data, gsize length)
{
  gsize blanks = count_blanks (data, length);
  gsize size;

  data += blanks;
  length -= blanks;
  if (length == 0 || *data != '{')
    return FALSE;
  size = measure_value (data, length);

  return size > 0 && !oai_event_reader_is_end (data + size, length - size);
}
