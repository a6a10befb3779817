/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Unusual chunks of chat streams, and how they are read.
 *
 * Choices: none, no message, delta absent or null           /quirks/chunks/…-choice…, …-delta
 * Azure's first chunk, usage chunks                         /quirks/chunks/azure-first, usage-…
 * Tool calls: null, empty, without or with wrong index      /quirks/chunks/tool-calls-…
 * Ids that are numbers, arguments that are objects          /quirks/chunks/numeric-id, arguments-object
 * Roles on each chunk or on none; finish reasons            /quirks/chunks/role-…, reason-…
 * Content as parts, reasoning under its names               /quirks/chunks/content-parts, reasoning…
 * Audio whose base64 is split anywhere                      /quirks/chunks/split-audio
 * Unknown members                                           /quirks/chunks/unknown-members
 */

#include "call-fixture.h"

#include <string.h>
#include <sys/resource.h>

#include "oai-chat-stream.h"

#define EVENT(data) "data: " data "\n\n"
#define DONE EVENT ("[DONE]")
#define CALLS(calls) EVENT (CHUNK_DELTA ("\"tool_calls\":" calls))
#define TAIL EVENT (CHUNK_STOP) DONE
#define STOP_CALLS EVENT (CHUNK_START "\"delta\":{},\"finish_reason\":\"tool_calls\"}]}") DONE
#define TEXT(text) EVENT (CHUNK_TEXT (text))
#define FN(name, arguments) "\"type\":\"function\",\"function\":{\"name\":\"" name "\",\"arguments\":\"" arguments "\"}"

typedef struct
{
  const char *name;
  const char *wire;
  const char *text;
  const char *calls;      /* name(arguments) of each */
  const char *reasoning;
  const char *reason;
} Chunks;

