/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-mock.h"

#include <string.h>

static void
test_text (Test *test, gconstpointer data)
{
  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Hello there\",\"metadata\":{\"a\":\"b\"},\"temperature\":0.5}");
  g_assert_cmpstr (test_string (test, "object"), ==, "response");
  g_assert_cmpstr (test_string (test, "status"), ==, "completed");
  g_assert_cmpstr (test_string (test, "metadata.a"), ==, "b");
  g_assert_cmpstr (test_string (test, "output.0.content.0.text"), ==, "You said: Hello there");
  g_assert_cmpstr (test_string (test, "output.0.phase"), ==, "final_answer");
  g_assert_cmpint (test_int (test, "usage.output_tokens"), ==, 4);
  test_no_violations (test);
}

static char *
event_names (Test *test)
{
  g_autoptr (GPtrArray) events = test_events (test);
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *former = NULL;

  for (guint i = 0; i < events->len; i++)
    {
      g_autofree char *name = test_event_string (events, i, "type");

      if (g_strcmp0 (name, former) != 0)
        g_string_append_printf (names, "%s%s", i > 0 ? " " : "", g_str_has_prefix (name, "response.") ? name + strlen ("response.") : name);
      g_free (former);
      former = g_steal_pointer (&name);
    }

  return g_string_free (g_steal_pointer (&names), FALSE);
}

static void
expect_events (Test *test, const char *body, const char *names)
{
  g_autofree char *found = NULL;

  test_expect (test, 200, "POST", "/responses", body);
  found = event_names (test);
  g_assert_cmpstr (found, ==, names);
}

static void
test_streams (Test *test, gconstpointer data)
{
  g_autoptr (GPtrArray) events = NULL;
  g_autofree char *delta = NULL;
  g_autofree char *text = NULL;

  expect_events (test, "{\"model\":\"gpt-5\",\"input\":\"Hello there\",\"stream\":true}",
                 "created in_progress output_item.added content_part.added output_text.delta output_text.done content_part.done output_item.done completed");
  events = test_events (test);
  delta = test_event_string (events, 5, "delta");
  g_assert_cmpstr (delta, ==, " said:");
  g_assert_nonnull (strstr (events->pdata[5], "\"obfuscation\""));
  text = test_event_string (events, events->len - 1, "response.output.0.content.0.text");
  g_assert_cmpstr (text, ==, "You said: Hello there");

  expect_events (test, "{\"model\":\"gpt-5\",\"input\":\"Please refuse\",\"stream\":true,\"stream_options\":{\"include_obfuscation\":false}}",
                 "created in_progress output_item.added content_part.added refusal.delta refusal.done content_part.done output_item.done completed");
  g_assert_null (strstr (test->text, "\"obfuscation\""));
  expect_events (test, "{\"model\":\"gpt-5\",\"input\":\"Hi\",\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\"},\"stream\":true}",
                 "created in_progress output_item.added reasoning_summary_part.added reasoning_summary_text.delta reasoning_summary_text.done reasoning_summary_part.done "
                 "output_item.done output_item.added content_part.added output_text.delta output_text.done content_part.done output_item.done completed");
  expect_events (test, "{\"model\":\"gpt-oss-20b\",\"input\":\"Hi\",\"reasoning\":{\"effort\":\"low\"},\"include\":[\"reasoning.encrypted_content\"],\"stream\":true}",
                 "created in_progress output_item.added content_part.added reasoning_text.delta reasoning_text.done content_part.done "
                 "output_item.done output_item.added content_part.added output_text.delta output_text.done content_part.done output_item.done completed");
  expect_events (test, "{\"model\":\"gpt-5\",\"input\":\"a b c d e f g h i j k l m n o p q r\",\"max_output_tokens\":16,\"stream\":true}",
                 "created in_progress output_item.added content_part.added output_text.delta output_text.done content_part.done output_item.done incomplete");
  expect_events (test, "{\"model\":\"gpt-5\",\"input\":\"fail\",\"stream\":true}", "created in_progress failed");
  test_no_violations (test);
}

static void
test_content (Test *test, gconstpointer data)
{
  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"Look\"},{\"type\":\"input_image\",\"detail\":\"auto\",\"image_url\":\"data:\"}]}],"
                                                "\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"x\",\"schema\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}}}}");
  g_assert_cmpstr (test_string (test, "output.0.content.0.text"), ==, "{\"city\":\"You said: Look [input_image]\"}");
  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Hi\",\"include\":[\"message.output_text.logprobs\"],\"top_logprobs\":2,\"text\":{\"format\":{\"type\":\"json_object\"}}}");
  g_assert_cmpstr (test_string (test, "output.0.content.0.text"), ==, "{\"reply\":\"You said: Hi\"}");
  g_assert_cmpuint (test_count (test, "output.0.content.0.logprobs.0.top_logprobs"), ==, 2);
  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"a comment\"}");
  g_assert_cmpstr (test_string (test, "output.0.phase"), ==, "commentary");
  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"fail\"}");
  g_assert_cmpstr (test_string (test, "error.code"), ==, "server_error");
  test_expect (test, 400, "POST", "/responses", "{\"model\":\"no-such-model\",\"input\":\"Hi\"}");
  test_no_violations (test);
}

static void
test_stored (Test *test, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *items = NULL;
  g_autofree char *replay = NULL;
  g_autofree char *next = NULL;
  g_autofree char *names = NULL;

  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":[{\"role\":\"developer\",\"content\":\"Be kind\"},{\"role\":\"user\",\"content\":\"Hello there\"},{\"role\":\"assistant\",\"content\":\"Yes?\"}]}");
  path = g_strconcat ("/responses/", test_string (test, "id"), NULL);
  items = g_strconcat (path, "/input_items?limit=2&order=asc", NULL);
  replay = g_strconcat (path, "?stream=true&starting_after=6", NULL);
  next = g_strdup_printf ("{\"model\":\"gpt-5\",\"input\":[],\"previous_response_id\":\"%s\"}", test_string (test, "id"));
  test_expect (test, 200, "GET", path, NULL);
  g_assert_cmpstr (test_string (test, "output.0.content.0.text"), ==, "You said: Hello there");
  test_expect (test, 200, "GET", items, NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 2);
  g_assert_cmpstr (test_string (test, "data.1.content.0.text"), ==, "Hello there");
  test_expect (test, 200, "GET", replay, NULL);
  names = event_names (test);
  g_assert_cmpstr (names, ==, "output_text.delta output_text.done content_part.done output_item.done completed");
  test_expect (test, 200, "POST", "/responses", next);
  g_assert_cmpstr (test_string (test, "output.0.content.0.text"), ==, "You said: Hello there");
  test_expect (test, 200, "DELETE", path, NULL);
  test_expect (test, 404, "GET", path, NULL);
  test_expect (test, 404, "POST", "/responses", next);
  g_assert_cmpstr (test_string (test, "error.code"), ==, "previous_response_not_found");

  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Hi\",\"store\":false}");
  g_free (path);
  path = g_strconcat ("/responses/", test_string (test, "id"), NULL);
  test_expect (test, 404, "GET", path, NULL);
  test_no_violations (test);
}

void
test_add_responses (void)
{
  test_add ("/mock/responses/answer", test_text);
  test_add ("/mock/responses/stream", test_streams);
  test_add ("/mock/responses/vary-their-content", test_content);
  test_add ("/mock/responses/are-stored", test_stored);
}
