/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies to requests for events: the result is the same for any content type and any
 * split. */

#include "fuzz.h"

#include "oai-event-reader-private.h"

#include <string.h>

static const char *const types[] = { "text/event-stream", "application/json", "text/plain", NULL };

static void
take_events (OaiEventReader *reader, GString *out)
{
  OaiSseEvent event;
  g_autoptr(GError) error = NULL;

  while (oai_event_reader_next (reader, &event, &error))
    {
      g_string_append_printf (out, "%s|", event.event != NULL ? event.event : "");
      g_string_append_len (out, event.data, (gssize) event.length);
      g_string_append_c (out, '\n');
    }
  if (error != NULL)
    g_string_append_printf (out, "error: %s\n", error->message);
}

/* A description of the result. */
static GString *
read_split (const char *type, const uint8_t *data, size_t size, gsize step)
{
  OaiEventReader reader = { NULL };
  GString *out = g_string_new (NULL);
  g_autoptr(GBytes) whole = NULL;

  oai_event_reader_init (&reader, 0);
  oai_event_reader_set_type (&reader, type);
  for (gsize at = 0; at < size;)
    {
      gsize room = 0;
      char *place = oai_event_reader_reserve (&reader, &room);
      gsize n = MIN (MIN (step, size - at), room);

      g_assert_cmpuint (room, >, 0);
      memcpy (place, data + at, n);
      oai_event_reader_commit (&reader, n);
      take_events (&reader, out);
      at += n;
    }
  oai_event_reader_end (&reader);
  take_events (&reader, out);
  g_string_append_printf (out, "whole %d, truncated %d: ", oai_event_reader_is_whole (&reader), reader.truncated);
  if (oai_event_reader_is_whole (&reader))
    {
      whole = oai_event_reader_take_whole (&reader);
      g_string_append_len (out, g_bytes_get_data (whole, NULL), (gssize) g_bytes_get_size (whole));
    }
  oai_event_reader_clear (&reader);

  return out;
}

/* An object with another value after it is a sequence, and one with only an end marker is not. */
static void
check_sequence (const char *text, gsize size)
{
  gboolean is_sequence = oai_event_reader_is_sequence (text, size);
  gsize at = oai_event_reader_count_blanks (text, size);
  gsize length = at < size && text[at] == '{' ? oai_event_reader_measure_value (text + at, size - at) : 0;
  g_autoptr(OaiJsonDoc) doc = NULL;

  if (length == 0)
    {
      g_assert_false (is_sequence);
      return;
    }
  doc = oai_json_doc_new_copy (text + at, (gssize) length, OAI_JSON_TOLERANT, NULL);

  at += length;
  at += oai_event_reader_count_blanks (text + at, size - at);
  if (oai_event_reader_is_end (text + at, size - at))
    g_assert_false (is_sequence);
  else if (doc != NULL && text[at] != ',' && text[at] != '}' && text[at] != ']')
    g_assert_true (is_sequence);
}

/* Consecutive values. */
static void
check_values (const uint8_t *data, size_t size)
{
  OaiEventReader reader = { NULL };
  g_autoptr(GString) out = g_string_new (NULL);
  const char *text = (const char *) data;
  char *copy = g_malloc (size + 1);

  memcpy (copy, data, size);
  copy[size] = '\0';
  oai_event_reader_init (&reader, 0);
  oai_event_reader_take_values (&reader, copy, size);
  oai_event_reader_end (&reader);
  take_events (&reader, out);
  oai_event_reader_clear (&reader);

  g_assert_cmpuint (oai_event_reader_count_blanks (text, size), <=, size);
  g_assert_cmpuint (oai_event_reader_measure_value (text, size), <=, size);
  oai_event_reader_is_end_marker (text, size);
  oai_event_reader_is_end (text, size);
  oai_event_reader_is_json (text, size);
  check_sequence (text, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  const char *type = types[choice % G_N_ELEMENTS (types)];
  GString *whole = read_split (type, data, size, MAX (size, 1));
  GString *pieces = read_split (type, data, size, 1 + choice / 4 % 16);

  g_assert_cmpmem (whole->str, whole->len, pieces->str, pieces->len);
  g_string_free (whole, TRUE);
  g_string_free (pieces, TRUE);
  if (size > 0)
    check_values (data, size);

  return 0;
}
