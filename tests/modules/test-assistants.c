/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-module.h"

static OaiMockRequest *
dup_last_request (Fixture *fixture)
{
  return oai_mock_server_dup_request (fixture->server, -1);
}

static void
assert_beta (Fixture *fixture, const char *expected)
{
  g_autoptr(OaiMockRequest) request = dup_last_request (fixture);

  g_assert_cmpstr (oai_mock_request_get_header (request, "OpenAI-Beta"), ==, expected);
}

static void
speak_version_1 (Fixture *fixture)
{
  oai_settings_set_beta_version (oai_client_get_settings (fixture->client), "assistants", "v1");
  /* The API's document describes version 2 only. */
  oai_mock_server_set_validating (fixture->server, FALSE);
}

static OaiAssistant *
create (Fixture *fixture, const char *name)
{
  g_autoptr(OaiAssistantsEndpoint) assistants = oai_assistants_endpoint_new (fixture->client);
  g_autoptr(OaiAssistantRequest) request = oai_assistant_request_new ("gpt-4o");
  g_autoptr(OaiAssistantCodeInterpreterTool) tool = oai_assistant_code_interpreter_tool_new ();
  g_autoptr(GError) error = NULL;
  OaiAssistant *assistant;

  oai_assistant_request_set_name (request, name);
  oai_assistant_request_set_instructions (request, "Help.");
  oai_assistant_request_add_tool (request, OAI_ASSISTANT_TOOL (tool));
  oai_assistant_request_set_metadata_value (request, "team", "red");
  assistant = oai_assistants_endpoint_create (assistants, request, NULL, &error);
  g_assert_no_error (error);

  return assistant;
}

static void
test_life (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistantsEndpoint) assistants = oai_assistants_endpoint_new (fixture->client);
  g_autoptr(OaiAssistant) assistant = create (fixture, "Ann");
  g_autoptr(OaiAssistantUpdate) update = oai_assistant_update_new ();
  g_autoptr(OaiAssistant) modified = NULL;
  g_autoptr(OaiAssistant) fresh = NULL;
  g_autoptr(OaiAssistant) found = NULL;
  g_autoptr(OaiAssistantDeletion) deletion = NULL;
  g_autoptr(OaiPagedList) page = NULL;
  g_autofree char *team = NULL;
  g_autoptr(GError) error = NULL;

  assert_beta (fixture, "assistants=v2");
  g_assert_cmpstr (oai_assistant_get_name (assistant), ==, "Ann");

  oai_assistant_update_set_model (update, "gpt-4o-mini");
  modified = oai_assistant_update (assistant, update, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_assistant_get_model (modified), ==, "gpt-4o-mini");
  g_assert_cmpstr (oai_assistant_get_name (modified), ==, "Ann");
  g_assert_cmpstr (oai_assistant_get_instructions (modified), ==, "Help.");
  team = oai_assistant_dup_metadata_value (modified, "team");
  g_assert_cmpstr (team, ==, "red");

  fresh = oai_assistant_retrieve (assistant, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_assistant_get_model (fresh), ==, "gpt-4o-mini");
  g_assert_cmpstr (oai_assistant_get_model (assistant), ==, "gpt-4o");
  found = oai_assistants_endpoint_retrieve (assistants, oai_assistant_get_id (assistant), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_record_equal (OAI_RECORD (found), OAI_RECORD (fresh)));

  page = oai_assistants_endpoint_list (assistants, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_paged_list_get_n_loaded (page), ==, 1);

  deletion = oai_assistant_delete_assistant (assistant, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_assistant_deletion_get_deleted (deletion));
  g_clear_object (&found);
  found = oai_assistant_retrieve (assistant, NULL, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  g_assert_null (found);
  assert_no_violations (fixture);
}

