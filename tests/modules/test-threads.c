/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-threads.h"

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiThread) thread = create_thread (fixture, "Hello");
  g_autoptr(OaiThreadUpdate) update = oai_thread_update_new ();
  g_autoptr(OaiThread) modified = NULL;
  g_autoptr(OaiThread) fresh = NULL;
  g_autoptr(OaiThread) gone = NULL;
  g_autoptr(OaiThreadDeletion) deletion = NULL;
  g_autofree char *value = NULL;
  g_autoptr(GError) error = NULL;

  oai_thread_update_set_metadata_value (update, "key", "mine");
  modified = oai_thread_update (thread, update, NULL, &error);
  g_assert_no_error (error);
  fresh = oai_thread_retrieve (thread, NULL, &error);
  g_assert_no_error (error);
  value = oai_thread_dup_metadata_value (fresh, "key");
  g_assert_cmpstr (value, ==, "mine");

  deletion = oai_thread_delete_thread (thread, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_thread_deletion_get_deleted (deletion));
  gone = oai_thread_retrieve (thread, NULL, &error);
  g_assert_null (gone);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  assert_no_violations (fixture);
}

static void
test_empty_thread (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiThreadsEndpoint) threads = oai_threads_endpoint_new (fixture->client);
  g_autoptr(OaiThread) thread = NULL;
  g_autoptr(GError) error = NULL;

  thread = oai_threads_endpoint_create (threads, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (oai_thread_get_id (thread));
  assert_no_violations (fixture);
}

static void
test_messages (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiThread) thread = create_thread (fixture, "Hello");
  g_autoptr(OaiThreadMessageRequest) request = oai_thread_message_request_new_user ("More");
  g_autoptr(OaiThreadMessageUpdate) update = oai_thread_message_update_new ();
  g_autoptr(OaiThreadMessage) message = NULL;
  g_autoptr(OaiThreadMessage) same = NULL;
  g_autoptr(OaiThreadMessage) modified = NULL;
  g_autoptr(OaiThreadMessage) again = NULL;
  g_autoptr(OaiThreadMessage) fresh = NULL;
  g_autoptr(OaiThreadMessageDeletion) deletion = NULL;
  g_autoptr(OaiThread) home = NULL;
  g_autoptr(OaiPagedList) page = NULL;
  g_autofree char *text = NULL;
  g_autofree char *value = NULL;
  g_autoptr(GError) error = NULL;

  message = oai_thread_create_message (thread, request, NULL, &error);
  g_assert_no_error (error);
  text = oai_thread_message_dup_text (message);
  g_assert_cmpstr (text, ==, "More");

  page = oai_thread_list_messages (thread, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_paged_list_get_n_loaded (page), ==, 2);
  same = oai_thread_retrieve_message (thread, oai_thread_message_get_id (message), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_thread_message_get_id (same), ==, oai_thread_message_get_id (message));

  oai_thread_message_update_set_metadata_value (update, "key", "mine");
  modified = oai_thread_message_update (message, update, NULL, &error);
  g_assert_no_error (error);
  again = oai_thread_update_message (thread, oai_thread_message_get_id (message), update, NULL, &error);
  g_assert_no_error (error);
  fresh = oai_thread_message_retrieve (message, NULL, &error);
  g_assert_no_error (error);
  value = oai_thread_message_dup_metadata_value (fresh, "key");
  g_assert_cmpstr (value, ==, "mine");
  home = oai_thread_message_retrieve_thread (message, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_thread_get_id (home), ==, oai_thread_get_id (thread));

  deletion = oai_thread_message_delete_message (message, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_thread_message_deletion_get_deleted (deletion));
  assert_no_violations (fixture);
}

