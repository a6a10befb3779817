#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lets a model use functions of the program in a conversation.

usage: session.py QUESTION... (OPENAI_MODEL names the model)
"""

import asyncio
import enum
import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402

toolset = Oai.Toolset()


class Unit(enum.Enum):
    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


@toolset.tool
async def get_temperature(city: str, unit: Unit = Unit.CELSIUS):
    """Returns the temperature in a city.

    Args:
        city: the name of the city, in English
        unit: the unit of the temperature
    """
    await asyncio.sleep(0.01)  # a program would send a request here
    if not city:
        raise Oai.ToolError("The name of the city is empty.")
    return {"city": city, "temperature": 31 if unit is Unit.CELSIUS else 88}


async def ask(questions):
    session = Oai.ResponsesSession.new(Oai.Client(), os.environ.get("OPENAI_MODEL", "gpt-4o-mini"))
    session.instructions = "Answer in one sentence."
    session.toolset = toolset
    session.connect("call-finished", lambda _session, call: print("[%s %s: %s]" % (call.name, call.arguments, call.output)))
    for question in questions:
        reply = await session.send_async(question)
        print("%s\n%s" % (question, reply.text))


def main():
    try:
        Oai.run(ask(sys.argv[1:] or ["Use the tool: how warm is it in Kuala Lumpur?", "And in Fahrenheit?"]))
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
