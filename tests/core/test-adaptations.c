/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests that a server refuses because of a member are repaired once, and the client remembers it. */

#include "call-fixture.h"

#include "oai-chat-stream.h"

#include <string.h>

#define COMPLETION_HI COMPLETION ("hi")
#define MISTRAL "{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"stream_options\",\"include_usage\"]," \
                "\"msg\":\"Extra inputs are not permitted\",\"input\":true}]},\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}"

#define REFUSED_EVENT "event: error\ndata: {\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\",\"type\":\"invalid_request_error\"}}\n\n"

static char *
dup_body (CallFixture *self, int index)
{
  g_autoptr (OaiMockRequest) request = oai_mock_server_dup_request (self->server, index);

  return oai_mock_request_dup_body_text (request);
}

static void
assert_same_connection (CallFixture *self, int first, int second)
{
  g_autoptr (OaiMockRequest) one = oai_mock_server_dup_request (self->server, first);
  g_autoptr (OaiMockRequest) two = oai_mock_server_dup_request (self->server, second);

  g_assert_cmpuint (oai_mock_request_get_connection (one), ==, oai_mock_request_get_connection (two));
}

static void
assert_sent (CallFixture *self, int index, const char *member, gboolean expected)
{
  g_autofree char *body = dup_body (self, index);

  if ((strstr (body, member) != NULL) != expected)
    g_error ("%s in %s", member, body);
}

static void
assert_adaptations (OaiCall *call, const char *expected)
{
  g_autofree char *names = g_strjoinv (",", (char **) oai_call_get_adaptations (call));

  g_assert_cmpstr (names, ==, expected);
}

static OaiCall *
assert_streams (CallFixture *self)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiRecord) record = call_fixture_run (OAI_STREAM (stream), NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (record)));

  return g_object_ref (oai_record_get_call (record));
}

static void
set_member (CallFixture *self, const char *member, const char *json)
{
  g_assert_true (oai_record_set_member (OAI_RECORD (self->request), member, json, NULL));
}

static void
push_refusal (CallFixture *self, const char *message)
{
  call_fixture_push (self, oai_mock_reply_new_error (400, "invalid_request_error", NULL, message));
}

static void
assert_answered (CallFixture *self, guint attempts, const char *adaptations)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiChatCompletion) completion = NULL;

  completion = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_call_get_n_attempts (oai_record_get_call (OAI_RECORD (completion))), ==, attempts);
  assert_adaptations (oai_record_get_call (OAI_RECORD (completion)), adaptations);
}

static OaiCall *
assert_fails (CallFixture *self, OaiError code, const char *message, guint attempts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiCall) call = NULL;

  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, OAI_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, message));
  call = oai_client_find_call_for_error (self->client, error);
  g_assert_cmpuint (oai_call_get_n_attempts (call), ==, attempts);

  return g_steal_pointer (&call);
}

static void
test_stream_options (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCall) first = NULL;
  g_autoptr (OaiCall) second = NULL;

  set_member (self, "stream_options", "{\"include_usage\":true}");
  call_fixture_push (self, oai_mock_reply_new_json (422, MISTRAL));
  first = assert_streams (self);
  g_assert_cmpuint (oai_call_get_n_attempts (first), ==, 2);
  assert_adaptations (first, "stream_options");
  assert_sent (self, 0, "stream_options", TRUE);
  assert_sent (self, 1, "stream_options", FALSE);
  assert_sent (self, 1, "\"stream\":true", TRUE);

  second = assert_streams (self);
  g_assert_cmpuint (oai_call_get_n_attempts (second), ==, 1);
  assert_adaptations (second, "stream_options");
  assert_sent (self, 2, "stream_options", FALSE);
  g_assert_true (oai_record_has_member (OAI_RECORD (self->request), "stream_options"));
  assert_same_connection (self, 0, 1);
}

