/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Generates the reply of the service to a request: authentication, routes, validation, the usual headers. */

#include "oai-mock-private.h"

#include <string.h>

static const OaiMockRoute *const areas[] = {
  _oai_mock_assistants_routes,
  _oai_mock_audio_routes,
  _oai_mock_chat_routes,
  _oai_mock_completions_routes,
  _oai_mock_conversations_routes,
  _oai_mock_embeddings_routes,
  _oai_mock_files_routes,
  _oai_mock_fine_tuning_routes,
  _oai_mock_graders_routes,
  _oai_mock_images_routes,
  _oai_mock_models_routes,
  _oai_mock_moderations_routes,
  _oai_mock_responses_routes,
  _oai_mock_runs_routes,
  _oai_mock_threads_routes,
  _oai_mock_voices_routes,
};

/* Returns the path relative to the base URL, or NULL. The base URL is `/v1`, or that of Azure with or without a deployment. */
const char *
_oai_mock_service_strip_base (const char *path, char **deployment)
{
  if (g_str_has_prefix (path, "/v1/"))
    return path + strlen ("/v1");
  if (g_str_has_prefix (path, "/openai/v1/"))
    return path + strlen ("/openai/v1");
  if (g_str_has_prefix (path, "/openai/deployments/"))
    {
      const char *name = path + strlen ("/openai/deployments/");
      const char *rest = strchr (name, '/');
      g_autofree char *encoded = rest != NULL ? g_strndup (name, rest - name) : NULL;

      if (encoded != NULL && deployment != NULL)
        *deployment = g_uri_unescape_string (encoded, NULL);
      return rest;
    }
  if (g_str_has_prefix (path, "/openai/"))
    return path + strlen ("/openai");

  return NULL;
}

static OaiMockReply *
check_key (OaiMockService *service, OaiMockRequest *request)
{
  const char *authorization = oai_mock_request_get_header (request, "Authorization");
  const char *key = oai_mock_request_get_header (request, "api-key");

  if (service->api_key == NULL || g_str_has_prefix (oai_mock_request_get_path (request), "/v1/mock-images/"))
    return NULL;
  if (key == NULL && authorization != NULL && g_ascii_strncasecmp (authorization, "Bearer ", 7) == 0)
    key = authorization + 7;
  if (key == NULL)
    return oai_mock_reply_new_error (401, "invalid_request_error", NULL, "You didn't provide an API key.");
  if (!g_str_equal (key, service->api_key))
    return oai_mock_reply_new_error (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided.");

  return NULL;
}

/* A literal segment has precedence over a parameter: `/threads/runs` is not the thread `runs`. */
static const OaiMockRoute *
find_route (const char *method, const char *path, char ***params, gboolean *path_known)
{
  const OaiMockRoute *best = NULL;
  guint best_count = G_MAXUINT;

  for (guint i = 0; i < G_N_ELEMENTS (areas); i++)
    for (const OaiMockRoute *route = areas[i]; route->method != NULL; route++)
      {
        g_auto (GStrv) found = NULL;

        if (!_oai_mock_path_matches (route->path, path, &found))
          continue;
        *path_known = TRUE;
        if (g_strcmp0 (route->method, method) != 0 || g_strv_length (found) >= best_count)
          continue;
        best = route;
        best_count = g_strv_length (found);
        g_strfreev (*params);
        *params = g_steal_pointer (&found);
      }

  return best;
}

static OaiMockReply *
no_route (const char *method, const char *path, gboolean path_known)
{
  if (path_known)
    return _oai_mock_reply_new_error_for (405, "invalid_request_error", "method_not_supported", NULL, "Not allowed to %s on %s.", method, path);

  return _oai_mock_reply_new_error_for (404, "invalid_request_error", "unknown_url", NULL, "Invalid URL (%s %s)", method, path);
}

static OaiMockReply *
read_json_body (OaiMockCall *call, GBytes *body)
{
  gsize length;
  const char *data = g_bytes_get_data (body, &length);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (g_utf8_validate (data, length, NULL))
    node = oai_mock_parse (data, length, &error);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return _oai_mock_call_invalid (call, NULL, "We could not parse the JSON body of your request: %s.", error != NULL ? error->message : "it is no object in UTF-8");
  call->body = json_object_ref (json_node_get_object (node));

  return NULL;
}

static OaiMockReply *
read_body (OaiMockCall *call)
{
  GBytes *body = oai_mock_request_get_body (call->request);
  const char *type = oai_mock_request_get_header (call->request, "Content-Type");

  if (g_bytes_get_size (body) == 0)
    return NULL;
  if (type != NULL && g_ascii_strncasecmp (type, "multipart/form-data", 19) == 0)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiMockForm) form = _oai_mock_form_parse (type, body, &error);

      if (form == NULL)
        return _oai_mock_call_invalid (call, NULL, "We could not parse your form: %s", error->message);
      call->form = _oai_mock_request_get_form (call->request);
      call->body = _oai_mock_form_to_object (call->form);
      return NULL;
    }
  if (type == NULL || g_ascii_strncasecmp (type, "application/json", 16) != 0)
    return _oai_mock_reply_new_error_for (415, "invalid_request_error", "unsupported_content_type", NULL, "Unsupported content type '%s'.", type != NULL ? type : "");

  return read_json_body (call, body);
}

