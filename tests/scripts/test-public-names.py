#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that check-public-names.py reports each kind of name that the public API must not have.

usage: test-public-names.py CHECK-PUBLIC-NAMES
"""

import sys

sys.dont_write_bytecode = True
from check_cases import report, run_check  # noqa: E402

GIR = """\
<repository xmlns="http://www.gtk.org/introspection/core/1.0" xmlns:glib="http://www.gtk.org/introspection/glib/1.0">
  <namespace name="Zoo">
    <class name="Record"/>
    <class name="Animal" parent="Record">%s</class>
    <class name="Keeper">%s</class>
    %s
  </namespace>
</repository>
"""
INT = '<type name="guint"/>'
STRV = '<array><type name="utf8"/></array>'
POINTERS = '<array name="GLib.PtrArray"><type name="Animal"/></array>'
CALLBACK = '<parameter name="callback"><type name="Gio.AsyncReadyCallback"/></parameter>'


def a_property(name, type, doc=""):
    return f'<property name="{name}"><doc>{doc}</doc>{type}</property>'


def method(name, parameters="", returns='<type name="none"/>', doc="", tag="method"):
    return f'<{tag} name="{name}"><doc>{doc}</doc><return-value>{returns}</return-value><parameters>{parameters}</parameters></{tag}>'


def parameter(name, type=INT, doc=""):
    return f'<parameter name="{name}"><doc>{doc}</doc>{type}</parameter>'


def signal(name, parameters=""):
    return f'<glib:signal name="{name}"><parameters>{parameters}</parameters></glib:signal>'


RESERVED = "the name is reserved in a language"
DURATION = "the name of a duration does not end in _ms"
SINGULAR = "the name of a list is singular"
# what is wrong, members of a class that is no record, the message
CASES = [
    ("nothing", method("new", tag="constructor") + method("delete_file") + a_property("timeout-ms", INT, "In milliseconds."), None),
    ("method that Vala reserves", method("delete"), f"Keeper.delete: {RESERVED}"),
    ("method that Python reserves", method("import"), f"Keeper.import: {RESERVED}"),
    ("method that JavaScript has", method("constructor"), f"Keeper.constructor: {RESERVED}"),
    ("function", method("yield", tag="function"), f"Keeper.yield: {RESERVED}"),
    ("property", a_property("class", INT), f"Keeper.class: {RESERVED}"),
    ("signal", signal("lock"), f"Keeper.lock: {RESERVED}"),
    ("field", '<field name="private"><type name="gint"/></field>', f"Keeper.private: {RESERVED}"),
    ("duration by name", a_property("idle-timeout", INT), f"Keeper.idle_timeout: {DURATION}"),
    ("duration by its text", a_property("pause", INT, "In milliseconds."), f"Keeper.pause: {DURATION}"),
    ("duration that is returned", method("get_delay", returns=INT), f"Keeper.get_delay: {DURATION}"),
    ("duration in a parameter", method("feed", parameter("interval")), f"Keeper.feed (interval): {DURATION}"),
    ("parameter in seconds", method("feed", parameter("x", doc="in seconds")), f"Keeper.feed (x): {DURATION}"),
    ("duration in a signal", signal("fed", parameter("delay")), f"Keeper.fed (delay): {DURATION}"),
    ("duration that is text", a_property("delay", '<type name="utf8"/>'), None),
    ("list", a_property("animal", POINTERS), f"Keeper.animal: {SINGULAR}"),
    ("list of texts", method("get_name", returns=STRV), f"Keeper.get_name: {SINGULAR}"),
    ("list that is copied", method("dup_status", returns=POINTERS), f"Keeper.dup_status: {SINGULAR}"),
    ("list with a plural name", a_property("animals", POINTERS) + method("get_data", returns=STRV), None),
    ("list that the API names", a_property("include", STRV), None),
    ("bytes", a_property("content", '<array><type name="guint8"/></array>'), None),
    ("no finish", method("feed_async", CALLBACK), "Keeper.feed_async: there is no feed_finish"),
    ("finish", method("feed_async", CALLBACK) + method("feed_finish"), None),
    ("asynchronous method", method("feed", CALLBACK), "Keeper.feed: the name of an asynchronous method does not end in _async"),
]


def main():
    cases = [(what, ("", members, ""), message) for what, members, message in CASES]
    cases += [
        ("duration of a record", (a_property("timeout", INT) + method("set_timeout", parameter("timeout")), "", method("f")), None),
        ("list of a record", (a_property("animal", STRV), "", ""), f"Animal.animal: {SINGULAR}"),
        ("function of the namespace", ("", "", method("with", tag="function")), f"with: {RESERVED}"),
    ]
    made = []
    for what, members, message in cases:
        result = run_check(sys.argv[1], {"Zoo-1.gir": GIR % members}, "Zoo-1.gir")
        *found, _summary = result.stdout.splitlines() or [""]
        good = found == ([message] if message else []) and result.returncode == (1 if message else 0) and not result.stderr
        made.append((what, good, result))
    return report(made)


if __name__ == "__main__":
    sys.exit(main())
