/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies of chat and responses that are read into objects. */

#include "test-module.h"

#define TEST_TYPE_FORECAST (test_forecast_get_type ())
G_DECLARE_FINAL_TYPE (TestForecast, test_forecast, TEST, FORECAST, GObject)

struct _TestForecast
{
  GObject parent_instance;

  char *city;
  int temperature;
  GStrv warnings;
};

G_DEFINE_FINAL_TYPE (TestForecast, test_forecast, G_TYPE_OBJECT)

static void
test_forecast_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  TestForecast *self = TEST_FORECAST (object);

  if (prop_id == 1)
    {
      g_free (self->city);
      self->city = g_value_dup_string (value);
    }
  else if (prop_id == 2)
    self->temperature = g_value_get_int (value);
  else
    {
      g_strfreev (self->warnings);
      self->warnings = g_value_dup_boxed (value);
    }
}

static void
test_forecast_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  TestForecast *self = TEST_FORECAST (object);

  if (prop_id == 1)
    g_value_set_string (value, self->city);
  else if (prop_id == 2)
    g_value_set_int (value, self->temperature);
  else
    g_value_set_boxed (value, self->warnings);
}

static void
test_forecast_finalize (GObject *object)
{
  TestForecast *self = TEST_FORECAST (object);

  g_free (self->city);
  g_strfreev (self->warnings);

  G_OBJECT_CLASS (test_forecast_parent_class)->finalize (object);
}

static void
test_forecast_class_init (TestForecastClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = test_forecast_set_property;
  object_class->get_property = test_forecast_get_property;
  object_class->finalize = test_forecast_finalize;
  g_object_class_install_property (object_class, 1, g_param_spec_string ("city", NULL, "Name of the city", NULL, G_PARAM_READWRITE));
  g_object_class_install_property (object_class, 2, g_param_spec_int ("temperature", NULL, NULL, -90, 60, 0, G_PARAM_READWRITE));
  g_object_class_install_property (object_class, 3, g_param_spec_boxed ("warnings", NULL, NULL, G_TYPE_STRV, G_PARAM_READWRITE));
}

static void
test_forecast_init (TestForecast *self)
{
}

#define SCHEMA \
  "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"city\":{\"type\":\"string\",\"description\":\"Name of the city\"}," \
  "\"temperature\":{\"type\":\"integer\",\"minimum\":-90,\"maximum\":60},\"warnings\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}," \
  "\"required\":[\"city\",\"temperature\",\"warnings\"]}"
/* Within JSON text. */
#define FORECAST "{\\\"city\\\":\\\"Oslo\\\",\\\"temperature\\\":-3,\\\"warnings\\\":[\\\"ice\\\"]}"

static void
assert_forecast (gpointer object)
{
  TestForecast *forecast = object;

  g_assert_true (TEST_IS_FORECAST (forecast));
  g_assert_cmpstr (forecast->city, ==, "Oslo");
  g_assert_cmpint (forecast->temperature, ==, -3);
  g_assert_cmpstr (forecast->warnings[0], ==, "ice");
}

static void
push_json (Fixture *fixture, const char *json)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);

  oai_mock_server_push_reply (fixture->server, reply);
}

static void
push_events (Fixture *fixture, const char *events)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_text (200, "text/event-stream", events);

  oai_mock_server_push_reply (fixture->server, reply);
}

static char *
dup_body (Fixture *fixture)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, 0);

  return oai_mock_request_dup_body_text (request);
}

/* Chat */

static OaiChatRequest *
new_chat_request (void)
{
  OaiChatRequest *request = oai_chat_request_new ("m");
  g_autoptr(GError) error = NULL;

  oai_chat_request_add_user_message (request, "The weather in Oslo?");
  oai_chat_request_set_response_type (request, TEST_TYPE_FORECAST, &error);
  g_assert_no_error (error);

  return request;
}

