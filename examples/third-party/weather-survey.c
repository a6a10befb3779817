/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Uploads measurements, waits until they are evaluated, and saves a chart: with methods of the
 * module, each of which is one line of its description. */

#include <locale.h>
#include <openai-1/openai.h>

#include "oai-weather-endpoint.h"

static gboolean
run (OaiWeatherEndpoint *weather, const char *path, const char *chart, GError **error)
{
  g_autoptr(OaiWeatherSurvey) survey = oai_weather_endpoint_survey_path (weather, path, NULL, error);
  g_autoptr(OaiWeatherSurvey) done = survey != NULL ? oai_weather_survey_wait (survey, 0, -1, NULL, error) : NULL;
  OaiWeatherReport *report;

  if (done == NULL)
    return FALSE;

  report = oai_weather_survey_get_report (done);
  g_print ("%s: %.1f °C, %s\n", oai_weather_survey_get_status (done), oai_weather_survey_get_temperature (done),
           report != NULL && oai_weather_report_is_wet (report) ? "wet" : "dry");

  return oai_weather_endpoint_save_chart_to_path (weather, "Paris", chart, FALSE, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiWeatherEndpoint) weather = oai_weather_endpoint_new (client);

  setlocale (LC_ALL, "");
  if (argc != 3)
    {
      g_printerr ("usage: %s MEASUREMENTS CHART\n", argv[0]);
      return 2;
    }
  if (!run (weather, argv[1], argv[2], &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  return 0;
}
