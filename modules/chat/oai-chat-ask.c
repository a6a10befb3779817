/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-methods-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"

static void
set_no_text (OaiChatCompletion *completion, GError **error)
{
  const char *finish_reason = oai_chat_completion_get_finish_reason (completion);
  const char *refusal = oai_chat_completion_get_refusal (completion);

  if (refusal != NULL && refusal[0] != '\0')
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONTENT_FILTER, refusal);
  else if (g_strcmp0 (finish_reason, OAI_FINISH_REASON_CONTENT_FILTER) == 0)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONTENT_FILTER, _("A content filter removed the reply."));
  else if (g_strcmp0 (finish_reason, OAI_FINISH_REASON_LENGTH) == 0)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_LENGTH, _("The model reached its token limit before it generated text."));
  else
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply contains no text."));
}

static char *
dup_text (OaiChatCompletion *completion, GError **error)
{
  const char *text = oai_chat_completion_get_text (completion);

  if (text != NULL && text[0] != '\0')
    return g_strdup (text);

  set_no_text (completion, error);

  return NULL;
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(OaiChatCompletion) completion = oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (source), result, &error);
  char *text = completion != NULL ? dup_text (completion, &error) : NULL;

  oai_method_return (task, result, text, g_free, error);
}

void
oai_chat_endpoint_ask_start (OaiChatEndpoint *self, const char *model, const char *prompt, GTask *task)
{
  g_autoptr(OaiChatRequest) request = oai_chat_request_new (model);

  oai_chat_request_add_user_message (request, prompt);
  oai_chat_endpoint_create_async (self, request, g_task_get_cancellable (task), created_cb, task);
}
