/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "kiosk.h"
#include "tool-fixture.h"

typedef struct
{
  const char *method;
  const char *arguments;
  const char *output;
} Case;

static OaiTool *
create (KioskDesk *desk, const char *method)
{
  g_autoptr(GError) error = NULL;
  OaiTool *tool = oai_tool_new_for_method (G_OBJECT (desk), method, &error);

  g_assert_no_error (error);

  return tool;
}

static const Case values[] = {
  { "get_weather", "{\"city\":\"Brno\",\"unit\":\"celsius\",\"days\":1}", "{\"result\":\"Brno C 1\"}" },
  { "get_weather", "{\"city\":\"Brno\",\"unit\":\"degrees-fahrenheit\"}", "{\"result\":\"Brno F 3\"}" },
  { "describe_numbers",
    "{\"flag\":true,\"i8\":-128,\"u8\":255,\"i16\":-32768,\"u16\":65535,\"i32\":-2147483648,\"u32\":4294967295,"
    "\"i64\":-9223372036854775808,\"u64\":9223372036854775807,\"f\":1.5,\"d\":-2e300,\"character\":\"\xc3\xa9\"}",
    "{\"result\":\"1 -128 255 -32768 65535 -2147483648 4294967295 -9223372036854775808 9223372036854775807 1.5 -2e+300 U+00E9\"}" },
  { "turn_extras", "{\"extras\":[\"wind\"],\"unit\":\"celsius\"}", "{\"result\":{\"return_value\":[\"rain\"],\"unit\":\"degrees-fahrenheit\"}}" },
  { "turn_extras", "{\"extras\":[],\"unit\":\"celsius\"}", "{\"result\":{\"return_value\":[\"wind\",\"rain\"],\"unit\":\"degrees-fahrenheit\"}}" },
  { "add_ints", "{\"numbers\":[1,2,3]}", "{\"result\":6}" },
  { "add_ints", "{\"numbers\":[]}", "{\"result\":0}" },
  { "add_ints", "{}", "{\"result\":0}" },
  { "pair", "{\"names\":[\"a\",\"b\"],\"weights\":[1,2.5]}", "{\"result\":\"a=1;b=2.5;\"}" },
  { "reverse", "{\"names\":[\"a\",\"b\"]}", "{\"result\":[\"b\",\"a\"]}" },
  { "reverse", "{\"names\":[]}", "{\"result\":[]}" },
  { "reverse_list", "{\"names\":[\"a\",\"b\"]}", "{\"result\":[\"b\",\"a\"]}" },
  { "reverse_slist", "{\"names\":[\"a\",\"bcd\"]}", "{\"result\":[3,1]}" },
  { "reverse_pointers", "{\"names\":[\"a\",\"b\"]}", "{\"result\":[\"b\",\"a\"]}" },
  { "square", "{\"numbers\":[2,-1.5]}", "{\"result\":[4,2.25]}" },
  { "count_up", "{\"until\":3}", "{\"result\":[1,2,3]}" },
  { "count_up", "{\"until\":-3}", "{\"result\":[]}" },
  { "turn_point", "{\"point\":[1,2,3]}", "{\"result\":{\"x\":2,\"y\":-1,\"z\":3}}" },
  { "swap", "{\"table\":{\"a\":\"b\"}}", "{\"result\":{\"b\":\"a\"}}" },
  { "measure", "{\"table\":{\"a\":-4}}", "{\"result\":{\"a\":-8}}" },
  { "measure", "{\"table\":null}", "{\"result\":null}" },
  { "invert", "{\"data\":\"AP8=\"}", "{\"result\":\"/wA=\"}" },
  { "invert", "{\"data\":\"\"}", "{\"result\":\"\"}" },
  { "invert_array", "{\"data\":\"AP8=\"}", "{\"result\":\"/wA=\"}" },
  { "describe_visitor", "{\"visitor\":{\"name\":\"Ada\",\"age\":36}}", "{\"result\":\"Ada 36 alone\"}" },
  { "describe_visitor", "{\"visitor\":{\"name\":\"Ada\"},\"friend_\":{\"name\":\"Bob\",\"age\":1}}", "{\"result\":\"Ada 18 Bob\"}" },
  { "make_older", "{\"visitor\":{\"name\":\"Ada\",\"age\":36},\"years\":4}", "{\"result\":{\"name\":\"Ada\",\"age\":40}}" },
  { "sort_visitors", "{\"visitors\":[{\"name\":\"B\",\"age\":2},{\"name\":\"A\",\"age\":1}]}", "{\"result\":[{\"name\":\"A\",\"age\":1},{\"name\":\"B\",\"age\":2}]}" },
  { "sort_visitors", "{\"visitors\":[]}", "{\"result\":[]}" },
  { "add_days", "{\"time\":\"2026-02-27T12:00:00Z\",\"days\":2}", "{\"result\":\"2026-03-01T12:00:00Z\"}" },
  { "add_days", "{\"time\":\"2026-02-27T12:00:00Z\",\"days\":2000000000}", "{\"result\":null}" },
  { "repeat_bytes", "{\"bytes\":\"AP8=\"}", "{\"result\":\"AP8=\"}" },
  { "wrap", "{\"value\":[1,\"a\"]}", "{\"result\":[[1,\"a\"],\"av\"]}" },
  { "wrap", "{\"value\":{\"a\":true}}", "{\"result\":[{\"a\":true},\"a{sv}\"]}" },
  { "get_self", "{}", "{\"result\":{}}" },
  { "take_text", "{\"text\":\"a\",\"names\":[\"b\"],\"list\":[\"c\",\"d\"],\"pointers\":[\"e\",\"f\",\"g\"],\"table\":{\"h\":\"i\"}}", "{\"result\":\"a 1 2 3 1\"}" },
  { "take_text", "{\"text\":\"z\",\"list\":[],\"pointers\":[],\"table\":{}}", "{\"result\":\"z 0 0 0 0\"}" },
  { "peek_text", "{}", "{\"result\":\"z\"}" },
  { "reset", "{}", "{\"result\":\"success\"}" },
  { "peek_text", "{}", "{\"result\":null}" },
  { "get_child", "{\"folder\":\"file:///tmp\",\"name\":\"x y\"}", "{\"result\":\"file:///tmp/x%20y\"}" },
  { "get_child", "{\"folder\":\"/tmp\",\"name\":\"x\"}", "{\"result\":\"file:///tmp/x\"}" },
  { "divide", "{\"dividend\":7,\"divisor\":2}", "{\"result\":{\"quotient\":3,\"rest\":1}}" },
  { "double", "{\"number\":4,\"text\":\"ab\"}", "{\"result\":{\"number\":8,\"text\":\"abab\"}}" },
  { "join_optional", "{\"second\":\"b\"}", "{\"result\":\"- b cancellable -\"}" },
  { "join_optional", "{\"first\":null,\"second\":\"b\"}", "{\"result\":\"- b cancellable -\"}" },
  { "order", "{\"dish\":\"soup\"}", "{\"result\":{\"return_value\":\"one soup\",\"price\":7}}" },
  { "order_async", "{\"dish\":\"soup\",\"delay_ms\":2}", "{\"result\":{\"return_value\":\"one soup\",\"price\":7}}" },
  { "greet", "{}", "{\"result\":\"Hello friend\"}" },
  { "count", "{\"step\":2}", "{\"result\":2}" },
};

