/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mock-wav-private.h"

#include <string.h>

#define RATE 8000
#define SAMPLES_PER_WORD 800

static void
add_u32 (GByteArray *bytes, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (bytes, (guint8 *) &value, sizeof value);
}

static void
add_u16 (GByteArray *bytes, guint16 value)
{
  value = GUINT16_TO_LE (value);
  g_byte_array_append (bytes, (guint8 *) &value, sizeof value);
}

static void
add_mark (GByteArray *bytes, const char *mark)
{
  g_byte_array_append (bytes, (const guint8 *) mark, 4);
}

/* A tone of a tenth of a second for each word; the first letter of the word determines the pitch. */
static void
add_word (GByteArray *bytes, char letter)
{
  guint period = 16 + (guint8) letter % 32;

  for (guint i = 0; i < SAMPLES_PER_WORD; i++)
    add_u16 (bytes, (guint16) (gint16) (i % period < period / 2 ? 6000 : -6000));
}

/* A mono WAV file with 16-bit samples, which represents @text. */
GBytes *
_oai_mock_wav_new (const char *text)
{
  GByteArray *bytes = g_byte_array_new ();
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  guint32 length = g_strv_length (words) * SAMPLES_PER_WORD * 2;

  add_mark (bytes, "RIFF");
  add_u32 (bytes, 36 + length);
  add_mark (bytes, "WAVE");
  add_mark (bytes, "fmt ");
  add_u32 (bytes, 16);
  add_u16 (bytes, 1);
  add_u16 (bytes, 1);
  add_u32 (bytes, RATE);
  add_u32 (bytes, RATE * 2);
  add_u16 (bytes, 2);
  add_u16 (bytes, 16);
  add_mark (bytes, "data");
  add_u32 (bytes, length);
  for (guint i = 0; words[i] != NULL; i++)
    add_word (bytes, words[i][0]);

  return g_byte_array_free_to_bytes (bytes);
}
