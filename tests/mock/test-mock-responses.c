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
  expect_events (test, "{\"model\":\"gpt-5\",\"input\":\"crash\",\"stream\":true}", "error");
  test_expect (test, 500, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"crash\"}");
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

#define FUNCTION "{\"type\":\"function\",\"name\":\"weather\",\"strict\":true,\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}}"

static void
test_function (Test *test, gconstpointer data)
{
  g_autofree char *next = NULL;
  g_autofree char *wrong = NULL;

  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Use the tools for Paris\",\"tools\":[" FUNCTION ",{\"type\":\"custom\",\"name\":\"run\"}]}");
  g_assert_cmpuint (test_count (test, "output"), ==, 2);
  g_assert_cmpstr (test_string (test, "output.0.arguments"), ==, "{\"city\":\"Paris\"}");
  g_assert_cmpstr (test_string (test, "output.1.input"), ==, "Use the tools for Paris");
  next = g_strdup_printf ("{\"model\":\"gpt-5\",\"previous_response_id\":\"%s\",\"tools\":[" FUNCTION "],\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"%s\",\"output\":\"sunny\"},"
                          "{\"type\":\"custom_tool_call_output\",\"call_id\":\"%s\",\"output\":\"done\"}]}",
                          test_string (test, "id"), test_string (test, "output.0.call_id"), test_string (test, "output.1.call_id"));
  wrong = g_strdup_printf ("{\"model\":\"gpt-5\",\"previous_response_id\":\"%s\",\"input\":\"And now?\"}", test_string (test, "id"));
  test_expect (test, 200, "POST", "/responses", next);
  g_assert_cmpstr (test_string (test, "output.0.content.0.text"), ==, "The tool said: sunny done");
  test_expect (test, 400, "POST", "/responses", wrong);
  test_expect (test, 400, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"x\",\"output\":\"\"}]}");

  expect_events (test, "{\"model\":\"gpt-5\",\"input\":\"Use the tool for Paris\",\"stream\":true,\"tools\":[" FUNCTION "]}",
                 "created in_progress output_item.added function_call_arguments.delta function_call_arguments.done output_item.done completed");
  expect_events (test, "{\"model\":\"gpt-5\",\"input\":\"Go\",\"stream\":true,\"tool_choice\":{\"type\":\"custom\",\"name\":\"run\"},\"tools\":[" FUNCTION ",{\"type\":\"custom\",\"name\":\"run\"}]}",
                 "created in_progress output_item.added custom_tool_call_input.delta custom_tool_call_input.done output_item.done completed");
  test_no_violations (test);
}

static void
test_tool_choice (Test *test, gconstpointer data)
{
  const struct {
    const char *choice;
    const char *type;
  } all[] = {
    { "\"none\"", "message" },
    { "\"required\"", "function_call" },
    { "{\"type\":\"function\",\"name\":\"weather\"}", "function_call" },
    { "{\"type\":\"allowed_tools\",\"mode\":\"required\",\"tools\":[{\"type\":\"shell\"}]}", "shell_call" },
    { "{\"type\":\"shell\"}", "shell_call" },
    { "{\"type\":\"mcp\",\"server_label\":\"docs\"}", "mcp_list_tools" },
    { "{\"type\":\"apply_patch\"}", "apply_patch_call" },
    { "\"auto\"", "message" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"model\":\"gpt-5\",\"input\":\"Paris\",\"tools\":[" FUNCTION ",{\"type\":\"shell\"},{\"type\":\"apply_patch\"},"
                                               "{\"type\":\"mcp\",\"server_label\":\"docs\",\"server_url\":\"https://example.com\",\"authorization\":\"secret\"}],\"tool_choice\":%s}", all[i].choice);

      test_expect (test, 200, "POST", "/responses", body);
      g_assert_cmpstr (test_string (test, "output.0.type"), ==, all[i].type);
      g_assert_null (strstr (test->text, "secret"));
    }
  test_no_violations (test);
}

