/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lets a model activate the actions of a program.
 *
 * usage: actions REQUEST (OPENAI_MODEL names the model) */

#include <openai-1/openai.h>

static void
add_action (GSimpleActionGroup *actions, GSimpleAction *action)
{
  g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (action));
  g_object_unref (action);
}

static GSimpleActionGroup *
make_actions (void)
{
  GSimpleActionGroup *actions = g_simple_action_group_new ();
  GSimpleAction *volume = g_simple_action_new_stateful ("volume", G_VARIANT_TYPE_INT32, g_variant_new_int32 (50));

  g_simple_action_set_state_hint (volume, g_variant_new ("(ii)", 0, 100));
  add_action (actions, g_simple_action_new_stateful ("playing", NULL, g_variant_new_boolean (FALSE)));
  add_action (actions, volume);

  return actions;
}

static gboolean
control (GActionGroup *actions, const char *request, GError **error)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiSession) session = oai_chat_session_new (client, model != NULL ? model : "gpt-4o-mini");
  g_autoptr(OaiToolset) toolset = OAI_TOOLSET (oai_action_toolset_new (actions));
  g_autoptr(OaiSessionItem) reply = NULL;

  oai_tool_set_description (oai_toolset_find (toolset, "playing"), "Starts or stops the music.");
  oai_tool_set_description (oai_toolset_find (toolset, "volume"), "Changes the volume of the music, in percent.");
  oai_session_set_toolset (session, toolset);
  reply = oai_session_send (session, request, NULL, error);
  if (reply == NULL)
    return FALSE;
  g_print ("%s\n", oai_session_item_get_text (reply));

  return TRUE;
}

static void
print_actions (GActionGroup *actions)
{
  g_auto(GStrv) names = g_action_group_list_actions (actions);

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autoptr(GVariant) state = g_action_group_get_action_state (actions, names[i]);
      g_autofree char *text = g_variant_print (state, FALSE);

      g_print ("%s: %s\n", names[i], text);
    }
}

int
main (int argc, char **argv)
{
  const char *request = argc > 1 ? argv[1] : "Use the tools: play the music, at half of the volume.";
  g_autoptr(GSimpleActionGroup) actions = make_actions ();
  g_autoptr(GError) error = NULL;

  if (!control (G_ACTION_GROUP (actions), request, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  print_actions (G_ACTION_GROUP (actions));

  return 0;
}
