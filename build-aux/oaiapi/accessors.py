# SPDX-License-Identifier: LGPL-2.1-or-later
"""Constructors, getters and setters: one line each into OaiRecord."""

from dataclasses import dataclass, field
from typing import List, Optional, Tuple

from . import cwriter, names
from .cwriter import Class, call, pointer
from .docs import comment, enum_paragraph
from .versions import Versions

ABSENT = {
    "STRING": "%NULL if it is absent",
    "JSON": "JSON text, or %NULL if it is absent",
    "MAP": "a JSON object as text, or %NULL if it is absent",
    "RECORD": "%NULL if it is absent",
    "FILE": "%NULL if it is absent",
    "INT": "0 if it is absent",
    "NUMBER": "0 if it is absent",
    "BOOLEAN": "%FALSE if it is absent",
    "TIME": "seconds since 1970 (UTC), or 0 if it is absent",
}
SCALAR_TYPES = {"INT": "gint64", "NUMBER": "double", "BOOLEAN": "gboolean", "TIME": "gint64"}
STRING_KINDS = ("STRING", "JSON", "MAP")
# Suffixes of the functions in core: oai_record_get_field_…
CORE_NAMES = {"STRING": "string", "INT": "int", "NUMBER": "number", "BOOLEAN": "boolean", "TIME": "int", "JSON": "json",
              "MAP": "json", "RECORD": "record", "RECORD_LIST": "list", "STRING_LIST": "strv", "INT_LIST": "ints",
              "NUMBER_LIST": "numbers", "FILE": "file", "FILE_LIST": "list"}


@dataclass
class Function:
    returns: str
    name: str
    parameters: List[str]
    body: List[str]
    documented: List[Tuple[str, str]] = field(default_factory=list)
    paragraphs: list = field(default_factory=list)
    result: str = None
    before: str = ""  # what stands above it in the source
    versions: Optional[Versions] = None

    def since(self, versions):
        self.versions = versions
        return self

    def prototype(self):
        return cwriter.prototype(self.versions, self.returns, self.name, self.parameters)

    def definition(self):
        return (self.before + comment(self.name, self.versions, parameters=self.documented, body=self.paragraphs, returns=self.result)
                + cwriter.function(self.returns, self.name, self.parameters, self.body) + "\n")


def item_class(field_):
    return "OaiInputFile" if field_.kind in ("FILE", "FILE_LIST") else Class(field_.item.name).type


def value_type(field_):
    if field_.kind in STRING_KINDS:
        return "const char *"
    if field_.kind in SCALAR_TYPES:
        return SCALAR_TYPES[field_.kind]
    if field_.kind in ("RECORD", "FILE"):
        return f"{item_class(field_)} *"
    if field_.kind == "STRING_LIST":
        return "const char *const *"
    if field_.kind == "INT_LIST":
        return "const gint64 *"
    if field_.kind == "NUMBER_LIST":
        return "const double *"
    return "GPtrArray *"


def field_accessors(record, field_, number):
    return [made.since(field_.docs.versions) for made in accessors(record, field_, number)]


def accessors(record, field_, number):
    made = [getter(record, field_, number)]
    if field_.kind == "TIME":
        made.append(date_time_getter(record, field_, number))
    if field_.kind == "MAP":
        made.append(map_getter(record, field_, number))
    if not record.writable or field_.is_tag:
        return made
    made.append(setter(record, field_, number))
    if field_.kind == "MAP":
        made.append(map_setter(record, field_, number))
    if field_.kind in ("RECORD_LIST", "FILE_LIST"):
        made.append(adder(record, field_, number))
    return made


def self_documented(c):
    return ("self", f"{names.article(c.words)}")


def element_annotation(field_):
    if field_.kind in ("RECORD_LIST", "FILE_LIST"):
        return f" (element-type {item_class(field_)})"
    if field_.kind == "STRING_LIST":
        return " (array zero-terminated=1)"
    if field_.kind in ("INT_LIST", "NUMBER_LIST"):
        return " (array length=n_values)"
    return ""


def getter(record, field_, number):
    c = Class(record.name)
    parameters = [f"{c.type} *self"]
    documented = [self_documented(c)]
    arguments = ["OAI_RECORD (self)", number]
    paragraphs = [field_.docs, enum_paragraph(field_.enum)]
    if field_.kind in ("INT_LIST", "NUMBER_LIST"):
        parameters.append("gsize *n_values")
        documented.append(("n_values", "(out): return location for the number of values"))
        arguments.append("n_values")
    return Function(value_type(field_), f"{c.prefix}_get_{field_.ident}", parameters,
                    [call("return ", f"oai_record_get_field_{CORE_NAMES[field_.kind]}", arguments)],
                    documented, paragraphs, getter_result(field_))


def getter_result(field_):
    if field_.kind in SCALAR_TYPES:
        return f"the value, or {ABSENT[field_.kind]}" if field_.kind != "TIME" else ABSENT["TIME"]
    if field_.kind in ("RECORD_LIST", "FILE_LIST"):
        return f"(transfer none){element_annotation(field_)}: the list, which is empty if it is absent"
    if field_.is_list:
        return f"(transfer none) (nullable){element_annotation(field_)}: the values"
    prefix = "the value, or " if field_.kind in ("STRING", "RECORD", "FILE") else ""
    return f"(transfer none) (nullable): {prefix}{ABSENT[field_.kind]}"


