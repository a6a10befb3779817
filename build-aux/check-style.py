#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the style of all files, and prints each problem with its file and line.

usage: check-style.py [SOURCE-DIRECTORY]
"""

import ast
import os
import re
import sys

import prose

MAX_FUNCTION = 60
LICENSED = {".c", ".h", ".py", ".js", ".sh", ".vala", ".api", ".build", ".toml.in", ".h.in", ".blp", ".ui"}
TEXT = LICENSED | {".md", ".po", ".in", ".txt", ".toml", ".supp"}
SPDX = "SPDX-License-Identifier: LGPL-2.1-or-later"
LIBRARIES = ("libopenai-core", "modules")
JSON_GLIB = os.path.join("libopenai-core", "json-glib")
MESSAGE = re.compile(r"\b[NC]?_ ?\(\s*\"")

UNTRANSLATABLE = re.compile(r"\b[NC]?_ ?\(\s*\"[^)]*\" G_\w+_FORMAT")


def find_files(root):
    for directory, subdirectories, names in os.walk(root):
        if "meson-private" in subdirectories:
            subdirectories.clear()
            continue
        subdirectories[:] = [name for name in subdirectories if name not in (".git", "__pycache__", "_build")]
        for name in names:
            yield os.path.relpath(os.path.join(directory, name), root)


def has_suffix(path, suffixes):
    return any(path.endswith(suffix) for suffix in suffixes)


def is_script(lines):
    return bool(lines) and lines[0].startswith("#!")


def is_recipe(path, line):
    """Whether make requires the tab at the start of the line."""
    return path == os.path.join("debian", "rules") and line.rfind("\t") == 0


def check_text(path, text, lines):
    for number, line in enumerate(lines, 1):
        if "\t" in line and not is_recipe(path, line):
            yield number, "a tab"
        if line != line.rstrip() and not path.endswith(".md"):
            yield number, "spaces at the end of the line"
    if text and not text.endswith("\n"):
        yield len(lines), "no newline at the end of the file"
    if text.endswith("\n\n"):
        yield len(lines), "an empty line at the end of the file"


def check_c(lines):
    """Comments do not count as lines of a function."""
    start, length, in_comment = None, 0, False
    for number, line in enumerate(lines, 1):
        if line == "{":
            start, length = number, 0
        in_comment = in_comment or line.lstrip().startswith("/*")
        length += not in_comment
        if in_comment and line.rstrip().endswith("*/"):
            in_comment = False
        if line == "}" and start is not None:
            if length > MAX_FUNCTION:
                yield start, "a function of %d lines" % length
            start = None


def check_emissions(path, lines):
    """Signals are emitted with the functions of oai-emit.c, so that handlers run in the main context of the caller."""
    emits = {"oai-emit.c": "all", "oai-auth.c": "g_signal_emit"}.get(os.path.basename(path), "")
    for number, line in enumerate(lines, 1):
        found = re.search(r"\bg_signal_emit\w*", line)
        if found and emits not in ("all", found.group()):
            yield number, "%s: use oai_emit()" % found.group()


def check_python(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = node.end_lineno - node.lineno + 1
            if length > MAX_FUNCTION:
                yield node.lineno, "a function of %d lines" % length


def check_file(path, text):
    lines = text.splitlines()
    script = is_script(lines)
    yield from check_text(path, text, lines)
    if (script or has_suffix(path, LICENSED)) and SPDX not in "\n".join(lines[:2]):
        yield 1, "no SPDX line at the top"
    if path.endswith(".h") and "#pragma once" not in lines:
        yield 1, "no #pragma once"
    elif path.endswith(".h") and not any(line.startswith("/*") for line in lines[1:lines.index("#pragma once")]):
        yield 1, "no comment before #pragma once that says what the header is for"
    if has_suffix(path, (".c", ".h")):
        yield from check_c(lines)
    if path.endswith(".c") and path.split(os.sep)[0] in LIBRARIES:
        yield from check_emissions(path, lines)
    if path.endswith(".py") or (script and "python" in lines[0]):
        yield from check_python(text)


def check_translations(root, texts):
    """POTFILES.in lists exactly the files that contain messages.  The example application has its own."""
    with open(os.path.join(root, "po", "POTFILES.in"), encoding="utf-8") as file:
        listed = {line.strip() for line in file if line.strip() and not line.startswith("#")}
    marked = {path for path, text in texts.items()
              if has_suffix(path, (".c", ".h")) and not path.startswith(("tests/", "examples/chat-window/")) and MESSAGE.search(text)}
    for path in sorted(marked - listed):
        yield path, 1, "contains messages, but is not listed in po/POTFILES.in"
    for path in sorted(marked):
        for number, line in enumerate(texts[path].splitlines(), 1):
            if UNTRANSLATABLE.search(line):
                yield path, number, "a message that contains a macro, which gettext cannot extract"
    for path in sorted(listed - marked):
        yield "po/POTFILES.in", 1, "lists %s, which contains no messages" % path


def check_headers(root, texts):
    """Every public header is listed in a meson.build file, from which the umbrella header is generated."""
    for path in sorted(texts):
        top, name = path.split(os.sep)[0], os.path.basename(path)
        public = path.endswith(".h") and not path.endswith("-private.h")
        if not public or top not in LIBRARIES:
            continue
        build = os.path.join(*path.split(os.sep)[:2 if top == "modules" or path.startswith(JSON_GLIB) else 1], "meson.build")
        if "'%s'" % os.path.relpath(path, os.path.dirname(build)) not in texts.get(build, ""):
            yield path, 1, "is not listed in %s, so <openai.h> does not include it" % build


def check_prose(root, texts):
    """Prose uses the terms of the table in CONTRIBUTING.md."""
    with open(os.path.join(root, "CONTRIBUTING.md"), encoding="utf-8") as file:
        terms = list(prose.read_terms(file.read()))
    for path, text in texts.items():
        for number, term, replacement in prose.find_terms(path, text, terms):
            yield path, number, "“%s”: write “%s”" % (" ".join(term.split()), replacement)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    texts = {}
    problems = []

    for path in find_files(root):
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                text = file.read()
        except UnicodeDecodeError:
            continue
        if not (has_suffix(path, TEXT) or path == "NEWS" or text.startswith("#!")):
            continue
        texts[path] = text
        problems += [(path, number, what) for number, what in check_file(path, text)]
    problems += check_translations(root, texts)
    problems += check_headers(root, texts)
    problems += check_prose(root, texts)

    for path, number, what in sorted(problems):
        print("%s:%d: %s" % (path, number, what))
    print("%d files, %d problems" % (len(texts), len(problems)))
    return 1 if problems or not texts else 0


if __name__ == "__main__":
    sys.exit(main())