static const Chunks cases[] = {
  { "no-choices", EVENT ("{\"id\":\"c1\"}") TEXT ("Hi") EVENT ("{\"choices\":[]}") EVENT ("{\"choices\":null}") TAIL, "Hi", "", NULL, "stop" },
  { "no-message-in-choice", EVENT ("{\"choices\":[{\"index\":0}]}") TEXT ("Hi") TAIL, "Hi", "", NULL, "stop" },
  { "null-delta", EVENT (CHUNK_START "\"delta\":null}]}") TEXT ("Hi") EVENT (CHUNK_START "\"delta\":null,\"finish_reason\":\"stop\"}]}") DONE, "Hi", "", NULL, "stop" },
  { "no-delta", TEXT ("Hi") EVENT (CHUNK_START "\"finish_reason\":\"stop\"}]}") DONE, "Hi", "", NULL, "stop" },
  { "no-index", EVENT ("{\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}") EVENT ("{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}") DONE, "Hi", "", NULL, "stop" },
  { "null-members", EVENT (CHUNK_DELTA ("\"role\":null,\"content\":null,\"refusal\":null,\"tool_calls\":null,\"reasoning\":null,\"audio\":null,\"function_call\":null")) TEXT ("Hi") TAIL, "Hi", "", NULL, "stop" },
  { "azure-first", EVENT ("{\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\",\"prompt_filter_results\":[{\"prompt_index\":0,\"content_filter_results\":{}}]}") TEXT ("Hi") TAIL, "Hi", "", NULL, "stop" },
  { "message-in-chunk", EVENT ("{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}") DONE, "Hi", "", NULL, "stop" },
  { "tool-calls-null", EVENT (CHUNK_DELTA ("\"content\":\"Hi\",\"tool_calls\":null")) TAIL, "Hi", "", NULL, "stop" },
  { "tool-calls-empty", EVENT (CHUNK_DELTA ("\"content\":\"Hi\",\"tool_calls\":[]")) TAIL, "Hi", "", NULL, "stop" },
  { "tool-calls-in-deltas", CALLS ("[{\"index\":0,\"id\":\"a\"," FN ("f", "") "}]") CALLS ("[{\"index\":0,\"function\":{\"arguments\":\"{\\\"x\\\"\"}}]") CALLS ("[{\"index\":0,\"function\":{\"arguments\":\":1}\"}}]") STOP_CALLS, NULL, "f({\"x\":1})", NULL, "tool_calls" },
  { "tool-calls-interleaved", CALLS ("[{\"index\":0,\"id\":\"a\"," FN ("f", "{") "},{\"index\":1,\"id\":\"b\"," FN ("g", "[") "}]") CALLS ("[{\"index\":0,\"function\":{\"arguments\":\"}\"}},{\"index\":1,\"function\":{\"arguments\":\"]\"}}]") STOP_CALLS, NULL, "f({})g([])", NULL, "tool_calls" },
  { "tool-calls-without-index", CALLS ("[{\"id\":\"a\"," FN ("f", "{") "}]") CALLS ("[{\"function\":{\"arguments\":\"}\"}}]") CALLS ("[{\"id\":\"b\"," FN ("g", "{}") "}]") STOP_CALLS, NULL, "f({})g({})", NULL, "tool_calls" },
  { "tool-calls-without-index-and-id", CALLS ("[{" FN ("f", "{}") "},{" FN ("g", "{}") "}]") CALLS ("[{" FN ("f", "{}") "}]") STOP_CALLS, NULL, "f({})g({})f({})", NULL, "tool_calls" },
  { "tool-calls-index-always-0", CALLS ("[{\"index\":0,\"id\":\"a\"," FN ("f", "{}") "}]") CALLS ("[{\"index\":0,\"id\":\"b\"," FN ("g", "{") "}]") CALLS ("[{\"index\":0,\"function\":{\"arguments\":\"}\"}}]") STOP_CALLS, NULL, "f({})g({})", NULL, "tool_calls" },
  { "tool-calls-whole", CALLS ("[{\"index\":0,\"id\":\"a\"," FN ("f", "{}") "},{\"index\":1,\"id\":\"b\"," FN ("g", "{}") "}]") TAIL, NULL, "f({})g({})", NULL, "stop" },
  { "tool-calls-null-members", CALLS ("[{\"index\":0,\"id\":\"a\"," FN ("f", "{") "}]") CALLS ("[{\"index\":0,\"id\":null,\"type\":null,\"function\":{\"name\":null,\"arguments\":null}}]") CALLS ("[{\"index\":0,\"id\":\"\",\"function\":{\"name\":\"\",\"arguments\":\"}\"}}]") STOP_CALLS, NULL, "f({})", NULL, "tool_calls" },
  { "tool-calls-repeated-name", CALLS ("[{\"index\":0,\"id\":\"a\"," FN ("f", "{") "}]") CALLS ("[{\"index\":0,\"id\":\"a\"," FN ("f", "}") "}]") STOP_CALLS, NULL, "f({})", NULL, "tool_calls" },
  { "tool-calls-second-index-only", CALLS ("[{\"index\":1,\"id\":\"a\"," FN ("f", "{}") "}]") STOP_CALLS, NULL, "f({})", NULL, "tool_calls" },
  { "numeric-id", EVENT ("{\"id\":17,\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":42," FN ("f", "{}") "}]}}]}") STOP_CALLS, NULL, "f({})", NULL, "tool_calls" },
  { "arguments-object", CALLS ("[{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":{\"x\":[1,\"y\"]}}}]") STOP_CALLS, NULL, "f({\"x\":[1,\"y\"]})", NULL, "tool_calls" },
  { "role-on-each", EVENT (CHUNK_DELTA ("\"role\":\"assistant\",\"content\":\"H\"")) EVENT (CHUNK_DELTA ("\"role\":\"assistant\",\"content\":\"i\"")) TAIL, "Hi", "", NULL, "stop" },
  { "role-on-none", TEXT ("H") TEXT ("i") TAIL, "Hi", "", NULL, "stop" },
  { "reason-stop-with-calls", CALLS ("[{\"index\":0,\"id\":\"a\"," FN ("f", "{}") "}]") TAIL, NULL, "f({})", NULL, "stop" },
  { "reason-calls-without-calls", TEXT ("Hi") STOP_CALLS, "Hi", "", NULL, "tool_calls" },
  { "reason-unknown", TEXT ("Hi") EVENT (CHUNK_START "\"delta\":{},\"finish_reason\":\"end_turn\"}]}") DONE, "Hi", "", NULL, "end_turn" },
  { "reason-empty-on-each", EVENT (CHUNK_START "\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"\"}]}") TAIL, "Hi", "", NULL, "stop" },
  { "reason-before-text", EVENT (CHUNK_START "\"delta\":{\"content\":\"H\"},\"finish_reason\":\"stop\"}]}") TEXT ("i") DONE, "Hi", "", NULL, "stop" },
  { "reason-twice", TEXT ("Hi") EVENT (CHUNK_STOP) EVENT (CHUNK_STOP) DONE, "Hi", "", NULL, "stop" },
  { "content-parts", EVENT (CHUNK_DELTA ("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Hm\"}]},{\"type\":\"text\",\"text\":\"H\"}]")) TEXT ("i") TAIL, "Hi", "", "Hm", "stop" },
  { "reasoning-content", EVENT (CHUNK_DELTA ("\"reasoning_content\":\"H\"")) EVENT (CHUNK_DELTA ("\"reasoning_content\":\"m\",\"content\":null")) TEXT ("Hi") TAIL, "Hi", "", "Hm", "stop" },
  { "reasoning", EVENT (CHUNK_DELTA ("\"reasoning\":\"H\"")) EVENT (CHUNK_DELTA ("\"reasoning\":\"m\"")) TEXT ("Hi") TAIL, "Hi", "", "Hm", "stop" },
  { "reasoning-twice", EVENT (CHUNK_DELTA ("\"reasoning\":\"H\",\"reasoning_content\":\"H\"")) EVENT (CHUNK_DELTA ("\"reasoning\":\"m\",\"reasoning_content\":\"m\"")) TEXT ("Hi") TAIL, "Hi", "", "Hm", "stop" },
  { "think-tags", TEXT ("<thi") TEXT ("nk>Hm</think>Hi") TAIL, "<think>Hm</think>Hi", "", NULL, "stop" },
  { "numbers-as-text", EVENT ("{\"created\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}") TAIL, "Hi", "", NULL, "stop" },
};

