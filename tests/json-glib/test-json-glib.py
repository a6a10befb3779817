#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records as nodes of json-glib in Python.  Prints TAP."""

import sys

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiJsonGlib", "1")
gi.require_version("Json", "1.0")
from gi.repository import GLib, Json, Oai, OaiJsonGlib  # noqa: E402


def test_round_trip():
    request = Oai.ChatRequest(model="m", messages=[{"role": "user", "content": "hi"}])
    node = OaiJsonGlib.record_to_node(request)
    assert node.get_object().get_string_member("model") == "m"
    again = OaiJsonGlib.record_new_from_node(Oai.ChatRequest, node)
    assert isinstance(again, Oai.ChatRequest) and again.equal(request)


def test_members():
    record = OaiJsonGlib.record_new_from_node(Oai.Record, Json.from_string('{"a": {"b": [1.5]}}'))
    member = OaiJsonGlib.record_dup_member_node(record, "a")
    assert member.get_object().get_array_member("b").get_double_element(0) == 1.5
    assert OaiJsonGlib.record_dup_member_node(record, "c") is None
    assert OaiJsonGlib.record_set_member_node(record, "c", member)
    assert record.to_json() == '{"a":{"b":[1.5]},"c":{"b":[1.5]}}'


def test_errors():
    for node in (None, Json.from_string("[]")):
        try:
            OaiJsonGlib.record_new_from_node(Oai.ChatMessage, node)
        except GLib.Error as error:
            assert error.matches(Oai.Error.quark(), Oai.Error.INVALID_ARGUMENT), error
        else:
            raise AssertionError("no error")


def main():
    tests = [value for name, value in sorted(globals().items()) if name.startswith("test_")]
    print("1..%d" % len(tests))
    failures = 0
    for number, test in enumerate(tests, 1):
        try:
            test()
            print("ok %d %s" % (number, test.__name__), flush=True)
        except Exception as problem:
            failures += 1
            print("not ok %d %s\n# %s: %s" % (number, test.__name__, type(problem).__name__, problem), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
