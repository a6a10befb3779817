#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks names of the public API in files of the introspection (GIR), and prints each name that breaks a rule.

- No method, function, property, signal or member of a structure has a name that a language reserves.
- An integer that contains a duration ends in "_ms". Members of records keep the names of the JSON.
- A list has a plural name.
- A method that takes a callback for its result is called X_async, and has a X_finish.

usage: check-public-names.py GIR...
"""

import os
import re
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from oaiapi import names  # noqa: E402

CORE = "{http://www.gtk.org/introspection/core/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"

TYPES = {CORE + tag for tag in ("class", "interface", "record", "union", "enumeration", "bitfield")}
CALLABLES = {CORE + tag for tag in ("method", "function", "constructor", "virtual-method")}
MEMBERS = {CORE + "property", CORE + "field", GLIB + "signal"}
INTEGERS = {"gint", "guint", "gint64", "guint64", "glong", "gulong"}
LISTS = {"GLib.Array", "GLib.List", "GLib.PtrArray", "GLib.SList", "Gio.ListModel"}

DURATION_NAME = re.compile(r"(^|_)(age|delay|duration|interval|lifetime|patience|time_?out)(_|$)")
DURATION_TEXT = re.compile(r"\b(milliseconds|seconds)\b", re.IGNORECASE)

# Lists that the API names in the singular, and that read well: "include" is an imperative, and a range is one pair.
SINGULAR_LISTS = {"include", "range"}
# Its members are named like the categories; each contains the kinds of input to which the category applies.
SINGULAR_TYPES = {"ModerationInputTypes"}


def is_plural(name):
    last = name.rpartition("_")[2]
    return names.is_plural(name) or last in names.IRREGULAR or last == "list"


def child_type(node):
    """The type of a property, a parameter or a return value."""
    return next((child for child in node if child.tag in (CORE + "type", CORE + "array")), None)


def is_integer(node):
    found = child_type(node)
    return found is not None and found.get("name") in INTEGERS


def is_list(node):
    found = child_type(node)
    if found is None:
        return False
    if found.tag == CORE + "array":
        return found.get("name") in LISTS or child_type(found).get("name") not in ("guint8", "gchar")
    return found.get("name") in LISTS


class Check:
    def __init__(self, root):
        self.problems = []
        self.n_names = 0
        self.namespace = root.find(CORE + "namespace")
        self.parents = {node.get("name"): node.get("parent") for node in self.namespace.findall(CORE + "class")}

    def run(self):
        for node in self.namespace:
            if node.tag in TYPES:
                self.check_type(node)
            elif node.tag in CALLABLES:
                self.check_callable("", node, False)
        return self.problems

    def report(self, place, name, what):
        self.problems.append("%s: %s" % (f"{place}.{name}" if place else name, what))

    def is_record(self, name):
        while name is not None and name.rpartition(".")[2] != "Record":
            name = self.parents.get(name)
        return name is not None

    def check_type(self, node):
        place, keeps_names = node.get("name"), self.is_record(node.get("name"))
        callables = {child.get("name") for child in node if child.tag in CALLABLES}
        for child in node:
            if child.tag in CALLABLES:
                self.check_callable(place, child, keeps_names)
                self.check_asynchronous(place, child, callables)
            elif child.tag in MEMBERS and child.get("private") != "1":
                self.check_member(place, child, keeps_names)

    def check_member(self, place, node, keeps_names):
        name = node.get("name").replace("-", "_")
        self.n_names += 1
        if name in names.RESERVED_MEMBERS:
            self.report(place, name, "the name is reserved in a language")
        if node.tag == GLIB + "signal":
            self.check_parameters(place, name, node)
        else:
            self.check_value(place, name, node, node, keeps_names)

    def check_callable(self, place, node, keeps_names):
        name = node.get("name")
        self.n_names += 1
        if name in names.RESERVED_OPERATIONS and node.tag != CORE + "constructor":
            self.report(place, name, "the name is reserved in a language")
        if re.match("(get|dup)_", name):
            self.check_value(place, name, node.find(CORE + "return-value"), node, keeps_names)
        if not keeps_names:
            self.check_parameters(place, name, node)

    def check_parameters(self, place, name, node):
        for parameter in node.iterfind(f"{CORE}parameters/{CORE}parameter"):
            if is_integer(parameter) and self.lacks_unit(parameter.get("name"), parameter):
                self.report(place, f"{name} ({parameter.get('name')})", "the name of a duration does not end in _ms")

    def check_value(self, place, name, value, documented, keeps_names):
        word = re.sub("^(get|dup)_", "", name)
        if is_integer(value) and not keeps_names and self.lacks_unit(word, documented):
            self.report(place, name, "the name of a duration does not end in _ms")
        if is_list(value) and not is_plural(word) and word not in SINGULAR_LISTS and place not in SINGULAR_TYPES:
            self.report(place, name, "the name of a list is singular")

    @staticmethod
    def lacks_unit(name, documented):
        text = documented.findtext(CORE + "doc", "")
        return not name.endswith("_ms") and bool(DURATION_NAME.search(name) or DURATION_TEXT.search(text))

    def check_asynchronous(self, place, node, callables):
        name = node.get("name")
        if not any(child_type(parameter) is not None and child_type(parameter).get("name") == "Gio.AsyncReadyCallback"
                   for parameter in node.iterfind(f"{CORE}parameters/{CORE}parameter")):
            return
        if not name.endswith("_async"):
            self.report(place, name, "the name of an asynchronous method does not end in _async")
        elif name[: -len("async")] + "finish" not in callables:
            self.report(place, name, f"there is no {name[: -len('async')]}finish")


def main():
    n_names, problems = 0, []
    for path in sys.argv[1:]:
        check = Check(xml.etree.ElementTree.parse(path).getroot())
        problems += check.run()
        n_names += check.n_names

    for problem in problems:
        print(problem)
    print("%d names, %d problems" % (n_names, len(problems)))
    return 1 if problems or n_names == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
