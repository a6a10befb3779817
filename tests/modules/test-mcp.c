/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client of MCP servers that are subprocesses: mcp-server.py, with good and with hostile behaviour, in the revisions with and
 * without sessions. */

#include "mcp-fixture.h"

#include <unistd.h>

static const char *python;
static const char *script;

/* behaviours: separated by blanks */
static OaiMcpClient *
new_client (const char *era, const char *behaviours)
{
  const char *const environment[] = { "SERVER_KEY=secret-of-the-server", NULL };
  g_auto(GStrv) split = g_strsplit (behaviours, " ", -1);
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer) python);
  g_ptr_array_add (argv, (gpointer) script);
  g_ptr_array_add (argv, (gpointer) "--era");
  g_ptr_array_add (argv, (gpointer) era);
  for (guint i = 0; split[i] != NULL; i++)
    g_ptr_array_add (argv, split[i]);
  g_ptr_array_add (argv, NULL);

  return oai_mcp_client_new_for_command ((const char *const *) argv->pdata, environment);
}

static void
set_up (McpFixture *self, const char *era, const char *behaviours)
{
  *self = (McpFixture) { .client = new_client (era, behaviours), .log = g_string_new (NULL) };
}

static void
connect_to (McpFixture *self, const char *era, const char *behaviours)
{
  g_autoptr(GError) error = NULL;

  set_up (self, era, behaviours);
  try_connect (self, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oai_mcp_client_get_state (self->client), ==, OAI_MCP_STATE_CONNECTED);
}

/* All children of this process have been reaped. */
static void
assert_no_children (void)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", (int) getpid ());
  gint64 deadline = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  while (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_autofree char *children = NULL;

      g_assert_true (g_file_get_contents (path, &children, NULL, NULL));
      if (*children == '\0')
        break;
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

static void
release (McpFixture *self)
{
  release_client (self);
  assert_no_children ();
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* log: what the requests that were pending have appended to the log */
static void
tear_down_pending (McpFixture *self, const char *log)
{
  close_client (self);
  if (log != NULL)
    g_assert_cmpstr (self->log->str, ==, log);
  release (self);
}

static void
tear_down (McpFixture *self)
{
  tear_down_pending (self, NULL);
}

static const char *
get_text (OaiMcpToolResult *result)
{
  GPtrArray *parts = oai_mcp_tool_result_get_content_parts (result);

  g_assert_cmpuint (parts->len, ==, 1);

  return oai_mcp_text_content_get_text (parts->pdata[0]);
}

static void
assert_tool_text (McpFixture *self, const char *name, const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMcpToolResult) result = call_tool (self, name, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (get_text (result), ==, expected);
}

/* Both kinds of revisions */

static void
test_connect (gconstpointer era)
{
  McpFixture self;
  OaiMcpCapabilities *capabilities;

  connect_to (&self, era, "banner");
  g_assert_cmpstr (oai_mcp_client_get_protocol_version (self.client), ==, g_str_equal (era, "session") ? "2025-11-25" : "2026-07-28");
  g_assert_cmpstr (oai_mcp_implementation_get_name (oai_mcp_client_get_server_info (self.client)), ==, "test");
  g_assert_cmpstr (oai_mcp_client_get_instructions (self.client), ==, "Add numbers.");
  capabilities = oai_mcp_client_get_capabilities (self.client);
  g_assert_true (oai_mcp_list_capability_get_list_changed (oai_mcp_capabilities_get_tools (capabilities)));
  tear_down (&self);
}

static void
test_tools (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) tools = NULL;
  g_autoptr(OaiMcpToolResult) sum = NULL;
  g_autoptr(OaiMcpToolResult) failed = NULL;
  g_autoptr(OaiMcpToolResult) media = NULL;
  g_autoptr(OaiMcpToolResult) none = NULL;
  GPtrArray *parts;

  connect_to (&self, era, "");
  tools = list_tools (&self, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tools->len, ==, 15);
  g_assert_cmpstr (oai_mcp_tool_get_name (tools->pdata[0]), ==, "add");
  g_assert_nonnull (strstr (oai_mcp_tool_get_input_schema (tools->pdata[0]), "\"integer\""));

  sum = call_tool (&self, "add", "{\"a\":2,\"b\":3}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (get_text (sum), ==, "5");
  g_assert_cmpstr (oai_mcp_tool_result_get_structured_content (sum), ==, "{\"sum\":5}");
  g_assert_false (oai_mcp_tool_result_get_is_error (sum));

  failed = call_tool (&self, "fail", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oai_mcp_tool_result_get_is_error (failed));

  media = call_tool (&self, "media", NULL, &error);
  g_assert_no_error (error);
  parts = oai_mcp_tool_result_get_content_parts (media);
  g_assert_cmpuint (parts->len, ==, 6);
  g_assert_true (OAI_IS_MCP_IMAGE_CONTENT (parts->pdata[1]));
  g_assert_true (OAI_IS_MCP_AUDIO_CONTENT (parts->pdata[2]));
  g_assert_true (OAI_IS_MCP_RESOURCE_LINK (parts->pdata[3]));
  g_assert_cmpstr (oai_mcp_resource_contents_get_text (oai_mcp_embedded_resource_get_resource (parts->pdata[4])), ==, "An embedded text.");
  g_assert_true (G_OBJECT_TYPE (parts->pdata[5]) == OAI_TYPE_MCP_CONTENT);

  none = call_tool (&self, "none", NULL, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  g_assert_null (none);
  g_clear_error (&error);
  g_assert_null (call_tool (&self, "add", "[1]", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  tear_down (&self);
}

static void
test_environment (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMcpToolResult) result = NULL;

  g_setenv ("OPENAI_API_KEY", "sk-not-for-servers", TRUE);
  connect_to (&self, "session", "");
  result = call_tool (&self, "environment", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (strstr (get_text (result), "OPENAI_API_KEY"));
  g_assert_nonnull (strstr (get_text (result), "SERVER_KEY"));
  g_assert_nonnull (strstr (get_text (result), "PATH"));
  g_unsetenv ("OPENAI_API_KEY");
  tear_down (&self);
}

static void
test_resources (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) resources = NULL;
  g_autoptr(GPtrArray) templates = NULL;
  g_autoptr(GPtrArray) contents = NULL;
  g_autoptr(OaiMcpCompletion) completion = NULL;
  GAsyncResult *result;

  connect_to (&self, era, "");
  oai_mcp_client_list_resources_async (self.client, NULL, result_cb, &self);
  result = wait_result (&self);
  resources = oai_mcp_client_list_resources_finish (self.client, result, &error);
  g_object_unref (result);
  g_assert_no_error (error);
  g_assert_cmpuint (resources->len, ==, 2);

  oai_mcp_client_list_resource_templates_async (self.client, NULL, result_cb, &self);
  result = wait_result (&self);
  templates = oai_mcp_client_list_resource_templates_finish (self.client, result, &error);
  g_object_unref (result);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_mcp_resource_template_get_uri_template (templates->pdata[0]), ==, "test://{name}");

  oai_mcp_client_read_resource_async (self.client, "test://text", NULL, result_cb, &self);
  result = wait_result (&self);
  contents = oai_mcp_client_read_resource_finish (self.client, result, &error);
  g_object_unref (result);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_mcp_resource_contents_get_text (contents->pdata[0]), ==, "The text.");

  oai_mcp_client_complete_resource_async (self.client, "test://{name}", "name", "te", "{\"other\":\"x\"}", NULL, result_cb, &self);
  result = wait_result (&self);
  completion = oai_mcp_client_complete_resource_finish (self.client, result, &error);
  g_object_unref (result);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_mcp_completion_get_values (completion)[1], ==, "te!");

  oai_mcp_client_read_resource_async (self.client, "test://none", NULL, result_cb, &self);
  result = wait_result (&self);
  g_assert_null (oai_mcp_client_read_resource_finish (self.client, result, &error));
  g_object_unref (result);
  if (g_str_equal (era, "session"))
    g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  else
    g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  tear_down (&self);
}

static void
test_prompts (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) prompts = NULL;
  g_autoptr(OaiMcpPromptResult) prompt = NULL;
  g_autoptr(OaiMcpCompletion) completion = NULL;
  OaiMcpPromptMessage *message;
  GAsyncResult *result;

  connect_to (&self, era, "");
  oai_mcp_client_list_prompts_async (self.client, NULL, result_cb, &self);
  result = wait_result (&self);
  prompts = oai_mcp_client_list_prompts_finish (self.client, result, &error);
  g_object_unref (result);
  g_assert_no_error (error);
  g_assert_cmpuint (prompts->len, ==, 1);
  g_assert_cmpuint (oai_mcp_prompt_get_argument_list (prompts->pdata[0])->len, ==, 2);

  oai_mcp_client_request_prompt_async (self.client, "greet", "{\"who\":\"you\"}", NULL, result_cb, &self);
  result = wait_result (&self);
  prompt = oai_mcp_client_request_prompt_finish (self.client, result, &error);
  g_object_unref (result);
  g_assert_no_error (error);
  message = oai_mcp_prompt_result_get_messages (prompt)->pdata[0];
  g_assert_cmpstr (oai_mcp_text_content_get_text (OAI_MCP_TEXT_CONTENT (oai_mcp_prompt_message_get_content (message))), ==, "Hello, you");

  oai_mcp_client_complete_prompt_async (self.client, "greet", "who", "y", NULL, NULL, result_cb, &self);
  result = wait_result (&self);
  completion = oai_mcp_client_complete_prompt_finish (self.client, result, &error);
  g_object_unref (result);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_mcp_completion_get_values (completion)[0], ==, "ref/prompt");
  tear_down (&self);
}

