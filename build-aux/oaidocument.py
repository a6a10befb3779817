# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads an OpenAPI document, with references, unions and merged schemas resolved."""

import itertools
import json
import re

METHODS = ("get", "post", "put", "patch", "delete")
JSON_TYPE = "application/json"
EVENT_TYPE = "text/event-stream"
FORM_TYPE = "multipart/form-data"


def shape(path):
    """A path without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path.strip("/"))


class Operation:
    """One method of one path."""

    def __init__(self, method, path, data):
        self.method = method.upper()
        self.path = path.strip("/")
        self.identifier = data.get("operationId", "")
        self.deprecated = data.get("deprecated", False)
        self.query = {}      # name → schema
        self.requests = {}   # content type → schema
        self.replies = {}    # content type → schema

    @property
    def key(self):
        return self.method, shape(self.path)


class Socket:
    """A WebSocket endpoint."""

    def __init__(self, data):
        self.path = data["path"].strip("/")
        self.deprecated = data.get("deprecated", False)
        self.query = {parameter["name"]: parameter.get("schema", {}) for parameter in data.get("parameters", []) if parameter.get("in") == "query"}
        self.client = data["client_event"]["schema"]
        self.server = data["server_event"]["schema"]


class Leaf:
    """One alternative of a schema: an object, an array, or a scalar."""

    def __init__(self, kind, name, schema):
        self.kind = kind        # object, array, string, integer, number, boolean, null, any
        self.name = name        # of the component, or None
        self.schema = schema
        self.format = schema.get("format")
        self.values = []        # of an enumeration of strings
        self.members = {}       # name → schema
        self.required = set()
        self.items = None       # schema
        self.is_map = False

    def joined(self, other, name, schema):
        leaf = Leaf("object", name, schema)
        leaf.members = {**self.members, **{key: value for key, value in other.members.items() if value}}
        leaf.required = self.required | other.required
        leaf.is_map = self.is_map or other.is_map
        return leaf


class Document:
    """An OpenAPI document and its operations."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.data = json.load(file)

    def resolve(self, schema):
        """Follows references; returns the schema and the name of the first component that was followed."""
        name = None
        while "$ref" in schema:
            target = self.data
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            name = name or schema["$ref"].rsplit("/", 1)[1]
            schema = target
        return schema, name

    def deprecated(self, schema):
        """Whether a member is deprecated: it, or all its alternatives but null."""
        resolved, _ = self.resolve(schema)
        choices = [choice for choice in resolved.get("oneOf", []) + resolved.get("anyOf", []) if choice.get("type") != "null"]
        return any(part.get("deprecated", False) for part in (schema, resolved)) \
            or (bool(choices) and all(choice.get("deprecated", False) for choice in choices))

    def component(self, name):
        return self.data["components"]["schemas"][name]

    def operations(self):
        for path, item in self.data["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._operation(method, path, item)

    def sockets(self):
        return [Socket(data) for data in self.data.get("x-websockets", {}).get("endpoints", {}).values()]

    def _operation(self, method, path, item):
        data = item[method]
        operation = Operation(method, path, data)
        for parameter in item.get("parameters", []) + data.get("parameters", []):
            parameter, _ = self.resolve(parameter)
            if parameter["in"] == "query":
                operation.query[parameter["name"].removesuffix("[]")] = parameter.get("schema", {})
        operation.requests = self._contents(data.get("requestBody", {}))
        for status, reply in data.get("responses", {}).items():
            if status.startswith("2"):
                operation.replies.update(self._contents(reply))
        return operation

    def _contents(self, holder):
        contents = self.resolve(holder)[0].get("content", {})
        return {kind.split(";")[0]: content.get("schema", {}) for kind, content in contents.items()}

    def leaves(self, schema, name=None):
        """The alternatives of a schema; unions are opened, merged schemas are merged."""
        schema, reference = self.resolve(schema)
        name = reference or name
        parts = [self.leaves(part) for part in schema.get("allOf", [])]
        choices = schema.get("oneOf", []) + schema.get("anyOf", [])
        if choices:
            parts.append([leaf for choice in choices for leaf in self.leaves(choice)])
        if "properties" in schema or not parts:
            parts.append(self._plain(schema, name))
        parts = [part for part in parts if any(leaf.kind != "any" for leaf in part)] or parts[:1]
        found = parts[0] if len(parts) == 1 else self._product(parts, name, schema)
        if schema.get("nullable") and not any(leaf.kind == "null" for leaf in found):
            found = found + [Leaf("null", None, {})]
        return found

    def _product(self, parts, name, schema):
        scalars = [leaf for part in parts for leaf in part if leaf.kind not in ("object", "any")]
        objects = [[leaf for leaf in part if leaf.kind == "object"] for part in parts]
        objects = [part for part in objects if part]
        if not objects:
            return scalars
        merged = objects[0]
        for part in objects[1:]:
            merged = [left.joined(right, right.name if len(part) > 1 else left.name if len(merged) > 1 else name,
                                  right.schema if len(part) > 1 else left.schema if len(merged) > 1 else schema)
                      for left, right in itertools.product(merged, part)]
        return merged + scalars

    def _plain(self, schema, name):
        kinds = schema.get("type")
        kinds = list(kinds) if isinstance(kinds, list) else [kinds or self._guess(schema)]
        return [self._leaf(kind, schema, name) for kind in kinds]

    @staticmethod
    def _guess(schema):
        if "properties" in schema or "additionalProperties" in schema:
            return "object"
        if "items" in schema:
            return "array"
        values = [schema["const"]] if "const" in schema else schema.get("enum", [])
        return "string" if values and all(isinstance(value, str) for value in values) else "any"

    @staticmethod
    def _leaf(kind, schema, name):
        leaf = Leaf(kind, name, schema)
        if kind == "object":
            leaf.members = dict(schema.get("properties", {}))
            leaf.required = set(schema.get("required", []))
            leaf.is_map = isinstance(schema.get("additionalProperties"), dict)
        elif kind == "array":
            leaf.items = schema.get("items", {})
        elif kind == "string":
            values = [schema["const"]] if "const" in schema else schema.get("enum", [])
            leaf.values = [value for value in values if isinstance(value, str)]
        return leaf

    def tag_values(self, leaf, member):
        """The values that a discriminator can have in an object."""
        if member not in leaf.members:
            return []
        return [value for choice in self.leaves(leaf.members[member]) for value in choice.values]

    def tag(self, leaf):
        """The discriminator of an object: a member with one possible value, and that value."""
        for member in ("type", "event", "object"):
            values = self.tag_values(leaf, member)
            if len(values) == 1:
                return member, values[0]
        return None