def date_time_getter(record, field_, number):
    c = Class(record.name)
    return Function("GDateTime *", f"{c.prefix}_dup_{field_.ident}_date_time", [f"{c.type} *self"],
                    [call("return ", "oai_record_dup_field_date_time", ["OAI_RECORD (self)", number])],
                    [self_documented(c)], [field_.docs],
                    "(transfer full) (nullable): the time in UTC, or %NULL if it is absent")


def map_getter(record, field_, number):
    c = Class(record.name)
    return Function("char *", f"{c.prefix}_dup_{field_.ident}_value", [f"{c.type} *self", "const char *key"],
                    [call("return ", "oai_record_dup_field_map_value", ["OAI_RECORD (self)", number, "key"])],
                    [self_documented(c), ("key", "the key")],
                    [f"Gets one value of `{field_.member}`.", field_.docs],
                    "(transfer full) (nullable): the value, or %NULL if there is no such key")


def map_setter(record, field_, number):
    c = Class(record.name)
    return Function("void", f"{c.prefix}_set_{field_.ident}_value",
                    [f"{c.type} *self", "const char *key", "const char *value"],
                    [call("", "oai_record_set_field_map_value", ["OAI_RECORD (self)", number, "key", "value"])],
                    [self_documented(c), ("key", "the key"), ("value", "(nullable): the value, or %NULL to remove it")],
                    [f"Sets one value of `{field_.member}`.", field_.docs])


def setter(record, field_, number):
    c = Class(record.name)
    name = names.parameter(field_.ident)
    parameters = [f"{c.type} *self", pointer(value_type(field_), name)]
    arguments = ["OAI_RECORD (self)", number, name]
    documented = [self_documented(c), (name, setter_text(field_))]
    if field_.kind in ("INT_LIST", "NUMBER_LIST"):
        parameters.append("gsize n_values")
        arguments.append("n_values")
        documented.append(("n_values", "the number of values"))
    paragraphs = [f"Sets `{field_.member}`.", field_.docs, enum_paragraph(field_.enum)]
    if field_.nullable_on_wire:
        paragraphs.append(f"[method@Oai.Record.set_null_member] with `{field_.member}` sends an explicit `null`.")
    return Function("void", f"{c.prefix}_set_{field_.ident}", parameters,
                    [call("", f"oai_record_set_field_{CORE_NAMES[field_.kind]}", arguments)], documented, paragraphs)


def setter_text(field_):
    if field_.kind in SCALAR_TYPES:
        return "seconds since 1970 (UTC)" if field_.kind == "TIME" else "the value"
    what = {"JSON": "JSON text", "MAP": "a JSON object of strings, as text"}.get(field_.kind, "the value")
    if field_.is_list:
        what = "the list"
    return f"(nullable) (transfer none){element_annotation(field_)}: {what}, or %NULL to remove it"


def adder(record, field_, number):
    c = Class(record.name)
    single = names.singular(field_.ident)
    name = names.parameter(single)
    return Function("void", f"{c.prefix}_add_{single}", [f"{c.type} *self", f"{item_class(field_)} *{name}"],
                    [call("", "oai_record_add_field_item", ["OAI_RECORD (self)", number, name])],
                    [self_documented(c), (name, "(transfer none): the item to append")],
                    [f"Appends an item to `{field_.member}`.", field_.docs])


def constructor(record):
    c = Class(record.name)
    fields = record.constructor_fields
    body = []
    if not fields:
        body.append(f"return g_object_new ({c.gtype}, NULL);")
    else:
        body += [f"{c.type} *self = g_object_new ({c.gtype}, NULL);", ""]
        for f in fields:
            number = f"{c.upper}__{f.ident.upper()}"
            body.append(call("", f"oai_record_set_field_{CORE_NAMES[f.kind]}",
                             ["OAI_RECORD (self)", number, names.parameter(f.ident)]))
        body += ["", "return self;"]
    parameters = [pointer(value_type(f), names.parameter(f.ident)) for f in fields]
    documented = [(names.parameter(f.ident), constructor_text(f)) for f in fields]
    left = [f for f in record.fields if f.required and not f.alternative and not f.is_tag and f not in fields]
    paragraphs = [f"Creates {names.article(c.words)}."]
    if left:
        members = [f"`{f.member}`" for f in left]
        paragraphs.append(f"Set {' and '.join(members)} before you send the record.")
    return Function(f"{c.type} *", f"{c.prefix}_new", parameters, body, documented, paragraphs,
                    f"(transfer full): a new {c.words}", versions=record.docs.versions)


def first_sentence(field_):
    text = " ".join(line.strip() for line in field_.docs if line.strip()).split(". ")[0].rstrip(".")
    return text[:1].lower() + text[1:] if not text[:2].isupper() else text


def constructor_text(field_):
    text = first_sentence(field_)
    return text if field_.kind in SCALAR_TYPES else f"(transfer none): {text}"
