# SPDX-License-Identifier: LGPL-2.1-or-later
"""The window: the conversations on one side, the messages of one of them on the other."""

import math

from gi.repository import Adw, Gdk, Gio, GLib, GObject, Gtk, Oai, Pango

import composer  # noqa: F401 (the template uses its class)
import message_row  # noqa: F401
import tail_model  # noqa: F401
from paths import _, get_ui
from server_dialog import ServerDialog
from speech import Gst, Speech
from store import Store

State = Oai.SessionState
MODEL_TYPE = Oai.Model.__gtype__    # the template uses it

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
    search_bar = Gtk.Template.Child()
    search_entry = Gtk.Template.Child()
    conversations = Gtk.Template.Child()
    selection = Gtk.Template.Child()
    filtered = Gtk.Template.Child()
    content = Gtk.Template.Child()
    drop_target = Gtk.Template.Child()
    back = Gtk.Template.Child()
    models = Gtk.Template.Child()
    bar = Gtk.Template.Child()
    bar_label = Gtk.Template.Child()
    bar_button = Gtk.Template.Child()
    scrolled = Gtk.Template.Child()
    view = Gtk.Template.Child()
    messages = Gtk.Template.Child()
    composer = Gtk.Template.Child()
    usage = Gtk.Template.Child()

    def __init__(self, settings, directory, toolset, **properties):
        super().__init__(**properties)
        self.settings = settings
        self.store = Store(directory, self.toast)
        self.toolset = toolset
        self.client = None
        self.session = None     # the conversation that is shown
        self.handlers = []
        self.follows = True     # the end of the conversation
        self.found = 0          # position of the message that find() has shown
        self.follower = 0       # id of the tick callback that scrolls to it
        self.countdown = 0      # source id
        self.bar_action = None  # of its button
        self.cancellable = Gio.Cancellable()    # of the list of models
        self.lists_models = False
        self.prices = Oai.PriceTable()
        self.speech = Speech(self.on_state, lambda error: self.toast(error.message))
        self.filter = Gtk.CustomFilter.new(self.matches_search)
        self.add_actions()
        self.set_up()
        self.new()
        self.store.load()

    def add_actions(self):
        for name in ACTIONS:
            action = Gio.SimpleAction(name=name)
            action.connect("activate", lambda _action, _parameter, name=name: getattr(self, name)())
            self.add_action(action)

    def set_up(self):
        self.filtered.set_model(self.store.model)
        self.filtered.set_filter(self.filter)
        self.search_bar.connect_entry(self.search_entry)
        self.drop_target.set_gtypes([Gdk.FileList, Gdk.Texture])
        self.set_help_overlay(Gtk.Builder.new_from_file(get_ui("help-overlay.ui")).get_object("help_overlay"))
        adjustment = self.scrolled.get_vadjustment()
        adjustment.connect("value-changed", self.on_scrolled)
        adjustment.connect("changed", lambda _adjustment: self.follow())
        self.leaflet.set_visible_child(self.content)

    def matches_search(self, session):
        words = self.search_entry.get_text()
        return not words.strip() or session.find(words, GLib.MAXUINT)[0]

    @Gtk.Template.Callback()
    def on_search_changed(self, _entry):
        self.filter.changed(Gtk.FilterChange.DIFFERENT)

    @Gtk.Template.Callback()
    def on_search_activate(self, _entry):
        self.find()

    @Gtk.Template.Callback()
    def on_conversation_setup(self, _factory, row):
        row.set_child(Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.END, margin_top=6, margin_bottom=6))

    @Gtk.Template.Callback()
    def on_conversation_bind(self, _factory, row):
        row.title = row.get_item().bind_property("title", row.get_child(), "label", GObject.BindingFlags.SYNC_CREATE,
                                                 lambda _binding, title: title or _("New conversation"))

    @Gtk.Template.Callback()
    def on_conversation_unbind(self, _factory, row):
        row.title.unbind()

    @Gtk.Template.Callback()
    def on_conversation_activated(self, _view, _position):
        self.leaflet.set_visible_child(self.content)

    @Gtk.Template.Callback()
    def on_model_setup(self, _factory, row):
        row.set_child(Gtk.Label(xalign=0))

    @Gtk.Template.Callback()
    def on_model_bind(self, _factory, row):
        row.get_child().set_markup(describe_model(row.get_item()))

    @Gtk.Template.Callback()
    def on_drop(self, _target, value, _x, _y):
        self.composer.drop(value)
        return True

    @Gtk.Template.Callback()
    def on_composer_failed(self, _composer, text):
        self.toast(text)

    # The end of the conversation stays visible while a reply arrives, unless the user scrolls up.

    def on_scrolled(self, adjustment):
        if not self.follower:
            self.follows = adjustment.get_value() + adjustment.get_page_size() >= adjustment.get_upper() - 40
            if not self.follows and adjustment.get_value() < adjustment.get_page_size():
                self.messages.add_earlier()

    def follow(self):
        if self.follows and not self.follower:
            self.follower = self.add_tick_callback(self.on_frame)

    def on_frame(self, *_arguments):
        self.follower = 0
        adjustment = self.scrolled.get_vadjustment()
        adjustment.set_value(adjustment.get_upper() - adjustment.get_page_size())
        return GLib.SOURCE_REMOVE

    def scroll_to_end(self):
        self.follows = True
        self.follow()

    def scroll_to(self, row):
        """Scrolls to a row that may be new: the view knows its position after the next layout."""
        self.follows = False
        frames = iter((GLib.SOURCE_CONTINUE, GLib.SOURCE_CONTINUE, GLib.SOURCE_REMOVE))

        def on_frame(*_arguments):
            result = next(frames)
            if result == GLib.SOURCE_REMOVE:
                self.view.activate_action("list.scroll-to-item", GLib.Variant("u", row))
            return result

        self.add_tick_callback(on_frame)

    # The server

    def connect_to_server(self, auth, warning=None):
        """Uses the server of the settings, and lists its models."""
        if warning:
            self.toast(warning)
        try:
            settings = Oai.Settings.new_for_base_url(self.settings["base-url"])
        except GLib.Error as error:
            self.show_bar(error.message, Gtk.MessageType.ERROR)
            return
        self.client = Oai.Client.new(auth, settings)
        for session in self.store.model:
            session.stop()
        self.show_bar(None)
        # The models of another server are no choice for this one.
        self.list_models(None)
        self.cancellable.cancel()
        self.cancellable = Gio.Cancellable()
        self.client.models.list_async(self.cancellable, self.on_models)
        self.show_conversation(self.session)

    def on_models(self, endpoint, result):
        try:
            models = endpoint.list_finish(result)
        except GLib.Error as error:
            if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
                self.show_bar(error.message, Gtk.MessageType.ERROR, _("Server"), "win.server")
            return
        for index in range(models.get_n_items()):
            self.prices.add_model(models.get_item(index))
        self.list_models(models)
        self.show_model()

    def list_models(self, models):
        self.lists_models = True
        self.models.set_model(models)
        self.lists_models = False

    def show_model(self):
        """Selects the model of the session in the list.  If the server does not have it, uses that of the settings, or the first."""
        models = [model.id for model in self.models.get_model() or []]
        for model in (self.session.get_model(), self.settings["model"]) if models else ():
            if model in models:
                self.models.set_selected(models.index(model))
                break
        self.select_model()

    @Gtk.Template.Callback()
    def on_model_selected(self, _models, _property):
        if not self.lists_models:
            self.select_model()

    def select_model(self):
        model = self.models.get_selected_item()
        if model:
            self.session.set_model(model.id)
            self.settings["model"] = model.id

    # The conversation

    @Gtk.Template.Callback()
    def on_conversation_selected(self, _selection, _property):
        session = self.selection.get_selected_item()
        if session and session is not self.session:
            self.show_conversation(session)

    def show_conversation(self, session):
        for handler in self.handlers:
            self.session.disconnect(handler)
        self.session = session
        if session.get_state() == State.IDLE:
            session.set_client(self.client)
        session.set_toolset(self.toolset)
        session.set_prices(self.prices)
        session.set_coalesce_interval_ms(30)
        self.handlers = [session.connect(signal, function) for signal, function in (
            ("notify::state", self.on_state), ("notify::retry-at", self.on_retry_at), ("notify::total-tokens", self.show_usage),
            ("approval-requested", self.on_approval_requested))]
        self.messages.set_session(self.session)
        self.found = self.session.get_n_items()
        self.scroll_to_end()
        self.composer.set_session(self.session)
        self.on_retry_at()
        self.show_model()
        self.show_usage()
        self.on_state()

    def on_state(self, *_arguments):
        busy = self.session.get_state() != State.IDLE
        has_speech = self.client is not None and Gst is not None
        for name, enabled in {"stop": busy, "retry": not busy and len(self.session) > 0, "speak": has_speech, "dictate": has_speech}.items():
            self.lookup_action(name).set_enabled(enabled)
        self.composer.set_recording(self.speech.recorder is not None)
        self.composer.set_busy(busy)

    def on_approval_requested(self, _session, _call):
        """The row of the call shows the question."""
        self.scroll_to_end()

    def continue_calls(self):
        """A restored call runs when the session continues."""
        if self.session.get_state() == State.IDLE:
            self.session.send_async(None, None, self.on_reply, self.session.send_finish)

    @Gtk.Template.Callback()
    def on_submitted(self, _composer):
        self.send()

    def send(self):
        text = self.composer.take_text()
        if text or self.session.get_n_parts() > 0:
            self.show_bar(None)
            self.session.send_async(text, None, self.on_reply, self.session.send_finish)
            self.composer.clear()
            self.scroll_to_end()

    def on_reply(self, session, result, finish):
        """Saves the conversation, and shows an error, which the session also returns if it was stopped."""
        text = None
        try:
            finish(result)
        except GLib.Error as error:
            if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
                text = error.message
        if session is self.session:
            self.show_bar(text, Gtk.MessageType.ERROR, _("_Try Again"))
        self.store.save(session)

    # The actions

    def new(self):
        """Shows an empty conversation, another one only if this one has messages."""
        self.show_found(self.session if self.session is not None and len(self.session) == 0 else self.add())
        self.compose()

    def add(self):
        return self.store.add(self.settings["model"])

    def show_found(self, session):
        """Selects a conversation, also if the search does not find it."""
        self.show_conversation(session)
        self.search_entry.set_text("")
        self.filter.changed(Gtk.FilterChange.LESS_STRICT)
        self.selection.set_selected(next((position for position, other in enumerate(self.selection) if other is session), Gtk.INVALID_LIST_POSITION))
        self.leaflet.set_visible_child(self.content)

    def delete(self):
        session = self.session
        self.store.remove(session)
        self.show_found(self.store.model.get_item(0) or self.add())
        if len(session):
            toast = Adw.Toast(title=_("Conversation deleted"), button_label=_("_Undo"))
            toast.connect("button-clicked", lambda _toast: self.undo(session))
            self.toasts.add_toast(toast)

    def undo(self, session):
        self.store.restore(session)
        self.show_found(session)

    def search(self):
        self.leaflet.set_visible_child_name("sidebar")
        self.search_bar.set_search_mode(True)
        self.search_entry.grab_focus()

    def find(self):
        """Scrolls to the newest message with the text of the search that is above those found before."""
        words = self.search_entry.get_text()
        is_found, position = self.session.find(words, self.found)
        self.found = position if is_found else len(self.session)
        if is_found:
            self.scroll_to(self.messages.show(position))
        elif words.strip():
            self.toast(_("There are no more matches."))

    def sidebar(self):
        self.leaflet.set_visible_child_name("sidebar")
        self.conversations.grab_focus()

    def stop(self):
        self.session.stop()

    def retry(self):
        self.show_bar(None)
        self.session.retry_async(None, self.on_reply, self.session.retry_finish)

    def attach(self):
        self.composer.choose_images()

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

    def compose(self):
        self.composer.text.grab_focus()

    def server(self):
        dialog = ServerDialog(self.settings, transient_for=self)
        dialog.connect("saved", self.on_server_saved)
        dialog.present()
        return dialog

    def on_server_saved(self, _dialog, auth, warning):
        self.connect_to_server(auth, warning)
        self.session.set_model(self.settings["model"])

    @Gtk.Template.Callback()
    def on_close_request(self, _window):
        self.cancellable.cancel()
        self.speech.close()
        for session in self.store.model:
            # A call that waits for approval still waits when the conversation is restored.
            if session.get_state() != State.WAITING_FOR_APPROVAL:
                session.stop()
            self.store.save(session)

    # Errors, retries, tokens

    def toast(self, text):
        label = Gtk.Label(label=text, wrap=True, wrap_mode=Pango.WrapMode.WORD_CHAR, xalign=0, lines=4, ellipsize=Pango.EllipsizeMode.END)
        self.toasts.add_toast(Adw.Toast(custom_title=label))

    def show_bar(self, text, kind=Gtk.MessageType.INFO, button=None, action="win.retry"):
        if self.countdown:
            GLib.source_remove(self.countdown)
            self.countdown = 0
        self.bar.set_revealed(text is not None)
        if text is not None:
            self.bar.set_message_type(kind)
            self.bar_label.set_text(text)
            self.bar_button.set_visible(button is not None)
            self.bar_button.set_label(button or "")
            self.bar_action = action

    @Gtk.Template.Callback()
    def on_bar_response(self, _bar, response):
        if response == 1:
            self.activate_action(self.bar_action)
        else:
            self.show_bar(None)

    def on_retry_at(self, *_arguments):
        """Counts the seconds until the library sends the request again."""
        time = self.session.get_retry_at()
        self.show_bar(None)
        if time is None:
            return

        def tick():
            seconds = math.ceil(time.difference(GLib.DateTime.new_now_local()) / 1e6)
            self.bar_label.set_text(_("The server does not respond as expected. Next attempt in %d s.") % max(seconds, 0))
            return GLib.SOURCE_CONTINUE

        self.show_bar("", Gtk.MessageType.WARNING)
        tick()
        self.countdown = GLib.timeout_add(250, tick)

    def show_usage(self, *_arguments):
        tokens, cost = self.session.get_total_tokens(), self.session.get_cost()
        self.usage.set_text((_("%s tokens") % "{:,}".format(tokens) if tokens else "") + (" · ${:.4f}".format(cost) if cost else ""))


def describe_model(model):
    """The name of a model, and what the server says about it, as markup."""
    facts = [_("%s tokens") % "{:,}".format(model.get_context_length())] if model.get_context_length() else []
    facts += [kind for kind in model.dup_input_modalities() if kind != "text"]
    facts += [name for name in model.dup_features() if name in ("tools", "reasoning")]
    facts = facts or [model.get_owned_by() or ""]
    return "%s\n<small><span alpha='60%%'>%s</span></small>" % (GLib.markup_escape_text(model.id), GLib.markup_escape_text(", ".join(facts)))
