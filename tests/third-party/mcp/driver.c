/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Uses an MCP server as the lines of the standard input say, and prints one line of JSON for each of them.
 *
 * usage: mcp-driver [--version REVISION] (--url URL [TOKEN] | COMMAND ARGUMENT...)
 *
 *   connect | close | ping
 *   tools | resources | templates | prompts        the names
 *   call TOOL JSON                                 the result
 *   run TOOL JSON                                  what a model gets
 *   progress TOOL JSON                             the reports of progress
 *   cancel TOOL JSON                               cancels the call after 200 ms
 *   read URI | subscribe URI | unsubscribe URI
 *   prompt NAME JSON | complete NAME ARGUMENT VALUE | complete-uri TEMPLATE ARGUMENT VALUE
 *   log LEVEL                                      requests messages
 *   events N                                       waits for N signals, and prints and forgets them */

#include <openai-1/openai.h>

#include <stdio.h>
#include <string.h>

static OaiMcpClient *client;
static OaiMcpToolset *toolset;
static GAsyncResult *current;
static GString *events;
static guint n_events;

static void
print_json (const char *name, const char *json)
{
  printf ("{\"%s\":%s}\n", name, json);
  fflush (stdout);
}

static void
append_string (GString *json, const char *text)
{
  const char *valid = text != NULL ? text : "";

  g_string_append_c (json, '"');
  for (const char *c = valid; *c != '\0'; c++)
    {
      if (*c == '"' || *c == '\\')
        g_string_append_printf (json, "\\%c", *c);
      else if ((guchar) *c < 0x20)
        g_string_append_printf (json, "\\u%04x", *c);
      else
        g_string_append_c (json, *c);
    }
  g_string_append_c (json, '"');
}

static void
print_text (const char *name, const char *text)
{
  g_autoptr(GString) json = g_string_new (NULL);

  append_string (json, text);
  print_json (name, json->str);
}

static void
print_result (const char *json, GError *error)
{
  if (error != NULL)
    print_text ("error", error->message);
  else
    print_json ("result", json);
  g_clear_error (&error);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  current = g_object_ref (result);
}

static GAsyncResult *
wait_result (void)
{
  while (current == NULL)
    g_main_context_iteration (NULL, TRUE);

  return g_steal_pointer (&current);
}

/* Signals */

static void
note (const char *name, const char *text)
{
  if (events->len > 0)
    g_string_append_c (events, ',');
  g_string_append (events, "{\"");
  g_string_append (events, name);
  g_string_append (events, "\":");
  append_string (events, text);
  g_string_append_c (events, '}');
  n_events++;
}

static void
log_cb (OaiMcpClient *self, OaiMcpLogMessage *message)
{
  note ("log", oai_mcp_log_message_get_data (message));
}

static void
updated_cb (OaiMcpClient *self, const char *uri)
{
  note ("updated", uri);
}

static void
tools_cb (OaiMcpClient *self)
{
  note ("changed", "tools");
}

static void
resources_cb (OaiMcpClient *self)
{
  note ("changed", "resources");
}

static void
prompts_cb (OaiMcpClient *self)
{
  note ("changed", "prompts");
}

static void
elicitation_cb (OaiMcpClient *self, OaiMcpElicitation *elicitation)
{
  note ("elicitation", oai_mcp_elicitation_get_message (elicitation));
  oai_mcp_elicitation_accept (elicitation, "{\"name\":\"Ada\",\"check\":true,\"confirm\":true}", NULL);
}

static void
url_cb (OaiMcpClient *self, OaiMcpElicitation *elicitation)
{
  note ("url", oai_mcp_elicitation_get_url (elicitation));
  oai_mcp_elicitation_accept (elicitation, NULL, NULL);
}

static void
sampling_cb (OaiMcpClient *self, OaiMcpSampling *sampling)
{
  note ("sampling", oai_mcp_sampling_request_get_system_prompt (oai_mcp_sampling_get_request (sampling)));
  oai_mcp_sampling_respond_text (sampling, "test-model", "the reply of the model");
}

static void
progress_cb (OaiToolCall *call)
{
  char text[32];

  g_snprintf (text, sizeof text, "%.2f", oai_tool_call_get_progress (call));
  note ("progress", text);
}

static void
wait_events (guint n)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  g_autofree char *json = NULL;

  while (n_events < n && g_get_monotonic_time () < deadline)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  json = g_strdup_printf ("[%s]", events->str);
  print_json ("events", json);
  g_string_truncate (events, 0);
  n_events = 0;
}

/* Commands */

static void
do_connect (void)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GString) json = g_string_new ("[");
  OaiMcpImplementation *info;
  GError *error = NULL;

  oai_mcp_client_connect_async (client, NULL, result_cb, NULL);
  result = wait_result ();
  if (oai_mcp_client_connect_finish (client, result, &error))
    {
      info = oai_mcp_client_get_server_info (client);
      append_string (json, oai_mcp_client_get_protocol_version (client));
      g_string_append_c (json, ',');
      append_string (json, info != NULL ? oai_mcp_implementation_get_name (info) : "");
    }
  g_string_append_c (json, ']');
  print_result (json->str, error);
}

