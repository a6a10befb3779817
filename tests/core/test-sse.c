/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-error.h"
#include "oai-sse-parser-private.h"

#include <string.h>

/* All events as text: "name|data|id" and a line end after each. */
static void
take_events (OaiSseParser *parser, GString *out)
{
  g_autoptr (GError) error = NULL;
  OaiSseEvent event;

  while (oai_sse_parser_next (parser, &event, &error))
    {
      g_assert_cmpuint (strlen (event.data), <=, event.length);
      g_string_append_printf (out, "%s|", event.event != NULL ? event.event : "");
      g_string_append_len (out, event.data, (gssize) event.length);
      g_string_append_printf (out, "|%s\n", event.id != NULL ? event.id : "");
    }
  if (error != NULL)
    g_string_append (out, "error");
}

static void
feed (OaiSseParser *parser, const char *bytes, gsize length, GString *out)
{
  char *room = oai_sse_parser_reserve (parser, MAX (length, 1));

  if (length > 0)
    memcpy (room, bytes, length);
  oai_sse_parser_commit (parser, length);
  take_events (parser, out);
}

static char *
split_at (const char *bytes, gsize length, gsize first, gsize step)
{
  g_autoptr (OaiSseParser) parser = oai_sse_parser_new ();
  GString *out = g_string_new (NULL);
  gsize at = MIN (first, length);

  feed (parser, bytes, at, out);
  while (at < length)
    {
      gsize size = MIN (step, length - at);

      feed (parser, bytes + at, size, out);
      at += size;
    }

  return g_string_free (out, FALSE);
}

/* The events are the same for every split of the bytes. */
static void
assert_events_of (const char *bytes, gsize length, const char *expected)
{
  for (gsize i = 0; i <= length; i++)
    {
      g_autofree char *events = split_at (bytes, length, i, length + 1);

      g_assert_cmpstr (events, ==, expected);
    }
  for (gsize step = 1; step <= 5; step++)
    {
      g_autofree char *events = split_at (bytes, length, 0, step);

      g_assert_cmpstr (events, ==, expected);
    }
}

#define assert_events(text, expected) assert_events_of (text, sizeof (text) - 1, expected)

static void
test_events_are_split (void)
{
  assert_events ("data: a\n\n", "|a|\n");
  assert_events ("data:a\n\ndata:  b \n\n", "|a|\n| b |\n");
  assert_events ("event: ping\ndata: {\"x\":1}\n\nevent: pong\ndata: y\n\n", "ping|{\"x\":1}|\npong|y|\n");
  assert_events ("data: x\nevent: late\n\n", "late|x|\n");
  assert_events ("data: a\nevent: between\ndata: a long line after it\n\n", "between|a\na long line after it|\n");
  assert_events ("\n\n\n", "");
}

static void
test_lines_of_data_are_joined (void)
{
  assert_events ("data: {\ndata: \"a\":\ndata: \ndata:\ndata: 1}\n\n\n", "|{\n\"a\":\n\n\n1}|\n");
  assert_events ("data\n\n", "||\n");
  assert_events ("data\ndata\n\n", "|\n|\n");
  assert_events ("data:\n\n", "||\n");
  assert_events ("data: a\n: comment\ndata: b\n\n", "|a\nb|\n");
}

static void
test_any_line_end_ends_a_line (void)
{
  assert_events ("data: a\r\n\r\ndata: b\r\n\r\n", "|a|\n|b|\n");
  assert_events ("data: a\r\rdata: b\r\r", "|a|\n|b|\n");
  assert_events ("data: a\n\r\ndata: b\r\n\n", "|a|\n|b|\n");
  assert_events ("data: a\rdata: b\n\r", "|a\nb|\n");
  assert_events ("data: a\r\ndata: b\r\r\n", "|a\nb|\n");
  assert_events ("data: a\n\rdata: b\n\r\n", "|a|\n|b|\n");
  assert_events ("data: a\342\200\250b\302\205c\013d\014\n\n", "|a\342\200\250b\302\205c\013d\014|\n");
}

static void
test_names_without_data_are_events (void)
{
  assert_events ("event: ping\n\nevent: completion\n\n", "ping||\ncompletion||\n");
  assert_events ("event:\n\n", "");
  assert_events ("event: a\nevent: b\n\n", "b||\n");
  assert_events ("event: gone\n\ndata: x\n\n", "gone||\n|x|\n");
}

static void
test_other_lines_are_ignored (void)
{
  assert_events (": OPENROUTER PROCESSING\n\ndata: a\n\n:\n\n", "|a|\n");
  assert_events ("foo: bar\nfoo\nDATA: no\n data: no\ndata : no\n\ndata: a\n\n", "|a|\n");
}

