/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kiosk.h"
#include "tool-fixture.h"

static void
book_cb (OaiToolCall *call, GObject *arguments, gpointer user_data)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  int age;

  g_assert_true (KIOSK_IS_VISITOR (arguments));
  g_object_get (arguments, "name", &name, "age", &age, NULL);
  text = g_strdup_printf ("%s, %d", name, age);
  oai_tool_call_respond (call, text);
}

static void
note_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
test_calls (void)
{
  g_autoptr(GError) error = NULL;
  gboolean freed = FALSE;
  OaiTool *tool = oai_tool_new_for_type ("book", "Books a table", KIOSK_TYPE_VISITOR, book_cb, &freed, note_cb, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_tool_get_description (tool), ==, "Books a table");
  check_tool (tool, "{\"name\":\"Ada\",\"age\":36}", "{\"result\":\"Ada, 36\"}");
  check_tool_rejects (tool, "{\"name\":\"Ada\",\"age\":151}", "age");
  check_tool_rejects (tool, "{\"name\":1}", "name");
  check_tool_survives (tool);
  g_assert_false (freed);
  g_object_unref (tool);
  g_assert_true (freed);
}

static void
respond_cb (OaiToolCall *call, GObject *arguments, gpointer user_data)
{
  oai_tool_call_respond (call, NULL);
}

/* Models that have no arguments to send also send nothing or null. */
static void
test_no_arguments (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiTool) tool = oai_tool_new_for_type ("cancel", NULL, G_TYPE_CANCELLABLE, respond_cb, NULL, NULL, &error);

  g_assert_no_error (error);
  check_tool (tool, "{}", "{\"result\":\"success\"}");
  check_tool (tool, "", "{\"result\":\"success\"}");
  check_tool (tool, " ", "{\"result\":\"success\"}");
  check_tool (tool, "null", "{\"result\":\"success\"}");
}

static void
test_unsupported_types (void)
{
  g_autoptr(GError) error = NULL;
  gboolean freed = FALSE;
  g_autoptr(OaiTool) tool = oai_tool_new_for_type ("abstract", NULL, G_TYPE_INPUT_STREAM, book_cb, &freed, note_cb, &error);

  g_assert_null (tool);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_true (freed);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/type-tools/calls", test_calls);
  g_test_add_func ("/type-tools/no-arguments", test_no_arguments);
  g_test_add_func ("/type-tools/unsupported-types", test_unsupported_types);

  return g_test_run ();
}
