/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Unusual replies of servers: framing, and errors in unusual positions.
 *
 * Line ends, BOM, data without a space, several data lines  /quirks/framing/…
 * Comments, alone, in data, and between events              /quirks/framing/comment…
 * Events and characters split anywhere                      /quirks/framing/split-anywhere
 * Two JSON values in one event                              /quirks/framing/two-values
 * Very long lines                                            /quirks/framing/long-line
 * No [DONE], two of them, neither it nor a finish_reason    /quirks/end/…
 * Truncated streams                                         /quirks/truncated/…
 * JSON instead of a stream, and the reverse                 /quirks/mixed/…
 * JSON Lines instead of events, whole and truncated         /quirks/mixed/json-lines…
 * JSON that is not an object, or not a reply                /quirks/mixed/…-object
 * gzip                                                      /quirks/gzip/…
 * Errors in a reply with status 200, in each form           /quirks/errors/…
 * Odd JSON: surrogates, NUL, NaN, large integers            /quirks/json/…
 */

#include "call-fixture.h"

#include <string.h>
#include "oai-chat-stream.h"

#define EVENT(data) "data: " data "\n\n"
#define DONE EVENT ("[DONE]")
#define HELLO EVENT (CHUNK_TEXT ("Hel")) EVENT (CHUNK_TEXT ("lo"))

static void
on_delta (OaiChatStream *stream, const char *text, guint choice, GString *all)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_string_append (all, text);
}

/* Runs a stream with signals. The signals, the stream and the record have the same content. */
static char *
push_text (CallFixture *self, OaiMockReply *reply, GError **error)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (OaiRecord) kept = NULL;
  g_autoptr (GError) local_error = NULL;

  g_signal_connect (stream, "content-delta", G_CALLBACK (on_delta), all);
  oai_mock_server_push_reply (self->server, reply);
  record = call_fixture_run (OAI_STREAM (stream), NULL, &local_error);
  g_assert_true ((record == NULL) == (local_error != NULL));
  if (local_error != NULL)
    {
      g_autoptr (OaiCall) call = oai_client_find_call_for_error (self->client, local_error);

      g_assert_nonnull (call);
      g_assert_true (call == oai_stream_get_call (OAI_STREAM (stream)));
      g_assert_cmpint (oai_call_get_state (call), ==, OAI_CALL_STATE_FAILED);
    }
  kept = oai_stream_dup_result (OAI_STREAM (stream));
  g_assert_cmpstr (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (kept)) != NULL ? oai_chat_completion_get_text (OAI_CHAT_COMPLETION (kept)) : "", ==, all->str);
  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));

  return g_string_free (g_steal_pointer (&all), FALSE);
}

static char *
pull_text (CallFixture *self, OaiMockReply *reply, GError **error)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  const char *text;

  oai_mock_server_push_reply (self->server, reply);
  for (;;)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (OaiRecord) chunk = NULL;

      oai_stream_next_async (OAI_STREAM (stream), NULL, call_store_result, &result);
      chunk = oai_stream_next_finish (OAI_STREAM (stream), call_wait (&result), error);
      if (chunk == NULL)
        break;
    }
  text = oai_chat_stream_get_content (stream, 0);

  return g_strdup (text != NULL ? text : "");
}

/* Takes the reply. */
static void
assert_reads (CallFixture *self, OaiMockReply *reply, const char *expected)
{
  g_autoptr (OaiMockReply) owned G_GNUC_UNUSED = reply;

  for (guint pulled = 0; pulled < 2; pulled++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = pulled ? pull_text (self, reply, &error) : push_text (self, reply, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, expected);
    }
}

static void
assert_breaks (CallFixture *self, OaiMockReply *reply, OaiError code, const char *expected)
{
  g_autoptr (OaiMockReply) owned G_GNUC_UNUSED = reply;

  for (guint pulled = 0; pulled < 2; pulled++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = pulled ? pull_text (self, reply, &error) : push_text (self, reply, &error);

      g_assert_error (error, OAI_ERROR, (int) code);
      g_assert_cmpstr (text, ==, expected);
    }
}

static void
assert_creates_text (CallFixture *self, const char *type, const char *body, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiChatCompletion) completion = NULL;

  call_fixture_push (self, oai_mock_reply_new_text (200, type, body));
  completion = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (completion), ==, text);
}

static void
assert_creates (CallFixture *self, const char *type, const char *body)
{
  assert_creates_text (self, type, body, "Hello");
}

static void
assert_creates_not (CallFixture *self, const char *type, const char *body, OaiError code)
{
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, oai_mock_reply_new_text (200, type, body));
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, OAI_ERROR, (int) code);
}

/* Framing: what is sent, and what is received */

typedef struct
{
  const char *name;
  const char *wire;
} Framing;

static const Framing framings[] = {
  { "lf", HELLO EVENT (CHUNK_STOP) DONE },
  { "crlf", "data: " CHUNK_TEXT ("Hel") "\r\n\r\ndata: " CHUNK_TEXT ("lo") "\r\n\r\ndata: " CHUNK_STOP "\r\n\r\ndata: [DONE]\r\n\r\n" },
  { "lone-cr", "data: " CHUNK_TEXT ("Hel") "\r\rdata: " CHUNK_TEXT ("lo") "\r\rdata: " CHUNK_STOP "\r\rdata: [DONE]\r\r" },
  { "mixed-line-ends", "data: " CHUNK_TEXT ("Hel") "\r\n\ndata: " CHUNK_TEXT ("lo") "\n\r\ndata: " CHUNK_STOP "\r\n\rdata: [DONE]\n\n" },
  { "no-space", "data:" CHUNK_TEXT ("Hel") "\n\ndata:" CHUNK_TEXT ("lo") "\n\ndata:" CHUNK_STOP "\n\ndata:[DONE]\n\n" },
  { "two-spaces", "data:  " CHUNK_TEXT ("Hel") "\n\ndata:  " CHUNK_TEXT ("lo") " \n\ndata:  " CHUNK_STOP "\n\ndata:  [DONE] \n\n" },
  { "bom", "\357\273\277" HELLO EVENT (CHUNK_STOP) DONE },
  { "several-data-lines", "data: {\"choices\":[{\"index\":0,\ndata: \"delta\":\ndata: {\"content\":\"Hello\"}}]}\n\n" EVENT (CHUNK_STOP) DONE },
  { "comment", ": OPENROUTER PROCESSING\n\n" EVENT (CHUNK_TEXT ("Hel")) ":\n:\n\n: keep-alive\ndata: " CHUNK_TEXT ("lo") "\n\n" EVENT (CHUNK_STOP) DONE },
  { "comment-in-data", EVENT (": OPENROUTER PROCESSING") EVENT (CHUNK_TEXT ("Hel")) EVENT (": ") EVENT (CHUNK_TEXT ("lo")) EVENT (CHUNK_STOP) DONE },
  { "empty-data", "data:\n\n" EVENT (CHUNK_TEXT ("Hel")) "data\n\n" EVENT (CHUNK_TEXT ("lo")) EVENT (CHUNK_STOP) DONE },
  { "empty-lines", "\n\n\n" EVENT (CHUNK_TEXT ("Hel")) "\n\n\n" EVENT (CHUNK_TEXT ("lo")) EVENT (CHUNK_STOP) "\n\n" DONE "\n" },
  { "two-values", EVENT (CHUNK_TEXT ("Hel") CHUNK_TEXT ("lo")) EVENT (CHUNK_STOP) DONE },
  { "two-values-by-lines", "data: " CHUNK_TEXT ("Hel") "\ndata: " CHUNK_TEXT ("lo") "\n\n" EVENT (CHUNK_STOP) DONE },
  { "other-fields", "id: 1\nretry: 5\nfoo: bar\nevent: message\ndata: " CHUNK_TEXT ("Hel") "\n\nevent: completion\nid: 2\ndata: " CHUNK_TEXT ("lo") "\n\n" EVENT (CHUNK_STOP) DONE },
  { "ping", "event: ping\ndata: {}\n\n" EVENT (CHUNK_TEXT ("Hel")) "event: ping\ndata: {\"type\":\"ping\"}\n\n" EVENT (CHUNK_TEXT ("lo")) EVENT (CHUNK_STOP) DONE },
  { "null-event", EVENT ("null") EVENT (CHUNK_TEXT ("Hel")) EVENT ("[]") EVENT (CHUNK_TEXT ("lo")) EVENT (CHUNK_STOP) DONE },
  { "white-space-first", "\n \n" HELLO EVENT (CHUNK_STOP) DONE },
};

