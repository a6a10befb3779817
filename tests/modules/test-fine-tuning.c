/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-module.h"

#include <string.h>

#define MODEL "gpt-4o-mini-2024-07-18"
#define CHECKPOINT "ft:gpt-4o-mini:acme::abc:ckpt-step-50"

static char *
upload (Fixture *fixture)
{
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (fixture->client);
  g_autoptr(GBytes) lines = g_bytes_new_static ("{\"messages\":[]}\n", 16);
  g_autoptr(OaiInputFile) input = oai_input_file_new_for_bytes (lines, "examples.jsonl");
  g_autoptr(OaiFileUploadRequest) request = oai_file_upload_request_new (input, "fine-tune");
  g_autoptr(OaiFile) file = NULL;
  g_autoptr(GError) error = NULL;

  file = oai_files_endpoint_upload (files, request, NULL, &error);
  g_assert_no_error (error);

  return g_strdup (oai_file_get_id (file));
}

static OaiFineTuningJob *
start (Fixture *fixture, OaiFineTuningMethod *method, const char *suffix)
{
  g_autoptr(OaiFineTuningEndpoint) endpoint = oai_fine_tuning_endpoint_new (fixture->client);
  g_autofree char *file = upload (fixture);
  g_autoptr(OaiFineTuningJobRequest) request = oai_fine_tuning_job_request_new (MODEL, file);
  g_autoptr(GError) error = NULL;
  OaiFineTuningJob *job;

  oai_fine_tuning_job_request_set_suffix (request, suffix);
  if (method != NULL)
    oai_fine_tuning_job_request_set_method (request, method);
  job = oai_fine_tuning_endpoint_create (endpoint, request, NULL, &error);
  g_assert_no_error (error);

  return job;
}

static void
assert_sent (Fixture *fixture, const char *part)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, -1);
  g_autofree char *body = oai_mock_request_dup_body_text (request);

  if (strstr (body, part) == NULL)
    g_error ("“%s” is not in “%s”", part, body);
}

static void
test_methods (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiFineTuningHyperparameters) numbers = oai_fine_tuning_hyperparameters_new ();
  g_autoptr(OaiStringCheckGrader) grader = oai_string_check_grader_new ("same", "{{sample.output_text}}", "{{item.answer}}", OAI_STRING_CHECK_OPERATION_EQ);
  g_autoptr(OaiFineTuningMethod) supervised = NULL;
  g_autoptr(OaiFineTuningMethod) dpo = NULL;
  g_autoptr(OaiFineTuningMethod) reinforcement = NULL;
  g_autoptr(OaiFineTuningJob) first = NULL;
  g_autoptr(OaiFineTuningJob) second = NULL;
  g_autoptr(OaiFineTuningJob) third = NULL;
  OaiFineTuningHyperparameters *told;

  oai_fine_tuning_hyperparameters_set_n_epochs (numbers, 3);
  oai_fine_tuning_hyperparameters_set_batch_size_mode (numbers, "auto");
  oai_fine_tuning_hyperparameters_set_learning_rate_multiplier (numbers, 0.5);
  supervised = oai_fine_tuning_method_new_for_supervised (numbers);
  first = start (fixture, supervised, NULL);
  assert_sent (fixture, "\"method\":{\"type\":\"supervised\",\"supervised\":{\"hyperparameters\":{");
  assert_sent (fixture, "\"n_epochs\":3");
  assert_sent (fixture, "\"batch_size\":\"auto\"");
  assert_sent (fixture, "\"learning_rate_multiplier\":0.5");
  told = oai_fine_tuning_method_get_hyperparameters (oai_fine_tuning_job_get_method (first));
  g_assert_cmpint (oai_fine_tuning_hyperparameters_get_n_epochs (told), ==, 3);
  g_assert_cmpstr (oai_fine_tuning_hyperparameters_get_batch_size_mode (told), ==, "auto");
  g_assert_cmpint (oai_fine_tuning_hyperparameters_get_batch_size (told), ==, 0);

  dpo = oai_fine_tuning_method_new_for_dpo (NULL);
  second = start (fixture, dpo, NULL);
  assert_sent (fixture, "\"method\":{\"type\":\"dpo\",\"dpo\":{\"hyperparameters\":{}}}");
  g_assert_null (oai_fine_tuning_method_get_grader (oai_fine_tuning_job_get_method (second)));

  reinforcement = oai_fine_tuning_method_new_for_reinforcement (OAI_GRADER (grader), NULL);
  third = start (fixture, reinforcement, NULL);
  g_assert_true (OAI_IS_STRING_CHECK_GRADER (oai_fine_tuning_method_get_grader (oai_fine_tuning_job_get_method (third))));
  assert_no_violations (fixture);
}

