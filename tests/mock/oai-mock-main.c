/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The mock service as a program. Its first line of output is its base URL. */

#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "oai-mock.h"

static int lifetime = 300;
static gboolean until_eof;
static char *api_key;
static int delta_delay;
static int chunk_size;

static const GOptionEntry entries[] = {
  { "lifetime", 0, 0, G_OPTION_ARG_INT, &lifetime, "Stop after this many seconds (default: 300)", "SECONDS" },
  { "until-eof", 0, 0, G_OPTION_ARG_NONE, &until_eof, "Stop when the standard input is closed", NULL },
  { "api-key", 0, 0, G_OPTION_ARG_STRING, &api_key, "The key that requests must carry", "KEY" },
  { "delta-delay", 0, 0, G_OPTION_ARG_INT, &delta_delay, "Milliseconds before each chunk of a stream", "MS" },
  { "chunk-size", 0, 0, G_OPTION_ARG_INT, &chunk_size, "Bytes that a stream sends together", "BYTES" },
  { NULL },
};

static pid_t parent;

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_input (int fd, GIOCondition condition, gpointer loop)
{
  char buffer[256];

  if (read (fd, buffer, sizeof buffer) > 0)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static gboolean
check_parent (gpointer loop)
{
  if (getppid () != parent)
    g_main_loop_quit (loop);

  return G_SOURCE_CONTINUE;
}

static gboolean
parse_options (int *argc, char ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- a service that speaks OpenAI's API, for tests");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, argc, argv, &error) && lifetime > 0 && delta_delay >= 0 && chunk_size >= 0)
    return TRUE;

  g_printerr ("%s\n", error != NULL ? error->message : "The numbers must not be negative");
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_autoptr (OaiMockServer) server = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  parent = getppid ();
  if (!parse_options (&argc, &argv))
    return EXIT_FAILURE;

  server = oai_mock_server_new ();
  g_object_set (server, "api-key", api_key, "delta-delay", (guint) delta_delay, "chunk-size", (guint) chunk_size, NULL);
  if (!oai_mock_server_start (server, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  g_print ("%s\n", oai_mock_server_get_base_url (server));
  fflush (stdout);

  loop = g_main_loop_new (NULL, FALSE);
  g_timeout_add_seconds (lifetime, quit, loop);
  g_timeout_add (500, check_parent, loop);
  g_unix_signal_add (SIGTERM, quit, loop);
  g_unix_signal_add (SIGINT, quit, loop);
  if (until_eof)
    g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, loop);
  g_main_loop_run (loop);
  oai_mock_server_stop (server);
  g_free (api_key);

  return EXIT_SUCCESS;
}
