# SPDX-License-Identifier: LGPL-2.1-or-later
"""Additions for Python.

All of their features are also available without them, with the methods of the C API.
``await`` on methods and ``async for`` work with any asyncio loop that runs on GLib's main loop:
that of gi.events, or that in which the coroutines of tools run.

Modules that most programs do not need, such as asyncio, are imported by the functions that use them.
"""

import functools
import json
import re
import sys
import types
from collections.abc import Mapping

import gi
from gi.repository import Gio, GLib, GObject

from ..module import get_introspection_module, repository
from ..overrides import override

Oai = get_introspection_module("Oai")

__all__ = []


def _start(start, finish, cancellable):
    """Starts an asynchronous method, and returns a future of asyncio.  Cancelling the future cancels the method."""
    import asyncio

    future = asyncio.get_running_loop().create_future()

    def done(_source, result):
        try:
            value = finish(result)
        except GLib.Error as error:
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(value)

    start(done)
    future.add_done_callback(lambda _future: _future.cancelled() and cancellable.cancel())
    return future


async def _wait(start, finish):
    cancellable = Gio.Cancellable()
    return await _start(functools.partial(start, cancellable), finish, cancellable)


def _check_text(text):
    """A C string ends at U+0000.  An error is better than a truncated string."""
    if "\0" in text:
        raise ValueError("text with U+0000 in it cannot be sent")
    return text


def _to_plain(value):
    """Converts a value for json.dumps; records become dictionaries."""
    if isinstance(value, Oai.Record):
        return json.loads(Oai.Record.to_json(value))
    if isinstance(value, Mapping):
        return {_check_text(key) if isinstance(key, str) else key: _to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_plain(item) for item in value]
    return _check_text(value) if isinstance(value, str) else value


class _Function:
    """A function of the library that takes more in Python than in C."""

    def __init__(self, cls, function):
        self._class = cls
        self._function = function

    def __getattr__(self, name):
        return getattr(self._function, name)

    def __get__(self, instance, cls=None):
        first = cls if self.is_constructor() else instance if self.is_method() else None
        return self if first is None else types.MethodType(self, first)

    def __call__(self, *arguments, **keywords):
        return self._function(*arguments, **keywords)


class _ConvertingFunction(_Function):
    """A function that takes JSON text or a GLib.Bytes: dictionaries, lists and records, or bytes, are converted for it.  The
    names of such parameters end in "json", or are "bytes"."""

    def __init__(self, cls, function, names):
        super().__init__(cls, function)
        has_first = self.is_method() or self.is_constructor()  # the object or the class
        self._by_name = {name: _to_bytes if name == "bytes" else _to_json for name in names if _is_converted(name)}
        self._by_position = {names.index(name) + has_first: convert for name, convert in self._by_name.items()}

    def __call__(self, *arguments, **keywords):
        return self._function(
            *(self._by_position.get(position, _keep)(value) for position, value in enumerate(arguments)),
            **{name: self._by_name.get(name, _keep)(value) for name, value in keywords.items()})


class _RequestFunction(_Function):
    """A method of an endpoint that takes a record as "request", or as "query".  In Python it also takes a dictionary, or the
    fields of the record as keyword arguments; with stream=True, it returns the stream of the reply."""

    def __init__(self, cls, function, names):
        super().__init__(cls, function)
        self._names = _list_parameters(function)
        self._name = "request" if "request" in names else "query"
        self._position = self._names.index(self._name) + (self.is_method() or self.is_constructor())

    @functools.cached_property
    def _type(self):
        info = next(info for info in self.get_arguments() if info.get_name() == self._name)
        kind = info.get_type_info() if hasattr(info, "get_type_info") else info.get_type()
        return getattr(Oai, kind.get_interface().get_name())

    def _make(self, fields):
        """Members that are not fields are kept, as in any dictionary that is used as a record."""
        return Oai.Record.new_from_json(self._type, json.dumps(_to_plain(fields)))

    def __call__(self, *arguments, **keywords):
        fields = {name: keywords.pop(name) for name in [*keywords] if name not in self._names}
        if self._position < len(arguments):
            if fields:
                raise TypeError("%s() takes either a %s or its fields" % (self.get_name(), self._name))
            if _is_plain_mapping(arguments[self._position]):
                record = self._make(arguments[self._position])
                arguments = (*arguments[:self._position], record, *arguments[self._position + 1:])
        elif fields:
            stream = fields.pop("stream", False) if self._find_streaming() else False
            keywords[self._name] = self._type(**fields)
            if stream:
                return getattr(arguments[0], self._find_streaming())(*arguments[1:], **keywords)
        elif _is_plain_mapping(keywords.get(self._name)):
            keywords[self._name] = self._make(keywords[self._name])
        return self._function(*arguments, **keywords)

    def _find_streaming(self):
        """The name of the method that streams the reply; None if there is none."""
        name = self.get_name() + "_stream"
        return name if hasattr(self._class, name) else None


