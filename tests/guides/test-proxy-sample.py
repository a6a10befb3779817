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
        for name, text in (("openai.key", "sk-test\n"), ("tokens", "")):
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write(text)
        for options in (["--check"], ["--add-token", "alice"], ["--check"]):
            subprocess.run([program, "--config", config] + options, check=True, timeout=60)


if __name__ == "__main__":
    main()
