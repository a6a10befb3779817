/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-fine-tuning-helpers.h"

/* Servers want the member of the method, even where it has nothing to say. */
static OaiFineTuningMethodSettings *
new_settings (OaiFineTuningHyperparameters *hyperparameters)
{
  OaiFineTuningMethodSettings *settings = oai_fine_tuning_method_settings_new ();
  g_autoptr(OaiFineTuningHyperparameters) automatic = NULL;

  if (hyperparameters == NULL)
    hyperparameters = automatic = oai_fine_tuning_hyperparameters_new ();
  oai_fine_tuning_method_settings_set_hyperparameters (settings, hyperparameters);

  return settings;
}

/**
 * oai_fine_tuning_method_new_for_supervised:
 * @hyperparameters: (nullable): numbers that steer training; %NULL leaves all to the server
 *
 * Makes the method that trains by examples of good replies.
 *
 * Returns: (transfer full): the method
 *
 * Since: 1.0
 */
OaiFineTuningMethod *
oai_fine_tuning_method_new_for_supervised (OaiFineTuningHyperparameters *hyperparameters)
{
  OaiFineTuningMethod *self;
  g_autoptr(OaiFineTuningMethodSettings) settings = NULL;

  g_return_val_if_fail (hyperparameters == NULL || OAI_IS_FINE_TUNING_HYPERPARAMETERS (hyperparameters), NULL);

  self = oai_fine_tuning_method_new (OAI_FINE_TUNING_METHOD_TYPE_SUPERVISED);
  settings = new_settings (hyperparameters);
  oai_fine_tuning_method_set_supervised (self, settings);

  return self;
}

/**
 * oai_fine_tuning_method_new_for_dpo:
 * @hyperparameters: (nullable): numbers that steer training; %NULL leaves all to the server
 *
 * Makes the method that trains by pairs of a better and a worse reply.
 *
 * Returns: (transfer full): the method
 *
 * Since: 1.0
 */
OaiFineTuningMethod *
oai_fine_tuning_method_new_for_dpo (OaiFineTuningHyperparameters *hyperparameters)
{
  OaiFineTuningMethod *self;
  g_autoptr(OaiFineTuningMethodSettings) settings = NULL;

  g_return_val_if_fail (hyperparameters == NULL || OAI_IS_FINE_TUNING_HYPERPARAMETERS (hyperparameters), NULL);

  self = oai_fine_tuning_method_new (OAI_FINE_TUNING_METHOD_TYPE_DPO);
  settings = new_settings (hyperparameters);
  oai_fine_tuning_method_set_dpo (self, settings);

  return self;
}

/**
 * oai_fine_tuning_method_new_for_reinforcement:
 * @grader: what scores the replies
 * @hyperparameters: (nullable): numbers that steer training; %NULL leaves all to the server
 *
 * Makes the method that trains by scores. [method@Oai.FineTuningEndpoint.run_grader]
 * tries a grader before.
 *
 * Returns: (transfer full): the method
 *
 * Since: 1.0
 */
OaiFineTuningMethod *
oai_fine_tuning_method_new_for_reinforcement (OaiGrader *grader, OaiFineTuningHyperparameters *hyperparameters)
{
  OaiFineTuningMethod *self;
  g_autoptr(OaiFineTuningMethodSettings) settings = NULL;

  g_return_val_if_fail (OAI_IS_GRADER (grader), NULL);
  g_return_val_if_fail (hyperparameters == NULL || OAI_IS_FINE_TUNING_HYPERPARAMETERS (hyperparameters), NULL);

  self = oai_fine_tuning_method_new (OAI_FINE_TUNING_METHOD_TYPE_REINFORCEMENT);
  settings = new_settings (hyperparameters);
  oai_fine_tuning_method_settings_set_grader (settings, grader);
  oai_fine_tuning_method_set_reinforcement (self, settings);

  return self;
}

/* The settings of whichever method it is, NULL where there are none. */
static OaiFineTuningMethodSettings *
get_settings (OaiFineTuningMethod *self)
{
  const char *type = oai_fine_tuning_method_get_type_value (self);

  if (g_strcmp0 (type, OAI_FINE_TUNING_METHOD_TYPE_SUPERVISED) == 0)
    return oai_fine_tuning_method_get_supervised (self);
  if (g_strcmp0 (type, OAI_FINE_TUNING_METHOD_TYPE_DPO) == 0)
    return oai_fine_tuning_method_get_dpo (self);
  if (g_strcmp0 (type, OAI_FINE_TUNING_METHOD_TYPE_REINFORCEMENT) == 0)
    return oai_fine_tuning_method_get_reinforcement (self);

  return NULL;
}