/* Each member, and what is sent instead. */
static void
test_members (CallFixture *self, gconstpointer user_data)
{
  static const struct
  {
    const char *member;
    const char *json;
    const char *message;
    const char *sent;
    const char *replacement;
    const char *name;
  } cases[] = {
    { "max_tokens", "64", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "\"max_tokens\":64", "\"max_completion_tokens\":64", "max_tokens" },
    { "max_completion_tokens", "64", "Unrecognized request argument supplied: max_completion_tokens",
      "\"max_completion_tokens\":64", "\"max_tokens\":64", "max_completion_tokens" },
    { "messages", "[{\"role\":\"developer\",\"content\":\"developer\"},{\"role\":\"user\",\"content\":\"b\"}]",
      "messages[0].role: unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool` at line 1 column 85",
      "\"role\":\"developer\",\"content\":\"developer\"", "\"role\":\"system\",\"content\":\"developer\"", "developer" },
    { "tools", "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"type\":\"object\",\"properties\":{\"strict\":{\"type\":\"string\"}}}}}]",
      "Validation Error: \"strict\" - Extra inputs are not permitted", "\"strict\":true", "\"strict\":{", "strict" },
    { "response_format", "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"strict\":true,\"schema\":{\"type\":\"object\"}}}",
      "Unknown name \"strict\" at 'response_format.json_schema': Cannot find field.", "\"strict\":true", "\"name\":\"x\",\"schema\"", "strict" },
    { "parallel_tool_calls", "true", "property 'parallel_tool_calls' is unsupported", "parallel_tool_calls", "\"model\"", "parallel_tool_calls" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);

      call_fixture_renew (self, auth);
      g_clear_object (&self->request);
      self->request = oai_chat_request_new ("gpt-4o");
      oai_chat_request_add_user_message (self->request, "Hello");
      set_member (self, cases[i].member, cases[i].json);
      push_refusal (self, cases[i].message);
      assert_answered (self, 2, cases[i].name);
      assert_answered (self, 1, cases[i].name);
      assert_sent (self, 3 * i, cases[i].sent, TRUE);
      assert_sent (self, 3 * i + 1, cases[i].sent, FALSE);
      assert_sent (self, 3 * i + 1, cases[i].replacement, TRUE);
      assert_sent (self, 3 * i + 2, cases[i].sent, FALSE);
    }
}

static void
test_blocking (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiChatCompletion) completion = NULL;

  oai_chat_request_set_max_completion_tokens (self->request, 5);
  push_refusal (self, "Unrecognized request argument supplied: max_completion_tokens");
  completion = oai_chat_endpoint_create (self->chat, self->request, NULL, &error);
  g_assert_no_error (error);
  assert_sent (self, 1, "\"max_tokens\":5", TRUE);
}

/* Text and numbers of the program are sent as they are. */
static void
test_raw_json (CallFixture *self, gconstpointer user_data)
{
  static const char json[] = "{\"model\":\"gpt-4o\",\"stream_options\":{},\"temperature\":0.10,\"messages\":[{\"role\":\"user\",\"content\":\"stream_options \\u00e9\"}]}";
  g_autoptr (GError) error = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *body = NULL;

  push_refusal (self, "Unknown parameter: 'stream_options'.");
  reply = oai_client_invoke (self->client, "POST", "chat/completions", json, NULL, NULL, &error);
  g_assert_no_error (error);
  body = dup_body (self, 1);
  g_assert_cmpstr (body, ==, "{\"model\":\"gpt-4o\",\"temperature\":0.10,\"messages\":[{\"role\":\"user\",\"content\":\"stream_options é\"}]}");
}

static void
test_retries (CallFixture *self, gconstpointer user_data)
{
  static const char *const counts[] = { "0", "0", "1" };
  OaiMockReply *busy = oai_mock_reply_new_error (503, "test", NULL, "Not now");

  oai_settings_set_max_retries (self->settings, 1);
  set_member (self, "stream_options", "{}");
  oai_mock_reply_set_header (busy, "retry-after-ms", "1");
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  call_fixture_push (self, busy);
  assert_answered (self, 3, "stream_options");
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autoptr (OaiMockRequest) request = oai_mock_server_dup_request (self->server, i);

      g_assert_cmpstr (oai_mock_request_get_header (request, "x-stainless-retry-count"), ==, counts[i]);
    }
  assert_answered (self, 1, "stream_options");
}