static void
test_life_async (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = create (fixture, "Ann");
  g_autoptr(OaiAssistantUpdate) update = oai_assistant_update_new ();
  g_autoptr(OaiAssistant) modified = NULL;
  g_autoptr(OaiAssistantDeletion) deletion = NULL;
  g_autoptr(GAsyncResult) first = NULL;
  g_autoptr(GAsyncResult) second = NULL;
  g_autoptr(GError) error = NULL;

  oai_assistant_update_set_name (update, "Bea");
  oai_assistant_update_async (assistant, update, NULL, keep_result, &first);
  wait_for (&first);
  modified = oai_assistant_update_finish (assistant, first, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_assistant_get_name (modified), ==, "Bea");
  g_assert_cmpuint (oai_call_get_status_code (oai_call_find_for_result (first)), ==, 200);

  oai_assistant_delete_assistant_async (modified, NULL, keep_result, &second);
  wait_for (&second);
  deletion = oai_assistant_delete_assistant_finish (modified, second, &error);
  g_assert_no_error (error);
  g_assert_true (oai_assistant_deletion_get_deleted (deletion));
}

static void
test_without_client (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRecord) assistant = oai_record_new_from_json (OAI_TYPE_ASSISTANT, "{\"id\":\"asst_1\"}", NULL);
  g_autoptr(OaiInputFile) file = oai_input_file_new_for_path ("/dev/null");
  g_autoptr(OaiAssistant) fresh = NULL;
  g_autoptr(OaiAssistantFile) uploaded = NULL;
  g_autoptr(GError) error = NULL;

  fresh = oai_assistant_retrieve (OAI_ASSISTANT (assistant), NULL, &error);
  g_assert_null (fresh);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  uploaded = oai_assistant_upload_file (OAI_ASSISTANT (assistant), file, NULL, &error);
  g_assert_null (uploaded);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_without_identifier (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"object\":\"assistant\"}");
  g_autoptr(OaiAssistantsEndpoint) assistants = oai_assistants_endpoint_new (fixture->client);
  g_autoptr(OaiAssistant) assistant = NULL;
  g_autoptr(OaiAssistant) fresh = NULL;
  g_autoptr(GError) error = NULL;
  guint n_requests;

  oai_mock_server_push_reply (fixture->server, reply);
  assistant = oai_assistants_endpoint_retrieve (assistants, "asst_1", NULL, &error);
  g_assert_no_error (error);

  n_requests = oai_mock_server_get_n_requests (fixture->server);
  fresh = oai_assistant_retrieve (assistant, NULL, &error);
  g_assert_null (fresh);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, n_requests);
}

static void
test_versions (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = create (fixture, "Ann");
  OaiSettings *settings = oai_client_get_settings (fixture->client);
  g_autoptr(OaiSettings) copy = NULL;
  g_autoptr(OaiInputFile) file = NULL;
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(OaiAssistant) fresh = NULL;
  g_autoptr(OaiAssistantFile) uploaded = NULL;
  g_autoptr(OaiModelsEndpoint) models = oai_models_endpoint_new (fixture->client);
  g_autoptr(OaiPagedList) model_page = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr(GError) error = NULL;
  guint n_requests = oai_mock_server_get_n_requests (fixture->server);

  g_assert_null (oai_settings_get_beta_version (settings, "assistants"));
  page = oai_assistant_list_files (assistant, NULL, NULL, &error);
  g_assert_null (page);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "v1"));
  g_clear_error (&error);
  file = oai_input_file_new_for_bytes (bytes, "x.txt");
  uploaded = oai_assistant_upload_file (assistant, file, NULL, &error);
  g_assert_null (uploaded);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, n_requests);

  speak_version_1 (fixture);
  copy = oai_settings_copy (settings);
  g_assert_cmpstr (oai_settings_get_beta_version (copy, "assistants"), ==, "v1");
  fresh = oai_assistant_retrieve (assistant, NULL, &error);
  g_assert_no_error (error);
  assert_beta (fixture, "assistants=v1");
  model_page = oai_models_endpoint_list (models, NULL, &error);
  g_assert_no_error (error);
  assert_beta (fixture, NULL);
}

