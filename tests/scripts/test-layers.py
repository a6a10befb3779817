#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that check-layers.py reports each kind of include that breaks the structure.

usage: test-layers.py CHECK-LAYERS
"""

import os
import sys

sys.dont_write_bytecode = True
from check_cases import report, run_check  # noqa: E402

BUILD = "core_folders = ['low', 'high']\n"
GOOD = {
    "low/a.h": "",
    "low/a.c": '#include "a.h"\n',
    "high/b-private.h": '#include "a.h"\n',
    "high/b.c": '#include "b-private.h"\n\n#include <string.h>\n',
}
ORDERED = "# A folder includes itself and those before it.\n#   one  first\nmodule_folders = [\n  'one',\n  'two',\n]\n"
UNORDERED = "module_folders = ['one', 'two']\n"
MODULE = {
    "modules/m/one/g-private.h": '#include "h-private.h"\n',
    "modules/m/two/h-private.h": "",
}
# what is wrong, the files that differ, the message
CASES = [
    ("nothing", {}, "0 problems"),
    ("nothing: the folders of the module are in no order", {**MODULE, "modules/m/meson.build": UNORDERED}, "0 problems"),
    ("nothing: the main function of a program", {"modules/m/one/main.c": '#include "a.h"\n'}, "0 problems"),
    ("include of a later folder", {"low/a.c": '#include "a.h"\n#include "b-private.h"\n'},
     "low/a.c:2: includes libopenai-core/high/b-private.h of a later folder"),
    ("source without a header", {"low/c.c": '#include "a.h"\n'}, "low/c.c:1: does not include a header of its own name first"),
    ("own header is not the first", {"high/b.c": '#include "a.h"\n#include "b-private.h"\n'},
     "high/b.c:1: does not include a header of its own name first"),
    ("circle", {"low/d.h": '#include "e.h"\n', "low/e.h": '#include "d.h"\n'}, "low/d.h:1: includes e.h, which leads back here"),
    ("header of core in the library for json-glib", {"json-glib/f.h": '#include "a.h"\n'},
     "libopenai-core/json-glib/f.h:1: includes libopenai-core/low/a.h"),
    ("header of the library for json-glib in core", {"high/b.c": '#include "b-private.h"\n#include "f.h"\n', "json-glib/f.h": ""},
     "high/b.c:2: includes libopenai-core/json-glib/f.h"),
    ("include of a later folder of a module", {**MODULE, "modules/m/meson.build": ORDERED},
     "modules/m/one/g-private.h:1: includes modules/m/two/h-private.h of a later folder"),
]


def run(check, files):
    made = {"modules/.keep": ""}
    for name, text in {**GOOD, **files, "meson.build": BUILD}.items():
        made[name if name.startswith("modules/") else os.path.join("libopenai-core", name)] = text
    return run_check(check, made)


def main():
    made = []
    for name, files, message in CASES:
        result = run(sys.argv[1], files)
        made.append((name, message in result.stdout and (result.returncode == 0) == name.startswith("nothing"), result))
    return report(made)


if __name__ == "__main__":
    sys.exit(main())
