/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signals report each change, transcribed text, and failures. */

#include "chat-speech.h"

#ifdef HAVE_GSTREAMER
#include <gst/gst.h>
#endif

#define SPEECH_MODEL "gpt-4o-mini-tts"
#define DICTATION_MODEL "whisper-1"
#define MAX_TEXT 4096     /* characters */
#define MAX_DICTATION 600 /* seconds */

#define PLAYER "giostreamsrc name=data ! decodebin ! audioconvert ! audioresample ! %s"
#define RECORDER "%s ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=16000,channels=1 ! wavenc ! giostreamsink name=data"

struct _ChatSpeech
{
  GObject parent_instance;

  OaiClient *client;
  GCancellable *cancellable; /* of the request for speech */
#ifdef HAVE_GSTREAMER
  GstElement *player;
  GstElement *recorder;
  GOutputStream *recording;
  guint timeout;
#endif
};

enum
{
  CHANGED,
  TRANSCRIBED,
  FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ChatSpeech, chat_speech, G_TYPE_OBJECT)

static void
chat_speech_dispose (GObject *object)
{
  ChatSpeech *self = CHAT_SPEECH (object);

  chat_speech_close (self);
  g_clear_object (&self->client);

  G_OBJECT_CLASS (chat_speech_parent_class)->dispose (object);
}

