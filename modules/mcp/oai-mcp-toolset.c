/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-toolset.h"

#include <string.h>

#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-mcp-derived-tools-private.h"
#include "oai-mcp-server-tool-private.h"
#include "oai-method.h"
#include "oai-source-private.h"
#include "oai-toolset-private.h"

#define MAX_NAME 64
/* Of a name to which a number is appended. */
#define MAX_BASE (MAX_NAME - 11)
/* Changes that follow each other within this time cause one request. */
#define CHANGE_DELAY_MS 100

/**
 * OaiMcpToolset:
 *
 * What an MCP server offers, for models: a [class@Oai.Toolset] whose tools are those of the server. Its resources are two
 * further tools, `list_resources` and `read_resource`, and each of its prompts is a tool `prompt_NAME`;
 * [property@Oai.McpToolset:features] selects them.
 *
 * Connect the client, call [method@Oai.McpToolset.load_async], and use the toolset like any other, or include it in
 * another one. It follows the changes that the server reports. While the client is not connected, the tools remain, and
 * their calls fail.
 *
 * A call of a tool that the server does not describe as read-only needs the approval of the user: connect to
 * [signal@Oai.Session::approval-requested], or to [signal@Oai.Toolset::approval-requested] of the toolset that runs the
 * call; or change [property@Oai.McpToolset:approval].
 *
 * A name that models do not accept is changed: other characters become `_`, and a number is appended if another tool has
 * the name. [method@Oai.McpServerTool.get_record] has the name that the server uses. Tools whose schema is invalid are
 * omitted.
 *
 * Since: 1.0
 */
struct _OaiMcpToolset
{
  OaiToolset parent_instance;

  OaiMcpClient *client;
  OaiMcpFeatures features;
  OaiMcpApproval approval;
  gboolean sends_files;
  gboolean was_loaded;
  GSource *reload;         /* after a change */
  GCancellable *reloading; /* while the list is requested because of a change */
  gboolean changed_again;  /* during that */
};

enum
{
  PROP_0,
  PROP_CLIENT,
  PROP_FEATURES,
  PROP_APPROVAL,
  PROP_SENDS_FILES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FLAGS_TYPE (OaiMcpFeatures, oai_mcp_features,
                     G_DEFINE_ENUM_VALUE (OAI_MCP_FEATURES_TOOLS, "tools"),
                     G_DEFINE_ENUM_VALUE (OAI_MCP_FEATURES_RESOURCES, "resources"),
                     G_DEFINE_ENUM_VALUE (OAI_MCP_FEATURES_PROMPTS, "prompts"))

G_DEFINE_ENUM_TYPE (OaiMcpApproval, oai_mcp_approval,
                    G_DEFINE_ENUM_VALUE (OAI_MCP_APPROVAL_ALWAYS, "always"),
                    G_DEFINE_ENUM_VALUE (OAI_MCP_APPROVAL_UNLESS_READ_ONLY, "unless-read-only"),
                    G_DEFINE_ENUM_VALUE (OAI_MCP_APPROVAL_NEVER, "never"))

G_DEFINE_FINAL_TYPE (OaiMcpToolset, oai_mcp_toolset, OAI_TYPE_TOOLSET)

/* Offers: what the toolset contains after the next change */

typedef struct
{
  OaiMcpToolKind kind;
  OaiMcpTool *record;
  const char *wire_name; /* in the record of the server, or NULL */
  GObject *source;       /* that record */
  char *name;            /* for the model */
} Offer;

static void
offer_free (gpointer data)
{
  Offer *self = data;

  g_object_unref (self->record);
  g_clear_object (&self->source);
  g_free (self->name);
  g_free (self);
}

/* Takes the record. */
static void
add_offer (GPtrArray *offers, OaiMcpToolKind kind, OaiMcpTool *record, const char *wire_name, gpointer source)
{
  Offer *self = g_new0 (Offer, 1);

  *self = (Offer) { kind, record, wire_name, source != NULL ? g_object_ref (source) : NULL, NULL };
  g_ptr_array_add (offers, self);
}

static void
add_tool_offers (GPtrArray *offers, GPtrArray *tools)
{
  for (guint i = 0; i < tools->len; i++)
    add_offer (offers, OAI_MCP_TOOL_KIND_TOOL, g_object_ref (tools->pdata[i]), oai_mcp_tool_get_name (tools->pdata[i]), tools->pdata[i]);
}

static void
add_resource_offers (GPtrArray *offers)
{
  add_offer (offers, OAI_MCP_TOOL_KIND_LIST_RESOURCES, oai_mcp_derived_tools_describe_list (), NULL, NULL);
  add_offer (offers, OAI_MCP_TOOL_KIND_READ_RESOURCE, oai_mcp_derived_tools_describe_read (), NULL, NULL);
}

static void
add_prompt_offers (GPtrArray *offers, GPtrArray *prompts)
{
  for (guint i = 0; i < prompts->len; i++)
    if (oai_mcp_prompt_get_name (prompts->pdata[i]) != NULL)
      add_offer (offers, OAI_MCP_TOOL_KIND_PROMPT, oai_mcp_derived_tools_describe_prompt (prompts->pdata[i]), oai_mcp_prompt_get_name (prompts->pdata[i]), prompts->pdata[i]);
}

/* Names */

static char *
make_name (OaiMcpTool *record)
{
  const char *wire = oai_mcp_tool_get_name (record);
  char *name = g_strndup (wire != NULL && *wire != '\0' ? wire : "tool", MAX_NAME);

  for (char *c = name; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && *c != '_' && *c != '-')
        *c = '_';
    }

