/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-schema-validator-private.h"

#include <math.h>
#include <string.h>

#include "oai-error.h"
#include "oai-json-doc-private.h"
#include "oai-json-equal-private.h"
#include "oai-json-hash-private.h"
#include "oai-json-writer-private.h"
#include "oai-schema-pointer-private.h"

#define MAX_DEPTH 1200
#define MAX_STEPS 2000000
/* A pattern takes at most so many steps of PCRE for a string. */
#define PATTERN_LIMITS "(*LIMIT_MATCH=20000)(*LIMIT_DEPTH=1000)"
#define STEPS_OF_PATTERN 2000
#define MAX_PROBLEMS 5
/* The longest list of values or names in a message. */
#define MAX_LISTED 400

typedef struct
{
  OaiJsonDoc *schema;
  OaiJsonDoc *doc;
  GString *path;          /* of the value that is checked: "items[2].price" */
  GString *problems;
  guint n_problems;
  guint silent;           /* problems are not recorded: one of several schemas is tried */
  guint depth;
  gsize steps;
  gboolean exhausted;
  GHashTable *patterns;   /* text → GRegex, or NULL if it is invalid */
} Validator;

static gboolean check (Validator *self, OaiJsonNode schema, OaiJsonNode value);

/* Returns FALSE if the limit is reached. */
static gboolean
spend (Validator *self, gsize steps)
{
  self->steps += steps;
  if (self->steps > MAX_STEPS)
    self->exhausted = TRUE;

  return !self->exhausted;
}

static OaiJsonNode
find_member (Validator *self, OaiJsonDoc *doc, OaiJsonNode object, const char *name)
{
  spend (self, 1 + oai_json_get_size (doc, object) / 4);

  return self->exhausted ? OAI_JSON_NONE : oai_json_get_member (doc, object, name);
}

static OaiJsonNode
find_keyword (Validator *self, OaiJsonNode schema, const char *keyword)
{
  return find_member (self, self->schema, schema, keyword);
}

/* Problems */

static gsize
enter_member (Validator *self, const char *name)
{
  gsize length = self->path->len;

  spend (self, strlen (name) / 64);
  if (length > 0)
    g_string_append_c (self->path, '.');
  g_string_append (self->path, name);

  return length;
}

static gsize
enter_element (Validator *self, guint index)
{
  gsize length = self->path->len;

  g_string_append_printf (self->path, "[%u]", index);

  return length;
}

static void
leave (Validator *self, gsize length)
{
  g_string_truncate (self->path, length);
}

/* Truncates text for a message. */
static char *
finish_text (GString *text)
{
  if (text->len > MAX_LISTED)
    {
      const char *end = g_utf8_find_prev_char (text->str, text->str + MAX_LISTED);

      g_string_truncate (text, (gsize) (end - text->str));
      g_string_append (text, "…");
    }

  return g_string_free (text, FALSE);
}

/* Records a problem of the current value, and returns FALSE.  Messages are not translated, since
 * models read them. */
G_GNUC_PRINTF (2, 3)
static gboolean
fail (Validator *self, const char *format, ...)
{
  g_autofree char *place = NULL;
  va_list arguments;

  if (self->silent > 0 || self->n_problems++ >= MAX_PROBLEMS)
    return FALSE;

  if (self->problems->len > 0)
    g_string_append (self->problems, "; ");
  place = finish_text (g_string_new (self->path->str));
  if (place[0] != '\0')
    g_string_append_printf (self->problems, "“%s” ", place);
  else
    g_string_append (self->problems, "the value ");
  va_start (arguments, format);
  g_string_append_vprintf (self->problems, format, arguments);
  va_end (arguments);

  return FALSE;
}

static void
add_separator (GString *list)
{
  if (list->len > 0)
    g_string_append (list, ", ");
}

/* Types */

static gboolean
is_whole (OaiJsonDoc *doc, OaiJsonNode node)
{
  double number;

  return oai_json_get_double (doc, node, &number) && (isinf (number) || floor (number) == number);
}