static void
test_byte_order_mark (void)
{
  assert_events ("\357\273\277data: a\n\n", "|a|\n");
  assert_events ("\357\273\277\357\273\277data: a\n\ndata: b\n\n", "|b|\n");
  assert_events ("\n\357\273\277data: a\n\n", "");
}

static void
test_ids_last (void)
{
  assert_events ("id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", "|a|1\n|b|1\n|c|\n");
  assert_events ("id: 1\n\ndata: a\n\n", "|a|1\n");
  assert_events ("id: 1\nid: 2\0\ndata: a\n\n", "|a|1\n");
}

static void
test_bad_text_in_names_is_repaired (void)
{
  assert_events ("event: a\377\nid: \376\ndata: b\n\n", "a\357\277\275|b|\357\277\275\n");
}

static void
test_the_end_drops_what_is_not_whole (void)
{
  assert_events ("data: a", "");
  assert_events ("data: a\n", "");
  assert_events ("data: a\r\n", "");
  assert_events ("data: a\n\ndata: b", "|a|\n");
  assert_events (": nothing", "");
}

static gboolean
leaves_remainder (const char *text)
{
  g_autoptr (OaiSseParser) parser = oai_sse_parser_new ();
  g_autoptr (GString) out = g_string_new (NULL);

  feed (parser, text, strlen (text), out);

  return oai_sse_parser_has_remainder (parser);
}

static void
test_remainder_is_reported (void)
{
  g_assert_true (leaves_remainder ("data: a"));
  g_assert_true (leaves_remainder ("data: a\n"));
  g_assert_true (leaves_remainder ("data: a\n\nevent: b\n"));
  g_assert_true (leaves_remainder ("da"));
  g_assert_false (leaves_remainder ("data: a\n\n"));
  g_assert_false (leaves_remainder ("data: a\r\n\r"));
  g_assert_false (leaves_remainder ("data: a\n\n: comment"));
  g_assert_false (leaves_remainder ("data: a\n\nid: 5\n"));
  g_assert_false (leaves_remainder (""));
}

static char *
take_remainder (const char *text)
{
  g_autoptr (OaiSseParser) parser = oai_sse_parser_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  OaiSseEvent event;
  char *data;

  feed (parser, text, strlen (text), out);
  if (!oai_sse_parser_take_remainder (parser, &event))
    return NULL;
  data = g_strdup_printf ("%s|%s", event.event != NULL ? event.event : "", event.data);
  g_assert_false (oai_sse_parser_take_remainder (parser, &event));
  g_assert_false (oai_sse_parser_has_remainder (parser));

  return data;
}

static void
test_a_remainder_can_be_taken (void)
{
  const char *const cases[][2] = {
    { "data: [DONE]", "|[DONE]" },
    { "data: [DONE]\n", "|[DONE]" },
    { "data: a\n\ndata: b\ndata: c", "|b\nc" },
    { "event: x\ndata: a\r\n", "x|a" },
    { "event: x", "x|" },
    { "data: a\n\n", NULL },
    { "da", NULL },
    { ": comment", NULL }
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *taken = take_remainder (cases[i][0]);

      g_assert_cmpstr (taken, ==, cases[i][1]);
    }
}

static gint64
get_retry (const char *text)
{
  g_autoptr (OaiSseParser) parser = oai_sse_parser_new ();
  OaiSseEvent event;

  memcpy (oai_sse_parser_reserve (parser, strlen (text)), text, strlen (text));
  oai_sse_parser_commit (parser, strlen (text));
  g_assert_true (oai_sse_parser_next (parser, &event, NULL));

  return event.retry;
}

static void
test_retry_is_digits (void)
{
  g_assert_cmpint (get_retry ("data: a\n\n"), ==, -1);
  g_assert_cmpint (get_retry ("retry: 1500\ndata: a\n\n"), ==, 1500);
  g_assert_cmpint (get_retry ("retry: -1\ndata: a\n\n"), ==, -1);
  g_assert_cmpint (get_retry ("retry: 1s\ndata: a\n\n"), ==, -1);
  g_assert_cmpint (get_retry ("retry: 99999999999999999999\ndata: a\n\n"), ==, -1);
}

static char *
limit (const char *text)
{
  g_autoptr (OaiSseParser) parser = oai_sse_parser_new ();
  GString *out = g_string_new (NULL);

  oai_sse_parser_set_max_event (parser, 20);
  for (gsize i = 0; i < strlen (text); i++)
    feed (parser, text + i, 1, out);

  return g_string_free (out, FALSE);
}

