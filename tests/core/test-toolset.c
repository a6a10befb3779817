/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Toolsets: their lists, and runs of several calls. */

#include "oai-error.h"
#include "oai-toolset-private.h"

#include <string.h>

/* List */

typedef struct
{
  guint count;
  guint position;
  guint removed;
  guint added;
} Changes;

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  Changes *changes = user_data;

  *changes = (Changes) { changes->count + 1, position, removed, added };
}

static void
assert_changes (Changes *changes, guint count, guint position, guint removed, guint added)
{
  g_assert_cmpuint (changes->count, ==, count);
  g_assert_cmpuint (changes->position, ==, position);
  g_assert_cmpuint (changes->removed, ==, removed);
  g_assert_cmpuint (changes->added, ==, added);
}

static char *
dup_names (OaiToolset *toolset)
{
  GString *names = g_string_new (NULL);
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (toolset));

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(OaiTool) tool = g_list_model_get_item (G_LIST_MODEL (toolset), i);

      g_string_append_printf (names, "%s%s", i > 0 ? " " : "", oai_tool_get_name (tool));
      g_assert_true (oai_toolset_find (toolset, oai_tool_get_name (tool)) == tool);
    }
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (toolset), n_items));

  return g_string_free (names, FALSE);
}

static void
assert_names (OaiToolset *toolset, const char *expected)
{
  g_autofree char *names = dup_names (toolset);

  g_assert_cmpstr (names, ==, expected);
}

static void
add (OaiToolset *toolset, const char *name)
{
  g_autoptr(OaiTool) tool = oai_tool_new (name, NULL, NULL, NULL, NULL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_toolset_add (toolset, tool, &error));
  g_assert_no_error (error);
}

static void
test_list (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  Changes changes = { 0 };

  g_signal_connect (toolset, "items-changed", G_CALLBACK (changed_cb), &changes);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (toolset)) == OAI_TYPE_TOOL);
  add (toolset, "a");
  add (toolset, "b");
  add (toolset, "c");
  assert_changes (&changes, 3, 2, 0, 1);
  assert_names (toolset, "a b c");

  g_assert_false (oai_toolset_remove (toolset, "missing"));
  g_assert_true (oai_toolset_remove (toolset, "b"));
  assert_changes (&changes, 4, 1, 1, 0);
  assert_names (toolset, "a c");
  g_assert_null (oai_toolset_find (toolset, "b"));
}

/* A hostile server can have many tools.  Changes that belong together are reported once. */
static void
test_many (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiToolset) outer = oai_toolset_new ();
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GError) error = NULL;
  Changes changes = { 0 };

  g_assert_true (oai_toolset_include (outer, toolset, "other_", &error));
  g_assert_no_error (error);
  g_signal_connect (outer, "items-changed", G_CALLBACK (changed_cb), &changes);
  for (guint i = 0; i < 10000; i++)
    g_ptr_array_add (names, g_strdup_printf ("a_tool_of_a_server_with_a_long_name_%u", i));

  oai_toolset_begin_change (toolset);
  for (guint i = 0; i < names->len; i++)
    add (toolset, names->pdata[i]);
  g_assert_nonnull (oai_toolset_find (toolset, names->pdata[9999]));
  assert_changes (&changes, 0, 0, 0, 0);
  oai_toolset_end_change (toolset);
  assert_changes (&changes, 1, 0, 0, 10000);
  g_assert_nonnull (oai_toolset_find (outer, "other_a_tool_of_a_server_with_a_long_name_9999"));

  oai_toolset_begin_change (toolset);
  for (guint i = 0; i < names->len; i++)
    g_assert_true (oai_toolset_remove (toolset, names->pdata[i]));
  oai_toolset_end_change (toolset);
  assert_changes (&changes, 2, 0, 10000, 0);
  assert_names (outer, "");
}

