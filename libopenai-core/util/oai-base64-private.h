/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decodes Base64 strictly, as a whole or in chunks.  Both alphabets are accepted, blanks and line
 * ends are skipped, padding may be missing. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Empty when all its bytes are 0. */
typedef struct
{
  char group[4]; /* the characters of an incomplete group */
  guint n;       /* how many they are */
} OaiBase64Decoder;

/* Returns the bytes that are complete with this chunk, maybe none; the rest is kept for the next
 * chunk.  Padding ends a group, and other groups may follow.  NULL if the text is not Base64. */
_OAI_INTERNAL
GBytes *oai_base64_decoder_add (OaiBase64Decoder *self, const char *text, gsize length);
/* Returns the bytes of a last group without padding.  NULL if it is incomplete. */
_OAI_INTERNAL
GBytes *oai_base64_decoder_end (OaiBase64Decoder *self);

/* Decodes a whole text, in which padding is at the end only.  NULL with OAI_ERROR_PROTOCOL. */
_OAI_INTERNAL
GBytes *oai_base64_decode (const char *text, gsize length, GError **error);

G_END_DECLS
