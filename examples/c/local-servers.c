/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds the servers on this machine, and prints a line for each model: the name of the server, its base
 * URL and the model, separated by tabs. */

#include <locale.h>
#include <openai-1/openai.h>

static void
print_models (OaiLocalServer *server)
{
  const char *const *models = oai_local_server_get_models (server);

  for (guint i = 0; models[i] != NULL; i++)
    g_print ("%s\t%s\t%s\n", oai_local_server_get_name (server), oai_local_server_get_base_url (server), models[i]);
}

int
main (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GListModel) servers = NULL;
  guint n_servers;

  setlocale (LC_ALL, "");

  servers = oai_find_local_servers (NULL, &error);
  if (servers == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  n_servers = g_list_model_get_n_items (servers);
  for (guint i = 0; i < n_servers; i++)
    {
      g_autoptr(OaiLocalServer) server = g_list_model_get_item (servers, i);

      print_models (server);
    }
  if (n_servers == 0)
    g_print ("No server was found on this machine.\n");

  return 0;
}