static void
test_integrations (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiFineTuningEndpoint) endpoint = oai_fine_tuning_endpoint_new (fixture->client);
  g_autofree char *file = upload (fixture);
  g_autoptr(OaiFineTuningJobRequest) request = oai_fine_tuning_job_request_new (MODEL, file);
  g_autoptr(OaiFineTuningJob) job = NULL;

  oai_fine_tuning_job_request_add_wandb (request, "my-project");
  oai_fine_tuning_job_request_set_seed (request, 42);
  oai_fine_tuning_job_request_set_metadata_value (request, "team", "owls");
  job = oai_fine_tuning_endpoint_create (endpoint, request, NULL, NULL);
  g_assert_nonnull (job);
  assert_sent (fixture, "\"integrations\":[{\"type\":\"wandb\",\"wandb\":{\"project\":\"my-project\"}}]");
  g_assert_cmpint (oai_fine_tuning_job_get_seed (job), ==, 42);
  assert_no_violations (fixture);
}

static void
test_jobs (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiFineTuningEndpoint) endpoint = oai_fine_tuning_endpoint_new (fixture->client);
  g_autoptr(OaiFineTuningJob) job = start (fixture, NULL, "owl");
  g_autoptr(OaiPagedList) page = oai_fine_tuning_endpoint_list (endpoint, NULL, NULL, NULL);
  g_autoptr(OaiFineTuningJob) listed = g_list_model_get_item (G_LIST_MODEL (page), 0);
  g_autoptr(OaiFineTuningJob) queued = NULL;
  g_autoptr(OaiFineTuningJob) paused = NULL;
  g_autoptr(OaiFineTuningJob) resumed = NULL;
  g_autoptr(OaiFineTuningJob) cancelled = NULL;
  g_autoptr(OaiPagedList) events = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_false (oai_fine_tuning_job_is_finished (job));
  g_assert_cmpstr (oai_fine_tuning_job_get_id (listed), ==, oai_fine_tuning_job_get_id (job));
  queued = oai_fine_tuning_job_retrieve (listed, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_fine_tuning_job_get_status (queued), ==, OAI_FINE_TUNING_STATUS_QUEUED);
  paused = oai_fine_tuning_job_pause (job, NULL, &error);
  g_assert_no_error (error);
  resumed = oai_fine_tuning_job_resume (job, NULL, &error);
  g_assert_no_error (error);
  cancelled = oai_fine_tuning_job_cancel (job, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_fine_tuning_job_get_status (cancelled), ==, OAI_FINE_TUNING_STATUS_CANCELLED);
  g_assert_true (oai_fine_tuning_job_is_finished (cancelled));

  events = oai_fine_tuning_job_list_events (job, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (events)), >=, 4);
  assert_no_violations (fixture);

  g_assert_null (oai_fine_tuning_job_cancel (job, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
}

static void
test_job_without_client (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRecord) job = oai_record_new_from_json (OAI_TYPE_FINE_TUNING_JOB, "{\"id\":\"ftjob-1\",\"status\":\"new\"}", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (oai_fine_tuning_job_is_finished (OAI_FINE_TUNING_JOB (job)));
  g_assert_null (oai_fine_tuning_job_retrieve (OAI_FINE_TUNING_JOB (job), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (oai_fine_tuning_job_wait (OAI_FINE_TUNING_JOB (job), 1, -1, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_wait (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiFineTuningJob) job = start (fixture, NULL, "owl");
  g_autoptr(OaiFineTuningJob) done = NULL;
  g_autoptr(OaiFineTuningJob) bad = start (fixture, NULL, "fail");
  g_autoptr(OaiFineTuningJob) failed = NULL;
  g_autoptr(OaiPagedList) checkpoints = NULL;
  g_autoptr(OaiFineTuningCheckpoint) checkpoint = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  done = oai_fine_tuning_job_wait (job, 1, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_fine_tuning_job_get_status (done), ==, OAI_FINE_TUNING_STATUS_SUCCEEDED);
  g_assert_true (g_str_has_prefix (oai_fine_tuning_job_get_fine_tuned_model (done), "ft:" MODEL));

  oai_fine_tuning_job_wait_async (bad, 1, -1, NULL, keep_result, &result);
  wait_for (&result);
  failed = oai_fine_tuning_job_wait_finish (bad, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_fine_tuning_error_get_code (oai_fine_tuning_job_get_error (failed)), ==, "invalid_training_file");

  checkpoints = oai_fine_tuning_job_list_checkpoints (done, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (checkpoints)), ==, 2);
  checkpoint = g_list_model_get_item (G_LIST_MODEL (checkpoints), 0);
  g_assert_cmpfloat (oai_fine_tuning_metrics_get_train_loss (oai_fine_tuning_checkpoint_get_metrics (checkpoint)), >, 0);
  assert_no_violations (fixture);
}

static void
test_wait_times_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiFineTuningJob) job = start (fixture, NULL, "owl");
  g_autoptr(OaiFineTuningJob) paused = NULL;
  g_autoptr(GError) error = NULL;

  g_object_unref (oai_fine_tuning_job_retrieve (job, NULL, NULL));
  paused = oai_fine_tuning_job_pause (job, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (oai_fine_tuning_job_wait (paused, 5, 60, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

/* Watching jobs */

static void
event_cb (OaiFineTuningWatch *watch, OaiFineTuningEvent *event, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (oai_fine_tuning_event_get_message (event)));
}

static void
status_cb (OaiFineTuningWatch *watch, OaiFineTuningJob *job, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", oai_fine_tuning_job_get_status (job));
}

static void
test_watch (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiFineTuningEndpoint) endpoint = oai_fine_tuning_endpoint_new (fixture->client);
  g_autoptr(OaiFineTuningJob) job = start (fixture, NULL, "owl");
  g_autoptr(OaiFineTuningWatch) watch = oai_fine_tuning_watch_new (endpoint, oai_fine_tuning_job_get_id (job));
  g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GString) statuses = g_string_new (NULL);
  g_autoptr(OaiFineTuningJob) done = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_fine_tuning_watch_get_job (watch));
  g_assert_cmpuint (oai_fine_tuning_watch_get_interval_ms (watch), ==, 0);
  oai_fine_tuning_watch_set_interval_ms (watch, 1);
  g_signal_connect (watch, "event", G_CALLBACK (event_cb), messages);
  g_signal_connect (watch, "status-changed", G_CALLBACK (status_cb), statuses);
  done = oai_fine_tuning_watch_run (watch, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_fine_tuning_watch_get_job (watch) == done);
  g_assert_cmpstr (statuses->str, ==, "queued running succeeded ");
  g_assert_cmpuint (messages->len, ==, 5);
  g_assert_cmpstr (g_ptr_array_index (messages, 0), ==, "Created fine-tuning job");
  g_assert_cmpstr (g_ptr_array_index (messages, 4), ==, "The job has successfully completed");
  assert_no_violations (fixture);
}

/* More events than one page contains.  None is reported twice, even if an event is added
 * between two pages, or if the watch runs again. */
static void
test_watch_pages (Fixture *fixture, gconstpointer data)
{
  static const char *const pages[] = {
    "{\"object\":\"list\",\"data\":[{\"id\":\"e4\",\"message\":\"4\"},{\"id\":\"e3\",\"message\":\"3\"}],\"has_more\":true}",
    "{\"object\":\"list\",\"data\":[{\"id\":\"e3\",\"message\":\"3\"},{\"id\":\"e2\",\"message\":\"2\"},{\"message\":\"1\"}],\"has_more\":false}",
    "{\"object\":\"list\",\"data\":[{\"id\":\"e5\",\"message\":\"5\"},{\"id\":\"e4\",\"message\":\"4\"}],\"has_more\":true}",
  };
  const char *path = "/fine_tuning/jobs/ftjob-1";
  g_autofree char *events_path = g_strconcat (path, "/events", NULL);
  g_autoptr(OaiFineTuningEndpoint) endpoint = oai_fine_tuning_endpoint_new (fixture->client);
  g_autoptr(OaiFineTuningWatch) watch = oai_fine_tuning_watch_new (endpoint, "ftjob-1");
  g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func (g_free);

  g_signal_connect (watch, "event", G_CALLBACK (event_cb), messages);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, pages[i]);

      oai_mock_server_push_reply_for (fixture->server, "GET", events_path, reply);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"id\":\"ftjob-1\",\"status\":\"succeeded\"}");
      g_autoptr(OaiFineTuningJob) done = NULL;
      g_autoptr(GError) error = NULL;

      oai_mock_server_push_reply_for (fixture->server, "GET", path, reply);
      done = oai_fine_tuning_watch_run (watch, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (messages->len, ==, 4 + i);
    }
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *expected = g_strdup_printf ("%u", i + 1);

      g_assert_cmpstr (g_ptr_array_index (messages, i), ==, expected);
    }
}

