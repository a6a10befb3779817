#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests tools that are functions of Python.  Prints TAP."""

import asyncio
import dataclasses
import datetime
import enum
import functools
import gc
import json
import sys
import threading
import time
import traceback
import typing
import weakref

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
from gi.repository import Gio, GLib, GObject, Oai, OaiMock  # noqa: E402

TESTS = []
State = Oai.ToolCallState


def test(function):
    TESTS.append(function)
    return function


class Unit(enum.Enum):
    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Access(enum.Flag):
    READ = 1
    WRITE = 2


@dataclasses.dataclass
class Place:
    """A spot on the map.

    Attributes:
        name: how it is called
    """

    name: str
    latitude: float = 0.0
    parts: "list[Place]" = dataclasses.field(default_factory=list)
    unit: Unit = dataclasses.field(default=Unit.CELSIUS, metadata={"description": "of the temperature"})


class Options(typing.TypedDict):
    days: int
    unit: typing.NotRequired[Unit]


def describe(function, **options):
    """The schema of the arguments."""
    return json.loads(Oai.Tool.new_for_callable(function, **options).get_parameters().get_json())


def describe_hint(hint):
    def function(value):
        return value

    function.__annotations__ = {"value": hint}
    return describe(function)["properties"]["value"]


def start(toolset, name, arguments, cancellable=None):
    """Starts a call; the returned list contains it when it has ended."""
    ended = []

    def done(_toolset, result):
        try:
            ended.append(toolset.call_finish(result))
        except GLib.Error as error:
            ended.append(error)

    toolset.call_async("call_1", name, arguments if isinstance(arguments, str) else json.dumps(arguments), cancellable, done)
    return ended


def wait(ended, count=1):
    end = time.monotonic() + 20
    while len(ended) < count and time.monotonic() < end:
        GLib.MainContext.default().iteration(False)
        time.sleep(0.0001)
    assert len(ended) >= count, "the call does not end"
    return ended[0]


def run(function, arguments, **options):
    """Calls a function as a tool."""
    toolset = Oai.Toolset()
    toolset.tool(name="tool", **options)(function)
    return wait(start(toolset, "tool", arguments))


def get_result(function, arguments, **options):
    call = run(function, arguments, **options)
    assert call.get_state() == State.SUCCEEDED, (call.get_output(), call.get_error())
    return json.loads(call.get_output())["result"]


def get_refusal(function, arguments, **options):
    """What the model gets if a call fails."""
    call = run(function, arguments, **options)
    assert call.get_state() == State.FAILED, call.get_output()
    return json.loads(call.get_output())["error"]


def get_error(kind, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except kind as error:
        return str(error)
    raise AssertionError("no %s" % kind.__name__)


@test
def a_function_becomes_a_tool():
    toolset = Oai.Toolset()

    @toolset.tool
    def get_weather(city: str, days: int = 1):
        """Returns the weather
        of a city.

        More about it.
        """
        return "%s: %d" % (city, days)

    tool = toolset.find("get_weather")
    assert tool.get_description() == "Returns the weather of a city."
    assert json.loads(tool.get_parameters().get_json()) == {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 1}},
        "required": ["city"],
        "additionalProperties": False,
    }
    assert get_weather("Bonn") == "Bonn: 1"
    assert wait(start(toolset, "get_weather", {"city": "Bonn", "days": 3})).get_output() == '{"result":"Bonn: 3"}'
    assert wait(start(toolset, "get_weather", {"city": "Bonn"})).get_output() == '{"result":"Bonn: 1"}'


@test
def options_are_keyword_arguments():
    toolset = Oai.Toolset()

    @toolset.tool(name="other", description="Does it", needs_approval=True, timeout_ms=5, strict=True, parallel=False)
    def function(a: int = 3):
        return a

    tool = toolset.find("other")
    assert tool.get_description() == "Does it" and tool.get_needs_approval() and tool.get_strict() and not tool.get_parallel()
    assert tool.timeout_ms == 5 and tool.needs_approval
    assert "default" not in tool.get_parameters().get_json()
    assert "no property time" in get_error(TypeError, toolset.tool, function, name="x", time=3)
    assert "already" in get_error(GLib.Error, toolset.tool, function, name="other")
    assert "not a name" in get_error(GLib.Error, toolset.tool, lambda: 3)


