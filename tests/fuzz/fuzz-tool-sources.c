/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arguments that models choose, for methods, actions and classes: each call ends with an output that is
 * JSON. */

#include "fuzz.h"

#include "kiosk.h"
#include "oai-action-toolset.h"
#include "oai-introspected-tool.h"
#include "oai-type-tool.h"

/* Methods that return at once. */
static const char *const methods[] = {
  "get_weather", "describe_numbers", "turn_extras", "add_ints", "pair", "reverse", "reverse_list", "reverse_slist",
  "reverse_pointers", "square", "count_up", "turn_point", "swap", "measure", "invert", "invert_array",
  "describe_visitor", "make_older", "sort_visitors", "add_days", "repeat_bytes", "wrap", "take_text", "get_child",
  "divide", "double", "join_optional",
};

static void
activated_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
}

static void
add_actions (GPtrArray *tools)
{
  static const GActionEntry entries[] = {
    { .name = "number", .activate = activated_cb, .parameter_type = "d" },
    { .name = "options", .activate = activated_cb, .parameter_type = "a{sv}" },
    { .name = "tuple", .activate = activated_cb, .parameter_type = "(siayogmsa{us}v)" },
    { .name = "volume", .parameter_type = "y", .state = "byte 5" },
  };
  g_autoptr(GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr(OaiToolset) toolset = NULL;

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), NULL);
  toolset = OAI_TOOLSET (oai_action_toolset_new (G_ACTION_GROUP (group)));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (toolset)); i++)
    g_ptr_array_add (tools, g_list_model_get_item (G_LIST_MODEL (toolset), i));
}

static void
called_cb (OaiToolCall *call, GObject *arguments, gpointer user_data)
{
  oai_tool_call_respond (call, NULL);
}

static GPtrArray *
create_tools (void)
{
  GPtrArray *tools = g_ptr_array_new ();
  g_autoptr(KioskDesk) desk = kiosk_desk_new ();
  g_autoptr(GError) error = NULL;

  oai_tool_require_namespace ("Kiosk", "1", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_ptr_array_add (tools, oai_tool_new_for_method (G_OBJECT (desk), methods[i], &error));
      g_assert_no_error (error);
    }
  add_actions (tools);
  g_ptr_array_add (tools, oai_tool_new_for_type ("visit", NULL, KIOSK_TYPE_VISITOR, called_cb, NULL, NULL, &error));
  g_assert_no_error (error);

  return tools;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static GPtrArray *tools;
  guint8 selected = fuzz_take_byte (&data, &size);
  g_autofree char *arguments = fuzz_dup_text (data, size);
  g_autoptr(OaiToolCall) call = NULL;

  if (tools == NULL)
    tools = create_tools ();
  call = oai_tool_call_new (g_ptr_array_index (tools, selected % tools->len), "call_1", "tool", arguments);
  oai_tool_call_run_async (call, NULL, NULL, NULL);
  while (!oai_tool_call_has_ended (call))
    g_main_context_iteration (NULL, TRUE);
  fuzz_assert_json (oai_tool_call_get_output (call));

  return 0;
}
