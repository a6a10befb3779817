/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A message of a model is added to the next request, and servers accept it. */

#include "test-module.h"

#define EVENT(delta) "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":" delta "}]}\n\n"

static OaiChatRequest *
new_request (void)
{
  OaiChatRequest *request = oai_chat_request_new ("gpt-4o");

  oai_chat_request_add_user_message (request, "Hello");

  return request;
}

static void
push (Fixture *fixture, OaiMockReply *reply)
{
  oai_mock_server_push_reply (fixture->server, reply);
  g_object_unref (reply);
}

/* A reply with this message. */
static OaiChatCompletion *
reply_with (Fixture *fixture, const char *message)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiChatRequest) request = new_request ();
  g_autofree char *json = g_strdup_printf ("{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"gpt-4o\",\"choices\":"
                                           "[{\"index\":0,\"finish_reason\":\"stop\",\"logprobs\":{\"content\":[],\"refusal\":null},\"message\":%s}]}", message);
  g_autoptr(GError) error = NULL;
  OaiChatCompletion *completion;

  push (fixture, oai_mock_reply_new_json (200, json));
  completion = oai_chat_endpoint_create (chat, request, NULL, &error);
  g_assert_no_error (error);

  return completion;
}

/* Sends the request, which the service must accept, and returns the request that it received. */
static char *
send (Fixture *fixture, OaiChatRequest *request)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiMockRequest) sent = NULL;
  g_autoptr(OaiChatCompletion) next = NULL;
  g_autoptr(GError) error = NULL;

  next = oai_chat_endpoint_create (chat, request, NULL, &error);
  g_assert_no_error (error);
  assert_no_violations (fixture);
  sent = oai_mock_server_dup_request (fixture->server, -1);

  return oai_mock_request_dup_body_text (sent);
}

static char *
continue_with (Fixture *fixture, OaiChatMessage *message)
{
  g_autoptr(OaiChatRequest) request = new_request ();

  oai_chat_request_add_message (request, message);
  oai_chat_request_add_user_message (request, "Go on");

  return send (fixture, request);
}

#define SENT(message) "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}," message "{\"role\":\"user\",\"content\":\"Go on\"}]}"

/* Members that only servers send, and members that they send empty. */
static void
test_members_of_replies (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatCompletion) completion = reply_with (fixture,
    "{\"role\":\"assistant\",\"content\":\"Hi\",\"refusal\":null,\"tool_calls\":[],\"function_call\":null,\"name\":null,\"id\":\"msg_1\",\"content_parts\":null,"
    "\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"start_index\":0,\"end_index\":2,\"url\":\"https://example.org\",\"title\":\"T\"}}],"
    "\"audio\":{\"id\":\"audio_1\",\"expires_at\":1,\"data\":\"AAAA\",\"transcript\":\"Hi\"}}");
  OaiChatMessage *message = oai_chat_completion_get_message (completion);
  g_autofree char *sent = continue_with (fixture, message);
  g_autofree char *json = oai_record_to_json (OAI_RECORD (message));

  g_assert_cmpstr (sent, ==, SENT ("{\"role\":\"assistant\",\"content\":\"Hi\",\"refusal\":null,\"function_call\":null,\"audio\":{\"id\":\"audio_1\"}},"));
  /* The original message is unchanged. */
  g_assert_nonnull (strstr (json, "\"annotations\":[{"));
  g_assert_nonnull (strstr (json, "\"data\":\"AAAA\""));
}

/* Servers that this library does not know require them in the next request. */
static void
test_members_of_other_servers (Fixture *fixture, gconstpointer data)
{
  static const char *const allowed[] = { "reasoning_content", "reasoning_details", "extra_content" };
  g_autoptr(OaiChatCompletion) completion = reply_with (fixture,
    "{\"role\":\"assistant\",\"content\":\"Hi\",\"reasoning_content\":\"Hm\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"index\":0}],"
    "\"extra_content\":{\"google\":{\"thought_signature\":\"abc\"}}}");
  g_autofree char *sent = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
    oai_mock_server_allow_member (fixture->server, allowed[i]);
  sent = continue_with (fixture, oai_chat_completion_get_message (completion));
  g_assert_cmpstr (sent, ==, SENT ("{\"role\":\"assistant\",\"content\":\"Hi\",\"reasoning_content\":\"Hm\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"index\":0}],"
                                   "\"extra_content\":{\"google\":{\"thought_signature\":\"abc\"}}},"));
}

static void
test_members_of_program (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatCompletion) completion = reply_with (fixture, "{\"role\":\"assistant\",\"content\":\"Hi\",\"id\":\"msg_1\"}");
  OaiChatMessage *message = oai_chat_completion_get_message (completion);
  g_autofree char *sent = NULL;

  oai_mock_server_set_validating (fixture->server, FALSE);
  oai_chat_message_set_id (message, "msg_2");
  sent = continue_with (fixture, message);
  g_assert_nonnull (strstr (sent, "\"id\":\"msg_2\""));
}

/* Several servers add indices to the calls of whole replies. */
static void
test_tool_calls (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatCompletion) completion = reply_with (fixture,
    "{\"role\":\"assistant\",\"content\":null,\"annotations\":[],\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}");
  g_autoptr(OaiChatRequest) request = new_request ();
  GPtrArray *calls = oai_chat_completion_get_tool_calls (completion);
  g_autofree char *sent = NULL;

  oai_chat_request_add_message (request, oai_chat_completion_get_message (completion));
  oai_chat_request_add_tool_result (request, g_ptr_array_index (calls, 0), "1");
  oai_chat_request_add_user_message (request, "Go on");
  sent = send (fixture, request);
  g_assert_cmpstr (sent, ==, SENT ("{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
                                   "{\"role\":\"tool\",\"content\":\"1\",\"tool_call_id\":\"a\"},"));
}

