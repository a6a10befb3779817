/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Validates JSON with JSON Schema as in OpenAPI 3.0 and 3.1.
 *
 * If the schemas of an object list properties and do not allow others explicitly, other members are errors. */

#include "oai-mock-validate-private.h"

#include <math.h>
#include <string.h>

#define MAX_DEPTH 64

/* The members of one object that the schemas so far contain. */
typedef struct {
  GHashTable *names;
  gboolean open;
} Known;

static void check_schema (OaiMockValidator *self, JsonNode *node, JsonObject *schema, const char *path, GPtrArray *errors, Known *known);

static void add_error (GPtrArray *errors, const char *path, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
add_error (GPtrArray *errors, const char *path, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (errors, g_strdup_printf ("%s %s", *path != '\0' ? path : "the body", text));
}

static void
known_init (Known *known)
{
  known->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  known->open = FALSE;
}

static void
known_clear (Known *known)
{
  g_clear_pointer (&known->names, g_hash_table_unref);
}

static void
known_merge (Known *known, Known *other)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, other->names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_hash_table_add (known->names, g_strdup (name));
  known->open |= other->open;
}

/* Resolves a `$ref` in the document. */
JsonObject *
_oai_mock_validator_resolve (OaiMockValidator *self, JsonObject *schema)
{
  const char *reference = oai_mock_get_string (schema, "$ref");
  g_auto (GStrv) steps = NULL;
  JsonObject *target = self->document;

  if (reference == NULL)
    return schema;
  steps = g_strsplit (reference, "/", -1);
  for (guint i = 1; steps[0] != NULL && steps[i] != NULL && target != NULL; i++)
    target = oai_mock_get_object (target, steps[i]);

  return target;
}

static const char *
type_of (JsonNode *node)
{
  GType type;

  if (JSON_NODE_HOLDS_NULL (node))
    return "null";
  if (JSON_NODE_HOLDS_OBJECT (node))
    return "object";
  if (JSON_NODE_HOLDS_ARRAY (node))
    return "array";
  type = json_node_get_value_type (node);
  if (type == G_TYPE_STRING)
    return "string";
  if (type == G_TYPE_BOOLEAN)
    return "boolean";
  if (type == G_TYPE_INT64)
    return "integer";

  return json_node_get_double (node) == floor (json_node_get_double (node)) ? "integer" : "number";
}

static gboolean
text_fits_type (const char *text, const char *type)
{
  char *end = NULL;

  if (g_str_equal (type, "integer"))
    g_ascii_strtoll (text, &end, 10);
  else if (g_str_equal (type, "number"))
    g_ascii_strtod (text, &end);
  else if (g_str_equal (type, "boolean"))
    return g_str_equal (text, "true") || g_str_equal (text, "false");
  else if (g_str_equal (type, "object"))
    return text[0] == '{';

  return end != NULL && end != text && *end == '\0';
}

static gboolean
fits_type (OaiMockValidator *self, JsonNode *node, const char *type)
{
  const char *actual = type_of (node);

  if (g_str_equal (actual, type) || (g_str_equal (type, "number") && g_str_equal (actual, "integer")))
    return TRUE;
  if (!self->form || !g_str_equal (actual, "string"))
    return FALSE;

  return g_str_equal (type, "array") || text_fits_type (json_node_get_string (node), type);
}

static gboolean
check_type (OaiMockValidator *self, JsonNode *node, JsonObject *schema, const char *path, GPtrArray *errors)
{
  JsonNode *wanted = oai_mock_member (schema, "type");
  JsonArray *types = wanted != NULL && JSON_NODE_HOLDS_ARRAY (wanted) ? json_node_get_array (wanted) : NULL;
  const char *type = wanted != NULL && types == NULL ? json_node_get_string (wanted) : NULL;
  g_autoptr (GString) names = NULL;

  if (type == NULL && types == NULL && oai_mock_get_object (schema, "properties") != NULL)
    type = "object";
  if (type == NULL && types == NULL)
    return TRUE;
  if (type != NULL && fits_type (self, node, type))
    return TRUE;

  names = g_string_new (type);
  for (guint i = 0; types != NULL && i < json_array_get_length (types); i++)
    {
      if (fits_type (self, node, json_array_get_string_element (types, i)))
        return TRUE;
      g_string_append_printf (names, "%s%s", i > 0 ? " or " : "", json_array_get_string_element (types, i));
    }
  add_error (errors, path, "is of type %s, not %s", type_of (node), names->str);

  return FALSE;
}

