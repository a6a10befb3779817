/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "driver.h"

#include "oai-auth.h"
#include "oai-call.h"
#include "oai-enum-types.h"
#include "oai-error.h"
#include "oai-input-file.h"
#include "oai-settings.h"
#include "oai-client-invoke.h"

#define KEY "sk-recordings-of-real-servers"
#define TIMEOUT 20000

void
replay_init (Replay *self)
{
  g_autoptr(GError) error = NULL;
  const char *base_url;

  self->server = oai_mock_server_new ();
  oai_mock_server_set_validating (self->server, FALSE);
  oai_mock_server_start_in_thread (self->server, &error);
  g_assert_no_error (error);
  base_url = oai_mock_server_get_base_url (self->server);
  self->origin = g_strndup (base_url, strlen (base_url) - strlen ("/v1"));
  self->base_path = g_strdup ("/v1");
  self->client = NULL;
  replay_set_base_path (self, "/v1");
}

void
replay_clear (Replay *self)
{
  g_clear_object (&self->client);
  oai_mock_server_stop (self->server);
  g_clear_object (&self->server);
  g_free (self->origin);
  g_free (self->base_path);
}

void
replay_set_base_path (Replay *self, const char *base_path)
{
  g_autofree char *base_url = NULL;
  g_autoptr(OaiAuth) auth = NULL;
  g_autoptr(OaiSettings) settings = NULL;
  g_autoptr(GError) error = NULL;

  if (self->client != NULL && g_str_equal (self->base_path, base_path))
    return;

  base_url = g_strconcat (self->origin, base_path, NULL);
  settings = oai_settings_new_for_base_url (base_url, &error);
  g_assert_no_error (error);
  oai_settings_set_max_retries (settings, 0);
  oai_settings_set_timeout_ms (settings, TIMEOUT);
  auth = oai_auth_new (KEY);
  oai_auth_set_admin_key (auth, KEY);
  g_set_object (&self->client, NULL);
  self->client = oai_client_new (auth, settings);
  g_free (self->base_path);
  self->base_path = g_strdup (base_path);
}

/* The reply */

static void
set_headers (OaiMockReply *reply, JsonObject *headers)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (headers == NULL)
    return;

  json_object_iter_init (&iter, headers);
  while (json_object_iter_next (&iter, &name, &value))
    if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
      oai_mock_reply_set_header (reply, name, json_node_get_string (value));
}

static void
push_reply (Replay *self, JsonObject *play)
{
  JsonObject *object = driver_get_object (play, "reply");
  JsonArray *splits = driver_get_array (object, "splits");
  const char *content_type = driver_get_string (object, "content_type");
  gint64 truncated_after = driver_get_int (object, "truncated_after", -1);
  g_autoptr(GBytes) body = driver_dup_bytes (object, "body");
  guint status = driver_get_int (object, "status", 200);
  g_autoptr(OaiMockReply) reply = content_type != NULL ? oai_mock_reply_new_bytes (status, content_type, body) : oai_mock_reply_new (status);

  set_headers (reply, driver_get_object (object, "headers"));
  for (guint i = 0; splits != NULL && i < json_array_get_length (splits); i++)
    oai_mock_reply_add_split (reply, json_array_get_int_element (splits, i));
  if (truncated_after >= 0)
    oai_mock_reply_set_truncate_after (reply, truncated_after);
  oai_mock_server_reset (self->server);
  oai_mock_server_push_reply (self->server, reply);
}

/* The request */

static void
report_sent (Replay *self, JsonObject *out)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (self->server, -1);
  g_autofree char *base64 = NULL;
  JsonObject *sent;
  GBytes *body;

  if (request == NULL)
    return;

  sent = json_object_new ();
  body = oai_mock_request_get_body (request);
  driver_set_string (sent, "method", oai_mock_request_get_method (request));
  driver_set_string (sent, "path", oai_mock_request_get_path (request));
  driver_set_string (sent, "query", oai_mock_request_get_query (request));
  driver_set_string (sent, "content_type", oai_mock_request_get_header (request, "Content-Type"));
  if (body != NULL)
    {
      base64 = g_base64_encode (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
      driver_set_string (sent, "body", base64);
    }
  json_object_set_object_member (out, "sent", sent);
}

