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

void
test_add_validation (void)
{
  test_add ("/mock/validation/wrong-bodies-are-refused", test_wrong);
  test_add ("/mock/validation/wrong-queries-are-refused", test_query);
  test_add ("/mock/validation/exceptions-can-be-made", test_exceptions);
}
