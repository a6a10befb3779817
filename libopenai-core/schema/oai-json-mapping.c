/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-mapping-private.h"

#include <float.h>
#include <gio/gio.h>
#include <math.h>
#include <string.h>

#include "oai-base64-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-property-private.h"
#include "oai-json-writer-private.h"
#include "oai-json-variant-private.h"
#include "oai-record.h"

/* Levels of objects that are written; they may contain themselves. */
#define MAX_DEPTH 100

/* Messages are not translated, since models read them. */
static gboolean
fail (GError **error, GParamSpec *pspec, const char *expected)
{
  g_autofree char *member = pspec != NULL ? oai_json_property_dup_member (pspec) : NULL;

  if (member != NULL)
    g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "“%s” must be %s", member, expected);
  else
    g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "the value must be %s", expected);

  return FALSE;
}

static gboolean
fail_type (GError **error, GParamSpec *pspec, GType type)
{
  return oai_json_property_fail_type (pspec, g_type_name (type), error);
}

/* Reading numbers */

static gboolean
read_signed (GValue *value, gint64 number)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_CHAR:
      g_value_set_schar (value, (gint8) number);
      return number == (gint8) number;
    case G_TYPE_INT:
      g_value_set_int (value, (gint) number);
      return number == (gint) number;
    case G_TYPE_LONG:
      g_value_set_long (value, (glong) number);
      return number == (glong) number;
    case G_TYPE_INT64:
    default:
      g_value_set_int64 (value, number);
      return TRUE;
    }
}

static gboolean
read_unsigned (GValue *value, gint64 number)
{
  if (number < 0)
    return FALSE;

  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_UCHAR:
      g_value_set_uchar (value, (guchar) number);
      return number == (guchar) number;
    case G_TYPE_UINT:
      g_value_set_uint (value, (guint) number);
      return number == (gint64) (guint) number;
    case G_TYPE_ULONG:
      g_value_set_ulong (value, (gulong) number);
      return (guint64) number == (gulong) number;
    case G_TYPE_UINT64:
    default:
      g_value_set_uint64 (value, (guint64) number);
      return TRUE;
    }
}

static gboolean
is_signed (GType type)
{
  GType fundamental = G_TYPE_FUNDAMENTAL (type);

  return fundamental == G_TYPE_CHAR || fundamental == G_TYPE_INT || fundamental == G_TYPE_LONG || fundamental == G_TYPE_INT64;
}

static gboolean
read_integer (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  gint64 number;

  if (!oai_json_get_int (doc, node, &number))
    return fail (error, pspec, "an integer");
  if (is_signed (G_VALUE_TYPE (value)) ? !read_signed (value, number) : !read_unsigned (value, number))
    return fail (error, pspec, "an integer in the range of its type");

  return TRUE;
}

static gboolean
read_number (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  double number;

  if (!oai_json_get_double (doc, node, &number))
    return fail (error, pspec, "a number");
  if (G_VALUE_HOLDS_DOUBLE (value))
    g_value_set_double (value, number);
  else if (fabs (number) <= (double) FLT_MAX)
    g_value_set_float (value, (float) number);
  else
    return fail (error, pspec, "a number in the range of its type");

  return TRUE;
}

/* Reading enumerations */

static gboolean
read_enum (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  const char *nick = oai_json_get_string (doc, node, NULL);
  GEnumValue *found = nick != NULL ? g_enum_get_value_by_nick (G_ENUM_CLASS (klass), nick) : NULL;

  if (found == NULL)
    return fail (error, pspec, "one of the allowed values");
  g_value_set_enum (value, found->value);

  return TRUE;
}

static gboolean
read_flags (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  guint flags = 0;
  OaiJsonIter iter;
  OaiJsonNode element;

  if (oai_json_get_type (doc, node) != OAI_JSON_ARRAY)
    return fail (error, pspec, "an array of allowed values");

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      const char *nick = oai_json_get_string (doc, element, NULL);
      GFlagsValue *found = nick != NULL ? g_flags_get_value_by_nick (G_FLAGS_CLASS (klass), nick) : NULL;

      if (found == NULL)
        return fail (error, pspec, "an array of allowed values");
      flags |= found->value;
    }
  g_value_set_flags (value, flags);

  return TRUE;
}

/* Reading lists */