static char *
dup_code_name (const GError *error)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (error->domain == OAI_ERROR ? OAI_TYPE_ERROR : G_TYPE_IO_ERROR_ENUM);
  GEnumValue *value = g_enum_get_value (klass, error->code);

  return g_strdup (value != NULL ? value->value_nick : "?");
}

static void
report_error (Replay *self, JsonObject *out, const GError *error)
{
  g_autoptr(OaiCall) call = oai_client_find_call_for_error (self->client, error);
  g_autofree char *code_name = dup_code_name (error);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "domain", error->domain == OAI_ERROR ? "oai" : g_quark_to_string (error->domain));
  json_object_set_string_member (object, "class", code_name);
  json_object_set_string_member (object, "message", error->message);
  if (call != NULL)
    {
      GBytes *body = oai_call_get_body (call);

      json_object_set_int_member (object, "status", oai_call_get_status_code (call));
      driver_set_string (object, "type", oai_call_get_error_type (call));
      driver_set_string (object, "code", oai_call_get_error_code (call));
      driver_set_string (object, "param", oai_call_get_error_param (call));
      if (body != NULL)
        {
          g_autofree char *base64 = g_base64_encode (g_bytes_get_data (body, NULL), g_bytes_get_size (body));

          json_object_set_string_member (object, "body", base64);
        }
    }
  json_object_set_object_member (out, "error", object);
}

/* The operation */

typedef struct
{
  OaiEndpoint *endpoint;
  const OaiOperation *operation;
  guint index;
  GStrv path_arguments;
  OaiRecord *query;
  OaiRecord *request;
} Invocation;

static void
invocation_clear (Invocation *self)
{
  g_clear_object (&self->endpoint);
  g_clear_pointer (&self->path_arguments, g_strfreev);
  g_clear_object (&self->query);
  g_clear_object (&self->request);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Invocation, invocation_clear)

static OaiCallOptions *
new_options (JsonObject *play)
{
  OaiCallOptions *options = oai_call_options_new ();
  JsonObject *query = driver_get_object (play, "extra_query");
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (query == NULL)
    return options;

  json_object_iter_init (&iter, query);
  while (json_object_iter_next (&iter, &name, &value))
    oai_call_options_set_query_parameter (options, name, json_node_get_string (value));

  return options;
}

static GStrv
dup_strings (JsonObject *object, const char *name)
{
  JsonArray *array = driver_get_array (object, name);
  guint length = array != NULL ? json_array_get_length (array) : 0;
  GStrv strings = g_new0 (char *, length + 1);

  for (guint i = 0; i < length; i++)
    strings[i] = g_strdup (json_array_get_string_element (array, i));

  return strings;
}

/* With the typed setters. */
static gboolean
read_record (GType (*type) (void), JsonObject *play, const char *name, JsonObject *out, OaiRecord **record, GError **error)
{
  const char *json = driver_get_string (play, name);
  g_autoptr(OaiRecord) parsed = NULL;
  JsonArray *odd;

  if (type == NULL || json == NULL)
    return TRUE;
  parsed = oai_record_new_from_json (type (), json, error);
  if (parsed == NULL)
    return FALSE;

  odd = json_array_new ();
  *record = driver_rebuild (parsed, odd);
  json_object_set_array_member (out, "odd_request", odd);

  return TRUE;
}

static gboolean
add_file (OaiRecord *request, JsonObject *description)
{
  const OaiRecordSchema *schema = oai_record_get_schema (request);
  const char *member = driver_get_string (description, "member");
  const char *content_type = driver_get_string (description, "content_type");
  gboolean is_list = driver_get_int (description, "list", 0) != 0;
  g_autoptr(GBytes) bytes = driver_dup_bytes (description, "body");
  g_autoptr(OaiInputFile) file = oai_input_file_new_for_bytes (bytes, driver_get_string (description, "filename"));

  if (content_type != NULL && *content_type != '\0')
    oai_input_file_set_content_type (file, content_type);
  for (guint i = 0; i < schema->n_fields; i++)
    {
      if (!g_str_equal (schema->fields[i].member, member) || schema->fields[i].type != (is_list ? OAI_FIELD_FILE_LIST : OAI_FIELD_FILE))
        continue;
      if (is_list)
        oai_record_add_field_item (request, i, file);
      else
        oai_record_set_field_file (request, i, file);
      return TRUE;
    }

  return FALSE;
}

