/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Results, errors and limits of calls; secrets do not appear in any of them. */

#include "call-fixture.h"

#include <glib/gstdio.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>

#include "oai-models-endpoint.h"
#include "oai-client-invoke.h"

#define REQUEST_ID "req_123"

/* Errors */

typedef struct
{
  const char *name;
  guint status;
  const char *type;
  const char *body;
  OaiError code;
  const char *says;
  const char *error_code;
} Failure;

static const Failure failures[] = {
  { "400", 400, NULL, "{\"error\":{\"message\":\"Boom\",\"type\":\"invalid_request_error\",\"param\":\"n\",\"code\":null}}", OAI_ERROR_BAD_REQUEST, "Boom", NULL },
  { "401", 401, NULL, "{\"error\":{\"message\":\"Boom\",\"code\":\"invalid_api_key\"}}", OAI_ERROR_AUTHENTICATION, "Boom", "invalid_api_key" },
  { "402", 402, NULL, "{\"error\":{\"message\":\"Boom\"}}", OAI_ERROR_QUOTA_EXCEEDED, "Boom", NULL },
  { "403", 403, NULL, "{\"error\":{\"message\":\"Boom\"}}", OAI_ERROR_PERMISSION_DENIED, "Boom", NULL },
  { "404", 404, NULL, "{\"error\":{\"message\":\"Boom\"}}", OAI_ERROR_NOT_FOUND, "Boom", NULL },
  { "409", 409, NULL, "{\"error\":{\"message\":\"Boom\"}}", OAI_ERROR_CONFLICT, "Boom", NULL },
  { "422", 422, NULL, "{\"error\":{\"message\":\"Boom\"}}", OAI_ERROR_UNPROCESSABLE, "Boom", NULL },
  { "429", 429, NULL, "{\"error\":{\"message\":\"Boom\"}}", OAI_ERROR_RATE_LIMITED, "Boom", NULL },
  { "500", 500, NULL, "{\"error\":{\"message\":\"Boom\"}}", OAI_ERROR_SERVER, "Boom", NULL },
  { "418", 418, NULL, "{\"error\":{\"message\":\"Boom\"}}", OAI_ERROR_FAILED, "Boom", NULL },
  { "quota", 429, NULL, "{\"error\":{\"message\":\"Boom\",\"code\":\"insufficient_quota\"}}", OAI_ERROR_QUOTA_EXCEEDED, "Boom", "insufficient_quota" },
  { "context-length", 400, NULL, "{\"error\":{\"message\":\"Boom\",\"code\":\"context_length_exceeded\"}}", OAI_ERROR_CONTEXT_LENGTH, "Boom", "context_length_exceeded" },
  { "content-filter", 400, NULL, "{\"error\":{\"message\":\"Boom\",\"code\":\"content_filter\"}}", OAI_ERROR_CONTENT_FILTER, "Boom", "content_filter" },
  { "string", 400, NULL, "{\"error\":\"Boom\"}", OAI_ERROR_BAD_REQUEST, "Boom", NULL },
  { "object-error", 400, NULL, "{\"object\":\"error\",\"message\":\"Boom\",\"type\":\"BadRequestError\",\"code\":400}", OAI_ERROR_BAD_REQUEST, "Boom", "400" },
  { "detail", 422, NULL, "{\"detail\":\"Boom\"}", OAI_ERROR_UNPROCESSABLE, "Boom", NULL },
  { "detail-list", 422, NULL, "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"Boom\"}]}", OAI_ERROR_UNPROCESSABLE, "Boom", NULL },
  { "array", 400, NULL, "[{\"error\":{\"code\":400,\"message\":\"Boom\",\"status\":\"INVALID_ARGUMENT\"}}]", OAI_ERROR_BAD_REQUEST, "Boom", "400" },
  { "top-level", 404, NULL, "{\"code\":\"DeploymentNotFound\",\"message\":\"Boom\"}", OAI_ERROR_NOT_FOUND, "Boom", "DeploymentNotFound" },
  { "integer-code", 400, NULL, "{\"error\":{\"message\":\"Boom\",\"code\":1234}}", OAI_ERROR_BAD_REQUEST, "Boom", "1234" },
  { "html", 502, "text/html", "<!DOCTYPE html>\n<html><head><title>502 Boom</title></head></html>", OAI_ERROR_SERVER, "502 Boom", NULL },
  { "text", 404, "text/plain", "404 Boom not found", OAI_ERROR_NOT_FOUND, "404 Boom not found", NULL },
  { "empty", 503, NULL, "", OAI_ERROR_SERVER, "503", NULL },
  { "empty-object", 503, NULL, "{}", OAI_ERROR_SERVER, "{}", NULL },
  { "broken-json", 500, NULL, "{\"error\":{\"mess", OAI_ERROR_SERVER, "", NULL },
  { "invalid-utf-8", 500, "text/plain", "Bo\xffom", OAI_ERROR_SERVER, "Bo", NULL },
  { "hidden", 200, NULL, "{\"error\":{\"message\":\"Boom\",\"code\":429}}", OAI_ERROR_RATE_LIMITED, "Boom", "429" },
  { "hidden-string", 200, NULL, "{\"error\":\"Unexpected endpoint\"}", OAI_ERROR_FAILED, "Unexpected endpoint", NULL },
  { "hidden-as-events", 200, "text/event-stream", "{\"error\":{\"message\":\"Boom\",\"code\":500}}", OAI_ERROR_SERVER, "Boom", "500" },
  { "hidden-401", 200, NULL, "{\"error\":{\"message\":\"Boom\",\"code\":401}}", OAI_ERROR_AUTHENTICATION, "Boom", "401" },
  { "hidden-code", 200, NULL, "{\"error\":{\"message\":\"Boom\",\"type\":\"invalid_request_error\",\"code\":\"invalid_api_key\"}}", OAI_ERROR_AUTHENTICATION, "Boom", "invalid_api_key" },
  { "hidden-type", 200, NULL, "{\"error\":{\"message\":\"Boom\",\"type\":\"NotFoundError\"}}", OAI_ERROR_NOT_FOUND, "Boom", NULL },
  { "hidden-status", 200, NULL, "{\"error\":{\"message\":\"Boom\",\"status\":403}}", OAI_ERROR_PERMISSION_DENIED, "Boom", NULL },
  { "hidden-status-word", 200, NULL, "{\"error\":{\"message\":\"Boom\",\"status\":\"INVALID_ARGUMENT\"}}", OAI_ERROR_BAD_REQUEST, "Boom", NULL },
  { "hidden-status-beside", 200, NULL, "{\"error\":\"Boom\",\"status\":\"401 Unauthorized\"}", OAI_ERROR_AUTHENTICATION, "Boom", NULL },
  { "hidden-overloaded", 200, NULL, "{\"error\":{\"message\":\"Boom\",\"type\":\"overloaded_error\"}}", OAI_ERROR_SERVER, "Boom", NULL },
  { "owner", 401, NULL, "{\"error\":{\"message\":\"You must be an organization Owner to do this\",\"type\":\"invalid_request_error\"}}", OAI_ERROR_PERMISSION_DENIED, "Owner", NULL },
  { "llama.cpp-too-large", 500, NULL, "{\"error\":{\"code\":500,\"message\":\"input (9 tokens) is too large to process. increase the physical batch size (current batch size: 8)\",\"type\":\"server_error\"}}", OAI_ERROR_CONTEXT_LENGTH, "too large", "500" },
  { "no-body", 200, NULL, "", OAI_ERROR_PROTOCOL, "", NULL },
  { "204", 204, NULL, "", OAI_ERROR_PROTOCOL, "", NULL },
  { "html-200", 200, "text/html", "<html><title>Login</title></html>", OAI_ERROR_PROTOCOL, "", NULL },
  { "not-an-object", 200, NULL, "42", OAI_ERROR_PROTOCOL, "", NULL },
  { "304", 304, NULL, "", OAI_ERROR_FAILED, "304", NULL },
};

