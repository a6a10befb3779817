/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-gi-type-private.h"

#include <string.h>

#include "oai-json-writer-private.h"

/* A tag for each basic type: its size and, for integers, its limits. */
typedef struct
{
  OaiGiKind kind;
  gsize size;
  gint64 minimum;
  gint64 maximum;
} Basic;

static const Basic basics[GI_TYPE_TAG_N_TYPES] = {
  [GI_TYPE_TAG_BOOLEAN] = { OAI_GI_BOOLEAN, sizeof (gboolean), 0, 0 },
  [GI_TYPE_TAG_INT8] = { OAI_GI_INTEGER, 1, G_MININT8, G_MAXINT8 },
  [GI_TYPE_TAG_UINT8] = { OAI_GI_INTEGER, 1, 0, G_MAXUINT8 },
  [GI_TYPE_TAG_INT16] = { OAI_GI_INTEGER, 2, G_MININT16, G_MAXINT16 },
  [GI_TYPE_TAG_UINT16] = { OAI_GI_INTEGER, 2, 0, G_MAXUINT16 },
  [GI_TYPE_TAG_INT32] = { OAI_GI_INTEGER, 4, G_MININT32, G_MAXINT32 },
  [GI_TYPE_TAG_UINT32] = { OAI_GI_INTEGER, 4, 0, G_MAXUINT32 },
  [GI_TYPE_TAG_INT64] = { OAI_GI_INTEGER, 8, G_MININT64, G_MAXINT64 },
  [GI_TYPE_TAG_UINT64] = { OAI_GI_INTEGER, 8, 0, G_MAXINT64 },
  [GI_TYPE_TAG_FLOAT] = { OAI_GI_NUMBER, sizeof (float), 0, 0 },
  [GI_TYPE_TAG_DOUBLE] = { OAI_GI_NUMBER, sizeof (double), 0, 0 },
  [GI_TYPE_TAG_UTF8] = { OAI_GI_STRING, sizeof (char *), 0, 0 },
  [GI_TYPE_TAG_FILENAME] = { OAI_GI_STRING, sizeof (char *), 0, 0 },
  [GI_TYPE_TAG_UNICHAR] = { OAI_GI_CHARACTER, sizeof (gunichar), 0, 0 },
};

/* Returns the tag of a basic type or of the number that stores an enumeration. */
static GITypeTag
get_basic_tag (GITypeInfo *type)
{
  return g_type_info_get_tag (type) == GI_TYPE_TAG_INTERFACE ? g_type_info_get_storage_type (type) : g_type_info_get_tag (type);
}

GType
oai_gi_type_get_gtype (GITypeInfo *type)
{
  g_autoptr(GIBaseInfo) interface = NULL;

  if (g_type_info_get_tag (type) != GI_TYPE_TAG_INTERFACE)
    return G_TYPE_NONE;

  interface = g_type_info_get_interface (type);

  return GI_IS_REGISTERED_TYPE_INFO (interface) ? g_registered_type_info_get_g_type (interface) : G_TYPE_NONE;
}

static OaiGiKind
get_interface_kind (GITypeInfo *type, gboolean for_output)
{
  g_autoptr(GIBaseInfo) interface = g_type_info_get_interface (type);
  GIInfoType kind = g_base_info_get_type (interface);
  GType gtype;

  if (kind == GI_INFO_TYPE_ENUM)
    return OAI_GI_ENUM;
  if (kind == GI_INFO_TYPE_FLAGS)
    return OAI_GI_FLAGS;
  if (!g_type_info_is_pointer (type))
    return OAI_GI_UNSUPPORTED;

  gtype = oai_gi_type_get_gtype (type);
  if (gtype == G_TYPE_FILE)
    return OAI_GI_FILE;

  return OAI_GI_UNSUPPORTED;
}

