/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-moderation-judge.h"

#include "oai-call-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-moderation-helpers.h"
#include "oai-moderation-verdict-private.h"
#include "oai-blocking-call-private.h"

#define CHUNK_SIZE 1000
#define OVERLAP 100

typedef struct
{
  GStrv pieces;
  guint next;
} Judging;

static void
judging_free (gpointer data)
{
  Judging *judging = data;

  g_strfreev (judging->pieces);
  g_free (judging);
}

static void judge_next (GTask *task);

/* Takes the task. */
static void
take_verdict (GTask *task, OaiVerdict verdict)
{
  g_autoptr(GTask) owned = task;
  Judging *judging = g_task_get_task_data (task);

  if (verdict == OAI_VERDICT_NONE)
    g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_PROTOCOL, "%s", _("The server’s answer does not say whether the text is harmful."));
  else if (verdict == OAI_VERDICT_HARMFUL)
    g_task_return_boolean (task, TRUE);
  else if (judging->pieces[judging->next] == NULL)
    g_task_return_boolean (task, FALSE);
  else
    judge_next (g_steal_pointer (&owned));
}

static void
judged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(OaiModeration) moderation = oai_moderations_endpoint_create_finish (OAI_MODERATIONS_ENDPOINT (source), result, &error);
  OaiCall *call = oai_call_from_result (result);

  if (call != NULL)
    oai_call_attach (call, task);
  if (moderation == NULL)
    g_task_return_error (task, error);
  else
    take_verdict (g_steal_pointer (&task), oai_moderation_get_verdict (moderation));
}

/* Takes the task. */
static void
judge_next (GTask *task)
{
  Judging *judging = g_task_get_task_data (task);
  g_autoptr(OaiModerationRequest) request = oai_moderation_request_new_for_text (judging->pieces[judging->next++]);

  oai_moderations_endpoint_create_async (g_task_get_source_object (task), request, g_task_get_cancellable (task), judged_cb, task);
}

/**
 * oai_moderations_endpoint_judge_async:
 * @self: a moderations endpoint
 * @text: what to judge, of any length
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async) (nullable): called when the judgement is here
 * @user_data: data for @callback
 *
 * Starts [method@Oai.ModerationsEndpoint.judge].
 *
 * `POST moderations`, [API reference](https://platform.openai.com/docs/api-reference/moderations/create)
 *
 * Since: 1.0
 */
void
oai_moderations_endpoint_judge_async (OaiModerationsEndpoint *self, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Judging *judging;
  GTask *task;

  g_return_if_fail (OAI_IS_MODERATIONS_ENDPOINT (self));
  g_return_if_fail (text != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_moderations_endpoint_judge_async);
  judging = g_new0 (Judging, 1);
  judging->pieces = oai_moderation_split_text (text, CHUNK_SIZE, OVERLAP);
  g_task_set_task_data (task, judging, judging_free);
  judge_next (task);
}

/**
 * oai_moderations_endpoint_judge_finish:
 * @self: a moderations endpoint
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Oai.ModerationsEndpoint.judge_async].
 *
 * Returns: %TRUE if the text is harmful; %FALSE if it is not, or with @error set
 *   when it could not be judged
 *
 * Since: 1.0
 */
gboolean
oai_moderations_endpoint_judge_finish (OaiModerationsEndpoint *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_moderations_endpoint_judge:
 * @self: a moderations endpoint
 * @text: what to judge, of any length
 * @cancellable: (nullable): cancels the call
 * @error: return location for an error
 *
 * Tells whether a text is harmful, in one word. A long text is judged in pieces
 * of 1000 characters that overlap by 100, one after the other, up to the first
 * that is harmful; no character is left out. Waits for it.
 *
 * Fails with %OAI_ERROR_PROTOCOL when the answer on a piece does not say in so
 * many words whether it is harmful: what could not be judged is no harmless text.
 *
 * `POST moderations`, [API reference](https://platform.openai.com/docs/api-reference/moderations/create)
 *
 * Returns: %TRUE if the text is harmful; %FALSE if it is not, or with @error set
 *   when it could not be judged
 *
 * Since: 1.0
 */
gboolean
oai_moderations_endpoint_judge (OaiModerationsEndpoint *self, const char *text, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gboolean flagged;

  g_return_val_if_fail (OAI_IS_MODERATIONS_ENDPOINT (self), FALSE);
  g_return_val_if_fail (text != NULL, FALSE);

  oai_blocking_call_begin (&sync);
  oai_moderations_endpoint_judge_async (self, text, cancellable, oai_blocking_call_ready, &sync);
  flagged = oai_moderations_endpoint_judge_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return flagged;
}
