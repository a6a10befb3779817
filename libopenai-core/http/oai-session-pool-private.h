/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The connections of a client: sessions for each main context in which it is used. */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _OaiSessionPool OaiSessionPool;

typedef enum
{
  OAI_SESSION_PLAIN = 0,
  OAI_SESSION_SECURE = 1 << 0, /* the request goes over TLS */
  OAI_SESSION_HTTP1 = 1 << 1   /* with TLS: the connection offers the server only HTTP/1.1 */
} OaiSessionFlags;

/* model: a session whose settings are copied, or NULL */
OaiSessionPool *oai_session_pool_new (SoupSession *model);
void oai_session_pool_free (OaiSessionPool *self);

/* The session for one request, in the thread-default main context; a connection
 * never moves between contexts. */
SoupSession *oai_session_pool_acquire (OaiSessionPool *self, OaiSessionFlags flags);
/* The server does not support HTTP/2. */
void oai_session_pool_note_http1 (OaiSessionPool *self, SoupSession *session);
/* The request has ended.  Takes the session. */
void oai_session_pool_release (OaiSessionPool *self, SoupSession *session);

G_END_DECLS
