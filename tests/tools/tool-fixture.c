/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool-fixture.h"

#include <string.h>

#include "oai-mock.h"

typedef struct
{
  guint n;
  gboolean cancelled;
} Ended;

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Ended *ended = user_data;
  g_autoptr(GError) error = NULL;

  if (!oai_tool_call_run_finish (OAI_TOOL_CALL (source), result, &error))
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      ended->cancelled = TRUE;
    }
  ended->n++;
}

OaiToolCall *
run_tool (OaiTool *tool, const char *arguments)
{
  OaiToolCall *call = oai_tool_call_new (tool, "call_1", oai_tool_get_name (tool), arguments);
  Ended ended = { 0 };

  oai_tool_call_run_async (call, NULL, ended_cb, &ended);
  while (ended.n == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (ended.cancelled);
  g_assert_nonnull (oai_tool_call_get_output (call));

  return call;
}

void
check_tool (OaiTool *tool, const char *arguments, const char *output)
{
  g_autoptr(OaiToolCall) call = run_tool (tool, arguments);

  g_assert_cmpstr (oai_tool_call_get_output (call), ==, output);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_SUCCEEDED);
}

void
check_tool_rejects (OaiTool *tool, const char *arguments, const char *text)
{
  g_autoptr(OaiToolCall) call = run_tool (tool, arguments);

  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_FAILED);
  g_assert_nonnull (strstr (oai_tool_call_get_output (call), "error"));
  if (strstr (oai_tool_call_get_output (call), text) == NULL)
    g_error ("“%s” does not contain “%s”", oai_tool_call_get_output (call), text);
}

/* Blocking calls */

static void
push_reply (OaiMockServer *server, const char *message)
{
  g_autofree char *json = g_strdup_printf ("{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":"
                                           "[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\",%s}}]}",
                                           message);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, json);

  oai_mock_server_push_reply (server, reply);
}

static gboolean
approve_cb (gpointer user_data)
{
  oai_tool_call_approve (user_data);

  return G_SOURCE_REMOVE;
}

static void
approve_later (OaiSession *session, OaiToolCall *call)
{
  g_timeout_add_full (G_PRIORITY_DEFAULT, 5, approve_cb, g_object_ref (call), g_object_unref);
}

/* Sends a message, which is answered by a call of the tool.  Returns the call. */
static OaiToolCall *
send_blocking (OaiMockServer *server, OaiTool *tool)
{
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSettings) settings = oai_settings_new_for_base_url (oai_mock_server_get_base_url (server), NULL);
  g_autoptr(OaiClient) client = oai_client_new (auth, settings);
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();
  g_autoptr(OaiSession) session = oai_chat_session_new (client, "m");
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(OaiSessionItem) call = NULL;

  oai_toolset_add (toolset, tool, &error);
  g_assert_no_error (error);
  oai_session_set_toolset (session, toolset);
  oai_session_set_streaming (session, FALSE);
  g_signal_connect (session, "approval-requested", G_CALLBACK (approve_later), NULL);
  answer = oai_session_send (session, "Hi", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_item_get_text (answer), ==, "Done");
  call = g_list_model_get_item (G_LIST_MODEL (session), 1);

  return g_object_ref (oai_session_item_get_call (call));
}

void
check_tool_blocks (OaiTool *tool, const char *arguments, const char *output)
{
  g_autoptr(OaiMockServer) server = oai_mock_server_new ();
  g_autofree char *escaped = g_strescape (arguments, NULL);
  g_autofree char *message = g_strdup_printf ("\"content\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\","
                                              "\"function\":{\"name\":\"%s\",\"arguments\":\"%s\"}}]",
                                              oai_tool_get_name (tool), escaped);
  g_autoptr(OaiToolCall) call = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_start_in_thread (server, &error);
  g_assert_no_error (error);
  push_reply (server, message);
  push_reply (server, "\"content\":\"Done\"");
  call = send_blocking (server, tool);
  g_assert_cmpstr (oai_tool_call_get_output (call), ==, output);
  oai_mock_server_stop (server);
}