static void
test_framing (CallFixture *self, gconstpointer user_data)
{
  const Framing *framing = user_data;
  const gsize sizes[] = { 0, 1, 7, 64 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      OaiMockReply *reply = call_fixture_sse (framing->wire);

      oai_mock_reply_set_chunk_size (reply, sizes[i]);
      assert_reads (self, reply, "Hello");
    }
}

/* At each byte, which includes positions within characters, line ends and HTTP chunk headers. */
static void
test_split_anywhere (CallFixture *self, gconstpointer user_data)
{
  const char *wire = "data: " CHUNK_TEXT ("a\303\244\342\202\254\360\237\230\200z") "\r\n\r\n" EVENT (CHUNK_STOP) DONE;

  for (gsize i = 1; i < strlen (wire); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      g_autoptr (OaiMockReply) reply = call_fixture_sse (wire);

      oai_mock_reply_add_split (reply, i);
      oai_mock_reply_set_chunk_delay (reply, 1);
      text = push_text (self, reply, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, "a\303\244\342\202\254\360\237\230\200z");
    }
}

static void
test_long_line (CallFixture *self, gconstpointer user_data)
{
  gsize size = 4 * 1024 * 1024;
  g_autofree char *long_text = g_malloc (size + 1);
  g_autofree char *json = NULL;
  g_autofree char *text = NULL;
  g_autoptr (OaiMockReply) reply = NULL;
  g_autoptr (GError) error = NULL;

  memset (long_text, 'x', size);
  long_text[size] = '\0';
  json = g_strconcat ("data: " CHUNK_START "\"delta\":{\"content\":\"", long_text, "\"}}]}\n\n" EVENT (CHUNK_STOP) DONE, NULL);
  reply = call_fixture_sse (json);
  oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
  text = push_text (self, reply, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (text), ==, size);
  g_assert_true (strcmp (text, long_text) == 0);
}

static void
test_event_limit (CallFixture *self, gconstpointer user_data)
{
  const char *wire = HELLO EVENT (CHUNK_STOP) DONE;

  oai_settings_set_max_event_size (self->settings, strlen (CHUNK_TEXT ("Hel")) - 1);
  assert_breaks (self, call_fixture_sse (wire), OAI_ERROR_PROTOCOL, "");
  oai_settings_set_max_event_size (self->settings, 1024);
  assert_reads (self, call_fixture_sse (wire), "Hello");
  /* A whole reply is not an event. */
  oai_settings_set_max_event_size (self->settings, 1);
  assert_reads (self, oai_mock_reply_new_text (200, "application/json", COMPLETION ("Hello")), "Hello");
  oai_settings_set_max_event_size (self->settings, 0);
  assert_reads (self, call_fixture_sse (wire), "Hello");
}

/* All events of a stream together. */
static void
test_stream_limit (CallFixture *self, gconstpointer user_data)
{
  const char *wire = HELLO EVENT (CHUNK_STOP) DONE;
  guint size = strlen (CHUNK_TEXT ("Hel")) + strlen (CHUNK_TEXT ("lo")) + strlen (CHUNK_STOP);

  oai_settings_set_max_stream_size (self->settings, size);
  assert_reads (self, call_fixture_sse (wire), "Hello");
  oai_settings_set_max_stream_size (self->settings, size - 1);
  assert_breaks (self, call_fixture_sse (wire), OAI_ERROR_PROTOCOL, "Hello");
  /* A whole reply has a limit of its own. */
  assert_reads (self, oai_mock_reply_new_text (200, "application/json", COMPLETION ("Hello, the only part")), "Hello, the only part");
  oai_settings_set_max_stream_size (self->settings, 0);
  assert_reads (self, call_fixture_sse (wire), "Hello");
}

/* A body that is not an event stream is collected, with the size limit of replies. */
static void
test_whole_limit (CallFixture *self, gconstpointer user_data)
{
  g_autofree char *blanks = g_strnfill (64 * 1024, ' ');
  g_autofree char *whole = g_strconcat (blanks, COMPLETION ("Hello"), NULL);
  g_autofree char *lines = g_strconcat (CHUNK_TEXT ("Hello"), "\n", blanks, CHUNK_STOP, NULL);
  g_autofree char *events = g_strconcat (HELLO, ":", blanks, "\n\n", EVENT (CHUNK_STOP), DONE, NULL);

  oai_settings_set_max_reply_size (self->settings, 32 * 1024);
  assert_breaks (self, oai_mock_reply_new_text (200, "application/json", whole), OAI_ERROR_PROTOCOL, "");
  assert_breaks (self, oai_mock_reply_new_text (200, "application/json", lines), OAI_ERROR_PROTOCOL, "");
  assert_reads (self, call_fixture_sse (events), "Hello");
  oai_settings_set_max_reply_size (self->settings, 128 * 1024);
  assert_reads (self, oai_mock_reply_new_text (200, "application/json", whole), "Hello");
  assert_reads (self, oai_mock_reply_new_text (200, "application/json", lines), "Hello");
}

/* Ends */

static void
test_no_done (CallFixture *self, gconstpointer user_data)
{
  assert_reads (self, call_fixture_sse (HELLO EVENT (CHUNK_STOP)), "Hello");
}

static void
test_two_dones (CallFixture *self, gconstpointer user_data)
{
  assert_reads (self, call_fixture_sse (HELLO EVENT (CHUNK_STOP) DONE DONE), "Hello");
}

static void
test_done_without_reason (CallFixture *self, gconstpointer user_data)
{
  assert_reads (self, call_fixture_sse (HELLO DONE), "Hello");
}

static void
test_neither (CallFixture *self, gconstpointer user_data)
{
  assert_breaks (self, call_fixture_sse (HELLO), OAI_ERROR_INCOMPLETE, "Hello");
}

static void
test_nothing (CallFixture *self, gconstpointer user_data)
{
  assert_breaks (self, call_fixture_sse (""), OAI_ERROR_INCOMPLETE, "");
  assert_breaks (self, call_fixture_sse (": only a comment\n\n"), OAI_ERROR_INCOMPLETE, "");
}