@test
def types_are_described():
    text = {"type": "string"}
    for hint, schema in (
            (str, text), (int, {"type": "integer"}), (float, {"type": "number"}), (bool, {"type": "boolean"}),
            (typing.Any, {}), (object, {}), (None, {"type": "null"}),
            (list, {"type": "array", "items": {}}), (list[str], {"type": "array", "items": text}),
            (set[str], {"type": "array", "items": text}), (typing.Sequence[str], {"type": "array", "items": text}),
            (tuple[str, ...], {"type": "array", "items": text}),
            (dict, {"type": "object", "additionalProperties": {}}), (dict[str, str], {"type": "object", "additionalProperties": text}),
            (typing.Optional[str], {"type": ["string", "null"]}), (str | None, {"type": ["string", "null"]}),
            (int | list[str], {"anyOf": [{"type": "integer"}, {"type": "array", "items": text}]}),
            (typing.Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}), (typing.Literal[1, None], {"enum": [1, None]}),
            (Unit, {"type": "string", "enum": ["celsius", "fahrenheit"]}), (Level, {"type": "string", "enum": ["LOW", "HIGH"]}),
            (Access, {"type": "array", "items": {"type": "string", "enum": ["READ", "WRITE"]}}),
            (Gio.PasswordSave, {"type": "string", "enum": ["never", "for-session", "permanently"]}),
            (Gio.FileCopyFlags, None), (typing.NewType("City", str), text),
            (typing.Annotated[str, "the city"], {"type": "string", "description": "the city"}),
            (datetime.date, {"type": "string", "format": "date"}), (datetime.datetime, {"type": "string", "format": "date-time"}),
    ):
        assert schema is None or describe_hint(hint) == schema, (hint, describe_hint(hint))
    assert "backup" in describe_hint(Gio.FileCopyFlags)["items"]["enum"]


class Gauge:
    def get_value(self, unit: str):
        return unit


@test
def types_that_are_not_json_are_refused():
    for hint in (bytes, Gio.File, tuple[int, str], dict[int, str], typing.Callable, typing.TypeVar("T")):
        assert "function: the argument value: values of the type" in get_error(TypeError, describe_hint, hint), hint
    assert "no *args" in get_error(TypeError, describe, lambda *args: args)
    assert "no *others" in get_error(TypeError, describe, lambda **others: others)
    assert "toolset.tool(object.get_value)" in get_error(TypeError, describe, Gauge.get_value)

    def unknown(value: "NoSuchType"):  # noqa: F821
        return value

    assert "NoSuchType" in get_error(TypeError, describe, unknown)


@test
def objects_are_described_once():
    def function(place: Place, other: Place | None, options: Options):
        return place, other, options

    schema = describe(function)
    assert schema["properties"]["place"] == {"$ref": "#/$defs/Place"}
    assert schema["properties"]["other"] == {"anyOf": [{"$ref": "#/$defs/Place"}, {"type": "null"}]}
    place = schema["$defs"]["Place"]
    assert place["description"] == "A spot on the map." and place["required"] == ["name"]
    assert place["properties"]["name"] == {"type": "string", "description": "how it is called"}
    assert place["properties"]["parts"] == {"type": "array", "items": {"$ref": "#/$defs/Place"}}
    assert place["properties"]["unit"]["description"] == "of the temperature"
    assert schema["$defs"]["Options"]["required"] == ["days"]


@test
def arguments_are_described_in_three_styles():
    def google(city, unit="celsius"):
        """Returns it.

        Args:
            city (str, optional): the city: a name
                in English
            unit: the unit

        Returns:
            city: not this
        """
        return city, unit

    def numpy(city, unit="celsius"):
        """Returns it.

        Parameters
        ----------
        city : str
            the city: a name
            in English
        unit
            the unit

        Returns
        -------
        city
            not this
        """
        return city, unit

    def sphinx(city, unit="celsius"):
        """Returns it.

        :param str city: the city: a name
            in English
        :param unit: the unit
        :returns: not this
        """
        return city, unit

    for function in (google, numpy, sphinx):
        tool = Oai.Tool.new_for_callable(function)
        assert tool.get_description() == "Returns it.", tool.get_description()
        properties = describe(function)["properties"]
        assert properties["city"] == {"description": "the city: a name in English"}, (function, properties)
        assert properties["unit"] == {"type": "string", "description": "the unit", "default": "celsius"}, (function, properties)