static OaiMockReply *
violation (OaiMockService *service, const char *method, const char *template, GPtrArray *found)
{
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; i < found->len; i++)
    {
      const char *text = g_ptr_array_index (found, i);

      g_string_append_printf (all, "%s%s", i > 0 ? "; " : "", text);
      g_ptr_array_add (service->violations, g_strdup_printf ("%s %s: %s", method, template, text));
    }

  return _oai_mock_reply_new_error_for (400, "invalid_request_error", "schema_violation", NULL, "The request violates the API's schema: %s", all->str);
}

static OaiMockReply *
check_request (OaiMockService *service, OaiMockCall *call)
{
  const char *method = oai_mock_request_get_method (call->request);
  g_autoptr (GPtrArray) found = NULL;

  if (service->schema == NULL || call->v1 || !_oai_mock_schema_knows (service->schema, method, call->template))
    return NULL;
  found = _oai_mock_schema_check_request (service->schema, method, call, service->allowed);

  return found->len > 0 ? violation (service, method, call->template, found) : NULL;
}

static void
check_reply (OaiMockService *service, OaiMockCall *call, OaiMockReply *reply)
{
  const char *method = oai_mock_request_get_method (call->request);
  g_autoptr (GPtrArray) found = NULL;

  if (service->schema == NULL || call->v1 || reply->status != 200 || !_oai_mock_schema_knows (service->schema, method, call->template))
    return;
  found = _oai_mock_schema_check_reply (service->schema, method, call->template, reply, service->allowed);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (service->reply_violations, g_strdup_printf ("%s %s: %s", method, call->template, (char *) g_ptr_array_index (found, i)));
}

static void
call_clear (OaiMockCall *call)
{
  g_strfreev (call->params);
  g_clear_pointer (&call->query, g_hash_table_unref);
  g_clear_pointer (&call->body, json_object_unref);
  g_free (call->deployment);
  g_free (call->beta_template);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OaiMockCall, call_clear)

/* The document has separate paths for some operations with the parameter `beta`. */
static void
select_beta (OaiMockService *service, OaiMockCall *call)
{
  g_autofree char *template = g_strconcat (call->template, "?beta=true", NULL);

  if (g_strcmp0 (_oai_mock_call_get_query (call, "beta"), "true") != 0 || service->schema == NULL)
    return;
  if (!_oai_mock_schema_knows (service->schema, oai_mock_request_get_method (call->request), template))
    return;
  call->beta_template = g_steal_pointer (&template);
  call->template = call->beta_template;
  g_hash_table_remove (call->query, "beta");
}

static void
prepare_call (OaiMockCall *call)
{
  const char *beta = oai_mock_request_get_header (call->request, "OpenAI-Beta");
  const char *query = oai_mock_request_get_query (call->request);

  call->query = soup_form_decode (query != NULL ? query : "");
  call->v1 = beta != NULL && strstr (beta, "assistants=v1") != NULL;
}