/* A server that reports a failure of its template as its own. */
static void
test_server_error (CallFixture *self, gconstpointer user_data)
{
  oai_settings_set_max_retries (self->settings, 2);
  oai_chat_request_add_developer_message (self->request, "Be brief.");
  call_fixture_push (self, oai_mock_reply_new_error (500, "server_error", NULL, "Unexpected message role."));
  assert_answered (self, 2, "developer");
}

static void
test_refused_again (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *first = oai_mock_reply_new_error (400, "invalid_request_error", "first_code", "Unknown parameter: 'stream_options'.");
  g_autoptr (OaiCall) call = NULL;

  set_member (self, "stream_options", "{}");
  oai_mock_reply_set_header (first, "x-request-id", "req_1");
  call_fixture_push (self, first);
  call_fixture_push (self, oai_mock_reply_new_error (422, "invalid_request_error", NULL, "Another reason"));
  call = assert_fails (self, OAI_ERROR_BAD_REQUEST, "Unknown parameter: 'stream_options'.", 2);
  g_assert_cmpuint (oai_call_get_status_code (call), ==, 400);
  g_assert_cmpstr (oai_call_get_request_id (call), ==, "req_1");
  g_assert_cmpstr (oai_call_get_error_code (call), ==, "first_code");
  g_assert_nonnull (strstr (g_bytes_get_data (oai_call_get_body (call), NULL), "stream_options"));

  /* Nothing was learned. */
  assert_answered (self, 1, "");
  assert_sent (self, 2, "stream_options", TRUE);
}

/* The repair was right if there is another reason. */
static void
test_other_reason (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCall) length = NULL;
  g_autoptr (OaiCall) key = NULL;

  set_member (self, "stream_options", "{}");
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  call_fixture_push (self, oai_mock_reply_new_error (400, "invalid_request_error", "context_length_exceeded", "Too long"));
  length = assert_fails (self, OAI_ERROR_CONTEXT_LENGTH, "Too long", 2);
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  call_fixture_push (self, oai_mock_reply_new_error (401, "invalid_request_error", NULL, "No key"));
  key = assert_fails (self, OAI_ERROR_AUTHENTICATION, "No key", 2);
}

static void
test_one_after_another (CallFixture *self, gconstpointer user_data)
{
  set_member (self, "stream_options", "{}");
  oai_chat_request_add_developer_message (self->request, "Be brief.");
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  push_refusal (self, "Unexpected message role.");
  assert_answered (self, 3, "stream_options,developer");
  assert_answered (self, 1, "stream_options,developer");
}

/* What a request did not contain is not learned. */
static void
test_named_only (CallFixture *self, gconstpointer user_data)
{
  set_member (self, "stream_options", "{}");
  push_refusal (self, "Unknown parameter: 'stream_options'. Unknown parameter: 'max_tokens'.");
  assert_answered (self, 2, "stream_options");
  oai_chat_request_set_max_tokens (self->request, 5);
  assert_answered (self, 1, "stream_options");
  assert_sent (self, 2, "\"max_tokens\":5", TRUE);
}

/* The first refusal, of which the request contains nothing, is retried as an error of the server. */
static void
test_retry_before_repair (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *first = oai_mock_reply_new_error (500, "server_error", NULL, "Unexpected message role.");

  oai_settings_set_max_retries (self->settings, 1);
  set_member (self, "stream_options", "{}");
  oai_mock_reply_set_header (first, "retry-after-ms", "1");
  call_fixture_push (self, first);
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  assert_answered (self, 3, "stream_options");
}

/* A server cannot make a client send requests without end. */
static void
test_endless (CallFixture *self, gconstpointer user_data)
{
  static const char all[] = "Unknown parameter: 'max_tokens'. Unknown parameter: 'max_completion_tokens'. Unknown parameter: 'stream_options'.";
  OaiMockReply *reply = oai_mock_reply_new_error (400, "invalid_request_error", NULL, all);
  g_autoptr (OaiCall) call = NULL;

  set_member (self, "stream_options", "{}");
  oai_chat_request_set_max_tokens (self->request, 5);
  oai_mock_reply_set_times (reply, 20);
  call_fixture_push (self, reply);
  call = assert_fails (self, OAI_ERROR_BAD_REQUEST, "Unknown parameter: 'max_tokens'", 2);
}

