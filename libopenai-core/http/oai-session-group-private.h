/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sessions of one main context for one kind of requests.  Unless noted, the caller holds the
 * lock with which the group was created. */

#pragma once

#include <libsoup/soup.h>

#include "oai-owner-thread-private.h"
#include "oai-settings.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_SESSION_PLAIN,     /* without TLS */
  OAI_SESSION_TLS,       /* the server chooses the version of HTTP */
  OAI_SESSION_TLS_HTTP1, /* the requests do not use HTTP/2, see oai_tls_connection_offer_http1() */
  OAI_SESSION_UPGRADE,   /* with or without TLS: WebSocket connections, see oai-refused-upgrade-private.h */
  OAI_N_SESSION_KINDS
} OaiSessionKind;

typedef struct _OaiSessionGroup OaiSessionGroup;
typedef struct _OaiSessionWait OaiSessionWait;

/* Takes the session. */
typedef void (*OaiSessionFunc) (SoupSession *session, gpointer user_data);

/* model: a session whose settings are copied, or NULL.  socket: the address of a UNIX socket to which
 * all requests are sent, or NULL.  Borrows all except the socket. */
OaiSessionGroup *oai_session_group_new (OaiSessionKind kind, SoupSession *model, OaiSettings *settings, GSocketAddress *socket, GMainContext *context, GMutex *lock);
/* thread: the thread that used the group last */
void oai_session_group_free (OaiSessionGroup *self, OaiOwnerThread *thread);

/* Whether no request uses the sessions, or waits for one. */
gboolean oai_session_group_is_idle (OaiSessionGroup *self);
gboolean oai_session_group_has (OaiSessionGroup *self, SoupSession *session);
/* Returns a session, or NULL if the request has to wait.  Then the main context calls func, unless
 * oai_session_wait_cancel() is called before. */
SoupSession *oai_session_group_acquire (OaiSessionGroup *self, OaiSessionWait **wait, OaiSessionFunc func, gpointer user_data);
/* The request has ended. */
void oai_session_group_release (OaiSessionGroup *self, SoupSession *session);
/* The server supports HTTP/2 or does not. */
void oai_session_group_note_version (OaiSessionGroup *self, gboolean http2);
/* A connection was opened. */
void oai_session_group_note_connection (OaiSessionGroup *self);

/* The request no longer waits.  Frees self.  The caller does not hold the lock. */
void oai_session_wait_cancel (OaiSessionWait *self);

G_END_DECLS
