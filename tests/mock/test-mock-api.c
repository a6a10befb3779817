/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-mock.h"

#include <string.h>

#define PART(name, value) "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_PART(name, file, value) "--b\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\nContent-Type: application/octet-stream\r\n\r\n" value "\r\n"
#define FORM_END "--b--\r\n"

static void
send_form (Test *test, const char *path, const char *form)
{
  test_send_form (test, path, "b", form, strlen (form));
  if (test->status != 200)
    g_test_message ("%s: %s", path, test->text);
}

static void
test_completions (Test *test, gconstpointer data)
{
  test_expect (test, 200, "POST", "/completions", "{\"model\":\"gpt-3.5-turbo-instruct\",\"prompt\":[\"a\",\"b\"],\"n\":2,\"logprobs\":1,\"echo\":true}");
  g_assert_cmpuint (test_count (test, "choices"), ==, 4);
  g_assert_cmpstr (test_string (test, "choices.3.text"), ==, "bYou said: b");
  test_expect (test, 200, "POST", "/completions", "{\"model\":\"m\",\"prompt\":\"one two\",\"stream\":true,\"max_tokens\":3,\"stream_options\":{\"include_usage\":true}}");
  g_assert_nonnull (strstr (test->text, "\"finish_reason\":\"length\""));
  g_assert_true (g_str_has_suffix (test->text, "data: [DONE]\n\n"));
  test_no_violations (test);
}

static void
test_embeddings (Test *test, gconstpointer data)
{
  g_autofree char *first = NULL;

  test_expect (test, 200, "POST", "/embeddings", "{\"model\":\"text-embedding-3-small\",\"input\":[\"a\",\"b\"],\"dimensions\":3}");
  g_assert_cmpuint (test_count (test, "data"), ==, 2);
  g_assert_cmpuint (test_count (test, "data.1.embedding"), ==, 3);
  first = g_strdup (test->text);
  test_expect (test, 200, "POST", "/embeddings", "{\"model\":\"text-embedding-3-small\",\"input\":[\"a\",\"b\"],\"dimensions\":3}");
  g_assert_cmpstr (test->text, ==, first);
  test_expect (test, 200, "POST", "/embeddings", "{\"model\":\"text-embedding-3-small\",\"input\":\"a\",\"encoding_format\":\"base64\"}");
  g_assert_cmpuint (strlen (test_string (test, "data.0.embedding")), ==, 44);
  test_expect (test, 200, "POST", "/embeddings", "{\"model\":\"text-embedding-3-small\",\"input\":[[1,2],[3]]}");
  g_assert_cmpuint (test_count (test, "data"), ==, 2);
  test_no_violations (test);
}

static void
test_moderations (Test *test, gconstpointer data)
{
  test_expect (test, 200, "POST", "/moderations", "{\"input\":[\"peace\",\"pure hate and violence\"]}");
  g_assert_false (test_int (test, "results.0.flagged"));
  g_assert_true (test_int (test, "results.1.flagged"));
  g_assert_true (test_int (test, "results.1.categories.hate"));
  test_expect (test, 200, "POST", "/moderations", "{\"input\":[{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://example.org/violence.png\"}}],\"model\":\"omni-moderation-latest\"}");
  g_assert_cmpuint (test_count (test, "results"), ==, 1);
  g_assert_true (test_int (test, "results.0.categories.violence"));
  g_assert_cmpuint (test_count (test, "results.0.category_applied_input_types.violence"), ==, 2);
  test_no_violations (test);
}

static void
test_files (Test *test, gconstpointer data)
{
  static const char form[] = FILE_PART ("file", "a b.bin", "x\0y\r\n--c\r\n\xff") PART ("purpose", "assistants") PART ("expires_after[anchor]", "created_at") PART ("expires_after[seconds]", "3600") FORM_END;
  g_autoptr (GBytes) expected = g_bytes_new_static ("x\0y\r\n--c\r\n\xff", 11);
  g_autoptr (OaiMockRequest) request = NULL;
  g_autoptr (GBytes) part = NULL;
  g_autofree char *id = NULL;
  g_autofree char *path = NULL;
  g_autofree char *content = NULL;
  g_autofree char *name = NULL;

  test_send_form (test, "/files", "b", form, sizeof form - 1);
  g_assert_cmpuint (test->status, ==, 200);
  g_assert_cmpint (test_int (test, "bytes"), ==, 11);
  g_assert_cmpstr (test_string (test, "filename"), ==, "a b.bin");
  g_assert_cmpint (test_int (test, "expires_at"), ==, test_int (test, "created_at") + 3600);
  id = g_strdup (test_string (test, "id"));
  path = g_strconcat ("/files/", id, NULL);
  content = g_strconcat (path, "/content", NULL);

  request = oai_mock_server_dup_request (test->server, -1);
  part = oai_mock_request_dup_part (request, "file");
  g_assert_true (g_bytes_equal (part, expected));
  name = oai_mock_request_dup_part_file_name (request, "file");
  g_assert_cmpstr (name, ==, "a b.bin");

  test_expect (test, 200, "GET", content, NULL);
  g_assert_true (g_bytes_equal (test->bytes, expected));
  test_expect (test, 200, "GET", "/files?purpose=assistants", NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 1);
  test_expect (test, 200, "GET", "/files?purpose=batch", NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 0);
  test_expect (test, 200, "DELETE", path, NULL);
  test_expect (test, 404, "DELETE", path, NULL);
  test_expect (test, 404, "GET", content, NULL);
  g_assert_cmpstr (test_string (test, "error.type"), ==, "invalid_request_error");
  test_no_violations (test);
}

