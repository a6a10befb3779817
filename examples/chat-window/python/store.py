# SPDX-License-Identifier: LGPL-2.1-or-later
"""The conversations, each saved as a file of JSON in the data directory of the user."""

import json
import uuid

from gi.repository import Gio, GLib, GObject, Oai

from paths import _


def contains(text, words):
    """Whether a text contains each of the words, in any case."""
    text = (text or "").casefold()
    return all(word in text for word in words.casefold().split())


class Conversation(GObject.Object):
    __gtype_name__ = "ChatConversation"

    title = GObject.Property(type=str, default=_("New conversation"))

    def __init__(self, file, text=None, changed=0):
        super().__init__()
        self.file = file
        self.session = None
        self.text = text        # as it was saved
        self.changed = changed  # time of the last change, in seconds
        self.saves = self.needs_save = self.has_failed = self.removed = False
        self.messages = []      # the texts, for the search
        if text is not None:
            self.messages = [item.get("text") or "" for item in json.loads(text)["items"] if item["kind"] == "message"]
            self.update_title()

    def open(self, client, model):
        """Restores the session, or creates it."""
        if self.session is None and self.text is not None:
            self.session = Oai.ChatSession.new_from_json(client, self.text)
        elif self.session is None:
            self.session = Oai.ChatSession.new(client, model)
        return self.session

    def suspend(self, failed):
        """Ends a reply, and saves it.  A call that waits for approval still waits when the conversation is restored."""
        if self.session.get_state() != Oai.SessionState.WAITING_FOR_APPROVAL:
            self.session.stop()
        self.save(failed)

    def close(self, failed):
        """Releases the session, for example to use another server."""
        if self.session is not None:
            self.suspend(failed)
            self.session.stop()
        self.session = None

    def set_removed(self, removed, failed):
        """Deletes the file, or writes it again."""
        self.removed = removed
        self.update_file(failed)

    def update_title(self):
        words = next((text for text in self.messages if text.strip()), "").split()
        title = " ".join(words)[:60]
        if words and title != self.title:
            self.title = title

    def update(self):
        """Reads the title and the texts for the search from the session."""
        self.messages = [item.text or "" for item in self.session if item.kind == Oai.SessionItemKind.MESSAGE]
        self.update_title()

    def is_empty(self):
        return self.text is None and (self.session is None or self.session.get_n_items() == 0)

    def matches(self, words):
        return contains("\n".join(self.messages), words)

    def save(self, failed):
        text = self.session.to_json() if self.session.get_n_items() > 0 else None
        if text is not None and (text != self.text or self.has_failed):
            self.text = text
            self.update_file(failed)

    def update_file(self, failed):
        """Replaces the file as a whole, so that it is never incomplete, or deletes it.  The program does not end before that."""
        if self.saves or self.text is None:
            self.needs_save = self.saves
            return

        application = Gio.Application.get_default()
        application.hold()
        self.saves = True
        self.needs_save = False

        def done(file, result, finish):
            self.saves = self.has_failed = False
            try:
                finish(file, result)
            except GLib.Error as error:
                if not self.removed or not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND):
                    self.has_failed = True  # save() writes the same text again
                    failed(error)
            if self.needs_save:
                self.update_file(failed)
            application.release()

        if self.removed:
            self.file.delete_async(GLib.PRIORITY_DEFAULT, None, done, Gio.File.delete_finish)
        else:
            self.file.replace_contents_bytes_async(GLib.Bytes.new(self.text.encode()), None, False, Gio.FileCreateFlags.PRIVATE, None, done,
                                                   Gio.File.replace_contents_finish)


def compare(first, second):
    return (first.changed < second.changed) - (first.changed > second.changed)


class Store:
    """The list of conversations, the newest first."""

    def __init__(self, directory):
        self.directory = directory
        self.model = Gio.ListStore.new(Conversation)
        GLib.mkdir_with_parents(directory.get_path(), 0o700)

    def add(self):
        conversation = Conversation(self.directory.get_child(uuid.uuid4().hex + ".json"), changed=GLib.get_real_time() / 1e6)
        self.model.insert(0, conversation)
        return conversation

    def remove(self, conversation, failed):
        found, position = self.model.find(conversation)
        if found:
            self.model.remove(position)
        conversation.set_removed(True, failed)

    def restore(self, conversation, failed):
        """Undoes remove()."""
        self.model.insert_sorted(conversation, compare)
        conversation.set_removed(False, failed)

    def load(self, failed):
        """Reads all files; calls failed() for each file that cannot be read."""
        try:
            children = self.directory.enumerate_children("standard::name,time::modified", Gio.FileQueryInfoFlags.NONE)
        except GLib.Error as error:
            failed(self.directory, error)
            return

        def done(file, result, changed):
            try:
                data = file.load_contents_finish(result)[1]
                self.model.insert_sorted(Conversation(file, data.decode(), changed), compare)
            except (GLib.Error, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
                failed(file, error)

        for info in children:
            if info.get_name().endswith(".json"):
                file = self.directory.get_child(info.get_name())
                file.load_contents_async(None, done, info.get_modification_date_time().to_unix())
