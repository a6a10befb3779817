/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-speech.h"

#include "oai-call-private.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"

#define CHUNK_SIZE (16 * 1024)

/**
 * OaiSpeech:
 *
 * Speech that can be played while it is generated.
 *
 * ```python
 * speech = Oai.Speech.new(client.audio, request)
 * speech.connect("chunk", lambda _speech, data: player.push(data))
 * speech.run_async(None, on_done)
 * ```
 *
 * [signal@Oai.Speech::chunk] contains the audio as it arrives, and
 * [method@Oai.Speech.run_finish] returns all of it. This works with every model
 * and every server. [method@Oai.AudioEndpoint.open_speech] returns an input stream instead, and
 * [method@Oai.AudioEndpoint.save_speech] saves the audio to a file.
 *
 * The formats `wav` and `pcm` need no decoder, and can be played from the first byte.
 *
 * `POST audio/speech`, [API reference](https://platform.openai.com/docs/api-reference/audio/createSpeech)
 *
 * Since: 1.0
 */

struct _OaiSpeech
{
  GObject parent_instance;

  OaiAudioEndpoint *endpoint;
  OaiSpeechRequest *request;
  OaiCall *call;
  GByteArray *audio;
  gint64 bytes_received;
  gboolean started;
};

enum
{
  PROP_BYTES_RECEIVED = 1,
  N_PROPS
};

enum
{
  CHUNK,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OaiSpeech, oai_speech, G_TYPE_OBJECT)

static void
oai_speech_finalize (GObject *object)
{
  OaiSpeech *self = OAI_SPEECH (object);

  g_clear_object (&self->endpoint);
  g_clear_object (&self->request);
  g_clear_object (&self->call);
  g_clear_pointer (&self->audio, g_byte_array_unref);

  G_OBJECT_CLASS (oai_speech_parent_class)->finalize (object);
}

