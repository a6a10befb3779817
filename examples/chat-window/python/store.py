# SPDX-License-Identifier: LGPL-2.1-or-later
"""The conversations: sessions of the library, each saved as a file in the data directory of the user."""

import uuid

from gi.repository import Gio, GLib, Oai


def compare(first, second):
    """The newest first; those without messages before."""
    times = [session[len(session) - 1].created_at.to_unix() if len(session) else GLib.MAXINT64 for session in (first, second)]
    return (times[0] < times[1]) - (times[0] > times[1])


class Store:
    def __init__(self, directory, failed):
        """Calls failed() with the text of each error."""
        self.directory = directory
        self.failed = failed
        self.model = Gio.ListStore.new(Oai.Session)
        GLib.mkdir_with_parents(directory.get_path(), 0o700)

    def add(self, model):
        session = Oai.ChatSession.new(None, model)
        self.set_up(session, self.directory.get_child(uuid.uuid4().hex + ".json"))
        self.model.insert(0, session)
        return session

    def set_up(self, session, file):
        session.file = file
        # The answer may come much later.
        session.connect("approval-requested", lambda session, _call: self.save(session))

    def save(self, session):
        if len(session) and session.is_modified() and self.model.find(session)[0]:
            session.save_async(session.file, None, self.on_saved)

    def on_saved(self, session, result):
        """A full disk is reported once, until the conversation can be saved again."""
        try:
            session.save_finish(result)
            session.is_unsaved = False
        except GLib.Error as error:
            if not getattr(session, "is_unsaved", False):
                self.failed(error.message)
            session.is_unsaved = True

    def stop_all(self):
        """Ends all replies.  A call that waits for approval still waits, with its server."""
        for session in self.model:
            if session.get_state() != Oai.SessionState.WAITING_FOR_APPROVAL:
                session.stop()

    def save_all(self):
        for session in self.model:
            self.save(session)

    def remove(self, session):
        session.stop()
        self.model.remove(self.model.find(session)[1])
        session.delete_file_async(session.file, None, self.on_deleted)

    def restore(self, session):
        """Undoes remove()."""
        self.model.insert_sorted(session, compare)
        self.save(session)

    def on_deleted(self, session, result):
        try:
            session.delete_file_finish(result)
        except GLib.Error as error:
            self.failed(error.message)

    def load(self):
        """Reads all files."""
        try:
            for info in self.directory.enumerate_children("standard::name", Gio.FileQueryInfoFlags.NONE):
                if info.get_name().endswith(".json"):
                    file = self.directory.get_child(info.get_name())
                    Oai.ChatSession.load_async(None, file, None, self.on_loaded, file)
        except GLib.Error as error:
            self.failed(error.message)

    def on_loaded(self, _source, result, file):
        try:
            session = Oai.ChatSession.load_finish(result)
        except GLib.Error as error:
            self.failed(error.message)
        else:
            self.set_up(session, file)
            self.model.insert_sorted(session, compare)
