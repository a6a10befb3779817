/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>
#include <openai-1/openai-json-glib.h>
#include <string.h>

static OaiRecord *
new_record (GType type, const char *json)
{
  g_autoptr(GError) error = NULL;
  OaiRecord *record = oai_record_new_from_json (type, json, &error);

  g_assert_no_error (error);

  return record;
}

static JsonNode *
new_node (const char *json)
{
  g_autoptr(GError) error = NULL;
  JsonNode *node = json_from_string (json, &error);

  g_assert_no_error (error);

  return node;
}

static void
assert_json (OaiRecord *record, const char *expected)
{
  g_autofree char *json = oai_record_to_json (record);

  g_assert_cmpstr (json, ==, expected);
}

/* What the record of node contains. */
static void
assert_written (JsonNode *node, const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) record = oai_record_new_from_node (OAI_TYPE_RECORD, node, &error);

  g_assert_no_error (error);
  assert_json (record, expected);
}

static JsonNode *
new_object_with (JsonNode *value)
{
  JsonNode *node = json_node_init_object (json_node_alloc (), json_object_new ());

  json_object_set_member (json_node_get_object (node), "value", value);
  json_object_unref (json_node_get_object (node));

  return node;
}

static JsonNode *
new_double (double value)
{
  return json_node_init_double (json_node_alloc (), value);
}

static void
test_a_record_becomes_a_node (void)
{
  g_autoptr(OaiRecord) record = new_record (OAI_TYPE_CHAT_MESSAGE, "{\"role\":\"user\",\"content\":\"hi\",\"new\":[1,-2.5,true,null,{\"a\":{}},[]]}");
  g_autoptr(JsonNode) node = oai_record_to_node (record);
  g_autofree char *text = json_to_string (node, FALSE);

  g_assert_cmpstr (text, ==, "{\"role\":\"user\",\"content\":\"hi\",\"new\":[1,-2.5,true,null,{\"a\":{}},[]]}");
}

static void
test_setters_show_in_the_node (void)
{
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("m");
  g_autoptr(JsonNode) node = NULL;
  JsonObject *object;

  oai_chat_request_add_user_message (request, "Hello");
  oai_chat_request_set_temperature (request, 0.7);
  node = oai_record_to_node (OAI_RECORD (request));
  object = json_node_get_object (node);

  g_assert_cmpstr (json_object_get_string_member (object, "model"), ==, "m");
  g_assert_cmpfloat (json_object_get_double_member (object, "temperature"), ==, 0.7);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "messages")), ==, 1);
}

static void
test_an_empty_record_is_an_object (void)
{
  g_autoptr(OaiRecord) record = new_record (OAI_TYPE_RECORD, "{}");
  g_autoptr(JsonNode) node = oai_record_to_node (record);

  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  g_assert_cmpuint (json_object_get_size (json_node_get_object (node)), ==, 0);
}

static void
test_a_node_outlives_its_record (void)
{
  OaiRecord *record = new_record (OAI_TYPE_RECORD, "{\"a\":{\"b\":\"c\"}}");
  g_autoptr(JsonNode) node = oai_record_to_node (record);
  JsonNode *child = json_object_get_member (json_node_get_object (node), "a");

  g_object_unref (record);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (child), "b"), ==, "c");
}

static void
test_a_node_becomes_a_record_of_its_type (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = new_node ("{\"type\":\"text\",\"text\":\"hi\",\"x_new\":{\"y\":[1]}}");
  g_autoptr(OaiRecord) record = oai_record_new_from_node (OAI_TYPE_CHAT_CONTENT_PART, node, &error);

  g_assert_no_error (error);
  g_assert_true (OAI_IS_CHAT_TEXT_PART (record));
  g_assert_cmpstr (oai_record_get_string_member (record, "text"), ==, "hi");
  assert_json (record, "{\"type\":\"text\",\"text\":\"hi\",\"x_new\":{\"y\":[1]}}");

  json_object_set_string_member (json_node_get_object (node), "text", "changed");
  g_assert_cmpstr (oai_record_get_string_member (record, "text"), ==, "hi");
  oai_record_unset_member (record, "text");
  g_assert_false (oai_record_has_member (record, "text"));
}

static void
test_integers_are_exact (void)
{
  g_autoptr(OaiRecord) record = new_record (OAI_TYPE_RECORD, "{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":9007199254740993}");
  g_autoptr(JsonNode) node = oai_record_to_node (record);
  JsonObject *object = json_node_get_object (node);

  g_assert_cmpint (json_object_get_int_member (object, "a"), ==, G_MAXINT64);
  g_assert_cmpint (json_object_get_int_member (object, "b"), ==, G_MININT64);
  assert_written (node, "{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":9007199254740993}");
}

