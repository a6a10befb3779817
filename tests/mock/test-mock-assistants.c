/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-mock.h"

#include <string.h>

#define ASSISTANT "{\"model\":\"gpt-4o\",\"name\":\"Ann\",\"instructions\":\"Help.\",\"tools\":[{\"type\":\"code_interpreter\"},{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}}}]}"

static char *
make (Test *test, const char *path, const char *body)
{
  test_expect (test, 200, "POST", path, body);
  return g_strdup (test_string (test, "id"));
}

static void
test_assistants (Test *test, gconstpointer data)
{
  g_autofree char *id = make (test, "/assistants", ASSISTANT);
  g_autofree char *path = g_strconcat ("/assistants/", id, NULL);

  g_assert_cmpstr (test_string (test, "name"), ==, "Ann");
  test_expect (test, 200, "POST", path, "{\"name\":\"Bea\",\"tool_resources\":{\"code_interpreter\":{\"file_ids\":[]}}}");
  test_expect (test, 200, "GET", path, NULL);
  g_assert_cmpstr (test_string (test, "name"), ==, "Bea");
  test_expect (test, 200, "GET", "/assistants?order=desc&limit=3", NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 1);
  test_expect (test, 200, "DELETE", path, NULL);
  g_assert_cmpstr (test_string (test, "object"), ==, "assistant.deleted");
  test_expect (test, 404, "GET", path, NULL);
  test_no_violations (test);
}

static void
test_threads (Test *test, gconstpointer data)
{
  g_autofree char *id = make (test, "/threads", "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"metadata\":{\"a\":\"b\"}}");
  g_autofree char *path = g_strconcat ("/threads/", id, NULL);
  g_autofree char *messages = g_strconcat (path, "/messages", NULL);
  g_autofree char *message_id = NULL;
  g_autofree char *message = NULL;

  test_expect (test, 200, "POST", path, "{\"metadata\":{\"a\":\"c\"}}");
  test_expect (test, 200, "GET", path, NULL);
  g_assert_cmpstr (test_string (test, "metadata.a"), ==, "c");
  message_id = make (test, messages, "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"More\"},{\"type\":\"image_file\",\"image_file\":{\"file_id\":\"file-1\"}}],\"attachments\":[{\"file_id\":\"file-1\",\"tools\":[{\"type\":\"code_interpreter\"}]}]}");
  g_assert_cmpstr (test_string (test, "content.0.text.value"), ==, "More");
  message = g_strconcat (messages, "/", message_id, NULL);
  test_expect (test, 200, "POST", message, "{\"metadata\":{\"x\":\"y\"}}");
  test_expect (test, 200, "GET", message, NULL);
  g_assert_cmpstr (test_string (test, "metadata.x"), ==, "y");
  test_expect (test, 200, "GET", messages, NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 2);
  test_expect (test, 200, "DELETE", message, NULL);
  test_expect (test, 404, "GET", message, NULL);
  test_expect (test, 200, "DELETE", path, NULL);
  test_expect (test, 404, "GET", messages, NULL);
  test_no_violations (test);
}

static void
expect_run (Test *test, const char *path, const char *status)
{
  test_expect (test, 200, "GET", path, NULL);
  g_assert_cmpstr (test_string (test, "status"), ==, status);
}

static void
test_runs (Test *test, gconstpointer data)
{
  g_autofree char *assistant = make (test, "/assistants", ASSISTANT);
  g_autofree char *thread = make (test, "/threads", "{\"messages\":[{\"role\":\"user\",\"content\":\"Use the tool for Paris\"}]}");
  g_autofree char *body = g_strdup_printf ("{\"assistant_id\":\"%s\"}", assistant);
  g_autofree char *runs = g_strdup_printf ("/threads/%s/runs", thread);
  g_autofree char *messages = g_strdup_printf ("/threads/%s/messages", thread);
  g_autofree char *run = make (test, runs, body);
  g_autofree char *path = g_strconcat (runs, "/", run, NULL);
  g_autofree char *submit = g_strconcat (path, "/submit_tool_outputs", NULL);
  g_autofree char *steps = g_strconcat (path, "/steps", NULL);
  g_autofree char *step = NULL;
  g_autofree char *outputs = NULL;

  g_assert_cmpstr (test_string (test, "status"), ==, "queued");
  test_expect (test, 400, "POST", runs, body);
  test_expect (test, 400, "POST", messages, "{\"role\":\"user\",\"content\":\"x\"}");
  expect_run (test, path, "in_progress");
  expect_run (test, path, "requires_action");
  outputs = g_strdup_printf ("{\"tool_outputs\":[{\"tool_call_id\":\"%s\",\"output\":\"sunny\"}]}", test_string (test, "required_action.submit_tool_outputs.tool_calls.0.id"));
  expect_run (test, path, "requires_action");
  test_expect (test, 400, "POST", submit, "{\"tool_outputs\":[]}");
  test_expect (test, 200, "POST", submit, outputs);
  expect_run (test, path, "in_progress");
  expect_run (test, path, "completed");
  test_expect (test, 200, "POST", path, "{\"metadata\":{\"a\":\"b\"}}");
  test_expect (test, 200, "GET", runs, NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 1);
  test_expect (test, 200, "GET", steps, NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 2);
  step = g_strconcat (steps, "/", test_string (test, "data.1.id"), NULL);
  test_expect (test, 200, "GET", step, NULL);
  g_assert_cmpstr (test_string (test, "step_details.tool_calls.0.function.output"), ==, "sunny");
  test_expect (test, 200, "GET", messages, NULL);
  g_assert_cmpstr (test_string (test, "data.0.content.0.text.value"), ==, "The tool said: sunny");
  test_no_violations (test);
}