static gboolean
has_type (OaiJsonDoc *doc, OaiJsonNode node, const char *name)
{
  static const char *const names[] = {
    [OAI_JSON_NULL] = "null", [OAI_JSON_BOOLEAN] = "boolean", [OAI_JSON_INT] = "number", [OAI_JSON_DOUBLE] = "number",
    [OAI_JSON_STRING] = "string", [OAI_JSON_ARRAY] = "array", [OAI_JSON_OBJECT] = "object"
  };
  OaiJsonType type = oai_json_get_type (doc, node);

  if (g_strcmp0 (name, "integer") == 0)
    return type == OAI_JSON_INT || (type == OAI_JSON_DOUBLE && is_whole (doc, node));

  return g_strcmp0 (names[type], name) == 0;
}

/* Accepts any value without the keyword. */
static gboolean
type_accepts (Validator *self, OaiJsonNode keyword, OaiJsonNode value)
{
  OaiJsonType type = oai_json_get_type (self->schema, keyword);
  OaiJsonIter iter;
  OaiJsonNode name;

  if (type == OAI_JSON_STRING)
    return has_type (self->doc, value, oai_json_get_string (self->schema, keyword, NULL));
  if (type != OAI_JSON_ARRAY)
    return TRUE;

  oai_json_iter_init (&iter, self->schema, keyword);
  while (oai_json_iter_next (&iter, NULL, &name))
    if (has_type (self->doc, value, oai_json_get_string (self->schema, name, NULL)))
      return TRUE;

  return FALSE;
}

static const char *
describe_type (const char *name)
{
  static const char *const names[][2] = {
    { "null", "null" }, { "boolean", "true or false" }, { "integer", "an integer" }, { "number", "a number" },
    { "string", "a string" }, { "array", "an array" }, { "object", "an object" }
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (names[i][0], name) == 0)
      return names[i][1];

  return "of another type";
}

static const char *
describe_value (Validator *self, OaiJsonNode value)
{
  static const char *const names[] = { "null", "boolean", "integer", "number", "string", "array", "object" };

  if (oai_json_get_type (self->doc, value) == OAI_JSON_BOOLEAN)
    return "a boolean";
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (has_type (self->doc, value, names[i]))
      return describe_type (names[i]);

  return "absent";
}

static gboolean
fail_type (Validator *self, OaiJsonNode keyword, OaiJsonNode value)
{
  g_autoptr (GString) types = g_string_new (describe_type (oai_json_get_string (self->schema, keyword, NULL)));
  OaiJsonIter iter;
  OaiJsonNode name;

  if (oai_json_get_type (self->schema, keyword) == OAI_JSON_ARRAY)
    g_string_truncate (types, 0);
  oai_json_iter_init (&iter, self->schema, keyword);
  for (guint i = 0; i < 8 && oai_json_iter_next (&iter, NULL, &name); i++)
    g_string_append_printf (types, "%s%s", i > 0 ? " or " : "", describe_type (oai_json_get_string (self->schema, name, NULL)));

  return fail (self, "must be %s, not %s", types->str, describe_value (self, value));
}

/* Values */

static char *
list_values (OaiJsonDoc *doc, OaiJsonNode array)
{
  GString *list = g_string_new (NULL);
  OaiJsonIter iter;
  OaiJsonNode node;

  oai_json_iter_init (&iter, doc, array);
  while (list->len <= MAX_LISTED && oai_json_iter_next (&iter, NULL, &node))
    {
      add_separator (list);
      oai_json_write_node (list, doc, node);
    }

  return finish_text (list);
}

static gboolean
check_enum (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  g_autofree char *list = NULL;
  OaiJsonIter iter;
  OaiJsonNode node;

  if (oai_json_get_type (self->schema, keyword) != OAI_JSON_ARRAY)
    return TRUE;

  oai_json_iter_init (&iter, self->schema, keyword);
  while (oai_json_iter_next (&iter, NULL, &node))
    {
      if (!spend (self, 1 + oai_json_get_size (self->doc, value)))
        return FALSE;
      if (oai_json_equal (self->schema, node, self->doc, value))
        return TRUE;
    }

  list = list_values (self->schema, keyword);
  return fail (self, "must be one of %s", list);
}

