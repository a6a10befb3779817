#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the structure of the sources by their includes, and prints each include that breaks it.

- A folder of core includes itself and those before it in libopenai-core/meson.build.  The same holds for the folders of a
  module whose meson.build states it.
- Core includes no header of a module.
- libopenai-core/json-glib, a library of its own, includes the public header of core, and none of its files.
- Files do not include each other in a circle. A source and its headers are one file.
- Each source but a main.c has a header of its own name, and includes it first; one whose functions the description of its module
  declares includes the compiled header, oai-MODULE-types.h, -endpoint.h, -methods-private.h or -streams-private.h, instead.
  main.c of a program has no header.

usage: check-layers.py [SOURCE-DIRECTORY]
"""

import os
import re
import sys

INCLUDE = re.compile(r'^#include "([\w.-]+)"', re.MULTILINE)
FOLDERS = re.compile(r"core_folders = \[(.*?)\]", re.DOTALL)
MODULE_FOLDERS = re.compile(r"^# A folder includes itself and those before it\.$.*?^module_folders = \[(.*?)\]", re.DOTALL | re.MULTILINE)


def get_unit(name):
    """The name that a source and its headers share."""
    return re.sub(r"(-private)?\.[ch]$", "", name)


def is_json_glib(path):
    return path.startswith(os.path.join("libopenai-core", "json-glib", ""))


def read_folders(root):
    with open(os.path.join(root, "libopenai-core", "meson.build"), encoding="utf-8") as file:
        return re.findall(r"'([\w-]+)'", FOLDERS.search(file.read()).group(1))


def read_module_folders(root):
    """module → its folders, of the modules whose folders are in order."""
    folders = {}
    for module in sorted(os.listdir(os.path.join(root, "modules"))):
        path = os.path.join(root, "modules", module, "meson.build")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                match = MODULE_FOLDERS.search(file.read())
            if match:
                folders[module] = re.findall(r"'([\w-]+)'", match.group(1))
    return folders


class Sources:
    def __init__(self, root):
        self.files = {}     # name → path
        self.includes = {}  # name → [(line, included name)]
        for top in ("libopenai-core", "modules"):
            for directory, _folders, names in os.walk(os.path.join(root, top)):
                for name in sorted(names):
                    if name.endswith((".c", ".h")):
                        self.read(os.path.join(directory, name), os.path.relpath(os.path.join(directory, name), root))

    def read(self, path, shown):
        name = os.path.basename(path)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.files[name] = shown
        self.includes[name] = [(text.count("\n", 0, match.start()) + 1, match.group(1)) for match in INCLUDE.finditer(text)]

    def get_layer(self, name, folders):
        """0 for the lowest folder of core; modules come after all of them."""
        parts = self.files[name].split(os.sep)
        return folders.index(parts[1]) if parts[0] == "libopenai-core" and parts[1] in folders else len(folders)

    def get_module_folder(self, name, folders):
        """The module and the number of the folder of a file, or None."""
        parts = self.files[name].split(os.sep)
        if parts[0] != "modules" or parts[2] not in folders.get(parts[1], ()):
            return None
        return parts[1], folders[parts[1]].index(parts[2])


def check_layers(sources, folders):
    for name in sources.files:
        for line, included in sources.includes[name]:
            if included in sources.files and sources.get_layer(included, folders) > sources.get_layer(name, folders):
                yield sources.files[name], line, "includes %s of a later folder" % sources.files[included]


def check_module_layers(sources, folders):
    for name in sources.files:
        own = sources.get_module_folder(name, folders)
        for line, included in sources.includes[name]:
            other = sources.get_module_folder(included, folders) if included in sources.files else None
            if own and other and own[0] == other[0] and other[1] > own[1]:
                yield sources.files[name], line, "includes %s of a later folder" % sources.files[included]


def check_edges(sources):
    """Files of json-glib/, and those that include one of them."""
    for name, path in sources.files.items():
        inside = is_json_glib(path)
        for line, included in sources.includes[name]:
            if included in sources.files and inside != is_json_glib(sources.files[included]):
                yield path, line, "includes %s" % sources.files[included]


def check_headers(sources):
    for name, path in sources.files.items():
        if not name.endswith(".c") or name == "main.c":
            continue
        own = [get_unit(name) + suffix for suffix in ("-private.h", ".h")]
        includes = [included for _line, included in sources.includes[name]]
        parts = path.split(os.sep)
        if parts[0] == "modules" and not set(own) & set(sources.files):
            own += ["oai-%s-%s.h" % (parts[1], kind) for kind in ("types", "endpoint", "methods-private", "streams-private")]
        if not includes or includes[0] not in own:
            yield path, 1, "does not include a header of its own name first"


def find_circles(edges):
    """The units that reach themselves, each with the edges within its circle; by Tarjan's algorithm."""
    index, low, stack, circles = {}, {}, [], []

    def visit(unit):
        index[unit] = low[unit] = len(index)
        stack.append(unit)
        for other in edges.get(unit, ()):
            if other not in index:
                visit(other)
                low[unit] = min(low[unit], low[other])
            elif other in stack:
                low[unit] = min(low[unit], index[other])
        if low[unit] == index[unit]:
            position = stack.index(unit)
            circle = stack[position:]
            del stack[position:]
            if len(circle) > 1:
                circles.append(set(circle))

    for unit in sorted(edges):
        if unit not in index:
            visit(unit)
    return circles


def check_circles(sources):
    edges = {}
    for name, includes in sources.includes.items():
        for _line, included in includes:
            if included in sources.files and get_unit(included) != get_unit(name):
                edges.setdefault(get_unit(name), set()).add(get_unit(included))
    for circle in find_circles(edges):
        for name, includes in sources.includes.items():
            for line, included in includes:
                if get_unit(name) in circle and get_unit(included) in circle and get_unit(name) != get_unit(included):
                    yield sources.files[name], line, "includes %s, which leads back here" % included


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    sources = Sources(root)
    folders = read_folders(root)
    problems = [*check_layers(sources, folders), *check_module_layers(sources, read_module_folders(root)),
                *check_edges(sources), *check_headers(sources), *check_circles(sources)]

    for path, line, what in sorted(problems):
        print("%s:%d: %s" % (path, line, what))
    print("%d files, %d problems" % (len(sources.files), len(problems)))
    return 1 if problems or not sources.files else 0


if __name__ == "__main__":
    sys.exit(main())
