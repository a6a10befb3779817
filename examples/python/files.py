#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uploads a file with progress, downloads it again, and deletes it.

usage: files.py FILE DIRECTORY
"""

import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import Gio, GLib, Oai  # noqa: E402


def main(path, directory):
    files = Oai.Client().files
    source = Oai.InputFile.new_for_path(path)
    source.connect("notify::fraction", lambda file, _: print("\r%3.0f %%" % (file.props.fraction * 100), end="",
                                                             file=sys.stderr))
    file = files.upload(Oai.FileUploadRequest(file=source, purpose=Oai.FILE_PURPOSE_USER_DATA), None)
    print(file=sys.stderr)
    print(path, "is", file.id, "with", file.bytes, "bytes")

    for other in files.list(None, None):
        print(other.id, other.filename)

    saved = files.download_to_directory(file.id, Gio.File.new_for_path(directory), True, None)
    print("and again", saved.get_path())
    files.delete_when_processed(file.id, -1, None)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: files.py FILE DIRECTORY")
    try:
        main(*sys.argv[1:])
    except GLib.Error as error:
        sys.exit(error.message)