static void
test_text_of_message (void)
{
  g_autoptr(OaiRecord) message = oai_record_new_from_json (OAI_TYPE_THREAD_MESSAGE,
    "{\"id\":\"m\",\"content\":[{\"type\":\"text\",\"text\":{\"value\":\"Look:\",\"annotations\":[]}},"
    "{\"type\":\"image_file\",\"image_file\":{\"file_id\":\"file-1\"}},{\"type\":\"hologram\"},"
    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y.png\"}},{\"type\":\"text\",\"text\":\"plain\"},"
    "{\"type\":\"refusal\",\"refusal\":\"No.\"}]}", NULL);
  g_autoptr(OaiRecord) empty = oai_record_new_from_json (OAI_TYPE_THREAD_MESSAGE, "{\"id\":\"m\"}", NULL);
  g_autofree char *text = oai_thread_message_dup_text (OAI_THREAD_MESSAGE (message));
  g_autofree char *none = oai_thread_message_dup_text (OAI_THREAD_MESSAGE (empty));

  g_assert_cmpstr (text, ==, "Look:\nfile-1\nhttps://x/y.png\nplain\nNo.");
  g_assert_cmpstr (none, ==, "");
}

static void
test_message_files (Fixture *fixture, gconstpointer data)
{
  static const char *const replies[] = {
    "{\"id\":\"msg_1\",\"thread_id\":\"thread_1\"}",
    "{\"object\":\"list\",\"data\":[{\"id\":\"file-1\",\"message_id\":\"msg_1\"}]}",
    "{\"id\":\"file-1\",\"message_id\":\"msg_1\"}",
  };
  g_autoptr(OaiThreadsEndpoint) threads = oai_threads_endpoint_new (fixture->client);
  g_autoptr(OaiThreadMessage) message = NULL;
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(OaiThreadMessageFile) file = NULL;
  g_autoptr(OaiThreadMessageDeletion) deletion = NULL;
  g_autoptr(OaiMockRequest) request = NULL;
  g_autoptr(GError) error = NULL;

  speak_version_1 (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    push_json (fixture, replies[i]);
  message = oai_threads_endpoint_retrieve_message (threads, "thread_1", "msg_1", NULL, &error);
  g_assert_no_error (error);
  page = oai_thread_message_list_files (message, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_paged_list_get_n_loaded (page), ==, 1);
  file = oai_thread_message_retrieve_file (message, "file-1", NULL, &error);
  g_assert_no_error (error);
  request = oai_mock_server_dup_request (fixture->server, -1);
  g_assert_true (g_str_has_suffix (oai_mock_request_get_path (request), "/threads/thread_1/messages/msg_1/files/file-1"));
  g_assert_cmpstr (oai_mock_request_get_header (request, "OpenAI-Beta"), ==, "assistants=v1");

  deletion = oai_thread_message_delete_message (message, NULL, &error);
  g_assert_null (deletion);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_runs (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = create_assistant (fixture);
  g_autoptr(OaiThread) thread = create_thread (fixture, "Hello");
  g_autoptr(OaiRun) run = create_run (thread, assistant);
  g_autoptr(OaiRunUpdate) update = oai_run_update_new ();
  g_autoptr(OaiRun) modified = NULL;
  g_autoptr(OaiRun) done = NULL;
  g_autoptr(OaiRun) same = NULL;
  g_autoptr(OaiThread) home = NULL;
  g_autoptr(OaiPagedList) runs = NULL;
  g_autoptr(OaiPagedList) messages = NULL;
  g_autoptr(OaiThreadMessage) reply = NULL;
  g_autofree char *value = NULL;
  g_autofree char *text = NULL;
  g_autoptr(OaiMockRequest) request = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_run_is_active (run));
  oai_run_update_set_metadata_value (update, "key", "mine");
  modified = oai_run_update (run, update, NULL, &error);
  g_assert_no_error (error);
  value = oai_run_dup_metadata_value (modified, "key");
  g_assert_cmpstr (value, ==, "mine");

  done = oai_run_wait (run, 1, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (done), ==, OAI_RUN_STATUS_COMPLETED);
  same = oai_thread_retrieve_run (thread, oai_run_get_id (run), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_record_equal (OAI_RECORD (same), OAI_RECORD (done)));
  home = oai_run_retrieve_thread (run, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_thread_get_id (home), ==, oai_thread_get_id (thread));
  runs = oai_thread_list_runs (thread, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_paged_list_get_n_loaded (runs), ==, 1);

  messages = oai_run_list_messages (done, NULL, NULL, &error);
  g_assert_no_error (error);
  request = oai_mock_server_dup_request (fixture->server, -1);
  g_assert_nonnull (strstr (oai_mock_request_get_query (request), oai_run_get_id (done)));
  reply = g_list_model_get_item (G_LIST_MODEL (messages), 0);
  text = oai_thread_message_dup_text (reply);
  g_assert_cmpstr (text, ==, "You said: Hello");
  assert_no_violations (fixture);
}

static void
test_steps (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = create_assistant (fixture);
  g_autoptr(OaiThread) thread = create_thread (fixture, "Hello");
  g_autoptr(OaiRun) run = create_run (thread, assistant);
  g_autoptr(OaiRun) done = NULL;
  g_autoptr(OaiRun) home = NULL;
  g_autoptr(OaiPagedList) steps = NULL;
  g_autoptr(OaiRunStep) step = NULL;
  g_autoptr(OaiRunStep) same = NULL;
  g_autoptr(OaiRunStep) fresh = NULL;
  g_autoptr(GError) error = NULL;

  done = oai_run_wait (run, 1, -1, NULL, &error);
  g_assert_no_error (error);
  steps = oai_run_list_steps (done, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_paged_list_get_n_loaded (steps), ==, 1);
  step = g_list_model_get_item (G_LIST_MODEL (steps), 0);
  same = oai_run_retrieve_step (done, oai_run_step_get_id (step), NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_step_get_id (same), ==, oai_run_step_get_id (step));
  fresh = oai_run_step_retrieve (step, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_step_get_status (fresh), ==, OAI_RUN_STEP_STATUS_COMPLETED);
  home = oai_run_step_retrieve_run (step, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_id (home), ==, oai_run_get_id (run));
  assert_no_violations (fixture);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = create_assistant (fixture);
  g_autoptr(OaiThread) thread = create_thread (fixture, "Hello");
  g_autoptr(OaiRun) run = create_run (thread, assistant);
  g_autoptr(OaiRun) cancelling = NULL;
  g_autoptr(OaiRun) cancelled = NULL;
  g_autoptr(OaiRun) again = NULL;
  g_autoptr(GError) error = NULL;

  cancelling = oai_run_cancel (run, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (cancelling), ==, OAI_RUN_STATUS_CANCELLING);
  cancelled = oai_run_wait (cancelling, 1, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (cancelled), ==, OAI_RUN_STATUS_CANCELLED);
  again = oai_run_cancel (cancelled, NULL, &error);
  g_assert_null (again);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  assert_no_violations (fixture);
}

static void
test_failed (Fixture *fixture, gconstpointer data)
{
  static const char *const words[][2] = { { "Please fail", OAI_RUN_STATUS_FAILED }, { "Please expire", OAI_RUN_STATUS_EXPIRED } };
  g_autoptr(OaiAssistant) assistant = create_assistant (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr(OaiThread) thread = create_thread (fixture, words[i][0]);
      g_autoptr(OaiRun) run = create_run (thread, assistant);
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiRun) done = oai_run_wait (run, 1, -1, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (oai_run_get_status (done), ==, words[i][1]);
      g_assert_null (oai_run_get_tool_calls (done));
    }
}

static void
test_tools (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = create_assistant (fixture);
  g_autoptr(OaiThreadRequest) request = oai_thread_request_new_for_text ("Use the tool for Paris");
  g_autoptr(OaiRunToolOutputsRequest) outputs = oai_run_tool_outputs_request_new ();
  g_autoptr(OaiRun) run = NULL;
  g_autoptr(OaiRun) waiting = NULL;
  g_autoptr(OaiRun) going = NULL;
  g_autoptr(OaiRun) done = NULL;
  g_autoptr(OaiPagedList) messages = NULL;
  g_autoptr(OaiThreadMessage) reply = NULL;
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *calls;

  run = oai_assistant_create_thread_and_run (assistant, request, NULL, &error);
  g_assert_no_error (error);
  waiting = oai_run_wait (run, 1, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (waiting), ==, OAI_RUN_STATUS_REQUIRES_ACTION);
  g_assert_false (oai_run_is_active (waiting));

  calls = oai_run_get_tool_calls (waiting);
  g_assert_cmpuint (calls->len, ==, 1);
  g_assert_cmpstr (oai_chat_tool_call_get_name (g_ptr_array_index (calls, 0)), ==, "weather");
  oai_run_tool_outputs_request_add_output (outputs, oai_chat_tool_call_get_id (g_ptr_array_index (calls, 0)), "rain");
  going = oai_run_submit_tool_outputs (waiting, outputs, NULL, &error);
  g_assert_no_error (error);
  done = oai_run_wait (going, 1, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (done), ==, OAI_RUN_STATUS_COMPLETED);

  messages = oai_run_list_messages (done, NULL, NULL, &error);
  g_assert_no_error (error);
  reply = g_list_model_get_item (G_LIST_MODEL (messages), 0);
  text = oai_thread_message_dup_text (reply);
  g_assert_cmpstr (text, ==, "The tool said: rain");
  assert_no_violations (fixture);
}

/* An empty identifier is rejected: it would select the messages of all, or no assistant. */
static void
test_without_identifier (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiThreadsEndpoint) threads = oai_threads_endpoint_new (fixture->client);
  g_autoptr(OaiAssistantsEndpoint) assistants = oai_assistants_endpoint_new (fixture->client);
  g_autoptr(OaiRun) run = NULL;
  g_autoptr(OaiAssistant) assistant = NULL;
  g_autoptr(OaiPagedList) messages = NULL;
  g_autoptr(OaiRun) begun = NULL;
  g_autoptr(OaiRunStream) stream = NULL;
  g_autoptr(OaiRecord) streamed = NULL;
  g_autoptr(GAsyncResult) listed = NULL;
  g_autoptr(GError) error = NULL;

  push_json (fixture, "{\"thread_id\":\"thread_1\",\"status\":\"completed\"}");
  run = oai_threads_endpoint_retrieve_run (threads, "thread_1", "run_1", NULL, &error);
  g_assert_no_error (error);
  push_json (fixture, "{\"id\":\"\"}");
  assistant = oai_assistants_endpoint_retrieve (assistants, "asst_1", NULL, &error);
  g_assert_no_error (error);

  messages = oai_run_list_messages (run, NULL, NULL, &error);
  g_assert_null (messages);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  oai_run_list_messages_async (run, NULL, NULL, keep_result, &listed);
  wait_for (&listed);
  messages = oai_run_list_messages_finish (run, listed, &error);
  g_assert_null (messages);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  begun = oai_assistant_create_thread_and_run (assistant, NULL, NULL, &error);
  g_assert_null (begun);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  stream = oai_assistant_create_thread_and_run_stream (assistant, NULL);
  streamed = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_null (streamed);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 2);
}

