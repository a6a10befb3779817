/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-dbus-tool.h"

#include <string.h>

#include "oai-arguments-schema-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-object.h"
#include "oai-json-writer-private.h"
#include "oai-tool-call.h"
#include "oai-tool-name-private.h"

#define DESCRIPTION "org.gtk.GDBus.DocString"

typedef struct
{
  GDBusProxy *proxy;
  GDBusMethodInfo *info;
} Target;

static void
free_target (gpointer data)
{
  Target *target = data;

  g_object_unref (target->proxy);
  g_dbus_method_info_unref (target->info);
  g_free (target);
}

/* GDBus gives an argument without a name the same one when it reads XML. */
static char *
dup_name (GDBusArgInfo *info, guint position)
{
  return info->name != NULL && info->name[0] != '\0' ? g_strdup (info->name) : g_strdup_printf ("arg_%u", position);
}

/* Replies */

static char *
dup_child (GVariant *tuple, guint position)
{
  g_autoptr(GVariant) child = g_variant_get_child_value (tuple, position);

  return oai_json_from_variant (child);
}

/* Returns the results; an object if there are several. */
static char *
dup_results (GDBusMethodInfo *info, GVariant *tuple)
{
  GString *out;
  gsize n = g_variant_n_children (tuple);

  if (n == 1)
    return dup_child (tuple, 0);

  out = g_string_new ("{");
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = dup_name (info->out_args[i], i);
      g_autofree char *json = dup_child (tuple, i);

      g_string_append (out, i > 0 ? "," : "");
      oai_json_write_string (out, name, -1);
      g_string_append_printf (out, ":%s", json);
    }

  return g_string_free (g_string_append_c (out, '}'), FALSE);
}

typedef struct
{
  OaiToolCall *call;
  GDBusMethodInfo *info;
} Pending;

static void
replied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Pending *pending = user_data;
  g_autoptr(OaiToolCall) call = pending->call;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  g_autofree char *json = NULL;

  if (reply == NULL)
    oai_tool_call_fail (call, error);
  else if (g_variant_n_children (reply) == 0)
    oai_tool_call_respond (call, NULL);
  else
    {
      json = dup_results (pending->info, reply);
      oai_tool_call_respond_json (call, json);
    }
  g_dbus_method_info_unref (pending->info);
  g_free (pending);
}

/* Calls */

/* Returns NULL if an argument does not have its type. */
static GVariant *
read_arguments (OaiToolCall *call, GDBusMethodInfo *info, GError **error)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_TUPLE);
  for (guint i = 0; info->in_args != NULL && info->in_args[i] != NULL; i++)
    {
      g_autofree char *name = dup_name (info->in_args[i], i);
      g_autofree char *json = oai_tool_call_dup_argument (call, name);
      g_autoptr(GVariant) value = oai_json_to_variant (G_VARIANT_TYPE (info->in_args[i]->signature), json != NULL ? json : "null", error);

      if (value == NULL)
        {
          g_prefix_error (error, "The argument “%s”: ", name);
          g_variant_builder_clear (&builder);
          return NULL;
        }
      g_variant_builder_add_value (&builder, value);
    }

  return g_variant_builder_end (&builder);
}

static void
call_target (OaiToolCall *call, gpointer data)
{
  Target *target = data;
  g_autoptr(GError) error = NULL;
  GVariant *arguments = read_arguments (call, target->info, &error);
  Pending *pending;

  if (arguments == NULL)
    {
      oai_tool_call_fail_with_message (call, error->message);
      return;
    }

  pending = g_new0 (Pending, 1);
  pending->call = g_object_ref (call);
  pending->info = g_dbus_method_info_ref (target->info);
  g_dbus_proxy_call (target->proxy, target->info->name, arguments, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, oai_tool_call_get_cancellable (call), replied_cb, pending);
}

/* The tool */

