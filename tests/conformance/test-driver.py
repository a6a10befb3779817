#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests that the conformance driver reports unknown fixtures, and continues.

usage: test-driver.py DRIVER
"""

import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import compare  # noqa: E402
import plan  # noqa: E402
import run  # noqa: E402

DRIVER = None
# The fixtures of these tests need no server.
REPLAY = "class Replay:\n    pass\n"

PARTIAL = {
    "name": "partial_json.whole", "kind": "partial_json", "tier": "core", "input": "{\"a\": [1, 2]", "input_encoding": "utf-8",
    "call": {"function": "partial_parse"}, "expected": {"value": {"a": [1, 2]}},
}
QUERY = {
    "name": "querystring.list", "kind": "querystring", "tier": "core", "input": "{\"a\": [1, 2]}",
    "call": {"array_format": "brackets", "nested_format": "brackets"}, "expected": {"query_unquoted": "a[]=1&a[]=2"},
}
AZURE = {
    "name": "azure_url.plain", "kind": "azure_url", "tier": "core", "input": "{\"method\": \"post\", \"path\": \"/chat/completions\"}",
    "client": {"azure": {"azure_endpoint": "https://example.com", "api_version": "2024-02-01", "auth": "api_key"}},
    "expected": {"url": "https://example.com/openai/chat/completions?api-version=2024-02-01"},
}
REQUEST = {
    "name": "client_options.request", "kind": "client_options", "tier": "core", "input": "",
    "server": [{"status": 200, "headers": {}, "body": {"$ref": "input"}}],
    "call": {"op": "request", "method": "GET", "path": "/foo"}, "expected": {"n_requests": 1},
}
STREAM = {
    "name": "chat_stream.text", "kind": "chat_stream", "tier": "core", "input": "data: [DONE]\n\n",
    "server": [{"status": 200, "headers": {}, "body": {"$ref": "input"}}],
    "call": {"op": "chat.completions.stream", "mode": "stream_helper", "request_json": {"model": "m", "messages": []}},
    "expected": {"event_types": [], "events": []},
}


def changed(fixture, path, value):
    """A fixture with another member at a path, or without it if the value is Ellipsis."""
    out = holder = copy.deepcopy(fixture)
    names = path.split(".")
    for name in names[:-1]:
        holder = holder[int(name) if name.isdigit() else name]
    if value is ...:
        del holder[names[-1]]
    else:
        holder[names[-1]] = value
    return out


UNKNOWN = [
    changed(PARTIAL, "kind", "dreams"),
    changed(PARTIAL, "tier", "legendary"),
    changed(PARTIAL, "tier", None),
    changed(PARTIAL, "surprise", 1),
    changed(PARTIAL, "expected", None),
    changed(PARTIAL, "expected", ...),
    changed(PARTIAL, "expected", []),
    changed(PARTIAL, "expected.dream", 1),
    changed(PARTIAL, "expected.error", {"class": "DreamError"}),
    changed(PARTIAL, "expected.error", {"dream": 1}),
    changed(PARTIAL, "input", {"a": 1}),
    changed(PARTIAL, "input_encoding", "utf-7"),
    changed(changed(PARTIAL, "input_encoding", "base64"), "input", "%%%"),
    changed(PARTIAL, "call", "partial_parse"),
    changed(PARTIAL, "call.function", "whole_parse"),
    changed(PARTIAL, "call.mode", "dream"),
    changed(PARTIAL, "applies_to", "node"),
    changed(QUERY, "input", "no JSON"),
    changed(QUERY, "input", "[]"),
    changed(QUERY, "call.array_format", "dreams"),
    changed(AZURE, "client", None),
    changed(AZURE, "client.azure.azure_endpoint", 7),
    changed(AZURE, "client.azure.auth", "dream"),
    changed(AZURE, "client.azure.azure_ad_token_provider", {"provider_returns": []}),
    changed(AZURE, "input", "{\"method\": \"post\"}"),
    changed(AZURE, "call", {"op": "dream"}),
    changed(REQUEST, "server", "dream"),
    changed(REQUEST, "server.0.body", {"$ref": "dream"}),
    changed(REQUEST, "server.0.chunks_b64", [None]),
    changed(REQUEST, "server.0.status", ...),
    changed(REQUEST, "server.0.dream", True),
    changed(REQUEST, "server.0.headers", {"a": 1}),
    changed(REQUEST, "call.method", ...),
    changed(REQUEST, "call.path", {"$ref": "input"}),
    changed(REQUEST, "call.extra_headers", {"a": 1}),
    changed(REQUEST, "client", {"dream": 1}),
    changed(REQUEST, "client", {"env": {"A": 1}}),
    changed(REQUEST, "expected.n_requests", "1"),
    changed(REQUEST, "expected.requests", [{"dream": 1}]),
    changed(REQUEST, "expected.requests", [None]),
    changed(STREAM, "call.op", "dream"),
    changed(STREAM, "call.request_json", []),
    changed(STREAM, "expected.events", ...),
    changed(STREAM, "expected.events", [1]),
]
KNOWN = [
    PARTIAL, QUERY, AZURE, REQUEST, STREAM,
    changed(AZURE, "input", "{\"path\": \"/files\"}"),
    changed(AZURE, "input", "{\"path\": \"/files\", \"body\": null}"),
    changed(AZURE, "client.azure.deployment", None),
    changed(REQUEST, "server", [{"drop_connection": True}, {"hang": True}, {"status": 200}]),
    changed(changed(REQUEST, "input_encoding", "base64"), "input", "/w=="),
    changed(REQUEST, "client", None),
    changed(STREAM, "call.request_json", None),
]


class PlanTest(unittest.TestCase):
    def test_unknown_cases_are_named(self):
        for fixture in UNKNOWN:
            with self.subTest(json.dumps(fixture)):
                self.assertRaises(compare.UnknownShape, plan.plan, fixture)

    def test_known_cases_are_played(self):
        for fixture in KNOWN:
            with self.subTest(json.dumps(fixture)):
                self.assertGreater(len(plan.plan(fixture)), 0)

    def test_missing_operations_are_not_covered(self):
        for fixture in (changed(PARTIAL, "kind", "webhook"), changed(AZURE, "call", {"op": "realtime.connect"}),
                        changed(REQUEST, "client", {"workload_identity": "default"})):
            self.assertRaises(plan.NotCovered, plan.plan, fixture)


class DeviationTest(unittest.TestCase):
    def matches(self, **conditions):
        return bool(run.Deviations([{"reason": "", "match": conditions}]).match(STREAM))

    def test_cases_are_matched_by_their_members(self):
        self.assertTrue(self.matches(kind="^chat_stream$"))
        self.assertTrue(run.Deviations.matches(STREAM, {"call.op": "stream$", "expected.events": []}))
        self.assertFalse(self.matches(kind="^sse_stream$"))
        self.assertFalse(run.Deviations.matches(STREAM, {"expected.error.message": "."}))

    def test_changes_are_merged(self):
        group = run.combine([{"reason": "One.", "expect": {"a": {"b": 1}}, "without": ["x"]},
                             {"reason": "Two.", "expect": {"a": {"c": None}}, "moved": ["y"]}])
        self.assertEqual(group["reason"], "One. Two.")
        self.assertEqual(run.merge({"a": {"b": 0, "c": 2}}, group["expect"]), {"a": {"b": 1}})
        self.assertEqual((group["without"], group["moved"]), (["x"], ["y"]))

    def test_strings_are_substituted(self):
        self.assertEqual(run.substitute({"a": {"b": "x?y"}}, ["a", "b"], r"\?.*$", ""), {"a": {"b": "x"}})
        self.assertEqual(run.substitute({"a": 1}, ["b", "c"], "x", ""), {"a": 1})

    def test_moved_events_are_still_compared(self):
        def value(*names):
            return {"event_types": list(names), "events": [{"type": name} for name in names]}
        first, second = value("a.done", "b.delta"), value("b.delta", "a.done")
        self.assertEqual(compare.set_apart(first, ["a.done"]), compare.set_apart(second, ["a.done"]))
        self.assertNotEqual(compare.set_apart(first, ["a.done"]), compare.set_apart(value("b.delta"), ["a.done"]))
        self.assertNotEqual(compare.set_apart(first, []), second)


class RunTest(unittest.TestCase):
    def run_with(self, files):
        """Exit status and output lines of a run with these files."""
        with tempfile.TemporaryDirectory() as folder:
            files = dict(files, **{"replay.py": REPLAY})
            for path, text in files.items():
                os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
                with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
                    file.write(text if isinstance(text, str) else json.dumps(text))
            done = subprocess.run([sys.executable, os.path.join(HERE, "run.py"), DRIVER], env=dict(os.environ, OAI_CONFORMANCE_DIR=folder),
                                  capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout.splitlines()

    def test_odd_fixtures_are_reported_and_others_played(self):
        files = {"odd/%02d.json" % number: fixture for number, fixture in enumerate(UNKNOWN)}
        files.update({"odd/text.json": "no JSON", "odd/list.json": "[]", "odd/empty.json": "", "odd/deep.json": "[" * 100000,
                      "partial_json/whole.json": PARTIAL, "querystring/list.json": QUERY})
        status, lines = self.run_with(files)
        self.assertEqual(status, 0, "\n".join(lines))
        self.assertEqual(sum(": unknown shape: " in line for line in lines), len(UNKNOWN) + 4)
        self.assertIn("# total: 2 passed, 0 failed, 0 stale, 0 deviation, 0 not covered, %d unknown shape" % (len(UNKNOWN) + 4), lines)

    def test_a_difference_is_a_failure(self):
        status, lines = self.run_with({"partial_json/wrong.json": changed(PARTIAL, "expected.value", {"a": 1}), "partial_json/whole.json": PARTIAL})
        self.assertEqual(status, 1)
        self.assertIn("# total: 1 passed, 1 failed, 0 stale, 0 deviation, 0 not covered, 0 unknown shape", lines)


if __name__ == "__main__":
    DRIVER = os.path.abspath(sys.argv.pop(1))
    unittest.main()