static void
push_completion (Fixture *fixture, const char *message, const char *finish_reason)
{
  g_autofree char *json = g_strdup_printf ("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":"
                                           "[{\"index\":0,\"message\":{\"role\":\"assistant\",%s},\"finish_reason\":\"%s\",\"logprobs\":null}]}",
                                           message, finish_reason);

  push_json (fixture, json);
}

static void
test_chat (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiChatRequest) request = new_chat_request ();
  g_autoptr(OaiChatCompletion) completion = NULL;
  g_autoptr(OaiMockRequest) sent = NULL;
  g_autoptr(GObject) forecast = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *body = NULL;

  push_completion (fixture, "\"content\":\"" FORECAST "\"", "stop");
  completion = oai_chat_endpoint_parse (chat, request, NULL, &error);
  g_assert_no_error (error);
  forecast = oai_chat_completion_parse (completion, TEST_TYPE_FORECAST, &error);
  g_assert_no_error (error);
  assert_forecast (forecast);

  body = dup_body (fixture);
  g_assert_nonnull (strstr (body, "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"TestForecast\",\"schema\":" SCHEMA ",\"strict\":true}}"));
  sent = oai_mock_server_dup_request (fixture->server, 0);
  g_assert_cmpstr (oai_mock_request_get_header (sent, "X-Stainless-Helper-Method"), ==, "chat.completions.parse");
  assert_no_violations (fixture);
}

static void
test_chat_errors (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *message;
    const char *finish_reason;
    OaiError code;
    const char *text;
  } cases[] = {
    { "\"content\":null,\"refusal\":\"No.\"", "stop", OAI_ERROR_CONTENT_FILTER, "No." },
    { "\"content\":\"{\\\"city\"", "length", OAI_ERROR_LENGTH, NULL },
    { "\"content\":\"\"", "content_filter", OAI_ERROR_CONTENT_FILTER, NULL },
    { "\"content\":\"\"", "stop", OAI_ERROR_PROTOCOL, NULL },
    { "\"content\":\"Cold.\"", "stop", OAI_ERROR_PROTOCOL, NULL },
    { "\"content\":\"{\\\"city\\\":\\\"a\\\"}\"", "stop", OAI_ERROR_PROTOCOL,
      "The reply does not fit the type TestForecast: “temperature” is required; “warnings” is required" },
  };
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiChatRequest) request = new_chat_request ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiChatCompletion) completion = NULL;
      g_autoptr(GError) error = NULL;

      push_completion (fixture, cases[i].message, cases[i].finish_reason);
      completion = oai_chat_endpoint_create (chat, request, NULL, &error);
      g_assert_no_error (error);
      g_assert_null (oai_chat_completion_parse (completion, TEST_TYPE_FORECAST, &error));
      g_assert_error (error, OAI_ERROR, (int) cases[i].code);
      if (cases[i].text != NULL)
        g_assert_cmpstr (error->message, ==, cases[i].text);
    }
}

/* The endpoint rejects what cannot be parsed. */
static void
test_chat_endpoint (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiChatRequest) request = new_chat_request ();
  g_autoptr(OaiChatTool) tool = oai_chat_tool_new_function ("get_time", NULL, NULL, FALSE, NULL);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  push_completion (fixture, "\"content\":\"{\"", "length");
  oai_chat_endpoint_parse_async (chat, request, NULL, keep_result, &result);
  wait_for (&result);
  g_assert_null (oai_chat_endpoint_parse_finish (chat, result, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_LENGTH);
  g_clear_error (&error);

  oai_chat_request_add_tool (request, tool);
  g_assert_null (oai_chat_endpoint_parse (chat, request, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "get_time"));
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 1);
}

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer data)
{
  g_string_append_printf (data, "%s ", pspec->name);
}

#define CHUNK(members) "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0," members "}]}\n\n"
#define DELTA(text) CHUNK ("\"delta\":{\"content\":\"" text "\"},\"finish_reason\":null")

