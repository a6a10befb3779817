/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-thread-helpers.h"

#include "oai-record-operation.h"
#include "oai-threads-endpoint.h"

/* What people read of a part: its text, or what stands for it. */
static const char *
get_part_text (OaiThreadContentPart *part)
{
  if (OAI_IS_THREAD_TEXT_PART (part))
    {
      OaiThreadText *text = oai_thread_text_part_get_text_object (OAI_THREAD_TEXT_PART (part));

      return text != NULL ? oai_thread_text_get_value (text) : oai_thread_text_part_get_text (OAI_THREAD_TEXT_PART (part));
    }
  if (OAI_IS_THREAD_IMAGE_FILE_PART (part))
    {
      OaiThreadImageFile *file = oai_thread_image_file_part_get_image_file (OAI_THREAD_IMAGE_FILE_PART (part));

      return file != NULL ? oai_thread_image_file_get_file_id (file) : NULL;
    }
  if (OAI_IS_THREAD_IMAGE_URL_PART (part))
    {
      OaiThreadImageUrl *url = oai_thread_image_url_part_get_image_url (OAI_THREAD_IMAGE_URL_PART (part));

      return url != NULL ? oai_thread_image_url_get_url (url) : NULL;
    }
  if (OAI_IS_THREAD_REFUSAL_PART (part))
    return oai_thread_refusal_part_get_refusal (OAI_THREAD_REFUSAL_PART (part));

  return NULL;
}

/**
 * oai_thread_message_dup_text:
 * @self: a message
 *
 * Puts the parts of the message together, each on a line of its own: texts as
 * they are, pictures by the identifier of their file or their address.
 *
 * Returns: (transfer full): the text; may be empty
 *
 * Since: 1.0
 */
char *
oai_thread_message_dup_text (OaiThreadMessage *self)
{
  GPtrArray *parts;
  GString *text;

  g_return_val_if_fail (OAI_IS_THREAD_MESSAGE (self), NULL);

  text = g_string_new (NULL);
  parts = oai_thread_message_get_content (self);
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const char *piece = get_part_text (g_ptr_array_index (parts, i));

      if (piece == NULL)
        continue;
      if (text->len > 0)
        g_string_append_c (text, '\n');
      g_string_append (text, piece);
    }

  return g_string_free (text, FALSE);
}

/**
 * oai_thread_message_request_new_user: (constructor)
 * @text: what the user says
 *
 * Makes a message of the user, to be added to a thread.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
OaiThreadMessageRequest *
oai_thread_message_request_new_user (const char *text)
{
  OaiThreadMessageRequest *self;

  g_return_val_if_fail (text != NULL, NULL);

  self = oai_thread_message_request_new (OAI_THREAD_ROLE_USER);
  oai_thread_message_request_set_content (self, text);

  return self;
}

/**
 * oai_thread_request_new_for_text: (constructor)
 * @text: what the user says
 *
 * Makes a thread that starts with one message of the user.
 *
 * Returns: (transfer full): a new request
 *
 * Since: 1.0
 */
OaiThreadRequest *
oai_thread_request_new_for_text (const char *text)
{
  OaiThreadRequest *self;
  g_autoptr(OaiThreadMessageRequest) message = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  self = oai_thread_request_new ();
  message = oai_thread_message_request_new_user (text);
  oai_thread_request_add_message (self, message);

  return self;
}

/* Threads and runs of an assistant */

static const char *const no_path[] = { NULL };

static guint
get_operation (void)
{
  return oai_endpoint_find_operation (OAI_TYPE_THREADS_ENDPOINT, "create_and_run");
}

/* Without an identifier the request lacks what it needs, and is refused. */
static OaiRecord *
new_run_request (OaiAssistant *self, OaiThreadRequest *thread)
{
  const char *id = oai_assistant_get_id (self);
  OaiThreadRunRequest *request = g_object_new (OAI_TYPE_THREAD_RUN_REQUEST, NULL);

  if (id != NULL && *id != '\0')
    oai_thread_run_request_set_assistant_id (request, id);
  if (thread != NULL)
    oai_thread_run_request_set_thread (request, thread);

  return OAI_RECORD (request);
}

