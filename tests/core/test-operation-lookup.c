/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests and addresses that name an operation by its path. */

#include "call-fixture.h"

#include "oai-operation-lookup-private.h"
#include "oai-settings-for-server.h"

static void
test_deployments (void)
{
  static const struct
  {
    const char *method;
    const char *path;
    gboolean deployment;
  } rows[] = {
    { "POST", "completions", TRUE },
    { "POST", "/chat/completions", TRUE },
    { "POST", "chat/completions/?x=1", TRUE },
    { "post", "embeddings", TRUE },
    { "POST", "audio/transcriptions", TRUE },
    { "POST", "audio/translations", TRUE },
    { "POST", "audio/speech", TRUE },
    { "POST", "images/generations", TRUE },
    { "POST", "images/edits", TRUE },
    { "GET", "chat/completions", FALSE },
    { "POST", "chat/completions/id", FALSE },
    { "POST", "batches", FALSE },
    { "POST", "responses", FALSE },
    { "POST", "files", FALSE },
    { "POST", "assistants", FALSE },
    { "POST", "threads/t/runs", FALSE },
    { "POST", "fine_tuning/jobs", FALSE },
    { "GET", "models", FALSE },
    { "POST", "", FALSE },
    { "POST", "../x", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const OaiOperation *operation = oai_operation_lookup (rows[i].method, rows[i].path);

      g_assert_cmpint (operation != NULL && operation->deployment_member != NULL, ==, rows[i].deployment);
    }
  g_assert_nonnull (oai_operation_lookup ("POST", "fine_tuning/jobs"));
  g_assert_nonnull (oai_operation_lookup (NULL, "models"));
}

static void
test_pasted_addresses (void)
{
  static const char *const rows[][2] = {
    { "localhost:11434/v1/chat/completions", "http://localhost:11434/v1" },
    { "https://api.example.com/chat/completions/", "https://api.example.com/v1" },
    { "https://api.example.com/openai/v3/models?limit=1", "https://api.example.com/openai/v3" },
    { "https://api.example.com/v1beta/openai/chat/completions", "https://api.example.com/v1beta/openai" },
    { "https://api.example.com/v1/openai", "https://api.example.com/v1/openai" },
    { "https://api.example.com/v1/embeddings", "https://api.example.com/v1" },
    { "http//localhost:11434", "http://localhost:11434/v1" },
    { "https:/api.example.com/v1", "https://api.example.com/v1" },
    { "http:/[::1]:8080", "http://[::1]:8080/v1" },
    { "https/api.example.com/v1", "https://api.example.com/v1" },
    { "https:443/v1", "http://https:443/v1" },
    { "http.example.com//", "https://http.example.com/v1" },
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (OaiSettings) settings = oai_settings_new_for_server (rows[i][0], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (oai_settings_get_base_url (settings), ==, rows[i][1]);
    }
  g_assert_null (oai_settings_new_for_server (" ", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
assert_azure_path (CallFixture *self, OaiClient *client, const char *method, const char *path, const char *expected)
{
  g_autoptr (OaiMockRequest) request = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *reply = NULL;

  call_fixture_push (self, oai_mock_reply_new_text (200, "application/json", "{\"object\":\"list\",\"data\":[]}"));
  reply = oai_client_invoke (client, method, path, strcmp (method, "POST") == 0 ? "{\"model\":\"m\"}" : NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  request = oai_mock_server_dup_request (self->server, -1);
  g_assert_nonnull (strstr (oai_mock_request_get_path (request), expected));
}

static void
test_azure (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiSettings) azure = oai_settings_new_for_azure_endpoint (oai_mock_server_get_base_url (self->server), NULL, NULL, FALSE, NULL);
  g_autoptr (OaiClient) client = oai_client_new (oai_client_get_auth (self->client), azure);

  assert_azure_path (self, client, "POST", "chat/completions", "/openai/deployments/m/chat/completions");
  assert_azure_path (self, client, "GET", "models", "/openai/models");
  assert_azure_path (self, client, "POST", "deployments/d/made-up", "/openai/deployments/d/made-up");
}

static void
test_match (void)
{
  static const struct
  {
    const char *method;
    const char *path;
    const char *name;
  } rows[] = {
    { "POST", "chat/completions", "chat.create" },
    { "GET", "chat/completions/abc", "chat.retrieve" },
    { "GET", "chat/completions/", NULL },
    { "GET", "chat/completions//", NULL },
    { "PATCH", "chat/completions", NULL },
    { "POST", "chat/completions/abc/messages", NULL },
    { "GET", "models", "models.list" },
    { "GET", "models/a%2Fb", "models.retrieve" },
    { "POST", "threads/t/runs/r/cancel", "threads.cancel_run" },
    { "GET", "fine_tuning/jobs/j/events", "fine-tuning.list_events" },
    { "GET", "", NULL },
    { "GET", "nothing", NULL },
    { "GET", "a-first-segment-that-is-longer-than-all-others/x", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *name = NULL;
      const OaiOperation *operation = oai_operation_match (rows[i].method, rows[i].path, &name);

      g_test_message ("%s %s", rows[i].method, rows[i].path);
      g_assert_cmpstr (name, ==, rows[i].name);
      g_assert_true ((operation != NULL) == (rows[i].name != NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/operation-lookup/deployments", test_deployments);
  g_test_add_func ("/operation-lookup/match", test_match);
  g_test_add_func ("/operation-lookup/pasted-addresses", test_pasted_addresses);
  g_test_add ("/operation-lookup/requests-by-path-on-azure", CallFixture, NULL, call_fixture_set_up, test_azure, call_fixture_tear_down);

  return g_test_run ();
}
