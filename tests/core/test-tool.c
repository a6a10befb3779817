/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools, calls and toolsets, without a server. */

#include "oai-error.h"
#include "oai-toolset.h"

#include <string.h>

#define CITY "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}, \"days\": {\"type\": \"integer\"}}, \"required\": [\"city\"]}"

/* How a tool answers. */
typedef void (*Answer) (OaiToolCall *call);

/* Records the calls of a tool. */
typedef struct
{
  Answer answer;    /* NULL: later, or never */
  GPtrArray *calls; /* of OaiToolCall */
  guint freed;
} Tool;

typedef struct
{
  guint called;
  gboolean done;
  GError *error;
  OaiToolCall *call; /* of call_async */
} Result;

static void
tool_cb (OaiToolCall *call, gpointer user_data)
{
  Tool *tool = user_data;

  g_ptr_array_add (tool->calls, g_object_ref (call));
  if (tool->answer != NULL)
    tool->answer (call);
}

static void
tool_freed (gpointer data)
{
  Tool *tool = data;

  tool->freed++;
}

static Tool *
tool_new (Answer answer)
{
  Tool *tool = g_new0 (Tool, 1);

  tool->answer = answer;
  tool->calls = g_ptr_array_new_with_free_func (g_object_unref);

  return tool;
}

static void
tool_free (Tool *tool)
{
  g_ptr_array_unref (tool->calls);
  g_free (tool);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Tool, tool_free)

static void
result_clear (Result *result)
{
  g_clear_error (&result->error);
  g_clear_object (&result->call);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

static OaiToolset *
new_toolset (const char *name, const char *parameters, Tool *tool)
{
  g_autoptr(GError) error = NULL;
  OaiToolset *toolset = oai_toolset_new ();

  oai_toolset_add_function (toolset, name, "A tool", parameters, tool_cb, tool, tool_freed, &error);
  g_assert_no_error (error);

  return toolset;
}

static void
run_cb (GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  Result *result = user_data;

  result->called++;
  result->done = oai_tool_call_run_finish (OAI_TOOL_CALL (source), async_result, &result->error);
}

static void
wait_for (Result *result)
{
  while (result->called == 0)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (result->called, ==, 1);
}

static void
run (OaiToolCall *call)
{
  g_auto(Result) result = { 0 };

  oai_tool_call_run_async (call, NULL, run_cb, &result);
  wait_for (&result);
  g_assert_no_error (result.error);
  g_assert_true (result.done);
  g_assert_true (oai_tool_call_has_ended (call));
}

static void
answer_weather (OaiToolCall *call)
{
  g_autofree char *text = g_strdup_printf ("Sunny in %s for %d days", oai_tool_call_get_string (call, "city"), (int) oai_tool_call_get_int (call, "days"));

  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_RUNNING);
  oai_tool_call_respond (call, text);
}

static void
test_success (void)
{
  g_autoptr(Tool) tool = tool_new (answer_weather);
  g_autoptr(OaiToolset) toolset = new_toolset ("get_weather", CITY, tool);
  g_autoptr(OaiToolCall) call = oai_toolset_new_call (toolset, "call_1", "get_weather", "{\"city\": \"Oslo\", \"days\": 3}");

  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_NEW);
  g_assert_null (oai_tool_call_get_output (call));
  run (call);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_SUCCEEDED);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"result\":\"Sunny in Oslo for 3 days\"}");
  g_assert_cmpstr (oai_tool_call_get_id (call), ==, "call_1");
  g_assert_null (oai_tool_call_get_error (call));
  g_assert_false (g_cancellable_is_cancelled (oai_tool_call_get_cancellable (call)));

  /* A call runs at most once. */
  run (call);
  g_assert_cmpuint (tool->calls->len, ==, 1);

  g_clear_object (&call);
  g_clear_object (&toolset);
  g_ptr_array_set_size (tool->calls, 0);
  g_assert_cmpuint (tool->freed, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/tool/success", test_success);

  return g_test_run ();
}
