/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-introspected-tool.h"

#include <string.h>

#include "oai-error.h"
#include "oai-gi-function-private.h"
#include "oai-i18n-private.h"
#include "oai-library-private.h"
#include "oai-tool-name-private.h"

/* What a tool calls. */
typedef struct
{
  OaiGiFunction *function;
  GObject *instance; /* of a method */
} Target;

static void
free_target (gpointer data)
{
  Target *target = data;

  oai_gi_function_unref (target->function);
  g_clear_object (&target->instance);
  g_free (target);
}

static void
call_target (OaiToolCall *call, gpointer data)
{
  Target *target = data;

  oai_gi_function_call (target->function, target->instance, call);
}

static OaiTool *
create_tool (GIFunctionInfo *info, const char *prefix, const char *method, GObject *instance, GError **error)
{
  g_autoptr(OaiGiFunction) function = oai_gi_function_new (info, error);
  const char *attribute = g_base_info_get_attribute (info, "oai.name");
  g_autofree char *name = attribute != NULL ? oai_tool_name_new (NULL, attribute) : oai_tool_name_new (prefix, method);
  g_autofree char *description = oai_gi_dup_description (info);
  g_autoptr(OaiJsonSchema) schema = NULL;
  Target *target;

  if (function == NULL)
    return NULL;
  schema = oai_gi_function_create_schema (function, error);
  if (schema == NULL)
    return NULL;

  target = g_new0 (Target, 1);
  target->function = g_steal_pointer (&function);
  target->instance = instance != NULL ? g_object_ref (instance) : NULL;

  return oai_tool_new (name, description, schema, call_target, target, free_target);
}

/* Namespaces */

/* The two versions of the library that reads the data register the same types. */
static gboolean
check_library (GError **error)
{
  g_autofree char *path = oai_library_find_open ("libgirepository-2.0.so.0");

  if (path == NULL)
    return TRUE;

  g_set_error (error, OAI_ERROR, OAI_ERROR_MODULE, _("This program uses libgirepository 2.0, and the tools module was built for libgirepository 1.0"));

  return FALSE;
}

static gboolean
require (const char *namespace_, const char *version, GError **error)
{
  g_autoptr(GError) inner = NULL;

  if (!check_library (error))
    return FALSE;
  if (g_irepository_require (NULL, namespace_, version, 0, &inner) != NULL)
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_NOT_FOUND, inner->message);

  return FALSE;
}

/**
 * oai_tool_require_namespace:
 * @namespace_: the name of a namespace, such as `Gtk`
 * @version: (nullable): its version, such as `4.0`, or %NULL for the newest one
 * @error: return location for a [error@Oai.Error]
 *
 * Loads the introspection data (typelib) of a namespace, so that its methods and functions can be tools.
 *
 * A program in C or Vala calls this for the libraries whose objects it passes to
 * [ctor@Oai.Tool.new_for_method]; those of Gio and GObject are always available. In Python and
 * JavaScript, a namespace is loaded when it is imported.
 *
 * Returns: %TRUE on success; %FALSE with %OAI_ERROR_NOT_FOUND if there is no such typelib
 *
 * Since: 1.0
 */
gboolean
oai_tool_require_namespace (const char *namespace_, const char *version, GError **error)
{
  g_return_val_if_fail (namespace_ != NULL, FALSE);

  return require (namespace_, version, error);
}

/* Methods */

static GIFunctionInfo *
find_in_info (GIBaseInfo *info, const char *method)
{
  if (info == NULL)
    return NULL;
  if (GI_IS_OBJECT_INFO (info))
    return g_object_info_find_method_using_interfaces (info, method, NULL);

  return GI_IS_INTERFACE_INFO (info) ? g_interface_info_find_method (info, method) : NULL;
}

static GIFunctionInfo *
find_in_type (GType type, const char *method)
{
  g_autoptr(GIBaseInfo) info = g_irepository_find_by_gtype (NULL, type);
  g_autoptr(GIBaseInfo) function = find_in_info (info, method);

  if (function == NULL || (g_function_info_get_flags (function) & GI_FUNCTION_IS_METHOD) == 0)
    return NULL;

  return g_steal_pointer (&function);
}

static GIFunctionInfo *
find_method (GType type, const char *method)
{
  g_autofree GType *interfaces = g_type_interfaces (type, NULL);
  GIFunctionInfo *function = NULL;

  for (GType t = type; function == NULL && t != 0; t = g_type_parent (t))
    function = find_in_type (t, method);
  for (guint i = 0; function == NULL && interfaces[i] != 0; i++)
    function = find_in_type (interfaces[i], method);

  return function;
}

