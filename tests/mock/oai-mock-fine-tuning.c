/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fine-tuning. A job advances one step each time it is retrieved. The suffix "fail" makes it fail. */

#include "oai-mock-private.h"

#include <string.h>

static char *
collection_of (const char *kind, const char *id)
{
  return g_strdup_printf ("fine-tuning-%s/%s", kind, id);
}

static void
add_event (OaiMockCall *call, JsonObject *job, const char *level, const char *message)
{
  g_autofree char *collection = collection_of ("events", oai_mock_get_string (job, "id"));
  g_autofree char *id = _oai_mock_store_new_id (call->store, "ftevent-");

  _oai_mock_store_add (call->store, collection,
                       oai_mock_object ("object:s", "fine_tuning.job.event", "id:s", id, "created_at:l", _oai_mock_store_now (call->store),
                                        "level:s", level, "message:s", message, "type:s", "message", "data:o", json_object_new (), NULL));
}

static void
add_checkpoint (OaiMockCall *call, JsonObject *job, guint number)
{
  const char *job_id = oai_mock_get_string (job, "id");
  g_autofree char *collection = collection_of ("checkpoints", job_id);
  g_autofree char *id = _oai_mock_store_new_id (call->store, "ftckpt_");
  g_autofree char *model = g_strdup_printf ("%s:ckpt-step-%u", oai_mock_get_string (job, "fine_tuned_model"), number * 50);

  _oai_mock_store_add (call->store, collection,
                       oai_mock_object ("object:s", "fine_tuning.job.checkpoint", "id:s", id, "created_at:l", _oai_mock_store_now (call->store),
                                        "fine_tuned_model_checkpoint:s", model, "fine_tuning_job_id:s", job_id, "step_number:i", number * 50,
                                        "metrics:o", oai_mock_object ("step:i", number * 50, "train_loss:d", 1.0 / number, "train_mean_token_accuracy:d", 0.5 + number * 0.125, NULL),
                                        NULL));
}

static void
succeed (OaiMockCall *call, JsonObject *job)
{
  const char *suffix = json_object_get_string_member_with_default (job, "suffix", "");
  g_autofree char *id = _oai_mock_store_new_id (call->store, "");
  g_autofree char *model = g_strdup_printf ("ft:%s:org-mock:%s:%s", oai_mock_get_string (job, "model"), suffix, id);
  g_autofree char *file = _oai_mock_store_new_id (call->store, "file-");

  oai_mock_object_set (job, "status:s", "succeeded", "fine_tuned_model:s", model, "finished_at:l", _oai_mock_store_now (call->store), "trained_tokens:i", 5768,
                       "result_files:a", oai_mock_array_of_strings (file, NULL), "estimated_finish:z", NULL);
  for (guint i = 1; i <= 2; i++)
    add_checkpoint (call, job, i);
  g_ptr_array_add (_oai_mock_models_get (call),
                   oai_mock_object ("id:s", model, "object:s", "model", "created:l", _oai_mock_store_now (call->store), "owned_by:s", "org-mock", NULL));
  add_event (call, job, "info", "The job has successfully completed");
}

static void
fail (OaiMockCall *call, JsonObject *job)
{
  oai_mock_object_set (job, "status:s", "failed", "finished_at:l", _oai_mock_store_now (call->store),
                       "error:o", oai_mock_object ("code:s", "invalid_training_file", "message:s", "The training file cannot be used.", "param:s", "training_file", NULL), NULL);
  add_event (call, job, "error", "The training file cannot be used.");
}

static void
advance (OaiMockCall *call, JsonObject *job)
{
  const char *status = oai_mock_get_string (job, "status");

  if (g_str_equal (status, "validating_files"))
    {
      if (g_strcmp0 (json_object_get_string_member_with_default (job, "suffix", ""), "fail") == 0)
        {
          fail (call, job);
          return;
        }
      oai_mock_object_set (job, "status:s", "queued", NULL);
      add_event (call, job, "info", "Files validated, moving job to queued state");
    }
  else if (g_str_equal (status, "queued"))
    {
      oai_mock_object_set (job, "status:s", "running", "estimated_finish:l", _oai_mock_store_now (call->store) + 600, NULL);
      add_event (call, job, "info", "Fine-tuning job started");
    }
  else if (g_str_equal (status, "running") && !json_object_get_boolean_member_with_default (job, "paused", FALSE))
    succeed (call, job);
}

/* The job without the members that are internal to the service. */
static JsonObject *
show (JsonObject *job)
{
  JsonObject *copy = oai_mock_object_copy (job);

  json_object_remove_member (copy, "suffix");
  json_object_remove_member (copy, "paused");
  return copy;
}

