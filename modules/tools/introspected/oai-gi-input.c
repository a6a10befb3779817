/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-gi-input-private.h"

#include <math.h>
#include <string.h>

#include <gio/gio.h>

#include "oai-base64-private.h"
#include "oai-error.h"
#include "oai-json-object.h"
#include "oai-json-writer-private.h"

typedef struct
{
  GITypeInfo *type;
  GITransfer transfer;
  OaiJsonDoc *doc;
  OaiJsonNode node;
  OaiGiScope *scope;
  GIArgument *argument;
  gsize *length;
} Input;

/* The messages are for models, and not translated. */
static gboolean
reject (const char *expected, GError **error)
{
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "must be %s", expected);

  return FALSE;
}

/* Whether the callee owns the elements of a container. */
static GITransfer
get_element_transfer (GITransfer transfer)
{
  return transfer == GI_TRANSFER_EVERYTHING ? GI_TRANSFER_EVERYTHING : GI_TRANSFER_NOTHING;
}

static gpointer
keep (Input *self, gpointer memory, GDestroyNotify free_func)
{
  return oai_gi_scope_add (self->scope, memory, free_func, self->transfer != GI_TRANSFER_NOTHING);
}

static const char *
get_text (Input *self, gsize *length, GError **error)
{
  const char *text = oai_json_get_string (self->doc, self->node, length);

  if (text == NULL)
    reject ("a string", error);

  return text;
}

static gboolean
convert_boolean (Input *self, GError **error)
{
  gboolean value;

  if (!oai_json_get_boolean (self->doc, self->node, &value))
    return reject ("true or false", error);
  self->argument->v_boolean = value;

  return TRUE;
}

static gboolean
convert_integer (Input *self, GError **error)
{
  gint64 number, minimum, maximum;

  if (oai_json_get_type (self->doc, self->node) != OAI_JSON_INT && oai_json_get_type (self->doc, self->node) != OAI_JSON_DOUBLE)
    return reject ("an integer", error);
  oai_gi_type_get_limits (self->type, &minimum, &maximum);
  if (!oai_json_get_int (self->doc, self->node, &number) || number < minimum || number > maximum)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "must be an integer from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, minimum, maximum);
      return FALSE;
    }
  oai_gi_type_set_integer (self->type, number, self->argument);

  return TRUE;
}

static gboolean
convert_number (Input *self, GError **error)
{
  double number;

  if (!oai_json_get_double (self->doc, self->node, &number))
    return reject ("a number", error);
  if (g_type_info_get_tag (self->type) == GI_TYPE_TAG_DOUBLE)
    self->argument->v_double = number;
  else
    self->argument->v_float = (float) number;
  if (!isfinite (number) || (g_type_info_get_tag (self->type) == GI_TYPE_TAG_FLOAT && !isfinite (self->argument->v_float)))
    return reject ("a smaller number", error);

  return TRUE;
}

static gboolean
convert_string (Input *self, GError **error)
{
  const char *text = get_text (self, NULL, error);

  if (text == NULL)
    return FALSE;
  self->argument->v_string = keep (self, g_strdup (text), g_free);

  return TRUE;
}

static gboolean
convert_character (Input *self, GError **error)
{
  const char *text = oai_json_get_string (self->doc, self->node, NULL);

  if (text == NULL || g_utf8_strlen (text, -1) != 1)
    return reject ("a string of one character", error);
  self->argument->v_uint32 = g_utf8_get_char (text);

  return TRUE;
}

static gboolean
convert_file (Input *self, GError **error)
{
  const char *text = get_text (self, NULL, error);

  if (text == NULL)
    return FALSE;
  self->argument->v_pointer = keep (self, g_file_new_for_commandline_arg (text), g_object_unref);

  return TRUE;
}

/* Objects and boxed values */

static void
free_value (gpointer value)
{
  g_value_unset (value);
  g_free (value);
}

/* Returns a copy or a reference that the callee frees. */
static gpointer
dup_value (const GValue *value)
{
  if (G_VALUE_HOLDS_OBJECT (value))
    return g_value_dup_object (value);

  return G_VALUE_HOLDS_VARIANT (value) ? (gpointer) g_value_dup_variant (value) : g_value_dup_boxed (value);
}

