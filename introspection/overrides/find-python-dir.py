#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Prints where this Python looks for modules that are installed below a prefix.

Debian's Python reads /usr/local/lib/python3.N/dist-packages and /usr/lib/python3/dist-packages, but
the schemes of sysconfig, which Meson uses, contain only one of them. For a prefix that Python does
not search, the usual directory is printed, and users must add it to PYTHONPATH."""

import os
import site
import sys
import sysconfig


def is_below(path, directory):
    return os.path.commonpath([path, directory]) == directory


def find(prefix):
    local = os.path.join(prefix, "local")
    found = [path for path in site.getsitepackages() if is_below(path, prefix) and not is_below(path, local)]
    found.sort(key=lambda path: not path.startswith(os.path.join(prefix, "lib", "")))
    if found:
        return found[0]
    return sysconfig.get_path("purelib", "posix_prefix", vars={"base": prefix, "platbase": prefix})


print(find(os.path.normpath(sys.argv[1])))