static void
do_close (void)
{
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;

  oai_mcp_client_close_async (client, NULL, result_cb, NULL);
  result = wait_result ();
  oai_mcp_client_close_finish (client, result, &error);
  print_result ("true", error);
}

static void
do_ping (void)
{
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;

  oai_mcp_client_ping_async (client, NULL, result_cb, NULL);
  result = wait_result ();
  oai_mcp_client_ping_finish (client, result, &error);
  print_result ("true", error);
}

typedef void (*ListAsync) (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
typedef GPtrArray *(*ListFinish) (OaiMcpClient *self, GAsyncResult *result, GError **error);

static void
do_list (ListAsync async, ListFinish finish, const char *member)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GString) json = g_string_new ("[");
  g_autoptr(GPtrArray) items = NULL;
  GError *error = NULL;

  async (client, NULL, result_cb, NULL);
  result = wait_result ();
  items = finish (client, result, &error);
  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      append_string (json, oai_record_get_string_member (items->pdata[i], member));
    }
  g_string_append_c (json, ']');
  print_result (json->str, error);
}

static void
print_record (gpointer record, GError *error)
{
  g_autofree char *json = record != NULL ? oai_record_to_json (record) : NULL;

  print_result (json, error);
  g_clear_object (&record);
}

static void
do_call (const char *name, const char *arguments)
{
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;
  OaiMcpToolResult *record;

  oai_mcp_client_call_tool_async (client, name, arguments, NULL, result_cb, NULL);
  result = wait_result ();
  record = oai_mcp_client_call_tool_finish (client, result, &error);
  print_record (record, error);
}

static gboolean
cancel_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);

  return G_SOURCE_REMOVE;
}

static void
do_cancel (const char *name, const char *arguments)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;
  OaiMcpToolResult *record;

  g_timeout_add (200, cancel_cb, cancellable);
  oai_mcp_client_call_tool_async (client, name, arguments, cancellable, result_cb, NULL);
  result = wait_result ();
  record = oai_mcp_client_call_tool_finish (client, result, &error);
  print_record (record, error);
}

static OaiToolCall *
run_tool (const char *name, const char *arguments, gboolean with_progress)
{
  g_autoptr(GAsyncResult) result = NULL;
  OaiToolCall *call;

  if (toolset == NULL)
    {
      toolset = oai_mcp_toolset_new (client);
      oai_mcp_toolset_set_approval (toolset, OAI_MCP_APPROVAL_NEVER);
      oai_mcp_toolset_load_async (toolset, NULL, result_cb, NULL);
      result = wait_result ();
      g_clear_object (&result);
    }
  call = oai_toolset_new_call (OAI_TOOLSET (toolset), "id", name, arguments);
  if (with_progress)
    g_signal_connect (call, "notify::progress", G_CALLBACK (progress_cb), NULL);
  oai_tool_call_run_async (call, NULL, result_cb, NULL);
  result = wait_result ();
  oai_tool_call_run_finish (call, result, NULL);

  return call;
}

static void
do_run (const char *name, const char *arguments)
{
  g_autoptr(OaiToolCall) call = run_tool (name, arguments, FALSE);

  print_text ("output", oai_tool_call_get_output (call));
}

static void
do_progress (const char *name, const char *arguments)
{
  g_autoptr(OaiToolCall) call G_GNUC_UNUSED = run_tool (name, arguments, TRUE);

  wait_events (0);
}

static void
do_read (const char *uri)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) contents = NULL;
  GError *error = NULL;
  OaiRecord *first = NULL;

  oai_mcp_client_read_resource_async (client, uri, NULL, result_cb, NULL);
  result = wait_result ();
  contents = oai_mcp_client_read_resource_finish (client, result, &error);
  if (contents != NULL && contents->len > 0)
    first = g_object_ref (contents->pdata[0]);
  print_record (first, error);
}

static void
do_subscribe (const char *uri, gboolean subscribe)
{
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;

  if (subscribe)
    oai_mcp_client_subscribe_async (client, uri, NULL, result_cb, NULL);
  else
    oai_mcp_client_unsubscribe_async (client, uri, NULL, result_cb, NULL);
  result = wait_result ();
  if (subscribe)
    oai_mcp_client_subscribe_finish (client, result, &error);
  else
    oai_mcp_client_unsubscribe_finish (client, result, &error);
  print_result ("true", error);
}

static void
do_prompt (const char *name, const char *arguments)
{
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;
  OaiMcpPromptResult *record;

  oai_mcp_client_request_prompt_async (client, name, arguments, NULL, result_cb, NULL);
  result = wait_result ();
  record = oai_mcp_client_request_prompt_finish (client, result, &error);
  print_record (record, error);
}

