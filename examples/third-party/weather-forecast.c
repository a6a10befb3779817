/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that prints a forecast while it arrives. */

#include <locale.h>
#include <openai-1/openai.h>

#include "oai-weather-endpoint.h"

static void
on_text (OaiWeatherStream *stream, const char *text, gpointer user_data)
{
  g_print ("%s", text);
}

static void
on_day (OaiWeatherStream *stream, OaiWeatherReport *report, guint day_index, gpointer user_data)
{
  g_print ("[day %u: %s]", day_index, oai_weather_report_get_sky (report));
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiWeatherEndpoint) weather = oai_weather_endpoint_new (client);
  g_autoptr(OaiWeatherForecastRequest) request = oai_weather_forecast_request_new (argc > 1 ? argv[1] : "Paris");
  g_autoptr(OaiWeatherStream) stream = oai_weather_endpoint_forecast_stream (weather, request);
  g_autoptr(OaiRecord) forecast = NULL;

  setlocale (LC_ALL, "");
  g_signal_connect (stream, "text-delta", G_CALLBACK (on_text), NULL);
  g_signal_connect (stream, "day-done", G_CALLBACK (on_day), NULL);
  forecast = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  if (forecast == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  g_print ("\n%s, %u days\n", oai_weather_stream_get_text (stream), oai_weather_forecast_get_days (OAI_WEATHER_FORECAST (forecast))->len);
  return 0;
}
