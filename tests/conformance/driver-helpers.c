/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of modules other than the operations of the API. */

#include "driver.h"

#include <string.h>

#include "oai-chat-endpoint.h"
#include "oai-embeddings-endpoint.h"
#include "oai-files-endpoint.h"
#include "oai-json-schema.h"
#include "oai-poll-private.h"
#include "oai-responses-endpoint.h"

/* Vectors */

static JsonArray *
vector_to_array (GBytes *vector)
{
  JsonArray *array = json_array_new ();
  gsize size;
  const float *values = g_bytes_get_data (vector, &size);

  for (gsize i = 0; i < size / sizeof *values; i++)
    json_array_add_double_element (array, values[i]);

  return array;
}

/* GBytes, one for each text. */
static GPtrArray *
embed (OaiEmbeddingsEndpoint *endpoint, JsonObject *arguments, GError **error)
{
  const char *model = driver_get_string (arguments, "model");
  JsonArray *texts = driver_get_array (arguments, "input");
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr(GBytes) vector = NULL;
  g_auto(GStrv) strv = NULL;
  GPtrArray *vectors;

  if (texts == NULL)
    {
      vector = oai_embeddings_endpoint_embed (endpoint, model, driver_get_string (arguments, "input"), NULL, error);
      if (vector == NULL)
        return NULL;
      vectors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_ptr_array_add (vectors, g_steal_pointer (&vector));
      return vectors;
    }

  for (guint i = 0; i < json_array_get_length (texts); i++)
    g_strv_builder_add (builder, json_array_get_string_element (texts, i));
  strv = g_strv_builder_end (builder);

  return oai_embeddings_endpoint_embed_texts (endpoint, model, (const char *const *) strv, NULL, error);
}

static void
play_embed (DriverCase *self)
{
  g_autoptr(OaiEmbeddingsEndpoint) endpoint = NULL;
  g_autoptr(GPtrArray) made = NULL;
  g_autoptr(GError) error = NULL;
  JsonArray *vectors;

  if (!driver_make_client (self, &error))
    {
      driver_report_error (self, error);
      return;
    }

  endpoint = oai_embeddings_endpoint_new (self->client);
  made = embed (endpoint, driver_get_object (self->fixture, "arguments"), &error);
  if (made == NULL)
    {
      driver_report_error (self, error);
      return;
    }
  vectors = json_array_new ();
  for (guint i = 0; i < made->len; i++)
    json_array_add_array_element (vectors, vector_to_array (made->pdata[i]));
  json_object_set_array_member (self->out, "vectors", vectors);
}

/* Replies that follow a schema */

/* Adds the JSON of a text as a member, if it fits the schema. */
static void
add_parsed (JsonObject *object, const char *member, const char *text, const char *schema_json)
{
  g_autoptr(OaiJsonSchema) schema = schema_json != NULL ? oai_json_schema_new (schema_json, NULL) : NULL;

  if (schema != NULL && text != NULL && oai_json_schema_validate (schema, text, NULL))
    json_object_set_member (object, member, json_from_string (text, NULL));
}

static const char *
find_parameters (OaiChatRequest *request, const char *name)
{
  GPtrArray *tools = oai_chat_request_get_tools (request);

  for (guint i = 0; tools != NULL && i < tools->len; i++)
    if (g_strcmp0 (oai_chat_tool_get_name (tools->pdata[i]), name) == 0)
      return oai_function_definition_get_parameters (oai_chat_tool_get_function_definition (tools->pdata[i]));

  return NULL;
}

static void
add_parsed_calls (JsonObject *message, OaiChatRequest *request)
{
  JsonArray *calls = driver_get_array (message, "tool_calls");

  for (guint i = 0; calls != NULL && i < json_array_get_length (calls); i++)
    {
      JsonObject *function = driver_get_object (json_array_get_object_element (calls, i), "function");

      add_parsed (function, "parsed_arguments", driver_get_string (function, "arguments"),
                  find_parameters (request, driver_get_string (function, "name")));
    }
}

static void
report_parsed (DriverCase *self, OaiChatRequest *request, OaiRecord *completion)
{
  g_autofree char *json = oai_record_to_json (completion);
  JsonNode *final = json_from_string (json, NULL);
  OaiResponseFormat *format = oai_chat_request_get_response_format (request);
  OaiJsonSchemaFormat *schema = format != NULL ? oai_response_format_get_json_schema (format) : NULL;
  JsonArray *choices;

  json_object_set_member (self->out, "final", final);
  choices = driver_get_array (json_node_get_object (final), "choices");
  for (guint i = 0; choices != NULL && i < json_array_get_length (choices); i++)
    {
      JsonObject *message = driver_get_object (json_array_get_object_element (choices, i), "message");

      if (schema != NULL)
        add_parsed (message, "parsed", driver_get_string (message, "content"), oai_json_schema_format_get_schema_json (schema));
      add_parsed_calls (message, request);
    }
}

static void
play_chat_parse (DriverCase *self)
{
  g_autofree char *json = driver_dup_json (self->call, "request_json");
  g_autoptr(OaiRecord) request = NULL;
  g_autoptr(OaiChatEndpoint) endpoint = NULL;
  g_autoptr(OaiChatCompletion) completion = NULL;
  g_autoptr(GError) error = NULL;

  if (driver_make_client (self, &error))
    request = oai_record_new_from_json (OAI_TYPE_CHAT_REQUEST, json, &error);
  if (request != NULL)
    {
      endpoint = oai_chat_endpoint_new (self->client);
      completion = oai_chat_endpoint_parse (endpoint, OAI_CHAT_REQUEST (request), NULL, &error);
    }
  if (completion != NULL)
    report_parsed (self, OAI_CHAT_REQUEST (request), OAI_RECORD (completion));
  else
    driver_report_error (self, error);
}

