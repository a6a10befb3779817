/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sessions that a program keeps: without a client, with another server, with titles, searched, and in files. */

#include "test-session.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Helpers */

static void
push_chat (SessionFixture *fixture, const char *text)
{
  g_autofree char *json = g_strdup_printf ("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                                           "\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},\"finish_reason\":\"stop\"}]}",
                                           text);

  push_json (fixture, 200, json);
}

static void
add_message (OaiSession *session, const char *role, const char *text)
{
  g_autoptr(OaiChatMessage) message = oai_chat_message_new (role);

  oai_chat_message_set_content (message, text);
  oai_session_add_record (session, OAI_RECORD (message));
}

static void
count_cb (GObject *object, GParamSpec *pspec, guint *n)
{
  (*n)++;
}

static char *
read_file (GFile *file)
{
  g_autoptr(GError) error = NULL;
  char *contents;

  g_file_load_contents (file, NULL, &contents, NULL, NULL, &error);
  g_assert_no_error (error);

  return contents;
}

static guint
get_mode (GFile *file)
{
  GStatBuf buf;

  g_assert_cmpint (g_stat (g_file_peek_path (file), &buf), ==, 0);

  return buf.st_mode & 0777;
}

/* The client */

/* The message is kept, so that the conversation continues when there is a client. */
static void
test_no_client (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, "m");
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;
  guint n_changes = 0;

  g_assert_null (oai_session_get_client (session));
  g_signal_connect (session, "notify::client", G_CALLBACK (count_cb), &n_changes);
  answer = oai_session_send (session, "Hello", NULL, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, "The session has no client. Set it with oai_session_set_client().");
  g_assert_null (answer);
  g_clear_error (&error);

  oai_session_set_client (session, fixture->client);
  oai_session_set_client (session, fixture->client);
  g_assert_cmpuint (n_changes, ==, 1);
  g_assert_true (oai_session_get_client (session) == fixture->client);
  oai_session_set_streaming (session, FALSE);
  push_chat (fixture, "Hi");
  answer = oai_session_retry (session, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_get_text (session), ==, "Hi");

  oai_session_set_client (session, NULL);
  g_assert_cmpuint (n_changes, ==, 2);
}

static void
test_client_of_running_session (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiMockReply) hang = oai_mock_reply_new_hang ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (fixture->server, hang);
  oai_session_send_async (session, "Hello", NULL, keep_result, &result);
  oai_session_set_client (session, fixture->client);
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "*cannot be changed while it is receiving a reply*");
  oai_session_set_client (session, NULL);
  g_test_assert_expected_messages ();
  g_assert_true (oai_session_get_client (session) == fixture->client);

  oai_session_stop (session);
  oai_session_set_client (session, NULL);
  g_assert_null (oai_session_get_client (session));
  wait_for (&result);
  g_assert_null (oai_session_send_finish (session, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
send_and_assert (OaiSession *session, const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSessionItem) answer G_GNUC_UNUSED = oai_session_send (session, text, NULL, &error);

  g_assert_no_error (error);
}

/* Takes ownership of json. */
static void
push_owned (Fixture *fixture, char *json)
{
  g_autofree char *owned = json;
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, owned);

  oai_mock_server_push_reply (fixture->server, reply);
}

static OaiRecord *
get_body (Fixture *fixture, int index, GType type)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, index);
  g_autofree char *text = oai_mock_request_dup_body_text (request);

  return oai_record_new_from_json (type, text, NULL);
}

/* Compares the elements of a member of a request. */
static void
assert_elements (OaiRecord *body, const char *member, const char *elements)
{
  g_autofree char *actual = oai_record_dup_member (body, member);
  g_autofree char *actual_json = g_strdup_printf ("{\"%s\":%s}", member, actual);
  g_autofree char *expected_json = g_strdup_printf ("{\"%s\":[%s]}", member, elements);
  g_autoptr(OaiRecord) actual_record = oai_record_new_from_json (G_OBJECT_TYPE (body), actual_json, NULL);
  g_autoptr(OaiRecord) expected_record = oai_record_new_from_json (G_OBJECT_TYPE (body), expected_json, NULL);

  if (!oai_record_equal (actual_record, expected_record))
    g_error ("%s instead of [%s]", actual, elements);
}

/* Chat completions */

static void
assert_messages (Fixture *fixture, int index, const char *messages)
{
  g_autoptr(OaiRecord) body = get_body (fixture, index, OAI_TYPE_CHAT_REQUEST);

  assert_elements (body, "messages", messages);
}

static void
push_message (Fixture *fixture, const char *message)
{
  push_owned (fixture, g_strdup_printf ("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":"
                                        "[{\"index\":0,\"message\":{\"role\":\"assistant\",%s},\"finish_reason\":\"stop\"}]}",
                                        message));
}

#define CHAT_USER(text) "{\"role\":\"user\",\"content\":\"" text "\"}"
#define CHAT_MODEL(members) "{\"role\":\"assistant\"," members "}"
#define THINKING "\"reasoning_content\":\"Hm\","
#define SIGNATURE ",\"extra_content\":{\"google\":{\"thought_signature\":\"s\"}}"
#define CALLS(more) \
  "\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"none\",\"arguments\":\"{}\"}" more "}]"
#define RESULT "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"{\\\"error\\\":\\\"There is no tool with this name.\\\"}\"}"

/* Servers refuse members that others have added to their replies, such as reasoning. */
static void
test_messages_of_other_server (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSession) restored = NULL;
  g_autofree char *json = NULL;
  g_autoptr(GError) error = NULL;
  Fixture other;

  fixture_set_up (&other, NULL);
  oai_session_set_streaming (session, FALSE);
  push_message (&fixture->service, THINKING CALLS (SIGNATURE));
  push_message (&fixture->service, THINKING "\"content\":[{\"type\":\"text\",\"text\":\"One\"}],\"refusal\":null,\"annotations\":[]");
  send_and_assert (session, "1");
  push_message (&fixture->service, "\"content\":null,\"audio\":{\"id\":\"a1\",\"data\":\"\",\"transcript\":\"Two\"}");
  send_and_assert (session, "2");
  assert_messages (&fixture->service, 2,
                   CHAT_USER ("1") "," CHAT_MODEL (THINKING CALLS (SIGNATURE)) "," RESULT ","
                   CHAT_MODEL (THINKING "\"content\":[{\"type\":\"text\",\"text\":\"One\"}],\"refusal\":null") "," CHAT_USER ("2"));

  json = oai_session_to_json (session);
  restored = oai_chat_session_new_from_json (other.client, json, &error);
  g_assert_no_error (error);
  push_message (&other, THINKING "\"content\":\"Three\"");
  send_and_assert (restored, "3");
  assert_messages (&other, 0,
                   CHAT_USER ("1") "," CHAT_MODEL (CALLS ("")) "," RESULT "," CHAT_MODEL ("\"content\":\"One\"") "," CHAT_USER ("2") ","
                   CHAT_MODEL ("\"content\":\"Two\"") "," CHAT_USER ("3"));
  push_message (&other, "\"content\":\"Four\"");
  send_and_assert (restored, "4");
  assert_messages (&other, 1,
                   CHAT_USER ("1") "," CHAT_MODEL (CALLS ("")) "," RESULT "," CHAT_MODEL ("\"content\":\"One\"") "," CHAT_USER ("2") ","
                   CHAT_MODEL ("\"content\":\"Two\"") "," CHAT_USER ("3") "," CHAT_MODEL (THINKING "\"content\":\"Three\"") "," CHAT_USER ("4"));
  fixture_tear_down (&other, NULL);
}

