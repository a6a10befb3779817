# SPDX-License-Identifier: LGPL-2.1-or-later
"""The names of buttons with mnemonics for screen readers."""

from gi.repository import Gtk


def reset_button_names(widget):
    """Names the buttons within a widget by their labels only.  GTK adds the text with the mnemonic: “_Allow Allow”."""
    if isinstance(widget, Gtk.Button) and widget.get_use_underline():
        widget.reset_property(Gtk.AccessibleProperty.LABEL)
    child = widget.get_first_child()
    while child:
        reset_button_names(child)
        child = child.get_next_sibling()
