/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool-fixture.h"

static void
note_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  char **note = user_data;

  g_free (*note);
  *note = parameter != NULL ? g_variant_print (parameter, TRUE) : g_strdup ("nothing");
}

/* GSimpleAction does not take a floating reference. */
static void
set_hint (GSimpleActionGroup *group, const char *name, GVariant *hint)
{
  g_autoptr(GVariant) owned = g_variant_ref_sink (hint);

  g_simple_action_set_state_hint (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (group), name)), owned);
}

static GSimpleActionGroup *
create_actions (char **note)
{
  GSimpleActionGroup *group = g_simple_action_group_new ();
  GActionEntry entries[] = {
    { .name = "open", .activate = note_cb },
    { .name = "app.zoom", .activate = note_cb, .parameter_type = "d" },
    { .name = "options", .activate = note_cb, .parameter_type = "a{sv}" },
    { .name = "pair", .activate = note_cb, .parameter_type = "(si)" },
    { .name = "maybe", .activate = note_cb, .parameter_type = "ms" },
    { .name = "any", .activate = note_cb, .parameter_type = "v" },
    { .name = "dark", .state = "false" },
    { .name = "volume", .parameter_type = "i", .state = "5" },
    { .name = "color", .parameter_type = "s", .state = "'red'" },
    { .name = "descriptor", .activate = note_cb, .parameter_type = "h" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), note);
  set_hint (group, "volume", g_variant_new ("(ii)", 0, 10));
  set_hint (group, "color", g_variant_new_strv ((const char *const[]){ "red", "green" }, 2));

  return group;
}

static void
check_schema (OaiToolset *toolset, const char *name, const char *properties)
{
  g_autofree char *json = g_strdup_printf ("{\"type\":\"object\",\"properties\":{%s},\"required\":[%s],\"additionalProperties\":false}", properties, properties[0] != '\0' ? "\"value\"" : "");

  g_assert_cmpstr (oai_json_schema_get_json (oai_tool_get_parameters (oai_toolset_find (toolset, name))), ==, json);
}

static void
test_schemas (void)
{
  g_autofree char *note = NULL;
  g_autoptr(GSimpleActionGroup) actions = create_actions (&note);
  g_autoptr(OaiToolset) toolset = OAI_TOOLSET (oai_action_toolset_new (G_ACTION_GROUP (actions)));

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (toolset)), ==, 9);
  g_assert_null (oai_toolset_find (toolset, "descriptor"));
  check_schema (toolset, "open", "");
  check_schema (toolset, "app_zoom", "\"value\":{\"type\":\"number\"}");
  check_schema (toolset, "options", "\"value\":{\"type\":\"object\",\"additionalProperties\":{}}");
  check_schema (toolset, "dark", "");
  check_schema (toolset, "volume", "\"value\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":10}");
  check_schema (toolset, "color", "\"value\":{\"type\":\"string\",\"enum\":[\"red\",\"green\"]}");
}

static void
test_calls (void)
{
  static const struct
  {
    const char *name, *arguments, *output, *note;
  } calls[] = {
    { "open", "{}", "{\"result\":\"success\"}", "nothing" },
    { "app_zoom", "{\"value\":1.5}", "{\"result\":\"success\"}", "1.5" },
    { "options", "{\"value\":{\"a\":true}}", "{\"result\":\"success\"}", "{'a': <true>}" },
    { "pair", "{\"value\":[\"a\",2]}", "{\"result\":\"success\"}", "('a', 2)" },
    { "maybe", "{\"value\":null}", "{\"result\":\"success\"}", "@ms nothing" },
    { "maybe", "{\"value\":\"a\"}", "{\"result\":\"success\"}", "@ms 'a'" },
    { "dark", "{}", "{\"result\":true}", NULL },
    { "dark", "{}", "{\"result\":false}", NULL },
    { "volume", "{\"value\":9}", "{\"result\":9}", NULL },
    { "color", "{\"value\":\"green\"}", "{\"result\":\"green\"}", NULL },
  };
  g_autofree char *note = NULL;
  g_autoptr(GSimpleActionGroup) actions = create_actions (&note);
  g_autoptr(OaiToolset) toolset = OAI_TOOLSET (oai_action_toolset_new (G_ACTION_GROUP (actions)));

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_clear_pointer (&note, g_free);
      check_tool (oai_toolset_find (toolset, calls[i].name), calls[i].arguments, calls[i].output);
      g_assert_cmpstr (note, ==, calls[i].note);
    }
  check_tool_rejects (oai_toolset_find (toolset, "volume"), "{\"value\":11}", "value");
  check_tool_rejects (oai_toolset_find (toolset, "color"), "{\"value\":\"blue\"}", "value");
}

