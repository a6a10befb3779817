/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-schema-check-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"

typedef struct
{
  OaiJsonDoc *doc;
  GString *path; /* of the schema that is checked: "/properties/city" */
  GError **error;
} Check;

/* Recursive; the parser limits the depth. */
static gboolean check_schema (Check *self, OaiJsonNode schema);

G_GNUC_PRINTF (2, 3)
static gboolean
fail (Check *self, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* Translators: the first %s is a position in the schema, such as #/properties/city; the second is a
   * sentence. */
  g_set_error (self->error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The JSON schema is not valid: “#%s”: %s"), self->path->str, reason);

  return FALSE;
}

/* Values of keywords */

static gboolean
check_string (Check *self, const char *keyword, OaiJsonNode node)
{
  return oai_json_get_type (self->doc, node) == OAI_JSON_STRING || fail (self, _("“%s” must be a string"), keyword);
}

static gboolean
check_boolean (Check *self, const char *keyword, OaiJsonNode node)
{
  return oai_json_get_type (self->doc, node) == OAI_JSON_BOOLEAN || fail (self, _("“%s” must be true or false"), keyword);
}

static gboolean
check_number (Check *self, const char *keyword, OaiJsonNode node)
{
  double number;

  return oai_json_get_double (self->doc, node, &number) || fail (self, _("“%s” must be a number"), keyword);
}

/* In old drafts, true makes another limit exclusive. */
static gboolean
check_exclusive_limit (Check *self, const char *keyword, OaiJsonNode node)
{
  return oai_json_get_type (self->doc, node) == OAI_JSON_BOOLEAN || check_number (self, keyword, node);
}

static gboolean
check_list (Check *self, const char *keyword, OaiJsonNode node)
{
  return oai_json_get_type (self->doc, node) == OAI_JSON_ARRAY || fail (self, _("“%s” must be a list of values"), keyword);
}

static gboolean
check_names (Check *self, const char *keyword, OaiJsonNode node)
{
  OaiJsonIter iter;
  OaiJsonNode name;

  if (oai_json_get_type (self->doc, node) != OAI_JSON_ARRAY)
    return fail (self, _("“%s” must be a list of names"), keyword);

  oai_json_iter_init (&iter, self->doc, node);
  while (oai_json_iter_next (&iter, NULL, &name))
    if (oai_json_get_type (self->doc, name) != OAI_JSON_STRING)
      return fail (self, _("“%s” must be a list of names"), keyword);

  return TRUE;
}

static gboolean
check_type_name (Check *self, OaiJsonNode node)
{
  static const char *const names[] = { "null", "boolean", "integer", "number", "string", "array", "object", NULL };
  const char *name = oai_json_get_string (self->doc, node, NULL);
  g_autofree char *list = NULL;

  if (name != NULL && g_strv_contains (names, name))
    return TRUE;

  list = g_strjoinv (", ", (GStrv) names);

  /* Translators: %s is a list of names, which are not translated. */
  return fail (self, _("“type” must be one of: %s"), list);
}

static gboolean
check_type (Check *self, const char *keyword, OaiJsonNode node)
{
  OaiJsonIter iter;
  OaiJsonNode name;

  if (oai_json_get_type (self->doc, node) != OAI_JSON_ARRAY)
    return check_type_name (self, node);

  oai_json_iter_init (&iter, self->doc, node);
  while (oai_json_iter_next (&iter, NULL, &name))
    if (!check_type_name (self, name))
      return FALSE;

  return TRUE;
}

/* Schemas within schemas */

static gboolean
check_inner (Check *self, const char *keyword, OaiJsonNode node)
{
  gsize length = self->path->len;
  gboolean valid;

  g_string_append_printf (self->path, "/%s", keyword);
  valid = check_schema (self, node);
  g_string_truncate (self->path, length);

  return valid;
}

/* Checks the schemas that an array or an object contains. */
static gboolean
check_elements (Check *self, const char *keyword, OaiJsonNode node)
{
  gsize length = self->path->len;
  gboolean valid = TRUE;
  const char *name;
  OaiJsonIter iter;
  OaiJsonNode schema;

  g_string_append_printf (self->path, "/%s", keyword);
  oai_json_iter_init (&iter, self->doc, node);
  for (guint i = 0; valid && oai_json_iter_next (&iter, &name, &schema); i++)
    {
      g_autofree char *index = name == NULL ? g_strdup_printf ("%u", i) : NULL;

      valid = check_inner (self, name != NULL ? name : index, schema);
    }
  g_string_truncate (self->path, length);

  return valid;
}

static gboolean
check_map (Check *self, const char *keyword, OaiJsonNode node)
{
  if (oai_json_get_type (self->doc, node) != OAI_JSON_OBJECT)
    return fail (self, _("“%s” must be an object"), keyword);

  return check_elements (self, keyword, node);
}

static gboolean
check_branches (Check *self, const char *keyword, OaiJsonNode node)
{
  if (oai_json_get_type (self->doc, node) != OAI_JSON_ARRAY)
    return fail (self, _("“%s” must be a list of schemas"), keyword);

  return check_elements (self, keyword, node);
}

/* In old drafts, a list has schemas of the first elements. */
static gboolean
check_items (Check *self, const char *keyword, OaiJsonNode node)
{
  return oai_json_get_type (self->doc, node) == OAI_JSON_ARRAY ? check_elements (self, keyword, node) : check_inner (self, keyword, node);
}

static gboolean
check_dependent_required (Check *self, const char *keyword, OaiJsonNode node)
{
  OaiJsonIter iter;
  OaiJsonNode names;

  if (oai_json_get_type (self->doc, node) != OAI_JSON_OBJECT)
    return fail (self, _("“%s” must be an object"), keyword);

  oai_json_iter_init (&iter, self->doc, node);
  while (oai_json_iter_next (&iter, NULL, &names))
    if (!check_names (self, keyword, names))
      return FALSE;

  return TRUE;
}

typedef struct
{
  const char *name;
  gboolean (*check) (Check *self, const char *keyword, OaiJsonNode node);
} Keyword;

static const Keyword keywords[] = {
  { "$defs", check_map },
  { "$ref", check_string },
  { "additionalItems", check_inner },
  { "additionalProperties", check_inner },
  { "allOf", check_branches },
  { "anyOf", check_branches },
  { "contains", check_inner },
  { "definitions", check_map },
  { "dependentRequired", check_dependent_required },
  { "dependentSchemas", check_map },
  { "description", check_string },
  { "else", check_inner },
  { "enum", check_list },
  { "exclusiveMaximum", check_exclusive_limit },
  { "exclusiveMinimum", check_exclusive_limit },
  { "format", check_string },
  { "if", check_inner },
  { "items", check_items },
  { "maxContains", check_number },
  { "maxItems", check_number },
  { "maxLength", check_number },
  { "maxProperties", check_number },
  { "maximum", check_number },
  { "minContains", check_number },
  { "minItems", check_number },
  { "minLength", check_number },
  { "minProperties", check_number },
  { "minimum", check_number },
  { "multipleOf", check_number },
  { "not", check_inner },
  { "nullable", check_boolean },
  { "oneOf", check_branches },
  { "pattern", check_string },
  { "patternProperties", check_map },
  { "prefixItems", check_branches },
  { "properties", check_map },
  { "propertyNames", check_inner },
  { "required", check_names },
  { "then", check_inner },
  { "title", check_string },
  { "type", check_type },
  { "unevaluatedItems", check_inner },
  { "unevaluatedProperties", check_inner },
  { "uniqueItems", check_boolean },
};

static int
compare_keyword (const void *name, const void *keyword)
{
  return strcmp (name, ((const Keyword *) keyword)->name);
}

static gboolean
check_schema (Check *self, OaiJsonNode schema)
{
  const char *name;
  OaiJsonIter iter;
  OaiJsonNode node;

  if (oai_json_get_type (self->doc, schema) == OAI_JSON_BOOLEAN)
    return TRUE;
  if (oai_json_get_type (self->doc, schema) != OAI_JSON_OBJECT)
    return fail (self, _("A schema must be an object, true or false"));

  oai_json_iter_init_members (&iter, self->doc, schema);
  while (oai_json_iter_next (&iter, &name, &node))
    {
      const Keyword *keyword = bsearch (name, keywords, G_N_ELEMENTS (keywords), sizeof (Keyword), compare_keyword);

      if (keyword != NULL && !keyword->check (self, name, node))
        return FALSE;
    }

  return TRUE;
}

gboolean
oai_schema_check (OaiJsonDoc *doc, GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);
  Check self = { doc, path, error };

  return check_schema (&self, 0);
}
