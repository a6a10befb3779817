/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-variant-private.h"

#include <string.h>

#include "oai-base64-private.h"
#include "oai-error.h"
#include "oai-json-doc-private.h"

/* GVariant allows 128 levels. */
#define MAX_DEPTH 100

typedef struct
{
  OaiJsonDoc *doc;
  guint depth;
} Reader;

static GVariant *read_variant (Reader *self, const GVariantType *type, OaiJsonNode node, GError **error);

gboolean
oai_variant_type_is_object (const GVariantType *type)
{
  const GVariantType *element = g_variant_type_element (type);
  char key;

  if (!g_variant_type_is_dict_entry (element))
    return FALSE;
  key = g_variant_type_peek_string (g_variant_type_key (element))[0];

  return key == 's' || key == 'o' || key == 'g';
}

/* Messages are not translated, since models read them. */
static GVariant *
fail (GError **error, const char *expected)
{
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "the value must be %s", expected);

  return NULL;
}

/* Reading */

static GVariant *
read_integer (Reader *self, char type, OaiJsonNode node, GError **error)
{
  gint64 value;

  if (!oai_json_get_int (self->doc, node, &value))
    return fail (error, "an integer");

  switch (type)
    {
    case 'y':
      return value == (guint8) value ? g_variant_new_byte ((guint8) value) : fail (error, "an integer from 0 to 255");
    case 'n':
      return value == (gint16) value ? g_variant_new_int16 ((gint16) value) : fail (error, "an integer of 16 bits");
    case 'q':
      return value == (guint16) value ? g_variant_new_uint16 ((guint16) value) : fail (error, "an unsigned integer of 16 bits");
    case 'i':
      return value == (gint32) value ? g_variant_new_int32 ((gint32) value) : fail (error, "an integer of 32 bits");
    case 'u':
      return value == (guint32) value ? g_variant_new_uint32 ((guint32) value) : fail (error, "an unsigned integer of 32 bits");
    case 't':
      return value >= 0 ? g_variant_new_uint64 ((guint64) value) : fail (error, "at least 0");
    case 'x':
    default:
      return g_variant_new_int64 (value);
    }
}

static GVariant *
read_text (Reader *self, char type, OaiJsonNode node, GError **error)
{
  const char *text = oai_json_get_string (self->doc, node, NULL);

  if (text == NULL)
    return fail (error, "a string");
  if (type == 'o')
    return g_variant_is_object_path (text) ? g_variant_new_object_path (text) : fail (error, "a D-Bus object path");
  if (type == 'g')
    return g_variant_is_signature (text) ? g_variant_new_signature (text) : fail (error, "a D-Bus signature");

  return g_variant_new_string (text);
}

static GVariant *
read_bytes (Reader *self, OaiJsonNode node, GError **error)
{
  const char *text = oai_json_get_string (self->doc, node, NULL);
  g_autoptr(GBytes) bytes = text != NULL ? oai_base64_decode (text, strlen (text), NULL) : NULL;

  return bytes != NULL ? g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE) : fail (error, "Base64 text");
}

/* Creates the type of an element of a builder, adds it, and returns FALSE if it does not fit. */
static gboolean
add_element (Reader *self, GVariantBuilder *builder, const GVariantType *type, OaiJsonNode node, GError **error)
{
  GVariant *element = read_variant (self, type, node, error);

  if (element != NULL)
    g_variant_builder_add_value (builder, element);

  return element != NULL;
}

static GVariant *
read_dictionary (Reader *self, const GVariantType *type, OaiJsonNode node, GError **error)
{
  const GVariantType *entry = g_variant_type_element (type);
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (type);
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode member;

  if (oai_json_get_type (self->doc, node) != OAI_JSON_OBJECT)
    return fail (error, "an object");

  oai_json_iter_init_members (&iter, self->doc, node);
  while (oai_json_iter_next (&iter, &name, &member))
    {
      char key_type = g_variant_type_peek_string (g_variant_type_key (entry))[0];
      GVariant *value;

      if ((key_type == 'o' && !g_variant_is_object_path (name)) || (key_type == 'g' && !g_variant_is_signature (name)))
        return fail (error, "an object whose names are D-Bus object paths or signatures");
      value = read_variant (self, g_variant_type_value (entry), member, error);
      if (value == NULL)
        return NULL;
      g_variant_builder_add_value (&builder, g_variant_new_dict_entry (key_type == 'o' ? g_variant_new_object_path (name)
                                                                       : key_type == 'g' ? g_variant_new_signature (name)
                                                                                         : g_variant_new_string (name), value));
    }

  return g_variant_builder_end (&builder);
}

