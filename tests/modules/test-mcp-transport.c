/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The transports of MCP, without a server. */

#include "oai-error.h"
#include "oai-mcp-http-private.h"

static void
delivered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *was_called = user_data;
  g_autoptr(GError) error = NULL;

  g_assert_false (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  *was_called = TRUE;
}

/* The sender of a message gets an error if the connection is closed. */
static void
test_closed (void)
{
  g_autoptr(OaiMcpTransport) transport = oai_mcp_http_new ("http://127.0.0.1:1/mcp", NULL);
  gboolean was_called = FALSE;
  OaiMcpMessage message = { .id = OAI_MCP_NO_ID, .method = "notifications/initialized", .text = g_strdup ("{}") };
  g_autoptr(GError) error = NULL;

  oai_mcp_transport_start (transport, &error);
  g_assert_no_error (error);
  oai_mcp_transport_abandon (transport);
  message.delivered = g_task_new (NULL, NULL, delivered_cb, &was_called);
  oai_mcp_transport_send (transport, &message);
  while (!was_called)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mcp-transport/closed", test_closed);

  return g_test_run ();
}
