/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the bytes of a pollable stream as they arrive, a bounded number of them for each
 * dispatch of the main loop. */

#pragma once

#include <gio/gio.h>

#include "oai-chunked-body-private.h"

G_BEGIN_DECLS

typedef struct
{
  char *(*reserve) (gsize *size, gpointer user_data);
  gboolean (*commit) (gsize size, gpointer user_data); /* FALSE pauses */
  void (*activity) (gpointer user_data);               /* once for each dispatch that read bytes */
  void (*done) (GError *error, gpointer user_data);    /* takes error, which is NULL at the end of the body */
} OaiBodyReaderFuncs;

typedef struct
{
  GInputStream *stream;
  OaiChunkedBody body; /* reads stream */
  GSocket *socket;     /* below stream, or NULL */
  GMainContext *context;
  GSource *source;
  gboolean keep_source;
  gboolean will_turn; /* the source is an idle source */
  const OaiBodyReaderFuncs *funcs;
  gpointer user_data;
} OaiBodyReader;

/* Borrows context.  socket: that of the connection, or NULL if it is not known, if other bodies
 * arrive over it, too, or if there is more than one layer of TLS above it.  keep_source: whether a
 * source of the stream can be used for several waits; those of libsoup for HTTP/2 cannot.  There is no cancellable, which would cost time in each
 * layer of the stream for each read.  To cancel, clear the reader. */
void oai_body_reader_init (OaiBodyReader *self, GInputStream *stream, GMainContext *context, GSocket *socket, gboolean keep_source, const OaiBodyReaderFuncs *funcs, gpointer user_data);
/* Reads the bytes that have arrived, and then those that arrive later. */
void oai_body_reader_start (OaiBodyReader *self);
void oai_body_reader_resume (OaiBodyReader *self);
/* Required before another reader reads the rest of the stream; to be followed by clear(). */
void oai_body_reader_hand_back (OaiBodyReader *self);
void oai_body_reader_clear (OaiBodyReader *self);

G_END_DECLS
