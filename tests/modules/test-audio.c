/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "test-module.h"
#include "oai-speech-stream.h"

typedef struct
{
  Fixture base;
  OaiAudioEndpoint *audio;
  Place place;
} Test;

static void
set_up (Test *test, gconstpointer data)
{
  fixture_set_up (&test->base, data);
  test->audio = oai_audio_endpoint_new (test->base.client);
  place_init (&test->place, "speech.wav");
}

static void
tear_down (Test *test, gconstpointer data)
{
  if (oai_mock_server_is_validating (test->base.server))
    assert_no_violations (&test->base);
  place_clear (&test->place);
  g_object_unref (test->audio);
  fixture_tear_down (&test->base, data);
}

/* Speech */

static OaiSpeechRequest *
new_speech_request (void)
{
  OaiSpeechRequest *request = oai_speech_request_new ("gpt-4o-mini-tts", "Hello, world! This is a test of speech.");

  oai_speech_request_set_voice (request, OAI_SPEECH_VOICE_ALLOY);
  oai_speech_request_set_response_format (request, OAI_SPEECH_FORMAT_WAV);

  return request;
}

static GBytes *
get_speech (Test *test)
{
  g_autoptr(OaiSpeechRequest) request = new_speech_request ();
  g_autoptr(GError) error = NULL;
  GBytes *sound = oai_audio_endpoint_create_speech (test->audio, request, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (sound, NULL), 4, "RIFF", 4);

  return sound;
}

static void
chunk_cb (GObject *object, GBytes *data, gpointer user_data)
{
  g_ptr_array_add (user_data, g_bytes_ref (data));
}

static void
assert_joined (GPtrArray *chunks, GBytes *expected)
{
  g_autoptr(GByteArray) joined = g_byte_array_new ();

  for (guint i = 0; i < chunks->len; i++)
    g_byte_array_append (joined, g_bytes_get_data (g_ptr_array_index (chunks, i), NULL), g_bytes_get_size (g_ptr_array_index (chunks, i)));
  g_assert_cmpmem (joined->data, joined->len, g_bytes_get_data (expected, NULL), g_bytes_get_size (expected));
}

