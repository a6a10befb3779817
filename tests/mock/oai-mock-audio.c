/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Speech and transcriptions. */

#include "oai-mock-private.h"
#include "oai-mock-wav-private.h"

#include <string.h>

#define SPEECH_CHUNK 1024
#define WAV_HEADER 44
#define SECONDS_PER_WORD 0.5

static void
add_speech_chunks (OaiMockReply *reply, GBytes *wav, gsize start, gboolean events)
{
  gsize length = g_bytes_get_size (wav);

  for (gsize at = start; at < length; at += SPEECH_CHUNK)
    {
      g_autoptr (GBytes) chunk = g_bytes_new_from_bytes (wav, at, MIN (SPEECH_CHUNK, length - at));

      if (events)
        {
          g_autofree char *data = g_base64_encode (g_bytes_get_data (chunk, NULL), g_bytes_get_size (chunk));

          _oai_mock_reply_add_object_event (reply, NULL, oai_mock_object ("type:s", "speech.audio.delta", "audio:s", data, NULL));
        }
      else
        oai_mock_reply_add_bytes (reply, chunk);
    }
}

static OaiMockReply *
stream_speech (const char *input, GBytes *wav)
{
  OaiMockReply *reply = oai_mock_reply_new_events ();
  guint tokens = _oai_mock_text_count (input);

  add_speech_chunks (reply, wav, 0, TRUE);
  _oai_mock_reply_add_object_event (reply, NULL,
                                    oai_mock_object ("type:s", "speech.audio.done",
                                                     "usage:o", oai_mock_object ("input_tokens:i", tokens, "output_tokens:i", tokens * 20, "total_tokens:i", tokens * 21, NULL),
                                                     NULL));

  return reply;
}

/* The bytes are WAV for every requested format except `pcm`, which gets the samples without a header. */
static OaiMockReply *
create_speech (OaiMockCall *call)
{
  const char *input = call->body != NULL ? oai_mock_get_string (call->body, "input") : NULL;
  gboolean pcm = call->body != NULL && g_strcmp0 (oai_mock_get_string (call->body, "response_format"), "pcm") == 0;
  g_autoptr (GBytes) wav = NULL;
  OaiMockReply *reply;

  if (input == NULL || *input == '\0')
    return _oai_mock_call_invalid (call, "input", "Invalid 'input': it must not be empty.");
  wav = _oai_mock_wav_new (input);
  if (g_strcmp0 (oai_mock_get_string (call->body, "stream_format"), "sse") == 0)
    return stream_speech (input, wav);

  reply = oai_mock_reply_new (200);
  oai_mock_reply_set_content_type (reply, pcm ? "audio/pcm" : "audio/wav");
  oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
  oai_mock_reply_set_chunk_delay (reply, 1);
  add_speech_chunks (reply, wav, pcm ? WAV_HEADER : 0, FALSE);

  return reply;
}

/* Transcriptions */
typedef struct {
  OaiMockCall *call;
  char *text;
  char **words;
  guint n_words;
  gboolean translation;
} Heard;

static void
heard_clear (Heard *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->words, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Heard, heard_clear)

static double
duration (Heard *self)
{
  return self->n_words * SECONDS_PER_WORD;
}

static JsonObject *
usage_tokens (Heard *self)
{
  return oai_mock_object ("type:s", "tokens", "input_tokens:i", 14, "output_tokens:i", self->n_words, "total_tokens:i", 14 + self->n_words,
                          "input_token_details:o", oai_mock_object ("text_tokens:i", 0, "audio_tokens:i", 14, NULL), NULL);
}

static JsonObject *
usage_duration (Heard *self)
{
  return oai_mock_object ("type:s", "duration", "seconds:d", duration (self), NULL);
}

static gboolean
array_holds (JsonObject *body, const char *name, const char *wanted)
{
  JsonArray *array = oai_mock_get_array (body, name);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (g_strcmp0 (json_array_get_string_element (array, i), wanted) == 0)
      return TRUE;

  return FALSE;
}

