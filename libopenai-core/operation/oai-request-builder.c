/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-request-builder-private.h"

#include <string.h>

#include "oai-auth-private.h"
#include "oai-call-options-private.h"
#include "oai-client-private.h"
#include "oai-error.h"
#include "oai-field-files-private.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"
#include "oai-path-template-private.h"
#include "oai-query-private.h"
#include "oai-record-json-private.h"
#include "oai-settings-private.h"

void
oai_request_builder_init_copy (OaiRequestBuilder *self, const OaiRequestBuilder *other)
{
  *self = *other;
  g_object_ref (self->client);
  if (self->options != NULL)
    g_object_ref (self->options);
}

void
oai_request_builder_clear (OaiRequestBuilder *self)
{
  g_clear_object (&self->client);
  g_clear_object (&self->options);
}

/* Sets the header OpenAI-Beta: the feature and its version.  Fails if the operation does not exist
 * in the selected version. */
static gboolean
set_beta (const OaiRequestBuilder *self, OaiRequest *request, GError **error)
{
  const OaiOperation *operation = self->operation;
  g_autofree char *value = NULL;
  const char *version;

  if (operation->beta == NULL)
    return TRUE;

  version = oai_settings_get_beta_version (oai_client_get_settings (self->client), operation->beta);
  if (version == NULL)
    version = operation->beta_version;
  if (version == NULL)
    return TRUE;
  if (operation->only_beta_version != NULL && g_strcmp0 (version, operation->only_beta_version) != 0)
    {
      /* Translators: the first %s is the name of an operation, the second and the last one are versions, the third one names what they are versions of. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” exists in version %s of “%s” only, and the selected version is %s"),
                   operation->name, operation->only_beta_version, operation->beta, version);
      return FALSE;
    }

  value = g_strconcat (operation->beta, "=", version, NULL);
  request->beta = g_intern_string (value);

  return TRUE;
}

static gboolean
wants_admin_key (const OaiRequestBuilder *self)
{
  const OaiOperation *operation = self->operation;
  g_autoptr(OaiAuth) auth = NULL;

  if ((operation->flags & OAI_OPERATION_OR_ADMIN) == 0)
    return (operation->flags & OAI_OPERATION_ADMIN) != 0;

  auth = oai_client_ref_auth (self->client, NULL);

  return auth != NULL && oai_auth_has_only_admin_key (auth);
}

static char *
explain (gconstpointer operation, GBytes *body, const GError *error)
{
  const OaiOperation *table = operation;
  g_autofree char *json = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  g_autoptr(OaiRecord) record = oai_record_new_from_json (table->request_type (), json, NULL);

  return record != NULL ? table->explain (record, error) : NULL;
}

static OaiRequest *
new_request (const OaiRequestBuilder *self, char *path, gboolean stream)
{
  const OaiOperation *operation = self->operation;
  g_autofree char *name = g_strconcat (self->endpoint_name, ".", operation->name, NULL);
  OaiRequest *request = oai_request_new (g_intern_string (name), operation->method, path);

  request->deployment = operation->deployment_member != NULL;
  request->admin = wants_admin_key (self);
  request->text_member = operation->text_member;
  request->result_type = operation->result == OAI_RESULT_RECORD ? operation->result_type () : G_TYPE_INVALID;
  request->options = self->options != NULL ? g_object_ref (self->options) : NULL;
  request->large = stream || operation->result == OAI_RESULT_BYTES || (operation->flags & OAI_OPERATION_LARGE) != 0;
  if (operation->explain != NULL)
    {
      request->explain = explain;
      request->explain_data = operation;
    }
  if (operation->result == OAI_RESULT_BYTES)
    request->accept = "application/octet-stream, */*;q=0.5";
  else if (operation->result == OAI_RESULT_NONE)
    request->accept = "*/*";

  return request;
}

/* Queries: the query of the operation, followed by the pairs of the options */

static void
append_pair (const char *name, const char *value, gpointer user_data)
{
  GString *text = user_data;

  if (value == NULL)
    return;
  if (text->len > 0)
    g_string_append_c (text, '&');
  g_string_append_uri_escaped (text, name, "[]", FALSE);
  g_string_append_c (text, '=');
  g_string_append_uri_escaped (text, value, NULL, FALSE);
}

void
oai_request_set_query (OaiRequest *self, char *encoded, OaiCallOptions *options)
{
  g_autoptr(GString) extra = g_string_new (NULL);
  g_autofree char *query = encoded;

  if (options != NULL)
    oai_call_options_foreach_query (options, append_pair, extra);
  self->query = oai_query_merge (query, extra->str);
}

/* Adds what selects a stream, if there is no body, and the beta. */
static char *
add_fixed_query (const OaiOperation *operation, OaiRequest *request, char *encoded, gboolean stream)
{
  g_autofree char *stream_query = NULL;
  g_autofree char *query = encoded;

  if (stream && operation->request_type == NULL)
    {
      stream_query = g_strconcat (operation->stream_member, "=", operation->stream_value != NULL ? operation->stream_value : "true", NULL);
      query = oai_query_merge (encoded, stream_query);
      g_free (encoded);
    }
  if (request->beta == NULL || operation->beta_query == NULL)
    return g_steal_pointer (&query);

  return oai_query_merge (query, operation->beta_query);
}

static char *
encode_query (OaiRecord *query, GError **error)
{
  g_autoptr(GString) json = NULL;
  g_autoptr(OaiJsonDoc) doc = NULL;

  if (query == NULL)
    return NULL;

  json = g_string_new (NULL);
  oai_record_write (query, json, OAI_WRITE_WHOLE);
  doc = oai_json_doc_new_copy (json->str, json->len, OAI_JSON_TOLERANT, error);
  if (doc == NULL)
    return NULL;

  return oai_query_encode (doc, 0, OAI_ARRAY_BRACKETS, OAI_NESTED_BRACKETS);
}

/* Bodies: the JSON of the record, with some members replaced */

typedef struct
{
  GHashTable *names;
  GString *text;
} Overrides;

static void
note_override (const char *name, const char *value, gpointer user_data)
{
  Overrides *overrides = user_data;

  g_hash_table_add (overrides->names, (gpointer) name);
  if (value == NULL)
    return;
  if (overrides->text->len > 0)
    g_string_append_c (overrides->text, ',');
  oai_json_write_string (overrides->text, name, -1);
  g_string_append_c (overrides->text, ':');
  g_string_append (overrides->text, value);
}

static void
write_merged (GString *out, OaiJsonDoc *doc, OaiJsonNode object, Overrides *overrides)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;
  gboolean first = TRUE;

  g_string_append_c (out, '{');
  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      if (g_hash_table_contains (overrides->names, name))
        continue;
      if (!first)
        g_string_append_c (out, ',');
      first = FALSE;
      oai_json_write_string (out, name, -1);
      g_string_append_c (out, ':');
      oai_json_write_node (out, doc, value);
    }
  if (!first && overrides->text->len > 0)
    g_string_append_c (out, ',');
  g_string_append_len (out, overrides->text->str, overrides->text->len);
  g_string_append_c (out, '}');
}