static gboolean
equal (OaiMockValidator *self, JsonNode *node, JsonNode *choice)
{
  g_autofree char *text = NULL;

  if (json_node_equal (node, choice))
    return TRUE;
  if (!self->form || !JSON_NODE_HOLDS_VALUE (node) || !JSON_NODE_HOLDS_VALUE (choice) || json_node_get_value_type (node) != G_TYPE_STRING)
    return FALSE;
  text = oai_mock_node_to_text (choice);

  return g_str_equal (text, json_node_get_string (node));
}

static void
check_enum (OaiMockValidator *self, JsonNode *node, JsonObject *schema, const char *path, GPtrArray *errors)
{
  JsonArray *choices = oai_mock_get_array (schema, "enum");
  JsonNode *constant = oai_mock_member (schema, "const");
  g_autofree char *text = oai_mock_node_to_text (node);

  if (constant != NULL && !equal (self, node, constant))
    add_error (errors, path, "has the value %s, which is not the only one allowed", text);
  if (choices == NULL)
    return;
  for (guint i = 0; i < json_array_get_length (choices); i++)
    if (equal (self, node, json_array_get_element (choices, i)))
      return;
  add_error (errors, path, "has the value %s, which is none of those allowed", text);
}

static void
check_string (OaiMockValidator *self, const char *text, JsonObject *schema, const char *path, GPtrArray *errors)
{
  const char *pattern = oai_mock_get_string (schema, "pattern");
  gboolean binary = g_strcmp0 (oai_mock_get_string (schema, "format"), "binary") == 0;
  gint64 length = g_utf8_strlen (text, -1);

  if (self->form && binary != (text[0] == OAI_MOCK_FILE_MARK))
    add_error (errors, path, "%s", binary ? "lacks a file name, as a file has it" : "has a file name but is no file");
  if (length < oai_mock_get_int (schema, "minLength", 0))
    add_error (errors, path, "is shorter than %" G_GINT64_FORMAT " characters", oai_mock_get_int (schema, "minLength", 0));
  if (length > oai_mock_get_int (schema, "maxLength", G_MAXINT64))
    add_error (errors, path, "is longer than %" G_GINT64_FORMAT " characters", oai_mock_get_int (schema, "maxLength", 0));
  if (pattern != NULL && !g_regex_match_simple (pattern, text, 0, 0))
    add_error (errors, path, "does not match the pattern %s", pattern);
}

