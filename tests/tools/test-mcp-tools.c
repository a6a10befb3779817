/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools of MCP servers in sessions that block. */

#include "tool-fixture.h"

static void
keep_result (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
elicited_cb (OaiMcpClient *client, OaiMcpElicitation *elicitation)
{
  oai_mcp_elicitation_decline (elicitation);
}

/* The client belongs to the main context of the program, which the session iterates. */
static void
test_blocking (gconstpointer command)
{
  const char *const *argv = command;
  g_autoptr(OaiMcpClient) client = oai_mcp_client_new_for_command (argv, NULL);
  g_autoptr(OaiMcpToolset) toolset = oai_mcp_toolset_new (client);
  g_autoptr(GAsyncResult) connected = NULL;
  g_autoptr(GAsyncResult) loaded = NULL;
  g_autoptr(GAsyncResult) closed = NULL;
  g_autoptr(GError) error = NULL;
  OaiTool *tool;

  g_signal_connect (client, "elicitation-requested", G_CALLBACK (elicited_cb), NULL);
  oai_mcp_client_connect_async (client, NULL, keep_result, &connected);
  wait_for (&connected);
  oai_mcp_client_connect_finish (client, connected, &error);
  g_assert_no_error (error);
  oai_mcp_toolset_load_async (toolset, NULL, keep_result, &loaded);
  wait_for (&loaded);
  oai_mcp_toolset_load_finish (toolset, loaded, &error);
  g_assert_no_error (error);

  check_tool_blocks (oai_toolset_find (OAI_TOOLSET (toolset), "add"), "{\"a\":1,\"b\":2}", "{\"result\":{\"sum\":3}}");
  check_tool_blocks (oai_toolset_find (OAI_TOOLSET (toolset), "form"), "{}", "{\"result\":\"{\\\"action\\\": \\\"decline\\\"}\"}");
  tool = oai_toolset_find (OAI_TOOLSET (toolset), "slow");
  oai_tool_set_timeout_ms (tool, 20);
  check_tool_blocks (tool, "{}", "{\"error\":\"The tool did not answer in time.\"}");

  oai_mcp_client_close_async (client, NULL, keep_result, &closed);
  wait_for (&closed);
  oai_mcp_client_close_finish (client, closed, &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  const char *const sessions[] = { argv[1], argv[2], "--era", "session", NULL };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/mcp-tools/blocking", sessions, test_blocking);

  return g_test_run ();
}