static void
on_delta (OaiChatStream *stream, const char *text, guint choice, GString *all)
{
  g_string_append (all, text);
}

static void
on_call_delta (OaiChatStream *stream, const char *name, const char *arguments, guint choice, guint call, GString *all)
{
  g_string_append (all, arguments);
}

static void
on_call_done (OaiChatStream *stream, OaiChatToolCall *record, guint choice, guint call, GString *all)
{
  OaiChatFunctionCall *function = oai_chat_tool_call_get_function (record);

  /* The result must refer to it. */
  g_assert_nonnull (oai_chat_tool_call_get_id (record));
  g_string_append_printf (all, "%s(%s)", oai_chat_function_call_get_name (function), oai_chat_function_call_get_arguments (function));
}

static char *
print_calls (OaiChatCompletion *completion)
{
  GPtrArray *calls = oai_chat_completion_get_tool_calls (completion);
  GString *all = g_string_new (NULL);

  for (guint i = 0; calls != NULL && i < calls->len; i++)
    on_call_done (NULL, g_ptr_array_index (calls, i), 0, i, all);

  return g_string_free (all, FALSE);
}

static void
test_chunks (CallFixture *self, gconstpointer user_data)
{
  const Chunks *chunks = user_data;
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GString) told_text = g_string_new (NULL), told_thoughts = g_string_new (NULL);
  g_autoptr (GString) told_calls = g_string_new (NULL), fragments = g_string_new (NULL);
  g_autoptr (OaiRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *calls = NULL;
  OaiChatCompletion *completion;

  g_signal_connect (stream, "content-delta", G_CALLBACK (on_delta), told_text);
  g_signal_connect (stream, "reasoning-delta", G_CALLBACK (on_delta), told_thoughts);
  g_signal_connect (stream, "tool-call-delta", G_CALLBACK (on_call_delta), fragments);
  g_signal_connect (stream, "tool-call-done", G_CALLBACK (on_call_done), told_calls);
  call_fixture_push (self, call_fixture_sse (chunks->wire));
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);

  completion = OAI_CHAT_COMPLETION (record);
  g_assert_cmpstr (oai_chat_completion_get_text (completion), ==, chunks->text);
  g_assert_cmpstr (told_text->str, ==, chunks->text != NULL ? chunks->text : "");
  calls = print_calls (completion);
  g_assert_cmpstr (calls, ==, chunks->calls);
  g_assert_cmpstr (told_calls->str, ==, chunks->calls);
  g_assert_cmpstr (oai_chat_completion_get_reasoning (completion), ==, chunks->reasoning);
  g_assert_cmpstr (told_thoughts->str, ==, chunks->reasoning != NULL ? chunks->reasoning : "");
  g_assert_cmpstr (oai_chat_completion_get_finish_reason (completion), ==, chunks->reason);
  g_assert_cmpstr (oai_chat_message_get_role (oai_chat_completion_get_message (completion)), ==, "assistant");
}

static OaiChatCompletion *
run_wire (CallFixture *self, const char *wire)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GError) error = NULL;
  OaiRecord *record;

  call_fixture_push (self, call_fixture_sse (wire));
  record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);

  return OAI_CHAT_COMPLETION (record);
}

#define USAGE(n) "\"usage\":{\"prompt_tokens\":" n ",\"completion_tokens\":" n ",\"total_tokens\":" n "}"