static gboolean
read_strv (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  OaiJsonIter iter;
  OaiJsonNode element;

  if (oai_json_get_type (doc, node) != OAI_JSON_ARRAY)
    return fail (error, pspec, "an array of strings");

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      const char *text = oai_json_get_string (doc, element, NULL);

      if (text == NULL)
        return fail (error, pspec, "an array of strings");
      g_strv_builder_add (builder, text);
    }
  g_value_take_boxed (value, g_strv_builder_end (builder));

  return TRUE;
}

/* Returns the items of an array; they are freed with the array. */
static GPtrArray *
read_items (GType item_type, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  gboolean strings = item_type == G_TYPE_STRING;
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (strings ? g_free : g_object_unref);
  OaiJsonIter iter;
  OaiJsonNode element;

  if (oai_json_get_type (doc, node) != OAI_JSON_ARRAY)
    {
      fail (error, pspec, "an array");
      return NULL;
    }

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      gpointer item = strings ? (gpointer) g_strdup (oai_json_get_string (doc, element, NULL))
                              : oai_json_mapping_read_object (item_type, doc, element, error);

      if (item == NULL)
        {
          if (strings)
            fail (error, pspec, "an array of strings");
          return NULL;
        }
      g_ptr_array_add (items, item);
    }

  return g_steal_pointer (&items);
}

static gboolean
read_list (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  GType item_type = oai_json_property_get_item_type (pspec);
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GListStore) store = NULL;

  if (item_type == G_TYPE_INVALID || (item_type == G_TYPE_STRING && !G_VALUE_HOLDS (value, G_TYPE_PTR_ARRAY)))
    return fail_type (error, pspec, G_VALUE_TYPE (value));
  items = read_items (item_type, pspec, doc, node, error);
  if (items == NULL)
    return FALSE;

  if (G_VALUE_HOLDS (value, G_TYPE_PTR_ARRAY))
    {
      g_value_take_boxed (value, g_steal_pointer (&items));
      return TRUE;
    }
  if (!g_type_is_a (G_TYPE_LIST_STORE, G_VALUE_TYPE (value)))
    return fail_type (error, pspec, G_VALUE_TYPE (value));
  store = g_list_store_new (item_type);
  g_list_store_splice (store, 0, 0, items->pdata, items->len);
  g_value_set_object (value, store);

  return TRUE;
}

/* Reading boxed types */

static gboolean
read_date (GValue *value, GParamSpec *pspec, const char *text, GError **error)
{
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *midnight = g_strconcat (text, "T00:00:00Z", NULL);
  GDate *date;

  time = g_date_time_new_from_iso8601 (midnight, NULL);
  if (time == NULL)
    return fail (error, pspec, "a date such as 2026-01-31");
  date = g_date_new_dmy ((GDateDay) g_date_time_get_day_of_month (time), (GDateMonth) g_date_time_get_month (time),
                         (GDateYear) g_date_time_get_year (time));
  g_value_take_boxed (value, date);

  return TRUE;
}

static gboolean
read_date_time (GValue *value, GParamSpec *pspec, const char *text, GError **error)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  GDateTime *time = g_date_time_new_from_iso8601 (text, utc);

  if (time == NULL)
    return fail (error, pspec, "a date and time such as 2026-01-31T12:00:00Z");
  g_value_take_boxed (value, time);

  return TRUE;
}

static gboolean
read_text (GValue *value, GParamSpec *pspec, const char *text, GError **error)
{
  GUri *uri;
  GBytes *bytes;

  if (G_VALUE_HOLDS (value, G_TYPE_DATE_TIME))
    return read_date_time (value, pspec, text, error);
  if (G_VALUE_HOLDS (value, G_TYPE_DATE))
    return read_date (value, pspec, text, error);
  if (G_VALUE_HOLDS (value, G_TYPE_URI))
    {
      uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
      g_value_take_boxed (value, uri);
      return uri != NULL || fail (error, pspec, "a URI");
    }

  bytes = oai_base64_decode (text, strlen (text), NULL);
  g_value_take_boxed (value, bytes);

  return bytes != NULL || fail (error, pspec, "Base64 text");
}

static gboolean
is_text (GType type)
{
  return type == G_TYPE_DATE_TIME || type == G_TYPE_DATE || type == G_TYPE_URI || type == G_TYPE_BYTES;
}

