/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "json-types.h"
#include "oai-error.h"
#include "oai-json-object.h"
#include "oai-json-schema.h"
#include "record-types.h"

#define STEP(text, minutes) "{\"text\":\"" text "\",\"minutes\":" #minutes "}"

static const char recipe_json[] =
  "{\"title\":\"Soup\",\"cook_time\":30,\"rating\":4.5,\"vegan\":true,\"unit\":\"path\",\"flags\":[\"needs-terminal\",\"supports-uris\"],"
  "\"tags\":[\"hot\",\"quick\"],\"created\":\"2026-01-31T12:00:00Z\",\"day\":\"2026-02-01\",\"image\":\"AAEC\",\"main_step\":" STEP ("Boil", 20) ","
  "\"steps\":[" STEP ("Chop", 5) "," STEP ("Boil", 20) "],\"notes\":[\"a\",\"b\"],\"others\":[" STEP ("Wait", 1) "],\"extra\":{\"salt\":2},"
  "\"link\":\"https://example.com/\",\"nickname\":null,\"servings\":2,\"fixed_steps\":[" STEP ("Serve", 1) "]}";

static GObject *
read_object (GType type, const char *json)
{
  g_autoptr (GError) error = NULL;
  GObject *object = oai_json_to_object (type, json, &error);

  g_assert_no_error (error);
  g_assert_nonnull (object);

  return object;
}

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TestRecipe) recipe = TEST_RECIPE (read_object (TEST_TYPE_RECIPE, recipe_json));
  g_autofree char *json = oai_json_from_object (G_OBJECT (recipe), &error);
  g_auto (GStrv) tags = NULL;
  g_autoptr (GListModel) steps = NULL;
  g_autoptr (TestStep) step = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (json, ==, recipe_json);
  g_object_get (recipe, "tags", &tags, "steps", &steps, NULL);
  g_assert_cmpstr (tags[1], ==, "quick");
  step = g_list_model_get_item (steps, 1);
  g_assert_true (TEST_IS_STEP (step));
  g_assert_cmpint (step->minutes, ==, 20);
}

/* The JSON of the object fits its schema, also after the schema was made strict. */
static void
test_schema (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonSchema) schema = oai_json_schema_new_for_type (TEST_TYPE_RECIPE, &error);
  g_autoptr (OaiJsonSchema) step = oai_json_schema_new_for_type (TEST_TYPE_STEP, NULL);
  g_autoptr (OaiJsonSchema) strict = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (oai_json_schema_get_json (step), ==,
                   "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\",\"description\":\"What to do\"},"
                   "\"minutes\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":600}},\"required\":[\"text\",\"minutes\"]}");
  g_assert_true (oai_json_schema_validate (schema, recipe_json, &error));
  g_assert_no_error (error);
  g_test_message ("%s", oai_json_schema_get_json (schema));

  strict = oai_json_schema_make_strict (schema, &error);
  g_assert_null (strict);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  strict = oai_json_schema_make_strict (step, &error);
  g_assert_no_error (error);
  g_assert_true (oai_json_schema_validate (strict, STEP ("Boil", 20), &error));
}

