/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tests for bugs that the fixtures found, which do not need the fixtures. */

#include "call-fixture.h"
#include "oai-chat-stream.h"
#include "oai-operation.h"
#include "oai-paged-list.h"
#include "oai-poll-private.h"

#define LOGPROBS(kind, token) \
  CHUNK_START "\"delta\":{\"" kind "\":\"" token "\"},\"logprobs\":{\"" kind "\":[{\"token\":\"" token "\",\"logprob\":-0.5,\"bytes\":[72],\"top_logprobs\":[]}]}}]}"

static void
count (OaiChatStream *stream, const char *text, guint choice, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
test_logprobs (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiChatStream) stream = NULL;
  g_autoptr(OaiRecord) completion = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;

  call_fixture_push (self, call_fixture_events (LOGPROBS ("content", "Hel"), LOGPROBS ("content", "lo"), CHUNK_STOP, NULL));
  stream = call_fixture_stream (self);
  completion = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);

  json = oai_record_to_json (completion);
  g_assert_nonnull (strstr (json, "{\"token\":\"Hel\",\"logprob\":-0.5,\"bytes\":[72],\"top_logprobs\":[]},"
                                  "{\"token\":\"lo\",\"logprob\":-0.5,\"bytes\":[72],\"top_logprobs\":[]}]"));
}

static void
test_empty_text (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiChatStream) stream = NULL;
  g_autoptr(OaiRecord) completion = NULL;
  g_autoptr(GError) error = NULL;
  guint n_done = 0;

  call_fixture_push (self, call_fixture_events (CHUNK_TEXT (""), CHUNK_STOP, NULL));
  stream = call_fixture_stream (self);
  g_signal_connect (stream, "content-done", G_CALLBACK (count), &n_done);
  completion = call_fixture_run (OAI_STREAM (stream), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (n_done, ==, 0);
}

static void
test_partial_json (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiChatStream) stream = NULL;
  g_autoptr(OaiRecord) completion = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;

  call_fixture_push (self, call_fixture_events (CHUNK_TEXT ("not valid JSON"), CHUNK_STOP, NULL));
  stream = call_fixture_stream (self);
  completion = call_fixture_run (OAI_STREAM (stream), NULL, &error);

  g_assert_no_error (error);
  json = oai_chat_stream_dup_partial_json (stream, 0);
  g_assert_null (json);
}

static void
test_end_marker (CallFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *text;
    gboolean ends;
  } cases[] = {
    { "data: " CHUNK_TEXT ("Hi") "\n\ndata: [DONE]\n\n", TRUE },
    { "data: " CHUNK_TEXT ("Hi") "\n\ndata: [DONE] \t\n\n", TRUE },
    { "data: " CHUNK_TEXT ("Hi") "\n\ndata: [DONE]and more\n\n", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiChatStream) stream = NULL;
      g_autoptr(OaiRecord) completion = NULL;
      g_autoptr(GError) error = NULL;

      call_fixture_push (self, call_fixture_sse (cases[i].text));
      stream = call_fixture_stream (self);
      completion = call_fixture_run (OAI_STREAM (stream), NULL, &error);
      if (cases[i].ends)
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
      g_assert_null (strstr (error->message, "and more"));
    }
}

static void
test_stream_member (CallFixture *self, gconstpointer data)
{
  static const struct
  {
    gboolean stream;
    gboolean sent;
  } cases[] = { { FALSE, TRUE }, { TRUE, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiChatCompletion) completion = NULL;
      g_autoptr(OaiMockRequest) request = NULL;
      g_autoptr(GError) error = NULL;
      g_autofree char *body = NULL;

      oai_record_set_member (OAI_RECORD (self->request), "stream", cases[i].stream ? "true" : "false", &error);
      g_assert_no_error (error);
      call_fixture_push (self, oai_mock_reply_new_json (200, COMPLETION ("Hi")));
      completion = call_fixture_create (self, NULL, &error);
      g_assert_no_error (error);

      request = oai_mock_server_dup_request (self->server, i);
      body = oai_mock_request_dup_body_text (request);
      g_assert_null (strstr (body, "\"stream\":true"));
      g_assert_cmpint (strstr (body, "\"stream\":false") != NULL, ==, cases[i].sent);
    }
}

