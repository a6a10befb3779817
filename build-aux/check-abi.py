#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the declarations in the headers with the exported symbols and the GIRs.

usage: check-abi.py [--list] [--gir GIR]... [--max-internal NUMBER] FILE...
       FILE: headers, public and private; directories of headers; libraries

--list prints the public symbols with the release that added them, to compare
two releases.  --max-internal limits how many exported symbols are for modules of
this project only (_OAI_INTERNAL); if there are more, all of them are printed.
"""

import argparse
import glob
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

CORE = "{http://www.gtk.org/introspection/core/1.0}"
C_IDENTIFIER = "{http://www.gtk.org/introspection/c/1.0}identifier"
DECLARATION = re.compile(r"^(OAI_(?:AVAILABLE|DEPRECATED)_IN_(\d+)_(\d+)(?:_FOR \(\w+\))?|_OAI_INTERNAL)\s+(G_DECLARE_\w+ \([^)]*\)|[^;{]*)", re.MULTILINE)
DECLARE_TYPE = re.compile(r"G_DECLARE_\w+ \(\s*\w+,\s*(\w+),")
NAME = re.compile(r"(\w+) *(?:\(|\[|$)")


def read_header(path):
    """{symbol: (public, release that added or deprecated it)}"""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
    symbols = {}
    for mark, major, minor, declaration in DECLARATION.findall(text):
        declared = DECLARE_TYPE.match(declaration)
        if declared is not None:
            name = declared.group(1) + "_get_type"
        else:
            name = NAME.search(declaration).group(1)
        symbols[name] = (mark != "_OAI_INTERNAL", "%s%s.%s" % ("deprecated " if "_DEPRECATED_" in mark else "", major, minor))
    return symbols


def read_library(path):
    output = subprocess.run(["nm", "-D", "--defined-only", path], check=True, capture_output=True, text=True).stdout
    names = {line.split()[-1].split("@")[0] for line in output.splitlines() if line.strip()}
    return {name for name in names if not name.startswith("_")}


def read_gir(path):
    return {element.get(C_IDENTIFIER) for element in ET.parse(path).iter()
            if element.get(C_IDENTIFIER) and element.tag[len(CORE):] in ("function", "method", "constructor")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--gir", action="append", default=[])
    parser.add_argument("--max-internal", type=int, metavar="NUMBER")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()

    declared, exported = {}, set()
    for path in options.files:
        headers = glob.glob(os.path.join(path, "**", "*.h"), recursive=True) if os.path.isdir(path) else [path]
        if headers != [path] or path.endswith(".h"):
            for header in headers:
                declared.update(read_header(header))
        elif not path.endswith((".c", ".a")):
            exported |= read_library(path)
    public = {name for name, (is_public, _release) in declared.items() if is_public}
    internal = exported & (set(declared) - public)

    problems = ["%s is declared in a header, and not exported" % name for name in sorted(set(declared) - exported)]
    problems += ["%s is exported, and declared in no header" % name for name in sorted(exported - set(declared))
                 if not re.fullmatch(r"oai_module_\w+_get_descriptor", name)]
    for gir in options.gir:
        shown = read_gir(gir)
        problems += ["%s is in the GIR, and in no public header" % name for name in sorted(shown - public)]

    if options.max_internal is not None and len(internal) > options.max_internal:
        problems += sorted(internal)
        problems.append("%d internal symbols are exported, at most %d are allowed" % (len(internal), options.max_internal))

    if options.list:
        for name in sorted(public):
            print(name, declared[name][1])
    for problem in problems:
        print(problem)
    print("%d public symbols, %d exported, %d of them internal, %d problems"
          % (len(public), len(exported), len(internal), len(problems)), file=sys.stderr)
    return 1 if problems or not public else 0


if __name__ == "__main__":
    sys.exit(main())
