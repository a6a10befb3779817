/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The names of buttons with mnemonics for screen readers. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void chat_reset_button_names (GtkWidget *widget);

G_END_DECLS
