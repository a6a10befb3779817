/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-schema-strict-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-equal-private.h"
#include "oai-schema-pointer-private.h"

/* A schema that has more parts after references were replaced is rejected. */
#define MAX_STEPS 100000
#define MAX_DEPTH 256
#define MAX_MEMBERS 5000
/* The longest chain of references. */
#define MAX_CHAIN 64

/* The definition of a target within an allOf, which is folded. */
#define MOVED_NAME "__openai_strict_allOf_ref_%u"

typedef struct
{
  const char *name;
  OaiJsonNode node;
} Member;

/* An object schema that is collected from all branches of an allOf. */
typedef struct
{
  GArray *annotations; /* Member */
  GArray *properties;  /* Member */
  GPtrArray *required; /* names */
  GArray *closed;      /* the properties of each object that allows no others */
  gboolean typed;
  gboolean nullable;
} Merged;

typedef struct
{
  OaiJsonDoc *doc;
  OaiStrictFlags flags;
  GString *path;       /* of the schema that is rewritten: "/properties/city" */
  GArray *moved;       /* targets of references within an allOf */
  GArray *inlined;     /* targets that are being inserted */
  guint steps;
  guint depth;
  GError *error;
} Strict;

static OaiJsonValue *rewrite (Strict *self, OaiJsonNode schema);
static gboolean merge (Strict *self, Merged *merged, OaiJsonNode schema, guint chain);

/* Errors */

