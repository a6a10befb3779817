/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-property-private.h"

#include <gio/gio.h>

#include "oai-error.h"
#include "oai-i18n-private.h"

static G_DEFINE_QUARK (oai-json-property-flags, oai_json_property_flags)
static G_DEFINE_QUARK (oai-json-property-item-type, oai_json_property_item_type)

static GParamSpec *
find_property (GType type, const char *property_name)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_CLASS (klass), property_name);

  if (pspec == NULL)
    g_critical ("%s has no property “%s”", g_type_name (type), property_name);

  return pspec;
}

/**
 * oai_json_set_property_flags:
 * @type: a class of objects
 * @property_name: a property of the class
 * @flags: flags of the property
 *
 * Sets how a property is part of the JSON of the objects of a class. Call it before the first JSON of
 * the class is read or written, for example when the class is initialized.
 *
 * Since: 1.0
 */
void
oai_json_set_property_flags (GType type, const char *property_name, OaiJsonPropertyFlags flags)
{
  GParamSpec *pspec;

  g_return_if_fail (g_type_is_a (type, G_TYPE_OBJECT));
  g_return_if_fail (property_name != NULL);

  pspec = find_property (type, property_name);
  if (pspec != NULL)
    g_param_spec_set_qdata (pspec, oai_json_property_flags_quark (), GUINT_TO_POINTER (flags));
}

/**
 * oai_json_set_item_type:
 * @type: a class of objects
 * @property_name: a property of the class, which is a [iface@Gio.ListModel] or a `GPtrArray`
 * @item_type: the type of its items: a class of objects, or `G_TYPE_STRING` for a `GPtrArray` of strings
 *
 * Sets what a list contains, so that JSON can be read into it. Call it before the first JSON of the
 * class is read or written, for example when the class is initialized:
 *
 * ```c
 * oai_json_set_item_type (MY_TYPE_RECIPE, "steps", MY_TYPE_STEP);
 * ```
 *
 * A `GPtrArray` frees its items, as `g_object_unref ()` or `g_free ()`.
 *
 * Since: 1.0
 */
void
oai_json_set_item_type (GType type, const char *property_name, GType item_type)
{
  GParamSpec *pspec;

  g_return_if_fail (g_type_is_a (type, G_TYPE_OBJECT));
  g_return_if_fail (property_name != NULL);
  g_return_if_fail (item_type == G_TYPE_STRING || g_type_is_a (item_type, G_TYPE_OBJECT));

  pspec = find_property (type, property_name);
  if (pspec == NULL)
    return;
  if (!oai_json_type_is_list (pspec->value_type))
    {
      g_critical ("“%s” of %s is not a list of items", property_name, g_type_name (type));
      return;
    }
  g_param_spec_set_qdata (pspec, oai_json_property_item_type_quark (), GSIZE_TO_POINTER (item_type));
}

/* Properties can be overridden; their redirect target has the data. */
static gpointer
get_data (GParamSpec *pspec, GQuark quark)
{
  GParamSpec *target = g_param_spec_get_redirect_target (pspec);
  gpointer data = g_param_spec_get_qdata (pspec, quark);

  return data == NULL && target != NULL ? g_param_spec_get_qdata (target, quark) : data;
}

GType
oai_json_property_get_item_type (GParamSpec *pspec)
{
  return pspec != NULL ? GPOINTER_TO_SIZE (get_data (pspec, oai_json_property_item_type_quark ())) : G_TYPE_INVALID;
}

static OaiJsonPropertyFlags
get_flags (GParamSpec *pspec)
{
  return GPOINTER_TO_UINT (get_data (pspec, oai_json_property_flags_quark ()));
}

gboolean
oai_json_type_is_list (GType type)
{
  return g_type_is_a (type, G_TYPE_PTR_ARRAY) || g_type_is_a (type, G_TYPE_LIST_MODEL);
}

/* The content of a list model can be set although the property cannot. */
static gboolean
is_part (GParamSpec *pspec)
{
  if ((pspec->flags & G_PARAM_READABLE) == 0 || (get_flags (pspec) & OAI_JSON_PROPERTY_IGNORED) != 0 || (pspec->flags & G_PARAM_DEPRECATED) != 0)
    return FALSE;

  return (pspec->flags & G_PARAM_WRITABLE) != 0
         || (g_type_is_a (pspec->value_type, G_TYPE_LIST_MODEL) && oai_json_property_get_item_type (pspec) != G_TYPE_INVALID);
}

GParamSpec **
oai_json_property_list (GObjectClass *klass, guint *n_properties)
{
  guint n;
  GParamSpec **pspecs = g_object_class_list_properties (klass, &n);

  *n_properties = 0;
  for (guint i = 0; i < n; i++)
    if (is_part (pspecs[i]))
      pspecs[(*n_properties)++] = pspecs[i];

  return pspecs;
}

/* A default value that is not 0, FALSE or empty. */
gboolean
oai_json_property_has_default (GParamSpec *pspec)
{
  const GValue *value = g_param_spec_get_default_value (pspec);

  switch (G_TYPE_FUNDAMENTAL (pspec->value_type))
    {
    case G_TYPE_BOOLEAN:
      return g_value_get_boolean (value);
    case G_TYPE_STRING:
      return g_value_get_string (value) != NULL && g_value_get_string (value)[0] != '\0';
    case G_TYPE_ENUM:
      return g_value_get_enum (value) != 0;
    case G_TYPE_INT:
      return g_value_get_int (value) != 0;
    case G_TYPE_UINT:
      return g_value_get_uint (value) != 0;
    case G_TYPE_INT64:
      return g_value_get_int64 (value) != 0;
    case G_TYPE_UINT64:
      return g_value_get_uint64 (value) != 0;
    case G_TYPE_DOUBLE:
      return g_value_get_double (value) != 0;
    default:
      return FALSE;
    }
}

gboolean
oai_json_property_is_optional (GParamSpec *pspec)
{
  return (get_flags (pspec) & OAI_JSON_PROPERTY_NULLABLE) != 0 || oai_json_property_has_default (pspec);
}

char *
oai_json_property_dup_member (GParamSpec *pspec)
{
  return g_strdelimit (g_strdup (pspec->name), "-", '_');
}

gboolean
oai_json_property_fail_type (GParamSpec *pspec, const char *type_name, GError **error)
{
  g_autofree char *member = pspec != NULL ? oai_json_property_dup_member (pspec) : NULL;

  if (member != NULL && oai_json_type_is_list (pspec->value_type) && oai_json_property_get_item_type (pspec) == G_TYPE_INVALID)
    /* Translators: the %s is the name of a property. */
    g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The type of the items of the list “%s” is not known. Declare it with oai_json_set_item_type()"), member);
  else if (member != NULL)
    /* Translators: the first %s is the name of a property; the second is the name of a type. */
    g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The type of the property “%s”, %s, has no JSON form"), member, type_name);
  else
    g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The type %s has no JSON form"), type_name);

  return FALSE;
}