static void
pace (OaiMockService *service, OaiMockReply *reply)
{
  if (reply->paced && reply->chunk_delay < 0)
    reply->chunk_delay = (int) service->delta_delay;
  if (reply->paced && reply->chunk_size == 0)
    reply->chunk_size = service->chunk_size;
}

OaiMockReply *
_oai_mock_service_answer (OaiMockService *service, OaiMockServer *server, OaiMockStore *store, OaiMockRequest *request)
{
  g_auto (OaiMockCall) call = { .server = server, .store = store, .request = request };
  const char *method = oai_mock_request_get_method (request);
  const char *path = _oai_mock_service_strip_base (oai_mock_request_get_path (request), &call.deployment);
  gboolean path_known = FALSE;
  const OaiMockRoute *route;
  OaiMockReply *reply = check_key (service, request);

  if (reply != NULL)
    return reply;
  route = path != NULL ? find_route (method, path, &call.params, &path_known) : NULL;
  if (route == NULL)
    return no_route (method, oai_mock_request_get_path (request), path_known);

  call.template = route->path;
  prepare_call (&call);
  select_beta (service, &call);
  reply = read_body (&call);
  if (reply == NULL)
    reply = check_request (service, &call);
  if (reply != NULL)
    return reply;

  reply = route->handler (&call);
  check_reply (service, &call, reply);
  pace (service, reply);

  return reply;
}

/* Checks a request that opens a WebSocket connection; returns NULL to accept it. */
OaiMockReply *
_oai_mock_service_check_handshake (OaiMockService *service, OaiMockRequest *request)
{
  const char *path = oai_mock_request_get_path (request);
  OaiMockReply *problem = check_key (service, request);

  if (problem == NULL && g_strcmp0 (_oai_mock_service_strip_base (path, NULL), "/responses") != 0)
    return no_route (oai_mock_request_get_method (request), path, FALSE);

  return problem;
}

/* Checks a message of a client on a WebSocket connection; returns NULL if it is valid. */
OaiMockReply *
_oai_mock_service_check_message (OaiMockService *service, OaiMockRequest *request, JsonObject *message)
{
  g_autoptr (GPtrArray) found = NULL;

  if (service->schema == NULL)
    return NULL;
  found = _oai_mock_schema_check_message (service->schema, TRUE, message, service->allowed);

  return found->len > 0 ? violation (service, oai_mock_request_get_method (request), "/responses", found) : NULL;
}

/* Checks a message of the service. */
void
_oai_mock_service_check_message_reply (OaiMockService *service, JsonObject *message)
{
  g_autoptr (GPtrArray) found = NULL;

  if (service->schema == NULL)
    return;
  found = _oai_mock_schema_check_message (service->schema, FALSE, message, service->allowed);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (service->reply_violations, g_strdup_printf ("WEBSOCKET /responses: %s", (char *) g_ptr_array_index (found, i)));
}

void
_oai_mock_service_add_headers (OaiMockService *service, SoupMessageHeaders *headers)
{
  guint n = service->n_requests;
  g_autofree char *id = g_strdup_printf ("req_mock%08u", n);
  g_autofree char *processing = g_strdup_printf ("%u", 10 + n % 90);
  g_autofree char *requests_left = g_strdup_printf ("%u", 10000 - MIN (n, 10000));
  g_autofree char *tokens_left = g_strdup_printf ("%u", 200000 - MIN (n, 2000) * 100);
  const struct {
    const char *name;
    const char *value;
  } all[] = {
    { "x-request-id", id },
    { "openai-processing-ms", processing },
    { "openai-version", "2020-10-01" },
    { "openai-organization", service->organization },
    { "x-ratelimit-limit-requests", "10000" },
    { "x-ratelimit-limit-tokens", "200000" },
    { "x-ratelimit-remaining-requests", requests_left },
    { "x-ratelimit-remaining-tokens", tokens_left },
    { "x-ratelimit-reset-requests", "8.64s" },
    { "x-ratelimit-reset-tokens", "6m0s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    soup_message_headers_replace (headers, all[i].name, all[i].value);
}
