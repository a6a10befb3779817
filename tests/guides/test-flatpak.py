#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that flatpak-builder reads the manifest of the example and that of the guide, and knows all of their members.

usage: test-flatpak.py FLATPAK-BUILDER SOURCE-DIRECTORY MANIFEST-OF-THE-GUIDE
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def read_manifest(program, path):
    environment = dict(os.environ, G_MESSAGES_DEBUG="", LC_ALL="C.UTF-8")
    result = subprocess.run([program, "--show-manifest", path.name], cwd=path.parent, env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0 and "WARNING" not in result.stderr, (path, result.stderr)
    return json.loads(result.stdout)


def check(manifest, name):
    assert manifest["id"] and manifest["command"] and manifest["runtime"] == "org.gnome.Platform", manifest
    assert [module["name"] for module in manifest["modules"]] == ["openai", name], manifest["modules"]
    assert all(module["sources"] for module in manifest["modules"]), manifest["modules"]
    assert "--share=network" in manifest["finish-args"], manifest["finish-args"]


def main():
    program, source, guide = sys.argv[1:]
    folder = pathlib.Path(source) / "build-aux" / "flatpak"
    check(read_manifest(program, folder / "org.example.OaiChat.yml"), "chat-window")
    with tempfile.TemporaryDirectory() as directory:
        for path in (guide, folder / "openai.yml"):
            shutil.copy(path, directory)
        check(read_manifest(program, pathlib.Path(directory) / pathlib.Path(guide).name), "chat")


if __name__ == "__main__":
    main()
