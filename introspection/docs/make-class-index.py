#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the page that lists all classes and interfaces of the GIR by module.

usage: make-class-index.py Oai-1.gir TEMPLATE.md.in OUTPUT.md MODULE...
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

CORE = "{http://www.gtk.org/introspection/core/1.0}"
TITLES = {"core": "Core", "mcp": "MCP"}


def module_of(element, modules):
    """The module in whose folder, or in whose generated header, the class is declared."""
    path = element.find(CORE + "source-position").get("filename")
    if path.startswith("libopenai-core/"):
        return "core"
    for name in modules:
        if re.match(r"modules/(%s/|oai-%s-(types|endpoint)\.[ch]$)" % (name, name), path):
            return name
    sys.exit("%s: %s belongs to no module" % (path, element.get("name")))


def parents(classes, name):
    while name in classes:
        name = classes[name].get("parent")
        yield name


def group_of(classes, name):
    if "Endpoint" in parents(classes, name):
        return "Endpoints"
    if "Stream" in parents(classes, name):
        return "Streams"
    if "Record" not in parents(classes, name):
        return "Objects"
    return "Requests" if re.search("(Request|Query|Update)$", name) else "Records"


def section(name, members):
    """The paragraphs of a module; members is a dictionary of lists by group."""
    title = TITLES.get(name, name.replace("-", " ").capitalize())
    lines = ["## %s" % title, ""]
    for group in ("Endpoints", "Objects", "Requests", "Streams", "Records"):
        if group in members:
            lines += ["%s: %s" % (group, ", ".join(sorted(members[group], key=lambda link: link.rstrip("]")))), ""]
    return "\n".join(lines)


def main():
    gir, template, output, *modules = sys.argv[1:]
    root = ElementTree.parse(gir).getroot()
    classes = {element.get("name"): element for element in root.iter(CORE + "class")}
    sections = {name: {} for name in ["core", *modules]}
    for name, element in classes.items():
        members = sections[module_of(element, modules)]
        members.setdefault(group_of(classes, name), []).append("[class@Oai.%s]" % name)
    for element in root.iter(CORE + "interface"):
        members = sections[module_of(element, modules)]
        members.setdefault("Objects", []).append("[iface@Oai.%s]" % element.get("name"))
    with open(template, encoding="utf-8") as file:
        text = file.read()
    text = text.replace("@MODULES@", "\n".join(section(*pair) for pair in sections.items() if pair[1]))
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
