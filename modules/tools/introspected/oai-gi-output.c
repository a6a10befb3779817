/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-gi-output-private.h"

#include <math.h>
#include <string.h>

#include <gio/gio.h>

#include "oai-json-object.h"
#include "oai-json-writer-private.h"

static void
write_text (const char *text, GString *out)
{
  if (text == NULL)
    g_string_append (out, "null");
  else
    oai_json_write_string (out, text, -1);
}

static void
write_integer (GITypeInfo *type, const GIArgument *argument, GString *out)
{
  gboolean is_unsigned;
  gint64 number = oai_gi_type_get_integer (type, argument, &is_unsigned);

  if (is_unsigned)
    g_string_append_printf (out, "%" G_GUINT64_FORMAT, (guint64) number);
  else
    g_string_append_printf (out, "%" G_GINT64_FORMAT, number);
}

/* JSON has no infinity and no NaN. */
static void
write_number (GITypeInfo *type, const GIArgument *argument, GString *out)
{
  gboolean is_double = g_type_info_get_tag (type) == GI_TYPE_TAG_DOUBLE;
  double number = is_double ? argument->v_double : (double) argument->v_float;
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (number))
    g_string_append (out, "null");
  else if (is_double)
    g_string_append (out, g_ascii_dtostr (text, sizeof text, number));
  else
    g_string_append (out, g_ascii_formatd (text, sizeof text, "%.9g", number));
}

static void
write_character (gunichar character, GString *out)
{
  char text[7] = "";

  if (g_unichar_validate (character))
    g_unichar_to_utf8 (character, text);
  oai_json_write_string (out, text, -1);
}

static void
write_file (GFile *file, GString *out)
{
  g_autofree char *uri = file != NULL ? g_file_get_uri (file) : NULL;

  write_text (uri, out);
}

/* Writes a number that is no value of the enumeration as such. */
static void
write_enum (GITypeInfo *type, const GIArgument *argument, GString *out)
{
  g_autoptr(GIBaseInfo) interface = g_type_info_get_interface (type);
  gint64 number = oai_gi_type_get_integer (type, argument, NULL);

  for (int i = 0; i < g_enum_info_get_n_values (interface); i++)
    {
      g_autoptr(GIBaseInfo) value = g_enum_info_get_value (interface, i);
      g_autofree char *nick = oai_gi_value_dup_nick (value);

      if (g_value_info_get_value (value) == number)
        {
          oai_json_write_string (out, nick, -1);
          return;
        }
    }
  g_string_append_printf (out, "%" G_GINT64_FORMAT, number);
}

static void
write_flags (GITypeInfo *type, const GIArgument *argument, GString *out)
{
  g_autoptr(GIBaseInfo) interface = g_type_info_get_interface (type);
  guint32 flags = (guint32) oai_gi_type_get_integer (type, argument, NULL);
  const char *separator = "";

  g_string_append_c (out, '[');
  for (int i = 0; i < g_enum_info_get_n_values (interface); i++)
    {
      g_autoptr(GIBaseInfo) value = g_enum_info_get_value (interface, i);
      g_autofree char *nick = oai_gi_value_dup_nick (value);
      guint32 bits = (guint32) g_value_info_get_value (value);

      if (bits == 0 || (flags & bits) != bits)
        continue;
      g_string_append (out, separator);
      oai_json_write_string (out, nick, -1);
      separator = ",";
    }
  g_string_append_c (out, ']');
}

/* Containers */

static gsize
count_zero_terminated (const char *data, gsize size)
{
  static const char zeros[sizeof (gpointer)] = "";
  gsize n = 0;

  while (memcmp (data + n * size, zeros, size) != 0)
    n++;

  return n;
}

/* Calls func for each element of an array or a list.  Elements are copied to an argument. */
typedef void (*ElementFunc) (GITypeInfo *type, const GIArgument *element, gpointer data);

static void
each_packed (GITypeInfo *type, gpointer data, ElementFunc func, gpointer user_data)
{
  GIArgument element = { 0 };

  g_type_info_argument_from_hash_pointer (type, data, &element);
  func (type, &element, user_data);
}

static void
each_in_block (GITypeInfo *type, const char *block, gsize n, ElementFunc func, gpointer user_data)
{
  gsize size = oai_gi_type_get_size (type);

  for (gsize i = 0; i < n; i++)
    {
      GIArgument element = { 0 };

      memcpy (&element, block + i * size, size);
      func (type, &element, user_data);
    }
}