static void
test_pages (Test *test, gconstpointer data)
{
  for (guint i = 0; i < 5; i++)
    send_form (test, "/files", FILE_PART ("file", "f", "x") PART ("purpose", "batch") FORM_END);
  test_expect (test, 200, "GET", "/files?limit=2&order=asc", NULL);
  g_assert_cmpstr (test_string (test, "first_id"), ==, "file-00000001");
  g_assert_cmpstr (test_string (test, "last_id"), ==, "file-00000002");
  g_assert_true (test_int (test, "has_more"));
  test_expect (test, 200, "GET", "/files?limit=2&order=asc&after=file-00000002", NULL);
  g_assert_cmpstr (test_string (test, "data.0.id"), ==, "file-00000003");
  test_expect (test, 200, "GET", "/files?limit=2&after=file-00000002", NULL);
  g_assert_cmpstr (test_string (test, "data.0.id"), ==, "file-00000001");
  g_assert_false (test_int (test, "has_more"));
  test_expect (test, 400, "GET", "/files?after=file-none", NULL);
  test_no_violations (test);
}

static void
test_images (Test *test, gconstpointer data)
{
  g_autofree char *url = NULL;

  test_expect (test, 200, "POST", "/images/generations", "{\"prompt\":\"a cat\",\"n\":2,\"model\":\"dall-e-2\"}");
  g_assert_cmpuint (test_count (test, "data"), ==, 2);
  url = g_strdup (test_string (test, "data.0.url") + strlen (oai_mock_server_get_base_url (test->server)));
  test_expect (test, 200, "POST", "/images/generations", "{\"prompt\":\"a cat\",\"model\":\"gpt-image-1\"}");
  g_assert_true (g_str_has_prefix (test_string (test, "data.0.b64_json"), "iVBORw0KGgo"));
  test_expect (test, 200, "POST", "/images/generations", "{\"prompt\":\"a cat\",\"model\":\"gpt-image-1\",\"stream\":true,\"partial_images\":2}");
  g_assert_nonnull (strstr (test->text, "event: image_generation.partial_image\n"));
  g_assert_nonnull (strstr (test->text, "\"partial_image_index\":1"));
  g_assert_nonnull (strstr (test->text, "event: image_generation.completed\n"));
  send_form (test, "/images/edits", FILE_PART ("image[]", "a.png", "x") FILE_PART ("image[]", "b.png", "y") FILE_PART ("mask", "m.png", "z") PART ("prompt", "a hat") PART ("model", "gpt-image-1") PART ("n", "1") FORM_END);
  g_assert_cmpuint (test->status, ==, 200);
  send_form (test, "/images/edits", FILE_PART ("image", "a.png", "x") PART ("prompt", "a hat") PART ("stream", "true") FORM_END);
  g_assert_nonnull (strstr (test->text, "event: image_edit.completed\n"));
  test_expect (test, 200, "POST", "/images/edits", "{\"prompt\":\"a hat\",\"images\":[{\"file_id\":\"file-1\"}]}");
  send_form (test, "/images/variations", FILE_PART ("image", "a.png", "x") PART ("n", "3") PART ("response_format", "b64_json") FORM_END);
  g_assert_cmpuint (test_count (test, "data"), ==, 3);
  test_no_violations (test);

  test_expect (test, 200, "GET", url, NULL);
  g_assert_cmpmem (g_bytes_get_data (test->bytes, NULL), 8, "\x89PNG\r\n\x1a\n", 8);
}

