#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Generates responses over one WebSocket connection; each continues the one before.

usage: web-socket.py [QUESTION...] (OPENAI_MODEL names the model)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import GLib, Oai  # noqa: E402


class Program:
    def __init__(self, questions):
        self.questions = questions
        self.loop = GLib.MainLoop()
        self.status = 0
        self.socket = Oai.Client().responses.create_socket()
        self.socket.continue_lanes = True

    def send_question(self):
        request = Oai.ResponseRequest(model=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"), input=self.questions.pop(0))
        stream = self.socket.create_stream(request, None)
        stream.connect("output-text-delta", lambda _stream, text, *_indexes: print(text, end="", flush=True))
        stream.run_async(None, self.on_done)

    def on_done(self, stream, result):
        try:
            stream.run_finish(result)
            print()
        except GLib.Error as error:
            print(error.message, file=sys.stderr)
            self.status = 1
        if self.questions and self.status == 0:
            self.send_question()
        else:
            self.socket.close(1000, None)
            self.loop.quit()


def main():
    program = Program(sys.argv[1:] or ["Name a city.", "In which country is it?"])
    program.send_question()
    program.loop.run()
    return program.status


if __name__ == "__main__":
    sys.exit(main())