@test
def arguments_have_the_hinted_types():
    def function(place: Place, options: Options, unit: Unit, level: Level, access: Access, save: Gio.PasswordSave, *,
                 flags: Gio.FileCopyFlags, day: datetime.date, names: set[str], number: float, pair: int | str | None):
        assert isinstance(place, Place) and isinstance(place.parts[0], Place) and place.parts[0].unit is Unit.FAHRENHEIT
        assert place.latitude == 5 and isinstance(place.latitude, float)
        assert options == {"days": 3, "unit": Unit.CELSIUS}
        assert unit is Unit.FAHRENHEIT and level is Level.HIGH and access == Access.READ | Access.WRITE
        assert save is Gio.PasswordSave.FOR_SESSION
        assert flags == Gio.FileCopyFlags.OVERWRITE | Gio.FileCopyFlags.BACKUP
        assert day == datetime.date(2024, 2, 29) and names == {"a", "b"} and isinstance(number, float) and pair is None
        return [place, options, unit, level, access, save, flags, day, sorted(names), number]

    arguments = {
        "place": {"name": "Bonn", "latitude": 5, "parts": [{"name": "Beuel", "unit": "fahrenheit"}]},
        "options": {"days": 3.0, "unit": "celsius"}, "unit": "fahrenheit", "level": "HIGH", "access": ["READ", "WRITE"],
        "save": "for-session", "flags": ["overwrite", "backup"], "day": "2024-02-29", "names": ["a", "b", "a"], "number": 2,
        "pair": None,
    }
    assert get_result(function, arguments) == [
        {"name": "Bonn", "latitude": 5.0, "unit": "celsius",
         "parts": [{"name": "Beuel", "latitude": 0.0, "parts": [], "unit": "fahrenheit"}]},
        {"days": 3, "unit": "celsius"}, "fahrenheit", "HIGH", ["READ", "WRITE"], "for-session", ["overwrite", "backup"], "2024-02-29",
        ["a", "b"], 2.0]


@test
def methods_partial_functions_and_objects_are_functions():
    class Thermometer:
        """A thermometer."""

        def __init__(self, degrees):
            self.degrees = degrees

        def read(self, unit: Unit):
            """Reads it."""
            return "%d %s" % (self.degrees, unit.value)

        def __call__(self, plus: int):
            """Adds."""
            return self.degrees + plus

        @staticmethod
        def calibrate(by: int):
            return by

        @classmethod
        def buy(cls, degrees: int):
            return cls(degrees).degrees

    def add(a: int, b: int, /, c: int = 3):
        return [a, b, c]

    @functools.wraps(add)
    def wrapper(*arguments, **keywords):
        return add(*arguments, **keywords)

    thermometer = Thermometer(20)
    assert Oai.Tool.new_for_callable(thermometer.read).get_name() == "read"
    assert Oai.Tool.new_for_callable(thermometer).get_name() == "Thermometer"
    assert Oai.Tool.new_for_callable(thermometer).get_description() == "Adds."
    assert get_result(thermometer.read, {"unit": "celsius"}) == "20 celsius"
    assert get_result(thermometer, {"plus": 2}) == 22
    assert get_result(Thermometer.calibrate, {"by": 2}) == 2
    assert get_result(Thermometer.buy, {"degrees": 2}) == 2
    assert get_result(functools.partial(add, 1), {"b": 2}) == [1, 2, 3]
    assert get_result(wrapper, {"a": 1, "b": 2}) == [1, 2, 3]


@test
def a_function_can_take_its_call():
    seen = []

    def function(call: Oai.ToolCall, city: str, cancellable: Gio.Cancellable):
        call.report_progress(0.5, "half")
        seen.extend([call, cancellable])
        return city

    assert list(describe(function)["properties"]) == ["city"]
    call = run(function, {"city": "Bonn"})
    assert seen == [call, call.get_cancellable()] and call.progress == 0.5 and call.progress_text == "half"