/* Returns whether a value fits a pointer, as in lists and in hash tables. */
static gboolean
is_packable (GITypeInfo *type)
{
  GITypeTag tag = get_basic_tag (type);

  return g_type_info_is_pointer (type) || (tag < GI_TYPE_TAG_N_TYPES && basics[tag].size > 0 && basics[tag].size <= 4 && tag != GI_TYPE_TAG_FLOAT);
}

static gboolean
is_element (GITypeInfo *type, gboolean for_output, gboolean packed)
{
  OaiGiKind kind = oai_gi_type_get_kind (type, for_output);

  /* The length of an array in an array is unknown, unless it ends with a zero. */
  if (g_type_info_get_tag (type) == GI_TYPE_TAG_ARRAY && g_type_info_get_array_type (type) == GI_ARRAY_TYPE_C && !g_type_info_is_zero_terminated (type))
    return FALSE;

  return kind > OAI_GI_NOTHING && (!packed || is_packable (type));
}

static OaiGiKind
get_array_kind (GITypeInfo *type, gboolean for_output)
{
  g_autoptr(GIBaseInfo) element = g_type_info_get_param_type (type, 0);
  GIArrayType array_type = g_type_info_get_array_type (type);

  if (array_type == GI_ARRAY_TYPE_BYTE_ARRAY)
    return OAI_GI_BYTES;
  if (array_type == GI_ARRAY_TYPE_C && !g_type_info_is_zero_terminated (type) && g_type_info_get_array_length (type) < 0 && g_type_info_get_array_fixed_size (type) < 0)
    return OAI_GI_UNSUPPORTED;
  if (g_type_info_get_tag (element) == GI_TYPE_TAG_UINT8 && array_type == GI_ARRAY_TYPE_C && g_type_info_get_array_fixed_size (type) < 0)
    return OAI_GI_BYTES;

  return is_element (element, for_output, array_type == GI_ARRAY_TYPE_PTR_ARRAY) ? OAI_GI_ARRAY : OAI_GI_UNSUPPORTED;
}

static OaiGiKind
get_list_kind (GITypeInfo *type, gboolean for_output)
{
  g_autoptr(GIBaseInfo) element = g_type_info_get_param_type (type, 0);

  return is_element (element, for_output, TRUE) ? OAI_GI_ARRAY : OAI_GI_UNSUPPORTED;
}

static OaiGiKind
get_map_kind (GITypeInfo *type, gboolean for_output)
{
  g_autoptr(GIBaseInfo) key = g_type_info_get_param_type (type, 0);
  g_autoptr(GIBaseInfo) value = g_type_info_get_param_type (type, 1);

  if (oai_gi_type_get_kind (key, for_output) != OAI_GI_STRING)
    return OAI_GI_UNSUPPORTED;

  return is_element (value, for_output, TRUE) ? OAI_GI_MAP : OAI_GI_UNSUPPORTED;
}

OaiGiKind
oai_gi_type_get_kind (GITypeInfo *type, gboolean for_output)
{
  GITypeTag tag = g_type_info_get_tag (type);

  switch (tag)
    {
    case GI_TYPE_TAG_VOID:
      return g_type_info_is_pointer (type) ? OAI_GI_UNSUPPORTED : OAI_GI_NOTHING;
    case GI_TYPE_TAG_INTERFACE:
      return get_interface_kind (type, for_output);
    case GI_TYPE_TAG_ARRAY:
      return get_array_kind (type, for_output);
    case GI_TYPE_TAG_GLIST:
    case GI_TYPE_TAG_GSLIST:
      return get_list_kind (type, for_output);
    case GI_TYPE_TAG_GHASH:
      return get_map_kind (type, for_output);
    default:
      return tag < GI_TYPE_TAG_N_TYPES ? basics[tag].kind : OAI_GI_UNSUPPORTED;
    }
}

gsize
oai_gi_type_get_size (GITypeInfo *type)
{
  return g_type_info_is_pointer (type) ? sizeof (gpointer) : basics[get_basic_tag (type)].size;
}

