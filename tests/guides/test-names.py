#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that the functions, types and files that documents name exist.  Prints TAP.

usage: test-names.py SOURCE-DIRECTORY GIR...
"""

import ast
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

C_NAMESPACE = "{http://www.gtk.org/introspection/c/1.0}"
# Incomplete names, and names of modules that exist in documents only.
INVENTED = re.compile(r"^oai_(x|zoo|name|module|NAME|RECORD|MODULE)(_|$)|_$")
FOLDERS = ("libopenai-core", "modules", "tests", "build-aux", "introspection", "examples")


def read_girs(paths):
    functions, types = set(), set()
    for element in (element for path in paths for element in ElementTree.parse(path).iter()):
        functions.add(element.get(C_NAMESPACE + "identifier"))
        types.update((element.get(C_NAMESPACE + "type"), element.get("name")))
    return functions, types


def find_documents(root):
    yield from (os.path.join(root, name) for name in ("README.md", "CONTRIBUTING.md"))
    for folder in ("docs", "introspection/docs"):
        for name in sorted(os.listdir(os.path.join(root, folder))):
            if name.endswith(".md"):
                yield os.path.join(root, folder, name)


def read_sources(root):
    """The names of all files with and without folders, and the declarations in the headers of the libraries."""
    names, text = set(), []
    for folder in FOLDERS:
        for directory, _folders, files in os.walk(os.path.join(root, folder)):
            names.update(files)
            names.update(os.path.relpath(os.path.join(directory, name), root) for name in files)
            if folder == "libopenai-core":
                text += [open(os.path.join(directory, name), encoding="utf-8").read() for name in files if name.endswith(".h")]
            if "meson.build" in files:  # variables for projects that contain this one
                with open(os.path.join(directory, "meson.build"), encoding="utf-8") as build:
                    text += re.findall(r"^\s*(oai_\w+) = ", build.read(), re.MULTILINE)
            if folder == "modules":  # metrics, and tables of databases
                for name in files:
                    if name.endswith(".c"):
                        with open(os.path.join(directory, name), encoding="utf-8") as source:
                            text += re.findall(r'"[^"\n]*\b(oai_\w+)', source.read())
            if directory.endswith("overrides") and "Oai.py" in files:  # its classes that C does not have
                with open(os.path.join(directory, "Oai.py"), encoding="utf-8") as additions:
                    text += re.findall(r"^class (\w+)\(Exception\)", additions.read(), re.MULTILINE)
    return names, "\n".join(text)


def check_document(text, functions, types, files, headers):
    for name in sorted(set(re.findall(r"\boai_\w+", text))):
        if name not in functions and name not in headers and not INVENTED.search(name):
            yield "no function %s" % name
    for name in sorted(set(re.findall(r"`Oai([A-Z]\w+)`|\bOai\.([A-Z][a-z]\w+)\(", text))):
        declared = re.search(r"\bOai%s\b" % name[0] if name[0] else r"^%s$" % name[1], headers, re.MULTILINE)
        if (name[0] or name[1]) not in types and not declared and name[0] not in ("X", "Name", "JsonGlib", "Mock"):
            yield "no type %s" % (name[0] or name[1])
    for name in sorted(set(re.findall(r"`(oai-[\w-]+\.[ch])`", text))):
        if name not in files and not re.match(r"oai-(CLASS|MODULE|zoo)", name):
            yield "no file %s" % name
    for name in sorted(set(re.findall(r"`([\w-]+/[\w/.-]+\.(?:c|h|py|api))`", text))):
        if name not in files and "libopenai-core/" + name not in files and "NAME" not in name:
            yield "no file %s" % name
    for code in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        try:
            ast.parse(code if "async for" not in code else "async def f():\n" + re.sub("^", "  ", code, flags=re.MULTILINE))
        except SyntaxError as error:
            yield "no Python: %s" % error


def main():
    root, *girs = sys.argv[1:]
    functions, types = read_girs(girs)
    files, headers = read_sources(root)
    documents = list(find_documents(root))
    failures = 0
    print("1..%d" % len(documents))
    for number, path in enumerate(documents, 1):
        with open(path, encoding="utf-8") as file:
            mistakes = list(check_document(file.read(), functions, types, files, headers))
        failures += bool(mistakes)
        print("%s %d %s" % ("not ok" if mistakes else "ok", number, os.path.relpath(path, root)))
        for mistake in mistakes:
            print("# %s" % mistake)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
