#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A window for conversations with models.

OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL are used until a server is chosen in the dialog.
"""

import json
import os
import sys

import gi

gi.require_version("Adw", "1")
gi.require_version("Gtk", "4.0")
gi.require_version("Oai", "1")
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from gi.repository import Adw, Gdk, Gio, GLib, Gtk, Oai  # noqa: E402

from paths import _, get_ui  # noqa: E402
from server_dialog import load_auth  # noqa: E402
from window import ACTIONS, ChatWindow  # noqa: E402

APP_ID = "org.example.OaiChat"
VERSION = "1.0.0"
DEVELOPERS = "The authors of the OpenAI client library for GNOME"


class Settings(dict):
    """The settings, in a file of the configuration directory.  An address of the environment is not saved, since its key is
    not that of another server."""

    def __init__(self, path):
        super().__init__({"base-url": os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1",
                          "model": os.environ.get("OPENAI_MODEL") or "gpt-4o-mini", "saved": False})
        self.path = path
        try:
            with open(path, encoding="utf-8") as file:
                saved = {key: value for key, value in json.load(file).items() if isinstance(value, type(self.get(key)))}
        except (OSError, ValueError, AttributeError, RecursionError):
            return  # there are no settings yet
        if saved.get("saved"):
            self.update(saved)
        elif not os.environ.get("OPENAI_MODEL"):
            self["model"] = saved.get("model", self["model"])

    def __setitem__(self, key, value):
        if self[key] == value and (key != "base-url" or self["saved"]):
            return
        super().__setitem__(key, value)
        if key == "base-url":
            super().__setitem__("saved", True)
        values = {name: value for name, value in self.items() if name == "model" or self["saved"]}
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            GLib.file_set_contents(self.path, json.dumps(values).encode())
        except (OSError, GLib.Error) as error:
            print("The settings cannot be saved: %s" % error, file=sys.stderr)


def make_toolset():
    toolset = Oai.Toolset()

    @toolset.tool(needs_approval=True)
    def save_note(title: str, text: str):
        """Saves a note as a text file in the documents of the user.

        Args:
            title: the title of the note
            text: the text
        """
        directory = GLib.get_user_special_dir(GLib.UserDirectory.DIRECTORY_DOCUMENTS) or GLib.get_user_data_dir()
        name = "".join(char if char.isalnum() or char in " -_" else "_" for char in title).strip()[:80] or "Note"
        file = Gio.File.new_for_path(os.path.join(directory, name + ".txt"))
        try:
            stream = file.create(Gio.FileCreateFlags.NONE)
            stream.write_all(text.encode())
            stream.close()
        except GLib.Error as error:
            raise Oai.ToolError(error.message) from error
        return file.get_path()

    return toolset


class ChatApplication(Adw.Application):
    def __init__(self, **properties):
        super().__init__(application_id=APP_ID, **properties)
        self.window = None

    def do_startup(self):
        Adw.Application.do_startup(self)
        style = Gtk.CssProvider()
        style.load_from_path(get_ui("style.css"))
        Gtk.StyleContext.add_provider_for_display(Gdk.Display.get_default(), style, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
        quit_action = Gio.SimpleAction(name="quit")
        quit_action.connect("activate", lambda _action, _parameter: self.window and self.window.close())
        self.add_action(quit_action)
        about = Gio.SimpleAction(name="about")
        about.connect("activate", self.on_about)
        self.add_action(about)
        for name, key in {"app.quit": "<Control>q", "window.close": "<Control>w", "win.show-help-overlay": "<Control>question",
                          **{"win." + name: key for name, key in ACTIONS.items()}}.items():
            self.set_accels_for_action(name, [key])

    def on_about(self, _action, _parameter):
        Adw.AboutWindow(transient_for=self.window, application_name=_("Chat"), application_icon=APP_ID, version=VERSION,
                        developer_name=DEVELOPERS, license_type=Gtk.License.LGPL_2_1).present()

    def do_activate(self):
        if self.window:
            self.window.present()
            return
        settings = Settings(os.path.join(GLib.get_user_config_dir(), APP_ID, "settings.json"))
        directory = Gio.File.new_for_path(os.path.join(GLib.get_user_data_dir(), APP_ID))
        self.window = ChatWindow(settings, directory, make_toolset(), application=self)
        if not settings["saved"] and os.environ.get("OPENAI_API_KEY"):
            self.window.connect_to_server(Oai.Auth.new_from_environment())
        else:
            load_auth(settings["base-url"], self.window.connect_to_server)
        self.window.present()


if __name__ == "__main__":
    GLib.set_application_name(_("Chat"))
    sys.exit(ChatApplication().run(sys.argv))
