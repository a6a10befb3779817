/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Operations of modules, with arguments by their JSON names, and a test endpoint for
 * features of core that no module uses. */

#include "driver.h"

#include <string.h>

#include "oai-input-file.h"
#include "oai-record-class.h"
#include "oai-record-private.h"
#include "static-modules.h"

typedef OaiRecord DriverItem;
typedef OaiRecordClass DriverItemClass;

G_DEFINE_FINAL_TYPE (DriverItem, driver_item, OAI_TYPE_RECORD)

static const OaiField item_fields[] = {
  { "id", "id", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
};

static const OaiRecordSchema item_schema = {
  OAI_RECORD_SCHEMA_SIZES,
  .fields = item_fields,
  .n_fields = G_N_ELEMENTS (item_fields),
  .flags = OAI_RECORD_SCHEMA_WRITABLE
};

static void
driver_item_class_init (DriverItemClass *klass)
{
  oai_record_class_set_schema (klass, &item_schema);
}

static void
driver_item_init (DriverItem *self)
{
}

/* Forms. */
typedef OaiRecord DriverForm;
typedef OaiRecordClass DriverFormClass;

G_DEFINE_FINAL_TYPE (DriverForm, driver_form, OAI_TYPE_RECORD)

static const OaiField form_fields[] = {
  { "hello", "hello", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
  { "title", "title", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
  { "baz", "baz", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
  { "foo", "foo-text", OAI_FIELD_STRING, OAI_FIELD_NONE, NULL },
  { "foo", "foo", OAI_FIELD_RECORD, OAI_FIELD_ALTERNATIVE, driver_form_get_type },
  { "bar", "bar", OAI_FIELD_FILE, OAI_FIELD_NONE, NULL },
  { "files", "files", OAI_FIELD_FILE_LIST, OAI_FIELD_NONE, NULL },
};

static const OaiRecordSchema form_schema = {
  OAI_RECORD_SCHEMA_SIZES,
  .fields = form_fields,
  .n_fields = G_N_ELEMENTS (form_fields),
  .flags = OAI_RECORD_SCHEMA_WRITABLE
};

static void
driver_form_class_init (DriverFormClass *klass)
{
  oai_record_class_set_schema (klass, &form_schema);
}

static void
driver_form_init (DriverForm *self)
{
}

typedef OaiEndpoint DriverEndpoint;
typedef OaiEndpointClass DriverEndpointClass;

G_DEFINE_FINAL_TYPE (DriverEndpoint, driver_endpoint, OAI_TYPE_ENDPOINT)

static const OaiPaging paging = {
  .size = sizeof (OaiPaging),
  .items = (const char *const []) { "data", "models", NULL },
  .parameter = "after",
  .next_member = "next",
  .item_member = "id",
  .last_member = "last_id",
  .more_member = "has_more",
};

static const OaiOperation operations[] = {
  {
    .name = "list",
    .method = "GET",
    .path = "items",
    .result = OAI_RESULT_LIST,
    .query_type = driver_item_get_type,
    .result_type = driver_item_get_type,
    .paging = &paging,
  },
  {
    .name = "create",
    .method = "POST",
    .path = "responses",
    .result = OAI_RESULT_RECORD,
    .request_type = driver_item_get_type,
    .result_type = driver_item_get_type,
    .chunk_type = driver_item_get_type,
    .stream_type = oai_stream_get_type,
    .stream_member = "stream",
  },
  {
    .name = "hangup",
    .method = "POST",
    .path = "realtime/calls/{call_id}/hangup",
    .result = OAI_RESULT_NONE,
  },
  {
    .name = "send_form",
    .method = "POST",
    .path = "forms",
    .flags = OAI_OPERATION_MULTIPART,
    .result = OAI_RESULT_NONE,
    .request_type = driver_form_get_type,
  },
  {
    .name = "create_skill",
    .method = "POST",
    .path = "skills",
    .flags = OAI_OPERATION_MULTIPART | OAI_OPERATION_KEEP_PATHS,
    .result = OAI_RESULT_RECORD,
    .request_type = driver_form_get_type,
    .result_type = driver_item_get_type,
  },
  {
    .name = "create_skill_version",
    .method = "POST",
    .path = "skills/{skill_id}/versions",
    .flags = OAI_OPERATION_MULTIPART | OAI_OPERATION_KEEP_PATHS,
    .result = OAI_RESULT_RECORD,
    .request_type = driver_form_get_type,
    .result_type = driver_item_get_type,
  },
  {
    .name = "store_file",
    .method = "GET",
    .path = "vector_stores/{vector_store_id}/files/{id}",
    .beta = "assistants",
    .beta_version = "v2",
    .only_beta_version = "v2",
    .result = OAI_RESULT_RECORD,
    .result_type = driver_item_get_type,
  },
  {
    .name = "store_batch",
    .method = "GET",
    .path = "vector_stores/{vector_store_id}/file_batches/{id}",
    .beta = "assistants",
    .beta_version = "v2",
    .only_beta_version = "v2",
    .result = OAI_RESULT_RECORD,
    .result_type = driver_item_get_type,
  },
};

static const OaiEndpointTable table = {
  OAI_ENDPOINT_TABLE_SIZES,
  .name = "driver",
  .operations = operations,
  .n_operations = G_N_ELEMENTS (operations),
};

static void
driver_endpoint_class_init (DriverEndpointClass *klass)
{
  oai_endpoint_class_set_table (klass, &table);
}

static void
driver_endpoint_init (DriverEndpoint *self)
{
}

/* Files */

gboolean
driver_is_file (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  return object != NULL
         && (json_object_has_member (object, "$bytes") || json_object_has_member (object, "$text") || json_object_has_member (object, "$stream"));
}

static GBytes *
dup_file_contents (JsonObject *object)
{
  const char *base64 = driver_get_string (object, "$bytes");
  const char *text = driver_get_string (object, "$text");
  JsonArray *pieces = driver_get_array (object, "$stream");
  g_autoptr(GString) whole = g_string_new (text);
  guchar *data;
  gsize length;

  if (base64 != NULL)
    {
      data = g_base64_decode (base64, &length);
      return g_bytes_new_take (data, length);
    }
  for (guint i = 0; pieces != NULL && i < json_array_get_length (pieces); i++)
    g_string_append (whole, json_array_get_string_element (pieces, i));

  return g_string_free_to_bytes (g_steal_pointer (&whole));
}

gpointer
driver_new_file (JsonNode *node)
{
  JsonObject *object = json_node_get_object (node);
  const char *filename = driver_get_string (object, "filename");
  const char *content_type = driver_get_string (object, "content_type");
  g_autoptr(GBytes) bytes = dup_file_contents (object);
  g_autoptr(GInputStream) stream = NULL;
  OaiInputFile *file;

  if (json_object_has_member (object, "$stream"))
    {
      stream = g_memory_input_stream_new_from_bytes (bytes);
      file = oai_input_file_new_for_input_stream (stream, filename, -1);
    }
  else
    {
      file = oai_input_file_new_for_bytes (bytes, filename);
    }
  if (content_type != NULL)
    oai_input_file_set_content_type (file, content_type);

  return file;
}

/* Arguments */

static const OaiRecordSchema *
get_schema (GType (*type) (void))
{
  g_autoptr(OaiRecordClass) klass = type != NULL ? g_type_class_ref (type ()) : NULL;

  return klass != NULL ? klass->schema : NULL;
}

static int
find_field (const OaiRecordSchema *schema, const char *member)
{
  for (guint i = 0; schema != NULL && i < schema->n_fields; i++)
    if (g_str_equal (schema->fields[i].member, member))
      return i;

  return -1;
}

static GStrv
take_path_arguments (const char *path, JsonObject *arguments)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  const char *open = path;
  GStrv strv;

  while ((open = strchr (open, '{')) != NULL)
    {
      const char *close = strchr (open, '}');
      g_autofree char *name = g_strndup (open + 1, close - open - 1);
      const char *value = driver_get_string (arguments, name);
      g_autofree char *text = driver_dup_json (arguments, name);

      g_strv_builder_add (builder, value != NULL ? value : text != NULL ? text : "");
      json_object_remove_member (arguments, name);
      open = close;
    }
  strv = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);

  return strv;
}

static void
set_file (OaiRecord *record, int field, JsonNode *node)
{
  const OaiRecordSchema *schema = oai_record_get_schema (record);
  g_autoptr(OaiInputFile) file = driver_new_file (node);

  /* A list of files is an alternative to one file, or the reverse. */
  if (schema->fields[field].type == OAI_FIELD_FILE_LIST)
    oai_record_add_field_item (record, field, file);
  else
    oai_record_set_field_file (record, field, file);
}

static gboolean
holds_files (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) > 0)
    node = json_array_get_element (json_node_get_array (node), 0);

  return driver_is_file (node);
}