/* The properties are set while the reply arrives. */
static void
test_chat_stream (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiChatRequest) request = new_chat_request ();
  g_autoptr(OaiChatStream) stream = NULL;
  g_autoptr(TestForecast) forecast = g_object_new (TEST_TYPE_FORECAST, NULL);
  g_autoptr(GString) log = g_string_new (NULL);
  g_autoptr(OaiRecord) completion = NULL;
  g_autoptr(GObject) parsed = NULL;
  g_autoptr(GError) error = NULL;

  push_events (fixture, DELTA ("{\\\"city\\\":\\\"Os") DELTA ("lo\\\",\\\"temperature\\\":-3,\\\"warn") DELTA ("ings\\\":[\\\"ice\\\"]}")
                          CHUNK ("\"delta\":{},\"finish_reason\":\"stop\"") "data: [DONE]\n\n");
  stream = oai_chat_endpoint_create_stream (chat, request);
  oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), 0);
  oai_chat_stream_set_parsed (stream, G_OBJECT (forecast));
  g_assert_true (oai_chat_stream_get_parsed (stream) == G_OBJECT (forecast));
  g_signal_connect (forecast, "notify", G_CALLBACK (on_notify), log);
  completion = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  assert_forecast (forecast);
  g_assert_cmpstr (log->str, ==, "city temperature city warnings ");

  parsed = oai_chat_completion_parse (OAI_CHAT_COMPLETION (completion), TEST_TYPE_FORECAST, &error);
  g_assert_no_error (error);
  assert_forecast (parsed);
}

#define LONG_TEXT 100000
#define LONG_DELTA "0123456789"

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer data)
{
  (*(guint *) data)++;
}

/* Pushes a reply with a long text, in many deltas. */
static void
push_long_text (Fixture *fixture, const char *begin, const char *delta, const char *end)
{
  g_autoptr(GString) events = g_string_new (begin);

  for (guint i = 0; i < LONG_TEXT / strlen (LONG_DELTA); i++)
    g_string_append (events, delta);
  g_string_append (events, end);
  push_events (fixture, events->str);
}

/* The object is updated with each delta at first, then less often: otherwise, the time for all updates
 * would grow with the square of the length. */
static void
run_with_long_text (OaiStream *stream, TestForecast *forecast)
{
  g_autoptr(OaiRecord) reply = NULL;
  g_autoptr(GError) error = NULL;
  guint n = 0;

  oai_stream_set_coalesce_interval_ms (stream, 0);
  g_signal_connect (forecast, "notify::city", G_CALLBACK (count_notify), &n);
  reply = oai_stream_run (stream, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, >, 200);
  g_assert_cmpuint (n, <, 300);
  g_assert_cmpuint (strlen (forecast->city), ==, LONG_TEXT);
}

static void
test_chat_long_text (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiChatRequest) request = new_chat_request ();
  g_autoptr(OaiChatStream) stream = NULL;
  g_autoptr(TestForecast) forecast = g_object_new (TEST_TYPE_FORECAST, NULL);

  push_long_text (fixture, DELTA ("{\\\"city\\\":\\\""), DELTA (LONG_DELTA), DELTA ("\\\"}") CHUNK ("\"delta\":{},\"finish_reason\":\"stop\"") "data: [DONE]\n\n");
  stream = oai_chat_endpoint_create_stream (chat, request);
  oai_chat_stream_set_parsed (stream, G_OBJECT (forecast));
  run_with_long_text (OAI_STREAM (stream), forecast);
}

/* Responses */

static OaiResponseRequest *
new_response_request (void)
{
  OaiResponseRequest *request = oai_response_request_new_for_text ("m", "The weather in Oslo?");
  g_autoptr(GError) error = NULL;

  oai_response_request_set_response_type (request, TEST_TYPE_FORECAST, &error);
  g_assert_no_error (error);

  return request;
}