static void
log_cb (OaiMcpClient *client, gpointer argument, McpFixture *self)
{
  g_string_append_printf (self->log, "%s %s;", oai_mcp_log_message_get_level (argument), oai_mcp_log_message_get_data (argument));
}

static void
updated_cb (OaiMcpClient *client, const char *uri, McpFixture *self)
{
  g_string_append_printf (self->log, "updated %s;", uri);
}

static void
prompts_changed_cb (OaiMcpClient *client, McpFixture *self)
{
  g_string_append (self->log, "prompts;");
}

static void
resources_changed_cb (OaiMcpClient *client, McpFixture *self)
{
  g_string_append (self->log, "resources;");
}

static void
test_notifications (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;
  GAsyncResult *result;

  connect_to (&self, era, "");
  g_signal_connect (self.client, "resource-updated", G_CALLBACK (updated_cb), &self);
  g_signal_connect (self.client, "tools-changed", G_CALLBACK (log_tools_changed_cb), &self);
  g_signal_connect (self.client, "prompts-changed", G_CALLBACK (prompts_changed_cb), &self);
  g_signal_connect (self.client, "resources-changed", G_CALLBACK (resources_changed_cb), &self);
  assert_tool_text (&self, "change-tools", "changed");
  wait_until (strcmp (self.log->str, "tools;prompts;resources;") == 0);

  g_string_truncate (self.log, 0);
  oai_mcp_client_subscribe_async (self.client, "test://text", NULL, result_cb, &self);
  result = wait_result (&self);
  oai_mcp_client_subscribe_finish (self.client, result, &error);
  g_object_unref (result);
  g_assert_no_error (error);
  wait_until (strcmp (self.log->str, "updated test://text;") == 0);

  oai_mcp_client_unsubscribe_async (self.client, "test://text", NULL, result_cb, &self);
  result = wait_result (&self);
  oai_mcp_client_unsubscribe_finish (self.client, result, &error);
  g_object_unref (result);
  g_assert_no_error (error);

  oai_mcp_client_ping_async (self.client, NULL, result_cb, &self);
  result = wait_result (&self);
  oai_mcp_client_ping_finish (self.client, result, &error);
  g_object_unref (result);
  g_assert_no_error (error);
  tear_down (&self);
}

static gboolean
try_subscribe (McpFixture *self, const char *uri, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_mcp_client_subscribe_async (self->client, uri, NULL, result_cb, self);
  result = wait_result (self);

  return oai_mcp_client_subscribe_finish (self->client, result, error);
}

