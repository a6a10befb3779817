# SPDX-License-Identifier: LGPL-2.1-or-later
"""Resolves the names and types in “stream” blocks."""

from .diagnostics import did_you_mean
from .parse_streams import flat

ARGUMENT_TYPES = {"string": "STRING", "index": "INDEX", "bytes": "BYTES", "json": "JSON"}
MAX_ARGUMENTS = 6


def resolve(resolver, stream):
    """Resolves the names; returns the stream."""
    resolver.need_docs(stream, "the stream")
    resolver.lookup_record(stream.chunk, "of an event")
    stream.result_record = resolver.lookup_record(stream.result_word, "of the result")
    stream.reference = resolver.reference(stream.flags.get("reference"))
    signals = {}
    for signal in stream.signals:
        if signal.name in signals:
            resolver.error(signal.place, f"the signal “{signal.name}” is declared on line {signals[signal.name].place.line} already")
        if not signal.docs:
            resolver.error(signal.place, f"the signal “{signal.name}” needs documentation: a line “/// …” above it")
        signals[signal.name] = signal
        resolve_signal(resolver, signal)
    for event in stream.events:
        for rule in flat(event.rules):
            check_rule(resolver, signals, rule)
    for getter in stream.getters:
        resolve_getter(resolver, getter)
    return stream


def resolve_signal(resolver, signal):
    if len(signal.arguments) > MAX_ARGUMENTS:
        resolver.error(signal.place, f"a signal has at most {MAX_ARGUMENTS} arguments")
    for argument in signal.arguments:
        argument.kind = ARGUMENT_TYPES.get(argument.type_word.text, "RECORD")
        if argument.kind == "RECORD":
            argument.record = resolver.lookup_record(argument.type_word, "of the argument")
    is_text = [argument.kind for argument in signal.arguments][:1] == ["STRING"] \
        and all(argument.kind == "INDEX" for argument in signal.arguments[1:])
    if signal.coalesced and not is_text:
        resolver.error(signal.place, "only a signal of a string and indexes behind it can be coalesced")


def check_rule(resolver, signals, rule):
    if rule.verb != "EMIT":
        return
    signal = signals.get(rule.signal)
    if signal is None:
        resolver.error(rule.place, f"the signal “{rule.signal}” is not declared{did_you_mean(rule.signal, list(signals))}")
    elif len(rule.values) != len(signal.arguments):
        resolver.error(rule.place, f"the signal “{rule.signal}” has {len(signal.arguments)} arguments, not {len(rule.values)}")


def resolve_getter(resolver, getter):
    if not getter.docs:
        resolver.error(getter.place, f"the method “{getter.name}” needs documentation: a line “/// …” above it")
    if getter.type_word.text != "string":
        getter.record = resolver.lookup_record(getter.type_word, "that the method gets")
