/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads a pollable stream as fast as it has bytes, a bounded number of them per
 * turn of the main loop. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *(*reserve) (gsize *size, gpointer user_data);
  gboolean (*commit) (gsize size, gpointer user_data); /* FALSE pauses */
  void (*activity) (gpointer user_data);               /* once per turn that brought something */
  void (*done) (GError *error, gpointer user_data);    /* given away; NULL at the end */
} OaiBodyReaderFuncs;

typedef struct
{
  GInputStream *stream;
  GPollableInputStream *origin; /* what it reads from in the end */
  GMainContext *context;
  GSource *source;
  gboolean keep_source;
  gboolean will_turn;           /* the source is no wait for bytes */
  const OaiBodyReaderFuncs *funcs;
  gpointer user_data;
} OaiBodyReader;

/* Borrows context.  keep_source: a source of the stream outlives a wake-up, as
 * those of libsoup for HTTP/2 do not.  Reading knows no cancellable, which would
 * cost each layer of the stream some bookkeeping per read; on cancellation, the
 * owner clears the reader. */
void oai_body_reader_init (OaiBodyReader *self, GInputStream *stream, GMainContext *context, gboolean keep_source, const OaiBodyReaderFuncs *funcs, gpointer user_data);
/* Reads what is there at once, then as more arrives. */
void oai_body_reader_start (OaiBodyReader *self);
void oai_body_reader_resume (OaiBodyReader *self);
void oai_body_reader_clear (OaiBodyReader *self);

G_END_DECLS