/* A subscription that the server refuses changes nothing: the other changes are reported, once each. */
static void
test_refused_subscription (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  connect_to (&self, "stateless", "");
  g_signal_connect (self.client, "resource-updated", G_CALLBACK (updated_cb), &self);
  g_signal_connect (self.client, "tools-changed", G_CALLBACK (log_tools_changed_cb), &self);
  g_assert_false (try_subscribe (&self, "test://refused", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  g_clear_error (&error);
  g_assert_false (try_subscribe (&self, "test://omitted", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  g_clear_error (&error);
  oai_mcp_client_set_timeout_ms (self.client, 50);
  g_assert_false (try_subscribe (&self, "test://silent", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  oai_mcp_client_set_timeout_ms (self.client, 20000);

  assert_tool_text (&self, "change-tools", "changed");
  wait_until (strcmp (self.log->str, "tools;") == 0);
  g_assert_true (try_subscribe (&self, "test://text", &error));
  g_assert_no_error (error);
  assert_tool_text (&self, "change-tools", "changed");
  wait_until (g_str_has_suffix (self.log->str, "updated test://text;tools;"));
  g_assert_cmpstr (self.log->str, ==, "tools;updated test://text;tools;");
  tear_down (&self);
}

static void
subscribed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McpFixture *self = user_data;
  g_autoptr(GError) error = NULL;

  if (oai_mcp_client_subscribe_finish (OAI_MCP_CLIENT (source), result, &error))
    g_string_append (self->log, "subscribed;");
  else
    g_string_append_printf (self->log, "%s %d;", g_quark_to_string (error->domain), error->code);
}

/* Without a time limit, a subscription that the server does not acknowledge can be cancelled, and others wait for it. */
static void
test_cancel_subscription (void)
{
  McpFixture self;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *cancelled = g_strdup_printf ("%s %d;subscribed;", g_quark_to_string (G_IO_ERROR), G_IO_ERROR_CANCELLED);
  g_autofree char *closed = g_strdup_printf ("%s %d;", g_quark_to_string (OAI_ERROR), OAI_ERROR_CONNECTION);
  g_autofree char *twice = g_strconcat (closed, closed, NULL);

  connect_to (&self, "stateless", "");
  oai_mcp_client_set_timeout_ms (self.client, 0);
  oai_mcp_client_subscribe_async (self.client, "test://silent", cancellable, subscribed_cb, &self);
  oai_mcp_client_subscribe_async (self.client, "test://text", NULL, subscribed_cb, &self);
  assert_tool_text (&self, "files/read.all", "all files");
  g_assert_null (strstr (self.log->str, ":"));
  g_cancellable_cancel (cancellable);
  wait_until (strcmp (self.log->str, cancelled) == 0);

  g_string_truncate (self.log, 0);
  oai_mcp_client_subscribe_async (self.client, "test://silent", NULL, subscribed_cb, &self);
  oai_mcp_client_subscribe_async (self.client, "test://text", NULL, subscribed_cb, &self);
  assert_tool_text (&self, "files/read.all", "all files");
  g_assert_null (strstr (self.log->str, ":"));
  tear_down_pending (&self, twice);
}

/* A server that fails to report changes is requested to do it again. */
static void
test_deaf (void)
{
  McpFixture self;

  connect_to (&self, "stateless", "deaf");
  g_signal_connect (self.client, "tools-changed", G_CALLBACK (log_tools_changed_cb), &self);
  while (self.log->len == 0)
    {
      assert_tool_text (&self, "change-tools", "changed");
      g_usleep (20000);
    }
  tear_down (&self);
}

static void
test_log (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  set_up (&self, "session", "");
  oai_mcp_client_set_log_level (self.client, OAI_MCP_LOG_LEVEL_WARNING);
  g_signal_connect (self.client, "log-message", G_CALLBACK (log_cb), &self);
  try_connect (&self, &error);
  g_assert_no_error (error);
  wait_until (strcmp (self.log->str, "warning {\"now\":\"warning\"};") == 0);
  oai_mcp_client_set_log_level (self.client, OAI_MCP_LOG_LEVEL_ERROR);
  wait_until (g_str_has_suffix (self.log->str, "error {\"now\":\"error\"};"));
  tear_down (&self);
}

static void
test_stateless_log (void)
{
  McpFixture self;

  connect_to (&self, "stateless", "");
  g_signal_connect (self.client, "log-message", G_CALLBACK (log_cb), &self);
  assert_tool_text (&self, "log", "None");
  oai_mcp_client_set_log_level (self.client, OAI_MCP_LOG_LEVEL_NOTICE);
  assert_tool_text (&self, "log", "notice");
  g_assert_cmpstr (self.log->str, ==, "notice \"logged\";");
  oai_mcp_client_set_log_level (self.client, NULL);
  assert_tool_text (&self, "log", "None");
  tear_down (&self);
}

/* An error of the server does not contain the values that it got. */
static void
test_secrets (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  connect_to (&self, "session", "");
  g_assert_null (call_tool (&self, "echo-key", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_SERVER);
  g_assert_nonnull (strstr (error->message, "The key is [2J "));
  g_assert_null (strstr (error->message, "secret-of-the-server"));
  tear_down (&self);
}

/* Requests of the server */

static void
accept_cb (OaiMcpClient *client, OaiMcpElicitation *elicitation, McpFixture *self)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpstr (oai_mcp_elicitation_get_message (elicitation), ==, "Who?");
  g_assert_nonnull (strstr (oai_mcp_elicitation_get_schema (elicitation), "\"name\""));
  g_assert_null (oai_mcp_elicitation_get_url (elicitation));
  g_assert_false (oai_mcp_elicitation_accept (elicitation, "[]", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (oai_mcp_elicitation_accept (elicitation, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_true (oai_mcp_elicitation_accept (elicitation, "{\"name\":\"me\"}", &error));
  g_assert_no_error (error);
  oai_mcp_elicitation_decline (elicitation);
}

static gboolean
answer_later (gpointer user_data)
{
  oai_mcp_elicitation_cancel (user_data);

  return G_SOURCE_REMOVE;
}

static void
later_cb (OaiMcpClient *client, OaiMcpElicitation *elicitation, McpFixture *self)
{
  g_timeout_add_full (G_PRIORITY_DEFAULT, 20, answer_later, g_object_ref (elicitation), g_object_unref);
}

static gboolean
answer_late (gpointer user_data)
{
  oai_mcp_elicitation_accept (user_data, "{}", NULL);

  return G_SOURCE_REMOVE;
}

static void
late_cb (OaiMcpClient *client, OaiMcpElicitation *elicitation, McpFixture *self)
{
  g_timeout_add_full (G_PRIORITY_DEFAULT, 1500, answer_late, g_object_ref (elicitation), g_object_unref);
}

/* The user may take more time than a request. */
static void
test_late_answer (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  set_up (&self, era, "");
  g_signal_connect (self.client, "elicitation-requested", G_CALLBACK (late_cb), &self);
  try_connect (&self, &error);
  g_assert_no_error (error);
  oai_mcp_client_set_timeout_ms (self.client, 1000);
  assert_tool_text (&self, "form", "{\"action\": \"accept\", \"content\": {}}");
  tear_down (&self);
}

static void
ignore_cb (OaiMcpClient *client, gpointer request, McpFixture *self)
{
}

static void
test_elicitation (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;
  gulong handler;

  set_up (&self, era, "");
  handler = g_signal_connect (self.client, "elicitation-requested", G_CALLBACK (accept_cb), &self);
  try_connect (&self, &error);
  g_assert_no_error (error);
  assert_tool_text (&self, "form", "{\"action\": \"accept\", \"content\": {\"name\": \"me\"}}");
  g_signal_handler_disconnect (self.client, handler);

  handler = g_signal_connect (self.client, "elicitation-requested", G_CALLBACK (later_cb), &self);
  assert_tool_text (&self, "form", "{\"action\": \"cancel\"}");
  g_signal_handler_disconnect (self.client, handler);

  handler = g_signal_connect (self.client, "elicitation-requested", G_CALLBACK (ignore_cb), &self);
  assert_tool_text (&self, "form", "{\"action\": \"decline\"}");
  g_signal_handler_disconnect (self.client, handler);
  assert_tool_text (&self, "form", "{\"action\": \"decline\"}");
  tear_down (&self);
}

static void
url_cb (OaiMcpClient *client, OaiMcpElicitation *elicitation, McpFixture *self)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpstr (oai_mcp_elicitation_get_message (elicitation), ==, "Sign in");
  g_assert_cmpstr (oai_mcp_elicitation_get_id (elicitation), ==, "e1");
  g_string_append_printf (self->log, "%s;", oai_mcp_elicitation_get_url (elicitation));
  g_assert_true (oai_mcp_elicitation_accept (elicitation, NULL, &error));
  g_assert_no_error (error);
}

static void
url_completed_cb (OaiMcpClient *client, const char *id, McpFixture *self)
{
  g_string_append_printf (self->log, "%s;", id);
}

static void
connect_with_url (McpFixture *self, const char *era, const char *behaviours)
{
  g_autoptr(GError) error = NULL;

  set_up (self, era, behaviours);
  g_signal_connect (self->client, "url-requested", G_CALLBACK (url_cb), self);
  g_signal_connect (self->client, "url-completed", G_CALLBACK (url_completed_cb), self);
  try_connect (self, &error);
  g_assert_no_error (error);
}

/* A handler never gets a file, a script, or a user name that looks like a host. */
static void
check_link_rejected (const char *era, const char *behaviour)
{
  McpFixture self;
  g_autoptr(OaiMcpToolResult) bad = NULL;
  g_autoptr(GError) error = NULL;

  connect_with_url (&self, era, behaviour);
  bad = call_tool (&self, "link", NULL, &error);
  if (g_str_equal (era, "session"))
    g_assert_nonnull (strstr (get_text (bad), "-32602"));
  else
    g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_null (strstr (self.log->str, ":"));
  tear_down (&self);
}

static void
test_url (gconstpointer era)
{
  gboolean is_session = g_str_equal (era, "session");
  McpFixture self;

  connect_with_url (&self, era, "");
  assert_tool_text (&self, "link", "{\"action\": \"accept\"}");
  g_assert_cmpstr (self.log->str, ==, is_session ? "e1;https://example.org/in?a=b;" : "https://example.org/in?a=b;");
  tear_down (&self);

  check_link_rejected (era, "bad-link");
  check_link_rejected (era, "false-link");
}

static void
decline_cb (OaiMcpClient *client, OaiMcpElicitation *elicitation, McpFixture *self)
{
  oai_mcp_elicitation_decline (elicitation);
}

/* A request that the server refuses until the user has opened a URL is sent again when the user agrees. */
static void
test_url_first (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  connect_with_url (&self, "session", "refuses-link");
  assert_tool_text (&self, "link", "{\"action\": \"accept\"}");
  g_assert_cmpstr (self.log->str, ==, "https://example.org/in?a=b;e1;https://example.org/in?a=b;");
  tear_down (&self);

  set_up (&self, "session", "refuses-link");
  g_signal_connect (self.client, "url-requested", G_CALLBACK (decline_cb), &self);
  try_connect (&self, &error);
  g_assert_no_error (error);
  g_assert_null (call_tool (&self, "link", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_SERVER);
  g_clear_error (&error);
  tear_down (&self);

  connect_to (&self, "session", "refuses-link");
  g_assert_null (call_tool (&self, "link", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_SERVER);
  tear_down (&self);
}

static void
keep_elicitation_cb (OaiMcpClient *client, OaiMcpElicitation *elicitation, OaiMcpElicitation **kept)
{
  *kept = g_object_ref (elicitation);
}

/* The request is cancelled while the user has not answered. */
static void
test_cancel_url_first (void)
{
  McpFixture self;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(OaiMcpElicitation) kept = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  set_up (&self, "session", "refuses-link");
  g_signal_connect (self.client, "url-requested", G_CALLBACK (keep_elicitation_cb), &kept);
  try_connect (&self, &error);
  g_assert_no_error (error);
  oai_mcp_client_call_tool_async (self.client, "link", NULL, cancellable, result_cb, &self);
  wait_until (kept != NULL);
  g_cancellable_cancel (cancellable);
  result = wait_result (&self);
  g_assert_null (oai_mcp_client_call_tool_finish (self.client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&result);
  tear_down (&self);
}

static void
sample_cb (OaiMcpClient *client, OaiMcpSampling *sampling, McpFixture *self)
{
  OaiMcpSamplingRequest *request = oai_mcp_sampling_get_request (sampling);
  OaiMcpSamplingMessage *message = oai_mcp_sampling_request_get_messages (request)->pdata[0];

  g_assert_cmpint (oai_mcp_sampling_request_get_max_tokens (request), ==, 10);
  g_assert_cmpstr (oai_mcp_text_content_get_text (OAI_MCP_TEXT_CONTENT (oai_mcp_sampling_message_get_content (message))), ==, "Say yes");
  oai_mcp_sampling_respond_text (sampling, "a-model", "yes");
}

static void
test_sampling (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMcpToolResult) result = NULL;
  g_autoptr(OaiMcpToolResult) declined = NULL;
  gulong handler;

  set_up (&self, era, "");
  handler = g_signal_connect (self.client, "sampling-requested", G_CALLBACK (sample_cb), &self);
  try_connect (&self, &error);
  g_assert_no_error (error);
  result = call_tool (&self, "sample", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (get_text (result), "\"model\": \"a-model\""));
  g_assert_nonnull (strstr (get_text (result), "\"text\": \"yes\""));
  g_signal_handler_disconnect (self.client, handler);

  declined = call_tool (&self, "sample", NULL, &error);
  if (g_str_equal (era, "session"))
    g_assert_nonnull (strstr (get_text (declined), "\"code\": -1"));
  else
    g_assert_error (error, OAI_ERROR, OAI_ERROR_PERMISSION_DENIED);
  tear_down (&self);
}

static void
test_roots (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;
  g_autoptr(GListStore) roots = g_list_store_new (G_TYPE_FILE);
  g_autoptr(GFile) root = g_file_new_for_path ("/some/where");

  set_up (&self, era, "");
  oai_mcp_client_set_roots (self.client, G_LIST_MODEL (roots));
  try_connect (&self, &error);
  g_assert_no_error (error);
  assert_tool_text (&self, "roots", "{\"roots\": []}");
  g_list_store_append (roots, root);
  assert_tool_text (&self, "roots", "{\"roots\": [{\"uri\": \"file:///some/where\", \"name\": \"where\"}]}");
  tear_down (&self);
}

static void
test_endless_input (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  set_up (&self, "stateless", "input-forever");
  g_signal_connect (self.client, "elicitation-requested", G_CALLBACK (ignore_cb), &self);
  try_connect (&self, &error);
  g_assert_no_error (error);
  g_assert_null (call_tool (&self, "form", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  tear_down (&self);
}

/* Revisions */

static void
test_both_eras (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  connect_to (&self, "both", "");
  g_assert_cmpstr (oai_mcp_client_get_protocol_version (self.client), ==, "2026-07-28");
  tear_down (&self);

  set_up (&self, "both", "");
  oai_mcp_client_set_requested_version (self.client, "2025-11-25");
  try_connect (&self, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_mcp_client_get_protocol_version (self.client), ==, "2025-11-25");
  tear_down (&self);

  set_up (&self, "session", "");
  oai_mcp_client_set_requested_version (self.client, "2026-07-28");
  g_assert_false (try_connect (&self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  tear_down (&self);
}

static void
test_unknown_version (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  set_up (&self, era, "unversioned");
  g_assert_false (try_connect (&self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "2099-01-01"));
  g_assert_error (oai_mcp_client_get_error (self.client), OAI_ERROR, OAI_ERROR_PROTOCOL);
  release (&self);
}

static void
test_exit_on_probe (void)
{
  McpFixture self;

  connect_to (&self, "session", "exit-on-probe");
  g_assert_cmpstr (oai_mcp_client_get_protocol_version (self.client), ==, "2025-11-25");
  tear_down (&self);
}

/* A server that takes longer to start than the client waits for its first reply. */
static void
test_slow_start (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  set_up (&self, era, "slow-start");
  oai_mcp_client_set_probe_timeout_ms (self.client, 50);
  try_connect (&self, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_mcp_client_get_protocol_version (self.client), ==, g_str_equal (era, "session") ? "2025-11-25" : "2026-07-28");
  assert_tool_text (&self, "files/read.all", "all files");
  tear_down (&self);
}

/* Hostile servers */

static void
test_missing_program (void)
{
  const char *const argv[] = { "/nonexistent/server", NULL };
  McpFixture self = { .client = oai_mcp_client_new_for_command (argv, NULL), .log = g_string_new (NULL) };
  g_autoptr(GError) error = NULL;

  g_assert_false (try_connect (&self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_nonnull (strstr (error->message, "/nonexistent/server"));
  release (&self);
}

static void
test_no_server (void)
{
  const char *const argv[] = { "true", NULL };
  McpFixture self = { .client = oai_mcp_client_new_for_command (argv, NULL), .log = g_string_new (NULL) };
  g_autoptr(GError) error = NULL;

  g_assert_false (try_connect (&self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  release (&self);
}

static void
test_garbage (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  set_up (&self, "session", "garbage");
  g_assert_false (try_connect (&self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  release (&self);
}

static void
test_wrong_ids (void)
{
  McpFixture self;

  connect_to (&self, "session", "wrong-ids");
  assert_tool_text (&self, "files/read.all", "all files");
  assert_tool_text (&self, "files/read.all", "all files");
  tear_down (&self);
}

static void
test_huge (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  set_up (&self, "session", "huge");
  oai_mcp_client_set_max_message_size (self.client, 1024 * 1024);
  try_connect (&self, &error);
  g_assert_no_error (error);
  g_assert_null (call_tool (&self, "add", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_cmpint (oai_mcp_client_get_state (self.client), ==, OAI_MCP_STATE_DISCONNECTED);
  g_assert_error (oai_mcp_client_get_error (self.client), OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_assert_null (call_tool (&self, "add", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  release (&self);
}

static void
test_nested (void)
{
  McpFixture self;

  connect_to (&self, "session", "nested");
  assert_tool_text (&self, "files/read.all", "all files");
  tear_down (&self);
}

static void
test_silent (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  set_up (&self, "session", "silent");
  oai_mcp_client_set_timeout_ms (self.client, 50);
  g_assert_false (try_connect (&self, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  release (&self);
}

static void
test_dies (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  connect_to (&self, era, "");
  g_assert_null (call_tool (&self, "dies", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_nonnull (strstr (error->message, "3"));
  wait_until (oai_mcp_client_get_state (self.client) == OAI_MCP_STATE_DISCONNECTED);
  g_assert_error (oai_mcp_client_get_error (self.client), OAI_ERROR, OAI_ERROR_CONNECTION);
  g_clear_error (&error);

  /* It can be connected again. */
  try_connect (&self, &error);
  g_assert_no_error (error);
  g_assert_no_error (oai_mcp_client_get_error (self.client));
  assert_tool_text (&self, "files/read.all", "all files");
  tear_down (&self);
}

static void
test_storm (void)
{
  McpFixture self;

  connect_to (&self, "session", "storm");
  g_signal_connect (self.client, "log-message", G_CALLBACK (log_cb), &self);
  assert_tool_text (&self, "files/read.all", "all files");
  g_assert_nonnull (strstr (self.log->str, "message 1999"));
  tear_down (&self);
}

static void
test_endless_lists (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  connect_to (&self, "session", "cycle");
  g_assert_null (list_tools (&self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_clear_error (&error);
  tear_down (&self);

  connect_to (&self, "session", "endless");
  oai_mcp_client_set_max_items (self.client, 100);
  g_assert_null (list_tools (&self, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  tear_down (&self);
}

static void
test_stubborn (void)
{
  McpFixture self;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  connect_to (&self, "session", "stubborn");
  oai_mcp_client_close_async (self.client, cancellable, result_cb, &self);
  for (guint i = 0; i < 100; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
  g_assert_null (self.result);
  g_assert_cmpint (oai_mcp_client_get_state (self.client), ==, OAI_MCP_STATE_CLOSING);
  g_cancellable_cancel (cancellable);
  result = wait_result (&self);
  g_assert_false (oai_mcp_client_close_finish (self.client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (oai_mcp_client_get_state (self.client), ==, OAI_MCP_STATE_DISCONNECTED);
  g_clear_object (&result);
  release (&self);
}

/* Cancellation */

static void
test_cancel_call (gconstpointer era)
{
  McpFixture self;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMcpToolResult) reported = NULL;

  connect_to (&self, era, "");
  oai_mcp_client_call_tool_async (self.client, "slow", NULL, cancellable, result_cb, &self);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_cancellable_cancel (cancellable);
  result = wait_result (&self);
  g_assert_null (oai_mcp_client_call_tool_finish (self.client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_clear_object (&result);

  reported = call_tool (&self, "last-cancelled", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (get_text (reported), !=, "None");
  tear_down (&self);
}

static void
test_time_out (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  connect_to (&self, "session", "");
  oai_mcp_client_set_timeout_ms (self.client, 20);
  g_assert_null (call_tool (&self, "slow", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  oai_mcp_client_set_timeout_ms (self.client, 30000);
  assert_tool_text (&self, "files/read.all", "all files");
  tear_down (&self);
}

/* Requests that the client answers itself do not extend the time limits of its own. */
static void
test_time_out_pings (void)
{
  McpFixture self;
  g_autoptr(GError) error = NULL;

  connect_to (&self, "session", "pings");
  oai_mcp_client_set_timeout_ms (self.client, 500);
  g_assert_null (call_tool (&self, "slow", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  tear_down (&self);
}

/* Cancels while the client connects, after more and more iterations of the main loop. */
static void
test_cancel_connect (gconstpointer era)
{
  for (guint n = 0; n < 40; n++)
    {
      McpFixture self;
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;

      set_up (&self, era, "");
      oai_mcp_client_connect_async (self.client, cancellable, result_cb, &self);
      for (guint i = 0; i < n && self.result == NULL; i++)
        g_main_context_iteration (NULL, TRUE);
      g_cancellable_cancel (cancellable);
      result = wait_result (&self);
      oai_mcp_client_connect_finish (self.client, result, &error);
      g_clear_object (&result);
      if (error == NULL)
        {
          tear_down (&self);
          return;
        }
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (oai_mcp_client_get_state (self.client), ==, OAI_MCP_STATE_DISCONNECTED);
      release (&self);
    }
}

static void
test_close_while_connecting (void)
{
  McpFixture self;
  g_autoptr(GAsyncResult) connect_result = NULL;
  g_autoptr(GError) error = NULL;

  set_up (&self, "session", "silent");
  oai_mcp_client_connect_async (self.client, NULL, result_cb, &self);
  for (guint i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  oai_mcp_client_close_async (self.client, NULL, NULL, NULL);
  connect_result = wait_result (&self);
  g_assert_false (oai_mcp_client_connect_finish (self.client, connect_result, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  wait_until (oai_mcp_client_get_state (self.client) == OAI_MCP_STATE_DISCONNECTED);
  g_clear_object (&connect_result);
  release (&self);
}

static void
call_again_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McpFixture *self = user_data;
  OaiMcpClient *client = OAI_MCP_CLIENT (source);
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_mcp_client_call_tool_finish (client, result, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_string_append (self->log, "failed;");
  if (self->log->len > 10)
    return;

  oai_mcp_client_ping_async (client, NULL, NULL, NULL);
  oai_mcp_client_subscribe_async (client, "test://text", NULL, NULL, NULL);
  oai_mcp_client_list_tools_async (client, NULL, NULL, NULL);
  oai_mcp_client_set_log_level (client, OAI_MCP_LOG_LEVEL_ERROR);
  oai_mcp_client_call_tool_async (client, "slow", NULL, NULL, call_again_cb, self);
}

static gboolean
close_cb (gpointer user_data)
{
  oai_mcp_client_close_async (user_data, NULL, NULL, NULL);

  return G_SOURCE_REMOVE;
}

/* The callback of a request that fails because the client is closed sends other requests. */
static void
test_call_while_closing (gconstpointer era)
{
  McpFixture self;

  connect_to (&self, era, "");
  oai_mcp_client_call_tool_async (self.client, "slow", NULL, NULL, call_again_cb, &self);
  assert_tool_text (&self, "files/read.all", "all files");
  g_idle_add (close_cb, self.client);
  wait_until (strcmp (self.log->str, "failed;failed;") == 0);
  wait_until (oai_mcp_client_get_state (self.client) == OAI_MCP_STATE_DISCONNECTED);
  release (&self);
}

/* Releases a connected client without closing it. */
static void
test_release (gconstpointer era)
{
  McpFixture self;

  connect_to (&self, era, "stubborn");
  release (&self);
}

static void
drop_cb (OaiMcpClient *client, gpointer argument, McpFixture *self)
{
  g_clear_object (&self->client);
}

/* A handler releases the last reference. */
static void
test_release_in_handler (void)
{
  McpFixture self;
  GWeakRef weak;

  connect_to (&self, "session", "");
  g_weak_ref_init (&weak, self.client);
  g_signal_connect (self.client, "log-message", G_CALLBACK (drop_cb), &self);
  oai_mcp_client_set_log_level (self.client, OAI_MCP_LOG_LEVEL_DEBUG);
  wait_until (self.client == NULL);
  wait_until (g_weak_ref_get (&weak) == NULL);
  g_weak_ref_clear (&weak);
  g_string_free (self.log, TRUE);
  assert_no_children ();
}

static void
drop_client_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McpFixture *self = user_data;
  g_autoptr(GError) error = NULL;

  g_assert_false (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_clear_object (&self->client);
}

/* The callback of a request that fails because the server has ended releases the last reference. */
static void
test_release_when_lost (gconstpointer data)
{
  McpFixture self;
  GWeakRef weak;

  if (data != NULL)
    {
      connect_to (&self, data, "");
      oai_mcp_client_call_tool_async (self.client, "dies", NULL, NULL, drop_client_cb, &self);
    }
  else
    {
      const char *const argv[] = { "true", NULL };

      self = (McpFixture) { .client = oai_mcp_client_new_for_command (argv, NULL), .log = g_string_new (NULL) };
      oai_mcp_client_connect_async (self.client, NULL, drop_client_cb, &self);
    }

  g_weak_ref_init (&weak, self.client);
  wait_until (self.client == NULL);
  wait_until (g_weak_ref_get (&weak) == NULL);
  g_weak_ref_clear (&weak);
  g_string_free (self.log, TRUE);
  assert_no_children ();
}

/* Toolsets */

static void
reload_tools (McpFixture *self, OaiMcpToolset *toolset)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_mcp_toolset_load_async (toolset, NULL, result_cb, self);
  result = wait_result (self);
  oai_mcp_toolset_load_finish (toolset, result, &error);
  g_assert_no_error (error);
}

static OaiMcpToolset *
load_tools (McpFixture *self)
{
  OaiMcpToolset *toolset = oai_mcp_toolset_new (self->client);

  oai_mcp_toolset_set_approval (toolset, OAI_MCP_APPROVAL_NEVER);
  reload_tools (self, toolset);

  return toolset;
}

static OaiToolCall *
run_call (McpFixture *self, gpointer toolset, const char *name, const char *arguments)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  OaiToolCall *call;

  oai_toolset_call_async (OAI_TOOLSET (toolset), "id", name, arguments, NULL, result_cb, self);
  result = wait_result (self);
  call = oai_toolset_call_finish (OAI_TOOLSET (toolset), result, &error);
  g_assert_no_error (error);

  return call;
}

static void
assert_output (McpFixture *self, gpointer toolset, const char *name, const char *arguments, const char *expected)
{
  g_autoptr(OaiToolCall) call = run_call (self, toolset, name, arguments);

  g_assert_cmpstr (oai_tool_call_get_output (call), ==, expected);
}

static void
test_toolset (gconstpointer era)
{
  McpFixture self;
  g_autoptr(OaiMcpToolset) toolset = NULL;
  g_autoptr(OaiToolCall) media = NULL;
  const char *type, *filename;
  OaiTool *tool;

  connect_to (&self, era, "");
  toolset = load_tools (&self);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (toolset)), ==, 18);
  tool = oai_toolset_find (OAI_TOOLSET (toolset), "files_read_all");
  g_assert_cmpstr (oai_mcp_tool_get_name (oai_mcp_server_tool_get_record (OAI_MCP_SERVER_TOOL (tool))), ==, "files/read.all");

  assert_output (&self, toolset, "files_read_all", "{}", "{\"result\":\"all files\"}");
  assert_output (&self, toolset, "add", "{\"a\":1,\"b\":2}", "{\"result\":{\"sum\":3}}");
  assert_output (&self, toolset, "fail", "{}", "{\"error\":\"The disk is full.\"}");
  media = run_call (&self, toolset, "media", "{}");
  g_assert_cmpstr (oai_tool_call_get_output (media), ==,
                   "{\"result\":[\"A text.\",{\"type\":\"image\",\"mime_type\":\"image/png\",\"size\":3},"
                   "{\"type\":\"audio\",\"mime_type\":\"audio/wav\",\"size\":3},"
                   "{\"type\":\"resource_link\",\"uri\":\"test://link\",\"name\":\"link\"},"
                   "{\"type\":\"resource\",\"uri\":\"test://text\",\"mime_type\":\"text/plain\",\"text\":\"An embedded text.\"}]}");
  tool = oai_toolset_find (OAI_TOOLSET (toolset), "media");
  g_assert_cmpuint (oai_mcp_tool_result_get_content_parts (oai_mcp_server_tool_get_result (OAI_MCP_SERVER_TOOL (tool), media))->len, ==, 6);
  g_assert_cmpuint (oai_tool_call_get_n_files (media), ==, 1);
  g_assert_cmpmem (g_bytes_get_data (oai_tool_call_get_file (media, 0, &type, &filename), NULL), 3, "\0\1\2", 3);
  g_assert_cmpstr (type, ==, "image/png");
  g_assert_null (filename);
  g_clear_object (&media);

  oai_mcp_toolset_set_sends_files (toolset, FALSE);
  media = run_call (&self, toolset, "media", "{}");
  g_assert_cmpuint (oai_tool_call_get_n_files (media), ==, 0);
  g_clear_object (&media);
  g_clear_object (&toolset);
  tear_down (&self);
}

/* Resources and prompts are tools that only read. */
static void
test_toolset_features (gconstpointer era)
{
  McpFixture self;
  g_autoptr(OaiMcpToolset) toolset = NULL;
  g_autoptr(OaiToolset) included = NULL;
  g_autoptr(GError) error = NULL;
  OaiTool *greet;

  connect_to (&self, era, "");
  toolset = load_tools (&self);
  oai_mcp_toolset_set_approval (toolset, OAI_MCP_APPROVAL_UNLESS_READ_ONLY);
  assert_output (&self, toolset, "list_resources", "{}",
                 "{\"result\":{\"resources\":[{\"uri\":\"test://text\",\"name\":\"text\",\"mime_type\":\"text/plain\"},{\"uri\":\"test://bytes\",\"name\":\"bytes\"}],"
                 "\"templates\":[{\"uri_template\":\"test://{name}\",\"name\":\"any\"}]}}");
  assert_output (&self, toolset, "read_resource", "{\"uri\":\"test://text\"}", "{\"result\":\"The text.\"}");
  assert_output (&self, toolset, "read_resource", "{\"uri\":\"test://bytes\"}", "{\"result\":[{\"type\":\"resource\",\"uri\":\"test://bytes\"}]}");
  assert_output (&self, toolset, "read_resource", "{\"uri\":\"test://other\"}", "{\"error\":\"There is no resource with this URI.\"}");

  greet = oai_toolset_find (OAI_TOOLSET (toolset), "prompt_greet");
  g_assert_cmpstr (oai_tool_get_description (greet), ==, "Greets");
  g_assert_cmpstr (oai_json_schema_get_json (oai_tool_get_parameters (greet)), ==,
                   "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"who\":{\"type\":\"string\",\"description\":\"A name\"},"
                   "\"how\":{\"type\":\"string\"}},\"required\":[\"who\"]}");
  assert_output (&self, toolset, "prompt_greet", "{\"who\":\"Ada\"}", "{\"result\":[{\"role\":\"user\",\"content\":[\"Hello, Ada\"]}]}");
  assert_output (&self, toolset, "prompt_greet", "{}", "{\"error\":\"“who” is required\"}");

  /* A toolset with a prefix calls them, too. */
  included = oai_toolset_new ();
  oai_toolset_include (included, OAI_TOOLSET (toolset), "far_", &error);
  g_assert_no_error (error);
  assert_output (&self, included, "far_read_resource", "{\"uri\":\"test://bytes\"}", "{\"result\":[{\"type\":\"resource\",\"uri\":\"test://bytes\"}]}");
  assert_output (&self, included, "far_prompt_greet", "{\"who\":\"Ada\"}", "{\"result\":[{\"role\":\"user\",\"content\":[\"Hello, Ada\"]}]}");
  g_clear_object (&included);

  oai_mcp_toolset_set_features (toolset, OAI_MCP_FEATURES_PROMPTS);
  reload_tools (&self, toolset);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (toolset)), ==, 1);
  g_assert_true (oai_toolset_find (OAI_TOOLSET (toolset), "prompt_greet") == greet);
  g_clear_object (&toolset);
  tear_down (&self);

  /* The tools of a server whose prompts cannot be listed are used all the same. */
  connect_to (&self, era, "no-prompts");
  g_test_expect_message ("Oai", G_LOG_LEVEL_MESSAGE, "*prompts*");
  toolset = load_tools (&self);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (toolset)), ==, 17);
  g_clear_object (&toolset);
  tear_down (&self);
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, guint *n_changes)
{
  (*n_changes)++;
}

static void
test_toolset_changes (gconstpointer era)
{
  McpFixture self;
  g_autoptr(OaiMcpToolset) toolset = NULL;
  guint n_changes = 0;
  OaiTool *kept;

  connect_to (&self, era, "");
  toolset = load_tools (&self);
  kept = oai_toolset_find (OAI_TOOLSET (toolset), "add");
  g_signal_connect (toolset, "items-changed", G_CALLBACK (items_changed_cb), &n_changes);
  assert_tool_text (&self, "change-tools", "changed");
  assert_tool_text (&self, "change-tools", "changed");
  wait_until (oai_toolset_find (OAI_TOOLSET (toolset), "added") != NULL);
  g_assert_cmpuint (n_changes, ==, 1);
  g_assert_true (oai_toolset_find (OAI_TOOLSET (toolset), "add") == kept);
  g_assert_nonnull (oai_toolset_find (OAI_TOOLSET (toolset), "prompt_part"));
  g_clear_object (&toolset);
  tear_down (&self);
}

static gboolean
has_description (OaiMcpToolset *toolset, const char *description)
{
  OaiTool *tool = oai_toolset_find (OAI_TOOLSET (toolset), "fail");

  return g_strcmp0 (tool != NULL ? oai_tool_get_description (tool) : "none", description) == 0;
}

/* A server does not remove the approval that a tool needs by changing the tool, or by removing and adding it. */
static void
test_toolset_approval (void)
{
  static const char *const descriptions[] = { "Version 1", "none", "Version 3" };
  McpFixture self;
  g_autoptr(OaiMcpToolset) toolset = NULL;
  OaiTool *tool;

  connect_to (&self, "session", "redescribe");
  toolset = load_tools (&self);
  tool = oai_toolset_find (OAI_TOOLSET (toolset), "fail");
  oai_tool_set_needs_approval (tool, TRUE);
  oai_tool_set_timeout_ms (tool, 5000);
  for (guint i = 0; i < G_N_ELEMENTS (descriptions); i++)
    {
      assert_tool_text (&self, "change-tools", "changed");
      wait_until (has_description (toolset, descriptions[i]));
      tool = oai_toolset_find (OAI_TOOLSET (toolset), "fail");
      g_assert_true (tool == NULL || oai_tool_get_needs_approval (tool));
      g_assert_true (i > 0 || oai_tool_get_timeout_ms (tool) == 5000);
      g_assert_false (oai_tool_get_needs_approval (oai_toolset_find (OAI_TOOLSET (toolset), "added")));
    }
  oai_mcp_toolset_set_approval (toolset, OAI_MCP_APPROVAL_ALWAYS);
  oai_mcp_toolset_set_approval (toolset, OAI_MCP_APPROVAL_NEVER);
  assert_tool_text (&self, "change-tools", "changed");
  wait_until (has_description (toolset, "Version 4"));
  g_assert_false (oai_tool_get_needs_approval (oai_toolset_find (OAI_TOOLSET (toolset), "fail")));
  g_clear_object (&toolset);
  tear_down (&self);
}

static gboolean
tool_needs_approval (OaiMcpToolset *toolset, const char *name)
{
  return oai_tool_get_needs_approval (oai_toolset_find (OAI_TOOLSET (toolset), name));
}

/* Unless the program says otherwise, calls need approval if the server does not describe the tool as read-only. */
static void
test_toolset_read_only (void)
{
  McpFixture self;
  g_autoptr(OaiMcpToolset) toolset = NULL;

  connect_to (&self, "session", "reads");
  toolset = load_tools (&self);
  g_assert_false (tool_needs_approval (toolset, "dies"));
  oai_mcp_toolset_set_approval (toolset, OAI_MCP_APPROVAL_ALWAYS);
  g_assert_true (tool_needs_approval (toolset, "add"));
  oai_mcp_toolset_set_approval (toolset, OAI_MCP_APPROVAL_UNLESS_READ_ONLY);
  g_assert_false (tool_needs_approval (toolset, "add"));
  g_assert_true (tool_needs_approval (toolset, "dies"));
  assert_output (&self, toolset, "add", "{\"a\":1,\"b\":2}", "{\"result\":{\"sum\":3}}");
  g_test_expect_message ("Oai", G_LOG_LEVEL_MESSAGE, "*dies*approval-requested*");
  assert_output (&self, toolset, "dies", "{}", "{\"error\":\"The user denied this call.\"}");
  g_test_assert_expected_messages ();

  /* The server withdraws the claim. */
  g_assert_false (tool_needs_approval (toolset, "fail"));
  assert_tool_text (&self, "change-tools", "changed");
  wait_until (oai_toolset_find (OAI_TOOLSET (toolset), "added") != NULL);
  g_assert_true (tool_needs_approval (toolset, "fail"));
  g_assert_true (tool_needs_approval (toolset, "added"));
  g_clear_object (&toolset);
  toolset = oai_mcp_toolset_new (self.client);
  g_assert_cmpint (oai_mcp_toolset_get_approval (toolset), ==, OAI_MCP_APPROVAL_UNLESS_READ_ONLY);
  g_clear_object (&toolset);
  tear_down (&self);
}

/* The permission to run without approval is for the tool as it was. */
static void
test_toolset_changed_tool (void)
{
  McpFixture self;
  g_autoptr(OaiMcpToolset) toolset = NULL;

  connect_to (&self, "session", "redescribe");
  toolset = load_tools (&self);
  oai_mcp_toolset_set_approval (toolset, OAI_MCP_APPROVAL_UNLESS_READ_ONLY);
  g_assert_true (tool_needs_approval (toolset, "fail"));
  oai_tool_set_needs_approval (oai_toolset_find (OAI_TOOLSET (toolset), "fail"), FALSE);
  oai_tool_set_needs_approval (oai_toolset_find (OAI_TOOLSET (toolset), "dies"), FALSE);
  assert_tool_text (&self, "change-tools", "changed");
  wait_until (has_description (toolset, "Version 1"));
  g_assert_true (tool_needs_approval (toolset, "fail"));
  g_assert_false (tool_needs_approval (toolset, "dies"));
  g_clear_object (&toolset);
  tear_down (&self);
}

/* Names that are equal for the model get numbers; the time for this does not depend on the names. */
static void
test_toolset_twins (void)
{
  McpFixture self;
  g_autoptr(OaiMcpToolset) toolset = NULL;
  OaiTool *tool;

  connect_to (&self, "session", "twins");
  toolset = load_tools (&self);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (toolset)), ==, 3007);
  g_assert_nonnull (oai_toolset_find (OAI_TOOLSET (toolset), "a_b"));
  g_assert_nonnull (oai_toolset_find (OAI_TOOLSET (toolset), "a_b_3000"));
  g_assert_nonnull (oai_toolset_find (OAI_TOOLSET (toolset), "a_b_2_2"));
  tool = oai_toolset_find (OAI_TOOLSET (toolset), "a_b_3001");
  g_assert_cmpstr (oai_mcp_tool_get_name (oai_mcp_server_tool_get_record (OAI_MCP_SERVER_TOOL (tool))), ==, "a.b");
  g_assert_nonnull (oai_toolset_find (OAI_TOOLSET (toolset), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
  g_assert_nonnull (oai_toolset_find (OAI_TOOLSET (toolset), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_2"));
  g_clear_object (&toolset);
  tear_down (&self);
}

/* Thousands of changes cause few requests. */
static void
test_toolset_storm (void)
{
  McpFixture self;
  g_autoptr(OaiMcpToolset) toolset = NULL;

  connect_to (&self, "session", "storm");
  toolset = load_tools (&self);
  assert_output (&self, toolset, "files_read_all", "{}", "{\"result\":\"all files\"}");
  g_clear_object (&toolset);
  tear_down (&self);
}

static void
test_progress (gconstpointer era)
{
  McpFixture self;
  g_autoptr(OaiMcpToolset) toolset = NULL;
  g_autoptr(OaiToolCall) call = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  connect_to (&self, era, "");
  toolset = load_tools (&self);
  call = oai_toolset_new_call (OAI_TOOLSET (toolset), "id", "slow", "{}");
  oai_tool_call_run_async (call, NULL, result_cb, &self);
  wait_until (oai_tool_call_get_progress (call) == 0.25);
  g_assert_cmpstr (oai_tool_call_get_progress_text (call), ==, "a quarter");
  oai_tool_call_cancel (call);
  result = wait_result (&self);
  oai_tool_call_run_finish (call, result, &error);
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_CANCELLED);
  wait_until (g_main_context_iteration (NULL, FALSE) == FALSE);
  g_clear_object (&result);
  g_clear_object (&call);

  /* The server was notified. */
  call = run_call (&self, toolset, "last-cancelled", "{}");
  g_assert_null (strstr (oai_tool_call_get_output (call), "None"));
  g_clear_object (&call);
  g_clear_object (&toolset);
  tear_down (&self);
}

/* A server that reports progress extends the time limit, but not without end. */
static void
test_total_time_out (void)
{
  McpFixture self;
  g_autoptr(OaiMcpToolset) toolset = NULL;
  gint64 start;

  connect_to (&self, "session", "progresses");
  toolset = load_tools (&self);
  oai_mcp_client_set_timeout_ms (self.client, 2000);
  oai_mcp_client_set_total_timeout_ms (self.client, 2200);
  g_test_expect_message ("Oai", G_LOG_LEVEL_MESSAGE, "*slow*within 2200 milliseconds*");
  start = g_get_monotonic_time ();
  assert_output (&self, toolset, "slow", "{}", "{\"error\":\"The tool failed.\"}");
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 2199 * 1000);
  g_test_assert_expected_messages ();
  g_clear_object (&toolset);
  tear_down (&self);
}

typedef struct
{
  McpFixture outer;
  McpFixture inner; /* of the call in the handler */
  guint n_messages;
} Nested;

/* Waits for the result of a tool before it takes note of the first message. */
static void
nested_cb (OaiMcpClient *client, OaiMcpLogMessage *message, Nested *self)
{
  g_autofree char *expected = g_strdup_printf ("\"message %u\"", self->n_messages);

  g_assert_cmpstr (oai_mcp_log_message_get_data (message), ==, expected);
  if (++self->n_messages == 1)
    assert_tool_text (&self->inner, "files/read.all", "all files");
}

/* A handler of a message can iterate the main loop, in which the next messages arrive in their order. */
static void
test_nested_loop (void)
{
  Nested self = { 0 };

  connect_to (&self.outer, "session", "storm");
  self.inner = self.outer;
  g_signal_connect (self.outer.client, "log-message", G_CALLBACK (nested_cb), &self);
  assert_tool_text (&self.outer, "files/read.all", "all files");
  g_assert_cmpuint (self.n_messages, ==, 2000);
  tear_down (&self.outer);
}

static void
nested_end_cb (OaiMcpClient *client, Nested *self)
{
  g_autoptr(GError) error = NULL;

  if (self->n_messages++ > 0)
    return;

  g_assert_null (call_tool (&self->inner, "dies", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
}

/* The server ends while a handler iterates the main loop. */
static void
test_nested_end (void)
{
  Nested self = { 0 };

  connect_to (&self.outer, "session", "");
  self.inner = self.outer;
  g_signal_connect (self.outer.client, "tools-changed", G_CALLBACK (nested_end_cb), &self);
  assert_tool_text (&self.outer, "change-tools", "changed");
  g_assert_cmpuint (self.n_messages, ==, 1);
  g_assert_cmpint (oai_mcp_client_get_state (self.outer.client), ==, OAI_MCP_STATE_DISCONNECTED);
  release (&self.outer);
}

typedef struct
{
  McpFixture *fixture;
  gboolean closes;
  guint n_results;
} Reconnection;

/* Connects the client again at once. */
static void
reconnect_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reconnection *self = user_data;
  g_autoptr(OaiMcpToolResult) reply = NULL;
  g_autoptr(GError) error = NULL;

  reply = oai_mcp_client_call_tool_finish (OAI_MCP_CLIENT (source), result, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  if (self->n_results++ > 0)
    return;

  if (self->closes)
    oai_mcp_client_close_async (self->fixture->client, NULL, NULL, NULL);
  oai_mcp_client_connect_async (self->fixture->client, NULL, result_cb, self->fixture);
}

/* When the callback of a request learns that the server is lost, the client is disconnected. */
static void
test_reconnect_in_callback (void)
{
  for (guint closes = 0; closes < 2; closes++)
    {
      McpFixture self;
      Reconnection reconnection = { &self, closes == 1, 0 };
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;

      connect_to (&self, "session", "");
      oai_mcp_client_call_tool_async (self.client, "slow", NULL, NULL, reconnect_cb, &reconnection);
      oai_mcp_client_call_tool_async (self.client, "dies", NULL, NULL, reconnect_cb, &reconnection);
      result = wait_result (&self);
      oai_mcp_client_connect_finish (self.client, result, &error);
      g_assert_no_error (error);
      g_clear_object (&result);
      wait_until (reconnection.n_results == 2);
      g_assert_cmpint (oai_mcp_client_get_state (self.client), ==, OAI_MCP_STATE_CONNECTED);
      g_assert_null (oai_mcp_client_get_error (self.client));
      assert_tool_text (&self, "files/read.all", "all files");
      tear_down (&self);
    }
}

typedef struct
{
  GCancellable *cancellable;
  guint n_results;
} Cancelled;

/* Cancels all requests, and iterates the main loop. */
static void
cancel_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Cancelled *self = user_data;

  self->n_results++;
  g_cancellable_cancel (self->cancellable);
  for (guint i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
}

/* A request ends once, also if it is cancelled while its callback or that of another one runs. */
static void
test_cancel_in_callback (void)
{
  g_autoptr(GCancellable) first = g_cancellable_new ();
  g_autoptr(GCancellable) second = g_cancellable_new ();
  Cancelled answered = { first, 0 };
  Cancelled lost = { second, 0 };
  McpFixture self;

  connect_to (&self, "session", "");
  oai_mcp_client_list_tools_async (self.client, first, cancel_cb, &answered);
  wait_until (answered.n_results == 1);

  for (guint i = 0; i < 3; i++)
    oai_mcp_client_call_tool_async (self.client, "slow", NULL, second, cancel_cb, &lost);
  oai_mcp_client_call_tool_async (self.client, "dies", NULL, second, cancel_cb, &lost);
  wait_until (lost.n_results == 4);
  g_assert_cmpint (oai_mcp_client_get_state (self.client), ==, OAI_MCP_STATE_DISCONNECTED);
  release (&self);
}

/* The calls of a server that is lost fail, and the tools remain. */
static void
test_toolset_lost (void)
{
  McpFixture self;
  g_autoptr(OaiMcpToolset) toolset = NULL;
  g_autoptr(GError) error = NULL;

  connect_to (&self, "session", "");
  toolset = load_tools (&self);
  g_test_expect_message ("Oai", G_LOG_LEVEL_MESSAGE, "*dies*ended with exit status 3*");
  assert_output (&self, toolset, "dies", "{}", "{\"error\":\"The tool failed.\"}");
  g_test_assert_expected_messages ();
  wait_until (oai_mcp_client_get_state (self.client) == OAI_MCP_STATE_DISCONNECTED);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (toolset)), ==, 18);
  try_connect (&self, &error);
  g_assert_no_error (error);
  assert_output (&self, toolset, "files_read_all", "{}", "{\"result\":\"all files\"}");
  g_clear_object (&toolset);
  tear_down (&self);
}

static guint
count_descriptors (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint count = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    count++;

  return count;
}

static void
test_descriptors (void)
{
  guint before = 0;

  for (guint i = 0; i < 8; i++)
    {
      McpFixture self;

      connect_to (&self, i % 2 == 0 ? "session" : "stateless", "");
      assert_tool_text (&self, "files/read.all", "all files");
      tear_down (&self);
      /* Those of earlier tests have been closed by then. */
      if (i == 3)
        before = count_descriptors ();
    }
  g_assert_cmpuint (count_descriptors (), ==, before);
}

static void
add_for_both (const char *name, void (*func) (gconstpointer era))
{
  g_autofree char *session = g_strconcat ("/mcp/session/", name, NULL);
  g_autofree char *stateless = g_strconcat ("/mcp/stateless/", name, NULL);

  g_test_add_data_func (session, "session", func);
  g_test_add_data_func (stateless, "stateless", func);
}

static void
add_tests_for_both (void)
{
  add_for_both ("connect", test_connect);
  add_for_both ("tools", test_tools);
  add_for_both ("resources", test_resources);
  add_for_both ("prompts", test_prompts);
  add_for_both ("notifications", test_notifications);
  add_for_both ("elicitation", test_elicitation);
  add_for_both ("url", test_url);
  add_for_both ("late-answer", test_late_answer);
  add_for_both ("sampling", test_sampling);
  add_for_both ("roots", test_roots);
  add_for_both ("unknown-version", test_unknown_version);
  add_for_both ("slow-start", test_slow_start);
  add_for_both ("dies", test_dies);
  add_for_both ("cancel-call", test_cancel_call);
  add_for_both ("cancel-connect", test_cancel_connect);
  add_for_both ("release", test_release);
  add_for_both ("call-while-closing", test_call_while_closing);
  add_for_both ("toolset", test_toolset);
  add_for_both ("toolset-features", test_toolset_features);
  add_for_both ("toolset-changes", test_toolset_changes);
  add_for_both ("progress", test_progress);
  add_for_both ("release-when-lost", test_release_when_lost);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 3);
  python = argv[1];
  script = argv[2];

  add_tests_for_both ();
  g_test_add_func ("/mcp/url-first", test_url_first);
  g_test_add_func ("/mcp/cancel-url-first", test_cancel_url_first);
  g_test_add_func ("/mcp/environment", test_environment);
  g_test_add_func ("/mcp/refused-subscription", test_refused_subscription);
  g_test_add_func ("/mcp/cancel-subscription", test_cancel_subscription);
  g_test_add_func ("/mcp/deaf", test_deaf);
  g_test_add_func ("/mcp/log", test_log);
  g_test_add_func ("/mcp/stateless-log", test_stateless_log);
  g_test_add_func ("/mcp/secrets", test_secrets);
  g_test_add_func ("/mcp/endless-input", test_endless_input);
  g_test_add_func ("/mcp/both-eras", test_both_eras);
  g_test_add_func ("/mcp/exit-on-probe", test_exit_on_probe);
  g_test_add_func ("/mcp/missing-program", test_missing_program);
  g_test_add_func ("/mcp/no-server", test_no_server);
  g_test_add_func ("/mcp/garbage", test_garbage);
  g_test_add_func ("/mcp/wrong-ids", test_wrong_ids);
  g_test_add_func ("/mcp/huge", test_huge);
  g_test_add_func ("/mcp/nested", test_nested);
  g_test_add_func ("/mcp/silent", test_silent);
  g_test_add_func ("/mcp/storm", test_storm);
  g_test_add_func ("/mcp/endless-lists", test_endless_lists);
  g_test_add_func ("/mcp/stubborn", test_stubborn);
  g_test_add_func ("/mcp/time-out", test_time_out);
  g_test_add_func ("/mcp/time-out-pings", test_time_out_pings);
  g_test_add_func ("/mcp/total-time-out", test_total_time_out);
  g_test_add_func ("/mcp/nested-loop", test_nested_loop);
  g_test_add_func ("/mcp/nested-end", test_nested_end);
  g_test_add_func ("/mcp/cancel-in-callback", test_cancel_in_callback);
  g_test_add_func ("/mcp/reconnect-in-callback", test_reconnect_in_callback);
  g_test_add_func ("/mcp/close-while-connecting", test_close_while_connecting);
  g_test_add_func ("/mcp/release-in-handler", test_release_in_handler);
  g_test_add_func ("/mcp/toolset-approval", test_toolset_approval);
  g_test_add_data_func ("/mcp/release-when-not-started", NULL, test_release_when_lost);
  g_test_add_func ("/mcp/toolset-read-only", test_toolset_read_only);
  g_test_add_func ("/mcp/toolset-changed-tool", test_toolset_changed_tool);
  g_test_add_func ("/mcp/toolset-twins", test_toolset_twins);
  g_test_add_func ("/mcp/toolset-storm", test_toolset_storm);
  g_test_add_func ("/mcp/toolset-lost", test_toolset_lost);
  g_test_add_func ("/mcp/descriptors", test_descriptors);

  return g_test_run ();
}
