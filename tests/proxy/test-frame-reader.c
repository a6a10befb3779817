/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The frames of WebSocket connections of the proxy: RFC 6455. */

#include <string.h>

#include "oai-frame-reader-private.h"

#define MAX_SIZE 100000

typedef struct
{
  const char *name;
  gboolean masked;      /* as a client does; the mask is 01 02 03 04 */
  const char *frames;   /* hexadecimal: "head payload;head payload"; the length and the mask are added */
  const char *expected; /* the events, with spaces between them */
} Case;

/* T: text, B: binary, P: ping, Q: pong, C: close with its code, X: invalid with its code; the number is that of bytes */
static const Case cases[] = {
  { "empty text", TRUE, "81", "T0" },
  { "empty binary", TRUE, "82", "B0" },
  { "text", TRUE, "81 68c3a4", "T3" },
  { "text with NUL", TRUE, "81 006100", "T3" },
  { "of a server", FALSE, "81 68c3a4;82 ff", "T3 B1" },
  { "parts", TRUE, "01 61;00 62;80 63", "T3" },
  { "empty parts", TRUE, "01;00;80", "T0" },
  { "binary parts", TRUE, "02 ff;80 fe", "B2" },
  { "character in two parts", TRUE, "01 c3;80 a4", "T2" },
  { "character in four parts", TRUE, "01 f0;00 9f;00 98;80 80", "T4" },
  { "ping", TRUE, "89 6162", "P2" },
  { "pong", TRUE, "8a 6162", "Q2" },
  { "ping within a message", TRUE, "01 61;89 70;80 62", "P1 T2" },
  { "close within a message", TRUE, "01 61;88 03e8", "C1000" },
  { "close without code", TRUE, "88", "C1005" },
  { "close with reason", TRUE, "88 03e9c3a4", "C1001" },
  { "close by a program", TRUE, "88 0bb8;", "C3000" },
  { "close 4999", TRUE, "88 1387", "C4999" },
  { "close 1014", TRUE, "88 03f6", "C1014" },

  { "reserved bit 1", TRUE, "c1 61", "X1002" },
  { "reserved bit 2", TRUE, "a1 61", "X1002" },
  { "reserved bit 3", TRUE, "91 61", "X1002" },
  { "reserved bit of a ping", TRUE, "c9", "X1002" },
  { "reserved bit after a message", TRUE, "81 61;c1 61", "T1 X1002" },
  { "opcode 3", TRUE, "83", "X1002" },
  { "opcode 7", TRUE, "87", "X1002" },
  { "opcode 11", TRUE, "8b", "X1002" },
  { "opcode 15", TRUE, "8f", "X1002" },
  { "ping in parts", TRUE, "09;80", "X1002" },
  { "pong in parts", TRUE, "0a", "X1002" },
  { "close in parts", TRUE, "08", "X1002" },
  { "continuation of nothing", TRUE, "80", "X1002" },
  { "continuation after a message", TRUE, "81 61;80", "T1 X1002" },
  { "text within a message", TRUE, "01 61;81 61", "X1002" },
  { "binary within a message", TRUE, "01 61;82 61", "X1002" },
  { "invalid byte", TRUE, "81 61ff", "X1007" },
  { "invalid byte in a part", TRUE, "01 61ff;80 61", "X1007" },
  { "incomplete character", TRUE, "81 61c3", "X1007" },
  { "incomplete character in the last part", TRUE, "01 61;80 c3", "X1007" },
  { "overlong", TRUE, "81 c080", "X1007" },
  { "overlong, begun", TRUE, "01 e080", "X1007" },
  { "surrogate", TRUE, "01 eda0", "X1007" },
  { "beyond Unicode", TRUE, "01 f490", "X1007" },
  { "first byte f5", TRUE, "01 f5", "X1007" },
  { "continuation byte first", TRUE, "01 80", "X1007" },
  { "half of a code", TRUE, "88 03", "X1002" },
  { "code 0", TRUE, "88 0000", "X1002" },
  { "code 999", TRUE, "88 03e7", "X1002" },
  { "code 1004", TRUE, "88 03ec", "X1002" },
  { "code 1005", TRUE, "88 03ed", "X1002" },
  { "code 1006", TRUE, "88 03ee", "X1002" },
  { "code 1015", TRUE, "88 03f7", "X1002" },
  { "code 1016", TRUE, "88 03f8", "X1002" },
  { "code 2999", TRUE, "88 0bb7", "X1002" },
  { "code 5000", TRUE, "88 1388", "X1002" },
  { "invalid reason", TRUE, "88 03e8c3", "X1007" },
};

static void
append_hex (GByteArray *bytes, const char *hex)
{
  for (; hex != NULL && g_ascii_isxdigit (hex[0]); hex += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));

      g_byte_array_append (bytes, &byte, 1);
    }
}

