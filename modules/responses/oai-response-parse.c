/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-response-parse.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"
#include "oai-response-stream.h"
#include "oai-responses-methods-private.h"
#include "oai-structured-reply-private.h"

/**
 * oai_response_request_set_response_type:
 * @self: a request
 * @type: a class of objects
 * @error: return location for a [error@Oai.Error]
 *
 * Requests a response that [method@Oai.Response.parse] can read into an object: JSON that follows the
 * strict schema of the class. See [ctor@Oai.JsonSchema.new_for_type] for the types of its properties.
 *
 * Returns: %TRUE if the schema was set; %FALSE with %OAI_ERROR_INVALID_ARGUMENT if strict schemas cannot
 *   express a property
 *
 * Since: 1.0
 */
gboolean
oai_response_request_set_response_type (OaiResponseRequest *self, GType type, GError **error)
{
  g_autofree char *name = NULL;
  g_autoptr(OaiJsonSchema) schema = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE_REQUEST (self), FALSE);
  g_return_val_if_fail (g_type_is_a (type, G_TYPE_OBJECT), FALSE);

  schema = oai_structured_reply_new_schema (type, &name, error);

  return schema != NULL && oai_response_request_set_json_schema (self, name, oai_json_schema_get_json (schema), TRUE, error);
}

/**
 * oai_response_parse:
 * @self: a response
 * @type: a class of objects, as set by [method@Oai.ResponseRequest.set_response_type]
 * @error: return location for a [error@Oai.Error]
 *
 * Reads the last message of the model into an object.
 *
 * Fails with %OAI_ERROR_CONTENT_FILTER if the model refused, in which case the message of the error is
 * the refusal, or if a content filter stopped the response; with %OAI_ERROR_LENGTH if a token limit
 * truncated it; and with %OAI_ERROR_PROTOCOL if it does not fit the class. The other errors are those
 * of [method@Oai.Response.check].
 *
 * Returns: (transfer full) (type GObject.Object): a new object, or %NULL with an error
 *
 * Since: 1.0
 */
GObject *
oai_response_parse (OaiResponse *self, GType type, GError **error)
{
  g_autoptr(OaiResponseMessage) message = NULL;
  const char *refusal;

  g_return_val_if_fail (OAI_IS_RESPONSE (self), NULL);
  g_return_val_if_fail (g_type_is_a (type, G_TYPE_OBJECT), NULL);

  refusal = oai_response_get_refusal_text (self);
  if (refusal == NULL && !oai_response_check (self, error))
    return NULL;
  message = oai_response_dup_message (self);

  return oai_structured_reply_parse (type, refusal, message != NULL ? oai_response_message_get_text (message) : NULL, error);
}

/* Streams */

static void
output_text_delta_cb (OaiResponseStream *self, const char *delta, guint output_index, guint content_index, gpointer user_data)
{
  oai_structured_reply_update (G_OBJECT (self), oai_response_stream_get_text (self, output_index, content_index), delta);
}

static void
output_text_done_cb (OaiResponseStream *self, const char *text, guint output_index, guint content_index, gpointer user_data)
{
  oai_structured_reply_update (G_OBJECT (self), text, NULL);
}

/**
 * oai_response_stream_set_parsed:
 * @self: a stream
 * @object: an object of the class that [method@Oai.ResponseRequest.set_response_type] set
 *
 * Sets an object that is updated while the response arrives, as [func@Oai.json_update_object] does, so
 * that a program can bind its properties.
 *
 * The last update is at the end of the text. Before, a text of more than 2 KiB does not update the object
 * with each delta, but each time that it has grown by a sixteenth.
 *
 * When the stream has completed, [method@Oai.Response.parse] checks the whole response.
 *
 * Since: 1.0
 */
void
oai_response_stream_set_parsed (OaiResponseStream *self, GObject *object)
{
  g_return_if_fail (OAI_IS_RESPONSE_STREAM (self));
  g_return_if_fail (G_IS_OBJECT (object));

  if (!oai_structured_reply_set_object (G_OBJECT (self), object))
    return;

  g_signal_connect (self, "output-text-delta", G_CALLBACK (output_text_delta_cb), NULL);
  g_signal_connect (self, "output-text-done", G_CALLBACK (output_text_done_cb), NULL);
}

/**
 * oai_response_stream_get_parsed:
 * @self: a stream
 *
 * Gets the object that is updated while the response arrives.
 *
 * Returns: (nullable) (transfer none): the object that [method@Oai.ResponseStream.set_parsed] set
 *
 * Since: 1.0
 */
GObject *
oai_response_stream_get_parsed (OaiResponseStream *self)
{
  g_return_val_if_fail (OAI_IS_RESPONSE_STREAM (self), NULL);

  return oai_structured_reply_get_object (G_OBJECT (self));
}

/* The method of the endpoint */

/* The arguments of other functions may not fit their schemas.  Functions are strict by default. */
static gboolean
check_tools (OaiResponseRequest *request, GError **error)
{
  GPtrArray *tools = oai_response_request_get_tools (request);

  for (guint i = 0; tools != NULL && i < tools->len; i++)
    {
      OaiRecord *tool = g_ptr_array_index (tools, i);

      if (!OAI_IS_RESPONSE_FUNCTION_TOOL (tool) || oai_response_function_tool_get_strict (OAI_RESPONSE_FUNCTION_TOOL (tool))
          || !oai_record_has_member (tool, "strict"))
        continue;
      /* Translators: %s is the name of a function. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The function “%s” is not strict; only the arguments of strict functions can be parsed."),
                   oai_response_function_tool_get_name (OAI_RESPONSE_FUNCTION_TOOL (tool)));
      return FALSE;
    }

  return TRUE;
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(OaiResponse) response = oai_responses_endpoint_create_finish (OAI_RESPONSES_ENDPOINT (source), result, &error);

  oai_method_attach_call (task, result);
  if (response != NULL && oai_response_check (response, &error))
    g_task_return_pointer (task, g_steal_pointer (&response), g_object_unref);
  else
    g_task_return_error (task, error);
}

void
oai_responses_endpoint_parse_start (OaiResponsesEndpoint *self, OaiResponseRequest *request, GTask *task)
{
  GError *error = NULL;

  if (check_tools (request, &error))
    {
      oai_responses_endpoint_create_async (self, request, g_task_get_cancellable (task), created_cb, task);
      return;
    }

  g_task_return_error (task, error);
  g_object_unref (task);
}
