/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "oai-error.h"
#include "oai-base64-private.h"
#include "oai-mime-private.h"

#define BYTES(text) text, sizeof (text) - 1

static const struct
{
  const char *data;
  gsize length;
  const char *type;
} sniffed[] = {
  { BYTES ("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image/png" },
  { BYTES ("\xff\xd8\xff\xe0\0\x10JFIF"), "image/jpeg" },
  { BYTES ("GIF87a"), "image/gif" },
  { BYTES ("GIF89a......"), "image/gif" },
  { BYTES ("RIFF\x10\0\0\0WEBPVP8 "), "image/webp" },
  { BYTES ("RIFF\x10\0\0\0WAVEfmt "), "audio/wav" },
  { BYTES ("RIFF\x10\0\0\0AVI LIST"), NULL },
  { BYTES ("ID3\x04\0"), "audio/mpeg" },
  { BYTES ("\xff\xfb\x90\x64"), "audio/mpeg" },
  { BYTES ("\xff\xf3\x84\xc4"), "audio/mpeg" },
  { BYTES ("\xff\xf1\x50\x80"), "audio/aac" },
  { BYTES ("\xff\xfe\x41\0"), NULL }, /* UTF-16 text */
  { BYTES ("\xff\xfb\xf0\0"), NULL }, /* an invalid bit rate */
  { BYTES ("OggS\0\x02"), "audio/ogg" },
  { BYTES ("fLaC\0\0"), "audio/flac" },
  { BYTES ("\0\0\0\x20" "ftypM4A \0\0"), "audio/mp4" },
  { BYTES ("\0\0\0\x20" "ftypisom\0\0"), "video/mp4" },
  { BYTES ("%PDF-1.7\n"), "application/pdf" },
  { BYTES ("\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm"), "video/webm" },
  { BYTES ("\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska"), "video/x-matroska" },
  { BYTES ("hello"), NULL },
  { BYTES (""), NULL },
};

static void
test_type_by_bytes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sniffed); i++)
    g_assert_cmpstr (oai_mime_sniff (sniffed[i].data, sniffed[i].length), ==, sniffed[i].type);
}

static void
test_type_of_truncated_bytes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sniffed); i++)
    for (gsize length = 0; length <= sniffed[i].length; length++)
      {
        g_autofree char *copy = g_memdup2 (sniffed[i].data, length);

        oai_mime_sniff (copy, length);
      }
}

static void
assert_named (const char *filename, const char *expected)
{
  g_autofree char *type = oai_mime_from_name (filename);

  g_assert_cmpstr (type, ==, expected);
}

static void
test_type_by_name (void)
{
  assert_named ("speech.mp3", "audio/mpeg");
  assert_named ("SPEECH.MP3", "audio/mpeg");
  assert_named ("train.jsonl", "application/jsonl");
  assert_named ("my-skill/SKILL.md", "text/markdown");
  assert_named ("drawing.svg", "image/svg+xml");
  assert_named ("archive.tar.zip", "application/zip");
  assert_named ("upload", "application/octet-stream");
  assert_named ("strange.oai-unknown-extension", "application/octet-stream");
  assert_named ("", "application/octet-stream");
}

static void
test_bytes_win_over_name (void)
{
  g_autofree char *png = oai_mime_guess ("photo.jpg", BYTES ("\x89PNG\r\n\x1a\n"));
  g_autofree char *text = oai_mime_guess ("notes.txt", BYTES ("hello"));
  g_autofree char *unknown = oai_mime_guess (NULL, NULL, 0);

  g_assert_cmpstr (png, ==, "image/png");
  g_assert_cmpstr (text, ==, "text/plain");
  g_assert_cmpstr (unknown, ==, "application/octet-stream");
}

static void
test_valid_types (void)
{
  g_assert_true (oai_mime_is_valid ("text/plain; charset=utf-8"));
  g_assert_false (oai_mime_is_valid ("text"));
  g_assert_false (oai_mime_is_valid ("/plain"));
  g_assert_false (oai_mime_is_valid ("text/"));
  g_assert_false (oai_mime_is_valid ("text/plain\r\nX-Injected: yes"));
  g_assert_false (oai_mime_is_valid ("text/pl\xc3\xa4in"));
}

