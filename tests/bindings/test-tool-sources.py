#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests what tools can be made from, in Python.  Prints TAP.

usage: dbus-run-session -- test-tool-sources.py COMMAND... (starts an MCP server)
"""

import functools
import json
import sys
import traceback

import gi

gi.require_version("Kiosk", "1")
gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
from gi.repository import Gio, GLib, GObject, Kiosk, Oai, OaiMock  # noqa: E402

TESTS = []
State = Oai.ToolCallState
RADIO = """<node><interface name="org.example.Radio"><method name="Tune">
  <arg type="s" name="station" direction="in"/><arg type="d" name="frequency" direction="out"/>
</method></interface></node>"""
HOSTILE_TEXTS = ["[]", "1", '"text"', "{", '{"a":}', '{"unknown":1}', "NaN", "{}{}", '{"a":' * 10000 + "1" + "}" * 10000]
HOSTILE_VALUES = ["null", "true", "-1", "1.5", "1e400", "NaN", "18446744073709551616", '"text"', '"\\u0000"', '"\\ud800"',
                  "[]", "[null]", '{"a":{"b":[]}}', '{"a":1,"a":2}', "[" * 10000 + "]" * 10000]


def test(function):
    TESTS.append(function)
    return function


def uses_mock(function):
    """Gives a client of the mock service to a test."""

    @functools.wraps(function)
    async def use():
        server = OaiMock.Server.new()
        server.start_in_thread()
        try:
            settings = Oai.Settings.new_for_base_url(server.get_base_url())
            await function(Oai.Client.new(Oai.Auth.new("sk-test"), settings))
        finally:
            server.stop()

    return use


async def call(toolset, name, arguments):
    return await toolset.call_async("call_1", name, arguments, None)


async def get_result(toolset, name, arguments):
    ended = await call(toolset, name, arguments)
    assert ended.get_state() == State.SUCCEEDED, (ended.get_output(), ended.get_error())
    return json.loads(ended.get_output())["result"]


async def get_refusal(toolset, name, arguments):
    """What the model gets if a call fails."""
    ended = await call(toolset, name, arguments)
    assert ended.get_state() == State.FAILED, ended.get_output()
    return json.loads(ended.get_output())["error"]


async def survives(toolset, name):
    """Checks that arguments of any kind are answered, and those that are no object are refused."""
    for text in HOSTILE_TEXTS:
        await get_refusal(toolset, name, text)
    for argument in json.loads(toolset.find(name).get_parameters().get_json())["properties"]:
        for value in HOSTILE_VALUES:
            ended = await call(toolset, name, '{"%s":%s}' % (argument, value))
            assert ended.has_ended()


def make_toolset(*tools):
    toolset = Oai.Toolset()
    for tool in tools:
        toolset.add(tool)
    return toolset


@test
async def a_function_with_a_schema():
    toolset = Oai.Toolset()
    schema = '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}'
    toolset.add_function("weather", "The weather", schema, lambda call, *_data: call.respond("mild in " + call.get_string("city")))
    assert await get_result(toolset, "weather", {"city": "Brno"}) == "mild in Brno"
    assert "city" in await get_refusal(toolset, "weather", {})
    await survives(toolset, "weather")


@test
async def methods_of_an_object():
    desk = Kiosk.Desk.new()
    toolset = make_toolset(Oai.Tool.new_for_method(desk, "get_weather"), Oai.Tool.new_for_method(desk, "order_async"))
    weather, order = (tool.get_name() for tool in toolset)
    assert await get_result(toolset, weather, {"city": "Brno", "unit": "celsius"}) == "Brno C 3"
    assert await get_result(toolset, order, {"dish": "soup"}) == {"return_value": "one soup", "price": 7}
    assert "unit" in await get_refusal(toolset, weather, {"city": "Brno", "unit": "kelvin"})
    assert desk.get_n_calls() >= 2
    await survives(toolset, weather)
    await survives(toolset, order)


@test
async def all_methods_of_an_object():
    toolset = Oai.Toolset()
    toolset.add_object(Kiosk.Desk.new())
    assert len(toolset) == 4
    assert await get_result(toolset, "KioskDesk_greet", {"name": "you"}) == "Hello you"


@test
async def functions_of_a_namespace():
    toolset = make_toolset(Oai.Tool.new_for_function("Kiosk", "secret"))
    toolset.add_namespace("Kiosk", "1")
    assert await get_result(toolset, "shout", {"text": "straße"}) == "STRASSE"
    assert await get_result(toolset, "Kiosk_secret", {"number": 84}) == 42
    await survives(toolset, "shout")


@test
async def actions():
    group = Gio.SimpleActionGroup()
    volume = Gio.SimpleAction.new_stateful("volume", GLib.VariantType("i"), GLib.Variant("i", 50))
    volume.set_state_hint(GLib.Variant("(ii)", (0, 100)))
    group.add_action(volume)
    toolset = Oai.ActionToolset.new(group)
    assert await get_result(toolset, "volume", {"value": 80}) == 80
    assert group.get_action_state("volume").unpack() == 80
    assert await get_refusal(toolset, "volume", {"value": 101})
    await survives(toolset, "volume")
    group.remove_action("volume")
    assert toolset.find("volume") is None


@test
async def the_properties_of_a_class():
    class Booking(GObject.Object):
        name = GObject.Property(type=str, blurb="Name of the guest")
        persons = GObject.Property(type=int, minimum=1, maximum=12, default=2)

    def book(call, booking, *_data):
        call.respond("%s: %d" % (booking.name, booking.persons))

    toolset = make_toolset(Oai.Tool.new_for_type("book", None, Booking.__gtype__, book))
    assert await get_result(toolset, "book", {"name": "Ada", "persons": 3}) == "Ada: 3"
    assert "persons" in await get_refusal(toolset, "book", {"name": "Ada", "persons": 13})
    await survives(toolset, "book")


@test
async def methods_of_a_dbus_object():
    def called(_connection, _sender, _path, _interface, _method, arguments, invocation):
        invocation.return_value(GLib.Variant("(d)", (87.5 + len(arguments[0]),)))

    interface = Gio.DBusNodeInfo.new_for_xml(RADIO).interfaces[0]
    bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    bus.register_object("/radio", interface, called, None, None)
    proxy = Gio.DBusProxy.new_sync(bus, Gio.DBusProxyFlags.DO_NOT_LOAD_PROPERTIES, interface, bus.get_unique_name(), "/radio",
                                   "org.example.Radio", None)
    toolset = make_toolset(Oai.Tool.new_for_dbus_method(proxy, "Tune"))
    assert await get_result(toolset, "Radio_Tune", {"station": "Jazz"}) == 91.5
    await survives(toolset, "Radio_Tune")


@test
@uses_mock
async def an_operation_of_the_api(client):
    replies = []
    tool = Oai.Tool.new_for_operation(client.images, "generate", {"model": "gpt-image-1", "n": 1},
                                      lambda _call, reply, *_data: replies.append(json.loads(reply)))
    toolset = make_toolset(tool, Oai.Tool.new_for_operation(client.models, "retrieve", None))
    assert (await get_result(toolset, "images_generate", {"prompt": "a cat"}))["output_format"] == "png"
    assert replies[0]["data"][0]["b64_json"]
    assert "model" in await get_refusal(toolset, "images_generate", {"prompt": "a cat", "model": "other"})
    assert (await get_result(toolset, "models_retrieve", {"model": "gpt-4o"}))["id"] == "gpt-4o"
    await get_refusal(toolset, "models_retrieve", {"model": "../files"})


@test
async def the_tools_of_an_mcp_server():
    client = Oai.McpClient.new_for_command(sys.argv[1:])
    try:
        await Oai.McpToolset.new(client).load_async()
    except GLib.Error as error:
        assert "oai_mcp_client_connect_async()" in error.message, error
    else:
        raise AssertionError("a client that is not connected has tools")
    await client.connect_async()
    try:
        toolset = Oai.McpToolset.new(client)
        toolset.approval = Oai.McpApproval.NEVER
        await toolset.load_async()
        assert await get_result(toolset, "add", {"a": 2, "b": 3}) == {"sum": 5}
        assert not (await client.call_tool_async("add", {"a": 2, "b": 3})).is_error
        assert "b" in await get_refusal(toolset, "add", {"a": 2})
        await get_refusal(toolset, "fail", {})
        assert await get_result(toolset, "read_resource", {"uri": "test://text"}) == "The text."
        assert "Ada" in json.dumps(await get_result(toolset, "prompt_greet", {"who": "Ada"}))
        await survives(toolset, "add")
        toolset.features = Oai.McpFeatures.RESOURCES
        await toolset.load_async()
        assert [tool.name for tool in toolset] == ["list_resources", "read_resource"]
    finally:
        await client.close_async()


@test
@uses_mock
async def tools_of_several_sources_in_one_session(client):
    toolset = make_toolset(Oai.Tool.new_for_method(Kiosk.Desk.new(), "get_weather"))
    toolset.add_namespace("Kiosk", "1")
    session = Oai.ChatSession.new(client, "gpt-4o-mini")
    session.toolset = toolset
    reply = await session.send_async("Use the tools: what is the weather in Brno?")
    assert reply.text
    called = [item.call.get_name() for item in session if item.call is not None]
    assert called == [tool.get_name() for tool in toolset], called


def main():
    failures = 0
    print("1..%d" % len(TESTS))
    for number, function in enumerate(TESTS, 1):
        name = function.__name__.replace("_", "-")
        try:
            Oai.run(function())
            print("ok %d %s" % (number, name), flush=True)
        except Exception:
            failures += 1
            print("not ok %d %s" % (number, name))
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
