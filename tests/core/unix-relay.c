/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "unix-relay.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

struct _UnixRelay
{
  guint16 port;
  char *directory;
  char *path;
  int n_connections;
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  GSocketService *service;
  GCancellable *cancellable; /* of the connections */
  int n_open;
};

typedef struct
{
  UnixRelay *relay;
  GIOStream *client;
  GIOStream *server;
} Link;

static void
spliced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Link *link = user_data;

  g_io_stream_splice_finish (result, NULL);
  g_io_stream_close (link->client, NULL, NULL);
  g_io_stream_close (link->server, NULL, NULL);
  g_object_unref (link->client);
  g_object_unref (link->server);
  link->relay->n_open--;
  g_free (link);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Link *link = user_data;
  g_autoptr (GError) error = NULL;

  link->server = G_IO_STREAM (g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result, &error));
  g_assert_no_error (error);
  g_io_stream_splice_async (link->client, link->server, G_IO_STREAM_SPLICE_NONE, G_PRIORITY_DEFAULT, link->relay->cancellable, spliced_cb, link);
}

static gboolean
incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source, UnixRelay *self)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  Link *link = g_new0 (Link, 1);

  g_atomic_int_inc (&self->n_connections);
  self->n_open++;
  link->relay = self;
  link->client = g_object_ref (G_IO_STREAM (connection));
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_to_host_async (client, "127.0.0.1", self->port, NULL, connected_cb, link);

  return TRUE;
}

static gpointer
run (gpointer data)
{
  UnixRelay *self = data;

  g_main_context_push_thread_default (self->context);
  g_socket_service_start (self->service);
  g_main_loop_run (self->loop);
  g_cancellable_cancel (self->cancellable);
  while (self->n_open > 0)
    g_main_context_iteration (self->context, TRUE);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);

  return NULL;
}

UnixRelay *
unix_relay_new (guint16 port)
{
  UnixRelay *self = g_new0 (UnixRelay, 1);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  self->port = port;
  self->directory = g_dir_make_tmp ("oai-unix-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->directory, "server.sock", NULL);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->cancellable = g_cancellable_new ();
  g_main_context_push_thread_default (self->context);
  self->service = g_socket_service_new ();
  g_main_context_pop_thread_default (self->context);
  g_signal_connect (self->service, "incoming", G_CALLBACK (incoming_cb), self);
  g_socket_service_stop (self->service);
  address = g_unix_socket_address_new (self->path);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  self->thread = g_thread_new ("relay", run, self);

  return self;
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);

  return G_SOURCE_REMOVE;
}

void
unix_relay_free (UnixRelay *self)
{
  g_main_context_invoke (self->context, quit_cb, self->loop);
  g_thread_join (self->thread);
  g_object_unref (self->service);
  g_object_unref (self->cancellable);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_unlink (self->path);
  g_rmdir (self->directory);
  g_free (self->path);
  g_free (self->directory);
  g_free (self);
}

const char *
unix_relay_get_path (UnixRelay *self)
{
  return self->path;
}

guint
unix_relay_get_n_connections (UnixRelay *self)
{
  return g_atomic_int_get (&self->n_connections);
}