static void
test_not_in_request (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCall) absent = NULL;
  g_autoptr (OaiCall) false_value = NULL;

  push_refusal (self, "Unknown parameter: 'stream_options'.");
  absent = assert_fails (self, OAI_ERROR_BAD_REQUEST, "stream_options", 1);
  /* The model could make several calls then. */
  set_member (self, "parallel_tool_calls", "false");
  push_refusal (self, "Unknown parameter: 'parallel_tool_calls'.");
  false_value = assert_fails (self, OAI_ERROR_BAD_REQUEST, "parallel_tool_calls", 1);
}

static void
test_off (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCall) call = NULL;

  set_member (self, "stream_options", "{}");
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  assert_answered (self, 2, "stream_options");
  oai_settings_set_adapt_requests (self->settings, FALSE);
  g_assert_false (oai_settings_get_adapt_requests (self->settings));
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  call = assert_fails (self, OAI_ERROR_BAD_REQUEST, "stream_options", 1);
  assert_adaptations (call, "");
  assert_answered (self, 1, "");
}

/* The reply would no longer be certain to follow the schema. */
static void
test_azure (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
  g_autoptr (OaiCall) strict = NULL;
  g_autoptr (OaiCall) tokens = NULL;

  g_clear_object (&self->settings);
  self->settings = oai_settings_new_for_azure_endpoint (oai_mock_server_get_base_url (self->server), NULL, NULL, FALSE, NULL);
  oai_settings_set_max_retries (self->settings, 0);
  call_fixture_renew (self, auth);
  set_member (self, "response_format", "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"strict\":true,\"schema\":{}}}");
  oai_chat_request_set_max_tokens (self->request, 5);
  set_member (self, "stream_options", "{}");
  push_refusal (self, "Unknown parameter: 'strict'.");
  strict = assert_fails (self, OAI_ERROR_BAD_REQUEST, "strict", 1);
  push_refusal (self, "Unsupported parameter: 'max_tokens' is not supported with this model.");
  tokens = assert_fails (self, OAI_ERROR_BAD_REQUEST, "max_tokens", 1);
  push_refusal (self, "Unrecognized request argument supplied: stream_options");
  call_fixture_push (self, oai_mock_reply_new_json (200, COMPLETION_HI));
  assert_answered (self, 2, "stream_options");
}

static void
set_profile (CallFixture *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiServerProfile) profile = oai_server_profile_new_from_text (text, NULL, &error);
  g_autoptr (OaiServerProfile) set = NULL;

  g_assert_no_error (error);
  oai_settings_set_server_profile (self->settings, profile);
  g_object_get (self->settings, "server-profile", &set, NULL);
  g_assert_true (set == profile);
}

static void
test_profile (CallFixture *self, gconstpointer user_data)
{
  oai_mock_server_allow_member (self->server, "candidate_count");
  set_profile (self, "[Mine]\nadaptations=developer\ndrop=logprobs\nrename=n:candidate_count\n");
  set_member (self, "logprobs", "true");
  set_member (self, "n", "2");
  oai_chat_request_add_developer_message (self->request, "Be brief.");
  assert_answered (self, 1, "Mine,developer");
  assert_sent (self, 0, "logprobs", FALSE);
  assert_sent (self, 0, "\"candidate_count\":2", TRUE);
  assert_sent (self, 0, "\"role\":\"system\"", TRUE);

  /* What is learned is added. */
  set_member (self, "stream_options", "{}");
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  assert_answered (self, 2, "Mine,stream_options,developer");
  assert_answered (self, 1, "Mine,stream_options,developer");

  oai_settings_set_adapt_requests (self->settings, FALSE);
  assert_answered (self, 1, "Mine,developer");
  oai_settings_set_server_profile (self->settings, NULL);
  assert_answered (self, 1, "");
}

