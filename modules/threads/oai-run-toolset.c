/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools of the program in runs. */

#include "oai-threads-methods-private.h"

#include "oai-error-map-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"
#include "oai-toolset-private.h"

#define DEFAULT_ROUNDS 10

gboolean
oai_run_request_add_toolset (OaiRunRequest *self, OaiToolset *toolset, GError **error)
{
  g_return_val_if_fail (OAI_IS_RUN_REQUEST (self), FALSE);
  g_return_val_if_fail (OAI_IS_TOOLSET (toolset), FALSE);

  return oai_toolset_add_to_request (toolset, self, (OaiToolConvertFunc) oai_assistant_function_tool_new_for_tool, (OaiToolAddFunc) oai_run_request_add_tool, error);
}

gboolean
oai_thread_run_request_add_toolset (OaiThreadRunRequest *self, OaiToolset *toolset, GError **error)
{
  g_return_val_if_fail (OAI_IS_THREAD_RUN_REQUEST (self), FALSE);
  g_return_val_if_fail (OAI_IS_TOOLSET (toolset), FALSE);

  return oai_toolset_add_to_request (toolset, self, (OaiToolConvertFunc) oai_assistant_function_tool_new_for_tool, (OaiToolAddFunc) oai_thread_run_request_add_tool, error);
}

/* Rounds */

typedef struct
{
  OaiToolset *toolset;
  GPtrArray *calls;    /* of the round, or NULL */
  OaiRun *run;         /* its newest state */
  guint rounds;        /* that are left */
  guint max_rounds;
  guint interval_ms;
} Rounds;

static void
rounds_free (gpointer data)
{
  Rounds *self = data;

  g_object_unref (self->toolset);
  g_object_unref (self->run);
  g_clear_pointer (&self->calls, g_ptr_array_unref);
  g_free (self);
}

static void handle_run (GTask *task);

/* Continues with the reply to a request.  Takes the task, and either the run or the error. */
static void
continue_with (GTask *task, GAsyncResult *result, OaiRun *run, GError *error)
{
  Rounds *rounds = g_task_get_task_data (task);

  oai_method_attach_call (task, result);
  if (run == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  g_object_unref (rounds->run);
  rounds->run = run;
  handle_run (task);
}

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  OaiRun *run = oai_run_wait_finish (OAI_RUN (source), result, &error);

  continue_with (user_data, result, run, error);
}

static void
submitted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  OaiRun *run = oai_run_submit_tool_outputs_finish (OAI_RUN (source), result, &error);

  continue_with (user_data, result, run, error);
}

static void
ran_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Rounds *rounds = g_task_get_task_data (task);
  g_autoptr(OaiRunToolOutputsRequest) request = NULL;
  GError *error = NULL;

  if (!oai_toolset_run_finish (OAI_TOOLSET (source), result, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  request = oai_run_tool_outputs_request_new ();
  for (guint i = 0; i < rounds->calls->len; i++)
    {
      OaiToolCall *call = g_ptr_array_index (rounds->calls, i);
      g_autofree char *output = oai_tool_call_dup_text_output (call);

      oai_run_tool_outputs_request_add_output (request, oai_tool_call_get_id (call), output);
    }
  oai_run_submit_tool_outputs_async (rounds->run, request, g_task_get_cancellable (task), submitted_cb, task);
}

/* Returns FALSE if the run has no calls, or too many rounds. */
static gboolean
check_round (Rounds *rounds, GError **error)
{
  GPtrArray *tool_calls = oai_run_get_tool_calls (rounds->run);

  if (tool_calls == NULL || tool_calls->len == 0)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The run is waiting for results of tools, but contains no calls"));
      return FALSE;
    }
  if (rounds->rounds == 0)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_TOO_MANY_ROUNDS, _("The run called tools more than %u times"), rounds->max_rounds);
      return FALSE;
    }

  return TRUE;
}

static void
run_calls (GTask *task)
{
  Rounds *rounds = g_task_get_task_data (task);
  OaiRun *run = rounds->run;
  gboolean parallel = !oai_record_has_member (OAI_RECORD (run), "parallel_tool_calls") || oai_run_get_parallel_tool_calls (run);
  GError *error = NULL;

  if (!check_round (rounds, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  rounds->rounds--;
  g_clear_pointer (&rounds->calls, g_ptr_array_unref);
  rounds->calls = oai_chat_tool_call_create_calls (oai_run_get_tool_calls (run), rounds->toolset);
  oai_toolset_run_async (rounds->toolset, rounds->calls, parallel, g_task_get_cancellable (task), ran_cb, task);
}

/* Takes the task. */
static void
handle_run (GTask *task)
{
  Rounds *rounds = g_task_get_task_data (task);

  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else if (oai_run_is_active (rounds->run))
    oai_run_wait_async (rounds->run, rounds->interval_ms, -1, g_task_get_cancellable (task), waited_cb, task);
  else if (g_strcmp0 (oai_run_get_status (rounds->run), OAI_RUN_STATUS_REQUIRES_ACTION) == 0)
    run_calls (task);
  else
    {
      g_task_return_pointer (task, g_object_ref (rounds->run), g_object_unref);
      g_object_unref (task);
    }
}

void
oai_run_run_tools_start (OaiRun *self, OaiToolset *toolset, guint max_rounds, guint interval_ms, GTask *task)
{
  Rounds *rounds = g_new0 (Rounds, 1);

  rounds->toolset = g_object_ref (toolset);
  rounds->run = g_object_ref (self);
  rounds->max_rounds = rounds->rounds = max_rounds > 0 ? max_rounds : DEFAULT_ROUNDS;
  rounds->interval_ms = interval_ms;
  g_task_set_task_data (task, rounds, rounds_free);
  handle_run (task);
}
