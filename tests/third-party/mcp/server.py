# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server made with the package mcp of PyPI, on standard input and output, or on the network with the number of a port."""

import sys
from typing import Annotated

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.resolve import Elicit, ListRoots, Resolve, Sample
from mcp_types import CreateMessageResult, ListRootsResult, SamplingMessage, TextContent
from pydantic import BaseModel

server = MCPServer("py-test", instructions="Use the tools.")


class Person(BaseModel):
    name: str


def find_person() -> Elicit[Person]:
    return Elicit("Who are you?", Person)


def find_word() -> Sample:
    return Sample([SamplingMessage(role="user", content=TextContent(type="text", text="Say a word"))], max_tokens=5)


def find_roots() -> ListRoots:
    return ListRoots()


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def broken() -> str:
    """Fails."""
    raise ValueError("a secret of the server")


@server.tool()
def greet_user(person: Annotated[Person, Resolve(find_person)]) -> str:
    """Gets a name from the user."""
    return "Hello, " + person.name


@server.tool()
def say(word: Annotated[CreateMessageResult, Resolve(find_word)]) -> str:
    """Gets a word from the model."""
    return word.model + ": " + word.content.text


@server.tool()
def show_roots(roots: Annotated[ListRootsResult, Resolve(find_roots)]) -> str:
    """Gets the roots."""
    return " ".join(str(root.uri) for root in roots.roots)


@server.tool()
async def work(context: Context) -> str:
    """Reports progress."""
    for step in range(1, 5):
        await context.report_progress(step, 4, "step")
    return "done"


@server.tool()
async def change(context: Context) -> str:
    """Adds a tool, and notifies clients."""
    server.add_tool(lambda: "new", name="added")
    await context.notify_tools_changed()
    await context.notify_resource_updated("test://page")
    return "changed"


@server.resource("test://page")
def page() -> str:
    return "A page."


@server.resource("test://greeting/{name}")
def greeting(name: str) -> str:
    return "Hello, " + name


@server.prompt()
def greet(who: str) -> str:
    return "Greet " + who


if len(sys.argv) > 1:
    server.run("streamable-http", port=int(sys.argv[1]))
else:
    server.run("stdio")
