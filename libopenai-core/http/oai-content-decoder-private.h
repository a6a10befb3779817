/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decompresses the body of a reply, and fails if it cannot.  Bytes that follow the compressed
 * data are read and dropped, so that the connection reaches the end of the body. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

#define OAI_TYPE_CONTENT_DECODER (oai_content_decoder_get_type ())
G_DECLARE_FINAL_TYPE (OaiContentDecoder, oai_content_decoder, OAI, CONTENT_DECODER, GObject)

/* encoding: the value of Content-Encoding, in any case.  An empty body is valid in any encoding. */
GConverter *oai_content_decoder_new (const char *encoding);
/* Fails at once, even for an empty body, with OAI_ERROR_PROTOCOL and this message. */
GConverter *oai_content_decoder_new_failing (const char *message);
/* Wraps a body in the converters that its headers require.  Takes the body.  Headers that make
 * the body unreadable are reported when it is read. */
GInputStream *oai_content_decoder_wrap (GInputStream *body, SoupMessageHeaders *headers);

G_END_DECLS