static JsonObject *
auto_hyperparameters (void)
{
  return oai_mock_object ("n_epochs:s", "auto", "batch_size:s", "auto", "learning_rate_multiplier:s", "auto", NULL);
}

static void
set_method (JsonObject *job, JsonObject *body)
{
  JsonObject *given = oai_mock_get_object (body, "hyperparameters");
  JsonObject *hyperparameters = auto_hyperparameters ();
  const char *const names[] = { "n_epochs", "batch_size", "learning_rate_multiplier", NULL };
  JsonNode *method = oai_mock_dup_member (body, "method");

  oai_mock_copy_members (given, hyperparameters, names);
  if (method == NULL)
    method = oai_mock_node_for_object (oai_mock_object ("type:s", "supervised",
                                                        "supervised:o", oai_mock_object ("hyperparameters:o", oai_mock_object_copy (hyperparameters), NULL), NULL));
  oai_mock_object_set (job, "hyperparameters:o", hyperparameters, "method:n", method, NULL);
}

static OaiMockReply *
create_job (OaiMockCall *call)
{
  const char *file = call->body != NULL ? oai_mock_get_string (call->body, "training_file") : NULL;
  const char *const kept[] = { "validation_file", "suffix", "metadata", "seed", NULL };
  g_autofree char *id = NULL;
  JsonObject *job;

  if (file == NULL || oai_mock_get_string (call->body, "model") == NULL)
    return _oai_mock_call_invalid (call, "training_file", "A job needs a model and a training_file.");
  if (_oai_mock_store_get (call->store, "files", file) == NULL)
    return _oai_mock_reply_new_error_for (400, "invalid_request_error", "invalid_training_file", "training_file", "invalid training_file: %s", file);

  id = _oai_mock_store_new_id (call->store, "ftjob-");
  job = oai_mock_object ("object:s", "fine_tuning.job", "id:s", id, "model:s", oai_mock_get_string (call->body, "model"),
                         "created_at:l", _oai_mock_store_now (call->store), "finished_at:z", "fine_tuned_model:z", "organization_id:s", "org-mock",
                         "result_files:a", json_array_new (), "status:s", "validating_files", "validation_file:z", "training_file:s", file,
                         "trained_tokens:z", "error:z", "seed:i", 683058546, "estimated_finish:z", "integrations:a", json_array_new (), "metadata:o", json_object_new (), NULL);
  oai_mock_copy_members (call->body, job, kept);
  if (oai_mock_member (job, "seed") == NULL)
    oai_mock_object_set (job, "seed:i", 683058546, NULL);
  set_method (job, call->body);
  _oai_mock_store_add (call->store, "fine-tuning", job);
  add_event (call, job, "info", "Created fine-tuning job");
  add_event (call, job, "info", "Validating training file");

  return _oai_mock_reply_new_object (show (job));
}

static OaiMockReply *
list_jobs (OaiMockCall *call)
{
  GPtrArray *jobs = _oai_mock_store_items (call->store, "fine-tuning");
  g_autoptr (GPtrArray) shown = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);

  for (guint i = 0; i < jobs->len; i++)
    g_ptr_array_add (shown, show (g_ptr_array_index (jobs, i)));
  call->bare_lists = TRUE;

  return _oai_mock_call_list (call, shown, TRUE);
}

static JsonObject *
find_job (OaiMockCall *call)
{
  return _oai_mock_store_get (call->store, "fine-tuning", call->params[0]);
}

static OaiMockReply *
retrieve_job (OaiMockCall *call)
{
  JsonObject *job = find_job (call);

  if (job == NULL)
    return _oai_mock_call_not_found (call, "fine-tuning job", call->params[0]);
  advance (call, job);

  return _oai_mock_reply_new_object (show (job));
}

static gboolean
is_over (JsonObject *job)
{
  const char *const over[] = { "succeeded", "failed", "cancelled", NULL };

  return g_strv_contains (over, oai_mock_get_string (job, "status"));
}

static OaiMockReply *
change_job (OaiMockCall *call, const char *message)
{
  JsonObject *job = find_job (call);

  if (job == NULL)
    return _oai_mock_call_not_found (call, "fine-tuning job", call->params[0]);
  if (is_over (job))
    return _oai_mock_call_invalid (call, NULL, "Job has already completed: %s", call->params[0]);
  add_event (call, job, "info", message);

  return NULL;
}

static OaiMockReply *
cancel_job (OaiMockCall *call)
{
  OaiMockReply *problem = change_job (call, "The job was cancelled");

  if (problem != NULL)
    return problem;
  oai_mock_object_set (find_job (call), "status:s", "cancelled", "finished_at:l", _oai_mock_store_now (call->store), NULL);

  return _oai_mock_reply_new_object (show (find_job (call)));
}

