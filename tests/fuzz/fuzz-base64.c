/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Base64: the decoded bytes are the encoded bytes, for any split of the text. */

#include "fuzz.h"

#include "oai-base64-private.h"
#include "oai-mime-private.h"

#include <string.h>

/* Decodes groups of 4 characters.  Unlike in a single Base64 text, padding can be followed
 * by further groups.  NULL if the text is not Base64. */
static GByteArray *
decode_pieces (const char *text, gsize length, gsize step)
{
  OaiBase64Decoder decoder = { 0 };
  g_autoptr(GByteArray) out = g_byte_array_new ();
  g_autoptr(GBytes) rest = NULL;

  for (gsize at = 0; at < length; at += step)
    {
      g_autoptr(GBytes) piece = oai_base64_decoder_add (&decoder, text + at, MIN (step, length - at));

      if (piece == NULL)
        return NULL;
      g_byte_array_append (out, g_bytes_get_data (piece, NULL), g_bytes_get_size (piece));
    }
  rest = oai_base64_decoder_end (&decoder);
  if (rest == NULL)
    return NULL;
  g_byte_array_append (out, g_bytes_get_data (rest, NULL), g_bytes_get_size (rest));

  return g_steal_pointer (&out);
}

static void
check_text (const uint8_t *data, size_t size, gsize step)
{
  const char *text = (const char *) data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) decoded = oai_base64_decode (text, size, &error);
  g_autoptr(GByteArray) whole = decode_pieces (text, size, MAX (size, 1));
  g_autoptr(GByteArray) pieces = decode_pieces (text, size, step);

  fuzz_assert_error (decoded != NULL, error);
  g_assert_true ((whole != NULL) == (pieces != NULL));
  if (whole != NULL)
    g_assert_cmpmem (whole->data, whole->len, pieces->data, pieces->len);
  if (decoded == NULL)
    return;

  /* Valid Base64 text is also valid if it is split. */
  g_assert_nonnull (whole);
  g_assert_cmpmem (whole->data, whole->len, g_bytes_get_data (decoded, NULL), g_bytes_get_size (decoded));
}

static void
check_round_trip (const uint8_t *data, size_t size, gsize step)
{
  g_autofree char *text = g_base64_encode (data, size);
  g_autoptr(GByteArray) pieces = decode_pieces (text, strlen (text), step);
  g_autoptr(GBytes) decoded = oai_base64_decode (text, strlen (text), NULL);

  g_assert_nonnull (decoded);
  g_assert_nonnull (pieces);
  g_assert_cmpmem (pieces->data, pieces->len, data, size);
  g_assert_cmpmem (g_bytes_get_data (decoded, NULL), g_bytes_get_size (decoded), data, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  gsize step = 1 + choice / 2 % 16;

  if (choice % 2 == 0)
    check_text (data, size, step);
  else
    check_round_trip (data, size, step);

  return 0;
}
