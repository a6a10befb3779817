#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls an operation by its name, and then with the types of the module."""

import json
import sys

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiWeather", "1")
from gi.repository import Oai, OaiWeather  # noqa: E402

city = sys.argv[1] if len(sys.argv) > 1 else "Paris"
client = Oai.Client.new(None, None)

by_name = client.get_endpoint("weather")
print(json.loads(by_name.invoke_by_name("retrieve", {"city": city}, None))["temperature"])

report = OaiWeather.Endpoint.new(client).retrieve(city, None)
print(report.get_city(), report.get_temperature(), report.get_sky())
