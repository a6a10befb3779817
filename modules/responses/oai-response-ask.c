/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-responses-methods-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"

/* Returns the text of a response, also if it is truncated. */
static char *
dup_text (OaiResponse *response, GError **error)
{
  const char *text = oai_response_get_output_text (response);
  const char *refusal = oai_response_get_refusal_text (response);
  g_autoptr(GError) failure = NULL;

  oai_response_check (response, &failure);
  if (text[0] != '\0' && (failure == NULL || g_error_matches (failure, OAI_ERROR, OAI_ERROR_LENGTH)))
    return g_strdup (text);

  if (refusal != NULL)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONTENT_FILTER, refusal);
  else if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The response contains no text."));

  return NULL;
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(OaiResponse) response = oai_responses_endpoint_create_finish (OAI_RESPONSES_ENDPOINT (source), result, &error);
  char *text = response != NULL ? dup_text (response, &error) : NULL;

  oai_method_return (task, result, text, g_free, error);
}

void
oai_responses_endpoint_ask_start (OaiResponsesEndpoint *self, const char *model, const char *prompt, GTask *task)
{
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text (model, prompt);

  oai_responses_endpoint_create_async (self, request, g_task_get_cancellable (task), created_cb, task);
}
