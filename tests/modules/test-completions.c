/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-module.h"

static OaiCompletionRequest *
new_request (const char *prompt)
{
  OaiCompletionRequest *request = oai_completion_request_new ("gpt-3.5-turbo-instruct");

  oai_completion_request_set_prompt (request, prompt);

  return request;
}

static void
test_text (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiCompletionsEndpoint) completions = oai_completions_endpoint_new (fixture->client);
  g_autoptr(OaiCompletionRequest) request = new_request ("Once upon a time");
  g_autoptr(OaiCompletion) completion = NULL;
  g_autoptr(GError) error = NULL;

  completion = oai_completions_endpoint_create (completions, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_completion_get_text (completion), !=, NULL);
  g_assert_cmpstr (oai_completion_get_finish_reason (completion), ==, OAI_COMPLETION_FINISH_REASON_STOP);
  assert_no_violations (fixture);
}

static void
test_lists_for_objects (Fixture *fixture, gconstpointer data)
{
  static const char *const chunks[] = { "[1]", "{\"choices\":[[1]]}", "{\"choices\":[{\"index\":0,\"logprobs\":[1]}]}", "{\"usage\":[1]}" };
  g_autoptr(OaiCompletionsEndpoint) completions = oai_completions_endpoint_new (fixture->client);
  g_autoptr(OaiCompletionRequest) request = new_request ("Once upon a time");

  for (guint i = 0; i < G_N_ELEMENTS (chunks); i++)
    {
      g_autofree char *events = g_strdup_printf ("data: %s\n\ndata: [DONE]\n\n", chunks[i]);
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_text (200, "text/event-stream", events);
      g_autoptr(OaiStream) stream = OAI_STREAM (oai_completions_endpoint_create_stream (completions, request));
      g_autoptr(OaiRecord) record = NULL;
      g_autoptr(GError) error = NULL;

      oai_mock_server_push_reply (fixture->server, reply);
      record = oai_stream_run (stream, NULL, &error);
      g_assert_true ((record == NULL) == (error != NULL));
    }
}

static void
test_first_text (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRecord) two = oai_record_new_from_json (OAI_TYPE_COMPLETION, "{\"choices\":[{\"text\":\"b\",\"index\":1},{\"text\":\"a\",\"index\":0}]}", NULL);
  g_autoptr(OaiRecord) none = oai_record_new_from_json (OAI_TYPE_COMPLETION, "{}", NULL);

  g_assert_cmpstr (oai_completion_get_text (OAI_COMPLETION (two)), ==, "a");
  g_assert_null (oai_completion_get_finish_reason (OAI_COMPLETION (two)));
  g_assert_null (oai_completion_get_text (OAI_COMPLETION (none)));
}

static void
append_text (OaiStream *stream, const char *text, guint choice, gpointer user_data)
{
  GString *told = user_data;

  g_string_append_printf (told, "[%u:%s]", choice, text);
}

static void
test_stream (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiCompletionsEndpoint) completions = oai_completions_endpoint_new (fixture->client);
  g_autoptr(OaiCompletionRequest) request = new_request ("Once upon a time");
  g_autoptr(OaiCompletion) whole = NULL;
  g_autoptr(OaiCompletionStream) stream = NULL;
  g_autoptr(OaiRecord) folded = NULL;
  g_autoptr(GError) error = NULL;

  whole = oai_completions_endpoint_create (completions, request, NULL, &error);
  g_assert_no_error (error);
  stream = oai_completions_endpoint_create_stream (completions, request);
  folded = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_completion_get_text (OAI_COMPLETION (folded)), ==, oai_completion_get_text (whole));
  g_assert_cmpstr (oai_completion_get_finish_reason (OAI_COMPLETION (folded)), ==, "stop");
}