  return name;
}

/* The names are made in the order of the list, so that a tool keeps its name if the list remains the same.
 * numbers: the last number of each beginning of a name; so the time for a list of equal names is linear. */
static char *
make_unique_name (OaiMcpTool *record, GHashTable *names, GHashTable *numbers)
{
  g_autofree char *name = make_name (record);

  if (g_hash_table_contains (names, name))
    {
      g_autofree char *base = g_strndup (name, MAX_BASE);
      guint number = MAX (GPOINTER_TO_UINT (g_hash_table_lookup (numbers, base)), 1);

      do
        {
          g_free (name);
          name = g_strdup_printf ("%s_%u", base, ++number);
        }
      while (g_hash_table_contains (names, name));
      g_hash_table_insert (numbers, g_steal_pointer (&base), GUINT_TO_POINTER (number));
    }
  g_hash_table_add (names, g_strdup (name));

  return g_steal_pointer (&name);
}

/* The list */

static OaiMcpTool *
get_record (OaiTool *tool)
{
  return oai_mcp_server_tool_get_record (OAI_MCP_SERVER_TOOL (tool));
}

/* Whether the toolset has the tool already, as the server describes it now. */
static gboolean
has_tool (OaiMcpToolset *self, Offer *offer)
{
  OaiTool *tool = oai_toolset_find (OAI_TOOLSET (self), offer->name);

  return OAI_IS_MCP_SERVER_TOOL (tool) && oai_mcp_server_tool_get_kind (OAI_MCP_SERVER_TOOL (tool)) == offer->kind
         && oai_record_equal (OAI_RECORD (get_record (tool)), OAI_RECORD (offer->record));
}

static gboolean
needs_approval (OaiMcpToolset *self, OaiMcpTool *record)
{
  OaiMcpToolAnnotations *annotations = oai_mcp_tool_get_annotations (record);
  gboolean is_read_only = annotations != NULL && oai_mcp_tool_annotations_get_read_only_hint (annotations);

  return self->approval == OAI_MCP_APPROVAL_ALWAYS || (self->approval == OAI_MCP_APPROVAL_UNLESS_READ_ONLY && !is_read_only);
}

static void
add_tool (OaiMcpToolset *self, Offer *offer)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiTool) tool = NULL;

  if (has_tool (self, offer))
    return;

  if (OAI_IS_MCP_SERVER_TOOL (oai_toolset_find (OAI_TOOLSET (self), offer->name)))
    oai_toolset_remove (OAI_TOOLSET (self), offer->name);
  tool = oai_mcp_server_tool_new (self->client, offer->kind, offer->record, offer->wire_name, offer->name, &error);
  if (tool != NULL)
    {
      oai_mcp_server_tool_set_sends_files (OAI_MCP_SERVER_TOOL (tool), self->sends_files);
      oai_tool_set_needs_approval (tool, needs_approval (self, offer->record));
      oai_toolset_add_kept (OAI_TOOLSET (self), tool, &error);
    }
  if (error != NULL)
    g_message ("The tool “%s” of an MCP server cannot be used: %s", offer->name, error->message);
}

