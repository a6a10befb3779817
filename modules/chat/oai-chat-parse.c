/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-parse.h"

#include "oai-chat-methods-private.h"
#include "oai-chat-stream.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"
#include "oai-structured-reply-private.h"

/**
 * oai_chat_request_set_response_type:
 * @self: a request
 * @type: a class of objects
 * @error: return location for a [error@Oai.Error]
 *
 * Requests a reply that [method@Oai.ChatCompletion.parse] can read into an object: JSON that follows the
 * strict schema of the class. See [ctor@Oai.JsonSchema.new_for_type] for the types of its properties.
 *
 * Returns: %TRUE if the schema was set; %FALSE with %OAI_ERROR_INVALID_ARGUMENT if strict schemas cannot
 *   express a property
 *
 * Since: 1.0
 */
gboolean
oai_chat_request_set_response_type (OaiChatRequest *self, GType type, GError **error)
{
  g_autofree char *name = NULL;
  g_autoptr(OaiJsonSchema) schema = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_REQUEST (self), FALSE);
  g_return_val_if_fail (g_type_is_a (type, G_TYPE_OBJECT), FALSE);

  schema = oai_structured_reply_new_schema (type, &name, error);

  return schema != NULL && oai_chat_request_set_json_schema (self, name, oai_json_schema_get_json (schema), TRUE, error);
}

/* Fails if the content of a choice is no complete JSON. */
static gboolean
check_reason (OaiChatChoice *choice, GError **error)
{
  const char *reason = oai_chat_choice_get_finish_reason (choice);

  if (g_strcmp0 (reason, OAI_FINISH_REASON_LENGTH) == 0)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_LENGTH, _("The reply was truncated by a token limit, so that it cannot be parsed."));
  else if (g_strcmp0 (reason, OAI_FINISH_REASON_CONTENT_FILTER) == 0)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONTENT_FILTER, _("A content filter removed the reply."));
  else
    return TRUE;

  return FALSE;
}

/**
 * oai_chat_choice_parse:
 * @self: a choice
 * @type: a class of objects, as set by [method@Oai.ChatRequest.set_response_type]
 * @error: return location for a [error@Oai.Error]
 *
 * Reads one of several replies into an object, as [method@Oai.ChatCompletion.parse] does.
 *
 * Returns: (transfer full) (type GObject.Object): a new object, or %NULL with an error
 *
 * Since: 1.0
 */
GObject *
oai_chat_choice_parse (OaiChatChoice *self, GType type, GError **error)
{
  OaiChatMessage *message;
  const char *refusal;

  g_return_val_if_fail (OAI_IS_CHAT_CHOICE (self), NULL);
  g_return_val_if_fail (g_type_is_a (type, G_TYPE_OBJECT), NULL);

  message = oai_chat_choice_get_message (self);
  refusal = message != NULL ? oai_chat_message_get_refusal_text (message) : NULL;
  if ((refusal == NULL || refusal[0] == '\0') && !check_reason (self, error))
    return NULL;

  return oai_structured_reply_parse (type, refusal, message != NULL ? oai_chat_message_get_text (message) : NULL, error);
}

/**
 * oai_chat_completion_parse:
 * @self: a completion
 * @type: a class of objects, as set by [method@Oai.ChatRequest.set_response_type]
 * @error: return location for a [error@Oai.Error]
 *
 * Reads the reply into an object.
 *
 * Fails with %OAI_ERROR_CONTENT_FILTER if the model refused, in which case the message of the error is
 * the refusal, or if a content filter removed the reply; with %OAI_ERROR_LENGTH if a token limit
 * truncated it; and with %OAI_ERROR_PROTOCOL if it does not fit the class, for example because the
 * server does not support schemas.
 *
 * Returns: (transfer full) (type GObject.Object): a new object, or %NULL with an error
 *
 * Since: 1.0
 */
GObject *
oai_chat_completion_parse (OaiChatCompletion *self, GType type, GError **error)
{
  OaiChatChoice *choice;

  g_return_val_if_fail (OAI_IS_CHAT_COMPLETION (self), NULL);

  choice = oai_chat_completion_get_first_choice (self);
  if (choice != NULL)
    return oai_chat_choice_parse (choice, type, error);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply contains no text."));
  return NULL;
}

