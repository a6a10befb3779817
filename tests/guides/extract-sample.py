#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the first sample in a language from a document to a file, which is built and run.

usage: extract-sample.py DOCUMENT.md LANGUAGE OUTPUT
"""

import re
import sys


def find_samples(text):
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def main():
    document, language, output = sys.argv[1:]
    with open(document, encoding="utf-8") as file:
        samples = [code for name, code in find_samples(file.read()) if name == language]
    if not samples:
        sys.exit("%s has no sample in %s" % (document, language))
    with open(output, "w", encoding="utf-8") as file:
        file.write(samples[0])


if __name__ == "__main__":
    main()