static JsonObject *
bare_logprob (const char *token)
{
  JsonObject *logprob = _oai_mock_logprob (token, 0);

  json_object_remove_member (logprob, "top_logprobs");
  return logprob;
}

static OaiMockReply *
reply_json (Heard *self)
{
  gboolean whisper = g_strcmp0 (oai_mock_get_string (self->call->body, "model"), "whisper-1") == 0;
  JsonObject *object = oai_mock_object ("text:s", self->text, NULL);

  if (array_holds (self->call->body, "include", "logprobs"))
    {
      JsonArray *logprobs = json_array_new ();

      for (guint i = 0; i < self->n_words; i++)
        json_array_add_object_element (logprobs, bare_logprob (self->words[i]));
      oai_mock_object_set (object, "logprobs:a", logprobs, NULL);
    }
  if (!self->translation)
    oai_mock_object_set (object, "usage:o", whisper ? usage_duration (self) : usage_tokens (self), NULL);

  return _oai_mock_reply_new_object (object);
}

static JsonArray *
make_words (Heard *self)
{
  JsonArray *words = json_array_new ();

  for (guint i = 0; i < self->n_words; i++)
    json_array_add_object_element (words, oai_mock_object ("word:s", g_strchug (self->words[i]), "start:d", i * SECONDS_PER_WORD, "end:d", (i + 1) * SECONDS_PER_WORD, NULL));

  return words;
}

static JsonObject *
make_segment (Heard *self)
{
  JsonArray *tokens = json_array_new ();

  for (guint i = 0; i < self->n_words; i++)
    json_array_add_int_element (tokens, 50364 + i);

  return oai_mock_object ("id:i", 0, "seek:i", 0, "start:d", 0.0, "end:d", duration (self), "text:s", self->text, "tokens:a", tokens,
                          "temperature:d", oai_mock_get_double (self->call->body, "temperature", 0), "avg_logprob:d", -0.25,
                          "compression_ratio:d", 1.5, "no_speech_prob:d", 0.125, NULL);
}

static OaiMockReply *
reply_verbose (Heard *self)
{
  JsonObject *body = self->call->body;
  const char *language = oai_mock_get_string (body, "language");
  gboolean words = array_holds (body, "timestamp_granularities", "word");
  JsonObject *object = oai_mock_object ("language:s", language != NULL ? language : "english", "duration:d", duration (self), "text:s", self->text, NULL);

  if (!words || array_holds (body, "timestamp_granularities", "segment"))
    oai_mock_object_set (object, "segments:a", oai_mock_array_of_object (make_segment (self)), NULL);
  if (words)
    oai_mock_object_set (object, "words:a", make_words (self), NULL);
  if (!self->translation)
    oai_mock_object_set (object, "usage:o", usage_duration (self), "task:s", "transcribe", NULL);

  return _oai_mock_reply_new_object (object);
}

static JsonObject *
make_diarized_segment (Heard *self)
{
  return oai_mock_object ("type:s", "transcript.text.segment", "id:s", "seg_0", "start:d", 0.0, "end:d", duration (self), "text:s", self->text, "speaker:s", "A", NULL);
}

static OaiMockReply *
reply_diarized (Heard *self)
{
  return _oai_mock_reply_new_object (oai_mock_object ("task:s", "transcribe", "duration:d", duration (self), "text:s", self->text,
                                                      "segments:a", oai_mock_array_of_object (make_diarized_segment (self)), "usage:o", usage_tokens (self), NULL));
}

static char *
format_time (double seconds, char separator)
{
  guint milliseconds = (guint) (seconds * 1000);

  return g_strdup_printf ("%02u:%02u:%02u%c%03u", milliseconds / 3600000, milliseconds / 60000 % 60, milliseconds / 1000 % 60, separator, milliseconds % 1000);
}