static void
append_frame (GByteArray *bytes, const char *text, gboolean masked)
{
  g_autoptr(GByteArray) payload = g_byte_array_new ();
  guint8 head[] = { 0, 0, 1, 2, 3, 4 };

  append_hex (payload, strchr (text, ' ') != NULL ? strchr (text, ' ') + 1 : NULL);
  head[0] = (guint8) (g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]));
  head[1] = (guint8) (payload->len | (masked ? 0x80 : 0));
  g_byte_array_append (bytes, head, masked ? 6 : 2);
  for (guint i = 0; masked && i < payload->len; i++)
    payload->data[i] ^= head[2 + i % 4];
  if (payload->len > 0)
    g_byte_array_append (bytes, payload->data, payload->len);
}

static GByteArray *
make_bytes (const Case *row)
{
  g_auto(GStrv) frames = g_strsplit (row->frames, ";", -1);
  GByteArray *bytes = g_byte_array_new ();

  for (guint i = 0; frames[i] != NULL; i++)
    if (*frames[i] != '\0')
      append_frame (bytes, frames[i], row->masked);

  return bytes;
}

static void
append_event (GString *events, const OaiFrameReader *reader, OaiFrameEvent event)
{
  const char *space = events->len > 0 ? " " : "";

  if (event == OAI_FRAME_EVENT_MESSAGE)
    g_string_append_printf (events, "%s%c%u", space, oai_frame_reader_is_text (reader) ? 'T' : 'B', reader->message->len);
  else if (event == OAI_FRAME_EVENT_PING || event == OAI_FRAME_EVENT_PONG)
    g_string_append_printf (events, "%s%c%u", space, event == OAI_FRAME_EVENT_PING ? 'P' : 'Q', reader->n_control);
  else if (event == OAI_FRAME_EVENT_CLOSE || event == OAI_FRAME_EVENT_INVALID)
    g_string_append_printf (events, "%s%c%u", space, event == OAI_FRAME_EVENT_CLOSE ? 'C' : 'X', reader->close_code);
}

/* Reads the bytes in chunks, each from memory of exactly its size.  step: 0 for chunks of random sizes. */
static char *
play (GByteArray *bytes, gboolean masked, gsize step)
{
  GString *events = g_string_new (NULL);
  OaiFrameReader reader;
  OaiFrameEvent event = OAI_FRAME_EVENT_NONE;

  oai_frame_reader_init (&reader, masked, MAX_SIZE);
  for (gsize at = 0; at < bytes->len && event != OAI_FRAME_EVENT_INVALID;)
    {
      gsize wanted = step > 0 ? step : (gsize) g_test_rand_int_range (1, 20);
      gsize size = MIN (bytes->len - at, wanted);
      g_autofree guint8 *chunk = g_memdup2 (bytes->data + at, size);

      at += size;
      for (gsize n = 0; n < size && event != OAI_FRAME_EVENT_INVALID;)
        {
          n += oai_frame_reader_feed (&reader, chunk + n, size - n, &event);
          append_event (events, &reader, event);
        }
    }
  oai_frame_reader_clear (&reader);

  return g_string_free (events, FALSE);
}

static void
assert_events (GByteArray *bytes, gboolean masked, const char *expected)
{
  static const gsize steps[] = { G_MAXSIZE, 1, 2, 3, 7, 0, 0, 0, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *events = play (bytes, masked, steps[i]);

      g_assert_cmpstr (events, ==, expected);
    }
}

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GByteArray) bytes = make_bytes (&cases[i]);

      g_test_message ("%s", cases[i].name);
      assert_events (bytes, cases[i].masked, cases[i].expected);
    }
}

/* Clients mask their frames, and servers do not. */
static void
test_masks (void)
{
  static const Case row = { "", TRUE, "81 61", NULL };
  static const Case plain = { "", FALSE, "81 61", NULL };
  g_autoptr(GByteArray) of_client = make_bytes (&row);
  g_autoptr(GByteArray) of_server = make_bytes (&plain);

  assert_events (of_client, TRUE, "T1");
  assert_events (of_client, FALSE, "X1002");
  assert_events (of_server, FALSE, "T1");
  assert_events (of_server, TRUE, "X1002");
}

static void
assert_head (const char *hex, const char *expected)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();

  append_hex (bytes, hex);
  assert_events (bytes, TRUE, expected);
}

static void
test_lengths (void)
{
  assert_head ("82fe007d01020304", "X1002");         /* 125 in two bytes */
  assert_head ("82fe007e01020304", "");
  assert_head ("82ff000000000000ffff01020304", "X1002"); /* 65535 in eight bytes */
  assert_head ("82ff000000000001000001020304", "");
  assert_head ("82ff00000000000186a001020304", "");  /* 100000 */
  assert_head ("82ff00000000000186a101020304", "X1009");
  assert_head ("82ff7fffffffffffffff01020304", "X1009");
  assert_head ("82ff800000000000000001020304", "X1002");
  assert_head ("89fe007e01020304", "X1002");
  assert_head ("89ff000000000001000001020304", "X1002");
}

