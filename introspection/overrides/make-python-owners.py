#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the module of each type for Python, which names it where the library of the module is not installed.

usage: make-python-owners.py GIR OUTPUT
"""

import sys

from gir_modules import list_owners


def main():
    gir, output = sys.argv[1:]
    with open(output, "w", encoding="utf-8") as file:
        file.write('# SPDX-License-Identifier: LGPL-2.1-or-later\n"""The module to which each type belongs."""\n\nOWNERS = {\n')
        for name, module in sorted(list_owners(gir).items()):
            file.write('    "%s": "%s",\n' % (name, module))
        file.write("}\n")


if __name__ == "__main__":
    main()
