/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads from and writes to the stream of a connection without blocking, and waits for it. */

#pragma once

#include "oai-http-watch-private.h"

G_BEGIN_DECLS

typedef struct
{
  GIOStream *stream;
  GInputStream *input;
  GOutputStream *output;
  GSocket *socket;    /* below TLS, if any; NULL if it is not known */
  int fd;             /* if bytes are read from and written to the socket directly; else -1 */
  gboolean watched;   /* the socket is: sources are not needed */
  gboolean can_read;  /* may be; FALSE after it would have blocked */
  gboolean can_write;
  gboolean ended;     /* the peer has closed its direction */
  gboolean broken;    /* both directions are closed */
  gboolean truncated; /* TLS ended without its message, so that bytes may be missing */
  OaiHttpWatch watch;
  OaiHttpWatchFunc func;
  gpointer user_data;
  GSource *read_source;
  GSource *write_source;
} OaiHttpTransport;

/* Takes a reference to the stream.  func is called after events, which are noted in the transport
 * before, with their set. */
void oai_http_transport_init (OaiHttpTransport *self, GIOStream *stream, OaiHttpWatchFunc func, gpointer user_data);
/* Releases the stream without closing it. */
void oai_http_transport_clear (OaiHttpTransport *self);

/* Returns 0 at the end, or -1 with an error, perhaps G_IO_ERROR_WOULD_BLOCK.  error: may be NULL. */
gssize oai_http_transport_read (OaiHttpTransport *self, char *buffer, gsize size, GError **error);
/* Returns how many bytes were sent; 0 if it would block; -1 with an error.  Only the first vector is
 * sent if there is another layer above the socket. */
gssize oai_http_transport_write (OaiHttpTransport *self, const GOutputVector *vectors, guint n, GError **error);
/* Waits for what is selected, where the socket is not watched. */
void oai_http_transport_wait (OaiHttpTransport *self, gboolean to_read, gboolean to_write);

/* Whether the end can be sent without blocking.  If not, the socket will become writable. */
gboolean oai_http_transport_can_end (OaiHttpTransport *self);
/* Ends the direction of output, if that is possible without blocking.  Returns whether the peer can
 * still be read from with oai_http_transport_discard(). */
gboolean oai_http_transport_shutdown (OaiHttpTransport *self);
/* Discards received bytes.  Returns their number, 0 at the end or after an error, and -1 if it would
 * block. */
gssize oai_http_transport_discard (OaiHttpTransport *self);
/* Closes the connection.  reset: so that the peer receives an error in place of the end. */
void oai_http_transport_close (OaiHttpTransport *self, gboolean reset);

G_END_DECLS