static gboolean
read_boxed (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  const char *text = oai_json_get_string (doc, node, NULL);

  if (G_VALUE_TYPE (value) == G_TYPE_STRV)
    return read_strv (value, pspec, doc, node, error);
  if (!is_text (G_VALUE_TYPE (value)))
    return fail_type (error, pspec, G_VALUE_TYPE (value));

  return text != NULL ? read_text (value, pspec, text, error) : fail (error, pspec, "a string");
}

/* Reading other values */

static gboolean
read_variant (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  const GVariantType *type = pspec != NULL ? G_PARAM_SPEC_VARIANT (pspec)->type : G_VARIANT_TYPE_ANY;
  gboolean definite = g_variant_type_is_definite (type);
  g_autoptr (GVariant) variant = oai_json_variant_read (definite ? type : G_VARIANT_TYPE_VARIANT, doc, node, error);

  if (variant == NULL)
    return FALSE;
  g_variant_ref_sink (variant);
  g_value_take_variant (value, definite ? g_variant_ref (variant) : g_variant_get_variant (variant));

  return TRUE;
}

static gboolean
read_object (GValue *value, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  g_autoptr (GObject) object = oai_json_mapping_read_object (G_VALUE_TYPE (value), doc, node, error);

  g_value_set_object (value, object);

  return object != NULL;
}

static gboolean
read_string (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  const char *text = oai_json_get_string (doc, node, NULL);

  g_value_set_string (value, text);

  return text != NULL || fail (error, pspec, "a string");
}

static gboolean
read_boolean (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  gboolean boolean = FALSE;
  gboolean is_boolean = oai_json_get_boolean (doc, node, &boolean);

  g_value_set_boolean (value, boolean);

  return is_boolean || fail (error, pspec, "true or false");
}

static gboolean
read_any (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  if (oai_json_type_is_list (G_VALUE_TYPE (value)))
    return read_list (value, pspec, doc, node, error);

  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      return read_boolean (value, pspec, doc, node, error);
    case G_TYPE_CHAR:
    case G_TYPE_UCHAR:
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_LONG:
    case G_TYPE_ULONG:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
      return read_integer (value, pspec, doc, node, error);
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
      return read_number (value, pspec, doc, node, error);
    case G_TYPE_STRING:
      return read_string (value, pspec, doc, node, error);
    case G_TYPE_ENUM:
      return read_enum (value, pspec, doc, node, error);
    case G_TYPE_FLAGS:
      return read_flags (value, pspec, doc, node, error);
    case G_TYPE_VARIANT:
      return read_variant (value, pspec, doc, node, error);
    case G_TYPE_BOXED:
      return read_boxed (value, pspec, doc, node, error);
    case G_TYPE_OBJECT:
      return read_object (value, doc, node, error);
    default:
      return fail_type (error, pspec, G_VALUE_TYPE (value));
    }
}

gboolean
oai_json_mapping_read_value (GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  /* null stands for the default value, also where a strict schema made a member nullable. */
  if (oai_json_get_type (doc, node) == OAI_JSON_NULL && pspec != NULL && oai_json_property_is_optional (pspec))
    {
      g_value_copy (g_param_spec_get_default_value (pspec), value);
      return TRUE;
    }
  if (!read_any (value, pspec, doc, node, error))
    return FALSE;

  /* Sets a value outside of the limits to a limit. */
  if (pspec != NULL && g_param_value_validate (pspec, value))
    return fail (error, pspec, "in the allowed range");

  return TRUE;
}

/* Objects */

OaiJsonNode
oai_json_mapping_find_member (OaiJsonDoc *doc, OaiJsonNode object, GParamSpec *pspec)
{
  g_autofree char *name = oai_json_property_dup_member (pspec);
  OaiJsonNode node = oai_json_get_member (doc, object, name);

  return node != OAI_JSON_NONE ? node : oai_json_get_member (doc, object, pspec->name);
}

/* Puts items into a list that cannot be replaced. */
static gboolean
fill_list (GObject *object, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  g_autoptr (GListModel) list = NULL;
  g_autoptr (GPtrArray) items = NULL;

  g_object_get (object, pspec->name, &list, NULL);
  if (!G_IS_LIST_STORE (list))
    return fail_type (error, pspec, pspec->value_type);

  items = read_items (oai_json_property_get_item_type (pspec), pspec, doc, node, error);
  if (items != NULL)
    g_list_store_splice (G_LIST_STORE (list), 0, g_list_model_get_n_items (list), items->pdata, items->len);

  return items != NULL;
}