static void
test_failure (CallFixture *self, gconstpointer user_data)
{
  const Failure *failure = user_data;
  OaiMockReply *reply = oai_mock_reply_new_text (failure->status, failure->type != NULL ? failure->type : "application/json", failure->body);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiCall) call = NULL;

  oai_mock_reply_set_header (reply, "x-request-id", REQUEST_ID);
  call_fixture_push (self, reply);
  oai_chat_endpoint_create_async (self->chat, self->request, NULL, call_store_result, &result);
  g_assert_null (oai_chat_endpoint_create_finish (self->chat, call_wait (&result), &error));
  g_assert_error (error, OAI_ERROR, (int) failure->code);
  g_assert_nonnull (strstr (error->message, failure->says));
  g_assert_null (strstr (error->message, REQUEST_ID));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));

  call = oai_client_find_call_for_error (self->client, error);
  g_assert_true (call == oai_call_find_for_result (result));
  g_assert_cmpint (oai_call_get_state (call), ==, OAI_CALL_STATE_FAILED);
  g_assert_cmpuint (oai_call_get_status_code (call), ==, failure->status);
  g_assert_cmpstr (oai_call_get_request_id (call), ==, REQUEST_ID);
  g_assert_cmpstr (oai_call_get_error_code (call), ==, failure->error_code);
  g_assert_error (oai_call_get_error (call), OAI_ERROR, (int) failure->code);
  if (failure->status >= 300)
    {
      gsize length;
      const char *body = g_bytes_get_data (oai_call_get_body (call), &length);

      g_assert_cmpmem (body, length, failure->body, strlen (failure->body));
    }
  g_assert_cmpstr (oai_call_get_method (call), ==, "POST");
  g_assert_true (g_str_has_suffix (oai_call_get_url (call), "/v1/chat/completions"));
}

static void
test_details (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiCall) call = NULL;

  call_fixture_push (self, oai_mock_reply_new_json (400, "{\"error\":{\"message\":\"Boom\",\"type\":\"invalid_request_error\",\"param\":\"n\",\"code\":\"bad\"}}"));
  g_assert_null (call_fixture_create (self, NULL, &error));
  call = oai_client_find_call_for_error (self->client, error);
  g_assert_cmpstr (oai_call_get_error_type (call), ==, "invalid_request_error");
  g_assert_cmpstr (oai_call_get_error_param (call), ==, "n");
  g_assert_cmpstr (oai_call_get_error_code (call), ==, "bad");
}