static void
test_too_large_events_fail (void)
{
  g_autofree char *fits = limit ("data: 0123456789\n\ndata: 0123456789\n\n");
  g_autofree char *line = limit ("data: 0123456789012345678901234");
  g_autofree char *lines = limit ("data: 01234567\ndata: 01234567\ndata: 01234567\n\n");
  g_autofree char *comment = limit (": a comment as long as anybody likes to make it\ndata: a\n\n");

  g_assert_cmpstr (fits, ==, "|0123456789|\n|0123456789|\n");
  g_assert_true (g_str_has_prefix (line, "error"));
  g_assert_true (g_str_has_prefix (lines, "error"));
  g_assert_cmpstr (comment, ==, "|a|\n");
}

static void
test_too_large_events_stay_failed (void)
{
  g_autoptr (OaiSseParser) parser = oai_sse_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;
  OaiSseEvent event;

  oai_sse_parser_set_max_event (parser, 4);
  memcpy (oai_sse_parser_reserve (parser, 32), "data: 123456\n\ndata: 1\n\n", 23);
  oai_sse_parser_commit (parser, 23);
  g_assert_false (oai_sse_parser_next (parser, &event, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_false (oai_sse_parser_next (parser, &event, &again));
  g_assert_error (again, OAI_ERROR, OAI_ERROR_PROTOCOL);
}

/* A quadratic algorithm would exceed the time limit of a test. */
static void
test_a_huge_event_costs_what_it_weighs (void)
{
  const gsize size = 8 * 1024 * 1024;
  const char *const lines[] = { "x", "data: 0123456789\n", "data: 0123456789\r", ": comment\r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (OaiSseParser) parser = oai_sse_parser_new ();
      g_autoptr (GString) text = g_string_new ("data: ");
      OaiSseEvent event = { 0 };
      gsize n_events = 0;

      while (text->len < size)
        g_string_append (text, lines[i]);
      g_string_append (text, "\n\ndata: z\n\n");
      for (gsize at = 0; at < text->len; at++)
        {
          *oai_sse_parser_reserve (parser, 1) = text->str[at];
          oai_sse_parser_commit (parser, 1);
          n_events += oai_sse_parser_next (parser, &event, NULL) ? 1 : 0;
        }
      g_assert_cmpuint (n_events, ==, 2);
      g_assert_cmpstr (event.data, ==, "z");
    }
}

static void
test_events_can_be_written_into (void)
{
  g_autoptr (OaiSseParser) parser = oai_sse_parser_new ();
  OaiSseEvent event;

  memcpy (oai_sse_parser_reserve (parser, 32), "data: abc\n\ndata: def\n\n", 22);
  oai_sse_parser_commit (parser, 22);
  g_assert_true (oai_sse_parser_next (parser, &event, NULL));
  memset (event.data, '\n', event.length);
  g_assert_true (oai_sse_parser_next (parser, &event, NULL));
  g_assert_cmpstr (event.data, ==, "def");
  g_assert_false (oai_sse_parser_next (parser, &event, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sse/events-are-split", test_events_are_split);
  g_test_add_func ("/sse/lines-of-data-are-joined", test_lines_of_data_are_joined);
  g_test_add_func ("/sse/any-line-end-ends-a-line", test_any_line_end_ends_a_line);
  g_test_add_func ("/sse/names-without-data-are-events", test_names_without_data_are_events);
  g_test_add_func ("/sse/other-lines-are-ignored", test_other_lines_are_ignored);
  g_test_add_func ("/sse/a-byte-order-mark-is-skipped", test_byte_order_mark);
  g_test_add_func ("/sse/the-last-id-is-kept", test_ids_last);
  g_test_add_func ("/sse/invalid-text-in-names-is-replaced", test_bad_text_in_names_is_repaired);
  g_test_add_func ("/sse/an-incomplete-event-is-dropped-at-the-end", test_the_end_drops_what_is_not_whole);
  g_test_add_func ("/sse/a-remainder-is-reported", test_remainder_is_reported);
  g_test_add_func ("/sse/a-remainder-can-be-taken", test_a_remainder_can_be_taken);
  g_test_add_func ("/sse/retry-is-digits", test_retry_is_digits);
  g_test_add_func ("/sse/too-large-events-fail", test_too_large_events_fail);
  g_test_add_func ("/sse/too-large-events-stay-failed", test_too_large_events_stay_failed);
  g_test_add_func ("/sse/the-cost-of-a-huge-event-is-linear", test_a_huge_event_costs_what_it_weighs);
  g_test_add_func ("/sse/events-can-be-written-into", test_events_can_be_written_into);

  return g_test_run ();
}