static gboolean
fill_lists (GObject *object, GParamSpec **pspecs, guint n, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      OaiJsonNode member = oai_json_mapping_find_member (doc, node, pspecs[i]);

      if ((pspecs[i]->flags & G_PARAM_WRITABLE) == 0 && oai_json_get_type (doc, member) > OAI_JSON_NULL
          && !fill_list (object, pspecs[i], doc, member, error))
        return FALSE;
    }

  return TRUE;
}

typedef struct
{
  GPtrArray *names;
  GArray *values;
} Properties;

static void
properties_clear (Properties *self)
{
  g_ptr_array_unref (self->names);
  g_array_unref (self->values);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Properties, properties_clear)

static gboolean
read_properties (Properties *properties, GParamSpec **pspecs, guint n, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      OaiJsonNode member = oai_json_mapping_find_member (doc, node, pspecs[i]);
      GValue value = G_VALUE_INIT;

      if (member == OAI_JSON_NONE || (pspecs[i]->flags & G_PARAM_WRITABLE) == 0)
        continue;
      g_value_init (&value, pspecs[i]->value_type);
      if (!oai_json_mapping_read_value (&value, pspecs[i], doc, member, error))
        {
          g_value_unset (&value);
          return FALSE;
        }
      g_ptr_array_add (properties->names, (gpointer) pspecs[i]->name);
      g_array_append_val (properties->values, value);
    }

  return TRUE;
}

static GObject *
read_record (GType type, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  g_autofree char *json = oai_json_dup_node (doc, node);

  return (GObject *) oai_record_new_from_json (type, json, error);
}

GObject *
oai_json_mapping_read_object (GType type, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  g_auto (Properties) properties = { g_ptr_array_new (), g_array_new (FALSE, FALSE, sizeof (GValue)) };
  g_autoptr (GTypeClass) klass = NULL;
  g_autofree GParamSpec **pspecs = NULL;
  g_autoptr (GObject) object = NULL;
  guint n;

  g_array_set_clear_func (properties.values, (GDestroyNotify) g_value_unset);
  if (g_type_is_a (type, OAI_TYPE_RECORD))
    return read_record (type, doc, node, error);
  if (!G_TYPE_IS_OBJECT (type) || G_TYPE_IS_ABSTRACT (type))
    {
      fail_type (error, NULL, type);
      return NULL;
    }
  if (oai_json_get_type (doc, node) != OAI_JSON_OBJECT)
    {
      fail (error, NULL, "an object");
      return NULL;
    }

  klass = g_type_class_ref (type);
  pspecs = oai_json_property_list (G_OBJECT_CLASS (klass), &n);
  if (!read_properties (&properties, pspecs, n, doc, node, error))
    return NULL;
  object = g_object_new_with_properties (type, properties.names->len, (const char **) properties.names->pdata,
                                         (const GValue *) (gpointer) properties.values->data);
  if (G_IS_INITIALLY_UNOWNED (object))
    g_object_ref_sink (object);

  return fill_lists (object, pspecs, n, doc, node, error) ? g_steal_pointer (&object) : NULL;
}

/* Writing */

typedef struct
{
  OaiJsonBuilder *builder;
  guint depth;
  GError *error;
} Writer;

static void add_value (Writer *self, const char *name, const GValue *value, GParamSpec *pspec);
static void add_object (Writer *self, const char *name, GObject *object);

static void
add_text (Writer *self, const char *name, const char *text)
{
  if (text != NULL)
    oai_json_builder_add_string (self->builder, name, text, -1);
  else
    oai_json_builder_add_null (self->builder, name);
}

static void
add_unsigned (Writer *self, const char *name, guint64 number)
{
  if (number <= G_MAXINT64)
    oai_json_builder_add_int (self->builder, name, (gint64) number);
  else
    oai_json_builder_add_double (self->builder, name, (double) number);
}

static void
add_enum (Writer *self, const char *name, const GValue *value)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  GEnumValue *found = g_enum_get_value (G_ENUM_CLASS (klass), g_value_get_enum (value));

  add_text (self, name, found != NULL ? found->value_nick : NULL);
}

