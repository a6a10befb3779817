/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loads the module by its name, and calls an operation by its name. */

#include <locale.h>
#include <openai-1/openai.h>

int
main (int argc, char **argv)
{
  const char *arguments = argc > 1 ? argv[1] : "{\"city\": \"Paris\"}";
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiEndpoint) weather = oai_client_get_endpoint (client, "weather", &error);
  g_autofree char *report = NULL;

  setlocale (LC_ALL, "");
  if (weather != NULL)
    report = oai_endpoint_invoke_by_name (weather, "retrieve", arguments, NULL, &error);
  if (report == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  g_print ("%s\n", report);
  return 0;
}