class _AsyncFunction(_Function):
    """An asynchronous method that can be awaited: without a callback, it returns a future in a coroutine.  PyGObject 3.50
    implements this."""

    def __init__(self, cls, function, names):
        super().__init__(cls, function)
        self._names = names

    def __call__(self, *arguments, **keywords):
        has_first = self.is_method() or self.is_constructor()
        named = {**dict(zip(self._names, arguments[has_first:])), **keywords}
        if named.get("callback") is not None or not _is_in_coroutine():
            return self._function(*arguments, **keywords)

        finish = self.get_name()[:-len("_async")] + "_finish"
        cancellable = named.pop("cancellable", None) or Gio.Cancellable()
        return _start(lambda done: self._function(*arguments[:has_first], **named, cancellable=cancellable, callback=done),
                      getattr(arguments[0] if has_first else self._class, finish), cancellable)


if gi.version_info < (3, 50):
    find_local_servers_async = _AsyncFunction(Oai, Oai.find_local_servers_async, ["cancellable", "callback", "user_data"])
    __all__.append("find_local_servers_async")


class _TypeFunction(_Function):
    """A function that takes a class of objects, and in Python also a dataclass or another type hint."""

    def __call__(self, *arguments):
        return self._function(*arguments) if _has_gtype(arguments[-1]) else getattr(self, self.get_name())(*arguments)

    def new_for_type(self, cls, hint):
        from . import _oai_types

        return cls.new(_oai_types.describe(hint))

    def set_response_type(self, request, hint):
        name = re.sub("[^A-Za-z0-9_-]", "_", getattr(hint, "__name__", "reply"))[:64]
        return request.set_json_schema(name, Oai.JsonSchema.new_for_type(hint).make_strict().get_json(), True)

    def parse(self, reply, hint):
        from . import _oai_types

        message = reply
        for getter in ("dup_message", "get_first_choice", "get_message"):
            message = getattr(message, getter)() if hasattr(message, getter) else message
        text = message.get_text() if message is not None else None
        try:
            self._function(reply, GObject.Object)  # reports a refusal and a reply that is not complete
        except GLib.Error as error:
            if text and error.matches(Oai.error_quark(), Oai.Error.PROTOCOL):
                _oai_types.parse(hint, text)  # the text is no object; this error has the name of the type
            raise
        return _oai_types.parse(hint, text)


class _SearchFunction(_Function):
    """A search, which begins at the newest item by default."""

    def __call__(self, session, words, before=GLib.MAXUINT):
        return self._function(session, words, before)


def _has_gtype(hint):
    return hint in (bool, int, float, str, object) or isinstance(hint, GObject.GType) or hasattr(hint, "__gtype__")


def _is_in_coroutine():
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None


def _is_converted(name):
    return name == "bytes" or name.endswith("json")


def _is_plain_mapping(value):
    return isinstance(value, Mapping) and not isinstance(value, Oai.Record)


def _keep(value):
    return value


def _to_bytes(value):
    return GLib.Bytes.new(value) if isinstance(value, (bytes, bytearray)) else value


def _to_json(value):
    return json.dumps(_to_plain(value)) if isinstance(value, (Mapping, list, tuple, Oai.Record)) else value


def _list_parameters(function):
    """The names of the parameters that Python passes: not the length of an array, nor the data of a callback."""
    infos = function.get_arguments()
    kinds = [info.get_type_info() if hasattr(info, "get_type_info") else info.get_type() for info in infos]
    lengths = {kind.get_array_length_index() if hasattr(kind, "get_array_length_index") else kind.get_array_length()
               for kind in kinds if kind.get_tag_as_string() == "array"}
    return [info.get_name() for index, info in enumerate(infos) if index not in lengths]