static void
add_flags (Writer *self, const char *name, const GValue *value)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  guint flags = g_value_get_flags (value);
  GFlagsValue *found;

  oai_json_builder_begin_array (self->builder, name);
  while (flags != 0 && (found = g_flags_get_first_value (G_FLAGS_CLASS (klass), flags)) != NULL)
    {
      add_text (self, NULL, found->value_nick);
      flags &= ~found->value;
    }
  oai_json_builder_end (self->builder);
}

static void
add_strv (Writer *self, const char *name, char **strv)
{
  oai_json_builder_begin_array (self->builder, name);
  for (guint i = 0; strv[i] != NULL; i++)
    add_text (self, NULL, strv[i]);
  oai_json_builder_end (self->builder);
}

static char *
dup_text (const GValue *value)
{
  gpointer boxed = g_value_get_boxed (value);

  if (G_VALUE_HOLDS (value, G_TYPE_DATE_TIME))
    return g_date_time_format_iso8601 (boxed);
  if (G_VALUE_HOLDS (value, G_TYPE_URI))
    return g_uri_to_string (boxed);
  if (G_VALUE_HOLDS (value, G_TYPE_BYTES))
    return g_base64_encode (g_bytes_get_data (boxed, NULL), g_bytes_get_size (boxed));
  if (!g_date_valid (boxed))
    return NULL;

  return g_strdup_printf ("%04u-%02u-%02u", g_date_get_year (boxed), (guint) g_date_get_month (boxed), (guint) g_date_get_day (boxed));
}

static void
add_boxed (Writer *self, const char *name, const GValue *value, GParamSpec *pspec)
{
  g_autofree char *text = NULL;

  if (g_value_get_boxed (value) == NULL)
    oai_json_builder_add_null (self->builder, name);
  else if (G_VALUE_TYPE (value) == G_TYPE_STRV)
    add_strv (self, name, g_value_get_boxed (value));
  else if (is_text (G_VALUE_TYPE (value)))
    {
      text = dup_text (value);
      add_text (self, name, text);
    }
  else if (self->error == NULL)
    fail_type (&self->error, pspec, G_VALUE_TYPE (value));
}

static void
add_list_model (Writer *self, const char *name, GListModel *list)
{
  oai_json_builder_begin_array (self->builder, name);
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (list, i);

      add_object (self, NULL, item);
    }
  oai_json_builder_end (self->builder);
}

static void
add_list (Writer *self, const char *name, const GValue *value, GParamSpec *pspec)
{
  GType item_type = oai_json_property_get_item_type (pspec);
  GPtrArray *items;

  if (g_value_peek_pointer (value) == NULL)
    oai_json_builder_add_null (self->builder, name);
  else if (!G_VALUE_HOLDS (value, G_TYPE_PTR_ARRAY))
    add_list_model (self, name, g_value_get_object (value));
  else if (item_type != G_TYPE_INVALID)
    {
      items = g_value_get_boxed (value);
      oai_json_builder_begin_array (self->builder, name);
      for (guint i = 0; i < items->len; i++)
        if (item_type == G_TYPE_STRING)
          add_text (self, NULL, g_ptr_array_index (items, i));
        else
          add_object (self, NULL, g_ptr_array_index (items, i));
      oai_json_builder_end (self->builder);
    }
  else if (self->error == NULL)
    fail_type (&self->error, pspec, G_VALUE_TYPE (value));
}

static void
add_integer (Writer *self, const char *name, const GValue *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_CHAR:
      oai_json_builder_add_int (self->builder, name, g_value_get_schar (value));
      break;
    case G_TYPE_INT:
      oai_json_builder_add_int (self->builder, name, g_value_get_int (value));
      break;
    case G_TYPE_LONG:
      oai_json_builder_add_int (self->builder, name, g_value_get_long (value));
      break;
    case G_TYPE_INT64:
      oai_json_builder_add_int (self->builder, name, g_value_get_int64 (value));
      break;
    case G_TYPE_UCHAR:
      oai_json_builder_add_int (self->builder, name, g_value_get_uchar (value));
      break;
    case G_TYPE_UINT:
      oai_json_builder_add_int (self->builder, name, g_value_get_uint (value));
      break;
    case G_TYPE_ULONG:
      add_unsigned (self, name, g_value_get_ulong (value));
      break;
    case G_TYPE_UINT64:
    default:
      add_unsigned (self, name, g_value_get_uint64 (value));
      break;
    }
}

