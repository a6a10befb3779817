/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lets a model use the tools of an MCP server.
 *
 * usage: mcp COMMAND ARGUMENT... (OPENAI_MODEL names the model, QUESTION is what it does) */

#include <openai-1/openai.h>

typedef struct
{
  GMainLoop *loop;
  OaiSession *session;
  GError *error;
} Program;

static void
fail (Program *program, GError *error)
{
  program->error = error;
  g_main_loop_quit (program->loop);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  GError *error = NULL;

  if (!oai_mcp_client_close_finish (OAI_MCP_CLIENT (source), result, &error))
    fail (program, error);
  else
    g_main_loop_quit (program->loop);
}

static void
replied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  OaiSession *session = OAI_SESSION (source);
  OaiMcpToolset *toolset = OAI_MCP_TOOLSET (oai_session_get_toolset (session));
  GError *error = NULL;
  g_autoptr(OaiSessionItem) reply = oai_session_send_finish (session, result, &error);

  if (reply == NULL)
    {
      fail (program, error);
      return;
    }

  g_print ("%s\n", oai_session_item_get_text (reply));
  oai_mcp_client_close_async (oai_mcp_toolset_get_client (toolset), NULL, closed_cb, program);
}

/* A program with a window would show a dialog here, and approve or deny the call later. */
static void
approval_requested_cb (OaiToolset *toolset, OaiToolCall *call, gpointer user_data)
{
  g_print ("[%s %s]\n", oai_tool_call_get_name (call), oai_tool_call_get_arguments (call));
  oai_tool_call_approve (call);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  const char *question = g_getenv ("QUESTION");
  GError *error = NULL;

  if (!oai_mcp_toolset_load_finish (OAI_MCP_TOOLSET (source), result, &error))
    {
      fail (program, error);
      return;
    }

  oai_session_set_toolset (program->session, OAI_TOOLSET (source));
  oai_session_send_async (program->session, question != NULL ? question : "Use the tool: what is 2 plus 3?", NULL, replied_cb, program);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiMcpClient *client = OAI_MCP_CLIENT (source);
  Program *program = user_data;
  g_autoptr(OaiMcpToolset) toolset = NULL;
  GError *error = NULL;

  if (!oai_mcp_client_connect_finish (client, result, &error))
    {
      fail (program, error);
      return;
    }

  toolset = oai_mcp_toolset_new (client);
  oai_mcp_toolset_set_approval (toolset, OAI_MCP_APPROVAL_ALWAYS);
  g_signal_connect (toolset, "approval-requested", G_CALLBACK (approval_requested_cb), NULL);
  oai_mcp_toolset_load_async (toolset, NULL, loaded_cb, program);
}

int
main (int argc, char **argv)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiSession) session = oai_responses_session_new (client, model != NULL ? model : "gpt-4o-mini");
  g_autoptr(OaiMcpClient) server = NULL;
  Program program = { loop, session, NULL };
  g_autoptr(GError) error = NULL;

  if (argc < 2)
    {
      g_printerr ("usage: mcp COMMAND ARGUMENT...\n");
      return 2;
    }

  server = oai_mcp_client_new_for_command ((const char *const *) argv + 1, NULL);
  oai_mcp_client_connect_async (server, NULL, connected_cb, &program);
  g_main_loop_run (loop);
  error = program.error;
  if (error == NULL)
    return 0;

  g_printerr ("%s\n", error->message);
  return 1;
}
