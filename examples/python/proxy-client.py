#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A front end: streams the answer to a question through the back end of proxy.py, with the token of proxy-login.py.

usage: proxy-client.py URL TOKEN [QUESTION] (OPENAI_MODEL names the model)

URL is what the back end prints.  For a back end with TLS at a domain, use Oai.Settings.new_for_domain().
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402


def main():
    if len(sys.argv) < 3:
        print("usage: proxy-client.py URL TOKEN [QUESTION]", file=sys.stderr)
        return 2
    request = Oai.ChatRequest(model=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"))
    request.add_user_message(sys.argv[3] if len(sys.argv) > 3 else "Why is the sky blue?")
    try:
        client = Oai.Client(Oai.Auth.new(sys.argv[2]), Oai.Settings.new_for_base_url(sys.argv[1]))
        stream = client.chat.create_stream(request)
        stream.connect("content-delta", lambda stream, text, choice: print(text, end="", flush=True))
        stream.run(None)
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        return 1
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
