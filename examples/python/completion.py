#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Continues a text with the legacy completions API, and prints it while it arrives.

usage: completion.py TEXT (OPENAI_MODEL names the model)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402

client = Oai.Client()
request = Oai.CompletionRequest(model=os.environ.get("OPENAI_MODEL", "gpt-3.5-turbo-instruct"),
                                prompt=sys.argv[1] if len(sys.argv) > 1 else "Once upon a time")
stream = client.completions.create_stream(request)
stream.connect("text-delta", lambda _stream, text, _choice_index: print(text, end="", flush=True))
try:
    stream.run(None)
except GLib.Error as error:
    sys.exit(error.message)
print()
