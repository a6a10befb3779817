# SPDX-License-Identifier: LGPL-2.1-or-later
"""The widget of one item of a session: a message, reasoning or a tool call.  List views reuse it for other items."""

import base64
import json

from gi.repository import Gdk, GLib, GObject, Gtk, Oai, Pango

from markdown import Markdown

Kind = Oai.SessionItemKind
State = Oai.SessionItemState
CallState = Oai.ToolCallState

CALL_TITLES = {
    CallState.NEW: "Calling %s",
    CallState.WAITING_FOR_APPROVAL: "Allow “%s”?",
    CallState.RUNNING: "Running %s…",
    CallState.SUCCEEDED: "Called %s",
    CallState.FAILED: "%s failed",
    CallState.DENIED: "%s was denied",
    CallState.CANCELLED: "%s was cancelled",
}


def list_images(item):
    """The images of a message of the user as textures."""
    content = json.loads(item.record.to_json()).get("content") if item.record else None
    for part in content if isinstance(content, list) else []:
        url = part.get("image_url", {}).get("url", "") if part.get("type") == "image_url" else ""
        if url.startswith("data:image/"):
            try:
                yield Gdk.Texture.new_from_bytes(GLib.Bytes.new(base64.b64decode(url.partition(",")[2])))
            except (GLib.Error, ValueError):
                pass  # GTK cannot read it


def describe_arguments(text):
    """Each argument of a call on a line; the text as it is if it is not an object."""
    try:
        arguments = json.loads(text)
        return "\n".join("%s: %s" % (name, value if isinstance(value, str) else json.dumps(value)) for name, value in arguments.items())
    except (ValueError, AttributeError, RecursionError):
        return text


def make_label():
    return Gtk.Label(wrap=True, wrap_mode=Pango.WrapMode.WORD_CHAR, xalign=0, selectable=True)


class MessageRow(Gtk.Box):
    __gsignals__ = {"call-answered": (GObject.SignalFlags.RUN_FIRST, None, (Oai.ToolCall, bool))}

    def __init__(self):
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6, margin_top=6, margin_bottom=6, margin_start=12, margin_end=12,
                         accessible_role=Gtk.AccessibleRole.GROUP)
        self.item = None
        self.handlers = []
        self.markdown = None
        self.labels = []
        self.bubble = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=9)
        self.expander = Gtk.Expander(visible=False)
        self.folded = make_label()
        self.folded.add_css_class("dim-label")
        self.folded.set_margin_start(12)
        self.folded.set_margin_top(6)
        self.expander.set_child(self.folded)
        self.images = Gtk.Box(spacing=6, visible=False)
        self.answers = None
        for child in (self.images, self.bubble, self.expander):
            self.append(child)

    def bind(self, item):
        self.item = item
        self.markdown = Markdown()
        for name in ("text", "state", "call"):
            self.connect_to(item, "notify::" + name, lambda *_: self.update())
        self.expander.set_expanded(False)
        self.show_style()
        self.show_images()
        self.update()

    def unbind(self):
        for source, handler in self.handlers:
            source.disconnect(handler)
        self.handlers = []
        self.item = None

    def connect_to(self, source, signal, function):
        self.handlers.append((source, source.connect(signal, function)))

    def show_style(self):
        from_user = self.item.role == "user"
        self.update_property([Gtk.AccessibleProperty.LABEL], ["Your message" if from_user else "Reply"])
        self.bubble.set_halign(Gtk.Align.END if from_user else Gtk.Align.FILL)
        self.images.set_halign(Gtk.Align.END if from_user else Gtk.Align.START)
        (self.bubble.add_css_class if from_user else self.bubble.remove_css_class)("bubble")
        self.bubble.set_margin_start(48 if from_user else 0)

    def show_images(self):
        while self.images.get_first_child():
            self.images.remove(self.images.get_first_child())
        for texture in list_images(self.item) if self.item.role == "user" else []:
            image = Gtk.Picture(paintable=texture, width_request=120, height_request=120, can_shrink=True, alternative_text="Image")
            self.images.append(image)
        self.images.set_visible(self.images.get_first_child() is not None)

    def update(self):
        kind = self.item.kind
        self.bubble.set_visible(kind == Kind.MESSAGE and bool(self.item.text))
        self.expander.set_visible(kind != Kind.MESSAGE)
        if kind == Kind.MESSAGE:
            self.show_blocks()
        elif kind == Kind.TOOL_CALL:
            self.show_call()
        else:
            self.expander.set_label("Thinking…" if self.item.state == State.IN_PROGRESS else "Reasoning")
            self.folded.set_text(self.item.text or "")
        self.set_opacity(0.6 if self.item.state == State.INCOMPLETE and kind != Kind.TOOL_CALL else 1)

    def show_blocks(self):
        """Changes the labels of the blocks that have changed."""
        kept = self.markdown.update(self.item.text or "")
        blocks = self.markdown.blocks
        for index in range(kept, len(blocks)):
            if index == len(self.labels):
                self.labels.append(make_label())
                self.bubble.append(self.labels[index])
            label, block = self.labels[index], blocks[index]
            label.set_markup(block.to_markup())
            (label.add_css_class if block.is_code else label.remove_css_class)("code")
            label.set_visible(True)
        for label in self.labels[len(blocks):]:
            label.set_visible(False)

    def show_call(self):
        call = self.item.call
        if call and not any(source is call for source, _handler in self.handlers):
            self.connect_to(call, "notify::state", lambda *_: self.update())
        state = call.get_state() if call else CallState.NEW
        waits = state == CallState.WAITING_FOR_APPROVAL
        self.expander.set_label(CALL_TITLES[state] % (call.get_name() if call else "a tool"))
        self.folded.set_text("\n".join(filter(None, (describe_arguments(self.item.text or ""), call and call.get_output()))))
        if waits:
            self.expander.set_expanded(True)
        self.show_answers(waits)

    def show_answers(self, visible):
        """Shows the buttons that allow or deny a call."""
        if not self.answers and visible:
            self.answers = Gtk.Box(spacing=6, margin_start=12)
            for label, css_class, allowed in (("_Allow", "suggested-action", True), ("_Deny", None, False)):
                button = Gtk.Button(label=label, use_underline=True)
                if css_class:
                    button.add_css_class(css_class)
                button.connect("clicked", lambda _button, allowed: self.emit("call-answered", self.item.call, allowed), allowed)
                self.answers.append(button)
            self.append(self.answers)
        if self.answers:
            self.answers.set_visible(visible)