static void
test_usage (CallFixture *self, gconstpointer user_data)
{
  const char *const wires[] = {
    TEXT ("Hi") EVENT (CHUNK_STOP) EVENT ("{\"choices\":[]," USAGE ("7") "}") DONE,
    EVENT ("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]," USAGE ("3") "}") EVENT ("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]," USAGE ("7") "}") DONE,
    EVENT ("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}],\"usage\":null}") EVENT (CHUNK_STOP) EVENT ("{\"choices\":[]," USAGE ("7") "}") EVENT ("{\"choices\":[],\"usage\":null}") DONE,
    TEXT ("Hi") EVENT (CHUNK_STOP) EVENT ("{" USAGE ("7") "}"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (wires); i++)
    {
      g_autoptr (OaiChatCompletion) completion = run_wire (self, wires[i]);

      g_assert_cmpint (oai_completion_usage_get_total_tokens (oai_chat_completion_get_usage (completion)), ==, 7);
      g_assert_cmpstr (oai_chat_completion_get_text (completion), ==, "Hi");
    }
}

static void
test_usage_absent (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatCompletion) none = run_wire (self, TEXT ("Hi") TAIL);
  g_autoptr (OaiChatCompletion) some = run_wire (self, TEXT ("Hi") EVENT (CHUNK_STOP) EVENT ("{\"usage\":{\"prompt_tokens\":4}}") DONE);

  g_assert_null (oai_chat_completion_get_usage (none));
  g_assert_cmpint (oai_completion_usage_get_prompt_tokens (oai_chat_completion_get_usage (some)), ==, 4);
  g_assert_cmpint (oai_completion_usage_get_completion_tokens (oai_chat_completion_get_usage (some)), ==, 0);
}

/* Parts that are neither text nor reasoning stay where they were; neighbouring text is joined. */
static void
test_other_parts (CallFixture *self, gconstpointer user_data)
{
  static const struct
  {
    const char *wire;
    const char *text;
    const char *parts;
  } rows[] = {
    { TEXT ("H") EVENT (CHUNK_DELTA ("\"content\":[{\"type\":\"text\",\"text\":\"i\"},{\"type\":\"reference\",\"reference_ids\":[1]}]")) TEXT ("!") TEXT ("?") TAIL,
      "Hi!?", "[{\"type\":\"text\",\"text\":\"Hi\"},{\"type\":\"reference\",\"reference_ids\":[1]},{\"type\":\"text\",\"text\":\"!?\"}]" },
    { EVENT (CHUNK_DELTA ("\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}},{\"type\":\"thinking\",\"thinking\":\"Hm\"}]")) TEXT ("Hi") TAIL,
      "Hi", "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}},{\"type\":\"text\",\"text\":\"Hi\"}]" },
    { EVENT (CHUNK_DELTA ("\"content\":[{\"type\":\"a\"},{\"type\":\"a\"}]")) TAIL, NULL, "[{\"type\":\"a\"},{\"type\":\"a\"}]" },
    { EVENT ("{\"choices\":[{\"index\":0,\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"Hi\"},{\"type\":\"a\"}]},\"finish_reason\":\"stop\"}]}") DONE,
      "Hi", "[{\"type\":\"text\",\"text\":\"Hi\"},{\"type\":\"a\"}]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (GString) told = g_string_new (NULL);
      g_autoptr (OaiRecord) record = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *parts = NULL;
      OaiChatMessage *message;

      g_signal_connect (stream, "content-delta", G_CALLBACK (on_delta), told);
      call_fixture_push (self, call_fixture_sse (rows[i].wire));
      record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
      g_assert_no_error (error);

      message = oai_chat_completion_get_message (OAI_CHAT_COMPLETION (record));
      parts = oai_record_dup_member (OAI_RECORD (message), "content");
      g_assert_cmpstr (parts, ==, rows[i].parts);
      g_assert_cmpstr (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (record)), ==, rows[i].text);
      g_assert_cmpstr (told->str, ==, rows[i].text != NULL ? rows[i].text : "");
      g_assert_cmpstr (oai_chat_stream_get_content (stream, 0), ==, told->str);
    }
}

/* They are sent with the next request. */
static void
test_unknown_members (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatCompletion) completion = run_wire (self,
    EVENT (CHUNK_DELTA ("\"reasoning_details\":[{\"index\":0,\"type\":\"reasoning.text\",\"text\":\"H\"}]"))
    EVENT (CHUNK_DELTA ("\"reasoning_details\":[{\"index\":0,\"text\":\"m\",\"signature\":\"sig\"}],\"vendor\":{\"a\":[1,2]}"))
    CALLS ("[{\"index\":0,\"id\":\"a\",\"extra_content\":{\"google\":{\"thought_signature\":\"abc\"}}," FN ("f", "{}") "}]") STOP_CALLS);
  g_autofree char *json = NULL;

  oai_chat_request_add_message (self->request, oai_chat_completion_get_message (completion));
  json = oai_record_to_json (OAI_RECORD (self->request));
  g_assert_nonnull (strstr (json, "\"thought_signature\":\"abc\""));
  g_assert_nonnull (strstr (json, "\"text\":\"Hm\""));
  g_assert_nonnull (strstr (json, "\"signature\":\"sig\""));
  g_assert_nonnull (strstr (json, "\"vendor\":{\"a\":[1,2]}"));
}

