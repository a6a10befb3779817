# SPDX-License-Identifier: LGPL-2.1-or-later
"""The classes of streams: their tables, signals and methods, in oai-MODULE-types.h and .c."""

import re

from . import cwriter, names
from .accessors import Function
from .cwriter import Class
from .docs import comment, reference_paragraph
from .examples import stream_example
from .parse_streams import flat

GETTERS = {False: "oai_stream_dup_reply_record", True: "oai_stream_dup_reply_list"}


def declarations(module):
    """For oai-MODULE-types.h."""
    parts = []
    for stream in module.streams:
        c = Class(stream.name.text)
        parts.append(f"#define {c.gtype} ({c.get_type} ())\n{stream.docs.versions.available}\n"
                     f"G_DECLARE_FINAL_TYPE ({c.type}, {c.prefix}, OAI, {c.upper}, OaiStream)\n\n")
        parts += [function.prototype() for function in methods(stream)]
        parts.append("\n" if stream.getters else "")
    return "".join(parts)


def definitions(module):
    """For oai-MODULE-types.c."""
    return "".join(definition(module, stream) for stream in module.streams)


def needs_private_header(module):
    return any(stream.has_hooks or stream.functions for stream in module.streams)


def emit_private_header(module, source):
    """Declarations for hand-written code of the classes: the numbers of signals, and functions."""
    parts = [cwriter.header(source), '#pragma once\n\n#include "oai-stream-private.h"\n'
             f'#include "oai-{module.name}-types.h"\n\nG_BEGIN_DECLS\n\n']
    for stream in module.streams:
        c = Class(stream.name.text)
        rows = ",\n".join(f"  {number(stream, signal.name)}" for signal in stream.signals)
        parts.append(f"enum\n{{\n{rows}\n}};\n\n" if rows else "")
        parts += [f"gboolean {c.prefix}_{name} (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error);\n"
                  for name in stream.functions]
        parts.append(f"extern const OaiStreamHooks {c.prefix}_hooks;\n" if stream.has_hooks else "")
        parts.append("\n")
    parts.append("G_END_DECLS\n")
    return "".join(parts)


def number(stream, signal):
    return f"{Class(stream.name.text).upper}__{signal.replace('-', '_').upper()}"


# Tables

def definition(module, stream):
    c = Class(stream.name.text)
    lower = names.snake(stream.name.text)
    text = signal_tables(stream, lower) + event_tables(stream, lower) + schema(stream, lower)
    text += comment(c.type, stream.docs.versions, body=[stream.docs, stream_example(module, stream), reference_paragraph(stream.reference)])
    text += f"struct _{c.type}\n{{\n  OaiStream parent_instance;\n}};\n\n"
    text += f"G_DEFINE_FINAL_TYPE ({c.type}, {c.prefix}, OAI_TYPE_STREAM)\n\n"
    text += cwriter.function("static void", f"{c.prefix}_class_init", [f"{c.type}Class *klass"], [
        f"oai_stream_class_set_schema (OAI_STREAM_CLASS (klass), &{lower}_schema);"]) + "\n"
    text += cwriter.function("static void", f"{c.prefix}_init", [f"{c.type} *self"], []) + "\n"
    text += "".join(signal_comment(c, signal) for signal in stream.signals)
    return text + "".join(function.definition() for function in methods(stream))


def signal_tables(stream, lower):
    if not stream.signals:
        return ""
    text = ""
    rows = []
    for signal in stream.signals:
        table = f"{lower}_{signal.name.replace('-', '_')}_arguments"
        arguments = ",\n".join(f"  {{ OAI_STREAM_ARGUMENT_{a.kind}, {Class(a.record.name).get_type if a.record else 'NULL'} }}"
                               for a in signal.arguments)
        if arguments:
            text += f"static const OaiStreamArgument {table}[] = {{\n{arguments}\n}};\n\n"
        flags = ["COALESCED"] if signal.coalesced else []
        flags += ["DEPRECATED"] if signal.docs.versions.deprecated else []
        flags = " | ".join(f"OAI_STREAM_SIGNAL_{flag}" for flag in flags or ["NONE"])
        rows.append(f"  {{ {names.c_string(signal.name)}, {flags}, {len(signal.arguments)}, {table if arguments else 'NULL'} }}")
    return text + f"static const OaiStreamSignal {lower}_signals[] = {{\n" + ",\n".join(rows) + "\n};\n\n"


def event_tables(stream, lower):
    text = ""
    rows = []
    for index, event in enumerate(stream.events):
        table = f"{lower}_rules_{index}"
        rules = ",\n".join(rule_row(stream, rule) for rule in flat(event.rules))
        if rules:
            text += f"static const OaiStreamRule {table}[] = {{\n{rules}\n}};\n\n"
        flags = "OAI_STREAM_EVENT_END" if event.end else "OAI_STREAM_EVENT_NONE"
        end = f"{flags}, {f'G_N_ELEMENTS ({table}), {table}' if rules else '0, NULL'}"
        rows += [f"  {{ {names.c_string(name) if name else 'NULL'}, {end} }}" for name in event.names or [None]]
    if not rows:
        return text
    return text + f"static const OaiStreamEvent {lower}_events[] = {{\n" + ",\n".join(rows) + "\n};\n\n"


