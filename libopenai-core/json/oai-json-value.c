/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-value-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-json-doc-private.h"
#include "oai-json-hash-private.h"
#include "oai-json-number-private.h"
#include "oai-json-writer-private.h"

/* Objects with more members than this get an index by name. */
#define INDEX_THRESHOLD 24

typedef struct
{
  char *name;
  OaiJsonValue *value;
} Member;

struct _OaiJsonValue
{
  OaiJsonType type;
  gboolean boolean;
  gint64 integer;     /* of a string, the number of its repeats */
  double number;
  GString *text;      /* of a string; the digits of a double that was parsed */
  GBytes *shared;     /* owns the bytes of the text, which other values use too; or NULL */
  GPtrArray *elements;
  GArray *members;
  GHashTable *positions; /* name → index in members + 1; of an array, see find_indexed() and oai_json_value_ensure_indexed() */
  guint n_indexed;       /* number of elements in positions */
};

static OaiJsonValue *
value_new (OaiJsonType type)
{
  OaiJsonValue *value = g_new0 (OaiJsonValue, 1);

  value->type = type;

  return value;
}

static void
value_clear (OaiJsonValue *value)
{
  guint i;

  if (value->members != NULL)
    for (i = 0; i < value->members->len; i++)
      {
        Member *member = &g_array_index (value->members, Member, i);

        g_free (member->name);
        oai_json_value_free (member->value);
      }
  g_clear_pointer (&value->members, g_array_unref);
  g_clear_pointer (&value->positions, g_hash_table_unref);
  g_clear_pointer (&value->elements, g_ptr_array_unref);
  if (value->shared != NULL)
    value->text->str = NULL;
  g_clear_pointer (&value->shared, g_bytes_unref);
  if (value->text != NULL)
    g_string_free (g_steal_pointer (&value->text), TRUE);
}

void
oai_json_value_free (OaiJsonValue *value)
{
  if (value == NULL)
    return;

  value_clear (value);
  g_free (value);
}

OaiJsonValue *
oai_json_value_new_object (void)
{
  return value_new (OAI_JSON_OBJECT);
}

OaiJsonValue *
oai_json_value_new_array (void)
{
  OaiJsonValue *value = value_new (OAI_JSON_ARRAY);

  value->elements = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_json_value_free);

  return value;
}

OaiJsonValue *
oai_json_value_new_string (const char *text, gssize length)
{
  OaiJsonValue *value = value_new (OAI_JSON_STRING);

  value->text = length < 0 ? g_string_new (text) : g_string_new_len (text, length);

  return value;
}

OaiJsonValue *
oai_json_value_new_boolean (gboolean boolean)
{
  OaiJsonValue *value = value_new (OAI_JSON_BOOLEAN);

  value->boolean = boolean;

  return value;
}

OaiJsonValue *
oai_json_value_new_int (gint64 number)
{
  OaiJsonValue *value = value_new (OAI_JSON_INT);

  value->integer = number;
  value->number = (double) number;

  return value;
}

static OaiJsonValue *
new_number (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonValue *value = value_new (oai_json_get_type (doc, node));
  const char *digits;
  gsize length;

  oai_json_get_double (doc, node, &value->number);
  if (value->type == OAI_JSON_INT)
    oai_json_get_int (doc, node, &value->integer);
  else
    {
      digits = oai_json_get_digits (doc, node, &length);
      value->text = digits != NULL ? g_string_new_len (digits, (gssize) length) : NULL;
    }

  return value;
}

static OaiJsonValue *
new_container (OaiJsonDoc *doc, OaiJsonNode node)
{
  gboolean object = oai_json_get_type (doc, node) == OAI_JSON_OBJECT;
  OaiJsonValue *value = object ? oai_json_value_new_object () : oai_json_value_new_array ();
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode child;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &child))
    {
      OaiJsonValue *part = oai_json_value_new_from_node (doc, child);

      if (object)
        oai_json_value_set_member (value, name, part);
      else
        oai_json_value_append (value, part);
    }

  return value;
}

