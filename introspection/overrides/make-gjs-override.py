#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes a list of the asynchronous methods and of the fields of records into the GJS override.

If the override looked them up at run time, every program would load every class.

usage: make-gjs-override.py TEMPLATE GIR OUTPUT MODULE...
"""

import json
import sys
import xml.etree.ElementTree as ET

from gir_modules import CORE, list_owners


def list_arguments(function):
    """The parameters of a function that JavaScript passes: not the length of an array, nor the data of a callback."""
    parameters = function.findall(CORE + "parameters/" + CORE + "parameter")
    hidden = {int(array.get("length", -1)) for array in function.iter(CORE + "array")}
    hidden |= {int(parameter.get("closure", -1)) for parameter in parameters if parameter.get("name") != "user_data"}
    return [parameter for number, parameter in enumerate(parameters) if number not in hidden and parameter.get("direction") != "out"]


def count_optional(function):
    """How many arguments before the callback can be omitted: those that can be null."""
    count = 0
    for argument in reversed(list_arguments(function)[:-1]):
        if argument.get("nullable") != "1":
            break
        count += 1
    return count


def list_async_methods(gir):
    """(class, whether they are static, [(method without _async, number of arguments that can be omitted)]) of each class
    with asynchronous methods.  The functions that belong to no class have the class ""."""
    namespace = ET.parse(gir).getroot().find(CORE + "namespace")
    functions = {child.get("name"): child for child in namespace.findall(CORE + "function")}
    starts = sorted(name[:-len("_async")] for name in functions if name.endswith("_async"))
    yield ["", True, [(name, count_optional(functions[name + "_async"])) for name in starts if name + "_finish" in functions]]
    for kind in ("class", "interface"):
        for element in ET.parse(gir).iter(CORE + kind):
            for tags in (("method",), ("function", "constructor")):
                names = {child.get("name"): child for tag in tags for child in element.findall(CORE + tag)
                         if child.get("introspectable") != "0"}
                finishes = {child.get("name") for child in element if child.tag.startswith(CORE)}
                starts = sorted(name[:-len("_async")] for name in names if name and name.endswith("_async"))
                starts = [(name, count_optional(names[name + "_async"])) for name in starts if name + "_finish" in finishes]
                if starts:
                    yield [element.get("name"), tags[0] == "function", starts]


def list_json_arguments(gir):
    """The positions of the arguments that are JSON text, by class and function.  Their names end in “json”."""
    classes = {}
    for element in ET.parse(gir).iter(CORE + "class"):
        for child in element:
            if child.tag not in (CORE + "method", CORE + "function", CORE + "constructor") or child.get("introspectable") == "0":
                continue
            positions = [n for n, argument in enumerate(list_arguments(child)) if argument.get("name").endswith("json")]
            if positions:
                classes.setdefault(element.get("name"), {})[child.get("name")] = positions
    return classes


def list_list_fields(gir):
    """The names of fields that are not GObject properties: lists of records and of numbers, and texts that a method
    combines."""
    classes = {element.get("name"): element for element in ET.parse(gir).iter(CORE + "class")}
    names = set()
    for element in classes.values():
        family = [element]
        while family[-1].get("parent") in classes:
            family.append(classes[family[-1].get("parent")])
        if family[-1].get("name") != "Record" or element is family[-1]:
            continue
        properties = {child.get("name").replace("-", "_") for base in family for child in base.findall(CORE + "property")}
        for method in element.findall(CORE + "method"):
            name = method.get("name")
            field = name[len("get_"):] if name.startswith("get_") else None
            is_list = method.find(CORE + "return-value/" + CORE + "array") is not None
            value = method.find(CORE + "return-value/" + CORE + "type")
            is_text = value is not None and value.get("name") == "utf8"
            parameters = method.findall(CORE + "parameters/" + CORE + "parameter")  # the length of a list of numbers
            has_input = any(parameter.get("direction") != "out" for parameter in parameters)
            if field and field not in properties and (is_list or is_text) and not has_input:
                names.add(field)
    return sorted(names)


def main():
    template, gir, output, *modules = sys.argv[1:]
    with open(template, encoding="utf-8") as file:
        text = file.read()
    for mark, value in (("ASYNC_METHODS", list(list_async_methods(gir))), ("JSON_ARGUMENTS", [list_json_arguments(gir)]),
                        ("LIST_FIELDS", list_list_fields(gir)), ("MODULES", modules), ("OWNERS", [list_owners(gir)])):
        mark = "/*@%s@*/[]" % mark
        if mark not in text:
            sys.exit("%s: no %s in it" % (template, mark))
        text = text.replace(mark, json.dumps(value))
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