static void
test_next_page (CallFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *json;
    gboolean more;
  } cases[] = {
    { "{\"data\":[{\"id\":\"a\"}],\"has_more\":true}", TRUE },
    { "{\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"next\":\"b\"}", TRUE },
    { "{\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"next\":null}", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiPagedList) page = NULL;
      g_autoptr(GError) error = NULL;

      call_fixture_push (self, oai_mock_reply_new_json (200, cases[i].json));
      page = oai_chat_endpoint_list (self->chat, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (oai_paged_list_get_has_more (page), ==, cases[i].more);
    }
}

static const char *const final_values[] = { "over", NULL };
static const char *const pending_values[] = { "going-on", NULL };

static OaiPoll
make_poll (OaiChatEndpoint *chat)
{
  return (OaiPoll) {
    .size = sizeof (OaiPoll),
    .operation = oai_endpoint_find_operation (G_OBJECT_TYPE (chat), "retrieve"),
    .timeout_ms = -1,
    .member = "status",
    .final_values = final_values,
    .pending_values = pending_values,
  };
}

static gint64
get_time (gpointer user_data)
{
  return 0;
}

static void
note_pause (guint milliseconds, gpointer pauses)
{
  g_string_append_printf (pauses, "%u ", milliseconds);
}

/* After an unknown status, the next request is sent without a delay only once.  A server must
 * not be polled without a delay while its reply is the same. */
static void
test_unknown_status (CallFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *statuses;
    const char *pauses;
  } cases[] = {
    { "new,over", "" },
    { "new,new,new,over", "7 7 " },
    { "new,going-on,new,over", "7 " },
    { "going-on,over", "7 " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(GStrv) statuses = g_strsplit (cases[i].statuses, ",", -1);
      const char *const path[] = { "c1", NULL };
      const OaiPoll poll = make_poll (self->chat);
      g_autoptr(GString) pauses = g_string_new (NULL);
      const OaiPollClock clock = { get_time, note_pause, pauses };
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(OaiRecord) record = NULL;
      g_autoptr(GError) error = NULL;

      for (guint k = 0; statuses[k] != NULL; k++)
        {
          g_autofree char *json = g_strdup_printf ("{\"id\":\"c1\",\"status\":\"%s\"}", statuses[k]);

          call_fixture_push (self, oai_mock_reply_new_json (200, json));
        }
      oai_poll_set_clock (&clock);
      oai_endpoint_poll_async (OAI_ENDPOINT (self->chat), &poll, path, 7, -1, NULL, call_store_result, &result, NULL);
      record = oai_endpoint_poll_finish (OAI_ENDPOINT (self->chat), call_wait (&result), &error);
      oai_poll_set_clock (NULL);

      g_assert_no_error (error);
      g_assert_cmpstr (oai_record_get_string_member (record, "status"), ==, "over");
      g_assert_cmpstr (pauses->str, ==, cases[i].pauses);
    }
}

