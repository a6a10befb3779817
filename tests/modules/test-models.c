/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-module.h"

static void
test_list (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModelsEndpoint) models = oai_models_endpoint_new (fixture->client);
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(OaiModel) first = NULL;
  g_autoptr(OaiModel) same = NULL;
  g_autoptr(GError) error = NULL;

  page = oai_models_endpoint_list (models, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (page)), >, 0);

  first = g_list_model_get_item (G_LIST_MODEL (page), 0);
  same = oai_models_endpoint_retrieve (models, oai_model_get_id (first), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_model_get_id (same), ==, oai_model_get_id (first));
  g_assert_cmpint (oai_model_get_created (same), ==, oai_model_get_created (first));
}

/* Together's server sends an array; others omit members. */
static void
test_list_of_others (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModelsEndpoint) models = oai_models_endpoint_new (fixture->client);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "[{\"id\":\"llama\",\"context_length\":8192}]");
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(OaiModel) model = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (fixture->server, reply);
  page = oai_models_endpoint_list (models, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (page)), ==, 1);

  model = g_list_model_get_item (G_LIST_MODEL (page), 0);
  g_assert_cmpstr (oai_model_get_id (model), ==, "llama");
  g_assert_null (oai_model_get_owned_by (model));
  g_assert_cmpint (oai_record_get_int_member (OAI_RECORD (model), "context_length"), ==, 8192);
}

static void
test_permission (Fixture *fixture, gconstpointer data)
{
  const char *json = "{\"id\":\"davinci\",\"permission\":[{\"id\":\"p\",\"allow_sampling\":true,\"group\":null}],\"parent\":null}";
  g_autoptr(OaiRecord) model = oai_record_new_from_json (OAI_TYPE_MODEL, json, NULL);
  GPtrArray *permissions = oai_model_get_permissions (OAI_MODEL (model));

  g_assert_cmpuint (permissions->len, ==, 1);
  g_assert_true (oai_model_permission_get_allow_sampling (g_ptr_array_index (permissions, 0)));
}

static void
test_fine_tuned (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *json;
    gboolean fine_tuned;
  } cases[] = {
    { "{\"id\":\"ft:gpt-4o-mini:acme::abc123\"}", TRUE },
    { "{\"id\":\"davinci:ft-acme-2023-03-01-00-00-00\"}", TRUE },
    { "{\"id\":\"gpt-4o\"}", FALSE },
    { "{\"id\":\"soft:gpt\"}", FALSE },
    { "{}", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiRecord) model = oai_record_new_from_json (OAI_TYPE_MODEL, cases[i].json, NULL);

      g_assert_cmpint (oai_model_is_fine_tuned (OAI_MODEL (model)), ==, cases[i].fine_tuned);
    }
}

static gboolean
delete_async (OaiModelsEndpoint *models, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_models_endpoint_delete_fine_tuned_model_async (models, "ft:m", NULL, keep_result, &result);
  wait_for (&result);

  return oai_models_endpoint_delete_fine_tuned_model_finish (models, result, error);
}

static void
test_delete (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModelsEndpoint) models = oai_models_endpoint_new (fixture->client);
  g_autoptr(OaiMockReply) gone = oai_mock_reply_new_json (200, "{\"id\":\"ft:m\",\"object\":\"model\",\"deleted\":true}");
  g_autoptr(OaiMockReply) kept = oai_mock_reply_new_json (200, "{\"id\":\"ft:m\",\"object\":\"model\",\"deleted\":false}");
  g_autoptr(OaiMockReply) refused = oai_mock_reply_new_error (403, "invalid_request_error", NULL,
                                                              "You have insufficient permissions for this operation.");
  g_autoptr(OaiMockRequest) request = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (fixture->server, gone);
  g_assert_true (oai_models_endpoint_delete_fine_tuned_model (models, "ft:m", NULL, &error));
  g_assert_no_error (error);
  request = oai_mock_server_dup_request (fixture->server, -1);
  g_assert_cmpstr (oai_mock_request_get_method (request), ==, "DELETE");

  oai_mock_server_push_reply (fixture->server, kept);
  g_assert_false (delete_async (models, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_clear_error (&error);

  oai_mock_server_push_reply (fixture->server, refused);
  g_assert_false (delete_async (models, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PERMISSION_DENIED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/models/list", test_list);
  TEST ("/models/list-of-other-servers", test_list_of_others);
  TEST ("/models/permission", test_permission);
  TEST ("/models/is-fine-tuned", test_fine_tuned);
  TEST ("/models/delete", test_delete);

  return g_test_run ();
}