/* A paused job does not advance when it is retrieved. */
static OaiMockReply *
set_paused (OaiMockCall *call, gboolean paused)
{
  OaiMockReply *problem = change_job (call, paused ? "The job was paused" : "The job was resumed");

  if (problem != NULL)
    return problem;
  oai_mock_object_set (find_job (call), "status:s", paused ? "running" : "queued", "paused:b", paused, NULL);

  return _oai_mock_reply_new_object (show (find_job (call)));
}

static OaiMockReply *
pause_job (OaiMockCall *call)
{
  return set_paused (call, TRUE);
}

static OaiMockReply *
resume_job (OaiMockCall *call)
{
  return set_paused (call, FALSE);
}

static OaiMockReply *
list_of_job (OaiMockCall *call, const char *kind)
{
  g_autofree char *collection = collection_of (kind, call->params[0]);

  if (find_job (call) == NULL)
    return _oai_mock_call_not_found (call, "fine-tuning job", call->params[0]);

  return _oai_mock_call_list_collection (call, collection);
}

static OaiMockReply *
list_events (OaiMockCall *call)
{
  call->bare_lists = TRUE;
  return list_of_job (call, "events");
}

static OaiMockReply *
list_checkpoints (OaiMockCall *call)
{
  return list_of_job (call, "checkpoints");
}

/* Permissions of checkpoints */

static OaiMockReply *
create_permissions (OaiMockCall *call)
{
  JsonArray *projects = call->body != NULL ? oai_mock_get_array (call->body, "project_ids") : NULL;
  g_autofree char *collection = collection_of ("permissions", call->params[0]);
  g_autoptr (GPtrArray) made = g_ptr_array_new ();

  if (projects == NULL)
    return _oai_mock_call_invalid (call, "project_ids", "Missing required parameter: 'project_ids'.");
  for (guint i = 0; i < json_array_get_length (projects); i++)
    {
      g_autofree char *id = _oai_mock_store_new_id (call->store, "cp_");
      JsonObject *permission = oai_mock_object ("object:s", "checkpoint.permission", "id:s", id, "created_at:l", _oai_mock_store_now (call->store),
                                                "project_id:s", json_array_get_string_element (projects, i), NULL);

      _oai_mock_store_add (call->store, collection, permission);
      g_ptr_array_add (made, permission);
    }

  return _oai_mock_call_list (call, made, FALSE);
}

static OaiMockReply *
list_permissions (OaiMockCall *call)
{
  g_autofree char *collection = collection_of ("permissions", call->params[0]);
  GPtrArray *all = _oai_mock_store_items (call->store, collection);
  const char *project = _oai_mock_call_get_query (call, "project_id");
  const char *order = _oai_mock_call_get_query (call, "order");
  g_autoptr (GPtrArray) fitting = g_ptr_array_new ();

  if (order != NULL)
    g_hash_table_replace (call->query, g_strdup ("order"), g_strdup (g_str_equal (order, "descending") ? "desc" : "asc"));
  for (guint i = 0; i < all->len; i++)
    if (project == NULL || g_strcmp0 (project, oai_mock_get_string (g_ptr_array_index (all, i), "project_id")) == 0)
      g_ptr_array_add (fitting, g_ptr_array_index (all, i));

  return _oai_mock_call_list (call, fitting, TRUE);
}

static OaiMockReply *
delete_permission (OaiMockCall *call)
{
  g_autofree char *collection = collection_of ("permissions", call->params[0]);

  return _oai_mock_call_delete (call, collection, "permission", "checkpoint.permission", call->params[1]);
}

const OaiMockRoute _oai_mock_fine_tuning_routes[] = {
  { "POST", "/fine_tuning/jobs", create_job },
  { "GET", "/fine_tuning/jobs", list_jobs },
  { "GET", "/fine_tuning/jobs/{fine_tuning_job_id}", retrieve_job },
  { "POST", "/fine_tuning/jobs/{fine_tuning_job_id}/cancel", cancel_job },
  { "POST", "/fine_tuning/jobs/{fine_tuning_job_id}/pause", pause_job },
  { "POST", "/fine_tuning/jobs/{fine_tuning_job_id}/resume", resume_job },
  { "GET", "/fine_tuning/jobs/{fine_tuning_job_id}/events", list_events },
  { "GET", "/fine_tuning/jobs/{fine_tuning_job_id}/checkpoints", list_checkpoints },
  { "POST", "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions", create_permissions },
  { "GET", "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions", list_permissions },
  { "DELETE", "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions/{permission_id}", delete_permission },
  { NULL },
};