/* A source of tools replaces one: what the program has set is kept, and what the source has set is not. */
static void
test_kept_settings (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiTool) first = oai_tool_new ("a", "First", NULL, NULL, NULL, NULL);
  g_autoptr(OaiTool) second = oai_tool_new ("a", "Second", NULL, NULL, NULL, NULL);
  g_autoptr(OaiTool) third = oai_tool_new ("a", "Third", NULL, NULL, NULL, NULL);
  g_autoptr(OaiTool) guarded = g_object_new (OAI_TYPE_TOOL, "name", "a", "needs-approval", TRUE, NULL);
  g_autoptr(OaiTool) untrusted = g_object_new (OAI_TYPE_TOOL, "name", "a", "needs-approval", TRUE, NULL);
  g_autoptr(OaiTool) other = oai_tool_new ("a", "Other", NULL, NULL, NULL, NULL);

  g_assert_true (oai_toolset_add_kept (toolset, first, NULL));
  oai_tool_set_timeout_ms (first, 5);
  oai_tool_set_parallel (first, FALSE);
  oai_toolset_set_kept_needs_approval (toolset, first, TRUE);
  g_assert_true (oai_tool_get_needs_approval (first));
  oai_toolset_remove (toolset, "a");

  g_assert_true (oai_toolset_add_kept (toolset, second, NULL));
  g_assert_cmpuint (oai_tool_get_timeout_ms (second), ==, 5);
  g_assert_false (oai_tool_get_parallel (second));
  g_assert_false (oai_tool_get_needs_approval (second));
  g_assert_cmpstr (oai_tool_get_description (second), ==, "Second");
  oai_tool_set_description (second, "Mine");
  oai_tool_set_needs_approval (second, TRUE);
  oai_tool_set_parallel (second, TRUE);
  oai_toolset_remove (toolset, "a");

  g_assert_true (oai_toolset_add_kept (toolset, third, NULL));
  g_assert_cmpuint (oai_tool_get_timeout_ms (third), ==, 5);
  g_assert_true (oai_tool_get_parallel (third));
  g_assert_true (oai_tool_get_needs_approval (third));
  g_assert_cmpstr (oai_tool_get_description (third), ==, "Mine");
  oai_toolset_remove (toolset, "a");

  /* The program trusts a tool, but not the next one. */
  g_assert_true (oai_toolset_add_kept (toolset, guarded, NULL));
  oai_tool_set_needs_approval (guarded, FALSE);
  oai_toolset_remove (toolset, "a");
  g_assert_true (oai_toolset_add_kept (toolset, untrusted, NULL));
  g_assert_true (oai_tool_get_needs_approval (untrusted));
  oai_toolset_remove (toolset, "a");

  /* A tool of the program is used as it is. */
  g_assert_true (oai_toolset_add (toolset, other, NULL));
  g_assert_false (oai_tool_get_needs_approval (other));
}

/* A source cannot remove the approval that the program requires by requiring it itself for some time. */
static void
test_kept_approval (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  const gboolean of_source[] = { FALSE, TRUE, TRUE, FALSE };

  for (guint i = 0; i < G_N_ELEMENTS (of_source); i++)
    {
      g_autoptr(OaiTool) tool = g_object_new (OAI_TYPE_TOOL, "name", "a", "needs-approval", of_source[i], NULL);

      g_assert_true (oai_toolset_add_kept (toolset, tool, NULL));
      if (i == 0)
        oai_tool_set_needs_approval (tool, TRUE);
      g_assert_true (oai_tool_get_needs_approval (tool));
      oai_toolset_remove (toolset, "a");
    }
}