#define MESSAGE(content) "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"status\":\"completed\",\"content\":[" content "]}"
#define TEXT_PART(text) "{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[]}"
#define RESPONSE(status, details, output) \
  "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"" status "\",\"incomplete_details\":" details ",\"output\":[" output "]}"

static void
test_response (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = new_response_request ();
  g_autoptr(OaiResponse) response = NULL;
  g_autoptr(GObject) forecast = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *body = NULL;

  push_json (fixture, RESPONSE ("completed", "null", MESSAGE (TEXT_PART (FORECAST))));
  response = oai_responses_endpoint_create (responses, request, NULL, &error);
  g_assert_no_error (error);
  forecast = oai_response_parse (response, TEST_TYPE_FORECAST, &error);
  g_assert_no_error (error);
  assert_forecast (forecast);

  body = dup_body (fixture);
  g_assert_nonnull (strstr (body, "\"format\":{\"type\":\"json_schema\",\"name\":\"TestForecast\",\"schema\":" SCHEMA ",\"strict\":true}"));
}

static void
test_response_errors (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *json;
    OaiError code;
    const char *text;
  } cases[] = {
    { RESPONSE ("completed", "null", MESSAGE ("{\"type\":\"refusal\",\"refusal\":\"No.\"}")), OAI_ERROR_CONTENT_FILTER, "No." },
    { RESPONSE ("incomplete", "{\"reason\":\"max_output_tokens\"}", MESSAGE (TEXT_PART ("{"))), OAI_ERROR_LENGTH, NULL },
    { RESPONSE ("incomplete", "{\"reason\":\"content_filter\"}", ""), OAI_ERROR_CONTENT_FILTER, NULL },
    { RESPONSE ("completed", "null", ""), OAI_ERROR_PROTOCOL, NULL },
    { RESPONSE ("completed", "null", MESSAGE (TEXT_PART ("[1]"))), OAI_ERROR_PROTOCOL,
      "The reply does not fit the type TestForecast: the value must be an object, not an array" },
  };
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = new_response_request ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiResponse) response = NULL;
      g_autoptr(GError) error = NULL;

      push_json (fixture, cases[i].json);
      response = oai_responses_endpoint_create (responses, request, NULL, &error);
      g_assert_no_error (error);
      g_assert_null (oai_response_parse (response, TEST_TYPE_FORECAST, &error));
      g_assert_error (error, OAI_ERROR, (int) cases[i].code);
      if (cases[i].text != NULL)
        g_assert_cmpstr (error->message, ==, cases[i].text);
    }
}

/* The endpoint rejects what cannot be parsed. */
static void
test_response_endpoint (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = new_response_request ();
  g_autoptr(OaiResponseFunctionTool) strict = oai_response_function_tool_new_with_schema ("get_date", NULL, NULL, TRUE, NULL);
  g_autoptr(OaiResponseFunctionTool) unset = oai_response_function_tool_new ("get_zone");
  g_autoptr(OaiResponseFunctionTool) tool = oai_response_function_tool_new_with_schema ("get_time", NULL, NULL, FALSE, NULL);
  g_autoptr(OaiResponse) response = NULL;
  g_autoptr(GObject) forecast = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_response_request_add_tool (request, OAI_RESPONSE_TOOL (strict));
  oai_response_request_add_tool (request, OAI_RESPONSE_TOOL (unset));
  push_json (fixture, RESPONSE ("completed", "null", MESSAGE (TEXT_PART (FORECAST))));
  response = oai_responses_endpoint_parse (responses, request, NULL, &error);
  g_assert_no_error (error);
  forecast = oai_response_parse (response, TEST_TYPE_FORECAST, &error);
  g_assert_no_error (error);
  assert_forecast (forecast);

  push_json (fixture, RESPONSE ("incomplete", "{\"reason\":\"max_output_tokens\"}", MESSAGE (TEXT_PART ("{"))));
  oai_responses_endpoint_parse_async (responses, request, NULL, keep_result, &result);
  wait_for (&result);
  g_assert_null (oai_responses_endpoint_parse_finish (responses, result, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_LENGTH);
  g_clear_error (&error);

  oai_response_request_add_tool (request, OAI_RESPONSE_TOOL (tool));
  g_assert_null (oai_responses_endpoint_parse (responses, request, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "get_time"));
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 2);
}

