/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs the C lines of the guide, with one test for each row, and checks the requests that the service received. */

#include "scope-private.h"

#include <string.h>

static OaiMockServer *mock;

/* From here on, all requests are those of the lines. */
void
scope_begin (Scope *self)
{
  self->n_requests = oai_mock_server_get_n_requests (self->mock);
}

/* "GET /files/{file_id}" matches "GET /v1/files/file-1". */
static void
assert_fits (const char *expected, OaiMockRequest *request)
{
  const char *path = oai_mock_request_get_path (request);
  g_autofree char *actual = NULL;
  g_auto (GStrv) expected_parts = NULL;
  g_auto (GStrv) parts = NULL;

  if (g_str_has_prefix (path, "/v1/"))
    path += strlen ("/v1");
  actual = g_strdup_printf ("%s %s", oai_mock_request_get_method (request), path);
  expected_parts = g_strsplit (expected, "/", -1);
  parts = g_strsplit (actual, "/", -1);
  if (g_strv_length (parts) != g_strv_length (expected_parts))
    g_error ("%s was sent instead of %s", actual, expected);
  for (guint i = 0; parts[i] != NULL; i++)
    if (expected_parts[i][0] != '{' && !g_str_equal (parts[i], expected_parts[i]))
      g_error ("%s was sent instead of %s", actual, expected);
}

static void
assert_version (Scope *self, const char *expected, OaiMockRequest *request)
{
  g_autofree char *beta = g_strconcat ("assistants=", self->row->version, NULL);

  if (strstr (expected, " /assistants") != NULL || strstr (expected, " /threads") != NULL)
    g_assert_cmpstr (oai_mock_request_get_header (request, "openai-beta"), ==, beta);
  else
    g_assert_null (oai_mock_request_get_header (request, "openai-beta"));
}

void
scope_end (Scope *self, const char *const *requests)
{
  g_auto (GStrv) violations = oai_mock_server_dup_violations (self->mock);

  g_assert_cmpuint (oai_mock_server_get_n_requests (self->mock) - self->n_requests, ==, g_strv_length ((char **) requests));
  for (guint i = 0; requests[i] != NULL; i++)
    {
      g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (self->mock, self->n_requests + i);

      assert_fits (requests[i], request);
      assert_version (self, requests[i], request);
    }
  if (violations != NULL && violations[0] != NULL)
    g_error ("Violates the API's document: %s", violations[0]);
}

/* Credentials are valid if the service accepts them. */
void
scope_try (OaiClient *client, OaiAuth *auth)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiClient) tried = client != NULL ? g_object_ref (client) : oai_client_new (auth, NULL);
  g_autoptr(OaiModelsEndpoint) models = oai_models_endpoint_new (tried);
  g_autoptr(OaiPagedList) page = oai_models_endpoint_list (models, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (page);
}

static void
test_row (gconstpointer data)
{
  Scope scope = { mock, data, g_ptr_array_new_with_free_func (g_object_unref), g_hash_table_new (g_str_hash, g_str_equal), 0 };

  oai_mock_server_reset (mock);
  scope.row->func (&scope);
  g_hash_table_unref (scope.made);
  g_ptr_array_unref (scope.owned);
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  mock = oai_mock_server_new ();
  oai_mock_server_set_api_key (mock, g_getenv ("OPENAI_API_KEY"));
  oai_mock_server_start_in_thread (mock, &error);
  g_assert_no_error (error);
  g_assert_true (oai_mock_server_is_validating (mock) || g_getenv ("OAI_OPENAPI_JSON") == NULL);
  g_setenv ("OPENAI_BASE_URL", oai_mock_server_get_base_url (mock), TRUE);
  for (guint i = 0; scope_rows[i].name != NULL; i++)
    {
      g_autofree char *name = g_strdelimit (g_strdup (scope_rows[i].name), "/", ' ');
      g_autofree char *path = g_strdup_printf ("/table/%03u %s", i + 1, name);

      g_test_add_data_func (path, &scope_rows[i], test_row);
    }
  status = g_test_run ();
  scope_stop_proxy ();
  oai_mock_server_stop (mock);
  g_object_unref (mock);

  return status;
}