static void
test_names (void)
{
  static const char *const invalid[] = { "", "a b", "a.b", "\xc3\xa4", "a/b", "0123456789012345678901234567890123456789012345678901234567890123x" };
  static const char *const valid[] = { "a", "A_b-9", "0123456789012345678901234567890123456789012345678901234567890123" };
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiTool) unnamed = g_object_new (OAI_TYPE_TOOL, NULL);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      g_assert_null (oai_toolset_add_function (toolset, invalid[i], NULL, NULL, NULL, NULL, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (valid); i++)
    add (toolset, valid[i]);
  g_assert_false (oai_toolset_add (toolset, unnamed, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (oai_toolset_add_function (toolset, "a", NULL, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "a"));
}

static void
free_cb (gpointer data)
{
  guint *count = data;

  (*count)++;
}

static void
test_invalid_schema (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(GError) error = NULL;
  guint freed = 0;

  g_assert_null (oai_toolset_add_function (toolset, "a", NULL, "[1]", NULL, &freed, free_cb, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (freed, ==, 1);
  assert_names (toolset, "");
}

/* Included toolsets */

static void
include (OaiToolset *toolset, OaiToolset *other, const char *prefix)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_toolset_include (toolset, other, prefix, &error));
  g_assert_no_error (error);
}

static void
test_include (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiToolset) other = oai_toolset_new ();
  Changes changes = { 0 };
  OaiTool *tool;

  add (other, "x");
  add (toolset, "a");
  g_signal_connect (toolset, "items-changed", G_CALLBACK (changed_cb), &changes);
  include (toolset, other, NULL);
  assert_changes (&changes, 1, 1, 0, 1);
  add (toolset, "b");
  assert_names (toolset, "a x b");
  g_assert_true (oai_toolset_find (toolset, "x") == oai_toolset_find (other, "x"));

  add (other, "y");
  assert_changes (&changes, 3, 2, 0, 1);
  assert_names (toolset, "a x y b");
  g_assert_true (oai_toolset_remove (other, "x"));
  assert_changes (&changes, 4, 1, 1, 0);

  /* A name that is used already does not appear until it is free. */
  add (other, "a");
  assert_changes (&changes, 4, 1, 1, 0);
  assert_names (toolset, "a y b");
  tool = oai_toolset_find (other, "a");
  g_assert_true (oai_toolset_find (toolset, "a") != tool);
  g_assert_true (oai_toolset_remove (toolset, "a"));
  assert_names (toolset, "y a b");
  g_assert_true (oai_toolset_find (toolset, "a") == tool);

  /* Tools of others are not removed here. */
  g_assert_false (oai_toolset_remove (toolset, "y"));
}

/* A server that adds a tool later does not get the calls of another tool with this name. */
static void
test_taken_name (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiToolset) server = oai_toolset_new ();
  g_autoptr(OaiToolset) second = oai_toolset_new ();
  OaiTool *own, *other;

  include (toolset, server, NULL);
  add (second, "send");
  include (toolset, second, NULL);
  add (toolset, "pay");
  own = oai_toolset_find (toolset, "pay");
  other = oai_toolset_find (toolset, "send");

  add (server, "pay");
  add (server, "send");
  add (server, "x");
  assert_names (toolset, "x send pay");
  g_assert_true (oai_toolset_find (toolset, "pay") == own);
  g_assert_true (oai_toolset_find (toolset, "send") == other);

  g_assert_true (oai_toolset_remove (toolset, "pay"));
  assert_names (toolset, "pay x send");

  /* A tool of several included toolsets is listed once. */
  g_assert_true (oai_toolset_remove (server, "send"));
  include (second, server, NULL);
  assert_names (toolset, "pay x send");
}

static void
test_exclude (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiToolset) other = oai_toolset_new ();
  Changes changes = { 0 };

  add (other, "x");
  add (other, "y");
  include (toolset, other, NULL);
  include (toolset, other, "o_");
  add (toolset, "a");
  g_signal_connect (toolset, "items-changed", G_CALLBACK (changed_cb), &changes);
  g_assert_true (oai_toolset_exclude (toolset, other));
  assert_changes (&changes, 1, 0, 4, 0);
  g_assert_false (oai_toolset_exclude (toolset, other));
  add (other, "z");
  assert_names (toolset, "a");
  g_assert_true (oai_toolset_remove (toolset, "a"));
  include (toolset, other, NULL);
  assert_names (toolset, "x y z");
}