/* The last event without a blank line after it is delivered if it is complete. */
static void
test_unfinished_event (CallFixture *self, gconstpointer user_data)
{
  static const char *const whole[] = {
    HELLO "data: " CHUNK_STOP, HELLO "data: " CHUNK_STOP "\n", HELLO "data: " CHUNK_STOP "\r\n", HELLO "data: " CHUNK_STOP " \n",
    HELLO "data: [DONE]", HELLO "data: [DONE]\n", HELLO EVENT (CHUNK_STOP) "data: [DONE]",
    EVENT (CHUNK_TEXT ("Hel")) "data: " CHUNK_TEXT ("lo") CHUNK_STOP, EVENT (CHUNK_TEXT ("Hel")) "data: " CHUNK_TEXT ("lo") "\ndata: " CHUNK_STOP,
    HELLO EVENT (CHUNK_STOP) ": comment", HELLO EVENT (CHUNK_STOP) "data: : comment",
  };
  static const char *const truncated[] = {
    HELLO "data: {\"choices\":[{\"index\":0,\"delta\":{\"cont", HELLO EVENT (CHUNK_STOP) "data: {\"choices\":[],\"usage\":{\"total_tok",
    HELLO "data: " CHUNK_TEXT ("") "{\"choices\":[", HELLO EVENT (CHUNK_STOP) "event: more", HELLO EVENT (CHUNK_STOP) "da",
    HELLO "data: " CHUNK_TEXT (""),
  };

  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    {
      assert_reads (self, call_fixture_sse (whole[i]), "Hello");
      assert_creates (self, "text/event-stream", whole[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (truncated); i++)
    {
      assert_breaks (self, call_fixture_sse (truncated[i]), OAI_ERROR_INCOMPLETE, "Hello");
      assert_creates_not (self, "text/event-stream", truncated[i], OAI_ERROR_INCOMPLETE);
    }
  assert_breaks (self, call_fixture_sse (HELLO "data: {\"error\":{\"message\":\"Boom\",\"code\":503}}"), OAI_ERROR_SERVER, "Hello");
  assert_breaks (self, call_fixture_sse (HELLO "event: error\ndata: Boom"), OAI_ERROR_FAILED, "Hello");
}

/* The content of the last event is not lost. */
static void
test_unfinished_usage (CallFixture *self, gconstpointer user_data)
{
  static const char usage[] = HELLO EVENT (CHUNK_STOP) "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"total_tokens\":7}}";
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiChatCompletion) created = NULL;
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, call_fixture_sse (usage));
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oai_completion_usage_get_total_tokens (oai_chat_completion_get_usage (OAI_CHAT_COMPLETION (record))), ==, 7);

  call_fixture_push (self, call_fixture_sse (usage));
  created = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oai_completion_usage_get_total_tokens (oai_chat_completion_get_usage (created)), ==, 7);
}

/* A connection that is closed after each byte of the reply */

static void
test_truncated (CallFixture *self, gconstpointer user_data)
{
  OaiMockFraming framing = GPOINTER_TO_INT (user_data) & 15;
  gboolean reset = (GPOINTER_TO_INT (user_data) & 16) != 0;
  const char *wire = HELLO EVENT (CHUNK_STOP) DONE;
  gsize whole = strlen (HELLO EVENT (CHUNK_STOP));

  for (gsize bytes = 0; bytes < whole; bytes += 11)
    {
      g_autoptr (OaiMockReply) reply = call_fixture_sse (wire);
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;

      oai_mock_reply_set_framing (reply, framing);
      oai_mock_reply_set_truncate_after (reply, bytes);
      oai_mock_reply_set_reset (reply, reset);
      text = push_text (self, reply, &error);
      g_assert_nonnull (error);
      g_assert_cmpuint (error->domain, ==, OAI_ERROR);
      g_assert_true (error->code == OAI_ERROR_INCOMPLETE || (reset && error->code == OAI_ERROR_CONNECTION));
      g_assert_true (g_str_has_prefix ("Hello", text));
      if (!reset && bytes > strlen (HELLO))
        g_assert_cmpstr (text, ==, "Hello");
    }
}

/* JSON instead of a stream, and a stream instead of JSON */

/* The error says that the reply, and not an event, is malformed, and where. */
static void
assert_malformed_reply (CallFixture *self, const char *json)
{
  g_autoptr (OaiMockReply) reply = oai_mock_reply_new_text (200, "application/json", json);

  for (guint pulled = 0; pulled < 2; pulled++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = pulled ? pull_text (self, reply, &error) : push_text (self, reply, &error);

      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (error->message, "The reply is not JSON: "));
      g_assert_null (strstr (error->message, "event"));
      g_assert_cmpstr (text, ==, "");
    }
}

static void
test_json_for_stream (CallFixture *self, gconstpointer user_data)
{
  const char *const types[] = { "application/json", "text/event-stream", "text/plain", "application/json; charset=utf-8", NULL };

  for (guint i = 0; types[i] != NULL; i++)
    for (guint size = 0; size < 20; size += 9)
      {
        OaiMockReply *reply = oai_mock_reply_new_text (200, types[i], COMPLETION ("Hello"));

        oai_mock_reply_set_chunk_size (reply, size);
        assert_reads (self, reply, "Hello");
      }
  assert_reads (self, oai_mock_reply_new_text (200, "application/json", COMPLETION ("Hello") "\n\ndata: [DONE]\n\n"), "Hello");
  assert_malformed_reply (self, "{\"id\":\"c1\",\"choices\":[{\"mess");
}

#define WHOLE_CALLS \
  "{\"id\":\"c1\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"," \
  "\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},{\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"[]\"}}]}," \
  "\"finish_reason\":\"tool_calls\"}],\"usage\":{\"total_tokens\":3}}"

/* It is delivered like a stream, also with next(): one chunk without members of other types. */
static void
test_json_for_pulled_stream (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiRecord) chunk = NULL;
  g_autoptr (OaiRecord) end = NULL;
  g_autoptr (OaiRecord) result = NULL;
  g_autoptr (GError) error = NULL;
  OaiChatDelta *delta;
  OaiChatChoice *choice;

  call_fixture_push (self, oai_mock_reply_new_text (200, "application/json", WHOLE_CALLS));
  chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_record_get_string_member (chunk, "object"), ==, "chat.completion.chunk");
  delta = oai_chat_chunk_choice_get_delta (g_ptr_array_index (oai_chat_chunk_get_choices (OAI_CHAT_CHUNK (chunk)), 0));
  g_assert_nonnull (delta);
  g_assert_cmpstr (oai_chat_delta_get_content (delta), ==, "Hello");
  g_assert_cmpuint (oai_chat_delta_get_tool_calls (delta)->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (oai_record_get_int_member (g_ptr_array_index (oai_chat_delta_get_tool_calls (delta), i), "index"), ==, i);
  end = oai_stream_next (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_null (end);

  result = oai_stream_dup_result (OAI_STREAM (stream));
  g_assert_cmpstr (oai_record_get_string_member (result, "object"), ==, "chat.completion");
  choice = g_ptr_array_index (oai_chat_completion_get_choices (OAI_CHAT_COMPLETION (result)), 0);
  g_assert_cmpuint (oai_chat_message_get_tool_calls (oai_chat_choice_get_message (choice))->len, ==, 2);
  g_assert_cmpint (oai_completion_usage_get_total_tokens (oai_chat_completion_get_usage (OAI_CHAT_COMPLETION (result))), ==, 3);
}

/* Whitespace before a body is scanned once. */
static void
test_many_blanks (CallFixture *self, gconstpointer user_data)
{
  const char *const bodies[] = { HELLO EVENT (CHUNK_STOP) DONE, COMPLETION ("Hello") };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autofree char *blanks = g_strnfill (4 * 1024 * 1024, i == 0 ? '\n' : ' ');
      g_autofree char *body = g_strconcat (blanks, bodies[i], NULL);
      g_autoptr (OaiMockReply) reply = oai_mock_reply_new_text (200, "application/json", body);
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;

      text = push_text (self, reply, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, "Hello");
    }
}