static void
test_limits (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = oai_mock_reply_new_json (200, COMPLETION ("hi"));
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;
  OaiCall *call;

  oai_mock_reply_set_header (reply, "openai-organization", "org-1");
  oai_mock_reply_set_header (reply, "openai-version", "2020-10-01");
  oai_mock_reply_set_header (reply, "openai-processing-ms", "321");
  oai_mock_reply_set_header (reply, "x-ratelimit-limit-requests", "60");
  oai_mock_reply_set_header (reply, "x-ratelimit-limit-tokens", "150000");
  oai_mock_reply_set_header (reply, "x-ratelimit-remaining-requests", "59");
  oai_mock_reply_set_header (reply, "x-ratelimit-remaining-tokens", "149984");
  oai_mock_reply_set_header (reply, "x-ratelimit-reset-requests", "1s");
  oai_mock_reply_set_header (reply, "x-ratelimit-reset-tokens", "6m0.5s");
  call_fixture_push (self, reply);
  completion = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  call = oai_record_get_call (OAI_RECORD (completion));
  g_assert_cmpstr (oai_call_get_organization (call), ==, "org-1");
  g_assert_cmpstr (oai_call_get_api_version (call), ==, "2020-10-01");
  g_assert_cmpint (oai_call_get_processing_ms (call), ==, 321);
  g_assert_cmpint (oai_call_get_request_limit (call), ==, 60);
  g_assert_cmpint (oai_call_get_token_limit (call), ==, 150000);
  g_assert_cmpint (oai_call_get_remaining_requests (call), ==, 59);
  g_assert_cmpint (oai_call_get_remaining_tokens (call), ==, 149984);
  g_assert_cmpint (oai_call_get_requests_reset_ms (call), ==, 1000);
  g_assert_cmpint (oai_call_get_tokens_reset_ms (call), ==, 360500);
  g_assert_cmpint (oai_call_get_retry_after_ms (call), ==, -1);
  g_assert_nonnull (oai_call_get_body (call));
  g_assert_cmpint (oai_call_get_state (call), ==, OAI_CALL_STATE_DONE);
}

/* Keys that are longer than a word, and contain characters that JSON escapes */

#define SECRET "sk-\"te/st\\x"

static void
assert_no_secret (const char *text)
{
  g_assert_null (strstr (text != NULL ? text : "", "sk-"));
  g_assert_null (strstr (text != NULL ? text : "", "st\\x"));
}

static void
test_echoed_key (CallFixture *self, gconstpointer user_data)
{
  const char *const bodies[] = {
    "{\"error\":{\"message\":\"Incorrect key: sk-\\\"te\\/st\\\\x.\",\"type\":\"sk-\\\"te/st\\\\x\",\"code\":\"sk-\\\"te/st\\\\x\",\"param\":\"sk-\\\"te/st\\\\x\"}}",
    "{\"object\":\"error\",\"detail\":{\"key\":\"\\u0073k-\\\"te/st\\\\x\"}}",
    "{\"error\":\"sk-\\\"te/st\\\\x\"}",
    "Wrong: Bearer sk-\"te/st\\x!",
    "<html><title>sk-\"te/st\\x</title></html>",
  };
  g_autoptr (OaiAuth) auth = oai_auth_new (SECRET);

  call_fixture_renew (self, auth);
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    for (guint status = 200; status <= 401; status += 201)
      for (guint streamed = 0; streamed < 2; streamed++)
        {
          OaiMockReply *reply = oai_mock_reply_new_text (status == 200 && i > 2 ? 500 : status, "application/json", bodies[i]);
          g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
          g_autoptr (GError) error = NULL;
          g_autoptr (OaiCall) call = NULL;

          oai_mock_reply_set_header (reply, "x-request-id", SECRET);
          call_fixture_push (self, reply);
          if (streamed)
            g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
          else
            g_assert_null (call_fixture_create (self, NULL, &error));
          g_assert_nonnull (error);
          assert_no_secret (error->message);
          call = oai_client_find_call_for_error (self->client, error);
          g_assert_nonnull (call);
          assert_no_secret (oai_call_get_error_type (call));
          assert_no_secret (oai_call_get_error_code (call));
          assert_no_secret (oai_call_get_error_param (call));
          assert_no_secret (oai_call_get_url (call));
          assert_no_secret (oai_call_get_error (call)->message);
        }
}

/* The call keeps the body of an HTTP error without the key, for every kind of call. */
static void
test_error_body (CallFixture *self, gconstpointer user_data)
{
  static const char body[] = "{\"error\":{\"message\":\"No sk-0123456789abcdefghij\"},\"more\":[1,2]}";
  static const char expected[] = "{\"error\":{\"message\":\"No ***\"},\"more\":[1,2]}";
  g_autoptr (OaiAuth) auth = oai_auth_new ("sk-0123456789abcdefghij");

  call_fixture_renew (self, auth);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiCall) call = NULL;

      call_fixture_push (self, oai_mock_reply_new_text (i == 3 ? 503 : 400, "application/json", body));
      if (i == 0)
        g_assert_null (oai_client_invoke (self->client, "GET", "x", NULL, NULL, NULL, &error));
      else if (i == 1)
        g_assert_null (oai_stream_next (OAI_STREAM (stream), NULL, &error));
      else if (i == 2)
        g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
      else
        g_assert_null (call_fixture_create (self, NULL, &error));
      g_assert_nonnull (error);
      call = oai_client_find_call_for_error (self->client, error);
      g_assert_nonnull (oai_call_get_body (call));
      g_assert_cmpmem (g_bytes_get_data (oai_call_get_body (call), NULL), g_bytes_get_size (oai_call_get_body (call)), expected, strlen (expected));
    }
}