static void
test_values (void)
{
  g_autoptr(KioskDesk) desk = kiosk_desk_new ();

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr(OaiTool) tool = create (desk, values[i].method);

      check_tool (tool, values[i].arguments, values[i].output);
    }
}

/* The arguments that fit the schema, and not the method. */
static void
test_wrong_values (void)
{
  static const Case wrong[] = {
    { "pair", "{\"names\":[\"a\",\"b\"],\"weights\":[1]}", "The argument “weights” must have 2 elements, as another argument" },
    { "turn_point", "{\"point\":[1,2]}", "" },
    { "invert", "{\"data\":\"?\"}", "The argument “data” must be Base64" },
    { "describe_numbers",
      "{\"flag\":true,\"i8\":0,\"u8\":0,\"i16\":0,\"u16\":0,\"i32\":2147483648,\"u32\":0,\"i64\":0,\"u64\":0,\"f\":0,\"d\":0,\"character\":\"a\"}",
      "The argument “i32” must be an integer from -2147483648 to 2147483647" },
    { "describe_numbers",
      "{\"flag\":true,\"i8\":0,\"u8\":0,\"i16\":0,\"u16\":0,\"i32\":0,\"u32\":0,\"i64\":0,\"u64\":0,\"f\":1e300,\"d\":0,\"character\":\"a\"}",
      "The argument “f” must be a smaller number" },
    { "take_text", "{\"text\":\"a\",\"list\":[\"b\"],\"pointers\":[\"c\"],\"table\":{\"d\":\"e\",\"d\":\"f\"}}", "whose members have different names" },
  };
  g_autoptr(KioskDesk) desk = kiosk_desk_new ();

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr(OaiTool) tool = create (desk, wrong[i].method);

      check_tool_rejects (tool, wrong[i].arguments, wrong[i].output);
    }
  g_assert_cmpuint (kiosk_desk_get_n_calls (desk), ==, 0);
}