static void
oai_speech_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_BYTES_RECEIVED:
      g_value_set_int64 (value, oai_speech_get_bytes_received (OAI_SPEECH (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_speech_class_init (OaiSpeechClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_speech_finalize;
  object_class->get_property = oai_speech_get_property;

  /**
   * OaiSpeech:bytes-received: (getter get_bytes_received)
   *
   * The number of bytes of audio that have arrived. Each [signal@Oai.Speech::chunk] changes it.
   *
   * Since: 1.0
   */
  properties[PROP_BYTES_RECEIVED] = g_param_spec_int64 ("bytes-received", NULL, NULL, 0, G_MAXINT64, 0,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * OaiSpeech::chunk:
   * @self: the speech
   * @data: the next bytes of the audio, in the requested format; never empty
   *
   * Emitted when audio has arrived.
   *
   * Since: 1.0
   */
  signals[CHUNK] = g_signal_new ("chunk", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_BYTES);
}

static void
oai_speech_init (OaiSpeech *self)
{
  self->audio = g_byte_array_new ();
}

/**
 * oai_speech_new:
 * @endpoint: an audio endpoint
 * @request: the text, the model and the voice; it is copied
 *
 * Creates an object that converts a text to speech. The request is sent when the object is run.
 *
 * Returns: (transfer full): a new object
 *
 * Since: 1.0
 */
OaiSpeech *
oai_speech_new (OaiAudioEndpoint *endpoint, OaiSpeechRequest *request)
{
  OaiSpeech *self;

  g_return_val_if_fail (OAI_IS_AUDIO_ENDPOINT (endpoint), NULL);
  g_return_val_if_fail (OAI_IS_SPEECH_REQUEST (request), NULL);

  self = g_object_new (OAI_TYPE_SPEECH, NULL);
  self->endpoint = g_object_ref (endpoint);
  self->request = OAI_SPEECH_REQUEST (oai_record_copy (OAI_RECORD (request)));

  return self;
}

/**
 * oai_speech_get_bytes_received:
 * @self: a speech object
 *
 * Gets the number of bytes of audio that have arrived.
 *
 * Returns: the number of bytes
 *
 * Since: 1.0
 */
gint64
oai_speech_get_bytes_received (OaiSpeech *self)
{
  g_return_val_if_fail (OAI_IS_SPEECH (self), 0);

  return self->bytes_received;
}

/**
 * oai_speech_get_content_type:
 * @self: a speech object
 *
 * Gets the media type of the audio, such as `audio/mpeg`, as the server reports it.
 *
 * Returns: (nullable) (transfer none): the media type, or %NULL before the reply has arrived, or if the
 *   server does not send it
 *
 * Since: 1.0
 */
const char *
oai_speech_get_content_type (OaiSpeech *self)
{
  g_return_val_if_fail (OAI_IS_SPEECH (self), NULL);

  return self->call != NULL ? oai_call_get_header (self->call, "content-type") : NULL;
}

/**
 * oai_speech_get_call:
 * @self: a speech object
 *
 * Gets the call of the request, for example to read the headers of the reply.
 *
 * Returns: (nullable) (transfer none): the call, or %NULL before the reply has arrived or the
 *   request has failed
 *
 * Since: 1.0
 */
OaiCall *
oai_speech_get_call (OaiSpeech *self)
{
  g_return_val_if_fail (OAI_IS_SPEECH (self), NULL);

  return self->call;
}

static void read_more (GTask *task, GInputStream *body);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  OaiSpeech *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr(GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (bytes == NULL)
    {
      g_input_stream_close (G_INPUT_STREAM (source), NULL, NULL);
      g_task_return_error (task, error);
      return;
    }
  if (g_bytes_get_size (bytes) == 0)
    {
      g_input_stream_close (G_INPUT_STREAM (source), NULL, NULL);
      g_task_return_pointer (task, g_byte_array_free_to_bytes (g_steal_pointer (&self->audio)), (GDestroyNotify) g_bytes_unref);
      return;
    }

  self->bytes_received += g_bytes_get_size (bytes);
  g_byte_array_append (self->audio, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  oai_emit (self, signals[CHUNK], 0, bytes);
  oai_emit_notify (self, properties[PROP_BYTES_RECEIVED]);
  read_more (g_steal_pointer (&task), G_INPUT_STREAM (source));
}

/* Takes ownership of task. */
static void
read_more (GTask *task, GInputStream *body)
{
  g_input_stream_read_bytes_async (body, CHUNK_SIZE, g_task_get_priority (task), g_task_get_cancellable (task), read_cb, task);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  OaiSpeech *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr(GInputStream) body = oai_audio_endpoint_open_speech_finish (OAI_AUDIO_ENDPOINT (source), result, &error);

  g_set_object (&self->call, oai_call_find_for_result (result));
  oai_method_attach_call (task, result);
  if (body == NULL)
    g_task_return_error (task, error);
  else
    read_more (g_steal_pointer (&task), body);
}

static gboolean
check_can_run (OaiSpeech *self, GError **error)
{
  if (self->endpoint == NULL || self->request == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                           _("The speech has no endpoint and no request"));
      return FALSE;
    }
  if (self->started)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PENDING, _("The speech is already in use"));
      return FALSE;
    }
  return TRUE;
}

/**
 * oai_speech_run_async:
 * @self: a speech object
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async) (nullable): called when all audio has arrived
 * @user_data: data for @callback
 *
 * Sends the request and reads all audio. An object can be run only once: a second run fails with
 * %G_IO_ERROR_PENDING.
 *
 * [method@Oai.Speech.run_finish] returns the audio.
 *
 * Since: 1.0
 */
void
oai_speech_run_async (OaiSpeech *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  GError *error = NULL;

  g_return_if_fail (OAI_IS_SPEECH (self));

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_speech_run_async);
  if (!check_can_run (self, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  self->started = TRUE;
  oai_audio_endpoint_open_speech_async (self->endpoint, self->request, cancellable, opened_cb, task);
}

/**
 * oai_speech_run_finish:
 * @self: a speech object
 * @result: the result that the callback received
 *
 * Finishes [method@Oai.Speech.run_async].
 *
 * Returns: (transfer full): all of the audio, or %NULL on error
 *
 * Since: 1.0
 */
GBytes *
oai_speech_run_finish (OaiSpeech *self, GAsyncResult *result, GError **error)
{
  return oai_method_finish (self, result, error);
}

/**
 * oai_speech_run:
 * @self: a speech object
 * @cancellable: (nullable): a cancellable
 *
 * Sends the request and reads all audio. An object can be run only once: a second run fails with
 * %G_IO_ERROR_PENDING.
 *
 * Blocks until all audio has arrived, and emits the signals meanwhile.
 * [method@Oai.Speech.run_async] does not block.
 *
 * Returns: (transfer full): all of the audio, or %NULL on error
 *
 * Since: 1.0
 */
GBytes *
oai_speech_run (OaiSpeech *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (OAI_IS_SPEECH (self), NULL);

  return oai_method_run (self, (OaiMethodAsync) oai_speech_run_async, (OaiMethodFinish) oai_speech_run_finish, cancellable, error);
}