static OaiMockReply *
reply_subtitles (Heard *self, gboolean vtt)
{
  g_autofree char *end = format_time (duration (self), vtt ? '.' : ',');
  g_autofree char *text = vtt ? g_strdup_printf ("WEBVTT\n\n00:00:00.000 --> %s\n%s\n\n", end, self->text)
                              : g_strdup_printf ("1\n00:00:00,000 --> %s\n%s\n\n\n", end, self->text);

  return oai_mock_reply_new_text (200, "text/plain; charset=utf-8", text);
}

static OaiMockReply *
reply_text (Heard *self)
{
  g_autofree char *line = g_strconcat (self->text, "\n", NULL);

  return oai_mock_reply_new_text (200, "text/plain; charset=utf-8", line);
}

static OaiMockReply *
reply_stream (Heard *self, gboolean diarized)
{
  OaiMockReply *reply = oai_mock_reply_new_events ();

  for (guint i = 0; i < self->n_words && !diarized; i++)
    _oai_mock_reply_add_object_event (reply, NULL, oai_mock_object ("type:s", "transcript.text.delta", "delta:s", self->words[i], NULL));
  if (diarized)
    _oai_mock_reply_add_object_event (reply, NULL, make_diarized_segment (self));
  _oai_mock_reply_add_object_event (reply, NULL, oai_mock_object ("type:s", "transcript.text.done", "text:s", self->text, "usage:o", usage_tokens (self), NULL));

  return reply;
}

static OaiMockReply *
reply_heard (Heard *self)
{
  JsonObject *body = self->call->body;
  const char *format = oai_mock_get_string (body, "response_format");
  gboolean whisper = g_strcmp0 (oai_mock_get_string (body, "model"), "whisper-1") == 0;

  if (oai_mock_member (body, "timestamp_granularities") != NULL && g_strcmp0 (format, "verbose_json") != 0)
    return _oai_mock_call_invalid (self->call, "timestamp_granularities", "timestamp_granularities requires response_format verbose_json.");
  if (oai_mock_get_boolean (body, "stream", FALSE) && !whisper)
    return reply_stream (self, g_strcmp0 (format, "diarized_json") == 0);
  if (format == NULL || g_str_equal (format, "json"))
    return reply_json (self);
  if (g_str_equal (format, "verbose_json"))
    return reply_verbose (self);
  if (g_str_equal (format, "diarized_json"))
    return reply_diarized (self);
  if (g_str_equal (format, "srt") || g_str_equal (format, "vtt"))
    return reply_subtitles (self, format[0] == 'v');

  return reply_text (self);
}

static OaiMockReply *
hear (OaiMockCall *call, gboolean translation)
{
  OaiMockPart *file = call->form != NULL ? _oai_mock_form_find (call->form, "file") : NULL;
  g_auto (Heard) self = { .call = call, .translation = translation };

  if (file == NULL || file->file_name == NULL)
    return _oai_mock_call_invalid (call, "file", "Missing required parameter: 'file'.");
  if (oai_mock_get_string (call->body, "model") == NULL && call->deployment == NULL)
    return _oai_mock_call_invalid (call, "model", "you must provide a model parameter");

  self.text = g_strdup_printf ("I heard %" G_GSIZE_FORMAT " bytes of %s%s", g_bytes_get_size (file->bytes), file->file_name, translation ? " in English." : ".");
  self.words = _oai_mock_text_split (self.text);
  self.n_words = g_strv_length (self.words);

  return reply_heard (&self);
}

static OaiMockReply *
create_transcription (OaiMockCall *call)
{
  return hear (call, FALSE);
}

static OaiMockReply *
create_translation (OaiMockCall *call)
{
  return hear (call, TRUE);
}

const OaiMockRoute _oai_mock_audio_routes[] = {
  { "POST", "/audio/speech", create_speech },
  { "POST", "/audio/transcriptions", create_transcription },
  { "POST", "/audio/translations", create_translation },
  { NULL },
};
