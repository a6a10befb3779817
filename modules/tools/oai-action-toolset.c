/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-action-toolset.h"

#include <string.h>

#include "oai-arguments-schema-private.h"
#include "oai-json-object.h"
#include "oai-tool-name-private.h"
#include "oai-toolset-private.h"

#define PARAMETER "value"

/**
 * OaiActionToolset:
 *
 * The actions of a group, such as a [class@Gio.Application] or a [class@Gio.SimpleActionGroup], for
 * models: a [class@Oai.Toolset] with a tool for each action. It follows actions that are added and
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
 * [property@Oai.Tool:needs-approval] for actions that a model must not activate unnoticed. What is set
 * on a tool is kept if its action is replaced, or removed and added again. To offer only some actions,
 * put those into a separate group.
 *
 * Since: 1.0
 */
struct _OaiActionToolset
{
  OaiToolset parent_instance;

  GActionGroup *actions;
  GHashTable *names; /* of actions → of their tools */
};

enum
{
  PROP_0,
  PROP_ACTIONS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (OaiActionToolset, oai_action_toolset, OAI_TYPE_TOOLSET)

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
added_cb (GActionGroup *actions, const char *action_name, OaiActionToolset *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiTool) tool = create_tool (actions, action_name, &error);

  if (tool == NULL || !oai_toolset_add_kept (OAI_TOOLSET (self), tool, &error))
    {
      g_message ("The action “%s” is no tool: %s", action_name, error->message);
      return;
    }

  g_hash_table_insert (self->names, g_strdup (action_name), g_strdup (oai_tool_get_name (tool)));
}

static void
removed_cb (GActionGroup *actions, const char *action_name, OaiActionToolset *self)
{
  g_autofree char *name = g_strdup (g_hash_table_lookup (self->names, action_name));

  g_hash_table_remove (self->names, action_name);
  if (name != NULL)
    oai_toolset_remove (OAI_TOOLSET (self), name);
}

static void
oai_action_toolset_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiActionToolset *self = OAI_ACTION_TOOLSET (object);

  switch (id)
    {
    case PROP_ACTIONS:
      g_value_set_object (value, self->actions);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_action_toolset_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OaiActionToolset *self = OAI_ACTION_TOOLSET (object);

  switch (id)
    {
    case PROP_ACTIONS:
      self->actions = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_action_toolset_constructed (GObject *object)
{
  OaiActionToolset *self = OAI_ACTION_TOOLSET (object);
  g_auto(GStrv) names = NULL;

  G_OBJECT_CLASS (oai_action_toolset_parent_class)->constructed (object);

  if (self->actions == NULL)
    return;

  names = g_action_group_list_actions (self->actions);
  for (guint i = 0; names != NULL && names[i] != NULL; i++) /* NULL if an application is not registered */
    added_cb (self->actions, names[i], self);
  g_signal_connect_object (self->actions, "action-added", G_CALLBACK (added_cb), self, 0);
  g_signal_connect_object (self->actions, "action-removed", G_CALLBACK (removed_cb), self, 0);
}

static void
oai_action_toolset_finalize (GObject *object)
{
  OaiActionToolset *self = OAI_ACTION_TOOLSET (object);

  g_clear_object (&self->actions);
  g_hash_table_unref (self->names);

  G_OBJECT_CLASS (oai_action_toolset_parent_class)->finalize (object);
}

static void
oai_action_toolset_class_init (OaiActionToolsetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oai_action_toolset_get_property;
  object_class->set_property = oai_action_toolset_set_property;
  object_class->constructed = oai_action_toolset_constructed;
  object_class->finalize = oai_action_toolset_finalize;

  /**
   * OaiActionToolset:actions: (getter get_actions)
   *
   * The actions.
   *
   * Since: 1.0
   */
  properties[PROP_ACTIONS] = g_param_spec_object ("actions", NULL, NULL, G_TYPE_ACTION_GROUP, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_action_toolset_init (OaiActionToolset *self)
{
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/**
 * oai_action_toolset_new:
 * @actions: a group of actions
 *
 * Creates a toolset with a tool for each action of a group.
 *
 * Returns: (transfer full): a new toolset
 *
 * Since: 1.0
 */
OaiActionToolset *
oai_action_toolset_new (GActionGroup *actions)
{
  g_return_val_if_fail (G_IS_ACTION_GROUP (actions), NULL);

  return g_object_new (OAI_TYPE_ACTION_TOOLSET, "actions", actions, NULL);
}

/**
 * oai_action_toolset_get_actions:
 * @self: a toolset
 *
 * Gets the actions.
 *
 * Returns: (transfer none) (nullable): the group, or %NULL if the toolset was created without one
 *
 * Since: 1.0
 */
GActionGroup *
oai_action_toolset_get_actions (OaiActionToolset *self)
{
  g_return_val_if_fail (OAI_IS_ACTION_TOOLSET (self), NULL);

  return self->actions;
}
