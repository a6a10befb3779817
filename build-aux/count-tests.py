#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts the test cases in logs of "meson test", and prints the names of those that failed.

A program that prints TAP has as many cases as it reports, any other program has one.
A skipped case counts as neither passed nor failed, and is printed with its reason.

usage: count-tests.py TESTLOG.json...
prints: PASSED FAILED SKIPPED, after the names
"""

import json
import re
import sys

CASE = re.compile(r"^(not )?ok\b\s*\d*\s*-?\s*([^#]*?)\s*(?:#\s*(SKIP|TODO)?\s*(.*))?$", re.IGNORECASE)
NO_CASES = re.compile(r"^1\.\.0\s*#\s*SKIP\s*(.*)$", re.IGNORECASE)
GOOD = ("OK", "EXPECTEDFAIL")


def describe_skipped(test):
    """A program that was skipped as a whole, with its reason."""
    lines = [line for line in (test.get("stdout") or "").splitlines() if line.strip()]
    reasons = [match.group(1) for match in map(NO_CASES.match, lines) if match] or lines[-1:]
    return "%s (%s)" % (test["name"], reasons[0]) if reasons else test["name"]


def count_test(test):
    """(passed, [failed], [skipped]) of one program."""
    passed, failed, skipped = 0, [], []
    name = test["name"]

    for line in (test.get("stdout") or "").splitlines():
        match = CASE.match(line)
        if match is None:
            continue
        case = "%s: %s" % (name, match.group(2) or "?")
        if (match.group(3) or "").upper() == "SKIP":
            skipped.append("%s (%s)" % (case, match.group(4)) if match.group(4) else case)
        elif match.group(1):
            failed.append(case)
        else:
            passed += 1

    result = test["result"]
    if result == "SKIP" and not passed and not failed:
        skipped = skipped or [describe_skipped(test)]
    elif result not in GOOD + ("SKIP",) and not failed:
        failed.append("%s: %s" % (name, result.lower()))
    elif not passed and not failed and not skipped:
        passed = 1
    return passed, failed, skipped


def main():
    passed, failed, skipped = 0, [], []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as log:
            for line in log:
                counts = count_test(json.loads(line))
                passed += counts[0]
                failed += counts[1]
                skipped += counts[2]
    for case in failed:
        print("FAILED  %s" % case)
    for case in skipped:
        print("skipped %s" % case)
    print(passed, len(failed), len(skipped))


if __name__ == "__main__":
    main()
