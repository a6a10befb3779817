#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Compiles an installed module of Python to bytecode.

Users who cannot write to its directory would compile it at each start of a program.

usage: compile-python.py FILE
"""

import os
import py_compile
import sys

path = sys.argv[1]
py_compile.compile(os.environ.get("DESTDIR", "") + path, dfile=path, doraise=True)