static void
test_sse_labelled_json (CallFixture *self, gconstpointer user_data)
{
  assert_reads (self, oai_mock_reply_new_text (200, "application/json", HELLO EVENT (CHUNK_STOP) DONE), "Hello");
  assert_reads (self, oai_mock_reply_new_text (200, NULL, HELLO EVENT (CHUNK_STOP) DONE), "Hello");
  assert_reads (self, oai_mock_reply_new_text (200, "text/plain; charset=utf-8", HELLO EVENT (CHUNK_STOP) DONE), "Hello");
  for (gsize size = 1; size < 4; size++)
    {
      OaiMockReply *reply = oai_mock_reply_new_text (200, "text/plain", "\n: begins\nretry: 1\n\n" HELLO EVENT (CHUNK_STOP) DONE);

      oai_mock_reply_set_chunk_size (reply, size);
      assert_reads (self, reply, "Hello");
    }
}

static void
test_html_for_stream (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiMockReply) reply = oai_mock_reply_new_text (200, "text/html", "<html><title>Login</title><body>data: no\n\n</body></html>");
  g_autoptr (OaiMockReply) hanging = oai_mock_reply_new_text (200, "text/html", "<html><title>Login</title>");
  g_autofree char *text = NULL;
  g_autofree char *more = NULL;
  g_autoptr (GError) error = NULL;

  text = push_text (self, reply, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "web page"));
  g_clear_error (&error);

  /* The stream does not wait for the end of the body. */
  oai_mock_reply_set_hang_after (hanging, 10);
  more = push_text (self, hanging, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
}

static void
test_stream_for_json (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  assert_creates (self, "text/event-stream", HELLO EVENT (CHUNK_STOP) DONE);
  assert_creates (self, "application/json", HELLO EVENT (CHUNK_STOP) DONE);
  assert_creates (self, "application/json", COMPLETION ("Hello") "data: [DONE]\n\n");
  assert_creates (self, "application/json", COMPLETION ("Hello") "\n\ndata: [DONE]\n\n");
  assert_creates (self, "text/event-stream", ": wait\n\n" HELLO EVENT (CHUNK_STOP));
  assert_creates (self, "application/json", "\n" HELLO EVENT (CHUNK_STOP) DONE);

  call_fixture_push (self, call_fixture_sse (HELLO));
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
}

static const char *const json_types[] = { "application/json", "text/event-stream", "application/x-ndjson", NULL };

