# SPDX-License-Identifier: LGPL-2.1-or-later
"""The conversation that is shown: its messages, the entry of the next one, errors, retries, tokens and cost, and its speech."""

import locale

from gi.repository import Gio, GLib, GObject, Gtk, Oai

import composer  # noqa: F401 (the template uses its class)
import error_bar  # noqa: F401
import message_view  # noqa: F401
from paths import _, get_ui
from speech import Gst, Speech

COALESCE_INTERVAL_MS = 30


@Gtk.Template(filename=get_ui("conversation.ui"))
class Conversation(Gtk.Box):
    """Emits changed when another action becomes possible."""
    __gtype_name__ = "ChatConversation"
    __gsignals__ = {"changed": (GObject.SignalFlags.RUN_FIRST, None, ()), "failed": (GObject.SignalFlags.RUN_FIRST, None, (str,))}

    bar = Gtk.Template.Child()
    messages = Gtk.Template.Child()
    composer = Gtk.Template.Child()
    usage = Gtk.Template.Child()

    def __init__(self, **properties):
        super().__init__(**properties)
        self.store = None
        self.client = None
        self.session = None
        self.handlers = []
        self.speech = Speech(self.on_changed, lambda error: self.emit("failed", error.message))

    def set_client(self, client):
        self.client = client
        self.bar.close()
        self.on_changed()

    def set_session(self, session):
        for handler in self.handlers:
            self.session.disconnect(handler)
        self.session = session
        session.set_coalesce_interval_ms(COALESCE_INTERVAL_MS)
        self.handlers = [session.connect(signal, function) for signal, function in (
            ("notify::state", self.on_changed), ("notify::retry-at", self.show_retry), ("notify::total-tokens", self.show_usage),
            ("approval-requested", self.on_approval_requested))]
        self.messages.set_session(session)
        self.composer.set_session(session)
        self.show_retry()
        self.show_usage()
        self.on_changed()

    def is_busy(self):
        return self.session.get_state() != Oai.SessionState.IDLE

    def can_retry(self):
        return not self.is_busy() and len(self.session) > 0

    def can_speak(self):
        return self.client is not None and Gst is not None

    def on_changed(self, *_arguments):
        """A session that is not idle keeps its server: a call may wait for approval."""
        if not self.is_busy():
            self.session.set_client(self.client)
        self.composer.set_recording(self.speech.recorder is not None)
        self.composer.set_busy(self.is_busy())
        self.emit("changed")

    def on_approval_requested(self, _session, _call):
        """The row of the call shows the question."""
        self.messages.scroll_to_end()

    def show_retry(self, *_arguments):
        self.bar.show_retry(self.session.get_retry_at())

    def show_usage(self, *_arguments):
        tokens, cost = self.session.get_total_tokens(), self.session.get_cost()
        number = locale.format_string("%d", tokens, grouping=True)
        self.usage.set_text((_("%s tokens") % number if tokens else "") + (locale.format_string(" · $%.4f", cost) if cost else ""))

    @Gtk.Template.Callback()
    def on_composer_failed(self, _composer, text):
        self.emit("failed", text)

    # Turns

    @Gtk.Template.Callback()
    def on_submitted(self, _composer):
        text = self.composer.take_text()
        if text or self.session.get_n_parts() > 0:
            self.send_text(text)
            self.composer.clear()
            self.messages.scroll_to_end()

    def continue_calls(self):
        """A restored call runs when the session continues."""
        if not self.is_busy():
            self.send_text(None)

    def send_text(self, text):
        self.bar.close()
        self.session.send_async(text, None, self.on_reply, self.session.send_finish)
        self.store.save(self.session)

    def retry(self):
        self.bar.close()
        self.session.retry_async(None, self.on_reply, self.session.retry_finish)

    def on_reply(self, session, result, finish):
        """Saves the conversation, and shows an error, which the session also returns if it was stopped."""
        text = None
        try:
            finish(result)
        except GLib.Error as error:
            if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
                text = error.message
        if session is self.session:
            self.bar.close()
            if text is not None:
                self.bar.show_error(text, _("_Try Again"), "win.retry")
        self.store.save(session)

    # Speech

    def speak(self):
        """Reads the last reply aloud, or stops that."""
        if self.speech.is_speaking():
            self.speech.stop()
        elif self.session.get_text():
            self.speech.speak(self.client, self.session.get_text())

    def dictate(self):
        """Begins or ends a dictation, whose text is inserted into the message."""
        if self.speech.recorder:
            self.speech.finish_recording()
        else:
            self.speech.record(self.client, self.composer.insert)