static void
test_async (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAssistant) assistant = create_assistant (fixture);
  g_autoptr(GAsyncResult) created = NULL;
  g_autoptr(GAsyncResult) waited = NULL;
  g_autoptr(GAsyncResult) listed = NULL;
  g_autoptr(OaiRun) run = NULL;
  g_autoptr(OaiRun) done = NULL;
  g_autoptr(OaiPagedList) messages = NULL;
  g_autoptr(GError) error = NULL;

  oai_assistant_create_thread_and_run_async (assistant, NULL, NULL, keep_result, &created);
  wait_for (&created);
  run = oai_assistant_create_thread_and_run_finish (assistant, created, &error);
  g_assert_no_error (error);
  oai_run_wait_async (run, 1, -1, NULL, keep_result, &waited);
  wait_for (&waited);
  done = oai_run_wait_finish (run, waited, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_run_get_status (done), ==, OAI_RUN_STATUS_COMPLETED);
  g_assert_nonnull (oai_call_find_for_result (waited));
  oai_run_list_messages_async (done, NULL, NULL, keep_result, &listed);
  wait_for (&listed);
  messages = oai_run_list_messages_finish (done, listed, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_paged_list_get_n_loaded (messages), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/threads/create-update-delete", test_threads);
  TEST ("/threads/empty", test_empty_thread);
  TEST ("/threads/messages", test_messages);
  g_test_add_func ("/threads/text-of-a-message", test_text_of_message);
  TEST ("/threads/files-of-a-message", test_message_files);
  TEST ("/threads/runs", test_runs);
  TEST ("/threads/steps", test_steps);
  TEST ("/threads/cancel-a-run", test_cancel);
  TEST ("/threads/failed-runs", test_failed);
  TEST ("/threads/a-run-that-requires-results", test_tools);
  TEST ("/threads/without-identifiers", test_without_identifier);
  TEST ("/threads/without-waiting", test_async);

  return g_test_run ();
}