static void
remove_others (OaiMcpToolset *self, GHashTable *names)
{
  g_autoptr(GPtrArray) removed = g_ptr_array_new_with_free_func (g_free);
  guint n_tools = g_list_model_get_n_items (G_LIST_MODEL (self));

  for (guint i = 0; i < n_tools; i++)
    {
      g_autoptr(OaiTool) tool = g_list_model_get_item (G_LIST_MODEL (self), i);

      if (OAI_IS_MCP_SERVER_TOOL (tool) && !g_hash_table_contains (names, oai_tool_get_name (tool)))
        g_ptr_array_add (removed, g_strdup (oai_tool_get_name (tool)));
    }
  for (guint i = 0; i < removed->len; i++)
    oai_toolset_remove (OAI_TOOLSET (self), removed->pdata[i]);
}

static void
take_offers (OaiMcpToolset *self, GPtrArray *offers)
{
  g_autoptr(GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < offers->len; i++)
    {
      Offer *offer = offers->pdata[i];

      offer->name = make_unique_name (offer->record, names, numbers);
    }

  oai_toolset_begin_change (OAI_TOOLSET (self));
  remove_others (self, names);
  for (guint i = 0; i < offers->len; i++)
    add_tool (self, offers->pdata[i]);
  oai_toolset_end_change (OAI_TOOLSET (self));
  self->was_loaded = TRUE;
}

/* Lists: first the tools, then the prompts.  What the server does not have is not requested. */

static gboolean
has_feature (OaiMcpToolset *self, OaiMcpFeatures feature)
{
  OaiMcpCapabilities *capabilities = oai_mcp_client_get_capabilities (self->client);

  if ((self->features & feature) == 0)
    return FALSE;
  if (feature == OAI_MCP_FEATURES_TOOLS)
    return TRUE;
  if (capabilities == NULL)
    return FALSE;

  return feature == OAI_MCP_FEATURES_RESOURCES ? oai_mcp_capabilities_get_resources (capabilities) != NULL
                                               : oai_mcp_capabilities_get_prompts (capabilities) != NULL;
}

/* The toolset may have been disposed of meanwhile. */
static gboolean
check_client (OaiMcpToolset *self, GTask *task)
{
  if (self->client == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s", _("The operation was cancelled"));

  return self->client != NULL;
}

static void
finish_lists (OaiMcpToolset *self, GTask *task)
{
  GPtrArray *offers = g_task_get_task_data (task);

  if (has_feature (self, OAI_MCP_FEATURES_RESOURCES))
    add_resource_offers (offers);
  take_offers (self, offers);
  g_task_return_boolean (task, TRUE);
}

static void
prompts_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  OaiMcpToolset *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr(GPtrArray) prompts = oai_mcp_client_list_prompts_finish (OAI_MCP_CLIENT (source), result, &error);

  if (!check_client (self, task))
    {
      g_clear_error (&error);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, error);
      return;
    }

  if (prompts != NULL)
    add_prompt_offers (g_task_get_task_data (task), prompts);
  else
    g_message ("The prompts of an MCP server cannot be used: %s", error->message);
  g_clear_error (&error);
  finish_lists (self, task);
}

/* Takes the task. */
static void
list_prompts (OaiMcpToolset *self, GTask *task)
{
  if (has_feature (self, OAI_MCP_FEATURES_PROMPTS))
    {
      oai_mcp_client_list_prompts_async (self->client, g_task_get_cancellable (task), prompts_listed_cb, task);
      return;
    }

  finish_lists (self, task);
  g_object_unref (task);
}

static void
tools_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  OaiMcpToolset *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr(GPtrArray) tools = oai_mcp_client_list_tools_finish (OAI_MCP_CLIENT (source), result, &error);

  if (tools == NULL)
    g_task_return_error (task, error);
  if (tools == NULL || !check_client (self, task))
    return;

  add_tool_offers (g_task_get_task_data (task), tools);
  list_prompts (self, g_steal_pointer (&task));
}