static void
test_include_errors (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiToolset) other = oai_toolset_new ();
  g_autoptr(OaiToolset) third = oai_toolset_new ();
  g_autoptr(GError) error = NULL;

  add (toolset, "files_x");
  add (other, "x");
  g_assert_false (oai_toolset_include (toolset, other, "files_", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_toolset_include (toolset, other, "my files.", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  assert_names (toolset, "files_x");

  include (other, third, NULL);
  include (third, toolset, "t_");
  assert_names (other, "x t_files_x");
  g_assert_false (oai_toolset_include (toolset, other, "o_", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_toolset_include (toolset, toolset, "o_", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

/* Including keeps the other toolset alive, but not the one that includes it. */
static void
test_include_lifetime (void)
{
  OaiToolset *toolset = oai_toolset_new ();
  OaiToolset *other = oai_toolset_new ();

  include (toolset, other, "o_");
  add (other, "x");
  g_object_add_weak_pointer (G_OBJECT (toolset), (gpointer *) &toolset);
  g_object_unref (toolset);
  g_assert_null (toolset);
  add (other, "y");
  assert_names (other, "x y");
  g_object_add_weak_pointer (G_OBJECT (other), (gpointer *) &other);
  g_object_unref (other);
  g_assert_null (other);
}

static void
keep_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  g_assert_null (*kept);
  *kept = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
echo_cb (OaiToolCall *call, gpointer user_data)
{
  oai_tool_call_respond (call, oai_tool_call_get_name (call));
}

/* A tool with a prefix is the same tool under another name. */
static void
test_prefix (void)
{
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiToolset) other = oai_toolset_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiToolCall) call = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiTool) seen = NULL;
  OaiTool *inner = oai_toolset_add_function (other, "x", "First", "{\"type\":\"object\",\"required\":[\"n\"]}", echo_cb, NULL, NULL, NULL);
  OaiTool *outer;

  include (toolset, other, "files_");
  outer = oai_toolset_find (toolset, "files_x");
  seen = g_object_ref (outer);
  g_assert_cmpstr (oai_tool_get_description (outer), ==, "First");
  g_assert_true (oai_tool_get_parameters (outer) == oai_tool_get_parameters (inner));
  oai_tool_set_description (inner, "Second");
  oai_tool_set_needs_approval (inner, TRUE);
  oai_tool_set_timeout_ms (inner, 7000);
  g_assert_cmpstr (oai_tool_get_description (outer), ==, "Second");
  g_assert_true (oai_tool_get_needs_approval (outer));
  g_assert_cmpuint (oai_tool_get_timeout_ms (outer), ==, 7000);
  oai_tool_set_needs_approval (outer, FALSE);
  g_assert_false (oai_tool_get_needs_approval (inner));
  oai_tool_set_timeout_ms (outer, 8000);
  g_assert_cmpuint (oai_tool_get_timeout_ms (inner), ==, 8000);

  add (other, "y");
  g_assert_true (oai_toolset_find (toolset, "files_x") == outer);
  oai_toolset_call_async (toolset, "1", "files_x", "{\"n\":1}", NULL, keep_result_cb, &result);
  wait_for (&result);
  call = oai_toolset_call_finish (toolset, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"result\":\"files_x\"}");

  oai_toolset_remove (other, "x");
  assert_names (toolset, "files_y");
  g_assert_cmpstr (oai_tool_get_name (seen), ==, "files_x");
}

/* Runs */

/* Collects the calls of a tool, which are answered later. */
static void
collect_cb (OaiToolCall *call, gpointer user_data)
{
  g_ptr_array_add (user_data, g_object_ref (call));
}

typedef struct
{
  OaiToolset *toolset;
  GPtrArray *running;  /* calls that tools wait for */
  GPtrArray *calls;
  GString *events;     /* of the signals */
} Fixture;

static void
call_started_cb (OaiToolset *toolset, OaiToolCall *call, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append_printf (fixture->events, "+%s ", oai_tool_call_get_id (call));
}

static void
call_finished_cb (OaiToolset *toolset, OaiToolCall *call, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_true (oai_tool_call_has_ended (call));
  g_string_append_printf (fixture->events, "-%s ", oai_tool_call_get_id (call));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->toolset = oai_toolset_new ();
  fixture->running = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->calls = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->events = g_string_new (NULL);
  oai_toolset_add_function (fixture->toolset, "later", NULL, NULL, collect_cb, fixture->running, NULL, NULL);
  oai_toolset_add_function (fixture->toolset, "alone", NULL, NULL, collect_cb, fixture->running, NULL, NULL);
  oai_toolset_add_function (fixture->toolset, "echo", NULL, NULL, echo_cb, NULL, NULL, NULL);
  oai_tool_set_parallel (oai_toolset_find (fixture->toolset, "alone"), FALSE);
  g_signal_connect (fixture->toolset, "call-started", G_CALLBACK (call_started_cb), fixture);
  g_signal_connect (fixture->toolset, "call-finished", G_CALLBACK (call_finished_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->calls);
  g_ptr_array_unref (fixture->running);
  g_clear_object (&fixture->toolset);
  g_string_free (fixture->events, TRUE);
}

static void
add_call (Fixture *fixture, const char *id, const char *name)
{
  g_ptr_array_add (fixture->calls, oai_toolset_new_call (fixture->toolset, id, name, ""));
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
assert_running (Fixture *fixture, const char *ids)
{
  g_autoptr(GString) text = g_string_new (NULL);

  iterate ();
  for (guint i = 0; i < fixture->running->len; i++)
    g_string_append (text, oai_tool_call_get_id (fixture->running->pdata[i]));
  g_assert_cmpstr (text->str, ==, ids);
}

static void
respond (Fixture *fixture, guint index)
{
  oai_tool_call_respond (fixture->running->pdata[index], NULL);
  g_ptr_array_remove_index (fixture->running, index);
}

static void
assert_done (Fixture *fixture, GAsyncResult **result)
{
  g_autoptr(GError) error = NULL;

  wait_for (result);
  g_assert_true (oai_toolset_run_finish (fixture->toolset, *result, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < fixture->calls->len; i++)
    g_assert_nonnull (oai_tool_call_get_output (fixture->calls->pdata[i]));
}

static void
test_parallel (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  add_call (fixture, "1", "later");
  add_call (fixture, "2", "later");
  add_call (fixture, "3", "missing");
  add_call (fixture, "4", "later");
  oai_toolset_run_async (fixture->toolset, fixture->calls, TRUE, NULL, keep_result_cb, &result);
  assert_running (fixture, "124");
  respond (fixture, 2);
  respond (fixture, 0);
  assert_running (fixture, "2");
  g_assert_null (result);
  respond (fixture, 0);
  assert_done (fixture, &result);
  g_assert_cmpstr (fixture->events->str, ==, "+1 +2 +3 +4 -3 -4 -1 -2 ");
  g_assert_cmpstr (oai_tool_call_get_output (fixture->calls->pdata[2]), ==, "{\"error\":\"There is no tool with this name. The tools are: later, alone, echo\"}");
}

static void
test_sequential (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  add_call (fixture, "1", "later");
  add_call (fixture, "2", "echo");
  add_call (fixture, "3", "later");
  oai_toolset_run_async (fixture->toolset, fixture->calls, FALSE, NULL, keep_result_cb, &result);
  assert_running (fixture, "1");
  respond (fixture, 0);
  assert_running (fixture, "3");
  respond (fixture, 0);
  assert_done (fixture, &result);
  g_assert_cmpstr (fixture->events->str, ==, "+1 -1 +2 -2 +3 -3 ");
}

/* A tool that is not parallel runs alone. */
static void
test_alone (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  add_call (fixture, "1", "later");
  add_call (fixture, "2", "later");
  add_call (fixture, "3", "alone");
  add_call (fixture, "4", "later");
  add_call (fixture, "5", "later");
  oai_toolset_run_async (fixture->toolset, fixture->calls, TRUE, NULL, keep_result_cb, &result);
  assert_running (fixture, "12");
  respond (fixture, 0);
  assert_running (fixture, "2");
  respond (fixture, 0);
  assert_running (fixture, "3");
  respond (fixture, 0);
  assert_running (fixture, "45");
  respond (fixture, 0);
  respond (fixture, 0);
  assert_done (fixture, &result);
}

static void
test_no_calls (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_toolset_run_async (fixture->toolset, fixture->calls, TRUE, NULL, keep_result_cb, &result);
  g_assert_null (result);
  assert_done (fixture, &result);
}

/* Servers send the same identifier twice; these are different calls. */
static void
test_same_id (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  add_call (fixture, "1", "later");
  add_call (fixture, "1", "later");
  oai_toolset_run_async (fixture->toolset, fixture->calls, TRUE, NULL, keep_result_cb, &result);
  assert_running (fixture, "11");
  respond (fixture, 1);
  respond (fixture, 0);
  assert_done (fixture, &result);
}

/* A call that ended before, and one that is part of the run twice. */
static void
test_ended_calls (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  add_call (fixture, "1", "later");
  add_call (fixture, "2", "echo");
  g_ptr_array_add (fixture->calls, g_object_ref (fixture->calls->pdata[1]));
  oai_tool_call_respond_output (fixture->calls->pdata[0], "before");
  oai_toolset_run_async (fixture->toolset, fixture->calls, FALSE, NULL, keep_result_cb, &result);
  assert_done (fixture, &result);
  g_assert_cmpstr (oai_tool_call_get_output (fixture->calls->pdata[0]), ==, "before");
  g_assert_cmpuint (fixture->running->len, ==, 0);
}

static void
answer_started_cb (OaiToolset *toolset, OaiToolCall *call, gpointer user_data)
{
  oai_tool_call_respond_output (call, "by the program");
}

static void
test_answer_of_the_program (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  g_signal_connect (fixture->toolset, "call-started", G_CALLBACK (answer_started_cb), NULL);
  add_call (fixture, "1", "later");
  add_call (fixture, "2", "missing");
  oai_toolset_run_async (fixture->toolset, fixture->calls, TRUE, NULL, keep_result_cb, &result);
  assert_done (fixture, &result);
  g_assert_cmpstr (oai_tool_call_get_output (fixture->calls->pdata[0]), ==, "by the program");
  g_assert_cmpstr (oai_tool_call_get_output (fixture->calls->pdata[1]), ==, "by the program");
}

static void
approve_cb (OaiToolset *toolset, OaiToolCall *call, gpointer user_data)
{
  GPtrArray *requests = user_data;

  g_ptr_array_add (requests, g_object_ref (call));
}

static void
test_approval (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GPtrArray) requests = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GAsyncResult) result = NULL;

  oai_tool_set_needs_approval (oai_toolset_find (fixture->toolset, "echo"), TRUE);
  g_signal_connect (fixture->toolset, "approval-requested", G_CALLBACK (approve_cb), requests);
  add_call (fixture, "1", "echo");
  add_call (fixture, "2", "echo");
  add_call (fixture, "3", "missing");
  oai_toolset_run_async (fixture->toolset, fixture->calls, TRUE, NULL, keep_result_cb, &result);
  iterate ();
  g_assert_cmpuint (requests->len, ==, 2);
  oai_tool_call_approve (requests->pdata[1]);
  oai_tool_call_deny (requests->pdata[0], NULL);
  assert_done (fixture, &result);
  g_assert_cmpint (oai_tool_call_get_state (fixture->calls->pdata[0]), ==, OAI_TOOL_CALL_STATE_DENIED);
  g_assert_cmpint (oai_tool_call_get_state (fixture->calls->pdata[1]), ==, OAI_TOOL_CALL_STATE_SUCCEEDED);
}

static void
run_started_cb (OaiToolset *toolset, OaiToolCall *call)
{
  oai_tool_call_run_async (call, NULL, NULL, NULL);
}

/* A call that the program runs itself requests approval like others. */
static void
test_approval_of_program (Fixture *fixture, gconstpointer data)
{
  g_signal_connect (fixture->toolset, "call-started", G_CALLBACK (run_started_cb), NULL);
  test_approval (fixture, data);
}

static void
test_approval_without_handler (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_tool_set_needs_approval (oai_toolset_find (fixture->toolset, "echo"), TRUE);
  add_call (fixture, "1", "echo");
  oai_toolset_run_async (fixture->toolset, fixture->calls, TRUE, NULL, keep_result_cb, &result);
  assert_done (fixture, &result);
  g_assert_cmpint (oai_tool_call_get_state (fixture->calls->pdata[0]), ==, OAI_TOOL_CALL_STATE_DENIED);
}

/* Each call has an output, those that had one keep it, and none starts afterwards. */
static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  gboolean parallel = GPOINTER_TO_INT (data);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  add_call (fixture, "1", "echo");
  add_call (fixture, "2", "later");
  add_call (fixture, "3", "later");
  oai_toolset_run_async (fixture->toolset, fixture->calls, parallel, cancellable, keep_result_cb, &result);
  assert_running (fixture, parallel ? "23" : "2");
  g_cancellable_cancel (cancellable);
  wait_for (&result);
  g_assert_false (oai_toolset_run_finish (fixture->toolset, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (oai_tool_call_get_output (fixture->calls->pdata[0]), ==, "{\"result\":\"echo\"}");
  g_assert_cmpint (oai_tool_call_get_state (fixture->calls->pdata[1]), ==, OAI_TOOL_CALL_STATE_CANCELLED);
  g_assert_cmpint (oai_tool_call_get_state (fixture->calls->pdata[2]), ==, OAI_TOOL_CALL_STATE_CANCELLED);
  g_assert_nonnull (oai_tool_call_get_output (fixture->calls->pdata[2]));
  g_assert_cmpuint (fixture->running->len, ==, parallel ? 2 : 1);
}

/* One call that is cancelled does not cancel the others. */
static void
test_one_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  add_call (fixture, "1", "later");
  add_call (fixture, "2", "later");
  oai_toolset_run_async (fixture->toolset, fixture->calls, TRUE, NULL, keep_result_cb, &result);
  oai_tool_call_cancel (fixture->calls->pdata[0]);
  assert_running (fixture, "12");
  respond (fixture, 1);
  assert_done (fixture, &result);
  g_assert_cmpint (oai_tool_call_get_state (fixture->calls->pdata[0]), ==, OAI_TOOL_CALL_STATE_CANCELLED);
}

/* Both runs wait for the call. */
static void
test_runs_already (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) first = NULL;
  g_autoptr(GAsyncResult) second = NULL;

  add_call (fixture, "1", "later");
  oai_toolset_run_async (fixture->toolset, fixture->calls, TRUE, NULL, keep_result_cb, &first);
  oai_toolset_run_async (fixture->toolset, fixture->calls, TRUE, NULL, keep_result_cb, &second);
  assert_running (fixture, "1");
  respond (fixture, 0);
  assert_done (fixture, &first);
  assert_done (fixture, &second);
}

static void
run_call_cb (OaiToolset *toolset, OaiToolCall *call, gpointer user_data)
{
  oai_tool_call_run_async (call, NULL, NULL, NULL);
}

/* A handler runs the call itself. */
static void
test_run_by_handler (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  add_call (fixture, "1", "later");
  g_signal_connect (fixture->toolset, "call-started", G_CALLBACK (run_call_cb), NULL);
  oai_toolset_run_async (fixture->toolset, fixture->calls, TRUE, NULL, keep_result_cb, &result);
  assert_running (fixture, "1");
  respond (fixture, 0);
  assert_done (fixture, &result);
}

static void
release_cb (OaiToolset *toolset, OaiToolCall *call, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_clear_object (&fixture->toolset);
  g_ptr_array_set_size (fixture->calls, 0);
}

static void
count_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *count = user_data;
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_toolset_run_finish (OAI_TOOLSET (source), result, &error));
  g_assert_no_error (error);
  (*count)++;
}

/* A handler releases everything that the program has. */
static void
test_last_reference (Fixture *fixture, gconstpointer data)
{
  guint count = 0;

  g_signal_connect (fixture->toolset, "call-finished", G_CALLBACK (release_cb), fixture);
  add_call (fixture, "1", "echo");
  add_call (fixture, "2", "echo");
  oai_toolset_run_async (fixture->toolset, fixture->calls, FALSE, NULL, count_result_cb, &count);
  while (count == 0)
    g_main_context_iteration (NULL, TRUE);
  iterate ();
  g_assert_cmpuint (count, ==, 1);
}

static void
iterate_cb (OaiToolset *toolset, OaiToolCall *call, gpointer user_data)
{
  iterate ();
}

/* Handlers iterate the main loop at each step. */
static void
test_nested_loops (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  g_signal_connect (fixture->toolset, "call-started", G_CALLBACK (iterate_cb), NULL);
  g_signal_connect (fixture->toolset, "call-finished", G_CALLBACK (iterate_cb), NULL);
  for (guint i = 0; i < 5; i++)
    add_call (fixture, "1", i == 2 ? "alone" : "echo");
  add_call (fixture, "1", "later");
  oai_toolset_run_async (fixture->toolset, fixture->calls, GPOINTER_TO_INT (data), NULL, keep_result_cb, &result);
  while (fixture->running->len == 0)
    g_main_context_iteration (NULL, TRUE);
  if (fixture->calls->len > 0 && !oai_tool_call_has_ended (fixture->running->pdata[0]))
    respond (fixture, 0);
  while (result == NULL)
    {
      g_main_context_iteration (NULL, FALSE);
      if (fixture->running->len > 0)
        respond (fixture, 0);
    }
  assert_done (fixture, &result);
}

/* The program cancels after each number of steps of the main loop. */
static void
test_cancelled_anywhere (Fixture *fixture, gconstpointer data)
{
  for (guint steps = 0; steps < 20; steps++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GAsyncResult) result = NULL;

      g_ptr_array_set_size (fixture->calls, 0);
      g_ptr_array_set_size (fixture->running, 0);
      for (guint i = 0; i < 4; i++)
        add_call (fixture, "1", i % 2 == 0 ? "echo" : "later");
      oai_toolset_run_async (fixture->toolset, fixture->calls, steps % 2, cancellable, keep_result_cb, &result);
      for (guint i = 0; i < steps / 2; i++)
        {
          g_main_context_iteration (NULL, FALSE);
          if (fixture->running->len > 0)
            respond (fixture, 0);
        }
      g_cancellable_cancel (cancellable);
      wait_for (&result);
      oai_toolset_run_finish (fixture->toolset, result, NULL);
      for (guint i = 0; i < fixture->calls->len; i++)
        g_assert_nonnull (oai_tool_call_get_output (fixture->calls->pdata[i]));
    }
}