static GVariant *
read_array (Reader *self, const GVariantType *type, OaiJsonNode node, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (type);
  OaiJsonIter iter;
  OaiJsonNode element;

  if (oai_json_get_type (self->doc, node) != OAI_JSON_ARRAY)
    return fail (error, "an array");

  oai_json_iter_init (&iter, self->doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    if (!add_element (self, &builder, g_variant_type_element (type), element, error))
      return NULL;

  return g_variant_builder_end (&builder);
}

static GVariant *
read_tuple (Reader *self, const GVariantType *type, OaiJsonNode node, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (type);
  const GVariantType *item = g_variant_type_is_dict_entry (type) ? g_variant_type_key (type) : g_variant_type_first (type);
  OaiJsonIter iter;
  OaiJsonNode element;

  if (oai_json_get_type (self->doc, node) != OAI_JSON_ARRAY || oai_json_get_size (self->doc, node) != g_variant_type_n_items (type))
    return fail (error, "an array of the required length");

  oai_json_iter_init (&iter, self->doc, node);
  for (; item != NULL && oai_json_iter_next (&iter, NULL, &element); item = g_variant_type_next (item))
    if (!add_element (self, &builder, item, element, error))
      return NULL;

  return g_variant_builder_end (&builder);
}

static GVariant *
read_maybe (Reader *self, const GVariantType *type, OaiJsonNode node, GError **error)
{
  const GVariantType *element = g_variant_type_element (type);
  GVariant *value;

  if (oai_json_get_type (self->doc, node) == OAI_JSON_NULL)
    return g_variant_new_maybe (element, NULL);

  value = read_variant (self, element, node, error);
  return value != NULL ? g_variant_new_maybe (element, value) : NULL;
}

/* Returns the type that represents any JSON value; NULL for null. */
static const GVariantType *
get_natural_type (Reader *self, OaiJsonNode node)
{
  switch (oai_json_get_type (self->doc, node))
    {
    case OAI_JSON_BOOLEAN:
      return G_VARIANT_TYPE_BOOLEAN;
    case OAI_JSON_INT:
      return G_VARIANT_TYPE_INT64;
    case OAI_JSON_DOUBLE:
      return G_VARIANT_TYPE_DOUBLE;
    case OAI_JSON_STRING:
      return G_VARIANT_TYPE_STRING;
    case OAI_JSON_ARRAY:
      return G_VARIANT_TYPE ("av");
    case OAI_JSON_OBJECT:
      return G_VARIANT_TYPE_VARDICT;
    case OAI_JSON_NULL:
    case OAI_JSON_INVALID:
    default:
      return G_VARIANT_TYPE ("mv");
    }
}

static GVariant *
read_any (Reader *self, OaiJsonNode node, GError **error)
{
  GVariant *value = read_variant (self, get_natural_type (self, node), node, error);

  return value != NULL ? g_variant_new_variant (value) : NULL;
}

static GVariant *
read_basic (Reader *self, const GVariantType *type, OaiJsonNode node, GError **error)
{
  char kind = g_variant_type_peek_string (type)[0];
  gboolean boolean;
  double number;

  switch (kind)
    {
    case 'b':
      return oai_json_get_boolean (self->doc, node, &boolean) ? g_variant_new_boolean (boolean) : fail (error, "true or false");
    case 'd':
      return oai_json_get_double (self->doc, node, &number) ? g_variant_new_double (number) : fail (error, "a number");
    case 's':
    case 'o':
    case 'g':
      return read_text (self, kind, node, error);
    case 'h':
      return fail (error, "a file descriptor, which JSON does not have");
    default:
      return read_integer (self, kind, node, error);
    }
}

static GVariant *
read_container (Reader *self, const GVariantType *type, OaiJsonNode node, GError **error)
{
  if (g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    return read_any (self, node, error);
  if (g_variant_type_is_maybe (type))
    return read_maybe (self, type, node, error);
  if (!g_variant_type_is_array (type))
    return read_tuple (self, type, node, error);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_BYTESTRING))
    return read_bytes (self, node, error);

  return oai_variant_type_is_object (type) ? read_dictionary (self, type, node, error) : read_array (self, type, node, error);
}