/* Responses */

#define USER(text) "{\"type\":\"message\",\"role\":\"user\",\"content\":\"" text "\"}"
#define TEXT(id, text) \
  "{\"type\":\"message\"," id "\"role\":\"assistant\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[]}]}"
#define REASONING "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[],\"encrypted_content\":\"secret\"}"

static void
push_response (Fixture *fixture, const char *id, const char *output)
{
  push_owned (fixture, g_strdup_printf ("{\"id\":\"%s\",\"object\":\"response\",\"created_at\":1,\"status\":\"completed\",\"model\":\"m\","
                                        "\"store\":true,\"output\":[%s]}",
                                        id, output));
}

static void
assert_input (Fixture *fixture, int index, const char *previous, const char *input)
{
  g_autoptr(OaiRecord) body = get_body (fixture, index, OAI_TYPE_RESPONSE_REQUEST);

  g_assert_cmpstr (oai_record_get_string_member (body, "previous_response_id"), ==, previous);
  assert_elements (body, "input", input);
}

/* Another server gets the whole conversation, without the identifiers of the first one. */
static void
test_other_server (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiClient) same = oai_client_new (oai_client_get_auth (fixture->client), oai_client_get_settings (fixture->client));
  g_autoptr(OaiSession) restored = NULL;
  g_autofree char *json = NULL;
  g_autoptr(GError) error = NULL;
  Fixture other;

  fixture_set_up (&other, NULL);
  oai_session_set_streaming (session, FALSE);
  push_response (&fixture->service, "r1", REASONING "," TEXT ("\"id\":\"msg_1\",", "One"));
  send_and_assert (session, "1");
  oai_session_set_client (session, NULL);
  oai_session_set_client (session, same);
  push_response (&fixture->service, "r2", TEXT ("\"id\":\"msg_2\",", "Two"));
  send_and_assert (session, "2");
  assert_input (&fixture->service, 1, "r1", USER ("2"));

  /* The text contains the address, so that the other server is noticed after a restart. */
  json = oai_session_to_json (session);
  g_assert_nonnull (strstr (json, "\"server\":\"http://127.0.0.1:"));
  restored = oai_responses_session_new_from_json (NULL, json, &error);
  g_assert_no_error (error);
  oai_session_set_client (restored, other.client);
  push_response (&other, "r3", TEXT ("\"id\":\"msg_3\",", "Three"));
  send_and_assert (restored, "3");
  assert_input (&other, 0, NULL, USER ("1") "," TEXT ("", "One") "," USER ("2") "," TEXT ("", "Two") "," USER ("3"));
  push_response (&other, "r4", TEXT ("\"id\":\"msg_4\",", "Four"));
  send_and_assert (restored, "4");
  assert_input (&other, 1, "r3", USER ("4"));

  /* A branch and another restart change nothing. */
  g_clear_pointer (&json, g_free);
  json = oai_session_to_json (restored);
  g_clear_object (&restored);
  restored = oai_responses_session_new_from_json (fixture->client, json, &error);
  g_assert_no_error (error);
  push_response (&fixture->service, "r5", TEXT ("\"id\":\"msg_5\",", "Five"));
  send_and_assert (restored, "5");
  assert_input (&fixture->service, 2, NULL,
                USER ("1") "," TEXT ("", "One") "," USER ("2") "," TEXT ("", "Two") "," USER ("3") "," TEXT ("", "Three") "," USER ("4") "," TEXT ("", "Four") "," USER ("5"));
  fixture_tear_down (&other, NULL);
}

/* What a server has encrypted is not sent to another one, which gets the items before a compaction instead. */
static void
test_compaction_of_other_server (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(GError) error = NULL;

  restored = oai_responses_session_new_from_json (fixture->client,
                                                  "{\"version\":1,\"session\":\"OaiResponsesSession\",\"streaming\":false,\"server\":\"https://example.com/v1\",\"items\":["
                                                  "{\"kind\":\"message\",\"state\":\"complete\",\"role\":\"user\",\"record\":" USER ("1") "},"
                                                  "{\"kind\":\"compaction\",\"state\":\"complete\",\"record\":{\"id\":\"c\",\"object\":\"response.compaction\",\"created_at\":1,"
                                                  "\"output\":[{\"type\":\"compaction\",\"id\":\"cmp_1\",\"encrypted_content\":\"secret\"}]}}]}",
                                                  &error);
  g_assert_no_error (error);
  push_response (&fixture->service, "r1", TEXT ("\"id\":\"msg_1\",", "One"));
  send_and_assert (restored, "2");
  assert_input (&fixture->service, 0, NULL, USER ("1") "," USER ("2"));
}

/* What the server got. */
static char *
dup_sent (Fixture *fixture, guint index)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, index);

  return oai_mock_request_dup_body_text (request);
}

#define FILE_PART(id) "{\"type\":\"input_file\",\"file_id\":\"" id "\"}"

/* Nothing that the first server stores has a meaning for the second one. */
static void
test_identifiers_of_other_server (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autofree char *sent = NULL;
  g_autofree char *edited = NULL;
  g_autoptr(GError) error = NULL;

  restored = oai_responses_session_new_from_json (
    fixture->client,
    "{\"version\":1,\"session\":\"OaiResponsesSession\",\"streaming\":false,\"server\":\"https://example.com/v1\",\"items\":["
    "{\"kind\":\"message\",\"state\":\"complete\",\"role\":\"user\",\"text\":\"Read\",\"record\":{\"type\":\"message\",\"role\":\"user\",\"content\":["
    "{\"type\":\"input_text\",\"text\":\"Read\"}," FILE_PART ("old-1") ",{\"type\":\"input_image\",\"file_id\":\"old-2\"},"
    "{\"type\":\"input_image\",\"image_url\":\"https://example.com/cat\"}]}},"
    "{\"kind\":\"message\",\"state\":\"complete\",\"role\":\"user\",\"record\":{\"type\":\"message\",\"role\":\"user\",\"content\":[" FILE_PART ("old-3") "]}},"
    "{\"kind\":\"other\",\"state\":\"complete\",\"reply\":\"old-r\",\"stored\":true,\"record\":{\"type\":\"code_interpreter_call\",\"id\":\"old-4\","
    "\"status\":\"completed\",\"container_id\":\"old-5\",\"code\":\"1\",\"outputs\":[]}},"
    "{\"kind\":\"message\",\"state\":\"complete\",\"role\":\"assistant\",\"reply\":\"old-r\",\"stored\":true,\"record\":{\"type\":\"message\",\"id\":\"old-6\","
    "\"role\":\"assistant\",\"status\":\"completed\",\"content\":[{\"type\":\"output_text\",\"text\":\"Done\",\"annotations\":["
    "{\"type\":\"container_file_citation\",\"container_id\":\"old-5\",\"file_id\":\"old-7\",\"start_index\":0,\"end_index\":1,\"filename\":\"a\"}]}]}},"
    "{\"kind\":\"other\",\"state\":\"complete\",\"record\":{\"type\":\"item_reference\",\"id\":\"old-8\"}}]}",
    &error);
  g_assert_no_error (error);
  push_response (&fixture->service, "r1", TEXT ("\"id\":\"msg_1\",", "One"));
  oai_session_add_file_id (restored, "new-1");
  send_and_assert (restored, "Next");
  sent = dup_sent (&fixture->service, 0);
  g_assert_null (strstr (sent, "old-"));
  g_assert_nonnull (strstr (sent, "new-1"));
  g_assert_nonnull (strstr (sent, "https://example.com/cat"));
  g_assert_nonnull (strstr (sent, "Done"));

  /* An edited message keeps its parts, but not those of the first server. */
  push_response (&fixture->service, "r2", TEXT ("\"id\":\"msg_2\",", "Two"));
  first = g_list_model_get_item (G_LIST_MODEL (restored), 0);
  answer = oai_session_edit (restored, first, "Write", NULL, &error);
  g_assert_no_error (error);
  edited = dup_sent (&fixture->service, 1);
  g_assert_null (strstr (edited, "old-"));
  g_assert_nonnull (strstr (edited, "Write"));
  g_assert_nonnull (strstr (edited, "https://example.com/cat"));
}

