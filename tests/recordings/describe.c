/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "driver.h"

static const char *const type_names[] = {
  "string", "int", "number", "boolean", "time", "json", "map", "record", "record-list", "string-list", "int-list", "number-list", "file", "file-list",
};

static void describe_type (JsonObject *types, GType type);

static void
describe_item (JsonObject *types, JsonObject *description, const OaiField *field)
{
  GType type = field->item_type != NULL ? field->item_type () : G_TYPE_INVALID;

  if (!g_type_is_a (type, OAI_TYPE_RECORD))
    return;

  json_object_set_string_member (description, "item", g_type_name (type));
  describe_type (types, type);
}

static JsonArray *
describe_fields (JsonObject *types, const OaiRecordSchema *schema)
{
  JsonArray *fields = json_array_new ();

  for (guint i = 0; i < schema->n_fields; i++)
    {
      const OaiField *field = &schema->fields[i];
      JsonObject *description = json_object_new ();

      json_object_set_string_member (description, "member", field->member);
      json_object_set_string_member (description, "type", type_names[field->type]);
      json_object_set_boolean_member (description, "required", (field->flags & OAI_FIELD_REQUIRED) != 0);
      json_array_add_object_element (fields, description);
      describe_item (types, description, field);
    }

  return fields;
}

static void
describe_type (JsonObject *types, GType type)
{
  OaiRecordClass *klass;
  JsonArray *nothing;

  if (json_object_has_member (types, g_type_name (type)))
    return;

  /* Types can contain themselves. */
  nothing = json_array_new ();
  json_object_set_array_member (types, g_type_name (type), nothing);
  klass = g_type_class_ref (type);
  if (klass->schema == NULL)
    return;

  json_object_set_array_member (types, g_type_name (type), describe_fields (types, klass->schema));
  for (guint i = 0; i < klass->schema->n_cases; i++)
    describe_type (types, klass->schema->cases[i].type ());
}

static void
describe_role (JsonObject *types, JsonObject *description, const char *role, GType (*type) (void))
{
  if (type == NULL)
    return;

  json_object_set_string_member (description, role, g_type_name (type ()));
  describe_type (types, type ());
}

static JsonObject *
describe_operation (JsonObject *types, GType endpoint, guint index, const OaiOperation *operation)
{
  static const char *const results[] = { "record", "page", "bytes", "text", "none" };
  JsonObject *description = json_object_new ();

  g_assert_cmpuint (operation->result, <, G_N_ELEMENTS (results));
  json_object_set_string_member (description, "endpoint", g_type_name (endpoint));
  json_object_set_int_member (description, "index", index);
  json_object_set_string_member (description, "name", operation->name);
  json_object_set_string_member (description, "method", operation->method);
  json_object_set_string_member (description, "path", operation->path);
  json_object_set_string_member (description, "result", results[operation->result]);
  json_object_set_boolean_member (description, "multipart", (operation->flags & OAI_OPERATION_MULTIPART) != 0);
  driver_set_string (description, "stream_member", operation->stream_type == NULL ? NULL : operation->stream_member != NULL ? operation->stream_member : "stream");
  driver_set_string (description, "stream_value", operation->stream_value);
  driver_set_string (description, "text_member", operation->text_member);
  describe_role (types, description, "query", operation->query_type);
  describe_role (types, description, "request", operation->request_type);
  describe_role (types, description, "reply", operation->result_type);
  describe_role (types, description, "chunk", operation->chunk_type);
  if (operation->stream_type != NULL)
    json_object_set_string_member (description, "stream", g_type_name (operation->stream_type ()));

  return description;
}

void
driver_describe (JsonObject *out)
{
  JsonArray *operations = json_array_new ();
  JsonObject *types = json_object_new ();
  g_autofree GType *endpoints = NULL;
  guint n_endpoints;

  endpoints = g_type_children (OAI_TYPE_ENDPOINT, &n_endpoints);
  for (guint i = 0; i < n_endpoints; i++)
    {
      OaiEndpointClass *klass = g_type_class_ref (endpoints[i]);

      for (guint index = 0; index < klass->n_operations; index++)
        json_array_add_object_element (operations, describe_operation (types, endpoints[i], index, &klass->operations[index]));
    }
  json_object_set_array_member (out, "operations", operations);
  json_object_set_object_member (out, "types", types);
}

static void
make_writable (OaiRecordClass *klass)
{
  OaiRecordSchema *schema;

  if ((klass->schema->flags & OAI_RECORD_SCHEMA_WRITABLE) != 0)
    return;

  schema = g_memdup2 (klass->schema, sizeof *schema);
  schema->flags |= OAI_RECORD_SCHEMA_WRITABLE;
  klass->schema = schema;
}

void
driver_make_writable (void)
{
  g_autoptr(JsonObject) out = json_object_new ();
  g_autoptr(GList) names = NULL;

  driver_describe (out);
  names = json_object_get_members (json_object_get_object_member (out, "types"));
  for (GList *name = names; name != NULL; name = name->next)
    {
      OaiRecordClass *klass = g_type_class_ref (g_type_from_name (name->data));

      if (klass->schema != NULL)
        make_writable (klass);
    }
}