static void
test_hosted_tools (Test *test, gconstpointer data)
{
  const struct {
    const char *tool;
    const char *events;
    const char *text;
  } all[] = {
    { "{\"type\":\"web_search\"}", "web_search_call.in_progress web_search_call.searching web_search_call.completed", "a page about Paris" },
    { "{\"type\":\"web_search_preview\"}", "web_search_call.in_progress web_search_call.searching web_search_call.completed", "a page about Paris" },
    { "{\"type\":\"file_search\",\"vector_store_ids\":[\"vs_1\"]}", "file_search_call.in_progress file_search_call.searching file_search_call.completed", "a file about Paris" },
    { "{\"type\":\"code_interpreter\",\"container\":{\"type\":\"auto\"}}",
      "code_interpreter_call.in_progress code_interpreter_call_code.delta code_interpreter_call_code.done code_interpreter_call.interpreting code_interpreter_call.completed", "Paris" },
    { "{\"type\":\"image_generation\",\"partial_images\":2}",
      "image_generation_call.in_progress image_generation_call.generating image_generation_call.partial_image image_generation_call.completed", "an image of Paris" },
    { "{\"type\":\"mcp\",\"server_label\":\"docs\",\"server_url\":\"https://example.com\",\"require_approval\":\"never\"}",
      "mcp_list_tools.in_progress mcp_list_tools.completed output_item.done output_item.added mcp_call.in_progress mcp_call_arguments.delta mcp_call_arguments.done mcp_call.completed",
      "a record about Paris" },
    { "{\"type\":\"shell\"}", "shell_call_command.added shell_call_command.delta shell_call_command.done output_item.done output_item.added "
                              "shell_call_output_content.delta shell_call_output_content.done", "Paris" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"model\":\"gpt-5\",\"input\":\"Use the tool for Paris\",\"stream\":true,\"tools\":[%s],\"include\":[\"web_search_call.action.sources\","
                                               "\"file_search_call.results\",\"code_interpreter_call.outputs\"]}", all[i].tool);
      g_autofree char *events = g_strdup_printf ("created in_progress output_item.added %s output_item.done output_item.added content_part.added output_text.delta %soutput_text.done "
                                                 "content_part.done output_item.done completed", all[i].events, i < 3 ? "output_text.annotation.added " : "");
      g_autofree char *text = g_strdup_printf ("\"The tool said: %s\"", all[i].text);

      expect_events (test, body, events);
      g_assert_nonnull (strstr (test->text, text));
    }
  test_no_violations (test);
}

/* Tools that the client executes, and the result that it sends. */
static void
test_client_tools (Test *test, gconstpointer data)
{
  const struct {
    const char *tool;
    const char *type;
    const char *result;
    const char *text;
  } all[] = {
    { "{\"type\":\"shell\",\"environment\":{\"type\":\"local\"}}", "shell_call",
      "\"call_id\":\"%s\",\"output\":[{\"stdout\":\"hi\",\"stderr\":\"\",\"outcome\":{\"type\":\"exit\",\"exit_code\":0}}]", "hi" },
    { "{\"type\":\"local_shell\"}", "local_shell_call", "\"id\":\"%s\",\"output\":\"hi\"", "hi" },
    { "{\"type\":\"apply_patch\"}", "apply_patch_call", "\"call_id\":\"%s\",\"status\":\"completed\",\"output\":\"hi\"", "hi" },
    { "{\"type\":\"computer\"}", "computer_call", "\"call_id\":\"%s\",\"output\":{\"type\":\"computer_screenshot\",\"image_url\":\"data:\"}", "[computer_screenshot]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"model\":\"gpt-5\",\"input\":\"Use the tool for Paris\",\"tools\":[%s]}", all[i].tool);
      g_autofree char *text = g_strconcat ("The tool said: ", all[i].text, NULL);
      g_autoptr (GString) result = g_string_new (all[i].result);
      g_autofree char *next = NULL;

      test_expect (test, 200, "POST", "/responses", body);
      g_assert_cmpstr (test_string (test, "output.0.type"), ==, all[i].type);
      g_assert_cmpuint (test_count (test, "output"), ==, 1);
      g_string_replace (result, "%s", test_string (test, "output.0.call_id"), 0);
      next = g_strdup_printf ("{\"model\":\"gpt-5\",\"previous_response_id\":\"%s\",\"input\":[{\"type\":\"%s_output\",%s}]}", test_string (test, "id"), all[i].type, result->str);
      test_expect (test, 200, "POST", "/responses", next);
      g_assert_cmpstr (test_string (test, "output.0.content.0.text"), ==, text);
    }
  test_no_violations (test);
}

