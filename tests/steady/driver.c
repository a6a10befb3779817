/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls operations of a server, with records whose members were set one by one, and
 * reads all members of the replies.  It reads one JSON object per line:
 * {"module", "operation", "arguments", "seed"}, and writes one per line: {"status",
 * "errors", "problems"}. */

#include <openai-1/openai.h>

#include <stdio.h>

#include "oai-endpoint.h"
#include "oai-operation.h"
#include "oai-stream.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"
#include "oai-record-private.h"
#include "static-modules.h"

typedef struct
{
  GString *problems; /* members of a JSON array */
} Report;

static void
add_problem (Report *report, const char *path, const char *what)
{
  g_autofree char *text = g_strdup_printf ("%s: %s", path, what);

  if (report->problems->len > 0)
    g_string_append_c (report->problems, ',');
  oai_json_write_string (report->problems, text, -1);
}

/* Requests, with the setters that programs use */

static OaiRecord *copy_by_setters (OaiRecord *source);

static void
copy_list (OaiRecord *source, OaiRecord *copy, guint field)
{
  GPtrArray *list = oai_record_get_field_list (source, field);

  for (guint i = 0; i < list->len; i++)
    {
      g_autoptr(OaiRecord) item = copy_by_setters (g_ptr_array_index (list, i));

      oai_record_add_field_item (copy, field, item);
    }
}

static void
copy_field (OaiRecord *source, OaiRecord *copy, guint field)
{
  const OaiField *info = &oai_record_get_schema (source)->fields[field];
  g_autoptr(OaiRecord) part = NULL;
  gsize n;

  switch ((OaiFieldType) info->type)
    {
    case OAI_FIELD_STRING:
      oai_record_set_field_string (copy, field, oai_record_get_field_string (source, field));
      break;
    case OAI_FIELD_INT:
    case OAI_FIELD_TIME:
      oai_record_set_field_int (copy, field, oai_record_get_field_int (source, field));
      break;
    case OAI_FIELD_NUMBER:
      oai_record_set_field_number (copy, field, oai_record_get_field_number (source, field));
      break;
    case OAI_FIELD_BOOLEAN:
      oai_record_set_field_boolean (copy, field, oai_record_get_field_boolean (source, field));
      break;
    case OAI_FIELD_JSON:
    case OAI_FIELD_MAP:
      oai_record_set_field_json (copy, field, oai_record_get_field_json (source, field));
      break;
    case OAI_FIELD_RECORD:
      part = copy_by_setters (oai_record_get_field_record (source, field));
      oai_record_set_field_record (copy, field, part);
      break;
    case OAI_FIELD_RECORD_LIST:
      copy_list (source, copy, field);
      break;
    case OAI_FIELD_STRING_LIST:
      oai_record_set_field_strv (copy, field, oai_record_get_field_strv (source, field));
      break;
    case OAI_FIELD_INT_LIST:
      oai_record_set_field_ints (copy, field, oai_record_get_field_ints (source, field, &n), n);
      break;
    case OAI_FIELD_NUMBER_LIST:
      oai_record_set_field_numbers (copy, field, oai_record_get_field_numbers (source, field, &n), n);
      break;
    case OAI_FIELD_FILE:
    case OAI_FIELD_FILE_LIST:
    default:
      break;
    }
}

static OaiRecord *
copy_by_setters (OaiRecord *source)
{
  const OaiRecordSchema *schema = oai_record_get_schema (source);
  OaiRecord *copy = g_object_new (G_OBJECT_TYPE (source), NULL);

  for (guint i = 0; i < schema->n_fields; i++)
    if ((schema->fields[i].flags & OAI_FIELD_TAG) == 0 && oai_record_field_is_set (source, i))
      copy_field (source, copy, i);

  return copy;
}

static void
attach_files (OaiRecord *record, OaiJsonDoc *doc)
{
  const OaiRecordSchema *schema = oai_record_get_schema (record);

  for (guint i = 0; i < schema->n_fields; i++)
    {
      const OaiField *field = &schema->fields[i];
      g_autoptr(GBytes) bytes = g_bytes_new_static ("Example data", 12);
      g_autoptr(OaiInputFile) file = NULL;

      if (field->type < OAI_FIELD_FILE || oai_json_get_member (doc, 0, field->member) == OAI_JSON_NONE)
        continue;
      if (field->type == OAI_FIELD_FILE_LIST && i > 0 && schema->fields[i - 1].type == OAI_FIELD_FILE
          && oai_record_get_field_file (record, i - 1) != NULL)
        continue;
      file = oai_input_file_new_for_bytes (bytes, "example.txt");
      if (field->type == OAI_FIELD_FILE)
        oai_record_set_field_file (record, i, file);
      else
        oai_record_add_field_item (record, i, file);
    }
}

