#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Tests that the Python additions are installed where this Python looks for them, if it searches the prefix."""

import site
import subprocess
import sys


def find(script, prefix):
    command = [sys.executable, "-I", script, prefix]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main():
    script, failures = sys.argv[1], 0
    read = site.getsitepackages()
    own = sys.base_prefix
    prefixes = [own, "/opt/nowhere"]
    if any(path.startswith("/usr/local/") for path in read) and own != "/usr/local":
        prefixes.append("/usr/local")
    print("1..%d" % len(prefixes))
    for number, prefix in enumerate(prefixes, 1):
        found = find(script, prefix)
        good = found.startswith(prefix + "/lib") and (found in read) == (prefix != "/opt/nowhere")
        failures += not good
        print("%s %d %s" % ("ok" if good else "not ok", number, prefix))
        if not good:
            print("# %s, where %s are read" % (found, read))
    return failures > 0


sys.exit(main())
