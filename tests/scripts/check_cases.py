# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a check of build-aux on small trees of files, and reports the cases as TAP."""

import os
import subprocess
import sys
import tempfile


def run_check(check, files, argument="."):
    """Runs the check in a folder with the files, {path: text}, with the argument, a path in it."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        return subprocess.run([sys.executable, os.path.abspath(check), argument], cwd=root, capture_output=True, text=True,
                              check=False)


def report(cases):
    """Prints the cases, [(name, whether the result is good, result)]; returns the exit status."""
    failures = 0
    print("1..%d" % len(cases))
    for number, (name, good, result) in enumerate(cases, 1):
        failures += not good
        print("%s %d - %s" % ("ok" if good else "not ok", number, name))
        if not good:
            print("\n".join("# " + line for line in (result.stdout + result.stderr).splitlines()))
    return 1 if failures else 0
