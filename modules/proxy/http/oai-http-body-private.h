/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The framing of the body of a message: a length, or the chunked encoding.  It accepts exactly what
 * RFC 9112, 7.1 defines, without blanks in lines of chunks, and with limits. */

#pragma once

#include "oai-http-head-private.h"

G_BEGIN_DECLS

typedef struct
{
  guint8 state;
  guint64 left;         /* bytes of the body, or of the chunk, that follow */
  guint digits;         /* of the size of a chunk */
  guint extension_size; /* bytes of all extensions */
  guint trailer_size;   /* bytes of all trailers */
  guint n_trailers;
  GString *trailer;     /* the current line, or NULL */
} OaiHttpBody;

/* At the beginning of the body of the request. */
void oai_http_body_init (OaiHttpBody *self, const OaiHttpHead *head);
/* chunked: else length, which is that of the body. */
void oai_http_body_init_framed (OaiHttpBody *self, gboolean chunked, guint64 length);
void oai_http_body_clear (OaiHttpBody *self);

gboolean oai_http_body_is_complete (const OaiHttpBody *self);
/* The number of bytes that surely belong to the body or its framing; at least 1 before the end. */
guint64 oai_http_body_get_left (const OaiHttpBody *self);
/* Whether the body is chunked. */
gboolean oai_http_body_is_chunked (const OaiHttpBody *self);
/* Decodes in place.  Returns how many bytes of the body are at the beginning of data now.  At the
 * end, the bytes from *used on are unchanged, and belong to the next message.  Trailers are
 * checked and discarded. */
gsize oai_http_body_decode (OaiHttpBody *self, char *data, gsize length, gsize *used, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal);

G_END_DECLS
