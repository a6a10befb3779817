# SPDX-License-Identifier: LGPL-2.1-or-later
"""The widget of one item of a session: a message, reasoning or a tool call.  List views reuse it for other items."""

from gi.repository import Gdk, GLib, GObject, Gtk, Oai, Pango

from button_names import reset_button_names
from markdown import Markdown
from paths import _, get_ui

Kind = Oai.SessionItemKind
State = Oai.SessionItemState
CallState = Oai.ToolCallState

# GTK measures how narrow a label can be.  That takes seconds for long words, so labels of long texts have a minimum width.
LONG_TEXT = 200         # characters
LONG_TEXT_CHARS = 20
# The layout of a long text would take several frames, so that it is shown in chunks, one in each frame.
FRAME_TEXT = 4096       # characters

CALL_TITLES = {
    CallState.NEW: _("Calling %s"),
    CallState.WAITING_FOR_APPROVAL: _("Allow “%s”?"),
    CallState.RUNNING: _("Running %s…"),
    CallState.SUCCEEDED: _("Called %s"),
    CallState.FAILED: _("%s failed"),
    CallState.DENIED: _("%s was denied"),
    CallState.CANCELLED: _("%s was cancelled"),
}


def list_textures(item):
    """The images of a message that GTK can read."""
    for data in item.dup_images():
        try:
            yield Gdk.Texture.new_from_bytes(data)
        except GLib.Error:
            pass


def make_label():
    return Gtk.Label(wrap=True, wrap_mode=Pango.WrapMode.WORD_CHAR, xalign=0, selectable=True)


@Gtk.Template(filename=get_ui("message-row.ui"))
class MessageRow(Gtk.Box):
    __gtype_name__ = "ChatMessageRow"

    images = Gtk.Template.Child()
    bubble = Gtk.Template.Child()
    expander = Gtk.Template.Child()
    folded = Gtk.Template.Child()
    answers = Gtk.Template.Child()
    count = 0   # rows that list views have created

    def __init__(self, **properties):
        super().__init__(**properties)
        MessageRow.count += 1
        reset_button_names(self.answers)
        self.handlers = []
        self.markdown = None
        self.labels = []
        self._item = None
        self.tick = 0

    @GObject.Property(type=Oai.SessionItem)
    def item(self):
        return self._item

    @item.setter
    def item(self, item):
        self.unbind()
        self._item = item
        if item is not None:
            self.bind()

    def bind(self):
        self.markdown = Markdown()
        self.shown = 0          # number of blocks
        for name in ("text", "state", "call"):
            self.connect_to(self.item, "notify::" + name, lambda *_arguments: self.update())
        self.expander.set_expanded(False)
        self.show_style()
        self.show_images()
        self.update()

    def unbind(self):
        for source, handler in self.handlers:
            source.disconnect(handler)
        self.handlers = []
        if self.tick:
            self.remove_tick_callback(self.tick)
        self.tick = 0

    def connect_to(self, source, signal, function):
        self.handlers.append((source, source.connect(signal, function)))

    def show_style(self):
        from_user = self.item.role == "user"
        self.update_property([Gtk.AccessibleProperty.LABEL], [_("Your message") if from_user else _("Reply")])
        self.bubble.set_halign(Gtk.Align.END if from_user else Gtk.Align.FILL)
        self.images.set_halign(Gtk.Align.END if from_user else Gtk.Align.START)
        (self.bubble.add_css_class if from_user else self.bubble.remove_css_class)("bubble")
        self.bubble.set_margin_start(48 if from_user else 0)

    def show_images(self):
        while self.images.get_first_child():
            self.images.remove(self.images.get_first_child())
        for texture in list_textures(self.item):
            image = Gtk.Picture(paintable=texture, width_request=120, height_request=120, can_shrink=True, alternative_text=_("Image"))
            self.images.append(image)
        self.images.set_visible(self.images.get_first_child() is not None)

    def update(self):
        kind = self.item.kind
        self.bubble.set_visible(kind == Kind.MESSAGE and bool(self.item.text))
        self.expander.set_visible(kind != Kind.MESSAGE)
        self.answers.set_visible(False)
        self.folded.set_width_chars(LONG_TEXT_CHARS if len(self.item.text or "") > LONG_TEXT else -1)
        if kind == Kind.MESSAGE:
            self.show_blocks()
        elif kind == Kind.TOOL_CALL:
            self.show_call()
        else:
            self.set_title(_("Thinking…") if self.item.state == State.IN_PROGRESS else _("Reasoning"))
            self.folded.set_text(self.item.text or "")
        self.set_opacity(0.6 if self.item.state == State.INCOMPLETE and kind != Kind.TOOL_CALL else 1)

    def show_blocks(self):
        """Changes the labels of the blocks that have changed."""
        self.shown = min(self.shown, self.markdown.update(self.item.text or ""))
        if not self.tick and self.show_more():
            self.tick = self.add_tick_callback(self.on_frame)
        for label in self.labels[self.shown:]:
            label.set_visible(False)

    def show_more(self):
        """Returns whether there are more blocks."""
        size, blocks = 0, self.markdown.blocks
        while self.shown < len(blocks) and size < FRAME_TEXT:
            self.show_block(self.shown, blocks[self.shown])
            size += len(blocks[self.shown].text)
            self.shown += 1
        return self.shown < len(blocks)

    def show_block(self, index, block):
        if index == len(self.labels):
            self.labels.append(make_label())
            self.bubble.append(self.labels[index])
        label = self.labels[index]
        label.set_width_chars(LONG_TEXT_CHARS if len(block.text) > LONG_TEXT else -1)
        label.set_markup(block.to_markup())
        (label.add_css_class if block.is_code else label.remove_css_class)("code")
        label.set_visible(True)

    def on_frame(self, _widget, _clock):
        if self.show_more():
            return GLib.SOURCE_CONTINUE
        self.tick = 0
        return GLib.SOURCE_REMOVE

    def set_title(self, title):
        """GtkExpander has no name for screen readers without this."""
        self.expander.set_label(title)
        self.expander.update_property([Gtk.AccessibleProperty.LABEL], [title])

    def show_call(self):
        call = self.item.call
        if call and not any(source is call for source, _handler in self.handlers):
            self.connect_to(call, "notify::state", lambda *_arguments: self.update())
        state = call.get_state() if call else CallState.NEW
        waits = state == CallState.WAITING_FOR_APPROVAL
        self.set_title(CALL_TITLES[state] % (call.get_name() if call else _("a tool")))
        self.folded.set_text("\n".join(filter(None, (call.dup_arguments_text(), call.get_output()))) if call else self.item.text or "")
        self.answers.set_visible(waits)
        if waits:
            self.expander.set_expanded(True)

    def focus_answers(self, direction):
        """Focuses the buttons of a call that waits for approval; returns whether there are any."""
        return self.answers.get_visible() and self.answers.child_focus(direction)

    @Gtk.Template.Callback()
    def on_allowed(self, _button):
        self.item.call.approve()
        self.get_root().conversation.continue_calls()

    @Gtk.Template.Callback()
    def on_denied(self, _button):
        self.item.call.deny(_("The user denied this."))
        self.get_root().conversation.continue_calls()
