# SPDX-License-Identifier: LGPL-2.1-or-later
"""The entry of the next message, with its images."""

from gi.repository import Gdk, Gio, GLib, GObject, Gtk

from paths import _, get_ui

MAX_IMAGE = 20 * 1024 * 1024


@Gtk.Template(filename=get_ui("composer.ui"))
class Composer(Gtk.Box):
    __gtype_name__ = "ChatComposer"
    __gsignals__ = {"submitted": (GObject.SignalFlags.RUN_FIRST, None, ()), "failed": (GObject.SignalFlags.RUN_FIRST, None, (str,))}

    images = Gtk.Template.Child()
    text = Gtk.Template.Child()
    dictate = Gtk.Template.Child()
    button = Gtk.Template.Child()

    def __init__(self, **properties):
        super().__init__(**properties)
        self.session = None
        self.parts = []         # the bytes of the images
        self.set_recording(False)
        self.set_busy(False)

    def set_session(self, session):
        """Adds the images to another session; the text stays as well."""
        if self.session is not None:
            self.session.clear_parts()
        self.session = session
        self.add_parts()

    def add_parts(self):
        for data in self.parts if self.session is not None else []:
            self.session.add_image(data)

    def set_busy(self, busy):
        self.busy = busy
        title = _("Stop") if busy else _("Send")
        self.button.set_icon_name("media-playback-stop-symbolic" if busy else "go-up-symbolic")
        self.button.set_tooltip_text(title)
        self.button.update_property([Gtk.AccessibleProperty.LABEL], [title])
        (self.button.remove_css_class if busy else self.button.add_css_class)("suggested-action")

    def set_recording(self, recording):
        title = _("End the Dictation") if recording else _("Dictate")
        self.dictate.set_icon_name("media-record-symbolic" if recording else "audio-input-microphone-symbolic")
        self.dictate.set_tooltip_text(title)
        self.dictate.update_property([Gtk.AccessibleProperty.LABEL], [title])
        (self.dictate.add_css_class if recording else self.dictate.remove_css_class)("error")

    def focus(self):
        self.text.grab_focus()

    def insert(self, text):
        self.text.get_buffer().insert_at_cursor(text)
        self.focus()

    @Gtk.Template.Callback()
    def on_clicked(self, _button):
        if self.busy:
            self.activate_action("win.stop")
        else:
            self.emit("submitted")

    @Gtk.Template.Callback()
    def on_key(self, _controller, key, _code, state):
        if key in (Gdk.KEY_Return, Gdk.KEY_KP_Enter) and not state & Gdk.ModifierType.SHIFT_MASK:
            if not self.busy:
                self.emit("submitted")
            return True
        return False

    @Gtk.Template.Callback()
    def on_scrolled(self, adjustment):
        """GTK scrolls the text when a line is added, although the entry becomes high enough."""
        if self.text.get_height() >= adjustment.get_upper():
            adjustment.set_value(0)

    def take_text(self):
        buffer = self.text.get_buffer()
        return buffer.get_text(buffer.get_start_iter(), buffer.get_end_iter(), False).strip()

    def clear(self):
        self.text.get_buffer().set_text("")
        self.parts = []
        self.show_images([])

    # Images

    def show_images(self, parts):
        self.parts = parts
        while self.images.get_first_child():
            self.images.remove(self.images.get_first_child())
        for index, data in enumerate(parts):
            overlay = Gtk.Overlay(child=Gtk.Picture(paintable=Gdk.Texture.new_from_bytes(data), width_request=72, height_request=72, alternative_text=_("Image")))
            button = Gtk.Button(icon_name="window-close-symbolic", tooltip_text=_("Remove the Image"), halign=Gtk.Align.END, valign=Gtk.Align.START)
            button.update_property([Gtk.AccessibleProperty.LABEL], [_("Remove the Image")])
            button.add_css_class("circular")
            button.add_css_class("osd")
            button.connect("clicked", self.on_removed, index)
            overlay.add_overlay(button)
            self.images.append(overlay)
        self.images.set_visible(bool(parts))

    def on_removed(self, _button, index):
        self.show_images(self.parts[:index] + self.parts[index + 1:])
        if self.session is not None:
            self.session.clear_parts()
        self.add_parts()

    def add_image(self, data):
        try:
            Gdk.Texture.new_from_bytes(data)
            if self.session is not None:
                self.session.add_image(data)
        except GLib.Error as error:
            self.emit("failed", _("The image cannot be used: %s") % error.message)
        else:
            self.show_images(self.parts + [data])

    def add_texture(self, texture):
        self.add_image(texture.save_to_png_bytes())

    def add_file(self, file):
        def read(stream, result):
            try:
                data = stream.read_bytes_finish(result)
            except GLib.Error as error:
                self.emit("failed", error.message)
            else:
                if data.get_size() > MAX_IMAGE:
                    self.emit("failed", _("The image is larger than %d MB.") % (MAX_IMAGE >> 20))
                else:
                    self.add_image(data)

        def opened(file, result):
            try:
                file.read_finish(result).read_bytes_async(MAX_IMAGE + 1, GLib.PRIORITY_DEFAULT, None, read)
            except GLib.Error as error:
                self.emit("failed", error.message)

        file.read_async(GLib.PRIORITY_DEFAULT, None, opened)

    def choose_images(self):
        images = Gtk.FileFilter(name=_("Images"))
        images.add_pixbuf_formats()
        self.chooser = Gtk.FileChooserNative(title=_("Attach Images"), transient_for=self.get_root(), action=Gtk.FileChooserAction.OPEN, select_multiple=True, modal=True)
        self.chooser.add_filter(images)

        def respond(chooser, response):
            if response == Gtk.ResponseType.ACCEPT:
                for file in chooser.get_files():
                    self.add_file(file)

        self.chooser.connect("response", respond)
        self.chooser.show()

    @Gtk.Template.Callback()
    def on_paste(self, text):
        clipboard = text.get_clipboard()
        if not clipboard.get_formats().contain_gtype(Gdk.Texture):
            return

        def done(clipboard, result):
            try:
                self.add_texture(clipboard.read_texture_finish(result))
            except GLib.Error as error:
                self.emit("failed", error.message)

        text.stop_emission_by_name("paste-clipboard")
        clipboard.read_texture_async(None, done)

    def drop(self, value):
        if isinstance(value, Gdk.Texture):
            self.add_texture(value)
        else:
            for file in value.get_files():
                self.add_file(file)
