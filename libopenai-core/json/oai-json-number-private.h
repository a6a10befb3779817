/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads and writes JSON numbers, independent of the locale. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

void oai_json_write_int (GString *out, gint64 value);
/* Appends the shortest text that is read as the same double; null for NaN and infinities. */
void oai_json_write_double (GString *out, double value);

/* Returns whether an integer fits 64 bits. */
G_GNUC_INTERNAL
gboolean oai_json_number_fits (const char *text, gsize length);
G_GNUC_INTERNAL
gint64 oai_json_number_to_int (const char *text, gsize length);
G_GNUC_INTERNAL
double oai_json_number_to_double (const char *text, gsize length);
/* Reads a JSON number at text, and returns its end. */
G_GNUC_INTERNAL
const guchar *oai_json_read_double (const guchar *text, const guchar *end, double *value);
/* Returns FALSE if value is not a whole number that fits 64 bits. */
G_GNUC_INTERNAL
gboolean oai_json_double_to_int (double value, gint64 *result);

G_END_DECLS