static void
test_schema_parts (void)
{
  g_autoptr (OaiJsonSchema) schema = oai_json_schema_new_for_type (TEST_TYPE_RECIPE, NULL);
  const char *json = oai_json_schema_get_json (schema);

  g_assert_nonnull (strstr (json, "\"title\":{\"type\":\"string\",\"description\":\"Name of the dish\"}"));
  g_assert_nonnull (strstr (json, "\"cook_time\":{\"type\":[\"integer\",\"null\"],\"minimum\":1,\"maximum\":1000,\"default\":1}"));
  g_assert_nonnull (strstr (json, "\"flags\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":["));
  g_assert_nonnull (strstr (json, "\"created\":{\"type\":\"string\",\"format\":\"date-time\"}"));
  g_assert_nonnull (strstr (json, "\"image\":{\"type\":\"string\",\"description\":\"A photo (Base64)\"}"));
  g_assert_nonnull (strstr (json, "\"main_step\":{\"$ref\":\"#/$defs/TestStep\",\"description\":\"The most important step\"}"));
  g_assert_nonnull (strstr (json, "\"extra\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\",\"minimum\":-2147483648,\"maximum\":2147483647}}"));
  g_assert_nonnull (strstr (json, "\"nickname\":{\"type\":[\"string\",\"null\"]}"));
  g_assert_nonnull (strstr (json, "\"servings\":{\"type\":[\"integer\",\"null\"],\"default\":4}"));
  g_assert_nonnull (strstr (json, "\"link\":{\"type\":\"string\",\"description\":\"URI\"}"));
  g_assert_null (strstr (json, "cache"));
}

static void
assert_no_object (const char *member, const char *json, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (recipe_json);
  g_autofree char *added = g_strdup_printf (",\"%s\":%s}", member, json);

  g_string_truncate (text, text->len - 1);
  g_string_append (text, added);
  g_assert_null (oai_json_to_object (TEST_TYPE_RECIPE, text->str, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_errors (void)
{
  g_autoptr (GError) error = NULL;

  assert_no_object ("title", "7", "“title” must be a string, not an integer");
  assert_no_object ("title", "null", "“title” must be a string, not null");
  assert_no_object ("cook_time", "0", "“cook_time” must be at least 1");
  assert_no_object ("cook_time", "1e300", "“cook_time” must be at most 1000");
  assert_no_object ("servings", "99999999999", "“servings” must be an integer in the range of its type");
  assert_no_object ("unit", "\"furlong\"", "“unit” must be one of \"invalid\", \"anonymous\", \"path\", \"abstract\", \"abstract-padded\"");
  assert_no_object ("flags", "[\"x\"]", "“flags[0]” must be one of \"needs-terminal\", \"supports-uris\", \"supports-startup-notification\"");
  assert_no_object ("created", "\"yesterday\"", "“created” must be a date and time such as 2026-01-31T12:00:00Z");
  assert_no_object ("day", "\"2026-02-30\"", "“day” must be a date such as 2026-01-31");
  assert_no_object ("image", "\"###\"", "“image” must be Base64 text");
  assert_no_object ("image", "\"A\"", "“image” must be Base64 text");
  assert_no_object ("link", "\"::\"", "“link” must be a URI");
  assert_no_object ("steps", "[7]", "“steps[0]” must be an object, not an integer");
  assert_no_object ("steps", "[{\"text\":\"a\"}]", "“steps[0].minutes” is required");
  assert_no_object ("notes", "[null]", "“notes[0]” must be a string, not null");
  assert_no_object ("extra", "{\"a\":3000000000}", "“extra.a” must be at most 2147483647");

  g_assert_null (oai_json_to_object (TEST_TYPE_STEP, "[]", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (oai_json_to_object (G_TYPE_APPLICATION, "{}", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

/* The message contains the property, since a program may not know where the type is used. */
static void
test_other_types (void)
{
  g_autoptr (GParamSpec) pspec = g_param_spec_ref_sink (g_param_spec_boxed ("cook-table", NULL, NULL, G_TYPE_HASH_TABLE, G_PARAM_READWRITE));
  g_autoptr (GParamSpec) list = g_param_spec_ref_sink (g_param_spec_object ("small-steps", NULL, NULL, G_TYPE_LIST_MODEL, G_PARAM_READWRITE));
  g_autoptr (GSimpleAction) action = g_simple_action_new ("a", G_VARIANT_TYPE_STRING);
  g_autoptr (GError) error = NULL;

  g_assert_null (oai_json_schema_new_for_properties (&list, 1, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, "The type of the items of the list “small_steps” is not known. Declare it with oai_json_set_item_type()");
  g_clear_error (&error);
  g_assert_null (oai_json_schema_new_for_properties (&pspec, 1, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, "The type of the property “cook_table”, GHashTable, has no JSON form");
  g_clear_error (&error);
  g_assert_null (oai_json_from_object (G_OBJECT (action), &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, "The type of the property “parameter_type”, GVariantType, has no JSON form");
  g_clear_error (&error);
  g_assert_null (oai_json_schema_new_for_type (G_TYPE_HASH_TABLE, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, "The type GHashTable has no JSON form");
}

/* Updates */

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer data)
{
  GString *log = data;

  g_string_append_printf (log, "%s ", pspec->name);
}

/* Each beginning of the text is set, as it arrives, in the same objects. */
static void
test_update (void)
{
  g_autoptr (TestRecipe) recipe = g_object_new (TEST_TYPE_RECIPE, NULL);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GListModel) first = NULL;
  g_autoptr (TestStep) first_step = NULL;
  g_autofree char *json = NULL;

  g_signal_connect (recipe, "notify", G_CALLBACK (count_notify), log);
  for (gsize i = 0; i <= strlen (recipe_json); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *beginning = g_strndup (recipe_json, i);

      g_assert_true (oai_json_update_object (G_OBJECT (recipe), beginning, &error));
      g_assert_no_error (error);
      if (first == NULL)
        g_object_get (recipe, "steps", &first, NULL);
      if (first != NULL && first_step == NULL)
        first_step = g_list_model_get_item (first, 0);
    }

  json = oai_json_from_object (G_OBJECT (recipe), NULL);
  g_assert_cmpstr (json, ==, recipe_json);
  g_assert_true (g_str_has_prefix (log->str, "title title title title title cook-time "));
  g_assert_cmpstr (first_step->text, ==, "Chop");
  g_assert_cmpint (first_step->minutes, ==, 5);
  g_assert_cmpuint (g_list_model_get_n_items (first), ==, 2);

  g_string_truncate (log, 0);
  g_assert_true (oai_json_update_object (G_OBJECT (recipe), recipe_json, NULL));
  g_assert_cmpstr (log->str, ==, "");
}

/* An item is added as soon as its members fit, although others have not arrived. */
static void
test_update_list (void)
{
  g_autoptr (TestRecipe) recipe = g_object_new (TEST_TYPE_RECIPE, NULL);
  g_autoptr (GListModel) steps = NULL;
  g_autoptr (TestStep) step = NULL;

  g_assert_true (oai_json_update_object (G_OBJECT (recipe), "{\"steps\":[", NULL));
  g_object_get (recipe, "steps", &steps, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (steps), ==, 0);
  g_assert_true (oai_json_update_object (G_OBJECT (recipe), "{\"steps\":[{\"minutes\":7000,", NULL));
  g_assert_cmpuint (g_list_model_get_n_items (steps), ==, 0);
  g_assert_true (oai_json_update_object (G_OBJECT (recipe), "{\"steps\":[{\"minutes\":7,\"text\":\"Ch", NULL));
  step = g_list_model_get_item (steps, 0);
  g_assert_cmpstr (step->text, ==, "Ch");
  g_assert_true (oai_json_update_object (G_OBJECT (recipe), "{\"steps\":[{\"minutes\":7,\"text\":\"Chop\"}", NULL));
  g_assert_cmpstr (step->text, ==, "Chop");
}

static void
test_update_errors (void)
{
  g_autoptr (TestStep) step = g_object_new (TEST_TYPE_STEP, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (oai_json_update_object (G_OBJECT (step), "{\"text\":\"a\",\"minutes\":7000}", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_cmpstr (step->text, ==, "a");
  g_assert_cmpint (step->minutes, ==, 0);
  g_assert_false (oai_json_update_object (G_OBJECT (step), "{\"text\":}", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_json_update_object (G_OBJECT (step), "[1]", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
drop_steps (GListModel *list, guint position, guint removed, guint added, gpointer data)
{
  if (added > 0)
    g_list_store_remove_all (G_LIST_STORE (list));
}

static void
release (GObject *object, GParamSpec *pspec, gpointer data)
{
  g_clear_object ((GObject **) data);
}

/* Handlers may change the list, or drop the last reference of the object. */
static void
test_update_handlers (void)
{
  GObject *recipe = g_object_new (TEST_TYPE_RECIPE, NULL);
  g_autoptr (GListStore) steps = g_list_store_new (TEST_TYPE_STEP);

  g_object_set (recipe, "steps", steps, NULL);
  g_signal_connect (steps, "items-changed", G_CALLBACK (drop_steps), NULL);
  g_signal_connect (recipe, "notify::title", G_CALLBACK (release), &recipe);
  oai_json_update_object (recipe, "{\"steps\":[" STEP ("a", 1) "," STEP ("b", 1) "," STEP ("c", 1) "],\"title\":\"x\"", NULL);
  g_assert_null (recipe);
}

/* Variants and values */

static void
assert_variant (const char *type, const char *json, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = oai_json_to_variant (G_VARIANT_TYPE (type), json, &error);
  g_autoptr (OaiJsonSchema) schema = oai_json_schema_new_for_variant_type (G_VARIANT_TYPE (type), NULL);
  g_autofree char *written = NULL;
  g_autofree char *printed = NULL;

  g_test_message ("%s %s", type, json);
  if (expected == NULL)
    {
      g_assert_null (variant);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      return;
    }
  g_assert_no_error (error);
  g_assert_false (g_variant_is_floating (variant));
  printed = g_variant_print (variant, FALSE);
  g_assert_cmpstr (printed, ==, expected);
  written = oai_json_from_variant (variant);
  g_assert_cmpstr (written, ==, json);
  g_assert_true (oai_json_schema_validate (schema, json, &error));
  g_assert_no_error (error);
}

static void
test_variants (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);

  assert_variant ("b", "true", "true");
  assert_variant ("y", "255", "0xff");
  assert_variant ("n", "-5", "-5");
  assert_variant ("t", "9223372036854775807", "9223372036854775807");
  assert_variant ("d", "1.5", "1.5");
  assert_variant ("s", "\"a\"", "'a'");
  assert_variant ("o", "\"/a\"", "'/a'");
  assert_variant ("g", "\"as\"", "'as'");
  assert_variant ("ms", "null", "nothing");
  assert_variant ("ms", "\"a\"", "'a'");
  assert_variant ("as", "[\"a\",\"b\"]", "['a', 'b']");
  assert_variant ("as", "[]", "[]");
  assert_variant ("ay", "\"AAE=\"", "[0x00, 0x01]");
  assert_variant ("a{sv}", "{\"a\":1,\"b\":[true,null,{\"c\":\"d\"}],\"e\":1.5}", "{'a': <int64 1>, 'b': <[<true>, <@mv nothing>, <{'c': <'d'>}>]>, 'e': <1.5>}");
  assert_variant ("a{is}", "[[1,\"a\"]]", "{1: 'a'}");
  assert_variant ("(sib)", "[\"a\",2,false]", "('a', 2, false)");
  assert_variant ("()", "[]", "()");
  assert_variant ("v", "[1]", "<[<int64 1>]>");

  assert_variant ("y", "256", NULL);
  assert_variant ("y", "-1", NULL);
  assert_variant ("i", "2147483648", NULL);
  assert_variant ("u", "-1", NULL);
  assert_variant ("t", "-1", NULL);
  assert_variant ("i", "1.5", NULL);
  assert_variant ("s", "null", NULL);
  assert_variant ("o", "\"a\"", NULL);
  assert_variant ("g", "\"!\"", NULL);
  assert_variant ("h", "1", NULL);
  assert_variant ("ah", "[1]", NULL);
  assert_variant ("(si)", "[\"a\"]", NULL);
  assert_variant ("a{si}", "[]", NULL);
  assert_variant ("a{oi}", "{\"a\":1}", NULL);
  assert_variant ("as", "{}", NULL);
  assert_variant ("ay", "[1]", NULL);
  assert_variant ("ay", "\"###\"", NULL);
  assert_variant ("ay", "\"A\"", NULL);
  for (guint i = 0; i < 300; i++)
    g_string_append_c (deep, '[');
  for (guint i = 0; i < 300; i++)
    g_string_append_c (deep, ']');
  assert_variant ("v", deep->str, NULL);
}

static void
assert_value (GType type, const char *json, gboolean fits)
{
  g_autoptr (GError) error = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *written = NULL;

  g_value_init (&value, type);
  g_assert_cmpint (oai_json_to_value (&value, json, &error), ==, fits);
  if (!fits)
    {
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      return;
    }
  g_assert_no_error (error);
  written = oai_json_from_value (&value, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (written, ==, json);
}

static void
test_values (void)
{
  assert_value (G_TYPE_CHAR, "-128", TRUE);
  assert_value (G_TYPE_CHAR, "128", FALSE);
  assert_value (G_TYPE_UCHAR, "255", TRUE);
  assert_value (G_TYPE_UCHAR, "256", FALSE);
  assert_value (G_TYPE_UINT, "4294967295", TRUE);
  assert_value (G_TYPE_UINT, "4294967296", FALSE);
  assert_value (G_TYPE_UINT64, "-1", FALSE);
  assert_value (G_TYPE_INT64, "-9223372036854775808", TRUE);
  assert_value (G_TYPE_INT64, "9223372036854775808", FALSE);
  assert_value (G_TYPE_FLOAT, "0.5", TRUE);
  assert_value (G_TYPE_FLOAT, "1e300", FALSE);
  assert_value (G_TYPE_DOUBLE, "true", FALSE);
  assert_value (G_TYPE_STRV, "[\"a\"]", TRUE);
  assert_value (G_TYPE_STRV, "[1]", FALSE);
  assert_value (G_TYPE_DATE, "\"2026-12-31\"", TRUE);
  assert_value (G_TYPE_VARIANT, "{\"a\":[1]}", TRUE);
  assert_value (TEST_TYPE_STEP, STEP ("a", 1), TRUE);
  assert_value (TEST_TYPE_STEP, "{}", FALSE);
  assert_value (G_TYPE_POINTER, "1", FALSE);
  assert_value (G_TYPE_HASH_TABLE, "{}", FALSE);
}

static void
test_schema_of_types (void)
{
  static const char expected[] = "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\",\"description\":\"The city\"}},\"required\":[\"city\"]}";
  g_autoptr (GParamSpec) pspec = g_param_spec_ref_sink (g_param_spec_string ("city", NULL, "The city", NULL, G_PARAM_READWRITE));
  g_autoptr (OaiJsonSchema) schema = oai_json_schema_new_for_properties (&pspec, 1, NULL);
  g_autoptr (OaiJsonSchema) strv = oai_json_schema_new_for_type (G_TYPE_STRV, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (oai_json_schema_get_json (schema), ==, expected);
  g_assert_cmpstr (oai_json_schema_get_json (strv), ==, "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}");
  g_assert_null (oai_json_schema_new_for_type (G_TYPE_POINTER, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (oai_json_schema_new_for_type (G_TYPE_LIST_STORE, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (oai_json_schema_new_for_variant_type (G_VARIANT_TYPE ("a*"), &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

/* Records have the schema of their members, except those of replies, files and deprecated ones. */
static void
test_records (void)
{
  static const char json[] = "{\"type\":\"image\",\"url\":\"https://example.com/\"}";
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonSchema) part = oai_json_schema_new_for_type (test_part_get_type (), &error);
  g_autoptr (OaiJsonSchema) usage = oai_json_schema_new_for_type (test_usage_get_type (), NULL);
  g_autoptr (OaiJsonSchema) message = oai_json_schema_new_for_type (test_message_get_type (), NULL);
  g_autoptr (GObject) object = NULL;
  g_autofree char *written = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (oai_json_schema_get_json (usage), ==,
                   "{\"type\":\"object\",\"properties\":{\"unit\":{\"type\":\"string\"},\"total\":{\"type\":\"integer\"},"
                   "\"key\":{\"type\":\"string\"}},\"required\":[\"total\"]}");
  g_test_message ("%s", oai_json_schema_get_json (part));
  g_test_message ("%s", oai_json_schema_get_json (message));
  g_assert_true (oai_json_schema_validate (part, json, &error));
  g_assert_no_error (error);
  g_assert_false (oai_json_schema_validate (part, "{\"type\":\"video\"}", NULL));

  object = oai_json_to_object (test_part_get_type (), json, &error);
  g_assert_no_error (error);
  g_assert_true (G_TYPE_CHECK_INSTANCE_TYPE (object, test_image_part_get_type ()));
  written = oai_json_from_object (object, &error);
  g_assert_cmpstr (written, ==, json);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  json_types_declare ();

  g_test_add_func ("/json-object/round-trip", test_round_trip);
  g_test_add_func ("/json-object/schema", test_schema);
  g_test_add_func ("/json-object/schema-parts", test_schema_parts);
  g_test_add_func ("/json-object/errors", test_errors);
  g_test_add_func ("/json-object/other-types", test_other_types);
  g_test_add_func ("/json-object/update", test_update);
  g_test_add_func ("/json-object/update-list", test_update_list);
  g_test_add_func ("/json-object/update-errors", test_update_errors);
  g_test_add_func ("/json-object/update-handlers", test_update_handlers);
  g_test_add_func ("/json-object/variants", test_variants);
  g_test_add_func ("/json-object/values", test_values);
  g_test_add_func ("/json-object/schema-of-types", test_schema_of_types);
  g_test_add_func ("/json-object/records", test_records);

  return g_test_run ();
}