/* A record that is added after the client was set is for the new server. */
static void
test_records_for_other_server (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(OaiChatMessage) message = oai_chat_message_new ("user");
  g_autoptr(OaiChatFilePart) part = oai_chat_file_part_new_for_id ("new-1");
  g_autofree char *sent = NULL;
  g_autoptr(GError) error = NULL;

  restored = oai_chat_session_new_from_json (
    NULL,
    "{\"version\":1,\"session\":\"OaiChatSession\",\"model\":\"m\",\"streaming\":false,\"server\":\"https://example.com/v1\",\"items\":["
    "{\"kind\":\"message\",\"state\":\"complete\",\"role\":\"user\",\"record\":{\"role\":\"user\",\"content\":["
    "{\"type\":\"text\",\"text\":\"Read\"},{\"type\":\"file\",\"file\":{\"file_id\":\"old-1\"}}]}},"
    "{\"kind\":\"message\",\"state\":\"complete\",\"role\":\"user\",\"record\":{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_id\":\"old-2\"}}]}},"
    "{\"kind\":\"message\",\"state\":\"complete\",\"role\":\"assistant\",\"record\":{\"role\":\"assistant\",\"content\":null,\"audio\":"
    "{\"id\":\"old-3\",\"data\":\"\",\"expires_at\":1,\"transcript\":\"Spoken\"},\"reasoning_details\":[{\"data\":\"old-4\"}],\"signature\":\"old-5\"}},"
    "{\"kind\":\"tool-call\",\"state\":\"complete\",\"role\":\"assistant\",\"record\":{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"old-7\"}],\"tool_calls\":[{\"id\":\"call-1\","
    "\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"},\"extra_content\":{\"signature\":\"old-6\"}}]},"
    "\"call\":{\"id\":\"call-1\",\"name\":\"f\",\"arguments\":\"{}\",\"state\":\"succeeded\",\"output\":\"Result\"}}]}",
    &error);
  g_assert_no_error (error);
  oai_session_set_client (restored, fixture->client);
  oai_chat_message_add_part (message, OAI_CHAT_CONTENT_PART (part));
  oai_session_add_record (restored, OAI_RECORD (message));
  push_chat (fixture, "Hi");
  send_and_assert (restored, NULL);
  sent = dup_sent (&fixture->service, 0);
  g_assert_null (strstr (sent, "old-"));
  g_assert_nonnull (strstr (sent, "Read"));
  g_assert_nonnull (strstr (sent, "Spoken"));
  g_assert_nonnull (strstr (sent, "call-1"));
  g_assert_nonnull (strstr (sent, "Result"));
  g_assert_nonnull (strstr (sent, "new-1"));
}

/* The time of the next attempt */

static void
retry_cb (OaiSession *session, GParamSpec *pspec, GString *log)
{
  g_string_append (log, oai_session_get_retry_at (session) != NULL ? "+" : "-");
}

static void
test_retry_at (SessionFixture *fixture, gconstpointer data)
{
  for (gsize i = 0; i < 2; i++)
    {
      g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
      g_autoptr(OaiMockReply) busy = oai_mock_reply_new_error (429, "requests", NULL, "Wait.");
      g_autoptr(GString) log = g_string_new (NULL);
      g_autoptr(OaiSessionItem) answer = NULL;
      g_autoptr(GError) error = NULL;

      oai_session_set_streaming (session, i == 0);
      g_signal_connect (session, "notify::retry-at", G_CALLBACK (retry_cb), log);
      oai_mock_reply_set_header (busy, "retry-after-ms", "20");
      oai_mock_server_push_reply (fixture->server, busy);
      push_chat (fixture, "Hi");
      answer = oai_session_send (session, "Hello", NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (log->str, ==, "+-");
      g_assert_null (oai_session_get_retry_at (session));
    }
}

static void
stop_at_retry_cb (OaiSession *session)
{
  if (oai_session_get_retry_at (session) != NULL)
    oai_session_stop (session);
}

/* A session that is stopped while it waits does not send the request again. */
static void
test_stop_before_retry (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiMockReply) busy = oai_mock_reply_new_error (429, "requests", NULL, "Wait.");
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (session, "notify::retry-at", G_CALLBACK (stop_at_retry_cb), NULL);
  oai_mock_reply_set_header (busy, "retry-after-ms", "60000");
  oai_mock_server_push_reply (fixture->server, busy);
  answer = send_text (session, "Hello", &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (oai_session_get_retry_at (session));
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 1);
}

/* Titles */

static void
assert_title (const char *text, const char *title)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  g_autoptr(OaiSession) restored = NULL;
  g_autofree char *json = NULL;
  g_autoptr(GError) error = NULL;

  add_message (session, "user", text);
  g_assert_cmpstr (oai_session_get_title (session), ==, title);

  json = oai_session_to_json (session);
  restored = oai_chat_session_new_from_json (NULL, json, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_get_title (restored), ==, title);
}

#define TEN "aaaa bbbb "
#define FIFTY TEN TEN TEN TEN TEN

static void
test_titles (void)
{
  assert_title ("Hello", "Hello");
  assert_title ("  Two\t words\n\nand \r\n lines  ", "Two words and lines");
  assert_title ("", NULL);
  assert_title (" \n", NULL);
  assert_title (FIFTY "1234567890", FIFTY "1234567890");
  assert_title (FIFTY "1234567890 1", FIFTY "1234567890");
  assert_title (FIFTY "12345678901", "aaaa bbbb aaaa bbbb aaaa bbbb aaaa bbbb aaaa bbbb");
  assert_title ("0123456789012345678901234567890123456789012345678901234567890123456789", "012345678901234567890123456789012345678901234567890123456789");
  /* No character is separated from its accent. */
  assert_title ("01234567890123456789012345678901234567890123456789012345678e\xcc\x81", "01234567890123456789012345678901234567890123456789012345678");
  assert_title ("Line\xe2\x80\xa8separator \x07 bell", "Line separator bell");
}

