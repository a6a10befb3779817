#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Creates an image, and saves it.

usage: image.py DESCRIPTION FILE (OPENAI_IMAGE_MODEL names the model)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import Gio, GLib, Oai  # noqa: E402


def main(description, path):
    request = Oai.ImageRequest(prompt=description, model=os.environ.get("OPENAI_IMAGE_MODEL", "gpt-image-1"))
    images = Oai.Client().images.generate(request, None)
    images.data[0].save(Gio.File.new_for_path(path), True, None)
    print(path, "is", images.size)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: image.py DESCRIPTION FILE")
    try:
        main(*sys.argv[1:])
    except GLib.Error as error:
        sys.exit(error.message)