def rule_row(stream, rule):
    members = [f".verb = OAI_STREAM_{rule.verb}"]
    if rule.once:
        members.append(".flags = OAI_STREAM_RULE_ONCE")
    if rule.verb == "EACH":
        members.append(f".number = {len(list(flat(rule.inner)))}")
    if rule.verb == "EMIT":
        signals = [signal.name for signal in stream.signals]
        values = ", ".join(names.c_string(value) for value in rule.values)
        members.append(f".number = {signals.index(rule.signal)}")
        if values:
            members.append(f".values = (const char *const []) {{ {values} }}")
    for name in ("source", "target"):
        if getattr(rule, name) is not None:
            members.append(f".{name} = {names.c_string(getattr(rule, name))}")
    if rule.function:
        members.append(f".function = {Class(stream.name.text).prefix}_{rule.function}")
    return "  { " + ", ".join(members) + " }"


def schema(stream, lower):
    members = ["OAI_STREAM_SCHEMA_SIZES"]
    if "end-required" in stream.flags:
        members.append(".flags = OAI_STREAM_END_REQUIRED")
    if stream.signals:
        members += [f".signals = {lower}_signals", f".n_signals = G_N_ELEMENTS ({lower}_signals)"]
    if stream.events:
        members += [f".events = {lower}_events", f".n_events = G_N_ELEMENTS ({lower}_events)"]
    if stream.tag:
        members.append(f".tag = {names.c_string(stream.tag)}")
    members.append(f".result_type = {Class(stream.result_record.name).get_type}")
    members += [f".{key} = {names.c_string(stream.flags[key])}" for key in ("result", "initial", "chunk", "whole", "finished")
                if key in stream.flags]
    if stream.has_hooks:
        members.append(f".hooks = &{Class(stream.name.text).prefix}_hooks")
    rows = ",\n".join(f"  {member}" for member in members)
    return f"static const OaiStreamSchema {lower}_schema = {{\n{rows}\n}};\n\n"


def signal_comment(c, signal):
    parameters = [("self", "the stream")]
    for argument in signal.arguments:
        text = " ".join(line.strip() for line in argument.docs)
        parameters.append((argument.name, f"(nullable): {text}" if argument.nullable else text))
    body = [signal.docs]
    if signal.coalesced:
        body.append("The text is buffered if [property@Oai.Stream:coalesce-interval-ms] is set.")
    return comment(f"{c.type}::{signal.name}", signal.docs.versions, parameters=parameters, body=body) + "\n"


# Methods

def methods(stream):
    return [method(stream, getter).since(getter.docs.versions) for getter in stream.getters]


def method(stream, getter):
    c = Class(stream.name.text)
    text = getter.record is None
    name = f"{c.prefix}_{'get' if text else 'dup'}_{getter.name}"
    documented = [("self", "a stream")] + [(a, index_text(a)) for a in getter.arguments]
    body = [f"g_return_val_if_fail (OAI_IS_{c.upper} (self), NULL);", "", f"return {value(getter)};"]
    return Function(c_type(getter), name, [f"{c.type} *self"] + [f"guint {a}" for a in getter.arguments], body,
                    documented, [getter.docs], returns(getter))


def index_text(argument):
    return f"index of the {argument.removesuffix('_index').replace('_', ' ')}, from 0" if argument != "index" else "the index, from 0"


def c_type(getter):
    if getter.is_list:
        return "GPtrArray *"
    return f"{Class(getter.record.name).type} *" if getter.record else "const char *"


def returns(getter):
    if getter.is_list:
        return f"(transfer container) (element-type Oai{getter.record.name}): a list of copies, which later events do not change; it can be empty"
    if getter.record:
        return "(nullable) (transfer full): a copy, which later events do not change, or %NULL if nothing has arrived"
    return "(nullable) (transfer none): the text, or %NULL if none has arrived; valid until the next event"


def value(getter):
    if getter.path == "result":
        return f"({Class(getter.record.name).type} *) oai_stream_dup_result (OAI_STREAM (self))"
    used = re.findall(r"=([a-z0-9_]+)\]", getter.path)
    arguments = [names.c_string(re.sub(r"=[a-z0-9_]+\]", "=%u]", getter.path)), *used]
    if getter.record is None:
        return f"oai_stream_get_reply_text (OAI_STREAM (self), {', '.join(arguments)})"
    return f"{GETTERS[getter.is_list]} (OAI_STREAM (self), {Class(getter.record.name).gtype}, {', '.join(arguments)})"
