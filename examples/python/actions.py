#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lets a model control a program: its actions, and the methods of one of its objects.

usage: actions.py REQUEST (OPENAI_MODEL names the model)
"""

import os
import sys

import gi

gi.require_version("Oai", "1")
from gi.repository import Gio, GLib, Oai  # noqa: E402


class Playlist:
    def __init__(self):
        self.titles = ["Gymnopédie", "Clair de lune"]

    def add_title(self, title: str, position: int | None = None):
        """Adds a title to the playlist.

        Args:
            title: the title
            position: the position, from 0; at the end if it is omitted
        """
        self.titles.insert(len(self.titles) if position is None else position, title)
        return self.titles


def make_actions():
    actions = Gio.SimpleActionGroup()
    actions.add_action(Gio.SimpleAction.new_stateful("playing", None, GLib.Variant("b", False)))
    volume = Gio.SimpleAction.new_stateful("volume", GLib.VariantType("i"), GLib.Variant("i", 50))
    volume.set_state_hint(GLib.Variant("(ii)", (0, 100)))
    actions.add_action(volume)
    return actions


def make_toolset(actions, playlist):
    toolset = Oai.ActionToolset(actions=actions)
    toolset.find("playing").description = "Starts or stops the music."
    toolset.find("volume").description = "Changes the volume of the music, in percent."
    toolset.tool(playlist.add_title)
    return toolset


def main():
    request = sys.argv[1] if len(sys.argv) > 1 else "Use the tools: play the music, at half of the volume."
    actions, playlist = make_actions(), Playlist()
    session = Oai.ChatSession.new(Oai.Client(), os.environ.get("OPENAI_MODEL", "gpt-4o-mini"))
    session.toolset = make_toolset(actions, playlist)
    try:
        print(session.send(request).text)
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        return 1
    for name in sorted(actions.list_actions()):
        print("%s: %s" % (name, actions.get_action_state(name).print_(False)))
    print("titles: %s" % ", ".join(playlist.titles))
    return 0


if __name__ == "__main__":
    sys.exit(main())