OaiJsonValue *
oai_json_value_new_from_node (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonValue *value;
  const char *text;
  gsize length;

  switch (oai_json_get_type (doc, node))
    {
    case OAI_JSON_BOOLEAN:
      value = value_new (OAI_JSON_BOOLEAN);
      oai_json_get_boolean (doc, node, &value->boolean);
      return value;
    case OAI_JSON_INT:
    case OAI_JSON_DOUBLE:
      return new_number (doc, node);
    case OAI_JSON_STRING:
      text = oai_json_get_string (doc, node, &length);
      return oai_json_value_new_string (text, (gssize) length);
    case OAI_JSON_ARRAY:
    case OAI_JSON_OBJECT:
      return new_container (doc, node);
    case OAI_JSON_NULL:
    case OAI_JSON_INVALID:
    default:
      return value_new (OAI_JSON_NULL);
    }
}

OaiJsonType
oai_json_value_get_type (OaiJsonValue *value)
{
  return value == NULL ? OAI_JSON_INVALID : value->type;
}

static Member *
find_member (OaiJsonValue *object, const char *name)
{
  guint i;

  if (object == NULL || object->members == NULL)
    return NULL;
  if (object->positions != NULL)
    {
      i = GPOINTER_TO_UINT (g_hash_table_lookup (object->positions, name));
      return i == 0 ? NULL : &g_array_index (object->members, Member, i - 1);
    }
  for (i = 0; i < object->members->len; i++)
    {
      Member *member = &g_array_index (object->members, Member, i);

      if (*member->name == *name && strcmp (member->name, name) == 0)
        return member;
    }

  return NULL;
}

OaiJsonValue *
oai_json_value_get_member (OaiJsonValue *object, const char *name)
{
  Member *member = find_member (object, name);

  return member == NULL ? NULL : member->value;
}

OaiJsonValue *
oai_json_value_get_nth_member (OaiJsonValue *object, guint position, const char **name)
{
  Member *member = &g_array_index (object->members, Member, position);

  *name = member->name;

  return member->value;
}

OaiJsonValue *
oai_json_value_get_element (OaiJsonValue *array, guint index)
{
  if (array == NULL || array->elements == NULL || index >= array->elements->len)
    return NULL;

  return g_ptr_array_index (array->elements, index);
}

guint
oai_json_value_get_size (OaiJsonValue *container)
{
  if (container == NULL)
    return 0;
  if (container->type == OAI_JSON_ARRAY)
    return container->elements->len;

  return container->members == NULL ? 0 : container->members->len;
}

const char *
oai_json_value_get_string (OaiJsonValue *value, gsize *length)
{
  gboolean is_string = value != NULL && value->type == OAI_JSON_STRING;

  if (length != NULL)
    *length = is_string ? value->text->len : 0;

  return is_string ? value->text->str : NULL;
}

gboolean
oai_json_value_get_int (OaiJsonValue *value, gint64 *number)
{
  if (value == NULL || (value->type != OAI_JSON_INT && value->type != OAI_JSON_DOUBLE))
    return FALSE;
  if (value->type == OAI_JSON_DOUBLE)
    return oai_json_double_to_int (value->number, number);

  *number = value->integer;
  return TRUE;
}

gboolean
oai_json_value_get_boolean (OaiJsonValue *value)
{
  return value != NULL && value->boolean;
}

static void
index_member (OaiJsonValue *object, guint i)
{
  g_hash_table_insert (object->positions, g_array_index (object->members, Member, i).name, GUINT_TO_POINTER (i + 1));
}

static void
add_member (OaiJsonValue *object, const char *name, OaiJsonValue *child)
{
  Member member = { g_strdup (name), child };
  guint i;

  if (object->members == NULL)
    object->members = g_array_new (FALSE, FALSE, sizeof (Member));
  g_array_append_val (object->members, member);

  if (object->positions != NULL)
    index_member (object, object->members->len - 1);
  else if (object->members->len > INDEX_THRESHOLD)
    {
      object->positions = g_hash_table_new (oai_json_hash_name, g_str_equal);
      for (i = 0; i < object->members->len; i++)
        index_member (object, i);
    }
}

