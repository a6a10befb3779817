/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-mock.h"

#include <string.h>

#define SAY(text, more) "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"" text "\"}]" more "}"
#define TOOLS ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"},\"unit\":{\"type\":\"string\",\"enum\":[\"c\",\"f\"]}},\"required\":[\"city\"]}}}," \
              "{\"type\":\"function\",\"function\":{\"name\":\"clock\"}}]"

static void
test_quotes (Test *test, gconstpointer data)
{
  test_expect (test, 200, "POST", "/chat/completions", SAY ("Hello, world", ",\"n\":2"));
  g_assert_cmpstr (test_string (test, "object"), ==, "chat.completion");
  g_assert_cmpuint (test_count (test, "choices"), ==, 2);
  g_assert_cmpstr (test_string (test, "choices.1.message.content"), ==, "You said: Hello, world");
  g_assert_cmpstr (test_string (test, "choices.0.finish_reason"), ==, "stop");
  g_assert_cmpint (test_int (test, "usage.total_tokens"), ==, test_int (test, "usage.prompt_tokens") + test_int (test, "usage.completion_tokens"));
  test_no_violations (test);
}

static char *
fold_stream (GPtrArray *events, const char *path)
{
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++)
    {
      g_autofree char *chunk = test_event_string (events, i, path);

      if (chunk != NULL)
        g_string_append (all, chunk);
    }

  return g_string_free (g_steal_pointer (&all), FALSE);
}

static void
test_stream (Test *test, gconstpointer data)
{
  g_autoptr (GPtrArray) events = NULL;
  g_autofree char *text = NULL;
  g_autofree char *reason = NULL;

  test_expect (test, 200, "POST", "/chat/completions", SAY ("Hello, world", ",\"stream\":true"));
  g_assert_true (g_str_has_prefix (soup_message_headers_get_one (test->headers, "Content-Type"), "text/event-stream"));
  events = test_events (test);
  g_assert_cmpuint (events->len, ==, 1 + 4 + 1 + 1);
  g_assert_cmpstr (g_ptr_array_index (events, events->len - 1), ==, "data: [DONE]");
  text = fold_stream (events, "choices.0.delta.content");
  g_assert_cmpstr (text, ==, "You said: Hello, world");
  reason = test_event_string (events, events->len - 2, "choices.0.finish_reason");
  g_assert_cmpstr (reason, ==, "stop");
  g_assert_null (strstr (test->text, "usage"));

  test_expect (test, 200, "POST", "/chat/completions", SAY ("Hi", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
  g_assert_nonnull (strstr (test->text, "\"choices\":[],\"usage\":{"));
  test_no_violations (test);
}

static void
test_tools (Test *test, gconstpointer data)
{
  test_expect (test, 200, "POST", "/chat/completions", SAY ("Use the tool for Paris.", TOOLS));
  g_assert_cmpstr (test_string (test, "choices.0.finish_reason"), ==, "tool_calls");
  g_assert_cmpuint (test_count (test, "choices.0.message.tool_calls"), ==, 1);
  g_assert_cmpstr (test_string (test, "choices.0.message.tool_calls.0.function.arguments"), ==, "{\"city\":\"Paris\",\"unit\":\"c\"}");

  test_expect (test, 200, "POST", "/chat/completions", SAY ("Use all tools.", TOOLS));
  g_assert_cmpuint (test_count (test, "choices.0.message.tool_calls"), ==, 2);
  test_expect (test, 200, "POST", "/chat/completions", SAY ("Just talk", TOOLS));
  g_assert_cmpstr (test_string (test, "choices.0.message.content"), ==, "You said: Just talk");
  test_expect (test, 200, "POST", "/chat/completions", SAY ("What time is it?", TOOLS ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"clock\"}}"));
  g_assert_cmpstr (test_string (test, "choices.0.message.tool_calls.0.function.name"), ==, "clock");

  test_expect (test, 200, "POST", "/chat/completions",
               "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"tool!\"},{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{}\"}}]},"
               "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"sunny\"}]" TOOLS "}");
  g_assert_cmpstr (test_string (test, "choices.0.message.content"), ==, "The tool said: sunny");
  test_no_violations (test);
}

static void
test_streamed_tools (Test *test, gconstpointer data)
{
  g_autoptr (GPtrArray) events = NULL;
  g_autofree char *name = NULL;
  g_autofree char *arguments = NULL;

  test_expect (test, 200, "POST", "/chat/completions", SAY ("Use the tool for Paris", TOOLS ",\"stream\":true"));
  events = test_events (test);
  name = fold_stream (events, "choices.0.delta.tool_calls.0.function.name");
  arguments = fold_stream (events, "choices.0.delta.tool_calls.0.function.arguments");
  g_assert_cmpstr (name, ==, "weather");
  g_assert_cmpstr (arguments, ==, "{\"city\":\"Paris\",\"unit\":\"c\"}");
  test_no_violations (test);
}

static void
test_variants (Test *test, gconstpointer data)
{
  test_expect (test, 200, "POST", "/chat/completions", SAY ("Hi", ",\"response_format\":{\"type\":\"json_object\"}"));
  g_assert_cmpstr (test_string (test, "choices.0.message.content"), ==, "{\"reply\":\"You said: Hi\"}");
  test_expect (test, 200, "POST", "/chat/completions",
               SAY ("Hi", ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}}}}}"));
  g_assert_cmpstr (test_string (test, "choices.0.message.content"), ==, "{\"a\":\"You said: Hi\",\"b\":[21]}");
  test_expect (test, 200, "POST", "/chat/completions", SAY ("Please refuse", ""));
  g_assert_null (test_string (test, "choices.0.message.content"));
  g_assert_nonnull (test_string (test, "choices.0.message.refusal"));
  test_expect (test, 200, "POST", "/chat/completions", SAY ("Think", ",\"reasoning_effort\":\"low\""));
  g_assert_cmpstr (test_string (test, "choices.0.message.reasoning_content"), ==, "The user said: Think");
  test_expect (test, 200, "POST", "/chat/completions", SAY ("one two three", ",\"max_completion_tokens\":3"));
  g_assert_cmpstr (test_string (test, "choices.0.finish_reason"), ==, "length");
  g_assert_cmpstr (test_string (test, "choices.0.message.content"), ==, "You said: one");
  test_expect (test, 200, "POST", "/chat/completions", SAY ("one two", ",\"logprobs\":true,\"top_logprobs\":2"));
  g_assert_cmpuint (test_count (test, "choices.0.logprobs.content"), ==, 4);
  g_assert_cmpuint (test_count (test, "choices.0.logprobs.content.0.top_logprobs"), ==, 2);
  test_expect (test, 200, "POST", "/chat/completions", SAY ("Sing", ",\"modalities\":[\"text\",\"audio\"],\"audio\":{\"voice\":\"alloy\",\"format\":\"wav\"}"));
  g_assert_cmpstr (test_string (test, "choices.0.message.audio.transcript"), ==, "You said: Sing");
  g_assert_true (g_str_has_prefix (test_string (test, "choices.0.message.audio.data"), "UklGR"));
  test_no_violations (test);
}