static void
test_too_many_elements (void)
{
  g_autoptr(KioskDesk) desk = kiosk_desk_new ();
  g_autoptr(OaiTool) tool = create (desk, "pair");
  GString *names = g_string_new ("\"a\"");
  GString *weights = g_string_new ("1");
  g_autofree char *arguments = NULL;

  for (guint i = 0; i < 255; i++)
    {
      g_string_append (names, ",\"a\"");
      g_string_append (weights, ",1");
    }
  arguments = g_strdup_printf ("{\"names\":[%s],\"weights\":[%s]}", names->str, weights->str);
  check_tool_rejects (tool, arguments, "The argument “names” must have at most 255 elements");
  g_string_free (names, TRUE);
  g_string_free (weights, TRUE);
}

static void
test_schema (void)
{
  g_autoptr(KioskDesk) desk = kiosk_desk_new ();
  g_autoptr(OaiTool) weather = create (desk, "get_weather");
  g_autoptr(OaiTool) pair = create (desk, "pair");
  g_autoptr(OaiTool) join = create (desk, "join_optional");
  g_autoptr(OaiTool) order = create (desk, "order_async");
  g_autoptr(OaiTool) measure = create (desk, "measure");
  g_autoptr(OaiTool) turn = create (desk, "turn_extras");

  g_assert_cmpstr (oai_tool_get_name (weather), ==, "KioskDesk_get_weather");
  g_assert_cmpstr (oai_tool_get_description (weather), ==, "Gets the weather, as text");
  g_assert_cmpstr (oai_json_schema_get_json (oai_tool_get_parameters (weather)), ==,
                   "{\"type\":\"object\",\"properties\":{"
                   "\"city\":{\"description\":\"Name of the city\",\"type\":\"string\"},"
                   "\"unit\":{\"type\":\"string\",\"enum\":[\"celsius\",\"degrees-fahrenheit\"]},"
                   "\"days\":{\"type\":\"integer\",\"default\":3}},"
                   "\"required\":[\"city\",\"unit\"],\"additionalProperties\":false}");
  g_assert_cmpstr (oai_json_schema_get_json (oai_tool_get_parameters (pair)), ==,
                   "{\"type\":\"object\",\"properties\":{"
                   "\"names\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
                   "\"weights\":{\"type\":\"array\",\"items\":{\"type\":\"number\"}}},"
                   "\"required\":[\"names\",\"weights\"],\"additionalProperties\":false}");
  g_assert_cmpstr (oai_json_schema_get_json (oai_tool_get_parameters (join)), ==,
                   "{\"type\":\"object\",\"properties\":{"
                   "\"first\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]},\"second\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}},"
                   "\"required\":[],\"additionalProperties\":false}");
  g_assert_cmpstr (oai_json_schema_get_json (oai_tool_get_parameters (order)), ==,
                   "{\"type\":\"object\",\"properties\":{"
                   "\"dish\":{\"type\":\"string\"},\"delay_ms\":{\"type\":\"integer\",\"minimum\":0,\"default\":0}},"
                   "\"required\":[\"dish\"],\"additionalProperties\":false}");
  g_assert_cmpstr (oai_json_schema_get_json (oai_tool_get_parameters (measure)), ==,
                   "{\"type\":\"object\",\"properties\":{\"table\":{\"anyOf\":[{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}},{\"type\":\"null\"}]}},"
                   "\"required\":[],\"additionalProperties\":false}");
  g_assert_cmpstr (oai_json_schema_get_json (oai_tool_get_parameters (turn)), ==,
                   "{\"type\":\"object\",\"properties\":{"
                   "\"extras\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"wind\",\"rain\"]}},"
                   "\"unit\":{\"type\":\"string\",\"enum\":[\"celsius\",\"degrees-fahrenheit\"]}},"
                   "\"required\":[\"extras\",\"unit\"],\"additionalProperties\":false}");
}