static gboolean
check_const (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  GString *text;
  g_autofree char *shown = NULL;

  if (oai_json_equal (self->schema, keyword, self->doc, value))
    return TRUE;

  text = g_string_new (NULL);
  oai_json_write_node (text, self->schema, keyword);
  shown = finish_text (text);
  return fail (self, "must be %s", shown);
}

/* Numbers */

static int
compare_numbers (Validator *self, OaiJsonNode value, OaiJsonNode limit)
{
  gint64 int_a;
  gint64 int_b;
  double a;
  double b;

  if (oai_json_get_int (self->doc, value, &int_a) && oai_json_get_int (self->schema, limit, &int_b))
    return (int_a > int_b) - (int_a < int_b);
  if (!oai_json_get_double (self->doc, value, &a) || !oai_json_get_double (self->schema, limit, &b))
    return 0;

  return (a > b) - (a < b);
}

/* In old drafts, exclusive limits are booleans. */
static gboolean
is_exclusive (Validator *self, OaiJsonNode schema, const char *keyword)
{
  gboolean exclusive = FALSE;

  return oai_json_get_boolean (self->schema, find_keyword (self, schema, keyword), &exclusive) && exclusive;
}

static gboolean
fail_limit (Validator *self, const char *relation, OaiJsonNode limit)
{
  g_autofree char *digits = oai_json_dup_node (self->schema, limit);

  return fail (self, "must be %s %s", relation, digits);
}

static gboolean
check_minimum (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  gboolean exclusive = is_exclusive (self, schema, "exclusiveMinimum");

  if (!has_type (self->schema, keyword, "number") || compare_numbers (self, value, keyword) >= (exclusive ? 1 : 0))
    return TRUE;

  return fail_limit (self, exclusive ? "greater than" : "at least", keyword);
}

static gboolean
check_maximum (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  gboolean exclusive = is_exclusive (self, schema, "exclusiveMaximum");

  if (!has_type (self->schema, keyword, "number") || compare_numbers (self, value, keyword) <= (exclusive ? -1 : 0))
    return TRUE;

  return fail_limit (self, exclusive ? "less than" : "at most", keyword);
}

static gboolean
check_exclusive_minimum (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  if (!has_type (self->schema, keyword, "number") || compare_numbers (self, value, keyword) > 0)
    return TRUE;

  return fail_limit (self, "greater than", keyword);
}

static gboolean
check_exclusive_maximum (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  if (!has_type (self->schema, keyword, "number") || compare_numbers (self, value, keyword) < 0)
    return TRUE;

  return fail_limit (self, "less than", keyword);
}

static gboolean
check_multiple_of (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  gint64 int_value;
  gint64 int_step;
  double number;
  double step;

  if (!oai_json_get_double (self->schema, keyword, &step) || !(step > 0) || !oai_json_get_double (self->doc, value, &number))
    return TRUE;
  if (oai_json_get_int (self->doc, value, &int_value) && oai_json_get_int (self->schema, keyword, &int_step))
    return int_value % int_step == 0 || fail_limit (self, "a multiple of", keyword);

  number /= step;
  /* 0.3 is a multiple of 0.1, although its double is not. */
  if (fabs (number - nearbyint (number)) <= 1e-9 * MAX (1, fabs (number)))
    return TRUE;

  return fail_limit (self, "a multiple of", keyword);
}

/* Strings */

/* Returns FALSE if the keyword is no limit. */
static gboolean
get_limit (Validator *self, OaiJsonNode keyword, gint64 *limit)
{
  return oai_json_get_int (self->schema, keyword, limit) && *limit >= 0;
}

static gint64
count_characters (Validator *self, OaiJsonNode value)
{
  gsize length;
  const char *text = oai_json_get_string (self->doc, value, &length);

  spend (self, length / 64);

  return g_utf8_strlen (text, (gssize) length);
}