static gboolean take_files (OaiRecord *record, JsonObject *files);

/* A file, a list of files, or an object that contains files. */
static gboolean
take_file (OaiRecord *record, const char *name, JsonNode *node)
{
  const OaiRecordSchema *schema = oai_record_get_schema (record);
  OaiFieldType type = !holds_files (node) ? OAI_FIELD_RECORD : JSON_NODE_HOLDS_ARRAY (node) ? OAI_FIELD_FILE_LIST : OAI_FIELD_FILE;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  int field = find_field (schema, name);

  while (field >= 0 && schema->fields[field].type != type && (guint) field + 1 < schema->n_fields && g_str_equal (schema->fields[field + 1].member, name))
    field++;
  if (field < 0 || (type != OAI_FIELD_RECORD && schema->fields[field].type != OAI_FIELD_FILE && schema->fields[field].type != OAI_FIELD_FILE_LIST))
    return FALSE;
  if (type == OAI_FIELD_RECORD)
    return JSON_NODE_HOLDS_OBJECT (node) && schema->fields[field].type == OAI_FIELD_RECORD && oai_record_get_field_record (record, field) != NULL
           && take_files (oai_record_get_field_record (record, field), json_node_get_object (node));

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    set_file (record, field, json_array_get_element (array, i));
  if (array == NULL)
    set_file (record, field, node);

  return TRUE;
}

