/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connections to servers, which are kept for further requests.
 *
 * All functions are called in one thread, with the thread-default main context in which the pool was created. */

#pragma once

#include <libsoup/soup.h>

#include "oai-http-transport-private.h"
#include "oai-settings.h"

G_BEGIN_DECLS

/* 0 in a member stands for the value in parentheses. */
typedef struct
{
  guint max_idle;        /* connections to an origin that wait for requests (256) */
  guint idle_timeout_ms; /* how long they wait (60 000) */
} OaiUpstreamPoolSettings;

typedef struct _OaiUpstreamPool OaiUpstreamPool;
/* A server, with the settings of the connections to it. */
typedef struct _OaiUpstreamOrigin OaiUpstreamOrigin;
/* A connection that is being opened. */
typedef struct _OaiUpstreamConnect OaiUpstreamConnect;

typedef struct
{
  OaiHttpTransport transport;
  OaiUpstreamOrigin *origin;
  gboolean reused;       /* it was used for another request before */
  gboolean idle;
  OaiHttpWatchFunc func; /* of the request */
  gpointer user_data;
  GList link;            /* in the list of idle ones */
} OaiUpstreamConnection;

/* settings: NULL for the default values. */
OaiUpstreamPool *oai_upstream_pool_new (const OaiUpstreamPoolSettings *settings);
/* Closes idle connections.  Those in use are closed after their requests. */
void oai_upstream_pool_free (OaiUpstreamPool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiUpstreamPool, oai_upstream_pool_free)
guint oai_upstream_pool_get_n_idle (OaiUpstreamPool *self);

/* uri: its scheme, host and port.  socket_path: of a UNIX socket to connect to instead, or NULL.  session: whose proxies
 * and certificates are used, or NULL.  settings: say whether the proxies of the system apply; or NULL. */
OaiUpstreamOrigin *oai_upstream_pool_ref_origin (OaiUpstreamPool *self, GUri *uri, const char *socket_path, SoupSession *session, OaiSettings *settings);
OaiUpstreamOrigin *oai_upstream_origin_ref (OaiUpstreamOrigin *self);
void oai_upstream_origin_unref (OaiUpstreamOrigin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiUpstreamOrigin, oai_upstream_origin_unref)

/* Returns the connection that was used last, if the server has neither closed it nor sent anything since; or NULL. */
OaiUpstreamConnection *oai_upstream_origin_take (OaiUpstreamOrigin *self);
/* Takes connection, or borrows error.  Not called before oai_upstream_origin_connect() has returned. */
typedef void (*OaiUpstreamConnectFunc) (OaiUpstreamConnection *connection, const GError *error, gpointer user_data);
OaiUpstreamConnect *oai_upstream_origin_connect (OaiUpstreamOrigin *self, OaiUpstreamConnectFunc func, gpointer user_data);
/* func is not called. */
void oai_upstream_connect_cancel (OaiUpstreamConnect *self);

/* func: called with events of the connection in use; then they are noted in its transport. */
void oai_upstream_connection_attach (OaiUpstreamConnection *self, OaiHttpWatchFunc func, gpointer user_data);
/* The request has ended: keeps the connection for others, if it can be used again, or closes it. */
void oai_upstream_connection_release (OaiUpstreamConnection *self, gboolean reusable);

G_END_DECLS
