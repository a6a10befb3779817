#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes README.md a page of the reference: its links lead to the guides and to the pages of the sources.

usage: make-readme-page.py README.md OUTPUT.md
"""

import os
import re
import sys

HEADER = "Title: README\nSlug: readme\n\n"
GUIDES = "introspection/docs/"


def page_of(folder, target):
    path, hash_sign, anchor = target.partition("#")
    if not os.path.exists(os.path.join(folder, path)):
        sys.exit("README.md: %s does not exist" % path)
    if path.endswith("/"):
        return "source/index.html#" + path.rstrip("/")
    if path.endswith(".png"):
        return os.path.basename(path)
    if path.startswith(GUIDES):
        return path[len(GUIDES):-len(".md")] + ".html" + hash_sign + anchor
    return "source/%s.html" % path


def main():
    readme, output = sys.argv[1:]
    folder = os.path.dirname(os.path.abspath(readme))
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"\]\((?![a-z]+:)([^)]+)\)", lambda match: "](%s)" % page_of(folder, match[1]), text)
    with open(output, "w", encoding="utf-8") as file:
        file.write(HEADER + text)


if __name__ == "__main__":
    main()