static void
test_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_static ("Knowledge is power!", 19);
  g_autoptr(OaiInputFile) input = oai_input_file_new_for_bytes (bytes, "power.txt");
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (fixture->client);
  g_autoptr(OaiAssistantFile) file = NULL;
  g_autoptr(OaiAssistantFile) same = NULL;
  g_autoptr(OaiAssistantFile) again = NULL;
  g_autoptr(OaiAssistantFileDeletion) removal = NULL;
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(OaiFile) gone = NULL;
  g_autoptr(GError) error = NULL;

  speak_version_1 (fixture);
  assistant = create (fixture, "Ann");
  file = oai_assistant_upload_file (assistant, input, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_assistant_file_get_assistant_id (file), ==, oai_assistant_get_id (assistant));

  page = oai_assistant_list_files (assistant, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_paged_list_get_n_loaded (page), ==, 1);
  same = oai_assistant_retrieve_file (assistant, oai_assistant_file_get_id (file), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_assistant_file_get_id (same), ==, oai_assistant_file_get_id (file));

  removal = oai_assistant_file_detach (same, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_assistant_file_deletion_get_deleted (removal));
  again = oai_assistant_attach_file (assistant, oai_assistant_file_get_id (file), NULL, &error);
  g_assert_no_error (error);

  g_assert_true (oai_assistant_file_delete_file (again, NULL, &error));
  g_assert_no_error (error);
  gone = oai_files_endpoint_retrieve (files, oai_assistant_file_get_id (file), NULL, &error);
  g_assert_null (gone);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
}

static void
test_delete_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_static ("Knowledge is power!", 19);
  g_autoptr(OaiInputFile) input = oai_input_file_new_for_bytes (bytes, "power.txt");
  g_autoptr(OaiAssistantFile) file = NULL;
  g_autoptr(OaiMockReply) refusal = oai_mock_reply_new_json (200, "{\"id\":\"file\",\"deleted\":false}");
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMockRequest) request = NULL;

  speak_version_1 (fixture);
  assistant = create (fixture, "Ann");
  file = oai_assistant_upload_file (assistant, input, NULL, &error);
  g_assert_no_error (error);

  oai_mock_server_push_reply (fixture->server, refusal);
  g_assert_false (oai_assistant_delete_file (assistant, oai_assistant_file_get_id (file), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_clear_error (&error);

  g_assert_true (oai_assistant_delete_file (assistant, oai_assistant_file_get_id (file), NULL, &error));
  g_assert_no_error (error);
  request = dup_last_request (fixture);
  g_assert_cmpstr (oai_mock_request_get_method (request), ==, "DELETE");
  g_assert_true (g_str_has_prefix (strstr (oai_mock_request_get_path (request), "/files/"), "/files/file"));

  g_assert_false (oai_assistant_delete_file (assistant, oai_assistant_file_get_id (file), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
}

static OaiAssistantFile *
upload (OaiAssistant *assistant, GError **error)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("Knowledge is power!", 19);
  g_autoptr(OaiInputFile) input = oai_input_file_new_for_bytes (bytes, "power.txt");

  return oai_assistant_upload_file (assistant, input, NULL, error);
}

static void
push_error (Fixture *fixture, const char *path, guint status)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_error (status, "server_error", NULL, "Not now");

  oai_mock_server_push_reply_for (fixture->server, "DELETE", path, reply);
}

/* A server that accepts a file and does not return its identifier. */
static void
test_upload_without_identifier (Fixture *fixture, gconstpointer data)
{
  static const char *const replies[] = { "{\"object\":\"file\"}", "{\"id\":\"\"}" };
  g_autoptr(OaiAssistant) assistant = NULL;

  speak_version_1 (fixture);
  assistant = create (fixture, "Ann");
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, replies[i]);
      g_autoptr(OaiAssistantFile) file = NULL;
      g_autoptr(GError) error = NULL;

      oai_mock_server_push_reply_for (fixture->server, "POST", "/files", reply);
      file = upload (assistant, &error);
      g_assert_null (file);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
    }
}