/* Long texts are truncated, which can split a key; its first half is also secret. */
static void
test_truncated_key (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new ("sk-0123456789abcdefghij");

  call_fixture_renew (self, auth);
  for (guint length = 1970; length < 2005; length++)
    {
      g_autofree char *filler = g_strnfill (length, 'x');
      g_autofree char *body = g_strconcat (filler, "sk-0123456789abcdefghij", filler, NULL);
      g_autoptr (GError) error = NULL;

      call_fixture_push (self, oai_mock_reply_new_text (500, "text/plain", body));
      g_assert_null (call_fixture_create (self, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_SERVER);
      g_assert_null (strstr (error->message, "sk-0"));
    }
}

/* Keys that the program sends in a header for a gateway */
static void
test_own_keys (CallFixture *self, gconstpointer user_data)
{
  const char *const bodies[] = {
    "{\"error\":{\"message\":\"No: sk-other-key\",\"code\":\"sk-other-key\"}}",
    "{\"error\":{\"message\":\"No: Bearer sk-other-key\"}}",
    "{\"error\":{\"message\":\"No: sk-gateway-key\"}}",
    "{\"error\":{\"message\":\"No: sk-cookie-key\"}}",
    "{\"error\":{\"message\":\"No: sk-query key\"}}",
    "{\"error\":{\"message\":\"No: /x?key=sk-query%20key&more=sk-more%2Fkey\"}}",
    "{\"error\":{\"message\":\"No: sk-more/key\"}}",
  };
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();

  oai_settings_set_header (self->settings, "X-Gateway-Api-Key", "sk-gateway-key");
  oai_settings_set_query_parameter (self->settings, "key", "sk-query key");
  oai_call_options_set_header (options, "Authorization", "Bearer sk-other-key");
  oai_call_options_set_header (options, "Cookie", "a=b; session=sk-cookie-key");
  oai_call_options_set_query_parameter (options, "more", "sk-more/key");
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiCall) call = NULL;

      call_fixture_push (self, oai_mock_reply_new_json (401, bodies[i]));
      g_assert_null (oai_client_invoke (self->client, "GET", "x", NULL, options, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
      g_assert_true (g_str_has_prefix (error->message, "No: "));
      assert_no_secret (error->message);
      call = oai_client_find_call_for_error (self->client, error);
      assert_no_secret (oai_call_get_error_code (call));
      assert_no_secret (oai_call_get_url (call));
    }
}

/* A version and a short word are not redacted. */
static void
test_query_words (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  oai_settings_set_query_parameter (self->settings, "api-version", "2024-10-21");
  oai_settings_set_query_parameter (self->settings, "order", "desc");
  call_fixture_push (self, oai_mock_reply_new_error (400, NULL, NULL, "No desc in 2024-10-21"));
  g_assert_null (oai_client_invoke (self->client, "GET", "x", NULL, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "No desc in 2024-10-21"));
}

/* The server chooses the request id. */
static void
test_key_as_request_id (CallFixture *self, gconstpointer user_data)
{
  static const char *const bodies[] = { "data: {nonsense\n\n", "data: {}", "event: error\ndata: x\n\n" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      OaiMockReply *reply = call_fixture_sse (bodies[i]);
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiCall) call = NULL;

      oai_mock_reply_set_header (reply, "x-request-id", "id " CALL_FIXTURE_KEY);
      if (i == 1)
        oai_mock_reply_set_truncate_after (reply, 3);
      call_fixture_push (self, reply);
      g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
      assert_no_secret (error->message);
      call = oai_client_find_call_for_error (self->client, error);
      g_assert_cmpstr (oai_call_get_request_id (call), ==, "id ***");
      assert_no_secret (oai_call_get_header (call, "x-request-id"));
    }
}

/* A blocking call with invalid arguments returns. */
static void
test_blocking_calls_return (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*!= NULL*");
  g_assert_null (oai_client_invoke (self->client, NULL, "x", NULL, NULL, NULL, &error));
  g_assert_null (oai_client_invoke (self->client, "GET", NULL, NULL, NULL, NULL, &error));
  g_assert_null (oai_endpoint_invoke_by_name (OAI_ENDPOINT (self->chat), NULL, "{}", NULL, &error));
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
}

static void
test_key_in_location (CallFixture *self, gconstpointer user_data)
{
  static const char *const targets[] = { "/v1/" CALL_FIXTURE_KEY, "http://" CALL_FIXTURE_KEY ".localhost:1/" };

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiCall) call = NULL;

      call_fixture_push (self, oai_mock_reply_new_redirect (302, targets[i]));
      if (i == 0)
        call_fixture_push (self, oai_mock_reply_new_error (404, NULL, NULL, "nothing"));
      g_assert_null (oai_client_invoke (self->client, "GET", "x", NULL, NULL, NULL, &error));
      g_assert_error (error, OAI_ERROR, (i == 0 ? (int) OAI_ERROR_NOT_FOUND : (int) OAI_ERROR_CONNECTION));
      g_assert_null (strstr (error->message, "within the reply"));
      assert_no_secret (error->message);
      call = oai_client_find_call_for_error (self->client, error);
      g_assert_nonnull (strstr (oai_call_get_url (call), "***"));
      assert_no_secret (oai_call_get_url (call));
    }
}

/* Prints every readable property of an object, and of the objects in its properties. */
static void
dump (GObject *object, GString *out, guint depth)
{
  guint n;
  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);

  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autofree char *text = NULL;

      if ((specs[i]->flags & G_PARAM_READABLE) == 0)
        continue;
      g_object_get_property (object, specs[i]->name, &value);
      text = g_strdup_value_contents (&value);
      g_string_append_printf (out, "%s=%s\n", specs[i]->name, text);
      if (depth > 0 && G_VALUE_HOLDS_OBJECT (&value) && g_value_get_object (&value) != NULL)
        dump (g_value_get_object (&value), out, depth - 1);
    }
}

static void
test_properties (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  oai_auth_set_admin_key (oai_client_get_auth (self->client), "sk-test-admin");
  call_fixture_push (self, call_fixture_events (CHUNK_TEXT ("hi"), CHUNK_STOP, NULL));
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  dump (G_OBJECT (self->chat), all, 3);
  dump (G_OBJECT (stream), all, 3);
  dump (G_OBJECT (record), all, 3);
  g_assert_nonnull (strstr (all->str, "base-url="));
  g_assert_null (strstr (all->str, CALL_FIXTURE_KEY));
}

