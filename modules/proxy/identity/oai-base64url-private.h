/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Base64 of tokens (RFC 4648, section 5): without padding, and with one text only for each value. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *oai_base64url_encode (const guint8 *data, gsize size);
/* Returns NULL if the text contains other characters, padding, or bits after the last byte that are not zero. */
guint8 *oai_base64url_decode (const char *text, gsize length, gsize *size);

G_END_DECLS