/* The asynchronous form of a method does not block the main loop, so it is preferred. */
static GIFunctionInfo *
find_best_method (GType type, const char *method)
{
  g_autofree char *async = g_strconcat (method, "_async", NULL);
  GIFunctionInfo *function = find_method (type, async);

  return function != NULL ? function : find_method (type, method);
}

/* Classes of Python have the module in their names, and those of GJS a prefix. */
static void
set_unknown_method (GError **error, GType type, const char *method)
{
  const char *name = g_type_name (type);

  if (strchr (name, '+') != NULL)
    g_set_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND, _("There is no introspection data for a method “%s” of “%s”. A method in Python becomes a tool with @toolset.tool or Oai.Tool.new_for_callable()"), method, name);
  else if (g_str_has_prefix (name, "Gjs_"))
    g_set_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND, _("There is no introspection data for a method “%s” of “%s”. A method in JavaScript becomes a tool with toolset.addTool()"), method, name);
  else
    g_set_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND, _("There is no introspection data for a method “%s” of “%s”; it may have to be loaded with oai_tool_require_namespace()"), method, name);
}

/* Without the module that Python puts before the name of a class. */
static const char *
get_class_name (GType type)
{
  const char *plus = strrchr (g_type_name (type), '+');

  return plus != NULL ? plus + 1 : g_type_name (type);
}

/* The name without the suffix of asynchronous methods. */
static char *
dup_base_name (const char *method)
{
  return g_str_has_suffix (method, "_async") ? g_strndup (method, strlen (method) - strlen ("_async")) : g_strdup (method);
}

/**
 * oai_tool_new_for_method: (constructor)
 * @object: an object
 * @method: the name of a method in the introspection data, such as `get_weather`
 * @error: return location for a [error@Oai.Error]
 *
 * Creates a tool that calls a method of an object, which the tool keeps.
 *
 * The parameters of the tool are the arguments of the method: booleans, numbers, strings, files,
 * enumerations and flags by their nicks, objects and boxed types that
 * [ctor@Oai.JsonSchema.new_for_type] supports, and arrays, lists and hash tables of these. Bytes are
 * Base64 text. An argument that may be %NULL can be omitted. Cancellables, callbacks and the lengths
 * of arrays are filled in. An argument of another type is %NULL if it may be; otherwise this fails.
 *
 * The model gets the return value and the values of out arguments; an object if there are
 * several. A [struct@GLib.Error] is passed to [method@Oai.ToolCall.fail].
 *
 * An asynchronous method does not block the main loop: it is found by its name with or without
 * `_async`, and preferred to a blocking method of this name. Its cancellable is that of the call.
 *
 * Methods of parent classes and of interfaces are found, too. In C and Vala, call
 * [func@Oai.Tool.require_namespace] first. Only methods that are in introspection data can be
 * called: not those that a class in Python or JavaScript defines.
 *
 * The name of the tool is the name of the class and of the method, as in `Weather_get_forecast`.
 * Annotations in C add to the introspection data what it does not contain:
 *
 * | attribute | of | value |
 * |---|---|---|
 * | `oai.name` | functions | the name of the tool |
 * | `oai.description` | functions, arguments | a description for the model; `_` becomes a blank, and `%XX` the byte XX |
 * | `oai.default` | arguments | the value, as JSON, if the model omits the argument |
 * | `oai.tool` | functions | the function is added by [method@Oai.Toolset.add_object] and [method@Oai.Toolset.add_namespace] |
 *
 * For instance, `@city: (attributes oai.description=Name_of_the_city): a city` describes an argument.
 *
 * Returns: (transfer full): a tool, or %NULL with %OAI_ERROR_NOT_FOUND if there is no such method, or
 *   %OAI_ERROR_INVALID_ARGUMENT if it has an argument or a result that is not supported
 *
 * Since: 1.0
 */
OaiTool *
oai_tool_new_for_method (GObject *object, const char *method, GError **error)
{
  g_autoptr(GIBaseInfo) function = NULL;
  g_autofree char *name = NULL;

  g_return_val_if_fail (G_IS_OBJECT (object), NULL);
  g_return_val_if_fail (method != NULL, NULL);

  if (!require ("Gio", "2.0", error))
    return NULL;
  function = find_best_method (G_OBJECT_TYPE (object), method);
  if (function == NULL)
    {
      set_unknown_method (error, G_OBJECT_TYPE (object), method);
      return NULL;
    }
  name = dup_base_name (method);

  return create_tool (function, get_class_name (G_OBJECT_TYPE (object)), name, object, error);
}