static OaiCompletionStream *
open_stream (Fixture *fixture, const char *const *chunks, gboolean done)
{
  g_autoptr(OaiCompletionsEndpoint) completions = oai_completions_endpoint_new (fixture->client);
  g_autoptr(OaiCompletionRequest) request = new_request ("x");
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_events ();

  for (guint i = 0; chunks[i] != NULL; i++)
    oai_mock_reply_add_event (reply, NULL, chunks[i]);
  if (done)
    oai_mock_reply_add_event (reply, NULL, "[DONE]");
  oai_mock_server_push_reply (fixture->server, reply);

  return oai_completions_endpoint_create_stream (completions, request);
}

static const char *const two_choices[] = {
  "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"text\":\"one \",\"index\":0,\"logprobs\":{\"tokens\":[\"one\"],\"top_logprobs\":[{\"one\":-1}]},\"finish_reason\":null}],\"usage\":null}",
  "{\"id\":\"c\",\"choices\":[{\"text\":\"uno\",\"index\":1,\"logprobs\":null,\"finish_reason\":\"length\"}]}",
  "{\"id\":\"c\",\"choices\":[{\"text\":\"two\",\"index\":0,\"logprobs\":{\"tokens\":[\"two\"],\"top_logprobs\":[{\"two\":-2}]},\"finish_reason\":null}]}",
  "{\"id\":\"c\",\"choices\":[{\"text\":\"\",\"index\":0,\"logprobs\":null,\"finish_reason\":\"stop\"}]}",
  "{\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":3,\"total_tokens\":4}}",
  NULL,
};

static void
test_folding (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiCompletionStream) stream = open_stream (fixture, two_choices, TRUE);
  g_autoptr(OaiRecord) folded = NULL;
  g_autoptr(OaiRecord) expected = NULL;
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  g_signal_connect (stream, "text-delta", G_CALLBACK (append_text), told);
  g_signal_connect (stream, "text-done", G_CALLBACK (append_text), told);
  g_signal_connect (stream, "finished", G_CALLBACK (append_text), told);
  folded = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "[0:one ][1:uno][1:uno][1:length][0:two][0:one two][0:stop]");
  g_assert_cmpstr (oai_completion_stream_get_text (stream, 1), ==, "uno");
  g_assert_null (oai_completion_stream_get_text (stream, 2));
  expected = oai_record_new_from_json (OAI_TYPE_COMPLETION,
    "{\"id\":\"c\",\"model\":\"m\",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":3,\"total_tokens\":4},\"choices\":["
    "{\"text\":\"one two\",\"index\":0,\"logprobs\":{\"tokens\":[\"one\",\"two\"],\"top_logprobs\":[{\"one\":-1},{\"two\":-2}]},\"finish_reason\":\"stop\"},"
    "{\"text\":\"uno\",\"index\":1,\"finish_reason\":\"length\"}]}", NULL);
  g_assert_true (oai_record_equal (folded, expected));
}

static void
test_coalesced (Fixture *fixture, gconstpointer data)
{
  static const char *const chunks[] = {
    "{\"choices\":[{\"text\":\"a\",\"index\":0}]}", "{\"choices\":[{\"text\":\"b\",\"index\":0}]}",
    "{\"choices\":[{\"text\":\"c\",\"index\":0,\"finish_reason\":\"stop\"}]}", NULL,
  };
  g_autoptr(OaiCompletionStream) stream = open_stream (fixture, chunks, TRUE);
  g_autoptr(OaiRecord) folded = NULL;
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), 60000);
  g_signal_connect (stream, "text-delta", G_CALLBACK (append_text), told);
  folded = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "[0:abc]");
}

static void
test_split_character (Fixture *fixture, gconstpointer data)
{
  static const char *const chunks[] = {
    "{\"choices\":[{\"text\":\"a\\ud83d\",\"index\":0}]}", "{\"choices\":[{\"text\":\"b\\ud83d\",\"index\":1}]}",
    "{\"choices\":[{\"text\":\"\\ude00\",\"index\":0,\"finish_reason\":\"stop\"}]}", "{\"choices\":[{\"text\":\"\",\"index\":1,\"finish_reason\":\"stop\"}]}", NULL,
  };
  g_autoptr(OaiCompletionStream) stream = open_stream (fixture, chunks, TRUE);
  g_autoptr(OaiRecord) folded = NULL;
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  g_signal_connect (stream, "text-delta", G_CALLBACK (append_text), told);
  folded = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "[0:a][1:b\357\277\275][0:\360\237\230\200]");
  g_assert_cmpstr (oai_completion_get_text (OAI_COMPLETION (folded)), ==, "a\360\237\230\200");
}