@test
def results_become_json():
    tool = Oai.ChatMessage(role="user", content="Hi")
    for value, result in (
            (None, "success"), ("text \0 \ud800 ü", "text \ufffd ? ü"), (3, 3), (2.5, 2.5), (True, True), ([1, (2, 3)], [1, [2, 3]]),
            ({"a": {Unit.CELSIUS: None}}, {"a": {"celsius": None}}), (Level.LOW, "LOW"), (tool, {"role": "user", "content": "Hi"}),
            (Place("Bonn"), {"name": "Bonn", "latitude": 0.0, "parts": [], "unit": "celsius"}),
            (GLib.Variant("(sai)", ("a", [1, 2])), ["a", [1, 2]]), (datetime.time(12), "12:00:00"),
    ):
        assert get_result(lambda value=value: value, {}) == result, value


@test
def results_that_are_not_json_are_failures():
    for value in (object(), b"x", float("nan"), float("inf"), {b"x": 1}, [Oai.Client]):
        assert get_refusal(lambda value=value: value, {}) == "The tool failed.", value
    cycle = []
    cycle.append(cycle)
    assert get_refusal(lambda: cycle, {}) == "The tool failed."


@test
def the_text_of_an_exception_is_not_sent():
    def fails(kind: str):
        if kind == "glib":
            Gio.File.new_for_path("/no/such/file").load_contents(None)
        if kind == "text":
            raise ValueError("a secret \0 \ud800")
        raise Oai.ToolError("Use another city.")

    call = run(fails, {"kind": "text"})
    assert call.get_output() == '{"error":"The tool failed."}'
    error = call.get_error()
    assert error.matches(Oai.error_quark(), Oai.Error.FAILED) and "ValueError: a secret" in error.message, error.message
    assert "(test-tools.py:" in error.message, error.message

    call = run(fails, {"kind": "glib"})
    assert call.get_output() == '{"error":"The tool failed."}'
    assert call.get_error().matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND)

    call = run(fails, {"kind": "model"})
    assert call.get_output() == '{"error":"Use another city."}' and call.get_state() == State.FAILED


@test
def hostile_arguments_do_not_reach_the_function():
    def function(city: str, place: Place = None, days: int = 1, unit: Unit = Unit.CELSIUS, number: float = 0, when: datetime.date = None):
        reached.append((city, place, days, unit, number, when))

    reached = []
    for arguments in (
            "", "{", "[]", "3", '"city"', "nul", "{}", '{"city": 3}', '{"city": null}', '{"city": "Bonn", "other": 1}',
            '{"city": "Bonn", "days": "3"}', '{"city": "Bonn", "days": 1.5}', '{"city": "Bonn", "days": 1e999}',
            '{"city": "Bonn", "days": true}', '{"city": "Bonn", "days": NaN}', '{"city": "Bonn", "days": [1]}',
            '{"city": "Bonn", "unit": "kelvin"}', '{"city": "Bonn", "unit": "CELSIUS"}', '{"city": "Bonn", "unit": ["celsius"]}',
            '{"city": "Bonn", "number": 1e999}', '{"city": "Bonn", "number": Infinity}',
            '{"city": "Bonn", "number": %s}' % ("9" * 400), '{"city": "Bonn", "number": "1"}',
            '{"city": "Bonn", "place": {}}', '{"city": "Bonn", "place": {"name": 3}}', '{"city": "Bonn", "place": "Bonn"}',
            '{"city": "Bonn", "place": {"name": "a", "parts": [{"name": "b", "parts": [[]]}]}}',
            '{"city": "Bonn", "place": {"name": "a", "self": 1}}', '{"city": "Bonn", "place": %s}' % ("[" * 10000 + "]" * 10000),
            '{"city": "Bonn", "when": "tomorrow"}', '{"city": "Bonn", "when": "2024-13-41"}', '{"city": "Bonn"} x', "\ud800",
            '{"city": "Bonn", "place": %s}' % ('{"name": "a", "parts": [' * 3000 + "]}" * 3000),
    ):
        try:
            message = get_refusal(function, arguments)
        except UnicodeEncodeError:
            assert arguments == "\ud800"
            continue
        assert not reached, (arguments[:80], reached)
        assert message and message != "The tool failed.", (arguments[:80], message)
    run(function, '{"city": "\\ud83d\\ude00", "days": 123456789012345678901234567890}')
    assert reached[0][0] == "\N{GRINNING FACE}" and reached[0][2] in (1, 123456789012345678901234567890), reached