/* json-glib's own parser reads them as -1. */
static void
test_large_integers_become_doubles (void)
{
  g_autoptr(OaiRecord) record = new_record (OAI_TYPE_RECORD, "{\"a\":18446744073709551615,\"b\":-9223372036854775809,\"c\":1e400}");
  g_autoptr(JsonNode) node = oai_record_to_node (record);
  JsonObject *object = json_node_get_object (node);

  g_assert_true (json_node_get_value_type (json_object_get_member (object, "a")) == G_TYPE_DOUBLE);
  g_assert_cmpfloat (json_object_get_double_member (object, "a"), ==, 18446744073709551615.0);
  g_assert_cmpfloat (json_object_get_double_member (object, "b"), ==, -9223372036854775809.0);
  g_assert_true (isinf (json_object_get_double_member (object, "c")));
  /* The record keeps the digits. */
  assert_json (record, "{\"a\":18446744073709551615,\"b\":-9223372036854775809,\"c\":1e400}");
}

static void
test_doubles_round_trip (void)
{
  static const struct
  {
    double value;
    const char *json;
  } cases[] = {
    { 0.1, "{\"value\":0.1}" },
    { 0.7, "{\"value\":0.7}" },
    { 1, "{\"value\":1.0}" },
    { -0.0, "{\"value\":-0.0}" },
    { 1e22, "{\"value\":1e+22}" },
    { 1e-7, "{\"value\":1e-07}" },
    { 1.0 / 3, "{\"value\":0.3333333333333333}" },
    { 123456789.12345678, "{\"value\":123456789.12345678}" },
    { 5e-324, NULL },
    { 2.2250738585072011e-308, NULL },
    { G_MAXDOUBLE, NULL },
    { 9007199254740992.0, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(JsonNode) node = new_object_with (new_double (cases[i].value));
      g_autoptr(OaiRecord) record = oai_record_new_from_node (OAI_TYPE_RECORD, node, NULL);
      g_autoptr(JsonNode) again = oai_record_to_node (record);

      g_assert_true (json_node_get_value_type (json_object_get_member (json_node_get_object (again), "value")) == G_TYPE_DOUBLE);
      g_assert_cmpfloat (json_object_get_double_member (json_node_get_object (again), "value"), ==, cases[i].value);
      if (cases[i].json != NULL)
        assert_json (record, cases[i].json);
    }
}

static void
test_strings_are_exact (void)
{
  const char *text = "\"\\/\b\f\n\r\t\001\037\177 ä € 😀";
  g_autoptr(JsonNode) node = new_object_with (json_node_init_string (json_node_alloc (), text));
  g_autoptr(OaiRecord) record = oai_record_new_from_node (OAI_TYPE_RECORD, node, NULL);
  g_autoptr(JsonNode) again = oai_record_to_node (record);
  g_autoptr(OaiRecord) escaped = new_record (OAI_TYPE_RECORD, "{\"\\u0076alue\" : \"\\u00e4\\ud83d\\ude00\\/x\\u0000y\"}");
  g_autoptr(JsonNode) read = oai_record_to_node (escaped);

  g_assert_cmpstr (oai_record_get_string_member (record, "value"), ==, text);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (again), "value"), ==, text);
  /* As everywhere in the library, an escaped NUL is the replacement character. */
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (read), "value"), ==, "ä😀/x\357\277\275y");
}

static void
test_the_last_member_of_a_name_counts (void)
{
  g_autoptr(OaiRecord) record = new_record (OAI_TYPE_RECORD, "{\"a\":1,\"\":2,\"a\":{\"b\":3}}");
  g_autoptr(JsonNode) node = oai_record_to_node (record);

  g_assert_cmpuint (json_object_get_size (json_node_get_object (node)), ==, 2);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (node), ""), ==, 2);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (json_node_get_object (node), "a"), "b"), ==, 3);
}

/* An array in an array, levels deep, in an object. */
static JsonNode *
new_nested_node (guint levels)
{
  JsonNode *node = json_node_init_int (json_node_alloc (), 1);

  for (guint i = 0; i < levels; i++)
    {
      JsonArray *array = json_array_new ();

      json_array_add_element (array, node);
      node = json_node_init_array (json_node_alloc (), array);
      json_array_unref (array);
    }

  return new_object_with (node);
}

static void
test_deep_nesting (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) deep = new_nested_node (511);
  g_autoptr(JsonNode) too_deep = new_nested_node (512);
  g_autoptr(OaiRecord) record = oai_record_new_from_node (OAI_TYPE_RECORD, deep, &error);
  g_autoptr(JsonNode) again = NULL;

  g_assert_no_error (error);
  again = oai_record_to_node (record);
  g_assert_true (json_node_equal (deep, again));

  g_assert_null (oai_record_new_from_node (OAI_TYPE_RECORD, too_deep, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "512"));
}

/* Takes node. */
static void
assert_refused (JsonNode *node, const char *reason)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_record_new_from_node (OAI_TYPE_CHAT_MESSAGE, node, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, reason);
  g_clear_pointer (&node, json_node_unref);
}

