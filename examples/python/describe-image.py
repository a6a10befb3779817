#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sends an image file with a question, and prints the answer.

usage: describe-image.py FILE [QUESTION] (OPENAI_MODEL names the model)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import Gio, GLib, Oai  # noqa: E402


def describe(client, path, question):
    message = Oai.ResponseMessage.new_user(question)
    image = Oai.ResponseInputImage.new_for_file(Gio.File.new_for_path(path), Oai.IMAGE_DETAIL_LOW, None)
    message.add_part(image)

    request = Oai.ResponseRequest(model=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"), input_items=[message])
    response = client.responses.create(request, None)
    response.check()
    return response.get_output_text()


def main():
    if len(sys.argv) < 2:
        print("usage: describe-image.py FILE [QUESTION]", file=sys.stderr)
        return 1
    question = sys.argv[2] if len(sys.argv) > 2 else "What does this image show?"
    try:
        print(describe(Oai.Client(), sys.argv[1], question))
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
