/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-tool-private.h"

#include "oai-emit-private.h"
#include "oai-owner-thread-private.h"

/* What is sent for a tool without arguments: some servers require a schema. */
#define NO_ARGUMENTS "{\"type\":\"object\",\"properties\":{},\"required\":[],\"additionalProperties\":false}"

/**
 * OaiTool:
 *
 * A function of the program that a model can call.
 *
 * A tool has a name, a description from which the model learns when to use it, and a JSON schema of
 * its arguments. The model does not run anything: its reply contains calls, and the program, or the
 * library for it, runs them and sends the results with the next request. An [class@Oai.ToolCall] is
 * one such call, and an [class@Oai.Toolset] contains the tools that are offered together.
 *
 * A model chooses tools and arguments by their descriptions, which should name units, formats and
 * limits. It can send any arguments: they are checked against the schema, but what they request must
 * be checked by the tool. Set [property@Oai.Tool:needs-approval] for tools that change, send or delete
 * something.
 *
 * A subclass implements the virtual function `call` instead of passing a function to
 * [ctor@Oai.Tool.new].
 *
 * Since: 1.0
 */

typedef struct
{
  char *name;
  char *description;
  OaiJsonSchema *parameters;
  OaiJsonSchema *strict_parameters; /* created when it is needed, or NULL */
  OaiToolFunc func;
  gpointer user_data;
  GDestroyNotify notify;
  guint timeout_ms;
  guint strict : 1;
  guint free_form : 1;
  guint needs_approval : 1;
  guint parallel : 1;
} OaiToolPrivate;

