/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libsoup writes the body of a request in blocks of 8 KiB, and the kernel sends each of them at
 * once (TCP_NODELAY), in packets that wake the server.  While TCP_CORK is set, only full packets
 * are sent; an incomplete one waits until the option is reset, but no longer than 200 ms.
 * That takes a third less time for files, but more time for small requests, which a server begins
 * to read while they are sent.
 *
 * libsoup shows its sockets only while it connects, so they are stored with their session, by the
 * number of the connection.  The option is not set with HTTP/2, since requests share the socket.
 */

#include "oai-tcp-cork-private.h"

#include "oai-platform-private.h"

#ifdef OAI_HAVE_UNIX
#include <netinet/in.h>
#include <netinet/tcp.h>
#endif

#if defined (OAI_HAVE_UNIX) && defined (TCP_CORK)
#define CORK TCP_CORK
#elif defined (OAI_HAVE_UNIX) && defined (TCP_NOPUSH)
#define CORK TCP_NOPUSH
#endif

#ifdef CORK

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

GSocket *
oai_tcp_cork_ref_socket (SoupSession *session, guint64 connection)
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

static void
set_cork (SoupSession *session, SoupMessage *message, gboolean corked)
{
  g_autoptr(GSocket) socket = oai_tcp_cork_ref_socket (session, soup_message_get_connection_id (message));

  if (socket != NULL)
    g_socket_set_option (socket, IPPROTO_TCP, CORK, corked, NULL);
}

static void
starting_cb (SoupMessage *message, SoupSession *session)
{
  set_cork (session, message, TRUE);
}

static void
wrote_body_cb (SoupMessage *message, SoupSession *session)
{
  set_cork (session, message, FALSE);
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
oai_tcp_cork_note_connection (SoupSession *session, SoupMessage *message, GIOStream *connection)
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

void
oai_tcp_cork_message (SoupSession *session, SoupMessage *message)
{
  g_signal_connect (message, "starting", G_CALLBACK (starting_cb), session);
  g_signal_connect (message, "wrote-body", G_CALLBACK (wrote_body_cb), session);
}

#else

void
oai_tcp_cork_note_connection (SoupSession *session, SoupMessage *message, GIOStream *connection)
{
}

void
oai_tcp_cork_message (SoupSession *session, SoupMessage *message)
{
}

GSocket *
oai_tcp_cork_ref_socket (SoupSession *session, guint64 connection)
{
  return NULL;
}

#endif