static gboolean
add_files (OaiRecord *request, JsonArray *files)
{
  for (guint i = 0; files != NULL && i < json_array_get_length (files); i++)
    if (!add_file (request, json_array_get_object_element (files, i)))
      return FALSE;

  return TRUE;
}

static gboolean
invocation_init (Invocation *self, Replay *replay, JsonObject *play, JsonObject *out)
{
  g_autoptr(OaiCallOptions) options = new_options (play);
  g_autoptr(OaiEndpoint) plain = NULL;
  g_autoptr(GError) error = NULL;

  replay_set_base_path (replay, driver_get_string (play, "base_path"));
  plain = g_object_new (g_type_from_name (driver_get_string (play, "endpoint")), "client", replay->client, NULL);
  self->endpoint = oai_endpoint_with_options (plain, options);
  self->index = driver_get_int (play, "index", 0);
  self->operation = &OAI_ENDPOINT_GET_CLASS (self->endpoint)->operations[self->index];
  self->path_arguments = dup_strings (play, "path_arguments");
  if (!read_record (self->operation->query_type, play, "query", out, &self->query, &error)
      || !read_record (self->operation->request_type, play, "request", out, &self->request, &error))
    {
      report_error (replay, out, error);
      return FALSE;
    }
  if (self->request != NULL && !add_files (self->request, driver_get_array (play, "files")))
    {
      json_object_set_string_member (out, "unknown", "a file that the request has no member for");
      return FALSE;
    }

  push_reply (replay, play);

  return TRUE;
}

/* Results */

static void
report_record (JsonObject *out, OaiRecord *record)
{
  JsonArray *odd = json_array_new ();
  g_autoptr(OaiRecord) copy = driver_rebuild (record, odd);
  g_autofree char *json = oai_record_to_json (record);
  g_autofree char *copied = oai_record_to_json (copy);

  json_object_set_string_member (out, "result", json);
  json_object_set_string_member (out, "rebuilt", copied);
  json_object_set_array_member (out, "odd", odd);
}

static void
report_page (JsonObject *out, OaiPagedList *page)
{
  OaiRecord *record = oai_paged_list_get_record (page);
  g_autofree char *json = record != NULL ? oai_record_to_json (record) : NULL;
  JsonArray *odd = json_array_new ();
  JsonArray *items = json_array_new ();

  oai_paged_list_set_auto_load (page, FALSE);
  driver_set_string (out, "result", json);
  json_object_set_array_member (out, "odd", odd);
  json_object_set_array_member (out, "rebuilt_items", items);
  for (guint i = 0; i < oai_paged_list_get_n_loaded (page); i++)
    {
      g_autoptr(OaiRecord) item = g_list_model_get_item (G_LIST_MODEL (page), i);
      g_autoptr(OaiRecord) copy = driver_rebuild (item, odd);
      g_autofree char *copied = oai_record_to_json (copy);

      json_array_add_string_element (items, copied);
    }
}

static void
report_bytes (JsonObject *out, GBytes *bytes)
{
  g_autofree char *base64 = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  json_object_set_string_member (out, "bytes", base64);
}

static void
report_result (JsonObject *out, const OaiOperation *operation, gpointer result)
{
  switch ((OaiResultKind) operation->result)
    {
    case OAI_RESULT_RECORD:
      report_record (out, result);
      g_object_unref (result);
      break;
    case OAI_RESULT_LIST:
      report_page (out, result);
      g_object_unref (result);
      break;
    case OAI_RESULT_BYTES:
      report_bytes (out, result);
      g_bytes_unref (result);
      break;
    case OAI_RESULT_TEXT:
      json_object_set_string_member (out, "text", result);
      g_free (result);
      break;
    case OAI_RESULT_NONE:
    default:
      break;
    }
}

void
replay_invoke (Replay *self, JsonObject *play, JsonObject *out)
{
  g_auto(Invocation) invocation = { 0 };
  g_autoptr(GError) error = NULL;
  gpointer result;

  if (!invocation_init (&invocation, self, play, out))
    return;

  result = oai_endpoint_invoke (invocation.endpoint, invocation.index, (const char *const *) invocation.path_arguments,
                                invocation.query, invocation.request, NULL, &error);
  if (error != NULL)
    report_error (self, out, error);
  else
    report_result (out, invocation.operation, result);
  report_sent (self, out);
}

/* Streams */

