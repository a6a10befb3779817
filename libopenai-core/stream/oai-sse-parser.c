/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One buffer contains the data of the current event, a gap of bytes that were already parsed, and
 * the unparsed bytes.  The lines of data are joined in place.  No byte is scanned twice, wherever
 * the input is split.
 *
 * Unlike the specification requires, an event with a name but without data is returned, with empty
 * data.  Invalid UTF-8 is replaced in names and ids here, and in data by the caller. */

#include "oai-sse-parser-private.h"

#include <string.h>

#include "oai-error-map-private.h"

#define DEFAULT_MAX_EVENT (64 * 1024 * 1024)
#define KEEP_SIZE (1024 * 1024) /* a larger buffer is freed when it is empty */

struct _OaiSseParser
{
  char *buffer;
  gsize allocated;
  gsize end;       /* end of the received bytes */
  gsize pos;       /* position of the first byte that was not parsed */
  gsize data_start;
  gsize data_end;
  gsize next_lf;   /* there is no LF, or no CR, between pos and these positions */
  gsize next_cr;
  gsize max_event;
  GString *event;
  GString *id;
  gint64 retry;
  gboolean has_data;
  gboolean dispatched;
  gboolean skip_lf;    /* the previous line ended with CR */
  enum
  {
    AT_START, /* a byte order mark may follow */
    RUNNING,
    FAILED
  } state;
};

OaiSseParser *
oai_sse_parser_new (void)
{
  OaiSseParser *parser = g_new0 (OaiSseParser, 1);

  parser->max_event = DEFAULT_MAX_EVENT;
  parser->event = g_string_new (NULL);
  parser->id = g_string_new (NULL);
  parser->retry = -1;

  return parser;
}

void
oai_sse_parser_free (OaiSseParser *parser)
{
  if (parser == NULL)
    return;

  g_string_free (parser->event, TRUE);
  g_string_free (parser->id, TRUE);
  g_free (parser->buffer);
  g_free (parser);
}

void
oai_sse_parser_set_max_event (OaiSseParser *parser, gsize bytes)
{
  parser->max_event = bytes > 0 ? bytes : G_MAXSIZE;
}

/* Discards the event that was returned last. */
static void
forget_event (OaiSseParser *parser)
{
  if (!parser->dispatched)
    return;

  parser->dispatched = FALSE;
  parser->has_data = FALSE;
  parser->data_start = parser->data_end = parser->pos;
  if (parser->event->len > 0)
    g_string_truncate (parser->event, 0);
}

static gsize
event_size (OaiSseParser *parser)
{
  return parser->data_end - parser->data_start;
}

/* Moves the bytes that are still needed to the front of the buffer. */
static void
compact (OaiSseParser *parser)
{
  gsize gap = parser->pos - event_size (parser);

  memmove (parser->buffer, parser->buffer + parser->data_start, event_size (parser));
  memmove (parser->buffer + event_size (parser), parser->buffer + parser->pos, parser->end - parser->pos);
  parser->data_end = event_size (parser);
  parser->data_start = 0;
  parser->pos -= gap;
  parser->end -= gap;
  parser->next_lf = MAX (parser->next_lf, parser->pos + gap) - gap;
  parser->next_cr = MAX (parser->next_cr, parser->pos + gap) - gap;
}

/* Resets the positions of an empty buffer. */
static void
start_over (OaiSseParser *parser, gsize size)
{
  parser->data_start = parser->data_end = parser->pos = parser->end = parser->next_lf = parser->next_cr = 0;
  if (parser->allocated <= KEEP_SIZE || parser->allocated / 4 <= size)
    return;

  g_clear_pointer (&parser->buffer, g_free);
  parser->allocated = 0;
}

char *
oai_sse_parser_reserve (OaiSseParser *parser, gsize size)
{
  gsize live;

  forget_event (parser);
  if (!parser->has_data)
    parser->data_start = parser->data_end = parser->pos;
  live = event_size (parser) + (parser->end - parser->pos);
  if (live == 0)
    start_over (parser, size);
  if (parser->allocated - parser->end > size)
    return parser->buffer + parser->end;

  /* Moves at most as many bytes as were parsed, so that the total cost is linear. */
  if (live > 0 && parser->end - live >= live)
    compact (parser);
  if (parser->allocated - parser->end <= size)
    {
      parser->allocated = MAX (parser->allocated * 2, parser->end + size + 1);
      parser->buffer = g_realloc (parser->buffer, parser->allocated);
    }

  return parser->buffer + parser->end;
}

