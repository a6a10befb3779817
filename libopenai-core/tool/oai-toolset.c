/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-toolset-private.h"

#include <string.h>

#include "oai-emit-private.h"
#include "oai-error-map-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-prefixed-tool-private.h"
#include "oai-tool-call-private.h"
#include "oai-tool-settings-private.h"

/* Of the API. */
#define MAX_NAME 64

/**
 * OaiToolset:
 *
 * The tools that are offered to a model together.
 *
 * A toolset belongs to the program, and can be used for any number of requests of all endpoints. It
 * is a [iface@Gio.ListModel] of [class@Oai.Tool]. [method@Oai.Toolset.include] shows the tools of
 * another toolset as well; the signals of their calls are those of the toolset that runs them.
 *
 * [method@Oai.Toolset.run_async] runs the calls of a reply: those of parallel tools at the same time,
 * and the others one after the other.
 *
 * ```c
 * static void
 * get_temperature (OaiToolCall *call, gpointer user_data)
 * {
 *   g_print ("The temperature in %s is requested.\n", oai_tool_call_get_string (call, "city"));
 *   oai_tool_call_respond_json (call, "{\"celsius\": 31}");
 * }
 *
 * const char *schema = "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}, \"required\": [\"city\"]}";
 * g_autoptr(OaiToolset) toolset = oai_toolset_new ();
 *
 * oai_toolset_add_function (toolset, "get_temperature", "The temperature in a city.", schema, get_temperature, NULL, NULL, &error);
 * oai_session_set_toolset (session, toolset);
 * ```
 *
 * A toolset belongs to the main context in which it is used. It is not thread-safe.
 *
 * Since: 1.0
 */

/* A tool, or another toolset. */
typedef struct
{
  OaiToolset *owner;    /* borrowed */
  OaiTool *tool;
  OaiToolset *included;
  char *prefix;
  GHashTable *renamed;  /* of tools that have a prefix: OaiTool → OaiTool */
  gulong changed_id;
} Entry;

typedef struct
{
  GPtrArray *entries;   /* of Entry */
  guint n_included;     /* the number of entries that are toolsets */
  GPtrArray *tools;     /* of OaiTool; what the list contains */
  GHashTable *names;    /* of the tools → OaiTool, both borrowed */
  guint n_changes;      /* the number of oai_toolset_begin_change() that have not ended */
  GHashTable *settings; /* names of tools → OaiToolSettings; of tools whose settings are kept */
} OaiToolsetPrivate;

enum
{
  CALL_STARTED,
  CALL_FINISHED,
  APPROVAL_REQUESTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void oai_toolset_list_model_init (GListModelInterface *iface);

G_DEFINE_TYPE_WITH_CODE (OaiToolset, oai_toolset, G_TYPE_OBJECT,
                         G_ADD_PRIVATE (OaiToolset)
                         G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, oai_toolset_list_model_init))

static inline OaiToolsetPrivate *
get_private (OaiToolset *self)
{
  return oai_toolset_get_instance_private (self);
}

static void
entry_free (gpointer data)
{
  Entry *self = data;

  if (self->included != NULL)
    g_clear_signal_handler (&self->changed_id, self->included);
  g_clear_object (&self->tool);
  g_clear_object (&self->included);
  g_clear_pointer (&self->renamed, g_hash_table_unref);
  g_free (self->prefix);
  g_free (self);
}

static void
oai_toolset_finalize (GObject *object)
{
  OaiToolsetPrivate *priv = get_private (OAI_TOOLSET (object));

  g_hash_table_unref (priv->names);
  g_hash_table_unref (priv->settings);
  g_ptr_array_unref (priv->entries);
  g_ptr_array_unref (priv->tools);

  G_OBJECT_CLASS (oai_toolset_parent_class)->finalize (object);
}

