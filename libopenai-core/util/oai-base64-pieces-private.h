/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Base64 that comes in pieces, which are cut anywhere. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* All zero at the beginning. */
typedef struct
{
  guint bits; /* of the characters that wait for others */
  guint n;    /* how many they are: 0 to 3 */
} OaiBase64Pieces;

/* The bytes that are whole with this piece, maybe none; the rest waits for the next one.
 * Padding ends a group wherever it stands; spaces and line ends are let by, both alphabets
 * are taken.  NULL: it is no Base64. */
_OAI_INTERNAL
GBytes *oai_base64_pieces_add (OaiBase64Pieces *self, const char *text, gsize length);
/* There are no more: the bytes that padding would have come after.  NULL: something is missing. */
_OAI_INTERNAL
GBytes *oai_base64_pieces_end (OaiBase64Pieces *self);

G_END_DECLS
