# SPDX-License-Identifier: LGPL-2.1-or-later
"""The dialog for the address of the server and the key, which the keyring keeps for this address."""

from gi.repository import Adw, GLib, GObject, Gtk, Oai


class ServerDialog(Adw.Window):
    __gsignals__ = {"saved": (GObject.SignalFlags.RUN_FIRST, None, (Oai.Auth, str))}

    def __init__(self, settings, **properties):
        super().__init__(title="Server", modal=True, default_width=460, **properties)
        self.settings = settings
        self.address = Adw.EntryRow(title="Address", text=settings["base-url"], activates_default=True)
        self.address.connect("changed", lambda _row: self.check())
        self.key = Adw.PasswordEntryRow(title="API key", activates_default=True)
        self.model = Adw.EntryRow(title="Model, if the server does not list any", text=settings["model"], activates_default=True)
        self.group = Adw.PreferencesGroup(description="A server on this computer usually needs no key. Leave the field of the key empty to use the key in the keyring.")
        for row in (self.address, self.key, self.model):
            self.group.add(row)
        self.error = Gtk.Label(wrap=True, xalign=0, visible=False)
        self.error.add_css_class("error")

        cancel = Gtk.Button(label="_Cancel", use_underline=True)
        cancel.connect("clicked", lambda _button: self.close())
        self.save = Gtk.Button(label="_Save", use_underline=True)
        self.save.add_css_class("suggested-action")
        self.save.connect("clicked", lambda _button: self.store())
        header = Adw.HeaderBar(show_start_title_buttons=False, show_end_title_buttons=False)
        header.pack_start(cancel)
        header.pack_end(self.save)
        page = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12, margin_top=18, margin_bottom=18, margin_start=18, margin_end=18)
        page.append(self.group)
        page.append(self.error)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        box.append(header)
        box.append(page)
        self.set_content(box)
        self.set_default_widget(self.save)
        escape = Gtk.ShortcutController()
        escape.add_shortcut(Gtk.Shortcut.new(Gtk.ShortcutTrigger.parse_string("Escape"), Gtk.NamedAction.new("window.close")))
        self.add_controller(escape)
        self.check()

    def check(self):
        """Shows why an address is not valid."""
        try:
            Oai.Settings.new_for_base_url(self.address.get_text().strip())
        except GLib.Error as error:
            self.show_error(error.message)
            self.save.set_sensitive(False)
        else:
            self.show_error(None)
            self.save.set_sensitive(True)

    def show_error(self, text):
        self.error.set_visible(text is not None)
        self.error.set_text(text or "")

    def store(self):
        address, key = self.address.get_text().strip(), self.key.get_text().strip()
        self.settings["base-url"] = address
        self.settings["model"] = self.model.get_text().strip()
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
            warning = "The key is used until the program ends. %s" % error.message
        self.finish(auth, warning)

    def finish(self, auth, warning):
        self.emit("saved", auth, warning)
        self.close()


def load_auth(address, loaded):
    """Calls loaded() with the key of the keyring, or without a key, and with a warning if the keyring cannot be used."""
    def done(_source, result):
        auth, warning = None, None
        try:
            auth = Oai.Auth.new_from_keyring_finish(result)
        except GLib.Error as error:
            auth = Oai.Auth.new(None)
            if not error.matches(Oai.error_quark(), Oai.Error.AUTHENTICATION):
                warning = error.message
        loaded(auth, warning)

    Oai.Auth.new_from_keyring_async(address, None, done)