# Classes whose methods take a request or a query.
_WITH_REQUESTS = ("Endpoint", "Socket", "Speech")


def _extend(cls):
    """Extends the functions of a class of the library."""
    for name, function in list(cls.__dict__.items()):
        if not isinstance(function, type(Oai.list_modules)):
            continue
        names = [argument.get_name() for argument in function.get_arguments()]
        extended = function
        if cls.__name__.endswith(_WITH_REQUESTS) and ("request" in names or "query" in names):
            extended = _RequestFunction(cls, extended, names)
        if any(map(_is_converted, names)):
            extended = _ConvertingFunction(cls, extended, names)
        if name.endswith("_async") and "callback" in names and gi.version_info < (3, 50):
            extended = _AsyncFunction(cls, extended, _list_parameters(function))
        if name in ("new_for_type", "parse", "set_response_type") and names == ["type"]:
            extended = _TypeFunction(cls, extended)
        if name == "find" and "before" in names:
            extended = _SearchFunction(cls, extended)
        if extended is not function:
            setattr(cls, name, extended)


class _Field:
    """A field that can be set, and what Python values it takes."""

    def __init__(self, cls, info):
        self._class = cls
        self._set = getattr(cls, "set_" + ("type_value" if info.get_name() == "type" else info.get_name().replace("-", "_")))
        self._member = info.get_member()
        self._type = info.get_type_name()
        self._item_type = info.get_item_type()
        self._is_list = self._type.endswith("-list")
        self._takes_records = self._type in ("record", "record-list")
        self._takes_files = self._type in ("file", "file-list")
        self._takes_text = self._type in ("string", "json", "map")
        self._takes_json = self._type in ("json", "map")
        self._takes_whole_numbers = self._type in ("int", "time", "int-list")

    @functools.cached_property
    def _text_type(self):
        """The type of the texts of a list of a union; None if it contains no texts."""
        if self._type != "record-list":
            return None
        return next((name for name in ("input_text", "text") if Oai.Record.find_type(self._item_type, name) != self._item_type), None)

    @functools.cached_property
    def _alternatives(self):
        """The other fields of the same member."""
        return [field for field in _list_fields(self._class).values() if field is not self and field._member == self._member]

    def _with_text_parts(self, values):
        """["text", part] as a list of parts, where the member can be one."""
        texts = any(field._type == "string-list" for field in self._alternatives)
        text_type = next((field._text_type for field in self._alternatives if field._text_type), None)
        if text_type is None or texts and all(isinstance(value, str) for value in values):
            return values
        return [{"type": text_type, "text": value} if isinstance(value, str) else value for value in values]

    def _make_record(self, value):
        return Oai.Record.new_from_json(self._item_type, json.dumps(_to_plain(value)))

    def _is_plain(self, value):
        """Whether the value is set as JSON.  Objects are not: JSON would lose their files."""
        if self._takes_files:
            return False
        if self._is_list:
            return isinstance(value, (list, tuple)) and (
                not value or self._takes_records and all(isinstance(item, Mapping) for item in value))
        if self._takes_text:
            return isinstance(value, (Mapping, list, tuple, Oai.Record))
        return self._takes_records and isinstance(value, Mapping)

    def set(self, record, value):
        if value is None and self._takes_files:
            self._set(record, None)
        elif value is None:
            record.unset_member(self._member)
        elif self._is_plain(value):
            if self._type == "string" and isinstance(value, (list, tuple)):
                value = self._with_text_parts(value)
            record.set_member(self._member, json.dumps(_to_plain(value)))
        elif isinstance(value, str) and self._takes_json:
            record.set_member(self._member, _check_text(value))
        elif not self._is_list:
            self._set(record, self._convert(value))
        elif isinstance(value, (list, tuple)):
            self._set(record, [self._convert(item) for item in value])
        else:
            raise TypeError("takes a list, not %s" % type(value).__name__)

    def _convert(self, value):
        if value is None:  # the end of a list in C
            raise TypeError("takes no None in a list")
        if self._takes_records and isinstance(value, Mapping):
            return self._make_record(value)
        if self._takes_whole_numbers and isinstance(value, float) and not value.is_integer():
            raise TypeError("takes whole numbers, not %s" % value)
        return _check_text(value) if isinstance(value, str) else value


