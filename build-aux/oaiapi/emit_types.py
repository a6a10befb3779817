# SPDX-License-Identifier: LGPL-2.1-or-later
"""oai-MODULE-types.h and .c: constants, records and unions."""

from . import cwriter, emit_methods, emit_streams, names
from .accessors import constructor, field_accessors, others_paragraph
from .cwriter import Class
from .docs import comment, enum_paragraph, reference_paragraph
from .examples import request_example


def parents_first(records):
    return [r for r in records if r.parent is None] + [r for r in records if r.parent is not None]


def field_name(record, field):
    return f"{Class(record.name).upper}__{field.ident.upper()}"


# Header

def emit_header(module, source, in_tree):
    parts = [cwriter.header(source), "#pragma once\n\n", *includes(module, in_tree), "\nG_BEGIN_DECLS\n\n"]
    for enum in module.enums:
        parts.append(constants(enum))
    for record in parents_first(module.records):
        parts.append(declaration(record))
    for record in module.records:
        parts.append(prototypes(record))
    parts.append(emit_streams.declarations(module))
    further = [function.prototype() for function in emit_methods.types_functions(module)]
    parts += further + (["\n"] if further else [])
    parts.append("G_END_DECLS\n")
    return "".join(parts)


def includes(module, in_tree):
    yield '#include "oai-record.h"\n' if in_tree else cwriter.UMBRELLA
    if in_tree and any(f.type.holds_files for r in module.records for f in r.own_fields):
        yield '#include "oai-input-file.h"\n'
    if in_tree and module.streams:
        yield '#include "oai-stream.h"\n'
    if module.macros:
        yield f'#include "{module.macros[1]}"\n'
    if in_tree and emit_methods.uses_tools(module):
        yield '#include "oai-toolset.h"\n'
    for name in module.depends:
        yield f'#include "oai-{name}-types.h"\n'


def constants(enum):
    parts = []
    for value in enum.values:
        name = f"OAI_{names.snake(enum.name).upper()}_{value.name.text.upper()}"
        body = [value.docs or [f"The value `{value.value}`."], f"{enum_summary(enum)}: `{value.value}`."]
        parts.append(comment(name, value.docs.versions, body=body) + f"#define {name} {names.c_string(value.value)}\n\n")
    return "".join(parts)


def enum_summary(enum):
    """The first sentence, to end in a colon."""
    text = " ".join(line.strip() for line in enum.docs)
    return (text.split(". ")[0]).rstrip(".").replace(":", " –")


def declaration(record):
    c = Class(record.name)
    parent = Class(record.parent.name).type if record.parent else "OaiRecord"
    kind = "DERIVABLE" if record.is_union else "FINAL"
    text = f"#define {c.gtype} ({c.get_type} ())\n{record.docs.versions.available}\n"
    text += f"G_DECLARE_{kind}_TYPE ({c.type}, {c.prefix}, OAI, {c.upper}, {parent})\n\n"
    if record.is_union:
        text += (f"struct _{c.type}Class\n{{\n  {parent}Class parent_class;\n\n"
                 "  /*< private >*/\n  gpointer padding[4];\n};\n\n")
    return text


def prototypes(record):
    parts = []
    if record.writable:
        parts.append(constructor(record).prototype())
    for field in record.own_fields:
        parts += [accessor.prototype() for accessor in field_accessors(record, field, field_name(record, field))]
    return "".join(parts) + ("\n" if parts else "")


# Source

def emit_source(module, source):
    parts = [cwriter.header(source), f'#include "oai-{module.name}-types.h"\n\n']
    parts.append('#include "oai-method.h"\n' if emit_methods.needs_helpers(module) else "")
    parts.append('#include "oai-record-class.h"\n')
    parts.append('#include "oai-stream-schema.h"\n' if module.streams else "")
    parts.append(f'#include "oai-{module.name}-streams-private.h"\n' if emit_streams.needs_private_header(module) else "")
    parts += ["\n", cwriter.BEGIN]
    for record in parents_first(module.records):
        parts.append(definition(module, record))
    parts.append(emit_streams.definitions(module))
    parts += [function.definition() for function in emit_methods.types_functions(module)]
    return "".join(parts).rstrip("\n") + "\n" + cwriter.END


def definition(module, record):
    parts = [field_numbers(record), schema(record), type_comment(module, record), type_definition(record)]
    parts += [property_comment(record, f) for f in record.own_fields if f.property is not None]
    if record.writable:
        parts.append(constructor(record).definition())
    for field in record.own_fields:
        parts += [accessor.definition() for accessor in field_accessors(record, field, field_name(record, field))]
    return "".join(parts)


def field_numbers(record):
    if not record.fields:
        return ""
    lines = ",\n".join(f"  {field_name(record, f)}" for f in record.fields)
    return f"enum\n{{\n{lines}\n}};\n\n"


