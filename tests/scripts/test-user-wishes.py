#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that docs/user-wishes.md has twenty rows, and that the tests that it names exist.  Prints TAP.

usage: test-user-wishes.py SOURCE-DIRECTORY
"""

import os
import re
import sys

ROWS = 20


def find_mistakes(root, row):
    tests = re.findall(r"`(tests/[^`:]+): ([^`]+)`", row)
    if not tests:
        yield "no test is named"
    for path, name in tests:
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            yield "no file %s" % path
            continue
        if path.endswith(".c") and not name.startswith("/"):
            yield "%s is not a path of a test" % name
        # Test programs can build paths of parts.
        elif name not in text and "/" + name.split("/", 2)[-1] not in text and '"%s"' % name.rpartition("/")[2] not in text:
            yield "%s has no test %s" % (path, name)


def main():
    root = sys.argv[1]
    with open(os.path.join(root, "docs", "user-wishes.md"), encoding="utf-8") as file:
        rows = re.findall(r"^\| (\d+) \|(.*)", file.read(), re.MULTILINE)
    failed = [int(number) for number, _row in rows] != list(range(1, ROWS + 1))
    print("1..%d" % (len(rows) + 1))
    print("%sok 1 - there are %d rows" % ("not " if failed else "", ROWS))
    for count, (number, row) in enumerate(rows, 2):
        mistakes = list(find_mistakes(root, row))
        failed = failed or bool(mistakes)
        print("%sok %d - wish %s" % ("not " if mistakes else "", count, number))
        for mistake in mistakes:
            print("# %s" % mistake)
    return failed


if __name__ == "__main__":
    sys.exit(main())