static void
test_json_lines (CallFixture *self, gconstpointer user_data)
{
  static const char *const wires[] = {
    CHUNK_TEXT ("Hel") "\n" CHUNK_TEXT ("lo") "\n" CHUNK_STOP "\n",
    CHUNK_TEXT ("Hel") CHUNK_TEXT ("lo") CHUNK_STOP,
    "\n" CHUNK_TEXT ("Hel") "\r\n\r\n" CHUNK_TEXT ("lo") "\r\n" CHUNK_STOP,
    CHUNK_TEXT ("Hel") "\n" CHUNK_TEXT ("lo") "\ndata: [DONE]\n\n",
    CHUNK_START "\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}",
    CHUNK_START "\"delta\":{\"content\":\"Hel\",\"x\":\"\\\"}{\\\\\"}}]}\n" CHUNK_TEXT ("lo") "\n" CHUNK_STOP "\n",
  };

  for (guint i = 0; json_types[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (wires); j++)
      {
        assert_reads (self, oai_mock_reply_new_text (200, json_types[i], wires[j]), "Hello");
        assert_creates (self, json_types[i], wires[j]);
      }
}

static void
test_json_lines_truncated (CallFixture *self, gconstpointer user_data)
{
  const struct { const char *wire; const char *text; OaiError code; } cases[] = {
    { CHUNK_TEXT ("Hello"), "Hello", OAI_ERROR_INCOMPLETE },
    { CHUNK_TEXT ("Hel") "\n" CHUNK_TEXT ("lo") "\n", "Hello", OAI_ERROR_INCOMPLETE },
    { CHUNK_TEXT ("Hel") "\n" CHUNK_START "\"delta\":{\"content\":\"l", "Hel", OAI_ERROR_INCOMPLETE },
    { CHUNK_TEXT ("Hel") "\n" CHUNK_START "\"delta\":{\"content\":\"l\\", "Hel", OAI_ERROR_INCOMPLETE },
    { CHUNK_TEXT ("Hel") "\nInternal Server Error\n", "Hel", OAI_ERROR_PROTOCOL },
    { CHUNK_TEXT ("Hel") "\n5\n" CHUNK_STOP, "Hel", OAI_ERROR_PROTOCOL },
    { CHUNK_TEXT ("Hel") "\n{\"error\":{\"message\":\"Boom\",\"code\":503}}\n" CHUNK_STOP, "Hel", OAI_ERROR_SERVER },
    { COMPLETION ("Hello") "\nand more", "Hello", OAI_ERROR_PROTOCOL },
  };

  for (guint i = 0; json_types[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (cases); j++)
      {
        assert_breaks (self, oai_mock_reply_new_text (200, json_types[i], cases[j].wire), cases[j].code, cases[j].text);
        assert_creates_not (self, json_types[i], cases[j].wire, cases[j].code);
      }
}

static void
on_event (OaiStream *stream, const char *name, const char *json, GString *all)
{
  g_assert_null (name);
  g_string_append_printf (all, "%s|", json);
}

/* Each line is an event, and the program can close the stream after any of them. */
static void
test_json_lines_events (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (OaiChatStream) closed = call_fixture_stream (self);
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (stream, "event", G_CALLBACK (on_event), all);
  call_fixture_push (self, oai_mock_reply_new_text (200, "application/json", CHUNK_TEXT ("a") "\n" CHUNK_STOP "\n"));
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (all->str, ==, CHUNK_TEXT ("a") "|" CHUNK_STOP "|");

  g_signal_connect (closed, "content-delta", G_CALLBACK (oai_stream_close), NULL);
  call_fixture_push (self, oai_mock_reply_new_text (200, "application/json", CHUNK_TEXT ("a") "\n" CHUNK_TEXT ("b") "\n" CHUNK_STOP "\n"));
  g_assert_null (call_fixture_run (OAI_STREAM (closed), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (oai_chat_stream_get_content (closed, 0), ==, "a");
}

static void
test_no_object (CallFixture *self, gconstpointer user_data)
{
  static const char *const bodies[] = { "null", "5", "\"x\"", "[]", "[{}]" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      assert_breaks (self, oai_mock_reply_new_text (200, "application/json", bodies[i]), OAI_ERROR_PROTOCOL, "");
      assert_creates_not (self, "application/json", bodies[i], OAI_ERROR_PROTOCOL);
    }
  /* The content is correct. */
  assert_reads (self, oai_mock_reply_new_text (200, "application/json", "{}"), "");
}

/* Objects of other kinds, and completions of servers that name or describe them differently. */
static void
test_other_object (CallFixture *self, gconstpointer user_data)
{
  static const char *const others[] = {
    "{\"object\":\"response\",\"id\":\"resp_1\",\"output\":[]}",
    "{\"object\":\"list\",\"data\":[]}",
    "{\"object\":\"model\",\"choices\":null}",
  };
  static const char *const completions[] = {
    "{\"object\":\"other\",\"choices\":[{\"message\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}",
    "{\"object\":null,\"choices\":[{\"message\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      assert_breaks (self, oai_mock_reply_new_text (200, "application/json", others[i]), OAI_ERROR_PROTOCOL, "");
      assert_creates_not (self, "application/json", others[i], OAI_ERROR_PROTOCOL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (completions); i++)
    {
      assert_reads (self, oai_mock_reply_new_text (200, "application/json", completions[i]), "Hello");
      assert_creates (self, "application/json", completions[i]);
    }
  assert_reads (self, oai_mock_reply_new_text (200, "application/json", "{\"object\":\"chat.completion\"}"), "");
}

/* gzip */

static void
on_first (OaiChatStream *stream, const char *text, guint choice, guint *n)
{
  (*n)++;
}

static void
test_gzip_at_once (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("Hel"), CHUNK_TEXT ("lo"), CHUNK_STOP, NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  oai_mock_reply_set_gzip (reply, TRUE, TRUE);
  oai_mock_reply_set_chunk_delay (reply, 200);
  call_fixture_push (self, reply);
  g_signal_connect (stream, "content-delta", G_CALLBACK (on_first), &n);
  oai_stream_run_async (OAI_STREAM (stream), NULL, call_store_result, &result);
  wait_until (n > 0);
  g_assert_cmpuint (n, ==, 1);
  g_assert_null (result);
  record = oai_stream_run_finish (OAI_STREAM (stream), call_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 2);
}

static void
test_gzip_at_the_end (CallFixture *self, gconstpointer user_data)
{
  for (gsize size = 0; size < 40; size += 13)
    {
      OaiMockReply *reply = call_fixture_sse (HELLO EVENT (CHUNK_STOP) DONE);

      oai_mock_reply_set_gzip (reply, TRUE, FALSE);
      oai_mock_reply_set_chunk_size (reply, size);
      assert_reads (self, reply, "Hello");
    }
}

static void
test_gzip_truncated (CallFixture *self, gconstpointer user_data)
{
  const OaiMockFraming kinds[] = { OAI_MOCK_FRAMING_CHUNKED, OAI_MOCK_FRAMING_LENGTH, OAI_MOCK_FRAMING_UNTIL_CLOSE };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (OaiMockReply) reply = call_fixture_events (CHUNK_TEXT ("Hel"), CHUNK_TEXT ("lo"), CHUNK_STOP, NULL);
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;

      oai_mock_reply_set_gzip (reply, TRUE, TRUE);
      oai_mock_reply_set_framing (reply, kinds[i]);
      oai_mock_reply_set_truncate_after (reply, 150);
      text = push_text (self, reply, &error);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
    }
}

static void
test_gzip_json (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = oai_mock_reply_new_json (200, COMPLETION ("Hello"));
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiChatCompletion) completion = NULL;

  oai_mock_reply_set_gzip (reply, TRUE, FALSE);
  call_fixture_push (self, reply);
  completion = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_completion_get_text (completion), ==, "Hello");
}

/* Errors within a stream */

typedef struct
{
  const char *name;
  const char *event;
  OaiError code;
  const char *says;
} Failure;

static const Failure failures[] = {
  { "event-error", "event: error\ndata: {\"message\":\"Boom\",\"code\":500}\n\n", OAI_ERROR_SERVER, "Boom" },
  { "event-error-nested", "event: error\ndata: {\"error\":{\"message\":\"Boom\",\"type\":\"server_error\"}}\n\n", OAI_ERROR_SERVER, "Boom" },
  { "event-error-text", "event: error\ndata: \"Boom\"\n\n", OAI_ERROR_FAILED, "Boom" },
  { "event-error-no-json", "event: error\ndata: Boom went the server\n\n", OAI_ERROR_FAILED, "Boom" },
  { "event-error-truncated", "event: error\ndata: {\"message\":\"Boom went the\n\n", OAI_ERROR_FAILED, "{\"message\":\"Boom went the" },
  { "object", EVENT ("{\"error\":{\"message\":\"Boom\",\"code\":\"rate_limit_exceeded\"}}"), OAI_ERROR_RATE_LIMITED, "Boom" },
  { "string", EVENT ("{\"error\":\"Boom\"}"), OAI_ERROR_FAILED, "Boom" },
  { "number", EVENT ("{\"error\":{\"message\":\"Boom\",\"code\":401}}"), OAI_ERROR_AUTHENTICATION, "Boom" },
  { "error-type-as-status", EVENT ("{\"error\":{\"message\":\"Boom\",\"type\":\"authentication_error\"}}"), OAI_ERROR_AUTHENTICATION, "Boom" },
  { "status-beside", EVENT ("{\"error\":\"Boom\",\"status\":\"404 Not Found\"}"), OAI_ERROR_NOT_FOUND, "Boom" },
  { "integer-code", EVENT ("{\"error\":{\"message\":\"Boom\",\"code\":429}}"), OAI_ERROR_RATE_LIMITED, "Boom" },
  { "vllm", EVENT ("{\"object\":\"error\",\"message\":\"Boom\",\"code\":400}"), OAI_ERROR_BAD_REQUEST, "Boom" },
  { "array", EVENT ("[{\"error\":{\"message\":\"Boom\",\"code\":503,\"status\":\"UNAVAILABLE\"}}]"), OAI_ERROR_SERVER, "Boom" },
  { "beside-choices", EVENT ("{\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}],\"error\":{\"message\":\"Boom\",\"code\":502}}"), OAI_ERROR_SERVER, "Boom" },
  { "no-json", EVENT ("<html>502</html>"), OAI_ERROR_PROTOCOL, "" },
  { "truncated-json", EVENT ("{\"choices\":[{\"index\":0,\"del"), OAI_ERROR_PROTOCOL, "" },
};

static void
test_error_in_stream (CallFixture *self, gconstpointer user_data)
{
  const Failure *failure = user_data;
  g_autofree char *wire = g_strconcat (HELLO, failure->event, DONE, NULL);

  for (guint pulled = 0; pulled < 2; pulled++)
    {
      g_autoptr (OaiMockReply) reply = call_fixture_sse (wire);
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;

      oai_mock_reply_set_header (reply, "x-request-id", "req_7");
      text = pulled ? pull_text (self, reply, &error) : push_text (self, reply, &error);
      g_assert_error (error, OAI_ERROR, (int) failure->code);
      g_assert_nonnull (strstr (error->message, failure->says));
      g_assert_null (strstr (error->message, "req_7"));
      g_assert_cmpstr (text, ==, "Hello");
    }
}

/* An "error" that is null is not an error. */
static void
test_error_null (CallFixture *self, gconstpointer user_data)
{
  assert_reads (self, call_fixture_sse (EVENT ("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}],\"error\":null}") EVENT (CHUNK_STOP) DONE), "Hello");
}

static void
test_error_as_stream (CallFixture *self, gconstpointer user_data)
{
  assert_breaks (self, oai_mock_reply_new_text (200, "text/event-stream", "{\"error\":\"Unexpected endpoint\"}"), OAI_ERROR_FAILED, "");
  assert_breaks (self, oai_mock_reply_new_text (200, "application/json", "{\"error\":{\"message\":\"Boom\",\"code\":404}}"), OAI_ERROR_NOT_FOUND, "");
  assert_breaks (self, oai_mock_reply_new_text (500, "text/event-stream", EVENT ("{\"error\":{\"message\":\"Boom\"}}")), OAI_ERROR_SERVER, "");
  assert_breaks (self, oai_mock_reply_new_text (401, "text/html", "<html><title>No</title></html>"), OAI_ERROR_AUTHENTICATION, "");
}

/* The format of servers that use FastAPI. With a reply in addition, it is not an error. */
static void
test_detail (CallFixture *self, gconstpointer user_data)
{
  static const char *const bodies[] = { "{\"detail\":\"Boom\"}", "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"Boom\"}]}", "{\"detail\":\"Boom\",\"status\":500}" };
  const char *good = "{\"detail\":\"fine\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}";

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;

      assert_breaks (self, oai_mock_reply_new_text (200, "application/json", bodies[i]), OAI_ERROR_FAILED, "");
      call_fixture_push (self, oai_mock_reply_new_text (200, "application/json", bodies[i]));
      g_assert_null (call_fixture_create (self, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, "Boom"));
    }
  assert_reads (self, oai_mock_reply_new_text (200, "application/json", good), "Hello");
  assert_creates (self, "application/json", good);
}

/* Some servers send an empty "error" with each chunk. */
static void
test_empty_error (CallFixture *self, gconstpointer user_data)
{
  static const char *const values[] = { "{}", "[]", "\"\"", "false", "0", "null" };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *wire = g_strdup_printf ("data: {\"error\":%s,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", values[i]);
      g_autofree char *reply = g_strdup_printf ("{\"error\":%s,\"choices\":[{\"message\":{\"content\":\"Hello\"}}]}", values[i]);
      g_autofree char *failure = g_strdup_printf ("data: {\"error\":%s}\n\n", values[i]);

      assert_reads (self, call_fixture_sse (wire), "Hello");
      assert_creates (self, "application/json", reply);
      if (strcmp (values[i], "null") != 0)
        assert_breaks (self, call_fixture_sse (failure), OAI_ERROR_FAILED, "");
    }
}