@functools.lru_cache(maxsize=None)
def _list_fields(cls):
    """The fields of a record type that can be set, by name."""
    return {info.get_name().replace("-", "_"): _Field(cls, info)
            for info in Oai.Record.list_fields(cls.__gtype__) if info.is_writable()}


def _find_field(cls, name):
    """None if there is no field of that name, or it cannot be set."""
    return _list_fields(cls).get(name)


@functools.lru_cache(maxsize=None)
def _find_helper(cls, name):
    """A setter that is not that of a field, such as set_tool_choice_function(); or None."""
    owner = next((base for base in cls.__mro__ if "set_" + name in base.__dict__), None)
    if owner is None or "__info__" not in owner.__dict__ or issubclass(Oai.Record, owner):
        return None
    setter = owner.__dict__["set_" + name]
    return setter if len(setter.get_arguments()) == 1 else None


def _split(name):
    """The words of the name of a method or of a class."""
    return re.findall("[A-Z]+[a-z0-9]*", name) if name[:1].isupper() else name.split("_")


def _suggest_known(cls, name):
    """The name that this library has for a name of the openai package or of other libraries of GNOME; None if it is not
    known."""
    from . import _oai_names

    return _oai_names.find(cls, name)


def _suggest(name, names):
    """The names that consist of the same words and more, such as delete_response for delete, or of fewer words for the same
    thing, such as ResponseFunctionCall for ResponseFunctionToolCall; or else the most similar one."""
    import difflib

    words = _split(name)
    is_class = name[:1].isupper()
    similar = [other for other in names if not is_class or _split(other)[-1:] == words[-1:]]
    longer = sorted((other for other in similar if set(words) < set(_split(other))), key=lambda other: (len(other), other))
    shorter = sorted((other for other in similar if is_class and set(_split(other)) < set(words)), key=len)
    nearest = longer[:3] or shorter[-1:] or [other for other in names if other == name.lower()]
    nearest = nearest or difflib.get_close_matches(name, names, 1, 0.75)
    return "; did you mean %s?" % " or ".join(nearest) if nearest else ""


@functools.lru_cache(maxsize=None)
def _list_methods(cls):
    """The methods of a class of the library, without the functions for their asynchronous forms."""
    return [name for name in sorted(set(dir(cls)) - set(dir(GObject.Object)))
            if not name.startswith("_") and not name.endswith(("_async", "_finish"))]


@functools.lru_cache(maxsize=None)
def _suggest_global(name):
    names = [other for other in dir(Oai) if not other.endswith("Class")]
    return _suggest_known("Oai", name) or _suggest(name, names)


@functools.lru_cache(maxsize=None)
def _explain_missing(name):
    """The error for a class in the library of a module that is not installed."""
    from . import _oai_names

    return _oai_names.explain_missing(name)


class _OtherName:
    """What a program may call a constant that has another name."""

    def __init__(self, name, constant):
        self._text = "Error has no %s; did you mean %s?" % (name, constant)

    def __get__(self, _value, _cls):
        raise AttributeError(self._text)


_ERRORS = {
    "CANCELLED": "Gio.IOErrorEnum.CANCELLED",
    "FORBIDDEN": "PERMISSION_DENIED",
    "INTERNAL_SERVER": "SERVER",
    "QUOTA": "QUOTA_EXCEEDED",
    "RATE_LIMIT": "RATE_LIMITED",
    "TIMED_OUT": "Gio.IOErrorEnum.TIMED_OUT",
    "TIMEOUT": "Gio.IOErrorEnum.TIMED_OUT",
    "UNAUTHORIZED": "AUTHENTICATION",
}


class _Namespace(type(Oai)):
    """Extends each class when a program first uses it.  Suggests a name where a program uses one that does not exist, such
    as one of another library."""

    def __getattr__(self, name):
        try:
            value = super().__getattr__(name)
        except AttributeError:
            if name == "__version__":
                return self.VERSION_STRING
            if name.startswith("__"):
                raise
            raise AttributeError("Oai has no %s%s" % (name, _suggest_global(name))) from None
        if isinstance(value, type) and "__info__" in value.__dict__:
            if value.__gtype__ == GObject.TYPE_NONE and issubclass(value, GObject.Object):
                self.__dict__.pop(name, None)
                raise AttributeError(_explain_missing(name))
            _extend(value)
            value = self.__dict__[name] = _add_properties(value)
            if name == "Error":
                for other, constant in _ERRORS.items():
                    setattr(value, other, _OtherName(other, constant))
        return value


