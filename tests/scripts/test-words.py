#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that the style check finds the terms of CONTRIBUTING.md in prose, and only there.  Prints TAP.

usage: test-words.py SOURCE-DIRECTORY
"""

import os
import sys

TABLE = """
| not | but | except in |
|---|---|---|
| picture, pictures | image | the big picture |
| cut off | truncated | |

| picture | another table | |
"""

# name, path, text, (line, term) of each term that is found
CASES = [
    ("a comment of C", "a.c", "int x;\n/* One picture. */\n", [(2, "picture")]),
    ("a line comment", "a.vala", "int picture;  // Two pictures\n", [(1, "pictures")]),
    ("names in C", "a.c", "int picture = draw_picture (); /* picture_width, picture() */\n", []),
    ("a string in C", "a.c", 'puts ("a picture");\n', []),
    ("a comment within a string", "a.c", 'puts ("/* picture */");\n', []),
    ("a message", "a.c", 'g_warning ("no %s"\n           " picture");\n', [(2, "picture")]),
    ("a translated message", "a.c", 'x = _("A picture");\n', [(1, "picture")]),
    ("two lines of a comment", "a.c", "/* It is cut\n * off. */\n", [(1, "cut off")]),
    ("other words", "a.c", "/* pictured, cut, off */\n", []),
    ("an exception", "a.md", "It is the big picture.\n", []),
    ("quoted text and code", "a.md", 'It says "no picture" in `picture`.\n\n```\npicture\n```\n', []),
    ("Markdown", "a.md", "A [picture](picture.png).\n", [(1, "picture")]),
    ("upper case", "a.md", "Pictures.\n", [(1, "Pictures")]),
    ("a comment of Python", "a.py", "x = 'picture'  # a picture\n", [(1, "picture")]),
    ("documentation of Python", "a.py", 'def f():\n    """A picture."""\n    return "picture"\n', [(2, "picture")]),
    ("a shell script", "a", "#!/bin/sh\n# A picture.\necho picture\n", [(2, "picture")]),
    ("a description", "a.api", "/// A picture.\nrecord Picture\n  picture string\n", [(1, "picture")]),
    ("the table itself", "a.md", TABLE, [(7, "picture")]),
    ("other files", "a.json", "picture\n", []),
]


def main():
    root = sys.argv[1]
    sys.path.insert(0, os.path.join(root, "build-aux"))
    import prose

    terms = list(prose.read_terms(TABLE))
    failed = 0
    print("1..%d" % (len(CASES) + 1))
    for number, (name, path, text, expected) in enumerate(CASES, 1):
        found = [(line, " ".join(term.replace("*", " ").split())) for line, term, _new in prose.find_terms(path, text, terms)]
        if found != expected:
            print("# expected %s, found %s" % (expected, found))
            failed += 1
        print("%sok %d - %s" % ("" if found == expected else "not ", number, name))

    with open(os.path.join(root, "CONTRIBUTING.md"), encoding="utf-8") as file:
        rows = list(prose.read_terms(file.read()))
    known = len(rows) >= 20 and all(replacement for _words, _pattern, replacement, _exceptions in rows)
    print("%sok %d - the table of CONTRIBUTING.md" % ("" if known else "not ", len(CASES) + 1))
    return 1 if failed or not known else 0


if __name__ == "__main__":
    sys.exit(main())
