/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-session-sockets-private.h"

#define SOCKETS_KEY "oai-sockets"

/* For the tables of all sessions, which blocking calls of several threads may share. */
static GMutex lock;

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static gboolean
is_gone (gpointer key, gpointer value, gpointer user_data)
{
  g_autoptr(GSocket) socket = g_weak_ref_get (value);

  return socket == NULL;
}

/* A table from the number of a connection to a GWeakRef of its GSocket.  With the lock held. */
static GHashTable *
ensure_sockets (SoupSession *session)
{
  GHashTable *sockets = g_object_get_data (G_OBJECT (session), SOCKETS_KEY);

  if (sockets == NULL)
    {
      sockets = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, weak_ref_free);
      g_object_set_data_full (G_OBJECT (session), SOCKETS_KEY, sockets, (GDestroyNotify) g_hash_table_unref);
    }

  return sockets;
}

static GSocket *
get_socket (GIOStream *connection)
{
  g_autoptr(GIOStream) base = NULL;

  if (G_IS_SOCKET_CONNECTION (connection))
    return g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection));
  if (!G_IS_TLS_CONNECTION (connection) || g_strcmp0 (g_tls_connection_get_negotiated_protocol (G_TLS_CONNECTION (connection)), "h2") == 0)
    return NULL;

  /* The connection holds it, too. */
  g_object_get (connection, "base-io-stream", &base, NULL);

  return get_socket (base);
}

void
oai_session_sockets_note (SoupSession *session, SoupMessage *message, GIOStream *connection)
{
  GSocket *socket = get_socket (connection);
  guint64 *number;
  GWeakRef *held;

  if (socket == NULL)
    return;

  number = g_new (guint64, 1);
  *number = soup_message_get_connection_id (message);
  held = g_new0 (GWeakRef, 1);
  g_weak_ref_init (held, socket);

  g_mutex_lock (&lock);
  g_hash_table_foreach_remove (ensure_sockets (session), is_gone, NULL);
  g_hash_table_replace (ensure_sockets (session), number, held);
  g_mutex_unlock (&lock);
}

GSocket *
oai_session_sockets_ref (SoupSession *session, guint64 connection)
{
  GHashTable *sockets;
  GWeakRef *socket = NULL;
  GSocket *found;

  g_mutex_lock (&lock);
  sockets = g_object_get_data (G_OBJECT (session), SOCKETS_KEY);
  if (sockets != NULL)
    socket = g_hash_table_lookup (sockets, &connection);
  found = socket != NULL ? g_weak_ref_get (socket) : NULL;
  g_mutex_unlock (&lock);

  return found;
}