Oai.__class__ = _Namespace


@functools.lru_cache(maxsize=None)
def _suggest_field(cls, member):
    """The known name, or the fields of a member whose name in JSON is not the name of a field, such as "output" of a response, or else
    similar names."""
    known = _suggest_known(cls, member)
    if known:
        return known
    fields = {info.get_name().replace("-", "_"): info.get_member() for info in Oai.Record.list_fields(cls.__gtype__)}
    names = [name for name in fields if fields[name] == member]
    return "; did you mean %s?" % " or ".join(names) if names else _suggest(member, [*fields, *_list_methods(cls)])


class _Values(list):
    """A copy of the list of a field that can be set.  Methods that would change only the copy raise TypeError."""

    def _refuse(self, *_arguments, **_keywords):
        raise TypeError("the list is a copy: assign a list to the field, or add to it with +=")

    append = clear = extend = insert = pop = remove = reverse = sort = _refuse
    __delitem__ = __imul__ = __setitem__ = _refuse

    def __iadd__(self, values):
        return [*self, *values]


class _CallableList(list):
    """The list of a field whose name is also that of a method of dictionaries."""

    def __init__(self, values, method):
        super().__init__(values)
        self._method = method

    def __call__(self):
        return self._method()


class _CallableValues(_Values, _CallableList):
    pass


class _DictionaryMethod:
    """A method of dictionaries.  In a record with a field of the same name, the method is also the list of the field:
    action.keys is a list, and action.keys() returns the names of the members."""

    def __init__(self, function):
        self._function = function
        self._getter = "get_" + function.__name__

    def __get__(self, record, cls=None):
        method = self._function.__get__(record, cls)
        if record is None or not hasattr(cls, self._getter):
            return method
        return (_CallableValues if record.is_writable() else _CallableList)(getattr(record, self._getter)(), method)


# Classes whose attributes are properties only, so that a misspelt one is reported.
_STRICT = ("CallOptions", "Settings")


@functools.lru_cache(maxsize=None)
def _find_getter(cls, name):
    """A getter without arguments, such as get_body() for body; None if there is none."""
    for prefix in ("get_", "dup_"):
        getter = getattr(cls, prefix + name, None)
        if hasattr(getter, "get_arguments") and not getter.get_arguments():
            return getter
    return None


@functools.lru_cache(maxsize=None)
def _suggest_attribute(cls, name):
    return _suggest_known(cls, name) or _suggest(name, cls._list_names())


class _Properties:
    """Provides properties, and the values of getters without arguments, as attributes: ``settings.timeout_ms = 5000``."""

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError("%s has no attribute %s" % (type(self).__name__, name))
        pspec = self.find_property(name.replace("_", "-"))
        if pspec is not None and pspec.flags & GObject.ParamFlags.READABLE:
            return self.get_property(pspec.name)
        getter = _find_getter(type(self), name)
        if getter is not None:
            return getter(self)
        if pspec is not None:
            raise AttributeError("%s.%s can be set, but not read" % (type(self).__name__, name))
        raise AttributeError("%s has no attribute %s%s" % (type(self).__name__, name, _suggest_attribute(type(self), name)))

    @classmethod
    def _list_names(cls):
        return _list_methods(cls) + [pspec.name.replace("-", "_") for pspec in cls.list_properties()]

    def __setattr__(self, name, value):
        if name.startswith("_") or hasattr(type(self), name):
            super().__setattr__(name, value)
        elif self.find_property(name.replace("_", "-")) is not None:
            self.set_property(name.replace("_", "-"), value)
        elif type(self).__name__ in _STRICT and type(self).__module__.startswith("gi."):
            names = [pspec.name.replace("-", "_") for pspec in self.list_properties()]
            hint = _suggest_known(type(self), name) or _suggest(name, names)
            raise AttributeError("%s has no property %s%s" % (type(self).__name__, name, hint))
        else:
            super().__setattr__(name, value)


# Classes with other additions below.
_EXTENDED = {"Client", "Endpoint", "PagedList", "Record", "Stream", "Tool", "Toolset"}


