#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses an assistant that calls a function of the program, and prints its answer while it arrives.

usage: assistant.py QUESTION (OPENAI_MODEL names the model)
"""

import json
import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402


def get_temperature(city=None):
    return {"city": city, "celsius": 31}


TOOL = {"type": "function", "function": {
    "name": "get_temperature",
    "description": "Tells the temperature in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}}


def answer_calls(run):
    outputs = Oai.RunToolOutputsRequest.new()
    for call in run.get_tool_calls():
        print("[%s %s]" % (call.get_name(), call.get_input()))
        arguments = json.loads(call.get_input() or "{}")
        outputs.add_output(call.get_id(), json.dumps(get_temperature(arguments.get("city"))))
    return run.submit_tool_outputs_stream(outputs)


def ask(assistant, question):
    stream = assistant.create_thread_and_run_stream(Oai.ThreadRequest.new_for_text(question))
    while True:
        stream.connect("text-delta", lambda _stream, text, _index: print(text, end="", flush=True))
        run = stream.run(None)
        if not run.get_tool_calls():
            break
        stream = answer_calls(run)
    print()


def main():
    client = Oai.Client()
    question = sys.argv[1] if len(sys.argv) > 1 else "Use the tool: how warm is it in Kuala Lumpur?"
    request = Oai.AssistantRequest(model=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"),
                                   instructions="You are a helpful weather assistant.", tools=[TOOL])
    try:
        assistant = client.assistants.create(request, None)
        ask(assistant, question)
        assistant.delete_assistant(None)
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
