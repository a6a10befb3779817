# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sample values for the schemas of an OpenAPI document."""

MAX_DEPTH = 6


class Samples:
    def __init__(self, document):
        self.document = document

    def resolve(self, schema):
        while "$ref" in schema:
            target = self.document
            for step in schema["$ref"].lstrip("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            schema = target
        return schema

    def merge(self, schema):
        """A schema with its allOf merged."""
        schema = self.resolve(schema)
        if "allOf" not in schema:
            return schema
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        merged["properties"] = dict(merged.get("properties", {}))
        merged["required"] = list(merged.get("required", []))
        for part in schema["allOf"]:
            part = self.merge(part)
            merged["properties"].update(part.get("properties", {}))
            merged["required"] += part.get("required", [])
            for key, value in part.items():
                merged.setdefault(key, value)
        return merged

    def make(self, schema, depth=0):
        schema = self.merge(schema)
        for key in ("const", "enum"):
            if key in schema:
                return schema[key] if key == "const" else schema[key][0]
        for key in ("oneOf", "anyOf"):
            if key in schema:
                choices = [c for c in map(self.merge, schema[key]) if c.get("type") != "null"]
                if schema.get("properties"):
                    return self.make_object({**schema, **choices[0], "others": choices[1:], "properties": {
                        **schema["properties"], **choices[0].get("properties", {})}}, depth)
                return self.make(choices[0], depth)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next(k for k in kind if k != "null")
        if kind == "object" or schema.get("properties"):
            return self.make_object(schema, depth)
        if kind == "array":
            return self.make_array(schema, depth)
        return self.make_scalar(kind, schema)

    def make_object(self, schema, depth):
        required = schema.get("required", [])
        forbidden = self.forbidden(schema)
        made = {}
        for name, member in schema.get("properties", {}).items():
            if name not in forbidden and (name in required or depth < MAX_DEPTH):
                made[name] = self.make(member, depth + 1)
        extra = schema.get("additionalProperties")
        if not made and isinstance(extra, dict):
            made["key"] = self.make(extra, depth + 1)
        return made

    @staticmethod
    def forbidden(schema):
        """Members that cannot be combined with the others: those of other variants, and all but one of those that
        are not allowed together."""
        names = set()
        for variant in schema.get("others", []):
            names.update(set(variant.get("required", [])) - set(schema.get("required", [])))
        names.update(schema.get("not", {}).get("required", [])[1:])
        return names

    def make_array(self, schema, depth):
        count = max(schema.get("minItems", 1), 1)
        return [self.make(schema.get("items", {}), depth + 1) for _ in range(count)]

    def make_scalar(self, kind, schema):
        if kind == "boolean":
            return True
        if kind in ("integer", "number"):
            value = schema.get("minimum", schema.get("exclusiveMinimum", 0))
            if schema.get("exclusiveMinimum") == value:
                value += 1
            return int(value) if kind == "integer" else value
        text = {"uri": "https://example.com/a", "date-time": "2026-01-01T00:00:00Z"}.get(schema.get("format"), "text")
        return text.ljust(schema.get("minLength", 0), "x")[:schema.get("maxLength", 100)]

    def arguments(self, method, path, multipart, shape=0):
        """All parameters of an operation and all members of its body, in one object. shape: the index of the
        alternative that the document has for the body."""
        item = self.document["paths"][path]
        operation = item[method]
        made = {}
        for parameter in item.get("parameters", []) + operation.get("parameters", []):
            parameter = self.resolve(parameter)
            if parameter["in"] in ("path", "query"):
                made[parameter["name"]] = self.make(parameter["schema"])
        body = self.resolve(operation.get("requestBody", {})).get("content", {})
        kind = "multipart/form-data" if multipart else "application/json"
        if kind in body:
            schema = self.merge(body[kind]["schema"])
            made.update(self.make(schema["anyOf"][shape] if shape else schema))
        return made
