/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-socket-source-private.h"

#include "oai-platform-private.h"

#ifdef OAI_HAVE_UNIX

#include <glib-unix.h>

#define CONDITION (G_IO_IN | G_IO_HUP | G_IO_ERR)

typedef struct
{
  GSource parent;

  GSocket *socket;
  gpointer tag;     /* of the descriptor; NULL while it is not polled */
  gboolean running; /* the callback is */
} SocketSource;

/* The callback has to notice when the socket is closed. */
static void
poll_socket (SocketSource *self)
{
  if (g_socket_is_closed (self->socket))
    g_source_set_ready_time (&self->parent, 0);
  else
    self->tag = g_source_add_unix_fd (&self->parent, g_socket_get_fd (self->socket), CONDITION);
}

static gboolean
socket_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  SocketSource *self = (SocketSource *) source;
  gboolean again;

  if (self->running)
    {
      g_source_remove_unix_fd (source, g_steal_pointer (&self->tag));
      return G_SOURCE_CONTINUE;
    }

  self->running = TRUE;
  again = callback (user_data);
  self->running = FALSE;
  if (again && self->tag == NULL && !g_source_is_destroyed (source))
    poll_socket (self);

  return again;
}

static void
socket_source_finalize (GSource *source)
{
  g_object_unref (((SocketSource *) source)->socket);
}

static GSourceFuncs socket_source_funcs = {
  .dispatch = socket_source_dispatch,
  .finalize = socket_source_finalize,
};

GSource *
oai_socket_source_new (GSocket *socket)
{
  SocketSource *self;

  if (g_socket_is_closed (socket))
    return NULL;

  self = (SocketSource *) g_source_new (&socket_source_funcs, sizeof *self);
  self->socket = g_object_ref (socket);
  g_source_set_can_recurse (&self->parent, TRUE);
  poll_socket (self);

  return &self->parent;
}

#else

GSource *
oai_socket_source_new (GSocket *socket)
{
  return NULL;
}

#endif