/* The limit is that of the message, and not of a frame. */
static void
test_large_messages (void)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  g_autofree char *zeros = g_malloc0 (MAX_SIZE);
  g_autofree char *whole = NULL;
  g_autofree char *parts = NULL;

  oai_frame_append (bytes, OAI_FRAME_BINARY, zeros, MAX_SIZE, TRUE);
  oai_frame_append (bytes, OAI_FRAME_BINARY, zeros, MAX_SIZE, TRUE);
  whole = play (bytes, TRUE, 1000);
  g_assert_cmpstr (whole, ==, "B100000 B100000");

  g_byte_array_set_size (bytes, 0);
  oai_frame_append (bytes, OAI_FRAME_BINARY, zeros, MAX_SIZE, TRUE);
  bytes->data[0] &= 0x7f;
  oai_frame_append (bytes, OAI_FRAME_PING, zeros, 125, TRUE);
  oai_frame_append (bytes, OAI_FRAME_CONTINUATION, zeros, 1, TRUE);
  parts = play (bytes, TRUE, 1000);
  g_assert_cmpstr (parts, ==, "P125 X1009");
}

/* What is written is read again. */
static void
test_round_trip (void)
{
  static const gsize sizes[] = { 0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536, 99999 };
  g_autofree guint8 *payload = g_malloc (MAX_SIZE);

  for (gsize i = 0; i < MAX_SIZE; i++)
    payload[i] = (guint8) (i * 7);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (sizes); i++)
    {
      gboolean masked = i % 2 == 0;
      gsize size = sizes[i / 2];
      g_autoptr(GByteArray) bytes = g_byte_array_new ();
      OaiFrameReader reader;
      OaiFrameEvent event = OAI_FRAME_EVENT_NONE;

      oai_frame_append (bytes, OAI_FRAME_BINARY, payload, size, masked);
      oai_frame_reader_init (&reader, masked, MAX_SIZE);
      for (gsize at = 0; at < bytes->len;)
        at += oai_frame_reader_feed (&reader, bytes->data + at, MIN (bytes->len - at, 1001), &event);
      g_assert_cmpint (event, ==, OAI_FRAME_EVENT_MESSAGE);
      if (size > 0)
        g_assert_cmpmem (reader.message->data, reader.message->len, payload, size);
      oai_frame_reader_clear (&reader);
    }
}

static void
assert_close (guint code, const char *reason, gsize expected)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  OaiFrameReader reader;
  OaiFrameEvent event;
  gsize length;

  oai_frame_append_close (bytes, code, reason, strlen (reason), FALSE);
  oai_frame_reader_init (&reader, FALSE, MAX_SIZE);
  g_assert_cmpuint (oai_frame_reader_feed (&reader, bytes->data, bytes->len, &event), ==, bytes->len);
  g_assert_cmpint (event, ==, OAI_FRAME_EVENT_CLOSE);
  g_assert_cmpuint (reader.close_code, ==, code);
  g_assert_cmpmem (oai_frame_reader_get_reason (&reader, &length), expected, reason, expected);
  g_assert_cmpuint (length, ==, expected);
  oai_frame_reader_clear (&reader);
}

/* A reason is truncated at a character. */
static void
test_close (void)
{
  g_autoptr(GString) reason = g_string_new ("a");

  while (reason->len < 500)
    g_string_append (reason, "\303\244");
  assert_close (OAI_CLOSE_NONE, "", 0);
  assert_close (OAI_CLOSE_NORMAL, "", 0);
  assert_close (4000, "bye", 3);
  assert_close (OAI_CLOSE_GOING_AWAY, reason->str, 123);
  g_string_prepend_c (reason, 'a');
  assert_close (OAI_CLOSE_GOING_AWAY, reason->str, 122);
}

/* Any bytes are read alike in any chunks. */
static void
test_random (void)
{
  for (guint i = 0; i < 3000; i++)
    {
      g_autoptr(GByteArray) bytes = g_byte_array_new ();
      g_autofree char *whole = NULL;
      g_autofree char *split = NULL;
      guint n = (guint) g_test_rand_int_range (1, 8);

      for (guint frame = 0; frame < n; frame++)
        {
          static const guint opcodes[] = { 0, 1, 2, 8, 9, 10 };
          char payload[] = "\303\244\360\237\230\200 text";
          guint at;

          at = bytes->len;
          oai_frame_append (bytes, opcodes[g_test_rand_int_range (0, 6)], payload, (gsize) g_test_rand_int_range (0, sizeof payload), TRUE);
          if (g_test_rand_bit ())
            bytes->data[at] &= 0x7f;
          if (g_test_rand_int_range (0, 10) == 0)
            bytes->data[g_test_rand_int_range ((gint32) at, (gint32) bytes->len)] ^= (guint8) g_test_rand_int ();
        }
      whole = play (bytes, TRUE, G_MAXSIZE);
      split = play (bytes, TRUE, 0);
      g_assert_cmpstr (whole, ==, split);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/proxy/frame-reader/cases", test_cases);
  g_test_add_func ("/proxy/frame-reader/masks", test_masks);
  g_test_add_func ("/proxy/frame-reader/lengths", test_lengths);
  g_test_add_func ("/proxy/frame-reader/large-messages", test_large_messages);
  g_test_add_func ("/proxy/frame-reader/round-trip", test_round_trip);
  g_test_add_func ("/proxy/frame-reader/close", test_close);
  g_test_add_func ("/proxy/frame-reader/random", test_random);

  return g_test_run ();
}