/* Adds the default values of members that are not set.  Takes ownership of json, an object. */
static GString *
add_defaults (const OaiOperation *operation, GString *json, gboolean (*has) (gconstpointer, const char *), gconstpointer source)
{
  for (guint i = 0; operation->defaults != NULL && operation->defaults[i] != NULL; i += 2)
    {
      if (has (source, operation->defaults[i]))
        continue;
      g_string_truncate (json, json->len - 1);
      if (json->len > 1)
        g_string_append_c (json, ',');
      oai_json_write_string (json, operation->defaults[i], -1);
      g_string_append_c (json, ':');
      oai_json_write_string (json, operation->defaults[i + 1], -1);
      g_string_append_c (json, '}');
    }

  return json;
}

static gboolean
record_has (gconstpointer record, const char *member)
{
  return oai_record_has_member ((OaiRecord *) record, member);
}

static gboolean
object_has (gconstpointer doc, const char *member)
{
  return oai_json_get_member ((OaiJsonDoc *) doc, 0, member) != OAI_JSON_NONE;
}

static GString *
write_record (const OaiOperation *operation, OaiRecord *record)
{
  GString *json = g_string_sized_new (512);

  oai_record_write (record, json, OAI_WRITE_SENT);

  return add_defaults (operation, json, record_has, record);
}