G_GNUC_PRINTF (2, 3)
static gboolean
fail (Strict *self, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list arguments;

  if (self->error != NULL)
    return FALSE;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* Translators: the first %s is a position in the schema, such as #/properties/city; the second is a
   * sentence. */
  self->error = g_error_new (OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The JSON schema cannot be made strict: “#%s”: %s"), self->path->str, reason);

  return FALSE;
}

static gboolean
spend (Strict *self)
{
  if (++self->steps > MAX_STEPS || self->depth > MAX_DEPTH)
    return fail (self, _("The schema is too large"));

  return self->error == NULL;
}

static gsize
enter (Strict *self, const char *keyword, const char *name)
{
  gsize length = self->path->len;

  g_string_append_printf (self->path, "/%s", keyword);
  if (name != NULL)
    g_string_append_printf (self->path, "/%s", name);

  return length;
}

static void
leave (Strict *self, gsize length)
{
  g_string_truncate (self->path, length);
}

/* Reading */

static OaiJsonNode
get (Strict *self, OaiJsonNode schema, const char *keyword)
{
  return oai_json_get_member (self->doc, schema, keyword);
}

static OaiJsonType
get_type (Strict *self, OaiJsonNode node)
{
  return oai_json_get_type (self->doc, node);
}

static const char *
get_string (Strict *self, OaiJsonNode node)
{
  return oai_json_get_string (self->doc, node, NULL);
}

static gboolean
is_boolean (Strict *self, OaiJsonNode node, gboolean value)
{
  gboolean boolean = FALSE;

  return oai_json_get_boolean (self->doc, node, &boolean) && boolean == value;
}

static gboolean
is_in (const char *name, const char *const names[])
{
  return g_strv_contains (names, name);
}

static gboolean
is_annotation (const char *name)
{
  static const char *const names[] = { "$comment", "default", "deprecated", "description", "examples", "readOnly", "title", "writeOnly", NULL };

  return is_in (name, names);
}

static gboolean
is_definitions (const char *name)
{
  return strcmp (name, "$defs") == 0 || strcmp (name, "definitions") == 0;
}

/* What does not concern validation: annotations, also those of the root. */
static gboolean
is_neutral (Strict *self, const Member *member, gboolean root)
{
  if (is_definitions (member->name))
    return get_type (self, member->node) == OAI_JSON_OBJECT;

  return is_annotation (member->name) || (root && (strcmp (member->name, "$schema") == 0 || strcmp (member->name, "$id") == 0));
}

static Member *
find_in (GArray *members, const char *name)
{
  for (guint i = 0; i < members->len; i++)
    {
      Member *member = &g_array_index (members, Member, i);

      if (strcmp (member->name, name) == 0)
        return member;
    }

  return NULL;
}

/* Adds a member unless there is one of the name. */
static void
add_member (GArray *members, const char *name, OaiJsonNode node)
{
  Member member = { name, node };

  if (find_in (members, name) == NULL)
    g_array_append_val (members, member);
}

static void
remove_member (GArray *members, const char *name)
{
  Member *member = find_in (members, name);

  if (member != NULL)
    g_array_remove_index (members, (guint) (member - &g_array_index (members, Member, 0)));
}

/* Returns the members of an object; of several with a name, the last one. */
static GArray *
list_members (Strict *self, OaiJsonNode object)
{
  GArray *members = g_array_new (FALSE, FALSE, sizeof (Member));
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;

  if (get_type (self, object) == OAI_JSON_OBJECT && oai_json_get_size (self->doc, object) > MAX_MEMBERS)
    fail (self, _("The schema is too large"));
  oai_json_iter_init_members (&iter, self->doc, object);
  while (spend (self) && oai_json_iter_next (&iter, &name, &node))
    add_member (members, name, get (self, object, name));

  return members;
}

/* Returns whether a type keyword names a type. */
static gboolean
names_type (Strict *self, OaiJsonNode type, const char *name)
{
  OaiJsonIter iter;
  OaiJsonNode node;

  if (g_strcmp0 (get_string (self, type), name) == 0)
    return TRUE;
  if (get_type (self, type) != OAI_JSON_ARRAY)
    return FALSE;

  oai_json_iter_init (&iter, self->doc, type);
  while (oai_json_iter_next (&iter, NULL, &node))
    if (g_strcmp0 (get_string (self, node), name) == 0)
      return TRUE;

  return FALSE;
}

/* Returns whether a type keyword names this type only. */
static gboolean
names_only (Strict *self, OaiJsonNode type, const char *name)
{
  return names_type (self, type, name) && (get_type (self, type) == OAI_JSON_STRING || oai_json_get_size (self->doc, type) == 1);
}

/* References */

static gboolean
is_schema_map (const char *keyword)
{
  static const char *const names[] = { "$defs", "definitions", "properties", NULL };

  return is_in (keyword, names);
}

static gboolean
is_schema_list (const char *keyword)
{
  static const char *const names[] = { "allOf", "anyOf", "oneOf", NULL };

  return is_in (keyword, names);
}

static gboolean
is_schema (const char *keyword)
{
  static const char *const names[] = { "additionalProperties", "items", NULL };

  return is_in (keyword, names);
}

/* Whether elements of a list change their position: all of an allOf is folded, as is each list of the
 * root, and a branch of an anyOf that is false is removed. */
static gboolean
moves_elements (Strict *self, const char *keyword, OaiJsonNode list)
{
  OaiJsonIter iter;
  OaiJsonNode node;

  if (strcmp (keyword, "allOf") == 0)
    return TRUE;

  oai_json_iter_init (&iter, self->doc, list);
  while (oai_json_iter_next (&iter, NULL, &node))
    if (is_boolean (self, node, FALSE))
      return TRUE;

  return FALSE;
}

/* Follows a pointer through schemas only.  moves is set if the target does not keep its position. */
static OaiJsonNode
walk (Strict *self, char **tokens, gboolean *moves)
{
  OaiJsonNode node = 0;
  guint index;

  while (*tokens != NULL)
    {
      const char *keyword = *tokens++;
      OaiJsonNode parent = node;

      node = get_type (self, node) == OAI_JSON_OBJECT ? get (self, node, keyword) : OAI_JSON_NONE;
      if (is_schema (keyword))
        continue;
      if (*tokens == NULL)
        return OAI_JSON_NONE;
      if (is_schema_map (keyword))
        node = get_type (self, node) == OAI_JSON_OBJECT ? get (self, node, *tokens) : OAI_JSON_NONE;
      else if (is_schema_list (keyword) && oai_schema_pointer_get_index (*tokens, &index))
        {
          *moves |= parent == 0 || moves_elements (self, keyword, node);
          node = get_type (self, node) == OAI_JSON_ARRAY ? oai_json_get_element (self->doc, node, index) : OAI_JSON_NONE;
        }
      else
        return OAI_JSON_NONE;
      tokens++;
    }

  return node;
}

/* Returns the schema that a $ref names; fails if it is not an object. */
static OaiJsonNode
resolve (Strict *self, OaiJsonNode reference, gboolean *moves)
{
  const char *text = get_string (self, reference);
  g_auto (GStrv) tokens = text != NULL ? oai_schema_pointer_split (text) : NULL;
  OaiJsonNode target;

  *moves = FALSE;
  if (tokens == NULL)
    {
      fail (self, _("“$ref” must refer to a part of the same schema"));
      return OAI_JSON_NONE;
    }

  target = walk (self, tokens, moves);
  if (get_type (self, target) == OAI_JSON_OBJECT)
    return target;

  fail (self, _("“$ref” refers to “%s”, which is not a schema in the form of an object"), text);
  return OAI_JSON_NONE;
}

/* Null */

static gboolean
list_accepts_null (Strict *self, OaiJsonNode list, gboolean all, guint chain);

/* Returns whether null certainly fits a schema. */
static gboolean
accepts_null (Strict *self, OaiJsonNode schema, guint chain)
{
  g_autoptr (GArray) members = NULL;
  gboolean moves;

  if (is_boolean (self, schema, TRUE))
    return TRUE;
  if (get_type (self, schema) != OAI_JSON_OBJECT || chain > MAX_CHAIN || !spend (self))
    return FALSE;

  members = list_members (self, schema);
  for (guint i = 0; i < members->len; i++)
    {
      const char *name = g_array_index (members, Member, i).name;
      OaiJsonNode node = g_array_index (members, Member, i).node;
      gboolean accepts = TRUE;

      if (strcmp (name, "type") == 0)
        accepts = names_type (self, node, "null");
      else if (strcmp (name, "const") == 0)
        accepts = get_type (self, node) == OAI_JSON_NULL;
      else if (strcmp (name, "enum") == 0 || strcmp (name, "anyOf") == 0 || strcmp (name, "allOf") == 0)
        accepts = list_accepts_null (self, node, name[1] == 'l', chain);
      else if (strcmp (name, "$ref") == 0)
        accepts = accepts_null (self, resolve (self, node, &moves), chain + 1);
      else if (strcmp (name, "oneOf") == 0 || strcmp (name, "not") == 0 || strcmp (name, "if") == 0)
        accepts = FALSE;
      if (!accepts)
        return FALSE;
    }

  return TRUE;
}

/* Whether null fits one or all schemas of a list, or is one of the values of an enum. */
static gboolean
list_accepts_null (Strict *self, OaiJsonNode list, gboolean all, guint chain)
{
  OaiJsonIter iter;
  OaiJsonNode node;

  if (get_type (self, list) != OAI_JSON_ARRAY)
    return FALSE;

  oai_json_iter_init (&iter, self->doc, list);
  while (oai_json_iter_next (&iter, NULL, &node))
    if ((get_type (self, node) == OAI_JSON_NULL || accepts_null (self, node, chain + 1)) != all)
      return !all;

  return all;
}

static OaiJsonValue *
new_null_schema (void)
{
  OaiJsonValue *value = oai_json_value_new_object ();

  oai_json_value_set_member (value, "type", oai_json_value_new_string ("null", -1));

  return value;
}

static void
add_null (OaiJsonValue *values)
{
  for (guint i = 0; i < oai_json_value_get_size (values); i++)
    if (oai_json_value_get_type (oai_json_value_get_element (values, i)) == OAI_JSON_NULL)
      return;

  oai_json_value_append (values, oai_json_value_new_from_node (NULL, OAI_JSON_NONE));
}

/* Lets a rewritten schema accept null. */
static OaiJsonValue *
make_nullable (OaiJsonValue *schema)
{
  OaiJsonValue *type = oai_json_value_get_member (schema, "type");
  const char *name = oai_json_value_get_string (type, NULL);
  OaiJsonValue *values = oai_json_value_get_member (schema, "enum");
  OaiJsonValue *types = oai_json_value_new_array ();
  OaiJsonValue *wrapper;

  if (name != NULL && oai_json_value_get_member (schema, "const") == NULL && oai_json_value_get_member (schema, "anyOf") == NULL)
    {
      oai_json_value_append (types, oai_json_value_new_string (name, -1));
      oai_json_value_append (types, oai_json_value_new_string ("null", -1));
      oai_json_value_set_member (schema, "type", types);
      if (oai_json_value_get_type (values) == OAI_JSON_ARRAY)
        add_null (values);
      return schema;
    }

  wrapper = oai_json_value_new_object ();
  oai_json_value_append (types, schema);
  oai_json_value_append (types, new_null_schema ());
  oai_json_value_set_member (wrapper, "anyOf", types);

  return wrapper;
}

/* Objects */

static void
add_required (GPtrArray *required, const char *name)
{
  if (!g_ptr_array_find_with_equal_func (required, name, g_str_equal, NULL))
    g_ptr_array_add (required, (gpointer) name);
}

static gboolean
read_required (Strict *self, OaiJsonNode node, GPtrArray *required)
{
  OaiJsonIter iter;
  OaiJsonNode name;

  if (node == OAI_JSON_NONE)
    return TRUE;
  if (get_type (self, node) != OAI_JSON_ARRAY)
    return fail (self, _("“required” must be a list of names"));

  oai_json_iter_init (&iter, self->doc, node);
  while (oai_json_iter_next (&iter, NULL, &name) && spend (self))
    {
      if (get_type (self, name) != OAI_JSON_STRING)
        return fail (self, _("“required” must be a list of names"));
      add_required (required, get_string (self, name));
    }

  return TRUE;
}

static OaiJsonValue *
rewrite_property (Strict *self, const Member *property, gboolean required)
{
  gsize length = enter (self, "properties", property->name);
  OaiJsonValue *value = rewrite (self, property->node);

  if (value != NULL && !required && !accepts_null (self, property->node, 0))
    value = make_nullable (value);
  leave (self, length);

  return value;
}

/* Sets "properties" and "required". */
static gboolean
write_properties (Strict *self, OaiJsonValue *out, GArray *properties, GPtrArray *required)
{
  OaiJsonValue *object = oai_json_value_set_member (out, "properties", oai_json_value_new_object ());
  OaiJsonValue *names = oai_json_value_set_member (out, "required", oai_json_value_new_array ());

  for (guint i = 0; i < required->len; i++)
    if (find_in (properties, g_ptr_array_index (required, i)) == NULL)
      return fail (self, _("“%s” is required, but is not one of the properties"), (const char *) g_ptr_array_index (required, i));

  for (guint i = 0; i < properties->len && spend (self); i++)
    {
      const Member *property = &g_array_index (properties, Member, i);
      gboolean is_required = g_ptr_array_find_with_equal_func (required, property->name, g_str_equal, NULL);
      OaiJsonValue *value = rewrite_property (self, property, is_required);

      if (value == NULL)
        return FALSE;
      oai_json_value_set_member (object, property->name, value);
      oai_json_value_append (names, oai_json_value_new_string (property->name, -1));
    }

  return self->error == NULL;
}

static void
close_object (OaiJsonValue *out)
{
  oai_json_value_set_member (out, "additionalProperties", oai_json_value_new_boolean (FALSE));
}

/* Returns whether members describe an object. */
static gboolean
is_object (Strict *self, GArray *members)
{
  Member *type = find_in (members, "type");

  return (type != NULL && names_type (self, type->node, "object")) || find_in (members, "properties") != NULL
         || find_in (members, "required") != NULL;
}

static gboolean
write_object (Strict *self, OaiJsonValue *out, GArray *members)
{
  Member *additional = find_in (members, "additionalProperties");
  Member *properties = find_in (members, "properties");
  Member *required = find_in (members, "required");
  g_autoptr (GArray) listed = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (additional != NULL && !is_boolean (self, additional->node, FALSE))
    return fail (self, _("“additionalProperties” must be false"));
  if (properties != NULL && get_type (self, properties->node) != OAI_JSON_OBJECT)
    return fail (self, _("“properties” must be an object"));
  if (!read_required (self, required != NULL ? required->node : OAI_JSON_NONE, names))
    return FALSE;

  close_object (out);
  listed = list_members (self, properties != NULL ? properties->node : OAI_JSON_NONE);

  /* Servers reject an object without properties, unless it says so. */
  return write_properties (self, out, listed, names);
}

/* Merging */

static void
merged_clear (Merged *merged)
{
  for (guint i = 0; i < merged->closed->len; i++)
    g_array_unref (g_array_index (merged->closed, GArray *, i));
  g_array_unref (merged->closed);
  g_array_unref (merged->annotations);
  g_array_unref (merged->properties);
  g_ptr_array_unref (merged->required);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Merged, merged_clear)

static gboolean
fail_merge (Strict *self)
{
  return fail (self, _("“allOf” cannot be replaced by one schema"));
}

static gboolean
merge_type (Strict *self, Merged *merged, OaiJsonNode type)
{
  gboolean nullable = names_type (self, type, "null");

  if (!names_type (self, type, "object") || (!names_only (self, type, "object") && (!nullable || oai_json_get_size (self->doc, type) != 2)))
    return fail_merge (self);

  merged->nullable = nullable && (merged->nullable || !merged->typed);
  merged->typed = TRUE;

  return TRUE;
}

static gboolean
merge_properties (Strict *self, Merged *merged, OaiJsonNode properties)
{
  g_autoptr (GArray) members = list_members (self, properties);

  for (guint i = 0; i < members->len; i++)
    {
      const Member *member = &g_array_index (members, Member, i);
      const Member *other = find_in (merged->properties, member->name);

      if (other != NULL && !oai_json_equal (self->doc, other->node, self->doc, member->node))
        return fail_merge (self);
      add_member (merged->properties, member->name, member->node);
    }

  return get_type (self, properties) == OAI_JSON_OBJECT || fail_merge (self);
}

static gboolean
merge_branches (Strict *self, Merged *merged, OaiJsonNode list, guint chain)
{
  OaiJsonIter iter;
  OaiJsonNode branch;

  if (get_type (self, list) != OAI_JSON_ARRAY)
    return fail_merge (self);

  oai_json_iter_init (&iter, self->doc, list);
  while (oai_json_iter_next (&iter, NULL, &branch))
    if (!is_boolean (self, branch, TRUE) && !merge (self, merged, branch, chain + 1))
      return FALSE;

  return TRUE;
}

static gboolean
merge_reference (Strict *self, Merged *merged, OaiJsonNode reference, guint chain)
{
  gboolean moves;
  OaiJsonNode target = resolve (self, reference, &moves);

  return target != OAI_JSON_NONE && merge (self, merged, target, chain + 1);
}

static gboolean
merge_member (Strict *self, Merged *merged, GArray *members, const Member *member, guint chain)
{
  if (strcmp (member->name, "$ref") == 0)
    return merge_reference (self, merged, member->node, chain);
  if (strcmp (member->name, "type") == 0)
    return merge_type (self, merged, member->node);
  if (strcmp (member->name, "properties") == 0)
    return merge_properties (self, merged, member->node);
  if (strcmp (member->name, "required") == 0)
    return read_required (self, member->node, merged->required);
  if (strcmp (member->name, "additionalProperties") == 0 && is_boolean (self, member->node, FALSE))
    {
      Member *object = find_in (members, "properties");
      GArray *properties = list_members (self, object != NULL ? object->node : OAI_JSON_NONE);

      g_array_append_val (merged->closed, properties);
      return TRUE;
    }

  return fail_merge (self);
}

/* Adds the members of a schema and then its branches. */
static gboolean
merge_members (Strict *self, Merged *merged, GArray *members, gboolean root, guint chain)
{
  Member *branches = find_in (members, "allOf");

  for (guint i = 0; i < members->len && spend (self); i++)
    {
      const Member *member = &g_array_index (members, Member, i);

      /* The definitions of branches do not stay: references to them are moved. */
      if (is_neutral (self, member, root))
        {
          if (chain == 0 || !is_definitions (member->name))
            add_member (merged->annotations, member->name, member->node);
        }
      else if (member != branches && !merge_member (self, merged, members, member, chain))
        return FALSE;
    }

  return self->error == NULL && (branches == NULL || merge_branches (self, merged, branches->node, chain));
}

static gboolean
merge (Strict *self, Merged *merged, OaiJsonNode schema, guint chain)
{
  g_autoptr (GArray) members = list_members (self, schema);

  if (get_type (self, schema) != OAI_JSON_OBJECT || chain > MAX_CHAIN)
    return fail_merge (self);

  return merge_members (self, merged, members, FALSE, chain);
}

/* Removes the properties that an object without others does not have. */
static gboolean
intersect (Strict *self, Merged *merged)
{
  for (guint i = 0; i < merged->closed->len; i++)
    for (guint j = merged->properties->len; j > 0 && spend (self); j--)
      {
        const char *name = g_array_index (merged->properties, Member, j - 1).name;

        if (find_in (g_array_index (merged->closed, GArray *, i), name) != NULL)
          continue;
        if (g_ptr_array_find_with_equal_func (merged->required, name, g_str_equal, NULL))
          return fail_merge (self);
        g_array_remove_index (merged->properties, j - 1);
      }

  return self->error == NULL;
}

static OaiJsonValue *
new_object_type (gboolean nullable)
{
  OaiJsonValue *types;

  if (!nullable)
    return oai_json_value_new_string ("object", -1);

  types = oai_json_value_new_array ();
  oai_json_value_append (types, oai_json_value_new_string ("object", -1));
  oai_json_value_append (types, oai_json_value_new_string ("null", -1));

  return types;
}

static gboolean write_keyword (Strict *self, OaiJsonValue *out, const Member *member);

/* Writes the object that all branches of an allOf describe together. */
static gboolean
write_merged (Strict *self, OaiJsonValue *out, GArray *members, gboolean root)
{
  g_auto (Merged) merged = {
    .annotations = g_array_new (FALSE, FALSE, sizeof (Member)),
    .properties = g_array_new (FALSE, FALSE, sizeof (Member)),
    .required = g_ptr_array_new (),
    .closed = g_array_new (FALSE, FALSE, sizeof (GArray *))
  };

  if (!merge_members (self, &merged, members, root, 0) || !intersect (self, &merged))
    return FALSE;

  for (guint i = 0; i < merged.annotations->len; i++)
    if (!write_keyword (self, out, &g_array_index (merged.annotations, Member, i)))
      return FALSE;
  if (merged.typed)
    oai_json_value_set_member (out, "type", new_object_type (merged.nullable));
  close_object (out);

  return write_properties (self, out, merged.properties, merged.required);
}

/* Folding */

/* Whether a branch of an allOf requires nothing. */
static gboolean
requires_nothing (Strict *self, OaiJsonNode branch)
{
  g_autoptr (GArray) members = NULL;

  if (is_boolean (self, branch, TRUE))
    return TRUE;
  if (get_type (self, branch) != OAI_JSON_OBJECT)
    return FALSE;

  members = list_members (self, branch);
  for (guint i = 0; i < members->len; i++)
    {
      const Member *member = &g_array_index (members, Member, i);

      if (!is_definitions (member->name) || !is_neutral (self, member, FALSE))
        return FALSE;
    }

  return TRUE;
}

/* Returns the only branch of a list that counts; sets n to the number of such branches. */
static OaiJsonNode
find_branch (Strict *self, OaiJsonNode list, gboolean any, guint *n)
{
  OaiJsonNode found = OAI_JSON_NONE;
  OaiJsonIter iter;
  OaiJsonNode branch;

  *n = 0;
  oai_json_iter_init (&iter, self->doc, list);
  while (oai_json_iter_next (&iter, NULL, &branch) && spend (self))
    if (any ? !is_boolean (self, branch, FALSE) : !requires_nothing (self, branch))
      {
        found = branch;
        (*n)++;
      }

  return found;
}

/* Whether all members but one are neutral. */
static gboolean
is_alone (Strict *self, GArray *members, const char *name, gboolean root)
{
  for (guint i = 0; i < members->len; i++)
    {
      const Member *member = &g_array_index (members, Member, i);

      if (strcmp (member->name, name) != 0 && !is_neutral (self, member, root))
        return FALSE;
    }

  return TRUE;
}

/* Replaces a keyword by the members of a schema. */
static void
replace_keyword (Strict *self, GArray *members, const char *keyword, OaiJsonNode schema, gboolean definitions)
{
  g_autoptr (GArray) inner = list_members (self, schema);

  remove_member (members, keyword);
  if (find_in (inner, "$id") != NULL)
    fail (self, _("“%s” is not supported"), "$id");
  for (guint i = 0; i < inner->len; i++)
    {
      const Member *member = &g_array_index (inner, Member, i);

      if (definitions || !is_definitions (member->name))
        add_member (members, member->name, member->node);
    }
}

/* Whether values of a schema are certainly of one type. */
static gboolean
is_only (Strict *self, OaiJsonNode schema, const char *type, guint chain)
{
  OaiJsonNode reference = get (self, schema, "$ref");
  OaiJsonNode own = get (self, schema, "type");
  gboolean moves;
  guint n;
  OaiJsonNode branch;

  if (own != OAI_JSON_NONE)
    return names_only (self, own, type);
  if (chain > MAX_CHAIN || !spend (self))
    return FALSE;
  if (reference != OAI_JSON_NONE)
    return is_only (self, resolve (self, reference, &moves), type, chain + 1);

  branch = find_branch (self, get (self, schema, "allOf"), FALSE, &n);
  return n > 0 && is_only (self, branch, type, chain + 1);
}

static gboolean
all_are_only (Strict *self, OaiJsonNode list, const char *type)
{
  OaiJsonIter iter;
  OaiJsonNode branch;

  oai_json_iter_init (&iter, self->doc, list);
  while (oai_json_iter_next (&iter, NULL, &branch))
    if (!is_boolean (self, branch, FALSE) && !is_only (self, branch, type, 0))
      return FALSE;

  return TRUE;
}

static gboolean
is_empty (Strict *self, GArray *members, const char *name)
{
  Member *member = find_in (members, name);

  return member == NULL || (get_type (self, member->node) >= OAI_JSON_ARRAY && oai_json_get_size (self->doc, member->node) == 0);
}

/* Removes from the members next to an anyOf what its branches repeat. */
static gboolean
unwrap_any_of (Strict *self, GArray *members)
{
  Member *list = find_in (members, "anyOf");
  Member *type = find_in (members, "type");

  if (list == NULL)
    return TRUE;
  if (type != NULL && names_type (self, type->node, "array") && find_in (members, "items") == NULL && all_are_only (self, list->node, "array"))
    {
      remove_member (members, "type");
      return TRUE;
    }
  if (!is_object (self, members))
    return TRUE;
  if (!is_empty (self, members, "properties") || !is_empty (self, members, "required") || find_in (members, "additionalProperties") != NULL
      || (type != NULL && !all_are_only (self, list->node, "object")))
    return fail (self, _("“anyOf” of an object must contain all of its form"));

  remove_member (members, "properties");
  remove_member (members, "required");
  remove_member (members, "type");

  return TRUE;
}

static gboolean
is_inlined (Strict *self, OaiJsonNode target)
{
  for (guint i = 0; i < self->inlined->len; i++)
    if (g_array_index (self->inlined, OaiJsonNode, i) == target)
      return TRUE;

  return FALSE;
}

/* Replaces a $ref by its target.  Returns FALSE if it stays, or if there is an error. */
static gboolean
expand_reference (Strict *self, GArray *members, gboolean root)
{
  Member *reference = find_in (members, "$ref");
  OaiJsonNode target;
  gboolean moves;

  if (reference == NULL)
    return FALSE;
  if (!is_alone (self, members, "$ref", root))
    return fail (self, _("“$ref” stands beside keywords that it overrides"));
  target = resolve (self, reference->node, &moves);
  if (target == OAI_JSON_NONE)
    return FALSE;
  if (root && is_inlined (self, target))
    return fail (self, _("“$ref” refers to itself"));
  if (is_inlined (self, target))
    {
      Member kept = *reference;

      /* Annotations beside a reference are not accepted. */
      g_array_set_size (members, 0);
      g_array_append_val (members, kept);
      return FALSE;
    }

  g_array_append_val (self->inlined, target);
  replace_keyword (self, members, "$ref", target, FALSE);

  return TRUE;
}

static void
remove_null_default (Strict *self, GArray *members)
{
  Member *member = find_in (members, "default");

  if (member != NULL && get_type (self, member->node) == OAI_JSON_NULL)
    remove_member (members, "default");
}

static gboolean
must_expand (Strict *self, GArray *members, gboolean root)
{
  Member *reference = find_in (members, "$ref");
  guint n = 0;

  if (reference == NULL || root)
    return reference != NULL;
  for (guint i = 0; i < members->len; i++)
    n += is_annotation (g_array_index (members, Member, i).name);

  return n > 0 && (self->flags & OAI_STRICT_KEEP_REFERENCES) == 0;
}

/* Replaces an allOf, or an anyOf of the root, that has one branch.  Returns FALSE if nothing was
 * replaced. */
static gboolean
fold_branch (Strict *self, GArray *members, const char *keyword, gboolean root)
{
  Member *list = find_in (members, keyword);
  gboolean any = strcmp (keyword, "anyOf") == 0;
  OaiJsonNode branch;
  guint n;

  if (list == NULL || get_type (self, list->node) != OAI_JSON_ARRAY)
    return FALSE;
  branch = find_branch (self, list->node, any, &n);
  if (n == 0 && !any)
    {
      remove_member (members, keyword);
      return TRUE;
    }
  if (n != 1 || get_type (self, branch) != OAI_JSON_OBJECT || !is_alone (self, members, keyword, root))
    return FALSE;

  replace_keyword (self, members, keyword, branch, TRUE);

  return TRUE;
}

/* Replaces references and lists of one branch until none is left. */
static gboolean
fold (Strict *self, GArray *members, gboolean root)
{
  gboolean changed;

  do
    {
      if (!spend (self))
        return FALSE;
      remove_null_default (self, members);
      changed = must_expand (self, members, root) && expand_reference (self, members, root);
      changed |= fold_branch (self, members, "allOf", root);
      if (!unwrap_any_of (self, members))
        return FALSE;
      changed |= root && fold_branch (self, members, "anyOf", TRUE);
    }
  while (changed && self->error == NULL);

  return self->error == NULL;
}

/* Writing */

static gboolean
is_unsupported (const char *name)
{
  static const char *const names[] = {
    "$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveAnchor", "$recursiveRef", "additionalItems", "allOf", "contains",
    "contentEncoding", "contentMediaType", "contentSchema", "dependencies", "dependentRequired", "dependentSchemas", "else", "if",
    "maxContains", "maxProperties", "minContains", "minProperties", "not", "patternProperties", "prefixItems", "propertyNames", "then",
    "unevaluatedItems", "unevaluatedProperties", "uniqueItems", NULL
  };

  return is_in (name, names);
}

static gboolean
write_map (Strict *self, OaiJsonValue *out, const Member *map)
{
  OaiJsonValue *object = oai_json_value_set_member (out, map->name, oai_json_value_new_object ());
  g_autoptr (GArray) members = list_members (self, map->node);

  for (guint i = 0; i < members->len; i++)
    {
      const Member *member = &g_array_index (members, Member, i);
      gsize length = enter (self, map->name, member->name);
      /* An unused definition may be a boolean. */
      OaiJsonValue *value = get_type (self, member->node) == OAI_JSON_BOOLEAN ? oai_json_value_new_from_node (self->doc, member->node)
                                                                              : rewrite (self, member->node);

      leave (self, length);
      if (value == NULL)
        return FALSE;
      oai_json_value_set_member (object, member->name, value);
    }

  return get_type (self, map->node) == OAI_JSON_OBJECT || fail (self, _("“%s” must be an object"), map->name);
}

static gboolean
write_branches (Strict *self, OaiJsonValue *out, const Member *list)
{
  OaiJsonValue *array = oai_json_value_set_member (out, list->name, oai_json_value_new_array ());
  OaiJsonIter iter;
  OaiJsonNode branch;

  oai_json_iter_init (&iter, self->doc, list->node);
  for (guint i = 0; oai_json_iter_next (&iter, NULL, &branch); i++)
    {
      g_autofree char *position = g_strdup_printf ("%u", i);
      gsize length = enter (self, list->name, position);
      OaiJsonValue *value = is_boolean (self, branch, FALSE) ? NULL : rewrite (self, branch);

      leave (self, length);
      if (self->error != NULL)
        return FALSE;
      if (value != NULL)
        oai_json_value_append (array, value);
    }

  return oai_json_value_get_size (array) > 0 || fail (self, _("No value fits “%s”"), list->name);
}

static gboolean
write_type (Strict *self, OaiJsonValue *out, OaiJsonNode type)
{
  gboolean single = get_type (self, type) == OAI_JSON_ARRAY && oai_json_get_size (self->doc, type) == 1;

  oai_json_value_set_member (out, "type", oai_json_value_new_from_node (self->doc, single ? oai_json_get_element (self->doc, type, 0) : type));

  return TRUE;
}

static gboolean
write_items (Strict *self, OaiJsonValue *out, OaiJsonNode items)
{
  gsize length = enter (self, "items", NULL);
  OaiJsonValue *value = rewrite (self, items);

  leave (self, length);
  if (value != NULL)
    oai_json_value_set_member (out, "items", value);

  return value != NULL;
}

/* A target that does not keep its position becomes a definition. */
static gboolean
write_reference (Strict *self, OaiJsonValue *out, OaiJsonNode reference)
{
  gboolean moves;
  OaiJsonNode target = resolve (self, reference, &moves);
  g_autofree char *moved = NULL;
  guint i;

  if (target == OAI_JSON_NONE)
    return FALSE;
  if (!moves)
    {
      oai_json_value_set_member (out, "$ref", oai_json_value_new_from_node (self->doc, reference));
      return TRUE;
    }

  for (i = 0; i < self->moved->len; i++)
    if (g_array_index (self->moved, OaiJsonNode, i) == target)
      break;
  if (i == self->moved->len)
    g_array_append_val (self->moved, target);
  moved = g_strdup_printf ("#/$defs/" MOVED_NAME, i);
  oai_json_value_set_member (out, "$ref", oai_json_value_new_string (moved, -1));

  return TRUE;
}

static gboolean
write_keyword (Strict *self, OaiJsonValue *out, const Member *member)
{
  gboolean root_id = self->path->len == 0 && strcmp (member->name, "$id") == 0;

  if (is_definitions (member->name))
    return write_map (self, out, member);
  if (strcmp (member->name, "anyOf") == 0 || strcmp (member->name, "oneOf") == 0)
    return write_branches (self, out, member);
  if (strcmp (member->name, "type") == 0)
    return write_type (self, out, member->node);
  if (strcmp (member->name, "items") == 0)
    return write_items (self, out, member->node);
  if (strcmp (member->name, "$ref") == 0)
    return write_reference (self, out, member->node);
  if (strcmp (member->name, "enum") == 0 && get_type (self, member->node) != OAI_JSON_ARRAY)
    return fail (self, _("“enum” must be a list of values"));
  if (is_unsupported (member->name) && !root_id)
    return fail (self, _("“%s” is not supported"), member->name);

  oai_json_value_set_member (out, member->name, oai_json_value_new_from_node (self->doc, member->node));
  return TRUE;
}

static gboolean
is_of_object (const char *name)
{
  static const char *const names[] = { "additionalProperties", "properties", "required", NULL };

  return is_in (name, names);
}

static gboolean
check_reference (Strict *self, GArray *members)
{
  return find_in (members, "$ref") == NULL || is_alone (self, members, "$ref", FALSE)
         || fail (self, _("“$ref” stands beside keywords that it overrides"));
}

static gboolean
write_members (Strict *self, OaiJsonValue *out, GArray *members, gboolean root)
{
  Member *type = find_in (members, "type");

  if (!check_reference (self, members))
    return FALSE;
  if (root && (type == NULL || !names_only (self, type->node, "object") || find_in (members, "anyOf") != NULL))
    return fail (self, _("The schema must describe an object: its “type” must be “object”"));
  if (type != NULL && names_type (self, type->node, "array") && find_in (members, "items") == NULL)
    return fail (self, _("An array must have “items”"));

  for (guint i = 0; i < members->len; i++)
    {
      const Member *member = &g_array_index (members, Member, i);

      if (!is_of_object (member->name) && !write_keyword (self, out, member))
        return FALSE;
    }

  return !is_object (self, members) || write_object (self, out, members);
}

/* The type of the root is known after its branches were merged. */
static gboolean
check_root (Strict *self, OaiJsonValue *out)
{
  return g_strcmp0 (oai_json_value_get_string (oai_json_value_get_member (out, "type"), NULL), "object") == 0
         || fail (self, _("The schema must describe an object: its “type” must be “object”"));
}

/* Returns NULL if there is an error. */
static OaiJsonValue *
rewrite (Strict *self, OaiJsonNode schema)
{
  g_autoptr (OaiJsonValue) out = oai_json_value_new_object ();
  g_autoptr (GArray) members = list_members (self, schema);
  gboolean root = schema == 0;
  guint n_inlined = self->inlined->len;
  gboolean written;

  if (get_type (self, schema) != OAI_JSON_OBJECT)
    fail (self, _("A schema must be an object"));
  if (!spend (self) || !fold (self, members, root))
    return NULL;

  self->depth++;
  if (find_in (members, "allOf") != NULL && find_in (members, "$ref") == NULL)
    written = write_merged (self, out, members, root) && (!root || check_root (self, out));
  else
    written = write_members (self, out, members, root);
  self->depth--;
  g_array_set_size (self->inlined, n_inlined);

  return written ? g_steal_pointer (&out) : NULL;
}

/* Adds the definitions of targets that were moved, which may refer to more of them. */
static gboolean
write_moved (Strict *self, OaiJsonValue *out)
{
  OaiJsonValue *definitions = oai_json_value_get_member (out, "$defs");

  if (self->moved->len > 0 && definitions == NULL)
    definitions = oai_json_value_set_member (out, "$defs", oai_json_value_new_object ());
  for (guint i = 0; i < self->moved->len; i++)
    {
      g_autofree char *name = g_strdup_printf (MOVED_NAME, i);
      gsize length = enter (self, "$defs", name);
      OaiJsonValue *value = rewrite (self, g_array_index (self->moved, OaiJsonNode, i));

      leave (self, length);
      if (value == NULL)
        return FALSE;
      oai_json_value_set_member (definitions, name, value);
    }

  return TRUE;
}

OaiJsonValue *
oai_schema_make_strict (OaiJsonDoc *doc, OaiStrictFlags flags, GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (GArray) moved = g_array_new (FALSE, FALSE, sizeof (OaiJsonNode));
  g_autoptr (GArray) inlined = g_array_new (FALSE, FALSE, sizeof (OaiJsonNode));
  Strict self = { .doc = doc, .flags = flags, .path = path, .moved = moved, .inlined = inlined };
  OaiJsonNode root = 0;
  g_autoptr (OaiJsonValue) out = NULL;

  g_array_append_val (inlined, root);
  out = rewrite (&self, root);
  if (out != NULL && write_moved (&self, out))
    return g_steal_pointer (&out);

  g_propagate_error (error, self.error);
  return NULL;
}
