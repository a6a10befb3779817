#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a program in a directory with the files that the lines of the guide use.

usage: run-prepared.py PROGRAM [ARGUMENT...]
"""

import os
import subprocess
import sys

from table import prepared_directory

if __name__ == "__main__":
    program = [os.path.abspath(sys.argv[1])] + sys.argv[2:]
    with prepared_directory():
        sys.exit(subprocess.run(program, check=False).returncode)
