#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Collects the examples in C of the reference in one source file, which the build compiles.

Each example becomes a function with the variables and callbacks that it does not declare. With --check, the program
instead checks that each endpoint, each stream, each request and the classes that matter first have an example.

usage: extract-examples.py [--check] Oai-1.gir [OUTPUT.c]
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

C = "{http://www.gtk.org/introspection/c/1.0}"
CORE = "{http://www.gtk.org/introspection/core/1.0}"
BLOCK = re.compile(r"^```c\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A definition at the start of a line, up to the brace that closes it.
FUNCTION = re.compile(r"^static [^\n]*\n\w+ \(.*?^}\n", re.MULTILINE | re.DOTALL)

HEAD = """/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* generated from the examples of the reference; changes to this file will be lost */

#include <openai-1/openai.h>

#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"

typedef struct _GtkListView GtkListView;
typedef GObject MyStep;
#define MY_TYPE_RECIPE G_TYPE_OBJECT
#define MY_TYPE_STEP G_TYPE_OBJECT
extern void gtk_list_view_set_model (gpointer view, gpointer model);
extern gpointer selection_of (GListModel *model);

"""

# The types of variables that are not arguments of functions of the library.
TYPES = {
    "auth": "OaiAuth *", "buffer": "GObject *", "error": "GError *", "identity": "gpointer ", "input": "OaiInputFile *", "job": "OaiFineTuningJob *", "progress_bar": "GObject *",
    "stream": "OaiStream *", "token": "gpointer ", "users": "gpointer ", "view": "gpointer ", "widget": "GObject *",
}
# Of the page of classes, those whose names do not show that they need an example.
FIRST = frozenset("Auth Call Client PagedList Session Settings Toolset".split())
# Functions and words of C that are not variables.
WORDS = frozenset("else extern gpointer if return selection_of static void".split())


def blocks(root):
    for doc in root.iter(CORE + "doc"):
        for match in BLOCK.finditer(doc.text or ""):
            yield "%s:%s" % (doc.get("filename"), doc.get("line")), match.group(1)


# Completeness

def ancestors(classes, name):
    while name in classes:
        name = classes[name].get("parent")
        yield name


def needs_example(classes, name):
    return name in FIRST or name == "Stream" or name.endswith("Request") or not {"Endpoint", "Stream"}.isdisjoint(ancestors(classes, name))


def check(root):
    classes = {c.get("name"): c for c in root.iter(CORE + "class")}
    names = [name for name in classes if needs_example(classes, name)]
    print("1..%d" % len(names))
    failed = False
    for number, name in enumerate(names, 1):
        doc = classes[name].find(CORE + "doc")
        good = doc is not None and BLOCK.search(doc.text) is not None
        failed = failed or not good
        print("%sok %d - %s has an example" % ("" if good else "not ", number, name))
    return failed


# The source file

def c_type(parameter):
    types = (parameter.find(CORE + tag) for tag in ("type", "array"))
    return next((found.get(C + "type") for found in types if found is not None), None) or "gpointer"


def parameter_types(root):
    """The C types of the parameters of all functions, by the names of the functions."""
    made = {}
    for tag in ("function", "method", "constructor"):
        for function in root.iter(CORE + tag):
            parameters = function.find(CORE + "parameters")
            made[function.get(C + "identifier")] = [c_type(p) for p in (parameters if parameters is not None else [])]
    return made


def calls(code):
    """(function, arguments) of each call in the code."""
    for match in re.finditer(r"\b(oai_\w+) \(", code):
        depth, arguments = 0, [""]
        for char in code[match.end():]:
            depth += {"(": 1, ")": -1}.get(char, 0)
            if depth < 0:
                break
            if char == "," and depth == 0:
                arguments.append("")
            else:
                arguments[-1] += char
        yield match.group(1), [argument.strip() for argument in arguments]


def used(code, known):
    """The variables and callbacks of the code that it does not declare."""
    plain = re.sub(r'"[^"]*"', "", code)
    words = {m.group(1) for m in re.finditer(r"(?<![\w.>*])([a-z]\w*)\b(?! \(|\(|\s?[*]?\w)", plain)} - WORDS
    return sorted(word for word in words if word not in known)


def declared(code):
    return set(re.findall(r"(?:[\w)] [*]?|[*])(\w+) =", code)) | set(re.findall(r"^(on_\w+|\w+_cb) \(", code, re.MULTILINE))


def declaration(name, code, types):
    if name.startswith("on_") or name.endswith("_cb"):
        return "  static GAsyncReadyCallback %s;\n" % name
    for function, arguments in calls(code):
        if name in arguments and function in types:
            return "  %s %s = {0};\n" % (types[function][arguments.index(name)], name)
    return "  %s%s = {0};\n" % (TYPES.get(name, "const char *"), name)


def as_function(number, where, code, types):
    # Definitions of functions are outside, with names that occur once.
    functions = FUNCTION.findall(code)
    body = FUNCTION.sub("", code)
    for name in re.findall(r"^(\w+) \(", "".join(functions), re.MULTILINE):
        functions = [re.sub(r"\b%s\b" % name, "%s_%d" % (name, number), text) for text in functions]
        body = re.sub(r"\b%s\b" % name, "%s_%d" % (name, number), body)
    own = set(re.findall(r"^(\w+_\d+) \(", "".join(functions), re.MULTILINE))
    variables = [declaration(name, body, types) for name in used(body, declared(body) | own)]
    if "return FALSE;" in body:
        body += "return TRUE;\n"
    head = "gboolean" if "return" in body else "void"
    lines = "".join("  %s\n" % line if line else "\n" for line in body.strip().split("\n")) if body.strip() else ""
    return "/* %s */\n%s\n%s example_%d (void);\n\n%s\nexample_%d (void)\n{\n%s%s}\n\n" % (
        where, "\n".join(functions), head, number, head, number, "".join(variables), lines)


def write(root, output):
    types = parameter_types(root)
    with open(output, "w", encoding="utf-8") as file:
        file.write(HEAD + "".join(as_function(n, where, code, types) for n, (where, code) in enumerate(blocks(root))))


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    root = ElementTree.parse(arguments[0]).getroot()
    if "--check" in sys.argv:
        sys.exit(check(root))
    write(root, arguments[1])


if __name__ == "__main__":
    main()
