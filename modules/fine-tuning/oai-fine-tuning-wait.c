/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-fine-tuning-wait.h"

#include "oai-error.h"
#include "oai-fine-tuning-endpoint.h"
#include "oai-fine-tuning-helpers.h"
#include "oai-i18n-private.h"
#include "oai-poll-private.h"
#include "oai-blocking-call-private.h"

#define DEFAULT_INTERVAL 5000

static OaiPollState
get_state (OaiRecord *record)
{
  return oai_fine_tuning_job_is_finished (OAI_FINE_TUNING_JOB (record)) ? OAI_POLL_DONE : OAI_POLL_PENDING;
}

/**
 * oai_fine_tuning_job_wait_async:
 * @self: a job
 * @interval: milliseconds from one reply to the next question; 0 for what the server asks for, or
 *   else five seconds
 * @timeout: for how many milliseconds to wait; -1 without a limit
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async) (nullable): called when the wait is over
 * @user_data: data for @callback
 *
 * Starts [method@Oai.FineTuningJob.wait].
 *
 * [method@Oai.FineTuningJob.wait_finish] gives the job.
 *
 * Since: 1.0
 */
void
oai_fine_tuning_job_wait_async (OaiFineTuningJob *self, guint interval, gint64 timeout, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiFineTuningEndpoint) endpoint = NULL;
  OaiClient *client;
  GTask *task;

  g_return_if_fail (OAI_IS_FINE_TUNING_JOB (self));
  g_return_if_fail (timeout >= -1);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_fine_tuning_job_wait_async);
  client = oai_record_get_client (OAI_RECORD (self));
  if (client == NULL)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The record is not associated with a client, so no request can be sent"));
      g_object_unref (task);
      return;
    }

  endpoint = oai_fine_tuning_endpoint_new (client);
  oai_poll (&(OaiPoll) {
    .endpoint = OAI_ENDPOINT (endpoint),
    .operation = "retrieve",
    .path_arguments = (const char *const []) { oai_fine_tuning_job_get_id (self), NULL },
    .get_state = get_state,
    .interval = interval,
    .default_interval = DEFAULT_INTERVAL,
    .timeout = timeout,
    .timeout_message = _("Gave up waiting for the fine-tuning job"),
  }, task);
}

/**
 * oai_fine_tuning_job_wait_finish:
 * @self: a job
 * @result: what the callback was given
 *
 * Ends [method@Oai.FineTuningJob.wait_async].
 *
 * Returns: (transfer full): the job as it is now; @self stays as it was
 *
 * Since: 1.0
 */
OaiFineTuningJob *
oai_fine_tuning_job_wait_finish (OaiFineTuningJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_fine_tuning_job_wait:
 * @self: a job
 * @interval: milliseconds from one reply to the next question; 0 for what the server asks for, or
 *   else five seconds
 * @timeout: for how many milliseconds to wait; -1 without a limit
 * @cancellable: (nullable): cancels the wait
 *
 * Waits until the job has ended, be it for good or for bad: see
 * [method@Oai.FineTuningJob.get_status]. A job takes minutes or hours;
 * [class@Oai.FineTuningWatch] tells what happens meanwhile.
 *
 * Asks the server at once and then again and again. Fails with %G_IO_ERROR_TIMED_OUT
 * when the time is over, and with %G_IO_ERROR_CANCELLED when @cancellable was
 * cancelled; either way the job goes on at the server, where
 * [method@Oai.FineTuningJob.cancel] ends it. Fails with [error@Oai.Error]
 * `INVALID_ARGUMENT` where the job did not come from a server.
 *
 * `GET fine_tuning/jobs/{fine_tuning_job_id}`, [API reference](https://platform.openai.com/docs/api-reference/fine-tuning/retrieve)
 *
 * Returns: (transfer full): the job as it is now; @self stays as it was
 *
 * Since: 1.0
 */
OaiFineTuningJob *
oai_fine_tuning_job_wait (OaiFineTuningJob *self, guint interval, gint64 timeout, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  OaiFineTuningJob *job;

  g_return_val_if_fail (OAI_IS_FINE_TUNING_JOB (self), NULL);
  g_return_val_if_fail (timeout >= -1, NULL);

  oai_blocking_call_begin (&sync);
  oai_fine_tuning_job_wait_async (self, interval, timeout, cancellable, oai_blocking_call_ready, &sync);
  job = oai_fine_tuning_job_wait_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return job;
}
