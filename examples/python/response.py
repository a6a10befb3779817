#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams a response: prints the text while it arrives, and then the number of tokens used.

usage: response.py QUESTION (OPENAI_MODEL names the model)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402


def main():
    client = Oai.Client()
    request = Oai.ResponseRequest(model=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"),
                                  instructions="Answer in one sentence.",
                                  input=sys.argv[1] if len(sys.argv) > 1 else "Why is the sky blue?")
    stream = client.responses.create_stream(request)
    loop = GLib.MainLoop()
    failures = []

    def done(stream, result):
        try:
            response = stream.run_finish(result)
            print()
            if response.usage:
                print("(%d tokens)" % response.usage.total_tokens)
        except GLib.Error as error:
            failures.append(error)
            print(error.message, file=sys.stderr)
        loop.quit()

    stream.connect("output-text-delta", lambda _stream, text, *_indexes: print(text, end="", flush=True))
    stream.run_async(None, done)
    loop.run()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
