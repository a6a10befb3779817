/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The source that waits for the bytes of a reply. */

#include "oai-platform-private.h"
#include "oai-socket-source-private.h"

#ifdef OAI_HAVE_UNIX

#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  GSocket *socket;
  int peer;
  GSource *source;
  guint n_calls;
  guint depth;
  guint max_depth;
  void (*action) (gpointer self); /* in the callback */
  gboolean again;                 /* what the callback returns */
} Fixture;

/* What the last calls of poll_counting() have found. */
static guint n_polls;
static guint n_others; /* ready descriptors other than the socket, such as that of a wake-up */
static int socket_fd;

static int
poll_counting (GPollFD *fds, guint n_fds, int timeout)
{
  int n = g_poll (fds, n_fds, timeout);

  n_polls++;
  for (guint i = 0; i < n_fds; i++)
    n_others += fds[i].revents != 0 && fds[i].fd != socket_fd;

  return n;
}

static gboolean
readable_cb (gpointer user_data)
{
  Fixture *self = user_data;
  char byte;

  self->n_calls++;
  self->depth++;
  self->max_depth = MAX (self->max_depth, self->depth);
  g_socket_receive (self->socket, &byte, 1, NULL, NULL);
  if (self->action != NULL)
    self->action (self);
  self->depth--;

  return self->again;
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  int fds[2];
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  self->socket = g_socket_new_from_fd (fds[0], &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->socket, FALSE);
  self->peer = fds[1];
  self->again = G_SOURCE_CONTINUE;
  self->source = oai_socket_source_new (self->socket);
  g_source_set_callback (self->source, readable_cb, self, NULL);
  g_source_attach (self->source, NULL);
  socket_fd = fds[0];
  g_main_context_set_poll_func (NULL, poll_counting);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  n_polls = n_others = 0;
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->peer);
  g_object_unref (self->socket);
  g_main_context_set_poll_func (NULL, NULL);
}

static void
send_byte (Fixture *self)
{
  g_assert_cmpint (write (self->peer, "x", 1), ==, 1);
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
test_many_times (Fixture *self, gconstpointer user_data)
{
  for (guint i = 1; i <= 10; i++)
    {
      send_byte (self);
      g_assert_true (g_main_context_iteration (NULL, TRUE));
      g_assert_cmpuint (self->n_calls, ==, i);
    }
  g_assert_cmpuint (n_polls, ==, 10);
  g_assert_cmpuint (n_others, ==, 0);
}

static void
test_until_it_is_read (Fixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 3; i++)
    send_byte (self);
  iterate ();
  g_assert_cmpuint (self->n_calls, ==, 3);
  g_assert_cmpuint (n_others, ==, 0);
}

static void
iterate_in_callback (gpointer user_data)
{
  Fixture *self = user_data;
  guint n_busy = 0;

  if (self->n_calls > 1)
    return;

  send_byte (self);
  for (guint i = 0; i < 100; i++)
    n_busy += g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_busy, <=, 1);
}

static void
test_not_within_itself (Fixture *self, gconstpointer user_data)
{
  self->action = iterate_in_callback;
  send_byte (self);
  iterate ();
  g_assert_cmpuint (self->n_calls, ==, 2);
  g_assert_cmpuint (self->max_depth, ==, 1);
  send_byte (self);
  iterate ();
  g_assert_cmpuint (self->n_calls, ==, 3);
}

static void
hang_up_in_callback (gpointer user_data)
{
  Fixture *self = user_data;
  guint n_busy = 0;

  self->again = self->n_calls == 1;
  if (!self->again)
    return;

  shutdown (socket_fd, SHUT_RDWR);
  for (guint i = 0; i < 100; i++)
    n_busy += g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_busy, <=, 1);
}

/* The end of a connection is reported for any condition that is polled. */
static void
test_hang_up (Fixture *self, gconstpointer user_data)
{
  self->action = hang_up_in_callback;
  send_byte (self);
  iterate ();
  g_assert_cmpuint (self->n_calls, ==, 2);
  g_assert_cmpuint (self->max_depth, ==, 1);
  g_assert_true (g_source_is_destroyed (self->source));
}

static void
test_removed (Fixture *self, gconstpointer user_data)
{
  self->again = G_SOURCE_REMOVE;
  send_byte (self);
  send_byte (self);
  iterate ();
  g_assert_cmpuint (self->n_calls, ==, 1);
}

static void
destroy_in_callback (gpointer user_data)
{
  Fixture *self = user_data;

  iterate_in_callback (self);
  g_source_destroy (self->source);
}

static void
test_destroyed (Fixture *self, gconstpointer user_data)
{
  self->action = destroy_in_callback;
  send_byte (self);
  iterate ();
  g_assert_cmpuint (self->n_calls, ==, 1);
}

static void
close_in_callback (gpointer user_data)
{
  Fixture *self = user_data;

  iterate_in_callback (self);
  g_socket_close (self->socket, NULL);
  self->again = self->n_calls == 1;
}

/* The callback is called again, and can see that the socket is closed. */
static void
test_closed (Fixture *self, gconstpointer user_data)
{
  self->action = close_in_callback;
  send_byte (self);
  iterate ();
  g_assert_cmpuint (self->n_calls, ==, 2);
  g_assert_null (oai_socket_source_new (self->socket));
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

#else

static void
test_unsupported (void)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  g_assert_null (oai_socket_source_new (socket));
  g_test_skip ("sockets are not polled directly on this platform");
}

#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#ifdef OAI_HAVE_UNIX
  add ("/socket-source/many-times", test_many_times);
  add ("/socket-source/until-it-is-read", test_until_it_is_read);
  add ("/socket-source/not-within-itself", test_not_within_itself);
  add ("/socket-source/hang-up", test_hang_up);
  add ("/socket-source/removed", test_removed);
  add ("/socket-source/destroyed", test_destroyed);
  add ("/socket-source/closed", test_closed);
#else
  g_test_add_func ("/socket-source/unsupported", test_unsupported);
#endif

  return g_test_run ();
}