/* In OpenAPI 3.0 a boolean excludes the limit; in 3.1 a number is the excluded limit. */
static gboolean
is_excluded (double value, JsonObject *schema, const char *name, const char *limit_name)
{
  JsonNode *node = oai_mock_member (schema, name);

  if (node == NULL)
    return FALSE;
  if (json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return g_str_equal (limit_name, "minimum") ? value <= json_node_get_double (node) : value >= json_node_get_double (node);

  return json_node_get_boolean (node) && value == oai_mock_get_double (schema, limit_name, NAN);
}

static void
check_number (double value, JsonObject *schema, const char *path, GPtrArray *errors)
{
  if (value < oai_mock_get_double (schema, "minimum", -INFINITY) || is_excluded (value, schema, "exclusiveMinimum", "minimum"))
    add_error (errors, path, "is %g, which is too small", value);
  if (value > oai_mock_get_double (schema, "maximum", INFINITY) || is_excluded (value, schema, "exclusiveMaximum", "maximum"))
    add_error (errors, path, "is %g, which is too large", value);
}

static void
check_array (OaiMockValidator *self, JsonArray *array, JsonObject *schema, const char *path, GPtrArray *errors)
{
  JsonObject *items = oai_mock_get_object (schema, "items");
  gint64 length = json_array_get_length (array);

  if (length < oai_mock_get_int (schema, "minItems", 0))
    add_error (errors, path, "has fewer than %" G_GINT64_FORMAT " elements", oai_mock_get_int (schema, "minItems", 0));
  if (length > oai_mock_get_int (schema, "maxItems", G_MAXINT64))
    add_error (errors, path, "has more than %" G_GINT64_FORMAT " elements", oai_mock_get_int (schema, "maxItems", 0));
  for (guint i = 0; items != NULL && i < length; i++)
    {
      g_autofree char *element_path = g_strdup_printf ("%s[%u]", path, i);

      _oai_mock_validator_check (self, json_array_get_element (array, i), items, element_path, errors);
    }
}

static char *
member_path (const char *path, const char *name)
{
  return *path != '\0' ? g_strdup_printf ("%s.%s", path, name) : g_strdup (name);
}

/* The document requires some members that it does not describe. */
static gboolean
is_described (JsonObject *schema, const char *name)
{
  JsonObject *properties = oai_mock_get_object (schema, "properties");

  return properties == NULL || json_object_has_member (properties, name) || json_object_has_member (schema, "allOf");
}

static void
check_required (JsonObject *object, JsonObject *schema, const char *path, GPtrArray *errors)
{
  JsonArray *required = oai_mock_get_array (schema, "required");

  for (guint i = 0; required != NULL && i < json_array_get_length (required); i++)
    {
      const char *name = json_array_get_string_element (required, i);
      g_autofree char *full = member_path (path, name);

      if (!json_object_has_member (object, name) && is_described (schema, name))
        add_error (errors, full, "is missing");
    }
}

static void
check_additional (OaiMockValidator *self, JsonObject *object, JsonObject *schema, const char *path, GPtrArray *errors, Known *known)
{
  JsonObject *properties = oai_mock_get_object (schema, "properties");
  JsonNode *additional = oai_mock_member (schema, "additionalProperties");
  JsonObject *names_schema = oai_mock_get_object (schema, "propertyNames");
  g_autoptr (GList) names = json_object_get_members (object);

  if (additional == NULL)
    return;
  known->open |= JSON_NODE_HOLDS_OBJECT (additional) || json_node_get_boolean (additional);
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *full = member_path (path, l->data);

      if (properties != NULL && json_object_has_member (properties, l->data))
        continue;
      if (names_schema != NULL)
        check_string (self, l->data, names_schema, full, errors);
      if (JSON_NODE_HOLDS_OBJECT (additional))
        _oai_mock_validator_check (self, json_object_get_member (object, l->data), json_node_get_object (additional), full, errors);
    }
}

static void
check_object (OaiMockValidator *self, JsonObject *object, JsonObject *schema, const char *path, GPtrArray *errors, Known *known)
{
  JsonObject *properties = oai_mock_get_object (schema, "properties");
  g_autoptr (GList) names = properties != NULL ? json_object_get_members (properties) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *member = json_object_get_member (object, l->data);
      g_autofree char *full = member_path (path, l->data);

      g_hash_table_add (known->names, g_strdup (l->data));
      if (member != NULL)
        _oai_mock_validator_check (self, member, oai_mock_get_object (properties, l->data), full, errors);
    }
  check_required (object, schema, path, errors);
  check_additional (self, object, schema, path, errors, known);
  if (json_object_get_size (object) > oai_mock_get_int (schema, "maxProperties", G_MAXINT))
    add_error (errors, path, "has too many members");
}