static gboolean
check_min_length (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  gint64 limit;

  if (!get_limit (self, keyword, &limit) || count_characters (self, value) >= limit)
    return TRUE;

  return fail (self, "must have at least %" G_GINT64_FORMAT " characters", limit);
}

static gboolean
check_max_length (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  gint64 limit;

  if (!get_limit (self, keyword, &limit) || count_characters (self, value) <= limit)
    return TRUE;

  return fail (self, "must have at most %" G_GINT64_FORMAT " characters", limit);
}

/* Converts \uXXXX of ECMAScript to \x{XXXX} of PCRE. */
static char *
convert_pattern (const char *pattern)
{
  GString *converted = g_string_new (PATTERN_LIMITS);

  for (const char *at = pattern; *at != '\0'; at++)
    {
      if (at[0] != '\\' || at[1] == '\0')
        g_string_append_c (converted, *at);
      else if (at[1] == 'u' && strspn (at + 2, "0123456789abcdefABCDEF") >= 4)
        {
          g_string_append_printf (converted, "\\x{%.4s}", at + 2);
          at += 5;
        }
      else
        {
          g_string_append_len (converted, at, 2);
          at++;
        }
    }

  return g_string_free (converted, FALSE);
}

static void
free_regex (gpointer regex)
{
  g_clear_pointer ((GRegex **) &regex, g_regex_unref);
}

static GRegex *
get_regex (Validator *self, const char *pattern)
{
  g_autofree char *converted = NULL;
  gpointer regex;

  if (self->patterns == NULL)
    self->patterns = g_hash_table_new_full (oai_json_hash_name, g_str_equal, NULL, free_regex);
  if (g_hash_table_lookup_extended (self->patterns, pattern, NULL, &regex))
    return regex;

  spend (self, STEPS_OF_PATTERN + strlen (pattern));
  converted = convert_pattern (pattern);
  regex = g_regex_new (converted, G_REGEX_DOLLAR_ENDONLY, 0, NULL);
  g_hash_table_insert (self->patterns, (gpointer) pattern, regex);

  return regex;
}

static gboolean
matches (Validator *self, const char *pattern, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  GRegex *regex = get_regex (self, pattern);
  gboolean found;

  if (regex == NULL)
    return TRUE;

  found = spend (self, STEPS_OF_PATTERN + length / 64) && g_regex_match_full (regex, text, (gssize) length, 0, 0, NULL, &error);
  /* PCRE stopped at a limit. */
  if (error != NULL)
    self->exhausted = TRUE;

  return found;
}

static gboolean
check_pattern (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  const char *pattern = oai_json_get_string (self->schema, keyword, NULL);
  gsize length;
  const char *text = oai_json_get_string (self->doc, value, &length);
  g_autofree char *shown = NULL;

  if (pattern == NULL || matches (self, pattern, text, length))
    return TRUE;

  shown = finish_text (g_string_new (pattern));
  return fail (self, "must match the regular expression %s", shown);
}

/* Arrays */

static gboolean
check_element (Validator *self, OaiJsonNode schema, OaiJsonNode element, guint index)
{
  gsize length = enter_element (self, index);
  gboolean fits = check (self, schema, element);

  leave (self, length);

  return fits;
}

/* Checks each element of an array with its own schema; they may differ in number. */
static gboolean
check_tuple (Validator *self, OaiJsonNode schemas, OaiJsonNode value)
{
  OaiJsonIter schema_iter;
  OaiJsonIter iter;
  OaiJsonNode schema;
  OaiJsonNode element;
  gboolean fits = TRUE;

  oai_json_iter_init (&schema_iter, self->schema, schemas);
  oai_json_iter_init (&iter, self->doc, value);
  for (guint i = 0; oai_json_iter_next (&schema_iter, NULL, &schema) && oai_json_iter_next (&iter, NULL, &element); i++)
    fits &= check_element (self, schema, element, i);

  return fits;
}