/* Members that the assembled message, choice and completion must have, and members that
 * they must not have. */
typedef struct
{
  const char *name;
  const char *wire;
  const char *has;
  const char *lacks;
} Fold;

static const Fold folds[] = {
  { "delta-and-message", EVENT (CHUNK_START "\"delta\":{\"content\":\"H\"},\"message\":{\"content\":\"H\"}}]}")
      EVENT (CHUNK_START "\"delta\":{\"content\":\"i\"},\"message\":{\"content\":\"Hi\",\"vendor\":1}}]}") TAIL, "\"content\":\"Hi\"", NULL },
  { "message-and-delta", EVENT (CHUNK_START "\"message\":{\"content\":\"H\"},\"delta\":{\"content\":\"H\"}}]}") TEXT ("i")
      EVENT (CHUNK_START "\"message\":{\"content\":\"Hi\",\"tool_calls\":[]},\"delta\":{},\"finish_reason\":\"stop\"}]}") DONE, "\"content\":\"Hi\"", "tool_calls" },
  { "message-with-more", EVENT (CHUNK_START "\"delta\":{\"content\":\"Hi\"},\"message\":{\"content\":\"Hi\",\"vendor\":7}}]}") TAIL, "\"vendor\":7", "HiHi" },
  { "empty-delta-and-message", EVENT (CHUNK_START "\"delta\":{},\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}") DONE, "\"content\":\"Hi\"", NULL },
  { "repeated-label", EVENT (CHUNK_DELTA ("\"channel\":\"analysis\"")) EVENT (CHUNK_DELTA ("\"channel\":\"analysis\"")) TAIL, "\"channel\":\"analysis\"", "analysisanalysis" },
  { "next-label", EVENT (CHUNK_DELTA ("\"channel\":\"analysis\"")) EVENT (CHUNK_DELTA ("\"channel\":\"analysis\"")) EVENT (CHUNK_DELTA ("\"channel\":\"analysis\""))
      EVENT (CHUNK_DELTA ("\"channel\":\"final\"")) EVENT (CHUNK_DELTA ("\"channel\":\"final\"")) TAIL, "\"channel\":\"final\"", "finalfinal" },
  { "unknown-text", EVENT (CHUNK_DELTA ("\"thoughts\":\"knock\"")) EVENT (CHUNK_DELTA ("\"thoughts\":\"knock\"")) EVENT (CHUNK_DELTA ("\"thoughts\":\" on wood\"")) TAIL, "\"thoughts\":\"knockknock on wood\"", NULL },
  { "repeated-short-text", EVENT (CHUNK_DELTA ("\"thoughts\":\"ha\"")) EVENT (CHUNK_DELTA ("\"thoughts\":\"ha\"")) TAIL, "\"thoughts\":\"haha\"", NULL },
  { "nested-list-without-index", EVENT (CHUNK_DELTA ("\"vendor\":{\"steps\":[{\"a\":1}]}")) EVENT (CHUNK_DELTA ("\"vendor\":{\"steps\":[{\"b\":2}]}")) TAIL, "\"vendor\":{\"steps\":[{\"a\":1},{\"b\":2}]}", NULL },
  { "nested-list-with-index", EVENT (CHUNK_DELTA ("\"vendor\":{\"steps\":[{\"index\":0,\"a\":\"x \"}]}")) EVENT (CHUNK_DELTA ("\"vendor\":{\"steps\":[{\"index\":1,\"a\":\"z\"},{\"index\":0,\"a\":\"y\"}]}")) TAIL,
    "\"steps\":[{\"index\":0,\"a\":\"x y\"},{\"index\":1,\"a\":\"z\"}]", NULL },
  { "repeated-list", EVENT (CHUNK_DELTA ("\"citations\":[\"a\"]")) EVENT (CHUNK_DELTA ("\"citations\":[\"a\",\"b\"]")) EVENT (CHUNK_DELTA ("\"citations\":[\"c\"]")) TAIL, "\"citations\":[\"a\",\"b\",\"c\"]", NULL },
  { "list-of-numbers", EVENT (CHUNK_DELTA ("\"tokens\":[7]")) EVENT (CHUNK_DELTA ("\"tokens\":[7]")) TAIL, "\"tokens\":[7,7]", NULL },
  { "numbers", EVENT (CHUNK_DELTA ("\"vendor\":{\"n\":3}")) EVENT (CHUNK_DELTA ("\"vendor\":{\"n\":3}")) TAIL, "\"vendor\":{\"n\":3}", NULL },
  { "other-type", EVENT (CHUNK_DELTA ("\"vendor\":{\"a\":[{\"index\":0}]}")) EVENT (CHUNK_DELTA ("\"vendor\":\"text\"")) EVENT (CHUNK_DELTA ("\"vendor\":{\"a\":[{\"index\":0,\"b\":1}]}")) TAIL, "\"vendor\":{\"a\":[{\"index\":0,\"b\":1}]}", NULL },
  { "filters-of-choice", EVENT (CHUNK_START "\"delta\":{\"content\":\"Hi\"},\"content_filter_results\":{\"hate\":{\"severity\":\"safe\"}}}]}")
      EVENT (CHUNK_START "\"delta\":{},\"content_filter_results\":{\"hate\":{\"severity\":\"safe\"}},\"finish_reason\":\"stop\",\"native_finish_reason\":\"end_turn\"}]}") DONE, "\"severity\":\"safe\"", "safesafe" },
  { "reason-of-provider-twice", EVENT (CHUNK_START "\"delta\":{},\"native_finish_reason\":\"end_turn\"}]}") EVENT (CHUNK_START "\"delta\":{},\"finish_reason\":\"stop\",\"native_finish_reason\":\"end_turn\"}]}") DONE,
    "\"native_finish_reason\":\"end_turn\"", "end_turnend_turn" },
  { "x-groq", EVENT ("{\"x_groq\":{\"id\":\"r\",\"seed\":7},\"choices\":[]}") EVENT ("{\"x_groq\":{\"id\":\"r\",\"usage\":{\"total_tokens\":9}},\"choices\":[]}") TAIL, "\"x_groq\":{\"id\":\"r\",\"seed\":7,\"usage\":{\"total_tokens\":9}}", NULL },
  { "same-path", EVENT (CHUNK_DELTA ("\"a.b\":[{\"index\":0}]")) EVENT (CHUNK_DELTA ("\"a.b\":5")) EVENT (CHUNK_DELTA ("\"a\":{\"b\":[{\"index\":0,\"c\":\"d\"}]}")) TAIL, "\"a\":{\"b\":[{\"index\":0,\"c\":\"d\"}]}", NULL },
  { "list-replaced-by-message", EVENT (CHUNK_DELTA ("\"a\":[{\"index\":0}]")) EVENT (CHUNK_START "\"delta\":{},\"message\":{\"a\":5}}]}") EVENT (CHUNK_START "\"delta\":{},\"message\":{\"a\":[{\"index\":0}]}}]}")
      EVENT (CHUNK_DELTA ("\"a\":[{\"index\":0,\"c\":\"d\"}]")) TAIL, "\"c\":\"d\"", NULL },
  { "other-list-replaced", EVENT (CHUNK_DELTA ("\"a\":[{\"index\":0,\"t\":\"x \"}],\"b\":{}")) EVENT (CHUNK_DELTA ("\"b\":\"text\"")) EVENT (CHUNK_DELTA ("\"a\":[{\"index\":0,\"t\":\"y\"}]")) TAIL, "\"a\":[{\"index\":0,\"t\":\"x y\"}]", NULL },
  { "audio-of-other-type", EVENT (CHUNK_DELTA ("\"audio\":{\"data\":5,\"transcript\":[]}")) EVENT (CHUNK_DELTA ("\"audio\":{\"data\":\"QUJD\",\"transcript\":\"Hi\"}")) TAIL, "\"audio\":{\"data\":\"QUJD\",\"transcript\":\"Hi\"}", NULL },
  { "members-of-a-call", CALLS ("[{\"index\":0,\"id\":\"a\",\"notes\":\"one \"," FN ("f", "{") "}]") CALLS ("[{\"index\":0,\"notes\":\"two\",\"function\":{\"arguments\":\"}\"}}]") STOP_CALLS, "\"notes\":\"one two\"", "\"index\":0}]" },
};

