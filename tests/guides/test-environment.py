#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that the guide of environment variables lists those that the library reads, and no others.

usage: test-environment.py GUIDE SOURCE...
"""

import re
import sys


def main():
    guide, *sources = sys.argv[1:]
    with open(guide, encoding="utf-8") as file:
        own = file.read().partition("\n## ")[0]
    listed = {name for row in re.findall(r"^\|([^|]*)\|", own, re.MULTILINE) for name in re.findall(r"`([A-Z_]+)`", row)}
    read = set()
    for source in sources:
        with open(source, encoding="utf-8") as file:
            read.update(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', "".join(line for line in file if "variables[] = {" in line or re.match(r'\s+"[A-Z_]+",$|.*environment_get \("', line))))
    assert len(read) > 10, read
    assert listed == read, (sorted(listed - read), sorted(read - listed))


main()
