/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Renders tables of Markdown as lines of Pango markup with aligned cells. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean chat_table_is_row (const char *line);
GArray *chat_table_get_columns (const char *text, GArray *before);
void chat_table_append_markup (GString *markup, const char *text, GArray *before);

G_END_DECLS
