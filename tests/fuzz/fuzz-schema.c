/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON schemas: a line with a schema, and a value that is checked with it.  A strict schema is strict
 * already. */

#include "fuzz.h"

#include "oai-error.h"
#include "oai-json-schema.h"

#include <string.h>

static void
check_strict (OaiJsonSchema *schema, const char *value)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiJsonSchema) strict = oai_json_schema_make_strict (schema, &error);
  g_autoptr(OaiJsonSchema) again = NULL;

  if (strict == NULL)
    {
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      return;
    }

  fuzz_assert_json (oai_json_schema_get_json (strict));
  oai_json_schema_validate (strict, value, NULL);
  /* The limits may be reached. */
  again = oai_json_schema_make_strict (strict, NULL);
  if (again != NULL)
    fuzz_assert_json (oai_json_schema_get_json (again));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_dup_text (data, size);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_auto(GStrv) parts = g_strsplit (valid, "\n", 2);
  g_autoptr(OaiJsonSchema) schema = parts[0] != NULL ? oai_json_schema_new (parts[0], NULL) : NULL;
  const char *value = schema != NULL && parts[1] != NULL ? parts[1] : "{}";
  g_autoptr(GError) error = NULL;

  if (schema == NULL)
    return 0;

  if (!oai_json_schema_validate (schema, value, &error))
    {
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
  check_strict (schema, value);

  return 0;
}