enum
{
  PROP_0,
  PROP_NAME,
  PROP_DESCRIPTION,
  PROP_PARAMETERS,
  PROP_STRICT,
  PROP_FREE_FORM,
  PROP_NEEDS_APPROVAL,
  PROP_PARALLEL,
  PROP_TIMEOUT_MS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_TYPE_WITH_PRIVATE (OaiTool, oai_tool, G_TYPE_OBJECT)

static inline OaiToolPrivate *
get_private (OaiTool *self)
{
  return oai_tool_get_instance_private (self);
}

/* Without a function, the program answers the call itself. */
static void
oai_tool_real_call (OaiTool *self, OaiToolCall *call)
{
  OaiToolPrivate *priv = get_private (self);

  if (priv->func != NULL)
    priv->func (call, priv->user_data);
}

void
oai_tool_invoke (OaiTool *self, OaiToolCall *call)
{
  g_autoptr(OaiTool) held = g_object_ref (self);
  g_autoptr(GObject) held_call G_GNUC_UNUSED = g_object_ref (G_OBJECT (call));
  guint n_pushed = oai_owner_thread_suspend_call_for_tool ();

  OAI_TOOL_GET_CLASS (held)->call (held, call);
  oai_owner_thread_resume_call (n_pushed);
}

static void
oai_tool_finalize (GObject *object)
{
  OaiToolPrivate *priv = get_private (OAI_TOOL (object));

  g_free (priv->name);
  g_free (priv->description);
  g_clear_object (&priv->parameters);
  g_clear_object (&priv->strict_parameters);
  if (priv->notify != NULL)
    priv->notify (priv->user_data);

  G_OBJECT_CLASS (oai_tool_parent_class)->finalize (object);
}

static void
oai_tool_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiToolPrivate *priv = get_private (OAI_TOOL (object));

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, priv->name);
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, priv->description);
      break;
    case PROP_PARAMETERS:
      g_value_set_object (value, priv->parameters);
      break;
    case PROP_STRICT:
      g_value_set_boolean (value, priv->strict);
      break;
    case PROP_FREE_FORM:
      g_value_set_boolean (value, priv->free_form);
      break;
    case PROP_NEEDS_APPROVAL:
      g_value_set_boolean (value, priv->needs_approval);
      break;
    case PROP_PARALLEL:
      g_value_set_boolean (value, priv->parallel);
      break;
    case PROP_TIMEOUT_MS:
      g_value_set_uint (value, priv->timeout_ms);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_tool_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  OaiTool *self = OAI_TOOL (object);

  switch (prop_id)
    {
    case PROP_NAME:
      get_private (self)->name = g_value_dup_string (value);
      break;
    case PROP_DESCRIPTION:
      oai_tool_set_description (self, g_value_get_string (value));
      break;
    case PROP_PARAMETERS:
      oai_tool_set_parameters (self, g_value_get_object (value));
      break;
    case PROP_STRICT:
      oai_tool_set_strict (self, g_value_get_boolean (value));
      break;
    case PROP_FREE_FORM:
      oai_tool_set_free_form (self, g_value_get_boolean (value));
      break;
    case PROP_NEEDS_APPROVAL:
      oai_tool_set_needs_approval (self, g_value_get_boolean (value));
      break;
    case PROP_PARALLEL:
      oai_tool_set_parallel (self, g_value_get_boolean (value));
      break;
    case PROP_TIMEOUT_MS:
      oai_tool_set_timeout_ms (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_tool_class_init (OaiToolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_tool_finalize;
  object_class->get_property = oai_tool_get_property;
  object_class->set_property = oai_tool_set_property;
  klass->call = oai_tool_real_call;

  /**
   * OaiTool:name: (getter get_name)
   *
   * The name by which models call the tool. The API accepts 1 to 64 letters, digits, underscores and
   * hyphens.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiTool:description: (getter get_description) (setter set_description)
   *
   * What the tool does and when to use it, for the model; or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiTool:parameters: (getter get_parameters) (setter set_parameters)
   *
   * The schema of the arguments, a JSON object; or %NULL if the tool has no arguments.
   *
   * Since: 1.0
   */
  properties[PROP_PARAMETERS] = g_param_spec_object ("parameters", NULL, NULL, OAI_TYPE_JSON_SCHEMA, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiTool:strict: (getter get_strict) (setter set_strict)
   *
   * Whether the server forces the arguments to fit the schema. The schema that is sent is then
   * changed as this mode requires; see [method@Oai.JsonSchema.make_strict].
   *
   * Since: 1.0
   */
  properties[PROP_STRICT] = g_param_spec_boolean ("strict", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiTool:free-form: (getter get_free_form) (setter set_free_form)
   *
   * Whether the model sends text instead of a JSON object, which the API calls a custom tool.
   * [method@Oai.ToolCall.get_arguments] returns the text; the parameters and
   * [property@Oai.Tool:strict] are not used.
   *
   * Since: 1.0
   */
  properties[PROP_FREE_FORM] = g_param_spec_boolean ("free-form", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiTool:needs-approval: (getter get_needs_approval) (setter set_needs_approval)
   *
   * Whether each call waits until the program has approved it; see
   * [signal@Oai.ToolCall::approval-requested].
   *
   * Since: 1.0
   */
  properties[PROP_NEEDS_APPROVAL] = g_param_spec_boolean ("needs-approval", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiTool:parallel: (getter get_parallel) (setter set_parallel)
   *
   * Whether the tool can run at the same time as other calls of a toolset.
   *
   * Since: 1.0
   */
  properties[PROP_PARALLEL] = g_param_spec_boolean ("parallel", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiTool:timeout-ms: (getter get_timeout_ms) (setter set_timeout_ms)
   *
   * The time in milliseconds in which the tool has to answer a call, or 0 for no limit. The time for
   * the approval does not count.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT_MS] = g_param_spec_uint ("timeout-ms", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_tool_init (OaiTool *self)
{
  get_private (self)->parallel = TRUE;
}

/**
 * oai_tool_new:
 * @name: the name by which models call the tool
 * @description: (nullable): what the tool does, for the model
 * @parameters: (nullable): the schema of the arguments, or %NULL if there are none
 * @func: (scope notified) (closure user_data) (destroy notify) (nullable): runs the tool; or %NULL if the program answers its
 *   calls itself, for example in a handler of [signal@Oai.Toolset::call-started]
 * @user_data: data for @func
 * @notify: frees @user_data
 *
 * Creates a tool.
 *
 * Returns: (transfer full): the new tool
 *
 * Since: 1.0
 */
OaiTool *
oai_tool_new (const char *name, const char *description, OaiJsonSchema *parameters, OaiToolFunc func, gpointer user_data, GDestroyNotify notify)
{
  OaiTool *self;
  OaiToolPrivate *priv;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (parameters == NULL || OAI_IS_JSON_SCHEMA (parameters), NULL);

  self = g_object_new (OAI_TYPE_TOOL, "name", name, "description", description, "parameters", parameters, NULL);
  priv = get_private (self);
  priv->func = func;
  priv->user_data = user_data;
  priv->notify = notify;

  return self;
}

/**
 * oai_tool_get_name:
 * @self: a tool
 *
 * Gets the name by which models call the tool.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
oai_tool_get_name (OaiTool *self)
{
  g_return_val_if_fail (OAI_IS_TOOL (self), NULL);

  return get_private (self)->name;
}

/**
 * oai_tool_get_description:
 * @self: a tool
 *
 * Gets what the tool does.
 *
 * Returns: (nullable): the description, or %NULL
 *
 * Since: 1.0
 */
const char *
oai_tool_get_description (OaiTool *self)
{
  g_return_val_if_fail (OAI_IS_TOOL (self), NULL);

  return get_private (self)->description;
}

/**
 * oai_tool_set_description:
 * @self: a tool
 * @description: (nullable): what the tool does, for the model
 *
 * Sets what the tool does and when to use it.
 *
 * Since: 1.0
 */
void
oai_tool_set_description (OaiTool *self, const char *description)
{
  OaiToolPrivate *priv;
  g_autofree char *old = NULL;

  g_return_if_fail (OAI_IS_TOOL (self));

  priv = get_private (self);
  if (g_strcmp0 (priv->description, description) == 0)
    return;

  old = priv->description;
  priv->description = g_strdup (description);
  oai_emit_notify (self, properties[PROP_DESCRIPTION]);
}

/**
 * oai_tool_get_parameters:
 * @self: a tool
 *
 * Gets the schema of the arguments.
 *
 * Returns: (nullable) (transfer none): the schema, or %NULL if the tool has no arguments
 *
 * Since: 1.0
 */
OaiJsonSchema *
oai_tool_get_parameters (OaiTool *self)
{
  g_return_val_if_fail (OAI_IS_TOOL (self), NULL);

  return get_private (self)->parameters;
}

/**
 * oai_tool_set_parameters:
 * @self: a tool
 * @parameters: (nullable): the schema, or %NULL if the tool has no arguments
 *
 * Sets the schema of the arguments.
 *
 * Since: 1.0
 */
void
oai_tool_set_parameters (OaiTool *self, OaiJsonSchema *parameters)
{
  OaiToolPrivate *priv;

  g_return_if_fail (OAI_IS_TOOL (self));
  g_return_if_fail (parameters == NULL || OAI_IS_JSON_SCHEMA (parameters));

  priv = get_private (self);
  if (!g_set_object (&priv->parameters, parameters))
    return;

  g_clear_object (&priv->strict_parameters);
  oai_emit_notify (self, properties[PROP_PARAMETERS]);
}

/**
 * oai_tool_dup_sent_parameters:
 * @self: a tool
 * @error: return location for an error
 *
 * Gets the schema of the arguments as it is sent to the server: [property@Oai.Tool:parameters], made
 * strict if [property@Oai.Tool:strict] is set.
 *
 * Fails if the schema cannot be made strict.
 *
 * Returns: (nullable) (transfer full): the schema; %NULL if the tool has no arguments, and on error
 *
 * Since: 1.0
 */
OaiJsonSchema *
oai_tool_dup_sent_parameters (OaiTool *self, GError **error)
{
  OaiToolPrivate *priv;

  g_return_val_if_fail (OAI_IS_TOOL (self), NULL);

  priv = get_private (self);
  if (priv->parameters == NULL || priv->free_form)
    return NULL;
  if (!priv->strict)
    return g_object_ref (priv->parameters);

  if (priv->strict_parameters == NULL)
    priv->strict_parameters = oai_json_schema_make_strict (priv->parameters, error);

  return priv->strict_parameters != NULL ? g_object_ref (priv->strict_parameters) : NULL;
}

char *
oai_tool_dup_parameters_json (OaiTool *self, GError **error)
{
  g_autoptr(OaiJsonSchema) schema = NULL;

  if (get_private (self)->parameters == NULL)
    return g_strdup (NO_ARGUMENTS);

  schema = oai_tool_dup_sent_parameters (self, error);

  return schema != NULL ? g_strdup (oai_json_schema_get_json (schema)) : NULL;
}

/**
 * oai_tool_get_strict:
 * @self: a tool
 *
 * Gets whether the server forces the arguments to fit the schema.
 *
 * Returns: %TRUE if the tool is strict
 *
 * Since: 1.0
 */
gboolean
oai_tool_get_strict (OaiTool *self)
{
  g_return_val_if_fail (OAI_IS_TOOL (self), FALSE);

  return get_private (self)->strict;
}

/**
 * oai_tool_set_strict:
 * @self: a tool
 * @strict: whether the server forces the arguments to fit the schema
 *
 * Sets [property@Oai.Tool:strict]. The default is %FALSE.
 *
 * Since: 1.0
 */
void
oai_tool_set_strict (OaiTool *self, gboolean strict)
{
  OaiToolPrivate *priv;

  g_return_if_fail (OAI_IS_TOOL (self));

  priv = get_private (self);
  strict = !!strict;
  if (priv->strict == (guint) strict)
    return;

  priv->strict = strict;
  oai_emit_notify (self, properties[PROP_STRICT]);
}

/**
 * oai_tool_get_free_form:
 * @self: a tool
 *
 * Gets whether the model sends text instead of a JSON object.
 *
 * Returns: %TRUE if the arguments are text
 *
 * Since: 1.0
 */
gboolean
oai_tool_get_free_form (OaiTool *self)
{
  g_return_val_if_fail (OAI_IS_TOOL (self), FALSE);

  return get_private (self)->free_form;
}

/**
 * oai_tool_set_free_form:
 * @self: a tool
 * @free_form: whether the model sends text
 *
 * Sets [property@Oai.Tool:free-form]. The default is %FALSE.
 *
 * Since: 1.0
 */
void
oai_tool_set_free_form (OaiTool *self, gboolean free_form)
{
  OaiToolPrivate *priv;

  g_return_if_fail (OAI_IS_TOOL (self));

  priv = get_private (self);
  free_form = !!free_form;
  if (priv->free_form == (guint) free_form)
    return;

  priv->free_form = free_form;
  oai_emit_notify (self, properties[PROP_FREE_FORM]);
}

/**
 * oai_tool_get_needs_approval:
 * @self: a tool
 *
 * Gets whether each call waits until the program has approved it.
 *
 * Returns: %TRUE if calls need approval
 *
 * Since: 1.0
 */
gboolean
oai_tool_get_needs_approval (OaiTool *self)
{
  g_return_val_if_fail (OAI_IS_TOOL (self), FALSE);

  return get_private (self)->needs_approval;
}

/**
 * oai_tool_set_needs_approval:
 * @self: a tool
 * @needs_approval: whether each call waits for approval
 *
 * Sets [property@Oai.Tool:needs-approval]. The default is %FALSE.
 *
 * Since: 1.0
 */
void
oai_tool_set_needs_approval (OaiTool *self, gboolean needs_approval)
{
  OaiToolPrivate *priv;

  g_return_if_fail (OAI_IS_TOOL (self));

  priv = get_private (self);
  needs_approval = !!needs_approval;
  if (priv->needs_approval == (guint) needs_approval)
    return;

  priv->needs_approval = needs_approval;
  oai_emit_notify (self, properties[PROP_NEEDS_APPROVAL]);
}

/**
 * oai_tool_get_parallel:
 * @self: a tool
 *
 * Gets whether the tool can run at the same time as other calls.
 *
 * Returns: %TRUE if it can
 *
 * Since: 1.0
 */
gboolean
oai_tool_get_parallel (OaiTool *self)
{
  g_return_val_if_fail (OAI_IS_TOOL (self), FALSE);

  return get_private (self)->parallel;
}

/**
 * oai_tool_set_parallel:
 * @self: a tool
 * @parallel: whether the tool can run at the same time as other calls
 *
 * Sets [property@Oai.Tool:parallel]. The default is %TRUE.
 *
 * Since: 1.0
 */
void
oai_tool_set_parallel (OaiTool *self, gboolean parallel)
{
  OaiToolPrivate *priv;

  g_return_if_fail (OAI_IS_TOOL (self));

  priv = get_private (self);
  parallel = !!parallel;
  if (priv->parallel == (guint) parallel)
    return;

  priv->parallel = parallel;
  oai_emit_notify (self, properties[PROP_PARALLEL]);
}

/**
 * oai_tool_get_timeout_ms:
 * @self: a tool
 *
 * Gets the time in which the tool has to answer a call.
 *
 * Returns: the time in milliseconds, or 0 for no limit
 *
 * Since: 1.0
 */
guint
oai_tool_get_timeout_ms (OaiTool *self)
{
  g_return_val_if_fail (OAI_IS_TOOL (self), 0);

  return get_private (self)->timeout_ms;
}

/**
 * oai_tool_set_timeout_ms:
 * @self: a tool
 * @timeout_ms: milliseconds, or 0 for no limit
 *
 * Sets [property@Oai.Tool:timeout-ms]. The default is 0.
 *
 * Since: 1.0
 */
void
oai_tool_set_timeout_ms (OaiTool *self, guint timeout_ms)
{
  OaiToolPrivate *priv;

  g_return_if_fail (OAI_IS_TOOL (self));

  priv = get_private (self);
  if (priv->timeout_ms == timeout_ms)
    return;

  priv->timeout_ms = timeout_ms;
  oai_emit_notify (self, properties[PROP_TIMEOUT_MS]);
}
