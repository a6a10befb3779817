/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Incomplete JSON: each prefix of JSON can be completed, and complete JSON is not changed. */

#include "fuzz.h"

#include "oai-json-doc-private.h"
#include "oai-json-partial-private.h"
#include "oai-json-writer-private.h"

#include <string.h>

static OaiJsonDoc *
parse (const char *text)
{
  return oai_json_doc_new_copy (text, -1, OAI_JSON_STRICT, NULL);
}

static void
check_beginnings (const char *text, OaiJsonPartial what)
{
  for (const char *end = text; *end != '\0' && end < text + 256; end = g_utf8_next_char (end))
    {
      gsize length = end - text;
      g_autofree char *beginning = g_strndup (text, length);
      g_autofree char *completed = oai_json_complete (beginning, what);

      fuzz_assert_json (completed);
    }
}

static void
check_whole (OaiJsonDoc *doc, const char *text, OaiJsonPartial what)
{
  g_autofree char *completed = oai_json_complete (text, what);
  g_autoptr(OaiJsonDoc) again = completed != NULL ? parse (completed) : NULL;
  g_autoptr(GString) first = g_string_new (NULL);
  g_autoptr(GString) second = g_string_new (NULL);
  OaiJsonType type = oai_json_get_type (doc, 0);

  /* More digits of a number can follow. */
  if (type == OAI_JSON_INT || type == OAI_JSON_DOUBLE)
    return;

  g_assert_nonnull (again);
  oai_json_write_node (first, doc, 0);
  oai_json_write_node (second, again, 0);
  g_assert_cmpstr (first->str, ==, second->str);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  OaiJsonPartial what = fuzz_take_byte (&data, &size) % 2 == 0 ? OAI_JSON_PARTIAL_NUMBERS : OAI_JSON_PARTIAL_STRINGS;
  g_autofree char *text = fuzz_dup_text (data, size);
  g_autofree char *completed = oai_json_complete (text, what);
  g_autoptr(OaiJsonDoc) doc = parse (text);

  if (doc == NULL)
    return 0;

  fuzz_assert_json (completed);
  check_whole (doc, text, what);
  check_beginnings (text, what);

  return 0;
}
