/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-audio-save-speech.h"

#include "oai-call-private.h"
#include "oai-download-private.h"
#include "oai-blocking-call-private.h"

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr(GInputStream) body = oai_audio_endpoint_open_speech_finish (OAI_AUDIO_ENDPOINT (source), result, &error);
  OaiCall *call = oai_call_from_result (result);

  if (call != NULL)
    oai_call_attach (call, task);
  if (body == NULL)
    {
      oai_download_task_fail (task, error);
      return;
    }

  oai_download_task_save_some (task, body);
}

static void
speak (GTask *task)
{
  OaiSpeechRequest *request = g_object_get_data (G_OBJECT (task), "request");

  oai_audio_endpoint_open_speech_async (g_task_get_source_object (task), request, g_task_get_cancellable (task), opened_cb, task);
}

/**
 * oai_audio_endpoint_save_speech_async:
 * @self: an audio endpoint
 * @request: what is to be said
 * @target: what the file is to be
 * @overwrite: whether to replace a file that is there
 * @cancellable: (nullable): cancels it
 * @callback: (scope async) (nullable): called when the file is there
 * @user_data: data for @callback
 *
 * Speaks a text into a file.
 *
 * [method@Oai.AudioEndpoint.save_speech_finish] tells whether it is there.
 *
 * `POST audio/speech`, [API reference](https://platform.openai.com/docs/api-reference/audio/createSpeech)
 *
 * Since: 1.0
 */
void
oai_audio_endpoint_save_speech_async (OaiAudioEndpoint *self, OaiSpeechRequest *request, GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (OAI_IS_AUDIO_ENDPOINT (self));
  g_return_if_fail (OAI_IS_SPEECH_REQUEST (request));
  g_return_if_fail (G_IS_FILE (target));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_audio_endpoint_save_speech_async);
  g_task_set_check_cancellable (task, FALSE);
  g_object_set_data_full (G_OBJECT (task), "request", oai_record_copy (OAI_RECORD (request)), g_object_unref);
  oai_download_task_prepare (task, target, overwrite, speak);
}

/**
 * oai_audio_endpoint_save_speech_finish:
 * @self: an audio endpoint
 * @result: what the callback was given
 *
 * Ends [method@Oai.AudioEndpoint.save_speech_async].
 *
 * Returns: %TRUE if the file is there, whole
 *
 * Since: 1.0
 */
gboolean
oai_audio_endpoint_save_speech_finish (OaiAudioEndpoint *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_audio_endpoint_save_speech:
 * @self: an audio endpoint
 * @request: what is to be said
 * @target: what the file is to be, anywhere GIO can write
 * @overwrite: whether to replace a file that is there
 * @cancellable: (nullable): cancels it
 *
 * Speaks a text into a file.
 *
 * The file appears when it is whole. When it fails or is cancelled, nothing is
 * left, and what was there before stays. Without @overwrite it fails with
 * %G_IO_ERROR_EXISTS where there is a file. What can be known of @target is an
 * error before the request is sent, and costs nothing.
 *
 * A file that is replaced hands its permissions on; a symbolic link is replaced,
 * and what it leads to stays.
 *
 * Blocks; [method@Oai.AudioEndpoint.save_speech_async] does not.
 *
 * `POST audio/speech`, [API reference](https://platform.openai.com/docs/api-reference/audio/createSpeech)
 *
 * Returns: %TRUE if the file is there, whole
 *
 * Since: 1.0
 */
gboolean
oai_audio_endpoint_save_speech (OaiAudioEndpoint *self, OaiSpeechRequest *request, GFile *target, gboolean overwrite, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gboolean saved;

  g_return_val_if_fail (OAI_IS_AUDIO_ENDPOINT (self), FALSE);
  g_return_val_if_fail (OAI_IS_SPEECH_REQUEST (request), FALSE);
  g_return_val_if_fail (G_IS_FILE (target), FALSE);

  oai_blocking_call_begin (&sync);
  oai_audio_endpoint_save_speech_async (self, request, target, overwrite, cancellable, oai_blocking_call_ready, &sync);
  saved = oai_audio_endpoint_save_speech_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return saved;
}