void
oai_sse_parser_commit (OaiSseParser *parser, gsize size)
{
  g_return_if_fail (size < parser->allocated - parser->end);

  parser->end += size;
}

static gsize
search (OaiSseParser *parser, gsize from, char wanted)
{
  const char *found = memchr (parser->buffer + from, wanted, parser->end - from);

  return found == NULL ? parser->end : (gsize) (found - parser->buffer);
}

/* Returns the end of the line at pos, or the end of the bytes if it has not arrived.  Each of the
 * two searches continues where it stopped. */
static inline gsize
find_line_end (OaiSseParser *parser, gsize pos)
{
  gsize lf = parser->next_lf, cr = parser->next_cr, end = parser->end;

  if (lf < pos || (lf < end && parser->buffer[lf] != '\n'))
    parser->next_lf = lf = search (parser, MAX (lf, pos), '\n');
  if (G_UNLIKELY (cr < pos || (cr < end && parser->buffer[cr] != '\r')))
    parser->next_cr = cr = search (parser, MAX (cr, pos), '\r');

  return MIN (lf, cr);
}

/* Handles an empty line.  Returns TRUE if there is an event to return. */
static inline gboolean
dispatch (OaiSseParser *parser, OaiSseEvent *event)
{
  if (!parser->has_data)
    {
      if (parser->event->len == 0)
        return FALSE;
      parser->data_start = parser->data_end = parser->pos - 1;
    }
  parser->buffer[parser->data_end] = '\0';
  event->event = parser->event->len == 0 ? NULL : parser->event->str;
  event->data = parser->buffer + parser->data_start;
  event->length = event_size (parser);
  event->id = parser->id->len == 0 ? NULL : parser->id->str;
  event->retry = parser->retry;
  parser->dispatched = TRUE;

  return TRUE;
}

static inline void
add_data (OaiSseParser *parser, gsize start, gsize end)
{
  if (!parser->has_data)
    {
      parser->has_data = TRUE;
      parser->data_start = start;
      parser->data_end = end;
      return;
    }

  parser->buffer[parser->data_end++] = '\n';
  memmove (parser->buffer + parser->data_end, parser->buffer + start, end - start);
  parser->data_end += end - start;
}

static void
set_text (GString *text, const char *value, gsize length)
{
  g_autofree char *valid = NULL;

  g_string_truncate (text, 0);
  if (g_utf8_validate_len (value, length, NULL))
    {
      g_string_append_len (text, value, (gssize) length);
      return;
    }
  valid = g_utf8_make_valid (value, (gssize) length);
  g_string_append (text, valid);
}

static void
set_retry (OaiSseParser *parser, const char *value, gsize length)
{
  gint64 retry = 0;
  gsize i;

  if (length == 0 || length > 15)
    return;
  for (i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (value[i]))
        return;
      retry = retry * 10 + (value[i] - '0');
    }

  parser->retry = retry;
}

static void
take_field (OaiSseParser *parser, const char *name, gsize name_length, gsize start, gsize end)
{
  const char *value = parser->buffer + start;

  if (name_length == 4 && memcmp (name, "data", 4) == 0)
    add_data (parser, start, end);
  else if (name_length == 5 && memcmp (name, "event", 5) == 0)
    set_text (parser->event, value, end - start);
  else if (name_length == 2 && memcmp (name, "id", 2) == 0)
    {
      if (memchr (value, '\0', end - start) == NULL)
        set_text (parser->id, value, end - start);
    }
  else if (name_length == 5 && memcmp (name, "retry", 5) == 0)
    set_retry (parser, value, end - start);
}

