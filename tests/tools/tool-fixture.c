/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool-fixture.h"

#include <string.h>

typedef struct
{
  guint n;
  gboolean cancelled;
} Ended;

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Ended *ended = user_data;
  g_autoptr(GError) error = NULL;

  if (!oai_tool_call_run_finish (OAI_TOOL_CALL (source), result, &error))
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      ended->cancelled = TRUE;
    }
  ended->n++;
}

OaiToolCall *
run_tool (OaiTool *tool, const char *arguments)
{
  OaiToolCall *call = oai_tool_call_new (tool, "call_1", oai_tool_get_name (tool), arguments);
  Ended ended = { 0 };

  oai_tool_call_run_async (call, NULL, ended_cb, &ended);
  while (ended.n == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (ended.cancelled);
  g_assert_nonnull (oai_tool_call_get_output (call));

  return call;
}

void
check_tool (OaiTool *tool, const char *arguments, const char *output)
{
  g_autoptr(OaiToolCall) call = run_tool (tool, arguments);

  g_assert_cmpstr (oai_tool_call_get_output (call), ==, output);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_SUCCEEDED);
}

void
check_tool_rejects (OaiTool *tool, const char *arguments, const char *text)
{
  g_autoptr(OaiToolCall) call = run_tool (tool, arguments);

  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_FAILED);
  g_assert_nonnull (strstr (oai_tool_call_get_output (call), "error"));
  if (strstr (oai_tool_call_get_output (call), text) == NULL)
    g_error ("“%s” does not contain “%s”", oai_tool_call_get_output (call), text);
}

/* Hostile arguments */

static char *
nest (const char *name, guint depth)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "{\"%s\":", name);
  for (guint i = 0; i < depth; i++)
    g_string_append_c (text, '[');
  for (guint i = 0; i < depth; i++)
    g_string_append_c (text, ']');
  g_string_append_c (text, '}');

  return g_string_free (text, FALSE);
}

static void
survive (OaiTool *tool, const char *arguments)
{
  g_autoptr(OaiToolCall) call = run_tool (tool, arguments);

  g_assert_true (oai_tool_call_has_ended (call));
}

/* Values for each argument of a tool, by the names in its schema. */
static void
survive_values (OaiTool *tool, const char *name)
{
  static const char *const values[] = {
    "null", "true", "0", "-1", "1.5", "1e400", "-1e400", "NaN", "Infinity", "9223372036854775807", "9223372036854775808", "18446744073709551616",
    "99999999999999999999999999999999999999", "\"\"", "\"text\"", "\"\\u0000\"", "\"\\ud800\"", "\"\xff\xfe\"", "[]", "[null]", "[1,\"a\",{}]", "{}", "{\"a\":{\"b\":[]}}",
    "{\"a\":1,\"a\":2}", "[[[]]]", "\"%n%s\"", "\"../../etc/passwd\"",
  };
  g_autofree char *deep = nest (name, 10000);
  g_autofree char *nested = nest (name, 200);

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *arguments = g_strdup_printf ("{\"%s\":%s}", name, values[i]);

      survive (tool, arguments);
    }
  survive (tool, deep);
  survive (tool, nested);
}

/* Returns the names of the members of "properties". */
static GPtrArray *
list_arguments (OaiTool *tool)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *json = oai_json_schema_get_json (oai_tool_get_parameters (tool));
  g_autoptr(GRegex) regex = g_regex_new ("\"(\\w+)\":\\{", 0, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;

  for (g_regex_match (regex, json, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    g_ptr_array_add (names, g_match_info_fetch (match, 1));

  return names;
}

void
check_tool_survives (OaiTool *tool)
{
  static const char *const texts[] = {
    "", " ", "{}", "[]", "null", "1", "\"text\"", "{", "{\"a\"", "{\"a\":}", "\xff", "{\"unknown\":1}", "{\"\":\"\"}", "NaN", "{\"a\":NaN}", "{}{}",
  };
  g_autoptr(GPtrArray) names = list_arguments (tool);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    survive (tool, texts[i]);
  for (guint i = 0; i < names->len; i++)
    survive_values (tool, g_ptr_array_index (names, i));
}

/* Cancellation */

/* Returns whether the call was cancelled. */
static gboolean
cancel_after (OaiTool *tool, const char *arguments, int n_iterations)
{
  g_autoptr(OaiToolCall) call = oai_tool_call_new (tool, "call_1", oai_tool_get_name (tool), arguments);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Ended ended = { 0 };

  if (n_iterations < 0)
    g_cancellable_cancel (cancellable);
  oai_tool_call_run_async (call, cancellable, ended_cb, &ended);
  for (int i = 0; i < n_iterations && ended.n == 0; i++)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  while (ended.n == 0)
    g_main_context_iteration (NULL, TRUE);

  /* The function of the tool may still be pending. */
  for (guint i = 0; i < 20; i++)
    {
      g_usleep (1000);
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpuint (ended.n, ==, 1);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, ended.cancelled ? OAI_TOOL_CALL_STATE_CANCELLED : OAI_TOOL_CALL_STATE_SUCCEEDED);

  return ended.cancelled;
}

void
check_tool_cancels (OaiTool *tool, const char *arguments)
{
  int n = -1;

  while (cancel_after (tool, arguments, n))
    n++;
}