/* A server that always has more events. */
static void
test_watch_ends (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiFineTuningEndpoint) endpoint = oai_fine_tuning_endpoint_new (fixture->client);
  g_autoptr(OaiFineTuningWatch) watch = oai_fine_tuning_watch_new (endpoint, "ftjob-1");
  g_autoptr(OaiMockReply) job = oai_mock_reply_new_json (200, "{\"id\":\"ftjob-1\",\"status\":\"running\"}");
  g_autoptr(OaiFineTuningJob) done = NULL;
  g_autoptr(GError) error = NULL;
  guint n_requests;

  oai_mock_server_push_reply_for (fixture->server, "GET", "/fine_tuning/jobs/ftjob-1", job);
  for (guint i = 0; i < 1200; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"object\":\"list\",\"data\":[{\"id\":\"e%u\",\"message\":\"m\"}],\"has_more\":true}", i);
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);

      oai_mock_server_push_reply_for (fixture->server, "GET", "/fine_tuning/jobs/ftjob-1/events", reply);
    }
  n_requests = oai_mock_server_get_n_requests (fixture->server);
  done = oai_fine_tuning_watch_run (watch, NULL, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_null (done);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server) - n_requests, <=, 1001);
}

static void
push_status (Fixture *fixture, const char *status)
{
  g_autofree char *json = g_strdup_printf ("{\"id\":\"ftjob-1\",\"status\":\"%s\"}", status);
  g_autoptr(OaiMockReply) job = oai_mock_reply_new_json (200, json);
  g_autoptr(OaiMockReply) events = oai_mock_reply_new_json (200, "{\"object\":\"list\",\"data\":[],\"has_more\":false}");

  oai_mock_reply_set_header (job, "openai-poll-after-ms", "1");
  oai_mock_server_push_reply_for (fixture->server, "GET", "/fine_tuning/jobs/ftjob-1", job);
  oai_mock_server_push_reply_for (fixture->server, "GET", "/fine_tuning/jobs/ftjob-1/events", events);
}

