/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-session-sockets-private.h"

#define SOCKETS_KEY "oai-sockets"

typedef struct
{
  GWeakRef socket;
  gboolean is_direct; /* no other layer than one of TLS above the socket */
} NotedSocket;

/* For the tables of all sessions, which blocking calls of several threads may share. */
static GMutex lock;

static void
noted_socket_free (gpointer data)
{
  NotedSocket *self = data;

  g_weak_ref_clear (&self->socket);
  g_free (self);
}

static gboolean
is_gone (gpointer key, gpointer value, gpointer user_data)
{
  g_autoptr(GSocket) socket = g_weak_ref_get (&((NotedSocket *) value)->socket);

  return socket == NULL;
}

/* A table from the number of a connection to a NotedSocket.  With the lock held. */
static GHashTable *
ensure_sockets (SoupSession *session)
{
  GHashTable *sockets = g_object_get_data (G_OBJECT (session), SOCKETS_KEY);

  if (sockets == NULL)
    {
      sockets = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, noted_socket_free);
      g_object_set_data_full (G_OBJECT (session), SOCKETS_KEY, sockets, (GDestroyNotify) g_hash_table_unref);
    }

  return sockets;
}

/* n_layers: increased by the layers of TLS.  A connection that a proxy wraps counts as several. */
static GSocket *
get_socket (GIOStream *connection, guint *n_layers)
{
  g_autoptr(GIOStream) base = NULL;

  if (G_IS_TCP_WRAPPER_CONNECTION (connection))
    *n_layers += 2;
  if (G_IS_SOCKET_CONNECTION (connection))
    return g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection));
  if (!G_IS_TLS_CONNECTION (connection) || g_strcmp0 (g_tls_connection_get_negotiated_protocol (G_TLS_CONNECTION (connection)), "h2") == 0)
    return NULL;

  *n_layers += 1;
  /* The connection holds it, too. */
  g_object_get (connection, "base-io-stream", &base, NULL);

  return get_socket (base, n_layers);
}

void
oai_session_sockets_note (SoupSession *session, SoupMessage *message, GIOStream *connection)
{
  guint n_layers = 0;
  GSocket *socket = get_socket (connection, &n_layers);
  guint64 *number;
  NotedSocket *noted;

  if (socket == NULL)
    return;

  number = g_new (guint64, 1);
  *number = soup_message_get_connection_id (message);
  noted = g_new0 (NotedSocket, 1);
  g_weak_ref_init (&noted->socket, socket);
  noted->is_direct = n_layers <= 1;

  g_mutex_lock (&lock);
  g_hash_table_foreach_remove (ensure_sockets (session), is_gone, NULL);
  g_hash_table_replace (ensure_sockets (session), number, noted);
  g_mutex_unlock (&lock);
}

static GSocket *
find_socket (SoupSession *session, guint64 connection, gboolean only_direct)
{
  GHashTable *sockets;
  NotedSocket *noted = NULL;
  GSocket *found = NULL;

  g_mutex_lock (&lock);
  sockets = g_object_get_data (G_OBJECT (session), SOCKETS_KEY);
  if (sockets != NULL)
    noted = g_hash_table_lookup (sockets, &connection);
  if (noted != NULL && (noted->is_direct || !only_direct))
    found = g_weak_ref_get (&noted->socket);
  g_mutex_unlock (&lock);

  return found;
}

GSocket *
oai_session_sockets_ref (SoupSession *session, guint64 connection)
{
  return find_socket (session, connection, FALSE);
}

GSocket *
oai_session_sockets_ref_direct (SoupSession *session, guint64 connection)
{
  return find_socket (session, connection, TRUE);
}
