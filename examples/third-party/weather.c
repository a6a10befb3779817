/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Links the module, and uses its types. */

#include <locale.h>
#include <openai-1/openai.h>

#include "oai-weather-endpoint.h"

int
main (int argc, char **argv)
{
  const char *city = argc > 1 ? argv[1] : "Paris";
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiWeatherEndpoint) weather = oai_weather_endpoint_new (client);
  g_autoptr(OaiWeatherReport) report = oai_weather_endpoint_retrieve (weather, city, NULL, &error);

  setlocale (LC_ALL, "");
  if (report == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  g_print ("%s: %.1f °C, %s\n", oai_weather_report_get_city (report), oai_weather_report_get_temperature (report),
           oai_weather_report_get_sky (report));
  return 0;
}
