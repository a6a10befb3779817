/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program with an OaiProxyServer, which authenticates, counts limits and reads the usage of replies.
 *
 * usage: proxy serve BASE-URL TOKEN-FILE   prints the address that it listens at, and runs until a signal
 *        proxy line TOKEN                  prints the line of a token file
 */

#include <glib-unix.h>
#include <openai-1/openai.h>
#include <stdio.h>
#include <stdlib.h>

#define KEY "sk-bench-upstream-0123456789abcdef"

static void
fail (const GError *error)
{
  g_printerr ("%s\n", error->message);
  exit (1);
}

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);

  return G_SOURCE_CONTINUE;
}

/* High enough for all requests, so that everything is counted and nothing is refused. */
static OaiProxyLimits *
make_limits (void)
{
  static const char *const models[] = { "gpt-*", NULL };
  static const char *const operations[] = { "chat.*", NULL };
  OaiProxyLimits *limits = oai_proxy_limits_new ();

  oai_proxy_limits_set_requests_per_minute (limits, 1000000000);
  oai_proxy_limits_set_requests_per_day (limits, 1000000000);
  oai_proxy_limits_set_tokens_per_minute (limits, G_GINT64_CONSTANT (1000000000000));
  oai_proxy_limits_set_tokens_per_day (limits, G_GINT64_CONSTANT (1000000000000));
  oai_proxy_limits_set_max_streams (limits, 100000);
  oai_proxy_limits_set_max_body_size (limits, 1 << 20);
  oai_proxy_limits_set_allowed_models (limits, models);
  oai_proxy_limits_set_allowed_operations (limits, operations);

  return limits;
}

static OaiClient *
make_client (const char *base_url)
{
  g_autoptr(OaiSettings) settings = oai_settings_new ();
  g_autoptr(OaiAuth) auth = oai_auth_new (KEY);
  g_autoptr(GError) error = NULL;

  if (!oai_settings_set_base_url (settings, base_url, &error))
    fail (error);

  return oai_client_new (auth, settings);
}

static OaiProxyTokenFile *
open_tokens (const char *path)
{
  g_autoptr(GError) error = NULL;
  OaiProxyTokenFile *tokens = oai_proxy_token_file_new (path, &error);

  if (tokens == NULL)
    fail (error);

  return tokens;
}

static void
print_line (const char *token)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *line = oai_proxy_token_file_format_line ("bench", token, NULL, &error);

  if (line == NULL)
    fail (error);
  printf ("%s\n", line);
}

static void
serve (const char *base_url, const char *path)
{
  g_autoptr(OaiClient) client = make_client (base_url);
  g_autoptr(OaiProxyServer) server = oai_proxy_server_new (client);
  g_autoptr(OaiProxyTokenFile) tokens = open_tokens (path);
  g_autoptr(OaiProxyLimits) limits = make_limits ();
  g_autoptr(GMainLoop) loop = NULL;
  g_auto(GStrv) addresses = NULL;
  g_autoptr(GError) error = NULL;

  oai_proxy_server_add_authenticator (server, OAI_PROXY_AUTHENTICATOR (tokens));
  oai_proxy_server_set_default_limits (server, limits);
  if (!oai_proxy_server_listen (server, "127.0.0.1:0", NULL, &error))
    fail (error);

  addresses = oai_proxy_server_list_addresses (server);
  printf ("%s\n", addresses[0]);
  fflush (stdout);
  loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGTERM, quit_cb, loop);
  g_main_loop_run (loop);
  oai_proxy_server_close (server);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_strcmp0 (argv[1], "line") == 0)
    print_line (argv[2]);
  else if (argc == 4 && g_strcmp0 (argv[1], "serve") == 0)
    serve (argv[2], argv[3]);
  else
    return 2;

  return 0;
}