def _add_properties(cls):
    """Classes that are derived from others have the attributes of these."""
    if cls.__name__ in _EXTENDED or not issubclass(cls, GObject.Object) or issubclass(cls, (_Properties, Oai.Record)):
        return cls
    return override(type(cls)(cls.__name__, (_Properties, cls), {"__module__": __name__}))


def _check_libraries():
    """Reports why none of the libraries can be used, such as that one is missing which another one needs."""
    try:
        Oai.error_quark()
    except GLib.Error as error:
        from . import _oai_names

        raise ImportError(_oai_names.explain_not_loaded(error.message)) from None


_check_libraries()


def run(coroutine):
    """Runs a coroutine on the main loop of GLib until it ends, and returns its result."""
    from . import _oai_loop

    return _oai_loop.run(coroutine)


__all__.append("run")


class ToolError(Exception):
    """Raised by a tool.  The text is sent to the model, unlike the text of other exceptions."""


__all__.append("ToolError")


class Tool(_Properties, Oai.Tool):
    """A function that a model can call."""

    @staticmethod
    def new_for_callable(function, **properties):
        """Makes a tool of a function: its signature, type hints and docstring describe the tool to the model."""
        from . import _oai_tools

        return _oai_tools.make_tool(function, **properties)


Tool = override(Tool)
__all__.append("Tool")



class Toolset(_Properties, Oai.Toolset):
    """Adds functions as tools: ``@toolset.tool``, or ``@toolset.tool(needs_approval=True)``."""

    def tool(self, function=None, **properties):
        if function is None:
            return functools.partial(self.tool, **properties)
        self.add(Tool.new_for_callable(function, **properties))
        return function


Toolset = override(Toolset)
__all__.append("Toolset")



_new_from_json = Oai.Record.new_from_json

# The maximum length of the JSON in repr(record).
_MAX_REPR = 200