typedef enum
{
  STREAM_AS_IS,
  STREAM_ON,
  STREAM_OFF
} StreamMember;

/* Sets or removes the member that makes the reply a stream. */
static void
override_stream (const OaiOperation *operation, StreamMember stream, Overrides *overrides)
{
  g_autoptr(GString) value = NULL;

  if (stream == STREAM_AS_IS)
    return;
  if (stream == STREAM_ON)
    {
      value = g_string_new (operation->stream_value == NULL ? "true" : NULL);
      if (operation->stream_value != NULL)
        oai_json_write_string (value, operation->stream_value, -1);
    }
  note_override (operation->stream_member, value != NULL ? value->str : NULL, overrides);
}

static gboolean
requests_stream (const OaiOperation *operation, OaiRecord *record)
{
  if (operation->stream_value == NULL)
    return oai_record_get_boolean_member (record, operation->stream_member);

  return g_strcmp0 (oai_record_get_string_member (record, operation->stream_member), operation->stream_value) == 0;
}

static char *
merge_members (const char *text, gsize size, Overrides *overrides, gsize *length, GError **error)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (text, size, OAI_JSON_TOLERANT, error);
  GString *merged;

  if (doc == NULL)
    return NULL;
  if (oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("Members can only be set in a body that is a JSON object"));
      return NULL;
    }

  merged = g_string_sized_new (size + overrides->text->len + 2);
  write_merged (merged, doc, 0, overrides);
  *length = merged->len;

  return g_string_free (merged, FALSE);
}

static char *
take_text (GString *text, gsize *length)
{
  *length = text->len;

  return g_string_free (text, FALSE);
}

/* Returns the JSON of a body with the members that the options set, and with the member that
 * selects streaming set as the method requires.  Takes ownership of json. */
static char *
override_members (const OaiRequestBuilder *self, GString *json, StreamMember stream, gsize *length, GError **error)
{
  g_autoptr(GHashTable) names = NULL;
  g_autoptr(GString) text = NULL;
  g_autoptr(GString) source = NULL;
  Overrides overrides;

  if (stream == STREAM_AS_IS && self->options == NULL)
    return take_text (json, length);

  source = json;
  overrides.names = names = g_hash_table_new (g_str_hash, g_str_equal);
  overrides.text = text = g_string_new (NULL);
  override_stream (self->operation, stream, &overrides);
  if (self->options != NULL)
    oai_call_options_foreach_body_member (self->options, note_override, &overrides);
  if (g_hash_table_size (names) == 0)
    return take_text (g_steal_pointer (&source), length);

  return merge_members (source->str, source->len, &overrides, length, error);
}

gboolean
oai_request_set_json (OaiRequest *self, const char *json, OaiCallOptions *options, GError **error)
{
  g_autoptr(GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GString) text = g_string_new (NULL);
  Overrides overrides = { names, text };
  gsize length = json != NULL ? strlen (json) : 0;
  char *merged;

  if (options != NULL)
    oai_call_options_foreach_body_member (options, note_override, &overrides);
  if (g_hash_table_size (names) == 0)
    {
      self->body = json != NULL ? g_bytes_new (json, length) : NULL;
      return TRUE;
    }

  merged = merge_members (json != NULL ? json : "{}", json != NULL ? length : 2, &overrides, &length, error);
  if (merged == NULL)
    return FALSE;
  self->body = g_bytes_new_take (merged, length);

  return TRUE;
}

/* Whether the requested format is text or JSON. */
static void
note_format (const OaiOperation *operation, OaiRequest *built, OaiJsonDoc *doc)
{
  const char *format;

  if (operation->format_member == NULL)
    return;

  format = oai_json_get_string (doc, oai_json_get_member (doc, 0, operation->format_member), NULL);

  if (format != NULL)
    built->format = strstr (format, "json") != NULL ? OAI_FORMAT_JSON : OAI_FORMAT_TEXT;
}