void
oai_gi_type_get_limits (GITypeInfo *type, gint64 *minimum, gint64 *maximum)
{
  const Basic *basic = &basics[get_basic_tag (type)];

  *minimum = basic->minimum;
  *maximum = basic->maximum;
}

void
oai_gi_type_set_integer (GITypeInfo *type, gint64 number, GIArgument *argument)
{
  switch (basics[get_basic_tag (type)].size)
    {
    case 1:
      argument->v_uint8 = (guint8) number;
      break;
    case 2:
      argument->v_uint16 = (guint16) number;
      break;
    case 4:
      argument->v_uint32 = (guint32) number;
      break;
    default:
      argument->v_int64 = number;
    }
}

gint64
oai_gi_type_get_integer (GITypeInfo *type, const GIArgument *argument, gboolean *is_unsigned)
{
  GITypeTag tag = get_basic_tag (type);

  if (is_unsigned != NULL)
    *is_unsigned = tag == GI_TYPE_TAG_UINT64;
  switch (tag)
    {
    case GI_TYPE_TAG_INT8:
      return argument->v_int8;
    case GI_TYPE_TAG_UINT8:
      return argument->v_uint8;
    case GI_TYPE_TAG_INT16:
      return argument->v_int16;
    case GI_TYPE_TAG_UINT16:
      return argument->v_uint16;
    case GI_TYPE_TAG_INT32:
      return argument->v_int32;
    case GI_TYPE_TAG_UINT32:
      return argument->v_uint32;
    default:
      return argument->v_int64;
    }
}

char *
oai_gi_value_dup_nick (GIBaseInfo *value)
{
  return g_strdelimit (g_strdup (g_base_info_get_name (value)), "_", '-');
}

/* Schemas */

static void
write_nicks (GITypeInfo *type, gboolean nullable, GString *out)
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
  g_string_append (out, nullable ? ",null]" : "]");
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
write_items (GITypeInfo *type, GString *out)
{
  g_autoptr(GIBaseInfo) element = g_type_info_get_param_type (type, 0);
  int size = g_type_info_get_tag (type) == GI_TYPE_TAG_ARRAY ? g_type_info_get_array_fixed_size (type) : -1;

  if (size >= 0)
    g_string_append_printf (out, ",\"minItems\":%d,\"maxItems\":%d", size, size);
  g_string_append (out, ",\"items\":");
  oai_gi_type_write_schema (element, FALSE, NULL, NULL, out);
}

static void
write_keywords (GITypeInfo *type, OaiGiKind kind, gboolean nullable, GString *out)
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
      write_nicks (type, nullable, out);
      break;
    case OAI_GI_FLAGS:
      g_string_append (out, ",\"items\":{\"type\":\"string\"");
      write_nicks (type, FALSE, out);
      g_string_append_c (out, '}');
      break;
    case OAI_GI_ARRAY:
      write_items (type, out);
      break;
    case OAI_GI_MAP:
      g_string_append (out, ",\"additionalProperties\":");
      element = g_type_info_get_param_type (type, 1);
      oai_gi_type_write_schema (element, FALSE, NULL, NULL, out);
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

void
oai_gi_type_write_schema (GITypeInfo *type, gboolean nullable, const char *description, const char *value, GString *out)
{
  OaiGiKind kind = oai_gi_type_get_kind (type, FALSE);

  g_string_append_printf (out, nullable ? "{\"type\":[\"%s\",\"null\"]" : "{\"type\":\"%s\"", get_json_type (kind));
  if (description != NULL)
    {
      g_string_append (out, ",\"description\":");
      oai_json_write_string (out, description, -1);
    }
  write_keywords (type, kind, nullable, out);
  if (value != NULL)
    g_string_append_printf (out, ",\"default\":%s", value);
  g_string_append_c (out, '}');
}
