/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mock-json-private.h"

#include <string.h>

/* Members are passed as "name:type" and a value: s string (NULL: null), i int, l gint64, d double, b gboolean,
 * o JsonObject, a JsonArray, n JsonNode (these three are taken, NULL: null), z null, without a value. */
static void
set_member (JsonObject *object, const char *name, char type, va_list *args)
{
  gpointer pointer;

  switch (type)
    {
    case 's':
      pointer = va_arg (*args, char *);
      if (pointer != NULL)
        json_object_set_string_member (object, name, pointer);
      else
        json_object_set_null_member (object, name);
      break;
    case 'i':
      json_object_set_int_member (object, name, va_arg (*args, int));
      break;
    case 'l':
      json_object_set_int_member (object, name, va_arg (*args, gint64));
      break;
    case 'd':
      json_object_set_double_member (object, name, va_arg (*args, double));
      break;
    case 'b':
      json_object_set_boolean_member (object, name, va_arg (*args, gboolean));
      break;
    case 'o':
      pointer = va_arg (*args, JsonObject *);
      if (pointer != NULL)
        json_object_set_object_member (object, name, pointer);
      else
        json_object_set_null_member (object, name);
      break;
    case 'a':
      pointer = va_arg (*args, JsonArray *);
      if (pointer != NULL)
        json_object_set_array_member (object, name, pointer);
      else
        json_object_set_null_member (object, name);
      break;
    case 'n':
      pointer = va_arg (*args, JsonNode *);
      if (pointer != NULL)
        json_object_set_member (object, name, pointer);
      else
        json_object_set_null_member (object, name);
      break;
    case 'z':
      json_object_set_null_member (object, name);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
set_members (JsonObject *object, const char *first_member, va_list *args)
{
  const char *member = first_member;

  while (member != NULL)
    {
      const char *colon = strchr (member, ':');
      g_autofree char *name = NULL;

      g_assert (colon != NULL);
      name = g_strndup (member, colon - member);
      set_member (object, name, colon[1], args);
      member = va_arg (*args, const char *);
    }
}

JsonObject *
oai_mock_object (const char *first_member, ...)
{
  JsonObject *object = json_object_new ();
  va_list args;

  va_start (args, first_member);
  set_members (object, first_member, &args);
  va_end (args);

  return object;
}

void
oai_mock_object_set (JsonObject *object, const char *first_member, ...)
{
  va_list args;

  va_start (args, first_member);
  set_members (object, first_member, &args);
  va_end (args);
}

JsonArray *
oai_mock_array_of_object (JsonObject *object)
{
  JsonArray *array = json_array_new ();

  json_array_add_object_element (array, object);
  return array;
}

JsonArray *
oai_mock_array_of_strings (const char *first, ...)
{
  JsonArray *array = json_array_new ();
  va_list args;

  va_start (args, first);
  for (const char *text = first; text != NULL; text = va_arg (args, const char *))
    json_array_add_string_element (array, text);
  va_end (args);

  return array;
}

/* Takes @object. */
JsonNode *
oai_mock_node_for_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

JsonNode *
oai_mock_parse (const char *text, gssize length, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;

  if (!json_parser_load_from_data (parser, text, length, error))
    return NULL;
  root = json_parser_get_root (parser);
  if (root == NULL)
    {
      g_set_error_literal (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_PARSE, "The text is empty");
      return NULL;
    }

  return json_node_ref (root);
}

char *
oai_mock_node_to_text (JsonNode *node)
{
  return json_to_string (node, FALSE);
}

char *
oai_mock_object_to_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = oai_mock_node_for_object (json_object_ref (object));

  return oai_mock_node_to_text (node);
}

JsonObject *
oai_mock_object_copy (JsonObject *object)
{
  g_autoptr (GList) names = json_object_get_members (object);
  JsonObject *copy = json_object_new ();

  for (GList *l = names; l != NULL; l = l->next)
    json_object_set_member (copy, l->data, json_object_dup_member (object, l->data));

  return copy;
}

/* The member, or NULL if it is absent or null. */
JsonNode *
oai_mock_member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

const char *
oai_mock_get_string (JsonObject *object, const char *name)
{
  JsonNode *node = oai_mock_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;

  return json_node_get_string (node);
}

/* Numbers in a form are text. */
gint64
oai_mock_get_int (JsonObject *object, const char *name, gint64 fallback)
{
  JsonNode *node = oai_mock_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_ascii_strtoll (json_node_get_string (node), NULL, 10);

  return json_node_get_int (node);
}

double
oai_mock_get_double (JsonObject *object, const char *name, double fallback)
{
  JsonNode *node = oai_mock_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_ascii_strtod (json_node_get_string (node), NULL);

  return json_node_get_double (node);
}

gboolean
oai_mock_get_boolean (JsonObject *object, const char *name, gboolean fallback)
{
  JsonNode *node = oai_mock_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_str_equal (json_node_get_string (node), "true");

  return json_node_get_boolean (node);
}

JsonObject *
oai_mock_get_object (JsonObject *object, const char *name)
{
  JsonNode *node = oai_mock_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
oai_mock_get_array (JsonObject *object, const char *name)
{
  JsonNode *node = oai_mock_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

JsonObject *
oai_mock_array_get_object (JsonArray *array, guint index)
{
  JsonNode *node = array != NULL && index < json_array_get_length (array) ? json_array_get_element (array, index) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

void
oai_mock_copy_members (JsonObject *from, JsonObject *to, const char *const *names)
{
  for (guint i = 0; from != NULL && names[i] != NULL; i++)
    if (json_object_has_member (from, names[i]))
      json_object_set_member (to, names[i], json_object_dup_member (from, names[i]));
}

JsonNode *
oai_mock_dup_member (JsonObject *object, const char *name)
{
  JsonNode *node = oai_mock_member (object, name);

  return node != NULL ? json_node_copy (node) : NULL;
}

/* Instances of JSON schemas */

static JsonNode *sample (JsonObject *root, JsonObject *schema, const char *name, const char *text, guint depth);

static JsonObject *
resolve (JsonObject *root, JsonObject *schema)
{
  const char *reference = oai_mock_get_string (schema, "$ref");
  g_auto (GStrv) steps = NULL;

  if (reference == NULL || reference[0] != '#')
    return schema;

  steps = g_strsplit (reference, "/", -1);
  schema = root;
  for (guint i = 1; steps[0] != NULL && steps[i] != NULL && schema != NULL; i++)
    schema = oai_mock_get_object (schema, steps[i]);

  return schema;
}

static JsonNode *
sample_object (JsonObject *root, JsonObject *schema, const char *text, guint depth)
{
  JsonObject *result = json_object_new ();
  JsonObject *properties = oai_mock_get_object (schema, "properties");
  g_autoptr (GList) names = properties != NULL ? json_object_get_members (properties) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    json_object_set_member (result, l->data, sample (root, oai_mock_get_object (properties, l->data), l->data, text, depth + 1));

  return oai_mock_node_for_object (result);
}

static JsonNode *
sample_array (JsonObject *root, JsonObject *schema, const char *name, const char *text, guint depth)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();
  JsonObject *items = oai_mock_get_object (schema, "items");

  if (items != NULL && depth < 8)
    json_array_add_element (array, sample (root, items, name, text, depth + 1));
  json_node_take_array (node, array);

  return node;
}

static JsonNode *
sample_string (JsonObject *schema, const char *text)
{
  const char *format = oai_mock_get_string (schema, "format");
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  if (g_strcmp0 (format, "date") == 0)
    text = "2024-02-29";
  else if (g_strcmp0 (format, "date-time") == 0)
    text = "2024-02-29T12:00:00Z";
  else if (g_strcmp0 (format, "uuid") == 0)
    text = "00000000-0000-4000-8000-000000000000";
  json_node_set_string (node, text);

  return node;
}

static const char *
schema_type (JsonObject *schema)
{
  JsonArray *types = oai_mock_get_array (schema, "type");

  if (types != NULL && json_array_get_length (types) > 0)
    return json_array_get_string_element (types, 0);
  if (oai_mock_get_string (schema, "type") != NULL)
    return oai_mock_get_string (schema, "type");

  return oai_mock_get_object (schema, "properties") != NULL ? "object" : "string";
}

static JsonNode *
sample_number (JsonObject *schema, gboolean integer)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  if (integer)
    json_node_set_int (node, oai_mock_get_int (schema, "minimum", 21));
  else
    json_node_set_double (node, oai_mock_get_double (schema, "minimum", 21.5));

  return node;
}

static JsonNode *
sample (JsonObject *root, JsonObject *schema, const char *name, const char *text, guint depth)
{
  JsonArray *choices;
  const char *type;
  JsonNode *node;

  schema = resolve (root, schema);
  if (schema == NULL || depth > 8)
    return json_node_new (JSON_NODE_NULL);
  choices = oai_mock_get_array (schema, "enum");
  if (choices != NULL && json_array_get_length (choices) > 0)
    return json_array_dup_element (choices, 0);
  if (json_object_has_member (schema, "const"))
    return json_object_dup_member (schema, "const");
  choices = oai_mock_get_array (schema, "anyOf");
  if (choices != NULL)
    return sample (root, oai_mock_array_get_object (choices, 0), name, text, depth + 1);

  type = schema_type (schema);
  if (g_str_equal (type, "object"))
    return sample_object (root, schema, text, depth);
  if (g_str_equal (type, "array"))
    return sample_array (root, schema, name, text, depth);
  if (g_str_equal (type, "integer") || g_str_equal (type, "number"))
    return sample_number (schema, type[0] == 'i');
  if (g_str_equal (type, "null"))
    return json_node_new (JSON_NODE_NULL);
  if (!g_str_equal (type, "boolean"))
    return sample_string (schema, text);

  node = json_node_new (JSON_NODE_VALUE);
  json_node_set_boolean (node, TRUE);
  return node;
}

/* A value that @schema allows; its strings contain @text. */
JsonNode *
oai_mock_sample (JsonObject *schema, const char *text)
{
  return sample (schema, schema, NULL, text, 0);
}