OaiJsonValue *
oai_json_value_set_member (OaiJsonValue *object, const char *name, OaiJsonValue *child)
{
  Member *member;

  g_return_val_if_fail (object != NULL && object->type == OAI_JSON_OBJECT, NULL);
  g_return_val_if_fail (child != NULL, NULL);

  member = find_member (object, name);
  if (member == NULL)
    {
      add_member (object, name, child);
      return child;
    }
  if (member->value != child)
    oai_json_value_free (member->value);
  member->value = child;

  return child;
}

OaiJsonValue *
oai_json_value_append (OaiJsonValue *array, OaiJsonValue *child)
{
  g_return_val_if_fail (array != NULL && array->type == OAI_JSON_ARRAY, NULL);

  g_ptr_array_add (array->elements, child);

  return child;
}

OaiJsonValue *
oai_json_value_insert (OaiJsonValue *array, guint index, OaiJsonValue *child)
{
  g_return_val_if_fail (array != NULL && array->type == OAI_JSON_ARRAY, NULL);

  g_ptr_array_insert (array->elements, (int) index, child);
  g_clear_pointer (&array->positions, g_hash_table_unref);
  array->n_indexed = 0;

  return child;
}

static gboolean
has_text (OaiJsonValue *element, const char *member, const char *text)
{
  return g_strcmp0 (oai_json_value_get_string (oai_json_value_get_member (element, member), NULL), text) == 0;
}

/* A long array has an index that maps the text of one member to the position of the element + 1. */
static OaiJsonValue *
find_indexed (OaiJsonValue *array, const char *member, const char *text)
{
  OaiJsonValue *element;
  guint position;

  if (array->positions == NULL)
    array->positions = g_hash_table_new_full (oai_json_hash_name, g_str_equal, g_free, NULL);
  for (; array->n_indexed < array->elements->len; array->n_indexed++)
    {
      const char *own = oai_json_value_get_string (oai_json_value_get_member (g_ptr_array_index (array->elements, array->n_indexed), member), NULL);

      if (own != NULL)
        g_hash_table_replace (array->positions, g_strdup (own), GUINT_TO_POINTER (array->n_indexed + 1));
    }

  position = GPOINTER_TO_UINT (g_hash_table_lookup (array->positions, text));
  element = position > 0 ? g_ptr_array_index (array->elements, position - 1) : NULL;

  return element != NULL && has_text (element, member, text) ? element : NULL;
}

OaiJsonValue *
oai_json_value_find_element (OaiJsonValue *array, const char *member, const char *text)
{
  g_return_val_if_fail (array != NULL && array->type == OAI_JSON_ARRAY, NULL);

  if (array->elements->len > INDEX_THRESHOLD)
    return find_indexed (array, member, text);
  for (guint i = array->elements->len; i > 0; i--)
    if (has_text (g_ptr_array_index (array->elements, i - 1), member, text))
      return g_ptr_array_index (array->elements, i - 1);

  return NULL;
}

OaiJsonValue *
oai_json_value_ensure_indexed (OaiJsonValue *array, gint64 index)
{
  g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT, index);
  guint position;

  if (array->positions == NULL)
    array->positions = g_hash_table_new_full (oai_json_hash_name, g_str_equal, g_free, NULL);
  position = GPOINTER_TO_UINT (g_hash_table_lookup (array->positions, key));
  if (position > 0)
    return g_ptr_array_index (array->elements, position - 1);

  g_hash_table_insert (array->positions, g_steal_pointer (&key), GUINT_TO_POINTER (array->elements->len + 1));

  return oai_json_value_append (array, oai_json_value_new_object ());
}

int
oai_json_value_get_repeats (OaiJsonValue *string)
{
  return (int) string->integer;
}

void
oai_json_value_set_repeats (OaiJsonValue *string, int repeats)
{
  string->integer = repeats;
}