static gboolean
set_json_body (const OaiRequestBuilder *self, OaiRequest *built, GString *json, StreamMember stream, GError **error)
{
  gsize length = 0;
  char *text = override_members (self, json, stream, &length, error);

  if (text == NULL)
    return FALSE;
  if (self->operation->format_member != NULL)
    {
      g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (text, length, OAI_JSON_TOLERANT, NULL);

      note_format (self->operation, built, doc);
    }
  built->body = g_bytes_new_take (text, length);

  return TRUE;
}

static void
add_file (const char *name, gpointer file, gpointer data)
{
  oai_multipart_add_file (data, name, file);
}

/* Converts files of a record to parts, and other members to form fields. */
static gboolean
set_multipart_body (const OaiRequestBuilder *self, OaiRequest *built, OaiRecord *record, StreamMember stream, GError **error)
{
  const OaiOperation *operation = self->operation;
  g_autoptr(OaiJsonDoc) doc = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  text = override_members (self, write_record (operation, record), stream, &length, error);
  if (text == NULL)
    return FALSE;
  doc = oai_json_doc_new_copy (text, length, OAI_JSON_TOLERANT, error);
  if (doc == NULL)
    return FALSE;

  note_format (self->operation, built, doc);
  built->multipart = oai_multipart_new ();
  if (operation->flags & OAI_OPERATION_KEEP_PATHS)
    oai_multipart_set_flags (built->multipart, OAI_MULTIPART_KEEP_PATHS);
  oai_multipart_add_json (built->multipart, doc, 0);
  oai_record_foreach_file (record, add_file, built->multipart);

  return TRUE;
}

static gboolean
set_body (const OaiRequestBuilder *self, OaiRequest *built, OaiRecord *record, gboolean stream, GError **error)
{
  const OaiOperation *operation = self->operation;
  g_autoptr(OaiRecord) adapted = NULL;
  StreamMember member = STREAM_AS_IS;

  if (stream)
    member = STREAM_ON;
  else if (operation->chunk_type != NULL && requests_stream (operation, record))
    member = STREAM_OFF;

  if (!oai_record_validate (record, error))
    return FALSE;
  if (operation->check != NULL && !operation->check (record, error))
    return FALSE;
  adapted = operation->adapt != NULL ? operation->adapt (record) : NULL;
  if (adapted != NULL)
    record = adapted;
  if (operation->deployment_member != NULL)
    built->model = g_strdup (oai_record_get_string_member (record, operation->deployment_member));
  if (operation->flags & OAI_OPERATION_MULTIPART)
    return set_multipart_body (self, built, record, member, error);

  return set_json_body (self, built, write_record (operation, record), member, error);
}

OaiRequest *
oai_request_builder_build (const OaiRequestBuilder *self, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, gboolean stream, GError **error)
{
  const OaiOperation *operation = self->operation;
  g_autoptr(OaiRequest) built = NULL;
  g_autoptr(OaiRecord) empty = NULL;
  GError *local_error = NULL;
  char *path = oai_path_expand (operation->path, path_arguments, error);

  if (path == NULL)
    return NULL;

  built = new_request (self, path, stream);
  if (!set_beta (self, built, error))
    return NULL;
  oai_request_set_query (built, add_fixed_query (operation, built, encode_query (query, &local_error), stream), self->options);
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return NULL;
    }
  if (operation->request_type == NULL)
    return g_steal_pointer (&built);
  if (request == NULL)
    request = empty = g_object_new (operation->request_type (), NULL);
  if (!set_body (self, built, request, stream, error))
    return NULL;

  return g_steal_pointer (&built);
}

/* All arguments in one JSON object */

static gboolean
is_path_parameter (const char *path, const char *name)
{
  g_autofree char *braced = g_strconcat ("{", name, "}", NULL);

  return strstr (path, braced) != NULL;
}