def schema(record):
    lower = names.snake(record.name)
    parts = []
    if record.fields:
        rows = ",\n".join(f"  {field_row(f)}" for f in record.fields)
        parts.append(f"static const OaiField {lower}_fields[] = {{\n{rows}\n}};\n\n")
    others = [(other, f) for f in record.fields for other in f.others]
    if others:
        rows = ",\n".join(f"  {{ {names.c_string(other)}, {field_name(record, f)} }}" for other, f in others)
        parts.append(f"static const OaiMemberName {lower}_names[] = {{\n{rows}\n}};\n\n")
    if record.cases:
        rows = ",\n".join(f"  {case_row(*case)}" for case in record.cases)
        parts.append(f"static const OaiUnionCase {lower}_cases[] = {{\n{rows}\n}};\n\n")
    members = ["OAI_RECORD_SCHEMA_SIZES"]
    if record.writable:
        members.append(".flags = OAI_RECORD_SCHEMA_WRITABLE")
    if record.fields:
        members += [f".fields = {lower}_fields", f".n_fields = G_N_ELEMENTS ({lower}_fields)"]
    if record.cases:
        members += [f".cases = {lower}_cases", f".n_cases = G_N_ELEMENTS ({lower}_cases)"]
    if record.is_union:
        members.append(f".tag_field = {next(i for i, f in enumerate(record.fields) if f.is_tag)}")
    if record.tag is not None:
        members.append(f".tag = {names.c_string(record.tag)}")
    if others:
        members += [f".names = {lower}_names", f".n_names = G_N_ELEMENTS ({lower}_names)"]
    rows = ",\n".join(f"  {member}" for member in members)
    parts.append(f"static const OaiRecordSchema {lower}_schema = {{\n{rows}\n}};\n\n")
    return "".join(parts)


def field_row(field):
    flags = field.flags + (["DEPRECATED"] if field.docs.versions.deprecated else [])
    flags = " | ".join(f"OAI_FIELD_{flag}" for flag in flags) or "OAI_FIELD_NONE"
    item = Class(field.item.name).get_type if field.item else "NULL"
    return f"{{ {names.c_string(field.member)}, {names.c_string(field.name)}, OAI_FIELD_{field.kind}, {flags}, {item} }}"


def case_row(tag, target, untagged):
    member = names.c_string(untagged) if untagged else "NULL"
    return f"{{ {names.c_string(tag)}, {Class(target.name).get_type}, {member} }}"


def tag_member(record):
    return next(field.member for field in record.fields if field.is_tag)


def untagged_note(untagged):
    return f"; also an object without a value that has the member `{untagged}`" if untagged else ""


def type_comment(module, record):
    body = [record.docs]
    if record.cases:
        body.append([f"The value of `{tag_member(record)}` selects the class:"])
        body.append([f"- `{tag}`: [class@Oai.{target.name}]{untagged_note(untagged)}" for tag, target, untagged in record.cases])
        body.append("An object with another value has this class itself, with all its members.")
    elif record.tag is not None:
        tags = [f"`{tag}`" for tag, target, _ in record.parent.cases if target is record]
        body.append(f"A [class@Oai.{record.parent.name}] whose `{tag_member(record)}` is {names.alternatives(tags)}.")
    body += [request_example(module, record), reference_paragraph(record.reference)]
    return comment(f"Oai{record.name}", record.docs.versions, body=body)


def type_definition(record):
    c = Class(record.name)
    parent = Class(record.parent.name) if record.parent else None
    parent_type = parent.gtype if parent else "OAI_TYPE_RECORD"
    lower = names.snake(record.name)
    text = ""
    if record.is_union:
        text += f"G_DEFINE_TYPE ({c.type}, {c.prefix}, {parent_type})\n\n"
    else:
        text += f"struct _{c.type}\n{{\n  {parent.type if parent else 'OaiRecord'} parent_instance;\n}};\n\n"
        text += f"G_DEFINE_FINAL_TYPE ({c.type}, {c.prefix}, {parent_type})\n\n"
    text += cwriter.function("static void", f"{c.prefix}_class_init", [f"{c.type}Class *klass"], [
        f"oai_record_class_set_schema (OAI_RECORD_CLASS (klass), &{lower}_schema);"]) + "\n"
    text += cwriter.function("static void", f"{c.prefix}_init", [f"{c.type} *self"], []) + "\n"
    return text


def property_comment(record, field):
    annotations = ""
    if field.property == "type" and field.ident == "type_value":
        annotations = f"(getter get_{field.ident})"
        if record.writable and not field.is_tag:
            annotations = f"(setter set_{field.ident}) {annotations}"
    condition = "" if field.kind == "JSON" else f"This property is set only if the member is {field.type.words}. "
    body = [field.docs, enum_paragraph(field), field.type.note, others_paragraph(record, field, "get", condition)]
    return comment(f"Oai{record.name}:{field.property}", field.docs.versions, annotations, body=body) + "\n"
