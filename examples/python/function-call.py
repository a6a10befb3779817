#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Offers a function of the program to the model, sends the results of its calls, and prints the answer.

usage: function-call.py QUESTION (OPENAI_MODEL names the model)
"""

import json
import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402

TOOL = {"type": "function", "name": "get_temperature", "description": "Returns the temperature in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
                       "additionalProperties": False},
        "strict": True}


def get_temperature(city=None):
    return {"city": city, "celsius": 31}


def ask(client, question):
    request = Oai.ResponseRequest(model=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"), input=question, tools=[TOOL])
    while True:
        response = client.responses.create(request, None)
        response.check()
        calls = response.dup_function_calls()
        if not calls:
            return response.get_output_text()

        request.add_output(response)
        for call in calls:
            print("[%s %s]" % (call.name, call.arguments))
            arguments = json.loads(call.arguments or "{}")
            request.add_function_result(call, json.dumps(get_temperature(arguments.get("city"))))


def main():
    question = sys.argv[1] if len(sys.argv) > 1 else "Use the tool: how warm is it in Kuala Lumpur?"
    try:
        print(ask(Oai.Client(), question))
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
