/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies that arrive while the request is still being written, from servers and proxies that then
 * close the connection: 401, 407, 413.  libsoup fails to write and does not read them.  For HTTP/1
 * without TLS, they are read from the socket. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _OaiEarlyReply OaiEarlyReply;

/* For a message with a body that is about to be sent. */
OaiEarlyReply *oai_early_reply_new (SoupSession *session, SoupMessage *message);
/* Also to be called when the body was written: then libsoup reads the reply. */
void oai_early_reply_free (OaiEarlyReply *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiEarlyReply, oai_early_reply_free)
/* To be called after the message has failed.  Fills headers; the body may be truncated, and is not
 * NULL on success.  FALSE if there is no reply, or if its status is below 300. */
gboolean oai_early_reply_read (OaiEarlyReply *self, SoupMessageHeaders *headers, guint *status, GInputStream **body);

G_END_DECLS
