/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-sampling-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-mcp-answer-private.h"
#include "oai-record-private.h"

/**
 * OaiMcpSampling:
 *
 * A request of an MCP server for a message of a model, which the program pays for. An argument of
 * [signal@Oai.McpClient::sampling-requested].
 *
 * A handler responds at once, or keeps a reference and responds later. Only the first response is used. If the last
 * reference is released without a response, the request is declined. If the server or the program cancels what the
 * message is for, [method@Oai.McpSampling.get_cancellable] is cancelled, and later responses are ignored.
 *
 * The program should let the user see and approve the messages before they are sent to a model, and the result before
 * it is sent to the server.
 *
 * Since: 1.0
 */
struct _OaiMcpSampling
{
  GObject parent_instance;

  OaiMcpAnswer answer;
  OaiMcpSamplingRequest *request;
};

G_DEFINE_FINAL_TYPE (OaiMcpSampling, oai_mcp_sampling, G_TYPE_OBJECT)

static void
decline (OaiMcpSampling *self)
{
  g_autoptr(GTask) task = oai_mcp_answer_steal (&self->answer);

  if (task != NULL)
    g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_PERMISSION_DENIED, "%s",
                             _("The MCP server requests a message of a model, which was declined"));
}

static void
oai_mcp_sampling_dispose (GObject *object)
{
  decline (OAI_MCP_SAMPLING (object));

  G_OBJECT_CLASS (oai_mcp_sampling_parent_class)->dispose (object);
}

static void
oai_mcp_sampling_finalize (GObject *object)
{
  OaiMcpSampling *self = OAI_MCP_SAMPLING (object);

  oai_mcp_answer_clear (&self->answer);
  g_clear_object (&self->request);

  G_OBJECT_CLASS (oai_mcp_sampling_parent_class)->finalize (object);
}

static void
oai_mcp_sampling_class_init (OaiMcpSamplingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = oai_mcp_sampling_dispose;
  object_class->finalize = oai_mcp_sampling_finalize;
}

static void
oai_mcp_sampling_init (OaiMcpSampling *self)
{
}

OaiMcpSampling *
oai_mcp_sampling_new (OaiJsonDoc *doc, OaiJsonNode params, GTask *task)
{
  OaiMcpSampling *self = g_object_new (OAI_TYPE_MCP_SAMPLING, NULL);

  oai_mcp_answer_init (&self->answer, task);
  self->request = OAI_MCP_SAMPLING_REQUEST (oai_record_new_from_doc (OAI_TYPE_MCP_SAMPLING_REQUEST, doc, params, NULL, NULL));

  return self;
}

/**
 * oai_mcp_sampling_get_request:
 * @self: the request
 *
 * Gets the messages and the options.
 *
 * Returns: (transfer none): the request as a record
 *
 * Since: 1.0
 */
OaiMcpSamplingRequest *
oai_mcp_sampling_get_request (OaiMcpSampling *self)
{
  g_return_val_if_fail (OAI_IS_MCP_SAMPLING (self), NULL);

  return self->request;
}

/**
 * oai_mcp_sampling_get_cancellable:
 * @self: the request
 *
 * Gets a cancellable for the request to the model. It is cancelled if the message is no longer needed.
 *
 * Returns: (transfer none): the cancellable
 *
 * Since: 1.0
 */
GCancellable *
oai_mcp_sampling_get_cancellable (OaiMcpSampling *self)
{
  g_return_val_if_fail (OAI_IS_MCP_SAMPLING (self), NULL);

  return self->answer.cancellable;
}

/**
 * oai_mcp_sampling_respond:
 * @self: the request
 * @result: the message of the model
 *
 * Responds with the message of a model.
 *
 * Since: 1.0
 */
void
oai_mcp_sampling_respond (OaiMcpSampling *self, OaiMcpSamplingResult *result)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (OAI_IS_MCP_SAMPLING (self));
  g_return_if_fail (OAI_IS_MCP_SAMPLING_RESULT (result));

  task = oai_mcp_answer_steal (&self->answer);
  if (task != NULL)
    g_task_return_pointer (task, oai_record_to_json (OAI_RECORD (result)), g_free);
}

/**
 * oai_mcp_sampling_respond_text:
 * @self: the request
 * @model: the name of the model
 * @text: the text of its message
 *
 * Responds with a text of a model. [method@Oai.McpSampling.respond] can return other contents.
 *
 * Since: 1.0
 */
void
oai_mcp_sampling_respond_text (OaiMcpSampling *self, const char *model, const char *text)
{
  g_autoptr(OaiMcpTextContent) content = NULL;
  g_autoptr(OaiMcpSamplingResult) result = NULL;

  g_return_if_fail (OAI_IS_MCP_SAMPLING (self));
  g_return_if_fail (model != NULL);
  g_return_if_fail (text != NULL);

  content = oai_mcp_text_content_new (text);
  result = oai_mcp_sampling_result_new (OAI_MCP_ROLE_ASSISTANT, OAI_MCP_CONTENT (content), model);
  oai_mcp_sampling_result_set_stop_reason (result, OAI_MCP_STOP_REASON_END_TURN);
  oai_mcp_sampling_respond (self, result);
}

/**
 * oai_mcp_sampling_decline:
 * @self: the request
 *
 * Reports that the user does not allow the request.
 *
 * Since: 1.0
 */
void
oai_mcp_sampling_decline (OaiMcpSampling *self)
{
  g_return_if_fail (OAI_IS_MCP_SAMPLING (self));

  decline (self);
}