static void
oai_toolset_class_init (OaiToolsetClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_toolset_finalize;

  /**
   * OaiToolset::call-started:
   * @self: the toolset
   * @call: the call
   *
   * Emitted before a call is run. A handler can answer the call itself, deny or cancel it; its tool
   * then does not run. It can also run the call itself; the toolset then waits for its end.
   *
   * Since: 1.0
   */
  signals[CALL_STARTED] = g_signal_new ("call-started", OAI_TYPE_TOOLSET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_TYPE_TOOL_CALL);
  /**
   * OaiToolset::call-finished:
   * @self: the toolset
   * @call: the call
   *
   * Emitted when a call has ended, also if it failed or was cancelled.
   *
   * Since: 1.0
   */
  signals[CALL_FINISHED] = g_signal_new ("call-finished", OAI_TYPE_TOOLSET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_TYPE_TOOL_CALL);
  /**
   * OaiToolset::approval-requested:
   * @self: the toolset
   * @call: the call
   *
   * Emitted when a call that the toolset runs waits for approval, like
   * [signal@Oai.ToolCall::approval-requested], also if the tool is one of an included toolset, which does
   * not emit it. A handler calls [method@Oai.ToolCall.approve] or [method@Oai.ToolCall.deny], now or
   * later. If neither signal has a handler, the call is denied.
   *
   * Since: 1.0
   */
  signals[APPROVAL_REQUESTED] = g_signal_new ("approval-requested", OAI_TYPE_TOOLSET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_TYPE_TOOL_CALL);
}

static void
free_settings (gpointer data)
{
  oai_tool_settings_free (data);
}

static void
oai_toolset_init (OaiToolset *self)
{
  OaiToolsetPrivate *priv = get_private (self);

  priv->entries = g_ptr_array_new_with_free_func (entry_free);
  priv->tools = g_ptr_array_new_with_free_func (g_object_unref);
  priv->names = g_hash_table_new (g_str_hash, g_str_equal);
  priv->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_settings);
}

/* List */

static GType
get_item_type (GListModel *model)
{
  return OAI_TYPE_TOOL;
}

static guint
get_n_items (GListModel *model)
{
  return get_private (OAI_TOOLSET (model))->tools->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *tools = get_private (OAI_TOOLSET (model))->tools;

  return position < tools->len ? g_object_ref (g_ptr_array_index (tools, position)) : NULL;
}

static void
oai_toolset_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static gboolean
is_valid_name (const char *name)
{
  gsize length = name != NULL ? strlen (name) : 0;

  return length > 0 && length <= MAX_NAME &&
         strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-") == length;
}

/* Returns the tool under the name that it has here. */
static OaiTool *
rename_tool (Entry *self, OaiTool *tool)
{
  OaiTool *renamed;
  g_autofree char *name = NULL;

  if (self->prefix == NULL)
    return tool;
  renamed = g_hash_table_lookup (self->renamed, tool);
  if (renamed != NULL)
    return renamed;

  name = g_strconcat (self->prefix, oai_tool_get_name (tool), NULL);
  renamed = oai_prefixed_tool_new (tool, name);
  g_hash_table_insert (self->renamed, g_object_ref (tool), renamed);

  return renamed;
}

/* Returns the tools of an entry, with their names here.  Forgets those that the other toolset no
 * longer contains. */
static GPtrArray *
list_entry (Entry *self)
{
  GPtrArray *tools = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GHashTable) listed = NULL;
  GPtrArray *included;
  GHashTableIter iter;
  gpointer key;

  if (self->tool != NULL)
    {
      g_ptr_array_add (tools, g_object_ref (self->tool));
      return tools;
    }

  included = get_private (self->included)->tools;
  listed = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < included->len; i++)
    {
      g_hash_table_add (listed, g_ptr_array_index (included, i));
      g_ptr_array_add (tools, g_object_ref (rename_tool (self, g_ptr_array_index (included, i))));
    }
  g_hash_table_iter_init (&iter, self->renamed);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (listed, key))
      g_hash_table_iter_remove (&iter);

  return tools;
}

