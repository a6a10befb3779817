#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that each message is translated into each language of po/LINGUAS, and that there are no translations of
other messages.  Prints TAP.

usage: test-translations.py SOURCE-DIRECTORY
"""

import os
import subprocess
import sys
import tempfile

KEYWORDS = ["-k_", "-kN_", "-kC_:1c,2", "-kg_dngettext:2,3"]
FAULTS = [["--untranslated", "--no-obsolete"], ["--only-fuzzy", "--no-obsolete"], ["--only-obsolete"]]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def find_faults(root, language, directory):
    template, merged = os.path.join(directory, "template.pot"), os.path.join(directory, language + ".po")
    run("xgettext", *KEYWORDS, "--from-code=UTF-8", "--directory=" + root,
        "--files-from=" + os.path.join(root, "po", "POTFILES.in"), "--output=" + template)
    run("msgmerge", "--quiet", "--no-fuzzy-matching", "--output-file=" + merged, os.path.join(root, "po", language + ".po"), template)
    run("msgfmt", "--check", "--output-file=" + os.devnull, merged)
    return "".join(run("msgattrib", *arguments, "--no-wrap", merged) for arguments in FAULTS)


def main():
    root = sys.argv[1]
    with open(os.path.join(root, "po", "LINGUAS"), encoding="utf-8") as file:
        languages = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    failures = 0
    print("1..%d" % len(languages))
    for number, language in enumerate(languages, 1):
        with tempfile.TemporaryDirectory() as directory:
            faults = find_faults(root, language, directory)
        failures += bool(faults)
        print("%s %d %s is complete" % ("not ok" if faults else "ok", number, language))
        for line in faults.splitlines():
            print("# %s" % line)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
