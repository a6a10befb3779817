/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which key a request contains, and that replies reveal none. */

#include "call-fixture.h"
#include "oai-redact-private.h"
#include "oai-client-invoke.h"

#include <glib/gstdio.h>

#define ADMIN_KEY "sk-test-admin"

static void
clean_environment (void)
{
  static const char *const variables[] = {
    "OPENAI_KEY", "OPENAI_API_KEY", "OPENAI_SECRET_KEY", "TEST_OPENAI_SECRET_KEY", "OPENAI_ADMIN_KEY",
    "OPEN_AI_ORGANIZATION_ID", "OPENAI_ORGANIZATION_ID", "OPENAI_ORGANIZATION", "OPENAI_ORG_ID", "ORGANIZATION",
    "OPEN_AI_PROJECT_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS", "OPENAI_BASE_URL",
  };

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
}

static void
set_up (CallFixture *self, gconstpointer user_data)
{
  clean_environment ();
  call_fixture_set_up (self, user_data);
}

static void
tear_down (CallFixture *self, gconstpointer user_data)
{
  call_fixture_tear_down (self, user_data);
  clean_environment ();
}

static void
push_object (CallFixture *self)
{
  call_fixture_push (self, oai_mock_reply_new_text (200, "application/json", "{\"object\":\"list\",\"data\":[]}"));
}

static void
assert_sent (CallFixture *self, const char *name, const char *value)
{
  guint n_requests = oai_mock_server_get_n_requests (self->server);
  g_autoptr (OaiMockRequest) request = NULL;

  g_assert_cmpuint (n_requests, >, 0);
  request = oai_mock_server_dup_request (self->server, n_requests - 1);
  g_assert_cmpstr (oai_mock_request_get_header (request, name), ==, value);
}

static void
assert_next_call_sends (CallFixture *self, const char *authorization)
{
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, oai_mock_reply_new_text (200, "application/json", COMPLETION ("a")));
  completion = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  assert_sent (self, "Authorization", authorization);
}

/* Operations of administration */

static void
request_admin (CallFixture *self, const char *path, OaiCallOptions *options, GError **error)
{
  g_autoptr (OaiCallOptions) admin = options != NULL ? oai_call_options_copy (options) : oai_call_options_new ();
  g_autofree char *reply = NULL;

  oai_call_options_set_use_admin_key (admin, TRUE);
  reply = oai_client_invoke (self->client, "GET", path, NULL, admin, NULL, error);
  g_assert_true ((reply == NULL) == (*error != NULL));
}

static void
assert_not_sent (CallFixture *self, const char *path, const char *why)
{
  guint n_requests = oai_mock_server_get_n_requests (self->server);
  g_autoptr (GError) error = NULL;

  request_admin (self, path, NULL, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_assert_nonnull (strstr (error->message, why));
  g_assert_null (strstr (error->message, CALL_FIXTURE_KEY));
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, n_requests);
}

static void
respond (OaiAuth *auth, OaiTokenRequest *request, gpointer user_data)
{
  oai_token_request_respond (request, "token-of-provider");
}

static void
test_only_the_admin_key_administers (CallFixture *self, gconstpointer user_data)
{
  g_autofree char *whole = g_strconcat (oai_settings_get_base_url (self->settings), "/organization/users", NULL);
  OaiAuth *auth = oai_client_get_auth (self->client);
  g_autoptr (GError) error = NULL;

  assert_not_sent (self, "organization/users", "no admin key");
  assert_not_sent (self, "/projects/proj_x/users", "no admin key");
  assert_not_sent (self, whole, "no admin key");

  g_signal_connect (auth, "token-requested", G_CALLBACK (respond), NULL);
  assert_not_sent (self, "organization/users", "no admin key");

  oai_auth_set_admin_key (auth, "sk-test\nX-Evil: 1");
  assert_not_sent (self, "organization/users", "cannot be sent");

  oai_auth_set_admin_key (auth, ADMIN_KEY);
  push_object (self);
  request_admin (self, "organization/users", NULL, &error);
  g_assert_no_error (error);
  assert_sent (self, "Authorization", "Bearer " ADMIN_KEY);
}

