# SPDX-License-Identifier: LGPL-2.1-or-later
"""The end of a session as a list.  It grows at its beginning when the user scrolls there, so that a view of a long
conversation begins with few rows, and the rows that are visible stay where they are."""

from gi.repository import Gio, GObject, Oai

FIRST = 40      # items that are shown at first
MORE = 100      # items that are added at a time


class TailModel(GObject.Object, Gio.ListModel):
    __gtype_name__ = "ChatTailModel"

    def __init__(self):
        super().__init__()
        self.session = None
        self.handler = 0
        self.offset = 0

    def set_session(self, session):
        before = self.get_n_items()
        if self.session is not None:
            self.session.disconnect(self.handler)
        self.session = session
        self.offset = 0
        if session is not None:
            self.handler = session.connect("items-changed", self.on_items_changed)
            self.offset = max(0, session.get_n_items() - FIRST)
        self.items_changed(0, before, self.get_n_items())

    def add_earlier(self, count=MORE):
        added = min(count, self.offset)
        self.offset -= added
        if added:
            self.items_changed(0, 0, added)

    def show(self, position):
        """Adds the items from that position of the session on; returns its position in this list."""
        if position < self.offset:
            self.add_earlier(self.offset - position + MORE)
        return position - self.offset

    def on_items_changed(self, _session, position, removed, added):
        if position >= self.offset:
            self.items_changed(position - self.offset, removed, added)
            return
        if position + removed < self.offset:
            self.offset += added - removed
            return
        shown = position + removed - self.offset
        self.offset = position
        self.items_changed(0, shown, added)

    def do_get_item_type(self):
        return Oai.SessionItem.__gtype__

    def do_get_n_items(self):
        return self.session.get_n_items() - self.offset if self.session is not None else 0

    def do_get_item(self, position):
        return self.session.get_item(self.offset + position) if self.session is not None else None
