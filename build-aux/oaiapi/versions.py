# SPDX-License-Identifier: LGPL-2.1-or-later
"""The statements “since”, “deprecated” and “api-deprecated” above an item, and what is generated from them.

“since” and “deprecated” name releases of the module.  “api-deprecated” is for what the server's API
deprecates: it is documented, and compilers do not warn about it.
"""

import re
from dataclasses import dataclass, replace
from typing import Optional, Tuple

from .syntax import Word

STATEMENTS = ("since", "deprecated", "api-deprecated")
FIRST_RELEASE = (1, 0)
VERSION = re.compile(r"[0-9]+\.[0-9]+\Z")
REPLACEMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Docs(list):
    """What stands above an item: the lines of its documentation, and its versions."""

    def __init__(self, lines=()):
        super().__init__(lines)
        self.since: Optional[Word] = None
        self.deprecated: Optional[Word] = None
        self.replacement = None
        self.reason = None
        self.api_deprecated: Optional[Word] = None
        self.api_reason = None
        self.versions: Optional[Versions] = None  # set by resolve ()

    def with_lines(self, lines):
        made = Docs(lines)
        made.__dict__.update(self.__dict__)
        return made

    def for_part(self, lines):
        """Documentation of a part of the item, which has the same versions."""
        made = Docs(lines)
        made.versions = self.versions and replace(self.versions, api_reason=None)
        return made

    @property
    def statement(self):
        """The position of a statement, if there is one."""
        return self.since or self.deprecated or self.api_deprecated


@dataclass(frozen=True)
class Versions:
    """Since when an item exists, and since when it is deprecated."""

    prefix: Optional[str]  # of the version macros, or None if the module has none
    since: Tuple[int, int]
    deprecated: Optional[Tuple[int, int]] = None
    replacement: Optional[str] = None
    reason: Optional[str] = None
    api_reason: Optional[str] = None  # what to use instead of what the server's API deprecates

    def within(self, outer):
        """The versions of an item that exists only together with another one."""
        made = self if self.since >= outer.since else replace(self, since=outer.since)
        if outer.deprecated is None or (self.deprecated is not None and self.deprecated <= outer.deprecated):
            return made
        return replace(made, deprecated=outer.deprecated, replacement=outer.replacement, reason=outer.reason)

    @property
    def available(self):
        """What stands above a declaration, for what has no warning: types."""
        return f"{self.prefix}_AVAILABLE_IN_{underscored(self.since)}" if self.prefix else "_OAI_EXTERN"

    @property
    def declaration(self):
        """What stands above the declaration of a function."""
        if self.deprecated is None:
            return self.available
        macro = f"{self.prefix}_DEPRECATED_IN_{underscored(self.deprecated)}" if self.prefix else "_OAI_EXTERN G_DEPRECATED"
        return f"{macro}_FOR ({self.replacement})" if self.replacement else macro

    @property
    def tags(self):
        """The tags at the end of the documentation."""
        made = [f"Since: {dotted(self.since)}"]
        if self.deprecated is not None:
            made.append(f"Deprecated: {dotted(self.deprecated)}: {self.reason}")
        return made


def dotted(version):
    return ".".join(map(str, version))


def underscored(version):
    return "_".join(map(str, version))


def numbers(text):
    return tuple(map(int, text.split(".")[:2]))


# Parsing

def is_statement(words):
    """Whether a line is a statement.  A member or a value may also be called “since” or “deprecated”."""
    follows = words[1].text[:1] if len(words) > 1 else ""
    return words[0].text == "api-deprecated" or (words[0].text in STATEMENTS and (follows.isdigit() or follows == '"'))


def parse(cursor, docs, fail):
    """cursor: the words of the line; what is found is set in docs."""
    keyword = cursor.next()
    name = keyword.text.replace("-", "_")
    if getattr(docs, name) is not None:
        raise fail(keyword, f"“{keyword.text}” is given twice")
    if name == "api_deprecated":
        docs.api_deprecated = keyword
        docs.api_reason = parse_text(cursor, fail)
        return
    setattr(docs, name, cursor.expect_match(VERSION, "a version such as 1.2"))
    if name == "deprecated":
        if cursor.take("for"):
            docs.replacement = cursor.expect_match(REPLACEMENT, "the name of what replaces it").text
        instead = f"Use `{docs.replacement}` instead." if docs.replacement else None
        if cursor.peek().text or instead is None:
            docs.reason = " ".join(filter(None, [instead, parse_text(cursor, fail)]))
        else:
            docs.reason = instead
    cursor.expect_end()


def parse_text(cursor, fail):
    start = cursor.peek()
    words = []
    while cursor.peek().text:
        words.append(cursor.next().text)
    text = " ".join(words)
    if not re.fullmatch(r'"[^"]*[^" ][^"]*"', text):
        raise fail(start, "expected what to use instead, as text in double quotes")
    return text[1:-1]


def refuse(docs, fail):
    """For what has no versions."""
    if docs.statement is not None:
        raise fail(docs.statement, "no record, member, enumeration, value, stream, signal, endpoint, operation or method follows")


# Resolving

class Resolver:
    """Finds the versions of all items of a description, and reports those that contradict each other."""

    def __init__(self, file, error, in_tree, version):
        self.error = error
        self.version = version
        self.file = file
        prefix = file.macros[0] if file.macros else "OAI" if in_tree else None
        self.module = Versions(prefix, numbers(file.since.text) if file.since else FIRST_RELEASE)

    def resolve(self):
        for decl in self.file.enums:
            self.container(decl.docs, [value.docs for value in decl.values])
        for decl in self.file.records:
            self.container(decl.docs, [field.docs for field in decl.fields])
        for decl in self.file.streams:
            self.container(decl.docs, [item.docs for item in decl.signals + decl.getters])
        for decl in self.file.endpoints:
            self.container(decl.docs, [item.docs for item in decl.operations + decl.sockets])
        targets = {decl.name.text: decl.docs.versions for decl in self.file.records + self.file.endpoints}
        for decl in self.file.methods:
            outer = targets.get(decl.target.text, self.module)
            for statement in decl.statements:
                self.item(statement.docs, outer)

    def container(self, docs, items):
        self.item(docs, self.module)
        for item in items:
            self.item(item, docs.versions)

    def item(self, docs, outer):
        since = self.known(docs.since) or outer.since
        deprecated = self.known(docs.deprecated)
        if since < outer.since:
            self.error(docs.since, f"“{dotted(since)}” is earlier than {dotted(outer.since)}, the version of what contains it")
        if deprecated is not None and deprecated < since:
            self.error(docs.deprecated, f"“{dotted(deprecated)}” is earlier than {dotted(since)}, since when it exists")
        docs.versions = Versions(outer.prefix, since, deprecated, docs.replacement, docs.reason, docs.api_reason).within(outer)

    def known(self, word):
        if word is None:
            return None
        found = numbers(word.text)
        if self.version is not None and found > numbers(self.version):
            self.error(word, f"“{word.text}” is later than {self.version}, the version of the module")
        return found