static gsize
get_c_array_length (GITypeInfo *array, GITypeInfo *type, const char *block, gsize length)
{
  int size = g_type_info_get_array_fixed_size (array);

  if (g_type_info_get_array_length (array) >= 0)
    return length;

  return size >= 0 ? (gsize) size : count_zero_terminated (block, oai_gi_type_get_size (type));
}

static void
each_element (GITypeInfo *container, gpointer data, gsize length, ElementFunc func, gpointer user_data)
{
  g_autoptr(GIBaseInfo) type = g_type_info_get_param_type (container, 0);
  GPtrArray *pointers = data;
  GArray *array = data;

  if (data == NULL)
    return;

  if (g_type_info_get_tag (container) == GI_TYPE_TAG_GLIST)
    for (GList *link = data; link != NULL; link = link->next)
      each_packed (type, link->data, func, user_data);
  else if (g_type_info_get_tag (container) == GI_TYPE_TAG_GSLIST)
    for (GSList *link = data; link != NULL; link = link->next)
      each_packed (type, link->data, func, user_data);
  else if (g_type_info_get_array_type (container) == GI_ARRAY_TYPE_PTR_ARRAY)
    for (guint i = 0; i < pointers->len; i++)
      each_packed (type, g_ptr_array_index (pointers, i), func, user_data);
  else if (g_type_info_get_array_type (container) == GI_ARRAY_TYPE_ARRAY)
    each_in_block (type, array->data, array->len, func, user_data);
  else
    each_in_block (type, data, get_c_array_length (container, type, data, length), func, user_data);
}

typedef struct
{
  GString *out;
  GError **error;
} Output;

static void
write_element (GITypeInfo *type, const GIArgument *element, gpointer data)
{
  Output *output = data;

  if (output->out->str[output->out->len - 1] != '[')
    g_string_append_c (output->out, ',');
  oai_gi_output_write (type, element, 0, output->out, output->error);
}

static void
write_array (GITypeInfo *type, gpointer array, gsize length, GString *out, GError **error)
{
  Output output = { out, error };

  g_string_append_c (out, '[');
  each_element (type, array, length, write_element, &output);
  g_string_append_c (out, ']');
}

static void
write_bytes (GITypeInfo *type, gpointer data, gsize length, GString *out)
{
  g_autofree char *text = NULL;
  GByteArray *array = data;

  if (data == NULL)
    {
      g_string_append (out, "null");
      return;
    }

  if (g_type_info_get_array_type (type) == GI_ARRAY_TYPE_BYTE_ARRAY)
    text = g_base64_encode (array->data, array->len);
  else
    text = g_base64_encode (data, g_type_info_get_array_length (type) >= 0 ? length : strlen (data));
  oai_json_write_string (out, text, -1);
}

static void
write_map (GITypeInfo *map, GHashTable *table, GString *out, GError **error)
{
  g_autoptr(GIBaseInfo) type = g_type_info_get_param_type (map, 1);
  const char *separator = "";
  GHashTableIter iter;
  gpointer name, value;

  g_string_append_c (out, '{');
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      GIArgument element = { 0 };

      g_string_append (out, separator);
      separator = ",";
      oai_json_write_string (out, name, -1);
      g_string_append_c (out, ':');
      g_type_info_argument_from_hash_pointer (type, value, &element);
      oai_gi_output_write (type, &element, 0, out, error);
    }
  g_string_append_c (out, '}');
}

/* Values of a GType */

static void
set_value (GValue *value, GType type, gpointer pointer)
{
  if (G_TYPE_IS_BOXED (type))
    {
      g_value_init (value, type);
      g_value_set_static_boxed (value, pointer);
    }
  else if (G_TYPE_FUNDAMENTAL (type) == G_TYPE_VARIANT)
    {
      g_value_init (value, G_TYPE_VARIANT);
      g_value_set_variant (value, pointer);
    }
  else
    {
      g_value_init (value, G_OBJECT_TYPE (pointer));
      g_value_set_object (value, pointer);
    }
}