/* The model gets no detail of an error, and the program gets the error. */
static void
test_errors_of_methods (void)
{
  static const char *const arguments[][2] = {
    { "divide", "{\"dividend\":7,\"divisor\":0}" },
    { "order", "{\"dish\":\"poison\"}" },
  };
  g_autoptr(KioskDesk) desk = kiosk_desk_new ();

  for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      g_autoptr(OaiTool) tool = create (desk, arguments[i][0]);
      g_autoptr(OaiToolCall) call = run_tool (tool, arguments[i][1]);

      g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_FAILED);
      g_assert_null (strstr (oai_tool_call_get_output (call), "secret"));
      g_assert_nonnull (strstr (oai_tool_call_get_error (call)->message, "secret detail"));
    }
}

static void
test_unknown_methods (void)
{
  static const Case unknown[] = {
    { "no_such_method", NULL, "a method “no_such_method” of “KioskDesk”" },
    { "area", NULL, "a method “area” of “KioskDesk”" },
    { "call_back", NULL, "its argument “func” is not supported" },
    { "lose_async", NULL, "there is no “lose_finish”" },
    { "order_finish", NULL, "its argument “result” is not supported" },
  };
  g_autoptr(KioskDesk) desk = kiosk_desk_new ();
  g_autoptr(GError) other = NULL;
  g_autoptr(OaiTool) none = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiTool) tool = oai_tool_new_for_method (G_OBJECT (desk), unknown[i].method, &error);

      g_assert_null (tool);
      g_assert_true (error->domain == OAI_ERROR);
      if (strstr (error->message, unknown[i].output) == NULL)
        g_error ("“%s” does not contain “%s”", error->message, unknown[i].output);
    }

  none = oai_tool_new_for_function ("Kiosk", "no_such_function", &other);
  g_assert_error (other, OAI_ERROR, OAI_ERROR_NOT_FOUND);
}

static void
test_objects_of_unknown_types (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) other = NULL;
  g_autoptr(GError) third = NULL;
  g_autoptr(OaiTool) tool = oai_tool_new_for_method (G_OBJECT (toolset), "find", &error);

  g_assert_null (tool);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "oai_tool_require_namespace()"));
  g_assert_false (oai_toolset_add_object (toolset, G_OBJECT (toolset), &other));
  g_assert_error (other, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  g_assert_false (oai_tool_require_namespace ("NoSuchNamespace", "1", &third));
  g_assert_error (third, OAI_ERROR, OAI_ERROR_NOT_FOUND);
}

static void
test_toolset_of_an_object (void)
{
  g_autoptr(KioskDesk) desk = kiosk_desk_new ();
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_toolset_add_object (toolset, G_OBJECT (desk), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (toolset)), ==, 4);
  check_tool (oai_toolset_find (toolset, "KioskDesk_get_weather"), "{\"city\":\"Brno\",\"unit\":\"celsius\"}", "{\"result\":\"Brno C 3\"}");
  check_tool (oai_toolset_find (toolset, "KioskDesk_order"), "{\"dish\":\"soup\"}", "{\"result\":{\"return_value\":\"one soup\",\"price\":7}}");
  check_tool (oai_toolset_find (toolset, "KioskDesk_greet"), "{\"name\":\"you\"}", "{\"result\":\"Hello you\"}");
  check_tool (oai_toolset_find (toolset, "KioskDesk_count"), "{\"step\":5}", "{\"result\":5}");
}

static void
test_functions_of_a_namespace (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) other = NULL;
  g_autoptr(OaiTool) secret = NULL;

  g_assert_true (oai_toolset_add_namespace (toolset, "Kiosk", "1", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (toolset)), ==, 3);
  check_tool (oai_toolset_find (toolset, "shout"), "{\"text\":\"stra\xc3\x9f" "e\"}", "{\"result\":\"STRASSE\"}");
  check_tool (oai_toolset_find (toolset, "Kiosk_Desk_area"), "{\"width\":3,\"height\":4}", "{\"result\":12}");
  check_tool (oai_toolset_find (toolset, "Kiosk_wait"), "{\"delay_ms\":1}", "{\"result\":\"success\"}");

  secret = oai_tool_new_for_function ("Kiosk", "secret", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_tool_get_name (secret), ==, "Kiosk_secret");
  check_tool (secret, "{\"number\":84}", "{\"result\":42}");

  g_assert_false (oai_toolset_add_namespace (toolset, "GObject", "2.0", &other));
  g_assert_error (other, OAI_ERROR, OAI_ERROR_NOT_FOUND);
}

