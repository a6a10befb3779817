# SPDX-License-Identifier: LGPL-2.1-or-later
"""Constructors, getters and setters: one line each into OaiRecord."""

from dataclasses import dataclass, field
from typing import List, Optional, Tuple

from . import cwriter, names
from .cwriter import Class, call, pointer
from .docs import comment, enum_paragraph
from .versions import Versions


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


def parameter(field_):
    """The name of the parameter for the value.  The names of those for JSON text end in “json”, by which the additions for
    Python and GJS find them."""
    name = names.parameter(field_.ident)
    return f"{name}_json" if field_.type.core == "json" and not name.endswith("json") else name


def item_class(field_):
    return "OaiInputFile" if field_.type.holds_files else Class(field_.item.name).type


def value_type(field_):
    return field_.type.c or f"{item_class(field_)} *"


def field_accessors(record, field_, number):
    return [made.since(field_.docs.versions) for made in accessors(record, field_, number)]


def accessors(record, field_, number):
    further = [FURTHER[name] for name in field_.type.further]
    made = [getter, *(read for read, _write in further if read)]
    if record.writable and not field_.is_tag:
        made += [setter, *(write for _read, write in further if write)]
    return [function(record, field_, number) for function in made]


def self_documented(c):
    return ("self", f"{names.article(c.words)}")


def element_annotation(field_):
    annotation = field_.type.annotation
    if not annotation:
        return ""
    return " " + (annotation % item_class(field_) if "%s" in annotation else annotation)


def others(record, field_):
    """The other fields of a member that has fields of several types."""
    return [f for f in record.fields if f.member == field_.member and f is not field_]


def others_paragraph(record, field_, verb, start=""):
    """A sentence that names the functions of these fields; verb is get or set."""
    links = [f"[method@Oai.{record.name}.{verb}_{f.ident}] {verb}s {f.type.words}" for f in others(record, field_)]
    return f"{start}{names.conjunction(links)}." if links else None


def described(sentence, field_):
    """The sentence, and after a colon the documentation of the field."""
    first, *more = field_.docs or [""]
    return [f"{sentence}: {lower_first(first)}", *more]


def getter(record, field_, number):
    c = Class(record.name)
    parameters = [f"{c.type} *self"]
    documented = [self_documented(c)]
    arguments = ["OAI_RECORD (self)", number]
    paragraphs = [described(f"Gets `{field_.member}`{getter_condition(record, field_)}", field_),
                  others_paragraph(record, field_, "get"), enum_paragraph(field_)]
    if field_.type.has_length:
        parameters.append("gsize *n_values")
        documented.append(("n_values", "(out): return location for the number of values"))
        arguments.append("n_values")
    return Function(value_type(field_), f"{c.prefix}_get_{field_.ident}", parameters,
                    [call("return ", f"oai_record_get_field_{field_.type.core}", arguments)],
                    documented, paragraphs, getter_result(field_))


def getter_condition(record, field_):
    """When the getter of one of several fields of a member returns a value.  Any value can be read as JSON."""
    if not others(record, field_):
        return ""
    return " as JSON text" if field_.kind == "JSON" else f" if it is {field_.type.words}"


def getter_result(field_):
    if field_.type.is_scalar:
        return field_.type.result
    nullable = "" if field_.type.never_null else " (nullable)"
    return f"(transfer none){nullable}{element_annotation(field_)}: {field_.type.result}"


def date_time_getter(record, field_, number):
    c = Class(record.name)
    return Function("GDateTime *", f"{c.prefix}_dup_{field_.ident}_date_time", [f"{c.type} *self"],
                    [call("return ", "oai_record_dup_field_date_time", ["OAI_RECORD (self)", number])],
                    [self_documented(c)], [described(f"Gets `{field_.member}` as a date and time", field_)],
                    "(transfer full) (nullable): the time in UTC, or %NULL if it is absent")


