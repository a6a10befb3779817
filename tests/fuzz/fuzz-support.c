/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include "oai-json-doc-private.h"

#include <string.h>

/* A shorter part of a secret can occur in a text by chance. */
#define PART_LENGTH 8

guint8
fuzz_take_byte (const uint8_t **data, size_t *size)
{
  if (*size == 0)
    return 0;

  (*size)--;

  return *(*data)++;
}

char *
fuzz_dup_text (const uint8_t *data, size_t size)
{
  const uint8_t *end = size > 0 ? memchr (data, '\0', size) : NULL;

  return g_strndup (size > 0 ? (const char *) data : "", end != NULL ? (gsize) (end - data) : size);
}

GBytes *
fuzz_echo_secret (const uint8_t *data, size_t size)
{
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < size; i++)
    if (data[i] == FUZZ_ECHO)
      g_string_append (text, FUZZ_SECRET);
    else
      g_string_append_c (text, (char) data[i]);

  return g_string_free_to_bytes (text);
}

void
fuzz_assert_text (const char *text)
{
  g_assert_true (text == NULL || g_utf8_validate (text, -1, NULL));
}

void
fuzz_assert_json (const char *text)
{
  g_autoptr(OaiJsonDoc) doc = text == NULL ? NULL : oai_json_doc_new_copy (text, -1, OAI_JSON_STRICT, NULL);

  g_assert_true (text == NULL || doc != NULL);
}

void
fuzz_assert_error (gboolean success, const GError *error)
{
  g_assert_true (success == (error == NULL));
  if (error == NULL)
    return;

  fuzz_assert_text (error->message);
  g_assert_cmpstr (error->message, !=, "");
}

void
fuzz_assert_redacted (const char *text, const uint8_t *data, size_t size)
{
  const char *const secret = FUZZ_SECRET;
  const char *end = secret + strlen (secret) - PART_LENGTH;

  for (const char *part = secret; text != NULL && part <= end; part++)
    if (strstr (text, part) != NULL || memmem (text, strlen (text), part, PART_LENGTH) != NULL)
      g_assert_nonnull (memmem (data, size, part, PART_LENGTH));
}
