# SPDX-License-Identifier: LGPL-2.1-or-later
"""The entry of the next message, with its images."""

from gi.repository import Gdk, Gio, GLib, GObject, Gtk

MAX_IMAGE = 20 * 1024 * 1024


class Composer(Gtk.Box):
    __gsignals__ = {"submitted": (GObject.SignalFlags.RUN_FIRST, None, ())}

    def __init__(self, show_error):
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6, margin_top=6, margin_bottom=6, margin_start=12, margin_end=12)
        self.show_error = show_error
        self.session = None
        self.parts = []         # the bytes of the images
        self.images = Gtk.Box(spacing=6, visible=False)
        self.text = Gtk.TextView(wrap_mode=Gtk.WrapMode.WORD_CHAR, accepts_tab=False, top_margin=8, bottom_margin=8, left_margin=10, right_margin=10)
        self.text.update_property([Gtk.AccessibleProperty.LABEL], ["Message"])
        self.text.connect("paste-clipboard", self.on_paste)
        keys = Gtk.EventControllerKey(propagation_phase=Gtk.PropagationPhase.CAPTURE)
        keys.connect("key-pressed", self.on_key)
        self.text.add_controller(keys)
        scrolled = Gtk.ScrolledWindow(child=self.text, hexpand=True, propagate_natural_height=True, max_content_height=200,
                                      hscrollbar_policy=Gtk.PolicyType.NEVER, vscrollbar_policy=Gtk.PolicyType.EXTERNAL, valign=Gtk.Align.END)
        scrolled.add_css_class("composer")

        row = Gtk.Box(spacing=6)
        self.button = Gtk.Button(valign=Gtk.Align.END)
        self.button.connect("clicked", self.on_clicked)
        attach = Gtk.Button(icon_name="mail-attachment-symbolic", tooltip_text="Attach Images", action_name="win.attach", valign=Gtk.Align.END)
        self.dictate = Gtk.Button(action_name="win.dictate", valign=Gtk.Align.END)
        self.set_recording(False)
        for child in (attach, scrolled, self.dictate, self.button):
            row.append(child)
        self.append(self.images)
        self.append(row)
        self.set_busy(False)

    def set_session(self, session):
        if self.session is not None:
            self.session.clear_parts()
        self.session = session
        self.show_images([])

    def set_busy(self, busy):
        self.busy = busy
        title = "Stop" if busy else "Send"
        self.button.set_icon_name("media-playback-stop-symbolic" if busy else "go-up-symbolic")
        self.button.set_tooltip_text(title)
        self.button.update_property([Gtk.AccessibleProperty.LABEL], [title])
        (self.button.remove_css_class if busy else self.button.add_css_class)("suggested-action")

    def set_recording(self, recording):
        title = "End the Dictation" if recording else "Dictate"
        self.dictate.set_icon_name("media-record-symbolic" if recording else "audio-input-microphone-symbolic")
        self.dictate.set_tooltip_text(title)
        self.dictate.update_property([Gtk.AccessibleProperty.LABEL], [title])
        (self.dictate.add_css_class if recording else self.dictate.remove_css_class)("error")

    def insert(self, text):
        self.text.get_buffer().insert_at_cursor(text)
        self.text.grab_focus()

    def on_clicked(self, _button):
        if self.busy:
            self.activate_action("win.stop")
        else:
            self.emit("submitted")

    def on_key(self, _controller, key, _code, state):
        if key in (Gdk.KEY_Return, Gdk.KEY_KP_Enter) and not state & Gdk.ModifierType.SHIFT_MASK:
            if not self.busy:
                self.emit("submitted")
            return True
        return False

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
            overlay = Gtk.Overlay(child=Gtk.Picture(paintable=Gdk.Texture.new_from_bytes(data), width_request=72, height_request=72, alternative_text="Image"))
            button = Gtk.Button(icon_name="window-close-symbolic", tooltip_text="Remove the Image", halign=Gtk.Align.END, valign=Gtk.Align.START)
            button.add_css_class("circular")
            button.add_css_class("osd")
            button.connect("clicked", self.on_removed, index)
            overlay.add_overlay(button)
            self.images.append(overlay)
        self.images.set_visible(bool(parts))

    def on_removed(self, _button, index):
        parts = self.parts[:index] + self.parts[index + 1:]
        self.session.clear_parts()
        for data in parts:
            self.session.add_image(data)
        self.show_images(parts)

    def add_image(self, data):
        try:
            Gdk.Texture.new_from_bytes(data)
            self.session.add_image(data)
        except GLib.Error as error:
            self.show_error("The image cannot be used: %s" % error.message)
        else:
            self.show_images(self.parts + [data])

    def add_texture(self, texture):
        self.add_image(texture.save_to_png_bytes())

    def add_file(self, file):
        def read(stream, result):
            try:
                data = stream.read_bytes_finish(result)
            except GLib.Error as error:
                self.show_error(error.message)
            else:
                if data.get_size() > MAX_IMAGE:
                    self.show_error("The image is larger than %d MB." % (MAX_IMAGE >> 20))
                else:
                    self.add_image(data)

        def opened(file, result):
            try:
                file.read_finish(result).read_bytes_async(MAX_IMAGE + 1, GLib.PRIORITY_DEFAULT, None, read)
            except GLib.Error as error:
                self.show_error(error.message)

        file.read_async(GLib.PRIORITY_DEFAULT, None, opened)

    def choose_images(self):
        images = Gtk.FileFilter(name="Images")
        images.add_pixbuf_formats()
        self.chooser = Gtk.FileChooserNative(title="Attach Images", transient_for=self.get_root(), action=Gtk.FileChooserAction.OPEN, select_multiple=True, modal=True)
        self.chooser.add_filter(images)

        def respond(chooser, response):
            if response == Gtk.ResponseType.ACCEPT:
                for file in chooser.get_files():
                    self.add_file(file)

        self.chooser.connect("response", respond)
        self.chooser.show()

    def on_paste(self, text):
        clipboard = text.get_clipboard()
        if not clipboard.get_formats().contain_gtype(Gdk.Texture):
            return

        def done(clipboard, result):
            try:
                self.add_texture(clipboard.read_texture_finish(result))
            except GLib.Error as error:
                self.show_error(error.message)

        text.stop_emission_by_name("paste-clipboard")
        clipboard.read_texture_async(None, done)

    def make_drop_target(self):
        target = Gtk.DropTarget.new(Gdk.FileList, Gdk.DragAction.COPY)
        target.set_gtypes([Gdk.FileList, Gdk.Texture])
        target.connect("drop", self.on_drop)
        return target

    def on_drop(self, _target, value, _x, _y):
        if isinstance(value, Gdk.Texture):
            self.add_texture(value)
        else:
            for file in value.get_files():
                self.add_file(file)
        return True