/* The log of a child process */

static void
test_log_child (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *slow = oai_mock_reply_new_error (503, "x", NULL, "body-secret");
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiChatStream) stream = NULL;
  g_autoptr (OaiRecord) record = NULL;
  g_autofree char *reply = NULL;

  oai_settings_set_max_retries (self->settings, 1);
  oai_settings_set_query_parameter (self->settings, "token", "query-secret");
  oai_call_options_set_query_parameter (options, "more", "query-secret");
  oai_call_options_set_header (options, "X-Secret", "header-secret");
  oai_chat_request_add_user_message (self->request, "body-secret");
  oai_mock_reply_set_header (slow, "retry-after-ms", "1");
  oai_mock_reply_set_header (slow, "x-request-id", CALL_FIXTURE_KEY);
  call_fixture_push (self, slow);
  call_fixture_push (self, oai_mock_reply_new_redirect (307, "/v1/elsewhere?token=query-secret&key=" CALL_FIXTURE_KEY));
  call_fixture_push (self, oai_mock_reply_new_redirect (307, "/v1/" CALL_FIXTURE_KEY));
  call_fixture_push (self, oai_mock_reply_new_json (200, "{\"a\":\"body-secret\"}"));
  reply = oai_client_invoke (self->client, "POST", "models?x=query-secret", "{\"a\":\"body-secret\"}", options, NULL, &error);
  g_assert_no_error (error);
  stream = call_fixture_stream (self);
  call_fixture_push (self, call_fixture_events (CHUNK_TEXT ("body-secret"), CHUNK_STOP, NULL));
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  call_fixture_push (self, oai_mock_reply_new_json (401, "{\"error\":{\"message\":\"Wrong key " CALL_FIXTURE_KEY "\"}}"));
  g_assert_null (call_fixture_create (self, NULL, &error));
}

static void
test_log (void)
{
  g_autofree char *binary = g_file_read_link ("/proc/self/exe", NULL);
  const char *argv[] = { binary, "-p", "/calls/log/child", "--verbose", NULL };
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "G_MESSAGES_DEBUG", "Oai", TRUE);
  g_autofree char *out = NULL, *err = NULL, *all = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  environment = g_environ_setenv (environment, "OAI_TEST_LOG_CHILD", "1", TRUE);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, &status, &error));
  g_assert_true (g_spawn_check_wait_status (status, &error));
  all = g_strconcat (out, err, NULL);
  g_assert_nonnull (strstr (all, "retrying in"));
  g_assert_nonnull (strstr (all, "redirected"));
  g_assert_nonnull (strstr (all, "token="));
  g_assert_null (strstr (all, CALL_FIXTURE_KEY));
  g_assert_null (strstr (all, "query-secret"));
  g_assert_null (strstr (all, "body-secret"));
  g_assert_null (strstr (all, "header-secret"));
}

/* Call options */

static void
use_options (CallFixture *self, OaiCallOptions *options)
{
  OaiEndpoint *other = oai_endpoint_with_options (OAI_ENDPOINT (self->chat), options);

  g_object_unref (self->chat);
  self->chat = OAI_CHAT_ENDPOINT (other);
}

static void
test_options (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();
  g_autoptr (GError) error = NULL;

  oai_mock_server_set_validating (self->server, FALSE);
  oai_settings_set_header (self->settings, "X-Ours", "settings");
  oai_settings_set_header (self->settings, "X-Both", "settings");
  oai_settings_set_query_parameter (self->settings, "q", "settings");
  oai_call_options_set_header (options, "X-Both", "options");
  oai_call_options_set_header (options, "X-Ours", NULL);
  oai_call_options_set_header (options, "Authorization", NULL);
  oai_call_options_set_query_parameter (options, "extra", "a b&c");
  g_assert_true (oai_call_options_set_body_member (options, "top_k", "5", &error));
  g_assert_true (oai_call_options_set_body_member (options, "model", "\"other\"", &error));
  g_assert_false (oai_call_options_set_body_member (options, "broken", "{", NULL));
  use_options (self, options);

  for (guint streamed = 0; streamed < 2; streamed++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (OaiMockRequest) request = NULL;
      g_autofree char *body = NULL, *extra = NULL, *q = NULL;
      g_autoptr (GObject) result = NULL;

      call_fixture_push (self, oai_mock_reply_new_json (200, COMPLETION ("hi")));
      if (streamed)
        result = G_OBJECT (call_fixture_run (OAI_STREAM (stream), NULL, &error));
      else
        result = G_OBJECT (call_fixture_create (self, NULL, &error));
      g_assert_no_error (error);
      request = oai_mock_server_dup_request (self->server, -1);
      body = oai_mock_request_dup_body_text (request);
      extra = oai_mock_request_dup_query_value (request, "extra");
      q = oai_mock_request_dup_query_value (request, "q");
      g_assert_cmpstr (oai_mock_request_get_header (request, "x-both"), ==, "options");
      g_assert_null (oai_mock_request_get_header (request, "x-ours"));
      g_assert_null (oai_mock_request_get_header (request, "authorization"));
      g_assert_cmpstr (extra, ==, "a b&c");
      g_assert_cmpstr (q, ==, "settings");
      g_assert_nonnull (strstr (body, "\"top_k\":5"));
      g_assert_nonnull (strstr (body, "\"model\":\"other\""));
      g_assert_null (strstr (body, "gpt-4o"));
    }
}

/* Keys that are missing or empty */