/* Functions */

/* Finds a function of a class, such as "Class.function". */
static GIFunctionInfo *
find_static_function (const char *namespace_, const char *class_name, const char *name)
{
  g_autoptr(GIBaseInfo) container = g_irepository_find_by_name (NULL, namespace_, class_name);

  if (container == NULL)
    return NULL;
  if (GI_IS_OBJECT_INFO (container))
    return g_object_info_find_method (container, name);

  return GI_IS_INTERFACE_INFO (container) ? g_interface_info_find_method (container, name) : NULL;
}

static GIFunctionInfo *
find_function (const char *namespace_, const char *path)
{
  const char *dot = strchr (path, '.');
  g_autofree char *class_name = dot != NULL ? g_strndup (path, dot - path) : NULL;
  g_autoptr(GIBaseInfo) info = dot != NULL ? find_static_function (namespace_, class_name, dot + 1) : g_irepository_find_by_name (NULL, namespace_, path);

  if (info == NULL || !GI_IS_FUNCTION_INFO (info) || (g_function_info_get_flags (info) & GI_FUNCTION_IS_METHOD) != 0)
    return NULL;

  return g_steal_pointer (&info);
}

/**
 * oai_tool_new_for_function: (constructor)
 * @namespace_: the name of a namespace
 * @function: the name of a function, or of a class and a function that needs no object, such as
 *   `Calendar.count_days`
 * @error: return location for a [error@Oai.Error]
 *
 * Creates a tool that calls a function of a namespace. [ctor@Oai.Tool.new_for_method] describes which
 * arguments are supported. The name of the tool is that of the namespace and the function, as in
 * `Demo_Calendar_count_days`.
 *
 * If the namespace has not been loaded, its newest version is; see [func@Oai.Tool.require_namespace].
 *
 * Returns: (transfer full): a tool, or %NULL with %OAI_ERROR_NOT_FOUND if there is no such function, or
 *   %OAI_ERROR_INVALID_ARGUMENT if it has an argument or a result that is not supported
 *
 * Since: 1.0
 */
OaiTool *
oai_tool_new_for_function (const char *namespace_, const char *function, GError **error)
{
  g_autoptr(GIBaseInfo) info = NULL;
  g_autofree char *name = NULL;

  g_return_val_if_fail (namespace_ != NULL, NULL);
  g_return_val_if_fail (function != NULL, NULL);

  if (!require (namespace_, NULL, error))
    return NULL;
  info = find_function (namespace_, function);
  if (info == NULL)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND, _("The namespace “%s” has no function “%s”"), namespace_, function);
      return NULL;
    }
  name = dup_base_name (function);

  return create_tool (info, namespace_, name, NULL, error);
}

/* Toolsets */

static gboolean
take_tool (OaiToolset *self, OaiTool *tool, GError **error)
{
  g_autoptr(OaiTool) owned = tool;

  return owned != NULL && oai_toolset_add (self, owned, error);
}

static gboolean
is_marked (GIBaseInfo *info)
{
  return GI_IS_FUNCTION_INFO (info) && g_base_info_get_attribute (info, "oai.tool") != NULL;
}

static int
count_methods (GIBaseInfo *info)
{
  if (GI_IS_OBJECT_INFO (info))
    return g_object_info_get_n_methods (info);

  return GI_IS_INTERFACE_INFO (info) ? g_interface_info_get_n_methods (info) : 0;
}

static GIFunctionInfo *
get_method (GIBaseInfo *info, int i)
{
  return GI_IS_OBJECT_INFO (info) ? g_object_info_get_method (info, i) : g_interface_info_get_method (info, i);
}

static gboolean
add_methods (OaiToolset *self, GObject *object, GType type, guint *n_added, GError **error)
{
  g_autoptr(GIBaseInfo) info = g_irepository_find_by_gtype (NULL, type);

  for (int i = 0; info != NULL && i < count_methods (info); i++)
    {
      g_autoptr(GIBaseInfo) method = get_method (info, i);
      g_autofree char *name = dup_base_name (g_base_info_get_name (method));

      if (!is_marked (method) || (g_function_info_get_flags (method) & GI_FUNCTION_IS_METHOD) == 0)
        continue;
      if (!take_tool (self, create_tool (method, get_class_name (G_OBJECT_TYPE (object)), name, object, error), error))
        return FALSE;
      (*n_added)++;
    }

  return TRUE;
}

