/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-error.h"
#include "oai-json-schema.h"

#include <string.h>

static OaiJsonSchema *
new_schema (const char *json)
{
  g_autoptr (GError) error = NULL;
  OaiJsonSchema *schema = oai_json_schema_new (json, &error);

  g_assert_no_error (error);
  g_assert_true (OAI_IS_JSON_SCHEMA (schema));

  return schema;
}

/* message: NULL if the value fits. */
static void
assert_valid (const char *schema_json, const char *json, const char *message)
{
  g_autoptr (OaiJsonSchema) schema = new_schema (schema_json);
  g_autoptr (GError) error = NULL;
  gboolean fits = oai_json_schema_validate (schema, json, &error);

  g_test_message ("%.200s: %.200s", schema_json, json);
  if (message == NULL)
    {
      g_assert_no_error (error);
      g_assert_true (fits);
      return;
    }
  g_assert_false (fits);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, message);
}

typedef struct
{
  const char *schema;
  const char *json;
  const char *message;
} Case;

static const Case cases[] = {
  /* Types */
  { "{}", "[1]", NULL },
  { "true", "1", NULL },
  { "false", "1", "the value is not allowed" },
  { "{\"type\":\"string\"}", "\"a\"", NULL },
  { "{\"type\":\"string\"}", "1", "the value must be a string, not an integer" },
  { "{\"type\":\"integer\"}", "2.0", NULL },
  { "{\"type\":\"integer\"}", "1e400", NULL },
  { "{\"type\":\"integer\"}", "2.5", "the value must be an integer, not a number" },
  { "{\"type\":\"number\"}", "3", NULL },
  { "{\"type\":\"boolean\"}", "\"true\"", "the value must be true or false, not a string" },
  { "{\"type\":\"boolean\"}", "false", NULL },
  { "{\"type\":\"number\"}", "true", "the value must be a number, not a boolean" },
  { "{\"type\":[\"string\",\"null\"]}", "null", NULL },
  { "{\"type\":[\"string\",\"null\"]}", "{}", "the value must be a string or null, not an object" },
  { "{\"type\":\"string\",\"nullable\":true,\"enum\":[\"a\"]}", "null", NULL },

  /* Values */
  { "{\"enum\":[\"a\",1,null,{\"b\":[2]}]}", "{\"b\":[2.0]}", NULL },
  { "{\"enum\":[\"a\",1]}", "\"b\"", "the value must be one of \"a\", 1" },
  { "{\"const\":{\"a\":1,\"b\":2}}", "{\"b\":2,\"a\":1}", NULL },
  { "{\"const\":\"a\"}", "\"b\"", "the value must be \"a\"" },

  /* Numbers */
  { "{\"minimum\":1}", "1", NULL },
  { "{\"minimum\":1}", "0.5", "the value must be at least 1" },
  { "{\"minimum\":9007199254740993}", "9007199254740992", "the value must be at least 9007199254740993" },
  { "{\"minimum\":1}", "\"a\"", NULL },
  { "{\"maximum\":10}", "10.5", "the value must be at most 10" },
  { "{\"exclusiveMinimum\":1}", "1", "the value must be greater than 1" },
  { "{\"exclusiveMaximum\":1}", "1", "the value must be less than 1" },
  { "{\"minimum\":1,\"exclusiveMinimum\":true}", "1", "the value must be greater than 1" },
  { "{\"maximum\":1,\"exclusiveMaximum\":true}", "1", "the value must be less than 1" },
  { "{\"multipleOf\":0.1}", "0.3", NULL },
  { "{\"multipleOf\":5}", "12", "the value must be a multiple of 5" },
  { "{\"multipleOf\":0}", "12", NULL },
  { "{\"multipleOf\":1}", "-9223372036854775808", NULL },

  /* Strings */
  { "{\"minLength\":2}", "\"äö\"", NULL },
  { "{\"minLength\":3}", "\"äö\"", "the value must have at least 3 characters" },
  { "{\"maxLength\":1}", "\"äö\"", "the value must have at most 1 characters" },
  { "{\"pattern\":\"^[a-z]+$\"}", "\"abc\"", NULL },
  { "{\"pattern\":\"^[a-z]+$\"}", "\"abc\\n\"", "the value must match the regular expression ^[a-z]+$" },
  { "{\"pattern\":\"b\"}", "\"abc\"", NULL },
  { "{\"pattern\":\"^\\\\u00e4\\\\d$\"}", "\"ä1\"", NULL },
  { "{\"pattern\":\"[\"}", "\"a\"", NULL },

  /* Arrays */
  { "{\"items\":{\"type\":\"string\"}}", "[\"a\",1]", "“[1]” must be a string, not an integer" },
  { "{\"prefixItems\":[{\"type\":\"string\"}],\"items\":false}", "[\"a\",1]", "“[1]” is not allowed" },
  { "{\"prefixItems\":[{\"type\":\"string\"},{}]}", "[1]", "“[0]” must be a string, not an integer" },
  { "{\"items\":[{\"type\":\"string\"}],\"additionalItems\":{\"type\":\"null\"}}", "[\"a\",1]", "“[1]” must be null, not an integer" },
  { "{\"minItems\":1}", "[]", "the value must have at least 1 elements" },
  { "{\"maxItems\":1}", "[1,2]", "the value must have at most 1 elements" },
  { "{\"uniqueItems\":true}", "[1,2,\"1\"]", NULL },
  { "{\"uniqueItems\":true}", "[1,{},1.0]", "the value must not have the same element twice" },
  { "{\"contains\":{\"type\":\"string\"}}", "[1,\"a\"]", NULL },
  { "{\"contains\":{\"type\":\"string\"},\"maxContains\":1}", "[\"b\",\"a\"]", "the value must have another number of elements of the required form" },

  /* Objects */
  { "{\"properties\":{\"a\":{\"properties\":{\"b\":{\"items\":{\"type\":\"null\"}}}}}}", "{\"a\":{\"b\":[null,0]}}",
    "“a.b[1]” must be null, not an integer" },
  { "{\"required\":[\"a\",\"b\"]}", "{\"b\":1}", "“a” is required" },
  { "{\"properties\":{\"a\":{},\"b\":{}},\"additionalProperties\":false}", "{\"a\":1,\"c\":2}",
    "“c” is not allowed; the allowed members are: a, b" },
  { "{\"additionalProperties\":false}", "{\"c\":2}", "“c” is not allowed" },
  { "{\"properties\":{\"a\":{}},\"additionalProperties\":{\"type\":\"string\"}}", "{\"a\":1,\"c\":2}", "“c” must be a string, not an integer" },
  { "{\"patternProperties\":{\"^x-\":{\"type\":\"string\"}},\"additionalProperties\":false}", "{\"x-a\":\"b\"}", NULL },
  { "{\"patternProperties\":{\"^x-\":{\"type\":\"string\"}},\"additionalProperties\":false}", "{\"x-a\":1}",
    "“x-a” must be a string, not an integer" },
  { "{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "“b” is required" },
  { "{\"minProperties\":1}", "{}", "the value must have at least 1 members" },
  { "{\"maxProperties\":0}", "{\"a\":1}", "the value must have at most 0 members" },

  /* Combinations */
  { "{\"allOf\":[{\"minimum\":1},{\"maximum\":3}]}", "4", "the value must be at most 3" },
  { "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "null", NULL },
  { "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1", "the value is an integer, which is not allowed" },
  { "{\"anyOf\":[{\"type\":\"object\",\"required\":[\"a\"]},{\"type\":\"null\"}]}", "{}", "“a” is required" },
  { "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":5},{\"type\":\"number\",\"maximum\":1}]}", "3",
    "the value is an integer that fits none of the allowed forms" },
  { "{\"oneOf\":[{\"minimum\":1},{\"maximum\":3}]}", "2", "the value fits several of the forms of which exactly one is allowed" },
  { "{\"oneOf\":[{\"minimum\":1},{\"maximum\":3}]}", "4", NULL },
  { "{\"not\":{\"type\":\"string\"}}", "\"a\"", "the value has a form that is not allowed" },
  { "{\"if\":{\"type\":\"string\"},\"then\":{\"minLength\":2},\"else\":{\"minimum\":2}}", "1", "the value must be at least 2" },

  /* References */
  { "{\"$defs\":{\"a/b %\":{\"type\":\"string\"}},\"$ref\":\"#/$defs/a~1b%20%25\"}", "1", "the value must be a string, not an integer" },
  { "{\"definitions\":{\"n\":{\"properties\":{\"next\":{\"$ref\":\"#/definitions/n\"},\"v\":{\"type\":\"string\"}}}},\"$ref\":\"#/definitions/n\"}",
    "{\"next\":{\"next\":{\"v\":0}}}", "“next.next.v” must be a string, not an integer" },
  { "{\"anyOf\":[{\"type\":\"string\"},{\"$ref\":\"#/anyOf/0\"}]}", "\"a\"", NULL },
  { "{\"$ref\":\"https://example.com/other.json\"}", "1", NULL },
  { "{\"$ref\":\"#/nowhere\"}", "1", NULL },
};

static void
test_validate (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_valid (cases[i].schema, cases[i].json, cases[i].message);
}

/* A model can correct all problems at once. */
static void
test_several_problems (void)
{
  const char *schema = "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"},\"unit\":{\"enum\":[\"C\",\"F\"]}},"
                       "\"required\":[\"city\",\"days\"],\"additionalProperties\":false}";

  assert_valid (schema, "{\"city\":7,\"unit\":\"K\",\"town\":\"\"}",
                "“city” must be a string, not an integer; “unit” must be one of \"C\", \"F\"; “days” is required; "
                "“town” is not allowed; the allowed members are: city, unit");
  assert_valid ("{\"items\":{\"type\":\"null\"}}", "[1,2,3,4,5,6,7]",
                "“[0]” must be null, not an integer; “[1]” must be null, not an integer; “[2]” must be null, not an integer; "
                "“[3]” must be null, not an integer; “[4]” must be null, not an integer; and 2 more problems");
}

static void
test_malformed (void)
{
  static const char *const schemas[] = { "", "{", "[]", "1", "null", "\"a\"" };
  g_autoptr (OaiJsonSchema) schema = new_schema (" { \"type\" : \"object\" } ");
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;

  g_assert_cmpstr (oai_json_schema_get_json (schema), ==, "{\"type\":\"object\"}");
  g_object_get (schema, "json", &json, NULL);
  g_assert_cmpstr (json, ==, "{\"type\":\"object\"}");
  g_assert_false (oai_json_schema_validate (schema, "{\"a\":NaN}", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      g_assert_null (oai_json_schema_new (schemas[i], &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
    }
}

static const char *const schemas_with_errors[][2] = {
  { "1", "“#”: A schema must be an object, true or false" },
  { "{\"type\":\"foo\"}", "“#”: “type” must be one of: null, boolean, integer, number, string, array, object" },
  { "{\"type\":7}", "“#”: “type” must be one of: null, boolean, integer, number, string, array, object" },
  { "{\"properties\":{\"a\":{\"items\":{\"type\":[\"string\",\"any\"]}}}}",
    "“#/properties/a/items”: “type” must be one of: null, boolean, integer, number, string, array, object" },
  { "{\"properties\":[]}", "“#”: “properties” must be an object" },
  { "{\"properties\":{\"a\":\"string\"}}", "“#/properties/a”: A schema must be an object, true or false" },
  { "{\"$defs\":{\"n\":{\"properties\":7}}}", "“#/$defs/n”: “properties” must be an object" },
  { "{\"required\":true}", "“#”: “required” must be a list of names" },
  { "{\"required\":[\"a\",1]}", "“#”: “required” must be a list of names" },
  { "{\"enum\":{\"a\":1}}", "“#”: “enum” must be a list of values" },
  { "{\"anyOf\":[{},{\"enum\":\"a\"}]}", "“#/anyOf/1”: “enum” must be a list of values" },
  { "{\"allOf\":{}}", "“#”: “allOf” must be a list of schemas" },
  { "{\"items\":[{},7]}", "“#/items/1”: A schema must be an object, true or false" },
  { "{\"items\":\"string\"}", "“#/items”: A schema must be an object, true or false" },
  { "{\"additionalProperties\":{\"minimum\":\"1\"}}", "“#/additionalProperties”: “minimum” must be a number" },
  { "{\"exclusiveMaximum\":\"1\"}", "“#”: “exclusiveMaximum” must be a number" },
  { "{\"dependentRequired\":{\"a\":\"b\"}}", "“#”: “dependentRequired” must be a list of names" },
  { "{\"dependentRequired\":7}", "“#”: “dependentRequired” must be an object" },
  { "{\"uniqueItems\":1}", "“#”: “uniqueItems” must be true or false" },
  { "{\"not\":{\"$ref\":{}}}", "“#/not”: “$ref” must be a string" },
};

/* A server would reject the request, or use another schema than the program means. */
static void
test_schemas_with_errors (void)
{
  g_autoptr (OaiJsonSchema) others G_GNUC_UNUSED = new_schema ("{\"foo\":{\"type\":\"bar\"},\"default\":{\"type\":7},\"const\":{\"required\":7},"
                                                                "\"properties\":{\"type\":{\"type\":[\"null\",\"string\"]},\"required\":true}}");

  for (guint i = 0; i < G_N_ELEMENTS (schemas_with_errors); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *message = g_strconcat ("The JSON schema is not valid: ", schemas_with_errors[i][1], NULL);

      g_assert_null (oai_json_schema_new (schemas_with_errors[i][0], &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_cmpstr (error->message, ==, message);
    }
}

/* Schemas and values for which the effort would be unlimited. */
static void
test_limits (void)
{
  const char *message = "the value is too complex to be checked";
  g_autoptr (GString) doubling = g_string_new ("{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
  g_autoptr (GString) array = g_string_new ("[0");
  g_autofree char *text = g_strnfill (40, 'a');
  g_autofree char *string = g_strdup_printf ("\"%s!\"", text);

  assert_valid ("{\"$ref\":\"#\"}", "1", message);
  assert_valid ("{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}", "1", message);
  assert_valid ("{\"not\":{\"$ref\":\"#\"}}", "1", message);
  for (guint i = 0; i < 60; i++)
    g_string_append_printf (doubling, "\"d%u\":{\"allOf\":[{\"$ref\":\"#/$defs/d%u\"},{\"$ref\":\"#/$defs/d%u\"}]},", i, i + 1, i + 1);
  g_string_append (doubling, "\"d60\":{}}}");
  assert_valid (doubling->str, "1", message);
  assert_valid ("{\"pattern\":\"^(a+)+$\"}", string, message);
  assert_valid ("{\"pattern\":\"^(a|a|b?)*$\",\"not\":{\"pattern\":\"^(a+)+$\"}}", string, message);

  for (guint i = 1; i < 100000; i++)
    g_string_append_printf (array, ",%u", i);
  g_string_append_c (array, ']');
  assert_valid ("{\"uniqueItems\":true}", array->str, message);
  assert_valid ("{\"items\":{\"type\":\"integer\"}}", array->str, NULL);
}

/* json: NULL if the schema cannot be made strict. */
static void
assert_strict (const char *schema_json, const char *json)
{
  g_autoptr (OaiJsonSchema) schema = new_schema (schema_json);
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonSchema) strict = oai_json_schema_make_strict (schema, &error);

  g_test_message ("%.200s: %s", schema_json, error != NULL ? error->message : "");
  if (json == NULL)
    {
      g_assert_null (strict);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (oai_json_schema_get_json (strict), ==, json);
}

#define CLOSED(properties, required) \
  "\"additionalProperties\":false,\"properties\":{" properties "},\"required\":[" required "]"

static void
test_strict (void)
{
  /* What is optional becomes nullable. */
  assert_strict ("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"enum\":[\"x\"],\"type\":\"string\"},\"c\":{\"const\":1},"
                 "\"d\":{\"type\":[\"null\",\"string\"]},\"e\":{\"type\":\"integer\"}},\"required\":[\"e\"]}",
                 "{\"type\":\"object\"," CLOSED ("\"a\":{\"type\":[\"string\",\"null\"]},\"b\":{\"enum\":[\"x\",null],\"type\":[\"string\",\"null\"]},"
                 "\"c\":{\"anyOf\":[{\"const\":1},{\"type\":\"null\"}]},\"d\":{\"type\":[\"null\",\"string\"]},\"e\":{\"type\":\"integer\"}",
                 "\"a\",\"b\",\"c\",\"d\",\"e\"") "}");
  /* Servers reject a reference with a description; one that is recursive loses it. */
  assert_strict ("{\"type\":\"object\",\"$defs\":{\"n\":{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#/$defs/n\",\"title\":\"N\"}},"
                 "\"required\":[\"next\"]}}}",
                 "{\"type\":\"object\",\"$defs\":{\"n\":{\"type\":\"object\"," CLOSED ("\"next\":{\"title\":\"N\",\"type\":\"object\","
                 CLOSED ("\"next\":{\"$ref\":\"#/$defs/n\"}", "\"next\"") "}", "\"next\"") "}}," CLOSED ("", "") "}");
  assert_strict ("{\"type\":\"object\"}", "{\"type\":\"object\"," CLOSED ("", "") "}");
}

static void
test_strict_errors (void)
{
  static const char *const schemas[] = {
    "true", "{}", "{\"type\":\"string\"}", "{\"$ref\":\"#\"}", "{\"anyOf\":[{\"type\":\"string\"}]}",
    "{\"type\":\"object\",\"properties\":{\"a\":true}}",
    "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/properties\"}}}",
    "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/properties/a/allOf/0\",\"allOf\":[{\"minimum\":1}]}}}",
    "{\"type\":\"object\",\"allOf\":[{\"$ref\":\"#\"}]}",
    "{\"type\":\"object\",\"properties\":{\"a\":{\"anyOf\":[]}}}",
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":[]}}}"
  };
  g_autoptr (GString) doubling = g_string_new ("{\"type\":\"object\",\"$defs\":{");
  g_autoptr (GString) deep = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    assert_strict (schemas[i], NULL);

  for (guint i = 0; i < 40; i++)
    g_string_append_printf (doubling, "\"d%u\":{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/d%u\",\"title\":\"\"},"
                            "\"b\":{\"$ref\":\"#/$defs/d%u\",\"title\":\"\"}}},", i, i + 1, i + 1);
  g_string_append (doubling, "\"d40\":{\"type\":\"null\"}}}");
  assert_strict (doubling->str, NULL);

  for (guint i = 0; i < 100; i++)
    g_string_append (deep, "{\"allOf\":[");
  g_string_append (deep, "{\"$ref\":\"#/$defs/missing\"}");
  for (guint i = 0; i < 100; i++)
    g_string_append (deep, "]}");
  assert_strict (deep->str, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-schema/validate", test_validate);
  g_test_add_func ("/json-schema/several-problems", test_several_problems);
  g_test_add_func ("/json-schema/malformed", test_malformed);
  g_test_add_func ("/json-schema/schemas-with-errors", test_schemas_with_errors);
  g_test_add_func ("/json-schema/limits", test_limits);
  g_test_add_func ("/json-schema/strict", test_strict);
  g_test_add_func ("/json-schema/strict-errors", test_strict_errors);

  return g_test_run ();
}
