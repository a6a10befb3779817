/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-gi-type-private.h"

#include "oai-json-schema.h"

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

/* Returns whether core has a schema for values of a type.  The result is stored with the type. */
static gboolean
has_schema (GType type)
{
  GQuark quark = g_quark_from_static_string ("oai-gi-has-schema");
  gpointer known = g_type_get_qdata (type, quark);
  g_autoptr(OaiJsonSchema) schema = NULL;

  if (known == NULL)
    {
      schema = oai_json_schema_new_for_type (type, NULL);
      known = GINT_TO_POINTER (schema != NULL ? 1 : 2);
      g_type_set_qdata (type, quark, known);
    }

  return GPOINTER_TO_INT (known) == 1;
}

/* The class of an object that is returned is only known then. */
static gboolean
is_value (GType type, gboolean for_output)
{
  if (for_output && (g_type_is_a (type, G_TYPE_OBJECT) || G_TYPE_IS_INTERFACE (type)))
    return TRUE;

  return (G_TYPE_IS_BOXED (type) || G_TYPE_FUNDAMENTAL (type) == G_TYPE_VARIANT || G_TYPE_IS_OBJECT (type)) && has_schema (type);
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

  gtype = oai_gi_type_get_gtype (type);
  if (gtype == G_TYPE_FILE)
    return OAI_GI_FILE;

  return is_value (gtype, for_output) ? OAI_GI_VALUE : OAI_GI_UNSUPPORTED;
}

gboolean
oai_gi_kind_is_pointer (OaiGiKind kind)
{
  switch (kind)
    {
    case OAI_GI_STRING:
    case OAI_GI_FILE:
    case OAI_GI_BYTES:
    case OAI_GI_ARRAY:
    case OAI_GI_MAP:
    case OAI_GI_VALUE:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Returns whether a value fits a pointer, as in lists and in hash tables. */
static gboolean
is_packable (GITypeInfo *type, OaiGiKind kind)
{
  GITypeTag tag = get_basic_tag (type);

  return oai_gi_kind_is_pointer (kind) || (basics[tag].size > 0 && basics[tag].size <= 4 && tag != GI_TYPE_TAG_FLOAT);
}

/* The elements of an array can be structures, and not pointers to them. */
static gboolean
is_structure (GITypeInfo *type)
{
  g_autoptr(GIBaseInfo) interface = NULL;

  if (g_type_info_get_tag (type) != GI_TYPE_TAG_INTERFACE || g_type_info_is_pointer (type))
    return FALSE;

  interface = g_type_info_get_interface (type);

  return !GI_IS_OBJECT_INFO (interface) && !GI_IS_INTERFACE_INFO (interface) && !GI_IS_ENUM_INFO (interface);
}

static gboolean
is_element (GITypeInfo *type, gboolean for_output, gboolean packed)
{
  OaiGiKind kind = oai_gi_type_get_kind (type, for_output);

  /* The length of an array in an array is unknown, unless it ends with a zero. */
  if (g_type_info_get_tag (type) == GI_TYPE_TAG_ARRAY && g_type_info_get_array_type (type) == GI_ARRAY_TYPE_C && !g_type_info_is_zero_terminated (type))
    return FALSE;

  return kind > OAI_GI_NOTHING && (packed ? is_packable (type, kind) : !is_structure (type));
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
  return oai_gi_kind_is_pointer (oai_gi_type_get_kind (type, TRUE)) ? sizeof (gpointer) : basics[get_basic_tag (type)].size;
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