void
oai_json_value_assign (OaiJsonValue *value, OaiJsonValue *other)
{
  value_clear (value);
  *value = *other;
  g_free (other);
}

/* The bytes are only copied if they are still in use elsewhere. */
static G_GNUC_NO_INLINE void
append_to_shared (OaiJsonValue *value, const char *text, gssize length)
{
  value->text->str = g_bytes_unref_to_data (g_steal_pointer (&value->shared), &value->text->allocated_len);
  g_string_append_len (value->text, text, length);
}

void
oai_json_value_append_string (OaiJsonValue *value, const char *text, gssize length)
{
  g_return_if_fail (value != NULL && value->type == OAI_JSON_STRING);

  if (G_UNLIKELY (value->shared != NULL))
    append_to_shared (value, text, length);
  else
    g_string_append_len (value->text, text, length);
}

/* The memory stays where it is, since the text may be borrowed. */
GBytes *
oai_json_value_share_string (OaiJsonValue *value)
{
  g_return_val_if_fail (value != NULL && value->type == OAI_JSON_STRING, NULL);

  if (value->shared == NULL)
    value->shared = g_bytes_new_take (value->text->str, value->text->len + 1);

  return g_bytes_ref (value->shared);
}

/* Replaces the content of value with that of the node. */
static void
value_replace (OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode node)
{
  oai_json_value_assign (value, oai_json_value_new_from_node (doc, node));
}

static gboolean
does_not_fit (GError **error, const char *what)
{
  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, "A streamed part does not continue what came before: %s", what);

  return FALSE;
}

static gboolean
add_numbers (OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode delta)
{
  gint64 integer = 0, sum;
  double number = 0;

  oai_json_get_double (doc, delta, &number);
  if (value->type == OAI_JSON_INT && oai_json_get_type (doc, delta) == OAI_JSON_INT &&
      oai_json_get_int (doc, delta, &integer) && !__builtin_add_overflow (value->integer, integer, &sum))
    {
      value->integer = sum;
      value->number = (double) sum;
      return TRUE;
    }

  value->type = OAI_JSON_DOUBLE;
  value->number += number;
  if (value->text != NULL)
    g_string_free (g_steal_pointer (&value->text), TRUE);

  return TRUE;
}

static gboolean
merge_objects (OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode delta, GError **error)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;

  oai_json_iter_init_members (&iter, doc, delta);
  while (oai_json_iter_next (&iter, &name, &node))
    {
      OaiJsonValue *member = oai_json_value_get_member (value, name);

      if (member == NULL)
        oai_json_value_set_member (value, name, oai_json_value_new_from_node (doc, node));
      else if (strcmp (name, "index") == 0 || strcmp (name, "type") == 0)
        {
          if (oai_json_get_type (doc, node) != OAI_JSON_NULL)
            value_replace (member, doc, node);
        }
      else if (!oai_json_value_accumulate (member, doc, node, error))
        return FALSE;
    }

  return TRUE;
}

static gint64
element_index (OaiJsonValue *array, guint position)
{
  gint64 index;

  if (!oai_json_value_get_int (oai_json_value_get_member (oai_json_value_get_element (array, position), "index"), &index))
    return position;

  return index;
}

/* Returns the element with this index, or NULL and the position to insert it. */
static OaiJsonValue *
find_element (OaiJsonValue *array, gint64 index, guint *position)
{
  guint low = 0, high = array->elements->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (element_index (array, middle) < index)
        low = middle + 1;
      else
        high = middle;
    }
  *position = low;

  return low < array->elements->len && element_index (array, low) == index ? g_ptr_array_index (array->elements, low) : NULL;
}

static gboolean
merge_element (OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  OaiJsonNode index_node = oai_json_get_member (doc, node, "index");
  OaiJsonValue *element;
  gint64 index = 0;
  guint position = 0;

  if (oai_json_get_type (doc, node) != OAI_JSON_OBJECT)
    return does_not_fit (error, "an element of a list is no object");

  if (oai_json_get_type (doc, index_node) <= OAI_JSON_NULL)
    return does_not_fit (error, "an element of a list has no index");
  if (!oai_json_get_int (doc, index_node, &index) || index < 0 || index > G_MAXINT)
    return does_not_fit (error, "the index of an element is no whole number");

  element = find_element (value, index, &position);
  if (element == NULL)
    {
      g_ptr_array_insert (value->elements, (int) MIN (position, value->elements->len), oai_json_value_new_from_node (doc, node));
      return TRUE;
    }

  return oai_json_value_accumulate (element, doc, node, error);
}

