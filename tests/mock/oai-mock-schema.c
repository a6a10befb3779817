/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Validates requests with the OpenAPI document, if it is available. */

#include "oai-mock-private.h"
#include "oai-mock-validate-private.h"

#include <string.h>

struct _OaiMockSchema {
  JsonNode *root;
  JsonObject *document;
  JsonObject *paths;
};

/* Members that servers other than OpenAI's send, or that OpenAI's sends although the document does not contain them. */
static const char *const undocumented_reply_members[] = { "reasoning_content", "audio", "custom", "task", "obfuscation", "reply.store", "*response.store", NULL };

/* Members of requests that one of two descriptions of the same object does not contain, such as the identifier of a
 * stored message of the user, which is sent back after a compaction. */
static const char *const incomplete_request_members[] = { "comparison_response_id", "prewarm", "input[*].id", NULL };

/* Values that are sent although the document does not allow them: the ids of an empty page, embeddings in base64, text completions before their end. */
static const char *const undocumented_reply_values[] = { "reply.first_id is of type null*", "reply.last_id is of type null*", "*.embedding is of type string*",
                                                         "event[*].finish_reason is of type null*", NULL };

static OaiMockSchema *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  OaiMockSchema *self;

  if (!json_parser_load_from_file (parser, path, &error))
    {
      g_critical ("The OpenAPI document cannot be read: %s", error->message);
      return NULL;
    }

  self = g_new0 (OaiMockSchema, 1);
  self->root = json_parser_steal_root (parser);
  self->document = JSON_NODE_HOLDS_OBJECT (self->root) ? json_node_get_object (self->root) : NULL;
  self->paths = self->document != NULL ? oai_mock_get_object (self->document, "paths") : NULL;
  if (self->paths != NULL)
    return self;

  g_critical ("%s is not an OpenAPI document", path);
  json_node_unref (self->root);
  g_free (self);
  return NULL;
}

/* Loads the document once for each process, and does not free it. */
OaiMockSchema *
_oai_mock_schema_get_default (void)
{
  static OaiMockSchema *schema;
  static gsize loaded;

  if (g_once_init_enter (&loaded))
    {
      const char *path = g_getenv ("OAI_OPENAPI_JSON");

      if (path != NULL && *path != '\0')
        schema = load (path);
      else
        g_message ("Requests are not checked: OAI_OPENAPI_JSON does not name the API's OpenAPI document");
      g_once_init_leave (&loaded, 1);
    }

  return schema;
}

static JsonObject *
get_operation (OaiMockSchema *self, const char *method, const char *template)
{
  JsonObject *item = oai_mock_get_object (self->paths, template);
  g_autofree char *key = g_ascii_strdown (method, -1);

  return item != NULL ? oai_mock_get_object (item, key) : NULL;
}

gboolean
_oai_mock_schema_knows (OaiMockSchema *self, const char *method, const char *template)
{
  return get_operation (self, method, template) != NULL;
}

/* Returns the parameter of the operation in this location and with this name; `metadata[key]` belongs to `metadata`. */
static JsonObject *
find_parameter (OaiMockValidator *validator, JsonObject *operation, const char *place, const char *name)
{
  JsonArray *parameters = oai_mock_get_array (operation, "parameters");

  for (guint i = 0; parameters != NULL && i < json_array_get_length (parameters); i++)
    {
      JsonObject *parameter = _oai_mock_validator_resolve (validator, json_array_get_object_element (parameters, i));
      const char *known = oai_mock_get_string (parameter, "name");
      gsize length = strlen (known);

      if (g_strcmp0 (oai_mock_get_string (parameter, "in"), place) != 0)
        continue;
      if (g_str_equal (known, name) || (strncmp (known, name, length) == 0 && name[length] == '['))
        return parameter;
    }

  return NULL;
}

static void
check_text (OaiMockValidator *validator, JsonObject *parameter, const char *name, const char *text, GPtrArray *errors)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);

  if (strchr (name, '[') != NULL && !g_str_has_suffix (name, "[]"))
    return;
  json_node_set_string (node, text);
  _oai_mock_validator_check (validator, node, oai_mock_get_object (parameter, "schema"), name, errors);
}

static void
check_query (OaiMockValidator *validator, JsonObject *operation, OaiMockCall *call, GPtrArray *errors)
{
  gboolean azure = g_str_has_prefix (oai_mock_request_get_path (call->request), "/openai/");
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, call->query);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      JsonObject *parameter = find_parameter (validator, operation, "query", name);

      if (parameter != NULL)
        check_text (validator, parameter, name, value, errors);
      else if (!g_hash_table_contains (validator->allowed, name) && !(azure && g_str_equal (name, "api-version")))
        g_ptr_array_add (errors, g_strdup_printf ("the query's %s is no parameter that the API knows", (char *) name));
    }
}

