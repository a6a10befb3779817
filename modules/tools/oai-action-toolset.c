/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-action-toolset.h"

#include <string.h>

#include "oai-arguments-schema-private.h"
#include "oai-json-object.h"
#include "oai-tool-name-private.h"

#define PARAMETER "value"

/* One action. */
typedef struct
{
  GActionGroup *actions;
  char *name;
} Action;

static void
free_action (gpointer data)
{
  Action *action = data;

  g_object_unref (action->actions);
  g_free (action->name);
  g_free (action);
}

/* Calls */

static void
respond_with_state (OaiToolCall *call, Action *action)
{
  g_autoptr(GVariant) state = g_action_group_get_action_state (action->actions, action->name);
  g_autofree char *json = state != NULL ? oai_json_from_variant (state) : NULL;

  if (json != NULL)
    oai_tool_call_respond_json (call, json);
  else
    oai_tool_call_respond (call, NULL);
}

/* Returns NULL if the argument does not have the type of the parameter. */
static GVariant *
read_parameter (OaiToolCall *call, const GVariantType *type, GError **error)
{
  g_autofree char *json = oai_tool_call_dup_argument (call, PARAMETER);

  return oai_json_to_variant (type, json != NULL ? json : "null", error);
}

static void
call_action (OaiToolCall *call, gpointer data)
{
  Action *action = data;
  const GVariantType *type = NULL;
  gboolean enabled = FALSE;
  g_autoptr(GVariant) parameter = NULL;
  g_autoptr(GError) error = NULL;

  if (!g_action_group_query_action (action->actions, action->name, &enabled, &type, NULL, NULL, NULL))
    oai_tool_call_fail_with_message (call, "The action does not exist any longer");
  else if (!enabled)
    oai_tool_call_fail_with_message (call, "The action is disabled at the moment");
  else if (type != NULL && (parameter = read_parameter (call, type, &error)) == NULL)
    oai_tool_call_fail_with_message (call, error->message);
  else
    {
      g_action_group_activate_action (action->actions, action->name, parameter);
      respond_with_state (call, action);
    }
}

/* Schemas */

/* Returns the schema of a number within limits, or NULL if the hint has none. */
static char *
dup_limited_schema (const GVariantType *type, GVariant *hint)
{
  const GVariantType *items[] = { type, type };
  g_autoptr(GVariantType) pair = g_variant_type_new_tuple (items, G_N_ELEMENTS (items));
  g_autoptr(GVariant) minimum = NULL;
  g_autoptr(GVariant) maximum = NULL;
  g_autofree char *least = NULL;
  g_autofree char *greatest = NULL;

  if (strchr ("ynqiuxtd", g_variant_type_peek_string (type)[0]) == NULL || !g_variant_is_of_type (hint, pair))
    return NULL;

  minimum = g_variant_get_child_value (hint, 0);
  maximum = g_variant_get_child_value (hint, 1);
  least = oai_json_from_variant (minimum);
  greatest = oai_json_from_variant (maximum);

  return g_strdup_printf ("{\"type\":\"%s\",\"minimum\":%s,\"maximum\":%s}", g_variant_type_equal (type, G_VARIANT_TYPE_DOUBLE) ? "number" : "integer", least, greatest);
}

/* A state hint is a pair of limits, or an array of the possible values. */
static char *
dup_parameter_schema (const GVariantType *type, GVariant *hint, GError **error)
{
  g_autoptr(OaiJsonSchema) schema = oai_json_schema_new_for_variant_type (type, error);
  g_autoptr(GVariantType) array = g_variant_type_new_array (type);
  g_autofree char *values = NULL;
  char *limited = hint != NULL ? dup_limited_schema (type, hint) : NULL;
  const char *json;

  if (limited != NULL || schema == NULL)
    return limited;

  json = oai_json_schema_get_json (schema);
  if (hint == NULL || !g_variant_is_of_type (hint, array) || g_variant_n_children (hint) == 0)
    return g_strdup (json);

  values = oai_json_from_variant (hint);

  return g_strdup_printf ("%.*s%s\"enum\":%s}", (int) strlen (json) - 1, json, g_str_equal (json, "{}") ? "" : ",", values);
}

static OaiJsonSchema *
create_schema (const GVariantType *type, GVariant *hint, GError **error)
{
  g_autofree char *parameter = type != NULL ? dup_parameter_schema (type, hint, error) : NULL;
  OaiArgumentsSchema schema;

  if (type != NULL && parameter == NULL)
    return NULL;

  oai_arguments_schema_init (&schema);
  if (type != NULL)
    oai_arguments_schema_add (&schema, PARAMETER, parameter, NULL, NULL, FALSE, TRUE);

  return oai_arguments_schema_end (&schema, error);
}