static void
add_variant (Writer *self, const char *name, GVariant *variant)
{
  if (variant != NULL)
    oai_json_variant_add (self->builder, name, variant);
  else
    oai_json_builder_add_null (self->builder, name);
}

static void
add_value (Writer *self, const char *name, const GValue *value, GParamSpec *pspec)
{
  if (oai_json_type_is_list (G_VALUE_TYPE (value)))
    {
      add_list (self, name, value, pspec);
      return;
    }

  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      oai_json_builder_add_boolean (self->builder, name, g_value_get_boolean (value));
      break;
    case G_TYPE_CHAR:
    case G_TYPE_UCHAR:
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_LONG:
    case G_TYPE_ULONG:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
      add_integer (self, name, value);
      break;
    case G_TYPE_FLOAT:
      oai_json_builder_add_double (self->builder, name, (double) g_value_get_float (value));
      break;
    case G_TYPE_DOUBLE:
      oai_json_builder_add_double (self->builder, name, g_value_get_double (value));
      break;
    case G_TYPE_STRING:
      add_text (self, name, g_value_get_string (value));
      break;
    case G_TYPE_ENUM:
      add_enum (self, name, value);
      break;
    case G_TYPE_FLAGS:
      add_flags (self, name, value);
      break;
    case G_TYPE_VARIANT:
      add_variant (self, name, g_value_get_variant (value));
      break;
    case G_TYPE_BOXED:
      add_boxed (self, name, value, pspec);
      break;
    case G_TYPE_OBJECT:
      add_object (self, name, g_value_get_object (value));
      break;
    default:
      if (self->error == NULL)
        fail_type (&self->error, pspec, G_VALUE_TYPE (value));
    }
}

static void
add_properties (Writer *self, GObject *object)
{
  g_autofree GParamSpec **pspecs = NULL;
  guint n;

  pspecs = oai_json_property_list (G_OBJECT_GET_CLASS (object), &n);
  for (guint i = 0; i < n && self->error == NULL; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autofree char *member = oai_json_property_dup_member (pspecs[i]);

      g_value_init (&value, pspecs[i]->value_type);
      g_object_get_property (object, pspecs[i]->name, &value);
      add_value (self, member, &value, pspecs[i]);
    }
}

static void
add_record (Writer *self, const char *name, OaiRecord *record)
{
  g_autofree char *json = oai_record_to_json (record);
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new_copy (json, -1, OAI_JSON_OWN, NULL);

  if (doc != NULL)
    oai_json_builder_add_node (self->builder, name, doc, 0);
  else
    oai_json_builder_add_null (self->builder, name);
}

static void
add_object (Writer *self, const char *name, GObject *object)
{
  if (object == NULL)
    {
      oai_json_builder_add_null (self->builder, name);
      return;
    }
  if (OAI_IS_RECORD (object))
    {
      add_record (self, name, OAI_RECORD (object));
      return;
    }
  if (self->depth >= MAX_DEPTH)
    {
      if (self->error == NULL)
        self->error = g_error_new_literal (OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The objects are nested too deeply"));
      return;
    }

  oai_json_builder_begin_object (self->builder, name);
  self->depth++;
  add_properties (self, object);
  self->depth--;
  oai_json_builder_end (self->builder);
}

char *
oai_json_mapping_write_value (const GValue *value, GParamSpec *pspec, GError **error)
{
  /* A container that is the root cannot be ended. */
  Writer writer = { .builder = oai_json_builder_new_array () };
  g_autoptr (OaiJsonDoc) doc = NULL;

  add_value (&writer, NULL, value, pspec);
  doc = oai_json_builder_finish (writer.builder);
  if (writer.error == NULL)
    return oai_json_dup_node (doc, oai_json_get_element (doc, 0, 0));

  g_propagate_error (error, writer.error);
  return NULL;
}

char *
oai_json_mapping_write_object (GObject *object, GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_OBJECT_TYPE (object));
  g_value_set_object (&value, object);

  return oai_json_mapping_write_value (&value, NULL, error);
}