static void
test_speech (Test *test, gconstpointer data)
{
  test_expect (test, 200, "POST", "/audio/speech", "{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":\"one two three\",\"response_format\":\"wav\"}");
  g_assert_cmpuint (g_bytes_get_size (test->bytes), ==, 44 + 3 * 1600);
  g_assert_cmpmem (g_bytes_get_data (test->bytes, NULL), 4, "RIFF", 4);
  g_assert_cmpint (soup_message_headers_get_encoding (test->headers), ==, SOUP_ENCODING_CHUNKED);
  test_expect (test, 200, "POST", "/audio/speech", "{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":\"one two three\",\"stream_format\":\"sse\"}");
  g_assert_nonnull (strstr (test->text, "speech.audio.done"));
  test_no_violations (test);
}

#define HEAR(more) FILE_PART ("file", "a.wav", "RIFF") PART ("model", "gpt-4o-transcribe") more FORM_END
#define HEARD "I heard 4 bytes of a.wav."

static void
test_transcriptions (Test *test, gconstpointer data)
{
  send_form (test, "/audio/transcriptions", HEAR (PART ("include[]", "logprobs") PART ("temperature", "0.5")));
  g_assert_cmpstr (test_string (test, "text"), ==, HEARD);
  g_assert_cmpuint (test_count (test, "logprobs"), ==, 6);
  send_form (test, "/audio/transcriptions", HEAR (PART ("response_format", "text")));
  g_assert_cmpstr (test->text, ==, HEARD "\n");
  send_form (test, "/audio/transcriptions", HEAR (PART ("response_format", "srt")));
  g_assert_true (g_str_has_prefix (test->text, "1\n00:00:00,000 --> 00:00:03,000\n" HEARD));
  send_form (test, "/audio/transcriptions", HEAR (PART ("response_format", "vtt")));
  g_assert_true (g_str_has_prefix (test->text, "WEBVTT\n\n"));
  send_form (test, "/audio/transcriptions", HEAR (PART ("response_format", "verbose_json") PART ("timestamp_granularities[]", "word") PART ("timestamp_granularities[]", "segment")));
  g_assert_cmpuint (test_count (test, "words"), ==, 6);
  g_assert_cmpuint (test_count (test, "segments"), ==, 1);
  send_form (test, "/audio/transcriptions", HEAR (PART ("response_format", "diarized_json")));
  g_assert_cmpstr (test_string (test, "segments.0.speaker"), ==, "A");
  send_form (test, "/audio/transcriptions", HEAR (PART ("stream", "true")));
  g_assert_nonnull (strstr (test->text, "transcript.text.delta"));
  g_assert_nonnull (strstr (test->text, "transcript.text.done"));
  send_form (test, "/audio/translations", FILE_PART ("file", "a.wav", "RIFF") PART ("model", "whisper-1") FORM_END);
  g_assert_cmpstr (test_string (test, "text"), ==, "I heard 4 bytes of a.wav in English.");
  send_form (test, "/audio/translations", FILE_PART ("file", "a.wav", "RIFF") PART ("model", "whisper-1") PART ("response_format", "verbose_json") FORM_END);
  g_assert_cmpstr (test_string (test, "language"), ==, "english");
  test_no_violations (test);
}

static void
test_voices (Test *test, gconstpointer data)
{
  send_form (test, "/audio/voice_consents", PART ("name", "Ann") PART ("language", "en-US") FILE_PART ("recording", "a.wav", "x") FORM_END);
  g_assert_cmpstr (test_string (test, "id"), ==, "cons_00000001");
  send_form (test, "/audio/voices", PART ("name", "Ann") PART ("consent", "cons_00000001") FILE_PART ("audio_sample", "a.wav", "x") FORM_END);
  g_assert_cmpstr (test_string (test, "object"), ==, "audio.voice");
  test_expect (test, 200, "GET", "/audio/voice_consents?limit=1", NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 1);
  test_expect (test, 200, "POST", "/audio/voice_consents/cons_00000001", "{\"name\":\"Bea\"}");
  test_expect (test, 200, "GET", "/audio/voice_consents/cons_00000001", NULL);
  g_assert_cmpstr (test_string (test, "name"), ==, "Bea");
  test_expect (test, 200, "DELETE", "/audio/voice_consents/cons_00000001", NULL);
  test_expect (test, 404, "GET", "/audio/voice_consents/cons_00000001", NULL);
  test_no_violations (test);
}

static void
expect_job (Test *test, const char *status)
{
  test_expect (test, 200, "GET", "/fine_tuning/jobs/ftjob-00000002", NULL);
  g_assert_cmpstr (test_string (test, "status"), ==, status);
}

