#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sends a question, and prints the answer while it arrives.

usage: chat.py QUESTION (OPENAI_MODEL names the model)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402


def main():
    client = Oai.Client()
    question = sys.argv[1] if len(sys.argv) > 1 else "Why is the sky blue?"
    request = Oai.ChatRequest(model=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"),
                              messages=[{"role": "user", "content": question}])
    stream = client.chat.create_stream(request)
    loop = GLib.MainLoop()
    failures = []

    def done(stream, result):
        try:
            stream.run_finish(result)
            print()
        except GLib.Error as error:
            failures.append(error)
            print(error.message, file=sys.stderr)
        loop.quit()

    stream.connect("content-delta", lambda _stream, text, _choice_index: print(text, end="", flush=True))
    stream.run_async(None, done)
    loop.run()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