static void
test_speech_chunks (Test *test, gconstpointer data)
{
  g_autoptr(GBytes) whole = get_speech (test);
  g_autoptr(OaiSpeechRequest) request = new_speech_request ();
  g_autoptr(OaiSpeech) speech = oai_speech_new (test->audio, request);
  g_autoptr(GPtrArray) chunks = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GBytes) sound = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (speech, "chunk", G_CALLBACK (chunk_cb), chunks);
  oai_speech_run_async (speech, NULL, keep_result, &result);
  wait_for (&result);
  sound = oai_speech_run_finish (speech, result, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (sound, whole));
  g_assert_cmpuint (chunks->len, >, 1);
  assert_joined (chunks, whole);
  g_assert_cmpint (oai_speech_get_bytes_received (speech), ==, g_bytes_get_size (whole));
  g_assert_cmpstr (oai_speech_get_content_type (speech), ==, "audio/wav");
  g_assert_cmpuint (oai_call_get_status_code (oai_speech_get_call (speech)), ==, 200);

  g_assert_null (oai_speech_run (speech, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
}

/* The server never sends the rest; the data that has arrived can be played. */
static void
test_speech_before_its_end (Test *test, gconstpointer data)
{
  g_autoptr(OaiSpeechRequest) request = new_speech_request ();
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new (200);
  g_autoptr(GBytes) piece = g_bytes_new_static ("0123456789", 10);
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(GError) error = NULL;
  char buffer[100];

  oai_mock_reply_set_content_type (reply, "audio/mpeg");
  oai_mock_reply_add_repeated (reply, piece, 3);
  oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
  oai_mock_reply_set_hang_after (reply, 10);
  oai_mock_server_push_reply (test->base.server, reply);

  stream = oai_audio_endpoint_open_speech (test->audio, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (stream, buffer, 10, NULL, &error), ==, 10);
  g_assert_no_error (error);
  g_assert_true (g_input_stream_close (stream, NULL, NULL));
}

static void
cancel_at_first_chunk_cb (OaiSpeech *speech, GBytes *data, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
test_speech_cancelled (Test *test, gconstpointer data)
{
  g_autoptr(OaiSpeechRequest) request = new_speech_request ();
  g_autoptr(OaiSpeech) speech = oai_speech_new (test->audio, request);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (speech, "chunk", G_CALLBACK (cancel_at_first_chunk_cb), cancellable);
  oai_speech_run_async (speech, cancellable, keep_result, &result);
  wait_for (&result);
  g_assert_null (oai_speech_run_finish (speech, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (oai_speech_get_bytes_received (speech), >, 0);
}

static void
test_speech_saved (Test *test, gconstpointer data)
{
  g_autoptr(GBytes) whole = get_speech (test);
  g_autoptr(OaiSpeechRequest) request = new_speech_request ();
  g_autoptr(OaiMockReply) truncated = oai_mock_reply_new_pass ();
  g_autofree char *contents = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;

  oai_mock_reply_set_truncate_after (truncated, 2000);
  oai_mock_server_push_reply (test->base.server, truncated);
  g_assert_false (oai_audio_endpoint_save_speech (test->audio, request, test->place.target, FALSE, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  g_assert_false (g_file_query_exists (test->place.target, NULL));
  g_clear_error (&error);

  g_assert_true (oai_audio_endpoint_save_speech (test->audio, request, test->place.target, FALSE, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_load_contents (test->place.target, NULL, &contents, &length, NULL, NULL));
  g_assert_cmpmem (contents, length, g_bytes_get_data (whole, NULL), g_bytes_get_size (whole));
  g_assert_false (oai_audio_endpoint_save_speech (test->audio, request, test->place.target, FALSE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (oai_audio_endpoint_save_speech_to_path (test->audio, request, g_file_peek_path (test->place.target), TRUE, NULL, &error));
  g_assert_no_error (error);
}

/* An invalid target fails before a request is sent. */
static void
test_speech_target_first (Test *test, gconstpointer data)
{
  g_autoptr(OaiSpeechRequest) request = new_speech_request ();
  g_autoptr(GFile) nowhere = g_file_resolve_relative_path (test->place.target, "../no/such/a.wav");
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_replace_contents (test->place.target, "old", 3, NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, NULL));
  g_assert_false (oai_audio_endpoint_save_speech (test->audio, request, test->place.target, FALSE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (oai_audio_endpoint_save_speech (test->audio, request, nowhere, FALSE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->base.server), ==, 0);
}

/* The status is 200, but the body contains no audio. */
static void
test_speech_that_is_none (Test *test, gconstpointer data)
{
  static const struct
  {
    const char *type;
    const char *body;
    const char *message;
  } cases[] = {
    { "application/json", "{\"error\":{\"message\":\"quota is gone\",\"code\":\"insufficient_quota\"}}", "quota is gone" },
    { "text/html", "<html>login</html>", "web page" },
    { "text/plain", "Bad gateway", "text/plain" },
    { "audio/mpeg", "", "no body" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint way = 0; way < 4; way++)
      {
        g_autoptr(OaiSpeechRequest) request = new_speech_request ();
        g_autoptr(OaiSpeech) speech = oai_speech_new (test->audio, request);
        g_autoptr(OaiMockReply) reply = oai_mock_reply_new_text (200, cases[i].type, cases[i].body);
        g_autoptr(OaiCall) call = NULL;
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;

        if (way == 3)
          oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
        oai_mock_server_push_reply (test->base.server, reply);
        if (way == 0)
          g_assert_null (oai_audio_endpoint_create_speech (test->audio, request, NULL, &error));
        else if (way == 1)
          g_assert_null (oai_speech_run (speech, NULL, &error));
        else if (way == 2)
          g_assert_null (text = oai_endpoint_invoke_by_name (OAI_ENDPOINT (test->audio), "create_speech", "{\"model\":\"m\",\"input\":\"x\",\"voice\":\"alloy\"}", NULL, &error));
        else
          g_assert_false (oai_audio_endpoint_save_speech (test->audio, request, test->place.target, FALSE, NULL, &error));
        g_assert_error (error, OAI_ERROR, (int) (i == 0 ? OAI_ERROR_QUOTA_EXCEEDED : OAI_ERROR_PROTOCOL));
        g_assert_nonnull (strstr (error->message, cases[i].message));
        g_assert_false (g_file_query_exists (test->place.target, NULL));
        call = oai_client_find_call_for_error (test->base.client, error);
        g_assert_true (call != NULL || (i == 3 && way == 3));
      }
}

static void
test_speech_refused (Test *test, gconstpointer data)
{
  g_autoptr(OaiSpeechRequest) request = new_speech_request ();
  g_autoptr(OaiSpeech) speech = NULL;
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_error (400, "invalid_request_error", NULL, "Unknown voice");
  g_autoptr(OaiCall) call = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_reply_set_times (reply, 2);
  oai_mock_server_push_reply (test->base.server, reply);
  speech = oai_speech_new (test->audio, request);
  g_assert_null (oai_speech_run (speech, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  g_clear_error (&error);
  g_assert_false (oai_audio_endpoint_save_speech (test->audio, request, test->place.target, FALSE, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  call = oai_client_find_call_for_error (test->base.client, error);
  g_assert_cmpuint (oai_call_get_status_code (call), ==, 400);
}

static char *
last_body (Test *test)
{
  g_autoptr(OaiMockRequest) seen = oai_mock_server_dup_request (test->base.server, -1);

  return oai_mock_request_dup_body_text (seen);
}

static void
test_speech_events (Test *test, gconstpointer data)
{
  g_autoptr(GBytes) whole = get_speech (test);
  g_autoptr(OaiSpeechRequest) request = new_speech_request ();
  g_autoptr(OaiSpeechStream) stream = oai_audio_endpoint_create_speech_stream (test->audio, request);
  g_autoptr(GPtrArray) chunks = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(OaiRecord) done = NULL;
  g_autofree char *body = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (stream, "audio-delta", G_CALLBACK (chunk_cb), chunks);
  done = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  assert_joined (chunks, whole);
  g_assert_cmpint (oai_speech_stream_get_bytes_received (stream), ==, g_bytes_get_size (whole));
  g_assert_cmpint (oai_speech_usage_get_total_tokens (oai_speech_event_get_usage (OAI_SPEECH_EVENT (done))), >, 0);
  body = last_body (test);
  g_assert_nonnull (strstr (body, "\"stream_format\":\"sse\""));
  g_assert_null (strstr (body, "\"stream\""));
}

/* A request that was used for events requests no events when it is used for bytes. */
static void
test_speech_request_used_again (Test *test, gconstpointer data)
{
  g_autoptr(OaiSpeechRequest) request = new_speech_request ();
  g_autoptr(GBytes) sound = NULL;
  g_autofree char *body = NULL;
  g_autoptr(GError) error = NULL;

  oai_speech_request_set_stream_format (request, OAI_SPEECH_STREAM_FORMAT_SSE);
  sound = oai_audio_endpoint_create_speech (test->audio, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (sound, NULL), 4, "RIFF", 4);
  body = last_body (test);
  g_assert_null (strstr (body, "stream_format"));
  g_assert_cmpstr (oai_speech_request_get_stream_format (request), ==, OAI_SPEECH_STREAM_FORMAT_SSE);
}

static void
test_speech_events_truncated (Test *test, gconstpointer data)
{
  g_autoptr(OaiSpeechRequest) request = new_speech_request ();
  g_autoptr(OaiSpeechStream) stream = oai_audio_endpoint_create_speech_stream (test->audio, request);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_events ();
  g_autoptr(GError) error = NULL;

  oai_mock_reply_add_event (reply, NULL, "{\"type\":\"speech.audio.delta\",\"audio\":\"UklGRg==\"}");
  oai_mock_server_push_reply (test->base.server, reply);
  g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  g_assert_cmpint (oai_speech_stream_get_bytes_received (stream), ==, 4);
}

/* Base64 that is split at each comma. */
static OaiMockReply *
new_sound_events (const char *audio)
{
  OaiMockReply *reply = oai_mock_reply_new_events ();
  g_auto(GStrv) pieces = g_strsplit (audio, ",", -1);

  for (guint i = 0; pieces[i] != NULL; i++)
    {
      g_autofree char *event = g_strdup_printf ("{\"type\":\"speech.audio.delta\",\"audio\":\"%s\"}", pieces[i]);

      oai_mock_reply_add_event (reply, NULL, event);
    }
  oai_mock_reply_add_event (reply, NULL, "{\"type\":\"speech.audio.done\"}");

  return reply;
}

/* All of the audio in one JSON object, with signals and with next(). */
static void
test_speech_whole (Test *test, gconstpointer data)
{
  for (guint pulled = 0; pulled < 2; pulled++)
    {
      g_autoptr(OaiSpeechRequest) request = new_speech_request ();
      g_autoptr(OaiSpeechStream) stream = oai_audio_endpoint_create_speech_stream (test->audio, request);
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"audio\":\"UklGRg==\",\"usage\":{\"total_tokens\":4}}");
      g_autoptr(GPtrArray) chunks = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_autoptr(OaiRecord) record = NULL;
      g_autoptr(GError) error = NULL;

      g_signal_connect (stream, "audio-delta", G_CALLBACK (chunk_cb), chunks);
      oai_mock_server_push_reply (test->base.server, reply);
      if (pulled)
        {
          g_autoptr(OaiRecord) delta = oai_stream_next (OAI_STREAM (stream), NULL, &error);

          g_assert_no_error (error);
          g_assert_cmpstr (oai_speech_event_get_audio (OAI_SPEECH_EVENT (delta)), ==, "UklGRg==");
          record = oai_stream_next (OAI_STREAM (stream), NULL, &error);
          g_assert_no_error (error);
          g_assert_null (oai_stream_next (OAI_STREAM (stream), NULL, &error));
        }
      else
        {
          record = oai_stream_run (OAI_STREAM (stream), NULL, &error);
        }
      g_assert_no_error (error);
      g_assert_cmpint (oai_speech_usage_get_total_tokens (oai_speech_event_get_usage (OAI_SPEECH_EVENT (record))), ==, 4);
      g_assert_cmpuint (chunks->len, ==, 1);
      g_assert_cmpmem (g_bytes_get_data (chunks->pdata[0], NULL), g_bytes_get_size (chunks->pdata[0]), "RIFF", 4);
    }
}

/* No invalid data is skipped, and a reply that is not a stream is reported as an error. *//* No invalid data is skipped, and a reply that is not a stream is reported as an error. */
static void
test_speech_events_damaged (Test *test, gconstpointer data)
{
  static const struct { const char *audio; gint64 size; gboolean damaged; } cases[] = {
    { "@@@@", 0, TRUE }, { "QUI", 2, FALSE }, { "_-8", 2, FALSE }, { "QUJDR", 3, TRUE },
    { "U,klGR,g,=,=,UklG,Rg", 8, FALSE }, { "Q,@", 0, TRUE }, { "QUJDQ,=", 3, TRUE },
  };
  g_autoptr(OaiSpeechRequest) request = new_speech_request ();
  g_autoptr(OaiMockReply) sound = oai_mock_reply_new_text (200, "audio/mpeg", "ID3ID3ID3");
  g_autoptr(OaiSpeechStream) foreign = oai_audio_endpoint_create_speech_stream (test->audio, request);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiSpeechStream) stream = oai_audio_endpoint_create_speech_stream (test->audio, request);
      g_autoptr(OaiMockReply) reply = new_sound_events (cases[i].audio);
      g_autoptr(OaiRecord) done = NULL;

      oai_mock_server_push_reply (test->base.server, reply);
      done = oai_stream_run (OAI_STREAM (stream), NULL, &error);
      if (cases[i].damaged)
        g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
      else
        g_assert_no_error (error);
      g_assert_cmpint (oai_speech_stream_get_bytes_received (stream), ==, cases[i].size);
      g_clear_error (&error);
    }

  oai_mock_server_push_reply (test->base.server, sound);
  g_assert_null (oai_stream_run (OAI_STREAM (foreign), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "audio/mpeg"));
}

/* Transcriptions */

static OaiTranscriptionRequest *
new_transcription_request (const char *model)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("RIFF....WAVE", 12);
  g_autoptr(OaiInputFile) file = oai_input_file_new_for_bytes (bytes, "a.wav");

  return oai_transcription_request_new (file, model);
}

#define HEARD "I heard 12 bytes of a.wav."

static OaiTranscription *
transcribe (Test *test, const char *model, const char *format)
{
  g_autoptr(OaiTranscriptionRequest) request = new_transcription_request (model);
  g_autoptr(GError) error = NULL;
  OaiTranscription *transcription;

  oai_transcription_request_set_response_format (request, format);
  oai_transcription_request_set_temperature (request, 0.1);
  transcription = oai_audio_endpoint_transcribe (test->audio, request, NULL, &error);
  g_assert_no_error (error);

  return transcription;
}

static void
test_upload_from_each_source (Test *test, gconstpointer data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("RIFF....WAVE", 12);
  g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes (bytes);
  OaiTranscription *transcriptions[4];
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_replace_contents (test->place.target, "RIFF....WAVE", 12, NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, &error));
  transcriptions[0] = oai_audio_endpoint_transcribe_path (test->audio, g_file_peek_path (test->place.target), "whisper-1", NULL, &error);
  g_assert_no_error (error);
  transcriptions[1] = oai_audio_endpoint_transcribe_file (test->audio, test->place.target, "whisper-1", NULL, &error);
  g_assert_no_error (error);
  transcriptions[2] = oai_audio_endpoint_transcribe_bytes (test->audio, bytes, "a.wav", "whisper-1", NULL, &error);
  g_assert_no_error (error);
  transcriptions[3] = oai_audio_endpoint_transcribe_input_stream (test->audio, stream, "a.wav", 12, "whisper-1", NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (transcriptions); i++)
    {
      g_autoptr(OaiTranscription) transcription = transcriptions[i];

      g_assert_nonnull (strstr (oai_transcription_get_text (transcription), "12 bytes"));
    }
}

static void
test_formats (Test *test, gconstpointer data)
{
  g_autoptr(OaiTranscription) json = transcribe (test, "gpt-4o-transcribe", OAI_TRANSCRIPTION_FORMAT_JSON);
  g_autoptr(OaiTranscription) text = transcribe (test, "whisper-1", OAI_TRANSCRIPTION_FORMAT_TEXT);
  g_autoptr(OaiTranscription) srt = transcribe (test, "whisper-1", OAI_TRANSCRIPTION_FORMAT_SRT);
  g_autoptr(OaiTranscription) vtt = transcribe (test, "whisper-1", OAI_TRANSCRIPTION_FORMAT_VTT);
  g_autoptr(OaiTranscription) verbose = transcribe (test, "whisper-1", OAI_TRANSCRIPTION_FORMAT_VERBOSE_JSON);

  g_assert_cmpstr (oai_transcription_get_text (json), ==, HEARD);
  g_assert_cmpint (oai_transcription_usage_get_total_tokens (oai_transcription_get_usage (json)), >, 14);
  g_assert_cmpstr (oai_transcription_get_text (text), ==, HEARD "\n");
  g_assert_true (g_str_has_prefix (oai_transcription_get_text (srt), "1\n00:00:00,000 --> "));
  g_assert_true (g_str_has_prefix (oai_transcription_get_text (vtt), "WEBVTT\n"));
  g_assert_cmpstr (oai_transcription_get_text (verbose), ==, HEARD);
  g_assert_cmpfloat (oai_transcription_get_duration (verbose), >, 0);
  g_assert_cmpuint (oai_transcription_get_segments (verbose)->len, ==, 1);
}

static void
test_words (Test *test, gconstpointer data)
{
  g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("whisper-1");
  g_autoptr(OaiTranscription) transcription = NULL;
  g_autoptr(GError) error = NULL;
  OaiTranscriptionWord *word;

  oai_transcription_request_enable_word_timestamps (request);
  transcription = oai_audio_endpoint_transcribe (test->audio, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_transcription_get_words (transcription)->len, ==, 6);
  word = g_ptr_array_index (oai_transcription_get_words (transcription), 1);
  g_assert_cmpstr (oai_transcription_word_get_word (word), ==, "heard");
  g_assert_cmpfloat (oai_transcription_word_get_start (word), ==, 0.5);
  g_assert_cmpfloat (oai_transcription_word_get_end (word), ==, 1.0);
  g_assert_cmpuint (oai_transcription_get_segments (transcription)->len, ==, 1);
}

static void
test_granularities_want_their_format (Test *test, gconstpointer data)
{
  static const char *const words[] = { "word", NULL };
  static const char *const formats[] = { "text", "vtt", "srt" };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("whisper-1");
      g_autoptr(GError) error = NULL;

      oai_transcription_request_set_timestamp_granularities (request, words);
      oai_transcription_request_set_response_format (request, formats[i]);
      g_assert_null (oai_audio_endpoint_transcribe (test->audio, request, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, "verbose_json"));
    }
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->base.server), ==, 0);
}

static void
test_speakers (Test *test, gconstpointer data)
{
  g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("gpt-4o-transcribe-diarize");
  g_autoptr(OaiTranscription) transcription = NULL;
  g_autoptr(GError) error = NULL;
  OaiTranscriptionSegment *segment;

  oai_transcription_request_enable_speaker_labels (request);
  transcription = oai_audio_endpoint_transcribe (test->audio, request, NULL, &error);
  g_assert_no_error (error);
  segment = g_ptr_array_index (oai_transcription_get_segments (transcription), 0);
  g_assert_cmpstr (oai_transcription_segment_get_speaker (segment), ==, "A");
  g_assert_cmpstr (oai_transcription_segment_get_name (segment), ==, "seg_0");
}

/* Servers that send wrong content types. */
static void
test_text_of_others (Test *test, gconstpointer data)
{
  static const struct
  {
    const char *type;
    const char *body;
    const char *text;
  } cases[] = {
    { "application/json", "\"He said \\\"no\\\".\"", "He said \"no\"." },
    { "application/json", "just text", "just text" },
    { "application/json", "{\"text\":\"an object\",\"x_groq\":{}}", "an object" },
    { "text/plain", "", "" },
    { "text/plain", "caf\xe9", "caf\xef\xbf\xbd" },
    { "text/vtt", "WEBVTT\n\n", "WEBVTT\n\n" },
    { "text/plain", "[Music]\n", "[Music]\n" },
    { "text/plain", "{sighs} Well.", "{sighs} Well." },
    { "text/plain", "{\"a\":1}", "{\"a\":1}" },
    { "text/html", "plain words of a server that names no type", "plain words of a server that names no type" },
    { "application/octet-stream", "{\"text\":\"an object\"}", "an object" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_text (200, cases[i].type, cases[i].body);
      g_autoptr(OaiTranscription) transcription = NULL;

      oai_mock_server_push_reply (test->base.server, reply);
      transcription = transcribe (test, "whisper-1", "text");
      g_assert_cmpstr (oai_transcription_get_text (transcription), ==, cases[i].text);
    }
}

/* The requested format is used for any content type of the reply. */
static void
test_json_by_another_name (Test *test, gconstpointer data)
{
  static const char *const types[] = { "application/json", "text/plain", "application/octet-stream", "" };
  static const char *const bad[] = { "just text", "<html>login</html>", "{\"text\":\"cut" };
  g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("whisper-1");

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_text (200, types[i], "{\"text\":\"hi\",\"segments\":[{\"id\":0,\"text\":\"hi\"}]}");
      g_autoptr(OaiTranscription) transcription = NULL;

      oai_mock_server_push_reply (test->base.server, reply);
      transcription = transcribe (test, "whisper-1", "verbose_json");
      g_assert_cmpstr (oai_transcription_get_text (transcription), ==, "hi");
      g_assert_cmpuint (oai_transcription_get_segments (transcription)->len, ==, 1);
    }

  oai_transcription_request_set_response_format (request, "json");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    for (guint streamed = 0; streamed < 2; streamed++)
      {
        g_autoptr(OaiTranscriptionStream) stream = oai_audio_endpoint_transcribe_stream (test->audio, request);
        g_autoptr(OaiMockReply) reply = oai_mock_reply_new_text (200, i == 1 ? "text/html" : "text/plain", bad[i]);
        g_autoptr(GError) error = NULL;

        oai_mock_server_push_reply (test->base.server, reply);
        if (streamed)
          g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
        else
          g_assert_null (oai_audio_endpoint_transcribe (test->audio, request, NULL, &error));
        g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
        g_assert_true (i != 1 || strstr (error->message, "web page") != NULL);
      }
}

/* Formats that cannot be streamed arrive as a whole, in network chunks of any size. */
static void
test_stream_of_text (Test *test, gconstpointer data)
{
  static const char *const formats[] = { "text", "srt", "vtt" };
  static const char *const texts[] = { "de rien, I said", "id", "[Music]", "retry", "1\n00:00 --> 00:01\nHi\n", "{sighs}" };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("whisper-1");
      g_autoptr(OaiTranscriptionStream) stream = NULL;
      g_autoptr(OaiRecord) result = NULL;
      g_autoptr(GError) error = NULL;

      oai_transcription_request_set_response_format (request, formats[i]);
      stream = oai_audio_endpoint_transcribe_stream (test->audio, request);
      result = oai_stream_run (OAI_STREAM (stream), NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (strstr (oai_transcription_get_text (OAI_TRANSCRIPTION (result)), HEARD));
    }

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (guint size = 0; size < 3; size++)
      {
        g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("whisper-1");
        g_autoptr(OaiTranscriptionStream) stream = NULL;
        g_autoptr(OaiMockReply) reply = oai_mock_reply_new_text (200, "text/plain; charset=utf-8", texts[i]);
        g_autoptr(OaiRecord) result = NULL;
        g_autoptr(GError) error = NULL;

        oai_mock_reply_set_chunk_size (reply, size);
        oai_mock_server_push_reply (test->base.server, reply);
        oai_transcription_request_set_response_format (request, "text");
        stream = oai_audio_endpoint_transcribe_stream (test->audio, request);
        result = oai_stream_run (OAI_STREAM (stream), NULL, &error);
        g_assert_no_error (error);
        g_assert_cmpstr (oai_transcription_get_text (OAI_TRANSCRIPTION (result)), ==, texts[i]);
        g_assert_cmpstr (oai_transcription_stream_get_text (stream), ==, texts[i]);
      }
}

/* Servers detect the format from the file name. */
static void
test_audio_without_a_name (Test *test, gconstpointer data)
{
  static const char *const contents[] = { "RIFF....WAVE", "ID3....", "fLaC....", "....ftypM4A ", "no sound" };
  static const char *const names[] = { "audio.wav", "audio.mp3", "audio.flac", "audio.m4a", "upload" };
  static const char *const types[] = { "audio/wav", "audio/mpeg", "audio/flac", "audio/mp4", "application/octet-stream" };

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autoptr(GBytes) bytes = g_bytes_new_static (contents[i], strlen (contents[i]));
      g_autoptr(OaiInputFile) file = oai_input_file_new_for_bytes (bytes, NULL);
      g_autoptr(OaiTranscriptionRequest) request = oai_transcription_request_new (file, "whisper-1");
      g_autoptr(OaiTranscription) transcription = oai_audio_endpoint_transcribe (test->audio, request, NULL, NULL);
      g_autoptr(OaiMockRequest) seen = oai_mock_server_dup_request (test->base.server, -1);
      g_autofree char *name = oai_mock_request_dup_part_file_name (seen, "file");
      g_autofree char *type = oai_mock_request_dup_part_content_type (seen, "file");

      g_assert_nonnull (transcription);
      g_assert_cmpstr (name, ==, names[i]);
      g_assert_cmpstr (type, ==, types[i]);
    }
}

static void
test_translate (Test *test, gconstpointer data)
{
  static const char *const formats[] = { "json", "text", "srt", "verbose_json", "vtt" };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr(GBytes) bytes = g_bytes_new_static ("RIFF....WAVE", 12);
      g_autoptr(OaiInputFile) file = oai_input_file_new_for_bytes (bytes, "a.wav");
      g_autoptr(OaiTranslationRequest) request = oai_translation_request_new (file, "whisper-1");
      g_autoptr(OaiTranscription) transcription = NULL;
      g_autoptr(GError) error = NULL;

      oai_translation_request_set_response_format (request, formats[i]);
      transcription = oai_audio_endpoint_translate (test->audio, request, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (strstr (oai_transcription_get_text (transcription), "in English."));
    }
}

static void
delta_cb (OaiTranscriptionStream *stream, const char *text, gpointer user_data)
{
  g_string_append (user_data, text);
  g_assert_cmpstr (oai_transcription_stream_get_text (stream), ==, ((GString *) user_data)->str);
}

static void
segment_cb (OaiTranscriptionStream *stream, OaiTranscriptionSegment *segment, gpointer user_data)
{
  g_string_append_printf (user_data, "%s: %s", oai_transcription_segment_get_speaker (segment), oai_transcription_segment_get_text (segment));
}

static void
test_stream (Test *test, gconstpointer data)
{
  for (guint coalesce = 0; coalesce <= 1000; coalesce += 1000)
    {
      g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("gpt-4o-transcribe");
      g_autoptr(OaiTranscriptionStream) stream = oai_audio_endpoint_transcribe_stream (test->audio, request);
      g_autoptr(GString) text = g_string_new (NULL);
      g_autoptr(OaiRecord) result = NULL;
      g_autoptr(GError) error = NULL;

      oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), coalesce);
      g_signal_connect (stream, "text-delta", G_CALLBACK (delta_cb), text);
      result = oai_stream_run (OAI_STREAM (stream), NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (text->str, ==, HEARD);
      g_assert_cmpstr (oai_transcription_get_text (OAI_TRANSCRIPTION (result)), ==, HEARD);
      g_assert_cmpint (oai_transcription_usage_get_output_tokens (oai_transcription_get_usage (OAI_TRANSCRIPTION (result))), ==, 6);
    }
}

static void
test_stream_of_speakers (Test *test, gconstpointer data)
{
  g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("gpt-4o-transcribe-diarize");
  g_autoptr(OaiTranscriptionStream) stream = NULL;
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(OaiTranscription) transcription = NULL;
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_transcription_request_enable_speaker_labels (request);
  stream = oai_audio_endpoint_transcribe_stream (test->audio, request);
  g_signal_connect (stream, "segment", G_CALLBACK (segment_cb), text);
  result = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, "A: " HEARD);
  transcription = oai_transcription_stream_dup_transcription (stream);
  g_assert_cmpuint (oai_transcription_get_segments (transcription)->len, ==, 1);
  g_assert_cmpstr (oai_transcription_get_text (transcription), ==, HEARD);
}

/* A segment with the maximum nesting depth of JSON; the transcription that contains it is deeper. */
static void
test_stream_of_deep_segment (Test *test, gconstpointer data)
{
  g_autofree char *open = g_strnfill (511, '[');
  g_autofree char *closed = g_strnfill (511, ']');
  g_autofree char *event = g_strdup_printf ("{\"type\":\"transcript.text.segment\",\"speaker\":\"A\",\"text\":\"x\",\"y\":%s%s}", open, closed);
  g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("gpt-4o-transcribe-diarize");
  g_autoptr(OaiTranscriptionStream) stream = oai_audio_endpoint_transcribe_stream (test->audio, request);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_events ();
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_reply_add_event (reply, NULL, event);
  oai_mock_reply_add_event (reply, NULL, "{\"type\":\"transcript.text.done\",\"text\":\"x\"}");
  oai_mock_server_push_reply (test->base.server, reply);
  g_signal_connect (stream, "segment", G_CALLBACK (segment_cb), text);
  result = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, "A: x");
  g_assert_cmpuint (oai_transcription_get_segments (OAI_TRANSCRIPTION (result))->len, ==, 1);
}

/* whisper-1 ignores “stream”. */
static void
test_stream_that_is_none (Test *test, gconstpointer data)
{
  g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("whisper-1");
  g_autoptr(OaiTranscriptionStream) stream = NULL;
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_transcription_request_enable_word_timestamps (request);
  stream = oai_audio_endpoint_transcribe_stream (test->audio, request);
  g_signal_connect (stream, "text-delta", G_CALLBACK (delta_cb), text);
  result = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, HEARD);
  g_assert_cmpuint (oai_transcription_get_words (OAI_TRANSCRIPTION (result))->len, ==, 6);
}

/* With next(), it is delivered like a stream: text, segments, the end. */
static void
test_stream_that_is_none_pulled (Test *test, gconstpointer data)
{
  static const char *const types[] = { "transcript.text.delta", "transcript.text.segment", "transcript.text.done" };
  g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("whisper-1");
  g_autoptr(OaiTranscriptionStream) stream = oai_audio_endpoint_transcribe_stream (test->audio, request);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"text\":\"Hi there\",\"language\":\"english\",\"segments\":[{\"id\":0,\"speaker\":\"A\",\"text\":\"Hi there\"}],\"usage\":{\"type\":\"duration\",\"seconds\":2}}");
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GString) segments = g_string_new (NULL);
  g_autoptr(OaiTranscription) transcription = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (stream, "text-delta", G_CALLBACK (delta_cb), text);
  g_signal_connect (stream, "segment", G_CALLBACK (segment_cb), segments);
  oai_mock_server_push_reply (test->base.server, reply);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr(OaiRecord) chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (oai_record_get_string_member (chunk, "type"), ==, types[i]);
      g_assert_cmpstr (oai_record_get_string_member (chunk, i == 0 ? "delta" : "text"), ==, "Hi there");
    }
  g_assert_null (oai_stream_next (OAI_STREAM (stream), NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, "Hi there");
  g_assert_cmpstr (segments->str, ==, "A: Hi there");
  transcription = oai_transcription_stream_dup_transcription (stream);
  g_assert_cmpstr (oai_transcription_get_text (transcription), ==, "Hi there");
  g_assert_cmpstr (oai_transcription_get_language (transcription), ==, "english");
  g_assert_cmpuint (oai_transcription_get_segments (transcription)->len, ==, 1);
}