class Record(Oai.Record):
    """Provides members like the items of a dictionary, and typed fields as attributes."""

    def __init__(self, *arguments, **fields):
        if arguments:
            raise TypeError("%s() takes the fields as keyword arguments: %s(%s=…)" % (
                type(self).__name__, type(self).__name__, next(iter(_list_fields(type(self))), "field")))
        # Properties of Python subclasses can be needed for construction.
        properties = {name: value for name, value in fields.items() if self._is_own_property(name)}
        super().__init__(**properties)
        # None comes first: it removes a member, which another field can then set.
        for name, value in sorted(fields.items(), key=lambda field: field[1] is not None):
            try:
                if name not in properties:
                    self._set_field(name, value)
            except AttributeError as error:
                raise TypeError(str(error)) from None

    @classmethod
    def new_from_json(cls, *arguments):
        """Oai.ChatRequest.new_from_json(json) is the same as Oai.Record.new_from_json(Oai.ChatRequest, json)."""
        *given, text = arguments
        return _new_from_json(*(given or [cls]), _to_json(text))

    @classmethod
    def _is_own_attribute(cls, name):
        """Whether a Python subclass defines it."""
        for base in cls.__mro__:
            if base is Record or "__info__" in base.__dict__:
                return False
            if name in base.__dict__:
                return True
        return False

    def _is_own_property(self, name):
        pspec = self._find_pspec(name)
        other = self._is_own_attribute(name) or (_find_field(type(self), name) or _find_helper(type(self), name)) is None
        return other and pspec is not None and bool(pspec.flags & GObject.ParamFlags.WRITABLE)

    def _find_pspec(self, name):
        return self.find_property(name.replace("_", "-"))

    def _set_field(self, name, value):
        field = _find_field(type(self), name)
        pspec = self._find_pspec(name)
        if field is not None:
            try:
                field.set(self, value)
            except TypeError as error:
                raise TypeError("%s.%s: %s" % (type(self).__name__, name, error)) from error
            except (ValueError, OverflowError) as error:
                raise ValueError("%s.%s: %s" % (type(self).__name__, name, error)) from error
            except GLib.Error as error:
                raise ValueError("%s.%s: %s" % (type(self).__name__, name, error.message)) from error
        elif _find_helper(type(self), name) is not None:
            _find_helper(type(self), name)(self, _check_text(value) if isinstance(value, str) else value)
        elif pspec is not None and pspec.flags & GObject.ParamFlags.WRITABLE:
            self.set_property(pspec.name, value)
        else:
            raise AttributeError(self._explain(name, pspec))

    def _explain(self, name, pspec):
        """The error for a field that cannot be set."""
        if not self.is_writable():
            return "%s belongs to a reply and cannot be changed" % type(self).__name__
        if pspec is not None:
            return "%s.%s cannot be changed" % (type(self).__name__, name)
        return "%s has no field %s%s" % (type(self).__name__, name, _suggest(name, _list_fields(type(self))))

    def __setattr__(self, name, value):
        if name.startswith("_") or self._is_own_attribute(name):
            super().__setattr__(name, value)
        else:
            self._set_field(name, value)

    @classmethod
    def _define_attribute(cls, name):
        """Makes a member an attribute of the class that has its getter, so that Python finds it without __getattr__()."""
        getter_name = "get_type_value" if name == "type" else "get_" + name
        owner = next((base for base in cls.__mro__ if getter_name in base.__dict__), None)
        if owner is None or "__info__" not in owner.__dict__ or not owner.__gtype__.is_a(Oai.Record):
            return False

        getter = owner.__dict__[getter_name]
        is_list = getter.get_return_type().get_tag_as_string() == "array"
        if getter.get_arguments() and not is_list:  # the argument of a list is its length
            return False

        def get_list(self):
            values = getter(self)
            return _Values(values) if isinstance(values, list) and self.is_writable() else values

        setattr(owner, name, property(get_list if is_list else getter))
        return True

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError("%s has no field %s" % (type(self).__name__, name))
        if self._define_attribute(name):
            return getattr(self, name)
        pspec = self._find_pspec(name)
        if pspec is None:
            raise AttributeError("%s has no field %s%s" % (type(self).__name__, name, _suggest_field(type(self), name)))
        return self.get_property(pspec.name)

    def __dir__(self):
        return {*super().__dir__(), *(info.get_name().replace("-", "_") for info in Oai.Record.list_fields(self.__gtype__))}

    def __getitem__(self, member):
        text = self.dup_member(member) if isinstance(member, str) else None
        if text is None:
            raise KeyError(member)
        return json.loads(text)

    def __setitem__(self, member, value):
        self.set_member(_check_text(member), json.dumps(_to_plain(value)))

    def __delitem__(self, member):
        if member not in self:
            raise KeyError(member)
        self.unset_member(member)

    def __contains__(self, member):
        return isinstance(member, str) and self.has_member(member)

    def __iter__(self):
        return iter(self.list_members())

    def __len__(self):
        return len(self.list_members())

    def __bool__(self):
        return True

    def __str__(self):
        return self.to_string()

    def __repr__(self):
        text = self.to_string()
        return "<Oai.%s %s>" % (type(self).__name__, text if len(text) <= _MAX_REPR else text[:_MAX_REPR] + "…")

    @_DictionaryMethod
    def keys(self):
        return self.list_members()

    @_DictionaryMethod
    def values(self):
        return [self[member] for member in self]

    @_DictionaryMethod
    def items(self):
        return [(member, self[member]) for member in self]

    def get(self, member, default=None):
        return self[member] if member in self else default

    def to_dict(self):
        return json.loads(self.to_json())


Record = override(Record)
__all__.append("Record")


class PagedList(_Properties, Oai.PagedList):
    """Iterates over all items, and loads further pages when they are needed."""

    def _look_at(self, position):
        """Returns an item without loading the next page, as get_item() does for the last item."""
        auto_load = self.get_auto_load()
        self.set_auto_load(False)
        item = self.get_item(position)
        self.set_auto_load(auto_load)
        return item

    @property
    def data(self):
        """The items that are loaded."""
        return [self._look_at(position) for position in range(self.get_n_loaded())]

    def __iter__(self):
        position = 0
        while position < self.get_n_loaded() or (self.get_has_more() and self.load_more(None)):
            if position < self.get_n_loaded():
                yield self._look_at(position)
                position += 1

    async def __aiter__(self):
        position = 0
        while True:
            if position < self.get_n_loaded():
                yield self._look_at(position)
                position += 1
            elif not self.get_has_more() or not await _wait(self.load_more_async, self.load_more_finish):
                return

    def __bool__(self):
        return True


PagedList = override(PagedList)
__all__.append("PagedList")