/* Returns the function that frees a value of a type for the callee, or NULL. */
static GDestroyNotify
get_value_free_func (GType type)
{
  if (g_type_is_a (type, G_TYPE_OBJECT))
    return g_object_unref;
  if (type == G_TYPE_VARIANT)
    return (GDestroyNotify) g_variant_unref;
  if (type == G_TYPE_DATE_TIME)
    return (GDestroyNotify) g_date_time_unref;
  if (type == G_TYPE_BYTES)
    return (GDestroyNotify) g_bytes_unref;
  if (type == G_TYPE_DATE)
    return (GDestroyNotify) g_date_free;
  if (type == G_TYPE_URI)
    return (GDestroyNotify) g_uri_unref;

  return type == G_TYPE_STRV ? (GDestroyNotify) g_strfreev : NULL;
}

static gboolean
convert_value (Input *self, GError **error)
{
  GType type = oai_gi_type_get_gtype (self->type);
  g_autoptr(GString) json = g_string_new (NULL);
  GValue *value;

  if (self->node == OAI_JSON_NONE)
    return reject ("given", error);

  value = g_new0 (GValue, 1);
  g_value_init (value, type);
  oai_gi_scope_add (self->scope, value, free_value, FALSE);
  oai_json_write_node (json, self->doc, self->node);
  if (!oai_json_to_value (value, json->str, error))
    return FALSE;
  if (g_value_peek_pointer (value) == NULL)
    return reject ("a value, not null", error);
  self->argument->v_pointer = self->transfer == GI_TRANSFER_NOTHING ? g_value_peek_pointer (value) : keep (self, dup_value (value), get_value_free_func (type));

  return TRUE;
}

/* Enumerations */

/* Finds the value of a nick. */
static gboolean
find_nick (GITypeInfo *type, const char *nick, gint64 *number)
{
  g_autoptr(GIBaseInfo) interface = g_type_info_get_interface (type);

  for (int i = 0; i < g_enum_info_get_n_values (interface); i++)
    {
      g_autoptr(GIBaseInfo) value = g_enum_info_get_value (interface, i);
      g_autofree char *other = oai_gi_value_dup_nick (value);

      if (g_strcmp0 (nick, other) == 0)
        {
          *number = g_value_info_get_value (value);
          return TRUE;
        }
    }

  return FALSE;
}

static gboolean
convert_enum (Input *self, GError **error)
{
  gint64 number;

  if (!find_nick (self->type, oai_json_get_string (self->doc, self->node, NULL), &number))
    return reject ("one of the values of the schema", error);
  oai_gi_type_set_integer (self->type, number, self->argument);

  return TRUE;
}

static gboolean
convert_flags (Input *self, GError **error)
{
  gint64 flags = 0, number;
  OaiJsonIter iter;
  OaiJsonNode element;

  if (oai_json_get_type (self->doc, self->node) != OAI_JSON_ARRAY)
    return reject ("an array", error);

  oai_json_iter_init (&iter, self->doc, self->node);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      if (!find_nick (self->type, oai_json_get_string (self->doc, element, NULL), &number))
        return reject ("an array of values of the schema", error);
      flags |= number;
    }
  oai_gi_type_set_integer (self->type, flags, self->argument);

  return TRUE;
}

static gboolean
convert_bytes (Input *self, GError **error)
{
  gsize length;
  const char *text = get_text (self, &length, error);
  g_autoptr(GBytes) bytes = text != NULL ? oai_base64_decode (text, length, NULL) : NULL;

  if (text == NULL)
    return FALSE;
  if (bytes == NULL)
    return reject ("Base64", error);

  *self->length = g_bytes_get_size (bytes);
  if (g_type_info_get_array_type (self->type) == GI_ARRAY_TYPE_BYTE_ARRAY)
    {
      self->argument->v_pointer = keep (self, g_bytes_unref_to_array (g_steal_pointer (&bytes)), (GDestroyNotify) g_byte_array_unref);
      return TRUE;
    }

  /* With a zero at the end. */
  self->argument->v_pointer = keep (self, g_malloc0 (*self->length + 1), g_free);
  if (*self->length > 0)
    memcpy (self->argument->v_pointer, g_bytes_get_data (bytes, NULL), *self->length);

  return TRUE;
}