static void
test_administration_with_a_header_of_the_program (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();
  g_autoptr (GError) error = NULL;

  oai_call_options_set_header (options, "Authorization", "Bearer of-the-program");
  push_object (self);
  request_admin (self, "organization/users", options, &error);
  g_assert_no_error (error);
  assert_sent (self, "Authorization", "Bearer of-the-program");
}

static void
test_administration_of_a_server_that_requires_no_key (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) empty = oai_auth_new ("");
  g_autoptr (GError) error = NULL;

  call_fixture_renew (self, empty);
  push_object (self);
  request_admin (self, "organization/users", NULL, &error);
  g_assert_no_error (error);
  assert_sent (self, "Authorization", NULL);
}

/* Headers of the program instead of a key */

static void
test_a_header_of_the_program_needs_no_key (CallFixture *self, gconstpointer user_data)
{
  const char *base_url = oai_settings_get_base_url (self->settings);
  g_autoptr (OaiAuth) none = oai_auth_new (NULL);
  g_autoptr (OaiSettings) azure = oai_settings_new_for_azure_endpoint (base_url, NULL, NULL, FALSE, NULL);
  g_autoptr (OaiClient) client = oai_client_new (NULL, azure);
  g_autoptr (GError) error = NULL;
  g_autofree char *reply = NULL;

  oai_settings_set_header (self->settings, "Authorization", "Bearer of-the-program");
  call_fixture_renew (self, none);
  assert_next_call_sends (self, "Bearer of-the-program");

  /* The same if no key is found, although the server requires one. */
  oai_settings_set_header (azure, "api-key", "of-the-program");
  push_object (self);
  reply = oai_client_invoke (client, "GET", "models", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (reply);
  assert_sent (self, "api-key", "of-the-program");
}

/* Keys and their organizations */

static void
use_environment (CallFixture *self, OaiAuth *auth)
{
  g_autofree char *base_url = g_strdup (oai_settings_get_base_url (self->settings));

  g_setenv ("OPENAI_BASE_URL", base_url, TRUE);
  g_setenv ("OPENAI_ORG_ID", "org-env", TRUE);
  g_setenv ("OPENAI_PROJECT_ID", "proj_env", TRUE);
  g_clear_object (&self->settings);
  self->settings = oai_settings_new ();
  oai_settings_set_max_retries (self->settings, 0);
  call_fixture_renew (self, auth);
}

static void
test_an_organization_stays_with_its_key (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) explicit_key = oai_auth_new ("sk-test-own");
  g_autoptr (OaiAuth) of_environment = NULL;
  g_autoptr (OaiChatCompletion) first = NULL;
  g_autoptr (OaiChatCompletion) second = NULL;
  g_autoptr (GError) error = NULL;

  use_environment (self, explicit_key);
  call_fixture_push (self, oai_mock_reply_new_text (200, "application/json", COMPLETION ("a")));
  first = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  assert_sent (self, "Authorization", "Bearer sk-test-own");
  assert_sent (self, "OpenAI-Organization", NULL);
  assert_sent (self, "OpenAI-Project", NULL);

  g_setenv ("OPENAI_API_KEY", "sk-test-env", TRUE);
  of_environment = oai_auth_new_from_environment (&error);
  call_fixture_renew (self, of_environment);
  call_fixture_push (self, oai_mock_reply_new_text (200, "application/json", COMPLETION ("b")));
  second = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  assert_sent (self, "Authorization", "Bearer sk-test-env");
  assert_sent (self, "OpenAI-Organization", "org-env");
  assert_sent (self, "OpenAI-Project", "proj_env");
}

/* The search for a key; main() creates the current and the home directory. */

static void
test_a_search_in_vain_is_remembered (CallFixture *self, gconstpointer user_data)
{
  call_fixture_renew (self, NULL);
  assert_next_call_sends (self, NULL);
  g_assert_null (oai_client_get_auth (self->client));

  /* A key that is added later is found by new clients only. */
  g_setenv ("OPENAI_API_KEY", "sk-test-later", TRUE);
  assert_next_call_sends (self, NULL);
  call_fixture_renew (self, NULL);
  assert_next_call_sends (self, "Bearer sk-test-later");
}