static void
test_cancel (Test *test, gconstpointer data)
{
  g_autofree char *assistant = make (test, "/assistants", ASSISTANT);
  g_autofree char *body = g_strdup_printf ("{\"assistant_id\":\"%s\",\"thread\":{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}}", assistant);
  g_autofree char *run = make (test, "/threads/runs", body);
  g_autofree char *path = g_strdup_printf ("/threads/%s/runs/%s", test_string (test, "thread_id"), run);
  g_autofree char *cancel = g_strconcat (path, "/cancel", NULL);

  test_expect (test, 200, "POST", cancel, NULL);
  g_assert_cmpstr (test_string (test, "status"), ==, "cancelling");
  expect_run (test, path, "cancelled");
  test_expect (test, 400, "POST", cancel, NULL);
  test_no_violations (test);
}

static void
test_failures (Test *test, gconstpointer data)
{
  g_autofree char *assistant = make (test, "/assistants", ASSISTANT);
  const char *const ends[] = { "fail", "expire" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"assistant_id\":\"%s\",\"thread\":{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}", assistant, ends[i]);
      g_autofree char *run = make (test, "/threads/runs", body);
      g_autofree char *path = g_strdup_printf ("/threads/%s/runs/%s", test_string (test, "thread_id"), run);

      expect_run (test, path, "in_progress");
      expect_run (test, path, i == 0 ? "failed" : "expired");
    }
  test_no_violations (test);
}

static void
check_events (Test *test, const char *const *names)
{
  g_autoptr (GPtrArray) events = test_events (test);
  guint next = 0;

  for (guint i = 0; i < events->len; i++)
    {
      const char *text = g_ptr_array_index (events, i);
      g_autofree char *name = g_strndup (text + 7, strcspn (text + 7, "\n"));

      if (g_str_equal (name, "thread.message.delta") && i > 0 && strstr (events->pdata[i - 1], "event: thread.message.delta") != NULL)
        continue;
      g_assert_cmpstr (name, ==, names[next]);
      next++;
    }
  g_assert_null (names[next]);
}

static void
test_streams (Test *test, gconstpointer data)
{
  const char *const plain[] = { "thread.created", "thread.run.created", "thread.run.queued", "thread.run.in_progress", "thread.run.step.created", "thread.run.step.in_progress",
                                "thread.message.created", "thread.message.in_progress", "thread.message.delta", "thread.message.completed", "thread.run.step.completed",
                                "thread.run.completed", "done", NULL };
  const char *const action[] = { "thread.run.created", "thread.run.queued", "thread.run.in_progress", "thread.run.step.created", "thread.run.step.in_progress",
                                 "thread.run.step.delta", "thread.run.requires_action", "done", NULL };
  const char *const rest[] = { "thread.run.step.completed", "thread.run.queued", "thread.run.in_progress", "thread.run.step.created", "thread.run.step.in_progress",
                               "thread.message.created", "thread.message.in_progress", "thread.message.delta", "thread.message.completed", "thread.run.step.completed",
                               "thread.run.completed", "done", NULL };
  g_autofree char *assistant = make (test, "/assistants", ASSISTANT);
  g_autofree char *thread = make (test, "/threads", "{\"messages\":[{\"role\":\"user\",\"content\":\"Use the tool for Paris\"}]}");
  g_autofree char *both = g_strdup_printf ("{\"assistant_id\":\"%s\",\"stream\":true,\"thread\":{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}}", assistant);
  g_autofree char *body = g_strdup_printf ("{\"assistant_id\":\"%s\",\"stream\":true}", assistant);
  g_autofree char *runs = g_strdup_printf ("/threads/%s/runs", thread);
  g_autofree char *submit = NULL;
  g_autofree char *outputs = NULL;

  test_expect (test, 200, "POST", "/threads/runs", both);
  check_events (test, plain);
  test_expect (test, 200, "POST", runs, body);
  check_events (test, action);
  test_expect (test, 200, "GET", runs, NULL);
  submit = g_strdup_printf ("%s/%s/submit_tool_outputs", runs, test_string (test, "data.0.id"));
  outputs = g_strdup_printf ("{\"tool_outputs\":[{\"tool_call_id\":\"%s\",\"output\":\"sunny\"}],\"stream\":true}", test_string (test, "data.0.required_action.submit_tool_outputs.tool_calls.0.id"));
  test_expect (test, 200, "POST", submit, outputs);
  check_events (test, rest);
  test_no_violations (test);
}