static void
test_fold (CallFixture *self, gconstpointer user_data)
{
  const Fold *fold = user_data;
  g_autoptr (OaiChatCompletion) completion = run_wire (self, fold->wire);
  g_autofree char *json = oai_record_to_json (OAI_RECORD (completion));

  if (strstr (json, fold->has) == NULL || (fold->lacks != NULL && strstr (json, fold->lacks) != NULL))
    g_error ("%s: %s", fold->name, json);
}

/* The memory of unknown members is proportional to their size, also if their names are long. */
static void
test_long_name (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GString) wire = g_string_new ("data: " CHUNK_START "\"delta\":{\"");
  g_autofree char *name = g_strnfill (256 * 1024, 'n');
  g_autoptr (OaiChatCompletion) completion = NULL;
  struct rusage before, after;

  g_string_append_printf (wire, "%s\":{\"m\":\"text\"", name);
  for (guint i = 0; i < 8000; i++)
    g_string_append_printf (wire, ",\"m%u\":\"text\"", i);
  g_string_append (wire, "}}}]}\n\n" TAIL);

  getrusage (RUSAGE_SELF, &before);
  completion = run_wire (self, wire->str);
  getrusage (RUSAGE_SELF, &after);
  g_assert_nonnull (oai_chat_completion_get_message (completion));
  g_assert_cmpint (after.ru_maxrss - before.ru_maxrss, <, 512 * 1024);
}

