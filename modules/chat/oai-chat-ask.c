/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-ask.h"

#include "oai-chat-completion-helpers.h"
#include "oai-chat-request-helpers.h"
#include "oai-error.h"
#include "oai-i18n-private.h"

static OaiChatRequest *
make_request (const char *model, const char *prompt)
{
  OaiChatRequest *request = oai_chat_request_new (model);

  oai_chat_request_add_user_message (request, prompt);

  return request;
}

static void
set_no_text (OaiChatCompletion *completion, GError **error)
{
  const char *finish_reason = oai_chat_completion_get_finish_reason (completion);
  const char *refusal = oai_chat_completion_get_refusal (completion);

  if (refusal != NULL && refusal[0] != '\0')
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONTENT_FILTER, refusal);
  else if (g_strcmp0 (finish_reason, OAI_FINISH_REASON_CONTENT_FILTER) == 0)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONTENT_FILTER, _("The answer was left out by a filter."));
  else if (g_strcmp0 (finish_reason, OAI_FINISH_REASON_LENGTH) == 0)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_LENGTH, _("The model reached its limit before it wrote anything."));
  else
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server's answer holds no text."));
}

static char *
take_text (OaiChatCompletion *completion, GError **error)
{
  g_autoptr(OaiChatCompletion) owned = completion;
  const char *text = NULL;

  if (owned == NULL)
    return NULL;

  text = oai_chat_completion_get_text (owned);
  if (text == NULL || text[0] == '\0')
    {
      set_no_text (owned, error);
      return NULL;
    }

  return g_strdup (text);
}

/**
 * oai_chat_endpoint_ask:
 * @self: a chat endpoint
 * @model: name of the model
 * @prompt: the question
 * @cancellable: (nullable): cancels the call
 *
 * Asks a model one question and waits for the answer.
 *
 * For everything beyond a question and an answer there is [method@Oai.ChatEndpoint.create].
 *
 * Fails with %OAI_ERROR_CONTENT_FILTER if the model declined, and the message is
 * what it said; with %OAI_ERROR_LENGTH if it wrote nothing before it reached a limit.
 *
 * `POST chat/completions`, [API reference](https://platform.openai.com/docs/api-reference/chat/create)
 *
 * Returns: (transfer full): the answer
 *
 * Since: 1.0
 */
char *
oai_chat_endpoint_ask (OaiChatEndpoint *self,
                       const char *model,
                       const char *prompt,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr(OaiChatRequest) request = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_ENDPOINT (self), NULL);
  g_return_val_if_fail (model != NULL, NULL);
  g_return_val_if_fail (prompt != NULL, NULL);

  request = make_request (model, prompt);

  return take_text (oai_chat_endpoint_create (self, request, cancellable, error), error);
}

/**
 * oai_chat_endpoint_ask_async:
 * @self: a chat endpoint
 * @model: name of the model
 * @prompt: the question
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async) (nullable): called when the answer is here
 * @user_data: data for @callback
 *
 * Asks a model one question.
 *
 * [method@Oai.ChatEndpoint.ask_finish] gives the answer.
 *
 * `POST chat/completions`, [API reference](https://platform.openai.com/docs/api-reference/chat/create)
 *
 * Since: 1.0
 */
void
oai_chat_endpoint_ask_async (OaiChatEndpoint *self,
                             const char *model,
                             const char *prompt,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr(OaiChatRequest) request = NULL;

  g_return_if_fail (OAI_IS_CHAT_ENDPOINT (self));
  g_return_if_fail (model != NULL);
  g_return_if_fail (prompt != NULL);

  request = make_request (model, prompt);
  oai_chat_endpoint_create_async (self, request, cancellable, callback, user_data);
}

/**
 * oai_chat_endpoint_ask_finish:
 * @self: a chat endpoint
 * @result: what the callback was given
 *
 * Ends [method@Oai.ChatEndpoint.ask_async].
 *
 * Returns: (transfer full): the answer
 *
 * Since: 1.0
 */
char *
oai_chat_endpoint_ask_finish (OaiChatEndpoint *self, GAsyncResult *result, GError **error)
{
  return take_text (oai_chat_endpoint_create_finish (self, result, error), error);
}
