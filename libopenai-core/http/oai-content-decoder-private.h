/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decompresses a body, and says so where it cannot.  What follows the compressed data
 * is read and dropped, so that the connection gets to the end of the body. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define OAI_TYPE_CONTENT_DECODER (oai_content_decoder_get_type ())
G_DECLARE_FINAL_TYPE (OaiContentDecoder, oai_content_decoder, OAI, CONTENT_DECODER, GObject)

/* encoding: as a header names it, in any case.  An empty body is good in any encoding. */
GConverter *oai_content_decoder_new (const char *encoding);
/* Fails at once, even for an empty body, with OAI_ERROR_PROTOCOL and this message. */
GConverter *oai_content_decoder_new_failing (const char *message);

G_END_DECLS