static void
test_stored (Test *test, gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autofree char *path = NULL;
  g_autofree char *messages = NULL;
  g_autofree char *next = NULL;

  for (guint i = 0; i < 3; i++)
    test_expect (test, 200, "POST", "/chat/completions", SAY ("Keep", ",\"store\":true,\"metadata\":{\"k\":\"v\"}"));
  test_expect (test, 200, "POST", "/chat/completions", SAY ("Forget", ""));
  test_expect (test, 200, "GET", "/chat/completions?limit=2", NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 2);
  g_assert_true (test_int (test, "has_more"));
  next = g_strconcat ("/chat/completions?limit=2&after=", test_string (test, "last_id"), NULL);
  test_expect (test, 200, "GET", next, NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 1);
  g_assert_false (test_int (test, "has_more"));
  test_expect (test, 200, "GET", "/chat/completions?metadata%5Bk%5D=v&model=gpt-4o", NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 3);

  id = g_strdup (test_string (test, "data.0.id"));
  path = g_strconcat ("/chat/completions/", id, NULL);
  messages = g_strconcat (path, "/messages", NULL);
  test_expect (test, 200, "GET", path, NULL);
  test_expect (test, 200, "POST", path, "{\"metadata\":{\"k\":\"w\"}}");
  g_assert_cmpstr (test_string (test, "metadata.k"), ==, "w");
  test_expect (test, 200, "DELETE", path, NULL);
  g_assert_true (test_int (test, "deleted"));
  test_expect (test, 404, "GET", path, NULL);
  test_expect (test, 404, "GET", messages, NULL);
}

void
test_add_chat (void)
{
  test_add ("/mock/chat/quotes-the-user", test_quotes);
  test_add ("/mock/chat/streams-word-by-word", test_stream);
  test_add ("/mock/chat/calls-tools", test_tools);
  test_add ("/mock/chat/streams-tool-calls", test_streamed_tools);
  test_add ("/mock/chat/obeys-the-request", test_variants);
  test_add ("/mock/chat/stored-ones-are-paged-changed-and-deleted", test_stored);
}
