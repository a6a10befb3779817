/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-gi-schema-private.h"

#include "oai-json-schema.h"
#include "oai-json-writer-private.h"

void
oai_gi_schema_init (OaiGiSchema *self)
{
  self->types = g_array_new (FALSE, FALSE, sizeof (GType));
  self->doc = NULL;
}

void
oai_gi_schema_clear (OaiGiSchema *self)
{
  g_array_unref (self->types);
  g_clear_pointer (&self->doc, oai_json_doc_unref);
}

void
oai_gi_schema_add_type (OaiGiSchema *self, GITypeInfo *type)
{
  OaiGiKind kind = oai_gi_type_get_kind (type, FALSE);
  g_autoptr(GIBaseInfo) element = NULL;
  GType gtype;

  if (kind == OAI_GI_ARRAY || kind == OAI_GI_MAP)
    {
      element = g_type_info_get_param_type (type, kind == OAI_GI_MAP ? 1 : 0);
      oai_gi_schema_add_type (self, element);
      return;
    }
  if (kind != OAI_GI_VALUE)
    return;

  gtype = oai_gi_type_get_gtype (type);
  for (guint i = 0; i < self->types->len; i++)
    if (g_array_index (self->types, GType, i) == gtype)
      return;
  g_array_append_val (self->types, gtype);
}

/* Core makes schemas of properties. */
static GParamSpec *
create_property (GType type, guint position)
{
  g_autofree char *name = g_strdup_printf ("t%u", position);

  if (G_TYPE_FUNDAMENTAL (type) == G_TYPE_VARIANT)
    return g_param_spec_variant (name, NULL, NULL, G_VARIANT_TYPE_ANY, NULL, G_PARAM_READWRITE);
  if (G_TYPE_IS_BOXED (type))
    return g_param_spec_boxed (name, NULL, NULL, type, G_PARAM_READWRITE);

  return g_param_spec_object (name, NULL, NULL, type, G_PARAM_READWRITE);
}

static OaiJsonSchema *
create_schema (OaiGiSchema *self, GError **error)
{
  g_autoptr(GPtrArray) properties = g_ptr_array_new_with_free_func ((GDestroyNotify) g_param_spec_unref);

  for (guint i = 0; i < self->types->len; i++)
    g_ptr_array_add (properties, g_param_spec_ref_sink (create_property (g_array_index (self->types, GType, i), i)));

  return oai_json_schema_new_for_properties ((GParamSpec **) properties->pdata, properties->len, error);
}

gboolean
oai_gi_schema_prepare (OaiGiSchema *self, char **definitions, GError **error)
{
  g_autoptr(OaiJsonSchema) schema = NULL;
  g_autoptr(GString) out = g_string_new (NULL);
  OaiJsonNode node;

  *definitions = NULL;
  if (self->types->len == 0)
    return TRUE;
  schema = create_schema (self, error);
  if (schema == NULL)
    return FALSE;

  self->doc = oai_json_doc_new_copy (oai_json_schema_get_json (schema), -1, OAI_JSON_STRICT, error);
  node = self->doc != NULL ? oai_json_get_member (self->doc, 0, "$defs") : OAI_JSON_NONE;
  if (node != OAI_JSON_NONE)
    {
      oai_json_write_node (out, self->doc, node);
      *definitions = g_strdup (out->str);
    }

  return self->doc != NULL;
}

static void
write_nicks (GITypeInfo *type, GString *out)
{
  g_autoptr(GIBaseInfo) interface = g_type_info_get_interface (type);

  g_string_append (out, ",\"enum\":[");
  for (int i = 0; i < g_enum_info_get_n_values (interface); i++)
    {
      g_autoptr(GIBaseInfo) value = g_enum_info_get_value (interface, i);
      g_autofree char *nick = oai_gi_value_dup_nick (value);

      g_string_append (out, i > 0 ? "," : "");
      oai_json_write_string (out, nick, -1);
    }
  g_string_append_c (out, ']');
}

/* Limits of 32 bits and more are omitted, as they only cost tokens; the converter checks them. */
static void
write_limits (GITypeInfo *type, GString *out)
{
  gint64 minimum, maximum;

  oai_gi_type_get_limits (type, &minimum, &maximum);
  if (minimum > G_MININT32)
    g_string_append_printf (out, ",\"minimum\":%" G_GINT64_FORMAT, minimum);
  if (maximum < G_MAXINT32)
    g_string_append_printf (out, ",\"maximum\":%" G_GINT64_FORMAT, maximum);
}

static void
write_items (OaiGiSchema *self, GITypeInfo *type, GString *out)
{
  g_autoptr(GIBaseInfo) element = g_type_info_get_param_type (type, 0);
  int size = g_type_info_get_tag (type) == GI_TYPE_TAG_ARRAY ? g_type_info_get_array_fixed_size (type) : -1;

  if (size >= 0)
    g_string_append_printf (out, ",\"minItems\":%d,\"maxItems\":%d", size, size);
  g_string_append (out, ",\"items\":");
  oai_gi_schema_write (self, element, out);
}

static void
write_keywords (OaiGiSchema *self, GITypeInfo *type, OaiGiKind kind, GString *out)
{
  g_autoptr(GIBaseInfo) element = NULL;

  switch (kind)
    {
    case OAI_GI_INTEGER:
      write_limits (type, out);
      break;
    case OAI_GI_CHARACTER:
      g_string_append (out, ",\"minLength\":1,\"maxLength\":1");
      break;
    case OAI_GI_BYTES:
      g_string_append (out, ",\"contentEncoding\":\"base64\"");
      break;
    case OAI_GI_ENUM:
      write_nicks (type, out);
      break;
    case OAI_GI_FLAGS:
      g_string_append (out, ",\"items\":{\"type\":\"string\"");
      write_nicks (type, out);
      g_string_append_c (out, '}');
      break;
    case OAI_GI_ARRAY:
      write_items (self, type, out);
      break;
    case OAI_GI_MAP:
      g_string_append (out, ",\"additionalProperties\":");
      element = g_type_info_get_param_type (type, 1);
      oai_gi_schema_write (self, element, out);
      break;
    default:
      break;
    }
}

static const char *
get_json_type (OaiGiKind kind)
{
  switch (kind)
    {
    case OAI_GI_BOOLEAN:
      return "boolean";
    case OAI_GI_INTEGER:
      return "integer";
    case OAI_GI_NUMBER:
      return "number";
    case OAI_GI_FLAGS:
    case OAI_GI_ARRAY:
      return "array";
    case OAI_GI_MAP:
      return "object";
    default:
      return "string";
    }
}

/* Writes the schema that core made for a type. */
static void
write_value (OaiGiSchema *self, GType type, GString *out)
{
  OaiJsonNode schemas = oai_json_get_member (self->doc, 0, "properties");
  g_autofree char *name = NULL;

  for (guint i = 0; i < self->types->len; i++)
    if (g_array_index (self->types, GType, i) == type)
      name = g_strdup_printf ("t%u", i);
  oai_json_write_node (out, self->doc, oai_json_get_member (self->doc, schemas, name));
}

void
oai_gi_schema_write (OaiGiSchema *self, GITypeInfo *type, GString *out)
{
  OaiGiKind kind = oai_gi_type_get_kind (type, FALSE);

  if (kind == OAI_GI_VALUE)
    {
      write_value (self, oai_gi_type_get_gtype (type), out);
      return;
    }

  g_string_append_printf (out, "{\"type\":\"%s\"", get_json_type (kind));
  write_keywords (self, type, kind, out);
  g_string_append_c (out, '}');
}