static void
expect_v1 (Test *test, guint status, const char *method, const char *path, const char *body)
{
  g_autofree char *url = g_strconcat (oai_mock_server_get_base_url (test->server), path, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (method, url);

  soup_message_headers_append (soup_message_get_request_headers (message), "OpenAI-Beta", "assistants=v1");
  test_send_message (test, message, body);
  if (test->status != status)
    g_test_message ("%s %s: %s", method, path, test->text);
  g_assert_cmpuint (test->status, ==, status);
}

static void
test_first_version (Test *test, gconstpointer data)
{
  static const char form[] = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nassistants\r\n--b--\r\n";

  test_send_form (test, "/files", "b", form, sizeof form - 1);
  expect_v1 (test, 200, "POST", "/assistants", "{\"model\":\"gpt-3.5-turbo\",\"tools\":[{\"type\":\"retrieval\"}],\"file_ids\":[]}");
  expect_v1 (test, 200, "POST", "/assistants/asst_00000002/files", "{\"file_id\":\"file-00000001\"}");
  g_assert_cmpstr (test_string (test, "object"), ==, "assistant.file");
  expect_v1 (test, 404, "POST", "/assistants/asst_00000002/files", "{\"file_id\":\"file-none\"}");
  expect_v1 (test, 200, "GET", "/assistants/asst_00000002", NULL);
  g_assert_cmpstr (test_string (test, "file_ids.0"), ==, "file-00000001");
  expect_v1 (test, 200, "GET", "/assistants/asst_00000002/files", NULL);
  g_assert_cmpuint (test_count (test, "data"), ==, 1);
  expect_v1 (test, 200, "GET", "/assistants/asst_00000002/files/file-00000001", NULL);
  expect_v1 (test, 200, "DELETE", "/assistants/asst_00000002/files/file-00000001", NULL);
  expect_v1 (test, 404, "GET", "/assistants/asst_00000002/files/file-00000001", NULL);
  expect_v1 (test, 200, "GET", "/files/file-00000001/content", NULL);

  expect_v1 (test, 200, "POST", "/threads", NULL);
  expect_v1 (test, 200, "POST", "/threads/thread_00000003/messages", "{\"role\":\"user\",\"content\":\"Hi\",\"file_ids\":[\"file-00000001\"]}");
  g_assert_cmpstr (test_string (test, "file_ids.0"), ==, "file-00000001");
  expect_v1 (test, 200, "GET", "/threads/thread_00000003/messages/msg_00000004/files", NULL);
  g_assert_cmpstr (test_string (test, "data.0.object"), ==, "thread.message.file");
  expect_v1 (test, 200, "GET", "/threads/thread_00000003/messages/msg_00000004/files/file-00000001", NULL);
  expect_v1 (test, 200, "POST", "/threads/thread_00000003/runs", "{\"assistant_id\":\"asst_00000002\"}");
  g_assert_cmpuint (test_count (test, "file_ids"), ==, 0);
  test_no_violations (test);
}

void
test_add_assistants (void)
{
  test_add ("/mock/assistants/are-made-changed-and-deleted", test_assistants);
  test_add ("/mock/threads/hold-messages", test_threads);
  test_add ("/mock/runs/move-on-as-they-are-polled", test_runs);
  test_add ("/mock/runs/can-be-cancelled", test_cancel);
  test_add ("/mock/runs/can-fail-and-expire", test_failures);
  test_add ("/mock/runs/stream-their-events", test_streams);
  test_add ("/mock/assistants/first-version-has-files", test_first_version);
}
