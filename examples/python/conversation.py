#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sends questions in one conversation that the server stores, and lists its items.

usage: conversation.py [QUESTION...] (OPENAI_MODEL names the model)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402


def ask(client, conversation, question):
    request = Oai.ResponseRequest(model=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"), input=question,
                                  conversation=conversation.id)
    response = client.responses.create(request, None)
    response.check()
    print(response.get_output_text())


def main():
    client = Oai.Client()
    try:
        conversation = client.conversations.create(None, None)
        for question in sys.argv[1:] or ["My name is Robin.", "What is my name?"]:
            ask(client, conversation, question)
        for item in conversation.list_items(Oai.ConversationItemListQuery(order="asc"), None):
            if isinstance(item, Oai.ResponseMessage):
                print("- %s: %s" % (item.role, item.get_text()))
        conversation.delete_conversation(None)
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
