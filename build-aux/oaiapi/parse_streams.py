# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads “stream” blocks: the class of a stream, its signals, and how each event changes the reply."""

import re
from dataclasses import dataclass, field
from typing import List, Optional

from . import versions
from .diagnostics import did_you_mean
from .syntax import Word

STATEMENTS = ("signal", "event", "chunk", "each", "put", "fold", "result", "emit", "call", "get")

SIGNAL = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
PATH = re.compile(r"(\.|\*|\{[a-z0-9_,]+\}|=?([a-z0-9_]+(\[(-1|#?[a-z0-9_]*|#?[a-z0-9_]*=[a-z0-9_]+)\])*\.?)*)\Z")
EMISSION = re.compile(r"([a-z0-9-]+) *\(([^()]*)\)")


@dataclass
class Argument:
    name: str
    docs: List[str]
    type_word: Word
    nullable: bool
    kind: str = ""
    record: object = None


@dataclass
class Signal:
    name: str
    place: Word
    docs: List[str]
    coalesced: bool = False
    arguments: List[Argument] = field(default_factory=list)


@dataclass
class Rule:
    verb: str
    place: Word
    source: Optional[str] = None
    target: Optional[str] = None
    once: bool = False
    signal: Optional[str] = None
    values: List[str] = field(default_factory=list)
    function: Optional[str] = None
    inner: List["Rule"] = field(default_factory=list)


@dataclass
class Event:
    names: List[str]  # none: all events
    end: bool
    rules: List[Rule] = field(default_factory=list)


@dataclass
class Getter:
    name: str
    place: Word
    docs: List[str]
    arguments: List[str]
    type_word: Word
    is_list: bool
    path: str
    record: object = None


@dataclass
class StreamDecl:
    """The result of the parser; the emitter gets it after its names were resolved."""

    name: Word
    docs: List[str]
    chunk: Word
    result_word: Word
    tag: Optional[str]  # None: the name that SSE gives the event
    flags: dict = field(default_factory=dict)
    signals: List[Signal] = field(default_factory=list)
    events: List[Event] = field(default_factory=list)
    getters: List[Getter] = field(default_factory=list)
    column: int = 0  # of the “each” that the following rules belong to
    result_record: object = None
    reference: Optional[str] = None

    @property
    def has_hooks(self):
        return "hooks" in self.flags

    @property
    def functions(self):
        """The hand-written functions that rules call."""
        return sorted({rule.function for event in self.events for rule in flat(event.rules) if rule.function})


def flat(rules):
    for rule in rules:
        yield rule
        yield from flat(rule.inner)


def define(parser, cursor, docs, fail):
    name = parser.type_name(cursor)
    cursor.expect("of", "“of” and the record of an event")
    chunk = parser.type_name(cursor)
    tag = ""
    if cursor.take("by"):
        word = cursor.expect_match(NAME, "“event”, or the member that names an event")
        tag = None if word.text == "event" else word.text
    cursor.expect("->", "“->” and the record of the result")
    stream = StreamDecl(name, docs, chunk, parser.type_name(cursor), tag)
    for flag in parser.flags(cursor, ("finished=", "chunk=", "whole=", "initial=", "result=", "end-required", "hooks", "reference=")):
        key, _, value = flag.text.partition("=")
        stream.flags[key] = value
    parser.block = stream
    parser.file.streams.append(stream)


def parse_line(parser, cursor, docs, fail):
    """One line below a “stream”; fail makes the exception of a bad line."""
    stream = parser.block
    word = cursor.next()
    if word.text not in ("signal", "get"):
        versions.refuse(docs, fail)
    in_signal = stream.signals and not stream.events and not stream.getters
    if word.text in (("signal", "event", "chunk", "get") if in_signal else STATEMENTS):
        globals()[f"parse_{word.text}"](parser, stream, word, cursor, docs, fail)
    elif in_signal and NAME.match(word.text):
        parse_argument(stream.signals[-1], word, cursor, docs, fail)
    else:
        raise fail(word, f"expected {', '.join(STATEMENTS)}, not “{word.text}”{did_you_mean(word.text, STATEMENTS)}")


def parse_signal(parser, stream, place, cursor, docs, fail):
    name = cursor.expect_match(SIGNAL, "the name of a signal, in lower case with “-”")
    signal = Signal(name.text, name, docs)
    signal.coalesced = any(flag.text == "coalesced" for flag in parser.flags(cursor, ("coalesced",)))
    stream.signals.append(signal)