@test
def what_does_not_fit_is_explained_to_the_model():
    @dataclasses.dataclass
    class Even:
        number: int

        def __post_init__(self):
            if self.number % 2:
                raise ValueError("a secret")

    def function(day: datetime.date, even: Even = None):
        return day, even

    assert get_refusal(function, {"day": "2024-02-30"}) == "“day” must be a date of RFC 3339"
    assert get_refusal(function, {"day": "2024-02-29", "even": {"number": 1}}) == "“even” is not valid"


@test
def null_is_an_omitted_argument():
    def function(city: str = "Bonn", unit: Unit | None = Unit.CELSIUS):
        return [city, unit]

    assert get_result(function, {"city": None, "unit": None}, strict=True) == ["Bonn", None]
    assert get_result(function, "null") == ["Bonn", "celsius"]


@test
def a_coroutine_runs_on_the_main_loop():
    lock = asyncio.Lock()
    order = []

    async def function(number: int):
        async with lock:
            order.append(number)
            await asyncio.sleep(0.001)
        thread = await asyncio.to_thread(threading.current_thread)
        assert thread is not threading.current_thread()
        first, second = await asyncio.gather(asyncio.sleep(0, 1), asyncio.wait_for(asyncio.sleep(0.001, 2), 10))
        try:
            await asyncio.wait_for(asyncio.sleep(100), 0.001)
        except asyncio.TimeoutError:
            return number + first + second

    toolset = Oai.Toolset()
    toolset.tool(function)
    calls = [toolset.new_call("call_%d" % number, "function", json.dumps({"number": number})) for number in range(3)]
    ended = []
    toolset.run_async(calls, True, None, lambda _toolset, result: ended.append(toolset.run_finish(result)))
    wait(ended)
    assert [json.loads(call.get_output())["result"] for call in calls] == [3, 4, 5] and order == [0, 1, 2]


@test
def a_cancelled_callback_leaves_no_source():
    async def function():
        asyncio.get_running_loop().call_soon(lambda: None).cancel()
        await asyncio.sleep(0.001)
        return "done"

    context = GLib.MainContext.default()
    assert get_result(function, {}) == "done"
    for _number in range(10):
        context.iteration(False)
    assert not context.pending()


@test
def exceptions_of_a_coroutine_are_failures():
    async def fails(kind: str):
        await asyncio.sleep(0)
        raise {"model": Oai.ToolError("Use another."), "cancelled": asyncio.CancelledError()}.get(kind, ValueError("a secret"))

    assert get_refusal(fails, {"kind": ""}) == "The tool failed."
    assert get_refusal(fails, {"kind": "model"}) == "Use another."
    assert run(fails, {"kind": "cancelled"}).get_state() == State.CANCELLED


@test
def a_coroutine_is_cancelled_with_its_call():
    seen = []

    async def waits():
        try:
            seen.append("started")
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    assert get_refusal(waits, {}, timeout_ms=10) == "The tool did not answer in time."
    wait(seen, 2)
    assert seen == ["started", "cancelled"]
    seen.clear()
    toolset = Oai.Toolset()
    toolset.tool(waits)
    cancellable = Gio.Cancellable()
    ended = start(toolset, "waits", {}, cancellable)
    wait(seen)
    cancellable.cancel()
    error = wait(ended)
    assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED)
    wait(seen, 2)
    assert seen == ["started", "cancelled"]


@test
def a_coroutine_can_iterate_the_main_loop():
    async def inner():
        await asyncio.sleep(0.001)
        return "inner"

    toolset = Oai.Toolset()
    toolset.tool(inner)

    async def outer():
        result = wait(start(toolset, "inner", {})).get_output()
        await asyncio.sleep(0)
        return result

    assert get_result(outer, {}) == '{"result":"inner"}'


@test
def a_coroutine_can_use_another_main_context():
    seen = []

    async def function():
        await asyncio.sleep(0.001)
        seen.append(GLib.MainContext.get_thread_default())
        return 1

    context = GLib.MainContext.new()
    context.push_thread_default()
    try:
        toolset = Oai.Toolset()
        toolset.tool(function)
        ended = start(toolset, "function", {})
        while not ended:
            context.iteration(True)
    finally:
        context.pop_thread_default()
    assert ended[0].get_output() == '{"result":1}' and seen == [context]