static void
test_what_is_no_object_is_refused (void)
{
  assert_refused (NULL, "OaiChatMessage needs a JSON node that contains an object; this one contains NULL.");
  assert_refused (new_node ("[1]"), "OaiChatMessage needs a JSON node that contains an object; this one contains JsonArray.");
  assert_refused (new_node ("\"x\""), "OaiChatMessage needs a JSON node that contains an object; this one contains String.");
  assert_refused (json_node_init_null (json_node_alloc ()), "OaiChatMessage needs a JSON node that contains an object; this one contains NULL.");
  assert_refused (json_node_alloc (), "OaiChatMessage needs a JSON node that contains an object; this one contains NULL.");
}

static void
test_what_json_cannot_express_is_refused (void)
{
  const char *number = "A number in the JSON node is not finite, which JSON cannot express; use null or leave it out.";

  assert_refused (new_object_with (new_double (INFINITY)), number);
  assert_refused (new_object_with (new_double (-INFINITY)), number);
  assert_refused (new_object_with (new_double (NAN)), number);
  assert_refused (new_object_with (json_node_init_string (json_node_alloc (), "\xff")), "A string in the JSON node is not valid UTF-8; convert it first.");
}

static void
test_values_that_are_missing_are_null (void)
{
  g_autoptr(JsonNode) string = new_object_with (json_node_init_string (json_node_alloc (), NULL));
  g_autoptr(JsonNode) value = new_object_with (json_node_new (JSON_NODE_VALUE));
  g_autoptr(JsonNode) object = new_object_with (json_node_new (JSON_NODE_OBJECT));

  assert_written (string, "{\"value\":null}");
  assert_written (value, "{\"value\":null}");
  assert_written (object, "{\"value\":null}");
}

static void
test_a_type_must_be_a_record (void)
{
  g_autoptr(JsonNode) node = new_node ("{}");

  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*g_type_is_a (type, OAI_TYPE_RECORD)*");
  g_assert_null (oai_record_new_from_node (G_TYPE_OBJECT, node, NULL));
  g_test_assert_expected_messages ();
}

static void
test_members_are_nodes (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) record = new_record (OAI_TYPE_CHAT_MESSAGE, "{\"role\":\"user\",\"content\":\"hi\",\"x\":[1,2]}");
  g_autoptr(JsonNode) content = oai_record_dup_member_node (record, "content");
  g_autoptr(JsonNode) list = oai_record_dup_member_node (record, "x");
  g_autoptr(JsonNode) bad = new_double (NAN);

  g_assert_cmpstr (json_node_get_string (content), ==, "hi");
  g_assert_cmpuint (json_array_get_length (json_node_get_array (list)), ==, 2);
  g_assert_null (oai_record_dup_member_node (record, "absent"));

  g_assert_true (oai_record_set_member_node (record, "y", content, &error));
  g_assert_no_error (error);
  g_assert_true (oai_record_set_member_node (record, "x", NULL, &error));
  g_assert_no_error (error);
  assert_json (record, "{\"role\":\"user\",\"content\":\"hi\",\"y\":\"hi\"}");

  g_assert_false (oai_record_set_member_node (record, "y", bad, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  assert_json (record, "{\"role\":\"user\",\"content\":\"hi\",\"y\":\"hi\"}");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-glib/a-record-becomes-a-node", test_a_record_becomes_a_node);
  g_test_add_func ("/json-glib/setters-show-in-the-node", test_setters_show_in_the_node);
  g_test_add_func ("/json-glib/an-empty-record-is-an-object", test_an_empty_record_is_an_object);
  g_test_add_func ("/json-glib/a-node-outlives-its-record", test_a_node_outlives_its_record);
  g_test_add_func ("/json-glib/a-node-becomes-a-record-of-its-type", test_a_node_becomes_a_record_of_its_type);
  g_test_add_func ("/json-glib/integers-are-exact", test_integers_are_exact);
  g_test_add_func ("/json-glib/large-integers-become-doubles", test_large_integers_become_doubles);
  g_test_add_func ("/json-glib/doubles-round-trip", test_doubles_round_trip);
  g_test_add_func ("/json-glib/strings-are-exact", test_strings_are_exact);
  g_test_add_func ("/json-glib/the-last-member-of-a-name-counts", test_the_last_member_of_a_name_counts);
  g_test_add_func ("/json-glib/deep-nesting", test_deep_nesting);
  g_test_add_func ("/json-glib/what-is-no-object-is-refused", test_what_is_no_object_is_refused);
  g_test_add_func ("/json-glib/what-json-cannot-express-is-refused", test_what_json_cannot_express_is_refused);
  g_test_add_func ("/json-glib/values-that-are-missing-are-null", test_values_that_are_missing_are_null);
  g_test_add_func ("/json-glib/a-type-must-be-a-record", test_a_type_must_be_a_record);
  g_test_add_func ("/json-glib/members-are-nodes", test_members_are_nodes);

  return g_test_run ();
}
