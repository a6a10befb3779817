# SPDX-License-Identifier: LGPL-2.1-or-later
"""JSON schemas of type hints, and the conversion of JSON values to the hinted types and back."""

import dataclasses
import datetime
import enum
import functools
import json
import math
import types
import typing
from collections import abc

from gi.repository import GLib, GObject, Oai

from . import _oai_docstrings


class Misfit(ValueError):
    """A JSON value that cannot be converted.  The text is for the model."""


def _describe_place(path):
    return "“%s” " % path if path else "the value "


def _join(path, name):
    return "%s.%s" % (path, name) if path else name


class Definitions:
    """The schemas of classes, to which the schemas of members refer."""

    def __init__(self, with_defaults):
        self.with_defaults = with_defaults
        self._schemas = {}
        self._names = {}

    def _make_name(self, cls):
        names = set(self._schemas)
        number = 1
        while (name := cls.__name__ + (str(number) if number > 1 else "")) in names:
            number += 1
        return name

    def refer_to_object(self, cls):
        """Copies the schema of a GObject class, which has definitions of other classes."""
        name = cls.__gtype__.name
        if name not in self._schemas:
            text = Oai.JsonSchema.new_for_type(cls).get_json()
            schema = json.loads(text.replace('"$ref":"#"', '"$ref":"#/$defs/%s"' % name))
            copied = {**schema.pop("$defs", {}), name: schema}
            if issubclass(cls, Oai.Record):  # the library does not know which members a server requires
                copied = {other: {**described, "required": []} for other, described in copied.items()}
            self._schemas.update(copied)
        return {"$ref": "#/$defs/" + name}

    def refer(self, cls, describe):
        if cls not in self._names:
            self._names[cls] = self._make_name(cls)
            self._schemas[self._names[cls]] = None  # while its members are described, which may refer to it
            self._schemas[self._names[cls]] = describe(self)
        return {"$ref": "#/$defs/" + self._names[cls]}

    def add_to(self, schema):
        return {**schema, "$defs": self._schemas} if self._schemas else schema


class _Type:
    """A type hint."""

    takes_null = False

    def describe(self, definitions):
        """Returns a JSON schema."""
        raise NotImplementedError

    def load(self, value, path):
        """Converts a value of json.loads(), or raises Misfit."""
        raise NotImplementedError

    def _refuse(self, path, expected):
        raise Misfit("%smust be %s" % (_describe_place(path), expected))


class _Anything(_Type):
    takes_null = True

    def describe(self, definitions):
        return {}

    def load(self, value, path):
        return value


class _Null(_Type):
    takes_null = True

    def describe(self, definitions):
        return {"type": "null"}

    def load(self, value, path):
        return None if value is None else self._refuse(path, "null")


class _Boolean(_Type):
    def describe(self, definitions):
        return {"type": "boolean"}

    def load(self, value, path):
        return value if isinstance(value, bool) else self._refuse(path, "true or false")


class _String(_Type):
    def describe(self, definitions):
        return {"type": "string"}

    def load(self, value, path):
        return value if isinstance(value, str) else self._refuse(path, "a string")


class _Integer(_Type):
    def describe(self, definitions):
        return {"type": "integer"}

    def load(self, value, path):
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or value != int(value):
            self._refuse(path, "an integer")
        return int(value)