static gboolean
schema_has_member (GType (*type) (void), const char *name)
{
  OaiRecordClass *klass;
  gboolean found = FALSE;

  if (type == NULL)
    return FALSE;

  klass = g_type_class_ref (type ());
  for (guint i = 0; i < klass->schema->n_fields && !found; i++)
    found = strcmp (klass->schema->fields[i].member, name) == 0;
  g_type_class_unref (klass);

  return found;
}

static void
append_member (GString *out, const char *name, OaiJsonDoc *doc, OaiJsonNode value)
{
  g_string_append_c (out, out->len > 1 ? ',' : ' ');
  oai_json_write_string (out, name, -1);
  g_string_append_c (out, ':');
  oai_json_write_node (out, doc, value);
}

static char *
encode_query_text (GString *json)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (json->str, json->len, OAI_JSON_TOLERANT, NULL);

  return oai_query_encode (doc, 0, OAI_ARRAY_BRACKETS, OAI_NESTED_BRACKETS);
}

/* Creates the record of an upload; the JSON contains the paths of the files. */
static OaiRecord *
new_upload_record (const OaiOperation *operation, GString *json, GError **error)
{
  OaiRecord *record = oai_record_new_from_json (operation->request_type (), json->str, error);
  const OaiRecordSchema *schema;

  if (record == NULL)
    return NULL;

  schema = oai_record_get_schema (record);
  for (guint i = 0; i < schema->n_fields; i++)
    {
      const OaiField *field = &schema->fields[i];
      const char *path = field->type == OAI_FIELD_FILE || field->type == OAI_FIELD_FILE_LIST ? oai_record_get_string_member (record, field->member) : NULL;
      g_autoptr(OaiInputFile) file = NULL;

      if (path == NULL)
        continue;
      file = oai_input_file_new_for_path (path);
      oai_record_unset_member (record, field->member);
      if (field->type == OAI_FIELD_FILE)
        oai_record_set_field_file (record, i, file);
      else
        oai_record_add_field_item (record, i, file);
    }

  return record;
}

OaiRequest *
oai_request_builder_build_from_json (const OaiRequestBuilder *self, const char *arguments, GError **error)
{
  const OaiOperation *operation = self->operation;
  const char *text = arguments != NULL ? arguments : "{}";
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (text, -1, OAI_JSON_STRICT, error);
  g_autoptr(GString) query = g_string_new ("{");
  g_autoptr(GString) body = g_string_new ("{");
  g_autoptr(OaiRequest) built = NULL;
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;
  char *path;

  if (doc == NULL)
    return NULL;
  path = oai_path_expand_named (operation->path, doc, 0, error);
  if (path == NULL)
    return NULL;
  built = new_request (self, path, FALSE);
  if (!set_beta (self, built, error))
    return NULL;

  oai_json_iter_init_members (&iter, doc, 0);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      if (is_path_parameter (operation->path, name))
        continue;
      if (operation->request_type == NULL || (schema_has_member (operation->query_type, name) && !schema_has_member (operation->request_type, name)))
        append_member (query, name, doc, value);
      else
        append_member (body, name, doc, value);
    }
  g_string_append_c (query, '}');
  g_string_append_c (body, '}');

  oai_request_set_query (built, add_fixed_query (operation, built, encode_query_text (query), FALSE), self->options);
  if (operation->request_type == NULL)
    return g_steal_pointer (&built);
  if (operation->deployment_member != NULL)
    built->model = g_strdup (oai_json_get_string (doc, oai_json_get_member (doc, 0, operation->deployment_member), NULL));
  if (operation->flags & OAI_OPERATION_MULTIPART)
    {
      g_autoptr(OaiRecord) record = new_upload_record (operation, body, error);

      if (record == NULL || !set_multipart_body (self, built, record, STREAM_AS_IS, error))
        return NULL;
    }
  else if (!set_json_body (self, built, add_defaults (operation, g_steal_pointer (&body), object_has, doc), STREAM_AS_IS, error))
    {
      return NULL;
    }

  return g_steal_pointer (&built);
}
