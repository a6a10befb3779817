# SPDX-License-Identifier: LGPL-2.1-or-later
"""The bar above the messages for an error, or for the seconds until the library sends a request again."""

import math

from gi.repository import Adw, GLib, Gtk

from button_names import reset_button_names
from paths import _, get_ui

INTERVAL_MS = 250   # of the countdown


@Gtk.Template(filename=get_ui("error-bar.ui"))
class ErrorBar(Adw.Bin):
    __gtype_name__ = "ChatErrorBar"

    bar = Gtk.Template.Child()
    label = Gtk.Template.Child()
    button = Gtk.Template.Child()

    def __init__(self, **properties):
        super().__init__(**properties)
        self.retry_at = None
        self.countdown = 0  # source id

    def show_error(self, text, button=None, action=None):
        """Shows an error, and a button with an action against it."""
        self.reveal(Gtk.MessageType.ERROR)
        self.label.set_text(text)
        self.button.set_visible(button is not None)
        if button is not None:
            self.button.set_label(button)
            reset_button_names(self.button)
            self.button.set_action_name(action)

    def show_retry(self, time):
        """Counts the seconds until that time, or hides the bar."""
        self.close()
        if time is not None:
            self.retry_at = time
            self.reveal(Gtk.MessageType.WARNING)
            self.button.set_visible(False)
            self.count_down()
            self.countdown = GLib.timeout_add(INTERVAL_MS, self.count_down)

    def count_down(self):
        seconds = math.ceil(self.retry_at.difference(GLib.DateTime.new_now_local()) / 1e6)
        self.label.set_text(_("The server does not respond as expected. Next attempt in %d s.") % max(seconds, 0))
        return GLib.SOURCE_CONTINUE

    def reveal(self, kind):
        self.close()
        self.bar.set_message_type(kind)
        self.bar.set_revealed(True)

    def close(self):
        if self.countdown:
            GLib.source_remove(self.countdown)
            self.countdown = 0
        self.bar.set_revealed(False)

    @Gtk.Template.Callback()
    def on_response(self, _bar, response):
        if response == Gtk.ResponseType.CLOSE:
            self.close()