/* Checks the elements from the index first on. */
static gboolean
check_rest (Validator *self, OaiJsonNode schema, OaiJsonNode value, guint first)
{
  OaiJsonIter iter;
  OaiJsonNode element;
  gboolean fits = TRUE;

  oai_json_iter_init (&iter, self->doc, value);
  for (guint i = 0; !self->exhausted && oai_json_iter_next (&iter, NULL, &element); i++)
    if (i >= first)
      fits &= check_element (self, schema, element, i);

  return fits;
}

static gboolean
check_items (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  OaiJsonNode more;

  if (oai_json_get_type (self->schema, keyword) != OAI_JSON_ARRAY)
    return check_rest (self, keyword, value, oai_json_get_size (self->schema, find_keyword (self, schema, "prefixItems")));

  more = find_keyword (self, schema, "additionalItems");
  return check_tuple (self, keyword, value)
         && (more == OAI_JSON_NONE || check_rest (self, more, value, oai_json_get_size (self->schema, keyword)));
}

static gboolean
check_prefix_items (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  return check_tuple (self, keyword, value);
}

static gboolean
check_min_items (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  gint64 limit;

  if (!get_limit (self, keyword, &limit) || oai_json_get_size (self->doc, value) >= limit)
    return TRUE;

  return fail (self, "must have at least %" G_GINT64_FORMAT " elements", limit);
}

static gboolean
check_max_items (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  gint64 limit;

  if (!get_limit (self, keyword, &limit) || oai_json_get_size (self->doc, value) <= limit)
    return TRUE;

  return fail (self, "must have at most %" G_GINT64_FORMAT " elements", limit);
}

static gboolean
check_unique_items (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (OaiJsonNode));
  gboolean unique = FALSE;
  OaiJsonIter iter;
  OaiJsonNode element;

  if (!oai_json_get_boolean (self->schema, keyword, &unique) || !unique)
    return TRUE;

  oai_json_iter_init (&iter, self->doc, value);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      for (guint i = 0; i < seen->len; i++)
        {
          if (!spend (self, 1 + oai_json_get_size (self->doc, element)))
            return FALSE;
          if (oai_json_equal (self->doc, g_array_index (seen, OaiJsonNode, i), self->doc, element))
            return fail (self, "must not have the same element twice");
        }
      g_array_append_val (seen, element);
    }

  return TRUE;
}

/* Returns the number of elements that fit. */
static gint64
count_fitting (Validator *self, OaiJsonNode schema, OaiJsonNode value)
{
  OaiJsonIter iter;
  OaiJsonNode element;
  gint64 n = 0;

  self->silent++;
  oai_json_iter_init (&iter, self->doc, value);
  while (!self->exhausted && oai_json_iter_next (&iter, NULL, &element))
    n += check (self, schema, element);
  self->silent--;

  return n;
}

static gboolean
check_contains (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  gint64 n = count_fitting (self, keyword, value);
  gint64 least;
  gint64 most;

  if (!get_limit (self, find_keyword (self, schema, "minContains"), &least))
    least = 1;
  if (!get_limit (self, find_keyword (self, schema, "maxContains"), &most))
    most = G_MAXINT64;
  if (n >= least && n <= most)
    return TRUE;

  return fail (self, "must have another number of elements of the required form");
}

/* Objects */

static gboolean
check_member (Validator *self, OaiJsonNode schema, const char *name, OaiJsonNode member)
{
  gsize length = enter_member (self, name);
  gboolean fits = check (self, schema, member);

  leave (self, length);

  return fits;
}

static gboolean
check_properties (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode member_schema;
  gboolean fits = TRUE;

  oai_json_iter_init_members (&iter, self->schema, keyword);
  while (!self->exhausted && oai_json_iter_next (&iter, &name, &member_schema))
    {
      OaiJsonNode member = find_member (self, self->doc, value, name);

      if (member != OAI_JSON_NONE)
        fits &= check_member (self, member_schema, name, member);
    }

  return fits;
}