class _Number(_Type):
    def describe(self, definitions):
        return {"type": "number"}

    def load(self, value, path):
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            self._refuse(path, "a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        return number if math.isfinite(number) else self._refuse(path, "a number of double precision")


class _Time(_Type):
    FORMATS = {datetime.datetime: ("date-time", "a date and time of RFC 3339"), datetime.date: ("date", "a date of RFC 3339"),
               datetime.time: ("time", "a time of RFC 3339")}

    def __init__(self, cls):
        self._class = cls
        self._format, self._expected = self.FORMATS[cls]

    def describe(self, definitions):
        return {"type": "string", "format": self._format}

    def load(self, value, path):
        if isinstance(value, str):
            try:
                return self._class.fromisoformat(value)
            except ValueError:
                pass
        return self._refuse(path, self._expected)


class _List(_Type):
    def __init__(self, cls, item):
        self._class = cls
        self._item = item

    def describe(self, definitions):
        return {"type": "array", "items": self._item.describe(definitions)}

    def load(self, value, path):
        if not isinstance(value, list):
            self._refuse(path, "an array")
        return self._class(self._item.load(item, "%s[%d]" % (path, index)) for index, item in enumerate(value))


class _Map(_Type):
    def __init__(self, item):
        self._item = item

    def describe(self, definitions):
        return {"type": "object", "additionalProperties": self._item.describe(definitions)}

    def load(self, value, path):
        if not isinstance(value, dict):
            self._refuse(path, "an object")
        return {name: self._item.load(item, _join(path, name)) for name, item in value.items()}


class _Choice(_Type):
    """One of several values of Python, each of which has a value of JSON."""

    def __init__(self, values):
        self._values = values
        self.takes_null = any(json_value is None for json_value, _value in values)

    def describe(self, definitions):
        values = [json_value for json_value, _value in self._values]
        kinds = {type(value) for value in values}
        kind = {str: "string", int: "integer", bool: "boolean"}.get(kinds.pop()) if len(kinds) == 1 else None
        return {"type": kind, "enum": values} if kind else {"enum": values}

    def load(self, value, path):
        for json_value, python_value in self._values:
            if value == json_value and isinstance(value, bool) == isinstance(json_value, bool):
                return python_value
        return self._refuse(path, "one of " + ", ".join(json.dumps(json_value) for json_value, _value in self._values))


class _Flags(_Type):
    """Any number of flags, as an array of their names."""

    def __init__(self, cls, values):
        self._class = cls
        self._values = values
        self._list = _List(list, _Choice(values))

    def describe(self, definitions):
        return self._list.describe(definitions)

    def load(self, value, path):
        flags = self._class(0)
        for flag in self._list.load(value, path):
            flags |= flag
        return flags

    def dump(self, flags):
        return [name for name, flag in self._values if flags & flag == flag]


class _Union(_Type):
    """One of several types: the first one that fits."""

    def __init__(self, types_):
        self._types = types_
        self.takes_null = any(kind.takes_null for kind in types_)

    def describe(self, definitions):
        schemas = [kind.describe(definitions) for kind in self._types]
        if all(list(schema) == ["type"] for schema in schemas):
            return {"type": [schema["type"] for schema in schemas]}
        return {"anyOf": schemas}

    def load(self, value, path):
        misfits = []
        for kind in self._types:
            try:
                return kind.load(value, path)
            except Misfit as misfit:
                misfits.append(str(misfit))
        raise Misfit(" or ".join(dict.fromkeys(misfits)))


class _Described(_Type):
    """Annotated[hint, "description"]."""

    def __init__(self, kind, description):
        self._kind = kind
        self._description = description
        self.takes_null = kind.takes_null
        self.load = kind.load

    def describe(self, definitions):
        return {**self._kind.describe(definitions), "description": self._description}


class Member:
    """A member of an object: a field of a dataclass or a parameter of a function."""

    def __init__(self, hint, is_required, default=None, description=None):
        self.type = find_type(hint)
        self.is_required = is_required
        self._default = default
        self._description = description

    def _dump_default(self):
        try:
            return json.loads(to_json(self._default))
        except (TypeError, ValueError, RecursionError):
            return None

    def describe(self, definitions):
        schema = self.type.describe(definitions)
        if self._description:
            schema = {**schema, "description": self._description}
        default = self._dump_default() if definitions.with_defaults else None
        return schema if default is None else {**schema, "default": default}


class Members:
    """The members of an object, by name."""

    def __init__(self, members):
        self._members = members

    def describe(self, definitions):
        return {
            "type": "object",
            "properties": {name: member.describe(definitions) for name, member in self._members.items()},
            "required": [name for name, member in self._members.items() if member.is_required],
            "additionalProperties": False,
        }

    def load(self, values, path=""):
        """Null for an optional member means that it is omitted, as strict schemas require it, unless its type takes null."""
        unknown = [name for name in values if name not in self._members]
        if unknown:
            raise Misfit("%shas no member “%s”" % (_describe_place(path), unknown[0]))
        loaded = {}
        for name, member in self._members.items():
            is_omitted = name not in values or values[name] is None and not member.is_required and not member.type.takes_null
            if not is_omitted:
                loaded[name] = member.type.load(values[name], _join(path, name))
            elif member.is_required:
                raise Misfit("“%s” is missing" % _join(path, name))
        return loaded


class _Object(_Type):
    """A class whose objects have members.  They are read when they are first used, since they can refer to the class."""

    def __init__(self, cls, list_members):
        self._class = cls
        self._list_members = list_members

    @functools.cached_property
    def _members(self):
        return Members(self._list_members(self._class))

    def _describe_class(self, definitions):
        description = _read_docstring(self._class)[0]
        schema = self._members.describe(definitions)
        return {"description": description, **schema} if description else schema

    def describe(self, definitions):
        return definitions.refer(self._class, self._describe_class)

    def load(self, value, path):
        if not isinstance(value, dict):
            self._refuse(path, "an object")
        members = self._members.load(value, path)
        try:
            return self._class(**members)
        except ValueError as error:
            raise Misfit("%sis not valid" % _describe_place(path)) from error


class _Instance(_Type):
    """A class of GObject."""

    def __init__(self, cls):
        self._class = cls

    def describe(self, definitions):
        return definitions.refer_to_object(self._class)

    def load(self, value, path):
        if not isinstance(value, dict):
            self._refuse(path, "an object")
        try:
            if issubclass(self._class, Oai.Record):
                return Oai.Record.new_from_json(self._class, json.dumps(value))
            return Oai.json_to_object(self._class, json.dumps(value))
        except GLib.Error as error:
            raise Misfit("%sis not valid" % _describe_place(path)) from error


def _read_docstring(cls):
    """dataclass() writes the signature where there is no docstring."""
    text = cls.__doc__
    if text and text.startswith(cls.__name__ + "("):
        text = None
    return _oai_docstrings.read(text)


def _list_dataclass_members(cls):
    hints = get_hints(cls)
    descriptions = _read_docstring(cls)[1]
    members = {}
    for field in dataclasses.fields(cls):
        if not field.init:
            continue
        default = None if field.default is dataclasses.MISSING else field.default
        is_required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        description = field.metadata.get("description") or descriptions.get(field.name)
        members[field.name] = Member(hints[field.name], is_required, default, description)
    return members


def _list_typed_dict_members(cls):
    descriptions = _read_docstring(cls)[1]
    return {name: Member(hint, name in cls.__required_keys__, None, descriptions.get(name)) for name, hint in get_hints(cls).items()}


def get_hints(owner):
    try:
        return typing.get_type_hints(owner, include_extras=True)
    except NameError as error:
        raise TypeError("the type hints of %s cannot be read: %s" % (owner.__qualname__, error)) from error


_SIMPLE = {
    typing.Any: _Anything(), object: _Anything(),
    None: _Null(), type(None): _Null(), bool: _Boolean(), str: _String(), int: _Integer(), float: _Number(),
}
_LISTS = {
    list: list, abc.Sequence: list, abc.Iterable: list, abc.Collection: list, abc.MutableSequence: list,
    set: set, abc.Set: set, abc.MutableSet: set, frozenset: frozenset,
}
_MAPS = (dict, abc.Mapping, abc.MutableMapping)


def _find_generic(hint, origin, arguments):
    """The type of a hint with arguments; None if there is none."""
    if origin is typing.Annotated:
        description = next((extra for extra in arguments[1:] if isinstance(extra, str)), None)
        kind = find_type(arguments[0])
        return _Described(kind, description) if description else kind
    if origin in (typing.Required, typing.NotRequired):
        return find_type(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return _Union([find_type(argument) for argument in arguments])
    if origin is typing.Literal:
        return _Choice([(dump(argument), argument) for argument in arguments])
    if (origin or hint) in _LISTS:
        return _List(_LISTS[origin or hint], find_type(arguments[0] if arguments else typing.Any))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _List(tuple, find_type(arguments[0]))
    if (origin or hint) in _MAPS and arguments[:1] in ((), (str,)):
        return _Map(find_type(arguments[1] if arguments else typing.Any))
    return None


def _make_instance_type(cls):
    try:
        Oai.JsonSchema.new_for_type(cls)
    except GLib.Error as error:
        raise TypeError("%s: %s" % (cls.__name__, error.message)) from error
    return _Instance(cls)


def _find_class(cls):
    """The type of a class; None if there is none."""
    if issubclass(cls, enum.Flag):
        return _Flags(cls, [(dump_enum(flag), flag) for flag in cls])
    if issubclass(cls, enum.Enum):
        return _Choice([(dump_enum(value), value) for value in cls])
    if issubclass(cls, GObject.GEnum):
        return _Choice([(value.value_nick, value) for value in cls.__enum_values__.values()])
    if issubclass(cls, GObject.GFlags):
        return _Flags(cls, [(flag.first_value_nick, flag) for flag in cls.__flags_values__.values() if flag.first_value_nick and flag != 0])
    if dataclasses.is_dataclass(cls):
        return _Object(cls, _list_dataclass_members)
    if typing.is_typeddict(cls):
        return _Object(cls, _list_typed_dict_members)
    if issubclass(cls, GObject.Object):
        return _make_instance_type(cls)
    return _Time(cls) if cls in _Time.FORMATS else None


@functools.lru_cache(maxsize=None)
def find_type(hint):
    """The type of a hint.  It is the same for each use of a class, which may contain itself."""
    if hasattr(hint, "__supertype__"):  # NewType()
        return find_type(hint.__supertype__)
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    kind = _find_generic(hint, typing.get_origin(hint), typing.get_args(hint))
    if kind is None and isinstance(hint, type):
        kind = _find_class(hint)
    if kind is None:
        raise TypeError("values of the type %s cannot be sent as JSON" % (hint.__name__ if isinstance(hint, type) else hint,))
    return kind


def guess_hint(value):
    """The hint of an argument that has none, by its default value."""
    return type(value) if isinstance(value, (bool, int, float, str, enum.Enum, GObject.GEnum, GObject.GFlags)) else typing.Any


def describe(hint):
    """The JSON schema of a type hint, as a dictionary."""
    definitions = Definitions(False)
    schema = find_type(hint).describe(definitions)
    return definitions.add_to(schema)


def parse(hint, text):
    """Reads the reply of a model."""
    try:
        return find_type(hint).load(json.loads(text), "")
    except (ValueError, RecursionError) as error:
        message = "The reply does not fit the type %s: %s" % (getattr(hint, "__name__", hint), error)
        raise GLib.Error.new_literal(Oai.error_quark(), message, Oai.Error.PROTOCOL) from error


def dump_enum(value):
    """The values of an enumeration of strings, and the names of another."""
    return value.value if all(isinstance(other.value, str) for other in type(value)) else value.name


def _dump_members(items):
    plain = {}
    for name, value in items:
        if isinstance(name, enum.Enum):
            name = dump_enum(name)
        if not isinstance(name, (str, int)):
            raise TypeError("%s cannot be the name of a member of a JSON object" % type(name).__name__)
        plain[name] = dump(value)
    return plain


def dump(value):
    """Converts a value for json.dumps()."""
    if isinstance(value, (enum.Flag, GObject.GFlags)):
        return find_type(type(value)).dump(value)
    if isinstance(value, enum.Enum):
        return dump_enum(value)
    if isinstance(value, GObject.GEnum):
        return value.value_nick
    if value is None or isinstance(value, (bool, str, int, float)):
        return value
    if isinstance(value, Oai.Record):
        return json.loads(Oai.Record.to_json(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _dump_members((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
    if isinstance(value, abc.Mapping):
        return _dump_members(value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [dump(item) for item in value]
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, GLib.Variant):
        return json.loads(Oai.json_from_variant(value))
    if isinstance(value, GObject.Object):
        return json.loads(Oai.json_from_object(value))
    raise TypeError("%s is not JSON" % type(value).__name__)


def to_json(value):
    """Text of JSON; "?" replaces surrogates, which Python has in the names of files that are not UTF-8."""
    return json.dumps(dump(value), allow_nan=False, ensure_ascii=False).encode("utf-8", "replace").decode()
