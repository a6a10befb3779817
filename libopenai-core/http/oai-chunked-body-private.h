/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the body of a reply.  libsoup reads a chunk with two system calls: 128 bytes for the line
 * with its size, and then the rest of the chunk.  This reads as many chunks as have arrived, from
 * the stream below libsoup's decoder, and decodes them in place.
 *
 * libsoup reads the rest as soon as the decoder stops, which it always does before the last chunk:
 * the bytes that were not decoded are pushed back to the stream.  So libsoup finds the end of the
 * body, reads the trailers, reports errors, and decides whether the connection is used again.
 * libsoup also reads all bodies that are not chunked, that arrive over HTTP/2, or that it
 * decompresses. */

#pragma once

#include <gio/gio.h>

#include "oai-chunk-decoder-private.h"

G_BEGIN_DECLS

typedef struct
{
  GInputStream *body;             /* borrowed: as libsoup returned it */
  GInputStream *libsoup_decoder;  /* borrowed: below body */
  GFilterInputStream *connection; /* borrowed: below libsoup_decoder; NULL if libsoup reads the body */
  GSocket *socket;                /* borrowed: below connection; NULL if it is not known */
  OaiChunkDecoder decoder;
  gboolean is_plain;              /* no TLS below connection */
  gboolean is_counted;            /* libsoup counts what is read from connection */
  gboolean nothing_buffered;      /* above the socket, except for a part of a TLS record */
  gboolean was_short;             /* the last read found less than there was room for */
} OaiChunkedBody;

/* Borrows body, which must not have been read yet, and the socket of its connection.  socket: NULL if it
 * is not known, or if there is more than one layer of TLS above it. */
void oai_chunked_body_init (OaiChunkedBody *self, GInputStream *body, GSocket *socket);
/* Like g_pollable_input_stream_read_nonblocking(). */
gssize oai_chunked_body_read (OaiChunkedBody *self, char *buffer, gsize size, GError **error);
/* Whether the socket is readable as long as there are bytes to read; otherwise streams above it
 * may have buffered them. */
gboolean oai_chunked_body_is_unbuffered (OaiChunkedBody *self);
/* Whether the next read would block.  FALSE if that is not known. */
gboolean oai_chunked_body_is_drained (OaiChunkedBody *self);
/* Lets libsoup read the rest.  Required if body is read, and not only closed, afterwards. */
void oai_chunked_body_hand_back (OaiChunkedBody *self);

G_END_DECLS
