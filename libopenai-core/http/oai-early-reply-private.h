/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies that come while the request is still being written, from servers and proxies
 * that close the connection then: 401, 407, 413.  libsoup fails to write and does not
 * read them.  Over HTTP/1 without TLS, they are read from the socket. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _OaiEarlyReply OaiEarlyReply;

/* For a message with a body that is not sent yet.  Borrows the session, which outlives the
 * sending. */
OaiEarlyReply *oai_early_reply_new (SoupSession *session, SoupMessage *message);
void oai_early_reply_free (OaiEarlyReply *self);
/* After the message has failed.  Fills headers; the body is complete or truncated, and
 * never NULL on success.  FALSE: there is no reply, or it does not mean failure. */
gboolean oai_early_reply_read (OaiEarlyReply *self, SoupMessageHeaders *headers, guint *status, GInputStream **body);

G_END_DECLS
