/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-run-helpers.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-record-operation.h"
#include "oai-threads-endpoint.h"

/**
 * oai_run_is_active:
 * @self: a run
 *
 * Tells whether the run may still change by itself, so that [method@Oai.Run.wait]
 * would wait: as long as it is not completed, incomplete, failed, cancelled or expired,
 * and does not wait for results of functions. A run whose status this library does
 * not know, or that tells of none, counts as active.
 *
 * Returns: %TRUE while the run changes by itself
 *
 * Since: 1.0
 */
gboolean
oai_run_is_active (OaiRun *self)
{
  static const char *const ends[] = {
    OAI_RUN_STATUS_REQUIRES_ACTION, OAI_RUN_STATUS_CANCELLED, OAI_RUN_STATUS_COMPLETED,
    OAI_RUN_STATUS_FAILED, OAI_RUN_STATUS_EXPIRED, OAI_RUN_STATUS_INCOMPLETE, NULL
  };
  const char *status;

  g_return_val_if_fail (OAI_IS_RUN (self), FALSE);

  status = oai_run_get_status (self);

  return status == NULL || !g_strv_contains (ends, status);
}

/**
 * oai_run_get_tool_calls:
 * @self: a run
 *
 * Gets the calls of functions that the run waits for.
 *
 * Each of them needs its result, all in one [method@Oai.Run.submit_tool_outputs].
 *
 * Returns: (nullable) (transfer none) (element-type OaiChatToolCall): the calls, or %NULL when the
 *   run waits for nothing
 *
 * Since: 1.0
 */
GPtrArray *
oai_run_get_tool_calls (OaiRun *self)
{
  OaiRunRequiredAction *action;
  OaiRunToolOutputsAction *outputs;

  g_return_val_if_fail (OAI_IS_RUN (self), NULL);

  action = oai_run_get_required_action (self);
  outputs = action != NULL ? oai_run_required_action_get_submit_tool_outputs (action) : NULL;

  return outputs != NULL ? oai_run_tool_outputs_action_get_tool_calls (outputs) : NULL;
}

/* The query, for the messages of the run only: without its identifier those of the
 * whole thread would come. */
static OaiRecord *
narrow_query (OaiRun *self, OaiThreadMessageListQuery *query, GError **error)
{
  OaiRecord *narrowed;
  const char *id = oai_run_get_id (self);

  if (id == NULL || *id == '\0')
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The run has no identifier, so its messages cannot be told from others"));
      return NULL;
    }

  narrowed = query != NULL ? oai_record_copy (OAI_RECORD (query)) : OAI_RECORD (oai_thread_message_list_query_new ());

  oai_thread_message_list_query_set_run_id (OAI_THREAD_MESSAGE_LIST_QUERY (narrowed), id);

  return narrowed;
}

/**
 * oai_run_list_messages:
 * @self: a run
 * @query: (nullable): what the reply is to hold
 * @cancellable: (nullable): cancels the call
 *
 * Lists the messages that the run wrote.
 *
 * Waits for the reply; [method@Oai.Run.list_messages_async] does not. Goes through
 * the client that the record came from, and fails with [error@Oai.Error] `INVALID_ARGUMENT`
 * where it came from none, and where the run has no identifier.
 *
 * `GET threads/{thread_id}/messages`, [API reference](https://platform.openai.com/docs/api-reference/messages/listMessages)
 *
 * Returns: (transfer full): the first page; it is a list model of [class@Oai.ThreadMessage] that loads the others
 *
 * Since: 1.0
 */
OaiPagedList *
oai_run_list_messages (OaiRun *self, OaiThreadMessageListQuery *query, GCancellable *cancellable, GError **error)
{
  g_autoptr(OaiRecord) narrowed = NULL;

  g_return_val_if_fail (OAI_IS_RUN (self), NULL);

  narrowed = narrow_query (self, query, error);
  if (narrowed == NULL)
    return NULL;

  return oai_record_invoke (OAI_RECORD (self), OAI_TYPE_THREADS_ENDPOINT, oai_endpoint_find_operation (OAI_TYPE_THREADS_ENDPOINT, "list_messages"),
                            (const char *const[]) { oai_run_get_thread_id (self), NULL }, narrowed, NULL, cancellable, error);
}

/**
 * oai_run_list_messages_async:
 * @self: a run
 * @query: (nullable): what the reply is to hold
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async) (nullable): called when the reply is here
 * @user_data: data for @callback
 *
 * Lists the messages that the run wrote.
 *
 * [method@Oai.Run.list_messages_finish] gives the reply.
 *
 * `GET threads/{thread_id}/messages`, [API reference](https://platform.openai.com/docs/api-reference/messages/listMessages)
 *
 * Since: 1.0
 */
void
oai_run_list_messages_async (OaiRun *self, OaiThreadMessageListQuery *query, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiRecord) narrowed = NULL;
  GError *failure = NULL;

  g_return_if_fail (OAI_IS_RUN (self));

  narrowed = narrow_query (self, query, &failure);
  if (narrowed == NULL)
    {
      g_task_report_error (self, callback, user_data, oai_run_list_messages_async, failure);
      return;
    }

  oai_record_invoke_async (OAI_RECORD (self), OAI_TYPE_THREADS_ENDPOINT, oai_endpoint_find_operation (OAI_TYPE_THREADS_ENDPOINT, "list_messages"),
                           (const char *const[]) { oai_run_get_thread_id (self), NULL }, narrowed, NULL,
                           cancellable, callback, user_data, oai_run_list_messages_async);
}

/**
 * oai_run_list_messages_finish:
 * @self: a run
 * @result: what the callback was given
 *
 * Ends [method@Oai.Run.list_messages_async].
 *
 * Returns: (transfer full): the first page; it is a list model of [class@Oai.ThreadMessage] that loads the others
 *
 * Since: 1.0
 */
OaiPagedList *
oai_run_list_messages_finish (OaiRun *self, GAsyncResult *result, GError **error)
{
  return oai_record_invoke_finish (OAI_RECORD (self), result, error);
}

/**
 * oai_run_tool_outputs_request_append:
 * @self: results that a run waits for
 * @tool_call_id: identifier of the call
 * @output: the result; text, often JSON
 *
 * Appends the result of a function.
 *
 * Since: 1.0
 */
void
oai_run_tool_outputs_request_append (OaiRunToolOutputsRequest *self, const char *tool_call_id, const char *output)
{
  g_autoptr(OaiRunToolOutput) item = NULL;

  g_return_if_fail (OAI_IS_RUN_TOOL_OUTPUTS_REQUEST (self));
  g_return_if_fail (tool_call_id != NULL);
  g_return_if_fail (output != NULL);

  item = oai_run_tool_output_new (tool_call_id, output);
  oai_run_tool_outputs_request_add_tool_output (self, item);
}
