#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that every link of the reference to another of its pages leads somewhere, and that no page contains the name of
a directory in which the library was built.  Prints TAP.

usage: test-reference-links.py REFERENCE_DIR DIRECTORY...
"""

import os
import re
import sys
from urllib.parse import unquote

LINK = re.compile(r'(?:href|src)="(?![a-z]+:)([^"#]*)(?:#([^"]*))?"')
ID = re.compile(r'\bid="([^"]+)"')


def read_pages(folder):
    for place, _folders, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if name.endswith(".html"):
                with open(path, encoding="utf-8") as file:
                    yield path, file.read()


def target_of(page, link):
    return os.path.normpath(os.path.join(os.path.dirname(page), unquote(link))) if link else page


def main():
    reference, *directories = sys.argv[1:]
    links = {}
    ids = {}
    problems = []
    for page, text in read_pages(reference):
        ids[page] = set(ID.findall(text))
        for path, anchor in set(LINK.findall(text)):
            links.setdefault((target_of(page, path), unquote(anchor)), page)
        problems += ["%s contains the name %s" % (page, name) for name in directories if name in text]
    for (target, anchor), page in links.items():
        if not os.path.isfile(target):
            problems.append("%s: %s does not exist" % (page, target))
        elif anchor and target in ids and anchor not in ids[target]:
            problems.append("%s: %s has no %s" % (page, target, anchor))
    for problem in problems:
        print("#", problem)
    print("%sok 1 - %d pages, %d links" % ("not " if problems or not ids else "", len(ids), len(links)))
    print("1..1")


if __name__ == "__main__":
    main()