static void
test_call (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GAsyncResult) cancelled = NULL;
  g_autoptr(OaiToolCall) call = NULL;
  g_autoptr(GError) error = NULL;

  oai_toolset_call_async (fixture->toolset, "7", "echo", "{}", NULL, keep_result_cb, &result);
  wait_for (&result);
  call = oai_toolset_call_finish (fixture->toolset, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_tool_call_get_id (call), ==, "7");
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, "{\"result\":\"echo\"}");

  oai_toolset_call_async (fixture->toolset, "8", "later", NULL, cancellable, keep_result_cb, &cancelled);
  g_cancellable_cancel (cancellable);
  wait_for (&cancelled);
  g_assert_null (oai_toolset_call_finish (fixture->toolset, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

#define TEST(name, data, function) g_test_add ("/toolset/" name, Fixture, GINT_TO_POINTER (data), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/toolset/list", test_list);
  g_test_add_func ("/toolset/many", test_many);
  g_test_add_func ("/toolset/kept-settings", test_kept_settings);
  g_test_add_func ("/toolset/taken-name", test_taken_name);
  g_test_add_func ("/toolset/kept-approval", test_kept_approval);
  g_test_add_func ("/toolset/exclude", test_exclude);
  g_test_add_func ("/toolset/names", test_names);
  g_test_add_func ("/toolset/invalid-schema", test_invalid_schema);
  g_test_add_func ("/toolset/include", test_include);
  g_test_add_func ("/toolset/include-errors", test_include_errors);
  g_test_add_func ("/toolset/include-lifetime", test_include_lifetime);
  g_test_add_func ("/toolset/prefix", test_prefix);
  TEST ("parallel", 0, test_parallel);
  TEST ("sequential", 0, test_sequential);
  TEST ("alone", 0, test_alone);
  TEST ("no-calls", 0, test_no_calls);
  TEST ("same-id", 0, test_same_id);
  TEST ("ended-calls", 0, test_ended_calls);
  TEST ("answer-of-the-program", 0, test_answer_of_the_program);
  TEST ("approval", 0, test_approval);
  TEST ("approval-of-program", 0, test_approval_of_program);
  TEST ("approval-without-handler", 0, test_approval_without_handler);
  TEST ("cancelled/sequential", FALSE, test_cancelled);
  TEST ("cancelled/parallel", TRUE, test_cancelled);
  TEST ("cancelled/one", 0, test_one_cancelled);
  TEST ("cancelled/anywhere", 0, test_cancelled_anywhere);
  TEST ("runs-already", 0, test_runs_already);
  TEST ("run-by-handler", 0, test_run_by_handler);
  TEST ("last-reference", 0, test_last_reference);
  TEST ("nested-loops/sequential", FALSE, test_nested_loops);
  TEST ("nested-loops/parallel", TRUE, test_nested_loops);
  TEST ("call", 0, test_call);

  return g_test_run ();
}