static void
test_approval (Test *test, gconstpointer data)
{
  g_autofree char *next = NULL;

  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Use the tool for Paris\",\"tools\":[{\"type\":\"mcp\",\"server_label\":\"docs\",\"server_url\":\"https://example.com\"}]}");
  g_assert_cmpstr (test_string (test, "output.1.type"), ==, "mcp_approval_request");
  next = g_strdup_printf ("{\"model\":\"gpt-5\",\"previous_response_id\":\"%s\",\"input\":[{\"type\":\"mcp_approval_response\",\"approval_request_id\":\"%s\",\"approve\":true}]}",
                          test_string (test, "id"), test_string (test, "output.1.id"));
  test_expect (test, 200, "POST", "/responses", next);
  g_assert_cmpstr (test_string (test, "output.0.type"), ==, "mcp_call");
  g_assert_cmpstr (test_string (test, "output.1.content.0.text"), ==, "The tool said: a record about Paris");

  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Use the tool for Paris\",\"tools\":[{\"type\":\"tool_search\"},{\"type\":\"function\",\"name\":\"x\",\"strict\":false,\"parameters\":{},\"defer_loading\":true}]}");
  g_assert_cmpstr (test_string (test, "output.1.tools.0.name"), ==, "x");
  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Use the tool for Paris\",\"tools\":[{\"type\":\"tool_search\",\"execution\":\"client\"}]}");
  g_assert_cmpstr (test_string (test, "output.0.execution"), ==, "client");
  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Use the tool for Paris\",\"tools\":[{\"type\":\"namespace\",\"name\":\"crm\",\"description\":\"\",\"tools\":[" FUNCTION "]}]}");
  g_assert_cmpstr (test_string (test, "output.0.namespace"), ==, "crm");
  test_no_violations (test);
}

static void
test_background (Test *test, gconstpointer data)
{
  const char *const states[] = { "in_progress", "completed", "completed" };
  g_autofree char *path = NULL;
  g_autofree char *cancel = NULL;
  g_autofree char *replay = NULL;
  g_autofree char *names = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GPtrArray) events = NULL;

  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Hi\",\"background\":true}");
  g_assert_cmpstr (test_string (test, "status"), ==, "queued");
  g_assert_cmpuint (test_count (test, "output"), ==, 0);
  path = g_strconcat ("/responses/", test_string (test, "id"), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      test_expect (test, 200, "GET", path, NULL);
      g_assert_cmpstr (test_string (test, "status"), ==, states[i]);
    }
  cancel = g_strconcat (path, "/cancel", NULL);
  test_expect (test, 200, "POST", cancel, NULL);
  g_assert_cmpstr (test_string (test, "status"), ==, "completed");

  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Hi\",\"background\":true,\"stream\":true}");
  events = test_events (test);
  id = test_event_string (events, 1, "response.id");
  g_free (cancel);
  cancel = g_strdup_printf ("/responses/%s/cancel", id);
  test_expect (test, 200, "POST", cancel, NULL);
  g_assert_cmpstr (test_string (test, "status"), ==, "cancelled");
  replay = g_strdup_printf ("/responses/%s?stream=true", id);
  test_expect (test, 200, "GET", replay, NULL);
  names = event_names (test);
  g_assert_cmpstr (names, ==, "created queued in_progress");
  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Hi\"}");
  g_free (cancel);
  cancel = g_strdup_printf ("/responses/%s/cancel", test_string (test, "id"));
  test_expect (test, 400, "POST", cancel, NULL);
  test_expect (test, 404, "POST", "/responses/resp_none/cancel", NULL);
  test_no_violations (test);
}

