# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds the modules of the library to which types of the GIR belong."""

import re
import xml.etree.ElementTree as ET

CORE = "{http://www.gtk.org/introspection/core/1.0}"


def find_module(path):
    """The module of a header: modules/NAME/… or the generated modules/oai-NAME-types.h; None for core."""
    found = re.search(r"(?:^|/)modules/(?:oai-([a-z-]+)-(?:types|endpoint)\.h$|([a-z-]+)/)", path)
    return found and (found[1] or found[2])


def list_owners(gir):
    """{type: name of its module} for all types that do not belong to core."""
    owners = {}
    for kind in ("class", "interface", "enumeration", "bitfield", "record"):
        for element in ET.parse(gir).iter(CORE + kind):
            position = element.find(CORE + "source-position")
            module = find_module(position.get("filename")) if position is not None else None
            if module and not element.get("name").endswith("Class"):
                owners[element.get("name")] = module
    return owners