static GVariant *
read_variant (Reader *self, const GVariantType *type, OaiJsonNode node, GError **error)
{
  GVariant *value;

  if (g_variant_type_is_basic (type))
    return read_basic (self, type, node, error);
  if (self->depth >= MAX_DEPTH)
    return fail (error, "less deeply nested");

  self->depth++;
  value = read_container (self, type, node, error);
  self->depth--;

  return value;
}

GVariant *
oai_json_variant_read (const GVariantType *type, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  Reader reader = { doc, 0 };

  return read_variant (&reader, type, node, error);
}

/* Writing */

static void
add_uint64 (OaiJsonBuilder *builder, const char *name, guint64 value)
{
  if (value <= G_MAXINT64)
    oai_json_builder_add_int (builder, name, (gint64) value);
  else
    oai_json_builder_add_double (builder, name, (double) value);
}

static void
add_bytes (OaiJsonBuilder *builder, const char *name, GVariant *value)
{
  gsize length;
  const guchar *data = g_variant_get_fixed_array (value, &length, 1);
  g_autofree char *text = g_base64_encode (data, length);

  oai_json_builder_add_string (builder, name, text, -1);
}

static void
add_children (OaiJsonBuilder *builder, const char *name, GVariant *value)
{
  oai_json_builder_begin_array (builder, name);
  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      oai_json_variant_add (builder, NULL, child);
    }
  oai_json_builder_end (builder);
}

static void
add_dictionary (OaiJsonBuilder *builder, const char *name, GVariant *value)
{
  oai_json_builder_begin_object (builder, name);
  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (value, i);
      g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
      g_autoptr (GVariant) content = g_variant_get_child_value (entry, 1);

      oai_json_variant_add (builder, g_variant_get_string (key, NULL), content);
    }
  oai_json_builder_end (builder);
}

static void
add_inner (OaiJsonBuilder *builder, const char *name, GVariant *value)
{
  g_autoptr (GVariant) inner = NULL;

  if (g_variant_n_children (value) == 0)
    {
      oai_json_builder_add_null (builder, name);
      return;
    }

  inner = g_variant_get_child_value (value, 0);
  oai_json_variant_add (builder, name, inner);
}

static void
add_array (OaiJsonBuilder *builder, const char *name, GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    add_bytes (builder, name, value);
  else if (oai_variant_type_is_object (g_variant_get_type (value)))
    add_dictionary (builder, name, value);
  else
    add_children (builder, name, value);
}

void
oai_json_variant_add (OaiJsonBuilder *builder, const char *name, GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      oai_json_builder_add_boolean (builder, name, g_variant_get_boolean (value));
      break;
    case G_VARIANT_CLASS_BYTE:
      oai_json_builder_add_int (builder, name, g_variant_get_byte (value));
      break;
    case G_VARIANT_CLASS_INT16:
      oai_json_builder_add_int (builder, name, g_variant_get_int16 (value));
      break;
    case G_VARIANT_CLASS_UINT16:
      oai_json_builder_add_int (builder, name, g_variant_get_uint16 (value));
      break;
    case G_VARIANT_CLASS_INT32:
      oai_json_builder_add_int (builder, name, g_variant_get_int32 (value));
      break;
    case G_VARIANT_CLASS_UINT32:
      oai_json_builder_add_int (builder, name, g_variant_get_uint32 (value));
      break;
    case G_VARIANT_CLASS_INT64:
      oai_json_builder_add_int (builder, name, g_variant_get_int64 (value));
      break;
    case G_VARIANT_CLASS_UINT64:
      add_uint64 (builder, name, g_variant_get_uint64 (value));
      break;
    case G_VARIANT_CLASS_HANDLE:
      oai_json_builder_add_int (builder, name, g_variant_get_handle (value));
      break;
    case G_VARIANT_CLASS_DOUBLE:
      oai_json_builder_add_double (builder, name, g_variant_get_double (value));
      break;
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      oai_json_builder_add_string (builder, name, g_variant_get_string (value, NULL), -1);
      break;
    case G_VARIANT_CLASS_VARIANT:
    case G_VARIANT_CLASS_MAYBE:
      add_inner (builder, name, value);
      break;
    case G_VARIANT_CLASS_ARRAY:
      add_array (builder, name, value);
      break;
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY:
    default:
      add_children (builder, name, value);
      break;
    }
}
