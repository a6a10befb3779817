/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Properties that are bound to keys of GSettings. */

#include "call-fixture.h"
#include "oai-chat-session.h"

static GSettings *
new_preferences (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSettingsSchemaSource) source = g_settings_schema_source_new_from_directory (g_test_get_dir (G_TEST_BUILT), NULL, TRUE, &error);
  g_autoptr (GSettingsSchema) schema = NULL;

  g_assert_no_error (error);
  schema = g_settings_schema_source_lookup (source, "org.example.oai.test", FALSE);
  g_assert_nonnull (schema);

  return g_settings_new_full (schema, NULL, NULL);
}

/* Changes of keys are notified in the main context. */
static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_settings (void)
{
  g_autoptr (GSettings) preferences = new_preferences ();
  g_autoptr (OaiSettings) settings = oai_settings_new ();
  g_autofree char *stored = NULL;

  g_settings_bind (preferences, "base-url", settings, "base-url", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (preferences, "organization", settings, "organization", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (preferences, "timeout", settings, "timeout-ms", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (preferences, "check-network", settings, "check-network", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (preferences, "azure", settings, "azure", G_SETTINGS_BIND_SET);

  g_assert_cmpstr (oai_settings_get_base_url (settings), ==, "http://127.0.0.1:11434/v1");
  g_assert_null (oai_settings_get_organization (settings));
  g_assert_cmpuint (oai_settings_get_timeout_ms (settings), ==, 30000);
  g_assert_false (oai_settings_get_check_network (settings));
  g_assert_false (g_settings_get_boolean (preferences, "azure"));

  g_settings_set_uint (preferences, "timeout", 5000);
  g_settings_set_string (preferences, "organization", "org-x");
  iterate ();
  g_assert_cmpuint (oai_settings_get_timeout_ms (settings), ==, 5000);
  g_assert_cmpstr (oai_settings_get_organization (settings), ==, "org-x");

  oai_settings_set_timeout_ms (settings, 7000);
  oai_settings_set_base_url (settings, "http://127.0.0.1:8080/v1/", NULL);
  g_assert_cmpuint (g_settings_get_uint (preferences, "timeout"), ==, 7000);
  stored = g_settings_get_string (preferences, "base-url");
  g_assert_cmpstr (stored, ==, "http://127.0.0.1:8080/v1");
}

static void
test_invalid_url (void)
{
  g_autoptr (GSettings) preferences = new_preferences ();
  g_autoptr (OaiSettings) settings = oai_settings_new ();
  g_autoptr (OaiAuth) auth = oai_auth_new ("");
  g_autoptr (OaiClient) client = oai_client_new (auth, settings);
  g_autoptr (GError) error = NULL;

  g_settings_bind (preferences, "base-url", settings, "base-url", G_SETTINGS_BIND_GET);
  g_settings_set_string (preferences, "base-url", "example");
  iterate ();
  g_assert_null (oai_client_invoke (client, "GET", "models", NULL, NULL, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_settings_reset (preferences, "base-url");
}

static void
test_session (void)
{
  g_autoptr (GSettings) preferences = new_preferences ();
  g_autoptr (OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr (OaiSession) session = oai_chat_session_new (client, "");

  g_settings_bind (preferences, "model", session, "model", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (preferences, "budget", session, "budget", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (preferences, "max-rounds", session, "max-rounds", G_SETTINGS_BIND_DEFAULT);
  g_assert_cmpstr (oai_session_get_model (session), ==, "gpt-4o");
  g_assert_cmpfloat (oai_session_get_budget (session), ==, 1.5);
  g_assert_cmpuint (oai_session_get_max_rounds (session), ==, 3);

  oai_session_set_budget (session, 2);
  g_assert_cmpfloat (g_settings_get_double (preferences, "budget"), ==, 2);
}

int
main (int argc, char **argv)
{
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gsettings/settings", test_settings);
  g_test_add_func ("/gsettings/invalid-url", test_invalid_url);
  g_test_add_func ("/gsettings/session", test_session);

  return g_test_run ();
}