static void
test_bad_index (CallFixture *self, gconstpointer user_data)
{
  const char *const wires[] = {
    EVENT ("{\"choices\":[{\"index\":-1,\"delta\":{\"content\":\"x\"}}]}") TAIL,
    EVENT ("{\"choices\":[{\"index\":4000000000,\"delta\":{\"content\":\"x\"}}]}") TAIL,
    CALLS ("[{\"index\":\"zero\",\"id\":\"a\"," FN ("f", "{}") "}]") STOP_CALLS,
    CALLS ("[{\"index\":99999999999,\"id\":\"a\"," FN ("f", "{}") "}]") STOP_CALLS,
  };

  for (guint i = 0; i < G_N_ELEMENTS (wires); i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (GError) error = NULL;

      call_fixture_push (self, call_fixture_sse (wires[i]));
      g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
    }
}

static void
ignore_audio (OaiChatStream *stream, GBytes *data, const char *transcript, guint choice, gpointer user_data)
{
}

static void
test_damaged_audio (CallFixture *self, gconstpointer user_data)
{
  static const char *const pieces[] = { "@@@@", "@", "QUJDR", "QUJDR=" };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autofree char *wire = g_strconcat ("data: " CHUNK_START "\"delta\":{\"audio\":{\"data\":\"", pieces[i], "\"}}}]}\n\n" TAIL, NULL);
      g_autoptr (GError) error = NULL;

      g_signal_connect (stream, "audio-delta", G_CALLBACK (ignore_audio), NULL);
      call_fixture_push (self, call_fixture_sse (wire));
      g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
    }
}

static void
store_audio (OaiChatStream *stream, GBytes *data, const char *transcript, guint choice, GByteArray *sounds[2])
{
  g_byte_array_append (sounds[choice], g_bytes_get_data (data, NULL), g_bytes_get_size (data));
}

/* Chunks of each size from two alternating replies, with and without padding. */
static void
test_split_audio (CallFixture *self, gconstpointer user_data)
{
  guint8 bytes[31];
  g_autofree char *base64 = NULL;

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = i * 37;
  base64 = g_base64_encode (bytes, sizeof bytes);

  for (gsize size = 1; size <= strlen (base64); size++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autoptr (GByteArray) first = g_byte_array_new (), second = g_byte_array_new ();
      GByteArray *sounds[2] = { first, second };
      g_autoptr (GString) wire = g_string_new (NULL);
      g_autoptr (OaiRecord) record = NULL;
      g_autoptr (GError) error = NULL;

      if (size % 2 == 0)
        base64[42] = '\0';
      for (gsize at = 0; at < strlen (base64); at += size)
        for (guint choice = 0; choice < 2; choice++)
          g_string_append_printf (wire, "data: {\"choices\":[{\"index\":%u,\"delta\":{\"audio\":{\"data\":\"%.*s\"}}}]}\n\n", choice, (int) size, base64 + at);
      g_string_append (wire, DONE);
      base64[42] = '=';

      g_signal_connect (stream, "audio-delta", G_CALLBACK (store_audio), sounds);
      call_fixture_push (self, call_fixture_sse (wire->str));
      record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (first->data, first->len, bytes, sizeof bytes);
      g_assert_cmpmem (second->data, second->len, bytes, sizeof bytes);
    }
}