static void
test_a_call_that_needs_a_key_searches_again (CallFixture *self, gconstpointer user_data)
{
  const char *base_url = oai_settings_get_base_url (self->settings);
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiSettings) azure = oai_settings_new_for_azure_endpoint (base_url, NULL, NULL, FALSE, &error);
  g_autoptr (OaiClient) client = oai_client_new (NULL, azure);
  g_autofree char *reply = NULL;

  g_assert_null (oai_client_invoke (client, "GET", "models", NULL, NULL, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_clear_error (&error);

  g_setenv ("OPENAI_API_KEY", "sk-test-later", TRUE);
  push_object (self);
  reply = oai_client_invoke (client, "GET", "models", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (reply);
  assert_sent (self, "api-key", "sk-test-later");
}

/* Keys that servers repeat */

#define LONG_KEY "sk-proj-0123456789abcdefghijKLMNOPQRSTUVWXYZ"
#define OUTSIDE "example: "

static void
assert_redacted (const char *text, const char *secrets, const char *expected)
{
  g_autofree char *redacted = oai_redact (text, secrets);

  g_assert_cmpstr (redacted, ==, expected);
}

static void
test_redaction (void)
{
  assert_redacted (NULL, "secret", NULL);
  assert_redacted ("no secrets", NULL, "no secrets");
  assert_redacted ("a secret, twice: secretsecret", "secret\n", "a ***, twice: ***");
  assert_redacted ("short abc", "abc\n", "short abc");
  assert_redacted ("a\\\"b and a%22b", "xa\"b\na\"bcd\n", "a\\\"b and a%22b");
  assert_redacted ("{a\\\"bcd} a%22bcd", "a\"bcd\n", "{***} ***");
  assert_redacted ("one two", "two\none two\n", "***");
  assert_redacted ("abc a/b+c a%2Fb%2Bc secret", "abc\na/b+c\n\tabc\nsecret\n", "abc *** *** ***");

  /* Parts of long secrets are redacted in upper and lower case, but not texts that can be words. */
  assert_redacted (OUTSIDE "6789abcd!", LONG_KEY "\n", OUTSIDE "***!");
  assert_redacted (OUTSIDE "sk-proj-0123.456789ABCDEFGHIJ.x", LONG_KEY "\n", OUTSIDE "***.***.x");
  assert_redacted (OUTSIDE "789abcd!", LONG_KEY "\n", OUTSIDE "789abcd!");
  assert_redacted ("the deployment", "\tmy-deployment-name\n", "the deployment");
  assert_redacted ("my-deployment-name", "\tmy-deployment-name\n", "***");

  /* Errors are valid UTF-8. */
  assert_redacted ("a\377b", NULL, "a\357\277\275b");
  assert_redacted ("a\377bsecret", "secret\n", "a\357\277\275b***");
}

static void
test_redaction_before_truncation (void)
{
  const char *text = "ab \303\274\303\274 " LONG_KEY " end";

  for (gsize length = 0; length <= strlen (text); length++)
    {
      g_autofree char *redacted = oai_redact_and_truncate (text, strlen (text), LONG_KEY "\n", length);

      g_assert_cmpuint (strlen (redacted), <=, length);
      g_assert_true (g_utf8_validate (redacted, -1, NULL));
      g_assert_true (g_str_has_prefix ("ab \303\274\303\274 *** end", redacted));
    }
}

static void
test_redaction_of_bodies (void)
{
  static const char data[] = "a\0" LONG_KEY "\0\377" "sk-p";
  static const char expected[] = "a\0***\0\377***";
  g_autoptr (GBytes) body = g_bytes_new_static (data, sizeof data - 1);
  g_autoptr (GBytes) redacted = oai_redact_body (body, LONG_KEY "\n", TRUE);
  g_autoptr (GBytes) same = oai_redact_body (body, NULL, TRUE);

  g_assert_cmpmem (g_bytes_get_data (redacted, NULL), g_bytes_get_size (redacted), expected, sizeof expected - 1);
  g_assert_true (same == body);
}

static void
test_redaction_of_headers (void)
{
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);

  soup_message_headers_append (headers, "Content-Type", "x/" LONG_KEY);
  soup_message_headers_append (headers, "X-Request-Id", "sk-proj-0123456789");
  soup_message_headers_append (headers, "Server", "a\377");
  soup_message_headers_append (headers, "X-Two", "first");
  soup_message_headers_append (headers, "X-Two", LONG_KEY);
  soup_message_headers_append (headers, "Location", "/" LONG_KEY);
  oai_redact_headers (headers, LONG_KEY "\n");

  g_assert_cmpstr (soup_message_headers_get_one (headers, "Content-Type"), ==, "x/***");
  g_assert_cmpstr (soup_message_headers_get_one (headers, "X-Request-Id"), ==, "***");
  g_assert_cmpstr (soup_message_headers_get_one (headers, "Server"), ==, "a\357\277\275");
  g_assert_cmpstr (soup_message_headers_get_list (headers, "X-Two"), ==, "first, ***");
  g_assert_cmpstr (soup_message_headers_get_one (headers, "Location"), ==, "/" LONG_KEY);
}

/* No eight consecutive characters of the key. */
static void
assert_no_part (const char *text)
{
  static const char key[] = LONG_KEY;

  if (text == NULL)
    return;
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_null (strstr (text, "sk-p"));
  for (gsize i = 0; i + 8 <= strlen (key); i++)
    {
      g_autofree char *part = g_strndup (key + i, 8);

      g_assert_null (strstr (text, part));
    }
}

static void
check_reply (CallFixture *self, OaiMockReply *reply, gboolean streamed)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiCall) call = NULL;

  oai_mock_server_push_reply (self->server, reply);
  if (streamed)
    g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
  else
    g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_nonnull (error);
  assert_no_part (error->message);

  call = oai_client_find_call_for_error (self->client, error);
  g_assert_nonnull (call);
  assert_no_part (oai_call_get_error (call)->message);
  assert_no_part (oai_call_get_error_type (call));
  assert_no_part (oai_call_get_error_code (call));
  assert_no_part (oai_call_get_request_id (call));
  assert_no_part (oai_call_get_url (call));
  assert_no_part (oai_call_get_header (call, "content-type"));
}