@test
def a_coroutine_can_await_methods_of_the_library():
    settings = Oai.Settings.new_for_base_url("http://127.0.0.1:1/v1")
    settings.set_max_retries(0)
    client = Oai.Client(Oai.Auth.new("sk-test"), settings)
    toolset = Oai.Toolset()

    @toolset.tool
    async def inner(number: int):
        await asyncio.sleep(0.001)
        return number

    async def outer():
        calls = await asyncio.gather(*(toolset.call_async("call_%d" % number, "inner", json.dumps({"number": number}))
                                       for number in range(3)))
        single = toolset.new_call("call_4", "inner", '{"number": 4}')
        assert await single.run_async(cancellable=None) is True
        try:
            await client.chat.ask_async("m", "Hi")
        except GLib.Error as error:
            assert error.matches(Oai.error_quark(), Oai.Error.CONNECTION), error
            return [call.get_output() for call in calls] + [single.get_output()]

    assert get_result(outer, {}) == ['{"result":%d}' % number for number in (0, 1, 2, 4)]


@test
def a_method_that_a_coroutine_awaits_is_cancelled_with_its_call():
    toolset = Oai.Toolset()
    seen = []

    @toolset.tool
    async def inner(call: Oai.ToolCall):
        seen.append(call)
        await asyncio.sleep(1000)

    async def outer():
        await toolset.call_async("call_1", "inner", "{}")

    assert get_refusal(outer, {}, timeout_ms=10) == "The tool did not answer in time."
    while not seen[0].has_ended():
        GLib.MainContext.default().iteration(True)
    assert seen[0].get_state() == State.CANCELLED


@test
def the_argument_of_a_free_form_tool_is_text():
    toolset = Oai.Toolset()

    @toolset.tool(free_form=True)
    def evaluate(code: str, call: Oai.ToolCall):
        return "%s: %s" % (call.name, code)

    @toolset.tool(free_form=True)
    async def echo(text):
        return text

    assert toolset.find("evaluate").get_free_form() and toolset.find("evaluate").get_parameters() is None
    assert wait(start(toolset, "evaluate", "1 + {")).get_output() == '{"result":"evaluate: 1 + {"}'
    assert wait(start(toolset, "echo", "null")).get_output() == '{"result":"null"}'
    for function in (lambda: 1), (lambda first, second: 1), number_tool:
        try:
            toolset.tool(free_form=True, name="wrong")(function)
        except TypeError as error:
            assert "one argument of the type str" in str(error)
        else:
            raise AssertionError(function)


def number_tool(number: int):
    return number


@test
def a_method_of_python_is_no_introspected_method():
    class Speaker(GObject.Object):
        def speak(self, text: str):
            return text

    try:
        Oai.Tool.new_for_method(Speaker(), "speak")
    except GLib.Error as error:
        assert "@toolset.tool" in error.message, error.message
    else:
        raise AssertionError


def send_blocking(toolset, *names):
    """Sends a message, which is answered by calls of tools.  Returns their outputs."""
    mock = OaiMock.Server.new()
    mock.start_in_thread()
    calls = [{"id": "call_%d" % i, "type": "function", "function": {"name": name, "arguments": "{}"}} for i, name in enumerate(names)]
    for message in {"content": None, "tool_calls": calls}, {"content": "Done"}:
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **message}}
        reply = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        mock.push_reply(OaiMock.Reply.new_json(200, json.dumps(reply)))
    client = Oai.Client.new(Oai.Auth.new("sk-test"), Oai.Settings.new_for_base_url(mock.get_base_url()))
    session = Oai.ChatSession(client=client, model="m", toolset=toolset, streaming=False)
    session.connect("approval-requested", lambda _session, call: GLib.timeout_add(5, lambda: call.approve()))
    assert session.send("Hi", None).get_text() == "Done"
    mock.stop()
    return [item.get_call().get_output() for item in session if item.get_call() is not None]


def make_toolset_of_coroutines():
    toolset = Oai.Toolset()

    @toolset.tool
    async def sleep():
        await asyncio.sleep(0.01)
        return "slept"

    @toolset.tool
    async def ask():
        outputs = send_blocking(toolset, "sleep")
        await asyncio.sleep(0)
        return outputs

    return toolset