/* A failed step is retried, and waits until the server accepts it. */
static void
test_delete_file_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = NULL;
  g_autoptr(OaiAssistantFile) file = NULL;
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (fixture->client);
  g_autoptr(OaiFile) gone = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;

  speak_version_1 (fixture);
  oai_settings_set_max_retries (oai_client_get_settings (fixture->client), 0);
  assistant = create (fixture, "Ann");
  file = upload (assistant, &error);
  g_assert_no_error (error);
  path = g_strconcat ("/files/", oai_assistant_file_get_id (file), NULL);

  push_error (fixture, path, 500);
  g_assert_false (oai_assistant_delete_file (assistant, oai_assistant_file_get_id (file), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_SERVER);
  g_clear_error (&error);

  push_error (fixture, path, 409);
  g_assert_true (oai_assistant_file_delete_file (file, NULL, &error));
  g_assert_no_error (error);
  gone = oai_files_endpoint_retrieve (files, oai_assistant_file_get_id (file), NULL, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
}

/* An assistant that searches two vector stores. */
static OaiAssistant *
get_searching (Fixture *fixture)
{
  g_autoptr(OaiAssistantsEndpoint) assistants = oai_assistants_endpoint_new (fixture->client);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"id\":\"asst_1\",\"tool_resources\":{\"file_search\":{\"vector_store_ids\":[\"vs_1\",\"vs_2\"]}}}");
  g_autoptr(GError) error = NULL;
  OaiAssistant *assistant;

  oai_mock_server_push_reply (fixture->server, reply);
  assistant = oai_assistants_endpoint_retrieve (assistants, "asst_1", NULL, &error);
  g_assert_no_error (error);

  return assistant;
}

static void
push_deletion (Fixture *fixture, const char *path, gboolean deleted)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, deleted ? "{\"id\":\"x\",\"deleted\":true}" : "{\"id\":\"x\",\"deleted\":false}");

  oai_mock_server_push_reply_for (fixture->server, "DELETE", path, reply);
}

static void
test_delete_with_resources (Fixture *fixture, gconstpointer data)
{
  static const char *const paths[] = { "/vector_stores/vs_1", "/vector_stores/vs_2", "/assistants/asst_1" };
  g_autoptr(OaiAssistant) assistant = get_searching (fixture);
  g_autoptr(GError) error = NULL;

  push_error (fixture, paths[0], 404);
  push_deletion (fixture, paths[1], TRUE);
  push_deletion (fixture, paths[2], TRUE);
  g_assert_true (oai_assistant_delete_with_resources (assistant, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 4);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, i + 1);

      g_assert_cmpstr (oai_mock_request_get_method (request), ==, "DELETE");
      g_assert_true (g_str_has_suffix (oai_mock_request_get_path (request), paths[i]));
    }
}