static void
test_context (Test *test, gconstpointer data)
{
  g_autofree char *again = NULL;

  test_expect (test, 200, "POST", "/responses/input_tokens", "{\"model\":\"gpt-5\",\"input\":\"one two three\"}");
  g_assert_cmpint (test_int (test, "input_tokens"), ==, 6);
  test_expect (test, 200, "POST", "/responses/compact", "{\"model\":\"gpt-5\",\"input\":[{\"role\":\"user\",\"content\":\"Hello\"},{\"role\":\"assistant\",\"content\":\"Hi\"}]}");
  g_assert_cmpstr (test_string (test, "object"), ==, "response.compaction");
  g_assert_cmpuint (test_count (test, "output"), ==, 2);
  again = g_strdup_printf ("{\"model\":\"gpt-5\",\"input\":[{\"type\":\"compaction\",\"encrypted_content\":\"%s\"}]}", test_string (test, "output.1.encrypted_content"));
  test_expect (test, 200, "POST", "/responses", again);
  g_assert_cmpstr (test_string (test, "output.0.content.0.text"), ==, "You said: Hello");
  expect_events (test, "{\"model\":\"gpt-5\",\"stream\":true,\"input\":[{\"role\":\"user\",\"content\":\"Hello\"},{\"type\":\"compaction_trigger\"}]}",
                 "created in_progress output_item.added compaction.compacting output_item.done completed");
  test_expect (test, 200, "POST", "/responses", "{\"model\":\"gpt-5\",\"input\":\"Hi\",\"prompt_cache_options\":{\"comparison_response_id\":\"resp_none\"}}");
  g_assert_cmpstr (test_string (test, "prompt_cache_diagnostics.type"), ==, "comparison_response_not_found");
  test_no_violations (test);
}

static void
test_beta (Test *test, gconstpointer data)
{
  g_autofree char *path = NULL;

  test_expect (test, 200, "POST", "/responses?beta=true", "{\"model\":\"gpt-5\",\"input\":\"Hi\",\"multi_agent\":{\"enabled\":true}}");
  path = g_strdup_printf ("/responses/%s?beta=true", test_string (test, "id"));
  test_expect (test, 200, "GET", path, NULL);
  test_expect (test, 200, "DELETE", path, NULL);
  test_expect (test, 200, "POST", "/responses?beta=true", "{\"model\":\"gpt-5\",\"input\":\"Hi\",\"stream\":true}");
  test_expect (test, 200, "POST", "/responses?beta=true", "{\"model\":\"gpt-5\",\"input\":\"Let an agent do it\",\"multi_agent\":{\"enabled\":true}}");
  g_assert_cmpstr (test_string (test, "output.0.type"), ==, "multi_agent_call");
  test_expect (test, 200, "POST", "/responses/input_tokens?beta=true", "{\"model\":\"gpt-5\",\"input\":\"one two three\"}");
  test_expect (test, 200, "POST", "/responses/compact?beta=true", "{\"model\":\"gpt-5\",\"input\":\"Hi\"}");
  test_no_violations (test);
}

