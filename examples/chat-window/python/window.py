# SPDX-License-Identifier: LGPL-2.1-or-later
"""The window: the conversations on one side, one of them on the other."""

from gi.repository import Adw, Gdk, Gio, GLib, Gtk, Oai, Pango

import conversation  # noqa: F401 (the template uses its class)
import model_chooser  # noqa: F401
import sidebar  # noqa: F401
from paths import _, get_ui
from server_dialog import ServerDialog
from store import Store

# name of the action and key
ACTIONS = {
    "new": "<Control>n",
    "delete": "<Control><Shift>Delete",
    "search": "<Control>f",
    "find": "<Control>g",
    "sidebar": "F9",
    "stop": "Escape",
    "retry": "<Control>r",
    "attach": "<Control>o",
    "speak": "<Control><Shift>s",
    "dictate": "<Control>d",
    "compose": "<Control>l",
    "server": "<Control>comma",
}


@Gtk.Template(filename=get_ui("window.ui"))
class ChatWindow(Adw.ApplicationWindow):
    __gtype_name__ = "ChatWindow"

    toasts = Gtk.Template.Child()
    leaflet = Gtk.Template.Child()
    sidebar = Gtk.Template.Child()
    drop_target = Gtk.Template.Child()
    back = Gtk.Template.Child()
    models = Gtk.Template.Child()
    conversation = Gtk.Template.Child()

    def __init__(self, settings, directory, toolset, **properties):
        super().__init__(**properties)
        self.settings = settings
        self.store = Store(directory, self.toast)
        self.toolset = toolset
        self.client = None
        self.models.settings = settings
        self.conversation.store = self.store
        self.sidebar.set_store(self.store, settings)
        self.drop_target.set_gtypes([Gdk.FileList, Gdk.Texture])
        self.set_help_overlay(Gtk.Builder.new_from_file(get_ui("help-overlay.ui")).get_object("help_overlay"))
        self.add_actions()
        self.new()
        self.store.load()

    @property
    def session(self):
        """The session that is shown."""
        return self.conversation.session

    def toast(self, text):
        label = Gtk.Label(label=text, wrap=True, wrap_mode=Pango.WrapMode.WORD_CHAR, natural_wrap_mode=Gtk.NaturalWrapMode.NONE,
                          xalign=0, lines=4, ellipsize=Pango.EllipsizeMode.END)
        self.toasts.add_toast(Adw.Toast(custom_title=label))

    # The server

    def connect_to_server(self, auth, warning=None):
        """Uses the server of the settings, and lists its models."""
        if warning:
            self.toast(warning)
        try:
            settings = Oai.Settings.new_for_base_url(self.settings["base-url"])
        except GLib.Error as error:
            self.conversation.bar.show_error(error.message)
            return
        self.client = Oai.Client.new(auth, settings)
        self.store.stop_all()
        self.models.set_client(self.client)
        self.conversation.set_client(self.client)

    @Gtk.Template.Callback()
    def on_models_failed(self, _models, text):
        self.conversation.bar.show_error(text, _("Server"), "win.server")

    def show_server(self):
        dialog = ServerDialog(self.settings, transient_for=self)
        dialog.connect("saved", self.on_server_saved)
        dialog.present()
        return dialog

    def on_server_saved(self, _dialog, auth, warning):
        self.connect_to_server(auth, warning)
        if self.session.get_client() is self.client:
            self.session.set_model(self.settings["model"])

    @Gtk.Template.Callback()
    def on_chosen(self, _sidebar, session):
        if session is self.session:
            return
        session.set_toolset(self.toolset)
        self.conversation.set_session(session)
        self.models.set_session(session)

    # The actions

    def add_actions(self):
        functions = {
            "new": self.new, "delete": self.delete, "search": self.search, "find": self.find, "sidebar": self.show_sidebar,
            "stop": lambda: self.session.stop(), "retry": self.conversation.retry, "attach": self.conversation.composer.choose_images,
            "speak": self.conversation.speak, "dictate": self.conversation.dictate, "compose": self.conversation.composer.focus,
            "server": self.show_server,
        }
        for name in ACTIONS:
            action = Gio.SimpleAction(name=name)
            action.connect("activate", lambda _action, _parameter, function=functions[name]: function())
            self.add_action(action)

    @Gtk.Template.Callback()
    def on_changed(self, conversation):
        for name, enabled in {"stop": conversation.is_busy(), "retry": conversation.can_retry(), "speak": conversation.can_speak(),
                              "dictate": conversation.can_speak()}.items():
            self.lookup_action(name).set_enabled(enabled)

    def new(self):
        """Shows an empty conversation, another one only if this one has messages."""
        if self.session is not None and len(self.session) == 0:
            self.sidebar.choose(self.session)
        else:
            self.sidebar.add()
        self.conversation.composer.focus()

    def delete(self):
        self.sidebar.delete(self.session)

    def find(self):
        words = self.sidebar.get_words()
        if words and not self.conversation.messages.find(words):
            self.toast(_("There are no more matches."))

    def search(self):
        self.leaflet.set_visible_child(self.sidebar)
        self.sidebar.search()

    def show_sidebar(self):
        self.leaflet.set_visible_child(self.sidebar)
        self.sidebar.focus()

    @Gtk.Template.Callback()
    def on_drop(self, _target, value, _x, _y):
        self.conversation.composer.drop(value)
        return True

    @Gtk.Template.Callback()
    def on_failed(self, _conversation, text):
        self.toast(text)

    @Gtk.Template.Callback()
    def on_close_request(self, _window):
        self.models.set_client(None)
        self.conversation.speech.close()
        self.store.stop_all()
        self.store.save_all()