static void
test_several_choices (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatCompletion) completion = run_wire (self,
    EVENT ("{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"B\"}}]}") EVENT ("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"A\"}},{\"index\":1,\"delta\":{\"content\":\"b\"}}]}")
    EVENT ("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"},{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]}") DONE);
  GPtrArray *choices = oai_chat_completion_get_choices (completion);

  g_assert_cmpuint (choices->len, ==, 2);
  g_assert_cmpstr (oai_chat_message_get_content (oai_chat_choice_get_message (choices->pdata[0])), ==, "A");
  g_assert_cmpstr (oai_chat_message_get_content (oai_chat_choice_get_message (choices->pdata[1])), ==, "Bb");
  g_assert_cmpstr (oai_chat_choice_get_finish_reason (choices->pdata[1]), ==, "length");
}

/* One of two choices has no end, so the reply is incomplete. */
static void
test_one_choice_truncated (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GError) error = NULL;

  call_fixture_push (self, call_fixture_sse (TEXT ("A") EVENT ("{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"B\"}}]}") EVENT (CHUNK_STOP)));
  g_assert_null (call_fixture_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
}

#define WITH_MEMBER(member) EVENT ("{\"id\":\"c\",\"created\":1," member ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"B\"}}]}")

static void
test_error_members (CallFixture *self, gconstpointer user_data)
{
  static const struct
  {
    const char *wire;
    gboolean is_error;
    const char *text; /* of the result */
  } errors[] = {
    { WITH_MEMBER ("\"late\":1,\"error\":{\"message\":\"no\"}"), TRUE, "\"B\"" },
    { WITH_MEMBER ("\"error\":{\"message\":\"no\"},\"late\":1"), TRUE, "\"B\"" },
    { WITH_MEMBER ("\"error\":\"no\""), TRUE, "\"B\"" },
    { WITH_MEMBER ("\"error\":true"), TRUE, "\"B\"" },
    { WITH_MEMBER ("\"object\":\"error\",\"message\":\"no\""), TRUE, "\"B\"" },
    { WITH_MEMBER ("\"error\":null,\"error\":{\"message\":\"no\"}"), TRUE, "\"B\"" },
    { WITH_MEMBER ("\"error\":false") WITH_MEMBER ("\"error\":false") WITH_MEMBER ("\"error\":true"), TRUE, "\"BBB\"" },
    { "event: error\ndata: {\"message\":\"no\"}\n\n", TRUE, "\"B\"" },
    { EVENT ("[{\"error\":{\"message\":\"no\"}}]"), TRUE, "\"B\"" },
    { WITH_MEMBER ("\"error\":{\"message\":\"no\"},\"error\":null"), FALSE, "\"BB\"" },
    { WITH_MEMBER ("\"error\":{}"), FALSE, "\"BB\"" },
    { WITH_MEMBER ("\"error\":\"\""), FALSE, "\"BB\"" },
    { WITH_MEMBER ("\"object\":\"errors\""), FALSE, "\"BB\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
      g_autofree char *wire = g_strconcat (WITH_MEMBER ("\"object\":\"chat.completion.chunk\""), errors[i].wire, TAIL, NULL);
      g_autoptr (OaiRecord) record G_GNUC_UNUSED = NULL;
      g_autoptr (OaiRecord) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *json = NULL;

      call_fixture_push (self, call_fixture_sse (wire));
      record = call_fixture_run (OAI_STREAM (stream), NULL, &error);
      g_assert_cmpint (error != NULL, ==, errors[i].is_error);
      result = oai_stream_dup_result (OAI_STREAM (stream));
      json = oai_record_to_json (result);
      g_assert_null (strstr (json, "late"));
      g_assert_nonnull (strstr (json, errors[i].text));
    }
}

#define add(path, func, data) g_test_add (path, CallFixture, data, call_fixture_set_up, func, call_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/quirks/chunks/", cases[i].name, NULL);

      add (path, test_chunks, &cases[i]);
    }
  add ("/quirks/chunks/usage-replaced", test_usage, NULL);
  add ("/quirks/chunks/usage-absent", test_usage_absent, NULL);
  add ("/quirks/chunks/unknown-members", test_unknown_members, NULL);
  add ("/quirks/chunks/other-parts", test_other_parts, NULL);
  add ("/quirks/chunks/long-name", test_long_name, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (folds); i++)
    {
      g_autofree char *path = g_strconcat ("/quirks/folded/", folds[i].name, NULL);

      add (path, test_fold, &folds[i]);
    }
  add ("/quirks/chunks/error-members", test_error_members, NULL);
  add ("/quirks/chunks/bad-index", test_bad_index, NULL);
  add ("/quirks/chunks/damaged-audio", test_damaged_audio, NULL);
  add ("/quirks/chunks/split-audio", test_split_audio, NULL);
  add ("/quirks/chunks/several-choices", test_several_choices, NULL);
  add ("/quirks/chunks/one-choice-truncated", test_one_choice_truncated, NULL);

  return g_test_run ();
}
