#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sends a question, waits for the answer, and prints it with the number of tokens used.

usage: ask.py QUESTION (OPENAI_MODEL names the model)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402

client = Oai.Client()
request = Oai.ChatRequest(model=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"))
request.add_system_message("Answer in one sentence.")
request.add_user_message(sys.argv[1] if len(sys.argv) > 1 else "Why is the sky blue?")
try:
    completion = client.chat.create(request, None)
except GLib.Error as error:
    sys.exit(error.message)

print(completion.get_text())
if completion.has_member("usage"):
    print("(%d tokens)" % completion.get_usage().get_total_tokens())
