/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A back end that forwards requests to the API with its own key.  It accepts the tokens that proxy-login issues.
 *
 * usage: proxy ADDRESS KEYS [USAGE-LOG], for example "proxy 127.0.0.1:8080 token-keys usage.db" (the files are created if they do not
 * exist) */

#include <glib-unix.h>
#include <locale.h>
#include <openai-1/openai.h>

typedef struct
{
  GMainLoop *loop;
  OaiProxyServer *server;
} Program;

static gboolean
create_keys (const char *path, GError **error)
{
  g_autofree char *line = oai_proxy_token_issuer_generate_key_line ("first", error);

  return line != NULL && g_file_set_contents_full (path, line, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

static OaiProxyTokenIssuer *
create_issuer (const char *path, GError **error)
{
  g_autoptr(OaiProxyTokenIssuer) issuer = oai_proxy_token_issuer_new ();
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  const char *operations[] = { "chat.*", "models.*", NULL };

  if (!g_file_test (path, G_FILE_TEST_EXISTS) && !create_keys (path, error))
    return NULL;
  if (!oai_proxy_token_issuer_load_keys (issuer, path, error))
    return NULL;

  /* The limits of tokens that name "free". */
  oai_proxy_limits_set_requests_per_minute (limits, 20);
  oai_proxy_limits_set_tokens_per_day (limits, 100000);
  oai_proxy_limits_set_allowed_operations (limits, operations);
  oai_proxy_authenticator_set_limits (OAI_PROXY_AUTHENTICATOR (issuer), "free", limits);

  return g_steal_pointer (&issuer);
}

static void
on_finished (OaiProxyServer *server, OaiProxyReport *report, gpointer user_data)
{
  const char *identity = oai_proxy_report_get_identity (report);

  g_print ("%s: %s, status %u", identity != NULL ? identity : "unknown", oai_proxy_report_get_operation (report), oai_proxy_report_get_status (report));
  if (oai_proxy_report_has_usage (report))
    g_print (", %" G_GINT64_FORMAT " tokens", oai_proxy_report_get_input_tokens (report) + oai_proxy_report_get_output_tokens (report));
  g_print ("\n");
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr(GError) error = NULL;

  if (!oai_proxy_server_shutdown_finish (program->server, result, &error))
    g_printerr ("%s\n", error->message);
  g_main_loop_quit (program->loop);
}

/* Replies that are being sent may take five more seconds. */
static gboolean
on_signal (gpointer user_data)
{
  Program *program = user_data;

  oai_proxy_server_shutdown_async (program->server, 5000, NULL, on_stopped, program);

  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiProxyServer) server = oai_proxy_server_new (client);
  g_autoptr(OaiProxyTokenIssuer) issuer = NULL;
  g_auto(GStrv) addresses = NULL;
  Program program = { loop, server };

  setlocale (LC_ALL, "");
  if (argc != 3 && argc != 4)
    {
      g_printerr ("usage: proxy ADDRESS KEYS [USAGE-LOG]\n");
      return 2;
    }

  issuer = create_issuer (argv[2], &error);
  if (issuer != NULL)
    oai_proxy_server_add_authenticator (server, OAI_PROXY_AUTHENTICATOR (issuer));
  if (issuer == NULL || !oai_proxy_server_open_usage_log (server, argv[3], &error) || !oai_proxy_server_listen (server, argv[1], NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  addresses = oai_proxy_server_list_addresses (server);
  g_print ("Listening at http://%s/v1\n", addresses[0]);
  g_signal_connect (server, "finished", G_CALLBACK (on_finished), NULL);
  g_unix_signal_add (SIGINT, on_signal, &program);
  g_unix_signal_add (SIGTERM, on_signal, &program);
  g_main_loop_run (loop);

  return 0;
}