def parse_argument(signal, name, cursor, docs, fail):
    word = cursor.next()
    nullable = word.text.endswith("?")
    word = Word(word.text.rstrip("?"), word.line, word.column)
    cursor.expect_end()
    if not docs:
        raise fail(name, f"the argument “{name.text}” needs documentation: a line “/// …” above it")
    signal.arguments.append(Argument(name.text, docs, word, nullable))


def parse_event(parser, stream, place, cursor, docs, fail):
    event_names = []
    while cursor.peek().text not in ("", ":"):
        event_names.append(cursor.expect_match(re.compile(r"\*?[a-z0-9_.]+\*?\Z"), "the name of an event").text)
    if not event_names:
        raise fail(cursor.peek(), "expected the name of an event; “chunk” stands for all events")
    end = any(flag.text == "end" for flag in parser.flags(cursor, ("end",)))
    stream.events.append(Event(event_names, end))
    stream.column = 0


def parse_chunk(parser, stream, place, cursor, docs, fail):
    cursor.expect_end()
    stream.events.append(Event([], False))
    stream.column = 0


def add_rule(stream, rule, fail):
    if not stream.events:
        raise fail(rule.place, "expected “event” or “chunk” above the first rule")
    rules = stream.events[-1].rules
    if stream.column and rule.place.column > stream.column:
        rules[-1].inner.append(rule)
    else:
        stream.column = rule.place.column if rule.verb == "EACH" else 0
        rules.append(rule)


def path(cursor, what):
    return cursor.expect_match(PATH, what).text


def parse_each(parser, stream, place, cursor, docs, fail):
    source = path(cursor, "the path of a list in the event")
    target = path(cursor, "the path of an element in the reply") if cursor.take("in") else source
    cursor.expect_end()
    add_rule(stream, Rule("EACH", place, re.sub(r"\[[^]]*\]\Z", "", source), target), fail)


def parse_verb(parser, stream, place, cursor, docs, fail, target):
    rule = Rule(place.text.upper(), place, source=target, target=target)
    if cursor.take("from"):
        rule.source = path(cursor, "the path of a value in the event")
    if target == "*":
        rule.target = None
    add_rule(stream, rule, fail)
    if cursor.take("->"):
        parse_emissions(parser, stream, place, cursor, fail)
    else:
        cursor.expect_end()


def parse_put(parser, stream, place, cursor, docs, fail):
    parse_verb(parser, stream, place, cursor, docs, fail, path(cursor, "the path of a value in the reply"))


parse_fold = parse_put


def parse_result(parser, stream, place, cursor, docs, fail):
    parse_verb(parser, stream, place, cursor, docs, fail, None)


def parse_emit(parser, stream, place, cursor, docs, fail):
    parse_emissions(parser, stream, place, cursor, fail)


def parse_emissions(parser, stream, place, cursor, fail):
    """SIGNAL (VALUE, VALUE), SIGNAL (VALUE) : once"""
    start = cursor.peek()
    text = ""
    while cursor.peek().text not in ("", ":"):
        text += cursor.next().text + " "
    once = any(flag.text == "once" for flag in parser.flags(cursor, ("once",)))
    if not re.fullmatch(rf"({EMISSION.pattern} *,? *)+", text):
        raise fail(start, "expected SIGNAL (VALUE, …), with a value for each argument")
    for name, values in EMISSION.findall(text):
        values = [value.strip() for value in values.split(",")] if values.strip() else []
        bad = [value for value in values if not PATH.match(value)]
        if bad:
            raise fail(start, f"expected a path, “.” or “=”, not “{bad[0]}”")
        add_rule(stream, Rule("EMIT", place, signal=name, values=values, once=once), fail)


def parse_call(parser, stream, place, cursor, docs, fail):
    name = cursor.expect_match(NAME, "the name of a function, in lower case with “_”")
    cursor.expect_end()
    add_rule(stream, Rule("CALL", place, function=name.text), fail)


def parse_get(parser, stream, place, cursor, docs, fail):
    """get NAME (ARGUMENT, …) TYPE PATH"""
    name = cursor.expect_match(NAME, "the name of what the method gets, in lower case with “_”")
    arguments = []
    if cursor.peek().text.startswith("("):
        text = ""
        while not text.endswith(")") and cursor.peek().text:
            text += cursor.next().text
        arguments = text.strip("()").split(",")
    word = cursor.next()
    is_list = word.text.startswith("[")
    word = Word(word.text.strip("[]"), word.line, word.column)
    where = path(cursor, "a path in the reply, or “result”")
    cursor.expect_end()
    stream.getters.append(Getter(name.text, name, docs, arguments, word, is_list, where))
