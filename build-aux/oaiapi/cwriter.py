# SPDX-License-Identifier: LGPL-2.1-or-later
"""Formats C code in the style of the project."""

from . import names

WIDTH = 100

# Included by the headers of modules outside this tree. It includes those of modules in this tree.
UMBRELLA = "#include <openai-1/openai.h>\n"


class Class:
    """The C spellings of a type's name."""

    def __init__(self, name):
        self.type = f"Oai{name}"
        self.prefix = f"oai_{names.snake(name)}"
        self.upper = names.snake(name).upper()
        self.gtype = f"OAI_TYPE_{self.upper}"
        self.words = names.words(name)
        self.get_type = f"{self.prefix}_get_type"


def header(source):
    return (f"/* SPDX-License-Identifier: LGPL-2.1-or-later */\n\n"
            f"/* generated from {source} by oai-codegen; changes to this file will be lost */\n\n")


# Around the code of a generated file: it may call functions that are deprecated.
BEGIN = "G_GNUC_BEGIN_IGNORE_DEPRECATIONS\n\n"
END = "\nG_GNUC_END_IGNORE_DEPRECATIONS\n"


def pointer(type_name, name):
    return f"{type_name}{name}" if type_name.endswith("*") else f"{type_name} {name}"


def parameter_list(head, parameters):
    """head (parameters), with one parameter per line if they do not fit on one line."""
    if not parameters:
        parameters = ["void"]
    line = f"{head} ({', '.join(parameters)})"
    if len(line) <= WIDTH:
        return line
    return f"{head} (" + (",\n" + " " * (len(head) + 2)).join(parameters) + ")"


def prototype(versions, returns, name, parameters):
    return f"{versions.declaration}\n{parameter_list(pointer(returns, name), parameters)};\n"


def function(returns, name, parameters, body):
    text = f"{returns.rstrip()}\n{parameter_list(name, parameters)}\n{{\n"
    return text + "".join(f"  {line}\n" if line else "\n" for line in body) + "}\n"


def call(head, name, arguments):
    """A call as a statement; head is “return ” or nothing."""
    line = f"{head}{name} ({', '.join(arguments)});"
    if len(line) <= WIDTH:
        return line
    start = f"{head}{name} ("
    return start + (",\n" + " " * (len(start) + 2)).join(arguments) + ");"
