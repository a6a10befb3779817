/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-type-tool.h"

#include "oai-json-object.h"

typedef struct
{
  GType type;
  OaiObjectToolFunc func;
  gpointer user_data;
  GDestroyNotify notify;
} Target;

static void
free_target (gpointer data)
{
  Target *target = data;

  if (target->notify != NULL)
    target->notify (target->user_data);
  g_free (target);
}

static void
call_target (OaiToolCall *call, gpointer data)
{
  Target *target = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) arguments = oai_tool_call_dup_arguments_object (call, target->type, &error);

  if (arguments != NULL)
    target->func (call, arguments, target->user_data);
  else
    oai_tool_call_fail_with_message (call, error->message);
}

/**
 * oai_tool_new_for_type: (constructor)
 * @name: the name of the tool
 * @description: (nullable): what the tool does, for the model
 * @type: a class whose properties are the parameters, such as `DEMO_TYPE_BOOKING`
 * @func: (scope notified) (closure user_data) (destroy notify): runs the tool
 * @user_data: data for @func
 * @notify: (nullable): frees @user_data
 * @error: return location for a [error@Oai.Error]
 *
 * Creates a tool whose parameters are the properties of a class:
 * [ctor@Oai.JsonSchema.new_for_type] makes the schema, in which the blurbs of the properties are
 * descriptions. For each call, an instance of the class is created and passed to the function.
 *
 * Returns: (transfer full): a tool, or %NULL with %OAI_ERROR_INVALID_ARGUMENT if a property has no JSON
 *   form; then @notify was called
 *
 * Since: 1.0
 */
OaiTool *
oai_tool_new_for_type (const char *name, const char *description, GType type, OaiObjectToolFunc func, gpointer user_data, GDestroyNotify notify, GError **error)
{
  g_autoptr(OaiJsonSchema) schema = NULL;
  Target *target;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (g_type_is_a (type, G_TYPE_OBJECT), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  target = g_new0 (Target, 1);
  target->type = type;
  target->func = func;
  target->user_data = user_data;
  target->notify = notify;
  schema = oai_json_schema_new_for_type (type, error);
  if (schema != NULL)
    return oai_tool_new (name, description, schema, call_target, target, free_target);

  free_target (target);

  return NULL;
}