/* Arrays */

static gboolean
convert_element (Input *self, GITypeInfo *type, OaiJsonNode node, GIArgument *argument, GError **error)
{
  gsize length = 0;

  memset (argument, 0, sizeof *argument);

  return oai_gi_input_convert (type, get_element_transfer (self->transfer), FALSE, self->doc, node, self->scope, argument, &length, error);
}

/* Converts the elements to a block.  packed: as pointers. */
static gboolean
convert_elements (Input *self, GITypeInfo *type, gboolean packed, char *block, GError **error)
{
  gsize size = packed ? sizeof (gpointer) : oai_gi_type_get_size (type);
  guint position = 0;
  OaiJsonIter iter;
  OaiJsonNode node;
  GIArgument element;

  oai_json_iter_init (&iter, self->doc, self->node);
  for (; oai_json_iter_next (&iter, NULL, &node); position++)
    {
      if (!convert_element (self, type, node, &element, error))
        {
          g_prefix_error (error, "element %u ", position);
          return FALSE;
        }
      if (packed)
        element.v_pointer = g_type_info_hash_pointer_from_argument (type, &element);
      memcpy (block + position * size, &element, size);
    }

  return TRUE;
}

/* Returns the function that frees an element for the callee, or NULL. */
static GDestroyNotify
get_free_func (Input *self, GITypeInfo *type)
{
  if (self->transfer != GI_TRANSFER_EVERYTHING)
    return NULL;

  switch (oai_gi_type_get_kind (type, FALSE))
    {
    case OAI_GI_STRING:
      return g_free;
    case OAI_GI_FILE:
      return g_object_unref;
    case OAI_GI_VALUE:
      return get_value_free_func (oai_gi_type_get_gtype (type));
    default:
      return NULL;
    }
}

static void
free_ptr_array (gpointer array)
{
  g_ptr_array_set_free_func (array, NULL);
  g_ptr_array_unref (array);
}

static gboolean
convert_ptr_array (Input *self, GITypeInfo *type, guint n, GError **error)
{
  GPtrArray *array = keep (self, g_ptr_array_new (), free_ptr_array);

  self->argument->v_pointer = array;
  g_ptr_array_set_size (array, n);
  g_ptr_array_set_free_func (array, get_free_func (self, type));

  return convert_elements (self, type, TRUE, (char *) array->pdata, error);
}

static gboolean
convert_g_array (Input *self, GITypeInfo *type, guint n, GError **error)
{
  GArray *array = keep (self, g_array_new (g_type_info_is_zero_terminated (self->type), TRUE, oai_gi_type_get_size (type)), (GDestroyNotify) g_array_unref);

  self->argument->v_pointer = array;
  g_array_set_size (array, n);

  return convert_elements (self, type, FALSE, array->data, error);
}

static gboolean
convert_c_array (Input *self, GITypeInfo *type, guint n, GError **error)
{
  int size = g_type_info_get_array_fixed_size (self->type);

  if (size >= 0 && n != (guint) size)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "must have %d elements", size);
      return FALSE;
    }
  self->argument->v_pointer = keep (self, g_malloc0_n ((gsize) n + 1, oai_gi_type_get_size (type)), g_free);

  return convert_elements (self, type, FALSE, self->argument->v_pointer, error);
}

static gboolean
convert_list (Input *self, GITypeInfo *type, guint n, GError **error)
{
  g_autofree gpointer *data = g_new0 (gpointer, n);
  GList *list = NULL;
  GSList *slist = NULL;

  if (!convert_elements (self, type, TRUE, (char *) data, error))
    return FALSE;

  if (g_type_info_get_tag (self->type) == GI_TYPE_TAG_GLIST)
    {
      while (n-- > 0)
        list = g_list_prepend (list, data[n]);
      self->argument->v_pointer = keep (self, list, (GDestroyNotify) g_list_free);
      return TRUE;
    }

  while (n-- > 0)
    slist = g_slist_prepend (slist, data[n]);
  self->argument->v_pointer = keep (self, slist, (GDestroyNotify) g_slist_free);

  return TRUE;
}