/* The server sets the polling interval, and requests are marked as polling. */
static void
test_watch_interval_of_the_server (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiFineTuningEndpoint) endpoint = oai_fine_tuning_endpoint_new (fixture->client);
  g_autoptr(OaiFineTuningWatch) watch = oai_fine_tuning_watch_new (endpoint, "ftjob-1");
  g_autoptr(OaiFineTuningJob) done = NULL;
  g_autoptr(OaiMockRequest) request = NULL;
  g_autoptr(GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  push_status (fixture, "running");
  push_status (fixture, "running");
  push_status (fixture, "succeeded");
  done = oai_fine_tuning_watch_run (watch, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
  request = oai_mock_server_dup_request (fixture->server, 0);
  g_assert_cmpstr (oai_mock_request_get_header (request, "x-stainless-poll-helper"), ==, "true");
}

/* With a time-out of 0, one request is sent. */
static void
test_wait_without_time (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiFineTuningEndpoint) endpoint = oai_fine_tuning_endpoint_new (fixture->client);
  g_autoptr(OaiFineTuningJob) job = NULL;
  g_autoptr(OaiFineTuningJob) done = NULL;
  g_autoptr(GError) error = NULL;

  push_status (fixture, "running");
  push_status (fixture, "running");
  push_status (fixture, "succeeded");
  job = oai_fine_tuning_endpoint_retrieve (endpoint, "ftjob-1", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (oai_fine_tuning_job_wait (job, 60000, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  done = oai_fine_tuning_job_wait (job, 60000, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_fine_tuning_job_get_status (done), ==, "succeeded");
}

static void
cancel_cb (OaiFineTuningWatch *watch, OaiFineTuningEvent *event, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
test_watch_is_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiFineTuningEndpoint) endpoint = oai_fine_tuning_endpoint_new (fixture->client);
  g_autoptr(OaiFineTuningJob) job = start (fixture, NULL, "owl");
  g_autoptr(OaiFineTuningWatch) watch = oai_fine_tuning_watch_new (endpoint, oai_fine_tuning_job_get_id (job));
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GAsyncResult) second = NULL;
  g_autoptr(OaiFineTuningJob) done = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (watch, "event", G_CALLBACK (cancel_cb), cancellable);
  oai_fine_tuning_watch_run_async (watch, cancellable, keep_result, &result);
  oai_fine_tuning_watch_run_async (watch, NULL, keep_result, &second);
  wait_for (&second);
  g_assert_null (oai_fine_tuning_watch_run_finish (watch, second, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  wait_for (&result);
  g_assert_null (oai_fine_tuning_watch_run_finish (watch, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  oai_fine_tuning_watch_set_interval_ms (watch, 1);
  done = oai_fine_tuning_watch_run (watch, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_fine_tuning_job_is_finished (done));
}

static void
test_metrics (Fixture *fixture, gconstpointer data)
{
  const char *json = "{\"type\":\"metrics\",\"message\":\"Step 10\",\"data\":{\"step\":10,\"train_loss\":0.25,\"total_steps\":100}}";
  g_autoptr(OaiRecord) event = oai_record_new_from_json (OAI_TYPE_FINE_TUNING_EVENT, json, NULL);
  g_autoptr(OaiRecord) plain = oai_record_new_from_json (OAI_TYPE_FINE_TUNING_EVENT, "{\"type\":\"message\",\"data\":{}}", NULL);
  g_autoptr(OaiFineTuningMetrics) metrics = oai_fine_tuning_event_dup_metrics (OAI_FINE_TUNING_EVENT (event));

  g_assert_cmpfloat (oai_fine_tuning_metrics_get_train_loss (metrics), ==, 0.25);
  g_assert_cmpint (oai_record_get_int_member (OAI_RECORD (metrics), "total_steps"), ==, 100);
  g_assert_null (oai_fine_tuning_event_dup_metrics (OAI_FINE_TUNING_EVENT (plain)));
}

static void
assert_key (Fixture *fixture, const char *key)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, -1);
  g_autofree char *expected = g_strconcat ("Bearer ", key, NULL);

  g_assert_cmpstr (oai_mock_request_get_header (request, "authorization"), ==, expected);
}

static void
test_permissions (Fixture *fixture, gconstpointer data)
{
  const char *const projects[] = { "proj_a", "proj_b", NULL };
  g_autoptr(OaiFineTuningEndpoint) endpoint = oai_fine_tuning_endpoint_new (fixture->client);
  g_autoptr(OaiCheckpointPermissionRequest) request = oai_checkpoint_permission_request_new ();
  g_autoptr(OaiCheckpointPermissionList) given = NULL;
  g_autoptr(OaiCheckpointPermissionDeletion) deletion = NULL;
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(GError) error = NULL;
  OaiCheckpointPermission *first;

  oai_checkpoint_permission_request_set_project_ids (request, projects);
  given = oai_fine_tuning_endpoint_create_checkpoint_permissions (endpoint, CHECKPOINT, request, NULL, &error);
  g_assert_no_error (error);
  assert_key (fixture, "sk-test");
  g_assert_cmpuint (oai_checkpoint_permission_list_get_data (given)->len, ==, 2);
  first = g_ptr_array_index (oai_checkpoint_permission_list_get_data (given), 0);
  deletion = oai_fine_tuning_endpoint_delete_checkpoint_permission (endpoint, CHECKPOINT, oai_checkpoint_permission_get_id (first), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_checkpoint_permission_deletion_get_deleted (deletion));
  page = oai_fine_tuning_endpoint_list_checkpoint_permissions (endpoint, CHECKPOINT, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (page)), ==, 1);
  assert_no_violations (fixture);
}

/* A client with an admin key. */
static void
test_permissions_by_administrators (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiAuth) auth = oai_auth_new ("");
  g_autoptr(OaiClient) client = NULL;
  g_autoptr(OaiFineTuningEndpoint) endpoint = NULL;
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(GError) error = NULL;

  oai_auth_set_admin_key (auth, "sk-admin");
  client = oai_client_new (auth, oai_client_get_settings (fixture->client));
  endpoint = oai_fine_tuning_endpoint_new (client);
  page = oai_fine_tuning_endpoint_list_checkpoint_permissions (endpoint, CHECKPOINT, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_key (fixture, "sk-admin");
}

static void
test_graders (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiFineTuningEndpoint) endpoint = oai_fine_tuning_endpoint_new (fixture->client);
  g_autoptr(OaiStringCheckGrader) grader = oai_string_check_grader_new ("same", "{{sample.output_text}}", "{{item.answer}}", OAI_STRING_CHECK_OPERATION_EQ);
  g_autoptr(OaiGraderRunRequest) request = oai_grader_run_request_new (OAI_GRADER (grader), "42");
  g_autoptr(OaiGraderValidationRequest) to_check = oai_grader_validation_request_new (OAI_GRADER (grader));
  g_autoptr(OaiGraderValidation) checked = NULL;
  g_autoptr(OaiGraderRun) run = NULL;
  g_autoptr(GError) error = NULL;

  oai_grader_run_request_set_item (request, "{\"answer\":\"42\"}");
  run = oai_fine_tuning_endpoint_run_grader (endpoint, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (oai_grader_run_get_reward (run), ==, 1);
  g_assert_false (oai_grader_errors_get_other_error (oai_grader_metadata_get_errors (oai_grader_run_get_metadata (run))));

  checked = oai_fine_tuning_endpoint_validate_grader (endpoint, to_check, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (OAI_IS_STRING_CHECK_GRADER (oai_grader_validation_get_grader (checked)));
  assert_no_violations (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/fine-tuning/methods", test_methods);
  TEST ("/fine-tuning/integrations", test_integrations);
  TEST ("/fine-tuning/jobs", test_jobs);
  TEST ("/fine-tuning/jobs-not-from-a-server", test_job_without_client);
  TEST ("/fine-tuning/wait", test_wait);
  TEST ("/fine-tuning/wait-times-out", test_wait_times_out);
  TEST ("/fine-tuning/watch", test_watch);
  TEST ("/fine-tuning/watch-pages", test_watch_pages);
  TEST ("/fine-tuning/watch-limits-the-pages", test_watch_ends);
  TEST ("/fine-tuning/watch/interval-of-the-server", test_watch_interval_of_the_server);
  TEST ("/fine-tuning/wait/without-time", test_wait_without_time);
  TEST ("/fine-tuning/watch-is-cancelled", test_watch_is_cancelled);
  TEST ("/fine-tuning/metrics", test_metrics);
  TEST ("/fine-tuning/permissions", test_permissions);
  TEST ("/fine-tuning/permissions-by-administrators", test_permissions_by_administrators);
  TEST ("/fine-tuning/graders", test_graders);

  return g_test_run ();
}
