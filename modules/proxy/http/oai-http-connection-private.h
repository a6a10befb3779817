/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A connection of a client: reads requests strictly, and writes replies, both with back-pressure.
 * All functions are called in the thread-default main context in which it was created.  Functions
 * of OaiHttpConnectionFuncs are called from the main loop, and closed() also from
 * oai_http_connection_close(); not from other functions of the connection.  They may call any
 * function of the connection, release it, and iterate the main loop. */

#pragma once

#include <gio/gio.h>

#include "oai-http-head-private.h"

G_BEGIN_DECLS

typedef struct _OaiHttpConnection OaiHttpConnection;

typedef struct
{
  /* head: is borrowed, and valid until the next request or the end of the connection. */
  void (*request) (OaiHttpConnection *self, OaiHttpHead *head, gpointer user_data);
  /* After oai_http_connection_read_body() would have blocked: bytes, the end or an error arrived. */
  void (*readable) (OaiHttpConnection *self, gpointer user_data);
  /* After oai_http_connection_write() returned FALSE: little output is left. */
  void (*writable) (OaiHttpConnection *self, gpointer user_data);
  /* A head was refused.  A reply may be written now; then the connection is closed. */
  void (*refused) (OaiHttpConnection *self, guint status, const char *code, const char *message, gpointer user_data);
  /* The socket has the last byte of the reply.  Not called for aborted replies. */
  void (*replied) (OaiHttpConnection *self, gpointer user_data);
  /* Called once, last.  error: NULL if the connection was closed as intended; else why, for
   * example since the client went away while it was waiting for a reply. */
  void (*closed) (OaiHttpConnection *self, const GError *error, gpointer user_data);
} OaiHttpConnectionFuncs;

/* settings: NULL for the default values; copied.  All functions may be NULL. */
OaiHttpConnection *oai_http_connection_new (GIOStream *stream, const OaiHttpSettings *settings, const OaiHttpConnectionFuncs *funcs, gpointer user_data);
OaiHttpConnection *oai_http_connection_ref (OaiHttpConnection *self);
/* A connection that is not closed is kept by the main loop. */
void oai_http_connection_unref (OaiHttpConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiHttpConnection, oai_http_connection_unref)

void oai_http_connection_start (OaiHttpConnection *self);

/* Returns the number of bytes, 0 at the end, or -1 with an error: G_IO_ERROR_WOULD_BLOCK;
 * G_IO_ERROR_INVALID_DATA or G_IO_ERROR_TIMED_OUT, for which oai_http_connection_get_refusal() has
 * the reply; G_IO_ERROR_CLOSED after the connection was closed.  The first call sends "100 Continue"
 * if the client expects it, so that a request can be refused before its body is sent. */
gssize oai_http_connection_read_body (OaiHttpConnection *self, char *buffer, gsize size, GError **error);
/* Why the head or the body was refused; NULL if it was not. */
const OaiHttpRefusal *oai_http_connection_get_refusal (OaiHttpConnection *self);

/* Sends a reply with a status of 1xx, except 101; not to clients with HTTP/1.0. */
void oai_http_connection_write_interim (OaiHttpConnection *self, guint status, OaiHttpFields *fields);
/* length: of the body; -1 if it is not known: it is chunked then, and for HTTP/1.0 ends with the
 * connection.  Bodies of replies that have none (to HEAD, and with 204 and 304) are not sent.
 * Ignores fields that concern the connection or the framing, and those that are invalid.
 * The head is sent with the first bytes of the body, or in the next iteration of the main loop. */
void oai_http_connection_begin_reply (OaiHttpConnection *self, guint status, OaiHttpFields *fields, gint64 length);
/* Sends the bytes at once if the socket accepts them, and stores the others.  Returns FALSE if
 * nothing more is to be written until writable() is called, or the connection is closed. */
gboolean oai_http_connection_write (OaiHttpConnection *self, const char *data, gsize size);
/* A reply that is shorter than its length is aborted. */
void oai_http_connection_end_reply (OaiHttpConnection *self);
/* Closes the connection after what was written, so that the client sees an incomplete reply. */
void oai_http_connection_abort_reply (OaiHttpConnection *self);
/* The whole reply at once.  body: may be NULL. */
void oai_http_connection_send_reply (OaiHttpConnection *self, guint status, OaiHttpFields *fields, GBytes *body);
/* Whether a reply was begun for the current request. */
gboolean oai_http_connection_has_begun_reply (OaiHttpConnection *self);
/* Bytes of replies that the socket has not accepted yet. */
gsize oai_http_connection_get_pending (OaiHttpConnection *self);

/* After request(), instead of a reply: returns the stream, and the bytes that were received after
 * the head.  closed() is not called. */
GIOStream *oai_http_connection_steal (OaiHttpConnection *self, GBytes **rest);
/* Closes the connection when no request is being processed; the reply to the current one is
 * the last. */
void oai_http_connection_finish (OaiHttpConnection *self);
/* Closes the connection now, without the rest of a reply. */
void oai_http_connection_close (OaiHttpConnection *self);

G_END_DECLS
