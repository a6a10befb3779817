# SPDX-License-Identifier: LGPL-2.1-or-later
"""The list of conversations, which are searched in all their messages, added, and deleted."""

from gi.repository import Adw, GLib, GObject, Gtk, Oai, Pango

from button_names import reset_button_names
from paths import _, get_ui


@Gtk.Template(filename=get_ui("sidebar.ui"))
class Sidebar(Gtk.Box):
    __gtype_name__ = "ChatSidebar"
    __gsignals__ = {"chosen": (GObject.SignalFlags.RUN_FIRST, None, (Oai.Session,))}

    search_bar = Gtk.Template.Child()
    search_entry = Gtk.Template.Child()
    conversations = Gtk.Template.Child()
    selection = Gtk.Template.Child()
    filtered = Gtk.Template.Child()

    def __init__(self, **properties):
        super().__init__(**properties)
        self.store = None
        self.settings = None
        self.chosen = None      # also if the search does not find it
        self.filter = Gtk.CustomFilter.new(self.matches)
        self.filtered.set_filter(self.filter)
        self.search_bar.connect_entry(self.search_entry)

    def set_store(self, store, settings):
        self.store = store
        self.settings = settings
        self.filtered.set_model(store.model)

    def focus(self):
        self.conversations.grab_focus()

    # The conversations

    def add(self):
        """Chooses a new conversation."""
        self.choose(self.store.add(self.settings["model"]))

    def choose(self, session):
        """Chooses a conversation, also if the search does not find it."""
        self.search_entry.set_text("")
        self.filter.changed(Gtk.FilterChange.LESS_STRICT)
        self.select(session)
        self.show_content()

    def select(self, session):
        self.selection.set_selected(next((position for position, other in enumerate(self.selection) if other is session), Gtk.INVALID_LIST_POSITION))

    def delete(self, session):
        self.store.remove(session)
        first = self.store.model.get_item(0)
        if first is not None:
            self.choose(first)
        else:
            self.add()
        if len(session):
            toast = Adw.Toast(title=_("Conversation deleted"), button_label=_("_Undo"))
            toast.connect("button-clicked", lambda _toast: self.undo(session))
            toasts = self.get_ancestor(Adw.ToastOverlay)
            toasts.add_toast(toast)
            reset_button_names(toasts)

    def undo(self, session):
        self.store.restore(session)
        self.choose(session)

    def show_content(self):
        """A narrow window shows either the list or the conversation."""
        self.get_parent().navigate(Adw.NavigationDirection.FORWARD)

    # The search

    def search(self):
        self.search_bar.set_search_mode(True)
        self.search_entry.grab_focus()

    def get_words(self):
        return self.search_entry.get_text().strip()

    def matches(self, session):
        words = self.get_words()
        return not words or session.find(words, GLib.MAXUINT)[0]

    @Gtk.Template.Callback()
    def on_search_changed(self, _entry):
        self.filter.changed(Gtk.FilterChange.DIFFERENT)
        self.select(self.chosen)

    @Gtk.Template.Callback()
    def on_search_activate(self, _entry):
        """Shows a match of the conversation that is shown, or of the first one with a match."""
        self.on_search_changed(None)
        if self.selection.get_selected_item() is None:
            self.selection.set_selected(0)
        if self.get_parent().get_folded():
            self.show_content()
        self.activate_action("win.find")

    # The list

    @Gtk.Template.Callback()
    def on_setup(self, _factory, row):
        row.set_child(Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.END, margin_top=6, margin_bottom=6))

    @Gtk.Template.Callback()
    def on_bind(self, _factory, row):
        row.title = row.get_item().bind_property("title", row.get_child(), "label", GObject.BindingFlags.SYNC_CREATE,
                                                 lambda _binding, title: title or _("New conversation"))

    @Gtk.Template.Callback()
    def on_unbind(self, _factory, row):
        row.title.unbind()

    @Gtk.Template.Callback()
    def on_selected(self, _selection, _property):
        session = self.selection.get_selected_item()
        if session is not None:
            self.chosen = session
            self.emit("chosen", session)

    @Gtk.Template.Callback()
    def on_activated(self, _view, _position):
        self.show_content()
