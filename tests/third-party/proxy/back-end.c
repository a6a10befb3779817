/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A proxy for the clients of other projects, with the token sess-user.  It prints its URL, and a line for each request.
 *
 * usage: back-end (OPENAI_BASE_URL and OPENAI_API_KEY are those of the server behind it).  It ends with its input. */

#include <gio/gunixinputstream.h>
#include <openai-1/openai.h>
#include <unistd.h>

static gboolean
authenticate_cb (OaiProxyServer *server, OaiProxyRequest *request, gpointer user_data)
{
  g_autoptr(OaiProxyIdentity) identity = NULL;

  if (g_strcmp0 (oai_proxy_request_get_token (request), "sess-user") != 0)
    return FALSE;

  identity = oai_proxy_identity_new ("user", NULL);
  oai_proxy_request_accept (request, identity);

  return TRUE;
}

static void
finished_cb (OaiProxyServer *server, OaiProxyReport *report, gpointer user_data)
{
  gboolean completed = oai_proxy_report_get_outcome (report) == OAI_PROXY_OUTCOME_COMPLETED;
  gboolean left = oai_proxy_report_get_outcome (report) == OAI_PROXY_OUTCOME_CLIENT_CLOSED;

  g_print ("%s %s %u %s %" G_GINT64_FORMAT "\n", oai_proxy_report_get_method (report), oai_proxy_report_get_path (report),
           oai_proxy_report_get_status (report), completed ? "completed" : left ? "client-closed" : "other",
           oai_proxy_report_get_input_tokens (report) + oai_proxy_report_get_output_tokens (report));
}

static gboolean
input_cb (GObject *stream, gpointer user_data)
{
  g_main_loop_quit (user_data);

  return G_SOURCE_REMOVE;
}

int
main (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiProxyServer) server = oai_proxy_server_new (client);
  g_autoptr(GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr(GSource) source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (input), NULL);
  g_auto(GStrv) addresses = NULL;

  g_signal_connect (server, "authenticate", G_CALLBACK (authenticate_cb), NULL);
  g_signal_connect (server, "finished", G_CALLBACK (finished_cb), NULL);
  if (!oai_proxy_server_listen (server, "127.0.0.1:0", NULL, &error))
    g_error ("%s", error->message);

  addresses = oai_proxy_server_list_addresses (server);
  g_print ("http://%s/v1\n", addresses[0]);
  g_source_set_callback (source, G_SOURCE_FUNC (input_cb), loop, NULL);
  g_source_attach (source, NULL);
  g_main_loop_run (loop);
  oai_proxy_server_close (server);

  return 0;
}