static gboolean
take_files (OaiRecord *record, JsonObject *files)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, files);
  while (json_object_iter_next (&iter, &name, &node))
    if (!take_file (record, name, node))
      return FALSE;

  return TRUE;
}

/* Removes the files at any depth from members. */
static JsonObject *
split_files (JsonObject *members)
{
  g_autoptr(GList) names = json_object_get_members (members);
  JsonObject *files = json_object_new ();

  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonNode *node = json_object_get_member (members, name->data);
      g_autoptr(JsonObject) nested = NULL;

      if (holds_files (node))
        {
          json_object_set_member (files, name->data, json_node_copy (node));
          json_object_remove_member (members, name->data);
        }
      else if (JSON_NODE_HOLDS_OBJECT (node))
        {
          nested = split_files (json_node_get_object (node));
          if (json_object_get_size (nested) > 0)
            json_object_set_object_member (files, name->data, g_steal_pointer (&nested));
        }
    }

  return files;
}

static OaiRecord *
new_record (GType type, JsonObject *members, GError **error)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *json = NULL;

  json_node_set_object (node, members);
  json = driver_node_to_text (node);

  return oai_record_new_from_json (type, json, error);
}

#define UNKNOWN_FILE "the operation has no such file"

static gboolean
take_arguments (DriverInvocation *self, JsonObject *arguments, GError **error)
{
  const OaiOperation *operation = self->operation;
  g_autoptr(JsonObject) query = json_object_new ();
  g_autoptr(JsonObject) body = json_object_new ();
  g_autoptr(JsonObject) files = split_files (arguments);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, arguments);
  while (json_object_iter_next (&iter, &name, &node))
    {
      JsonObject *place = body;

      if (operation->request_type == NULL || (find_field (get_schema (operation->request_type), name) < 0 && find_field (get_schema (operation->query_type), name) >= 0))
        place = query;
      json_object_set_member (place, name, json_node_copy (node));
    }
  if (operation->query_type != NULL && json_object_get_size (query) > 0)
    self->query = new_record (operation->query_type (), query, error);
  if (operation->request_type != NULL)
    self->request = new_record (operation->request_type (), body, error);
  if (*error != NULL)
    return FALSE;
  if (self->request == NULL || take_files (self->request, files))
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, UNKNOWN_FILE);
  return FALSE;
}

/* operation: "chat.create". */
gboolean
driver_invocation_init (DriverInvocation *self, DriverCase *driver_case, const char *operation, JsonObject *arguments, GError **error)
{
  g_auto(GStrv) names = g_strsplit (operation, ".", 2);
  g_autoptr(OaiEndpoint) plain = NULL;
  g_autoptr(OaiCallOptions) options = driver_new_call_options (driver_case);
  g_autoptr(JsonObject) copy = json_object_new ();
  g_autoptr(GError) local_error = NULL;
  OaiEndpointClass *klass;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (g_str_equal (names[0], "driver"))
    plain = g_object_new (driver_endpoint_get_type (), "client", driver_case->client, NULL);
  else
    plain = static_modules_get_endpoint (driver_case->client, names[0], error);
  if (plain == NULL)
    return FALSE;

  self->endpoint = oai_endpoint_with_options (plain, options);
  klass = OAI_ENDPOINT_GET_CLASS (self->endpoint);
  for (self->index = 0; self->index < klass->n_operations; self->index++)
    if (g_str_equal (klass->operations[self->index].name, names[1]))
      break;
  if (self->index == klass->n_operations)
    {
      driver_report_unknown (driver_case, "the operation %s", operation);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "no operation %s", operation);
      return FALSE;
    }
  self->operation = &klass->operations[self->index];

  json_object_iter_init (&iter, arguments);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (copy, name, json_node_copy (node));
  self->path_arguments = take_path_arguments (self->operation->path, copy);
  if (take_arguments (self, copy, &local_error))
    return TRUE;

  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    driver_report_unknown (driver_case, "%s", local_error->message);
  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

void
driver_invocation_clear (DriverInvocation *self)
{
  g_clear_object (&self->endpoint);
  g_clear_pointer (&self->path_arguments, g_strfreev);
  g_clear_object (&self->query);
  g_clear_object (&self->request);
}