/* A record with those of the arguments that it has members for. */
static OaiRecord *
make_record (GType (*type) (void), OaiJsonDoc *doc, gboolean with_files, GError **error)
{
  g_autoptr(OaiRecord) blank = NULL;
  g_autoptr(OaiRecord) source = NULL;
  g_autoptr(GString) json = g_string_new ("{");
  const OaiRecordSchema *schema;
  OaiRecord *record;

  if (type == NULL)
    return NULL;

  blank = g_object_new (type (), NULL);
  schema = oai_record_get_schema (blank);
  for (guint i = 0; i < schema->n_fields; i++)
    {
      const OaiField *field = &schema->fields[i];
      OaiJsonNode node = oai_json_get_member (doc, 0, field->member);

      if ((field->flags & OAI_FIELD_ALTERNATIVE) != 0 || node == OAI_JSON_NONE || field->type >= OAI_FIELD_FILE)
        continue;
      if (json->len > 1)
        g_string_append_c (json, ',');
      oai_json_write_string (json, field->member, -1);
      g_string_append_c (json, ':');
      oai_json_write_node (json, doc, node);
    }
  g_string_append_c (json, '}');
  source = oai_record_new_from_json (type (), json->str, error);
  if (source == NULL)
    return NULL;

  record = copy_by_setters (source);
  if (with_files)
    attach_files (record, doc);

  return record;
}

/* Replies: every member is read with the getter of its type */

static void read_record (OaiRecord *record, const char *path, Report *report);

static void
read_field (OaiRecord *record, guint field, const char *path, Report *report)
{
  GPtrArray *list;

  switch ((OaiFieldType) oai_record_get_schema (record)->fields[field].type)
    {
    case OAI_FIELD_RECORD:
      read_record (oai_record_get_field_record (record, field), path, report);
      break;
    case OAI_FIELD_RECORD_LIST:
      list = oai_record_get_field_list (record, field);
      for (guint i = 0; i < list->len; i++)
        read_record (g_ptr_array_index (list, i), path, report);
      break;
    case OAI_FIELD_STRING:
      if (oai_record_get_field_string (record, field) == NULL)
        add_problem (report, path, "reads as no string");
      break;
    default:
      break;
    }
}

static void
read_record (OaiRecord *record, const char *path, Report *report)
{
  const OaiRecordSchema *schema = oai_record_get_schema (record);

  for (guint i = 0; i < schema->n_fields; i++)
    {
      const OaiField *field = &schema->fields[i];
      g_autofree char *member = g_strconcat (path, ".", field->member, NULL);
      guint n_set = 0;
      guint k = i;

      if ((field->flags & OAI_FIELD_ALTERNATIVE) != 0)
        continue;
      do
        if (oai_record_field_is_set (record, k))
          {
            n_set++;
            read_field (record, k, member, report);
          }
      while (++k < schema->n_fields && (schema->fields[k].flags & OAI_FIELD_ALTERNATIVE) != 0);
      if (n_set == 0 && oai_record_has_member (record, field->member) && !oai_record_is_null_member (record, field->member))
        {
          g_autofree char *json = oai_record_dup_member (record, field->member);
          g_autofree char *what = g_strdup_printf ("no getter reads %.60s", json);

          add_problem (report, member, what);
        }
    }
}

static void
read_result (const OaiOperation *operation, gpointer result, Report *report)
{
  switch ((OaiResultKind) operation->result)
    {
    case OAI_RESULT_RECORD:
      read_record (result, G_OBJECT_TYPE_NAME (result), report);
      g_object_unref (result);
      break;
    case OAI_RESULT_LIST:
      oai_paged_list_set_auto_load (result, FALSE);
      for (guint i = 0; i < g_list_model_get_n_items (result); i++)
        {
          g_autoptr(OaiRecord) record = g_list_model_get_item (result, i);

          read_record (record, G_OBJECT_TYPE_NAME (record), report);
        }
      g_object_unref (result);
      break;
    case OAI_RESULT_BYTES:
      g_bytes_unref (result);
      break;
    case OAI_RESULT_TEXT:
      g_free (result);
      break;
    case OAI_RESULT_NONE:
    default:
      break;
    }
}

/* Operations */

