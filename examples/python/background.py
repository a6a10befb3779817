#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts a response in the background, waits for it, prints its text and deletes it.

usage: background.py QUESTION (OPENAI_MODEL names the model, OPENAI_POLL_MS the interval of the checks)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402


def ask(client, question):
    request = Oai.ResponseRequest(model=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"), input=question, background=True)
    response = client.responses.create(request, None)
    print("%s: %s" % (response.id, response.status))

    response = response.wait(int(os.environ.get("OPENAI_POLL_MS", "2000")), -1, None)
    response.check()
    print(response.get_output_text())
    response.delete_response(None)


def main():
    question = sys.argv[1] if len(sys.argv) > 1 else "Write a story about a house that rides a velociraptor."
    try:
        ask(Oai.Client(), question)
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
