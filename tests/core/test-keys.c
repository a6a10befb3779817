/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which key goes into a request, and that none comes out of a reply. */

#include "call-fixture.h"

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

/* Operations of administration */

static void
request_admin (CallFixture *self, const char *path, OaiCallOptions *options, GError **error)
{
  g_autofree char *reply = oai_client_request (self->client, "GET", path, NULL, options, NULL, error);
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

/* What belongs together */

static void
use_environment (CallFixture *self, OaiAuth *auth)
{
  g_autofree char *base_url = g_strdup (oai_settings_get_base_url (self->settings));
  g_autoptr (GError) error = NULL;

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

/* The search for a key; the current and the home directory are made in main(). */

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

static void
test_a_search_in_vain_is_remembered (CallFixture *self, gconstpointer user_data)
{
  call_fixture_renew (self, NULL);
  assert_next_call_sends (self, NULL);
  g_assert_null (oai_client_get_auth (self->client));

  /* A key that appears later is found by other clients only. */
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

  g_assert_null (oai_client_request (client, "GET", "models", NULL, NULL, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_clear_error (&error);

  g_setenv ("OPENAI_API_KEY", "sk-test-later", TRUE);
  push_object (self);
  reply = oai_client_request (client, "GET", "models", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_sent (self, "api-key", "sk-test-later");
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

  TEST ("only-the-admin-key-administers", test_only_the_admin_key_administers);
  TEST ("administration-with-a-header-of-the-program", test_administration_with_a_header_of_the_program);
  TEST ("administration-of-a-server-that-requires-none", test_administration_of_a_server_that_requires_no_key);
  TEST ("an-organization-stays-with-its-key", test_an_organization_stays_with_its_key);
  TEST ("a-search-in-vain-is-remembered", test_a_search_in_vain_is_remembered);
  TEST ("a-call-that-needs-one-searches-again", test_a_call_that_needs_a_key_searches_again);

  status = g_test_run ();
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  g_assert_cmpint (g_rmdir (place), ==, 0);
  return status;
}