/* Takes the task, which returns a boolean. */
static void
load (OaiMcpToolset *self, GTask *task)
{
  g_task_set_task_data (task, g_ptr_array_new_with_free_func (offer_free), (GDestroyNotify) g_ptr_array_unref);
  if (has_feature (self, OAI_MCP_FEATURES_TOOLS))
    oai_mcp_client_list_tools_async (self->client, g_task_get_cancellable (task), tools_listed_cb, task);
  else
    list_prompts (self, task);
}

/* Changes */

static void start_reload (OaiMcpToolset *self);

static void
reloaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiMcpToolset *self = OAI_MCP_TOOLSET (source);
  g_autoptr(GError) error = NULL;

  g_clear_object (&self->reloading);
  if (!oai_method_finish_boolean (self, result, &error))
    g_debug ("The changed tools of an MCP server were not loaded: %s", error->message);
  if (self->changed_again && self->client != NULL)
    start_reload (self);
}

static gboolean
reload_cb (gpointer user_data)
{
  OaiMcpToolset *self = user_data;

  oai_drop_source (&self->reload);
  self->changed_again = FALSE;
  self->reloading = g_cancellable_new ();
  load (self, oai_method_task_new (self, self->reloading, reloaded_cb, NULL, reload_cb));

  return G_SOURCE_REMOVE;
}

static void
start_reload (OaiMcpToolset *self)
{
  g_autoptr(GMainContext) context = NULL;

  if (self->reload != NULL || self->reloading != NULL)
    {
      self->changed_again = TRUE;
      return;
    }

  context = g_main_context_ref_thread_default ();
  self->reload = g_timeout_source_new (CHANGE_DELAY_MS);
  g_source_set_static_name (self->reload, "[oai] MCP tools");
  g_source_set_callback (self->reload, reload_cb, self, NULL);
  g_source_attach (self->reload, context);
}

static void
state_cb (OaiMcpClient *client, GParamSpec *pspec, OaiMcpToolset *self)
{
  if (self->was_loaded && oai_mcp_client_get_state (client) == OAI_MCP_STATE_CONNECTED)
    start_reload (self);
}

/* The object */