@test
def a_session_that_blocks_waits_for_coroutines():
    toolset = make_toolset_of_coroutines()
    toolset.find("sleep").set_needs_approval(True)
    slept = json.dumps({"result": "slept"}, separators=(",", ":"))
    assert send_blocking(toolset, "sleep", "sleep") == [slept, slept]
    assert send_blocking(toolset, "sleep", "ask") == [slept, json.dumps({"result": [slept]}, separators=(",", ":"))]


@test
def a_session_that_blocks_waits_for_coroutines_in_another_thread():
    outputs = []
    thread = threading.Thread(target=lambda: outputs.extend(send_blocking(make_toolset_of_coroutines(), "sleep", "ask")))
    thread.start()
    thread.join()
    assert len(outputs) == 2 and all("slept" in output for output in outputs), outputs


@test
def a_program_can_be_a_coroutine():
    async def add(first: int, second: int):
        await asyncio.sleep(0.001)
        return first + second

    toolset = Oai.Toolset()
    toolset.tool(add)

    async def main():
        call = await toolset.call_async("call_1", "add", '{"first": 1, "second": 2}')
        try:
            Oai.run(asyncio.sleep(0))
        except RuntimeError as error:
            assert "runs already" in str(error)
            return call.get_output()

    assert Oai.run(main()) == '{"result":3}'

    async def fails():
        raise KeyError("key")

    assert "key" in get_error(KeyError, Oai.run, fails())


@test
def properties_are_attributes():
    toolset = Oai.Toolset()
    toolset.tool(lambda: 1, name="one")
    session = Oai.ChatSession(client=Oai.Client(), model="m", toolset=toolset)
    session.instructions = "Be brief."
    session.max_rounds = 3
    toolset[0].timeout_ms = 5
    assert (session.instructions, session.max_rounds, session.toolset, toolset[0].timeout_ms) == ("Be brief.", 3, toolset, 5)
    call = toolset.new_call("call_1", "one", "{}")
    assert (call.name, call.arguments, call.output, call.tool) == ("one", "{}", None, toolset[0])


@test
def objects_and_records_are_arguments_and_results():
    class Recipe(GObject.Object):
        __gtype_name__ = "Recipe"
        title = GObject.Property(type=str)
        minutes = GObject.Property(type=int)

    def function(recipe: Recipe, message: Oai.ChatMessage):
        assert isinstance(recipe, Recipe) and isinstance(message, Oai.ChatMessage)
        recipe.minutes *= 2
        return [recipe, message]

    schema = describe(function)
    assert schema["properties"]["recipe"] == {"$ref": "#/$defs/Recipe"}
    assert schema["$defs"]["Recipe"]["properties"]["minutes"] == {"type": "integer"}
    arguments = {"recipe": {"title": "Soup", "minutes": 20}, "message": {"role": "user", "content": "Hi"}}
    assert get_result(function, arguments) == [{"title": "Soup", "minutes": 40}, {"role": "user", "content": "Hi"}]
    assert "“recipe" in get_refusal(function, {**arguments, "recipe": {"title": 3, "minutes": 20}})


@test
def a_schema_describes_a_dataclass():
    schema = json.loads(Oai.JsonSchema.new_for_type(Place).make_strict().get_json())
    place = schema["$defs"]["Place"]
    assert place["additionalProperties"] is False and place["required"] == ["name", "latitude", "parts", "unit"]
    assert json.loads(Oai.JsonSchema.new_for_type(Options).get_json())["$defs"]["Options"]["required"] == ["days"]
    assert json.loads(Oai.JsonSchema.new_for_type(list[int]).get_json()) == {"type": "array", "items": {"type": "integer"}}
    assert json.loads(Oai.JsonSchema.new_for_type(str).get_json()) == {"type": "string"}
    assert Oai.JsonSchema.new({"type": "string"}).validate('"a"')


def make_replies(text, reason="stop"):
    """A chat completion, a choice and a response with a text."""
    message = {"role": "assistant", "content": text}
    completion = Oai.Record.new_from_json(Oai.ChatCompletion, json.dumps(
        {"choices": [{"index": 0, "message": message, "finish_reason": reason}]}))
    output = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
              "content": [{"type": "output_text", "text": text, "annotations": []}]}
    status = {"stop": {"status": "completed"}, "length": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}}
    response = Oai.Record.new_from_json(Oai.Response, json.dumps({"id": "resp_1", "output": [output], **status[reason]}))
    return completion, completion.choices[0], response