static void
test_no_part_of_a_key_in_an_error (CallFixture *self, gconstpointer user_data)
{
  static const struct
  {
    guint status;
    const char *type;
    const char *body;
  } rows[] = {
    { 200, "x/" LONG_KEY, "<html>x</html>" },
    { 200, "text/event-stream", "data: {\"choices\":[{\"index\":\"" LONG_KEY "\",\"delta\":{\"content\":\"x\"}}]}\n\n" },
    { 200, "text/event-stream", "data: {\"choices\":[{\"index\":{\"name\":\"f\",\"arg\377\303\274\303\274\303\274x\":1},\"delta\":{}}]}\n\n" },
    { 200, "text/event-stream", "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":\"xxxx" LONG_KEY "\"}]}}]}\n\n" },
    { 200, "text/event-stream", "data: {\"choices\":[{\"index\":\"xxxxxxxxxxxxxx" LONG_KEY "\",\"delta\":{}}]}\n\n" },
    { 200, "text/event-stream", "event: error\ndata: no " LONG_KEY "\n\n" },
    { 401, "application/json", "{\"error\":{\"message\":\"Incorrect: sk-proj-0123456789abcd\",\"code\":\"" LONG_KEY "\"}}" },
    { 401, "text/plain", "SK-PROJ-0123456789ABCDEF is wrong \377\303" },
    { 500, "text/html", "<title>" LONG_KEY "</title>" },
  };
  g_autoptr (OaiAuth) auth = oai_auth_new (LONG_KEY);

  call_fixture_renew (self, auth);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (OaiMockReply) reply = oai_mock_reply_new_text (rows[i].status, rows[i].type, rows[i].body);

      oai_mock_reply_set_header (reply, "x-request-id", LONG_KEY);
      check_reply (self, reply, FALSE);
      check_reply (self, reply, TRUE);
    }
}

