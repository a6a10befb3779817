/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Removes the framing of the chunked encoding.  It accepts only framing that all readers decode
 * in the same way, and stops before anything else: the last chunk and the trailers, sizes of more
 * than 8 digits, long extensions, spaces, lines that do not end with CR LF. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The size of the longest line that libsoup reads, with its end. */
#define OAI_CHUNK_DECODER_MAX_LINE 128

typedef enum
{
  OAI_CHUNK_LINE, /* within the line with the size of a chunk */
  OAI_CHUNK_DATA, /* within a chunk */
  OAI_CHUNK_CR,   /* after the data of a chunk */
  OAI_CHUNK_LF,
} OaiChunkState;

/* Zeroed, it is at the beginning of a body. */
typedef struct
{
  OaiChunkState state;
  gboolean stopped;
  guint32 left;        /* bytes of the chunk that follow */
  guint8 line_length;
  char line[OAI_CHUNK_DECODER_MAX_LINE]; /* the part of the line that arrived in earlier calls */
} OaiChunkDecoder;

/* Decodes in place.  Returns how many bytes of the body are at the beginning of data now.  If the
 * decoder has stopped, the bytes from *used on are unchanged, and are for another reader. */
gsize oai_chunk_decoder_decode (OaiChunkDecoder *self, char *data, gsize length, gsize *used);

/* Appends the bytes that bring a reader, which is at the beginning of a body, into the state of
 * this decoder.  Returns how many bytes of a body the reader then returns, which are not part of
 * this body: 0 or 1. */
gsize oai_chunk_decoder_get_prefix (OaiChunkDecoder *self, GByteArray *prefix);

G_END_DECLS