/**
 * oai_assistant_create_thread_and_run:
 * @self: an assistant
 * @thread: (nullable): the thread to make; an empty one by default
 * @cancellable: (nullable): cancels the call
 *
 * Makes a thread and starts a run of the assistant on it.
 *
 * Waits for the reply, not for the run: see [method@Oai.Run.wait]. Goes through the
 * client that the record came from, and fails with [error@Oai.Error] `INVALID_ARGUMENT`
 * where it came from none.
 *
 * `POST threads/runs`, [API reference](https://platform.openai.com/docs/api-reference/runs/createThreadAndRun)
 *
 * Returns: (transfer full): the run
 *
 * Since: 1.0
 */
OaiRun *
oai_assistant_create_thread_and_run (OaiAssistant *self, OaiThreadRequest *thread, GCancellable *cancellable, GError **error)
{
  g_autoptr(OaiRecord) request = NULL;

  g_return_val_if_fail (OAI_IS_ASSISTANT (self), NULL);

  request = new_run_request (self, thread);

  return oai_record_invoke (OAI_RECORD (self), OAI_TYPE_THREADS_ENDPOINT, get_operation (), no_path, NULL, request, cancellable, error);
}

/**
 * oai_assistant_create_thread_and_run_async:
 * @self: an assistant
 * @thread: (nullable): the thread to make; an empty one by default
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async) (nullable): called when the reply is here
 * @user_data: data for @callback
 *
 * Makes a thread and starts a run of the assistant on it.
 *
 * [method@Oai.Assistant.create_thread_and_run_finish] gives the run.
 *
 * `POST threads/runs`, [API reference](https://platform.openai.com/docs/api-reference/runs/createThreadAndRun)
 *
 * Since: 1.0
 */
void
oai_assistant_create_thread_and_run_async (OaiAssistant *self, OaiThreadRequest *thread, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiRecord) request = NULL;

  g_return_if_fail (OAI_IS_ASSISTANT (self));

  request = new_run_request (self, thread);
  oai_record_invoke_async (OAI_RECORD (self), OAI_TYPE_THREADS_ENDPOINT, get_operation (), no_path, NULL, request,
                           cancellable, callback, user_data, oai_assistant_create_thread_and_run_async);
}

/**
 * oai_assistant_create_thread_and_run_finish:
 * @self: an assistant
 * @result: what the callback was given
 *
 * Ends [method@Oai.Assistant.create_thread_and_run_async].
 *
 * Returns: (transfer full): the run
 *
 * Since: 1.0
 */
OaiRun *
oai_assistant_create_thread_and_run_finish (OaiAssistant *self, GAsyncResult *result, GError **error)
{
  return oai_record_invoke_finish (OAI_RECORD (self), result, error);
}

/**
 * oai_assistant_create_thread_and_run_stream:
 * @self: an assistant
 * @thread: (nullable): the thread to make; an empty one by default
 *
 * Makes a thread and starts a run of the assistant on it, which streams in.
 *
 * Nothing is sent before the stream is run or read. Goes through the client that
 * the record came from; where it came from none, the stream fails with
 * [error@Oai.Error] `INVALID_ARGUMENT`.
 *
 * `POST threads/runs`, [API reference](https://platform.openai.com/docs/api-reference/runs/createThreadAndRun)
 *
 * Returns: (transfer full): a stream that is not started yet
 *
 * Since: 1.0
 */
OaiRunStream *
oai_assistant_create_thread_and_run_stream (OaiAssistant *self, OaiThreadRequest *thread)
{
  g_autoptr(OaiRecord) request = NULL;

  g_return_val_if_fail (OAI_IS_ASSISTANT (self), NULL);

  request = new_run_request (self, thread);

  return oai_record_stream (OAI_RECORD (self), OAI_TYPE_THREADS_ENDPOINT, get_operation (), no_path, NULL, request);
}