/* The toolset */

static GHashTable *
get_names (OaiToolset *self)
{
  return g_object_get_data (G_OBJECT (self), "oai-action-names");
}

/* Names of tools whose action was removed while they needed approval. */
static GHashTable *
get_guarded (OaiToolset *self)
{
  return g_object_get_data (G_OBJECT (self), "oai-action-guarded");
}

static OaiTool *
create_tool (GActionGroup *actions, const char *action_name, GError **error)
{
  const GVariantType *type = NULL;
  g_autoptr(GVariant) hint = NULL;
  g_autoptr(OaiJsonSchema) schema = NULL;
  g_autofree char *name = oai_tool_name_new (NULL, action_name);
  Action *action;

  g_action_group_query_action (actions, action_name, NULL, &type, NULL, &hint, NULL);
  schema = create_schema (type, hint, error);
  if (schema == NULL)
    return NULL;

  action = g_new0 (Action, 1);
  action->actions = g_object_ref (actions);
  action->name = g_strdup (action_name);

  return oai_tool_new (name, NULL, schema, call_action, action, free_action);
}

static void
added_cb (GActionGroup *actions, const char *action_name, OaiToolset *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiTool) tool = create_tool (actions, action_name, &error);

  if (tool != NULL && g_hash_table_contains (get_guarded (self), oai_tool_get_name (tool)))
    oai_tool_set_needs_approval (tool, TRUE);
  if (tool != NULL && oai_toolset_add (self, tool, &error))
    g_hash_table_insert (get_names (self), g_strdup (action_name), g_strdup (oai_tool_get_name (tool)));
  else
    g_message ("The action “%s” is no tool: %s", action_name, error->message);
}

static void
removed_cb (GActionGroup *actions, const char *action_name, OaiToolset *self)
{
  g_autofree char *name = g_strdup (g_hash_table_lookup (get_names (self), action_name));
  OaiTool *tool = name != NULL ? oai_toolset_find (self, name) : NULL;

  g_hash_table_remove (get_names (self), action_name);
  if (tool == NULL)
    return;

  if (oai_tool_get_needs_approval (tool))
    g_hash_table_add (get_guarded (self), g_strdup (name));
  else
    g_hash_table_remove (get_guarded (self), name);
  oai_toolset_remove (self, name);
}

/**
 * oai_toolset_new_for_actions: (constructor)
 * @actions: a group of actions, such as a [class@Gio.Application] or a [class@Gio.SimpleActionGroup]
 *
 * Creates a toolset with a tool for each action of a group. It follows actions that are added and
 * removed.
 *
 * A tool has the name of its action, with underscores for dots. The parameter of the action is the
 * argument `value`; its schema is made from its type and from the hint of the action's state: a pair of
 * limits, or an array of the possible values. A call activates the action, and the model gets its new
 * state if it has one. The action of another process may change its state later.
 *
 * An action that is disabled when the model calls it is not activated, and the model is informed. An
 * action whose parameter has no JSON form, such as a file descriptor, is no tool.
 *
 * Actions have no descriptions: set those of the tools, which [method@Oai.Toolset.find] returns, and
 * [property@Oai.Tool:needs-approval] for actions that a model must not activate unnoticed, which a tool keeps if its
 * action is replaced, or removed and added again. To offer only some actions, put those into a separate group.
 *
 * Returns: (transfer full): a toolset
 *
 * Since: 1.0
 */
OaiToolset *
oai_toolset_new_for_actions (GActionGroup *actions)
{
  g_auto(GStrv) names = NULL;
  OaiToolset *self;

  g_return_val_if_fail (G_IS_ACTION_GROUP (actions), NULL);

  self = oai_toolset_new ();
  g_object_set_data_full (G_OBJECT (self), "oai-actions", g_object_ref (actions), g_object_unref);
  g_object_set_data_full (G_OBJECT (self), "oai-action-names", g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free), (GDestroyNotify) g_hash_table_unref);
  g_object_set_data_full (G_OBJECT (self), "oai-action-guarded", g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL), (GDestroyNotify) g_hash_table_unref);
  names = g_action_group_list_actions (actions);
  for (guint i = 0; names != NULL && names[i] != NULL; i++) /* NULL if an application is not registered */
    added_cb (actions, names[i], self);
  g_signal_connect_object (actions, "action-added", G_CALLBACK (added_cb), self, 0);
  g_signal_connect_object (actions, "action-removed", G_CALLBACK (removed_cb), self, 0);

  return self;
}