static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  static const char *const chunks[] = { "{\"choices\":[{\"text\":\"half\",\"index\":0}]}", NULL };
  g_autoptr(OaiCompletionStream) stream = open_stream (fixture, chunks, FALSE);
  g_autoptr(OaiCompletion) partial = NULL;
  g_autoptr(OaiRecord) folded = NULL;
  g_autoptr(GError) error = NULL;

  folded = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_null (folded);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  partial = oai_completion_stream_dup_completion (stream);
  g_assert_cmpstr (oai_completion_get_text (partial), ==, "half");
}

/* A stream that contains only its end has no reply. */
static void
test_nothing_but_done (Fixture *fixture, gconstpointer data)
{
  static const char *const streams[][2] = { { NULL }, { "[]", NULL } };

  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      g_autoptr(OaiCompletionStream) stream = open_stream (fixture, streams[i], TRUE);
      g_autoptr(OaiRecord) folded = NULL;
      g_autoptr(GError) error = NULL;

      folded = oai_stream_run (OAI_STREAM (stream), NULL, &error);
      g_assert_null (folded);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
    }
}

static void
test_whole_pulled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiCompletionsEndpoint) completions = oai_completions_endpoint_new (fixture->client);
  g_autoptr(OaiCompletionRequest) request = new_request ("Once upon a time");
  g_autoptr(OaiStream) stream = OAI_STREAM (oai_completions_endpoint_create_stream (completions, request));
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"id\":\"c\",\"choices\":[{\"text\":\"there was\",\"index\":0,\"finish_reason\":\"stop\"}]}");
  g_autoptr(OaiRecord) chunk = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (fixture->server, reply);
  chunk = oai_stream_next (stream, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_completion_get_text (OAI_COMPLETION (chunk)), ==, "there was");
  g_assert_null (oai_stream_next (stream, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (oai_completion_stream_get_text (OAI_COMPLETION_STREAM (stream), 0), ==, "there was");
}

/* Servers that send no finish reason. *//* Servers that send no finish reason. */
static void
test_done_without_reason (Fixture *fixture, gconstpointer data)
{
  static const char *const chunks[] = { "{\"choices\":[{\"text\":\"whole\",\"index\":0}]}", NULL };
  g_autoptr(OaiCompletionStream) stream = open_stream (fixture, chunks, TRUE);
  g_autoptr(OaiRecord) folded = NULL;
  g_autoptr(GError) error = NULL;

  folded = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_completion_get_text (OAI_COMPLETION (folded)), ==, "whole");
}

static void
test_invalid_index (Fixture *fixture, gconstpointer data)
{
  static const char *const chunks[] = { "{\"choices\":[{\"text\":\"half\",\"index\":-1}]}", NULL };
  g_autoptr(OaiCompletionStream) stream = open_stream (fixture, chunks, TRUE);
  g_autoptr(OaiRecord) folded = NULL;
  g_autoptr(GError) error = NULL;

  folded = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_null (folded);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/completions/text", test_text);
  TEST ("/completions/text-of-the-first", test_first_text);
  TEST ("/completions/stream/lists-for-objects", test_lists_for_objects);
  TEST ("/completions/stream", test_stream);
  TEST ("/completions/stream-of-several", test_folding);
  TEST ("/completions/stream-coalesced", test_coalesced);
  TEST ("/completions/stream-split-character", test_split_character);
  TEST ("/completions/stream-truncated", test_truncated);
  TEST ("/completions/stream-without-events", test_nothing_but_done);
  TEST ("/completions/stream-whole-reply-pulled", test_whole_pulled);
  TEST ("/completions/stream-without-reason", test_done_without_reason);
  TEST ("/completions/stream-with-invalid-index", test_invalid_index);

  return g_test_run ();
}
