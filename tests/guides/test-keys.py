#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a program that reads a key from a locked keyring, with the keyring of a test on a private bus.

usage: test-keys.py KEYRING-TEST PROGRAM [ARGUMENT...]
"""

import importlib.util
import os
import sys

from gi.repository import Gio, GLib


def load(path):
    specification = importlib.util.spec_from_file_location("keyring_service", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def run(command):
    """Returns the output of a program, while the main loop serves the keyring."""
    done = []
    loop = GLib.MainLoop()

    def on_done(process, result):
        done.append((process.communicate_utf8_finish(result)[1], process.get_successful()))
        loop.quit()
    process = Gio.Subprocess.new(command, Gio.SubprocessFlags.STDOUT_PIPE)
    process.communicate_utf8_async(None, None, on_done)
    GLib.timeout_add_seconds(60, loop.quit)
    loop.run()
    assert done, "The program has not ended."
    return done[0]


def main():
    service = load(sys.argv[1])
    os.environ.pop("SECRET_BACKEND", None)
    bus = Gio.TestDBus.new(Gio.TestDBusFlags.NONE)
    bus.up()
    keyring = service.Keyring(bus.get_bus_address())
    keyring.reset(locked=True, secret=b"sk-test")
    output, successful = run(sys.argv[2:])
    assert successful and output == "Source of the key: keyring\n", output
    assert keyring.prompts == 1, keyring.prompts

    keyring.reset(locked=True, secret=b"sk-test", answer="dismiss")
    output, _successful = run(sys.argv[2:])
    assert output == "", output
    assert keyring.prompts == 1, keyring.prompts
    sys.stdout.flush()
    os._exit(0)  # the end of the bus would end the process


main()