class Stream(_Properties, Oai.Stream):
    """Iterates over the chunks; leaving the loop or the ``with`` block closes the connection.

    Waits only if no chunk has been received.
    """

    def __iter__(self):
        try:
            while True:
                chunk = self.try_next()
                if chunk is None:
                    chunk = self.next(None)
                if chunk is None:
                    return
                yield chunk
        finally:
            self.close()

    async def __aiter__(self):
        try:
            while True:
                chunk = self.try_next()
                if chunk is None:
                    chunk = await _wait(self.next_async, self.next_finish)
                if chunk is None:
                    return
                yield chunk
        finally:
            self.close()

    def cancel(self):
        """Another name of close(): it cancels the operation that reads the stream."""
        self.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_exception):
        self.close()


Stream = override(Stream)
__all__.append("Stream")


@functools.lru_cache(maxsize=None)
def _list_modules():
    """Read once, since a wrong name must not read directories each time."""
    return frozenset(Oai.list_modules())


def _has_endpoint(name):
    """Whether it is a module of this library, also if it is not installed."""
    is_name = re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", name) is not None
    return is_name and repository.find_by_name("Oai", name.title().replace("_", "") + "Endpoint") is not None


@functools.lru_cache(maxsize=None)
def _find_setting(name):
    """The property of Oai.Settings with a name; None if there is none."""
    return Oai.Settings.find_property(name.replace("_", "-"))


class Client(_Properties, Oai.Client):
    """Provides endpoints as attributes: ``client.chat``, ``client.fine_tuning``; and the settings: ``client.base_url``."""

    def __init__(self, auth=None, settings=None, *, api_key=None, base_url=None, **properties):
        if api_key is not None:
            auth = Oai.Auth.new(api_key)
        if base_url is not None:
            settings = Oai.Settings.new_for_base_url(base_url)
        own = {name: properties.pop(name) for name in [*properties] if self.find_property(name.replace("_", "-")) is None}
        for name in own:
            if _find_setting(name) is None:
                raise TypeError("Client() takes no %s%s" % (name, _suggest_attribute(type(self), name)))
        if own:
            settings = settings.copy() if settings is not None else Oai.Settings.new()
        for name, value in own.items():
            settings.set_property(name.replace("_", "-"), value)
        super().__init__(auth=auth, settings=settings, **properties)

    def __getattr__(self, name):
        if not name.startswith("_"):
            if _has_endpoint(name):
                return self._get_module(name.replace("_", "-"))
            if _find_setting(name) is not None:
                return getattr(self.get_settings(), name)
            if _find_getter(type(self), name) is None and name.replace("_", "-") in _list_modules():
                return self._get_module(name.replace("_", "-"))
        return super().__getattr__(name)

    def __setattr__(self, name, value):
        if not name.startswith("_") and not hasattr(type(self), name) and _find_setting(name) is not None:
            setattr(self.get_settings(), name, value)
        else:
            super().__setattr__(name, value)

    @classmethod
    def _list_names(cls):
        modules = [module.replace("-", "_") for module in _list_modules()]
        return modules + super()._list_names() + [pspec.name.replace("-", "_") for pspec in Oai.Settings.list_properties()]

    def _get_module(self, module):
        try:
            return self.get_endpoint(module)
        except GLib.Error as error:
            if error.matches(Oai.error_quark(), Oai.Error.MODULE):  # it is missing, or cannot be loaded
                raise AttributeError(error.message) from error
            raise

    def __dir__(self):
        return [*super().__dir__(), *(module.replace("-", "_") for module in Oai.list_modules())]


Client = override(Client)
__all__.append("Client")



class Endpoint(_Properties, Oai.Endpoint):
    """Invokes operations by name with plain values: ``endpoint.invoke_operation("create", {...})``."""

    def invoke_operation(self, operation, arguments=None, cancellable=None):
        text = self.invoke_by_name(operation, json.dumps(_to_plain(arguments or {})), cancellable)
        return json.loads(text) if text else None


    @property
    def completions(self):
        """client.chat.completions is client.chat, as in the openai package."""
        return self._get_alias("completions", "chat")

    @property
    def jobs(self):
        """client.fine_tuning.jobs is client.fine_tuning, as in the openai package."""
        return self._get_alias("jobs", "fine-tuning")

    def _get_alias(self, name, module):
        if self.get_name() != module:
            raise AttributeError("%s has no attribute %s" % (type(self).__name__, name))
        return self


Endpoint = override(Endpoint)
__all__.append("Endpoint")