/* The server has changed, or the profile is wrong. */
static void
test_opposite (CallFixture *self, gconstpointer user_data)
{
  set_profile (self, "[Mine]\nadaptations=max_completion_tokens\n");
  oai_chat_request_set_max_completion_tokens (self->request, 7);
  push_refusal (self, "Unknown parameter: 'max_tokens'.");
  assert_answered (self, 2, "max_tokens");
  assert_sent (self, 0, "\"max_tokens\":7", TRUE);
  assert_sent (self, 1, "\"max_completion_tokens\":7", TRUE);
  assert_answered (self, 1, "");
  assert_sent (self, 2, "\"max_completion_tokens\":7", TRUE);
}

static void
test_memory (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);

  set_member (self, "stream_options", "{}");
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  assert_answered (self, 2, "stream_options");
  /* Another model may accept it. */
  oai_chat_request_set_model (self->request, "m1");
  assert_answered (self, 1, "");
  oai_chat_request_set_model (self->request, "gpt-4o");
  assert_answered (self, 1, "stream_options");
  /* Another client has learned nothing. */
  call_fixture_renew (self, auth);
  assert_answered (self, 1, "");
}

/* The model is in the body only. */
static void
assert_invoked (CallFixture *self, const char *model, int last, gboolean parallel)
{
  g_autofree char *json = g_strdup_printf ("{\"model\":\"%s\",\"input\":\"Hello\",\"parallel_tool_calls\":true}", model);
  g_autofree char *reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = oai_client_invoke (self->client, "POST", "responses", json, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_sent (self, last, "parallel_tool_calls", parallel);
}

static void
test_memory_of_models (CallFixture *self, gconstpointer user_data)
{
  push_refusal (self, "Unknown parameter: 'parallel_tool_calls'.");
  assert_invoked (self, "m1", 1, FALSE);
  assert_invoked (self, "m2", 2, TRUE);
  assert_invoked (self, "m1", 3, FALSE);
}

/* Chat and responses of a model differ. */
static void
test_memory_of_endpoints (CallFixture *self, gconstpointer user_data)
{
  push_refusal (self, "Unknown parameter: 'parallel_tool_calls'.");
  assert_invoked (self, "gpt-4o", 1, FALSE);
  set_member (self, "parallel_tool_calls", "true");
  assert_answered (self, 1, "");
  assert_sent (self, 2, "parallel_tool_calls", TRUE);
}

/* A key of the program belongs to one body. */
static char *
dup_idempotency_key (CallFixture *self, int index)
{
  g_autoptr (OaiMockRequest) request = oai_mock_server_dup_request (self->server, index);

  return g_strdup (oai_mock_request_get_header (request, "idempotency-key"));
}

static void
test_idempotency_key (CallFixture *self, gconstpointer user_data)
{
  g_autofree char *refused = NULL;
  g_autofree char *repaired = NULL;
  g_autofree char *retried = NULL;
  g_autofree char *learned = NULL;
  g_autofree char *other = NULL;
  g_autofree char *plain = NULL;
  OaiMockReply *busy = oai_mock_reply_new_error (503, "test", NULL, "Not now");

  oai_settings_set_max_retries (self->settings, 1);
  oai_settings_set_header (self->settings, "Idempotency-Key", "order-7");
  oai_mock_reply_set_header (busy, "retry-after-ms", "1");
  set_member (self, "stream_options", "{}");
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  call_fixture_push (self, busy);
  assert_answered (self, 3, "stream_options");
  assert_answered (self, 1, "stream_options");
  set_member (self, "temperature", "0.5");
  assert_answered (self, 1, "stream_options");
  oai_record_unset_member (OAI_RECORD (self->request), "stream_options");
  assert_answered (self, 1, "");

  refused = dup_idempotency_key (self, 0);
  repaired = dup_idempotency_key (self, 1);
  retried = dup_idempotency_key (self, 2);
  learned = dup_idempotency_key (self, 3);
  other = dup_idempotency_key (self, 4);
  plain = dup_idempotency_key (self, 5);
  g_assert_cmpstr (refused, ==, "order-7");
  g_assert_true (g_str_has_prefix (repaired, "order-7-"));
  g_assert_cmpstr (retried, ==, repaired);
  g_assert_cmpstr (learned, ==, repaired);
  g_assert_cmpstr (other, !=, repaired);
  g_assert_cmpstr (plain, ==, "order-7");
}

/* A call that cannot succeed is not sent. */
static void
test_requirements (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) none = oai_auth_new ("");
  g_autoptr (OaiCall) lacking = NULL;
  g_autoptr (OaiCall) keyless = NULL;
  g_autoptr (OaiCall) absent = NULL;
  g_autofree char *models = NULL;
  g_autoptr (GError) error = NULL;

  set_profile (self, "[Mine]\nkey=required\nlacks=embeddings.*;chat.create\n");
  lacking = assert_fails (self, OAI_ERROR_NOT_FOUND, "The server “Mine” does not have the operation “chat.create”", 0);
  /* A request of the program is sent. */
  models = oai_client_invoke (self->client, "GET", "models", NULL, NULL, NULL, &error);
  g_assert_no_error (error);

  set_profile (self, "[Mine]\nkey=required\n");
  call_fixture_renew (self, none);
  keyless = assert_fails (self, OAI_ERROR_AUTHENTICATION, "“127.0.0.1” requires an API key, and there is none", 1);
  call_fixture_renew (self, NULL);
  absent = assert_fails (self, OAI_ERROR_AUTHENTICATION, "requires an API key", 1);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 1);
  oai_settings_set_header (self->settings, "X-Api-Key", "mine");
  call_fixture_push (self, oai_mock_reply_new_json (200, COMPLETION_HI));
  assert_answered (self, 1, "");
}