static void
test_missing_key (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiSettings) settings = oai_settings_new ();
  g_autoptr (OaiClient) client = NULL;
  g_autoptr (OaiModelsEndpoint) models = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *nowhere = g_dir_make_tmp ("oai-calls-XXXXXX", NULL);

  g_unsetenv ("OPENAI_API_KEY");
  g_unsetenv ("OPENAI_KEY");
  g_setenv ("HOME", nowhere, TRUE);
  g_assert_cmpint (g_chdir (nowhere), ==, 0);
  client = oai_client_new (NULL, settings);
  models = oai_models_endpoint_new (client);
  g_assert_null (oai_models_endpoint_list (models, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_assert_nonnull (strstr (error->message, "OPENAI_API_KEY"));
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  g_rmdir (nowhere);
}

static void
test_keyless (CallFixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (OaiAuth) auth = i == 1 ? oai_auth_new ("") : NULL;
      g_autoptr (OaiChatCompletion) completion = NULL;
      g_autoptr (OaiMockRequest) request = NULL;
      g_autoptr (GError) error = NULL;

      g_unsetenv ("OPENAI_API_KEY");
      g_unsetenv ("OPENAI_KEY");
      call_fixture_renew (self, auth);
      call_fixture_push (self, oai_mock_reply_new_json (200, COMPLETION ("hi")));
      completion = call_fixture_create (self, NULL, &error);
      g_assert_no_error (error);
      request = oai_mock_server_dup_request (self->server, -1);
      g_assert_null (oai_mock_request_get_header (request, "authorization"));
    }
}

/* Calls by name */

