/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Media types of bytes, and data URLs: a type is valid in a header, and a URL contains the
 * original bytes. */

#include "fuzz.h"

#include "oai-mime-private.h"

#include <string.h>

static void
check_type (const char *type)
{
  g_assert_true (type == NULL || oai_mime_is_valid (type));
}

static void
check_round_trip (const char *type, const uint8_t *data, size_t size)
{
  g_autoptr(GBytes) bytes = g_bytes_new (data, size);
  g_autofree char *url = oai_data_url_build (type, bytes);
  g_autofree char *parsed_type = NULL;
  g_autoptr(GBytes) parsed = oai_data_url_parse (url, &parsed_type, NULL);

  g_assert_nonnull (parsed);
  g_assert_true (g_bytes_equal (bytes, parsed));
  if (type != NULL)
    g_assert_cmpstr (parsed_type, ==, type);
}

static void
check_url (const char *text)
{
  g_autofree char *url = g_strconcat ("data:", text, NULL);
  g_autofree char *type = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = oai_data_url_parse (url, &type, &error);

  fuzz_assert_error (bytes != NULL, error);
  g_assert_true ((bytes != NULL) == (type != NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  g_autofree char *text = fuzz_dup_text (data, size);
  const char *sniffed = oai_mime_sniff (data, size);
  g_autofree char *guessed = oai_mime_guess (NULL, data, size);

  check_type (sniffed);
  check_type (guessed);
  /* 64 bytes are enough. */
  g_assert_cmpstr (sniffed, ==, oai_mime_sniff (data, MIN (size, 64)));
  if (oai_mime_is_valid (text))
    g_assert_null (strpbrk (text, "\r\n"));
  if (choice % 2 == 0)
    check_url (text);
  else
    check_round_trip (choice & 2 ? "image/png" : NULL, data, size);

  return 0;
}