@test
def a_reply_becomes_a_dataclass():
    chat, response = Oai.ChatRequest(model="m"), Oai.ResponseRequest(model="m")
    chat.set_response_type(Place)
    response.set_response_type(Place)
    chat_format, response_format = chat["response_format"]["json_schema"], response["text"]["format"]
    assert chat_format["name"] == response_format["name"] == "Place" and chat_format["strict"] and response_format["strict"]
    assert chat_format["schema"] == response_format["schema"], (chat_format, response_format)
    place = {"name": "Bonn", "latitude": 50.7, "parts": [{"name": "Beuel", "latitude": 0, "parts": [], "unit": "fahrenheit"}],
             "unit": "celsius"}
    for reply in make_replies(json.dumps(place)):
        assert reply.parse(Place) == Place("Bonn", 50.7, [Place("Beuel", unit=Unit.FAHRENHEIT)]), reply
    for text in ("{}", "[]", "no JSON", '{"name": 3}', "[" * 5000 + "]" * 5000):
        for reply in make_replies(text):
            try:
                reply.parse(Place)
            except GLib.Error as error:
                assert error.matches(Oai.error_quark(), Oai.Error.PROTOCOL) and "type Place: " in error.message, (text, error)
            else:
                raise AssertionError(text)
    for reply in make_replies('{"name": "Bo', "length"):
        try:
            reply.parse(Place)
        except GLib.Error as error:
            assert error.matches(Oai.error_quark(), Oai.Error.LENGTH), error
        else:
            raise AssertionError("a reply that is not complete was read")


@test
def bytes_are_accepted_as_glib_bytes():
    session = Oai.ChatSession(client=Oai.Client(), model="m")
    assert session.add_image(b"\x89PNG\r\n\x1a\n")
    session.add_file(bytes=bytearray(b"%PDF-1.7"), filename="a.pdf")
    session.add_file(GLib.Bytes.new(b"%PDF-1.7"), "b.pdf")
    assert session.n_parts == 3
    assert Oai.InputFile.new_for_bytes(b"RIFF", "a.wav").get_filename() == "a.wav"
    for wrong in ("photo.png", None, 3):
        try:
            session.add_image(wrong)
        except TypeError:
            pass
        else:
            raise AssertionError(wrong)


@test
def an_item_of_a_session_becomes_a_dataclass_or_an_object():
    class Dish(GObject.Object):
        title = GObject.Property(type=str)

    session = Oai.ChatSession(client=Oai.Client(), model="m")
    for text in ('{"name": "Bonn"}', '{"title": "Soup"}'):
        session.add_record(Oai.ChatMessage(role="assistant", content=text))
    session.add_record(Oai.ChatMessage(role="assistant", refusal="No."))
    assert session[0].parse(Place) == Place("Bonn")
    assert session[1].parse(Dish).title == "Soup"
    for hint in (Place, Dish):
        error = get_error(GLib.Error, session[2].parse, hint)
        assert "No. (%d)" % Oai.Error.CONTENT_FILTER in error, error


@test
def a_schema_with_an_error_is_rejected():
    error = get_error(GLib.Error, Oai.JsonSchema.new, {"properties": {"city": {"type": "text"}}})
    assert "#/properties/city" in error, error


@test
def tools_are_released():
    def make():
        async def function(call: Oai.ToolCall):
            await asyncio.sleep(0)
            return call.get_id()

        call = run(function, {})
        call.weak_ref(lambda: released.append("call"))
        weakref.finalize(function, released.append, "function")

    released = []
    make()
    while GLib.MainContext.default().iteration(False):  # callbacks of asyncio for the end of a task
        pass
    gc.collect()
    assert sorted(released) == ["call", "function"], released


def main():
    failures = 0
    print("1..%d" % len(TESTS))
    for number, function in enumerate(TESTS, 1):
        name = function.__name__.replace("_", "-")
        try:
            function()
            print("ok %d %s" % (number, name), flush=True)
        except Exception:
            failures += 1
            print("not ok %d %s" % (number, name))
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
