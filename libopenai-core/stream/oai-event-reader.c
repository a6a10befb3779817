/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-event-reader-private.h"

#include <string.h>

#define READ_SIZE (16 * 1024)
#define BYTE_ORDER_MARK "\357\273\277"
#define END_MARK "[DONE]"

void
oai_event_reader_init (OaiEventReader *self, gsize max_event)
{
  self->parser = oai_sse_parser_new ();
  oai_sse_parser_set_max_event (self->parser, max_event);
}

void
oai_event_reader_clear (OaiEventReader *self)
{
  g_clear_pointer (&self->parser, oai_sse_parser_free);
  oai_buffer_clear (&self->whole);
  g_clear_pointer (&self->values, g_free);
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

static void
add_bytes (OaiEventReader *self, const char *data, gsize length)
{
  memcpy (oai_sse_parser_reserve (self->parser, length + 1), data, length);
  oai_sse_parser_commit (self->parser, length);
}

void
oai_event_reader_add_events (OaiEventReader *self, const char *data, gsize length)
{
  self->kind = OAI_BODY_EVENTS;
  oai_sse_parser_set_max_event (self->parser, 0);
  add_bytes (self, data, length);
}

void
oai_event_reader_take_values (OaiEventReader *self, char *data, gsize length)
{
  g_free (self->values);
  self->kind = OAI_BODY_VALUES;
  self->values = self->value = data;
  self->values_left = length;
}

void
oai_event_reader_end (OaiEventReader *self)
{
  self->ended = TRUE;
}

/* Returns whether text begins with a line of an event: a comment, or a known field. */
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

/* Detects the kind by the first bytes, since content types are unreliable. */
static OaiBodyKind
sniff (OaiEventReader *self)
{
  const char *text;
  gsize length;
  OaiBodyKind kind;

  self->n_blanks += oai_event_reader_count_blanks (self->whole.data + self->n_blanks, self->whole.length - self->n_blanks);
  text = self->whole.data + self->n_blanks;
  length = self->whole.length - self->n_blanks;
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
      add_bytes (self, self->whole.data, self->whole.length);
      oai_buffer_clear (&self->whole);
    }
}

gboolean
oai_event_reader_is_whole (OaiEventReader *self)
{
  if (self->kind == OAI_BODY_EVENTS || self->kind == OAI_BODY_VALUES)
    return FALSE;

  for (gsize i = 0; i < self->whole.length; i++)
    if (!g_ascii_isspace (self->whole.data[i]))
      return TRUE;

  return FALSE;
}

GBytes *
oai_event_reader_take_whole (OaiEventReader *self)
{
  gsize length = self->whole.length;
  char *data = g_steal_pointer (&self->whole.data);

  oai_buffer_clear (&self->whole);

  return g_bytes_new_take (data, length);
}

gsize
oai_event_reader_count_blanks (const char *data, gsize length)
{
  gsize n = 0;

  while (n < length && (g_ascii_isspace (data[n]) || ((guchar) data[n] >= 0x80 && strchr (BYTE_ORDER_MARK, data[n]) != NULL)))
    n++;

  return n;
}

/* Returns the length of "data:" and the blanks after it if END_MARK follows, else 0. */
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

/* Returns the end of the string that begins at data[at]; length if the string is incomplete. */
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

/* Does not check that the value is valid JSON; the parser does. */
gsize
oai_event_reader_measure_value (const char *data, gsize length)
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

static gboolean
next_value (OaiEventReader *self, OaiSseEvent *event)
{
  char *data = self->value;
  gsize length = self->values_left;
  gsize skipped = oai_event_reader_count_blanks (data, length);
  gsize size;

  skipped += measure_mark_field (data + skipped, length - skipped);
  data += skipped;
  length -= skipped;
  size = length > 0 ? oai_event_reader_measure_value (data, length) : 0;
  self->value = data + size;
  self->values_left = length - size;
  if (size == 0)
    {
      self->truncated = length > 0;
      return FALSE;
    }

  *event = (OaiSseEvent) { .data = data, .length = size, .retry = -1 };

  return TRUE;
}

/* Returns whether the data of an event that may be truncated is complete: JSON, a comment, an end
 * marker, or an error as text. */
static gboolean
is_whole_data (const char *event, const char *data, gsize length)
{
  g_autofree char *copy = NULL;
  g_autoptr(OaiJsonDoc) doc = NULL;
  char *at;

  if (oai_event_reader_is_end_marker (data, length) || *data == ':')
    return TRUE;
  if (g_strcmp0 (event, "error") == 0 && *data != '{' && *data != '[')
    return TRUE;

  at = copy = g_strndup (data, length);
  doc = oai_json_doc_new ();
  while (length > 0)
    {
      gsize used;

      if (!oai_json_doc_parse (doc, at, length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL))
        return FALSE;
      used = oai_json_doc_get_consumed (doc);
      used += oai_event_reader_count_blanks (at + used, length - used);
      at += used;
      length -= used;
    }

  return TRUE;
}

/* Many servers omit the blank line at the end of the stream. */
static gboolean
take_last (OaiEventReader *self, OaiSseEvent *event)
{
  gsize blanks;

  if (!oai_sse_parser_has_remainder (self->parser))
    return FALSE;
  if (!oai_sse_parser_take_remainder (self->parser, event))
    {
      self->truncated = TRUE;
      return FALSE;
    }

  blanks = oai_event_reader_count_blanks (event->data, event->length);
  self->truncated = blanks == event->length || !is_whole_data (event->event, event->data + blanks, event->length - blanks);

  return !self->truncated;
}

gboolean
oai_event_reader_next (OaiEventReader *self, OaiSseEvent *event, GError **error)
{
  if (G_UNLIKELY (self->kind != OAI_BODY_EVENTS))
    return self->kind == OAI_BODY_VALUES && next_value (self, event);
  if (oai_sse_parser_next (self->parser, event, error))
    return TRUE;

  return *error == NULL && self->ended && take_last (self, event);
}

/* Only blanks may follow the marker. */
gboolean
oai_event_reader_is_end_marker (const char *data, gsize length)
{
  gsize n = strlen (END_MARK);

  if (length < n || memcmp (data, END_MARK, n) != 0)
    return FALSE;
  while (n < length && g_ascii_isspace (data[n]))
    n++;

  return n == length;
}

gboolean
oai_event_reader_is_end (const char *data, gsize length)
{
  for (;;)
    {
      gsize n = oai_event_reader_count_blanks (data, length);
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
  gsize blanks = oai_event_reader_count_blanks (data, length);

  return blanks < length && (data[blanks] == '{' || data[blanks] == '[');
}

/* Returns whether each closing brace, also those within strings, is followed by the end, a comma or
 * another closing bracket, so that no further value follows. */
static gboolean
is_surely_one_value (const char *data, gsize length)
{
  const char *end = data + length;

  while ((data = memchr (data, '}', end - data)) != NULL)
    {
      data++;
      data += oai_event_reader_count_blanks (data, end - data);
      if (data < end && *data != ',' && *data != '}' && *data != ']')
        return FALSE;
    }

  return TRUE;
}

gboolean
oai_event_reader_is_sequence (const char *data, gsize length)
{
  gsize blanks = oai_event_reader_count_blanks (data, length);
  gsize size;

  data += blanks;
  length -= blanks;
  if (length == 0 || *data != '{' || is_surely_one_value (data, length))
    return FALSE;
  size = oai_event_reader_measure_value (data, length);

  return size > 0 && !oai_event_reader_is_end (data + size, length - size);
}
