/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cases that need no server. */

#include "driver.h"

#include <string.h>

#include "oai-error.h"
#include "oai-json-doc-private.h"
#include "oai-json-partial-private.h"
#include "oai-json-value-private.h"
#include "oai-retry-private.h"
#include "oai-request-url-private.h"
#include "oai-settings-private.h"
#include "oai-sse-parser-private.h"
#include "oai-path-template-private.h"
#include "oai-query-private.h"
#include "oai-responses-types.h"
#include "oai-schema-strict-private.h"

#define MAX_DELAY 120

/* NULL if the library rejects the input, which is reported. */
static OaiJsonDoc *
parse (DriverCase *self, const char *text)
{
  g_autoptr(GError) error = NULL;
  OaiJsonDoc *doc = oai_json_doc_new_copy (text, -1, OAI_JSON_STRICT, &error);

  if (doc == NULL)
    driver_report_unknown (self, "the input: %s", error->message);

  return doc;
}

/* Event streams */

static void
take_events (OaiSseParser *parser, JsonArray *events, DriverCase *self)
{
  g_autoptr(GError) error = NULL;
  OaiSseEvent event;

  while (oai_sse_parser_next (parser, &event, &error))
    {
      JsonObject *object = json_object_new ();

      if (event.event != NULL)
        driver_set_bytes (object, "event", event.event, strlen (event.event));
      driver_set_bytes (object, "data", event.data, event.length);
      if (event.id != NULL)
        driver_set_bytes (object, "id", event.id, strlen (event.id));
      json_array_add_object_element (events, object);
    }
  if (error != NULL)
    driver_report_error (self, error);
}

static void
feed (OaiSseParser *parser, const char *data, gsize length, JsonArray *events, DriverCase *self)
{
  char *room = oai_sse_parser_reserve (parser, MAX (length, 1));

  if (length > 0)
    memcpy (room, data, length);
  oai_sse_parser_commit (parser, length);
  take_events (parser, events, self);
}

static JsonArray *
decode_split (DriverCase *self, gsize at)
{
  g_autoptr(OaiSseParser) parser = oai_sse_parser_new ();
  JsonArray *events = json_array_new ();
  gsize length;
  const char *data = g_bytes_get_data (self->input, &length);

  feed (parser, data, at, events, self);
  feed (parser, "", 0, events, self);
  feed (parser, data + at, length - at, events, self);

  return events;
}

static JsonArray *
decode_chunks (DriverCase *self, JsonArray *chunks)
{
  g_autoptr(OaiSseParser) parser = oai_sse_parser_new ();
  JsonArray *events = json_array_new ();

  for (guint i = 0; i < json_array_get_length (chunks); i++)
    {
      gsize length;
      g_autofree guchar *data = g_base64_decode (json_array_get_string_element (chunks, i), &length);

      feed (parser, (const char *) data, length, events, self);
    }

  return events;
}

/* "runs": one list of events for each split of the input. */
static void
play_sse_decode (DriverCase *self)
{
  JsonArray *runs = json_array_new ();
  JsonObject *reply = json_array_get_object_element (driver_get_array (self->fixture, "server"), 0);
  JsonArray *chunks = driver_get_array (reply, "chunks_b64");

  if (chunks != NULL)
    json_array_add_array_element (runs, decode_chunks (self, chunks));
  else
    for (gsize at = 0; at <= g_bytes_get_size (self->input); at++)
      json_array_add_array_element (runs, decode_split (self, at));
  json_object_set_array_member (self->out, "runs", runs);
}

/* JSON */

static void
play_accumulate (DriverCase *self)
{
  g_autoptr(OaiJsonDoc) doc = parse (self, driver_input_text (self));
  g_autoptr(OaiJsonValue) value = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) json = g_string_new (NULL);

  if (doc == NULL)
    return;

  value = oai_json_value_new_from_node (doc, oai_json_get_member (doc, 0, "accumulated"));
  if (!oai_json_value_accumulate (value, doc, oai_json_get_member (doc, 0, "delta"), &error))
    {
      driver_report_error (self, error);
      return;
    }
  oai_json_write_value (json, value);
  driver_set_json (self->out, "result", json->str);
}

static void
play_partial_json (DriverCase *self)
{
  g_autofree char *json = oai_json_complete (driver_input_text (self), OAI_JSON_PARTIAL_STRINGS);

  if (json != NULL)
    driver_set_json (self->out, "value", json);
}

/* Schemas */

static void
make_strict (DriverCase *self, OaiStrictFlags flags)
{
  g_autoptr(OaiJsonDoc) doc = parse (self, driver_input_text (self));
  g_autoptr(OaiJsonValue) value = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) json = g_string_new (NULL);

  if (doc == NULL)
    return;

  value = oai_schema_make_strict (doc, flags, &error);
  if (value == NULL)
    {
      driver_report_error (self, error);
      return;
    }
  oai_json_write_value (json, value);
  driver_set_json (self->out, "schema", json->str);
}

static void
play_strict_schema (DriverCase *self)
{
  make_strict (self, OAI_STRICT_DEFAULT);
}

/* openai-node keeps references that have annotations. */
static void
play_strict_schema_with_references (DriverCase *self)
{
  make_strict (self, OAI_STRICT_KEEP_REFERENCES);
}

/* Items of responses */

