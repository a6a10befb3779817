/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-run-wait.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-poll-private.h"
#include "oai-run-helpers.h"
#include "oai-blocking-call-private.h"
#include "oai-threads-endpoint.h"

/* A status that nobody knows yet, or none, need not be the end. */
static OaiPollState
get_state (OaiRecord *record)
{
  static const char *const passing[] = { OAI_RUN_STATUS_QUEUED, OAI_RUN_STATUS_IN_PROGRESS, OAI_RUN_STATUS_CANCELLING, NULL };
  const char *status = oai_run_get_status (OAI_RUN (record));

  if (!oai_run_is_active (OAI_RUN (record)))
    return OAI_POLL_DONE;

  return status != NULL && g_strv_contains (passing, status) ? OAI_POLL_PENDING : OAI_POLL_UNKNOWN;
}

/**
 * oai_run_wait_async:
 * @self: a run
 * @interval: milliseconds from one reply to the next question; 0 for what the server asks for, or
 *   else a second
 * @timeout: for how many milliseconds to wait; -1 without a limit
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async) (nullable): called when the wait is over
 * @user_data: data for @callback
 *
 * Starts [method@Oai.Run.wait].
 *
 * [method@Oai.Run.wait_finish] gives the run.
 *
 * Since: 1.0
 */
void
oai_run_wait_async (OaiRun *self, guint interval, gint64 timeout, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiThreadsEndpoint) endpoint = NULL;
  OaiPoll poll = { NULL, "retrieve_run", NULL, get_state, interval, 0, timeout, NULL };
  OaiClient *client;
  GTask *task;

  g_return_if_fail (OAI_IS_RUN (self));
  g_return_if_fail (timeout >= -1);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_run_wait_async);
  client = oai_record_get_client (OAI_RECORD (self));
  if (client == NULL)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The record is not associated with a client, so no request can be sent"));
      g_object_unref (task);
      return;
    }

  endpoint = oai_threads_endpoint_new (client);
  poll.endpoint = OAI_ENDPOINT (endpoint);
  poll.path_arguments = (const char *const[]) { oai_run_get_thread_id (self), oai_run_get_id (self), NULL };
  poll.timeout_message = _("Gave up waiting for the run");
  oai_poll (&poll, task);
}

/**
 * oai_run_wait_finish:
 * @self: a run
 * @result: what the callback was given
 *
 * Ends [method@Oai.Run.wait_async].
 *
 * Returns: (transfer full): the run as it is now; @self stays as it was
 *
 * Since: 1.0
 */
OaiRun *
oai_run_wait_finish (OaiRun *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_run_wait:
 * @self: a run
 * @interval: milliseconds from one reply to the next question; 0 for what the server asks for, or
 *   else a second
 * @timeout: for how many milliseconds to wait; -1 without a limit
 * @cancellable: (nullable): cancels the wait
 *
 * Waits until the run needs attention: until [method@Oai.Run.is_active] is %FALSE.
 * Its status tells whether it is completed, incomplete, failed, cancelled or expired,
 * or waits for results of functions, which [method@Oai.Run.submit_tool_outputs] gives it.
 * A status that this library does not know is waited on, and so is a reply that
 * tells of none; only @timeout ends that.
 *
 * Asks the server at once and then again and again. Fails with %G_IO_ERROR_TIMED_OUT
 * when the time is over, and with %G_IO_ERROR_CANCELLED when @cancellable was
 * cancelled; either way the run goes on at the server, where [method@Oai.Run.cancel] ends it.
 *
 * `GET threads/{thread_id}/runs/{run_id}`, [API reference](https://platform.openai.com/docs/api-reference/runs/getRun)
 *
 * Returns: (transfer full): the run as it is now; @self stays as it was
 *
 * Since: 1.0
 */
OaiRun *
oai_run_wait (OaiRun *self, guint interval, gint64 timeout, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  OaiRun *run;

  g_return_val_if_fail (OAI_IS_RUN (self), NULL);
  g_return_val_if_fail (timeout >= -1, NULL);

  oai_blocking_call_begin (&sync);
  oai_run_wait_async (self, interval, timeout, cancellable, oai_blocking_call_ready, &sync);
  run = oai_run_wait_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return run;
}