static void
write_value (GType type, gpointer pointer, GString *out, GError **error)
{
  g_auto(GValue) value = G_VALUE_INIT;
  g_autofree char *json = NULL;

  if (pointer != NULL)
    {
      set_value (&value, type, pointer);
      json = oai_json_from_value (&value, *error == NULL ? error : NULL);
    }
  g_string_append (out, json != NULL ? json : "null");
}

void
oai_gi_output_write (GITypeInfo *type, const GIArgument *argument, gsize length, GString *out, GError **error)
{
  switch (oai_gi_type_get_kind (type, TRUE))
    {
    case OAI_GI_BOOLEAN:
      g_string_append (out, argument->v_boolean ? "true" : "false");
      break;
    case OAI_GI_INTEGER:
      write_integer (type, argument, out);
      break;
    case OAI_GI_NUMBER:
      write_number (type, argument, out);
      break;
    case OAI_GI_STRING:
      write_text (argument->v_string, out);
      break;
    case OAI_GI_CHARACTER:
      write_character (argument->v_uint32, out);
      break;
    case OAI_GI_FILE:
      write_file (argument->v_pointer, out);
      break;
    case OAI_GI_ENUM:
      write_enum (type, argument, out);
      break;
    case OAI_GI_FLAGS:
      write_flags (type, argument, out);
      break;
    case OAI_GI_VALUE:
      write_value (oai_gi_type_get_gtype (type), argument->v_pointer, out, error);
      break;
    case OAI_GI_BYTES:
      write_bytes (type, argument->v_pointer, length, out);
      break;
    case OAI_GI_ARRAY:
      write_array (type, argument->v_pointer, length, out, error);
      break;
    case OAI_GI_MAP:
      if (argument->v_pointer != NULL)
        {
          write_map (type, argument->v_pointer, out, error);
          break;
        }
      /* fall through */
    default:
      g_string_append (out, "null");
    }
}

/* Memory */

static void
clear_value (GType type, gpointer pointer)
{
  if (G_TYPE_IS_BOXED (type))
    g_boxed_free (type, pointer);
  else if (G_TYPE_FUNDAMENTAL (type) == G_TYPE_VARIANT)
    g_variant_unref (pointer);
  else
    g_object_unref (pointer);
}

static void
clear_element (GITypeInfo *type, const GIArgument *element, gpointer data)
{
  oai_gi_output_clear (type, GI_TRANSFER_EVERYTHING, element, 0);
}

/* Arrays and hash tables that count references free their elements themselves. */
static void
clear_container (GITypeInfo *type, GITransfer transfer, gpointer data, gsize length)
{
  GITypeTag tag = g_type_info_get_tag (type);
  GIArrayType array_type = tag == GI_TYPE_TAG_ARRAY ? g_type_info_get_array_type (type) : GI_ARRAY_TYPE_C;

  if (tag == GI_TYPE_TAG_GHASH)
    g_hash_table_unref (data);
  else if (array_type == GI_ARRAY_TYPE_PTR_ARRAY)
    g_ptr_array_unref (data);
  else if (array_type == GI_ARRAY_TYPE_BYTE_ARRAY)
    g_byte_array_unref (data);
  else if (array_type == GI_ARRAY_TYPE_ARRAY)
    g_array_unref (data);
  else
    {
      if (transfer == GI_TRANSFER_EVERYTHING && oai_gi_type_get_kind (type, TRUE) == OAI_GI_ARRAY)
        each_element (type, data, length, clear_element, NULL);
      if (tag == GI_TYPE_TAG_GLIST)
        g_list_free (data);
      else if (tag == GI_TYPE_TAG_GSLIST)
        g_slist_free (data);
      else
        g_free (data);
    }
}

void
oai_gi_output_clear (GITypeInfo *type, GITransfer transfer, const GIArgument *argument, gsize length)
{
  OaiGiKind kind = oai_gi_type_get_kind (type, TRUE);

  if (transfer == GI_TRANSFER_NOTHING || !oai_gi_kind_is_pointer (kind) || argument->v_pointer == NULL)
    return;

  if (kind == OAI_GI_STRING)
    g_free (argument->v_string);
  else if (kind == OAI_GI_FILE || kind == OAI_GI_VALUE)
    clear_value (oai_gi_type_get_gtype (type), argument->v_pointer);
  else if (kind == OAI_GI_BYTES || kind == OAI_GI_ARRAY || kind == OAI_GI_MAP)
    clear_container (type, transfer, argument->v_pointer, length);
}