#define EVENT(json) "data: " json "\n\n"
#define TEXT_DELTA(text) EVENT ("{\"type\":\"response.output_text.delta\",\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":\"" text "\"}")

static void
test_response_stream (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = new_response_request ();
  g_autoptr(OaiResponseStream) stream = NULL;
  g_autoptr(TestForecast) unused = g_object_new (TEST_TYPE_FORECAST, NULL);
  g_autoptr(TestForecast) forecast = g_object_new (TEST_TYPE_FORECAST, NULL);
  g_autoptr(GString) log = g_string_new (NULL);
  g_autoptr(OaiRecord) response = NULL;
  g_autoptr(GObject) parsed = NULL;
  g_autoptr(GError) error = NULL;

  push_events (fixture, EVENT ("{\"type\":\"response.created\",\"response\":" RESPONSE ("in_progress", "null", "") "}")
                          EVENT ("{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":" MESSAGE ("") "}")
                          TEXT_DELTA ("{\\\"city\\\":\\\"Os") TEXT_DELTA ("lo\\\",\\\"temperature\\\":-3,\\\"warn") TEXT_DELTA ("ings\\\":[\\\"ice\\\"]}")
                          EVENT ("{\"type\":\"response.completed\",\"response\":" RESPONSE ("completed", "null", MESSAGE (TEXT_PART (FORECAST))) "}"));
  stream = oai_responses_endpoint_create_stream (responses, request);
  oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), 0);
  oai_response_stream_set_parsed (stream, G_OBJECT (unused));
  oai_response_stream_set_parsed (stream, G_OBJECT (forecast));
  g_signal_connect (forecast, "notify", G_CALLBACK (on_notify), log);
  response = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  assert_forecast (oai_response_stream_get_parsed (stream));
  g_assert_null (unused->city);
  g_assert_cmpstr (log->str, ==, "city temperature city warnings ");

  parsed = oai_response_parse (OAI_RESPONSE (response), TEST_TYPE_FORECAST, &error);
  g_assert_no_error (error);
  assert_forecast (parsed);
}

static void
stream_long_text (Fixture *fixture, const char *delta)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = new_response_request ();
  g_autoptr(OaiResponseStream) stream = NULL;
  g_autoptr(TestForecast) forecast = g_object_new (TEST_TYPE_FORECAST, NULL);

  push_long_text (fixture,
                  EVENT ("{\"type\":\"response.created\",\"response\":" RESPONSE ("in_progress", "null", "") "}")
                  EVENT ("{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":" MESSAGE ("") "}")
                  TEXT_DELTA ("{\\\"city\\\":\\\""),
                  delta,
                  TEXT_DELTA ("\\\"}")
                  EVENT ("{\"type\":\"response.completed\",\"response\":" RESPONSE ("completed", "null", "") "}"));
  stream = oai_responses_endpoint_create_stream (responses, request);
  oai_response_stream_set_parsed (stream, G_OBJECT (forecast));
  run_with_long_text (OAI_STREAM (stream), forecast);
}

static void
test_response_long_text (Fixture *fixture, gconstpointer data)
{
  stream_long_text (fixture, TEXT_DELTA (LONG_DELTA));
}

/* Short texts that end between the deltas of a long one do not make its updates more frequent. */
static void
test_response_long_and_short_texts (Fixture *fixture, gconstpointer data)
{
  stream_long_text (fixture, TEXT_DELTA (LONG_DELTA) EVENT ("{\"type\":\"response.output_text.done\",\"item_id\":\"msg_2\",\"output_index\":1,\"content_index\":0,\"text\":\"{}\"}"));
}

/* Sessions */