/* Returns the tools of all entries. */
static GPtrArray *
list_entries (OaiToolsetPrivate *priv)
{
  GPtrArray *tools = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < priv->entries->len; i++)
    g_ptr_array_extend_and_steal (tools, list_entry (g_ptr_array_index (priv->entries, i)));

  return tools;
}

/* Returns the names that tools have already, and keep. */
static GHashTable *
find_kept_names (OaiToolsetPrivate *priv, GPtrArray *listed)
{
  GHashTable *kept = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < listed->len; i++)
    {
      OaiTool *tool = g_ptr_array_index (listed, i);
      const char *name = oai_tool_get_name (tool);

      if (g_hash_table_lookup (priv->names, name) == tool)
        g_hash_table_insert (kept, (gpointer) name, tool);
    }

  return kept;
}

/* Lists the tools again.  A tool of an included toolset is omitted if its name is invalid or used already: a tool that a
 * server adds does not replace one of the program or of another server. */
static void
list_tools (OaiToolsetPrivate *priv)
{
  g_autoptr(GPtrArray) listed = list_entries (priv);
  g_autoptr(GHashTable) kept = find_kept_names (priv, listed);

  priv->tools = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_remove_all (priv->names);
  for (guint i = 0; i < listed->len; i++)
    {
      OaiTool *tool = g_ptr_array_index (listed, i);
      const char *name = oai_tool_get_name (tool);
      OaiTool *owner = g_hash_table_lookup (kept, name);

      if (is_valid_name (name) && !g_hash_table_contains (priv->names, name) && (owner == NULL || owner == tool))
        {
          g_hash_table_insert (priv->names, (gpointer) name, tool);
          g_ptr_array_add (priv->tools, g_object_ref (tool));
        }
      else
        g_debug ("A tool was omitted: its name is invalid or used already");
    }
}

/* Reports what is between the common beginning and the common end. */
static void
update (OaiToolset *self)
{
  OaiToolsetPrivate *priv = get_private (self);
  g_autoptr(OaiToolset) held G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr(GPtrArray) old = NULL;
  GPtrArray *tools;
  guint shortest, before = 0, after = 0;

  if (priv->n_changes > 0)
    return;

  old = priv->tools;
  list_tools (priv);
  tools = priv->tools;
  shortest = MIN (old->len, tools->len);
  while (before < shortest && g_ptr_array_index (old, before) == g_ptr_array_index (tools, before))
    before++;
  while (after < shortest - before && g_ptr_array_index (old, old->len - 1 - after) == g_ptr_array_index (tools, tools->len - 1 - after))
    after++;
  if (before + after < MAX (old->len, tools->len))
    oai_emit_items_changed (self, before, old->len - before - after, tools->len - before - after);
}

static void
included_changed_cb (GListModel *included, guint position, guint removed, guint added, gpointer user_data)
{
  Entry *entry = user_data;

  update (entry->owner);
}

/**
 * oai_toolset_new:
 *
 * Creates an empty toolset.
 *
 * Returns: (transfer full): the new toolset
 *
 * Since: 1.0
 */
OaiToolset *
oai_toolset_new (void)
{
  return g_object_new (OAI_TYPE_TOOLSET, NULL);
}