static void
test_stream_truncated (Test *test, gconstpointer data)
{
  g_autoptr(OaiTranscriptionRequest) request = new_transcription_request ("gpt-4o-transcribe");
  g_autoptr(OaiTranscriptionStream) stream = oai_audio_endpoint_transcribe_stream (test->audio, request);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_events ();
  g_autoptr(OaiTranscription) transcription = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_reply_add_event (reply, NULL, "{\"type\":\"transcript.text.delta\",\"delta\":\"I heard\",\"logprobs\":[{\"token\":\"I\",\"logprob\":-1}]}");
  oai_mock_server_push_reply (test->base.server, reply);
  g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  transcription = oai_transcription_stream_dup_transcription (stream);
  g_assert_cmpstr (oai_transcription_get_text (transcription), ==, "I heard");
  g_assert_cmpuint (oai_transcription_get_logprobs (transcription)->len, ==, 1);
}

/* Voices */

static void
test_voices (Test *test, gconstpointer data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("RIFF....WAVE", 12);
  g_autoptr(OaiInputFile) recording = oai_input_file_new_for_bytes (bytes, "consent.wav");
  g_autoptr(OaiInputFile) sample = oai_input_file_new_for_bytes (bytes, "sample.wav");
  g_autoptr(OaiVoiceConsentRequest) consent_request = oai_voice_consent_request_new ("Ann", recording, "en-US");
  g_autoptr(OaiVoiceConsentUpdate) update = oai_voice_consent_update_new ("Anne");
  g_autoptr(OaiVoiceConsent) consent = NULL;
  g_autoptr(OaiVoiceConsent) renamed = NULL;
  g_autoptr(OaiVoiceRequest) request = NULL;
  g_autoptr(OaiVoice) voice = NULL;
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(OaiVoiceConsentDeletion) deletion = NULL;
  g_autoptr(GError) error = NULL;

  consent = oai_audio_endpoint_create_voice_consent (test->audio, consent_request, NULL, &error);
  g_assert_no_error (error);
  renamed = oai_audio_endpoint_update_voice_consent (test->audio, oai_voice_consent_get_id (consent), update, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_voice_consent_get_name (renamed), ==, "Anne");
  page = oai_audio_endpoint_list_voice_consents (test->audio, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (page)), ==, 1);

  request = oai_voice_request_new ("Anne", sample, oai_voice_consent_get_id (consent));
  voice = oai_audio_endpoint_create_voice (test->audio, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_voice_get_name (voice), ==, "Anne");
  g_assert_cmpstr (oai_voice_get_type_value (voice), ==, OAI_VOICE_TYPE_AUDIO_SAMPLE);

  deletion = oai_audio_endpoint_delete_voice_consent (test->audio, oai_voice_consent_get_id (consent), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_voice_consent_deletion_get_deleted (deletion));
}