static void
test_disabled_and_removed_actions (void)
{
  g_autofree char *note = NULL;
  g_autoptr(GSimpleActionGroup) actions = create_actions (&note);
  g_autoptr(OaiToolset) toolset = OAI_TOOLSET (oai_action_toolset_new (G_ACTION_GROUP (actions)));
  g_autoptr(OaiTool) open = g_object_ref (oai_toolset_find (toolset, "open"));

  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (actions), "open")), FALSE);
  check_tool_rejects (open, "{}", "disabled");
  g_action_map_remove_action (G_ACTION_MAP (actions), "open");
  check_tool_rejects (open, "{}", "does not exist");
  g_assert_null (note);
}

static void
count_cb (GListModel *model, guint position, guint removed, guint added, guint *n_changes)
{
  (*n_changes)++;
}

static void
test_toolset_follows_the_group (void)
{
  g_autofree char *note = NULL;
  g_autoptr(GSimpleActionGroup) actions = create_actions (&note);
  g_autoptr(OaiToolset) toolset = OAI_TOOLSET (oai_action_toolset_new (G_ACTION_GROUP (actions)));
  g_autoptr(GSimpleAction) action = g_simple_action_new ("open", G_VARIANT_TYPE_STRING);
  g_autoptr(GSimpleAction) replacement = g_simple_action_new ("open", NULL);
  g_autoptr(GSimpleAction) clash = g_simple_action_new ("app_zoom", NULL);
  guint n_changes = 0;

  g_signal_connect (toolset, "items-changed", G_CALLBACK (count_cb), &n_changes);
  g_action_map_remove_action (G_ACTION_MAP (actions), "open");
  g_assert_null (oai_toolset_find (toolset, "open"));
  g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (action));
  check_schema (toolset, "open", "\"value\":{\"type\":\"string\"}");
  g_assert_cmpuint (n_changes, ==, 2);
  g_assert_false (oai_tool_get_needs_approval (oai_toolset_find (toolset, "open")));

  /* An action that replaces another one keeps what the program has set. */
  oai_tool_set_needs_approval (oai_toolset_find (toolset, "open"), TRUE);
  oai_tool_set_description (oai_toolset_find (toolset, "open"), "Opens it");
  g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (replacement));
  g_assert_true (oai_tool_get_needs_approval (oai_toolset_find (toolset, "open")));
  g_assert_cmpstr (oai_tool_get_description (oai_toolset_find (toolset, "open")), ==, "Opens it");

  /* Its name is that of another tool, which stays. */
  g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (clash));
  g_action_map_remove_action (G_ACTION_MAP (actions), "app_zoom");
  check_schema (toolset, "app_zoom", "\"value\":{\"type\":\"number\"}");

  g_clear_object (&toolset);
  g_action_map_remove_action (G_ACTION_MAP (actions), "open");
}

static void
test_hostile_arguments (void)
{
  g_autofree char *note = NULL;
  g_autoptr(GSimpleActionGroup) actions = create_actions (&note);
  g_autoptr(OaiToolset) toolset = OAI_TOOLSET (oai_action_toolset_new (G_ACTION_GROUP (actions)));

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (toolset)); i++)
    {
      g_autoptr(OaiTool) tool = g_list_model_get_item (G_LIST_MODEL (toolset), i);

      check_tool_survives (tool);
    }
}

/* The values of a parameter of any type can be limited, too. */
static void
test_any_type (void)
{
  static const GActionEntry entries[] = { { "set", NULL, "v", "<'a'>", NULL, { 0 } } };
  g_autoptr(GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_autoptr(OaiToolset) toolset = NULL;
  g_autoptr(GVariant) hint = g_variant_ref_sink (g_variant_new_parsed ("[<'a'>, <1>]"));

  g_action_map_add_action_entries (G_ACTION_MAP (actions), entries, G_N_ELEMENTS (entries), NULL);
  g_simple_action_set_state_hint (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (actions), "set")), hint);
  toolset = OAI_TOOLSET (oai_action_toolset_new (G_ACTION_GROUP (actions)));
  check_schema (toolset, "set", "\"value\":{\"enum\":[\"a\",1]}");
  check_tool_rejects (oai_toolset_find (toolset, "set"), "{\"value\":2}", "value");
}

/* GIO reports the mistake of the program, and the toolset is empty. */
static void
test_unregistered_application (void)
{
  g_autoptr(GApplication) application = g_application_new ("org.example.Test", G_APPLICATION_NON_UNIQUE);
  g_autoptr(OaiToolset) toolset = NULL;

  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, "*is_registered*");
  toolset = OAI_TOOLSET (oai_action_toolset_new (G_ACTION_GROUP (application)));
  g_test_assert_expected_messages ();
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (toolset)), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/action-tools/schemas", test_schemas);
  g_test_add_func ("/action-tools/calls", test_calls);
  g_test_add_func ("/action-tools/disabled-and-removed-actions", test_disabled_and_removed_actions);
  g_test_add_func ("/action-tools/toolset-follows-the-group", test_toolset_follows_the_group);
  g_test_add_func ("/action-tools/any-type", test_any_type);
  g_test_add_func ("/action-tools/hostile-arguments", test_hostile_arguments);
  g_test_add_func ("/action-tools/unregistered-application", test_unregistered_application);

  return g_test_run ();
}