static void
on_signal (GClosure *closure, GValue *ignored, guint n_values, const GValue *values, gpointer hint, gpointer data)
{
  GSignalInvocationHint *invocation = hint;
  JsonArray *signal = json_array_new ();

  json_array_add_string_element (signal, g_signal_name (invocation->signal_id));
  for (guint i = 1; i < n_values; i++)
    {
      if (G_VALUE_HOLDS_STRING (&values[i]) && g_value_get_string (&values[i]) != NULL)
        json_array_add_string_element (signal, g_value_get_string (&values[i]));
      else if (G_VALUE_HOLDS_UINT (&values[i]))
        json_array_add_int_element (signal, g_value_get_uint (&values[i]));
      else
        json_array_add_null_element (signal);
    }
  json_array_add_array_element (closure->data, signal);
}

/* Records every signal of the stream class that OaiStream does not have. */
static void
listen (OaiStream *stream, JsonArray *signals)
{
  g_autofree guint *ids = NULL;
  guint n_ids = 0;

  if (G_OBJECT_TYPE (stream) != OAI_TYPE_STREAM)
    ids = g_signal_list_ids (G_OBJECT_TYPE (stream), &n_ids);
  for (guint i = 0; i < n_ids; i++)
    {
      GClosure *closure = g_closure_new_simple (sizeof (GClosure), signals);

      g_closure_set_marshal (closure, on_signal);
      g_signal_connect_closure_by_id (stream, ids[i], 0, closure, FALSE);
    }
}

static void
run (Replay *self, OaiStream *stream, JsonObject *out)
{
  g_autoptr(GError) error = NULL;
  JsonArray *signals = json_array_new ();
  g_autoptr(OaiRecord) result = NULL;

  json_object_set_array_member (out, "signals", signals);
  listen (stream, signals);
  result = oai_stream_run (stream, NULL, &error);
  if (error != NULL)
    {
      report_error (self, out, error);
      result = oai_stream_dup_result (stream);
    }
  if (result != NULL)
    report_record (out, result);
  /* The handlers hold references to the array. */
  g_signal_handlers_disconnect_matched (stream, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, signals);
}

static void
pull (Replay *self, OaiStream *stream, JsonObject *out)
{
  g_autoptr(GError) error = NULL;
  JsonArray *odd = json_array_new ();
  JsonArray *items = json_array_new ();
  JsonArray *rebuilt = json_array_new ();
  OaiRecord *chunk;

  json_object_set_array_member (out, "odd", odd);
  json_object_set_array_member (out, "items", items);
  json_object_set_array_member (out, "rebuilt_items", rebuilt);
  while ((chunk = oai_stream_next (stream, NULL, &error)) != NULL)
    {
      g_autoptr(OaiRecord) copy = driver_rebuild (chunk, odd);
      g_autofree char *json = oai_record_to_json (chunk);
      g_autofree char *copied = oai_record_to_json (copy);

      json_array_add_string_element (items, json);
      json_array_add_string_element (rebuilt, copied);
      g_object_unref (chunk);
    }
  if (error != NULL)
    report_error (self, out, error);
}

/* `way` is "run" (with signals) or "pull" (with next()). */
void
replay_stream (Replay *self, JsonObject *play, JsonObject *out)
{
  g_auto(Invocation) invocation = { 0 };
  g_autoptr(OaiStream) stream = NULL;

  if (!invocation_init (&invocation, self, play, out))
    return;

  stream = oai_endpoint_stream (invocation.endpoint, invocation.index, (const char *const *) invocation.path_arguments,
                                invocation.query, invocation.request);
  if (g_strcmp0 (driver_get_string (play, "way"), "pull") == 0)
    pull (self, stream, out);
  else
    run (self, stream, out);
  report_sent (self, out);
}

/* Exchanges that no module supports */

void
replay_request (Replay *self, JsonObject *play, JsonObject *out)
{
  g_autoptr(OaiCallOptions) options = new_options (play);
  g_autoptr(GError) error = NULL;
  g_autofree char *reply = NULL;

  replay_set_base_path (self, driver_get_string (play, "base_path"));
  push_reply (self, play);
  reply = oai_client_invoke (self->client, driver_get_string (play, "method"), driver_get_string (play, "path"),
                              driver_get_string (play, "request"), options, NULL, &error);
  if (error != NULL)
    report_error (self, out, error);
  else
    driver_set_string (out, "result", reply);
  report_sent (self, out);
}
