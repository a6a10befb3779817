/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* For any split of a stream, the events are those of a simple implementation of the
 * specification.  The first byte selects the split. */

#include "fuzz.h"

#include "oai-sse-parser-private.h"

#include <string.h>

static void
describe (GString *out, const char *event, const char *data, gsize length, const char *id)
{
  g_string_append_printf (out, "%s|", event != NULL ? event : "");
  g_string_append_len (out, data, (gssize) length);
  g_string_append_printf (out, "|%s\n", id != NULL ? id : "");
}

static GString *
split (const char *bytes, gsize length, gsize step)
{
  g_autoptr (OaiSseParser) parser = oai_sse_parser_new ();
  GString *out = g_string_new (NULL);
  OaiSseEvent event;

  for (gsize at = 0; at < length; at += step)
    {
      gsize size = MIN (step, length - at);

      memcpy (oai_sse_parser_reserve (parser, size), bytes + at, size);
      oai_sse_parser_commit (parser, size);
      while (oai_sse_parser_next (parser, &event, NULL))
        {
          g_assert_cmpint (event.data[event.length], ==, '\0');
          describe (out, event.event, event.data, event.length, event.id);
          memset (event.data, 'x', event.length);
        }
    }
  oai_sse_parser_has_remainder (parser);
  if (oai_sse_parser_take_remainder (parser, &event))
    g_assert_cmpint (event.data[event.length], ==, '\0');

  return out;
}

typedef struct
{
  GString *out;
  GString *event;
  GString *data;
  GString *id;
  gboolean has_data;
} Oracle;

static void
set_valid (GString *text, const char *value, gsize length)
{
  g_autofree char *valid = g_utf8_make_valid (value, (gssize) length);

  g_string_assign (text, valid);
}

static void
read_field (Oracle *self, const char *line, gsize length)
{
  const char *colon = memchr (line, ':', length);
  gsize name_length = colon != NULL ? (gsize) (colon - line) : length;
  const char *value = colon != NULL ? colon + 1 : line + length;
  gsize value_length = (gsize) (line + length - value);

  if (value_length > 0 && *value == ' ')
    {
      value++;
      value_length--;
    }
  if (name_length == 4 && memcmp (line, "data", 4) == 0)
    {
      self->has_data = TRUE;
      g_string_append_len (self->data, value, (gssize) value_length);
      g_string_append_c (self->data, '\n');
    }
  else if (name_length == 5 && memcmp (line, "event", 5) == 0)
    set_valid (self->event, value, value_length);
  else if (name_length == 2 && memcmp (line, "id", 2) == 0 && memchr (value, '\0', value_length) == NULL)
    set_valid (self->id, value, value_length);
}

static void
read_line (Oracle *self, const char *line, gsize length)
{
  if (length > 0)
    {
      read_field (self, line, length);
      return;
    }
  if (self->has_data || self->event->len > 0)
    describe (self->out, self->event->str, self->data->str, self->has_data ? self->data->len - 1 : 0, self->id->str);
  g_string_truncate (self->event, 0);
  g_string_truncate (self->data, 0);
  self->has_data = FALSE;
}

static GString *
read_simply (const char *bytes, gsize length)
{
  Oracle self = { g_string_new (NULL), g_string_new (NULL), g_string_new (NULL), g_string_new (NULL), FALSE };
  gsize start = length >= 3 && memcmp (bytes, "\357\273\277", 3) == 0 ? 3 : 0;

  for (gsize i = start; i < length; i++)
    {
      if (bytes[i] != '\n' && bytes[i] != '\r')
        continue;
      read_line (&self, bytes + start, i - start);
      if (bytes[i] == '\r' && i + 1 < length && bytes[i + 1] == '\n')
        i++;
      start = i + 1;
    }
  g_string_free (self.event, TRUE);
  g_string_free (self.data, TRUE);
  g_string_free (self.id, TRUE);

  return self.out;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *bytes = (const char *) data + 1;
  GString *expected, *whole, *pieces;

  if (size < 2)
    return 0;

  expected = read_simply (bytes, size - 1);
  whole = split (bytes, size - 1, size);
  pieces = split (bytes, size - 1, 1 + data[0] % 16);
  g_assert_cmpmem (whole->str, whole->len, expected->str, expected->len);
  g_assert_cmpmem (pieces->str, pieces->len, expected->str, expected->len);
  g_string_free (expected, TRUE);
  g_string_free (whole, TRUE);
  g_string_free (pieces, TRUE);

  return 0;
}