static gboolean
check_pattern_properties (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  OaiJsonIter pattern_iter;
  const char *pattern;
  OaiJsonNode member_schema;
  gboolean fits = TRUE;

  oai_json_iter_init_members (&pattern_iter, self->schema, keyword);
  while (oai_json_iter_next (&pattern_iter, &pattern, &member_schema))
    {
      OaiJsonIter iter;
      const char *name;
      OaiJsonNode member;

      oai_json_iter_init_members (&iter, self->doc, value);
      while (!self->exhausted && oai_json_iter_next (&iter, &name, &member))
        if (matches (self, pattern, name, strlen (name)))
          fits &= check_member (self, member_schema, name, member);
    }

  return fits;
}

static gboolean
is_additional (Validator *self, OaiJsonNode schema, const char *name)
{
  OaiJsonIter iter;
  const char *pattern;
  OaiJsonNode node;

  if (find_member (self, self->schema, find_keyword (self, schema, "properties"), name) != OAI_JSON_NONE)
    return FALSE;

  oai_json_iter_init_members (&iter, self->schema, find_keyword (self, schema, "patternProperties"));
  while (oai_json_iter_next (&iter, &pattern, &node))
    if (matches (self, pattern, name, strlen (name)))
      return FALSE;

  return TRUE;
}

static char *
list_names (OaiJsonDoc *doc, OaiJsonNode object)
{
  GString *list = g_string_new (NULL);
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;

  oai_json_iter_init_members (&iter, doc, object);
  while (list->len <= MAX_LISTED && oai_json_iter_next (&iter, &name, &node))
    {
      add_separator (list);
      g_string_append (list, name);
    }

  return finish_text (list);
}

static gboolean
fail_additional (Validator *self, OaiJsonNode schema, const char *name)
{
  g_autofree char *names = list_names (self->schema, find_keyword (self, schema, "properties"));
  gsize length = enter_member (self, name);

  if (names[0] != '\0')
    fail (self, "is not allowed; the allowed members are: %s", names);
  else
    fail (self, "is not allowed");
  leave (self, length);

  return FALSE;
}

static gboolean
check_additional_properties (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  gboolean allowed = TRUE;
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode member;
  gboolean fits = TRUE;

  oai_json_get_boolean (self->schema, keyword, &allowed);
  oai_json_iter_init_members (&iter, self->doc, value);
  while (!self->exhausted && oai_json_iter_next (&iter, &name, &member))
    if (is_additional (self, schema, name))
      fits &= allowed ? check_member (self, keyword, name, member) : fail_additional (self, schema, name);

  return fits;
}

/* The names that an array contains must be members of the value. */
static gboolean
check_names (Validator *self, OaiJsonNode names, OaiJsonNode value)
{
  OaiJsonIter iter;
  OaiJsonNode node;
  gboolean fits = TRUE;

  oai_json_iter_init (&iter, self->schema, names);
  while (!self->exhausted && oai_json_iter_next (&iter, NULL, &node))
    {
      const char *name = oai_json_get_string (self->schema, node, NULL);
      gsize length;

      if (name == NULL || find_member (self, self->doc, value, name) != OAI_JSON_NONE)
        continue;
      length = enter_member (self, name);
      fits = fail (self, "is required");
      leave (self, length);
    }

  return fits;
}

static gboolean
check_required (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  return check_names (self, keyword, value);
}

static gboolean
check_dependent_required (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode names;
  gboolean fits = TRUE;

  oai_json_iter_init_members (&iter, self->schema, keyword);
  while (!self->exhausted && oai_json_iter_next (&iter, &name, &names))
    if (find_member (self, self->doc, value, name) != OAI_JSON_NONE)
      fits &= check_names (self, names, value);

  return fits;
}

static gboolean
check_min_properties (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  gint64 limit;

  if (!get_limit (self, keyword, &limit) || oai_json_get_size (self->doc, value) >= limit)
    return TRUE;

  return fail (self, "must have at least %" G_GINT64_FORMAT " members", limit);
}

static gboolean
check_max_properties (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  gint64 limit;

  if (!get_limit (self, keyword, &limit) || oai_json_get_size (self->doc, value) <= limit)
    return TRUE;

  return fail (self, "must have at most %" G_GINT64_FORMAT " members", limit);
}