static gboolean
check_name (OaiToolset *self, const char *name, GError **error)
{
  if (!is_valid_name (name))
    {
      /* Translators: %s is the name of a tool. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                   _("“%s” is not a name of a tool. It needs 1 to 64 letters from a to z, digits, underscores and hyphens"), name != NULL ? name : "");
      return FALSE;
    }
  if (oai_toolset_find (self, name) != NULL)
    {
      /* Translators: %s is the name of a tool. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The toolset has a tool with the name “%s” already"), name);
      return FALSE;
    }

  return TRUE;
}

/**
 * oai_toolset_add:
 * @self: a toolset
 * @tool: (transfer none): a tool
 * @error: return location for an error
 *
 * Adds a tool.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if its name does not consist of 1 to 64 letters, digits,
 * underscores and hyphens, or is used already.
 *
 * Returns: %TRUE if the tool was added; %FALSE on error
 *
 * Since: 1.0
 */
gboolean
oai_toolset_add (OaiToolset *self, OaiTool *tool, GError **error)
{
  OaiToolsetPrivate *priv;
  Entry *entry;

  g_return_val_if_fail (OAI_IS_TOOLSET (self), FALSE);
  g_return_val_if_fail (OAI_IS_TOOL (tool), FALSE);

  if (!check_name (self, oai_tool_get_name (tool), error))
    return FALSE;

  priv = get_private (self);
  entry = g_new0 (Entry, 1);
  entry->tool = g_object_ref (tool);
  g_ptr_array_add (priv->entries, entry);
  g_hash_table_insert (priv->names, (gpointer) oai_tool_get_name (tool), tool);
  if (priv->n_changes > 0)
    return TRUE;

  g_ptr_array_add (priv->tools, g_object_ref (tool));
  oai_emit_items_changed (self, priv->tools->len - 1, 0, 1);

  return TRUE;
}

/**
 * oai_toolset_add_function:
 * @self: a toolset
 * @name: the name of the tool
 * @description: (nullable): what the tool does, for the model
 * @parameters_json: (nullable): the JSON schema of the arguments, or %NULL if there are none
 * @func: (scope notified) (closure user_data) (destroy notify): runs the tool
 * @user_data: data for @func
 * @notify: frees @user_data
 * @error: return location for an error
 *
 * Creates a tool and adds it. @notify is also called on error.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if the schema is invalid, and like
 * [method@Oai.Toolset.add].
 *
 * Returns: (nullable) (transfer none): the tool, or %NULL on error
 *
 * Since: 1.0
 */
OaiTool *
oai_toolset_add_function (OaiToolset *self, const char *name, const char *description, const char *parameters_json, OaiToolFunc func, gpointer user_data, GDestroyNotify notify, GError **error)
{
  g_autoptr(OaiTool) tool = NULL;
  g_autoptr(OaiJsonSchema) schema = NULL;

  g_return_val_if_fail (OAI_IS_TOOLSET (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  tool = oai_tool_new (name, description, NULL, func, user_data, notify);
  if (parameters_json != NULL)
    {
      schema = oai_json_schema_new (parameters_json, error);
      if (schema == NULL)
        return NULL;
      oai_tool_set_parameters (tool, schema);
    }

  return oai_toolset_add (self, tool, error) ? tool : NULL;
}

static gboolean
find_entry (OaiToolsetPrivate *priv, OaiTool *tool, guint *index)
{
  for (*index = 0; *index < priv->entries->len; (*index)++)
    if (((Entry *) g_ptr_array_index (priv->entries, *index))->tool == tool)
      return TRUE;

  return FALSE;
}

static void
keep_settings (OaiToolsetPrivate *priv, OaiTool *tool)
{
  OaiToolSettings *settings = g_hash_table_lookup (priv->settings, oai_tool_get_name (tool));

  if (settings != NULL && !oai_tool_settings_read (settings, tool))
    g_hash_table_remove (priv->settings, oai_tool_get_name (tool));
}

/**
 * oai_toolset_remove:
 * @self: a toolset
 * @name: the name of a tool
 *
 * Removes a tool that was added. Calls of it that exist already still run. Tools of an included
 * toolset are removed there; [method@Oai.Toolset.exclude] removes all of them.
 *
 * Returns: %TRUE if there was such a tool
 *
 * Since: 1.0
 */
gboolean
oai_toolset_remove (OaiToolset *self, const char *name)
{
  OaiToolsetPrivate *priv;
  OaiTool *tool;
  guint index;

  g_return_val_if_fail (OAI_IS_TOOLSET (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  priv = get_private (self);
  tool = g_hash_table_lookup (priv->names, name);
  if (tool == NULL || !find_entry (priv, tool, &index))
    return FALSE;

  keep_settings (priv, tool);
  g_hash_table_remove (priv->names, name);
  g_ptr_array_remove_index (priv->entries, index);
  if (priv->n_included > 0 || priv->n_changes > 0)
    update (self);
  else
    {
      /* Without included toolsets, the list is that of the entries. */
      g_ptr_array_remove_index (priv->tools, index);
      oai_emit_items_changed (self, index, 1, 0);
    }

  return TRUE;
}

/**
 * oai_toolset_find:
 * @self: a toolset
 * @name: a name
 *
 * Finds a tool by its name.
 *
 * Returns: (nullable) (transfer none): the tool, or %NULL if there is none
 *
 * Since: 1.0
 */
OaiTool *
oai_toolset_find (OaiToolset *self, const char *name)
{
  g_return_val_if_fail (OAI_IS_TOOLSET (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return g_hash_table_lookup (get_private (self)->names, name);
}

/* Whether other is self, or includes it. */
static gboolean
leads_to (OaiToolset *other, OaiToolset *self)
{
  GPtrArray *entries = get_private (other)->entries;

  if (other == self)
    return TRUE;
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (entries, i);

      if (entry->included != NULL && leads_to (entry->included, self))
        return TRUE;
    }

  return FALSE;
}

static gboolean
check_included (OaiToolset *self, OaiToolset *other, const char *prefix, GError **error)
{
  GPtrArray *tools = get_private (other)->tools;

  if (leads_to (other, self))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("A toolset cannot include itself"));
      return FALSE;
    }
  for (guint i = 0; i < tools->len; i++)
    {
      g_autofree char *name = g_strconcat (prefix != NULL ? prefix : "", oai_tool_get_name (g_ptr_array_index (tools, i)), NULL);

      if (!check_name (self, name, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * oai_toolset_include:
 * @self: a toolset
 * @other: another toolset
 * @prefix: (nullable): what the names of its tools begin with here, such as “files_”; or %NULL
 * @error: return location for an error
 *
 * Shows the tools of another toolset in this one, which follows the changes of @other. A tool that is
 * added to @other later, and whose name is invalid or used already, does not appear.
 *
 * A tool whose name has a prefix is another object. It has the properties of the tool in @other: what is
 * set on one of them, such as [property@Oai.Tool:needs-approval], is set on both.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if a name is invalid or used already, or @other includes
 * @self.
 *
 * Returns: %TRUE if the toolset was included; %FALSE on error
 *
 * Since: 1.0
 */
gboolean
oai_toolset_include (OaiToolset *self, OaiToolset *other, const char *prefix, GError **error)
{
  Entry *entry;

  g_return_val_if_fail (OAI_IS_TOOLSET (self), FALSE);
  g_return_val_if_fail (OAI_IS_TOOLSET (other), FALSE);

  if (!check_included (self, other, prefix, error))
    return FALSE;

  entry = g_new0 (Entry, 1);
  entry->owner = self;
  entry->included = g_object_ref (other);
  entry->prefix = prefix != NULL && *prefix != '\0' ? g_strdup (prefix) : NULL;
  entry->renamed = g_hash_table_new_full (NULL, NULL, g_object_unref, g_object_unref);
  entry->changed_id = g_signal_connect (other, "items-changed", G_CALLBACK (included_changed_cb), entry);
  g_ptr_array_add (get_private (self)->entries, entry);
  get_private (self)->n_included++;
  update (self);

  return TRUE;
}

/**
 * oai_toolset_exclude:
 * @self: a toolset
 * @other: a toolset that was included
 *
 * Removes the tools of another toolset, which [method@Oai.Toolset.include] shows in this one. Calls
 * of them that exist already still run.
 *
 * Returns: %TRUE if @other was included
 *
 * Since: 1.0
 */
gboolean
oai_toolset_exclude (OaiToolset *self, OaiToolset *other)
{
  OaiToolsetPrivate *priv;
  guint n_included;

  g_return_val_if_fail (OAI_IS_TOOLSET (self), FALSE);
  g_return_val_if_fail (OAI_IS_TOOLSET (other), FALSE);

  priv = get_private (self);
  n_included = priv->n_included;
  for (guint i = priv->entries->len; i > 0; i--)
    {
      if (((Entry *) g_ptr_array_index (priv->entries, i - 1))->included != other)
        continue;
      g_ptr_array_remove_index (priv->entries, i - 1);
      priv->n_included--;
    }
  if (priv->n_included == n_included)
    return FALSE;

  update (self);

  return TRUE;
}

/* Tools of a source */

void
oai_toolset_begin_change (OaiToolset *self)
{
  get_private (self)->n_changes++;
}

void
oai_toolset_end_change (OaiToolset *self)
{
  get_private (self)->n_changes--;
  update (self);
}

gboolean
oai_toolset_add_kept (OaiToolset *self, OaiTool *tool, GError **error)
{
  GHashTable *settings = get_private (self)->settings;
  const char *name = oai_tool_get_name (tool);
  OaiToolSettings *kept;
  OaiToolSettings *initial;

  if (!check_name (self, name, error))
    return FALSE;

  kept = g_hash_table_lookup (settings, name);
  initial = oai_tool_settings_new (tool);
  if (kept != NULL)
    oai_tool_settings_apply (kept, tool, initial);
  g_hash_table_insert (settings, g_strdup (name), initial);

  return oai_toolset_add (self, tool, error);
}

void
oai_toolset_set_kept_needs_approval (OaiToolset *self, OaiTool *tool, gboolean needs_approval)
{
  OaiToolSettings *kept = g_hash_table_lookup (get_private (self)->settings, oai_tool_get_name (tool));

  if (kept != NULL)
    oai_tool_settings_set_needs_approval (kept, tool, needs_approval);
}

/* Calls */

/**
 * oai_toolset_new_call:
 * @self: a toolset
 * @id: (nullable): the identifier of the call
 * @name: (nullable): the name of the tool, as the model sent it
 * @arguments_json: (nullable): the arguments, as the model sent them
 *
 * Creates a call of the tool with this name. If there is none, the call fails when it is run.
 *
 * Returns: (transfer full): the new call
 *
 * Since: 1.0
 */
OaiToolCall *
oai_toolset_new_call (OaiToolset *self, const char *id, const char *name, const char *arguments_json)
{
  g_return_val_if_fail (OAI_IS_TOOLSET (self), NULL);

  return oai_tool_call_new (name != NULL ? oai_toolset_find (self, name) : NULL, id, name, arguments_json);
}

OaiToolCall *
oai_toolset_new_call_for_record (OaiToolset *self, OaiRecord *record, const char *id, const char *name, const char *arguments)
{
  OaiTool *tool = name != NULL ? oai_toolset_find (self, name) : NULL;

  return g_object_new (OAI_TYPE_TOOL_CALL, "tool", tool, "record", record, "id", id, "name", name, "arguments", arguments, NULL);
}

static void
end_unknown (OaiToolset *self, OaiToolCall *call)
{
  GPtrArray *tools = get_private (self)->tools;
  g_autoptr(GString) names = g_string_new (NULL);

  for (guint i = 0; i < tools->len; i++)
    g_string_append_printf (names, "%s%s", i == 0 ? "" : ", ", oai_tool_get_name (g_ptr_array_index (tools, i)));
  oai_tool_call_end_unknown (call, names->str);
}

gboolean
oai_toolset_add_to_request (OaiToolset *self, gpointer request, OaiToolConvertFunc convert, OaiToolAddFunc add, GError **error)
{
  GPtrArray *tools = get_private (self)->tools;
  g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < tools->len; i++)
    {
      gpointer record = convert (g_ptr_array_index (tools, i), error);

      if (record == NULL)
        return FALSE;
      g_ptr_array_add (records, record);
    }
  for (guint i = 0; i < records->len; i++)
    add (request, g_ptr_array_index (records, i));

  return TRUE;
}

typedef struct
{
  GPtrArray *calls;   /* of OaiToolCall */
  guint next;         /* index of the next call to start */
  guint n_running;
  gboolean parallel;
  gboolean alone;     /* the call that runs is not parallel */
  gboolean ended;
} Run;

static void
run_free (gpointer data)
{
  Run *self = data;

  g_ptr_array_unref (self->calls);
  g_free (self);
}

static void continue_run (GTask *task);

static void
approval_requested_cb (OaiToolCall *call, gpointer user_data)
{
  oai_emit (user_data, signals[APPROVAL_REQUESTED], 0, call);
}

/* Does nothing if the toolset has no handler, so that the call is denied. */
static void
follow_approval (OaiToolset *self, OaiToolCall *call)
{
  if (!oai_tool_call_has_ended (call) && g_signal_has_handler_pending (self, signals[APPROVAL_REQUESTED], 0, FALSE)
      && g_signal_handler_find (call, G_SIGNAL_MATCH_FUNC | G_SIGNAL_MATCH_DATA, 0, 0, NULL, approval_requested_cb, self) == 0)
    g_signal_connect_object (call, "approval-requested", G_CALLBACK (approval_requested_cb), self, 0);
}

static void
call_ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  OaiToolset *self = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);

  g_signal_handlers_disconnect_by_func (source, approval_requested_cb, self);
  oai_emit (self, signals[CALL_FINISHED], 0, source);
  run->n_running--;
  run->alone = FALSE;
  continue_run (task);
}

static gboolean
can_start (Run *run)
{
  OaiTool *tool = oai_tool_call_get_tool (g_ptr_array_index (run->calls, run->next));

  if (run->n_running == 0)
    return TRUE;

  return run->parallel && !run->alone && (tool == NULL || oai_tool_get_parallel (tool));
}

static void
start_call (GTask *task, OaiToolCall *call)
{
  OaiToolset *self = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);
  OaiTool *tool = oai_tool_call_get_tool (call);

  run->n_running++;
  run->alone = tool != NULL && !oai_tool_get_parallel (tool);
  /* A handler of call-started can run the call. */
  follow_approval (self, call);
  oai_emit (self, signals[CALL_STARTED], 0, call);
  if (tool == NULL && oai_tool_call_get_state (call) == OAI_TOOL_CALL_STATE_NEW)
    end_unknown (self, call);
  follow_approval (self, call);
  oai_tool_call_run_async (call, g_task_get_cancellable (task), call_ended_cb, g_object_ref (task));
}

/* Starts the calls that can run now.  A handler may iterate the main loop, and end the run. */
static void
continue_run (GTask *task)
{
  g_autoptr(GTask) held = g_object_ref (task);
  Run *run = g_task_get_task_data (held);

  while (run->next < run->calls->len && can_start (run))
    start_call (held, g_ptr_array_index (run->calls, run->next++));
  if (run->next < run->calls->len || run->n_running > 0 || run->ended)
    return;

  run->ended = TRUE;
  if (g_cancellable_is_cancelled (g_task_get_cancellable (held)))
    g_task_return_error (held, oai_error_new_cancelled ());
  else
    g_task_return_boolean (held, TRUE);
}

/* Takes the calls and the task. */
static void
start_run (GTask *task, GPtrArray *calls, gboolean parallel)
{
  g_autoptr(GTask) held = task;
  Run *run = g_new0 (Run, 1);

  run->calls = calls;
  run->parallel = parallel;
  g_task_set_check_cancellable (held, FALSE);
  g_task_set_task_data (held, run, run_free);
  continue_run (held);
}

static gpointer
copy_call (gconstpointer call, gpointer user_data)
{
  return g_object_ref ((gpointer) call);
}

/**
 * oai_toolset_run_async:
 * @self: a toolset
 * @calls: (element-type OaiToolCall): the calls
 * @parallel: whether calls run at the same time
 * @cancellable: (nullable): a cancellable, which cancels all calls
 * @callback: (scope async) (nullable): called when all calls have ended
 * @user_data: data for @callback
 *
 * Runs calls, and waits until each of them has an output. They start in their order. With @parallel,
 * a call starts without waiting for the ones before it, except if its tool or a tool that runs is
 * not [property@Oai.Tool:parallel].
 *
 * The calls end as those of [method@Oai.ToolCall.run_async]: what goes wrong with a tool is an output
 * for the model, and no error. A call that runs already is waited for. Fails only with
 * %G_IO_ERROR_CANCELLED. If @cancellable is cancelled, calls that have ended keep their outputs, and
 * the others are cancelled.
 *
 * Since: 1.0
 */
void
oai_toolset_run_async (OaiToolset *self, GPtrArray *calls, gboolean parallel, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  GPtrArray *copy;

  g_return_if_fail (OAI_IS_TOOLSET (self));
  g_return_if_fail (calls != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_toolset_run_async);
  copy = g_ptr_array_copy (calls, (GCopyFunc) copy_call, NULL);
  g_ptr_array_set_free_func (copy, g_object_unref);
  start_run (task, copy, parallel);
}

/**
 * oai_toolset_run_finish:
 * @self: a toolset
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.Toolset.run_async]. Each call then has an output.
 *
 * Returns: %TRUE if all calls have ended; %FALSE if the run was cancelled
 *
 * Since: 1.0
 */
gboolean
oai_toolset_run_finish (OaiToolset *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct
{
  GPtrArray *calls; /* of OaiToolCall */
  OaiToolResultsFunc add_results;
} Method;

static void
method_free (gpointer data)
{
  Method *self = data;

  g_ptr_array_unref (self->calls);
  g_free (self);
}

static void
method_ran_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Method *method = g_task_get_task_data (task);
  GError *error = NULL;

  oai_toolset_run_finish (OAI_TOOLSET (source), result, &error);
  method->add_results (g_task_get_source_object (task), method->calls);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_ptr_array_ref (method->calls), (GDestroyNotify) g_ptr_array_unref);
}

void
oai_toolset_run_for_method (OaiToolset *self, GPtrArray *calls, gboolean parallel, OaiToolResultsFunc add_results, GTask *task)
{
  Method *method = g_new (Method, 1);

  *method = (Method) { calls, add_results };
  g_task_set_task_data (task, method, method_free);
  oai_toolset_run_async (self, calls, parallel, g_task_get_cancellable (task), method_ran_cb, task);
}

/**
 * oai_toolset_call_async:
 * @self: a toolset
 * @id: (nullable): the identifier of the call
 * @name: (nullable): the name of the tool, as the model sent it
 * @arguments_json: (nullable): the arguments, as the model sent them
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async) (nullable): called when the call has ended
 * @user_data: data for @callback
 *
 * Creates and runs one call, for programs that read the calls from replies themselves.
 *
 * Since: 1.0
 */
void
oai_toolset_call_async (OaiToolset *self, const char *id, const char *name, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  GPtrArray *calls;

  g_return_if_fail (OAI_IS_TOOLSET (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_toolset_call_async);
  calls = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (calls, oai_toolset_new_call (self, id, name, arguments_json));
  start_run (task, calls, FALSE);
}

/**
 * oai_toolset_call_finish:
 * @self: a toolset
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.Toolset.call_async].
 *
 * Returns: (nullable) (transfer full): the call, whose output is the text for the model; %NULL if it
 *   was cancelled
 *
 * Since: 1.0
 */
OaiToolCall *
oai_toolset_call_finish (OaiToolset *self, GAsyncResult *result, GError **error)
{
  Run *run;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  run = g_task_get_task_data (G_TASK (result));

  return g_object_ref (g_ptr_array_index (run->calls, 0));
}
