/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-mock.h"

#include <string.h>

static const struct {
  const char *body;
  const char *complaint;
} wrong[] = {
  { "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", "model is missing" },
  { "{\"model\":\"m\",\"messages\":[]}", "messages has fewer than 1 elements" },
  { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"n\":\"2\"}", "n is of type string, not integer" },
  { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"temperature\":3}", "temperature is 3, which is too large" },
  { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"max_token\":3}", "max_token is no member that the API knows" },
  { "{\"model\":\"m\",\"messages\":[{\"role\":\"wizard\",\"content\":\"x\"}]}", "messages[0] has none of the" },
  { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"extra\":1}]}", "messages[0].extra is no member that the API knows" },
  { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"txt\":\"x\"}]}]}", "messages[0].content[0].text is missing" },
  { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"service_tier\":\"gold\"}", "service_tier has the value \"gold\"" },
  { "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tools\":[{\"type\":\"function\",\"function\":{}}]}", "tools[0].function.name is missing" },
};

static void
skip_or_check (Test *test)
{
  const char *path = g_getenv ("OAI_OPENAPI_JSON");

  g_assert_cmpint (oai_mock_server_is_validating (test->server), ==, path != NULL && *path != '\0');
}

static void
test_wrong (Test *test, gconstpointer data)
{
  skip_or_check (test);
  if (!oai_mock_server_is_validating (test->server))
    {
      g_test_skip ("OAI_OPENAPI_JSON does not name the API's OpenAPI document");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (GStrv) violations = NULL;

      oai_mock_server_reset (test->server);
      test_expect (test, 400, "POST", "/chat/completions", wrong[i].body);
      g_assert_cmpstr (test_string (test, "error.code"), ==, "schema_violation");
      if (strstr (test_string (test, "error.message"), wrong[i].complaint) == NULL)
        g_error ("%s is not in: %s", wrong[i].complaint, test->text);
      violations = oai_mock_server_dup_violations (test->server);
      g_assert_cmpuint (oai_mock_server_get_n_violations (test->server), ==, g_strv_length (violations));
      g_assert_true (g_str_has_prefix (violations[0], "POST /chat/completions: "));
    }
}

static void
test_query (Test *test, gconstpointer data)
{
  skip_or_check (test);
  if (!oai_mock_server_is_validating (test->server))
    {
      g_test_skip ("OAI_OPENAPI_JSON does not name the API's OpenAPI document");
      return;
    }

  test_expect (test, 400, "GET", "/chat/completions?limit=many", NULL);
  test_expect (test, 400, "GET", "/chat/completions?order=up", NULL);
  test_expect (test, 400, "GET", "/chat/completions?colour=red", NULL);
  g_assert_cmpuint (oai_mock_server_get_n_violations (test->server), ==, 3);
  test_expect (test, 400, "DELETE", "/models/ft:gpt-4o-mini:org-mock::0001", "{\"a\":1}");
  g_assert_cmpuint (oai_mock_server_get_n_violations (test->server), ==, 4);
}

static void
test_exceptions (Test *test, gconstpointer data)
{
  const char *body = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"reasoning_content\":\"y\"}]}";

  oai_mock_server_allow_member (test->server, "reasoning_content");
  test_expect (test, 200, "POST", "/chat/completions", body);
  oai_mock_server_set_validating (test->server, FALSE);
  g_assert_false (oai_mock_server_is_validating (test->server));
  test_expect (test, 200, "POST", "/chat/completions", "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"unheard_of\":1}");
  g_assert_cmpuint (oai_mock_server_get_n_violations (test->server), ==, 0);
}

static gboolean
is_ours (const char *path)
{
  const char *const areas[] = { "/models", "/chat/completions", "/completions", "/embeddings", "/moderations", "/files", "/fine_tuning", "/images", "/audio", "/assistants", "/threads" };

  for (guint i = 0; i < G_N_ELEMENTS (areas); i++)
    if (g_str_has_prefix (path, areas[i]))
      return TRUE;

  return FALSE;
}

static void
try_operations (Test *test, JsonObject *paths, const char *path)
{
  g_autoptr (GRegex) parameter = g_regex_new ("\\{[^}]*\\}", 0, 0, NULL);
  g_autofree char *url = g_regex_replace_literal (parameter, path, -1, 0, "x", 0, NULL);
  g_autoptr (GList) methods = json_object_get_members (json_object_get_object_member (paths, path));

  for (GList *l = methods; l != NULL; l = l->next)
    {
      g_autofree char *method = g_ascii_strup (l->data, -1);
      const char *code;

      test_send (test, method, url, NULL);
      code = test_string (test, "error.code");
      if (g_strcmp0 (code, "unknown_url") == 0 || g_strcmp0 (code, "method_not_supported") == 0)
        g_error ("%s %s is not served", method, path);
      g_assert_cmpuint (test->status, <, 500);
    }
}

/* A request without a required body gets an error. */
static void
test_all_operations (Test *test, gconstpointer data)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GList) names = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *paths;

  if (!oai_mock_server_is_validating (test->server))
    {
      g_test_skip ("OAI_OPENAPI_JSON does not name the API's OpenAPI document");
      return;
    }
  json_parser_load_from_file (parser, g_getenv ("OAI_OPENAPI_JSON"), &error);
  g_assert_no_error (error);
  paths = json_object_get_object_member (json_node_get_object (json_parser_get_root (parser)), "paths");
  names = json_object_get_members (paths);
  for (guint i = 0; i < 2; i++)
    {
      oai_mock_server_set_validating (test->server, i == 0);
      for (GList *l = names; l != NULL; l = l->next)
        if (is_ours (l->data))
          try_operations (test, paths, l->data);
    }
}

static void
test_forms (Test *test, gconstpointer data)
{
  const char *forms[] = {
    "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nassistants\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--b--\r\n",
    "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfun\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n",
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n",
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      test_send_form (test, "/files", "b", forms[i], strlen (forms[i]));
      g_assert_cmpuint (test->status, ==, 400);
    }
  if (oai_mock_server_is_validating (test->server))
    g_assert_cmpuint (oai_mock_server_get_n_violations (test->server), ==, 3);
}

void
test_add_validation (void)
{
  test_add ("/mock/validation/wrong-bodies-are-refused", test_wrong);
  test_add ("/mock/validation/wrong-queries-are-refused", test_query);
  test_add ("/mock/validation/wrong-forms-are-refused", test_forms);
  test_add ("/mock/routes/serve-every-operation-of-the-document", test_all_operations);
  test_add ("/mock/validation/exceptions-can-be-made", test_exceptions);
}