/* Combinations */

static gboolean
fits_silently (Validator *self, OaiJsonNode schema, OaiJsonNode value)
{
  gboolean fits;

  self->silent++;
  fits = check (self, schema, value);
  self->silent--;

  return fits;
}

static gboolean
check_all_of (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  OaiJsonIter iter;
  OaiJsonNode branch;
  gboolean fits = TRUE;

  oai_json_iter_init (&iter, self->schema, keyword);
  while (!self->exhausted && oai_json_iter_next (&iter, NULL, &branch))
    fits &= check (self, branch, value);

  return fits;
}

/* Follows references, within limits. */
static OaiJsonNode
find_target (Validator *self, OaiJsonNode schema)
{
  for (guint i = 0; i < 16; i++)
    {
      const char *reference = oai_json_get_string (self->schema, find_keyword (self, schema, "$ref"), NULL);

      if (reference == NULL)
        break;
      spend (self, 16);
      schema = oai_schema_pointer_find (self->schema, reference);
    }

  return schema;
}

/* Reports why a value fits none of several schemas: the problems of the only one that accepts its
 * type. */
static gboolean
fail_any_of (Validator *self, OaiJsonNode keyword, OaiJsonNode value)
{
  OaiJsonIter iter;
  OaiJsonNode branch;
  OaiJsonNode candidate = OAI_JSON_NONE;
  guint n = 0;

  if (self->silent > 0)
    return FALSE;

  oai_json_iter_init (&iter, self->schema, keyword);
  while (!self->exhausted && oai_json_iter_next (&iter, NULL, &branch))
    if (type_accepts (self, find_keyword (self, find_target (self, branch), "type"), value))
      {
        candidate = branch;
        n++;
      }
  if (n == 1)
    return check (self, candidate, value);

  return fail (self, n == 0 ? "is %s, which is not allowed" : "is %s that fits none of the allowed forms", describe_value (self, value));
}

static gboolean
check_any_of (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  OaiJsonIter iter;
  OaiJsonNode branch;

  if (oai_json_get_size (self->schema, keyword) == 0)
    return TRUE;

  oai_json_iter_init (&iter, self->schema, keyword);
  while (!self->exhausted && oai_json_iter_next (&iter, NULL, &branch))
    if (fits_silently (self, branch, value))
      return TRUE;

  return fail_any_of (self, keyword, value);
}

static gboolean
check_one_of (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  OaiJsonIter iter;
  OaiJsonNode branch;
  guint n = 0;

  if (oai_json_get_size (self->schema, keyword) == 0)
    return TRUE;

  oai_json_iter_init (&iter, self->schema, keyword);
  while (n < 2 && !self->exhausted && oai_json_iter_next (&iter, NULL, &branch))
    n += fits_silently (self, branch, value);
  if (n == 0)
    return fail_any_of (self, keyword, value);

  return n == 1 || fail (self, "fits several of the forms of which exactly one is allowed");
}

static gboolean
check_not (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  return !fits_silently (self, keyword, value) || fail (self, "has a form that is not allowed");
}

static gboolean
check_if (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  OaiJsonNode branch = find_keyword (self, schema, fits_silently (self, keyword, value) ? "then" : "else");

  return branch == OAI_JSON_NONE || check (self, branch, value);
}

static gboolean
check_reference (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value)
{
  const char *reference = oai_json_get_string (self->schema, keyword, NULL);
  OaiJsonNode target;

  if (reference == NULL || !spend (self, 16 + strlen (reference)))
    return TRUE;

  target = oai_schema_pointer_find (self->schema, reference);
  return target == OAI_JSON_NONE || check (self, target, value);
}

typedef struct
{
  const char *name;
  const char *type; /* of the values that it applies to; NULL for any */
  gboolean (*check) (Validator *self, OaiJsonNode schema, OaiJsonNode keyword, OaiJsonNode value);
} Keyword;