static gboolean
merge_arrays (OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode delta, GError **error)
{
  gboolean objects = oai_json_value_get_type (oai_json_value_get_element (value, 0)) == OAI_JSON_OBJECT;
  OaiJsonIter iter;
  OaiJsonNode node;

  oai_json_iter_init (&iter, doc, delta);
  if (!objects && value->elements->len == 0)
    objects = oai_json_get_type (doc, oai_json_get_element (doc, delta, 0)) == OAI_JSON_OBJECT;
  while (oai_json_iter_next (&iter, NULL, &node))
    {
      if (!objects)
        oai_json_value_append (value, oai_json_value_new_from_node (doc, node));
      else if (!merge_element (value, doc, node, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
oai_json_value_accumulate (OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode delta, GError **error)
{
  OaiJsonType type = oai_json_get_type (doc, delta);
  const char *text;
  gsize length;

  if (type == OAI_JSON_NULL || type == OAI_JSON_INVALID)
    return TRUE;
  if (value->type == OAI_JSON_NULL || (value->type == OAI_JSON_BOOLEAN && type == OAI_JSON_BOOLEAN))
    {
      value_replace (value, doc, delta);
      return TRUE;
    }
  if ((type == OAI_JSON_INT || type == OAI_JSON_DOUBLE) && (value->type == OAI_JSON_INT || value->type == OAI_JSON_DOUBLE))
    return add_numbers (value, doc, delta);
  if (type != value->type)
    return does_not_fit (error, "it is of another type");
  if (type == OAI_JSON_OBJECT)
    return merge_objects (value, doc, delta, error);
  if (type == OAI_JSON_ARRAY)
    return merge_arrays (value, doc, delta, error);

  text = oai_json_get_string (doc, delta, &length);
  oai_json_value_append_string (value, text, (gssize) length);

  return TRUE;
}

static void
write_members (GString *out, OaiJsonValue *value)
{
  guint i;

  g_string_append_c (out, '{');
  for (i = 0; value->members != NULL && i < value->members->len; i++)
    {
      Member *member = &g_array_index (value->members, Member, i);

      if (i > 0)
        g_string_append_c (out, ',');
      oai_json_write_string (out, member->name, -1);
      g_string_append_c (out, ':');
      oai_json_write_value (out, member->value);
    }
  g_string_append_c (out, '}');
}

static void
write_elements (GString *out, OaiJsonValue *value)
{
  guint i;

  g_string_append_c (out, '[');
  for (i = 0; i < value->elements->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      oai_json_write_value (out, g_ptr_array_index (value->elements, i));
    }
  g_string_append_c (out, ']');
}

void
oai_json_write_value (GString *out, OaiJsonValue *value)
{
  switch (value->type)
    {
    case OAI_JSON_BOOLEAN:
      g_string_append (out, value->boolean ? "true" : "false");
      break;
    case OAI_JSON_INT:
      oai_json_write_int (out, value->integer);
      break;
    case OAI_JSON_DOUBLE:
      if (value->text != NULL)
        g_string_append_len (out, value->text->str, (gssize) value->text->len);
      else
        oai_json_write_double (out, value->number);
      break;
    case OAI_JSON_STRING:
      oai_json_write_string (out, value->text->str, (gssize) value->text->len);
      break;
    case OAI_JSON_ARRAY:
      write_elements (out, value);
      break;
    case OAI_JSON_OBJECT:
      write_members (out, value);
      break;
    case OAI_JSON_NULL:
    case OAI_JSON_INVALID:
    default:
      g_string_append (out, "null");
      break;
    }
}