/* What distinguishes a result that has "error" or "detail" is the record type of the operation: its
 * lists of records for "error", all its members for "detail". */
static void
test_error_or_result (CallFixture *self, gconstpointer user_data)
{
  static const char *const errors[] = {
    "{\"error\":\"Boom\",\"model\":\"m\",\"created\":5}",
    "{\"error\":{\"message\":\"Boom\"},\"usage\":{\"total_tokens\":0}}",
    "{\"error\":\"Boom\",\"choices\":null}",
    "{\"error\":\"Boom\",\"results\":[{}]}",
    "{\"object\":\"error\",\"message\":\"Boom\",\"choices\":[]}",
    "{\"detail\":\"Boom\",\"path\":\"/\",\"results\":[]}",
    "{\"error\":{}}",
    "{\"error\":\"\"}",
    "{\"error\":false}",
  };
  static const char *const results[] = {
    "{\"error\":\"Boom\",\"choices\":[]}",
    "{\"error\":\"Boom\",\"id\":\"c\"}",
    "{\"error\":\"Boom\",\"object\":\"chat.completion\"}",
    "{\"detail\":\"Boom\",\"model\":\"m\"}",
    "{\"detail\":\"Boom\",\"service_tier\":\"flex\"}",
    "{\"error\":{},\"model\":\"m\"}",
    "{\"error\":0,\"model\":\"m\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    assert_creates_not (self, "application/json", errors[i], OAI_ERROR_FAILED);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (OaiChatCompletion) completion = NULL;
      g_autoptr (GError) error = NULL;

      call_fixture_push (self, oai_mock_reply_new_text (200, "application/json", results[i]));
      completion = call_fixture_create (self, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (completion);
    }
}

/* JSON that other parsers reject */

static void
test_json (CallFixture *self, gconstpointer user_data)
{
  const struct { const char *json; const char *text; } cases[] = {
    { "\\ud83d", "\357\277\275" },
    { "a\\ude00b", "a\357\277\275b" },
    { "\\ud83d\\ude00", "\360\237\230\200" },
    { "caf\xe9", "caf\357\277\275" },
    { "tab\there", "tab\there" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *wire = g_strconcat ("data: " CHUNK_START "\"delta\":{\"content\":\"", cases[i].json, "\"}}]}\n\n" EVENT (CHUNK_STOP) DONE, NULL);

      assert_reads (self, call_fixture_sse (wire), cases[i].text);
    }
  assert_reads (self, call_fixture_sse (EVENT ("{\"created\":99999999999999999999,\"x\":NaN,\"y\":-Infinity,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"logprobs\":null}]}") EVENT (CHUNK_STOP) DONE), "Hello");
}

/* Servers that split text between UTF-16 code units, so that a character is split between events */

#define FFFD "\357\277\275"
#define FACE "\360\237\230\200"
#define OF_CHOICE(choice, member) "{\"choices\":[{\"index\":" choice ",\"delta\":{" member "}}]}"
#define OF_CALL(arguments) OF_CHOICE ("0", "\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"" arguments "\"}}]")

static const struct
{
  const char *wire;
  const char *texts; /* the content of two choices, the refusal, the reasoning, the arguments */
} split_characters[] = {
  { EVENT (CHUNK_TEXT ("a\\ud83d")) EVENT (CHUNK_TEXT ("\\ude00b")), "a" FACE "b||||" },
  { EVENT (CHUNK_TEXT ("\\ud83d")) EVENT (CHUNK_TEXT ("\\uDE00")), FACE "||||" },
  { "data: " CHUNK_TEXT ("\\ud83d") CHUNK_TEXT ("\\ude00") "\n\n", FACE "||||" },
  { EVENT (CHUNK_TEXT ("\\ud83d")) EVENT (CHUNK_TEXT ("\\ude00\\ud83d")) EVENT (CHUNK_TEXT ("\\ude00\\n\\ud83d")) EVENT (CHUNK_TEXT ("\\ude00")), FACE FACE "\n" FACE "||||" },
  { EVENT (CHUNK_TEXT ("\\ud83d")) EVENT (CHUNK_TEXT ("")) EVENT ("{\"choices\":[]}") ": comment\n\n" EVENT (CHUNK_TEXT ("\\ude00")), FACE "||||" },
  { EVENT (CHUNK_TEXT ("\\ud83d")) EVENT (CHUNK_TEXT ("x")) EVENT (CHUNK_TEXT ("\\ude00")), FFFD "x" FFFD "||||" },
  { EVENT (CHUNK_TEXT ("\\ud83d")) EVENT (CHUNK_TEXT ("\\ud83d")) EVENT (CHUNK_TEXT ("\\ude00")), FFFD FACE "||||" },
  { EVENT (CHUNK_TEXT ("a\\ud83d")), "a" FFFD "||||" },
  { EVENT (CHUNK_TEXT ("\\ude00a")), FFFD "a||||" },
  { EVENT (OF_CHOICE ("0", "\"content\":\"a\\ud83d\"")) EVENT (OF_CHOICE ("1", "\"content\":\"b\\ud83d\"")) EVENT (OF_CHOICE ("0", "\"content\":\"\\ude00\"")) EVENT (OF_CHOICE ("1", "\"content\":\"\\ude00\"")), "a" FACE "|b" FACE "|||" },
  { EVENT (OF_CHOICE ("0", "\"content\":\"\\ud83d\"")) EVENT (OF_CHOICE ("1", "\"content\":\"\\ude00\"")), FFFD "|" FFFD "|||" },
  { EVENT (OF_CHOICE ("0", "\"refusal\":\"\\ud83d\"")) EVENT (OF_CHOICE ("0", "\"refusal\":\"\\ude00\"")), "||" FACE "||" },
  { EVENT (OF_CHOICE ("0", "\"reasoning_content\":\"\\ud83d\"")) EVENT (OF_CHOICE ("0", "\"reasoning_content\":\"\\ude00\"")), "|||" FACE "|" },
  { EVENT (OF_CHOICE ("0", "\"reasoning_content\":\"\\ud83d\"")) EVENT (OF_CHOICE ("0", "\"content\":\"\\ude00\"")), FFFD "|||" FFFD "|" },
  { EVENT (OF_CALL ("{\\\"x\\\":\\\"\\ud83d")) EVENT (OF_CALL ("\\ude00\\\"}")), "||||{\"x\":\"" FACE "\"}" },
};

typedef struct
{
  GString *texts[5];
} Heard;

static void
on_content (OaiChatStream *stream, const char *text, guint choice, Heard *heard)
{
  g_string_append (heard->texts[choice], text);
}

static void
on_refusal (OaiChatStream *stream, const char *text, guint choice, Heard *heard)
{
  g_string_append (heard->texts[2], text);
}

static void
on_reasoning (OaiChatStream *stream, const char *text, guint choice, Heard *heard)
{
  g_string_append (heard->texts[3], text);
}

static void
on_arguments (OaiChatStream *stream, const char *name, const char *arguments, guint choice, guint call, Heard *heard)
{
  g_string_append (heard->texts[4], arguments);
}

static char *
dup_heard (Heard *heard)
{
  GString *all = g_string_new (heard->texts[0]->str);

  for (guint i = 1; i < G_N_ELEMENTS (heard->texts); i++)
    g_string_append_printf (all, "|%s", heard->texts[i]->str);

  return g_string_free (all, FALSE);
}

static void
append_text (GString *all, const char *text)
{
  if (text != NULL)
    g_string_append (all, text);
}

/* The text in the chunks that a program reads. */
static void
hear_chunk (Heard *heard, OaiChatChunk *chunk)
{
  GPtrArray *choices = oai_chat_chunk_get_choices (chunk);

  for (guint i = 0; i < choices->len; i++)
    {
      OaiChatDelta *delta = oai_chat_chunk_choice_get_delta (g_ptr_array_index (choices, i));
      GPtrArray *calls = oai_chat_delta_get_tool_calls (delta);

      append_text (heard->texts[oai_record_get_int_member (g_ptr_array_index (choices, i), "index")], oai_chat_delta_get_content (delta));
      append_text (heard->texts[2], oai_chat_delta_get_refusal (delta));
      append_text (heard->texts[3], oai_record_get_string_member (OAI_RECORD (delta), "reasoning_content"));
      for (guint j = 0; calls != NULL && j < calls->len; j++)
        append_text (heard->texts[4], oai_chat_function_call_get_arguments (oai_chat_tool_call_get_function (g_ptr_array_index (calls, j))));
    }
}

static char *
hear (CallFixture *self, const char *wire, gboolean pulled, guint coalesce)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GError) error = NULL;
  Heard heard = { { 0 } };
  char *all;

  for (guint i = 0; i < G_N_ELEMENTS (heard.texts); i++)
    heard.texts[i] = g_string_new (NULL);
  oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), coalesce);
  if (!pulled)
    {
      g_signal_connect (stream, "content-delta", G_CALLBACK (on_content), &heard);
      g_signal_connect (stream, "refusal-delta", G_CALLBACK (on_refusal), &heard);
      g_signal_connect (stream, "reasoning-delta", G_CALLBACK (on_reasoning), &heard);
      g_signal_connect (stream, "tool-call-delta", G_CALLBACK (on_arguments), &heard);
    }
  call_fixture_push (self, call_fixture_sse (wire));
  if (pulled)
    {
      OaiRecord *chunk;

      while ((chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error)) != NULL)
        {
          hear_chunk (&heard, OAI_CHAT_CHUNK (chunk));
          g_object_unref (chunk);
        }
    }
  else
    {
      g_autoptr (OaiRecord) record = call_fixture_run (OAI_STREAM (stream), NULL, &error);

      g_assert_nonnull (record);
    }
  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_stream_get_content (stream, 0) != NULL ? oai_chat_stream_get_content (stream, 0) : "", ==, heard.texts[0]->str);
  all = dup_heard (&heard);
  for (guint i = 0; i < G_N_ELEMENTS (heard.texts); i++)
    g_string_free (heard.texts[i], TRUE);

  return all;
}