/* A time-out that elapses when a reply arrives is not a cancellation. */
static void
test_time_out_with_reply (CallFixture *self, gconstpointer data)
{
  const char *const path[] = { "c1", NULL };
  const OaiPoll poll = make_poll (self->chat);

  for (guint i = 0; i < 15; i++)
    {
      OaiMockReply *reply = oai_mock_reply_new_json (200, "{\"id\":\"c1\",\"status\":\"going-on\"}");
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;

      oai_mock_server_reset (self->server);
      oai_mock_reply_set_times (reply, 1000);
      call_fixture_push (self, reply);
      oai_endpoint_poll_async (OAI_ENDPOINT (self->chat), &poll, path, 1, 20, NULL, call_store_result, &result, NULL);
      g_assert_null (oai_endpoint_poll_finish (OAI_ENDPOINT (self->chat), call_wait (&result), &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
    }
}

/* An interval of 0 that the server requests is used only once. */
static void
test_hint_of_nothing (CallFixture *self, gconstpointer data)
{
  const char *const path[] = { "c1", NULL };
  const OaiPoll poll = make_poll (self->chat);
  g_autoptr(GString) pauses = g_string_new (NULL);
  const OaiPollClock clock = { get_time, note_pause, pauses };
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 4; i++)
    {
      OaiMockReply *reply = oai_mock_reply_new_json (200, i < 3 ? "{\"id\":\"c1\",\"status\":\"going-on\"}" : "{\"id\":\"c1\",\"status\":\"over\"}");

      oai_mock_reply_set_header (reply, "openai-poll-after-ms", i < 2 ? "0" : "70");
      call_fixture_push (self, reply);
    }
  oai_poll_set_clock (&clock);
  oai_endpoint_poll_async (OAI_ENDPOINT (self->chat), &poll, path, 0, -1, NULL, call_store_result, &result, NULL);
  record = oai_endpoint_poll_finish (OAI_ENDPOINT (self->chat), call_wait (&result), &error);
  oai_poll_set_clock (NULL);
  g_assert_no_error (error);
  g_assert_cmpstr (pauses->str, ==, "0 50 70 ");
}

/* Lists instead of objects. */
static void
test_lists_for_objects (CallFixture *self, gconstpointer data)
{
  static const char *const chunks[] = {
    "[1]", "[[1]]", "{\"choices\":[[1]]}", "{\"choices\":[1]}", "{\"choices\":{\"a\":1}}",
    "{\"choices\":[{\"index\":0,\"delta\":[1]}]}", "{\"choices\":[{\"index\":0,\"message\":[1]}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[[1]]}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":[1]}]}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"custom\":[1]}]}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"audio\":[1],\"function_call\":[1],\"annotations\":[[1]]}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"content\":[[1]]},\"logprobs\":[1]}]}",
    "{\"usage\":[1],\"choices\":[],\"error\":[1]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (chunks); i++)
    for (guint way = 0; way < 2; way++)
      {
        g_autofree char *events = g_strdup_printf ("data: %s\n\ndata: " CHUNK_STOP "\n\ndata: [DONE]\n\n", chunks[i]);
        g_autoptr(OaiRecord) record = NULL;
        g_autoptr(GError) error = NULL;

        oai_mock_server_reset (self->server);
        call_fixture_push (self, call_fixture_sse (events));
        if (way == 0)
          {
            g_autoptr(OaiChatStream) stream = call_fixture_stream (self);

            record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
          }
        else
          {
            record = OAI_RECORD (call_fixture_create (self, NULL, &error));
          }
        g_assert_true ((record == NULL) == (error != NULL));
      }
}

#define TEST(path, function) g_test_add (path, CallFixture, NULL, call_fixture_set_up, function, call_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/found/log-probabilities-of-each-token-are-kept", test_logprobs);
  TEST ("/found/no-end-of-a-text-that-is-empty", test_empty_text);
  TEST ("/found/partial-json-is-json", test_partial_json);
  TEST ("/found/end-mark-with-something-behind-it", test_end_marker);
  TEST ("/found/stream-false-is-sent-and-true-is-not", test_stream_member);
  TEST ("/found/a-next-page-that-is-null-is-none", test_next_page);
  TEST ("/found/an-unknown-status-is-asked-about-once-more", test_unknown_status);
  TEST ("/found/lists-for-objects", test_lists_for_objects);
  TEST ("/found/time-that-runs-out-with-a-reply", test_time_out_with_reply);
  TEST ("/found/a-hint-of-no-pause", test_hint_of_nothing);

  return g_test_run ();
}
