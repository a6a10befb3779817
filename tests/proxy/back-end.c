/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that embeds the proxy, for tests from outside.
 *
 * usage: back-end BASE-URL
 *
 * It prints its address, accepts the token "user", prints a line for each request that has ended, and ends with the
 * standard input. */

#include <openai-1/openai.h>
#include <stdio.h>

#include <glib-unix.h>

static gboolean
authenticate_cb (OaiProxyServer *server, OaiProxyRequest *request, gpointer user_data)
{
  g_autoptr(OaiProxyIdentity) identity = NULL;

  if (g_strcmp0 (oai_proxy_request_get_token (request), "user") != 0)
    return FALSE;

  identity = oai_proxy_identity_new ("user", NULL);
  oai_proxy_request_accept (request, identity);

  return TRUE;
}

static void
finished_cb (OaiProxyServer *server, OaiProxyReport *report, gpointer user_data)
{
  static const char *const outcomes[] = { "completed", "refused", "client-closed", "upstream-failed", "aborted" };

  printf ("%s %u %s\n", oai_proxy_report_get_path (report), oai_proxy_report_get_status (report), outcomes[oai_proxy_report_get_outcome (report)]);
  fflush (stdout);
}

static gboolean
input_cb (int fd, GIOCondition condition, gpointer user_data)
{
  g_main_loop_quit (user_data);

  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-of-the-back-end");
  g_autoptr(OaiSettings) settings = oai_settings_new_for_base_url (argc == 2 ? argv[1] : "", &error);
  g_autoptr(OaiClient) client = NULL;
  g_autoptr(OaiProxyServer) server = NULL;
  g_auto(GStrv) addresses = NULL;

  if (settings != NULL)
    {
      client = oai_client_new (auth, settings);
      server = oai_proxy_server_new (client);
      oai_proxy_server_listen (server, "127.0.0.1:0", NULL, &error);
    }
  if (error != NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  addresses = oai_proxy_server_list_addresses (server);
  printf ("%s\n", addresses[0]);
  fflush (stdout);
  g_signal_connect (server, "authenticate", G_CALLBACK (authenticate_cb), NULL);
  g_signal_connect (server, "finished", G_CALLBACK (finished_cb), NULL);
  g_unix_fd_add (0, G_IO_IN | G_IO_HUP | G_IO_ERR, input_cb, loop);
  g_main_loop_run (loop);
  oai_proxy_server_close (server);
  while (g_main_context_iteration (NULL, FALSE))
    ;

  return 0;
}