/* Hostile arguments */

static char *
nest (const char *name, guint depth)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "{\"%s\":", name);
  for (guint i = 0; i < depth; i++)
    g_string_append_c (text, '[');
  for (guint i = 0; i < depth; i++)
    g_string_append_c (text, ']');
  g_string_append_c (text, '}');

  return g_string_free (text, FALSE);
}

static void
survive (OaiTool *tool, const char *arguments)
{
  g_autoptr(OaiToolCall) call = run_tool (tool, arguments);

  g_assert_true (oai_tool_call_has_ended (call));
}

/* Values for each argument of a tool, by the names in its schema. */
static void
survive_values (OaiTool *tool, const char *name)
{
  static const char *const values[] = {
    "null", "true", "0", "-1", "1.5", "1e400", "-1e400", "NaN", "Infinity", "9223372036854775807", "9223372036854775808", "18446744073709551616",
    "99999999999999999999999999999999999999", "\"\"", "\"text\"", "\"\\u0000\"", "\"\\ud800\"", "\"\xff\xfe\"", "[]", "[null]", "[1,\"a\",{}]", "{}", "{\"a\":{\"b\":[]}}",
    "{\"a\":1,\"a\":2}", "[[[]]]", "\"%n%s\"", "\"../../etc/passwd\"",
  };
  g_autofree char *deep = nest (name, 10000);
  g_autofree char *nested = nest (name, 200);

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *arguments = g_strdup_printf ("{\"%s\":%s}", name, values[i]);

      survive (tool, arguments);
    }
  survive (tool, deep);
  survive (tool, nested);
}

/* Returns the names of the members of "properties". */
static GPtrArray *
list_arguments (OaiTool *tool)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *json = oai_json_schema_get_json (oai_tool_get_parameters (tool));
  g_autoptr(GRegex) regex = g_regex_new ("\"(\\w+)\":\\{", 0, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;

  for (g_regex_match (regex, json, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    g_ptr_array_add (names, g_match_info_fetch (match, 1));

  return names;
}

void
check_tool_survives (OaiTool *tool)
{
  static const char *const texts[] = {
    "", " ", "{}", "[]", "null", "1", "\"text\"", "{", "{\"a\"", "{\"a\":}", "\xff", "{\"unknown\":1}", "{\"\":\"\"}", "NaN", "{\"a\":NaN}", "{}{}",
  };
  g_autoptr(GPtrArray) names = list_arguments (tool);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    survive (tool, texts[i]);
  for (guint i = 0; i < names->len; i++)
    survive_values (tool, g_ptr_array_index (names, i));
}

/* Cancellation */

/* Returns whether the call was cancelled. */
static gboolean
cancel_after (OaiTool *tool, const char *arguments, int n_iterations)
{
  g_autoptr(OaiToolCall) call = oai_tool_call_new (tool, "call_1", oai_tool_get_name (tool), arguments);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Ended ended = { 0 };

  if (n_iterations < 0)
    g_cancellable_cancel (cancellable);
  oai_tool_call_run_async (call, cancellable, ended_cb, &ended);
  for (int i = 0; i < n_iterations && ended.n == 0; i++)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  while (ended.n == 0)
    g_main_context_iteration (NULL, TRUE);

  /* The function of the tool may still be pending. */
  for (guint i = 0; i < 20; i++)
    {
      g_usleep (1000);
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpuint (ended.n, ==, 1);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, ended.cancelled ? OAI_TOOL_CALL_STATE_CANCELLED : OAI_TOOL_CALL_STATE_SUCCEEDED);

  return ended.cancelled;
}

void
check_tool_cancels (OaiTool *tool, const char *arguments)
{
  int n = -1;

  while (cancel_after (tool, arguments, n))
    n++;
}
