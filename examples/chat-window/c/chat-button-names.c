/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* GTK names a button by its text with the character of the mnemonic, and by the label in it: “_Allow Allow”. */

#include "chat-button-names.h"

/* Names the buttons within a widget by their labels only. */
void
chat_reset_button_names (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget) && gtk_button_get_use_underline (GTK_BUTTON (widget)))
    gtk_accessible_reset_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    chat_reset_button_names (child);
}