static void
oai_mcp_toolset_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiMcpToolset *self = OAI_MCP_TOOLSET (object);

  switch (id)
    {
    case PROP_CLIENT:
      g_value_set_object (value, self->client);
      break;
    case PROP_FEATURES:
      g_value_set_flags (value, self->features);
      break;
    case PROP_APPROVAL:
      g_value_set_enum (value, self->approval);
      break;
    case PROP_SENDS_FILES:
      g_value_set_boolean (value, self->sends_files);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_mcp_toolset_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OaiMcpToolset *self = OAI_MCP_TOOLSET (object);

  switch (id)
    {
    case PROP_CLIENT:
      self->client = g_value_dup_object (value);
      break;
    case PROP_FEATURES:
      oai_mcp_toolset_set_features (self, g_value_get_flags (value));
      break;
    case PROP_APPROVAL:
      oai_mcp_toolset_set_approval (self, g_value_get_enum (value));
      break;
    case PROP_SENDS_FILES:
      oai_mcp_toolset_set_sends_files (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_mcp_toolset_constructed (GObject *object)
{
  OaiMcpToolset *self = OAI_MCP_TOOLSET (object);

  G_OBJECT_CLASS (oai_mcp_toolset_parent_class)->constructed (object);

  if (self->client == NULL)
    return;

  g_signal_connect_object (self->client, "tools-changed", G_CALLBACK (start_reload), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "prompts-changed", G_CALLBACK (start_reload), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "notify::state", G_CALLBACK (state_cb), self, 0);
}

static void
oai_mcp_toolset_dispose (GObject *object)
{
  OaiMcpToolset *self = OAI_MCP_TOOLSET (object);

  oai_drop_source (&self->reload);
  if (self->reloading != NULL)
    g_cancellable_cancel (self->reloading);
  g_clear_object (&self->client);

  G_OBJECT_CLASS (oai_mcp_toolset_parent_class)->dispose (object);
}

static void
oai_mcp_toolset_class_init (OaiMcpToolsetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oai_mcp_toolset_get_property;
  object_class->set_property = oai_mcp_toolset_set_property;
  object_class->constructed = oai_mcp_toolset_constructed;
  object_class->dispose = oai_mcp_toolset_dispose;

  /**
   * OaiMcpToolset:client: (getter get_client)
   *
   * The client of the server.
   *
   * Since: 1.0
   */
  properties[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, OAI_TYPE_MCP_CLIENT, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiMcpToolset:features: (getter get_features) (setter set_features)
   *
   * Which features of the server appear in the toolset; by default all. The tools of resources and prompts count as read-only. A
   * change takes effect when the toolset is loaded the next time.
   *
   * Since: 1.0
   */
  properties[PROP_FEATURES] = g_param_spec_flags ("features", NULL, NULL, OAI_TYPE_MCP_FEATURES, OAI_MCP_FEATURES_TOOLS | OAI_MCP_FEATURES_RESOURCES | OAI_MCP_FEATURES_PROMPTS,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiMcpToolset:approval: (getter get_approval) (setter set_approval)
   *
   * Which calls need the approval of the user, see [property@Oai.Tool:needs-approval]. The default is
   * %OAI_MCP_APPROVAL_UNLESS_READ_ONLY. That a tool is read-only is a claim of the server: use it only for a server that
   * you trust, and %OAI_MCP_APPROVAL_ALWAYS for others.
   *
   * The property also applies to the tools that the server adds or changes later. A tool for which the program sets
   * [property@Oai.Tool:needs-approval] itself keeps it, by its name, if the server changes the tool. If the program has
   * unset it, a tool that the server changes needs approval again.
   *
   * Since: 1.0
   */
  properties[PROP_APPROVAL] = g_param_spec_enum ("approval", NULL, NULL, OAI_TYPE_MCP_APPROVAL, OAI_MCP_APPROVAL_UNLESS_READ_ONLY,
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiMcpToolset:sends-files: (getter get_sends_files) (setter set_sends_files)
   *
   * Whether images and PDF documents of results are sent to the model, as files of the output
   * ([method@Oai.ToolCall.add_file]). Unset it for a model or a server that only reads text. The default is %TRUE.
   *
   * Since: 1.0
   */
  properties[PROP_SENDS_FILES] = g_param_spec_boolean ("sends-files", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_mcp_toolset_init (OaiMcpToolset *self)
{
  self->features = OAI_MCP_FEATURES_TOOLS | OAI_MCP_FEATURES_RESOURCES | OAI_MCP_FEATURES_PROMPTS;
  self->approval = OAI_MCP_APPROVAL_UNLESS_READ_ONLY;
  self->sends_files = TRUE;
}

/**
 * oai_mcp_toolset_new:
 * @client: a client
 *
 * Creates a toolset of a server. It is empty until [method@Oai.McpToolset.load_async] completes.
 *
 * Returns: (transfer full): a new toolset
 *
 * Since: 1.0
 */
OaiMcpToolset *
oai_mcp_toolset_new (OaiMcpClient *client)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (client), NULL);

  return g_object_new (OAI_TYPE_MCP_TOOLSET, "client", client, NULL);
}

/**
 * oai_mcp_toolset_get_client:
 * @self: a toolset
 *
 * Gets the client of the server.
 *
 * Returns: (transfer none) (nullable): the client, or %NULL if the toolset was created without one
 *
 * Since: 1.0
 */
OaiMcpClient *
oai_mcp_toolset_get_client (OaiMcpToolset *self)
{
  g_return_val_if_fail (OAI_IS_MCP_TOOLSET (self), NULL);

  return self->client;
}

/**
 * oai_mcp_toolset_get_features:
 * @self: a toolset
 *
 * Gets [property@Oai.McpToolset:features].
 *
 * Returns: the features
 *
 * Since: 1.0
 */
OaiMcpFeatures
oai_mcp_toolset_get_features (OaiMcpToolset *self)
{
  g_return_val_if_fail (OAI_IS_MCP_TOOLSET (self), OAI_MCP_FEATURES_TOOLS);

  return self->features;
}

/**
 * oai_mcp_toolset_set_features:
 * @self: a toolset
 * @features: which of them appear
 *
 * Sets [property@Oai.McpToolset:features]; call it before [method@Oai.McpToolset.load_async].
 *
 * Since: 1.0
 */
void
oai_mcp_toolset_set_features (OaiMcpToolset *self, OaiMcpFeatures features)
{
  g_return_if_fail (OAI_IS_MCP_TOOLSET (self));

  if (self->features == features)
    return;

  self->features = features;
  oai_emit_notify (self, properties[PROP_FEATURES]);
}

/**
 * oai_mcp_toolset_get_approval:
 * @self: a toolset
 *
 * Gets [property@Oai.McpToolset:approval].
 *
 * Returns: the value
 *
 * Since: 1.0
 */
OaiMcpApproval
oai_mcp_toolset_get_approval (OaiMcpToolset *self)
{
  g_return_val_if_fail (OAI_IS_MCP_TOOLSET (self), OAI_MCP_APPROVAL_ALWAYS);

  return self->approval;
}

/**
 * oai_mcp_toolset_set_approval:
 * @self: a toolset
 * @approval: which calls need approval
 *
 * Sets [property@Oai.McpToolset:approval], also for the tools that exist. A program can set
 * [property@Oai.Tool:needs-approval] of single tools afterwards.
 *
 * Since: 1.0
 */
void
oai_mcp_toolset_set_approval (OaiMcpToolset *self, OaiMcpApproval approval)
{
  g_return_if_fail (OAI_IS_MCP_TOOLSET (self));
  g_return_if_fail (approval <= OAI_MCP_APPROVAL_NEVER);

  if (self->approval == approval)
    return;

  self->approval = approval;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self)); i++)
    {
      g_autoptr(OaiTool) tool = g_list_model_get_item (G_LIST_MODEL (self), i);

      if (OAI_IS_MCP_SERVER_TOOL (tool))
        oai_toolset_set_kept_needs_approval (OAI_TOOLSET (self), tool, needs_approval (self, get_record (tool)));
    }
  oai_emit_notify (self, properties[PROP_APPROVAL]);
}

/**
 * oai_mcp_toolset_get_sends_files:
 * @self: a toolset
 *
 * Gets [property@Oai.McpToolset:sends-files].
 *
 * Returns: the value
 *
 * Since: 1.0
 */
gboolean
oai_mcp_toolset_get_sends_files (OaiMcpToolset *self)
{
  g_return_val_if_fail (OAI_IS_MCP_TOOLSET (self), FALSE);

  return self->sends_files;
}

/**
 * oai_mcp_toolset_set_sends_files:
 * @self: a toolset
 * @sends_files: whether images and PDF documents are sent
 *
 * Sets [property@Oai.McpToolset:sends-files].
 *
 * Since: 1.0
 */
void
oai_mcp_toolset_set_sends_files (OaiMcpToolset *self, gboolean sends_files)
{
  g_return_if_fail (OAI_IS_MCP_TOOLSET (self));

  sends_files = !!sends_files;
  if (self->sends_files == sends_files)
    return;

  self->sends_files = sends_files;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self)); i++)
    {
      g_autoptr(OaiTool) tool = g_list_model_get_item (G_LIST_MODEL (self), i);

      if (OAI_IS_MCP_SERVER_TOOL (tool))
        oai_mcp_server_tool_set_sends_files (OAI_MCP_SERVER_TOOL (tool), sends_files);
    }
  oai_emit_notify (self, properties[PROP_SENDS_FILES]);
}

/**
 * oai_mcp_toolset_load_async:
 * @self: a toolset
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the tools are loaded
 * @user_data: data for @callback
 *
 * Loads what the server offers. The client has to be connected. Afterwards, the toolset follows the changes that the
 * server reports, and loads the tools again when the client was connected again.
 *
 * Since: 1.0
 */
void
oai_mcp_toolset_load_async (OaiMcpToolset *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (OAI_IS_MCP_TOOLSET (self));

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_toolset_load_async);
  if (self->client == NULL)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "%s", _("The toolset has no client. Set it when the toolset is created."));
      g_object_unref (task);
      return;
    }

  load (self, task);
}

/**
 * oai_mcp_toolset_load_finish:
 * @self: a toolset
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpToolset.load_async]. If it fails, the tools remain as they were.
 *
 * Returns: %FALSE on error
 *
 * Since: 1.0
 */
gboolean
oai_mcp_toolset_load_finish (OaiMcpToolset *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_TOOLSET (self), FALSE);

  return oai_method_finish_boolean (self, result, error);
}
