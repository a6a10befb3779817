#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests the exit status and output of examples when something is missing or fails.  Prints TAP.

usage: test-examples.py --examples DIRECTORY --python PYTHON [--gjs GJS] [--vala FINE-TUNING]
"""

import argparse
import json
import os
import subprocess
import sys
import traceback

import gi

gi.require_version("OaiMock", "1")
from gi.repository import OaiMock  # noqa: E402

ENDS = [
    ("failed", {"code": "invalid", "message": "The file is no JSONL"}, "the job failed: The file is no JSONL"),
    ("failed", None, "the job failed"),
    ("cancelled", {"code": None, "message": None}, "the job was cancelled"),
]


def run(mock, command):
    environment = dict(os.environ, OPENAI_BASE_URL=mock.get_base_url(), OPENAI_API_KEY="sk-test")
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True, timeout=60)


def look_at_usage(mock, command):
    for arguments in ([], [__file__]):
        done = run(mock, command + arguments)
        assert done.returncode == 1 and done.stderr.startswith("usage: "), done
        assert mock.get_n_requests() == 0, "something was sent before the usage was told"


def look_at_ends(mock, command):
    for status, error, wanted in ENDS:
        job = {"id": "ftjob-1", "object": "fine_tuning.job", "status": status, "error": error}
        mock.reset()
        mock.push_reply_for("POST", "/fine_tuning/jobs", OaiMock.Reply.new_json(200, json.dumps(dict(job, status="queued"))))
        mock.push_reply_for("GET", "/fine_tuning/jobs/ftjob-1", OaiMock.Reply.new_json(200, json.dumps(job)))
        events = OaiMock.Reply.new_json(200, json.dumps({"object": "list", "data": [], "has_more": False}))
        mock.push_reply_for("GET", "/fine_tuning/jobs/ftjob-1/events", events)
        done = run(mock, command + [__file__])
        assert done.returncode == 1 and done.stderr.strip() == wanted, done


def list_tests(options):
    def path(language, name):
        return os.path.join(options.examples, language, name)

    yield "python-files-usage", look_at_usage, [options.python, path("python", "files.py")]
    yield "python-fine-tuning-ends", look_at_ends, [options.python, path("python", "fine-tuning.py")]
    if options.gjs:
        yield "gjs-files-usage", look_at_usage, [options.gjs, "-m", path("gjs", "files.js")]
    if options.vala:
        yield "vala-fine-tuning-ends", look_at_ends, [options.vala]


def main():
    parser = argparse.ArgumentParser()
    for name in ("examples", "python", "gjs", "vala"):
        parser.add_argument("--" + name)
    tests = list(list_tests(parser.parse_args()))
    mock = OaiMock.Server.new()
    mock.set_validating(False)
    mock.start_in_thread()
    failures = 0
    print("1..%d" % len(tests))
    for number, (name, function, command) in enumerate(tests, 1):
        mock.reset()
        try:
            function(mock, command)
            print("ok %d %s" % (number, name), flush=True)
        except Exception:
            failures += 1
            print("not ok %d %s" % (number, name))
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
    mock.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
