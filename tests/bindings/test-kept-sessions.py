#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Saves, loads and searches conversations without a client.  Prints TAP."""

import os
import stat
import sys
import tempfile

import gi

gi.require_version("Oai", "1")
from gi.repository import Gio, GLib, Oai  # noqa: E402

failures = 0


def check(number, name, condition):
    global failures
    failures += not condition
    print("%s %d %s" % ("ok" if condition else "not ok", number, name), flush=True)


def wait(start, finish, *arguments):
    """Calls an asynchronous function, and returns what it returns."""
    results = []
    start(*arguments, None, lambda _source, result: results.append(result))
    while not results:
        GLib.MainContext.default().iteration(True)
    return finish(results[0])


def get_error(function, *arguments):
    try:
        function(*arguments)
    except GLib.Error as error:
        return error
    return None


def main():
    print("1..6")
    session = Oai.ChatSession.new(None, "m")
    message = Oai.ChatMessage.new("user")
    message.add_text("Name a city.")
    message.add_part(Oai.ChatImagePart.new_for_url("data:image/gif;base64,R0lG", None))
    session.add_record(message)
    check(1, "title", session.get_title() == "Name a city." and session.client is None and session.retry_at is None)
    check(2, "images", [image.get_data() for image in session[0].dup_images()] == [b"GIF"])
    error = get_error(session.send, "Hello")
    check(3, "no-client", error and "set_client" in error.message)
    with tempfile.TemporaryDirectory() as directory:
        file = Gio.File.new_for_path(os.path.join(directory, "conversation.json"))
        wait(session.save_async, session.save_finish, file)
        loaded = wait(Oai.ChatSession.load_async, Oai.ChatSession.load_finish, None, file)
        mode = stat.S_IMODE(os.stat(file.get_path()).st_mode)
        check(4, "files", isinstance(loaded, Oai.ChatSession) and not session.is_modified() and loaded.title == session.title and mode == 0o600)
        found = tuple(loaded.find("CITY name")), tuple(loaded.find("city", before=GLib.MAXUINT)), loaded.find("city", 0)[0]
        check(5, "search", found == ((True, 0), (True, 0), False) and not loaded.find("river", 1)[0])
        wait(session.delete_file_async, session.delete_file_finish, file)
        error = get_error(Oai.ChatSession.load, None, file)
        check(6, "errors", error and error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