/* The assistant is deleted last, so that the call can be repeated after a failure. */
static void
test_delete_with_resources_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = get_searching (fixture);
  g_autoptr(GError) error = NULL;

  oai_settings_set_max_retries (oai_client_get_settings (fixture->client), 0);
  push_deletion (fixture, "/vector_stores/vs_1", TRUE);
  push_error (fixture, "/vector_stores/vs_2", 500);
  g_assert_false (oai_assistant_delete_with_resources (assistant, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_SERVER);
  g_clear_error (&error);

  push_error (fixture, "/vector_stores/vs_1", 404);
  push_deletion (fixture, "/vector_stores/vs_2", FALSE);
  g_assert_false (oai_assistant_delete_with_resources (assistant, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "vs_2"));
  g_clear_error (&error);

  push_error (fixture, "/vector_stores/vs_1", 404);
  push_deletion (fixture, "/vector_stores/vs_2", TRUE);
  push_deletion (fixture, "/assistants/asst_1", TRUE);
  g_assert_true (oai_assistant_delete_with_resources (assistant, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (oai_mock_server_get_n_pending_replies (fixture->server), ==, 0);
}

/* If the assistant cannot be deleted, none of its resources is deleted. */
static void
test_delete_with_missing_resources (Fixture *fixture, gconstpointer data)
{
  static const char json[] = "{\"tool_resources\":{\"file_search\":{\"vector_store_ids\":[\"vs_1\"]}}}";
  g_autoptr(OaiAssistantsEndpoint) assistants = oai_assistants_endpoint_new (fixture->client);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);
  g_autoptr(OaiAssistant) nameless = NULL;
  g_autoptr(OaiRecord) homeless = oai_record_new_from_json (OAI_TYPE_ASSISTANT, json, NULL);
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (fixture->server, reply);
  nameless = oai_assistants_endpoint_retrieve (assistants, "asst_1", NULL, &error);
  g_assert_no_error (error);
  g_assert_false (oai_assistant_delete_with_resources (nameless, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_assistant_delete_with_resources (OAI_ASSISTANT (homeless), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 1);
}

static void
assert_call (GAsyncResult *result, const char *operation, guint status)
{
  OaiCall *call = oai_call_find_for_result (result);

  g_assert_nonnull (call);
  if (operation != NULL)
    g_assert_cmpstr (oai_call_get_operation (call), ==, operation);
  g_assert_cmpuint (oai_call_get_status_code (call), ==, status);
}

/* After several calls, the newest one is reported. */
static void
test_calls (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr(OaiInputFile) input = oai_input_file_new_for_bytes (bytes, "x.txt");
  g_autoptr(OaiAssistant) assistant = NULL;
  g_autoptr(OaiAssistant) searching = NULL;
  g_autoptr(OaiAssistantFile) file = NULL;
  g_autoptr(GAsyncResult) uploaded = NULL;
  g_autoptr(GAsyncResult) missing = NULL;
  g_autoptr(GAsyncResult) deleted = NULL;
  g_autoptr(GAsyncResult) refused = NULL;
  g_autoptr(GError) error = NULL;

  speak_version_1 (fixture);
  assistant = create (fixture, "Ann");
  oai_assistant_upload_file_async (assistant, input, NULL, keep_result, &uploaded);
  wait_for (&uploaded);
  file = oai_assistant_upload_file_finish (assistant, uploaded, &error);
  g_assert_no_error (error);
  assert_call (uploaded, "assistants.attach_file", 200);

  oai_assistant_delete_file_async (assistant, "nope", NULL, keep_result, &missing);
  wait_for (&missing);
  assert_call (missing, "files.delete_file", 404);
  oai_assistant_file_delete_file_async (file, NULL, keep_result, &deleted);
  wait_for (&deleted);
  assert_call (deleted, "files.delete_file", 200);

  oai_settings_set_beta_version (oai_client_get_settings (fixture->client), "assistants", "v2");
  searching = get_searching (fixture);
  push_deletion (fixture, "/vector_stores/vs_1", FALSE);
  oai_assistant_delete_with_resources_async (searching, NULL, keep_result, &refused);
  wait_for (&refused);
  assert_call (refused, NULL, 200);
}

static void
test_wrong_versions (Fixture *fixture, gconstpointer data)
{
  static const char *const wrong[] = { "v2\r\nEvil: 1", "v1 ", "v1=", "v1,x" };
  OaiSettings *settings = oai_client_get_settings (fixture->client);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*oai_header_name_is_valid*");
      oai_settings_set_beta_version (settings, "assistants", wrong[i]);
      g_test_assert_expected_messages ();
      g_assert_null (oai_settings_get_beta_version (settings, "assistants"));
    }
  oai_settings_set_beta_version (settings, "assistants", "v10");
  g_assert_cmpstr (oai_settings_get_beta_version (settings, "assistants"), ==, "v10");
  oai_settings_set_beta_version (settings, "assistants", "");
  g_assert_null (oai_settings_get_beta_version (settings, "assistants"));
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = create (fixture, "Ann");
  g_autoptr(OaiAssistant) fresh = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  fresh = oai_assistant_retrieve (assistant, cancellable, &error);
  g_assert_null (fresh);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/assistants/create-update-list-delete", test_life);
  TEST ("/assistants/update-and-delete-without-waiting", test_life_async);
  TEST ("/assistants/not-from-a-server", test_without_client);
  TEST ("/assistants/without-identifier", test_without_identifier);
  TEST ("/assistants/versions-of-the-api", test_versions);
  TEST ("/assistants/invalid-versions", test_wrong_versions);
  TEST ("/assistants/files", test_files);
  TEST ("/assistants/delete-file-from-assistant-and-project", test_delete_file);
  TEST ("/assistants/delete-file-after-a-failure", test_delete_file_again);
  TEST ("/assistants/upload-without-identifier-in-the-reply", test_upload_without_identifier);
  TEST ("/assistants/delete-with-vector-stores", test_delete_with_resources);
  TEST ("/assistants/delete-with-vector-stores-after-a-failure", test_delete_with_resources_again);
  TEST ("/assistants/delete-with-missing-vector-stores", test_delete_with_missing_resources);
  TEST ("/assistants/calls-of-several-requests", test_calls);
  TEST ("/assistants/cancelled", test_cancelled);

  return g_test_run ();
}
