#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What client.c does, in Python. Prints the same.

usage: client.py import
       client.py signal BASE-URL
       client.py iteration BASE-URL
"""

import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import Oai  # noqa: E402


def make_stream(base_url):
    client = Oai.Client.new(Oai.Auth.new("sk-test"), Oai.Settings.new_for_base_url(base_url))
    request = Oai.ChatRequest.new("gpt-4o-mini")
    request.add_system_message("You are a helpful assistant.")
    request.add_user_message("Why is the sky blue?")
    return Oai.ChatEndpoint.new(client).create_stream(request)


def signal(stream):
    count = 0

    def content_delta_cb(_stream, text, _choice):
        nonlocal count
        count += bool(text)

    stream.connect("content-delta", content_delta_cb)
    stream.run(None)
    return count


def iteration(stream):
    count = 0
    for chunk in stream:
        choices = chunk.get_choices()
        if choices and choices[0].get_delta().get_content():
            count += 1
    return count


def main():
    command, *base_url = sys.argv[1:]
    if command == "import":
        print("ready" if Oai.Client else "not ready")
        return
    print({"signal": signal, "iteration": iteration}[command](make_stream(*base_url)))


if __name__ == "__main__":
    main()