/* Streams */

static void
content_delta_cb (OaiChatStream *self, const char *delta, guint choice_index, gpointer user_data)
{
  if (choice_index == 0)
    oai_structured_reply_update (G_OBJECT (self), oai_chat_stream_get_content (self, 0), delta);
}

static void
content_done_cb (OaiChatStream *self, const char *text, guint choice_index, gpointer user_data)
{
  if (choice_index == 0)
    oai_structured_reply_update (G_OBJECT (self), text, NULL);
}

/**
 * oai_chat_stream_set_parsed:
 * @self: a stream
 * @object: an object of the class that [method@Oai.ChatRequest.set_response_type] set
 *
 * Sets an object that is updated while the reply arrives, as [func@Oai.json_update_object] does, so that
 * a program can bind its properties. Other replies than the one with the index 0 are ignored.
 *
 * The last update is at the end of the text. Before, a text of more than 2 KiB does not update the object
 * with each delta, but each time that it has grown by a sixteenth.
 *
 * When the stream has completed, [method@Oai.ChatCompletion.parse] checks the whole reply.
 *
 * Since: 1.0
 */
void
oai_chat_stream_set_parsed (OaiChatStream *self, GObject *object)
{
  g_return_if_fail (OAI_IS_CHAT_STREAM (self));
  g_return_if_fail (G_IS_OBJECT (object));

  if (!oai_structured_reply_set_object (G_OBJECT (self), object))
    return;

  g_signal_connect (self, "content-delta", G_CALLBACK (content_delta_cb), NULL);
  g_signal_connect (self, "content-done", G_CALLBACK (content_done_cb), NULL);
}

/**
 * oai_chat_stream_get_parsed:
 * @self: a stream
 *
 * Gets the object that is updated while the reply arrives.
 *
 * Returns: (nullable) (transfer none): the object that [method@Oai.ChatStream.set_parsed] set
 *
 * Since: 1.0
 */
GObject *
oai_chat_stream_get_parsed (OaiChatStream *self)
{
  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  return oai_structured_reply_get_object (G_OBJECT (self));
}

/* The method of the endpoint */

/* The arguments of other functions may not fit their schemas. */
static gboolean
check_tools (OaiChatRequest *request, GError **error)
{
  GPtrArray *tools = oai_chat_request_get_tools (request);

  for (guint i = 0; tools != NULL && i < tools->len; i++)
    {
      OaiFunctionDefinition *function = oai_chat_tool_get_function_definition (g_ptr_array_index (tools, i));

      if (function == NULL || oai_function_definition_get_strict (function))
        continue;
      /* Translators: %s is the name of a function. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The function “%s” is not strict; only the arguments of strict functions can be parsed."),
                   oai_function_definition_get_name (function));
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_reasons (OaiChatCompletion *completion, GError **error)
{
  GPtrArray *choices = oai_chat_completion_get_choices (completion);

  for (guint i = 0; choices != NULL && i < choices->len; i++)
    if (!check_reason (g_ptr_array_index (choices, i), error))
      return FALSE;

  return TRUE;
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(OaiChatCompletion) completion = oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (source), result, &error);

  oai_method_attach_call (task, result);
  if (completion != NULL && check_reasons (completion, &error))
    g_task_return_pointer (task, g_steal_pointer (&completion), g_object_unref);
  else
    g_task_return_error (task, error);
}

void
oai_chat_endpoint_parse_start (OaiChatEndpoint *self, OaiChatRequest *request, GTask *task)
{
  OaiCallOptions *held = oai_endpoint_get_options (OAI_ENDPOINT (self));
  g_autoptr(OaiCallOptions) options = held != NULL ? oai_call_options_copy (held) : oai_call_options_new ();
  g_autoptr(OaiEndpoint) endpoint = NULL;
  GError *error = NULL;

  if (!check_tools (request, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  oai_call_options_set_header (options, "X-Stainless-Helper-Method", "chat.completions.parse");
  endpoint = oai_endpoint_with_options (OAI_ENDPOINT (self), options);
  oai_chat_endpoint_create_async (OAI_CHAT_ENDPOINT (endpoint), request, g_task_get_cancellable (task), created_cb, task);
}
