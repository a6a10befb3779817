#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that oai-proxy accepts the configuration in the guide of the proxy.

usage: test-proxy-sample.py PROGRAM CONFIGURATION
"""

import os
import shutil
import subprocess
import sys
import tempfile


def main():
    program, sample = sys.argv[1:]
    os.umask(0o077)
    with tempfile.TemporaryDirectory() as directory:
        config = shutil.copy(sample, os.path.join(directory, "oai-proxy.conf"))
        with open(os.path.join(directory, "openai.key"), "w", encoding="utf-8") as file:
            file.write("sk-test\n")
        for options in (["--add-token", "alice"], ["--check"], ["--add-token", "bob"], ["--check"]):
            subprocess.run([program, "--config", config] + options, check=True, timeout=60)


if __name__ == "__main__":
    main()