/* Whether the schema allows @value for its property @name, if it lists values. */
static gboolean
names_value (OaiMockValidator *self, JsonObject *schema, const char *name, JsonNode *value)
{
  JsonObject *properties, *property;
  JsonArray *parts;

  schema = _oai_mock_validator_resolve (self, schema);
  properties = oai_mock_get_object (schema, "properties");
  property = properties != NULL ? oai_mock_get_object (properties, name) : NULL;
  if (property != NULL)
    {
      g_autoptr (GPtrArray) errors = g_ptr_array_new_with_free_func (g_free);

      _oai_mock_validator_check (self, value, property, name, errors);
      return errors->len == 0;
    }

  parts = oai_mock_get_array (schema, "allOf");
  for (guint i = 0; parts != NULL && i < json_array_get_length (parts); i++)
    if (names_value (self, json_array_get_object_element (parts, i), name, value))
      return TRUE;
  for (guint kind = 0; kind < 2; kind++)
    {
      parts = oai_mock_get_array (schema, kind == 0 ? "anyOf" : "oneOf");
      for (guint i = 0; parts != NULL && i < json_array_get_length (parts); i++)
        if (names_value (self, json_array_get_object_element (parts, i), name, value))
          return TRUE;
    }

  return FALSE;
}

/* An object with a tag is compared with the schemas of that tag only, so that the errors are specific. */
static gboolean
is_candidate (OaiMockValidator *self, JsonNode *node, JsonObject *schema, JsonObject *branch)
{
  JsonObject *discriminator = oai_mock_get_object (schema, "discriminator");
  const char *name = discriminator != NULL ? oai_mock_get_string (discriminator, "propertyName") : "type";
  JsonNode *tag = JSON_NODE_HOLDS_OBJECT (node) ? oai_mock_member (json_node_get_object (node), name) : NULL;

  return tag == NULL || names_value (self, branch, name, tag);
}

/* The number of differences between a schema and a value, with a higher weight for another type. */
static guint
distance (GPtrArray *errors, const char *path)
{
  g_autofree char *start = g_strdup_printf ("%s is of type ", path);

  return errors->len + (g_str_has_prefix (g_ptr_array_index (errors, 0), start) ? 100 : 0);
}

static void
check_choice (OaiMockValidator *self, JsonNode *node, JsonObject *schema, JsonArray *branches, const char *path, GPtrArray *errors, Known *known)
{
  g_autoptr (GPtrArray) nearest = NULL;
  gboolean fits = FALSE;

  for (guint i = 0; i < json_array_get_length (branches); i++)
    {
      JsonObject *branch = json_array_get_object_element (branches, i);
      g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
      Known branch_known;

      known_init (&branch_known);
      check_schema (self, node, branch, path, found, &branch_known);
      if (found->len == 0)
        {
          fits = TRUE;
          known_merge (known, &branch_known);
        }
      else if (is_candidate (self, node, schema, branch) && (nearest == NULL || distance (found, path) < distance (nearest, path)))
        {
          g_clear_pointer (&nearest, g_ptr_array_unref);
          nearest = g_steal_pointer (&found);
        }
      known_clear (&branch_known);
    }
  if (fits)
    return;

  known->open = TRUE;
  add_error (errors, path, "has none of the %u shapes allowed", json_array_get_length (branches));
  for (guint i = 0; nearest != NULL && i < nearest->len; i++)
    g_ptr_array_add (errors, g_strdup (g_ptr_array_index (nearest, i)));
}

static void
check_combinations (OaiMockValidator *self, JsonNode *node, JsonObject *schema, const char *path, GPtrArray *errors, Known *known)
{
  JsonArray *all = oai_mock_get_array (schema, "allOf");
  JsonArray *any = oai_mock_get_array (schema, "anyOf");
  JsonArray *one = oai_mock_get_array (schema, "oneOf");
  JsonObject *unwanted = oai_mock_get_object (schema, "not");

  for (guint i = 0; all != NULL && i < json_array_get_length (all); i++)
    check_schema (self, node, json_array_get_object_element (all, i), path, errors, known);
  if (any != NULL)
    check_choice (self, node, schema, any, path, errors, known);
  if (one != NULL)
    check_choice (self, node, schema, one, path, errors, known);
  if (unwanted != NULL)
    {
      g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

      check_schema (self, node, unwanted, path, found, known);
      if (found->len == 0)
        add_error (errors, path, "has the shape that is not allowed");
    }
}

static void
check_form_array (OaiMockValidator *self, JsonNode *node, JsonObject *schema, const char *path, GPtrArray *errors)
{
  g_autoptr (JsonArray) array = json_array_new ();

  json_array_add_element (array, json_node_copy (node));
  check_array (self, array, schema, path, errors);
}

