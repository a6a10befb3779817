#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the Python lines of the guide, with one test for each row, and checks the requests that the service received.  Prints TAP.

usage: test-table.py GUIDE.md
"""

import ast
import json
import os
import sys
import traceback

import gi

gi.require_version("Oai", "1")
gi.require_version("OaiMock", "1")
gi.require_version("Soup", "3.0")
from gi.repository import Gio, GLib, Oai, OaiMock, Soup  # noqa: E402

from scope import Scope  # noqa: E402
from table import KEY, prepared_directory, read_rows, request_fits  # noqa: E402


def find_free_names(tree):
    """The names that lines use but do not assign."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    stored |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return {node.id for node in names} - stored, stored


def check_requests(row, mock, first):
    sent = [mock.dup_request(index) for index in range(first, mock.get_n_requests())]
    told = ["%s %s" % (request.get_method(), request.get_path().removeprefix("/v1")) for request in sent]
    assert len(told) == len(row.requests), "sent were: %s" % ", ".join(told)
    for expected, request, actual in zip(row.requests, sent, told):
        assert request_fits(expected, *actual.split(" ")), "%s was sent instead of %s" % (actual, expected)
        versioned = actual.split("/")[1] in ("assistants", "threads")
        beta = "assistants=" + row.version if versioned else None
        assert request.get_header("openai-beta") == beta, "OpenAI-Beta of %s is %s" % (actual, request.get_header("openai-beta"))
    violations = mock.dup_violations()
    assert not violations, "against the API's document: %s" % ", ".join(violations)


def try_credentials(values):
    """Credentials are valid if the service accepts them."""
    client = values.get("client") or Oai.Client(values["auth"])
    assert list(client.models.list())


def run_row(row, mock):
    tree = ast.parse("\n".join(row.python), row.name)
    scope = Scope(row, KEY)
    if row.example:
        getattr(scope, row.example)
    values = {"Gio": Gio, "GLib": GLib, "Oai": Oai, "Soup": Soup, "json": json}
    free, stored = find_free_names(tree)
    values.update({name: getattr(scope, name) for name in sorted(free) if hasattr(type(scope), name) or name == "client"})
    first = mock.get_n_requests()
    failures = []
    sys.excepthook = lambda _kind, failure, _trace: failures.append(failure)
    exec(compile(tree, row.name, "exec"), values)  # pylint: disable=exec-used
    assert not failures, "in a callback: %r" % failures
    for name in stored & set(values):
        assert values[name] not in (None, False, "", []), "%s is %r" % (name, values[name])
    check_requests(row, mock, first)
    if row.checks_credentials:
        try_credentials(values)


def main():
    rows = read_rows(sys.argv[1])
    mock = OaiMock.Server.new()
    mock.set_api_key(KEY)
    mock.start_in_thread()
    assert mock.is_validating() or "OAI_OPENAPI_JSON" not in os.environ
    os.environ["OPENAI_BASE_URL"] = mock.get_base_url()
    failures = 0
    print("1..%d" % len(rows))
    for number, row in enumerate(rows, 1):
        mock.reset()
        try:
            run_row(row, mock)
            print("ok %d %s" % (number, row.name), flush=True)
        except Exception:
            failures += 1
            print("not ok %d %s" % (number, row.name))
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
    mock.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.argv[1] = os.path.abspath(sys.argv[1])
    with prepared_directory():
        STATUS = main()
    sys.exit(STATUS)
