# SPDX-License-Identifier: LGPL-2.1-or-later
"""The messages of a conversation.  Its end stays visible while a reply arrives, unless the user scrolls up."""

from gi.repository import Adw, GLib, Gtk

import message_row
import tail_model  # noqa: F401
from paths import get_ui

END_DISTANCE = 40   # pixels; closer to the end, the view follows the reply
LAYOUT_FRAMES = 3   # after which the list view knows the position of a new row
NEWEST = GLib.MAXUINT


@Gtk.Template(filename=get_ui("message-view.ui"))
class MessageView(Adw.Bin):
    __gtype_name__ = "ChatMessageView"

    scrolled = Gtk.Template.Child()
    adjustment = Gtk.Template.Child()
    view = Gtk.Template.Child()
    tail = Gtk.Template.Child()

    def __init__(self, **properties):
        super().__init__(**properties)
        self.session = None
        self.words = ""         # that find() was called with
        self.found = NEWEST     # position of the message that find() has shown; NEWEST if it has shown none
        self.follows = True     # the end of the conversation
        self.is_new = False     # session, whose rows have no height before the next frame
        self.follower = 0       # id of the tick callback that scrolls to the end
        self.row = 0            # to scroll to
        self.frames = 0         # until that

    def set_session(self, session):
        self.session = session
        self.tail.set_session(session)
        self.found = NEWEST
        self.frames = 0
        self.is_new = True
        self.scroll_to_end()

    def find(self, words):
        """Shows the newest message with these words that is above those found before; returns whether there is one."""
        if words != self.words:
            self.words, self.found = words, NEWEST
        is_found, position = self.session.find(words, self.found)
        self.found = position if is_found else NEWEST
        if is_found:
            self.scroll_to(self.tail.show(position))
        return is_found

    def do_focus(self, direction):
        """The key Tab leads to a call that waits for approval rather than to a message."""
        if self.get_focus_child() is None and direction in (Gtk.DirectionType.TAB_FORWARD, Gtk.DirectionType.TAB_BACKWARD):
            child = self.view.get_last_child()
            while child:
                row = child.get_first_child()
                if isinstance(row, message_row.MessageRow) and row.focus_answers(direction):
                    return True
                child = child.get_prev_sibling()
        return Adw.Bin.do_focus(self, direction)

    # The end

    @Gtk.Template.Callback()
    def on_scrolled(self, adjustment):
        if self.follower or self.frames:
            return
        self.follows = adjustment.get_value() + adjustment.get_page_size() >= adjustment.get_upper() - END_DISTANCE
        if not self.follows and adjustment.get_value() < adjustment.get_page_size():
            self.tail.add_earlier()

    @Gtk.Template.Callback()
    def on_resized(self, _adjustment):
        if self.follows:
            self.scroll_to_end()

    def scroll_to_end(self):
        self.follows = True
        if not self.follower:
            self.follower = self.add_tick_callback(self.on_end_frame)

    def on_end_frame(self, *_arguments):
        if self.is_new:
            self.is_new = False
            return GLib.SOURCE_CONTINUE
        self.follower = 0
        self.adjustment.set_value(self.adjustment.get_upper() - self.adjustment.get_page_size())
        return GLib.SOURCE_REMOVE

    # A row, which may be new

    def scroll_to(self, row):
        self.follows = False
        self.row = row
        if not self.frames:
            self.add_tick_callback(self.on_row_frame)
        self.frames = LAYOUT_FRAMES

    def on_row_frame(self, *_arguments):
        if not self.frames:
            return GLib.SOURCE_REMOVE   # another session is shown
        self.frames -= 1
        if self.frames:
            return GLib.SOURCE_CONTINUE
        self.view.activate_action("list.scroll-to-item", GLib.Variant("u", self.row))
        return GLib.SOURCE_REMOVE