static void
check_value (OaiMockValidator *self, JsonNode *node, JsonObject *schema, const char *path, GPtrArray *errors, Known *known)
{
  const char *type = oai_mock_get_string (schema, "type");

  if (JSON_NODE_HOLDS_OBJECT (node))
    check_object (self, json_node_get_object (node), schema, path, errors, known);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    check_array (self, json_node_get_array (node), schema, path, errors);
  else if (!JSON_NODE_HOLDS_VALUE (node))
    return;
  else if (self->form && g_strcmp0 (type, "array") == 0)
    check_form_array (self, node, schema, path, errors);
  else if (self->form && (g_strcmp0 (type, "integer") == 0 || g_strcmp0 (type, "number") == 0))
    check_number (g_ascii_strtod (json_node_get_string (node), NULL), schema, path, errors);
  else if (g_strcmp0 (type, "string") == 0)
    check_string (self, json_node_get_string (node), schema, path, errors);
  else if (json_node_get_value_type (node) == G_TYPE_INT64 || json_node_get_value_type (node) == G_TYPE_DOUBLE)
    check_number (json_node_get_double (node), schema, path, errors);
}

/* `nullable` can also occur next to a reference in allOf. */
static gboolean
is_nullable (JsonObject *schema)
{
  JsonArray *all = oai_mock_get_array (schema, "allOf");

  for (guint i = 0; all != NULL && i < json_array_get_length (all); i++)
    if (oai_mock_get_boolean (json_array_get_object_element (all, i), "nullable", FALSE))
      return TRUE;

  return oai_mock_get_boolean (schema, "nullable", FALSE);
}

static void
check_schema (OaiMockValidator *self, JsonNode *node, JsonObject *schema, const char *path, GPtrArray *errors, Known *known)
{
  JsonObject *former_anchor = self->anchor;

  if (JSON_NODE_HOLDS_NULL (node) && is_nullable (schema))
    return;
  if (++self->depth > MAX_DEPTH)
    add_error (errors, path, "is nested too deeply");
  else
    {
      if (oai_mock_get_boolean (schema, "$recursiveAnchor", FALSE))
        self->anchor = schema;
      if (oai_mock_get_string (schema, "$ref") != NULL)
        check_schema (self, node, _oai_mock_validator_resolve (self, schema), path, errors, known);
      if (oai_mock_get_string (schema, "$recursiveRef") != NULL && self->anchor != NULL)
        check_schema (self, node, self->anchor, path, errors, known);
      if (check_type (self, node, schema, path, errors))
        {
          check_enum (self, node, schema, path, errors);
          check_value (self, node, schema, path, errors, known);
          check_combinations (self, node, schema, path, errors, known);
        }
    }
  self->depth--;
  self->anchor = former_anchor;
}

static gboolean
is_allowed (OaiMockValidator *self, const char *name, const char *path)
{
  if (self->allowed != NULL && g_hash_table_contains (self->allowed, name))
    return TRUE;

  for (guint i = 0; self->also_allowed != NULL && self->also_allowed[i] != NULL; i++)
    if (g_str_equal (self->also_allowed[i], name) || g_pattern_match_simple (self->also_allowed[i], path))
      return TRUE;

  return FALSE;
}

void
_oai_mock_validator_check (OaiMockValidator *self, JsonNode *node, JsonObject *schema, const char *path, GPtrArray *errors)
{
  g_autoptr (GList) names = JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_members (json_node_get_object (node)) : NULL;
  Known known;

  if (schema == NULL)
    return;
  known_init (&known);
  check_schema (self, node, schema, path, errors, &known);
  for (GList *l = names; l != NULL && !known.open && g_hash_table_size (known.names) > 0; l = l->next)
    {
      g_autofree char *full = member_path (path, l->data);

      if (!g_hash_table_contains (known.names, l->data) && !is_allowed (self, l->data, full))
        add_error (errors, full, "is no member that the API knows");
    }
  known_clear (&known);
}
