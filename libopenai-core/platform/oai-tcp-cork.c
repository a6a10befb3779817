/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libsoup writes the body of a request in blocks of 8 KiB, and the kernel sends each of them at
 * once (TCP_NODELAY), in packets that wake the server.  While TCP_CORK is set, only full packets
 * are sent; an incomplete one waits until the option is reset, but no longer than 200 ms.
 * That takes a third less time for files, but more time for small requests, which a server begins
 * to read while they are sent.
 */

#include "oai-tcp-cork-private.h"

#include "oai-platform-private.h"
#include "oai-session-sockets-private.h"

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

static void
set_cork (SoupSession *session, SoupMessage *message, gboolean corked)
{
  g_autoptr(GSocket) socket = oai_session_sockets_ref (session, soup_message_get_connection_id (message));

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

void
oai_tcp_cork_message (SoupSession *session, SoupMessage *message)
{
  g_signal_connect (message, "starting", G_CALLBACK (starting_cb), session);
  g_signal_connect (message, "wrote-body", G_CALLBACK (wrote_body_cb), session);
}

#else

void
oai_tcp_cork_message (SoupSession *session, SoupMessage *message)
{
}

#endif