/* Gateways report errors of their servers with a status of success. */
static void
test_refused_in_reply (CallFixture *self, gconstpointer user_data)
{
  static const char *const bodies[] = {
    " {\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\"}}",
    "{ \"error\" : \"Unknown parameter: 'stream_options'.\" }",
    "[{\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\"}}]",
    "{\"object\":\"error\",\"message\":\"Unknown parameter: 'stream_options'.\"}",
  };

  set_member (self, "stream_options", "{}");
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
      OaiMockReply *slow = oai_mock_reply_new_json (200, bodies[i]);

      call_fixture_renew (self, auth);
      oai_mock_reply_set_chunk_size (slow, i + 1);
      call_fixture_push (self, slow);
      assert_answered (self, 2, "stream_options");
      assert_answered (self, 1, "stream_options");
    }
}

/* What cannot be repaired is the error of the reply. */
static void
test_other_error_in_reply (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCall) call = NULL;

  call_fixture_push (self, oai_mock_reply_new_json (200, "{\"error\":{\"message\":\"Unexpected endpoint\"}}"));
  call = assert_fails (self, OAI_ERROR_FAILED, "Unexpected endpoint", 1);
  g_assert_nonnull (strstr (g_bytes_get_data (oai_call_get_body (call), NULL), "Unexpected endpoint"));
}

/* A server that refuses the repaired request as well teaches nothing. */
static void
test_refused_in_reply_again (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCall) call = NULL;

  set_member (self, "stream_options", "{}");
  for (guint i = 0; i < 2; i++)
    call_fixture_push (self, oai_mock_reply_new_json (200, "{\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\"}}"));
  call = assert_fails (self, OAI_ERROR_FAILED, "stream_options", 2);
  assert_answered (self, 1, "");
}

/* An error that begins like one that can be repaired, but is longer than what is buffered, is an error of the reply. */
static void
test_long_error_in_reply (CallFixture *self, gconstpointer user_data)
{
  g_autofree char *blanks = g_strnfill (100000, ' ');
  g_autofree char *json = g_strconcat ("{\"error\":{\"message\":\"Unknown parameter: 'stream_options'.", blanks, "\"}}", NULL);
  g_autoptr (OaiCall) call = NULL;

  set_member (self, "stream_options", "{}");
  call_fixture_push (self, oai_mock_reply_new_json (200, json));
  call = assert_fails (self, OAI_ERROR_FAILED, "stream_options", 1);
  g_assert_cmpuint (g_bytes_get_size (oai_call_get_body (call)), ==, strlen (json));
}

static void
push_stream (CallFixture *self, const char *text, guint chunk_size)
{
  OaiMockReply *reply = oai_mock_reply_new_text (200, "text/event-stream", text);

  if (chunk_size > 0)
    oai_mock_reply_set_chunk_size (reply, chunk_size);
  call_fixture_push (self, reply);
}

