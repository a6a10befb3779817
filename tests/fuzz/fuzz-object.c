/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Objects and variants of JSON: an object that was read is written as JSON that can be read again, and
 * beginnings of the text update an object. */

#include "fuzz.h"

#include "json-types.h"
#include "oai-json-object.h"

#include <string.h>

static void
check_object (const char *json)
{
  g_autoptr(GObject) object = oai_json_to_object (TEST_TYPE_RECIPE, json, NULL);
  g_autofree char *written = object != NULL ? oai_json_from_object (object, NULL) : NULL;
  g_autoptr(GObject) again = written != NULL ? oai_json_to_object (TEST_TYPE_RECIPE, written, NULL) : NULL;

  g_assert_true (object == NULL || again != NULL);
}

static void
check_update (const char *json)
{
  g_autoptr(GObject) object = g_object_new (TEST_TYPE_RECIPE, NULL);
  g_autofree char *written = NULL;
  glong length = g_utf8_strlen (json, -1);

  for (glong i = 0; i < 8; i++)
    {
      g_autofree char *beginning = g_utf8_substring (json, 0, length * i / 8);

      oai_json_update_object (object, beginning, NULL);
    }
  oai_json_update_object (object, json, NULL);
  written = oai_json_from_object (object, NULL);
  fuzz_assert_json (written);
}

static void
check_variant (const char *type, const char *json)
{
  g_autoptr(GVariant) variant = oai_json_to_variant (G_VARIANT_TYPE (type), json, NULL);
  g_autofree char *written = variant != NULL ? oai_json_from_variant (variant) : NULL;

  g_assert_true (variant == NULL || g_variant_is_normal_form (variant));
  fuzz_assert_json (written);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gsize declared;
  g_autofree char *text = fuzz_dup_text (data, size);
  g_autofree char *json = g_utf8_make_valid (text, -1);

  if (g_once_init_enter (&declared))
    {
      json_types_declare ();
      g_once_init_leave (&declared, 1);
    }
  check_object (json);
  check_update (json);
  check_variant ("v", json);
  check_variant ("a{s(iaymsx)}", json);
  check_variant ("a{ua{og}}", json);

  return 0;
}
