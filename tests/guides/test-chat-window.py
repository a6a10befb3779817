#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the window of a guide in a virtual X server: types a message, and waits until the title shows the two messages.

usage: test-chat-window.py CHAT.ui PROGRAM [ARGUMENT...]
"""

import atexit
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time

RETURN = 0xFF0D
REVERT_TO_PARENT = 2
TIMEOUT = 20


class Display:
    """A virtual X server, and a connection to it."""

    def __init__(self):
        reader, writer = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", "600x700x24", "-nolisten", "tcp", "-noreset"],
                                       pass_fds=[writer], stderr=subprocess.DEVNULL)
        atexit.register(lambda: (self.server.terminate(), self.server.wait()))
        os.close(writer)
        with os.fdopen(reader) as pipe:
            self.name = ":" + pipe.readline().strip()
        self.xlib, self.xtest = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self.xlib.XOpenDisplay.restype = self.xlib.XDefaultRootWindow.restype = ctypes.c_void_p
        self.handle = ctypes.c_void_p(self.xlib.XOpenDisplay(self.name.encode()))
        self.ignore = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda _display, _error: 0)
        self.xlib.XSetErrorHandler(self.ignore)
        self.root = ctypes.c_ulong(self.xlib.XDefaultRootWindow(self.handle))

    def windows(self):
        """(window, title) of each window that has a title."""
        unused, children, number = ctypes.c_ulong(), ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        self.xlib.XQueryTree(self.handle, self.root, ctypes.byref(unused), ctypes.byref(unused), ctypes.byref(children), ctypes.byref(number))
        for window in children[:number.value]:
            title = ctypes.c_char_p()
            if self.xlib.XFetchName(self.handle, ctypes.c_ulong(window), ctypes.byref(title)) and title.value:
                yield window, title.value.decode()

    def focus(self, window):
        """Gives the keyboard to a window, which fails until the window is shown."""
        focused, unused = ctypes.c_ulong(), ctypes.c_int()
        self.xlib.XSetInputFocus(self.handle, ctypes.c_ulong(window), REVERT_TO_PARENT, ctypes.c_ulong(0))
        self.xlib.XGetInputFocus(self.handle, ctypes.byref(focused), ctypes.byref(unused))
        return focused.value == window

    def type(self, text):
        for symbol in [*map(ord, text), RETURN]:
            code = self.xlib.XKeysymToKeycode(self.handle, ctypes.c_ulong(symbol))
            for pressed in (1, 0):
                self.xtest.XTestFakeKeyEvent(self.handle, code, pressed, ctypes.c_ulong(0))
        self.xlib.XSync(self.handle, 0)


def wait_for(display, matches):
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        for window, title in display.windows():
            if matches(window, title):
                return title
        time.sleep(0.05)
    sys.exit("The windows are: %s" % list(display.windows()))


def use(display):
    wait_for(display, lambda window, title: title == "Chat" and display.focus(window))
    display.type("hello")
    print("The title is “%s”." % wait_for(display, lambda _window, title: title == "Chat: 2 messages"))


def main():
    ui, *command = (os.path.abspath(argument) if os.path.exists(argument) else argument for argument in sys.argv[1:])
    display = Display()
    with tempfile.TemporaryDirectory(prefix="guide-") as work:
        shutil.copy(ui, os.path.join(work, "chat.ui"))
        environment = {**os.environ, "DISPLAY": display.name, "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "GTK_A11Y": "none",
                       "GSETTINGS_BACKEND": "memory", "XDG_RUNTIME_DIR": work, "XDG_CACHE_HOME": work,
                       "DBUS_SESSION_BUS_ADDRESS": "unix:path=%s/no-bus" % work}
        program = subprocess.Popen(command, cwd=work, env=environment)
        try:
            use(display)
        finally:
            program.terminate()
            program.wait()


if __name__ == "__main__":
    main()