static inline void
take_line (OaiSseParser *parser, gsize start, gsize end)
{
  const char *line = parser->buffer + start;
  const char *colon;
  gsize value;

  if (end - start >= 5 && memcmp (line, "data:", 5) == 0)
    {
      value = start + 5;
      add_data (parser, value < end && line[5] == ' ' ? value + 1 : value, end);
      return;
    }
  if (*line == ':')
    return;

  colon = memchr (line, ':', end - start);
  if (colon == NULL)
    {
      take_field (parser, line, end - start, end, end);
      return;
    }
  value = start + (gsize) (colon - line) + 1;
  if (value < end && parser->buffer[value] == ' ')
    value++;
  take_field (parser, line, (gsize) (colon - line), value, end);
}

/* Skips a byte order mark before the first line.  Returns FALSE if too few bytes have arrived. */
static gboolean
skip_mark (OaiSseParser *parser)
{
  gsize available = MIN (parser->end - parser->pos, 3);

  if (available == 0 || memcmp (parser->buffer + parser->pos, "\357\273\277", available) != 0)
    {
      parser->state = available > 0 ? RUNNING : AT_START;
      return available > 0;
    }
  if (available < 3)
    return FALSE;

  parser->state = RUNNING;
  parser->pos += 3;
  return TRUE;
}

static gboolean
check_size (OaiSseParser *parser, GError **error)
{
  if (parser->state != FAILED && event_size (parser) + (parser->end - parser->pos) <= parser->max_event)
    return TRUE;

  parser->state = FAILED;
  g_propagate_error (error, oai_error_new_event_too_large (parser->max_event));
  return FALSE;
}

/* Handles a line that is incomplete.  Only the colon of a comment is kept. */
static gboolean
want_more (OaiSseParser *parser, GError **error)
{
  if (parser->end - parser->pos > 1 && parser->buffer[parser->pos] == ':')
    {
      parser->pos = parser->end - 1;
      parser->buffer[parser->pos] = ':';
    }
  check_size (parser, error);

  return FALSE;
}

gboolean
oai_sse_parser_next (OaiSseParser *parser, OaiSseEvent *event, GError **error)
{
  gsize pos, end;

  forget_event (parser);
  if (G_UNLIKELY (parser->state != RUNNING))
    {
      if (parser->state == FAILED)
        return check_size (parser, error);
      if (!skip_mark (parser))
        return FALSE;
    }

  for (;;)
    {
      pos = parser->pos;
      if (G_UNLIKELY (parser->skip_lf) && pos < parser->end)
        {
          parser->skip_lf = FALSE;
          pos += parser->buffer[pos] == '\n' ? 1 : 0;
          parser->pos = pos;
        }
      end = pos < parser->end && parser->buffer[pos] == '\n' ? pos : find_line_end (parser, pos);
      if (end >= parser->end)
        return want_more (parser, error);

      if (G_UNLIKELY (parser->buffer[end] == '\r'))
        parser->skip_lf = TRUE;
      parser->pos = end + 1;
      if (end == pos)
        {
          if (dispatch (parser, event))
            return TRUE;
          continue;
        }
      take_line (parser, pos, end);
      if (G_UNLIKELY (event_size (parser) > parser->max_event))
        return check_size (parser, error);
    }
}

const char *
oai_sse_parser_get_last_id (OaiSseParser *parser)
{
  return parser->id->len > 0 ? parser->id->str : NULL;
}

gboolean
oai_sse_parser_has_remainder (OaiSseParser *parser)
{
  forget_event (parser);
  if (parser->has_data || parser->event->len > 0)
    return TRUE;
  if (parser->pos == parser->end || (parser->skip_lf && parser->end - parser->pos == 1 && parser->buffer[parser->pos] == '\n'))
    return FALSE;

  return parser->buffer[parser->pos] != ':';
}

gboolean
oai_sse_parser_take_remainder (OaiSseParser *parser, OaiSseEvent *event)
{
  if (!oai_sse_parser_has_remainder (parser) || parser->state == FAILED)
    return FALSE;

  if (parser->pos < parser->end && parser->allocated > parser->end)
    {
      gsize start = parser->pos, end = parser->end;

      parser->pos = ++parser->end;
      take_line (parser, start, end);
    }

  return dispatch (parser, event);
}
