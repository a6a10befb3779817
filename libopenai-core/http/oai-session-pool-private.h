/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The connections of a client: sessions for each main context in which it is used. */

#pragma once

#include "oai-session-group-private.h"

G_BEGIN_DECLS

typedef struct _OaiSessionPool OaiSessionPool;

/* model: a session whose settings are copied, or NULL.  settings: those of the client */
OaiSessionPool *oai_session_pool_new (SoupSession *model, OaiSettings *settings);
void oai_session_pool_free (OaiSessionPool *self);

/* Returns a session for one request, in the thread-default main context; a connection never moves
 * between contexts.  socket_path: of the UNIX socket to which the request is sent, or NULL.  Returns NULL if the request has to wait.  Then func is called in that context,
 * unless oai_session_wait_cancel() is called before. */
SoupSession *oai_session_pool_acquire (OaiSessionPool *self, OaiSessionKind kind, const char *socket_path, OaiSessionWait **wait, OaiSessionFunc func, gpointer user_data);
/* The server supports HTTP/2 or does not. */
void oai_session_pool_note_version (OaiSessionPool *self, SoupSession *session, gboolean http2);
/* A connection was opened. */
void oai_session_pool_note_connection (OaiSessionPool *self, SoupSession *session);
/* The request has ended.  Takes the session. */
void oai_session_pool_release (OaiSessionPool *self, SoupSession *session);

G_END_DECLS