static void
play_input_item (DriverCase *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) item = oai_record_new_from_json (OAI_TYPE_RESPONSE_ITEM, driver_input_text (self), &error);
  g_autoptr(OaiResponseItem) input = NULL;
  g_autofree char *json = NULL;

  if (item == NULL)
    {
      driver_report_error (self, error);
      return;
    }
  input = oai_response_item_to_input (OAI_RESPONSE_ITEM (item));
  json = input != NULL ? oai_record_to_json (OAI_RECORD (input)) : NULL;
  driver_set_json (self->out, "result", json != NULL ? json : "null");
}

/* URLs */

static void
play_path_template (DriverCase *self)
{
  g_autoptr(OaiJsonDoc) doc = parse (self, driver_input_text (self));
  const char *path_template;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;

  if (doc == NULL)
    return;

  path_template = oai_json_get_string (doc, oai_json_get_member (doc, 0, "template"), NULL);
  path = oai_path_expand_named (path_template, doc, oai_json_get_member (doc, 0, "params"), &error);
  if (path != NULL)
    json_object_set_string_member (self->out, "path", path);
  else
    driver_report_error (self, error);
}

static void
play_query (DriverCase *self)
{
  static const char *const array_formats[] = { "brackets", "repeat", "comma", "indices", NULL };
  g_autoptr(OaiJsonDoc) doc = parse (self, driver_input_text (self));
  const char *array_format = driver_get_string (self->call, "array_format");
  OaiArrayFormat arrays = OAI_ARRAY_BRACKETS;
  OaiNestedFormat nested = g_strcmp0 (driver_get_string (self->call, "nested_format"), "dots") == 0 ? OAI_NESTED_DOTS : OAI_NESTED_BRACKETS;
  g_autofree char *query = NULL;

  if (doc == NULL)
    return;

  for (guint i = 0; array_formats[i] != NULL; i++)
    if (g_strcmp0 (array_formats[i], array_format) == 0)
      arrays = i;
  query = oai_query_encode (doc, 0, arrays, nested);
  json_object_set_string_member (self->out, "query", query != NULL ? query : "");
}

static void
play_build_url (DriverCase *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSettings) settings = driver_new_settings (self, self->options, &error);
  g_autofree char *query_json = driver_dup_json (self->call, "query");
  g_autoptr(OaiJsonDoc) doc = parse (self, query_json != NULL ? query_json : "{}");
  g_autofree char *query = NULL;
  g_autofree char *url = NULL;

  if (doc == NULL)
    return;

  query = oai_query_encode (doc, 0, OAI_ARRAY_BRACKETS, OAI_NESTED_BRACKETS);
  if (settings != NULL)
    url = oai_request_url_build (settings, driver_get_string (self->call, "path"), FALSE, NULL, query, &error);
  if (url == NULL)
    {
      driver_report_error (self, error);
      return;
    }
  json_object_set_string_member (self->out, "url", url);
  json_object_set_string_member (self->out, "base_url", oai_settings_get_base_url (settings));
}

/* Retries */

static void
read_answer (DriverCase *self, OaiJsonDoc *doc, OaiRetryAnswer *answer)
{
  answer->status = driver_get_int (self->call, "status", 429);
  answer->should_retry = oai_json_get_string (doc, oai_json_get_member (doc, 0, "x-should-retry"), NULL);
  answer->retry_after_ms = oai_json_get_string (doc, oai_json_get_member (doc, 0, "retry-after-ms"), NULL);
  answer->retry_after = oai_json_get_string (doc, oai_json_get_member (doc, 0, "retry-after"), NULL);
}

/* The shortest and the longest random delay. */
static void
play_retry_delay (DriverCase *self)
{
  static const double chances[] = { 0, 0.5, 0.999999 };
  g_autoptr(OaiJsonDoc) doc = parse (self, driver_input_text (self));
  gint64 retries = driver_get_int (self->call, "max_retries", 0) - driver_get_int (self->call, "remaining_retries", 0);
  JsonArray *delays;
  OaiRetryAnswer answer;

  if (doc == NULL)
    return;

  delays = json_array_new ();
  read_answer (self, doc, &answer);
  for (guint i = 0; i < G_N_ELEMENTS (chances); i++)
    json_array_add_double_element (delays, oai_retry_get_delay (&answer, retries, MAX_DELAY, driver_get_int (self->call, "now", 0), chances[i]));
  json_object_set_array_member (self->out, "delays", delays);
}

static void
play_should_retry (DriverCase *self)
{
  g_autoptr(OaiJsonDoc) doc = parse (self, driver_input_text (self));
  OaiRetryAnswer answer;

  if (doc == NULL)
    return;

  read_answer (self, doc, &answer);
  json_object_set_boolean_member (self->out, "should_retry", oai_retry_should_retry (&answer, MAX_DELAY, driver_get_int (self->call, "now", 0)));
}

const DriverEntry driver_pure_table[] = {
  { "sse_decode", play_sse_decode },
  { "accumulate_delta", play_accumulate },
  { "partial_parse", play_partial_json },
  { "to_strict_json_schema", play_strict_schema },
  { "toStrictJsonSchema", play_strict_schema_with_references },
  { "toResponseInputItem", play_input_item },
  { "path_template", play_path_template },
  { "querystring", play_query },
  { "build_url", play_build_url },
  { "calculate_retry_delay", play_retry_delay },
  { "should_retry", play_should_retry },
  { NULL, NULL },
};