static gboolean
add_argument (OaiArgumentsSchema *schema, GDBusArgInfo *info, guint position, GError **error)
{
  g_autofree char *name = dup_name (info, position);
  g_autoptr(OaiJsonSchema) type = oai_json_schema_new_for_variant_type (G_VARIANT_TYPE (info->signature), error);

  if (type == NULL)
    return FALSE;
  oai_arguments_schema_add (schema, name, oai_json_schema_get_json (type), g_dbus_annotation_info_lookup (info->annotations, DESCRIPTION), NULL, FALSE, TRUE);

  return TRUE;
}

static OaiJsonSchema *
create_schema (GDBusMethodInfo *info, GError **error)
{
  g_autoptr(OaiJsonSchema) created = NULL;
  OaiArgumentsSchema schema;
  gboolean added = TRUE;

  oai_arguments_schema_init (&schema);
  for (guint i = 0; added && info->in_args != NULL && info->in_args[i] != NULL; i++)
    added = add_argument (&schema, info->in_args[i], i, error);
  created = oai_arguments_schema_end (&schema, added ? error : NULL);

  return added ? g_steal_pointer (&created) : NULL;
}

static GDBusMethodInfo *
find_method (GDBusProxy *proxy, const char *method, GError **error)
{
  GDBusInterfaceInfo *interface = g_dbus_proxy_get_interface_info (proxy);
  GDBusMethodInfo *info = interface != NULL ? g_dbus_interface_info_lookup_method (interface, method) : NULL;

  if (interface == NULL)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The D-Bus proxy has no description of its interface; pass one to g_dbus_proxy_new()"));
  else if (info == NULL)
    g_set_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND, _("The D-Bus interface “%s” has no method “%s”"), interface->name, method);

  return info;
}

/**
 * oai_tool_new_for_dbus_method: (constructor)
 * @proxy: a proxy whose [property@Gio.DBusProxy:g-interface-info] is set
 * @method: the name of a method of the interface
 * @error: return location for a [error@Oai.Error]
 *
 * Creates a tool that calls a method of a D-Bus object, without blocking. A cancelled call is no longer
 * waited for, but the object may complete it.
 *
 * The parameters are the arguments of the method; an argument without a name is called `arg_0`,
 * with its position. The annotation `org.gtk.GDBus.DocString` of the method and of arguments is the
 * description. The model gets the result; an object if there are several.
 *
 * The name of the tool is the last part of the name of the interface, and the name of the method, as in
 * `Notifications_Notify`.
 *
 * Returns: (transfer full): a tool, or %NULL with %OAI_ERROR_NOT_FOUND if there is no such method, or
 *   %OAI_ERROR_INVALID_ARGUMENT if the proxy has no description of its interface, or if an argument has no JSON
 *   form, such as a file descriptor
 *
 * Since: 1.0
 */
OaiTool *
oai_tool_new_for_dbus_method (GDBusProxy *proxy, const char *method, GError **error)
{
  g_autoptr(OaiJsonSchema) schema = NULL;
  g_autofree char *name = NULL;
  const char *dot;
  GDBusMethodInfo *info;
  Target *target;

  g_return_val_if_fail (G_IS_DBUS_PROXY (proxy), NULL);
  g_return_val_if_fail (method != NULL, NULL);

  info = find_method (proxy, method, error);
  schema = info != NULL ? create_schema (info, error) : NULL;
  if (schema == NULL)
    return NULL;

  target = g_new0 (Target, 1);
  target->proxy = g_object_ref (proxy);
  target->info = g_dbus_method_info_ref (info);
  dot = strrchr (g_dbus_proxy_get_interface_name (proxy), '.');
  name = oai_tool_name_new (dot != NULL ? dot + 1 : g_dbus_proxy_get_interface_name (proxy), method);

  return oai_tool_new (name, g_dbus_annotation_info_lookup (info->annotations, DESCRIPTION), schema, call_target, target, free_target);
}