static void
test_split_characters (CallFixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (split_characters); i++)
    for (guint way = 0; way < 3; way++)
      {
        g_autofree char *wire = g_strconcat (split_characters[i].wire, DONE, NULL);
        g_autofree char *text = hear (self, wire, way == 1, way == 2 ? 60 * 1000 : 0);

        g_assert_cmpstr (text, ==, split_characters[i].texts);
      }
}

/* Text that waits for the low surrogate of a character does not delay the end of the stream. */
static void
test_split_characters_and_error (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_sse (EVENT (CHUNK_TEXT ("a\\ud83d")) EVENT ("{\"error\":{\"message\":\"Boom\",\"code\":503}}") EVENT (CHUNK_STOP));
  OaiMockReply *broken = call_fixture_sse (EVENT (CHUNK_TEXT ("a\\ud83d")));

  oai_mock_reply_set_hang_after (reply, strlen (EVENT (CHUNK_TEXT ("a\\ud83d")) EVENT ("{\"error\":{\"message\":\"Boom\",\"code\":503}}")));
  assert_breaks (self, reply, OAI_ERROR_SERVER, "a" FFFD);
  assert_breaks (self, broken, OAI_ERROR_INCOMPLETE, "a" FFFD);
  assert_breaks (self, call_fixture_sse (EVENT (CHUNK_TEXT ("a\\ud83d")) EVENT ("{no JSON")), OAI_ERROR_PROTOCOL, "a" FFFD);
  assert_creates_text (self, "text/event-stream", EVENT (CHUNK_TEXT ("a\\ud83d")) EVENT (CHUNK_TEXT ("\\ude00")) EVENT (CHUNK_STOP), "a" FACE);
}