/* Sends a message, and parses the last item, whose parsing fails with a code; -1 for none. */
static void
assert_item (OaiSession *session, int code, const char *message)
{
  g_autoptr(OaiSessionItem) answer = oai_session_send (session, "The weather in Oslo?", NULL, NULL);
  g_autoptr(OaiSessionItem) item = g_list_model_get_item (G_LIST_MODEL (session), g_list_model_get_n_items (G_LIST_MODEL (session)) - 1);
  g_autoptr(GError) error = NULL;
  g_autoptr(GObject) forecast = NULL;

  g_assert_true (answer == NULL || answer == item);
  forecast = oai_session_item_parse (item, TEST_TYPE_FORECAST, &error);
  if (code < 0)
    {
      g_assert_no_error (error);
      assert_forecast (forecast);
      return;
    }
  g_assert_null (forecast);
  g_assert_error (error, OAI_ERROR, code);
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
}

static void
test_chat_session (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");

  push_completion (fixture, "\"content\":\"" FORECAST "\"", "stop");
  assert_item (session, -1, NULL);
  push_completion (fixture, "\"content\":null,\"refusal\":\"No.\"", "stop");
  assert_item (session, OAI_ERROR_CONTENT_FILTER, "No.");
  push_completion (fixture, "\"content\":\"{\\\"city\\\"\"", "length");
  assert_item (session, OAI_ERROR_INCOMPLETE, NULL);
  push_completion (fixture, "\"content\":\"Cold.\"", "stop");
  assert_item (session, OAI_ERROR_PROTOCOL, NULL);
}

static void
test_responses_session (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_responses_session_new (fixture->client, "m");

  push_json (fixture, RESPONSE ("completed", "null", MESSAGE (TEXT_PART (FORECAST))));
  assert_item (session, -1, NULL);
  push_json (fixture, RESPONSE ("completed", "null", MESSAGE ("{\"type\":\"refusal\",\"refusal\":\"No.\"}")));
  assert_item (session, OAI_ERROR_CONTENT_FILTER, "No.");
  push_json (fixture, RESPONSE ("incomplete", "{\"reason\":\"max_output_tokens\"}", MESSAGE (TEXT_PART ("{"))));
  assert_item (session, OAI_ERROR_INCOMPLETE, NULL);
  push_json (fixture, RESPONSE ("completed", "null", MESSAGE (TEXT_PART ("[1]"))));
  assert_item (session, OAI_ERROR_PROTOCOL, "The reply does not fit the type TestForecast: the value must be an object, not an array");
}

/* Classes whose properties have no JSON form are rejected before anything is sent. */
static void
test_other_types (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("m");
  g_autoptr(OaiResponseRequest) response_request = oai_response_request_new_for_text ("m", "?");
  g_autoptr(GError) error = NULL;

  g_assert_false (oai_chat_request_set_response_type (request, G_TYPE_SOCKET_CLIENT, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_response_request_set_response_type (response_request, G_TYPE_SOCKET_CLIENT, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/structured-replies/chat", test_chat);
  TEST ("/structured-replies/chat-errors", test_chat_errors);
  TEST ("/structured-replies/chat-endpoint", test_chat_endpoint);
  TEST ("/structured-replies/chat-stream", test_chat_stream);
  TEST ("/structured-replies/chat-long-text", test_chat_long_text);
  TEST ("/structured-replies/response", test_response);
  TEST ("/structured-replies/response-errors", test_response_errors);
  TEST ("/structured-replies/response-endpoint", test_response_endpoint);
  TEST ("/structured-replies/response-stream", test_response_stream);
  TEST ("/structured-replies/response-long-text", test_response_long_text);
  TEST ("/structured-replies/response-long-and-short-texts", test_response_long_and_short_texts);
  TEST ("/structured-replies/chat-session", test_chat_session);
  TEST ("/structured-replies/responses-session", test_responses_session);
  TEST ("/structured-replies/other-types", test_other_types);

  return g_test_run ();
}