static void
test_markdown_titles (void)
{
  assert_title ("# Trip to **Rome**", "Trip to Rome");
  assert_title ("> *Really?*\n>\n> Yes", "Really? Yes");
  assert_title ("Buy:\n- `milk`\n* ***bread***\n---\n", "Buy: milk bread");
  assert_title ("Read [the *manual*](https://example.com/a_b?c=1) now", "Read the manual now");
  assert_title ("![A cat](data:image/png;base64,AAAA)", "A cat");
  assert_title ("```c\nint x;\n```", "c int x;");
  assert_title ("Was ist **Stra\xc3\x9f" "e**?", "Was ist Stra\xc3\x9f" "e?");

  /* Other uses of the characters */
  assert_title ("#include <a.h> #tag C# -5", "#include <a.h> #tag C# -5");
  assert_title ("2*3*4 and 2 * 3 and *.txt, *.o, char *p", "2*3*4 and 2 * 3 and *.txt, *.o, char *p");
  assert_title ("a[1](2 [x] (y) [z", "a[1](2 [x] (y) [z");

  /* Only markers */
  assert_title ("**", NULL);
  assert_title ("# ", NULL);
  assert_title ("[](x)``", NULL);
}

/* Much text of markers takes no long time, and gives a short title or none. */
static void
test_hostile_titles (void)
{
  static const char *const parts[] = {
    "*", "* ", "*a ", "**a", "[", "[a", "[](", "[a](", "![", "`", "#", "# ", "> ", "-", "- \n", "\n", "[a](b)", "*a*", "\xff", "\xc3", "\\", "\xe2\x80\x8d",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
      g_autoptr(GString) text = g_string_new (NULL);
      const char *title;

      while (text->len < 100000)
        g_string_append (text, parts[i]);
      add_message (session, "user", text->str);
      title = oai_session_get_title (session);
      g_assert_true (title == NULL || (g_utf8_validate (title, -1, NULL) && g_utf8_strlen (title, -1) <= 60));
      g_assert_true (title == NULL || strpbrk (title, "`\n") == NULL);
    }
}

/* A session of many messages without text, such as one that another program wrote, is not read as a whole. */
static void
test_titles_of_markers (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);

  for (guint i = 0; i < 20; i++)
    add_message (session, "user", "**");
  add_message (session, "user", "A word");
  g_assert_null (oai_session_get_title (session));
  oai_session_remove_items (session, 5, 1);
  g_assert_cmpstr (oai_session_get_title (session), ==, "A word");
}

static void
test_title_changes (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  g_autoptr(OaiSession) branch = NULL;
  g_autoptr(OaiSessionItem) item = NULL;
  guint n_changes = 0;

  g_signal_connect (session, "notify::title", G_CALLBACK (count_cb), &n_changes);
  add_message (session, "assistant", "Welcome");
  g_assert_null (oai_session_get_title (session));
  g_assert_cmpuint (n_changes, ==, 0);
  add_message (session, "user", "First");
  add_message (session, "user", "Second");
  g_assert_cmpstr (oai_session_get_title (session), ==, "First");
  g_assert_cmpuint (n_changes, ==, 1);
  item = g_list_model_get_item (G_LIST_MODEL (session), 1);
  branch = oai_session_branch (session, item, NULL);
  g_assert_cmpstr (oai_session_get_title (branch), ==, "First");
  oai_session_remove_items (session, 1, 1);
  g_assert_cmpstr (oai_session_get_title (session), ==, "Second");
  oai_session_remove_items (session, 0, 2);
  g_assert_null (oai_session_get_title (session));
  g_assert_cmpuint (n_changes, ==, 3);
}

/* Search */

static int
find (OaiSession *session, const char *words, guint before)
{
  guint position = 0;

  return oai_session_find (session, words, before, &position) ? (int) position : -1;
}

static void
test_find (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);

  g_assert_cmpint (find (session, "a", G_MAXUINT), ==, -1);
  add_message (session, "user", "The Weather in STRASSE, Caf\xc3\xa9");
  add_message (session, "assistant", "Sunny weather");
  add_message (session, "user", "Thanks");
  g_assert_cmpint (find (session, "weather", G_MAXUINT), ==, 1);
  g_assert_cmpint (find (session, "weather", 3), ==, 1);
  g_assert_cmpint (find (session, "WEATHER", 1), ==, 0);
  g_assert_cmpint (find (session, "weather", 0), ==, -1);
  g_assert_cmpint (find (session, " cAF\tWeath ", G_MAXUINT), ==, 0);
  g_assert_cmpint (find (session, "sunny thanks", G_MAXUINT), ==, -1);
  g_assert_cmpint (find (session, "stra\xc3\x9f" "e", G_MAXUINT), ==, 0);
  /* The accent is a separate character. */
  g_assert_cmpint (find (session, "cafe\xcc\x81", G_MAXUINT), ==, 0);
  g_assert_cmpint (find (session, "", G_MAXUINT), ==, -1);
  g_assert_cmpint (find (session, " \n", G_MAXUINT), ==, -1);
  g_assert_cmpint (find (session, "\xff", G_MAXUINT), ==, -1);
  g_assert_true (oai_session_find (session, "thanks", G_MAXUINT, NULL));
}

/* Text of a program that is not UTF-8. */
static void
test_invalid_text (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);

  add_message (session, "user", "a\xff" "b \xf0");
  g_assert_true (g_utf8_validate (oai_session_get_title (session), -1, NULL));
  g_assert_cmpint (find (session, "A", G_MAXUINT), ==, 0);
}