static void
test_fine_tuning (Test *test, gconstpointer data)
{
  g_autofree char *model = NULL;
  g_autofree char *permissions = NULL;

  test_expect (test, 400, "POST", "/fine_tuning/jobs", "{\"model\":\"gpt-4o-mini\",\"training_file\":\"file-none\"}");
  send_form (test, "/files", FILE_PART ("file", "t.jsonl", "{}") PART ("purpose", "fine-tune") FORM_END);
  test_expect (test, 200, "POST", "/fine_tuning/jobs", "{\"model\":\"gpt-4o-mini\",\"training_file\":\"file-00000001\",\"hyperparameters\":{\"n_epochs\":2,\"learning_rate_multiplier\":0.5},\"suffix\":\"s\"}");
  g_assert_cmpstr (test_string (test, "id"), ==, "ftjob-00000002");
  g_assert_cmpstr (test_string (test, "status"), ==, "validating_files");
  expect_job (test, "queued");
  expect_job (test, "running");
  test_expect (test, 200, "POST", "/fine_tuning/jobs/ftjob-00000002/pause", NULL);
  expect_job (test, "running");
  expect_job (test, "running");
  test_expect (test, 200, "POST", "/fine_tuning/jobs/ftjob-00000002/resume", NULL);
  expect_job (test, "running");
  expect_job (test, "succeeded");
  model = g_strconcat ("/models/", test_string (test, "fine_tuned_model"), NULL);
  permissions = g_strconcat ("/fine_tuning/checkpoints/", test_string (test, "fine_tuned_model"), "/permissions", NULL);
  test_expect (test, 200, "GET", "/fine_tuning/jobs?limit=1", NULL);
  test_expect (test, 200, "GET", "/fine_tuning/jobs/ftjob-00000002/events?limit=2", NULL);
  g_assert_cmpstr (test_string (test, "data.0.message"), ==, "The job has successfully completed");
  test_expect (test, 200, "GET", "/fine_tuning/jobs/ftjob-00000002/checkpoints", NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 2);
  test_expect (test, 400, "POST", "/fine_tuning/jobs/ftjob-00000002/cancel", NULL);
  test_expect (test, 200, "GET", model, NULL);
  test_expect (test, 200, "DELETE", model, NULL);

  test_expect (test, 200, "POST", permissions, "{\"project_ids\":[\"p1\",\"p2\"]}");
  g_assert_cmpuint (test_count (test, "data"), ==, 2);
  model = (g_free (model), g_strconcat (permissions, "/", test_string (test, "data.0.id"), NULL));
  test_expect (test, 200, "DELETE", model, NULL);
  test_expect (test, 200, "GET", permissions, NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 1);
  test_no_violations (test);
}

static void
test_graders (Test *test, gconstpointer data)
{
  test_expect (test, 200, "POST", "/fine_tuning/alpha/graders/run",
               "{\"grader\":{\"type\":\"string_check\",\"name\":\"n\",\"input\":\"{{sample.output_text}}\",\"reference\":\"{{item.answer}}\",\"operation\":\"eq\"},\"item\":{\"answer\":\"x\"},\"model_sample\":\"x\"}");
  g_assert_cmpint (test_int (test, "reward"), ==, 1);
  test_expect (test, 200, "POST", "/fine_tuning/alpha/graders/validate",
               "{\"grader\":{\"type\":\"string_check\",\"name\":\"n\",\"input\":\"a\",\"reference\":\"b\",\"operation\":\"eq\"}}");
  g_assert_cmpstr (test_string (test, "grader.type"), ==, "string_check");
  test_no_violations (test);
}

void
test_add_api (void)
{
  test_add ("/mock/completions/quote-the-prompt", test_completions);
  test_add ("/mock/embeddings/are-the-same-each-time", test_embeddings);
  test_add ("/mock/moderations/flag-words-and-images", test_moderations);
  test_add ("/mock/files/come-back-byte-for-byte", test_files);
  test_add ("/mock/files/are-listed-by-cursor", test_pages);
  test_add ("/mock/images/are-made-edited-and-varied", test_images);
  test_add ("/mock/audio/speech-arrives-in-chunks", test_speech);
  test_add ("/mock/audio/transcriptions-have-every-format", test_transcriptions);
  test_add ("/mock/audio/voices-need-consents", test_voices);
  test_add ("/mock/fine-tuning/jobs-move-on-as-they-are-polled", test_fine_tuning);
  test_add ("/mock/fine-tuning/graders-check-strings", test_graders);
}