/* Waiting with a simulated clock, which a delay advances */

typedef struct
{
  gint64 now;
  gint64 after_first_sleep;  /* -1: the length of the delay */
  JsonArray *sleeps;
} Clock;

static gint64
get_time (gpointer user_data)
{
  Clock *clock = user_data;

  return clock->now;
}

static void
wait_for (guint milliseconds, gpointer user_data)
{
  Clock *clock = user_data;

  clock->now = clock->after_first_sleep >= 0 ? clock->after_first_sleep : clock->now + milliseconds;
  clock->after_first_sleep = -1;
  json_array_add_int_element (clock->sleeps, milliseconds);
}

static void
play_wait (DriverCase *self)
{
  JsonObject *times = driver_get_object (self->call, "clock");
  Clock clock = { driver_get_int (times, "start_ms", 0), driver_get_int (times, "after_first_sleep_ms", -1), json_array_new () };
  const OaiPollClock poll_clock = { get_time, wait_for, &clock };
  g_autoptr(OaiFilesEndpoint) endpoint = NULL;
  g_autoptr(OaiFile) file = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;

  json_object_set_array_member (self->out, "sleeps_ms", clock.sleeps);
  if (driver_make_client (self, &error))
    {
      endpoint = oai_files_endpoint_new (self->client);
      oai_poll_set_clock (&poll_clock);
      file = oai_files_endpoint_wait_for_processing (endpoint, driver_get_string (driver_get_object (self->call, "path_params"), "id"),
                                                     driver_get_int (self->call, "poll_interval_ms", 0), driver_get_int (self->call, "max_wait_ms", -1),
                                                     NULL, &error);
      oai_poll_set_clock (NULL);
    }
  if (file == NULL)
    {
      driver_report_error (self, error);
      return;
    }
  json = oai_record_to_json (OAI_RECORD (file));
  driver_set_json (self->out, "result", json);
}

/* Polling without a module: a file or a batch of a vector store. */

static const char *
get_state (OaiRecord *item)
{
  g_autofree char *counts = oai_record_dup_member (item, "file_counts");
  g_autoptr(JsonNode) node = counts != NULL ? json_from_string (counts, NULL) : NULL;

  if (node == NULL)
    return oai_record_get_string_member (item, "status");

  return driver_get_int (json_node_get_object (node), "in_progress", 0) > 0 ? "in_progress" : "completed";
}

static OaiRecord *
poll_item (DriverCase *self, OaiEndpoint *endpoint, GError **error)
{
  static const char *const file_ends[] = { "completed", "failed", NULL };
  static const char *const batch_ends[] = { "completed", "failed", "cancelled", NULL };
  static const char *const pending[] = { "in_progress", NULL };
  JsonObject *parameters = driver_get_object (self->call, "path_params");
  const char *const path[] = { driver_get_string (parameters, "vector_store_id"), driver_get_string (parameters, "id"), NULL };
  const char *operation = driver_get_string (self->fixture, "operation");
  const OaiPoll poll = {
    .size = sizeof (OaiPoll),
    .operation = oai_endpoint_find_operation (G_OBJECT_TYPE (endpoint), operation),
    .interval_ms = driver_get_int (self->fixture, "default_interval_ms", 0),
    .timeout_ms = -1,
    .final_values = g_str_equal (operation, "store_batch") ? batch_ends : file_ends,
    .pending_values = pending,
    .get_state = get_state,
  };

  return oai_endpoint_poll (endpoint, &poll, path, driver_get_int (self->call, "poll_interval_ms", 0), -1, NULL, error);
}

static void
play_poll (DriverCase *self)
{
  Clock clock = { 0, -1, json_array_new () };
  const OaiPollClock poll_clock = { get_time, wait_for, &clock };
  g_autoptr(OaiCallOptions) options = driver_new_call_options (self);
  g_autoptr(OaiEndpoint) endpoint = NULL;
  g_autoptr(OaiRecord) item = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;

  json_object_set_array_member (self->out, "sleeps_ms", clock.sleeps);
  if (driver_make_client (self, &error))
    {
      endpoint = g_object_new (driver_endpoint_get_type (), "client", self->client, "options", options, NULL);
      oai_poll_set_clock (&poll_clock);
      item = poll_item (self, endpoint, &error);
      oai_poll_set_clock (NULL);
    }
  if (item == NULL)
    {
      driver_report_error (self, error);
      return;
    }
  json = oai_record_to_json (item);
  driver_set_json (self->out, "result", json);
}

/* Responses */

static void
play_response (DriverCase *self)
{
  g_autoptr(OaiResponsesEndpoint) endpoint = NULL;
  g_autoptr(OaiResponseRequest) request = NULL;
  g_autoptr(OaiResponse) response = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *arguments = driver_dup_json (self->fixture, "arguments");
  g_autofree char *output = NULL;

  if (driver_make_client (self, &error))
    {
      endpoint = oai_responses_endpoint_new (self->client);
      request = OAI_RESPONSE_REQUEST (oai_record_new_from_json (OAI_TYPE_RESPONSE_REQUEST, arguments, &error));
      response = request != NULL ? oai_responses_endpoint_create (endpoint, request, NULL, &error) : NULL;
    }
  if (response == NULL)
    {
      driver_report_error (self, error);
      return;
    }

  output = oai_record_dup_member (OAI_RECORD (response), "output");
  driver_set_json (self->out, "output", output);
  json_object_set_string_member (self->out, "output_text", oai_response_get_output_text (response));
}

const DriverEntry driver_helper_table[] = {
  { "embed", play_embed },
  { "chat_parse", play_chat_parse },
  { "wait", play_wait },
  { "poll", play_poll },
  { "response", play_response },
  { NULL, NULL },
};
