#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A window in the upper left corner, from which a file or an image is dragged; the image is also in the clipboard.  Prints a line
when it is shown.

usage: chat-source.py file|texture|clipboard FILE
"""

import sys

import gi

gi.require_version("Gdk", "4.0")
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, Gio, GLib, GObject, Gtk  # noqa: E402

SIZE = 80


def make_content(kind, path):
    if kind == "file":
        return Gdk.ContentProvider.new_for_value(GObject.Value(Gdk.FileList, Gdk.FileList.new_from_list([Gio.File.new_for_path(path)])))
    return Gdk.ContentProvider.new_for_value(GObject.Value(Gdk.Texture, Gdk.Texture.new_from_filename(path)))


def report(*_arguments):
    print("ready", flush=True)


def main():
    kind, path = sys.argv[1:]
    Gtk.init()
    content = make_content(kind, path)
    window = Gtk.Window(decorated=False, default_width=SIZE, default_height=SIZE)
    if kind == "clipboard":
        window.get_clipboard().set_content(content)
        report()
    else:
        box = Gtk.Label(label="Drag")
        box.add_controller(Gtk.DragSource(content=content, actions=Gdk.DragAction.COPY))
        window.set_child(box)
        window.set_visible(True)    # does not take the focus of the keyboard
        window.get_frame_clock().connect("after-paint", report)
    GLib.timeout_add_seconds(60, sys.exit)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