/**
 * oai_fine_tuning_method_get_hyperparameters:
 * @self: a method
 *
 * Gets the numbers that steer training, whichever method it is.
 *
 * Returns: (nullable) (transfer none): the numbers; %NULL when there are none
 *
 * Since: 1.0
 */
OaiFineTuningHyperparameters *
oai_fine_tuning_method_get_hyperparameters (OaiFineTuningMethod *self)
{
  OaiFineTuningMethodSettings *settings;

  g_return_val_if_fail (OAI_IS_FINE_TUNING_METHOD (self), NULL);

  settings = get_settings (self);

  return settings != NULL ? oai_fine_tuning_method_settings_get_hyperparameters (settings) : NULL;
}

/**
 * oai_fine_tuning_method_get_grader:
 * @self: a method
 *
 * Gets what scores the replies.
 *
 * Returns: (nullable) (transfer none): the grader; %NULL when the method has none
 *
 * Since: 1.0
 */
OaiGrader *
oai_fine_tuning_method_get_grader (OaiFineTuningMethod *self)
{
  OaiFineTuningMethodSettings *settings;

  g_return_val_if_fail (OAI_IS_FINE_TUNING_METHOD (self), NULL);

  settings = get_settings (self);

  return settings != NULL ? oai_fine_tuning_method_settings_get_grader (settings) : NULL;
}

/**
 * oai_fine_tuning_job_request_add_wandb:
 * @self: a request
 * @project: name of a project at Weights & Biases
 *
 * Has the metrics of the job sent to Weights & Biases. For more than a project,
 * make a [class@Oai.FineTuningIntegration].
 *
 * Since: 1.0
 */
void
oai_fine_tuning_job_request_add_wandb (OaiFineTuningJobRequest *self, const char *project)
{
  g_autoptr(OaiFineTuningWandb) wandb = NULL;
  g_autoptr(OaiFineTuningIntegration) integration = NULL;

  g_return_if_fail (OAI_IS_FINE_TUNING_JOB_REQUEST (self));
  g_return_if_fail (project != NULL);

  wandb = oai_fine_tuning_wandb_new (project);
  integration = oai_fine_tuning_integration_new ("wandb", wandb);
  oai_fine_tuning_job_request_add_integration (self, integration);
}

/**
 * oai_fine_tuning_job_is_finished:
 * @self: a job
 *
 * Tells whether nothing more will happen to a job: it succeeded, failed or was
 * cancelled.
 *
 * Returns: %TRUE if it has ended
 *
 * Since: 1.0
 */
gboolean
oai_fine_tuning_job_is_finished (OaiFineTuningJob *self)
{
  static const char *const ends[] = {
    OAI_FINE_TUNING_STATUS_SUCCEEDED,
    OAI_FINE_TUNING_STATUS_FAILED,
    OAI_FINE_TUNING_STATUS_CANCELLED,
    NULL,
  };
  const char *status;

  g_return_val_if_fail (OAI_IS_FINE_TUNING_JOB (self), FALSE);

  status = oai_fine_tuning_job_get_status (self);

  return status != NULL && g_strv_contains (ends, status);
}

/**
 * oai_fine_tuning_event_dup_metrics:
 * @self: an event
 *
 * Gets the measurements that an event holds. What has no getter of its own is
 * read by [method@Oai.Record.get_number].
 *
 * Returns: (nullable) (transfer full): the measurements; %NULL when the event holds none
 *
 * Since: 1.0
 */
OaiFineTuningMetrics *
oai_fine_tuning_event_dup_metrics (OaiFineTuningEvent *self)
{
  const char *data;
  OaiRecord *metrics;

  g_return_val_if_fail (OAI_IS_FINE_TUNING_EVENT (self), NULL);

  data = oai_fine_tuning_event_get_data (self);
  if (data == NULL || g_strcmp0 (oai_fine_tuning_event_get_type_value (self), OAI_FINE_TUNING_EVENT_TYPE_METRICS) != 0)
    return NULL;

  metrics = oai_record_new_from_json (OAI_TYPE_FINE_TUNING_METRICS, data, NULL);

  return metrics != NULL ? OAI_FINE_TUNING_METRICS (metrics) : NULL;
}