static gboolean
convert_array (Input *self, GError **error)
{
  g_autoptr(GIBaseInfo) type = g_type_info_get_param_type (self->type, 0);
  guint n = oai_json_get_size (self->doc, self->node);

  if (oai_json_get_type (self->doc, self->node) != OAI_JSON_ARRAY)
    return reject ("an array", error);
  if (g_type_info_get_tag (self->type) != GI_TYPE_TAG_ARRAY)
    return convert_list (self, type, n, error);

  *self->length = n;
  switch (g_type_info_get_array_type (self->type))
    {
    case GI_ARRAY_TYPE_PTR_ARRAY:
      return convert_ptr_array (self, type, n, error);
    case GI_ARRAY_TYPE_ARRAY:
      return convert_g_array (self, type, n, error);
    default:
      return convert_c_array (self, type, n, error);
    }
}

/* Hash tables */

static void
free_hash_table (gpointer table)
{
  g_hash_table_steal_all (table);
  g_hash_table_unref (table);
}

static gboolean
convert_map (Input *self, GError **error)
{
  g_autoptr(GIBaseInfo) type = g_type_info_get_param_type (self->type, 1);
  gboolean given = self->transfer == GI_TRANSFER_EVERYTHING;
  GHashTable *table;
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;
  GIArgument element;

  if (oai_json_get_type (self->doc, self->node) != OAI_JSON_OBJECT)
    return reject ("an object", error);

  table = keep (self, g_hash_table_new_full (g_str_hash, g_str_equal, given ? g_free : NULL, get_free_func (self, type)), free_hash_table);
  self->argument->v_pointer = table;
  oai_json_iter_init_members (&iter, self->doc, self->node);
  while (oai_json_iter_next (&iter, &name, &node))
    {
      if (g_hash_table_contains (table, name))
        return reject ("an object whose members have different names", error);
      if (!convert_element (self, type, node, &element, error))
        {
          g_prefix_error (error, "member “%s” ", name);
          return FALSE;
        }
      g_hash_table_insert (table, oai_gi_scope_add (self->scope, g_strdup (name), g_free, given), g_type_info_hash_pointer_from_argument (type, &element));
    }

  return TRUE;
}

static gboolean
convert (Input *self, GError **error)
{
  switch (oai_gi_type_get_kind (self->type, FALSE))
    {
    case OAI_GI_BOOLEAN:
      return convert_boolean (self, error);
    case OAI_GI_INTEGER:
      return convert_integer (self, error);
    case OAI_GI_NUMBER:
      return convert_number (self, error);
    case OAI_GI_STRING:
      return convert_string (self, error);
    case OAI_GI_CHARACTER:
      return convert_character (self, error);
    case OAI_GI_FILE:
      return convert_file (self, error);
    case OAI_GI_ENUM:
      return convert_enum (self, error);
    case OAI_GI_FLAGS:
      return convert_flags (self, error);
    case OAI_GI_BYTES:
      return convert_bytes (self, error);
    case OAI_GI_VALUE:
      return convert_value (self, error);
    case OAI_GI_ARRAY:
      return convert_array (self, error);
    case OAI_GI_MAP:
      return convert_map (self, error);
    default:
      g_assert_not_reached ();
    }
}

gboolean
oai_gi_input_convert (GITypeInfo *type, GITransfer transfer, gboolean nullable, OaiJsonDoc *doc, OaiJsonNode node, OaiGiScope *scope, GIArgument *argument, gsize *length, GError **error)
{
  Input self = { type, transfer, doc, node, scope, argument, length };

  *length = 0;
  if (nullable && oai_json_get_type (doc, node) <= OAI_JSON_NULL)
    {
      argument->v_pointer = NULL;
      return TRUE;
    }

  return convert (&self, error);
}
