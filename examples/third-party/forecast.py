#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints a forecast while it arrives."""

import sys

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiWeather", "1")
from gi.repository import Oai, OaiWeather  # noqa: E402

client = Oai.Client.new(None, None)
request = OaiWeather.ForecastRequest.new(sys.argv[1] if len(sys.argv) > 1 else "Paris")
stream = OaiWeather.Endpoint.new(client).forecast_stream(request)
stream.connect("text-delta", lambda _stream, text: print(text, end=""))
stream.connect("day-done", lambda _stream, report, day_index: print(f"[day {day_index}: {report.get_sky()}]", end=""))
forecast = stream.run(None)
print(f"\n{stream.get_text()}, {len(forecast.get_days())} days")