static void
test_data_url_round_trip (void)
{
  for (gsize length = 0; length < 70; length++)
    {
      guint8 data[70];
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GBytes) back = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *url = NULL;
      g_autofree char *type = NULL;

      for (gsize i = 0; i < length; i++)
        data[i] = (guint8) (i * 37 + length);
      bytes = g_bytes_new (data, length);
      url = oai_data_url_build ("image/png", bytes);
      g_assert_true (g_str_has_prefix (url, "data:image/png;base64,"));
      back = oai_data_url_parse (url, &type, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (type, ==, "image/png");
      g_assert_true (g_bytes_equal (bytes, back));
    }
}

static void
test_data_url_finds_type (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (BYTES ("GIF89a"));
  g_autofree char *url = oai_data_url_build (NULL, bytes);

  g_assert_cmpstr (url, ==, "data:image/gif;base64,R0lGODlh");
}

static void
assert_parsed (const char *url, const char *expected_type, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *type = NULL;
  g_autoptr (GBytes) bytes = oai_data_url_parse (url, &type, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (type, ==, expected_type);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, strlen (expected));
}

static void
test_data_url_forms (void)
{
  assert_parsed ("data:,A%20brief%20note", "text/plain;charset=US-ASCII", "A brief note");
  assert_parsed ("DATA:;base64,aGk=", "text/plain;charset=US-ASCII", "hi");
  assert_parsed ("data:;charset=utf-8,hi", "text/plain;charset=utf-8", "hi");
  assert_parsed ("data:text/plain;charset=utf-8;base64,aGk", "text/plain;charset=utf-8", "hi");
  assert_parsed ("data:text/plain;BASE64,aG\nk%3D", "text/plain", "hi");
  assert_parsed ("data:text/plain;base64,Pz8_", "text/plain", "???");
  assert_parsed ("data:text/plain,", "text/plain", "");
}

static void
test_damaged_data_url (void)
{
  const char *const damaged[] = {
    "", "data:", "data:image/png;base64", "http://example.org/a,b", "data:image/png;base64,a",
    "data:image/png;base64,aG!k", "data:image/png;base64,aGk=aGk=", "data:text/plain,%zz",
  };

  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (oai_data_url_parse (damaged[i], NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_base64 (void)
{
  static const struct
  {
    const char *text;
    const char *bytes; /* NULL: damaged */
  } cases[] = {
    { "", "" }, { "aGk=", "hi" }, { "aGk", "hi" }, { " aG\r\nk= \n", "hi" }, { "Pz8_", "???" }, { "Pz8/", "???" },
    { "@@@@", NULL }, { "aGk=aGk=", NULL }, { "aGkaG", NULL }, { "aG!k", NULL }, { "a", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = oai_base64_decode (cases[i].text, strlen (cases[i].text), &error);

      if (cases[i].bytes == NULL)
        {
          g_assert_null (bytes);
          g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), cases[i].bytes, strlen (cases[i].bytes));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mime/type-by-bytes", test_type_by_bytes);
  g_test_add_func ("/mime/type-of-truncated-bytes", test_type_of_truncated_bytes);
  g_test_add_func ("/mime/type-by-name", test_type_by_name);
  g_test_add_func ("/mime/bytes-take-precedence-over-the-name", test_bytes_win_over_name);
  g_test_add_func ("/mime/valid-types", test_valid_types);
  g_test_add_func ("/mime/base64", test_base64);
  g_test_add_func ("/mime/data-url/round-trip", test_data_url_round_trip);
  g_test_add_func ("/mime/data-url/finds-type", test_data_url_finds_type);
  g_test_add_func ("/mime/data-url/forms", test_data_url_forms);
  g_test_add_func ("/mime/data-url/damaged", test_damaged_data_url);

  return g_test_run ();
}