def map_getter(record, field_, number):
    c = Class(record.name)
    return Function("char *", f"{c.prefix}_dup_{field_.ident}_value", [f"{c.type} *self", "const char *key"],
                    [call("return ", "oai_record_dup_field_map_value", ["OAI_RECORD (self)", number, "key"])],
                    [self_documented(c), ("key", "the key")],
                    [described(f"Gets one value of `{field_.member}`", field_)],
                    "(transfer full) (nullable): the value, or %NULL if there is no such key")


def map_setter(record, field_, number):
    c = Class(record.name)
    return Function("void", f"{c.prefix}_set_{field_.ident}_value",
                    [f"{c.type} *self", "const char *key", "const char *value"],
                    [call("", "oai_record_set_field_map_value", ["OAI_RECORD (self)", number, "key", "value"])],
                    [self_documented(c), ("key", "the key"), ("value", "(nullable): the value, or %NULL to remove it")],
                    [described(f"Sets one value of `{field_.member}`", field_)])


def setter(record, field_, number):
    c = Class(record.name)
    name = parameter(field_)
    parameters = [f"{c.type} *self", pointer(value_type(field_), name)]
    arguments = ["OAI_RECORD (self)", number, name]
    documented = [self_documented(c), (name, setter_text(field_))]
    if field_.type.has_length:
        parameters.append("gsize n_values")
        arguments.append("n_values")
        documented.append(("n_values", "the number of values"))
    value = f" to {field_.type.words}" if others(record, field_) else ""
    paragraphs = [described(f"Sets `{field_.member}`{value}", field_),
                  others_paragraph(record, field_, "set", "Replaces a value of another type. "), enum_paragraph(field_)]
    if field_.nullable_on_wire:
        paragraphs.append(f"[method@Oai.Record.set_null_member] with `{field_.member}` sends an explicit `null`.")
    return Function("void", f"{c.prefix}_set_{field_.ident}", parameters,
                    [call("", f"oai_record_set_field_{field_.type.core}", arguments)], documented, paragraphs)


def setter_text(field_):
    if field_.type.is_scalar:
        return field_.type.argument
    return f"(nullable) (transfer none){element_annotation(field_)}: {field_.type.argument}, or %NULL to remove it"


def adder(record, field_, number):
    c = Class(record.name)
    single = names.singular(field_.ident)
    name = names.parameter(single)
    return Function("void", f"{c.prefix}_add_{single}", [f"{c.type} *self", f"{item_class(field_)} *{name}"],
                    [call("", "oai_record_add_field_item", ["OAI_RECORD (self)", number, name])],
                    [self_documented(c), (name, "(transfer none): the item to append")],
                    [described(f"Appends an item to `{field_.member}`", field_),
                     "Replaces a value of another type." if others(record, field_) else None])


# Accessors besides the getter and the setter: one that reads, and one that writes.
FURTHER = {
    "date_time": (date_time_getter, None),
    "map": (map_getter, map_setter),
    "add": (None, adder),
}


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
            body.append(call("", f"oai_record_set_field_{f.type.core}",
                             ["OAI_RECORD (self)", number, parameter(f)]))
        body += ["", "return self;"]
    parameters = [pointer(value_type(f), parameter(f)) for f in fields]
    documented = [(parameter(f), constructor_text(f)) for f in fields]
    left = [f for f in record.fields if f.required and not f.alternative and not f.is_tag and f not in fields]
    paragraphs = [f"Creates {names.article(c.words)}."]
    if left:
        members = [f"`{f.member}`" for f in left]
        paragraphs.append(f"Set {names.conjunction(members)} before you send the record.")
    return Function(f"{c.type} *", f"{c.prefix}_new", parameters, body, documented, paragraphs,
                    f"(transfer full): {names.new(c.words)}", versions=record.docs.versions)


def first_sentence(field_):
    text = " ".join(line.strip() for line in field_.docs if line.strip()).split(". ")[0].rstrip(".")
    return lower_first(text)


def lower_first(text):
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def constructor_text(field_):
    text = first_sentence(field_)
    return text if field_.type.is_scalar else f"(transfer none): {text}"