/* 128 texts that end with a high surrogate, and no event with the low surrogate. */
static void
append_surrogates (GString *wire, guint event)
{
  g_string_append (wire, "data: {\"unknown\":[");
  for (guint i = 0; i < 128; i++)
    g_string_append_printf (wire, "%s{\"index\":%u,\"text\":\"\\ud83d\"}", i > 0 ? "," : "", 1000000 + event * 128 + i);
  g_string_append (wire, "]}\n\n");
}

/* Only a limited number of surrogates are joined, since each searches all following events. */
static void
test_many_surrogates (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GString) wire = g_string_new (NULL);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < 100; i++)
    append_surrogates (wire, i);
  g_string_append (wire, "data: {\"unknown\":[");
  for (guint i = 0; i < 200 * 1000; i++)
    g_string_append (wire, "{},");
  g_string_append (wire, "{}]}\n\n" EVENT (CHUNK_STOP) DONE);

  call_fixture_push (self, call_fixture_sse (wire->str));
  while ((record = oai_stream_next (OAI_STREAM (stream), NULL, &error)) != NULL)
    g_clear_object (&record);
  g_assert_no_error (error);
  /* Without a limit, this takes minutes. */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 30 * G_USEC_PER_SEC);
}

static void
close_on_content (OaiStream *stream, const char *text, guint choice, GString *all)
{
  g_string_append (all, text);
  oai_stream_close (stream);
}

/* Other events are buffered while a handler closes the stream. */
static void
test_split_characters_and_close (CallFixture *self, gconstpointer user_data)
{
  const char *const names[] = { "content-delta", "chunk" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (GString) all = g_string_new (NULL);
      g_autoptr (GError) error = NULL;

      call_fixture_push (self, call_fixture_sse (EVENT (CHUNK_TEXT ("a\\ud83d")) EVENT (OF_CHOICE ("1", "\"content\":\"b\\ud83d\"")) EVENT (OF_CHOICE ("2", "\"content\":\"c\"")) EVENT (CHUNK_STOP) DONE));
      g_signal_connect (stream, "content-delta", G_CALLBACK (close_on_content), all);
      if (i == 1)
        g_signal_connect (stream, names[i], G_CALLBACK (oai_stream_close), NULL);
      g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpstr (all->str, ==, i == 0 ? "a" FFFD : "");
      g_assert_null (oai_chat_stream_get_content (stream, 1));
    }
}

static void
test_json_nul (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiMockReply) reply = call_fixture_sse ("data: " CHUNK_TEXT ("a\\u0000b") "\n\n" EVENT (CHUNK_TEXT ("c")) EVENT (CHUNK_STOP) DONE);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  text = push_text (self, reply, &error);
  g_assert_no_error (error);
  /* A replacement character is inserted, and nothing after it is lost. */
  g_assert_true (g_str_has_prefix (text, "a"));
  g_assert_true (g_str_has_suffix (text, "bc"));
}

#define add(path, func, data) g_test_add (path, CallFixture, data, call_fixture_set_up, func, call_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (framings); i++)
    {
      g_autofree char *path = g_strconcat ("/quirks/framing/", framings[i].name, NULL);

      add (path, test_framing, &framings[i]);
    }
  add ("/quirks/framing/split-anywhere", test_split_anywhere, NULL);
  add ("/quirks/framing/long-line", test_long_line, NULL);
  add ("/quirks/framing/event-limit", test_event_limit, NULL);
  add ("/quirks/framing/stream-limit", test_stream_limit, NULL);
  add ("/quirks/framing/whole-limit", test_whole_limit, NULL);
  add ("/quirks/end/no-done", test_no_done, NULL);
  add ("/quirks/end/two-dones", test_two_dones, NULL);
  add ("/quirks/end/done-without-reason", test_done_without_reason, NULL);
  add ("/quirks/end/neither-done-nor-reason", test_neither, NULL);
  add ("/quirks/end/nothing", test_nothing, NULL);
  add ("/quirks/end/unfinished-event", test_unfinished_event, NULL);
  add ("/quirks/end/unfinished-usage", test_unfinished_usage, NULL);
  add ("/quirks/truncated/chunked", test_truncated, GINT_TO_POINTER (OAI_MOCK_FRAMING_CHUNKED));
  add ("/quirks/truncated/content-length", test_truncated, GINT_TO_POINTER (OAI_MOCK_FRAMING_LENGTH));
  add ("/quirks/truncated/until-close", test_truncated, GINT_TO_POINTER (OAI_MOCK_FRAMING_UNTIL_CLOSE));
  add ("/quirks/truncated/reset", test_truncated, GINT_TO_POINTER (OAI_MOCK_FRAMING_CHUNKED | 16));
  add ("/quirks/mixed/json-for-stream", test_json_for_stream, NULL);
  add ("/quirks/mixed/json-for-pulled-stream", test_json_for_pulled_stream, NULL);
  add ("/quirks/mixed/many-blanks", test_many_blanks, NULL);
  add ("/quirks/mixed/stream-labelled-json", test_sse_labelled_json, NULL);
  add ("/quirks/mixed/html-for-stream", test_html_for_stream, NULL);
  add ("/quirks/mixed/stream-for-json", test_stream_for_json, NULL);
  add ("/quirks/mixed/json-lines", test_json_lines, NULL);
  add ("/quirks/mixed/json-lines-truncated", test_json_lines_truncated, NULL);
  add ("/quirks/mixed/json-lines-events", test_json_lines_events, NULL);
  add ("/quirks/mixed/no-object", test_no_object, NULL);
  add ("/quirks/mixed/other-object", test_other_object, NULL);
  add ("/quirks/gzip/at-once", test_gzip_at_once, NULL);
  add ("/quirks/gzip/at-the-end", test_gzip_at_the_end, NULL);
  add ("/quirks/gzip/truncated", test_gzip_truncated, NULL);
  add ("/quirks/gzip/json", test_gzip_json, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *path = g_strconcat ("/quirks/errors/", failures[i].name, NULL);

      add (path, test_error_in_stream, &failures[i]);
    }
  add ("/quirks/errors/null-is-no-error", test_error_null, NULL);
  add ("/quirks/errors/in-place-of-a-stream", test_error_as_stream, NULL);
  add ("/quirks/errors/detail", test_detail, NULL);
  add ("/quirks/errors/error-or-result", test_error_or_result, NULL);
  add ("/quirks/errors/empty-error", test_empty_error, NULL);
  add ("/quirks/json/tolerated", test_json, NULL);
  add ("/quirks/json/split-characters", test_split_characters, NULL);
  add ("/quirks/json/split-characters-and-errors", test_split_characters_and_error, NULL);
  add ("/quirks/json/split-characters-and-close", test_split_characters_and_close, NULL);
  add ("/quirks/json/many-split-characters", test_many_surrogates, NULL);
  add ("/quirks/json/nul", test_json_nul, NULL);

  return g_test_run ();
}