static void
test_refused_in_stream (CallFixture *self, gconstpointer user_data)
{
  static const char *const streams[] = {
    "data: {\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\"}}\n\n",
    "event: error\r\ndata: {\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\"}}\r\n\r\ndata: [DONE]\r\n\r\n",
    ": keep-alive\n\nevent: error\nid: 1\ndata:{\"type\":\"error\",\"code\":null,\"message\":\"Unknown parameter: 'stream_options'.\"}\n\n",
    "data: {\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\"}}",
  };

  set_member (self, "stream_options", "{}");
  for (guint i = 0; i < G_N_ELEMENTS (streams) * 2; i++)
    {
      g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
      g_autoptr (OaiCall) call = NULL;

      call_fixture_renew (self, auth);
      push_stream (self, streams[i / 2], i % 2 * 7);
      call = assert_streams (self);
      g_assert_cmpuint (oai_call_get_n_attempts (call), ==, 2);
      assert_adaptations (call, "stream_options");
    }
}

/* A server that keeps the connection alive for a long time delays the first event, which a program that reads one event
 * at a time gets once. */
static void
test_late_content (CallFixture *self, gconstpointer user_data)
{
  static const guint chunk_sizes[] = { 0, 5, 4096 };
  g_autoptr (GString) text = g_string_new (NULL);

  while (text->len < 17000)
    g_string_append (text, ": keep-alive\n\n");
  for (guint i = 0; i < 20; i++)
    g_string_append (text, "data: " CHUNK_TEXT ("a") "\n\n");
  g_string_append (text, "data: " CHUNK_STOP "\n\ndata: [DONE]\n\n");

  set_member (self, "stream_options", "{}");
  for (guint i = 0; i < G_N_ELEMENTS (chunk_sizes); i++)
    {
      g_autoptr (OaiChatStream) stream = NULL;
      g_autoptr (GError) error = NULL;
      OaiRecord *chunk;
      guint n_chunks = 0;

      push_stream (self, text->str, chunk_sizes[i]);
      stream = call_fixture_stream (self);
      while ((chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error)) != NULL)
        {
          n_chunks++;
          g_object_unref (chunk);
        }
      g_assert_no_error (error);
      g_assert_cmpuint (n_chunks, ==, 21);
      g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, i + 1);
    }
}

/* An error after content ends the stream; one that cannot be repaired does so at once. */
static void
test_other_error_in_stream (CallFixture *self, gconstpointer user_data)
{
  static const char *const streams[] = {
    "data: " CHUNK_TEXT ("a") "\n\ndata: {\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\"}}\n\n",
    "event: error\ndata: {\"error\":{\"message\":\"Overloaded\"}}\n\n",
    "event: error\ndata: {\"error\":{\"message\":\"Overlo",
  };

  set_member (self, "stream_options", "{}");
  for (guint i = 0; i < G_N_ELEMENTS (streams) * 2; i++)
    {
      g_autoptr (OaiChatStream) stream = NULL;
      g_autoptr (GError) error = NULL;

      push_stream (self, streams[i / 2], i % 2 * 7);
      stream = call_fixture_stream (self);
      g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
      g_assert_nonnull (error);
      g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, i + 1);
    }
}

