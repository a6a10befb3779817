#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Copies those headers that differ from their copies, so that programs are only compiled again if a header changed.

usage: copy-headers.py DIRECTORY HEADER...
"""

import filecmp
import os
import shutil
import sys

directory, *headers = sys.argv[1:]
for header in headers:
    copy = os.path.join(directory, os.path.basename(header))
    if not os.path.exists(copy) or not filecmp.cmp(header, copy, shallow=False):
        shutil.copyfile(header, copy)
