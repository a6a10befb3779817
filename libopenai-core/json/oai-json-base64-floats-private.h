/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Vectors as servers send them: Base64 text of little-endian 32-bit floats.  Unlike with GLib, text
 * can be decoded in place, so that a reply with many vectors needs no more memory than its text.
 * All functions use the byte order of the machine for floats. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Decodes text of the given length in place.  Returns FALSE, and leaves the text unchanged, if it
 * is not Base64 text of whole floats. */
G_GNUC_INTERNAL
gboolean oai_json_base64_floats_decode_in_place (char *text, gsize length, gsize *size);
/* Decodes text into new memory; returns NULL if it is not Base64 text of whole floats. */
G_GNUC_INTERNAL
GBytes *oai_json_base64_floats_decode (const char *text, gsize length);
G_GNUC_INTERNAL
char *oai_json_base64_floats_encode (const guint8 *floats, gsize size);

G_END_DECLS