/**
 * oai_toolset_add_object:
 * @self: a toolset
 * @object: an object
 * @error: return location for a [error@Oai.Error]
 *
 * Adds a tool for each method of an object that has the attribute `oai.tool` in the introspection data,
 * also those of its parent classes and interfaces; see [ctor@Oai.Tool.new_for_method].
 *
 * Returns: %TRUE on success; %FALSE with %OAI_ERROR_NOT_FOUND if there is no such method, or
 *   %OAI_ERROR_INVALID_ARGUMENT if one has an argument or a result that is not supported, or a name that
 *   the toolset has already
 *
 * Since: 1.0
 */
gboolean
oai_toolset_add_object (OaiToolset *self, GObject *object, GError **error)
{
  g_autofree GType *interfaces = NULL;
  guint n_added = 0;

  g_return_val_if_fail (OAI_IS_TOOLSET (self), FALSE);
  g_return_val_if_fail (G_IS_OBJECT (object), FALSE);

  if (!require ("Gio", "2.0", error))
    return FALSE;
  for (GType type = G_OBJECT_TYPE (object); type != 0; type = g_type_parent (type))
    if (!add_methods (self, object, type, &n_added, error))
      return FALSE;
  interfaces = g_type_interfaces (G_OBJECT_TYPE (object), NULL);
  for (guint i = 0; interfaces[i] != 0; i++)
    if (!add_methods (self, object, interfaces[i], &n_added, error))
      return FALSE;
  if (n_added > 0)
    return TRUE;

  g_set_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND, _("No method of the type “%s” has the attribute oai.tool"), G_OBJECT_TYPE_NAME (object));

  return FALSE;
}

/* class_name: NULL for a function of the namespace itself. */
static gboolean
add_marked_function (OaiToolset *self, GIBaseInfo *info, const char *class_name, guint *n_added, GError **error)
{
  const char *namespace_ = g_base_info_get_namespace (info);
  g_autofree char *base = dup_base_name (g_base_info_get_name (info));
  g_autofree char *name = class_name != NULL ? g_strconcat (class_name, "_", base, NULL) : g_strdup (base);

  if (!is_marked (info) || (g_function_info_get_flags (info) & GI_FUNCTION_IS_METHOD) != 0)
    return TRUE;
  (*n_added)++;

  return take_tool (self, create_tool (info, namespace_, name, NULL, error), error);
}

/* Adds a function, or the functions of a class. */
static gboolean
add_marked (OaiToolset *self, GIBaseInfo *info, guint *n_added, GError **error)
{
  if (GI_IS_FUNCTION_INFO (info))
    return add_marked_function (self, info, NULL, n_added, error);

  for (int i = 0; i < count_methods (info); i++)
    {
      g_autoptr(GIBaseInfo) function = get_method (info, i);

      if (!add_marked_function (self, function, g_base_info_get_name (info), n_added, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * oai_toolset_add_namespace:
 * @self: a toolset
 * @namespace_: the name of a namespace
 * @version: (nullable): its version, or %NULL for the newest one
 * @error: return location for a [error@Oai.Error]
 *
 * Loads a namespace, and adds a tool for each of its functions that has the attribute `oai.tool` in
 * the introspection data and needs no object; see [ctor@Oai.Tool.new_for_function].
 *
 * Returns: %TRUE on success; %FALSE with %OAI_ERROR_NOT_FOUND if there is no such namespace or no such
 *   function, or %OAI_ERROR_INVALID_ARGUMENT if one has an argument or a result that is not supported, or
 *   a name that the toolset has already
 *
 * Since: 1.0
 */
gboolean
oai_toolset_add_namespace (OaiToolset *self, const char *namespace_, const char *version, GError **error)
{
  guint n_added = 0;

  g_return_val_if_fail (OAI_IS_TOOLSET (self), FALSE);
  g_return_val_if_fail (namespace_ != NULL, FALSE);

  if (!require (namespace_, version, error))
    return FALSE;
  for (int i = 0; i < g_irepository_get_n_infos (NULL, namespace_); i++)
    {
      g_autoptr(GIBaseInfo) info = g_irepository_get_info (NULL, namespace_, i);

      if (!add_marked (self, info, &n_added, error))
        return FALSE;
    }
  if (n_added > 0)
    return TRUE;

  g_set_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND, _("No function of the namespace “%s” has the attribute oai.tool"), namespace_);

  return FALSE;
}
