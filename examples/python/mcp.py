#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lets a model use the tools of an MCP server.

usage: mcp.py COMMAND ARGUMENT... (OPENAI_MODEL names the model, QUESTION is what it does)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402


def approve(_toolset, call):
    """A program with a window would show a dialog here, and call approve() or deny() later."""
    print("[%s %s]" % (call.name, call.arguments))
    call.approve()


async def ask(command, question):
    client = Oai.McpClient.new_for_command(command)
    await client.connect_async()
    try:
        toolset = Oai.McpToolset.new(client)
        toolset.approval = Oai.McpApproval.ALWAYS
        toolset.connect("approval-requested", approve)
        await toolset.load_async()
        print("Tools: %s" % ", ".join(tool.name for tool in toolset))

        session = Oai.ResponsesSession.new(Oai.Client(), os.environ.get("OPENAI_MODEL", "gpt-4o-mini"))
        session.toolset = toolset
        reply = await session.send_async(question)
        print(reply.text)
    finally:
        await client.close_async()


def main():
    if len(sys.argv) < 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        Oai.run(ask(sys.argv[1:], os.environ.get("QUESTION", "Use the tool: what is 2 plus 3?")))
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
