# SPDX-License-Identifier: LGPL-2.1-or-later
"""The list of the models of the server, which shows and changes the model of a session."""

import locale

from gi.repository import Adw, Gio, GLib, GObject, Gtk, Oai, Pango

from paths import _, get_ui

MODEL_TYPE = Oai.Model.__gtype__    # the template uses it
MAX_NAME = 45   # characters that the list shows


@Gtk.Template(filename=get_ui("model-chooser.ui"))
class ModelChooser(Adw.Bin):
    __gtype_name__ = "ChatModelChooser"
    __gsignals__ = {"failed": (GObject.SignalFlags.RUN_FIRST, None, (str,))}

    models = Gtk.Template.Child()
    name = Gtk.Template.Child()     # if there is no list

    def __init__(self, **properties):
        super().__init__(**properties)
        self.settings = None
        self.client = None
        self.session = None
        self.handlers = []
        self.prices = Oai.PriceTable()
        self.cancellable = Gio.Cancellable()
        self.is_filled = False      # while the list changes, no model is chosen
        self.has_failed = False

    def set_client(self, client):
        """Lists the models of a server."""
        self.client = client
        self.has_failed = False
        # The models of another server are no choice for this one.
        self.fill(None)
        self.show_model()
        self.cancellable.cancel()
        self.cancellable = Gio.Cancellable()
        if client is not None:
            client.models.list_async(self.cancellable, self.on_listed)

    def on_listed(self, endpoint, result):
        try:
            models = endpoint.list_finish(result)
        except GLib.Error as error:
            if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
                self.has_failed = True
                self.emit("failed", error.message)
            return
        for index in range(models.get_n_items()):
            self.prices.add_model(models.get_item(index))
        self.fill(models)
        self.show_model()

    def fill(self, models):
        self.is_filled = False
        self.models.set_model(models)
        self.is_filled = models is not None

    def set_session(self, session):
        for handler in self.handlers:
            self.session.disconnect(handler)
        self.session = session
        session.set_prices(self.prices)
        self.handlers = [session.connect(signal, self.show_model) for signal in ("notify::client", "notify::model")]
        self.show_model()
        if self.has_failed:     # the server may have started since
            self.set_client(self.client)

    def show_model(self, *_arguments):
        """Selects the model of the session.  If the server does not have it, uses that of the settings, or the first.

        If the server lists no models, shows the model of the session.
        """
        has_list = self.models.get_selected_item() is not None
        self.models.set_visible(has_list)
        self.name.set_visible(not has_list)
        if self.session is None:
            return
        self.name.set_text(self.session.get_model() or "")
        models = [model.id for model in self.models.get_model() or []]
        for model in (self.session.get_model(), self.settings["model"]) if models else ():
            if model in models:
                self.models.set_selected(models.index(model))
                break
        self.use_selected()

    @Gtk.Template.Callback()
    def on_selected(self, _models, _property):
        if self.is_filled:
            self.use_selected()

    def use_selected(self):
        """A session that still uses another server keeps its model."""
        model = self.models.get_selected_item()
        if model and self.session.get_client() is self.client:
            self.session.set_model(model.id)
            self.settings["model"] = model.id

    @Gtk.Template.Callback()
    def on_setup(self, _factory, row):
        row.set_child(Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.MIDDLE, max_width_chars=MAX_NAME))

    @Gtk.Template.Callback()
    def on_bind(self, _factory, row):
        label = row.get_child()
        label.set_markup(describe(row.get_item()))
        label.set_width_chars(min(max(map(len, label.get_text().split("\n"))), MAX_NAME))


def describe(model):
    """The name of a model, and what the server says about it, as markup."""
    facts = [_("%s tokens") % locale.format_string("%d", model.get_context_length(), grouping=True)] if model.get_context_length() else []
    facts += [kind for kind in model.dup_input_modalities() if kind != "text"]
    facts += [name for name in model.dup_features() if name in ("tools", "reasoning")]
    facts = facts or [model.get_owned_by() or ""]
    return "%s\n<small><span alpha='60%%'>%s</span></small>" % (GLib.markup_escape_text(model.id), GLib.markup_escape_text(", ".join(facts)))