static void
test_no_part_of_a_key_where_a_body_is_truncated (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (LONG_KEY);

  call_fixture_renew (self, auth);
  for (guint length = 1950; length <= 2000; length += 10)
    {
      g_autofree char *filler = g_strnfill (length, 'x');
      g_autofree char *body = g_strconcat ("\n", filler, LONG_KEY, " more ", filler, NULL);
      g_autoptr (OaiMockReply) reply = oai_mock_reply_new_text (500, "text/plain", body);

      check_reply (self, reply, FALSE);
    }
}

/* Threads */

#define CALLS 10

static gpointer
send_calls (gpointer user_data)
{
  CallFixture *self = user_data;

  for (guint i = 0; i < CALLS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *reply = oai_client_invoke (self->client, "GET", "models", NULL, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (reply);
    }

  return NULL;
}

static gint sending;

static gpointer
change_settings_and_keys (gpointer user_data)
{
  CallFixture *self = user_data;
  OaiAuth *auth = oai_client_get_auth (self->client);

  for (guint i = 0; g_atomic_int_get (&sending); i++)
    {
      g_autofree char *text = g_strdup_printf ("sk-test-%u", i % 100);

      oai_settings_set_header (self->settings, "X-Test", text);
      oai_settings_set_organization (self->settings, text);
      oai_settings_set_query_parameter (self->settings, "q", i % 2 == 0 ? text : NULL);
      oai_settings_set_timeout_ms (self->settings, 60000 + i % 2);
      oai_auth_set_api_key (auth, text);
      g_usleep (100);
    }

  return NULL;
}

static void
test_calls_while_settings_and_keys_change (CallFixture *self, gconstpointer user_data)
{
  GThread *senders[3];
  GThread *changer;

  /* The service accepts all of the keys. */
  for (guint i = 0; i < G_N_ELEMENTS (senders) * CALLS; i++)
    push_object (self);
  g_atomic_int_set (&sending, TRUE);
  changer = g_thread_new ("changer", change_settings_and_keys, self);
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    senders[i] = g_thread_new ("sender", send_calls, self);
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    g_thread_join (senders[i]);
  g_atomic_int_set (&sending, FALSE);
  g_thread_join (changer);
}

#define TEST(path, func) g_test_add ("/keys/" path, CallFixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_autofree char *place = g_dir_make_tmp ("oai-keys-XXXXXX", NULL);
  int status;

  g_setenv ("HOME", place, TRUE);
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_setenv ("LANGUAGE", "en", TRUE);
  g_assert_cmpint (g_chdir (place), ==, 0);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/keys/redaction", test_redaction);
  g_test_add_func ("/keys/redaction/before-truncation", test_redaction_before_truncation);
  g_test_add_func ("/keys/redaction/of-bodies", test_redaction_of_bodies);
  g_test_add_func ("/keys/redaction/of-headers", test_redaction_of_headers);
  TEST ("errors-contain-no-part-of-a-key", test_no_part_of_a_key_in_an_error);
  TEST ("truncated-bodies-contain-no-part-of-a-key", test_no_part_of_a_key_where_a_body_is_truncated);
  TEST ("administration-requires-the-admin-key", test_only_the_admin_key_administers);
  TEST ("administration-with-a-header-of-the-program", test_administration_with_a_header_of_the_program);
  TEST ("administration-of-a-server-without-keys", test_administration_of_a_server_that_requires_no_key);
  TEST ("a-header-of-the-program-replaces-the-key", test_a_header_of_the_program_needs_no_key);
  TEST ("an-organization-is-only-sent-with-its-key", test_an_organization_stays_with_its_key);
  TEST ("a-failed-search-is-not-repeated", test_a_search_in_vain_is_remembered);
  TEST ("the-search-is-repeated-if-the-server-requires-a-key", test_a_call_that_needs_a_key_searches_again);

  TEST ("calls-while-settings-and-keys-change", test_calls_while_settings_and_keys_change);

  status = g_test_run ();
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  g_assert_cmpint (g_rmdir (place), ==, 0);
  return status;
}