/* A text that arrives is found as far as it has arrived. */
static void
test_find_growing (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;

  oai_session_set_streaming (session, FALSE);
  push_chat (fixture, "Hello");
  g_assert_cmpint (find (session, "hello", G_MAXUINT), ==, -1);
  answer = oai_session_send (session, "Hi", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (find (session, "hello", G_MAXUINT), ==, 1);
  push_chat (fixture, "Bye");
  g_clear_object (&answer);
  answer = oai_session_retry (session, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (find (session, "hello", G_MAXUINT), ==, -1);
  g_assert_cmpint (find (session, "bye", G_MAXUINT), ==, 1);
}

/* Images */

#define GIF "GIF89a\1\0\1\0\0\0\0;"

static void
test_images (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(GBytes) gif = g_bytes_new_static (GIF, sizeof GIF - 1);
  g_autoptr(OaiSession) restored = NULL;
  g_autofree char *json = NULL;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;

  oai_session_set_client (session, NULL);
  g_assert_true (oai_session_add_image (session, gif, &error));
  oai_session_add_image_url (session, "https://example.com/a.png");
  oai_session_add_image_url (session, "data:image/png;base64,!!!!");
  oai_session_add_image_url (session, "images/cat");
  oai_session_add_image_url (session, "data:text/html,no-image");
  oai_session_add_image_url (session, "data:image/svg+xml,%3Csvg/%3E");
  answer = oai_session_send (session, "Look", NULL, &error);
  g_clear_error (&error);
  json = oai_session_to_json (session);
  restored = oai_session_restore (G_OBJECT_TYPE (session), NULL, json, &error);
  g_assert_no_error (error);

  for (gsize i = 0; i < 2; i++)
    {
      g_autoptr(OaiSessionItem) item = g_list_model_get_item (G_LIST_MODEL (i == 0 ? session : restored), 0);
      g_autoptr(GPtrArray) images = oai_session_item_dup_images (item);

      g_assert_cmpuint (images->len, ==, 2);
      g_assert_true (g_bytes_equal (g_ptr_array_index (images, 0), gif));
      g_assert_cmpmem (g_bytes_get_data (g_ptr_array_index (images, 1), NULL), g_bytes_get_size (g_ptr_array_index (images, 1)), "<svg/>", 6);
    }
}

static void
test_generated_image (void)
{
  g_autoptr(OaiSession) session = oai_responses_session_new (NULL, NULL);
  const char *const records[] = {
    "{\"type\":\"image_generation_call\",\"id\":\"ig\",\"status\":\"completed\",\"result\":\"R0lGODlhAQABAAAAADs=\"}",
    "{\"type\":\"image_generation_call\",\"id\":\"ig\",\"status\":\"completed\",\"result\":\"data:image/gif;base64,R0lG\"}",
    "{\"type\":\"image_generation_call\",\"id\":\"ig\",\"status\":\"failed\",\"result\":\"?\"}",
    "{\"type\":\"image_generation_call\",\"id\":\"ig\",\"status\":\"failed\",\"result\":\"\"}",
    "{\"type\":\"function_call\",\"call_id\":\"a\",\"name\":\"b\",\"arguments\":\"{}\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr(OaiRecord) record = oai_record_new_from_json (OAI_TYPE_RESPONSE_ITEM, records[i], NULL);
      g_autoptr(OaiSessionItem) item = NULL;
      g_autoptr(GPtrArray) images = NULL;

      oai_session_add_record (session, record);
      item = g_list_model_get_item (G_LIST_MODEL (session), (guint) i);
      images = oai_session_item_dup_images (item);
      g_assert_cmpuint (images->len, ==, i < 2 ? 1 : 0);
    }
}

/* Arguments */

static void
assert_arguments (const char *arguments, const char *text)
{
  g_autoptr(OaiToolCall) call = oai_tool_call_new (NULL, "id", "name", arguments);
  g_autofree char *actual = oai_tool_call_dup_arguments_text (call);

  g_assert_cmpstr (actual, ==, text);
}

static void
test_arguments_text (void)
{
  assert_arguments ("{\"title\":\"Milk\",\"n\":2,\"tags\":[\"a\", \"b\"],\"none\":null}", "title: Milk\nn: 2\ntags: [\"a\",\"b\"]\nnone: null");
  assert_arguments ("{}", "");
  assert_arguments (NULL, "");
  assert_arguments ("[1]", "[1]");
  assert_arguments ("{\"a\":", "{\"a\":");
  assert_arguments ("plain", "plain");
  /* A value or a name cannot look like another argument. */
  assert_arguments ("{\"text\":\"one\\r\\npath: /tmp\\u2028x\"}", "text: one\n  path: /tmp\n  x");
  assert_arguments ("{\"a\\nb\":\"c\"}", "a\n  b: c");
  assert_arguments ("{\"path\":\"/tmp/\\u202etxt.\\u2066x\"}", "path: /tmp/\\u202etxt.\\u2066x");
}

/* Files */

static void
test_save_and_load (SessionFixture *fixture, gconstpointer data)
{
  OaiSession *session = fixture->session;
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(OaiSession) loaded = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autofree char *json = NULL;
  g_autofree char *written = NULL;
  g_autoptr(GError) error = NULL;
  Place place;

  place_init (&place, "session.json");
  add_message (session, "user", "Hello");
  g_assert_true (oai_session_save (session, place.target, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (get_mode (place.target), ==, 0600);
  json = oai_session_to_json (session);
  written = read_file (place.target);
  g_assert_cmpstr (written, ==, json);

  restored = oai_chat_session_load (fixture->client, place.target, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_session_get_client (restored) == fixture->client);
  g_assert_cmpstr (oai_session_get_title (restored), ==, "Hello");
  oai_chat_session_load_async (NULL, place.target, NULL, keep_result, &result);
  wait_for (&result);
  loaded = oai_chat_session_load_finish (result, &error);
  g_assert_no_error (error);
  g_assert_null (oai_session_get_client (loaded));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (loaded)), ==, 1);
  place_clear (&place);
}

static void
test_modified (SessionFixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;
  Place place;

  place_init (&place, "session.json");
  g_assert_false (oai_session_is_modified (session));
  oai_session_set_streaming (session, FALSE);
  push_chat (fixture, "Hi");
  answer = oai_session_send (session, "Hello", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_session_is_modified (session));
  g_assert_true (oai_session_save (session, place.target, NULL, &error));
  g_assert_false (oai_session_is_modified (session));
  oai_session_set_toolset (session, fixture->toolset);
  oai_session_set_model (session, "m");
  g_assert_false (oai_session_is_modified (session));
  oai_session_set_model (session, "other");
  g_assert_true (oai_session_is_modified (session));

  restored = oai_chat_session_load (fixture->client, place.target, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (oai_session_is_modified (restored));
  oai_session_remove_items (restored, 0, 2);
  g_assert_true (oai_session_is_modified (restored));
  g_assert_true (oai_session_save (restored, place.target, NULL, &error));
  g_assert_true (oai_session_delete_file (restored, place.target, NULL, &error));
  g_assert_true (oai_session_is_modified (restored));
  place_clear (&place);
}

/* Others can no longer read a file that they could read before, and a link to it is replaced. */
static void
test_private (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  g_autofree char *contents = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GFile) linked = NULL;
  Place place;

  place_init (&place, "session.json");
  g_assert_true (g_file_set_contents (g_file_peek_path (place.target), "{}", -1, NULL));
  g_assert_cmpint (g_chmod (g_file_peek_path (place.target), 0644), ==, 0);
  g_assert_true (oai_session_save (session, place.target, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (get_mode (place.target), ==, 0600);

  linked = g_file_new_build_filename (place.directory, "linked.json", NULL);
  g_assert_true (g_file_move (place.target, linked, G_FILE_COPY_NONE, NULL, NULL, NULL, NULL));
  g_assert_true (g_file_set_contents (g_file_peek_path (linked), "{}", -1, NULL));
  g_assert_true (g_file_make_symbolic_link (place.target, "linked.json", NULL, NULL));
  g_assert_true (oai_session_save (session, place.target, NULL, &error));
  g_assert_no_error (error);
  contents = read_file (linked);
  g_assert_cmpstr (contents, ==, "{}");
  g_assert_true (g_file_delete (linked, NULL, NULL));
  g_assert_true (g_file_delete (place.target, NULL, NULL));
  g_assert_true (g_file_make_symbolic_link (place.target, "linked.json", NULL, NULL));
  g_assert_true (oai_session_save (session, place.target, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_query_exists (linked, NULL));
  place_clear (&place);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_session_save_finish (OAI_SESSION (source), result, &error));
  g_assert_no_error (error);
  (*(guint *) user_data)++;
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_session_delete_file_finish (OAI_SESSION (source), result, &error));
  g_assert_no_error (error);
  (*(guint *) user_data)++;
}

static void
wait_until (guint *n, guint expected)
{
  while (*n < expected)
    g_main_context_iteration (NULL, TRUE);
}

/* The last state is in the file; the program has released the session before. */
static void
test_overlapping_saves (void)
{
  g_autoptr(OaiSession) restored = NULL;
  g_autoptr(GError) error = NULL;
  OaiSession *session = oai_chat_session_new (NULL, NULL);
  Place place;
  guint n = 0;

  place_init (&place, "session.json");
  for (guint i = 0; i < 20; i++)
    {
      add_message (session, "user", "Hello");
      oai_session_save_async (session, place.target, NULL, saved_cb, &n);
    }
  g_assert_false (oai_session_save (session, place.target, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  g_assert_false (oai_session_delete_file (session, place.target, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  g_object_unref (session);
  wait_until (&n, 20);
  restored = oai_chat_session_load (NULL, place.target, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (restored)), ==, 20);
  place_clear (&place);
}

typedef struct
{
  GFile *file;
  guint n;
} Again;

/* Callbacks that use the session again, at first while other callbacks of the same operation wait. */
static void
again_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiSession *session = OAI_SESSION (source);
  Again *again = user_data;
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_session_save_finish (session, result, &error));
  g_assert_no_error (error);
  if (++again->n > 20)
    return;

  add_message (session, "user", "Hello");
  oai_session_remove_items (session, 0, 1);
  if (again->n % 2 == 0)
    oai_session_delete_file_async (session, again->file, NULL, NULL, NULL);
  oai_session_save_async (session, again->file, NULL, again_cb, again);
  if (!oai_session_save (session, again->file, NULL, &error))
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
}

/* A save that blocks is possible in the callback of the last operation. */
static void
blocking_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiSession *session = OAI_SESSION (source);
  Again *again = user_data;
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_session_save_finish (session, result, &error));
  g_assert_true (oai_session_delete_file (session, again->file, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (oai_session_save (session, again->file, NULL, &error));
  g_assert_no_error (error);
  again->n++;
}

static void
test_callbacks (void)
{
  OaiSession *session = oai_chat_session_new (NULL, NULL);
  Again again = { NULL, 0 };
  Place place;

  place_init (&place, "session.json");
  again.file = place.target;
  add_message (session, "user", "Hello");
  for (guint i = 0; i < 3; i++)
    oai_session_save_async (session, place.target, NULL, again_cb, &again);
  g_object_add_weak_pointer (G_OBJECT (session), (gpointer *) &session);
  g_object_unref (session);
  while (session != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (again.n, ==, 23);

  again.n = 0;
  session = oai_chat_session_new (NULL, NULL);
  oai_session_save_async (session, place.target, NULL, blocking_cb, &again);
  g_object_unref (session);
  wait_until (&again.n, 1);
  place_clear (&place);
}

/* No save creates the file after its deletion, except one that was requested later. */
static void
test_delete (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  g_autoptr(GError) error = NULL;
  Place place;
  guint n = 0;

  place_init (&place, "session.json");
  oai_session_save_async (session, place.target, NULL, saved_cb, &n);
  oai_session_save_async (session, place.target, NULL, saved_cb, &n);
  oai_session_delete_file_async (session, place.target, NULL, deleted_cb, &n);
  oai_session_delete_file_async (session, place.target, NULL, deleted_cb, &n);
  wait_until (&n, 4);
  g_assert_false (g_file_query_exists (place.target, NULL));

  oai_session_delete_file_async (session, place.target, NULL, deleted_cb, &n);
  oai_session_save_async (session, place.target, NULL, saved_cb, &n);
  g_assert_false (oai_session_save (session, place.target, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_assert_nonnull (strstr (error->message, "oai_session_delete_file_async"));
  g_clear_error (&error);
  wait_until (&n, 6);
  g_assert_true (g_file_query_exists (place.target, NULL));
  g_assert_true (oai_session_delete_file (session, place.target, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_query_exists (place.target, NULL));
  place_clear (&place);
}

static void
cancelled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (oai_session_save_finish (OAI_SESSION (source), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  (*(guint *) user_data)++;
}

/* A save that waits does not depend on the one that is cancelled. */
static void
test_cancel (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Place place;
  guint n = 0;

  place_init (&place, "session.json");
  oai_session_save_async (session, place.target, NULL, saved_cb, &n);
  oai_session_save_async (session, place.target, cancellable, cancelled_cb, &n);
  oai_session_save_async (session, place.target, NULL, saved_cb, &n);
  g_cancellable_cancel (cancellable);
  oai_session_save_async (session, place.target, cancellable, cancelled_cb, &n);
  wait_until (&n, 4);
  g_assert_true (g_file_delete (place.target, NULL, NULL));
  oai_session_save_async (session, place.target, cancellable, cancelled_cb, &n);
  wait_until (&n, 5);
  g_assert_false (g_file_query_exists (place.target, NULL));
  place_clear (&place);
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  int *saved = user_data;

  *saved = oai_session_save_finish (OAI_SESSION (source), result, &error);
  if (!*saved)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Returns whether the save was faster than the cancellation after some iterations of the main loop. */
static gboolean
cancel_after (OaiSession *session, GFile *file, guint n_iterations)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  int saved = -1;

  oai_session_save_async (session, file, cancellable, ended_cb, &saved);
  for (guint i = 0; i < n_iterations && saved < 0; i++)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  while (saved < 0)
    g_main_context_iteration (NULL, TRUE);

  return saved;
}

/* At every moment, the file is the old one or the new one, and nothing else is in the directory. */
static void
test_cancel_at_every_moment (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  guint n_saved = 0;
  Place place;

  place_init (&place, "session.json");
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(OaiSession) restored = NULL;
      g_autoptr(GError) error = NULL;
      guint n_items;

      g_file_delete (place.target, NULL, NULL);
      if (cancel_after (session, place.target, i))
        n_saved++;
      else
        g_assert_false (g_file_query_exists (place.target, NULL));

      g_assert_true (oai_session_save (session, place.target, NULL, &error));
      n_items = g_list_model_get_n_items (G_LIST_MODEL (session));
      add_message (session, "user", "Hello");
      if (cancel_after (session, place.target, i))
        n_items++;
      restored = oai_chat_session_load (NULL, place.target, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (restored)), ==, n_items);
    }
  g_assert_cmpuint (n_saved, >, 0);
  place_clear (&place);
}

/* A program that ends while it saves leaves no part of a file: it has its name when it is whole. */
static void
test_first_save (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  g_autofree char *text = g_strnfill (5000000, 'x');
  g_autofree char *json = NULL;
  Place place;
  guint n = 0;

  place_init (&place, "session.json");
  add_message (session, "user", text);
  json = oai_session_to_json (session);
  oai_session_save_async (session, place.target, NULL, saved_cb, &n);
  while (n == 0)
    {
      GStatBuf status;

      g_main_context_iteration (NULL, FALSE);
      if (g_stat (g_file_peek_path (place.target), &status) != 0)
        continue;
      g_assert_cmpuint (status.st_size, ==, strlen (json));
      g_assert_cmpuint (status.st_mode & 07777, ==, 0600);
    }
  g_assert_true (g_file_query_exists (place.target, NULL));
  place_clear (&place);
}

/* A pipe without a writer would block the program, and a device has no end. */
static void
test_no_regular_file (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  g_autoptr(GFile) link = NULL;
  g_autoptr(GFile) device = g_file_new_for_path ("/dev/zero");
  GFile *files[3];
  g_autoptr(GError) error = NULL;
  Place place;

  place_init (&place, "session.json");
  link = g_file_new_build_filename (place.directory, "link.json", NULL);
  g_assert_cmpint (mkfifo (g_file_peek_path (place.target), 0600), ==, 0);
  g_assert_true (g_file_make_symbolic_link (link, "session.json", NULL, NULL));
  files[0] = place.target;
  files[1] = link;
  files[2] = device;
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_assert_null (oai_chat_session_load (NULL, files[i], NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
      g_clear_error (&error);
    }

  g_assert_false (oai_session_save (session, place.target, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_assert_cmpstr (error->message, ==, "“session.json” is not a regular file.");
  g_clear_error (&error);
  g_assert_true (oai_session_save (session, link, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_file_query_file_type (link, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL), ==, G_FILE_TYPE_REGULAR);
  g_assert_true (g_file_delete (link, NULL, NULL));
  place_clear (&place);
}

static void
failed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError **error = user_data;

  g_assert_false (oai_session_save_finish (OAI_SESSION (source), result, error));
}

/* What has got the name meanwhile, and cannot be replaced, stays. */
static void
test_name_is_taken (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  Place place;

  place_init (&place, "session.json");
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr(GError) error = NULL;

      /* In four iterations, at most the temporary file is written. */
      oai_session_save_async (session, place.target, NULL, failed_cb, &error);
      for (guint j = 0; j < i; j++)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (g_mkdir (g_file_peek_path (place.target), 0700), ==, 0);
      while (error == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
      g_assert_null (strstr (error->message, ".part"));
      g_assert_cmpint (g_rmdir (g_file_peek_path (place.target)), ==, 0);
      g_clear_error (&error);
    }
  place_clear (&place);
}

static void
test_save_errors (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  g_autoptr(GFile) missing = NULL;
  g_autoptr(GError) error = NULL;
  Place place;

  place_init (&place, "session.json");
  missing = g_file_get_child (place.target, "missing.json");
  add_message (session, "user", "Hello");
  g_assert_false (oai_session_save (session, missing, NULL, &error));
  g_assert_true (oai_session_is_modified (session));
  g_assert_nonnull (error);
  g_assert_true (error->domain == G_IO_ERROR);
  g_clear_error (&error);
  g_clear_object (&missing);
  missing = g_file_new_build_filename (place.directory, "missing", "session.json", NULL);
  g_assert_false (oai_session_save (session, missing, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "missing/session.json"));
  g_clear_error (&error);

  /* The session can be saved elsewhere afterwards. */
  g_assert_true (oai_session_save (session, place.target, NULL, &error));
  g_assert_no_error (error);
  place_clear (&place);
}

/* A disk that becomes full while the file is written leaves the old file, and no incomplete new one. */
static void
test_full_disk (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  g_autofree char *text = g_strnfill (300000, 'x');
  g_autofree char *contents = NULL;
  g_autoptr(GFile) other = NULL;
  g_autoptr(GError) error = NULL;
  struct rlimit limit, old_limit;
  Place place;

  place_init (&place, "session.json");
  other = g_file_new_build_filename (place.directory, "other.json", NULL);
  g_assert_true (g_file_set_contents (g_file_peek_path (place.target), "old", -1, NULL));
  add_message (session, "user", text);

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old_limit), ==, 0);
  limit = old_limit;
  limit.rlim_cur = 100000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_false (oai_session_save (session, place.target, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (oai_session_save (session, other, NULL, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old_limit), ==, 0);
  signal (SIGXFSZ, SIG_DFL);

  g_assert_nonnull (error);
  g_assert_true (error->domain == G_IO_ERROR);
  contents = read_file (place.target);
  g_assert_cmpstr (contents, ==, "old");
  g_assert_false (g_file_query_exists (other, NULL));
  g_assert_true (oai_session_is_modified (session));
  place_clear (&place);
}

static void
tick_cb (guint *n)
{
  (*n)++;
}

static gboolean
count_tick (gpointer user_data)
{
  tick_cb (user_data);

  return G_SOURCE_CONTINUE;
}

/* A long session is written in several steps; what is removed meanwhile does no harm. */
static void
test_long_session (void)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (NULL, NULL);
  g_autoptr(OaiSession) restored = NULL;
  g_autofree char *text = g_strnfill (100, 'x');
  g_autoptr(GError) error = NULL;
  guint n_ticks = 0, n = 0, n_items, id;
  Place place;

  place_init (&place, "session.json");
  for (guint i = 0; i < 10000; i++)
    add_message (session, i % 2 == 0 ? "user" : "assistant", text);
  oai_session_save_async (session, place.target, NULL, saved_cb, &n);
  id = g_timeout_add (1, count_tick, &n_ticks);
  while (n_ticks == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n, ==, 0);
  oai_session_remove_items (session, 5000, 5000);
  wait_until (&n, 1);
  restored = oai_chat_session_load (NULL, place.target, NULL, &error);
  g_assert_no_error (error);
  n_items = g_list_model_get_n_items (G_LIST_MODEL (restored));
  g_assert_cmpuint (n_items, ==, 10000);

  oai_session_save_async (session, place.target, NULL, saved_cb, &n);
  wait_until (&n, 2);
  g_clear_object (&restored);
  restored = oai_chat_session_load (NULL, place.target, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (restored)), ==, 5000);
  g_source_remove (id);
  place_clear (&place);
}

static void
assert_no_session (GFile *file, const char *contents, gssize length)
{
  g_autoptr(OaiSession) session = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (g_file_peek_path (file), contents, length, NULL));
  session = oai_chat_session_load (NULL, file, NULL, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_true (g_str_has_prefix (error->message, "The file “session.json” is no saved conversation: "));
  g_assert_cmpuint (strlen (error->message), <, 300);
  g_assert_null (session);
}

#define HEAD "{\"version\":1,\"session\":\"OaiChatSession\""

static void
test_hostile_files (void)
{
  static const char *const texts[] = {
    "", "{", "null", "[]", "{}", "\"x\"", "\xff\xfe", "{\"version\":1}", "{\"version\":2,\"session\":\"OaiChatSession\"}",
    "{\"version\":1,\"session\":\"OaiResponsesSession\"}", "{\"version\":1,\"session\":7}", HEAD "}x",
    HEAD ",\"items\":[1]}", HEAD ",\"items\":[{}]}", HEAD ",\"items\":[{\"kind\":\"message\",\"state\":\"complete\"}]}",
    HEAD ",\"items\":[{\"kind\":\"none\",\"state\":\"complete\",\"record\":{}}]}",
    HEAD ",\"items\":[{\"kind\":\"message\",\"state\":\"complete\",\"record\":[]}]}",
  };
  g_autoptr(GString) deep = g_string_new (HEAD ",\"items\":");
  g_autoptr(OaiSession) session = NULL;
  g_autoptr(GError) error = NULL;
  Place place;

  place_init (&place, "session.json");
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_no_session (place.target, texts[i], -1);
  assert_no_session (place.target, "{\"version\":1\0}", 14);
  g_string_printf (deep, "{\"version\":1,\"session\":\"%0100000d\"}", 0);
  assert_no_session (place.target, deep->str, -1);
  g_string_assign (deep, HEAD ",\"items\":");
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  assert_no_session (place.target, deep->str, -1);

  g_assert_true (g_file_delete (place.target, NULL, NULL));
  session = oai_chat_session_load (NULL, place.target, NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_cmpint (g_mkdir (g_file_peek_path (place.target), 0700), ==, 0);
  session = oai_responses_session_load (NULL, place.target, NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  place_clear (&place);
}

/* Members of other types, and values that do not fit, are ignored. */
static void
test_strange_file (void)
{
  static const char text[] =
    HEAD ",\"server\":[],\"model\":1,\"options\":[],\"budget\":1e999,\"max-rounds\":-5,\"coalesce-interval-ms\":1e30,\"used\":7,\"items\":["
    "{\"kind\":\"message\",\"state\":\"complete\",\"role\":7,\"text\":{},\"foreign\":\"x\",\"reply\":[],\"created-at\":\"never\",\"record\":{\"content\":"
    "[{\"type\":\"image_url\"},{\"type\":\"image_url\",\"image_url\":7},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64\"}},7]},"
    "\"call\":{\"state\":\"succeeded\",\"output\":7,\"output-files\":[7,{\"data\":\"?\",\"content-type\":\"x\"}]}}]}";
  g_autoptr(OaiSession) session = NULL;
  g_autoptr(OaiSessionItem) item = NULL;
  g_autoptr(GPtrArray) images = NULL;
  g_autofree char *arguments = NULL;
  g_autoptr(GError) error = NULL;
  Place place;

  place_init (&place, "session.json");
  g_assert_true (g_file_set_contents (g_file_peek_path (place.target), text, -1, NULL));
  session = oai_chat_session_load (NULL, place.target, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (oai_session_get_title (session));
  g_assert_cmpfloat (oai_session_get_budget (session), ==, 0);
  g_assert_cmpint (find (session, "x", G_MAXUINT), ==, -1);
  item = g_list_model_get_item (G_LIST_MODEL (session), 0);
  images = oai_session_item_dup_images (item);
  g_assert_cmpuint (images->len, ==, 0);
  arguments = oai_tool_call_dup_arguments_text (oai_session_item_get_call (item));
  g_assert_cmpstr (arguments, ==, "");
  place_clear (&place);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  TEST_SESSION ("/kept-sessions/no-client", OAI_TYPE_CHAT_SESSION, test_no_client);
  TEST_SESSION ("/kept-sessions/client-of-running-session", OAI_TYPE_CHAT_SESSION, test_client_of_running_session);
  TEST_SESSION ("/kept-sessions/messages-of-other-server", OAI_TYPE_CHAT_SESSION, test_messages_of_other_server);
  TEST_SESSION ("/kept-sessions/other-server", OAI_TYPE_RESPONSES_SESSION, test_other_server);
  TEST_SESSION ("/kept-sessions/compaction-of-other-server", OAI_TYPE_RESPONSES_SESSION, test_compaction_of_other_server);
  TEST_SESSION ("/kept-sessions/identifiers-of-other-server", OAI_TYPE_RESPONSES_SESSION, test_identifiers_of_other_server);
  TEST_SESSION ("/kept-sessions/records-for-other-server", OAI_TYPE_CHAT_SESSION, test_records_for_other_server);
  TEST_SESSION ("/kept-sessions/retry-at", OAI_TYPE_CHAT_SESSION, test_retry_at);
  TEST_SESSION ("/kept-sessions/stop-before-retry", OAI_TYPE_CHAT_SESSION, test_stop_before_retry);
  g_test_add_func ("/kept-sessions/titles", test_titles);
  g_test_add_func ("/kept-sessions/markdown-titles", test_markdown_titles);
  g_test_add_func ("/kept-sessions/hostile-titles", test_hostile_titles);
  g_test_add_func ("/kept-sessions/titles-of-markers", test_titles_of_markers);
  g_test_add_func ("/kept-sessions/title-changes", test_title_changes);
  g_test_add_func ("/kept-sessions/find", test_find);
  g_test_add_func ("/kept-sessions/invalid-text", test_invalid_text);
  TEST_SESSION ("/kept-sessions/find-growing", OAI_TYPE_CHAT_SESSION, test_find_growing);
  TEST_SESSION ("/kept-sessions/images-of-chat", OAI_TYPE_CHAT_SESSION, test_images);
  TEST_SESSION ("/kept-sessions/images-of-responses", OAI_TYPE_RESPONSES_SESSION, test_images);
  g_test_add_func ("/kept-sessions/generated-image", test_generated_image);
  g_test_add_func ("/kept-sessions/arguments-text", test_arguments_text);
  TEST_SESSION ("/kept-sessions/save-and-load", OAI_TYPE_CHAT_SESSION, test_save_and_load);
  TEST_SESSION ("/kept-sessions/modified", OAI_TYPE_CHAT_SESSION, test_modified);
  g_test_add_func ("/kept-sessions/private", test_private);
  g_test_add_func ("/kept-sessions/overlapping-saves", test_overlapping_saves);
  g_test_add_func ("/kept-sessions/callbacks", test_callbacks);
  g_test_add_func ("/kept-sessions/delete", test_delete);
  g_test_add_func ("/kept-sessions/cancel", test_cancel);
  g_test_add_func ("/kept-sessions/cancel-at-every-moment", test_cancel_at_every_moment);
  g_test_add_func ("/kept-sessions/first-save", test_first_save);
  g_test_add_func ("/kept-sessions/no-regular-file", test_no_regular_file);
  g_test_add_func ("/kept-sessions/name-is-taken", test_name_is_taken);
  g_test_add_func ("/kept-sessions/save-errors", test_save_errors);
  g_test_add_func ("/kept-sessions/full-disk", test_full_disk);
  g_test_add_func ("/kept-sessions/long-session", test_long_session);
  g_test_add_func ("/kept-sessions/hostile-files", test_hostile_files);
  g_test_add_func ("/kept-sessions/strange-file", test_strange_file);

  return g_test_run ();
}