static void
test_by_name (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiEndpoint) models = OAI_ENDPOINT (oai_models_endpoint_new (self->client));
  g_autofree char *list = NULL, *one = NULL;
  g_autoptr (OaiMockRequest) request = NULL;
  g_autoptr (GError) error = NULL;

  list = oai_endpoint_invoke_by_name (models, "list", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (list, "\"data\""));
  one = oai_endpoint_invoke_by_name (models, "retrieve", "{\"model\":\"gpt-4o\"}", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (one, "gpt-4o"));
  request = oai_mock_server_dup_request (self->server, -1);
  g_assert_cmpstr (oai_mock_request_get_path (request), ==, "/v1/models/gpt-4o");

  g_assert_null (oai_endpoint_invoke_by_name (models, "explode", NULL, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "explode"));
  g_clear_error (&error);
  g_assert_null (oai_endpoint_invoke_by_name (models, "retrieve", "{}", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "model"));
  g_clear_error (&error);
  g_assert_null (oai_endpoint_invoke_by_name (models, "retrieve", "{\"model\":", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_raw_request (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *empty = NULL, *html = NULL;

  call_fixture_push (self, oai_mock_reply_new (204));
  empty = oai_client_invoke (self->client, "DELETE", "/things/1", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (empty);
  call_fixture_push (self, oai_mock_reply_new_text (200, "text/html", "<html>\xff</html>"));
  html = oai_client_invoke (self->client, "GET", "page", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (html, ==, "<html>\357\277\275</html>");
  g_assert_null (oai_client_invoke (self->client, "GET", "http:///nowhere", NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
}

/* The request line contains nothing but what the call requests. */
static void
test_refused_requests (CallFixture *self, gconstpointer user_data)
{
  static const char *const methods[] = { "", "BAD METHOD", "GET /admin HTTP/1.1\r\nX-Injected: yes\r\nX: ", "GET\n", "G\303\204T", "GET:" };
  static const char *const paths[] = { "../x", "/a/../../b", "/a/%2e%2E", "./x", "a/.?x=1" };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (oai_client_invoke (self->client, methods[i], "/x", NULL, NULL, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (oai_client_invoke (self->client, "GET", paths[i], NULL, NULL, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 0);
}

/* Compressed replies, and wrong headers of bodies */

#define ZIPPED "{\"a\":\"zipped\"}"

typedef struct
{
  const char *name;
  const char *header;
  GZlibCompressorFormat format;
  int cut;          /* number of bytes that are missing at the end */
  gboolean chunked;
  int code;         /* -1: success */
} Encoding;

static const Encoding encodings[] = {
  { "gzip", "Content-Encoding: gzip", G_ZLIB_COMPRESSOR_FORMAT_GZIP, 0, FALSE, -1 },
  { "chunked", "Content-Encoding: gzip", G_ZLIB_COMPRESSOR_FORMAT_GZIP, 0, TRUE, -1 },
  { "upper-case", "Content-Encoding: GZIP", G_ZLIB_COMPRESSOR_FORMAT_GZIP, 0, FALSE, -1 },
  { "x-gzip", "Content-Encoding: X-Gzip", G_ZLIB_COMPRESSOR_FORMAT_GZIP, 0, TRUE, -1 },
  { "deflate", "Content-Encoding: deflate", G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 0, FALSE, -1 },
  { "raw-deflate", "Content-Encoding: Deflate", G_ZLIB_COMPRESSOR_FORMAT_RAW, 0, FALSE, -1 },
  { "truncated", "Content-Encoding: gzip", G_ZLIB_COMPRESSOR_FORMAT_GZIP, 12, FALSE, OAI_ERROR_INCOMPLETE },
  { "truncated-chunked", "Content-Encoding: gzip", G_ZLIB_COMPRESSOR_FORMAT_GZIP, 12, TRUE, OAI_ERROR_INCOMPLETE },
  { "broken", "Content-Encoding: gzip", G_ZLIB_COMPRESSOR_FORMAT_RAW, 0, FALSE, OAI_ERROR_PROTOCOL },
  { "unknown", "Content-Encoding: br", G_ZLIB_COMPRESSOR_FORMAT_RAW, 0, FALSE, OAI_ERROR_PROTOCOL },
};

static GBytes *
zip (const Encoding *encoding)
{
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (encoding->format, -1);
  char data[200];
  gsize n_read, n_written;

  g_assert_cmpint (g_converter_convert (G_CONVERTER (compressor), ZIPPED, strlen (ZIPPED), data, sizeof data, G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL), ==, G_CONVERTER_FINISHED);

  return g_bytes_new (data, n_written - encoding->cut);
}

static void
push_encoded (CallFixture *self, const Encoding *encoding)
{
  g_autoptr (GBytes) body = zip (encoding);
  g_autoptr (GByteArray) raw = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *head = NULL;
  const char *end = encoding->chunked ? "\r\n0\r\n\r\n" : "";

  if (encoding->chunked)
    head = g_strdup_printf ("HTTP/1.1 200 OK\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n", encoding->header, g_bytes_get_size (body));
  else
    head = g_strdup_printf ("HTTP/1.1 200 OK\r\n%s\r\nContent-Length: %zu\r\n\r\n", encoding->header, g_bytes_get_size (body));
  g_byte_array_append (raw, (const guint8 *) head, strlen (head));
  g_byte_array_append (raw, g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  g_byte_array_append (raw, (const guint8 *) end, strlen (end));
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&raw));
  call_fixture_push (self, oai_mock_reply_new_raw (bytes));
}

static void
test_encoding (CallFixture *self, gconstpointer user_data)
{
  const Encoding *encoding = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *reply = NULL;
  const char *name = strchr (encoding->header, ' ') + 1;

  push_encoded (self, encoding);
  reply = oai_client_invoke (self->client, "GET", "x", NULL, NULL, NULL, &error);
  if (encoding->code < 0)
    {
      g_assert_no_error (error);
      g_assert_cmpstr (reply, ==, ZIPPED);
      return;
    }

  g_assert_error (error, OAI_ERROR, encoding->code);
  g_assert_nonnull (strstr (error->message, name));
}

static void
test_no_length (CallFixture *self, gconstpointer user_data)
{
  static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, sizeof text - 1);
  GLogLevelFlags fatal;
  g_autoptr (GError) error = NULL;

  /* libsoup 3.2 sets it as a property, and GObject warns. */
  fatal = g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  call_fixture_push (self, oai_mock_reply_new_raw (bytes));
  g_assert_null (oai_client_invoke (self->client, "GET", "x", NULL, NULL, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_log_set_always_fatal (fatal);
}

/* Translated messages */
static void
test_german (CallFixture *self, gconstpointer user_data)
{
  g_autofree char *catalogue = g_test_build_filename (G_TEST_BUILT, "..", "..", "po", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (oai_client_get_settings (self->client));
  call_fixture_push (self, oai_mock_reply_new_text (418, NULL, ""));
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_clear_error (&error);

  g_setenv ("LANGUAGE", "de", TRUE);
  /* An installed test uses the installed catalogue. */
  if (g_file_test (catalogue, G_FILE_TEST_IS_DIR))
    bindtextdomain ("openai-1", catalogue);
  call_fixture_push (self, oai_mock_reply_new_text (418, NULL, ""));
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_nonnull (strstr (error->message, "Der Server antwortete mit dem Status 418"));
}

/* Sizes */

#define LARGE (3 * 1024 * 1024)

static OaiMockReply *
new_large_reply (gboolean compressed)
{
  g_autofree char *blanks = g_strnfill (1024 * 1024, ' ');
  g_autoptr (GBytes) bytes = g_bytes_new (blanks, 1024 * 1024);
  OaiMockReply *reply = oai_mock_reply_new_json (200, "");

  oai_mock_reply_add_repeated (reply, bytes, LARGE / (1024 * 1024));
  oai_mock_reply_add_text (reply, COMPLETION ("large"));
  oai_mock_reply_set_gzip (reply, compressed, FALSE);

  return reply;
}

static void
test_large_reply (CallFixture *self, gconstpointer user_data)
{
  for (guint compressed = 0; compressed < 2; compressed++)
    {
      g_autoptr (OaiChatCompletion) refused = NULL;
      g_autoptr (OaiChatCompletion) allowed = NULL;
      g_autoptr (OaiCall) call = NULL;
      g_autoptr (GError) error = NULL;

      oai_settings_set_max_retries (self->settings, 2);
      oai_settings_set_max_reply_size (self->settings, LARGE);
      call_fixture_push (self, new_large_reply (compressed));
      refused = call_fixture_create (self, NULL, &error);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (error->message, "max-reply-size"));
      call = oai_client_find_call_for_error (self->client, error);
      g_assert_cmpuint (oai_call_get_n_attempts (call), ==, 1);
      g_clear_error (&error);

      oai_settings_set_max_reply_size (self->settings, LARGE + 1024);
      call_fixture_push (self, new_large_reply (compressed));
      allowed = call_fixture_create (self, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (oai_chat_completion_get_text (allowed), ==, "large");
    }
}

/* Keys */

static void
test_insecure (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
  g_autoptr (OaiAuth) keyless = oai_auth_new ("");
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();
  /* The mock service is the proxy, so that no host name is resolved. */
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (oai_mock_server_get_base_url (self->server), NULL);
  g_autoptr (SoupSession) session = soup_session_new_with_options ("proxy-resolver", resolver, NULL);
  g_autoptr (OaiClient) client = oai_client_new_with_session (keyless, self->settings, session);
  g_autofree char *without = NULL;
  g_autofree char *with = NULL;
  g_autoptr (GError) error = NULL;

  oai_settings_set_base_url (self->settings, "http://api.example.invalid/v1", &error);
  g_assert_no_error (error);
  call_fixture_renew (self, auth);
  g_assert_null (oai_client_invoke (self->client, "GET", "models", NULL, NULL, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "allow-insecure-http"));
  g_assert_null (strstr (error->message, CALL_FIXTURE_KEY));
  g_clear_error (&error);

  /* The headers of the program are credentials as well. */
  call_fixture_renew (self, keyless);
  oai_call_options_set_header (options, "Authorization", "Bearer " CALL_FIXTURE_KEY);
  g_assert_null (oai_client_invoke (self->client, "GET", "models", NULL, options, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  /* A key in the query is a credential as well. */
  oai_settings_set_query_parameter (self->settings, "api_key", CALL_FIXTURE_KEY);
  call_fixture_renew (self, keyless);
  g_assert_null (oai_client_invoke (self->client, "GET", "models", NULL, NULL, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  oai_settings_set_query_parameter (self->settings, "api_key", NULL);

  /* Without a key the request is sent, and with a key if the settings allow it. */
  call_fixture_push (self, oai_mock_reply_new_json (200, "{}"));
  call_fixture_push (self, oai_mock_reply_new_json (200, "{}"));
  without = oai_client_invoke (client, "GET", "models", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (without);
  oai_settings_set_allow_insecure_http (self->settings, TRUE);
  with = oai_client_invoke (client, "GET", "models", NULL, options, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (with);
}

static void
test_own_header (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (NULL);
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();
  g_autoptr (OaiMockRequest) request = NULL;
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *reply = NULL;

  call_fixture_renew (self, auth);
  g_assert_null (oai_client_invoke (self->client, "GET", "models", NULL, NULL, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_clear_error (&error);

  oai_call_options_set_header (options, "Authorization", "Bearer own");
  reply = oai_client_invoke (self->client, "GET", "models", NULL, options, NULL, &error);
  g_assert_no_error (error);
  request = oai_mock_server_dup_request (self->server, -1);
  g_assert_cmpstr (oai_mock_request_get_header (request, "authorization"), ==, "Bearer own");

  oai_settings_set_header (self->settings, "Authorization", "Bearer own");
  completion = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
}

static void
test_raw_members (CallFixture *self, gconstpointer user_data)
{
  const struct { const char *method; const char *body; const char *sent; } cases[] = {
    { "POST", "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":[3],\"c\":\"d\"}" },
    { "POST", NULL, "{\"b\":[3],\"c\":\"d\"}" },
    { "GET", NULL, "" },
  };
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();
  g_autoptr (GError) error = NULL;

  oai_call_options_set_body_member (options, "b", "[3]", &error);
  g_assert_no_error (error);
  oai_call_options_set_body_member (options, "c", "\"d\"", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OaiMockRequest) request = NULL;
      g_autofree char *reply = NULL;
      g_autofree char *sent = NULL;

      call_fixture_push (self, oai_mock_reply_new_json (200, "{}"));
      reply = oai_client_invoke (self->client, cases[i].method, "anything", cases[i].body, options, NULL, &error);
      g_assert_no_error (error);
      request = oai_mock_server_dup_request (self->server, -1);
      sent = oai_mock_request_dup_body_text (request);
      g_assert_cmpstr (sent, ==, cases[i].sent);
    }
  g_assert_null (oai_client_invoke (self->client, "POST", "anything", "[]", options, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

#define add(path, func, data) g_test_add (path, CallFixture, data, call_fixture_set_up, func, call_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_setenv ("LANGUAGE", "C", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *path = g_strconcat ("/calls/errors/", failures[i].name, NULL);

      add (path, test_failure, &failures[i]);
    }
  add ("/calls/error-details", test_details, NULL);
  add ("/calls/error-body", test_error_body, NULL);
  add ("/calls/limits", test_limits, NULL);
  add ("/calls/secrets/echoed", test_echoed_key, NULL);
  add ("/calls/secrets/truncated", test_truncated_key, NULL);
  add ("/calls/secrets/own", test_own_keys, NULL);
  add ("/calls/secrets/query-words", test_query_words, NULL);
  add ("/calls/secrets/request-id", test_key_as_request_id, NULL);
  add ("/calls/secrets/location", test_key_in_location, NULL);
  add ("/calls/rejected-calls-complete", test_blocking_calls_return, NULL);
  add ("/calls/secrets/properties", test_properties, NULL);
  if (g_getenv ("OAI_TEST_LOG_CHILD") != NULL)
    add ("/calls/log/child", test_log_child, NULL);
  g_test_add_func ("/calls/log/contains-no-secrets", test_log);
  add ("/calls/options", test_options, NULL);
  add ("/calls/keys/missing", test_missing_key, NULL);
  add ("/calls/keys/none-needed", test_keyless, NULL);
  add ("/calls/by-name", test_by_name, NULL);
  add ("/calls/raw-request", test_raw_request, NULL);
  add ("/calls/invalid-requests", test_refused_requests, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      g_autofree char *path = g_strconcat ("/calls/encodings/", encodings[i].name, NULL);

      add (path, test_encoding, &encodings[i]);
    }
  add ("/calls/invalid-content-length", test_no_length, NULL);
  add ("/calls/large-reply", test_large_reply, NULL);
  add ("/calls/keys/insecure", test_insecure, NULL);
  add ("/calls/keys/own-header", test_own_header, NULL);
  add ("/calls/unknown-members", test_raw_members, NULL);
  add ("/calls/german", test_german, NULL);

  return g_test_run ();
}
