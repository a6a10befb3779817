# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes tools of Python functions."""

import functools
import inspect
import json
import os
import traceback
import typing

from gi.repository import Gio, GLib, Oai

from . import _oai_docstrings, _oai_types
from ._oai_types import Misfit

# Arguments that the model does not pass.
_GIVEN = {Oai.ToolCall: lambda call: call, Gio.Cancellable: lambda call: call.get_cancellable()}


def _find_code(function):
    """The function that has the hints, the name and the docstring."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function) or inspect.isclass(function):
        return inspect.unwrap(function)
    return type(function).__call__  # an object that can be called


def _get_name(function):
    code = _find_code(function)
    return type(function).__name__ if code.__name__ == "__call__" else code.__name__


def _clean(text):
    """Text that C accepts."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ")


def _describe_error(error):
    """The text for the log, with the line of the program."""
    own = os.path.dirname(__file__)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if os.path.dirname(frame.filename) != own]
    place = " (%s:%d)" % (os.path.basename(frames[-1].filename), frames[-1].lineno) if frames else ""
    return _clean("%s: %s%s" % (type(error).__name__, error, place))


def _fail(call, error):
    if isinstance(error, (Oai.ToolError, Misfit)):
        call.fail_with_message(_clean(str(error)) or "The tool failed.")
    elif isinstance(error, GLib.Error) and error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
        call.cancel()
    elif isinstance(error, GLib.Error):
        call.fail(error)
    else:
        call.fail(GLib.Error.new_literal(Oai.error_quark(), _describe_error(error), Oai.Error.FAILED))


def _respond(call, value):
    if value is None:
        call.respond(None)
    else:
        call.respond_json(_oai_types.to_json(value))


async def _respond_later(call, awaitable):
    import asyncio

    try:
        _respond(call, await awaitable)
    except Exception as error:  # pylint: disable=broad-except
        _fail(call, error)
    except asyncio.CancelledError:
        call.cancel()


def _await(call, awaitable):
    """Runs a coroutine, and cancels it when the call ends before."""
    from . import _oai_loop

    def stop(_call, _pspec):
        if call.has_ended():
            task.cancel()

    task = _oai_loop.get().create_task(_respond_later(call, awaitable))
    handler = call.connect("notify::state", stop)
    task.add_done_callback(lambda _task: call.disconnect(handler))


class Function:
    """A function of Python that a model can call."""

    def __init__(self, function, with_defaults, is_free_form):
        code = _find_code(function)
        self._function = function
        self._signature = inspect.signature(function)
        self.description, self._descriptions = _oai_docstrings.read(inspect.getdoc(code))
        self._hints = _oai_types.get_hints(code)
        self._given = {name: _GIVEN[hint] for name, hint in self._hints.items() if hint in _GIVEN and name != "return"}
        names = [name for name in self._signature.parameters if name not in self._given]
        self._text = self._find_text(names) if is_free_form else None
        self._members = None if is_free_form else _oai_types.Members({name: self._make_member(name) for name in names})
        self._with_defaults = with_defaults

    def _find_text(self, names):
        """The argument that gets the text of a free-form tool."""
        if len(names) == 1 and self._hints.get(names[0], str) in (str, typing.Any):
            return names[0]
        raise TypeError("%s: a free-form tool has one argument of the type str" % _get_name(self._function))

    def _make_member(self, name):
        parameter = self._signature.parameters[name]
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError("%s: a tool takes no *%s" % (_get_name(self._function), name))
        if name == "self":
            raise TypeError("%s needs its object: add it as toolset.tool(object.%s)" % ((_get_name(self._function),) * 2))
        is_required = parameter.default is parameter.empty
        default = None if is_required else parameter.default
        hint = self._hints.get(name) or _oai_types.guess_hint(default)
        try:
            return _oai_types.Member(hint, is_required, default, self._descriptions.get(name))
        except TypeError as error:
            raise TypeError("%s: the argument %s: %s" % (_get_name(self._function), name, error)) from error

    def make_schema(self):
        if self._text is not None:
            return None
        definitions = _oai_types.Definitions(self._with_defaults)
        schema = self._members.describe(definitions)
        return Oai.JsonSchema.new(json.dumps(definitions.add_to(schema)))

    def _load(self, call):
        if self._text is not None:
            return {self._text: call.get_arguments()}
        try:
            values = json.loads(call.get_arguments().strip() or "null") or {}
        except RecursionError as error:
            raise Misfit("the arguments are nested too deeply") from error
        return self._members.load(values)

    def _call(self, call):
        arguments = self._load(call)
        arguments.update({name: give(call) for name, give in self._given.items()})
        positional = [arguments.pop(name) for name, parameter in self._signature.parameters.items()
                      if parameter.kind is parameter.POSITIONAL_ONLY and name in arguments]
        return self._function(*positional, **arguments)

    def run(self, call):
        try:
            result = self._call(call)
            if inspect.isawaitable(result):
                _await(call, result)
            else:
                _respond(call, result)
        except BaseException as error:
            _fail(call, error)
            if not isinstance(error, Exception):
                raise


def make_tool(function, name=None, description=None, strict=False, free_form=False, **properties):
    if not callable(function):
        raise TypeError("a tool is a function, not %s" % type(function).__name__)
    found = Function(function, not strict, free_form)
    tool = Oai.Tool.new(name or _get_name(function), description or found.description, found.make_schema(), found.run)
    tool.set_strict(strict)
    tool.set_free_form(free_form)
    for key, value in properties.items():
        if tool.find_property(key.replace("_", "-")) is None:
            raise TypeError("a tool has no property %s" % key)
        tool.set_property(key.replace("_", "-"), value)
    tool.dup_sent_parameters()
    return tool
