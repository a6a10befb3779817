#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the first sample in a language after a heading of a document to a file, which is built and run.

usage: extract-sample.py DOCUMENT.md HEADING LANGUAGE OUTPUT
"""

import re
import sys


def find_samples(text, heading):
    section = re.split(r"^## ", text.partition("\n## %s\n" % heading)[2], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def main():
    document, heading, language, output = sys.argv[1:]
    with open(document, encoding="utf-8") as file:
        samples = [code for name, code in find_samples(file.read(), heading) if name == language]
    if not samples:
        sys.exit("%s has no sample in %s below the heading %s" % (document, language, heading))
    with open(output, "w", encoding="utf-8") as file:
        file.write(samples[0])


if __name__ == "__main__":
    main()
