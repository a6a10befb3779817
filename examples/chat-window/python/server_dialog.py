# SPDX-License-Identifier: LGPL-2.1-or-later
"""The dialog for the address of the server, such as one on this computer, and for the key, which the keyring keeps for this
address."""

from gi.repository import Adw, Gio, GLib, GObject, Gtk, Oai

from button_names import reset_button_names
from paths import _, get_ui


@Gtk.Template(filename=get_ui("server-dialog.ui"))
class ServerDialog(Adw.Window):
    __gtype_name__ = "ChatServerDialog"
    __gsignals__ = {"saved": (GObject.SignalFlags.RUN_FIRST, None, (Oai.Auth, str))}

    address = Gtk.Template.Child()
    key = Gtk.Template.Child()
    model = Gtk.Template.Child()
    error = Gtk.Template.Child()
    servers = Gtk.Template.Child()
    save = Gtk.Template.Child()

    def __init__(self, settings, **properties):
        super().__init__(**properties)
        self.settings = settings
        reset_button_names(self)
        self.address.set_text(settings["base-url"])
        self.model.set_text(settings["model"])
        self.cancellable = Gio.Cancellable()
        self.connect("close-request", lambda _dialog: self.cancellable.cancel())
        Oai.find_local_servers_async(self.cancellable, self.on_servers)

    @Gtk.Template.Callback()
    def on_address_changed(self, _row):
        """Shows why an address is not valid."""
        try:
            Oai.Settings.new_for_base_url(self.address.get_text().strip())
        except GLib.Error as error:
            self.show_error(error.message)
        else:
            self.show_error(None)

    def show_error(self, text):
        self.error.set_visible(text is not None)
        self.error.set_text(text or "")
        self.save.set_sensitive(text is None)

    # Servers on this computer

    def on_servers(self, _source, result):
        try:
            servers = Oai.find_local_servers_finish(result)
        except GLib.Error:
            return  # the dialog was closed
        for server in servers:
            self.servers.add(self.make_row(server))
        self.servers.set_visible(servers.get_n_items() > 0)

    def make_row(self, server):
        row = Adw.ActionRow(title=GLib.markup_escape_text(server.get_name()), subtitle=GLib.markup_escape_text(server.get_base_url()))
        models = Gtk.DropDown(model=Gtk.StringList.new(server.get_models()), valign=Gtk.Align.CENTER, visible=bool(server.get_models()))
        models.update_property([Gtk.AccessibleProperty.LABEL], [_("Model")])
        use = Gtk.Button(label=_("_Use"), use_underline=True, valign=Gtk.Align.CENTER)
        # The title of the row is also a part of the name.
        use.update_property([Gtk.AccessibleProperty.LABEL], [use.get_child().get_text()])
        use.connect("clicked", self.on_use, server, models)
        row.add_suffix(models)
        row.add_suffix(use)
        row.set_activatable_widget(use)
        return row

    def on_use(self, _button, server, models):
        self.address.set_text(server.get_base_url())
        self.key.set_text("")
        if models.get_selected_item():
            self.model.set_text(models.get_selected_item().get_string())

    # The key

    @Gtk.Template.Callback()
    def on_save(self, _button):
        address, key = self.address.get_text().strip(), self.key.get_text().strip()
        self.save.set_sensitive(False)
        self.settings["base-url"] = address
        self.settings["model"] = self.model.get_text().strip() or self.settings["model"]
        if key:
            auth = Oai.Auth.new(key)
            auth.store_in_keyring_async(address, None, self.on_stored)
        else:
            load_auth(address, self.finish)

    def on_stored(self, auth, result):
        warning = None
        try:
            auth.store_in_keyring_finish(result)
        except GLib.Error as error:
            warning = _("The key is used until the program ends. %s") % error.message
        self.finish(auth, warning)

    def finish(self, auth, warning):
        self.emit("saved", auth, warning)
        self.close()


def load_auth(address, loaded):
    """Calls loaded() with the key of the keyring, or without a key, and with a warning if there is a keyring that cannot be used."""
    def done(_source, result):
        try:
            auth, warning = Oai.Auth.new_from_keyring_or_none_finish(result), None
        except GLib.Error as error:
            auth = Oai.Auth.new("")
            warning = None if error.matches(Gio.dbus_error_quark(), Gio.DBusError.SERVICE_UNKNOWN) else error.message
        loaded(auth, warning)

    Oai.Auth.new_from_keyring_or_none_async(address, None, done)