static OaiEndpoint *
find_endpoint (OaiClient *client, const char *module, const char *name, OaiCallOptions *options, guint *index, GError **error)
{
  const OaiModuleDescriptor *descriptor = static_modules_find (module, error);

  for (gsize i = 0; descriptor != NULL && i < descriptor->n_endpoints; i++)
    {
      OaiEndpoint *endpoint = g_object_new (descriptor->endpoints[i].get_type (), "client", client, "options", options, NULL);
      OaiEndpointClass *klass = OAI_ENDPOINT_GET_CLASS (endpoint);

      for (*index = 0; *index < klass->n_operations; (*index)++)
        if (g_str_equal (klass->operations[*index].name, name))
          return endpoint;
      g_object_unref (endpoint);
    }
  if (descriptor != NULL)
    g_set_error (error, OAI_ERROR, OAI_ERROR_MODULE, "%s has no operation %s", module, name);

  return NULL;
}

static GStrv
get_path_arguments (const char *path, OaiJsonDoc *doc)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) parts = g_strsplit_set (path, "{}", -1);

  for (guint i = 1; parts[0] != NULL && parts[i] != NULL; i += 2)
    {
      const char *text = oai_json_get_string (doc, oai_json_get_member (doc, 0, parts[i]), NULL);

      g_strv_builder_add (builder, text != NULL ? text : "id");
      if (parts[i + 1] == NULL)
        break;
    }

  return g_strv_builder_end (builder);
}

static OaiCall *last_call;

static void
call_started_cb (OaiClient *client, OaiCall *call, gpointer user_data)
{
  g_set_object (&last_call, call);
}

static void
do_operation (OaiClient *client, const char *module, const char *name, const char *arguments, gint64 seed, Report *report)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiCallOptions) options = oai_call_options_new ();
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (arguments, -1, OAI_JSON_STRICT, &error);
  g_autofree char *seed_text = g_strdup_printf ("%" G_GINT64_FORMAT, seed);
  g_autoptr(OaiEndpoint) endpoint = NULL;
  g_autoptr(OaiRecord) query = NULL;
  g_autoptr(OaiRecord) request = NULL;
  g_auto(GStrv) path = NULL;
  const OaiOperation *operation;
  guint index;
  gpointer result = NULL;

  oai_call_options_set_header (options, "X-Steady-Seed", seed_text);
  oai_call_options_set_max_retries (options, 0);
  g_clear_object (&last_call);
  if (doc != NULL)
    endpoint = find_endpoint (client, module, name, options, &index, &error);
  if (endpoint != NULL)
    {
      operation = &OAI_ENDPOINT_GET_CLASS (endpoint)->operations[index];
      path = get_path_arguments (operation->path, doc);
      query = make_record (operation->query_type, doc, FALSE, &error);
      request = make_record (operation->request_type, doc, TRUE, &error);
      if (error == NULL)
        result = oai_endpoint_invoke (endpoint, index, (const char *const *) path, query, request, NULL, &error);
      if (error == NULL)
        read_result (operation, result, report);
    }
  if (error != NULL)
    add_problem (report, "call", error->message);
}

static void
answer (OaiClient *client, const char *line)
{
  g_autoptr(GString) problems = g_string_new (NULL);
  g_autoptr(OaiRecord) task = NULL;
  g_autofree char *arguments = NULL;
  const char *errors = NULL;
  const char *message = NULL;
  Report report = { problems };

  task = oai_record_new_from_json (OAI_TYPE_RECORD, line, NULL);
  arguments = oai_record_dup_member (task, "arguments");
  do_operation (client, oai_record_get_string_member (task, "module"), oai_record_get_string_member (task, "operation"), arguments,
                oai_record_get_int_member (task, "seed"), &report);
  if (last_call != NULL)
    {
      errors = oai_call_get_header (last_call, "x-steady-error-count");
      message = oai_call_get_header (last_call, "x-steady-error-1-message");
    }
  if (message != NULL)
    add_problem (&report, oai_call_get_header (last_call, "x-steady-error-1-path"), message);
  g_print ("{\"status\":%u,\"errors\":%s,\"problems\":[%s]}\n", last_call != NULL ? oai_call_get_status_code (last_call) : 0,
           errors != NULL ? errors : "null", problems->str);
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSettings) settings = NULL;
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiClient) client = NULL;
  char *line = NULL;
  size_t size = 0;

  settings = oai_settings_new_for_base_url (argc > 1 ? argv[1] : "", &error);
  if (settings == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  oai_auth_set_admin_key (auth, "sk-admin-test");
  client = oai_client_new (auth, settings);
  g_signal_connect (client, "call-started", G_CALLBACK (call_started_cb), NULL);
  while (getline (&line, &size, stdin) > 0)
    answer (client, line);
  free (line);
  g_clear_object (&last_call);

  return 0;
}