static void
chat_speech_class_init (ChatSpeechClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chat_speech_dispose;
  signals[CHANGED] = g_signal_new ("changed", CHAT_TYPE_SPEECH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[TRANSCRIBED] = g_signal_new ("transcribed", CHAT_TYPE_SPEECH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[FAILED] = g_signal_new ("failed", CHAT_TYPE_SPEECH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
chat_speech_init (ChatSpeech *self)
{
}

#ifdef HAVE_GSTREAMER

gboolean
chat_speech_is_supported (void)
{
  return TRUE;
}

static void
end_pipeline (GstElement **pipeline)
{
  g_autoptr(GstBus) bus = NULL;

  if (*pipeline == NULL)
    return;

  bus = gst_element_get_bus (*pipeline);
  gst_bus_remove_signal_watch (bus);
  gst_element_set_state (*pipeline, GST_STATE_NULL);
  gst_clear_object (pipeline);
}

static void
end_recorder (ChatSpeech *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  end_pipeline (&self->recorder);
  g_clear_object (&self->recording);
}

static void
fail (ChatSpeech *self, const GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit (self, signals[FAILED], 0, error->message);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* A failure of the player or of the recorder does not end the other one. */
static void
on_error (GstBus *bus, GstMessage *message, ChatSpeech *self)
{
  g_autoptr(GstBus) recorder_bus = self->recorder != NULL ? gst_element_get_bus (self->recorder) : NULL;
  g_autoptr(GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  if (bus == recorder_bus)
    end_recorder (self);
  else
    end_pipeline (&self->player);
  fail (self, error);
}

/* Returns a pipeline that reads or writes the stream; the sink or the source can be replaced by a variable. */
static GstElement *
start_pipeline (ChatSpeech *self, const char *format, const char *variable, const char *element, gpointer stream, GCallback ended)
{
  const char *replacement = g_getenv (variable);
  g_auto(GStrv) parts = g_strsplit (format, "%s", 2);
  g_autofree char *description = g_strconcat (parts[0], replacement != NULL ? replacement : element, parts[1], NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GstElement) data = NULL;
  g_autoptr(GstBus) bus = NULL;
  GstElement *pipeline = gst_parse_launch (description, &error);

  if (error != NULL)
    {
      gst_clear_object (&pipeline);
      fail (self, error);
      return NULL;
    }

  data = gst_bin_get_by_name (GST_BIN (pipeline), "data");
  g_object_set (data, "stream", stream, NULL);
  bus = gst_element_get_bus (pipeline);
  gst_bus_add_signal_watch (bus);
  g_signal_connect_object (bus, "message::eos", ended, self, 0);
  g_signal_connect_object (bus, "message::error", G_CALLBACK (on_error), self, 0);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);

  return pipeline;
}

static void
on_played (GstBus *bus, GstMessage *message, ChatSpeech *self)
{
  end_pipeline (&self->player);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_speech (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatSpeech) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = oai_audio_endpoint_create_speech_finish (OAI_AUDIO_ENDPOINT (source), result, &error);
  g_autoptr(GInputStream) stream = NULL;

  g_clear_object (&self->cancellable);
  if (bytes == NULL)
    {
      fail (self, error);
      return;
    }
  stream = g_memory_input_stream_new_from_bytes (bytes);
  self->player = start_pipeline (self, PLAYER, "OAI_CHAT_SINK", "autoaudiosink", stream, G_CALLBACK (on_played));
}

/* Plays a text. */
void
chat_speech_speak (ChatSpeech *self, OaiClient *client, const char *text)
{
  g_autofree char *input = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), MAX_TEXT));
  g_autoptr(OaiSpeechRequest) request = oai_speech_request_new (SPEECH_MODEL, input);
  g_autoptr(OaiAudioEndpoint) endpoint = oai_audio_endpoint_new (client);

  oai_speech_request_set_voice (request, OAI_SPEECH_VOICE_CORAL);
  oai_speech_request_set_response_format (request, OAI_SPEECH_FORMAT_WAV);
  self->cancellable = g_cancellable_new ();
  oai_audio_endpoint_create_speech_async (endpoint, request, self->cancellable, on_speech, g_object_ref (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

/* Ends what is played. */
void
chat_speech_stop (ChatSpeech *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  else if (self->player != NULL)
    on_played (NULL, NULL, self);
}

gboolean
chat_speech_is_speaking (ChatSpeech *self)
{
  return self->player != NULL || self->cancellable != NULL;
}

static void
on_transcribed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatSpeech) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiTranscription) transcription = oai_audio_endpoint_transcribe_finish (OAI_AUDIO_ENDPOINT (source), result, &error);

  if (transcription != NULL)
    g_signal_emit (self, signals[TRANSCRIBED], 0, oai_transcription_get_text (transcription));
  else
    fail (self, error);
}

static void
on_recorded (GstBus *bus, GstMessage *message, ChatSpeech *self)
{
  g_autoptr(GOutputStream) stream = g_steal_pointer (&self->recording);
  g_autoptr(OaiAudioEndpoint) endpoint = oai_audio_endpoint_new (self->client);
  g_autoptr(OaiTranscriptionRequest) request = NULL;
  g_autoptr(OaiInputFile) file = NULL;
  g_autoptr(GBytes) bytes = NULL;

  end_recorder (self);
  g_output_stream_close (stream, NULL, NULL);
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
  file = oai_input_file_new_for_bytes (bytes, "dictation.wav");
  request = oai_transcription_request_new (file, DICTATION_MODEL);
  oai_audio_endpoint_transcribe_async (endpoint, request, NULL, on_transcribed, g_object_ref (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

static gboolean
on_timeout (gpointer user_data)
{
  ChatSpeech *self = user_data;

  self->timeout = 0;
  chat_speech_finish_recording (self);

  return G_SOURCE_REMOVE;
}

/* Records until chat_speech_finish_recording(), then emits “transcribed” with the text. */
void
chat_speech_record (ChatSpeech *self, OaiClient *client)
{
  g_set_object (&self->client, client);
  self->recording = g_memory_output_stream_new_resizable ();
  self->recorder = start_pipeline (self, RECORDER, "OAI_CHAT_SOURCE", "autoaudiosrc", self->recording, G_CALLBACK (on_recorded));
  if (self->recorder == NULL)
    {
      g_clear_object (&self->recording);
      return;
    }

  self->timeout = g_timeout_add_seconds (MAX_DICTATION, on_timeout, self);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
chat_speech_finish_recording (ChatSpeech *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->recorder != NULL)
    gst_element_send_event (self->recorder, gst_event_new_eos ());
}

gboolean
chat_speech_is_recording (ChatSpeech *self)
{
  return self->recorder != NULL;
}

/* Ends what is played and recorded; nothing is transcribed. */
void
chat_speech_close (ChatSpeech *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  end_pipeline (&self->player);
  end_recorder (self);
}

#else

gboolean
chat_speech_is_supported (void)
{
  return FALSE;
}

void
chat_speech_speak (ChatSpeech *self, OaiClient *client, const char *text)
{
}

void
chat_speech_stop (ChatSpeech *self)
{
}

gboolean
chat_speech_is_speaking (ChatSpeech *self)
{
  return FALSE;
}

void
chat_speech_record (ChatSpeech *self, OaiClient *client)
{
}

void
chat_speech_finish_recording (ChatSpeech *self)
{
}

gboolean
chat_speech_is_recording (ChatSpeech *self)
{
  return FALSE;
}

void
chat_speech_close (ChatSpeech *self)
{
}

#endif