static void
test_voice_from_prompt (Test *test, gconstpointer data)
{
  g_autoptr(OaiVoicePromptRequest) request = oai_voice_prompt_request_new ("Anne", "Warm and calm");
  g_autoptr(OaiVoice) voice = NULL;
  g_autoptr(OaiVoiceDeletion) deletion = NULL;
  g_autoptr(OaiMockRequest) seen = NULL;
  g_autoptr(GBytes) type = NULL;
  g_autoptr(GError) error = NULL;

  oai_voice_prompt_request_set_script_hint (request, "Good evening");
  voice = oai_audio_endpoint_create_voice_from_prompt (test->audio, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_voice_get_type_value (voice), ==, OAI_VOICE_TYPE_PROMPT);
  g_assert_cmpstr (oai_voice_get_prompt (voice), ==, "Warm and calm");
  seen = oai_mock_server_dup_request (test->base.server, -1);
  type = oai_mock_request_dup_part (seen, "type");
  g_assert_cmpmem (g_bytes_get_data (type, NULL), g_bytes_get_size (type), "prompt", 6);

  deletion = oai_audio_endpoint_delete_voice (test->audio, oai_voice_get_id (voice), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_voice_deletion_get_deleted (deletion));
  g_assert_null (oai_audio_endpoint_delete_voice (test->audio, oai_voice_get_id (voice), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
}

#define ADD(path, function) g_test_add (path, Test, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/audio/speech/chunks-and-whole-audio", test_speech_chunks);
  ADD ("/audio/speech/chunks-arrive-before-the-end", test_speech_before_its_end);
  ADD ("/audio/speech/cancelled-during-the-stream", test_speech_cancelled);
  ADD ("/audio/speech/saved-or-no-file", test_speech_saved);
  ADD ("/audio/speech/the-target-is-checked-before-the-request", test_speech_target_first);
  ADD ("/audio/speech/a-reply-that-is-not-audio", test_speech_that_is_none);
  ADD ("/audio/speech/invalid-events", test_speech_events_damaged);
  ADD ("/audio/speech/an-error-status-is-reported", test_speech_refused);
  ADD ("/audio/speech/events-have-audio-and-usage", test_speech_events);
  ADD ("/audio/speech/a-request-for-events-also-returns-bytes", test_speech_request_used_again);
  ADD ("/audio/speech/whole-reply-for-events", test_speech_whole);
  ADD ("/audio/speech/truncated-events", test_speech_events_truncated);
  ADD ("/audio/transcribe/every-format-has-text", test_formats);
  ADD ("/audio/transcribe/words-have-times", test_words);
  ADD ("/audio/transcribe/granularities-require-verbose-json", test_granularities_want_their_format);
  ADD ("/audio/transcribe/speakers-are-distinguished", test_speakers);
  ADD ("/audio/transcribe/wrong-content-types", test_text_of_others);
  ADD ("/audio/transcribe/json-with-another-content-type", test_json_by_another_name);
  ADD ("/audio/transcribe/audio-without-a-name", test_audio_without_a_name);
  ADD ("/audio/translate/every-format-has-text", test_translate);
  ADD ("/audio/stream/text-arrives-in-deltas", test_stream);
  ADD ("/audio/stream/speakers", test_stream_of_speakers);
  ADD ("/audio/stream/a-whole-reply-is-read-chunk-by-chunk", test_stream_that_is_none_pulled);
  ADD ("/audio/stream/of-a-deep-segment", test_stream_of_deep_segment);
  ADD ("/audio/stream/a-whole-reply-is-accepted", test_stream_that_is_none);
  ADD ("/audio/stream/text-arrives-at-once", test_stream_of_text);
  ADD ("/audio/stream/truncated-streams-keep-the-text", test_stream_truncated);
  ADD ("/audio/transcriptions/from-path-file-bytes-and-stream", test_upload_from_each_source);
  ADD ("/audio/voices/consent-and-voice", test_voices);
  ADD ("/audio/voices/from-a-description", test_voice_from_prompt);

  return g_test_run ();
}
