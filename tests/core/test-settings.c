/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-auth-private.h"
#include "oai-call-options-private.h"
#include "oai-error.h"
#include "oai-request-url-private.h"
#include "oai-settings-private.h"

static const char *const variables[] = {
  "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS",
  "OPENAI_API_VERSION", "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_API_KEY",
  "OPENAI_API_KEY", "ORGANIZATION", "OPENAI_ORGANIZATION", "OPENAI_ORGANIZATION_ID", "OPEN_AI_ORGANIZATION_ID",
  "OPEN_AI_PROJECT_ID",
};

static void
clean_environment (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
}

static void
assert_url (OaiSettings *settings, const char *path, gboolean deployment, const char *model, const char *query, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = oai_request_url_build (settings, path, deployment, model, query, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (url, ==, expected);
}

static void
collect (const char *name, const char *value, gpointer user_data)
{
  g_string_append_printf (user_data, "%s=%s;", name, value != NULL ? value : "(removed)");
}

static void
assert_headers (OaiSettings *settings, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  oai_settings_foreach_header (settings, collect, text);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_openai_is_the_default (void)
{
  g_autoptr (OaiSettings) settings = NULL;

  clean_environment ();
  settings = oai_settings_new ();

  g_assert_cmpstr (oai_settings_get_base_url (settings), ==, "https://api.openai.com/v1");
  g_assert_false (oai_settings_is_azure (settings));
  g_assert_null (oai_settings_get_organization (settings));
  g_assert_cmpuint (oai_settings_get_connect_timeout_ms (settings), ==, 10000);
  g_assert_cmpuint (oai_settings_get_idle_timeout_ms (settings), ==, 600000);
  g_assert_cmpuint (oai_settings_get_timeout_ms (settings), ==, 600000);
  g_assert_cmpuint (oai_settings_get_max_retries (settings), ==, 2);
  g_assert_cmpuint (oai_settings_get_max_retry_delay_ms (settings), ==, 120000);
  g_assert_cmpuint (oai_settings_get_max_event_size (settings), ==, 64 * 1024 * 1024);
  g_assert_cmpuint (oai_settings_get_max_stream_size (settings), ==, 256 * 1024 * 1024);
  assert_url (settings, "chat/completions", TRUE, "m", NULL, "https://api.openai.com/v1/chat/completions");
  assert_url (settings, "/models", FALSE, NULL, "limit=1", "https://api.openai.com/v1/models?limit=1");
}

static void
test_the_environment_is_read (void)
{
  g_autoptr (OaiSettings) settings = NULL;

  clean_environment ();
  g_setenv ("OPENAI_BASE_URL", " http://localhost:5000/env/ ", TRUE);
  g_setenv ("OPENAI_ORG_ID", "org-env", TRUE);
  g_setenv ("OPENAI_PROJECT_ID", " ", TRUE);
  g_setenv ("OPENAI_CUSTOM_HEADERS", "X-One: 1\nno header\n: x\nX-Two:  a: b \r\nBad Name: y\n", TRUE);
  settings = oai_settings_new ();
  clean_environment ();

  g_assert_cmpstr (oai_settings_get_base_url (settings), ==, "http://localhost:5000/env");
  g_assert_cmpstr (oai_settings_get_organization (settings), ==, "org-env");
  g_assert_null (oai_settings_get_project (settings));
  assert_headers (settings, "X-One=1;X-Two=a: b;");

  oai_settings_set_header (settings, "x-one", "2");
  oai_settings_set_header (settings, "User-Agent", NULL);
  assert_headers (settings, "X-One=2;X-Two=a: b;User-Agent=(removed);");
}

static void
test_a_bad_environment_sends_nothing_elsewhere (void)
{
  g_autoptr (OaiSettings) settings = NULL;
  g_autoptr (OaiSettings) copy = NULL;
  g_autoptr (GError) error = NULL;

  clean_environment ();
  g_setenv ("OPENAI_BASE_URL", "localhost without a scheme", TRUE);
  settings = oai_settings_new ();
  clean_environment ();

  g_assert_null (oai_request_url_build (settings, "models", FALSE, NULL, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);

  copy = oai_settings_copy (settings);
  g_assert_null (oai_request_url_build (copy, "models", FALSE, NULL, NULL, NULL));

  g_assert_true (oai_settings_set_base_url (settings, "http://localhost:1/v1", NULL));
  assert_url (settings, "models", FALSE, NULL, NULL, "http://localhost:1/v1/models");
}

static void
test_urls (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiSettings) settings = oai_settings_new_for_base_url ("http://localhost:5000/custom/path/", &error);

  g_assert_no_error (error);
  assert_url (settings, "/foo", FALSE, NULL, NULL, "http://localhost:5000/custom/path/foo");
  assert_url (settings, "https://myapi.com/foo", FALSE, NULL, NULL, "https://myapi.com/foo");
  assert_url (settings, "foo?beta=true", FALSE, NULL, "limit=10&page=abc", "http://localhost:5000/custom/path/foo?beta=true&limit=10&page=abc");

  oai_settings_set_query_parameter (settings, "a b", "1&2");
  oai_settings_set_query_parameter (settings, "c", "3");
  assert_url (settings, "foo", FALSE, NULL, "c=4", "http://localhost:5000/custom/path/foo?a%20b=1%262&c=4");
  oai_settings_set_query_parameter (settings, "a b", NULL);
  assert_url (settings, "foo", FALSE, NULL, NULL, "http://localhost:5000/custom/path/foo?c=3");
}

static void
test_addresses_of_unix_sockets (void)
{
  static const struct
  {
    const char *address;
    const char *base_url;
    const char *url;
    const char *socket_path;
  } cases[] = {
    { "unix:/run/llama.sock", "unix:/run/llama.sock:/v1", "http://localhost/v1/models", "/run/llama.sock" },
    { " unix:///run/llama.sock ", "unix:/run/llama.sock:/v1", "http://localhost/v1/models", "/run/llama.sock" },
    { "UNIX:/run/llama.sock/", "unix:/run/llama.sock:/v1", "http://localhost/v1/models", "/run/llama.sock" },
    { "unix:/run/llama.sock:/", "unix:/run/llama.sock:/", "http://localhost/models", "/run/llama.sock" },
    { "unix:/run/llama.sock:/api/v3/", "unix:/run/llama.sock:/api/v3", "http://localhost/api/v3/models", "/run/llama.sock" },
    { "unix:/run/a b:c@d?e#f.sock", "unix:/run/a b:c@d?e#f.sock:/v1", "http://localhost/v1/models", "/run/a b:c@d?e#f.sock" },
    { "unix:/run/a:/b.sock:/v1", "unix:/run/a:/b.sock:/v1", "http://localhost/v1/models", "/run/a:/b.sock" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiSettings) settings = oai_settings_new_for_base_url (cases[i].address, &error);
      g_autoptr (OaiSettings) copy = NULL;
      g_autoptr (OaiSettings) again = NULL;
      g_autofree char *socket_path = NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (oai_settings_get_base_url (settings), ==, cases[i].base_url);
      assert_url (settings, "models", FALSE, NULL, NULL, cases[i].url);
      copy = oai_settings_copy (settings);
      g_assert_cmpstr (oai_settings_get_base_url (copy), ==, cases[i].base_url);
      socket_path = oai_settings_dup_socket_path (copy);
      g_assert_cmpstr (socket_path, ==, cases[i].socket_path);
      again = oai_settings_new_for_base_url (cases[i].base_url, NULL);
      g_assert_cmpstr (oai_settings_get_base_url (again), ==, cases[i].base_url);

      g_assert_true (oai_settings_set_base_url (settings, "https://example.org/v1", NULL));
      g_assert_null (oai_settings_dup_socket_path (settings));
      g_assert_cmpstr (oai_settings_get_base_url (settings), ==, "https://example.org/v1");
    }
}

static void
test_bad_addresses_of_unix_sockets (void)
{
  static const struct
  {
    const char *address;
    const char *why;
  } cases[] = {
    { "unix:", "absolute path" },
    { "unix:/", "absolute path" },
    { "unix:llama.sock", "absolute path" },
    { "unix://llama.sock", "absolute path" },
    { "unix:@abstract", "absolute path" },
    { "unix:/run/a\nb.sock", "control character" },
    { "unix:/run/x.sock:/v1?key=1", "query" },
    { "unix:/run/x.sock:/v1#a", "fragment" },
    { "unix:/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890", "too long" },
    { "unix:/run/\xff.sock", "UTF-8" },
    { "http+unix://%2Frun%2Fx.sock/v1", "unix:/PATH" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (oai_settings_new_for_base_url (cases[i].address, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, cases[i].why));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static void
test_a_bad_base_url_changes_nothing (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiSettings) settings = oai_settings_new_for_base_url ("http://localhost:5000", NULL);

  g_assert_false (oai_settings_set_base_url (settings, "nonsense", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (oai_settings_get_base_url (settings), ==, "http://localhost:5000");
}

static void
assert_domain (const char *domain, const char *version, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiSettings) settings = oai_settings_new_for_domain (domain, version, &error);

  if (expected == NULL)
    {
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_null (settings);
      return;
    }

  g_assert_no_error (error);
  g_assert_cmpstr (oai_settings_get_base_url (settings), ==, expected);
}

static void
test_domains (void)
{
  assert_domain (NULL, NULL, "https://api.openai.com/v1");
  assert_domain (" ", " ", "https://api.openai.com/v1");
  assert_domain ("localhost:8080", NULL, "https://localhost:8080/v1");
  assert_domain ("http://localhost:8080/", "v2", "http://localhost:8080/v2");
  assert_domain ("host.example/api/", NULL, "https://host.example/api/v1");
  assert_domain ("localhost", NULL, NULL);
  assert_domain ("me:secret@host.example", NULL, NULL);
  assert_domain ("host.example", "..", NULL);
  assert_domain ("ftp://host.example", NULL, NULL);
  assert_domain ("api.groq.com", "openai/v1", "https://api.groq.com/openai/v1");
  assert_domain ("api.groq.com", "/openai/v1/", "https://api.groq.com/openai/v1");
  assert_domain ("host.example", "openai/../v1", NULL);
  assert_domain ("host.example", "openai//v1", NULL);
  assert_domain ("host.example", "/", NULL);
  assert_domain ("host.example", "v1?x=1", NULL);
  assert_domain ("my host.example", NULL, NULL);
  assert_domain ("api.openai.com%40127.0.0.1:1", NULL, NULL);
}

static void
test_regions (void)
{
  static const char *const regions[] = { "us", "eu", "ae", "au", "in", "jp" };
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiSettings) global = NULL;
  g_autoptr (OaiSettings) eu = NULL;

  clean_environment ();
  g_setenv ("OPENAI_BASE_URL", "https://environment.example/v1", TRUE);
  global = oai_settings_new_for_region ("global", &error);
  g_assert_no_error (error);
  eu = oai_settings_new_for_region ("eu", &error);
  g_assert_no_error (error);
  clean_environment ();

  g_assert_cmpstr (oai_settings_get_base_url (global), ==, "https://api.openai.com/v1");
  g_assert_cmpstr (oai_settings_get_base_url (eu), ==, "https://eu.api.openai.com/v1");
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      g_autoptr (OaiSettings) settings = oai_settings_new_for_region (regions[i], &error);
      g_autofree char *expected = g_strdup_printf ("https://%s.api.openai.com/v1", regions[i]);

      g_assert_no_error (error);
      g_assert_cmpstr (oai_settings_get_base_url (settings), ==, expected);
    }
  g_assert_null (oai_settings_new_for_region ("mars", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

/* Language bindings cannot read an error that is not UTF-8. */
static void
test_errors_are_text (void)
{
  GError *errors[5] = { NULL };

  oai_settings_new_for_region ("\xff", &errors[0]);
  oai_settings_new_for_domain ("\xff", NULL, &errors[1]);
  oai_settings_new_for_domain ("a.b", "\xff", &errors[2]);
  oai_settings_new_for_azure ("\xff", NULL, NULL, FALSE, &errors[3]);
  oai_settings_new_for_base_url ("\xff://a.b", &errors[4]);
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_assert_error (errors[i], OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_utf8_validate (errors[i]->message, -1, NULL));
      g_error_free (errors[i]);
    }
}

static void
test_azure_with_a_deployment (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiSettings) settings = NULL;

  clean_environment ();
  settings = oai_settings_new_for_azure ("my-resource", "my dep", "2024-02-01", FALSE, &error);

  g_assert_no_error (error);
  g_assert_true (oai_settings_is_azure (settings));
  g_assert_cmpstr (oai_settings_get_base_url (settings), ==, "https://my-resource.openai.azure.com/openai/deployments/my%20dep");
  assert_url (settings, "chat/completions", TRUE, "other", NULL,
              "https://my-resource.openai.azure.com/openai/deployments/my%20dep/chat/completions?api-version=2024-02-01");
  assert_url (settings, "files", FALSE, NULL, "purpose=batch",
              "https://my-resource.openai.azure.com/openai/files?api-version=2024-02-01&purpose=batch");
  assert_url (settings, "files", FALSE, NULL, "api-version=preview",
              "https://my-resource.openai.azure.com/openai/files?api-version=preview");
}

static void
test_azure_by_model (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiSettings) settings = NULL;

  clean_environment ();
  g_setenv ("OPENAI_API_VERSION", "2023-07-01", TRUE);
  settings = oai_settings_new_for_azure_endpoint ("https://deployments.example.com/", NULL, NULL, TRUE, &error);
  clean_environment ();

  g_assert_no_error (error);
  g_assert_true (oai_settings_get_use_active_directory (settings));
  assert_url (settings, "embeddings", TRUE, "../x#", NULL, "https://deployments.example.com/openai/deployments/..%2Fx%23/embeddings?api-version=2023-07-01");
  assert_url (settings, "images/edits", TRUE, NULL, NULL, "https://deployments.example.com/openai/images/edits?api-version=2023-07-01");
  g_assert_null (oai_request_url_build (settings, "embeddings", TRUE, "..", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  g_assert_true (oai_settings_set_base_url (settings, "https://gate.example/PTU/", &error));
  assert_url (settings, "embeddings", TRUE, "m", NULL, "https://gate.example/PTU/deployments/m/embeddings?api-version=2023-07-01");
  g_assert_true (oai_settings_set_base_url (settings, "https://gate.example/deployments/fixed", &error));
  assert_url (settings, "embeddings", TRUE, "m", NULL, "https://gate.example/deployments/fixed/embeddings?api-version=2023-07-01");
}

static void
test_bad_azure_names (void)
{
  const char *resources[] = { NULL, "", " ", "a.b", "a:1", "a/b", "http://x" };

  for (guint i = 0; i < G_N_ELEMENTS (resources); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (oai_settings_new_for_azure (resources[i], "d", NULL, FALSE, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }

  g_assert_null (oai_settings_new_for_azure ("r", "..", NULL, FALSE, NULL));
}

static void
test_azure_header_follows_the_credential (void)
{
  g_autoptr (OaiSettings) azure = NULL;
  g_autoptr (OaiSettings) plain = NULL;
  g_autoptr (OaiAuth) key = NULL;
  g_autoptr (OaiAuth) token = NULL;
  g_autoptr (OaiSettings) from_environment = NULL;

  clean_environment ();
  azure = oai_settings_new_for_azure ("r", NULL, NULL, FALSE, NULL);
  plain = oai_settings_new ();
  g_setenv ("AZURE_OPENAI_ENDPOINT", "https://r.example", TRUE);
  g_setenv ("AZURE_OPENAI_API_KEY", "k-test", TRUE);
  key = oai_auth_new_for_azure_from_environment (NULL);
  g_setenv ("AZURE_OPENAI_AD_TOKEN", "t-test", TRUE);
  token = oai_auth_new_for_azure_from_environment (NULL);
  from_environment = oai_settings_new_for_azure_from_environment ("d", NULL);
  clean_environment ();

  g_assert_true (oai_settings_uses_api_key_header (azure, key));
  g_assert_true (oai_settings_uses_api_key_header (azure, NULL));
  g_assert_false (oai_settings_uses_api_key_header (azure, token));
  g_assert_false (oai_settings_uses_api_key_header (plain, key));
  g_assert_false (oai_settings_uses_api_key_header (from_environment, key));
  g_assert_cmpstr (oai_settings_get_base_url (from_environment), ==, "https://r.example/openai/deployments/d");

  oai_settings_set_use_active_directory (azure, TRUE);
  g_assert_false (oai_settings_uses_api_key_header (azure, key));
  g_assert_null (oai_settings_new_for_azure_from_environment (NULL, NULL));
}

static void
test_whose_organization_is_sent (void)
{
  g_autoptr (OaiSettings) settings = NULL;
  g_autoptr (OaiAuth) bare = oai_auth_new ("sk-test");
  g_autoptr (OaiAuth) full = oai_auth_new_full ("sk-test", "org-key", "proj_key");
  g_autoptr (OaiAuth) of_environment = NULL;

  clean_environment ();
  g_setenv ("OPENAI_API_KEY", "sk-test-env", TRUE);
  of_environment = oai_auth_new_from_environment (NULL);
  g_setenv ("OPENAI_ORG_ID", "org-env", TRUE);
  settings = oai_settings_new ();
  clean_environment ();

  /* Those of the environment are sent with its key, or without a key. */
  g_assert_cmpstr (oai_settings_resolve_organization (settings, of_environment), ==, "org-env");
  g_assert_cmpstr (oai_settings_resolve_organization (settings, NULL), ==, "org-env");
  g_assert_null (oai_settings_resolve_organization (settings, bare));
  g_assert_cmpstr (oai_settings_resolve_organization (settings, full), ==, "org-key");
  g_assert_cmpstr (oai_settings_resolve_project (settings, full), ==, "proj_key");
  g_assert_null (oai_settings_resolve_project (settings, NULL));

  oai_settings_set_organization (settings, " org-own ");
  g_assert_cmpstr (oai_settings_resolve_organization (settings, full), ==, "org-own");
  oai_settings_set_organization (settings, "");
  g_assert_cmpstr (oai_settings_resolve_organization (settings, full), ==, "org-key");
}

static void
test_all_spellings_of_an_organization (void)
{
  static const char *const names[] = { "ORGANIZATION", "OPENAI_ORG_ID", "OPENAI_ORGANIZATION", "OPENAI_ORGANIZATION_ID", "OPEN_AI_ORGANIZATION_ID" };

  clean_environment ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *organization = g_strdup_printf ("org-%u", i);
      g_autoptr (OaiSettings) settings = NULL;

      g_setenv (names[i], organization, TRUE);
      settings = oai_settings_new ();
      g_assert_cmpstr (oai_settings_get_organization (settings), ==, organization);
    }
  clean_environment ();
}

/* Threads */

#define ROUNDS 200

static gpointer
change_all (gpointer user_data)
{
  OaiSettings *settings = user_data;

  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autofree char *text = g_strdup_printf ("value-%u", i % 7);
      g_autofree char *url = g_strdup_printf ("http://localhost:%u/v1", 1 + i % 7);

      oai_settings_set_organization (settings, text);
      oai_settings_set_header (settings, "X-Test", text);
      oai_settings_set_query_parameter (settings, "q", i % 2 == 0 ? text : NULL);
      oai_settings_set_timeout_ms (settings, i);
      g_assert_true (oai_settings_set_base_url (settings, url, NULL));
    }

  return NULL;
}

static void
check_value (const char *name, const char *value, gpointer user_data)
{
  g_assert_true (g_str_has_prefix (value, "value-"));
}

static gpointer
read_all (gpointer user_data)
{
  OaiSettings *settings = user_data;

  for (guint i = 0; i < ROUNDS; i++)
    {
      const char *organization = oai_settings_get_organization (settings);
      g_autoptr (OaiSettings) copy = oai_settings_copy (settings);
      g_autofree char *url = oai_request_url_build (copy, "models", FALSE, NULL, NULL, NULL);

      g_assert_true (g_str_has_prefix (url, oai_settings_get_base_url (copy)));
      oai_settings_foreach_header (settings, check_value, NULL);
      oai_settings_foreach_query (settings, check_value, NULL);
      g_assert_cmpuint (oai_settings_get_timeout_ms (settings), <=, 600000);
      g_assert_true (g_str_has_prefix (organization, "value-"));
    }

  return NULL;
}

static void
test_threads_share_settings (void)
{
  g_autoptr (OaiSettings) settings = oai_settings_new_for_base_url ("http://localhost:1/v1", NULL);
  GThread *threads[4];

  oai_settings_set_organization (settings, "value-0");
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("settings", i < 2 ? change_all : read_all, settings);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
test_strings_outlive_changes (void)
{
  g_autoptr (OaiSettings) settings = oai_settings_new_for_base_url ("http://localhost:1/v1", NULL);
  const char *base_url = oai_settings_get_base_url (settings);

  g_assert_true (oai_settings_set_base_url (settings, "http://localhost:2/v1", NULL));
  g_assert_cmpstr (base_url, ==, "http://localhost:1/v1");
  g_assert_cmpstr (oai_settings_get_base_url (settings), ==, "http://localhost:2/v1");
}

static void
count (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
test_properties (void)
{
  g_autoptr (OaiSettings) settings = g_object_new (OAI_TYPE_SETTINGS, "base-url", "http://localhost:1/v1/", "timeout-ms", 5u,
                                                   "max-retries", 0u, "organization", "org-x", NULL);
  g_autoptr (OaiSettings) copy = oai_settings_copy (settings);
  g_autoptr (OaiSettings) second = NULL;
  g_autofree char *base_url = NULL;
  guint notified = 0;
  guint timeout;

  g_assert_cmpuint (oai_settings_get_max_reply_size (copy), ==, 100 * 1024 * 1024);
  g_assert_false (oai_settings_get_allow_insecure_http (copy));
  g_assert_false (oai_settings_get_trust_redirects (copy));
  g_object_set (copy, "max-reply-size", 1u, "allow-insecure-http", TRUE, "trust-redirects", TRUE, NULL);
  second = oai_settings_copy (copy);
  g_assert_cmpuint (oai_settings_get_max_reply_size (second), ==, 1);
  g_assert_true (oai_settings_get_allow_insecure_http (second));
  g_assert_true (oai_settings_get_trust_redirects (second));
  g_object_get (copy, "base-url", &base_url, "timeout-ms", &timeout, NULL);
  g_assert_cmpstr (base_url, ==, "http://localhost:1/v1");
  g_assert_cmpuint (timeout, ==, 5);
  g_assert_cmpuint (oai_settings_get_max_retries (copy), ==, 0);
  g_assert_cmpstr (oai_settings_get_organization (copy), ==, "org-x");

  g_signal_connect (settings, "notify", G_CALLBACK (count), &notified);
  oai_settings_set_timeout_ms (settings, 5);
  oai_settings_set_idle_timeout_ms (settings, 600000);
  g_assert_cmpuint (notified, ==, 0);
  oai_settings_set_timeout_ms (settings, 6);
  g_object_set (settings, "base-url", "nonsense", NULL);
  g_assert_cmpuint (notified, ==, 2);
  g_assert_cmpuint (oai_settings_get_timeout_ms (copy), ==, 5);
  g_assert_null (oai_request_url_build (settings, "x", FALSE, NULL, NULL, NULL));
}

static void
test_options_of_calls (void)
{
  g_autoptr (OaiCallOptions) options = oai_call_options_new ();
  g_autoptr (OaiCallOptions) copy = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_cmpint (oai_call_options_get_timeout_ms (options), ==, -1);
  g_assert_cmpint (oai_call_options_get_max_retries (options), ==, -1);

  oai_call_options_set_timeout_ms (options, -7);
  oai_call_options_set_idle_timeout_ms (options, 0);
  oai_call_options_set_connect_timeout_ms (options, 3);
  oai_call_options_set_max_retries (options, 1);
  oai_call_options_set_header (options, "X-A", "1");
  oai_call_options_set_header (options, "x-a", NULL);
  oai_call_options_set_query_parameter (options, "q", "1");
  oai_call_options_set_query_parameter (options, "q", "2");
  g_assert_true (oai_call_options_set_body_member (options, "top_k", "40", &error));
  g_assert_true (oai_call_options_set_body_member (options, "x", "null", &error));
  g_assert_true (oai_call_options_set_body_member (options, "gone", "1", &error));
  g_assert_true (oai_call_options_set_body_member (options, "gone", NULL, &error));
  g_assert_false (oai_call_options_set_body_member (options, "bad", "auto", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);

  copy = oai_call_options_copy (options);
  g_assert_cmpint (oai_call_options_get_timeout_ms (copy), ==, -1);
  g_assert_cmpint (oai_call_options_get_idle_timeout_ms (copy), ==, 0);
  g_assert_cmpint (oai_call_options_get_connect_timeout_ms (copy), ==, 3);
  g_assert_cmpint (oai_call_options_get_max_retries (copy), ==, 1);
  oai_call_options_foreach_header (copy, collect, text);
  oai_call_options_foreach_query (copy, collect, text);
  oai_call_options_foreach_body_member (copy, collect, text);
  g_assert_cmpstr (text->str, ==, "X-A=(removed);q=2;top_k=40;x=null;");
}

/* Calls share a copy of the settings until they change. */

static void
change_timeout (OaiSettings *settings)
{
  oai_settings_set_timeout_ms (settings, 1234);
}

static void
change_flag (OaiSettings *settings)
{
  oai_settings_set_allow_insecure_http (settings, TRUE);
}

static void
change_organization (OaiSettings *settings)
{
  oai_settings_set_organization (settings, "org-new");
}

static void
change_header (OaiSettings *settings)
{
  oai_settings_set_header (settings, "X-New", "1");
}

static void
change_query (OaiSettings *settings)
{
  oai_settings_set_query_parameter (settings, "new", "1");
}

static void
change_beta (OaiSettings *settings)
{
  oai_settings_set_beta_version (settings, "assistants", "v9");
}

static void
change_url (OaiSettings *settings)
{
  g_assert_true (oai_settings_set_base_url (settings, "https://new.example.com/v1", NULL));
}

static void
test_snapshots (void)
{
  void (*const changes[]) (OaiSettings *) = { change_timeout, change_flag, change_organization, change_header, change_query, change_beta, change_url };
  g_autoptr(OaiSettings) settings = g_object_new (OAI_TYPE_SETTINGS, NULL);

  g_assert_true (oai_settings_is_openai (settings));
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr(OaiSettings) first = oai_settings_ref_snapshot (settings);
      g_autoptr(OaiSettings) same = oai_settings_ref_snapshot (settings);
      g_autoptr(OaiSettings) changed = NULL;

      g_assert_true (first == same);
      g_assert_true (first != settings);
      changes[i] (settings);
      changed = oai_settings_ref_snapshot (settings);
      g_assert_true (changed != first);
      g_assert_true (oai_settings_is_openai (first));
      g_assert_cmpuint (oai_settings_get_timeout_ms (changed), ==, 1234);
      if (changes[i] == change_timeout)
        g_assert_cmpuint (oai_settings_get_timeout_ms (first), !=, 1234);
    }
  g_assert_false (oai_settings_is_openai (settings));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/settings/openai-is-the-default", test_openai_is_the_default);
  g_test_add_func ("/settings/the-environment-is-read", test_the_environment_is_read);
  g_test_add_func ("/settings/an-invalid-environment-sends-no-request", test_a_bad_environment_sends_nothing_elsewhere);
  g_test_add_func ("/settings/urls", test_urls);
  g_test_add_func ("/settings/addresses-of-unix-sockets", test_addresses_of_unix_sockets);
  g_test_add_func ("/settings/bad-addresses-of-unix-sockets", test_bad_addresses_of_unix_sockets);
  g_test_add_func ("/settings/a-bad-base-url-changes-nothing", test_a_bad_base_url_changes_nothing);
  g_test_add_func ("/settings/domains", test_domains);
  g_test_add_func ("/settings/regions", test_regions);
  g_test_add_func ("/settings/errors-are-text", test_errors_are_text);
  g_test_add_func ("/settings/azure/with-a-deployment", test_azure_with_a_deployment);
  g_test_add_func ("/settings/azure/by-model", test_azure_by_model);
  g_test_add_func ("/settings/azure/bad-names", test_bad_azure_names);
  g_test_add_func ("/settings/azure/header-follows-the-credential", test_azure_header_follows_the_credential);
  g_test_add_func ("/settings/precedence-of-organizations", test_whose_organization_is_sent);
  g_test_add_func ("/settings/all-spellings-of-an-organization", test_all_spellings_of_an_organization);
  g_test_add_func ("/settings/threads-share-settings", test_threads_share_settings);
  g_test_add_func ("/settings/strings-stay-valid-after-changes", test_strings_outlive_changes);
  g_test_add_func ("/settings/snapshots", test_snapshots);
  g_test_add_func ("/settings/properties", test_properties);
  g_test_add_func ("/settings/options-of-calls", test_options_of_calls);

  return g_test_run ();
}
