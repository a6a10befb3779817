#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests check-abi.py with a small library.  usage: test-exported-symbols.py COMPILER..."""

import os
import subprocess
import sys
import tempfile
import unittest

CHECK = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "build-aux", "check-abi.py")
COMPILER = sys.argv[1:]
HEADER = """OAI_AVAILABLE_IN_1_2
int oai_new (void);
OAI_DEPRECATED_IN_1_4_FOR (oai_new)
int oai_old (void);
_OAI_INTERNAL
int oai_shared (void);
_OAI_INTERNAL
int oai_shared_too (void);
"""
NAMES = ("oai_new", "oai_old", "oai_shared", "oai_shared_too")


class CheckAbi(unittest.TestCase):
    def run_check(self, *options, names=NAMES):
        with tempfile.TemporaryDirectory() as work:
            paths = {name: os.path.join(work, name) for name in ("oai.h", "oai.c", "liboai.so")}
            with open(paths["oai.h"], "w", encoding="utf-8") as file:
                file.write(HEADER)
            with open(paths["oai.c"], "w", encoding="utf-8") as file:
                file.write("".join(f"int {name} (void) {{ return 0; }}\n" for name in names))
            subprocess.run([*COMPILER, "-shared", "-fPIC", "-o", paths["liboai.so"], paths["oai.c"]], check=True)
            return subprocess.run([sys.executable, CHECK, *options, paths["oai.h"], paths["liboai.so"]],
                                  capture_output=True, text=True)

    def test_as_many_internal_symbols_as_allowed(self):
        run = self.run_check("--max-internal", "2")
        self.assertEqual((run.returncode, run.stdout), (0, ""), run.stderr)

    def test_too_many_internal_symbols_are_listed(self):
        run = self.run_check("--max-internal", "1")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stdout.splitlines(), ["oai_shared", "oai_shared_too",
                                                   "2 internal symbols are exported, at most 1 are allowed"])

    def test_releases_are_listed(self):
        run = self.run_check("--list")
        self.assertEqual(run.stdout, "oai_new 1.2\noai_old deprecated 1.4\n")

    def test_undeclared_and_missing_symbols(self):
        run = self.run_check(names=("oai_new", "oai_shared", "oai_shared_too", "oai_extra"))
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stdout.splitlines(), ["oai_old is declared in a header, and not exported",
                                                   "oai_extra is exported, and declared in no header"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