static void
check_required_query (OaiMockValidator *validator, JsonObject *operation, OaiMockCall *call, GPtrArray *errors)
{
  JsonArray *parameters = oai_mock_get_array (operation, "parameters");

  for (guint i = 0; parameters != NULL && i < json_array_get_length (parameters); i++)
    {
      JsonObject *parameter = _oai_mock_validator_resolve (validator, json_array_get_object_element (parameters, i));
      const char *name = oai_mock_get_string (parameter, "name");

      if (g_strcmp0 (oai_mock_get_string (parameter, "in"), "query") == 0 && oai_mock_get_boolean (parameter, "required", FALSE)
          && !g_hash_table_contains (call->query, name))
        g_ptr_array_add (errors, g_strdup_printf ("the query lacks %s", name));
    }
}

static void
check_path (OaiMockValidator *validator, JsonObject *operation, OaiMockCall *call, GPtrArray *errors)
{
  g_autofree char *template = g_strndup (call->template, strcspn (call->template, "?"));
  g_auto (GStrv) segments = g_strsplit (template, "/", -1);
  guint next = 0;

  for (guint i = 0; segments[i] != NULL; i++)
    {
      g_autofree char *name = NULL;
      JsonObject *parameter;

      if (segments[i][0] != '{')
        continue;
      name = g_strndup (segments[i] + 1, strlen (segments[i]) - 2);
      parameter = find_parameter (validator, operation, "path", name);
      if (parameter != NULL)
        check_text (validator, parameter, name, call->params[next], errors);
      next++;
    }
}

/* The body to check. With a deployment in the path, the model is taken from the path. */
static JsonNode *
body_node (OaiMockCall *call)
{
  JsonObject *body = call->body != NULL ? oai_mock_object_copy (call->body) : json_object_new ();

  if (call->deployment != NULL && !json_object_has_member (body, "model"))
    json_object_set_string_member (body, "model", call->deployment);

  return oai_mock_node_for_object (body);
}

static void
check_body (OaiMockValidator *validator, JsonObject *operation, OaiMockCall *call, GPtrArray *errors)
{
  JsonObject *body = oai_mock_get_object (operation, "requestBody");
  JsonObject *content, *media;
  const char *type = call->form != NULL ? "multipart/form-data" : "application/json";
  g_autoptr (JsonNode) node = NULL;

  if (body == NULL)
    {
      if (call->body != NULL && json_object_get_size (call->body) > 0)
        g_ptr_array_add (errors, g_strdup ("the operation takes no body"));
      return;
    }
  body = _oai_mock_validator_resolve (validator, body);
  content = oai_mock_get_object (body, "content");
  if (call->body == NULL && !oai_mock_get_boolean (body, "required", FALSE))
    return;
  if (call->body == NULL)
    {
      g_ptr_array_add (errors, g_strdup ("the body is missing"));
      return;
    }

  media = oai_mock_get_object (content, type);
  if (media == NULL)
    {
      g_ptr_array_add (errors, g_strdup_printf ("the operation takes no body of type %s", type));
      return;
    }
  node = body_node (call);
  validator->form = call->form != NULL;
  _oai_mock_validator_check (validator, node, oai_mock_get_object (media, "schema"), "", errors);
}

/* Returns a sentence for each violation. */
GPtrArray *
_oai_mock_schema_check_request (OaiMockSchema *self, const char *method, OaiMockCall *call, GHashTable *allowed)
{
  OaiMockValidator validator = { .document = self->document, .allowed = allowed, .also_allowed = incomplete_request_members, .form = TRUE };
  JsonObject *operation = get_operation (self, method, call->template);
  GPtrArray *errors = g_ptr_array_new_with_free_func (g_free);

  check_path (&validator, operation, call, errors);
  check_query (&validator, operation, call, errors);
  check_required_query (&validator, operation, call, errors);
  check_body (&validator, operation, call, errors);

  return errors;
}

/* Validates a message of a WebSocket connection. */
GPtrArray *
_oai_mock_schema_check_message (OaiMockSchema *self, gboolean from_client, JsonObject *object, GHashTable *allowed)
{
  OaiMockValidator validator = { .document = self->document, .allowed = allowed, .also_allowed = from_client ? incomplete_request_members : undocumented_reply_members };
  const char *name = from_client ? "ResponsesClientEvent" : "ResponsesServerEvent";
  JsonObject *schema = oai_mock_get_object (oai_mock_get_object (oai_mock_get_object (self->document, "components"), "schemas"), name);
  GPtrArray *errors = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) node = oai_mock_node_for_object (json_object_ref (object));

  _oai_mock_validator_check (&validator, node, schema, "", errors);
  return errors;
}