static void
do_complete (gboolean is_prompt, const char *name, const char *argument, const char *value)
{
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;
  OaiMcpCompletion *record;

  if (is_prompt)
    oai_mcp_client_complete_prompt_async (client, name, argument, value, NULL, NULL, result_cb, NULL);
  else
    oai_mcp_client_complete_resource_async (client, name, argument, value, NULL, NULL, result_cb, NULL);
  result = wait_result ();
  record = is_prompt ? oai_mcp_client_complete_prompt_finish (client, result, &error)
                     : oai_mcp_client_complete_resource_finish (client, result, &error);
  print_record (record, error);
}

/* Returns FALSE if there is no such command. */
static gboolean
run_list (const char *command)
{
  if (strcmp (command, "tools") == 0)
    do_list (oai_mcp_client_list_tools_async, oai_mcp_client_list_tools_finish, "name");
  else if (strcmp (command, "resources") == 0)
    do_list (oai_mcp_client_list_resources_async, oai_mcp_client_list_resources_finish, "uri");
  else if (strcmp (command, "templates") == 0)
    do_list (oai_mcp_client_list_resource_templates_async, oai_mcp_client_list_resource_templates_finish, "uriTemplate");
  else if (strcmp (command, "prompts") == 0)
    do_list (oai_mcp_client_list_prompts_async, oai_mcp_client_list_prompts_finish, "name");
  else
    return FALSE;

  return TRUE;
}

static gboolean
run_call (const char *command, const char *name, const char *argument)
{
  if (strcmp (command, "call") == 0)
    do_call (name, argument);
  else if (strcmp (command, "run") == 0)
    do_run (name, argument);
  else if (strcmp (command, "progress") == 0)
    do_progress (name, argument);
  else if (strcmp (command, "cancel") == 0)
    do_cancel (name, argument);
  else if (strcmp (command, "prompt") == 0)
    do_prompt (name, argument);
  else
    return FALSE;

  return TRUE;
}

static void
run (char **words)
{
  const char *command = words[0];
  const char *first = words[1];

  if (run_list (command) || (first != NULL && run_call (command, first, words[2])))
    return;

  if (strcmp (command, "connect") == 0)
    do_connect ();
  else if (strcmp (command, "close") == 0)
    do_close ();
  else if (strcmp (command, "ping") == 0)
    do_ping ();
  else if (strcmp (command, "read") == 0)
    do_read (first);
  else if (g_str_has_suffix (command, "subscribe"))
    do_subscribe (first, *command == 's');
  else if (g_str_has_prefix (command, "complete"))
    do_complete (strcmp (command, "complete") == 0, first, words[2], words[3]);
  else if (strcmp (command, "events") == 0)
    wait_events (atoi (first));
  else if (strcmp (command, "log") == 0)
    {
      oai_mcp_client_set_log_level (client, first);
      print_result ("true", NULL);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr(GListStore) roots = g_list_store_new (G_TYPE_FILE);
  g_autoptr(GFile) root = g_file_new_for_path ("/some/where");
  g_autoptr(OaiAuth) auth = NULL;
  const char *version = NULL;
  char line[65536];
  int first = 1;

  if (strcmp (argv[first], "--version") == 0)
    {
      version = argv[first + 1];
      first += 2;
    }
  if (strcmp (argv[first], "--url") == 0)
    {
      auth = argc > first + 2 ? oai_auth_new (argv[first + 2]) : NULL;
      client = oai_mcp_client_new_for_url (argv[first + 1], auth);
    }
  else
    client = oai_mcp_client_new_for_command ((const char *const *) argv + first, NULL);

  events = g_string_new (NULL);
  oai_mcp_client_set_requested_version (client, version);
  g_list_store_append (roots, root);
  oai_mcp_client_set_roots (client, G_LIST_MODEL (roots));
  g_signal_connect (client, "log-message", G_CALLBACK (log_cb), NULL);
  g_signal_connect (client, "resource-updated", G_CALLBACK (updated_cb), NULL);
  g_signal_connect (client, "tools-changed", G_CALLBACK (tools_cb), NULL);
  g_signal_connect (client, "resources-changed", G_CALLBACK (resources_cb), NULL);
  g_signal_connect (client, "prompts-changed", G_CALLBACK (prompts_cb), NULL);
  g_signal_connect (client, "elicitation-requested", G_CALLBACK (elicitation_cb), NULL);
  g_signal_connect (client, "url-requested", G_CALLBACK (url_cb), NULL);
  g_signal_connect (client, "sampling-requested", G_CALLBACK (sampling_cb), NULL);

  while (fgets (line, sizeof line, stdin) != NULL)
    {
      g_auto(GStrv) words = g_strsplit (g_strchomp (line), "\t", -1);

      run (words);
    }

  g_clear_object (&toolset);
  g_clear_object (&client);
  g_string_free (events, TRUE);

  return 0;
}