static void
on_adapted (OaiCall *call, GParamSpec *pspec, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
on_started (OaiClient *client, OaiCall *call, GCancellable *cancellable)
{
  g_assert_cmpuint (g_strv_length ((char **) oai_call_get_adaptations (call)), ==, 0);
  g_signal_connect_object (call, "notify::adaptations", G_CALLBACK (on_adapted), cancellable, 0);
}

static void
test_cancel_in_handler (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_signal_connect_object (self->client, "call-started", G_CALLBACK (on_started), cancellable, 0);
  set_member (self, "stream_options", "{}");
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  g_assert_null (call_fixture_create (self, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 1);
}

static void
on_adapted_close (OaiCall *call, GParamSpec *pspec, OaiStream *stream)
{
  oai_stream_close (stream);
}

static void
on_started_close (OaiClient *client, OaiCall *call, OaiStream *stream)
{
  g_signal_connect_object (call, "notify::adaptations", G_CALLBACK (on_adapted_close), stream, 0);
}

static void
test_stop_in_handler (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  set_member (self, "stream_options", "{}");
  stream = call_fixture_stream (self);
  g_signal_connect_object (self->client, "call-started", G_CALLBACK (on_started_close), stream, 0);
  push_refusal (self, "Unknown parameter: 'stream_options'.");
  g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 1);
}

static void
push_slow (CallFixture *self, OaiMockReply *reply)
{
  oai_mock_reply_set_chunk_size (reply, 80);
  oai_mock_reply_set_chunk_delay (reply, 1);
  call_fixture_push (self, reply);
}

/* After a growing number of iterations of the main context. */
static void
cancel_after_steps (CallFixture *self, gboolean in_stream)
{
  gboolean completed = FALSE;

  set_member (self, "stream_options", "{}");
  for (guint steps = 0; steps < 500 && !completed; steps += 1 + steps / 8)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiRecord) record = NULL;
      g_autoptr (OaiChatStream) stream = NULL;

      oai_mock_server_reset (self->server);
      call_fixture_renew (self, auth);
      if (in_stream)
        push_slow (self, oai_mock_reply_new_text (200, "text/event-stream", REFUSED_EVENT));
      else
        push_slow (self, oai_mock_reply_new_error (400, "invalid_request_error", NULL, "Unknown parameter: 'stream_options'."));
      push_slow (self, call_fixture_events (CHUNK_TEXT ("a"), CHUNK_STOP, NULL));
      stream = call_fixture_stream (self);
      oai_stream_run_async (OAI_STREAM (stream), cancellable, call_store_result, &result);
      for (guint i = 0; i < steps && result == NULL; i++)
        g_main_context_iteration (NULL, TRUE);
      completed = result != NULL;
      g_cancellable_cancel (cancellable);
      record = oai_stream_run_finish (OAI_STREAM (stream), call_wait (&result), &error);
      if (completed)
        g_assert_no_error (error);
      else
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  g_assert_true (completed);
}

static void
test_cancel (CallFixture *self, gconstpointer user_data)
{
  cancel_after_steps (self, FALSE);
}

static void
test_cancel_in_stream (CallFixture *self, gconstpointer user_data)
{
  cancel_after_steps (self, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) g_test_add ("/adaptations/" path, CallFixture, NULL, call_fixture_set_up, func, call_fixture_tear_down)
  ADD ("stream-options", test_stream_options);
  ADD ("members", test_members);
  ADD ("blocking", test_blocking);
  ADD ("raw-json", test_raw_json);
  ADD ("retries", test_retries);
  ADD ("server-error", test_server_error);
  ADD ("refused-again", test_refused_again);
  ADD ("other-reason", test_other_reason);
  ADD ("one-after-another", test_one_after_another);
  ADD ("named-only", test_named_only);
  ADD ("retry-before-repair", test_retry_before_repair);
  ADD ("endless", test_endless);
  ADD ("not-in-request", test_not_in_request);
  ADD ("off", test_off);
  ADD ("azure", test_azure);
  ADD ("profile", test_profile);
  ADD ("opposite", test_opposite);
  ADD ("memory", test_memory);
  ADD ("memory-of-models", test_memory_of_models);
  ADD ("memory-of-endpoints", test_memory_of_endpoints);
  ADD ("idempotency-key", test_idempotency_key);
  ADD ("requirements", test_requirements);
  ADD ("refused-in-reply", test_refused_in_reply);
  ADD ("other-error-in-reply", test_other_error_in_reply);
  ADD ("refused-in-reply-again", test_refused_in_reply_again);
  ADD ("long-error-in-reply", test_long_error_in_reply);
  ADD ("refused-in-stream", test_refused_in_stream);
  ADD ("late-content", test_late_content);
  ADD ("other-error-in-stream", test_other_error_in_stream);
  ADD ("cancel-in-handler", test_cancel_in_handler);
  ADD ("stop-in-handler", test_stop_in_handler);
  ADD ("cancel", test_cancel);
  ADD ("cancel-in-stream", test_cancel_in_stream);

  return g_test_run ();
}