/* The schema of the assistants' events describes their names and data, and other schemas only the data. */
static gboolean
describes_names (JsonObject *schema)
{
  const char *reference = oai_mock_get_string (schema, "$ref");

  return reference != NULL && g_str_has_suffix (reference, "/AssistantStreamEvent");
}

/* An object with the name and the data of the event, or only the data if it has no name. */
static JsonNode *
parse_event (GBytes *chunk, gboolean *named)
{
  gsize length;
  const char *data = g_bytes_get_data (chunk, &length);
  g_autofree char *text = g_strndup (data, length);
  const char *event = g_str_has_prefix (text, "event: ") ? text + 7 : NULL;
  const char *body = strstr (text, "data: ");
  g_autofree char *name = event != NULL ? g_strndup (event, strcspn (event, "\n")) : NULL;
  JsonNode *node = body != NULL ? oai_mock_parse (body + 6, -1, NULL) : NULL;

  *named = name != NULL;
  if (node == NULL || name == NULL)
    return node;

  return oai_mock_node_for_object (oai_mock_object ("event:s", name, "data:n", node, NULL));
}

static void
check_events (OaiMockValidator *validator, JsonObject *schema, OaiMockReply *reply, GPtrArray *errors)
{
  for (guint i = 0; i < reply->chunks->len; i++)
    {
      gboolean named;
      g_autoptr (JsonNode) node = parse_event (g_ptr_array_index (reply->chunks, i), &named);
      g_autofree char *where = g_strdup_printf ("event[%u]", i);

      if (node == NULL)
        continue;
      if (named && !describes_names (schema))
        _oai_mock_validator_check (validator, json_object_get_member (json_node_get_object (node), "data"), schema, where, errors);
      else
        _oai_mock_validator_check (validator, node, schema, where, errors);
    }
}

static void
check_reply_object (OaiMockValidator *validator, JsonObject *schema, OaiMockReply *reply, GPtrArray *errors)
{
  gsize length;
  const char *data = g_bytes_get_data (g_ptr_array_index (reply->chunks, 0), &length);
  g_autoptr (JsonNode) node = oai_mock_parse (data, length, NULL);

  if (node == NULL)
    g_ptr_array_add (errors, g_strdup ("the reply is no JSON"));
  else
    _oai_mock_validator_check (validator, node, schema, "reply", errors);
}

static void
forgive (GPtrArray *errors)
{
  for (guint i = errors->len; i > 0; i--)
    for (guint j = 0; undocumented_reply_values[j] != NULL; j++)
      if (g_pattern_match_simple (undocumented_reply_values[j], g_ptr_array_index (errors, i - 1)))
        {
          g_ptr_array_remove_index (errors, i - 1);
          break;
        }
}

/* Validates the replies of the service with the same document. */
GPtrArray *
_oai_mock_schema_check_reply (OaiMockSchema *self, const char *method, const char *template, OaiMockReply *reply, GHashTable *allowed)
{
  OaiMockValidator validator = { .document = self->document, .allowed = allowed, .also_allowed = undocumented_reply_members };
  JsonObject *responses = oai_mock_get_object (get_operation (self, method, template), "responses");
  JsonObject *response = responses != NULL ? oai_mock_get_object (responses, "200") : NULL;
  JsonObject *content = response != NULL ? oai_mock_get_object (response, "content") : NULL;
  const char *full_type = soup_message_headers_get_one (reply->headers, "Content-Type");
  g_autofree char *type = full_type != NULL ? g_strndup (full_type, strcspn (full_type, ";")) : NULL;
  JsonObject *media = content != NULL && type != NULL ? oai_mock_get_object (content, type) : NULL;
  JsonObject *schema = media != NULL ? oai_mock_get_object (media, "schema") : NULL;
  GPtrArray *errors = g_ptr_array_new_with_free_func (g_free);

  if (g_strcmp0 (type, "text/event-stream") == 0 && schema != NULL)
    check_events (&validator, schema, reply, errors);
  else if (g_strcmp0 (type, "application/json") == 0 && schema != NULL && reply->chunks->len > 0)
    check_reply_object (&validator, schema, reply, errors);
  forgive (errors);

  return errors;
}