/* Methods of GIO, whose introspection data is always available. */
static void
test_methods_of_gio (void)
{
  g_autoptr(GFile) file = g_file_new_for_path ("/usr/include");
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiTool) tool = oai_tool_new_for_method (G_OBJECT (file), "get_basename", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_tool_get_name (tool), ==, "GLocalFile_get_basename");
  check_tool (tool, "{}", "{\"result\":\"include\"}");
}

static void
test_hostile_arguments (void)
{
  g_autoptr(KioskDesk) desk = kiosk_desk_new ();
  const char *last = "";

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr(OaiTool) tool = create (desk, values[i].method);

      if (strcmp (values[i].method, last) != 0)
        check_tool_survives (tool);
      last = values[i].method;
    }
}

static void
test_cancelled_at_every_moment (void)
{
  g_autoptr(KioskDesk) desk = kiosk_desk_new ();
  g_autoptr(OaiTool) order = create (desk, "order");
  g_autoptr(OaiTool) slow = NULL;
  g_autoptr(GError) error = NULL;

  check_tool_cancels (order, "{\"dish\":\"soup\",\"delay_ms\":3}");
  slow = oai_tool_new_for_function ("Kiosk", "wait_async", &error);
  g_assert_no_error (error);
  check_tool_cancels (slow, "{\"delay_ms\":3}");
}

static void
test_blocking (void)
{
  g_autoptr(KioskDesk) desk = kiosk_desk_new ();
  g_autoptr(OaiTool) order = create (desk, "order_async");
  g_autoptr(OaiTool) greet = create (desk, "greet");

  check_tool_blocks (order, "{\"dish\":\"soup\",\"delay_ms\":5}", "{\"result\":{\"return_value\":\"one soup\",\"price\":7}}");
  check_tool_blocks (greet, "{}", "{\"result\":\"Hello friend\"}");
}

/* The tool keeps the object, and a call keeps the tool. */
static void
test_tool_is_dropped_during_a_call (void)
{
  KioskDesk *desk = kiosk_desk_new ();
  OaiTool *tool = create (desk, "order");
  OaiToolCall *call = oai_tool_call_new (tool, "call_1", "order", "{\"dish\":\"soup\",\"delay_ms\":1}");

  g_object_add_weak_pointer (G_OBJECT (desk), (gpointer *) &desk);
  oai_tool_call_run_async (call, NULL, NULL, NULL);
  g_object_unref (tool);
  g_object_unref (desk);
  g_assert_nonnull (desk);
  while (!oai_tool_call_has_ended (call))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_SUCCEEDED);
  g_object_unref (call);
  while (desk != NULL)
    g_main_context_iteration (NULL, FALSE);
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  oai_tool_require_namespace ("Kiosk", "1", &error);
  g_assert_no_error (error);
  g_test_add_func ("/introspected-tools/values", test_values);
  g_test_add_func ("/introspected-tools/wrong-values", test_wrong_values);
  g_test_add_func ("/introspected-tools/too-many-elements", test_too_many_elements);
  g_test_add_func ("/introspected-tools/schema", test_schema);
  g_test_add_func ("/introspected-tools/errors-of-methods", test_errors_of_methods);
  g_test_add_func ("/introspected-tools/unknown-methods", test_unknown_methods);
  g_test_add_func ("/introspected-tools/objects-of-unknown-types", test_objects_of_unknown_types);
  g_test_add_func ("/introspected-tools/toolset-of-an-object", test_toolset_of_an_object);
  g_test_add_func ("/introspected-tools/functions-of-a-namespace", test_functions_of_a_namespace);
  g_test_add_func ("/introspected-tools/methods-of-gio", test_methods_of_gio);
  g_test_add_func ("/introspected-tools/hostile-arguments", test_hostile_arguments);
  g_test_add_func ("/introspected-tools/cancelled-at-every-moment", test_cancelled_at_every_moment);
  g_test_add_func ("/introspected-tools/blocking", test_blocking);
  g_test_add_func ("/introspected-tools/tool-is-dropped-during-a-call", test_tool_is_dropped_during_a_call);

  return g_test_run ();
}