static const Keyword keywords[] = {
  { "$ref", NULL, check_reference },
  { "additionalProperties", "object", check_additional_properties },
  { "allOf", NULL, check_all_of },
  { "anyOf", NULL, check_any_of },
  { "const", NULL, check_const },
  { "contains", "array", check_contains },
  { "dependentRequired", "object", check_dependent_required },
  { "enum", NULL, check_enum },
  { "exclusiveMaximum", "number", check_exclusive_maximum },
  { "exclusiveMinimum", "number", check_exclusive_minimum },
  { "if", NULL, check_if },
  { "items", "array", check_items },
  { "maxItems", "array", check_max_items },
  { "maxLength", "string", check_max_length },
  { "maxProperties", "object", check_max_properties },
  { "maximum", "number", check_maximum },
  { "minItems", "array", check_min_items },
  { "minLength", "string", check_min_length },
  { "minProperties", "object", check_min_properties },
  { "minimum", "number", check_minimum },
  { "multipleOf", "number", check_multiple_of },
  { "not", NULL, check_not },
  { "oneOf", NULL, check_one_of },
  { "pattern", "string", check_pattern },
  { "patternProperties", "object", check_pattern_properties },
  { "prefixItems", "array", check_prefix_items },
  { "properties", "object", check_properties },
  { "required", "object", check_required },
  { "uniqueItems", "array", check_unique_items },
};

static int
compare_keyword (const void *name, const void *keyword)
{
  return strcmp (name, ((const Keyword *) keyword)->name);
}

static gboolean
check_keywords (Validator *self, OaiJsonNode schema, OaiJsonNode value)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;
  gboolean fits = TRUE;

  oai_json_iter_init_members (&iter, self->schema, schema);
  while (!self->exhausted && oai_json_iter_next (&iter, &name, &node))
    {
      const Keyword *keyword = bsearch (name, keywords, G_N_ELEMENTS (keywords), sizeof (Keyword), compare_keyword);

      if (keyword != NULL && (keyword->type == NULL || has_type (self->doc, value, keyword->type)))
        fits &= keyword->check (self, schema, node, value);
      /* One problem is enough to know that a schema does not fit. */
      if (!fits && self->silent > 0)
        break;
    }

  return fits;
}

static gboolean
check_schema (Validator *self, OaiJsonNode schema, OaiJsonNode value)
{
  gboolean allowed = TRUE;
  OaiJsonNode type;

  if (oai_json_get_boolean (self->schema, schema, &allowed))
    return allowed || fail (self, "is not allowed");
  if (oai_json_get_boolean (self->schema, find_keyword (self, schema, "nullable"), &allowed) && allowed
      && oai_json_get_type (self->doc, value) == OAI_JSON_NULL)
    return TRUE;

  type = find_keyword (self, schema, "type");
  if (!type_accepts (self, type, value))
    return fail_type (self, type, value);

  return check_keywords (self, schema, value);
}

static gboolean
check (Validator *self, OaiJsonNode schema, OaiJsonNode value)
{
  gboolean fits;

  if (self->depth >= MAX_DEPTH || !spend (self, 1 + oai_json_get_size (self->schema, schema)))
    {
      self->exhausted = TRUE;
      return FALSE;
    }

  self->depth++;
  fits = check_schema (self, schema, value);
  self->depth--;

  return fits;
}

gboolean
oai_schema_validate (OaiJsonDoc *schema, OaiJsonDoc *doc, GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (GString) problems = g_string_new (NULL);
  Validator self = { .schema = schema, .doc = doc, .path = path, .problems = problems };
  gboolean fits = check (&self, 0, 0) && !self.exhausted;

  g_clear_pointer (&self.patterns, g_hash_table_unref);
  if (fits)
    return TRUE;

  if (self.exhausted)
    g_string_assign (problems, "the value is too complex to be checked");
  else if (self.n_problems > MAX_PROBLEMS)
    g_string_append_printf (problems, "; and %u more problems", self.n_problems - MAX_PROBLEMS);
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, problems->str);

  return FALSE;
}
