/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON as a query: names and values with any characters stay separate. */

#include "fuzz.h"

#include "oai-json-doc-private.h"
#include "oai-query-private.h"

#include <string.h>

static void
check_query (const char *query)
{
  g_auto(GStrv) pairs = NULL;

  if (query == NULL || *query == '\0')
    return;

  for (const char *p = query; *p != '\0'; p++)
    g_assert_true (g_ascii_isalnum (*p) || strchr ("-._~%&=[],+!*'();:@/?$", *p) != NULL);
  pairs = g_strsplit (query, "&", -1);
  for (guint i = 0; pairs[i] != NULL; i++)
    {
      const char *equals = strchr (pairs[i], '=');
      g_autofree char *value = NULL;

      g_assert_nonnull (equals);
      g_assert_null (strchr (equals + 1, '='));
      value = g_uri_unescape_string (equals + 1, NULL);
      g_assert_nonnull (value);
      fuzz_assert_text (value);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy ((const char *) data, (gssize) size, OAI_JSON_TOLERANT, NULL);
  g_autofree char *query = NULL;

  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    return 0;

  query = oai_query_encode (doc, 0, choice % 4, choice / 4 % 2);
  check_query (query);

  return 0;
}
