/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-operation-schema-private.h"

#include <string.h>

#include "oai-arguments-schema-private.h"
#include "oai-error.h"
#include "oai-field-info.h"
#include "oai-i18n-private.h"
#include "oai-json-writer-private.h"

/* Records may contain themselves; below this level they are any object. */
#define MAX_DEPTH 3

static void write_field (OaiFieldInfo *field, guint depth, GString *out);

static gboolean
is_offered (OaiFieldInfo *field)
{
  const char *type = oai_field_info_get_type_name (field);

  return oai_field_info_is_writable (field) && !oai_field_info_is_secret (field) && !oai_field_info_is_deprecated (field) && !g_str_has_prefix (type, "file");
}

/* Writes the schema of a member, which has a field for each of its types.  Returns the number of these
 * fields in n_fields. */
static char *
dup_member_schema (GPtrArray *fields, guint position, guint depth, guint *n_fields)
{
  g_autoptr(GString) text = g_string_new (NULL);
  guint n_types = 0;

  for (*n_fields = 0; position + *n_fields < fields->len; (*n_fields)++)
    {
      OaiFieldInfo *field = g_ptr_array_index (fields, position + *n_fields);

      if (*n_fields > 0 && !oai_field_info_is_alternative (field))
        break;
      if (!is_offered (field))
        continue;
      g_string_append (text, n_types++ > 0 ? "," : "");
      write_field (field, depth, text);
    }
  if (n_types == 0)
    return NULL;

  return n_types == 1 ? g_strdup (text->str) : g_strdup_printf ("{\"anyOf\":[%s]}", text->str);
}

/* The members of a union depend on its tag, so other members are accepted. */
static void
write_record (GType type, guint depth, GString *out)
{
  g_autoptr(GPtrArray) fields = depth < MAX_DEPTH ? oai_record_list_fields (type) : NULL;
  guint n_fields = 0;
  const char *separator = "";

  g_string_append (out, "{\"type\":\"object\"");
  if (fields != NULL)
    g_string_append (out, ",\"properties\":{");
  for (guint i = 0; fields != NULL && i < fields->len; i += n_fields)
    {
      g_autofree char *schema = dup_member_schema (fields, i, depth + 1, &n_fields);

      if (schema == NULL)
        continue;
      g_string_append (out, separator);
      separator = ",";
      oai_json_write_string (out, oai_field_info_get_member (g_ptr_array_index (fields, i)), -1);
      g_string_append_printf (out, ":%s", schema);
    }
  g_string_append (out, fields != NULL ? "}}" : "}");
}

static void
write_scalar (const char *type, GString *out)
{
  if (g_str_equal (type, "int") || g_str_equal (type, "time"))
    g_string_append (out, "{\"type\":\"integer\"}");
  else if (g_str_equal (type, "map"))
    g_string_append (out, "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}");
  else if (g_str_equal (type, "json"))
    g_string_append (out, "{}");
  else
    g_string_append_printf (out, "{\"type\":\"%s\"}", type);
}

static void
write_field (OaiFieldInfo *field, guint depth, GString *out)
{
  const char *type = oai_field_info_get_type_name (field);
  gboolean is_list = g_str_has_suffix (type, "-list");
  g_autofree char *element = is_list ? g_strndup (type, strlen (type) - strlen ("-list")) : g_strdup (type);

  if (is_list)
    g_string_append (out, "{\"type\":\"array\",\"items\":");
  if (g_str_equal (element, "record"))
    write_record (oai_field_info_get_item_type (field), depth, out);
  else
    write_scalar (element, out);
  if (is_list)
    g_string_append_c (out, '}');
}

/* Arguments */

typedef struct
{
  const OaiOperation *operation;
  OaiJsonDoc *fixed;
  GPtrArray *names;
  OaiArgumentsSchema schema;
} Writer;

static gboolean
is_fixed (Writer *self, const char *name)
{
  return (self->fixed != NULL && oai_json_get_member (self->fixed, 0, name) != OAI_JSON_NONE) || g_strcmp0 (name, self->operation->stream_member) == 0;
}

static void
add_argument (Writer *self, const char *name, const char *schema, gboolean required)
{
  if (is_fixed (self, name) || g_ptr_array_find_with_equal_func (self->names, name, g_str_equal, NULL))
    return;

  oai_arguments_schema_add (&self->schema, name, schema, NULL, NULL, FALSE, required);
  g_ptr_array_add (self->names, g_strdup (name));
}

/* Adds the parameters of the path, such as {model}. */
static void
add_path_arguments (Writer *self)
{
  const char *begin = self->operation->path;

  while ((begin = strchr (begin, '{')) != NULL)
    {
      const char *end = strchr (begin, '}');
      g_autofree char *name = g_strndup (begin + 1, (gsize) (end - begin - 1));

      add_argument (self, name, "{\"type\":\"string\"}", TRUE);
      begin = end;
    }
}

/* Adds the members of the query or of the body. */
static gboolean
add_record_arguments (Writer *self, GType (*get_type) (void), GError **error)
{
  g_autoptr(GPtrArray) fields = get_type != NULL ? oai_record_list_fields (get_type ()) : NULL;
  guint n_fields = 0;

  for (guint i = 0; fields != NULL && i < fields->len; i += n_fields)
    {
      OaiFieldInfo *field = g_ptr_array_index (fields, i);
      const char *member = oai_field_info_get_member (field);
      g_autofree char *schema = dup_member_schema (fields, i, 0, &n_fields);

      if (schema != NULL)
        add_argument (self, member, schema, oai_field_info_is_required (field));
      else if (oai_field_info_is_required (field) && !is_fixed (self, member))
        {
          g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The operation “%s” cannot be a tool: a model cannot choose its argument “%s”"), self->operation->name, member);
          return FALSE;
        }
    }

  return TRUE;
}

OaiJsonSchema *
oai_operation_schema_new (const OaiOperation *operation, OaiJsonDoc *fixed, GPtrArray *names, GError **error)
{
  Writer self = { .operation = operation, .fixed = fixed, .names = names };
  g_autoptr(OaiJsonSchema) created = NULL;
  gboolean added;

  oai_arguments_schema_init (&self.schema);
  add_path_arguments (&self);
  added = add_record_arguments (&self, operation->request_type, error) && add_record_arguments (&self, operation->query_type, error);
  created = oai_arguments_schema_end (&self.schema, added ? error : NULL);

  return added ? g_steal_pointer (&created) : NULL;
}