static void
stop (OaiChatStream *stream, const char *name, const char *arguments, guint choice, guint call, gpointer data)
{
  if (strstr (arguments, "stop") != NULL)
    oai_stream_close (OAI_STREAM (stream));
}

/* The partial result of a stream that the user stopped. */
static OaiChatCompletion *
run_until_stop (Fixture *fixture, const char *wire)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiChatRequest) request = new_request ();
  g_autoptr(OaiChatStream) stream = oai_chat_endpoint_create_stream (chat, request);
  g_autoptr(OaiRecord) whole = NULL;
  g_autoptr(GError) error = NULL;

  push (fixture, oai_mock_reply_new_text (200, "text/event-stream", wire));
  g_signal_connect (stream, "tool-call-delta", G_CALLBACK (stop), NULL);
  whole = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_null (whole);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  return oai_chat_stream_dup_completion (stream);
}

#define CALL(index, id, arguments) EVENT ("{\"tool_calls\":[{\"index\":" index ",\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"" arguments "\"}}]}")

static void
test_stopped_call (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatCompletion) completion = run_until_stop (fixture, EVENT ("{\"role\":\"assistant\",\"content\":\"Let me see.\"}") CALL ("0", "a", "{\\\"stop"));
  OaiChatMessage *message = oai_chat_completion_get_message (completion);
  g_autofree char *sent = continue_with (fixture, message);

  g_assert_cmpuint (oai_chat_message_get_tool_calls (message)->len, ==, 1);
  g_assert_cmpstr (sent, ==, SENT ("{\"role\":\"assistant\",\"content\":\"Let me see.\"},"));
}

static void
test_stopped_call_without_text (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatCompletion) completion = run_until_stop (fixture, CALL ("0", "a", "{\\\"stop"));
  g_autofree char *sent = continue_with (fixture, oai_chat_completion_get_message (completion));

  g_assert_cmpstr (sent, ==, SENT (""));
}

/* The call was complete, but was not executed. */
static void
test_stopped_after_call (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatCompletion) completion = run_until_stop (fixture, EVENT ("{\"content\":\"Let me see.\"}") CALL ("0", "a", "{\\\"stop\\\":1}"));
  g_autofree char *sent = continue_with (fixture, oai_chat_completion_get_message (completion));

  g_assert_cmpstr (sent, ==, SENT ("{\"content\":\"Let me see.\",\"role\":\"assistant\"},"));
}

/* Without identifiers, one result counts for all calls. */
static void
test_calls_without_identifiers (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRecord) message = oai_record_new_from_json (OAI_TYPE_CHAT_MESSAGE, "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}", NULL);
  g_autoptr(OaiRecord) answer = oai_record_new_from_json (OAI_TYPE_CHAT_MESSAGE, "{\"role\":\"tool\",\"content\":\"1\"}", NULL);
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (fixture->client);
  g_autoptr(OaiChatRequest) request = new_request ();
  g_autoptr(OaiChatCompletion) next = NULL;
  g_autoptr(OaiMockRequest) sent = NULL;
  g_autofree char *body = NULL;

  oai_mock_server_set_validating (fixture->server, FALSE);
  push (fixture, oai_mock_reply_new_json (200, "{\"choices\":[]}"));
  oai_chat_request_add_message (request, OAI_CHAT_MESSAGE (message));
  oai_chat_request_add_message (request, OAI_CHAT_MESSAGE (answer));
  oai_chat_request_add_user_message (request, "Go on");
  next = oai_chat_endpoint_create (chat, request, NULL, NULL);
  g_assert_nonnull (next);
  sent = oai_mock_server_dup_request (fixture->server, -1);
  body = oai_mock_request_dup_body_text (sent);
  g_assert_nonnull (strstr (body, "tool_calls"));
}

/* The first call was complete, and the program executed it. */
static void
test_stopped_second_call (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiChatCompletion) completion = run_until_stop (fixture, CALL ("0", "a", "{}") CALL ("1", "b", "{}") CALL ("2", "c", "{\\\"stop"));
  g_autoptr(OaiChatRequest) request = new_request ();
  GPtrArray *calls = oai_chat_completion_get_tool_calls (completion);
  g_autofree char *sent = NULL;

  g_assert_cmpuint (calls->len, ==, 3);
  oai_chat_request_add_message (request, oai_chat_completion_get_message (completion));
  oai_chat_request_add_tool_result (request, g_ptr_array_index (calls, 0), "1");
  oai_chat_request_add_user_message (request, "Go on");
  sent = send (fixture, request);
  g_assert_cmpstr (sent, ==, SENT ("{\"role\":\"assistant\",\"tool_calls\":[{\"type\":\"function\",\"function\":{\"arguments\":\"{}\",\"name\":\"f\"},\"id\":\"a\"}],\"content\":null},"
                                   "{\"role\":\"tool\",\"content\":\"1\",\"tool_call_id\":\"a\"},"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/chat-history/members-of-replies", test_members_of_replies);
  TEST ("/chat-history/members-of-other-servers", test_members_of_other_servers);
  TEST ("/chat-history/members-of-program", test_members_of_program);
  TEST ("/chat-history/tool-calls", test_tool_calls);
  TEST ("/chat-history/stopped-call", test_stopped_call);
  TEST ("/chat-history/stopped-call-without-text", test_stopped_call_without_text);
  TEST ("/chat-history/stopped-after-call", test_stopped_after_call);
  TEST ("/chat-history/stopped-second-call", test_stopped_second_call);
  TEST ("/chat-history/calls-without-identifiers", test_calls_without_identifiers);

  return g_test_run ();
}