static void
test_conversation (Test *test, gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autofree char *path = NULL;
  g_autofree char *items = NULL;
  g_autofree char *item = NULL;
  g_autofree char *ask = NULL;

  test_expect (test, 200, "POST", "/conversations", "{\"metadata\":{\"a\":\"b\"},\"items\":[{\"role\":\"user\",\"content\":\"Hello\"}]}");
  id = g_strdup (test_string (test, "id"));
  path = g_strconcat ("/conversations/", id, NULL);
  items = g_strconcat (path, "/items", NULL);
  test_expect (test, 200, "POST", path, "{\"metadata\":{\"a\":\"c\"}}");
  test_expect (test, 200, "GET", path, NULL);
  g_assert_cmpstr (test_string (test, "metadata.a"), ==, "c");
  test_expect (test, 200, "POST", items, "{\"items\":[{\"role\":\"user\",\"content\":\"More\"},{\"type\":\"custom_tool_call\",\"call_id\":\"c\",\"name\":\"n\",\"input\":\"\"},"
                                         "{\"type\":\"custom_tool_call_output\",\"call_id\":\"c\",\"output\":\"\"}]}");
  g_assert_cmpuint (test_count (test, "data"), ==, 3);
  item = g_strconcat (items, "/", test_string (test, "data.0.id"), NULL);

  ask = g_strdup_printf ("{\"model\":\"gpt-5\",\"input\":\"Again\",\"conversation\":\"%s\"}", id);
  test_expect (test, 200, "POST", "/responses", ask);
  g_assert_cmpstr (test_string (test, "conversation.id"), ==, id);
  test_expect (test, 200, "GET", items, NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 6);
  g_assert_cmpstr (test_string (test, "data.0.content.0.text"), ==, "You said: Again");
  g_assert_cmpstr (test_string (test, "data.1.content.0.text"), ==, "Again");

  test_expect (test, 200, "GET", item, NULL);
  test_expect (test, 200, "DELETE", item, NULL);
  g_assert_cmpstr (test_string (test, "object"), ==, "conversation");
  test_expect (test, 404, "GET", item, NULL);
  test_expect (test, 200, "DELETE", path, NULL);
  g_assert_cmpstr (test_string (test, "object"), ==, "conversation.deleted");
  test_expect (test, 404, "GET", items, NULL);
  test_expect (test, 404, "POST", "/responses", ask);
  test_no_violations (test);
}

/* As servers of other vendors send them. */
static void
test_edits (Test *test, gconstpointer data)
{
  g_autoptr (OaiMockReply) fault = oai_mock_reply_new_pass ();
  g_autoptr (GPtrArray) events = NULL;
  g_autofree char *id = NULL;

  oai_mock_reply_omit_events (fault, "*.done");
  oai_mock_reply_edit_events (fault, "*", "sequence_number", NULL);
  oai_mock_reply_edit_events (fault, "response.output_text.delta", "item_id", "\"other\"");
  oai_mock_reply_edit_events (fault, "response.completed", "response.output", "[]");
  oai_mock_server_push_reply_for (test->server, "POST", "/responses", fault);
  expect_events (test, "{\"model\":\"gpt-5\",\"input\":\"Hi\",\"stream\":true}", "created in_progress output_item.added content_part.added output_text.delta completed");
  g_assert_null (strstr (test->text, "sequence_number"));
  events = test_events (test);
  id = test_event_string (events, 4, "item_id");
  g_assert_cmpstr (id, ==, "other");
  g_assert_nonnull (strstr (test->text, "event: response.completed"));
  g_assert_nonnull (strstr (events->pdata[events->len - 1], "\"output\":[]"));
}

void
test_add_responses (void)
{
  test_add ("/mock/responses/answer", test_text);
  test_add ("/mock/responses/stream", test_streams);
  test_add ("/mock/responses/vary-their-content", test_content);
  test_add ("/mock/responses/are-stored", test_stored);
  test_add ("/mock/responses/call-functions", test_function);
  test_add ("/mock/responses/choose-tools", test_tool_choice);
  test_add ("/mock/responses/execute-tools", test_hosted_tools);
  test_add ("/mock/responses/wait-for-tools-of-the-client", test_client_tools);
  test_add ("/mock/responses/wait-for-approval", test_approval);
  test_add ("/mock/responses/run-in-the-background", test_background);
  test_add ("/mock/responses/count-and-compact-their-context", test_context);
  test_add ("/mock/responses/have-a-beta-version", test_beta);
  test_add ("/mock/responses/can-imitate-other-servers", test_edits);
  test_add ("/mock/conversations/keep-items", test_conversation);
}
